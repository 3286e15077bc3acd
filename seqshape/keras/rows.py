"""The rows of a walked model, as Keras's ``model.summary()`` lists them, and the sums over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from seqshape.bind.layer import Bound, Layer, is_single
from seqshape.bind.resolve import own_name
from seqshape.bind.template import LITERALS
from seqshape.dims import UNKNOWN, Dim, Size, Unknown, are_numbers
from seqshape.graph import Call, Node
from seqshape.keras.stored import is_merged
from seqshape.structure import EMPTY
from seqshape.summary import CallRecord, Row, Totals, Weight, item_bits
from seqshape.tensor import Frozen, Shape, count
from seqshape.walk.flow import Done, Flow
from seqshape.walk.loose import free
from seqshape.walk.model import Model

# The weights, the number of parameters, that of the trained ones, and the bits that they take.
Counted = tuple[tuple[Weight, ...], Dim, Dim, Size]

FEW = 500  # nodes of a network that is small anyway


class Rows:
    """The rows of a walked model, as Keras's ``model.summary()`` lists them.

    ``last``: nothing is asked of the model afterwards, so that what is known of a layer goes when its row is made.
    Rows and all that the walk knows would take half as much memory again.
    """

    def __init__(self, model: Model, *, last: bool = False) -> None:
        self.model = model
        self.walked: dict[Node, Any] = model.done  # what is let go leaves the name of its layer there
        self.last = last and len(model.done) > FEW and _is_flat(model)
        self.loose = model.graph.loose
        self.kept = set(model.order()[0])
        self.calls = model.calls()
        self.first: dict[Call, Done] = {}  # what became of the first node of a call, and of later ones
        self.later: dict[Call, list[Done]] = {}
        self.number: dict[Node, int] = {}  # of a node among those of its call, from 1 on
        self.counted: dict[int, Counted] = {}  # by the weights that equal layers share
        self.alone: dict[int, tuple[Shape | None]] = {}  # by the shape that equal layers share
        self.sums: list[tuple[Counted, int]] | None = None
        self._gather()

    def _gather(self) -> None:
        whole = self.model.graph.class_name != "Functional"
        seen: dict[Call, int] = {}
        for node, done in self.walked.items():
            call, is_kept = node.call, node in self.kept
            is_cut = done.effect is not None and done.effect.circular
            if (whole or is_kept) and not is_cut and self.first.setdefault(call, done) is not done:
                self.later.setdefault(call, []).append(done)
            if is_kept:
                number = seen[call] = seen[call] + 1 if call in seen else 0
                if number:
                    self.number[node] = number

    def rows(self) -> Iterator[Row]:
        """One row a layer; in a Sequential the InputLayer has none."""
        self.sums = [*self._held_once()] if self.last else None
        for call in self.calls:
            first = self.first.get(call)
            later = self.later.get(call, ()) if self.later else ()
            yield self._row(call, (first, *later) if first is not None else ())
            if self.last and first is not None and first.effect is not None and call not in self.later:
                self._let_go(call, first.node, first.layer)

    def _let_go(self, call: Call, node: Node, layer: Bound) -> None:
        """Forget what the walk knows of a layer with one call, all but its name."""
        self.walked[node] = layer.name
        del self.first[call]
        self.model.session.binder.bound.pop(call, None)
        self.model.weights.pop(layer, None)

    def _row(self, call: Call, done: Sequence[Done]) -> Row:
        layer = self.model.session.binder.bound.get(call)
        if layer is None:
            return _unbound(call)
        known = self.model.weights.get(layer, EMPTY if self.model.graph.followed else None)
        weights, params, trained, _ = self._counted(known, layer)
        if known is not None and not layer.trainable:
            trained = 0
        sizes: Any = params, trained, params - trained, self._macs(done)
        if not are_numbers(sizes):
            sizes = map(_known, sizes)
        params, trained, fixed, macs = sizes
        is_layer = type(layer) is Layer
        return Row(
            layer.name,
            layer.class_name,
            self._shapes(done[-1]) if done else (None,),
            params,
            trained,
            fixed,
            None if is_layer and layer.type.operation else bool(layer.trainable),
            macs,
            weights,
            tuple([self._record(found) for found in done]),
            tuple(Rows(layer).rows()) if not is_layer and isinstance(layer, Model) and layer.built else (),
            None in [found.effect for found in done],
        )

    def _counted(self, known: Mapping[str, Frozen] | None, layer: object) -> Counted:
        """The weights of a layer as a row has them, and their counts: worked out once for those that are shared."""
        if known is None:
            return (), UNKNOWN, UNKNOWN, 0
        found = self.counted.get(id(known))
        if found is None:
            items = known.items() if is_single(layer) else _once(known.items())
            found = self.counted[id(known)] = _counts(items)
        return found

    def _macs(self, done: Sequence[Done]) -> Dim:
        """The multiply-adds of all calls of a layer together."""
        if len(done) == 1 and self.loose is None:
            effect = done[0].effect
            return UNKNOWN if effect is None else effect.macs
        total: Dim = 0
        for found in done:
            total = total + free(found.effect.macs, self.loose) if found.effect is not None else UNKNOWN
        return total

    def _shapes(self, done: Done) -> tuple[Shape | None, ...]:
        """The shapes of all outputs; of one alone in a tuple that is shared."""
        if type(done.outputs) is Flow:
            return self._alone(done.outputs.tensor.shape)
        return tuple(map(self._free, done.shapes()))

    def _alone(self, shape: Shape) -> tuple[Shape | None]:
        place = id(shape)
        found = self.alone.get(place)
        if found is None:
            found = self.alone[place] = (shape if self.loose is None else self._free(shape),)
        return found

    def _free(self, shape: Shape | None) -> Shape | None:
        """A shape, with what the backend calls an unknown size unknown again."""
        return shape if shape is None or self.loose is None else tuple([free(dim, self.loose) for dim in shape])

    def _record(self, done: Done) -> CallRecord:
        flows = done.inputs
        if len(flows) == 1 and flows[0] is not None:
            flow = flows[0]
            return CallRecord(
                self._alone(flow.tensor.shape), (self._source(flow.node, flow.output),), self._shapes(done)
            )
        shapes = tuple([self._free(flow.tensor.shape) if flow is not None else None for flow in flows])
        return CallRecord(
            shapes, tuple([self._source(flow.node, flow.output) for flow in flows if flow]), self._shapes(done)
        )

    def _source(self, node: Node, output: int | None) -> tuple[str, int, int]:
        found = self.walked[node]
        if type(found) is Done:
            found = found.layer.name if found.layer is not None else node.call.class_name
        return found, self.number.get(node, 0) if self.number else 0, output or 0

    def totals(self, rows: tuple[Row, ...]) -> Totals:
        """The sums over the layers, each once; what is not known is left out and ``at_least`` says so.

        A weight inside a wrapper that is not trainable counts as trainable here and not in its row, as in Keras.
        """
        model = self.model
        once = rows if len({row.name for row in rows}) == len(rows) else tuple({row.name: row for row in rows}.values())
        params: Any = 0
        trainable: Any = 0
        size: Size = 0
        for (_, all_of_them, trained, bits), times in self._held_once() if self.sums is None else self.sums:
            params, trainable = params + all_of_them * times, trainable + trained * times
            size = size + bits * times
        trainable = trainable if model.trainable else 0
        macs: Size = 0
        lacks = bool(model.graph.lost) or self._may_hold_more()
        for row in once:
            macs = macs + row.macs if row.macs is not None else macs
            lacks = lacks or row.macs is None or row.params is None or any(map(_incomplete, row.layers))
        return Totals(
            params,
            trainable,
            params - trainable,
            size // 8,
            macs,
            lacks,
            bool(model.graph.lost),
        )

    def _may_hold_more(self) -> bool:
        """Whether a class of a program calls something unknown that has no row: it may be a layer in a list of its."""
        model, listed = self.model, self.model.graph.rows
        if listed is None:
            return False
        bound = model.session.binder.bound
        return any(
            node.call not in listed and (layer := bound.get(node.call)) is not None and layer not in model.weights
            for node in model.done
        )

    def _held_once(self) -> Iterator[tuple[Counted, int]]:
        """The weights of all layers, each once, with their counts, and how often such weights are held."""
        model = self.model
        bound: list[Any] = [*map(model.session.binder.bound.get, dict.fromkeys(self.calls))]
        layers = bound if None not in bound else [layer for layer in bound if layer is not None]
        apart = _stand_apart(layers)
        shared: dict[int, int] = {}
        others: list[tuple[str, Frozen]] = []
        for layer in layers:
            known = model.weights.get(layer, EMPTY)
            if apart or (is_single(layer) and not layer.made):
                self._counted(known, layer)
                shared[id(known)] = shared.get(id(known), 0) + 1
            else:
                others += (layer.own(known) if type(layer) is Layer else known).items()
        yield from ((self.counted[place], times) for place, times in shared.items())
        if others or None in bound:
            yield _counts(_once(others), self._unbound_weights()), 1

    def _unbound_weights(self) -> Iterator[Weight]:
        """What a file holds for layers whose arguments are wrong."""
        bound = self.model.session.binder.bound
        for call in dict.fromkeys(self.calls):
            if call not in bound:
                yield from _held(call) or ()


def _is_flat(model: Model) -> bool:
    """Whether each layer is asked for by one row at most: models inside could share layers with it, and so could lists."""
    return model.graph.rows is None and Model not in set(map(type, model.session.binder.bound.values()))


def _stand_apart(layers: list[Bound]) -> bool:
    """Whether certainly no weight of one layer is another one's too: none stands inside another."""
    nesting = [layer for layer in layers if not is_single(layer)]
    if not nesting:
        return True
    only = nesting[0] if len(nesting) == 1 else None
    inner = _inside(only) if type(only) is Layer else None
    return inner is not None and all(layer not in inner for layer in layers)


