"""Start-up beside a bare interpreter: medians of whole processes, taken in turn in one run.

``python benchmarks/startup.py [ROUNDS]`` prints milliseconds and the ratio to ``python -c pass``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

SPEC = ["summarize", "LSTM(5,seq)>TD(Dense(1))", "-i", "5,1", "--no-advice"]
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "--version": [sys.executable, "-m", "seqshape", "--version"],
    "summarize --json": [sys.executable, "-m", "seqshape", *SPEC, "--json"],
    "summarize (table)": [sys.executable, "-m", "seqshape", *SPEC],
}


def once(command: list[str]) -> float:
    """Milliseconds of one process."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Run all commands in turn and print the medians."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    for command in COMMANDS.values():
        once(command)  # byte code is written once
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            times[name].append(once(command))
    bare = statistics.median(times["python -c pass"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:20} {median:7.1f} ms  {median / bare:5.1f} x")


if __name__ == "__main__":
    main()
