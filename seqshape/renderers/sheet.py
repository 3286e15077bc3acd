"""What stands on a sheet: lines of text of fixed width, and matrices; drawn as an SVG, or shown as a page of HTML.

Both follow the light or dark colours of the reader, and hold no scripts, fonts or outside files. Text is data there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from seqshape.records import NamedTuple
from seqshape.renderers.text import printable, width

if TYPE_CHECKING:
    from typing import Protocol

    class Form(Protocol):
        """A function that shows a sheet."""

        def __call__(self, parts: Sequence[Part], title: str, *, ascii: bool = False) -> str:
            """The text of a file; ``ascii`` writes other characters as references."""


SIGN, LINE, MARGIN, SIZE = 8.4, 16, 16, 14  # of a sign across and down, round the sheet, of the letters: in pixels
STYLE = (
    f"text {{ font: {SIZE}px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1a1a1a; white-space: pre; }} "
    "rect { fill: #ffffff; } .faulty { fill: #b00020; } "
    "@media (prefers-color-scheme: dark) { text { fill: #e6e6e6; } rect { fill: #16181c; } .faulty { fill: #ff8a80; } }"
)
CELLS = (
    "text.head { font-weight: 600; } .empty { fill: #eef1f4; } .seen { fill: #2171b5; } "
    "@media (prefers-color-scheme: dark) { .empty { fill: #23272e; } .seen { fill: #6baed6; } }"
)


class Text(NamedTuple):
    """A line; ``mark`` is ``head``, ``faulty`` or nothing."""

    text: str
    mark: str = ""


class Cells(NamedTuple):
    """A matrix: what is seen in each row, and how many steps down and across it stands for."""

    rows: Sequence[Sequence[bool]]
    shape: tuple[int, int]
    down: str
    across: str


Part = Text | Cells


def svg(parts: Sequence[Part], title: str, *, ascii: bool = False) -> str:
    """The sheet as a picture."""
    drawn: list[str] = []
    across, down = 0.0, float(MARGIN)
    for part in parts:
        if isinstance(part, Text):
            right, below = MARGIN + width(printable(part.text)) * SIGN, down + LINE
            drawn += [_line(part, down)] if part.text.strip() else []
        else:
            right, below, pieces = _matrix(part, down)
            drawn += pieces
        across, down = max(across, right), below
    size = round(across + MARGIN), round(down + MARGIN)
    has_more = any(isinstance(part, Cells) or part.mark == "head" for part in parts)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" viewBox="0 0 {size[0]} {size[1]}">',
        f"<title>{escape(printable(title))}</title>",
        f"<style>{STYLE}{f' {CELLS}' if has_more else ''}</style>",
        f'<rect width="{size[0]}" height="{size[1]}"/>',
        *drawn,
        "</svg>",
    ]
    return _referenced("\n".join(lines), ascii)


def html(parts: Sequence[Part], title: str, *, ascii: bool = False) -> str:
    """The sheet as a page: text that can be searched and copied, a matrix as a picture."""
    from seqshape.renderers import Options
    from seqshape.renderers.html import FOOT, head

    body: list[str] = []
    for is_text, group in groupby(parts, lambda part: isinstance(part, Text)):
        if is_text:
            lines = "\n".join(_marked(part) for part in group if isinstance(part, Text)).strip("\n")
            body += [f'<pre class="sheet">{lines}</pre>'] if lines else []
        else:
            body += [svg([part], title) for part in group]
    text = "\n".join([head(title, Options()), *body, FOOT])
    return _referenced(text, ascii)


FORMS: Mapping[str, Form] = {"svg": svg, "html": html}


def texts(lines: Iterable[str]) -> list[Text]:
    """Lines as parts of a sheet: one with a cross is faulty, one before a line that is set in is its heading."""
    every = list(lines)
    return [
        Text(one, "faulty" if "✗" in one else "head" if one[:1].strip() and after.startswith("  ") else "")
        for one, after in zip(every, [*every[1:], ""], strict=True)
    ]


def _referenced(text: str, ascii: bool) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode() if ascii else text


def _marked(line: Text) -> str:
    text = escape(printable(line.text))
    return (
        f"<b>{text}</b>" if line.mark == "head" else f'<span class="{line.mark}">{text}</span>' if line.mark else text
    )


def _line(line: Text, top: float) -> str:
    text = printable(line.text)
    start = len(text) - len(text.lstrip())
    shown = text.strip()
    mark = f' class="{line.mark}"' if line.mark else ""
    place = f'x="{MARGIN + start * SIGN:.1f}" y="{top + SIZE:.0f}"'
    stretch = f'textLength="{width(shown) * SIGN:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text {place} {stretch} xml:space="preserve"{mark}>{escape(shown)}</text>'


# --- a matrix --------------------------------------------------------------------------------------------------------

ROOM, LARGEST, SMALLEST, SLIM = 640, 18, 1.5, 16  # pixels of a matrix, of a cell at most and at least, of a slim one
GRIDDED = 60  # cells to a side up to which there is a line between them
DOTS = 400  # to a side: a picture has no more
TICKS = 10


def _matrix(cells: Cells, top: float) -> tuple[float, float, list[str]]:
    """Where a matrix ends across and down, and what draws it, with the numbers of its steps round it."""
    rows, columns = cells.shape
    label = (max(width(cells.down), len(str(rows - 1))) + 1) * SIGN
    left, first = MARGIN + label + SIGN, top + 2 * LINE + SIZE / 2
    high, wide = _sizes(len(cells.rows), len(cells.rows[0]))
    crisp = "" if _is_gridded(cells.rows) else ' shape-rendering="crispEdges"'  # else seams are seen between rows
    down, across = high * len(cells.rows), wide * len(cells.rows[0])
    drawn = [
        _words(cells.across, left, top + SIZE),
        *(_words(str(one), left + (one + 0.5) * across / columns, top + LINE + SIZE - 2, "middle")
          for one in _ticks(columns, across / SIGN / (len(str(columns)) + 1))),
        _words(cells.down, MARGIN, top + LINE + SIZE - 2),
        *(_words(str(one), left - SIGN, first + (one + 0.5) * down / rows + SIZE / 3, "end")
          for one in _ticks(rows, down / LINE)),
        f'<path class="empty" d="M{left:.1f} {first:.1f}h{across:.1f}v{down:.1f}h-{across:.1f}z"/>',
        f'<path class="seen"{crisp} d="{"".join(_seen(cells.rows, left, first, high, wide))}"/>',
    ]  # fmt: skip
    right = max(left + across + (len(str(columns)) / 2) * SIGN, left + width(cells.across) * SIGN)
    return right, first + down + LINE / 2, drawn


def _sizes(rows: int, columns: int) -> tuple[float, float]:
    """How high and how wide a cell is: a square, but where one side is far longer."""
    high, wide = (min(max(ROOM / number, SMALLEST), LARGEST) for number in (rows, columns))
    if max(rows, columns) <= 8 * min(rows, columns):
        return min(high, wide), min(high, wide)
    return min(high, max(SLIM, wide)), min(wide, max(SLIM, high))


def _ticks(steps: int, room: float) -> range:
    """The steps that are numbered: 1, 2, 5, 10, … apart."""
    apart = next(
        size * factor
        for size in (10**power for power in range(12))
        for factor in (1, 2, 5)
        if steps <= size * factor * min(max(room, 1), TICKS)
    )
    return range(0, steps, apart)


def _is_gridded(rows: Sequence[Sequence[bool]]) -> bool:
    return max(len(rows), len(rows[0])) <= GRIDDED


def _seen(rows: Sequence[Sequence[bool]], left: float, top: float, high: float, wide: float) -> Iterator[str]:
    """Rectangles: each cell by itself where there are few, else a stretch of them."""
    is_gridded = _is_gridded(rows)
    gap = 1 if is_gridded else 0
    for number, row in enumerate(rows):
        place = 0
        for is_seen, group in groupby(row):
            count = sum(1 for _ in group)
            for start, length in [(place + one, 1) for one in range(count)] if is_gridded else [(place, count)]:
                if is_seen:
                    y, across, down = top + number * high, length * wide - gap, high - gap
                    yield f"M{left + start * wide:.1f} {y:.1f}h{across:.1f}v{down:.1f}h-{across:.1f}z"
            place += count


def _words(text: str, x: float, y: float, anchor: str = "") -> str:
    placed = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{placed}>{escape(printable(text))}</text>'
