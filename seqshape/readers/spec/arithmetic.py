"""Arithmetic on the numbers of a spec, plain ones and named sizes, kept so small that no text can eat the machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from seqshape.diagnostics import Fault, Span
from seqshape.dims import Inconclusive, Poly
from seqshape.readers.spec.tokens import LARGEST

Numeric: TypeAlias = int | float | Poly

_MOST_BITS = 64  # of a power: more would be too large anyway
_MOST_TERMS = 400  # of a formula, and of the products made on the way to it
_HIGHEST_POWER = 16  # of a named size
_LONGEST_FLOOR = 200  # characters: bounds how deep ⌊·/k⌋ stands in ⌊·/k⌋
_OPERATIONS: Final[dict[str, Callable[[Any, Any], object]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "//": lambda left, right: left // right,
    "%": lambda left, right: left % right,
    "**": lambda left, right: left**right,
}


def negative(value: Numeric) -> Numeric:
    """``-value``."""
    return -value


def combine(operator: str, left: Numeric, right: Numeric, span: Span) -> Numeric:
    """``left operator right`` as Python has it.

    Raises Fault, blamed on ``span``, where there is no such number: a division by zero, a number of 2**63 or more, a
    formula that is too large, a question about a named size that has more than one answer.
    """
    _check_work(operator, left, right, span)
    try:
        result = _OPERATIONS[operator](left, right)
    except ZeroDivisionError:
        raise _fault("division by zero", span, "divide by a number that is not 0") from None
    except OverflowError:
        raise _too_large(span) from None
    except Inconclusive as question:
        raise _fault(question.message, span, "divide by a number") from None
    except (TypeError, ValueError):
        help = "a named size stands for a whole number: combine it with whole numbers, and divide it with //"
        raise _fault(f"there is no {_shown(left)} {operator} {_shown(right)}", span, help) from None
    return checked(result, span)


def checked(result: object, span: Span) -> Numeric:
    """The result, if it is a number of a sane size."""
    if isinstance(result, Poly):
        if _is_unwieldy(result):
            raise _unwieldy(span)
        return result
    if isinstance(result, float) and abs(result) < float("inf"):
        return result
    if isinstance(result, int):
        if abs(result) < LARGEST:
            return result
        raise _too_large(span)
    if isinstance(result, float):
        raise _too_large(span)
    raise _fault("this power is no real number", span, "raise a number of at least 0")


def _check_work(operator: str, left: Numeric, right: Numeric, span: Span) -> None:
    """Refuse what would take long before it is begun."""
    if operator == "*" and _extent(left) * _extent(right) > 4 * _MOST_TERMS:
        raise _unwieldy(span)
    if operator != "**" or isinstance(right, float):
        return
    if isinstance(right, Poly):
        raise _fault("an exponent has to be a number", span, "write a number")
    if isinstance(left, Poly):
        if right < 0 or right > _HIGHEST_POWER or _extent(left) ** right > 4 * _MOST_TERMS:
            raise _fault("a named size cannot be raised to that", span, "raise it to a small number of at least 0")
    elif isinstance(left, int) and abs(right) * left.bit_length() > 16 * _MOST_BITS and abs(left) > 1:
        raise _too_large(span)


def _extent(value: Numeric) -> int:
    return len(value.terms) if isinstance(value, Poly) else 1


def _is_unwieldy(size: Poly) -> bool:
    if len(size.terms) > _MOST_TERMS or any(abs(coefficient) >= LARGEST for coefficient in size.terms.values()):
        return True
    powers = [power for monomial in size.terms for power in monomial]
    return any(
        exponent > _HIGHEST_POWER or not (isinstance(atom, str) or len(atom.text) <= _LONGEST_FLOOR)
        for atom, exponent in powers
    )


def _shown(value: Numeric) -> str:
    return f"({value})" if isinstance(value, Poly) else str(value)


def _unwieldy(span: Span) -> Fault:
    return _fault("this formula is too large", span, "name a part of it: a number, or an unknown of its own")


def _too_large(span: Span) -> Fault:
    return _fault("this number is too large", span, "integers go up to 2**63 - 1, floats up to 1.8e308")


def _fault(message: str, span: Span, help: str) -> Fault:
    return Fault(message, span=span, code="E123", help=help)
