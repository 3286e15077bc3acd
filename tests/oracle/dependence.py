"""Which elements of the inputs an operation's outputs really depend on, against what its rule says that they see.

The function of Keras is run on random numbers, again with one element changed, and so for every element. A rule may see
more (a maximum depends on one element only), never less.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from seqshape.analysis.sight import Sight
from seqshape.analysis.sighting import Guess, Sighting, View, view_of
from seqshape.registry import operations
from seqshape.rows import Rows
from seqshape.tensor import flatten
from tests.fuzz.operations import tensors
from tests.oracle.operations import T, called, run

BATCH = 2
Arguments = dict[str, Any]


def overlooked(name: str, arguments: Arguments) -> list[str]:
    """The inputs of which an output depends on an element that the rule does not see."""
    arguments = {key: _numbered(arguments[key]) for key in _in_order(name, arguments)}
    inputs = [tensor for value in arguments.values() for tensor in tensors(value)]
    effect = run(name, arguments)
    outs = flatten(effect.out)
    reach = effect.reach if isinstance(effect.reach, tuple) else (effect.reach,) * len(outs)
    found = []
    for index, tensor in enumerate(inputs):
        states = _states(inputs, index)
        for number, depends in enumerate(_dependence(name, arguments, inputs, index)):
            seen = _array(Sighting(states, Guess(_elements(tensor), True), None).of(reach[number], outs[number].shape))
            if (depends & ~np.broadcast_to(seen.reshape(_without_ones(seen.shape, depends.ndim)), depends.shape)).any():
                found.append(f"output {number} of {name} depends on more of input {index} {tensor.shape}")
    return found


def _in_order(name: str, arguments: Arguments) -> list[str]:
    """Operands in the order of the rule, as its reach counts them."""
    inputs = [key for key in operations()[name].inputs if key in arguments]
    return [*inputs, *(key for key in arguments if key not in inputs)]


def _numbered(value: Any) -> Any:
    """A case with a small batch for None."""
    if isinstance(value, T):
        return value._replace(shape=tuple(BATCH if dim is None else dim for dim in value.shape))
    return [_numbered(item) for item in value] if isinstance(value, list) else value


def _elements(tensor: T) -> int:
    return int(np.prod(tensor.shape[1:], dtype=int))


def _states(inputs: Sequence[T], asked: int) -> list[View]:
    """Every element of a sample of one input by itself; of the others nothing."""
    columns = _elements(inputs[asked])
    views = []
    for index, tensor in enumerate(inputs):
        inside: Any = tensor.shape[1:] or (1,)
        if index == asked:
            seen = Sight(inside, [1 << element for element in range(columns)], columns)
        else:
            seen = Sight.filled((1,) * len(inside), 0, columns)
        views.append(view_of(seen, tensor.shape))  # type: ignore[arg-type]
    return views


def _array(seen: Sight) -> Any:
    return np.array(Rows(seen.cells, seen.columns)).reshape((*seen.shape, seen.columns))


def _without_ones(shape: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """The state of an output that has no axes but the batch."""
    return shape if len(shape) == rank else shape[-1:]


def _values(inputs: Sequence[T], random: np.random.Generator) -> list[Any]:
    return [
        random.integers(0, 3, tensor.shape).astype(tensor.dtype)
        if "int" in tensor.dtype
        else random.normal(size=tensor.shape).astype(tensor.dtype)
        for tensor in inputs
    ]


def _dependence(name: str, arguments: Arguments, inputs: Sequence[T], asked: int) -> list[Any]:
    """For each output: which of its elements (the batch left out) change with which element of a sample of one input."""
    random = np.random.default_rng(zlib.crc32(repr((name, arguments)).encode()))
    values = _values(inputs, random)
    before = called(name, arguments, values)
    found = [np.zeros((*out.shape[1:], _elements(inputs[asked])), dtype=bool) for out in before]
    for place in np.ndindex(*inputs[asked].shape):  # type: ignore[arg-type]
        changed = [value.copy() for value in values]
        changed[asked][place] = (values[asked][place] + 1) % 3 if "int" in inputs[asked].dtype else random.normal() * 5
        column = int(np.ravel_multi_index(place[1:], inputs[asked].shape[1:])) if len(place) > 1 else 0  # type: ignore
        for depends, old, new in zip(found, before, called(name, arguments, changed), strict=True):
            different = ~((old == new) | (np.isnan(old) & np.isnan(new)))
            depends[..., column] |= different.any(0) if different.ndim else different
    return found
