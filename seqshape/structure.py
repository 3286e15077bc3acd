"""Nested structures of tensors, flows, literals: lists, tuples and dicts in each other, and the leaves in them. What
objects seldom have.

Records that are tuples (a Tensor, a Ref) are leaves. The order is Keras's: a dict by its sorted keys. Nothing here recurses,
so that structures may be nested deep; one that holds itself raises RecursionError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeAlias, TypeVar

# What a text in JSON stands for.
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

Field = TypeVar("Field")

DEEPEST = 20_000  # levels: more are in a structure that holds itself


class _Nothing(dict[Any, Any]):
    """A dict that stays empty: one for all that have nothing to hold."""

    def __setitem__(self, key: object, value: object) -> None:
        raise TypeError("this dict is shared and stays empty: put another one in its place")

    setdefault = update = __ior__ = __setitem__  # type: ignore[assignment]


EMPTY: dict[Any, Any] = _Nothing()


class Seldom(Generic[Field]):
    """A field in which few objects have another value than its default: those keep it in a dict of their own, ``seldom``.

    All others take no room for it, and ``seldom is None`` tells at once that they are like most.
    """

    def __init__(self, default: Field) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, holder: Any, owner: type | None = None) -> Field:
        held = holder.seldom
        found: Field = self._default if held is None else held.get(self._name, self._default)
        return found

    def __set__(self, holder: Any, value: Field) -> None:
        if holder.seldom is not None:
            holder.seldom[self._name] = value
        elif value is not self._default:
            holder.seldom = {self._name: value}


def listed(value: Any) -> tuple[Any, ...]:
    """One or several as a tuple: ``2`` → ``(2,)``."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def leaves(structure: object) -> Iterator[Any]:
    """The leaves, in Keras's order."""
    waiting = [iter((structure,))]
    while waiting:
        for item in waiting[-1]:
            if _is_nest(item):
                _go_down(waiting, _items(item))
                break
            yield item
        else:
            waiting.pop()


def mapped(
    change: Callable[[Any], Any], structure: object, made: Callable[[Any, list[Any]], object] | None = None
) -> Any:
    """The same structure with each leaf changed, one after the other in Keras's order.

    ``made`` gives something else in the place of a list, tuple or dict, of it and what its parts have become; those of a
    dict stand in the order of its keys.
    """
    make = made or _like
    if not _is_nest(structure):
        return change(structure)
    begun: list[tuple[object, list[object]]] = [(structure, [])]
    waiting = [_items(structure)]
    while True:
        parts = begun[-1][1]
        for item in waiting[-1]:
            if _is_nest(item):
                begun.append((item, []))
                _go_down(waiting, _items(item))
                break
            parts.append(change(item))
        else:
            waiting.pop()
            whole, parts = begun.pop()
            result = make(whole, _in_own_order(whole, parts) if isinstance(whole, dict) else parts)
            if not begun:
                return result
            begun[-1][1].append(result)


def filled(structure: object, items: Iterable[object]) -> Any:
    """The same structure with these items as its leaves, in Keras's order. Raises StopIteration if there are too few."""
    following = iter(items)
    return mapped(lambda _: next(following), structure)


def _is_nest(item: object) -> bool:
    return type(item) is tuple or isinstance(item, (list, dict))


def _items(nest: Any) -> Iterator[object]:
    return iter([nest[key] for key in sorted(nest, key=str)] if isinstance(nest, dict) else nest)


def _go_down(waiting: list[Iterator[object]], items: Iterator[object]) -> None:
    if len(waiting) > DEEPEST:
        raise RecursionError("a structure holds itself")
    waiting.append(items)


def _in_own_order(nest: dict[object, object], parts: list[object]) -> list[object]:
    found = dict(zip(sorted(nest, key=str), parts, strict=True))
    return [found[key] for key in nest]


def _like(nest: object, parts: list[object]) -> object:
    """The parts as the nest held them."""
    if isinstance(nest, dict):
        return dict(zip(nest, parts, strict=True))
    return tuple(parts) if type(nest) is tuple else parts
