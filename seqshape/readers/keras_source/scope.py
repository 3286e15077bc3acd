"""Names and what they mean: modules, functions, classes and comprehensions each have a scope of their own."""

from __future__ import annotations

import ast

from seqshape.diagnostics import Span
from seqshape.readers.keras_source.values import ABSENT, Class, Module, Scope, Value


class Frame:
    """What is being run: a module, a function or a class body. ``line`` is where the caller stands, ``owner`` the class
    whose method it is."""

    __slots__ = ("caller", "first", "function", "line", "module", "open_turns", "owner", "scope")

    def __init__(
        self,
        scope: Scope,
        module: Module,
        *,
        caller: Frame | None = None,
        function: str | None = None,
        line: int = 0,
    ) -> None:
        self.scope = scope
        self.module = module
        self.caller = caller
        self.function = function
        self.line = line
        self.owner: Class | None = None
        self.first: Value = None  # the first argument of a method
        self.open_turns = 0  # loops around in which one turn stands for any number of them

    def inside(self, scope: Scope) -> Frame:
        """The same place with a scope of its own, as a comprehension has."""
        frame = Frame(scope, self.module, caller=self.caller, function=self.function, line=self.line)
        frame.owner, frame.first = self.owner, self.first
        return frame

    def span(self, node: object) -> Span:
        """The place of a piece of syntax in this file."""
        return self.module.span(node)


class Site:
    """Where a call is written: its syntax, and that of each argument (by position or by name), for spans."""

    __slots__ = ("at", "frame", "name", "node", "places")

    def __init__(
        self, frame: Frame, node: ast.AST, places: dict[int | str, ast.AST] | None = None, name: str = ""
    ) -> None:
        self.frame = frame
        self.name = name
        self.node = node
        self.places = places or {}
        self.at: Span | None = None

    @property
    def span(self) -> Span:
        """The whole call, or the part of it that is meant."""
        return self.frame.span(self.node) if self.at is None else self.at

    def about(self, span: Span) -> Site:
        """The same place, where a part of the call is meant."""
        site = Site(self.frame, self.node, self.places, self.name)
        site.at = span
        return site

    def called(self, name: str) -> Site:
        """The same place, where the function that is called has a name."""
        return Site(self.frame, self.node, self.places, name)

    @property
    def line(self) -> int:
        """The line of the call."""
        return int(getattr(self.node, "lineno", 0))

    def place(self, argument: int | str) -> ast.AST:
        """The syntax of an argument; the call's where it is not written there."""
        return self.places.get(argument, self.node)


__all__ = ["ABSENT", "Frame", "Module", "Scope", "Site"]
