"""The walk: every node of a graph once, in order, from tensors to tensors, naming layers as Keras would on the way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from seqshape import pinned
from seqshape.bind import NONSENSE, Binder, Layer, Opaque, senseless, settle, undecided, with_inner
from seqshape.diagnostics import Diagnostic, Fault, Label, Remark, SeqshapeError, Span, listening, situation
from seqshape.dims import UNKNOWN, Dim, Inconclusive, Need, Poly, Size, recording, require
from seqshape.graph import Call, Graph, Node, Operand, Ref, Value, keras_order, references
from seqshape.masks import Masks
from seqshape.policies import compute_dtype
from seqshape.reach import NOTHING, UNSEEN, Reach, see
from seqshape.records import NamedTuple
from seqshape.registry import LayerType
from seqshape.tensor import DROP, Effect, Frozen, Shape, Tensor, Unknowable, count, flatten, is_float, mapped, show
from seqshape.versions import class_name, numbered, stem

# Call arguments that a list of tensors never means: they stand by keyword.
BY_KEYWORD = frozenset({"initial_state", "mask", "training", "use_causal_mask", "return_attention_scores"})
MOST_AXES = 64
LONGEST_AXIS = 2**63
MOST_STEPS = 1_000_000  # calls of layers in one network; the largest of keras.applications has 4,000


class Lost:
    """In the place of a flow that an earlier fault has made unknowable."""


LOST = Lost()


class Flow(NamedTuple):
    """A tensor on its way: what it is, which output of which node it is, and its mask if it carries one."""

    tensor: Tensor
    ref: Ref
    mask: Ref | None = None


class Done(NamedTuple):
    """A node that has been walked: its layer, the flows in (in Keras's order) and out, and the rule's effect.

    ``outputs`` has the structure that the layer returns; it and the effect are ``None`` where nothing can be known.
    ``args`` and ``kwargs`` are the operands as the rule got them.
    """

    node: Node
    layer: Any
    inputs: tuple[Flow | None, ...]
    outputs: Any
    effect: Effect | None
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}  # noqa: RUF012 -- never changed

    def operands(self) -> tuple[Flow | None, ...]:
        """The flows in, in the order in which the layer's ``call`` names them, which is how a reach counts them."""
        if not isinstance(self.layer, Layer) or not self.kwargs:
            return self.inputs
        names = self.layer.type.call_arguments or self.layer.type.inputs
        named = sorted(self.kwargs, key=lambda name: names.index(name) if name in names else len(names))
        return tuple(_flows_in([list(self.args), *(self.kwargs[name] for name in named)]))

    def shapes(self) -> tuple[Shape | None, ...]:
        """The shapes of all outputs."""
        return tuple(flow.tensor.shape for flow in flat(self.outputs)) if self.outputs is not None else (None,)


def flat(outputs: Any) -> list[Flow]:
    """The flows of a structure in Keras's order."""
    if isinstance(outputs, Flow):
        return [outputs]
    if outputs is None or outputs is LOST:
        return []
    items = [outputs[key] for key in sorted(outputs, key=str)] if isinstance(outputs, dict) else outputs
    return [flow for item in items for flow in flat(item)]


class Session:
    """What the models of one network share: the numbering of layers, the bound layers, what was found and what must hold.

    ``taken`` are the names of a file's layers: they were numbered together with those that no file writes down.
    """

    def __init__(
        self,
        *,
        dtype: str = "float32",
        version: str = "3",
        sizes: Mapping[str, Size] | None = None,
        taken: Collection[str] = (),
    ) -> None:
        self.version = version
        self.taken = taken
        self.counts: dict[str, int] = {}
        self.diagnostics: list[Diagnostic] = []
        self._known: set[Diagnostic] = set()
        self._refused: set[Call] = set()
        self.steps = 0  # nodes that have been walked
        self._tensors: dict[Call, int] = {}
        self._made = 0
        self.faults: list[tuple[Diagnostic, Fault, Node | None]] = []
        self._places: list[int] = []  # of the faults among the diagnostics
        self.needs: list[Need] = []
        self.binder = Binder(self.number, self.model, dtype=dtype, version=version, sizes=sizes)

    def number(self, class_name: str, auto_name: str) -> str:
        """The next automatic name: ``lstm``, ``lstm_1``, … as the version of Keras counts."""
        name = stem(self.version, class_name, auto_name)
        seen = self.counts.get(name, 0)
        while numbered(self.version, name, seen) in self.taken:
            seen += 1
        self.counts[name] = seen + 1
        return numbered(self.version, name, seen)

    def model(self, call: Call, name: str | None) -> Model:
        """Bind the graph of a nested model."""
        assert call.body is not None
        return Model(call.body, self, name=name, call=call)

    def bind(self, call: Call) -> Any:
        """The layer of a call; ``None`` if it is wrong, which is reported once."""
        try:
            if call in self._refused:
                return None
            known = self.binder.get(call)
            layer = known or self.binder.bind(call)
            if known is None and layer.class_name == "InputLayer":
                self.made(call, 1)  # an InputLayer makes its tensor when it is constructed
            return layer
        except Fault as fault:
            self._refused.add(call)
            self.complain(fault.diagnostic(call.span), fault)
            return None

    def complain(self, found: Diagnostic, fault: Fault, node: Node | None = None) -> None:
        """Note a fault, once, with where it came from."""
        if self.report(found):
            self._places.append(len(self.diagnostics) - 1)
            self.faults.append((found, fault, node))

    def replace(self, place: int, better: Diagnostic) -> None:
        """Put a better diagnostic in the place of the fault number ``place``."""
        _, fault, node = self.faults[place]
        self.diagnostics[self._places[place]] = better
        self._known.add(better)
        self.faults[place] = (better, fault, node)

    def report(self, found: Diagnostic) -> bool:
        """Note a finding, once. Gives whether it is new."""
        if found in self._known:
            return False
        self._known.add(found)
        self.diagnostics.append(found)
        return True

    def made(self, call: Call, number: int) -> None:
        """Count the tensors that a layer gives: Keras numbers them all, and a copy of an input is called after it."""
        self._tensors.setdefault(call, self._made)
        self._made += number

    def clone_name(self, node: Node) -> str:
        """What Keras calls the copy of an input."""
        number = self._tensors.get(node.call, 0)
        return f"keras_tensor{f'_{number}' if number else ''}CLONE"

    def step(self, node: Node) -> None:
        """Count a node that is walked.

        Raises SeqshapeError beyond MOST_STEPS: models in models can multiply without end.
        """
        self.steps += 1
        if self.steps > MOST_STEPS:
            message = f"the network makes more than {MOST_STEPS:,} calls of layers"
            raise SeqshapeError((Diagnostic("E403", "error", message, (Label(node.span),)),))


class Model:
    """A graph that is being walked: the whole network, or a model inside it, which then acts as a layer.

    ``done`` has what came out of the first walk (the one that built the weights), by node.
    """

    def __init__(self, graph: Graph, session: Session, *, name: str | None = None, call: Call | None = None) -> None:
        self.graph = graph = graph.copied()
        self.session = session
        self.call = call
        self.class_name = class_name(session.version, graph.class_name)
        self.done: dict[Node, Done] = {}
        self.weights: dict[Any, dict[str, Frozen]] = {}
        self.shapes: dict[Any, Shape] = {}  # of the first input of layers that hold on to it
        self.trainable = graph.trainable and _flag(call, "trainable")
        self.autocast = True
        self.arguments: dict[str, Any] = {}
        self.remarks: list[tuple[Remark, Span]] = []
        self.inputs: dict[Node, Tensor] = {}
        self._effects: dict[tuple[Tensor, ...], Effect] = {}
        self._ports = frozenset(graph.inputs)
        self._position = {call: index for index, call in enumerate(graph.calls)}
        self._constructed = 0
        self._late = frozenset(node.call for node in graph.inputs if call is not None and not node.call.arguments)
        if session.version != "3" and graph.class_name == "Sequential":
            session.binder.unnamed.update(node.call for node in graph.inputs if not node.call.arguments)
        self.outputs: Any = None
        self.built = self.prebuilt = False
        self.populated: set[Node] = set()
        self.settled: set[str] = set()  # paths of weights that no outer name is put before
        self.name = name or graph.name or ""
        if call is not None:
            self._bind_all()
            self._take_name()

    def _take_name(self) -> None:
        """A model without a name of its own takes a number when it is constructed, which is after its layers."""
        kind = self.graph.class_name
        self.name = self.name or self.session.number(kind, kind.lower())

    def _bind_all(self) -> None:
        """A nested model is constructed before it is used, its layers in the order of the text."""
        self._construct(len(self.graph.calls))
        first = self._first_model()
        if all(map(self._own_input, self.graph.inputs)) or first is not None:
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
        own = self._own_input(self.graph.inputs[0])
        tensor = own or self.inputs.get(self.graph.inputs[0])
        return (tensor.dtype if tensor else None) or compute_dtype(self.session.binder.dtype)

    def _own_input(self, node: Node) -> Tensor | None:
        """What the model's own InputLayer says; Keras makes one of its own only when it builds a Sequential."""
        if node.call in self._late:
            return None
        layer = self.session.bind(node.call)
        return input_tensor(layer) if layer is not None else None

    def build(self, given: list[Tensor] | None = None) -> Any:
        """The first walk. ``given``: the inputs, where the graph does not say them itself."""
        inputs: dict[Node, Tensor] = {}
        for position, node in enumerate(self.graph.inputs):
            own = self._own_input(node) if given is None or self.graph.class_name == "Functional" else None
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

    def build_from(self, inputs: dict[Node, Tensor]) -> Any:
        """The first walk, from the tensors of the inputs: fixes the weights and the rows."""
        self.built = True
        own = {node.origin: node for node in self.graph.inputs}
        self.inputs = {own[node.origin]: tensor for node, tensor in inputs.items()}
        self.outputs = self._walk(self.inputs, self.done)
        self._forget_dead()
        self._name_input()
        self._take_name()
        if self.graph.class_name == "Sequential" and self.session.version == "3":
            self.session.number("Functional", "functional")  # Keras makes one inside every Sequential that it builds
        self._check_names()
        self._check_end(len(flat(self.outputs)))
        return self.outputs

    def _name_input(self) -> None:
        """Before Keras 3 a Sequential names the input that it makes itself after its first layer."""
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
        names: dict[str, Any] = {}
        for layer in self.layers():
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

    def _walk(self, inputs: dict[Node, Tensor], done: dict[Node, Done]) -> Any:
        for node in self.graph.nodes:
            if done is not self.done and node not in self.done:
                continue  # it reaches no output
            self._construct(self._position.get(node.call, -1) + 1)
            done[node] = Step(self, done).apply(node, inputs.get(node))
        self._construct(len(self.graph.calls))
        self._check_unpacked(done)
        try:
            return Step(self, done).operand(self.graph.outputs)
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

    def _construct(self, number: int) -> None:
        """Construct the first ``number`` layers of the text that are not yet."""
        while self._constructed < number:
            call = self.graph.calls[self._constructed]
            if call not in self._late:
                self.session.bind(call)
            self._constructed += 1

    def __repr__(self) -> str:
        return f"{self.class_name}(…)"

    def __call__(self, *inputs: Any, **keywords: Any) -> Effect:
        """What the model does as a layer of another one.

        Raises Unknowable if something inside it is wrong (and reported).
        """
        tensors = tuple(flatten(list(inputs)))
        if tensors not in self._effects:
            self._effects[tensors] = self._effect(list(tensors))
        return self._effects[tensors]

    def _effect(self, tensors: list[Tensor]) -> Effect:
        done = self.done
        if len(tensors) > len(self.graph.inputs) == 1:
            raise Fault(
                f"takes one input, but gets {len(tensors)}", code="E202", help="join them first, as with Concat"
            )
        if not self.built:
            outputs = self.build(tensors)
        elif self._is_as_built(tensors):
            outputs = self.outputs
        else:
            self._check(tensors)
            done = {}
            outputs = self._walk(dict(zip(self.graph.inputs, tensors, strict=False)), done)
        if not _complete(outputs):
            raise Unknowable
        return Effect(tensors_of(outputs), self.all_weights(), self._macs(done), self._reach(done, outputs), DROP)

    def _is_as_built(self, tensors: list[Tensor]) -> bool:
        """Whether inputs have the shapes of the first walk: Keras then gives its outputs again, whatever the dtypes."""
        built = [self.inputs[node].shape for node in self.graph.inputs if node in self.inputs]
        return list(map(show, built)) == [show(tensor.shape) for tensor in tensors]

    def _check(self, tensors: list[Tensor]) -> None:
        """A Functional accepts only what its Input layers say."""
        if self.graph.class_name != "Functional":
            return
        if len(tensors) != len(self.graph.inputs):
            raise Fault(f"takes {len(self.graph.inputs)} inputs, but gets {len(tensors)}", code="E202")
        for node, tensor in zip(self.graph.inputs, tensors, strict=True):
            wanted = self.inputs[node].shape if node in self.inputs else tensor.shape
            if len(wanted) != len(tensor.shape) or not all(map(_agree, wanted[1:], tensor.shape[1:])):
                raise Fault(f"wants an input of the shape {show(wanted)}, but gets {show(tensor.shape)}", code="E202")

    def all_weights(self) -> dict[str, Any]:
        """The weights of all layers that the outputs need, each layer once, by path."""
        paths = self.weight_paths()
        return {paths[layer][old]: weight for layer in paths for old, weight in self.weights.get(layer, {}).items()}

    def weight_paths(self) -> dict[Any, dict[str, str]]:
        """For each layer the paths of its weights, from those inside it to those in the model: no two of these are one.

        Where Keras's own are, the layer's name stands before the second.
        """
        taken: set[str] = set()
        found: dict[Any, dict[str, str]] = {}
        for layer in self.layers():
            paths = found[layer] = {path: self._path(layer, path) for path in self.weights.get(layer, {})}
            for old, new in paths.items():
                while new in taken:
                    new = f"{layer.name}/{new}"
                paths[old] = new
                taken.add(new)
            if isinstance(layer, Model):
                self.settled |= {new for old, new in paths.items() if layer.prebuilt or old in layer.settled}
        return found

    def _path(self, layer: Any, path: str) -> str:
        """The path of a weight in the model.

        A nested model that was built beforehand leaves the names of the models around it out; what a Functional has, its
        own name too, since its layers were called before it was made.
        """
        nested = isinstance(layer, Model)
        bare = nested and (path in layer.settled or (layer.prebuilt and layer.graph.class_name == "Functional"))
        return path if bare else f"{layer.name}/{path}"

    def layers(self) -> list[Any]:
        """The bound layers in the order of Keras's ``model.layers``; a faulty one has no place here."""
        calls = self.calls()
        return [layer for layer in map(self.session.binder.get, dict.fromkeys(calls)) if layer is not None]

    def results(self) -> tuple[Flow | None, ...]:
        """The outputs in Keras's order; ``None`` for one of which nothing is known."""
        return tuple(_flows_in(self.outputs))

    def is_port(self, node: Node) -> bool:
        """Whether a node is an input of the model."""
        return node in self._ports

    def calls(self) -> list[Call]:
        """The layers that have a row, as called; in a Sequential one that stands twice has two rows."""
        if self.graph.class_name == "Sequential":
            return [node.call for node in self.graph.nodes if not self.is_port(node)]
        return self.order()[1]

    def order(self) -> tuple[list[Node], list[Call]]:
        """The nodes that the outputs need, implicit ones included, and the layers in Keras's order."""
        return keras_order(self.graph.outputs, self.graph.inputs)

    def _macs(self, done: dict[Node, Done]) -> Dim:
        total: Dim = 0
        for found in done.values():
            if found.effect is not None:
                total = total + found.effect.macs
        return total

    def _reach(self, done: dict[Node, Done], outputs: Any) -> tuple[Reach, ...]:
        """The reach of a model is that of its graph, with the shapes of this very call."""
        inputs = tuple(see(index) for index in range(len(self.graph.inputs)))
        return tuple(Reach("graph", inputs, (self.graph, done, flow.ref)) for flow in flat(outputs))


class Step:
    """One node of a walk: operands gathered, the rule run, its complaint reported, masks passed on."""

    def __init__(self, model: Model, done: dict[Node, Done]) -> None:
        self.model = model
        self.session = model.session
        self.done = done

    def operand(self, operand: Operand) -> Any:
        """The flows of a structure, LOST in the place of one that is not known, and literals as they are."""
        if isinstance(operand, Value):
            return self._literal(operand)
        if isinstance(operand, Ref):
            return self._flow(operand)
        if isinstance(operand, dict):
            return {key: self.operand(item) for key, item in operand.items()}
        return [self.operand(item) for item in operand]

    def _literal(self, value: Value) -> Any:
        data = value.data
        if isinstance(data, (tuple, list)) and not isinstance(data, Tensor):
            return type(data)(self._literal(item) if isinstance(item, Value) else item for item in data)
        return data

    def _flow(self, ref: Ref) -> Any:
        found = self.done.get(ref.node)
        if found is None or found.outputs is None:
            return LOST
        if ref.output is None:
            return found.outputs
        items = found.outputs if self.model.graph.masked else flat(found.outputs)
        items = [items] if isinstance(items, Flow) else items  # a Flow is a tuple itself
        if ref.output >= len(items) and found.node.span.pointer is not None:  # a spec says it where it unpacks
            message = f"reads output {ref.output} of {found.layer.name}, which gives {len(items)}"
            raise Fault(message, code="E202", help="outputs are counted from 0")
        return items[ref.output] if ref.output < len(items) else LOST

    def apply(self, node: Node, given: Tensor | None) -> Done:
        """Walk one node. A complaint is reported, and nothing is known of its outputs."""
        layer = self.session.bind(node.call)
        if self.model.is_port(node):
            return self._input(node, layer, given)
        if isinstance(layer, Layer) and layer.operands:
            settle(node, layer)
        inputs: tuple[Flow | None, ...] = ()
        try:
            args, kwargs = self.operand(list(node.args)), self.operand(self._written(node))
            inputs = tuple(_flows_in([args, kwargs]))
            if layer is None:
                return Done(node, layer, inputs, None, None)
            if None in inputs or not self._hold(node, layer):
                return self._unknown(node, layer, inputs)
            self.session.step(node)
            return self._run(node, layer, args, kwargs)
        except Unknowable:
            return self._unknown(node, layer, inputs)
        except Fault as fault:
            self._report(fault, node, layer)
        except NONSENSE:  # what is fed or said by keyword is of no kind that could be checked
            self._report(_stumbled(layer), node, layer)
        except Inconclusive as question:
            self._report(undecided(question), node, layer)
        return Done(node, layer, inputs, None, None)

    def _hold(self, node: Node, layer: Any) -> bool:
        """Hand an operation the tensors that Keras gives its constructor, which are not wired to it.

        Gives whether all is known of them.
        """
        held = node.held if isinstance(layer, Layer) and self.done is self.model.done else {}
        for name, operand in held.items():
            given = self.operand(operand)
            if None in _flows_in([given]):
                return False
            layer.hold(name, tensors_of(given))
        return True

    def _written(self, node: Node) -> dict[str, Operand]:
        """The keywords of a call without the mask that an earlier walk has filled in."""
        if node not in self.model.populated:
            return node.kwargs
        return {name: operand for name, operand in node.kwargs.items() if name != "mask"}

    def _input(self, node: Node, layer: Any, given: Tensor | None) -> Done:
        self.model.weights.setdefault(layer, {})
        if given is None or layer is None:
            return Done(node, layer, (), None, None)
        try:
            with recording() as needs:
                if isinstance(layer, Layer):
                    layer()
                _check_named(given.shape)
            self.session.needs.extend(needs)
            self._remark(layer, [])
            _check_bounds([given])
        except Fault as fault:
            self._report(fault, node, layer)
            return Done(node, layer, (), None, None)
        return Done(node, layer, (), Flow(given, Ref(node, 0)), Effect(given))

    def _run(self, node: Node, layer: Any, args: list[Any], kwargs: dict[str, Any]) -> Done:
        args = _spread(layer, args)
        masks = Masks(self, node, layer, args, kwargs)
        kwargs = masks.populate(args, kwargs)
        with recording() as needs, listening() as remarks, situation(*self._state(layer), fresh=True):
            self._check_pinned(layer, args)
            effect = call_layer(layer, self._cast(layer, tensors_of(args)), self._cast(layer, tensors_of(kwargs)))
        self._fix_weights(layer, effect)
        self.session.needs.extend(needs)
        self._remark(layer, remarks)
        if effect.out is None:
            return self._unread(node, layer, tuple(_flows_in([args, kwargs])), effect.weights)
        first = self.done is self.model.done  # only then Keras makes nodes
        if first and effect.circular and self.session.version == "3" and args[0].tensor == cast(layer, args[0].tensor):
            return self._cut(node, layer, args)
        effect = effect._replace(circular=False)
        _check_bounds(flatten(effect.out))
        counter = iter(range(10**9))
        outputs = mapped(lambda tensor: Flow(tensor, Ref(node, next(counter))), effect.out)
        self.session.made(node.call, next(counter))
        outputs = masks.mark(outputs, effect)
        return Done(node, layer, tuple(_flows_in([args, kwargs])), outputs, effect, tuple(args), kwargs)

    def _cast(self, layer: Any, operands: Any) -> Any:
        """On a model's first walk Keras calls its layers; later it only asks them for their outputs, and casts nothing."""
        return cast(layer, operands) if self.done is self.model.done else operands

    def _unknown(self, node: Node, layer: Any, inputs: tuple[Flow | None, ...]) -> Done:
        """A node whose inputs are not known, or whose layer cannot say what it does: what the file records is all
        there is.

        After a fault nothing is recorded that could help.
        """
        if self.session.faults:
            return Done(node, layer, inputs, None, None)
        weights = layer.all_weights() if isinstance(layer, Model) else stored_weights(layer)
        if weights is not None:
            self.model.weights.setdefault(layer, weights)
        return self._unread(node, layer, inputs, weights)

    def _unread(self, node: Node, layer: Any, inputs: tuple[Flow | None, ...], weights: Any) -> Done:
        """A node that no rule tells the outputs of."""
        outputs = self._recorded(node)
        if inputs and None not in inputs and not isinstance(layer, Model):
            self._remark(layer, [_unread(layer, outputs, weights)])
        from seqshape.layers.core import unknown

        tensors = [flow.tensor for flow in inputs if flow is not None]
        reach: Any = UNSEEN if None in inputs else NOTHING
        if tensors and None not in inputs:
            reach = tuple(unknown(tensors, flow.tensor.shape) for flow in flat(outputs))
        return Done(node, layer, inputs, outputs, Effect(None, weights or {}, UNKNOWN, reach))

    def _cut(self, node: Node, layer: Any, args: list[Any]) -> Done:
        """A layer whose output is its input tensor: Keras's graph then begins behind it, with a copy of the input.

        Raises Fault where that makes a circle: behind another layer, or at the end.
        """
        flow, graph = args[0], self.model.graph
        if flow.ref.node not in graph.inputs or any(ref.node is node for ref in references(graph.outputs)):
            raise Fault(
                "gives its input tensor itself, which makes a circle of the graph: Keras refuses it", code="E202"
            )
        origin = self.session.binder.get(flow.ref.node.call)
        if flow.ref.node is graph.inputs[0]:
            origin.name = self.session.clone_name(flow.ref.node)
        for other in graph.nodes:
            other.args = tuple(_rewired(list(other.args), node, flow.ref)) if other is not node else other.args
        return Done(node, layer, (), flow, Effect(flow.tensor, circular=True), (flow,))

    def _recorded(self, node: Node) -> Any:
        """What the file itself says of the outputs, for a layer whose class cannot tell; ``None`` if it says nothing."""
        count = len(node.recorded)
        if not count or set(node.recorded) != set(range(count)):
            return None
        shapes = [node.recorded[index] for index in range(count)]
        flows = [
            Flow(Tensor(tuple(UNKNOWN if dim is None else dim for dim in shape), dtype or "float32"), Ref(node, index))
            for index, (shape, dtype) in enumerate(shapes)
        ]
        return flows[0] if count == 1 else flows

    def _state(self, layer: Any) -> tuple[str, ...]:
        return ("built",) if layer in self.model.weights else ()

    def _check_pinned(self, layer: Any, args: list[Any]) -> None:
        """A later call has to fit what the first one has fixed. Raises Fault."""
        if isinstance(layer, Layer) and layer.type.pinned and args and isinstance(args[0], Flow):
            shape = args[0].tensor.shape
            first = self.model.shapes.setdefault(layer, shape)
            if layer in self.model.weights:
                pinned.check(layer.type.pinned, layer.arguments, first, shape)

    def _fix_weights(self, layer: Any, effect: Effect) -> None:
        """Weights belong to the layer: the first call makes them, a later one has to fit."""
        for weight in () if layer in self.model.weights else effect.weights.values():
            count(weight.shape if isinstance(weight, Frozen) else weight)  # a Fault if a dim is unknown
        if _holds_unknown(layer):
            held = stored_weights(layer)
            if held is not None:
                self.model.weights.setdefault(layer, held)
            return
        first = self.model.weights.setdefault(layer, effect.weights)  # type: ignore[arg-type]
        shapes = {path: weight.shape for path, weight in first.items()}
        now = {path: weight.shape for path, weight in effect.weights.items() if isinstance(weight, Frozen)}
        path = next((path for path in now if not _fits(shapes.get(path), now[path])), None)
        if path is None:
            return
        message = (
            f"was built with the {path} {show(shapes.get(path))} and would need {show(now[path])} for this input;"
            " a layer has one set of weights"
        )
        self._remark(layer, [Remark(message + "; Keras builds it, but it fails when it runs", code="W302")])

    def _remark(self, layer: Any, remarks: list[Remark]) -> None:
        for found in remarks:
            layer.remarks.append((found, layer.call.span))
        for each in with_inner(layer):
            for found, span in each.remarks:
                message = f"{each.class_name} {found.message}"
                self.session.report(
                    Diagnostic(found.code, "warning", message, (Label(span),), found.help, layer=layer.name)
                )
            each.remarks.clear()

    def _report(self, fault: Fault, node: Node, layer: Any) -> None:
        if fault.span is None and layer is not None:
            fault.message = f"{layer.class_name} {fault.message}"
        causes = tuple(_causes(self, node))
        found = fault.diagnostic(node.span, layer=None if layer is None else layer.name)
        self.session.complain(found._replace(labels=(*found.labels, *causes)), fault, node)

    def add(self, node: Node) -> Flow:
        """Walk a node that the source does not write (an operation on masks)."""
        found = self.done[node] = self.apply(node, None)
        flows = flat(found.outputs)
        if not flows:
            raise Unknowable
        return flows[0]


def _stumbled(layer: Any) -> Fault:
    if isinstance(layer, Layer):
        return senseless(layer.type)
    return Fault("cannot work with what it is given", code="E104")


def _fits(shape: Shape | None, other: Shape) -> bool:
    """Whether a weight can be of a shape, as far as both are known."""
    from seqshape.layers.core import differ

    return shape is not None and len(shape) == len(other) and not any(map(differ, shape, other))


def _holds_unknown(layer: Any) -> bool:
    """Whether a wrapper is around a model with a layer whose weights are not known."""
    if not isinstance(layer, Layer):
        return False
    models = (value for value in layer.arguments.values() if isinstance(value, Model))
    return any(inner not in model.weights for model in models for inner in model.layers())


def _check_named(shape: Shape) -> None:
    """A size with a name is at least 1, and so is a formula of such: else a need. Raises Fault if it never is."""
    for dim in shape:
        if isinstance(dim, Poly):
            require(dim >= 1, f"needs dims of at least 1 where they have names, but gets {show(shape)}", arg="shape")


def _check_bounds(outputs: list[Tensor]) -> None:
    """No array has more axes, or longer ones, than any framework can hold; numbers beyond would only grow. Raises Fault."""
    for tensor in outputs:
        if tensor.rank > MOST_AXES:
            raise Fault(f"would give {tensor.rank} dims, more than {MOST_AXES}", code="E208")
        if any(isinstance(dim, int) and dim >= LONGEST_AXIS for dim in tensor.shape):
            raise Fault("would give more positions along an axis than 64 bits can count", code="E208")


def stored_weights(layer: Any) -> dict[str, Frozen] | None:
    """The weights that a file holds for a layer; ``None`` if it does not say.

    No file says which are trained; of classes of Keras their config does.
    """
    found = layer.call.stored() if layer.call.stored is not None else None
    if found is None:
        return None
    weights: dict[str, Frozen] = {}
    for number, weight in enumerate(found):
        path = weight.path if weight.path not in weights else f"{weight.path}_{len(weights)}"
        weights[path] = Frozen(weight.shape, weight.dtype, _trains(layer, number - len(found)), True)
    return weights


MIXED = ("Normalization", "SpectralNormalization")  # some of their weights are never trained


def _trains(layer: Any, place: int) -> bool | None:
    """Whether the weight at a place, counted from the end, is trained; ``None`` if the layer's class does not tell.

    The moving statistics of BatchNormalization are its last two weights.
    """
    inside = list(with_inner(layer))
    if not all(isinstance(each, Layer) and not _holds_other(each) for each in inside):
        return None
    if [each.class_name for each in inside] == ["BatchNormalization"]:
        return bool(layer.trainable) and place < -2
    if any(each.class_name in (*MIXED, "BatchNormalization") or _is_changed(each) for each in inside):
        return None
    flags = {bool(each.trainable) for each in inside}
    return flags.pop() if len(flags) == 1 else None


def _holds_other(layer: Layer) -> bool:
    """Whether a model, or a layer of an unknown class, is among the arguments of a layer."""
    values = layer.arguments.values()
    return any(
        isinstance(item, (Model, Opaque))
        for value in values
        for item in (value if isinstance(value, (tuple, list)) else (value,))
    )


def _is_changed(layer: Layer) -> bool:
    """Whether some of the weights are frozen because the layer is quantized or has LoRA factors."""
    return "_from_" in layer.dtype or layer.arguments.get("lora_rank") is not None


def _unread(layer: Any, outputs: Any, weights: dict[str, Frozen] | None) -> Remark:
    """What is said of a layer that only the file tells of."""
    shapes = ", ".join(show(flow.tensor.shape) for flow in flat(outputs))
    shape = f"its output shape {shapes} is what the file records" if shapes else "its output shape is not known"
    if not isinstance(layer, Opaque):
        return Remark(f"is a function that is never run here; {shape}", code="W402")
    return Remark(f"is a class that seqshape does not know; {shape}, and {_held(weights)}", code="W401")


def _held(weights: dict[str, Frozen] | None) -> str:
    if weights is None:
        return "its weights are not known"
    if not weights:
        return "the file holds no weights for it"
    number: Any = sum(count(weight.shape) for weight in weights.values())
    return f"its {number:,} parameters are counted from the file, which does not say which of them are trained"


def cast(layer: Any, operands: Any) -> Any:
    """Keras casts floats to the dtype that a layer wants before the layer sees them; integers stay."""
    dtype = layer.input_dtype if layer.autocast else None
    if dtype is None:
        return operands
    if isinstance(operands, Tensor):
        return Tensor(operands.shape, dtype) if is_float(operands.dtype or "") else operands
    if isinstance(operands, dict):
        return {name: cast(layer, item) for name, item in operands.items()}
    return [cast(layer, item) for item in operands] if isinstance(operands, list) else operands


def _rewired(operand: Any, old: Node, new: Ref) -> Any:
    """The operand with another tensor in the place of a node's output."""
    if isinstance(operand, Ref):
        return new if operand.node is old else operand
    if isinstance(operand, dict):
        return {name: _rewired(item, old, new) for name, item in operand.items()}
    return [_rewired(item, old, new) for item in operand] if isinstance(operand, (list, tuple)) else operand


def call_layer(layer: Any, args: list[Any], kwargs: dict[str, Any]) -> Effect:
    """Run a bound layer with operands as Keras's ``call`` takes them: positional ones get their names."""
    if isinstance(layer, Opaque):
        raise Unknowable
    if not isinstance(layer, Layer):
        return _call_model(layer, args, kwargs)
    kind: LayerType = layer.type
    names = kind.call_arguments or kind.inputs
    args = [args] if kind.variadic else args
    if len(args) > len(names):
        raise Fault(f"takes {_inputs(len(names))}, but gets {len(args)}", code="E202")
    values = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name not in names and not kind.open:
            raise Fault(f"has no call argument {name}", code="E108", help=f"its call arguments are {', '.join(names)}")
        if values.get(name) is not None:
            raise Fault(f"gets {name} twice, by position and by name", code="E108")
        values[name] = value
    needed = {*names[:1], *kind.required[1:]}
    if not names or any(values.get(name) is None for name in needed):
        raise Fault(_needs(kind.required), code="E202")
    for name in kind.inputs:
        _check_operand(name, values.get(name), kind.rule.__annotations__[name], first=name == names[0])
    start = values.pop(names[0])
    taken = values if kind.open else kind.rule.__annotations__.keys() - layer.arguments.keys()  # a Lambda's own mask
    return layer(start, **{name: value for name, value in values.items() if name in taken and value is not None})


def _check_operand(name: str, value: Any, kind: str, *, first: bool) -> None:
    """A literal, which a config can hold in any place, is no tensor; only states are nested lists. Raises Fault."""
    if kind.removesuffix(" | None") == "Tensors":
        flatten(value)
        if first and isinstance(value, list) and not all(isinstance(item, Tensor) for item in value):
            raise Fault(f"needs a plain list of tensors as {name}", code="E202")
    elif kind.startswith("Tensor") and kind[6:7] in ("", " ") and value is not None and not isinstance(value, Tensor):
        raise Fault(f"needs a tensor as {name}, but gets {value!r}", code="E202")


def _call_model(model: Any, args: list[Any], kwargs: dict[str, Any]) -> Effect:
    tensors = [*args, *(value for name, value in kwargs.items() if name not in ("mask", "training"))]
    effect: Effect = model(*tensors)
    return effect


def _needs(inputs: tuple[str, ...]) -> str:
    return "needs an input" if len(inputs) < 2 else f"needs {len(inputs)} inputs ({', '.join(inputs)})"


def _inputs(number: int) -> str:
    return "one input" if number == 1 else f"at most {number} inputs"


def _spread(layer: Any, args: list[Any]) -> list[Any]:
    """A list of tensors that a chain passes on are the inputs of a layer in call order, unless it takes a list."""
    if len(args) != 1 or not isinstance(args[0], list) or not isinstance(layer, Layer):
        return args
    if layer.type.inputs:
        first = layer.type.rule.__annotations__[layer.type.inputs[0]]
        if first.startswith("Tensors"):
            return args
    names = [name for name in layer.type.call_arguments if name not in BY_KEYWORD]
    if layer.type.call_arguments[1:2] == ("initial_state",) and _is_state(args[0]):
        return args[0]
    if len(args[0]) > len(names) and not layer.type.variadic:
        message = f"takes {_inputs(len(names))}, but gets {len(args[0])}"
        raise Fault(message, code="E202", help="join them first, as with Concat or Add")
    return list(args[0])


def _is_state(operands: list[Any]) -> bool:
    """Whether an RNN gets its first state beside the sequence: ``(x, (h, c))``, or one tensor without steps."""
    if len(operands) != 2 or not isinstance(operands[0], Flow):
        return False
    state = operands[1]
    return isinstance(state, list) or (isinstance(state, Flow) and state.tensor.rank == operands[0].tensor.rank - 1)


def input_tensor(layer: Any) -> Tensor | None:
    """What an InputLayer's own arguments say; ``None`` if they leave the shape open or are wrong."""
    try:
        with recording():  # what its sizes need is noted when it is walked
            return layer().out  # type: ignore[no-any-return]
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


def tensors_of(flows: Any) -> Any:
    """The same structure without what the walk adds."""
    if isinstance(flows, Flow):
        return flows.tensor
    if isinstance(flows, dict):
        return {key: tensors_of(item) for key, item in flows.items()}
    if isinstance(flows, list):
        return [tensors_of(item) for item in flows]
    return flows


def _flows_in(values: Any) -> Iterator[Flow | None]:
    """The flows in a structure in Keras's order; ``None`` for one that is not known. Literals do not count."""
    if isinstance(values, Flow):
        yield values
    elif values is LOST:
        yield None
    elif isinstance(values, dict):
        for key in sorted(values, key=str):
            yield from _flows_in(values[key])
    elif isinstance(values, list):
        for item in values:
            yield from _flows_in(item)


def _complete(outputs: Any) -> bool:
    if isinstance(outputs, dict):
        return all(map(_complete, outputs.values()))
    if isinstance(outputs, list):
        return bool(outputs) and all(map(_complete, outputs))
    return isinstance(outputs, Flow)


def _causes(step: Step, node: Node) -> Iterator[Label]:
    """The earlier layers whose outputs came in, for a diagnostic to point at."""
    for ref in node.references():
        found = step.done.get(ref.node)
        if found is None or found.outputs is None or found.layer is None:
            continue
        shapes = ", ".join(show(shape) for shape in found.shapes())
        if ref.node not in step.model.graph.inputs:
            yield Label(found.node.span, f"{found.layer.class_name} gives {shapes}")
        elif found.node.call.arguments:
            yield Label(found.node.span, f"the input is {shapes}")
