"""What a value is: a dim, a list of numbers, of texts, of arrays."""

from __future__ import annotations

from typing import TypeGuard

from seqshape.dims import UNKNOWN, Dim, Poly
from seqshape.readers.keras_source.values import Array, Missing, Value


def are_texts(values: Value) -> TypeGuard[list[str] | tuple[str, ...]]:
    """Whether a value is a list or a tuple of texts."""
    return isinstance(values, (list, tuple)) and all(isinstance(each, str) for each in values)


def are_whole(values: Value) -> TypeGuard[list[int] | tuple[int, ...]]:
    """Whether a value is a list or a tuple of whole numbers."""
    return isinstance(values, (list, tuple)) and all(isinstance(each, int) for each in values)


def are_numbers(values: Value) -> TypeGuard[list[int | float] | tuple[int | float, ...]]:
    """Whether a value is a list or a tuple of numbers."""
    return isinstance(values, (list, tuple)) and all(isinstance(each, (int, float)) for each in values)


def are_arrays(values: Value) -> TypeGuard[list[Array] | tuple[Array, ...]]:
    """Whether a value is a list or a tuple of arrays."""
    return isinstance(values, (list, tuple)) and all(isinstance(each, Array) for each in values)


def plain_dim(value: Value) -> Dim | None:
    """A value as a dim; ``None`` if it is none."""
    if isinstance(value, Missing):
        return value.as_size()
    if isinstance(value, bool) or not isinstance(value, (int, Poly)):
        return None
    return value


def same_size(one: Value, other: Value) -> bool:
    """Whether two sizes are written the same way, ``None`` if there is none."""
    if isinstance(one, Poly) and isinstance(other, Poly):
        return one.terms == other.terms
    return type(one) is type(other) and not isinstance(one, Poly) and one == other


def dim_of(value: Value) -> Dim:
    """An item of a shape as a dim; UNKNOWN for ``None``, and for what is none."""
    found = plain_dim(value)
    return UNKNOWN if found is None else found
