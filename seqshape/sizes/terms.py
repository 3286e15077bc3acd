"""Formulas as sums of products, in a normal form, and how they are written.

``Terms`` gives a coefficient for each monomial over names, each of which stands for a fixed but unsaid number >= 1,
and over floors of such sums. Two ways to the same formula have the same terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import gcd
from typing import Final, TypeAlias

from seqshape.records import NamedTuple

Atom: TypeAlias = "str | Floor"
Monomial: TypeAlias = "tuple[tuple[Atom, int], ...]"  # atoms in order, each with its exponent >= 1; () is the constant
Terms: TypeAlias = "dict[Monomial, int]"  # no coefficient is 0

CONSTANT: Final[Monomial] = ()
_MOST_PRODUCTS = 40_000  # of terms, when two formulas are multiplied


def are_numbers(sizes: Iterable[object]) -> bool:
    """Whether some sizes are plain integers, and there is one."""
    return set(map(type, sizes)) == {int}


class Inconclusive(Exception):
    """A question about named sizes has more than one answer. ``condition`` is the question, where it is an order."""

    def __init__(self, message: str, condition: object = None) -> None:
        super().__init__(message)
        self.message = message
        self.condition = condition


def is_size_name(text: str) -> bool:
    """Whether a text can name a size: an identifier, or a part of what one names, as ``x.shape[1]`` or ``len(words)``."""
    return text.isidentifier() or (text[:1].isidentifier() and name_end(text, 0) == len(text))


def name_end(text: str, start: int) -> int:
    """Where a name that starts here ends: identifiers with points between, and brackets with whatever is inside."""
    stop, depth = start, 0
    while stop < len(text):
        sign = text[stop]
        inside = depth > 0 or sign.isalnum() or sign in "_.(["
        depth += (sign in "([") - (sign in ")]" and depth > 0)
        if not inside:
            break
        stop += 1
    return stop if depth == 0 else start


class Floor:
    """The atom ``⌊numerator / divisor⌋``; its text, which tells all of it, is its identity.

    ``low`` is a number that it is never below, ``None`` where none is known. Only formulas with a value have divisors
    that are no plain numbers.
    """

    __slots__ = ("_people", "degree", "divisor", "low", "numerator", "text")

    def __init__(self, numerator: Terms, divisor: int | Terms, low: int | None = None) -> None:
        self.numerator = numerator
        self.divisor = divisor
        self.low = low
        self.degree = max(map(_degree, numerator))
        self.text = _write_floor(self, PYTHON)
        self._people: str | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Floor) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Floor({self.text})"

    def written(self, style: Style) -> str:
        """Its text; kept, because floors stand in floors."""
        if style is PYTHON:
            return self.text
        if self._people is None:
            self._people = _write_floor(self, PEOPLE)
        return self._people


def plain_divisor(floor: Floor) -> int:
    """The divisor of a floor that is known to have a plain one."""
    assert isinstance(floor.divisor, int)
    return floor.divisor


# --- arithmetic -------------------------------------------------------------------------------------------------------


def sum_of(left: Terms, right: Terms, factor: int = 1) -> Terms:
    """The terms of ``left + factor * right``."""
    result = dict(left)
    for monomial, coefficient in right.items():
        if total := result.get(monomial, 0) + factor * coefficient:
            result[monomial] = total
        else:
            result.pop(monomial, None)
    return result


def plus(terms: Terms, number: int) -> Terms:
    """The terms and a number."""
    return sum_of(terms, {CONSTANT: number})


def scaled(terms: Terms, factor: int) -> Terms:
    """The terms, each so many times."""
    return {monomial: factor * coefficient for monomial, coefficient in terms.items()} if factor else {}


def multiplied(left: Terms, right: Terms) -> Terms:
    """The product of two sums; Inconclusive if it becomes too long."""
    if len(left) * len(right) > _MOST_PRODUCTS:
        raise Inconclusive("a formula for sizes becomes too long")
    result: Terms = {}
    for monomial, coefficient in left.items():
        shifted = {_joined(monomial, other): factor for other, factor in right.items()}
        result = sum_of(result, shifted, coefficient)
    return result


def _joined(left: Monomial, right: Monomial) -> Monomial:
    """The product of two monomials."""
    if not left or not right:
        return left or right
    powers = dict(left)
    for atom, exponent in right:
        powers[atom] = powers.get(atom, 0) + exponent
    return tuple(sorted(powers.items(), key=atom_order))


def without(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    """``monomial / divisor``, or ``None`` where that is no monomial."""
    powers = dict(monomial)
    for atom, exponent in divisor:
        powers[atom] = powers.get(atom, 0) - exponent
    if any(exponent < 0 for exponent in powers.values()):
        return None
    return tuple((atom, exponent) for atom, exponent in powers.items() if exponent)


def divided_by(terms: Terms, divisor: Monomial) -> Terms:
    """The terms that a monomial divides, without it."""
    quotients = ((without(monomial, divisor), coefficient) for monomial, coefficient in terms.items())
    return {monomial: coefficient for monomial, coefficient in quotients if monomial is not None}


def shared_monomial(terms: Terms) -> Monomial:
    """The largest monomial that divides every term."""
    shared: dict[Atom, int] | None = None
    for monomial in terms:
        powers = dict(monomial)
        if shared is None:
            shared = powers
        shared = {atom: min(exponent, powers[atom]) for atom, exponent in shared.items() if atom in powers}
    return tuple((shared or {}).items())


def shared_names(terms: Terms) -> Monomial:
    """The largest product of names, which is at least 1, that divides every term."""
    return tuple(power for power in shared_monomial(terms) if isinstance(power[0], str))


def atom_order(power: tuple[Atom, int]) -> tuple[bool, str]:
    """Sorts the atoms of a monomial: names first."""
    atom = power[0]
    return (False, atom) if isinstance(atom, str) else (True, atom.text)


def variable_of(terms: Terms) -> Terms:
    """The terms without the constant."""
    return {monomial: coefficient for monomial, coefficient in terms.items() if monomial}


def content_of(terms: Terms) -> int:
    """The largest number that divides every coefficient."""
    return gcd(*terms.values())


def _degree(monomial: Monomial) -> int:
    total = 0
    for atom, exponent in monomial:
        total += exponent * (1 if isinstance(atom, str) else atom.degree)
    return total


def _term_order(monomial: Monomial) -> tuple[int, list[tuple[bool, str]]]:
    """Sorts terms for reading: higher degrees first, then by name, the constant last."""
    return -_degree(monomial), [atom_order(power) for power in monomial for _ in range(power[1])]


def leading_of(terms: Terms) -> int:
    """The coefficient of the term that is written first."""
    return terms[min(terms, key=_term_order)]


def names_in(terms: Terms) -> frozenset[str]:
    """The names in terms, those inside floors included."""
    found: set[str] = set()
    for monomial in terms:
        for atom, _ in monomial:
            if isinstance(atom, str):
                found.add(atom)
            else:
                found |= names_in(atom.numerator)
                found |= frozenset() if isinstance(atom.divisor, int) else names_in(atom.divisor)
    return frozenset(found)


def floors_in(terms: Terms) -> list[Floor]:
    """The floors with plain divisors among the atoms, in the order of reading."""
    found = {atom for monomial in terms for atom, _ in monomial if isinstance(atom, Floor)}
    return sorted((atom for atom in found if isinstance(atom.divisor, int)), key=lambda atom: atom.text)


def depends_on(terms: Terms) -> str:
    """The end of a sentence: which sizes decide."""
    found = sorted(names_in(terms))
    listed = " and ".join(filter(None, (", ".join(found[:-1]), *found[-1:])))
    return f"depends on the size{'s' if len(found) > 1 else ''} of {listed}"


# --- text -------------------------------------------------------------------------------------------------------------


class Style(NamedTuple):
    """How formulas are written: for Python, or for people."""

    times: str
    minus: str
    power: Callable[[int], str]
    brackets: bool  # floors in brackets of their own, instead of ``//``


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


PYTHON: Final = Style("*", "-", lambda exponent: f"**{exponent}", False)


PEOPLE: Final = Style("·", "−", lambda exponent: str(exponent).translate(_SUPERSCRIPTS), True)


def write(terms: Terms, style: Style) -> str:
    """A sum of products, in the order of :func:`_term_order`."""
    text = ""
    for monomial in sorted(terms, key=_term_order):
        coefficient = terms[monomial]
        if text:
            text += f" {style.minus if coefficient < 0 else '+'} {_write_term(monomial, abs(coefficient), style)}"
        else:
            text = _write_term(monomial, coefficient, style)
    return text or "0"


def _write_term(monomial: Monomial, coefficient: int, style: Style) -> str:
    sign = style.minus if coefficient < 0 else ""
    factors = [str(abs(coefficient))] if abs(coefficient) != 1 or not monomial else []
    alone = coefficient == 1 and len(monomial) == 1
    factors += [write_power(atom, exponent, style, alone) for atom, exponent in monomial]
    return sign + style.times.join(factors)


def write_power(atom: Atom, exponent: int, style: Style, alone: bool) -> str:
    """An atom to a power; ``alone`` if nothing stands beside it."""
    text = atom if isinstance(atom, str) else atom.written(style)
    if isinstance(atom, Floor) and not style.brackets and not (alone and exponent == 1):
        text = f"({text})"
    return text if exponent == 1 else text + style.power(exponent)


def _write_floor(floor: Floor, style: Style) -> str:
    divisor = floor.divisor if isinstance(floor.divisor, int) else absorbed(floor.divisor)
    named = not isinstance(divisor, int) and not style.brackets
    numerator = _write_operand(absorbed(floor.numerator), style, named)
    below = str(divisor) if isinstance(divisor, int) else _write_operand(divisor, style, named or _has_factors(divisor))
    return f"⌊{numerator}/{below}⌋" if style.brackets else f"{numerator}//{below}"


def _write_operand(terms: Terms, style: Style, enclosed: bool) -> str:
    text = write(terms, style)
    return f"({text})" if enclosed or len(terms) > 1 or leading_of(terms) < 0 else text


def _has_factors(terms: Terms) -> bool:
    return any(abs(coefficient) != 1 or len(monomial) > 1 for monomial, coefficient in terms.items())


def absorbed(terms: Terms) -> Terms:
    """The terms for reading: ``(T + 1)//2 - 1``, in its normal form, is ``(T - 1)//2``."""
    for floor in floors_in(terms):
        shift = _shift(terms, floor) if CONSTANT in floor.numerator else 0
        if shift:
            shown = Floor(plus(floor.numerator, shift * plain_divisor(floor)), floor.divisor)
            beside = _cofactor(terms, floor)
            plain = sum_of(terms, multiplied(beside, plus({((floor, 1),): 1}, shift)), -1)
            terms = sum_of(plain, multiplied(beside, {((shown, 1),): 1}))
    return terms


def _cofactor(terms: Terms, floor: Floor) -> Terms:
    """``Q`` of ``terms = floor * Q + R``."""
    quotients = ((without(monomial, ((floor, 1),)), coefficient) for monomial, coefficient in terms.items())
    return {monomial: coefficient for monomial, coefficient in quotients if monomial is not None}


def _shift(terms: Terms, floor: Floor) -> int:
    """The number ``c`` for which ``terms`` has ``c * Q`` beside ``floor * Q``; 0 if there is none."""
    beside = _cofactor(terms, floor)
    ratios = {divmod(terms.get(monomial, 0), coefficient) for monomial, coefficient in beside.items()}
    whole, rest = ratios.pop()
    return 0 if ratios or rest else whole
