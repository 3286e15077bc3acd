"""The words of a command, declared once: plain ones are read here; click has the help, the odd spellings and the faults.

Loading click takes longer than reading and walking a network, so that it is loaded for nothing else. What is read here
is what click would make of it; where that is not sure, nothing is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, TypeVar

from seqshape.records import Record

Function = TypeVar("Function", bound=Callable[..., object])
_DECLARED = "__words__"  # on a function: its options and arguments so far, the last one first


class Misuse(Exception):
    """The command line is wrong: a sentence, shown with the usage, and exit status 2."""


class Failure(Exception):
    """Something could not be done: a sentence, and an exit status."""

    status = 1


class Kind:
    """What a word has to be. ``is_source``: it is, or names, a network that is to be read."""

    name: ClassVar[str] = "text"
    is_source: ClassVar[bool] = False

    def read(self, word: str) -> object:
        """The value that a word stands for. Raises ValueError, with a sentence, if it stands for none."""
        return word

    def is_plain(self, word: str) -> bool:
        """Whether it is sure that click takes the word as :meth:`read` does."""
        return True

    def complete(self, incomplete: str) -> tuple[list[str], bool]:
        """How a word may go on, and whether it may be the name of a file."""
        return [], False


class Choice(Kind):
    """One of some words."""

    name = "choice"

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)

    def is_plain(self, word: str) -> bool:
        """Whether it is one of them, to the letter."""
        return word in self.words


class Whole(Kind):
    """A whole number within bounds."""

    name = "integer range"
    LONGEST = 9  # digits that are read here

    def __init__(self, least: int, most: int | None = None) -> None:
        self.least, self.most = least, most

    def read(self, word: str) -> object:
        """The number."""
        return int(word)

    def is_plain(self, word: str) -> bool:
        """Whether it has digits alone, and is within the bounds."""
        if not (word.isascii() and word.isdigit() and len(word) <= self.LONGEST):
            return False
        return self.least <= int(word) and (self.most is None or int(word) <= self.most)


class Param(Record):
    """An argument or an option. ``rest``: the argument takes all words that are left."""

    names: tuple[str, ...]  # as they are written; an argument has none
    target: str
    kind: Kind | None
    default: object
    help: str | None = None
    metavar: str | None = None
    is_flag: bool = False
    multiple: bool = False
    required: bool = False
    rest: bool = False


def option(
    *names: str,
    type: Kind | None = None,
    default: object = None,
    help: str | None = None,
    metavar: str | None = None,
    is_flag: bool = False,
    multiple: bool = False,
    required: bool = False,
) -> Callable[[Function], Function]:
    """An option; a name without dashes is that of the function's parameter, else it is the longest one."""
    written = tuple(name for name in names if name.startswith("-"))
    target = next((name for name in names if name not in written), max(written, key=len).lstrip("-").replace("-", "_"))
    empty = False if is_flag else () if multiple else default
    return _declaring(Param(written, target, type, empty, help, metavar, is_flag, multiple, required))


def argument(
    target: str, *, type: Kind | None = None, metavar: str | None = None, required: bool = True, rest: bool = False
) -> Callable[[Function], Function]:
    """An argument."""
    empty = () if rest else None
    return _declaring(Param((), target, type, empty, metavar=metavar, required=required, rest=rest))


def _declaring(param: Param) -> Callable[[Function], Function]:
    def declare(function: Function) -> Function:
        function.__dict__.setdefault(_DECLARED, []).append(param)
        return function

    return declare


class Command(Record):
    """A command: what it does, and what it takes."""

    name: str
    function: Callable[..., object]
    params: tuple[Param, ...]
    examples: tuple[str, ...]

    def understood(self, words: Sequence[str]) -> dict[str, object] | None:
        """What the function is to be called with; None if that is for click to say, be it a fault or an odd spelling."""
        sorted_out = _sorted_out(self.params, words)
        if sorted_out is None:
            return None
        options, left = sorted_out
        for param in self.params:
            if not param.names:
                taken = left if param.rest else left[:1]
                options[param.target], left = taken, left[len(taken) :]
        return None if left else _read(self.params, options)


def declared(name: str, *, examples: tuple[str, ...] = ()) -> Callable[[Callable[..., object]], Command]:
    """The function is a command; its docstring is the help."""
    return lambda function: Command(name, function, tuple(reversed(vars(function).get(_DECLARED, []))), examples)


def _sorted_out(params: Sequence[Param], words: Sequence[str]) -> tuple[dict[str, list[str]], list[str]] | None:
    """The words of each option, and those of the arguments; None where a word is neither for sure."""
    options = {name: param for param in params for name in param.names}
    found: dict[str, list[str]] = {}
    left: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if not word.startswith("-") or word == "-":
            left.append(word)
            continue
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        param = options.get(name)
        if param is None or (param.is_flag and equals):
            return None
        given = name if param.is_flag else value if equals else next(waiting, None)
        if given is None:
            return None
        found.setdefault(param.target, []).append(given)
    return found, left


def _read(params: Sequence[Param], words: Mapping[str, list[str]]) -> dict[str, object] | None:
    """The value of each parameter; None where a word is not plain, wrong or missing."""
    values: dict[str, object] = {}
    for param in params:
        given = words.get(param.target) or []
        if param.required and not given:
            return None
        kind = param.kind
        try:
            read = given if kind is None else [kind.read(word) for word in given if kind.is_plain(word)]
        except ValueError:
            return None
        if len(read) < len(given):
            return None
        several = param.multiple or param.rest
        values[param.target] = (
            tuple(read) if several else bool(read) if param.is_flag else (read or [param.default])[-1]
        )
    return values
