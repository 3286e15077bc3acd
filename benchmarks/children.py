"""Child processes that are measured: what they took of the processor and of memory, not how long others kept it busy."""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Cost(NamedTuple):
    """Seconds of the processor, the largest memory in MiB, and seconds of the clock."""

    seconds: float
    mebibytes: float
    elapsed: float


class Spread(NamedTuple):
    """The middle of several measurements, and the half of them that lies round it."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Median and quartiles."""
    if len(values) < 2:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


class Python:
    """Runs Python on the package that stands in ``source``, which needs not be the one that this file belongs to."""

    def __init__(self, source: Path) -> None:
        path = os.pathsep.join(filter(None, [str(source.resolve()), os.environ.get("PYTHONPATH")]))
        self.environment = {**os.environ, "PYTHONPATH": path}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(self, *words: str, limit: float = 600, sound: tuple[int, ...] = (0,)) -> Cost | None:
        """What one process costs; ``None`` if it takes more than ``limit`` seconds or its status is not ``sound``."""
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment,
            cwd=tempfile.gettempdir(),
            preexec_fn=lambda: _bound(limit),
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        cost = Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, time.perf_counter() - start)
        return cost if process.returncode in sound else None

    def says(self, code: str, *words: str, limit: float = 600) -> Any:
        """What a program prints as JSON; ``None`` if it takes too long or fails."""
        ran = subprocess.run(
            [sys.executable, "-c", code, *words],
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=tempfile.gettempdir(),
            preexec_fn=lambda: _bound(limit),
        )
        if ran.returncode:
            print(ran.stderr.strip().rpartition("\n")[2] or f"stopped after {limit:g} s", file=sys.stderr)
            return None
        return json.loads(ran.stdout.splitlines()[-1])

    def instructions(self, *words: str) -> float | None:
        """Millions of instructions of one process, counted by valgrind: no load disturbs them; ``None`` without it."""
        if shutil.which("valgrind") is None:
            return None
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}", sys.executable, *words]
        ran = subprocess.run(command, capture_output=True, text=True, env=self.environment, cwd=tempfile.gettempdir())
        found = re.search(r"refs:\s+([\d,]+)", ran.stderr)
        return int(found[1].replace(",", "")) / 1e6 if found else None


def _bound(seconds: float) -> None:
    """Ends this process once it has used so much of the processor."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
