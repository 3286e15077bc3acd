"""Classes of the source: plain objects, and layers and models of the user's own, whose ``call`` is followed.

Keras has its backend trace the ``call`` of such a layer, with one named size for every unknown one; so is it done here.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from seqshape.diagnostics import Span
from seqshape.dims import UNKNOWN, Poly, names, symbol
from seqshape.graph import Argument, Call, Graph, Open, Value
from seqshape.readers.keras_source import models
from seqshape.readers.keras_source.arrays import dtype_name
from seqshape.readers.keras_source.calls import parameters
from seqshape.readers.keras_source.containers import NAMED, fill_fields, is_enumeration, member, named_tuple
from seqshape.readers.keras_source.engine import DYNAMIC, Trace
from seqshape.readers.keras_source.machine import Raised, Work
from seqshape.readers.keras_source.models import as_operand, call_of, take_name
from seqshape.readers.keras_source.names import is_keras
from seqshape.readers.keras_source.scope import Frame
from seqshape.readers.keras_source.tensors import apply_call, first_tensor, holds_array, tensors_in, weight_ref
from seqshape.readers.keras_source.values import (
    Anything,
    Array,
    Class,
    External,
    Function,
    Instance,
    Layer,
    Method,
    Missing,
    MissingShape,
    Model,
    Native,
    SymbolicTensor,
    Weight,
    is_missing,
)
from seqshape.structure import leaves, mapped
from seqshape.tensor import Tensor

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site

MODELS = ("keras.Model", "keras.Sequential", "keras.Functional")
BARE = ("keras.layers.Layer", "keras.layers.AbstractRNNCell", "keras.Layer")


def instantiate(run: Interpreter, cls: Class, args: list[Any], kwargs: dict[str, Any], site: Site) -> Work:
    """An object of a class of the source."""
    run.called.add(cls)
    library = cls.library()
    if library == NAMED:
        return (yield named_tuple(run, cls, args, kwargs, site))
    if is_enumeration(cls):
        return member(run, cls, args, site)
    if library in MODELS or (library is not None and library.startswith("keras.layers.")):
        return (yield _make_layer(run, cls, library, args, kwargs, site))
    made = Instance(cls)
    init = cls.find("__init__")
    if init is not None:
        yield run.call(Method(init, made), args, kwargs, site.frame, site.node)
    else:
        yield fill_fields(run, made, args, kwargs, site)
    return made


def _make_layer(
    run: Interpreter, cls: Class, library: str, args: list[Any], kwargs: dict[str, Any], site: Site
) -> Work:
    made: Layer = (Model if library in MODELS else Layer)(Call(cls.name, (), site.span), library, site.span)
    made.instance = Instance(cls)
    if isinstance(made, Model):
        made.shown = cls.name
    init = cls.find("__init__")
    if init is not None:
        yield run.call(Method(init, made), args, kwargs, site.frame, site.node)
    if "ready" not in made.state:
        yield base_init(run, made, args if init is None else [], kwargs if init is None else {}, site)
    track(made)
    if isinstance(made, Model) and made.record is None:
        models.register(run, made, site)
    run.remember(made.call)
    run.layer_of[made.call] = made
    return made


def base_init(run: Interpreter, made: Layer, args: list[Any], kwargs: dict[str, Any], site: Site) -> Any:
    """``super().__init__(…)`` of a layer or a model."""
    made.state["ready"] = True
    cls = made.instance.cls if made.instance is not None else None
    name = cls.name if cls is not None else made.call.class_name
    if isinstance(made, Model):
        if made.path == "keras.Sequential":
            models.fill_sequential(run, made, args, kwargs, site)
        elif first_tensor([args, kwargs]) is not None:
            models.fill_functional(run, made, args, kwargs, site)
        else:
            take_name(run, made, name, kwargs.get("name"))
            models.register(run, made, site)
        return None
    if made.path not in BARE:
        return _derived(run, made, args, kwargs, site)
    take_name(run, made, name, kwargs.get("name"))
    if kwargs.get("trainable") is False:
        made.state["trainable"] = False
    if isinstance(kwargs.get("input_shape"), (tuple, list)):
        made.options["input_shape"] = kwargs["input_shape"]
    return None


def _derived(run: Interpreter, made: Layer, args: list[Any], kwargs: dict[str, Any], site: Site) -> None:
    """A class that comes of one of Keras's layers: that layer is inside, or, where nothing is changed, it is the layer."""
    from seqshape.readers.keras_source.layers import construct

    assert made.instance is not None
    cls = made.instance.cls
    last = made.path.rpartition(".")[2]
    take_name(run, made, cls.name, kwargs.get("name"))
    named = made.call.named
    kwargs = {name: value for name, value in kwargs.items() if name != "name"}
    changed = any(cls.find(each) is not None for each in ("call", "build", "compute_output_shape"))
    with run.engine.unnumbered():
        base = construct(run, last, args, kwargs, site, cls.name)
    base.call.named = named
    if base.bound is not None:
        base.bound.name = named
    if changed:
        made.state["base"] = base
        return
    made.call, made.bound, made.options = base.call, base.bound, base.options
    made.state["plain"] = True
    run.layer_of[made.call] = made


