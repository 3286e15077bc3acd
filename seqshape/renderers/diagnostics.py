"""Diagnostics as text: the message, the line of the source with the place marked, the cause, the way out.

Errors have to be quick, so colours are written here and nothing heavy is imported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from seqshape.diagnostics import Diagnostic, Label, Severity, Source, Span
from seqshape.records import NamedTuple
from seqshape.renderers import Options
from seqshape.renderers.text import BOLD, fold, head, printable, shown, style, tail, to_ascii, width

_COLORS: dict[Severity, str] = {"error": "31", "warning": "33", "advice": "36"}
_GITHUB: dict[Severity, str] = {"error": "error", "warning": "warning", "advice": "notice"}
_INDENT = "  "
_TAB = "    "
_POINTING = re.compile(r"\b(here|this one|the first one)\b")  # words of a cause that mean nothing without a mark
_WIDEST = 100  # columns of source that are shown where the terminal's width is not known
_NARROWEST = 18  # columns of text, beside the indent
_MOST_OF_A_CODE = 10
_MOST_PLACES = 3  # of what is said in the same words
_LONGEST_COPIED = 4000  # characters of a line that is shown whole
_MOST_LINES = 8  # of a replacement that is shown whole


class Place(NamedTuple):
    """Where a span is: ``line`` and ``column`` count from 1, ``start`` and ``stop`` are within ``text``, that line."""

    line: int
    column: int
    text: str
    start: int
    stop: int


def render(diagnostics: Iterable[Diagnostic], options: Options = Options()) -> str:
    """The diagnostics one below the other, an empty line between them, without a line break at the end.

    What is said several times in the same words is said once, with its first places and how many there are. Of those of
    one code the first ten are shown, and the number of the others.
    """
    counts: Counter[str] = Counter()
    shown: list[list[Diagnostic]] = []
    for group in _alike(diagnostics):
        counts[group[0].code] += 1
        if counts[group[0].code] <= _MOST_OF_A_CODE:
            shown.append(group)
    last = {group[0].replacement: place for place, group in enumerate(shown)}  # one text may mend them all
    parts = [
        "\n".join(_lines(group, options, last[group[0].replacement] == place)) for place, group in enumerate(shown)
    ]
    rest = [f"{count - _MOST_OF_A_CODE:,} more {code}" for code, count in counts.items() if count > _MOST_OF_A_CODE]
    dots = "..." if options.ascii else "…"
    return "\n\n".join([*parts, *([f"{dots} and {' and '.join(rest)}"] if rest else [])])


def _alike(diagnostics: Iterable[Diagnostic]) -> list[list[Diagnostic]]:
    """The diagnostics, those of the same words together where the first of them is."""
    groups: dict[object, list[Diagnostic]] = {}
    for found in diagnostics:
        causes = tuple(label.text for label in found.labels)
        groups.setdefault((found.code, found.message, found.help, causes, found.source is None), []).append(found)
    return list(groups.values())


def locate(text: str, span: Span) -> Place:
    """The line that a span begins in. A span beyond the end (something is missing there) is put right after the end."""
    start = min(span.start, len(text.rstrip())) if span.start >= len(text.rstrip()) else span.start
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    line = text[first : len(text) if last < 0 else last].rstrip("\r")
    stop = min(max(span.stop, start) - first, len(line))
    return Place(text.count("\n", 0, first) + 1, start - first + 1, line, start - first, max(stop, start - first))


def _lines(group: Sequence[Diagnostic], options: Options, mended: bool = True) -> Iterator[str]:
    """What is said of one finding, or of several of the same words."""
    found = group[0]
    title = f"{found.severity}[{found.code}]"
    first, *more = _prose(f": {found.message}", options, title)
    yield _paint(title, options, BOLD, _COLORS[found.severity]) + _paint(first, options, BOLD)
    yield from (_INDENT + _paint(line, options, BOLD) for line in more)
    yield from _places(found, options)
    yield from _other_places(group, options)
    if found.help is not None:
        first, *more = _prose(f": {found.help}", options, "help")
        yield _paint("help", options, BOLD, "36") + first
        yield from (_INDENT + line for line in more)
    is_config = any(label.span.pointer is not None for label in found.labels[:1])  # a help says what to change in it
    if mended and found.replacement is not None and not is_config and found.replacement not in (found.help or ""):
        yield from _replacement(found.replacement, found.source, options)


def _paint(text: str, options: Options, *codes: str) -> str:
    return style(text, *codes) if options.color else text


def _shown(text: str, options: Options) -> str:
    return shown(text, options.ascii)


def _prose(text: str, options: Options, before: str = "") -> list[str]:
    """A sentence, safe to show, folded where the width is known.

    ``before`` stands before the first line and takes room there.
    """
    text = _shown(text, options)
    if options.width is None:
        return [text]
    first, *more = fold(before + text, max(options.width - len(_INDENT), _NARROWEST))
    return [first.removeprefix(before), *more]


# --- places ----------------------------------------------------------------------------------------------------------


def _places(found: Diagnostic, options: Options) -> Iterator[str]:
    source, labels = found.source, found.labels
    if not labels:
        if source is not None and source.name is not None:
            yield f" --> {_shown(source.name, options)}"
        if found.layer is not None:
            yield f"{_INDENT}in layer {_shown(found.layer, options)}"
        return
    yield from _label(labels[0], source, found.severity, options)
    for label in labels[1:]:
        yield from _cause(label, labels[0], source, options)


def _other_places(group: Sequence[Diagnostic], options: Options) -> Iterator[str]:
    """Where the same is to be said too: some places, and how many there are."""
    places = list(dict.fromkeys((found.source, found.labels[:1]) for found in group))
    for source, labels in places[1:_MOST_PLACES]:
        for label in labels:
            yield from _label(label, source, group[0].severity, options)
    if len(places) > _MOST_PLACES:
        yield f"{_INDENT}and at {len(places) - _MOST_PLACES:,} more places"
    if len(places) < len(group):
        yield f"{_INDENT}{len(group):,} times in all"


def _label(label: Label, source: Source | None, severity: Severity, options: Options) -> Iterator[str]:
    """The place to blame: where it is, its line, and the mark below it."""
    if label.span.pointer is not None:
        yield from _pointer(label, source, options)
    elif source is None:
        if label.text:
            yield from (_INDENT + line for line in _prose(label.text, options))
    else:
        place = locate(source.text, label.span)
        if source.name is not None or "\n" in source.text.strip():
            yield f" --> {_where(source, place, options)}"
        yield from _snippet(place, label.text, "^", _COLORS[severity], options)


def _cause(label: Label, blamed: Label, source: Source | None, options: Options) -> Iterator[str]:
    """An earlier cause: its text alone if its line has been shown, else with its line."""
    if label.span.pointer is not None:
        if label.text:
            yield f"{_INDENT}{_shown(label.text, options)} (at {_shown(label.span.pointer, options)})"
    elif source is None or blamed.span.pointer is not None or _same_line(source.text, label.span, blamed.span):
        if label.text and source is not None and label.span.pointer is None and _POINTING.search(label.text):
            yield from list(_snippet(locate(source.text, label.span), label.text, "-", _COLORS["advice"], options))[1:]
        elif label.text:
            yield from (_INDENT + line for line in _prose(label.text, options))
    else:
        place = locate(source.text, label.span)
        yield f" --> {_where(source, place, options)}"
        yield from _snippet(place, label.text, "-", _COLORS["advice"], options)


def _same_line(text: str, one: Span, other: Span) -> bool:
    return locate(text, one).line == locate(text, other).line


def _pointer(label: Label, source: Source | None, options: Options) -> Iterator[str]:
    if source is not None and source.name is not None:
        yield f" --> {_shown(source.name, options)}"
    yield f"{_INDENT}at {_shown(label.span.pointer or '/', options)}"
    if label.text:
        yield _INDENT + _shown(label.text, options)


def _where(source: Source, place: Place, options: Options) -> str:
    if source.name is None:
        return f"line {place.line}, column {place.column}"
    if source.cells:
        return f"{_shown(source.name, options)}:{source.place(place.line)}, column {place.column}"
    return f"{_shown(source.name, options)}:{place.line}:{place.column}"


# --- the line and the mark -------------------------------------------------------------------------------------------


def _snippet(place: Place, text: str, mark: str, color: str, options: Options) -> Iterator[str]:
    before, marked, after = _window(
        _display(place.text[: place.start], options),
        _display(place.text[place.start : place.stop], options),
        _display(place.text[place.stop :], options),
        options,
    )
    yield f"{_INDENT}{before}{marked}{after}".rstrip()
    carets = _paint(mark * max(width(marked), 1), options, BOLD, color)
    remark = f" {_shown(text, options)}" if text else ""
    yield f"{_INDENT}{' ' * width(before)}{carets}{remark}"


def _display(text: str, options: Options) -> str:
    """A stretch of source as it is shown: what a terminal would not show in its columns is written out."""
    text = printable(text.replace("\t", _TAB))
    return to_ascii(text) if options.ascii else text


def _window(before: str, marked: str, after: str, options: Options) -> tuple[str, str, str]:
    """What fits on a line of a long text: the marked part, or its start, and about as much on either side."""
    room = max(options.width - len(_INDENT), _NARROWEST) if options.width else _WIDEST
    if width(before) + width(marked) + width(after) <= room:
        return before, marked, after
    gap = "..." if options.ascii else "…"
    room -= 2 * len(gap)
    if width(marked) > room:
        marked, after = head(marked, room), after or " "
    room -= width(marked)
    left = min(width(before), max(room // 2, room - width(after)))
    right = room - left
    return (
        before if width(before) <= left else gap + tail(before, left),
        marked,
        after if width(after) <= right else head(after, right) + gap,
    )


def _replacement(text: str, source: Source | None, options: Options) -> Iterator[str]:
    """The mended source, which people copy: whole, broken only where a spec may be; of a very long one a part."""
    help = _paint("help", options, BOLD, "36")
    mended = text.replace("\r\n", "\n").rstrip("\n")
    rows = mended.split("\n")
    if 1 < len(rows) <= _MOST_LINES:
        yield f"{help}: write"
        yield from (_INDENT + _display(row, options) for row in rows)
        return
    if len(rows) > 1 and source is not None:
        changes = list(_changes(rows, source.text.replace("\r\n", "\n").rstrip("\n").split("\n")))
        for number, is_new, row in changes[:_MOST_LINES]:
            where = f"{'before ' if is_new else ''}{source.place(number)}"
            yield f"{help}: write {where}{_INDENT}{_display(row, options)}"
        if changes:
            return
    changed = _first_change(mended, source.text if source is not None else "")
    place = locate(mended, Span(changed, changed))
    opening = f"write line {place.line}" if len(rows) > 1 else "write"
    if len(place.text) > _LONGEST_COPIED:
        start = place.start
        before, _, after = _window(
            _display(place.text[:start], options), "", _display(place.text[start:], options), options
        )
        yield f"{help}: {opening}  {before}{after}"
        return
    line = _display(place.text, options)
    if options.width is None or len(f"help: {opening}  ") + width(line) <= options.width:
        yield f"{help}: {opening}  {line}"
        return
    yield f"{help}: {opening}"
    yield from (_INDENT + row for row in _broken(line, max(options.width - len(_INDENT), _NARROWEST)))


def _changes(rows: list[str], before: list[str]) -> Iterator[tuple[int, bool, str]]:
    """Lines to write: the number that the old line has, whether it stays behind the new one, and the new line."""
    from difflib import SequenceMatcher

    start, end = 0, 0
    while start < min(len(rows), len(before)) and rows[start] == before[start]:
        start += 1
    while end < min(len(rows), len(before)) - start and rows[-1 - end] == before[-1 - end]:
        end += 1
    new, old = rows[start : len(rows) - end], before[start : len(before) - end]
    for kind, one, other, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            for number, row in enumerate(new[first:last], one):
                yield start + min(number, other) + 1, number >= other, row


def _broken(line: str, columns: int) -> Iterator[str]:
    """A spec on several lines: broken behind an arrow, a bar or a comma, where a new line is white space."""
    row = ""
    for piece in _pieces(line):
        if row and width(row) + width(piece.rstrip()) > columns:
            yield row.rstrip()
            row = ""
        row += piece
    yield row


def _pieces(line: str) -> Iterator[str]:
    """The parts of a spec between which a line may end; a comment has no end but that of its line."""
    piece, quote = "", ""
    for place, char in enumerate(line):
        if char == "#" and not quote:
            yield piece + line[place:]
            return
        if char in "\"'" and quote in ("", char):
            quote = "" if quote else char
        piece += char
        if char in ">|," and not quote:
            yield piece
            piece = ""
    yield piece


def _first_change(mended: str, text: str) -> int:
    pairs = enumerate(zip(mended, text, strict=False))
    return next((index for index, (new, old) in pairs if new != old), min(len(mended), len(text)))


# --- annotations of GitHub -------------------------------------------------------------------------------------------


def annotation(found: Diagnostic, file: str | None, line: int | None, column: int | None) -> str:
    """A finding as a workflow command, which GitHub shows at the lines of a change."""
    place = {"file": file, "line": line, "col": column}
    properties = {name: str(value) for name, value in place.items() if value is not None}
    properties["title"] = f"seqshape {found.code}"
    listed = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    text = found.message if found.help is None else f"{found.message}\nhelp: {found.help}"
    text = _escape("\n".join(map(printable, text.split("\n"))))
    return f"::{_GITHUB[found.severity]} {listed}::{text}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(printable(text)).replace(":", "%3A").replace(",", "%2C")
