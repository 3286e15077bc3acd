"""Weights in HDF5 files: their paths, shapes and dtypes. No weight is read, no link is followed out of its group.

Two layouts: Keras 3's tree, with groups ``layers/<class>_<n>/…/vars`` that hold datasets ``0``, ``1``, …; and the
legacy one, with a group a layer whose attribute ``weight_names`` lists its weights.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from seqshape.diagnostics import Diagnostic, SeqshapeError, Span
from seqshape.graph import Argument, Call, Graph, Node, Ref, Value
from seqshape.graph import Stored as Weight
from seqshape.readers.json_text import LIMIT, unreadable
from seqshape.readers.keras_values import Place
from seqshape.records import NamedTuple

MOST_OBJECTS = 200_000  # groups and datasets that are looked at in one file
MOST_DEPTH = 40
MOST_PARTS = 1000
NAMES = 100_000  # items of an attribute that lists names
OTHERS = (
    "optimizer",
    "_",
    "seed_generator",
    "compile_metrics",
    "loss_tracker",
)  # groups that hold no weights of layers


INSTALL = "pip install 'seqshape[h5]', or pip install h5py"


def has_h5py() -> bool:
    """Whether h5py is installed."""
    from importlib.util import find_spec

    return find_spec("h5py") is not None


class Group(NamedTuple):
    """A group of the tree that holds weights: its path, the name that Keras notes there, and its weights."""

    path: str
    name: str | None
    weights: tuple[Weight, ...]


class Stored:
    """The weights file of a model, opened when it is first asked. ``notes`` gets what is wrong with it, once."""

    def __init__(self, opener: Callable[[], IO[bytes]], name: str) -> None:
        self._opener = opener
        self._tree: list[Group] | None = None
        self.name = name
        self.notes: list[Diagnostic] = []

    def opened(self, read: Callable[[Any], Any]) -> Any:
        """What ``read`` makes of the open file. Raises SeqshapeError if it is damaged."""
        import h5py

        try:
            with self._opener() as stream, h5py.File(stream, "r") as file:
                return read(file)
        except SeqshapeError:
            raise
        except (OSError, RuntimeError, ValueError, KeyError, TypeError, UnicodeError, OverflowError) as problem:
            first = str(problem).partition("\n")[0][:200]
            raise unreadable(self.name, f"its HDF5 part is damaged or cannot be opened ({first})") from None

    def tree(self) -> list[Group]:
        """All groups that hold weights. Raises SeqshapeError if the file is damaged or too large to look through."""
        if self._tree is None:
            self._tree = self.opened(lambda file: _groups(file, self.name))
        return self._tree

    def of_layer(self, place: Place) -> tuple[Weight, ...] | None:
        """The weights of a layer and of all that is inside it; ``None`` if they cannot be had, which is noted once."""
        try:
            return self._of_layer(place) if self._is_readable() else None
        except SeqshapeError as error:
            self._note(error.diagnostics[0]._replace(severity="warning"))
            return None

    def _of_layer(self, place: Place) -> tuple[Weight, ...] | None:
        slots = "/".join(map(slot, place.chain()))
        found = tuple(weight for group in self.tree() for weight in _below(group, slots))
        return found or (None if any(step.attribute for step in place.chain()) else ())

    def _is_readable(self) -> bool:
        if has_h5py():
            return True
        message = "with h5py the weights of unknown layers could be counted"
        self._note(Diagnostic("A401", "advice", message, help=INSTALL))
        return False

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
            self._tree = sorted(found.values(), key=lambda group: self._order.get(group.path, last))
        return self._tree


def slot(place: Place) -> str:
    """What Keras calls a layer in the tree: its class in snake case, numbered among those of the same class."""
    from seqshape.registry import snake_case

    if place.attribute is not None:
        return place.attribute
    from seqshape.signatures import ALIASES

    def key(name: str | None) -> str:
        return snake_case(ALIASES.get(name or "", name or ""))  # a config may have the public name of a class

    wanted = key(place.class_name())
    number = sum(key(place.class_name(index)) == wanted for index in range(place.number))
    return f"layers/{wanted}_{number}" if number else f"layers/{wanted}"


def _below(group: Group, prefix: str) -> Iterator[Weight]:
    """The weights of a group that lies at or under ``prefix``, with paths from there."""
    if group.path == prefix or group.path.startswith(f"{prefix}/"):
        inside = group.path[len(prefix) + 1 :]
        for weight in group.weights:
            yield weight._replace(path=f"{inside}/{weight.path}" if inside else weight.path)


# --- the tree --------------------------------------------------------------------------------------------------------


def _groups(file: Any, name: str) -> list[Group]:
    """The groups with weights, in the order of the file."""
    found: list[Group] = []
    for path, group in _walk(file, name):
        if path.rpartition("/")[2] != "vars":
            continue
        above = path.rpartition("/")[0]
        weights = sorted(_datasets(group), key=lambda weight: (len(weight.path), weight.path))
        if not _is_random_state(above, weights):
            found.append(Group(above, _noted_name(group), tuple(weights)))
    return _without_copies(found)


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


def _walk(file: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every group with its path, each once; links are not followed."""
    import h5py

    seen: set[int] = set()
    stack: list[tuple[str, Any]] = [("", file)]
    number = 0
    while stack:
        path, group = stack.pop()
        address = h5py.h5o.get_info(group.id).addr
        if address in seen or path.count("/") > MOST_DEPTH:
            continue
        seen.add(address)
        yield path, group
        inside = []
        for key in group:
            number += 1
            if number > MOST_OBJECTS:
                raise unreadable(name, f"its HDF5 part holds more than {MOST_OBJECTS:,} objects")
            if _is_own(group, key) and group.get(key, getclass=True) is h5py.Group:
                inside.append((f"{path}/{key}".lstrip("/"), group[key]))
        stack.extend(reversed(inside))


