"""The standard library, as far as models need it: paths are text, chance and the environment are not known."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from seqshape.readers.keras_source.machine import Raised, on_behalf
from seqshape.readers.keras_source.values import Args, Keywords, Missing, Result, Value

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
    if isinstance(value, list):
        return list(value)
    if isinstance(value, dict):
        return dict(value)
    return value if isinstance(value, (int, float, str, tuple)) else run.unknown(site)


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
    "random.shuffle": _shuffled,
}
