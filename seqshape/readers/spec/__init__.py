"""The reader of specs: one line of text to a graph. It knows no layer by name but ``Input`` and ``Residual``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from seqshape.ambient import Channel, Listening
from seqshape.diagnostics import Source
from seqshape.graph import Graph
from seqshape.readers.spec.lower import lower
from seqshape.readers.spec.parser import parse
from seqshape.readers.spec.plain import NotPlain, looks_plain, plain_statements

_TEXTS: Channel[Source] = Channel("specs")

__all__ = ["parse", "read_spec", "texts"]


def texts() -> Listening[Source]:
    """Collects the texts of specs that are read inside the block and gives empty graphs: for who has many networks of one."""
    return _TEXTS.listening()


def read_spec(text: str, *, name: str | None = None, inputs: Sequence[str] = ()) -> Graph:
    """The graph of a spec. ``name`` is the file it stands in; ``inputs`` are the names that ``-i NAME=…`` gives.

    A chain without ``Input`` gets an Input node without arguments: its shape is still to be said. Raises SeqshapeError
    with every fault that is found, each with its place.
    """
    if _TEXTS.say(Source(text, name)):
        return Graph("Functional")
    if looks_plain(text):
        with suppress(NotPlain):
            return lower(plain_statements(text), Source(text, name), inputs)
    _, statements, _, declared = parse(text, name)
    waiting = [None, *reversed(statements)]
    del statements
    return lower(iter(waiting.pop, None), Source(text, name), inputs, declared)
