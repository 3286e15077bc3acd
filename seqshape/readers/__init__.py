"""Readers: from a text or a file to a Graph, told apart by content. A reader knows no layer by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqshape.diagnostics import Source
from seqshape.graph import Graph

# What an argument of the command line may be a file by: everything else that does not exist is a spec.
SUFFIXES = (".seq", ".json", ".keras", ".h5", ".hdf5", ".py", ".ipynb", ".txt")
MODELS = ("config.json", "saved_model.pb")  # what is in a directory that holds a model
KINDS = ("spec", "config", "keras", "h5")


def is_file(argument: str) -> bool:
    """Whether an argument of the command line is a path and not a spec: a known suffix, ``::``, or it exists."""
    return argument.endswith(SUFFIXES) or "::" in argument or exists(argument)


def exists(argument: str) -> bool:
    """Whether an argument is the path of a file, a pipe or a device.

    A directory counts if a model is in it, or if it is written as a path.
    """
    try:
        path = Path(argument)
        if path.is_dir():
            return "/" in argument or any((path / name).is_file() for name in MODELS)
        return path.exists()
    except (OSError, ValueError):
        return False


def read(source: Any, kind: str | None = None, *, inputs: Sequence[str] = ()) -> Graph:
    """The graph of a spec, a path, the text of a config, a loaded config or a live Keras model.

    ``kind`` decides where the content does not; ``inputs`` are names that shapes are given for. Raises SeqshapeError.
    """
    if isinstance(source, Mapping):
        from seqshape.readers.keras_config import read_config

        return read_config(source)
    if hasattr(source, "to_json"):
        return read_text(source.to_json(), kind="config")
    if isinstance(source, Source):
        return read_text(source.text, kind, name=source.name, inputs=inputs)
    if isinstance(source, Path) or (exists(str(source)) if kind == "spec" else is_file(str(source))):
        return read_file(Path(source), kind, inputs=inputs)
    return read_text(str(source), kind, inputs=inputs)


def read_file(path: Path, kind: str | None = None, *, inputs: Sequence[str] = ()) -> Graph:
    """The graph of a file, told by its first bytes. Raises SeqshapeError if it cannot be read or is no model."""
    from seqshape.readers import keras_archive as archive
    from seqshape.readers.json_text import LIMIT, unreadable

    try:
        if path.is_dir():
            return archive.read_directory(path)
        if path.name == archive.SAVED_MODEL:
            raise archive.saved_model(path)
        with path.open("rb") as stream:
            start = stream.read(8)
            data = start if start.startswith((*archive.ZIP, archive.HDF5)) else start + stream.read(LIMIT)
    except (OSError, ValueError) as problem:
        raise unreadable(path, getattr(problem, "strerror", None) or str(problem)) from None
    _check_start(path, data, kind)
    if data.startswith(archive.ZIP):
        return archive.read_archive(path)
    if data.startswith(archive.HDF5):
        return archive.read_hdf5(path)
    if kind in ("keras", "h5"):
        raise unreadable(path, "it is no zip archive" if kind == "keras" else "it is no HDF5 file")
    text = _decoded(path, data, "it is neither a text in UTF-8 nor a file of Keras")
    return read_text(text, kind, name=str(path), inputs=inputs)


def text_of(path: Path) -> str:
    """The text of a file. Raises SeqshapeError if it cannot be read, is too long, or not in UTF-8."""
    from seqshape.readers.json_text import LIMIT, unreadable

    try:
        with path.open("rb") as stream:
            data = stream.read(LIMIT + 1)
    except (OSError, ValueError) as problem:
        raise unreadable(path, getattr(problem, "strerror", None) or str(problem)) from None
    return _decoded(path, data, "it is no text in UTF-8")


def _decoded(path: Path, data: bytes, otherwise: str) -> str:
    from seqshape.readers.json_text import LIMIT, unreadable

    if len(data) > LIMIT:
        raise unreadable(path, f"it has more than {LIMIT >> 20} MiB of text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable(path, otherwise) from None


def said(path: Path) -> Any:
    """What a file says of its network: the data of its config, or its text. ``None`` of what is no regular file.

    Raises SeqshapeError if it cannot be read.
    """
    from seqshape.readers import keras_archive as archive
    from seqshape.readers.json_text import LIMIT, load, unreadable

    try:
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            data = stream.read(8)
            if data.startswith((*archive.ZIP, archive.HDF5)):
                return archive.config_in(path)
            data += stream.read(LIMIT)
    except (OSError, ValueError) as problem:
        raise unreadable(path, getattr(problem, "strerror", None) or str(problem)) from None
    return load(data, str(path)) if data.lstrip().startswith((b"{", b"[")) else data


def _check_start(path: Path, data: bytes, kind: str | None) -> None:
    """Refuse what is told by its name and first bytes to be no source. Raises SeqshapeError."""
    from seqshape.readers import keras_archive as archive
    from seqshape.readers.json_text import unreadable

    if data.startswith((*archive.ZIP, archive.HDF5)):
        if not path.is_file():
            raise unreadable(
                path, "it is a file of a model in a pipe, and seqshape has to go back and forth in it", _PATH
            )
    elif not data.strip() and (path.suffix in (".keras", ".h5", ".hdf5", ".json") or kind in ("keras", "h5")):
        raise unreadable(path, "the file is empty")
    elif path.suffix in (".py", ".ipynb") and kind is None:
        help = "save the model as a .keras file, or its config: model.to_json()"
        raise unreadable(path, "it is Python code, which seqshape does not read", help)


_PATH = "give the path of the file"


def read_text(text: str, kind: str | None = None, *, name: str | None = None, inputs: Sequence[str] = ()) -> Graph:
    """The graph of a text: a config if it is a JSON object, else a spec."""
    is_object = text.lstrip().startswith("{") and _ends_like_json(text, name)
    if kind == "config" or (kind is None and (is_object or _is_no_config(text, name))):
        return _read_json(text, name)
    from seqshape.readers.spec import read_spec

    return read_spec(text, name=name, inputs=inputs)


def _ends_like_json(text: str, name: str | None) -> bool:
    """A spec may begin with a choice, ``{LSTM,GRU}(8)``; a config begins with a key in quotes."""
    return (name or "").endswith(".json") or text.lstrip()[1:].lstrip()[:1] in ('"', "}")


def _is_no_config(text: str, name: str | None) -> bool:
    """Whether a .json file holds a list, a text, or a constant: whatever it is, it is no spec."""
    start = text.lstrip()[:1]
    return (name or "").endswith(".json") and (start in ("[", '"') or text.strip() in ("null", "true", "false"))


def _read_json(text: str, name: str | None) -> Graph:
    from seqshape.readers.json_text import load
    from seqshape.readers.keras_archive import is_index, read_shards
    from seqshape.readers.keras_config import read_config

    data = load(text, name)
    if is_index(data) and name is not None:
        return read_shards(Path(name), data)
    return read_config(data, name=name)