def _is_own(group: Any, key: str) -> bool:
    """Whether an item lies in the group itself and is no link to somewhere else."""
    import h5py

    return isinstance(group.get(key, getlink=True), h5py.HardLink)


def _datasets(group: Any) -> Iterator[Weight]:
    import h5py

    for key in group:
        if _is_own(group, key) and group.get(key, getclass=True) is h5py.Dataset:
            found = weight_of(group[key], key)
            if found is not None:
                yield found


def weight_of(dataset: Any, path: str) -> Weight | None:
    """The shape and dtype of a dataset; its content is not touched. ``None`` if it has no shape."""
    if dataset.shape is None:
        return None
    noted = _text(dataset, "dtype")
    return Weight(_clean(path), tuple(map(int, dataset.shape)), noted or str(dataset.dtype)[:20])


def _is_random_state(path: str, weights: list[Weight]) -> bool:
    """Keras keeps the state of random generators with the weights, but does not count it."""
    return path.rpartition("/")[2].startswith("seed_generator") and all(weight.dtype == "uint32" for weight in weights)


def _noted_name(group: Any) -> str | None:
    return _text(group, "name")


def _text(holder: Any, attribute: str) -> str | None:
    """A short text in an attribute; ``None`` if there is none, or something else."""
    if attribute not in holder.attrs:
        return None
    kind = holder.attrs.get_id(attribute)
    if kind.shape != () or kind.dtype.kind not in "OS" or kind.dtype.itemsize > LIMIT:
        return None
    value = holder.attrs[attribute]
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return _clean(str(text)) if isinstance(text, str) else None


