"""Models: Sequential and Functional as a program makes, changes and asks them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from seqshape.declaration import snake_case
from seqshape.diagnostics import Diagnostic, Label, Span
from seqshape.dims import UNKNOWN, names
from seqshape.graph import Argument, Call, Graph, Node, Operand, Ref, Value
from seqshape.readers.keras_source import eras
from seqshape.readers.keras_source.engine import DYNAMIC, keras_order, layer_type
from seqshape.readers.keras_source.machine import Work
from seqshape.readers.keras_source.records import Record
from seqshape.readers.keras_source.rooms import room
from seqshape.readers.keras_source.scope import Frame
from seqshape.readers.keras_source.tensors import apply_call, first_tensor, holds_array, shape_of, values_of
from seqshape.readers.keras_source.values import (
    Anything,
    Array,
    Batches,
    Layer,
    Missing,
    MissingShape,
    Model,
    Native,
    SymbolicTensor,
    is_missing,
)
from seqshape.structure import mapped

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site

ABSENT = object()


def call(run: Interpreter, path: str, args: list[Any], kwargs: dict[str, Any], site: Site) -> Any:
    """A call of keras.Model, keras.Sequential, or of a function of keras.models."""
    if path == "keras.Sequential":
        made = Model(Call("Sequential", (), site.span), path, site.span)
        return fill_sequential(run, made, args, kwargs, site)
    if path in ("keras.Model", "keras.Functional"):
        made = Model(Call("Functional", (), site.span), path, site.span)
        return fill_functional(run, made, args, kwargs, site)
    if path == "keras.models.clone_model":
        return room("copies").clone_model(run, args, kwargs, site)
    return run.missing(run.written(site.node, site.frame), site.span)


def register(run: Interpreter, model: Model, site: Site) -> None:
    """Note that the program has built a model here."""
    frame = site.frame
    path: list[int] = [site.line]
    here: Frame | None = frame
    while here is not None and here.caller is not None:
        path.append(here.line)
        here = here.caller
    record = Record(model, frame.module.source, site.span, site.line, frame.function)
    record.path = tuple(path)
    record.loops = tuple(run.loops)
    record.faults = run.mark_faults()
    model.record = record
    run.records.append(record)


def _leave_untrained(run: Interpreter, model: Model, site: Site) -> None:
    """``trainable=False`` in the call that makes a model, which its layers are not told of."""
    from seqshape.readers.keras_source.layers import set_argument
    from seqshape.readers.keras_source.literals import literal

    model.state["untrained"], model.state["trainable"] = True, False
    set_argument(model.call, "trainable", literal(run, False, site.frame, site.node))
    if model.graph is not None:
        model.graph.trainable = False


def take_name(run: Interpreter, model: Layer, class_name: str, name: Anything) -> None:
    """The name of a model or a layer: the given one, else the next of its class."""
    if isinstance(name, Missing):
        name = name.name
    stem = snake_case(class_name)
    model.call.named = name if isinstance(name, str) else run.engine.number(class_name, stem)
    if run.gaps and not isinstance(name, str):
        run.gaps_before[model.call] = len(run.gaps)


# --- Sequential -------------------------------------------------------------------------------------------------------


def fill_sequential(run: Interpreter, model: Model, args: list[object], kwargs: dict[str, object], site: Site) -> Model:
    """``Sequential([…])``."""
    layers = args[0] if args else kwargs.get("layers")
    name = kwargs.get(
        "name", args[2] if len(args) > 2 else args[1] if len(args) > 1 and isinstance(args[1], str) else None
    )
    take_name(run, model, model.shown or "Sequential", name)
    model.state["kind"] = "Sequential"
    register(run, model, site)
    if isinstance(layers, (list, tuple)):
        for layer in layers:
            add(run, model, layer, site, rebuild=False)
        if model.layers:
            rebuild(run, model, site)
    elif layers is not None:
        model.doubts.append(("its list of layers is not known", site.span))
        run.lose_count("a list of layers that is not known", site.span)
    if kwargs.get("trainable") is False:
        _leave_untrained(run, model, site)
    if model.record is not None:
        model.record.faults = run.mark_faults()
    return model


def add(run: Interpreter, model: Model, layer: Anything, site: Site, *, rebuild: bool = True) -> None:
    """``model.add(layer)``."""
    if isinstance(layer, SymbolicTensor):
        layer = run.layer_of.get(layer.ref.node.call)
    if not isinstance(layer, Layer):
        model.doubts.append(("a layer is added that is not known", site.span))
        run.lose_count("a layer that is not known", site.span)
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
        model.doubts.append(("layers are added in a loop of which nothing tells how often it turns", site.span))
    if rebuild:
        _rebuild(run, model, site)


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
    _rebuild(run, model, site)


def _rebuild(run: Interpreter, model: Model, site: Site) -> None:
    if model.input_layer is None and len(model.layers) > 1:
        first = model.layers[0]
        shape = _shape_of_model(first)
        if shape is not None:
            model.input_layer = _make_input(run, shape, model.span, first)
            open_input(run, model)
    if model.input_layer is not None and model.layers:
        build(run, model, site)


def _shape_of_model(layer: Layer) -> tuple[object, ...] | None:
    """The input shape of a model with one known input."""
    if not isinstance(layer, Model) or not isinstance(layer.inputs, SymbolicTensor) or layer.inputs.tensor is None:
        inputs = layer.inputs if isinstance(layer, Model) else None
        if isinstance(inputs, list) and len(inputs) == 1 and isinstance(inputs[0], SymbolicTensor):
            tensor = inputs[0].tensor
            return tuple(tensor.shape) if tensor is not None else None
        return None
    return tuple(layer.inputs.tensor.shape)


def _own_shape(run: Interpreter, layer: Layer) -> tuple[Any, ...] | None:
    """What the first layer says of the input, the batch in front: Keras 2's ways, which Keras 3 mostly still takes."""
    options = layer.options
    if isinstance(options.get("batch_input_shape"), (tuple, list)):
        return tuple(options["batch_input_shape"])
    if isinstance(options.get("input_shape"), (tuple, list)):
        return (None, *options["input_shape"])
    if options.get("input_dim") is not None and not has_input_dim(layer):
        length = options.get("input_length")
        if length is not None or (not run.is_today and eras.is_recurrent(layer.call.class_name)):
            return (None, length, options["input_dim"])
        return (None, options["input_dim"])
    if layer.call.class_name in ("Bidirectional", "TimeDistributed"):
        inner = next((run.layer_of.get(call) for call in layer.call.nested()), None)
        if inner is not None and layer.call.class_name == "Bidirectional":
            return _own_shape(run, inner) if run.is_old else None
    return None


