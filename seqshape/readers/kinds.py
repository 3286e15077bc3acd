"""The kinds of sources: by which names their files go, what tells them by their content, what reads them.

Another kind is another line in KINDS. The command line's ``--from``, the API's ``kind``, what counts as a file among the
words of a command and what reads it all come from the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seqshape.readers.opened import HDF5, ZIP, Opened
from seqshape.records import NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from seqshape.graph import Graph

LONGEST_MENDED = 1_000_000  # characters of a config in which mends are tried


class Kind(NamedTuple):
    """One kind: ``sniff`` tells it by its content, ``read`` gives its graph or raises SeqshapeError.

    ``in_place``: its files are no text; ``sniff`` gets the first bytes and ``read`` the path, ``config`` reads what such
    a file says of its network, and ``lacks`` is what is said of a file that is given as of this kind and is not.
    """

    suffixes: tuple[str, ...]
    sniff: Callable[[Opened], bool]
    read: Callable[[Opened], Graph]
    in_place: bool = False
    config: Callable[[Path], object] | None = None
    lacks: str = ""


def _read_archive(source: Opened) -> Graph:
    from seqshape.readers.keras_archive import read_archive

    return read_archive(source.path)


def _read_hdf5(source: Opened) -> Graph:
    from seqshape.readers.keras_archive import read_hdf5

    return read_hdf5(source.path)


def _is_safetensors(source: Opened) -> bool:
    """Whether a length of less than 4 GiB, in 8 bytes, stands before an object of JSON. (No text has zeros.)"""
    return source.start[4:9] == b"\0\0\0\0{"


def _read_safetensors(source: Opened) -> Graph:
    from seqshape.readers.safetensors import read_safetensors

    return read_safetensors(source.path)


def _is_checkpoint(source: Opened) -> bool:
    """Whether a table begins with an entry without a name that says of how many parts the checkpoint is."""
    return source.start[:2] == b"\0\0" and source.start[3:4] == b"\x08"


def _read_checkpoint(source: Opened) -> Graph:
    from seqshape.readers.tf_checkpoint import read_checkpoint

    return read_checkpoint(source.path)


def _config_in(path: Path) -> object:
    from seqshape.readers.keras_archive import config_in

    return config_in(path)


def _is_config(source: Opened) -> bool:
    """Whether a text is a JSON object, or one written as a text, or whatever a .json file holds that is no spec.

    A spec may begin with a choice, ``{LSTM,GRU}(8)``; a config begins with a key in quotes.
    """
    start, is_json = source.text.lstrip(), source.named(".json")
    if start.startswith("{"):
        return is_json or start[1:].lstrip()[:1] in ('"', "}")
    return start[:2] in ('"{', '"\\') or (
        is_json and (start[:1] in ("[", '"') or start.strip() in ("null", "true", "false"))
    )


def _read_config(source: Opened) -> Graph:
    from seqshape.readers.json_text import load

    graph = _read_data(load(source.text, source.name), source.name)
    if len(source.text) <= LONGEST_MENDED:
        graph.language, graph.written = "config", source.text
    return graph


def _read_data(data: Any, name: str | None) -> Graph:
    from seqshape.readers.keras_archive import is_index, read_shards
    from seqshape.readers.saved import read_saved

    if is_index(data) and name is not None:
        from pathlib import Path

        return read_shards(Path(name), data)
    return read_saved(data, name)


def _is_yaml(source: Opened) -> bool:
    """Whether a text is a config in YAML. No spec begins with a key and a colon."""
    if source.named(".yaml", ".yml"):
        return True
    if "class_name:" not in source.text:
        return False
    key, colon, _ = source.text.lstrip()[:100].removeprefix("---").lstrip().partition(":")
    return bool(colon) and key.isidentifier()


def _read_yaml(source: Opened) -> Graph:
    from seqshape.readers.yaml_text import load_yaml

    return _read_data(load_yaml(source.text, source.name), source.name)


# One of these is in every program; most specs have none, and need not be looked at more closely.
PROGRAM_SIGNS = (".", "=", "@", ":", "import", "def", "class", "Model", "Functional")


def _is_program(source: Opened) -> bool:
    if source.named(".py", ".ipynb"):
        return True
    text = source.text
    for sign in PROGRAM_SIGNS:
        if sign in text:
            from seqshape.readers.keras_source.telling import is_python

            return is_python(text)
    return False


def _read_program(source: Opened) -> Graph:
    from seqshape.readers.keras_source.face import Text

    return Text(source.text, source.name).one()


def _is_vgsl(source: Opened) -> bool:
    """Whether a text begins as a VGSL spec does; a spec of seqshape has no four numbers in a row there."""
    if not source.text.lstrip().startswith("["):
        return source.named(".vgsl")
    from seqshape.readers.vgsl import is_vgsl

    return source.named(".vgsl") or is_vgsl(source.text)


def _read_vgsl(source: Opened) -> Graph:
    from seqshape.readers.vgsl import read_vgsl

    return read_vgsl(source.text, source.name)


def _read_spec(source: Opened) -> Graph:
    from seqshape.readers.spec import read_spec

    return read_spec(source.text, name=source.name, inputs=source.inputs)


# In the order in which a source is held against them; a spec is what is nothing else.
KINDS: dict[str, Kind] = {
    "spec": Kind((".seq", ".txt"), lambda source: False, _read_spec),
    "config": Kind((".json",), _is_config, _read_config),
    "yaml": Kind((".yaml", ".yml"), _is_yaml, _read_yaml),
    "source": Kind((".py", ".ipynb"), _is_program, _read_program),
    "vgsl": Kind((".vgsl",), _is_vgsl, _read_vgsl),
    "keras": Kind(
        (".keras",),
        lambda source: source.start.startswith(ZIP),
        _read_archive,
        in_place=True,
        config=_config_in,
        lacks="it is no zip archive",
    ),
    "h5": Kind(
        (".h5", ".hdf5"),
        lambda source: source.start.startswith(HDF5),
        _read_hdf5,
        in_place=True,
        config=_config_in,
        lacks="it is no HDF5 file",
    ),
    "safetensors": Kind(
        (".safetensors",), _is_safetensors, _read_safetensors, in_place=True, lacks="it is no file of safetensors"
    ),
    "checkpoint": Kind(
        (".index",), _is_checkpoint, _read_checkpoint, in_place=True, lacks="it is no index of a TensorFlow checkpoint"
    ),
}
# Files of other forms, which are named and not read.
FOREIGN = (
    *(
        ".pb",
        ".tflite",
        ".onnx",
        ".pt",
        ".pth",
        ".pkl",
        ".pickle",
        ".joblib",
        ".dill",
        ".mlmodel",
        ".mlpackage",
        ".ckpt",
    ),
    *(".lite", ".pbtxt", ".meta"),
    *(".md", ".markdown", ".rst", ".pdf", ".html", ".htm"),
)
# What an argument of the command line may be a file by: everything else that does not exist is a spec.
SUFFIXES = (*(suffix for kind in KINDS.values() for suffix in kind.suffixes), *FOREIGN)
_OF_TEXT = tuple(kind for name, kind in KINDS.items() if not kind.in_place and name != "spec")
MODEL_SUFFIXES = tuple(suffix for name, kind in KINDS.items() if name != "spec" for suffix in kind.suffixes)


def in_place(start: bytes) -> Kind | None:
    """The kind of a file that is no text, by its first bytes."""
    opened = Opened(start=start)
    return next((kind for kind in KINDS.values() if kind.in_place and kind.sniff(opened)), None)


def of_text(source: Opened) -> Kind:
    """The kind of a text."""
    for kind in _OF_TEXT:
        if kind.sniff(source):
            return kind
    return KINDS["spec"]
