"""The layers of activation on arrays."""

from __future__ import annotations

from seqshape.layers.forward.arrays import Array, Numpy, Weights, activate, elu, softmax
from seqshape.registry import forward


@forward("Activation")
def _run_activation(np: Numpy, weights: Weights, inputs: Array, *, activation: object, **rest: object) -> Array:
    return activate(np, activation, inputs)


@forward("ReLU")
def _run_relu(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    max_value: object,
    negative_slope: float,
    threshold: float,
    **rest: object,
) -> Array:
    passed = inputs if max_value is None else np.minimum(inputs, max_value)
    return np.where(inputs >= threshold if threshold else inputs > 0, passed, negative_slope * (inputs - threshold))


@forward("LeakyReLU")
def _run_leaky_relu(
    np: Numpy, weights: Weights, inputs: Array, *, negative_slope: float, alpha: object = None, **rest: object
) -> Array:
    return np.where(inputs > 0, inputs, (negative_slope if alpha is None else alpha) * inputs)


@forward("ThresholdedReLU")
def _run_thresholded_relu(np: Numpy, weights: Weights, inputs: Array, *, theta: float, **rest: object) -> Array:
    return np.where(inputs > theta, inputs, 0)


@forward("ELU")
def _run_elu(np: Numpy, weights: Weights, inputs: Array, *, alpha: float, **rest: object) -> Array:
    return elu(np, inputs, alpha)


@forward("PReLU")
def _run_prelu(np: Numpy, weights: Weights, inputs: Array, **rest: object) -> Array:
    return np.where(inputs > 0, inputs, weights["alpha"] * inputs)


@forward("Softmax")
def _run_softmax(
    np: Numpy, weights: Weights, inputs: Array, *, axis: object, mask: Array = None, **rest: object
) -> Array:
    shown = inputs if mask is None else np.where(mask, inputs, inputs - 1e9)
    return softmax(np, shown, tuple(axis) if isinstance(axis, (tuple, list)) else axis)
