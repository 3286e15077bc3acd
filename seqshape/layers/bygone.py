"""Classes of earlier versions of Keras that Keras 3 has no more, with the arguments that they had there."""

from __future__ import annotations

from seqshape.diagnostics import Fault
from seqshape.dims import product
from seqshape.kinds import Activation, Axes, ConvPadding, Dims, Flag, Integer, Size, Sizes, Text
from seqshape.layers.activation import PReLU
from seqshape.layers.cells import ZEROS, one_cell
from seqshape.layers.convolutional import Ending, convolution
from seqshape.layers.core import Dense, activated
from seqshape.layers.recurrent import Loop, over_steps
from seqshape.layers.windows import Moving, grid, seen, slide, taps, windows
from seqshape.reach import see
from seqshape.registry import by_rank, layer
from seqshape.tensor import KEEP, Effect, Tensor, WeightShape

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
    rank=1,
    signature=_signature(
        "output_dim init activation weights W_regularizer b_regularizer activity_regularizer W_constraint b_constraint"
        " bias"
    ),
)
def TimeDistributedDense(inputs: Tensor, output_dim: Size, activation: Activation = None, bias: Flag = True) -> Effect:
    """The same dense map at every step, of Keras 0 and 1: what Dense does to a sequence since."""
    inputs.axes("batch steps features")
    return Dense(inputs, output_dim, activation, bias)


@layer(
    keras="0",
    instead="Dense layers, Multiply and Add do the same",
    signature=_signature(
        "init activation weights W_regularizer b_regularizer activity_regularizer W_constraint b_constraint bias"
    ),
)
def Highway(inputs: Tensor, activation: Activation = None, bias: Flag = True) -> Effect:
    """A dense map of the features to as many, and a learnt gate between it and the features themselves."""
    _, features = inputs.axes("batch features")
    weights: dict[str, WeightShape] = {"W": (features, features), "W_carry": (features, features)}
    if bias:
        weights |= {"b": (features,), "b_carry": (features,)}
    return Effect(
        inputs.last(features), weights, 2 * features * features, activated(see().mix(-1), activation, features)
    )


@layer(
    keras="0",
    instead="a Dense of output_dim·nb_feature, a Reshape and ops.max do the same",
    signature=_signature(
        "output_dim nb_feature init weights W_regularizer b_regularizer activity_regularizer W_constraint b_constraint"
        " bias"
    ),
)
def MaxoutDense(inputs: Tensor, output_dim: Size, nb_feature: Size = 4, bias: Flag = True) -> Effect:
    """``nb_feature`` dense maps, and of each output the largest. There is no activation."""
    _, features = inputs.axes("batch features")
    weights: dict[str, WeightShape] = {"W": (nb_feature, features, output_dim)}
    if bias:
        weights["b"] = (nb_feature, output_dim)
    return Effect(inputs.last(output_dim), weights, nb_feature * features * output_dim, see().mix(-1))


# --- activations with more to learn than PReLU -----------------------------------------------------------------------


def _learnt(inputs: Tensor, names: str, shared_axes: Axes | None) -> Effect:
    """Weights of these names, each as PReLU's."""
    alpha = PReLU(inputs, shared_axes=shared_axes).weights["alpha"]
    return Effect(Tensor(inputs.shape), dict.fromkeys(names.split(), alpha), mask=KEEP)


@layer(
    keras="0",
    instead="nothing there learns the slope of its softplus",
    signature={"alpha_init": 0.2, "beta_init": 5.0, "weights": None, "shared_axes": None},
    traits="keeps_places",
)
def ParametricSoftplus(inputs: Tensor, *, shared_axes: Axes | None = None) -> Effect:
    """``alpha·softplus(beta·x)``, with an ``alpha`` and a ``beta`` of its own for every place of a sample."""
    return _learnt(inputs, "alphas betas", shared_axes)


