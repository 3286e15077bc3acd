"""Files by their endings, pages and pictures, and what a program that reads JSON can rely on."""

from __future__ import annotations

import csv
import json
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from seqshape.cli import COMMANDS, command_named, main
from seqshape.cli.convert import ENDINGS as CONVERTED
from seqshape.cli.helping import example
from seqshape.cli.sweep import ENDINGS as SWEPT
from seqshape.renderers import ENDINGS, FORMATS
from seqshape.renderers.text import width
from seqshape.summary import Summary

ROOT = Path(__file__).parent.parent
FAULTY = ("Conv1D(8,3)>LSTM(32)>LSTM(16)>Dense(1)", "-i", "20,4")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Any:
    return CliRunner().invoke(main, list(words))


CHECKS = {
    ".json": lambda text: json.loads(text)["totals"]["params"] == 146,
    ".csv": lambda text: list(csv.reader(text.splitlines()))[1][0] == "lstm",
    ".md": lambda text: text.startswith("**Model: sequential**"),
    ".html": lambda text: text.startswith("<!doctype html>") and text.rstrip().endswith("</html>"),
    ".htm": lambda text: text.startswith("<!doctype html>"),
    ".svg": lambda text: ElementTree.fromstring(text).tag.endswith("svg"),
    ".txt": lambda text: text.startswith('Model: "sequential"'),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_is_what_its_name_says(ending: str) -> None:
    for name in (f"x{ending}", f"X{ending.upper()}"):
        found = run("summarize", "LSTM(5,seq)>Dense(1)", "-i", "5,1", "-o", name)
        assert (found.exit_code, found.stdout) == (0, "")
        assert CHECKS[ending](Path(name).read_text("utf-8"))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("form", FORMATS)
def test_a_contradiction_is_an_error_and_writes_nothing(ending: str, form: str) -> None:
    found = run("summarize", "Dense(1)", "-i", "5", "-o", f"x{ending}", "--format", form)
    fits = form in ENDINGS[ending]
    assert (found.exit_code, Path(f"x{ending}").exists()) == ((0, True) if fits else (2, False))
    assert fits or f"-o x{ending}" in found.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["summarize", "Dense(1)", "-i", "5", "-o", "x.csv", "--json"],
        ["summarize", "Dense(1)", "-i", "5", "--format", "csv", "--json"],
        ["timesteps", "LSTM(5,seq)", "-i", "5,1", "-o", "x.svg", "--json"],
        ["timesteps", "LSTM(5,seq)", "-i", "5,1", "-o", "x.txt", "--json"],
        ["sweep", "Dense({1,2})", "-i", "5", "-o", "x.csv", "--format", "jsonl"],
        ["convert", "Dense(1)", "-i", "5", "-o", "x.json", "--to", "spec"],
        ["convert", "Dense(1)", "-i", "5", "-o", "x.py"],
        ["convert", "Dense(1)", "-i", "5"],
        ["summarize", "Dense(1)", "Dense(2)", "-i", "5", "-o", "x.svg"],
    ],
)
def test_other_contradictions(words: list[str], folder: Path) -> None:
    assert run(*words).exit_code == 2
    assert list(folder.iterdir()) == []


def test_convert_and_sweep_go_by_the_ending() -> None:
    for ending in (".json", ".seq"):
        assert run("convert", "Dense(1)", "-i", "5", "-o", f"x{ending}").exit_code == 0
        assert run("summarize", f"x{ending}", "-i", "5").exit_code == 0
    assert {form for forms in CONVERTED.values() for form in forms} == {"spec", "keras-json", "keras-python", "torch"}
    for ending in set(SWEPT) - {".parquet"}:
        assert run("sweep", "Dense({1,2})", "-i", "5", "-o", f"s{ending}").exit_code == 0


def test_other_names_take_any_form() -> None:
    assert run("summarize", "Dense(1)", "-i", "5", "-o", "x.log", "--format", "csv").exit_code == 0
    assert Path("x.log").read_text().startswith("name,")
    assert run("summarize", "Dense(1)", "-i", "5", "-o", "x").exit_code == 0


# --- pages and pictures ----------------------------------------------------------------------------------------------


def test_a_page_is_whole() -> None:
    for words in (FAULTY, (FAULTY[0], "Dense(3)", "LSMT(3)", *FAULTY[1:])):
        assert run("summarize", *words, "-o", "x.html").exit_code == 1
        text = Path("x.html").read_text("utf-8")
        for piece in (
            '<meta charset="utf-8">',
            "<title>",
            "prefers-color-scheme: dark",
            "✗ lstm_1 (LSTM)",
            "error E201",
        ):
            assert piece in text
        assert text.count("<html") == text.count("</html>") == text.count("<body>") == 1
        assert open_tags(text) == []


