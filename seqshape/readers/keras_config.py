"""Keras's config JSON, of Keras 3 and of Keras 2: the data of ``model.get_config()`` or ``model.to_json()``.

Only data is read: no class is looked up, no function built, nothing executed. Every value keeps its JSON pointer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from seqshape.diagnostics import Fault, SeqshapeError, Source, Span
from seqshape.graph import Argument, Call, Graph, Value
from seqshape.readers import keras1, keras2
from seqshape.readers.keras_parts import chain, name_of
from seqshape.readers.keras_values import (
    PLAIN,
    Place,
    Weights,
    argument,
    expect,
    fault,
    is_shape,
    member,
    too_deep,
)

OPERATIONS = "keras.src.ops"  # the package whose classes are operations, not layers


def read_config(
    config: object,
    *,
    name: str | None = None,
    version: str | None = None,
    weights: Weights | None = None,
    span: Span = Span(pointer=""),
) -> Graph:
    """The graph of a model's config (already parsed JSON).

    ``name`` is the file's, for messages; ``version`` that of the Keras that wrote it, where the config does not say it;
    ``weights`` finds what the file holds of a layer; ``span`` is where the config stands in the file. Raises
    SeqshapeError, with a JSON pointer, where the data is no model.
    """
    source = Source("", name)
    try:
        reader = Reader(_version(config, version), weights)
        graph = reader.model(config, span, 0, None)
    except Fault as found:
        raise SeqshapeError((found.diagnostic()._replace(source=source),)) from None
    graph.source = source
    if reader.early:
        graph.notes.append(keras1.remark(reader.version, span))
    return graph


def _version(config: object, version: str | None) -> str | None:
    said = config.get("keras_version") if isinstance(config, Mapping) else None
    return said if isinstance(said, str) else version


def says_layers(config: object) -> bool:
    """Whether a config of a model lists layers. A subclass of Model writes only what its own ``get_config`` gives."""
    inside = config.get("config") if isinstance(config, Mapping) else None
    return not isinstance(inside, dict) or "layers" in inside


class Reader:
    """Turns the data of models and layers into graphs and calls. ``version``: of the Keras that wrote it, if known.

    ``early``: whether that was Keras 1, as the version or a layer says.
    """

    def __init__(self, version: str | None, weights: Weights | None) -> None:
        self.version = version
        self.weights = weights
        self.early = keras1.is_early(version)

    def model(self, data: object, span: Span, depth: int, place: Place | None) -> Graph:
        """A model of any class; ``place`` is where it stands in another one. Raises Fault where the data is wrong."""
        if isinstance(data, list) and data and not depth:  # what get_config of an early Sequential gives
            return self._sequential({"layers": data}, span, span, depth, place)
        data = expect(dict, data, span, "a model")
        too_deep(depth, span)
        if "class_name" not in data and "layers" in data:  # what get_config gives, without the class
            return self._of_config(data, span, depth, place, _build_shape(data, span))
        class_name = member(str, data, "class_name", span)
        inside = span.within("config")
        if isinstance(data.get("config"), list):  # a Sequential of Keras 1 and 2.0 to 2.2: just the layers
            return self._sequential({"layers": data["config"]}, inside, inside, depth, place)
        config = member(dict, data, "config", span)
        if "layers" not in config:
            help = "a model of a class of its own says nothing of its layers: only its weights can be listed"
            raise fault(f"{class_name} says nothing of its layers", inside, help)
        return self._of_config(config, inside, depth, place, _build_shape(data, span))

    def _of_config(
        self, config: dict[str, object], span: Span, depth: int, place: Place | None, built: tuple[object, Span] | None
    ) -> Graph:
        if "input_layers" in config or "output_layers" in config:
            from seqshape.readers.keras_functional import Functional

            return Functional(self, config, span, depth, place).read()
        return self._sequential(config, span, span.within("layers"), depth, place, built)

    def _sequential(
        self,
        config: dict[str, object],
        span: Span,
        inside: Span,
        depth: int,
        place: Place | None,
        built: tuple[object, Span] | None = None,
    ) -> Graph:
        graph = Graph("Sequential", name_of(config), span=span)
        layers = expect(list, config["layers"], inside, "layers")
        if keras1.begins_with_merge(layers):
            return keras1.merged(self, layers, name_of(config), inside, depth, place)
        calls = [
            self.layer(data, inside.within(index), depth + 1, Place(place, layers, index))
            for index, data in enumerate(layers)
        ]
        if not calls and (built is not None or config.get("build_input_shape") is not None):
            raise fault("a Sequential without layers cannot be built", inside)
        if not calls or calls[0].class_name != "InputLayer":
            calls.insert(0, self._implicit_input(config, built, layers, span, inside))
        graph.calls.extend(calls)
        chain(graph, calls)
        return graph

    def _implicit_input(
        self,
        config: dict[str, object],
        built: tuple[object, Span] | None,
        layers: list[object],
        span: Span,
        inside: Span,
    ) -> Call:
        """The input of a Sequential without an InputLayer: the shape it was built for, else what its first layer says."""
        found: list[Argument] = []
        if config.get("build_input_shape") is not None:
            built = (config["build_input_shape"], span.within("build_input_shape"))
        if built is None or not is_shape(built[0]):
            found = keras2.first_shape(layers, inside)
        else:
            found = [argument("batch_shape", *built, 0, self.call)]
        return Call("InputLayer", tuple(found), span, module="keras.layers")

    def layer(self, data: object, span: Span, depth: int, place: Place) -> Call:
        """A layer of a model: its class and its config as unbound arguments; a model inside is the body of the call."""
        data = expect(dict, data, span, "a layer")
        call = self.call(data, span, depth, place)
        if self.weights is not None:
            call.stored = partial(self.weights, place)
        return call

    def call(self, data: dict[str, object], span: Span, depth: int, place: Place | None = None) -> Call:
        """The call of a serialized layer. Raises Fault where its data is wrong."""
        too_deep(depth, span)
        class_name = member(str, data, "class_name", span)
        body = self.model(data, span, depth + 1, place) if _is_model(data, class_name) else None
        config: dict[str, object] = {}
        if not (body is not None and isinstance(data.get("config"), list)):
            config = _as_loaded(class_name, member(dict, data, "config", span, {}))
        arguments = tuple(self._arguments(config, span.within("config"), depth, body, place))
        if "name" not in config and isinstance(data.get("name"), str):  # a custom class that leaves it out
            arguments = (argument("name", data["name"], span.within("name"), depth, self.call), *arguments)
        module = OPERATIONS if self._is_operation(data, config) else _module(data, class_name)
        built = _build_shape(data, span)
        call = Call(
            _rule_name(class_name, module),
            arguments,
            span,
            name_span=span.within("class_name"),
            body=body,
            module=module,
            build_shape=built[0] if built is not None else None,
        )
        call.early = keras1.modernized(call, self.version)
        self.early |= call.early
        return keras2.modernized(call, self.version)

    def _is_operation(self, data: dict[str, object], config: dict[str, object]) -> bool:
        """Whether Keras 3 has written an operation to a legacy file, without modules: only a layer has a dtype."""
        from seqshape.registry import find_layer

        is_plain = "module" not in data and not {"dtype", "trainable", "layers"} & set(config)
        is_new = self.version is not None and self.version.startswith("3.")
        return is_plain and is_new and find_layer(f"ops.{data['class_name']}") is not None

    def _arguments(
        self, config: dict[str, object], span: Span, depth: int, body: Graph | None, place: Place | None
    ) -> Iterator[Argument]:
        kept = tuple(config)
        if body is not None:  # Keras forgets the flag of a Sequential when it loads one
            own = ("name", "dtype") if body.class_name == "Sequential" else ("name", "trainable", "dtype")
            kept = tuple(name for name in own if name in config)
        for name in kept:
            data, inner = config[name], span.within(name)
            if type(data) in PLAIN:
                yield Argument(str(name), Value(data, inner), inner)
            else:
                inside = Place(place, [data], 0, str(name)) if place is not None else None
                yield argument(str(name), data, inner, depth + 1, partial(self.call, place=inside))


def _as_loaded(class_name: str, config: dict[str, object]) -> dict[str, object]:
    """The config that Keras constructs a layer from.

    An adapted Discretization has the number of bins that it was asked for beside the boundaries that it found, which
    alone count then.
    """
    is_adapted = config.get("bin_boundaries") is not None and config.get("num_bins") is not None
    if class_name != "Discretization" or not is_adapted:
        return config
    return {name: item for name, item in config.items() if name != "num_bins"}


def _build_shape(data: dict[str, object], span: Span) -> tuple[Any, Span] | None:
    build = data.get("build_config")
    shape = build.get("input_shape") if isinstance(build, dict) else None
    return (shape, span.within("build_config", "input_shape")) if is_shape(shape) else None


def _is_model(data: dict[str, object], class_name: str) -> bool:
    """Whether a layer is a model. (A Pipeline has a list of layers too, as an argument.)"""
    config = data.get("config")
    if isinstance(config, list):
        return True
    if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
        return False
    return class_name in ("Sequential", "Functional", "Model") or "input_layers" in config or "output_layers" in config


def _module(data: dict[str, object], class_name: str) -> str:
    """The module of a layer's class. Keras writes null for one of the user's script; older files have no modules."""
    module = data.get("module", "keras.layers")
    if not isinstance(module, str) or ">" in class_name or _is_registered(data):
        return "custom"
    return module


def _is_registered(data: dict[str, object]) -> bool:
    """Whether a class is registered under a package of its own."""
    name = data.get("registered_name")
    return isinstance(name, str) and ">" in name


def _rule_name(class_name: str, module: str) -> str:
    """An operation of keras.ops is told from a layer by its module; ``Package>Name`` is a registered class."""
    if module.startswith(OPERATIONS):
        return f"ops.{class_name}"
    return class_name.rpartition(">")[2]
