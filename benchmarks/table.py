"""The lines of the table, and how numbers are written in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Line(NamedTuple):
    """What was measured, the median with the quartiles, what does not depend on load, a ratio, and the peak."""

    what: str
    median: str
    steady: str = ""
    against: str = ""
    peak: str = ""


HEAD = Line("what", "median (quartiles)", "steady count", "against", "peak")


def head() -> str:
    """The first lines of a table in Markdown."""
    return written([HEAD, Line(*["---"] * len(HEAD))])


def written(lines: Iterable[Line]) -> str:
    """Lines of a table in Markdown."""
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float) -> str:
    """Three digits, or all of them before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def ratio(value: float | None, base: float | None) -> str:
    """How many times as much; a dash where one is not known."""
    return f"{value / base:.2f} ×" if value is not None and base else "–"


def memory(mebibytes: float) -> str:
    """A peak."""
    return f"{mebibytes:.0f} MiB"
