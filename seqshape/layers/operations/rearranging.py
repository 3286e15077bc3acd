"""Operations that put the same elements elsewhere: reshaping, transposing, joining, splitting, repeating, sorting."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from seqshape.diagnostics import Fault, remark
from seqshape.dims import (
    UNKNOWN,
    Dim,
    Inconclusive,
    Poly,
    Unknown,
    ceil_div,
    maximum,
    product,
    require,
    require_divides,
    require_equal,
    value_of,
)
from seqshape.kinds import Anything, Axes, Counts, Dims, Held, Integer, LaterInteger, Size, Target, Text
from seqshape.layers.operations.dtypes import numeric, result_type
from seqshape.layers.operations.operands import (
    all_of,
    axes_in,
    axis_in,
    blur,
    broadcast,
    dtype_of,
    flat_size,
    gives,
    gives_all,
    regrouped,
    reordered,
    replaced,
    require_few,
    sees,
    taken_out,
    tensors,
    union,
)
from seqshape.reach import Reach, join, see
from seqshape.registry import operation
from seqshape.tensor import Effect, Shape, Tensor, TensorArguments, TensorLike, Tensors, show

_MOST_PARTS = 64  # beyond so many copies what an output sees is rounded up to everything along the axis


# --- one input, other axes -------------------------------------------------------------------------------------------


@operation()
def Reshape(x: Tensor, newshape: Target) -> Effect:
    """The same elements in order under another shape, the batch included; ``-1`` stands for what is left.

    Where the batch is unknown, nothing is checked and ``-1`` is unknown too, as in Keras.
    A tensor as ``newshape`` says at most how many axes there are.
    """
    if isinstance(newshape, Tensor):
        return _reshaped_as_told(x, newshape)
    if sum(_is(dim, -1) for dim in newshape) > 1:
        raise Fault("can work out only one -1", arg="newshape")
    if any(isinstance(dim, int) and dim < -1 for dim in newshape):
        raise Fault(f"needs sizes, or one -1, in newshape, but gets {show(newshape)}", arg="newshape")
    shape = _filled(x.shape, newshape)
    return gives(shape, dtype_of(x), regrouped(see(), x.shape, shape))


def _reshaped_as_told(x: Tensor, newshape: Tensor) -> Effect:
    """A shape that only running tells: of a vector of known length so many unknown dims, else one."""
    axes = newshape.shape[0] if newshape.rank == 1 else 1
    shape: Shape = (UNKNOWN,) * (axes if isinstance(axes, int) else 1)
    return gives(shape, dtype_of(x), blur(see(), x.shape, shape))


def _is(dim: Dim, number: int) -> bool:
    return isinstance(dim, int) and dim == number


def _filled(shape: Shape, wanted: Shape) -> Shape:
    """The wanted shape with its -1 worked out. Raises Fault if the number of elements changes."""
    if any(isinstance(dim, Unknown) for dim in (*shape, *wanted)):
        return tuple(UNKNOWN if _is(dim, -1) else dim for dim in wanted)
    total, known = product(shape), product(dim for dim in wanted if not _is(dim, -1))
    complaint = f"has {show(shape)}, {total} elements, which cannot have the shape {show(wanted)}"
    if not any(_is(dim, -1) for dim in wanted):
        require_equal(total, known, complaint, arg="newshape")
        return wanted
    require(known >= 1, complaint, arg="newshape")
    require_divides(known, total, complaint, arg="newshape")
    return tuple(total // known if _is(dim, -1) else dim for dim in wanted)


@operation()
def Ravel(x: Tensor) -> Effect:
    """All elements in one row, the batch included."""
    return _flattened(x, dtype_of(x))


def _flattened(x: Tensor, dtype: str) -> Effect:
    shape = (flat_size(x.shape),)
    return gives(shape, dtype, blur(see(), x.shape, shape))


@operation()
def ExpandDims(x: Tensor, axis: Axes) -> Effect:
    """New axes of length 1; each is counted in the result."""
    listed = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = axes_in(listed, x.rank + len(listed))
    if len(set(axes)) < len(axes):
        raise Fault(f"has an axis twice in {axis}", arg="axis")
    dims = iter(x.shape)
    shape = tuple(1 if one in axes else next(dims) for one in range(x.rank + len(listed)))
    if 0 in axes:
        return gives(shape, dtype_of(x), blur(see(), x.shape, shape))
    seen = see()
    for one in sorted(axes):
        seen = seen.insert(one)
    return gives(shape, dtype_of(x), seen)


@operation()
def Squeeze(x: Tensor, axis: Axes | None = None) -> Effect:
    """Axes of length 1 taken out: those of ``axis``, or all that are known to have length 1."""
    if axis is None:
        axes = tuple(one for one, dim in enumerate(x.shape) if not isinstance(dim, Unknown) and dim == 1)
        for one in set(range(x.rank)).difference(axes):
            require(x.shape[one] == 0 or x.shape[one] >= 2, f"takes out axis {one} if it is of length 1", arg="axis")
    else:
        for one in axes_in(axis, x.rank):
            _require_one(x.shape[one], one)
        axes = taken_out(axis, x.rank)
    shape = tuple(dim for one, dim in enumerate(x.shape) if one not in axes)
    if 0 in axes:
        return gives(shape, dtype_of(x), blur(see(), x.shape, shape))
    return gives(shape, dtype_of(x), see().reduce(*axes) if axes else see())


def _require_one(dim: Dim, axis: int) -> None:
    complaint = f"takes out axes of length 1, but axis {axis} has length {dim}"
    if isinstance(dim, Unknown):
        raise Fault(complaint, arg="axis")
    require_equal(dim, 1, complaint, arg="axis")


@operation()
def Transpose(x: Tensor, axes: Axes | None = None) -> Effect:
    """Axes in another order, reversed by default; the batch counts as axis 0."""
    if isinstance(axes, int):
        raise Fault(f"needs a tuple of axes, not {axes}", arg="axes")
    order = tuple(range(x.rank))[::-1] if axes is None else axes_in(axes, x.rank, "axes")
    if sorted(order) != list(range(x.rank)):
        raise Fault(f"needs every axis of {show(x.shape)} once, but gets {axes}", arg="axes")
    return _permuted(x, order)


def _permuted(x: Tensor, order: Sequence[int]) -> Effect:
    return gives([x.shape[axis] for axis in order], dtype_of(x), reordered(see(), x.shape, order))


@operation()
def Swapaxes(x: Tensor, axis1: Integer, axis2: Integer) -> Effect:
    """Two axes change places."""
    order = list(range(x.rank))
    first, second = axis_in(axis1, x.rank, "axis1"), axis_in(axis2, x.rank, "axis2")
    order[first], order[second] = second, first
    return _permuted(x, order)


@operation()
def Moveaxis(x: Tensor, source: Axes, destination: Axes) -> Effect:
    """Axes move to other places; the others keep their order."""
    sources, places = axes_in(source, x.rank, "source"), axes_in(destination, x.rank, "destination")
    if len(sources) != len(places):
        complaint = f"needs as many axes in destination as in source, but gets {destination} and {source}"
        raise Fault(complaint, arg="destination")
    return _permuted(x, _moved_order(x.rank, sources, places))


def _moved_order(rank: int, sources: Sequence[int], places: Sequence[int]) -> list[int]:
    """Which axis comes to each place. An axis named twice moves once, as in Keras. Raises Fault for a place twice."""
    if len(set(places)) < len(places):
        raise Fault("cannot move two axes to one place", arg="destination")
    if len(set(sources)) < len(sources):
        remark("moves an axis twice: Keras builds it, but it fails when it runs", arg="source")
    first = dict(zip(reversed(sources), reversed(places), strict=True))
    goes = {place: axis for axis, place in first.items()}
    others = iter([axis for axis in range(rank) if axis not in first])
    return [goes[place] if place in goes else next(others) for place in range(rank)]


@operation()
def Rot90(array: Tensor, k: Integer = 1, axes: Axes = (0, 1)) -> Effect:
    """Turned by 90°, ``k`` times. Keras swaps the two dims whatever ``k`` is."""
    array.axes("rows columns ...")
    pair = axes_in(axes, array.rank, "axes")
    if len(pair) != 2 or axes[0] == axes[1]:
        raise Fault(f"needs two different axes, but gets {axes}", arg="axes")
    if pair[0] == pair[1]:
        remark(f"needs two different axes, but gets {axes}: it fails when it runs", arg="axes")
    shape = list(array.shape)
    shape[pair[0]], shape[pair[1]] = shape[pair[1]], shape[pair[0]]
    return gives(shape, dtype_of(array), _turned(array.shape, k, pair))


def _turned(shape: Shape, k: int, pair: Sequence[int]) -> Reach:
    """A quarter turn or three are a transposition and a reversed axis; of two Keras's shape is another one."""
    order = list(range(len(shape)))
    order[pair[0]], order[pair[1]] = pair[1], pair[0]
    if 0 in pair or k % 2 == 0 or pair[0] == pair[1]:
        return blur(see(), shape, tuple(shape[axis] for axis in order))
    return see().flip(pair[1]).transpose(order) if k % 4 == 1 else see().transpose(order).flip(pair[1])


