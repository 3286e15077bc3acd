"""Files of Keras 1 and 2: the config and the weights of a model in groups that are named after its layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import IO

from seqshape.diagnostics import Span
from seqshape.graph import Graph
from seqshape.graph import Stored as Weight
from seqshape.readers.hdf5 import (
    LONGEST_NAME,
    MOST_PARTS,
    NAMES,
    Stored,
    add_row,
    contents,
    text_of,
    walk,
    weight_of,
)
from seqshape.readers.hdf5_format import File, Item
from seqshape.readers.keras_values import Place


class LegacyStored(Stored):
    """The weights of a file of the legacy layout; those of a nested model stand all in the group of the outer layer."""

    def __init__(self, opener: Callable[[], IO[bytes]], name: str) -> None:
        super().__init__(opener, name)
        self._layers: dict[str, tuple[Weight, ...] | None] | None = None

    def by_name(self) -> dict[str, tuple[Weight, ...] | None]:
        """The weights of every layer, by its name, in the order of the model; ``None`` if one of them is not there."""
        if self._layers is None:
            self._layers, self.strays = self.opened(lambda file: _legacy_layers(file, self.name))
        return self._layers

    def _of_layer(self, place: Place) -> tuple[Weight, ...] | None:
        chain = place.chain()
        layers = self.by_name()
        if chain[0].name not in layers:
            return None if self._unclaimed(chain[0].layers) else ()
        weights = layers[chain[0].name]
        if weights is None or len(chain) == 1:
            return weights
        found = tuple(weight for weight in weights if place.name in weight.path.split("/"))
        names = {Place(place.above, place.layers, number).name for number in range(len(place.layers))}
        return found if found or all(names & set(weight.path.split("/")) for weight in weights) else None

    def _unclaimed(self, layers: Sequence[object]) -> list[str]:
        names = {Place(None, layers, number).name for number, data in enumerate(layers) if isinstance(data, dict)}
        return [*self.strays, *(name for name, held in self.by_name().items() if held != () and name not in names)]

    def is_legacy(self) -> bool:
        """Whether the file lists its layers as the legacy layout does."""
        return self.opened(lambda file: _top(file) is not None)


def model_config(stored: Stored) -> tuple[str | None, str | None]:
    """The text of the config of the model in a legacy file, and the version of Keras that wrote it; ``None`` without one."""

    def read(file: File) -> tuple[str | None, str | None]:
        return text_of(file.root, "model_config"), text_of(file.root, "keras_version")

    return stored.opened(read)


def _top(file: File) -> Item | None:
    """The group that lists the layers; ``None`` if there is none."""
    if _names(file.root, "layer_names") is not None:
        return file.root
    group = _inside(file.root, "model_weights")
    return group if group is not None and group.is_group and _names(group, "layer_names") is not None else None


def _names(holder: Item, attribute: str) -> list[str] | None:
    """A list of names in an attribute, or in several, numbered, where it was too long for one."""
    if attribute in holder.attributes:
        return _name_list(holder, attribute)
    parts: list[list[str]] = []
    while f"{attribute}{len(parts)}" in holder.attributes and len(parts) < MOST_PARTS:
        parts.append(_name_list(holder, f"{attribute}{len(parts)}") or [])
    return [name for part in parts for name in part] if parts else None


def _name_list(holder: Item, attribute: str) -> list[str] | None:
    found = holder.attributes[attribute]
    if found.shape is None or len(found.shape) != 1 or found.shape[0] > NAMES:
        return None
    if found.shape[0] == 0:  # an empty list may be of any type
        return []
    texts = found.texts(NAMES, LONGEST_NAME)
    return None if texts is None else [text.decode("utf-8", "replace") for text in texts]


def _legacy_layers(file: File, name: str) -> tuple[dict[str, tuple[Weight, ...] | None], list[str]]:
    """The weights of every layer that the file lists, and the paths of datasets that no list names."""
    top = _top(file)
    found: dict[str, tuple[Weight, ...] | None] = {}
    if top is None:
        return found, []
    reached: set[int] = set()
    for layer in (*(_names(top, "layer_names") or []), MODEL_ITSELF):
        group = _inside(top, layer)
        if layer != MODEL_ITSELF or (group is not None and _names(group, "weight_names")):
            found[layer] = None if group is None else _legacy_weights(group, layer, reached)
    return found, list(_unreached(top, reached, name))


MODEL_ITSELF = "top_level_model_weights"  # the group of weights that a model has beside those of its layers


def _legacy_weights(group: Item, layer: str, reached: set[int]) -> tuple[Weight, ...] | None:
    names = _names(group, "weight_names")
    weights = []
    for name in names or []:
        dataset = _inside(group, name)
        weight = weight_of(dataset, _relative(name, layer)) if dataset is not None and dataset.is_dataset else None
        if dataset is None or weight is None:
            return None
        reached.add(dataset.address)
        weights.append(weight)
    return tuple(weights)


def _unreached(top: Item, reached: set[int], name: str) -> Iterator[str]:
    """The datasets under a group that no list of weights names, and links."""
    for path, _, members in walk(top, name):
        if path.partition("/")[0] == "optimizer_weights":
            continue
        for key, item in contents(path, members):
            if item is None or item.address not in reached:
                yield f"{path}/{key}".lstrip("/")


def _inside(group: Item, path: str) -> Item | None:
    """What lies at a path under a group, reached by no link; ``None`` if nothing does. Empty steps lead nowhere else."""
    item: Item | None = group
    for key in path.split("/"):
        if key in ("", "."):
            continue
        if item is None or not item.is_group:
            return None
        address = next((link.address for link in item.links() if link.name == key), None)
        item = None if address is None else Item(item.file, address)
    return item


def _relative(name: str, layer: str) -> str:
    """A weight's path without the model, the layer and TensorFlow's number of the output: ``lstm_cell/kernel``."""
    steps = [step for step in name.removesuffix(":0").split("/") if step]
    return "/".join(steps[steps.index(layer) + 1 :] if layer in steps[:-1] else steps)


def legacy_graph(stored: LegacyStored) -> Graph:
    """The layers of a file that holds weights only."""
    graph = Graph("Weights", span=Span(pointer=""))
    for name, weights in stored.by_name().items():
        if weights != ():
            add_row(graph, name, "?", weights)
    stored.share(graph)
    stored.lose(stored.strays)
    return graph
