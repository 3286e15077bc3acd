"""Iterators: what they give is used up. Generators of the source stand still between two values, as Python's do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.readers.keras_source.items import iterate
from seqshape.readers.keras_source.machine import Given, Machine, Raised, Returned
from seqshape.readers.keras_source.rooms import room
from seqshape.readers.keras_source.scope import Frame
from seqshape.readers.keras_source.values import Args, Function, Keywords, Rest, Result, Stream, Value, Work

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site

MOST_NESTED = 40  # generators that wait for each other


class Generator:
    """A generator of the source: its body runs on when the next value is asked for."""

    def __init__(self, machine: Machine, work: Work, name: str) -> None:
        self.machine = machine
        self.stack = [work]
        self.name = name

    def __iter__(self) -> Iterator[Value]:
        return self

    def __next__(self) -> Value:
        """The next value. Raises Raised for what the body raises, and where too many generators wait for each other."""
        machine = self.machine
        if not self.stack:
            raise StopIteration
        if machine.generators >= MOST_NESTED:
            raise Raised(None, "RecursionError", f"{self.name} waits for too many generators", Span())
        machine.generators += 1
        try:
            found = machine.resume(self.stack)
        finally:
            machine.generators -= 1
        if type(found) is not Given:
            raise StopIteration
        return found.value


def generator(run: Interpreter, function: Function, frame: Frame) -> Stream:
    """What a call of a generator function gives."""
    return Stream(Generator(run.machine, _body(run, function, frame), function.name))


def _body(run: Interpreter, function: Function, frame: Frame) -> Work:
    try:
        yield run.block(function.node.body, frame)  # type: ignore[arg-type]
    except Returned as returned:
        if not returned.is_sure:
            yield Given(Rest("more items", returned.span))
        return


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """A function of itertools or functools. What it makes of iterators of unknown length is not known."""
    last = path.rpartition(".")[2]
    if last == "reduce":
        return _reduced(run, args, site)
    if last in ("cache", "lru_cache"):
        return room("protocols").remembering(run, args, kwargs, site)  # type: ignore[no-any-return]
    if path.startswith("functools."):
        return run.unknown(site)
    if last in ("starmap", "takewhile", "dropwhile", "filterfalse"):
        return _asking(run, last, args, site)
    if last == "accumulate" and len(args) > 1:
        return run.unknown(site)
    return _made(run, last, args, kwargs, site)


# What a function makes of iterators that are given first, and how many of them that are (``None``: all).
MAKERS: dict[str, tuple[Callable[..., Iterator[Value]], int | None]] = {
    "count": (itertools.count, 0),
    "repeat": (itertools.repeat, 0),
    "cycle": (itertools.cycle, 1),
    "islice": (itertools.islice, 1),
    "accumulate": (itertools.accumulate, 1),
    "pairwise": (itertools.pairwise, 1),
    "combinations": (itertools.combinations, 1),
    "combinations_with_replacement": (itertools.combinations_with_replacement, 1),
    "permutations": (itertools.permutations, 1),
    "chain": (itertools.chain, None),
    "product": (itertools.product, None),
    "zip_longest": (itertools.zip_longest, None),
}


def _made(run: Interpreter, name: str, args: Args, kwargs: Keywords, site: Site) -> Work:
    maker, number = MAKERS.get(name, (None, None))
    if name == "from_iterable":
        outer = yield iterate(run, args[0], site.frame, site.node)
        maker, number, args = itertools.chain, None, outer if outer is not None else [None]
    number = len(args) if number is None else number
    plain = [*args[number:], *kwargs.values()]
    if maker is None or not all(each is None or isinstance(each, (int, float, str, tuple, list)) for each in plain):
        return run.unknown(site)
    sources = []
    for each in args[:number]:
        source = yield source_of(run, each, site)
        if source is None:
            return run.unknown(site)
        sources.append(source)
    return Stream(iter(maker(*sources, *args[number:], **kwargs)))


def source_of(run: Interpreter, value: Value, site: Site) -> Work:
    """What Python can iterate over: an iterator as it stands, the items of anything else; ``None`` if they are not known."""
    if isinstance(value, Stream):
        return value.items
    return (yield iterate(run, value, site.frame, site.node, lazily=True))


def _reduced(run: Interpreter, args: Args, site: Site) -> Work:
    """``functools.reduce(f, items, start)``."""
    items = yield iterate(run, args[1], site.frame, site.node)
    if items is None:
        return run.unknown(site)
    items = [*args[2:3], *items]
    if not items:
        raise Raised(None, "TypeError", "reduce of an empty sequence", site.span)
    found = items[0]
    for each in items[1:]:
        found = yield run.call(args[0], [found, each], {}, site.frame, site.node)
    return found


def _asking(run: Interpreter, name: str, args: Args, site: Site) -> Work:
    """Functions that call another one for each item."""
    from seqshape.readers.keras_source.operators import truth

    items = yield iterate(run, args[1], site.frame, site.node)
    if items is None:
        return run.unknown(site)
    found: list[Value] = []
    kept: list[bool | None] = []
    for each in items:
        given = list(each) if name == "starmap" else [each]
        found.append((yield run.call(args[0], given, {}, site.frame, site.node)))
        kept.append(truth(found[-1]))
    if name == "starmap":
        return Stream(iter(found))
    if None in kept:
        return run.unknown(site)
    turn = kept.index(False) if False in kept else len(kept)
    parts = {"takewhile": items[:turn], "dropwhile": items[turn:]}
    return Stream(iter(parts.get(name, [each for each, is_kept in zip(items, kept, strict=True) if not is_kept])))


def next_of(run: Interpreter, stream: Stream, default: list[Value], site: Site) -> Value:
    """``next(stream)``. Raises Raised where nothing is left and no default is given."""
    for each in stream.items:
        return each
    if default:
        return default[0]
    raise Raised(None, "StopIteration", "nothing is left", site.span)
