"""The layers of reshaping on arrays."""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.diagnostics import Fault
from seqshape.dims import UNKNOWN
from seqshape.kinds import Dims, spread
from seqshape.layers.forward.arrays import Array, Numpy, Weights, from_last, to_last
from seqshape.layers.reshaping import _pairs
from seqshape.registry import forward


@forward("Flatten")
def _run_flatten(np: Numpy, weights: Weights, inputs: Array, *, data_format: str | None, **rest: object) -> Array:
    return to_last(np, inputs, data_format if inputs.ndim > 1 else None).reshape((len(inputs), -1))


@forward("Reshape")
def _run_reshape(np: Numpy, weights: Weights, inputs: Array, *, target_shape: Dims, **rest: object) -> Array:
    sizes = [-1 if dim is UNKNOWN else dim for dim in target_shape]
    return inputs.reshape((len(inputs), *sizes))


@forward("Permute")
def _run_permute(np: Numpy, weights: Weights, inputs: Array, *, dims: Sequence[int], **rest: object) -> Array:
    return np.transpose(inputs, (0, *dims))


@forward("RepeatVector")
def _run_repeat_vector(np: Numpy, weights: Weights, inputs: Array, *, n: int, **rest: object) -> Array:
    return np.repeat(inputs[:, None], n, axis=1)


def _margins(margins: object, inputs: Array, name: str) -> tuple[tuple[object, object], ...]:
    """What is before and after along each spatial axis of an array."""
    rank = inputs.ndim - 2
    return _pairs(margins, rank, name) if rank > 1 else (spread(margins, 2, name),)


@forward("Cropping1D", "Cropping2D", "Cropping3D")
def _run_cropping(
    np: Numpy, weights: Weights, inputs: Array, *, cropping: object, data_format: str | None = None, **rest: object
) -> Array:
    x = to_last(np, inputs, data_format)
    pairs = zip(x.shape[1:-1], _margins(cropping, inputs, "cropping"), strict=True)
    kept = [slice(before, size - after) for size, (before, after) in pairs]
    return from_last(np, x[(slice(None), *kept)], data_format)


@forward("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def _run_zero_padding(
    np: Numpy, weights: Weights, inputs: Array, *, padding: object, data_format: str | None = None, **rest: object
) -> Array:
    pairs = ((0, 0), *_margins(padding, inputs, "padding"), (0, 0))
    return from_last(np, np.pad(to_last(np, inputs, data_format), pairs), data_format)


@forward("UpSampling1D", "UpSampling2D", "UpSampling3D")
def _run_up_sampling(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    size: object,
    data_format: str | None = None,
    interpolation: str = "nearest",
    **rest: object,
) -> Array:
    if interpolation != "nearest":
        raise Fault(f"interpolates with {interpolation}, which cannot be run here", arg="interpolation")
    x = to_last(np, inputs, data_format)
    for axis, times in enumerate(spread(size, inputs.ndim - 2, "size"), start=1):
        x = np.repeat(x, times, axis=axis)
    return from_last(np, x, data_format)
