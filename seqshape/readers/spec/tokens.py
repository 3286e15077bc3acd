"""Characters to tokens: the signs, words, numbers and strings of a spec, each with its place.

What is no token becomes a fault and a token of kind ``fault``, and the scan goes on: one run finds them all.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from seqshape.diagnostics import Fault, Span
from seqshape.quoting import unescaped
from seqshape.records import NamedTuple

Literal: TypeAlias = "int | float | str | tuple[int, ...] | None"

LARGEST = 2**63
_MOST_DIGITS = 19  # as many as LARGEST has; also keeps ``int()`` from working on a text without end
_DIGITS = "0123456789"
_TWO = frozenset({"->", "**", "//", ".."})
_ONE = frozenset("()[]{},;|=*/%+->?:")
PARTNER = {"(": ")", "[": "]", "{": "}"}
_QUOTES = "“”„‟‘’‚‛«»"
_ARROWS = ["=>", "-->", ">>", "|>", "~>", "–>", "—>", "−>", *"→⇒➜➔➞⟶⟹↦›＞»"]
_LOOKALIKES = {
    **dict.fromkeys(_ARROWS, ">"),
    **dict.fromkeys("−–—‐‑", "-"),
    **dict.fromkeys(("==", ":=", "＝"), "="),
    "×": "x between sizes (3x3) or * for a repeat",
    "∗": "*",
    "^": "**",
    **dict.fromkeys(("...", "…"), ".."),
    "，": ",",
    "；": ";",
    "｜": "|",
    "（": "(",
    "）": ")",
    "［": "[",
    "］": "]",
    ".": "a digit on both sides of a point, or .. for a range",
    "<": "> and turn the chain round",
    "\\": "nothing there: a new line next to > or inside brackets is white space",
}


class Token(NamedTuple):
    """A token: ``kind`` is ``name``, ``number``, ``sizes``, ``string``, ``newline``, ``fault``, ``end`` or the sign.

    ``->`` has the kind ``>``. ``value`` is what a number, sizes (``3x3``) or a string stands for.
    """

    kind: str
    text: str
    start: int
    stop: int
    value: Literal = None

    @property
    def span(self) -> Span:
        """The characters of the token."""
        return Span(self.start, self.stop)


_token = tuple.__new__  # what Token() calls: half of the time of a scan is in making tokens


class Comment(NamedTuple):
    """A comment from its ``#`` to the end of the line; ``alone`` if nothing else stands on the line before it."""

    text: str
    span: Span
    alone: bool


class Scan(NamedTuple):
    """The tokens, the last of kind ``end``; the comments; and what was neither."""

    tokens: list[Token]
    comments: list[Comment]
    faults: list[Fault]


# A name without a dot, a whole number, or a sign that is no part of a longer one; then blanks. All of it in ASCII.
_PLAIN = re.compile(
    r"([A-Za-z_]\w*(?![\w.])|(?:0|[1-9]\d*)(?![\w.])|[][(){},;?%+]|->|>(?!>)|=(?![=>])|\|(?!>)|\*(?!\*)|\n)[ \t]*",
    re.ASCII,
)
_KINDS = {**{sign: sign for sign in "()[]{},;?%+>=|*"}, "->": ">", "\n": "newline"}  # of the signs among these


