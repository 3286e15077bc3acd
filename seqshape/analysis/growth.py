"""How a formula grows with a size, and up to which size it is within a limit."""

from __future__ import annotations

from seqshape.dims import Condition, Inconclusive, Size, evaluate, symbol

LARGEST = 10**18  # a size has at most 18 digits


def is_growing(formula: Size, name: str) -> bool:
    """Whether it is proven that a formula of one name never falls when the name grows."""
    step = evaluate(formula, {name: symbol(name) + 1}) - formula
    try:
        verdict = step >= 0
    except Inconclusive:
        return False
    return not isinstance(verdict, Condition) and bool(verdict)


def largest(formula: Size, name: str, limit: int) -> int | None:
    """The largest value of a name at which a formula is at most ``limit``: 0 if none is, LARGEST if all are.

    ``None`` where it is not known whether the formula grows.
    """
    if not is_growing(formula, name):
        return None

    def fits(value: int) -> bool:
        return bool(evaluate(formula, {name: value}) <= limit)

    high = 1
    while fits(high):
        high *= 2
        if high >= LARGEST:
            return LARGEST
    low = high // 2  # it fits, or is 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
