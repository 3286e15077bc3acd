"""Diagnostics are data: what is wrong, where, why, and how to mend it. Renderers turn them into text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Literal

from seqshape.ambient import Channel, Listening
from seqshape.faces import as_data, drawn
from seqshape.records import NamedTuple, Record

Severity = Literal["error", "warning", "advice"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "advice")


LONGEST = 1000  # characters of a message: values from a file are quoted in it
LONGEST_WORD = 80  # characters: a longer word is no slip of the pen
_COPIES = 3  # of a letter that are told apart
ALIKE = 0.6  # the share of letters in common from which on a word may be meant for another


_START, _LENGTH, _NONE = (
    30,
    (1 << 30) - 1,
    1 << 29,
)  # where a start stands in a place, the bits of a length, and that of 0


class Span:
    """A place in a source: the characters ``[start, stop)`` of a text, or a JSON pointer into a document.

    A record as :class:`Record` makes them. More of these are made and kept than of all others, and few are read: so a
    stretch of text is one number, which properties take apart.
    """

    __slots__ = ("_at",)
    _fields = __match_args__ = ("start", "stop", "pointer")

    def __init__(self, start: int = 0, stop: int = 0, pointer: str | None = None) -> None:
        self._at: Any = (start << _START) + (stop - start + _NONE) if pointer is None else (start, stop, pointer)

    @property
    def start(self) -> int:
        """Where the stretch of text begins."""
        at = self._at
        return at >> _START if type(at) is int else self._values()[0]

    @property
    def stop(self) -> int:
        """Where it ends: behind its last character."""
        at = self._at
        return (at >> _START) + (at & _LENGTH) - _NONE if type(at) is int else self._values()[1]

    @property
    def pointer(self) -> str | None:
        """The JSON pointer; ``None`` for a stretch of text."""
        return None if type(self._at) is int else self._values()[2]

    @property
    def in_text(self) -> bool:
        """Whether it is a stretch of text and no part of a JSON value."""
        return type(self._at) is int

    def within(self, *keys: str | int) -> Span:
        """The span of a part of a JSON value; a stretch of text stays as it is."""
        if keys and not self.in_text:
            for key in keys:
                self = _Part(self, key)
        return self

    def to(self, other: Span) -> Span:
        """The stretch of text from the start of this span to the end of the other."""
        return self if not self.in_text else Span(self.start, max(self.stop, other.stop))

    def cut(self, part: Span) -> Span | int | str:
        """A part of it, as little as tells it (:meth:`piece`): a length where it is the beginning."""
        at, whole = part._at, self._at
        is_start = type(whole) is type(at) is int and part.in_text and at >> _START == whole >> _START
        return (at & _LENGTH) - _NONE if is_start else part

    def piece(self, cut: Span | int | str) -> Span:
        """The part that :meth:`cut` has told of."""
        if isinstance(cut, Span):
            return cut
        return Span(self.start, self.start + cut) if isinstance(cut, int) else self.within(cut)

    def __eq__(self, other: object) -> bool:
        if type(other) is Span is type(self):
            return bool(self._at == other._at)
        return self._values() == other._values() if isinstance(other, Span) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._at)

    def __repr__(self) -> str:
        start, stop, pointer = self._values()
        return f"Span(start={start}, stop={stop}, pointer={pointer!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return Span, self._values()

    def _values(self) -> tuple[int, int, str | None]:
        at = self._at
        if type(at) is not int:
            return at  # type: ignore[no-any-return]
        start = at >> _START
        return start, start + (at & _LENGTH) - _NONE, None

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self._values(), strict=True))

    def _replace(self, **changes: Any) -> Span:
        return Span(**self._asdict() | changes)


class _Part(Span):
    """The span of a part of a JSON value. Every value has one and few are asked for: its pointer is written then."""

    __slots__ = ("_above",)

    def __init__(self, above: Span, key: str | int) -> None:
        self._above = above
        self._at = key

    start = stop = property(lambda span: 0)
    pointer = property(lambda span: span._values()[2])

    def __hash__(self) -> int:
        return hash(self._values())

    @property
    def in_text(self) -> bool:
        """It never is."""
        return False

    def cut(self, part: Span) -> Span | int | str:
        """A part of the part: its key where it is right below."""
        is_below = isinstance(part, _Part) and part._above is self and type(part._at) is str
        return part._at if is_below else part

    def _values(self) -> tuple[int, int, str | None]:
        steps: list[str] = []
        span: Span = self
        while isinstance(span, _Part):
            steps.append(str(span._at).replace("~", "~0").replace("/", "~1"))
            span = span._above
        return 0, 0, "/".join([span.pointer or "", *reversed(steps)])


class Source(Record):
    """The text that spans point into: ``name`` is a file name, or ``None`` for the command line."""

    text: str
    name: str | None = None
    cells: tuple[tuple[int, int], ...] = ()  # of a notebook: the line on which each cell begins, and its number

    def place(self, line: int) -> str:
        """A line as it is told: ``line 7``, of a notebook ``cell 3, line 2``."""
        number, start = 0, 1
        for first, cell in self.cells:
            if first <= line:
                number, start = cell, first
        return f"cell {number}, line {line - start + 1}" if self.cells else f"line {line}"


class Label(Record):
    """A remark on one place of the source."""

    span: Span
    text: str = ""


class Diagnostic(Record):
    """One finding.

    ``labels[0]`` is the place to blame; more labels tell of earlier causes. ``help`` says how to mend it and
    ``replacement`` is the whole mended source, ready to paste, where it can be known; ``input`` the input shape,
    without the batch, with which it or the source as it is would be sound, where that is another one than was given.
    """

    code: str
    severity: Severity
    message: str
    labels: tuple[Label, ...] = ()
    help: str | None = None
    replacement: str | None = None
    layer: str | None = None
    source: Source | None = None
    input: str | None = None


def exit_status(code: str) -> int:
    """How a command ends on an error of this code: 1 the network is wrong, 2 the command line, 3 seqshape itself."""
    return 3 if code == "E999" else 2 if code.startswith("E3") else 1


class SeqshapeError(Exception):
    """A network, a file or a question is wrong. Carries the ``diagnostics``, and the ``summary`` as far as it goes."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], summary: object = None) -> None:
        super().__init__(diagnostics, summary)
        self.diagnostics = diagnostics
        self.summary = summary

    def __str__(self) -> str:
        """The diagnostics as a terminal shows them: each with its place and the mended spec."""
        return drawn("diagnostics", self.diagnostics)

    def to_dict(self) -> dict[str, Any]:
        """The object that ``summarize --json`` prints for it, as plain data."""
        return as_data("error", self)


