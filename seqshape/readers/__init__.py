"""Readers: from a text or a file to a Graph, told apart by content. A reader knows no layer by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from stat import S_ISDIR
from typing import TYPE_CHECKING, TypeVar

from seqshape.diagnostics import Diagnostic, SeqshapeError, Source
from seqshape.graph import Graph, read_already
from seqshape.readers.kinds import KINDS, MODEL_SUFFIXES, SUFFIXES, in_place, of_text
from seqshape.readers.opened import CONFIG, MODEL, SAVED_MODEL, START, Opened

if TYPE_CHECKING:
    from pathlib import Path

    from seqshape.readers.keras_source.face import Text

Answer = TypeVar("Answer")


def is_file(argument: str) -> bool:
    """Whether an argument of the command line is a path and not a spec: a known suffix, ``::``, or it exists."""
    return argument.endswith(SUFFIXES) or "::" in argument or exists(argument)


def exists(argument: str) -> bool:
    """Whether an argument is the path of a file, a pipe or a device.

    A directory counts if a model is in it, or if it is written as a path; so does the prefix of a checkpoint.
    """
    try:
        is_folder = S_ISDIR(os.stat(argument).st_mode)
    except (OSError, ValueError):
        return os.path.isfile(f"{argument}.index")
    return (
        not is_folder
        or "/" in argument
        or any(os.path.isfile(os.path.join(argument, name)) for name in (CONFIG, SAVED_MODEL, MODEL))
    )


def read(
    source: object,
    kind: str | None = None,
    *,
    inputs: Sequence[str] = (),
    settings: Mapping[str, int | str] | None = None,
    shapes: object = None,
) -> Graph:
    """The graph of a spec, a path, the text of a config or of a program, a loaded config, or a live Keras model.

    ``kind`` decides where the content does not; ``inputs`` are names that shapes are given for; ``settings`` are values
    for names in a program, and ``shapes`` the shapes that are given. Raises SeqshapeError.
    """
    known = read_already(source)
    if known is not None:
        return known
    program = as_program(source, kind)
    if program is not None:
        return program.one(settings, shapes)
    _refuse_texts(settings)
    if isinstance(source, Mapping):
        from seqshape.readers.saved import read_saved

        return read_saved(source, None)
    if hasattr(source, "to_json"):
        return read_text(source.to_json(), kind="config")
    if isinstance(source, Source):
        return read_text(source.text, kind, name=source.name, inputs=inputs)
    if isinstance(source, os.PathLike) or (exists(str(source)) if kind == "spec" else is_file(str(source))):
        from pathlib import Path

        return read_file(Path(source if isinstance(source, os.PathLike) else str(source)), kind, inputs=inputs)
    if kind is None and "." in str(source):
        _refuse_missing(str(source))
    return read_text(str(source), kind, inputs=inputs)


def _refuse_missing(word: str) -> None:
    """A word with a suffix, and no layer, is a file that is not there. Raises SeqshapeError."""
    import re

    from seqshape.registry import find_layer

    if not re.fullmatch(r"[\w~/-][\w./-]*\.[A-Za-z][A-Za-z0-9]{0,9}", word) or find_layer(word) is not None:
        return
    if word.partition(".")[0] not in ("keras", "layers", "tf", "ops", "nn", "torch", "F"):
        from pathlib import Path

        from seqshape.readers.foreign import missing

        raise missing(Path(word), "a network is layers with > between them: LSTM(5,seq) > Dense(1)")


def _refuse_texts(settings: Mapping[str, int | str] | None) -> None:
    """Only a program has values that are no sizes. Raises SeqshapeError."""
    for name, value in (settings or {}).items():
        if isinstance(value, str) or not name.isidentifier():
            message = f"{name}={value!r} has to be a name and a number of at least 1, such as T=500"
            help = "other names and values are for Python source code"
            raise SeqshapeError((Diagnostic("E307", "error", message, help=help),))


def as_program(source: object, kind: str | None) -> Text | None:
    """A source as a program in Python, ``FILE::NAME`` parted; ``None`` if it is none. Raises SeqshapeError."""
    if kind not in (None, "source") or not isinstance(source, (str, os.PathLike, Source)):
        return None
    if isinstance(source, Source):
        from seqshape.readers.keras_source.telling import is_python

        if kind is None and not is_python(source.text):
            return None
        from seqshape.readers.keras_source.face import Text

        return Text(source.text, source.name)
    return _program_at(str(source), kind)


def _program_at(source: str, kind: str | None) -> Text | None:
    path, _, wanted = source.partition("::")
    if path.endswith((".py", ".ipynb")) or (wanted and exists(path)) or (kind == "source" and exists(path)):
        from pathlib import Path

        from seqshape.readers.keras_source.face import Text

        return Text(text_of(Path(path)), path, Path(path), wanted or None)
    if kind is None and (not _may_be_code(source) or is_file(source)):
        return None
    from seqshape.readers.keras_source.telling import is_python

    if kind is None and not is_python(source):
        return None
    from seqshape.readers.keras_source.face import Text

    return Text(source, None)


def _may_be_code(text: str) -> bool:
    """Whether a text has a sign that a spec seldom has: the rest is decided by what it is."""
    return any(sign in text for sign in ("import ", ".add(", "keras.", "Model(", "def ", "Sequential", ")("))


def read_file(path: Path, kind: str | None = None, *, inputs: Sequence[str] = ()) -> Graph:
    """The graph of a file, told by its first bytes. Raises SeqshapeError if it cannot be read or is no model."""
    from seqshape.readers.json_text import unreadable

    if _answer(path, path.is_dir):
        from seqshape.readers.keras_archive import read_directory

        return _answer(path, lambda: read_directory(path))
    if not os.path.exists(path):
        from seqshape.readers.foreign import refuse_missing

        refuse_missing(path)
    data = _answer(path, lambda: _start_or_text(path))
    found = in_place(data)
    _check_start(path, data, kind, found is not None)
    if found is not None:
        return found.read(Opened(start=data, name=str(path), path=path, inputs=inputs))
    if kind is not None and KINDS[kind].in_place:
        raise unreadable(path, KINDS[kind].lacks)
    otherwise = next(
        (one.lacks for one in KINDS.values() if one.in_place and path.name.endswith(one.suffixes)), _NO_TEXT
    )
    text = _decoded(path, data, otherwise)
    if "\0" in text:
        raise unreadable(path, otherwise)
    return read_text(text, kind, name=str(path), inputs=inputs)


UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # how such a text begins
LFS = b"version https://git-lfs.github.com/spec/"
_NO_TEXT = "it is neither a text in UTF-8 nor a file of Keras"


def _start_or_text(path: Path) -> bytes:
    """The first bytes of a file that is read in place, or all of a text, one byte more than the limit at most."""
    from seqshape.readers.json_text import LIMIT

    with path.open("rb") as stream:
        start = stream.read(START)
        return start if in_place(start) else start + stream.read(LIMIT)


def text_of(path: Path) -> str:
    """The text of a file. Raises SeqshapeError if it cannot be read, is too long, or not in UTF-8."""
    from seqshape.readers.json_text import LIMIT

    def whole() -> bytes:
        with path.open("rb") as stream:
            return stream.read(LIMIT + 1)

    if not os.path.exists(path):
        from seqshape.readers.foreign import refuse_missing

        refuse_missing(path)
    data = _answer(path, whole)
    return _decoded(path, data, "it is no text in UTF-8")


def _decoded(path: Path, data: bytes, otherwise: str) -> str:
    from seqshape.readers.json_text import LIMIT, unreadable

    if len(data) > LIMIT:
        raise unreadable(path, f"it has more than {LIMIT >> 20} MiB of text")
    if data.startswith(UTF_16):
        help = "save it as UTF-8; in PowerShell: Out-File -Encoding utf8, in the place of >"
        raise unreadable(path, "it is a text in UTF-16", help)
    if data.startswith(LFS):
        raise unreadable(path, "it is a pointer of Git LFS, and the file itself is not here", "git lfs pull fetches it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable(path, otherwise) from None


def said(path: Path) -> object:
    """What a file says of its network: the data of its config, or its text. ``None`` of what is no regular file.

    Raises SeqshapeError if it cannot be read.
    """
    from seqshape.readers.json_text import load

    if not _answer(path, path.is_file):
        return None
    data = _answer(path, lambda: _start_or_text(path))
    found = in_place(data)
    if found is not None:
        config = found.config
        return _answer(path, lambda: config(path)) if config is not None else None
    return load(data, str(path)) if data.lstrip().startswith((b"{", b"[")) else data


def _answer(path: Path, ask: Callable[[], Answer]) -> Answer:
    """What the file system answers. Raises SeqshapeError where it refuses."""
    from seqshape.readers.json_text import unreadable

    try:
        return ask()
    except (OSError, ValueError) as problem:
        raise unreadable(path, getattr(problem, "strerror", None) or str(problem)) from None


def _check_start(path: Path, data: bytes, kind: str | None, is_in_place: bool) -> None:
    """Refuse what is told by its name and first bytes to be no source. Raises SeqshapeError."""
    from seqshape.readers.json_text import unreadable

    if is_in_place and not path.is_file():
        why = "it is a file of a model in a pipe, and seqshape has to go back and forth in it"
        raise unreadable(path, why, "give the path of the file")
    if not data.strip() and (path.suffix in MODEL_SUFFIXES or (kind is not None and KINDS[kind].in_place)):
        raise unreadable(path, "the file is empty")
    if kind is None and not is_in_place:
        from seqshape.readers.foreign import refuse

        refuse(path, data[:START])


def read_text(text: str, kind: str | None = None, *, name: str | None = None, inputs: Sequence[str] = ()) -> Graph:
    """The graph of a text, of the kind that is given or that it is told to be."""
    source = Opened(text=text, name=name, inputs=inputs)
    found = of_text(source) if kind is None else KINDS["spec" if KINDS[kind].in_place else kind]
    return found.read(source)
