"""``check`` for a repository of models: many sources, tables of pyproject.toml, the forms of CI, baselines."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from seqshape.analysis.check import LIMITS, parse_growth
from seqshape.cli import main
from seqshape.cli.check import FORMS

TOML = """
[tool.seqshape]
max-params = 100
sources = ["net.seq", "models/**/*.seq", "Dense(3)", "train.py"]

[tool.seqshape.models."models/*"]
max-params = "1k"
input = [8]

[tool.seqshape.models."net.seq"]
input = "5,1"

[tool.seqshape.models."Dense(*)"]
input = "1"

[tool.seqshape.models."train.py::big"]
max-params = 1000
"""
PROGRAM = """import keras
small = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
big = keras.Sequential([keras.Input((4,)), keras.layers.Dense(99)])
"""
HOSTILE = "x\x1b]0;y\x07\n::error::z <b>&\"'\u202e"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "models" / "deep").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(TOML)
    (tmp_path / "net.seq").write_text("# a network\nLSTM(5,seq)\n> Dense(1)\n")
    (tmp_path / "models" / "fine.seq").write_text("Dense(100)")
    (tmp_path / "models" / "deep" / "bad.seq").write_text("LSMT(5)")
    (tmp_path / "train.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*words: str, given: str | None = None) -> Any:
    return CliRunner().invoke(main, ["check", *words], input=given)


def configure(text: str) -> None:
    Path("pyproject.toml").write_text(text)


# --- sources and tables ----------------------------------------------------------------------------------------------


def test_without_a_source_what_pyproject_lists() -> None:
    found = check()
    assert found.exit_code == 1
    assert found.stdout.splitlines() == [
        "net.seq: failed: E501",
        "models/deep/bad.seq: failed: E102",
        "models/fine.seq: ok: 900 parameters of at most 1,000",
        "Dense(3): ok: 6 parameters of at most 100",
        "train.py::small: ok: 10 parameters of at most 100",
        "train.py::big: ok: 495 parameters of at most 1,000",
    ]
    assert "146 parameters, and the limit is 100: lstm 140, 96 %" in found.stderr


def test_below_the_folder_of_the_file_too(project: Path) -> None:
    os.chdir(project / "models")
    found = check()
    assert "../net.seq: failed: E501" in found.stdout
    assert "fine.seq: ok: 900 parameters of at most 1,000" in found.stdout
    assert check("fine.seq").stdout == "ok: 900 parameters of at most 1,000\n"


def test_the_tables_of_models_list_them_where_nothing_else_does() -> None:
    configure('[tool.seqshape.models."net.seq"]\ninput = "5,1"\n[tool.seqshape.models."Dense(3)"]\ninput = "2"\n')
    assert check().stdout.splitlines() == ["net.seq: ok: no fault", "Dense(3): ok: no fault"]


def test_sources_on_the_command_line_and_in_lists(project: Path) -> None:
    found = check("net.seq", "Dense(2)", "--max-params", "1k")
    assert (found.exit_code, len(found.stdout.splitlines())) == (0, 2)
    (project / "list.txt").write_text("# a list\nDense(2)\nDense(900)\n")
    for words, given in ((["--lines", "list.txt"], None), (["--lines", "-"], "Dense(2)\nDense(900)\n")):
        found = check(*words, given=given)
        assert found.exit_code == 1
        assert found.stdout.splitlines() == ["Dense(2): ok: 4 parameters of at most 100", "Dense(900): failed: E501"]
    data = json.loads(check("--lines", "list.txt", "--format", "json").stdout)["diagnostics"][0]
    assert (data["file"], data["line"]) == ("list.txt", 3)


def test_a_model_of_a_file_by_name() -> None:
    assert check("train.py::big").stdout == "ok: 495 parameters of at most 1,000\n"
    assert check("train.py::small", "--max-params", "5").exit_code == 1


@pytest.mark.parametrize(
    ("table", "words", "status", "says"),
    [
        ('input = "T,F"\nset = { T = 5, F = 2 }\nmax-params = 200', [], 0, "166 parameters of at most 200"),
        ('input = "T,F"\nset = { T = 5, F = "1..50" }\nmax-params = 200', [], 1, "E501"),
        ('input = "5,1"\ntarget = "1"', [], 1, "E504"),
        ('input = "5,1"\ntarget = [5, 1]', [], 0, "ok"),
        ('input = "5,1"\nexpect-output = "5,1"\nexpect-input = [5, 1]', [], 0, "ok"),
        ('input = "5,1"\nmax-params = 1', ["--max-params", "1k"], 0, "ok"),
        ('input = "9,9"', ["-i", "5,1", "--max-params", "150"], 0, "146"),
        ('input = "5,1"\nmax-memory = 1', [], 1, "E501"),
    ],
)
def test_keys_of_a_model(table: str, words: list[str], status: int, says: str) -> None:
    configure(f'[tool.seqshape.models."net.*"]\n{table}\n')
    found = check("net.seq", *words)
    assert (found.exit_code, says in found.output) == (status, True), found.output


def test_ignored_warnings() -> None:
    configure('[tool.seqshape.models."Cu*"]\ninput = "5,1"\n')
    assert "W303" in check("CuDNNLSTM(4)", "-i", "5,1").stderr
    assert check("CuDNNLSTM(4)", "-i", "5,1", "--ignore", "w303").stderr == ""
    assert check("CuDNNLSTM(4)", "-i", "5,1", "--ignore", "E5").exit_code == 2
    configure('[tool.seqshape]\nignore = ["W3"]\n')
    assert check("CuDNNLSTM(4)", "-i", "5,1").stderr == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tool.seqshape]\n\nmax-parms = 1\n", ", line 3, has no key max-parms; did you mean max-params?"),
        ('[tool.seqshape.models."a"]\nmax-prams = 1\n', '[tool.seqshape.models."a"] of '),
        ('[tool.seqshape.models."a"]\nmax-prams = 1\n', "line 2, has no key max-prams; did you mean max-params?"),
        ("[tool.seqshape]\nmodels = 3\n", "has to be tables by the names of models"),
        ("[tool.seqshape.models]\na = 3\n", "has to be a table of limits"),
        (
            '[tool.seqshape.models."net.seq"]\nmax-params = "lots"\n',
            "models.\"net.seq\"] max-params: 'lots' is no amount",
        ),
        ("[tool.seqshape]\nsources = 3\n", "sources has to be a list of texts"),
        ('[tool.seqshape]\nsources = ["no/*.seq"]\n', "lists no/*.seq, and no file of a model is called so"),
        ("[tool.seqshape]\nset = 3\n", "set has to be a table of numbers"),
        ("[tool.seqshape]\nignore = 3\n", "ignore has to be a list of codes"),
        ('[tool.seqshape]\nignore = ["E501"]\n', "E501 is no code of a warning"),
        ('[tool.seqshape]\ninput = "a b"\n', "input has to be a shape"),
        ('[tool.seqshape]\nmax-growth = "much"\nbaseline = "b.json"\n', "max-growth: 'much' is no growth"),
        ("[tool.seqshape]\nbaseline = 3\n", "baseline has to be the path"),
        ('[tool.seqshape]\nbaseline = "nowhere.json"\n', "cannot read the baseline"),
        ("[tool.seqshape]\n", "give a source, or list some in pyproject.toml"),
        ("[tool.seqshape\n", "cannot read"),
    ],
)
def test_a_wrong_pyproject_is_told_with_where(text: str, says: str, project: Path) -> None:
    configure(text)
    (project / "b.json").write_text('{"sources": [{"source": "net.seq", "totals": {"params": 1}}]}')
    words = [] if "sources" in text or text == "[tool.seqshape]\n" else ["net.seq"]
    found = check(*words)
    assert (found.exit_code, says in found.stderr) == (2, True), found.stderr
    assert found.stdout == ""


# --- forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_file_line_and_layer(form: str) -> None:
    found = check("--format", form)
    assert found.exit_code == 1
    assert "net.seq" in found.stdout
    assert "E501" in found.stdout
    if form not in ("text", "github"):
        assert '"lstm"' in found.stdout or "in layer lstm" in found.stdout
    if form == "github":
        assert "::error file=net.seq,line=2,col=1,title=seqshape E501::146 parameters" in found.stdout
    if form != "text":
        assert found.stderr == ""


def test_json_of_all() -> None:
    data = json.loads(check("--format", "json").stdout)
    assert (data["schema"], data["ok"], len(data["sources"])) == ("seqshape.check/1", False, 6)
    first = data["diagnostics"][0]
    assert (first["source"], first["file"], first["line"], first["column"]) == ("net.seq", "net.seq", 2, 1)
    assert (first["layer"], first["code"]) == ("lstm", "E501")
    assert data["sources"][0]["totals"] == {"params": 146, "trainable_params": 146, "macs": 625, "bytes": 584}


def test_junit() -> None:
    root = ElementTree.fromstring(check("--format", "junit").stdout)
    suite = root[0]
    assert (root.tag, suite.get("tests"), suite.get("failures")) == ("testsuites", "6", "2")
    assert [case.get("name") for case in suite if case.find("failure") is not None] == [
        "net.seq",
        "models/deep/bad.seq",
    ]
    failure = suite[0].find("failure")
    assert failure is not None
    assert (failure.text or "").startswith("net.seq:2:1: error[E501] in layer lstm: 146 parameters")


def sarif_faults(log: Any) -> list[str]:
    """What SARIF 2.1.0 wants of a log, as far as this one goes."""
    faults = [] if log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json") else ["version"]
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    faults += [] if run["tool"]["driver"]["name"] and len({rule["id"] for rule in rules}) == len(rules) else ["rules"]
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        faults += [] if rule["id"] == result["ruleId"] else ["index"]
        faults += (
            [] if result["level"] in ("none", "note", "warning", "error") and result["message"]["text"] else ["result"]
        )
        for location in result["locations"]:
            physical = location.get("physicalLocation", {"artifactLocation": {"uri": "x"}})
            uri = physical["artifactLocation"]["uri"]
            faults += [] if uri.isascii() and not set(uri) & set(' "<>\\^`{|}\n') else [uri]
            region = physical.get("region", {"startLine": 1})
            faults += [] if region["startLine"] >= 1 and region.get("startColumn", 1) >= 1 else ["region"]
            faults += [] if all(one["fullyQualifiedName"] for one in location["logicalLocations"]) else ["logical"]
    return faults


def test_sarif() -> None:
    log = json.loads(check("--format", "sarif").stdout)
    assert sarif_faults(log) == []
    result = log["runs"][0]["results"][0]
    place = result["locations"][0]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "net.seq"},
        "region": {"startLine": 2, "startColumn": 1},
    }
    assert place["logicalLocations"][0]["name"] == "lstm"
    assert json.loads(check("Dense(1)", "-i", "2", "--format", "sarif").stdout)["runs"][0]["results"] == []


@pytest.mark.parametrize("form", FORMS)
def test_text_from_files_is_data(form: str, project: Path) -> None:
    layer = {"class_name": "Dense", "config": {"units": 9, "name": HOSTILE}}
    first = {"class_name": "InputLayer", "config": {"batch_shape": [None, 4]}}
    name = "a b<&é\u202e.json"
    (project / name).write_text(json.dumps({"class_name": "Sequential", "config": {"layers": [first, layer]}}))
    found = check(name, "Dense(3)", "--max-params", "1", "--format", form, "-i", "4")
    assert found.exit_code == 1
    for stream in (found.stdout, found.stderr):
        assert "\x1b" not in stream
        assert "\u202e" not in stream
        assert "\n::error::z" not in stream
    if form == "junit":
        assert len(ElementTree.fromstring(found.stdout)[0]) == 2
    if form == "sarif":
        assert sarif_faults(json.loads(found.stdout)) == []
    if form == "json":
        assert json.loads(found.stdout)["diagnostics"][0]["layer"] == HOSTILE


@pytest.mark.parametrize("name", [name for name in LIMITS if name != "memory"])
def test_the_largest_layers_are_named(name: str) -> None:
    found = check("LSTM(5,seq)>Dense(1)", "-i", "5,1", f"--max-{name.replace('_', '-')}", "1")
    assert ": lstm " in found.stderr
    assert "%" in found.stderr


# --- baselines -------------------------------------------------------------------------------------------------------


def test_growth_since_a_baseline(project: Path) -> None:
    configure('[tool.seqshape.models."net.seq"]\ninput = "5,1"\n')
    (project / "old.json").write_text(check("net.seq", "--format", "json").stdout)
    words = ("net.seq", "--baseline", "old.json")
    assert check(*words).stdout == "ok: no fault\n"
    (project / "net.seq").write_text("LSTM(6,seq)\n> Dense(1)\n")
    found = check(*words)
    assert found.exit_code == 1
    assert "parameters have grown from 146 to 199 (36.3 %), and 0 % may be: lstm 192, 96 %" in found.stderr
    assert check(*words, "--max-growth", "40%").exit_code == 0
    assert check(*words, "--max-growth", "30 %").exit_code == 1
    configure('[tool.seqshape]\nbaseline = "old.json"\nmax-growth = "40%"\ninput = "5,1"\n')
    assert check("net.seq").exit_code == 0
    assert "not in the baseline" in check("Dense(3)").stdout
    (project / "net.seq").write_text("LSTM(5,seq)\n> Dense(1)\n")
    assert check("net.seq", "--max-growth", "0").exit_code == 0


def test_a_baseline_of_summarize(project: Path) -> None:
    configure("")
    one = CliRunner().invoke(main, ["summarize", "net.seq", "-i", "5,1", "--json"]).stdout
    several = CliRunner().invoke(main, ["summarize", "net.seq", "Dense(3)", "-i", "5,1", "--json"]).stdout
    for text in (one, several):
        (project / "old.json").write_text(text)
        assert check("net.seq", "-i", "5,1", "--baseline", "old.json").exit_code == 0
        assert check("net.seq", "-i", "5,2", "--baseline", "old.json").exit_code == 1


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", '{"sources": [3]}', '{"totals": 3}', "\x00", '{"sources": [{"totals": {"params": 1}}]}'],
)
def test_what_is_no_baseline(text: str, project: Path) -> None:
    (project / "old.json").write_text(text)
    found = check("Dense(3)", "-i", "2", "--baseline", "old.json")
    assert (found.exit_code, "is no baseline" in found.stderr) == (2, True), found.output
    assert "Traceback" not in found.output


@pytest.mark.parametrize(("text", "number"), [("5%", 5), ("5", 5), ("2.5 %", 2.5), ("0", 0)])
def test_growth(text: str, number: float) -> None:
    assert parse_growth(text) == number


@pytest.mark.parametrize("text", ["", "%", "-1", "x", "1e3", "5%%"])
def test_no_growth(text: str) -> None:
    with pytest.raises(ValueError, match="is no growth"):
        parse_growth(text)


def test_nothing_known_is_no_growth(project: Path) -> None:
    configure("")
    (project / "old.json").write_text('{"sources": [{"source": "LSTM(5)", "totals": {"params": 140, "bytes": null}}]}')
    assert "E503" in check("LSTM(5)", "-i", "T,F", "--baseline", "old.json").stderr
