"""Core layers."""

from __future__ import annotations

from seqshape.dims import product
from seqshape.kinds import Activation, Anything, Dims, Flag, Size, Text
from seqshape.reach import see
from seqshape.registry import layer
from seqshape.tensor import INPUT, KEEP, NO_MASK, Effect, Mask, Tensor, WeightShape


@layer("Input")
def InputLayer(
    shape: Dims | None = None,
    batch_size: Size | None = None,
    dtype: Text | None = None,
    *,
    sparse: Anything = None,
    ragged: Anything = None,
    batch_shape: Dims | None = None,
    input_tensor: Anything = None,
    optional: Flag = False,
) -> Effect:
    """An input of the model: ``shape`` is one sample's, without the batch. It has no weights."""
    return Effect(Tensor(shape or ()))


@layer(pinned=True)
def Dense(
    inputs: Tensor, units: Size, activation: Activation = None, use_bias: Flag = True, *, lora_rank: Anything = None
) -> Effect:
    """Fully-connected layer: ``activation(inputs @ kernel + bias)`` along the last axis; the other axes stay as they are.

    The same kernel serves every step of a sequence, so TimeDistributed(Dense) is the same network.
    """
    batch, *middle, features = inputs.axes("batch ... features")
    weights: dict[str, WeightShape] = {"kernel": (features, units)}
    if use_bias:
        weights["bias"] = (units,)
    macs = product((*middle, features, units))
    return Effect(inputs.last(units), weights, macs, see().mix(-1), KEEP)


@layer("Emb")
def Embedding(inputs: Tensor, input_dim: Size, output_dim: Size, *, mask_zero: Flag = False) -> Effect:
    """A table of ``input_dim`` vectors of ``output_dim`` numbers: each whole number of the input becomes its vector.

    ``mask_zero`` makes 0 the padding, and later layers get a mask.
    """
    out = Tensor((*inputs.shape, output_dim))
    mask = Mask("not_equal", (INPUT, 0)) if mask_zero else NO_MASK
    return Effect(out, {"embeddings": (input_dim, output_dim)}, 0, see().insert(len(inputs.shape)), mask)
