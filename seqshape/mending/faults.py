"""Mends of faults: the smallest set of edits that makes a network sound, else what mends some of its faults.

A few faults are mended together by a search. Of many, the edits of all are tried at once: one walk serves them all.
Only where that goes wrong are they told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from seqshape.diagnostics import Diagnostic, joined
from seqshape.mending.edits import edits_for, first_edits
from seqshape.mending.patch import Edit
from seqshape.mending.scene import shape_text
from seqshape.mending.search import MOST_EDITS, Search, State
from seqshape.mending.trial import Trials, finding, is_mendable, walked
from seqshape.network import Network

MOST = 12  # how many mends are tried for one complaint of many
MOST_TEXT = 1_000_000  # characters of the mended texts of one network, beyond those of a hundred faults


def mend(network: Network) -> None:
    """Give each complaint the edit that makes it go away, with the whole mended text.

    The text has the mends of the other complaints too, where they go together.
    """
    faults = network.session.faults
    if not faults or not is_mendable(network):
        return
    _mend(network)
    _tell_of_files(network)


def _mend(network: Network) -> None:
    faults = network.session.faults
    trials = Trials(network)
    if len(faults) <= MOST_EDITS and _whole(network, Search(trials, first_edits)):
        return
    each = _mended(trials)
    texts = {text for _, text in each.values()}
    left = len(faults) - len(each)
    if len(texts) == 1 and 0 < left <= MOST_EDITS and _whole(network, Search(trials, first_edits), each):
        return
    room = max(MOST_TEXT // len(trials.text), 100)
    for place, (edit, text) in islice(sorted(each.items()), room):
        network.session.replace(place, _told(faults[place][0], [edit], text))


def check_notes(network: Network) -> None:
    """Keep of what the reader offers only what has been tried: else its remark stands without it."""
    notes = network.graph.notes
    for place, note in enumerate(notes):
        if note.code == "W102" and (note.replacement is None or walked(network, note.replacement) is None):
            notes[place] = note._replace(help=None, replacement=None)


def _tell_of_files(network: Network) -> None:
    """One word that is no layer may be the name of a file that is not here."""
    source = network.graph.source
    for place, (found, _, _) in enumerate(network.session.faults):
        if source is not None and source.name is None and found.code == "E102" and found.replacement is None:
            word = source.text.strip()
            if word.replace("_", "").replace("-", "").isalnum() and word not in (found.help or ""):
                help = joined(found.help or "", f"a file called {word} is not here either")
                network.session.replace(place, found._replace(help=help))


def _whole(network: Network, search: Search, before: dict[int, tuple[Edit, str]] | None = None) -> bool:
    """Give all complaints the text in which all are mended, if one is found. ``before``: edits that are made first."""
    before = before or {}
    if _hopeless(network, before):
        return False
    found = search.run(next((text for _, text in before.values()), None))
    if found is None:
        return False
    text = found.text if found.text != search.trials.text else None
    edits = _by_fault(network, found, before)
    for place, (complaint, _, _) in enumerate(network.session.faults):
        told = _told(complaint, edits.get(place, []), text, search.others if place == 0 else ())
        shape = None if found.shape is None else shape_text(found.shape)
        network.session.replace(place, told._replace(input=shape))
    return True


def _hopeless(network: Network, before: dict[int, tuple[Edit, str]]) -> bool:
    """Whether a layer that could not be made at all has no edit: then no other edit helps it."""
    for place, (_, fault, node) in enumerate(network.session.faults):
        if node is None and place not in before and next(edits_for(network, fault, node), None) is None:
            return True
    return False


def _by_fault(network: Network, found: State, before: dict[int, tuple[Edit, str]]) -> dict[int, list[Edit]]:
    """For each complaint the edits made for it; the first has those for what it has hidden too."""
    edits = {place: [edit] for place, (edit, _) in before.items()}
    places = {finding(complaint): place for place, (complaint, _, _) in enumerate(network.session.faults)}
    for step in found.steps:
        edits.setdefault(places.get(step.finding, 0), []).append(step.edit)
    return edits


def _told(found: Diagnostic, edits: Sequence[Edit], text: str | None, others: Sequence[Edit] = ()) -> Diagnostic:
    """A complaint with what mends it."""
    helps = joined(*dict.fromkeys(edit.help for edit in edits))
    also = "".join(f"{edit.also}{edit.help}" for edit in others)
    causes = tuple(edit.cause for edit in edits[:1] if edit.cause is not None)
    labels = found.labels[:1] + causes if causes else found.labels
    return found._replace(help=f"{helps}{also}" or found.help, replacement=text, labels=labels)


def _of_text(network: Network, place: int) -> Iterator[Edit]:
    """The first edits for a fault that change nothing but the text."""
    _, fault, node = network.session.faults[place]
    return islice((edit for edit in edits_for(network, fault, node) if edit.shape is None), MOST)


def _mended(trials: Trials) -> dict[int, tuple[Edit, str]]:
    """For each fault, by number, the edit that mends it and the mended text."""
    network, found = trials.network, dict[int, tuple[Edit, str]]()
    waiting = {place: _of_text(network, place) for place in range(len(network.session.faults))}
    while waiting and not trials.spent:
        edits = {place: edit for place, rest in waiting.items() if (edit := next(rest, None)) is not None}
        texts = trials.mended(edits)
        found |= {place: (edits[place], text) for place, text in texts.items()}
        waiting = {place: waiting[place] for place in edits if place not in texts}
    if len({text for _, text in found.values()}) > 1 and not trials.spent:
        together = trials.mended({place: edit for place, (edit, _) in found.items()})
        found |= {place: (found[place][0], text) for place, text in together.items()}
    return found
