"""Strings in double quotes, as specs and Python have them: written so that every sign can be seen, and read again."""

from __future__ import annotations

_WRITTEN = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
_READ = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "t": "\t"}
_DIGITS = frozenset("0123456789abcdefABCDEF")


def quoted(text: str) -> str:
    """A string in double quotes, on one line, in signs that can be seen: names of a file may hold anything."""
    inside = (_WRITTEN.get(sign) or (sign if sign.isprintable() else f"\\U{ord(sign):08x}") for sign in text)
    return f'"{"".join(inside)}"'


def unescaped(text: str, at: int, end: int) -> tuple[str, int]:
    """What a backslash at a place and what follows it before ``end`` stand for, and where they stop."""
    digits = text[at + 2 : min(at + 10, end)]
    if text[at + 1] == "U" and len(digits) == 8 and _DIGITS.issuperset(digits):
        number = int(digits, 16)
        if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF:  # no half of a surrogate pair: nothing can write one
            return chr(number), at + 10
    return _READ.get(text[at + 1], text[at : at + 2]), at + 2
