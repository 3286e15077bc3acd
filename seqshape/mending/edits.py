"""Which edits may mend a fault, by its kind: another kind is another line of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from seqshape.diagnostics import Fault
from seqshape.graph import Node
from seqshape.mending.languages import language_of
from seqshape.mending.patch import Edit
from seqshape.mending.ranks import ranked
from seqshape.mending.scene import Scene
from seqshape.mending.sizes import numbers_of_inputs, unfit_sizes, unknown_sizes
from seqshape.network import Network

MAKERS: dict[str, Callable[[Scene], Iterator[Edit]]] = {
    "E201": ranked,
    "E202": numbers_of_inputs,
    "E203": unfit_sizes,
    "E204": unknown_sizes,
}


def edits_for(network: Network, fault: Fault, node: Node | None) -> Iterator[Edit]:
    """The edits that may mend one fault of a network, the likeliest first."""
    language = language_of(network)
    if language is None:
        return
    if fault.instead is not None and fault.span is not None:
        patches = language.written(fault.span, fault.instead)
        if patches:
            yield Edit(patches, fault.help or f"write {fault.instead}")
    if fault.code in MAKERS:
        yield from MAKERS[fault.code](Scene(network, language, fault, node))


def first_edits(network: Network) -> Iterator[Edit]:
    """The edits for the first fault of a network."""
    _, fault, node = network.session.faults[0]
    return edits_for(network, fault, node)
