"""``python -m tests.fuzz --models 20000 --seed 1``: as many random models as asked for, against the real Keras.

Models are made and checked in batches by worker processes; a model that kills its worker is noted, and the run goes on.
With ``--log FILE`` what was found is kept, and a run that was broken off goes on from there. Exit status 1 if anything
disagrees.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from tests.fuzz.choices import RandomChoices
from tests.fuzz.models import recipe as random_recipe
from tests.oracle.recipe import Recipe, python
from tests.oracle.spec_writer import is_writable, spec

BATCH = 500
Found = dict[str, Any]


class Job(NamedTuple):
    """Some models in a row: those numbered ``[start, stop)`` of a seed."""

    seed: str
    start: int
    stop: int
    real: bool = False
    exports: bool = False

    def flags(self) -> list[str]:
        """The options of the command line that say the same."""
        return [f"--{name}" for name, given in (("real", self.real), ("exports", self.exports)) if given]


def recipe(seed: str, number: int) -> Recipe:
    """The model of a number: always the same one."""
    return random_recipe(RandomChoices(f"{seed}-{number}"))


def work(job: Job) -> None:
    """In a worker: check the models of a job, one line of JSON each that is not as it should be, and how far it got."""
    from tests.fuzz.check import verdict

    for number in range(job.start, job.stop):
        made = recipe(job.seed, number)
        found = verdict(made, real=job.real, exports=job.exports)
        line: Found = {
            "number": number,
            "kind": made.kind,
            "refused": found.refused is not None,
            "ways": len(found.ways),
        }
        if found.disagreements:
            line |= _smaller(made, job)
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def _smaller(made: Recipe, job: Job) -> Found:
    from tests.fuzz.check import Verdict, verdict
    from tests.fuzz.shrink import shrink, signature

    def judge(recipe: Recipe) -> Verdict:
        return verdict(recipe, real=job.real, exports=job.exports)

    small = shrink(made, judge)
    found = judge(small)
    if not found.disagreements:
        small, found = made, judge(made)
    text = spec(small) if is_writable(small) else None
    return {
        "signature": signature(found),
        "disagreements": found.disagreements,
        "python": python(small),
        "spec": text,
        "keras": found.refused,
    }


def run(job: Job) -> Iterator[Found]:
    """What a worker says of its models, in order; one that kills it is a disagreement, and the next ones follow."""
    start = job.start
    while start < job.stop:
        command = [sys.executable, "-m", "tests.fuzz", "--worker", *map(str, (start, job.stop)), "--seed", job.seed]
        command += job.flags()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout is not None
            for line in worker.stdout:
                if not line.startswith("{"):
                    continue
                found = json.loads(line)
                start = found["number"] + 1
                yield found
        if start < job.stop:
            yield _killed(job.seed, start, worker.returncode)
            start += 1


def _killed(seed: str, number: int, status: int) -> Found:
    made = recipe(seed, number)
    text = spec(made) if is_writable(made) else None
    return {
        "number": number,
        "kind": made.kind,
        "refused": False,
        "ways": 0,
        "signature": f"the worker died with status {status}",
        "disagreements": [f"the worker died with status {status}"],
        "python": python(made),
        "spec": text,
        "keras": None,
    }


class Tally:
    """What a run has come to so far; prints what is new."""

    def __init__(self, log: Path | None, total: int) -> None:
        self.log = log
        self.total = total
        self.done: set[int] = set()
        self.refused = self.graphs = 0
        self.seen: dict[str, int] = {}
        self.began = time.monotonic()
        if log is not None and log.exists():
            for line in log.read_text(encoding="utf-8").splitlines():
                self.count(json.loads(line))
        self.before = len(self.done)

    def count(self, found: Found) -> bool:
        """Add a model; whether it is a kind of disagreement that was not there before."""
        self.done.add(found["number"])
        self.refused += found["refused"]
        self.graphs += found["kind"] == "Functional"
        kind = found.get("signature")
        if kind is None:
            return False
        self.seen[kind] = self.seen.get(kind, 0) + 1
        return self.seen[kind] == 1

    def add(self, found: Found) -> None:
        """Count a model, keep it, and print its disagreement if it is of a new kind."""
        if self.log is not None:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(found) + "\n")
        if self.count(found):
            _write(_report(found))
        if len(self.done) % 500 == 0:
            _write(self.line())

    def line(self) -> str:
        """The running count."""
        speed = (len(self.done) - self.before) / max(time.monotonic() - self.began, 0.001)
        return (
            f"{len(self.done)} of {self.total} models ({self.graphs} graphs, {self.refused} refused by Keras), "
            f"{sum(self.seen.values())} disagreements of {len(self.seen)} kinds, {speed:.1f} models a second"
        )


def _report(found: Found) -> str:
    parts = [f"--- model {found['number']}: {found['signature']}", *found["disagreements"][:8], "", found["python"]]
    return "\n".join([*parts, f"spec:\n{found['spec']}" if found["spec"] else "(no spec can say it)", ""])


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--models", type=int, default=1000, help="how many models")
    parser.add_argument("--seed", default="0", help="another seed gives other models")
    parser.add_argument("--start", type=int, default=0, help="the number of the first model")
    parser.add_argument("--workers", type=int, default=1, help="how many processes at once")
    parser.add_argument("--real", action="store_true", help="with Keras's own initializers: a hundred times slower")
    parser.add_argument("--exports", action="store_true", help="also write each network out again, and read it back")
    parser.add_argument("--log", type=Path, help="keep what is found in FILE, and go on from it")
    parser.add_argument("--worker", nargs=2, type=int, metavar=("START", "STOP"), help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main() -> int:
    """Run; the exit status."""
    given = options()
    if given.worker:
        work(Job(given.seed, *given.worker, given.real, given.exports))
        return 0
    tally = Tally(given.log, given.models)
    last = given.start + given.models
    starts = range(given.start, last, BATCH)
    jobs = [Job(given.seed, start, min(start + BATCH, last), given.real, given.exports) for start in starts]
    todo = [job for job in jobs if not set(range(job.start, job.stop)) <= tally.done]
    with ThreadPoolExecutor(given.workers) as pool:
        for batch in _in_turn(pool, todo, given.workers):
            for found in batch:
                if found["number"] not in tally.done:
                    tally.add(found)
    _write(tally.line())
    for kind, times in sorted(tally.seen.items(), key=lambda item: -item[1]):
        _write(f"{times:6} x {kind}")
    return 1 if tally.seen else 0


def _in_turn(pool: ThreadPoolExecutor, jobs: list[Job], workers: int) -> Iterator[list[Found]]:
    """The findings of the jobs in order, ``workers`` of them running at a time."""
    if workers == 1:
        for job in jobs:
            yield from ([found] for found in run(job))
        return
    yield from pool.map(lambda job: list(run(job)), jobs)


if __name__ == "__main__":
    sys.exit(main())
