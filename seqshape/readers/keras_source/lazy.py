"""Arguments that nothing tells and no shape depends on: names of layers, initializers, the dtype of an input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.declaration import is_inert
from seqshape.readers.keras_source.naming import shortened
from seqshape.readers.keras_source.values import Missing

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site


def is_left_out(run: Interpreter, class_name: str, word: str | None, value: Missing, site: Site) -> bool:
    """Whether an argument is one that nothing tells, and the layer is the same in every row without it."""
    if word == "dtype" and class_name == "InputLayer":
        message = f"the dtype of this input is not known ({value.name}): float32 is taken"
        run.note("W147", message, site.span, f"--set '{value.name}=…' gives it a value", site.frame)
        return True
    return word is not None and is_inert(word)


def name_for(run: Interpreter, value: Missing, site: Site) -> str:
    """A name for a layer whose name nothing tells: it says what it depends on, and differs from all others."""
    stem = shortened(value.name.replace("/", "÷"))
    run.open_names[stem] = run.open_names.get(stem, 0) + 1
    number = run.open_names[stem]
    made = f"{{{stem}}}" if number == 1 else f"{{{stem}}} {number}"
    message = f"nothing tells the name of this layer, so {made} stands for it"
    run.note("W149", message, site.span, f"--set '{value.name}=…' gives it a value", site.frame)
    return made
