"""``seqshape watch``: when a file is shown again, and what is marked."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import h5py
import pytest
from click.testing import CliRunner

import seqshape
from seqshape.cli import main
from seqshape.cli.watch import State, Viewer, saves, state
from seqshape.renderers import Options, changes, table
from seqshape.renderers.text import width
from tests.terminal import environment, on_a_terminal, program

ONE, TWO, THREE = (State(number, 1, 1) for number in (1, 2, 3))
WORDS: dict[str, Any] = {
    "call": None,
    "no_advice": True,
    "expand": False,
    "columns": None,
    "macs": False,
    "width": None,
    "color": "never",
}


@pytest.mark.parametrize(
    ("looks", "shown"),
    [
        ([ONE, ONE, ONE], [ONE]),
        ([ONE, TWO, TWO], [ONE, TWO]),
        ([ONE, TWO, THREE, THREE, THREE], [ONE, THREE]),  # still being written at the first look
        ([ONE, None, None, ONE, ONE], [ONE]),
        ([ONE, None, TWO, TWO], [ONE, TWO]),  # an editor puts another file in its place
        ([ONE, None, TWO], [ONE]),
        ([None, None, ONE], [ONE]),
        ([ONE, TWO, ONE, ONE], [ONE]),
        ([ONE, *[None] * 9, ONE, ONE], [ONE]),
        ([ONE, *[None] * 30, ONE, ONE], [ONE, None, ONE]),  # long gone
        ([ONE, *[None] * 10, TWO, THREE, THREE, *[None] * 10], [ONE, None, THREE, None]),
        ([], []),
    ],
)
def test_a_save_is_shown_once_it_stands_still(looks: Iterable[State | None], shown: list[State | None]) -> None:
    assert list(saves(looks)) == shown


def test_every_way_to_save_is_another_state(tmp_path: Path) -> None:
    path = tmp_path / "net.seq"
    path.write_text("LSTM(5)")
    first = state(str(path))
    assert first == state(str(path))
    path.write_text("LSTM(51)")
    second = state(str(path))
    (tmp_path / "other").write_text("LSTM(52)")
    os.utime(tmp_path / "other", ns=(1, second.time if second else 0))
    os.replace(tmp_path / "other", path)  # same time, same size
    third = state(str(path))
    os.utime(path, ns=(1, 1))
    assert len({first, second, third, state(str(path))}) == 4
    path.unlink()
    assert state(str(path)) is None
    path.mkdir()
    assert state(str(path)) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no such pipes")
def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "net.seq")
    assert state(str(tmp_path / "net.seq")) is None


# --- what is shown ---------------------------------------------------------------------------------------------------


@pytest.fixture
def showing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Iterator[tuple[str, str]]]:
    """What is said on both streams of each text that a file comes to hold."""

    def show(*texts: str, name: str = "net.seq", given: Any = (5, 1), **words: Any) -> Iterator[tuple[str, str]]:
        path = tmp_path / name
        viewer = Viewer(str(path), given, {}, None, {**WORDS, **words})
        for text in texts:
            path.write_text(text)
            save = state(str(path))
            assert save is not None
            viewer.show(save, lambda: state(str(path)))
            said = capsys.readouterr()
            yield said.out, said.err

    return show


def heading(out: str) -> str:
    return re.sub(r".*net\.\w+, saved \d\d:\d\d:\d\d", "", out.strip().splitlines()[0])


def test_what_has_changed_is_marked(showing: Callable[..., Iterator[tuple[str, str]]]) -> None:
    texts = (
        "LSTM(5,seq)>Dense(1)",
        "LSTM(8,seq)>Dropout(0.5)>Dense(1)",
        "LSTM(8,seq)>Dense(1)",
        "LSTM(8,seq)>Dense(1)",
    )
    found = [out for out, _ in showing(*texts)]
    assert list(map(heading, found)) == [
        "",
        ": 3 cells changed (*), 1 row added (+)",
        ": 1 row removed (-)",
        ": no change",
    ]
    assert "*" not in found[0]
    assert "│   lstm (LSTM)       │ (None, 5, 8) * │   320 * │" in found[1]
    assert "│ + dropout (Dropout) │ (None, 5, 8)   │       0 │" in found[1]
    assert "Total params: 329 (1.29 KB) * was 146 (584.00 B)" in found[1]
    assert "│ - dropout (Dropout) │ (None, 5, 8) │       0 │" in found[2]
    assert "*" not in found[3]


def test_a_faulty_save_is_told_and_the_next_one_stands_beside_the_last_sound_one(
    showing: Callable[..., Iterator[tuple[str, str]]],
) -> None:
    texts = ("LSTM(5)>Dense(1)", "LSTM(5>", "LSTM(5)>Dnse(1)", "LSTM(5)>Dense(2)")
    (_, fine), (blank, first), (partial, second), (last, none) = showing(*texts)
    assert (fine, none) == ("", "")
    assert "error[E1" in first
    assert "┃" not in blank
    assert "did you mean Dense?" in second
    assert "✗ Dnse" in partial
    assert "*" not in partial
    assert heading(last) == ": 2 cells changed (*)"


def test_a_file_that_is_gone_when_it_is_read_is_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("net.seq", "net", "net.py", "net.keras"):
        Viewer(str(tmp_path / name), None, {}, None, WORDS).show(ONE, lambda: None)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_each_model_of_a_program_has_its_own_past(showing: Callable[..., Iterator[tuple[str, str]]]) -> None:
    program = "import keras\nfrom keras import layers\n{}a = keras.Sequential([keras.Input((3,)), layers.Dense({})])\n"
    program += "b = keras.Sequential([keras.Input((4,)), layers.Dense(2)])\n"
    texts = [program.format("", 1), program.format("\n", 2), program.replace("{}", "", 1).format("?")]
    (first, _), (second, _), (_, wrong) = showing(*texts, name="net.py", given=None)
    assert re.findall(r"net\.py:(\d+ \w.*)", first) == ["3 a", "4 b"]
    assert re.findall(r"net\.py:(\d+ \w.*)", second) == ["4 a: 2 cells changed (*)", "5 b: no change"]
    assert "error[" in wrong


FORMS = ("keras-json", "keras-python", "spec")


@pytest.mark.parametrize("form", FORMS)
def test_other_kinds_of_files(form: str, showing: Callable[..., Iterator[tuple[str, str]]]) -> None:
    texts = []
    for units in (5, 6):
        words = ["convert", f"LSTM({units})>Dense(1)", "-i", "5,1", "--to", form]
        texts.append(CliRunner().invoke(main, words).stdout)
    name = {"keras-json": "net.json", "keras-python": "net.py", "spec": "net.seq"}[form]
    given = (5, 1) if form == "spec" else None
    assert [heading(out) for out, _ in showing(*texts, name=name, given=given)] == ["", ": 3 cells changed (*)"]


def test_the_columns_that_are_asked_for_are_marked(showing: Callable[..., Iterator[tuple[str, str]]]) -> None:
    texts = ("LSTM(5,seq)", "LSTM(5,seq)>Dense(1)")
    out = [out for out, _ in showing(*texts, columns="params,macs,flops", macs=True)][1]
    assert "MACs" in out
    assert "FLOPs" in out
    assert heading(out).endswith("1 row added (+)")


def test_names_from_a_file_are_data(showing: Callable[..., Iterator[tuple[str, str]]]) -> None:
    def config(units: int) -> str:
        layer = {"class_name": "Dense", "config": {"name": "\x1b[31m+ x *", "units": units}}
        first = {"class_name": "InputLayer", "config": {"batch_shape": [None, 3]}}
        return json.dumps({"class_name": "Sequential", "config": {"name": "s\x07", "layers": [first, layer]}})

    for out, err in showing(config(1), config(2), name="net.json", given=None, color="always"):
        assert "\x1b[31m+" not in out + err
        assert "\x07" not in out + err


NETS = ("LSTM(5,seq)>TD(Dense(1))", "[LSTM(8,seq)|Conv1D(8,3,same)]>Concat>Dense(2)", "Dense(3)", "GRU(4)>Dense(2)",
        "Sequential([Dense(3),Dense(4)])>LSTM(2)", "Sequential([Dense(3),Dense(5),ReLU])>LSTM(2)", "Residual(LN>Dense(1))",
        "Bidirectional(LSTM(3))>Dense(1)")  # fmt: skip


@pytest.mark.parametrize(
    "options", [Options(), Options(expand=True, macs=True), Options(width=40, ascii=True)], ids=str
)
@pytest.mark.parametrize("before", NETS)
def test_marks_aside_it_is_the_table(before: str, options: Options) -> None:
    """For any two networks: without the marks and the rows that are gone, the cells are those of ``summarize``."""
    left = seqshape.summarize(before, input_shape=(5, 1))
    for after in NETS:
        right = seqshape.summarize(after, input_shape=(5, 1))
        text, told = changes.render(right, options, left)
        assert (told == "no change") == (table.render(right, options) == table.render(left, options)), (before, after)
        if told == "no change":
            assert text == table.render(right, options)
        if options.width is None:
            assert cells(text) == cells(table.render(right, options))
        else:
            assert max(map(width, text.splitlines())) <= options.width


def cells(text: str) -> list[list[str]]:
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if line.startswith("│")]
    kept = [row for row in rows if not row[0].startswith("- ")]
    return [[re.sub(r" \*$", "", cell).removeprefix("+ ").strip() for cell in row] for row in kept]


# --- the process -----------------------------------------------------------------------------------------------------


def lines_until(child: subprocess.Popen[str], text: str) -> list[str]:
    assert child.stdout is not None
    found = []
    for line in child.stdout:
        found.append(line)
        if text in line:
            return found
    raise AssertionError("".join(found))


def test_a_file_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "net.seq"
    path.write_text("LSTM(5)>Dense(1)")
    words = program("watch", str(path), "-i", "5,1")
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdout=pipe, stderr=pipe, text=True, env=environment(LC_ALL="C.UTF-8")) as child:
        lines_until(child, "Non-trainable")
        path.unlink()
        time.sleep(0.5)
        path.write_text("LSTM(5)>Dense(2)")
        lines_until(child, "2 cells changed (*)")
        lines_until(child, "Non-trainable")
        (tmp_path / "new").write_text("LSTM(5)>Dense(3)")
        shutil.move(tmp_path / "new", path)
        lines_until(child, "Non-trainable")
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert (child.returncode, out, err) == (130, "", "")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bytes, bytes]]:
    """Two saves of one network in each kind of file that holds it: 5 units, then 6."""
    folder, found = tmp_path_factory.mktemp("saved"), {}
    texts = [
        CliRunner().invoke(main, ["convert", f"LSTM({n})>Dense(1)", "-i", "5,1", "--to", "keras-python"]).stdout
        for n in (5, 6)
    ]
    found["net.py"] = tuple(text.encode() for text in texts)
    cells = (
        {"cells": [{"cell_type": "code", "source": ["%time\n", text]}], "nbformat": 4, "metadata": {}} for text in texts
    )
    found["net.ipynb"] = tuple(json.dumps(cell).encode() for cell in cells)
    for number in (5, 6):
        config = (
            CliRunner().invoke(main, ["convert", f"LSTM({number})>Dense(1)", "-i", "5,1", "--to", "keras-json"]).stdout
        )
        with zipfile.ZipFile(folder / f"{number}.keras", "w") as archive:
            archive.writestr("config.json", config)
            archive.writestr("metadata.json", "{}")
        with h5py.File(folder / f"{number}.h5", "w") as file:
            file.attrs["model_config"] = config
            file.create_group("model_weights")
    for ending in ("keras", "h5"):
        found[f"net.{ending}"] = tuple((folder / f"{number}.{ending}").read_bytes() for number in (5, 6))
    return found


@pytest.mark.parametrize("name", ["net.py", "net.ipynb", "net.keras", "net.h5"])
def test_whatever_is_half_written_is_a_message_and_the_whole_is_compared(
    name: str, saved: dict[str, tuple[bytes, bytes]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first bytes of a save, as many as may be, stand still long enough to be read."""
    first, second = saved[name]
    path = tmp_path / name
    viewer = Viewer(str(path), None, {}, None, WORDS)

    def show(data: bytes) -> tuple[str, str]:
        path.write_bytes(data)
        save = state(str(path))
        assert save is not None
        viewer.show(save, lambda: state(str(path)))
        said = capsys.readouterr()
        return said.out, said.err

    assert show(first)[1] == ""
    for end in sorted({*range(0, len(second), max(len(second) // 40, 1)), 1, len(second) - 1}):
        out, err = show(second[:end])
        assert heading(out) == "" or end > len(second) * 0.9  # of a program the last lines do not matter
        assert err.startswith("error[") or "Total params" in out or end == 0, end
    viewer = Viewer(str(path), None, {}, None, WORDS)
    assert show(first)[1] == ""
    assert show(second[: len(second) // 2])[1].startswith("error[")
    out, err = show(second)
    assert (heading(out), err) == (": 3 cells changed (*)", "")


@pytest.mark.skipif(os.name == "nt", reason="a pipe is not asked there")
def test_a_reader_that_goes_ends_it_without_a_save(tmp_path: Path) -> None:
    path = tmp_path / "net.seq"
    path.write_text("LSTM(5)")
    words = program("watch", str(path), "-i", "5,1")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(30) == 141


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_terminal_is_cleared(columns: int, tmp_path: Path) -> None:
    (tmp_path / "net.seq").write_text("LSTM(5)")
    words = ("watch", str(tmp_path / "net.seq"), "-i", "5,1", "--times", "1")
    written = on_a_terminal(*words, columns=columns, both=True)
    assert written.startswith("\x1b[H\x1b[2J")
    assert written.endswith("\r\n")


@pytest.mark.parametrize("word", ["LSTM(5)", "nowhere.seq", "-", ".", os.devnull, "a\0b", "x\x1b[31m.seq::y"])
def test_what_is_no_file_is_a_sentence(word: str) -> None:
    done = CliRunner().invoke(main, ["watch", word])
    assert done.exit_code == 2
    assert "watch takes a file" in done.stderr
    assert "\x1b" not in done.stderr
