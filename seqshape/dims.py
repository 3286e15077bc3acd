"""Sizes: plain integers, exact formulas over named sizes, and Keras's ``None``.

A :class:`Poly` is an integer polynomial over names, each of which stands for a fixed but unsaid number >= 1, and over
floors of such polynomials. It is kept in a normal form, so that two ways to the same size compare equal. A question
that has more than one answer raises :class:`Inconclusive`; rules ask with :func:`require`, which takes note instead.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import gcd, lcm
from typing import Final, Literal, TypeAlias, overload

from seqshape.ambient import Channel, Listening
from seqshape.diagnostics import Fault
from seqshape.records import NamedTuple

Relation: TypeAlias = Literal["<", "<=", ">", ">=", "=", "|"]
Atom: TypeAlias = "str | Floor"
Monomial: TypeAlias = "tuple[tuple[Atom, int], ...]"  # atoms in order, each with its exponent >= 1; () is the constant
Terms: TypeAlias = "dict[Monomial, int]"  # no coefficient is 0

_CONSTANT: Final[Monomial] = ()
_MOST_EXPANDED = 12  # the degree up to which a bound is looked for by expanding
_WITNESSES = 128  # the sizes 1, 2, 3, … that are tried to tell two formulas apart
_LARGEST_EXPONENT = 64
_DEEPEST_TEXT = 100
_LONGEST_FLOOR = 1_000  # signs: floors in floors double with every layer that scales up and down again
_MOST_PRODUCTS = 40_000  # of terms, when two formulas are multiplied
_HOLDS: Final[dict[str, Callable[[int, int], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Inconclusive(Exception):
    """A question about named sizes has more than one answer. ``condition`` is the question, where it is an order."""

    def __init__(self, message: str, condition: Condition | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.condition = condition


# --- the three kinds of dim ------------------------------------------------------------------------------------------


class Unknown:
    """The class of ``UNKNOWN``, Keras's ``None``: it absorbs under arithmetic and equals nothing but itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __str__(self) -> str:
        return "None"

    def __reduce__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise Inconclusive("an unknown size is neither zero nor not zero")

    def __neg__(self) -> Unknown:
        return self

    def __add__(self, other: Dim) -> Unknown:
        return self

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __add__
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __add__

    def __lt__(self, other: Dim) -> Condition:
        return Condition(self, "<", other)

    def __le__(self, other: Dim) -> Condition:
        return Condition(self, "<=", other)

    def __gt__(self, other: Dim) -> Condition:
        return Condition(self, ">", other)

    def __ge__(self, other: Dim) -> Condition:
        return Condition(self, ">=", other)


UNKNOWN: Final = Unknown()


