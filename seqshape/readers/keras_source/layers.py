"""Layers of Keras, as a program makes them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.graph import Argument, Call
from seqshape.graph import Value as Literal
from seqshape.readers.keras_source import eras
from seqshape.readers.keras_source.engine import layer_type
from seqshape.readers.keras_source.inputs import SHAPES, as_shape, check_input
from seqshape.readers.keras_source.lazy import is_left_out, name_for
from seqshape.readers.keras_source.literals import argument
from seqshape.readers.keras_source.rooms import room
from seqshape.readers.keras_source.scope import Site
from seqshape.readers.keras_source.tensors import bind_layer
from seqshape.readers.keras_source.values import Args, Given, Keywords, Layer, Missing, Value, is_missing
from seqshape.readers.keras_source.variants import open_rest

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter


# Functions of keras.layers that make a layer and call it.
MERGES = {
    "add": "Add",
    "subtract": "Subtract",
    "multiply": "Multiply",
    "average": "Average",
    "maximum": "Maximum",
    "minimum": "Minimum",
    "concatenate": "Concatenate",
    "dot": "Dot",
}


def is_layer(name: str) -> bool:
    """Whether keras.layers has, or had, a thing of this name."""
    return name in ("Input", "merge", "Layer") or name in MERGES or name in eras.CLASSES or layer_type(name) is not None


def construct(run: Interpreter, name: str, args: Args, kwargs: Keywords, site: Site, shown: str | None = None) -> Layer:
    """A layer of Keras."""
    given = _given(args, kwargs, site)
    written = name
    given = _given(args, kwargs, site)
    if not run.is_today:
        name, given = eras.translated(name, given, run.is_old)
        _say_old(run, written, name, site)
    given = _by_name(run, name, given, site)
    inner = room("wrapped").own_layer(given)
    if inner is not None:
        wrapped: Layer = room("wrapped").wrap(run, name, given, inner, site)
        return wrapped
    layer = Layer(Call(name, (), site.span, name_span=_name_span(site)), f"keras.layers.{name}", site.span)
    rest = open_rest(kwargs)
    if rest is not None:
        run.doubted[layer.call] = (f"nothing tells which arguments {name} gets of {rest.name}", site.span)
    layer.call.shown = written if name.startswith("Full") and shown is None else shown
    kept = [each for word, value, node in given for each in _kept(run, layer, word, value, node, site)]
    layer.call.arguments = (*kept, *_defaults(run, name, written, kept, site), *_filled_in(run, name, kept, site))
    if name == "InputLayer":
        check_input(run, layer.options, site)
    bind_layer(run, layer)
    return layer


def _kept(run: Interpreter, layer: Layer, word: str | None, value: Value, node: ast.AST, site: Site) -> list[Argument]:
    """An argument as today's class takes it; nothing where it says something of the input, or is left out."""
    name = layer.call.class_name
    option = _of_input(run, name, word, value)
    if option is not None:
        layer.options[option] = as_shape(run, option, value, site)
        return []
    if isinstance(value, Missing):
        if is_left_out(run, name, word, value, site):
            return []
        value = name_for(run, value, site) if word == "name" else value
    if (word == "weights" and not _holds_numbers(value)) or (not run.is_today and word in eras.LEFT):
        _say_left(run, name, word, site)
        return []
    if isinstance(value, (list, tuple)) and _is_cell(name, word):
        value = construct(run, "StackedRNNCells", [value], {}, site)
    if word in SHAPES:
        value = as_shape(run, word, value, site)
    layer.options[word if word is not None else str(len(layer.options))] = value
    return [argument(run, word, value, site.frame, node)]


def _of_input(run: Interpreter, name: str, word: str | None, value: Value) -> str | None:
    """What an argument says of the input and not of the layer, if it does: its shape, its length."""
    if not run.is_today and word in ("batch_input_shape", "batch_shape") and name != "InputLayer":
        return "batch_input_shape"
    if word == "input_length" and (is_missing(value) or not (run.is_today or _takes(name, word))):
        return word  # the input has a length without it too
    return None


