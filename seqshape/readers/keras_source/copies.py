"""What a program asks of layers and models that are built: their weights, their config, and copies made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.dims import UNKNOWN, Dim
from seqshape.graph import Argument, Call, Node, keras_order
from seqshape.graph import Value as Literal
from seqshape.readers.keras_source.attributes import known_dim
from seqshape.readers.keras_source.checks import dim_of
from seqshape.readers.keras_source.engine import layer_type
from seqshape.readers.keras_source.functional import functional_graph, renewed, rewired
from seqshape.readers.keras_source.layer_attributes import TRAINED
from seqshape.readers.keras_source.layers import construct
from seqshape.readers.keras_source.models import call_of, inner_layers, register
from seqshape.readers.keras_source.sequential import open_input, rebuild
from seqshape.readers.keras_source.tensors import values_of
from seqshape.readers.keras_source.values import Args, Array, Class, Keywords, Layer, Model, Result, Value

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site


# --- weights ----------------------------------------------------------------------------------------------------------


def weights(run: Interpreter, layer: Layer, *, trained: bool | None = None) -> list[Array] | None:
    """The weights as data; ``None`` where they are not known. ``trained``: only those that are, or are not."""
    if not isinstance(layer, Model) or layer.kind is None:
        return _own_weights(run, layer, trained)
    if layer.doubts or (layer.graph is None and layer.input_layer is None):
        return None
    inside = [weights(run, each, trained=trained) for each in inner_layers(run, layer)]
    return None if None in inside else [weight for each in inside for weight in each or ()]


def _own_weights(run: Interpreter, layer: Layer, trained: bool | None) -> list[Array] | None:
    known = run.world.model.weights.get(layer.bound)
    if known is None:
        return None
    frozen = layer.attributes.get("trainable") is False
    return [
        Array(tuple(map(known_dim, weight.shape)), weight.dtype or "float32", f"{layer.name}/{path}")
        for path, weight in known.items()
        if trained is None or trained == (bool(weight.trainable) and not frozen)
    ]


def weights_attribute(run: Interpreter, layer: Layer, name: str, site: Site) -> Value:
    """``layer.weights`` and its like."""
    found = weights(run, layer, trained=TRAINED[name])
    return run.missing(f"{layer.name}.{name}", site.span) if found is None else [*found]


def get_weights(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``layer.get_weights()``."""
    return weights_attribute(run, layer, "weights", site)


