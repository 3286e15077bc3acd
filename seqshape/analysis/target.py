"""Whether the outputs of a network fit the labels y, and if not, which layer is responsible and what to change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from seqshape.analysis.labels import Fit, Output, fit, show_labels, stretches
from seqshape.diagnostics import Diagnostic, Label, SeqshapeError
from seqshape.dims import UNKNOWN, evaluate
from seqshape.mending.changes import (
    FURTHEST,
    LAST_RESORT,
    Case,
    Change,
    changes,
    holders,
    trail,
)
from seqshape.mending.patch import Patch, apply, without_argument
from seqshape.mending.trial import is_mendable, walked
from seqshape.records import NamedTuple
from seqshape.registry import has
from seqshape.summary import Summary, Target
from seqshape.tensor import Shape, show
from seqshape.walk.flow import Done, Flow

if TYPE_CHECKING:
    from seqshape.network import Network

SAMPLES = 256  # a first number from which on it may be that of the samples
MOST = 150  # changed specs that are tried for one output
MOST_LAYERS = 10_000  # layers that are walked in all of them
ENDING = "end with "  # how the help for a layer that is added begins
Targets = Sequence[Shape] | Mapping[str, Shape]


def hold(summary: Summary, network: Network, targets: Targets) -> Summary:
    """The summary with what is to be said of the labels; of a faulty network it stays as it is.

    ``targets``: for each output the shape of its labels without the batch, in order or by the name of the layer that
    gives it. Raises SeqshapeError if a name is no output.
    """
    if any(found.severity == "error" for found in summary.diagnostics):
        return summary
    outputs = network.model.results() or (None,)
    given = _by_output(network, outputs, targets)
    if len(given) != len(outputs):
        return summary._replace(diagnostics=(*summary.diagnostics, _miscounted(network, outputs, given)))
    found = [_held(network, number, evaluate(tuple(labels), network.inputs.values)) for number, labels in given.items()]
    diagnostics = [one.diagnostic._replace(source=network.graph.source) for one in found if one.diagnostic is not None]
    return summary._replace(
        targets=tuple(one.target for one in found), diagnostics=(*summary.diagnostics, *diagnostics)
    )


class Held(NamedTuple):
    """What is said of one output: in the summary, and as a finding if the labels do not fit."""

    target: Target
    diagnostic: Diagnostic | None = None


def _by_output(network: Network, outputs: Sequence[Flow | None], targets: Targets) -> dict[int, Shape]:
    """The labels by the number of the output."""
    if not isinstance(targets, Mapping):
        return dict(enumerate(targets))
    names = [_output_layer(network, flow) for flow in outputs]
    for name in targets:
        if name not in names:
            message = f"there is no output called {name}; the outputs are: {', '.join(names)}"
            raise SeqshapeError((Diagnostic("E301", "error", message),))
    return {number: targets[name] for number, name in enumerate(names) if name in targets}


def _output_layer(network: Network, flow: Flow | None) -> str:
    return "?" if flow is None else str(network.model.done[flow.ref.node].layer.name)


def _miscounted(network: Network, outputs: Sequence[Flow | None], given: dict[int, Shape]) -> Diagnostic:
    """Fewer or more labels than outputs."""
    shapes = ", ".join(show(flow.tensor.shape if flow is not None else None) for flow in outputs)
    said = f"{len(given)} shape{'s' if len(given) != 1 else ''} of labels {'are' if len(given) != 1 else 'is'} given"
    one = f"the model gives {len(outputs)} output{'s' if len(outputs) != 1 else ''} ({shapes}), and {said}"
    last = network.model.done[outputs[-1].ref.node] if outputs[-1] is not None else None
    help = f"give --target {len(outputs)} times, in the order of the outputs"
    if last is not None and getattr(last.layer, "arguments", {}).get("return_state"):
        one += f": the {last.layer.class_name} gives its states too"
        help = "leave the flag state out (return_state=False), or give --target for each"
    labels = (Label(last.node.call.span),) if last is not None else ()
    mended = _without_state(network, last) if last is not None and len(given) == 1 else None
    return Diagnostic("E504", "error", one, labels, help, mended, source=network.graph.source)


def _without_state(network: Network, done: Done) -> str | None:
    """The spec without the flag that makes a layer give its states, if there is then one output."""
    text, span = _text(network), getattr(done.layer, "places", {}).get("return_state")
    if not text or span is None:
        return None
    changed = apply(text, (Patch(without_argument(text, span), ""),))
    trial = walked(network, changed) if changed is not None else None
    return changed if trial is not None and len(trial.model.results()) == 1 else None


# --- one output ------------------------------------------------------------------------------------------------------


def _held(network: Network, number: int, labels: Shape) -> Held:
    subject = "y" if len(network.model.results()) <= 1 else f"y of output {number + 1}"
    flow, shape = _flow(network, number), (UNKNOWN, *labels)
    if flow is None:
        note = f"{subject} is {show_labels(labels)}; the shape of the output is not known"
        return Held(Target(shape, number, None, note), Diagnostic("E505", "error", note))
    output = flow.tensor.shape[1:]
    found = fit(labels, _output(_way(network, flow), output))
    opening = f"{subject} is {show_labels(labels)}; the model gives {show((UNKNOWN, *output))}"
    if found.how == "no" and (said := _with_samples(network, labels, output, opening)) is not None:
        return Held(Target(shape, number, False, opening), said)
    if found.how == "no":
        return Held(Target(shape, number, False, opening), _misfit(network, number, labels, opening))
    if found.how == "open":
        note = f"{opening}: they fit only where {' and '.join(found.needs)}"
        numbers = [f"--set {need.replace(' = ', '=')}" for need in found.needs if need.partition(" = ")[2].isdigit()]
        help = f"write {' '.join(numbers)}" if numbers else "give the sizes numbers, with -i or --set"
        return Held(Target(shape, number, None, note), Diagnostic("E505", "error", note, help=help))
    return Held(Target(shape, number, True, _note(subject, labels, output, found)))


def _with_samples(network: Network, labels: Shape, output: Shape, opening: str) -> Diagnostic | None:
    """What is said of a shape of y that is given whole, the number of samples first."""
    first, rest = labels[:1], labels[1:]
    known = {str(dim) for tensor in network.model.inputs.values() for dim in tensor.shape}
    if len(labels) != len(output) + 1 or not isinstance(first[0], int) or str(first[0]) in known:
        return None
    if first[0] < SAMPLES or fit(rest, Output(output)).how == "no":
        return None
    given = ",".join(map(str, rest))
    help = f"the shape of y is given without the number of samples, {first[0]}: --target {given}"
    return Diagnostic("E504", "error", f"{opening}: one dim too many", (), help)


def _note(subject: str, labels: Shape, output: Shape, found: Fit) -> str:
    """Why the labels fit."""
    said = f"{subject} is {show_labels(labels)} and fits the output {show((UNKNOWN, *output))}"
    if found.how == "classes":
        return f"{said} as class numbers 0 to {_last_class(output)}: the loss is sparse_categorical_crossentropy"
    if found.how == "squeezed":
        longer = "y" if len(labels) > len(output) else "the output"
        return said if not labels else f"{said}: the loss takes the last axis of 1 off {longer}"
    if UNKNOWN in output and UNKNOWN not in labels:
        return f"{said}, if the data has that size where it says None"
    return said


def _last_class(output: Shape) -> str:
    return str(output[-1] - 1) if isinstance(output[-1], int) else f"{output[-1]} - 1"


def _way(network: Network, flow: Flow) -> tuple[Done, ...]:
    """The layers that lead to an output, nearest first."""
    found = []
    for done in trail(network.model, flow.ref):
        found.append(done)
        if len(found) == FURTHEST:
            break
    return tuple(found)


def _output(way: Sequence[Done], shape: Shape) -> Output:
    """What the layers at the end say of the answer."""
    softmax = False
    for done in way:
        softmax = softmax or _is_softmax(done)
        if not has(done.layer, "passes_on"):
            break
    else:
        return Output(shape, softmax)
    return Output(shape, softmax, any("return_sequences" in layer.arguments for layer in holders(done.layer)))


def _is_softmax(done: Done) -> bool:
    return has(done.layer, "softmax") or any(
        layer.arguments.get("activation") == "softmax" for layer in holders(done.layer)
    )


# --- labels that do not fit ------------------------------------------------------------------------------------------


def _misfit(network: Network, number: int, labels: Shape, opening: str) -> Diagnostic:
    """The layer that is responsible, and the mended spec, of which it has been tried that it gives the labels' shape."""
    text = _text(network)
    case = _case(network, number, labels, text)
    possible = tuple(changes(case)) or tuple(Change(done, "", "", "") for done in case.trail[:1])
    found = _tried(network, number, case, possible) if text else _tried_as_spec(network, number, labels)
    chosen = found.changes
    blamed = chosen or possible[:1]
    message = _sentence(opening, blamed)
    help = _help(labels, case, [one.spec if text else one.keras for one in chosen], found.needs)
    layer = blamed[0].done.layer.name if blamed else None
    return Diagnostic(
        "E504", "error", message, tuple(_labels(case, labels, blamed)), help, found.text if text else None, layer
    )