def _make_input(run: Interpreter, shape: tuple[object, ...], span: Span, first: Layer) -> Layer:
    """The InputLayer that Keras puts before a Sequential."""
    dims = tuple(Value(_dim_value(dim), span) for dim in shape)
    arguments = [Argument("batch_shape", Value(dims, span), span)]
    dtype = getattr(first.bound, "compute_dtype", None)
    if isinstance(dtype, str) and dtype != "float32" and not first.options.get("input_shape"):
        arguments.append(Argument("dtype", Value(dtype, span), span))
    layer = Layer(Call("InputLayer", tuple(arguments), span), "keras.layers.InputLayer", span)
    layer.bound = run.engine.bind(layer.call)
    run.layer_of[layer.call] = layer
    return layer


def _dim_value(dim: Anything) -> object:
    from seqshape.graph import Open

    if isinstance(dim, Missing):
        return Open(dim.name, dim.as_size())
    return None if dim is UNKNOWN or (dim is not None and not isinstance(dim, int) and DYNAMIC in names(dim)) else dim


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
    if model.inputs is None or model.state.get("is_multiple"):
        return
    start = model.state.get("walked", 0)
    flow = model.state.get("flow", model.inputs)
    for kind, stem in model.state.setdefault("operations", []):
        run.engine.number(kind, stem)
    before = len(run.world.model.done)
    outer, run.trace = run.trace, run.world
    try:
        for layer in model.layers[start:]:
            flow = _walked(run, layer, flow, site)
    finally:
        run.trace = outer
    for node in list(run.world.model.done)[before:]:
        bound = run.engine.session.binder.get(node.call)
        if node.call not in run.layer_of and bound is not None and getattr(bound, "type", None) is not None:
            model.state["operations"].append((bound.type.name, bound.type.auto_name))
    run.engine.number("Functional", "functional")
    model.state["walked"] = len(model.layers)
    model.state["flow"] = model.outputs = flow
    if model.record is not None:
        model.record.faults = run.mark_faults()


