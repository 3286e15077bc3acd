"""Operations that pick elements by position, count them or put them in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqshape.diagnostics import Fault
from seqshape.dims import UNKNOWN, Dim, Inconclusive, Poly, Unknown, ceil_div, maximum, require, require_equal
from seqshape.kinds import Anything, Count, Dims, Flag, Integer, Target, Text
from seqshape.layers.operations.dtypes import result_type
from seqshape.layers.operations.operands import (
    all_of,
    array_dtype_of,
    array_shape_of,
    axis_in,
    blur,
    broadcast,
    dtype_of,
    flat_size,
    gives,
    gives_all,
    replaced,
    sees,
    shape_of,
    tensors,
    union,
)
from seqshape.reach import Reach, join, see
from seqshape.registry import alike, operation
from seqshape.tensor import Effect, Shape, Tensor, TensorLike, Tensors, show

_MOST_PARTS = 64  # beyond so many single positions what an output sees is rounded up to all of them


# --- slices ----------------------------------------------------------------------------------------------------------


@operation()
def GetItem(x: Tensor, key: TensorLike) -> Effect:
    """``x[key]``: whole numbers, slices, ``...`` and ``None``, each for one axis.

    A slice of an unknown length stays unknown. Keras takes a number, or several items with a comma between; it refuses
    a slice alone.
    """
    shape: list[Dim] = []
    seen = see()
    dims = iter(x.shape)
    items = _full_key(x, key)
    for item in items:
        axis = len(shape)
        if item is None:
            shape.append(1)
            seen = seen.insert(axis)
        elif isinstance(item, slice):
            start, length, step = _stretch(next(dims), item)
            shape.append(length)
            seen = seen if item == slice(None) else seen.slice(axis, start, length, step)
        else:
            seen = seen.slice(axis, _position(next(dims), item, x), 1).reduce(axis)
    kept = bool(items) and isinstance(items[0], slice)
    return gives(shape, dtype_of(x), seen if kept else blur(see(), x.shape, tuple(shape)))


def _full_key(x: Tensor, key: TensorLike) -> list[Any]:
    """One item for every axis, and ``None`` for every new one. Raises Fault if there are too many."""
    items = list(key) if isinstance(key, (list, tuple)) and not isinstance(key, Tensor) else [key]
    wrong = [item for item in items if not isinstance(item, (int, slice)) and item is not None and item is not ...]
    if wrong or (len(items) == 1 and not isinstance(key, (int, list, tuple))):
        help = "write x[:, 0], or ops.take for a tensor"
        raise Fault(f"takes numbers, slices, ... and None as its key, not {key!r}", help=help)
    if items.count(...) > 1:
        raise Fault("can have only one ... in its key")
    named = sum(item is not None and item is not ... for item in items)
    if named > x.rank:
        raise Fault(f"has {named} items in its key for {show(x.shape)}")
    rest = [slice(None)] * (x.rank - named)
    at = items.index(...) if ... in items else len(items)
    return items[:at] + rest + items[at + 1 :]


def _position(dim: Dim, item: int, x: Tensor) -> Dim:
    """A position counted from the start. Raises Fault if the axis is not that long."""
    least = item + 1 if item >= 0 else -item
    require(dim >= least, f"has no position {item} along an axis of {dim} in {show(x.shape)}")
    return item if item >= 0 else dim + item


def _stretch(dim: Dim, item: slice) -> tuple[Dim, Dim, int]:
    """Where a slice starts, how long it is, and its step."""
    if isinstance(dim, int):
        start, stop, step = item.indices(dim)
        return start, len(range(start, stop, step)), step
    step = 1 if item.step is None else item.step
    if isinstance(dim, Unknown):
        return (item.start or 0) if step > 0 and (item.start or 0) >= 0 else UNKNOWN, UNKNOWN, step
    return _named_stretch(dim, item, step)


def _named_stretch(dim: Poly, item: slice, step: int) -> tuple[Dim, Dim, int]:
    """The same of a named size, which has to be long enough for both ends unless its value is known."""
    first: Dim = 0 if step > 0 else dim - 1
    last: Dim = dim if step > 0 else -1
    start = first if item.start is None else _end(dim, item.start, step)
    stop = last if item.stop is None else _end(dim, item.stop, step)
    length = ceil_div(stop - start, step) if step > 0 else ceil_div(start - stop, -step)
    try:
        length = maximum(length, 0) if not isinstance(length, Unknown) else length
    except Inconclusive:
        require(length >= 0, f"needs the slice to end after its start, but gets {length} positions")
    return start, length, step


def _end(dim: Poly, position: int, step: int) -> Dim:
    """One end of a slice counted from the start; as in Python, what lies beyond the axis is its end."""
    at = dim + position if position < 0 else position
    low, high = (0, dim) if step > 0 else (-1, dim - 1)
    try:
        return -maximum(-maximum(at, low), -high)
    except Inconclusive:
        require(dim >= abs(position), f"needs at least {abs(position)} positions for its slice, but gets {dim}")
        return at


@operation()
def Slice(inputs: Tensor, start_indices: TensorLike, shape: Target) -> Effect:
    """A block of ``shape`` from ``start_indices`` on; ``-1`` takes all that is left along an axis."""
    if isinstance(shape, Tensor):
        raise Fault("needs numbers as shape, but gets a tensor", arg="shape")
    if len(shape) != inputs.rank:
        raise Fault(f"needs a length for each of {inputs.rank} axes, but gets {len(shape)}", arg="shape")
    starts = _starts(start_indices, inputs.rank)
    dims = [_left(*each) for each in zip(inputs.shape, starts, shape, strict=True)]
    seen = see()
    for axis, (start, length) in enumerate(zip(starts, dims, strict=True)):
        seen = seen.mix(axis) if isinstance(start, Unknown) else seen.slice(axis, start, length)
    return gives(dims, dtype_of(inputs), union([seen, *_others(sees(inputs, start_indices), start_indices, dims)]))


def _starts(start_indices: TensorLike, rank: int) -> list[Dim]:
    if isinstance(start_indices, Tensor):
        return [UNKNOWN] * rank
    if not isinstance(start_indices, (list, tuple)):
        raise Fault(f"needs a start for each of {rank} axes, but gets {start_indices!r}")
    starts = list(start_indices)
    if not all(isinstance(start, (int, Poly)) for start in starts):
        raise Fault(f"needs numbers or a tensor as start_indices, not {start_indices!r}")
    if len(starts) != rank:
        raise Fault(f"needs a start for each of {rank} axes, but gets {len(starts)}")
    return starts


def _left(dim: Dim, start: Dim, length: Dim) -> Dim:
    return dim - start if isinstance(length, int) and length == -1 else length


def _others(reaches: Sequence[Reach], indices: TensorLike, out: Sequence[Dim]) -> list[Reach]:
    """What an output sees of the tensor of indices: all of it."""
    return [blur(reach, shape_of(indices), tuple(out)) for reach in reaches[1:]]


@operation()
def SliceUpdate(inputs: Tensor, start_indices: TensorLike, updates: TensorLike) -> Effect:
    """The input with a block replaced by ``updates``."""
    return _updated(inputs, start_indices, updates)


@operation()
def ScatterUpdate(inputs: Tensor, indices: TensorLike, updates: TensorLike, reduction: Text | None = None) -> Effect:
    """The input with the elements at ``indices`` replaced by ``updates``, or combined with them."""
    ways = ("add", "max", "min", "mul")
    if reduction is not None and reduction.lower() not in ways:
        raise Fault(f"has to be one of {', '.join(ways)}, not {reduction!r}", arg="reduction")
    return _updated(inputs, indices, updates)


def _updated(inputs: Tensor, indices: TensorLike, updates: TensorLike) -> Effect:
    first, *others = sees(inputs, indices, updates)
    shapes = (shape_of(indices), shape_of(updates))
    seen = [blur(reach, shape, inputs.shape) for reach, shape in zip(others, shapes, strict=True)]
    return gives(inputs.shape, dtype_of(inputs), union([first, *seen]))


@operation()
def Scatter(indices: TensorLike, values: Tensor, shape: Dims) -> Effect:
    """Zeros of ``shape`` with ``values`` at ``indices``."""
    return gives(shape, dtype_of(values), all_of((indices, values), shape))


# --- picking ---------------------------------------------------------------------------------------------------------


@operation()
def Take(x: Tensor, indices: TensorLike, axis: Integer | None = None) -> Effect:
    """The elements at ``indices`` along an axis, whose place the shape of ``indices`` takes.

    Without an axis they are those of the flattened input.
    """
    source, picked = x.shape, array_shape_of(indices)
    if axis is None:
        return gives(picked, dtype_of(x), all_of((x, indices), picked))
    at = axis_in(axis, len(source))
    shape = (*source[:at], *picked, *source[at + 1 :])
    if at == 0:
        return gives(shape, dtype_of(x), all_of((x, indices), shape))
    first, second = sees(x, indices)
    return gives(shape, dtype_of(x), union([_taken(first, indices, at, source), blur(second, picked, shape)]))


def _taken(seen: Reach, indices: TensorLike, axis: int, source: Shape) -> Reach:
    """What is picked along an axis: single positions where they are known, else any of them."""
    if isinstance(indices, int):
        return _single(seen, indices, axis, source).reduce(axis)
    listed = indices if isinstance(indices, (list, tuple)) and not isinstance(indices, Tensor) else ()
    if 0 < len(listed) <= _MOST_PARTS and all(isinstance(one, int) for one in listed):
        return join(axis, [_single(seen, one, axis, source) for one in listed])
    seen = seen.reduce(axis)
    for number, dim in enumerate(array_shape_of(indices)):
        seen = seen.insert(axis + number, dim)
    return seen


def _single(seen: Reach, position: int, axis: int, source: Shape) -> Reach:
    return seen.slice(axis, position if position >= 0 else source[axis] + position, 1)


@operation()
def TakeAlongAxis(x: Tensor, indices: Tensor, axis: Integer | None = None) -> Effect:
    """For each position of ``indices`` the element of the input that stands so far along the axis."""
    picked = indices.shape
    source = x.shape if axis is not None else (flat_size(x.shape),)
    if len(source) != len(picked):
        raise Fault(f"needs indices of {len(source)} dims, but gets {show(picked)}", code="E201")
    at = 0 if axis is None else axis_in(axis, x.rank)
    shape = broadcast(replaced(source, at, picked[at]), picked)
    first, second = sees(x, indices)
    return gives(
        shape, dtype_of(x), union([first.mix(at) if axis is not None else blur(first, x.shape, shape), second])
    )


@operation()
def Select(condlist: Tensors, choicelist: Tensors, default: TensorLike = 0) -> Effect:
    """Of each element the first choice whose condition is true. Shape and dtype are the first choice's."""
    first = tensors(choicelist)[0]
    return gives(first.shape, dtype_of(first), union(sees(*condlist, *choicelist, default)))


