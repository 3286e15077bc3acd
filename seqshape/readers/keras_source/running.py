"""What the rooms of the interpreter know of the program that is being read."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from seqshape.diagnostics import Span
from seqshape.graph import Call, Node
from seqshape.readers.keras_source.engine import Engine, SymbolicTensor, Trace
from seqshape.readers.keras_source.machine import Machine
from seqshape.readers.keras_source.records import Gap, Record
from seqshape.readers.keras_source.scope import Frame, Module, Scope, Site
from seqshape.readers.keras_source.values import (
    Args,
    Class,
    Definition,
    Function,
    Keywords,
    Layer,
    Model,
    Result,
    Value,
    Work,
)


class Interpreter(Protocol):
    """A program that is being read: see interpreter.Reading."""

    settings: dict[str, Value]
    shapes: object
    machine: Machine
    engine: Engine
    world: Trace
    trace: Trace
    modules: dict[Path, Module]
    records: list[tuple[Record, Model]]
    called: set[Function | Class]
    attempts: int
    put: dict[str, Value]
    loops: list[Span]
    changed: list[tuple[Value | Scope, Value]]
    data_format: str
    floatx: str
    main: Module | None
    is_old: bool
    is_today: bool
    layer_of: dict[Call, Layer]
    made: int
    doubted: dict[Call, tuple[str, Span]]
    gaps: list[Gap]
    gaps_before: dict[Call | Node, int]
    losses: int
    open_names: dict[str, int]
    unordered: set[Span]

    def new_module(self, text: str, path: Path | None, bounds: Path | None, name: str) -> Module:
        """A module of a text."""

    def parsed(self, module: Module, *, quiet: bool = False) -> ast.Module | None:
        """The syntax of a module."""

    def module_frame(self, module: Module) -> Frame:
        """The frame of a module's own statements."""

    def block(self, body: Sequence[ast.stmt], frame: Frame) -> Work:
        """Do statements one after the other."""

    def evaluate(self, node: ast.expr, frame: Frame) -> Result:
        """The value of an expression, or the work that gives it."""

    def assign(self, target: ast.expr, value: Value, frame: Frame) -> Result:
        """Give a value to a target."""

    def named(self, name: str, value: Value, frame: Frame, node: ast.AST) -> Value:
        """The value that a name gets."""

    def function(self, node: Definition, frame: Frame) -> Work:
        """A function object."""

    def call(self, function: Value, args: Args, kwargs: Keywords, frame: Frame, node: ast.AST) -> Result:
        """Call something with values."""

    def call_method(self, owner: Value, name: str, args: Args, kwargs: Keywords, frame: Frame, node: ast.AST) -> Work:
        """Call a method of an object of a class of the source."""

    def missing(self, name: str, span: Span) -> Value:
        """Something that nothing tells."""

    def unknown(self, site: Site) -> Value:
        """What a call gives where nothing tells it."""

    def unknown_here(self, node: ast.AST, frame: Frame) -> Value:
        """What a piece of syntax means where nothing tells it."""

    def written(self, node: ast.AST, frame: Frame) -> str:
        """A piece of syntax as text."""

    def outside(self, name: str, frame: Frame, span: Span) -> Value:
        """What a name means that the program does not give itself."""

    def is_undefined(self, name: str, frame: Frame) -> bool:
        """Whether the program never says what a name is."""

    def rank_of(self, array: str) -> int:
        """The number of axes that an array is taken to have."""

    def undecided(self, name: str, span: Span, frame: Frame) -> None:
        """Say that neither way of a branch is taken."""

    def say_loop(self, span: Span, message: str, frame: Frame) -> None:
        """Say that a loop was not followed to its end."""

    def open_loop(self, span: Span) -> AbstractContextManager[None]:
        """What is made inside is made an unknown number of times."""

    def remember(self, made: Call | Node) -> None:
        """Note in which loops something is made."""

    def note_change(self, owner: Value, key: Value = None) -> None:
        """Remember what is changed in a loop of which nothing tells how often it turns."""

    def doubt(self, value: Value, why: str, span: Span, scope: Scope, name: str) -> None:
        """Something may have been changed in a way that is not known."""

    def note(self, code: str, message: str, span: Span, help: str | None = None, frame: Frame | None = None) -> None:
        """Say something of the program."""

    def note_library(self, name: str) -> None:
        """Remember a library that is imported."""

    def mark_faults(self) -> int:
        """How many faults there are so far."""

    def forget_faults(self, number: int) -> None:
        """The program has caught what was refused since."""

    def refused(self, before: int, span: Span) -> None:
        """Raise what Keras would have raised, if the program may catch it."""

    def operation(self, name: str, operands: list[Value], kwargs: Keywords, span: Span) -> Value:
        """An operation of keras.ops."""

    def say_lost(self, why: str, span: Span) -> None:
        """Say where what is known of a tensor ended."""

    def lose_count(self, what: str, span: Span) -> None:
        """Something that may make layers was not followed."""

    def lost(self, tensor: Value, why: str, span: Span) -> SymbolicTensor:
        """A tensor of which nothing is known."""

    def outputs_of(self, tensor: SymbolicTensor, number: int, span: Span) -> list[Value]:
        """The parts of a tensor that is unpacked."""


# What a function of Python does with arguments, and one of a library with its path in front.
Handler: TypeAlias = Callable[[Interpreter, Args, Keywords, Site], Result]
OfLibrary: TypeAlias = Callable[[Interpreter, str, Args, Keywords, Site], Result]
# What a method does that the reader knows: its first arguments are what it is bound to.
Bound: TypeAlias = Callable[..., Result]
# What a piece of syntax does, or gives, where it stands.
Syntax: TypeAlias = Callable[[Interpreter, Any, Frame], Result]
