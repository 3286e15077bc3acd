"""Readers: from a text or a file to a Graph, told apart by content. A reader knows no layer by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqshape.diagnostics import Diagnostic, SeqshapeError, Source
from seqshape.graph import Graph

# What an argument of the command line may be a file by: everything else that does not exist is a spec.
SUFFIXES = (".seq", ".json", ".keras", ".h5", ".hdf5", ".py", ".ipynb", ".txt")
KINDS = ("spec", "config", "keras", "h5")


def is_file(argument: str) -> bool:
    """Whether an argument of the command line is a path and not a spec: a known suffix, ``::``, or it exists."""
    if argument.endswith(SUFFIXES) or "::" in argument:
        return True
    try:
        return Path(argument).is_file()
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
    if isinstance(source, Path) or (kind != "spec" and is_file(str(source))):
        return read_file(Path(source), kind, inputs=inputs)
    return read_text(str(source), kind, inputs=inputs)


def read_file(path: Path, kind: str | None = None, *, inputs: Sequence[str] = ()) -> Graph:
    """The graph of a file. Raises SeqshapeError if it cannot be read or is no model."""
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise _unreadable(path, problem.strerror or str(problem)) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(path, "it is not a text in UTF-8") from None
    return read_text(text, kind, name=str(path), inputs=inputs)


def read_text(text: str, kind: str | None = None, *, name: str | None = None, inputs: Sequence[str] = ()) -> Graph:
    """The graph of a text: a config if it is a JSON object, else a spec."""
    if kind == "config" or (kind is None and text.lstrip().startswith("{") and _ends_like_json(text, name)):
        return _read_json(text, name)
    from seqshape.readers.spec import read_spec

    return read_spec(text, name=name, inputs=inputs)


def _ends_like_json(text: str, name: str | None) -> bool:
    """A spec may begin with a choice, ``{LSTM,GRU}(8)``; a config begins with a key in quotes."""
    return (name or "").endswith(".json") or text.lstrip()[1:].lstrip()[:1] in ('"', "}")


def _read_json(text: str, name: str | None) -> Graph:
    import json

    from seqshape.readers.keras_config import read_config

    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as problem:
        where = f" (line {problem.lineno}, column {problem.colno})" if isinstance(problem, json.JSONDecodeError) else ""
        raise _unreadable(name or "the text", f"it is no JSON{where}") from None
    return read_config(data, name=name)


def _unreadable(path: object, why: str) -> SeqshapeError:
    return SeqshapeError((Diagnostic("E402", "error", f"cannot read {path}: {why}"),))
