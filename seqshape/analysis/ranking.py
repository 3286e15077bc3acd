"""Any number of networks in one table: what each costs and sees, and which is the best."""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.analysis.memory import peaks
from seqshape.analysis.timesteps import timesteps
from seqshape.diagnostics import SeqshapeError
from seqshape.dims import Size
from seqshape.estimate import Load
from seqshape.faces import as_data, drawn
from seqshape.network import Network
from seqshape.records import Record
from seqshape.tensor import Shape

COLUMNS = ("params", "macs", "bytes", "memory", "receptive_field")
LARGE = frozenset({"receptive_field"})  # what is better when it is larger


class Contender(Record):
    """One network of a ranking: its source, its outputs, and what it costs; ``None`` where that is not known.

    ``bytes`` is the memory of the weights, ``memory`` an estimate of that of a run or of a step of training,
    ``receptive_field`` the most input steps that one output step sees; it is
    ``None`` too for an input without steps.
    """

    source: str
    output_shapes: tuple[Shape | None, ...]
    params: Size | None
    macs: Size | None
    bytes: Size | None
    memory: Size | None
    receptive_field: int | None


class Ranking(Record):
    """Networks in the order in which they were given; ``best``: for each column the numbers of the best ones.

    ``load``: of what the memory is.
    """

    contenders: tuple[Contender, ...]
    best: dict[str, tuple[int, ...]]
    load: Load = Load()

    def to_dict(self) -> dict[str, object]:
        """The object of ``compare A B C --json``."""
        return as_data("ranking", self)

    def __str__(self) -> str:
        return drawn("ranking", self)


def rank(networks: Sequence[Network], sources: Sequence[str], load: Load = Load()) -> Ranking:
    """A table of networks without faults; ``load``: of what their memory is."""
    found = tuple(_contender(network, source, load) for network, source in zip(networks, sources, strict=True))
    return Ranking(found, {name: _best(name, [getattr(one, name) for one in found]) for name in COLUMNS}, load)


def _contender(network: Network, source: str, load: Load) -> Contender:
    summary = network.summary()
    counts = {name: None if summary.lacks(name) else getattr(summary.totals, name) for name in COLUMNS[:3]}
    found = peaks(network, load)
    memory = found[0] if found is not None and len(found) == 1 else None
    shapes = tuple(port.shape for port in summary.outputs)
    return Contender(source, shapes, **counts, memory=memory, receptive_field=_field(network))


def _field(network: Network) -> int | None:
    """The receptive field; ``None`` for what has no steps, or sizes without a number."""
    if not all(len(tensor.shape) > 2 for tensor in network.model.inputs.values()):
        return None
    try:
        return timesteps(network).field
    except SeqshapeError:
        return None


def _best(name: str, values: Sequence[Size | None]) -> tuple[int, ...]:
    """The places of the best numbers; none where all are the same, or one is a formula."""
    numbers = [value for value in values if isinstance(value, int)]
    if len({*numbers}) < 2 or any(not isinstance(value, int) for value in values if value is not None):
        return ()
    best = max(numbers) if name in LARGE else min(numbers)
    return tuple(place for place, value in enumerate(values) if value == best)
