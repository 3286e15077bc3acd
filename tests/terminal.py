"""Commands in a process of their own, also on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

ROOT = Path(__file__).parent.parent


def program(*words: str) -> list[str]:
    return [sys.executable, "-m", "seqshape", *words]


def environment(**more: str) -> dict[str, str]:
    left = ("LC_", "LANG", "PYTHON", "COLUMNS", "LINES")  # other tests, and shells, set the last two
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left)}
    return kept | {"PYTHONPATH": str(ROOT)} | more


def on_a_terminal(*words: str, columns: int = 80, both: bool = False) -> str:
    """What a command writes to standard error (and, if ``both``, to standard output) of a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    out = theirs if both else subprocess.DEVNULL
    with subprocess.Popen(program(*words), stdout=out, stderr=theirs, env=environment(TERM="xterm")) as child:
        os.close(theirs)
        written = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            written += part
        assert child.wait(60) in (0, 1)
    os.close(ours)
    return written.decode()
