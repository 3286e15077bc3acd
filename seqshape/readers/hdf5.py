"""Weights in HDF5 files: their paths, shapes and dtypes. No weight is read, no link is followed out of its group.

Two layouts: Keras 3's tree, with groups ``layers/<class>_<n>/…/vars`` that hold datasets ``0``, ``1``, …; and the
legacy one, with a group a layer whose attribute ``weight_names`` lists its weights. Whatever a file holds beside them,
and cannot be placed, is said: ``lost`` has it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, TypeVar

from seqshape.diagnostics import Diagnostic, SeqshapeError, Span
from seqshape.graph import Argument, Call, Graph, Node, Ref, Value
from seqshape.graph import Stored as Weight
from seqshape.readers.hdf5_bytes import Damaged
from seqshape.readers.hdf5_format import File, Item
from seqshape.readers.json_text import LIMIT, unreadable
from seqshape.readers.keras_values import Place
from seqshape.records import NamedTuple

MOST_OBJECTS = 200_000  # groups and datasets that are looked at in one file
MOST_DEPTH = 40
MOST_PARTS = 1000
NAMES = 100_000  # items of an attribute that lists names
LONGEST_NAME = 1 << 16
MOST_NAMED = 3  # of what is lost, in a message
WEIGHTS_ONLY = "a file of weights tells no output shapes, and not which weights are trained"
# What a model keeps beside its weights: attributes of Keras's own, in files of all its versions.
STATE = (
    *("optimizer", "compile_metrics", "_compile_metrics", "_compile_loss", "loss_tracker", "_loss_tracker"),
    *("metrics", "_metrics", "_seed_generators"),
)
Read = TypeVar("Read")


class Group(NamedTuple):
    """A group of the tree that holds weights: its path, the name that Keras notes there, and its weights."""

    path: str
    name: str | None
    weights: tuple[Weight, ...]


class Stored:
    """The weights file of a model, opened when it is first asked. ``notes`` gets what is wrong with it, once.

    ``lost`` gets the paths of what it holds and no layer of the model has.
    """

    def __init__(self, opener: Callable[[], IO[bytes]], name: str) -> None:
        self._opener = opener
        self._tree: list[Group] | None = None
        self.name = name
        self.notes: list[Diagnostic] = []
        self.lost: list[str] = []
        self.strays: list[str] = []
        self.paths: set[str] = set()

    def opened(self, read: Callable[[File], Read]) -> Read:
        """What ``read`` makes of the open file. Raises SeqshapeError if it is damaged."""
        try:
            with self._opener() as stream:
                return read(File(stream))
        except (Damaged, OSError, ValueError) as problem:
            why = str(problem).partition("\n")[0][:200]
            raise unreadable(self.name, f"its HDF5 part is damaged or cannot be opened ({why})") from None

    def tree(self) -> list[Group]:
        """All groups that hold weights. Raises SeqshapeError if the file is damaged or too large to look through."""
        if self._tree is None:
            found = self.opened(lambda file: _Search(file.root, self.name))
            self.strays, self.paths = found.strays, found.paths
            self._tree = _without_copies(found.groups)
        return self._tree

    def of_layer(self, place: Place) -> tuple[Weight, ...] | None:
        """The weights of a layer and of all that is inside it; ``None`` if they cannot be had, which is noted once."""
        try:
            found = self._of_layer(place)
            self.lose(self._unclaimed(place.chain()[0].layers))
            return found
        except SeqshapeError as error:
            self._note(error.diagnostics[0]._replace(severity="warning"))
            return None

    def _of_layer(self, place: Place) -> tuple[Weight, ...] | None:
        slots = "/".join(map(slot, place.chain()))
        found = tuple(weight for group in self.tree() for weight in _below(group, slots))
        is_whole = not any(_is_below(path, slots) for path in self.strays)
        if found and is_whole:
            return found
        is_inside = any(step.attribute for step in place.chain())
        return None if is_inside or self._unclaimed(place.chain()[0].layers) else ()

    def _unclaimed(self, layers: Sequence[object]) -> list[str]:
        """The paths of weights that no layer of the model has; ``layers`` are those of the outermost model."""
        claimed = set(_slots_of_all(layers, None))
        held = [group.path for group in self.tree() if group.weights]
        return [*self.strays, *(path for path in held if not _is_claimed(path, claimed))]

    def share(self, graph: Graph) -> None:
        """From now on a graph hears what is noted and lost."""
        self.notes, self.lost = graph.notes, graph.lost

    def lose(self, paths: Iterable[str]) -> None:
        """Note that weights belong to no layer, once: they are counted nowhere, so that totals are no longer whole."""
        new = [path for path in paths if path not in self.lost]
        if not new:
            return
        self.lost += new
        listed = ", ".join(path or "/" for path in new[:MOST_NAMED])
        more = f" and {len(new) - MOST_NAMED:,} more" if len(new) > MOST_NAMED else ""
        message = (
            f"the file holds weights that belong to no layer of its model, and they are not counted: {listed}{more}"
        )
        self._note(Diagnostic("W401", "warning", message))

    def _note(self, found: Diagnostic) -> None:
        if found not in self.notes:
            self.notes.append(found)


class ShardedStored(Stored):
    """Weights in several files, as ``save_weights`` with a ``max_shard_size`` leaves them, in the order of ``paths``."""

    def __init__(self, shards: list[Stored], name: str, paths: Iterable[str]) -> None:
        super().__init__(lambda: io.BytesIO(), name)
        self._shards = shards
        self._order = {path.strip("/").removesuffix("vars").rstrip("/"): number for number, path in enumerate(paths)}

    def tree(self) -> list[Group]:
        """All groups that hold weights; one that is spread over files is put together."""
        if self._tree is None:
            found: dict[str, Group] = {}
            for group in (group for shard in self._shards for group in shard.tree()):
                weights = (*found[group.path].weights, *group.weights) if group.path in found else group.weights
                ordered = sorted(dict.fromkeys(weights), key=lambda weight: (len(weight.path), weight.path))
                found[group.path] = group._replace(weights=tuple(ordered))
            last = len(self._order)
            self.paths = {path for shard in self._shards for path in shard.paths}
            self.strays = [path for shard in self._shards for path in shard.strays]
            self.strays += [path for path in self._order if path not in self.paths and not _is_state(path)]
            self._tree = sorted(found.values(), key=lambda group: self._order.get(group.path, last))
        return self._tree


# --- what Keras calls a layer in the tree ----------------------------------------------------------------------------


def slot(place: Place) -> str:
    """What Keras calls a layer in the tree: its class in snake case, numbered among those of the same class."""
    return place.attribute if place.attribute is not None else _slots(place)[place.number]


def _slots(place: Place) -> list[str]:
    """What all layers of the model are called that the one at ``place`` is among."""
    from seqshape.declaration import snake_case
    from seqshape.signatures import ALIASES

    used: dict[str, int] = {}
    found = []
    for index in range(len(place.layers)):
        name = place.class_name(index) or ""
        key = snake_case(ALIASES.get(name, name))  # a config may have the public name of a class
        number = used[key] = used.get(key, -1) + 1
        found.append(f"layers/{key}_{number}" if number else f"layers/{key}")
    return found


def _slots_of_all(layers: Sequence[object], above: Place | None, prefix: str = "", depth: int = 0) -> Iterator[str]:
    """The paths of all layers of a model that are no models themselves, those of models inside included."""
    names = _slots(Place(above, layers, 0)) if layers else []
    for index, (name, data) in enumerate(zip(names, layers, strict=True)):
        config = data.get("config") if isinstance(data, dict) else None
        inside = config.get("layers") if isinstance(config, dict) else config
        if isinstance(inside, list) and depth < MOST_DEPTH:
            yield from _slots_of_all(inside, Place(above, layers, index), f"{prefix}{name}/", depth + 1)
        else:
            yield prefix + name


def _is_claimed(path: str, claimed: set[str]) -> bool:
    """Whether a path is one of those claimed, or lies under one."""
    steps = path.split("/")
    return any("/".join(steps[:number]) in claimed for number in range(1, len(steps) + 1))


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _below(group: Group, prefix: str) -> Iterator[Weight]:
    """The weights of a group that lies at or under ``prefix``, with paths from there."""
    if _is_below(group.path, prefix):
        inside = group.path[len(prefix) + 1 :]
        for weight in group.weights:
            yield weight._replace(path=f"{inside}/{weight.path}" if inside else weight.path)


# --- the tree --------------------------------------------------------------------------------------------------------


class _Search:
    """All that lies under a group: ``groups`` that hold weights, in the order of the file, and ``strays``.

    Strays are datasets outside of them, and links: the paths of what may be weights, but stands where Keras puts none.
    """

    def __init__(self, top: Item, name: str) -> None:
        self.groups: list[Group] = []
        self.strays: list[str] = []
        self.paths: set[str] = set()
        for path, group, members in walk(top, name):
            if _is_state(path):
                continue
            above, _, last = path.rpartition("/")
            found = list(contents(path, members))
            if last == "vars":
                self.paths.add(above)
                self._add(above, group, [(key, item) for key, item in found if item is not None])
                found = [(key, item) for key, item in found if item is None]
            self.strays += [f"{path}/{key}".lstrip("/") for key, _ in found]

    def _add(self, path: str, group: Item, held: list[tuple[str, Item]]) -> None:
        weights = [weight for key, item in held if (weight := weight_of(item, key)) is not None]
        weights.sort(key=lambda weight: (len(weight.path), weight.path))
        if not _is_no_parameter(path, weights):
            self.groups.append(Group(path, text_of(group, "name"), tuple(weights)))


def contents(path: str, members: list[tuple[str, Item | None]]) -> Iterator[tuple[str, Item | None]]:
    """The datasets among the members of a group, and ``None`` for what is not looked at: links, and what lies too deep."""
    for name, item in members:
        if item is None or (item.is_group and path.count("/") >= MOST_DEPTH):
            yield name, None
        elif item.is_dataset and item.shape is not None:
            yield name, item


def walk(top: Item, name: str) -> Iterator[tuple[str, Item, list[tuple[str, Item | None]]]]:
    """Every group with its path and its members, each once; links are not followed and stand as ``None``."""
    seen = {top.address}
    stack = [("", top)]
    number = 0
    while stack:
        path, group = stack.pop()
        links = group.links()
        number += len(links)
        if number > MOST_OBJECTS:
            raise unreadable(name, f"its HDF5 part holds more than {MOST_OBJECTS:,} objects")
        listed = [(link.name, link.address) for link in links if link.address not in seen]
        members = [(key, None if address is None else Item(group.file, address)) for key, address in listed]
        inside = [(f"{path}/{key}".lstrip("/"), item) for key, item in members if item is not None and item.is_group]
        seen.update(item.address for _, item in inside)
        yield path, group, members
        stack.extend(reversed(inside if path.count("/") < MOST_DEPTH else []))


def _is_state(path: str) -> bool:
    """Whether a path leads into what a model keeps beside its weights. (In a list of layers the names are classes.)"""
    steps = path.split("/")
    return any(step in STATE and above not in _LISTS for above, step in zip(["", *steps], steps, strict=False))


def _is_no_parameter(path: str, weights: list[Weight]) -> bool:
    """Whether a group holds the state of a random generator, an optimizer or a metric, which Keras does not count."""
    last = path.rpartition("/")[2]
    shapes = [weight.shape for weight in weights]
    kinds = [weight.dtype.rstrip("0123456789") for weight in weights]
    if last.startswith("seed_generator") or (shapes == [(2,)] and kinds == ["uint"]):
        return shapes == [(2,)] and kinds[0] in ("int", "uint")
    if shapes[:2] == [(), ()] and kinds[0] in ("int", "uint") and kinds[1] == "float":
        return True  # the number of steps and the learning rate, which an optimizer has first
    is_metric = last.rstrip("_0123456789").removesuffix("s").endswith(("metric", "tracker"))
    return is_metric and not any(shapes)


def _without_copies(groups: list[Group]) -> list[Group]:
    """The groups without the kernels that SpectralNormalization stores a second time.

    It holds the kernel of its layer as its own, beside a vector of (1, last axis): Keras stores it under both, and
    counts it once.
    """
    wrapped = {group.path: group.weights for group in groups if group.path.endswith("/layer")}
    return [_without_copy(group, wrapped.get(f"{group.path}/layer", ())) for group in groups]


def _without_copy(group: Group, inside: tuple[Weight, ...]) -> Group:
    if len(group.weights) != 2:
        return group
    kernel, vector = group.weights
    shared = any((kernel.shape, kernel.dtype) == (weight.shape, weight.dtype) for weight in inside)
    is_vector = len(kernel.shape) > 1 and vector.shape == (1, kernel.shape[-1])
    return group._replace(weights=(vector,)) if shared and is_vector else group


def weight_of(dataset: Item, path: str) -> Weight | None:
    """The shape and dtype of a dataset; its content is not touched. ``None`` if it has no shape."""
    shape = dataset.shape
    return None if shape is None else Weight(path, shape, text_of(dataset, "dtype") or dataset.dtype)


def text_of(holder: Item, attribute: str) -> str | None:
    """A text in an attribute; ``None`` if there is none, or something else."""
    found = holder.attributes.get(attribute)
    texts = found.texts(1, LIMIT) if found is not None and found.shape == () else None
    return texts[0].decode("utf-8", "replace") if texts is not None else None


def tree_graph(stored: Stored, class_name: str | None) -> Graph:
    """The weights of a model whose layers are not known: a row for each layer that has some."""
    groups = stored.tree()
    root = next((group for group in groups if group.path == ""), None)
    graph = Graph(class_name or "Weights", root.name if root is not None else None, span=Span(pointer=""))
    used: set[str] = set()  # layers count by their names
    for path, inside in _by_layer(groups).items():
        weights = [weight for group in inside for weight in (_below(group, path) if path else group.weights)]
        if weights:
            key = path.rpartition("/")[2]
            name = _own_name(inside, path) or key or graph.name or "weights"
            add_row(graph, path if name in used else name, _class_of(key), weights)
            used.add(name)
    stored.share(graph)
    stored.lose(stored.strays)
    return graph


def _own_name(groups: Iterable[Group], path: str) -> str | None:
    """The name that the group of a layer itself has."""
    return next((group.name for group in groups if group.path == path), None)


_LISTS = ("layers", "_layer_checkpoint_dependencies")


def _by_layer(groups: Iterable[Group]) -> dict[str, list[Group]]:
    """The groups by the path of the layer that they are in."""
    found: dict[str, list[Group]] = {}
    for group in groups:
        steps = group.path.split("/")
        found.setdefault("/".join(steps[:2] if steps[0] in _LISTS else steps[:1]), []).append(group)
    return found


def add_row(graph: Graph, name: str, class_name: str, weights: Sequence[Weight] | None) -> None:
    """A row for a layer of which only the weights are known; ``None``: not even these."""
    span = Span(pointer="")
    call = Call("?", (Argument("name", Value(name, span), span),), span, module="custom")
    call.shown = class_name
    call.stored = lambda: None if weights is None else tuple(weights)
    node = Node(call)
    graph.calls.append(call)
    graph.nodes.append(node)
    graph.outputs = [*(graph.outputs if isinstance(graph.outputs, list) else []), Ref(node)]


def _class_of(key: str) -> str:
    """The class that a key of the tree tells: ``conv2d_1`` is a Conv2D; ``?`` if no known class is called so."""
    from seqshape.declaration import snake_case
    from seqshape.registry import layers

    known = {snake_case(name): name for name in (*layers(), "Sequential", "Functional")}
    stem, _, number = key.rpartition("_")
    return known.get(key) or (known.get(stem, "?") if number.isdigit() else "?")


# --- the legacy layout -----------------------------------------------------------------------------------------------
