"""The layers of cells on arrays."""

from __future__ import annotations

from typing import Any

from seqshape.layers.forward.arrays import Array, Numpy, Weights, Within, activate
from seqshape.registry import forward


def gates_end(
    np: Numpy, gates: Array, carry: Array, activation: object, recurrent_activation: object, axis: int = -1
) -> object:
    """The end of an LSTM's step: output and states from the four gates (input, forget, candidate, output)."""
    start, keep, candidate, show = np.split(gates, 4, axis=axis)
    start, keep, show = (activate(np, recurrent_activation, gate) for gate in (start, keep, show))
    carry = keep * carry + start * activate(np, activation, candidate)
    out = show * activate(np, activation, carry)
    return [out, [out, carry]]


@forward("LSTMCell")
def step_lstm(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    states: Any,
    *,
    activation: object,
    recurrent_activation: object,
    use_bias: bool,
    **rest: object,
) -> object:
    """One step of an LSTM: the output, and both states."""
    previous, carry = states
    gates = np.matmul(inputs, weights["kernel"]) + np.matmul(previous, weights["recurrent_kernel"])
    return gates_end(np, gates + weights["bias"] if use_bias else gates, carry, activation, recurrent_activation)


@forward("GRUCell")
def step_gru(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    states: Any,
    *,
    units: int,
    activation: object,
    recurrent_activation: object,
    use_bias: bool,
    reset_after: bool,
    **rest: object,
) -> object:
    """One step of a GRU: the output, and the state."""
    (previous,), recurrent = states, weights["recurrent_kernel"]
    biases = np.atleast_2d(weights["bias"]) if use_bias else np.zeros((1, 3 * units))
    seen = np.matmul(inputs, weights["kernel"]) + biases[0]
    held = np.matmul(previous, recurrent[:, : 2 * units]) + (biases[1, : 2 * units] if len(biases) > 1 else 0)
    update, reset = (
        activate(np, recurrent_activation, gate) for gate in np.split(seen[:, : 2 * units] + held, 2, axis=-1)
    )
    if reset_after:
        inner = np.matmul(previous, recurrent[:, 2 * units :]) + (biases[1, 2 * units :] if len(biases) > 1 else 0)
        inner = reset * inner
    else:
        inner = np.matmul(reset * previous, recurrent[:, 2 * units :])
    out = update * previous + (1 - update) * activate(np, activation, seen[:, 2 * units :] + inner)
    return [out, [out]]


@forward("SimpleRNNCell")
def step_simple(
    np: Numpy, weights: Weights, inputs: Array, states: Any, *, activation: object, use_bias: bool, **rest: object
) -> object:
    """One step of a SimpleRNN: the output, which is the state."""
    found = np.matmul(inputs, weights["kernel"]) + np.matmul(states[0], weights["recurrent_kernel"])
    out = activate(np, activation, found + weights["bias"] if use_bias else found)
    return [out, [out]]


@forward("StackedRNNCells")
def step_stack(np: Numpy, weights: Weights, inputs: Array, states: Any, *, cells: Any, **rest: object) -> object:
    """One step of cells one after the other."""
    out, kept = inputs, []
    for cell, given in zip(cells if isinstance(cells, tuple) else (cells,), states, strict=True):
        out, own = cell(Within(weights, cell.name), out, states=given if isinstance(given, list) else [given])
        kept.append(own[0] if len(own) == 1 else own)
    return [out, kept]
