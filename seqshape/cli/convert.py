"""``seqshape convert``: a network in another form."""

from __future__ import annotations

import sys

from seqshape.cli.common import SpecType, analysed, input_options
from seqshape.cli.files import write_out
from seqshape.cli.printing import complain, leave, status
from seqshape.cli.words import Choice, argument, declared, option
from seqshape.diagnostics import SeqshapeError
from seqshape.exporters import TARGETS

EXAMPLES = (
    "seqshape convert model.json --to spec",
    "seqshape convert 'LSTM(5,seq)>TD(Dense(1))' -i 5,1 --to keras-python",
    "seqshape convert net.seq -i 5,1 --to keras-json -o model.json",
    "seqshape convert model.keras --to torch -o model.py",
)


@declared("convert", examples=EXAMPLES)
@argument("source", type=SpecType())
@input_options
@option("--to", "target", required=True, type=Choice(list(TARGETS)), help="the form to write")
@option("-o", "--output", metavar="FILE", help="write to a file, whole or not at all")
def command(source: str, inputs: object, settings: object, kind: str | None, target: str, output: str | None) -> None:
    """Write a network as a spec, as Keras's JSON, as Keras code, or as a PyTorch module.

    Exit status 1, and a sentence that names the part, where the form cannot say the network.
    """
    from seqshape.answers import written

    try:
        network = analysed(source, inputs, settings, kind)
        complain(network.diagnostics)
        if status(network.diagnostics):
            sys.exit(status(network.diagnostics))
        text = written(network, target)
    except SeqshapeError as error:
        leave(error)
    write_out(text.rstrip("\n"), output)
