"""Many networks out of one program: names of the program that take several values, as ``units=8..512`` in a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from seqshape.analysis.axes import Axis, ends
from seqshape.analysis.variants import Chosen, Given, Options, identifier, made
from seqshape.diagnostics import SeqshapeError
from seqshape.dims import symbol
from seqshape.graph import Graph
from seqshape.inputs import Inputs
from seqshape.network import Network

# What is said where a value decides more than sizes: branches, loops, models that may be others.
UNSURE = frozenset({"W140", "W141", "W143", "W147", "W148"})


class Program(Protocol):
    """A program of which one model is meant."""

    def one(self, settings: Mapping[str, Any] | None = None, shapes: object = None) -> Graph:
        """The model with values for names. Raises SeqshapeError."""


class ProgramTemplate:
    """A program in Python: ``given`` are the values of its names.

    A name stands for all its values where they change sizes only; else the program is read once for each. ``unheard``
    are names that the program does not ask for.
    """

    def __init__(self, program: Program, inputs: Inputs, given: Given, options: Options) -> None:
        self.program, self.inputs, self.options = program, inputs, options
        self._known: dict[frozenset[tuple[str, object]], Graph] = {}
        sizes = inputs.named_sizes()
        self._fixed = {name: numbers[0] for name, numbers in given.items() if len(numbers) == 1 and name not in sizes}
        self.inputs.values |= {name: given[name][0] for name in sizes & given.keys() if len(given[name]) == 1}
        self._names = [name for name in given if len(given[name]) != 1 and name not in sizes]
        first = self._graph({name: given[name][0] if given[name] else 1 for name in self._names})
        self.unheard = {*self._fixed, *self._names} - first.heard
        self.axes = tuple(
            Axis(name, given[name] or None, is_whole=name in {*sizes, *self.unheard} or self._is_size(name, given))
            for name in given
            if len(given[name]) != 1
        )

    def _is_size(self, name: str, given: Given) -> bool:
        """Whether a name for all values makes the same layers as the smallest and the largest of them do."""
        if not given[name]:
            return True
        others = {other: given[other][0] for other in self._names if other != name and given[other]}
        few = [self._graph({**others, name: value}) for value in ends(given[name])]
        try:
            many = self._graph({**others, name: symbol(identifier(name))})
        except SeqshapeError:
            return False
        return all(_looks(each) == _looks(many) for each in few)

    def _graph(self, values: Mapping[str, object]) -> Graph:
        """The model with these values, read once."""
        key = frozenset(values.items())
        if key not in self._known:
            self._known[key] = self.program.one({**self._fixed, **values}, self.inputs.only)
        return self._known[key]

    def network(self, chosen: Chosen) -> Network:
        """The network with these values; what has none is a size of that name."""
        values = {name: chosen.get(name, symbol(identifier(name))) for name in self._names}
        return made(self._graph(values), self.inputs, self.options, chosen)


def _looks(graph: Graph) -> object:
    """What two models have in common that differ in sizes only."""
    said = sorted(note.code for note in graph.notes if note.code in UNSURE)
    return said, [(call.class_name, [argument.name for argument in call.arguments]) for call in graph.calls]
