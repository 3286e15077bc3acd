"""The table that Keras 3 draws, as wide as it needs or as the terminal allows: what does not fit is folded, not cut."""

from __future__ import annotations

import re
from collections.abc import Callable

from seqshape.renderers import Options
from seqshape.renderers.cells import Field, Line, fields, lines, remarks, totals
from seqshape.renderers.grid import ASCII_BOX, BOLD, HEAVY_HEAD, Column, draw, fit, folded, style, wish
from seqshape.renderers.text import NO_BREAK, fold, shown
from seqshape.summary import Summary

# The colours of Keras (of the 256 of a terminal): classes, numbers, None; a fault is red.
CLASS, NUMBER, NONE, RED = (("38", "5", code) for code in ("33", "34", "45", "9"))
_NUMBERS = re.compile(r"None|\?|\b\d+(?:[,.]\d+)*\b")
_CLASS = re.compile(r"\((\w+)\)$")


def render(summary: Summary, options: Options) -> str:
    """The table of a summary with the totals below it, without a line break at the end."""
    title = f'Model: "{shown(summary.name, options.ascii)}"'
    bold = (BOLD,) if options.color else ()
    parts = [style(line, *bold) for line in fold(title, options.width or len(title) * 2)]
    return "\n".join([*parts, *_table(summary, options), *_below(summary, options)])


def _table(summary: Summary, options: Options) -> list[str]:
    columns = fields(summary, options)
    rows = [_row(columns, line, options) for line in lines(summary, options)]
    widths = _widths(columns, rows, options.width)
    drawn = [
        Column(fold(_kept(field.header), width), width, field.align, painter(field.kind, options.color))
        for field, width in zip(columns, widths, strict=True)
    ]
    cells = [[folded(*cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    return draw(drawn, cells, ASCII_BOX if options.ascii else HEAVY_HEAD, color=options.color)


def _row(columns: list[Field], line: Line, options: Options) -> list[tuple[str, str]]:
    """The cells of a row: what each is set in by, and its text."""
    return [_name(field, line, options) if field.kind == "name" else ("", _cell(field, line)) for field in columns]


def _name(field: Field, line: Line, options: Options) -> tuple[str, str]:
    return _prefix(line, options), field.cell(line)


def _cell(field: Field, line: Line) -> str:
    text = field.cell(line)
    return _kept(text) if field.kind == "number" else text


def _kept(text: str) -> str:
    """A shape or a formula that is broken late; between the shapes of a list it may well be."""
    return text.replace(" ", NO_BREAK).replace(f"),{NO_BREAK}", "), ")


def _prefix(line: Line, options: Options) -> str:
    mark = "" if not line.row.faulty else "x " if options.ascii else "✗ "
    level = len(line.parents)
    return ("   " * level + ("`- " if options.ascii else "└ ") if level else "") + mark


def _widths(columns: list[Field], rows: list[list[tuple[str, str]]], width: int | None) -> list[int]:
    heads = [("", _kept(field.header)) for field in columns]
    wishes = [wish([head, *(row[index] for row in rows)]) for index, head in enumerate(heads)]
    return [each.natural for each in wishes] if width is None else fit(wishes, width - 3 * len(columns) - 1)


def painter(kind: str, color: bool) -> Callable[[str], str]:
    """The function that colours a line of a column of this kind."""
    return _PAINTERS[kind] if color else str


def _paint_numbers(line: str) -> str:
    return _NUMBERS.sub(lambda found: style(found[0], *(NUMBER if found[0][0].isdigit() else NONE)), line)


def _paint_name(line: str) -> str:
    if line.lstrip(" └").startswith("✗"):
        return style(line, BOLD, *RED)
    return _CLASS.sub(lambda found: f"({style(found[1], *CLASS)})", line)


def _paint_flag(line: str) -> str:
    return style(line, BOLD, *({"Y": NUMBER, "N": RED}.get(line, ())))


_PAINTERS: dict[str, Callable[[str], str]] = {
    "name": _paint_name,
    "number": _paint_numbers,
    "text": str,
    "flag": _paint_flag,
}


def _below(summary: Summary, options: Options) -> list[str]:
    bold = (BOLD,) if options.color else ()
    result = []
    for label, text in totals(summary, options):
        first, *more = _folded(f"{label}: {text}", options)
        result += [first.replace(label, style(label, *bold), 1), *more]
    for remark in remarks(summary, options):
        result += _folded(remark, options)
    return result


def _folded(text: str, options: Options) -> list[str]:
    """A line set in by a space, and by three where it goes on."""
    broken = fold(text, options.width - 3 if options.width else 2 * len(text) + 1)
    return [" " + broken[0], *("   " + line for line in broken[1:])]
