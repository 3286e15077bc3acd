"""Text in columns of a terminal: how wide it is, where it breaks, what is safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ASCII = {
    "→": "->", "·": "*", "…": "...", "−": "-", "×": "x", "≥": ">=", "≤": "<=", "≠": "!=", "–": "-", "—": "-",
    "└": "`-", "“": '"', "”": '"', "‘": "'", "’": "'",
}  # fmt: skip
BOLD = "1"
_WORD = re.compile(" *[^ ]+ *")
NO_BREAK = "\u00a0"  # a space where a line is broken late; it never comes from a name, where it is not printable


def width(text: str) -> int:
    """Columns that a text takes in a terminal: 2 for a wide character, 0 for a combining one."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def pad(text: str, columns: int, align: str = "left") -> str:
    """The text with spaces up to ``columns``: ``left``, ``right`` or ``center`` is where the text stands."""
    missing = max(columns - width(text), 0)
    before = {"left": 0, "right": missing, "center": missing // 2}[align]
    return " " * before + text + " " * (missing - before)


def head(text: str, columns: int) -> str:
    """As much of the start of a text as fits ``columns``."""
    if text.isascii():
        return text[: max(columns, 0)]
    used = 0
    for index, char in enumerate(text):
        used += width(char)
        if used > columns:
            return text[:index]
    return text


def tail(text: str, columns: int) -> str:
    """As much of the end of a text as fits ``columns``."""
    return head(text[::-1], columns)[::-1]


def fold(text: str, columns: int) -> list[str]:
    """Lines of at most ``columns``, broken at spaces, else at no-break spaces and before brackets, else anywhere.

    Nothing is lost; no-break spaces become plain ones.
    """
    broken = (line for part in text.split("\n") for line in _lines(part, max(columns, 1)))
    return [line.replace(NO_BREAK, " ") for line in broken]


def _lines(text: str, columns: int) -> list[str]:
    lines, current = [], ""
    for word in _WORD.findall(text):
        if current and width(current) + width(word.rstrip()) > columns:
            lines.append(current)
            current = ""
        current += word
        *full, current = _chop(current, columns)
        lines += full
    return [line.rstrip() for line in (*lines, current)]


def _chop(text: str, columns: int) -> Iterator[str]:
    """A text in pieces that fit; spaces at the end of one may hang over."""
    while width(text.rstrip()) > columns:
        end = len(head(text, columns)) or 1
        soft = max(text.rfind(NO_BREAK, 0, end + 1) + 1, text.find("[", 1, end + 1))
        end = soft if soft > 0 else end
        yield text[:end]
        text = text[end:]
    yield text


def longest(text: str, *, tight: bool = False) -> int:
    """Width of the longest part that :func:`fold` would not break, or, if ``tight``, not but in need."""
    spaced = text.replace("[", " [").replace(NO_BREAK, " ") if tight else text
    return max(map(width, spaced.replace("\n", " ").split(" ")))


def printable(text: str) -> str:
    """The text with control characters (a name may hold any) written as escapes, so that no terminal obeys them."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def to_ascii(text: str) -> str:
    """The text in ASCII: signs become what they look like, all else an escape."""
    if text.isascii():
        return text
    return "".join(_ASCII.get(char, char) for char in text).encode("ascii", "backslashreplace").decode()


def shown(text: str, ascii: bool) -> str:
    """A name or a remark as it may be shown: printable, and in ASCII if need be."""
    text = printable(text)
    return to_ascii(text) if ascii else text


def style(text: str, *codes: str) -> str:
    """The text between the escape sequences of a terminal for ``codes`` (SGR); as it is without codes."""
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if codes and text else text
