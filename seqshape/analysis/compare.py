"""Two networks side by side: rows aligned, and what differs in shapes, parameters and multiply-adds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seqshape.dims import Dim
from seqshape.faces import as_data, drawn
from seqshape.records import Record
from seqshape.summary import Row, Summary
from seqshape.tensor import Shape


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

    def to_dict(self) -> dict[str, Any]:
        """The object of ``compare --json``."""
        return as_data("comparison", self)

    def __str__(self) -> str:
        return drawn("comparison", self)


def compare(left: Summary, right: Summary) -> Comparison:
    """Align the rows of two summaries and say what differs. Names do not count: a layer is what it does."""
    pairs = tuple(_align(left.layers, right.layers))
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


def _align(left: tuple[Row, ...], right: tuple[Row, ...]) -> Iterator[Pair]:
    """Equal rows first find each other; what is between them is paired by class, then in order."""
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, [_key(row) for row in left], [_key(row) for row in right], autojunk=False)
    for kind, start, stop, other, end in matcher.get_opcodes():
        if kind == "equal":
            yield from (_pair(one, two) for one, two in zip(left[start:stop], right[other:end], strict=True))
        else:
            yield from _by_class(left[start:stop], right[other:end])


def _by_class(left: tuple[Row, ...], right: tuple[Row, ...]) -> Iterator[Pair]:
    from difflib import SequenceMatcher

    classes = SequenceMatcher(None, [row.class_name for row in left], [row.class_name for row in right], autojunk=False)
    for kind, start, stop, other, end in classes.get_opcodes():
        if kind in ("equal", "replace"):
            shared = min(stop - start, end - other)
            yield from (_pair(left[start + step], right[other + step]) for step in range(shared))
            start, other = start + shared, other + shared
        yield from (Pair(row, None, ("removed",)) for row in left[start:stop])
        yield from (Pair(None, row, ("added",)) for row in right[other:end])


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
