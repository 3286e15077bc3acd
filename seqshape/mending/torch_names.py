"""PyTorch's names in a spec: the same layers in Keras's words, with the sizes put in their places.

A table of what torch calls its arguments, in its order, and what makes Keras's layers of them. Sizes of inputs are left
out, since Keras takes them from the data; a number as padding is a layer of its own before the convolution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from seqshape.graph import Call, Value
from seqshape.mending.languages import Bare, Language, New
from seqshape.registry import is_small

Given = Mapping[str, object]
_POOL = ("kernel_size", "stride", "padding")
_CONV = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias")
_TURNED = (
    "in_channels",
    "out_channels",
    "kernel_size",
    "stride",
    "padding",
    "output_padding",
    "groups",
    "bias",
    "dilation",
)
_RECURRENT = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional")
PREFIXES = ("nn", "torch", "F")


def _changed(given: Given, names: Mapping[str, tuple[str, object]]) -> tuple[tuple[str, object], ...]:
    """The arguments by Keras's names, those that are torch's default left out."""
    found = [(new, given[old]) for old, (new, default) in names.items() if old in given and given[old] != default]
    return tuple(found)


_OF_CONV = {
    "stride": ("strides", 1),
    "output_padding": ("output_padding", 0),
    "dilation": ("dilation_rate", 1),
    "groups": ("groups", 1),
    "bias": ("use_bias", True),
}


def _conv(rank: int, name: str) -> Callable[[Given], list[New] | None]:
    def write(given: Given) -> list[New] | None:
        if "out_channels" not in given or "kernel_size" not in given:
            return None
        layer = New(name, (given["out_channels"], given["kernel_size"]), _changed(given, _OF_CONV))
        return _padded(given, rank, layer)

    return write


def _padded(given: Given, rank: int, layer: New) -> list[New] | None:
    """What stands before it, where numbers say how much is put around; of a transposed one they take away."""
    padding = given.get("padding", 0)
    if padding in (0, (0,) * rank, "valid"):
        return [layer]
    if isinstance(padding, str):
        return [layer._replace(keywords=(*layer.keywords, ("padding", padding)))]
    if "Transpose" in layer.name:
        return [layer, New(f"Cropping{rank}D", (padding,))]
    return [New(f"ZeroPadding{rank}D", (padding,)), layer]


def _turned(rank: int) -> Callable[[Given], list[New] | None]:
    """Torch adds ``output_padding`` behind what it cuts off, so that with both Keras's sizes would be others."""

    def write(given: Given) -> list[New] | None:
        both = given.get("output_padding", 0) != 0 and given.get("padding", 0) != 0
        return None if both else _conv(rank, f"Conv{rank}DTranspose")(given)

    return write


def _pool(name: str) -> Callable[[Given], list[New] | None]:
    def write(given: Given) -> list[New] | None:
        if "kernel_size" not in given or given.get("padding", 0) != 0:
            return None
        return [New(name, (given["kernel_size"],), _changed(given, {"stride": ("strides", given["kernel_size"])}))]

    return write


def _adaptive(name: str, rank: int) -> Callable[[Given], list[New] | None]:
    def write(given: Given) -> list[New] | None:
        return [New(name)] if given.get("output_size") in (1, (1,) * rank) else None

    return write


def _recurrent(name: str) -> Callable[[Given], list[New] | None]:
    """Torch gives every step, and builds layers on one another itself."""

    def write(given: Given) -> list[New] | None:
        layers = given.get("num_layers", 1)
        if "hidden_size" not in given or not isinstance(layers, int) or not 1 <= layers <= 6:
            return None
        bias = _changed(given, {"bias": ("use_bias", True)})
        layer = New(name, (given["hidden_size"],), (("return_sequences", True), *bias))
        return [New("Bidirectional", (layer,)) if given.get("bidirectional") is True else layer] * layers

    return write


def _plain(name: str, *wanted: str, **words: str) -> Callable[[Given], list[New] | None]:
    """A layer of the arguments ``wanted`` in position, and others by Keras's word for them."""

    def write(given: Given) -> list[New] | None:
        if any(one not in given for one in wanted):
            return None
        keywords = tuple((new, given[old]) for old, new in words.items() if old in given)
        return [New(name, tuple(given[one] for one in wanted), keywords)]

    return write


def _dropout(name: str) -> Callable[[Given], list[New] | None]:
    return lambda given: [New(name, (given.get("p", 0.5),))]


