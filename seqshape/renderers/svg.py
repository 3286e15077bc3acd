"""The table as a picture: each line of it a text of fixed width, in the colours of a light or a dark page."""

from __future__ import annotations

from seqshape.renderers import Options
from seqshape.renderers.sheet import Text, svg
from seqshape.summary import Summary


def render(summary: Summary, options: Options = Options()) -> str:
    """The summary as an SVG, without scripts, fonts or outside files."""
    from seqshape.renderers.table import render as table

    lines = table(summary, options._replace(color=False, ascii=False)).split("\n")
    return svg([Text(line, "faulty" if "✗" in line else "") for line in lines], lines[0], ascii=options.ascii)
