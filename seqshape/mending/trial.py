"""Changed texts tried: read in the language of the source and walked from the same inputs, or from others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice

from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.dims import Dim
from seqshape.mending.patch import Edit, Moved, apply
from seqshape.mending.spoken import language_of
from seqshape.network import Network
from seqshape.records import NamedTuple

MOST_WALKED = 6_000  # nodes that are walked in all trials of one network, the first ones apart
LEAST_TRIALS = 12  # of a large one
Finding = tuple[str, str]  # code and message: what a fault is, wherever it stands
Shape = tuple[Dim, ...]


class Trial(NamedTuple):
    """What a changed text comes to: the faults, where each is, how many nodes nothing is known of, how many it has."""

    faults: Counter[Finding]
    places: frozenset[int]
    lost: int
    walked: int


class Trials:
    """Changes of one network's source, each tried once, until enough is walked."""

    def __init__(self, network: Network) -> None:
        language = language_of(network)
        assert language is not None
        self.network = network
        self.text = language.text
        self.now = tried(network)
        self.size = len(network.graph.nodes)
        self.most = max(MOST_WALKED, LEAST_TRIALS * self.size)
        self.walked = 0
        self._known: dict[tuple[str, Shape | None], Network | None] = {}

    @property
    def spent(self) -> bool:
        """Whether enough has been tried."""
        return self.walked > self.most

    @property
    def number(self) -> int:
        """How many changes have been tried."""
        return len(self._known)

    def changed(self, text: str, shape: Shape | None = None) -> Network | None:
        """The network of a changed text, from the same inputs or from one of another shape; ``None``: it cannot be read."""
        key = (text, shape)
        if key not in self._known:
            self.walked += max(self.size, len(text) // 16, self.network.graph.effort)
            again = self._known[key] = reread(self.network, text, shape)
            if again is not None:
                self.walked += max(again.session.steps - self.size, 0)
        return self._known[key]

    def mended(self, edits: Mapping[int, Edit]) -> dict[int, str]:
        """For each fault, by number, the text in which its edit and others take their faults away, if there is one."""
        found: dict[int, str] = {}
        waiting = [dict(edits)] if edits else []
        while waiting:
            group = waiting.pop()
            text, wrong = self._attempt(group)
            if text is not None:
                found |= dict.fromkeys(group, text)
            elif self.spent or len(wrong or (0,)) == len(group):
                continue
            elif wrong:
                waiting.append({place: edit for place, edit in group.items() if place not in wrong})
            else:
                half = len(group) // 2
                waiting += [dict(islice(group.items(), half, None)), dict(islice(group.items(), half))]
        return found

    def _attempt(self, group: Mapping[int, Edit]) -> tuple[str | None, set[int]]:
        """The text after all edits of a group if it is sound, else the faults that their own edits leave."""
        patches = tuple(patch for edit in group.values() for patch in edit.patches)
        text = apply(self.text, patches)
        network = self.changed(text) if text is not None else None
        if network is None:
            return None, set()
        trial, faults = tried(network), self.network.session.faults
        if self.is_better(trial, [finding(faults[place][0]) for place in group]):
            return text, set()
        starts = {place: faults[place][0].labels[0].span.start for place in group if faults[place][0].labels}
        where = Moved(patches)
        return None, {place for place, start in starts.items() if trial.places & {*where(start)}}

    def is_better(self, trial: Trial, gone: list[Finding]) -> bool:
        """Whether a trial lacks these faults, and has no other that was not there before, not even a hidden one."""
        return trial.faults <= self.now.faults - Counter(gone) and trial.lost <= self.now.lost


def finding(found: Diagnostic) -> Finding:
    """What a diagnostic says, wherever it stands."""
    return found.code, found.message


def tried(network: Network) -> Trial:
    """What a walked network comes to."""
    errors = [found for found in network.session.diagnostics if found.severity == "error"]
    places = frozenset(found.labels[0].span.start for found in errors if found.labels)
    lost = sum(done.outputs is None for done in network.model.done.values())
    return Trial(Counter(map(finding, errors)), places, lost, network.session.steps)


def is_mendable(network: Network) -> bool:
    """Whether changes of the text that a network was read from can be tried."""
    return language_of(network) is not None


def reread(network: Network, text: str, shape: Shape | None = None) -> Network | None:
    """The network of a changed text, from the same inputs, or from the one of another shape.

    ``None`` if it cannot be read, or nobody reads its language.
    """
    language = language_of(network)
    if language is None:
        return None
    inputs = network.inputs.copy()
    if shape is not None:
        inputs.only = shape
    try:
        return Network(language.read(text), inputs, dtype=network.dtype, version=network.version)
    except SeqshapeError:
        return None


def walked(network: Network, text: str) -> Network | None:
    """The network of a changed text, from the same inputs; ``None`` if it is faulty."""
    trial = reread(network, text)
    faulty = trial is None or any(found.severity == "error" for found in trial.diagnostics)
    return None if faulty else trial
