"""All that the reader asks of the shape engine: bind a layer, walk one node, number a name. Nothing else here knows it.

Keras infers shapes while a script runs, so a script can ask for them (``x.shape``); so the reader has the engine walk
each node when it is made. The models that it gives back are walked again by :class:`~seqshape.network.Network`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import TypeAlias, Union

from seqshape.bind.layer import Layer as BoundLayer
from seqshape.bind.layer import Opaque
from seqshape.bind.resolve import own_name
from seqshape.diagnostics import Diagnostic, Fault, Span
from seqshape.dims import UNKNOWN, Dim, names
from seqshape.graph import DECLARED, UNNAMED, Argument, Call, Graph, Node, Operand, Ref, keras_order
from seqshape.graph import Value as Literal
from seqshape.keras.session import Session
from seqshape.registry import find_layer
from seqshape.tensor import DYNAMIC, Tensor
from seqshape.walk.flow import Done, Flow, flat
from seqshape.walk.model import Model, new_session
from seqshape.walk.step import Step

__all__ = ["Bound", "Engine", "Flow", "SymbolicTensor", "Trace", "keras_order", "layer_type", "of_name"]

Bound: TypeAlias = Union[BoundLayer, Model, Opaque]  # what a call becomes

# Shapes and dtypes of outputs by their number, where they are told and not inferred.
Told: TypeAlias = dict[int, tuple[tuple[Dim | None, ...], str | None]]

layer_type = find_layer  # of the catalogue, by its class name


class Engine:
    """One file on its way through the engine: names are numbered through all its models, as Keras does in one program."""

    def __init__(self) -> None:
        self.session: Session = new_session(declared=DECLARED.get())
        self.session.numbers_all = True  # a program may begin a model at any tensor
        self.own: set[Diagnostic] = set()  # what is refused here and in no walk of a model

    @property
    def faults(self) -> list[tuple[Diagnostic, Fault, Node | None]]:
        """What the engine has refused so far: the diagnostic, the fault, and the node."""
        return self.session.faults

    @property
    def dtype(self) -> str:
        """The dtype policy that layers get which say none."""
        return self.session.binder.dtype

    @dtype.setter
    def dtype(self, policy: str) -> None:
        self.session.binder.dtype = policy

    def forget_names(self) -> None:
        """``keras.backend.clear_session()``: numbers begin again."""
        self.session.counts.clear()

    def number(self, class_name: str, stem: str) -> str:
        """The next automatic name of a class."""
        return self.session.number(class_name, stem)

    def bind(self, call: Call) -> Bound | None:
        """The bound layer of a call, whose name is then settled; ``None`` if it is wrong (which is noted)."""
        known: Bound | None = self.session.binder.get(call)
        layer: Bound | None = known if known is not None else self.session.bind(call)
        if layer is not None and layer.name:
            call.named = layer.name
            for inside in _inner(call):
                bound = self.session.binder.get(inside)
                if bound is not None and bound.name:
                    inside.named = bound.name
        return layer

    def model_of(self, graph: Graph, span: Span) -> Bound | None:
        """A graph as a bound model that can be called with tensors."""
        body = Call("Functional", (), span, body=graph)
        body.named = "function"
        with self.unnumbered():
            return self.bind(body)

    def complain(self, message: str, code: str, span: Span) -> None:
        """Note that Keras would refuse a step of the program."""
        fault = Fault(message, code=code, span=span)
        self.session.complain(fault.diagnostic(span), fault)
        self.own.add(fault.diagnostic(span))

    @contextmanager
    def building(self, model: object) -> Iterator[None]:
        """What is done inside calls a model that had no InputLayer when it was called, if there is one."""
        if isinstance(model, Model):
            model.builds_now = True
        try:
            yield
        finally:
            if isinstance(model, Model):
                model.builds_now = False

    @contextmanager
    def unnumbered(self) -> Iterator[None]:
        """What is done inside takes no numbers: Keras has numbered it already, or does not."""
        saved = dict(self.session.counts)
        try:
            yield
        finally:
            self.session.counts.clear()
            self.session.counts.update(saved)


class Trace:
    """A graph that grows while the program runs. The whole program has one; the inside of a custom layer its own.

    ``quiet``: operations in it take no numbers, as in the ``call`` of a layer, which Keras has its backend trace.
    """

    def __init__(self, engine: Engine, *, quiet: bool = False) -> None:
        self.engine = engine
        self.quiet = quiet
        self.graph = Graph("Functional", "")
        self.graph.masked = not quiet
        self.model = Model(self.graph, engine.session)
        self.graph = self.model.graph
        self.weights: dict[Call, Ref] = {}
        self.captured: dict[tuple[Node, int | None], tuple[SymbolicTensor, Ref]] = {}
        self.names: dict[str, int] = {}
        self.hidden: list[Node] = []  # inputs that no argument of the call gives
        self._places: dict[Node, int] = {}

    def input(self, call: Call, given: Tensor | None = None) -> Flow | None:
        """The tensor of an InputLayer, which is ``given`` or what its arguments say."""
        node = Node(call)
        self.graph.nodes.append(node)
        self.model.open(node)
        tensor = given if given is not None else self.model.own_input(node)
        done = self.model.done[node] = Step(self.model, self.model.done).apply(node, tensor)
        return done.outputs if isinstance(done.outputs, Flow) else None

    def port(self, tensor: Tensor) -> SymbolicTensor:
        """A further input of the graph, of which only shape and dtype are known, as the program sees a tensor."""
        span = self.graph.span
        shape = Literal(tuple(Literal(None if dim is UNKNOWN else dim, span) for dim in tensor.shape), span)
        dtype = Literal(tensor.dtype or "float32", span)
        made = Call("InputLayer", (Argument("batch_shape", shape, span), Argument("dtype", dtype, span)), span)
        made.named = f"input_{len(self.graph.inputs)}"
        flow = self.input(made, tensor)
        return SymbolicTensor(flow.ref, flow.tensor, None, self) if flow is not None else self.unknown()

    def apply(
        self,
        call: Call,
        args: list[Operand],
        kwargs: dict[str, Operand],
        span: Span,
        *,
        untold: Told | None = None,
    ) -> Done:
        """Walk a new node. A refusal is noted, and nothing is known of the outputs; of an ``untold`` one what that says."""
        node = Node(call, tuple(args), kwargs, span)
        node.untold = untold is not None
        if untold:
            node.recorded = untold
        self.graph.nodes.append(node)
        before, needs = len(self.engine.faults), len(self.engine.session.needs)
        if call.body is not None:  # Keras has numbered what is in it
            with self.engine.unnumbered():
                done = Step(self.model, self.model.done).apply(node, None)
        else:
            done = Step(self.model, self.model.done).apply(node, None)
        self.model.done[node] = done
        if node in self.model.filled:  # the mask that Keras fills in is an operand of the models that are made of it
            node.kwargs = {**node.kwargs, "mask": self.model.filled.pop(node)}
        if self.quiet:
            self._refuse_undecided(needs, span)
            self.engine.own.update(found for found, _, _ in self.engine.faults[before:])
        return done

    def _refuse_undecided(self, start: int, span: Span) -> None:
        """A backend that traces with a size of its own for every unknown one can divide or equate nothing that depends on it."""
        for need in self.engine.session.needs[start:]:
            if DYNAMIC in need.names and need.relation in ("|", "="):
                self.engine.complain(
                    f"it has to hold that {need.text}, which an unknown size does not tell", "E206", span
                )

    def brought(self, value: SymbolicTensor) -> Ref:
        """A tensor as an operand here; one of another graph comes in as a further input."""
        if value.trace is self or value.tensor is None:
            return value.ref if value.trace is self else self.unknown().ref
        key = (value.ref.node, value.ref.output)
        if key not in self.captured:
            self.captured[key] = (value, self.port(value.tensor).ref)
        return self.captured[key][1]

    def tensor_of(self, ref: Ref) -> Tensor | None:
        """What a tensor of this graph is; ``None`` if that is not known."""
        outputs = flat(self.model.done[ref.node].outputs)
        place = ref.output or 0
        return outputs[place].tensor if place < len(outputs) else None

    def unknown(self) -> SymbolicTensor:
        """A tensor of which nothing is known."""
        made = Call(UNNAMED, (), self.graph.span, module="custom")
        made.named = f"unknown_{len(self.graph.nodes)}"
        return SymbolicTensor(Ref(self.apply(made, [], {}, self.graph.span).node, 0), None, None, self)

    def local_name(self, stem: str) -> str:
        """A name for an operation inside, which Keras does not number."""
        number = self.names.get(stem, 0)
        self.names[stem] = number + 1
        return f"{stem}_{number}" if number else stem

    def position(self, node: Node) -> int:
        """Where a node stands in the order in which they were made, operations on masks included."""
        if node not in self._places:
            known = len(self._places)
            new = list(takewhile(lambda each: each not in self._places, reversed(self.model.done)))
            self._places.update(zip(reversed(new), range(known, known + len(new)), strict=True))
        return self._places[node]

    def settle_names(self, nodes: list[Node]) -> None:
        """Give the calls of nodes that the engine has added the names that it has numbered."""
        for node in nodes:
            if node.call.named is None:
                self.engine.bind(node.call)

    def mark(self, node: Node, mask: Ref | None) -> None:
        """Give the first output of a node a mask."""
        done = self.model.done[node]
        if isinstance(done.outputs, Flow):
            self.model.done[node] = done.giving(done.outputs.masked(mask))


class SymbolicTensor:
    """A tensor of a graph: which output of which node it is, and what it is (``None`` where that is not known)."""

    __slots__ = ("mask", "ref", "tensor", "trace")

    def __init__(self, ref: Ref, tensor: Tensor | None, mask: Ref | None, trace: Trace) -> None:
        self.ref = ref
        self.tensor = tensor
        self.mask = mask
        self.trace = trace


def _inner(call: Call) -> Iterator[Call]:
    """The layers among the arguments of a call, however deep."""
    waiting = list(call.nested())
    while waiting:
        here = waiting.pop(0)
        yield here
        waiting.extend(here.nested())


def flows(outputs: object) -> list[Flow]:
    """The tensors of a structure in Keras's order."""
    return flat(outputs)


def of_name(call: Call) -> str | None:
    """The name that the arguments of a call give."""
    return own_name(call)


def depends(tensor: Tensor) -> frozenset[str]:
    """The named sizes in a shape."""
    return frozenset().union(*(names(dim) for dim in tensor.shape)) if tensor.shape else frozenset()
