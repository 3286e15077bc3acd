"""Keras's files of models: ``.keras``, which is a zip archive (or the same unpacked in a directory), and HDF5.

Only the config is read, and where it does not tell what a layer's weights are, the shapes and dtypes of the weights:
never the weights themselves. No name inside a file is used as a path, nothing is executed or unpickled, and sizes are
checked
before and while something is unpacked.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from seqshape.diagnostics import Diagnostic, Label, SeqshapeError, Source, Span
from seqshape.graph import Graph
from seqshape.readers.json_text import LIMIT, load, unreadable
from seqshape.readers.opened import CONFIG, HDF5, MODEL, ZIP

if TYPE_CHECKING:
    import zipfile

    from seqshape.readers.hdf5 import Stored

METADATA, WEIGHTS, SAFETENSORS = "metadata.json", "model.weights.h5", ".safetensors"
MOST_DIRECTORY = 16 << 20  # bytes of the list of an archive's members
MOST_UNPACKED = 1 << 30  # bytes of weights that are unpacked to a temporary file; Keras stores them as they are
MOST_SHARDS = 10_000  # files of weights that one index may list


def read_archive(path: Path) -> Graph:
    """The graph of a ``.keras`` file. Raises SeqshapeError if it is damaged, hostile or no model."""
    config, metadata, held = _members(path)
    return _graph(config, path, metadata, (lambda: _stored_file(path)) if held else None)


def config_in(path: Path) -> object:
    """The config of the model in a ``.keras`` or ``.h5`` file; ``None`` if it has none. Raises SeqshapeError."""
    from seqshape.readers.hdf5_legacy import LegacyStored, model_config

    with path.open("rb") as stream:
        if stream.read(8) != HDF5:
            return _members(path)[0]
    text, _ = model_config(LegacyStored(lambda: path.open("rb"), str(path)))
    return None if text is None else load(text, f"model_config in {path}")


def _members(path: Path) -> tuple[object, object, bool]:
    """Of an archive the config, the metadata, and whether it holds weights. Raises SeqshapeError."""
    import struct
    import zipfile
    import zlib

    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            config = load(_member(archive, CONFIG, path), f"{CONFIG} in {path}")
            metadata = _metadata(archive, path)
            held = WEIGHTS in archive.namelist()
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, UnicodeDecodeError, OverflowError) as problem:
        raise unreadable(path, f"it is a damaged zip archive ({problem})") from None
    except (RuntimeError, NotImplementedError) as problem:
        raise unreadable(path, f"its archive cannot be unpacked ({problem})") from None
    except (OSError, ValueError) as problem:
        raise unreadable(path, getattr(problem, "strerror", None) or str(problem)) from None
    return config, metadata, held


def read_directory(path: Path) -> Graph:
    """The graph of a model saved as a directory: an unpacked ``.keras``, or a ``model.json`` of TensorFlow.js.

    Raises SeqshapeError if there is none in it.
    """
    from seqshape.readers import foreign
    from seqshape.readers.saved import is_wrapped, read_saved

    if not (path / CONFIG).is_file():
        if (path / MODEL).is_file():
            return read_saved(load(_bounded(path / MODEL), str(path / MODEL)), str(path))
        raise foreign.directory(path) or unreadable(path, f"it is a directory without {CONFIG}")
    config = load(_bounded(path / CONFIG), str(path / CONFIG))
    if is_wrapped(config):
        return read_saved(config, str(path))
    try:
        metadata = load(_bounded(path / METADATA), None)
    except SeqshapeError:
        metadata = None
    weights = path / WEIGHTS
    return _graph(config, path, metadata, (lambda: weights.open("rb")) if weights.is_file() else None)


def _bounded(path: Path) -> bytes:
    """The content of a file, one byte more than the limit at most. Raises SeqshapeError if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(LIMIT + 1)
    except OSError as problem:
        raise unreadable(path, problem.strerror or str(problem)) from None


