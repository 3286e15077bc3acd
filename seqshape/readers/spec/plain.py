"""Text to the syntax tree for specs that are made of names, numbers, strings, calls and lists alone, as most are.

Signs and words are taken as they come, without tokens between them. It knows no faults: where anything else stands in
the text, or something is wrong, nothing is read, and the parser reads all of it. What is read is the parser's tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from seqshape.diagnostics import Span
from seqshape.readers.spec.syntax import (
    CONSTANTS,
    DEEPEST,
    NO_NAMES,
    Chain,
    Constant,
    Invocation,
    Keyword,
    Listing,
    Name,
    Number,
    Statement,
    Text,
    Unary,
)
from seqshape.records import NamedTuple

# A word or a number, a sign, a string, a comment. All of it in ASCII.
_TOKENS = re.compile(r"""-?[\w.]+|[][(),>=|]|"[^"\\]*"|'[^'\\]*'|#.*""", re.ASCII)
_NEVER = re.compile(r"[^-\w\s.()[\],>=|#\"']", re.ASCII)
_MOST_DIGITS = 18  # of a number that cannot be too large
_node = tuple.__new__  # what a node is made by: Name() and the like take three times as long


class _Level(NamedTuple):
    """Brackets that are open: their sign or ``call``, and what they hold so far."""

    kind: str
    start: int
    callee: Name | None
    items: list[Any]
    separator: str
    steps: list[Any]
    first: int
    name: Name | None


class NotPlain(Exception):
    """Something stands in a spec that is not plain, or not right."""


def looks_plain(text: str) -> bool:
    """Whether nothing stands in a spec that is never plain, but in comments."""
    return text.isascii() and ("#" in text or _NEVER.search(text) is None)


def plain_statements(text: str) -> Iterator[Statement]:
    """The statements of a spec, one after the other, so that none has to be kept. Raises NotPlain, maybe at the end."""
    reader, start = _Reader(), 0
    while start <= len(text):
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else len(text)]
        if not reader.read(line, start):
            raise NotPlain
        yield from reader.taken()
        start += len(line) + 1
    if reader.levels or not reader.ended():
        raise NotPlain
    yield from reader.taken()


