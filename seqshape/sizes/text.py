"""Sizes for people, and sizes read from text. ``seqshape.dims`` loads this when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.diagnostics import Fault
from seqshape.sizes.poly import LARGEST_EXPONENT, UNKNOWN, Dim, Size, product, symbol, terms_of
from seqshape.sizes.terms import (
    PEOPLE,
    PYTHON,
    Inconclusive,
    Monomial,
    Style,
    absorbed,
    content_of,
    divided_by,
    is_size_name,
    name_end,
    shared_monomial,
    write,
    write_power,
)

_DEEPEST_TEXT = 100


def pretty(size: Size, *, ascii: bool = False) -> str:
    """A size for people, common factors in front: ``4·units·(features + units + 1)``; with ``ascii`` Python syntax."""
    style = PYTHON if ascii else PEOPLE
    if isinstance(size, int):
        return str(size) if size >= 0 else f"{style.minus}{-size}"
    terms = absorbed(size.terms)
    shared = shared_monomial(terms)
    # Two terms with nothing but a number in common read better as they are: 20·F + 120.
    if len(terms) == 1 or (not shared and len(terms) == 2):
        return write(terms, style)
    content = content_of(terms) if max(terms.values()) > 0 else -content_of(terms)
    inner = {monomial: number // content for monomial, number in divided_by(terms, shared).items()}
    if not shared and content == 1:
        return write(inner, style)
    if not shared and content == -1:
        return write(terms, style)
    return _write_front(shared, content, style) + f"({write(inner, style)})"


def _write_front(shared: Monomial, content: int, style: Style) -> str:
    """The common factors with the sign that joins them to what follows. A lone floor needs its parentheses too."""
    factors = [write_power(atom, exponent, style, False) for atom, exponent in shared]
    if abs(content) != 1:
        factors.insert(0, str(abs(content)))
    return (style.minus if content < 0 else "") + style.times.join(factors) + style.times


def from_json(value: int | str | None) -> Dim:
    """The dim that :func:`seqshape.dims.to_json` wrote; a Fault if it is none."""
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
        if is_size_name(token):
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
    terms = terms_of(base)
    digits = max((coefficient.bit_length() for coefficient in terms.values()), default=0)
    return exponent <= LARGEST_EXPONENT and exponent * digits <= 4096 and exponent * len(terms) <= 128


def _tokens(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        stop = start + 1
        if text[start].isidentifier():
            stop = max(stop, name_end(text, start))
        elif text[start].isalnum():
            while stop < len(text) and (text[stop].isalnum() or text[stop] == "_"):
                stop += 1
        elif text[start : start + 2] in ("//", "**"):
            stop += 1
        if not text[start].isspace():
            yield text[start:stop]
        start = stop
