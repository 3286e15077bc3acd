"""Boxes of lines round cells of text. Drawn here rather than with rich, whose import takes longer than a summary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from seqshape.renderers.text import fold, longest, pad, width

BOLD = "1"
_NARROW = 4
Cell = list[str]  # the lines of one cell


class Box(NamedTuple):
    """The characters of a box: of a rule the left end, the line, the crossing and the right end; of a row its edge."""

    top: str = "┏━┳┓"
    head: str = "┃"
    under_head: str = "┡━╇┩"
    row: str = "│"
    between: str = "├─┼┤"
    bottom: str = "└─┴┘"


HEAVY_HEAD = Box()
ASCII_BOX = Box("+-++", "|", "+=++", "|", "+-++", "+-++")


def _plain(line: str) -> str:
    return line


class Column(NamedTuple):
    """A column to draw: its header, its width inside the frame, its alignment, and a function that colours a line."""

    header: Cell
    width: int
    align: str = "left"
    paint: Callable[[str], str] = _plain


def style(text: str, *codes: str) -> str:
    """The text between the escape sequences of a terminal for ``codes`` (SGR); as it is without codes."""
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if codes and text else text


def draw(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], box: Box, *, color: bool = False) -> list[str]:
    """The lines of a table whose cells have been broken into lines already; with ``color`` the head is bold."""
    header = [column._replace(paint=_bold if color else _plain) for column in columns]
    lines = [_rule(columns, box.top), *_row(header, _lowered([column.header for column in columns]), box.head)]
    rule = box.under_head
    for row in rows:
        lines += [_rule(columns, rule), *_row(columns, row, box.row)]
        rule = box.between
    return [*lines, _rule(columns, box.bottom)]


def _lowered(cells: Sequence[Cell]) -> list[Cell]:
    """The cells with empty lines above, so that all end on the same line."""
    height = max(map(len, cells))
    return [[""] * (height - len(cell)) + cell for cell in cells]


def _bold(line: str) -> str:
    return style(line, BOLD)


def _rule(columns: Sequence[Column], characters: str) -> str:
    left, line, crossing, right = tuple(characters)
    return left + crossing.join(line * (column.width + 2) for column in columns) + right


def _row(columns: Sequence[Column], cells: Sequence[Cell], edge: str) -> list[str]:
    lines = []
    for index in range(max(map(len, cells))):
        parts = (_part(column, cell, index) for column, cell in zip(columns, cells, strict=True))
        lines.append(f"{edge} {f' {edge} '.join(parts)} {edge}")
    return lines


def _part(column: Column, cell: Cell, index: int) -> str:
    text = cell[index] if index < len(cell) else ""
    padded = pad(text, column.width, column.align)
    painted = column.paint(text)
    return padded if painted == text or not text else padded.replace(text, painted, 1)


class Wish(NamedTuple):
    """Widths of a column: ``natural`` breaks no cell, ``easy`` breaks it at spaces only, ``tight`` breaks no word."""

    natural: int
    easy: int
    tight: int


def fit(wishes: Sequence[Wish], available: int) -> list[int]:
    """Widths that sum to at most ``available``, but for 1 each: the widest columns yield first, wish by wish."""
    widths = [min(wish.natural, max(available, 1)) for wish in wishes]
    for floor in ([wish.easy for wish in wishes], [wish.tight for wish in wishes], [1] * len(wishes)):
        _shrink(widths, floor, available)
    return widths


def _shrink(widths: list[int], floor: Sequence[int], available: int) -> None:
    while sum(widths) > available:
        index = max(range(len(widths)), key=lambda at: widths[at] if widths[at] > floor[at] else 0)
        if widths[index] <= floor[index]:
            return
        widths[index] -= 1


def wish(cells: Iterable[tuple[str, str]]) -> Wish:
    """What a column would like that has these cells: each what it is set in by, and its text."""
    sizes = [(width(indent), text) for indent, text in cells]
    return Wish(
        max(before + max(map(width, text.split("\n"))) for before, text in sizes),
        max(before + longest(text) for before, text in sizes),
        max(before + longest(text, tight=True) for before, text in sizes),
    )


def folded(indent: str, text: str, columns: int) -> Cell:
    """The lines of a cell, each set in as far as the first; in a very narrow column only the first is."""
    inside = columns - width(indent)
    if inside < _NARROW and indent:
        return fold(indent + text, columns)
    first, *more = fold(text, inside)
    return [indent + first, *(" " * width(indent) + line for line in more)]
