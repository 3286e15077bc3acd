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
    return [path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE / "codes"]


def emitted() -> set[str]:
    """The codes that modules name: alone, or as ``error[E900]`` inside a text."""
    texts = [text for path in sources() for text in strings(path)]
    alone = {text for text in texts if CODE.fullmatch(text)}
    return alone | {found for text in texts for found in re.findall(rf"\[({CODE.pattern})\]", text)}


def test_every_code_that_is_emitted_has_a_page_and_no_page_is_idle() -> None:
    assert emitted() == {code for code in CODES if not CODES[code].retired}


def definitions(tree: ast.AST) -> dict[str, int]:
    """The functions with a positional parameter ``code`` that stand in a module, each with its position."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [one.arg for one in (*node.args.posonlyargs, *node.args.args) if one.arg != "self"]
            if "code" in names:
                found[node.name] = names.index("code")
    return found


def takers(tree: ast.AST) -> dict[str, int]:
    """The same with those that the module imports."""
    found = {"Diagnostic": 0, **definitions(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("seqshape."):
            path = PACKAGE.parent / f"{(node.module or '').replace('.', '/')}.py"
            theirs = definitions(ast.parse(path.read_text("utf-8"))) if path.exists() else {}
            found |= {name.asname or name.name: theirs[name.name] for name in node.names if name.name in theirs}
    return found


def said(tree: ast.AST, takers: dict[str, int]) -> Iterator[ast.expr]:
    """Every expression that is handed on as a code, or is what a parameter ``code`` is by default."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "code")
            place = takers.get(name, len(node.args))
            yield from node.args[place : place + 1]
        elif isinstance(node, ast.arguments):
            for names, values in ((node.args[::-1], node.defaults[::-1]), (node.kwonlyargs, node.kw_defaults)):
                yield from (value for one, value in zip(names, values, strict=False) if one.arg == "code" and value)


def no_codes(tree: ast.AST) -> list[str]:
    """What is handed on as a code and is neither a code that has a page nor one that was handed in."""
    wrong = []
    for found in said(tree, takers(tree)):
        parts = [found.body, found.orelse] if isinstance(found, ast.IfExp) else [found]
        for part in parts:
            is_page = isinstance(part, ast.Constant) and part.value in CODES
            if not (is_page or isinstance(part, (ast.Name, ast.Attribute))):
                wrong.append(ast.unparse(part))
    return wrong


def test_what_is_emitted_is_a_code_that_has_a_page() -> None:
    wrong = {str(path): no_codes(ast.parse(path.read_text("utf-8"))) for path in sources()}
    del wrong[str(PACKAGE / "readers" / "summaries.py")]  # reads what it has written
    del wrong[str(PACKAGE / "cli" / "explain.py")]  # asks for the page of what somebody has typed
    assert {path: found for path, found in wrong.items() if found} == {}


@pytest.mark.parametrize(
    "text",
    [
        'Diagnostic("E000", "error", "")',
        'Fault("", code="nothing")',
        'from seqshape.analysis.axes import refuse; refuse("W3" + one, "")',
        "def f(code=''): 0",
    ],
)
def test_what_is_no_code_would_be_seen(text: str) -> None:
    assert len(no_codes(ast.parse(text))) == 1


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
    monkeypatch.setattr(Network, "summary", lambda self, **options: {}["nothing"])
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
    texts = [*(text for path in PACKAGE.rglob("*.py") for text in strings(path))]
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
