"""Sets of input steps, one for each position of a tensor: what the reach of a layer is worked out on.

A set is a whole number whose bit ``i`` stands for step ``i`` of the input, so that a union is one operation, however
many steps there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import chain
from math import prod
from operator import or_

from seqshape.diagnostics import Diagnostic, SeqshapeError

LARGEST = 400_000_000  # steps that all positions of a state could see together
MOST_POSITIONS = 10_000_000

Line = list[int]  # the sets along one axis
Axes = tuple[int, ...]


class Sight:
    """A grid of sets: ``cells`` in the order of the last axis, ``columns`` input steps that a set may have. Immutable.

    An axis along which all positions see the same has length 1, so that wide features cost nothing. Raises ValueError
    or IndexError where an operation does not fit the shape, SeqshapeError where its result could not be held.
    """

    __slots__ = ("cells", "columns", "shape")

    def __init__(self, shape: Axes, cells: Line, columns: int) -> None:
        self.shape = shape
        self.cells = cells
        self.columns = columns

    @classmethod
    def filled(cls, shape: Axes, seen: int, columns: int) -> Sight:
        """A grid in which every position sees the same."""
        require_room(shape, columns)
        return cls(shape, [seen] * prod(shape), columns)

    def along(self, axis: int, length: int, change: Callable[[Line], Iterable[int]]) -> Sight:
        """Every line along ``axis`` changed into one of ``length`` sets."""
        if not 0 <= axis < len(self.shape):
            raise IndexError(f"no axis {axis}")
        old, inner = self.shape[axis], prod(self.shape[axis + 1 :])
        shape = (*self.shape[:axis], length, *self.shape[axis + 1 :])
        require_room(shape, self.columns)
        cells = [0] * prod(shape)
        for outer in range(prod(self.shape[:axis])):
            for place in range(inner):
                line = self.cells[outer * old * inner + place : (outer + 1) * old * inner : inner]
                cells[outer * length * inner + place : (outer + 1) * length * inner : inner] = change(line)
        return Sight(shape, cells, self.columns)

    def taken(self, axis: int, places: Sequence[int | None]) -> Sight:
        """The positions ``places`` along an axis; ``None`` is one that sees nothing."""
        if None in places:
            return self.along(axis, len(places), lambda line: [0 if place is None else line[place] for place in places])
        return self.along(axis, len(places), lambda line: [line[place] for place in places])  # type: ignore[index]

    def united(self, axes: Iterable[int]) -> Sight:
        """The union along the axes, which become 1 long."""
        found = self
        for axis in axes:
            found = found if found.shape[axis] == 1 else found.along(axis, 1, lambda line: [union(line)])
        return found

    def without(self, axes: Iterable[int]) -> Sight:
        """The union along the axes, which disappear."""
        gone = frozenset(axes)
        shape = tuple(length for axis, length in enumerate(self.shape) if axis not in gone)
        return self.united(gone).reshaped(shape)

    def reshaped(self, shape: Axes) -> Sight:
        """The same sets in the same order in another shape."""
        if prod(shape) != len(self.cells):
            raise ValueError(f"no {shape} out of {self.shape}")
        return Sight(shape, self.cells, self.columns)

    def inserted(self, axis: int) -> Sight:
        """A new axis of length 1."""
        return self.reshaped((*self.shape[:axis], 1, *self.shape[axis:]))

    def stretched(self, shape: Axes) -> Sight:
        """Axes of length 1 made as long as in ``shape``; further ones are put in front."""
        found = self.reshaped((*(1,) * (len(shape) - len(self.shape)), *self.shape))
        for axis, (old, length) in enumerate(zip(found.shape, shape, strict=True)):
            if old == length:
                continue
            if old != 1:
                raise ValueError(f"no {shape} out of {self.shape}")
            found = found.along(axis, length, lambda line, length=length: line * length)  # type: ignore[misc]
        return found

    def permuted(self, order: Axes) -> Sight:
        """Axis ``k`` is the old axis ``order[k]``."""
        if sorted(order) != list(range(len(self.shape))):
            raise ValueError(f"{order} does not name every axis of {self.shape} once")
        places = [0]
        for axis in order:
            step = prod(self.shape[axis + 1 :])
            places = [place + index * step for place in places for index in range(self.shape[axis])]
        return Sight(tuple(self.shape[axis] for axis in order), [self.cells[place] for place in places], self.columns)

    def moved(self, axis: int, place: int) -> Sight:
        """One axis moved to another place among the others."""
        order = [other for other in range(len(self.shape)) if other != axis]
        return self.permuted((*order[:place], axis, *order[place:]))

    def __or__(self, other: Sight) -> Sight:
        if self.shape == other.shape and self.cells is other.cells:
            return self
        shape = common_shape(self.shape, other.shape)
        left, right = self.stretched(shape), other.stretched(shape)
        return Sight(shape, list(map(or_, left.cells, right.cells)), self.columns)


def require_room(shape: Axes, columns: int) -> None:
    """Raises SeqshapeError for a state that could not be held."""
    positions = prod(shape)
    if positions * columns > LARGEST or positions > MOST_POSITIONS:
        message = "the tensors inside are too large to say for every element which steps it sees"
        raise SeqshapeError((Diagnostic("E207", "error", message),))


def common_shape(*shapes: Axes) -> Axes:
    """The shape that all are stretched to, aligned at the last axis. Raises ValueError if there is none."""
    rank = max(map(len, shapes))
    found = []
    for lengths in zip(*((*(1,) * (rank - len(shape)), *shape) for shape in shapes), strict=True):
        wide = set(lengths) - {1}
        if len(wide) > 1:
            raise ValueError(f"no shape for {shapes}")
        found.append(wide.pop() if wide else 1)
    return tuple(found)


def joined(parts: Sequence[Sight], axis: int) -> Sight:
    """One after the other along an axis; along all others they are equally long."""
    shape = parts[0].shape
    length = sum(part.shape[axis] for part in parts)
    result = (*shape[:axis], length, *shape[axis + 1 :])
    require_room(result, parts[0].columns)
    sizes = [prod(part.shape[axis:]) for part in parts]
    blocks = (
        part.cells[outer * size : (outer + 1) * size]
        for outer in range(prod(shape[:axis]))
        for part, size in zip(parts, sizes, strict=True)
    )
    return Sight(result, list(chain.from_iterable(blocks)), parts[0].columns)


def union(sets: Iterable[int]) -> int:
    """The union of sets, nothing of none."""
    return reduce(or_, sets, 0)


# --- windows ----------------------------------------------------------------------------------------------------------


def gathered(line: Line, size: int, stride: int, dilation: int, before: int, length: int) -> Line:
    """Output ``o`` is the union of the inputs ``o*stride - before + j*dilation`` for j < size.

    A union of many is one of two: of the first and of the last 2^k of them, which may overlap. Windows that lie wholly
    inside are united all at once.
    """
    inputs = len(line)
    past = (inputs - 1 - (size - 1) * dilation + before) // stride + 1
    inside = range(min(max(-(-before // stride), 0), length), min(past, length))
    levels: dict[int, list[tuple[slice, slice, slice]]] = {}  # outputs, and where the two parts of each begin
    if inside:
        level = size.bit_length() - 1
        starts = _steps(inside.start * stride - before, len(inside), stride)
        ends = _steps(starts.start + (size - (1 << level)) * dilation, len(inside), stride)
        levels[level] = [(slice(inside.start, inside.stop), starts, ends)]
    for output in chain(range(inside.start), range(inside.stop, length)) if inside else range(length):
        start = output * stride - before
        first = max(0, -(start // dilation))
        last = min(size - 1, (inputs - 1 - start) // dilation)
        if first <= last:
            level = (last - first + 1).bit_length() - 1
            begin, end = start + first * dilation, start + (last - (1 << level) + 1) * dilation
            place = slice(output, output + 1), slice(begin, begin + 1), slice(end, end + 1)
            levels.setdefault(level, []).append(place)
    result = [0] * length
    unions = line
    for level in range(max(levels, default=-1) + 1):
        if level:
            unions = list(map(or_, unions, unions[dilation << level - 1 :]))
        for outputs, starts, ends in levels.get(level, ()):
            result[outputs] = map(or_, unions[starts], unions[ends])
    return result


def _steps(start: int, number: int, stride: int) -> slice:
    """So many places, one every ``stride``."""
    return slice(start, start + (number - 1) * stride + 1, stride)


def scattered(line: Line, size: int, stride: int, dilation: int, before: int, length: int) -> Line:
    """Input ``i`` goes to the outputs ``i*stride - before + j*dilation`` for j < size."""
    result = [0] * length
    for shift in range(-before, size * dilation - before, dilation):
        first = max(0, -(shift // stride))
        last = min(len(line) - 1, (length - 1 - shift) // stride)
        if first <= last:
            outputs = _steps(first * stride + shift, last - first + 1, stride)
            result[outputs] = map(or_, result[outputs], line[first : last + 1])
    return result
