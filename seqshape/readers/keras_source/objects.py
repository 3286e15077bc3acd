"""What else Keras has: optimizers, losses, callbacks, initializers. None of it changes a summary, so only its class is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.graph import Call
from seqshape.readers.keras_source.values import Args, KerasObject, Keywords, Value

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """An object of one of Keras's classes, or what a function of Keras gives, which is not known."""
    last = path.rpartition(".")[2]
    if last[:1].isupper():
        return KerasObject(path, Call(path, (), site.span))
    if path.startswith(("keras.initializers.", "keras.regularizers.", "keras.constraints.", "keras.wrappers.")):
        return KerasObject(path, Call(path, (), site.span))
    return run.unknown(site)
