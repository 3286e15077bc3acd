"""The reader of source code has no faults of its own that pass for statements that cannot be followed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from seqshape.diagnostics import SeqshapeError
from seqshape.readers.keras_source.face import Text
from seqshape.readers.keras_source.machine import UNFORESEEN, Machine, Raised, on_behalf
from seqshape.readers.keras_source.values import Work

PROGRAMS = sorted((Path(__file__).parent / "data" / "source").rglob("*.py"))


def faults(text: str, path: Path | None = None) -> list[str]:
    """Exceptions of the reader's own code while it reads a program."""
    with UNFORESEEN.listening() as heard, suppress(SeqshapeError):
        Text(text, str(path) if path else None, path).models()
    return [repr(one) for one in heard]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_corpus_meets_no_fault_of_the_reader(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8"), path) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "[1][3]",
        "{}['a']",
        "1 + 'a'",
        "-'a'",
        "int('seven')",
        "'{0}'.format()",
        "[1].index(2)",
        "1 / 0",
        "range(1, 2, 0)",
    ],
)
def test_what_the_program_does_wrong_is_no_fault_of_the_reader(wrong: str) -> None:
    program = (
        f"from keras import layers, Sequential\nx = {wrong}\nm = Sequential([layers.Dense(2, input_shape=(3,))])\n"
    )
    assert faults(program) == []


def _work(error: Exception) -> Work:
    raise error
    yield


def test_a_fault_of_the_reader_is_heard_and_is_no_traceback() -> None:
    with UNFORESEEN.listening() as heard, pytest.raises(Raised):
        Machine().run(_work(AttributeError("of the reader")))
    assert [str(one) for one in heard] == ["of the reader"]
    with UNFORESEEN.listening() as heard, pytest.raises(Raised):
        on_behalf(int, "seven")
    assert heard == []


@pytest.mark.parametrize(
    "asking",
    [
        "x = list(r)",
        "x = tuple(r)",
        "x = set(r)",
        "x = [*r]",
        "x = print(*r)",
        "a, *x = r",
        "x = sum(r)",
        "x = max(r)",
        "x = sorted(r)",
        "x = list(reversed(r))",
        "x = list(enumerate(r))",
        "x = list(zip(r, r))",
        "x = list(map(str, r))",
        "x = list(filter(None, r))",
        "x = any(r)",
        "x = [i for i in r]",
        "x = list(i for i in r)",
        "x = []\nx.extend(r)",
        "x = dict(enumerate(r))",
        "import collections\nx = collections.deque(r)",
        "import itertools\nx = list(itertools.chain(r, r))",
        "import functools\nx = functools.reduce(max, r)",
        "for x in r:\n    pass",
    ],
)
def test_a_long_range_is_not_made(asking: str) -> None:
    """What would hold more items than there is memory for is not known; the program goes on."""
    program = f"import keras\nr = range(10**13)\n{asking}\n"
    program += "m = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])\n"
    assert faults(program) == []
    assert len(Text(program, None).models()) == 1
