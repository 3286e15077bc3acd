"""Any number of networks in one table, and as data."""

from __future__ import annotations

from seqshape.analysis.ranking import COLUMNS, Contender, Ranking
from seqshape.dims import Unknown, to_json
from seqshape.renderers.text import fitted, head, pad, printable, to_ascii
from seqshape.renderers.text import width as columns
from seqshape.tensor import show

HEADERS = ("", "output", "params", "macs", "weights (bytes)", "memory (bytes)", "receptive field")
_SHORTEST = 12  # columns of a source


def render(ranking: Ranking, width: int | None = None, *, ascii: bool = False) -> str:
    """A row a network; the best of each column has a star."""
    rows = [HEADERS, *(_cells(ranking, place) for place in range(len(ranking.contenders)))]
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    if width is not None:
        widths[0] = max(min(widths[0], width - sum(widths[1:]) - 2 * (len(widths) - 1)), min(widths[0], _SHORTEST))
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "-" * max(map(columns, lines)))
    if any(ranking.best.values()):
        lines += ["", "* the best: the fewest, and of the receptive field the most"]
    load = ranking.load
    what = "a run" if load.optimizer is None else f"a step of training with {load.optimizer}"
    lines.append(f"memory: estimated for {what}, {load.batch:,} samples at once")
    text = "\n".join(fitted(lines, width))
    return to_ascii(text) if ascii else text


def _cells(ranking: Ranking, place: int) -> tuple[str, ...]:
    found = ranking.contenders[place]
    outputs = ", ".join("?" if shape is None else show(shape) for shape in found.output_shapes)
    counts = (_count(getattr(found, name), place in ranking.best[name]) for name in COLUMNS)
    return (printable(found.source), outputs, *counts)


def _count(value: object, best: bool) -> str:
    shown = (
        "?" if value is None or isinstance(value, Unknown) else f"{value:,}" if isinstance(value, int) else str(value)
    )
    return f"{shown} {'*' if best else ' '}"


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    first = row[0] if columns(row[0]) <= widths[0] else f"{head(row[0], widths[0] - 1)}…"
    cells = [pad(first, widths[0]), pad(row[1], widths[1])]
    cells += [pad(cell, size, "right") for cell, size in zip(row[2:], widths[2:], strict=True)]
    return "  ".join(cells).rstrip()


def to_dict(ranking: Ranking) -> dict[str, object]:
    """The same as data: ``best`` has, for each column, the numbers of the networks from 0."""
    return {
        "schema": "seqshape.ranking/1",
        "networks": list(map(_data, ranking.contenders)),
        "load": {"batch": ranking.load.batch, "optimizer": ranking.load.optimizer},
        "best": {name: list(places) for name, places in ranking.best.items()},
    }


def _data(found: Contender) -> dict[str, object]:
    shapes = [None if shape is None else [to_json(dim) for dim in shape] for shape in found.output_shapes]
    counts = {name: None if (value := getattr(found, name)) is None else to_json(value) for name in COLUMNS}
    return {"source": found.source, "output_shape": shapes[0] if len(shapes) == 1 else shapes, **counts}
