"""A table in HTML, for notebooks and for pages: small, escaped, without scripts or outside files."""

from __future__ import annotations

from html import escape

from seqshape.renderers import Options
from seqshape.renderers.cells import Field, Line, fields, lines, remarks, totals
from seqshape.renderers.text import shown
from seqshape.summary import Summary


def render(summary: Summary, options: Options = Options()) -> str:
    """The summary as one ``div`` of HTML; ``ascii`` writes other characters as references."""
    columns = fields(summary, options._replace(ascii=False))
    head = "".join(_cell("th", column, column.header) for column in columns)
    parts = [
        f'<div class="seqshape"><table><caption>Model: {_text(summary.name)}</caption>',
        f"<thead><tr>{head}</tr></thead>",
    ]
    parts += ["<tbody>", *(_row(columns, line) for line in lines(summary, options)), "</tbody></table>"]
    parts += [f"<p>{'<br>'.join(_below(summary, options))}</p></div>"]
    html = "\n".join(parts)
    return referenced(html, options.ascii)


def referenced(html: str, ascii: bool) -> str:
    """The text as it is, or in ASCII with references for other characters."""
    return html.encode("ascii", "xmlcharrefreplace").decode() if ascii else html


def _before(column: Field, line: Line) -> str:
    """What stands before a name: how deep it is, and whether its layer has failed."""
    if column.kind != "name":
        return ""
    indent = "&emsp;" * len(line.parents) + "└ " if line.parents else ""
    return f"{indent}✗ " if line.row.faulty else indent


def _row(columns: list[Field], line: Line) -> str:
    cells = (_cell("td", column, column.cell(line), _before(column, line)) for column in columns)
    mark = ' class="faulty"' if line.row.faulty else ""
    return f"<tr{mark}>{''.join(cells)}</tr>"


def _cell(tag: str, column: Field, text: str, indent: str = "") -> str:
    return f'<{tag} style="text-align:{column.align}">{indent}{escape(text).replace(chr(10), "<br>")}</{tag}>'


def _below(summary: Summary, options: Options) -> list[str]:
    result = [f"{label}: <b>{escape(text)}</b>" for label, text in totals(summary, options._replace(ascii=False))]
    return [*result, *map(escape, remarks(summary, options._replace(ascii=False)))]


def _text(name: str) -> str:
    return escape(shown(name, ascii=False))
