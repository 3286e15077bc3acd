"""Several sources in one call: each by itself, what is wrong with one reported, and the rest goes on."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, cast

from seqshape.cli.words import Misuse
from seqshape.cli.workers import Answer, Handle, Job, Shared, can_fork, tell
from seqshape.renderers.text import head, printable

if TYPE_CHECKING:
    from io import BufferedReader

    from rich.progress import Progress

_TITLE = 40  # columns of the bar's title
PAYS = 0.05  # seconds of work after which other processes are started
_AT_ONCE = 1 << 16  # bytes of a list
LONGEST = 1 << 20  # bytes of a line that names a source


class Sources:
    """The sources one after the other; with ``lines`` each argument is a list of them, one a line.

    Raises Misuse for a list that cannot be read.
    """

    def __init__(self, arguments: Sequence[str], lines: bool) -> None:
        self._list: _Lines | None = None
        self._jobs = self._listed(arguments) if lines else map(_alone, arguments)

    def __iter__(self) -> Sources:
        return self

    def __next__(self) -> Job:
        return next(self._jobs)

    def waits_for(self) -> int | None:
        """The stream that the next source has to be waited for; ``None`` if it can be had at once."""
        return self._list.waits_for() if self._list is not None else None

    def _listed(self, arguments: Sequence[str]) -> Iterator[Job]:
        """The lines of files, or of standard input; blank ones and those that begin with # are passed over."""
        for argument in arguments:
            name = "standard input" if argument == "-" else argument
            with _opened(argument) as stream:
                self._list = _Lines(stream)
                for number, line in enumerate(self._list, 1):
                    title = f"{name}, line {number}"
                    if len(line) == LONGEST and not line.endswith(b"\n"):
                        raise Misuse(f"{title} has more than {LONGEST >> 20} MiB, which is no list of sources")
                    text = _decoded(line, title).strip()
                    if text and not text.startswith("#"):
                        yield Job(f"{title}: {text}", text, number)


def _alone(argument: str) -> Job:
    return Job("standard input" if argument == "-" else argument, argument)


class _Lines:
    """The lines of a stream as they come, none longer than :data:`LONGEST`."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self._whole: deque[bytes] = deque()
        self._rest = b""
        self._is_at_end = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> bytes:
        while not self._whole:
            if self._is_at_end:
                raise StopIteration
            self._read()
        return self._whole.popleft()

    def _read(self) -> None:
        data = self._stream.read1(_AT_ONCE)
        self._is_at_end = not data
        *whole, self._rest = (self._rest + data).split(b"\n")
        self._whole.extend((line + b"\n")[:LONGEST] for line in whole)
        if self._rest and (self._is_at_end or len(self._rest) >= LONGEST):
            self._whole.append(self._rest[:LONGEST])
            self._rest = b""

    def waits_for(self) -> int | None:
        """The stream, if no line is there yet and none can be read at once."""
        if self._whole or self._is_at_end:
            return None
        try:
            number: int = self._stream.fileno()
        except OSError:  # it is no file at all
            return None
        from select import select

        return None if select([number], [], [], 0)[0] else number


def _decoded(line: bytes, title: str) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misuse(f"{title} is no text in UTF-8") from None


@contextmanager
def _opened(argument: str) -> Iterator[BufferedReader]:
    if argument == "-":
        yield cast("BufferedReader", sys.stdin.buffer)
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
        self.progress: Progress | None = None
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


def each(found: Sources, total: int | None, handle: Handle, processes: int = 1) -> int:
    """Handle every source, and give the largest exit status.

    ``handle`` is given the source and a function that makes room on the terminal before it prints. Where it takes a
    while, it is called in so many ``processes``, and what it prints there is printed here.
    """
    worst, bar = 0, Bar(total)

    def handled(job: Job, answer: Answer | None = None) -> None:
        nonlocal worst
        if answer is None:
            worst = max(worst, handle(job, bar.clear))
        else:
            bar.clear()
            tell(answer.said)
            worst = max(worst, answer.status)
        bar.advance(job.title)

    try:
        end = monotonic() + PAYS
        for job in found:
            handled(job)
            if processes > 1 and monotonic() > end and can_fork():
                Shared(found, found.waits_for, handle, processes).run(handled)
                break
    finally:
        bar.stop()
    return worst