def _case(network: Network, number: int, labels: Shape, text: str) -> Case:
    """One number for each sample is the output ``(None, 1)``."""
    flow = _flow(network, number)
    assert flow is not None
    return Case(_way(network, flow), flow.tensor.shape[1:], labels or (1,), text)


def _sentence(opening: str, blamed: Sequence[Change]) -> str:
    """What the labels and the output are, and what each layer to blame does; a layer is named once."""
    said, before = "", ""
    for one in blamed:
        subject, _, rest = one.reason.removeprefix("the ").partition(" ")
        said += f" and {rest}" if subject == before else f"; {one.reason}" if said else one.reason
        before = subject
    return f"{opening}: {said}" if said else opening


def _help(labels: Shape, case: Case, said: list[str], needs: tuple[str, ...]) -> str | None:
    """What to write, what must hold then, and that labels with a last axis of 1 may be class numbers."""
    help = _joined(said) + (f"; it fits where {' and '.join(needs)}" if needs else "")
    if (
        labels[-1:] == (1,)
        and fit(labels, _output(case.trail, case.output)._replace(softmax=True)).how == "classes"
        and said
    ):
        help += "; or, if y holds class numbers, leave it and take the loss sparse_categorical_crossentropy"
    return help or None


def _joined(said: list[str]) -> str:
    """Several changes as one sentence; the layers that are added at the end are one chain."""
    text = "".join(said[:1])
    for one in said[1:]:
        if one.startswith(ENDING) and ENDING in text:
            text += f" > {one.removeprefix(ENDING)}"
        else:
            text += f" and {one.removeprefix('write ')}"
    return text