def count_params(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``layer.count_params()``."""
    found = weights(run, layer)
    total: Dim = 0
    for weight in found or ():
        number: Dim = 1
        for dim in weight.shape:
            number = number * dim_of(dim)
        total = total + number
    if found is None or total is UNKNOWN:
        return run.unknown(site)
    return total


# --- configs ----------------------------------------------------------------------------------------------------------


def get_config(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``layer.get_config()`` of a layer of Keras: its arguments, its name, whether it is trained."""
    kind = layer_type(layer.call.class_name)
    if kind is None or isinstance(layer, Model) or layer.bound is None:
        return run.unknown(site)
    found: dict[str, Value] = {"name": layer.name, "trainable": layer.attributes.get("trainable", True)}
    for parameter in kind.parameters:
        if parameter.name in layer.options:
            found[parameter.name] = layer.options[parameter.name]
        elif isinstance(parameter.default, (bool, int, float, str, tuple, type(None))):
            found[parameter.name] = parameter.default
    return {**found, **{name: value for name, value in layer.options.items() if not name.isdigit()}}


def from_config(run: Interpreter, path: str, config: Value, site: Site) -> Value:
    """``Dense.from_config(config)``."""
    name = path.rpartition(".")[2]
    kind = layer_type(name)
    if kind is None or not isinstance(config, dict):
        return run.unknown(site)
    given = {key: value for key, value in config.items() if value is not None or kind.parameter(key) is None}
    return construct(run, name, [], given, site)


def class_from_config(run: Interpreter, cls: Class, args: Args, kwargs: Keywords, site: Site) -> Result:
    """``Own.from_config(config)`` of a class of the source."""
    from seqshape.readers.keras_source.classes import instantiate

    config = args[0] if args else kwargs.get("config")
    if not isinstance(config, dict):
        return run.unknown(site)
    return instantiate(run, cls, [], dict(config), site)


# --- copies -----------------------------------------------------------------------------------------------------------


def _clone_model(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Result:
    """``keras.models.clone_model(model)``: the same layers under the same names, with weights of their own."""
    model = args[0] if args else kwargs.get("model")
    plain = len(args) < 2 and not {name for name in kwargs if name != "model"}
    if not isinstance(model, Model) or not plain or model.doubts or not _is_copyable(run, model):
        return run.unknown(site)
    return _copied_model(run, model, {}, site)


def _is_copyable(run: Interpreter, model: Model) -> bool:
    """Whether all in a model is of Keras: what a class of the source makes of its config is not known."""
    if model.instance is not None or model.kind is None:
        return False
    inside = inner_layers(run, model)
    return all(each.instance is None and (not isinstance(each, Model) or _is_copyable(run, each)) for each in inside)


def _copied_model(run: Interpreter, model: Model, known: dict[Call, Layer], site: Site) -> Model:
    made = Model(Call(model.call.class_name, (), site.span), model.path, site.span)
    made.call.named = model.name
    made.kind = model.kind
    if model.kind == "Functional":
        _fill_functional(run, made, model, known, site)
    else:
        if model.input_layer is not None:
            made.input_layer = _copied(run, model.input_layer, known, site)
            open_input(run, made)
        made.layers = [_copied(run, layer, known, site) for layer in model.layers]
        rebuild(run, made, site)
    register(run, made, site)
    return made


def _copied(run: Interpreter, layer: Layer, known: dict[Call, Layer], site: Site) -> Layer:
    """A layer once more, under its name."""
    if layer.call not in known:
        if isinstance(layer, Model):
            made: Layer = _copied_model(run, layer, known, site)
        else:
            made = Layer(_copied_call(layer.call, layer.name), layer.path, site.span)
            made.options = dict(layer.options)
            made.attributes = {name: value for name, value in layer.attributes.items() if name == "trainable"}
            with run.engine.unnumbered():
                made.bound = run.engine.bind(made.call)
        known[layer.call] = made
        run.layer_of[made.call] = made
    return known[layer.call]


def _copied_call(call: Call, name: str) -> Call:
    kept = tuple(each for each in call.arguments if each.name != "name")
    made = Call(
        call.class_name,
        (*kept, Argument("name", Literal(name, call.span), call.span)),
        call.span,
        name_span=call.name_span,
        module=call.module,
    )
    made.shown, made.named = call.shown, name
    return made


def _fill_functional(run: Interpreter, made: Model, model: Model, known: dict[Call, Layer], site: Site) -> None:
    """The graph of a model walked once more with copies of its layers."""
    assert model.graph is not None
    copies: dict[Node, Node] = {}
    nodes, _ = keras_order(model.graph.outputs, model.graph.inputs)
    outer, run.trace = run.trace, run.world
    with run.engine.unnumbered():
        for node in sorted({*nodes, *model.graph.inputs}, key=run.trace.position):
            copies[node] = _copied_node(run, node, node in model.graph.inputs, copies, known, site)
    made.inputs, made.outputs = (renewed(run, run.trace, each, {}, copies) for each in (model.inputs, model.outputs))
    made.graph = functional_graph(run, made, made.inputs, made.outputs, site.span)
    for node, copy in copies.items():
        layer, twin = run.layer_of.get(node.call), run.layer_of.get(copy.call)
        if layer is not None and twin is not None:
            done = run.trace.model.done[copy]
            twin.calls.append((None, values_of(run, done.outputs) if done.outputs is not None else None))
    run.trace = outer


def _copied_node(
    run: Interpreter, node: Node, is_input: bool, copies: dict[Node, Node], known: dict[Call, Layer], site: Site
) -> Node:
    """A node once more, with a copy of its layer and of what goes in."""
    layer = run.layer_of.get(node.call)
    twin = _copied(run, layer, known, site) if layer is not None else None
    call = call_of(run, twin) if twin is not None else _copied_call(node.call, node.call.named or "")
    if is_input:
        flow = run.trace.input(call)
        return flow.ref.node if flow is not None else node
    args = [rewired(each, {}, copies) for each in node.args]
    keywords = {name: rewired(each, {}, copies) for name, each in node.kwargs.items()}
    return run.trace.apply(call, args, keywords, node.span).node


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """A function of keras.models."""
    if path == "keras.models.clone_model":
        return _clone_model(run, args, kwargs, site)
    return run.unknown(site)
