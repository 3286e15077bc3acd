"""Functional models: the graph between tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from seqshape.diagnostics import Diagnostic, Label, Span
from seqshape.graph import Call, Graph, Node, Operand, Ref
from seqshape.readers.keras_source.engine import SymbolicTensor, Trace, keras_order
from seqshape.readers.keras_source.models import leave_untrained, register, take_name
from seqshape.readers.keras_source.tensors import first_tensor, tensors_in
from seqshape.readers.keras_source.values import Args, Keywords, Model, Result, Value
from seqshape.structure import mapped

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site

# Tensors by the node and the output in whose place they are put.
Swapped: TypeAlias = dict[tuple[Node, int | None], SymbolicTensor]


def fill_functional(run: Interpreter, model: Model, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``Model(inputs, outputs)``, with the words of Keras 1 too."""
    inputs = args[0] if args else kwargs.get("inputs", kwargs.get("input"))
    outputs = args[1] if len(args) > 1 else kwargs.get("outputs", kwargs.get("output"))
    name = kwargs.get("name", args[2] if len(args) > 2 else None)
    model.kind = "Functional"
    if first_tensor(inputs) is None or first_tensor(outputs) is None:
        if inputs is None and outputs is None:
            return _bare(run, model, name, site)
        run.note("W147", "the inputs or outputs of this model are not known", site.span, None, site.frame)
        return run.unknown(site)
    inputs, outputs = _cloned(run, inputs, outputs)
    model.inputs, model.outputs = inputs, outputs
    take_name(run, model, model.shown or "Functional", name)
    model.graph = functional_graph(run, model, inputs, outputs, site.span)
    register(run, model, site)
    if kwargs.get("trainable") is False:
        leave_untrained(run, model, site)
    return model


def _bare(run: Interpreter, model: Model, name: Value, site: Site) -> Model:
    """``Model()`` itself, or what a subclass calls before it has any layers."""
    take_name(run, model, model.shown or "Model", name)
    return model


def functional_graph(run: Interpreter, model: Model, inputs: Value, outputs: Value, span: Span) -> Graph:
    """The graph between tensors."""
    graph = Graph("Functional", model.call.named, span=span, masked=False)
    graph.shown = model.shown
    graph.inputs = [tensor.ref.node for tensor in symbolic_tensors(inputs)]
    graph.outputs = as_operand(outputs)
    nodes, calls = keras_order(graph.outputs, graph.inputs)
    trace = symbolic_tensors(outputs)[0].trace
    trace.settle_names(nodes)
    graph.nodes = sorted(nodes, key=trace.position)
    graph.calls = calls
    for node in graph.nodes:
        if node.call.class_name == "InputLayer" and node not in graph.inputs:
            message = "the outputs need this input, which is not among the model's inputs"
            graph.notes.append(Diagnostic("E141", "error", message, (Label(node.span), Label(span, "this model"))))
    for node in graph.nodes:
        layer = run.layer_of.get(node.call)
        if isinstance(layer, Model) and layer.record is not None:
            layer.record.used = True
    return graph


def symbolic_tensors(structure: Value) -> list[SymbolicTensor]:
    """The tensors of a structure, without the weights."""
    return [tensor for tensor in tensors_in(structure) if isinstance(tensor, SymbolicTensor)]


def as_operand(structure: Value) -> Operand:
    """A structure of tensors as the outputs of a graph."""
    if isinstance(structure, SymbolicTensor):
        return structure.ref
    if isinstance(structure, dict):
        return {str(key): as_operand(item) for key, item in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [as_operand(item) for item in structure if first_tensor(item) is not None]
    return []


def _cloned(run: Interpreter, inputs: Value, outputs: Value) -> tuple[Value, Value]:
    """Where a tensor in the middle is an input, Keras copies the graph behind it onto a new InputLayer."""
    flat = symbolic_tensors(inputs)
    trace = flat[0].trace
    if all(tensor.ref.node in trace.model.ports for tensor in flat):
        return inputs, outputs
    swapped: Swapped = {}
    for tensor in flat:
        if tensor.ref.node not in trace.model.ports:
            swapped[tensor.ref.node, tensor.ref.output] = _clone_input(run, trace, tensor)
    copies: dict[Node, Node] = {}
    nodes, _ = keras_order(as_operand(outputs), [])
    for node in sorted(nodes, key=trace.position):
        if node in trace.model.ports or all(_swapped(ref, swapped, copies) == ref for ref in node.references()):
            continue
        done = trace.apply(
            node.call,
            [rewired(each, swapped, copies) for each in node.args],
            {name: rewired(each, swapped, copies) for name, each in node.kwargs.items()},
            node.span,
        )
        copies[node] = done.node
    return renewed(run, trace, inputs, swapped, copies), renewed(run, trace, outputs, swapped, copies)


def _clone_input(run: Interpreter, trace: Trace, tensor: SymbolicTensor) -> SymbolicTensor:
    name = run.engine.session.clone_name(tensor.ref.node)
    if tensor.tensor is None:
        return trace.unknown()
    fresh = trace.port(tensor.tensor)
    fresh.ref.node.call.named = name
    return fresh


def _swapped(ref: Ref, swapped: Swapped, copies: dict[Node, Node]) -> Ref:
    if (ref.node, ref.output) in swapped:
        return swapped[ref.node, ref.output].ref
    return Ref(copies[ref.node], ref.output) if ref.node in copies else ref


def rewired(operand: Operand, swapped: Swapped, copies: dict[Node, Node]) -> Operand:
    """An operand with other tensors in the place of those that are swapped or copied."""
    found: Operand = mapped(lambda leaf: _swapped(leaf, swapped, copies) if isinstance(leaf, Ref) else leaf, operand)
    return found


def renewed(run: Interpreter, trace: Trace, structure: Value, swapped: Swapped, copies: dict[Node, Node]) -> Value:
    """A structure of tensors with those that are swapped or copied."""

    def renewed(leaf: Value) -> Value:
        if not isinstance(leaf, SymbolicTensor):
            return leaf
        return SymbolicTensor(_swapped(leaf.ref, swapped, copies), leaf.tensor, leaf.mask, trace)

    found: Value = mapped(renewed, structure)
    return found


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """``keras.Model(…)``."""
    return fill_functional(run, Model(Call("Functional", (), site.span), path, site.span), args, kwargs, site)
