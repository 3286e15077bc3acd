"""What all models have: a name, a record of where they were built, a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.declaration import snake_case
from seqshape.graph import Call, Graph, Node, Ref
from seqshape.readers.keras_source.literals import literal, set_argument
from seqshape.readers.keras_source.records import Record
from seqshape.readers.keras_source.rooms import room
from seqshape.readers.keras_source.scope import Frame
from seqshape.readers.keras_source.values import Layer, Missing, Model, Value

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site

CUSTOM = "custom"  # the module of classes of which nothing is known


def register(run: Interpreter, model: Model, site: Site) -> None:
    """Note that the program has built a model here."""
    frame = site.frame
    path: list[int] = [site.line]
    here: Frame | None = frame
    while here is not None and here.caller is not None:
        path.append(here.line)
        here = here.caller
    record = Record(frame.module.source, site.span, site.line, frame.function, model.shown)
    record.path = tuple(path)
    record.loops = tuple(run.loops)
    record.faults = run.mark_faults()
    model.record = record
    run.records.append((record, model))


def leave_untrained(run: Interpreter, model: Model, site: Site) -> None:
    """``trainable=False`` in the call that makes a model, which its layers are not told of."""
    model.is_untrained, model.attributes["trainable"] = True, False
    set_argument(model.call, "trainable", literal(run, False, site.frame, site.node))
    if model.graph is not None:
        model.graph.trainable = False


def take_name(run: Interpreter, model: Layer, class_name: str, name: Value) -> None:
    """The name of a model or a layer: the given one, else the next of its class."""
    if isinstance(name, Missing):
        name = name.name
    stem = snake_case(class_name)
    model.call.named = name if isinstance(name, str) else run.engine.number(class_name, stem)
    if run.gaps and not isinstance(name, str):
        run.gaps_before[model.call] = len(run.gaps)


def call_of(run: Interpreter, layer: Layer) -> Call:
    """The call of a layer in a graph; of a model with its graph as the body."""
    if not isinstance(layer, Model) or layer.is_own:
        if layer.instance is not None and not layer.is_plain and layer.call.body is None:
            layer.call.module = CUSTOM  # it has never been called, so nothing is known of it
        return layer.call
    if layer.call.body is not None and layer.number_in_body == len(layer.layers):
        return layer.call
    old = layer.call
    if old.body is not None or old.class_name not in ("Sequential", "Functional"):
        layer.call = Call(str(layer.kind), old.arguments, old.span, name_span=old.name_span)
        layer.call.named = old.named
    layer.call.body = graph_of(run, layer)
    layer.number_in_body = len(layer.layers)
    run.layer_of[layer.call] = layer
    return layer.call


def graph_of(run: Interpreter, model: Model) -> Graph:
    """The graph of a model as it stands."""
    if model.graph is not None:
        return model.graph
    graph = Graph("Sequential", model.call.named, span=model.span)
    graph.trainable = not model.is_untrained
    graph.shown = model.shown
    graph.added = tuple(model.operation_names)
    first = model.input_layer.call if model.input_layer is not None else Call("InputLayer", (), model.span)
    calls = [first, *(call_of(run, layer) for layer in model.layers)]
    graph.calls = calls
    node = Node(first)
    graph.inputs.append(node)
    graph.nodes.append(node)
    for each in calls[1:]:
        node = Node(each, (Ref(node),))
        graph.nodes.append(node)
    graph.outputs = Ref(node)
    return graph


def inner_layers(run: Interpreter, layer: Layer) -> list[Layer]:
    """The layers in a model or a layer of a class of the source."""
    if layer.instance is not None and (not isinstance(layer, Model) or layer.is_own):
        inside: list[Layer] = room("classes").tracked(layer)
        return inside
    if not isinstance(layer, Model):
        return []
    if layer.graph is None:
        return list(layer.layers)
    found = [run.layer_of.get(call) for call in dict.fromkeys(layer.graph.calls)]
    return [each for each in found if each is not None]
