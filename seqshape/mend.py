"""Mended specs: small edits of the text, each tried by reading and walking the result before it is offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from seqshape.diagnostics import Diagnostic, Fault, Label, SeqshapeError, Span
from seqshape.graph import Call, Node
from seqshape.tensor import RankFault

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
        better = _mended(network, found, fault, node)
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
        else:
            yield from _fewer_axes(text, node)


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
