"""A faulty network as a mend sees it: where a fault is, what leads there, in which language it is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from seqshape.bind.layer import Layer
from seqshape.diagnostics import Fault
from seqshape.dims import UNKNOWN, Dim
from seqshape.graph import Call, Node, Ref, references
from seqshape.mending.languages import Bare, Language, New, Patches
from seqshape.network import Network
from seqshape.registry import has, short
from seqshape.tensor import Shape, Tensor
from seqshape.walk.flow import Done
from seqshape.walk.model import Model

FURTHEST = 12  # how many layers back a cause is looked for


class Scene:
    """One fault of a network. ``node`` is where it shows; ``call`` the layer that complains, which may be inside it."""

    def __init__(self, network: Network, language: Language, fault: Fault, node: Node | None) -> None:
        self.network = network
        self.language = language
        self.fault = fault
        self.node = node
        self.call: Call | None = fault.call if isinstance(fault.call, Call) else None
        self._models: dict[Node, Model] | None = None

    @property
    def layer(self) -> Layer | None:
        """The bound layer that complains, if it could be bound."""
        found = self.network.session.binder.get(self.call) if self.call is not None else None
        return found if isinstance(found, Layer) else None

    # --- what leads to a node ----------------------------------------------------------------------------------------

    def upstream(self, node: Node | None = None) -> Iterator[Done]:
        """The layers that lead to a node, nearest first, through branches and nested models."""
        node = node or self.node
        return self._walk_back(node.references()) if node is not None else iter(())

    def behind(self, ref: Ref) -> Iterator[Done]:
        """The layers that lead to one tensor, beginning with the one that gives it."""
        return self._walk_back((ref,))

    def _walk_back(self, refs: Iterable[Ref]) -> Iterator[Done]:
        waiting = deque((self.models()[ref.node], ref) for ref in refs if ref.node in self.models())
        seen: set[Node] = set()
        while waiting and len(seen) < FURTHEST:
            model, each = waiting.popleft()
            if each.node in seen:
                continue
            seen.add(each.node)
            waiting.extend(self._before(model, each.node))
            done = model.done.get(each.node)
            if done is not None and isinstance(done.layer, Layer) and each.node not in model.ports:
                yield done

    def _before(self, model: Model, node: Node) -> Iterator[tuple[Model, Ref]]:
        """What a node reads: at the input of a nested model what is fed to that, at such a model what it gives."""
        done = model.done.get(node)
        if node in model.ports:
            yield from self._fed(model, model.graph.inputs.index(node))
        elif done is not None and isinstance(done.layer, Model):
            yield from ((done.layer, ref) for ref in references(done.layer.graph.outputs))
        else:
            yield from ((model, ref) for ref in node.references())

    def _fed(self, model: Model, number: int) -> Iterator[tuple[Model, Ref]]:
        for node, outer in self.models().items():
            if model.call is not None and (node.call is model.call or model.call in node.call.nested()):
                yield from ((outer, ref) for ref in list(node.references())[number : number + 1])

    def models(self) -> dict[Node, Model]:
        """The model that each node stands in."""
        if self._models is None:
            bound = [model for model in self.network.session.binder.bound.values() if isinstance(model, Model)]
            models = [self.network.model, *bound]
            self._models = {node: model for model in models for node in model.graph.nodes}
        return self._models

    def model_of(self, node: Node | None) -> Model | None:
        """The model that a node stands in."""
        return self.models().get(node) if node is not None else None

    def shape(self, ref: Ref) -> Shape | None:
        """The shape of a tensor, where it is known."""
        model = self.model_of(ref.node)
        done = model.done.get(ref.node) if model is not None else None
        shapes = done.shapes() if done is not None else ()
        place = ref.output or 0
        return shapes[place] if place < len(shapes) else None

    def origins(self, ref: Ref) -> set[Node]:
        """The inputs of the network that a tensor comes from."""
        found, waiting, seen = set(), [ref.node], set()
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                found |= {node} & {*self.network.graph.inputs}
                waiting += [each.node for each in node.references()]
        return found

    def holders(self, call: Call) -> Iterator[Layer]:
        """The bound layer of a call and the layers wrapped in it."""
        layer = self.network.session.binder.get(call)
        if isinstance(layer, Layer):
            yield layer
            for inner in call.nested():
                yield from self.holders(inner)

    # --- the input ---------------------------------------------------------------------------------------------------

    @property
    def input(self) -> Tensor | None:
        """The only input of the network."""
        inputs = list(self.network.model.inputs.values())
        return inputs[0] if len(inputs) == 1 else None

    @property
    def is_open(self) -> bool:
        """Whether nobody says the shape of the input."""
        return self.network.inputs.only is None and not any(node.call.arguments for node in self.network.graph.inputs)

    def reshaped(self, shape: Shape) -> tuple[Patches, Shape | None, str]:
        """The only input with another shape (without the batch): patches, or another ``-i``; and how that is written.

        Nothing where neither the source nor the command line says the shape.
        """
        written = shape_text(shape)
        if self.network.inputs.only is not None:
            return (), shape, f"-i {written}"
        (node,) = self.network.graph.inputs[:1] or (None,)
        names = {argument.name for argument in node.call.arguments} if node is not None else set()
        if node is None or not node.call.arguments or not names <= {None, "shape"}:
            return (), None, ""
        new = New(short("input"), tuple(map(written_dim, shape)))
        return self.language.instead(node.call, [new]), None, self.language.layers([new])


def written_dim(dim: Dim) -> object:
    """A dim as a mend writes it."""
    return dim if isinstance(dim, int) else None if dim is UNKNOWN else Bare(str(dim))


def shape_text(shape: Shape) -> str:
    """``5,1``, as ``-i`` takes it."""
    return ",".join(map(str, shape))


def is_recurrent(layer: Layer) -> bool:
    """Whether a layer can give its last step or every one."""
    return "return_sequences" in layer.arguments


def each_step(layer: object) -> Layer | None:
    """The layer that a TimeDistributed runs at every step."""
    inner = layer.arguments.get("layer") if isinstance(layer, Layer) else None
    return inner if has(layer, "each_step") and isinstance(inner, Layer) else None
