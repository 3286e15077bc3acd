"""The look of ``model.summary()`` in Keras 2: rules of ``_`` and ``=``, columns at fixed places, nothing cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqshape.dims import UNKNOWN
from seqshape.renderers import Options
from seqshape.renderers.cells import Line, connected, counted, lines, name_text, outputs_text, remarks, sources
from seqshape.renderers.text import head, pad, shown, width
from seqshape.summary import Summary

# Where each column ends, as a part of the line, and how long that is, without and with the column of sources.
_CHAIN, _CHAIN_LENGTH = (0.45, 0.85, 1.0), 65
_GRAPH, _GRAPH_LENGTH = (0.33, 0.55, 0.67, 1.0), 98
_SHORTEST = 40
_HEADERS = ("Layer (type)", "Output Shape", "Param #", "Connected to")
_GAP = 2


def render(summary: Summary, options: Options) -> str:
    """The summary as Keras 2 prints it, without a line break at the end. ``width`` is the length of the lines."""
    graph = connected(summary, options)
    length = max(options.width or (_GRAPH_LENGTH if graph else _CHAIN_LENGTH), _SHORTEST)
    ends = [int(part * length) for part in (_GRAPH if graph else _CHAIN)]
    rows = [_row(_cells(line, options)[: len(ends)], ends) for line in lines(summary, options)]
    parts = [
        f'Model: "{shown(summary.name, options.ascii)}"',
        "_" * length,
        *_row(_HEADERS[: len(ends)], ends),
        "=" * length,
    ]
    for row in rows:
        parts += [*row, ""]
    return "\n".join([*parts, "=" * length, *_totals(summary, options), "_" * length])


def _cells(line: Line, options: Options) -> list[str]:
    feeds = [f"'{source}'" for source in sources(line.row, options)]
    return [
        "| " * len(line.parents) + name_text(line.row, options),
        shown(outputs_text(line.row.output_shapes), options.ascii),
        _count(line.row.params),
        f"[{', '.join(feeds)}]",
    ]


def _count(count: object) -> str:
    return "?" if count is None else str(count)


def _row(cells: Sequence[str], ends: Sequence[int]) -> list[str]:
    """The lines of one row: each begins with a space, as in Keras."""
    starts = [1, *ends[:-1]]
    broken = [
        _broken(cell, stop - start - _GAP * (stop != ends[-1]))
        for cell, start, stop in zip(cells, starts, ends, strict=True)
    ]
    result = []
    for index in range(max(map(len, broken))):
        parts = (
            pad(cell[index] if index < len(cell) else "", stop - start)
            for cell, start, stop in zip(broken, starts, ends, strict=True)
        )
        result.append(f" {''.join(parts)}".rstrip())
    return result


def _broken(text: str, columns: int) -> list[str]:
    """A cell in pieces, broken after a shape or a name of a list, else wherever the column ends."""
    pieces: list[str] = []
    for item in text.replace("), ", "),\n ").replace("', ", "',\n ").split("\n"):
        rest = item
        while width(rest) > columns:
            piece = head(rest, columns) or rest[:1]
            pieces.append(piece)
            rest = rest[len(piece) :]
        pieces.append(rest)
    return pieces


def _totals(summary: Summary, options: Options) -> Iterator[str]:
    sums, least = summary.totals, counted(summary, "params")
    for label, count in (
        ("Total", sums.params),
        ("Trainable", sums.trainable_params),
        ("Non-trainable", sums.non_trainable_params),
    ):
        known = f"{least}{count:,}" if isinstance(count, int) else f"{least}{count}"
        yield f"{label} params: {'not known' if count is UNKNOWN else known}"
    yield from remarks(summary, options._replace(macs=False, columns=()))
