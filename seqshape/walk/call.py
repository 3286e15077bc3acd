"""One call of a bound layer: operands as Keras's ``call`` takes them, cast as Keras casts them."""

from __future__ import annotations

from typing import Any, TypeVar

from seqshape.bind.layer import Bound, Layer, Opaque
from seqshape.declaration import LayerType
from seqshape.diagnostics import Fault
from seqshape.graph import CALL_KEYWORDS
from seqshape.tensor import Effect, Tensor, Unknowable, each_tensor, flatten, is_float
from seqshape.walk.flow import Flow

Same = TypeVar("Same")


def call_layer(layer: Bound, args: list[Any], kwargs: dict[str, Any]) -> Effect:
    """Run a bound layer with operands as Keras's ``call`` takes them: positional ones get their names."""
    if isinstance(layer, Opaque):
        raise Unknowable
    if not isinstance(layer, Layer):
        return _call_model(layer, args, kwargs)
    kind: LayerType = layer.type
    names = kind.call_arguments or kind.inputs
    values = _by_name(kind, names, args, kwargs)
    if not kind.inputs and not args:  # a weight of a layer of the user's
        return layer()
    needed = {*names[:1], *kind.required[1:]}
    if not names or any(values.get(name) is None for name in needed):
        raise Fault(_needs(kind.required), code="E202")
    for name in kind.inputs:
        _check_operand(name, values.get(name), kind.annotations[name], first=name == names[0])
    start = values.pop(names[0])
    taken = values if kind.open else kind.annotations.keys() - layer.arguments.keys()  # a Lambda's own mask
    return layer(start, **{name: value for name, value in values.items() if name in taken and value is not None})


def _by_name(kind: LayerType, names: tuple[str, ...], args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The operands by the names of the call's parameters. Raises Fault for one too many, or without a place."""
    args = [args] if kind.variadic else args
    if len(args) > len(names):
        raise Fault(f"takes {_inputs(len(names))}, but gets {len(args)}", code="E202")
    values = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name not in names and not kind.open:
            raise Fault(f"has no call argument {name}", code="E108", help=f"its call arguments are {', '.join(names)}")
        if values.get(name) is not None:
            raise Fault(f"gets {name} twice, by position and by name", code="E108")
        values[name] = value
    return values


def _check_operand(name: str, value: object, kind: str, *, first: bool) -> None:
    """A literal, which a config can hold in any place, is no tensor; only states are nested lists. Raises Fault."""
    if kind.removesuffix(" | None") == "Tensors":
        flatten(value)
        if first and isinstance(value, list) and not all(isinstance(item, Tensor) for item in value):
            raise Fault(f"needs a plain list of tensors as {name}", code="E202")
    elif kind.startswith("Tensor") and kind[6:7] in ("", " ") and value is not None and not isinstance(value, Tensor):
        raise Fault(f"needs a tensor as {name}, but gets {value!r}", code="E202")


def _call_model(model: Bound, args: list[Any], kwargs: dict[str, Any]) -> Effect:
    tensors = [*args, *(value for name, value in kwargs.items() if name not in ("mask", "training"))]
    effect: Effect = model(*tensors)
    return effect


def _needs(inputs: tuple[str, ...]) -> str:
    return "needs an input" if len(inputs) < 2 else f"needs {len(inputs)} inputs ({', '.join(inputs)})"


def _inputs(number: int) -> str:
    return "one input" if number == 1 else f"at most {number} inputs"


def spread(layer: object, args: list[object]) -> list[object]:
    """A list of tensors that a chain passes on are the inputs of a layer in call order, unless it takes a list."""
    if len(args) != 1 or not isinstance(args[0], list) or not isinstance(layer, Layer):
        return args
    if layer.type.inputs:
        first = layer.type.annotations[layer.type.inputs[0]]
        if first.startswith("Tensors"):
            return args
    names = [name for name in layer.type.call_arguments if name not in CALL_KEYWORDS]
    if layer.type.call_arguments[1:2] == ("initial_state",) and _is_state(args[0]):
        return args[0]
    if len(args[0]) > len(names) and not layer.type.variadic:
        message = f"takes {_inputs(len(names))}, but gets {len(args[0])}"
        raise Fault(message, code="E202", help="join them first, as with Concat or Add")
    return list(args[0])


def _is_state(operands: list[object]) -> bool:
    """Whether an RNN gets its first state beside the sequence: ``(x, (h, c))``, or one tensor without steps."""
    if len(operands) != 2 or not isinstance(operands[0], Flow):
        return False
    state = operands[1]
    return isinstance(state, list) or (isinstance(state, Flow) and state.tensor.rank == operands[0].tensor.rank - 1)


def cast(layer: Bound, operands: Same) -> Same:
    """Keras casts floats to the dtype that a layer wants before the layer sees them; integers stay."""
    dtype = layer.input_dtype if layer.autocast else None
    if dtype is None:
        return operands
    found: Same = each_tensor(
        lambda tensor: Tensor(tensor.shape, dtype) if is_float(tensor.dtype or "") else tensor, operands
    )
    return found
