"""Rows of a sweep: as a table for people, as comma-separated values, as JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seqshape.analysis.sweep import Sweep
from seqshape.analysis.variants import OUTPUT
from seqshape.renderers.text import fold, pad, printable, to_ascii
from seqshape.renderers.text import width as columns

Table = Mapping[str, Any]  # columns as arrays of numpy
_COMPUTED = ("=", "+", "-", "@")  # what a spreadsheet takes for the beginning of a formula


def rows(table: Table, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of a part, as plain numbers and texts; shapes as they are."""
    return zip(*(table[name].tolist() for name in names), strict=True)


def shapes(outputs: Any) -> str:
    """The shapes of all outputs of a row: ``(None, 100, 1)``."""
    return ", ".join("?" if shape is None else _shape(shape) for shape in outputs)


def _shape(shape: tuple[int | None, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


# --- for people -------------------------------------------------------------------------------------------------------


def render(names: Sequence[str], listed: Sequence[tuple[object, ...]], *, width: int | None, ascii: bool) -> str:
    """A table of a header and rows; lines that are too long for the terminal are told as blocks."""
    cells = [[_cell(name, value) for name, value in zip(names, row, strict=True)] for row in listed]
    widths = [max(map(columns, column)) for column in zip(names, *cells, strict=True)]
    lines = [_line(names, names, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(names, row, widths) for row in cells]
    if width is not None and columns(lines[1]) > width:
        lines = [
            line
            for row in cells
            for line in (*fold(", ".join(f"{name} {cell}" for name, cell in zip(names, row, strict=True)), width), "")
        ][:-1]
    text = "\n".join(lines)
    return to_ascii(text) if ascii else text


def _cell(name: str, value: object) -> str:
    if value is None:
        return "?"
    if name == OUTPUT:
        return shapes(value)
    return f"{value:,}" if isinstance(value, int) else printable(str(value))


def _line(names: Sequence[str], cells: Sequence[str], widths: Sequence[int]) -> str:
    is_left = [name == OUTPUT for name in names]
    return "  ".join(
        pad(cell, width, "left" if left else "right") for cell, width, left in zip(cells, widths, is_left, strict=True)
    ).rstrip()


def told(sweep: Sweep, number: int) -> Iterator[str]:
    """Sentences on what a sweep has seen; ``number`` rows of it are shown."""
    query = sweep.query
    seen = f"{sweep.seen:,} of {sweep.count:,}" if sweep.seen < sweep.count else f"{sweep.count:,}"
    yield f"{seen} configuration{'' if seen == '1' else 's'}"
    if query.where:
        yield _kept(sweep)
    if query.pareto:
        yield f"{number:,} are best in {', '.join(_goal(key.text, key.falling) for key in query.pareto)}"
    elif number < sweep.kept:
        order = f" by {', '.join(('-' if key.falling else '') + key.text for key in query.sort)}" if query.sort else ""
        yield f"the first {number:,}{order} are shown"
    if sweep.faulty and number:
        reason = f", such as: {sweep.fault[0].message}" if sweep.fault else ""
        yield printable(
            f"{sweep.faulty:,} {'is no network' if sweep.faulty == 1 else 'are no networks'}, left out{reason}"
        )


def _kept(sweep: Sweep) -> str:
    conditions = " and ".join(printable(where.text.strip()) for where in sweep.query.where)
    return f"{sweep.kept:,} {'has' if sweep.kept == 1 else 'have'} {conditions}"


def _goal(text: str, falling: bool) -> str:
    return f"{'large' if falling else 'small'} {text}"


# --- for programs -----------------------------------------------------------------------------------------------------


def csv_text(names: Sequence[str], table: Table | None) -> str:
    """The header, or the rows of a part, without a line break at the end. What is not known is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if table is None:
        writer.writerow(names)
    else:
        writer.writerows(
            [_field(name, value) for name, value in zip(names, row, strict=True)] for row in rows(table, names)
        )
    return text.getvalue().removesuffix("\n")


def _field(name: str, value: Any) -> object:
    if name == OUTPUT:
        return shapes(value) if value and value[0] is not None else ""
    if isinstance(value, str) and value.startswith(_COMPUTED):
        return f"'{value}"
    return "" if value is None else value


def json_lines(names: Sequence[str], table: Table) -> str:
    """One JSON object a row. ``output`` is the shape, of several outputs a list of them."""
    return "\n".join(
        json.dumps({name: _value(name, value) for name, value in zip(names, row, strict=True)})
        for row in rows(table, names)
    )


def _value(name: str, value: Any) -> object:
    return value[0] if name == OUTPUT and len(value) == 1 else value


# --- Parquet and pictures ---------------------------------------------------------------------------------------------


class Parquet:
    """Writes parts of a sweep as a Parquet file. Raises ImportError without pyarrow."""

    def __init__(self, stream: object, names: Sequence[str], sweep: Sweep) -> None:
        import pyarrow
        from pyarrow import parquet

        texts = {OUTPUT, *(axis.name for axis in sweep.axes if axis.options)}
        types = {name: pyarrow.string() if name in texts else pyarrow.int64() for name in names}
        self.names = names
        self.schema = pyarrow.schema(list(types.items()))
        self.writer = parquet.ParquetWriter(stream, self.schema)

    def write(self, table: Table) -> None:
        """Add rows. Raises OverflowError for a number beyond 64 bits."""
        import pyarrow

        found = {name: table[name] if name != OUTPUT else [*map(shapes, table[name])] for name in self.names}
        try:
            self.writer.write_table(pyarrow.table(found, schema=self.schema))
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError) as problem:
            raise OverflowError(str(problem)) from None

    def close(self) -> None:
        """Finish the file."""
        self.writer.close()


def picture(axes: Sequence[str], chosen: Sequence[str], table: Table, form: str) -> bytes:
    """The rows as a picture: over one size a line for each column, else one column against the other."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, first = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    if len(axes) == 1:
        for place, name in enumerate(chosen[:2]):
            drawn = first if not place else first.twinx()
            drawn.plot(table[axes[0]], table[name], color=f"C{place}", label=name)
            drawn.set_ylabel(name, color=f"C{place}")
        first.set_xlabel(axes[0])
    else:
        first.scatter(table[chosen[0]], table[chosen[1]], s=6, linewidths=0)
        first.set_xlabel(chosen[0])
        first.set_ylabel(chosen[1])
    data = io.BytesIO()
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form)
    figure.savefig(data, format=form, metadata=metadata, dpi=150)
    pyplot.close(figure)
    return data.getvalue()
