"""The smallest set of edits that makes a network sound: the first fault is mended, the rest is looked at, and so on.

Of the changed networks the one is taken up first that is nearest to being sound and has been changed least. What is
found is the same every time, and how much is tried is bounded.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from seqshape.mending.patch import Edit, apply
from seqshape.mending.trial import Shape, Trials, finding
from seqshape.network import Network
from seqshape.records import NamedTuple

MOST_EDITS = 6
MOST_TRIALS = 200
MOST_EACH = 16  # edits that are tried for one fault
LATER_TRIALS = 24  # when one set has been found: is there a smaller one?
MOST_OTHERS = 2  # that are told of beside what is found
DOUBT = 0.5  # what a warning costs that was not there before


class Step(NamedTuple):
    """An edit, and the complaint that it was made for: its code and message."""

    edit: Edit
    finding: tuple[str, str]


class State(NamedTuple):
    """A changed network, and how it came about."""

    network: Network
    text: str
    shape: Shape | None = None
    steps: tuple[Step, ...] = ()
    cost: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.network.session.faults

    @property
    def distance(self) -> float:
        """How far from sound it seems: the faults that are seen, and the nodes behind which there may be more."""
        lost = sum(done.outputs is None for done in self.network.model.done.values())
        return self.cost + len(self.network.session.faults) + lost


Edits = Callable[[Network], Iterable[Edit]]


class Search:
    """Looks for edits of one network. ``edits`` gives those for the first fault of a network, the likeliest first."""

    def __init__(self, trials: Trials, edits: Edits) -> None:
        self.trials = trials
        self.edits = edits
        self.others: list[Edit] = []  # that would do as well as the one edit that is found
        self.warned = _warnings(trials.network)

    def run(self, text: str | None = None) -> State | None:
        """The cheapest sound network that is found, beginning with a changed text; ``None`` if there is none."""
        first = self._first(text)
        if first is None or first.sound:
            return first
        best: State | None = None
        waiting, order, most = [(first.distance, 0, first)], 0, MOST_TRIALS
        while waiting and self.trials.number < most and not self.trials.spent:
            _, _, state = heapq.heappop(waiting)
            if best is not None and state.cost + 1 >= best.cost:
                continue
            for after in self._after(state):
                if not after.sound:
                    order += 1
                    heapq.heappush(waiting, (after.distance, order, after))
                elif best is None or after.cost < best.cost:
                    best, most = after, min(most, self.trials.number + LATER_TRIALS)
        return best

    def _first(self, text: str | None) -> State | None:
        network = self.trials.network
        if text is None:
            return State(network, self.trials.text)
        changed = self.trials.changed(text)
        return None if changed is None else State(changed, text)

    def _after(self, state: State) -> Iterator[State]:
        """The networks after one edit more."""
        if len(state.steps) == MOST_EDITS:
            return
        about = finding(state.network.session.faults[0][0])
        edits = sorted(islice(self.edits(state.network), MOST_EACH), key=lambda edit: edit.cost)
        found: State | None = None
        for edit in edits:
            if self.trials.spent or self.trials.number >= MOST_TRIALS:
                return
            if found is not None and (state.steps or not edit.also):
                continue
            after = self._with(state, Step(edit, about))
            if after is None:
                continue
            if after.sound and found is not None:
                if len(self.others) < MOST_OTHERS and edit.help not in {other.help for other in self.others}:
                    self.others.append(edit)
                continue
            found = after if after.sound else found
            yield after

    def _with(self, state: State, step: Step) -> State | None:
        """The network after an edit; ``None`` if it cannot be read, or nothing is changed."""
        text = apply(state.text, step.edit.patches)
        shape = step.edit.shape if step.edit.shape is not None else state.shape
        if state.shape is not None and shape != state.shape:
            return None  # one other input is enough
        if text is None or (text == state.text and shape == state.shape):
            return None
        network = self.trials.changed(text, shape)
        if network is None:
            return None
        doubts = DOUBT * len(_warnings(network) - self.warned)
        return State(network, text, shape, (*state.steps, step), state.cost + step.edit.cost + doubts)


def _warnings(network: Network) -> frozenset[tuple[str, str]]:
    found = network.session.diagnostics
    return frozenset(finding(one) for one in found if one.severity == "warning")
