"""A network as the JSON that ``keras.models.model_from_json`` loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqshape.bind.layer import Bound, Layer
from seqshape.dims import UNKNOWN, Poly
from seqshape.exporters.calls import arguments_of, public_name
from seqshape.exporters.literals import unsayable
from seqshape.exporters.objects import object_of
from seqshape.exporters.operations import left_out, module_of
from seqshape.exporters.plan import called, input_flags, require_sound, require_writable
from seqshape.graph import Call, Node, Operand, Ref, Value
from seqshape.registry import has, named
from seqshape.structure import mapped
from seqshape.tensor import Constant
from seqshape.walk.model import Model

if TYPE_CHECKING:
    from seqshape.network import Network


def write(network: Network) -> str:
    """The JSON text, in Keras 3's form.

    Raises SeqshapeError where it cannot be said without what the source does not hold (a named size, a Lambda's
    function).
    """
    import json

    require_sound(network)
    return json.dumps(model_config(network.model), ensure_ascii=False)


def model_config(model: Model) -> dict[str, object]:
    """A model in Keras's serialized form."""
    require_writable(model)
    kind = model.graph.class_name
    config: dict[str, object] = {"name": model.name, "trainable": model.trainable}
    config |= _sequential(model) if kind == "Sequential" else _functional(model)
    module = "keras" if kind == "Sequential" else "keras.src.models.functional"
    return {
        "module": module,
        "class_name": kind,
        "config": config,
        "registered_name": kind if kind != "Sequential" else None,
    }


def _sequential(model: Model) -> dict[str, object]:
    layers = [_input(node, model) for node in model.graph.inputs if node in model.inputs]
    layers += [_layer(model.session.binder.get(call)) for call in model.calls()]
    return {"layers": layers}


def _functional(model: Model) -> dict[str, object]:
    nodes, calls = model.order()
    kept = set(nodes)
    by_call: dict[Call, list[Node]] = {call: [] for call in calls}
    for node in model.done:
        if node in kept:
            by_call[node.call].append(node)
    number = {node: index for own in by_call.values() for index, node in enumerate(own)}
    graph = _Graph(model, number)
    return {
        "layers": [graph.layer(call, own) for call, own in by_call.items()],
        "input_layers": graph.inputs(model.graph.taken()),
        "output_layers": graph.outputs(model.graph.outputs),
    }


class _Graph:
    """Nodes and edges in Keras's words."""

    def __init__(self, model: Model, number: dict[Node, int]) -> None:
        self.model = model
        self.number = number

    def layer(self, call: Call, nodes: list[Node]) -> dict[str, object]:
        """A layer with its inbound nodes."""
        layer = self.model.session.binder.get(call)
        is_input = nodes[0] in self.model.graph.inputs
        data = _input(nodes[0], self.model) if is_input else _layer(layer)
        inbound = [] if is_input else [self._node(node) for node in nodes]
        return data | {"name": layer.name, "inbound_nodes": inbound}

    def _node(self, node: Node) -> dict[str, object]:
        args, kwargs = called(self.model, node)
        layer = self.model.done[node].layer
        if isinstance(layer, Layer) and layer.type.operation:
            kwargs |= left_out(layer.type, args, kwargs, node.span)
        return {
            "args": [self._operand(arg) for arg in args],
            "kwargs": {name: self._operand(arg) for name, arg in kwargs.items()},
        }

    def _operand(self, operand: Operand) -> object:
        return mapped(self._leaf, operand)

    def _leaf(self, operand: Ref | Value) -> object:
        if not isinstance(operand, Ref):
            return _value(operand.plain())
        flow = next(f for f in _flows(self.model, operand) if f.ref.output == (operand.output or 0))
        config = {
            "shape": _value(flow.tensor.shape),
            "dtype": flow.tensor.dtype,
            "keras_history": self.history(operand),
        }
        return {"class_name": "__keras_tensor__", "config": config}

    def history(self, ref: Ref) -> list[Any]:
        """``[layer, node, output]``."""
        return [self.model.done[ref.node].layer.name, self.number[ref.node], ref.output or 0]

    def inputs(self, inputs: Operand) -> Any:
        """The inputs, in the structure that the model takes."""
        return mapped(self.history, inputs)

    def outputs(self, outputs: Operand) -> Any:
        """The outputs, in the structure that the model returns."""
        return mapped(self._output, outputs)

    def _output(self, ref: Ref) -> Any:
        flows = _flows(self.model, ref)
        alone = ref.output is not None or len(flows) == 1
        return self._port(ref) if alone else [self._port(flow.ref) for flow in flows]

    def _port(self, ref: Ref) -> list[Any]:
        """Here, and not between layers, Keras counts the construction of a nested Functional as its first call."""
        name, number, output = self.history(ref)
        layer = self.model.done[ref.node].layer
        nested = isinstance(layer, Model) and layer.graph.class_name == "Functional"
        return [name, number + nested, output]


def _flows(model: Model, ref: Ref) -> list[Any]:
    from seqshape.walk.flow import flat

    return flat(model.done[ref.node].outputs)


def _input(node: Node, model: Model) -> dict[str, object]:
    tensor, layer = model.inputs[node], model.session.binder.get(node.call)
    config = {"batch_shape": _value(tensor.shape), "dtype": tensor.dtype or "float32", "name": layer.name}
    config |= dict.fromkeys(input_flags(layer), True)
    return {"module": "keras.layers", "class_name": named("input"), "config": config, "registered_name": None}


def _layer(layer: Bound) -> dict[str, object]:
    if isinstance(layer, Model):
        return model_config(layer)
    if not isinstance(layer, Layer):
        raise unsayable(f"{layer.name} is of the class {layer.class_name}, which only its own code knows")
    if has(layer, "function"):
        raise unsayable(f"{layer.name} is a Lambda: what it does is only in its function")
    if any(parameter.kind == "CountTuple" for parameter in layer.type.parameters):
        raise unsayable(f"{layer.name}: JSON has no tuples, and Keras takes no list for its arguments")
    operation = layer.type.operation
    config: dict[str, object] = {"name": layer.name}
    for name, value, _ in arguments_of(layer, whole=True):
        config[name] = _value(value, name)
    module = module_of(layer.class_name) if operation else "keras.layers"
    name = layer.class_name if operation else public_name(layer.type)
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def _value(value: object, name: str = "") -> object:
    """A value as JSON; ``name`` is the argument's. Raises SeqshapeError for what JSON cannot say."""
    if value is UNKNOWN:
        return None
    if isinstance(value, Poly):
        raise unsayable(f"the size {value} has no number", "give it one with --set")
    if isinstance(value, Constant):
        raise unsayable(f"an array of the file as {name or 'an operand'}: only its shape is read")
    if isinstance(value, (tuple, list)):
        return [_value(item, name) for item in value]
    if isinstance(value, dict):
        return {key: _value(item, name) for key, item in value.items()}
    if isinstance(value, slice):
        return {"class_name": "__slice__", "config": {"start": value.start, "stop": value.stop, "step": value.step}}
    if isinstance(value, (Layer, Model)):
        return _layer(value)
    if isinstance(value, Call):
        return _object(name, value)
    if isinstance(value, (bool, int, float, str, type(None))):
        return value
    raise unsayable(f"{type(value).__name__} cannot be written as JSON")


def _object(name: str, call: Call) -> dict[str, object]:
    """An initializer, a regularizer, …, as Keras serializes it."""
    found = object_of(name, call)
    return {
        "module": f"keras.{found.module}",
        "class_name": found.class_name,
        "config": {key: _value(item, key) for key, item in found.arguments.items()},
        "registered_name": None,
    }
