"""``seqshape compare``: two networks side by side."""

from __future__ import annotations

import sys
from typing import Any

import click

from seqshape.cli import Command
from seqshape.cli.common import SpecType, analysed, input_options
from seqshape.cli.printing import complain, is_ascii, say, status, terminal_width
from seqshape.diagnostics import SeqshapeError

EXAMPLES = (
    "seqshape compare 'GRU(16,seq)>TD(Dense(8))' 'GRU(16,seq)>Dense(8)' -i 64,15",
    "seqshape compare old.json new.json --json | jq .same",
)


class Incomparable(click.ClickException):
    """A sentence, and exit status 2."""

    exit_code = 2


@click.command("compare", cls=Command, examples=EXAMPLES)
@click.argument("left", type=SpecType())
@click.argument("right", type=SpecType())
@input_options
@click.option("--json", "as_json", is_flag=True, help="as data")
def command(left: str, right: str, inputs: object, settings: object, kind: str | None, as_json: bool) -> None:
    """Compare two networks, each a spec or a file; -i and --set hold for both.

    Both are run with the same random weights, which shows whether they are the same network, whatever the layers are
    called. Exit status: 0 the same network, 1 different ones, 2 they could not be compared.
    """
    from seqshape.api import compared

    networks = [_network(source, inputs, settings, kind) for source in (left, right)]
    try:
        comparison = compared(*networks, one_source=lambda: is_one_source(left, right))
    except SeqshapeError as error:
        complain([found for network in networks for found in network.diagnostics])
        raise Incomparable(error.diagnostics[0].message) from None
    _print(comparison, as_json)
    sys.exit(_status(comparison))


def _status(comparison: Any) -> int:
    """0 for the same network, proven or of the same source; 1 for different ones; 2 where it could not be found out."""
    if comparison.equivalent is None:
        return 2
    return 0 if comparison.equivalent else 1


def is_one_source(left: str, right: str) -> bool:
    """Whether two sources say the same: one text, or files with the same config or text. No pipe is read again."""
    if left == right:
        return left != "-"
    from pathlib import Path

    from seqshape.readers import said

    try:
        found = said(Path(left)), said(Path(right))
    except SeqshapeError:
        return False
    return found[0] is not None and bool(found[0] == found[1])


def _network(source: str, inputs: object, settings: object, kind: str | None) -> Any:
    """A network that can be compared: a faulty one ends the command with status 2."""
    try:
        network = analysed(source, inputs, settings, kind)
    except SeqshapeError as error:
        complain(error.diagnostics)
        sys.exit(2)
    complain([found for found in network.diagnostics if found.severity == "error"])
    if status(network.diagnostics):
        sys.exit(2)
    return network


def _print(comparison: Any, as_json: bool) -> None:
    from seqshape.renderers import compare as renderer

    if as_json:
        from seqshape.renderers.data import text as json_text

        say(json_text(renderer.to_dict(comparison)))
    else:
        say(renderer.render(comparison, terminal_width(None), ascii=is_ascii(sys.stdout)))
