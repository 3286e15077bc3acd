"""Tensors of a graph: what makes them, and what a program can ask of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.dims import UNKNOWN, Inconclusive, Poly
from seqshape.graph import UNNAMED, Argument, Call, Operand, Ref
from seqshape.graph import Value as Literal
from seqshape.readers.keras_source import functions
from seqshape.readers.keras_source.checks import dim_of
from seqshape.readers.keras_source.engine import SymbolicTensor, Told, Trace, layer_type
from seqshape.readers.keras_source.values import (
    LEFT,
    Args,
    Array,
    External,
    Keywords,
    Layer,
    Missing,
    MissingShape,
    Native,
    Result,
    Value,
    Weight,
    is_missing,
)
from seqshape.structure import mapped
from seqshape.tensor import Constant, Tensor

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site

DEEPEST = 20  # of a structure of tensors


def tensors_in(values: Value, depth: int = 0) -> Iterator[SymbolicTensor | Weight]:
    """The tensors (and weights) of a structure, in Keras's order."""
    if isinstance(values, (SymbolicTensor, Weight)):
        yield values
    elif depth > DEEPEST:
        return
    elif isinstance(values, dict):
        for key in sorted(values, key=str):
            yield from tensors_in(values[key], depth + 1)
    elif isinstance(values, (list, tuple)):
        for item in values:
            yield from tensors_in(item, depth + 1)


def first_tensor(values: Value) -> SymbolicTensor | Weight | None:
    """The first tensor of a structure; ``None`` if there is none."""
    return next(tensors_in(values), None)


def holds_array(values: Value, depth: int = 0) -> bool:
    """Whether data is in a structure."""
    if isinstance(values, Array):
        return True
    if isinstance(values, dict):
        return any(holds_array(item, depth + 1) for item in values.values())
    return (
        depth < DEEPEST and isinstance(values, (list, tuple)) and any(holds_array(item, depth + 1) for item in values)
    )


def operand(run: Interpreter, value: Value, span: Span, depth: int = 0) -> Operand:
    """A value as an operand of a node."""
    if isinstance(value, SymbolicTensor):
        return run.trace.brought(value)
    if isinstance(value, Weight):
        return weight_ref(run, value)
    if isinstance(value, (list, tuple)) and depth < DEEPEST and any(True for _ in tensors_in(value)):
        return [operand(run, item, span, depth + 1) for item in value]
    if isinstance(value, dict) and depth < DEEPEST and any(True for _ in tensors_in(value)):
        return {str(key): operand(run, item, span, depth + 1) for key, item in value.items()}
    return Literal(_constant(value), span)


