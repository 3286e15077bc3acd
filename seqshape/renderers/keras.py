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
from seqshape.renderers.grid import Column, draw
from seqshape.renderers.text import BOLD, shown, style
from seqshape.summary import Summary

# Where each column ends, as a part of the line, without and with the column of sources.
_CHAIN = (0.45, 0.80, 1.0)
_GRAPH = (0.3, 0.56, 0.74, 1.0)
_LENGTHS = {_CHAIN: 88, _GRAPH: 108}
_TRAINABLE_PART, _TRAINABLE_LENGTH = 0.90, 12
_SHORTEST = 40
_COLUMNS = (
    Column("Layer (type)", 0, "left", "name"),
    Column("Output Shape", 0, "left", "number"),
    Column("Param #", 0, "right", "number"),
    Column("Connected to", 0, "left", "text"),
    Column("Trainable", 0, "center", "flag"),
)


def render(summary: Summary, options: Options) -> str:
    """Keras's own print of a summary, without its last line breaks; of the columns it has no more than Keras."""
    graph = connected(summary, options)
    chosen = [0, 1, 2, *([3] if graph else []), *([4] if options.trainable else [])]
    ends = _GRAPH if graph else _CHAIN
    length = max(options.width or _LENGTHS[ends] + _TRAINABLE_LENGTH * options.trainable, _SHORTEST)
    columns = [
        _COLUMNS[at]._replace(width=width) for at, width in zip(chosen, _widths(ends, length, options), strict=True)
    ]
    texts = (_texts(line, options) for line in lines(summary, options._replace(sort=None)) if not _is_left_out(line))
    rows = ([row[at] for at in chosen] for row in texts)
    table = draw(columns, rows, options, length=length, overflow="fold" if options.ascii else "ellipsis")
    return "\n".join([_title(summary, options), table, *_totals(summary, options)])


def _widths(ends: Sequence[float], length: int, options: Options) -> list[int]:
    """Keras gives each column a part of the line; rich then takes the frame off all of them evenly."""
    if options.trainable:
        ends = [*(end * _TRAINABLE_PART for end in ends), 1.0]
    return [stop - start for start, stop in pairwise([0, *(int(end * length) for end in ends)])]


def _is_left_out(line: Line) -> bool:
    """Of a nested model Keras shows the layers, and not the operations of keras.ops."""
    return bool(line.parents) and line.row.trainable is None


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
    for label, text in totals(summary, options._replace(macs=False, columns=())):
        yield f" {style(label, BOLD) if options.color else label}: {text.removeprefix('at least ')}"
