"""A comparison as text and as data."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from seqshape.dims import Size, to_json
from seqshape.renderers.cells import counted
from seqshape.renderers.text import fitted, fold, pad, printable, to_ascii
from seqshape.renderers.text import width as columns
from seqshape.summary import Row, Summary
from seqshape.tensor import show

if TYPE_CHECKING:
    from seqshape.analysis.compare import Comparison, Pair

MOST_WEIGHTS = 4  # differences of weights that are told
MARKS = {"same": " ", "changed": "~", "removed": "-", "added": "+"}


def render(comparison: Comparison, width: int | None = None, *, ascii: bool = False) -> str:
    """Rows side by side, the totals, and what differs in sentences.

    In a narrow terminal a row shows its class alone. In a narrower one the rows of a pair stand one below the other, and
    one that both have stands once.
    """
    lines = _table(comparison, short=False)
    if width is not None and max(map(columns, lines)) > width:
        lines = _table(comparison, short=True)
        if max(map(columns, lines)) > width:
            lines = _folded(comparison, width)
    told = [
        piece for line in map(printable, _sentences(comparison)) for piece in (fold(line, width) if width else [line])
    ]
    text = "\n".join([*fitted(lines, width), "", *told])
    return to_ascii(text) if ascii else text


def _folded(comparison: Comparison, width: int) -> list[str]:
    """Pairs one below the other; the second row of one that differs begins with an arrow."""
    found: list[tuple[str, tuple[str, str, str]]] = []
    for pair in comparison.pairs:
        rows = [row for row in (pair.left, pair.right) if row is not None]
        marks = (MARKS[kind(pair)], "→") if pair.changed else (MARKS["same"],)
        found += zip(marks, (_row(row, short=False) for row in rows), strict=False)
    totals = [_total(comparison.left), _total(comparison.right)]
    found += zip((" ",) if totals[0] == totals[1] else ("~", "→"), totals, strict=False)
    sizes = [max(columns(cells[column]) for _, cells in found) for column in range(3)]
    lines: list[str] = []
    for mark, (name, shape, count) in found:
        rest = f"{pad(shape, sizes[1], 'left')}  {pad(count, sizes[2], 'right')}"
        if sum(sizes) + 6 <= width:
            lines.append(f"{mark} {pad(name, sizes[0], 'left')}  {rest}".rstrip())
        else:
            lines += [f"{mark} {name}", f"    {rest}".rstrip()]
    ends = sum(len(lines) // len(found) for _ in range(1 if totals[0] == totals[1] else 2))
    lines.insert(len(lines) - ends, "-" * min(width, max(map(columns, lines))))
    return lines


def _table(comparison: Comparison, *, short: bool) -> list[str]:
    cells = [_cells(pair, short) for pair in comparison.pairs]
    cells.append(("", *_total(comparison.left), *_total(comparison.right)))
    widths = [max(columns(row[column]) for row in cells) for column in range(7)]
    lines = [_line(row, widths) for row in cells]
    lines.insert(-1, "-" * max(map(columns, lines)))
    return lines


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    mark, *rest = row
    aligned = [
        pad(text, width, "right" if column in (2, 5) else "left")
        for column, (text, width) in enumerate(zip(rest, widths[1:], strict=True))
    ]
    return f"{mark:1} {'  '.join(aligned[:3])}   |   {'  '.join(aligned[3:])}".rstrip()


def _cells(pair: Pair, short: bool) -> tuple[str, ...]:
    return (MARKS[kind(pair)], *_row(pair.left, short), *_row(pair.right, short))


def kind(pair: Pair) -> str:
    """``same``, ``changed``, ``removed`` or ``added``."""
    if not pair.changed:
        return "same"
    return pair.changed[0] if pair.changed[0] in ("removed", "added") else "changed"


def _row(row: Row | None, short: bool) -> tuple[str, str, str]:
    if row is None:
        return "", "", ""
    name = row.class_name if short else f"{row.name} ({row.class_name})"
    return printable(name), ", ".join(map(show, row.output_shapes)), _count(row.params)


def _total(summary: Summary) -> tuple[str, str, str]:
    shapes = ", ".join(show(port.shape) for port in summary.outputs)
    return "total", shapes, counted(summary, "params") + _count(summary.totals.params)


def _count(number: Size | None) -> str:
    """A count with separators between thousands, a formula, or ``?``."""
    return "?" if number is None else f"{number:,}" if isinstance(number, int) else str(number)


def _sentences(comparison: Comparison) -> Iterator[str]:
    if comparison.same:
        yield "the same shapes and counts, row by row"
    for name in comparison.changed:
        if name not in ("inputs", "outputs", "at_least"):
            left, right = getattr(comparison.left.totals, name), getattr(comparison.right.totals, name)
            yield f"{name}: {_count(left)} against {_count(right)}"
        elif name != "at_least":
            yield f"{name}: {_ports(comparison.left, name)} against {_ports(comparison.right, name)}"
    if not comparison.same and not comparison.changed:
        yield "the totals are equal, the rows are not"
    yield from islice((line for pair in comparison.pairs for line in _weights(pair)), MOST_WEIGHTS)
    if comparison.reason is not None:
        yield from comparison.reason.split("; ")


def _weights(pair: Pair) -> Iterator[str]:
    """The weights of two layers of one class that are of another shape, or that only one of them has."""
    if pair.left is None or pair.right is None or pair.left.class_name != pair.right.class_name:
        return
    left, right = ({weight.path: show(weight.shape) for weight in row.weights} for row in (pair.left, pair.right))
    for path in dict.fromkeys((*left, *right)):
        one, two = left.get(path, "none"), right.get(path, "none")
        if one != two:
            yield f"{path} of {pair.left.name}: {one} against {two}"


def _ports(summary: Summary, name: str) -> str:
    return ", ".join(show(port.shape) for port in getattr(summary, name))


def to_dict(comparison: Comparison) -> dict[str, object]:
    """The same as data."""
    return {
        "schema": "seqshape.compare/1",
        "same": comparison.same,
        "equivalent": comparison.equivalent,
        "reason": comparison.reason,
        "largest_difference": comparison.difference,
        "changed": list(comparison.changed),
        "rows": [
            {"kind": kind(pair), "changed": list(pair.changed), "left": _data(pair.left), "right": _data(pair.right)}
            for pair in comparison.pairs
        ],
        "totals": {"left": _sums(comparison.left), "right": _sums(comparison.right)},
    }


def _data(row: Row | None) -> dict[str, object] | None:
    if row is None:
        return None
    shapes = [None if shape is None else [to_json(dim) for dim in shape] for shape in row.output_shapes]
    return {
        "name": row.name,
        "class": row.class_name,
        "output_shape": shapes[0] if len(shapes) == 1 else shapes,
        "params": None if row.params is None else to_json(row.params),
        "macs": None if row.macs is None else to_json(row.macs),
    }


def _sums(summary: Summary) -> dict[str, object]:
    totals = summary.totals
    sums: dict[str, object] = {
        name: to_json(getattr(totals, name))
        for name in ("params", "trainable_params", "non_trainable_params", "bytes", "macs")
    }
    return sums | {"at_least": totals.at_least}
