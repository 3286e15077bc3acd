"""The command. ``--version`` answers before anything else is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        from seqshape import __version__

        print(f"seqshape {__version__}")
        return
    from seqshape.cli import run

    run()


if __name__ == "__main__":
    main()
