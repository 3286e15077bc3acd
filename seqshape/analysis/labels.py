"""Whether labels fit an output: what Keras's losses do with ``y_true`` and ``y_pred`` before they compare them.

A loss takes an axis of 1 off the end of the longer shape where the two differ by one axis
(``squeeze_or_expand_to_same_rank``); then both have to be of one shape. ``sparse_categorical_crossentropy`` wants class
numbers instead: the shape of the output without its last axis. Shapes are without the batch.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Literal

from seqshape.dims import Dim, Inconclusive, Unknown, evaluate, names
from seqshape.records import NamedTuple
from seqshape.tensor import Shape

BATCH = "N"  # the batch of the labels, which is that of the output


class Fit(NamedTuple):
    """How labels and an output go together.

    ``values``: number by number. ``squeezed``: so too, after the loss has taken an axis of 1 off. ``classes``: the
    labels are class numbers. ``open``: only if ``needs`` hold. ``no``: not at all.
    """

    how: Literal["values", "squeezed", "classes", "open", "no"]
    needs: tuple[str, ...] = ()


class Output(NamedTuple):
    """What is known of an output: its shape, and whether it is the answer of a softmax or of a recurrent layer."""

    shape: Shape
    softmax: bool = False
    recurrent: bool = False


def fit(labels: Shape, output: Output) -> Fit:
    """How labels of a shape go with an output.

    A recurrent layer at the end gives features, neither scores of classes nor one number for each step. Labels with a
    last axis of 1 are class numbers only if the output is a softmax.
    """
    squeezed = labels, output.shape
    if len(labels) != len(output.shape) and not (output.recurrent and len(labels) > len(output.shape)):
        squeezed = _squeezed(*squeezed)
    as_values = _agree(*squeezed)
    if as_values == ():
        return Fit("values" if squeezed == (labels, output.shape) else "squeezed")
    as_classes = _as_classes(labels, output)
    if as_classes == ():
        return Fit("classes")
    needs = as_values or as_classes
    return Fit("open", needs) if needs else Fit("no")


def _as_classes(labels: Shape, output: Output) -> tuple[str, ...] | None:
    """What must hold for labels that are class numbers; ``None`` if they can be none."""
    if output.recurrent or not output.shape or output.shape[-1] == 1:
        return None
    if len(labels) == len(output.shape) and labels[-1] == 1 and output.softmax:
        labels = labels[:-1]
    return _agree(labels, output.shape[:-1])


def _squeezed(labels: Shape, output: Shape) -> tuple[Shape, Shape]:
    """Both shapes after a loss has taken an axis of 1 off the longer one."""
    if len(labels) == len(output) + 1 and labels[-1] == 1:
        return labels[:-1], output
    if len(output) == len(labels) + 1 and output[-1] == 1:
        return labels, output[:-1]
    return labels, output


def _agree(labels: Shape, output: Shape) -> tuple[str, ...] | None:
    """What must hold for two shapes to be one (nothing: they are); ``None`` if they cannot be."""
    if len(labels) != len(output):
        return None
    needs: list[str] = []
    for mine, theirs in zip(labels, output, strict=True):
        try:
            if not _equal(mine, theirs):
                return None
        except Inconclusive:
            needs.append(f"{theirs} = {mine}" if isinstance(mine, int) else f"{mine} = {theirs}")
    return tuple(dict.fromkeys(needs))


def _equal(mine: Dim, theirs: Dim) -> bool:
    """Whether two dims agree; an output that only the data tells agrees with any.

    Raises Inconclusive where named sizes may be the same number or not.
    """
    if isinstance(mine, Unknown) or isinstance(theirs, Unknown):
        return isinstance(theirs, Unknown)
    gap = mine - theirs
    if str(gap) == "0":
        return True
    if _never_zero(gap):
        return False
    return not (bool(gap > 0) or bool(gap < 0))


def _never_zero(gap: Dim) -> bool:
    """Whether a straight line over one named size misses 0 at all whole numbers from 1 on: ``2*T - 3``."""
    found = sorted(names(gap))
    if len(found) != 1:
        return False
    first, second, third = (evaluate(gap, {found[0]: size}) for size in (1, 2, 3))
    if not isinstance(first, int) or not isinstance(second, int) or third != 2 * second - first:
        return False
    slope = second - first
    return slope == 0 or first % slope != 0 or first // slope > 0


def stretches(labels: Shape, output: Shape) -> bool:
    """Whether a loss such as mean_squared_error takes them all the same, stretching one over the other."""
    mine, theirs = ([BATCH, *map(str, shape)][::-1] for shape in _squeezed(labels, output))
    return all("1" in (one, two) or one == two for one, two in zip_longest(mine, theirs, fillvalue="1"))


def show_labels(shape: Shape) -> str:
    """The shape of labels: ``(N, 5, 1)``, ``(N,)``."""
    return f"({', '.join((BATCH, *map(str, shape)))}{'' if shape else ','})"
