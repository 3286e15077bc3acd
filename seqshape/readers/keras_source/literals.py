"""From values of the program to arguments of a call in a graph, each with its place in the text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seqshape.dims import UNKNOWN, Poly
from seqshape.graph import Argument, Call, Open
from seqshape.graph import Value as Literal
from seqshape.readers.keras_source.rooms import room
from seqshape.readers.keras_source.values import (
    Array,
    Class,
    External,
    Function,
    Instance,
    KerasObject,
    Layer,
    Method,
    Missing,
    MissingShape,
    Native,
    Rule,
    Value,
)

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Frame

DTYPES = frozenset(
    "float16 float32 float64 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool string complex64".split()
)


def argument(run: Interpreter, name: str | None, value: Value, frame: Frame, node: ast.AST) -> Argument:
    """One argument of a call. ``node`` is the syntax of the value, or the keyword with its name."""
    span = frame.span(node)
    inner = node.value if isinstance(node, ast.keyword) else node
    return Argument(name, literal(run, value, frame, inner), span)


def literal(run: Interpreter, value: Value, frame: Frame, node: ast.AST) -> Literal:
    """A value as the graph has it."""
    span = frame.span(node)
    if isinstance(value, (tuple, list)):
        elements = getattr(node, "elts", ())
        places = elements if len(elements) == len(value) else [node] * len(value)
        items = [literal(run, each, frame, place) for each, place in zip(value, places, strict=True)]
        return Literal(tuple(items) if isinstance(value, tuple) else items, span)
    if isinstance(value, dict):
        return Literal({str(key): literal(run, each, frame, node) for key, each in value.items()}, span)
    return Literal(_plain(run, value, frame, node), span)


def _plain(run: Interpreter, value: Value, frame: Frame, node: ast.AST) -> object:
    if value is None or isinstance(value, (bool, int, float, str, Poly)):
        return value
    if value is UNKNOWN:
        return None
    if isinstance(value, Missing):
        return Open(value.name, value.as_size())
    if isinstance(value, Layer):
        return room("models").call_of(run, value)
    if isinstance(value, KerasObject):
        return value.call
    if isinstance(value, Rule):
        return value
    if isinstance(value, External):
        return of_library(value.path, frame, node)
    if isinstance(value, (Function, Method, Native, Instance, Class)):
        return Call(f"source.{getattr(value, 'name', 'function')}", (), frame.span(node), module="keras.source")
    name = (
        value.name if isinstance(value, Array) else value.array.name if isinstance(value, MissingShape) else "a value"
    )
    return Open(name, None)


def of_library(path: str, frame: Frame, node: ast.AST) -> object:
    """What something of a library is as an argument: a dtype, an activation, or a class of Keras."""
    from seqshape.kinds import ACTIVATIONS

    root, _, last = path.rpartition(".")
    last = {"float": "float32", "int": "int32", "bool_": "bool"}.get(last, last)
    if root in ("tensorflow", "numpy", "builtins", "torch", "jax.numpy", "tensorflow.dtypes") and last in DTYPES:
        return last
    if last in ACTIVATIONS and root.partition(".")[0] in ("keras", "tensorflow", "jax", "torch"):
        return last
    return Call(path, (), frame.span(node), module="keras.objects")


def set_argument(call: Call, name: str, value: Literal) -> None:
    """Give a call an argument, in the place of one of that name."""
    kept = tuple(each for each in call.arguments if each.name != name)
    call.arguments = (*kept, Argument(name, value, value.span))
