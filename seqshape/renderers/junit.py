"""What ``check`` has found as XML of JUnit: a case for each source, a failure for each error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqshape.diagnostics import Diagnostic
from seqshape.renderers.check import Verdict, place
from seqshape.renderers.text import printable


def render(verdicts: Sequence[Verdict]) -> str:
    """The text of the file."""
    failed = sum(not one.ok for one in verdicts)
    counts = f'tests="{len(verdicts)}" failures="{failed}" errors="0"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="seqshape" {counts}>']
    lines += [f'<testsuite name="seqshape check" {counts}>', *(line for one in verdicts for line in _case(one))]
    return "\n".join([*lines, "</testsuite>", "</testsuites>"])


def _case(one: Verdict) -> Iterator[str]:
    file = f" file={_quoted(one.file)}" if one.file is not None else ""
    line = f' line="{one.line}"' if one.line is not None else ""
    yield f'<testcase classname="seqshape.check" name={_quoted(one.source)}{file}{line}>'
    for found in one.found:
        if found.severity == "error":
            yield f"<failure type={_quoted(found.code)} message={_quoted(found.message)}>{_text(_told(one, found))}</failure>"
    others = [_told(one, found) for found in one.found if found.severity != "error"]
    if others or one.ok:
        yield f"<system-out>{_text(chr(10).join([*others, *([f'ok: {one.fine}'] if one.ok else [])]))}</system-out>"
    yield "</testcase>"


def _told(one: Verdict, found: Diagnostic) -> str:
    """A finding in lines: where it is, what, and how to mend it."""
    where = place(one, found)
    at = ":".join(str(part) for part in where if part is not None)
    layer = f" in layer {found.layer}" if found.layer is not None else ""
    parts = [f"{at}: " if at else "", f"{found.severity}[{found.code}]{layer}: {found.message}"]
    return "".join(parts) + (f"\nhelp: {found.help}" if found.help is not None else "")


def _text(text: str) -> str:
    """A text that XML takes: what it has no place for is written as an escape."""
    from html import escape

    return "\n".join(escape(printable(line), quote=False) for line in text.split("\n"))


def _quoted(text: str) -> str:
    from html import escape

    return f'"{escape(printable(text))}"'
