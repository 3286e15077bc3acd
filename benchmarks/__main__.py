"""Everything that is said of speed, measured: ``python -m benchmarks [--rounds N] [--largest LAYERS] [--source DIR] [PART …]``.

One table in Markdown: start-up, process, play, scale, rivals. Two more are of what is counted: ``counts``, multiply-adds beside
those of peers, and ``memory``, estimates beside what frameworks say. Times are seconds of the processor, so that other
work on the machine counts little; commands take turns. ``--source`` measures the package of another checkout.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks import counts, memory, play, process, rivals, scale, startup
from benchmarks.children import Python
from benchmarks.table import Line, head, written

Options = argparse.Namespace

TIMED: dict[str, tuple[str, Callable[[Python, Options], Iterable[Line]]]] = {
    "startup": ("Start-up", lambda python, options: startup.lines(python, options.rounds)),
    "process": ("In process", lambda python, options: process.lines(python, options.rounds)),
    "play": ("A key press", lambda python, options: play.lines(python)),
    "scale": ("Scale", lambda python, options: scale.lines(python, options.largest, max(options.rounds // 3, 1))),
    "rivals": ("Beside others", lambda python, options: rivals.lines(python)),
}
COUNTED: dict[str, tuple[str, Callable[[Python], str]]] = {
    "counts": ("Multiply-adds", counts.table),
    "memory": ("Memory", memory.table),
}
PARTS = (*TIMED, *COUNTED)


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
    wanted = options.parts or PARTS
    print(f"Python {platform.python_version()}, {options.rounds} rounds\n")
    if not TIMED.keys().isdisjoint(wanted):
        print(head(), flush=True)
    for name in [name for name in TIMED if name in wanted]:
        title, lines = TIMED[name]
        print(written([Line(f"**{title}**", ""), *lines(python, options)]), flush=True)
    for name in [name for name in COUNTED if name in wanted]:
        title, table = COUNTED[name]
        print(f"\n### {title}\n\n{table(python)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
