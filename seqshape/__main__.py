"""The command. ``--version`` answers before anything else is imported."""

from __future__ import annotations

import gc
import sys

# A run makes few circles and ends soon: looking for them while modules are loaded is a tenth of the time it takes.
_THRESHOLD = 50_000  # objects made between two collections


def main() -> None:
    """Run the command line. Ctrl-C ends it with 130 even while it is still being loaded."""
    gc.disable()
    try:
        if sys.argv[1:] == ["--version"]:
            _version()
        else:
            from seqshape.cli import run

            gc.set_threshold(_THRESHOLD)
            gc.enable()
            run()
    except KeyboardInterrupt:
        sys.exit(130)
    except MemoryError:  # even for what the command line is made of
        sys.stderr.write("error[E999]: there is not enough memory to start\n")
        sys.exit(3)
    finally:
        gc.freeze()  # what is left ends with the process: it need not be looked through once more


def _version() -> None:
    from seqshape import __version__

    try:
        sys.stdout.write(f"seqshape {__version__}\n")  # one write, also where Python does not buffer
        sys.stdout.flush()
    except OSError as problem:  # Python would complain of what it could not write when it ends
        import os

        os._exit(141 if isinstance(problem, BrokenPipeError) else 1)


if __name__ == "__main__":
    main()