class _Reader:
    """Reads words and signs in turn. ``node`` is the operand that was read last, where none is to follow; ``steps`` are
    those before it in a chain, which begins at ``first``; ``at`` and ``stop`` are where the operand begins and ends.
    ``kind``, ``start``, ``callee``, ``items``, ``separator`` and ``name`` are of the innermost brackets that are open;
    ``levels`` are those round it.
    """

    __slots__ = (
        "at",
        "begin",
        "callee",
        "first",
        "is_broken",
        "items",
        "kind",
        "levels",
        "name",
        "node",
        "separator",
        "start",
        "statements",
        "steps",
        "stop",
        "targets",
    )

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.levels: list[_Level] = []
        self.node: Any = None
        self.at = self.stop = self.first = 0
        self.begin = -1  # where the statement begins, if it does
        self.targets: tuple[Name, ...] = ()
        self.is_broken = False  # the line has ended, and the statement with it, but for a sign that goes on
        self.kind, self.start, self.separator = "", 0, ""
        self.callee: Name | None = None
        self.name: Name | None = None
        self.items: list[Any] = []
        self.steps: list[Any] = []

    def taken(self) -> list[Statement]:
        """The statements that are whole, each once."""
        found, self.statements = self.statements, []
        return found

    def read(self, line: str, start: int) -> bool:
        """One line of the text; False if something is not plain, or wrong."""
        at, find, signs = 0, line.find, _SIGNS
        for word in _TOKENS.findall(line):
            if (found := find(word, at)) > at and line[at:found].strip(" \t"):  # something else stands between
                return False
            at = found + len(word)
            if not (signs.get(word) or _Reader.operand)(self, word, start + found, start + at):
                return False
        return not line[at:].strip(" \t") and self.ends_well()

    def operand(self, word: str, at: int, stop: int) -> bool:
        """A word, a number or a string, where one may stand; or a comment."""
        if word[0] == "#":
            return True
        if self.node is not None and not (self.is_broken and self.ended()):
            return False
        if self.begin < 0:
            self.begin = at
        self.at, self.stop, span = at, stop, Span(at, stop)
        if word.isidentifier():
            if word in NO_NAMES:
                self.node = _node(Constant, (CONSTANTS.get(word), span))
                return word in CONSTANTS
            self.node = _node(Name, (word, span))
        elif word.isdecimal() and _is_whole(word):
            self.node = _node(Number, (int(word), span))
        else:
            self.node = _other(word, span)
        return self.node is not None

    def ends_well(self) -> bool:
        """The end of a line, which is that of the statement too, where nothing says that it goes on."""
        if self.levels:
            return True
        self.is_broken = self.node is not None
        return self.is_broken or bool(self.steps) or not self.targets

    def ended(self) -> bool:
        """The end of a statement, if there is one; whether it is whole."""
        if self.node is None:
            return self.begin < 0
        value = self.whole()
        self.statements.append(_node(Statement, (self.targets, value, Span(self.begin, self.stop))))
        self.begin, self.targets, self.is_broken = -1, (), False
        return True

    def whole(self) -> Any:
        """The expression that ends here."""
        node, steps = self.node, self.steps
        self.node = None
        if steps:
            steps.append(node)
            node = _node(Chain, (tuple(steps), Span(self.first, self.stop)))
            self.steps = []
        return node

    # --- signs --------------------------------------------------------------------------------------------------------

    def arrow(self, word: str, at: int, stop: int) -> bool:
        node = self.node
        if node is None:
            return False
        if not self.steps:
            self.first = self.at
        self.steps.append(node)
        self.node, self.is_broken = None, False
        return True

    def equals(self, word: str, at: int, stop: int) -> bool:
        node = self.node
        if type(node) is not Name or self.steps or self.is_broken or "." in node.text:
            return False
        self.node = None
        if not self.levels:
            self.targets, was = (node,), self.targets
            return not was
        self.name, named = node, self.name
        return self.kind == "call" and named is None

    def opened(self, word: str, at: int, stop: int) -> bool:
        """``(``: of a call behind a name, else of a tuple."""
        node = self.node
        if node is None or self.is_broken:
            return self.bracket("(", at)
        return type(node) is Name and self.nested("call", self.at, node)

    def listed(self, word: str, at: int, stop: int) -> bool:
        return self.bracket("[", at)

    def bracket(self, kind: str, at: int) -> bool:
        if self.node is not None and not (self.is_broken and self.ended()):
            return False
        if self.begin < 0:
            self.begin = at
        return self.nested(kind, at, None)

    def nested(self, kind: str, start: int, callee: Name | None) -> bool:
        """Brackets that begin here, for as long as they are not nested deep."""
        self.levels.append(
            _node(
                _Level,
                (self.kind, self.start, self.callee, self.items, self.separator, self.steps, self.first, self.name),
            )
        )
        self.kind, self.start, self.callee = kind, start, callee
        self.items, self.separator, self.steps, self.name, self.node = [], "", [], None, None
        return len(self.levels) <= DEEPEST

    def comma(self, word: str, at: int, stop: int) -> bool:
        return self.separated(",")

    def bar(self, word: str, at: int, stop: int) -> bool:
        return self.kind != "call" and self.separated("|")

    def separated(self, separator: str) -> bool:
        """A sign between two items, the same all through."""
        if self.node is None or not self.levels or self.separator not in ("", separator):
            return False
        self.separator = separator
        self.item()
        return True

    def item(self) -> None:
        """An item that ends here."""
        node = self.whole() if self.steps else self.node
        if self.kind == "call":
            name, span = self.name, node.span
            if name is not None:
                span = Span(name.span.start, self.stop)
                self.name = None
            node = _node(Keyword, (name, node, span))
        self.items.append(node)
        self.node = None

    def closed(self, word: str, at: int, stop: int) -> bool:
        """``)``: of a call or a tuple; parentheses round one expression are left to the parser."""
        kind = self.kind
        if kind == "(":
            return self.separator != "" and self.listing(stop)
        if kind != "call" or not self.is_filled():
            return False
        self.back(_node(Invocation, (self.callee, tuple(self.items), Span(self.start, stop))), stop)
        return True

    def unlisted(self, word: str, at: int, stop: int) -> bool:
        return self.kind == "[" and self.listing(stop)

    def listing(self, stop: int) -> bool:
        if not self.is_filled() or not self.items:
            return False
        self.back(_node(Listing, (self.kind, self.separator, tuple(self.items), Span(self.start, stop))), stop)
        return True

    def is_filled(self) -> bool:
        """Whether brackets may end here: behind an item, a comma, or at once."""
        if self.node is not None:
            self.item()
            return True
        return not self.steps and self.name is None and self.separator != "|"

    def back(self, made: Any, stop: int) -> None:
        """Go on outside of brackets, which have become one operand."""
        self.node, self.at, self.stop = made, self.start, stop
        self.kind, self.start, self.callee, self.items, self.separator, self.steps, self.first, self.name = (
            self.levels.pop()
        )


def _is_whole(digits: str) -> bool:
    """Whether digits are a number that cannot be too large."""
    return len(digits) <= _MOST_DIGITS and (digits[0] != "0" or digits == "0")


def _other(word: str, span: Span) -> Text | Name | Number | Unary | None:
    """A string, a dotted name, a number with a point or a sign; ``None`` of what is none of these."""
    if word[0] in "'\"":
        return Text(word[1:-1], span)
    if word[0] == "-":
        number = _number(word[1:], Span(span.start + 1, span.stop))
        return None if number is None else Unary("-", number, span)
    if all(map(str.isidentifier, word.split("."))):
        return Name(word, span)
    return _number(word, span)


def _number(word: str, span: Span) -> Number | None:
    parts = word.split(".")
    if not 1 <= len(parts) <= 2 or not all(part.isdecimal() and len(part) <= _MOST_DIGITS for part in parts):
        return None
    if len(parts) == 2:
        return Number(float(word), span)
    return Number(int(word), span) if _is_whole(word) else None


_SIGNS: dict[str, Callable[[_Reader, str, int, int], bool]] = {
    ">": _Reader.arrow,
    "=": _Reader.equals,
    "(": _Reader.opened,
    ")": _Reader.closed,
    "[": _Reader.listed,
    "]": _Reader.unlisted,
    ",": _Reader.comma,
    "|": _Reader.bar,
}
