"""Two networks side by side: rows aligned, and what differs in shapes, parameters and multiply-adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqshape.dims import Dim
from seqshape.faces import as_data, drawn
from seqshape.records import Record
from seqshape.summary import Row, Summary
from seqshape.tensor import Shape

MOST_PAIRS = 40_000  # rows of one network times rows of the other that are all held against each other


class Pair(Record):
    """Two rows that stand for one another, or one that has no partner; ``changed`` names what differs."""

    left: Row | None
    right: Row | None
    changed: tuple[str, ...] = ()


class Comparison(Record):
    """``pairs`` in the order of both networks; ``changed`` names the totals that differ; ``same``: nothing differs.

    ``equivalent`` says whether both are the same function for equal weights (``None``: not known), ``reason`` why, and
    ``difference`` is the largest difference of their outputs, where they were run.
    """

    left: Summary
    right: Summary
    pairs: tuple[Pair, ...]
    changed: tuple[str, ...]
    same: bool
    equivalent: bool | None = None
    reason: str | None = None
    difference: float | None = None

    def to_dict(self) -> dict[str, object]:
        """The object of ``compare --json``."""
        return as_data("comparison", self)

    def __str__(self) -> str:
        return drawn("comparison", self)


def compare(left: Summary, right: Summary) -> Comparison:
    """Align the rows of two summaries and say what differs. Names do not count: a layer is what it does."""
    pairs = tuple(align(left.layers, right.layers))
    changed = tuple(_totals(left, right))
    same = not changed and not any(pair.changed for pair in pairs)
    return Comparison(left, right, pairs, changed, same)


def _totals(left: Summary, right: Summary) -> Iterator[str]:
    if [port.shape for port in left.inputs] != [port.shape for port in right.inputs]:
        yield "inputs"
    if [port.shape for port in left.outputs] != [port.shape for port in right.outputs]:
        yield "outputs"
    for field in ("params", "trainable_params", "non_trainable_params", "macs", "bytes", "at_least"):
        if _text(getattr(left.totals, field)) != _text(getattr(right.totals, field)):
            yield field


def align(left: tuple[Row, ...], right: tuple[Row, ...]) -> Iterator[Pair]:
    """The rows as a person would pair them: equal ones, then those that are most alike, in the order of both."""
    keys = [_key(row) for row in left], [_key(row) for row in right]
    start = _shared(*keys)
    stop = _shared(keys[0][start:][::-1], keys[1][start:][::-1])
    yield from map(_pair, left[:start], right[:start])
    ends = len(left) - stop, len(right) - stop
    yield from _between(left[start : ends[0]], right[start : ends[1]])
    yield from map(_pair, left[ends[0] :], right[ends[1] :])


def _shared(left: Sequence[object], right: Sequence[object]) -> int:
    """How many rows are equal from the start on."""
    return next(
        (at for at, (one, two) in enumerate(zip(left, right, strict=False)) if one != two), min(len(left), len(right))
    )


def _between(left: tuple[Row, ...], right: tuple[Row, ...]) -> Iterator[Pair]:
    """Rows that begin and end differently. Of very many, equal ones are looked for first."""
    if len(left) * len(right) <= MOST_PAIRS:
        yield from _most_alike(left, right)
        return
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, [_key(row) for row in left], [_key(row) for row in right], autojunk=False)
    for kind, start, stop, other, end in matcher.get_opcodes():
        rows, others = left[start:stop], right[other:end]
        if kind == "equal":
            yield from map(_pair, rows, others)
        elif len(rows) * len(others) <= MOST_PAIRS:
            yield from _most_alike(rows, others)
        else:
            shared = min(len(rows), len(others))
            yield from map(_pair, rows[:shared], others[:shared])
            yield from _most_alike(rows[shared:], others[shared:])


def _most_alike(left: tuple[Row, ...], right: tuple[Row, ...]) -> Iterator[Pair]:
    """The alignment with the greatest sum of likeness, after Needleman and Wunsch; a row without a partner counts 0."""
    ours, theirs = [_Look(row) for row in left], [_Look(row) for row in right]
    alike = [[one.like(two) for two in theirs] for one in ours]
    best = _sums(alike, len(right))
    row = column = 0
    while row < len(left) and column < len(right):
        if alike[row][column] and best[row][column] == best[row + 1][column + 1] + alike[row][column]:
            yield _pair(left[row], right[column])
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            yield Pair(left[row], None, ("removed",))
            row += 1
        else:
            yield Pair(None, right[column], ("added",))
            column += 1
    yield from (Pair(one, None, ("removed",)) for one in left[row:])
    yield from (Pair(None, one, ("added",)) for one in right[column:])


def _sums(alike: list[list[float]], width: int) -> list[list[float]]:
    """The greatest sum of likeness that the rows from each place on can come to."""
    best = [[0.0] * (width + 1) for _ in range(len(alike) + 1)]
    for row in range(len(alike) - 1, -1, -1):
        below, here = best[row + 1], best[row]
        for column in range(width - 1, -1, -1):
            paired = below[column + 1] + alike[row][column] if alike[row][column] else 0.0
            here[column] = max(paired, below[column], here[column + 1])
    return best


class _Look:
    """What a row looks like to one who pairs them: its class, what its weights are called, its shapes and counts."""

    def __init__(self, row: Row) -> None:
        self.key = _key(row)
        self.class_name = row.class_name
        self.weights = frozenset(weight.path.rpartition("/")[2] for weight in row.weights)
        self.shape = tuple(map(_shape, row.output_shapes))
        self.rank = [len(shape) if shape is not None else None for shape in row.output_shapes]
        self.params = _text(row.params)

    def like(self, other: _Look) -> float:
        """How alike two rows are; 0 where they have nothing to do with each other."""
        if self.key == other.key:
            return 8.0
        likeness = 4.0 if self.class_name == other.class_name else 2.0 * self._weights_like(other)
        if not likeness and (self.weights or other.weights or self.shape != other.shape):
            return 0.0
        likeness += 1.5 if self.shape == other.shape else 0.5 if self.rank == other.rank else 0.0
        return likeness + (1.0 if self.weights and self.params == other.params else 0.0)

    def _weights_like(self, other: _Look) -> float:
        """The share of the names of weights that both have: a wrapper has those of the layer inside."""
        every = self.weights | other.weights
        return len(self.weights & other.weights) / len(every) if every else 0.0


def _pair(left: Row, right: Row) -> Pair:
    return Pair(
        left, right, tuple(name for name, one, two in zip(FIELDS, _key(left), _key(right), strict=True) if one != two)
    )


FIELDS = ("class", "output_shape", "params", "trainable_params", "macs", "weights", "layers")


def _key(row: Row) -> tuple[object, ...]:
    """What a row is, without its names; dims and counts as text, because a comparison of formulas may be open."""
    weights = tuple((_shape(weight.shape), weight.dtype, weight.trainable) for weight in row.weights)
    shapes = tuple(map(_shape, row.output_shapes))
    counts = (_text(row.params), _text(row.trainable_params), _text(row.macs))
    return (row.class_name, shapes, *counts, weights, tuple(map(_key, row.layers)))


def _shape(shape: Shape | None) -> str:
    return "?" if shape is None else ",".join(map(_text, shape))


def _text(size: Dim | bool | None) -> str:
    return str(size)
