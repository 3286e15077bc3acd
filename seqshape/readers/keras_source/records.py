"""What a program has built: each model, where and as what."""

from __future__ import annotations

from seqshape.diagnostics import Source, Span
from seqshape.records import NamedTuple

ANY = frozenset({"*"})  # stems of the names of layers of any class


class Gap(NamedTuple):
    """A part of a program that was not followed: what it is, where, and the stems of the names that it may number."""

    what: str
    span: Span
    source: Source | None
    stems: frozenset[str]


class Record:
    """A model that the program builds.

    ``line`` is that of the call that makes it, ``name`` the variable that it was first given to, ``function`` the
    function or method around the call, ``class_name`` that of a class of the source. ``path`` has the lines of the
    calls that led there.
    """

    __slots__ = (
        "class_name",
        "faults",
        "function",
        "is_library",
        "line",
        "loops",
        "name",
        "names",
        "path",
        "source",
        "span",
        "used",
    )

    def __init__(self, source: Source, span: Span, line: int, function: str | None, class_name: str | None) -> None:
        self.source = source
        self.span = span
        self.line = line
        self.function = function
        self.class_name = class_name
        self.name: str | None = None
        self.names: set[str] = set()
        self.path: tuple[int, ...] = ()
        self.loops: tuple[Span, ...] = ()
        self.is_library = False
        self.used = False
        self.faults = 0  # how many steps of the program Keras had refused before

    def name_it(self, name: str) -> None:
        """The program has given the model to a variable."""
        if self.name is None:
            self.name = name
        self.names.add(name)

    def answers(self, wanted: str) -> bool:
        """Whether ``FILE::wanted`` means this model: a variable, a function or a class, ``@line`` behind it."""
        name, _, line = wanted.partition("@")
        lines = {str(each) for each in (self.line, *self.path)}
        if line and line.lstrip("L") not in lines:
            return False
        known = {*self.names, self.class_name or ""}
        if self.function is not None:
            known |= {self.function, self.function.partition(".")[0], self.function.rpartition(".")[2]}
        return not name or name in known
