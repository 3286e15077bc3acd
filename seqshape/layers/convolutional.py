"""Convolutional layers: a kernel that moves along one, two or three axes and reads all channels, or each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqshape.diagnostics import Fault, remark
from seqshape.dims import UNKNOWN, Dim, product, require, require_divides
from seqshape.dims import Size as AnySize
from seqshape.kinds import (
    Activation,
    CausalPadding,
    ConvPadding,
    Counts,
    DataFormat,
    Flag,
    LoraRank,
    Size,
    Sizes,
    spread,
)
from seqshape.layers.arrays import Array, Weights, activate, biased, convolve, convolve_each, merged_kernel, scatter
from seqshape.layers.core import activated, low_rank
from seqshape.layers.windows import SPATIAL, Grid, Window, any_grid, grid, seen, slide, windows
from seqshape.reach import Reach, see
from seqshape.registry import Parameter, forward, layer
from seqshape.tensor import Effect, Tensor, WeightShape

# What Keras takes in ``**kwargs``, for the base of all convolutions.
_BESIDE = (Parameter("lora_alpha", "LaterNumber", None, True),)


def taps(kernel: Sequence[Window]) -> AnySize:
    """How many positions a window has."""
    return product(window.size for window in kernel)


def _excess(kernel: Sequence[Window]) -> AnySize:
    """Zero where all strides or all dilation rates are 1, which is what most convolutions insist on."""
    rank = len(kernel)
    strides: AnySize = sum((window.stride for window in kernel), -rank)
    return strides * sum((window.dilation for window in kernel), -rank)


def require_no_excess(kernel: Sequence[Window]) -> None:
    """Insist that strides and dilation are not combined. Raises Fault, blamed on dilation_rate."""
    strides, rates = tuple(window.stride for window in kernel), tuple(window.dilation for window in kernel)
    given = f"strides {_show(strides)} and dilation_rate {_show(rates)}"
    require(_excess(kernel) <= 0, f"takes strides or dilation_rate, not both, but gets {given}", arg="dilation_rate")


def _show(sizes: Sequence[AnySize]) -> str:
    return str(sizes[0]) if len(set(sizes)) == 1 else f"({', '.join(map(str, sizes))})"


def _convolution(
    over: Grid,
    kernel: Sequence[Window],
    filters: AnySize,
    groups: AnySize,
    activation: object,
    use_bias: bool,
    lora_rank: AnySize | None,
) -> Effect:
    """``filters`` kernels over the channels of their group."""
    require_no_excess(kernel)
    for size, name in ((filters, "filters"), (over.channels, "input channels")):
        require_divides(groups, size, f"has to share out {size} {name} evenly among {groups} groups", arg="groups")
    sizes = slide(over, kernel, "kernel_size")
    shape = (*(window.size for window in kernel), over.channels // groups, filters)
    reach = seen(see(), over, kernel)
    if groups == 1:
        reach = reach.mix(over.channel_axis)
    else:
        reach = reach.pieces(over.channel_axis, groups).repeat(over.channel_axis, filters // groups)
    weights = low_rank(_weights(shape, filters if use_bias else None), "kernel", lora_rank)
    out = Tensor(over.shape(sizes, filters))
    return Effect(out, weights, product((*sizes, *shape)), activated(reach, activation, out.shape[-1]))


def _weights(kernel: tuple[Dim, ...], bias: Dim | None) -> dict[str, WeightShape]:
    return {"kernel": kernel} if bias is None else {"kernel": kernel, "bias": (bias,)}


@layer(pinned=("channels",), beside=_BESIDE)
def Conv1D(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    strides: Sizes = 1,
    padding: CausalPadding = "valid",
    data_format: DataFormat | None = None,
    dilation_rate: Sizes = 1,
    groups: Size = 1,
    activation: Activation = None,
    use_bias: Flag = True,
    *,
    lora_rank: LoraRank | None = None,
) -> Effect:
    """Convolution along the steps: each output step reads ``kernel_size`` input steps, all features of them.

    ``valid`` padding gives ⌊(steps - extent)/strides⌋ + 1 steps, the extent being (kernel_size - 1)·dilation_rate + 1;
    ``same`` and ``causal`` give ⌈steps/strides⌉. With ``causal`` a step sees no later one. ``groups`` splits the
    features into parts that do not see each other. Strides and dilation cannot be combined.
    """
    kernel = windows(1, "kernel_size", kernel_size, strides, padding, dilation_rate)
    return _convolution(grid(inputs, 1, data_format), kernel, filters, groups, activation, use_bias, lora_rank)


@layer(pinned=("channels",), beside=_BESIDE)
def Conv2D(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    strides: Sizes = (1, 1),
    padding: ConvPadding = "valid",
    data_format: DataFormat | None = None,
    dilation_rate: Sizes = (1, 1),
    groups: Size = 1,
    activation: Activation = None,
    use_bias: Flag = True,
    *,
    lora_rank: LoraRank | None = None,
) -> Effect:
    """Convolution over rows and columns: each output pixel reads a window of the input, all channels of it.

    One number for ``kernel_size``, ``strides`` or ``dilation_rate`` holds for both axes. Lengths are those of Conv1D,
    axis by axis; there is no ``causal`` padding. A further axis (video frames) needs TimeDistributed.
    """
    kernel = windows(2, "kernel_size", kernel_size, strides, padding, dilation_rate)
    return _convolution(grid(inputs, 2, data_format), kernel, filters, groups, activation, use_bias, lora_rank)


@layer(pinned=("channels",), beside=_BESIDE)
def Conv3D(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    strides: Sizes = (1, 1, 1),
    padding: ConvPadding = "valid",
    data_format: DataFormat | None = None,
    dilation_rate: Sizes = (1, 1, 1),
    groups: Size = 1,
    activation: Activation = None,
    use_bias: Flag = True,
    *,
    lora_rank: LoraRank | None = None,
) -> Effect:
    """Convolution over three axes (planes, rows, columns, or the frames of a video), otherwise as Conv2D."""
    kernel = windows(3, "kernel_size", kernel_size, strides, padding, dilation_rate)
    return _convolution(grid(inputs, 3, data_format), kernel, filters, groups, activation, use_bias, lora_rank)


@forward(Conv1D, Conv2D, Conv3D)
def _run_convolution(
    np: Any,
    weights: Weights,
    inputs: Array,
    *,
    kernel_size: Any,
    strides: Any,
    padding: str,
    data_format: Any,
    dilation_rate: Any,
    activation: Any,
    use_bias: bool,
    lora_rank: Any = None,
    lora_alpha: Any = None,
    **rest: Any,
) -> Array:
    moved = windows(inputs.ndim - 2, "kernel_size", kernel_size, strides, padding, dilation_rate)
    kernel = merged_kernel(np, weights, "kernel", lora_rank, lora_alpha)
    found = convolve(np, inputs, kernel, moved, data_format)
    return activate(np, activation, biased(np, found, weights["bias"] if use_bias else None, data_format))


def _asked_grid(inputs: Tensor, rank: int, data_format: str | None) -> Grid:
    """The input taken apart; where Keras only asks for the output shape, it may have fewer spatial axes than ``rank``."""
    return any_grid(inputs, rank, data_format) if inputs.rank < rank + 2 else grid(inputs, rank, data_format)


def _transposed(
    over: Grid,
    kernel: Sequence[Window],
    filters: AnySize,
    output_padding: Sequence[AnySize | None],
    activation: object,
    use_bias: bool,
) -> Effect:
    """Each input position writes a whole window of the output, so the multiply-adds go by input positions."""
    require_no_excess(kernel)
    for window, extra in zip(kernel, output_padding, strict=True):
        if extra is not None:
            message = f"needs an output_padding below its strides, but gets {extra} and strides {window.stride}"
            require(extra < window.stride, message, arg="output_padding")
    sizes, reach = [], see()
    for window, extra, axis, size, name in zip(
        kernel, output_padding, over.axes, over.sizes, SPATIAL[len(kernel)], strict=False
    ):
        length = window.transposed_length(size, extra)
        require(length >= 0, f"would make {length} {name} of {size}", arg="output_padding")
        before = window.transposed_before(extra)
        reach = reach.spread(axis, window.size, window.stride, window.dilation, before, length)
        sizes.append(length)
    shape = (*(window.size for window in kernel), filters, over.channels)
    macs = product((*over.sizes, *shape))
    out = Tensor(over.shape(sizes, filters))
    reach = activated(reach.mix(over.channel_axis), activation, out.shape[-1])
    return Effect(out, _weights(shape, filters if use_bias else None), macs, reach)


@layer("ConvT1D", pinned=("channels",))
def Conv1DTranspose(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    strides: Sizes = 1,
    padding: ConvPadding = "valid",
    output_padding: Counts | None = None,
    data_format: DataFormat | None = None,
    dilation_rate: Sizes = 1,
    activation: Activation = None,
    use_bias: Flag = True,
) -> Effect:
    """Transposed convolution along the steps: the shapes of Conv1D run backwards, so strides make the sequence longer.

    With the extent (kernel_size - 1)·dilation_rate + 1, ``same`` gives steps·strides and ``valid`` gives
    steps·strides + max(extent - strides, 0). An ``output_padding`` of 0 is not the same as none: it gives
    (steps - 1)·strides + output_padding, plus the extent if ``valid``, plus the extent's remainder by 2 if ``same``.
    """
    kernel = windows(1, "kernel_size", kernel_size, strides, padding, dilation_rate)
    extra = spread(output_padding, 1, "output_padding")
    return _transposed(_asked_grid(inputs, 1, data_format), kernel, filters, extra, activation, use_bias)


@layer("ConvT2D", pinned=("channels",))
def Conv2DTranspose(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    strides: Sizes = (1, 1),
    padding: ConvPadding = "valid",
    output_padding: Counts | None = None,
    data_format: DataFormat | None = None,
    dilation_rate: Sizes = (1, 1),
    activation: Activation = None,
    use_bias: Flag = True,
) -> Effect:
    """Transposed convolution over rows and columns, with the lengths of Conv1DTranspose axis by axis.

    Each input pixel writes a window of the output: with strides of 2 and ``same`` padding the image is twice as large.
    """
    kernel = windows(2, "kernel_size", kernel_size, strides, padding, dilation_rate)
    extra = spread(output_padding, 2, "output_padding")
    return _transposed(_asked_grid(inputs, 2, data_format), kernel, filters, extra, activation, use_bias)


@layer("ConvT3D", pinned=("channels",))
def Conv3DTranspose(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    strides: Sizes = (1, 1, 1),
    padding: ConvPadding = "valid",
    data_format: DataFormat | None = None,
    output_padding: Counts | None = None,
    dilation_rate: Sizes = (1, 1, 1),
    activation: Activation = None,
    use_bias: Flag = True,
) -> Effect:
    """Transposed convolution over three axes, with the lengths of Conv1DTranspose axis by axis.

    In Keras ``data_format`` stands before ``output_padding`` here, unlike in the other two.
    """
    kernel = windows(3, "kernel_size", kernel_size, strides, padding, dilation_rate)
    extra = spread(output_padding, 3, "output_padding")
    return _transposed(_asked_grid(inputs, 3, data_format), kernel, filters, extra, activation, use_bias)


@forward(Conv1DTranspose, Conv2DTranspose, Conv3DTranspose)
def _run_transposed(
    np: Any,
    weights: Weights,
    inputs: Array,
    *,
    kernel_size: Any,
    strides: Any,
    padding: str,
    output_padding: Any,
    data_format: Any,
    dilation_rate: Any,
    activation: Any,
    use_bias: bool,
    **rest: Any,
) -> Array:
    rank = inputs.ndim - 2
    moved = windows(rank, "kernel_size", kernel_size, strides, padding, dilation_rate)
    extra = spread(output_padding, rank, "output_padding")
    found = scatter(np, inputs, weights["kernel"], moved, extra, data_format)
    return activate(np, activation, biased(np, found, weights["bias"] if use_bias else None, data_format))


def _remark_on_strides(kernel: Sequence[Window]) -> None:
    """Layers that read each channel by itself take strides that Keras refuses elsewhere."""
    if (_excess(kernel) > 0) is True:
        remark("combines strides with dilation_rate: Keras takes it here, TensorFlow may not run it", arg="strides")
    if len({window.stride for window in kernel}) > 1:
        remark("has strides that differ by axis: Keras takes them, TensorFlow does not run them", arg="strides")


def _depthwise(over: Grid, kernel: Sequence[Window], multiplier: AnySize) -> tuple[Grid, AnySize | Dim, Reach]:
    """What comes out of a kernel for each channel, the multiply-adds, and what is seen."""
    _remark_on_strides(kernel)
    channels = over.channels * multiplier
    sizes = slide(over, kernel, "kernel_size")
    reach = seen(see(), over, kernel).repeat(over.channel_axis, multiplier)
    return over._replace(sizes=sizes, channels=channels), product((*sizes, taps(kernel), channels)), reach


def _each_channel(
    over: Grid, kernel: Sequence[Window], multiplier: AnySize, activation: object, use_bias: bool
) -> Effect:
    """A depthwise convolution as a layer."""
    if over.channels is UNKNOWN:
        raise Fault("needs a known number of channels, but gets None", code="E204")
    out, macs, reach = _depthwise(over, kernel, multiplier)
    shape = (*(window.size for window in kernel), over.channels, multiplier)
    weights = _weights(shape, out.channels if use_bias else None)
    made = Tensor(out.shape(out.sizes, out.channels))
    return Effect(made, weights, macs, activated(reach, activation, made.shape[-1]))


@layer("DWConv1D", pinned=("channels",))
def DepthwiseConv1D(
    inputs: Tensor,
    kernel_size: Sizes,
    strides: Sizes = 1,
    padding: ConvPadding = "valid",
    depth_multiplier: Size = 1,
    data_format: DataFormat | None = None,
    dilation_rate: Sizes = 1,
    activation: Activation = None,
    use_bias: Flag = True,
) -> Effect:
    """Convolution of each feature by itself along the steps, with ``depth_multiplier`` kernels for each.

    No feature sees another. Lengths are those of Conv1D, but there is no ``causal`` padding, and strides may be
    combined with dilation.
    """
    kernel = windows(1, "kernel_size", kernel_size, strides, padding, dilation_rate)
    return _each_channel(grid(inputs, 1, data_format), kernel, depth_multiplier, activation, use_bias)


@layer("DWConv2D", pinned=("channels",))
def DepthwiseConv2D(
    inputs: Tensor,
    kernel_size: Sizes,
    strides: Sizes = (1, 1),
    padding: ConvPadding = "valid",
    depth_multiplier: Size = 1,
    data_format: DataFormat | None = None,
    dilation_rate: Sizes = (1, 1),
    activation: Activation = None,
    use_bias: Flag = True,
) -> Effect:
    """Convolution of each channel by itself over rows and columns: ``depth_multiplier`` kernels for each channel.

    It needs a fraction of Conv2D's multiply-adds: rows·columns·kernel·channels, without the factor of filters.
    """
    kernel = windows(2, "kernel_size", kernel_size, strides, padding, dilation_rate)
    return _each_channel(grid(inputs, 2, data_format), kernel, depth_multiplier, activation, use_bias)


@forward(DepthwiseConv1D, DepthwiseConv2D)
def _run_depthwise(
    np: Any,
    weights: Weights,
    inputs: Array,
    *,
    kernel_size: Any,
    strides: Any,
    padding: str,
    data_format: Any,
    dilation_rate: Any,
    activation: Any,
    use_bias: bool,
    **rest: Any,
) -> Array:
    moved = windows(inputs.ndim - 2, "kernel_size", kernel_size, strides, padding, dilation_rate)
    found = convolve_each(np, inputs, weights["kernel"], moved, data_format)
    return activate(np, activation, biased(np, found, weights["bias"] if use_bias else None, data_format))


def _separable(
    over: Grid, kernel: Sequence[Window], filters: AnySize, multiplier: AnySize, activation: object, use_bias: bool
) -> Effect:
    """A depthwise convolution, then a matrix product over the channels of each position; one bias at the end."""
    between, macs, reach = _depthwise(over, kernel, multiplier)
    weights: dict[str, WeightShape] = {
        "depthwise_kernel": (*(window.size for window in kernel), over.channels, multiplier),
        "pointwise_kernel": (*(1 for _ in kernel), between.channels, filters),
    }
    if use_bias:
        weights["bias"] = (filters,)
    macs = macs + product((*between.sizes, between.channels, filters))
    out = Tensor(over.shape(between.sizes, filters))
    return Effect(out, weights, macs, activated(reach.mix(over.channel_axis), activation, out.shape[-1]))


@layer("SepConv1D", pinned=("channels",))
def SeparableConv1D(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    strides: Sizes = 1,
    padding: ConvPadding = "valid",
    data_format: DataFormat | None = None,
    dilation_rate: Sizes = 1,
    depth_multiplier: Size = 1,
    activation: Activation = None,
    use_bias: Flag = True,
) -> Effect:
    """DepthwiseConv1D and a Conv1D of kernel size 1 in one layer, without a bias or activation between them.

    ``causal`` padding is refused, although Conv1D has it.
    """
    kernel = windows(1, "kernel_size", kernel_size, strides, padding, dilation_rate)
    return _separable(grid(inputs, 1, data_format), kernel, filters, depth_multiplier, activation, use_bias)


@layer("SepConv2D", pinned=("channels",))
def SeparableConv2D(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    strides: Sizes = (1, 1),
    padding: ConvPadding = "valid",
    data_format: DataFormat | None = None,
    dilation_rate: Sizes = (1, 1),
    depth_multiplier: Size = 1,
    activation: Activation = None,
    use_bias: Flag = True,
) -> Effect:
    """DepthwiseConv2D and a Conv2D of kernel size 1 in one layer, without a bias or activation between them."""
    kernel = windows(2, "kernel_size", kernel_size, strides, padding, dilation_rate)
    return _separable(grid(inputs, 2, data_format), kernel, filters, depth_multiplier, activation, use_bias)


@forward(SeparableConv1D, SeparableConv2D)
def _run_separable(
    np: Any,
    weights: Weights,
    inputs: Array,
    *,
    kernel_size: Any,
    strides: Any,
    padding: str,
    data_format: Any,
    dilation_rate: Any,
    activation: Any,
    use_bias: bool,
    **rest: Any,
) -> Array:
    moved = windows(inputs.ndim - 2, "kernel_size", kernel_size, strides, padding, dilation_rate)
    between = convolve_each(np, inputs, weights["depthwise_kernel"], moved, data_format)
    point = windows(len(moved), "kernel_size", 1, 1)
    found = convolve(np, between, weights["pointwise_kernel"], point, data_format)
    return activate(np, activation, biased(np, found, weights["bias"] if use_bias else None, data_format))
