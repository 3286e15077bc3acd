"""What layers and models of classes of the source do: their ``call``, followed with the tensors that they get.

Keras has its backend trace the ``call`` of such a layer, with one named size for every unknown one; so is it done here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.dims import UNKNOWN, Dim, Poly, names
from seqshape.graph import Graph, Operand
from seqshape.readers.keras_source.calls import parameters
from seqshape.readers.keras_source.checks import dim_of
from seqshape.readers.keras_source.classes import track, tracked
from seqshape.readers.keras_source.engine import SymbolicTensor, Told, Trace
from seqshape.readers.keras_source.functional import as_operand
from seqshape.readers.keras_source.machine import Raised
from seqshape.readers.keras_source.model_calls import apply_model
from seqshape.readers.keras_source.models import call_of
from seqshape.readers.keras_source.tensors import apply_call, first_tensor, holds_array, tensors_in, weight_ref
from seqshape.readers.keras_source.values import (
    Args,
    Array,
    Function,
    Keywords,
    Layer,
    Method,
    Missing,
    Model,
    Traced,
    Value,
    Weight,
    Work,
    is_missing,
)
from seqshape.structure import leaves, mapped
from seqshape.tensor import DYNAMIC, Tensor
from seqshape.walk.loose import tightened

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site


def apply_custom(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Work:
    """Call a layer or a model of a class of the source with tensors."""
    assert layer.instance is not None
    if isinstance(layer, Model) and layer.kind is not None:
        return apply_model(run, layer, args, kwargs, site)
    if isinstance(layer, Model) and layer.record is not None and first_tensor([args, kwargs]) is not None:
        layer.record.used = True
    if first_tensor([args, kwargs]) is None:
        if not holds_array([args, kwargs]):
            return run.unknown(site)
        _, _, found = yield traced(run, layer, args, kwargs, site)
        return data_of(found, site.span)
    body, flat, _ = yield traced(run, layer, args, kwargs, site)
    if body is None:
        return (yield _called_otherwise(run, layer, flat, args, kwargs, site))
    with run.engine.unnumbered():
        layer.bound = run.engine.bind(layer.call)
    found = apply_call(run, layer, flat, {}, site.span)
    layer.calls[-1] = (args[0] if args else None, found)
    yield _pass_mask(run, layer, args, found, site)
    return found


def _called_otherwise(
    run: Interpreter, layer: Layer, flat: list[Value], args: Args, kwargs: Keywords, site: Site
) -> Work:
    """A call that differs from the first one: what comes out is traced apart; the graph inside stays that of the first."""
    trace = Trace(run.engine, quiet=True)
    outer, run.trace = run.trace, trace
    ports: list[SymbolicTensor] = []
    before = run.mark_faults()
    try:
        given = [_as_port(run, each, ports) for each in args]
        named = {name: _as_port(run, each, ports) for name, each in sorted(kwargs.items())}
        found = yield _called(run, layer, given, named, args, outer, site)
    except Raised:
        found = None
    finally:
        run.trace = outer
    is_refused = run.mark_faults() > before
    run.forget_faults(before)
    said = None if is_refused else _recorded(found)
    if said is None:
        run.say_lost(f"{layer.name} does another thing here than when it was called first", site.span)
    return apply_call(run, layer, flat, {}, site.span, untold=said or {})


def _recorded(found: Value) -> Told | None:
    """Shapes and dtypes of tensors that are known; ``None`` if one is not."""
    outputs = found if isinstance(found, (list, tuple)) else [found]
    told: Told = {}
    for index, each in enumerate(outputs):
        if not isinstance(each, SymbolicTensor) or each.tensor is None:
            return None
        told[index] = (tuple(_keras_dim(dim) for dim in each.tensor.shape), each.tensor.dtype)
    return told


def _pass_mask(run: Interpreter, layer: Layer, args: Args, found: Value, site: Site) -> Work:
    """The mask behind a layer of a class of the source: dropped, kept, or what its ``compute_mask`` makes."""
    assert layer.instance is not None
    own = layer.instance.cls.find("compute_mask")
    first = first_tensor(args)
    previous = first.mask if isinstance(first, SymbolicTensor) else None
    mask = None
    if isinstance(own, Function):
        given = None
        if previous is not None:
            given = SymbolicTensor(previous, run.trace.tensor_of(previous), None, run.trace)
        made = yield run.call(Method(own, layer), [args[0] if args else None, given], {}, site.frame, site.node)
        mask = made.ref if isinstance(made, SymbolicTensor) else None
    elif layer.instance.attributes.get("supports_masking", layer.attributes.get("supports_masking")) is True:
        mask = previous
    if mask is not None and isinstance(found, SymbolicTensor):
        found.mask = mask
        run.trace.mark(found.ref.node, mask)


def traced(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Work:
    """The graph of what a layer does to its inputs; the inputs; and what comes out, in the terms of that graph."""
    assert layer.instance is not None
    key = (_key(args), _key({name: each for name, each in kwargs.items() if name != "training"}))
    known = layer.traced
    if known is not None:
        flat = [*_all_inputs(args, kwargs), *known.captured]
        return (known.body if known.key == key else None, flat, known.found)
    trace = Trace(run.engine, quiet=True)
    outer, run.trace = run.trace, trace
    ports: list[SymbolicTensor] = []
    losses = run.losses
    try:
        if not layer.is_built:
            layer.is_built = True
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
    body.loose = _loose(ports, _all_inputs(args, kwargs))
    body.followed = run.losses == losses and not _holds_built(layer, body)
    if _lacks_built(layer, body):
        run.doubted[layer.call] = ("it holds a layer that is built elsewhere, whose weights its row lacks", site.span)
    layer.call.body = body
    if isinstance(layer, Model):
        layer.inputs, layer.outputs = list(ports), found
    layer.traced = Traced(key, body, captured, found)
    return (body, [*_all_inputs(args, kwargs), *captured], found)


def _holds_built(layer: Layer, body: Graph) -> bool:
    """Whether something else than a call inside it has built a layer that it holds."""
    called = {node.call for node in body.nodes}
    return any(
        each.built_for is not None or (each.call not in called and (bool(each.calls) or _knows_its_input(each)))
        for each in tracked(layer)
    )


def _lacks_built(layer: Layer, body: Graph) -> bool:
    """Whether a layer holds one that has weights and that its call does not use: nothing here walks that one."""
    if isinstance(layer, Model):  # of which it is said by an open row
        return False
    left = [each for each in tracked(layer) if each.call not in {node.call for node in body.nodes}]
    return any(each.built_for is not None or bool(each.calls) or _knows_its_input(each) for each in left)


def _knows_its_input(layer: Layer) -> bool:
    return isinstance(layer, Model) and (layer.graph is not None or layer.input_layer is not None)


def _all_inputs(args: Args, kwargs: Keywords) -> list[Value]:
    """The tensors and arrays of a call in order: arguments, then keywords by name."""
    return [leaf for leaf in leaves([args, kwargs]) if isinstance(leaf, (SymbolicTensor, Array))]


def _key(value: Value) -> Value:
    """What tells apart calls that may do different things: shapes, and whatever else a call is given."""
    if isinstance(value, SymbolicTensor):
        return tuple(map(str, value.tensor.shape)) if value.tensor is not None else None
    if isinstance(value, Array):
        return tuple(str(dim) for dim in value.shape)
    if isinstance(value, dict):
        return tuple((str(name), _key(value[name])) for name in sorted(value, key=str))
    if isinstance(value, (list, tuple)):
        return tuple(map(_key, value))
    return value if isinstance(value, (bool, int, float, str)) else repr(value)


def _as_port(run: Interpreter, value: Value, ports: list[SymbolicTensor]) -> Value:
    """A tensor as an input of the graph inside, its unknown sizes all one named size."""

    def port(leaf: Value) -> Value:
        if not isinstance(leaf, (SymbolicTensor, Array)):
            return leaf
        tensor = _tensor_of(leaf)
        if tensor is None:
            return Missing("an input", Span())
        ports.append(run.trace.port(tensor))
        return ports[-1]

    opened: Value = mapped(port, value)
    return opened


def _tensor_of(value: SymbolicTensor | Array) -> Tensor | None:
    tensor = Tensor(tuple(map(dim_of, value.shape)), value.dtype) if isinstance(value, Array) else value.tensor
    return None if tensor is None else tightened(tensor, DYNAMIC)


def _build(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Work:
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


def _has_shape(value: Value) -> bool:
    return isinstance(value, Array) or first_tensor(value) is not None or holds_array(value)


def _shapes(value: Value) -> Value:
    if isinstance(value, SymbolicTensor):
        if value.tensor is None:
            return Missing("a shape", Span())
        return tuple(_keras_dim(dim) for dim in value.tensor.shape)
    if isinstance(value, Array):
        return tuple(_keras_dim(dim_of(dim)) for dim in value.shape)
    if isinstance(value, dict):
        return {key: _shapes(item) for key, item in value.items()}
    return [_shapes(item) for item in value] if isinstance(value, (list, tuple)) else None


def _keras_dim(dim: Dim) -> Dim | None:
    return None if dim is UNKNOWN or DYNAMIC in names(dim) else dim


def _called(
    run: Interpreter,
    layer: Layer,
    args: Args,
    kwargs: Keywords,
    originals: list[Value],
    outer: Trace,
    site: Site,
) -> Work:
    """What ``call`` gives for the inputs of the graph inside."""
    assert layer.instance is not None
    own = layer.instance.cls.find("call")
    if not isinstance(own, Function):
        base = layer.base
        if base is None:
            return args[0] if args else None
        from seqshape.readers.keras_source.layer_calls import plain_call

        return plain_call(run, base, args, kwargs, site)
    wanted = parameters(own)
    first = first_tensor(originals)
    takes = "mask" in wanted and "mask" not in kwargs and len(args) < wanted.index("mask")
    if takes and isinstance(first, SymbolicTensor) and first.mask is not None:
        kwargs = {**kwargs, "mask": _mask_port(run, outer.tensor_of(first.mask))}
    return (yield run.call(Method(own, layer), args, kwargs, site.frame, site.node))


def _mask_port(run: Interpreter, tensor: Tensor | None) -> Value:
    """The mask that Keras fills in: a tensor that no argument of the call gives."""
    if tensor is None:
        return None
    port = run.trace.port(tightened(tensor, DYNAMIC)._replace(dtype="bool"))
    run.trace.hidden.append(port.ref.node)
    return port


def _body(run: Interpreter, layer: Layer, trace: Trace, ports: list[SymbolicTensor], found: Value, site: Site) -> Graph:
    """The graph inside a layer: its own weights and layers as rows, whatever its ``call`` does as nodes."""
    assert layer.instance is not None
    graph = Graph("Functional", layer.call.named, span=site.span, masked=False)
    cls = layer.instance.cls
    graph.shown = cls.name
    graph.trainable = layer.attributes.get("trainable") is not False
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
    return graph


def _loose(ports: list[SymbolicTensor], inputs: list[Value]) -> str | None:
    """The name of the sizes that are not told in a graph inside, which says nothing of calls with others.

    For an input of which nothing is known there is no port.
    """
    lost = any(isinstance(each, (SymbolicTensor, Array)) and _tensor_of(each) is None for each in inputs)
    dims = [dim for port in ports if port.tensor is not None for dim in port.tensor.shape]
    return DYNAMIC if lost or any(isinstance(dim, Poly) and DYNAMIC in names(dim) for dim in dims) else None


def outputs_of_body(run: Interpreter, found: Value, site: Site) -> Operand:
    """What a function gives, as the outputs of its graph."""
    if first_tensor(found) is None or any(map(is_missing, found if isinstance(found, (list, tuple)) else [found])):
        found = run.lost(None, "what it gives is not a tensor that can be followed", site.span)
    return as_operand(_own(run, found))


def _own(run: Interpreter, found: Value) -> Value:
    """Outputs as tensors of this graph: a weight or an outer tensor may be returned as it is."""
    if isinstance(found, Weight):
        return SymbolicTensor(weight_ref(run, found), None, None, run.trace)
    if isinstance(found, SymbolicTensor):
        return SymbolicTensor(run.trace.brought(found), found.tensor, found.mask, run.trace)
    if isinstance(found, dict):
        return {key: _own(run, item) for key, item in found.items()}
    return [_own(run, item) for item in found] if isinstance(found, (list, tuple)) else found


def data_of(found: Value, span: Span) -> Value:
    """Tensors of a graph inside as data."""
    if isinstance(found, SymbolicTensor):
        if found.tensor is None:
            return Missing("what a model gives", span)
        return Array(tuple(_keras_dim(dim) for dim in found.tensor.shape), found.tensor.dtype or "float32")
    if isinstance(found, dict):
        return {key: data_of(item, span) for key, item in found.items()}
    return type(found)(data_of(item, span) for item in found) if isinstance(found, (list, tuple)) else found


def feed_custom(run: Interpreter, model: Model, data: Value, site: Site) -> Work:
    """``fit``: a model of a class of the source is built for the data."""
    if holds_array(data) and run.shapes is None and not any(True for _ in tensors_in(data)):
        yield traced(run, model, [_batchless(data)], {}, site)


def _batchless(data: Value) -> Value:
    if isinstance(data, Array):
        return Array((None, *data.shape[1:]), data.dtype, data.name)
    if isinstance(data, dict):
        return {key: _batchless(item) for key, item in data.items()}
    return [_batchless(item) for item in data] if isinstance(data, (list, tuple)) else data
