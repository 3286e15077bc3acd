"""Python's own values that are more than they look: named tuples, dicts that fill themselves, queues, enumerations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from seqshape.readers.keras_source.values import Class, Value


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
