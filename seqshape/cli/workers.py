"""Sources shared among processes: each handles some of them, and what it prints is printed here, in order.

A worker is a fork of this process, so that it knows what this one knows, and nothing is loaded again. It is handed a few
sources at a time, and no more before these are done, so that neither side ever waits for the other to read. What a
worker cannot do, or does not live to do, is done here.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from select import select
from time import monotonic
from typing import Any, NoReturn, TextIO

from seqshape.cli.printing import guarded
from seqshape.records import NamedTuple

MOST = 16  # workers, where nobody says how many
LEAD = 4  # shares for each worker that may be done before the first of them
SHARE = 0.025  # seconds that a share of the sources is to take
LARGEST = 256  # sources of a share
_HEAD = 8  # bytes before each message that say how long it is


def usual() -> int:
    """How many processes are used where nobody says: one for each processor that is given to this one."""
    affinity = getattr(os, "sched_getaffinity", None)
    return min(len(affinity(0)), MOST) if affinity is not None else 1


def can_fork() -> bool:
    """Whether a fork of this process could go on as this one does: there is such a thing, and no other thread."""
    if not hasattr(os, "fork"):
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        from threading import active_count

        return active_count() == 1


class Job(NamedTuple):
    """One source, what it is called in headings and messages, and the number of its line in a list."""

    title: str
    source: str
    line: int | None = None


Handle = Callable[[Job, Callable[[], None]], int]


class Answer(NamedTuple):
    """What came of a source: the exit status, and what is to be printed, each text for standard error or not."""

    status: int
    said: list[tuple[bool, str]]


class _Recorder:
    """A stream that keeps what is written; whoever asks what it is hears what the real one is."""

    def __init__(self, real: object, said: list[tuple[bool, str]], err: bool) -> None:
        self._real, self._said, self._err = real, said, err

    def write(self, text: str) -> int:
        """Keep a text."""
        self._said.append((self._err, text))
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


class _Worker:
    """A process that handles sources."""

    def __init__(self, handle: Handle) -> None:
        orders, self.send = os.pipe()
        self.receive, answers = os.pipe()
        self.share: _Share | None = None
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.send)
            os.close(self.receive)
            _serve(handle, orders, answers)
        os.close(orders)
        os.close(answers)

    def order(self, share: _Share) -> None:
        """Hand it a share; it has none."""
        self.share = share
        with suppress(OSError):  # it is gone, which is seen when its answer is read
            _write(self.send, [tuple(job) for job in share.jobs])

    def answer(self) -> None:
        """Take what came of its share. Of a worker that is gone nothing came."""
        assert self.share is not None
        self.share.answers = [Answer(*one) for one in _read(self.receive) or ()]
        self.share.is_done = True
        self.share = None

    def stop(self) -> None:
        """End it, whatever it is at."""
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.send)
        os.close(self.receive)
        os.waitpid(self.pid, 0)


class _Share:
    """Some sources that one worker handles; ``answers`` may be fewer: what has none has to be handled here."""

    def __init__(self, jobs: list[Job]) -> None:
        self.jobs = jobs
        self.answers: list[Answer] = []
        self.is_done = False
        self.start = monotonic()


def _serve(handle: Handle, orders: int, answers: int) -> NoReturn:
    """What a worker does until nobody gives orders any more. It never goes on as the process that it is a copy of."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process hears it, and ends the others
        while (jobs := _read(orders)) is not None:
            _write(answers, _handled(handle, jobs))
    finally:  # the first process is gone, or sees that there is no answer
        os._exit(0)


def _handled(handle: Handle, jobs: list[tuple[str, str, int | None]]) -> list[tuple[int, list[tuple[bool, str]]]]:
    """What came of some sources, up to the first that has to be handled where its exception is understood."""
    found = []
    streams = sys.stdout, sys.stderr
    for job in jobs:
        said: list[tuple[bool, str]] = []
        sys.stdout, sys.stderr = _Recorder(streams[0], said, False), _Recorder(streams[1], said, True)
        try:
            found.append((handle(Job(*job), lambda: None), said))
        except BaseException:
            break
        finally:
            sys.stdout, sys.stderr = streams
    return found