def _inside(layer: Layer) -> list[Layer] | None:
    """The layers inside one, if that is one step deep and all of its arguments are plain beside."""
    found: list[Layer] = []
    for value in layer.arguments.values():
        for item in value if type(value) is tuple else (value,):
            if type(item) is Layer and not item.nests:
                found.append(item)
            elif type(item) not in LITERALS:
                return None
    return found


def _unbound(call: Call) -> Row:
    """The row of a layer whose arguments are wrong: its parameters are those that the file holds for it, if one does."""
    row = Row(call.class_name, call.class_name, (None,), None, None, None, macs=None, faulty=True)
    weights = _held(call)
    if weights is None:
        return row
    name, (_, params, _, _) = own_name(call) or row.name, _counts((), weights)
    return row._replace(name=name, weights=weights, params=params, trainable_params=0, non_trainable_params=params)


def _held(call: Call) -> tuple[Weight, ...] | None:
    """The weights that a file holds for a layer whose arguments are wrong; ``None`` if it does not say."""
    held = call.stored() if call.stored is not None and not is_merged(call) else None
    if held is None:
        return None
    return tuple(Weight(f"{number}/{one.path}", one.shape, one.dtype, None) for number, one in enumerate(held))


def _known(size: Dim) -> Size | None:
    return None if isinstance(size, Unknown) else size


def _once(weights: Iterable[tuple[str, Frozen]]) -> Iterable[tuple[str, Frozen]]:
    """Each weight once: a layer that stands in several places has one set of them."""
    once = {id(weight): (path, weight) for path, weight in reversed([*weights])}
    return reversed(once.values())


def _counts(items: Iterable[tuple[str, Frozen]], others: Iterable[Weight] = ()) -> Counted:
    """Weights as a row has them and ``others``; the parameters of all, those of the trained ones, and their bits.

    The trained ones are UNKNOWN if the source does not say of one of the weights whether it is.
    """
    weights = [Weight(path, tuple(weight.shape), weight.dtype or "float32", weight.trainable) for path, weight in items]
    weights += others
    params: Size = 0
    trained: Dim = 0
    bits: Size = 0
    for weight in weights:
        number = count(weight.shape)
        params = params + number
        bits = bits + item_bits(weight.dtype) * number
        if weight.trainable is None:
            trained = UNKNOWN
        elif weight.trainable:
            trained = trained + number
    return tuple(weights), params, trained, bits


def _incomplete(row: Row) -> bool:
    return row.params is None or row.macs is None or any(map(_incomplete, row.layers))