@operation()
def Digitize(x: Tensor, bins: Tensor) -> Effect:
    """The number of the bin in which each element lies; ``bins`` are the edges."""
    if bins.rank > 1:
        raise Fault(f"needs bins of one axis, but gets {show(bins.shape)}", code="E201")
    first, second = sees(x, bins)
    return gives(x.shape, "int32", union([first, blur(second, bins.shape, x.shape)]))


@operation("searchsorted")
def SearchSorted(sorted_sequence: Tensor, values: Tensor) -> Effect:
    """Where each value would have to stand in a sorted vector. Of an unknown length the positions are int64."""
    sequence = sorted_sequence.shape
    if len(sequence) != 1:
        raise Fault(f"needs a sorted sequence of one axis, but gets {show(sequence)}", code="E201")
    dtype = "int64" if isinstance(sequence[0], Unknown) else "int32"
    first, second = sees(sorted_sequence, values)
    return gives(values.shape, dtype, union([blur(first, sequence, values.shape), second]))


@operation("isin")
def IsIn(x1: Tensor, x2: TensorLike) -> Effect:
    """Whether each element of the first input is one of the second."""
    first, second = sees(x1, x2)
    return gives(x1.shape, "bool", union([first, blur(second, shape_of(x2), x1.shape)]))


@operation()
def UnravelIndex(indices: Tensor, shape: Dims) -> Effect:
    """Positions in a flattened tensor of ``shape`` as positions along each of its axes."""
    unknown = any(isinstance(dim, Unknown) for dim in shape)
    out = Tensor((UNKNOWN,) if unknown else indices.shape, dtype_of(indices))
    return gives_all([out] * len(shape), [see()] * len(shape))


