"""The layers of pooling on arrays."""

from __future__ import annotations

from typing import Any

from seqshape.kinds import Sizes
from seqshape.layers.forward.arrays import Array, Numpy, Weights, from_last, gather, to_last
from seqshape.layers.windows import windows
from seqshape.registry import forward


def _covered(
    np: Numpy,
    inputs: Array,
    fill: float,
    *,
    pool_size: Sizes,
    strides: Sizes | None,
    padding: str,
    data_format: str | None,
    **rest: object,
) -> tuple[Array, tuple[int, ...]]:
    """What each window covers, the channels last, and the axes of the taps."""
    rank = inputs.ndim - 2
    moved = windows(rank, "pool_size", pool_size, pool_size if strides is None else strides, padding)
    return gather(np, to_last(np, inputs, data_format), moved, fill), tuple(range(rank + 1, 2 * rank + 1))


@forward("MaxPooling1D", "MaxPooling2D", "MaxPooling3D")
def _run_max_pooling(np: Numpy, weights: Weights, inputs: Array, **asked: Any) -> Array:
    covered, taps = _covered(np, inputs, -np.inf, **asked)
    return from_last(np, np.max(covered, axis=taps), asked["data_format"])


@forward("AveragePooling1D", "AveragePooling2D", "AveragePooling3D")
def _run_average_pooling(np: Numpy, weights: Weights, inputs: Array, **asked: Any) -> Array:
    covered, taps = _covered(np, inputs, np.nan, **asked)
    return from_last(np, np.nanmean(covered, axis=taps), asked["data_format"])


def _pooled(inputs: Array, data_format: object) -> tuple[int, ...]:
    """The axes that global pooling takes together."""
    return tuple(range(2, inputs.ndim)) if data_format == "channels_first" else tuple(range(1, inputs.ndim - 1))


@forward("GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D")
def _run_global_max(
    np: Numpy, weights: Weights, inputs: Array, *, data_format: object, keepdims: bool, **rest: object
) -> Array:
    return np.max(inputs, axis=_pooled(inputs, data_format), keepdims=keepdims)


@forward("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D")
def _run_global_average(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    data_format: object,
    keepdims: bool,
    mask: Array = None,
    **rest: object,
) -> Array:
    axes = _pooled(inputs, data_format)
    if mask is None:
        return np.mean(inputs, axis=axes, keepdims=keepdims)
    kept = np.expand_dims(mask, 1 if data_format == "channels_first" else 2)
    return np.sum(inputs * kept, axis=axes, keepdims=keepdims) / np.sum(kept, axis=axes, keepdims=keepdims)