def base_method(run: Interpreter, owner: Anything, name: str, frame: Frame, node: ast.AST) -> Anything:
    """``super().name`` where the class before is one of a library."""
    if not isinstance(owner, Layer):
        return Native(name, lambda run, args, kwargs, site: None)
    if name == "__init__":
        return Native(name, lambda run, args, kwargs, site: base_init(run, owner, args, kwargs, site))
    if name == "__setattr__":
        from seqshape.readers.keras_source.attributes import set_attribute

        return Native(
            name, lambda run, args, kwargs, site: set_attribute(run, owner, args[0], args[1], site.frame, site.node)
        )
    if name == "get_config":
        return Native(name, lambda run, args, kwargs, site: {"name": owner.name})
    base = owner.state.get("base")
    if name in ("call", "__call__") and base is not None:
        from seqshape.readers.keras_source.layers import plain_call

        return Native(name, lambda run, args, kwargs, site: plain_call(run, base, args, kwargs, site))
    if name in ("call", "__call__") and isinstance(owner, Model) and owner.state.get("kind") is not None:
        return Native(name, lambda run, args, kwargs, site: models.apply_model(run, owner, args, kwargs, site))
    if name == "build":
        return Native(name, lambda run, args, kwargs, site: None)
    from seqshape.readers.keras_source.layers import layer_attribute

    return layer_attribute(run, owner, name, frame, node)


# --- weights and layers inside ----------------------------------------------------------------------------------------


def make_weight(run: Interpreter, layer: Layer, args: list[Any], kwargs: dict[str, Any], site: Site) -> Weight:
    """``self.add_weight(…)`` in the order of Keras 3 or of Keras 2, where the name came first."""
    order = (
        ("name", "shape", "dtype", "initializer")
        if args and isinstance(args[0], str)
        else ("shape", "initializer", "dtype", "trainable")
    )
    given = dict(zip(order, args, strict=False)) | kwargs
    weight = new_weight(run, given.get("shape"), given, site)
    layer.weights.append(weight)
    if layer.state.get("trainable") is False:
        _untrain(weight, site.span)
    return weight


def _untrain(weight: Weight, span: Span) -> None:
    weight.trainable = False
    kept = tuple(each for each in weight.call.arguments if each.name != "trainable")
    weight.call.arguments = (*kept, Argument("trainable", Value(False, span), span))


def new_weight(run: Interpreter, shape: Anything, given: dict[str, Any], site: Site) -> Weight:
    """A weight of a shape."""
    span = site.span
    shape = () if shape is None else shape
    if isinstance(shape, MissingShape) or is_missing(shape):
        dims: object = Open("the shape of a weight", None)
    else:
        items = shape if isinstance(shape, (tuple, list)) else (shape,)
        shape = tuple(items)
        dims = tuple(Value(_weight_dim(dim), span) for dim in items)
    name = given.get("name")
    if not isinstance(name, str):
        name = run.engine.number("Variable", "variable")
    trainable = given.get("trainable", True)
    dtype = dtype_name(given.get("dtype")) if given.get("dtype") is not None else run.engine.dtype
    arguments = [Argument("shape", Value(dims, span), span)]
    if trainable is False:
        arguments.append(Argument("trainable", Value(False, span), span))
    if dtype != "float32":
        arguments.append(Argument("dtype", Value(dtype, span), span))
    made = Call("Weight", tuple(arguments), span)
    made.named = name
    run.engine.bind(made)
    return Weight(made, name, shape, dtype, trainable is not False)


def _weight_dim(dim: Anything) -> object:
    if isinstance(dim, Missing):
        return Open(dim.name, dim.as_size())
    return None if dim is UNKNOWN else dim


