"""The reader of HDF5: what h5py reads it reads, and damage ends it in one way, after a bounded time and little memory."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.readers import hdf5_bytes, hdf5_format
from seqshape.readers.hdf5_bytes import Damaged
from seqshape.readers.hdf5_format import File, Item
from tests.memory import peak
from tests.oracle.files import load, write

LAYOUTS = [None, "v108", "v110", "latest"]
RECORDS = {record["id"]: record for record in load("files")}


def filled(file: Any, links: int, attributes: int, track: bool) -> None:
    """Groups, attributes and datasets of every kind that a file of weights may have, and some more."""
    layers = file.create_group("layers", track_order=track)
    for number in range(links):
        group = layers.create_group(f"layer_{number}/vars", track_order=track)
        group.attrs["name"] = f"layer_{number}"
    held = file.create_group("attributes", track_order=track)
    for number in range(attributes):
        held.attrs[f"a{number:04}é"] = f"value {number}" * (number % 50)
    held.attrs["names"] = np.array([b"abc", b"de"], "S")
    held.attrs["long names"] = np.array(["abc", "ü"], dtype=h5py.string_dtype())
    held.attrs["none"] = np.array([], dtype="S1")
    held.attrs["empty"], held.attrs["no text"], held.attrs["nothing"] = "", 3.5, h5py.Empty("f4")
    data = file.create_group("data")
    kinds: list[dict[str, Any]] = [
        {"compression": "gzip"},
        {"compression": "lzf"},
        {"shuffle": True},
        {"fletcher32": True},
    ]
    kinds += [{"chunks": (2, 3)}, {"maxshape": (None, None), "chunks": (2, 2)}, {"scaleoffset": 3}]
    for number, options in enumerate(kinds):
        data.create_dataset(f"packed {number}", data=np.arange(60, dtype="i4").reshape(10, 6), **options)
    for kind in ("f2", "f4", "f8", ">f4", "i1", "u1", "i8", ">i2", "u2", "?", "S5", "V7", "c8"):
        data.create_dataset(f"of {kind}", shape=(2, 3), dtype=kind)
    file["type"] = np.dtype("f4")
    data.create_dataset("shared type", (2, 2), dtype=file["type"])
    data["scalar"], data["text"], data["nothing"] = np.float32(1), "hello", h5py.Empty("f4")
    data.create_dataset("texts", (3,), dtype=h5py.string_dtype())
    data.create_dataset("huge", (10**9, 10**6), chunks=(1000, 1000), dtype="f4")
    data["soft"], data["external"], data["again"] = (
        h5py.SoftLink("/data/of f4"),
        h5py.ExternalLink("o.h5", "/x"),
        data["text"],
    )
    file.attrs["config"] = "x" * 60_000


def by_h5py(group: Any, path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {path: texts_of_h5py(group)}
    for key in group:
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            found[f"{path}/{key}"] = "link"
        elif isinstance(group[key], h5py.Group):
            found |= by_h5py(group[key], f"{path}/{key}")
        elif isinstance(group[key], h5py.Dataset):
            kind = group[key].dtype
            name = kind.newbyteorder("=").name if kind.kind in "fiub" else None
            found[f"{path}/{key}"] = (group[key].shape, name, texts_of_h5py(group[key]))
    return found


def texts_of_h5py(item: Any) -> dict[str, Any]:
    found = {}
    for name, value in item.attrs.items():
        listed = value.ravel().tolist() if isinstance(value, np.ndarray) and value.dtype.kind in "SO" else [value]
        is_text = all(isinstance(text, (bytes, str)) for text in listed)
        found[name] = [text.encode() if isinstance(text, str) else text for text in listed] if is_text else None
    return found


def by_seqshape(item: Item, path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {path: texts(item)}
    for link in item.links():
        inside = None if link.address is None else Item(item.file, link.address)
        if inside is None:
            found[f"{path}/{link.name}"] = "link"
        elif inside.is_group:
            found |= by_seqshape(inside, f"{path}/{link.name}")
        elif inside.is_dataset:
            name = inside.dtype if inside.dtype.startswith(("float", "int", "uint", "bool")) else None
            found[f"{path}/{link.name}"] = (inside.shape, name, texts(inside))
    return found


def texts(item: Item) -> dict[str, Any]:
    return {name: attribute.texts(10**6, 1 << 25) for name, attribute in item.attributes.items()}


def both(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    with h5py.File(path, "r") as file:
        wanted = by_h5py(file)
    with path.open("rb") as stream:
        return by_seqshape(File(stream).root), wanted


@pytest.mark.parametrize("track", [False, True])
@pytest.mark.parametrize(("links", "attributes"), [(2, 2), (40, 30), (3000, 10), (3, 1500)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout(layout: str | None, links: int, attributes: int, track: bool, tmp_path: Path) -> None:
    """Old groups and new, few members and thousands, packed data: names, order, shapes, types and texts are h5py's."""
    with h5py.File(tmp_path / "m.h5", "w", libver=layout, track_order=track) as file:
        try:
            filled(file, links, attributes, track)
        except (ValueError, OSError, RuntimeError):
            pytest.skip("h5py cannot write it")
    found, wanted = both(tmp_path / "m.h5")
    assert found == wanted
    assert list(found) == list(wanted)


