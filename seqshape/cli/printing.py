"""Printing: everything that the command line says goes through :func:`say`, which makes it safe to show.

Also what the streams are: terminals or not, how wide, in which encoding.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import IO, NoReturn

from seqshape.cli.words import Failure
from seqshape.diagnostics import Diagnostic, SeqshapeError, exit_status

WIDEST = 100_000  # columns that --width takes
_BLOCK = 1 << 16  # characters that wait to be written: what a pipe holds
GONE = 141  # the exit status of a program whose reader has gone


def say(text: str, *, err: bool = False, styled: bool = False, commands: bool = False) -> None:
    """Print a text and a line break on standard output, or on standard error.

    Text from a file is data: what a terminal or the keeper of a log would obey is written as an escape, but for our
    colours (``styled``) and our annotations (``commands``). What the encoding of the stream has no sign for is
    replaced. Ends the program, quietly if the reader has gone, with a sentence if the text cannot be written.
    """
    from seqshape.renderers.text import fitting, harmless

    shown = harmless(text, styled=styled, commands=commands)
    stream = sys.stderr if err else sys.stdout

    def write() -> None:
        stream.write(f"{fitting(shown, _encoding(stream))}\n")
        stream.flush()

    guarded(write, err=err)


def tell(text: str, *, err: bool = False) -> None:
    """Print lines as :func:`say` does, folded where the terminal is narrower."""
    from seqshape.renderers.text import fitted

    say("\n".join(fitted(text.split("\n"), _columns(sys.stderr if err else sys.stdout))), err=err)


def say_pieces(pieces: Iterable[str]) -> None:
    """Print a line on standard output as :func:`say` does, block by block: what is no longer than one is one write,
    so that a reader that stops at what it looks for (``grep -q``) has had it all, also where Python does not buffer.
    """
    from seqshape.renderers.text import fitting, harmless

    def write() -> None:
        encoding = _encoding(sys.stdout)
        block: list[str] = []
        size = 0
        for piece in pieces:
            block.append(fitting(harmless(piece), encoding))
            size += len(block[-1])
            if size >= _BLOCK:
                sys.stdout.write("".join(block))
                block.clear()
                size = 0
        sys.stdout.write("".join([*block, "\n"]))
        sys.stdout.flush()

    guarded(write)


def _encoding(stream: object) -> str:
    return getattr(stream, "encoding", None) or "ascii"


def guarded(write: Callable[[], object], *, err: bool = False) -> None:
    """Write to a stream. Ends the program, quietly if the reader has gone, with a sentence if it cannot be written."""
    try:
        write()
    except BrokenPipeError:
        silence()
        sys.exit(GONE)
    except OSError as problem:
        silence()
        if not err:
            say(f"Error: cannot write: {problem.strerror}", err=True)
        sys.exit(1)


def clear() -> bool:
    """Clear the screen of a terminal; whether standard output is one."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return False

    def write() -> None:
        sys.stdout.write("\x1b[H\x1b[2J\x1b[3J")
        sys.stdout.flush()

    guarded(write)
    return True


def end_if_gone() -> None:
    """End the program, quietly, if the reader of standard output has gone, where that can be told without writing."""
    import select

    if not hasattr(select, "poll"):  # Windows
        return
    poll = select.poll()
    poll.register(sys.stdout, 0)
    if any(event & select.POLLERR for _, event in poll.poll(0)):
        silence()
        sys.exit(GONE)


def silence() -> None:
    """Let nothing more be written, not even what still waits, when Python ends: its reader has gone."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        if _is_gone(stream):
            os.dup2(devnull, stream.fileno())


def _is_gone(stream: IO[str]) -> bool:
    try:
        stream.flush()
    except (OSError, ValueError):
        return True
    return False


def open_streams() -> None:
    """Python has no streams where a shell has closed them: nothing comes in then, and nothing can go out."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115 -- it stays open
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if sys.stdout is None:
        say("Error: cannot write: standard output is closed", err=True)
        sys.exit(1)


def complain(diagnostics: Sequence[Diagnostic], color: str = "auto") -> None:
    """Diagnostics to standard error."""
    if not diagnostics:
        return
    from seqshape.renderers import Options
    from seqshape.renderers.diagnostics import render

    options = Options(_columns(sys.stderr), color_wanted(color, sys.stderr), is_ascii(sys.stderr))
    say(render(diagnostics, options), err=True, styled=options.color)


def status(diagnostics: Sequence[Diagnostic]) -> int:
    """The exit status: that of the gravest error, else 0."""
    return max((exit_status(found.code) for found in diagnostics if found.severity == "error"), default=0)


def leave(error: SeqshapeError, color: str = "auto") -> NoReturn:
    """Show what is wrong and end with its status."""
    complain(error.diagnostics, color)
    sys.exit(status(error.diagnostics))


def failed(problem: Failure) -> NoReturn:
    """Say what could not be done, and end with its status."""
    from seqshape.renderers.text import printable

    say(f"Error: {printable(str(problem))}", err=True)
    sys.exit(problem.status)


def color_wanted(choice: str, stream: IO[str]) -> bool:
    """Whether to colour: ``--color`` first, then NO_COLOR, FORCE_COLOR and TERM, then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def terminal_width(width: int | None) -> int | None:
    """``--width``, else the terminal's, else as wide as it takes (a pipe, a file)."""
    return _columns(sys.stdout) if width is None else width


def _columns(stream: IO[str]) -> int | None:
    """The columns of a terminal; ``None`` for what is none."""
    if not stream.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def is_ascii(stream: object) -> bool:
    """Whether a stream cannot show box characters."""
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    return encoding not in ("utf8", "utf16", "utf32", "cp65001")


def error_width() -> int | None:
    """The columns of standard error, if it is a terminal."""
    return _columns(sys.stderr)
