"""``keras.backend`` and ``keras.config``: settings of the program, and operations on tensors under older names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.readers.keras_source import tensors
from seqshape.readers.keras_source.values import Args, Keywords, Result

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """A call of the backend."""
    last = path.rpartition(".")[2]
    if last == "clear_session":
        run.engine.forget_names()
        return None
    if last in ("image_data_format", "image_dim_ordering"):
        return run.data_format if last == "image_data_format" else _ordering(run.data_format)
    if last in ("set_image_data_format", "set_image_dim_ordering"):
        _set_format(run, args)
        return None
    if last in ("floatx", "epsilon", "backend"):
        known: Keywords = {"floatx": run.floatx, "epsilon": 1e-7, "backend": "tensorflow"}
        return known[last]
    if last in ("set_global_policy", "set_policy", "set_dtype_policy", "set_floatx"):
        _set_policy(run, args)
        if last == "set_floatx":
            run.floatx = run.engine.dtype
        return None
    if last in ("learning_phase", "set_learning_phase", "set_session", "get_session", "set_value", "set_epsilon"):
        return None
    return tensors.call(run, path, args, kwargs, site)


def _ordering(form: str) -> str:
    return "tf" if form == "channels_last" else "th"


def _set_format(run: Interpreter, args: Args) -> None:
    known = {"th": "channels_first", "tf": "channels_last"}
    if args and isinstance(args[0], str):
        run.data_format = known.get(args[0], args[0])


def _set_policy(run: Interpreter, args: Args) -> None:
    name = args[0] if args else None
    name = getattr(name, "path", name)
    if isinstance(name, str):
        run.engine.dtype = name.rpartition(".")[2]
