"""Sizes: plain integers, exact formulas over named sizes, and Keras's ``None``, with what is asked of them.

A :class:`Poly` compares equal however it was come by. A question that has more than one answer raises
:class:`Inconclusive`, or is a :class:`Condition` that does so when its truth value is asked for.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal, TypeAlias, overload

from seqshape.records import NamedTuple
from seqshape.sizes.order import (
    cancelled,
    floored,
    is_at_least,
    is_somewhere_nonzero,
    primitive,
    quotient_of,
    reduced_divisibility,
    solved,
)
from seqshape.sizes.terms import (
    CONSTANT,
    PYTHON,
    Atom,
    Floor,
    Inconclusive,
    Terms,
    absorbed,
    content_of,
    depends_on,
    floors_in,
    is_size_name,
    leading_of,
    multiplied,
    names_in,
    plus,
    scaled,
    sum_of,
    variable_of,
    write,
)

Relation: TypeAlias = 'Literal["<", "<=", ">", ">=", "=", "|"]'

LARGEST_EXPONENT = 64
_HOLDS: Final[dict[str, Callable[[int, int], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


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
        if not is_size_name(name):
            raise ValueError(f"{name!r} is no name for a size")
        return cls({((name, 1),): 1}, value)

    def __repr__(self) -> str:
        return str(self) if self.value is None else f"Poly({self} = {self.value})"

    def __str__(self) -> str:
        return write(absorbed(self.terms), PYTHON)

    def __hash__(self) -> int:
        if self._hash is None:
            # A value answers ``==``, so it has to give the hash as well.
            self._hash = hash(self.value if isinstance(self.value, int) else frozenset(self.terms.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (int, Poly)):
            return False
        mine, theirs = self.value, number_of(other)
        if isinstance(mine, int) and isinstance(theirs, int):
            return mine == theirs
        gap = sum_of(self.terms, terms_of(other), -1)
        if not gap or isinstance(mine, Unknown) or isinstance(theirs, Unknown) or is_somewhere_nonzero(gap):
            return not gap
        raise Inconclusive(f"whether {self} = {other} always holds is not known")

    def __bool__(self) -> bool:
        if isinstance(self.value, int):
            return self.value != 0
        if self.value is None and (is_at_least(self.terms, 1) or is_at_least(scaled(self.terms, -1), 1)):
            return True
        raise Inconclusive(f"whether {self} is zero {depends_on(self.terms)}")

    def __neg__(self) -> Poly:
        return Poly(scaled(self.terms, -1), None if self.value is None else -self.value)

    def __pos__(self) -> Poly:
        return self

    def __add__(self, other: Size) -> Size:
        if not isinstance(other, (int, Poly)):
            return NotImplemented
        return _size(sum_of(self.terms, terms_of(other)), _value_after(operator.add, self, other))

    __radd__ = __add__

    def __sub__(self, other: Size) -> Size:
        if not isinstance(other, (int, Poly)):
            return NotImplemented
        return _size(sum_of(self.terms, terms_of(other), -1), _value_after(operator.sub, self, other))

    def __rsub__(self, other: int) -> Size:
        return -self + other

    def __mul__(self, other: Size) -> Size:
        if not isinstance(other, (int, Poly)):
            return NotImplemented
        return _size(multiplied(self.terms, terms_of(other)), _value_after(operator.mul, self, other))

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
        if not 0 <= exponent <= LARGEST_EXPONENT:
            raise ValueError(f"a named size can be raised to 0 … {LARGEST_EXPONENT}, not to {exponent}")
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


def symbol(name: str) -> Poly:
    """The size called ``name`` (an identifier, else a ValueError): some fixed number >= 1."""
    return Poly.name(name)


def sized(name: str, value: int | Unknown) -> Poly:
    """A named size that also carries its ``value`` in the network at hand."""
    return Poly.name(name, value)


def value_of(dim: Dim) -> int | Unknown | None:
    """The number itself, or the value that a formula carries (which may be UNKNOWN), else ``None``."""
    return None if isinstance(dim, Unknown) else number_of(dim)


def number_of(size: Size) -> int | Unknown | None:
    """The number itself, or the value that a formula carries, else ``None``."""
    return size.value if isinstance(size, Poly) else size


def _value_after(
    operation: Callable[[int | Unknown, int | Unknown], int | Unknown], left: Size, right: Size
) -> int | Unknown | None:
    first, second = number_of(left), number_of(right)
    return None if first is None or second is None else operation(first, second)


def known(left: Dim, right: Dim) -> tuple[Size, Size] | None:
    """The two sides of a question; ``None`` where one is Keras's ``None``."""
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None
    return None if isinstance(number_of(left), Unknown) or isinstance(number_of(right), Unknown) else (left, right)


def terms_of(size: Size) -> Terms:
    """A size as terms."""
    if isinstance(size, Poly):
        return size.terms
    return {CONSTANT: int(size)} if size else {}


def _size(terms: Terms, value: int | Unknown | None = None) -> Size:
    if not terms:
        return 0
    return terms[CONSTANT] if len(terms) == 1 and CONSTANT in terms else Poly(terms, value)


def _divided(left: Size, right: Size) -> Size:
    """``left // right``. By a formula it has to be exact, unless both carry values; else Inconclusive."""
    value = _value_after(operator.floordiv, left, right)
    if isinstance(right, int):
        return _size(floored(terms_of(left), right), value)
    exact = cancelled(terms_of(left), right.terms)
    if exact is not None:
        return _size(exact, value)
    if value is None:
        raise Inconclusive(f"whether {right} divides {left} {depends_on(both(left, right))}")
    return Poly({((Floor(terms_of(left), right.terms), 1),): 1}, value)


