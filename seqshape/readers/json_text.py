"""JSON from anywhere, as data: bounded in size, nested no deeper than Python can go, and with names that can be printed."""

from __future__ import annotations

from typing import Any

from seqshape.diagnostics import Diagnostic, SeqshapeError

LIMIT = 32 << 20  # bytes of JSON; the largest config of keras.applications has 1.6 MB
MOST_VALUES = 3_000_000  # lists and objects: each takes some 64 bytes of memory
_LARGE = f"it has more than {LIMIT >> 20} MiB of JSON, which no config of a model needs"


def unreadable(name: object, why: str, help: str | None = None) -> SeqshapeError:
    """The error for a file that cannot be read, or is no model."""
    return SeqshapeError((Diagnostic("E402", "error", f"cannot read {name}: {why}", help=help),))


def load(data: bytes | str, name: str | None) -> Any:
    """The value of a JSON text. Raises SeqshapeError if it is none, too large, or not in UTF-8."""
    import json

    title = name or "the text"
    if len(data) > LIMIT:
        raise unreadable(title, _LARGE)
    text = _decoded(data, title) if isinstance(data, bytes) else data
    if text.count("[") + text.count("{") > MOST_VALUES:
        raise unreadable(title, f"it holds more than {MOST_VALUES:,} lists and objects")
    try:
        return json.loads(_printable(text))
    except json.JSONDecodeError as problem:
        raise unreadable(title, f"it is no JSON (line {problem.lineno}, column {problem.colno})") from None
    except RecursionError:
        raise unreadable(title, "its JSON is nested too deeply") from None
    except ValueError:  # Python refuses to convert numbers of more than some thousand digits
        raise unreadable(title, "it holds a number with thousands of digits") from None


def _decoded(data: bytes, title: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable(title, "it is not a text in UTF-8") from None


def _printable(text: str) -> str:
    """The text with halves of surrogate pairs, which no encoding can write, replaced."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    import re

    escape = r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}(?P<low>\\u[dD][c-fC-F][0-9a-fA-F]{2})?|(?P<lone>u[dD][c-fC-F]..)|.)"

    def repaired(found: re.Match[str]) -> str:
        lone = found["lone"] or (found[0][1:3].lower() == "ud" and found[0][3:4].lower() in "89ab" and not found["low"])
        return "\\ufffd" if lone else found[0]

    return re.sub(escape, repaired, text, flags=re.DOTALL)
