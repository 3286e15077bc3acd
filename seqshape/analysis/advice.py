"""Advice: what Keras builds without a word and a person would want to know.

Never an error; each has a code and a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from sys import intern
from typing import TYPE_CHECKING

from seqshape.analysis import advisable  # noqa: F401 -- the checks
from seqshape.analysis.findings import CHECKS, CONCERNED, LOOKED_AT, Advice, Finding, Readers, Use, facts
from seqshape.bind.layer import NONSENSE, Layer
from seqshape.bind.resolve import own_name
from seqshape.diagnostics import Diagnostic, Fault, Label, listening
from seqshape.dims import Inconclusive, recording
from seqshape.tensor import Tensor, Unknowable, show
from seqshape.walk.model import Model

if TYPE_CHECKING:
    from seqshape.mending.languages import Language, Patches
    from seqshape.network import Network

MOST_MENDED = 200  # nodes of a network for which mended specs are tried
MOST_WALKED = 2_000  # nodes that are walked for advice of one code


def advise(network: Network, *, select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> list[Diagnostic]:
    """The advice for a network, in the order of its layers.

    ``select`` and ``ignore`` are codes or beginnings of codes. Nothing is said of layers of which nothing is known.
    """
    if network.session.faults:
        return []  # first things first
    once = _once(list(_found(network, _codes(select, ignore))))
    texts = _mended(network, once) if once else {}
    if not texts:
        return [found.said for found in once]
    return [
        found.said._replace(replacement=texts[number]) if number in texts else found.said
        for number, found in enumerate(once)
    ]


def _once(advice: list[Advice]) -> list[Advice]:
    """Each piece of advice once: a repeated group says it as often. It is proven if it is so every time."""
    if len(advice) < 2:
        return advice
    once: dict[object, Advice] = {}
    for found in advice:
        one = found.said
        key = one.code, one.message, one.labels
        first = once.setdefault(key, found)
        if first.is_proven and not found.is_proven:
            once[key] = first._replace(is_proven=False)
    return list(once.values())


@lru_cache(maxsize=64)
def _codes(select: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[str, ...]:
    """The codes of the checks that are asked for, in order."""
    wanted = [code for code in CHECKS if not select or code.startswith(select)]
    return tuple(code for code in wanted if not ignore or not code.startswith(ignore))


@lru_cache(maxsize=256)
def _looking(traits: frozenset[str], codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes, of some, whose checks look at every layer with these traits."""
    return tuple(
        code
        for code in codes
        if (not traits.isdisjoint(LOOKED_AT[code]) if code in LOOKED_AT else code not in CONCERNED)
    )


def _found(network: Network, codes: tuple[str, ...]) -> Iterator[Advice]:
    """What some of the checks say, and how the text could be mended."""
    return _found_in(network.model, codes, network)


def _found_in(model: Model, codes: tuple[str, ...], network: Network) -> Iterator[Advice]:
    """What is said of a model and of the models in it."""
    readers = Readers(model)
    for done in model.done.values():
        layer = done.layer
        if done.effect is None or done.node in model.ports:
            continue
        if isinstance(layer, Model):
            yield from _found_in(layer, codes, network)
        if type(layer) is not Layer or layer.type.operation:
            continue
        looking, noticed = _looking(layer.type.traits, codes), facts(layer, done)
        if noticed:
            looking = tuple(code for code in codes if code in looking or CONCERNED.get(code) in noticed)
        if looking:
            use = Use(done, model, readers)
            for code in looking:
                for finding in CHECKS[code](use):
                    yield _said(use, code, finding, network)


