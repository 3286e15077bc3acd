"""What ``model.summary()`` of Keras 3.15 prints, to the letter. ``width`` is its ``line_length``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from seqshape.renderers import Options
from seqshape.renderers.cells import (
    Line,
    connected,
    count_text,
    lines,
    name_text,
    outputs_text,
    shown_lines,
    sources_text,
    totals,
    trainable_text,
)
from seqshape.renderers.grid import ASCII_BOX, BOLD, HEAVY_HEAD, Column, draw, style
from seqshape.renderers.table import painter
from seqshape.renderers.text import elide, shown
from seqshape.summary import Summary

# Where each column ends, as a part of the line, without and with the column of sources.
_CHAIN = (0.45, 0.80, 1.0)
_GRAPH = (0.3, 0.56, 0.74, 1.0)
_LENGTHS = {_CHAIN: 88, _GRAPH: 108}
_TRAINABLE_PART, _TRAINABLE_LENGTH = 0.90, 12
_LEAST = 4
_SHORTEST = 40
_HEADERS = ("Layer (type)", "Output Shape", "Param #", "Connected to", "Trainable")
_ALIGNMENTS = ("left", "left", "right", "left", "center")
_KINDS = ("name", "number", "number", "text", "flag")


def render(summary: Summary, options: Options) -> str:
    """Keras's own print of a summary, without its last line breaks; of the columns it has no more than Keras."""
    graph = connected(summary, options)
    chosen = [0, 1, 2, *([3] if graph else []), *([4] if options.trainable else [])]
    widths = _widths(_GRAPH if graph else _CHAIN, options)
    columns = [
        Column(_cell(_HEADERS[at], width, options), width, _ALIGNMENTS[at], painter(_KINDS[at], options.color))
        for at, width in zip(chosen, widths, strict=True)
    ]
    texts = [_texts(line, options) for line in lines(summary, options._replace(sort=None))]
    rows = [[_cell(row[at], width, options) for at, width in zip(chosen, widths, strict=True)] for row in texts]
    table = draw(columns, rows, ASCII_BOX if options.ascii else HEAVY_HEAD, color=options.color)
    return "\n".join([_title(summary, options), *table, *_totals(summary, options)])


def _widths(ends: Sequence[float], options: Options) -> list[int]:
    """Keras gives each column a part of the line, then takes the frame off all of them evenly."""
    length = options.width or _LENGTHS[tuple(ends)] + _TRAINABLE_LENGTH * options.trainable
    length = max(length, _SHORTEST)
    if options.trainable:
        ends = [*(end * _TRAINABLE_PART for end in ends), 1.0]
    borders = [0, *(int(end * length) for end in ends)]
    widths = [max(stop - start, _LEAST) + 2 for start, stop in pairwise(borders)]
    excess = sum(widths) + len(widths) + 1 - length
    return [width - part - 2 for width, part in zip(widths, _parts(excess, len(widths)), strict=True)]


def _parts(total: int, count: int) -> Iterator[int]:
    """``total`` in ``count`` parts as even as rounding (of a half to the even number) allows."""
    for left in range(count, 0, -1):
        part = round(total / left)
        yield part
        total -= part


def _cell(text: str, width: int, options: Options) -> list[str]:
    return elide(text, width, "..." if options.ascii else "…")


def _texts(line: Line, options: Options) -> list[str]:
    row, level = line.row, len(line.parents)
    prefix = "   " * level + "└ " if level else ""
    return [
        shown(prefix, options.ascii) + name_text(row, options),
        shown_lines([outputs_text(row.output_shapes)], options),
        "0 (unbuilt)" if row.params is None else count_text(row.params, options),
        "-" if level else sources_text(row, options),
        trainable_text(row),
    ]


def _title(summary: Summary, options: Options) -> str:
    title = f'Model: "{shown(summary.name, options.ascii)}"'
    return style(title, BOLD) if options.color else title


def _totals(summary: Summary, options: Options) -> Iterator[str]:
    for label, text in totals(summary, options._replace(macs=False)):
        yield f" {style(label, BOLD) if options.color else label}: {text.removeprefix('at least ')}"
