"""``seqshape play``: the shapes of a spec while it is being typed."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

from seqshape.cli.common import SpecType, given_inputs
from seqshape.cli.printing import color_wanted, is_ascii, say, terminal_width
from seqshape.cli.words import Failure, Misuse, argument, declared, option
from seqshape.diagnostics import Diagnostic, SeqshapeError, Source
from seqshape.renderers import Options
from seqshape.shapes import split_input
from seqshape.summary import Summary, nothing

EXAMPLES = ("seqshape play", "seqshape play 'LSTM(5,seq)>Dense(1)' -i 5,1")


@declared("play", examples=EXAMPLES)
@argument("spec", required=False, metavar="[SPEC]", type=SpecType())
@option("-i", "--input", "shape", metavar="SHAPE", help="input shape without the batch: 5,1 or T,F or NAME=12,71")
def command(spec: str | None, shape: str | None) -> None:
    """Type a spec and see its shapes at every key press.

    Tab completes, an arrow goes to the input shape and back, Enter prints the command line. It needs a package:
    pip install 'seqshape[play]'. In a pipe it prints once what it would show.
    """
    spec, shape = spec or "", shape or ""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        options = Options(terminal_width(None), color_wanted("auto", sys.stdout), is_ascii(sys.stdout))
        say("\n".join(seen(spec, shape, options, 10_000)), styled=options.color)
        return
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
    for one in _shapes(shape):
        words += ["-i", one]
    return shlex.join(words)


def seen(spec: str, shape: str, options: Options, height: int, *, whole: bool = False) -> list[str]:
    """The lines to show of what has been typed so far, whatever that is; at most ``height``.

    ``whole``: with what mends it and what is advised, which takes longer than a key press may.
    """
    from seqshape.analysis.completion import closed
    from seqshape.renderers.live import render
    from seqshape.renderers.text import fitted

    if not spec.strip():
        return []
    summary = considered(spec, shape) if whole else glimpse(spec, shape)
    if not summary.layers and not whole:
        text, missing = closed(spec)
        so_far = glimpse(text, shape)
        if so_far.layers:
            still = f"still to be closed: {missing}" if missing else "goes on"
            return [*fitted([still], options.width)[:1], *render(so_far, options, height - 1)][:height]
    return render(summary, options, height)


def is_sound(spec: str, shape: str) -> bool:
    """Whether what has been typed is a network without faults."""
    return bool(spec.strip()) and not any(one.severity == "error" for one in glimpse(spec, shape).diagnostics)


def considered(spec: str, shape: str) -> Summary:
    """The summary of a spec, or its diagnostics, as ``summarize`` has them."""
    from seqshape.answers import report

    return _caught(lambda given: report(Source(spec), given, kind="spec"), shape)


def glimpse(spec: str, shape: str) -> Summary:
    """The summary of a spec as quick as it goes, or its diagnostics: nothing is mended, nothing is advised."""
    from seqshape.inputs import Inputs
    from seqshape.network import Network
    from seqshape.readers import read

    def summary(given: Any) -> Summary:
        names = tuple(given) if isinstance(given, dict) else ()
        return Network(read(Source(spec), "spec", inputs=names, shapes=given), Inputs(given, {})).summary()

    return _caught(summary, shape)


def _caught(summary: Callable[[Any], Summary], shape: str) -> Summary:
    """The summary for the input that is typed; what is wrong as one without layers."""
    try:
        return summary(given_inputs([split_input(one) for one in _shapes(shape)]))
    except SeqshapeError as error:
        return nothing(error)
    except Misuse as problem:
        return nothing(SeqshapeError((Diagnostic("E302", "error", str(problem)),)))


def _shapes(text: str) -> list[str]:
    return re.sub(r",\s+", ",", text).split()