def test_a_block_of_the_user_before_the_file(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.h5", "w", userblock_size=1024) as file:
        filled(file, 5, 5, False)
    found, wanted = both(tmp_path / "m.h5")
    assert found == wanted


def test_attributes_too_large_for_a_header(tmp_path: Path) -> None:
    """Only the newer layouts have them, in a heap of their own."""
    with h5py.File(tmp_path / "m.h5", "w", libver="latest") as file:
        file.attrs["config"] = np.bytes_(b"z" * 300_000)
        file.attrs["more"] = "y" * 200_000
    found, wanted = both(tmp_path / "m.h5")
    assert found == wanted


def test_a_deep_tree_of_names(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.h5", "w", libver="latest") as file:
        for number in range(20_000):
            file.create_group(f"a group with a rather long name {number}")
    with (tmp_path / "m.h5").open("rb") as stream:
        names = [link.name for link in File(stream).root.links()]
    assert len(set(names)) == 20_000
    assert names == sorted(names)


# --- damage -----------------------------------------------------------------------------------------------------------


def samples(directory: Path) -> list[bytes]:
    """Files of Keras 2 and 3, and of the newest layout."""
    names = ["keras3-small_lstm.h5", "custom-custom.weights.h5", "keras2-seq.h5"]
    found = [write(RECORDS[name], directory).read_bytes() for name in names]
    for layout in (None, "latest"):
        with h5py.File(directory / "new.h5", "w", libver=layout) as file:
            filled(file, 12, 12, False)
        found.append((directory / "new.h5").read_bytes())
    return found


def flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 4])):
        place = chance.randrange(min(len(changed), 30_000))
        changed[place] = chance.choice([0, 255, chance.randrange(256), changed[place] ^ 1 << chance.randrange(8)])
    return bytes(changed)


def test_flipped_bytes(tmp_path: Path) -> None:
    """Whatever is damaged: it is read, or it is Damaged, in seconds and in little memory."""
    chance = random.Random(8)
    files = samples(tmp_path)
    tracemalloc.start()
    for number in range(250):
        data = flipped(files[number % len(files)], chance)
        begin = time.process_time()
        with suppress(Damaged, RecursionError):  # this walk follows circles of groups; the package's does not
            by_seqshape(File(io.BytesIO(data)).root)
        assert time.process_time() - begin < 20
    assert tracemalloc.get_traced_memory()[1] < 300 << 20
    tracemalloc.stop()


def test_flipped_bytes_end_in_a_diagnostic(tmp_path: Path) -> None:
    chance = random.Random(9)
    for number, data in enumerate(samples(tmp_path) * 40):
        path = tmp_path / f"{number}.h5"
        path.write_bytes(flipped(data, chance))
        try:
            analyse(path).summary()
        except SeqshapeError as error:
            assert error.diagnostics[0].message  # noqa: PT017
        path.unlink()


@pytest.mark.parametrize(("name", "value"), [("MOST_READS", 20), ("MOST_BYTES", 2000), ("MOST_PARTS", 1)])
def test_what_is_read_is_bounded(name: str, value: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(RECORDS["custom-custom.weights.h5"], tmp_path)
    monkeypatch.setattr(hdf5_format if hasattr(hdf5_format, name) else hdf5_bytes, name, value)
    with pytest.raises(SeqshapeError, match="its HDF5 part is damaged"):
        analyse(path)


def test_a_list_that_names_one_long_text_often(tmp_path: Path) -> None:
    """A hundred thousand references to one text of 64 kB would fill the memory."""
    with h5py.File(tmp_path / "m.h5", "w", libver="latest") as file:
        file.attrs.create("layer_names", ["x" * 60_000] * 4000, dtype=h5py.string_dtype())
    data = (tmp_path / "m.h5").read_bytes()
    assert data
    with (tmp_path / "m.h5").open("rb") as stream, pytest.raises(Damaged, match="longer than it can be"):
        File(stream).root.attributes["layer_names"].texts(10**6, 1 << 16)


# --- memory -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 512 MiB, nearly all of it a hole."""
    config = '{"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "Mine", "config": {"name": "m"}}]}}'
    path = tmp_path_factory.mktemp("large") / "large.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = config
        top = file.create_group("model_weights")
        top.attrs["layer_names"] = [b"m"]
        group = top.create_group("m")
        group.attrs["weight_names"] = [b"kernel:0"]
        group.create_dataset("kernel:0", (1 << 27,), dtype="f4")[-1] = 1
    return path


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells no peak")
@pytest.mark.parametrize("command", ["summarize", "explain", "timesteps", "check", "convert", "compare", "fmt"])
def test_no_command_holds_a_model_file(command: str, large: Path) -> None:
    more = {"convert": ("--to", "keras-json"), "compare": (str(large),)}.get(command, ())
    assert peak(command, str(large), *more) < 150


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_compare_reads_a_pipe_once(tmp_path: Path) -> None:
    import threading

    for name in ("one", "two"):
        os.mkfifo(tmp_path / name)
        threading.Thread(target=(tmp_path / name).write_text, args=("Input(5)>Dense(2)",), daemon=True).start()
    command = [sys.executable, "-m", "seqshape", "compare", str(tmp_path / "one"), str(tmp_path / "two")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
