"""Every code that is emitted has its page, is a finding of its own severity, and comes out of the example on its page."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import seqshape
from seqshape.analysis.advice import CHECKS
from seqshape.cli import COMMANDS, main
from seqshape.codes import ADVICE, CODES
from seqshape.keras import session
from seqshape.network import Network
from seqshape.registry import layers, operations
from tests.pages import ROOT

PACKAGE = Path(seqshape.__file__).parent
CODE = re.compile(r"[EWA]\d{3}")
# Codes that need a file, another Python, or Python itself: the test that emits each.
ELSEWHERE = {
    "E307": "tests/test_api.py",
    "E403": "tests/test_codes.py",
    "E999": "tests/test_codes.py",
    "W142": "tests/test_keras_source.py",
}
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def strings(path: Path) -> Iterator[str]:
    """The texts in a module that are no part of a longer text."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def sources() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "codes.py"]


def emitted() -> set[str]:
    """The codes that modules name: alone, or as ``error[E900]`` inside a text."""
    texts = [text for path in sources() for text in strings(path)]
    alone = {text for text in texts if CODE.fullmatch(text)}
    return alone | {found for text in texts for found in re.findall(rf"\[({CODE.pattern})\]", text)}


def test_every_code_that_is_emitted_has_a_page_and_no_page_is_idle() -> None:
    assert emitted() == {code for code in CODES if not CODES[code].retired}


def test_a_finding_has_the_severity_of_its_code() -> None:
    wrong = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and len(node.args) > 1
                and all(isinstance(one, ast.Constant) for one in node.args[:2])
            ):
                code, severity = (one.value for one in node.args[:2])  # type: ignore[attr-defined]
                if code in CODES and severity in ("error", "warning", "advice"):
                    wrong += [(path.name, code, severity)] if CODES[code].severity != severity else []
    assert wrong == []


@pytest.mark.parametrize("code", CODES)
def test_a_page(code: str) -> None:
    found = CliRunner().invoke(main, ["explain", code])
    assert (found.exit_code, found.output) == (0, f"{CODES[code].page()}\n")
    assert code in found.output
    assert CODES[code].text[-1] in ".)'"


@pytest.mark.parametrize("code", [code for code in CODES if CODES[code].example])
def test_the_example_gives_the_code(code: str) -> None:
    page = CODES[code]
    found = CliRunner().invoke(main, shlex.split(page.example), env={"NO_COLOR": "1"})
    assert f"[{code}]" in found.output
    if page.severity == "error":
        assert found.exit_code in (page.status, 2)
    else:
        assert f"{page.severity}[{code}]" in found.output


def test_a_network_of_too_many_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST_STEPS", 10)
    found = CliRunner().invoke(main, ["summarize", "Dense(2)*20", "-i", "3"])
    assert (found.exit_code, "error[E403]" in found.output) == (1, True)


def test_what_nobody_has_foreseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Network, "summary", lambda self: {}["nothing"])
    with pytest.raises(seqshape.SeqshapeError) as caught:
        seqshape.summarize("Dense(2)", (3,))
    assert [found.code for found in caught.value.diagnostics] == ["E999"]
    assert isinstance(caught.value.__cause__, KeyError)


def test_what_has_no_example_is_emitted_by_a_test() -> None:
    assert {code for code in CODES if not CODES[code].example and not CODES[code].retired} == set(ELSEWHERE)
    for code, path in ELSEWHERE.items():
        assert code in (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("code", ADVICE)
def test_advice_is_selected_and_ignored(code: str) -> None:
    def given(*words: str) -> str:
        found = CliRunner().invoke(main, [*shlex.split(CODES[code].example or "summarize 'Dense(2)' -i 3"), *words])
        assert found.exit_code == 0
        return found.output

    assert f"[{code}]" in given() or not CODES[code].example
    assert f"[{code}]" not in given("--ignore", code)
    assert f"[{code}]" in given("--select", code) or not CODES[code].example
    assert not set(re.findall(r"advice\[(\w+)\]", given("--select", code))) - {code}


def test_advice_that_checks_give_is_on_the_list() -> None:
    assert set(CHECKS) <= set(ADVICE)


@pytest.mark.parametrize("words", [("--select", "A999"), ("--ignore", "W301"), ("--select", "E")])
def test_what_is_no_advice_cannot_be_chosen(words: tuple[str, str]) -> None:
    found = CliRunner().invoke(main, ["summarize", "Dense(2)", "-i", "3", *words])
    assert found.exit_code == 2
    assert "there is no advice" in found.output


def test_texts_name_only_commands_that_exist() -> None:
    texts = [*(text for path in [*sources(), PACKAGE / "codes.py"] for text in strings(path))]
    texts += [path.read_text("utf-8") for path in DOCUMENTS]
    named = {
        word
        for text in texts
        for word in re.findall(r"(?<![\w/.'-])seqshape (?!and\b)([a-z]{3,})(?= ['A-Z\-.]|`)", text)
    }
    assert {"summarize", "layers", "compare"} <= named
    assert named <= set(COMMANDS)
    assert {word for text in texts for word in re.findall(r"seqshape (sweep|solve)\b", text)} <= set(COMMANDS)


def test_no_word_suits_two_parameters() -> None:
    """A bare word sets the one parameter that takes it."""
    kinds = [*layers().values(), *operations().values()]
    words = {word for kind in kinds for parameter in kind.parameters for word in getattr(parameter, "words", ())}
    words |= {"relu", "same", "valid", "causal", "channels_first", "sum", "concat", "nearest", "int", "linear", "mean"}
    twice = [
        (kind.name, word)
        for kind in kinds
        for word in words
        if sum(parameter.takes(word) for parameter in kind.parameters) > 1
    ]
    assert twice == []
