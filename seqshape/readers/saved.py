"""The config of a model inside other JSON: TensorFlow.js's ``model.json``, ``{"model_config": …}``, frugally-deep's
``{"architecture": …}``, a JSON text inside JSON.

Nothing is unwrapped that names a class itself. Every pointer leads to its place in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seqshape.diagnostics import Fault, SeqshapeError, Source, Span
from seqshape.graph import Graph, Stored
from seqshape.readers.json_text import load, unreadable
from seqshape.readers.keras_config import read_config
from seqshape.readers.keras_values import LARGEST, expect, fault, is_shape, member
from seqshape.records import NamedTuple

WRAPPERS = ("modelTopology", "model_config", "architecture")
MOST_WRAPPERS = 8  # one inside the other
MANIFEST = "weightsManifest"
GRAPH = "graph-model"
_HELP = "give the Keras model that it was made of, or convert that with tensorflowjs_converter as a tfjs_layers_model"


class Unwrapped(NamedTuple):
    """The config of a model, where it stands in the file, and the version of Keras that is noted around it."""

    config: Any
    span: Span
    version: str | None


def read_saved(data: object, name: str | None) -> Graph:
    """The graph of a model in loaded JSON, whatever is around its config. ``name`` is the file's, for messages.

    Raises SeqshapeError where it is no model, with a JSON pointer, or a form that holds no layers.
    """
    try:
        manifest = _manifest(data)
        if _is_graph(data):
            raise _graph_model(manifest, name)
        found = _unwrapped(data, name)
    except Fault as wrong:
        raise SeqshapeError((wrong.diagnostic()._replace(source=Source("", name)),)) from None
    if manifest is None:
        return read_config(found.config, name=name, version=found.version, span=found.span)
    from seqshape.readers.named import by_layer

    stored = by_layer(found.config, manifest, name)
    graph = read_config(found.config, name=name, version=found.version, weights=stored.of_layer, span=found.span)
    stored.share(graph)
    return graph


def _unwrapped(data: Any, name: str | None) -> Unwrapped:
    found = Unwrapped(data, Span(pointer=""), None)
    for _ in range(MOST_WRAPPERS):
        data, span = found.config, found.span
        if isinstance(data, str) and data.lstrip().startswith(("{", '"')):
            where = f"the text at {span.pointer or '/'} of {name or 'the text'}"
            found = found._replace(config=load(data, where))
            continue
        key = _wrapper(data)
        if key is None:
            break
        version = data.get("keras_version")
        found = Unwrapped(data[key], span.within(key), version if isinstance(version, str) else found.version)
    return found


def is_wrapped(data: object) -> bool:
    """Whether a config is inside other JSON."""
    return _wrapper(data) is not None


def _wrapper(data: object) -> str | None:
    """The key under which the config is; ``None`` if the data is the config itself, or no object."""
    if not isinstance(data, dict) or "class_name" in data:
        return None
    return next((key for key in WRAPPERS if isinstance(data.get(key), (dict, str))), None)


# --- TensorFlow.js -----------------------------------------------------------------------------------------------------


def _manifest(data: object) -> list[Stored] | None:
    """The weights that a ``model.json`` lists, in its order; ``None`` without a list. Raises Fault where it is wrong."""
    if not isinstance(data, dict) or not isinstance(data.get(MANIFEST), list):
        return None
    return list(listed(data[MANIFEST], Span(pointer="").within(MANIFEST)))


def listed(groups: list[object], span: Span) -> Iterator[Stored]:
    """The weights of a manifest: groups of files, each with names, shapes and dtypes. Raises Fault where it is wrong."""
    for number, group in enumerate(groups):
        place = span.within(number)
        weights = member(list, expect(dict, group, place, "a group of weights"), "weights", place)
        for index, weight in enumerate(weights):
            inside = place.within("weights", index)
            name = member(str, expect(dict, weight, inside, "a weight"), "name", inside)
            shape, dtype = member(list, weight, "shape", inside), weight.get("dtype")
            if not is_shape(shape) or None in shape or _size(shape) > LARGEST:
                raise fault("a weight has to have a shape of whole numbers", inside.within("shape"))
            yield Stored(name, tuple(shape), dtype if isinstance(dtype, str) else "float32")


def _size(shape: list[int]) -> int:
    size = 1
    for dim in shape:
        size = min(size * dim, LARGEST + 1)
    return size


def _is_graph(data: object) -> bool:
    """Whether a ``model.json`` holds a graph of TensorFlow's operations."""
    if not isinstance(data, dict):
        return False
    topology = data.get("modelTopology")
    return data.get("format") == GRAPH or (isinstance(topology, dict) and isinstance(topology.get("node"), list))


def _graph_model(weights: list[Stored] | None, name: str | None) -> SeqshapeError:
    held = "no list of its weights"
    if weights is not None:
        numbers = sum(_size(list(weight.shape)) for weight in weights)
        held = f"{len(weights):,} weight{'s' * (len(weights) != 1)} of {numbers:,} numbers in all"
    why = f"it is a TensorFlow.js {GRAPH}: operations of TensorFlow, no layers of Keras, with {held}"
    return unreadable(name or "the text", why, _HELP)
