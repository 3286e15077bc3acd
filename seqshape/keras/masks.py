"""Masks, as Keras carries them along symbolic tensors: in a Functional they are part of the graph and of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard, TypeVar

from seqshape.bind.layer import Bound, Layer
from seqshape.diagnostics import Span
from seqshape.graph import Argument, Call, Node, Operand, Ref, Value
from seqshape.structure import leaves, mapped
from seqshape.tensor import INPUT, KEEP, PREVIOUS, Effect, Mask, Unknowable, is_float
from seqshape.walk.flow import Flow, flat

Same = TypeVar("Same")


class Wiring:
    """What masks ask of the walk: nodes that the source does not write are walked too."""

    def add(self, node: Node) -> Flow:
        """Walk a node more, and give its flow."""
        raise Unknowable

    def rank(self, ref: Ref) -> int:
        """The number of axes of a tensor; 0 where it is not known."""
        return 0


class Masks:
    """The masks of one call: which come in, which of them the node records, and what the layer makes of them.

    ``args`` and ``kwargs`` are the operands. They are only followed where ``active``: on a model's first walk, since
    later ones make no nodes.
    """

    def __init__(
        self, walk: Wiring, active: bool, node: Node, layer: Bound, args: list[object], kwargs: dict[str, object]
    ) -> None:
        self.walk = walk
        self.node = node
        self.layer = layer
        self.active = active
        self.converted = self.active and self._is_converted(args, kwargs)
        if self.converted:
            args, kwargs = self._converted(args), self._converted(kwargs)
        self.first = args[0] if args else next(iter(kwargs.values()), None)
        self.explicit = kwargs.get("mask")

    def _is_converted(self, args: list[object], kwargs: dict[str, object]) -> bool:
        """Whether Keras converts the arguments first: in every case but one positional tensor of the layer's own dtype."""
        dtype = self.layer.input_dtype
        if dtype is None:
            return False
        first = args[0] if len(args) == 1 else None
        return bool(kwargs) or not isinstance(first, Flow) or first.tensor.dtype != dtype

    def _converted(self, operands: Same) -> Same:
        """The operands with a cast node behind every float tensor of another dtype."""
        found: Same = mapped(self._cast, operands)
        return found

    def _cast(self, flow: object) -> object:
        if not isinstance(flow, Flow):
            return flow
        dtype = self.layer.input_dtype or "float32"
        own = flow.tensor.dtype or dtype
        if own == dtype or not is_float(own) or not self.layer.autocast:
            return flow
        return self._node("cast", [flow.ref], {"dtype": dtype}).masked(flow.mask)

    def filled(self, args: list[object], kwargs: dict[str, object]) -> Operand | None:
        """The mask that Keras fills in, as an operand of the node; ``None`` if it fills in none.

        The node records it unless the arguments have been converted: then Keras fills in a copy.
        """
        if not self.active or self.converted or "mask" in kwargs or len(args) != 1 or not self._takes_mask():
            return None
        masks = _masks_of(args[0])
        if all(mask is None for mask in _flat(masks)):
            return None
        return _recorded(masks, self.node.span)

    def _takes_mask(self) -> bool:
        if isinstance(self.layer, Layer):
            return not self.layer.type.operation and "mask" in self.layer.type.call_arguments
        graph = getattr(self.layer, "graph", None)
        return graph is None or not graph.unmasked

    def mark(self, outputs: object, effect: Effect) -> object:
        """The outputs with their masks."""
        if not self.active:
            return outputs
        each = (effect.mask,) if isinstance(effect.mask, Mask) else effect.mask
        if each[0].op not in ("keep", "drop", "none"):
            return _with_masks(outputs, [self._make(each[0])])
        previous = _flat(self.explicit if self.explicit is not None else _masks_of(self.first))
        if len(each) == 1:
            return _with_masks(outputs, previous if each[0] == KEEP else [])
        return _with_masks(outputs, [previous[0] if previous and mask == KEEP else None for mask in each])

    def _make(self, mask: Mask) -> Ref | None:
        """Add the nodes of a mask operation, innermost first, and give the result."""
        if mask.op == "or":
            return self._or(self.first)
        if mask.op == "concatenate":
            return self._concatenate(self.first, mask.keywords["axis"])
        operands = [self._operand(operand) for operand in mask.operands]
        return None if None in operands else self._node(mask.op, operands, mask.keywords).ref

    def _operand(self, operand: object) -> object:
        if operand == INPUT:
            return getattr(self.first, "ref", None)
        if operand == PREVIOUS:
            return next(iter(_flat(self.explicit if self.explicit is not None else _masks_of(self.first))), None)
        return self._make(operand) if isinstance(operand, Mask) else operand

    def _node(self, op: str, operands: Sequence[object], keywords: Mapping[str, object]) -> Flow:
        """Add a node that the source does not write, and give its output."""
        span = self.node.span
        arguments = tuple(Argument(name, Value(value, span), span) for name, value in keywords.items())
        call = Call(f"ops.{op}", arguments, span)
        args = tuple(operand if _holds_tensors(operand) else Value(operand, span) for operand in operands)
        return self.walk.add(Node(call, args, span=span))

    def _or(self, flows: object) -> Ref | None:
        """Merging layers: the masks of all inputs or-ed, none if one has none."""
        given = flat(flows)
        masks = [flow.mask for flow in given if flow.mask is not None]
        if len(masks) < len(given):
            return None
        result = masks[0]
        for mask in masks[1:]:
            result = self._node("logical_or", [result, mask], {}).ref
        return result

    def _concatenate(self, flows: object, axis: int) -> Ref | None:
        """Concatenate: every mask widened to its input's shape, ones where there is none, joined, then any over features."""
        given = flat(flows)
        if all(flow.mask is None for flow in given):
            return None
        widened = [self._widened(flow) for flow in given]
        joined = self._node("concatenate", [widened], {"axis": axis}).ref
        return self._node("any", [joined], {"axis": -1, "keepdims": False}).ref

    def _widened(self, flow: Flow) -> Ref:
        if flow.mask is None:
            return self._node("ones_like", [flow.ref], {"dtype": "bool"}).ref
        if self.walk.rank(flow.mask) >= flow.tensor.rank:
            return flow.mask
        expanded = self._node("expand_dims", [flow.mask], {"axis": -1}).ref
        zeros = self._node("zeros_like", [flow.ref], {"dtype": "bool"}).ref
        return self._node("logical_or", [expanded, zeros], {}).ref


def _holds_tensors(operand: object) -> TypeGuard[Operand]:
    return any(type(leaf) is Ref for leaf in leaves(operand))


def _masks_of(flows: object) -> object:
    """The masks of a structure of tensors, in the same structure."""
    return mapped(lambda leaf: getattr(leaf, "mask", None), flows)


def _flat(masks: object) -> list[Ref | None]:
    """The masks of a structure in Keras's order; a tensor that is given as a mask is one."""
    return [leaf.ref if isinstance(leaf, Flow) else leaf for leaf in leaves(masks)]


def _recorded(masks: object, span: Span) -> Operand:
    """A structure of masks as an operand of a node."""
    found: Operand = mapped(lambda mask: Value(None, span) if mask is None else mask, masks)
    return found


def _with_masks(outputs: object, masks: list[Ref | None]) -> object:
    """The outputs with the masks given to them in order, as far as they go."""
    left = iter(masks)
    return mapped(lambda leaf: leaf.masked(next(left, None)) if isinstance(leaf, Flow) else leaf, outputs)
