"""Data as JSON text, to the letter what :func:`json.dumps` writes; ``json`` itself is loaded only for what is large or odd.

Loading it takes as long as reading a network.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

MANY = 64  # items of a list from which on json is faster, with the time to load it


def text(value: object) -> str:
    """A dict with texts as keys, a list or tuple, a text, a number, a bool or None as JSON in ASCII, on one line."""
    kind = type(value)
    if kind is str:
        return _quoted(value)  # type: ignore[arg-type]
    if kind is int:
        return str(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is dict:
        items = value.items()  # type: ignore[attr-defined]
        return "{" + ", ".join([f"{_quoted(key)}: {text(item)}" for key, item in items]) + "}"
    if kind in (list, tuple) and len(value) <= MANY:  # type: ignore[arg-type]
        return "[" + ", ".join(map(text, value)) + "]"  # type: ignore[call-overload]
    return _dumped(value)


def texts(items: Iterator[object]) -> Iterator[str]:
    """The JSON of each of some objects, made as it is asked for."""
    first = list(islice(items, MANY + 1))
    if len(first) <= MANY:
        return map(text, first)
    from json import dumps

    return map(dumps, chain(first, items))


def _quoted(word: str) -> str:
    plain = word.isascii() and word.isprintable() and '"' not in word and "\\" not in word
    return f'"{word}"' if plain else _dumped(word)


def _dumped(value: object) -> str:
    from json import dumps

    return dumps(value)
