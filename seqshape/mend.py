"""Mended specs: small edits of the text, each tried by reading and walking the result before it is offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seqshape.diagnostics import Diagnostic, Fault, Label, SeqshapeError, Span
from seqshape.dims import UNKNOWN, Dim, symbol
from seqshape.graph import Call, Node
from seqshape.records import NamedTuple
from seqshape.tensor import RankFault, Tensor

if TYPE_CHECKING:
    from seqshape.network import Network

FURTHEST = 8  # how many layers back a cause is looked for
MOST = 12  # how many mends are tried for one complaint


class Edit(NamedTuple):
    """A change of the text at ``span``, what to say of it, and the earlier layer that it is about."""

    span: Span
    text: str
    help: str
    cause: Label | None = None


def mend(network: Network) -> None:
    """Give each complaint about a spec the first edit that makes it go away, with the whole mended text."""
    source = network.graph.source
    if source is None or not source.text:
        return
    for place, (found, fault, node) in enumerate(network.session.faults):
        better = _mended(network, found, fault, node) or _advised(network, found, fault, node)
        if better is not None:
            network.session.replace(place, better)


def _mended(network: Network, found: Diagnostic, fault: Fault, node: Node | None) -> Diagnostic | None:
    assert network.graph.source is not None
    text = network.graph.source.text
    for number, edit in enumerate(_edits(network, text, fault, node)):
        if number >= MOST:
            return None
        changed = text[: edit.span.start] + edit.text + text[edit.span.stop :]
        if _is_better(network, changed):
            labels = found.labels[:1] + ((edit.cause,) if edit.cause else found.labels[1:])
            return found._replace(help=edit.help, replacement=changed, labels=labels)
    return None


def _is_better(network: Network, text: str) -> bool:
    """Whether the changed text has fewer faults than the one at hand, walked from the same inputs."""
    from seqshape.network import Network
    from seqshape.readers.spec import read_spec

    try:
        graph = read_spec(text, inputs=tuple(network.inputs.named))
        trial = Network(graph, network.inputs.copy(), dtype=network.dtype, version=network.version, mending=False)
    except SeqshapeError:
        return False
    return _errors(trial) < _errors(network) and _lost(trial) <= _lost(network)


def _errors(network: Network) -> int:
    return sum(found.severity == "error" for found in network.session.diagnostics)


def _lost(network: Network) -> int:
    """Nodes of which nothing is known: a mend must not hide a fault behind another."""
    return sum(done.outputs is None for done in network.model.done.values())


def _edits(network: Network, text: str, fault: Fault, node: Node | None) -> Iterator[Edit]:
    if fault.instead is not None and fault.span is not None and fault.span.pointer is None:
        yield Edit(fault.span, fault.instead, fault.help or f"write {fault.instead}")
    if isinstance(fault, RankFault) and node is not None:
        if fault.found < fault.expected:
            yield from _keep_steps(network, text, node)
            yield from _longer_input(network, text)
            if not any(ref.node in network.graph.inputs for ref in node.references()):
                yield from _other_rank(text, node, fault.found - 2)
        else:
            yield from _other_rank(text, node, fault.found - 2)
            yield from _fewer_axes(text, node)
    elif fault.code == "E204" and node is not None:
        yield from _any_length(network, text, node)
    elif fault.code == "E202" and node is not None:
        yield from _without_states(network, text, node)
        if fault.help is None:
            yield from _twice(text, node)


def _keep_steps(network: Network, text: str, node: Node) -> Iterator[Edit]:
    """Earlier layers that give only their last step could keep every one."""
    for call in _upstream(network, node):
        for layer in _holders(network, call):
            if layer.arguments.get("return_sequences") is False and layer.call.span.pointer is None:
                before = text[call.span.start : call.span.stop]
                inner = layer.call.span
                added = with_argument(text[inner.start : inner.stop], "seq")
                after = text[call.span.start : inner.start] + added + text[inner.stop : call.span.stop]
                cause = Label(call.span, f"{before} gives only its last step")
                yield Edit(inner, added, f"to keep every step, write {after}", cause)


def _longer_input(network: Network, text: str) -> Iterator[Edit]:
    """An ``Input(5)`` that lacks its last axis."""
    for node in network.graph.inputs:
        span, shape = node.call.span, network.model.inputs.get(node)
        written = text[span.start : span.stop]
        if shape is not None and written.replace(" ", "") == f"Input({','.join(map(str, shape.shape[1:]))})":
            longer = f"{written[:-1]},1)"
            yield Edit(span, longer, f"to give each step one number, write {longer}")


def _other_rank(text: str, node: Node, rank: int) -> Iterator[Edit]:
    """The layer of the same kind for inputs of another rank: Conv2D, Conv1D."""
    span, call = node.call.name_span, node.call.span
    name = text[span.start : span.stop]
    for digit in "123":
        if span.pointer is None and f"{digit}D" in name.upper() and rank in (1, 2, 3) and digit != str(rank):
            place = span.start + name.upper().index(f"{digit}D")
            other = text[call.start : place] + str(rank) + text[place + 1 : call.stop]
            yield Edit(Span(place, place + 1), str(rank), f"for an input of {rank + 2} dims, write {other}")


def _any_length(network: Network, text: str, node: Node) -> Iterator[Edit]:
    """A weight as long as a sequence of unknown length: average the steps instead of flattening them."""
    for call in _upstream(network, node):
        layer = network.session.binder.get(call)
        done = next((done for done in network.model.done.values() if done.node.call is call), None)
        rank = next((flow.tensor.rank for flow in done.inputs if flow is not None), 0) if done is not None else 0
        if getattr(layer, "class_name", "") == "Flatten" and 3 <= rank <= 5 and call.span.pointer is None:
            pool = f"GAP{rank - 2}D"
            yield Edit(call.span, pool, f"Flatten makes one row of them all; to take any number of steps, write {pool}")


def _without_states(network: Network, text: str, node: Node) -> Iterator[Edit]:
    """A recurrent layer that gives its states beside its output could keep them."""
    for call in _upstream(network, node):
        for layer in _holders(network, call):
            place = layer.places.get("return_state")
            if not layer.arguments.get("return_state") or place is None or place.pointer is not None:
                continue
            before, inner = text[: place.start].rstrip(), layer.call.span
            start = len(before) - 1 if before.endswith(",") else place.start
            after = text[inner.start : start] + text[place.stop : inner.stop]
            cause = Label(call.span, f"{layer.class_name} gives its states beside its output")
            yield Edit(Span(start, place.stop), "", f"for the output alone, write {after}", cause)


def _twice(text: str, node: Node) -> Iterator[Edit]:
    """A layer of two inputs gets the one tensor that there is as both."""
    span = node.call.span
    if span.pointer is None:
        name = text[span.start : span.stop]
        yield Edit(
            Span(span.start, span.start), "[Id | Id] > ", f"to give it the same tensor twice, write [Id | Id] > {name}"
        )


def _advised(network: Network, found: Diagnostic, fault: Fault, node: Node | None) -> Diagnostic | None:
    """What to change on the command line, where the spec is as it should be."""
    if found.help is not None or node is None or network.inputs.only is None:
        return None
    (source,) = network.model.inputs
    tensor = network.model.inputs[source]
    given = [str(dim) for dim in tensor.shape[1:]]
    if fault.code == "E204" and UNKNOWN in tensor.shape[1:] and tensor.shape[-1] is UNKNOWN:
        return _if_better(network, found, {source: _last(tensor, symbol("F"))}, (
            "only the data tells a None, and weights cannot wait for it; give the features (the last axis) a number: "
            f"-i {','.join([*given[:-1], '8'])}"
        ))  # fmt: skip
    if isinstance(fault, RankFault) and fault.found < fault.expected:
        longer = f"the input has no {fault.names[-1]}: write -i {','.join([*given, '1'])}"
        if given and fault.expected == 3:
            one = "1 step" if given[0] == "1" else f"{given[0]} steps"
            others = f"{one} of 1 number each is -i {given[0]},1; 1 step of {given[0]} is -i 1,{given[0]}"
            longer = f"a sequence is steps, features: {others}"
        return _if_better(network, found, {source: tensor._replace(shape=(*tensor.shape, 1))}, longer)
    return None


def _last(tensor: Tensor, dim: Dim) -> Tensor:
    return tensor._replace(shape=(*tensor.shape[:-1], dim))


def _if_better(network: Network, found: Diagnostic, inputs: dict[Node, Tensor], help: str) -> Diagnostic | None:
    """The finding with a help that really takes a fault away."""
    from seqshape.network import Network

    settings = {"dtype": network.dtype, "version": network.version}
    trial = Network(network.graph, network.inputs.copy(), mending=False, override=inputs, **settings)
    return found._replace(help=help) if _errors(trial) < _errors(network) else None


def _upstream(network: Network, node: Node) -> Iterator[Call]:
    for _ in range(FURTHEST):
        parent = next((ref.node for ref in node.references()), None)
        if parent is None or parent in network.graph.inputs:
            return
        yield parent.call
        node = parent


def _holders(network: Network, call: Call) -> Iterator[Any]:
    """The bound layer of a call and the layers wrapped in it."""
    layer = network.session.binder.get(call)
    if layer is not None and call.body is None:
        yield layer
        for inner in call.nested():
            yield from _holders(network, inner)


def _fewer_axes(text: str, node: Node) -> Iterator[Edit]:
    """Axes that are too many can be flattened, in every step or altogether, or averaged away."""
    start = Span(node.call.span.start, node.call.span.start)
    if node.call.span.pointer is not None:
        return
    name = text[node.call.span.start : node.call.span.stop]
    yield Edit(start, "TD(Flatten) > ", f"to flatten what each step holds, write TD(Flatten) > {name}")
    yield Edit(start, "Flatten > ", f"to make one long vector, write Flatten > {name}")


def with_argument(call: str, argument: str) -> str:
    """The text of a call with one more argument: ``LSTM(5)`` → ``LSTM(5,seq)``, ``LSTM`` → ``LSTM(seq)``."""
    if not call.endswith(")"):
        return f"{call}({argument})"
    inside = call[:-1].rstrip()
    return f"{inside}{argument})" if inside.endswith(("(", ",")) else f"{inside},{argument})"
