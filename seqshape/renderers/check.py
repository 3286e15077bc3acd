"""What ``check`` has found, as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqshape.diagnostics import Diagnostic


def to_dict(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """The findings, and whether none of them is an error."""
    ok = not any(one.severity == "error" for one in diagnostics)
    return {"schema": "seqshape.check/1", "ok": ok, "diagnostics": findings(diagnostics)}


def findings(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """The findings, each with its code, severity, message and help."""
    return [
        {"code": one.code, "severity": one.severity, "message": one.message, "help": one.help} for one in diagnostics
    ]
