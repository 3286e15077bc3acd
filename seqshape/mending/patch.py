"""Changes of a text: patches, where they move what stands behind them, and how a layer or an argument is added or taken out."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

from seqshape.diagnostics import Label, Span
from seqshape.dims import Dim
from seqshape.records import NamedTuple


class Patch(NamedTuple):
    """Another text in the place of a stretch of the source."""

    span: Span
    text: str


def apply(text: str, patches: tuple[Patch, ...]) -> str | None:
    """The text after all patches, two equal ones once; ``None`` if two of them overlap."""
    if len(patches) == 1:
        span, instead = patches[0]
        return text[: span.start] + instead + text[span.stop :]
    ordered = sorted(dict.fromkeys(patches), key=lambda patch: (patch.span.start, patch.span.stop))
    parts, end = [], 0
    for patch in ordered:
        if patch.span.start < end:
            return None
        parts += [text[end : patch.span.start], patch.text]
        end = patch.span.stop
    return "".join([*parts, text[end:]])


class Moved:
    """Where places of the text are after patches."""

    def __init__(self, patches: tuple[Patch, ...]) -> None:
        ordered = sorted(dict.fromkeys(patches), key=lambda patch: patch.span.stop)
        self.stops = [patch.span.stop for patch in ordered]
        self.inserts = Counter(
            {patch.span.stop: len(patch.text) for patch in ordered if patch.span.start == patch.span.stop}
        )
        self.grown = [0, *accumulate(len(patch.text) - (patch.span.stop - patch.span.start) for patch in ordered)]

    def __call__(self, place: int) -> tuple[int, int]:
        """A place before and after what is inserted right there."""
        from bisect import bisect_right

        after = place + self.grown[bisect_right(self.stops, place)]
        return after - self.inserts[place], after


class Edit(NamedTuple):
    """One change of a network: patches of its text, or another shape of the only input, or both.

    ``help`` says what to write; ``cause`` is the earlier layer that it is about. Of several ways the one that costs
    least is taken; one that is as good is told of beside it, after the words of ``also``.
    """

    patches: tuple[Patch, ...]
    help: str
    cause: Label | None = None
    shape: tuple[Dim, ...] | None = None  # without the batch
    cost: float = 1.0
    also: str = ""


def with_argument(call: str, argument: str) -> str:
    """The text of a call with one more argument: ``LSTM(5)`` → ``LSTM(5,seq)``, ``LSTM`` → ``LSTM(seq)``."""
    if not call.endswith(")"):
        return f"{call}({argument})"
    inside = call[:-1].rstrip()
    return f"{inside}{argument})" if inside.endswith(("(", ",")) else f"{inside},{argument})"


def with_comma(text: str, place: Span) -> int:
    """Where an argument starts, or the comma before it."""
    before = text[: place.start].rstrip()
    return len(before) - 1 if before.endswith(",") else place.start


def without_argument(text: str, span: Span) -> Span:
    """An argument with the comma that belongs to it."""
    before, after = text[: span.start].rstrip(), text[span.stop :]
    if before.endswith(","):
        return Span(len(before) - 1, span.stop)
    rest = after.lstrip()
    return Span(span.start, len(text) - len(rest.removeprefix(",").lstrip())) if rest.startswith(",") else span


def without_layer(text: str, span: Span) -> Span:
    """A layer with the arrow that belongs to it."""
    after = text[span.stop :].lstrip()
    for arrow in ("->", ">"):
        if after.startswith(arrow):
            return Span(span.start, len(text) - len(after.removeprefix(arrow).lstrip()))
    before = text[: span.start].rstrip()
    for arrow in ("->", ">"):
        if before.endswith(arrow):
            return Span(len(before.removesuffix(arrow).rstrip()), span.stop)
    return span
