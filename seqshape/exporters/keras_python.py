"""A network as Keras code: executed, it builds a model with the same summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seqshape.bind.layer import Bound, Layer, is_operation, with_inner
from seqshape.declaration import snake_case
from seqshape.dims import UNKNOWN
from seqshape.exporters.calls import CallWriter
from seqshape.exporters.literals import keyword_argument, unsayable
from seqshape.exporters.operations import left_out, module_of
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
from seqshape.graph import Node, Operand, Value
from seqshape.quoting import quoted
from seqshape.tensor import Mask
from seqshape.walk.model import Model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from seqshape.network import Network

# Operations whose function is called otherwise than their class.
CLASS_ONLY = frozenset(
    {"all_close", "batch_norm", "c_dist", "is_in", "layer_norm", "rms_norm", "search_sorted", "abs", "conj"}
)
RESERVED = frozenset({"keras", "layers", "ops", "model", "float", "slice"})


def write(network: Network) -> str:
    """The source code; it leaves the model in ``model``.

    Raises SeqshapeError where Keras code would need what the source does not say (a Lambda's function, a named size).
    """
    require_sound(network)
    writer = Writer(network.model)
    body = writer.model(network.model, "model")
    return "\n".join([*writer.imports(), "", *writer.before, *body, ""])


def _makes_masks(model: Model) -> bool:
    """Whether a layer makes a mask, in the model or in one inside."""
    for done in model.done.values():
        masks = done.effect.mask if done.effect is not None else ()
        if any(mask.op not in ("keep", "drop", "none") for mask in ((masks,) if isinstance(masks, Mask) else masks)):
            return True
    return any(_makes_masks(layer) for layer in model.layers() if isinstance(layer, Model))


def _inner_stems(model: Model) -> Iterator[str]:
    """The stems of the names that layers inside other layers take."""
    for layer in model.layers():
        if isinstance(layer, Model):
            yield from _inner_stems(layer)
        else:
            yield from (
                each.type.auto_name for each in with_inner(layer) if each is not layer and isinstance(each, Layer)
            )


class Writer:
    """Collects the statements of nested models before those of the model that uses them."""

    def __init__(self, model: Model) -> None:
        self.by_class = _makes_masks(model)  # Keras makes operations of masks itself, which take numbers
        self.elsewhere = {"softmax", "dropout", *_inner_stems(model)}
        self.numbers: dict[str, int] = {}
        self.before: list[str] = []
        self.known: dict[int, str] = {}
        self.used: set[str] = {*RESERVED}
        self.writes_functions = False
        self.calls = CallWriter(self.nested, prefix="layers.")

    def imports(self) -> list[str]:
        """What the code needs of Keras, and no more."""
        spaces = [*(["layers"] if self.calls.written else []), *(["ops"] if self.writes_functions else [])]
        return ["import keras", *([f"from keras import {', '.join(spaces)}"] if spaces else [])]

    def nested(self, model: Model) -> str:
        """The variable of a nested model, which is written out before."""
        if not isinstance(model, Model):
            raise unsayable(f"{model.class_name} is a class that only its own code knows")
        if id(model) not in self.known:
            variable = self.known[id(model)] = fresh("model_", self.used, always=True)
            body = self.model(model, variable)
            self.before.extend([*body, ""])
        return self.known[id(model)]

    def model(self, model: Model, variable: str) -> list[str]:
        """The statements that build a model and name it ``variable``."""
        require_writable(model)
        kind = model.graph.class_name
        return list(self._sequential(model, variable) if kind == "Sequential" else self._functional(model, variable))

    def _sequential(self, model: Model, variable: str) -> Iterator[str]:
        lines = [self._input(node, model) for node in model.graph.inputs if model.call is None or node.call.arguments]
        lines += [self._named(model.session.binder.get(call)) for call in model.calls()]
        yield f"{variable} = keras.Sequential(["
        yield from (f"    {line}," for line in lines)
        yield f"], {_words(model)})"

    def _named(self, layer: Bound) -> str:
        return self.calls.write(layer, None if isinstance(layer, Model) else layer.name)

    def _input(self, node: Node, model: Model) -> str:
        tensor, layer = model.inputs[node], model.session.binder.get(node.call)
        shape = self.calls.literal(tuple(tensor.shape[1:]))
        batch = "" if tensor.shape[0] is UNKNOWN else f", batch_size={self.calls.literal(tensor.shape[0])}"
        dtype = quoted(tensor.dtype or "float32")
        flags = "".join(f", {name}=True" for name in input_flags(layer))
        return f"keras.Input({shape}{batch}, dtype={dtype}{flags}, name={quoted(layer.name)})"

    def _functional(self, model: Model, variable: str) -> Iterator[str]:
        taken = {*RESERVED, *self.known.values()}
        found = plan(model, taken, indexed=True)
        self.used |= taken
        for name, _, node in found.inputs:
            yield f"{name} = {self._input(node, model)}"
        for name, layer in found.layers.items():
            yield f"{name} = {self._named(layer)}"
        for statement in found.statements:
            yield self._statement(statement, found, model)
        inputs, outputs = (self._operand(ports, found) for ports in (model.graph.taken(), model.graph.outputs))
        yield f"{variable} = keras.Model({inputs}, {outputs}, {_words(model)})"

    def _statement(self, statement: Statement, found: Plan, model: Model) -> str:
        layer = statement.layer
        operands, named = called(model, statement.node)
        named = named if is_operation(layer) else keywords(model, statement.node)
        outputs = ", ".join(statement.outputs)
        if is_operation(layer):
            named |= left_out(layer.type, operands, named, statement.node.span)
        if is_operation(layer) and self._is_automatic(layer):
            if layer.type.order[: len(operands)] != layer.type.inputs[: len(operands)]:
                operands, named = [], dict(zip(layer.type.inputs, operands, strict=False)) | named
            args = self._arguments(operands, {name: item for name, item in named.items() if not _is_none(item)}, found)
            given = self._given(layer)
            self.writes_functions = True
            space = "ops.image" if module_of(layer.type.name).endswith("image") else "ops"
            return f"{outputs} = {space}.{snake_case(layer.type.name)}({', '.join([*args, *given])})"
        args = self._arguments(operands, named, found)
        return f"{outputs} = {statement.shared or self._callee(layer)}({', '.join(args)})"

    def _arguments(self, operands: Sequence[Operand], named: Mapping[str, Operand], found: Plan) -> list[str]:
        keywords = [keyword_argument(name, self._operand(operand, found)) for name, operand in named.items()]
        return [*(self._operand(operand, found) for operand in operands), *keywords]

    def _operand(self, operand: Operand, found: Plan) -> str:
        return operand_text(operand, found.variables, self.calls.literal)

    def _callee(self, layer: Bound) -> str:
        if not is_operation(layer):
            return self._named(layer)
        given = self._given(layer)
        name = layer.type.name
        return f"{module_of(name)}.{name}({', '.join([*given, f'name={quoted(layer.name)}'])})"

    def _given(self, layer: Layer) -> list[str]:
        """The arguments of an operation's constructor."""
        given = {name: value for name, value in layer.given.items() if name != "name"}
        return [keyword_argument(name, self.calls.literal(value)) for name, value in given.items()]

    def _is_automatic(self, layer: Layer) -> bool:
        """Whether the function of keras.ops gives the operation the name that it has, which is then taken."""
        stem = snake_case(layer.type.name)
        if self.by_class or layer.type.variadic or layer.type.open or stem in self.elsewhere or stem in CLASS_ONLY:
            return False
        number = self.numbers.get(stem, 0)
        if layer.name != (stem if not number else f"{stem}_{number}"):
            return False
        self.numbers[stem] = number + 1
        return True


def _words(model: Model) -> str:
    """The keywords of a model's constructor."""
    return f"name={quoted(model.name)}" + ("" if model.trainable else ", trainable=False")


def _is_none(operand: Operand) -> bool:
    return isinstance(operand, Value) and operand.data is None
