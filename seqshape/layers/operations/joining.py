"""Operations that join tensors, cut them apart, repeat and pad them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from seqshape.diagnostics import Fault, remark
from seqshape.dims import Dim, Inconclusive, Poly, Unknown, ceil_div, require, require_divides, require_equal, value_of
from seqshape.kinds import Anything, Axes, Counts, Integer, Size, Text
from seqshape.layers.operations.dtypes import result_type
from seqshape.layers.operations.operands import (
    all_of,
    axis_in,
    blur,
    dtype_of,
    flat_size,
    gives,
    gives_all,
    replaced,
    require_few,
    sees,
    tensors,
    union,
)
from seqshape.layers.operations.rearranging import _is
from seqshape.reach import Reach, join, see
from seqshape.registry import operation
from seqshape.structure import listed
from seqshape.tensor import Effect, Shape, Tensor, TensorArguments, TensorLike, Tensors, show

_MOST_PARTS = 64  # beyond so many copies what an output sees is rounded up to everything along the axis


def _joined(parts: Sequence[Tensor], axis: int, reaches: Sequence[Reach]) -> Effect:
    """Parts one after the other along an axis. Raises Fault where another dim differs; the first part says the rest."""
    first = parts[0].shape
    for part in parts:
        _require_alike(part.shape, first, axis)
    total: Dim = 0
    for part in parts:
        total = total + part.shape[axis]
    return gives(replaced(first, axis, total), result_type(*map(dtype_of, parts)), join(axis, reaches))


def _require_alike(shape: Shape, first: Shape, but: int | None = None) -> None:
    where = "" if but is None else f" but for axis {but}"
    complaint = f"needs inputs of one shape{where}, but gets {show(first)} and {show(shape)}"
    if len(shape) != len(first):
        raise Fault(complaint, code="E203")
    for axis, (left, right) in enumerate(zip(first, shape, strict=True)):
        if axis != but:
            require_equal(left, right, complaint)


@operation()
def Concatenate(xs: Tensors, axis: Integer = 0) -> Effect:
    """Inputs one after the other along ``axis``, by default the batch."""
    parts = tensors(xs)
    return _joined(parts, axis_in(axis, parts[0].rank), sees(*xs))


@operation()
def Append(x1: Tensor, x2: Tensor, axis: Integer | None = None) -> Effect:
    """The second input after the first along ``axis``; without one, both are flattened first."""
    parts = [x1, x2]
    if axis is not None:
        at = axis_in(axis, x1.rank)
        joined = _joined(parts, at, sees(x1, x2))
        if any(isinstance(part.shape[at], Unknown) for part in parts):
            raise Fault(f"needs known lengths along axis {axis}", arg="axis", help="ops.concatenate does without")
        return joined
    shape = (flat_size(parts[0].shape) + flat_size(parts[1].shape),)
    seen = union(blur(reach, part.shape, shape) for reach, part in zip(sees(x1, x2), parts, strict=True))
    return gives(shape, result_type(*map(dtype_of, parts)), seen)


def _stacked_along(xs: Tensors, axis: int) -> Effect:
    parts = tensors(xs)
    parts[0].axes(" ".join(f"axis{number}" for number in range(axis + 1)) + " ...")
    return _joined(parts, axis, sees(*xs))


@operation()
def Hstack(xs: Tensors) -> Effect:
    """Inputs one after the other along axis 1."""
    return _stacked_along(xs, 1)


@operation()
def Vstack(xs: Tensors) -> Effect:
    """Inputs one after the other along axis 0, the batch."""
    return _stacked_along(xs, 0)


@operation()
def Dstack(xs: Tensors) -> Effect:
    """Inputs one after the other along axis 2, which is added where there is none."""
    parts = [Tensor(_at_least_3d(part.shape), part.dtype) for part in tensors(xs)]
    given = zip(sees(*xs), tensors(xs), strict=True)  # of vectors the batch comes to axis 1
    return _joined(parts, 2, [_in_depth(reach, part, whole) for (reach, part), whole in zip(given, parts, strict=True)])


def _in_depth(reach: Reach, part: Tensor, whole: Tensor) -> Reach:
    """What a part sees that has at least three axes now."""
    if part.rank < 2:
        return blur(reach, part.shape, whole.shape).insert(1, whole.shape[1]).insert(2)
    return reach.insert(2) if part.rank == 2 else reach


def _at_least_3d(shape: Shape) -> Shape:
    if len(shape) < 2:
        return (1, *(shape or (1,)), 1)
    return shape if len(shape) > 2 else (*shape, 1)


@operation()
def Stack(x: Tensors, axis: Integer = 0) -> Effect:
    """Inputs of one shape side by side along a new axis."""
    parts = tensors(x)
    at = axis_in(axis, parts[0].rank + 1)
    for part in parts:
        _require_alike(part.shape, parts[0].shape)
    shape, rank = (*parts[0].shape[:at], len(parts), *parts[0].shape[at:]), parts[0].rank
    dtype = result_type(*map(dtype_of, parts))
    if at == 0 or rank < 2:
        return gives(shape, dtype, all_of(parts, shape))
    return gives(shape, dtype, join(at, [reach.insert(at) for reach in sees(*x)]))


@operation()
def Meshgrid(x: TensorArguments, indexing: Text = "xy") -> Effect:
    """For each input its elements laid out over a grid of all inputs; Keras gives all of them the dtype of the last."""
    if indexing not in ("xy", "ij"):
        raise Fault(f'has to be "xy" or "ij", not {indexing!r}', arg="indexing")
    parts = tensors(x)
    sizes = [flat_size(part.shape) for part in parts]
    if indexing == "ij":
        outputs = [Tensor(tuple(sizes), "float32") for _ in parts]
    else:
        if len(sizes) < 2:
            raise Fault("needs at least two inputs", code="E202")
        sizes[0], sizes[1] = sizes[1], sizes[0]
        outputs = [Tensor(tuple(sizes), dtype_of(parts[-1])) for _ in parts]
    pairs = zip(sees(*x), parts, strict=True)
    return gives_all(outputs, [blur(reach, part.shape, tuple(sizes)) for reach, part in pairs])


def _cut(x: Tensor, at: Sequence[Dim], axis: int) -> Effect:
    """The pieces between positions along an axis; a stretch that is not known has an unknown length."""
    outputs, seen = [], []
    for start, stop in pairwise(at):
        length = stop - start
        require(length >= 0, f"cannot cut from {start} to {stop}", arg="indices_or_sections")
        outputs.append(Tensor(replaced(x.shape, axis, length), dtype_of(x)))
        seen.append(see().slice(axis, start, length))
    return gives_all(outputs, seen)


def _split(x: Tensor, indices_or_sections: Axes, axis: int) -> Effect:
    dim = x.shape[axis]
    if not isinstance(indices_or_sections, int):
        return _cut(x, [0, *indices_or_sections, dim], axis)
    sections = indices_or_sections
    complaint = f"needs a length that {sections} divides, but axis {axis} has {dim}"
    require(sections >= 1, f"needs at least one part, but gets {sections}", arg="indices_or_sections")
    require_divides(sections, dim, complaint, arg="indices_or_sections")
    require_few(sections, "indices_or_sections")
    each = dim // sections
    return _cut(x, [each * number for number in range(sections + 1)], axis)


@operation()
def Split(x: Tensor, indices_or_sections: Axes, axis: Integer = 0) -> Effect:
    """Equal parts along an axis, so many of them; or the pieces between the positions listed."""
    return _split(x, indices_or_sections, axis_in(axis, x.rank))


@operation()
def Hsplit(x: Tensor, indices_or_sections: Axes) -> Effect:
    """Split along axis 1; of a vector along axis 0."""
    x.axes("columns ...")
    return _split(x, indices_or_sections, 0 if x.rank == 1 else 1)


@operation()
def Vsplit(x: Tensor, indices_or_sections: Axes) -> Effect:
    """Split along axis 0, the batch."""
    x.axes("rows columns ...")
    return _split(x, indices_or_sections, 0)


@operation()
def Dsplit(x: Tensor, indices_or_sections: Axes) -> Effect:
    """Split along axis 2."""
    x.axes("rows columns depth ...")
    return _split(x, indices_or_sections, 2)


@operation()
def ArraySplit(x: Tensor, indices_or_sections: Integer, axis: Integer = 0) -> Effect:
    """So many parts along an axis; where they cannot be equal, the first ones are longer by 1."""
    at = axis_in(axis + x.rank if axis < 0 else axis, x.rank)
    parts, dim = indices_or_sections, x.shape[at]
    require(parts >= 1, f"needs at least one part, but gets {parts}", arg="indices_or_sections")
    require_few(parts, "indices_or_sections")
    starts: list[Dim] = [0]
    for number in range(parts):  # part k has ⌈(length - k)/parts⌉ positions
        starts.append(starts[-1] + ceil_div(dim - number, parts))
    return _cut(x, starts, at)


@operation()
def Unstack(x: Tensor, num: Size | None = None, axis: Integer = 0) -> Effect:
    """One output for each position along an axis."""
    at = axis_in(axis, x.rank)
    size = x.shape[at] if num is None else num
    number = value_of(size)
    if number is None and not isinstance(size, Unknown):
        raise Inconclusive(f"how many outputs there are depends on {size}")
    if not isinstance(number, int):
        raise Fault(f"needs num where axis {axis} has no known length, but {x.shape[at]}", arg="num")
    require_few(number, "axis" if num is None else "num")
    out = Tensor((*x.shape[:at], *x.shape[at + 1 :]), dtype_of(x))
    real = value_of(x.shape[at])
    if isinstance(real, int) and real != number:
        remark(f"makes {number} outputs of an axis of {real}: Keras builds it, but it fails when it runs", arg="num")
    if at == 0 or (isinstance(real, int) and real != number):
        return gives_all([out] * number, [blur(see(), x.shape, out.shape)] * number)
    return gives_all([out] * number, [see().slice(at, position, 1).reduce(at) for position in range(number)])


@operation()
def Repeat(x: Tensor, repeats: Counts, axis: Integer | None = None) -> Effect:
    """Each position several times in a row along an axis; without one, of the flattened input."""
    times = listed(repeats)
    shape = (flat_size(x.shape),) if axis is None else x.shape
    at = 0 if axis is None else axis_in(axis, x.rank)
    length = _repeated(shape[at], times)
    out = replaced(shape, at, length)
    if axis is None:
        return gives(out, dtype_of(x), blur(see(), x.shape, out))
    return gives(out, dtype_of(x), see().repeat(at, times[0]) if len(times) == 1 else see().mix(at))


def _repeated(dim: Dim, times: Sequence[Size]) -> Dim:
    if len(times) == 1 or isinstance(dim, Unknown):
        only: Size = times[0]
        return dim * only
    complaint = f"needs {dim} numbers in repeats, one for each position, but gets {len(times)}"
    require_equal(dim, len(times), complaint, arg="repeats")
    total: Dim = 0
    for one in times:
        total = total + one
    return total


@operation()
def Tile(x: Tensor, repeats: Counts) -> Effect:
    """The whole input several times along each axis; numbers that are fewer than the axes belong to the last ones.

    An axis that is unknown stays unknown, and so does the batch.
    """
    times: list[Size] = [*listed(repeats)]
    rank = max(len(times), x.rank)
    shape = (1,) * (rank - x.rank) + x.shape
    times = [*[1] * (rank - len(times)), *times]
    out = tuple(dim * number for dim, number in zip(shape, times, strict=True))
    if rank > x.rank:
        return gives(out, dtype_of(x), blur(see(), x.shape, out))
    seen = see()
    for axis, number in enumerate(times):
        seen = _tiled(seen, axis, number)
    return gives(out, dtype_of(x), seen)


def _tiled(seen: Reach, axis: int, number: Size) -> Reach:
    if isinstance(number, int) and number <= _MOST_PARTS:
        return seen if number == 1 else join(axis, [seen] * number) if number else seen.slice(axis, 0, 0)
    return seen.mix(axis)


@operation(order="x pad_width mode constant_values")
def Pad(x: Tensor, pad_width: Anything, mode: Text = "constant", constant_values: TensorLike | None = None) -> Effect:
    """Positions added before and after along every axis: one number, one pair, or a pair for each, the batch too."""
    pairs = _pairs(pad_width, x)
    seen = see()
    for axis, (before, after) in enumerate(pairs):
        if not (_is(before, 0) and _is(after, 0)):
            seen = _bordered(seen, axis, x.shape[axis], before, after, mode)
    return gives([dim + before + after for dim, (before, after) in zip(x.shape, pairs, strict=True)], dtype_of(x), seen)


def _bordered(seen: Reach, axis: int, dim: Dim, before: Any, after: Any, mode: str) -> Reach:
    """What borders see: nothing, or as many positions at an end, turned round or not; else anything."""
    if any(isinstance(border, int) and border < 0 for border in (before, after)):
        remark("pads by less than nothing: Keras builds it, but it fails when it runs", arg="pad_width")
        return seen.mix(axis)
    if mode == "constant":
        return seen.pad(axis, before, after)
    numbers = all(isinstance(number, int) for number in (dim, before, after))
    skipped = {"reflect": 1, "symmetric": 0, "wrap": 0}.get(mode)
    if not numbers or skipped is None or max(before, after) + skipped > dim:
        return seen.mix(axis)
    if mode == "wrap":
        ends = [seen.slice(axis, dim - before, before), seen.slice(axis, 0, after)]
    else:
        starts = (skipped, before), (dim - after - skipped, after)
        ends = [seen.slice(axis, start, length).flip(axis) for start, length in starts]
    return join(axis, [ends[0], seen, ends[1]])


def _pairs(pad_width: Anything, x: Tensor) -> list[tuple[Size, Size]]:
    """The padding of each axis. Raises Fault where Keras finds no pair in ``pad_width``."""
    if isinstance(pad_width, (int, Poly)):
        return [(pad_width, pad_width)] * x.rank
    if not isinstance(pad_width, (tuple, list)) or not pad_width:
        raise Fault(f"needs a number or pairs of numbers as pad_width, not {pad_width!r}", arg="pad_width")
    listed = [pad_width] if isinstance(pad_width[0], (int, Poly)) else list(pad_width)
    if len(listed) not in (1, x.rank):
        raise Fault(f"needs a pair for each of {x.rank} axes in pad_width, but gets {len(listed)}", arg="pad_width")
    if len({len(each) for each in listed if isinstance(each, (tuple, list))}) > 1:
        raise Fault(f"needs pairs of numbers in pad_width, but gets {pad_width!r}", arg="pad_width")
    pairs = [_pair(each, isinstance(pad_width, list) and each is not pad_width) for each in listed]
    return pairs if len(pairs) == x.rank else pairs * x.rank


def _pair(each: Any, may_be_one: bool) -> tuple[Size, Size]:
    """The first two of some numbers; of a list of lists each may be of one number."""
    numbers = each if isinstance(each, (tuple, list)) else ()
    if len(numbers) < 1 + (not may_be_one) or not all(isinstance(one, (int, Poly)) for one in numbers):
        raise Fault(f"needs pairs of numbers in pad_width, but gets {each!r}", arg="pad_width")
    return each[0], each[1 if len(each) > 1 else 0]
