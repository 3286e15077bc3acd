"""Changed texts tried: read in the language of the source and walked from the same inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice

from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.mending.patch import Edit, Moved, apply
from seqshape.network import Network
from seqshape.readers.spec import read_spec
from seqshape.records import NamedTuple

MOST_WALKED = 6_000  # nodes that are walked in all trials of one network, the first ones apart
Finding = tuple[str, str]  # code and message: what a fault is, wherever it stands


# The languages in which a mend can be written, and what reads them.
READERS = {"spec": read_spec}


class Trial(NamedTuple):
    """What a changed text comes to: the faults, where each is, how many nodes nothing is known of, how many it has."""

    faults: Counter[Finding]
    places: frozenset[int]
    lost: int
    walked: int


class Trials:
    """Changes of one network's text, tried until enough is walked."""

    def __init__(self, network: Network) -> None:
        assert network.graph.source is not None
        self.network = network
        self.text = network.graph.source.text
        self.now = tried(network)
        self.walked = 0

    @property
    def spent(self) -> bool:
        """Whether enough has been tried."""
        return self.walked > MOST_WALKED

    def mended(self, edits: Mapping[int, Edit]) -> dict[int, str]:
        """For each fault, by number, the text in which its edit and others take their faults away, if there is one."""
        found: dict[int, str] = {}
        waiting = [dict(edits)]
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
        patches = tuple(edit.patch for edit in group.values())
        text = apply(self.text, patches)
        trial = self._trial(text) if text is not None else None
        if trial is None:
            return None, set()
        faults = self.network.session.faults
        if self.is_better(trial, [finding(faults[place][0]) for place in group]):
            return text, set()
        starts = {place: faults[place][0].labels[0].span.start for place in group if faults[place][0].labels}
        where = Moved(patches)
        return None, {place for place, start in starts.items() if trial.places & {*where(start)}}

    def is_better(self, trial: Trial, gone: list[Finding]) -> bool:
        """Whether a trial lacks these faults, and has no other that was not there before, not even a hidden one."""
        return trial.faults <= self.now.faults - Counter(gone) and trial.lost <= self.now.lost

    def _trial(self, text: str) -> Trial | None:
        """The changed text walked from the same inputs; ``None`` if it cannot be read."""
        network = self.network
        self.walked += max(len(network.graph.nodes), len(text) // 16)
        again = reread(network, text)
        if again is None:
            return None
        trial = tried(again)
        self.walked += max(trial.walked - len(network.graph.nodes), 0)
        return trial


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
    source = network.graph.source
    return source is not None and bool(source.text) and network.graph.language in READERS


def reread(network: Network, text: str) -> Network | None:
    """The network of a changed text, from the same inputs; ``None`` if it cannot be read, or nobody reads its language."""
    read = READERS.get(network.graph.language)
    if read is None:
        return None
    try:
        graph = read(text, inputs=tuple(network.inputs.named))
        return Network(graph, network.inputs.copy(), dtype=network.dtype, version=network.version)
    except SeqshapeError:
        return None


def walked(network: Network, text: str) -> Network | None:
    """The network of a changed text, from the same inputs; ``None`` if it is faulty."""
    trial = reread(network, text)
    faulty = trial is None or any(found.severity == "error" for found in trial.diagnostics)
    return None if faulty else trial
