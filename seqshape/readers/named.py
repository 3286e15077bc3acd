"""Weights that a list names, without their layers: the names tell.

A list beside a config gives each weight to a layer of the model; a list alone has a row for all weights of one prefix.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping

from seqshape.diagnostics import Span
from seqshape.graph import Graph, Stored
from seqshape.readers.hdf5 import add_row
from seqshape.readers.hdf5_legacy import LegacyStored
from seqshape.readers.keras_values import Place
from seqshape.records import NamedTuple


class NamedStored(LegacyStored):
    """Weights that their names give to layers: ``layers`` are those of the model, ``strays`` what names none."""

    def __init__(self, held: Mapping[str, list[Stored]], strays: list[str], layers: Iterable[str], name: str) -> None:
        super().__init__(io.BytesIO, name)
        self._layers = {layer: tuple(held.get(layer, ())) for layer in layers}
        self.strays = strays


def by_layer(config: object, weights: list[Stored], name: str | None) -> NamedStored:
    """The weights of a list without groups, each given to the layer that its name names."""
    owners = _owners(_layers(config))
    held: dict[str, list[Stored]] = {}
    strays = []
    for weight in weights:
        owner = _owner(weight.path, owners)
        if owner is None:
            strays.append(weight.path)
        else:
            held.setdefault(owner, []).append(weight._replace(path=_inside(weight.path, owner)))
    return NamedStored(held, strays, [*owners.first], name or "the text")


class Owners(NamedTuple):
    """The layers of a model by their names, and by those of all that is inside one alone."""

    first: dict[str, str]
    inner: dict[str, str | None]


def _layers(config: object) -> list[object]:
    inside = config.get("config") if isinstance(config, dict) else None
    layers = inside.get("layers") if isinstance(inside, dict) else inside
    return layers if isinstance(layers, list) else []


def _owners(layers: list[object]) -> Owners:
    owners = Owners({}, {})
    for number, data in enumerate(layers):
        if isinstance(data, dict):
            name = Place(None, layers, number).name
            owners.first[name] = name
            for inner in _names(data):
                owners.inner[inner] = None if owners.inner.get(inner, name) != name else name
    return owners


def _names(data: object) -> Iterator[str]:
    """Every name inside a layer's config, without recursion."""
    waiting = [data]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if isinstance(item.get("name"), str):
                yield item["name"]
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _owner(path: str, owners: Owners) -> str | None:
    steps = path.removesuffix(":0").split("/")[:-1]
    known = next((step for step in steps if step in owners.first), None)
    return known or next((owner for step in steps if (owner := owners.inner.get(step))), None)


def _inside(path: str, layer: str) -> str:
    steps = path.removesuffix(":0").split("/")
    return "/".join(steps[steps.index(layer) + 1 :] if layer in steps else steps)


def listed_graph(weights: Iterable[Stored], separator: str) -> Graph:
    """The weights of a list without a network: a row for each stem of their paths, in the order of the list."""
    graph = Graph("Weights", span=Span(pointer=""))
    rows: dict[str, list[Stored]] = {}
    for weight in weights:
        stem, _, last = weight.path.rpartition(separator)
        rows.setdefault(stem or last, []).append(weight._replace(path=last))
    for stem, held in rows.items():
        add_row(graph, stem, "?", held)
    return graph
