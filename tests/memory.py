"""How much memory a command takes, and how long the processor is at it."""

from __future__ import annotations

import os
import subprocess
import sys

MEASURED = """
import sys
from seqshape.__main__ import main
try:
    main()
finally:
    print("peak", open("/proc/self/status").read().split("VmHWM:")[1].split()[0], file=sys.stderr)
"""


def peak(*arguments: str) -> int:
    """The largest memory of a command, in MiB."""
    ran = subprocess.run([sys.executable, "-c", MEASURED, *arguments], capture_output=True, text=True, timeout=120)
    return int(ran.stderr.rpartition("peak")[2]) >> 10


def busy(*arguments: str, enough: float) -> float:
    """Seconds of the processor that a command takes: the least of some runs, or what is no more than ``enough``."""
    least = float("inf")
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-m", "seqshape", *arguments], stdout=subprocess.DEVNULL)
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
        least = min(least, used.ru_utime + used.ru_stime)
        if least <= enough:
            break
    return least
