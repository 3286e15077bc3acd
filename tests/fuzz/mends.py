"""Mends and reasons of random faulty networks: what is offered is applied, what is said is held against the shapes.

``python -m tests.fuzz.mends --models 2000 --seed 1`` spoils as many networks as asked for. Exit status 1 if a mended
spec keeps the fault it was offered for, brings another, or if a sentence names two things that do not differ.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator

from seqshape.analysis.advice import advise
from seqshape.analysis.target import hold
from seqshape.answers import analyse
from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.mending.trial import Finding, finding
from seqshape.network import Network
from seqshape.tensor import Shape
from tests.fuzz.choices import RandomChoices
from tests.fuzz.models import recipe as random_recipe
from tests.oracle.spec_writer import is_writable, spec

PUT_IN = (
    "LSTM(4)", "Flatten", "Dense(3)", "LSTM(4, state)", "MHA(2,3)", "Conv1D(3,2)", "Conv2D(3,2)", "RepeatVector(2)",
    "Reshape(3,4)", "GAP1D", "TD(Dense(2))", "TD(Conv2D(3,3))", "GRU(3,seq)", "Emb(9,3)", "Concat", "Bi(LSTM(3))",
)  # fmt: skip
CHAINED = (
    *PUT_IN, "LSTM(4,seq)", "GMP2D", "Conv1D(4,3,same)", "Conv1D(6,2,same,strides=2)", "Conv2D(8,3,same)", "MP1D(2)", "MP2D(2)",
    "Reshape(4,3)", "Permute(2,1)", "Dropout(0.5)", "BN", "softmax", "Bi(GRU(3,seq))", "TD(Flatten)", "UpSampling1D(2)",
    "Cropping1D(1)", "ZeroPadding1D(1)",
)  # fmt: skip
SHAPES = ("5", "12", "5,1", "10,2", "T,3", "None,3", "9,9,3", "28,28,1", "4,9,9,3", "2,2,3")
# What a spec is spoiled by: a pattern, and what one of its matches becomes.
SPOILS = (
    (r"(?<=[A-Z])[A-Za-z](?=[A-Za-z]{2})", ("",)),
    (r", ?(?:return_sequences=True|seq)\b", ("",)),
    (r"[123](?=D\b)", ("1", "2", "3")),
    (r"\b\d+\b", ("0", "1", "2", "3", "7", "50")),
    (r"(?<= > )[^>;()]+(?:\([^()]*\))? > ", ("",)),
    (r"(?<= > )", tuple(f"{layer} > " for layer in PUT_IN)),
    (r"(?<=\b[a-z])[a-z_](?=[a-z_]{2,}=)", ("",)),
    (r"(?<=Input\()[^()]*(?=\))", ("5", "5, 1", "None, 3", "None, None", "9, 9, 3", "T, 3")),
)


def spoiled(text: str, source: random.Random) -> str:
    """The spec with one or two things changed."""
    for _ in range(source.choice((1, 1, 2))):
        pattern, others = source.choice(SPOILS)
        found = list(re.finditer(pattern, text))
        if found:
            match = source.choice(found)
            text = text[: match.start()] + source.choice(others) + text[match.end() :]
    return text


def networks(seed: str, models: int) -> Iterator[str]:
    """Random networks that Keras builds, as specs."""
    for number in range(models):
        recipe = random_recipe(RandomChoices(f"{seed}-{number}"))
        if is_writable(recipe):
            yield spec(recipe)


def faults(text: str, shape: str | None = None) -> tuple[Network | None, list[Diagnostic]]:
    """The network of a spec, if it can be read, and its errors."""
    try:
        network = analyse(text, shape)
    except SeqshapeError as problem:
        return None, list(problem.diagnostics)
    return network, [found for found in network.diagnostics if found.severity == "error"]


def unsound(text: str, shape: str | None = None) -> Iterator[str]:
    """The mends of a spec that keep their fault, or bring another."""
    network, before = faults(text, shape)
    known: Counter[Finding] = Counter(map(finding, before))
    for found in before if network is not None else ():
        if found.replacement is not None or found.input is not None:
            mended, after = faults(found.replacement or text, found.input or shape)
            if mended is None or not Counter(map(finding, after)) <= known - Counter([finding(found)]):
                yield f"{text!r} {shape or ''}: {found.message} -> {found.replacement!r}"


def careless(text: str, shape: str | None = None) -> Iterator[str]:
    """The mends of advice after which the advice is still given, or the network is faulty."""
    network, before = faults(text, shape)
    for found in advise(network) if network is not None and not before else ():
        if found.replacement is not None:
            mended, after = faults(found.replacement, shape)
            if mended is None or after or finding(found) in map(finding, advise(mended)):
                yield f"{text!r} {shape or ''}: {found.message} -> {found.replacement!r}"


# --- labels ----------------------------------------------------------------------------------------------------------


def chains(seed: int, number: int) -> Iterator[tuple[str, str, Network]]:
    """Random chains without faults and with one output: the spec, its input, the network."""
    source = random.Random(seed)
    while number:
        shape, arrow = source.choice(SHAPES), source.choice((">", " > "))
        text = arrow.join(source.choices(CHAINED, k=source.randint(1, 5)))
        network, wrong = faults(text, shape)
        if network is not None and not wrong and len(network.model.results()) == 1:
            number -= 1
            yield text, shape, network


def labels(output: Shape, source: random.Random) -> set[tuple[int, ...]]:
    """Shapes of labels near an output's, and some that are not."""
    near = [dim if isinstance(dim, int) else 5 for dim in output]
    total = 1
    for dim in near:
        total *= dim
    changed = [(*near[:-1], source.choice((1, 2, 7))), (source.choice((1, 3, 9)), *near[1:])]
    others = [tuple(near[:-1]), (*near, 1), tuple(near[::-1]), (total,), (10,), (source.choice((2, 5, 9)), 1)]
    return {*changed, *others}


