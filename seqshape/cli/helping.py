"""How the help of a command is set out: within the terminal, be it 40 columns wide; an example stays one to be copied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from shutil import get_terminal_size

import click

from seqshape.renderers.text import fold, width

_NARROWEST, _WIDEST = 20, 100
_MARGIN = 2  # columns that stay free, as click leaves them
_TWO_COLUMNS = 60  # from here on an option's help stands beside it
_FIRST = 30  # columns of the option where it does
_SET_IN = 4
_OPTION = re.compile(r"--?\w[\w-]*")
_NOTE = re.compile(r" {2,}(\(.*\))$")  # what is said of an example, behind it


class Help(click.HelpFormatter):
    """Click's help, but as narrow as the terminal is."""

    def __init__(self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None) -> None:
        columns = get_terminal_size().columns if width is None else width + _MARGIN
        super().__init__(indent_increment, max(min(columns, max_width or _WIDEST) - _MARGIN, _NARROWEST), max_width)

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The words of the command, on several lines where one does not hold them."""
        first, *more = _filled(_words(f"{prefix or 'Usage: '}{prog} {args}".strip(), self.width), self.width, _SET_IN)
        self.write("".join(f"{line}\n" for line in (first, *more)))

    def write_text(self, text: str) -> None:
        """Paragraphs; the lines of one that begins with ``\\b`` are examples."""
        room = self.width - self.current_indent
        paragraphs = [part.strip("\n") for part in text.split("\n\n")]
        lines: list[str] = []
        for paragraph in paragraphs:
            first, *more = paragraph.split("\n")
            is_raw = first.strip() == "\b"
            shown = [row for line in more for row in example(line, room)] if is_raw else _folded(paragraph, room)
            lines += [*([""] if lines else []), *shown]
        self.write("".join(f"{' ' * self.current_indent if line else ''}{line}\n" for line in lines))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = _FIRST, col_spacing: int = 2) -> None:
        """Terms and what they mean: side by side, or one below the other in a narrow terminal."""
        listed = list(rows)
        is_narrow = self.width < _TWO_COLUMNS
        widest = max((width(term) for term, _ in listed), default=0)
        column = _SET_IN if is_narrow else min(widest, col_max) + col_spacing
        for term, text in listed:
            before = " " * self.current_indent
            room = self.width - self.current_indent
            words = list(_filled(_words(term, room), room, _SET_IN))
            meaning = _folded(text, room - column)
            if not is_narrow and len(words) == 1 and width(term) <= column - col_spacing and meaning:
                words[0] = f"{words[0]:{column}}{meaning.pop(0)}"
            self.write(
                "".join(f"{before}{line}\n" for line in (*words, *(f"{' ' * column}{line}" for line in meaning)))
            )

    def write_examples(self, examples: Iterable[str]) -> None:
        """Commands, each as it can be copied."""
        for one in examples:
            for line in example(one, self.width - self.current_indent):
                self.write(f"{' ' * self.current_indent}{line}\n")


class Context(click.Context):
    """One whose help is set out so."""

    formatter_class = Help


def example(text: str, columns: int) -> Iterator[str]:
    """A command and what is said of it, on lines that a shell takes as one."""
    found = _NOTE.search(text)
    if width(text) <= columns:
        yield text
        return
    room = columns - _SET_IN - 2
    parts = _parts(text if found is None else text[: found.start()])
    fitting = (one for part in parts for one in (re.findall(r"\S+|\s+", part) if width(part) > room else [part]))
    yield from _filled(fitting, columns, _SET_IN, shell=True)
    if found is None:
        return
    yield from (f"{' ' * _SET_IN}{line}" for line in _folded(found[1], columns - _SET_IN))


def _folded(text: str, columns: int) -> list[str]:
    return fold(" ".join(text.split()), columns)


def _words(text: str, columns: int) -> list[str]:
    """The words of a usage line; a list of choices that no line holds may break behind each bar."""
    found: list[str] = []
    for word in re.findall(r"\S+|\s+", text):
        found += re.findall(r"[^|]*\||[^|]+", word) if len(word) + _SET_IN > columns else [word]
    return found


def _parts(command: str) -> list[str]:
    """The parts of a command between which a line may end: at blanks, and in quotes behind the signs of a spec."""
    found, part, quote = [], "", ""
    for char in command:
        if char in "\"'" and quote in ("", char):
            quote = "" if quote else char
        if char == " " and not (not quote and _OPTION.fullmatch(part)):  # an option and its value stay together
            found += [part, char]
            part = ""
            continue
        part += char
        if quote and char in ">|,":
            found.append(part)
            part = ""
    return [one for one in (*found, part) if one]


def _filled(parts: Iterable[str], columns: int, set_in: int, *, shell: bool = False) -> Iterator[str]:
    """Lines of parts. ``shell``: a line that ends outside of quotes has the sign that it goes on."""
    line, quotes = "", 0
    for part in parts:
        room = columns - (2 if shell and not quotes % 2 else 0)
        if line.strip() and width(line + part.rstrip()) > room:
            yield line.rstrip() + (" \\" if shell and not quotes % 2 else "")
            line = " " * set_in
        if part.strip() or line.strip():
            line += part
        quotes += part.count("'") + part.count('"')
    yield line.rstrip()
