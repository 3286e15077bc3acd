"""Random calls of keras.ops: a call that is known to work, changed a little, so that most still do.

Shapes, dtypes, ranks, literals in the place of tensors, axes and options are changed; what is added to keras.ops and
the registry is fuzzed as soon as it has a case in tests/oracle/operation_cases.py.
``python -m tests.fuzz.operations --calls 1000000 --seed 1`` makes as many as asked for.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from seqshape.registry import operations
from tests.fuzz.choices import Choices, RandomChoices
from tests.oracle.operation_cases import CASES, PAIRS, REDUCTIONS
from tests.oracle.operations import DTYPES, T, disagreement, inputs_of, named, t

Arguments = dict[str, Any]


class Case(NamedTuple):
    """A call of a function of keras.ops by keywords."""

    name: str
    arguments: Arguments


@cache
def seeds() -> dict[str, tuple[Arguments, ...]]:
    """Calls that work, by function."""
    found: dict[str, list[Arguments]] = {}
    for name, arguments in CASES:
        found.setdefault(name, []).append(arguments)
    for name in named(1):
        (operand,) = inputs_of(name)
        found.setdefault(name, []).append({operand: t(None, 3, 4)})
    for name in named(2):
        first, second = inputs_of(name)
        found.setdefault(name, []).extend({first: T(left), second: T(right)} for left, right in PAIRS)
    for name in REDUCTIONS:
        found.setdefault(name, []).append({"x": t(None, 3, 4), "axis": 1})
    return {name: tuple(calls) for name, calls in sorted(found.items())}


def case(choices: Choices, name: str | None = None) -> Case:
    """A random call, of any function or of one; seldom as it was found."""
    name = name or choices.pick(list(seeds()))
    arguments = dict(choices.pick(seeds()[name]))
    for _ in range(choices.pick((1, 1, 2, 2, 3))):
        arguments = choices.pick(CHANGES)(choices, name, arguments)
    return Case(name, arguments)


# --- tensors ----------------------------------------------------------------------------------------------------------

SHAPES: tuple[tuple[int | None, ...], ...] = (
    *((None, 3, 2), (2, 4, 4), (None, None), (None,), (5,), (), (None, 1, 3), (1, 1), (None, 4, 1, 6), (2, 3)),
    *((None, 8, 9, 3), (3, 3), (0, 3), (None, 2, 3, 3, 2)),
)
DIMS = (None, 1, 2, 3, 4, 5, 6, 8, 12, 1, None)


def tensors(value: Any) -> list[T]:
    """The tensors of an argument."""
    if isinstance(value, T):
        return [value]
    return [found for item in value for found in tensors(item)] if isinstance(value, (list, tuple)) else []


def _all(arguments: Arguments) -> list[T]:
    return [tensor for value in arguments.values() for tensor in tensors(value)]


def _changed(arguments: Arguments, change: Callable[[T], T]) -> Arguments:
    return {name: _each(value, change) for name, value in arguments.items()}


def _each(value: Any, change: Callable[[T], T]) -> Any:
    if isinstance(value, T):
        return change(value)
    return [_each(item, change) for item in value] if isinstance(value, list) else value


def _some(choices: Choices, arguments: Arguments) -> Callable[[T], bool]:
    """Whether a tensor is to be changed: all are, or those that are like one."""
    found = _all(arguments)
    one = choices.pick(found) if found and choices.chance(60) else None
    return lambda tensor: one is None or tensor == one


def renamed(choices: Choices, name: str, arguments: Arguments) -> Arguments:
    """One length has another value wherever it stands, so that shapes go on to fit."""
    known = sorted({dim for tensor in _all(arguments) for dim in tensor.shape if dim is not None})
    old, new = choices.pick([*known, None]), choices.pick(DIMS)
    return _changed(
        arguments, lambda tensor: tensor._replace(shape=tuple(new if dim == old else dim for dim in tensor.shape))
    )


def resized(choices: Choices, name: str, arguments: Arguments) -> Arguments:
    """One length of some tensors has another value."""
    is_changed, place, new = _some(choices, arguments), choices.integer(0, 4), choices.pick(DIMS)

    def change(tensor: T) -> T:
        if not is_changed(tensor) or not tensor.shape:
            return tensor
        at = place % len(tensor.shape)
        return tensor._replace(shape=(*tensor.shape[:at], new, *tensor.shape[at + 1 :]))

    return _changed(arguments, change)


def reshaped(choices: Choices, name: str, arguments: Arguments) -> Arguments:
    """Some tensors have an axis more or less, or quite another shape."""
    is_changed, new, way = _some(choices, arguments), choices.pick(DIMS), choices.integer(0, 4)
    other = choices.pick(SHAPES)
    ways: tuple[Callable[[T], tuple[int | None, ...]], ...] = (
        lambda tensor: (new, *tensor.shape),
        lambda tensor: (*tensor.shape, new),
        lambda tensor: tensor.shape[1:],
        lambda tensor: tensor.shape[:-1],
        lambda tensor: other,
    )
    return _changed(
        arguments, lambda tensor: tensor._replace(shape=ways[way](tensor)) if is_changed(tensor) else tensor
    )


def retyped(choices: Choices, name: str, arguments: Arguments) -> Arguments:
    """Some tensors have another dtype."""
    is_changed, dtype = _some(choices, arguments), choices.pick([*DTYPES, "float32", "float32", "complex64"])
    return _changed(arguments, lambda tensor: tensor._replace(dtype=dtype) if is_changed(tensor) else tensor)


def literal(choices: Choices, name: str, arguments: Arguments) -> Arguments:
    """A number or a list stands in the place of one of several tensors."""
    places = [key for key, value in arguments.items() if isinstance(value, T)]
    if len(places) < 2:
        return arguments
    value = choices.pick((1, 0.5, True, -2, 0, 1e6, [1, 2, 3], [0.5, 1.0], [[1, 2], [3, 4]], [1]))
    return {**arguments, choices.pick(places): value}


# --- other arguments --------------------------------------------------------------------------------------------------

BY_KIND: dict[str, tuple[Any, ...]] = {
    "Flag": (True, False),
    "Integer": (-2, -1, 0, 1, 2, 3),
    "Size": (1, 2, 3, 5),
    "Count": (0, 1, 2, 3),
    "Number": (0, 1, 0.5, -1.0),
    "Axes": (-1, 0, 1, 2, (0,), (1,), (0, 1), (-1, 1), [0, 2], (1, 1), (), -2, (-1, -2)),
    "DataFormat": ("channels_first", "channels_last", None),
    "ConvPadding": ("valid", "same", "SAME"),
    "CausalPadding": ("valid", "same", "causal"),
    "PoolPadding": ("valid", "same"),
    "Sizes": (1, 2, 3, (1, 2), (2, 2), [2, 1], (3,)),
    "Counts": (0, 1, (0, 1), (1, 1)),
}
NUMPY_DTYPES = (*DTYPES, "int", "float", "complex64", "string", "foo")


def given(choices: Choices, name: str, arguments: Arguments) -> Arguments:
    """Another value for an argument of the operation, or for one that was left out."""
    parameters = operations()[name].parameters
    if not parameters:
        return arguments
    parameter = choices.pick(parameters)
    values = NUMPY_DTYPES if parameter.name == "dtype" else BY_KIND.get(parameter.family or "", ())
    return {**arguments, parameter.name: choices.pick(values)} if values else arguments


def left_out(choices: Choices, name: str, arguments: Arguments) -> Arguments:
    """An optional argument less."""
    optional = [found.name for found in operations()[name].parameters if found.default is not ...]
    names = [key for key in arguments if key in optional]
    gone = choices.pick(names) if names else None
    return {key: value for key, value in arguments.items() if key != gone}


def varied(choices: Choices, name: str, arguments: Arguments) -> Arguments:
    """Another value like the one that is there: a number next to it, a tuple with an item more."""
    names = [key for key, value in arguments.items() if not tensors(value)]
    if not names:
        return arguments
    key = choices.pick(names)
    return {**arguments, key: _varied(choices, arguments[key])}


def _varied(choices: Choices, value: Any, depth: int = 0) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        near = [value + 1, value - 1, -value, 0, 1, 2, 3]
        return choices.pick(near if depth else [*near, (value,), [value], (value, value)])
    if isinstance(value, float):
        return choices.pick((0.5, 1, 0.0, -1.0, 2))
    if isinstance(value, (tuple, list)) and value:
        return _varied_items(choices, value, depth)
    return choices.pick((None, 0, 1, -1, 2)) if value is None else value


def _varied_items(choices: Choices, value: Any, depth: int) -> Any:
    at, kind = choices.integer(0, len(value) - 1), type(value)
    way = choices.integer(0, 6)
    if way < 4:
        return kind([*value[:at], _varied(choices, value[at], depth + 1), *value[at + 1 :]])
    if way == 4:
        return kind([*value[:at], *value[at + 1 :]])
    return kind([*value, value[at]]) if way == 5 else (list if kind is tuple else tuple)(value)


CHANGES = (
    *(renamed, renamed, resized, retyped, retyped, reshaped, reshaped, literal, varied, varied, varied, given, given),
    left_out,
)


# --- what is not held against Keras -----------------------------------------------------------------------------------

WINDOWS = ("strides", "dilation_rate", "pool_size", "kernel_size", "output_padding", "dilation", "padding", "stride")


def is_absurd(found: Case) -> bool:
    """Whether Keras builds something that no backend could run, and seqshape refuses it instead (docs/differences.md).

    A convolution or a pool over a vector; as many numbers as there are no axes; no parts at all; what only a TPU takes.
    """
    name, arguments = found
    if name.endswith(("conv", "conv_transpose", "pool")) and any(len(each.shape) < 2 for each in _all(arguments)):
        return True
    if any(_is_uneven(found, arguments[key]) for key in WINDOWS if key in arguments):
        return True
    if isinstance(arguments.get("pad_width"), (tuple, list)) and len(arguments["pad_width"]) == 1:
        return True
    parts = arguments.get("indices_or_sections", 1)
    return (isinstance(parts, int) and parts < 1) or arguments.get("attn_logits_soft_cap") is not None


def _is_uneven(found: Case, value: Any) -> bool:
    """Whether a tuple has another number of items than windows move along axes; Keras lets numpy stretch it."""
    if not isinstance(value, (tuple, list)):
        return False
    size = found.arguments.get("size")
    if found.name in ("extract_patches", "gaussian_blur"):
        return len(value) != (len(size) if isinstance(size, (tuple, list)) else 2)
    first = next(iter(found.arguments.values()))
    return not isinstance(first, T) or len(value) != len(first.shape) - 2


def main() -> int:
    """As many calls as asked for; of each function the shortest that disagrees. Exit status 1 if one does."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.operations", description=main.__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--seed", default="0")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    choices, shortest, number = RandomChoices(options.seed), dict[str, str](), 0
    for _ in range(options.calls):
        found = case(choices)
        line = None if is_absurd(found) else disagreement(*found)
        if line is not None:
            number += 1
            shortest[found.name] = min(shortest.get(found.name, line), line, key=len)
    sys.stdout.write("\n".join([*shortest.values(), f"{options.calls} calls, {number} disagreements", ""]))
    return 1 if shortest else 0


if __name__ == "__main__":
    sys.exit(main())
