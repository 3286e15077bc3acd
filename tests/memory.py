"""How much memory a command takes."""

from __future__ import annotations

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