def untrue(text: str, shape: str, network: Network, target: tuple[int, ...]) -> Iterator[str]:
    """What is wrong about the finding on labels that do not fit: the mend, or the reason."""
    flow = network.model.results()[0]
    output = flow.tensor.shape[1:] if flow is not None else ()
    for found in hold(network.summary(), network, [target]).diagnostics:
        place = f"{text!r} {shape} against {target}: {found.message}"
        if found.code == "E504" and (reason := _untrue_reason(found.message, output)):
            yield f"{place}: {reason}"
        if found.code == "E504" and found.replacement is not None:
            mended, after = faults(found.replacement, shape)
            held = hold(mended.summary(), mended, [target]).targets if mended is not None else ()
            if after or not held or held[0].fits is False:
                yield f"{place} -> {found.replacement!r}"


def _untrue_reason(message: str, output: Shape) -> str | None:
    """A part of a reason whose two things do not differ."""
    _, _, reasons = message.partition("the model gives ")
    for pattern in (r"gives (\d+) numbers?[^;]*?, and y has (\d+)\b", r"makes (\S+) (?:steps|rows) of ([^\s,;]+)",
                    r"makes (\([^)]*\)) of (\([^)]*\))", r"makes (\S+) (?:steps|rows) of \S+, and y has (\S+)"):  # fmt: skip
        for match in re.finditer(pattern, reasons):
            if match[1] == match[2]:
                return match[0]
    for match in re.finditer(r"nothing joins the (\S+(?: × \S+)*) (?:steps|positions) into one", reasons):
        places = match[1].split(" × ")
        if places != [str(dim) for dim in output[:-1]] or set(places) == {"1"}:
            return match[0]
    return None


def problems(seed: int, models: int) -> Iterator[str]:
    """All that is wrong with what is said of so many networks of each kind."""
    source = random.Random(seed)
    for text in networks(str(seed), models):
        yield from careless(text)
        yield from unsound(spoiled(text, source))
    for text, shape, network in chains(seed, models):
        yield from careless(text, shape)
        flow = network.model.results()[0]
        for target in sorted(labels(flow.tensor.shape[1:], source)) if flow is not None else ():
            yield from untrue(text, shape, network, target)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found = 0
    for problem in problems(asked.seed, asked.models):
        found += 1
        print(problem)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
