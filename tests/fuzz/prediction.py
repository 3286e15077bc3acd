"""What seqshape believes a layer gives. The generator steers by it; the verdict is Keras's alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqshape.diagnostics import SeqshapeError, Span
from seqshape.graph import Argument, Call, Graph, Node, Ref, Value
from seqshape.network import Network
from seqshape.tensor import Tensor
from seqshape.walk.flow import Flow
from tests.oracle.recipe import Layer, function_of

NOWHERE = Span()


class Refused(Exception):
    """seqshape would not have it. ``found`` is what it says."""

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.found = found


def call_of(layer: Layer) -> Call:
    """A constructor call of a recipe as an unbound call of a graph."""
    arguments = [Argument(None, _value(item), NOWHERE) for item in layer.args]
    arguments += [Argument(name, _value(item), NOWHERE) for name, item in layer.kwargs.items()]
    function = function_of(layer)
    return Call(layer.class_name if function is None else f"ops.{function}", tuple(arguments), NOWHERE)


def _value(data: Any) -> Value:
    if isinstance(data, Layer):
        return Value(call_of(data), NOWHERE)
    if isinstance(data, Mapping):
        return Value({name: _value(item) for name, item in data.items()}, NOWHERE)
    if isinstance(data, (tuple, list)):
        return Value(type(data)(_value(item) for item in data), NOWHERE)
    return Value(data, NOWHERE)


def outcome(layer: Layer, operand: Any, keywords: Mapping[str, Any]) -> Any:
    """The structure of tensors that a layer gives for tensors. Raises Refused."""
    graph = Graph("Functional", masked=False)
    args = operand if isinstance(operand, tuple) and not isinstance(operand, Tensor) else (operand,)
    read = _Reader(graph)
    call = call_of(layer)
    call.fed = len(args)
    node = Node(call, tuple(map(read, args)), {name: read(item) for name, item in keywords.items()})
    graph.calls.append(node.call)
    graph.nodes.append(node)
    graph.outputs = Ref(node)
    try:
        network = Network(graph)
    except SeqshapeError as refusal:
        raise Refused(refusal.diagnostics[0].message) from None
    wrong = [found.message for found in network.diagnostics if found.severity == "error"]
    done = network.model.done[node]
    if wrong or done.outputs is None:
        raise Refused(wrong[0] if wrong else "nothing is known")
    return _tensors(done.outputs)


class _Reader:
    """Makes operands: each tensor becomes an input of the graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def __call__(self, item: Any) -> Any:
        if isinstance(item, Tensor):
            return self.tensor(item)
        if isinstance(item, (tuple, list)):
            return [self(part) for part in item]
        return Value(item, NOWHERE)

    def tensor(self, tensor: Tensor) -> Ref:
        shape = Value(tuple(Value(dim if isinstance(dim, int) else None, NOWHERE) for dim in tensor.shape), NOWHERE)
        arguments = (Argument("batch_shape", shape, NOWHERE), Argument("dtype", Value(tensor.dtype, NOWHERE), NOWHERE))
        node = Node(Call("InputLayer", arguments, NOWHERE))
        self.graph.calls.append(node.call)
        self.graph.nodes.append(node)
        self.graph.inputs.append(node)
        return Ref(node, 0)


def _tensors(flows: Any) -> Any:
    if isinstance(flows, Flow):
        return flows.tensor
    if isinstance(flows, dict):
        return {name: _tensors(item) for name, item in flows.items()}
    return [_tensors(item) for item in flows]
