"""The table as a picture: each line of it a text of fixed width, in the colours of a light or a dark page."""

from __future__ import annotations

from html import escape

from seqshape.renderers import Options
from seqshape.renderers.text import width
from seqshape.summary import Summary

SIGN, LINE, MARGIN, SIZE = 8.4, 16, 16, 14  # of a sign across and down, round the table, of the letters: in pixels
STYLE = (
    f"text {{ font: {SIZE}px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1a1a1a; white-space: pre; }} "
    "rect { fill: #ffffff; } .faulty { fill: #b00020; } "
    "@media (prefers-color-scheme: dark) { text { fill: #e6e6e6; } rect { fill: #16181c; } .faulty { fill: #ff8a80; } }"
)


def render(summary: Summary, options: Options = Options()) -> str:
    """The summary as an SVG, without scripts, fonts or outside files."""
    from seqshape.renderers.table import render as table

    lines = table(summary, options._replace(color=False, ascii=False)).split("\n")
    across = round(max(map(width, lines)) * SIGN + 2 * MARGIN)
    down = len(lines) * LINE + 2 * MARGIN
    drawn = [_line(text, number) for number, text in enumerate(lines) if text.strip()]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" viewBox="0 0 {across} {down}">',
        f"<title>{escape(lines[0])}</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{across}" height="{down}"/>',
        *drawn,
        "</svg>",
    ]
    svg = "\n".join(parts)
    return svg.encode("ascii", "xmlcharrefreplace").decode() if options.ascii else svg


def _line(text: str, number: int) -> str:
    start = len(text) - len(text.lstrip())
    shown = text.strip()
    mark = ' class="faulty"' if "✗" in text else ""
    place = f'x="{MARGIN + start * SIGN:.1f}" y="{MARGIN + number * LINE + SIZE}"'
    stretch = f'textLength="{width(shown) * SIGN:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text {place} {stretch} xml:space="preserve"{mark}>{escape(shown)}</text>'
