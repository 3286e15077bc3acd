"""``seqshape convert``: a network in another form."""

from __future__ import annotations

import os
import sys

from seqshape.cli.common import Inputs, Settings, SpecType, analysed, input_options
from seqshape.cli.files import form_of, write_out
from seqshape.cli.printing import complain, leave, status
from seqshape.cli.words import Choice, Misuse, argument, declared, option
from seqshape.diagnostics import SeqshapeError
from seqshape.exporters import TARGETS

# What a file holds by the ending of its name.
ENDINGS = {".json": ("keras-json",), ".seq": ("spec",), ".py": ("keras-python", "torch")}
EXAMPLES = (
    "seqshape convert model.json --to spec",
    "seqshape convert 'LSTM(5,seq)>TD(Dense(1))' -i 5,1 --to keras-python",
    "seqshape convert net.seq -i 5,1 --to keras-json -o model.json",
    "seqshape convert model.keras --to torch -o model.py",
)


@declared("convert", examples=EXAMPLES)
@argument("source", type=SpecType())
@input_options
@option("--to", "target", type=Choice(list(TARGETS)), help="the form to write; by the ending of -o if not given")
@option("-o", "--output", metavar="FILE", help="write a file, whole or not at all: .json, .py, .seq")
def command(
    source: str, inputs: Inputs, settings: Settings, kind: str | None, target: str | None, output: str | None
) -> None:
    """Write a network as a spec, as Keras's JSON, as Keras code, or as a PyTorch module.

    Exit status 1, and a sentence that names the part, where the form cannot say the network.
    """
    from seqshape.answers import written

    form = _form(target, output)
    try:
        network = analysed(source, inputs, settings, kind)
        complain(network.diagnostics)
        if status(network.diagnostics):
            sys.exit(status(network.diagnostics))
        text = written(network, form)
    except SeqshapeError as error:
        leave(error)
    write_out(text.rstrip("\n"), output)


def _form(target: str | None, output: str | None) -> str:
    """The form to write. Raises Misuse if neither the word nor the ending of the file says it, or they contradict."""
    form = form_of(output, target, ENDINGS, "--to")
    if form is None or (target is None and len(ENDINGS[os.path.splitext(output or "")[1].lower()]) > 1):
        raise Misuse(f"say which form to write: --to {', '.join(TARGETS)}; or -o FILE.json, -o FILE.seq")
    return form
