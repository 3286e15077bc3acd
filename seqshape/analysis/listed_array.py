"""Arrays in plain lists: the numbers, where they stand, and operators. What numpy calls them is in :mod:`listed`."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import repeat as always
from typing import Any

Shape = tuple[int, ...]
_ONE = range(1)
Numbers = list[Any]  # floats, whole numbers or truth values, the last axis running fastest


class Array:
    """Numbers in a shape. Every operation makes a new one."""

    __slots__ = ("columns", "flat", "shape")
    __hash__ = None  # type: ignore[assignment]  # equality is that of each number

    def __init__(self, shape: Iterable[int], flat: Numbers) -> None:
        self.shape, self.flat = tuple(shape), flat
        self.columns: list[Numbers] | None = None  # of a matrix, once it was multiplied by

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return len(self.flat)

    @property
    def dtype(self) -> type:
        """What kind of numbers they are."""
        return type(self.flat[0]) if self.flat else float

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: object) -> Array:
        shape, steps, start = _places(self.shape, key)
        return Array(shape, gathered(self.flat, steps, start))

    def __setitem__(self, key: object, value: object) -> None:
        shape, steps, start = _places(self.shape, key)
        for place, number in zip(_offsets(steps, start), broadcast_to(value, shape).flat, strict=True):
            self.flat[place] = number
        self.columns = None

    def reshape(self, *shape: Any) -> Array:
        """The same numbers in another shape, of which one size may be -1."""
        sizes = list(shape[0] if isinstance(shape[0], (tuple, list)) else shape)
        if -1 in sizes:
            sizes[sizes.index(-1)] = len(self.flat) // -math.prod(sizes)
        if math.prod(sizes) != len(self.flat):
            raise ValueError(f"{len(self.flat)} numbers do not fill {sizes}")
        return Array(sizes, self.flat)

    def transpose(self, order: Sequence[int]) -> Array:
        """The axes in another order."""
        if list(order) == list(range(self.ndim)):
            return self
        strides = strides_of(self.shape)
        return viewed(self, [self.shape[axis] for axis in order], [strides[axis] for axis in order])

    def astype(self, dtype: Callable[[Any], Any]) -> Array:
        """Each number as another kind of number."""
        return Array(self.shape, list(map(dtype, self.flat)))

    def all(self) -> bool:
        """Whether all are true."""
        return all(self.flat)

    def __float__(self) -> float:
        (number,) = self.flat
        return float(number)

    def __neg__(self) -> Array:
        return Array(self.shape, list(map(operator.neg, self.flat)))

    def __abs__(self) -> Array:
        return Array(self.shape, list(map(operator.abs, self.flat)))


def paired(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Array:
    """A function of two numbers, on arrays that stretch to each other, or numbers."""
    if not isinstance(right, Array):
        return Array(left.shape, list(map(function, left.flat, always(right))))
    if not isinstance(left, Array):
        return Array(right.shape, list(map(function, always(left), right.flat)))
    if left.shape != right.shape:
        shape = common_shape(left.shape, right.shape)
        left, right = broadcast_to(left, shape), broadcast_to(right, shape)
    return Array(left.shape, list(map(function, left.flat, right.flat)))


def _place_operators() -> None:
    """The operators of two operands, in both orders."""
    both = ("add", "sub", "mul", "truediv", "pow", "and", "xor", "rshift")
    for name in (*both, "gt", "ge", "lt", "le", "eq", "ne"):
        function = getattr(operator, f"__{name}__")
        setattr(Array, f"__{name}__", lambda self, other, function=function: paired(function, self, other))
        if name in both:
            setattr(Array, f"__r{name}__", lambda self, other, function=function: paired(function, other, self))


_place_operators()


@lru_cache(256)  # the same few, layer after layer and step after step
def common_shape(*shapes: Shape) -> Shape:
    """The shape that arrays of several shapes stretch to."""
    rank = max(map(len, shapes))
    padded = [(*(1,) * (rank - len(shape)), *shape) for shape in shapes]
    return tuple(next((size for size in sizes if size != 1), 1) for sizes in zip(*padded, strict=True))


def strides_of(shape: Sequence[int]) -> list[int]:
    """How far apart in the list two neighbours along each axis are."""
    found = [1] * len(shape)
    for axis in range(len(shape) - 1, 0, -1):
        found[axis - 1] = found[axis] * shape[axis]
    return found


def _offsets(steps: Sequence[Sequence[int]], start: int = 0) -> list[int]:
    """Places in the list: those of each axis added up, the last axis running fastest."""
    found = [start]
    for along in steps:
        found = [place + step for place in found for step in along]
    return found


def along(sizes: Sequence[int], strides: Sequence[int]) -> list[Sequence[int]]:
    """The places along axes of some sizes, whose neighbours are so far apart."""
    return [
        range(0, size * stride, stride) if stride else [0] * size for size, stride in zip(sizes, strides, strict=True)
    ]


def gathered(flat: Numbers, steps: Sequence[Sequence[int]], start: int = 0) -> Numbers:
    """The numbers at the places of all axes; a run of neighbours is copied as one."""
    last = steps[-1] if steps else ()
    if not isinstance(last, range) or last.step != 1 or not last:
        return [flat[place] for place in _offsets(steps, start)]
    found: Numbers = []
    for place in _offsets(steps[:-1], start):
        found += flat[place + last.start : place + last.stop]
    return found


def viewed(x: Array, shape: Sequence[int], strides: Sequence[int]) -> Array:
    """The numbers of an array in another shape, neighbours so far apart."""
    return Array(shape, gathered(x.flat, along(shape, strides)))


def _places(shape: Shape, key: object) -> tuple[Shape, list[Sequence[int]], int]:
    """What an index of whole numbers, slices, ``None`` and ``…`` takes: its shape, the places along its axes, the first."""
    keys = key if isinstance(key, tuple) else (key,)
    missing = len(shape) - len(keys) + sum([one is None or one is Ellipsis for one in keys])
    if Ellipsis not in keys:
        keys = (*keys, Ellipsis)
    found: list[Sequence[int]] = []
    start, axis, strides = 0, 0, strides_of(shape)
    for one in keys:
        if one is None:
            found.append(_ONE)
        elif one is Ellipsis:
            found += along(shape[axis : axis + missing], strides[axis : axis + missing])
            axis += missing
        else:
            taken, stride = range(shape[axis])[one], strides[axis]
            axis += 1
            if isinstance(taken, range):
                found.append(range(taken.start * stride, taken.stop * stride, taken.step * stride))
            else:
                start += taken * stride
    return tuple(map(len, found)), found, start


def broadcast_to(x: object, shape: Sequence[int]) -> Array:
    """The numbers repeated along axes of size 1 and new ones in front."""
    array = asarray(x)
    if array.shape == tuple(shape):
        return array
    if array.shape == tuple(shape[len(shape) - array.ndim :]):
        return Array(shape, array.flat * math.prod(shape[: len(shape) - array.ndim]))
    own = (*(1,) * (len(shape) - array.ndim), *array.shape)
    if any(size not in (1, wanted) for size, wanted in zip(own, shape, strict=True)):
        raise ValueError(f"{array.shape} does not stretch to {shape}")
    strides = [0 if size == 1 else stride for size, stride in zip(own, strides_of(own), strict=True)]
    return viewed(array, shape, strides)


def asarray(x: Any, dtype: Callable[[Any], Any] | None = None) -> Array:
    """An array of one, a number, or numbers in lists."""
    if isinstance(x, (list, tuple)):
        parts = [asarray(each) for each in x]
        array = stack(parts) if parts else Array((0,), [])
    else:
        array = x if isinstance(x, Array) else Array((), [x])
    return array if dtype is None else array.astype(dtype)


def expand_dims(x: Array, axis: int) -> Array:
    """With an axis of size 1."""
    place = axis % (x.ndim + 1)
    return x.reshape((*x.shape[:place], 1, *x.shape[place:]))


def concatenate(arrays: Sequence[Array], axis: int = 0) -> Array:
    """Arrays one after the other along an axis."""
    first = arrays[0]
    place = axis % first.ndim
    outer = math.prod(first.shape[:place])
    if {(*each.shape[:place], *each.shape[place + 1 :]) for each in arrays} != {
        (*first.shape[:place], *first.shape[place + 1 :])
    }:
        raise ValueError("the other axes differ")
    widths = [math.prod(each.shape[place:]) for each in arrays]
    flat: Numbers = []
    for row in range(outer):
        for each, width in zip(arrays, widths, strict=True):
            flat += each.flat[row * width : (row + 1) * width]
    return Array((*first.shape[:place], sum(each.shape[place] for each in arrays), *first.shape[place + 1 :]), flat)


def stack(arrays: Sequence[Array], axis: int = 0) -> Array:
    """Arrays one after the other along a new axis."""
    return concatenate([expand_dims(each, axis) for each in arrays], axis)
