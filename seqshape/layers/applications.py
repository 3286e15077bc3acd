"""Layers of keras.applications that keras.layers does not have: the models there hold them."""

from __future__ import annotations

from seqshape.declaration import Parameter
from seqshape.kinds import Size
from seqshape.reach import see, together
from seqshape.registry import layer
from seqshape.tensor import DROP, Effect, Tensor, Tensors


@layer(
    keras="applications",
    unnamed=True,
    signature={"init_values": ..., "projection_dim": ...},
    beside=(Parameter("init_values", "Number"),),
)
def LayerScale(inputs: Tensor, projection_dim: Size) -> Effect:
    """Of ConvNeXt: every channel times a weight of its own, which starts at ``init_values``. The shape stays.

    Keras gives the weight no name, so it is called a variable, and numbered.
    """
    return Effect(Tensor(inputs.shape), {"variable": (projection_dim,)}, 0, see(), DROP)


@layer(keras="applications", signature={"drop_path_rate": ...}, beside=(Parameter("drop_path_rate", "Number"),))
def StochasticDepth(inputs: Tensor) -> Effect:
    """Of ConvNeXt: in training, whole samples become zero at ``drop_path_rate``. The shape stays; no weights."""
    return Effect(Tensor(inputs.shape), {}, 0, see(), DROP)


@layer(keras="applications", signature={"scale": ...}, beside=(Parameter("scale", "Number"),))
def CustomScaleLayer(inputs: Tensors) -> Effect:
    """Of InceptionResNetV2: the first of two inputs plus ``scale`` times the second."""
    return Effect(Tensor(inputs[0].shape), {}, 0, together(*map(see, range(len(inputs)))), DROP)
