"""The matrix of timesteps: for each output step the set of input steps that it sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    Matrix = Any  # Rows, or rows of 0 and 1: tuples or an array

_DIGITS = bytes.maketrans(b"01", b"\0\1")


class Rows(Sequence[tuple[int, ...]]):
    """A matrix of 0 and 1, a row an output step, a column an input step.

    ``sets`` holds a row as a whole number whose bit ``i`` stands for input step ``i``. ``shape`` is as of an array, and
    numpy takes it for one.
    """

    __slots__ = ("sets", "shape")

    def __init__(self, sets: Sequence[int], columns: int) -> None:
        self.sets = tuple(sets)
        self.shape = (len(self.sets), columns)

    @classmethod
    def of(cls, matrix: Matrix) -> Rows:
        """Any matrix of 0 and 1 as this one."""
        if isinstance(matrix, Rows):
            return matrix
        texts = ["".join("1" if cell else "0" for cell in row) for row in matrix]
        return cls([int(text[::-1] or "0", 2) for text in texts], len(texts[0]) if texts else 0)

    def texts(self) -> Iterator[str]:
        """Each row as signs 0 and 1."""
        columns = self.shape[1]
        return (f"{seen:0{columns}b}"[::-1] if columns else "" for seen in self.sets)

    def __len__(self) -> int:
        return len(self.sets)

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        return (tuple(text.encode().translate(_DIGITS)) for text in self.texts())

    @overload
    def __getitem__(self, index: int) -> tuple[int, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> Rows: ...
    def __getitem__(self, index: int | slice) -> tuple[int, ...] | Rows:
        if isinstance(index, slice):
            return Rows(self.sets[index], self.shape[1])
        return next(iter(Rows([self.sets[index]], self.shape[1])))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and (self.sets, self.shape) == (other.sets, other.shape)

    def __hash__(self) -> int:
        return hash((self.sets, self.shape))

    def __repr__(self) -> str:
        return f"Rows of {self.shape[0]} output steps over {self.shape[1]} input steps"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> object:
        import numpy as np

        digits = b"".join(text.encode() for text in self.texts()).translate(_DIGITS)
        return np.frombuffer(digits, dtype=bool).reshape(self.shape).astype(dtype or bool)

    def tolist(self) -> list[list[int]]:
        """Lists of 0 and 1."""
        return [list(row) for row in self]

    def shrunk(self, height: int, width: int) -> list[list[bool]]:
        """The matrix in blocks, no more of them than steps: True where anything in the block is seen."""
        masks = [((1 << right - left) - 1) << left for left, right in blocks(self.shape[1], width)]
        lines = (reduce(or_, self.sets[top:bottom]) for top, bottom in blocks(len(self), height))
        return [[seen & mask != 0 for mask in masks] for seen in lines]


def blocks(steps: int, number: int) -> list[tuple[int, int]]:
    """``number`` stretches of steps, about equally long."""
    return list(pairwise(index * steps // number for index in range(number + 1)))
