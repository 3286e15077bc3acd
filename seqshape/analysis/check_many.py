"""Limits held against every network that a source with choices and ranges stands for."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.analysis.check import LIMITS, Expectations, Shape
from seqshape.analysis.conditions import Key, parse_where
from seqshape.analysis.sweep import Query, Sweep
from seqshape.analysis.variants import OUTPUT, Planner, Template, Wish, unsaid
from seqshape.diagnostics import Diagnostic
from seqshape.dims import Dim, symbol
from seqshape.estimate import Load
from seqshape.tensor import show


def check_many(template: Template, expected: Expectations) -> tuple[list[Diagnostic], int]:
    """One finding for each limit that a configuration breaks; and how many configurations there are.

    Raises SeqshapeError for an axis without numbers.
    """
    whole = Sweep(template)
    found: list[Diagnostic] = []
    if not expected.limits and not expected.outputs:
        found += _run(whole)
    for name, limit in expected.limits.items():
        found += _limit(template, name, limit, expected.load)
    said = {"input": expected.inputs, "fit to labels": expected.targets, "growth": expected.before}
    for what in (what for what, wanted in said.items() if wanted):
        message = f"the {what} of several networks is not checked: the source has choices or ranges"
        found.append(Diagnostic("E503", "error", message, help="write one network of them, or leave that check out"))
    if expected.outputs:
        found += _outputs(template, expected.outputs)
    return list(dict.fromkeys(found)), whole.count


def _limit(template: Template, name: str, limit: int, load: Load) -> Iterator[Diagnostic]:
    lacking, unknown = _open_sizes(template, name, load)
    if lacking:
        yield from _run(Sweep(template))
        yield _undecided(f"whether there are at most {limit:,} {LIMITS[name]}", lacking)
        return
    where, order = (parse_where(f"{name} > {limit}"),), (Key(name, symbol(name), True),)
    sweep = Sweep(template, Query(where, order, 1, load=load))
    axes = [str(axis) for axis in sweep.axes]
    rows = [
        row
        for table in sweep.tables([*axes, name])
        for row in zip(*(table[one].tolist() for one in (*axes, name)), strict=True)
    ]
    yield from _faulty(sweep)
    for *settings, most in rows:
        with_ = ", ".join(f"{axis} = {value}" for axis, value in zip(axes, settings, strict=True) if value is not None)
        broken = f"{sweep.kept:,} of {sweep.count:,} configurations have more than {limit:,} {LIMITS[name]}"
        yield Diagnostic("E501", "error", f"{broken}: the most, {most:,}, with {with_}")
    if unknown:
        yield Diagnostic("E503", "error", f"the number of {LIMITS[name]} is not known in full", help=None)


def _open_sizes(template: Template, name: str, load: Load) -> tuple[list[str], bool]:
    """The sizes without a number that a count depends on, and whether it cannot be told of some network."""
    lacking: set[str] = set()
    unknown = False
    for block in Planner(template, Wish(frozenset({name}), load)).blocks():
        if not block.faults:
            lacking |= {*unsaid(block, [name])}
            unknown = unknown or block.formulas.get(name, 0) is None
    return sorted(lacking), unknown


def _undecided(what: str, lacking: list[str]) -> Diagnostic:
    help = f"give {'it a number' if len(lacking) == 1 else 'them numbers'} with -i or --set: --set {lacking[0]}=100"
    return Diagnostic("E503", "error", f"{what} depends on {' and '.join(lacking)}", help=help)


def _run(sweep: Sweep) -> Iterator[Diagnostic]:
    """What is wrong with configurations, where nothing else is asked of them."""
    for _ in sweep.tables([]):
        pass
    yield from _faulty(sweep)


def _faulty(sweep: Sweep) -> Iterator[Diagnostic]:
    """The configurations that are no networks, with the reason of the first."""
    if sweep.faulty:
        first = sweep.fault[0]
        message = f"{sweep.faulty:,} of {sweep.count:,} configurations are no networks, such as: {first.message}"
        yield first._replace(message=message, help=None, replacement=None)


def _outputs(template: Template, wanted: tuple[Shape, ...]) -> Iterator[Diagnostic]:
    sweep = Sweep(template)
    if lacking := _open_sizes(template, OUTPUT, Load())[0]:
        yield from _run(sweep)
        yield _undecided(f"whether the output is {', '.join(map(show, wanted))}", lacking)
        return
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
