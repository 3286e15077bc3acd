"""The command. ``--version`` answers before anything else is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. Ctrl-C ends it with 130 even while it is still being loaded."""
    try:
        if sys.argv[1:] == ["--version"]:
            _version()
        else:
            from seqshape.cli import run

            run()
    except KeyboardInterrupt:
        sys.exit(130)


def _version() -> None:
    from seqshape import __version__

    try:
        print(f"seqshape {__version__}", flush=True)
    except OSError:  # nobody reads it: Python would complain of what it could not write when it ends
        import os

        os._exit(1)


if __name__ == "__main__":
    main()
