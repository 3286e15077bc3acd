"""Sweeps as processes: the bar is for terminals alone, Ctrl-C ends with what there is; and files of models as sources."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import IO, Any

import pytest
from click.testing import CliRunner

import seqshape
from seqshape.cli import main
from seqshape.cli.sweep import _Interrupts, _Progress

INTERRUPTED = 130
ROOT = Path(__file__).parent.parent
WIDE = ("LSTM(8..4000,seq)>Dense(3..4000)", "-i", "100,8")  # 16 million networks
LONG = ("LSTM(8..40000,seq)>Dense(3..40000)", "-i", "100,8")  # 1.6 billion


def start(*words: str, err: int | IO[bytes] = subprocess.PIPE) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "seqshape", "sweep", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    environment.pop("PYTHONUNBUFFERED", None)  # without buffers Python itself cuts a write that a signal meets
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, env=environment)


# --- the bar ------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_sees_a_bar_and_it_is_gone_at_the_end() -> None:
    import pty

    ours, theirs = pty.openpty()
    child = start(*LONG, "--sort", "-macs", "--limit", "3", err=theirs)
    os.close(theirs)
    seen = b""
    while b"/s" not in seen:
        seen += os.read(ours, 4096)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    try:
        while part := os.read(ours, 4096):
            seen += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    text = seen.decode()
    assert "\r\x1b[K[" in text
    assert "%" in text
    assert text.split("\x1b[K")[-1].startswith("stopped after")  # nothing of the bar is left in front of it
    assert out.decode().splitlines()[0].split()[:2] == ["units", "units_2"]


def test_a_pipe_sees_none() -> None:
    child = start(*WIDE, "--sort", "-macs", "--limit", "3")
    out, err = child.communicate(timeout=120)
    assert (child.returncode, err) == (0, b"")
    assert b"15,964,014 configurations" in out


# --- Ctrl-C -------------------------------------------------------------------------------------------------------------


def interrupted(*words: str, after: float = 0.0) -> tuple[str, str, int]:
    """What a sweep has printed when it is interrupted, after its first rows or after some seconds."""
    child = start(*words)
    assert child.stdout is not None
    assert child.stderr is not None
    first = child.stdout.readline() + child.stdout.readline() if not after else b""
    time.sleep(after)
    child.send_signal(signal.SIGINT)
    out, err = child.stdout.read(), child.stderr.read()
    return (first + out).decode(), err.decode(), child.wait(60)


def test_ctrl_c_ends_a_stream_with_whole_rows() -> None:
    out, err, status = interrupted(*LONG, "--format", "csv")
    assert status == INTERRUPTED
    assert out.endswith("\n")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert rows
    for row in (rows[0], rows[-1]):
        plain = seqshape.summarize(f"LSTM({row['units']},seq)>Dense({row['units_2']})", (100, 8)).totals
        assert (int(row["params"]), int(row["macs"])) == (plain.params, plain.macs)
    assert "stopped after" in err
    assert "Traceback" not in err


def test_ctrl_c_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    _, err, status = interrupted(*LONG, "-o", str(path), after=2.0)
    assert status == INTERRUPTED
    lines = path.read_text().splitlines()
    assert lines
    assert json.loads(lines[-1])["params"] > 0
    assert "stopped after" in err
    assert [entry.name for entry in tmp_path.iterdir()] == ["rows.jsonl"]


@pytest.mark.parametrize("words", [("--sort", "-macs", "--limit", "3"), ("--pareto", "params,-units_2")])
def test_ctrl_c_gives_the_best_so_far(words: tuple[str, ...]) -> None:
    out, err, status = interrupted(*LONG, "--format", "csv", *words, after=2.0)
    assert status == INTERRUPTED
    assert list(csv.DictReader(io.StringIO(out)))
    assert "stopped after" in err
    assert "Traceback" not in err


# --- files of models ----------------------------------------------------------------------------------------------------

SPEC = "LSTM(8,seq,name=lstm) > Dense(4,name=head) > BN"


def config(units: int, head: int) -> str:
    spec = SPEC.replace("8,seq", f"{units},seq").replace("Dense(4", f"Dense({head}")
    return seqshape.convert(spec, "keras-json", (20, 3))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model as its config, and in an archive without weights."""
    folder = tmp_path_factory.mktemp("models")
    found = {"json": folder / "model.json", "keras": folder / "model.keras"}
    found["json"].write_text(config(8, 4))
    with zipfile.ZipFile(found["keras"], "w") as archive:
        archive.writestr("config.json", config(8, 4))
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
    return found


def swept(path: Path) -> list[Any]:
    return list(seqshape.sweep(path, values={"lstm.units": "5..9", "head.units": "{2,4}"}, where="memory > 0"))


def expected() -> list[tuple[Any, ...]]:
    """Each network by itself."""
    found = []
    for units in range(5, 10):
        for head in (2, 4):
            model = json.loads(config(units, head))
            totals, memory = seqshape.summarize(model).totals, seqshape.memory(model)
            found.append((units, head, totals.params, totals.macs, totals.bytes, memory.inference.bytes))
    return sorted(found)


def rows(found: list[Any]) -> list[tuple[Any, ...]]:
    return sorted(
        (row.settings["lstm.units"], row.settings["head.units"], row.params, row.macs, row.bytes, row.memory)
        for row in found
    )


@pytest.mark.parametrize("kind", ["json", "keras"])
def test_a_file_is_swept_as_its_networks_are(files: dict[str, Path], kind: str) -> None:
    assert rows(swept(files[kind])) == expected()


@pytest.mark.oracle
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_what_keras_saves_is_swept(tmp_path: Path, ending: str) -> None:
    """The weights that the file holds have the sizes of one of the networks only, and are no hindrance."""
    from tests.oracle.keras_oracle import keras

    model = keras.models.model_from_json(config(8, 4))
    path = tmp_path / f"model.{ending}"
    model.save(path)
    assert rows(swept(path)) == expected()
    words = ["sweep", str(path), "--set", "lstm.units=5..9", "--set", "head.units={2,4}", "--format", "jsonl"]
    ran = CliRunner().invoke(main, [*words, "--limit", "2", "--sort", "-params"])
    assert [json.loads(line)["params"] for line in ran.stdout.splitlines()] == sorted(
        (row[2] for row in expected()), reverse=True
    )[:2]
    found = seqshape.solve(path, values={"lstm.units": ()}, params="10k")  # as --set lstm.units=?
    assert found.settings["lstm.units"] == 47


@pytest.mark.parametrize("columns", [10, 20, 40, 80, 200])
def test_the_bar_fits_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    progress = _Progress(seqshape.sweep("Dense({1..1000000})", input_shape="3"), _Interrupts())
    progress.last -= 1
    progress.show(500_000)
    drawn = capsys.readouterr().err.removeprefix("\r\x1b[K")
    assert len(drawn) < columns
    assert ("####" in drawn, drawn.lstrip("[#.] ").startswith("50%")) == (columns >= 80, True)
