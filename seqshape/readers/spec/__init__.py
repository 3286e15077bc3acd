"""The reader of specs: one line of text to a graph. It knows no layer by name but ``Input`` and ``Residual``."""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.graph import Graph
from seqshape.readers.spec.lower import lower
from seqshape.readers.spec.parser import parse

__all__ = ["parse", "read_spec"]


def read_spec(text: str, *, name: str | None = None, inputs: Sequence[str] = ()) -> Graph:
    """The graph of a spec. ``name`` is the file it stands in; ``inputs`` are the names that ``-i NAME=…`` gives.

    A chain without ``Input`` gets an Input node without arguments: its shape is still to be said. Raises SeqshapeError
    with every fault that is found, each with its place.
    """
    return lower(parse(text, name), name, inputs)
