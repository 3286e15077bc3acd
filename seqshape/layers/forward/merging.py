"""The layers of merging on arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from seqshape.layers.forward.arrays import Array, Numpy, Weights
from seqshape.layers.merging import _contracted
from seqshape.registry import forward
from seqshape.tensor import Tensor


def _level(np: Numpy, arrays: list[Array]) -> list[Array]:
    """Arrays of one rank: axes are put in behind the batch."""
    rank = max(array.ndim for array in arrays)
    return [array.reshape((len(array), *(1,) * (rank - array.ndim), *array.shape[1:])) for array in arrays]


def _run_pairwise(function: str) -> Callable[..., Array]:
    """The forward pass of a layer that joins its inputs by a function of numpy, one after the other."""

    def run(np: Numpy, weights: Weights, inputs: list[Array], **rest: object) -> Array:
        return reduce(getattr(np, function), _level(np, inputs))

    return run


forward("Add")(_run_pairwise("add"))
forward("Subtract")(_run_pairwise("subtract"))
forward("Multiply")(_run_pairwise("multiply"))
forward("Maximum")(_run_pairwise("maximum"))
forward("Minimum")(_run_pairwise("minimum"))


@forward("Average")
def _run_average(np: Numpy, weights: Weights, inputs: list[Array], **rest: object) -> Array:
    return reduce(np.add, _level(np, inputs)) / len(inputs)


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
