"""Tables: how wide their columns are and where cells break is decided here, rich draws them.

Rich shrinks the widest column first, through words and shapes; here a column yields where it breaks at a good place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from seqshape.records import NamedTuple
from seqshape.renderers import Options
from seqshape.renderers.text import fold, longest, width

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

_NARROW = 4
_ENDLESS = 1_000_000  # columns of the page that is drawn on: a table has its width already
# What rich colours in a column of each kind. The colours are Keras's: classes, None, numbers; a fault is red.
_STYLES: dict[str, tuple[tuple[str, str], ...]] = {
    "header": (("(?s).+", "bold"),),
    "name": ((r"(?<=\()\w+(?=\)$)", "color(33)"), (r"(?s)^[ └]*✗.*", "bold color(9)")),
    "number": ((r"None|\?", "color(45)"), (r"\b\d+(?:[,.]\d+)*\b", "color(34)")),
    "text": (),
    "flag": (("Y", "bold color(34)"), ("N", "bold color(9)")),
}
# And in a column that is marked: a cell that has changed, a row that is new, one that is gone.
_MARKED = ((r"(?s)^.*[ \n]\*$", "bold yellow"),)
_MARKED_ROWS = ((r"(?s)^\+ .*", "bold green"), (r"(?s)^- .*", "red"))


class Column(NamedTuple):
    """A column to draw: its header, its width inside the frame, its alignment, the kind of its text.

    ``marked``: its cells may end in `` *``, and those of names begin with ``+ `` or ``- ``, which then have colours.
    """

    header: str
    width: int
    align: Literal["left", "right", "center"]
    kind: Literal["name", "number", "text", "flag"]
    marked: bool = False


def draw(
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    options: Options,
    *,
    length: int | None = None,
    overflow: Literal["fold", "ellipsis"] = "fold",
) -> str:
    """The table without a line break at its end. With ``length`` rich fits the columns into lines of that length.

    ``overflow``: a word that is too long for a line goes on in the next, or ends in an ellipsis. No text is markup.
    """
    from rich.box import ASCII_DOUBLE_HEAD, HEAVY_HEAD
    from rich.table import Table

    box = ASCII_DOUBLE_HEAD if options.ascii else HEAVY_HEAD
    table = Table(box=box, show_lines=True, width=length, header_style="")
    for column in columns:
        header = _text(column.header, _STYLES["header"])
        table.add_column(header, width=column.width, justify=column.align, overflow=overflow)
    styles = [_styles(column) for column in columns]
    for row in rows:
        table.add_row(*map(_text, row, styles))
    return _printed(table, color=options.color)


def _styles(column: Column) -> tuple[tuple[str, str], ...]:
    if not column.marked:
        return _STYLES[column.kind]
    return (*_STYLES[column.kind], *_MARKED, *(_MARKED_ROWS if column.kind == "name" else ()))


def _text(text: str, styles: tuple[tuple[str, str], ...]) -> Text:
    from rich.text import Text

    shown = Text(text)
    for pattern, style in styles:
        shown.highlight_regex(pattern, style)
    return shown


def _printed(table: Table, *, color: bool) -> str:
    """What rich prints, whatever the terminal and its environment are."""
    from io import StringIO

    from rich.console import Console

    page = StringIO()
    console = Console(
        file=page, width=_ENDLESS, height=1, force_terminal=color, color_system="256" if color else None,
        no_color=not color, force_jupyter=False, legacy_windows=False,
    )  # fmt: skip
    console.print(table)
    return page.getvalue().rstrip("\n")


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


def folded(indent: str, text: str, columns: int) -> str:
    """The lines of a cell, each set in as far as the first; in a very narrow column only the first is."""
    inside = columns - width(indent)
    if inside < _NARROW and indent:
        return "\n".join(fold(indent + text, columns))
    return indent + f"\n{' ' * width(indent)}".join(fold(text, inside))
