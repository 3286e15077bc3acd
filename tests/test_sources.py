"""What an argument of the command line can be beside a spec and a plain file: pipes, devices, empty and foreign files."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

pytest.importorskip("click")

from click.testing import CliRunner

from seqshape.answers import analyse
from seqshape.cli import command_named, main
from seqshape.cli.words import Choice
from seqshape.diagnostics import SeqshapeError
from seqshape.readers import is_file
from seqshape.readers.kinds import KINDS, in_place, of_text
from seqshape.readers.opened import START, Opened


def refused(path: Path | str) -> str:
    with pytest.raises(SeqshapeError) as caught:
        analyse(path)
    return caught.value.diagnostics[0].message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize(("content", "says"), [(b"LSTM(5) > Dense(1)", None), (b"PK\x03\x04 and more", "in a pipe")])
def test_pipe(content: bytes, says: str | None, tmp_path: Path) -> None:
    """A pipe is read as a file is, as far as one can read without going back."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    try:
        if says is None:
            assert analyse(str(pipe), "5,1").summary().totals.params == 146
        else:
            assert says in refused(str(pipe))
    finally:
        writer.join()


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="the system has no such device")
def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never ends is read up to the limit."""
    monkeypatch.setattr("seqshape.readers.json_text.LIMIT", 1 << 16)
    assert is_file("/dev/zero")
    assert "of text" in refused("/dev/zero")
    with pytest.raises(SeqshapeError):
        analyse("/dev/null")


@pytest.mark.parametrize("name", ["x.keras", "x.h5", "x.json"])
def test_empty(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    assert refused(tmp_path / name).endswith("the file is empty")


@pytest.mark.parametrize("text", ["[]", "null", '"text"'])
def test_json_that_is_no_config(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    assert refused(tmp_path / "x.json").startswith("a model has to be an object")


def test_python_code(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("import keras\nmodel = keras.Sequential()\n")
    assert "builds no model" in refused(tmp_path / "x.py")


def test_spec_in_a_file(tmp_path: Path) -> None:
    """``--from spec`` reads a file that exists, whatever it is called."""
    (tmp_path / "net").write_text("LSTM(5) > Dense(1)")
    assert analyse(str(tmp_path / "net"), "5,1", kind="spec").summary().totals.params == 146
    assert analyse("LSTM(5) > Dense(1)", "5,1", kind="spec").summary().totals.params == 146


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"])
def test_model_in_standard_input(start: bytes) -> None:
    done = CliRunner().invoke(main, ["summarize", "-"], input=start + b"\x00\xff")
    assert (done.exit_code, "give its path" in done.output) == (2, True)


def test_operation_with_a_number() -> None:
    """What convert writes as a spec can be read again."""
    spec = CliRunner().invoke(main, ["convert", "Input(4) > Dense(4) > ops.add(3.0)", "--to", "spec"]).output
    assert analyse(spec).summary().totals.params == 20


# --- the table of kinds -----------------------------------------------------------------------------------------------

SAMPLES: dict[str, bytes] = {
    "spec": b"LSTM(5)",
    "config": b'{"class_name": "Sequential"}',
    "yaml": b"config: []\nclass_name: Sequential",
    "vgsl": b"[1,36,0,1 Lfys8 O1c3]",
    "source": b"import keras\nm = keras.Sequential([keras.layers.Dense(2)])",
    "keras": b"PK\x03\x04 and so on, and on",
    "h5": b"\x89HDF\r\n\x1a\n and so on",
    "safetensors": b"\x40\0\0\0\0\0\0\0{ and so on",
    "checkpoint": b"\0\0\x06\x08\x01\x1a\x02\x08\x01 and so on",
}


def test_every_kind_has_a_sample() -> None:
    assert set(SAMPLES) == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_told_by_its_content(name: str) -> None:
    """One kind, and no other, takes the sample; what is read in place is told by the bytes that are read beforehand."""
    data = SAMPLES[name]
    found = in_place(data[:START]) or of_text(Opened(text=data.decode("latin-1")))
    assert found is KINDS[name]


@pytest.mark.parametrize("name", KINDS)
def test_a_suffix_is_that_of_one_kind_and_makes_a_file(name: str) -> None:
    for suffix in KINDS[name].suffixes:
        assert is_file(f"there_is_no_such{suffix}")
        assert [kind for kind in KINDS.values() if suffix in kind.suffixes] == [KINDS[name]]


def test_command_line_and_functions_take_the_kinds_of_the_table() -> None:
    option = next(each for each in command_named("summarize").params if each.target == "kind")
    assert isinstance(option.kind, Choice)
    assert list(option.kind.words) == list(KINDS)
    with pytest.raises(SeqshapeError) as caught:
        analyse("LSTM(5)", "5,1", kind="h6")
    assert all(name in str(caught.value) for name in KINDS)
