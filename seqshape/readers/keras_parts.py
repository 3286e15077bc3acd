"""What the readers of Keras's configs share, whatever kind of model they read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seqshape.graph import Call, Graph, Node, Ref
from seqshape.readers.keras_values import is_shape

if TYPE_CHECKING:
    from typing import Protocol

    from seqshape.diagnostics import Span
    from seqshape.readers.keras_values import Place

    class Reader(Protocol):
        """Reads what is inside a model: models, layers and objects at a depth, each at its ``place`` in the model."""

        def model(self, data: object, span: Span, depth: int, place: Place | None) -> Graph:
            """A model of any class."""

        def layer(self, data: object, span: Span, depth: int, place: Place) -> Call:
            """A layer of a model."""

        def call(self, data: dict[str, object], span: Span, depth: int, place: Place | None = None) -> Call:
            """A serialized layer."""


MOST_OUTPUTS = 1000  # of one layer


def chain(graph: Graph, calls: list[Call]) -> None:
    """The nodes of a Sequential: each layer reads the one before. A layer says what shape it was built for."""
    node = Node(calls[0])
    graph.inputs.append(node)
    graph.nodes.append(node)
    for call in calls[1:]:
        record(node, 0, call.build_shape, None)
        node = Node(call, (Ref(node),))
        graph.nodes.append(node)
    graph.outputs = Ref(node)


def record(node: Node, index: int, shape: Any, dtype: object) -> None:
    """Note what a file says of an output of a node, for layers whose rule cannot know it."""
    if not is_shape(shape) or index >= MOST_OUTPUTS:
        return
    if index not in node.recorded:
        node.recorded = {**node.recorded, index: (tuple(shape), dtype if isinstance(dtype, str) else None)}
    if node.call.body is not None and isinstance(node.call.body.outputs, Ref) and index == 0:
        record(node.call.body.outputs.node, node.call.body.outputs.output or 0, shape, dtype)


def name_of(config: Mapping[str, object]) -> str | None:
    """The name in a config, if it says one."""
    name = config.get("name")
    return name if isinstance(name, str) else None
