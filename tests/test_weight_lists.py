"""Weights without a network: safetensors, indices of TensorFlow checkpoints; and the forms that are named and not read."""

from __future__ import annotations

import itertools
import json
import math
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqshape.answers import analyse
from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.readers import is_file, safetensors, tf_checkpoint
from seqshape.readers.foreign import FORMS
from seqshape.readers.kinds import FOREIGN
from seqshape.summary import Summary

PER_EXAMPLE = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused(source: Any) -> Diagnostic:
    with pytest.raises(SeqshapeError) as error:
        analyse(source)
    assert len(error.value.diagnostics) == 1
    return error.value.diagnostics[0]


def written(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def counts(summary: Summary) -> dict[str, Any]:
    return {row.name: row.params for row in summary.layers}


def read_or_refused(path: Path) -> None:
    """Either there is a summary, or there is one diagnostic."""
    try:
        analyse(path).summary()
    except SeqshapeError as error:
        found = error.diagnostics
        assert len(found) == 1


# --- safetensors -------------------------------------------------------------------------------------------------------

TENSORS = {
    "encoder.0.weight": ("F32", [4, 3]),
    "encoder.0.bias": ("BF16", [4]),
    "head.scale": ("F64", []),
    "x": ("U8", [5]),
}


def packed(tensors: Mapping[str, tuple[str, list[int]]], **changes: Any) -> bytes:
    """A file of safetensors with zeros; ``changes`` go into the header."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    place = 0
    for name, (dtype, shape) in tensors.items():
        size = math.prod(shape) * safetensors.DTYPES[dtype][1] // 8
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [place, place + size]}
        place += size
    text = json.dumps(header | changes).encode()
    return len(text).to_bytes(8, "little") + text + bytes(place)


def test_safetensors(tmp_path: Path) -> None:
    summary = analyse(written(tmp_path / "m.safetensors", packed(TENSORS))).summary()
    assert counts(summary) == {"encoder.0": 16, "head": 1, "x": 5}
    assert summary.totals.params == 22
    assert summary.totals.bytes == 12 * 4 + 4 * 2 + 8 + 5
    assert [one.code for one in summary.diagnostics] == ["W401"]


def test_a_file_is_told_by_its_content(tmp_path: Path) -> None:
    assert analyse(written(tmp_path / "m.bin", packed(TENSORS))).summary().totals.params == 22


@pytest.mark.parametrize("dtype", safetensors.DTYPES)
def test_every_dtype(dtype: str, tmp_path: Path) -> None:
    bits = safetensors.DTYPES[dtype][1]
    summary = analyse(written(tmp_path / "m.safetensors", packed({"a.w": (dtype, [8, 2])}))).summary()
    assert summary.totals.params == 16
    assert summary.totals.bytes == (2 if dtype == "BOOL" else 2 * bits)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"a": 3}, "/a"),
        ({"a": {}}, "/a"),
        ({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, "/a/data_offsets"),
        ({"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}, "/a/data_offsets"),
        ({"a": {"dtype": "F32", "shape": [2], "data_offsets": [10**6, 10**6 + 8]}}, "/a/data_offsets"),
        ({"a": {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]}}, "/a/data_offsets"),
        ({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0]}}, "/a/data_offsets"),
        ({"a": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 8]}}, "/a/data_offsets"),
        ({"a": {"dtype": 3, "shape": [2], "data_offsets": [0, 8]}}, "/a/dtype"),
        *(
            ({"a": {"dtype": "F32", "shape": shape, "data_offsets": [0, 8]}}, "/a/shape")
            for shape in (["2"], [None], [-2], [2.0], [True], [10**19], float("nan"), {})
        ),
    ],
)
def test_a_header_that_lies(changes: Any, pointer: str, tmp_path: Path) -> None:
    found = refused(written(tmp_path / "m.safetensors", packed(TENSORS, **changes)))
    assert (found.code, found.labels[0].span.pointer) == ("E401", pointer)


@pytest.mark.parametrize(
    "data",
    [
        (2**31).to_bytes(8, "little") + b"{}",
        (3).to_bytes(8, "little") + b"{}",
        (9).to_bytes(8, "little") + b"{" + b"[" * 8,
        (2).to_bytes(8, "little") + b"{}",
        (4).to_bytes(8, "little") + b"{\xff\xff}",
        (100_001).to_bytes(8, "little") + b'{"a":' + b"[" * 99_996,
    ],
)
def test_a_header_that_is_none(data: bytes, tmp_path: Path) -> None:
    assert refused(written(tmp_path / "m.safetensors", data)).code == "E402"


def test_a_header_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safetensors, "LIMIT", 10)
    assert "its header has more than" in refused(written(tmp_path / "m.safetensors", packed(TENSORS))).message


def test_the_last_of_two_names_counts(tmp_path: Path) -> None:
    one = '"a.w": {"dtype": "U8", "shape": [%d], "data_offsets": [0, %d]}'
    text = f"{{{one % (3, 3)}, {one % (2, 2)}}}".encode()
    path = written(tmp_path / "m.safetensors", len(text).to_bytes(8, "little") + text + bytes(3))
    assert analyse(path).summary().totals.params == 2


@PER_EXAMPLE
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 500))
def test_flipped_and_cut_safetensors(tmp_path: Path, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(packed(TENSORS))
    for place, byte in changes:
        data[place % len(data)] = byte
    read_or_refused(written(tmp_path / "m.safetensors", bytes(data[: cut or None])))


def sharded(folder: Path, **listed: str) -> Path:
    written(folder / "a.safetensors", packed({"one.w": ("F32", [2]), "two.w": ("F32", [3])}))
    written(folder / "b.safetensors", packed({"two.b": ("F32", [5])}))
    return written(folder / "model.safetensors.index.json", json.dumps({"weight_map": listed}).encode())


def test_an_index_of_safetensors(tmp_path: Path) -> None:
    index = sharded(tmp_path, **{"two.b": "b.safetensors", "two.w": "a.safetensors", "one.w": "a.safetensors"})
    summary = analyse(index).summary()
    assert counts(summary) == {"two": 8, "one": 2}
    assert not summary.totals.unplaced


def test_an_index_that_lists_too_much(tmp_path: Path) -> None:
    summary = analyse(sharded(tmp_path, **{"two.b": "b.safetensors", "three.w": "b.safetensors"})).summary()
    assert summary.totals.unplaced
    assert any("three.w" in one.message for one in summary.diagnostics)


@pytest.mark.parametrize(
    "name", ["../b.safetensors", "/b.safetensors", "c.safetensors", "b.pkl", "a\\b.safetensors", "b.h5"]
)
def test_an_index_leads_nowhere_else(name: str, tmp_path: Path) -> None:
    assert refused(sharded(tmp_path, **{"one.w": "a.safetensors", "two.b": name}))


# --- checkpoints -------------------------------------------------------------------------------------------------------


def varint(number: int) -> bytes:
    found = b""
    while number > 0x7F:
        found, number = found + bytes([number & 0x7F | 0x80]), number >> 7
    return found + bytes([number])


def field(number: int, held: int | bytes) -> bytes:
    if isinstance(held, int):
        return varint(number << 3) + varint(held)
    return varint(number << 3 | 2) + varint(len(held)) + held


def _shared(one: bytes, other: bytes) -> int:
    pairs = zip(one, other, strict=False)
    return len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))


def block(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A block of a table, with its trailer; every third key is whole."""
    data, before, restarts = b"", b"", []
    for number, (key, value) in enumerate(entries):
        shared = _shared(before, key) if number % 3 else 0
        if not shared:
            restarts.append(len(data))
        data += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    marks = b"".join(place.to_bytes(4, "little") for place in restarts)
    return data + marks + len(restarts).to_bytes(4, "little") + bytes(5)


def entry(dtype: int, shape: Iterable[int]) -> bytes:
    dims = b"".join(field(2, field(1, dim)) for dim in shape)
    return field(1, dtype) + field(2, dims) + field(4, 100) + field(5, 24) + varint(6 << 3 | 5) + bytes(4)


def index(tensors: Mapping[str, tuple[int, list[int]]]) -> bytes:
    """The index of a checkpoint, in blocks of four entries."""
    header = field(1, 1) + field(3, field(1, 1))
    entries = [(b"", header), *sorted((name.encode(), entry(*held)) for name, held in tensors.items())]
    data, handles = b"", []
    for start in range(0, len(entries), 4):
        part = block(entries[start : start + 4])
        handles.append((entries[min(start + 3, len(entries) - 1)][0], varint(len(data)) + varint(len(part) - 5)))
        data += part
    meta, blocks = block([]), block(handles)
    footer = varint(len(data)) + varint(len(meta) - 5) + varint(len(data) + len(meta)) + varint(len(blocks) - 5)
    return data + meta + blocks + footer.ljust(40, b"\0") + tf_checkpoint.MAGIC


OBJECTS = {
    "_CHECKPOINTABLE_OBJECT_GRAPH": (7, []),
    "layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE": (1, [3, 4]),
    "layer_with_weights-0/bias/.ATTRIBUTES/VARIABLE_VALUE": (1, [4]),
    "layer_with_weights-0/kernel/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/VARIABLE_VALUE": (1, [3, 4]),
    "layer_with_weights-1/cell/kernel/.ATTRIBUTES/VARIABLE_VALUE": (19, [300, 2]),
    "optimizer/iter/.ATTRIBUTES/VARIABLE_VALUE": (9, []),
    "optimizer/_variables/1/.ATTRIBUTES/VARIABLE_VALUE": (1, [3, 4]),
    "keras_api/metrics/0/total/.ATTRIBUTES/VARIABLE_VALUE": (1, []),
    "save_counter/.ATTRIBUTES/VARIABLE_VALUE": (9, []),
}
NAMES = {
    "conv/weights": (1, [3, 3, 1, 8]),
    "conv/weights/Adam": (1, [3, 3, 1, 8]),
    "conv/weights/Adam_1": (1, [3, 3, 1, 8]),
    "conv/biases": (1, [8]),
    "beta1_power": (1, []),
    "global_step": (9, []),
    "scale": (1, []),
}


def test_a_checkpoint_of_objects(tmp_path: Path) -> None:
    summary = analyse(written(tmp_path / "m.index", index(OBJECTS))).summary()
    assert counts(summary) == {"layer_with_weights-0": 16, "layer_with_weights-1/cell": 600}
    assert summary.totals.bytes == 16 * 4 + 600 * 2
    (said,) = summary.diagnostics
    assert said.code == "W401"
    assert "left out: keras_api/metrics/0/total" in said.message
    assert "and 2 more" in said.message


def test_a_checkpoint_of_names(tmp_path: Path) -> None:
    summary = analyse(written(tmp_path / "m.index", index(NAMES))).summary()
    assert counts(summary) == {"conv": 80, "scale": 1}


def test_a_checkpoint_of_nothing_else(tmp_path: Path) -> None:
    (said,) = analyse(written(tmp_path / "m.index", index({"a/b": (1, [2])}))).summary().diagnostics
    assert "left out" not in said.message
    assert "lists no weights" in refused(written(tmp_path / "m.index", index({"global_step": (9, [])}))).message


@pytest.mark.parametrize("length", [0, 3, 40, 100, -1, -8, -48, -49])
def test_a_checkpoint_that_is_cut(length: int, tmp_path: Path) -> None:
    assert refused(written(tmp_path / "m.index", index(OBJECTS)[:length])).code == "E402"


def test_a_checkpoint_that_is_packed(tmp_path: Path) -> None:
    data = bytearray(index({"a/b": (1, [2])}))
    data[len(block([(b"", field(1, 1) + field(3, field(1, 1))), (b"a/b", entry(1, [2]))])) - 5] = 1
    assert "packed" in refused(written(tmp_path / "m.index", bytes(data))).message


def test_a_shape_that_no_tensor_has(tmp_path: Path) -> None:
    assert "none can have" in refused(written(tmp_path / "m.index", index({"a": (1, [2**64 - 1])}))).message


def test_too_many_tensors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "m.index", index(OBJECTS))
    monkeypatch.setattr(tf_checkpoint, "MOST_TENSORS", 5)
    assert "more than 5 tensors" in refused(path).message
    monkeypatch.setattr(tf_checkpoint, "LIMIT", 100)
    assert "an index of more than" in refused(path).message


