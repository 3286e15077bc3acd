"""``seqshape graph``: a network as a diagram."""

from __future__ import annotations

import os
import sys

from seqshape.cli.common import Inputs, Settings, SpecType, analysed, input_options
from seqshape.cli.files import write_out, write_whole
from seqshape.cli.printing import complain, leave, status, tell
from seqshape.cli.words import Choice, Failure, Misuse, argument, declared, option
from seqshape.diagnostics import SeqshapeError

EXAMPLES = (
    "seqshape graph 'LSTM(5,seq)>TD(Dense(1))' -i 5,1     (Mermaid, which GitHub draws)",
    "seqshape graph model.keras -o model.svg     (needs Graphviz)",
    "seqshape graph model.keras --expand --direction LR -o model.dot",
)
_FORMS = ("mermaid", "dot", "svg", "png", "pdf")


@declared("graph", examples=EXAMPLES)
@argument("source", type=SpecType())
@input_options
@option("--format", "form", type=Choice(_FORMS), help="the output's form; by the ending of -o, else mermaid")
@option("-o", "--output", metavar="FILE", help="write a file: .mmd, .dot, .svg, .png or .pdf")
@option("--expand", is_flag=True, help="show what is inside nested models")
@option("--direction", type=Choice(["TB", "LR"]), default="TB", help="TB: downwards; LR: to the right")
def command(
    source: str,
    inputs: Inputs,
    settings: Settings,
    kind: str | None,
    form: str | None,
    output: str | None,
    expand: bool,
    direction: str,
) -> None:
    """Draw a network: its layers with their parameters, and the shapes that go from one to the next.

    Mermaid and DOT are text. SVG, PNG and PDF are drawn by Graphviz: pip install 'seqshape[graph]', and its program dot.
    """
    from seqshape.answers import drawn
    from seqshape.renderers.diagram import PICTURES

    chosen = _form(form, output)
    if chosen in PICTURES and output in (None, "-") and chosen != "svg":
        raise Misuse(f"a picture goes into a file: -o network.{chosen}")
    try:
        network = analysed(source, inputs, settings, kind)
        text = drawn(network, "dot" if chosen in PICTURES else chosen, expand=expand, direction=direction)
    except SeqshapeError as error:
        leave(error)
    if chosen in PICTURES:
        _write_picture(text, chosen, output)
    else:
        write_out(text, output)
        if chosen == "mermaid":
            _tell_of_size(text)
    complain(network.diagnostics)
    sys.exit(status(network.diagnostics))


def _tell_of_size(text: str) -> None:
    """Say so if a flowchart is too large to be drawn where it is likely to be put."""
    from seqshape.renderers.diagram.mermaid import MOST_ARROWS, MOST_SIGNS, is_too_large

    if is_too_large(text):
        limits = f"{MOST_ARROWS} arrows or {MOST_SIGNS:,} characters"
        tell(f"note: GitHub draws no Mermaid of more than {limits}; -o network.svg has no such limit", err=True)


def _form(form: str | None, output: str | None) -> str:
    """The form that is asked for. Raises Misuse if the name of the file says another one, or none."""
    from seqshape.renderers.diagram import ENDINGS

    ending = os.path.splitext(output)[1].lower() if output and output != "-" else ""
    said = ENDINGS.get(ending)
    if form and said and form != said:
        raise Misuse(f"--format {form} contradicts the name {output}")
    if output and output != "-" and said is None and form is None:
        raise Misuse(f"cannot tell the form of {output}: -o takes {', '.join(ENDINGS)}, or give --format")
    return form or said or "mermaid"


def _write_picture(text: str, form: str, output: str | None) -> None:
    """Draw DOT with Graphviz. Raises Failure, with what is to be installed, where that is not there."""
    try:
        import graphviz
    except ImportError:
        message = (
            f"drawing {form} needs the package graphviz: pip install 'seqshape[graph]'; .mmd and .dot need nothing"
        )
        raise Failure(message) from None
    try:
        data = graphviz.Source(text).pipe(format=form)
    except graphviz.ExecutableNotFound:
        message = (
            "drawing needs Graphviz's program dot, which is not there: install graphviz with the package manager of this"
            " machine; .mmd and .dot need nothing"
        )
        raise Failure(message) from None
    except graphviz.CalledProcessError as problem:
        raise Failure(f"Graphviz could not draw this: {problem}") from None
    if output in (None, "-"):
        write_out(data.decode().rstrip("\n"), None)
        return
    from pathlib import Path

    write_whole(Path(str(output)), data)