def _attention(given: Given) -> list[New] | None:
    width, heads = given.get("embed_dim"), given.get("num_heads")
    if not isinstance(width, int) or not isinstance(heads, int) or heads < 1 or width % heads:
        return None
    return [New("MultiHeadAttention", (heads, width // heads))]


def _dense(given: Given) -> list[New] | None:
    if "out_features" not in given:
        return None
    return [New("Dense", (given["out_features"],), _changed(given, {"bias": ("use_bias", True)}))]


def _embedding(given: Given) -> list[New] | None:
    return _plain("Embedding", "num_embeddings", "embedding_dim")(given)


# What torch calls a layer, what it calls the arguments in their order, and how they are written.
TORCH: dict[str, tuple[tuple[str, ...], Callable[[Given], list[New] | None]]] = {
    "Linear": (("in_features", "out_features", "bias"), _dense),
    "LazyLinear": (("out_features", "bias"), _dense),
    "Embedding": (("num_embeddings", "embedding_dim", "padding_idx"), _embedding),
    "MultiheadAttention": (("embed_dim", "num_heads"), _attention),
    "LayerNorm": (("normalized_shape", "eps"), _plain("LayerNormalization", eps="epsilon")),
    "GroupNorm": (("num_groups", "num_channels"), _plain("GroupNormalization", "num_groups")),
    "Dropout": (("p",), _dropout("Dropout")),
    "AlphaDropout": (("p",), _dropout("AlphaDropout")),
    "LeakyReLU": (("negative_slope",), _plain("LeakyReLU", negative_slope="negative_slope")),
    "Softmax": (("dim",), _plain("Softmax")),
    "Flatten": (("start_dim", "end_dim"), _plain("Flatten")),
    "Identity": ((), _plain("Identity")),
    "Upsample": (("size", "scale_factor"), _plain("UpSampling2D", "scale_factor")),
    **{
        name: (_RECURRENT, _recurrent(keras))
        for name, keras in (("LSTM", "LSTM"), ("GRU", "GRU"), ("RNN", "SimpleRNN"))
    },
    **{f"Conv{rank}d": (_CONV, _conv(rank, f"Conv{rank}D")) for rank in (1, 2, 3)},
    **{f"ConvTranspose{rank}d": (_TURNED, _turned(rank)) for rank in (1, 2, 3)},
    **{f"MaxPool{rank}d": (_POOL, _pool(f"MaxPooling{rank}D")) for rank in (1, 2, 3)},
    **{f"AvgPool{rank}d": (_POOL, _pool(f"AveragePooling{rank}D")) for rank in (1, 2, 3)},
    **{
        f"Adaptive{short}Pool{rank}d": (("output_size",), _adaptive(f"Global{long}Pooling{rank}D", rank))
        for short, long in (("Avg", "Average"), ("Max", "Max"))
        for rank in (1, 2, 3)
    },
    **{
        f"BatchNorm{rank}d": (("num_features", "eps", "momentum"), _plain("BatchNormalization", eps="epsilon"))
        for rank in (1, 2, 3)
    },
    **{f"Dropout{rank}d": (("p",), _dropout(f"SpatialDropout{rank}D")) for rank in (1, 2, 3)},
    **{f"ZeroPad{rank}d": (("padding",), _plain(f"ZeroPadding{rank}D", "padding")) for rank in (1, 2, 3)},
}

# Activations that are layers there; a bare word is one here.
ACTIVATIONS = {
    "ReLU": "relu",
    "ReLU6": "relu6",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "GELU": "gelu",
    "SiLU": "silu",
    "SELU": "selu",
    "ELU": "elu",
    "Mish": "mish",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Hardtanh": "hard_tanh",
    "Hardsigmoid": "hard_sigmoid",
    "Hardswish": "hard_swish",
    "LogSoftmax": "log_softmax",
    "LogSigmoid": "log_sigmoid",
}


def is_torch(written: str) -> bool:
    """Whether a name is one as torch spells it: behind ``nn.``, or with a small d: ``Conv2d``."""
    prefix, _, last = written.rpartition(".")
    if prefix.split(".")[0] in PREFIXES:
        return last in TORCH or last in ACTIVATIONS
    return not prefix and last in TORCH and (is_small(last) or last in ("Linear", "LazyLinear"))


def of_call(language: Language, call: Call) -> list[New] | None:
    """Keras's layers for a call whose name is one of PyTorch's; ``None`` where there are none."""
    written = language.text[call.name_span.start : call.name_span.stop]
    return in_keras(written, [(one.name, _as_written(language, one.value)) for one in call.arguments])


def _as_written(language: Language, value: Value) -> object:
    """A value to put elsewhere: a number as it is, all else as its text."""
    data = value.plain()
    if isinstance(data, (int, float, bool, str, tuple)) or data is None:
        return data
    return Bare(language.text[value.span.start : value.span.stop])


def in_keras(written: str, values: Sequence[tuple[str | None, object]]) -> list[New] | None:
    """Keras's layers for a layer of torch with these arguments, by name or in position; ``None`` where there are none."""
    last = written.rpartition(".")[2]
    if last in ACTIVATIONS:
        return [New(ACTIVATIONS[last])]
    names, write = TORCH[last]
    if len(values) > len(names) and names:
        return None
    given = {name or names[place]: value for place, (name, value) in enumerate(values) if name or place < len(names)}
    return write(given) if given.keys() <= {*names, "batch_first", "inplace", "device", "dtype"} else None
