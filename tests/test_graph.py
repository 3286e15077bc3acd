"""Diagrams: every layer is a box, every tensor an arrow with its shape, and no text of a source is a sign of the language."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import graphviz
import pytest
from click.testing import CliRunner, Result

from seqshape.answers import analyse, drawn
from seqshape.cli import main
from tests.fuzz.choices import RandomChoices
from tests.fuzz.models import recipe
from tests.hostile import NAMES, PLACES
from tests.oracle.spec_writer import is_writable, spec

CHAIN = ("LSTM(5,seq)>TD(Dense(1))", "-i", "5,1")
NESTED = ("Dense(8)>Sequential([LSTM(4,seq),Dense(2)])>LSTM(5)", "-i", "5,8")
BOX = re.compile(r'\s*(\w+)(\[|\(\[)"([\w .,:+*/()=×·⌊⌋?#;<>-]*)"(\]|\]\))')
ARROW = re.compile(r'\s*(\w+) -->\|"([\w .,:+*/()=×·⌊⌋?#;-]*)"\| (\w+)')
FRAME = re.compile(r'\s*subgraph (\w+)\["([\w .,:+*/()=×·⌊⌋?#;-]*)"\]')
OTHER = re.compile(r"flowchart (TB|LR)|\s*end|    classDef faulty [\w#:,.-]+|    class [\w,]+ faulty")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["graph", *words])


def test_mermaid_of_a_chain() -> None:
    assert run(*CHAIN).stdout.splitlines() == [
        "flowchart TB",
        '    in0(["input_layer"])',
        '    n0["lstm<br>LSTM<br>140 params"]',
        '    n1["time_distributed<br>TimeDistributed<br>6 params"]',
        '    out0(["output"])',
        '    in0 -->|"(None, 5, 1)"| n0',
        '    n0 -->|"(None, 5, 5)"| n1',
        '    n1 -->|"(None, 5, 1)"| out0',
    ]


def networks(count: int) -> list[tuple[str, list[str]]]:
    """Random networks as specs, with the names of their layers."""
    found: list[tuple[str, list[str]]] = []
    for seed in range(10 * count):
        made = recipe(RandomChoices(seed))
        if is_writable(made):
            text = spec(made)
            network = analyse(text)
            if not network.session.faults:
                found.append((text, [row.name for row in network.summary().layers]))
        if len(found) == count:
            break
    return found


def parts(text: str) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Boxes and frames by key, and arrows, of a Mermaid text; every line of it is one of ours."""
    boxes, arrows = {}, []
    for line in text.splitlines():
        box, arrow, frame = BOX.fullmatch(line), ARROW.fullmatch(line), FRAME.fullmatch(line)
        if box:
            boxes[box[1]] = box[3]
        elif frame:
            boxes[frame[1]] = frame[2]
        elif arrow:
            arrows.append((arrow[1], arrow[2], arrow[3]))
        else:
            assert OTHER.fullmatch(line), line
    return boxes, arrows


def test_every_layer_is_a_box_and_every_arrow_has_ends() -> None:
    for text, names in networks(60):
        boxes, arrows = parts(drawn(analyse(text), "mermaid"))
        assert len([key for key in boxes if key.startswith("n")]) == len(names), text
        assert {start for start, _, _ in arrows} | {stop for _, _, stop in arrows} <= set(boxes), text
        assert all(shape.startswith("(") for _, shape, _ in arrows), text


def test_mermaid_and_dot_draw_the_same() -> None:
    for text, _ in networks(30):
        network = analyse(text)
        _, arrows = parts(drawn(network, "mermaid"))
        dot = drawn(network, "dot")
        assert dot.count(" -> ") == len(arrows), text
        assert dot.startswith("digraph ")


