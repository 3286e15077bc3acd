"""``seqshape play``: whatever is half typed has lines to show."""

from __future__ import annotations

import io
import random
import sys
from itertools import islice

import pytest
from click.testing import CliRunner
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from prompt_toolkit.output.vt100 import Vt100_Output

import seqshape
from seqshape.analysis.completion import going_on
from seqshape.cli import main
from seqshape.cli.glimpse import seen
from seqshape.cli.play import command, command_line
from seqshape.cli.prompt import application, play
from seqshape.cli.words import Failure
from seqshape.renderers import Options
from seqshape.renderers.text import width
from tests.fuzz.choices import RandomChoices
from tests.fuzz.models import recipe
from tests.oracle.spec_writer import is_writable, spec

SIZES = [(Options(20, ascii=True), 5), (Options(40), 20), (Options(80, color=True), 20), (Options(), 100)]


def specs(count: int) -> list[str]:
    found = (recipe(RandomChoices(f"play-{number}")) for number in range(4 * count))
    return list(islice((spec(one) for one in found if is_writable(one)), count))


def test_prefixes_of_a_spec_have_lines() -> None:
    for number, text in enumerate(specs(200)):
        options, height = SIZES[number % len(SIZES)]
        for end in random.Random(number).sample(range(len(text) + 1), 6):
            lines = seen(text[:end], "5,1"[: end % 4], options, height)
            assert len(lines) <= height
            going_on(text[:end])


def test_every_edit_of_a_character_has_lines() -> None:
    rng = random.Random(1)
    for text in (
        "LSTM(5,seq)>TD(Dense(1))",
        "[LSTM(8,seq)|Conv1D(8,3,same)]>Concat",
        "a=Input(T,3);a>Dense(2,act='relu')",
    ):
        for place in range(len(text)):
            for new in ("", rng.choice("()[]>|,=*@;#'\"\\\x1b\u202e\ud800é0 ")):
                assert isinstance(seen(text[:place] + new + text[place + 1 :], "5,1", SIZES[1][0], 20), list)


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_nothing_of_a_table_is_wider_than_the_screen(columns: int) -> None:
    lines = seen(">".join(["Conv1D(64,3,same)"] * 50), "100,8", Options(columns), 20)
    assert max(map(width, lines)) <= columns
    assert len(lines) <= 20
    assert "more above" in lines[0]


@pytest.mark.parametrize(
    ("before", "word", "found"),
    [("LST", "LST", "LSTM"), ("LSTM(5,se", "se", "seq"), ("LSTM(5,ret", "ret", "return_sequences="), ("TD(Den", "Den", "Dense"),
     ("Conv1D(3,3,padding=ca", "ca", "causal"), ("LSTM(5,use_bias=F", "F", "False"), ("(Dense(2)>Den", "Den", "Dense"),
     ("Dense(2,'a')>GR", "GR", "GRU")],
)  # fmt: skip
def test_words_go_on(before: str, word: str, found: str) -> None:
    assert going_on(before)[0] == word
    assert found in going_on(before)[1]


def typed(keys: str) -> tuple[str, str] | None:
    with create_pipe_input() as pipe:
        pipe.send_text(keys)
        return play("", "", input=pipe, output=DummyOutput())


def test_the_loop() -> None:
    assert typed("LSTM(5)\x1b[Z5,1\r") == ("LSTM(5)", "5,1")
    assert typed("LSTM(5\x03") is None
    assert typed("\x04") is None
    assert typed("Dense(2)\x10\x0e\x1b[Z3\x1b[Z>L\x7fDense(1)\r") == ("Dense(2)>Dense(1)", "3")
    assert typed("Dense(>((\x1b[A)\"'é\r") is not None


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("LSTM(5,seq", ")"),
        ("LSTM(5,seq)>", ""),
        ("LSTM(5)>TD(Dense(3", "))"),
        ("[LSTM(5)|GRU(5", ")]"),
        ("LSTM(5,", ")"),
    ],
)
def test_what_is_not_closed_is_shown_so_far(text: str, missing: str) -> None:
    lines = seen(text, "5,1", Options(), 20)
    assert lines[0] == (f"still to be closed: {missing}" if missing else "goes on")
    assert "lstm (LSTM)" in "".join(lines)


def test_what_enter_prints_is_that_network() -> None:
    assert command_line("LSTM(5)>Dense(1)", "5, 1") == "seqshape summarize 'LSTM(5)>Dense(1)' -i 5,1"


def test_it_shows_what_summarize_counts() -> None:
    for text in ("LSTM(5,seq)>TD(Dense(1))", "Conv1D(64,3)>BN"):
        total = seqshape.summarize(text, input_shape=(5, 1)).totals.params
        assert seen(text, "5,1", Options(), 50)[-1].split() == ["total", f"{total:,}"]
    assert any("^^^^" in line for line in seen("LSTM(5)>Dnse(1)", "5,1", Options(), 50))


def test_in_a_pipe_it_is_shown_once() -> None:
    done = CliRunner().invoke(main, ["play", "LSTM(5)>Dense(1)", "-i", "5,1"])
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].split() == ["total", "146"]
    done = CliRunner().invoke(main, ["play", "LSTM(5)>Dnse(1)", "-i", "5,1"])
    assert done.exit_code == 1
    assert "error[E102]" in done.stderr
    assert CliRunner().invoke(main, ["play"]).output == ""


def test_without_the_package_it_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prompt_toolkit", None)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    with pytest.raises(Failure, match=r"pip install 'seqshape\[play\]'"):
        command.function("LSTM(5)", None)


@pytest.mark.parametrize("size", [Size(24, 80), Size(18, 40), Size(60, 200), Size(10, 30)])
def test_the_end_of_a_table_is_on_the_screen(size: Size) -> None:
    out = io.StringIO()
    with create_pipe_input() as pipe:
        screen = Vt100_Output(out, lambda: size, term="xterm")
        app = application(">".join(["Conv1D(8,3,same)"] * 50), "100,8", input=pipe, output=screen)
        app.after_render += lambda _: None if app.future is None or app.future.done() else app.exit()
        app.run()
    assert "total" in out.getvalue()
    assert "input" in out.getvalue()
