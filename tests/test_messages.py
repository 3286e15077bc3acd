"""Messages of Keras, TensorFlow and PyTorch: each is known, under the code that seqshape itself gives the same network."""

from __future__ import annotations

import json
import shlex
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import seqshape.answers
from seqshape.analysis.messages import _ROWS, looks_like, told
from seqshape.cli import main
from seqshape.codes import CODES
from seqshape.layers.mistakes import MISTAKES
from tests.oracle.facts import load
from tests.oracle.spec_writer import spec
from tests.test_facts import recipe

ERRORS: list[dict[str, Any]] = [
    *load("errors"),
    *load("errors_alone"),
]  # those alone have no network that a spec can say
# What older versions and other frameworks print, with the code that it is explained under.
KNOWN = [
    tuple(line.split(" ", 1))
    for line in (Path(__file__).parent / "data" / "messages.txt").read_text("utf-8").splitlines()
]


def explain(*words: str) -> Any:
    return CliRunner().invoke(main, ["explain", *words])


@pytest.mark.parametrize("first", range(8))
def test_every_recorded_message_is_known(first: int) -> None:
    unknown = [
        case["id"] for case in ERRORS[first::8] if not looks_like(case["message"]) or told(case["message"]) is None
    ]
    assert unknown == []


def test_most_are_explained_under_the_code_that_the_network_itself_gets() -> None:
    """The others are told from their words alone, which do not say whose fault it is."""
    same, number = 0, 0
    for case in load("errors")[::4]:
        written = recipe(case)
        if written is None:
            continue
        try:
            faulty = list(seqshape.answers.analyse(spec(written), kind="spec").diagnostics)
        except seqshape.SeqshapeError as refusal:
            faulty = list(refusal.diagnostics)
        found = told(case["message"])
        number += 1
        same += found is not None and found.code in {one.code for one in faulty if one.severity == "error"}
    assert number > 200
    assert same / number > 0.78, (same, number)


@pytest.mark.parametrize(("code", "message"), KNOWN, ids=range(len(KNOWN)))
def test_a_message_of_another_version_or_framework(code: str, message: str) -> None:
    assert looks_like(message)
    found = told(message)
    assert found is not None
    assert found.code == code, found
    assert "{" not in found.meaning
    printed = explain(message)
    assert printed.exit_code == 0
    assert printed.stdout.startswith(f"{code}  {CODES[code].title}\n")


def test_every_row_has_a_code_and_a_pattern_that_something_tests() -> None:
    messages = [case["message"] for case in ERRORS] + [message for _, message in KNOWN]
    assert {code for code, _, _ in _ROWS} <= set(CODES)
    used = {found.meaning for message in messages if (found := told(message)) is not None}
    assert len(used) > len(_ROWS) * 0.8


def test_numbers_and_the_layer_are_taken_out_of_the_message() -> None:
    found = told('Input 0 of layer "lstm_1" is incompatible with the layer: expected ndim=3, found ndim=2.')
    assert found is not None
    assert (found.layer, "wants 3 dims" in found.meaning, "has 2" in found.meaning) == ("lstm_1", True, True)
    found = told("size mismatch for fc.weight: copying a param with shape torch.Size([10, 512]) from checkpoint, "
                 "the shape in current model is torch.Size([5, 512])")  # fmt: skip
    assert found is not None
    assert "fc.weight is [10, 512] there, and [5, 512]" in found.meaning


def test_a_spec_tells_which_layer_it_is() -> None:
    message = 'Input 0 of layer "lstm_1" is incompatible with the layer: expected ndim=3, found ndim=2'
    for words in ((message, "LSTM(32)>LSTM(16)"), ("LSTM(32)>LSTM(16)", message)):
        found = explain(*words, "-i", "10,4")
        assert found.exit_code == 0
        assert "LSTM(32,seq)>LSTM(16)" in found.stdout
    sound = explain(message, "LSTM(32,seq)>LSTM(16)", "-i", "10,4")
    assert "nothing is wrong of that kind" in sound.stdout
    data = json.loads(explain(message, "LSTM(32)>LSTM(16)", "-i", "10,4", "--json").stdout)
    assert (data["schema"], data["code"], data["diagnostics"][0]["code"]) == ("seqshape.message/1", "E201", "E201")


SPECS = [
    *(case["spec"] for case in load("classic") if case.get("spec")),
    *(shlex.split(page.example)[1] for page in CODES.values() if page.example and "import" not in page.example),
    *(spec for mistakes in MISTAKES.values() for one in mistakes for spec in (one.wrong, one.right)),
]


def test_no_spec_is_taken_for_a_message() -> None:
    assert [spec for spec in SPECS if looks_like(spec) and told(spec)] == []
    assert len(SPECS) > 150


@pytest.mark.parametrize("sign", ["(", "[", "a ", "shape ", "expected ", "( ) ", "weights shape ", "Expected shape ("])
def test_a_hostile_text_takes_no_time(sign: str) -> None:
    start = time.process_time()
    told(sign * (1_000_000 // len(sign)))
    assert time.process_time() - start < 5


def test_what_is_pasted_is_data() -> None:
    found = explain("expected ndim=3, found ndim=2 \x1b]0;x\x07 of layer \x1b[31mx\n::error::y")
    assert found.exit_code == 0
    assert "\x1b" not in found.stdout
    assert "\n::" not in found.stdout