@pytest.mark.parametrize("place", PLACES)
def test_no_text_of_a_source_is_a_sign(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in NAMES.values():
        given = PLACES[place](name, tmp_path)
        for form in ("mermaid", "dot"):
            text = run(given.source, *given.words, "--expand", "--format", form).stdout
            if form == "mermaid" and text:
                parts(text.rstrip("\n"))
            unquoted = re.sub(r'"(\\.|[^"\\])*"', "", text)
            assert form == "mermaid" or not re.search(r"[^\w\s\[\]=,;.{}>-]", unquoted), (name, text)


def test_what_is_inside_is_unfolded() -> None:
    boxes, arrows = parts(run(*NESTED, "--expand").stdout.rstrip("\n"))
    assert boxes["n1"].startswith("sequential · Sequential")
    assert boxes["n1_0"].startswith("lstm<br>LSTM")
    assert ("n1_0", "(None, 5, 4)", "n1_1") in arrows
    dot = run(*NESTED, "--expand", "--format", "dot").stdout
    assert 'lhead="cluster_n1"' in dot
    assert 'ltail="cluster_n1"' in dot


def test_a_shared_layer_is_one_box_and_each_output_has_its_own() -> None:
    text = "d = Dense(4); a = Input(3); b = Input(3); x = a > d; y = b > d; x, y"
    boxes, arrows = parts(drawn(analyse(text), "mermaid"))
    shared = next(key for key, label in boxes.items() if label.startswith("dense<br>"))
    assert len([one for one in arrows if one[2] == shared]) == 2
    assert [boxes[stop] for _, _, stop in arrows if stop.startswith("out")] == ["output 0", "output 1"]


def test_a_faulty_network_is_drawn_as_far_as_it_goes() -> None:
    result = run("LSTM(5)>TD(Dense(1))", "-i", "5,1")
    assert result.exit_code == 1
    assert "class n1 faulty" in result.stdout
    assert "E201" in result.stderr


@pytest.mark.parametrize(("name", "start"), [("net.mmd", "flowchart"), ("net.dot", "digraph"), ("net.gv", "digraph")])
def test_the_name_of_the_file_says_the_form(name: str, start: str, tmp_path: Path) -> None:
    assert run(*CHAIN, "-o", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / name).read_text().startswith(start)
    assert run(*CHAIN, "--direction", "LR", "--format", "mermaid").stdout.startswith("flowchart LR")


@pytest.mark.parametrize("words", [["-o", "x.dot", "--format", "mermaid"], ["-o", "x.what"], ["--format", "png"]])
def test_what_contradicts_itself_is_refused(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*CHAIN, *words).exit_code == 2
    assert not list(tmp_path.iterdir())


def test_a_picture_is_what_graphviz_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def pipe(self: graphviz.Source, format: str) -> bytes:
        asked.append((self.source, format))
        return b"<svg/>"

    monkeypatch.setattr(graphviz.Source, "pipe", pipe)
    assert run(*CHAIN, "-o", str(tmp_path / "net.svg")).exit_code == 0
    assert (tmp_path / "net.svg").read_bytes() == b"<svg/>"
    assert asked[0][0].startswith("digraph")
    assert asked[0][1] == "svg"


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    lacks_dot = run(*CHAIN, "-o", str(tmp_path / "net.svg"))
    assert (lacks_dot.exit_code, "program dot" in lacks_dot.stderr) == (1, True)
    monkeypatch.setitem(sys.modules, "graphviz", None)  # type: ignore[arg-type]
    lacks_package = run(*CHAIN, "-o", str(tmp_path / "net.svg"))
    assert (lacks_package.exit_code, "pip install 'seqshape[graph]'" in lacks_package.stderr) == (1, True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("spec", "is_told"), [("Dense(2)*100", False), ("Dense(2)*499", False), ("Dense(2)*500", True)]
)
def test_a_flowchart_that_nobody_draws_is_told(spec: str, is_told: bool) -> None:
    """Mermaid's own limits: 500 arrows, 50,000 characters."""
    told = run(spec, "-i", "2")
    assert ("500 arrows or 50,000 characters" in told.stderr) == is_told
    assert "note" not in told.stdout
    assert "note" not in run(spec, "-i", "2", "--format", "dot").stderr