@operation()
def Nonzero(x: Tensor) -> Effect:
    """The positions of the elements that are not 0, one output for each axis; how many there are, is unknown."""
    seen = blur(see(), x.shape, (UNKNOWN,))
    return gives_all([Tensor((UNKNOWN,), "int32")] * x.rank, [seen] * x.rank)


@operation(fill_value="Held")
def Unique(
    x: Tensor,
    return_index: Flag = False,
    return_inverse: Flag = False,
    return_counts: Flag = False,
    axis: Integer | None = None,
    size: Count | None = None,
) -> Effect:
    """The distinct elements, or slices along an axis; their number is unknown unless ``size`` gives it."""
    number: Dim = UNKNOWN if size is None else size
    at = None if axis is None else axis_in(axis, x.rank)
    values = (number,) if at is None else replaced(x.shape, at, number)
    outputs = [Tensor(values, dtype_of(x))]
    inverse = x.shape if at is None else (x.shape[at],)
    for wanted, shape in ((return_index, (number,)), (return_inverse, inverse), (return_counts, (number,))):
        outputs.extend([Tensor(shape, "int32")] * bool(wanted))
    seen = [blur(see(), x.shape, out.shape) for out in outputs]
    return gives(outputs[0].shape, dtype_of(x), seen[0]) if len(outputs) == 1 else gives_all(outputs, seen)


