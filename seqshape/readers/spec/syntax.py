"""The syntax tree of a spec: what is written, before any name means anything.

Parentheses round one item leave no trace but their span.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from seqshape.diagnostics import Fault, Span
from seqshape.readers.spec.tokens import Comment, Token
from seqshape.records import NamedTuple

if TYPE_CHECKING:
    from seqshape.layers.declared import DeclaredLayer

CONSTANTS = {"True": True, "False": False, "None": None}
NO_NAMES = frozenset({*CONSTANTS, "lambda"})  # words that nothing is named
DEEPEST = 64  # brackets in an argument list, layers in layers, and powers
# Modules of Keras whose layers go by their last name alone.
_LAYER_MODULES = frozenset({"keras", "layers", "models", "L", "activations"})
_OWN_WORDS = {"input": "input", "inputlayer": "input", "residual": "residual", "sequential": "sequential"}
_VALUE_MODULES = frozenset({"nn", "ops", "tf", "np", "numpy", "jnp"})

# What is inside a syntax node is again a Syntax; a recursive type would cost the type checker minutes.
Part: TypeAlias = Any


class Number(NamedTuple):
    """``5``, ``0.2``."""

    value: int | float
    span: Span


class Text(NamedTuple):
    """A quoted string."""

    value: str
    span: Span


class Constant(NamedTuple):
    """``True``, ``False`` or ``None``."""

    value: bool | None
    span: Span


class Name(NamedTuple):
    """A word: a layer, a flag, an assigned name; it may be dotted."""

    text: str
    span: Span


class Unknown(NamedTuple):
    """``?``."""

    span: Span


class Unary(NamedTuple):
    """A sign before an operand; of several signs, what they come to."""

    operator: str
    operand: Part
    span: Span


class Arithmetic(NamedTuple):
    """Operands of one rank with the operators between them: ``a + b - c``, ``a * b // c``, ``a ** b``."""

    operands: tuple[Part, ...]
    operators: tuple[str, ...]
    span: Span


class Range(NamedTuple):
    """``start..stop`` or ``start..stop..step``."""

    start: Part
    stop: Part
    step: Part | None
    span: Span


class Choice(NamedTuple):
    """``{a,b}``."""

    options: tuple[Part, ...]
    span: Span


class Mapping(NamedTuple):
    """``{"key": value}``."""

    items: tuple[tuple[Part, Part], ...]
    span: Span


class Listing(NamedTuple):
    """Items in brackets. ``separator`` is ``,`` or ``|``, or empty in ``[x]``, which is a group or a list of one."""

    bracket: str
    separator: str
    items: tuple[Part, ...]
    span: Span


class Keyword(NamedTuple):
    """An argument; ``name`` is ``None`` for one without ``name=``."""

    name: Name | None
    value: Part
    span: Span


class Invocation(NamedTuple):
    """A name, or a choice of names, with arguments in parentheses."""

    callee: Name | Choice
    arguments: tuple[Keyword, ...]
    span: Span


class Chain(NamedTuple):
    """``A > B > C``: two steps or more."""

    steps: tuple[Part, ...]
    span: Span


class Statement(NamedTuple):
    """``value``, or ``a, b = value``."""

    targets: tuple[Name, ...]
    value: Part
    span: Span


class Declared(NamedTuple):
    """A layer that a spec declares: ``text`` is the statement in its canonical form, ``name`` the place of its name."""

    layer: DeclaredLayer
    text: str
    span: Span
    name: Span


class Script(NamedTuple):
    """A whole spec; the layers that it declares are no statements."""

    text: str
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    declared: tuple[Declared, ...] = ()


Literal: TypeAlias = Number | Text | Constant | Unknown
Syntax: TypeAlias = Literal | Name | Unary | Arithmetic | Range | Choice | Mapping | Listing | Invocation | Chain


def literal(token: Token) -> Syntax:
    """What a number, sizes, a string or ``?`` is."""
    value = token.value
    if isinstance(value, str):
        return Text(value, token.span)
    if isinstance(value, tuple):
        return Listing("(", ",", _sizes(token), token.span)
    return Unknown(token.span) if value is None else Number(value, token.span)


def _sizes(token: Token) -> tuple[Number, ...]:
    """The numbers of ``3x3``, each with its place."""
    found: list[Number] = []
    at = token.start
    for digits in token.text.lower().split("x"):
        found.append(Number(int(digits), Span(at, at + len(digits))))
        at += len(digits) + 1
    return tuple(found)


def too_deep(span: Span, depth: int) -> Fault:
    """The complaint that too many brackets stand in each other."""
    what = "brackets are" if depth > DEEPEST else "arguments, repeats or layers in each other are"
    help = "name the inner parts in statements of their own"
    return Fault(f"{what} nested more than {depth:,} deep", span=span, code="E115", help=help)


def layer_name(text: str) -> str:
    """A layer's name without Keras's module: ``keras.layers.LSTM`` → ``LSTM``, ``keras.ops.add`` → ``ops.add``.

    A name of another module stays whole.
    """
    if "." not in text:
        return text
    parts = text.split(".")
    if "ops" in parts[:-1]:
        return ".".join(parts[parts.index("ops") :])
    return parts[-1] if parts[-2] in _LAYER_MODULES or text.startswith(("tf.nn.", "tensorflow.nn.")) else text


def value_name(text: str) -> str:
    """A word that stands for a value, without its module: ``keras.activations.relu`` → ``relu``, ``tf.float32`` → …"""
    if "." not in text:
        return text
    parts = text.split(".")
    return parts[-1] if parts[-2] in _LAYER_MODULES | _VALUE_MODULES else text


def is_input(node: Syntax) -> bool:
    """Whether this is the language's own word ``Input``, with or without arguments."""
    return _word(node) == "input"


def is_residual(node: Syntax) -> bool:
    """Whether this is the language's own word ``Residual``, with or without arguments."""
    return _word(node) == "residual"


def is_sequential(node: Syntax) -> bool:
    """Whether this is Keras's ``Sequential([…])``, a chain written as in Python."""
    return isinstance(node, Invocation) and _word(node) == "sequential"


def own_word(text: str) -> str:
    """The word of the language that a name is: ``input``, ``residual``, ``sequential``, or ``""`` for a layer's name."""
    word = layer_name(text).lower()
    return _OWN_WORDS.get(word, "")


def _word(node: Syntax) -> str:
    name = node.callee if isinstance(node, Invocation) else node
    return own_word(name.text) if isinstance(name, Name) else ""
