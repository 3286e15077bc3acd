"""The last net: what nobody has foreseen ends in one sentence, with how to report it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from seqshape.cli.printing import complain, say
from seqshape.diagnostics import LONGEST, Diagnostic, exit_status

VARIABLE = "SEQSHAPE_TRACEBACK"


def report(problem: Exception) -> NoReturn:
    """Say what has broken, and end with its status; the whole traceback is shown where the environment asks for it."""
    if os.environ.get(VARIABLE, "") not in ("", "0"):
        import traceback

        say("".join(traceback.format_exception(problem)).rstrip("\n"), err=True)
    complain([Diagnostic("E999", "error", _sentence(problem), help=_help(problem))])
    sys.exit(exit_status("E999"))


def _sentence(problem: Exception) -> str:
    if isinstance(problem, MemoryError):
        return f"there is not enough memory for this{_place(problem)}"
    if isinstance(problem, RecursionError):
        return f"this is nested too deeply for seqshape{_place(problem)}"
    text = _text(problem)
    what = f"{type(problem).__name__}: {text}" if text else type(problem).__name__
    return f"seqshape has come upon something that it does not foresee: {what[:LONGEST]}{_place(problem)}"


def _text(problem: Exception) -> str:
    try:
        return str(problem)
    except Exception:  # the value that it tells of cannot be written, such as a number of many thousand digits
        return ""


def _place(problem: Exception) -> str:
    """The last line of seqshape itself that the exception has passed."""
    here, trace = str(Path(__file__).parent.parent), problem.__traceback__
    found = ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(here):
            found = f" (in {os.path.basename(name)}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return found


def _help(problem: Exception) -> str:
    if isinstance(problem, MemoryError):
        return "ask for fewer steps or features, or for a part of the network"
    return (
        "this is a fault of seqshape, whatever the input is: please report the command, its input, and what "
        f"{VARIABLE}=1 seqshape ... prints"
    )
