"""``seqshape compare``: two networks side by side, or any number in a table."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from seqshape.cli.common import Inputs, Settings, SpecType, analysed, input_options, load_options, width_option
from seqshape.cli.printing import complain, is_ascii, say, status, terminal_width
from seqshape.cli.words import Failure, Misuse, argument, declared, option
from seqshape.diagnostics import SeqshapeError

if TYPE_CHECKING:
    from seqshape.analysis.compare import Comparison
    from seqshape.estimate import Load
    from seqshape.network import Network

EXAMPLES = (
    "seqshape compare 'GRU(16,seq)>TD(Dense(8))' 'GRU(16,seq)>Dense(8)' -i 64,15",
    "seqshape compare old.json new.json --json | jq .same",
    "seqshape compare 'LSTM(32,seq)' 'GRU(36,seq)' 'Conv1D(64,9,same)' -i 100,8",
)


class Incomparable(Failure):
    """A sentence, and exit status 2."""

    status = 2


@declared("compare", examples=EXAMPLES)
@argument("sources", type=SpecType(), rest=True, metavar="LEFT RIGHT [MORE]…")
@input_options
@option("--json", "as_json", is_flag=True, help="print JSON")
@width_option
@load_options
def command(
    sources: tuple[str, ...], inputs: Inputs, settings: Settings, kind: str | None, as_json: bool, width: int | None,
    batch: int | None, optimizer: str | None, dtype: str | None,
) -> None:  # fmt: skip
    """Compare networks, each a spec or a file; -i and --set hold for all.

    Two that differ in words alone are the same network; others are run with the same random weights, which shows
    whether they are, whatever the layers are called. Exit status: 0 the same network, 1 different ones, 2 they could not
    be compared. More than two are shown in a table of what they cost and how many steps they see, the best of each
    marked; exit status 0.
    """
    from seqshape.answers import compared

    if len(sources) < 2:
        raise Misuse("there is nothing to compare it with: give two sources, or more")
    load = _load(batch, optimizer)
    networks = [_network(source, inputs, settings, kind, dtype) for source in sources]
    if len(sources) > 2:
        _rank(networks, sources, load, as_json, width)
        return
    left, right = sources
    try:
        comparison = compared(*networks, one_source=lambda: is_one_source(left, right))
    except SeqshapeError as error:
        complain([found for network in networks for found in network.diagnostics])
        raise Incomparable(error.diagnostics[0].message) from None
    _print(comparison, as_json, width)
    sys.exit(_status(comparison))


def _load(batch: int | None, optimizer: str | None) -> Load:
    """Of what the memory is. Raises Misuse for an optimizer that is none."""
    from seqshape import door

    try:
        return door.load(batch, optimizer)
    except SeqshapeError as error:
        raise Misuse(error.diagnostics[0].message) from None


def _rank(networks: list[Network], sources: tuple[str, ...], load: Load, as_json: bool, width: int | None) -> None:
    """Print a table of any number of networks."""
    from seqshape.analysis.ranking import rank
    from seqshape.renderers import ranking as renderer
    from seqshape.renderers.data import text

    ranking = rank(networks, sources, load)
    if as_json:
        say(text(renderer.to_dict(ranking)))
    else:
        say(renderer.render(ranking, terminal_width(width), ascii=is_ascii(sys.stdout)))


def _status(comparison: Comparison) -> int:
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


def _network(source: str, inputs: Inputs, settings: Settings, kind: str | None, dtype: str | None) -> Network:
    """A network that can be compared: a faulty one ends the command with status 2."""
    try:
        network = analysed(source, inputs, settings, kind, dtype=dtype)
    except SeqshapeError as error:
        complain(error.diagnostics)
        sys.exit(2)
    complain([found for found in network.diagnostics if found.severity == "error"])
    if status(network.diagnostics):
        sys.exit(2)
    return network


def _print(comparison: Comparison, as_json: bool, width: int | None) -> None:
    from seqshape.renderers import compare as renderer

    if as_json:
        from seqshape.renderers.data import text as json_text

        say(json_text(renderer.to_dict(comparison)))
    else:
        say(renderer.render(comparison, terminal_width(width), ascii=is_ascii(sys.stdout)))
