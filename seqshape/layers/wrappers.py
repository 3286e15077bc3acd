"""Layers that hold another layer."""

from __future__ import annotations

from seqshape.kinds import Layer
from seqshape.reach import see
from seqshape.registry import layer
from seqshape.tensor import KEEP, Effect, Tensor, under


@layer("TD")
def TimeDistributed(inputs: Tensor, layer: Layer) -> Effect:
    """The same layer, with the same weights, at every step. Around Dense it changes nothing: Dense does that by itself."""
    batch, steps, *rest = inputs.axes("batch time ...")
    inner = layer(Tensor((batch, *rest), inputs.dtype))
    out = Tensor((batch, steps, *inner.out.shape[1:]), inner.out.dtype)
    return Effect(out, under(layer.name, inner.weights), steps * inner.macs, see().each(1, inner.reach), KEEP)
