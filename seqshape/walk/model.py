"""A graph that is being walked: the whole network, or a model inside it, which then acts as a layer."""

from __future__ import annotations

from typing import Any

from seqshape.bind.layer import Bound, Layer, Nested
from seqshape.diagnostics import Diagnostic, Fault, Label, Remark, Span
from seqshape.dims import UNKNOWN, Dim, Inconclusive, recording
from seqshape.graph import Call, Graph, Node, chain_order, keras_order
from seqshape.keras.session import Session
from seqshape.policies import compute_dtype
from seqshape.reach import Reach, see
from seqshape.tensor import DROP, Effect, Frozen, Tensor, Unknowable, flatten, show
from seqshape.walk.flow import LOST, Done, Flow, complete, flat, flows_in, tensors_of
from seqshape.walk.loose import loosened, tightened
from seqshape.walk.state import State
from seqshape.walk.step import Step


class Model(State, Nested):
    """A graph that is being walked: the whole network, or a model inside it, which then acts as a layer."""

    def __init__(self, graph: Graph, session: Session, *, name: str | None = None, call: Call | None = None) -> None:
        super().__init__(graph, session)
        self.call: Call = call  # type: ignore[assignment] # the whole network has none, and is asked for none
        self.class_name = graph.shown or session.version.classes.get(graph.class_name, graph.class_name)
        self.trainable = graph.trainable and _flag(call, "trainable")
        self.autocast = True
        self.arguments: dict[str, object] = {}
        self.remarks: list[tuple[Remark, Span]] | None = None
        self._effects: dict[tuple[Tensor, ...], Effect] = {}
        self._position: dict[Call, int] | None = None  # of each layer in the text, once that is asked for
        self._constructed = 0
        self._finished = False  # whether the wiring is what it will be
        self._order: tuple[list[Node], list[Call]] | None = None
        self._late = frozenset(node.call for node in graph.inputs if call is not None and not node.call.arguments)
        if session.version.names_input and graph.class_name == "Sequential":
            session.binder.unnamed.update(node.call for node in graph.inputs if not node.call.arguments)
        self.outputs: Any = None
        self.built = self.prebuilt = False
        self.builds_now = False  # the call at hand builds it, so its inputs were converted before it had an InputLayer
        self.settled: set[str] = set()  # paths of weights that no outer name is put before
        self.name = name or graph.name or ""
        if call is not None:
            self._bind_all()
            self._take_name()

    @classmethod
    def inside(cls, call: Call, session: Session, name: str | None) -> Model:
        """The model that the graph of a call is bound to."""
        assert call.body is not None
        return cls(call.body, session, name=name, call=call)

    def _take_name(self) -> None:
        """A model without a name of its own takes a number when it is constructed, which is after its layers."""
        kind = self.graph.class_name
        self.name = self.name or self.session.number(kind, kind.lower())

    def _bind_all(self) -> None:
        """A nested model is constructed before it is used, its layers in the order of the text."""
        self._construct(len(self.graph.calls))
        first = self._first_model()
        if all(map(self.own_input, self.graph.inputs)) or first is not None:
            self.prebuilt = True
            self.build(first)

    def _first_model(self) -> list[Tensor] | None:
        """The inputs of a built model at the start of a Sequential: Keras then builds the outer one at once."""
        nodes = self.graph.nodes
        if self.graph.class_name != "Sequential" or len(nodes) < 3 or not self._late:
            return None
        first = self.session.binder.get(nodes[1].call)
        return list(first.inputs.values()) if isinstance(first, Model) and first.built else None

    @property
    def input_dtype(self) -> str | None:
        """The dtype to which a Sequential casts its input: that of its InputLayer once it has one.

        ``None`` for a Functional, which takes inputs as they are.
        """
        if self.graph.class_name != "Sequential":
            return None
        own = None if self.builds_now else self.own_input(self.graph.inputs[0])
        tensor = own or (None if self.builds_now else self.inputs.get(self.graph.inputs[0]))
        return (tensor.dtype if tensor else None) or compute_dtype(self.session.binder.dtype)

    def own_input(self, node: Node) -> Tensor | None:
        """What the model's own InputLayer says; Keras makes one of its own only when it builds a Sequential."""
        if node.call in self._late:
            return None
        layer = self.session.bind(node.call)
        return input_tensor(layer) if layer is not None else None

    def build(self, given: list[Tensor] | None = None) -> object:
        """The first walk. ``given``: the inputs, where the graph does not say them itself."""
        inputs: dict[Node, Tensor] = {}
        for position, node in enumerate(self.graph.inputs):
            own = self.own_input(node) if given is None or self.graph.class_name == "Functional" else None
            tensor = own or (self._received(given[position]) if given and position < len(given) else None)
            if tensor is not None:
                inputs[node] = tensor
        return self.build_from(inputs)

    def _received(self, given: Tensor) -> Tensor:
        """An input as the InputLayer gives it on that Keras puts before a Sequential: in the dtype of the first layer."""
        if not self._late or self.graph.class_name != "Sequential":
            return given
        first = self.session.binder.get(self.graph.nodes[1].call)
        return Tensor(given.shape, getattr(first, "compute_dtype", None) or compute_dtype(self.session.binder.dtype))

    def build_from(self, inputs: dict[Node, Tensor]) -> object:
        """The first walk, from the tensors of the inputs: fixes the weights and the rows."""
        self.built = True
        self.inputs = dict(inputs)
        self.outputs = self._walk(self.inputs, self.done)
        self._finished = True
        self._forget_dead()
        self._name_input()
        self._take_name()
        hidden = self.session.version.hidden if self.graph.class_name == "Sequential" else None
        if hidden is not None:
            self.session.number(hidden, hidden.lower())
        self._check_names()
        self._check_end(len(flat(self.outputs)))
        return self.outputs

    def _name_input(self) -> None:
        """Before Keras 3 a Sequential names the input that it makes itself after its first layer."""
        if not self.session.binder.unnamed:
            return
        layers = [self.session.binder.get(node.call) for node in self.graph.nodes[:2]]
        if None not in layers and layers and not layers[0].name:
            layers[0].name = f"{layers[-1].name}_input"

    def _forget_dead(self) -> None:
        """Nodes that reach no output took part in the numbering and could fail; the model does not hold them."""
        if self.graph.masked and self.graph.class_name == "Functional":
            alive = {*self.order()[0], *self.graph.inputs}
            for node in self.done.keys() - alive:
                del self.done[node]

    def _check_names(self) -> None:
        """Keras wants the names of a model's layers to be different ones."""
        layers = self.layers()
        if len({layer.name for layer in layers}) == len(layers):
            return
        names: dict[str, Bound] = {}
        for layer in layers:
            first = names.setdefault(layer.name, layer)
            if first is not layer:
                fault = Fault(f"two layers are called {layer.name}", code="E109", help="give one of them another name")
                fault.labels = (Label(first.call.span, "the first one"),)
                self.session.complain(fault.diagnostic(layer.call.span, layer=layer.name), fault)

    def _check_end(self, number: int) -> None:
        """Several tensors can only be the end of a Sequential, and are seldom meant."""
        if self.graph.class_name != "Sequential" or number < 2:
            return
        node = self.graph.nodes[-1]
        layer = self.session.binder.get(node.call)
        message = f"{layer.class_name} gives {number} tensors, so no layer of this Sequential can follow it"
        self.session.report(Diagnostic("W304", "warning", message, (Label(node.span),), layer=layer.name))

    def _walk(self, inputs: dict[Node, Tensor], done: dict[Node, Done]) -> object:
        step, calls = Step(self, done), self.graph.calls
        for node in self.graph.nodes:
            if done is not self.done and node not in self.done:
                continue  # it reaches no output
            if self._constructed < len(calls):
                self._construct_to(node.call)
            done[node] = step.apply(node, inputs.get(node))
        self._construct(len(calls))
        self._check_unpacked(done)
        try:
            return step.operand(self.graph.outputs)
        except Fault as fault:
            self.session.complain(fault.diagnostic(self.graph.span), fault)
            return LOST

    def _check_unpacked(self, done: dict[Node, Done]) -> None:
        """A statement has to take as many outputs as the layer gives."""
        for node, number, span in self.graph.unpacked:
            found = done.get(node)
            if found is None:  # reaches no output
                continue
            given = len(found.outputs) if isinstance(found.outputs, list) else 1
            if found.effect is not None and found.outputs is not None and given != number:
                tensors = "one tensor" if given == 1 else f"{given} tensors"
                fault = Fault(f"{found.layer.class_name} gives {tensors}, and {number} names take them", code="E127")
                fault.help = "write as many names as outputs; _ throws one away"
                self.session.complain(fault.diagnostic(span, layer=found.layer.name), fault)

    def _construct_to(self, call: Call) -> None:
        """Construct the layers of the text up to that of a call. Most calls are in order."""
        calls, following = self.graph.calls, self._constructed
        if calls[following] is call and call not in self._late:
            self.session.bind(call)
            self._constructed = following + 1
            return
        if self._position is None:
            self._position = {each: index for index, each in enumerate(calls)}
        self._construct(self._position.get(call, -1) + 1)

    def _construct(self, number: int) -> None:
        """Construct the first ``number`` layers of the text that are not yet."""
        while self._constructed < number:
            call = self.graph.calls[self._constructed]
            if call not in self._late:
                self.session.bind(call)
            self._constructed += 1

    def __repr__(self) -> str:
        return f"{self.class_name}(…)"

    def __call__(self, *inputs: object, **keywords: object) -> Effect:
        """What the model does as a layer of another one.

        Raises Unknowable if something inside it is wrong (and reported).
        """
        tensors = tuple(flatten(list(inputs)))
        if tensors not in self._effects:
            self._effects[tensors] = self._effect(list(tensors))
        return self._effects[tensors]

    def _effect(self, tensors: list[Tensor]) -> Effect:
        done, loose = self.done, self.graph.loose
        if loose is not None:
            tensors = [tightened(tensor, loose) for tensor in tensors]
        if len(tensors) > len(self.graph.inputs) == 1:
            raise Fault(
                f"takes one input, but gets {len(tensors)}", code="E202", help="join them first, as with Concat"
            )
        if not self.built:
            outputs = self.build(tensors)
        elif self._is_as_built(tensors):
            outputs = self.outputs
        elif loose is not None:
            raise Unknowable
        else:
            self._check(tensors)
            done = {}
            outputs = self._walk(dict(zip(self.graph.inputs, tensors, strict=False)), done)
        if not complete(outputs):
            raise Unknowable
        effect = Effect(tensors_of(outputs), self.all_weights(), self._macs(done), self._reach(done, outputs), DROP)
        return effect if loose is None else loosened(effect, loose)

    def _is_as_built(self, tensors: list[Tensor]) -> bool:
        """Whether inputs have the shapes of the first walk: Keras then gives its outputs again, whatever the dtypes."""
        built = [self.inputs[node].shape for node in self.graph.inputs if node in self.inputs]
        return list(map(show, built)) == [show(tensor.shape) for tensor in tensors]

    def _check(self, tensors: list[Tensor]) -> None:
        """A Functional accepts only what its Input layers say, and so does a Sequential with one of its own."""
        if self.graph.class_name != "Functional" and not (self.prebuilt and self.own_input(self.graph.inputs[0])):
            return
        if len(tensors) != len(self.graph.inputs):
            raise Fault(f"takes {len(self.graph.inputs)} inputs, but gets {len(tensors)}", code="E202")
        for node, tensor in zip(self.graph.inputs, tensors, strict=True):
            wanted = self.inputs[node].shape if node in self.inputs else tensor.shape
            if len(wanted) != len(tensor.shape) or not all(map(_agree, wanted[1:], tensor.shape[1:])):
                raise Fault(f"wants an input of the shape {show(wanted)}, but gets {show(tensor.shape)}", code="E202")

    def all_weights(self) -> dict[str, Frozen]:
        """The weights of all layers that the outputs need, each layer once, by path."""
        found: dict[str, Frozen] = {}
        for layer, paths in self.weight_paths().items():
            held = self.weights.get(layer, {})
            own = layer.own(held) if type(layer) is Layer and held else held
            found.update((paths[old], weight) for old, weight in own.items())
        return found

    def weight_paths(self) -> dict[object, dict[str, str]]:
        """For each layer the paths of its weights, from those inside it to those in the model: no two of these are one.

        Where Keras's own are, the layer's name stands before the second.
        """
        taken: set[str] = set()
        found: dict[object, dict[str, str]] = {}
        for layer in self.layers():
            paths = found[layer] = {path: self._path(layer, path) for path in self.weights.get(layer, {})}
            for old, new in paths.items():
                while new in taken:
                    new = f"{layer.name}/{new}"
                paths[old] = new
                taken.add(new)
            if isinstance(layer, Model) and layer.graph.rows is None:
                self.settled |= {new for old, new in paths.items() if layer.prebuilt or old in layer.settled}
        return found

    def _path(self, layer: Bound, path: str) -> str:
        """The path of a weight in the model.

        A nested model that was built beforehand leaves the names of the models around it out; what a Functional has, its
        own name too, since its layers were called before it was made.
        """
        bare = False
        if isinstance(layer, Model) and layer.graph.rows is None:
            bare = path in layer.settled or (layer.prebuilt and layer.graph.class_name == "Functional")
        return path if bare else f"{layer.name}/{path}".rstrip("/")  # a weight alone has no path of its own

    def layers(self) -> list[Bound]:
        """The bound layers in the order of Keras's ``model.layers``; a faulty one has no place here."""
        calls = self.calls()
        return [layer for layer in map(self.session.binder.bound.get, dict.fromkeys(calls)) if layer is not None]

    def results(self) -> tuple[Flow | None, ...]:
        """The outputs in Keras's order; ``None`` for one of which nothing is known."""
        return tuple(flows_in(self.outputs))

    def calls(self) -> list[Call]:
        """The layers that have a row, as called; in a Sequential one that stands twice has two rows."""
        if self.graph.rows is not None:
            return self.graph.rows
        if self.graph.class_name == "Sequential":
            return [node.call for node in self.graph.nodes if node not in self.ports]
        return self.order()[1]

    def order(self) -> tuple[list[Node], list[Call]]:
        """The nodes that the outputs need, implicit ones included, and the layers in Keras's order."""
        if self._order is None:
            as_read = not (self.filled or self.placed or self.cut)
            reads = Node.references if as_read else self.reads
            chain = chain_order(self.graph) if as_read else None
            order = chain or keras_order(self.graph.outputs, self.graph.inputs, reads)
            if not self._finished:
                return order
            self._order = order
        return self._order

    def _macs(self, done: dict[Node, Done]) -> Dim:
        total: Dim = 0
        for found in done.values():
            if found.effect is not None:
                total = total + found.effect.macs
        return total

    def _reach(self, done: dict[Node, Done], outputs: object) -> tuple[Reach, ...]:
        """The reach of a model is that of its graph, with the shapes of this very call."""
        inputs = tuple(see(index) for index in range(len(self.graph.inputs)))
        return tuple(Reach("graph", inputs, (self.graph, done, flow.ref)) for flow in flat(outputs))


def input_tensor(layer: Bound) -> Tensor | None:
    """What an InputLayer's own arguments say; ``None`` if they leave the shape open or are wrong."""
    try:
        with recording():  # what its sizes need is noted when it is walked
            out = layer().out
        return out if isinstance(out, Tensor) else None
    except (Fault, Unknowable):
        return None


def _flag(call: Call | None, name: str) -> bool:
    if call is None:
        return True
    return all(argument.value.data is not False for argument in call.arguments if argument.name == name)


def _agree(wanted: Dim, given: Dim) -> bool:
    if wanted is UNKNOWN or given is UNKNOWN:
        return True
    try:
        return bool(wanted == given)
    except Inconclusive:
        return True


def new_session(**options: Any) -> Session:
    """A session in which the graphs of nested models are walked too. The words are those of :class:`Session`."""
    return Session(Model.inside, **options)
