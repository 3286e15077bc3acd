"""What the rules of operations share: shape and dtype of an operand, broadcasting, axes, and what an output sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import count

from seqshape.diagnostics import Fault, remark
from seqshape.dims import UNKNOWN, Dim, Unknown, product, require, require_equal
from seqshape.kinds import Axes
from seqshape.reach import NOTHING, Reach, see, together
from seqshape.structure import listed
from seqshape.tensor import NO_MASK, Constant, Effect, Shape, Tensor, TensorLike, show

MOST_OUTPUTS = 1_000  # of one operation


def require_few(number: int, arg: str) -> None:
    """Raise Fault, before they are made, for more outputs than any network can use."""
    if number > MOST_OUTPUTS:
        raise Fault(f"would give {number:,} outputs, more than {MOST_OUTPUTS:,}", arg=arg, code="E208")


def gives(shape: Iterable[Dim], dtype: str, reach: Reach = see(), macs: Dim = 0) -> Effect:
    """The effect of an operation with one output. Raises Fault if a dim would be negative."""
    out = Tensor(tuple(shape), "int32" if dtype == "int" else dtype)
    _require_sizes(out)
    return Effect(out, {}, macs, reach, NO_MASK)


def gives_all(outputs: Sequence[Tensor], reach: Sequence[Reach], macs: Dim = 0) -> Effect:
    """The effect of an operation with several outputs. Raises Fault if a dim would be negative."""
    for out in outputs:
        _require_sizes(out)
    return Effect(list(outputs), {}, macs, tuple(reach), NO_MASK)


def _require_sizes(out: Tensor) -> None:
    for dim in out.shape:
        require(dim >= 0, f"would give the shape {show(out.shape)}, with a length below 0")


def dtype_of(operand: TensorLike) -> str:
    """The dtype of a tensor; of a number the weak one of its Python type. Raises Fault for anything else."""
    if isinstance(operand, Tensor):
        return operand.dtype or "float32"
    for kind in (bool, int, float, complex):
        if isinstance(operand, kind):
            return "complex64" if kind is complex else kind.__name__
    help = "Keras takes a list for no tensor: make it an array first" if isinstance(operand, (list, tuple)) else None
    raise Fault(f"takes tensors and numbers, not {operand!r}", code="E202", help=help)


def strong_dtype_of(operand: TensorLike) -> str:
    """The dtype of an operand where a number counts as a tensor of its type."""
    dtype = dtype_of(operand)
    return {"int": "int32", "float": "float32"}.get(dtype, dtype)


def shape_of(operand: TensorLike) -> Shape:
    """The shape of a tensor; anything else, a list too, has none for Keras and counts as a single number: ``()``."""
    return operand.shape if isinstance(operand, Tensor) else ()


def array_shape_of(operand: TensorLike) -> Shape:
    """The shape of a tensor or of a nested list of numbers, where Keras makes an array of it. Raises Fault if it is uneven."""
    if isinstance(operand, Tensor) or not isinstance(operand, (list, tuple)):
        return shape_of(operand)
    inside = {array_shape_of(item) for item in operand} or {()}
    if len(inside) > 1:
        raise Fault(f"takes lists of one length each, not {operand!r}")
    return (len(operand), *inside.pop())


def array_dtype_of(operand: TensorLike) -> str:
    """The dtype of the array that Keras makes of a number or a list."""
    while isinstance(operand, (list, tuple)) and not isinstance(operand, Tensor) and operand:
        operand = max(operand, key=lambda item: isinstance(item, (list, tuple, float)))
    return strong_dtype_of(operand)


def tensors(operands: TensorLike) -> list[Tensor]:
    """The operands that are one list. Raises Fault if it is none, or empty, or holds anything else."""
    if isinstance(operands, Tensor) or not isinstance(operands, (list, tuple)) or not operands:
        raise Fault("needs a list of inputs", code="E202", help="write (a, b) > … with all that it joins")
    strange = [item for item in operands if not isinstance(item, Tensor)]
    if strange:
        raise Fault(f"needs tensors in its list, but gets {strange[0]!r}", code="E202")
    return list(operands)


def broadcast(*shapes: Shape) -> Shape:
    """The common shape, aligned at the right: ones stretch, and a known dim wins over an unknown one.

    Raises Fault where two dims differ; of named sizes it becomes a need that they are equal.
    """
    return reduce(_broadcast, shapes, ())


def _broadcast(left: Shape, right: Shape) -> Shape:
    rank = max(len(left), len(right))
    pairs = zip((1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right, strict=True)
    complaint = f"needs shapes that broadcast, but gets {show(left)} and {show(right)}"
    return tuple(_common(first, second, complaint) for first, second in pairs)


def paired(*shapes: Shape) -> Shape:
    """The common shape of samples, with a remark where that lines up the batch of one with another axis."""
    longest = max(shapes, key=len)
    for shape in shapes:
        other = longest[len(longest) - len(shape)] if shape else UNKNOWN
        meets = shape and len(shape) < len(longest) and isinstance(shape[0], Unknown)
        if meets and not isinstance(other, Unknown) and other != 1:
            size = f"the {other} of {show(longest)}"
            remark(
                f"lines up the first axis of {show(shape)} with {size}: it fails when it runs, unless it is 1 or {other}"
            )
    return broadcast(*shapes)


def _common(left: Dim, right: Dim, complaint: str) -> Dim:
    if left == 1:
        return right
    if right == 1 or isinstance(right, Unknown):
        return left
    require_equal(left, right, complaint)
    return right


def require_identical(left: Dim, right: Dim, complaint: str) -> None:
    """Insist that two dims are equal where Keras takes None for equal to None only. Raises Fault."""
    if isinstance(left, Unknown) != isinstance(right, Unknown):
        raise Fault(complaint, code="E203")
    require_equal(left, right, complaint)


def axis_in(axis: int, rank: int, arg: str | None = "axis") -> int:
    """An axis counted from the front. Raises Fault if there is none."""
    if not -rank <= axis < rank:
        raise Fault(f"has no axis {axis}: its input has {rank} dims", arg=arg)
    return axis % rank


def axes_in(axis: Axes | None, rank: int, arg: str | None = "axis") -> tuple[int, ...]:
    """Axes counted from the front, ``None`` for all of them. Raises Fault if one does not exist."""
    if axis is None:
        return tuple(range(rank))
    if not all(isinstance(one, int) for one in listed(axis)):
        raise Fault(f"has to be made of integers, not {axis!r}", arg=arg, code="E104")
    return tuple(axis_in(one, rank, arg) for one in listed(axis))


def taken_out(axis: Axes | None, rank: int, arg: str = "axis", *, keepdims: bool = False) -> tuple[int, ...]:
    """The axes that a reduction takes out. Of an axis named twice Keras takes out the next one too: it deletes by place.

    Raises Fault if one does not exist.
    """
    axes = axes_in(axis, rank, arg)
    if len(set(axes)) == len(axes):
        return axes
    remark(f"has an axis twice in {axis}: Keras builds it, but it fails when it runs", arg=arg)
    if keepdims:
        return tuple(set(axes))
    left = list(range(rank))
    for one in sorted(axes, reverse=True):
        if one >= len(left):
            raise Fault(f"has an axis twice in {axis}, and too few axes for that", arg=arg)
        del left[one]
    return tuple(one for one in range(rank) if one not in left)


def without(shape: Shape, axes: Sequence[int]) -> Shape:
    """A shape with some axes taken out."""
    return tuple(dim for axis, dim in enumerate(shape) if axis not in axes)


def replaced(shape: Shape, axis: int, dim: Dim) -> Shape:
    """A shape with another dim at ``axis``."""
    return (*shape[:axis], dim, *shape[axis + 1 :])


def flat_size(shape: Shape) -> Dim:
    """The number of elements."""
    return product(shape)


def sample_size(shape: Shape) -> Dim:
    """The number of elements of one sample: all but the batch."""
    return product(shape[1:])


def sees(*operands: TensorLike) -> list[Reach]:
    """For each operand the input that it is; a literal sees nothing."""
    number = count()
    given = (isinstance(operand, Tensor) and not isinstance(operand, Constant) for operand in operands)
    return [see(next(number)) if is_input else NOTHING for is_input in given]


def union(parts: Iterable[Reach]) -> Reach:
    """Position by position all that the parts see."""
    found = [part for part in parts if part is not NOTHING]
    return together(*found) if found else NOTHING


def seen_beside(x: Tensor, y: TensorLike) -> Reach:
    """The reach where Keras gives ``x``'s shape to what comes of two operands, without looking at the other one's."""
    first, second = sees(x, y)
    shape = shape_of(y)
    pairs = list(zip(shape[::-1], x.shape[::-1], strict=False))
    known = all(dim in (1, other) for dim, other in pairs if isinstance(dim, int) and isinstance(other, int))
    if not known or len(shape) > x.rank:
        remark(f"is said to give {show(x.shape)}, but gets {show(shape)} too: it fails, or gives another shape")
        second = blur(second, shape, x.shape)
    return union([first, second])


def blur(reach: Reach, shape: Shape, out: Shape) -> Reach:
    """Every position of a sample of the shape ``out`` sees the whole sample of ``shape``."""
    rank = len(shape)
    if rank < 2 or reach is NOTHING:
        return reach
    seen = reach.mix(*range(1, rank))
    if len(out) < 2:
        return seen.reduce(*range(1, rank))
    seen = seen.reduce(*range(2, rank)) if rank > 2 else seen
    for axis, dim in enumerate(out[2:], 2):
        seen = seen.insert(axis, dim)
    return seen


def stretched(reach: Reach, rank: int, dims: Sequence[Dim]) -> Reach:
    """More axes of copies behind those of a tensor of that rank."""
    for axis, dim in enumerate(dims, rank):
        reach = reach.insert(axis, dim)
    return reach


def all_of(operands: Sequence[TensorLike], out: Shape) -> Reach:
    """Every output position sees all of every operand."""
    parts = zip(sees(*operands), operands, strict=True)
    return union(blur(reach, shape_of(operand), out) for reach, operand in parts)


def reordered(reach: Reach, shape: Shape, order: Sequence[int]) -> Reach:
    """Axes in another order; where the batch itself moves, everything is seen."""
    if not order or order[0] == 0:
        return reach.transpose(order)
    return blur(reach, shape, tuple(shape[axis] for axis in order))


def regrouped(reach: Reach, shape: Shape, out: Shape) -> Reach:
    """The same elements in order under another shape; where the batch does not stay, everything is seen."""
    if shape and out and _is_same(shape[0], out[0]) and _is_same(sample_size(shape), sample_size(out)):
        return reach.regroup(out[1:])
    return blur(reach, shape, out)


def _is_same(left: Dim, right: Dim) -> bool:
    if left is UNKNOWN or right is UNKNOWN:
        return left is right
    return bool(left == right)
