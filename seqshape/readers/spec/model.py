"""Models as they grow: chains, groups and repeats are written out, layers become calls and their uses nodes."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, TypeAlias

from seqshape.diagnostics import Fault, Source, Span
from seqshape.graph import Argument, Call, Graph, Node, Operand, Ref, Word
from seqshape.readers.spec.arguments import Values, is_constructed, layer_callee, several
from seqshape.readers.spec.arithmetic import Numeric, combine
from seqshape.readers.spec.scope import (
    NODE,
    NamedLayer,
    NamedTensor,
    NamedValue,
    Scope,
)
from seqshape.readers.spec.syntax import (
    Arithmetic,
    Chain,
    Choice,
    Invocation,
    Keyword,
    Listing,
    Mapping,
    Name,
    Range,
    Syntax,
    layer_name,
)

# Asks for the value of one part after the other, each with what comes in, and returns the value of the whole.
Evaluation: TypeAlias = "Generator[tuple[Syntax, Operand | None], Operand, Operand]"


class Spec:
    """What the models of one spec share: its names, its values, and the network that it all becomes."""

    def __init__(self, source: Source, inputs: Sequence[str]) -> None:
        self.source = source
        self.scope = Scope(inputs)
        self.values = Values(self.scope, self.submodel)
        self.main = Model(self, Graph("Functional", source=source, language="spec", span=Span(0, len(source.text))))
        self.repeats = 0  # repeats that are being written out, one inside the other
        # Arguments that are literals, by the call that is repeated, with what they count for.
        self.literals: dict[int, tuple[tuple[Argument, ...], int, Invocation]] = {}

    def forget(self) -> None:
        """Let go of what only reading needs, in which things hold each other."""
        self.scope.names.clear()
        self.scope.kinds.clear()
        self.literals.clear()
        del self.values, self.main

    def submodel(self, node: Syntax) -> Call:
        """The nested model that a chain makes: a Sequential, or a Functional if it branches."""
        model = Model(self, Graph("Functional", source=self.source, span=node.span), is_inner=True)
        arguments: tuple[Argument, ...] = ()
        chain = node
        if self.scope.is_sequential(node):
            chain, arguments = self.sequence(node)
        model.graph.outputs = model.evaluate(chain, None)
        if is_chain(model.graph):
            model.graph.class_name = "Sequential"
        return Call(model.graph.class_name, arguments, node.span, body=model.graph)

    def sequence(self, node: Syntax) -> tuple[Syntax, tuple[Argument, ...]]:
        """The chain that Keras's ``Sequential([…])`` stands for, and its other arguments."""
        assert isinstance(node, Invocation)
        written = {item.name.text if item.name else "layers": item for item in node.arguments}
        layers = written.pop("layers", None)
        if layers is None or not isinstance(layers.value, Listing) or not layers.value.items:
            help = "write Sequential([LSTM(5), Dense(1)]), or LSTM(5) > Dense(1)"
            raise Fault("Sequential takes a list of layers", span=node.span, code="E117", help=help)
        items = layers.value.items
        chain = Chain(items, layers.value.span) if len(items) > 1 else items[0]
        return chain, tuple(map(self.values.argument, written.values()))

    def shown(self, span: Span) -> str:
        """The text of a place, cut short."""
        text = " ".join(self.source.text[span.start : span.stop].split())
        return text if len(text) <= 40 else f"{text[:39]}…"