def call(run: Interpreter, path: str, args: list[Any], kwargs: dict[str, Any], site: Site) -> Anything:
    """``keras.Variable(…)``."""
    given = dict(zip(("initializer", "shape", "dtype", "trainable"), args, strict=False)) | kwargs
    shape = given.get("shape")
    if shape is None and isinstance(given.get("initializer"), Array):
        shape = given["initializer"].shape
    if shape is None and isinstance(given.get("initializer"), (int, float)):
        shape = ()
    if shape is None:
        return run.missing(run.written(site.node, site.frame), site.span)
    return new_weight(run, shape, given, site)


def track(layer: Layer) -> None:
    """Note the layers and weights among the attributes of a layer, in the order in which they came."""
    if layer.instance is None:
        return
    known = layer.state.setdefault("tracked", [])
    for value in layer.instance.attributes.values():
        for found in _layers_in(value):
            if isinstance(found, Weight):
                if all(found is not each for each in layer.weights):
                    layer.weights.append(found)
            elif all(found is not each for each in known) and found is not layer:
                known.append(found)


def _layers_in(value: Anything, depth: int = 0) -> list[Any]:
    if isinstance(value, (Layer, Weight)):
        return [value]
    if depth > 6:
        return []
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [found for each in value for found in _layers_in(each, depth + 1)]
    return []


def tracked(layer: Layer) -> list[Layer]:
    """The layers inside a layer of a class of the source, as Keras lists them."""
    track(layer)
    base = layer.state.get("base")
    return [*([base] if base is not None else []), *layer.state.get("tracked", [])]


# --- calls ------------------------------------------------------------------------------------------------------------


def apply_custom(run: Interpreter, layer: Layer, args: list[Any], kwargs: dict[str, Any], site: Site) -> Work:
    """Call a layer or a model of a class of the source with tensors."""
    assert layer.instance is not None
    if isinstance(layer, Model) and layer.state.get("kind") is not None:
        return models.apply_model(run, layer, args, kwargs, site)
    if isinstance(layer, Model) and layer.record is not None and first_tensor([args, kwargs]) is not None:
        layer.record.used = True
    if first_tensor([args, kwargs]) is None:
        if not holds_array([args, kwargs]):
            return run.missing(run.written(site.node, site.frame), site.span)
        return _as_data((yield traced(run, layer, args, kwargs, site)), site.span)
    body, flat, _ = yield traced(run, layer, args, kwargs, site)
    if body is None:
        return run.lost(first_tensor([args, kwargs]), f"what {layer.name} does cannot be followed", site.span)
    with run.engine.unnumbered():
        layer.bound = run.engine.bind(layer.call)
    found = apply_call(run, layer, flat, {}, site.span)
    layer.calls[-1] = (args[0] if args else None, found)
    yield _pass_mask(run, layer, args, found, site)
    return found


def _pass_mask(run: Interpreter, layer: Layer, args: list[Any], found: Anything, site: Site) -> Work:
    """The mask behind a layer of a class of the source: dropped, kept, or what its ``compute_mask`` makes."""
    assert layer.instance is not None
    own = layer.instance.cls.find("compute_mask")
    first = first_tensor(args)
    previous = first.mask if isinstance(first, SymbolicTensor) else None
    mask = None
    if own is not None:
        given = None
        if previous is not None:
            given = SymbolicTensor(previous, run.trace.tensor_of(previous), None, run.trace)
        made = yield run.call(Method(own, layer), [args[0] if args else None, given], {}, site.frame, site.node)
        mask = made.ref if isinstance(made, SymbolicTensor) else None
    elif layer.instance.attributes.get("supports_masking", layer.state.get("supports_masking")) is True:
        mask = previous
    if mask is not None and isinstance(found, SymbolicTensor):
        found.mask = mask
        run.trace.mark(found.ref.node, mask)


