"""Operations that lay out new tensors from few numbers: spaced values, diagonals, powers."""

from __future__ import annotations

from seqshape.diagnostics import Fault
from seqshape.dims import UNKNOWN, Dim, Unknown, maximum
from seqshape.kinds import Count, Dims, Flag, Integer, Text
from seqshape.layers.operations.dtypes import result_type
from seqshape.layers.operations.operands import (
    all_of,
    axis_in,
    blur,
    broadcast,
    dtype_of,
    flat_size,
    gives,
    sees,
    shape_of,
    strong_dtype_of,
    union,
    without,
)
from seqshape.reach import see
from seqshape.registry import alike, operation
from seqshape.tensor import Effect, Tensor, TensorLike


@operation(order="shape fill_value dtype")
def Full(fill_value: TensorLike, shape: Dims, dtype: Text | None = None) -> Effect:
    """One value throughout."""
    return gives(shape, dtype or "float32", all_of([fill_value], shape))


def _spaced(start: TensorLike, stop: TensorLike, num: Count, dtype: str | None, axis: int) -> Effect:
    """``num`` steps between two operands along a new axis."""
    ends = broadcast(shape_of(start), shape_of(stop))
    at = axis_in(axis, len(ends) + 1)
    shape = (*ends[:at], num, *ends[at:])
    seen = all_of((start, stop), shape) if at == 0 else union(sees(start, stop)).insert(at, num)
    return gives(shape, result_type(dtype or strong_dtype_of(start), "float"), seen)


@operation()
def Linspace(
    start: TensorLike,
    stop: TensorLike,
    num: Count = 50,
    retstep: Flag = False,
    dtype: Text | None = None,
    axis: Integer = 0,
) -> Effect:
    """``num`` numbers at equal distances along a new axis, in front of the batch by default."""
    if retstep:
        raise Fault("cannot give its step in a model", arg="retstep")
    return _spaced(start, stop, num, dtype, axis)


@alike(
    {
        "Logspace": "``num`` powers of ``base`` with equal distances of the exponents along a new axis.",
        "Geomspace": "``num`` numbers of equal ratio along a new axis.",
    }
)
def _spaced_by_powers(
    start: TensorLike, stop: TensorLike, num: Count = 50, dtype: Text | None = None, axis: Integer = 0
) -> Effect:
    return _spaced(start, stop, num, dtype, axis)


@operation()
def Diag(x: Tensor, k: Integer = 0) -> Effect:
    """Of a vector the matrix with it on diagonal ``k``; of a matrix that diagonal. The batch counts as an axis."""
    if x.rank == 1:
        side = x.shape[0] + abs(k)
        return _all_seen(x, side, side)
    x.axes("rows columns")
    return _all_seen(x, _diagonal(x.shape[0], x.shape[1], k))


def _all_seen(x: Tensor, *shape: Dim) -> Effect:
    return gives(shape, dtype_of(x), blur(see(), x.shape, shape))


def _diagonal(rows: Dim, columns: Dim, offset: int) -> Dim:
    """The length of a diagonal. Keras measures what is left of the columns above the main one, else of the rows."""
    if isinstance(rows, Unknown) or isinstance(columns, Unknown):
        return UNKNOWN
    left = columns - offset if offset > 0 else rows + offset
    shorter = -maximum(-rows, -columns)
    return maximum(0, -maximum(-left, -shorter))


@operation()
def Diagflat(x: Tensor, k: Integer = 0) -> Effect:
    """The matrix with the flattened input on diagonal ``k``."""
    side = flat_size(x.shape) + abs(k)
    return _all_seen(x, side, side)


@operation()
def Diagonal(x: Tensor, offset: Integer = 0, axis1: Integer = 0, axis2: Integer = 1) -> Effect:
    """The diagonal of two axes, as a new last axis."""
    axes = axis_in(axis1, x.rank, "axis1"), axis_in(axis2, x.rank, "axis2")
    if axes[0] == axes[1]:
        raise Fault(f"needs two different axes, but gets {axis1} and {axis2}", arg="axis2")
    length = _diagonal(x.shape[axes[0]], x.shape[axes[1]], offset)
    shape = (*without(x.shape, axes), length)
    if 0 in axes:
        return _all_seen(x, *shape)
    return gives(shape, dtype_of(x), see().reduce(*axes).insert(x.rank - 2, length))


@operation()
def Vander(x: Tensor, N: Count | None = None) -> Effect:
    """The powers of each element of a vector, along a new axis."""
    x.axes("values")
    powers: Dim = x.shape[0] if N is None else N
    return gives((*x.shape, powers), dtype_of(x), see())
