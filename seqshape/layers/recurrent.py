"""Recurrent layers."""

from __future__ import annotations

from seqshape.dims import product
from seqshape.kinds import Activation, Flag, Function, Size
from seqshape.reach import see
from seqshape.registry import layer
from seqshape.tensor import Effect, Tensor, Mask, KEEP, NO_MASK


@layer()
def LSTM(
    sequences: Tensor,
    units: Size,
    activation: Activation = "tanh",
    recurrent_activation: Function = "sigmoid",
    use_bias: Flag = True,
    *,
    return_sequences: Flag = False,
    return_state: Flag = False,
    go_backwards: Flag = False,
    initial_state: Tensors | None = None,
) -> Effect:
    """Long short-term memory: four gates, each reading the input and the previous output."""
    batch, steps, features = sequences.axes("batch steps features")
    weights = {"lstm_cell/kernel": (features, 4 * units), "lstm_cell/recurrent_kernel": (units, 4 * units)}
    if use_bias:
        weights["lstm_cell/bias"] = (4 * units,)
    out = Tensor((batch, steps, units) if return_sequences else (batch, units))
    state = Tensor((batch, units))
    r = see().mix(-1).past() if return_sequences else see().mix(-1).reduce(1)
    return Effect([out, state, state] if return_state else out, weights, steps * 4 * units * (features + units), r, KEEP if return_sequences else NO_MASK)