def _write(pipe: int, message: list[Any]) -> None:
    data = marshal.dumps(message)
    left = memoryview(len(data).to_bytes(_HEAD, "big") + data)
    while left:
        left = left[os.write(pipe, left) :]


def _read(pipe: int) -> Any:
    """The next message; ``None`` if whoever writes is gone."""
    head = _exactly(pipe, _HEAD)
    data = head and _exactly(pipe, int.from_bytes(head, "big"))
    return marshal.loads(data) if data else None


def _exactly(pipe: int, size: int) -> bytes | None:
    parts: list[bytes] = []
    while size:
        part = os.read(pipe, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Shared:
    """Sources on their way through workers: ``run(done)`` calls ``done`` with each source and its answer, in order."""

    def __init__(
        self, sources: Iterator[Job], waits_for: Callable[[], int | None], handle: Handle, number: int
    ) -> None:
        self.sources, self.waits_for, self.handle = sources, waits_for, handle
        self.workers: list[_Worker] = []
        self.number = number
        self.shares: deque[_Share] = deque()  # in the order of the sources
        self.size = 1
        self.problem: BaseException | None = None  # of the list of sources: it comes after what stands before it
        self.has_more = True

    def run(self, done: Callable[[Job, Answer | None], None]) -> None:
        """Until all are handled. An answer of ``None`` is for the caller to find. Raises what the sources raise."""
        try:
            gc.freeze()  # what is there stays there: a worker that looks through it would copy it
            for _ in range(self.number):
                self.workers.append(_Worker(self.handle))
            gc.unfreeze()
            while self.has_more or self.shares:
                self._hand_out()
                self._wait()
                while self.shares and self.shares[0].is_done:
                    share = self.shares.popleft()
                    missing = len(share.jobs) - len(share.answers)
                    for job, answer in zip(share.jobs, [*share.answers, *[None] * missing], strict=True):
                        done(job, answer)
        finally:
            for worker in self.workers:
                worker.stop()
        if self.problem is not None:
            raise self.problem

    def _hand_out(self) -> None:
        """Give each worker that has nothing to do what can be had without waiting; wait where nothing else is to do."""
        for worker in self.workers:
            if worker.share is not None or len(self.shares) >= LEAD * self.number:
                continue
            jobs = self._next(wait=not self.shares)
            if not jobs:
                return
            share = _Share(jobs)
            self.shares.append(share)
            worker.order(share)

    def _next(self, *, wait: bool) -> list[Job]:
        """Some sources; ``wait``: at least one, if there is one."""
        found: list[Job] = []
        while self.has_more and len(found) < self.size:
            if self.waits_for() is not None and (found or not wait):
                break
            try:
                found.append(next(self.sources))
            except StopIteration:
                self.has_more = False
            except Exception as problem:
                self.problem, self.has_more = problem, False
        return found

    def _wait(self) -> None:
        """Until a worker has an answer, or there may be another source for one that is idle."""
        busy = {worker.receive: worker for worker in self.workers if worker.share is not None}
        is_hungry = self.has_more and len(busy) < self.number and len(self.shares) < LEAD * self.number
        more = self.waits_for() if is_hungry else None
        if not busy or (is_hungry and more is None):
            return
        ready, _, _ = select([*busy, *([] if more is None else [more])], [], [])
        for pipe in ready:
            if pipe in busy:
                share = busy[pipe].share
                assert share is not None
                busy[pipe].answer()
                self._pace(share)

    def _pace(self, share: _Share) -> None:
        """The shares that come are to take a moment each: what is large goes one by one, what is small in heaps."""
        each = (monotonic() - share.start) / len(share.jobs)
        self.size = max(1, min(LARGEST, 2 * self.size, round(SHARE / max(each, 1e-6))))


def tell(said: Sequence[tuple[bool, str]]) -> None:
    """Print what a worker would have printed."""
    for index, (err, text) in enumerate(said):
        stream = sys.stderr if err else sys.stdout
        is_last = index + 1 == len(said) or said[index + 1][0] != err

        def write(stream: TextIO = stream, text: str = text, flush: bool = is_last) -> None:
            stream.write(text)
            if flush:
                stream.flush()

        guarded(write, err=err)
