"""CONTRIBUTING's recipes, followed in a copy of the package: each adds what it says, and nothing else is touched."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RENDERER = """
def render(summary, options):
    return " ".join(row.name for row in summary.layers)
"""
READER = """
def _read_rows(source):
    from seqshape.readers.spec import read_spec
    return read_spec(" > ".join(source.text.split()), name=source.name)

KINDS["rows"] = Kind((".rows",), lambda source: source.named(".rows"), _read_rows)
"""
ADVICE = """
@advice("A114")
def _seven(use):
    if use.get("units") == 7:
        yield Finding("has seven units", "take eight", mend=lambda text: text.written(use.layer.call.span, "Dense(8)"))
"""


def example() -> str:
    """The worked example: the first block of code under "Add a layer"."""
    section = TEXT[TEXT.index("## Add a layer") :]
    found = re.search(r"\n\n((?: {4}.*\n|\n)+)", section)
    assert found is not None
    return textwrap.dedent(found.group(1))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its tools in which somebody has followed all recipes."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("seqshape", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    package = folder / "seqshape"
    add(package / "layers" / "core.py", example())
    add(package / "renderers" / "short.py", RENDERER)
    change(package / "renderers" / "__init__.py", '_NAMES = ("table",', '_NAMES = ("short", "table",')
    change(package / "readers" / "kinds.py", "\nSUFFIXES = (", f"{READER}\nSUFFIXES = (")
    add(package / "analysis" / "advisable.py", ADVICE)
    code = 'Code("A114", "seven units", "Eight are as cheap.", "summarize \'Dense(7)\' -i 5"),'
    change(package / "codes" / "advice.py", '    Code(\n        "A113",', f'    {code}\n    Code(\n        "A113",')
    run(folder, "tools/catalogue.py")
    return folder


def add(path: Path, text: str) -> None:
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n\n{text}", encoding="utf-8")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(folder: Path, *words: str, status: int = 0) -> str:
    """What a command of the copy prints."""
    child = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, cwd=folder, env={"PYTHONPATH": str(folder)}
    )
    assert child.returncode == status, child.stderr
    return child.stdout + (child.stderr if status else "")


def test_the_page_is_short() -> None:
    assert TEXT.count("\n") < 80


def test_the_quick_tests_are_there() -> None:
    """Each file that the command for the quick tests names."""
    command = re.search(r"pytest -m 'not oracle' tests/test_\{(.+)\}\.py", TEXT)
    assert command is not None
    for name in command[1].split(","):
        assert list((ROOT / "tests").glob(f"test_{name}.py")), name


def test_a_layer(house: Path) -> None:
    """What the one function says comes out of every command."""
    found = json.loads(run(house, "-m", "seqshape", "summarize", "LowRank(8,2)", "-i", "5,6", "--json"))
    (row,) = found["layers"]
    assert (row["class"], row["name"], row["output_shape"]) == ("LowRankDense", "low_rank_dense", [None, 5, 8])
    assert (row["params"], row["macs"]) == (6 * 2 + 2 * 8 + 8, 5 * 2 * (6 + 8))
    explained = run(house, "-m", "seqshape", "explain", "LowRank(8,2)", "-i", "T,F")
    assert "2·F + 24" in explained
    assert "two thin kernels" in run(house, "-m", "seqshape", "layers", "lowrank")
    assert run(house, "-m", "seqshape", "convert", "LowRank(8,2)", "-i", "5,6", "--to", "spec").strip()


def test_a_layer_complains_at_the_place(house: Path) -> None:
    said = run(house, "-m", "seqshape", "summarize", "LowRank(8,9)", "-i", "5,6", status=1)
    assert "needs a rank below its 6 features" in said
    assert "          ^" in said


@pytest.mark.parametrize("form", ["keras-python", "keras-json", "torch"])
def test_a_layer_that_keras_does_not_have_is_not_written_as_if_it_had(form: str, house: Path) -> None:
    said = run(house, "-m", "seqshape", "convert", "LowRank(8,2)", "-i", "5,6", "--to", form, status=1)
    assert "LowRankDense" in said


def test_a_renderer(house: Path) -> None:
    assert (
        run(house, "-m", "seqshape", "summarize", "Dense(2)>Flatten", "-i", "5", "--format", "short")
        == "dense flatten\n"
    )


def test_a_reader(house: Path) -> None:
    (house / "net.rows").write_text("Dense(2)\nFlatten\n")
    words = ("-m", "seqshape", "summarize", "net.rows", "-i", "5", "--format", "short")
    assert run(house, *words) == run(house, *words, "--from", "rows") == "dense flatten\n"


def test_a_code_and_a_piece_of_advice(house: Path) -> None:
    found = json.loads(run(house, "-m", "seqshape", "summarize", "Dense(7)>relu>Dense(1)", "-i", "5", "--json"))
    (said,) = found["diagnostics"]
    assert (said["code"], said["message"]) == ("A114", "Dense has seven units")
    assert said["replacement"] == "Dense(8)>relu>Dense(1)"
    assert "Eight are as cheap." in run(house, "-m", "seqshape", "explain", "A114")
