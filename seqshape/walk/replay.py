"""A finished network walked again in another medium: on arrays, as source code, as statements to write.

What is the same in every medium stands here once: which nodes the outputs depend on, what a call's operands are and by
which names its rule knows them, which masks Keras hands to a layer, and how the masks of its outputs come about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from seqshape.declaration import LayerType
from seqshape.graph import Node, Operand, Ref
from seqshape.structure import leaves, mapped
from seqshape.tensor import INPUT, PREVIOUS, Effect, Mask
from seqshape.walk.flow import Done, Flow, flat
from seqshape.walk.model import Model

Operands: TypeAlias = Any  # lists and dicts of what stands for tensors, and literals


class Carrier(Protocol):
    """What stands for a tensor in a medium, with what stands for its mask, if it carries one."""

    @property
    def mask(self) -> Any:
        """The mask, or ``None``."""


Item = TypeVar("Item", bound=Carrier)


# --- which nodes, and what they are called with -----------------------------------------------------------------------


def written_keywords(model: Model, node: Node) -> dict[str, Operand]:
    """The keywords of a call as its source has them: without the mask that Keras fills in by itself."""
    return dict(model.operands(node)[1])


def needed(model: Model) -> list[Done]:
    """The nodes that the outputs depend on, in the order of the walk; operations on masks come by themselves."""
    found: set[Node] = set()
    waiting = [flow.ref.node for flow in flat(model.outputs)]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += [ref.node for ref in model.written(node)]
    return [done for node, done in model.done.items() if node in found]


class Replay(Generic[Item]):
    """One run through a model; ``values`` has what stands for each output of each node."""

    def __init__(self, model: Model, inputs: Iterable[Item]) -> None:
        self.model = model
        self.values: dict[tuple[Node, int], Item] = {
            (node, 0): item for node, item in zip(model.graph.inputs, inputs, strict=True)
        }

    def run(self, apply: Callable[[Done, list[Any], dict[str, Any]], Sequence[Item]]) -> None:
        """Apply every layer that is needed; ``apply`` gets its operands as the call has them, and gives its outputs."""
        for done in needed(self.model):
            if (done.node, 0) not in self.values:
                written = written_keywords(self.model, done.node)
                keywords = {name: self.at(flow) for name, flow in done.kwargs.items() if name in written}
                for index, item in enumerate(apply(done, [self.at(flow) for flow in done.args], keywords)):
                    self.values[done.node, index] = item

    def at(self, flows: object) -> Operands:
        """What stands for the tensors of a structure, in the same structure; literals as they are."""
        return mapped(lambda leaf: self.value(leaf.ref) if type(leaf) is Flow else leaf, flows)

    def value(self, ref: Ref) -> Item:
        """What stands for one tensor."""
        return self.values[ref.node, ref.output or 0]

    def results(self) -> list[Item]:
        """What stands for the outputs of the model, in Keras's order."""
        return [self.value(flow.ref) for flow in flat(self.model.outputs)]


def named(kind: LayerType, args: list[Any], keywords: dict[str, Any]) -> dict[str, Operands]:
    """The operands of a call by the names of the rule's parameters, the first input first."""
    names = kind.call_arguments or kind.inputs
    found = dict(zip(names, [args] if kind.variadic else args, strict=False)) | keywords
    taken = {name: item for name, item in found.items() if name in kind.annotations and item is not None}
    return {kind.inputs[0]: found[names[0]]} | {name: item for name, item in taken.items() if name != names[0]}


def items(operands: Operands, carrier: type[Item]) -> Iterator[Item]:
    """What stands for tensors in a structure, in Keras's order."""
    return (leaf for leaf in leaves(operands) if isinstance(leaf, carrier))


# --- masks ------------------------------------------------------------------------------------------------------------


class Masking(Protocol):
    """How a medium makes a mask. A mask may be ``None`` where there is none."""

    def of_input(self, first: Operands) -> Any:
        """The layer's first input, to compute with."""

    def either(self, masks: list[Any]) -> Any:
        """Masks or-ed."""

    def joined(self, parts: list[Any], axis: int) -> Any:
        """The mask of tensors that are concatenated: each stretched to its tensor, ones where there is none; a place
        counts if any of its features does.
        """

    def computed(self, mask: Mask, operands: list[object]) -> object:
        """What an operation of keras.ops gives."""


def mask_of(operand: Operands) -> Any:
    """The mask of what stands for a tensor, or those of a list if one has any."""
    if not isinstance(operand, list):
        return getattr(operand, "mask", None)
    masks = [mask_of(item) for item in operand]
    return masks if any(mask is not None for mask in masks) else None


def masks_given(kind: LayerType, operands: dict[str, Operands], carrier: type[Item]) -> dict[str, Any]:
    """The masks that Keras hands to a layer beside its inputs, by the names of its parameters."""
    several = sum(isinstance(item, carrier) for item in operands.values()) > 1
    found = {
        f"{name}_mask" if f"{name}_mask" in kind.inputs or several else "mask": mask_of(item)
        for name, item in operands.items()
    }
    return {
        name: mask for name, mask in found.items() if name in kind.inputs and name not in operands and mask is not None
    }


def masks_made(effect: Effect | None, first: Operands, number: int, masking: Masking) -> list[Any]:
    """The masks of a layer's outputs, as its rule declares them; ``first`` is its first input."""
    declared = effect.mask if effect is not None else ()
    each = declared if not isinstance(declared, Mask) else (declared,) * (1 if declared.op == "keep" else number)
    found = [_made(mask, first, masking) for mask in each]
    return (found + [None] * number)[:number]


def _made(mask: Mask, first: Operands, masking: Masking) -> object:
    if mask == INPUT:
        return masking.of_input(first)
    if mask.op in ("keep", "drop", "none") or mask == PREVIOUS:
        return _passed(mask, mask_of(first))
    if mask.op in ("or", "concatenate"):
        return _merged(mask, first, masking)
    operands = [_made(part, first, masking) if isinstance(part, Mask) else part for part in mask.operands]
    return masking.computed(mask, operands) if all(part is not None for part in operands) else None


def _passed(mask: Mask, given: object) -> object:
    """The mask of the first input, where it is passed on."""
    if mask.op in ("drop", "none"):
        return None
    return given[0] if isinstance(given, list) else given


def _merged(mask: Mask, first: Operands, masking: Masking) -> Any:
    """What a layer that merges tensors makes of their masks: or-ed only if all have one, joined if any has."""
    given = mask_of(first)
    if given is None or (mask.op == "or" and any(one is None for one in given)):
        return None
    return masking.either(given) if mask.op == "or" else masking.joined(first, mask.keywords["axis"])
