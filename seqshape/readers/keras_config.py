"""Keras's config JSON, of Keras 3 and of Keras 2: the data of ``model.get_config()`` or ``model.to_json()``.

Only data is read: no class is looked up, no function built, nothing executed. Every value keeps its JSON pointer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seqshape.diagnostics import Fault, SeqshapeError, Source, Span
from seqshape.graph import Argument, Call, Graph, Node, Operand, Ref, Value

MODELS = ("Sequential", "Functional", "Model")
DEPTH = 60  # how deeply values and models may be nested

History = tuple[str, int, int]


def read_config(config: Any, *, name: str | None = None) -> Graph:
    """The graph of a model's config (already parsed JSON).

    ``name`` is the file's, for messages. Raises SeqshapeError, with a JSON pointer, where the data is no model.
    """
    source = Source("", name)
    try:
        graph = _model(config, Span(pointer=""), 0)
    except Fault as fault:
        raise SeqshapeError((fault.diagnostic()._replace(source=source),)) from None
    graph.source = source
    return graph


def _fault(message: str, span: Span, help: str | None = None) -> Fault:
    return Fault(message, span=span, code="E401", help=help)


def _dict(value: Any, span: Span, what: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise _fault(f"{what} has to be an object, not {_kind(value)}", span)


def _list(value: Any, span: Span, what: str) -> list[Any]:
    if isinstance(value, list):
        return value
    raise _fault(f"{what} has to be a list, not {_kind(value)}", span)


def _text(value: Any, span: Span, what: str) -> str:
    if isinstance(value, str):
        return value
    raise _fault(f"{what} has to be a string, not {_kind(value)}", span)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")


def _model(data: Any, span: Span, depth: int) -> Graph:
    """A model of any class from its serialized form."""
    data = _dict(data, span, "a model")
    if depth > DEPTH:
        raise _fault(f"models are nested more than {DEPTH} deep", span)
    class_name = _text(data.get("class_name"), span.within("class_name"), "class_name")
    config = data.get("config")
    if isinstance(config, list):  # a Sequential of Keras 1 and 2.0 to 2.2: just the layers
        config = {"layers": config}
    config = _dict(config, span.within("config"), "config")
    inside = span.within("config")
    if "layers" not in config:
        raise _fault(
            f"{class_name} says nothing of its layers", inside, "a subclassed model cannot be read from its config"
        )
    name = config.get("name")
    name = name if isinstance(name, str) else None
    if "input_layers" in config or "output_layers" in config:
        return Functional(config, inside, name, depth).read()
    return _sequential(config, inside, name, depth, data.get("build_config"))


def _sequential(config: dict[str, Any], span: Span, name: str | None, depth: int, build: Any) -> Graph:
    graph = Graph("Sequential", name, span=span, masked=False)
    layers = _list(config["layers"], span.within("layers"), "layers")
    calls = [_layer(layer, span.within("layers", index), depth) for index, layer in enumerate(layers)]
    if not calls or not _is_input(calls[0]):
        calls.insert(0, _implicit_input(config, build, layers, span))
    node = Node(calls[0])
    graph.inputs.append(node)
    graph.nodes.append(node)
    for call in calls[1:]:
        _record(node, 0, call.build_shape, None)
        node = Node(call, (Ref(node),))
        graph.nodes.append(node)
    graph.calls.extend(calls)
    graph.outputs = Ref(node)
    return graph


def _is_input(call: Call) -> bool:
    return call.class_name == "InputLayer"


def _implicit_input(config: dict[str, Any], build: Any, layers: list[Any], span: Span) -> Call:
    """The input of a Sequential whose config has no InputLayer: the shape it was built for, else Keras 2's first layer."""
    build = build if isinstance(build, dict) else {}
    shape, key = config.get("build_input_shape") or build.get("input_shape"), "build_input_shape"
    dtype = None
    if shape is None and layers and isinstance(layers[0], dict) and isinstance(layers[0].get("config"), dict):
        first = layers[0]["config"]
        shape, key = first.get("batch_input_shape"), "batch_input_shape"
        dtype = first.get("dtype") if shape is not None else None
        if shape is None and isinstance(first.get("layers"), list):
            return _implicit_input(first, layers[0].get("build_config"), first["layers"], span)
    arguments = []
    if isinstance(shape, list):
        arguments.append(_argument("batch_shape", shape, span.within(key)))
    if isinstance(dtype, str):
        arguments.append(_argument("dtype", dtype, span))
    return Call("InputLayer", tuple(arguments), span, module="keras.layers")


