"""What the numpy forward functions of the layers share: activations, windows, convolutions.

A forward function is handed ``np`` and imports nothing itself, so that a command which runs no network loads no numpy.
Products go through ``np.tensordot``, ``np.matmul`` and ``np.einsum``, where a test can count them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from seqshape.diagnostics import Fault
from seqshape.dims import Size
from seqshape.layers.windows import Window

Numpy: TypeAlias = Any  # the module that a forward function is handed: numpy, or one whose arrays count
Array: TypeAlias = Any  # an array of that module
Weights: TypeAlias = Mapping[str, Array]  # arrays by path, relative to the layer


class Within(Mapping[str, Array]):
    """The weights of a layer inside another: ``Within(weights, "lstm_cell")["kernel"]`` is ``weights["lstm_cell/kernel"]``."""

    def __init__(self, weights: Mapping[str, Array], prefix: str) -> None:
        self.weights = weights
        self.prefix = f"{prefix}/"

    def __getitem__(self, path: str) -> Array:
        return self.weights[self.prefix + path]

    def __iter__(self) -> Iterator[str]:
        return (path.removeprefix(self.prefix) for path in self.weights if path.startswith(self.prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Renamed(Mapping[str, Array]):
    """The weights of a layer by their paths inside it; ``paths`` tells the paths that the model has them under."""

    def __init__(self, weights: Mapping[str, Array], paths: Mapping[str, str]) -> None:
        self.weights = weights
        self.paths = paths

    def __getitem__(self, path: str) -> Array:
        return self.weights[self.paths[path]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


# --- activations ------------------------------------------------------------------------------------------------------

# Of selu (Klambauer et al., 2017).
SELU_SCALE, SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717


def sigmoid(np: Numpy, x: Array) -> Array:
    """``1 / (1 + exp(-x))``, without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def softplus(np: Numpy, x: Array) -> Array:
    """``log(1 + exp(x))``."""
    return np.logaddexp(x, 0)


def softmax(np: Numpy, x: Array, axis: object = -1) -> Array:
    """Shares along ``axis`` (one or several) that add up to 1."""
    scaled = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return scaled / np.sum(scaled, axis=axis, keepdims=True)


