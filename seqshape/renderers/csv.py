"""One line a layer, for spreadsheets and for scripts. What is not known is an empty field."""

from __future__ import annotations

import csv
import io

from seqshape.renderers import Options
from seqshape.renderers.cells import Line, count, lines
from seqshape.renderers.text import shown
from seqshape.summary import Row, Shape, Summary

FIRST = ("name", "class", "output_shape")
COLUMNS = ("params", "trainable_params", "non_trainable_params", "macs")


def render(summary: Summary, options: Options) -> str:
    """The layers as comma-separated values with a header; a layer of a nested model is named ``model/layer``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*FIRST, *(options.columns or COLUMNS)))
    writer.writerows(_fields(summary, line, options) for line in lines(summary, options))
    return text.getvalue().removesuffix("\n")


def _fields(summary: Summary, line: Line, options: Options) -> list[str]:
    row = line.row
    path = _text("/".join((*line.parents, row.name)), options)
    return [
        path,
        _text(row.class_name, options),
        _outputs(row.output_shapes),
        *(_field(name, row, summary) for name in options.columns or COLUMNS),
    ]


def _field(name: str, row: Row, summary: Summary) -> str:
    """A count; a share of the total as a fraction; whether it is trained."""
    if name == "trainable":
        return {True: "true", False: "false", None: ""}[row.trainable]
    if name not in ("share", "macs_share"):
        found = count(row, name)
        return "" if found is None else str(found)
    part, total = (row.params, summary.totals.params) if name == "share" else (row.macs, summary.totals.macs)
    return f"{part / total:.6f}" if isinstance(part, int) and isinstance(total, int) and total else ""


def _text(name: str, options: Options) -> str:
    """A name that no spreadsheet takes for a formula to compute: those begin so."""
    text = shown(name, options.ascii)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _outputs(shapes: tuple[Shape | None, ...]) -> str:
    """The shape, or a list of several; nothing where none is known."""
    if all(shape is None for shape in shapes):
        return ""
    return _shape(shapes[0]) if len(shapes) == 1 else f"[{', '.join(map(_shape, shapes))}]"


def _shape(shape: Shape | None) -> str:
    """A shape in Python syntax: ``(None, T - 2, 5)``, ``(None,)``; ``...`` for one that is not known among several."""
    if shape is None:
        return "..."
    return f"({shape[0]!s},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"
