"""Where the layers of models stand in a program."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate

from seqshape.diagnostics import Span
from seqshape.graph import Call, Graph, Node


class Around:
    """Where the layers of graphs and their calls stand in a text, so that a place is found without a look at each."""

    def __init__(self, graphs: Iterable[Graph]) -> None:
        found: dict[tuple[int, int], set[Graph]] = {}
        for graph in graphs:
            for each in made_for(graph):
                found.setdefault((each.span.start, each.span.stop), set()).add(graph)
        self._graphs = [found[stretch] for stretch in sorted(found)]
        self._stretches = sorted(found)
        self._reached = list(accumulate((stop for _, stop in self._stretches), max))  # by it and those before

    def holders(self, place: Span) -> set[Graph]:
        """The graphs with a layer, or a call of one, around a place."""
        found: set[Graph] = set()
        at, stop = bisect_left(self._stretches, (place.start + 1,)), place.stop
        while at and self._reached[at - 1] >= stop:
            at -= 1
            if self._stretches[at][1] >= stop:
                found |= self._graphs[at]
        return found


def made_for(graph: Graph) -> Iterator[Call | Node]:
    """The layers of a graph and their calls, and those inside them."""
    waiting = [graph]
    seen = {graph}
    while waiting:
        one = waiting.pop()
        yield from one.nodes
        for call in one.calls:
            yield call
            if call.body is not None and call.body not in seen:
                seen.add(call.body)
                waiting.append(call.body)
