"""The table that Keras 3 draws, as wide as it needs or as the terminal allows: what does not fit is folded, not cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from seqshape.renderers import Options
from seqshape.renderers.cells import Field, Line, fields, lines, remarks, totals
from seqshape.renderers.grid import Column, draw, fit, folded, wish
from seqshape.renderers.text import BOLD, NO_BREAK, fold, shown, style
from seqshape.summary import Summary

CHANGED = "33"  # the colour of what is marked
MOST_ROWS = 10_000  # beyond so many rows those that repeat are folded: each takes rich two thirds of a millisecond
FOLDED = "--json, --format csv and --format markdown have them all"


def render(summary: Summary, options: Options = Options()) -> str:
    """The table of a summary with the totals below it, without a line break at the end."""
    chosen = fields(summary, options)
    return page(summary, options, chosen, [row(chosen, line, options) for line in lines(summary, options)])


def page(
    summary: Summary,
    options: Options,
    chosen: Sequence[Field],
    rows: list[list[tuple[str, str]]],
    before: Mapping[str, str] | None = None,
) -> str:
    """The title, rows that are drawn already cell by cell, the totals.

    ``before``: the totals of an earlier table, by their labels, against which this one is marked.
    """
    title = f'Model: "{shown(summary.name, options.ascii)}"'
    bold = (BOLD,) if options.color else ()
    parts = [style(line, *bold) for line in fold(title, options.width or len(title) * 2)]
    drawn = _table(chosen, rows, options, marked=before is not None)
    return "\n".join([*parts, drawn, *_below(summary, options, before or {})])


def _table(chosen: Sequence[Field], rows: list[list[tuple[str, str]]], options: Options, *, marked: bool) -> str:
    if len(rows) > MOST_ROWS:
        rows = _without_repeats(rows, options)
    widths = _widths(chosen, rows, options.width)
    columns = [
        Column(folded("", _kept(field.header), width), width, field.align, field.kind, marked)
        for field, width in zip(chosen, widths, strict=True)
    ]
    cells = ([folded(*cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows)
    return draw(columns, cells, options)


def _without_repeats(rows: list[list[tuple[str, str]]], options: Options) -> list[list[tuple[str, str]]]:
    """Of blocks of rows that differ in nothing but the numbers of their names only the first, and how many follow."""
    import re

    from seqshape.renderers.repeats import blocks

    number = re.compile(r"_\d+\b")
    result: list[list[tuple[str, str]]] = []
    keys = [tuple(number.sub("", f"{indent}{text}") for indent, text in row) for row in rows]
    for block in blocks(keys):
        result += rows[block.start : block.start + block.size]
        if block.times > 1:
            these = f"these {block.size:,} rows" if block.size > 1 else "this row"
            told = shown(f"… {block.times - 1:,} × {these}", options.ascii)
            result.append([("", told), *[("", "")] * (len(rows[0]) - 1)])
    return result


def row(columns: Sequence[Field], line: Line, options: Options) -> list[tuple[str, str]]:
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


def _widths(columns: Sequence[Field], rows: list[list[tuple[str, str]]], width: int | None) -> list[int]:
    heads = [("", _kept(field.header)) for field in columns]
    wishes = [wish([head, *(row[index] for row in rows)]) for index, head in enumerate(heads)]
    return [each.natural for each in wishes] if width is None else fit(wishes, width - 3 * len(columns) - 1)


def _below(summary: Summary, options: Options, before: Mapping[str, str]) -> list[str]:
    result = []
    for label, text in totals(summary, options):
        is_new = before.get(label, text) != text
        first, *more = _folded(f"{label}: {text} * was {before[label]}" if is_new else f"{label}: {text}", options)
        codes = (BOLD, *([CHANGED] if is_new else [])) if options.color else ()
        result += [first.replace(label, style(label, *codes), 1), *more]
    count = sum(1 for _ in islice(lines(summary, options), MOST_ROWS + 1))
    folding = [f"rows that repeat are shown once; {FOLDED}"] if count > MOST_ROWS else []
    for remark in (*remarks(summary, options), *folding):
        result += _folded(remark, options)
    return result


def _folded(text: str, options: Options) -> list[str]:
    """A line set in by a space, and by three where it goes on."""
    broken = fold(text, options.width - 3 if options.width else 2 * len(text) + 1)
    return [" " + broken[0], *("   " + line for line in broken[1:])]
