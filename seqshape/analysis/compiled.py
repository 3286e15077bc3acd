"""Formulas compiled to numpy: the numbers of a whole grid of configurations at once, exactly.

A formula becomes nested Horner schemes, the name on the innermost axis outermost, so that all but the last few steps
are made on arrays that are smaller than the grid. Every result is in int64 where bounds prove that no step leaves it,
else in Python's integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

from seqshape.dims import Poly, Size
from seqshape.records import NamedTuple
from seqshape.sizes.terms import Atom, Floor, Terms

if TYPE_CHECKING:
    Array: TypeAlias = Any  # np.ndarray of int64 or of Python integers; its shape broadcasts to that of the grid

SAFE = 2**62  # no step of a calculation in int64 may come to more


class Power(NamedTuple):
    """A polynomial in one atom: ``(exponent, coefficient)`` from the highest exponent down."""

    atom: Atom
    parts: tuple[tuple[int, Any], ...]  # a coefficient is a Power or an int: a recursive type costs mypy minutes


class Formula:
    """A size, ready to be evaluated. ``places``: the axis of the grid on which the numbers of each name stand."""

    def __init__(self, size: Size, places: Mapping[str, int]) -> None:
        self.size = size
        self._inner: dict[Floor, Formula] = {}
        self._places = places
        self._scheme = self._nested(size.terms) if isinstance(size, Poly) else size

    def _nested(self, terms: Terms) -> Power | int:
        atoms = {atom for monomial in terms for atom, _ in monomial}
        if not atoms:
            return terms.get((), 0)
        atom = max(atoms, key=lambda atom: (self._place(atom), str(atom)))
        found: dict[int, Terms] = {}
        for monomial, coefficient in terms.items():
            powers = dict(monomial)
            exponent = powers.pop(atom, 0)
            found.setdefault(exponent, {})[tuple(powers.items())] = coefficient
        return Power(atom, tuple((exponent, self._nested(found[exponent])) for exponent in sorted(found, reverse=True)))

    def _place(self, atom: Atom) -> int:
        """The innermost axis on which an atom depends."""
        if isinstance(atom, str):
            return self._places[atom]
        if atom not in self._inner:
            self._inner[atom] = Formula(Poly(atom.numerator), self._places)
        return max(map(self._places.__getitem__, names_in(atom.numerator)), default=-1)

    def bounds(self, ranges: Mapping[str, tuple[int, int]]) -> tuple[int, int, int]:
        """A number that it is never below, one that it is never above, and one that no step on the way exceeds."""
        if not isinstance(self.size, Poly):
            return self.size, self.size, abs(self.size)
        low = high = most = 0
        for monomial, coefficient in self.size.terms.items():
            least = greatest = coefficient
            extent = abs(coefficient)
            for atom, exponent in monomial:
                first, last, inside = self._range(atom, ranges)
                for _ in range(exponent):
                    ends = (least * first, least * last, greatest * first, greatest * last)
                    least, greatest = min(ends), max(ends)
                extent *= max(abs(first), abs(last), 1) ** exponent
                most = max(most, inside)
            low, high = low + least, high + greatest
            most += extent
        return low, high, most

    def _range(self, atom: Atom, ranges: Mapping[str, tuple[int, int]]) -> tuple[int, int, int]:
        if isinstance(atom, str):
            return (*ranges[atom], 0)
        low, high, most = self._inner[atom].bounds(ranges)
        return low // plain(atom), high // plain(atom), most

    def on(self, numbers: Mapping[str, Array], ranges: Mapping[str, tuple[int, int]]) -> Array | int:
        """Its numbers where those of the names are ``numbers``, which are inside of ``ranges``: int64 or objects."""
        if isinstance(self._scheme, int):
            return self._scheme
        is_safe = self.bounds(ranges)[2] < SAFE
        atoms: dict[Atom, Array] = {name: array if is_safe else array.astype(object) for name, array in numbers.items()}
        return self._evaluated(self._scheme, atoms)

    def _evaluated(self, scheme: Power | int, atoms: dict[Atom, Array]) -> Array | int:
        if isinstance(scheme, int):
            return scheme
        atom = self._atom(scheme.atom, atoms)
        exponent, coefficient = scheme.parts[0]
        result, owned = self._evaluated(coefficient, atoms), False
        for following, addend in (*scheme.parts[1:], (0, 0)):
            for _ in range(exponent - following):
                result, owned = _apply("multiply", result, atom, owned)
            exponent = following
            if addend != 0:
                result, owned = _apply("add", result, self._evaluated(addend, atoms), owned)
        return result

    def _atom(self, atom: Atom, atoms: dict[Atom, Array]) -> Array:
        if atom not in atoms:
            assert isinstance(atom, Floor)
            inner = self._inner[atom]
            assert isinstance(inner._scheme, Power)
            atoms[atom] = inner._evaluated(inner._scheme, atoms) // plain(atom)
        return atoms[atom]


def _apply(operation: str, left: Array | int, right: Array | int, owned: bool) -> tuple[Array | int, bool]:
    """``left operation right``, in the place of ``left`` if that is an array of our own that is large enough."""
    import numpy as np

    if operation == "multiply" and isinstance(left, int) and left == 1:
        return right, False
    function = getattr(np, operation)
    shape = getattr(left, "shape", ())
    if owned and np.broadcast_shapes(shape, getattr(right, "shape", ())) == shape:
        return function(left, right, out=left), True
    return function(left, right), True


def plain(floor: Floor) -> int:
    """The divisor of a floor, which is a number wherever no size carries a value."""
    assert isinstance(floor.divisor, int)
    return floor.divisor


def names_in(terms: Terms) -> set[str]:
    """The names on which terms depend."""
    found: set[str] = set()
    for monomial in terms:
        for atom, _ in monomial:
            found |= {atom} if isinstance(atom, str) else names_in(atom.numerator)
    return found


class Comparison:
    """A relation between two formulas, ready to be evaluated: one of ``< <= > >= = !=``, or ``|`` (divides)."""

    def __init__(self, left: Size, relation: str, right: Size, places: Mapping[str, int]) -> None:
        self.relation = relation
        self.left, self.right = Formula(left, places), Formula(right, places)

    def on(self, numbers: Mapping[str, Array], ranges: Mapping[str, tuple[int, int]]) -> Array | bool:
        """Where it holds."""
        low, high = self.left.bounds(ranges), self.right.bounds(ranges)
        if (self.relation == ">=" and low[0] >= high[1]) or (self.relation == "<=" and low[1] <= high[0]):
            return True
        left, right = self.left.on(numbers, ranges), self.right.on(numbers, ranges)
        return _RELATIONS[self.relation](left, right)


def _divides(divisor: Array, size: Array) -> Array:
    import numpy as np

    nothing = np.equal(divisor, 0)
    rest = size % np.where(nothing, 1, divisor)
    return np.where(nothing, np.equal(size, 0), np.equal(rest, 0))


_RELATIONS: dict[str, Callable[[Array, Array], Array]] = {
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "|": _divides,
}


class Grid(NamedTuple):
    """A part of the grid of all configurations: for each name its numbers, on an axis of their own."""

    numbers: dict[str, Array]
    ranges: dict[str, tuple[int, int]]
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many configurations it has."""
        return prod(self.shape)


