"""The layers of merging on arrays."""

from __future__ import annotations

from functools import reduce

from seqshape.layers.forward.arrays import Array, Numpy, Weights
from seqshape.layers.merging import _contracted
from seqshape.registry import forward
from seqshape.tensor import Tensor


def _level(np: Numpy, arrays: list[Array]) -> list[Array]:
    """Arrays of one rank: axes are put in behind the batch."""
    rank = max(array.ndim for array in arrays)
    return [array.reshape((len(array), *(1,) * (rank - array.ndim), *array.shape[1:])) for array in arrays]


@forward("Add")
def _run_add(np: Numpy, weights: Weights, inputs: list[Array], **rest: object) -> Array:
    return reduce(np.add, _level(np, inputs))


@forward("Subtract")
def _run_subtract(np: Numpy, weights: Weights, inputs: list[Array], **rest: object) -> Array:
    return reduce(np.subtract, _level(np, inputs))


@forward("Multiply")
def _run_multiply(np: Numpy, weights: Weights, inputs: list[Array], **rest: object) -> Array:
    return reduce(np.multiply, _level(np, inputs))


@forward("Average")
def _run_average(np: Numpy, weights: Weights, inputs: list[Array], **rest: object) -> Array:
    return reduce(np.add, _level(np, inputs)) / len(inputs)


@forward("Maximum")
def _run_maximum(np: Numpy, weights: Weights, inputs: list[Array], **rest: object) -> Array:
    return reduce(np.maximum, _level(np, inputs))


@forward("Minimum")
def _run_minimum(np: Numpy, weights: Weights, inputs: list[Array], **rest: object) -> Array:
    return reduce(np.minimum, _level(np, inputs))


@forward("Concatenate")
def _run_concatenate(np: Numpy, weights: Weights, inputs: list[Array], *, axis: int, **rest: object) -> Array:
    return np.concatenate(inputs, axis=axis)


@forward("Dot")
def _run_dot(
    np: Numpy, weights: Weights, inputs: list[Array], *, axes: object, normalize: bool, **rest: object
) -> Array:
    left, right = _contracted(axes, *(Tensor(array.shape) for array in inputs))
    first, second = (
        array / np.sqrt(np.maximum(np.sum(array**2, axis=axis, keepdims=True), 1e-12)) if normalize else array
        for array, axis in zip(inputs, (left, right), strict=True)
    )
    one = "b" + "cdefgh"[: first.ndim - 1]
    two = "b" + "opqrst"[: second.ndim - 1]
    two = two[:right] + one[left] + two[right + 1 :]
    found = np.einsum(f"{one},{two}->b{(one + two).replace(one[left], '').replace('b', '')}", first, second)
    return found if found.ndim > 1 else found[:, None]
