"""A pipe table of GitHub's Markdown, with the totals as a list below it."""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.renderers import Options
from seqshape.renderers.cells import Field, Line, fields, lines, remarks, totals
from seqshape.renderers.text import pad, shown, width
from seqshape.summary import Summary

_SPECIAL = frozenset("\\`*<|&~#$")
_RULES = {"left": ":{}-", "right": "-{}:", "center": ":{}:"}


def render(summary: Summary, options: Options) -> str:
    """The summary in Markdown, without a line break at the end."""
    columns = fields(summary, options)
    rows = [[column.header for column in columns]]
    rows += ([escape(_cell(column, line)) for column in columns] for line in lines(summary, options))
    widths = [max(width(row[index]) for row in rows) for index in range(len(columns))]
    aligns = [column.align for column in columns]
    rule = [_RULES[align].format("-" * (size - 2)) for align, size in zip(aligns, widths, strict=True)]
    padded = [[pad(*cell) for cell in zip(row, widths, aligns, strict=True)] for row in rows]
    title = f"**Model: {escape(shown(summary.name, options.ascii))}**"
    table = [_row(row) for row in (padded[0], rule, *padded[1:])]
    return "\n".join([title, "", *table, "", *_below(summary, options)])


def _cell(column: Field, line: Line) -> str:
    parents = "".join(f"{name} / " for name in line.parents) if column.kind == "name" else ""
    return parents + column.cell(line)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _below(summary: Summary, options: Options) -> list[str]:
    result = [f"- {label}: {escape(text)}" for label, text in totals(summary, options)]
    return [*result, *(f"- {escape(remark)}" for remark in remarks(summary, options))]


def escape(text: str) -> str:
    """The text so that Markdown shows it as it is, on one line of a table."""
    special = _SPECIAL | {"["} if "](" in text else _SPECIAL  # [0][0] is no link
    escaped = (
        "\\" + char if char in special or (char == "_" and _opens(text, index)) else char
        for index, char in enumerate(text)
    )
    return "".join(escaped).replace("\n", "<br>")


def _opens(text: str, index: int) -> bool:
    """Whether an underscore may begin or end emphasis: one inside a word cannot."""
    around = text[max(index - 1, 0) : index], text[index + 1 : index + 2]
    return not all(char.isalnum() for char in around)
