"""The layers of recurrent on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seqshape.layers.cells import one_step, parts_of
from seqshape.layers.forward.arrays import Array, Numpy, Weights, Within, biased, convolve
from seqshape.layers.forward.cells import gates_end, step_gru, step_lstm, step_simple
from seqshape.layers.recurrent import Convolution, _conv_cell
from seqshape.layers.windows import windows
from seqshape.registry import forward
from seqshape.tensor import (
    Tensor,
)


def _loop(
    np: Numpy,
    step: Callable[[Array, Any], Any],
    sequences: Array,
    start: Any,
    *,
    return_sequences: bool,
    return_state: bool,
    go_backwards: bool,
    zero_output_for_mask: bool = False,
    initial_state: Any = None,
    mask: Array = None,
    **rest: object,
) -> Any:
    """A step run over axis 1 of an array, from the states ``start`` unless others are given.

    Where the mask is False the states stay, and the output is the previous one, or zeros if asked for.
    """
    states = start if initial_state is None else initial_state if isinstance(initial_state, list) else [initial_state]
    outputs: list[Array] = []
    steps = range(sequences.shape[1])
    for number in reversed(steps) if go_backwards else steps:
        out, new = step(sequences[:, number], states)
        if mask is not None:
            before = outputs[-1] if outputs and not zero_output_for_mask else np.zeros_like(out)
            out, new = _chosen(np, mask[:, number], [out, new], [before, states])
        outputs.append(out)
        states = new
    result = np.stack(outputs, axis=1) if return_sequences else outputs[-1]
    return [result, *states] if return_state else result


def _chosen(np: Numpy, keep: Array, new: Any, old: Any) -> Any:
    """Sample by sample the new arrays of a structure where ``keep`` is True, else the old ones."""
    if isinstance(new, list):
        return [_chosen(np, keep, one, other) for one, other in zip(new, old, strict=True)]
    return np.where(np.reshape(keep, (-1, *(1,) * (new.ndim - 1))), new, old)


def _zeros(np: Numpy, states: Any) -> object:
    """Zeros in the shapes of a structure of tensors."""
    return np.zeros(states.shape) if isinstance(states, Tensor) else [_zeros(np, item) for item in states]


@forward("RNN")
def _run_rnn(np: Numpy, weights: Weights, sequences: Array, *, cell: Any, **loop: Any) -> object:
    inner = Within(weights, cell.name)
    states = parts_of(one_step(cell.bound, Tensor((len(sequences), sequences.shape[-1]))))[1]
    return _loop(np, lambda x, states: cell(inner, x, states=states), sequences, _zeros(np, states), **loop)


@forward("SimpleRNN")
def _run_simple_rnn(np: Numpy, weights: Weights, sequences: Array, *, units: int, **asked: Any) -> object:
    inner = Within(weights, "simple_rnn_cell")
    start = [np.zeros((len(sequences), units))]
    return _loop(np, lambda x, states: step_simple(np, inner, x, states, **asked), sequences, start, **asked)


@forward("LSTM")
def _run_lstm(np: Numpy, weights: Weights, sequences: Array, *, units: int, **asked: Any) -> object:
    inner = Within(weights, "lstm_cell")
    start = [np.zeros((len(sequences), units))] * 2
    return _loop(np, lambda x, states: step_lstm(np, inner, x, states, **asked), sequences, start, **asked)


@forward("GRU")
def _run_gru(np: Numpy, weights: Weights, sequences: Array, *, units: int, **asked: Any) -> object:
    inner = Within(weights, "gru_cell")
    start = [np.zeros((len(sequences), units))]
    return _loop(np, lambda x, states: step_gru(np, inner, x, states, units=units, **asked), sequences, start, **asked)


@forward("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def _run_conv_lstm(
    np: Numpy,
    weights: Weights,
    sequences: Array,
    *,
    filters: int,
    kernel_size: object,
    strides: object,
    padding: str,
    data_format: Any,
    dilation_rate: object,
    activation: object,
    recurrent_activation: object,
    use_bias: bool,
    **loop: Any,
) -> object:
    rank, inner = sequences.ndim - 3, Within(weights, "conv_lstm_cell")
    asked = Convolution(filters, kernel_size, strides, padding, data_format, dilation_rate, use_bias)
    first = windows(rank, "kernel_size", kernel_size, strides, padding, dilation_rate)
    second = windows(rank, "kernel_size", kernel_size, 1, "same")
    bias = inner["bias"] if use_bias else None

    def step(x: Array, states: Any) -> Any:
        gates = biased(np, convolve(np, x, inner["kernel"], first, data_format), bias, data_format)
        gates = gates + convolve(np, states[0], inner["recurrent_kernel"], second, data_format)
        return gates_end(
            np, gates, states[1], activation, recurrent_activation, 1 if data_format == "channels_first" else -1
        )

    states = parts_of(_conv_cell(Tensor((len(sequences), *sequences.shape[2:])), rank, asked))[1]
    return _loop(np, step, sequences, _zeros(np, states), **loop)
