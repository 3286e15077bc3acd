"""Pictures and pages of ``explain`` and ``timesteps``. ``python -m tests.test_sheets`` writes the golden files anew."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from seqshape.analysis.timesteps import timesteps
from seqshape.api import analyse
from seqshape.cli import main
from seqshape.renderers import sheet
from seqshape.renderers.sheet import Cells, Text, html, svg
from seqshape.renderers.timesteps import sheet as sheet_of
from tests.hostile import NAMES, PLACES
from tests.test_output import open_tags

GOLDEN = Path(__file__).parent / "data" / "sheets"
NET = ["Conv1D(2,3,causal)>LSTM(5,seq)", "-i", "6,1"]
TAGS = {"svg", "title", "style", "rect", "text", "path"}
NEVER = re.compile(r"<(script|a|image|foreignObject|b|i|img|iframe|use)\b", re.IGNORECASE)
# What each command explains or shows; the golden files are those of the first.
WORDS = {
    "explain": ["explain", *NET, "--macs"],
    "timesteps": ["timesteps", *NET],
    "explain.layer": ["explain", NET[0], "lstm", *NET[1:]],
    "explain.memory": ["explain", *NET, "--memory"],
    "explain.code": ["explain", "E201"],
    "explain.codes": ["explain"],
    "explain.word": ["explain", "return_sequences"],
    "explain.class": ["explain", "LSTM"],
    "explain.message": ["explain", "expected ndim=3, found ndim=2"],
    "explain.culprit": ["explain", "expected ndim=3, found ndim=2", "LSTM(32)>LSTM(16)", "-i", "10,4"],
    "explain.named": ["explain", "Conv1D(3,3)>Bi(GRU(4))", "-i", "T,F"],
    "timesteps.one": ["timesteps", "LSTM(5)", "-i", "6,1"],
    "timesteps.many": ["timesteps", "Conv1D(2,3,s=2)", "-i", "3000,1"],
    "timesteps.unknown": ["timesteps", "CRF(9) = (T, F) -> (T, 9); LSTM(3,seq)>CRF(9)", "-i", "6,1"],
}
CASES = [f"{name}.{form}" for name in ("explain", "timesteps") for form in sheet.FORMS]


def said(*words: str) -> str:
    found = CliRunner().invoke(main, list(words), env={"COLUMNS": None})
    assert found.exit_code in (0, 1), found.output
    return found.stdout


def drawn(case: str) -> str:
    name, _, form = case.partition(".")
    return said(*WORDS[name], "--format", form)


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str) -> None:
    assert drawn(case) == (GOLDEN / f"{case}.txt").read_text("utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)


def plain(text: str, form: str) -> str:
    """What a reader sees of a picture or a page, without how it is laid out."""
    if form == "svg":
        return "".join(one.text or "" for one in ElementTree.fromstring(text).iter() if one.tag.endswith("text"))
    return unescape(re.sub(r"<[^>]*>", "", text.partition("<body>")[2]))


@pytest.mark.parametrize("form", sheet.FORMS)
@pytest.mark.parametrize("name", WORDS)
def test_a_sheet_says_what_the_text_says(name: str, form: str) -> None:
    """All of it but the matrix, which is drawn; and it is whole, and the same in ASCII."""
    text = said(*WORDS[name], "--width", "100")
    shown = said(*WORDS[name], "--format", form)
    lines = [
        line.strip()
        for line in text.splitlines()
        if not re.search("[█·│]{2}|input step 0 to|  a dot:|output +0 ", line)
    ]
    found = plain(shown, form)
    assert [line for line in lines if line not in found and not set(line) & set("█│▘▝▀▖▌▞▛▗▚▐▜▄▙▟")] == []
    if form == "html":
        assert open_tags(shown) == []
        assert shown.startswith("<!doctype html>")
    else:
        assert {one.tag.rpartition("}")[2] for one in ElementTree.fromstring(shown).iter()} <= TAGS
    ascii = CliRunner(charset="ascii").invoke(main, [*WORDS[name], "--format", form]).stdout
    assert ascii.isascii()
    assert unescape(ascii).split() == unescape(shown).split()


@pytest.mark.parametrize("form", sheet.FORMS)
@pytest.mark.parametrize("name", ["explain", "timesteps", "explain.code", "explain.word"])
def test_the_ending_of_a_file_is_the_form(name: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{form}"
    assert said(*WORDS[name], "-o", str(path)) == ""
    assert path.read_text("utf-8") == said(*WORDS[name], "--format", form)
    path = tmp_path / "x.txt"
    said(*WORDS[name], "-o", str(path))
    assert path.read_text("utf-8") == said(*WORDS[name])
    path = tmp_path / "x.json"
    said(*WORDS[name], "-o", str(path))
    assert path.read_text("utf-8") == said(*WORDS[name], "--json") == said(*WORDS[name], "--format", "json")


@pytest.mark.parametrize("name", ["explain", "timesteps"])
@pytest.mark.parametrize(
    "words",
    [["--json", "--format", "svg"], ["-o", "x.svg", "--json"],
     ["-o", "x.svg", "--format", "html"], ["-o", "x.html", "--format", "text"],
     ["-o", "x.bmp"], ["--format", "png"]],
)  # fmt: skip
def test_a_contradiction_is_an_error_and_writes_nothing(
    name: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, [*WORDS[name], *words]).exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", PLACES)
def test_text_from_anywhere_is_data(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for text in NAMES.values():
        given = PLACES[place](text, tmp_path)
        for command in ("summarize", "explain", "timesteps"):
            for form in sheet.FORMS:
                found = CliRunner().invoke(main, [command, given.source, *given.words, "--format", form])
                assert found.exit_code in (0, 1, 2)
                if found.stdout and form == "svg":
                    tags = {one.tag.rpartition("}")[2] for one in ElementTree.fromstring(found.stdout).iter()}
                    assert tags <= TAGS, (command, text)
                elif found.stdout:
                    assert open_tags(found.stdout) == []
                    assert not NEVER.search(re.sub("</?b>|<br>", "", found.stdout)), (command, text)


@pytest.mark.parametrize("text", NAMES.values())
def test_a_sheet_takes_any_text(text: str) -> None:
    for parts in ([Text(text), Text(f"  {text}", "head")], [Cells([[True]], (1, 1), text, text)]):
        tags = {one.tag.rpartition("}")[2] for one in ElementTree.fromstring(svg(parts, text)).iter()}
        assert tags <= TAGS
        page = html(parts, text, ascii=True)
        assert page.isascii()
        assert open_tags(page) == []
        assert not NEVER.search(re.sub("</?b>", "", page))


# --- a matrix --------------------------------------------------------------------------------------------------------

PIECE = re.compile(r"M(-?[\d.]+) (-?[\d.]+)h(-?[\d.]+)v(-?[\d.]+)h-[\d.]+z")


def pieces(text: str, name: str) -> list[tuple[float, ...]]:
    path = next(one for one in ElementTree.fromstring(text).iter() if one.get("class") == name)
    return [tuple(map(float, found)) for found in PIECE.findall(path.get("d", ""))]


@pytest.mark.parametrize(
    ("spec", "shape"),
    [("LSTM(5,seq)", "6,1"), ("Conv1D(2,3,s=2)", "31,2"), ("LSTM(5)", "60,1"), ("Conv1D(2,9,d=2)>LSTM(2,seq)", "150,1"),
     ("UpSampling1D(8)", "5,1"), ("ZeroPadding1D(3)", "4,1"), ("Conv1D(2,3,d=40)", "390,1")],
)  # fmt: skip
def test_every_cell_of_a_matrix_is_where_it_belongs(spec: str, shape: str) -> None:
    found = timesteps(analyse(spec, shape))
    rows, columns = found.rows.shape
    drawn = svg(sheet_of(found), "")
    ((left, top, across, down),) = pieces(drawn, "empty")
    wide, high = across / columns, down / rows
    seen = Counter()
    for x, y, right, below in pieces(drawn, "seen"):
        row, first, last = (y - top) / high, (x - left) / wide, (x + right - left) / wide
        assert row == pytest.approx(round(row), abs=0.1)
        assert below <= high + 0.1
        seen.update((round(row), step) for step in range(round(first), round(last)))
    assert seen == {(row, step): 1 for row, line in enumerate(found.matrix) for step, one in enumerate(line) if one}


@pytest.mark.parametrize("steps", [1, 2, 7, 60, 61, 400, 401, 5000])
@pytest.mark.parametrize("spec", ["LSTM(5,seq)", "LSTM(5)", "UpSampling1D(3)"])
def test_a_matrix_of_any_size_fits(spec: str, steps: int) -> None:
    text = svg(sheet_of(timesteps(analyse(spec, f"{steps},1"))), "")
    root = ElementTree.fromstring(text)
    size = float(root.get("width", "")), float(root.get("height", ""))
    assert max(size) < 1100
    ((left, top, across, down),) = pieces(text, "empty")
    assert left + across <= size[0]
    assert top + down <= size[1]
    placed: dict[str, list[float]] = {}
    for one in root.iter():
        if one.get("text-anchor"):
            middle = one.get("text-anchor") == "middle"
            half = len(one.text or "") * sheet.SIGN / 2 if middle else sheet.LINE / 2 - 1
            place = float(one.get("x" if middle else "y", ""))
            placed.setdefault(str(middle), []).extend([place - half, place + half])
    assert all(places == sorted(places) for places in placed.values())  # no number covers another
    assert len(text) < 200_000


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in CASES:
        (GOLDEN / f"{each}.txt").write_text(drawn(each), encoding="utf-8")
