"""Files of models that are not read: named, and what to do instead. Nothing of them is opened that could run."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from seqshape.diagnostics import SeqshapeError, nearest
from seqshape.readers.json_text import unreadable
from seqshape.readers.opened import SAVED_MODEL
from seqshape.records import NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

KERAS = "save the model as a .keras file, or its config: model.to_json()"
WEIGHTS = "its weights alone can be listed:"
SAFETENSORS = "its weights can be listed once they are saved as .safetensors: safetensors.torch.save_file"
VARIABLES = ("variables", "variables.index")  # of a SavedModel


class Form(NamedTuple):
    """A form that is not read: what it is, what to do, and what tells it beside the suffixes of its files' names."""

    what: str
    help: str
    suffixes: tuple[str, ...]
    sniff: Callable[[bytes], bool] = lambda start: False

    def refusal(self, path: Path) -> SeqshapeError:
        """The error that a file is of this form."""
        return unreadable(path, f"it is {self.what}", self.help)


PYTORCH = Form(
    "a file of PyTorch, which can run any code when it is opened: seqshape does not open it",
    SAFETENSORS,
    (".pt", ".pth"),
)
MOST_NAMES = 2000  # of a folder that are looked at for one that was meant
PROSE = (".md", ".markdown", ".rst", ".pdf", ".html", ".htm")
CORE_ML = Form("a model of Core ML", KERAS, (".mlmodel", ".mlpackage"))
FORMS = (
    PYTORCH,
    Form("a model of TensorFlow Lite", KERAS, (".tflite", ".lite"), lambda start: start[4:8] == b"TFL3"),
    Form("a model of ONNX, whose graph has operations and no layers of Keras", KERAS, (".onnx",)),
    Form(
        "a pickle, which can run any code when it is opened: seqshape does not open it",
        KERAS,
        (".pkl", ".pickle", ".joblib", ".dill"),
        lambda start: start[:1] == b"\x80" and 2 <= start[1] <= 5,
    ),
    CORE_ML,
    Form("a graph of TensorFlow, of operations and not of layers", KERAS, (".pb", ".pbtxt")),
    Form("the graph of a TensorFlow checkpoint, of operations and not of layers", KERAS, (".meta",)),
    Form("a text for people, and no model", "give the file of the model, or a spec: LSTM(5,seq) > Dense(1)", PROSE),
)
DATA = re.compile(r"\.data-\d{5}-of-\d{5}$")  # of a checkpoint: the numbers


def refuse(path: Path, start: bytes) -> None:
    """Refuse a file that is told to be of another form, by its first bytes or its name. Raises SeqshapeError."""
    if path.name == SAVED_MODEL:
        raise saved_model(path.parent, path)
    if DATA.search(path.name):
        index = DATA.sub(".index", path.name)
        raise unreadable(path, "it holds the numbers of a TensorFlow checkpoint", f"give its index: {index}")
    if start.startswith(b"model_checkpoint"):
        raise unreadable(path, "it names the checkpoints of TensorFlow beside it", _indices(path.parent) or KERAS)
    for form in FORMS:
        if path.name.endswith(form.suffixes) or (len(start) > 4 and form.sniff(start)):
            raise form.refusal(path)


def refuse_missing(path: Path) -> None:
    """Refuse a path without a file: the prefix of a checkpoint, or a name that nothing has. Raises SeqshapeError."""
    index = path.with_name(f"{path.name}.index") if path.name else path
    if os.path.isfile(index):  # says no, and raises nothing, where a name is too long
        raise unreadable(path, "it is the prefix of a TensorFlow checkpoint", f"{WEIGHTS} seqshape summarize {index}")
    try:
        path.stat()
    except FileNotFoundError:
        raise missing(path) from None
    except (OSError, ValueError):
        return


def missing(path: Path, otherwise: str | None = None) -> SeqshapeError:
    """The error for a file that is not there: a name like it in its folder, or that there is no such folder."""
    help = otherwise
    if not os.path.isdir(path.parent):
        help = f"there is no folder {path.parent} here"
    elif near := nearest(path.name, list(islice(_names(path.parent), MOST_NAMES))):
        help = f"did you mean {path.with_name(near)}?"
    return unreadable(path, "No such file or directory", help)


def _names(folder: Path) -> Iterator[str]:
    """The names in a folder; none if it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            yield from (entry.name for entry in entries)
    except OSError:
        return


def directory(path: Path) -> SeqshapeError | None:
    """What is said of a directory that holds a model of another form; ``None`` if none is seen in it."""
    if (path / SAVED_MODEL).is_file() or (path / "saved_model.pbtxt").is_file():
        return saved_model(path, path)
    if path.suffix == CORE_ML.suffixes[-1]:
        return CORE_ML.refusal(path)
    found = _indices(path)
    return unreadable(path, "it is a directory of TensorFlow checkpoints", found) if found else None


def saved_model(folder: Path, path: Path) -> SeqshapeError:
    """The error that a path is a model of TensorFlow's own format."""
    index = folder.joinpath(*VARIABLES)
    weights = f"; {WEIGHTS} seqshape summarize {index}" if index.is_file() else ""
    return unreadable(path, "it is a TensorFlow SavedModel, which seqshape does not read", f"{KERAS}{weights}")


def _indices(folder: Path) -> str | None:
    first = min(_listed(folder), default=None)
    return None if first is None else f"{WEIGHTS} seqshape summarize {first}"


def _listed(folder: Path) -> Iterator[str]:
    """The indices of checkpoints in a directory, of its first thousand entries."""
    for number, entry in enumerate(folder.iterdir()):
        if entry.name.endswith(".index"):
            yield str(entry)
        if number > 1000:
            return
