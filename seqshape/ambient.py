"""What code hears from the code that it calls, without arguments handed through: each thread and each task for itself."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Channel(Generic[Item]):
    """A way to say something to whoever listens. The innermost listener of the same thread or task hears."""

    __slots__ = ("heard",)

    def __init__(self, name: str) -> None:
        self.heard: ContextVar[list[Item] | None] = ContextVar(name, default=None)

    def listening(self) -> Listening[Item]:
        """``with channel.listening() as heard: …`` collects what is said inside."""
        return Listening(self.heard)

    def say(self, item: Item) -> bool:
        """Tell the innermost listener; False if nobody listens."""
        heard = self.heard.get()
        if heard is None:
            return False
        heard.append(item)
        return True


class Listening(Generic[Item]):
    """A listener, for one ``with`` statement."""

    __slots__ = ("_heard", "_token")

    def __init__(self, heard: ContextVar[list[Item] | None]) -> None:
        self._heard = heard

    def __enter__(self) -> list[Item]:
        found: list[Item] = []
        self._token: Token[list[Item] | None] = self._heard.set(found)
        return found

    def __exit__(self, *exception: object) -> None:
        self._heard.reset(self._token)
