"""``seqshape timesteps``: which output steps can see which input steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.cli.common import Inputs, Settings, SpecType, analysed, input_options, width_option
from seqshape.cli.files import ACROSS, DRAWN, SHEETS, wanted_form, write_out, write_pieces, write_sheet, write_whole
from seqshape.cli.printing import complain, is_ascii, leave, terminal_width
from seqshape.cli.words import Choice, Failure, Whole, argument, declared, option
from seqshape.diagnostics import SeqshapeError

if TYPE_CHECKING:
    from seqshape.analysis.timesteps import Reached

EXAMPLES = (
    "seqshape timesteps 'LSTM(5,seq)>TD(Dense(1))' -i 5,1",
    "seqshape timesteps 'Conv1D(8,3,causal,d=2)>Conv1D(8,3,causal,d=4)' -i 40,1",
    "seqshape timesteps 'Bi(GRU(8,seq))' -i 12,4 -o reach.svg",
)
FORMS = ("text", "json", *DRAWN)
PICTURES = ("png", "pdf")  # which matplotlib draws
ENDINGS = {**SHEETS, **{f".{form}": (form,) for form in PICTURES}}
UNREAD = ("W401", "W402")  # a layer of which nobody can tell what it sees


@declared("timesteps", examples=EXAMPLES)
@argument("source", type=SpecType())
@input_options
@option("--format", "form", type=Choice(FORMS), help="the output's form; by the ending of -o, else text")
@option("--json", "as_json", is_flag=True, help="print JSON: short for --format json")
@option(
    "-o",
    "--output",
    metavar="FILE",
    help="write a file: .svg and .html draw the matrix, .png and .pdf too, with matplotlib; .json, .txt",
)
@width_option
@option("--of-input", default=0, type=Whole(0), metavar="N", help="which input, from 0")
@option("--of-output", default=0, type=Whole(0), metavar="N", help="which output, from 0")
def command(
    source: str,
    inputs: Inputs,
    settings: Settings,
    kind: str | None,
    form: str | None,
    as_json: bool,
    output: str | None,
    width: int | None,
    of_input: int,
    of_output: int,
) -> None:
    """Show which output steps can see which input steps: a row for each output step, a column for each input step."""
    from seqshape.analysis.timesteps import require_steps, timesteps

    form = wanted_form(form, as_json, output, ENDINGS)
    as_data = form == "json"
    notes: list[str] = []
    try:
        network = analysed(source, inputs, settings, kind, sizes=True, told=notes.extend if as_data else None)
        require_steps(network, of_input)
        reached = timesteps(network, of_input, of_output)
    except SeqshapeError as error:
        leave(error)
    unread = [found for found in network.diagnostics if found.code in UNREAD]
    if as_data:
        from seqshape.renderers.check import findings
        from seqshape.renderers.timesteps import json_pieces

        write_pieces(json_pieces(reached, {"notes": notes, "diagnostics": findings(unread)}), output)
        return
    complain(unread)
    _print(reached, form, output, width)


def _print(reached: Reached, form: str, output: str | None, width: int | None) -> None:
    import sys

    from seqshape.renderers import timesteps as renderer

    if form in DRAWN:
        write_sheet(renderer.sheet(reached, width or ACROSS), renderer.title(reached), form, output)
    elif form in PICTURES and output is not None:
        if reached.rows is None:
            raise Failure(f"there is nothing to draw: {next(renderer.facts(reached))}")
        from pathlib import Path

        write_whole(Path(output), _picture(reached, form))
    else:
        ascii = output is None and is_ascii(sys.stdout)
        write_out(renderer.render(reached, terminal_width(width), ascii=ascii), output)


def _picture(reached: Reached, form: str) -> bytes:
    from seqshape.renderers.timesteps import picture

    try:
        return picture(reached, form)
    except ImportError:
        raise Failure("drawing needs matplotlib: pip install 'seqshape[plot]', or pip install matplotlib") from None
