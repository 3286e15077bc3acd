"""The rows of a walked model, as Keras's ``model.summary()`` lists them, and the sums over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from seqshape.bind.layer import Layer
from seqshape.bind.resolve import own_name
from seqshape.dims import UNKNOWN
from seqshape.graph import Call, Node
from seqshape.keras.stored import is_merged
from seqshape.summary import CallRecord, Row, Totals, Weight, memory
from seqshape.tensor import Effect, Frozen, Shape, count
from seqshape.walk.flow import Done
from seqshape.walk.loose import free
from seqshape.walk.model import Model


class Rows:
    """The rows of a walked model, as Keras's ``model.summary()`` lists them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.loose = model.graph.loose
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
        layer = self.model.session.binder.bound.get(call)
        if layer is None:
            return _unbound(call)
        known = self.model.weights.get(layer, {} if self.model.graph.followed else None)
        weights = _weights(known.items()) if known else ()
        params, trained = _counts(weights) if known is not None else (UNKNOWN, UNKNOWN)
        if known is not None and not layer.trainable:
            trained = 0
        effects = [found.effect for found in done]
        return Row(
            layer.name,
            layer.class_name,
            self._shapes(done[-1].shapes()) if done else (None,),
            _known(params),
            _known(trained),
            _known(params - trained),
            trainable=None if type(layer) is Layer and layer.type.operation else bool(layer.trainable),
            macs=_known(self._macs(effects)),
            weights=weights,
            calls=tuple([self._record(found) for found in done]),
            layers=tuple(Rows(layer).rows()) if isinstance(layer, Model) and layer.built else (),
            faulty=None in effects,
        )

    def _macs(self, effects: Sequence[Effect | None]) -> Any:
        """The multiply-adds of all calls of a layer together."""
        total: Any = 0
        for effect in effects:
            total = total + free(effect.macs, self.loose) if effect is not None else UNKNOWN
        return total

    def _record(self, done: Done) -> CallRecord:
        shapes, sources = [], []
        for flow in done.inputs:
            shapes.append(flow.tensor.shape if flow is not None else None)
            if flow is not None:
                node, output = flow.ref
                layer = self.model.done[node].layer
                name = layer.name if layer is not None else node.call.class_name
                sources.append((name, self.number.get(node, 0), output or 0))
        return CallRecord(self._shapes(shapes), tuple(sources), self._shapes(done.shapes()))

    def _shapes(self, shapes: Sequence[Shape | None]) -> tuple[Shape | None, ...]:
        """The shapes, with what the backend calls an unknown size unknown again."""
        if self.loose is None:
            return tuple(shapes)
        return tuple(None if shape is None else tuple([free(dim, self.loose) for dim in shape]) for shape in shapes)


def _unbound(call: Call) -> Row:
    """The row of a layer whose arguments are wrong: its parameters are those that the file holds for it, if one does."""
    row = Row(call.class_name, call.class_name, (None,), None, None, None, macs=None, faulty=True)
    weights = _held(call)
    if weights is None:
        return row
    name, (params, _) = own_name(call) or row.name, _counts(weights)
    return row._replace(name=name, weights=weights, params=params, trainable_params=0, non_trainable_params=params)


def _held(call: Call) -> tuple[Weight, ...] | None:
    """The weights that a file holds for a layer whose arguments are wrong; ``None`` if it does not say."""
    held = call.stored() if call.stored is not None and not is_merged(call) else None
    if held is None:
        return None
    return tuple(Weight(f"{number}/{one.path}", one.shape, one.dtype, None) for number, one in enumerate(held))


def _known(size: object) -> Any:
    return None if size is UNKNOWN else size


def _weights(weights: Iterable[tuple[str, Frozen]]) -> tuple[Weight, ...]:
    """Each weight once: a layer that stands in several places has one set of them."""
    once = {id(weight): (path, weight) for path, weight in reversed([*weights])}
    return tuple(
        [
            Weight(path, tuple(weight.shape), weight.dtype or "float32", weight.trainable)
            for path, weight in reversed(once.values())
        ]
    )


def _counts(weights: Iterable[Weight]) -> tuple[Any, Any]:
    """The number of parameters, and of the trained ones; UNKNOWN if the source does not say it of one of the weights."""
    params: Any = 0
    trained: Any = 0
    for weight in weights:
        number = count(weight.shape)
        params = params + number
        if weight.trainable is None:
            trained = UNKNOWN
        elif weight.trainable:
            trained = trained + number
    return params, trained


def totals(rows: tuple[Row, ...], model: Model) -> Totals:
    """The sums over the layers, each once; what is not known is left out and ``at_least`` says so.

    A weight inside a wrapper that is not trainable counts as trainable here and not in its row, as in Keras.
    """
    once = {row.name: row for row in rows}
    held = [item for layer in model.layers() for item in (model.weights.get(layer) or {}).items()]
    unbound = (call for call in dict.fromkeys(model.calls()) if model.session.binder.get(call) is None)
    weights = [*_weights(held), *(weight for call in unbound for weight in _held(call) or ())]
    params, trainable = _counts(weights)
    trainable = trainable if model.trainable else 0
    macs: Any = 0
    for row in once.values():
        macs = macs + row.macs if row.macs is not None else macs
    return Totals(
        params,
        trainable,
        params - trainable,
        memory(weights),
        macs,
        at_least=bool(model.graph.lost) or any(map(_incomplete, once.values())),
        unplaced=bool(model.graph.lost),
    )


def _incomplete(row: Row) -> bool:
    return row.params is None or row.macs is None or any(map(_incomplete, row.layers))
