"""``seqshape play``: the shapes of a spec while it is being typed."""

from __future__ import annotations

import sys

from seqshape.cli.common import SpecType
from seqshape.cli.glimpse import glimpse, shapes
from seqshape.cli.printing import color_wanted, complain, is_ascii, say, status, terminal_width
from seqshape.cli.words import Failure, argument, declared, option
from seqshape.renderers import Options

MOST = 100_000  # lines in a pipe

EXAMPLES = ("seqshape play", "seqshape play 'LSTM(5,seq)>Dense(1)' -i 5,1")


@declared("play", examples=EXAMPLES)
@argument("spec", required=False, metavar="[SPEC]", type=SpecType())
@option("-i", "--input", "shape", metavar="SHAPE", help="input shape without the batch: 5,1 or T,F or NAME=12,71")
def command(spec: str | None, shape: str | None) -> None:
    """Type a spec and see its shapes at every key press.

    Tab completes, an arrow goes to the input shape and back, Enter prints the command line. It needs a package:
    pip install 'seqshape[play]'. In a pipe it prints once what it would show.
    """
    from seqshape.renderers.live import render

    spec, shape = spec or "", shape or ""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        options = Options(terminal_width(None), color_wanted("auto", sys.stdout), is_ascii(sys.stdout))
        summary = glimpse(spec, shape) if spec.strip() else None
        if summary is None:
            return
        if summary.layers:
            say("\n".join(render(summary._replace(diagnostics=()), options, MOST)), styled=options.color)
        complain(summary.diagnostics)
        sys.exit(status(summary.diagnostics))
    try:
        import prompt_toolkit  # noqa: F401
    except ImportError:
        raise Failure("play needs the package prompt_toolkit: pip install 'seqshape[play]'") from None
    from seqshape.cli.prompt import play

    finished = play(spec, shape)
    if finished is not None:
        say(command_line(*finished))


def command_line(spec: str, shape: str) -> str:
    """The command that shows the same network."""
    import shlex

    words = ["seqshape", "summarize", spec]
    for one in shapes(shape):
        words += ["-i", one]
    return shlex.join(words)
