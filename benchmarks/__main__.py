"""Everything that is said of speed, measured: ``python -m benchmarks [--rounds N] [--largest LAYERS] [--source DIR] [PART …]``.

One table in Markdown for each part: start-up, process, play, scale, rivals; and ``counts``, multiply-adds beside those of peers,
and ``memory``, estimates beside what frameworks say. Times are seconds of the processor, so that other
work on the machine counts little; commands take turns. ``--source`` measures the package of another checkout.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import counts, memory, play, process, rivals, scale, startup
from benchmarks.children import Python
from benchmarks.table import Line, written

Options = argparse.Namespace


def timed(title: str, lines: Callable[[Python, Options], list[Line]]) -> Callable[[Python, Options], str]:
    """A part that measures times."""
    return lambda python, options: written(title, lines(python, options))


PARTS: dict[str, Callable[[Python, Options], str]] = {
    "startup": timed("Start-up", lambda python, options: startup.lines(python, options.rounds)),
    "process": timed("In process", lambda python, options: process.lines(python, options.rounds)),
    "play": timed("A key press", lambda python, options: play.lines(python)),
    "scale": timed("Scale", lambda python, options: scale.lines(python, options.largest)),
    "rivals": timed("Beside others", lambda python, options: rivals.lines(python)),
    "counts": lambda python, options: f"### Multiply-adds\n\n{counts.table(python)}\n",
    "memory": lambda python, options: f"### Memory\n\n{memory.table(python)}\n",
}


def main() -> int:
    """Measure, and print the table part by part."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=15, help="how often each command is started")
    parser.add_argument("--largest", type=int, default=100_000, help="layers of the largest network")
    parser.add_argument("--source", type=Path, default=Path(__file__).parents[1], help="where the package stands")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
    python = Python(options.source)
    print(f"Python {platform.python_version()}, {options.rounds} rounds\n")
    for name in options.parts or PARTS:
        print(PARTS[name](python, options), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
