"""What a wheel holds beside the package, made while it is built: the manual page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Hook(BuildHookInterface[Any]):
    """Writes ``seqshape.1`` and has it installed where ``man`` looks."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the page, of a wheel that is no editable one."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from tools.manpage import page

        folder = Path(self.directory)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "seqshape.1"
        path.write_text(page(), encoding="utf-8")
        build_data["shared_data"] = {str(path): "share/man/man1/seqshape.1"}
