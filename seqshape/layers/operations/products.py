"""Operations that multiply and add up: matrix products and their relatives. Multiply-adds are those of one sample."""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.declaration import Inner as Inside
from seqshape.diagnostics import Fault, remark
from seqshape.dims import Dim, Inconclusive, Unknown, product, require_equal, value_of
from seqshape.kinds import Anything, Integer, Text
from seqshape.layers.operations.dtypes import result_type
from seqshape.layers.operations.elementwise import combined, strictly
from seqshape.layers.operations.operands import (
    all_of,
    axes_in,
    axis_in,
    blur,
    broadcast,
    dtype_of,
    flat_size,
    gives,
    require_identical,
    sample_size,
    sees,
    shape_of,
    stretched,
    strong_dtype_of,
    union,
    without,
)
from seqshape.reach import NOTHING, Reach
from seqshape.registry import operation
from seqshape.tensor import Effect, Shape, Tensor, TensorArguments, TensorLike, show


def _require_inner(left: Dim, right: Dim, first: Shape, second: Shape) -> None:
    require_equal(left, right, f"needs equal inner dims, but gets {show(first)} and {show(second)}")


def _remark_on_batch(shape: Shape, axis: int, other: Dim) -> None:
    """A product summed over the batch needs a batch of just the other operand's size."""
    if axis == 0 and shape and isinstance(shape[0], Unknown) and not isinstance(other, Unknown):
        remark(f"sums over the batch of {show(shape)}: it fails when it runs, unless the batch is {other}")


@operation()
def Matmul(x1: TensorLike, x2: TensorLike) -> Effect:
    """The matrix product: the last axis of the first with the last but one of the second; those before broadcast."""
    first, second = shape_of(x1), shape_of(x2)
    if not first or not second:
        raise Fault("needs operands with at least one axis", code="E201", help="ops.multiply takes a number")
    left = (1, *first) if len(first) == 1 else first
    right = (*second, 1) if len(second) == 1 else second
    _require_inner(left[-1], right[-2], first, second)
    _remark_on_batch(first, len(first) - 1, right[-2])
    _remark_on_batch(second, max(len(second) - 2, 0), left[-1])
    rows = left[-2:-1] if len(first) > 1 else ()
    shape = (*broadcast(left[:-2], right[:-2]), *rows, *(right[-1:] if len(second) > 1 else ()))
    bytes_only = strong_dtype_of(x1) == strong_dtype_of(x2) == "int8"
    dtype = "int32" if bytes_only else strictly(x1, x2)
    inner = right[-2] if isinstance(left[-1], Unknown) else left[-1]
    return gives(shape, dtype, _matmul_reach(x1, x2, shape), sample_size(shape) * inner)


def _matmul_reach(x1: TensorLike, x2: TensorLike, out: Shape) -> Reach:
    """A row sees its row of the first operand, a column its column of the second."""
    (first, second), ranks = sees(x1, x2), (len(shape_of(x1)), len(shape_of(x2)))
    if ranks[1] == 1:
        return union([_summed(first, shape_of(x1), (ranks[0] - 1,), ()), blur(second, shape_of(x2), out)])
    if ranks[0] == 1:
        return all_of((x1, x2), out)
    axes = ((first, ranks[0] - 1), (second, ranks[1] - 2))
    return union([part.mix(axis) for part, axis in axes])


def _summed(reach: Reach, shape: Shape, over: Sequence[int], free: Sequence[Dim]) -> Reach:
    """What is left of the first operand of a product after a sum, with the free axes of the second behind it."""
    if 0 in over:
        return blur(reach, shape, (*without(shape, over), *free))
    seen = reach.reduce(*over) if over else reach
    return stretched(seen, len(shape) - len(over), free)


def _inside_dot(arguments: dict[str, object]) -> tuple[str, ...]:
    """Of a number Keras asks another operation what comes out, which takes a number of its own."""
    return ("Multiply",) if {"x1", "x2"} & set(arguments) else ()


