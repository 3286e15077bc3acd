"""Which output steps can see which input steps, what that says of a network and of each of its layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from seqshape.analysis.measures import classify, measure
from seqshape.analysis.sight import LARGEST
from seqshape.analysis.sighting import Guess, Sighting, by_step, number, refuse, source, view_of, walk_states
from seqshape.diagnostics import SeqshapeError
from seqshape.faces import as_data, drawn
from seqshape.graph import Node
from seqshape.reach import Reach
from seqshape.records import Record
from seqshape.rows import Rows
from seqshape.tensor import Shape, show
from seqshape.walk.flow import Done, Flow, flat

if TYPE_CHECKING:
    from seqshape.network import Network

Item = TypeVar("Item")
FEWEST = 4  # states that are held at once, however few layers there are
UNSEEN = "not known"  # the label of a layer that no rule tells what it sees


class LayerReach(Record):
    """How the steps of one layer's output see the steps of its own input; ``label`` says it in words."""

    name: str
    class_name: str
    label: str


class Reached(Record):
    """What the network's output steps see of the input's.

    ``rows``: a matrix of 0 and 1, one row an output step, one column an input step; an output that is no sequence has
    one row. ``field`` is the largest stretch of input steps that one output step sees, ``stride`` how far it moves from one
    output step to the next (``None`` where it does not move evenly; below 0 for steps in reverse), ``ahead`` how many
    steps it looks into the future. Behind a layer that seqshape does not know, ``rows``, ``field``, ``stride``,
    ``ahead`` and ``causal`` are ``None``; ``unknown`` names such layers.
    """

    input_name: str
    input_shape: Shape
    output_shape: Shape | None
    rows: Rows | None
    layers: tuple[LayerReach, ...]
    field: int | None
    stride: int | None
    ahead: int | None
    causal: bool | None
    unknown: tuple[str, ...] = ()

    @property
    def matrix(self) -> tuple[tuple[int, ...], ...]:
        """The rows as numbers, 1 for a step that is seen; none where it is not known."""
        return () if self.rows is None else tuple(self.rows)

    def to_dict(self) -> dict[str, object]:
        """The object of ``timesteps --json``."""
        return as_data("timesteps", self)

    def __str__(self) -> str:
        return drawn("timesteps", self)


def timesteps(network: Network, input_number: int = 0, output_number: int = 0) -> Reached:
    """The reach of one output over the steps (axis 1) of one input.

    Raises SeqshapeError if the network is faulty, has no such input or output, the input has too many steps, or a size on
    the way has no number.
    """
    _check(network)
    model = network.model
    node = _numbered(model.graph.inputs, input_number, "input")
    flow = _numbered(model.results(), output_number, "output")
    shape = model.inputs[node].shape
    steps = number(shape[1] if len(shape) > 1 else 1)
    _check_size(steps, len(model.done))
    rows = None if flow is None else _rows(network, node, flow, steps)
    layers = tuple(_labels(network))
    unknown = tuple(layer.name for layer in layers if layer.label == UNSEEN)
    name, out = model.session.binder.get(node.call).name, None if flow is None else flow.tensor.shape
    if rows is None:
        return Reached(name, shape, out, None, layers, None, None, None, None, unknown)
    field, stride, ahead = measure(rows)
    return Reached(name, shape, out, rows, layers, field, stride, ahead, ahead == 0, unknown)


def require_steps(network: Network, input_number: int = 0) -> None:
    """Raises SeqshapeError if an input has features and no steps, so that its axis 1 would be called what it is not."""
    _check(network)
    shape = network.model.inputs[_numbered(network.model.graph.inputs, input_number, "input")].shape
    if not _has_steps(network, shape):
        message = f"an input of the shape {show(shape)} has no steps"
        refuse("E201", message, "steps are the first of two or more dims: -i 12,4")


def _has_steps(network: Network, shape: Shape) -> bool:
    """Whether an input is a sequence: of features, or of numbers that a layer (Embedding) makes features of."""
    flows = (flow for done in network.model.done.values() for flow in flat(done.outputs))
    return len(shape) > 2 or (len(shape) == 2 and any(len(flow.tensor.shape) > 2 for flow in flows))


def _rows(network: Network, node: Node, flow: Flow, steps: int) -> Rows | None:
    """The matrix; ``None`` where it depends on what an unknown layer sees: on whether that is all or nothing."""
    model = network.model
    found = []
    for guess in (Guess(steps, True), Guess(steps, False)):
        sources = {
            other: source(model.inputs[other].shape, steps if other is node else 0, steps) for other in model.inputs
        }
        states = walk_states(model.graph, model.done, sources, guess)
        found.append(by_step(states[flow.ref.node][flow.ref.output or 0], flow.tensor.shape))
        if not guess.used:
            return found[0]
    return found[0] if found[0] == found[1] else None


def _numbered(items: Sequence[Item], number: int, noun: str) -> Item:
    """An input or an output. Raises SeqshapeError if there are not so many."""
    if number >= len(items):
        there = "no" if not items else "only one" if len(items) == 1 else f"only {len(items)}"
        ends = "s" if len(items) > 1 else ""
        refuse("E301", f"there is no {noun} {number}: the network has {there} {noun}{ends}", "they are counted from 0")
    return items[number]


def _check_size(steps: int, layers: int) -> None:
    """Raises SeqshapeError where the states of all layers would not fit into the memory, or take minutes."""
    most = int((LARGEST / max(layers, FEWEST)) ** 0.5)
    if steps > most:
        message = f"{steps:,} steps through {layers} layers are too many: at most {most:,} can be worked out here"
        refuse("E207", message, "ask for fewer steps with -i: what layers do to them stays the same")


def _check(network: Network) -> None:
    wrong = tuple(found for found in network.diagnostics if found.severity == "error")
    if wrong:
        raise SeqshapeError(tuple(network.diagnostics), None)
    for node in network.model.graph.inputs:
        for dim in network.model.inputs[node].shape[1:]:
            number(dim)


def _labels(network: Network) -> list[LayerReach]:
    """For each layer of the network with a sequence in, how its steps see its own input's."""
    found: dict[str, LayerReach] = {}
    kept = set(network.model.order()[0]) if network.graph.class_name == "Functional" else None
    for node, done in network.model.done.items():
        if node in network.model.inputs or done.effect is None or (kept is not None and node not in kept):
            continue
        label = own_label(done)
        if label is not None:
            found[done.layer.name] = LayerReach(done.layer.name, done.layer.class_name, label)
    return list(found.values())


def own_label(done: Done) -> str | None:
    """What a layer does to the steps of its own input; ``None`` if that is no sequence, ``UNSEEN`` if nobody knows.

    Raises SeqshapeError without numbers.
    """
    flows, outputs = done.operands(), flat(done.outputs)
    if None in flows or not outputs:
        return UNSEEN
    inputs = [flow for flow in flows if flow is not None]
    if not inputs or len(inputs[0].tensor.shape) < 3:
        return None
    steps = number(inputs[0].tensor.shape[1])
    states = [
        view_of(source(flow.tensor.shape, steps if flow.tensor.shape[1:2] == (steps,) else 0, steps), flow.tensor.shape)
        for flow in inputs
    ]
    assert done.effect is not None
    reach = done.effect.reach if isinstance(done.effect.reach, Reach) else done.effect.reach[0]
    guess = Guess(steps, True)
    seen = by_step(Sighting(states, guess, done.layer).of(reach, outputs[0].tensor.shape), outputs[0].tensor.shape)
    return UNSEEN if guess.used else classify(seen)
