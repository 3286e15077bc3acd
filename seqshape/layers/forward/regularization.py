"""The layers of regularization on arrays."""

from __future__ import annotations

from seqshape.layers.forward.arrays import Array, Numpy, Weights
from seqshape.registry import forward


@forward(
    "Dropout",
    "AlphaDropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "ActivityRegularization",
)
def _run_unchanged(np: Numpy, weights: Weights, inputs: Array, **rest: object) -> Array:
    return inputs