@layer(
    keras="0",
    instead="PReLU learns one slope, this three lines",
    signature={
        "t_left_init": "zeros",
        "a_left_init": "glorot_uniform",
        "t_right_init": "glorot_uniform",
        "a_right_init": "ones",
        "shared_axes": None,
    },
    traits="keeps_places",
)
def SReLU(inputs: Tensor, *, shared_axes: Axes | None = None) -> Effect:
    """Three straight lines with two bends: where they are and how steep the outer ones are is learnt at every place."""
    return _learnt(inputs, "t_left a_left t_right a_right", shared_axes)


# --- convolutions -----------------------------------------------------------------------------------------------------


@layer(
    keras="0",
    pinned=("channels",),
    kinds={"border_mode": "FullPadding"},
    instead="Conv2DTranspose does the same, and works its output shape out by itself",
    signature=_signature(
        "nb_filter nb_row nb_col output_shape init activation weights border_mode subsample dim_ordering W_regularizer"
        " b_regularizer activity_regularizer W_constraint b_constraint bias"
    ),
    rank=2,
)
def Deconvolution2D(
    inputs: Tensor,
    nb_filter: Size,
    nb_row: Size,
    nb_col: Size,
    output_shape: Dims,
    activation: Activation = None,
    border_mode: ConvPadding = "valid",
    subsample: Sizes = (1, 1),
    dim_ordering: Text = "default",
    bias: Flag = True,
) -> Effect:
    """The transposed convolution of Keras 1, which is told its output shape, the batch in front."""
    if dim_ordering not in ("default", "tf", "th"):
        raise Fault(f"has the orderings tf (channels last) and th, not {dim_ordering!r}", arg="dim_ordering")
    over = grid(inputs, 2, "channels_first" if dim_ordering == "th" else None)
    if len(output_shape) != 4:
        raise Fault(f"needs an output_shape of 4 dims, the batch in front, not {output_shape}", arg="output_shape")
    sizes = tuple(output_shape[axis] for axis in over.axes)
    moved, reach = windows(2, "subsample", (nb_row, nb_col), subsample, border_mode), see()
    for window, axis, size in zip(moved, over.axes, sizes, strict=True):
        reach = reach.spread(axis, window.size, window.stride, 1, window.before(size), size)
    shape = (nb_row, nb_col, over.channels, nb_filter)
    weights: dict[str, WeightShape] = {"W": shape}
    if bias:
        weights["b"] = (nb_filter,)
    out = Tensor(over.shape(sizes, nb_filter))
    reach = activated(reach.mix(over.channel_axis), activation, out.shape[-1])
    return Effect(out, weights, product((*over.sizes, *shape)), reach)


@by_rank(
    "FullConvolution1D",
    "FullConvolution2D",
    "FullConvolution3D",
    pinned=("channels",),
    kinds={"padding": "FullPadding"},
    keras="0",
    instead="zeros around the input, one less than the kernel on each side, before a valid convolution do the same",
    signature=_signature(
        "filters kernel_size strides padding data_format dilation_rate activation use_bias kernel_initializer"
        " bias_initializer kernel_regularizer bias_regularizer activity_regularizer kernel_constraint bias_constraint"
    ),
)
def _reaching_over(
    inputs: Tensor, filters: Size, kernel_size: Sizes, moving: Moving, end: Ending, *, rank: int
) -> Effect:
    """FullConvolution1D: Keras 1's Convolution1D, which on Theano also takes ``full`` padding: every window that meets
    the input at all.

    There are ⌊(steps + extent - 2)/strides⌋ + 1 steps then, the extent being (kernel_size - 1)·dilation_rate + 1.

    FullConvolution2D: Keras 1's Convolution2D, which on Theano also takes ``full`` padding: see FullConvolution1D.

    FullConvolution3D: Keras 1's Convolution3D, which on Theano also takes ``full`` padding: see FullConvolution1D.
    """
    return convolution(moving.grid(inputs, rank), moving.windows(rank, kernel_size), filters, end)


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