class Model:
    """A graph that grows: the whole network, or (``is_inner``) a submodel, which sees no tensors but its own."""

    def __init__(self, spec: Spec, graph: Graph, *, is_inner: bool = False) -> None:
        self.spec = spec
        self.scope = spec.scope
        self.graph = graph
        self.is_inner = is_inner
        self.implicit: Ref | None = None
        self.inputs: set[Node] = set()

    def evaluate(self, node: Syntax, incoming: Operand | None) -> Operand:
        """What an expression gives for what comes in; where nothing does, a layer reads the model's implicit input."""
        waiting: list[Evaluation] = []
        result: Any = None  # of the part that was evaluated last; None begins an evaluation
        while True:
            if isinstance(node, Invocation):
                result = self.invocation(node, incoming)
            elif isinstance(node, Name):
                result = self.name(node, incoming)
            else:
                waiting.append(self.evaluation(node, incoming))
                result = None
            while waiting:
                try:
                    node, incoming = waiting[-1].send(result)
                    break
                except StopIteration as end:
                    result = end.value
                    waiting.pop()
            else:
                return result  # type: ignore[no-any-return]

    def evaluation(self, node: Syntax, incoming: Operand | None) -> Evaluation:
        """The evaluation of what has parts: asks for each part and what comes into it, and is sent what that gives."""
        if isinstance(node, Chain):
            return self.chain(node, incoming)
        if isinstance(node, Listing) and node.items:
            return self.listing(node, incoming)
        if isinstance(node, Arithmetic) and self.scope.kind(node) != "value":
            return self.repeat(node, incoming)
        if isinstance(node, (Choice, Range)):
            raise several(node.span)
        raise self.no_layer(node)

    def chain(self, node: Chain, incoming: Operand | None) -> Evaluation:
        """Each step is fed what the one before it gives."""
        flow, is_first = incoming, True
        for step in node.steps:
            if type(step) is Invocation:
                flow = self.invocation(step, flow, is_fed=not is_first)
            else:
                if not is_first and self.scope.kind(step) == "tensor":
                    raise self.tensor_after(step)
                if type(step) is Name:
                    flow = self.name(step, flow)
                else:
                    flow = yield step, flow
            is_first = False
        assert flow is not None
        return flow

    def listing(self, node: Listing, incoming: Operand | None) -> Evaluation:
        """Every item is fed the same; what they give is a list."""
        if not node.separator:
            return (yield node.items[0], incoming)
        found: list[object] = []
        for item in node.items:
            part = yield item, incoming
            found.append(part)
        return found

    def name(self, node: Name, incoming: Operand | None) -> Operand:
        """A tensor, a named layer that is applied, or a fresh one."""
        if self.scope.is_free(node):
            self.spec.main.declare(node)
        binding = self.scope.find(node)
        if isinstance(binding, NamedTensor):
            if self.is_inner:
                raise _captured(node)
            return binding.operand
        if isinstance(binding, NamedLayer):
            return self.apply(binding.call, dict(binding.keywords), incoming, node.span)
        if binding is not None:
            raise self.no_layer(node)
        if self.scope.is_residual(node):
            raise _no_residual(node.span)
        if self.scope.is_input(node):
            return self.input(Call("Input", (), node.span, bare=True))
        incoming = self.incoming(incoming, node.span)
        return self.apply(self.fresh(node), {}, incoming, node.span)

    def invocation(self, node: Invocation, incoming: Operand | None, *, is_fed: bool = False) -> Operand:
        """An Input, where nothing is fed to it, a residual, a submodel, or a layer with arguments that is applied."""
        callee = layer_callee(node)
        word = self.scope.own_word(callee)
        if word == "input":
            if is_fed:
                raise self.tensor_after(node)
            arguments = tuple(map(self.spec.values.input_argument, node.arguments))
            return self.input(Call("Input", arguments, node.span, name_span=callee.span))
        if word == "residual":
            return self.residual(node, self.incoming(incoming, node.span))
        if incoming is None and callee.text not in self.scope.names:
            incoming = self.incoming(incoming, node.span)
        call, keywords = self.construct(node) if word else self.called(node)
        return self.apply(call, keywords, incoming, node.span)

    # --- layers -------------------------------------------------------------------------------------------------------

    def construct(self, node: Syntax) -> tuple[Call, dict[str, Operand]]:
        """The layer that an expression names, with its call arguments: a fresh one, a named one, or a submodel."""
        while isinstance(node, Listing) and not node.separator:
            node = node.items[0]
        if isinstance(node, Name):
            known = self.scope.find(node)
            return (known.call, dict(known.keywords)) if isinstance(known, NamedLayer) else (self.fresh(node), {})
        if isinstance(node, Invocation) and self.scope.own_word(node.callee) not in ("residual", "sequential"):
            return self.called(node)
        call = self.spec.submodel(node)
        self.graph.calls.append(call)
        return call, {}

    def called(self, node: Invocation) -> tuple[Call, dict[str, Operand]]:
        """The layer of a call: a fresh one, or a named one with call arguments."""
        callee = layer_callee(node)
        known = self.scope.find(callee)
        if isinstance(known, (NamedTensor, NamedValue)):
            what = "a tensor" if isinstance(known, NamedTensor) else "a value"
            help = f"feed it with >: {callee.text} > …" if what == "a tensor" else "pick another name for it"
            raise Fault(f"{callee.text} is {what}, not a layer", span=callee.span, code="E130", help=help)
        if self.spec.repeats and known is None:
            arguments, keywords = self.repeated_arguments(node, callee.text)
        else:
            arguments, keywords = self.arguments(node.arguments, callee.text, is_named=known is not None)
        if isinstance(known, NamedLayer):
            return known.call, {**known.keywords, **keywords}
        call = Call(layer_name(callee.text), arguments, node.span, name_span=callee.span)
        self.graph.calls.append(call)
        return call, keywords

    def repeated_arguments(self, node: Invocation, callee: str) -> tuple[tuple[Argument, ...], dict[str, Operand]]:
        """The arguments of a call in a group that is written out: literals are the same in every copy."""
        known = self.spec.literals.get(id(node))
        if known is not None:
            self.scope.spend(known[1], node.span)
            return known[0], {}
        before = self.scope.parts
        arguments, keywords = self.arguments(node.arguments, callee, is_named=False)
        if not keywords and all(map(_is_literal, arguments)):
            self.spec.literals[id(node)] = arguments, self.scope.parts - before, node
        return arguments, keywords

    def fresh(self, node: Name) -> Call:
        """A layer of that name without arguments."""
        call = Call(layer_name(node.text), (), node.span, bare=True)
        self.graph.calls.append(call)
        return call

    def arguments(
        self, written: Sequence[Keyword], callee: str, *, is_named: bool
    ) -> tuple[tuple[Argument, ...], dict[str, Operand]]:
        """The arguments of the constructor and those of the call; a named layer takes only the latter."""
        arguments: list[Argument] = []
        keywords: dict[str, Operand] = {}
        argument = self.spec.values.argument
        for item in written:
            if item.name is not None and (is_named or self.spec.values.is_call_argument(item, callee)):
                if item.name.text in keywords:
                    help = "delete one of the two"
                    raise Fault(f"{item.name.text} is set twice", span=item.span, code="E128", help=help)
                keywords[item.name.text] = self.operand(item.value)
            elif is_named:
                message = "a named layer takes call arguments only, by keyword"
                help = "it has its arguments already; a tensor is fed to it with >"
                raise Fault(message, span=item.span, code="E128", help=help)
            else:
                arguments.append(argument(item))
        return tuple(arguments), keywords

    def operand(self, node: Syntax) -> Operand:
        """The value of a call argument: a tensor, a structure of them, or a literal."""
        if isinstance(node, Listing) and node.separator != "|":
            return [self.operand(item) for item in node.items]
        if isinstance(node, Mapping) and self.scope.reads_tensor(node):
            return {str(self.spec.values.value(key, keyword=True).data): self.operand(item) for key, item in node.items}
        kind = self.scope.kind(node)
        if kind == "tensor":
            return self.evaluate(node, None)
        if isinstance(node, Name) and node.text not in self.scope.names:
            raise self.scope.unknown(node, NamedTensor, "a tensor")
        if kind != "value":
            help = "start it from a named tensor or an Input"
            raise Fault("a call argument is a tensor or a literal, not a layer", span=node.span, code="E128", help=help)
        return self.spec.values.value(node, keyword=True)

    def apply(self, call: Call, keywords: dict[str, Operand], incoming: Operand | None, span: Span) -> Operand:
        """Call a layer on what comes in."""
        self.scope.spend(NODE, span)
        fed = self.incoming(incoming, span) if incoming is None else incoming
        if type(fed) is list:
            call.fed = len(fed)
        elif call.seldom is not None:
            call.fed = 1
        node = Node(call, (fed,), None, span)
        if keywords:
            node.held = {name: item for name, item in keywords.items() if is_constructed(name, call.class_name)}
            node.kwargs = {name: item for name, item in keywords.items() if name not in node.held}
            call.held = frozenset(node.held)
        self.graph.nodes.append(node)
        return Ref(node)

    def residual(self, node: Invocation, incoming: Operand) -> Operand:
        """``[Id | …] > Add`` without the Identity."""
        callee = layer_callee(node)
        if len(node.arguments) != 1 or node.arguments[0].name is not None:
            raise _no_residual(node.span)
        inner = node.arguments[0].value
        if self.scope.kind(inner) == "tensor":
            raise self.tensor_after(inner)
        added = self.evaluate(inner, incoming)
        from seqshape.registry import named

        call = Call(named("adds"), (), node.span, name_span=callee.span, bare=True)
        self.graph.calls.append(call)
        return self.apply(call, {}, [incoming, added], node.span)

    # --- inputs -------------------------------------------------------------------------------------------------------

    def incoming(self, incoming: Operand | None, span: Span) -> Operand:
        """What comes in; where a chain starts from a layer, the one input that the spec leaves open."""
        if incoming is not None:
            return incoming
        if self.implicit is None:
            self.implicit = self.add_input(Call("Input", (), Span(span.start, span.start)))
        return self.implicit

    def input(self, call: Call) -> Ref:
        """An ``Input`` that the spec states."""
        if self.spec.repeats:
            help = "start a statement with it, and repeat what follows"
            raise Fault("an Input cannot be repeated", span=call.span, code="E121", help=help)
        ref = self.add_input(call)
        for argument in call.arguments:
            if argument.name == "name" and isinstance(argument.value.data, str):
                self.graph.names.setdefault(argument.value.data, ref.node)
        return ref

    def declare(self, name: Name) -> None:
        """An input that only the command line tells of."""
        ref = self.add_input(Call("Input", (), name.span, bare=True))
        self.graph.names[name.text] = ref.node
        self.scope.names[name.text] = NamedTensor(name.span, ref)

    def add_input(self, call: Call) -> Ref:
        """A new node that reads nothing."""
        self.scope.spend(NODE, call.span)
        node = Node(call)
        self.graph.calls.append(call)
        self.graph.nodes.append(node)
        self.graph.inputs.append(node)
        self.inputs.add(node)
        return Ref(node)

    # --- repeats ------------------------------------------------------------------------------------------------------

    def repeat(self, node: Arithmetic, incoming: Operand | None) -> Evaluation:
        """Write out ``A*n``: copies of a group, each with weights of its own, or a named layer several times."""
        body, count = self.repeated(node)
        self.spec.repeats += count > 1
        before = self.scope.parts
        flow = yield body, incoming
        self.scope.require_room((self.scope.parts - before) * (count - 1), body.span)
        for _ in range(count - 1):
            flow = yield body, flow
        self.spec.repeats -= count > 1
        return flow

    def repeated(self, node: Arithmetic) -> tuple[Syntax, int]:
        """What is repeated, and how often. Raises Fault if that is not one layer times a whole number."""
        layers = [operand for operand in node.operands if self.scope.kind(operand) != "value"]
        if len(layers) != 1 or set(node.operators) != {"*"}:
            raise self.no_product(node, layers)
        if self.scope.kind(layers[0]) == "tensor":
            help = "repeat the layers that it is fed to"
            raise Fault("a tensor cannot be repeated", span=layers[0].span, code="E121", help=help)
        count: Numeric = 1
        for operand in node.operands:
            if operand is not layers[0]:
                count = combine("*", count, self.spec.values.number(operand), node.span)
        if not isinstance(count, int) or count < 1:
            shown = f"{count}" if isinstance(count, (int, float)) else f"the unknown size {count}"
            help = "write a whole number of at least 1"
            raise Fault(f"a layer cannot be repeated {shown} times", span=node.span, code="E121", help=help)
        return layers[0], count

    def no_product(self, node: Arithmetic, layers: list[Syntax]) -> Fault:
        """What to say of arithmetic that is no repeat."""
        words = [item for item in layers if isinstance(item, Name) and item.text not in self.scope.names]
        lower = [word for word in words if word.text[0].islower()]
        if len(layers) > 1 and lower and set(node.operators) == {"*"}:
            return self.scope.unknown(lower[-1], NamedValue, "a number")
        help = "repeat a layer with *n, n a whole number; multiply outputs with [A | B] > Multiply"
        return Fault("layers take no arithmetic", span=node.span, code="E121", help=help)

    # --- complaints ---------------------------------------------------------------------------------------------------

    def no_layer(self, node: Syntax) -> Fault:
        """What to say of something that is no layer, where one has to stand."""
        if isinstance(node, Listing) and not node.items:
            return Fault("these brackets are empty", span=node.span, code="E130", help="write a layer in them")
        help = "a chain is made of layers; numbers and strings go into their parentheses"
        if isinstance(node, Arithmetic):
            help = "layers take no arithmetic but *n; outputs are added by [A | B] > Add"
        return Fault(f"{self.spec.shown(node.span)} is no layer", span=node.span, code="E130", help=help)

    def tensor_after(self, node: Syntax) -> Fault:
        """What to say of a tensor in the middle of a chain."""
        shown = self.spec.shown(node.span)
        if self.scope.is_input(node):
            help = "an Input starts a chain: put it first, or in a statement of its own"
        else:
            help = f"start a chain from it, or join it with what comes in: [Id | {shown}] > Concat"
        return Fault(f"{shown} is a tensor, which takes no input", span=node.span, code="E120", help=help)


