"""What terms are divided by a number, how large and how small they can be, and where they are zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import gcd, lcm

from seqshape.sizes.terms import (
    CONSTANT,
    Atom,
    Floor,
    Inconclusive,
    Monomial,
    Terms,
    atom_order,
    content_of,
    divided_by,
    floors_in,
    leading_of,
    multiplied,
    names_in,
    plain_divisor,
    plus,
    scaled,
    shared_names,
    sum_of,
    variable_of,
    without,
)

_MOST_EXPANDED = 12  # the degree up to which a bound is looked for by expanding
_WITNESSES = 128  # the sizes 1, 2, 3, … that are tried to tell two formulas apart
_LARGEST_DIVISOR = 1 << 64  # no tensor has so many positions
_LONGEST_FLOOR = 1_000  # signs: floors in floors double with every layer that scales up and down again


# --- division ---------------------------------------------------------------------------------------------------------


def floored(terms: Terms, divisor: int) -> Terms:
    """The normal form of ``⌊terms / divisor⌋`` for any divisor but 0."""
    if divisor == 0:
        raise ZeroDivisionError("division of a named size by zero")
    if divisor < 0:
        return floored(scaled(terms, -1), -divisor)
    whole: Terms = {}
    rest: Terms = {}
    for monomial, coefficient in terms.items():
        if coefficient % divisor == 0:
            whole[monomial] = coefficient // divisor
        else:
            rest[monomial] = coefficient
    return sum_of(whole, _floored_rest(rest, divisor))


def _floored_rest(terms: Terms, divisor: int) -> Terms:
    """``⌊terms / divisor⌋`` where no coefficient is a multiple of the divisor."""
    if (constant := _floored_constant(terms, divisor)) is not None:
        return plus({}, constant)
    if (opened := opened_floor(terms)) is not None:
        return floored(opened[0], opened[1] * divisor)
    variable = variable_of(terms)
    if leading_of(variable) < 0:
        # Turned round, so that ceilings written as -(-a // k) and as (a + k - 1) // k agree.
        return scaled(floored(plus(scaled(terms, -1), divisor - 1), divisor), -1)
    whole = {monomial: coefficient // divisor for monomial, coefficient in terms.items() if coefficient // divisor}
    rest = {monomial: coefficient % divisor for monomial, coefficient in terms.items()}
    common = gcd(divisor, *variable_of(rest).values())
    rest = {monomial: coefficient // common for monomial, coefficient in rest.items() if coefficient // common}
    if divisor == common or opened_floor(rest) is not None:
        return sum_of(whole, floored(rest, divisor // common))
    if divisor // common > _LARGEST_DIVISOR:
        raise Inconclusive("a size is divided by more than 2**64, which none reaches")
    low = _lowest(rest)
    floor = Floor(rest, divisor // common, None if low is None else low // (divisor // common))
    if len(floor.text) > _LONGEST_FLOOR:
        raise Inconclusive("a formula for sizes becomes too long")
    return sum_of(whole, {((floor, 1),): 1})


def _floored_constant(terms: Terms, divisor: int) -> int | None:
    """``⌊terms / divisor⌋`` where bounds leave one number for it: ``⌊(T % 2) / 2⌋`` is 0."""
    if variable_of(terms) and not floors_in(terms):
        return None
    low, high = _lowest(terms), _highest(terms)
    bounded = low is not None and high is not None and low // divisor == high // divisor
    return low // divisor if bounded and low is not None else None


def opened_floor(terms: Terms) -> tuple[Terms, int] | None:
    """Terms and a divisor, the floor of whose ratio these terms are, if a floor stands alone among them.

    ``⌊p/k⌋ + r`` is ``⌊(p + k·r) / k⌋``, and ``r - ⌊p/k⌋`` is ``⌊(k·r - p + k - 1) / k⌋``.
    """
    for floor in floors_in(terms):
        sign = terms.get(((floor, 1),), 0)
        if abs(sign) == 1:
            divisor = plain_divisor(floor)
            others = scaled(sum_of(terms, {((floor, 1),): -sign}), divisor)
            return sum_of(others if sign > 0 else plus(others, divisor - 1), floor.numerator, sign), divisor
    return None


def cancelled(left: Terms, right: Terms) -> Terms | None:
    """``left // right`` where the primitive part of ``right`` divides ``left``; ``None`` where it does not."""
    content = content_of(right)
    quotient = quotient_of(left, {monomial: coefficient // content for monomial, coefficient in right.items()})
    return None if quotient is None else floored(quotient, content)


def quotient_of(left: Terms, right: Terms) -> Terms | None:
    """The exact quotient with integer coefficients, by long division; ``None`` where there is none."""
    order = _division_order(left, right)
    head = max(right, key=order)
    rest = left
    result: Terms = {}
    while rest:
        top = max(rest, key=order)
        monomial = without(top, head)
        if monomial is None or rest[top] % right[head]:
            return None
        step = {monomial: rest[top] // right[head]}
        result |= step
        rest = sum_of(rest, multiplied(step, right), -1)
    return result


def _division_order(left: Terms, right: Terms) -> Callable[[Monomial], tuple[int, ...]]:
    """Graded lexicographic order over the atoms of both: multiplication keeps it, as long division needs."""
    powers_found = {power[0]: power for monomial in (*left, *right) for power in monomial}
    atoms = sorted(powers_found.values(), key=atom_order)

    def order(monomial: Monomial) -> tuple[int, ...]:
        powers = dict(monomial)
        return (sum(powers.values()), *(powers.get(atom, 0) for atom, _ in atoms))

    return order


# --- bounds -----------------------------------------------------------------------------------------------------------


def is_at_least(terms: Terms, number: int) -> bool:
    """Whether terms are never below a number, as far as bounds show it."""
    low = _lowest(terms)
    return low is not None and low >= number


def _highest(terms: Terms) -> int | None:
    low = _lowest(scaled(terms, -1))
    return None if low is None else -low


def _lowest(terms: Terms) -> int | None:
    """A number that the terms never fall below, whatever the names (each >= 1); ``None`` where none is found."""
    lows = [low for low in (_lowest_from_atoms(terms), _lowest_from_ratios(terms)) if low is not None]
    return max(lows, default=None)


def _low(atom: Atom) -> int | None:
    return 1 if isinstance(atom, str) else atom.low


def _lowest_from_atoms(terms: Terms) -> int | None:
    """The bound that is seen when each atom is written as its own least value plus something >= 0."""
    lows = {atom: _low(atom) for monomial in terms for atom, _ in monomial}
    if None in lows.values():
        return None
    negative = min(variable_of(terms).values(), default=0) < 0 or any((low or 0) < 0 for low in lows.values())
    if not negative:
        return _at_lows(terms)
    if any(sum(exponent for _, exponent in monomial) > _MOST_EXPANDED for monomial in terms):
        return None
    shifted = _shifted(terms)
    return None if min(variable_of(shifted).values(), default=0) < 0 else shifted.get(CONSTANT, 0)


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
        expanded: Terms = {CONSTANT: coefficient}
        for atom, exponent in monomial:
            for _ in range(exponent):
                expanded = multiplied(expanded, plus({((atom, 1),): 1}, _low(atom) or 0))
        result = sum_of(result, expanded)
    return result


def _lowest_from_ratios(terms: Terms) -> int | None:
    """The bound that is seen when a floor gives way to ``p/k`` or ``(p - k + 1)/k``, whichever is the worse."""
    for atom in floors_in(terms):
        relaxed = _relaxed(terms, atom)
        if relaxed is not None:
            low = _lowest(relaxed)
            return None if low is None else -(-low // plain_divisor(atom))
    return None


def _relaxed(terms: Terms, floor: Floor) -> Terms | None:
    """Terms without ``floor`` that are never more than ``divisor * terms``; ``None`` if its factors have no sign."""
    result: Terms = {}
    least = plus(floor.numerator, 1 - plain_divisor(floor))
    for monomial, coefficient in terms.items():
        powers = dict(monomial)
        exponent = powers.pop(floor, 0)
        if exponent > 1 or (exponent and any((_low(atom) or -1) < 0 for atom in powers)):
            return None
        bound = {CONSTANT: plain_divisor(floor)} if not exponent else floor.numerator if coefficient < 0 else least
        result = sum_of(result, multiplied({tuple(powers.items()): coefficient}, bound))
    return result


# --- zeros ------------------------------------------------------------------------------------------------------------


def is_somewhere_nonzero(terms: Terms) -> bool:
    """Whether one of a few valuations gives something else than 0: each name in turn takes all the numbers to try."""
    numbers, found = _numbers_to_try(terms), sorted(names_in(terms))
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


def _is_nonzero_at(terms: Terms, valuation: Mapping[str, int]) -> bool:
    try:
        return _worth(terms, valuation) != 0
    except ZeroDivisionError:
        return False


def _worth(terms: Terms, valuation: Mapping[str, int]) -> int:
    """The number that terms stand for where every name has one."""
    total = 0
    for monomial, coefficient in terms.items():
        for atom, exponent in monomial:
            coefficient *= _worth_of_atom(atom, valuation) ** exponent
        total += coefficient
    return total


def _worth_of_atom(atom: Atom, valuation: Mapping[str, int]) -> int:
    if isinstance(atom, str):
        return valuation[atom]
    divisor = atom.divisor if isinstance(atom.divisor, int) else _worth(atom.divisor, valuation)
    return _worth(atom.numerator, valuation) // divisor


def _numbers_to_try(terms: Terms) -> list[int]:
    """Sizes >= 1 at which formulas differ, if they do: large ones, those where a floor takes a step, small ones."""
    steps: set[int] = set()
    for floor in _all_floors(terms):
        step = plain_divisor(floor) - floor.numerator.get(CONSTANT, 0)
        steps |= {step - 1, step, step + plain_divisor(floor) - 1, step + plain_divisor(floor)}
    small = range(1, min(2 * _period(terms), _WITNESSES) + 4)
    return [1009, 1000003, *sorted(number for number in steps if number > len(small)), *small]


def _all_floors(terms: Terms) -> list[Floor]:
    """The floors with plain divisors, those inside of others included."""
    return [found for floor in floors_in(terms) for found in (floor, *_all_floors(floor.numerator))]


def _period(terms: Terms) -> int:
    """What may be added to a name without a change of the remainders that the floors leave."""
    return lcm(*(plain_divisor(floor) * _period(floor.numerator) for floor in floors_in(terms)))


# --- questions, solved as far as it goes ------------------------------------------------------------------------------


def _lightened(terms: Terms) -> Terms:
    """Terms that are >= 0 where these are, without common numbers and names."""
    variable, constant = variable_of(terms), terms.get(CONSTANT, 0)
    if not variable:
        return terms
    content = content_of(variable)
    variable = {monomial: coefficient // content for monomial, coefficient in variable.items()}
    constant //= content
    shared = shared_names(variable) if constant in (0, -1) else CONSTANT
    if not shared:
        return plus(variable, constant)
    return _lightened(plus(divided_by(variable, shared), constant))


def solved(terms: Terms) -> Terms:
    """Terms that are >= 0 where these are, as simple as they get: ``(T - 3)//2`` is ``T - 3``."""
    terms = _lightened(terms)
    while (opened := opened_floor(terms)) is not None:  # ⌊p/k⌋ >= 0 is p >= 0
        terms = _lightened(opened[0])
    return terms


def primitive(terms: Terms) -> Terms:
    """Terms that are 0 where these are, without common numbers and names."""
    content = content_of(terms)
    terms = {monomial: coefficient // content for monomial, coefficient in terms.items()}
    variable, constant = variable_of(terms), terms.get(CONSTANT, 0)
    common = content_of(variable)
    if constant % common == 0:
        terms = {monomial: coefficient // common for monomial, coefficient in terms.items()}
    return divided_by(terms, shared_names(terms)) if constant == 0 else terms


def reduced_divisibility(divisor: int, terms: Terms) -> bool | tuple[int, Terms]:
    """Whether a number divides terms, where that is open in its simplest form: ``4 | 6*T + 2`` is ``2 | T - 1``."""
    terms = _modulo(terms, divisor)
    common = gcd(divisor, *variable_of(terms).values())
    if terms.get(CONSTANT, 0) % common:
        return False
    divisor //= common
    terms = _modulo({monomial: coefficient // common for monomial, coefficient in terms.items()}, divisor)
    if not terms:
        return True
    if gcd(leading := leading_of(terms), divisor) == 1:
        terms = _modulo(scaled(terms, pow(leading, -1, divisor)), divisor)
    return divisor, plus(terms, -divisor) if 2 * terms.get(CONSTANT, 0) > divisor else terms


def _modulo(terms: Terms, divisor: int) -> Terms:
    return {monomial: coefficient % divisor for monomial, coefficient in terms.items() if coefficient % divisor}
