"""Python's own values that are more than they look: named tuples, dicts that fill themselves, queues, enumerations."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

from seqshape.diagnostics import Span
from seqshape.readers.keras_source.values import Class, Instance, Keywords, Missing, Value


class Fields(tuple[Value, ...]):
    """A named tuple."""

    names: list[str]
    cls: Class | None

    def __new__(cls, items: Iterable[Value] = (), names: Sequence[str] = (), owner: Class | None = None) -> Fields:
        """A tuple of the values, in the order of the names."""
        made = super().__new__(cls, items)
        made.names, made.cls = list(names), owner
        return made


class Defaulting(dict[Any, Value]):
    """A dict that makes what it does not have."""

    def __init__(self, items: dict[Any, Value], factory: Value) -> None:
        super().__init__(items)
        self.factory = factory


class Queue(list[Value]):
    """A list that grows and shrinks at both ends."""


class Shuffled(list[Value]):
    """The items of a set, in an order that nothing tells until they are sorted."""

    is_sorted = False


def in_any_order(value: Value) -> bool:
    """Whether nothing tells in which order a value gives its items."""
    if isinstance(value, Shuffled):
        return not value.is_sorted and len(value) > 1
    return isinstance(value, (set, frozenset)) and len(value) > 1


class WholeMember(int):
    """A number that an enumeration names."""

    label: str

    def __new__(cls, value: int, label: str = "") -> WholeMember:
        """The number, with its name."""
        made = super().__new__(cls, value)
        made.label = label
        return made


class TextMember(str):
    """A text that an enumeration names."""

    label: str
    __slots__ = ("label",)

    def __new__(cls, value: str, label: str = "") -> TextMember:
        """The text, with its name."""
        made = super().__new__(cls, value)
        made.label = label
        return made


class OpenKeywords(dict[str, Value]):
    """The keywords of a call that may get more than are known: ``f(**options)``."""

    def __init__(self, items: Keywords, rest: Missing) -> None:
        super().__init__(items)
        self.rest = rest


def open_rest(kwargs: Keywords) -> Missing | None:
    """What stands for the keywords of a call that are not known; ``None`` if all are."""
    return kwargs.rest if isinstance(kwargs, OpenKeywords) else None


class Part(Missing):
    """Some items of a container, nothing tells which: ``model.layers[:n]``."""

    __slots__ = ("of",)

    def __init__(self, name: str, span: Span, of: tuple[Value, ...]) -> None:
        super().__init__(name, span)
        self.of = of


class Foreign(Missing):
    """Something of a module that is not known, by its dotted name: no class of it, as its name has no capital."""

    __slots__ = ()


def bare_object(name: str, *bases: Value) -> Instance:
    """An object of a class that no text of the source declares."""
    return Instance(Class(name, [*bases], {}, ast.ClassDef(name, [], [], [], [])))
