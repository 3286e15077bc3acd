"""What flows along the edges of a walk, and what is known of a node when it has been walked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seqshape.bind.layer import Bound, Layer
from seqshape.graph import Node, Ref
from seqshape.records import NamedTuple
from seqshape.structure import leaves, mapped
from seqshape.tensor import Effect, Shape, Tensor


class Lost:
    """In the place of a flow that an earlier fault has made unknowable."""


LOST = Lost()


class Flow(NamedTuple):
    """A tensor on its way: what it is, which output of which node it is, and its mask if it carries one."""

    tensor: Tensor
    ref: Ref
    mask: Ref | None = None


class Done(NamedTuple):
    """A node that has been walked: its layer, the flows in (in Keras's order) and out, and the rule's effect.

    ``outputs`` has the structure that the layer returns; it and the effect are ``None`` where nothing can be known.
    ``args`` and ``kwargs`` are the operands as the rule got them.
    """

    node: Node
    layer: Bound
    inputs: tuple[Flow | None, ...]
    outputs: Any
    effect: Effect | None
    args: tuple[object, ...] = ()
    kwargs: dict[str, object] = {}  # noqa: RUF012 -- never changed

    def operands(self) -> tuple[Flow | None, ...]:
        """The flows in, in the order in which the layer's ``call`` names them, which is how a reach counts them."""
        if not isinstance(self.layer, Layer) or not self.kwargs:
            return self.inputs
        names = self.layer.type.call_arguments or self.layer.type.inputs
        named = sorted(self.kwargs, key=lambda name: names.index(name) if name in names else len(names))
        return tuple(flows_in([list(self.args), *(self.kwargs[name] for name in named)]))

    def shapes(self) -> tuple[Shape | None, ...]:
        """The shapes of all outputs."""
        if type(self.outputs) is Flow:
            return (self.outputs.tensor.shape,)
        return tuple(flow.tensor.shape for flow in flat(self.outputs)) if self.outputs is not None else (None,)


def flat(outputs: object) -> list[Flow]:
    """The flows of a structure in Keras's order."""
    return [outputs] if type(outputs) is Flow else [leaf for leaf in leaves(outputs) if type(leaf) is Flow]


def tensors_of(flows: object) -> Any:
    """The same structure without what the walk adds."""
    return mapped(lambda leaf: leaf.tensor if type(leaf) is Flow else leaf, flows)


def flows_in(values: object) -> Iterator[Flow | None]:
    """The flows in a structure in Keras's order; ``None`` for one that is not known. Literals do not count."""
    for leaf in leaves(values):
        if type(leaf) is Flow:
            yield leaf
        elif leaf is LOST:
            yield None


def complete(outputs: object) -> bool:
    """Whether every tensor of a structure is known, and there is one."""
    known = [type(leaf) is Flow for leaf in leaves(outputs)]
    return bool(known) and all(known)
