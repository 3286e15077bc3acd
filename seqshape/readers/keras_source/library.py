"""Calls of libraries, told apart by the path of what is called."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from seqshape.readers.keras_source.builtins import HANDLERS
from seqshape.readers.keras_source.calls import unknown_call
from seqshape.readers.keras_source.checks import are_numbers
from seqshape.readers.keras_source.machine import on_behalf
from seqshape.readers.keras_source.names import canonical, is_keras
from seqshape.readers.keras_source.scope import Site
from seqshape.readers.keras_source.values import Args, External, Keywords, Missing, Result, Value

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter, OfLibrary

CONSTANTS: dict[str, Value] = {
    "numpy.pi": math.pi,
    "numpy.e": math.e,
    "numpy.inf": math.inf,
    "numpy.nan": math.nan,
    "numpy.newaxis": None,
    "tensorflow.newaxis": None,
    "keras.ops.newaxis": None,
    "math.pi": math.pi,
    "math.e": math.e,
    "os.sep": "/",
    "os.linesep": "\n",
    "sys.maxsize": 2**63 - 1,
    "string.ascii_lowercase": "abcdefghijklmnopqrstuvwxyz",
    "string.ascii_uppercase": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "string.ascii_letters": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "string.digits": "0123456789",
    "string.punctuation": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "tensorflow.AUTOTUNE": -1,
    "tensorflow.data.AUTOTUNE": -1,
    "tensorflow.data.experimental.AUTOTUNE": -1,
}
FACTORIES = {
    "collections.OrderedDict": "OrderedDict",
    "functools.partial": "partial",
}
MATH = frozenset(
    (
        "sqrt ceil floor log log2 log10 exp pow gcd prod sin cos tan fabs trunc hypot comb factorial isqrt lcm perm log1p"
        " degrees radians"
    ).split()
)
# The beginning of a path, and the module of this package whose ``call`` knows it; the first that fits.
ROOMS: tuple[tuple[str, str], ...] = (
    ("keras.layers.", "layer_functions"),
    ("keras.Sequential", "sequential"),
    ("keras.Model", "functional"),
    ("keras.Functional", "functional"),
    ("keras.models.", "copies"),
    ("keras.applications.", "applications"),
    ("keras.datasets.", "data"),
    ("keras.utils.", "data"),
    ("keras.preprocessing.", "data"),
    ("keras.ops.", "tensors"),
    ("keras.backend.", "backend"),
    ("keras.activations.", "tensors"),
    ("keras.config.", "backend"),
    ("keras.mixed_precision.", "backend"),
    ("keras.random.", "tensors"),
    ("keras.Input", "layer_functions"),
    ("keras.Variable", "classes"),
    ("keras.KerasTensor", "layer_functions"),
    ("keras.", "objects"),
    ("tensorflow.data.", "data"),
    ("tensorflow.", "tensors"),
    ("torch.", "tensors"),
    ("jax.", "tensors"),
    ("numpy.", "arrays"),
    ("argparse.Namespace", "containers"),
    ("argparse.", "arguments"),
    ("os.", "system"),
    ("itertools.", "iterators"),
    ("functools.", "iterators"),
    ("builtins.object.", "protocols"),
    ("contextlib.", "protocols"),
    ("collections.", "containers"),
    ("dataclasses.", "containers"),
    ("enum.", "containers"),
    ("typing.", "containers"),
    ("types.", "containers"),
    ("ast.", "system"),
    ("json.", "system"),
    ("random.", "system"),
    ("operator.", "operator_functions"),
    ("copy.", "system"),
    ("sys.", "system"),
    ("pathlib.", "system"),
    ("sklearn.", "arrays"),
)


def call_external(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """What a call of a library gives."""
    root, _, last = path.rpartition(".")
    if root == "builtins" or path in FACTORIES:
        name = FACTORIES.get(path, last)
        handler = HANDLERS.get(name)
        return handler(run, args, kwargs, site.called(name)) if handler is not None else run.unknown(site)
    if root == "math" and last in MATH:
        return _math(run, last, args, site)
    for start, room in ROOMS:
        if path == start or path.startswith(start):
            return room_of(room)(run, path, args, kwargs, site)
    return unknown_call(run, External(path), args, kwargs, site)


@cache
def room_of(name: str) -> OfLibrary:
    """The function of a module here that knows a family of paths."""
    from importlib import import_module

    found: OfLibrary = import_module(f"seqshape.readers.keras_source.{name}").call
    return found


def _math(run: Interpreter, name: str, args: Args, site: Site) -> Result:
    if name == "prod":
        return room_of("arrays")(run, "numpy.prod", args, {}, site)
    if are_numbers(args) and all(abs(each) < 1e15 for each in args):
        if name in ("factorial", "comb") and any(each > 100 for each in args):
            return run.unknown(site)
        return on_behalf(getattr(math, name), *args)
    if name in ("ceil", "floor", "trunc") and args and isinstance(args[0], Missing):
        return run.unknown(site)
    return run.unknown(site)


def exists(path: str) -> bool:
    """Whether a library has a thing of this path, for ``from … import *``."""
    root, _, last = path.rpartition(".")
    if root == "keras.layers":
        from seqshape.readers.keras_source.layers import is_layer

        return is_layer(last)
    if root in ("keras", "keras.models"):
        return last in ("Model", "Sequential", "Input", "load_model", "model_from_json", "layers", "models", "backend")
    if root == "keras.ops":
        from seqshape.readers.keras_source.engine import layer_type

        return layer_type(path.removeprefix("keras.")) is not None
    if is_keras(path):
        return bool(root) and (last[:1].isupper() or last in ("to_categorical", "plot_model", "load_data"))
    if root in ("numpy", "pylab", "math"):
        from seqshape.readers.keras_source.arrays import KNOWN

        return last in KNOWN or (root == "math" and last in MATH)
    return False


__all__ = ["CONSTANTS", "call_external", "canonical", "exists"]
