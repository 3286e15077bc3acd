"""A network as a spec that, read again, gives the same summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqshape.dims import UNKNOWN
from seqshape.exporters.calls import CallWriter, unsayable
from seqshape.exporters.plan import Plan, Statement, keywords, operand_text, plan
from seqshape.graph import Node, Operand
from seqshape.infer import Model
from seqshape.tensor import Tensor

if TYPE_CHECKING:
    from seqshape.network import Network


def write(network: Network) -> str:
    """The spec. Layers have a ``name=`` only where Keras's automatic one is another.

    Raises SeqshapeError, which names the part, where the language cannot say the network.
    """
    named: set[str] = set()
    for _ in range(len(network.summary().layers) + 1):
        text = Writer(named).write(network)
        missing = _misnamed(network, text)
        if missing <= named:
            return text
        named |= missing
    return text


def _misnamed(network: Network, text: str) -> set[str]:
    """The layers whose names come out otherwise when the text is read again.

    Raises SeqshapeError if the text does not say the same network.
    """
    from seqshape.network import Network
    from seqshape.readers.spec import read_spec

    again = Network(read_spec(text), version=network.version).summary()
    before = network.summary()
    if [row.output_shapes for row in again.layers] != [row.output_shapes for row in before.layers]:
        raise unsayable("the spec language cannot say this network: read again, it would be another one")
    ports = zip(before.inputs, again.inputs, strict=True)
    rows = {one.name for one, two in zip(before.layers, again.layers, strict=True) if one.name != two.name}
    return rows | {str(one.name) for one, two in ports if one.name != two.name}


class Writer:
    """Writes the statements; ``named`` are the layers that need their ``name=``."""

    def __init__(self, named: set[str]) -> None:
        self.named = named
        self.before: list[str] = []
        self.models: dict[int, str] = {}
        self.calls = CallWriter(self._nested, flags=True, names=True)

    def write(self, network: Network) -> str:
        """The whole spec."""
        model = network.model
        if model.graph.class_name == "Sequential" and len(set(model.calls())) == len(model.calls()):
            chain = " > ".join([self._input(model.graph.inputs[0], model), *map(self._layer, model.layers())])
            return "\n".join([*self.before, chain])
        body = self._statements(model)
        return "\n".join([*self.before, *body])

    def _layer(self, layer: Any) -> str:
        name = getattr(layer, "name", None)
        return self.calls.write(layer, name if name in self.named and not isinstance(layer, Model) else None)

    def _nested(self, model: Any) -> str:
        """A nested Sequential gets a name of its own before; anything else the language cannot say."""
        if not isinstance(model, Model):
            raise unsayable(f"{model.name} is of the class {model.class_name}, which only its own code knows")
        if model.graph.class_name != "Sequential":
            raise unsayable(f"{model.name} is a Functional inside the network", "the language has nested chains only")
        if model.name in self.named:
            raise unsayable(f"{model.name}: a model inside a spec cannot be given a name")
        if id(model) not in self.models:
            self.models[id(model)] = f"part_{len(self.models) + 1}"
            chain = " > ".join(map(self._layer, model.layers()))
            self.before.append(f"{self.models[id(model)]} = {chain}")
        return self.models[id(model)]

    def _input(self, node: Node, model: Model) -> str:
        tensor: Tensor = model.inputs[node]
        layer = model.session.binder.get(node.call)
        words = [self.calls.literal(dim) for dim in tensor.shape[1:]]
        if not words:
            words = ["()"]
        if tensor.shape[0] is not UNKNOWN:
            words = [f"({', '.join(words)},)", f"batch_size={self.calls.literal(tensor.shape[0])}"]
        if (tensor.dtype or "float32") != "float32":
            words.append(f'dtype="{tensor.dtype}"')
        if layer.name in self.named:
            words.append(f'name="{layer.name}"')
        return f"Input({', '.join(words)})"

    def _statements(self, model: Model) -> list[str]:
        found = plan(model)
        lines = [f"{name} = {self._input(node, model)}" for name, _, node in found.inputs]
        lines += [f"{name} = {self._layer(layer)}" for name, layer in found.layers.items()]
        lines += [self._statement(statement, found) for statement in found.statements]
        outputs = model.graph.outputs
        if isinstance(outputs, dict):
            raise unsayable("the model returns a dict", "the language returns tensors and tuples of them")
        return [*lines, self._operand(outputs, found) if not isinstance(outputs, list) else self._group(outputs, found)]

    def _statement(self, statement: Statement, found: Plan) -> str:
        node, layer = statement.node, statement.layer
        named = {name: self._operand(operand, found) for name, operand in keywords(node).items()}
        callee = statement.shared or self._operation(layer) or self._layer(layer)
        if named:
            words = ", ".join(f"{name}={text}" for name, text in named.items())
            callee = f"{callee[:-1]}, {words})" if callee.endswith(")") else f"{callee}({words})"
        source = self._group(list(node.args), found) if len(node.args) != 1 else self._operand(node.args[0], found)
        outputs = ", ".join(statement.outputs)
        return f"{outputs} = {source} > {callee}"

    def _operation(self, layer: Any) -> str | None:
        if not getattr(getattr(layer, "type", None), "operation", False):
            return None
        from seqshape.registry import snake_case

        text = self._layer(layer)
        return f"ops.{snake_case(layer.class_name)}{text[len(layer.class_name) :]}"

    def _group(self, operands: list[Operand], found: Plan) -> str:
        return "(" + ", ".join(self._operand(operand, found) for operand in operands) + ")"

    def _operand(self, operand: Operand, found: Plan) -> str:
        def literal(value: Any) -> str:
            if isinstance(value, (bool, int, float, str, type(None), tuple, list)):
                return self.calls.literal(value)
            raise unsayable(f"{value!r} as an operand of a layer")

        if isinstance(operand, list):
            return self._group(operand, found)
        return operand_text(operand, found.variables, literal)
