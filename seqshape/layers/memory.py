"""What each layer holds in memory beside its weights, its inputs and its outputs: one declaration a layer.

A declaration stands beside the layer's rule, as its forward pass does, and is loaded when somebody asks for memory. It
says which tensors the backward pass reads, what else is kept for it, what is in the air while the layer runs, and what a
layer that makes one step after the other carries along. Sizes are numbers of elements for a whole batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from seqshape.declaration import LayerType
from seqshape.dims import UNKNOWN, Dim, product, symbol
from seqshape.layers.cells import one_step, parts_of
from seqshape.records import NamedTuple
from seqshape.tensor import Frozen, Tensor, flatten

BATCH = symbol("batch__")  # how many samples are in a batch: no name in a spec has two underscores at its end


class Held(NamedTuple):
    """Something that a layer holds: what it is, how many elements it has, their dtype (``None``: the layer's own)."""

    what: str
    size: Dim
    dtype: str | None = None


class Memory(NamedTuple):
    """What one call of a layer holds.

    ``inputs``: whether backward reads them, ``"always"``, or ``"weights"``: only where the layer's weights are trained.
    ``outputs``: whether backward reads them. ``kept``: what else is kept for it. ``working``: what is in the air while
    the layer runs, beside inputs and outputs. ``context``: what is carried from step to step. ``view``: the output is
    the input itself, in another shape; ``idle``: so it is outside of training.
    """

    inputs: str = ""
    outputs: bool = False
    kept: tuple[Held, ...] = ()
    working: tuple[Held, ...] = ()
    context: tuple[Held, ...] = ()
    view: bool = False
    idle: bool = False


class Call(NamedTuple):
    """One call of a layer: ``inputs`` by the names of the rule, its outputs, its arguments and its weights.

    ``inside(layer, *tensors)`` tells what another layer holds that this one calls.
    """

    layer: Any
    inputs: Mapping[str, Any]
    outputs: Sequence[Tensor]
    arguments: Mapping[str, Any]
    weights: Mapping[str, Frozen]
    inside: Callable[..., Memory]

    @property
    def first(self) -> Any:
        """The first input."""
        return next(iter(self.inputs.values()), None)


Declared = Memory | Callable[[Call], Memory]
_LAYERS: dict[str, Declared] = {}
_OPERATIONS: dict[str, Declared] = {}
# What holds of a layer or an operation of which nobody has said more: backward reads all of it.
ANYTHING = Memory("always", True)
NOTHING, VIEW, IDLE = Memory(), Memory(view=True), Memory(idle=True)
INPUTS, OUTPUTS, FOR_WEIGHTS = Memory("always"), Memory(outputs=True), Memory("weights")


def declaration(kind: LayerType) -> Declared | None:
    """What is declared of a layer; ``None`` where nothing is."""
    return (_OPERATIONS if kind.operation else _LAYERS).get(kind.name)


def _say(memory: Memory, names: str, into: dict[str, Declared] = _LAYERS) -> None:
    into.update(dict.fromkeys(names.split(), memory))


def _held(names: str) -> Callable[[Callable[[Call], Memory]], Callable[[Call], Memory]]:
    """Declare what layers hold by a function of one call."""

    def place(function: Callable[[Call], Memory]) -> Callable[[Call], Memory]:
        _LAYERS.update(dict.fromkeys(names.split(), function))
        return function

    return place


def size_of(tensor: Tensor) -> Dim:
    """The elements of a tensor for a whole batch; UNKNOWN where a size is known only when it runs."""
    first = [BATCH if dim is UNKNOWN else dim for dim in tensor.shape[:1]]
    return product((*first, *tensor.shape[1:]))


def _sizes(tensors: Sequence[Tensor]) -> Dim:
    total: Dim = 0
    for tensor in tensors:
        total = total + size_of(tensor)
    return total


# --- layers that one word says enough of ------------------------------------------------------------------------------

_say(VIEW, "Flatten Reshape Identity ActivityRegularization Weight")
_say(NOTHING, "InputLayer Permute RepeatVector Cropping1D Cropping2D Cropping3D ZeroPadding1D ZeroPadding2D")
_say(NOTHING, "ZeroPadding3D UpSampling1D UpSampling2D UpSampling3D Add Subtract Average Concatenate CustomScaleLayer")
_say(NOTHING, "AveragePooling1D AveragePooling2D AveragePooling3D GlobalAveragePooling1D GlobalAveragePooling2D")
_say(NOTHING, "GlobalAveragePooling3D AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D")
_say(INPUTS, "MaxPooling1D MaxPooling2D MaxPooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D")
_say(INPUTS, "AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Multiply Maximum Minimum Dot PReLU")
_say(INPUTS, "LayerScale SReLU ParametricSoftplus")
_say(OUTPUTS, "ReLU LeakyReLU ThresholdedReLU ELU Softmax")
_say(IDLE, "GaussianNoise")
_say(ANYTHING, "Lambda")
# Of data before any weights: no gradient goes through it.
_say(NOTHING, "StringLookup IntegerLookup TextVectorization Hashing HashedCrossing Discretization CategoryEncoding")
_say(NOTHING, "Rescaling Normalization Resizing CenterCrop RandomCrop MelSpectrogram STFTSpectrogram AutoContrast")
_say(NOTHING, "ContrastLimitedAdaptiveHistogramEqualization Equalization Solarization RandomBrightness RandomContrast")
_say(NOTHING, "RandomColorDegeneration RandomColorJitter RandomGrayscale RandomHue RandomInvert RandomPosterization")
_say(NOTHING, "RandomSaturation RandomSharpness RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur")
_say(
    NOTHING, "RandomPerspective RandomRotation RandomShear RandomTranslation RandomZoom CutMix MixUp AugMix RandAugment"
)
_say(NOTHING, "MaxNumBoundingBoxes")

_say(VIEW, "Reshape Squeeze ExpandDims Ravel Copy Identity ConvertToTensor StopGradient", _OPERATIONS)
_say(NOTHING, "Add Subtract Negative Transpose Swapaxes Moveaxis Permute Concatenate Stack Hstack Vstack", _OPERATIONS)
_say(NOTHING, "Split Pad Tile Repeat Flip Roll BroadcastTo Sum Mean Average Cast Equal NotEqual Greater", _OPERATIONS)
_say(
    NOTHING, "GreaterEqual Less LessEqual LogicalAnd LogicalOr LogicalNot OnesLike ZerosLike Slice GetItem", _OPERATIONS
)
_say(NOTHING, "AveragePool AdaptiveAveragePool Unstack Rearrange Diagonal Trace Real Imag Conj", _OPERATIONS)
_say(
    OUTPUTS, "Relu Relu6 Sigmoid Tanh Softmax LogSoftmax Elu Selu Exp Sqrt LeakyRelu HardSigmoid HardTanh", _OPERATIONS
)


# --- activations ------------------------------------------------------------------------------------------------------

# Activations whose slope follows from what they give; of every other one backward reads what went in.
_FROM_OUTPUT = frozenset(
    "relu relu6 sigmoid tanh softmax log_softmax elu selu exponential leaky_relu hard_sigmoid hard_tanh".split()
)


def _activation(call: Call, activation: object, out: Tensor) -> Memory:
    """What an activation behind a layer's own work keeps."""
    if activation is None or activation == "linear":
        return NOTHING
    if isinstance(activation, str):
        if activation in _FROM_OUTPUT:
            return OUTPUTS
        return Memory(kept=(Held("before the activation", size_of(out)),))
    return call.inside(activation, out) if hasattr(activation, "type") else ANYTHING._replace(inputs="")


@_held("Activation")
def _activated(call: Call) -> Memory:
    found = _activation(call, call.arguments["activation"], call.outputs[0])
    if found is NOTHING:
        return VIEW
    return INPUTS if found.kept else found


def _multiplied(call: Call, *working: Held) -> Memory:
    """A product with weights, a bias and an activation; of LoRA the narrow product too."""
    after = _activation(call, call.arguments.get("activation"), call.outputs[0])
    low, kept = call.arguments.get("lora_rank"), (*working, *after.kept)
    if low:
        kept = (*kept, Held("product with the first factor", size_of(call.first.last(low))))
    return Memory("weights", after.outputs, kept, working)


@_held(
    "Dense EinsumDense TimeDistributedDense Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose"
    " FullConvolution1D FullConvolution2D FullConvolution3D Deconvolution2D"
    " DepthwiseConv1D DepthwiseConv2D LocallyConnected1D LocallyConnected2D"
)
def _product(call: Call) -> Memory:
    return _multiplied(call)


@_held("Highway MaxoutDense")
def _several(call: Call) -> Memory:
    """Several maps, which become one: the gate and what goes through it, or those of which the largest is taken."""
    maps = Held("the maps", size_of(call.outputs[0]) * call.arguments.get("nb_feature", 2))
    return Memory("always", kept=(maps,), working=(maps,))


@_held("SeparableConv1D SeparableConv2D")
def _separable(call: Call) -> Memory:
    """Two convolutions: what is between them has the channels of the first."""
    between = next(weight.shape[-2] for path, weight in call.weights.items() if path.startswith("pointwise"))
    (out,) = call.outputs
    first = call.arguments.get("data_format") == "channels_first"
    places = (*out.shape[:1], *out.shape[2:]) if first else out.shape[:-1]
    return _multiplied(call, Held("between the two convolutions", size_of(Tensor((*places, between)))))


@_held("Embedding ReversibleEmbedding")
def _embedding(call: Call) -> Memory:
    """The places to look at, as whole numbers: a copy where they come as floats."""
    indices, dtype = call.first, call.first.dtype or ""
    if dtype.startswith(("int", "uint")) or call.inputs.get("reverse"):
        return FOR_WEIGHTS
    return Memory(kept=(Held("whole numbers", size_of(indices), "int32"),))


@_held("Masking")
def _masking(call: Call) -> Memory:
    return Memory(kept=(Held("mask", size_of(Tensor(call.first.shape[:-1])), "bool"),))


# --- dropout and normalization ----------------------------------------------------------------------------------------


@_held("Dropout AlphaDropout")
def _dropped(call: Call) -> Memory:
    return Memory(kept=(Held("mask of what is dropped", size_of(call.first), "bool"),), idle=True)


@_held("SpatialDropout1D SpatialDropout2D SpatialDropout3D")
def _dropped_maps(call: Call) -> Memory:
    """One for each channel of each sample."""
    shape = call.first.shape
    channels = shape[1] if call.arguments.get("data_format") == "channels_first" else shape[-1]
    return Memory(kept=(Held("mask of what is dropped", size_of(Tensor((shape[0], channels))), "bool"),), idle=True)


@_held("GaussianDropout")
def _noised(call: Call) -> Memory:
    return Memory(kept=(Held("noise", size_of(call.first)),), idle=True)


@_held("StochasticDepth")
def _skipped(call: Call) -> Memory:
    return Memory(kept=(Held("which samples are skipped", size_of(Tensor(call.first.shape[:1]))),), idle=True)


@_held("BatchNormalization")
def _over_batch(call: Call) -> Memory:
    channels = call.first.shape[call.first.place(int(call.arguments["axis"]))]
    return Memory("always", kept=(Held("mean and variance of the batch", 2 * channels),))


def _without(tensor: Tensor, axes: object) -> Tensor:
    """What is left of a tensor when it is summed over axes."""
    listed = axes if isinstance(axes, (tuple, list)) else (axes,)
    places = {tensor.place(one) for one in listed if isinstance(one, int)}
    return Tensor(tuple(dim for place, dim in enumerate(tensor.shape) if place not in places))


@_held("LayerNormalization")
def _over_features(call: Call) -> Memory:
    places = size_of(_without(call.first, call.arguments["axis"]))
    return Memory("always", kept=(Held("mean and deviation of each place", 2 * places),))


@_held("RMSNormalization UnitNormalization")
def _to_length(call: Call) -> Memory:
    return Memory("always", kept=(Held("length of each place", size_of(_without(call.first, call.arguments["axis"]))),))


@_held("GroupNormalization")
def _over_groups(call: Call) -> Memory:
    groups, channels = call.arguments["groups"], call.first.shape[call.first.place(call.arguments["axis"])]
    number = channels if groups == -1 else groups
    return Memory("always", kept=(Held("mean and deviation of each group", 2 * size_of(Tensor((UNKNOWN, number)))),))


@_held("SpectralNormalization")
def _scaled_kernel(call: Call) -> Memory:
    inner = call.inside(call.arguments["layer"], call.first)
    kernels = [weight.shape for path, weight in call.weights.items() if path.endswith(("/kernel", "/embeddings"))]
    kernel = Held("kernel scaled to norm 1", product(kernels[0]) if kernels else 0)
    return inner._replace(kept=(*inner.kept, kernel), working=(*inner.working, kernel))


# --- recurrent layers -------------------------------------------------------------------------------------------------


def _of_cell(call: Call, gates: int, inside: int) -> Memory:
    """One step: the gates and what is made of them, and the states that it starts from. Numbers are of widths."""
    width = size_of(Tensor((call.first.shape[0], call.arguments["units"])))
    states = _sizes(flatten(parts_of_step(call)))
    kept = (Held("gates", gates * width), Held("inside of the cell", inside * width), Held("states", states))
    found = tuple(one for one in kept if one.size != 0)
    return Memory("weights", False, found, found, (Held("states", states),))


def parts_of_step(call: Call) -> list[Tensor]:
    """The states that a cell gives."""
    return list(call.outputs[1:])


@_held("LSTMCell")
def _lstm_cell(call: Call) -> Memory:
    """Four gates, and the tanh of the cell state."""
    return _of_cell(call, 4, 1)


@_held("GRUCell")
def _gru_cell(call: Call) -> Memory:
    """Three gates, and the part of the candidate that comes of the state."""
    return _of_cell(call, 3, 1)


@_held("SimpleRNNCell")
def _simple_cell(call: Call) -> Memory:
    return _of_cell(call, 0, 0)


@_held("StackedRNNCells")
def _stacked(call: Call) -> Memory:
    found, step = [], call.first
    for cell in call.arguments["cells"]:
        found.append(call.inside(cell, step))
        step = parts_of(one_step(cell, step))[0]
    return together(found)


def together(parts: Sequence[Memory]) -> Memory:
    """Several layers one after the other as one: each keeps what it needs, and one works at a time."""
    return Memory(
        "always" if any(one.inputs == "always" for one in parts[:1]) else "weights",
        any(one.outputs for one in parts[-1:]),
        tuple(held for one in parts for held in one.kept),
        tuple(held for one in parts for held in one.working),
        tuple(held for one in parts for held in one.context),
    )


def _times(held: Sequence[Held], number: Dim) -> tuple[Held, ...]:
    return tuple(one._replace(size=one.size * number) for one in held)


def _loop(cell: Memory, sequences: Tensor, states: Dim) -> Memory:
    """A cell over all steps: what it keeps at each, the states in the air for one. What it gives is a copy of states."""
    kept = _times(cell.kept, sequences.shape[1])
    return Memory("weights", False, kept, cell.working, (Held("states", states),))


@_held("RNN")
def _looped(call: Call) -> Memory:
    sequences, cell = call.first, call.arguments["cell"]
    step = Tensor((sequences.shape[0], *sequences.shape[2:]), sequences.dtype)
    states = _sizes(flatten(parts_of(one_step(cell, step))[1]))
    return _loop(call.inside(cell, step), sequences, states)


# The width of the gates and of what is made of them, and how many states there are.
_CELLS = {"LSTM": (4, 1, 2), "GRU": (3, 1, 1), "SimpleRNN": (0, 0, 1), "CuDNNLSTM": (4, 1, 2), "CuDNNGRU": (3, 1, 1)}


@_held("LSTM GRU SimpleRNN CuDNNLSTM CuDNNGRU")
def _recurrent(call: Call) -> Memory:
    gates, inside, states = _CELLS[call.layer.type.name]
    return _by_width(call, size_of(Tensor((call.first.shape[0], call.arguments["units"]))), gates, inside, states)


def _by_width(call: Call, width: Dim, gates: int, inside: int, states: int) -> Memory:
    sizes = (("gates", gates), ("inside of the cell", inside), ("states", states))
    held = tuple(Held(what, number * width) for what, number in sizes if number)
    return _loop(Memory("weights", False, held, held), call.first, states * width)


@_held("ConvLSTM1D ConvLSTM2D ConvLSTM3D")
def _conv_recurrent(call: Call) -> Memory:
    """As an LSTM, with a map in the place of each unit."""
    (out, *_) = call.outputs
    places = (out.shape[0], *out.shape[2:]) if call.arguments["return_sequences"] else out.shape
    return _by_width(call, size_of(Tensor(places)), 4, 1, 2)


# --- attention --------------------------------------------------------------------------------------------------------


def _attended(call: Call, parts: Mapping[str, Dim], scores: Dim, memory: Dim) -> Memory:
    """Projections, scores and what is weighted by them; ``memory``: keys and values, which a next step looks at again."""
    kept = [*(Held(what, size) for what, size in parts.items()), Held("scores", scores)]
    working = tuple(kept)
    if call.arguments.get("dropout"):
        kept += [Held("scores after dropout", scores), Held("mask of what is dropped", scores, "bool")]
    return Memory("always", False, tuple(kept), working, (Held("keys and values", memory),))


def _places(tensor: Tensor, *more: Dim) -> Dim:
    """The elements of a tensor that has other features: one of ``more`` for each place."""
    return size_of(Tensor((*tensor.shape[:-1], *more)))


def _projected(call: Call, heads: tuple[Dim, Dim], sizes: tuple[Dim, Dim], pairs: Dim) -> Memory:
    """Attention by heads: those of the queries and those of keys and values, with their sizes."""
    query, value = call.inputs["query"], call.inputs["value"]
    key = call.inputs.get("key", value)
    memory = _places(key, heads[1], sizes[0]) + _places(value, heads[1], sizes[1])
    parts = {
        "queries": _places(query, heads[0], sizes[0]),
        "keys and values": memory,
        "attended": _places(query, heads[0], sizes[1]),
    }
    return _attended(call, parts, heads[0] * pairs, memory)


@_held("MultiHeadAttention")
def _multi_head(call: Call) -> Memory:
    query, value, given = call.inputs["query"], call.inputs["value"], call.arguments
    size, heads = given["key_dim"], given["num_heads"]
    axes = given["attention_axes"]
    listed = range(1, value.rank - 1) if axes is None else axes if isinstance(axes, tuple) else (axes,)
    pairs = _places(query) * product(value.shape[axis] for axis in listed)
    return _projected(call, (heads, heads), (size, given["value_dim"] or size), pairs)


@_held("GroupedQueryAttention")
def _grouped(call: Call) -> Memory:
    given = call.arguments
    heads, size = (given["num_query_heads"], given["num_key_value_heads"]), given["head_dim"]
    return _projected(call, heads, (size, size), _places(call.inputs["query"]) * call.inputs["value"].shape[1])


@_held("Attention AdditiveAttention")
def _unprojected(call: Call) -> Memory:
    query, value, *rest = call.first
    key = rest[-1] if rest else value
    steps = key.shape[-2] if key.rank > 2 else 1
    scores = _places(query, steps)
    summed = call.layer.type.name == "AdditiveAttention" or call.arguments.get("score_mode") == "concat"
    parts = {"sums of query and key": scores * query.shape[-1]} if summed else {}
    return _attended(call, parts, scores, _sizes([value, key] if rest else [value]))


# --- wrappers ---------------------------------------------------------------------------------------------------------


@_held("TimeDistributed")
def _each_step(call: Call) -> Memory:
    batch, steps, *rest = call.first.shape
    inner = call.inside(call.arguments["layer"], Tensor((batch, *rest), call.first.dtype))
    kept, working, context = (_times(held, steps) for held in (inner.kept, inner.working, inner.context))
    return inner._replace(kept=kept, working=working, context=context)


@_held("Bidirectional")
def _both_ways(call: Call) -> Memory:
    """Both directions; what they give is merged into another tensor."""
    layer, other = call.arguments["layer"], call.arguments["backward_layer"]
    halves = [call.inside(one, call.first) for one in (layer, other or layer)]
    merged = call.arguments["merge_mode"]
    out = size_of(call.outputs[0])
    own = out // 2 if merged == "concat" else out
    held = (Held("outputs of both directions", 2 * own),) if merged is not None else ()
    found = together(halves)
    is_read = any(one.outputs for one in halves)
    return found._replace(
        outputs=merged == "mul" or (is_read and not held),
        kept=(*found.kept, *(held if is_read or merged == "mul" else ())),
        working=(*found.working, *held),
    )


@_held("Pipeline")
def _piped(call: Call) -> Memory:
    found, out = [], call.first
    for layer in call.arguments["layers"]:
        found.append(call.inside(layer, out))
        out = layer(out).out
    return together(found)


# --- VGSL -------------------------------------------------------------------------------------------------------------

_say(NOTHING, "VGSLRescale VGSLReshape VGSLAddition")


@_held("VGSLFullyConnected VGSLOutput VGSLConv2D")
def _vgsl_product(call: Call) -> Memory:
    return _multiplied(call)


@_held("VGSLLSTM VGSLLSTM2D VGSLSoftmaxLSTM")
def _vgsl_lstm(call: Call) -> Memory:
    """As an LSTM at every place of the picture and in every direction; over two axes at once it has a fifth gate."""
    two = call.layer.type.name == "VGSLLSTM2D"
    directions = 4 if two else 2 if call.arguments.get("direction") == "b" else 1
    width = _places(call.first, directions * call.arguments["units"])
    sizes = (("gates", 5 if two else 4), ("inside of the cell", 1), ("states", 2))
    held = tuple(Held(what, number * width) for what, number in sizes)
    return Memory("weights", False, held, held[:1])
