"""Names and what they mean: modules, functions, classes and comprehensions each have a scope of their own."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from seqshape.diagnostics import Source, Span

ABSENT = object()


class Module:
    """A file of the source: its text, its names, and where it lies. ``bounds`` is the folder that imports stay in."""

    def __init__(self, source: Source, path: Path | None, bounds: Path | None, name: str) -> None:
        self.source = source
        self.path = path
        self.bounds = bounds
        self.name = name
        self.scope = Scope(None)
        self.stars: list[str] = []  # libraries whose names are all imported
        self.starts = _line_starts(source.text)

    def offset(self, line: int, column: int) -> int:
        """The character at a line (from 1) and a column of it in UTF-8 bytes, as ``ast`` counts."""
        start = self.starts[line - 1] if line <= len(self.starts) else len(self.source.text)
        stop = self.starts[line] if line < len(self.starts) else len(self.source.text)
        text = self.source.text[start:stop]
        if text.isascii():
            return start + column
        return start + len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace"))

    def span(self, node: Any) -> Span:
        """The place of a piece of syntax."""
        start = self.offset(node.lineno, node.col_offset)
        return Span(start, self.offset(node.end_lineno, node.end_col_offset))

    def line(self, span: Span) -> int:
        """The line (from 1) of a place."""
        from bisect import bisect_right

        return bisect_right(self.starts, span.start)


def _line_starts(text: str) -> list[int]:
    """Where each line begins, as ``ast`` counts lines: at a line feed, a carriage return, or both."""
    starts = [0]
    for index, character in enumerate(text):
        if character == "\n" or (character == "\r" and text[index + 1 : index + 2] != "\n"):
            starts.append(index + 1)
    return starts


class Scope:
    """The names of one place and, behind it, those of the places around."""

    __slots__ = ("globals", "is_class", "names", "nonlocals", "outer")

    def __init__(self, outer: Scope | None, *, is_class: bool = False) -> None:
        self.outer = outer
        self.is_class = is_class
        self.names: dict[str, Any] = {}
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()

    def find(self, name: str) -> object:
        """What a name means here; ABSENT if it means nothing."""
        here: Scope | None = self
        while here is not None:
            if name in here.names:
                return here.names[name]
            here = here.outer
        return ABSENT

    def home(self, name: str) -> Scope:
        """The scope in which an assignment here puts a name."""
        if name in self.globals:
            return self.top()
        here = self.outer if name in self.nonlocals else None
        while here is not None:
            if name in here.names:
                return here
            here = here.outer
        return self

    def top(self) -> Scope:
        """The scope of the module."""
        here = self
        while here.outer is not None:
            here = here.outer
        return here


class Frame:
    """What is being run: a module, a function or a class body. ``line`` is where the caller stands, ``owner`` the class
    whose method it is."""

    __slots__ = ("caller", "first", "function", "line", "module", "owner", "scope")

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
        self.owner: Any = None
        self.first: Any = None  # the first argument of a method

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