def traced(run: Interpreter, layer: Layer, args: list[Any], kwargs: dict[str, Any], site: Site) -> Work:
    """The graph of what a layer does to its inputs; the inputs; and what comes out, in the terms of that graph."""
    assert layer.instance is not None
    key = tuple(_key(tensor) for tensor in _all_inputs(args, kwargs))
    known = layer.state.get("traced")
    if known is not None:
        flat = [*_all_inputs(args, kwargs), *known[2]]
        return (known[1] if known[0] == key else None, flat, known[3])
    trace = Trace(run.engine, quiet=True)
    outer, run.trace = run.trace, trace
    ports: list[Any] = []
    try:
        if not layer.state.get("built"):
            layer.state["built"] = True
            yield _build(run, layer, args, kwargs, site)
        given = [_as_port(run, each, ports) for each in args]
        named = {name: _as_port(run, each, ports) for name, each in sorted(kwargs.items())}
        found = yield _called(run, layer, given, named, args, outer, site)
    except Raised as raised:
        run.say_lost(f"{layer.call.class_name} raises {raised.kind}: {raised.message}", raised.span)
        found = run.lost(ports[0] if ports else None, "an exception", site.span)
    finally:
        run.trace = outer
    captured = [original for original, _ in trace.captured.values()]
    body = _body(run, layer, trace, ports, found, site)
    layer.call.body = body
    if isinstance(layer, Model):
        layer.inputs, layer.outputs = list(ports), found
    layer.state["traced"] = (key, body, captured, found)
    return (body, [*_all_inputs(args, kwargs), *captured], found)


