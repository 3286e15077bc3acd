"""A network as a spec that, read again, gives the same summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqshape.bind.layer import Bound, Layer, is_operation
from seqshape.diagnostics import SeqshapeError
from seqshape.dims import UNKNOWN, names
from seqshape.exporters.calls import CallWriter
from seqshape.exporters.format import format_spec
from seqshape.exporters.literals import unsayable
from seqshape.exporters.plan import (
    Plan,
    Statement,
    called,
    fresh,
    input_flags,
    keywords,
    operand_text,
    plan,
    require_sound,
    require_writable,
)
from seqshape.graph import Node, Operand, references
from seqshape.kinds import ACTIVATIONS
from seqshape.quoting import quoted
from seqshape.registry import FLAGS, spellings
from seqshape.tensor import Tensor
from seqshape.walk.model import Model

# What means something in a spec itself, wherever it stands.
WORDS = frozenset({"Input", "Residual", "Sequential", "None", "True", "False", "keras", "ops", "layers", *FLAGS})

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from seqshape.network import Network
    from seqshape.summary import Row


def write(network: Network) -> str:
    """The spec. Layers have a ``name=`` only where Keras's automatic one is another.

    Raises SeqshapeError, which names the part, where the language cannot say the network.
    """
    require_sound(network)
    require_writable(network.model)
    _require_names(network)
    named: set[str] = set()
    while True:
        text = format_spec(Writer(named).write(network))
        again = _again(network, text)
        missing = _misnamed(network, again)
        if missing <= named:
            break
        named |= missing
    for one, two in zip(_rows(network), again.summary().layers, strict=True):
        if one != two:
            raise unsayable(f"the spec language cannot say all of {one.name}: read again, it would be another one")
    return text


def _require_names(network: Network) -> None:
    """A size of a program has the name of what gives it there, such as ``len(words)``, which a spec cannot say."""
    summary = network.summary()
    shapes = [
        *(port.shape for port in summary.inputs),
        *(shape for row in summary.layers for shape in row.output_shapes),
    ]
    for name in sorted({name for shape in shapes for dim in shape or () for name in names(dim)}):
        if not name.isidentifier():
            raise unsayable(f"the size {name} has no number", "give it one with --set")


def _again(network: Network, text: str) -> Network:
    """The text, read again. Raises SeqshapeError if it says another network."""
    from seqshape.network import Network
    from seqshape.readers.spec import read_spec

    try:
        again = Network(read_spec(text), version=network.version)
        after = again.summary()
    except SeqshapeError as refusal:
        raise unsayable(f"the spec language cannot say this network: {refusal.diagnostics[0].message}") from None
    if not _alike(_rows(network), after.layers) or len(network.summary().inputs) != len(after.inputs):
        raise unsayable("the spec language cannot say this network: read again, it would be another one")
    return again


def _rows(network: Network) -> list[Row]:
    """The rows of a network under today's names of its classes, which are those that a spec has."""
    now = {
        (each.name, each.class_name): each.type.name
        for each in _inside(network.model)
        if isinstance(each, Layer) and each.call.shown is not None
    }

    def renamed(row: Row) -> Row:
        name = now.get((row.name, row.class_name), row.class_name)
        return row._replace(class_name=name, layers=tuple(map(renamed, row.layers)))

    return [renamed(row) if now else row for row in network.summary().layers]


def _misnamed(network: Network, again: Network) -> set[str]:
    """The layers whose names come out otherwise when the text is read again."""
    before, after = network.summary(), again.summary()
    ports = zip(before.inputs, after.inputs, strict=True)
    inside = zip(_inside(network.model), _inside(again.model), strict=False)
    return {
        *_other_names(before.layers, after.layers),
        *(str(one.name) for one, two in ports if one.name != two.name),
        *(str(one.name) for one, two in inside if one.name != two.name and one.class_name == two.class_name),
    }


def _inside(layer: Bound) -> Iterator[Any]:
    """A layer, and the layers inside it, models and what wrappers hold."""
    yield layer
    for value in layer.layers() if isinstance(layer, Model) else layer.arguments.values():
        for item in value if isinstance(value, (tuple, list)) else (value,):
            if isinstance(item, (Layer, Model)):
                yield from _inside(item)


def _alike(before: Sequence[Row], again: Sequence[Row]) -> bool:
    """Whether two lists of rows say the same but for the names."""
    return len(before) == len(again) and all(
        (one.class_name, one.output_shapes, one.params) == (two.class_name, two.output_shapes, two.params)
        and _alike(one.layers, two.layers)
        for one, two in zip(before, again, strict=True)
    )


def _other_names(before: Sequence[Row], again: Sequence[Row]) -> Iterator[str]:
    """The layers, those inside others too, that have another name in the second list."""
    for one, two in zip(before, again, strict=True):
        if one.name != two.name:
            yield one.name
        for path in {weight.path for weight in one.weights} - {weight.path for weight in two.weights}:
            for part in path.split("/"):
                yield from (part, part.removeprefix("forward_").removeprefix("backward_"))
        yield from _other_names(one.layers, two.layers)