@operation(inner=Inside(_inside_dot))
def Dot(x1: TensorLike, x2: TensorLike) -> Effect:
    """numpy's dot: over the last axis of the first and the last but one of the second; all other axes are combined."""
    first, second = shape_of(x1), shape_of(x2)
    if not first or not second:
        return gives(broadcast(first, second), combined(x1, x2), union(sees(x1, x2)))
    at = 0 if len(second) == 1 else len(second) - 2
    if len(second) == 1 < len(first):
        require_identical(first[-1], second[0], f"needs equal inner dims, but gets {show(first)} and {show(second)}")
    elif len(second) > 1:
        _require_inner(first[-1], second[at], first, second)
    return _contracted(x1, x2, (len(first) - 1,), (at,))


def _contracted(x1: TensorLike, x2: TensorLike, here: Sequence[int], there: Sequence[int]) -> Effect:
    """A product summed over pairs of axes: those that are left of the first operand, then those of the second."""
    first, second = shape_of(x1), shape_of(x2)
    for left, right in zip(here, there, strict=False):
        _remark_on_batch(first, left, second[right])
        _remark_on_batch(second, right, first[left])
    free = without(second, there)
    shape = (*without(first, here), *free)
    sums = [product(first[axis] for axis in here), product(second[axis] for axis in there)]
    inner = sums[1] if isinstance(sums[0], Unknown) else sums[0]
    one, two = sees(x1, x2)
    reach = union([_summed(one, first, here, free), blur(two, second, shape)])
    return gives(shape, combined(x1, x2), reach, sample_size(shape) * inner)


@operation()
def Inner(x1: TensorLike, x2: TensorLike) -> Effect:
    """The product over the last axes of both; all other axes are combined."""
    first, second = shape_of(x1), shape_of(x2)
    if not first or not second:
        return gives(first or second, combined(x1, x2), union(sees(x1, x2)))
    _require_inner(first[-1], second[-1], first, second)
    return _contracted(x1, x2, (len(first) - 1,), (len(second) - 1,))


@operation()
def Tensordot(x1: TensorLike, x2: TensorLike, axes: Anything = 2) -> Effect:
    """The product over pairs of axes: the last of the first with the first of the second, or those listed for each."""
    first, second = shape_of(x1), shape_of(x2)
    return _contracted(x1, x2, *_contracted_axes(axes, first, second))