@operation()
def Bincount(x: Tensor, weights: Anything = None) -> Effect:
    """How often each number from 0 on occurs along the last axis; up to which number, is unknown."""
    shape = (*x.shape[:-1], UNKNOWN)
    dtype = "int32" if weights is None else result_type(dtype_of(x), array_dtype_of(weights))
    return gives(shape, dtype, see().mix(-1) if x.rank else see())


@operation()
def Histogram(x: Tensor, bins: Count = 10) -> Effect:
    """How many elements lie in each of ``bins`` bins, and the edges of the bins."""
    shapes = ((bins,), (bins + 1,))
    return gives_all(
        [Tensor(shape, dtype_of(x)) for shape in shapes], [blur(see(), x.shape, shape) for shape in shapes]
    )


@operation()
def OneHot(x: Tensor, num_classes: Count, axis: Integer = -1, dtype: Text | None = None) -> Effect:
    """Each whole number as a vector with a 1 in its place, along a new axis."""
    return gives(_with_classes(x, num_classes, axis), dtype or "float32", _one_hot_reach(x, axis, num_classes))


def _one_hot_reach(x: Tensor, axis: int, classes: Dim) -> Reach:
    at = _new_axis(x, axis)
    return see().insert(at, classes) if at else blur(see(), x.shape, _with_classes(x, classes, axis))


def _new_axis(x: Tensor, axis: int) -> int:
    """Where the classes go: an axis of the input, or -1 for the end. Raises Fault on another."""
    if axis != -1 and not 0 <= axis < x.rank:
        others = f" or from 0 to {x.rank - 1}" if x.rank else ""
        raise Fault(f"needs an axis of -1{others}, but gets {axis}", arg="axis")
    return x.rank if axis == -1 else axis


def _with_classes(x: Tensor, classes: Dim, axis: int) -> Shape:
    at = _new_axis(x, axis)
    return (*x.shape[:at], classes, *x.shape[at:])


@operation()
def MultiHot(
    inputs: Tensor, num_classes: Count | None = None, axis: Integer = -1, num_tokens: Count | None = None
) -> Effect:
    """One vector with a 1 for every whole number that occurs along axis 1. The dtype stays the input's, as in Keras."""
    classes = num_tokens if num_classes is None else num_classes
    if classes is None:
        raise Fault("needs num_classes", arg="num_classes")
    shape = _with_classes(inputs, classes, axis)
    out = shape[-1:] if len(shape) == 2 else (shape[0], *shape[2:])
    return gives(out, dtype_of(inputs), blur(see(), inputs.shape, out))


@operation()
def TopK(x: Tensor, k: Count) -> Effect:
    """The ``k`` largest elements along the last axis, and their positions."""
    x.axes("... values")
    shape = (*x.shape[:-1], k)
    return gives_all([Tensor(shape, dtype_of(x)), Tensor(shape, "int32")], [see().mix(-1)] * 2)


@operation(k="Count")
def InTopK(targets: Tensor, predictions: TensorLike) -> Effect:
    """Whether each target is among the ``k`` best predictions."""
    first, second = sees(targets, predictions)
    shape = shape_of(predictions)
    fits = len(shape) == targets.rank + 1
    return gives(
        targets.shape,
        "bool",
        union([first, second.reduce(len(shape) - 1) if fits else blur(second, shape, targets.shape)]),
    )


@alike(
    {
        "SegmentSum": "The sum of the rows of each segment.",
        "SegmentMax": "The largest elements of the rows of each segment.",
        "SegmentMin": "The smallest elements of the rows of each segment.",
        "SegmentProd": "The product of the rows of each segment.",
    }
)
def _of_segments(data: Tensor, segment_ids: TensorLike, num_segments: Count | None = None) -> Effect:
    """One row for all that have the same segment id."""
    ids = shape_of(segment_ids)
    if len(ids) != 1:
        raise Fault(f"needs segment_ids of one axis, but gets {show(ids)}", code="E201")
    data.axes("rows ...")
    require_equal(ids[0], data.shape[0], f"needs a segment id for each of {data.shape[0]} rows, but gets {ids[0]}")
    shape = (UNKNOWN if num_segments is None else num_segments, *data.shape[1:])
    return gives(shape, dtype_of(data), union([see().mix(0), blur(sees(data, segment_ids)[1], ids, shape)]))