class Tags(HTMLParser):
    """The tags that are open at the end of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def open_tags(text: str) -> list[str]:
    tags = Tags()
    tags.feed(text)
    return tags.open


def test_a_picture_shows_the_table() -> None:
    assert run("summarize", *FAULTY, "-o", "x.svg").exit_code == 1
    root = ElementTree.parse("x.svg").getroot()
    texts = [element.text or "" for element in root.iter() if element.tag.endswith("text")]
    assert any("✗ lstm_1 (LSTM)" in text for text in texts)
    assert any("at least" in text for text in texts)
    assert not {element.tag.rpartition("}")[2] for element in root.iter()} - {"svg", "title", "style", "rect", "text"}


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_a_faulty_total_cannot_be_mistaken() -> None:
    found = run("summarize", *FAULTY, "--json")
    assert (found.exit_code, found.stderr) == (1, "")
    totals = json.loads(found.stdout)["totals"]
    assert {totals[name] for name in totals["lacking"]} == {None}
    assert totals["at_least"] is True
    assert totals["least"]["params"] == 104 + 32 * 4 * (8 + 32 + 1)
    summary = Summary.from_dict(json.loads(found.stdout))
    assert summary.totals.params == totals["least"]["params"]
    assert summary.to_dict() == json.loads(found.stdout)


@pytest.mark.parametrize("spec", ["LSMT(3)", "Dense(", "Dense(3)>Dense", "LSTM(3)>LSTM(3)", "x = Input(3); x > Add"])
def test_no_faulty_network_has_a_total_of_parameters(spec: str) -> None:
    totals = json.loads(run("summarize", spec, "-i", "5", "--json").stdout)["totals"]
    assert totals["params"] is None
    assert totals["at_least"]


def test_totals_of_conventions_cannot_be_mistaken_either() -> None:
    data = json.loads(run("summarize", *FAULTY, "--json", "--convention", "all").stdout)
    for one in data["conventions"].values():
        assert one["params"] is None
        assert one["least"]["params"] > 0


@pytest.mark.parametrize(
    "words",
    [
        ["summarize", "Dense(4)>Dense(1,softmax)", "-i", "8", "--json"],
        ["summarize", "Dense(4)>Dense(1,softmax)", "LSMT(3)", "-i", "8", "--json"],
        ["explain", "LSTM(5)>LSTM(5)", "-i", "5,1", "--json"],
        ["timesteps", "LSTM(5,seq)>Dense(1)", "-i", "T,1", "--json"],
        ["check", "LSTM(5)>LSTM(5)", "-i", "5,1", "--format", "json"],
    ],
)
def test_with_json_standard_error_is_quiet(words: list[str]) -> None:
    found = run(*words)
    assert found.stderr == ""
    lines = found.stdout.splitlines()
    data = json.loads(found.stdout if words[0] != "summarize" or lines[0] == "{" else lines[0])
    told = data.get("diagnostics") or data.get("notes")
    assert told, data.keys()


def test_a_closed_pipe_ends_quietly(folder: Path) -> None:
    (folder / "specs.txt").write_text("".join(f"Dense({units})\n" for units in range(1, 100_001)))
    program = [sys.executable, "-m", "seqshape", "summarize", "--lines", str(folder / "specs.txt"), "-i", "3", "--json"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert json.loads(child.stdout.readline())["totals"]["params"] == 4
        child.stdout.close()
        said = child.stderr.read()
        status = child.wait(60)
    assert (status in (0, 141, -13), said) == (True, b"")


# --- the help, in terminals of any width ------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_is_no_wider_than_the_terminal(name: str, columns: int) -> None:
    found = CliRunner().invoke(main, [*([name] if name else []), "--help"], env={"COLUMNS": str(columns)})
    assert found.exit_code == 0
    assert [line for line in found.output.splitlines() if width(line) > columns] == []


def _unbroken(text: str) -> list[str]:
    """The words that a shell takes, without blanks inside: in a spec and in a message a new line is one."""
    return ["".join(word.split()) for word in shlex.split(text.replace("\\\n", ""))]


@pytest.mark.parametrize("columns", [30, 40, 50, 80])
@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_is_one_command_at_every_width(name: str, columns: int) -> None:
    for text in command_named(name).examples:
        command = text.partition("     (")[0]
        lines = list(example(command, columns))
        assert _unbroken("\n".join(lines)) == _unbroken(command)
        ends = [line for line in lines[:-1] if not line.endswith(" \\")]
        assert all(line[-1] in ">|," or " " in command for line in ends)  # inside quotes, where a new line is a blank


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["convert", "Dense(3)", "--to", "pytorch"], "Did you mean torch?"),
        (["convert", "Dense(3)", "--to", "keras"], "Did you mean keras-json or keras-python?"),
        (["summarize", "Dense(3)", "--format", "tabel"], "Did you mean table?"),
    ],
)
def test_a_word_that_is_no_choice_gets_the_nearest(words: list[str], hint: str) -> None:
    found = run(*words)
    assert found.exit_code == 2
    assert found.stderr.rstrip().endswith(hint)
