"""What stands in the source of a model beside layers: the weights that a class of the user's makes itself."""

from __future__ import annotations

from seqshape.kinds import Dims
from seqshape.reach import NOTHING
from seqshape.registry import layer
from seqshape.tensor import NO_MASK, Effect, Tensor


@layer(keras="source")
def Weight(shape: Dims) -> Effect:
    """A weight that ``add_weight`` makes, as a tensor of the graph inside a layer."""
    return Effect(Tensor(shape), {"": shape}, 0, NOTHING, NO_MASK)
