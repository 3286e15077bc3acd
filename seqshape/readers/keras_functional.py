"""The config of a Functional model: layers, the nodes that call them, and the tensors between, in both of Keras's
forms.

In Keras 3 a node is an object with ``args`` and ``kwargs`` that hold serialized tensors; in Keras 2 it is a list of
``[layer, node, output, kwargs]``. A file is read by the form that each node has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

from seqshape.diagnostics import Span
from seqshape.graph import Call, Graph, Node, Operand, Ref, references
from seqshape.readers import keras2
from seqshape.readers.keras_parts import name_of, record
from seqshape.readers.keras_values import Place, expect, fault, member, too_deep, value

if TYPE_CHECKING:
    from seqshape.readers.keras_parts import Reader

Key = tuple[str, int]  # a layer's name and which of its calls
History = tuple[str, int, int]  # the same and which of its outputs


class Functional:
    """One Functional model on its way to a Graph."""

    def __init__(self, reader: Reader, config: dict[str, object], span: Span, depth: int, place: Place | None) -> None:
        self.reader = reader
        self.config = config
        self.span = span
        self.depth = depth
        self.place = place
        self.graph = Graph("Functional", name_of(config), span=span, masked=False)
        self.calls: dict[str, Call] = {}
        self.inbound: dict[Key, tuple[object, Span]] = {}
        self.nodes: dict[Key, Node] = {}
        self.old = False  # whether nodes are written as Keras 2 does
        self.first: dict[str, int] = {}  # the number of a layer's first call, where it is not 0

    def read(self) -> Graph:
        """The graph: layers, then nodes in an order in which sources come first, then inputs and outputs."""
        span = self.span.within("layers")
        layers = expect(list, self.config["layers"], span, "layers")
        for index, data in enumerate(layers):
            self._read_layer(data, span.within(index), Place(self.place, layers, index))
        self._find_first_calls()
        for key in self.inbound:
            self._read_nodes(key)
        self.graph.trainable = self.config.get("trainable") not in (False,)  # 0 is False too
        self.graph.structure = self._structure(self.config.get("input_layers", []), self.span.within("input_layers"))
        self.graph.inputs = list(dict.fromkeys(ref.node for ref in references(self.graph.structure)))
        self.graph.outputs = self._structure(self.config.get("output_layers", []), self.span.within("output_layers"))
        return self.graph

    def _read_layer(self, data: object, span: Span, place: Place) -> None:
        data = expect(dict, data, span, "a layer")
        call = self.reader.layer(data, span, self.depth + 1, place)
        named = data if "name" in data else member(dict, data, "config", span)
        name = member(str, named, "name", span if named is data else span.within("config"))
        if name in self.calls:
            raise fault(f"there are two layers called {name}", span)
        self.calls[name] = call
        self.graph.calls.append(call)
        items = member(list, data, "inbound_nodes", span, [])
        for index, item in enumerate(items):
            self.inbound[name, index] = (item, span.within("inbound_nodes", index))
            self.old = self.old or isinstance(item, list)
        if not items:
            self.nodes[name, 0] = Node(call, span=span)
            self.graph.nodes.append(self.nodes[name, 0])

    def _find_first_calls(self) -> None:
        """Keras 2 mostly counts the construction of a nested model as its first call; what reads it tells."""
        models = {name for name, call in self.calls.items() if call.body is not None}
        if not self.old or not models:
            return
        highest: dict[str, int] = {}
        for item, span in [*self.inbound.values(), (self.config.get("output_layers"), self.span)]:
            for history, _ in self._histories(item, span, 0):
                if is_history(history) and history[0] in models:
                    highest[history[0]] = max(history[1], highest.get(history[0], 0))
        self.first = {name: 1 for name, number in highest.items() if not self._has(name, number)}

    def _read_nodes(self, key: Key) -> None:
        """Make a node and, before it, those that it reads; without recursion, so that a deep graph does no harm."""
        waiting = {key: self._sources(key)}
        while waiting:
            here, sources = next(reversed(waiting.items()))
            source = next((found for found in sources if found not in self.nodes), None)
            if source is None:
                if here not in self.nodes:
                    self.nodes[here] = self._node(here)
                    self.graph.nodes.append(self.nodes[here])
                del waiting[here]
            elif source in waiting:
                raise fault(f"the graph goes in a circle: {source[0]} needs its own output", self.inbound[here][1])
            else:
                waiting[source] = self._sources(source)

    def _sources(self, key: Key) -> Iterator[Key]:
        """The calls that have to come before one: the earlier ones of its layer, and those whose tensors it reads."""
        if key[1]:
            yield key[0], key[1] - 1
        item, span = self.inbound[key]
        for history, place in self._histories(item, span, 0):
            yield self._checked(history, place)[:2]

    def _histories(self, data: object, span: Span, depth: int) -> Iterator[tuple[list[object], Span]]:
        """Every tensor that a node reads, in Keras 3's form and in Keras 2's, with its place."""
        if isinstance(data, dict):
            too_deep(depth, span)
            if data.get("class_name") == "__keras_tensor__":
                config = member(dict, data, "config", span)
                place = span.within("config")
                yield member(list, config, "keras_history", place), place.within("keras_history")
                return
            for key, item in data.items():
                yield from self._histories(item, span.within(key), depth + 1)
        elif isinstance(data, list):
            too_deep(depth, span)
            if not self._is_tensor(data):
                for index, item in enumerate(data):
                    yield from self._histories(item, span.within(index), depth + 1)
                return
            yield data, span
            if len(data) == 4:
                yield from self._histories(data[3], span.within(3), depth + 1)

    def _is_tensor(self, data: list[object]) -> bool:
        """Whether a list is a tensor of Keras 2: in Keras 3 it is a literal."""
        return self.old and is_history(data) and data[0] in self.calls

    def _checked(self, history: object, span: Span) -> History:
        if not is_history(history):
            raise fault("a tensor has to be [layer, number of its call, number of the output]", span)
        name, node, output = history[:3]
        if name not in self.calls:
            raise fault(f"there is no layer called {name} in this model", span)
        node -= self.first.get(name, 0)
        if self._has(name, node):
            return name, node, output
        raise fault(f"{name} has no call number {history[1]}", span)

    def _has(self, name: str, node: int) -> bool:
        return (name, node) in self.inbound or (name, node) in self.nodes

    def _node(self, key: Key) -> Node:
        item, span = self.inbound[key]
        call = self.calls[key[0]]
        if not isinstance(item, dict):
            return self._old_node(call, expect(list, item, span, "a node"), span)
        args = member(list, item, "args", span, [])
        kwargs = member(dict, item, "kwargs", span, {})
        operands = [self._operand(arg, span.within("args", index), 0) for index, arg in enumerate(args)]
        return Node(call, tuple(operands), self._keywords(kwargs, span.within("kwargs")), span)

    def _keywords(self, kwargs: Mapping[str, object], span: Span) -> dict[str, Operand]:
        """The keywords of a call; one that is null is as good as left out."""
        given = {str(key): arg for key, arg in kwargs.items() if arg is not None}
        return {key: self._operand(arg, span.within(key), 0) for key, arg in given.items()}

    def _old_node(self, call: Call, item: list[object], span: Span) -> Node:
        """Keras 2: the tensors of the first argument, one or a list of them; keywords stand with the first."""
        entries = [item] if item and isinstance(item[0], str) else item
        refs: list[Operand] = []
        kwargs: dict[str, Operand] = {}
        for index, entry in enumerate(entries):
            place = span if entries is not item else span.within(index)
            refs.append(self._first_operand(entry, place))
            if isinstance(entry, list) and len(entry) > 3:
                given = expect(dict, entry[3], place.within(3), "the keywords of a call")
                kwargs |= self._keywords(given, place.within(3))
        args = (refs[0],) if len(refs) == 1 else (refs,)
        node = Node(call, args if refs else (), kwargs, span)
        if len(refs) == 1 and isinstance(refs[0], Ref):
            record(refs[0].node, refs[0].output or 0, call.build_shape, None)
        return keras2.called(node)

    def _first_operand(self, entry: object, span: Span) -> Operand:
        if isinstance(entry, list) and len(entry) > 2 and entry[0] == keras2.CONSTANT:
            return value(entry[2], span.within(2), 0, self.reader.call)
        return self._ref(entry, span)

    def _operand(self, data: object, span: Span, depth: int) -> Operand:
        """A tensor, a structure that holds tensors, or a literal."""
        too_deep(depth, span)
        if isinstance(data, dict):
            return self._object(data, span, depth)
        if not isinstance(data, list) or next(self._histories(data, span, depth), None) is None:
            return value(data, span, depth, self.reader.call)
        if self._is_tensor(data):
            return self._ref(data, span)
        return [self._operand(item, span.within(index), depth + 1) for index, item in enumerate(data)]

    def _object(self, data: dict[str, object], span: Span, depth: int) -> Operand:
        if data.get("class_name") == "__keras_tensor__":
            return self._tensor(data, span)
        if data.get("class_name") == "__tuple__" and isinstance(data.get("items"), list):
            return self._operand(data["items"], span.within("items"), depth + 1)
        if "class_name" not in data and next(self._histories(data, span, depth), None) is not None:
            return {str(key): self._operand(item, span.within(key), depth + 1) for key, item in data.items()}
        return value(data, span, depth, self.reader.call)

    def _tensor(self, data: dict[str, object], span: Span) -> Ref:
        config = member(dict, data, "config", span)
        place = span.within("config")
        history = member(list, config, "keras_history", place)
        ref = self._ref(history, place.within("keras_history"))
        record(ref.node, ref.output or 0, config.get("shape"), config.get("dtype"))
        return ref

    def _ref(self, history: object, span: Span) -> Ref:
        name, node, output = self._checked(history, span)
        return Ref(self.nodes[name, node], output)

    def _structure(self, data: object, span: Span, depth: int = 0) -> Operand:
        """The inputs or outputs of the model: a tensor, or a list or dict of them, nested as the model gives them.

        Here, and not between layers, Keras counts the construction of a nested Functional as its first call.
        """
        too_deep(depth, span)
        if isinstance(data, dict):
            return {str(key): self._structure(item, span.within(key), depth + 1) for key, item in data.items()}
        items = expect(list, data, span, "inputs and outputs")
        if items and not isinstance(items[0], (list, dict)):
            return self._port(items, span)
        return [self._structure(item, span.within(index), depth + 1) for index, item in enumerate(items)]

    def _port(self, history: list[object], span: Span) -> Ref:
        call = self.calls.get(str(history[0])) if not self.old else None
        if call is not None and call.body is not None and call.body.class_name == "Functional" and is_history(history):
            return self._ref([history[0], history[1] - 1, *history[2:]], span)
        return self._ref(history, span)


def is_history(data: object) -> TypeGuard[Sequence[Any]]:
    """Whether a list names a tensor: ``[layer, call, output]``, in Keras 2 with keywords behind."""
    return (
        isinstance(data, (list, tuple))
        and len(data) in (3, 4)
        and isinstance(data[0], str)
        and all(type(number) is int and number >= 0 for number in data[1:3])
    )
