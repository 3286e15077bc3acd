"""Convolutional layers: a kernel that moves along one, two or three axes and reads all channels, or each by itself."""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.declaration import Parameter
from seqshape.diagnostics import Fault, remark
from seqshape.dims import UNKNOWN, Dim, product, require, require_divides
from seqshape.dims import Size as AnySize
from seqshape.kinds import Activation, Counts, Flag, LoraRank, Size, Sizes, spread
from seqshape.layers.core import activated, low_rank
from seqshape.layers.windows import (
    SPATIAL,
    Grid,
    Moving,
    Window,
    any_grid,
    excess,
    is_one,
    require_no_excess,
    seen,
    slide,
    taps,
)
from seqshape.reach import Reach, see
from seqshape.records import NamedTuple
from seqshape.registry import by_rank
from seqshape.tensor import Effect, Tensor, WeightShape

# What Keras takes in ``**kwargs``, for the base of all convolutions.
_BESIDE = (Parameter("lora_alpha", "LaterNumber", None, True),)


class Ending(NamedTuple):
    """What ends a convolution: arguments that all of them share."""

    activation: Activation = None
    use_bias: Flag = True

    def bias(self, weights: dict[str, WeightShape], size: Dim) -> dict[str, WeightShape]:
        """The weights with a bias of that size, where there is one."""
        return {**weights, "bias": (size,)} if self.use_bias else weights


@by_rank(
    "Conv1D",
    "Conv2D",
    "Conv3D",
    pinned=("channels",),
    beside=_BESIDE,
    first={"padding": "CausalPadding"},
    first_traits="over_steps",
    traits="biased convolves",
)
def _convolved(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    moving: Moving,
    end: Ending,
    groups: Size = 1,
    lora_rank: LoraRank | None = None,
    *,
    rank: int,
) -> Effect:
    """Conv1D: Convolution along the steps: each output step reads ``kernel_size`` input steps, all features of them.

    ``valid`` padding gives ⌊(steps - extent)/strides⌋ + 1 steps, the extent being (kernel_size - 1)·dilation_rate + 1;
    ``same`` and ``causal`` give ⌈steps/strides⌉. With ``causal`` a step sees no later one. ``groups`` splits the
    features into parts that do not see each other. Strides and dilation cannot be combined.

    Conv2D: Convolution over rows and columns: each output pixel reads a window of the input, all channels of it.

    One number for ``kernel_size``, ``strides`` or ``dilation_rate`` holds for both axes. Lengths are those of Conv1D,
    axis by axis; there is no ``causal`` padding. A further axis (video frames) needs TimeDistributed.

    Conv3D: Convolution over three axes (planes, rows, columns, or the frames of a video), otherwise as Conv2D.
    """
    over = moving.grid(inputs, rank)
    return convolution(over, moving.windows(rank, kernel_size), filters, end, groups, lora_rank)


