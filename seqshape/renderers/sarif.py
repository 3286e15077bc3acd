"""What ``check`` has found as SARIF 2.1.0, which the scanning pages of GitHub and others take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqshape.codes import CODES
from seqshape.diagnostics import Diagnostic, Severity
from seqshape.renderers.check import Verdict, place
from seqshape.renderers.text import printable

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "advice": "note"}


def render(verdicts: Sequence[Verdict]) -> str:
    """The text of the file."""
    import json

    return json.dumps(to_dict(verdicts), indent=2)


def to_dict(verdicts: Sequence[Verdict]) -> dict[str, object]:
    """One run: the codes that are given as rules, and a result for each finding."""
    from seqshape import __version__

    codes = sorted({found.code for one in verdicts for found in one.found})
    driver = {"name": "seqshape", "version": __version__, "rules": list(map(_rule, codes))}
    results = [_result(one, found, codes) for one in verdicts for found in one.found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, object]:
    page = CODES[code]
    return {
        "id": code,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": page.text},
        "help": {"text": f"seqshape explain {code}"},
        "defaultConfiguration": {"level": LEVELS[page.severity]},
    }


def _result(one: Verdict, found: Diagnostic, codes: list[str]) -> dict[str, object]:
    text = found.message if found.help is None else f"{found.message}\n{found.help}"
    where = place(one, found)
    location: dict[str, Any] = {}
    if where.file is not None:
        location["physicalLocation"] = {"artifactLocation": {"uri": _address(where.file)}}
        if where.line is not None:
            column = {} if where.column is None else {"startColumn": where.column}
            location["physicalLocation"]["region"] = {"startLine": where.line, **column}
    names = [one.source, *([found.layer] if found.layer is not None else [])]
    location["logicalLocations"] = [
        {"name": printable(names[-1]), "fullyQualifiedName": printable("/".join(names)), "kind": "module"}
    ]
    return {
        "ruleId": found.code,
        "ruleIndex": codes.index(found.code),
        "level": LEVELS[found.severity],
        "message": {"text": "\n".join(map(printable, text.split("\n")))},
        "locations": [location],
    }


def _address(path: str) -> str:
    """A path as a relative reference, or an absolute address, of what it names."""
    from urllib.parse import quote

    address = quote(path.replace("\\", "/"))
    return f"file://{address}" if address.startswith("/") else address
