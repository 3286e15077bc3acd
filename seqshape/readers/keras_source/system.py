"""The standard library, as far as models need it: paths are text, chance and the environment are not known."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from seqshape.readers.keras_source.builtins import unknown
from seqshape.readers.keras_source.machine import Raised
from seqshape.readers.keras_source.values import Anything, Missing

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site


def call(run: Interpreter, path: str, args: list[Any], kwargs: dict[str, Any], site: Site) -> Any:
    """A call of the standard library."""
    if path == "json.loads" and args and isinstance(args[0], str):
        return _loaded(args[0], site)
    if path == "sys.exit" or path == "os._exit":
        raise Raised(None, "SystemExit", "", site.span)
    if path.startswith("os.path.") and args and all(isinstance(each, str) for each in args):
        last = path.rpartition(".")[2]
        if last in ("join", "basename", "dirname", "splitext", "split", "normpath"):
            return getattr(posixpath, last)(*args)
    if path == "pathlib.Path" and args and isinstance(args[0], str):
        return args[0]
    if path in ("copy.copy", "copy.deepcopy") and args and isinstance(args[0], (int, float, str, tuple, list, dict)):
        return list(args[0]) if isinstance(args[0], list) else dict(args[0]) if isinstance(args[0], dict) else args[0]
    if path in ("os.getenv", "os.environ.get") and args and isinstance(args[0], str):
        return _environment(run, args, kwargs, site)
    return unknown(run, site)


def _loaded(text: str, site: Site) -> Anything:
    """``json.loads``. Raises Raised for what is no JSON."""
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise Raised(None, "JSONDecodeError", str(problem), site.span) from None


def _environment(run: Interpreter, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    """A variable of the environment: whoever runs the program sets it. Its default is used, and said."""
    name = f"os.environ[{args[0]!r}]"
    default = args[1] if len(args) > 1 else kwargs.get("default")
    found = run.missing(name, site.span)
    if not isinstance(found, Missing) or default is None:
        return found
    run.note(
        "W144", f"{args[0]} of the environment is taken to be its default, {default!r}", site.span, None, site.frame
    )
    return default
