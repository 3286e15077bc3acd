"""What flows along the edges of a walk, and what is known of a node when it has been walked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

from seqshape.bind.layer import Bound, Layer
from seqshape.graph import Node, Ref
from seqshape.structure import EMPTY, leaves, mapped
from seqshape.tensor import Effect, Shape, Tensor


class Lost:
    """In the place of a flow that an earlier fault has made unknowable."""


LOST = Lost()


LISTED: tuple[tuple[object, ...], dict[str, object]] = (
    (),
    EMPTY,
)  # in the place of operands: the flows in, in one list


@final
class Flow:
    """A tensor on its way: what it is, output number ``output`` of which node it is, and its mask if it carries one.

    It is no tuple, since there is one for every tensor of a network: this takes less room, and its fields are read in a
    third of the time. Nothing changes one.
    """

    __slots__ = ("mask", "node", "output", "tensor")

    def __init__(self, tensor: Tensor, node: Node, output: int = 0, mask: Ref | None = None) -> None:
        self.tensor = tensor
        self.node = node
        self.output = output
        self.mask = mask

    @property
    def ref(self) -> Ref:
        """Which output of which node it is, as those that read it say it."""
        return Ref(self.node, self.output)

    def masked(self, mask: Ref | None) -> Flow:
        """The same tensor with a mask, or without one."""
        return Flow(self.tensor, self.node, self.output, mask)


class Done:
    """A node that has been walked: its layer, the flows in (in Keras's order) and out, and the rule's effect.

    ``outputs`` has the structure that the layer returns; it and the effect are ``None`` where nothing can be known.
    ``args`` and ``kwargs`` are the operands as the rule got them. ``source``: the one flow that most nodes read, with
    nothing else; or the flows in, and in ``fed`` the operands. Nothing changes one.
    """

    __slots__ = ("_fed", "_source", "effect", "layer", "node", "outputs")

    def __init__(
        self,
        node: Node,
        layer: Bound,
        source: Flow | tuple[Flow | None, ...],
        outputs: Any,
        effect: Effect | None,
        fed: tuple[tuple[object, ...], dict[str, object]] | None = None,
    ) -> None:
        self.node = node
        self.layer = layer
        self._source = source
        self.outputs = outputs
        self.effect = effect
        self._fed = fed

    @property
    def inputs(self) -> tuple[Flow | None, ...]:
        """The flows in, in Keras's order."""
        source = self._source
        return (source,) if type(source) is Flow else source

    @property
    def args(self) -> tuple[object, ...]:
        """The operands in position as the rule got them."""
        if self._fed is LISTED:
            return ([*self.inputs],)
        if self._fed is not None:
            return self._fed[0]
        return (self._source,) if type(self._source) is Flow else ()

    @property
    def kwargs(self) -> dict[str, object]:
        """Those by keyword."""
        return EMPTY if self._fed is None else self._fed[1]

    def giving(self, outputs: Any) -> Done:
        """The same with other outputs."""
        return Done(self.node, self.layer, self._source, outputs, self.effect, self._fed)

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
