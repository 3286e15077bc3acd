"""The one writer of values: what is written of a source into code is a literal, or it is refused.

Every name, every argument, every key that comes from a file passes here, so that nothing in it can become code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.graph import Call
from seqshape.quoting import quoted

LONGEST = 1024  # bits of an integer
DEEPEST = 60  # brackets in brackets; Python reads 200 at most


def unsayable(what: str, help: str | None = None) -> SeqshapeError:
    """The refusal of an exporter: it names the part that the target cannot say."""
    return SeqshapeError((Diagnostic("E601", "error", what, help=help),))


def remark_text(line: str) -> str:
    """A line of a docstring or a comment, which no name of a file can end."""
    return "".join(sign if sign.isprintable() and sign not in '\\"' else "?" for sign in line)


def keyword_argument(name: str, text: str) -> str:
    """``name=text``. Raises SeqshapeError for a name that no keyword can have."""
    import keyword

    if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
        raise unsayable(f"{name!r} cannot be the name of an argument")
    return f"{name}={text}"


def _refused(value: object) -> str:
    raise unsayable(f"{type(value).__name__} cannot be written as a value")


def literal(value: Any, other: Callable[[Any], str] = _refused, *, depth: int = 0) -> str:
    """A value as a Python literal: a number, a string, None, or lists, tuples and dicts of them.

    ``other`` writes what is none of these (a layer, a named size). Raises SeqshapeError for what it refuses.
    """
    if depth > DEEPEST:
        raise unsayable(f"a value with more than {DEEPEST} brackets in each other")
    kind = type(value)
    if kind in _PLAIN:
        return _PLAIN[kind](value)
    if isinstance(value, str):
        return quoted(value)
    if kind is dict:
        pairs = (f"{literal(key)}: {literal(item, other, depth=depth + 1)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if kind is not tuple and kind is not list:
        return other(value)
    items = [literal(item, other, depth=depth + 1) for item in value]
    if kind is list or any(callable(item) for item in value):  # layers stand in a list
        return f"[{', '.join(items)}]"
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _integer(value: int) -> str:
    if value.bit_length() > LONGEST:
        raise unsayable("an integer of more than 300 digits")
    return repr(value)


def _float(value: float) -> str:
    """Python has no literals for what is no finite number."""
    text = repr(value)
    return f'float("{text}")' if text in ("inf", "-inf", "nan") else text


_PLAIN: dict[type, Callable[[Any], str]] = {bool: repr, type(None): repr, int: _integer, float: _float}


class Quoted(str):
    """A string of a source among the arguments of a translation: put into code, it is a literal of itself."""

    __slots__ = ()

    def __str__(self) -> str:
        return quoted(self)

    def __format__(self, form: str) -> str:
        return quoted(self)

    def __repr__(self) -> str:
        return quoted(self)


def guarded(value: Any) -> Any:
    """A value with each string in it as a :class:`Quoted`. Raises SeqshapeError for an object that is no layer."""
    if isinstance(value, Call):
        raise unsayable(f"an object of the class {value.class_name} among the arguments of a layer")
    if type(value) is str:
        return Quoted(value)
    if type(value) in (tuple, list):
        return type(value)(map(guarded, value))
    if type(value) is dict:
        return {guarded(key): guarded(item) for key, item in value.items()}
    return value
