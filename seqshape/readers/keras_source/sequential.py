"""Sequential models: made, added to, built when their input is known."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.dims import UNKNOWN, Poly, names
from seqshape.graph import Argument, Call
from seqshape.graph import Value as Literal
from seqshape.readers.keras_source import eras
from seqshape.readers.keras_source.engine import SymbolicTensor, layer_type
from seqshape.readers.keras_source.layer_calls import apply_layer
from seqshape.readers.keras_source.models import leave_untrained, register, take_name
from seqshape.readers.keras_source.tensors import values_of
from seqshape.readers.keras_source.values import Args, Keywords, Layer, Missing, Model, Result, Value
from seqshape.tensor import DYNAMIC

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site


def fill_sequential(run: Interpreter, model: Model, args: Args, kwargs: Keywords, site: Site) -> Model:
    """``Sequential([…])``."""
    layers = args[0] if args else kwargs.get("layers")
    name = kwargs.get(
        "name", args[2] if len(args) > 2 else args[1] if len(args) > 1 and isinstance(args[1], str) else None
    )
    take_name(run, model, model.shown or "Sequential", name)
    model.kind = "Sequential"
    register(run, model, site)
    if isinstance(layers, (list, tuple)):
        for layer in layers:
            add(run, model, layer, site, builds=False)
        if model.layers:
            rebuild(run, model, site)
    elif layers is not None:
        model.doubts.append(("its list of layers is not known", site.span))
        run.lose_count("a list of layers that is not known", site.span)
    if kwargs.get("trainable") is False:
        leave_untrained(run, model, site)
    if model.record is not None:
        model.record.faults = run.mark_faults()
    return model


def _in_what(run: Interpreter) -> str:
    """What nothing tells of the loop that stands around."""
    if run.loops[-1] in run.unordered:
        return "in the order of a set, which nothing tells"
    return "in a loop of which nothing tells how often it turns"


def add(run: Interpreter, model: Model, layer: Value, site: Site, *, builds: bool = True) -> None:
    """``model.add(layer)``."""
    if isinstance(layer, SymbolicTensor):
        layer = run.layer_of.get(layer.ref.node.call)
    if not isinstance(layer, Layer):
        model.doubts.append(("a layer is added that is not known", site.span))
        run.lose_count("a layer that is not known", site.span)
        return
    if "merged" in layer.options:  # Keras 1's Merge of models, whose inputs would be those of this one
        model.doubts.append(("its Merge of other models is not followed", layer.call.span))
        run.lose_count("a Merge of models", layer.call.span)
        return
    if not model.layers and model.input_layer is None:
        if layer.call.class_name == "InputLayer":
            model.input_layer = layer
            open_input(run, model)
            return
        own = _own_shape(run, layer)
        if own is not None:
            model.input_layer = _make_input(run, own, layer.call.span, layer)
            open_input(run, model)
            _forget_shape(layer)
    elif layer.call.class_name == "InputLayer":
        run.engine.complain("this Sequential has its input already: an Input stands first", "E117", site.span)
        return
    if isinstance(layer, Model) and layer.record is not None:
        layer.record.used = True
    model.layers.append(layer)
    if run.loops and model.record is not None and tuple(run.loops) != model.record.loops:
        model.doubts.append((f"layers are added {_in_what(run)}", site.span))
    if builds:
        rebuild(run, model, site)


def has_input_dim(layer: Layer) -> bool:
    """Whether ``input_dim`` is an argument of the layer itself, and says nothing of the input's shape."""
    kind = layer_type(layer.call.class_name)
    return kind is not None and any(parameter.name == "input_dim" for parameter in kind.positional)


def _forget_shape(layer: Layer) -> None:
    """What the first layer says of the input is said by the InputLayer now."""
    used = ("input_shape",) if has_input_dim(layer) else ("input_shape", "input_dim")
    layer.call.arguments = tuple(each for each in layer.call.arguments if each.name not in used)


def rebuild(run: Interpreter, model: Model, site: Site) -> None:
    """Keras builds a Sequential as soon as it knows its input, and anew with each layer that is added."""
    if model.input_layer is None and len(model.layers) > 1:
        first = model.layers[0]
        shape = _shape_of_model(first)
        if shape is not None:
            model.input_layer = _make_input(run, shape, model.span, first)
            open_input(run, model)
    if model.input_layer is not None and model.layers:
        build(run, model, site)


def _shape_of_model(layer: Layer) -> tuple[Value, ...] | None:
    """The input shape of a model with one known input."""
    if not isinstance(layer, Model) or not isinstance(layer.inputs, SymbolicTensor) or layer.inputs.tensor is None:
        inputs = layer.inputs if isinstance(layer, Model) else None
        if isinstance(inputs, list) and len(inputs) == 1 and isinstance(inputs[0], SymbolicTensor):
            tensor = inputs[0].tensor
            return tuple(tensor.shape) if tensor is not None else None
        return None
    return tuple(layer.inputs.tensor.shape)