@operation()
def BroadcastTo(x: Tensor, shape: Dims) -> Effect:
    """Axes of length 1 stretched to ``shape``, which includes the batch."""
    broadcast(x.shape, shape)
    fits = x.rank <= len(shape) and all(map(_stretches, x.shape[::-1], shape[::-1]))
    if not fits:
        remark(f"cannot stretch {show(x.shape)} to {show(shape)}: it fails when it runs", arg="shape")
    return gives(shape, dtype_of(x), see() if fits and x.rank == len(shape) else blur(see(), x.shape, shape))


def _stretches(dim: Dim, target: Dim) -> bool:
    """Whether an axis can be of another length; a named size is taken to be the other."""
    return not (isinstance(dim, int) and isinstance(target, int)) or dim in (1, target)


@operation()
def Rearrange(tensor: Tensor, pattern: TensorLike, **axes_lengths: TensorLike) -> Effect:
    """Axes split, put in another order and merged as a pattern of names says: ``"b h w -> b (h w)"``.

    Keywords give the lengths that cannot be worked out. Keras needs every length known, that of the batch included.
    """
    left, arrow, right = pattern.partition("->") if isinstance(pattern, str) else ("", "", "")
    if not arrow:
        raise Fault(f"needs a pattern such as 'b h w -> b (h w)', but gets {pattern!r}", code="E202")
    lengths = _named_lengths(tensor, _groups(left), dict(axes_lengths))
    before = [name for group in _groups(left) for name in group]
    after = [name for group in _groups(right) for name in group]
    for name in after:
        if isinstance(lengths.get(name, UNKNOWN), Unknown) or name not in before:
            raise Fault(f"does not know the length of {name}", help="Keras rearranges axes of known length only")
    shape = tuple(product(lengths[name] for name in group) for group in _groups(right))
    apart = tuple(lengths[name] for name in before if name in lengths)
    if sorted(before) != sorted(after) or before[:1] != after[:1]:
        return gives(shape, dtype_of(tensor), blur(see(), tensor.shape, shape))
    order = [before.index(name) for name in after]
    seen = regrouped(see(), tensor.shape, apart).transpose(order)
    return gives(shape, dtype_of(tensor), regrouped(seen, tuple(apart[axis] for axis in order), shape))


