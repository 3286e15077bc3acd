"""The layers of preprocessing on arrays."""

from __future__ import annotations

from seqshape.layers.forward.arrays import Array, Numpy, Weights
from seqshape.registry import forward


@forward("Rescaling")
def _run_rescaling(
    np: Numpy, weights: Weights, inputs: Array, *, scale: object, offset: object, **rest: object
) -> Array:
    return inputs * np.asarray(scale, dtype=float) + np.asarray(offset, dtype=float)