def _graph(config: Any, path: Path, metadata: object, opener: Callable[[], IO[bytes]] | None) -> Graph:
    from seqshape.readers.keras_config import read_config, says_layers

    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    name = str(path)
    if opener is None:
        return read_config(config, name=name, version=version)
    from seqshape.readers.hdf5 import Stored, tree_graph

    stored = Stored(opener, name)
    if not says_layers(config):
        graph = tree_graph(stored, config.get("class_name"))
        message = (
            f"{graph.class_name} is a model of a class of its own, and its config says nothing of its layers:"
            " only its weights are listed, and which of them are trained is not known"
        )
        graph.notes.append(Diagnostic("W401", "warning", message, (Label(Span(pointer="/config")),)))
        return graph
    graph = read_config(config, name=name, version=version, weights=stored.of_layer)
    stored.share(graph)
    return graph


def is_index(data: object) -> bool:
    """Whether a JSON object lists the files that hold the weights of a model (``.weights.json``)."""
    return isinstance(data, dict) and isinstance(data.get("weight_map"), dict) and "class_name" not in data


def read_shards(path: Path, index: dict[str, Any]) -> Graph:
    """The weights that an index lists, in files beside it. Raises SeqshapeError if one is damaged or not there."""
    from seqshape.readers.hdf5 import WEIGHTS_ONLY, ShardedStored, tree_graph

    files = [path.with_name(name) for name in _shard_names(path, index)]
    missing = next((file for file in files if not _is_file(file)), None)
    if missing is not None:
        raise unreadable(path, f"it lists {missing.name}, which is not beside it")
    if files[0].name.endswith(SAFETENSORS):
        from seqshape.readers.safetensors import read_files

        return read_files(path, files, index["weight_map"])
    shards = [_shard(file) for file in files]
    stored = ShardedStored(shards, str(path), map(str, index["weight_map"]))
    graph = tree_graph(stored, None)
    if not graph.calls:
        raise unreadable(path, "the files that it lists hold no weights of a model")
    graph.notes.append(Diagnostic("W401", "warning", WEIGHTS_ONLY))
    return graph


