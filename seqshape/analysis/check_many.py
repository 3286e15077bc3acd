"""Limits held against every network that a source with choices and ranges stands for."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.analysis.check import LIMITS, Expectations, Shape
from seqshape.analysis.conditions import Key, parse_where
from seqshape.analysis.sweep import Query, Sweep
from seqshape.analysis.variants import OUTPUT, Planner, Template, Wish
from seqshape.diagnostics import Diagnostic
from seqshape.dims import Dim, symbol
from seqshape.estimate import Load
from seqshape.tensor import show


def check_many(template: Template, expected: Expectations) -> tuple[list[Diagnostic], int]:
    """One finding for each limit that a configuration breaks; and how many configurations there are.

    Raises SeqshapeError for a size that has no number.
    """
    whole = Sweep(template)
    found: list[Diagnostic] = []
    if not expected.limits and not expected.outputs:
        for _ in whole.tables([]):
            pass
        found += _faulty(whole)
    for name, limit in expected.limits.items():
        found += _limit(template, name, limit, expected.load)
    if expected.inputs:
        found.append(Diagnostic("E502", "error", "the input of several networks is not compared", help="leave it out"))
    if expected.outputs:
        found += _outputs(template, expected.outputs)
    return list(dict.fromkeys(found)), whole.count


def _limit(template: Template, name: str, limit: int, load: Load) -> Iterator[Diagnostic]:
    where, order = (parse_where(f"{name} > {limit}"),), (Key(name, symbol(name), True),)
    sweep = Sweep(template, Query(where, order, 1, load=load))
    rows = list(sweep)
    yield from _faulty(sweep)
    if rows:
        with_ = ", ".join(f"{axis} = {value}" for axis, value in rows[0].settings.items())
        broken = f"{sweep.kept:,} of {sweep.count:,} configurations have more than {limit:,} {LIMITS[name]}"
        yield Diagnostic("E501", "error", f"{broken}: the most, {getattr(rows[0], name):,}, with {with_}")
    wish = Wish(frozenset({name}), load)
    if any(not block.faults and block.formulas[name] is None for block in Planner(template, wish).blocks()):
        yield Diagnostic("E503", "error", f"the number of {LIMITS[name]} is not known in full", help=None)


def _faulty(sweep: Sweep) -> Iterator[Diagnostic]:
    """The configurations that are no networks, with the reason of the first."""
    if sweep.faulty:
        first = sweep.fault[0]
        message = f"{sweep.faulty:,} of {sweep.count:,} configurations are no networks, such as: {first.message}"
        yield first._replace(message=message, help=None, replacement=None)


def _outputs(template: Template, wanted: tuple[Shape, ...]) -> Iterator[Diagnostic]:
    sweep = Sweep(template)
    shapes = [tuple(map(_plain, shape)) for shape in wanted]
    other, number = None, 0
    for table in sweep.tables([OUTPUT]):
        for outputs in table[OUTPUT].tolist():
            if [None if shape is None else shape[1:] for shape in outputs] != shapes:
                other, number = other or outputs, number + 1
    yield from _faulty(sweep)
    if number:
        given = ", ".join("not known" if shape is None else str(shape[1:]) for shape in other or ())
        expected = ", ".join(map(show, wanted))
        message = f"the output of {number:,} of {sweep.count:,} configurations is another, such as {given}: {expected}"
        yield Diagnostic("E502", "error", f"{message} is expected")


def _plain(dim: Dim) -> int | None:
    return dim if isinstance(dim, int) else None
