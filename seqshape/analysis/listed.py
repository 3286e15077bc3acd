"""Arrays in plain lists, with the names that numpy has: as much of it as forward functions use.

A network of a hundred thousand multiply-adds is run on these before numpy would be loaded. What is missing here, or goes
wrong (a division by zero, a sum that overflows), raises an exception, and the network is run on numpy.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from itertools import accumulate, chain, product
from typing import Any

from seqshape.analysis.listed_array import (  # noqa: F401 -- numpy has them too
    Array,
    Numbers,
    Shape,
    along,
    asarray,
    broadcast_to,
    common_shape,
    concatenate,
    expand_dims,
    gathered,
    paired,
    stack,
    strides_of,
)

Axes = int | Sequence[int] | None

inf, nan, float64, uint64 = math.inf, math.nan, float, int

# --- places -----------------------------------------------------------------------------------------------------------


def _axes(x: Array, axis: Axes) -> list[int]:
    listed = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    return [one % x.ndim for one in listed]


def transpose(x: Array, order: Sequence[int]) -> Array:
    """The axes in another order."""
    return x.transpose(order)


def moveaxis(x: Array, source: int, target: int) -> Array:
    """One axis put in another place."""
    order = [axis for axis in range(x.ndim) if axis != source % x.ndim]
    order.insert(target % x.ndim, source % x.ndim)
    return x.transpose(order)


def swapaxes(x: Array, one: int, two: int) -> Array:
    """Two axes in each other's places."""
    order = list(range(x.ndim))
    order[one], order[two] = order[two], order[one]
    return x.transpose(order)


def reshape(x: Array, shape: Sequence[int]) -> Array:
    """The same numbers in another shape."""
    return x.reshape(shape)


def atleast_2d(x: Array) -> Array:
    """A row, if it has one axis."""
    return x if x.ndim > 1 else x.reshape((1, -1))


def flip(x: Array, axis: int) -> Array:
    """Back to front along an axis."""
    return x[(*(slice(None),) * (axis % x.ndim), slice(None, None, -1))]


def split(x: Array, parts: int, axis: int = 0) -> list[Array]:
    """Equal parts along an axis."""
    place = axis % x.ndim
    width, left = divmod(x.shape[place], parts)
    if left:
        raise ValueError("the parts are not equal")
    shape, run = (*x.shape[:place], width, *x.shape[place + 1 :]), width * math.prod(x.shape[place + 1 :])
    runs = [x.flat[at : at + run] for at in range(0, len(x.flat), run)]
    return [Array(shape, [*chain.from_iterable(runs[number::parts])]) for number in range(parts)]


def take(x: Array, indices: Array, axis: int) -> Array:
    """The entries along ``axis`` at the places ``indices``, whose axes stand in the place of that one."""
    place, strides = axis % x.ndim, strides_of(x.shape)
    steps = along(x.shape, strides)
    steps[place] = [range(x.shape[place])[index] * strides[place] for index in indices.flat]
    shape = (*x.shape[:place], *indices.shape, *x.shape[place + 1 :])
    return Array(shape, gathered(x.flat, steps))


def repeat(x: Array, times: int, axis: int) -> Array:
    """Each entry along an axis several times."""
    return take(x, Array((x.shape[axis] * times,), [n for n in range(x.shape[axis]) for _ in range(times)]), axis)


def pad(x: Array, pairs: Sequence[tuple[int, int]], constant_values: float = 0.0) -> Array:
    """With a margin before and after along each axis."""
    found = _filled([sum(pair, size) for pair, size in zip(pairs, x.shape, strict=True)], constant_values)
    found[tuple(slice(before, before + size) for (before, _), size in zip(pairs, x.shape, strict=True))] = x
    return found


# --- new ones ---------------------------------------------------------------------------------------------------------


def _filled(shape: int | Sequence[int], value: object) -> Array:
    sizes = (shape,) if isinstance(shape, int) else shape
    return Array(sizes, [value] * math.prod(sizes))