def _own_shape(run: Interpreter, layer: Layer) -> tuple[Value, ...] | None:
    """What the first layer says of the input, the batch in front: Keras 2's ways, which Keras 3 mostly still takes."""
    options = layer.options
    whole, rest = options.get("batch_input_shape"), options.get("input_shape")
    if isinstance(whole, (tuple, list)):
        return tuple(whole)
    if isinstance(rest, (tuple, list)):
        return (None, *rest)
    if options.get("input_dim") is not None and not has_input_dim(layer):
        length = options.get("input_length")
        if length is not None or (not run.is_today and eras.is_over_steps(layer.call.class_name, run.is_old)):
            return (None, length, options["input_dim"])
        return (None, options["input_dim"])
    if layer.call.class_name in ("Bidirectional", "TimeDistributed"):
        inner = next((run.layer_of.get(call) for call in layer.call.nested()), None)
        if inner is not None and layer.call.class_name == "Bidirectional":
            return _own_shape(run, inner) if run.is_old else None
    return None


def _make_input(run: Interpreter, shape: tuple[Value, ...], span: Span, first: Layer) -> Layer:
    """The InputLayer that Keras puts before a Sequential."""
    dims = tuple(Literal(_dim_value(dim), span) for dim in shape)
    arguments = [Argument("batch_shape", Literal(dims, span), span)]
    dtype = getattr(first.bound, "compute_dtype", None)
    if isinstance(dtype, str) and dtype != "float32" and not first.options.get("input_shape"):
        arguments.append(Argument("dtype", Literal(dtype, span), span))
    layer = Layer(Call("InputLayer", tuple(arguments), span), "keras.layers.InputLayer", span)
    layer.bound = run.engine.bind(layer.call)
    run.layer_of[layer.call] = layer
    return layer


def _dim_value(dim: Value) -> object:
    from seqshape.graph import Open

    if isinstance(dim, Missing):
        return Open(dim.name, dim.as_size())
    return None if dim is UNKNOWN or (isinstance(dim, Poly) and DYNAMIC in names(dim)) else dim


def open_input(run: Interpreter, model: Model) -> None:
    """The tensor that the layers of a Sequential start from."""
    layer = model.input_layer
    assert layer is not None
    if layer.calls:
        model.inputs = layer.calls[0][1]
        return
    flow = run.world.input(layer.call) if layer.bound is not None else None
    if flow is not None:
        outer, run.trace = run.trace, run.world
        model.inputs = values_of(run, flow)
        run.trace = outer
        layer.calls.append((None, model.inputs))


def build(run: Interpreter, model: Model, site: Site) -> None:
    """Walk the layers that are new, and take the numbers that Keras takes when it builds the model anew."""
    if model.inputs is None:
        return
    flow = model.flow if model.walked else model.inputs
    names = [run.engine.number(kind, stem) for kind, stem in model.operations]
    before = len(run.world.model.done)
    outer, run.trace = run.trace, run.world
    try:
        for layer in model.layers[model.walked :]:
            flow = _walked(run, layer, flow, site)
    finally:
        run.trace = outer
    for node in list(run.world.model.done)[before:]:
        bound = run.engine.session.binder.get(node.call)
        if node.call not in run.layer_of and bound is not None and getattr(bound, "type", None) is not None:
            model.operations.append((bound.type.name, bound.type.auto_name))
            names.append(bound.name)
    model.operation_names = names
    run.engine.number("Functional", "functional")
    model.walked = len(model.layers)
    model.flow = model.outputs = flow
    if model.record is not None:
        model.record.faults = run.mark_faults()


def _walked(run: Interpreter, layer: Layer, flow: Value, site: Site) -> Value:
    """What a layer of a Sequential gives. Custom layers need the machine, which is run apart for them."""

    found = apply_layer(run, layer, [flow], {}, site.about(layer.call.span))
    value: Value = run.machine.run(found) if isinstance(found, Generator) else found
    return value


def build_for(run: Interpreter, model: Model, shape: tuple[Value, ...], dtype: str, site: Site) -> None:
    """Build a Sequential that did not know its input so far."""
    if model.input_layer is not None or not model.layers:
        return
    model.input_layer = _make_input(run, shape, model.span, model.layers[0])
    open_input(run, model)
    build(run, model, site)


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """``keras.Sequential(…)``."""
    return fill_sequential(run, Model(Call("Sequential", (), site.span), path, site.span), args, kwargs, site)
