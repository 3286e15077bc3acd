"""Where the generator's decisions come from: a random number generator, or hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Choices(Protocol):
    """A source of decisions; the first of several is the simplest."""

    def integer(self, low: int, high: int) -> int:
        """An integer of ``[low, high]``."""

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items."""

    def chance(self, percent: float) -> bool:
        """True in ``percent`` of a hundred cases."""


class RandomChoices:
    """Decisions of a seeded generator: fast, and the same on every machine."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)

    def integer(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def pick(self, items: Sequence[Item]) -> Item:
        return items[self.random.randrange(len(items))]

    def chance(self, percent: float) -> bool:
        return self.random.random() * 100 < percent
