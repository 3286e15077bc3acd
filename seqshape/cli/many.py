"""Several sources in one call: each by itself, what is wrong with one reported, and the rest goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from seqshape.cli.words import Misuse
from seqshape.records import NamedTuple
from seqshape.renderers.text import head, printable

_TITLE = 40  # columns of the bar's title
LONGEST = 1 << 20  # bytes of a line that names a source


class Job(NamedTuple):
    """One source, what it is called in headings and messages, and the number of its line in a list."""

    title: str
    source: str
    line: int | None = None


def jobs(arguments: Sequence[str], lines: bool) -> Iterator[Job]:
    """The sources one after the other; with ``lines`` each argument is a list of them, one a line.

    Raises Misuse for a list that cannot be read.
    """
    for argument in arguments:
        if lines:
            yield from _listed(argument)
        else:
            yield Job("standard input" if argument == "-" else argument, argument)


def _listed(argument: str) -> Iterator[Job]:
    """The lines of a file, or of standard input; blank ones and those that begin with # are passed over."""
    name = "standard input" if argument == "-" else argument
    with _opened(argument) as stream:
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST), b""), 1):
            title = f"{name}, line {number}"
            if len(line) == LONGEST and not line.endswith(b"\n"):
                raise Misuse(f"{title} has more than {LONGEST >> 20} MiB, which is no list of sources")
            text = _decoded(line, title).strip()
            if text and not text.startswith("#"):
                yield Job(f"{title}: {text}", text, number)


def _decoded(line: bytes, title: str) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misuse(f"{title} is no text in UTF-8") from None


@contextmanager
def _opened(argument: str) -> Iterator[Any]:
    if argument == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = open(argument, "rb")  # noqa: SIM115 -- what goes wrong later is no fault of the list
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise Misuse(f"--lines reads a list of sources, but {argument} cannot be read: {reason}") from None
    with stream:
        yield stream


class Bar:
    """How far it is, on standard error, and only if that is a terminal. ``total`` is ``None`` where nobody knows."""

    def __init__(self, total: int | None) -> None:
        self.progress: Any = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress, TextColumn

            # A title is data and no markup; what is printed meanwhile is none of rich's business.
            self.progress = Progress(
                TextColumn("{task.description}", markup=False), *Progress.get_default_columns()[1:],
                console=Console(stderr=True), auto_refresh=False, transient=True,
                redirect_stdout=False, redirect_stderr=False,
            )  # fmt: skip
            self.task = self.progress.add_task("", total=total)
            self.progress.start()

    def clear(self) -> None:
        """Make room for other output."""
        if self.progress is not None:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()

    def advance(self, title: str) -> None:
        """One more is done."""
        if self.progress is not None:
            sys.stdout.flush()
            self.progress.update(self.task, advance=1, description=head(printable(title), _TITLE), refresh=True)

    def stop(self) -> None:
        """Take the bar away."""
        if self.progress is not None:
            self.progress.stop()


def each(found: Iterable[Job], total: int | None, handle: Callable[[Job, Callable[[], None]], int]) -> int:
    """Handle every source, and give the largest exit status.

    ``handle`` is given the source and a function that makes room on the terminal before it prints.
    """
    worst, bar = 0, Bar(total)
    try:
        for job in found:
            worst = max(worst, handle(job, bar.clear))
            bar.advance(job.title)
    finally:
        bar.stop()
    return worst
