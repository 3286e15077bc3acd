"""Advice: what Keras builds without a word and a person would want to know.

Never an error; each has a code and a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from seqshape.analysis import advisable  # noqa: F401 -- the checks
from seqshape.analysis.findings import CHECKS, CONCERNED, LOOKED_AT, Advice, Finding, Readers, Use
from seqshape.bind.layer import Layer
from seqshape.diagnostics import Diagnostic, Label
from seqshape.tensor import show
from seqshape.walk.model import Model

if TYPE_CHECKING:
    from seqshape.mending.languages import Patches
    from seqshape.network import Network

MOST_MENDED = 200  # nodes of a network for which mended specs are tried
MOST_WALKED = 2_000  # nodes that are walked for advice of one code


def advise(network: Network, *, select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> list[Diagnostic]:
    """The advice for a network, in the order of its layers.

    ``select`` and ``ignore`` are codes or beginnings of codes. Nothing is said of layers of which nothing is known.
    """
    if network.session.faults:
        return []  # first things first
    wanted = [code for code in CHECKS if not select or code.startswith(select)]
    codes = tuple(code for code in wanted if not ignore or not code.startswith(ignore))
    once: dict[object, Advice] = {}
    for one, mend in _found(network, codes):
        once.setdefault((one.code, one.message, one.labels), (one, mend))  # a repeated group says it once
    texts = _mended(network, list(once.values()))
    return [
        one._replace(source=network.graph.source, replacement=texts.get(number))
        for number, (one, _) in enumerate(once.values())
    ]


@lru_cache(maxsize=256)
def _looking(traits: frozenset[str], codes: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The codes, of some, whose checks look at every layer with these traits, and those that look at some of all layers."""
    always = tuple(
        code
        for code in codes
        if (not traits.isdisjoint(LOOKED_AT[code]) if code in LOOKED_AT else code not in CONCERNED)
    )
    return always, tuple(code for code in codes if code in CONCERNED)


def _found(network: Network, codes: tuple[str, ...]) -> Iterator[Advice]:
    """What some of the checks say, and how the text could be mended."""
    return _found_in(network.model, codes, network.graph.language)


def _found_in(model: Model, codes: tuple[str, ...], language: str) -> Iterator[Advice]:
    """What is said of a model and of the models in it."""
    readers = Readers(model)
    for done in model.done.values():
        layer = done.layer
        if done.effect is None or done.node in model.ports:
            continue
        if isinstance(layer, Model):
            yield from _found_in(layer, codes, language)
        if type(layer) is not Layer or layer.type.operation:
            continue
        always, perhaps = _looking(layer.type.traits, codes)
        concerned = [code for code in perhaps if CONCERNED[code](layer, done)]
        if concerned or always:
            use = Use(done, model, readers)
            for code in sorted((*always, *concerned), key=codes.index) if concerned else always:
                for finding in CHECKS[code](use):
                    yield _said(use, code, finding, language)


def _mended(network: Network, advice: list[Advice]) -> dict[int, str]:
    """For each piece of advice, by number, the whole mended spec, if there is one: that of all of its code together.

    Where these do not go together each is tried alone, until enough is walked.
    """
    source, size = network.graph.source, len(network.graph.nodes)
    if source is None or size > MOST_MENDED or all(mend is None for _, mend in advice):
        return {}
    from seqshape.mending.spoken import language_of

    language = language_of(network)
    if language is None:
        return {}
    patches = {
        number: mend(language)
        for number, (one, mend) in enumerate(advice)
        if mend is not None and one.labels[0].span.pointer is None
    }
    by_code: dict[str, list[int]] = {}
    for number in patches:
        by_code.setdefault(advice[number][0].code, []).append(number)

    def tried(numbers: list[int]) -> dict[int, str]:
        text = _sound(network, [advice[number][0] for number in numbers], [patches[number] for number in numbers])
        return {} if text is None else dict.fromkeys(numbers, text)

    texts: dict[int, str] = {}
    for numbers in by_code.values():
        together = tried(numbers)
        alone = [] if together or len(numbers) == 1 else numbers[: MOST_WALKED // size]
        texts |= together
        for number in alone:
            texts |= tried([number])
    return texts


def _sound(network: Network, advice: list[Diagnostic], patches: list[Patches]) -> str | None:
    """The text after the patches for advice of one code, if then it is gone, no other of the code came, and none is faulty."""
    from collections import Counter

    from seqshape.mending.patch import apply
    from seqshape.mending.spoken import language_of
    from seqshape.mending.trial import finding, walked

    language = language_of(network)
    text = apply(language.text if language is not None else "", tuple(patch for each in patches for patch in each))
    trial = walked(network, text) if text is not None else None
    if trial is None or trial.session.faults:
        return None
    before, after = (Counter(finding(one) for one, _ in _found(each, (advice[0].code,))) for each in (network, trial))
    return text if after <= before - Counter(map(finding, advice)) else None


def _said(use: Use, code: str, found: Finding, language: str) -> Advice:
    """What a check says, as data, and how the text could be mended."""
    labels = [Label(use.done.node.call.span)]
    if found.cause is not None:
        cause = found.cause
        labels.append(Label(cause.node.call.span, f"{cause.layer.class_name} gives {show(cause.shapes()[0])}"))
    help = found.python or found.help if language == "python" else found.help
    said = Diagnostic(code, "advice", f"{use.name} {found.message}", tuple(labels), help, layer=use.layer.name)
    return said, found.mend