def _argument(name: str, value: Any, span: Span) -> Argument:
    return Argument(name, _value(value, span, 0), span)


def _layer(data: Any, span: Span, depth: int) -> Call:
    """One layer: its class and its config as unbound arguments. A model inside becomes the body of the call."""
    data = _dict(data, span, "a layer")
    if depth > DEPTH:
        raise _fault(f"layers are nested more than {DEPTH} deep", span)
    class_name = _text(data.get("class_name"), span.within("class_name"), "class_name")
    config = data.get("config", {})
    inside = span.within("config")
    module = data.get("module")
    body = _body(data, class_name, config, span, depth)
    arguments = () if body is not None and isinstance(config, list) else tuple(_arguments(config, inside, depth, body))
    return Call(
        _class_name(class_name, module),
        arguments,
        span,
        name_span=span.within("class_name"),
        body=body,
        module=module if isinstance(module, str) else "keras.layers",
        build_shape=_build_shape(data),
    )


def _class_name(class_name: str, module: Any) -> str:
    """An operation of keras.ops is told from a layer by its module."""
    if isinstance(module, str) and module.startswith("keras.src.ops"):
        return f"ops.{class_name}"
    return class_name.rpartition(">")[2]


def _body(data: dict[str, Any], class_name: str, config: Any, span: Span, depth: int) -> Graph | None:
    is_model = isinstance(config, list) or (isinstance(config, dict) and isinstance(config.get("layers"), list))
    if not is_model or (class_name not in MODELS and not ("input_layers" in config or "output_layers" in config)):
        return None
    return _model(data, span, depth + 1)


def _arguments(config: Any, span: Span, depth: int, body: Graph | None) -> Iterator[Argument]:
    config = _dict(config, span, "config")
    kept = ("name", "trainable", "dtype") if body is not None else tuple(config)
    for name in kept:
        if name in config:
            place = span.within(name)
            yield Argument(name, _value(config[name], place, depth + 1), place)


def _build_shape(data: dict[str, Any]) -> Any:
    build = data.get("build_config")
    shape = build.get("input_shape") if isinstance(build, dict) else None
    return shape if isinstance(shape, list) and all(dim is None or isinstance(dim, int) for dim in shape) else None


def _value(data: Any, span: Span, depth: int) -> Value:
    """A value of a config with its pointers: serialized objects become calls, nothing is looked up."""
    if depth > DEPTH:
        raise _fault(f"values are nested more than {DEPTH} deep", span)
    if isinstance(data, dict):
        return Value(_object(data, span, depth), span)
    if isinstance(data, list):
        return Value([_value(item, span.within(index), depth + 1) for index, item in enumerate(data)], span)
    return Value(data, span)


def _object(data: dict[str, Any], span: Span, depth: int) -> Any:
    class_name = data.get("class_name")
    if class_name == "__tuple__" and isinstance(data.get("items"), list):
        inside = span.within("items")
        return tuple(_value(item, inside.within(index), depth + 1) for index, item in enumerate(data["items"]))
    config = data.get("config")
    if class_name == "__slice__" and isinstance(config, dict):
        return _slice(config)
    if isinstance(class_name, str) and isinstance(config, dict):
        return _layer(data, span, depth + 1)
    if isinstance(class_name, str) and isinstance(config, str):
        return config  # a function by its name
    return {str(key): _value(item, span.within(key), depth + 1) for key, item in data.items()}


def _slice(config: Mapping[str, Any]) -> Any:
    parts = [config.get(part) for part in ("start", "stop", "step")]
    return slice(*(part if isinstance(part, int) else None for part in parts))


def _record(node: Node, index: int, shape: Any, dtype: Any) -> None:
    """What a file says of an output of a node, for layers whose rule cannot know it."""
    if isinstance(shape, list) and all(dim is None or isinstance(dim, int) for dim in shape):
        node.recorded.setdefault(index, (tuple(shape), dtype if isinstance(dtype, str) else None))