def tokenize(text: str) -> Scan:
    """The tokens of a spec, in time linear in its length."""
    scanner, is_ascii = _Scanner(text), text.isascii()
    while scanner.at < len(text):
        if not is_ascii or not scanner.plain():
            scanner.take(text[scanner.at])
    scanner.add("end", scanner.at)
    return Scan(scanner.tokens, scanner.comments, scanner.faults)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.tokens: list[Token] = []
        self.comments: list[Comment] = []
        self.faults: list[Fault] = []

    def add(self, kind: str, stop: int, value: Literal = None) -> None:
        self.tokens.append(Token(kind, self.text[self.at : stop], self.at, stop, value))
        self.at = stop

    def plain(self) -> bool:
        """Read tokens that are as plain as most, up to one that is not; False if not one of them is."""
        tokens, kinds, start = self.tokens, _KINDS, self.at
        at, add = start, self.tokens.append
        for found in _PLAIN.finditer(self.text, start):
            first, end = found.span()
            if first != at:  # something else stands between
                break
            word = found[1]
            stop, kind = first + len(word), kinds.get(word)
            if kind is None:
                if word[0] > "9":
                    add(_token(Token, ("name", word, first, stop, None)))
                elif len(word) < _MOST_DIGITS:
                    add(_token(Token, ("number", word, first, stop, int(word))))
                else:
                    break
            elif kind != "newline" or (tokens and tokens[-1][0] != kind):
                add(_token(Token, (kind, word, first, stop, None)))
            at = end
        self.at = at
        return at > start

    def fault(self, stop: int, code: str, message: str, help: str) -> None:
        self.faults.append(Fault(message, span=Span(self.at, stop), code=code, help=help))
        self.add("fault", stop)

    def take(self, first: str) -> None:
        """One token, comment or stretch of white space, of which ``first`` is the first character."""
        if first == "\n":
            self.newline()
        elif first.isspace() or (first == "\ufeff" and self.at == 0):
            self.at += 1
        elif first == "#":
            self.comment()
        elif first.isidentifier():
            self.add("name", self.end_of_name())
        elif first in _DIGITS or (first == "." and self.peek(1) in _DIGITS and self.peek(1)):
            self.number()
        elif first in "'\"":
            self.string(first)
        else:
            self.sign(first)

    def peek(self, distance: int) -> str:
        """The character so far ahead, or an empty string behind the end."""
        return self.text[self.at + distance : self.at + distance + 1]

    def newline(self) -> None:
        if self.tokens and self.tokens[-1].kind != "newline":
            self.add("newline", self.at + 1)
        else:
            self.at += 1

    def comment(self) -> None:
        stop = self.end_of_line()
        alone = not self.tokens or self.tokens[-1].kind == "newline"
        self.comments.append(Comment(self.text[self.at : stop].rstrip(), Span(self.at, stop), alone))
        self.at = stop

    def end_of_line(self) -> int:
        stop = self.text.find("\n", self.at)
        return len(self.text) if stop < 0 else stop

    def end_of_name(self) -> int:
        """Where a name ends that begins here; a dotted one such as ``keras.layers.LSTM`` is one name."""
        stop = _end_of_word(self.text, self.at)
        while self.text[stop : stop + 1] == "." and self.text[stop + 1 : stop + 2].isidentifier():
            stop = _end_of_word(self.text, stop + 1)
        return stop

    # --- numbers ------------------------------------------------------------------------------------------------------

    def number(self) -> None:
        stop = _end_of_digits(self.text, self.at)
        if self.text[stop : stop + 1] in ("x", "X") and _is_digit(self.text, stop + 1):
            self.sizes(stop)
            return
        is_float = False
        if self.text[stop : stop + 1] == "." and self.text[stop + 1 : stop + 2] != ".":
            is_float, stop = True, stop + 1
            if not _is_digit(self.text, stop):
                self.no_fraction(stop)
                return
            stop = _end_of_digits(self.text, stop)
        exponent = _end_of_exponent(self.text, stop)
        self.finish_number(exponent, is_float or exponent > stop)

    def no_fraction(self, stop: int) -> None:
        whole = self.text[self.at : stop - 1]
        self.fault(stop, "E113", "a float needs a digit after its point", f"write {whole}.0 or {whole}")

    def finish_number(self, stop: int, is_float: bool) -> None:
        end = _end_of_word(self.text, stop)
        text = self.text[self.at : end]
        if end > stop:
            self.fault(end, "E113", f"{text} is neither a number nor a name", _number_help(text, stop - self.at))
        elif not _is_well_written(text, is_float):
            help = "numbers have no leading zeros, and single underscores between digits only"
            self.fault(stop, "E113", f"{text} is no number", help)
        elif (value := _number_value(text, is_float)) is None:
            self.fault(stop, "E113", "this number is too large", "integers go up to 2**63 - 1, floats up to 1.8e308")
        else:
            self.add("number", stop, value)

    def sizes(self, stop: int) -> None:
        """``3x3``: the whole of it is one token whose value is the tuple."""
        while self.text[stop : stop + 1] in ("x", "X") and _is_digit(self.text, stop + 1):
            stop = _end_of_digits(self.text, stop + 1)
        end = _end_of_word(self.text, stop)
        parts = self.text[self.at : stop].lower().split("x")
        values = [_number_value(part, False) for part in parts if _is_well_written(part, False)]
        if end > stop or len(values) < len(parts) or None in values:
            help = "sizes are whole numbers with x between them: 3x3; hexadecimal is not read"
            self.fault(end, "E113", f"{self.text[self.at : end]} is no number and no sizes", help)
        else:
            self.add("sizes", stop, tuple(value for value in values if isinstance(value, int)))

    # --- strings and signs --------------------------------------------------------------------------------------------

    def string(self, quote: str) -> None:
        pieces: list[str] = []
        at, end = self.at + 1, self.end_of_line()
        while at < end and self.text[at] != quote:
            if self.text[at] == "\\" and at + 1 < end:
                sign, at = unescaped(self.text, at, end)
                pieces.append(sign)
            else:
                pieces.append(self.text[at])
                at += 1
        if at < end:
            self.add("string", at + 1, "".join(pieces))
            return
        opening = Span(self.at, self.at + 1)
        self.faults.append(Fault("this string is not closed", span=opening, code="E112", help=f"end it with {quote}"))
        self.add("fault", end)

    def sign(self, first: str) -> None:
        for length in (3, 2):
            if (found := self.text[self.at : self.at + length]) in _LOOKALIKES:
                self.stray(found, f"write {_LOOKALIKES[found]}")
                return
        two = self.text[self.at : self.at + 2]
        if two in _TWO:
            self.add(">" if two == "->" else two, self.at + 2)
        elif first in _ONE:
            self.add(first, self.at + 1)
        elif first in _QUOTES:
            self.typographic()
        else:
            self.stray(first, f"write {_LOOKALIKES[first]}" if first in _LOOKALIKES else "delete it")

    def stray(self, found: str, help: str) -> None:
        stop = self.at + len(found)
        while len(found) == 1 and self.text[stop : stop + 1] == found:
            stop += 1
        shown = f"`{found}`" if found.isprintable() else f"the invisible character U+{ord(found):04X}"
        self.fault(stop, "E111", f"{shown} is no sign of the spec language", help)

    def typographic(self) -> None:
        """A typographic quote, blamed together with the text up to its partner on the same line."""
        if self.text[self.at] == "»":  # also an arrow
            self.stray("»", f"write {_LOOKALIKES['»']}")
            return
        end = self.end_of_line()
        stop = next((at for at in range(self.at + 1, end) if self.text[at] in _QUOTES), -1)
        quoted = self.text[self.at + 1 : stop] if stop > 0 else ""
        help = f'write "{quoted}"' if quoted else "write \" or '"
        self.fault(stop + 1 if quoted else self.at + 1, "E111", "this is a typographic quote", help)


