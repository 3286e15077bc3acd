"""``seqshape solve``: the largest size that a budget allows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from seqshape.cli.check import Amount
from seqshape.cli.common import (
    Inputs,
    Ranges,
    SpecType,
    asked_load,
    given_inputs,
    load_options,
    range_options,
    source_text,
    values,
)
from seqshape.cli.printing import leave, say, tell
from seqshape.cli.words import Kind, Whole, argument, declared, option
from seqshape.diagnostics import SeqshapeError

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    class Words(TypedDict):
        """What is asked for, as the library takes it."""

        params: int | None
        trainable_params: int | None
        macs: int | None
        bytes: int | None
        memory: int | None
        receptive_field: int | None
        match: str | None
        tie: tuple[int, ...]


EXAMPLES = (
    "seqshape solve 'LSTM(?,seq)>TD(Dense(1))' -i 100,8 --params 50k",
    "seqshape solve 'U = ?; LSTM(U,seq)>LSTM(U)>Dense(10)' -i 100,40 --params 1M",
    "seqshape solve 'LSTM(?,seq)>LSTM(?)' -i 100,8 --params 1M --tie 2:1",
    "seqshape solve 'LSTM(?,seq)>TD(Dense(1))' -i 100,8 --memory 8GB --batch 32 --optimizer adam",
    "seqshape solve 'Conv1D(8,?,causal)' -i 1000,8 --receptive-field 500",
)


class Ratio(Kind):
    """``2:1``."""

    name = "ratio"

    def read(self, word: str) -> object:
        """The numbers."""
        items = word.split(":")
        if not all(item.isascii() and item.isdigit() and int(item[:9]) > 0 and len(item) < 10 for item in items):
            raise ValueError(f"{word!r} is no ratio: write 1:1 or 4:2:1")
        return tuple(map(int, items))


@declared("solve", examples=EXAMPLES)
@argument("source", type=SpecType())
@range_options
@option("--params", type=Amount(), metavar="N", help="at most so many parameters: 1000000, 1M, 64Ki")
@option("--trainable-params", type=Amount(), metavar="N", help="at most so many trainable parameters")
@option("--macs", type=Amount(), metavar="N", help="at most so many multiply-adds for one sample")
@option("--bytes", type=Amount(), metavar="N", help="at most so many bytes of weights")
@option("--memory", type=Amount(), metavar="N", help="at most so many bytes of memory, estimated: 8GB, 512MiB")
@load_options
@option("--receptive-field", type=Whole(1), metavar="N", help="the smallest size that sees so many steps")
@option("--match", type=SpecType(), metavar="SOURCE", help="no more parameters than this network has")
@option("--tie", type=Ratio(), default=(), metavar="RATIO", help="the ratio of several unknown sizes: 2:1")
@option("--json", "as_json", is_flag=True, help="print JSON")
def command(
    source: str,
    inputs: Inputs,
    settings: Ranges,
    kind: str | None,
    as_json: bool,
    batch: int | None,
    optimizer: str | None,
    dtype: str | None,
    **options: Unpack[Words],
) -> None:
    """Find the largest value of a size that is written ? (LSTM(?), U = ?) within a budget, exactly.

    Several sizes are tied with --tie; two that are not are enumerated, the best use of the budget first. Choices and
    ranges (LSTM, GRU; 2..8) give an answer each. Exit status 1 if no size fits.
    """
    from seqshape.api import solve

    load = asked_load(batch, optimizer, dtype)
    try:
        found = solve(source_text(source), given_inputs(inputs), values=values(settings), kind=kind, **load, **options)
    except SeqshapeError as error:
        leave(error)
    if as_json:
        say(json.dumps(found.to_dict()))
    else:
        tell(str(found))
