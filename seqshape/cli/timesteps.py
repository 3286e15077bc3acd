"""``seqshape timesteps``: which output steps can see which input steps."""

from __future__ import annotations

import os
from typing import Any

from seqshape.cli.common import SpecType, analysed, input_options, width_option
from seqshape.cli.files import write_out, write_pieces, write_whole
from seqshape.cli.printing import complain, is_ascii, leave, terminal_width
from seqshape.cli.words import Failure, Misuse, Whole, argument, declared, option
from seqshape.diagnostics import SeqshapeError

EXAMPLES = (
    "seqshape timesteps 'LSTM(5,seq)>TD(Dense(1))' -i 5,1",
    "seqshape timesteps 'Conv1D(8,3,causal,d=2)>Conv1D(8,3,causal,d=4)' -i 40,1",
    "seqshape timesteps 'Bi(GRU(8,seq))' -i 12,4 -o reach.svg",
)
PICTURES = ("svg", "png", "pdf")
UNREAD = ("W401", "W402")  # a layer of which nobody can tell what it sees


@declared("timesteps", examples=EXAMPLES)
@argument("source", type=SpecType())
@input_options
@option("--json", "as_json", is_flag=True, help="as data")
@option("-o", "--output", metavar="FILE", help="write a file: .svg, .png and .pdf draw the matrix; .json, .txt")
@width_option
@option("--of-input", default=0, type=Whole(0), metavar="N", help="which input, from 0")
@option("--of-output", default=0, type=Whole(0), metavar="N", help="which output, from 0")
def command(
    source: str,
    inputs: object,
    settings: object,
    kind: str | None,
    as_json: bool,
    output: str | None,
    width: int | None,
    of_input: int,
    of_output: int,
) -> None:
    """Show which output steps can see which input steps: a row for each output step, a column for each input step."""
    from seqshape.analysis.timesteps import require_steps, timesteps

    as_data = _ending(output, as_json) == "json" or as_json
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
    _print(reached, output, width)


def _ending(output: str | None, as_json: bool = False) -> str:
    """What kind of file is wanted, by its ending. Raises Misuse for one that is not known, or that is no JSON with --json."""
    form = os.path.splitext(output)[1].lower().lstrip(".") if output else ""
    if as_json and form not in ("", "json"):
        raise Misuse(f"-o {output} is a file of {form}, and --json says json: leave it out, or call the file .json")
    if form not in ("", "json", "txt", *PICTURES):
        raise Misuse(f"cannot write {output}: -o takes .svg, .png, .pdf, .json or .txt")
    return form


def _print(reached: Any, output: str | None, width: int | None) -> None:
    import sys

    from seqshape.renderers import timesteps as renderer

    form = _ending(output)
    if output and form in PICTURES:
        if reached.rows is None:
            raise Failure(f"there is nothing to draw: {next(renderer.facts(reached))}")
        from pathlib import Path

        write_whole(Path(output), _picture(reached, form))
    else:
        ascii = output is None and is_ascii(sys.stdout)
        write_out(renderer.render(reached, terminal_width(width), ascii=ascii), output)


def _picture(reached: Any, form: str) -> bytes:
    from seqshape.renderers.timesteps import picture

    try:
        return picture(reached, form)
    except ImportError:
        raise Failure("drawing needs matplotlib: pip install 'seqshape[plot]', or pip install matplotlib") from None
