"""The layers of normalization on arrays."""

from __future__ import annotations

from seqshape.kinds import Axes
from seqshape.layers.forward.arrays import Array, Numpy, Weights
from seqshape.registry import forward
from seqshape.structure import listed


def _along(x: Array, values: Array, places: list[int]) -> Array:
    """Weights of the axes ``places``, shaped so that they stretch to ``x``."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    shape = [x.shape[axis] if axis in places else 1 for axis in range(x.ndim)]
    return values.transpose(order).reshape(shape) if len(places) else values


@forward("BatchNormalization")
def _run_batch_normalization(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    axis: float,
    epsilon: float,
    center: bool,
    scale: bool,
    **rest: object,
) -> Array:
    places = [int(axis) % inputs.ndim]
    mean, variance = (_along(inputs, weights[f"moving_{name}"], places) for name in ("mean", "variance"))
    found = (inputs - mean) / np.sqrt(variance + epsilon)
    return _rescaled(found, weights, places, scale, center)


def _rescaled(x: Array, weights: Weights, places: list[int], scale: bool, center: bool) -> Array:
    """Times gamma and plus beta, where the layer has them."""
    x = x * _along(x, weights["gamma"], places) if scale else x
    return x + _along(x, weights["beta"], places) if center else x


@forward("LayerNormalization")
def _run_layer_normalization(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    axis: Axes,
    epsilon: float,
    center: bool,
    scale: bool,
    rms_scaling: bool = False,
    **rest: object,
) -> Array:
    places = [one % inputs.ndim for one in sorted(listed(axis))]
    over = tuple(places)
    spread = np.sqrt(np.var(inputs, axis=over, keepdims=True) + epsilon)
    found = (inputs if rms_scaling else inputs - np.mean(inputs, axis=over, keepdims=True)) / spread
    return _rescaled(found, weights, places, scale or rms_scaling, center and not rms_scaling)


@forward("RMSNormalization")
def _run_rms_normalization(
    np: Numpy, weights: Weights, x: Array, *, axis: Axes, epsilon: float, **rest: object
) -> Array:
    places = [one % x.ndim for one in sorted(listed(axis))]
    root = np.sqrt(np.mean(x**2, axis=tuple(places), keepdims=True) + epsilon)
    return x / root * _along(x, weights["scale"], places)


@forward("UnitNormalization")
def _run_unit_normalization(np: Numpy, weights: Weights, inputs: Array, *, axis: Axes, **rest: object) -> Array:
    over = tuple(one % inputs.ndim for one in listed(axis))
    return inputs / np.maximum(np.sqrt(np.sum(inputs**2, axis=over, keepdims=True)), 1e-12)


@forward("GroupNormalization")
def _run_group_normalization(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    groups: int,
    axis: int,
    epsilon: float,
    center: bool,
    scale: bool,
    **rest: object,
) -> Array:
    place = axis % inputs.ndim
    x = np.moveaxis(inputs, place, -1)
    grouped = x.reshape((len(x), -1, groups if groups > 0 else x.shape[-1], x.shape[-1] // groups if groups > 0 else 1))
    mean, variance = (measure(grouped, axis=(1, 3), keepdims=True) for measure in (np.mean, np.var))
    found = np.moveaxis(((grouped - mean) / np.sqrt(variance + epsilon)).reshape(x.shape), -1, place)
    return _rescaled(found, weights, [place], scale, center)


@forward("Normalization")
def _run_normalization(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    axis: Axes,
    mean: object,
    variance: object,
    invert: bool,
    **rest: object,
) -> Array:
    kept = {one % inputs.ndim for one in (() if axis is None else listed(axis))}
    sizes = tuple(size if place in kept else 1 for place, size in enumerate(inputs.shape))
    given = (weights["mean"], weights["variance"]) if mean is None else (mean, variance)
    kernel = tuple(inputs.shape[place] for place in sorted(kept))
    middle, spread = (np.broadcast_to(np.asarray(one, dtype=float), kernel).reshape(sizes) for one in given)
    width = np.maximum(np.sqrt(spread), 1e-7)
    return middle + inputs * width if invert else (inputs - middle) / width