def _contracted_axes(axes: Anything, first: Shape, second: Shape) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of both that are summed over. Of a number of axes Keras compares nothing. Raises Fault."""
    if isinstance(axes, int):
        number = max(axes, 0)
        here, there = tuple(range(max(len(first) - number, 0), len(first))), tuple(range(len(second)))[:number]
        if [first[axis] for axis in here] != [second[axis] for axis in there]:
            remark(f"sums over {axes} axes of {show(first)} and {show(second)}: it fails where they differ")
        return here, there
    pairs = axes if isinstance(axes, (tuple, list)) else ()
    if len(pairs) < 2 or not all(isinstance(each, (tuple, list)) for each in pairs[:2]):
        raise Fault(f"needs a number of axes or two lists of them, not {axes!r}", arg="axes")
    here, there = axes_in(pairs[0], len(first), "axes"), axes_in(pairs[1], len(second), "axes")
    if len(here) != len(there):
        raise Fault(f"needs as many axes of both, but gets {axes}", arg="axes")
    for left, right in zip(here, there, strict=True):
        _require_inner(first[left], second[right], first, second)
    return here, there


@operation()
def Vdot(x1: TensorLike, x2: TensorLike) -> Effect:
    """The sum of all products of the flattened operands."""
    return gives((), combined(x1, x2), all_of((x1, x2), ()), sample_size(shape_of(x1)))


@operation()
def Outer(x1: TensorLike, x2: TensorLike) -> Effect:
    """Every element of the flattened first operand times every one of the second."""
    shape = (flat_size(shape_of(x1)), flat_size(shape_of(x2)))
    return gives(shape, combined(x1, x2), all_of((x1, x2), shape))


@operation()
def Kron(x1: TensorLike, x2: TensorLike) -> Effect:
    """Every element of the first operand times the whole second one. An axis that only one has is lost, as in Keras."""
    shape = tuple(left * right for left, right in zip(shape_of(x1), shape_of(x2), strict=False))
    return gives(shape, strictly(x1, x2), all_of((x1, x2), shape))


@operation()
def Cross(
    x1: Tensor,
    x2: Tensor,
    axisa: Integer = -1,
    axisb: Integer = -1,
    axisc: Integer = -1,
    axis: Integer | None = None,
) -> Effect:
    """The cross product of vectors of 2 or 3 along an axis; of two vectors of 2 just a number."""
    first, second = x1.shape, x2.shape
    here = axis_in(axisa if axis is None else axis, len(first), "axisa")
    there = axis_in(axisb if axis is None else axis, len(second), "axisb")
    _require_vector(first[here])
    _require_vector(second[there])
    rest = broadcast(without(first, (here,)), without(second, (there,)))
    vector = (3,) if 3 in (first[here], second[there]) else ()
    at = axis_in(axisc if axis is None else axis, len(rest) + len(vector), "axisc")
    shape = (*rest[:at], *vector, *rest[at:])
    if not here == there == (at if vector else here) > 0:
        return gives(shape, combined(x1, x2), all_of((x1, x2), shape))
    seen = [part.mix(here) for part in sees(x1, x2)]
    return gives(shape, combined(x1, x2), union(seen if vector else [part.reduce(here) for part in seen]))


def _require_vector(dim: Dim) -> None:
    number = value_of(dim)
    if number is None and not isinstance(dim, Unknown):
        raise Inconclusive(f"the cross product of vectors of {dim} depends on whether that is 2 or 3")
    if isinstance(number, int) and number not in (2, 3):
        raise Fault(f"needs vectors of 2 or 3, but gets {dim}", code="E203")


@operation()
def Correlate(x1: TensorLike, x2: TensorLike, mode: Text = "valid") -> Effect:
    """The cross-correlation of two vectors."""
    (left,), (right,) = (_vector(x).axes("values") for x in (x1, x2))
    lengths = {"valid": max(left, right) - min(left, right) + 1, "same": max(left, right), "full": left + right - 1}
    if mode not in lengths:
        raise Fault(f'has to be "valid", "same" or "full", not {mode!r}', arg="mode")
    dtype = combined(x1, x2)
    shape = (lengths[mode],)
    out = dtype if dtype in ("bfloat16", "float16") else "float32"
    return gives(shape, out, all_of((x1, x2), shape), lengths[mode] * min(left, right))


def _vector(operand: TensorLike) -> Tensor:
    tensor = Tensor(shape_of(operand))
    if any(isinstance(dim, Unknown) for dim in tensor.shape):
        raise Fault("needs vectors of known lengths", code="E203")
    return tensor


@operation()
def Corrcoef(x: Tensor) -> Effect:
    """The correlation of the rows. Keras says that the shape stays."""
    dtype = dtype_of(x)
    return gives(x.shape, "float64" if dtype == "int64" else result_type(dtype, "float"), all_of([x], x.shape))


# --- Einstein's notation ---------------------------------------------------------------------------------------------


@operation(order="subscripts operands")
def Einsum(operands: TensorArguments, subscripts: Text) -> Effect:
    """A product in Einstein's notation: a letter for each axis, ``...`` for any, ``->``, the letters that stay."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    specs = left.split(",")
    if len(specs) != len(operands):
        raise Fault(f"has {len(specs)} operands in its subscripts, but gets {len(operands)}", arg="subscripts")
    named = [_labels(spec, shape_of(operand)) for spec, operand in zip(specs, operands, strict=True)]
    out = _labels(right, None, named) if arrow else _implied(named)
    sizes = _sizes(named, operands, out)
    missing = [label for label in out if label not in sizes]
    if missing:
        raise Fault(f"has {missing[0]} only in its output", arg="subscripts")
    shape = tuple(sizes[label] for label in out)
    macs = _einsum_macs(named, out, sizes)
    return gives(shape, _einsum_dtype(operands), _einsum_reach(operands, named, out, shape), macs)


