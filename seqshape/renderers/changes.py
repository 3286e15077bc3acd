"""The table with what has changed since an earlier one marked: ``*`` a cell, ``+`` a row that is new, ``-`` one gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqshape.analysis.compare import Pair, align
from seqshape.records import NamedTuple
from seqshape.renderers import Options
from seqshape.renderers.cells import Field, Line, fields, levels, totals
from seqshape.renderers.table import page, row
from seqshape.renderers.text import NO_BREAK
from seqshape.summary import Row, Summary

Cells = list[tuple[str, str]]  # of each: what it is set in by, and its text


class Marked(NamedTuple):
    """A row of the table: its sign, its cells, how many of them have changed."""

    sign: str
    cells: Cells
    changed: int = 0


def render(summary: Summary, options: Options, before: Summary) -> tuple[str, str]:
    """The table of a summary, marked against an earlier one, and in a few words how much has changed."""
    chosen, earlier = fields(summary, options), {field.header: field for field in fields(before, options)}
    rows = [_marked(chosen, earlier, pair, options) for pair in _pairs(before, summary, options)]
    is_set_in = any(one.sign != " " for one in rows)
    cells = [_signed(one) if is_set_in else one.cells for one in rows]
    sums = dict(totals(before, options))
    return page(summary, options, chosen, cells, sums), _told(rows, dict(totals(summary, options)) != sums)


def _pairs(before: Summary, after: Summary, options: Options) -> Iterator[tuple[Line | None, Line | None]]:
    """The rows of both as they stand for one another, in order, those of nested models as far as the options say."""
    depth = levels(options)
    waiting: list[tuple[Pair, tuple[str, ...]]] = [(pair, ()) for pair in _reversed(before.layers, after.layers)]
    while waiting:
        pair, parents = waiting.pop()
        left, right = (None if one is None else Line(one, parents) for one in (pair.left, pair.right))
        yield left, right
        if depth is None or len(parents) < depth:
            inside = [one.layers if one is not None else () for one in (pair.left, pair.right)]
            within = next((one.row.name for one in (right, left) if one is not None), "")
            waiting += ((inner, (*parents, within)) for inner in _reversed(*inside))


def _reversed(left: tuple[Row, ...], right: tuple[Row, ...]) -> list[Pair]:
    return [*align(left, right)][::-1]


def _marked(
    chosen: Sequence[Field], earlier: dict[str, Field], pair: tuple[Line | None, Line | None], options: Options
) -> Marked:
    left, right = pair
    known = [earlier.get(field.header) for field in chosen]
    if right is None:
        assert left is not None
        drawn = [row([field], left, options)[0] if field is not None else ("", "") for field in known]
        return Marked("-", drawn)
    cells = row(chosen, right, options)
    if left is None:
        return Marked("+", cells)
    is_new = [
        field is not None and field.cell(left) != now.cell(right) for field, now in zip(known, chosen, strict=True)
    ]
    drawn = [(indent, f"{text}{NO_BREAK}*" if new else text) for (indent, text), new in zip(cells, is_new, strict=True)]
    return Marked(" ", drawn, sum(is_new))


def _signed(one: Marked) -> Cells:
    (indent, text), *rest = one.cells
    return [(f"{one.sign} {indent}", text), *rest]


def _told(rows: Sequence[Marked], sums_differ: bool) -> str:
    """``2 cells changed (*), 1 row added (+)``, or that nothing has."""
    signs = [one.sign for one in rows]
    counts = (
        (sum(one.changed for one in rows), "cell", "changed (*)"),
        (signs.count("+"), "row", "added (+)"),
        (signs.count("-"), "row", "removed (-)"),
    )
    told = [f"{number:,} {what}{'s' if number > 1 else ''} {how}" for number, what, how in counts if number]
    return ", ".join(told) or ("totals changed (*)" if sums_differ else "no change")