class Poly:
    """A size that depends on named sizes; never a constant. Made by :func:`symbol`, :func:`sized` and arithmetic.

    ``terms`` is the normal form: a coefficient for each monomial. ``value`` is the number that the formula stands for
    in one given network, ``UNKNOWN`` where that is Keras's ``None``, and ``None`` where no network is given: with a
    value, arithmetic keeps the formula and every question is answered by the value.
    """

    __slots__ = ("_hash", "terms", "value")

    def __init__(self, terms: Terms, value: int | Unknown | None = None) -> None:
        self.terms = terms
        self.value = value
        self._hash: int | None = None

    @classmethod
    def name(cls, name: str, value: int | Unknown | None = None) -> Poly:
        """The size called ``name``, an identifier (else a ValueError)."""
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no name for a size")
        return cls({((name, 1),): 1}, value)

    def __repr__(self) -> str:
        return str(self) if self.value is None else f"Poly({self} = {self.value})"

    def __str__(self) -> str:
        return _write(_absorbed(self.terms), _PYTHON)

    def __hash__(self) -> int:
        if self._hash is None:
            # A value answers ``==``, so it has to give the hash as well.
            self._hash = hash(self.value if isinstance(self.value, int) else frozenset(self.terms.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (int, Poly)):
            return False
        mine, theirs = self.value, _value(other)
        if isinstance(mine, int) and isinstance(theirs, int):
            return mine == theirs
        gap = _sum(self.terms, _terms(other), -1)
        if not gap or isinstance(mine, Unknown) or isinstance(theirs, Unknown) or _is_somewhere_nonzero(gap):
            return not gap
        raise Inconclusive(f"whether {self} = {other} always holds is not known")

    def __bool__(self) -> bool:
        if isinstance(self.value, int):
            return self.value != 0
        if self.value is None and (_is_at_least(self.terms, 1) or _is_at_least(_scaled(self.terms, -1), 1)):
            return True
        raise Inconclusive(f"whether {self} is zero {_depends(self.terms)}")

    def __neg__(self) -> Poly:
        return Poly(_scaled(self.terms, -1), None if self.value is None else -self.value)

    def __pos__(self) -> Poly:
        return self

    def __add__(self, other: Size) -> Size:
        if not isinstance(other, (int, Poly)):
            return NotImplemented
        return _size(_sum(self.terms, _terms(other)), _value_after(operator.add, self, other))

    __radd__ = __add__

    def __sub__(self, other: Size) -> Size:
        if not isinstance(other, (int, Poly)):
            return NotImplemented
        return _size(_sum(self.terms, _terms(other), -1), _value_after(operator.sub, self, other))

    def __rsub__(self, other: int) -> Size:
        return -self + other

    def __mul__(self, other: Size) -> Size:
        if not isinstance(other, (int, Poly)):
            return NotImplemented
        return _size(_multiplied(self.terms, _terms(other)), _value_after(operator.mul, self, other))

    __rmul__ = __mul__

    def __floordiv__(self, other: Size) -> Size:
        return _divided(self, other) if isinstance(other, (int, Poly)) else NotImplemented

    def __rfloordiv__(self, other: int) -> Size:
        return _divided(other, self) if isinstance(other, int) else NotImplemented

    def __mod__(self, other: Size) -> Size:
        return self - other * (self // other) if isinstance(other, (int, Poly)) else NotImplemented

    def __rmod__(self, other: int) -> Size:
        return other - self * (other // self) if isinstance(other, int) else NotImplemented

    def __divmod__(self, other: Size) -> tuple[Size, Size]:
        return self // other, self % other

    def __pow__(self, exponent: int) -> Size:
        if not isinstance(exponent, int):
            return NotImplemented
        if not 0 <= exponent <= _LARGEST_EXPONENT:
            raise ValueError(f"a named size can be raised to 0 … {_LARGEST_EXPONENT}, not to {exponent}")
        return product([self] * exponent)

    def __lt__(self, other: Dim) -> bool | Condition:
        return _compared(self, "<", other)

    def __le__(self, other: Dim) -> bool | Condition:
        return _compared(self, "<=", other)

    def __gt__(self, other: Dim) -> bool | Condition:
        return _compared(self, ">", other)

    def __ge__(self, other: Dim) -> bool | Condition:
        return _compared(self, ">=", other)


Size: TypeAlias = int | Poly
Dim: TypeAlias = int | Poly | Unknown


class Floor:
    """The atom ``⌊numerator / divisor⌋``; its text, which tells all of it, is its identity.

    ``low`` is a number that it is never below, ``None`` where none is known. Only formulas with a value have divisors
    that are no plain numbers.
    """

    __slots__ = ("divisor", "low", "numerator", "text")

    def __init__(self, numerator: Terms, divisor: int | Terms) -> None:
        self.numerator = numerator
        self.divisor = divisor
        self.low = _floored_low(numerator, divisor)
        self.text = _write_floor(self, _PYTHON)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Floor) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Floor({self.text})"


def _plain(floor: Floor) -> int:
    """The divisor of a floor that is known to have a plain one."""
    assert isinstance(floor.divisor, int)
    return floor.divisor


def symbol(name: str) -> Poly:
    """The size called ``name`` (an identifier, else a ValueError): some fixed number >= 1."""
    return Poly.name(name)


def sized(name: str, value: int | Unknown) -> Poly:
    """A named size that also carries its ``value`` in the network at hand."""
    return Poly.name(name, value)


def value_of(dim: Dim) -> int | Unknown | None:
    """The number itself, or the value that a formula carries (which may be UNKNOWN), else ``None``."""
    return None if isinstance(dim, Unknown) else _value(dim)


def _value(size: Size) -> int | Unknown | None:
    return size.value if isinstance(size, Poly) else size


def _value_after(
    operation: Callable[[int | Unknown, int | Unknown], int | Unknown], left: Size, right: Size
) -> int | Unknown | None:
    first, second = _value(left), _value(right)
    return None if first is None or second is None else operation(first, second)


def _known(left: Dim, right: Dim) -> tuple[Size, Size] | None:
    """The two sides of a question; ``None`` where one is Keras's ``None``."""
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None
    return None if isinstance(_value(left), Unknown) or isinstance(_value(right), Unknown) else (left, right)


# --- arithmetic on terms ---------------------------------------------------------------------------------------------


def _terms(size: Size) -> Terms:
    if isinstance(size, Poly):
        return size.terms
    return {_CONSTANT: int(size)} if size else {}


def _size(terms: Terms, value: int | Unknown | None = None) -> Size:
    if not terms:
        return 0
    return terms[_CONSTANT] if len(terms) == 1 and _CONSTANT in terms else Poly(terms, value)


def _sum(left: Terms, right: Terms, factor: int = 1) -> Terms:
    """The terms of ``left + factor * right``."""
    result = dict(left)
    for monomial, coefficient in right.items():
        if total := result.get(monomial, 0) + factor * coefficient:
            result[monomial] = total
        else:
            result.pop(monomial, None)
    return result


def _plus(terms: Terms, number: int) -> Terms:
    return _sum(terms, {_CONSTANT: number})


def _scaled(terms: Terms, factor: int) -> Terms:
    return {monomial: factor * coefficient for monomial, coefficient in terms.items()} if factor else {}


def _multiplied(left: Terms, right: Terms) -> Terms:
    if len(left) * len(right) > _MOST_PRODUCTS:
        raise Inconclusive("a formula for sizes becomes too long")
    result: Terms = {}
    for monomial, coefficient in left.items():
        shifted = {_joined(monomial, other): factor for other, factor in right.items()}
        result = _sum(result, shifted, coefficient)
    return result


def _joined(left: Monomial, right: Monomial) -> Monomial:
    """The product of two monomials."""
    if not left or not right:
        return left or right
    powers = dict(left)
    for atom, exponent in right:
        powers[atom] = powers.get(atom, 0) + exponent
    return tuple(sorted(powers.items(), key=_atom_order))


def _without(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    """``monomial / divisor``, or ``None`` where that is no monomial."""
    powers = dict(monomial)
    for atom, exponent in divisor:
        powers[atom] = powers.get(atom, 0) - exponent
    if any(exponent < 0 for exponent in powers.values()):
        return None
    return tuple((atom, exponent) for atom, exponent in powers.items() if exponent)


def _atom_order(power: tuple[Atom, int]) -> tuple[bool, str]:
    atom = power[0]
    return (False, atom) if isinstance(atom, str) else (True, atom.text)


def _variable(terms: Terms) -> Terms:
    """The terms without the constant."""
    return {monomial: coefficient for monomial, coefficient in terms.items() if monomial}


def _content(terms: Terms) -> int:
    return gcd(*terms.values())


def _degree(monomial: Monomial) -> int:
    total = 0
    for atom, exponent in monomial:
        total += exponent * (1 if isinstance(atom, str) else max(map(_degree, atom.numerator)))
    return total


def _term_order(monomial: Monomial) -> tuple[int, list[tuple[bool, str]]]:
    """Sorts terms for reading: higher degrees first, then by name, the constant last."""
    return -_degree(monomial), [_atom_order(power) for power in monomial for _ in range(power[1])]


def _leading(terms: Terms) -> int:
    """The coefficient of the term that is written first."""
    return terms[min(terms, key=_term_order)]


def _names(terms: Terms) -> frozenset[str]:
    found: set[str] = set()
    for monomial in terms:
        for atom, _ in monomial:
            if isinstance(atom, str):
                found.add(atom)
            else:
                found |= _names(atom.numerator)
                found |= frozenset() if isinstance(atom.divisor, int) else _names(atom.divisor)
    return frozenset(found)


def _floors(terms: Terms) -> list[Floor]:
    """The floors with plain divisors among the atoms, in the order of reading."""
    found = {atom for monomial in terms for atom, _ in monomial if isinstance(atom, Floor)}
    return sorted((atom for atom in found if isinstance(atom.divisor, int)), key=lambda atom: atom.text)


# --- division --------------------------------------------------------------------------------------------------------


def _divided(left: Size, right: Size) -> Size:
    """``left // right``. By a formula it has to be exact, unless both carry values; else Inconclusive."""
    value = _value_after(operator.floordiv, left, right)
    if isinstance(right, int):
        return _size(_floored(_terms(left), right), value)
    exact = _cancelled(_terms(left), right.terms)
    if exact is not None:
        return _size(exact, value)
    if value is None:
        raise Inconclusive(f"whether {right} divides {left} {_depends(_both(left, right))}")
    return Poly({((Floor(_terms(left), right.terms), 1),): 1}, value)


def _floored(terms: Terms, divisor: int) -> Terms:
    """The normal form of ``⌊terms / divisor⌋`` for any divisor but 0."""
    if divisor == 0:
        raise ZeroDivisionError("division of a named size by zero")
    if divisor < 0:
        return _floored(_scaled(terms, -1), -divisor)
    whole: Terms = {}
    rest: Terms = {}
    for monomial, coefficient in terms.items():
        if coefficient % divisor == 0:
            whole[monomial] = coefficient // divisor
        else:
            rest[monomial] = coefficient
    return _sum(whole, _floored_rest(rest, divisor))


def _floored_rest(terms: Terms, divisor: int) -> Terms:
    """``⌊terms / divisor⌋`` where no coefficient is a multiple of the divisor."""
    if (constant := _floored_constant(terms, divisor)) is not None:
        return _plus({}, constant)
    if (opened := _opened(terms)) is not None:
        return _floored(opened[0], opened[1] * divisor)
    variable = _variable(terms)
    if _leading(variable) < 0:
        # Turned round, so that ceilings written as -(-a // k) and as (a + k - 1) // k agree.
        return _scaled(_floored(_plus(_scaled(terms, -1), divisor - 1), divisor), -1)
    whole = {monomial: coefficient // divisor for monomial, coefficient in terms.items() if coefficient // divisor}
    rest = {monomial: coefficient % divisor for monomial, coefficient in terms.items()}
    common = gcd(divisor, *_variable(rest).values())
    rest = {monomial: coefficient // common for monomial, coefficient in rest.items() if coefficient // common}
    if divisor == common or _opened(rest) is not None:
        return _sum(whole, _floored(rest, divisor // common))
    floor = Floor(rest, divisor // common)
    if len(floor.text) > _LONGEST_FLOOR:
        raise Inconclusive("a formula for sizes becomes too long")
    return _sum(whole, {((floor, 1),): 1})


def _floored_constant(terms: Terms, divisor: int) -> int | None:
    """``⌊terms / divisor⌋`` where bounds leave one number for it: ``⌊(T % 2) / 2⌋`` is 0."""
    if _variable(terms) and not _floors(terms):
        return None
    low, high = _lowest(terms), _highest(terms)
    bounded = low is not None and high is not None and low // divisor == high // divisor
    return low // divisor if bounded and low is not None else None


def _opened(terms: Terms) -> tuple[Terms, int] | None:
    """Terms and a divisor, the floor of whose ratio these terms are, if a floor stands alone among them.

    ``⌊p/k⌋ + r`` is ``⌊(p + k·r) / k⌋``, and ``r - ⌊p/k⌋`` is ``⌊(k·r - p + k - 1) / k⌋``.
    """
    for floor in _floors(terms):
        sign = terms.get(((floor, 1),), 0)
        if abs(sign) == 1:
            divisor = _plain(floor)
            others = _scaled(_sum(terms, {((floor, 1),): -sign}), divisor)
            return _sum(others if sign > 0 else _plus(others, divisor - 1), floor.numerator, sign), divisor
    return None


def _cancelled(left: Terms, right: Terms) -> Terms | None:
    """``left // right`` where the primitive part of ``right`` divides ``left``; ``None`` where it does not."""
    content = _content(right)
    quotient = _quotient(left, {monomial: coefficient // content for monomial, coefficient in right.items()})
    return None if quotient is None else _floored(quotient, content)


def _quotient(left: Terms, right: Terms) -> Terms | None:
    """The exact quotient with integer coefficients, by long division; ``None`` where there is none."""
    order = _division_order(left, right)
    head = max(right, key=order)
    rest = left
    result: Terms = {}
    while rest:
        top = max(rest, key=order)
        monomial = _without(top, head)
        if monomial is None or rest[top] % right[head]:
            return None
        step = {monomial: rest[top] // right[head]}
        result |= step
        rest = _sum(rest, _multiplied(step, right), -1)
    return result


def _division_order(left: Terms, right: Terms) -> Callable[[Monomial], tuple[int, ...]]:
    """Graded lexicographic order over the atoms of both: multiplication keeps it, as long division needs."""
    powers_found = {power[0]: power for monomial in (*left, *right) for power in monomial}
    atoms = sorted(powers_found.values(), key=_atom_order)

    def order(monomial: Monomial) -> tuple[int, ...]:
        powers = dict(monomial)
        return (sum(powers.values()), *(powers.get(atom, 0) for atom, _ in atoms))

    return order


# --- bounds ----------------------------------------------------------------------------------------------------------


def _is_at_least(terms: Terms, number: int) -> bool:
    low = _lowest(terms)
    return low is not None and low >= number


def _highest(terms: Terms) -> int | None:
    low = _lowest(_scaled(terms, -1))
    return None if low is None else -low


def _lowest(terms: Terms) -> int | None:
    """A number that the terms never fall below, whatever the names (each >= 1); ``None`` where none is found."""
    lows = [low for low in (_lowest_from_atoms(terms), _lowest_from_ratios(terms)) if low is not None]
    return max(lows, default=None)


def _low(atom: Atom) -> int | None:
    return 1 if isinstance(atom, str) else atom.low


def _floored_low(numerator: Terms, divisor: int | Terms) -> int | None:
    low = _lowest(numerator) if isinstance(divisor, int) else None
    return None if low is None or not isinstance(divisor, int) else low // divisor


def _lowest_from_atoms(terms: Terms) -> int | None:
    """The bound that is seen when each atom is written as its own least value plus something >= 0."""
    lows = {atom: _low(atom) for monomial in terms for atom, _ in monomial}
    if None in lows.values():
        return None
    negative = min(_variable(terms).values(), default=0) < 0 or any((low or 0) < 0 for low in lows.values())
    if not negative:
        return _at_lows(terms)
    if any(sum(exponent for _, exponent in monomial) > _MOST_EXPANDED for monomial in terms):
        return None
    shifted = _shifted(terms)
    return None if min(_variable(shifted).values(), default=0) < 0 else shifted.get(_CONSTANT, 0)


def _at_lows(terms: Terms) -> int:
    total = 0
    for monomial, coefficient in terms.items():
        for atom, exponent in monomial:
            coefficient *= (_low(atom) or 0) ** exponent
        total += coefficient
    return total


def _shifted(terms: Terms) -> Terms:
    """The terms with each atom ``a`` replaced by ``a + low(a)``."""
    result: Terms = {}
    for monomial, coefficient in terms.items():
        expanded: Terms = {_CONSTANT: coefficient}
        for atom, exponent in monomial:
            for _ in range(exponent):
                expanded = _multiplied(expanded, _plus({((atom, 1),): 1}, _low(atom) or 0))
        result = _sum(result, expanded)
    return result


def _lowest_from_ratios(terms: Terms) -> int | None:
    """The bound that is seen when a floor gives way to ``p/k`` or ``(p - k + 1)/k``, whichever is the worse."""
    for atom in _floors(terms):
        relaxed = _relaxed(terms, atom)
        if relaxed is not None:
            low = _lowest(relaxed)
            return None if low is None else -(-low // _plain(atom))
    return None


def _relaxed(terms: Terms, floor: Floor) -> Terms | None:
    """Terms without ``floor`` that are never more than ``divisor * terms``; ``None`` if its factors have no sign."""
    result: Terms = {}
    least = _plus(floor.numerator, 1 - _plain(floor))
    for monomial, coefficient in terms.items():
        powers = dict(monomial)
        exponent = powers.pop(floor, 0)
        if exponent > 1 or (exponent and any((_low(atom) or -1) < 0 for atom in powers)):
            return None
        bound = {_CONSTANT: _plain(floor)} if not exponent else floor.numerator if coefficient < 0 else least
        result = _sum(result, _multiplied({tuple(powers.items()): coefficient}, bound))
    return result


def _is_somewhere_nonzero(terms: Terms) -> bool:
    """Whether one of a few valuations gives something else than 0: each name in turn takes all the numbers to try."""
    numbers, found = _numbers_to_try(terms), sorted(_names(terms))
    if not found:
        return bool(terms)
    for turn, name in enumerate(found):
        for place, number in enumerate(numbers):
            # The other names step through the same numbers, each at a pace of its own.
            others = {
                other: numbers[(place * (2 * turn + 3) + 7 * pace) % len(numbers)] for pace, other in enumerate(found)
            }
            if _is_nonzero_at(terms, {**others, name: number}):
                return True
    return False


def _is_nonzero_at(terms: Terms, valuation: Mapping[str, Size]) -> bool:
    try:
        return _substituted(terms, valuation) != 0
    except ZeroDivisionError:
        return False


def _numbers_to_try(terms: Terms) -> list[int]:
    """Sizes >= 1 at which formulas differ, if they do: large ones, those where a floor takes a step, small ones."""
    steps: set[int] = set()
    for floor in _all_floors(terms):
        step = _plain(floor) - floor.numerator.get(_CONSTANT, 0)
        steps |= {step - 1, step, step + _plain(floor) - 1, step + _plain(floor)}
    small = range(1, min(2 * _period(terms), _WITNESSES) + 4)
    return [1009, 1000003, *sorted(number for number in steps if number > len(small)), *small]


def _all_floors(terms: Terms) -> list[Floor]:
    """The floors with plain divisors, those inside of others included."""
    return [found for floor in _floors(terms) for found in (floor, *_all_floors(floor.numerator))]


def _period(terms: Terms) -> int:
    """What may be added to a name without a change of the remainders that the floors leave."""
    return lcm(*(_plain(floor) * _period(floor.numerator) for floor in _floors(terms)))


# --- questions -------------------------------------------------------------------------------------------------------


class Condition(NamedTuple):
    """An order question that is not decided: its truth value raises Inconclusive."""

    left: Dim
    relation: Literal["<", "<=", ">", ">="]
    right: Dim

    @property
    def unknown(self) -> bool:
        """Whether one side is Keras's ``None``: then nothing can be asked."""
        return _known(self.left, self.right) is None

    @property
    def text(self) -> str:
        """The question in its simplest form, such as ``T >= 3``."""
        return f"{self.left} {self.relation} {self.right}" if self.unknown else self.need("").text

    def need(self, message: str) -> Need:
        """What the condition asks of named sizes, solved as far as it goes. Of Keras's ``None`` it is Inconclusive."""
        known = _known(self.left, self.right)
        if known is None:
            raise Inconclusive(f"whether {self.text} cannot be known", self)
        return _at_least_zero(_gap(known[0], self.relation, known[1]), message)

    def __bool__(self) -> bool:
        need = self.need("")
        raise Inconclusive(f"whether {need.text} {_depends(_both(need.left, need.right))}", self)


def _both(left: Size, right: Size) -> Terms:
    """Terms that have every atom of both sides."""
    return {**_terms(left), **_terms(right)}


def _depends(terms: Terms) -> str:
    found = sorted(_names(terms))
    listed = " and ".join(filter(None, (", ".join(found[:-1]), *found[-1:])))
    return f"depends on the size{'s' if len(found) > 1 else ''} of {listed}"


def _compared(left: Size, relation: Literal["<", "<=", ">", ">="], right: Dim) -> bool | Condition:
    if isinstance(right, Unknown):
        return Condition(left, relation, right)
    if not isinstance(right, (int, Poly)):
        return NotImplemented
    first, second = _value(left), _value(right)
    if first is not None and second is not None:
        if isinstance(first, Unknown) or isinstance(second, Unknown):
            return Condition(left, relation, right)
        return _HOLDS[relation](first, second)
    gap = _gap(left, relation, right)
    if _is_at_least(gap, 0):
        return True
    return False if _is_at_least(_scaled(gap, -1), 1) else Condition(left, relation, right)


def _gap(left: Size, relation: str, right: Size) -> Terms:
    """The terms that are >= 0 exactly where ``left relation right`` holds."""
    gap = _sum(_terms(left), _terms(right), -1)
    if relation in ("<", "<="):
        gap = _scaled(gap, -1)
    return _plus(gap, -1) if relation in ("<", ">") else gap


# --- needs -----------------------------------------------------------------------------------------------------------


class Need(NamedTuple):
    """What must hold for named sizes: ``left relation right``, with ``message`` for the case that it does not.

    ``relation`` is ``>=``, ``<=``, ``=``, or ``|`` (``left`` divides ``right``).
    """

    left: Size
    relation: Relation
    right: Size
    message: str = ""

    @property
    def text(self) -> str:
        """The need to read, such as ``T >= 3``, ``F = T`` or ``4 | F*T``."""
        return f"{self.left} {self.relation} {self.right}"

    @property
    def names(self) -> frozenset[str]:
        """The sizes that it speaks of."""
        return names(self.left) | names(self.right)

    def holds(self, valuation: Mapping[str, Size]) -> bool:
        """Whether it holds for these numbers; Inconclusive if they do not settle it."""
        left, right = evaluate(self.left, valuation), evaluate(self.right, valuation)
        if self.relation == ">=" or self.relation == "<=":
            return bool(left >= right if self.relation == ">=" else left <= right)
        verdict = _divides(left, right, "") if self.relation == "|" else _equals(left, right, "")
        if isinstance(verdict, Need):
            raise Inconclusive(f"whether {verdict.text} {_depends(_both(left, right))}")
        return verdict


_NEEDS: Channel[Need] = Channel("needs")


def recording() -> Listening[Need]:
    """Collects what is required of named sizes inside the block, in the list that it gives; the innermost hears."""
    return _NEEDS.listening()


def _record(need: Need) -> None:
    if not _NEEDS.say(need):
        raise Inconclusive(f"whether {need.text} {_depends(_both(need.left, need.right))}")


def require(
    condition: bool | Condition, message: str, *, arg: str | None = None, help: str | None = None, code: str = "E203"
) -> None:
    """Insist that ``condition`` holds: a Fault if it does not, a :class:`Need` if named sizes decide.

    What Keras's ``None`` decides passes. Without a :func:`recording` an open condition raises Inconclusive.
    """
    verdict: bool | Need = True
    if not isinstance(condition, Condition):
        verdict = condition
    elif not condition.unknown:
        need = condition.need(message)
        verdict = need if _can_hold(need) else False
    _settle(verdict, message, arg, help, code)


def _settle(verdict: bool | Need, message: str, arg: str | None, help: str | None, code: str) -> None:
    if isinstance(verdict, Need):
        _record(verdict)
    elif not verdict:
        raise Fault(message, arg=arg, help=help, code=code)


def require_equal(
    left: Dim, right: Dim, message: str, *, arg: str | None = None, help: str | None = None, code: str = "E203"
) -> None:
    """Insist that two dims are equal: a Fault if they never are, a :class:`Need` if named sizes decide."""
    known = _known(left, right)
    if known is not None:
        _settle(_equals(*known, message), message, arg, help, code)


def _equals(left: Size, right: Size, message: str) -> bool | Need:
    first, second = _value(left), _value(right)
    if isinstance(first, int) and isinstance(second, int):
        return first == second
    gap = _sum(_terms(left), _terms(right), -1)
    if not _variable(gap):
        return not gap
    need = _equals_zero(gap, message)
    if not _can_hold(need):
        return False
    # A floor cannot be solved for: then the sizes themselves say it best.
    written = Need(right, "=", left, message) if isinstance(left, int) else Need(left, "=", right, message)
    return written if _floors(gap) else need


def require_divides(
    divisor: Dim, size: Dim, message: str, *, arg: str | None = None, help: str | None = None, code: str = "E203"
) -> None:
    """Insist that ``divisor`` divides ``size``: a Fault if it never does, a :class:`Need` if named sizes decide."""
    known = _known(divisor, size)
    if known is not None:
        _settle(_divides(*known, message), message, arg, help, code)


def _divides(divisor: Size, size: Size, message: str) -> bool | Need:
    first, second = _value(divisor), _value(size)
    if isinstance(first, int) and isinstance(second, int):
        return second == 0 if first == 0 else second % first == 0
    if not isinstance(divisor, int):
        return _quotient(_terms(size), divisor.terms) is not None or Need(divisor, "|", size, message)
    return divisor != 0 and _divides_terms(abs(divisor), _terms(size), message)


def _divides_terms(divisor: int, terms: Terms, message: str) -> bool | Need:
    """Whether a number divides terms, reduced to its simplest form: ``4 | 6*T + 2`` is ``2 | T - 1``."""
    terms = _modulo(terms, divisor)
    common = gcd(divisor, *_variable(terms).values())
    if terms.get(_CONSTANT, 0) % common:
        return False
    divisor //= common
    terms = _modulo({monomial: coefficient // common for monomial, coefficient in terms.items()}, divisor)
    if not terms:
        return True
    if gcd(leading := _leading(terms), divisor) == 1:
        terms = _modulo(_scaled(terms, pow(leading, -1, divisor)), divisor)
    if 2 * terms.get(_CONSTANT, 0) > divisor:
        terms = _plus(terms, -divisor)
    return Need(divisor, "|", _size(terms), message)


def _modulo(terms: Terms, divisor: int) -> Terms:
    return {monomial: coefficient % divisor for monomial, coefficient in terms.items() if coefficient % divisor}


def _can_hold(need: Need) -> bool:
    """Whether bounds and common factors leave room for a need to hold."""
    gap = _sum(_terms(need.left), _terms(need.right), -1)
    variable, constant = _variable(gap), gap.get(_CONSTANT, 0)
    below, above = _is_at_least(gap, 1), _is_at_least(_scaled(gap, -1), 1)
    if need.relation == "=":
        return bool(variable) and not (below or above or constant % _content(variable))
    return not (above if need.relation == ">=" else below)


def _at_least_zero(terms: Terms, message: str) -> Need:
    """The need ``terms >= 0``, solved as far as it goes: ``(T - 3)//2 + 1 >= 1`` is ``T >= 3``."""
    terms = _lightened(terms)
    while (opened := _opened(terms)) is not None:  # ⌊p/k⌋ >= 0 is p >= 0
        terms = _lightened(opened[0])
    return _balanced(terms, ">=", message)


def _lightened(terms: Terms) -> Terms:
    """Terms that are >= 0 where these are, without common numbers and names."""
    variable, constant = _variable(terms), terms.get(_CONSTANT, 0)
    if not variable:
        return terms
    content = _content(variable)
    variable = {monomial: coefficient // content for monomial, coefficient in variable.items()}
    constant //= content
    shared = _shared_names(variable) if constant in (0, -1) else _CONSTANT
    if not shared:
        return _plus(variable, constant)
    return _lightened(_plus(_divided_by_monomial(variable, shared), constant))


def _equals_zero(terms: Terms, message: str) -> Need:
    """The need ``terms = 0``, without common numbers and names."""
    content = _content(terms)
    terms = {monomial: coefficient // content for monomial, coefficient in terms.items()}
    variable, constant = _variable(terms), terms.get(_CONSTANT, 0)
    common = _content(variable)
    if constant % common == 0:
        terms = {monomial: coefficient // common for monomial, coefficient in terms.items()}
    if constant == 0:
        terms = _divided_by_monomial(terms, _shared_names(terms))
    return _balanced(terms, "=", message)


def _balanced(terms: Terms, relation: Literal[">=", "="], message: str) -> Need:
    """``terms relation 0`` with what is positive on the left, and the constant on the right."""
    variable, constant = _variable(terms), -terms.get(_CONSTANT, 0)
    turned = bool(variable) and _leading(variable) < 0
    if turned:
        variable, constant = _scaled(variable, -1), -constant
    left = {monomial: coefficient for monomial, coefficient in variable.items() if coefficient > 0}
    right = {monomial: -coefficient for monomial, coefficient in variable.items() if coefficient < 0}
    written: Relation = "<=" if turned and relation == ">=" else relation
    return Need(_size(left), written, _size(_plus(right, constant)), message)


def _shared_monomial(terms: Terms) -> Monomial:
    """The largest monomial that divides every term."""
    shared: dict[Atom, int] | None = None
    for monomial in terms:
        powers = dict(monomial)
        if shared is None:
            shared = powers
        shared = {atom: min(exponent, powers[atom]) for atom, exponent in shared.items() if atom in powers}
    return tuple((shared or {}).items())


def _shared_names(terms: Terms) -> Monomial:
    """The largest product of names, which is at least 1, that divides every term."""
    return tuple(power for power in _shared_monomial(terms) if isinstance(power[0], str))


def _divided_by_monomial(terms: Terms, divisor: Monomial) -> Terms:
    quotients = ((_without(monomial, divisor), coefficient) for monomial, coefficient in terms.items())
    return {monomial: coefficient for monomial, coefficient in quotients if monomial is not None}


def merge_needs(needs: Iterable[Need]) -> list[Need]:
    """The needs without those that another one implies, each in its first place."""
    kept: list[Need] = []
    for need in needs:
        if not any(_implies(other, need) for other in kept):
            kept = [other for other in kept if not _implies(need, other)]
            kept.append(need)
    return kept


def _implies(strong: Need, weak: Need) -> bool:
    if strong.text == weak.text:
        return True
    if "|" in (strong.relation, weak.relation):
        return strong.relation == weak.relation and _implies_divisibility(strong, weak)
    first = _sum(_terms(strong.left), _terms(strong.right), -1)
    second = _sum(_terms(weak.left), _terms(weak.right), -1)
    if _variable(first) != _variable(second) or strong.relation not in ("=", weak.relation):
        return False
    surplus = second.get(_CONSTANT, 0) - first.get(_CONSTANT, 0)
    return surplus >= 0 if weak.relation == ">=" else surplus <= 0 if weak.relation == "<=" else surplus == 0


def _implies_divisibility(strong: Need, weak: Need) -> bool:
    if not isinstance(strong.left, int) or not isinstance(weak.left, int):
        return False
    return strong.left % weak.left == 0 and _terms(strong.right) == _terms(weak.right)


# --- helpers for rules -----------------------------------------------------------------------------------------------


@overload
def ceil_div(size: Size, divisor: Size) -> Size: ...
@overload
def ceil_div(size: Dim, divisor: Dim) -> Dim: ...
def ceil_div(size: Dim, divisor: Dim) -> Dim:
    """``size / divisor``, rounded up."""
    return -(-size // divisor)


@overload
def product(sizes: Iterable[int]) -> int: ...
@overload
def product(sizes: Iterable[Size]) -> Size: ...
@overload
def product(sizes: Iterable[Dim]) -> Dim: ...
def product(sizes: Iterable[Dim]) -> Dim:
    """The product of dims, 1 of none; UNKNOWN if one of them is."""
    result: Dim = 1
    for size in sizes:
        result = result * size
    return result


def maximum(left: Size, right: Size) -> Size:
    """The larger of two sizes; Inconclusive where that depends on named sizes."""
    return left if left >= right else right


def names(dim: Dim) -> frozenset[str]:
    """The named sizes that a dim depends on."""
    return _names(dim.terms) if isinstance(dim, Poly) else frozenset()


@overload
def evaluate(dims: Size, valuation: Mapping[str, Size]) -> Size: ...
@overload
def evaluate(dims: Dim, valuation: Mapping[str, Size]) -> Dim: ...
@overload
def evaluate(dims: tuple[Dim, ...], valuation: Mapping[str, Size]) -> tuple[Dim, ...]: ...
def evaluate(dims: Dim | tuple[Dim, ...], valuation: Mapping[str, Size]) -> Dim | tuple[Dim, ...]:
    """A dim, or each dim of a shape, with numbers or formulas put for names; other names and UNKNOWN stay."""
    if isinstance(dims, tuple):
        return tuple(evaluate(dim, valuation) for dim in dims)
    if not isinstance(dims, Poly) or _names(dims.terms).isdisjoint(valuation):
        return dims
    return _substituted(dims.terms, valuation)


def _substituted(terms: Terms, valuation: Mapping[str, Size]) -> Size:
    total: Size = 0
    for monomial, coefficient in terms.items():
        factor: Size = coefficient
        for atom, exponent in monomial:
            factor = factor * _substituted_atom(atom, valuation) ** exponent
        total = total + factor
    return total


def _substituted_atom(atom: Atom, valuation: Mapping[str, Size]) -> Size:
    if isinstance(atom, str):
        return valuation[atom] if atom in valuation else symbol(atom)
    divisor = atom.divisor if isinstance(atom.divisor, int) else _substituted(atom.divisor, valuation)
    return _substituted(atom.numerator, valuation) // divisor


# --- text ------------------------------------------------------------------------------------------------------------


class _Style(NamedTuple):
    times: str
    minus: str
    power: Callable[[int], str]
    brackets: bool  # floors in brackets of their own, instead of ``//``


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_PYTHON: Final = _Style("*", "-", lambda exponent: f"**{exponent}", False)
_PEOPLE: Final = _Style("·", "−", lambda exponent: str(exponent).translate(_SUPERSCRIPTS), True)


def _absorbed(terms: Terms) -> Terms:
    """The terms for reading: ``(T + 1)//2 - 1``, in its normal form, is ``(T - 1)//2``."""
    for floor in _floors(terms):
        shift = _shift(terms, floor) if _CONSTANT in floor.numerator else 0
        if shift:
            shown = Floor(_plus(floor.numerator, shift * _plain(floor)), floor.divisor)
            beside = _cofactor(terms, floor)
            plain = _sum(terms, _multiplied(beside, _plus({((floor, 1),): 1}, shift)), -1)
            terms = _sum(plain, _multiplied(beside, {((shown, 1),): 1}))
    return terms


def _cofactor(terms: Terms, floor: Floor) -> Terms:
    """``Q`` of ``terms = floor * Q + R``."""
    quotients = ((_without(monomial, ((floor, 1),)), coefficient) for monomial, coefficient in terms.items())
    return {monomial: coefficient for monomial, coefficient in quotients if monomial is not None}


def _shift(terms: Terms, floor: Floor) -> int:
    """The number ``c`` for which ``terms`` has ``c * Q`` beside ``floor * Q``; 0 if there is none."""
    beside = _cofactor(terms, floor)
    ratios = {divmod(terms.get(monomial, 0), coefficient) for monomial, coefficient in beside.items()}
    whole, rest = ratios.pop()
    return 0 if ratios or rest else whole


def _write(terms: Terms, style: _Style) -> str:
    """A sum of products, in the order of :func:`_term_order`."""
    text = ""
    for monomial in sorted(terms, key=_term_order):
        coefficient = terms[monomial]
        if text:
            text += f" {style.minus if coefficient < 0 else '+'} {_write_term(monomial, abs(coefficient), style)}"
        else:
            text = _write_term(monomial, coefficient, style)
    return text or "0"


def _write_term(monomial: Monomial, coefficient: int, style: _Style) -> str:
    sign = style.minus if coefficient < 0 else ""
    factors = [str(abs(coefficient))] if abs(coefficient) != 1 or not monomial else []
    alone = coefficient == 1 and len(monomial) == 1
    factors += [_write_power(atom, exponent, style, alone) for atom, exponent in monomial]
    return sign + style.times.join(factors)


def _write_power(atom: Atom, exponent: int, style: _Style, alone: bool) -> str:
    text = atom if isinstance(atom, str) else _write_floor(atom, style)
    if isinstance(atom, Floor) and not style.brackets and not (alone and exponent == 1):
        text = f"({text})"
    return text if exponent == 1 else text + style.power(exponent)


def _write_floor(floor: Floor, style: _Style) -> str:
    divisor = floor.divisor if isinstance(floor.divisor, int) else _absorbed(floor.divisor)
    named = not isinstance(divisor, int) and not style.brackets
    numerator = _write_operand(_absorbed(floor.numerator), style, named)
    below = str(divisor) if isinstance(divisor, int) else _write_operand(divisor, style, named or _has_factors(divisor))
    return f"⌊{numerator}/{below}⌋" if style.brackets else f"{numerator}//{below}"


def _write_operand(terms: Terms, style: _Style, enclosed: bool) -> str:
    text = _write(terms, style)
    return f"({text})" if enclosed or len(terms) > 1 or _leading(terms) < 0 else text


def _has_factors(terms: Terms) -> bool:
    return any(abs(coefficient) != 1 or len(monomial) > 1 for monomial, coefficient in terms.items())


def pretty(size: Size, *, ascii: bool = False) -> str:
    """A size for people, common factors in front: ``4·units·(features + units + 1)``; with ``ascii`` Python syntax."""
    style = _PYTHON if ascii else _PEOPLE
    if isinstance(size, int):
        return str(size) if size >= 0 else f"{style.minus}{-size}"
    terms = _absorbed(size.terms)
    shared = _shared_monomial(terms)
    # Two terms with nothing but a number in common read better as they are: 20·F + 120.
    if len(terms) == 1 or (not shared and len(terms) == 2):
        return _write(terms, style)
    content = _content(terms) if max(terms.values()) > 0 else -_content(terms)
    inner = {monomial: number // content for monomial, number in _divided_by_monomial(terms, shared).items()}
    if not shared and content == 1:
        return _write(inner, style)
    if not shared and content == -1:
        return _write(terms, style)
    return _write_front(shared, content, style) + f"({_write(inner, style)})"


def _write_front(shared: Monomial, content: int, style: _Style) -> str:
    """The common factors with the sign that joins them to what follows. A lone floor needs its parentheses too."""
    factors = [_write_power(atom, exponent, style, False) for atom, exponent in shared]
    if abs(content) != 1:
        factors.insert(0, str(abs(content)))
    return (style.minus if content < 0 else "") + style.times.join(factors) + style.times


def to_json(dim: Dim) -> int | str | None:
    """A number, ``None`` for UNKNOWN, or the formula in Python syntax."""
    if isinstance(dim, Unknown):
        return None
    return str(dim) if isinstance(dim, Poly) else dim


def from_json(value: int | str | None) -> Dim:
    """The dim that :func:`to_json` wrote; a Fault if it is none."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return parse_poly(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Fault(f"{value!r} is no size")


def parse_poly(text: str) -> Size:
    """The size that a formula in Python syntax stands for: names, numbers, ``+ - * // % **``, ``()``; else a Fault."""
    reader = _FormulaReader(text)
    try:
        result = reader.sum()
        if reader.peek() != "":
            raise ValueError("something is left over")
    except (ValueError, ZeroDivisionError, Inconclusive) as problem:
        raise Fault(f"{text!r} is no size: {problem}") from None
    return result


class _FormulaReader:
    """Reads formulas by recursive descent; raises ValueError where there is none."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.position = 0
        self.depth = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.position += 1
        return token

    def sum(self) -> Size:
        result = self.product()
        while self.peek() in ("+", "-"):
            result = result + self.product() if self.take() == "+" else result - self.product()
        return result

    def product(self) -> Size:
        result = self.signed()
        while self.peek() in ("*", "//", "%"):
            sign, factor = self.take(), self.signed()
            result = result * factor if sign == "*" else result // factor if sign == "//" else result % factor
        return result

    def signed(self) -> Size:
        negative = False
        while self.peek() in ("-", "+"):
            negative ^= self.take() == "-"
        return -self.power() if negative else self.power()

    def power(self) -> Size:
        base = self.atom()
        if self.peek() != "**":
            return base
        self.take()
        exponent = self.take()
        if not exponent.isdecimal() or not _is_affordable(base, int(exponent)) or self.peek() == "**":
            raise ValueError("an exponent is a small number")
        return product([base] * int(exponent))

    def atom(self) -> Size:
        token = self.take()
        if token == "(":
            return self.group()
        if token.isdecimal():
            return int(token)
        if token.isidentifier():
            return symbol(token)
        raise ValueError(f"{token!r} is no number and no name" if token else "it ends too early")

    def group(self) -> Size:
        self.depth += 1
        if self.depth > _DEEPEST_TEXT:
            raise ValueError("its parentheses are too deep")
        result = self.sum()
        if self.take() != ")":
            raise ValueError("a parenthesis is not closed")
        self.depth -= 1
        return result


def _is_affordable(base: Size, exponent: int) -> bool:
    """Whether a power stays small: a hostile text must not make numbers that fill the memory."""
    terms = _terms(base)
    digits = max((coefficient.bit_length() for coefficient in terms.values()), default=0)
    return exponent <= _LARGEST_EXPONENT and exponent * digits <= 4096 and exponent * len(terms) <= 128


def _tokens(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        stop = start + 1
        if text[start].isalnum() or text[start] == "_":
            while stop < len(text) and (text[stop].isalnum() or text[stop] == "_"):
                stop += 1
        elif text[start : start + 2] in ("//", "**"):
            stop += 1
        if not text[start].isspace():
            yield text[start:stop]
        start = stop
