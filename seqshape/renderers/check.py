"""What ``check`` has found, as data and in the forms that machines of CI read: GitHub's, JUnit's and SARIF's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqshape.diagnostics import Diagnostic
from seqshape.records import NamedTuple


class Verdict(NamedTuple):
    """What is found of one source. ``file`` and ``line``: where it stands, if it is a file or in a list; ``totals`` as a
    baseline has them; ``fine``: what is said where nothing is wrong."""

    source: str
    file: str | None
    line: int | None
    found: tuple[Diagnostic, ...]
    totals: dict[str, Any] = {}  # noqa: RUF012 -- nobody writes into it
    fine: str = ""

    @property
    def ok(self) -> bool:
        """Whether none of the findings is an error."""
        return not any(one.severity == "error" for one in self.found)


class Where(NamedTuple):
    """The place of a finding, lines and columns from 1; ``None`` for what is not known."""

    file: str | None
    line: int | None
    column: int | None


def render(verdicts: Sequence[Verdict], form: str) -> str:
    """The findings in one of the forms: ``json``, ``github``, ``junit`` or ``sarif``."""
    if form == "github":
        return "\n".join(_annotation(verdict, one) for verdict in verdicts for one in verdict.found)
    if form == "json":
        from seqshape.renderers.data import text

        return text(of_all(verdicts))
    from importlib import import_module

    return str(import_module(f"seqshape.renderers.{form}").render(verdicts))


def place(verdict: Verdict, found: Diagnostic) -> Where:
    """Where a finding is: the place that it blames in the text of a file, else the file or the list that names the source."""
    source = found.source
    if source is not None and source.name is not None and found.labels and found.labels[0].span.pointer is None:
        from seqshape.renderers.diagnostics import locate

        at = locate(source.text, found.labels[0].span)
        return Where(source.name, at.line, at.column)
    return Where(source.name if source is not None and source.name is not None else verdict.file, verdict.line, None)


def _annotation(verdict: Verdict, found: Diagnostic) -> str:
    from seqshape.renderers.diagnostics import annotation

    where = place(verdict, found)
    return annotation(found, where.file, where.line, where.column)


def of_all(verdicts: Sequence[Verdict]) -> dict[str, object]:
    """The findings of all sources; of each whether it keeps to its limits, and the totals that a baseline needs."""
    listed = [_findings(one) for one in verdicts]
    return {
        "schema": "seqshape.check/1",
        "ok": all(one.ok for one in verdicts),
        "diagnostics": [found for one in listed for found in one],
        "sources": [
            {"source": one.source, "ok": one.ok, "totals": one.totals, "diagnostics": found}
            for one, found in zip(verdicts, listed, strict=True)
        ],
    }


def _findings(verdict: Verdict) -> list[dict[str, object]]:
    return [
        {**data, "layer": found.layer, "source": verdict.source, **place(verdict, found)._asdict()}
        for data, found in zip(findings(verdict.found), verdict.found, strict=True)
    ]


def to_dict(diagnostics: Sequence[Diagnostic]) -> dict[str, object]:
    """The findings, and whether none of them is an error."""
    ok = not any(one.severity == "error" for one in diagnostics)
    return {"schema": "seqshape.check/1", "ok": ok, "diagnostics": findings(diagnostics)}


def findings(diagnostics: Sequence[Diagnostic]) -> list[dict[str, object]]:
    """The findings, each with its code, severity, message and help."""
    return [
        {"code": one.code, "severity": one.severity, "message": one.message, "help": one.help} for one in diagnostics
    ]