def _mended(network: Network, advice: list[Advice]) -> dict[int, str]:
    """For each piece of advice, by number, the whole mended spec, if there is one: that of all of its code together.

    Where these do not go together each is tried alone, until enough is walked.
    """
    source, size = network.graph.source, len(network.graph.nodes)
    if source is None or size > MOST_MENDED or all(found.mend is None for found in advice):
        return {}
    from seqshape.mending.spoken import language_of

    language = language_of(network)
    if language is None:
        return {}
    texts: dict[int, str] = {}
    trials = _Trials(network, language, advice)
    for numbers in trials.by_code.values():
        together = trials.tried(numbers)
        alone = [] if together or len(numbers) == 1 else numbers[: MOST_WALKED // size]
        texts |= together
        for number in alone:
            texts |= trials.tried([number])
    return texts


class _Trials:
    """The mended texts of one network. What is proven is not tried, unless two names might clash then."""

    def __init__(self, network: Network, language: Language, advice: list[Advice]) -> None:
        self.network, self.text, self.advice = network, language.text, advice
        self.patches: dict[int, Patches] = {}
        self.by_code: dict[str, list[int]] = {}
        for number, (one, mend, _) in enumerate(advice):
            if mend is not None and one.labels[0].span.pointer is None:
                self.patches[number] = mend(language)
                self.by_code.setdefault(one.code, []).append(number)

    def tried(self, numbers: list[int]) -> dict[int, str]:
        """The text after the patches for some pieces of advice, for each of them, if it is sound."""
        from seqshape.mending.patch import apply

        text = apply(self.text, tuple(patch for number in numbers for patch in self.patches[number]))
        is_proven = all(self.advice[number].is_proven for number in numbers) and self.is_unnamed()
        if text is not None and not is_proven:
            text = _sound(self.network, [self.advice[number].said for number in numbers], text)
        return {} if text is None else dict.fromkeys(numbers, text)

    def is_unnamed(self) -> bool:
        """Whether no layer has a name from the source, and none is a model."""
        bound = self.network.session.binder.bound.values()
        return all(type(each) is Layer and own_name(each.call) is None for each in bound)


def _sound(network: Network, advice: list[Diagnostic], text: str) -> str | None:
    """A mended text, if the advice of one code is gone there, no other of the code came, and nothing is faulty."""
    from collections import Counter

    from seqshape.mending.trial import finding, walked

    trial = walked(network, text)
    if trial is None or trial.session.faults:
        return None
    before, after = (
        Counter(finding(found.said) for found in _found(each, (advice[0].code,))) for each in (network, trial)
    )
    return text if after <= before - Counter(map(finding, advice)) else None


def _is_proven(use: Use, instead: Layer) -> bool:
    """Whether a layer written inside another one in a spec, put in its place, gives the same tensor for the same input.

    Then no other layer gets anything else. What is called twice may have to fit its own weights, and is tried.
    """
    done, place, outer = use.done, instead.call.span, use.done.node.call.span
    flow = done.inputs[0] if len(done.inputs) == 1 and not done.kwargs else None
    is_inside = outer.start < place.start and place.stop <= outer.stop and place.pointer is None
    if flow is None or flow.mask is not None or done.effect is None or not is_inside:
        return False
    if sum(each.layer is use.layer for each in use.model.done.values()) > 1:
        return False
    return _gives(instead, flow.tensor, done.effect.out)


def _gives(layer: Layer, tensor: Tensor, wanted: object) -> bool:
    """Whether a layer that has been called gives a tensor for another one, with nothing to say of it."""
    if layer.type.traced or layer.building is not None or layer.remarks:
        return False
    said = {name: value for name, value in layer.arguments.items() if name not in layer.form.unread}
    try:
        with recording(), listening() as remarks:
            out = layer.type.run(tensor, **said).out
            return not remarks and bool(Tensor(out.shape, out.dtype or layer.compute_dtype) == wanted)
    except (Fault, Inconclusive, Unknowable, *NONSENSE):
        return False


def _said(use: Use, code: str, found: Finding, network: Network) -> Advice:
    """What a check says, as data, and how the text could be mended."""
    labels: tuple[Label, ...] = (Label(use.done.node.call.span),)
    if found.cause is not None:
        cause = found.cause
        gives = f"{cause.layer.class_name} gives {show(cause.shapes()[0])}"
        labels = (*labels, Label(cause.node.call.span, intern(gives)))  # many say the same
    graph = network.graph
    help = found.python or found.help if graph.language == "python" else found.help
    message = intern(f"{use.name} {found.message}")
    said = Diagnostic(code, "advice", message, labels, help, layer=use.layer.name, source=graph.source)
    if len(graph.nodes) > MOST_MENDED:
        return Advice(said, None, False)
    is_proven = graph.language == "spec" and found.instead is not None and _is_proven(use, found.instead)
    return Advice(said, found.mend, is_proven)