def _clean(text: str) -> str:
    """Without the halves of surrogate pairs that h5py makes of bytes that are no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def tree_graph(groups: list[Group], class_name: str | None, name: str) -> Graph:
    """The weights of a model whose layers are not known: a row for each layer that has some."""
    root = next((group for group in groups if group.path == ""), None)
    graph = Graph(class_name or "Weights", root.name if root is not None else None, span=Span(pointer=""))
    by_layer: dict[str, list[Group]] = {}
    for group in groups:
        steps = group.path.split("/")
        if not steps[0].startswith(OTHERS):
            by_layer.setdefault("/".join(steps[:2] if steps[0] in _LISTS else steps[:1]), []).append(group)
    for path, inside in by_layer.items():
        weights = [weight for group in inside for weight in _below(group, path)]
        if weights:
            own = next((group.name for group in inside if group.path == path), None)
            key = path.rpartition("/")[2]
            _add_row(graph, own or key or graph.name or "weights", _class_of(key), weights)
    return graph


_LISTS = ("layers", "_layer_checkpoint_dependencies")


def _add_row(graph: Graph, name: str, class_name: str, weights: list[Weight]) -> None:
    span = Span(pointer="")
    call = Call("?", (Argument("name", Value(name, span), span),), span, module="custom")
    call.shown = class_name
    call.stored = lambda: tuple(weights)
    node = Node(call)
    graph.calls.append(call)
    graph.nodes.append(node)
    graph.outputs = [*(graph.outputs if isinstance(graph.outputs, list) else []), Ref(node)]


def _class_of(key: str) -> str:
    """The class that a key of the tree tells: ``conv2d_1`` is a Conv2D; ``?`` if no known class is called so."""
    from seqshape.registry import layers, snake_case

    known = {snake_case(name): name for name in (*layers(), "Sequential", "Functional")}
    stem, _, number = key.rpartition("_")
    return known.get(key) or (known.get(stem, "?") if number.isdigit() else "?")


# --- the legacy layout -----------------------------------------------------------------------------------------------


class LegacyStored(Stored):
    """The weights of a file of the legacy layout; those of a nested model stand all in the group of the outer layer."""

    def _of_layer(self, place: Place) -> tuple[Weight, ...]:
        chain = place.chain()
        weights = self.by_name().get(chain[0].name, ())
        if len(chain) == 1:
            return weights
        return tuple(weight for weight in weights if place.name in weight.path.split("/"))

    def by_name(self) -> dict[str, tuple[Weight, ...]]:
        """The weights of every layer, by its name, in the order of the model."""
        found: dict[str, tuple[Weight, ...]] = self.opened(_legacy_layers)
        return found

    def is_legacy(self) -> bool:
        """Whether the file lists its layers as the legacy layout does."""
        found: bool = self.opened(lambda file: _top(file) is not None)
        return found


def model_config(stored: Stored) -> tuple[str | None, str | None]:
    """The text of the config of the model in a legacy file, and the version of Keras that wrote it; ``None`` without one."""

    def read(file: Any) -> tuple[str | None, str | None]:
        if "model_config" in file.attrs and file.attrs.get_id("model_config").get_storage_size() > LIMIT:
            raise unreadable(stored.name, f"its config has more than {LIMIT >> 20} MiB")
        return _text(file, "model_config"), _text(file, "keras_version")

    found: tuple[str | None, str | None] = stored.opened(read)
    return found


def _top(file: Any) -> Any:
    """The group that lists the layers; ``None`` if there is none."""
    if _names(file, "layer_names") is not None:
        return file
    if "model_weights" in file and _is_own(file, "model_weights"):
        group = file["model_weights"]
        return group if _names(group, "layer_names") is not None else None
    return None


def _names(holder: Any, attribute: str) -> list[str] | None:
    """A list of names in an attribute, or in several, numbered, where it was too long for one."""
    if attribute in holder.attrs:
        return _name_list(holder, attribute)
    parts: list[list[str]] = []
    while f"{attribute}{len(parts)}" in holder.attrs and len(parts) < MOST_PARTS:
        parts.append(_name_list(holder, f"{attribute}{len(parts)}") or [])
    return [name for part in parts for name in part] if parts else None


def _name_list(holder: Any, attribute: str) -> list[str] | None:
    kind = holder.attrs.get_id(attribute)
    if len(kind.shape) != 1 or kind.shape[0] > NAMES:
        return None
    if kind.shape[0] and kind.dtype.kind not in "OS":
        return None
    items = (
        item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item) for item in holder.attrs[attribute]
    )
    return [_clean(item) for item in items]


def _legacy_layers(file: Any) -> dict[str, tuple[Weight, ...]]:
    """The weights of every layer that the file lists."""
    top = _top(file)
    found: dict[str, tuple[Weight, ...]] = {}
    for name in (_names(top, "layer_names") or []) if top is not None else []:
        group = _inside(top, name)
        if group is not None:
            found[name] = tuple(_legacy_weights(group, name))
    return found


def _legacy_weights(group: Any, layer: str) -> Iterator[Weight]:
    for name in _names(group, "weight_names") or []:
        dataset = _inside(group, name)
        weight = weight_of(dataset, _relative(name, layer)) if hasattr(dataset, "dtype") else None
        if weight is not None:
            yield weight


def _inside(group: Any, path: str) -> Any:
    """What lies at a path under a group, reached by no link; ``None`` if nothing does."""
    for key in path.split("/"):
        if not hasattr(group, "keys") or not key or key not in group or not _is_own(group, key):
            return None
        group = group[key]
    return group


def _relative(name: str, layer: str) -> str:
    """A weight's path without the model, the layer and TensorFlow's number of the output: ``lstm_cell/kernel``."""
    steps = name.removesuffix(":0").split("/")
    return "/".join(steps[steps.index(layer) + 1 :] if layer in steps[:-1] else steps)


def legacy_graph(stored: LegacyStored) -> Graph:
    """The layers of a file that holds weights only."""
    graph = Graph("Weights", span=Span(pointer=""))
    for name, weights in stored.by_name().items():
        if weights:
            _add_row(graph, name, "?", list(weights))
    return graph