def _constant(value: Value) -> object:
    if isinstance(value, Array):
        return Constant(tuple(map(dim_of, value.shape)), value.dtype)
    if isinstance(value, (list, tuple)):
        items = [_constant(item) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    if isinstance(value, slice):
        return slice(*(_number(part) for part in (value.start, value.stop, value.step)))
    return None if value is UNKNOWN else value


def _number(part: Value) -> Value:
    return None if part is UNKNOWN else part


def weight_ref(run: Interpreter, weight: Weight) -> Ref:
    """A weight as a tensor of the graph at hand."""
    known = run.trace.weights.get(weight.call)
    if known is None:
        done = run.trace.apply(weight.call, [], {}, weight.call.span)
        known = run.trace.weights[weight.call] = Ref(done.node, 0)
    return known


def values_of(run: Interpreter, outputs: object) -> Value:
    """The outputs of a node as the program sees them."""

    found: Value = mapped(lambda flow: SymbolicTensor(flow.ref, flow.tensor, flow.mask, run.trace), outputs)
    return found


def apply_call(
    run: Interpreter,
    layer: Layer,
    args: Args,
    kwargs: Keywords,
    span: Span,
    *,
    untold: Told | None = None,
) -> Value:
    """A node that calls a layer, and the tensors that it gives; ``untold``: what is known of the outputs where it does another
    thing than its body says."""
    before = run.mark_faults()
    operands = [operand(run, value, span) for value in args]
    keywords = {name: operand(run, value, span) for name, value in kwargs.items()}
    done = run.trace.apply(layer.call, operands, keywords, span, untold=untold)
    run.remember(done.node)
    run.refused(before, span)
    if done.outputs is None:
        found: Value = SymbolicTensor(Ref(done.node, 0), None, None, run.trace)
    else:
        found = values_of(run, done.outputs)
        if (
            done.effect is not None and done.effect.circular and isinstance(found, SymbolicTensor)
        ):  # to the program it is another tensor all the same
            found = SymbolicTensor(Ref(done.node, 0), found.tensor, found.mask, run.trace)
    layer.calls.append((args[0] if len(args) == 1 else list(args), found))
    layer.shapes = run.trace.model.weights.get(layer.bound, layer.shapes)
    return found


def bind_layer(run: Interpreter, layer: Layer) -> None:
    """Have the engine bind a layer that is made here."""
    before = run.mark_faults()
    layer.bound = run.engine.bind(layer.call)
    run.remember(layer.call)
    run.layer_of[layer.call] = layer
    if layer.bound is None and run.attempts:  # it may have taken a number before Keras refused it
        run.lose_count("a layer that is refused", layer.span)
    run.refused(before, layer.span)


def on_data(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, span: Span) -> Value:
    """What a layer makes of data: data. No node is made of it."""
    trace = Trace(run.engine, quiet=True)
    outer, run.trace = run.trace, trace
    before, made = run.mark_faults(), run.made
    try:
        operands = [_as_inputs(run, value) for value in args]
        found = apply_call(run, layer, operands, {}, span)
        layer.calls.pop()
    finally:
        run.trace, run.made = outer, made
    run.forget_faults(before)
    return _as_data(found, span)


def _as_inputs(run: Interpreter, value: Value) -> Value:
    if isinstance(value, Array):
        shape = tuple(map(dim_of, value.shape))
        return run.trace.port(Tensor(shape, value.dtype))
    if isinstance(value, dict):
        return {key: _as_inputs(run, item) for key, item in value.items()}
    return [_as_inputs(run, item) for item in value] if isinstance(value, (list, tuple)) else value


def _as_data(found: Value, span: Span) -> Value:
    def as_data(leaf: Value) -> Value:
        if not isinstance(leaf, SymbolicTensor):
            return leaf
        if leaf.tensor is None:
            return Missing("what a layer gives", span)
        return Array(tuple(leaf.tensor.shape), leaf.tensor.dtype or "float32")

    data: Value = mapped(as_data, found)
    return data


def lost(run: Interpreter, tensor: Value, why: str, span: Span) -> SymbolicTensor:
    """A tensor of which nothing is known. It is said where the knowledge ended."""
    call = Call(UNNAMED, (), span, module="custom")
    call.named = f"unknown_{len(run.trace.graph.nodes)}"
    operands = [operand(run, tensor, span)] if tensor is not None else []
    done = run.trace.apply(call, operands, {}, span)
    run.say_lost(why, span)
    return SymbolicTensor(Ref(done.node, 0), None, None, run.trace)


def parts(run: Interpreter, tensor: SymbolicTensor, number: int, span: Span) -> list[Value]:
    """The parts of a tensor that is unpacked: its slices, or the outputs of a layer of which nothing is known."""
    if tensor.tensor is None:
        return [SymbolicTensor(Ref(tensor.ref.node, index), None, None, tensor.trace) for index in range(number)]
    if not tensor.trace.quiet:
        run.engine.complain("one tensor is unpacked, which Keras refuses", "E127", span)
        return [lost(run, tensor, "one tensor is unpacked", span) for _ in range(number)]
    try:
        if tensor.tensor.shape and tensor.tensor.shape[0] == number:
            return [run.operation("get_item", [tensor, index], {}, span) for index in range(number)]
    except Inconclusive:
        pass
    return [lost(run, tensor, "one tensor is unpacked", span) for _ in range(number)]


def shape_of(value: Value, span: Span) -> Value:
    """The shape of a tensor as the program sees it: ``None`` for an unknown size; in the call of a layer a number."""
    if isinstance(value, SymbolicTensor):
        if value.tensor is None:
            return Missing("a shape", span)
        return tuple(None if dim is UNKNOWN else dim for dim in value.tensor.shape)
    return value.shape if isinstance(value, (Array, Weight)) else Missing("a shape", span)


def tensor_attribute(run: Interpreter, tensor: SymbolicTensor, name: str, span: Span) -> Value:
    """An attribute of a tensor."""
    if name in ("shape", "_keras_shape"):
        return shape_of(tensor, span)
    if tensor.tensor is not None and name == "ndim":
        return tensor.tensor.rank
    if tensor.tensor is not None and name == "dtype":
        return tensor.tensor.dtype or "float32"
    if name == "T":
        return operation(run, "transpose", [tensor], {}, span)
    if name in ("get_shape", "size", "dim"):
        return Native(name, _shape_method, tensor)
    if name == "set_shape":
        return Native(name, lambda *_: None)
    if name in functions.METHODS:
        return Native(name, _method, tensor, functions.METHODS[name])
    return Missing(f"tensor.{name}", span)


def _shape_method(run: Interpreter, tensor: SymbolicTensor, args: Args, kwargs: Keywords, site: Site) -> Value:
    found = shape_of(tensor, site.span)
    return found[args[0]] if args and isinstance(found, tuple) and isinstance(args[0], int) else found


def _method(run: Interpreter, tensor: SymbolicTensor, name: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    if name in ("reshape", "transpose") and len(args) > 1:
        args = [tuple(args)]
    return operation(run, name, [tensor, *args], kwargs, site.span)


# --- operations -------------------------------------------------------------------------------------------------------


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """A function of keras.ops, of the backend, of TensorFlow: on tensors an operation, on data data."""
    special = functions.SPECIAL.get(path.rpartition(".")[2])
    if special is not None:
        found = special(run, path, args, kwargs, site)
        if found is not LEFT:
            return found
    found = functions.in_words_of_keras(path, args, kwargs)
    if found is not None:
        name, args, kwargs = found
        if _is_known(name, args, kwargs):
            _say_older(run, path, name, site)
            return operation(run, name, args, kwargs, site.span)
    tensor = first_tensor([args, kwargs])
    if tensor is not None:
        return lost(run, tensor, f"{path} is not followed", site.span)
    from seqshape.readers.keras_source.arrays import call_like_numpy

    return call_like_numpy(run, path, args, kwargs, site)


def _say_older(run: Interpreter, path: str, name: str, site: Site) -> None:
    """Functions of TensorFlow took tensors of a graph before Keras 3."""
    if path.startswith("tensorflow.") and not run.trace.quiet:
        shown = path.replace("tensorflow.", "tf.", 1)
        run.note(
            "W145",
            f"{shown} takes no tensor of a graph in Keras 3; it is read as ops.{name}",
            site.span,
            None,
            site.frame,
        )
        run.lose_count(f"{shown}, at which Keras 3 stops, and what is behind it,", site.span)


def _is_known(name: str, args: Args, kwargs: Keywords) -> bool:
    return layer_type(f"ops.{name}") is not None and first_tensor([args, kwargs]) is not None


def operation(run: Interpreter, name: str, args: Args, kwargs: Keywords, span: Span) -> Value:
    """A node that is an operation of keras.ops."""
    kind = layer_type(f"ops.{name}")
    if kind is None:
        return lost(run, first_tensor([args, kwargs]), f"ops.{name} is not known", span)
    if any(_is_open(value) for value in [*args, *kwargs.values()]):
        return lost(run, first_tensor([args, kwargs]), f"{name} of what is not known", span)
    ahead = (
        kind.order.index(kind.inputs[0]) if kind.variadic else len(kind.order)
    )  # what stands before any number of tensors
    values = dict(zip(kind.order[:ahead], args, strict=False))
    operands: list[Value] = list(args[ahead:])
    given = values | kwargs
    arguments = []
    keywords: dict[str, Value] = {}
    for word, value in given.items():
        if word in kind.inputs:
            keywords[word] = value
        else:
            arguments.append(Argument(word, _literal(value, span), span))
    while not kind.variadic and len(operands) < len(kind.inputs) and kind.inputs[len(operands)] in keywords:
        operands.append(keywords.pop(kind.inputs[len(operands)]))
    made = Call(f"ops.{name}", tuple(arguments), span)
    if run.trace.quiet:
        made.named = run.trace.local_name(name)
    layer = Layer(made, f"keras.ops.{name}", span)
    bind_layer(run, layer)
    return apply_call(run, layer, operands, keywords, span)


def _is_open(value: Value) -> bool:
    from seqshape.readers.keras_source.operators import holds_missing

    return is_missing(value) or (isinstance(value, (list, tuple)) and holds_missing(value))


def _literal(value: Value, span: Span) -> Literal:
    if isinstance(value, (list, tuple)):
        items = [_literal(item, span) for item in value]
        return Literal(tuple(items) if isinstance(value, tuple) else items, span)
    if isinstance(value, External):
        last = value.path.rpartition(".")[2]
        return Literal({"float": "float32", "int": "int32"}.get(last, last), span)
    if isinstance(value, Array):
        return Literal(Constant(tuple(map(dim_of, value.shape)), value.dtype), span)
    return Literal(None if value is UNKNOWN else value, span)


def known_shape(value: Value) -> bool:
    """Whether the shape of a tensor is made of numbers."""
    return isinstance(value, SymbolicTensor) and value.tensor is not None


__all__ = ["MissingShape", "Poly", "call", "operation"]