def _walked(run: Interpreter, layer: Layer, flow: Anything, site: Site) -> Anything:
    """What a layer of a Sequential gives. Custom layers need the machine, which is run apart for them."""
    from seqshape.readers.keras_source.layers import apply_layer
    from seqshape.readers.keras_source.machine import is_work

    found = apply_layer(run, layer, [flow], {}, site.about(layer.call.span))
    return run.machine.run(found) if is_work(found) else found


def build_for(run: Interpreter, model: Model, shape: tuple[object, ...], dtype: str, site: Site) -> None:
    """Build a Sequential that did not know its input so far."""
    if model.input_layer is not None or not model.layers:
        return
    model.input_layer = _make_input(run, shape, model.span, model.layers[0])
    model.state["is_data"] = True
    open_input(run, model)
    build(run, model, site)


# --- Functional -------------------------------------------------------------------------------------------------------


def fill_functional(
    run: Interpreter, model: Model, args: list[object], kwargs: dict[str, object], site: Site
) -> Anything:
    """``Model(inputs, outputs)``, with the words of Keras 1 too."""
    inputs = args[0] if args else kwargs.get("inputs", kwargs.get("input"))
    outputs = args[1] if len(args) > 1 else kwargs.get("outputs", kwargs.get("output"))
    name = kwargs.get("name", args[2] if len(args) > 2 else None)
    model.state["kind"] = "Functional"
    if first_tensor(inputs) is None or first_tensor(outputs) is None:
        if inputs is None and outputs is None:
            return _bare(run, model, name, site)
        run.note("W147", "the inputs or outputs of this model are not known", site.span, None, site.frame)
        return run.missing(run.written(site.node, site.frame), site.span)
    inputs, outputs = _cloned(run, inputs, outputs)
    model.inputs, model.outputs = inputs, outputs
    take_name(run, model, model.shown or "Functional", name)
    model.graph = functional_graph(run, model, inputs, outputs, site.span)
    register(run, model, site)
    if kwargs.get("trainable") is False:
        _leave_untrained(run, model, site)
    return model


def _bare(run: Interpreter, model: Model, name: Anything, site: Site) -> Model:
    """``Model()`` itself, or what a subclass calls before it has any layers."""
    take_name(run, model, model.shown or "Model", name)
    return model


def functional_graph(run: Interpreter, model: Model, inputs: Anything, outputs: Anything, span: Span) -> Graph:
    """The graph between tensors."""
    graph = Graph("Functional", model.call.named, span=span, masked=False)
    graph.shown = model.shown
    graph.inputs = [tensor.ref.node for tensor in _tensors(inputs)]
    graph.outputs = as_operand(outputs)
    nodes, calls = keras_order(graph.outputs, graph.inputs)
    trace = first_tensor(outputs).trace
    trace.settle_names(nodes)
    graph.nodes = sorted(nodes, key=trace.position)
    graph.calls = calls
    for node in graph.nodes:
        if node.call.class_name == "InputLayer" and node not in graph.inputs:
            message = "the outputs need this input, which is not among the model's inputs"
            graph.notes.append(Diagnostic("E141", "error", message, (Label(node.span), Label(span, "this model"))))
    for node in graph.nodes:
        layer = run.layer_of.get(node.call)
        if isinstance(layer, Model) and layer.record is not None:
            layer.record.used = True
    return graph


def _tensors(structure: Anything) -> list[SymbolicTensor]:
    from seqshape.readers.keras_source.tensors import tensors_in

    return [tensor for tensor in tensors_in(structure) if isinstance(tensor, SymbolicTensor)]


