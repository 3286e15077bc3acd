"""The functions of Lambda layers: followed anew for every shape that they are given, as Keras has its backend trace them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.dims import Poly
from seqshape.graph import Call, Graph
from seqshape.readers.keras_source.engine import Bound, SymbolicTensor, Trace
from seqshape.readers.keras_source.inside import outputs_of_body
from seqshape.readers.keras_source.machine import Raised
from seqshape.readers.keras_source.values import Rule, Value, Work
from seqshape.tensor import DYNAMIC, Effect, Tensor, Unknowable, each_tensor, flatten
from seqshape.walk.loose import tightened

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site


class Follower(Rule):
    """What a Lambda does, as the rule of the layer calls it: with tensors, for their Effect."""

    class_name = "function"

    def __init__(self, run: Interpreter, function: Value, keywords: dict[str, Value], site: Site) -> None:
        self.run = run
        self.function = function
        self.keywords = keywords
        self.site = site
        self._bodies: dict[tuple[Tensor, ...], Bound | None] = {}

    def __repr__(self) -> str:
        return "a function of the source"

    def __call__(self, *inputs: object) -> Effect:
        """Raises Unknowable where the function cannot be followed, and the Fault of what Keras refuses in it."""
        tensors = tuple(flatten(list(inputs)))
        if tensors not in self._bodies:
            self._bodies[tensors] = self._body(inputs)
        model = self._bodies[tensors]
        if model is None:
            raise Unknowable
        effect: Effect = model(*tensors)
        return effect

    def _body(self, inputs: tuple[object, ...]) -> Bound | None:
        """The function as a model, bound; ``None`` if it cannot be followed."""
        run = self.run
        before = run.mark_faults()
        trace = Trace(run.engine, quiet=True)
        outer, run.trace = run.trace, trace
        try:
            graph = run.machine.run(self._graph(trace, inputs))
        except Raised as raised:
            if not raised.is_ours:
                run.engine.complain(f"the function raises {raised.kind}: {raised.message}", "E200", raised.span)
            run.say_lost(f"the function raises {raised.kind}: {raised.message}", raised.span)
            graph = None
        finally:
            run.trace = outer
        if run.mark_faults() > before:
            raise run.engine.faults[before][1]
        return None if graph is None else run.engine.model_of(graph, self.site.span)

    def _graph(self, trace: Trace, inputs: tuple[object, ...]) -> Work:
        run = self.run
        ports: list[SymbolicTensor] = []

        def opened(tensor: Tensor) -> object:
            ports.append(trace.port(tightened(tensor, DYNAMIC)))
            return ports[-1]

        given = [each_tensor(opened, each) for each in inputs]
        found = yield run.call(self.function, given, dict(self.keywords), self.site.frame, self.site.node)
        graph = Graph("Functional", "function", span=self.site.span, masked=False)
        graph.inputs = [port.ref.node for port in ports]
        graph.outputs = outputs_of_body(run, found, self.site)
        if trace.captured:
            return None
        trace.settle_names(list(trace.model.done))
        graph.nodes = list(trace.model.done)
        graph.calls = list(dict.fromkeys(node.call for node in graph.nodes))
        if any(isinstance(dim, Poly) for port in ports if port.tensor for dim in port.tensor.shape):
            graph.loose = DYNAMIC
        return graph


__all__ = ["Call", "Follower"]
