"""A VGSL spec as tokens, and what is said of a place where none begins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqshape.diagnostics import Fault, Span
from seqshape.readers.vgsl.elements import ELEMENTS, Match
from seqshape.records import NamedTuple

MOST_FAULTS = 20
_INPUT = re.compile(r"(?P<batch>\d+),(?P<height>\d+),(?P<width>\d+),(?P<depth>\d+)")
_BRACKET = re.compile(r"[\[\]()]")
_GAP = re.compile(r"[\s_]*")
_END = re.compile(r"[^\s\[\]()]+")
_PREFIXES = (("turn", re.compile(r"R[xy]")), ("times", re.compile(r"R(?P<times>\d+)")))
# What Tesseract itself prints of a network: a convolution is a window and a map of the depth behind it.
_PRINTED = (
    ("swap", re.compile(r"Txy")),
    ("window", re.compile(r"C(?P<rows>\d+),(?P<columns>\d+)")),
    ("map", re.compile(r"F(?P<function>[a-z])(?P<units>\d+)")),
)


class Token(NamedTuple):
    """An element, a bracket or a prefix, as it stands in the text."""

    kind: str
    match: Match

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(*self.match.span())


def is_vgsl(text: str) -> bool:
    """Whether a text begins as a VGSL spec does: a bracket and four whole numbers, then an element."""
    return re.match(r"\s*\[\s*\d+,\d+,\d+,\d+\s*[\[(A-Z]", text) is not None


def tokens_of(text: str) -> tuple[list[Token], list[Fault]]:
    """The tokens of a spec, and what is none."""
    tokens: list[Token] = []
    faults: list[Fault] = []
    at = 0
    while len(faults) < MOST_FAULTS:
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        if at >= len(text):
            break
        token = _token(text, at, started=any(one.kind == "input" for one in tokens))
        if token is not None:
            tokens.append(token)
            at = token.match.end()
            continue
        fault = _stray(text, at, tokens)
        faults.append(fault)
        at = fault.span.stop if fault.span else len(text)
        if not any(one.kind == "input" for one in tokens):
            break
    return tokens, faults or _unpaired(tokens, text)


def _token(text: str, at: int, *, started: bool) -> Token | None:
    bracket = _BRACKET.match(text, at)
    if bracket:
        return Token(bracket[0], bracket)
    if not started:
        found = _INPUT.match(text, at)
        return Token("input", found) if found else None
    for number, element in enumerate(ELEMENTS):
        found = element.pattern.match(text, at)
        if found and found.end() > at and not _goes_on(text, found):
            return Token(str(number), found)
    for kind, pattern in (*_PREFIXES, *_PRINTED):
        found = pattern.match(text, at)
        if found:
            return Token(kind, found)
    return None


def _goes_on(text: str, found: Match) -> bool:
    """Whether what follows belongs to the same element: a number too many, or a letter that is none's first."""
    following = text[found.end() : found.end() + 1]
    return following in {",", ".", ";"} or (following.isalnum() and not following.isupper())


def _stray(text: str, at: int, tokens: list[Token]) -> Fault:
    """What is said of a place where no element begins."""
    end = _END.match(text, at)
    word = end[0] if end else text[at]
    span = Span(at, at + len(word))
    if not any(token.kind == "input" for token in tokens):
        message = f"{word[:40]} stands where the input has to: batch, height, width and depth, 0 where one varies"
        return Fault(message, span=span, code="E150", help="begin with it: [1,36,0,1 …]")
    for slip in _slips(word):
        if _whole(slip):
            help = f"did you mean {slip}?"
            return Fault(f"{word[:40]} is no element of VGSL", span=span, code="E150", help=help, instead=slip)
    forms = [element.form for element in ELEMENTS if element.form[:1] == word[:1].upper()]
    if word[:1] == "W":
        help = "masks of wav2vec2 are not read"
    else:
        help = f"it is written {'; or '.join(forms)}" if forms else "elements begin with one of A C Do F G I L Mp O R S"
    return Fault(f"{word[:40]} is no element of VGSL", span=span, code="E150", help=help)


def _slips(word: str) -> Iterator[str]:
    """What may have been meant: a nought for an O, small and capital letters, signs for commas."""
    folded = word[:1].upper() + word[1:].lower()
    for one in dict.fromkeys((word, folded, re.sub("[;x*]", ",", folded).rstrip(","), word.rstrip(",;."))):
        yield one
        if one[:1] in ("0", "O"):
            yield f"O{one[1:]}"
            yield f"O{one[1:].replace('l', '1', 1)}"


def _whole(word: str) -> bool:
    return any(element.pattern.fullmatch(word) for element in ELEMENTS)


def _unpaired(tokens: list[Token], text: str) -> list[Fault]:
    """Brackets that are not closed, or close nothing."""
    partner, opened = {"]": "[", ")": "("}, list[Token]()
    for token in tokens:
        if token.kind in ("[", "("):
            opened.append(token)
        elif token.kind in partner:
            if not opened or opened[-1].kind != partner[token.kind]:
                return [Fault(f"{token.kind} closes nothing", span=token.span, code="E114", instead="")]
            opened.pop()
    if not tokens:
        return [Fault("the spec is empty", span=Span(0, 0), code="E110", help="write [1,36,0,1 Lfx96 O1c111]")]
    if not opened:
        return []
    open_, close = opened[-1], "]" if opened[-1].kind == "[" else ")"
    fault = Fault(f"{open_.kind} is not closed", span=open_.span, code="E114", help=f"close it with {close}")
    if len(opened) == 1:
        fault.instead = f"{text[open_.span.start :].rstrip()}{close}"
    return [fault]
