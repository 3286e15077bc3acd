"""From the syntax tree to the graph: names get a meaning, groups and repeats are written out, chains become nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqshape.diagnostics import Diagnostic, Fault, Label, SeqshapeError, Source, Span
from seqshape.graph import Graph, Node, Operand, Ref, Value, references
from seqshape.readers.spec.arguments import several
from seqshape.readers.spec.model import Spec, is_chain
from seqshape.readers.spec.parser import MOST_FAULTS
from seqshape.readers.spec.scope import (
    NODE,
    Binding,
    NamedLayer,
    NamedTensor,
    NamedValue,
    Skipped,
    extent,
)
from seqshape.readers.spec.syntax import (
    Choice,
    Declared,
    Listing,
    Name,
    Range,
    Statement,
    Syntax,
    Unknown,
)


def lower(
    statements: Iterator[Statement], source: Source, inputs: Sequence[str] = (), declared: Sequence[Declared] = ()
) -> Graph:
    """The graph of a syntax tree, whose statements are let go one after the other.

    ``inputs`` are names of tensors that the command line gives, ``declared`` the layers that the spec declares. Raises
    SeqshapeError with a diagnostic for every statement that means nothing, and what ``statements`` raises.
    """
    lowering = _Lowering(statements, source, inputs)
    try:
        return lowering.run(declared)
    finally:
        lowering.spec.forget()


class _Lowering:
    """One spec on its way to a graph: its names, its statements, and what they share."""

    def __init__(self, statements: Iterator[Statement], source: Source, inputs: Sequence[str]) -> None:
        self.statements = statements  # those that are still to be lowered
        self.source = source
        self.spec = Spec(source, inputs)
        self.scope, self.main = self.spec.scope, self.spec.main
        self.layers: list[tuple[str, NamedLayer]] = []
        self.chains = 0  # statements that give a tensor
        self.faults: list[Fault] = []

    def run(self, declared: Sequence[Declared]) -> Graph:
        """Lower all statements, then close the graph."""
        graph = self.main.graph
        if declared:
            graph.declared = {**graph.declared, **{one.layer.name: one.layer for one in declared}}
            self.scope.declared = frozenset(graph.declared)
        statement = next(self.statements, None)
        if statement is None:
            help = "write layers with > between them: LSTM(5,seq) > Dense(1)"
            raise self.failure([Fault("the spec is empty", span=graph.span, code="E110", help=help)])
        while statement is not None:
            following = next(self.statements, None)
            self.attempt(statement, following is None)
            statement = following
        if self.faults:
            raise self.failure(self.faults)
        return self.finish()

    def failure(self, faults: list[Fault]) -> SeqshapeError:
        from seqshape.readers.spec.complaints import failure

        return failure(faults, self.source)

    def attempt(self, statement: Statement, last: bool) -> None:
        """Lower a statement. What goes wrong is noted once: the names that it would have given are skipped later on."""
        if len(self.faults) >= MOST_FAULTS:
            return
        self.spec.repeats = 0
        self.scope.kinds.clear()
        try:
            self.statement(statement, last)
            return
        except Fault as fault:
            self.faults.append(fault)
        except Skipped:
            pass
        for target in statement.targets:
            self.scope.names[target.text] = Binding(target.span)

    def statement(self, statement: Statement, last: bool) -> None:
        kind = self.scope.kind(statement.value)
        if last:
            self.warn_of_commas(statement)
        if last and len(statement.targets) < 2 and self.scope.is_sequential(statement.value):
            self.name_tensors(statement._replace(value=self.opened(statement.value)), last)
        elif kind == "value" and statement.targets:
            self.name_values(statement)
            if last:
                help = "end with the chain that is to be summarized"
                raise Fault("the last statement gives no network", span=statement.span, code="E130", help=help)
        elif kind == "layer" and (statement.targets or not last):
            self.name_layer(statement, last)
        else:
            self.name_tensors(statement, last)

    # --- what names can stand for -------------------------------------------------------------------------------------

    def name_values(self, statement: Statement) -> None:
        targets, value = statement.targets, statement.value
        if len(targets) == 1:
            self.bind(targets[0], self.constant(targets[0], value))
            return
        if not isinstance(value, Listing) or len(value.items) != len(targets):
            raise _cannot_unpack(len(targets), "this value has another number of items", value.span)
        for target, item in zip(targets, value.items, strict=True):
            self.bind(target, self.constant(target, item))

    def constant(self, target: Name, node: Syntax) -> NamedValue:
        before = self.scope.parts
        value = Value(self.scope.unsaid(target), node.span) if isinstance(node, Unknown) else self.literal(node)
        return NamedValue(target.span, value, self.scope.parts - before + 1)

    def literal(self, node: Syntax) -> Value:
        if isinstance(node, (Choice, Range)):
            raise several(node.span)
        return self.spec.values.value(node, keyword=True)

    def name_layer(self, statement: Statement, last: bool) -> None:
        """Construct a layer or a submodel; as the last statement it is applied to the input that ``-i`` tells of."""
        if len(statement.targets) > 1:
            help = "start the chain from a tensor or an Input"
            raise _cannot_unpack(len(statement.targets), "a layer has no outputs yet", statement.value.span, help)
        before = self.scope.parts
        call, keywords = self.main.construct(statement.value)
        where = statement.targets[0] if statement.targets else None
        span = where.span if where else statement.span
        layer = NamedLayer(span, call, keywords, self.scope.parts - before + NODE)
        self.layers.append((where.text if where else "", layer))
        if where is not None:
            self.bind(where, layer)
        if last:
            layer.used = True
            self.chains += 1
            self.main.graph.outputs = self.main.apply(call, keywords, None, span)

    def name_tensors(self, statement: Statement, last: bool) -> None:
        operand = self.main.evaluate(statement.value, None)
        self.chains += 1
        if last:
            self.main.graph.outputs = operand
        targets = statement.targets
        parts = [operand] if len(targets) < 2 else self.unpacked(operand, statement)
        for target, part in zip(targets, parts, strict=bool(targets)):
            self.bind(target, NamedTensor(target.span, part, extent(part)))
            if isinstance(part, Ref) and part.node in self.main.inputs and target.text != "_":
                self.main.graph.names[target.text] = part.node

    def unpacked(self, operand: Operand, statement: Statement) -> list[Operand]:
        """The tensors that several names stand for; how many a layer gives is for the engine to check."""
        count = len(statement.targets)
        if isinstance(operand, list):
            if len(operand) == count:
                return operand
            raise _cannot_unpack(count, f"this gives {len(operand)} tensors", statement.value.span)
        if not isinstance(operand, Ref) or operand.output is not None or operand.node in self.main.inputs:
            raise _cannot_unpack(count, "this is one tensor", statement.value.span)
        span = statement.targets[0].span.to(statement.targets[-1].span)
        self.main.graph.unpacked.append((operand.node, count, span))
        return [Ref(operand.node, index) for index in range(count)]

    def bind(self, target: Name, binding: Binding) -> None:
        if target.text != "_":
            self.scope.names[target.text] = binding

    def opened(self, node: Syntax) -> Syntax:
        """The chain of a ``Sequential([…])`` that is the network itself, which gets its name."""
        chain, arguments = self.spec.sequence(node)
        for argument in arguments:
            if argument.name == "name" and isinstance(argument.value.data, str):
                self.main.graph.name = argument.value.data
        return chain

    # --- closing ------------------------------------------------------------------------------------------------------

    def finish(self) -> Graph:
        """Decide what kind of model it is, and warn of what reaches no output."""
        graph = self.main.graph
        is_one_chain = is_chain(graph)
        if self.chains == 1 and is_one_chain:
            graph.class_name = "Sequential"
        if not is_one_chain:
            reached = _reached(graph.outputs)
            read = {reference.node for node in graph.nodes if node not in reached for reference in node.references()}
            for node in graph.nodes:
                if node not in reached and node not in read:
                    self.warn_of_node(node)
        for name, layer in self.layers:
            if not layer.used:
                self.warn_of_layer(name, layer)
        graph.notes.sort(key=lambda note: (note.labels[0].span.start, note.labels[0].span.stop))
        return graph

    def warn_of_node(self, node: Node) -> None:
        if node in self.main.inputs:
            self.warn("this Input reaches no output", node.span, "start a chain from it, or delete it")
        else:
            help = "feed it to a later layer, or make it an output"
            self.warn("this reaches no output and is left out", node.span, help)

    def warn_of_layer(self, name: str, layer: NamedLayer) -> None:
        if name:
            self.warn(f"{name} is named but never used", layer.span, f"feed it: … > {name}")
        else:
            self.warn("this layer reaches no output and is left out", layer.span, "join the statements with >")

    def warn_of_commas(self, statement: Statement) -> None:
        """Layers with a comma between them are outputs side by side, also in the brackets of a list of Keras: an arrow may
        be meant."""
        value = statement.value
        if not isinstance(value, Listing) or statement.targets or len(value.items) < 2:
            return
        first, text = value.items[0], self.source.text
        is_list = value.bracket == "[" and value.separator == ","
        if first.span.start != value.span.start and not is_list:
            return
        if any(self.scope.kind(item) != "layer" for item in value.items):
            return
        parts = [text[item.span.start : item.span.stop] for item in value.items]
        arrow = " > " if " >" in text else ">"
        mended = text[: value.span.start] + arrow.join(parts) + text[value.span.stop :]
        message = f"the comma makes {len(parts)} outputs of one input, side by side"
        help = f"to feed one to the next, write {arrow.join(parts)}"
        found = Diagnostic("W102", "warning", message, (Label(value.span),), help, mended, source=self.source)
        self.main.graph.notes.append(found)

    def warn(self, message: str, span: Span, help: str) -> None:
        self.main.graph.notes.append(Diagnostic("W101", "warning", message, (Label(span),), help, source=self.source))


def _cannot_unpack(count: int, why: str, span: Span, help: str | None = None) -> Fault:
    message = f"{count} names cannot be taken from this: {why}"
    return Fault(message, span=span, code="E127", help=help or "write as many names as outputs")


def _reached(outputs: Operand) -> set[Node]:
    """Every node that the outputs need."""
    found = {reference.node for reference in references(outputs)}
    waiting = list(found)
    while waiting:
        for reference in waiting.pop().references():
            if reference.node not in found:
                found.add(reference.node)
                waiting.append(reference.node)
    return found
