"""Masks, as Keras carries them along symbolic tensors: in a Functional they are part of the graph and of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqshape.bind import Layer
from seqshape.graph import Call, Node, Ref, Value
from seqshape.tensor import DROP, INPUT, KEEP, NO_MASK, Effect, Mask

if TYPE_CHECKING:
    from seqshape.infer import Step


class Masks:
    """The masks of one call: which come in, which of them the node records, and what the layer makes of them."""

    def __init__(self, step: Step, node: Node, layer: Any) -> None:
        self.step = step
        self.node = node
        self.layer = layer
        self.active = step.model.graph.masked and step.session.version == "3"

    def populate(self, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The call's keywords with the mask that Keras fills in. The node records it only where Keras's does.

        Keras adds the mask to the recorded keywords only of a call with one positional tensor of the layer's own
        dtype: in every other case it converts the arguments first and fills in a copy.
        """
        if not self.active or not isinstance(self.layer, Layer) or kwargs or len(args) != 1:
            return kwargs
        flow = args[0]
        if "mask" not in self.layer.type.call_arguments or not _is_flow(flow) or flow.mask is None:
            return kwargs
        if flow.tensor.dtype == self.layer.compute_dtype:
            self.node.kwargs.setdefault("mask", flow.mask)  # of the first walk: its nodes have the rows
            self.step.model.populated.add(self.node)
            return {"mask": self.step.operand(flow.mask)}
        return kwargs

    def mark(self, outputs: Any, args: list[Any], kwargs: dict[str, Any], effect: Effect) -> Any:
        """The outputs with their masks."""
        if not self.active:
            return outputs
        first = args[0] if args else next(iter(kwargs.values()), None)
        each = (effect.mask,) if isinstance(effect.mask, Mask) else effect.mask
        if each[0].op not in ("keep", "drop", "none"):
            return _with_mask(outputs, self._make(each[0], first))
        previous = self._previous(first)
        if previous is None:
            return outputs
        if _is_flow(outputs):
            return _with_mask(outputs, self._passed(each[0], previous))
        if isinstance(outputs, list):
            masks = [self._passed(mask, previous) for mask in each] + [None] * len(outputs)
            return [
                _with_mask(item, mask) if _is_flow(item) else item for item, mask in zip(outputs, masks, strict=False)
            ]
        return outputs

    def _passed(self, mask: Mask, previous: Ref) -> Ref | None:
        if mask == KEEP:
            return previous
        assert mask in (DROP, NO_MASK)
        return None

    def _previous(self, first: Any) -> Ref | None:
        """The mask of the first input; of a list the first one's (attention)."""
        if isinstance(first, list) and first:
            first = first[0]
        mask: Ref | None = getattr(first, "mask", None)
        return mask

    def _make(self, mask: Mask, first: Any) -> Ref | None:
        """Add the nodes of a mask operation, innermost first, and give the result."""
        operands = [self._operand(operand, first) for operand in mask.operands]
        if mask.op == "or":
            return self._or(first)
        if mask.op == "concatenate":
            return self._concatenate(first, mask.keywords["axis"])
        return self._add(mask.op, operands, mask.keywords)

    def _operand(self, operand: Any, first: Any) -> Any:
        if isinstance(operand, Mask):
            return first.ref if operand == INPUT else self._make(operand, first)
        return operand

    def _add(self, op: str, operands: list[Any], keywords: dict[str, Any]) -> Ref:
        from seqshape.graph import Argument

        span = self.node.span
        arguments = tuple(Argument(name, Value(value, span), span) for name, value in keywords.items())
        call = Call(f"ops.{op}", arguments, span)
        args = tuple(operand if isinstance(operand, (Ref, list)) else Value(operand, span) for operand in operands)
        return self.step.add(Node(call, args, span=span)).ref

    def _or(self, flows: Any) -> Ref | None:
        """Merging layers: the masks of all inputs or-ed, none if one has none."""
        masks = [flow.mask for flow in flows]
        if any(mask is None for mask in masks):
            return None
        result: Ref = masks[0]
        for mask in masks[1:]:
            result = self._add("logical_or", [result, mask], {})
        return result

    def _concatenate(self, flows: Any, axis: int) -> Ref | None:
        """Concatenate: every mask widened to its input's shape, ones where there is none, joined, then any over features."""
        if all(flow.mask is None for flow in flows):
            return None
        widened = []
        for flow in flows:
            if flow.mask is None:
                widened.append(self._add("ones_like", [flow.ref], {"dtype": "bool"}))
            elif self._rank(flow.mask) < flow.tensor.rank:
                expanded = self._add("expand_dims", [flow.mask], {"axis": -1})
                zeros = self._add("zeros_like", [flow.ref], {"dtype": "bool"})
                widened.append(self._add("logical_or", [expanded, zeros], {}))
            else:
                widened.append(flow.mask)
        joined = self._add("concatenate", [widened], {"axis": axis})
        return self._add("any", [joined], {"axis": -1, "keepdims": False})

    def _rank(self, mask: Ref) -> int:
        found = self.step.done[mask.node].shapes()[mask.output or 0]
        return len(found) if found is not None else 0


def _is_flow(value: Any) -> bool:
    return hasattr(value, "ref") and hasattr(value, "mask")


def _with_mask(outputs: Any, mask: Ref | None) -> Any:
    return outputs._replace(mask=mask) if _is_flow(outputs) else outputs
