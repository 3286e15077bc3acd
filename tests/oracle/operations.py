"""One operation of keras.ops on symbolic tensors: what seqshape says of it, and what the real function does.

A call is the name of the function and its arguments by name; a :class:`T` stands for a symbolic tensor.
"""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

from seqshape.bind.binder import Binder
from seqshape.bind.layer import Layer
from seqshape.declaration import LayerType
from seqshape.diagnostics import Fault, Span
from seqshape.dims import UNKNOWN, recording
from seqshape.graph import Argument, Call, Value
from seqshape.registry import operation_classes, operations
from seqshape.tensor import Effect, Tensor, flatten
from seqshape.walk.call import call_layer

INTEGERS = ("uint8", "int8", "uint16", "int32", "uint32", "int64", "uint64")
DTYPES = ("bool", *INTEGERS, "bfloat16", "float16", "float32", "float64")
# Keras has these classes, but no model can hold one: a length that is the value of a tensor, and a base class.
IMPOSSIBLE = {"Arange", "SegmentReduction"}
# Names of classes whose function is called otherwise.
CLASS_ONLY = {"all_close", "batch_norm", "c_dist", "is_in", "layer_norm", "rms_norm", "search_sorted"}
# Rules of operations whose outputs are what a function of the user's returns.
FUNCTIONAL = {"Map", "VectorizedMap", "Scan", "AssociativeScan", "Cond", "Switch", "JVP", "WhileLoop", "ForiLoop"}


class T(NamedTuple):
    """A symbolic tensor of a test case; ``None`` is an unknown dim."""

    shape: tuple[int | None, ...]
    dtype: str = "float32"


def t(*shape: int | None, dtype: str = "float32") -> T:
    return T(shape, dtype)


def classes() -> dict[str, LayerType]:
    return operation_classes()


def plain(value: Any) -> Any:
    """A case's operand as a rule gets it."""
    if isinstance(value, T):
        return Tensor(tuple(UNKNOWN if dim is None else dim for dim in value.shape), value.dtype)
    return [plain(item) for item in value] if isinstance(value, list) else value


def written(value: Any) -> Value:
    """A constructor's argument as a reader gives it."""
    return Value(type(value)(map(written, value)) if isinstance(value, (list, tuple)) else value, Span())


def bound(name: str, arguments: dict[str, Any]) -> tuple[Layer, dict[str, Any]]:
    """The operation of a call, and its operands by name in the order of the rule. Raises Fault for a wrong argument."""
    kind = operations()[name]
    constructor = [key for key in arguments if key not in kind.inputs and not kind.open]
    given = tuple(Argument(key, written(arguments[key]), Span()) for key in constructor)
    layer = Binder(lambda *stems: "operation", lambda call, own: None).bind(Call(f"ops.{name}", given))
    operands = sorted(set(arguments).difference(constructor), key=[*kind.inputs, *arguments].index)
    return layer, {key: plain(arguments[key]) for key in operands}


def run(name: str, arguments: dict[str, Any]) -> Effect:
    """The rule of an operation, its arguments given as those of the function in keras.ops."""
    layer, operands = bound(name, arguments)
    with recording():
        if layer.type.variadic:
            return call_layer(layer, operands[layer.type.inputs[0]], {})
        return call_layer(layer, [], operands)


def outputs(effect: Effect) -> list[tuple[Any, ...]]:
    dims = [tuple(None if dim is UNKNOWN else dim for dim in out.shape) for out in flatten(effect.out)]
    return [(shape, out.dtype) for shape, out in zip(dims, flatten(effect.out), strict=True)]


def mine(name: str, arguments: dict[str, Any]) -> Any:
    try:
        return outputs(run(name, arguments))
    except Fault:
        return "refused"


def keras_function(name: str) -> Any:
    from tests.oracle.keras_oracle import keras

    for space in (keras.ops, keras.ops.image, keras.ops.linalg, keras.ops.nn, keras.ops.numpy):
        if hasattr(space, name):
            return getattr(space, name)
    raise AssertionError(f"keras.ops has no {name}")


def keras_value(value: Any) -> Any:
    from tests.oracle.keras_oracle import keras

    if isinstance(value, T):
        return keras.KerasTensor(value.shape, value.dtype)
    return [keras_value(item) for item in value] if isinstance(value, list) else value


def built(name: str, arguments: dict[str, Any]) -> list[Any] | None:
    """The symbolic tensors that the function of Keras gives; ``None`` where it refuses."""
    from tests.oracle.keras_oracle import keras

    given = {key: keras_value(value) for key, value in arguments.items()}
    kind = operations()[name]
    operands = given.pop(kind.inputs[0]) if kind.variadic else []
    if name == "einsum":
        operands = [given.pop("subscripts"), *operands]
    try:
        return list(keras.tree.flatten(keras_function(name)(*operands, **given)))
    except Exception:
        return None


def called(name: str, arguments: dict[str, Any], values: list[Any]) -> list[Any]:
    """What the function of Keras gives for arrays in the places of the tensors, in order."""
    from tests.oracle.keras_oracle import keras, np

    waiting = iter(values)

    def placed(value: Any) -> Any:
        if isinstance(value, T):
            return next(waiting)
        return [placed(item) for item in value] if isinstance(value, list) else value

    given = {key: placed(value) for key, value in arguments.items()}
    kind = operations()[name]
    operands = given.pop(kind.inputs[0]) if kind.variadic else []
    if name == "einsum":
        operands = [given.pop("subscripts"), *operands]
    return [np.asarray(out) for out in keras.tree.flatten(keras_function(name)(*operands, **given))]


def theirs(name: str, arguments: dict[str, Any]) -> Any:
    found = built(name, arguments)
    return "refused" if found is None else [(tuple(out.shape), out.dtype) for out in found]


def same(name: str, arguments: dict[str, Any]) -> None:
    assert mine(name, arguments) == theirs(name, arguments), (name, arguments)


def disagreement(name: str, arguments: dict[str, Any]) -> str | None:
    """What seqshape says otherwise than Keras; ``None`` if nothing.

    A value of another kind (a tuple for a number, a window of 0) is always refused here, while Keras looks at few of
    its arguments before it runs.
    """
    try:
        here: Any = outputs(run(name, arguments))
    except Fault as refusal:
        if refusal.code == "E104":
            return None
        here = "refused"
    except Exception as crash:
        here = f"crash: {type(crash).__name__}: {crash}"
    there = theirs(name, arguments)
    return None if here == there else f"ops.{name} {arguments}: seqshape {here}, Keras {there}"


def inputs_of(name: str) -> tuple[str, ...]:
    kind = operations()[name]
    return kind.inputs if not kind.parameters and not kind.variadic else ()


def named(count: int) -> list[str]:
    """The operations of so many operands and no arguments."""
    lists = {name for name, kind in operations().items() if "Tensors" in kind.annotations.values()}
    return [
        name
        for name, kind in operations().items()
        if len(inputs_of(name)) == count and name not in lists | CLASS_ONLY and kind.name not in FUNCTIONAL
    ]


def keras_classes() -> dict[str, Any]:
    from keras.src.ops import core, einops, image, linalg, math, nn, numpy
    from keras.src.ops.operation import Operation

    return {
        name: item
        for module in (core, einops, image, linalg, math, nn, numpy)
        for name, item in vars(module).items()
        if inspect.isclass(item) and issubclass(item, Operation) and item.__module__ == module.__name__
    }