def _takes(name: str, word: str | None) -> bool:
    """Whether today's class declares an argument."""
    kind = layer_type(name)
    return kind is not None and word is not None and kind.parameter(word) is not None


def _say_left(run: Interpreter, name: str, word: str | None, site: Site) -> None:
    """Say of an argument that today's class does not take that it is left out."""
    if not _takes(name, word):
        message = f"today's {name} does not take {word}, which is left out"
        run.note("W145", message, site.span, None, site.frame)


def _given(args: Args, kwargs: Keywords, site: Site) -> Given:
    positional: Given = [(None, value, site.place(index)) for index, value in enumerate(args)]
    return positional + [(name, value, site.place(name)) for name, value in kwargs.items()]


def _by_name(run: Interpreter, name: str, given: Given, site: Site) -> Given:
    """Positional arguments under their names: a spec's short forms of a shape are none of Python's."""
    kind = layer_type(name)
    words = [parameter.name for parameter in kind.positional] if kind is not None else []
    number = sum(word is None for word, _, _ in given)
    if kind is None:
        return given
    if number > len(words):
        run.engine.complain(f"{name} takes at most {len(words)} arguments, but gets {number}", "E103", site.span)
        given = [each for place, each in enumerate(given) if each[0] is not None or place < len(words)]
    return [(words[place] if word is None else word, value, node) for place, (word, value, node) in enumerate(given)]


def _holds_numbers(value: Value) -> bool:
    """Whether weights are given as bare numbers, which Keras does not take."""
    items = value if isinstance(value, (list, tuple)) else (value,)
    return any(isinstance(each, (int, float)) for each in items)


def _is_cell(name: str, word: str | None) -> bool:
    """Whether an argument is a cell, where a list of them becomes a stack."""
    kind = layer_type(name)
    parameter = kind.parameter(word) if kind is not None and word is not None else None
    return parameter is not None and parameter.kind == "Cell"


def _name_span(site: Site) -> Span:
    function = getattr(site.node, "func", None)
    if isinstance(function, ast.Attribute):
        stop = site.frame.span(function).stop
        return Span(stop - len(function.attr), stop)
    return site.frame.span(function) if function is not None else site.span


def _defaults(run: Interpreter, name: str, written: str, given: list[Argument], site: Site) -> list[Argument]:
    """What the settings of the program change in a layer that does not say it itself."""
    known = {each.name for each in given}
    kind = layer_type(name)
    found: list[Argument] = []

    def add(argument_name: str, value: object) -> None:
        found.append(Argument(argument_name, Literal(value, site.span), site.span))

    if kind is None:
        return found
    dtype = run.floatx if kind.name == "InputLayer" else run.engine.dtype
    if dtype != "float32" and "dtype" not in known:
        add("dtype", dtype)
    if kind.name == "InputLayer":
        return found
    parameters = {parameter.name for parameter in kind.parameters}
    if run.data_format != "channels_last" and "data_format" in parameters and "data_format" not in known:
        add("data_format", run.data_format)
    if name == "GRU" and "reset_after" not in known and (run.is_old or written == "CuDNNGRU"):
        add("reset_after", written == "CuDNNGRU")
    return found


def _filled_in(run: Interpreter, name: str, given: list[Argument], site: Site) -> list[Argument]:
    """What Keras filled in when an older program was written, and wants to be told today."""
    kind = layer_type(name)
    if run.is_today or kind is None:
        return []
    known = {each.name for each in given}
    found = {word: value for word, value in eras.DEFAULTS.get(kind.name, {}).items() if word not in known}
    for word, value in found.items():
        message = f"{name} had {word}={value} unless told otherwise before Keras 3, which wants it told"
        run.note("W145", message, site.span, None, site.frame)
    return [Argument(word, Literal(value, site.span), site.span) for word, value in found.items()]


def _say_old(run: Interpreter, written: str, now: str, site: Site) -> None:
    """What is otherwise in a class of Keras 1 that is read as today's."""
    if written in eras.SAID and (run.is_old or written != now):
        run.note("W146", eras.SAID[written], site.span, None, site.frame)
