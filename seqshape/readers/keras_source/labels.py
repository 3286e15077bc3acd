"""The labels of keras.datasets: an array of which it is known that it holds each of so many classes."""

from __future__ import annotations

from typing import TypeGuard

from seqshape.readers.keras_source.values import Array, Value

# The classes of the labels for training; each of them occurs there.
CLASSES = {"mnist": 10, "fashion_mnist": 10, "cifar10": 10, "cifar100": 100, "imdb": 2, "reuters": 46}
COARSE = 20  # of cifar100
ALIKE = frozenset({"mnist", "fashion_mnist", "cifar10", "cifar100", "imdb"})  # whose labels for testing hold them too


class Labels(Array):
    """Labels ``0 … classes - 1``. All names of the array share the list with their number, which a write empties."""

    __slots__ = ("known",)

    def __init__(self, shape: tuple[Value, ...], dtype: str, name: str, known: list[int]) -> None:
        super().__init__(shape, dtype, name)
        self.known = known

    def forget(self, name: str | None = None) -> Array:
        """The array under a name; without one the program may write into it, and its classes are not known any more."""
        if name is None:
            self.known.clear()
            return super().forget()
        return Labels(self.shape, self.dtype, name, self.known)

    def like(self, array: Array) -> Array:
        """An array with the same numbers in another shape or dtype."""
        return Labels(array.shape, array.dtype, array.name, self.known)


def classes_of(value: Value) -> int | None:
    """How many classes labels have; ``None`` if nothing tells."""
    return value.known[0] if is_labels(value) else None


def is_labels(value: Value) -> TypeGuard[Labels]:
    """Whether a value is an array of labels of which the classes are known."""
    return isinstance(value, Labels) and bool(value.known)


def labels(dataset: str, array: Array, *, is_coarse: bool = False, is_test: bool = False) -> Array:
    """The labels of a dataset, as it is loaded by default."""
    if dataset not in CLASSES or (is_test and dataset not in ALIKE):
        return array
    return Labels(array.shape, array.dtype, array.name, [COARSE if is_coarse else CLASSES[dataset]])