def zeros(shape: int | Sequence[int]) -> Array:
    """As many zeros."""
    return _filled(shape, 0.0)


def ones(shape: int | Sequence[int], dtype: Callable[[Any], Any] = float) -> Array:
    """As many ones."""
    return _filled(shape, dtype(1))


def zeros_like(x: Array) -> Array:
    """Zeros in the shape of an array."""
    return zeros(x.shape)


def arange(*bounds: int, dtype: object = int) -> Array:
    """Whole numbers in a row."""
    numbers = list(range(*bounds))
    return Array((len(numbers),), numbers)


def ndindex(*shape: int) -> Iterator[Shape]:
    """All places in a shape."""
    return product(*map(range, shape))


# --- number by number -------------------------------------------------------------------------------------------------


def where(condition: Array, yes: object, no: object) -> Array:
    """Numbers of one array where a condition holds, else of the other."""
    arrays = [asarray(each) for each in (condition, yes, no)]
    shape = common_shape(*(each.shape for each in arrays))
    chosen = zip(*(broadcast_to(each, shape).flat for each in arrays), strict=True)
    return Array(shape, [one if is_so else other for is_so, one, other in chosen])


def _of_two(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Array]:
    return lambda left, right: paired(function, left, right)


def _of_one(function: Callable[[Any], Any]) -> Callable[[Any], Array]:
    return lambda x: Array(x.shape, list(map(function, x.flat)))


def _logaddexp(one: float, two: float) -> float:
    return max(one, two) + math.log1p(math.exp(-abs(one - two)))


def vectorize(function: Callable[[Any], Any], otypes: object = None) -> Callable[[Any], Array]:
    """A function of one number, on arrays."""
    return _of_one(function)


def clip(x: Array, low: float, high: float) -> Array:
    """Within bounds."""
    return Array(x.shape, [min(max(number, low), high) for number in x.flat])


add, subtract, multiply = _of_two(operator.add), _of_two(operator.sub), _of_two(operator.mul)
maximum, minimum, not_equal, logaddexp = _of_two(max), _of_two(min), _of_two(operator.ne), _of_two(_logaddexp)
tanh, exp, expm1, log, sqrt = map(_of_one, (math.tanh, math.exp, math.expm1, math.log, math.sqrt))
sign, isfinite = _of_one(lambda number: float((number > 0) - (number < 0))), _of_one(math.isfinite)


# --- sums and products ------------------------------------------------------------------------------------------------


def _reduced(function: Callable[[Numbers], Any], x: Array, axis: Axes, keepdims: bool) -> Array:
    """A function of the numbers along some axes, which go, or have the size 1."""
    gone = _axes(x, axis)
    kept = [one for one in range(x.ndim) if one not in gone]
    moved = x.transpose([*kept, *gone])
    width = math.prod(x.shape[one] for one in gone)
    flat = [function(moved.flat[at : at + width]) for at in range(0, len(moved.flat), width)]
    return Array([1 if one in gone else size for one, size in enumerate(x.shape) if keepdims or one not in gone], flat)


def _reduction(function: Callable[[Numbers], Any]) -> Callable[..., Array]:
    def reduced(x: Array, axis: Axes = None, keepdims: bool = False) -> Array:
        return _reduced(function, x, axis, keepdims)

    return reduced


def _mean(numbers: Numbers) -> float:
    return math.fsum(numbers) / len(numbers)


def _variance(numbers: Numbers) -> float:
    mean = _mean(numbers)
    return math.fsum((number - mean) ** 2 for number in numbers) / len(numbers)


_REDUCTIONS = {function.__name__: _reduction(function) for function in (sum, max, any, all)}
mean, var = _reduction(_mean), _reduction(_variance)
nanmean = _reduction(lambda numbers: _mean([number for number in numbers if number == number]))


def __getattr__(name: str) -> Callable[..., Array]:
    """Those that are called as what Python has built in, which this module needs itself."""
    if name == "abs":
        return abs
    try:
        return _REDUCTIONS[name]
    except KeyError:
        raise AttributeError(name) from None


