"""Which edits may mend a fault, by its kind: another kind is another line of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from seqshape.diagnostics import Fault
from seqshape.graph import Node
from seqshape.mending.patch import Edit
from seqshape.mending.ranks import ranked
from seqshape.mending.scene import Scene
from seqshape.mending.sizes import numbers_of_inputs, unfit_sizes, unknown_sizes
from seqshape.mending.spoken import language_of
from seqshape.mending.words import of_torch, percent, unknown_argument, unknown_layer, wrong_value
from seqshape.network import Network


def _sizes(scene: Scene) -> Iterator[Edit]:
    yield from percent(scene)
    yield from unfit_sizes(scene)


MAKERS: dict[str, Callable[[Scene], Iterator[Edit]]] = {
    "E102": unknown_layer,
    "E103": unknown_argument,
    "E104": wrong_value,
    "E201": ranked,
    "E202": numbers_of_inputs,
    "E203": _sizes,
    "E204": unknown_sizes,
}


def edits_for(network: Network, fault: Fault, node: Node | None) -> Iterator[Edit]:
    """The edits that may mend one fault of a network, the likeliest first."""
    language = language_of(network)
    if language is None:
        return
    scene = Scene(network, language, fault, node)
    made = chain(of_torch(scene), MAKERS[fault.code](scene) if fault.code in MAKERS else ())
    if fault.instead is not None and fault.span is not None:
        patches = language.written(fault.span, fault.instead)
        if patches:
            made = chain([Edit(patches, fault.help or f"write {fault.instead}")], made)
    yield from sorted(made, key=lambda edit: edit.cost)


def first_edits(network: Network) -> Iterator[Edit]:
    """The edits for the first fault of a network."""
    _, fault, node = network.session.faults[0]
    return edits_for(network, fault, node)