class Writer:
    """Writes the statements; ``named`` are the layers that need their ``name=``."""

    def __init__(self, named: set[str]) -> None:
        self.named = named
        self.before: list[str] = []
        self.models: dict[int, str] = {}
        self.taken = {*spellings(), *ACTIVATIONS, *WORDS}
        self.calls = CallWriter(self._nested, flags=True, names=True, inner_name=self._inner_name)

    def write(self, network: Network) -> str:
        """The whole spec."""
        model = network.model
        if model.graph.class_name == "Sequential" and len(set(model.calls())) == len(model.calls()):
            chain = " > ".join([self._input(model.graph.inputs[0], model), *map(self._layer, model.layers())])
            return "\n".join([*self.before, chain])
        body = self._statements(model)
        return "\n".join([*self.before, *body])

    def _layer(self, layer: object) -> str:
        name = getattr(layer, "name", None)
        return self.calls.write(layer, name if name in self.named and not isinstance(layer, Model) else None)

    def _inner_name(self, layer: Layer) -> str | None:
        return layer.name if layer.name in self.named and not isinstance(layer, Model) else None

    def _nested(self, model: Model) -> str:
        """A nested Sequential gets a name of its own before; anything else the language cannot say."""
        if not isinstance(model, Model):
            raise unsayable(f"{model.name} is of the class {model.class_name}, which only its own code knows")
        if model.graph.class_name != "Sequential":
            raise unsayable(f"{model.name} is a Functional inside the network", "the language has nested chains only")
        if id(model) not in self.models:
            self.models[id(model)] = fresh("part_", self.taken, always=True)
            layers = list(map(self._layer, model.layers()))
            words = [f"name={quoted(model.name)}"] if model.name in self.named else []
            words += [] if model.trainable else ["trainable=False"]
            listed = ", ".join([f"[{', '.join(layers)}]", *words])
            chain = f"Sequential({listed})" if words or len(layers) == 1 else " > ".join(layers)
            self.before.append(f"{self.models[id(model)]} = {chain}")
        return self.models[id(model)]

    def _input(self, node: Node, model: Model) -> str:
        tensor: Tensor = model.inputs[node]
        layer = model.session.binder.get(node.call)
        words = [self.calls.literal(dim) for dim in tensor.shape[1:]]
        if not words or words == ["None"]:  # a shape of one unknown dim: None alone would mean no shape
            words = ["(None,)" if words else "()"]
        if tensor.shape[0] is not UNKNOWN:
            words = [f"({', '.join(words)},)", f"batch_size={self.calls.literal(tensor.shape[0])}"]
        if (tensor.dtype or "float32") != "float32":
            words.append(f"dtype={quoted(str(tensor.dtype))}")
        words += [f"{name}=True" for name in input_flags(layer)]
        if layer.name in self.named:
            words.append(f"name={quoted(layer.name)}")
        return f"Input({', '.join(words)})"

    def _statements(self, model: Model) -> list[str]:
        found = plan(model, self.taken)
        lines = [f"{name} = {self._input(node, model)}" for name, _, node in found.inputs]
        lines += [f"{name} = {self._layer(layer)}" for name, layer in found.layers.items()]
        lines += [self._statement(statement, found, model) for statement in found.statements]
        outputs = model.graph.outputs
        if isinstance(outputs, dict):
            raise unsayable("the model returns a dict", "the language returns tensors and tuples of them")
        return [*lines, self._operand(outputs, found)]

    def _statement(self, statement: Statement, found: Plan, model: Model) -> str:
        node, layer = statement.node, statement.layer
        if self._operation(layer):
            return self._applied(statement, found, model)
        operands, named = self._by_position(layer, list(model.operands(node)[0]), keywords(model, node))
        callee = statement.shared or self._layer(layer)
        if named:
            words = ", ".join(f"{name}={self._operand(operand, found)}" for name, operand in named.items())
            callee = f"{callee[:-1]}, {words})" if callee.endswith(")") else f"{callee}({words})"
        source = self._operand(operands, found) if len(operands) != 1 else self._operand(operands[0], found)
        outputs = ", ".join(statement.outputs)
        return f"{outputs} = {source} > {callee}"

    def _by_position(
        self, layer: object, operands: list[Operand], named: dict[str, Operand]
    ) -> tuple[list[Operand], dict[str, Operand]]:
        """The operands that stand before the layer, and the keywords: a chain needs something to begin with."""
        first = layer.type.call_arguments[:1] if isinstance(layer, Layer) else ()
        if operands or not first or first[0] not in named:
            return operands, named
        return [named[first[0]]], {name: item for name, item in named.items() if name != first[0]}

    def _applied(self, statement: Statement, found: Plan, model: Model) -> str:
        """An operation: its tensors before it, and what is no tensor among its arguments."""
        layer = statement.layer
        assert is_operation(layer)
        operands, named = called(model, statement.node)
        if not layer.type.variadic:
            named = dict(zip(layer.type.inputs, operands, strict=False)) | named
            operands = []
        tensors = operands + [operand for operand in named.values() if any(references(operand))]
        words = [f"{name}={self._operand(item, found)}" for name, item in named.items() if not any(references(item))]
        callee = str(self._operation(layer))
        if words:
            inside = callee[:-1].partition("(")[2]
            callee = f"{callee.partition('(')[0]}({', '.join(filter(None, [inside, *words]))})"
        source = self._operand(tensors, found) if len(tensors) != 1 else self._operand(tensors[0], found)
        return f"{', '.join(statement.outputs)} = {source} > {callee}"

    def _operation(self, layer: Bound) -> str | None:
        if not is_operation(layer):
            return None
        from seqshape.declaration import snake_case

        text = self._layer(layer)
        return f"ops.{snake_case(layer.class_name)}{text[len(layer.class_name) :]}"

    def _operand(self, operand: Operand, found: Plan) -> str:
        def literal(value: object) -> str:
            if isinstance(value, (bool, int, float, str, type(None), tuple, list)):
                return self.calls.literal(value)
            raise unsayable(f"{value!r} as an operand of a layer")

        return operand_text(operand, found.variables, literal, "()" if isinstance(operand, list) else "[]")
