"""The rows of a walked model, as Keras's ``model.summary()`` lists them, and the sums over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from seqshape.bind.layer import Layer
from seqshape.bind.resolve import own_name
from seqshape.dims import UNKNOWN
from seqshape.graph import Call, Node
from seqshape.keras.stored import is_merged
from seqshape.summary import CallRecord, Row, Totals, Weight, memory
from seqshape.tensor import Frozen, count
from seqshape.walk.flow import Done
from seqshape.walk.model import Model


class Rows:
    """The rows of a walked model, as Keras's ``model.summary()`` lists them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.nodes, self.calls = model.order()
        self.number: dict[Node, int] = {}
        seen: dict[Any, int] = {}
        kept = set(self.nodes)
        for node in model.done:
            if node in kept:
                self.number[node] = seen.get(node.call, 0)
                seen[node.call] = self.number[node] + 1

    def rows(self) -> Iterator[Row]:
        """One row a layer; in a Sequential the InputLayer has none."""
        by_call: dict[Any, list[Done]] = {}
        kept = set(self.nodes) if self.model.graph.class_name == "Functional" else None
        for node, done in self.model.done.items():
            if (kept is None or node in kept) and not (done.effect is not None and done.effect.circular):
                by_call.setdefault(node.call, []).append(done)
        for call in self.model.calls():
            yield self._row(call, by_call.get(call, []))

    def _row(self, call: Any, done: list[Done]) -> Row:
        layer = self.model.session.binder.get(call)
        if layer is None:
            return _unbound(call)
        effects = [found.effect for found in done if found.effect is not None]
        known = self.model.weights.get(layer)
        weights = tuple(_weights((known or {}).items()))
        last = done[-1] if done else None
        row = Row(
            layer.name,
            layer.class_name,
            last.shapes() if last is not None else (None,),
            trainable=None if _is_operation(layer) else bool(layer.trainable),
            macs=_known(_sum(effect.macs for effect in effects)) if len(effects) == len(done) else None,
            weights=weights,
            calls=tuple(self._record(found) for found in done),
            layers=tuple(Rows(layer).rows()) if isinstance(layer, Model) and layer.built else (),
            faulty=len(effects) < len(done),
        )
        if known is None:
            return row._replace(params=None, trainable_params=None, non_trainable_params=None)
        return _counted(row)

    def _record(self, done: Done) -> CallRecord:
        flows = [flow for flow in done.inputs if flow is not None]
        return CallRecord(
            tuple(flow.tensor.shape if flow is not None else None for flow in done.inputs),
            tuple(self._source(flow.ref) for flow in flows),
            done.shapes(),
        )

    def _source(self, ref: Any) -> tuple[str, int, int]:
        layer = self.model.done[ref.node].layer
        name = layer.name if layer is not None else ref.node.call.class_name
        return (name, self.number.get(ref.node, 0), ref.output or 0)


def _unbound(call: Call) -> Row:
    """The row of a layer whose arguments are wrong: its parameters are those that the file holds for it, if one does."""
    row = Row(call.class_name, call.class_name, (None,), None, None, None, macs=None, faulty=True)
    weights = _held(call)
    return row if weights is None else _counted(row._replace(name=own_name(call) or row.name, weights=weights))


def _held(call: Call) -> tuple[Weight, ...] | None:
    """The weights that a file holds for a layer whose arguments are wrong; ``None`` if it does not say."""
    held = call.stored() if call.stored is not None and not is_merged(call) else None
    if held is None:
        return None
    return tuple(Weight(f"{number}/{one.path}", one.shape, one.dtype, None) for number, one in enumerate(held))


def _is_operation(layer: Any) -> bool:
    return isinstance(layer, Layer) and bool(layer.type.operation)


def _weights(weights: Iterable[tuple[str, Frozen]]) -> Iterator[Weight]:
    """Each weight once: a layer that stands in several places has one set of them."""
    seen: set[int] = set()
    for path, weight in weights:
        if id(weight) not in seen:
            seen.add(id(weight))
            yield Weight(path, tuple(weight.shape), weight.dtype or "float32", weight.trainable)


def _known(size: Any) -> Any:
    return None if size is UNKNOWN else size


def _sum(sizes: Iterator[Any]) -> Any:
    total: Any = 0
    for size in sizes:
        total = total + size
    return total


def _counted(row: Row) -> Row:
    params = _sum(count(weight.shape) for weight in row.weights)
    trainable = _trained(row.weights) if row.trainable else 0
    return row._replace(
        params=params, trainable_params=_known(trainable), non_trainable_params=_known(params - trainable)
    )


def _trained(weights: Iterable[Weight]) -> Any:
    """The number of trained parameters; UNKNOWN if the source does not say it of one of the weights."""
    listed = list(weights)
    if any(weight.trainable is None for weight in listed):
        return UNKNOWN
    return _sum(count(weight.shape) for weight in listed if weight.trainable)


def totals(rows: tuple[Row, ...], model: Model) -> Totals:
    """The sums over the layers, each once; what is not known is left out and ``at_least`` says so.

    A weight inside a wrapper that is not trainable counts as trainable here and not in its row, as in Keras.
    """
    once = {row.name: row for row in rows}
    held = (item for layer in model.layers() for item in (model.weights.get(layer) or {}).items())
    unbound = (call for call in dict.fromkeys(model.calls()) if model.session.binder.get(call) is None)
    weights = [*_weights(held), *(weight for call in unbound for weight in _held(call) or ())]
    params, trainable = _sum(count(weight.shape) for weight in weights), _trained(weights) if model.trainable else 0
    return Totals(
        params,
        trainable,
        params - trainable,
        memory(weights),
        _sum(row.macs for row in once.values() if row.macs is not None),
        at_least=bool(model.graph.lost) or any(map(_incomplete, once.values())),
        unplaced=bool(model.graph.lost),
    )


def _incomplete(row: Row) -> bool:
    return row.params is None or row.macs is None or any(map(_incomplete, row.layers))
