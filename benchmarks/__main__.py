"""Everything that is said of speed, measured: ``python -m benchmarks [--rounds N] [--largest LAYERS] [--source DIR] [PART …]``.

One table in Markdown for each part: start-up, process, scale, rivals. Times are seconds of the processor, so that other
work on the machine counts little; commands take turns. ``--source`` measures the package of another checkout.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import process, rivals, scale, startup
from benchmarks.children import Python
from benchmarks.table import Line, written

Options = argparse.Namespace
PARTS: dict[str, tuple[str, Callable[[Python, Options], list[Line]]]] = {
    "startup": ("Start-up", lambda python, options: startup.lines(python, options.rounds)),
    "process": ("In process", lambda python, options: process.lines(python, options.rounds)),
    "scale": ("Scale", lambda python, options: scale.lines(python, options.largest)),
    "rivals": ("Beside others", lambda python, options: rivals.lines(python)),
}


def main() -> int:
    """Measure, and print the table part by part."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help="startup, process, scale, rivals; all if none is named"
    )
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
        title, lines = PARTS[name]
        print(written(title, lines(python, options)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