# --- questions --------------------------------------------------------------------------------------------------------


class Condition(NamedTuple):
    """An order question that is not decided: its truth value raises Inconclusive."""

    left: Dim
    relation: Literal["<", "<=", ">", ">="]
    right: Dim

    @property
    def unknown(self) -> bool:
        """Whether one side is Keras's ``None``: then nothing can be asked."""
        return known(self.left, self.right) is None

    @property
    def text(self) -> str:
        """The question in its simplest form, such as ``T >= 3``."""
        return f"{self.left} {self.relation} {self.right}" if self.unknown else self.need("").text

    def need(self, message: str) -> Need:
        """What the condition asks of named sizes, solved as far as it goes. Of Keras's ``None`` it is Inconclusive."""
        sides = known(self.left, self.right)
        if sides is None:
            raise Inconclusive(f"whether {self.text} cannot be known", self)
        return _balanced(solved(_gap(sides[0], self.relation, sides[1])), ">=", message)

    def __bool__(self) -> bool:
        need = self.need("")
        raise Inconclusive(f"whether {need.text} {depends_on(both(need.left, need.right))}", self)


def both(left: Size, right: Size) -> Terms:
    """Terms that have every atom of both sides."""
    return {**terms_of(left), **terms_of(right)}


def _compared(left: Size, relation: Literal["<", "<=", ">", ">="], right: Dim) -> bool | Condition:
    if isinstance(right, Unknown):
        return Condition(left, relation, right)
    if not isinstance(right, (int, Poly)):
        return NotImplemented
    first, second = number_of(left), number_of(right)
    if first is not None and second is not None:
        if isinstance(first, Unknown) or isinstance(second, Unknown):
            return Condition(left, relation, right)
        return _HOLDS[relation](first, second)
    gap = _gap(left, relation, right)
    if is_at_least(gap, 0):
        return True
    return False if is_at_least(scaled(gap, -1), 1) else Condition(left, relation, right)


def _gap(left: Size, relation: str, right: Size) -> Terms:
    """The terms that are >= 0 exactly where ``left relation right`` holds."""
    gap = sum_of(terms_of(left), terms_of(right), -1)
    if relation in ("<", "<="):
        gap = scaled(gap, -1)
    return plus(gap, -1) if relation in ("<", ">") else gap


# --- needs ------------------------------------------------------------------------------------------------------------


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
        verdict = divides(left, right, "") if self.relation == "|" else equals(left, right, "")
        if isinstance(verdict, Need):
            raise Inconclusive(f"whether {verdict.text} {depends_on(both(left, right))}")
        return verdict


def equals(left: Size, right: Size, message: str) -> bool | Need:
    """Whether two sizes are equal, or what that asks of named sizes."""
    first, second = number_of(left), number_of(right)
    if isinstance(first, int) and isinstance(second, int):
        return first == second
    gap = sum_of(terms_of(left), terms_of(right), -1)
    if not variable_of(gap):
        return not gap
    need = _balanced(primitive(gap), "=", message)
    if not can_hold(need):
        return False
    # A floor cannot be solved for: then the sizes themselves say it best.
    written = Need(right, "=", left, message) if isinstance(left, int) else Need(left, "=", right, message)
    return written if floors_in(gap) else need


def divides(divisor: Size, size: Size, message: str) -> bool | Need:
    """Whether one size divides another, or what that asks of named sizes."""
    first, second = number_of(divisor), number_of(size)
    if isinstance(first, int) and isinstance(second, int):
        return second == 0 if first == 0 else second % first == 0
    if not isinstance(divisor, int):
        return quotient_of(terms_of(size), divisor.terms) is not None or Need(divisor, "|", size, message)
    reduced = divisor != 0 and reduced_divisibility(abs(divisor), terms_of(size))
    return reduced if isinstance(reduced, bool) else Need(reduced[0], "|", _size(reduced[1]), message)


def can_hold(need: Need) -> bool:
    """Whether bounds and common factors leave room for a need to hold."""
    gap = sum_of(terms_of(need.left), terms_of(need.right), -1)
    variable, constant = variable_of(gap), gap.get(CONSTANT, 0)
    below, above = is_at_least(gap, 1), is_at_least(scaled(gap, -1), 1)
    if need.relation == "=":
        return bool(variable) and not (below or above or constant % content_of(variable))
    return not (above if need.relation == ">=" else below)


def _balanced(terms: Terms, relation: Literal[">=", "="], message: str) -> Need:
    """``terms relation 0`` with what is positive on the left, and the constant on the right."""
    variable, constant = variable_of(terms), -terms.get(CONSTANT, 0)
    turned = bool(variable) and leading_of(variable) < 0
    if turned:
        variable, constant = scaled(variable, -1), -constant
    left = {monomial: coefficient for monomial, coefficient in variable.items() if coefficient > 0}
    right = {monomial: -coefficient for monomial, coefficient in variable.items() if coefficient < 0}
    written: Relation = "<=" if turned and relation == ">=" else relation
    return Need(_size(left), written, _size(plus(right, constant)), message)


# --- helpers for rules ------------------------------------------------------------------------------------------------


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
    return names_in(dim.terms) if isinstance(dim, Poly) else frozenset()


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
    if not isinstance(dims, Poly) or names_in(dims.terms).isdisjoint(valuation):
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


def to_json(dim: Dim) -> int | str | None:
    """A number, ``None`` for UNKNOWN, or the formula in Python syntax."""
    if isinstance(dim, Unknown):
        return None
    return str(dim) if isinstance(dim, Poly) else dim