def _all_inputs(args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    """The tensors and arrays of a call in order: arguments, then keywords by name."""
    return [leaf for leaf in leaves([args, kwargs]) if isinstance(leaf, (SymbolicTensor, Array))]


def _key(value: Anything) -> object:
    if isinstance(value, SymbolicTensor):
        return tuple(map(str, value.tensor.shape)) if value.tensor is not None else None
    return tuple(str(dim) for dim in value.shape)


def _as_port(run: Interpreter, value: Anything, ports: list[Any]) -> Anything:
    """A tensor as an input of the graph inside, its unknown sizes all one named size."""

    def port(leaf: Anything) -> Anything:
        if not isinstance(leaf, (SymbolicTensor, Array)):
            return leaf
        tensor = _tensor_of(leaf)
        if tensor is None:
            return Missing("an input", Span())
        ports.append(run.trace.port(tensor))
        return ports[-1]

    return mapped(port, value)


def _tensor_of(value: Anything) -> Tensor | None:
    if isinstance(value, Array):
        dims = [dim.as_size() if isinstance(dim, Missing) else dim for dim in value.shape]
        return Tensor(tuple(symbol(DYNAMIC) if dim is None or dim is UNKNOWN else dim for dim in dims), value.dtype)
    if value.tensor is None:
        return None
    shape = tuple(symbol(DYNAMIC) if dim is UNKNOWN else dim for dim in value.tensor.shape)
    return Tensor(shape, value.tensor.dtype)


def _build(run: Interpreter, layer: Layer, args: list[Any], kwargs: dict[str, Any], site: Site) -> Work:
    """``build`` of the class, with the shapes as Keras tells them there."""
    assert layer.instance is not None
    own = layer.instance.cls.find("build")
    if not isinstance(own, Function):
        return
    named = [name for name in parameters(own)[1:] if name.endswith("_shape") and name != "input_shape"]
    shapes = [_shapes(each) for each in (*args, *(kwargs[name] for name in sorted(kwargs))) if _has_shape(each)]
    given = shapes[: len(named)] if len(named) > 1 else shapes[:1]
    yield run.call(Method(own, layer), given, {}, site.frame, site.node)
    track(layer)


def _has_shape(value: Anything) -> bool:
    return isinstance(value, Array) or first_tensor(value) is not None or holds_array(value)


def _shapes(value: Anything) -> Anything:
    if isinstance(value, SymbolicTensor):
        if value.tensor is None:
            return Missing("a shape", Span())
        return tuple(_keras_dim(dim) for dim in value.tensor.shape)
    if isinstance(value, Array):
        return tuple(_keras_dim(dim) for dim in value.shape)
    if isinstance(value, dict):
        return {key: _shapes(item) for key, item in value.items()}
    return [_shapes(item) for item in value] if isinstance(value, (list, tuple)) else None


def _keras_dim(dim: Anything) -> Anything:
    if dim is UNKNOWN or dim is None:
        return None
    return None if isinstance(dim, Poly) and DYNAMIC in names(dim) else dim


def _called(
    run: Interpreter,
    layer: Layer,
    args: list[Any],
    kwargs: dict[str, Any],
    originals: list[Any],
    outer: Any,
    site: Site,
) -> Work:
    """What ``call`` gives for the inputs of the graph inside."""
    assert layer.instance is not None
    own = layer.instance.cls.find("call")
    if not isinstance(own, Function):
        base = layer.state.get("base")
        if base is None:
            return args[0] if args else None
        from seqshape.readers.keras_source.layers import plain_call

        return plain_call(run, base, args, kwargs, site)
    wanted = parameters(own)
    first = first_tensor(originals)
    takes = "mask" in wanted and "mask" not in kwargs and len(args) < wanted.index("mask")
    if takes and isinstance(first, SymbolicTensor) and first.mask is not None:
        kwargs = {**kwargs, "mask": _mask_port(run, outer.tensor_of(first.mask))}
    return (yield run.call(Method(own, layer), args, kwargs, site.frame, site.node))


def _mask_port(run: Interpreter, tensor: Tensor | None) -> Anything:
    """The mask that Keras fills in: a tensor that no argument of the call gives."""
    if tensor is None:
        return None
    shape = tuple(symbol(DYNAMIC) if dim is UNKNOWN else dim for dim in tensor.shape)
    port = run.trace.port(Tensor(shape, "bool"))
    run.trace.hidden.append(port.ref.node)
    return port


def _body(run: Interpreter, layer: Layer, trace: Trace, ports: list[Any], found: Anything, site: Site) -> Graph:
    """The graph inside a layer: its own weights and layers as rows, whatever its ``call`` does as nodes."""
    assert layer.instance is not None
    graph = Graph("Functional", layer.call.named, span=site.span, masked=False)
    cls = layer.instance.cls
    graph.shown = cls.name
    own = cls.find("call")
    graph.unmasked = not (isinstance(own, Function) and "mask" in parameters(own))
    weights = sorted(layer.weights, key=lambda weight: not weight.trainable)
    graph.rows = [*(weight.call for weight in weights), *(call_of(run, each) for each in tracked(layer))]
    graph.inputs = [port.ref.node for port in ports] + [ref.node for _, ref in trace.captured.values()]
    outer, run.trace = run.trace, trace
    graph.outputs = outputs_of_body(run, found, site)
    for weight in weights:  # used or not
        weight_ref(run, weight)
    run.trace = outer
    trace.settle_names(list(trace.model.done))
    graph.nodes = list(trace.model.done)
    graph.calls = list(dict.fromkeys([*(node.call for node in graph.nodes), *graph.rows]))
    dims = [dim for port in ports for dim in port.tensor.shape]
    graph.loose = DYNAMIC if any(isinstance(dim, Poly) and DYNAMIC in names(dim) for dim in dims) else None
    return graph


def outputs_of_body(run: Interpreter, found: Anything, site: Site) -> Any:
    """What a function gives, as the outputs of its graph."""
    if first_tensor(found) is None or any(map(is_missing, found if isinstance(found, (list, tuple)) else [found])):
        found = run.lost(None, "what it gives is not a tensor that can be followed", site.span)
    return as_operand(_own(run, found))


def _own(run: Interpreter, found: Anything) -> Anything:
    """Outputs as tensors of this graph: a weight or an outer tensor may be returned as it is."""

    def own(leaf: Anything) -> Anything:
        if isinstance(leaf, Weight):
            return SymbolicTensor(weight_ref(run, leaf), None, None, run.trace)
        if isinstance(leaf, SymbolicTensor):
            return SymbolicTensor(run.trace.brought(leaf), leaf.tensor, leaf.mask, run.trace)
        return leaf

    return mapped(own, found)


def _as_data(result: tuple[Any, list[Any], Any], span: Span) -> Anything:
    """What a model of a class of the source makes of data."""
    return data_of(result[2], span)


def data_of(found: Anything, span: Span) -> Anything:
    """Tensors of a graph inside as data."""

    def as_data(leaf: Anything) -> Anything:
        if not isinstance(leaf, SymbolicTensor):
            return leaf
        if leaf.tensor is None:
            return Missing("what a model gives", span)
        return Array(tuple(_keras_dim(dim) for dim in leaf.tensor.shape), leaf.tensor.dtype or "float32")

    return mapped(as_data, found)


def feed_custom(run: Interpreter, model: Model, data: Anything, site: Site) -> Work:
    """``fit``: a model of a class of the source is built for the data."""
    if holds_array(data) and run.shapes is None and not any(True for _ in tensors_in(data)):
        yield traced(run, model, [_batchless(data)], {}, site)


def _batchless(data: Anything) -> Anything:
    return mapped(
        lambda leaf: Array((None, *leaf.shape[1:]), leaf.dtype, leaf.name) if isinstance(leaf, Array) else leaf, data
    )


__all__ = ["External", "apply_custom", "base_method", "instantiate", "is_keras", "make_weight"]
