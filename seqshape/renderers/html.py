"""A whole page in HTML: charset, title, styles for light and for dark; escaped, without scripts or outside files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from seqshape.diagnostics import Diagnostic
from seqshape.renderers import Options
from seqshape.renderers.notebook import referenced
from seqshape.renderers.notebook import render as table
from seqshape.renderers.text import printable
from seqshape.summary import Summary

STYLE = """
:root {
  color-scheme: light dark; --text: #1a1a1a; --page: #ffffff; --line: #c8c8c8; --soft: #f3f3f3;
  --bad: #b00020; --mild: #8a5a00; --hint: #00607a;
}
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e6e6; --page: #16181c; --line: #444a52; --soft: #22262c; --bad: #ff8a80; --mild: #ffcf70; --hint: #7fd3ea; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); margin: 2rem; }
.seqshape { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .5rem; }
th, td { border: 1px solid var(--line); padding: .3rem .7rem; }
th { background: var(--soft); }
.faulty td { color: var(--bad); }
h2 { font-size: 1.1rem; margin-top: 2rem; }
ul { padding-left: 1.2rem; }
.error b { color: var(--bad); }
.warning b { color: var(--mild); }
.advice b { color: var(--hint); }
pre { background: var(--soft); padding: .4rem .7rem; white-space: pre-wrap; overflow-wrap: anywhere; }
pre.sheet { background: none; padding: 0; white-space: pre; overflow-x: auto; }
svg { max-width: 100%; height: auto; }
""".strip()


def render(summary: Summary, options: Options = Options()) -> str:
    """The summary as a page, with what is wrong and what is advised; ``ascii`` writes other characters as references."""
    return "\n".join([head(summary.name, options), section(summary, options), FOOT])


def head(title: str, options: Options = Options()) -> str:
    """The beginning of a page, up to what it shows."""
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(printable(title))} - seqshape</title>",
        f"<style>\n{STYLE}\n</style>",
        "</head>",
        "<body>",
    ]
    return referenced("\n".join(lines), options.ascii)


FOOT = "</body>\n</html>"


def section(summary: Summary, options: Options = Options()) -> str:
    """One summary on a page: the table, and the findings."""
    found = "\n".join(_findings(summary.diagnostics))
    return "\n".join([table(summary, options), *([referenced(found, options.ascii)] if found else [])])


def heading(title: str, options: Options = Options()) -> str:
    """What stands before one summary of several."""
    return f"<h2>{referenced(escape(printable(title)), options.ascii)}</h2>"


def _findings(diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    listed = list(diagnostics)
    if listed:
        yield '<ul class="findings">'
        yield from map(_finding, listed)
        yield "</ul>"


def _finding(found: Diagnostic) -> str:
    parts = [f"<b>{found.severity} {found.code}</b>: {_text(found.message)}"]
    if found.help is not None:
        parts.append(f"<br>{_text(found.help)}")
    if found.replacement is not None:
        parts.append(f"<pre>{_text(found.replacement)}</pre>")
    return f'<li class="{found.severity}">{"".join(parts)}</li>'


def _text(text: str) -> str:
    """Text from anywhere: safe to show, its lines kept."""
    return "<br>".join(escape(printable(line)) for line in text.split("\n"))
