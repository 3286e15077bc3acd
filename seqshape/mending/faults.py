"""Mends of faults: edits of the text, and what to change on the command line.

The edits of all faults are tried together first: one walk serves them all. Only where that goes wrong are they told
apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from seqshape.diagnostics import Diagnostic, Fault, Label, Span
from seqshape.dims import UNKNOWN, Dim, symbol
from seqshape.graph import Call, Node
from seqshape.mending.patch import Edit, with_argument, with_comma
from seqshape.mending.trial import Trial, Trials, finding, is_mendable, tried
from seqshape.network import Network, again
from seqshape.registry import has, named
from seqshape.tensor import RankFault, Tensor

FURTHEST = 8  # how many layers back a cause is looked for
MOST = 12  # how many mends are tried for one complaint
MOST_TEXT = 1_000_000  # characters of the mended texts of one network, beyond those of a hundred faults


def mend(network: Network) -> None:
    """Give each complaint about a spec the first edit that makes it go away, with the whole mended text.

    The text has the mends of the other complaints too, where they go together.
    """
    if not network.session.faults or not is_mendable(network):
        return
    trials = Trials(network)
    room = max(MOST_TEXT // len(trials.text), 100)
    for place, (edit, text) in islice(sorted(_mended(trials).items()), room):
        found = network.session.faults[place][0]
        labels = found.labels[:1] + ((edit.cause,) if edit.cause else found.labels[1:])
        network.session.replace(place, found._replace(help=edit.help, replacement=text, labels=labels))
    advisor = Advisor(trials)
    for place, (found, fault, node) in enumerate(network.session.faults):
        better = advisor.advised(found, fault, node) if found.replacement is None else None
        if better is not None:
            network.session.replace(place, better)


def _mended(trials: Trials) -> dict[int, tuple[Edit, str]]:
    """For each fault, by number, the edit that mends it and the mended text."""
    network, found = trials.network, dict[int, tuple[Edit, str]]()
    waiting = {
        place: islice(_edits(network, trials.text, fault, node), MOST)
        for place, (_, fault, node) in enumerate(network.session.faults)
    }
    while waiting and not trials.spent:
        next_edits = {place: next(edits, None) for place, edits in waiting.items()}
        edits = {place: edit for place, edit in next_edits.items() if edit is not None}
        texts = trials.mended(edits)
        found |= {place: (edits[place], text) for place, text in texts.items()}
        waiting = {place: waiting[place] for place in edits if place not in texts}
    if len({text for _, text in found.values()}) > 1 and not trials.spent:
        together = trials.mended({place: edit for place, (edit, _) in found.items()})
        found |= {place: (found[place][0], text) for place, text in together.items()}
    return found


def _edits(network: Network, text: str, fault: Fault, node: Node | None) -> Iterator[Edit]:
    if fault.instead is not None and fault.span is not None and fault.span.pointer is None:
        yield Edit(fault.span, fault.instead, fault.help or f"write {fault.instead}")
    if node is None:
        return
    if isinstance(fault, RankFault):
        yield from _ranked(network, text, fault, node)
    elif fault.code == "E204":
        yield from _any_length(network, text, node)
    elif fault.code == "E203":
        yield from _averaged(network, text, node)
    elif fault.code == "E202":
        yield from _without_states(network, text, node)
        if fault.help is None:
            yield from _twice(text, node)


def _ranked(network: Network, text: str, fault: RankFault, node: Node) -> Iterator[Edit]:
    """For an input with too few axes, or too many."""
    if fault.found < fault.expected:
        yield from _keep_steps(network, text, node)
        yield from _longer_input(network, text)
        if not any(ref.node in network.graph.inputs for ref in node.references()):
            yield from _other_rank(text, node, fault.found - 2)
        return
    yield from _other_rank(text, node, fault.found - 2)
    yield from _fewer_axes(text, node, "TD(Flatten)", "to flatten what each step holds")
    yield from _last_step(network, text, node)
    yield from _fewer_axes(text, node, named("flattens"), "to make one long vector")


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
        if not has(layer, "flattens") or call.span.pointer is not None:
            continue
        done = next((done for done in network.model.done.values() if done.node.call is call), None)
        rank = next((flow.tensor.rank for flow in done.inputs if flow is not None), 0) if done is not None else 0
        if 3 <= rank <= 5:
            pool = f"GAP{rank - 2}D"
            yield Edit(call.span, pool, f"Flatten makes one row of them all; to take any number of steps, write {pool}")


def _without_states(network: Network, text: str, node: Node) -> Iterator[Edit]:
    """A recurrent layer that gives its states beside its output could keep them."""
    for call in _upstream(network, node):
        for layer in _holders(network, call):
            place = layer.places.get("return_state")
            if not layer.arguments.get("return_state") or place is None or place.pointer is not None:
                continue
            start, inner = with_comma(text, place), layer.call.span
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


class Advisor:
    """What to change on the command line, where the spec is as it should be: each change is tried once."""

    def __init__(self, trials: Trials) -> None:
        self.trials = trials
        self.network = trials.network
        self.known: dict[Tensor, Trial] = {}

    def advised(self, found: Diagnostic, fault: Fault, node: Node | None) -> Diagnostic | None:
        """The finding with a help that takes it away; ``None`` if there is none."""
        if found.help is not None or node is None or self.network.inputs.only is None:
            return None
        (source,) = self.network.model.inputs
        tensor = self.network.model.inputs[source]
        given = [str(dim) for dim in tensor.shape[1:]]
        if fault.code == "E204" and UNKNOWN in tensor.shape[1:] and tensor.shape[-1] is UNKNOWN:
            help = "only the data tells a None, and weights cannot wait for it; give the features (the last axis) a number: "
            return self._if_better(
                found, source, _last(tensor, symbol("F")), f"{help}-i {','.join([*given[:-1], '8'])}"
            )
        if isinstance(fault, RankFault) and fault.found < fault.expected:
            longer = f"the input has no {fault.names[-1]}: write -i {','.join([*given, '1'])}"
            if given and fault.expected == 3:
                one = "1 step" if given[0] == "1" else f"{given[0]} steps"
                others = f"{one} of 1 number each is -i {given[0]},1; 1 step of {given[0]} is -i 1,{given[0]}"
                longer = f"a sequence is steps, features: {others}"
            return self._if_better(found, source, tensor._replace(shape=(*tensor.shape, 1)), longer)
        return None

    def _if_better(self, found: Diagnostic, source: Node, tensor: Tensor, help: str) -> Diagnostic | None:
        """The finding with the help, if the other input really takes it away."""
        if tensor not in self.known:
            self.known[tensor] = self._trial({source: tensor})
        better = self.trials.is_better(self.known[tensor], [finding(found)])
        return found._replace(help=help) if better else None

    def _trial(self, inputs: dict[Node, Tensor]) -> Trial:
        return tried(again(self.network, inputs))


def _last(tensor: Tensor, dim: Dim) -> Tensor:
    return tensor._replace(shape=(*tensor.shape[:-1], dim))


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


def _fewer_axes(text: str, node: Node, layer: str, purpose: str) -> Iterator[Edit]:
    """Axes that are too many can be flattened, in every step or altogether."""
    span = node.call.span
    if span.pointer is None:
        name = text[span.start : span.stop]
        yield Edit(Span(span.start, span.start), f"{layer} > ", f"{purpose}, write {layer} > {name}")


def _last_step(network: Network, text: str, node: Node) -> Iterator[Edit]:
    """An earlier layer that gives every step could give the last one only."""
    for call in _upstream(network, node):
        for layer in _holders(network, call):
            place = layer.places.get("return_sequences")
            if not layer.arguments.get("return_sequences") or place is None or place.pointer is not None:
                continue
            start, inner = with_comma(text, place), layer.call.span
            after = text[inner.start : start] + text[place.stop : inner.stop]
            cause = Label(call.span, f"{layer.class_name} gives every step")
            yield Edit(Span(start, place.stop), "", f"for the last step alone, write {after}", cause)


def _averaged(network: Network, text: str, node: Node) -> Iterator[Edit]:
    """A Reshape that keeps steps and features, but has no room for the positions of a step: these can be averaged."""
    layer, done = network.session.binder.get(node.call), network.model.done.get(node)
    flow = done.inputs[0] if done is not None and done.inputs else None
    target = layer.arguments.get("target_shape") if layer is not None else None
    if flow is None or not isinstance(target, tuple) or node.call.span.pointer is not None:
        return
    sizes, steps = flow.tensor.shape[1:], len(target) - 1
    places = sizes[steps:-1]
    if 0 <= steps < 2 and 1 <= len(places) <= 3 and [*sizes[:steps], sizes[-1]] == [*target]:
        pool = f"TD(GAP{len(places)}D)" if steps else f"GAP{len(places)}D"
        listed, each = " × ".join(map(str, places)), " of each step" if steps else ""
        yield Edit(node.call.span, pool, f"to average the {listed} positions{each}, write {pool}")
