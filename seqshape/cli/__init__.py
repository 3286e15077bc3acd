"""The command line: one file a command, imported when it is called.

Each turns words into one library call and prints. Plain words are read by ours; whatever else there is to say about the
command line, click says.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

from seqshape.cli.plain import COMMANDS, attempt, command_named

if TYPE_CHECKING:
    from seqshape.cli.words import Misuse

__all__ = ["COMMANDS", "command_named", "run"]


def __getattr__(name: str) -> object:
    """``main``, the command line as click sees it: click is loaded when it is needed."""
    if name != "main":
        raise AttributeError(f"module {__name__} has no attribute {name}")
    from seqshape.cli.clicked import main

    return main


def run() -> None:
    """The entry point: no traceback, whatever happens, and quiet when the reader of a pipe has gone."""
    from seqshape.cli.printing import open_streams

    open_streams()
    _allow_numbers()
    try:
        attempt(sys.argv[1:], _misused)
        from seqshape.cli.clicked import main

        main.main(prog_name="seqshape", standalone_mode=True)
    except Exception as problem:
        from seqshape.cli.unforeseen import report

        report(problem)


def _misused(problem: Misuse, name: str) -> NoReturn:
    from seqshape.cli.clicked import misused

    misused(problem, name)


def _allow_numbers() -> None:
    """Let Python write numbers of a few thousand digits, whatever the environment says: counts may have 1,200."""
    usual = sys.int_info.default_max_str_digits
    if 0 < sys.get_int_max_str_digits() < usual:
        sys.set_int_max_str_digits(usual)
