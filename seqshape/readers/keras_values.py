"""Values in Keras's JSON: checked, bounded, each with its pointer. Objects become calls; nothing is looked up or run.

The JSON comes from anywhere: a value of the wrong type is a Fault that points at it, never another exception.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from seqshape.diagnostics import Fault, Span
from seqshape.dims import UNKNOWN
from seqshape.graph import Argument, Call, Stored, Value
from seqshape.records import NamedTuple
from seqshape.tensor import Constant, Tensor

DEPTH = 40  # how deeply values, wrapped layers and models may be nested
LARGEST = 2**63 - 1  # beyond it a number is no size of anything

PLAIN = frozenset({str, float, bool, type(None)})  # values that are what they are

Recorded = tuple[int | None, ...]


def fault(message: str, span: Span, help: str | None = None) -> Fault:
    """A complaint about the data at ``span``."""
    return Fault(message, span=span, code="E401", help=help)


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    names: dict[type[object], str] = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "a truth value",
        type(None): "null",
    }
    return names.get(type(value), "a number")


Item = TypeVar("Item")


def expect(kind: type[Item], value: object, span: Span, what: str) -> Item:
    """The value if it is of the wanted kind. Raises Fault at ``span``."""
    if isinstance(value, kind):
        return value
    raise fault(f"{what} has to be {kind_of(kind())}, not {kind_of(value)}", span)


def member(kind: type[Item], data: Mapping[str, object], key: str, span: Span, default: Item | None = None) -> Item:
    """The value under a key if it is of the wanted kind. Raises Fault there, or at the object if there is none."""
    if key in data:
        found = data[key]
        return found if isinstance(found, kind) else expect(kind, found, span.within(key), key)
    if default is not None:
        return default
    raise fault(f"{key} is missing", span)


def too_deep(depth: int, span: Span) -> None:
    """Refuse what is nested too deeply. Raises Fault."""
    if depth > DEPTH:
        raise fault(f"this is nested more than {DEPTH} deep", span)


def is_shape(value: object) -> bool:
    """Whether a JSON value is a shape: a list of sizes and nulls."""
    return isinstance(value, (list, tuple)) and all(
        dim is None or (type(dim) is int and 0 <= dim <= LARGEST) for dim in value
    )


class Place(NamedTuple):
    """Where a layer stands in the models of a file: one of the ``layers`` of a model that stands ``above``.

    ``attribute``: it is no layer of a model, but an argument of the layer above.
    """

    above: Place | None
    layers: Sequence[Any]
    number: int
    attribute: str | None = None

    def chain(self) -> list[Place]:
        """The places from the outermost model to this one."""
        return [*(self.above.chain() if self.above is not None else []), self]

    @property
    def name(self) -> str:
        """The layer's name, as its config says it."""
        data = self.layers[self.number]
        config = data.get("config")
        return str(data.get("name") or (config.get("name") if isinstance(config, dict) else ""))

    def class_name(self, index: int | None = None) -> str | None:
        """The class of the layer number ``index``, if left out of this one; ``None`` of an operation, which is no layer."""
        data = self.layers[self.number if index is None else index]
        if not isinstance(data, dict) or str(data.get("module")).startswith("keras.src.ops"):
            return None
        return str(data.get("class_name")).rpartition(">")[2]


# From the place of a layer to the weights that the file holds for it; None if it does not say.
Weights = Callable[[Place], "tuple[Stored, ...] | None"]


# How to make a call of a serialized layer (its data, its place in the document, how deep it stands).
Maker = Callable[[dict[str, object], Span, int], Call]


def value(data: object, span: Span, depth: int, make: Maker) -> Value:
    """A value of a config with its pointers. Raises Fault if it is nested too deeply or a number is too large."""
    if isinstance(data, dict):
        too_deep(depth, span)
        return Value(_object(data, span, depth, make), span)
    if isinstance(data, (list, tuple)):
        too_deep(depth, span)
        return Value(_items(data, span, depth, make), span)
    if type(data) is int and not -LARGEST <= data <= LARGEST:
        raise fault("this number is too large to be a size", span)
    return Value(data, span)


def _items(items: Sequence[object], span: Span, depth: int, make: Maker) -> list[Value]:
    return [value(item, span.within(index), depth + 1, make) for index, item in enumerate(items)]


def _object(data: dict[str, object], span: Span, depth: int, make: Maker) -> object:
    """What a serialized object stands for."""
    class_name, config = data.get("class_name"), data.get("config")
    if not isinstance(class_name, str):
        return {str(key): value(item, span.within(key), depth + 1, make) for key, item in data.items()}
    items = data.get("items")
    if class_name == "__tuple__" and isinstance(items, list):
        return tuple(_items(items, span.within("items"), depth, make))
    if class_name in _SPECIAL:
        return _SPECIAL[class_name](config if isinstance(config, dict) else {})
    if class_name.startswith("__"):  # a lambda: its code is not touched
        return {"class_name": Value(class_name, span.within("class_name"))}
    if isinstance(config, dict):
        return _configured(data, config, span, depth, make)
    return config if isinstance(config, str) else class_name  # a function, or a class without a config, by its name


def _configured(data: dict[str, object], config: dict[str, object], span: Span, depth: int, make: Maker) -> object:
    policy = _policy(str(data["class_name"]), config)
    return make(data, span, depth + 1) if policy is None else policy


def _policy(class_name: str, config: Mapping[str, object]) -> str | None:
    """The name of a serialized dtype policy: ``mixed_float16``, ``int8_from_float32``."""
    if not class_name.endswith(("DTypePolicy", "Policy", "PolicyV1")):
        return None
    mode, source, name = config.get("mode"), config.get("source_name"), config.get("name")
    if isinstance(mode, str):
        length = config.get("amax_history_length")
        mode = f"{mode}/{length}" if type(length) is int else mode
        return f"{mode}_from_{source if isinstance(source, str) else 'float32'}"
    return name if isinstance(name, str) else "float32"


def _slice(config: Mapping[str, object]) -> object:
    parts = (config.get(part) for part in ("start", "stop", "step"))
    return slice(*(part if type(part) is int and abs(part) <= LARGEST else None for part in parts))


def _array(config: Mapping[str, object]) -> object:
    """A constant: only its shape and dtype matter."""
    dtype = config.get("dtype")
    return Constant(tuple(_lengths(config.get("value"))), dtype if isinstance(dtype, str) else "float32")


def _tensor(config: Mapping[str, object]) -> object:
    """A symbolic tensor that is no part of the graph: what an InputLayer stands for."""
    shape, dtype = config.get("shape"), config.get("dtype")
    dims = list(shape) if isinstance(shape, list) and is_shape(shape) else []
    return Tensor(tuple(UNKNOWN if dim is None else dim for dim in dims), dtype if isinstance(dtype, str) else None)


def _lengths(items: object) -> Iterator[int]:
    depth = 0
    while isinstance(items, list) and depth < DEPTH:
        yield len(items)
        items, depth = items[0] if items else None, depth + 1


_SPECIAL: dict[str, Callable[[dict[str, object]], object]] = {
    "__slice__": _slice,
    "__ellipsis__": lambda config: ...,
    "__keras_tensor__": _tensor,
    "__tensor__": _array,
    "__numpy__": _array,
    "__bytes__": lambda config: config["value"] if isinstance(config.get("value"), str) else "",
}


def argument(name: str, data: object, span: Span, depth: int, make: Maker) -> Argument:
    """An argument of a layer as its config has it."""
    return Argument(name, value(data, span, depth, make), span)
