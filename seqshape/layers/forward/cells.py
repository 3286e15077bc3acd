"""The layers of cells on arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from seqshape.kinds import Layers
from seqshape.layers.cells import Gates
from seqshape.layers.forward.arrays import Array, Numpy, Weights, Within, activate
from seqshape.registry import forward

Step: TypeAlias = list[Array]  # of what a cell gives: the output, and the states in a list


def gates_end(
    np: Numpy, gates: Array, carry: Array, activation: object, recurrent_activation: object, axis: int = -1
) -> Step:
    """The end of an LSTM's step: output and states from the four gates (input, forget, candidate, output)."""
    start, keep, candidate, show = np.split(gates, 4, axis=axis)
    start, keep, show = (activate(np, recurrent_activation, gate) for gate in (start, keep, show))
    carry = keep * carry + start * activate(np, activation, candidate)
    out = show * activate(np, activation, carry)
    return [out, [out, carry]]


@forward("LSTMCell")
def step_lstm(
    np: Numpy, weights: Weights, inputs: Array, states: Sequence[Array], *, gates: Gates, **rest: object
) -> Step:
    """One step of an LSTM: the output, and both states."""
    previous, carry = states
    found = np.matmul(inputs, weights["kernel"]) + np.matmul(previous, weights["recurrent_kernel"])
    found = found + weights["bias"] if gates.use_bias else found
    return gates_end(np, found, carry, gates.activation, gates.recurrent_activation)


@forward("GRUCell")
def step_gru(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    states: Sequence[Array],
    *,
    units: int,
    gates: Gates,
    reset_after: bool,
    **rest: object,
) -> Step:
    """One step of a GRU: the output, and the state."""
    (previous,), recurrent = states, weights["recurrent_kernel"]
    biases = np.atleast_2d(weights["bias"]) if gates.use_bias else np.zeros((2, 3 * units))
    seen = np.split(np.matmul(inputs, weights["kernel"]) + biases[0], 3, axis=-1)
    if reset_after:
        held = np.split(np.matmul(previous, recurrent) + biases[1], 3, axis=-1)
    else:
        held = np.split(np.matmul(previous, recurrent[:, : 2 * units]), 2, axis=-1)
    update, reset = (activate(np, gates.recurrent_activation, seen[gate] + held[gate]) for gate in range(2))
    inner = reset * held[2] if reset_after else np.matmul(reset * previous, recurrent[:, 2 * units :])
    out = update * previous + (1 - update) * activate(np, gates.activation, seen[2] + inner)
    return [out, [out]]


@forward("SimpleRNNCell")
def step_simple(
    np: Numpy, weights: Weights, inputs: Array, states: Sequence[Array], *, gates: Gates, **rest: object
) -> Step:
    """One step of a SimpleRNN: the output, which is the state."""
    found = np.matmul(inputs, weights["kernel"]) + np.matmul(states[0], weights["recurrent_kernel"])
    out = activate(np, gates.activation, found + weights["bias"] if gates.use_bias else found)
    return [out, [out]]


@forward("StackedRNNCells")
def step_stack(
    np: Numpy, weights: Weights, inputs: Array, states: Sequence[Array], *, cells: Layers, **rest: object
) -> Step:
    """One step of cells one after the other."""
    out, kept = inputs, []
    for cell, given in zip(cells if isinstance(cells, tuple) else (cells,), states, strict=True):
        out, own = cell(Within(weights, cell.name), out, states=given if isinstance(given, list) else [given])
        kept.append(own[0] if len(own) == 1 else own)
    return [out, kept]
