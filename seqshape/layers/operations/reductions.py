"""Operations that take axes away: sums, means, extremes, quantiles, norms."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seqshape.diagnostics import Fault, fails
from seqshape.dims import Dim, require_equal
from seqshape.kinds import Anything, Axes, Flag, Integer, LaterInteger, Text
from seqshape.layers.operations.dtypes import (
    boolean,
    floating,
    inexact,
    is_float,
    is_integer,
    promoted,
    result_type,
    same,
    single,
    summed,
    widened,
)
from seqshape.layers.operations.operands import (
    all_of,
    axes_in,
    axis_in,
    blur,
    dtype_of,
    gives,
    gives_all,
    sees,
    shape_of,
    taken_out,
    union,
    without,
)
from seqshape.reach import NOTHING, Reach, see
from seqshape.registry import alike, operation
from seqshape.tensor import Effect, Shape, Tensor, TensorLike, show


def reduced(shape: Shape, axes: Sequence[int], keepdims: bool) -> Shape:
    """A shape with ``axes`` taken out, or left as ones."""
    return tuple(1 if axis in axes else dim for axis, dim in enumerate(shape)) if keepdims else without(shape, axes)


def reducing(reach: Reach, shape: Shape, axes: Sequence[int], keepdims: bool = False) -> Reach:
    """What is left of ``shape`` sees all that was along ``axes``."""
    inside = [axis for axis in axes if axis]
    if 0 in axes and not keepdims:
        return blur(reach, shape, reduced(shape, axes, keepdims))
    if not inside:
        return reach
    if not keepdims:
        return reach.reduce(*inside)
    seen = reach.mix(*inside)
    for axis in inside:
        seen = seen.slice(axis, 0, 1)
    return seen


def _reduce(x: Tensor, axis: Axes | None, keepdims: bool, dtype: str) -> Effect:
    axes = taken_out(axis, x.rank, keepdims=keepdims)
    return gives(reduced(x.shape, axes, keepdims), dtype, reducing(see(), x.shape, axes, keepdims))


def reduction(name: str, dtype: Callable[[str], str], meaning: str) -> None:
    """Declare a reduction over ``axis``, ``None`` for all axes, the batch included."""

    @alike({name: meaning})
    def rule(x: Tensor, axis: Axes | None = None, keepdims: Flag = False) -> Effect:
        return _reduce(x, axis, keepdims, dtype(dtype_of(x)))


reduction("All", boolean, "Whether all elements along the axes are true.")
reduction("Amax", same, "The largest element along the axes.")
reduction("Amin", same, "The smallest element along the axes.")
reduction("Any", boolean, "Whether any element along the axes is true.")
reduction("Logsumexp", single, "The logarithm of the sum of exponentials along the axes.")
reduction("Mean", inexact, "The mean along the axes.")
reduction("Median", floating, "The median along the axes.")
reduction("Nanmax", promoted, "The largest element along the axes, ignoring what is not a number.")
reduction("Nanmean", floating, "The mean along the axes, ignoring what is not a number.")
reduction("Nanmedian", floating, "The median along the axes, ignoring what is not a number.")
reduction("Nanmin", promoted, "The smallest element along the axes, ignoring what is not a number.")
reduction("Nanprod", widened, "The product along the axes, ignoring what is not a number.")
reduction("Nanstd", floating, "The standard deviation along the axes, ignoring what is not a number.")
reduction("Nansum", summed, "The sum along the axes, ignoring what is not a number.")
reduction("Nanvar", floating, "The variance along the axes, ignoring what is not a number.")
reduction("Ptp", same, "The largest less the smallest element along the axes.")
reduction("Std", inexact, "The standard deviation along the axes.")
reduction("Sum", summed, "The sum along the axes.")
reduction("Var", floating, "The variance along the axes.")


@alike(
    {
        "Argmax": "The position of the largest element along the axis.",
        "Argmin": "The position of the smallest element along the axis.",
        "Nanargmax": "The position of the largest element along the axis, ignoring what is not a number.",
        "Nanargmin": "The position of the smallest element along the axis, ignoring what is not a number.",
    }
)
def _position(x: Tensor, axis: Integer | None = None, keepdims: Flag = False) -> Effect:
    """The position of an element along one axis, ``None`` for the flattened input."""
    return _reduce(x, axis, keepdims, "int32")


reduction("Max", same, "The largest element along the axes, at least ``initial``.")
reduction("Min", same, "The smallest element along the axes, at most ``initial``.")


@operation()
def Prod(x: Tensor, axis: Axes | None = None, keepdims: Flag = False, dtype: Text | None = None) -> Effect:
    """The product along the axes. Small integers are multiplied in 32 bits."""
    return _reduce(x, axis, keepdims, dtype or widened(dtype_of(x)))


@operation()
def CountNonzero(x: Tensor, axis: Axes | None = None) -> Effect:
    """How many elements along the axes are not 0."""
    return _reduce(x, axis, False, "int32")


@operation(order="x axis weights")
def Average(x: Tensor, axis: Integer | None = None, weights: Tensor | None = None) -> Effect:
    """The mean along one axis, each element counted by ``weights`` in the shape of the input or of the axis."""
    given = [] if weights is None else [dtype_of(weights)]
    axes = axes_in(axis, x.rank)
    seen = [reducing(see(), x.shape, axes)]
    if weights is not None:
        _require_weights(x, axis, weights.shape)
        seen.append(blur(sees(x, weights)[1], weights.shape, without(x.shape, axes)))
    return gives(without(x.shape, axes), result_type(dtype_of(x), "float", *given), union(seen))


def _require_weights(x: Tensor, axis: int | None, weights: Shape) -> None:
    """Weights have the shape of the input, or the size of the axis."""
    wanted = x.shape if axis is None or len(weights) == x.rank else (x.shape[axis_in(axis, x.rank)],)
    complaint = f"needs weights of the shape {show(wanted)}, but gets {show(weights)}"
    if len(wanted) != len(weights):
        raise Fault(complaint, code="E203")
    for left, right in zip(wanted, weights, strict=True):
        require_equal(left, right, complaint)


def _quantiles(x: Tensor, q: TensorLike, axis: Axes | None, keepdims: bool, dtype: str, least: int) -> Effect:
    """One result for each item of ``q`` along a new first axis; a list needs ``least`` items to make one."""
    axes = taken_out(axis, x.rank, keepdims=keepdims)
    shape, number = reduced(x.shape, axes, keepdims), _number_of(q, least)
    if number is not None:
        out = (number, *shape)
        return gives(out, dtype, all_of((x, q), out))
    shares = blur(sees(x, q)[1], shape_of(q), shape)
    return gives(shape, dtype, union([reducing(see(), x.shape, axes, keepdims), shares]))


def _number_of(q: TensorLike, least: int) -> Dim | None:
    if isinstance(q, Tensor):
        return q.shape[0] if q.shape else None
    return len(q) if isinstance(q, (list, tuple)) and len(q) >= least else None


@alike(
    {
        "Quantile": "The value below which the share ``q`` of the elements lies; several shares give a new first axis.",
        "Nanquantile": "The value below which the share ``q`` of the elements lies, ignoring what is not a number.",
    }
)
def _of_shares(x: Tensor, q: TensorLike, axis: Axes | None = None, keepdims: Flag = False) -> Effect:
    return _quantiles(x, q, axis, keepdims, floating(dtype_of(x)), 2)


@operation()
def Percentile(x: Tensor, q: TensorLike, axis: Axes | None = None, keepdims: Flag = False) -> Effect:
    """The value below which ``q`` percent of the elements lie; several numbers give a new first axis."""
    dtype = dtype_of(x)
    return _quantiles(x, q, axis, keepdims, dtype if is_float(dtype) else "float32", 0)


@operation()
def Nanpercentile(x: Tensor, q: TensorLike, axis: Axes | None = None, keepdims: Flag = False) -> Effect:
    """The value below which ``q`` percent of the elements lie, ignoring what is not a number."""
    dtype = dtype_of(x)
    return _quantiles(x, q, axis, keepdims, "float32" if is_integer(dtype) else floating(dtype), 0)


@operation()
def Moments(x: Tensor, axes: Axes, keepdims: Flag = False) -> Effect:
    """The mean and the variance along the axes."""
    over = taken_out(axes, x.rank, "axes", keepdims=keepdims)
    out = Tensor(reduced(x.shape, over, keepdims), dtype_of(x))
    seen = reducing(see(), x.shape, over, keepdims)
    return gives_all([out, out], [seen, seen])


@operation()
def Trapezoid(y: Tensor, axis: Integer = -1) -> Effect:
    """The integral along an axis by the rule of trapezoids."""
    axes = (axis % y.rank,) if y.rank else ()
    return gives(without(y.shape, axes), floating(dtype_of(y)), reducing(see(), y.shape, axes))


@operation()
def Norm(x: Tensor, ord: Anything = None, axis: Axes | None = None, keepdims: Flag = False) -> Effect:
    """The norm of the vectors along one axis, or of the matrices along two."""
    axes = axes_in(axis, x.rank)
    if isinstance(ord, str) and ord not in ("fro", "nuc"):
        raise Fault(f'has to be a number, "fro" or "nuc", not {ord!r}', arg="ord")
    if len(axes) == 1 and isinstance(ord, str):
        raise Fault(f"needs a number as ord of a vector norm, but gets {ord!r}", arg="ord")
    if len(axes) == 2 and ord not in (None, "fro", "nuc", float("inf"), float("-inf"), 1, -1, 2, -2):
        raise Fault(f"has no matrix norm of ord {ord!r}", arg="ord")
    return _reduce(x, axis, keepdims, inexact(dtype_of(x)))


@operation(epsilon="LaterNumber | None")
def Normalize(x: Tensor, axis: Axes | None = -1, order: LaterInteger = 2) -> Effect:
    """Each vector along the axis divided by its norm. Keras says float32, whatever comes in."""
    if isinstance(order, int) and order < 1:
        fails(f"needs an order of at least 1, but gets {order}", arg="order")
    return gives(x.shape, "float32", see().mix(*axes_in(axis, x.rank)))


@operation()
def Size(x: Tensor) -> Effect:
    """The number of elements."""
    return gives((), "int32", NOTHING)


@operation()
def Ndim(x: Tensor) -> Effect:
    """The number of axes. Keras says that it is a vector of so many float32."""
    return gives((x.rank,), "float32", NOTHING)


@operation()
def Trace(x: Tensor, axis1: Integer = 0, axis2: Integer = 1) -> Effect:
    """The sum along the diagonal of two axes."""
    axes = axis_in(axis1, x.rank, "axis1"), axis_in(axis2, x.rank, "axis2")
    if axes[0] == axes[1]:
        raise Fault(f"needs two different axes, but gets {axis1} and {axis2}", arg="axis2")
    return gives(without(x.shape, axes), widened(dtype_of(x)), reducing(see(), x.shape, axes))


@operation("allclose")
def AllClose(x1: TensorLike, x2: TensorLike) -> Effect:
    """Whether all elements are equal up to ``atol + rtol·|x2|``."""
    return gives((), "bool", all_of((x1, x2), ()))