def _groups(side: str) -> list[list[str]]:
    """One side of a pattern: the names of each axis, several where a bracket merges them."""
    groups: list[list[str]] = []
    inside = False
    for word in side.replace("(", " ( ").replace(")", " ) ").split():
        if word in "()":
            inside = word == "("
            groups.extend([[]] * inside)
        elif inside:
            groups[-1] = [*groups[-1], word]
        else:
            groups.append([word])
    return groups


def _named_lengths(tensor: Tensor, groups: list[list[str]], lengths: dict[str, Any]) -> dict[str, Any]:
    """The length of every name; of those in a bracket one may be left to be worked out. Raises Fault for a length of 0."""
    if len(groups) != tensor.rank:
        remark(f"has a pattern of {len(groups)} axes for {show(tensor.shape)}: it fails when it runs")
    for name, length in lengths.items():
        if not isinstance(length, (int, Poly)):
            raise Fault(f"needs a number as the length of {name}, but gets {length!r}", code="E202")
    for group, dim in zip(groups, tensor.shape, strict=False):
        unsaid = [name for name in group if name not in lengths]
        for name in unsaid[:1]:
            others = product(lengths.get(other, UNKNOWN) for other in group if other != name)
            require(others >= 1, f"cannot divide {dim} by a length of {others}")
            lengths[name] = dim // others
    return lengths


