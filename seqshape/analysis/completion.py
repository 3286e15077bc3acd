"""How a spec that is being typed may go on: layers, flags, arguments and their words."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.bind.arguments import flag_words
from seqshape.declaration import LayerType
from seqshape.kinds import KINDS
from seqshape.registry import find_layer, spellings

_LETTERS = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789."
_LAYERS = ("Layer", "Layers", "Cell")  # kinds of arguments that are layers


def going_on(before: str) -> tuple[str, list[str]]:
    """The word that the text before the cursor ends in, and the words that it may become."""
    stem = before.rstrip(_LETTERS)
    word = before[len(stem) :]
    known, item = _call(stem)
    found = list(dict.fromkeys(_words(known, item)))
    return word, [one for one in found if one.lower().startswith(word.lower()) and one != word]


def _words(known: LayerType | None, item: str) -> Iterator[str]:
    if known is None:
        yield from spellings()
        return
    name, equals, _ = item.partition("=")
    if equals:
        found = known.parameter(name.strip())
        kind = found.kind if found is not None else None
        yield from sorted(KINDS[kind].words) if kind in KINDS else ()
        yield from ("True", "False") if kind == "Flag" else spellings() if kind in _LAYERS else ()
        return
    yield from flag_words(known)
    yield from (f"{one.name}=" for one in known.parameters if one.kind is not None)
    if any(one.kind in _LAYERS for one in known.parameters):
        yield from spellings()


def closed(text: str) -> tuple[str, str]:
    """The text as if its end were typed, and what closes it: ``LSTM(5>`` may become ``LSTM(5)``."""
    stem = text.rstrip(" >,|=")
    ends: list[str] = []
    for _, char, is_quoted in _signs(stem):
        if not is_quoted and char in "([":
            ends.append(")" if char == "(" else "]")
        elif not is_quoted and char in ")]" and ends:
            ends.pop()
    closing = "".join(reversed(ends))
    return stem + closing, closing


def _signs(text: str) -> Iterator[tuple[int, str, bool]]:
    """Each sign with its place, and whether it belongs to a text in quotes."""
    quote = ""
    for place, char in enumerate(text):
        is_quoted = bool(quote) or char in "\"'"
        yield place, char, is_quoted
        if is_quoted:
            quote = "" if char == quote else quote or char


def _call(text: str) -> tuple[LayerType | None, str]:
    """The layer whose brackets the text ends in, and the argument that is begun; no layer in a group or outside."""
    open_at: list[int] = []
    items = [0]
    for place, char, is_quoted in _signs(text):
        if is_quoted:
            continue
        if char in "([":
            open_at.append(place)
            items.append(place + 1)
        elif char in ")]" and open_at:
            open_at.pop()
            items.pop()
        elif char in ",>|":
            items[-1] = place + 1
    if not open_at or text[open_at[-1]] == "[":
        return None, ""
    head = text[: open_at[-1]].rstrip()
    return find_layer(head[len(head.rstrip(_LETTERS)) :]), text[items[-1] :]
