"""The standard library, as far as models need it: paths are text, chance and the environment are not known."""

from __future__ import annotations

import copy
import posixpath
from typing import TYPE_CHECKING

from seqshape.readers.keras_source.machine import Raised, on_behalf
from seqshape.readers.keras_source.scope import ABSENT
from seqshape.readers.keras_source.values import (
    Args,
    Class,
    External,
    Function,
    Instance,
    KerasObject,
    Keywords,
    Missing,
    Result,
    Value,
)

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter, OfLibrary
    from seqshape.readers.keras_source.scope import Site


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """A call of the standard library."""
    handler = HANDLERS.get(path)
    return handler(run, path, args, kwargs, site) if handler is not None else run.unknown(site)


def _exit(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    raise Raised(None, "SystemExit", "", site.span)


def _of_paths(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """A function of os.path on texts."""
    if args and all(isinstance(each, str) for each in args):
        return on_behalf(getattr(posixpath, path.rpartition(".")[2]), *args)
    return run.unknown(site)


def _path(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    return args[0] if args and isinstance(args[0], str) else run.unknown(site)


def _copy(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    value = args[0] if args else None
    if path == "copy.deepcopy":
        found = _deep(value, {})
    elif isinstance(value, (list, dict, set)):
        found = copy.copy(value)
    elif isinstance(value, Instance) and value.cls.find("__copy__") is None:
        found = _twin(value)
        found.attributes.update(value.attributes)
    else:
        found = value if isinstance(value, PLAIN) else ABSENT
    return run.unknown(site) if found is ABSENT else found


PLAIN = (bool, int, float, complex, str, bytes, tuple, frozenset, range, type(None))


def _twin(value: Instance) -> Instance:
    return Instance(value.cls)


def _deep(value: Value, known: dict[int, Value]) -> Value:
    """A value with all that is in it once more; ABSENT where something in it is not copied here, as layers are not."""
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, Instance) and value.cls.find("__deepcopy__") is None:
        known[id(value)] = made = _twin(value)
        items = {name: _deep(item, known) for name, item in value.attributes.items()}
        made.attributes.update(items)
        return ABSENT if ABSENT in items.values() else made
    if isinstance(value, (list, dict, set)):
        known[id(value)] = copied = copy.copy(value)
        return copied if _filled(copied, value, known) else ABSENT
    if type(value) is tuple:
        parts = tuple(_deep(item, known) for item in value)
        return ABSENT if ABSENT in parts else parts
    return value if isinstance(value, (*PLAIN, Missing, Function, Class, External, KerasObject)) else ABSENT


def _filled(copied: Value, value: Value, known: dict[int, Value]) -> bool:
    """Fill a copy of a container with copies of its items. Gives whether all of them are."""
    if isinstance(copied, list) and isinstance(value, list):
        copied[:] = [_deep(item, known) for item in value]
        return ABSENT not in copied
    if isinstance(copied, dict) and isinstance(value, dict):
        copied.update({key: _deep(item, known) for key, item in value.items()})
        return ABSENT not in copied.values()
    return True


def evaluated(run: Interpreter, args: Args, site: Site) -> Value:
    """A text that is a literal of Python, as ``eval`` and ``ast.literal_eval`` read it."""
    import ast

    if not args or not isinstance(args[0], str) or len(args[0]) > LONGEST_LITERAL:
        return run.unknown(site)
    try:
        found: Value = ast.literal_eval(args[0])
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return run.unknown(site)
    return found


LONGEST_LITERAL = 10_000


def _loaded(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``json.loads``. Raises Raised for what is no JSON."""
    import json

    if not args or not isinstance(args[0], str):
        return run.unknown(site)
    try:
        loaded: Value = json.loads(args[0])
    except (ValueError, RecursionError) as problem:
        raise Raised(None, "JSONDecodeError", str(problem), site.span) from None
    return loaded


def _environment(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """A variable of the environment: whoever runs the program sets it. Its default is used, and said."""
    if not args or not isinstance(args[0], str):
        return run.unknown(site)
    name = f"os.environ[{args[0]!r}]"
    default = args[1] if len(args) > 1 else kwargs.get("default")
    found = run.missing(name, site.span)
    if not isinstance(found, Missing) or default is None:
        return found
    run.note(
        "W144", f"{args[0]} of the environment is taken to be its default, {default!r}", site.span, None, site.frame
    )
    return default


def _shuffled(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``random.shuffle``: which item stands where is not known any more."""
    if args and isinstance(args[0], list):
        args[0][:] = [Missing("an item", site.span) for _ in args[0]]
    return None


HANDLERS: dict[str, OfLibrary] = {
    **{f"os.path.{name}": _of_paths for name in ("join", "basename", "dirname", "splitext", "split", "normpath")},
    **dict.fromkeys(("sys.exit", "os._exit"), _exit),
    "pathlib.Path": _path,
    **dict.fromkeys(("copy.copy", "copy.deepcopy"), _copy),
    **dict.fromkeys(("os.getenv", "os.environ.get"), _environment),
    "json.loads": _loaded,
    "ast.literal_eval": lambda run, path, args, kwargs, site: evaluated(run, args, site),
    "random.shuffle": _shuffled,
}