# --- turning, sorting, adding up -------------------------------------------------------------------------------------


@operation()
def Flip(x: Tensor, axis: Axes | None = None) -> Effect:
    """The order reversed along the axes, ``None`` for all."""
    return _flipped(x, axes_in(axis, x.rank))


def _flipped(x: Tensor, axes: Sequence[int]) -> Effect:
    seen = see()
    for axis in axes:
        seen = seen.flip(axis)
    return gives(x.shape, dtype_of(x), seen)


@operation()
def Fliplr(x: Tensor) -> Effect:
    """The order reversed along axis 1."""
    x.axes("rows columns ...")
    return _flipped(x, (1,))


@operation()
def Flipud(x: Tensor) -> Effect:
    """The order reversed along axis 0, the batch."""
    x.axes("rows ...")
    return _flipped(x, (0,))


@operation()
def Roll(x: Tensor, shift: Held, axis: Axes | None = None) -> Effect:
    """Elements move along the axes; what falls off the end comes in at the start."""
    axes = axes_in(axis, x.rank)
    return gives(x.shape, dtype_of(x), _rolled(shift, axes, x.shape))


def _rolled(shift: Axes, axes: Sequence[int], shape: Shape) -> Reach:
    if len(axes) == 1 and isinstance(shift, int) and isinstance(shape[axes[0]], int):
        length: Any = shape[axes[0]]
        by = shift % length if length else 0
        parts = [see().slice(axes[0], length - by, by), see().slice(axes[0], 0, length - by)]
        return join(axes[0], parts) if by else see()
    return see().mix(*axes) if axes else see()


def _ordered(x: Tensor, axis: int | None, dtype: str) -> Effect:
    """Elements along an axis in an order that depends on all of them; ``None``: of the flattened input."""
    if axis is None:
        return _flattened(x, dtype)
    return gives(x.shape, dtype, see().mix(axis_in(axis, x.rank)))


@operation()
def Sort(x: Tensor, axis: Integer | None = -1) -> Effect:
    """Sorted along an axis; ``None`` sorts the flattened input."""
    return _ordered(x, axis, dtype_of(x))


@operation()
def Argsort(x: Tensor, axis: Integer | None = -1) -> Effect:
    """The positions in sorted order along an axis; ``None``: of the flattened input."""
    return _ordered(x, axis, "int32")


@operation()
def Argpartition(x: Tensor, kth: Integer, axis: Integer | None = -1) -> Effect:
    """Positions such that the ``kth`` is where sorting would put it. The axis is not checked."""
    if axis is None:
        return _flattened(x, "int32")
    seen = see().mix(axis) if -x.rank <= axis < x.rank else _without_axis(x, axis)
    return gives(x.shape, "int32", seen)


def _without_axis(x: Tensor, axis: int) -> Reach:
    remark(f"has no axis {axis} in {show(x.shape)}: Keras builds it, but it fails when it runs", arg="axis")
    return see()


