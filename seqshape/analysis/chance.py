"""Random numbers that are the same in every kind of array, and need no library.

Each is its number times an odd constant (a Weyl sequence), mixed up by a shift and a product: plenty for weights.
"""

from __future__ import annotations

from math import log, prod
from typing import Any

from seqshape.layers.forward.arrays import Array, Numpy

_WORD = (1 << 64) - 1
_STEP, _FACTOR = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9
LEAST, MOST = 2.0**-3, 2.0**10  # how large wide numbers are


class Chance:
    """Numbers that follow from a seed, in arrays of ``np``: numpy, or what takes its place."""

    def __init__(self, np: Numpy, seed: int) -> None:
        self.np = np
        self.state = _mixed(_mixed(seed * _FACTOR + _STEP & _WORD))

    def even(self, shape: tuple[int, ...], low: float = 0.0, high: float = 1.0) -> Array:
        """Between two bounds, both left out (51 bits are few enough to be rounded to neither)."""
        count = prod(shape)
        words = _mixed(self.np.arange(count, dtype=self.np.uint64) * _STEP + self.state & _WORD)
        self.state = _mixed(self.state + count * _STEP & _WORD)
        return ((words >> 13) * ((high - low) * 2.0**-51) + (low + (high - low) * 2.0**-52)).reshape(shape)

    def usual(self, shape: tuple[int, ...], deviation: float = 1.0) -> Array:
        """Of both signs, with a standard deviation."""
        return self.even(shape, -(3**0.5) * deviation, 3**0.5 * deviation)

    def wide(self, shape: tuple[int, ...], marks: tuple[float, ...] = (), least: float = LEAST) -> Array:
        """Of both signs and every size from ``least`` to :data:`MOST`, and half of them near one of the ``marks``."""
        np = self.np
        sizes = np.exp(self.even(shape, log(least), log(MOST)))
        if marks:
            chosen = np.take(np.asarray(marks), self.even(shape, 0, len(marks)).astype(int), axis=0)
            sizes = np.where(self.even(shape) < 0.5, sizes, chosen * self.even(shape, 0.75, 1.25))
        return np.where(self.even(shape) < 0.5, -sizes, sizes)

    def whole(self, shape: tuple[int, ...], stop: int) -> Array:
        """Whole numbers from 0 on, below ``stop``, as floats."""
        return self.even(shape, 0, stop).astype(int).astype(self.np.float64)


def _mixed(state: Any) -> Any:
    """A word, or each of many, mixed up."""
    state = (state ^ state >> 32) * _FACTOR & _WORD
    return state ^ state >> 29
