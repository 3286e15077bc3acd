"""seqshape: shapes, parameter counts and costs of neural networks, without a framework.

``summarize(source, input_shape=…)`` takes a spec, a path, a loaded config or a live Keras model and gives a
:class:`Summary`.
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False  # typing would cost start-up time
if TYPE_CHECKING:
    from seqshape.api import summarize as summarize
    from seqshape.api import summarize_all as summarize_all
    from seqshape.diagnostics import Diagnostic as Diagnostic
    from seqshape.diagnostics import SeqshapeError as SeqshapeError
    from seqshape.summary import Summary as Summary

_HOMES = {
    "summarize": "api",
    "summarize_all": "api",
    "Diagnostic": "diagnostics",
    "SeqshapeError": "diagnostics",
    "Summary": "summary",
}

__all__ = ["Diagnostic", "SeqshapeError", "Summary", "__version__", "summarize", "summarize_all"]


def __getattr__(name: str) -> object:
    """Public names are loaded when they are first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'seqshape' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"seqshape.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
