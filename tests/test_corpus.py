"""Small programs of our own, a construct at a time: what seqshape reads in them is what the real Keras makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import pytest

from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.network import Network
from seqshape.readers.keras_source.applications import KNOWN
from seqshape.readers.keras_source.face import Text
from tests.oracle.compare import record, record_differences
from tests.oracle.programs import models_of, programs, stored

LIBRARY = {known.name.partition("_")[0] for known in KNOWN.values()} | {"mobilenet", "mobilenetv2"}


def wrong(text: str, expected: dict[str, dict[str, Any]]) -> list[str]:
    """What is wrong with the models of a program, one line each."""
    lines: list[str] = []
    for name, wanted in expected.items():
        try:
            found = Text(text, None, wanted=name).models()
        except SeqshapeError as refusal:
            lines.append(f"{name}: not read: {refusal}")
            continue
        networks = [analyse(built) for built in found]
        network = next((each for each in networks if each.summary().name == wanted["name"]), networks[-1])
        lines += [f"{name}: {line}" for line in _compared(network, wanted)]
    return lines


def _compared(network: Network, expected: dict[str, Any]) -> Iterator[str]:
    for found in network.diagnostics:
        if found.severity == "error":
            yield f"refused: {found.message}"
    mine = record(network.summary())
    if expected["name"].partition("_")[0] in LIBRARY:  # one row
        mine["layers"] = expected["layers"]
    yield from record_differences({**mine, "layers": list(_comparable(mine["layers"], expected["layers"]))}, expected)


def _comparable(mine: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows without what Keras does not tell: what is inside a layer of a class of the program, and how one is called."""
    for row, want in zip_longest(mine, theirs):
        if row is None or want is None:
            yield row or want
            continue
        yield {
            **row,
            "nested": row["nested"] if "nested" in want else [],
            "calls": row["calls"] if "calls" in want else [],
        }


STORED = stored()


@pytest.mark.parametrize("name", programs())
def test_a_program(name: str) -> None:
    text = programs()[name]
    assert STORED[name]["text"] == text, "run python -m tests.oracle.programs"
    assert STORED[name]["models"]
    assert wrong(text, STORED[name]["models"]) == []


def test_there_are_enough() -> None:
    assert len(programs()) >= 150


@pytest.mark.oracle
@pytest.mark.parametrize("family", sorted({name.partition(":")[0] for name in programs()}))
def test_keras_still_says_so(family: str) -> None:
    for name, text in programs().items():
        if name.startswith(f"{family}:"):
            assert models_of(text) == STORED[name]["models"]
