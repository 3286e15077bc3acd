"""A network as Keras code: executed, it builds a model with the same summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seqshape.dims import UNKNOWN
from seqshape.exporters.calls import CallWriter, unsayable
from seqshape.exporters.plan import Plan, keywords, operand_text, plan
from seqshape.graph import Node, Operand
from seqshape.infer import Model

if TYPE_CHECKING:
    from seqshape.network import Network

HEADER = "import keras\nfrom keras import layers, ops\n"


def write(network: Network) -> str:
    """The source code; it leaves the model in ``model``.

    Raises SeqshapeError where Keras code would need what the source does not say (a Lambda's function, a named size).
    """
    writer = Writer()
    body = writer.model(network.model, "model")
    return "\n".join([HEADER, *writer.before, *body, ""])


class Writer:
    """Collects the statements of nested models before those of the model that uses them."""

    def __init__(self) -> None:
        self.before: list[str] = []
        self.known: dict[int, str] = {}
        self.calls = CallWriter(self.nested, prefix="layers.")

    def nested(self, model: Any) -> str:
        """The variable of a nested model, which is written out before."""
        if not isinstance(model, Model):
            raise unsayable(f"{model.class_name} is a class that only its own code knows")
        if id(model) not in self.known:
            variable = f"model_{len(self.known) + 1}"
            self.known[id(model)] = variable
            body = self.model(model, variable)
            self.before.extend([*body, ""])
        return self.known[id(model)]

    def model(self, model: Model, variable: str) -> list[str]:
        """The statements that build a model and name it ``variable``."""
        kind = model.graph.class_name
        return list(self._sequential(model, variable) if kind == "Sequential" else self._functional(model, variable))

    def _sequential(self, model: Model, variable: str) -> Iterator[str]:
        lines = [self._input(node, model) for node in model.graph.inputs if model.call is None or node.call.arguments]
        lines += [self._named(model.session.binder.get(call)) for call in model.calls()]
        yield f"{variable} = keras.Sequential(["
        yield from (f"    {line}," for line in lines)
        yield f'], name="{model.name}")'

    def _named(self, layer: Any) -> str:
        return self.calls.write(layer, None if isinstance(layer, Model) else layer.name)

    def _input(self, node: Node, model: Model) -> str:
        tensor, layer = model.inputs[node], model.session.binder.get(node.call)
        shape = self.calls.literal(tuple(tensor.shape[1:]))
        batch = "" if tensor.shape[0] is UNKNOWN else f", batch_size={self.calls.literal(tensor.shape[0])}"
        return f'keras.Input({shape}{batch}, dtype="{tensor.dtype or "float32"}", name="{layer.name}")'

    def _functional(self, model: Model, variable: str) -> Iterator[str]:
        found = plan(model)
        for name, _, node in found.inputs:
            yield f"{name} = {self._input(node, model)}"
        for name, layer in found.layers.items():
            yield f"{name} = {self._named(layer)}"
        for statement in found.statements:
            yield self._statement(statement, found)
        inputs = ", ".join(name for name, _, _ in found.inputs)
        outputs = self._outputs(model.graph.outputs, found)
        inputs = inputs if len(found.inputs) == 1 else f"[{inputs}]"
        yield f'{variable} = keras.Model({inputs}, {outputs}, name="{model.name}")'

    def _outputs(self, outputs: Operand, found: Plan) -> str:
        return operand_text(outputs, found.variables, self.calls.literal)

    def _statement(self, statement: Any, found: Plan) -> str:
        args = [operand_text(arg, found.variables, self.calls.literal) for arg in statement.node.args]
        named = keywords(statement.node)
        args += [
            f"{name}={operand_text(operand, found.variables, self.calls.literal)}" for name, operand in named.items()
        ]
        outputs = ", ".join(statement.outputs)
        return f"{outputs} = {self._callee(statement)}({', '.join(args)})"

    def _callee(self, statement: Any) -> str:
        layer = statement.layer
        if statement.shared is not None:
            return str(statement.shared)
        if getattr(getattr(layer, "type", None), "operation", False):
            raise unsayable(f"the operation {layer.class_name} cannot be written as code yet")
        return self._named(layer)
