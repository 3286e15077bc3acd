"""Columns of costs that a plain summary does not have: FLOPs, bytes of weights, of what layers give, of what they carry on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from seqshape.analysis.liveness import BATCH_NAME, Flat, held_bytes, memory_of, walk_of
from seqshape.analysis.optimizers import bytes_of
from seqshape.dims import UNKNOWN, Dim, Size, Unknown, evaluate
from seqshape.layers.memory import size_of
from seqshape.summary import COSTS, Row, Summary, memory, own_weights
from seqshape.walk.flow import Done, flat
from seqshape.walk.model import Model

if TYPE_CHECKING:
    from seqshape.network import Network

TRAINING = 3  # a step of training is taken for so many runs: forward, and two products for each on the way back


def count_costs(summary: Summary, network: Network, columns: Sequence[str]) -> Summary:
    """The summary with the costs that are among ``columns``, of one sample, in its rows and in its totals."""
    wanted = [name for name in COSTS if name in columns]
    rows = tuple(_rows(network.model, summary.layers, wanted))
    once = {row.name: row for row in rows}
    totals = {name: _total(row.costs[name] for row in once.values()) for name in wanted if name != "bytes"}
    if "flops" in totals:
        flops = None if summary.lacks("macs") else 2 * summary.totals.macs
        totals |= {"flops": flops, "training_flops_estimate": None if flops is None else TRAINING * flops}
    return summary._replace(layers=rows, costs=totals)


def _total(counts: Iterable[Size | None]) -> Size | None:
    """Their sum; ``None`` where one is not known."""
    total: Size = 0
    for count in counts:
        if count is None:
            return None
        total = total + count
    return total


def _rows(model: Model, rows: Sequence[Row], wanted: Sequence[str]) -> Iterator[Row]:
    """The rows of a model with their costs, and so those of the models in it."""
    by_call: dict[object, list[Done]] = {}
    for node, done in model.done.items():
        by_call.setdefault(node.call, []).append(done)
    for row, call in zip(rows, model.calls(), strict=True):
        layer = model.session.binder.bound.get(call)
        inner = tuple(_rows(layer, row.layers, wanted)) if isinstance(layer, Model) and row.layers else row.layers
        calls = [done for done in by_call.get(call, []) if done.node not in model.ports]
        yield row._replace(costs={name: _cost(name, row, calls) for name in wanted}, layers=inner)


def _cost(name: str, row: Row, calls: Sequence[Done]) -> Size | None:
    if name == "bytes":
        return None if row.params is None else memory(own_weights(row))
    if name == "flops":
        return None if row.macs is None else 2 * row.macs
    total: Dim = 0
    for done in calls:
        total = total + (_activations(done) if name == "activations" else _context(done))
    total = total if isinstance(total, Unknown) or row.faulty else evaluate(total, {BATCH_NAME: 1})
    return None if isinstance(total, Unknown) or row.faulty else total


def _inside(done: Done) -> Flat | None:
    """What is inside a call of a model, laid flat."""
    if not isinstance(done.layer, Model) or done.effect is None:
        return None
    return Flat(done.layer, walk_of(done.layer, done.effect))


def _activations(done: Done) -> Dim:
    """The bytes of the tensors that a call makes when the network runs; a view of another one takes none."""
    laid = _inside(done)
    total: Dim = 0
    if laid is not None:
        for step in laid.steps:
            for key in step.writes:
                total = total + (laid.bytes(key) if laid.at_rest(key) == key else 0)
        return total
    held = memory_of(done)
    if held is not None and (held.view or held.idle):
        return 0
    if done.outputs is None:
        return UNKNOWN
    for flow in flat(done.outputs):
        total = total + size_of(flow.tensor) * bytes_of(flow.tensor.dtype)
    return total


def _context(done: Done) -> Dim:
    """The bytes that are carried from step to step: states, and the keys and values of all places before."""
    laid = _inside(done)
    total: Dim = 0
    if laid is not None:
        held = [(one, step.layer) for step in laid.steps if step.memory for one in step.memory.context]
        known = all(step.memory is not None for step in laid.steps)
    else:
        found = memory_of(done)
        held, known = [(one, done.layer) for one in found.context] if found else [], found is not None
    for one, layer in held:
        total = total + held_bytes(one, layer)
    return total if known else UNKNOWN
