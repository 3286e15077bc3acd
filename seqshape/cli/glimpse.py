"""What has been typed so far, whatever that is, and the lines to show of it: the part of ``play`` without a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from seqshape.cli.common import given_inputs
from seqshape.cli.words import Misuse
from seqshape.diagnostics import Diagnostic, SeqshapeError, Source
from seqshape.renderers import Options
from seqshape.shapes import split_input
from seqshape.summary import Summary, nothing


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
        return summary(given_inputs([split_input(one) for one in shapes(shape)]))
    except SeqshapeError as error:
        return nothing(error)
    except Misuse as problem:
        return nothing(SeqshapeError((Diagnostic("E302", "error", str(problem)),)))


def shapes(text: str) -> list[str]:
    """The shapes in a text, each a word: blanks behind commas are passed over."""
    return re.sub(r",\s+", ",", text).split()
