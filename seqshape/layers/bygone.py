"""Classes of earlier versions of Keras that Keras 3 has no more, with the arguments that they had there."""

from __future__ import annotations

from seqshape.diagnostics import Fault
from seqshape.dims import product
from seqshape.kinds import Activation, Flag, Integer, Size, Sizes
from seqshape.layers.cells import ZEROS, one_cell
from seqshape.layers.convolutional import Ending
from seqshape.layers.core import Dense, activated
from seqshape.layers.recurrent import Loop, over_steps
from seqshape.layers.windows import Moving, seen, slide, taps
from seqshape.reach import see
from seqshape.registry import by_rank, layer
from seqshape.tensor import Effect, Tensor, WeightShape

# What training starts from where the arguments leave it open.
_STARTS = {
    "init": "glorot_uniform",
    "kernel_initializer": "glorot_uniform",
    "recurrent_initializer": "orthogonal",
    "bias_initializer": "zeros",
    "unit_forget_bias": True,
}


def _signature(names: str) -> dict[str, object]:
    """The arguments in their order; the defaults of those that a rule reads are the rule's."""
    return {name: _STARTS.get(name) for name in names.split()}


@layer(
    keras="0",
    instead="Dense goes over the steps of a sequence by itself",
    signature=_signature(
        "output_dim init activation weights W_regularizer b_regularizer W_constraint b_constraint bias input_length"
    ),
)
def TimeDistributedDense(inputs: Tensor, output_dim: Size, activation: Activation = None, bias: Flag = True) -> Effect:
    """The same dense map at every step, of Keras 0 and 1: what Dense does to a sequence since."""
    inputs.axes("batch steps features")
    return Dense(inputs, output_dim, activation, bias)


# --- a kernel of its own at each place -------------------------------------------------------------------------------


_LOCAL = _signature(
    "filters kernel_size strides padding data_format activation use_bias kernel_initializer bias_initializer"
    " kernel_regularizer bias_regularizer activity_regularizer kernel_constraint bias_constraint implementation"
)


@by_rank(
    "LocallyConnected1D",
    "LocallyConnected2D",
    pinned=("channels",),
    kinds={"padding": "ValidPadding"},
    keras="2",
    instead="nothing there has a kernel of its own at each place",
    signature=_LOCAL,
)
def _connected(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    moving: Moving,
    end: Ending,
    implementation: Integer = 1,
    *,
    rank: int,
) -> Effect:
    """LocallyConnected1D: Conv1D without sharing: every output step has a kernel and a bias of its own. Only Keras 2
    has it.

    The weights grow with the length, steps·(kernel_size·features + 1)·filters, so it has to be known. In
    ``implementation=2`` Keras 2 keeps a kernel from every input to every output position, most of it unused.

    LocallyConnected2D: Conv2D without sharing: every output pixel has a kernel and a bias of its own. Only Keras 2
    has it.

    The numbers of rows and columns have to be known. For ``implementation`` see LocallyConnected1D.
    """
    kernel, over = moving.windows(rank, kernel_size), moving.grid(inputs, rank)
    sizes = slide(over, kernel, "kernel_size")
    out = Tensor(over.shape(sizes, filters))
    used = (product(sizes), taps(kernel) * over.channels, filters)
    # Keras 2 has three ways to keep a kernel for each output position.
    layouts: dict[int, WeightShape] = {1: used, 2: (*inputs.shape[1:], *out.shape[1:]), 3: (product(used),)}
    if implementation not in layouts:
        raise Fault(f"has the implementations 1, 2 and 3, but gets {implementation}", arg="implementation")
    weights = {"kernel": layouts[implementation]}
    if end.use_bias:
        weights["bias"] = (*sizes, filters)
    reach = activated(seen(see(), over, kernel).mix(over.channel_axis), end.activation, out.shape[-1])
    return Effect(out, weights, product(used), reach)


# --- recurrent layers for NVIDIA cards -------------------------------------------------------------------------------

_CUDNN = (
    "kernel_regularizer recurrent_regularizer bias_regularizer activity_regularizer kernel_constraint"
    " recurrent_constraint bias_constraint return_sequences return_state go_backwards stateful"
)


def _cudnn(sequences: Tensor, units: Size, gates: int, held: int, loop: Loop) -> Effect:
    """cuDNN keeps two biases a gate, in one vector, and has no cell of its own."""
    batch, _, features = sequences.axes("batch steps features")
    cell = one_cell(Tensor((batch, features)), units, gates, ZEROS, held, (2 * gates * units,))
    return over_steps(sequences, cell, loop)


@layer(
    keras="2",
    instead="LSTM does the same with one bias a gate, 4·units weights less",
    signature=_signature(f"units kernel_initializer recurrent_initializer bias_initializer unit_forget_bias {_CUDNN}"),
    traits="recurrent over_steps",
)
def CuDNNLSTM(sequences: Tensor, units: Size, loop: Loop) -> Effect:
    """Keras 2's LSTM for NVIDIA cards: two biases a gate, so ``4·units·(features + units + 2)`` weights.

    Keras 3 has only LSTM, which uses such a card by itself and has one bias a gate.
    """
    return _cudnn(sequences, units, 4, 2, loop)


@layer(
    keras="2",
    instead="GRU does the same with as many weights",
    signature=_signature(f"units kernel_initializer recurrent_initializer bias_initializer {_CUDNN}"),
    traits="recurrent over_steps",
)
def CuDNNGRU(sequences: Tensor, units: Size, loop: Loop) -> Effect:
    """Keras 2's GRU for NVIDIA cards: two biases a gate, so ``3·units·(features + units + 2)`` weights.

    Keras 3 has only GRU, which uses such a card by itself; with ``reset_after=True``, its default, it counts the same.
    """
    return _cudnn(sequences, units, 3, 1, loop)