class _Either:
    """``logical_or``, as far as it is used."""

    @staticmethod
    def reduce(masks: Sequence[Array]) -> Array:
        """Where one of them is true."""
        return _REDUCTIONS["any"](stack(masks), axis=0)


logical_or = _Either


def _rows(x: Array) -> list[Numbers]:
    width = x.shape[-1]
    return [x.flat[at : at + width] for at in range(0, len(x.flat), width)]


def _product(left: list[Numbers], columns: list[Numbers]) -> Numbers:
    return [sum(map(operator.mul, row, column)) for row in left for column in columns]


def matmul(left: Array, right: Array) -> Array:
    """Products of matrices, the axes before the last two stretched to each other."""
    if left.shape[-1] != right.shape[-2]:
        raise ValueError(f"{left.shape} times {right.shape}")
    outer = common_shape(left.shape[:-2], right.shape[:-2])
    shape = (*outer, left.shape[-2], right.shape[-1])
    rows = _rows(broadcast_to(left, (*outer, *left.shape[-2:])))
    if right.ndim == 2:
        right.columns = right.columns or _rows(swapaxes(right, 0, 1))
        return Array(shape, _product(rows, right.columns))
    turned = swapaxes(right, -2, -1)
    columns = _rows(broadcast_to(turned, (*outer, *turned.shape[-2:])))
    height, width = shape[-2:]
    parts = (
        _product(rows[n * height : (n + 1) * height], columns[n * width : (n + 1) * width])
        for n in range(math.prod(outer))
    )
    return Array(shape, [number for part in parts for number in part])


def tensordot(left: Array, right: Array, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Array:
    """Products summed over some axes of both: the last and the first ones, or those that are listed."""
    if isinstance(axes, int):
        axes = (range(left.ndim - axes, left.ndim), range(axes))
    gone, met = _axes(left, axes[0]), _axes(right, axes[1])
    kept = [axis for axis in range(left.ndim) if axis not in gone]
    other = [axis for axis in range(right.ndim) if axis not in met]
    shape = (*(left.shape[axis] for axis in kept), *(right.shape[axis] for axis in other))
    width = math.prod(left.shape[axis] for axis in gone)
    first = left.transpose([*kept, *gone]).reshape((-1, width))
    second = right.transpose([*met, *other]).reshape((width, -1))
    return matmul(first, second).reshape(shape)


def einsum(equation: str, left: Array, right: Array) -> Array:
    """A product of two arrays after an equation in which every letter of one alone comes out."""
    operands, _, out = equation.replace(" ", "").partition("->")
    one, two = operands.split(",")
    sizes = dict(zip(one + two, left.shape + right.shape, strict=True))
    shared = [letter for letter in one if letter in two]
    batch, summed = ([each for each in shared if (each in out) is is_kept] for is_kept in (True, False))
    first, second = ([each for each in letters if each not in shared] for letters in (one, two))
    if "." in equation or len(set(one)) < len(one) or len(set(two)) < len(two) or {*first, *second} - {*out}:
        raise ValueError(f"{equation} is not worked out here")

    def arranged(x: Array, letters: str, *groups: list[str]) -> Array:
        order = [letters.index(each) for group in groups for each in group]
        return x.transpose(order).reshape([math.prod(sizes[each] for each in group) for group in groups])

    found = matmul(arranged(left, one, batch, first, summed), arranged(right, two, batch, summed, second))
    now = [*batch, *first, *second]
    return found.reshape([sizes[each] for each in now]).transpose([now.index(each) for each in out])


def sort(x: Array, axis: int = -1) -> Array:
    """Each row in order."""
    return Array(x.shape, [number for row in _rows(x) for number in sorted(row)])


def cumsum(x: Array, axis: int = -1) -> Array:
    """Each number with all before it in its row."""
    return Array(x.shape, [number for row in _rows(x) for number in accumulate(row)])


def errstate(**asked: str) -> nullcontext[None]:
    """What numpy warns of raises an exception here."""
    return nullcontext()
