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
