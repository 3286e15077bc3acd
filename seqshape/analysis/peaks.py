"""A column that is the largest of several formulas: which one it is may differ from one configuration to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from seqshape.analysis.compiled import Formula
from seqshape.dims import Size

if TYPE_CHECKING:
    from seqshape.analysis.compiled import Array

Numbers: TypeAlias = Mapping[str, "Array"]  # of each open axis, as an array that broadcasts to the grid
Ranges: TypeAlias = Mapping[str, tuple[int, int]]


class Peaks:
    """The formulas of which the largest counts. ``places``: the axis of the grid of each name."""

    def __init__(self, sizes: Sequence[Size], places: Mapping[str, int]) -> None:
        self.formulas = [Formula(size, places) for size in sizes]

    def which(self, numbers: Numbers, ranges: Ranges) -> Array:
        """The number of the largest formula, for each configuration of a grid."""
        import numpy as np

        best = self.formulas[0].on(numbers, ranges)
        found: Array = 0
        for place, formula in enumerate(self.formulas[1:], start=1):
            value = formula.on(numbers, ranges)
            is_larger = np.asarray(value > best, dtype=bool)
            best, found = np.where(is_larger, value, best), np.where(is_larger, place, found)
        return found


class Chosen:
    """What is worked out in another way for each of the peaks: a formula, or a condition."""

    def __init__(self, peaks: Peaks, ways: Sequence[Callable[[Numbers, Ranges], Array]]) -> None:
        self.peaks, self.ways = peaks, ways

    def on(self, numbers: Numbers, ranges: Ranges) -> Array:
        """The values, each from the way of its largest peak."""
        import numpy as np

        which, result = self.peaks.which(numbers, ranges), None
        for place, way in enumerate(self.ways):
            value = way(numbers, ranges)
            result = value if result is None else np.where(which == place, value, result)
        return result

    __call__ = on