def _is_literal(argument: Argument) -> bool:
    """Whether an argument is the same in every copy: no layer is in it, and no size that gets a name of its own."""
    data = argument.value.data
    return isinstance(data, (int, float, str)) or data is None or (type(data) is Word and data.assigned is None)


def _no_residual(span: Span) -> Fault:
    help = "write Residual(LN > Dense(64))"
    return Fault("Residual takes one chain of layers", span=span, code="E117", help=help)


def _captured(name: Name) -> Fault:
    help = f"leave {name.text} out: a model inside gets what the layer around it, or >, gives it"
    return Fault(f"a model inside the network cannot read {name.text}", span=name.span, code="E129", help=help)


def is_chain(graph: Graph) -> bool:
    """Whether every node reads the one before it and nothing else, from one input to the output.

    A Sequential of Keras takes layers, and no operations.
    """
    nodes = graph.nodes
    if len(graph.inputs) != 1 or nodes[0] is not graph.inputs[0] or graph.outputs != Ref(nodes[-1]):
        return False
    before = nodes[0]
    for node in nodes[1:]:
        read = node.args[0]
        if not isinstance(read, Ref) or read.node is not before or read.output is not None or node.kwargs:
            return False
        before = node
    return not any(call.class_name.startswith("ops.") for call in graph.calls)