def _einsum_macs(named: Sequence[Sequence[str]], out: Sequence[str], sizes: dict[str, Dim]) -> Dim:
    """The products of one sample, operand after operand; without a sum they are no multiply-adds."""
    total: Dim = 0
    done = dict.fromkeys(named[0])
    for number, labels in enumerate(named[1:], 2):
        later = {*out, *(label for others in named[number:] for label in others)}
        both = {**done, **dict.fromkeys(labels)}
        done = {label: None for label in both if label in later}
        if len(done) < len(both):
            total = total + product(sizes[label] for label in both if label not in out[:1])
    return total


def _labels(spec: str, shape: Shape | None, others: Sequence[Sequence[str]] = ()) -> list[str]:
    """The label of each axis; an axis that ``...`` stands for is called by its number from the right."""
    before, dots, after = spec.partition("...")
    if shape is None:
        elided = max((sum(len(label) > 1 for label in labels) for labels in others), default=0)
    else:
        elided = len(shape) - len(before) - len(after)
        if elided < 0 or (elided and not dots):
            raise Fault(
                f"has {len(before) + len(after)} letters for {show(shape)} in {spec}", arg="subscripts", code="E201"
            )
    return [*before, *(f"-{number}" for number in range(elided, 0, -1) if dots), *after]


def _sizes(named: Sequence[Sequence[str]], operands: Sequence[TensorLike], out: Sequence[str]) -> dict[str, Dim]:
    """The length of each label; ones stretch. Keras does not compare the lengths of what is summed."""
    sizes: dict[str, Dim] = {}
    for labels, operand in zip(named, operands, strict=True):
        for label, dim in zip(labels, shape_of(operand), strict=True):
            if label in out:
                (sizes[label],) = broadcast((sizes.get(label, 1),), (dim,))
            elif sizes.setdefault(label, dim) != dim:
                remark(f"sums over {label}, which is {sizes[label]} here and {dim} there: it fails when it runs")
    return sizes


def _implied(named: Sequence[Sequence[str]]) -> list[str]:
    """The output where none is written: what ``...`` stands for, then the letters that occur once, in order."""
    every = [label for labels in named for label in labels]
    elided = sorted({label for label in every if len(label) > 1}, key=int)
    return [*elided, *sorted(label for label in every if len(label) == 1 and every.count(label) == 1)]


def _einsum_dtype(operands: Sequence[TensorLike]) -> str:
    found = {strong_dtype_of(operand) for operand in operands}
    return "int32" if found == {"int8"} else result_type(*found)


def _einsum_reach(
    operands: Sequence[TensorLike], named: Sequence[Sequence[str]], out: Sequence[str], shape: Shape
) -> Reach:
    """Each operand loses what is summed, is put in the order of the output and gets the axes that it lacks."""
    parts = []
    for reach, labels, operand in zip(sees(*operands), named, operands, strict=True):
        kept = [label for label in out if label in labels]
        plain = len(set(labels)) == len(labels) and bool(kept) and labels[0] == out[0] == kept[0]
        parts.append(_placed(reach, labels, kept, out, shape) if plain else blur(reach, shape_of(operand), shape))
    return union(parts)


def _placed(reach: Reach, labels: Sequence[str], kept: Sequence[str], out: Sequence[str], shape: Shape) -> Reach:
    if reach is NOTHING:
        return reach
    summed = [axis for axis, label in enumerate(labels) if label not in out]
    seen = reach.reduce(*summed) if summed else reach
    left = [label for label in labels if label in out]
    if left != list(kept):
        seen = seen.transpose([left.index(label) for label in kept])
    for axis, label in enumerate(out):
        if label not in labels:
            seen = seen.insert(axis, shape[axis])
    return seen
