"""A summary while its spec is being typed: a line a row, nothing wider or longer than the screen; quick before all."""

from __future__ import annotations

from seqshape.renderers import Options
from seqshape.renderers.cells import count_text, counted, lines, name_text, outputs_text
from seqshape.renderers.diagnostics import render as told
from seqshape.renderers.text import BOLD, fitted, head, pad, shown, style, width
from seqshape.summary import Summary

_GAP = "  "
_NARROWEST = 8  # columns of a name


def render(summary: Summary, options: Options, height: int) -> list[str]:
    """What is wrong first, then the table; of a long one the last rows, which are typed last."""
    room = max(height, 1)
    wrong = [one for one in summary.diagnostics if one.severity == "error"] or summary.diagnostics[:1]
    said = told(wrong[:1], options).split("\n") if wrong else []
    said = fitted(said, options.width) if not options.color else said
    said = said[: max(room // 2, 4)]
    return [*said, *_table(summary, options, room - len(said))][:room]


def _table(summary: Summary, options: Options, room: int) -> list[str]:
    rows = [
        (
            (("x " if options.ascii else "✗ ") if one.row.faulty else "") + name_text(one.row, options),
            shown(outputs_text(one.row.output_shapes), options.ascii),
            count_text(one.row.params, options),
        )
        for one in lines(summary, options)
    ]
    if not rows:
        return []
    total = ("total", "", counted(summary, "params") + count_text(summary.totals.params, options))
    kept = rows[-max(room - 3, 1) :]
    sizes = [max(width(row[column]) for row in (*kept, total)) for column in range(3)]
    if options.width is not None:
        sizes[2] = min(sizes[2], max(options.width // 3, 1))
        sizes[1] = min(sizes[1], max(options.width - sizes[2] - _NARROWEST - 4, 1))
        sizes[0] = min(sizes[0], max(options.width - sizes[1] - sizes[2] - 4, 1))
    more = len(rows) - len(kept)
    above = [f"{'...' if options.ascii else '…'} {more:,} more above"] if more else []
    drawn = [_line(row, sizes, options) for row in (*kept, total)]
    if options.color:
        drawn = [
            style(line, "31") if row[0][:2] in ("x ", "✗ ") else line
            for line, row in zip(drawn, [*kept, total], strict=True)
        ]
        drawn[-1] = style(drawn[-1], BOLD)
    return [*above, *drawn]


def _line(row: tuple[str, str, str], sizes: list[int], options: Options) -> str:
    name, shape, count = (_cut(text, size, options) for text, size in zip(row, sizes, strict=True))
    return f"{pad(name, sizes[0])}{_GAP}{pad(shape, sizes[1])}{_GAP}{pad(count, sizes[2], 'right')}"


def _cut(text: str, columns: int, options: Options) -> str:
    if width(text) <= columns:
        return text
    dots = "." if options.ascii else "…"
    return head(text, columns - 1) + dots