@PER_EXAMPLE
@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=6))
def test_flipped_bytes_of_a_checkpoint(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    data = bytearray(index(OBJECTS))
    for place, byte in changes:
        data[place % len(data)] = byte
    read_or_refused(written(tmp_path / "m.index", bytes(data)))


def test_what_lies_beside_a_checkpoint_leads_to_its_index(tmp_path: Path) -> None:
    written(tmp_path / "run" / "m.ckpt-7.index", index(NAMES))
    named = written(tmp_path / "run" / "checkpoint", b'model_checkpoint_path: "m.ckpt-7"\n')
    data = written(tmp_path / "run" / "m.ckpt-7.data-00000-of-00001", bytes(50))
    for path in (tmp_path / "run", tmp_path / "run" / "m.ckpt-7", named, data):
        found = refused(path)
        assert "checkpoint" in found.message
        assert "m.ckpt-7.index" in (found.help or "")
    assert is_file(str(tmp_path / "run" / "m.ckpt-7"))


# --- what is named and not read ----------------------------------------------------------------------------------------

PICKLE = b"\x80\x04\x95\x1c\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94"


@pytest.mark.parametrize("suffix", [suffix for form in FORMS for suffix in form.suffixes])
@pytest.mark.parametrize("data", [b"\x08\x07\x12\x00 and so on", PICKLE, b"text of any kind", b"\0\0\0\0TFL3"])
def test_a_form_that_is_not_read(suffix: str, data: bytes, tmp_path: Path) -> None:
    found = refused(written(tmp_path / f"m{suffix}", data))
    assert (found.code, bool(found.help)) == ("E402", True)
    assert "\n" not in found.message
    assert is_file(f"there_is_no_such{suffix}")
    assert suffix in FOREIGN


def test_a_form_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    assert "pickle" in refused(written(tmp_path / "model", PICKLE)).message
    assert "TensorFlow Lite" in refused(written(tmp_path / "model", b"\x1c\0\0\0TFL3" + bytes(90))).message


def test_an_archive_of_pytorch(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.bin", "w") as file:
        file.writestr("archive/data.pkl", PICKLE)
    assert "PyTorch" in refused(tmp_path / "m.bin").message


def test_a_saved_model_leads_to_its_weights(tmp_path: Path) -> None:
    inside = written(tmp_path / "saved_model.pb", b"\x08\x01")
    for path in (tmp_path, inside):
        assert "SavedModel" in refused(path).message
        assert "variables" not in (refused(path).help or "")
    written(tmp_path / "variables" / "variables.index", index(OBJECTS))
    for path in (tmp_path, inside):
        assert f"seqshape summarize {tmp_path}/variables/variables.index" in (refused(path).help or "")


def test_a_folder_of_core_ml(tmp_path: Path) -> None:
    (tmp_path / "m.mlpackage").mkdir()
    assert "Core ML" in refused(tmp_path / "m.mlpackage").message


def test_a_folder_of_tensorflow_js(tmp_path: Path) -> None:
    config = {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"units": 2}}]}
    written(tmp_path / "model.json", json.dumps({"modelTopology": config, "weightsManifest": []}).encode())
    assert analyse(tmp_path, (3,)).summary().totals.params == 8
    assert is_file(str(tmp_path))
