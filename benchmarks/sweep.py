"""Configurations a second of a sweep over two sizes, beside the numpy expression that one writes by hand for it.

``python benchmarks/sweep.py [MILLIONS] [ROUNDS]`` takes them in turn in one run, on one core, and prints the medians;
``python benchmarks/sweep.py memory MILLIONS`` runs one sweep of so many configurations and prints the peak of its memory.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

import seqshape

SPEC = "Conv1D({first}..{last},3,same)>LSTM({first}..{last},seq)>TD(Dense(1))"
STEPS, FEATURES = 100, 8


def by_hand(first: int, last: int) -> np.ndarray:
    """The parameters of all configurations as a specialist writes them, on a grid of 64-bit integers."""
    filters = np.arange(first, last + 1, dtype=np.int64)[:, None]
    units = np.arange(first, last + 1, dtype=np.int64)[None, :]
    return 3 * FEATURES * filters + filters + 4 * units * (filters + units + 1) + units + 1


def swept(first: int, last: int) -> np.ndarray:
    """The same from a sweep, its rules run anew."""
    return seqshape.sweep(SPEC.format(first=first, last=last), (STEPS, FEATURES)).columns("params")["params"]


def searched(first: int, last: int) -> list[seqshape.Configuration]:
    """The 20 largest below a budget: parameters and multiply-adds of all configurations are worked out."""
    spec = SPEC.format(first=first, last=last)
    return list(seqshape.sweep(spec, (STEPS, FEATURES), where="params < 1M", sort="-macs", limit=20))


def seconds(function: Callable[[int, int], object], first: int, last: int) -> float:
    start = time.perf_counter()
    function(first, last)
    return time.perf_counter() - start


def main() -> None:
    """Measure what the words ask for."""
    if sys.argv[1:2] == ["memory"]:
        side = round((float(sys.argv[2]) * 1e6) ** 0.5)
        taken = seconds(searched, 8, 7 + side)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{side**2:,} configurations in {taken:.1f} s: {side**2 / taken / 1e6:.0f} M/s, peak {peak:.0f} MiB")
        return
    side = round((float(sys.argv[1]) * 1e6 if len(sys.argv) > 1 else 4e6) ** 0.5)
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    first, last = 8, 7 + side
    assert (swept(first, last) == by_hand(first, last).reshape(-1)).all()
    functions = {"by hand: params": by_hand, "sweep: params": swept, "sweep: where, sort, limit": searched}
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            times[name].append(seconds(function, first, last))
    print(f"{side**2:,} configurations, medians of {rounds}")
    for name, rounds_taken in times.items():
        median = statistics.median(rounds_taken)
        print(f"{name:26} {side**2 / median / 1e6:8.1f} M/s  {median * 1e9 / side**2:6.2f} ns each")


if __name__ == "__main__":
    main()
