"""The layers of convolutional on arrays."""

from __future__ import annotations

from seqshape.kinds import Counts, Sizes, spread
from seqshape.layers.convolutional import Ending
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
from seqshape.layers.windows import Moving, windows
from seqshape.registry import forward


def _ended(np: Numpy, weights: Weights, found: Array, moving: Moving, end: Ending) -> Array:
    """With the bias, where there is one, and the activation."""
    bias = weights["bias"] if end.use_bias else None
    return activate(np, end.activation, biased(np, found, bias, moving.data_format))


@forward("Conv1D", "Conv2D", "Conv3D")
def _run_convolution(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    kernel_size: Sizes,
    moving: Moving,
    end: Ending,
    lora_rank: int | None = None,
    lora_alpha: float | None = None,
    **rest: object,
) -> Array:
    kernel = merged_kernel(np, weights, "kernel", lora_rank, lora_alpha)
    found = convolve(np, inputs, kernel, moving.windows(inputs.ndim - 2, kernel_size), moving.data_format)
    return _ended(np, weights, found, moving, end)


@forward("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def _run_transposed(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    kernel_size: Sizes,
    moving: Moving,
    end: Ending,
    output_padding: Counts,
    **rest: object,
) -> Array:
    rank = inputs.ndim - 2
    extra = spread(output_padding, rank, "output_padding")
    found = scatter(np, inputs, weights["kernel"], moving.windows(rank, kernel_size), extra, moving.data_format)
    return _ended(np, weights, found, moving, end)


@forward("DepthwiseConv1D", "DepthwiseConv2D")
def _run_depthwise(
    np: Numpy, weights: Weights, inputs: Array, *, kernel_size: Sizes, moving: Moving, end: Ending, **rest: object
) -> Array:
    kernel = moving.windows(inputs.ndim - 2, kernel_size)
    found = convolve_each(np, inputs, weights["kernel"], kernel, moving.data_format)
    return _ended(np, weights, found, moving, end)


@forward("SeparableConv1D", "SeparableConv2D")
def _run_separable(
    np: Numpy, weights: Weights, inputs: Array, *, kernel_size: Sizes, moving: Moving, end: Ending, **rest: object
) -> Array:
    kernel = moving.windows(inputs.ndim - 2, kernel_size)
    between = convolve_each(np, inputs, weights["depthwise_kernel"], kernel, moving.data_format)
    point = windows(len(kernel), "kernel_size", 1, 1)
    found = convolve(np, between, weights["pointwise_kernel"], point, moving.data_format)
    return _ended(np, weights, found, moving, end)