class Functional:
    """The config of one Functional model on its way to a Graph."""

    def __init__(self, config: dict[str, Any], span: Span, name: str | None, depth: int) -> None:
        self.config = config
        self.span = span
        self.depth = depth
        self.graph = Graph("Functional", name, span=span, masked=False)
        self.calls: dict[str, Call] = {}
        self.inbound: dict[tuple[str, int], tuple[Any, Span]] = {}
        self.nodes: dict[tuple[str, int], Node] = {}

    def read(self) -> Graph:
        """The graph: layers, then nodes in an order in which sources come first, then inputs and outputs."""
        layers = self.span.within("layers")
        for index, data in enumerate(_list(self.config["layers"], layers, "layers")):
            self._read_layer(data, layers.within(index))
        for key in list(self.inbound):
            self._read_nodes(key)
        self.graph.inputs = [self._find(*found).node for found in self._port("input_layers")]
        self.graph.outputs = self._structure("output_layers")
        return self.graph

    def _read_layer(self, data: Any, span: Span) -> None:
        data = _dict(data, span, "a layer")
        call = _layer(data, span, self.depth + 1)
        config = data.get("config")
        name = data.get("name") or (config.get("name") if isinstance(config, dict) else None)
        name = _text(name, span.within("name"), "the name of a layer")
        if name in self.calls:
            raise _fault(f"there are two layers called {name}", span.within("name"))
        self.calls[name] = call
        self.graph.calls.append(call)
        inbound = span.within("inbound_nodes")
        items = _list(data.get("inbound_nodes", []), inbound, "inbound_nodes")
        for index, item in enumerate(items):
            self.inbound[name, index] = (item, inbound.within(index))
        if not items:
            self.nodes[name, 0] = Node(call, span=span)
            self.graph.nodes.append(self.nodes[name, 0])

    def _read_nodes(self, key: tuple[str, int]) -> None:
        """Make a node and, before it, those that it reads; without recursion, so that a deep graph does no harm."""
        stack, waiting = [key], {key}
        while stack:
            here = stack[-1]
            if here in self.nodes:
                waiting.discard(stack.pop())
                continue
            item, span = self.inbound[here]
            missing = [source for source in self._sources(item, span) if source not in self.nodes]
            if not missing:
                self.nodes[here] = self._node(here[0], item, span)
                self.graph.nodes.append(self.nodes[here])
                continue
            if missing[0] in waiting:
                raise _fault(f"the graph goes in a circle: {missing[0][0]} needs its own output", span)
            waiting.add(missing[0])
            stack.append(missing[0])

    def _sources(self, item: Any, span: Span) -> Iterator[tuple[str, int]]:
        for history, place in _histories(item, span):
            name, node, _ = self._checked(history, place)
            yield name, node

    def _checked(self, history: Any, span: Span) -> History:
        if not (isinstance(history, list) and len(history) >= 3 and isinstance(history[0], str)) or not all(
            isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in history[1:3]
        ):
            raise _fault("a tensor's history has to be [layer, node, output]", span)
        name, node, index = history[:3]
        if name not in self.calls:
            raise _fault(f"there is no layer called {name} in this model", span)
        return name, self._node_index(name, node, span), index

    def _node_index(self, name: str, node: int, span: Span) -> int:
        """Keras 2 counts the construction of a nested model as its first node: an index beyond the last is one too high."""
        if (name, node) in self.inbound or (name, node) in self.nodes:
            return node
        if self.calls[name].body is not None and ((name, node - 1) in self.inbound or (name, node - 1) in self.nodes):
            return node - 1
        raise _fault(f"{name} has no call number {node}", span)

    def _node(self, name: str, item: Any, span: Span) -> Node:
        if isinstance(item, dict):
            args = _list(item.get("args", []), span.within("args"), "args")
            kwargs = _dict(item.get("kwargs", {}), span.within("kwargs"), "kwargs")
            operands = tuple(self._operand(arg, span.within("args", i), 0) for i, arg in enumerate(args))
            named = {key: self._operand(arg, span.within("kwargs", key), 0) for key, arg in kwargs.items()}
            return Node(self.calls[name], operands, named, span)
        return self._old_node(name, item, span)

    def _old_node(self, name: str, item: Any, span: Span) -> Node:
        """Keras 2: a list of ``[layer, node, output, kwargs]``; the kwargs of the first go for the call."""
        item = _list(item, span, "a node")
        if item and isinstance(item[0], str):
            item = [item]
        refs: list[Operand] = [self._ref(entry, span.within(index)) for index, entry in enumerate(item)]
        kwargs: dict[str, Operand] = {}
        for index, entry in enumerate(item):
            if len(entry) > 3 and isinstance(entry[3], dict):
                place = span.within(index, 3)
                kwargs |= {key: self._operand(arg, place.within(key), 0) for key, arg in entry[3].items()}
        args: tuple[Operand, ...] = (refs[0],) if len(refs) == 1 else (refs,)
        return Node(self.calls[name], args, kwargs, span)

    def _operand(self, data: Any, span: Span, depth: int) -> Operand:
        if depth > DEPTH:
            raise _fault(f"arguments are nested more than {DEPTH} deep", span)
        if isinstance(data, dict) and data.get("class_name") == "__keras_tensor__":
            return self._tensor(data, span)
        if isinstance(data, dict) and "class_name" not in data:
            return {str(key): self._operand(item, span.within(key), depth + 1) for key, item in data.items()}
        if isinstance(data, list) and _is_old_history(data, self.calls):
            return self._ref(data, span)
        if isinstance(data, list) and any(True for _ in _histories(data, span)):
            return [self._operand(item, span.within(index), depth + 1) for index, item in enumerate(data)]
        return _value(data, span, depth)

    def _tensor(self, data: dict[str, Any], span: Span) -> Ref:
        config = _dict(data.get("config"), span.within("config"), "config")
        place = span.within("config", "keras_history")
        ref = self._ref(config.get("keras_history"), place)
        _record(ref.node, ref.output or 0, config.get("shape"), config.get("dtype"))
        return ref

    def _ref(self, history: Any, span: Span) -> Ref:
        return self._find(self._checked(history, span), span)

    def _find(self, history: History, span: Span) -> Ref:
        name, node, index = history
        return Ref(self.nodes[name, node], index)

    def _port(self, key: str) -> Iterator[tuple[History, Span]]:
        span = self.span.within(key)
        for history, place in _ports(self.config.get(key, []), span):
            yield self._checked(history, place), place

    def _structure(self, key: str) -> Operand:
        data, span = self.config.get(key, []), self.span.within(key)
        if isinstance(data, dict):
            return {str(name): self._ref(item, span.within(name)) for name, item in data.items()}
        refs: list[Operand] = [self._find(*found) for found in self._port(key)]
        return refs[0] if isinstance(data, list) and data and isinstance(data[0], str) else refs


