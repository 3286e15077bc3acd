"""The layers of convolutional on arrays."""

from __future__ import annotations

from typing import Any

from seqshape.kinds import (
    spread,
)
from seqshape.layers.forward.arrays import (
    Array,
    Numpy,
    Weights,
    activate,
    biased,
    convolve,
    convolve_each,
    merged_kernel,
    scatter,
)
from seqshape.layers.windows import windows
from seqshape.registry import forward


@forward("Conv1D", "Conv2D", "Conv3D")
def _run_convolution(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    kernel_size: object,
    strides: object,
    padding: str,
    data_format: Any,
    dilation_rate: object,
    activation: object,
    use_bias: bool,
    lora_rank: Any = None,
    lora_alpha: Any = None,
    **rest: object,
) -> Array:
    moved = windows(inputs.ndim - 2, "kernel_size", kernel_size, strides, padding, dilation_rate)
    kernel = merged_kernel(np, weights, "kernel", lora_rank, lora_alpha)
    found = convolve(np, inputs, kernel, moved, data_format)
    return activate(np, activation, biased(np, found, weights["bias"] if use_bias else None, data_format))


@forward("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def _run_transposed(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    kernel_size: object,
    strides: object,
    padding: str,
    output_padding: object,
    data_format: Any,
    dilation_rate: object,
    activation: object,
    use_bias: bool,
    **rest: object,
) -> Array:
    rank = inputs.ndim - 2
    moved = windows(rank, "kernel_size", kernel_size, strides, padding, dilation_rate)
    extra = spread(output_padding, rank, "output_padding")
    found = scatter(np, inputs, weights["kernel"], moved, extra, data_format)
    return activate(np, activation, biased(np, found, weights["bias"] if use_bias else None, data_format))


@forward("DepthwiseConv1D", "DepthwiseConv2D")
def _run_depthwise(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    kernel_size: object,
    strides: object,
    padding: str,
    data_format: Any,
    dilation_rate: object,
    activation: object,
    use_bias: bool,
    **rest: object,
) -> Array:
    moved = windows(inputs.ndim - 2, "kernel_size", kernel_size, strides, padding, dilation_rate)
    found = convolve_each(np, inputs, weights["kernel"], moved, data_format)
    return activate(np, activation, biased(np, found, weights["bias"] if use_bias else None, data_format))


@forward("SeparableConv1D", "SeparableConv2D")
def _run_separable(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    kernel_size: object,
    strides: object,
    padding: str,
    data_format: Any,
    dilation_rate: object,
    activation: object,
    use_bias: bool,
    **rest: object,
) -> Array:
    moved = windows(inputs.ndim - 2, "kernel_size", kernel_size, strides, padding, dilation_rate)
    between = convolve_each(np, inputs, weights["depthwise_kernel"], moved, data_format)
    point = windows(len(moved), "kernel_size", 1, 1)
    found = convolve(np, between, weights["pointwise_kernel"], point, data_format)
    return activate(np, activation, biased(np, found, weights["bias"] if use_bias else None, data_format))
