"""What every Keras layer takes: name, trainable, dtype, identifiers, a seed."""

from __future__ import annotations

from typing import Any

from seqshape.diagnostics import Fault, nearest
from seqshape.graph import Argument, Call, Value
from seqshape.policies import is_dtype, is_policy
from seqshape.registry import (
    INERT_SUFFIXES,
    LayerType,
)
from seqshape.signatures import CLOSED, IDENTIFIERS

# Layers that copy their initializers for those inside, so that these need a class.
COPYING = ("MultiHeadAttention", "GroupedQueryAttention")


def check_common(kind: LayerType, call: Call, plain: dict[str, Any], values: dict[str, Argument], version: str) -> None:
    """What every Keras layer takes: name, trainable, dtype, identifiers.

    Raises Fault for a value that Keras refuses.
    """

    def refuse(name: str, wanted: str) -> Fault:
        given = plain.get(name, bare(values[name].value.data))
        return Fault(f"{name} of {kind.name} has to be {wanted}, not {given!r}", span=values[name].span, code="E104")

    name = plain.get("name")
    if name is not None and (not isinstance(name, str) or ("/" in name and not call.early)):
        raise refuse("name", "a string without /")
    if not isinstance(plain.get("trainable", True), bool):
        raise refuse("trainable", "True or False")
    dtype = plain.get("dtype")
    if not (dtype is None or isinstance(dtype, Call) or (is_policy if _has_policy(kind) else is_dtype)(dtype)):
        raise refuse("dtype", "the name of a dtype or a policy, such as float32 or mixed_float16")
    if "batch_input_shape" in values and version == "3" and call.module is None:
        fault = refuse("batch_input_shape", "left out: Keras 3 has no such argument")
        fault.message, fault.help = (
            f"{kind.name} has no argument batch_input_shape in Keras 3",
            "write Input(5,1,batch_size=2) first",
        )
        raise fault
    if (
        "seed" in values
        and isinstance(values["seed"].value.data, (str, float, tuple, list, dict))
        and _draws(kind, plain)
    ):
        raise refuse("seed", "an integer")
    own = {parameter.name for parameter in kind.parameters}
    for argument, written in values.items():
        if kind.name in CLOSED and argument not in own and call.module is None:
            raise Fault(f"{kind.name} has no argument {argument}", span=written.span, code="E103")
        if argument in ("kernel_constraint", "embeddings_constraint") and plain.get("lora_rank"):
            _refuse_constraint(kind, written)
        word = written.value.data
        known = IDENTIFIERS.get(argument.rpartition("_")[2], frozenset())
        if kind.name == "ActivityRegularization" and argument == "activity_regularizer":
            raise Fault(f"{kind.name} has no argument {argument}: l1 and l2 make it", span=written.span, code="E103")
        if argument.endswith("_initializer") and written.value.data is None and kind.name in COPYING:
            raise refuse(argument, "an initializer")
        if kind.name == "SimpleRNN" and argument == "activity_regularizer":
            continue  # which Keras takes and forgets
        if argument.endswith(INERT_SUFFIXES) and not _identifies(word, known):
            near = nearest(word, sorted(known)) if isinstance(word, str) else None
            raise refuse(argument, f"the name of one ({near or min(filter(str.islower, known))}) or an object")


def _has_policy(kind: LayerType) -> bool:
    """Whether ``dtype`` is a policy; of an operation and an InputLayer it is that of the output, int8 too."""
    return not kind.operation and kind.name != "InputLayer"


def _identifies(value: Any, known: frozenset[str]) -> bool:
    """Whether Keras can make an initializer, a regularizer or a constraint of a value."""
    if isinstance(value, dict):
        return "class_name" in value
    return value in known if isinstance(value, str) else not isinstance(value, (int, float, tuple, list))


def _refuse_constraint(kind: LayerType, written: Argument) -> None:
    """The matrix with LoRA is a sum, which no constraint can hold. Raises Fault."""
    if written.value.data is not None:
        message = f"{kind.name} cannot have both a lora_rank and a {written.name or 'constraint'}"
        raise Fault(message, span=written.span, code="E104", help="leave one of them out")


def bare(data: Any) -> Any:
    """A value without the places of what is in it."""
    if isinstance(data, (tuple, list)):
        return type(data)(bare(item.data) if isinstance(item, Value) else item for item in data)
    return data


def _draws(kind: LayerType, plain: dict[str, Any]) -> bool:
    """Whether a layer makes random numbers, and so looks at its seed: one with a rate of 0 does not."""
    rates = [name for name in ("rate", "stddev", "dropout") if kind.parameter(name) is not None]
    if kind.operation:
        return False
    return not rates or kind.parameter("recurrent_dropout") is not None or any(plain.get(name) for name in rates)
