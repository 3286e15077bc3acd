"""What is odd about a whole model although Keras builds it: unused inputs, one layer at two shapes, ignored shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seqshape.bind.layer import Layer, is_single
from seqshape.diagnostics import Diagnostic, Label, Span
from seqshape.graph import Argument, Call, Node, references
from seqshape.tensor import show
from seqshape.walk.model import Model

IGNORED = ("input_shape", "input_dim", "batch_input_shape")


def remarks(model: Model) -> Iterator[Diagnostic]:
    """Warnings about a model and the models inside it, in the order of their layers."""
    yield from _inputs(model)
    if len({node.call for node in model.graph.nodes}) < len(model.graph.nodes):  # some layer is called twice
        yield from _at_several_shapes(model)
        if model.graph.class_name == "Sequential":
            yield from _twice(model)
    yield from _ignored_shapes(model)
    for layer in model.layers():
        if isinstance(layer, Model):
            yield from remarks(layer)


def _warn(code: str, message: str, span: Span, layer: object = None) -> Diagnostic:
    return Diagnostic(code, "warning", message, (Label(span),), layer=getattr(layer, "name", None))


def _inputs(model: Model) -> Iterator[Diagnostic]:
    given = {ref.node for ref in references(model.graph.outputs)}
    unread = _unread(model)
    for node in model.graph.inputs:
        layer = model.session.binder.get(node.call)
        name = getattr(layer, "name", "the input")
        if node in given:
            yield _warn("W305", f"the model gives its input {name} back as it is", node.span, layer)
        elif node in unread:
            yield _warn("W305", f"no layer reads the input {name}", node.span, layer)
        elif name.startswith("keras_tensor") and name.endswith("CLONE"):
            yield _warn(
                "W305",
                f"{name} was an intermediate tensor: what came before it is no part of the model",
                node.span,
                layer,
            )
        tensor = model.inputs.get(node)
        if tensor is not None and any(type(dim) is int and dim == 0 for dim in tensor.shape):
            yield _warn(
                "W305",
                f"the input {name} has the shape {show(tensor.shape)}: a size of 0 holds no data",
                node.span,
                layer,
            )


def _unread(model: Model) -> set[Node]:
    """The inputs that no layer reads; most are read by one of the first."""
    unread = {*model.graph.inputs}
    for node in model.graph.nodes:
        if not unread:
            break
        unread.difference_update([ref.node for ref in node.references()])
    return unread


def _at_several_shapes(model: Model) -> Iterator[Diagnostic]:
    shapes: dict[Call, dict[Any, Node]] = {}
    seen: set[Call] = set()
    twice = {node.call for node in model.done if node.call in seen or seen.add(node.call)}  # type: ignore[func-returns-value]
    for node, done in model.done.items():
        if node.call in twice and node not in model.ports and done.outputs is not None:
            shapes.setdefault(node.call, {}).setdefault(done.shapes(), node)
    for call, found in shapes.items():
        if len(found) > 1:
            listed = " and ".join(show(each[0]) for each in found)
            layer = model.session.binder.get(call)
            message = f"{layer.class_name} is called at several shapes and gives {listed}"
            message += "; Keras's own summary shows the last only"
            yield _warn("W306", message, list(found.values())[-1].span, layer)


def _twice(model: Model) -> Iterator[Diagnostic]:
    seen: set[Call] = set()
    for node in model.graph.nodes:
        if node.call in seen:
            layer = model.session.binder.get(node.call)
            name = getattr(layer, "class_name", node.call.class_name)
            yield _warn(
                "W306",
                f"{name} stands twice in one Sequential: both are one layer with one set of weights",
                node.span,
                layer,
            )
        seen.add(node.call)


def _ignored_shapes(model: Model) -> Iterator[Diagnostic]:
    """``input_shape=`` counts only on the first layer of a Sequential that has no Input, and not inside a wrapper."""
    bound, nesting = model.session.binder.bound, []
    for node in model.graph.nodes:
        call = node.call
        if call.module is not None:
            continue
        layer = bound.get(call)
        if isinstance(layer, Layer) and not is_single(layer):
            nesting.append(call)
        for argument in call.arguments:
            if argument.name in IGNORED and not _counts(model, node) and not _declares(layer, argument.name):
                message = f"{argument.name} does nothing here: the input of this layer is known already"
                yield _warn("W307", message, argument.span, layer)
    for call in nesting:
        yield from _given_inside(model, call)


def _declares(layer: object, name: str) -> bool:
    """Whether an argument is the layer's own, as input_dim is Embedding's, and says nothing of the input."""
    return isinstance(layer, Layer) and layer.type.parameter(name) is not None


def _counts(model: Model, node: Node) -> bool:
    """Whether a layer is the first one, so that what it says of its input is heard."""
    parents = {ref.node for ref in model.reads(node)}
    return node in model.ports or bool(parents & {port for port in model.graph.inputs if not port.call.arguments})


def _as_input(argument: Argument) -> str:
    """The shape as an Input says it, where it is plain numbers."""
    shape = argument.value.plain()
    if argument.name != "input_shape" or not isinstance(shape, (tuple, list)) or not shape:
        return ""
    return f": Input({','.join(map(str, shape))})"


def _given_inside(model: Model, call: Call) -> Iterator[Diagnostic]:
    """Of the layer inside a wrapper Keras does not read ``input_shape=``."""
    outer = model.session.binder.get(call)
    for inner in call.nested() if isinstance(outer, Layer) and not outer.type.operation else ():
        layer = model.session.binder.get(inner)
        for argument in inner.arguments:
            if argument.name in IGNORED and isinstance(layer, Layer) and not _declares(layer, argument.name):
                message = f"{layer.class_name} has {argument.name} inside {outer.class_name}, where Keras ignores it"
                found = _warn("W307", message, argument.span, layer)
                yield found._replace(
                    help=f"give it to {outer.class_name}, or put an Input before it{_as_input(argument)}"
                )
        yield from _given_inside(model, inner)
