"""Hypothesis strategies for models: the same generator, its decisions drawn by hypothesis, so that they shrink."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import strategies as st

from tests.fuzz import models
from tests.oracle.recipe import Recipe

Item = TypeVar("Item")


class DrawnChoices:
    """Decisions that hypothesis draws."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def integer(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def pick(self, items: Sequence[Item]) -> Item:
        return items[self.draw(st.integers(0, len(items) - 1))]

    def chance(self, percent: float) -> bool:
        """Written the wrong way round, so that what is seldom goes away in shrinking."""
        return self.draw(st.integers(0, 999)) >= 1000 - 10 * percent


def _models(make: Callable[[models.Choices], Recipe]) -> st.SearchStrategy[Recipe]:
    return st.composite(lambda draw: make(DrawnChoices(draw)))()


def chains() -> st.SearchStrategy[Recipe]:
    """Sequential models over the whole catalogue."""
    return _models(models.chain)


def graphs() -> st.SearchStrategy[Recipe]:
    """Functional models: shared, merged, wrapped and nested layers, states, masks, several inputs and outputs."""
    return _models(models.graph)


def recipes() -> st.SearchStrategy[Recipe]:
    """Either."""
    return chains() | graphs()
