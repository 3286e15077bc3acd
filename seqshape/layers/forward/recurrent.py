"""The layers of recurrent on arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from seqshape.kinds import Anything, Cell, Sizes
from seqshape.layers.cells import one_step, parts_of
from seqshape.layers.forward.arrays import Array, Numpy, Weights, Within, biased, convolve
from seqshape.layers.forward.cells import Step, gates_end, step_gru, step_lstm, step_simple
from seqshape.layers.recurrent import Loop, conv_cell
from seqshape.layers.windows import Moving, windows
from seqshape.registry import forward
from seqshape.tensor import Tensor

States: TypeAlias = Array | list[Array]  # of a cell, in its own structure


def _loop(
    np: Numpy,
    step: Callable[[Array, States], Step],
    sequences: Array,
    start: States,
    loop: Loop,
    *,
    zero_output_for_mask: bool = False,
    **rest: object,
) -> Array | list[Array]:
    """A step run over axis 1 of an array, from the states ``start`` unless others are given.

    Where the mask is False the states stay, and the output is the previous one, or zeros if asked for.
    """
    mask: Array = loop.mask
    given = loop.initial_state
    states: States = start if given is None else given if isinstance(given, list) else [given]
    outputs: list[Array] = []
    steps = range(sequences.shape[1])
    for number in reversed(steps) if loop.go_backwards else steps:
        out, new = step(sequences[:, number], states)
        if mask is not None:
            before = outputs[-1] if outputs and not zero_output_for_mask else np.zeros_like(out)
            out, new = _chosen(np, mask[:, number], [out, new], [before, states])
        outputs.append(out)
        states = new
    result = np.stack(outputs, axis=1) if loop.return_sequences else outputs[-1]
    return [result, *states] if loop.return_state else result


def _chosen(np: Numpy, keep: Array, new: States, old: States) -> States:
    """Sample by sample the new arrays of a structure where ``keep`` is True, else the old ones."""
    if isinstance(new, list):
        return [_chosen(np, keep, one, other) for one, other in zip(new, old, strict=True)]
    return np.where(np.reshape(keep, (-1, *(1,) * (new.ndim - 1))), new, old)


def _zeros(np: Numpy, states: Tensor | list[Anything]) -> States:
    """Zeros in the shapes of a structure of tensors."""
    return np.zeros(states.shape) if isinstance(states, Tensor) else [_zeros(np, item) for item in states]


@forward("RNN")
def _run_rnn(np: Numpy, weights: Weights, sequences: Array, *, cell: Cell, loop: Loop, **rest: Any) -> object:
    inner = Within(weights, cell.name)
    states = parts_of(one_step(cell.bound, Tensor((len(sequences), sequences.shape[-1]))))[1]
    return _loop(np, lambda x, states: cell(inner, x, states=states), sequences, _zeros(np, states), loop, **rest)


def _run_cell(name: str, step: Callable[..., Step], held: int) -> Callable[..., object]:
    """The forward pass of a layer around a cell of that name that holds so many states."""

    def run(np: Numpy, weights: Weights, sequences: Array, *, units: int, loop: Loop, **asked: Any) -> object:
        inner, start = Within(weights, name), [np.zeros((len(sequences), units))] * held
        return _loop(
            np, lambda x, states: step(np, inner, x, states, units=units, **asked), sequences, start, loop, **asked
        )

    return run


forward("SimpleRNN")(_run_cell("simple_rnn_cell", step_simple, 1))
forward("LSTM")(_run_cell("lstm_cell", step_lstm, 2))
forward("GRU")(_run_cell("gru_cell", step_gru, 1))


@forward("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def _run_conv_lstm(
    np: Numpy,
    weights: Weights,
    sequences: Array,
    *,
    filters: int,
    kernel_size: Sizes,
    moving: Moving,
    loop: Loop,
    activation: object,
    recurrent_activation: object,
    use_bias: bool,
    **rest: Any,
) -> object:
    rank, inner, layout = sequences.ndim - 3, Within(weights, "conv_lstm_cell"), moving.data_format
    first, second = moving.windows(rank, kernel_size), windows(rank, "kernel_size", kernel_size, 1, "same")
    bias = inner["bias"] if use_bias else None

    def step(x: Array, states: Sequence[Array]) -> Step:
        gates = biased(np, convolve(np, x, inner["kernel"], first, layout), bias, layout)
        gates = gates + convolve(np, states[0], inner["recurrent_kernel"], second, layout)
        axis = 1 if layout == "channels_first" else -1
        return gates_end(np, gates, states[1], activation, recurrent_activation, axis)

    start = Tensor((len(sequences), *sequences.shape[2:]))
    states = parts_of(conv_cell(start, rank, filters, kernel_size, moving, use_bias))[1]
    return _loop(np, step, sequences, _zeros(np, states), loop, **rest)