def _is_file(path: Path) -> bool:
    """Whether a file is there; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _shard(path: Path) -> Stored:
    from seqshape.readers.hdf5 import Stored

    return Stored(lambda: path.open("rb"), str(path))


def _shard_names(path: Path, index: dict[str, Any]) -> list[str]:
    """The files of an index, each once. Raises SeqshapeError for a name that leaves the directory, or too many."""
    found: dict[str, None] = {}
    suffixes: tuple[str, ...] = (".h5", SAFETENSORS)
    for place, listed in index["weight_map"].items():
        for name in listed if isinstance(listed, list) else [listed]:
            if not isinstance(name, str) or Path(name).name != name or "\\" in name or not name.endswith(suffixes):
                span = Span(pointer="/weight_map").within(place)
                message = f"a file of weights has to be a name that ends in .h5 or {SAFETENSORS}, not {name!r}"
                raise SeqshapeError(
                    (Diagnostic("E401", "error", message, (Label(span),), source=Source("", str(path))),)
                )
            suffixes = (".h5",) if name.endswith(".h5") else (SAFETENSORS,)  # all of one kind
            found[name] = None
    if not 0 < len(found) <= MOST_SHARDS:
        raise unreadable(path, f"it lists {len(found):,} files of weights, and 1 to {MOST_SHARDS:,} are read")
    return list(found)


def read_hdf5(path: Path) -> Graph:
    """The graph of a legacy ``.h5`` file, or the weights of one that holds nothing else.

    Raises SeqshapeError if the file is damaged or holds no model.
    """
    from seqshape.readers.hdf5 import WEIGHTS_ONLY, tree_graph
    from seqshape.readers.hdf5_legacy import LegacyStored, legacy_graph, model_config
    from seqshape.readers.keras_config import read_config

    stored = LegacyStored(lambda: path.open("rb"), str(path))
    text, version = model_config(stored)
    if text is not None:
        config = load(text, f"model_config in {path}")
        graph = read_config(config, name=str(path), version=version, weights=stored.of_layer)
        stored.share(graph)
        return graph
    graph = legacy_graph(stored) if stored.is_legacy() else tree_graph(stored, None)
    if not graph.calls:
        raise unreadable(path, "it is an HDF5 file, but holds neither a Keras model nor weights of one")
    graph.notes.append(Diagnostic("W401", "warning", WEIGHTS_ONLY))
    return graph


# --- zip ---------------------------------------------------------------------------------------------------------------


def _check_directory(path: Path) -> None:
    """Refuse an archive whose list of members alone would fill the memory. Raises SeqshapeError."""
    with path.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(size - 65_557, 0))  # the record at the end with the longest comment
        tail = stream.read()
    place = len(tail) - 22
    if tail[place : place + 4] != b"PK\x05\x06":
        place = tail.rfind(b"PK\x05\x06")
    listed = int.from_bytes(tail[place + 12 : place + 16], "little") if place >= 0 else 0
    if listed == 0xFFFFFFFF:  # the true size stands in the record of zip64
        place = tail.rfind(b"PK\x06\x06", 0, place)
        listed = int.from_bytes(tail[place + 40 : place + 48], "little") if place >= 0 else 0
    if listed > MOST_DIRECTORY:
        raise unreadable(path, f"its archive lists more than {MOST_DIRECTORY >> 20} MiB of members")


def _member(archive: zipfile.ZipFile, member: str, path: Path) -> bytes:
    """The content of a small member. Raises SeqshapeError if it is not there, encrypted, or larger than the limit."""
    from seqshape.readers.foreign import PYTORCH

    if member not in archive.namelist():
        if any(name.endswith("data.pkl") for name in archive.namelist()):
            raise PYTORCH.refusal(path)
        raise unreadable(path, f"it is a zip archive without {member}, so no .keras file")
    info = archive.getinfo(member)
    if info.flag_bits & 0x1:
        raise unreadable(path, f"{member} in it is encrypted")
    too_large = unreadable(path, f"{member} in it has more than {LIMIT >> 20} MiB")
    if info.file_size > LIMIT:
        raise too_large
    with archive.open(info) as stream:
        data = stream.read(LIMIT + 1)
    if len(data) > LIMIT:  # its entry has lied
        raise too_large
    return data


def _metadata(archive: zipfile.ZipFile, path: Path) -> object:
    if METADATA not in archive.namelist():
        return None
    return load(_member(archive, METADATA, path), f"{METADATA} in {path}")


def _stored_file(path: Path) -> IO[bytes]:
    """The weights inside an archive as a file that can be sought in.

    Raises ValueError or OSError if that cannot be had.
    """
    import zipfile

    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(WEIGHTS)
        if info.flag_bits & 0x1:
            raise ValueError(f"{WEIGHTS} is encrypted")
        if info.compress_type == zipfile.ZIP_STORED:
            return io.BufferedReader(Window(path, _start(path, info.header_offset), info.file_size))
        if info.file_size > MOST_UNPACKED:
            raise ValueError(f"{WEIGHTS} is packed and has more than {MOST_UNPACKED >> 30} GiB")
        with archive.open(info) as stream:
            return _unpacked(stream)


def _start(path: Path, header: int) -> int:
    """Where the content of a member begins, behind its header with the name and an extra field."""
    with path.open("rb") as stream:
        stream.seek(header)
        fields = stream.read(30)
    if len(fields) < 30 or fields[:4] != ZIP[0]:
        raise ValueError("an entry of the archive points at nothing")
    return header + 30 + int.from_bytes(fields[26:28], "little") + int.from_bytes(fields[28:30], "little")


def _unpacked(stream: IO[bytes]) -> IO[bytes]:
    import tempfile

    target = tempfile.TemporaryFile()  # noqa: SIM115 -- the caller closes it
    size = 0
    while chunk := stream.read(1 << 20):
        size += len(chunk)
        if size > MOST_UNPACKED:
            target.close()
            raise ValueError(f"{WEIGHTS} unpacks to more than {MOST_UNPACKED >> 30} GiB")
        target.write(chunk)
    target.seek(0)
    return target


class Window(io.RawIOBase):
    """A stretch of a file, as a file of its own: ``size`` bytes from ``start`` on."""

    def __init__(self, path: Path, start: int, size: int) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._start = start
        self._size = size
        self._place = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place; gives it."""
        self._place = max(0, offset + (0, self._place, self._size)[whence])
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer as far as the stretch goes; gives the number of bytes."""
        self._file.seek(self._start + self._place)
        view = memoryview(buffer)[: max(0, min(len(buffer), self._size - self._place))]
        number = self._file.readinto(view)
        self._place += number
        return number

    def close(self) -> None:
        """Close the file underneath too."""
        self._file.close()
        super().close()
