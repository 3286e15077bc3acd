"""A code of diagnostics, which says itself what it is."""

from __future__ import annotations

from seqshape.diagnostics import Severity, exit_status
from seqshape.records import NamedTuple

_SEVERITIES: dict[str, Severity] = {"E": "error", "W": "warning", "A": "advice"}


class Code(NamedTuple):
    """One code. ``example``: the words of a command, without ``seqshape``, that gives it; empty where a file is needed.

    ``retired``: an earlier version gave it, and its findings may still be stored somewhere.
    """

    name: str
    title: str
    text: str
    example: str = ""
    retired: bool = False

    @property
    def severity(self) -> Severity:
        """What a finding of this code is."""
        return _SEVERITIES[self.name[0]]

    @property
    def status(self) -> int:
        """The exit status of a command that ends with it; 0 for what is no error."""
        return exit_status(self.name) if self.severity == "error" else 0

    def page(self) -> str:
        """The page that ``seqshape explain CODE`` prints."""
        example = f"\n\nFor example: seqshape {self.example}" if self.example else ""
        retired = "\n\nThis version does not give it any more." if self.retired else ""
        return f"{self.name}  {self.title}\n\n{self.text}{example}{retired}"