def grids(values: Mapping[str, Sequence[int]], most: int) -> Iterator[Grid]:
    """The grid of all values in parts of at most ``most`` configurations, in the order of the product.

    ``values``: the numbers of each name, those of the last one change fastest.
    """
    names, sizes = list(values), [len(listed) for listed in values.values()]
    inner, whole = len(names), 1  # the axes from here on stand in every part as a whole
    while inner > 0 and whole * sizes[inner - 1] <= most:
        inner -= 1
        whole *= sizes[inner]
    step = max(1, most // whole)
    for start in _starts(sizes[:inner], step):
        taken = [values[name][first : first + count] for name, (first, count) in zip(names, start, strict=False)]
        taken += [values[name] for name in names[inner:]]
        yield _grid(names, taken)


def _starts(sizes: Sequence[int], step: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """For the outer axes the first index and the length of each part: one index each, but ``step`` of the last."""
    if not sizes:
        yield ()
        return
    *outer, last = sizes
    for number in range(prod(outer)):
        indices = []
        for size in reversed(outer):
            number, index = divmod(number, size)
            indices.append((index, 1))
        for first in range(0, last, step):
            yield (*reversed(indices), (first, min(step, last - first)))


def _grid(names: Sequence[str], taken: Sequence[Sequence[int]]) -> Grid:
    numbers, ranges = {}, {}
    for place, (name, listed) in enumerate(zip(names, taken, strict=True)):
        array = as_array(listed)
        numbers[name] = array.reshape((-1,) + (1,) * (len(names) - 1 - place))
        ranges[name] = _ends(listed)
    return Grid(numbers, ranges, tuple(map(len, taken)))


def _ends(listed: Sequence[int]) -> tuple[int, int]:
    ends = (listed[0], listed[-1]) if isinstance(listed, range) else listed
    return min(ends), max(ends)


def as_array(listed: Sequence[int]) -> Array:
    """Integers as an array: of int64 where they fit, else of Python's integers."""
    import numpy as np

    if isinstance(listed, range) and max(abs(listed[0]), abs(listed[-1])) < SAFE:
        return np.arange(listed.start, listed.stop, listed.step, dtype=np.int64)
    fits = max(map(abs, listed)) < SAFE
    return np.array(list(listed), dtype=np.int64 if fits else object)