def _ports(data: Any, span: Span) -> Iterator[tuple[Any, Span]]:
    """The histories that ``input_layers`` or ``output_layers`` lists: one alone, a list, or a dict in sorted order."""
    if isinstance(data, dict):
        for name in sorted(data):
            yield data[name], span.within(name)
    elif isinstance(data, list) and data and isinstance(data[0], str):
        yield data, span
    else:
        for index, item in enumerate(_list(data, span, "inputs and outputs")):
            yield from _ports(item, span.within(index)) if isinstance(item, (list, dict)) else [(item, span)]


def _histories(data: Any, span: Span, depth: int = 0) -> Iterator[tuple[Any, Span]]:
    """Every tensor that a node reads, in Keras 3's form and in Keras 2's."""
    if depth > DEPTH:
        raise _fault(f"arguments are nested more than {DEPTH} deep", span)
    if isinstance(data, dict):
        if data.get("class_name") == "__keras_tensor__":
            config = data.get("config")
            history = config.get("keras_history") if isinstance(config, dict) else None
            yield history, span.within("config", "keras_history")
            return
        for key, item in data.items():
            yield from _histories(item, span.within(key), depth + 1)
    elif isinstance(data, list):
        if len(data) in (3, 4) and isinstance(data[0], str) and all(type(n) is int for n in data[1:3]):
            yield data, span
            if len(data) == 4:
                yield from _histories(data[3], span.within(3), depth + 1)
            return
        for index, item in enumerate(data):
            yield from _histories(item, span.within(index), depth + 1)


def _is_old_history(data: list[Any], calls: Mapping[str, Call]) -> bool:
    return len(data) in (3, 4) and isinstance(data[0], str) and data[0] in calls and all(type(n) is int for n in data[1:3])