def cumulative(name: str, meaning: str) -> None:
    """Declare a running total along an axis, ``None`` for the flattened input."""

    def rule(x: Tensor, axis: Integer | None = None, dtype: Text | None = None) -> Effect:
        return _accumulated(x, axis, dtype)

    rule.__name__, rule.__doc__ = name, meaning
    operation()(rule)


def unchecked(name: str, meaning: str) -> None:
    """Declare a running total at whose axis Keras looks only when it runs."""

    def rule(x: Tensor, axis: LaterInteger | None = None, dtype: Text | None = None) -> Effect:
        if axis is None or (isinstance(axis, int) and -x.rank <= axis < x.rank):
            return _accumulated(x, axis, dtype)
        seen = _without_axis(x, axis) if isinstance(axis, int) else see()
        return gives(x.shape, numeric(dtype or dtype_of(x)), seen)

    rule.__name__, rule.__doc__ = name, meaning
    operation()(rule)


def _accumulated(x: Tensor, axis: int | None, dtype: str | None) -> Effect:
    out = numeric(dtype or dtype_of(x))
    if axis is None:
        return _flattened(x, out)
    return gives(x.shape, out, see().past(axis_in(axis, x.rank)))


cumulative("Cumsum", "The sum up to each position along the axis.")
cumulative("Cumprod", "The product up to each position along the axis.")
unchecked("Nancumsum", "The sum up to each position, ignoring what is not a number.")
unchecked("Nancumprod", "The product up to each position, ignoring what is not a number.")


@operation()
def Diff(a: Tensor, n: Integer = 1, axis: Integer = -1) -> Effect:
    """The difference of neighbours along an axis, taken ``n`` times; each time the axis is shorter by 1."""
    at = axis_in(axis, a.rank)
    length = _shortened(a.shape[at], n)
    return gives(replaced(a.shape, at, length), dtype_of(a), see().window(at, n + 1, 1, 1, 0, length))


def _shortened(dim: Dim, by: int) -> Dim:
    """A length less ``by``, at least 0; a named size without a value has to be long enough."""
    if isinstance(dim, Unknown):
        return dim
    try:
        return maximum(dim - by, 0)
    except Inconclusive:
        require(dim >= by, f"needs at least {by} positions, but gets {dim}", arg="n")
        return dim - by


# --- joining ---------------------------------------------------------------------------------------------------------


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


# --- splitting -------------------------------------------------------------------------------------------------------


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


# --- repeating and padding -------------------------------------------------------------------------------------------


@operation()
def Repeat(x: Tensor, repeats: Counts, axis: Integer | None = None) -> Effect:
    """Each position several times in a row along an axis; without one, of the flattened input."""
    times = repeats if isinstance(repeats, (tuple, list)) else (repeats,)
    shape = (flat_size(x.shape),) if axis is None else x.shape
    at = 0 if axis is None else axis_in(axis, x.rank)
    length = _repeated(shape[at], times)
    out = replaced(shape, at, length)
    if axis is None:
        return gives(out, dtype_of(x), blur(see(), x.shape, out))
    return gives(out, dtype_of(x), see().repeat(at, times[0]) if len(times) == 1 else see().mix(at))


def _repeated(dim: Dim, times: Sequence[Any]) -> Dim:
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
    times = list(repeats) if isinstance(repeats, (tuple, list)) else [repeats]
    rank = max(len(times), x.rank)
    shape = (1,) * (rank - x.rank) + x.shape
    times = [1] * (rank - len(times)) + times
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


@operation()
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


def _pairs(pad_width: Anything, x: Tensor) -> list[tuple[Any, Any]]:
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


def _pair(each: Any, may_be_one: bool) -> tuple[Any, Any]:
    """The first two of some numbers; of a list of lists each may be of one number."""
    numbers = each if isinstance(each, (tuple, list)) else ()
    if len(numbers) < 1 + (not may_be_one) or not all(isinstance(one, (int, Poly)) for one in numbers):
        raise Fault(f"needs pairs of numbers in pad_width, but gets {each!r}", arg="pad_width")
    return each[0], each[1 if len(each) > 1 else 0]
