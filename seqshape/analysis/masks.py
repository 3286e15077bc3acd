"""Masks: which layer makes one, passes it on, uses it, or drops it; whether anybody uses it at all.

It goes by what each rule says becomes of the mask of its input, so that it holds for every source and version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from seqshape.bind.layer import Layer, is_operation
from seqshape.graph import Node, references
from seqshape.registry import has
from seqshape.summary import Row, Summary
from seqshape.tensor import PREVIOUS, Mask
from seqshape.walk.flow import Done, Flow, flat
from seqshape.walk.model import Model

if TYPE_CHECKING:
    from seqshape.network import Network

MADE, USED, PASSED, DROPPED, ENDED = "made", "used", "passed on", "dropped here", "ends here"
_KEPT = frozenset({"keep"})
_JOINED = frozenset({"or", "concatenate"})
_LOST = frozenset({"drop", "none"})
_NOT_MADE = _KEPT | _JOINED | _LOST
Places = dict[tuple[Node, int], bool]  # whether each tensor carries a mask


def show_masks(summary: Summary, network: Network) -> Summary:
    """The summary with what each row does with masks."""
    found: dict[str, tuple[str, ...]] = {}
    Carried(network.model, found).walk([False] * len(network.model.graph.inputs))
    return summary._replace(layers=tuple(_told(row, found) for row in summary.layers))


def _told(row: Row, found: dict[str, tuple[str, ...]]) -> Row:
    inside = tuple(_told(inner, found) for inner in row.layers)
    return row._replace(masks=found.get(row.name, ()), layers=inside)


class Carried:
    """The masks of one model, layer by layer; ``found`` gets the words of each layer by its name."""

    def __init__(self, model: Model, found: dict[str, tuple[str, ...]]) -> None:
        self.model = model
        self.found = found
        self.carries: Places = {}

    def walk(self, given: Sequence[bool]) -> bool:
        """Follow the masks from the inputs, of which some carry one; gives whether an output carries one."""
        for node, masked in zip(self.model.graph.inputs, given, strict=False):
            self.carries[node, 0] = masked
        for node, done in self.model.done.items():
            if node not in self.model.ports and done.outputs is not None:
                self._follow(node, done)
        return any(self.carries.get((ref.node, ref.output or 0), False) for ref in references(self.model.graph.outputs))

    def _follow(self, node: Node, done: Done) -> None:
        before = [self._has(flow) for flow in done.inputs if flow is not None]
        after: Sequence[bool]
        if isinstance(done.layer, Model):
            inside = Carried(done.layer, self.found).walk(before)
            after = [inside] * len(flat(done.outputs))
        else:
            after = self._after(done, before)
        for place, masked in enumerate(after):
            self.carries[node, place] = masked
        if isinstance(done.layer, Layer) and not done.layer.type.operation:
            words = tuple(_words(done, any(before) or "mask" in done.kwargs, any(after)))
            self.found[done.layer.name] = tuple(dict.fromkeys((*self.found.get(done.layer.name, ()), *words)))

    def _has(self, flow: Flow) -> bool:
        return self.carries.get((flow.ref.node, flow.ref.output or 0), False)

    def _after(self, done: Done, before: list[bool]) -> list[bool]:
        masks = done.effect.mask if done.effect is not None else ()
        each = (masks,) if isinstance(masks, Mask) else masks
        given = "mask" in done.kwargs or bool(before and before[0])
        outputs = len(flat(done.outputs))
        if len(each) == 1:
            return [_becomes(each[0], given, before)] + [False] * (outputs - 1)
        return [_becomes(mask, given, before) for mask in each]


def _becomes(mask: Mask, given: bool, before: list[bool]) -> bool:
    """Whether an output carries a mask."""
    if mask.op in _KEPT:
        return given
    if mask.op in _JOINED:
        return all(before) if mask.op == "or" else any(before)
    return mask.op not in _LOST and (given or not _needs_one(mask))


def _needs_one(mask: Mask) -> bool:
    """Whether a mask is made of another one."""
    return mask == PREVIOUS or any(isinstance(one, Mask) and _needs_one(one) for one in mask.operands)


def makes(done: Done) -> bool:
    """Whether a layer makes a mask where there was none."""
    masks = done.effect.mask if done.effect is not None else ()
    first = masks if isinstance(masks, Mask) else masks[0] if masks else None
    return first is not None and first.op not in _NOT_MADE and not _needs_one(first)


def uses(layer: object) -> bool:
    """Whether a layer looks at the mask that it gets; of a TimeDistributed the layer inside."""
    if not isinstance(layer, Layer) or layer.type.operation:
        return False
    inner = layer.arguments.get("layer")
    if has(layer, "each_step") and isinstance(inner, Layer):
        return uses(inner)
    return any(name == "mask" or name.endswith("_mask") for name in _asked(layer))


def _asked(layer: Layer) -> Iterator[str]:
    """The arguments of the call that can be a mask; a flag of attention is none."""
    yield from (name for name in layer.type.call_arguments if not name.startswith("use_"))


def drops(done: Done) -> bool:
    """Whether a layer takes no notice of masks, so that one ends there, with a warning of Keras."""
    masks = done.effect.mask if done.effect is not None else ()
    return isinstance(masks, Mask) and masks.op == "drop" and not uses(done.layer)


def fate(made: Done, model: Model, readers: Callable[[Node], list[Done]]) -> Done | None:
    """The layer at which a mask ends that no other has used; ``None`` if one uses it, or the loss may."""
    ends = {ref.node for ref in references(model.graph.outputs)}
    waiting, seen, dropped = [made.node], set[Node](), None
    while waiting:
        node = waiting.pop(0)
        if node in ends:
            return None
        for done in readers(node) if node not in seen else ():
            if not isinstance(done.layer, Layer) or uses(done.layer):
                return None
            if _passes(done):
                waiting.append(done.node)
            elif not done.layer.type.operation:
                dropped = dropped or done
        seen.add(node)
    return dropped


def _passes(done: Done) -> bool:
    masks = done.effect.mask if done.effect is not None else ()
    each = (masks,) if isinstance(masks, Mask) else masks
    return any(mask.op not in _LOST for mask in each) and not is_operation(done.layer)


def _words(done: Done, before: bool, after: bool) -> Iterator[str]:
    if makes(done):
        yield MADE
    elif before:
        used = uses(done.layer)
        if used:
            yield USED
        if after:
            yield PASSED
        elif not used:
            yield DROPPED if drops(done) else ENDED
