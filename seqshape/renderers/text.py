"""Text in columns of a terminal: how wide it is, where it breaks, what is safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqshape.dims import Size

_ASCII = {
    "→": "->", "·": "*", "…": "...", "−": "-", "×": "x", "≥": ">=", "≤": "<=", "≠": "!=", "–": "-", "—": "-",
    "└": "`-", "“": '"', "”": '"', "‘": "'", "’": "'", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "✗": "x",
}  # fmt: skip
BOLD = "1"
_WORD = re.compile(" *[^ ]+ *")
_STYLED = re.compile(r"(\x1b\[[0-9;]*m)")
_SECTION = re.compile(r"##(?=\w*\[)")
_COMMAND = re.compile(rf"(?m)^[^\S\n]*::|{_SECTION.pattern}")
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and marks that show nothing
_MOST_MARKS = 3  # combining marks on one letter: more would climb over the lines above
NO_BREAK = "\u00a0"  # a space where a line is broken late; it never comes from a name, where it is not printable


def width(text: str) -> int:
    """Columns that a text takes in a terminal: 2 for a wide character, 0 for a combining one."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(char) in ("Mn", "Me") else 2 if east_asian_width(char) in "WF" else 1 for char in text)


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
    """A name as one line that no terminal obeys: what is no plain sign (a name may hold any) is written as an escape."""
    return text if text.isascii() and text.isprintable() else _escaped(text, "")


_PLAIN = bytes(range(ord(" "), ord("~") + 1)) + b"\n\t"


def harmless(text: str, *, styled: bool = False, commands: bool = False) -> str:
    """A whole text as it may be printed, whoever wrote its parts.

    Line breaks, tabs and spaces stay, and with ``styled`` the sequences of :func:`style`; all else is as in
    :func:`printable`. No line begins a command to the machine that keeps a log (``::error::``, ``##vso[``), but where
    the lines are such ``commands``.
    """
    if styled and "\x1b" in text:
        text = "".join(part if at % 2 else _escaped(part, "\n\t") for at, part in enumerate(_STYLED.split(text)))
    elif not text.isascii() or text.encode().translate(None, _PLAIN):
        text = _escaped(text, "\n\t")
    if "::" in text or "##" in text:
        pattern = _SECTION if commands else _COMMAND
        text = pattern.sub(lambda found: found[0][:-1] + _escape(found[0][-1]), text)
    return text


def _escaped(text: str, kept: str) -> str:
    """The text without signs that are not to be seen, and with no more than some marks on one letter."""
    from unicodedata import category

    def is_plain(char: str) -> bool:
        if char in kept:
            return True
        return (char.isprintable() or (bool(kept) and category(char) == "Zs")) and char not in _BLANK

    signs = set(text)
    marks = {char for char in signs if category(char) in ("Mn", "Me")}
    bad = {char for char in signs if not is_plain(char)}
    if not marks and not bad:
        return text
    result, run = [], 0
    for char in text:
        run = run + 1 if char in marks else 0
        result.append(_escape(char) if char in bad or run > _MOST_MARKS else char)
    return "".join(result)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode() if not " " <= char <= "~" else f"\\x{ord(char):02x}"


def to_ascii(text: str) -> str:
    """The text in ASCII: signs become what they look like, all else an escape."""
    if text.isascii():
        return text
    return "".join(_ASCII.get(char, char) for char in text).encode("ascii", "backslashreplace").decode()


def shown(text: str, ascii: bool) -> str:
    """A name or a remark as it may be shown: printable, and in ASCII if need be."""
    text = printable(text)
    return to_ascii(text) if ascii else text


def fitting(text: str, encoding: str) -> str:
    """The text with what an encoding has no sign for replaced by what looks like it, else by an escape."""
    if text.isascii():
        return text
    try:
        text.encode(encoding)
    except (UnicodeError, LookupError):
        return "".join(char if _has(encoding, char) else to_ascii(char) for char in text)
    return text


def _has(encoding: str, char: str) -> bool:
    try:
        char.encode(encoding)
    except (UnicodeError, LookupError):
        return False
    return True


def style(text: str, *codes: str) -> str:
    """The text between the escape sequences of a terminal for ``codes`` (SGR); as it is without codes."""
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if codes and text else text


class Whole(str):
    """A line that is there to be copied, such as a spec: it is never folded."""


def fitted(lines: Iterable[str], columns: int | None) -> list[str]:
    """Lines of at most ``columns``: a longer one goes on below, set in by two more. ``None``: as they are."""
    if columns is None:
        return list(lines)
    return [piece for line in lines for piece in ([line] if isinstance(line, Whole) else _fitted(line, columns))]


def _fitted(line: str, columns: int) -> list[str]:
    if width(line) <= columns or not line.strip("-"):  # a rule is as long as there is room
        return [line[:columns] if not line.strip("-") else line]
    plain = line.lstrip(" ")
    indent = line[: len(line) - len(plain)][: columns // 2]
    hang = (indent + "  ")[: columns // 2]
    first, *more = fold(plain, columns - len(indent))
    rest = fold(plain[len(first) :].lstrip(" "), columns - len(hang)) if more else []
    return [indent + first, *(hang + piece for piece in rest)]


def reflowed(text: str, columns: int | None) -> list[str]:
    """The lines of a text, its paragraphs folded anew; a line that is set in stays one. ``None``: as they are."""
    if columns is None:
        return text.split("\n")
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and line and lines[-1] and not line.startswith(" ") and not lines[-1].startswith(" "):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return [
        piece
        for line in lines
        for piece in (fold(line, columns) if not line.startswith(" ") else _fitted(line, columns))
    ]


UNITS = ("B", "KB", "MB", "GB", "TB", "PB")
_LARGEST = 1 << 50  # above it the places after the point of a float say nothing, and far above there is no float


def memory_text(size: Size, *, ascii: bool = False) -> str:
    """Bytes as Keras shows them: ``584.00 B``, ``1.50 MB``, in units of 1024."""
    if not isinstance(size, int):
        from seqshape.dims import pretty

        return f"{pretty(size, ascii=ascii)} B"
    unit = min(max(size.bit_length() - 1, 0) // 10, len(UNITS) - 1)
    if size >> 10 * unit >= _LARGEST:
        return f"{size >> 10 * unit}.00 {UNITS[unit]}"
    return f"{size / (1 << 10 * unit):.2f} {UNITS[unit]}"