def convolution(
    over: Grid,
    kernel: Sequence[Window],
    filters: AnySize,
    end: Ending,
    groups: AnySize = 1,
    lora_rank: AnySize | None = None,
) -> Effect:
    """``filters`` kernels over the channels of their group."""
    require_no_excess(kernel)
    if not is_one(groups):
        for size, name in ((filters, "filters"), (over.channels, "input channels")):
            require_divides(groups, size, f"has to share out {size} {name} evenly among {groups} groups", arg="groups")
    sizes = slide(over, kernel, "kernel_size")
    shape = (*[window.size for window in kernel], over.channels // groups, filters)
    reach = seen(see(), over, kernel, sizes)
    if groups == 1:
        reach = reach.mix(over.channel_axis)
    else:
        reach = reach.pieces(over.channel_axis, groups).repeat(over.channel_axis, filters // groups)
    weights = low_rank(end.bias({"kernel": shape}, filters), "kernel", lora_rank)
    out = Tensor(over.shape(sizes, filters))
    return Effect(out, weights, product((*sizes, *shape)), activated(reach, end.activation, out.shape[-1]))


@by_rank(
    "Conv1DTranspose ConvT1D",
    "Conv2DTranspose ConvT2D",
    "Conv3DTranspose ConvT3D",
    pinned=("channels",),
    traits="biased",
)
def _convolved_back(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    moving: Moving,
    end: Ending,
    output_padding: Counts | None = None,
    *,
    rank: int,
) -> Effect:
    """Conv1DTranspose: Transposed convolution along the steps: the shapes of Conv1D run backwards, so strides make the
    sequence longer.

    With the extent (kernel_size - 1)·dilation_rate + 1, ``same`` gives steps·strides and ``valid`` gives
    steps·strides + max(extent - strides, 0). An ``output_padding`` of 0 is not the same as none: it gives
    (steps - 1)·strides + output_padding, plus the extent if ``valid``, plus the extent's remainder by 2 if ``same``.

    Conv2DTranspose: Transposed convolution over rows and columns, with the lengths of Conv1DTranspose axis by axis.

    Each input pixel writes a window of the output: with strides of 2 and ``same`` padding the image is twice as large.

    Conv3DTranspose: Transposed convolution over three axes, with the lengths of Conv1DTranspose axis by axis.

    In Keras ``data_format`` stands before ``output_padding`` here, unlike in the other two.
    """
    kernel, given = moving.windows(rank, kernel_size), spread(output_padding, rank, "output_padding")
    # Where Keras only asks for the output shape, there may be fewer spatial axes.
    few = inputs.rank < rank + 2
    over = any_grid(inputs, rank, moving.data_format) if few else moving.grid(inputs, rank)
    require_no_excess(kernel)
    for window, extra in zip(kernel, given, strict=True):
        if extra is not None:
            message = f"needs an output_padding below its strides, but gets {extra} and strides {window.stride}"
            require(extra < window.stride, message, arg="output_padding")
    sizes, reach = [], see()
    for window, extra, axis, size, name in zip(kernel, given, over.axes, over.sizes, SPATIAL[rank], strict=False):
        length = window.transposed_length(size, extra)
        require(length >= 0, f"would make {length} {name} of {size}", arg="output_padding")
        before = window.transposed_before(extra)
        reach = reach.spread(axis, window.size, window.stride, window.dilation, before, length)
        sizes.append(length)
    shape = (*(window.size for window in kernel), filters, over.channels)
    out = Tensor(over.shape(sizes, filters))
    # Each input position writes a whole window of the output, so the multiply-adds go by input positions.
    macs = product((*over.sizes, *shape))
    reach = activated(reach.mix(over.channel_axis), end.activation, out.shape[-1])
    return Effect(out, end.bias({"kernel": shape}, filters), macs, reach)


def _remark_on_strides(kernel: Sequence[Window]) -> None:
    """Layers that read each channel by itself take strides that Keras refuses elsewhere."""
    if (excess(kernel) > 0) is True:
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


@by_rank("DepthwiseConv1D DWConv1D", "DepthwiseConv2D DWConv2D", pinned=("channels",), traits="biased convolves")
def _convolved_each(
    inputs: Tensor, kernel_size: Sizes, moving: Moving, end: Ending, depth_multiplier: Size = 1, *, rank: int
) -> Effect:
    """DepthwiseConv1D: Convolution of each feature by itself along the steps, with ``depth_multiplier`` kernels for
    each.

    No feature sees another. Lengths are those of Conv1D, but there is no ``causal`` padding, and strides may be
    combined with dilation.

    DepthwiseConv2D: Convolution of each channel by itself over rows and columns: ``depth_multiplier`` kernels for
    each channel.

    It needs a fraction of Conv2D's multiply-adds: rows·columns·kernel·channels, without the factor of filters.
    """
    kernel, over = moving.windows(rank, kernel_size), moving.grid(inputs, rank)
    if over.channels is UNKNOWN:
        raise Fault("needs a known number of channels, but gets None", code="E204")
    between, macs, reach = _depthwise(over, kernel, depth_multiplier)
    weights = end.bias(
        {"kernel": (*(window.size for window in kernel), over.channels, depth_multiplier)}, between.channels
    )
    out = Tensor(between.shape(between.sizes, between.channels))
    return Effect(out, weights, macs, activated(reach, end.activation, out.shape[-1]))


@by_rank("SeparableConv1D SepConv1D", "SeparableConv2D SepConv2D", pinned=("channels",), traits="biased convolves")
def _convolved_in_two(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    moving: Moving,
    end: Ending,
    depth_multiplier: Size = 1,
    *,
    rank: int,
) -> Effect:
    """SeparableConv1D: DepthwiseConv1D and a Conv1D of kernel size 1 in one layer, without a bias or activation
    between them.

    ``causal`` padding is refused, although Conv1D has it.

    SeparableConv2D: DepthwiseConv2D and a Conv2D of kernel size 1 in one layer, without a bias or activation
    between them.
    """
    kernel, over = moving.windows(rank, kernel_size), moving.grid(inputs, rank)
    between, macs, reach = _depthwise(over, kernel, depth_multiplier)
    weights: dict[str, WeightShape] = {
        "depthwise_kernel": (*(window.size for window in kernel), over.channels, depth_multiplier),
        "pointwise_kernel": (*(1 for _ in kernel), between.channels, filters),
    }
    macs = macs + product((*between.sizes, between.channels, filters))
    out = Tensor(over.shape(between.sizes, filters))
    reach = activated(reach.mix(over.channel_axis), end.activation, out.shape[-1])
    return Effect(out, end.bias(weights, filters), macs, reach)