def as_operand(structure: Anything) -> Operand:
    """A structure of tensors as the outputs of a graph."""
    if isinstance(structure, SymbolicTensor):
        return structure.ref
    if isinstance(structure, dict):
        return {str(key): as_operand(item) for key, item in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [as_operand(item) for item in structure if first_tensor(item) is not None]
    return []


def _cloned(run: Interpreter, inputs: Anything, outputs: Anything) -> tuple[Anything, Anything]:
    """Where a tensor in the middle is an input, Keras copies the graph behind it onto a new InputLayer."""
    flat = _tensors(inputs)
    trace = flat[0].trace
    if all(tensor.ref.node in trace.model.ports for tensor in flat):
        return inputs, outputs
    swapped: dict[tuple[Node, int | None], SymbolicTensor] = {}
    for tensor in flat:
        if tensor.ref.node not in trace.model.ports:
            swapped[tensor.ref.node, tensor.ref.output] = _clone_input(run, trace, tensor)
    copies: dict[Node, Node] = {}
    nodes, _ = keras_order(as_operand(outputs), [])
    for node in sorted(nodes, key=trace.position):
        if node in trace.model.ports or all(_swapped(ref, swapped, copies) == ref for ref in node.references()):
            continue
        done = trace.apply(
            node.call,
            [rewired(each, swapped, copies) for each in node.args],
            {name: rewired(each, swapped, copies) for name, each in node.kwargs.items()},
            node.span,
        )
        copies[node] = done.node
    return renewed(run, trace, inputs, swapped, copies), renewed(run, trace, outputs, swapped, copies)


def _clone_input(run: Interpreter, trace: Any, tensor: SymbolicTensor) -> SymbolicTensor:
    name = run.engine.session.clone_name(tensor.ref.node)
    if tensor.tensor is None:
        return SymbolicTensor(trace.unknown(), None, None, trace)
    fresh: SymbolicTensor = trace.port(tensor.tensor)
    fresh.ref.node.call.named = name
    return fresh


def _swapped(ref: Ref, swapped: dict[Any, SymbolicTensor], copies: dict[Node, Node]) -> Ref:
    if (ref.node, ref.output) in swapped:
        return swapped[ref.node, ref.output].ref
    return Ref(copies[ref.node], ref.output) if ref.node in copies else ref


def rewired(operand: object, swapped: dict[Any, SymbolicTensor], copies: dict[Node, Node]) -> Any:
    """An operand with other tensors in the place of those that are swapped or copied."""
    return mapped(lambda leaf: _swapped(leaf, swapped, copies) if isinstance(leaf, Ref) else leaf, operand)


def renewed(
    run: Interpreter, trace: object, structure: Anything, swapped: dict[Any, SymbolicTensor], copies: dict[Node, Node]
) -> Anything:
    """A structure of tensors with those that are swapped or copied."""

    def renewed(leaf: Anything) -> Anything:
        if not isinstance(leaf, SymbolicTensor):
            return leaf
        return SymbolicTensor(_swapped(leaf.ref, swapped, copies), leaf.tensor, leaf.mask, trace)

    return mapped(renewed, structure)


# --- models as layers -------------------------------------------------------------------------------------------------


def call_of(run: Interpreter, layer: Layer) -> Call:
    """The call of a layer in a graph; of a model with its graph as the body."""
    if not isinstance(layer, Model) or (layer.instance is not None and layer.state.get("kind") is None):
        return layer.call
    if layer.call.body is not None and layer.state.get("bodied") == len(layer.layers):
        return layer.call
    old = layer.call
    if old.body is not None or old.class_name not in ("Sequential", "Functional"):
        layer.call = Call(str(layer.state["kind"]), old.arguments, old.span, name_span=old.name_span)
        layer.call.named = old.named
    layer.call.body = graph_of(run, layer)
    layer.state["bodied"] = len(layer.layers)
    run.layer_of[layer.call] = layer
    return layer.call


def graph_of(run: Interpreter, model: Model) -> Graph:
    """The graph of a model as it stands."""
    if model.graph is not None:
        return model.graph
    graph = Graph("Sequential", model.call.named, span=model.span)
    graph.trainable = not model.state.get("untrained")
    graph.shown = model.shown
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


def apply_model(run: Interpreter, model: Model, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    """Call a model with tensors, or with data."""
    args = [args[0], *args[1:]] if args else [value for name, value in kwargs.items() if name in ("inputs", "x")]
    args = args[:1]
    tensor = first_tensor(args)
    if model.record is not None and tensor is not None:
        model.record.used = True
    if tensor is None:
        data = args[0] if args else None
        if isinstance(data, Array) and model.state.get("kind") == "Sequential" and run.shapes is None:
            build_for(run, model, data.shape, data.dtype, site)
        return _data_out(run, model, args, site)
    if any(map(is_missing, args)):
        return run.lost(tensor, "one of its inputs is not known", site.span)
    if isinstance(args[0], SymbolicTensor) and args[0].tensor is not None and model.state["kind"] == "Sequential":
        build_for(run, model, tuple(args[0].tensor.shape), args[0].tensor.dtype or "float32", site)
    made = call_of(run, model)
    with run.engine.unnumbered():
        model.bound = run.engine.bind(made)
    if model.doubts:
        return run.lost(tensor, f"{model.name} may have been changed in a way that is not known", site.span)
    return apply_call(run, model, args, {}, site.span)


def _data_out(run: Interpreter, model: Model, args: list[object], site: Site) -> Anything:
    if not holds_array(args) or (model.graph is None and model.input_layer is None):
        return run.missing(run.written(site.node, site.frame), site.span)
    return _outputs_as_data(model.outputs, site.span)


def _outputs_as_data(outputs: Anything, span: Span) -> Anything:
    if isinstance(outputs, SymbolicTensor):
        shape = shape_of(outputs, span)
        return Array(shape) if isinstance(shape, tuple) else Missing("what a model gives", span)
    if isinstance(outputs, (list, tuple)):
        return [_outputs_as_data(each, span) for each in outputs]
    return Missing("what a model gives", span)


def inputs_of_data(value: Anything) -> Anything:
    """The inputs in what ``fit`` gets: arrays, or the first part of an element of a dataset."""
    if isinstance(value, Batches):
        element = value.element
        return element[0] if isinstance(element, (tuple, list)) and element else element
    return value


def feed(run: Interpreter, model: Model, data: Anything, site: Site) -> Any:
    """``fit`` and the like: a model that did not know its input is built for the data."""
    data = inputs_of_data(data)
    if model.instance is not None and model.state.get("kind") is None:
        feed_custom = room("inside").feed_custom

        return feed_custom(run, model, data, site)
    if isinstance(data, (list, tuple)) and len(data) == 1:
        data = data[0]
    if isinstance(data, Array) and model.state.get("kind") == "Sequential" and data.shape:
        if run.shapes is None:
            build_for(run, model, (None, *data.shape[1:]), data.dtype, site)
    elif isinstance(data, Missing) and model.state.get("kind") == "Sequential" and run.shapes is None:
        _feed_missing(run, model, data, site)
    return None


def _feed_missing(run: Interpreter, model: Model, data: Missing, site: Site) -> None:
    """Data of which nothing tells the shape: its sizes get the data's name."""
    if model.input_layer is not None or not data.name.isidentifier():
        return
    rank = run.rank_of(data.name)
    build_for(run, model, (None, *MissingShape(data, 1).of_rank(rank)), "float32", site)


# --- what a program can ask ---------------------------------------------------------------------------------------------


def inner_layers(run: Interpreter, layer: Layer) -> list[Layer]:
    """The layers in a model or a layer of a class of the source."""
    if layer.instance is not None and layer.state.get("kind") is None:
        inside: list[Layer] = room("classes").tracked(layer)
        return inside
    if not isinstance(layer, Model):
        return []
    if layer.graph is None:
        return list(layer.layers)
    found = [run.layer_of.get(call) for call in dict.fromkeys(layer.graph.calls)]
    return [each for each in found if each is not None]


def model_attribute(run: Interpreter, model: Model, name: str, frame: Frame, node: ast.AST) -> Any:
    """An attribute of a model; ABSENT if it has none of its own."""
    span = frame.span(node)
    if name in ("inputs", "outputs", "input", "output"):
        return _ports(model, name, run, span)
    if name in ("input_shape", "output_shape"):
        ports = _ports(model, name.removesuffix("_shape"), run, span)
        return [shape_of(each, span) for each in ports] if isinstance(ports, list) else shape_of(ports, span)
    if name in ("layers", "_layers"):
        if model.doubts:
            return run.missing(f"{model.name}.layers", span)
        return inner_layers(run, model)
    if name == "built":
        return model.graph is not None or model.input_layer is not None or bool(model.state.get("built"))
    method = METHODS.get(name)
    return Native(name, method, model) if method is not None else ABSENT


def _ports(model: Model, name: str, run: Interpreter, span: Span) -> Anything:
    ports = model.inputs if name.startswith("input") else model.outputs
    if ports is None or model.doubts:
        return run.missing(f"{model.name}.{name}", span)
    if name.endswith("s"):
        return _tensors(ports) if not isinstance(ports, dict) else ports
    if isinstance(ports, (list, tuple)) and len(ports) == 1:
        return ports[0]
    return ports


def _add(run: Interpreter, model: Model, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    layer = args[0] if args else kwargs.get("layer")
    add(run, model, layer, site)


def _pop(run: Interpreter, model: Model, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    if not model.layers:
        return None
    gone = model.layers.pop()
    flow = model.inputs
    for layer in model.layers:
        flow = layer.calls[-1][1] if layer.calls else flow
    model.state["walked"], model.state["flow"], model.outputs = len(model.layers), flow, flow
    return gone


def _get_layer(run: Interpreter, model: Model, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    name, index = args[0] if args else kwargs.get("name"), args[1] if len(args) > 1 else kwargs.get("index")
    if isinstance(name, int) and index is None:
        name, index = None, name
    layers = inner_layers(run, model)
    if isinstance(index, int) and -len(layers) <= index < len(layers):
        return layers[index]
    found = next((layer for layer in layers if layer.name == name), None)
    return found if found is not None else run.missing(run.written(site.node, site.frame), site.span)


def _fed(run: Interpreter, model: Model, args: list[Any], kwargs: dict[str, Any], site: Site) -> object:
    from seqshape.readers.keras_source.machine import is_work

    found = feed(run, model, args[0] if args else kwargs.get("x"), site)
    return _after(run, found, site) if is_work(found) else run.missing(run.written(site.node, site.frame), site.span)


def _after(run: Interpreter, work: Work, site: Site) -> Work:
    yield work
    return run.missing(run.written(site.node, site.frame), site.span)


def _predicted(run: Interpreter, model: Model, args: list[object], kwargs: dict[str, object], site: Site) -> object:
    data = args[0] if args else kwargs.get("x")
    found = feed(run, model, data, site)
    from seqshape.readers.keras_source.machine import is_work

    if is_work(found):
        return _after(run, found, site)
    return _data_out(run, model, [data], site)


def _build(run: Interpreter, model: Model, args: list[object], kwargs: dict[str, object], site: Site) -> object:
    shape = args[0] if args else kwargs.get("input_shape")
    if isinstance(shape, (tuple, list)) and (not shape or not isinstance(shape[0], (tuple, list, dict))):
        if model.state.get("kind") == "Sequential":
            build_for(run, model, tuple(shape), "float32", site)
            return None
        return feed(run, model, Array((None, *shape[1:])), site)
    if isinstance(shape, MissingShape) and model.state.get("kind") == "Sequential" and run.shapes is None:
        build_for(
            run, model, (None, *MissingShape(shape.array, 1).of_rank(run.rank_of(shape.array.name))), "float32", site
        )
    return None


def _nothing(run: Interpreter, model: Model, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    return None


METHODS: dict[str, object] = {
    "add": _add,
    "pop": _pop,
    "get_layer": _get_layer,
    "build": _build,
    "predict": _predicted,
    "predict_on_batch": _predicted,
    **dict.fromkeys(("fit", "evaluate", "train_on_batch", "test_on_batch", "fit_generator", "export_"), _fed),
    **dict.fromkeys(("compile", "summary", "save", "save_weights", "load_weights", "export", "reset_states"), _nothing),
}