def elu(np: Numpy, x: Array, alpha: float = 1.0) -> Array:
    """``x`` above 0, ``alpha·(exp(x) - 1)`` below."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _hard_sigmoid(np: Numpy, x: Array) -> Array:
    return np.clip(x + 3, 0, 6) / 6


def _log_softmax(np: Numpy, x: Array) -> Array:
    shifted = x - np.max(x, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


def _gelu(np: Numpy, x: Array) -> Array:
    """``x`` times the normal distribution function: numpy has no error function."""
    return 0.5 * x * (1 + np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2)))


def _glu(np: Numpy, x: Array) -> Array:
    kept, gate = np.split(x, 2, axis=-1)
    return kept * sigmoid(np, gate)


def _sparse_plus(np: Numpy, x: Array) -> Array:
    return np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4))


def _sparsemax(np: Numpy, x: Array) -> Array:
    """As Keras has it, which is not sparsemax (Martins & Astudillo, 2016): the threshold adds up sums, not numbers."""
    ordered = -np.sort(-x, axis=-1)
    sums = np.cumsum(ordered, axis=-1)
    support = ordered - (sums - 1) / np.arange(1, x.shape[-1] + 1) > 0
    total = np.sum(np.where(support, sums, 0), axis=-1, keepdims=True)
    return np.maximum(x - (total - 1) / np.sum(support, axis=-1, keepdims=True), 0)


_FUNCTIONS: dict[str, Callable[[Numpy, Array], Array]] = {
    "celu": elu,
    "elu": elu,
    "exponential": lambda np, x: np.exp(x),
    "gelu": _gelu,
    "glu": _glu,
    "hard_shrink": lambda np, x: np.where(abs(x) > 0.5, x, 0),
    "hard_sigmoid": _hard_sigmoid,
    "hard_silu": lambda np, x: x * _hard_sigmoid(np, x),
    "hard_swish": lambda np, x: x * _hard_sigmoid(np, x),
    "hard_tanh": lambda np, x: np.clip(x, -1, 1),
    "leaky_relu": lambda np, x: np.where(x > 0, x, 0.2 * x),
    "linear": lambda np, x: x,
    "log_sigmoid": lambda np, x: -softplus(np, -x),
    "log_softmax": _log_softmax,
    "mish": lambda np, x: x * np.tanh(softplus(np, x)),
    "relu": lambda np, x: np.maximum(x, 0),
    "relu6": lambda np, x: np.clip(x, 0, 6),
    "selu": lambda np, x: SELU_SCALE * elu(np, x, SELU_ALPHA),
    "sigmoid": sigmoid,
    "silu": lambda np, x: x * sigmoid(np, x),
    "soft_shrink": lambda np, x: np.sign(x) * np.maximum(abs(x) - 0.5, 0),
    "softmax": softmax,
    "softplus": softplus,
    "softsign": lambda np, x: x / (1 + abs(x)),
    "sparse_plus": _sparse_plus,
    "sparse_sigmoid": lambda np, x: np.clip((x + 1) / 2, 0, 1),
    "sparsemax": _sparsemax,
    "squareplus": lambda np, x: (x + np.sqrt(x * x + 4)) / 2,
    "swish": lambda np, x: x * sigmoid(np, x),
    "tanh": lambda np, x: np.tanh(x),
    "tanh_shrink": lambda np, x: x - np.tanh(x),
}


def activate(np: Numpy, activation: object, x: Array) -> Array:
    """An activation of keras.activations, by name, or a layer without weights; ``None`` is none. Raises Fault for any other."""
    if activation is None:
        return x
    if callable(activation):
        return activation({}, x)
    function = _FUNCTIONS.get(activation) if isinstance(activation, str) else None
    if function is None:
        raise Fault(f"has the activation {activation!r}, which cannot be run here", arg="activation")
    return function(np, x)


# --- windows ----------------------------------------------------------------------------------------------------------


def to_last(np: Numpy, x: Array, data_format: str | None) -> Array:
    """With the channels as the last axis."""
    return np.moveaxis(x, 1, -1) if data_format == "channels_first" else x


def from_last(np: Numpy, x: Array, data_format: str | None) -> Array:
    """With the channels where ``data_format`` has them."""
    return np.moveaxis(x, -1, 1) if data_format == "channels_first" else x


def gather(np: Numpy, x: Array, moved: Sequence[Window], fill: float = 0.0) -> Array:
    """What each window covers: ``(batch, *sizes, channels)`` → ``(batch, *lengths, *taps, channels)``.

    Places of the padding hold ``fill``.
    """
    rank = len(moved)
    for number, window in enumerate(moved):
        axis = 1 + 2 * number  # each axis before has become two
        x = _cover(np, x, axis, window, fill)
    order = (0, *range(1, 2 * rank, 2), *range(2, 2 * rank + 1, 2), 2 * rank + 1)
    return np.transpose(x, order)


def _cover(np: Numpy, x: Array, axis: int, window: Window, fill: float) -> Array:
    """One axis made two: the number of the window, and the tap within it."""
    size: Any = x.shape[axis]
    length: Any = window.length(size)
    before: Any = window.before(size)
    after = max(0, (length - 1) * window.stride + window.extent - before - size)
    padding = [(0, 0)] * x.ndim
    padding[axis] = (before, after)
    starts = np.arange(length)[:, None] * window.stride
    return np.take(
        np.pad(x, padding, constant_values=fill), starts + np.arange(window.size) * window.dilation, axis=axis
    )


def convolve(np: Numpy, x: Array, kernel: Array, moved: Sequence[Window], data_format: str | None = None) -> Array:
    """A convolution with a kernel ``(*taps, channels of a group, filters)``; the groups follow from the channels."""
    rank = len(moved)
    covered = gather(np, to_last(np, x, data_format), moved)
    width = kernel.shape[-2]
    groups = covered.shape[-1] // width
    taps = (list(range(rank + 1, 2 * rank + 2)), list(range(rank + 1)))
    parts = [
        np.tensordot(covered[..., group * width : (group + 1) * width], part, taps)
        for group, part in enumerate(np.split(kernel, groups, axis=-1))
    ]
    return from_last(np, np.concatenate(parts, axis=-1), data_format)


def convolve_each(np: Numpy, x: Array, kernel: Array, moved: Sequence[Window], data_format: str | None = None) -> Array:
    """A convolution of each channel by itself with a kernel ``(*taps, channels, multiplier)``."""
    rank = len(moved)
    letters = "stuvwxyz"
    outer, taps = letters[:rank], letters[rank : 2 * rank]
    covered = gather(np, to_last(np, x, data_format), moved)
    found = np.einsum(f"b{outer}{taps}c,{taps}cm->b{outer}cm", covered, kernel)
    return from_last(np, found.reshape((*found.shape[:-2], -1)), data_format)


def scatter(
    np: Numpy, x: Array, kernel: Array, moved: Sequence[Window], extra: Sequence[Size | None], data_format: str | None
) -> Array:
    """A transposed convolution with a kernel ``(*taps, filters, channels)``: every input place writes a window."""
    x = to_last(np, x, data_format)
    rank = len(moved)
    sizes: Any = x.shape[1:-1]
    lengths: Any = [
        window.transposed_length(size, more) for window, size, more in zip(moved, sizes, extra, strict=True)
    ]
    before: Any = [window.transposed_before(more) for window, more in zip(moved, extra, strict=True)]
    written = np.tensordot(x, kernel, ([-1], [-1]))
    room = [
        max((size - 1) * window.stride + window.extent, start + length)
        for size, window, start, length in zip(sizes, moved, before, lengths, strict=True)
    ]
    out = np.zeros((len(x), *room, kernel.shape[-2]))
    for taps in np.ndindex(*kernel.shape[:rank]):
        places = [
            slice(tap * window.dilation, tap * window.dilation + (size - 1) * window.stride + 1, window.stride)
            for tap, window, size in zip(taps, moved, sizes, strict=True)
        ]
        out[(slice(None), *places)] += written[(slice(None),) * (rank + 1) + taps]
    kept = [slice(start, start + length) for start, length in zip(before, lengths, strict=True)]
    return from_last(np, out[(slice(None), *kept)], data_format)


def biased(np: Numpy, x: Array, bias: Array | None, data_format: str | None = None) -> Array:
    """With a bias for each channel added."""
    if bias is None:
        return x
    return x + (bias.reshape((-1, *(1,) * (x.ndim - 2))) if data_format == "channels_first" else bias)


def merged_kernel(np: Numpy, weights: Weights, name: str, rank: int | None, alpha: float | None = None) -> Array:
    """A weight with what LoRA has learnt beside it: ``alpha/rank`` times the product of the factors (Hu et al., 2021).

    Dense and Embedding leave ``alpha`` out, as Keras's do: they take no notice of a constructor's ``lora_alpha``.
    """
    if not rank:
        return weights[name]
    factors = np.matmul(weights[f"lora_{name}_a"], weights[f"lora_{name}_b"])
    return weights[name] + (rank if alpha is None else alpha) / rank * factors