def _labels(case: Case, labels: Shape, blamed: Sequence[Change]) -> Iterator[Label]:
    """The place of the layer, and what Keras does, which may be to train all the same."""
    if not blamed:
        return
    names = {done.layer.name: done for done in case.trail}
    span = names.get(blamed[0].done.layer.name, blamed[0].done).node.call.span
    yield Label(span)
    if fit(labels, Output(case.output)).how == "squeezed":
        yield Label(
            span, f"Keras does not complain: it takes the last axis off y, and compares {labels[0]} units with steps"
        )
    elif stretches(labels, case.output):
        repeated = "Keras does not complain: mean_squared_error repeats the smaller of the two to fit the larger"
        yield Label(span, f"{repeated}, and trains on wrong pairs")


def _text(network: Network) -> str:
    """The spec that a network was read from; nothing if it was read from something else."""
    source = network.graph.source
    is_spec = network.graph.language == "spec"
    return source.text if source is not None and is_spec and is_mendable(network) else ""


class Mend(NamedTuple):
    """Changes that together make an output fit, the mended spec, and what must hold for a named size."""

    changes: tuple[Change, ...] = ()
    text: str | None = None
    needs: tuple[str, ...] = ()


def _tried(network: Network, number: int, case: Case, possible: Sequence[Change]) -> Mend:
    """The changes that together make the output fit, and the mended spec; nothing if none do.

    Best are those that fit whatever the sizes, next those that fit for some, last those that rearrange numbers.
    """
    most = min(MOST, MOST_LAYERS // len(network.graph.nodes))
    second: list[Mend] = []
    for picked in _together(possible)[:most]:
        text = apply(case.text, tuple(patch for one in picked for patch in one.patches))
        needs = _needs(network, number, case.target, text) if text is not None else None
        if needs == () and max(one.cost for one in picked) < LAST_RESORT:
            return Mend(picked, text)
        if needs is not None:
            second.append(Mend(picked, text, needs))
    return next((mend for mend in second if mend.needs), second[0] if second else Mend())


def _together(possible: Sequence[Change]) -> list[tuple[Change, ...]]:
    """One change alone, two, three: those first that cost least."""
    sets = [picked for size in (1, 2, 3) for picked in combinations(possible, size)]
    return sorted(sets, key=lambda picked: sum(one.cost for one in picked))


def _needs(network: Network, number: int, target: Shape, text: str) -> tuple[str, ...] | None:
    """What must hold for the network of a changed spec to give just this shape; ``None`` if it never does."""
    trial = walked(network, text)
    flow = _flow(trial, number) if trial is not None else None
    if trial is None or flow is None:
        return None
    output = _output(_way(trial, flow), flow.tensor.shape[1:])
    found = fit(target, output)
    if list(map(str, output.shape)) == list(map(str, target)) or (found.how == "classes" and output.softmax):
        return ()
    return found.needs if found.how == "open" and len(output.shape) == len(target) else None


def _flow(network: Network, number: int) -> Flow | None:
    """An output; ``None`` if nothing is known of it."""
    results = network.model.results()
    return results[number] if number < len(results) else None


def _tried_as_spec(network: Network, number: int, labels: Shape) -> Mend:
    """The changes for a network that was read from something else: it is written as a spec, and that is changed."""
    from seqshape.exporters.spec import write
    from seqshape.network import Network
    from seqshape.readers.spec import read_spec

    try:
        text = write(network)
        again = Network(read_spec(text), version=network.version)
    except SeqshapeError:
        return Mend()
    case = _case(again, number, labels, text)
    return _tried(again, number, case, tuple(changes(case)))