def _is_digit(text: str, at: int) -> bool:
    return at < len(text) and text[at] in _DIGITS


def _end_of_digits(text: str, at: int) -> int:
    while at < len(text) and (text[at] in _DIGITS or text[at] == "_"):
        at += 1
    return at


def _end_of_word(text: str, at: int) -> int:
    while at < len(text) and (text[at] == "_" or (text[at].isalnum() if text[at].isascii() else _continues(text[at]))):
        at += 1
    return at


def _continues(character: str) -> bool:
    return ("a" + character).isidentifier()


def _end_of_exponent(text: str, at: int) -> int:
    """Where ``e-3`` ends if it stands here, else here."""
    if text[at : at + 1] not in ("e", "E"):
        return at
    digits = at + 2 if text[at + 1 : at + 2] in ("+", "-") else at + 1
    return _end_of_digits(text, digits) if _is_digit(text, digits) else at


def _is_well_written(text: str, is_float: bool) -> bool:
    if "__" in text or any(not part or part[0] == "_" or part[-1] == "_" for part in _parts(text)):
        return False
    return is_float or text.strip("0_") == "" or text[0] != "0"


def _parts(text: str) -> list[str]:
    """The runs of digits of a number; a missing whole part, as in ``.5``, is none."""
    for sign in ("e+", "e-", "e"):
        text = text.lower().replace(sign, ".")
    return text.removeprefix(".").split(".")


def _number_value(text: str, is_float: bool) -> int | float | None:
    """The number, or ``None`` if it is too large."""
    if is_float:
        value = float(text)
        return None if value == float("inf") else value
    if len(text.replace("_", "")) > _MOST_DIGITS or int(text) >= LARGEST:
        return None
    return int(text)


def _number_help(text: str, digits: int) -> str:
    if text[:2].lower() in ("0x", "0b", "0o"):
        return "numbers are decimal; hexadecimal is not read"
    return f"put a comma or a sign between {text[:digits]} and {text[digits:]}"
