"""What is known of a graph that is being walked: what came out of each node, the weights, and what Keras adds to the wiring."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from seqshape.bind.layer import Bound, Layer, Nested
from seqshape.graph import Graph, Node, Operand, Ref, references
from seqshape.keras.session import Session
from seqshape.tensor import Frozen, Shape, Tensor
from seqshape.walk.flow import Done

Operands = tuple[tuple[Operand, ...], dict[str, Operand]]


class State:
    """The state of the walks of one graph.

    ``done`` has what came out of the first walk (the one that built the weights), by node; ``weights`` and ``shapes``
    of the first input what the first call of a layer has fixed. In ``filled`` are the masks that Keras fills in, in
    ``placed`` the operands of nodes whose layer has literals among them, in ``cut`` the tensors that stand for those of
    nodes that are no part of Keras's graph.
    """

    def __init__(self, graph: Graph, session: Session) -> None:
        self.graph = graph
        self.session = session
        self.done: dict[Node, Done] = {}
        self.weights: dict[object, dict[str, Frozen]] = {}
        self.shapes: dict[object, Shape] | None = None  # once a layer is called again
        self.inputs: dict[Node, Tensor] = {}
        self.filled: dict[Node, Operand] = {}
        self.placed: dict[Node, Operands] = {}
        self.cut: dict[Node, Ref] = {}
        self.ports = frozenset(self.graph.inputs)
        self.added = iter(graph.added)

    def open(self, node: Node) -> None:
        """Take one more input: a reader may build its graph while it is walked."""
        self.graph.inputs.append(node)
        self.ports = frozenset(self.graph.inputs)

    def first_shape(self, layer: object, shape: Shape) -> Shape:
        """The shape of the first input that a layer has been called with; ``shape``, if this is the first call."""
        if self.shapes is None:
            self.shapes = {}
            for done in self.done.values():
                first = done.inputs[0] if done.inputs else None
                if first is not None:
                    self.shapes.setdefault(done.layer, first.tensor.shape)
        return self.shapes.setdefault(layer, shape)

    def operands(self, node: Node) -> Operands:
        """What a node is called with: as it is read, and the literals of its layer in their places."""
        return self.placed.get(node) or (node.args, node.kwargs)

    def written(self, node: Node) -> Sequence[Ref]:
        """Every tensor that the source has a node read, in order."""
        refs = references(self.operands(node)) if node in self.placed else node.references()
        return [self.cut.get(ref.node, ref) for ref in refs] if self.cut else refs

    def reads(self, node: Node) -> Sequence[Ref]:
        """Every tensor that a node reads in Keras's graph, in order: a mask that Keras fills in too."""
        if node not in self.filled:
            return self.written(node)
        args, keywords = self.operands(node)
        return references((args, {**keywords, "mask": self.filled[node]}))


def is_simple(node: Node, layer: Layer) -> bool:
    """Whether nothing of a call with one operand stands elsewhere. Most have nothing of what is seldom."""
    if node.seldom is not None and (node.kwargs or node.held):
        return False
    return layer.seldom is None or not layer.operands


def placed(node: Node, layer: Layer) -> Operands:
    """The operands of a call with the literals of an operation in their places: ``x > ops.multiply(0.5)``.

    The tensors that are fed take the other places in order, as positional arguments of Python would.
    """
    fed = node.args[0] if len(node.args) == 1 and isinstance(node.args[0], list) and not layer.type.lists else node.args
    given: dict[str, Operand] = {**layer.operands, **node.kwargs}
    free = iter(name for name in layer.type.inputs if name not in given)
    values: dict[str, Operand] = dict(zip(free, fed, strict=False)) | given
    if len(values) < len(given) + len(fed):
        return tuple(fed), given  # one too many: the call says which
    first = list(takewhile(values.__contains__, layer.type.inputs))
    return tuple(values.pop(name) for name in first), values


def weights_of(model: Nested) -> dict[str, Frozen] | None:
    """The weights of a model of which not all is known; ``None`` if one of its layers was never reached."""
    if not model.graph.followed and not all(inner in model.weights for inner in model.layers()):
        return None
    found: dict[str, Frozen] = model.all_weights()
    return found


def fits(shape: Shape | None, other: Shape) -> bool:
    """Whether a weight can be of a shape, as far as both are known."""
    from seqshape.layers.core import differ

    return shape is not None and len(shape) == len(other) and not any(map(differ, shape, other))


def holds_unknown(layer: Bound) -> bool:
    """Whether a wrapper is around a model with a layer whose weights are not known."""
    if not isinstance(layer, Layer):
        return False
    models = (value for value in layer.arguments.values() if isinstance(value, Nested))
    return any(inner not in model.weights for model in models for inner in model.layers())
