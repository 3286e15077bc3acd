"""seqshape: shapes, parameter counts and costs of neural networks, without a framework.

``summarize(source, input_shape=…)`` takes a spec, a path, a loaded config or a live Keras model and gives a
:class:`Summary`. docs/python.md has all functions.
"""

from __future__ import annotations

import sys

__version__ = "0.1.0"

TYPE_CHECKING = False  # typing would cost start-up time
if TYPE_CHECKING:
    from seqshape.analysis.compare import Comparison as Comparison
    from seqshape.analysis.compare import Pair as Pair
    from seqshape.analysis.explain import Explanation as Explanation
    from seqshape.analysis.explain import Length as Length
    from seqshape.analysis.explain import WeightFormula as WeightFormula
    from seqshape.analysis.manual import ArgumentPage as ArgumentPage
    from seqshape.analysis.manual import Manual as Manual
    from seqshape.analysis.ranking import Contender as Contender
    from seqshape.analysis.ranking import Ranking as Ranking
    from seqshape.analysis.solve import Answer as Answer
    from seqshape.analysis.solve import Solution as Solution
    from seqshape.analysis.sweep import Configuration as Configuration
    from seqshape.analysis.sweep import Sweep as Sweep
    from seqshape.analysis.timesteps import LayerReach as LayerReach
    from seqshape.analysis.timesteps import Reached as Reached
    from seqshape.api import Checked as Checked
    from seqshape.api import Explained as Explained
    from seqshape.api import advise as advise
    from seqshape.api import check as check
    from seqshape.api import compare as compare
    from seqshape.api import compare_all as compare_all
    from seqshape.api import convert as convert
    from seqshape.api import explain as explain
    from seqshape.api import layers as layers
    from seqshape.api import memory as memory
    from seqshape.api import solve as solve
    from seqshape.api import summarize as summarize
    from seqshape.api import summarize_all as summarize_all
    from seqshape.api import sweep as sweep
    from seqshape.api import timesteps as timesteps
    from seqshape.diagnostics import Diagnostic as Diagnostic
    from seqshape.diagnostics import Label as Label
    from seqshape.diagnostics import SeqshapeError as SeqshapeError
    from seqshape.diagnostics import Source as Source
    from seqshape.diagnostics import Span as Span
    from seqshape.estimate import Fit as Fit
    from seqshape.estimate import LayerMemory as LayerMemory
    from seqshape.estimate import Memory as Memory
    from seqshape.estimate import Sum as Sum
    from seqshape.estimate import Term as Term
    from seqshape.summary import CallRecord as CallRecord
    from seqshape.summary import Convention as Convention
    from seqshape.summary import Port as Port
    from seqshape.summary import Row as Row
    from seqshape.summary import Summary as Summary
    from seqshape.summary import Symbol as Symbol
    from seqshape.summary import Target as Target
    from seqshape.summary import Totals as Totals
    from seqshape.summary import Weight as Weight

# Where each public name lives, so that importing seqshape imports nothing else.
_ROOMS = {
    "api": "summarize summarize_all explain compare compare_all timesteps check convert advise sweep solve memory"
    " layers Explained Checked",
    "estimate": "Fit LayerMemory Memory Sum Term",
    "diagnostics": "Diagnostic Label SeqshapeError Source Span",
    "summary": "CallRecord Convention Port Row Summary Symbol Target Totals Weight",
    "analysis.compare": "Comparison Pair",
    "analysis.explain": "Explanation Length WeightFormula",
    "analysis.manual": "ArgumentPage Manual",
    "analysis.ranking": "Contender Ranking",
    "analysis.solve": "Answer Solution",
    "analysis.sweep": "Configuration Sweep",
    "analysis.timesteps": "LayerReach Reached",
}
_HOMES = {name: room for room, listed in _ROOMS.items() for name in listed.split()}

__all__ = [
    "Answer",
    "ArgumentPage",
    "CallRecord",
    "Checked",
    "Comparison",
    "Configuration",
    "Contender",
    "Convention",
    "Diagnostic",
    "Explained",
    "Explanation",
    "Fit",
    "Label",
    "LayerMemory",
    "LayerReach",
    "Length",
    "Manual",
    "Memory",
    "Pair",
    "Port",
    "Ranking",
    "Reached",
    "Row",
    "SeqshapeError",
    "Solution",
    "Source",
    "Span",
    "Sum",
    "Summary",
    "Sweep",
    "Symbol",
    "Target",
    "Term",
    "Totals",
    "Weight",
    "WeightFormula",
    "__version__",
    "advise",
    "check",
    "compare",
    "compare_all",
    "convert",
    "explain",
    "layers",
    "memory",
    "solve",
    "summarize",
    "summarize_all",
    "sweep",
    "timesteps",
]


def __getattr__(name: str) -> object:
    """Public names are loaded when they are first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'seqshape' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"seqshape.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)


class _Package(type(sys)):  # type: ignore[misc]
    """The package: a room that is imported does not hide the function of its name (``layers``)."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOMES or not isinstance(value, type(sys)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
