"""What a matrix of timesteps says: how far it sees, how it moves, and what that is called."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from seqshape.rows import Rows

if TYPE_CHECKING:
    from seqshape.rows import Matrix


def measure(matrix: Matrix) -> tuple[int, int | None, int]:
    """Receptive field, stride and look-ahead of a matrix, in input steps."""
    rows = Rows.of(matrix)
    steps = [step for step, seen in enumerate(rows.sets) if seen]
    if not steps:
        return 0, None, 0
    first = [_first(rows.sets[step]) for step in steps]
    last = [rows.sets[step].bit_length() - 1 for step in steps]
    stride = _stride(last, rows.shape[1] - 1)
    if stride == 0:  # the last steps are the same for all: the first ones may move
        stride = _stride(first, 0)
    per_step = stride if stride is not None and stride > 0 else 1
    field = max(end - start for start, end in zip(first, last, strict=True)) + 1
    return field, stride, max(0, *(end - step * per_step for step, end in zip(steps, last, strict=True)))


def _first(seen: int) -> int:
    """The first step of a set that is not empty."""
    return (seen & -seen).bit_length() - 1


def _stride(places: list[int], border: int) -> int | None:
    """By how much places move from one to the next; those at the border tell only where no other does."""
    moves = [(after - before, after != border) for before, after in pairwise(places)]
    found = {move for move, inside in moves if inside} or {move for move, _ in moves}
    return found.pop() if len(found) == 1 else None


def classify(matrix: Matrix) -> str:
    """What a layer does to steps, in words, read off its own matrix."""
    rows = Rows.of(matrix)
    if not len(rows):
        return "no steps"
    full = (1 << rows.shape[1]) - 1
    if all(seen == full for seen in rows.sets):
        return "one step" if rows.shape == (1, 1) else "all"
    if rows.shape[0] == rows.shape[1]:
        for label, pattern in _patterns(len(rows)):
            if all(seen == named for seen, named in zip(rows.sets, pattern, strict=True)):
                return label
    gaps = _gaps(rows)
    size = max(seen.bit_count() for seen in rows.sets)
    if not gaps - {1}:
        return f"window of {size}" if size > 1 else "moved steps"
    return f"window of {size}, {gaps.pop()} steps apart" if len(gaps) == 1 else "regrouped steps"


def _patterns(size: int) -> Iterator[tuple[str, Iterator[int]]]:
    """The square matrices that have a name, row by row."""
    full = (1 << size) - 1
    yield "each step alone", (1 << step for step in range(size))
    yield "past", ((2 << step) - 1 for step in range(size))
    yield "future", (full >> step << step for step in range(size))
    yield "future, in reversed order", (full >> step << step for step in reversed(range(size)))


def _gaps(rows: Rows) -> set[int]:
    """The distances from one step that a row sees to its next one."""
    forms = {seen >> _first(seen) for seen in rows.sets if seen}  # wherever the row begins
    gaps: set[int] = set()
    for form in forms:
        if form & (form + 1) == 0:  # one stretch
            gaps |= {1} if form > 1 else set()
        else:
            gaps |= {len(between) + 1 for between in f"{form:b}".split("1")[1:-1]}
    return gaps
