"""What is known of a graph that is being walked: what came out of each node, the weights, and what Keras adds to the wiring."""

from __future__ import annotations

from typing import Any

from seqshape.graph import Graph, Node
from seqshape.keras.session import Session
from seqshape.tensor import Frozen, Shape, Tensor
from seqshape.walk.flow import Done


class State:
    """The state of the walks of one graph.

    ``done`` has what came out of the first walk (the one that built the weights), by node; ``weights`` and ``shapes``
    of the first input what the first call of a layer has fixed.
    """

    def __init__(self, graph: Graph, session: Session) -> None:
        self.graph = graph.copied()
        self.session = session
        self.done: dict[Node, Done] = {}
        self.weights: dict[Any, dict[str, Frozen]] = {}
        self.shapes: dict[Any, Shape] = {}
        self.inputs: dict[Node, Tensor] = {}
        self.populated: set[Node] = set()
        self._ports = frozenset(self.graph.inputs)

    def is_port(self, node: Node) -> bool:
        """Whether a node is an input of the model."""
        return node in self._ports