class Fault(Exception):
    """A complaint of a layer rule, an argument kind or a reader.

    A rule knows its arguments by name and never sees text: the engine finds the span of ``arg`` (or of the element
    ``index`` of it) and adds it. A reader, which sees text, gives ``span`` itself. ``instead`` is a text that would
    mend the
    span.
    """

    def __init__(
        self,
        message: str,
        *,
        arg: str | None = None,
        index: int | None = None,
        help: str | None = None,
        code: str = "E200",
        span: Span | None = None,
        instead: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.arg = arg
        self.index = index
        self.help = help
        self.code = code
        self.span = span
        self.instead = instead
        self.labels: tuple[Label, ...] = ()
        self.call: object = None  # the layer that complains: a graph.Call

    def diagnostic(self, span: Span | None = None, *, layer: str | None = None) -> Diagnostic:
        """This complaint as data, blamed on its own span or else on ``span``."""
        place = self.span or span
        labels = (Label(place), *self.labels) if place is not None else self.labels
        message = (
            self.message if len(self.message) <= LONGEST else f"{self.message[: LONGEST - 200]} … {self.message[-199:]}"
        )
        return Diagnostic(self.code, "error", message, labels, self.help, None, layer)


class Remark(NamedTuple):
    """A warning of a rule: like a Fault, but the network goes on. ``arg`` is the argument that it is about."""

    message: str
    arg: str | None = None
    help: str | None = None
    code: str = "W301"


REMARKS: Channel[Remark] = Channel("remarks")


def listening() -> Listening[Remark]:
    """Collects the remarks of the rules that run inside: ``with listening() as remarks: …``."""
    return REMARKS.listening()


def remark(message: str, *, arg: str | None = None, help: str | None = None, code: str = "W301") -> None:
    """Say something about a network that Keras builds although it is likely a mistake.

    Nobody listening: nothing happens.
    """
    REMARKS.say(Remark(message, arg, help, code))


SITUATION: ContextVar[frozenset[str]] = ContextVar("situation", default=frozenset())


class situation:  # noqa: N801 -- used as a verb in a with statement
    """What Keras does with the layers that are called inside.

    ``run``: it runs them to learn an output shape (those of a Pipeline); ``asked``: it only asks for their output shape,
    without a look at the number of axes (that of a TimeDistributed); ``built``: an earlier call has built them. ``fresh``:
    a call of its own, in which only ``run`` still holds.
    """

    def __init__(self, *words: str, fresh: bool = False) -> None:
        self.words = frozenset(words)
        self.fresh = fresh

    def __enter__(self) -> None:
        outer = SITUATION.get()
        self._token = SITUATION.set(self.words | (outer & {"run"} if self.fresh else outer))

    def __exit__(self, *exception: object) -> None:
        SITUATION.reset(self._token)


def is_running() -> bool:
    """Whether Keras runs the layer at hand to learn its output shape."""
    return "run" in SITUATION.get()


def is_asked() -> bool:
    """Whether Keras only asks the layer at hand for its output shape."""
    return "asked" in SITUATION.get()


def is_built() -> bool:
    """Whether an earlier call has built the layer at hand."""
    return "built" in SITUATION.get()


def fails(message: str, *, arg: str | None = None, help: str | None = None, when: str = "when it runs") -> None:
    """Say of a layer that Keras builds it, but that it fails when it runs: a remark.

    Raises Fault where Keras runs it at once.
    """
    if is_running():
        raise Fault(f"{message}; Keras runs it at once, and it fails", arg=arg, help=help)
    remark(f"{message}; it builds, but fails {when}", arg=arg, help=help)


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that looks most like ``word``, without regard to case; ``None`` if none does."""
    return _nearest(word.lower(), tuple(choices)) if len(word) <= LONGEST_WORD else None


@lru_cache(maxsize=4096)
def _nearest(word: str, choices: tuple[str, ...]) -> str | None:
    """The same of a word without capitals, found once: what ``difflib.get_close_matches`` finds first.

    It is slow, so that it sees only what has letters enough in common, most of them first, until nothing can be better.
    """
    from difflib import SequenceMatcher

    matcher, best = SequenceMatcher(b=word), (ALIKE, "")
    for bound, choice in _alike(word, choices):
        if bound < best[0]:
            break
        matcher.set_seq1(choice)
        best = max(best, (matcher.ratio(), choice))
    return _folded(choices)[best[1]][0] if best[1] else None


def _alike(word: str, choices: tuple[str, ...]) -> list[tuple[float, str]]:
    """The choices that may be as much alike as :data:`ALIKE` asks, by how much they are at most."""
    letters, size = _letters(word), len(word)
    found = [
        (common / total, choice)
        for choice, (_, theirs, length) in _folded(choices).items()
        if (common := 2 * (letters & theirs).bit_count()) >= ALIKE * (total := size + length)
    ]
    return sorted(found, reverse=True)


@lru_cache(maxsize=64)
def _folded(choices: tuple[str, ...]) -> dict[str, tuple[str, int, int]]:
    """The choices by how they look without capitals, each with its letters and their number."""
    folded = {choice.lower(): choice for choice in choices if len(choice) <= LONGEST_WORD}
    return {low: (choice, _letters(low), len(low)) for low, choice in folded.items()}


def _letters(word: str) -> int:
    """The letters of a word as bits of a number, so that ``&`` has at least as many bits as two words share letters.

    Each of 64 kinds of letters has a bit for the first, the second, …; what is beyond stands together at the end.
    """
    found, more = 0, 64 * _COPIES
    for letter in word:
        first = (ord(letter) & 63) * _COPIES
        taken = (found >> first & (1 << _COPIES) - 1).bit_count()
        found |= 1 << (first + taken if taken < _COPIES else more)
        more += taken == _COPIES
    return found


def joined(*helps: str) -> str:
    """Sentences of help in one: a question keeps its mark, behind all others comes a semicolon."""
    text = "; ".join(filter(None, helps))
    return text.replace("?; ", "? ")


def suggest(word: str, choices: Iterable[str], write: Callable[[str], str] = str) -> str | None:
    """A "did you mean" sentence, or ``None`` if nothing is near."""
    best = nearest(word, choices)
    return f"did you mean {write(best)}?" if best else None
