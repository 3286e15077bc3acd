"""Operations that put the same elements elsewhere: reshaping, transposing, joining, splitting, repeating, sorting."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from seqshape.diagnostics import Fault, remark
from seqshape.dims import (
    UNKNOWN,
    Dim,
    Inconclusive,
    Poly,
    Unknown,
    maximum,
    product,
    require,
    require_divides,
    require_equal,
)
from seqshape.kinds import Axes, Dims, Held, Integer, LaterInteger, NewShape, Text
from seqshape.layers.operations.dtypes import numeric
from seqshape.layers.operations.operands import (
    axes_in,
    axis_in,
    blur,
    broadcast,
    dtype_of,
    flat_size,
    gives,
    regrouped,
    reordered,
    replaced,
    taken_out,
)
from seqshape.reach import Reach, join, see
from seqshape.registry import alike, operation
from seqshape.structure import listed
from seqshape.tensor import Effect, Shape, Tensor, TensorLike, show

# --- one input, other axes -------------------------------------------------------------------------------------------


@operation()
def Reshape(x: Tensor, newshape: NewShape) -> Effect:
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
    given = listed(axis)
    axes = axes_in(given, x.rank + len(given))
    if len(set(axes)) < len(axes):
        raise Fault(f"has an axis twice in {axis}", arg="axis")
    dims = iter(x.shape)
    shape = tuple(1 if one in axes else next(dims) for one in range(x.rank + len(given)))
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
    if isinstance(axes, int) or len(pair) != 2 or axes[0] == axes[1]:
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
    before, after = [list(chain.from_iterable(_groups(side))) for side in (left, right)]
    for name in after:
        if isinstance(lengths.get(name, UNKNOWN), Unknown) or name not in before:
            raise Fault(f"does not know the length of {name}", help="Keras rearranges axes of known length only")
    shape = tuple(product(lengths[name] for name in group) for group in _groups(right))
    if sorted(before) != sorted(after) or before[:1] != after[:1]:
        return gives(shape, dtype_of(tensor), blur(see(), tensor.shape, shape))
    order = [before.index(name) for name in after]
    seen = regrouped(see(), tensor.shape, tuple(lengths[name] for name in before)).transpose(order)
    return gives(shape, dtype_of(tensor), regrouped(seen, tuple(lengths[name] for name in after), shape))


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


def _rolled(shift: object, axes: Sequence[int], shape: Shape) -> Reach:
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
def Argpartition(x: Tensor, axis: Integer | None = -1) -> Effect:
    """Positions such that the ``kth`` is where sorting would put it. The axis is not checked."""
    if axis is None:
        return _flattened(x, "int32")
    seen = see().mix(axis) if -x.rank <= axis < x.rank else _without_axis(x, axis)
    return gives(x.shape, "int32", seen)


def _without_axis(x: Tensor, axis: int) -> Reach:
    remark(f"has no axis {axis} in {show(x.shape)}: Keras builds it, but it fails when it runs", arg="axis")
    return see()


@alike(
    {
        "Cumsum": "The sum up to each position along the axis.",
        "Cumprod": "The product up to each position along the axis.",
    }
)
def _accumulated(x: Tensor, axis: Integer | None = None, dtype: Text | None = None) -> Effect:
    """A running total along an axis, ``None`` for the flattened input."""
    out = numeric(dtype or dtype_of(x))
    if axis is None:
        return _flattened(x, out)
    return gives(x.shape, out, see().past(axis_in(axis, x.rank)))


@alike(
    {
        "Nancumsum": "The sum up to each position, ignoring what is not a number.",
        "Nancumprod": "The product up to each position, ignoring what is not a number.",
    }
)
def _accumulated_unchecked(x: Tensor, axis: LaterInteger | None = None, dtype: Text | None = None) -> Effect:
    """A running total at whose axis Keras looks only when it runs."""
    if axis is None or (isinstance(axis, int) and -x.rank <= axis < x.rank):
        return _accumulated(x, axis, dtype)
    seen = _without_axis(x, axis) if isinstance(axis, int) else see()
    return gives(x.shape, numeric(dtype or dtype_of(x)), seen)


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
