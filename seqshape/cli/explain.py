"""``seqshape explain``: where the numbers come from, or what a diagnostic code means."""

from __future__ import annotations

import sys
from typing import Any

from seqshape.cli.common import SpecType, analysed, input_options
from seqshape.cli.printing import complain, is_ascii, leave, say, status
from seqshape.cli.words import argument, declared, option
from seqshape.diagnostics import Diagnostic, SeqshapeError

EXAMPLES = (
    "seqshape explain 'LSTM(5,seq)>TD(Dense(1))' -i 5,1",
    "seqshape explain 'LSTM(5,seq)>TD(Dense(1))' lstm -i 5,1",
    "seqshape explain E201",
)

PLAIN = str.maketrans({"→": "->", "·": "*", "×": "x", "−": "-", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")"})


@declared("explain", examples=EXAMPLES)
@argument("source", type=SpecType())
@argument("layer", required=False)
@input_options
@option("--macs", is_flag=True, help="the multiply-adds too")
@option("--json", "as_json", is_flag=True, help="as data")
def command(
    source: str, layer: str | None, inputs: object, settings: object, kind: str | None, macs: bool, as_json: bool
) -> None:
    """Explain every count of a network: the rule as a formula, and the same with numbers.

    SOURCE is a spec or a file, LAYER the name or the class of one layer. A code such as E201 prints what that
    diagnostic means.
    """
    if _is_code(source):
        _print_code(source.upper())
        return
    try:
        network = analysed(source, inputs, settings, kind)
    except SeqshapeError as error:
        leave(error)
    from seqshape.analysis.explain import explain, length

    found = explain(network, layer)
    if layer is not None and not found:
        from seqshape.answers import no_layer

        leave(no_layer(layer, network))
    steps = length(network) if layer is None and not status(network.diagnostics) else None
    _print(found, steps, macs, as_json, about=layer is not None)
    complain(network.diagnostics)
    sys.exit(status(network.diagnostics))


def _print(found: Any, length: Any, macs: bool, as_json: bool, *, about: bool) -> None:
    from seqshape.renderers import explain as renderer

    if as_json:
        from seqshape.renderers.data import text as json_text

        say(json_text(renderer.to_dict(found, length)))
    else:
        text = renderer.render(found, length, macs=macs, about=about)
        say(_plain(text) if is_ascii(sys.stdout) else text)


def _plain(text: str) -> str:
    """The same in ASCII, formulas in Python's syntax."""
    import re
    from unicodedata import digit

    powers = re.sub("[⁰¹²³⁴-⁹]+", lambda found: "**" + "".join(str(digit(sign)) for sign in found[0]), text)
    return powers.translate(PLAIN).encode("ascii", "replace").decode()


def _is_code(text: str) -> bool:
    return len(text) == 4 and text[0] in "EWAewa" and text[1:].isdigit()


def _print_code(code: str) -> None:
    from seqshape.codes import CODES

    page = CODES.get(code)
    if page is None:
        message = f"there is no diagnostic {code}; the codes are {', '.join(CODES)}"
        leave(SeqshapeError((Diagnostic("E304", "error", message),)))
    say(page.page())
