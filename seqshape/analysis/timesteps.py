"""Which output steps can see which input steps: the reach that rules declare, worked out exactly for one network.

The state of a tensor is a boolean array: one axis for each of its axes after the batch, and a last one over the steps
of the input. An axis along which all positions see the same has length 1, so wide features cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.dims import Inconclusive, Unknown
from seqshape.graph import Graph, Node, Ref
from seqshape.reach import Reach
from seqshape.records import NamedTuple, Record
from seqshape.tensor import Shape, show
from seqshape.walk.flow import Done, Flow, flat

if TYPE_CHECKING:
    from seqshape.network import Network

    Matrix = Any  # rows of 0 and 1 or of bool: tuples or an array
    Sight = Any  # np.ndarray of bool; numpy's own stubs cannot say that any(axis=…) is one again

Item = TypeVar("Item")
LARGEST = 400_000_000  # elements of a state that is written out in full
FEWEST = 4  # states that are held at once, however few layers there are
# What arrays answer where a layer that builds, but cannot run, says a shape that nothing has.
UNFIT = (IndexError, MemoryError, OverflowError, ValueError)
WITHOUT_NUMBERS = (
    "the steps can be counted only where every size is a number",
    "give it with -i or --set, such as --set T=12",
)
UNSEEN = "not known"  # the label of a layer that no rule tells what it sees


class LayerReach(Record):
    """How the steps of one layer's output see the steps of its own input; ``label`` says it in words."""

    name: str
    class_name: str
    label: str


class Reached(Record):
    """What the network's output steps see of the input's.

    ``rows``: an array of bool, one row an output step, one column an input step; an output that is no sequence has one
    row. ``field`` is the largest stretch of input steps that one output step sees, ``stride`` how far it moves from one
    output step to the next (``None`` where it does not move evenly; below 0 for steps in reverse), ``ahead`` how many
    steps it looks into the future. Behind a layer that seqshape does not know, ``rows``, ``field``, ``stride``,
    ``ahead`` and ``causal`` are ``None``; ``unknown`` names such layers.
    """

    input_name: str
    input_shape: Shape
    output_shape: Shape | None
    rows: Sight | None
    layers: tuple[LayerReach, ...]
    field: int | None
    stride: int | None
    ahead: int | None
    causal: bool | None
    unknown: tuple[str, ...] = ()

    @property
    def matrix(self) -> tuple[tuple[int, ...], ...]:
        """The rows as numbers, 1 for a step that is seen; none where it is not known."""
        return () if self.rows is None else tuple(tuple(map(int, row)) for row in self.rows.tolist())

    def to_dict(self) -> dict[str, Any]:
        """The object of ``timesteps --json``."""
        from seqshape.renderers.timesteps import to_dict

        return to_dict(self)

    def __str__(self) -> str:
        from seqshape.renderers.timesteps import render

        return render(self)


def timesteps(network: Network, input_number: int = 0, output_number: int = 0) -> Reached:
    """The reach of one output over the steps (axis 1) of one input.

    Raises SeqshapeError if the network is faulty, has no such input or output, the input has too many steps, or a size on
    the way has no number.
    """
    _check(network)
    model = network.model
    node = _numbered(model.graph.inputs, input_number, "input")
    flow = _numbered(model.results(), output_number, "output")
    shape = model.inputs[node].shape
    steps = _number(shape[1] if len(shape) > 1 else 1)
    _check_size(steps, len(model.done))
    rows = None if flow is None else _rows(network, node, flow, steps)
    layers = tuple(_labels(network))
    unknown = tuple(layer.name for layer in layers if layer.label == UNSEEN)
    name, out = model.session.binder.get(node.call).name, None if flow is None else flow.tensor.shape
    if rows is None:
        return Reached(name, shape, out, None, layers, None, None, None, None, unknown)
    field, stride, ahead = measure(rows)
    return Reached(name, shape, out, rows, layers, field, stride, ahead, ahead == 0, unknown)


def require_steps(network: Network, input_number: int = 0) -> None:
    """Raises SeqshapeError if an input has features and no steps, so that its axis 1 would be called what it is not."""
    _check(network)
    shape = network.model.inputs[_numbered(network.model.graph.inputs, input_number, "input")].shape
    if not _has_steps(network, shape):
        message = f"an input of the shape {show(shape)} has no steps"
        _refuse("E201", message, "steps are the first of two or more dims: -i 12,4")


def _has_steps(network: Network, shape: Shape) -> bool:
    """Whether an input is a sequence: of features, or of numbers that a layer (Embedding) makes features of."""
    flows = (flow for done in network.model.done.values() for flow in flat(done.outputs))
    return len(shape) > 2 or (len(shape) == 2 and any(len(flow.tensor.shape) > 2 for flow in flows))


def _rows(network: Network, node: Node, flow: Flow, steps: int) -> Sight | None:
    """The matrix; ``None`` where it depends on what an unknown layer sees: on whether that is all or nothing."""
    import numpy as np

    model = network.model
    found = []
    for guess in (Guess(steps, True), Guess(steps, False)):
        sources = {
            other: _source(model.inputs[other].shape, steps if other is node else 0, steps) for other in model.inputs
        }
        states = walk_states(model.graph, model.done, sources, guess=guess)
        found.append(by_step(states[flow.ref.node][flow.ref.output or 0], flow.tensor.shape))
        if not guess.used:
            return found[0]
    return found[0] if np.array_equal(*found) else None


def _numbered(items: Sequence[Item], number: int, noun: str) -> Item:
    """An input or an output. Raises SeqshapeError if there are not so many."""
    if number >= len(items):
        there = "no" if not items else "only one" if len(items) == 1 else f"only {len(items)}"
        ends = "s" if len(items) > 1 else ""
        _refuse("E301", f"there is no {noun} {number}: the network has {there} {noun}{ends}", "they are counted from 0")
    return items[number]


def _check_size(steps: int, layers: int) -> None:
    """Raises SeqshapeError where the states of all layers would not fit into the memory, or take minutes."""
    most = int((LARGEST / max(layers, FEWEST)) ** 0.5)
    if steps > most:
        message = f"{steps:,} steps through {layers} layers are too many: at most {most:,} can be worked out here"
        _refuse("E207", message, "ask for fewer steps with -i: what layers do to them stays the same")


def _refuse(code: str, message: str, help: str | None = None) -> NoReturn:
    raise SeqshapeError((Diagnostic(code, "error", message, help=help),))


def _check(network: Network) -> None:
    wrong = tuple(found for found in network.diagnostics if found.severity == "error")
    if wrong:
        raise SeqshapeError(tuple(network.diagnostics), None)
    for node in network.model.graph.inputs:
        for dim in network.model.inputs[node].shape[1:]:
            _number(dim)


def _number(dim: Any) -> int:
    if isinstance(dim, int):
        return dim
    message, help = WITHOUT_NUMBERS
    _refuse("E305", f"{message}, but one is {dim}", help)


def _taps_inside(size: int, first: int, last: int, dilation: int) -> range:
    """Those taps of a window of ``size`` that are ever between two places: the others always look beyond an end."""
    return range(max(0, -(-first // dilation)), min(size, last // dilation + 1))


def _require_room(*sizes: float) -> None:
    """Raises SeqshapeError for a state of more elements than can be held."""
    if prod(sizes) > LARGEST:
        _refuse("E207", "the tensors inside are too large to say for every element which steps it sees")


def _source(shape: Shape, steps: int, columns: int) -> Sight:
    """The state of an input: every step sees itself; of another input than the one asked about, nothing."""
    import numpy as np

    rank = max(len(shape) - 1, 1)
    _require_room(columns, columns if steps else 1)
    if not steps:
        return np.zeros((1,) * rank + (columns,), dtype=bool)
    return np.eye(columns, dtype=bool).reshape((columns, *(1,) * (rank - 1), columns))


class Guess:
    """What is taken for what unknown layers see: everything (``full``) or nothing; ``used`` if there is such a layer."""

    def __init__(self, columns: int, full: bool) -> None:
        self.columns = columns
        self.full = full
        self.used = False


def walk_states(
    graph: Graph,
    done: dict[Node, Done],
    sources: dict[Node, Sight],
    lead: int = 0,
    leading: tuple[int, ...] = (),
    guess: Guess | None = None,
) -> dict[Node, list[Sight]]:
    """The state of every node's outputs. ``lead``: how many axes stand before each tensor's own (TimeDistributed)."""
    guess = guess or Guess(0, True)
    states: dict[Node, list[Sight]] = {node: [source] for node, source in sources.items()}
    for node, found in done.items():
        if node in states or found.effect is None or found.effect.circular:  # Keras leaves such a one out
            continue
        inputs = [
            view_of(states[flow.ref.node][flow.ref.output or 0], flow.tensor.shape) for flow in found.operands() if flow
        ]
        outputs = flat(found.outputs)
        each = found.effect.reach if isinstance(found.effect.reach, tuple) else (found.effect.reach,) * len(outputs)
        states[node] = [
            Sighting(inputs, lead, leading, guess).of(reach, flow.tensor.shape)
            for reach, flow in zip(each, outputs, strict=True)
        ]
    return states


class View(NamedTuple):
    """A state with the real sizes of its own axes; ``None`` where a product has changed one.

    ``alone``: the tensor has a batch and nothing else; the one axis here, of length 1, stands for none.
    """

    seen: Sight
    sizes: tuple[int | None, ...]
    alone: bool = False


def view_of(seen: Sight, shape: Shape) -> View:
    """A state of a tensor of that shape."""
    return View(seen, _sizes(shape), len(shape) < 2)


# Steps along one axis, their first parameter.
ALONG = frozenset({"past", "flip", "window", "spread", "repeat", "slice", "pad", "pieces", "resample", "join"})


class Sighting:
    """Evaluates the reach of one layer over the states and shapes of its inputs.

    ``lead`` axes stand before each tensor's own: the steps of a TimeDistributed around it, ``leading`` their sizes.
    """

    def __init__(self, inputs: list[View], lead: int, leading: tuple[int, ...], guess: Guess | None = None) -> None:
        import numpy

        self.np = numpy
        self.inputs = inputs
        self.lead = lead
        self.leading = leading
        self.guess = guess or Guess(inputs[0].seen.shape[-1] if inputs else 0, True)
        self.memo: dict[int, View] = {}

    def of(self, reach: Reach, shape: Shape) -> Sight:
        """The state of an output of that shape. Raises SeqshapeError where it would be too large."""
        if len(shape) > 2 and isinstance(shape[1], int) and shape[1] * self.guess.columns > LARGEST:
            _refuse("E207", f"{shape[1]:,} steps that each see some of {self.guess.columns:,} are too many to be held")
        try:
            seen = self.evaluate(reach).seen
        except (Inconclusive, TypeError):
            _refuse("E305", *WITHOUT_NUMBERS)
        except UNFIT:
            _refuse("E207", "the sizes that Keras says do not fit what this network does with its steps")
        missing = len(shape) - 1 + self.lead - (seen.ndim - 1)
        seen = seen.reshape(seen.shape[:-1] + (1,) * max(missing, 0) + seen.shape[-1:])
        for axis, dim in enumerate(shape[1:], self.lead):
            length = seen.shape[axis]
            if isinstance(dim, int) and length not in (1, dim) and dim % length == 0:
                seen = self.np.repeat(seen, dim // length, axis=axis)  # equal parts that a product has widened
        return seen

    def evaluate(self, reach: Reach) -> View:
        """The state that an expression gives; parts that are shared are worked out once."""
        if id(reach) not in self.memo:
            found = self._without_numbers(reach) if reach.op in ALONG else None
            self.memo[id(reach)] = found or getattr(self, f"_{reach.op}")(reach, *reach.parameters)
        return self.memo[id(reach)]

    def _without_numbers(self, reach: Reach) -> View | None:
        """What needs no counting: a step along the batch, which changes nothing in a sample, and one of unknown length.

        Raises SeqshapeError where that would have to be counted.
        """
        view, axis = self.evaluate(reach.of[0]), reach.parameters[0]
        if _is_batch(axis, view):
            return view if reach.op != "join" else self._together(reach)
        unknown = next((size for size in reach.parameters if isinstance(size, Unknown)), None)
        if unknown is not None and view.seen.shape[self._own(cast(int, axis), view)[0]] != 1:
            _number(unknown)
        return None if unknown is None else self._change(view, cast(int, axis), view.seen, None)

    def _own(self, axis: int, view: View) -> tuple[int, int]:
        """A reach's axis as an axis of the array and as a place in the sizes: the batch has none, the columns come last."""
        place = axis - 1 if axis > 0 else len(view.sizes) + axis
        return place + self.lead, place

    def _change(self, view: View, axis: int, seen: Sight, size: int | None) -> View:
        place = self._own(axis, view)[1]
        return View(seen, (*view.sizes[:place], size, *view.sizes[place + 1 :]))

    def _nothing_seen(self, *shape: int) -> Sight:
        """A state in which nothing is seen yet. Raises SeqshapeError if it is too large."""
        _require_room(*shape)
        return self.np.zeros(shape, dtype=bool)

    def _see(self, reach: Reach, index: int) -> View:
        return self.inputs[index]

    def _nothing(self, reach: Reach) -> View:
        columns = self.inputs[0].seen.shape[-1] if self.inputs else self.guess.columns
        return View(self.np.zeros((1,) * (self.lead + 1) + (columns,), dtype=bool), (1,), True)

    def _unknown(self, reach: Reach) -> View:
        """What an unknown layer sees: all that its inputs have seen, or all there is if these are unknown too."""
        self.guess.used = True
        if reach.of:
            view = self.evaluate(reach.of[0])
            return view if self.guess.full else view._replace(seen=self.np.zeros_like(view.seen))
        shape = (1,) * (self.lead + 1) + (self.guess.columns,)
        return View(self.np.full(shape, self.guess.full, dtype=bool), (None,), True)

    def _mix(self, reach: Reach, *axes: int) -> View:
        inner = reach.of[0]
        if inner.op == "regroup" and len(inner.parameters[0]) == 1:  # type: ignore[arg-type]
            seen = self.evaluate(inner.of[0]).seen  # Flatten > Dense: no need to write every element out
            own = tuple(range(self.lead, seen.ndim - 1))
            mixed = seen.any(axis=own, keepdims=True) if own else seen
            return View(mixed.reshape((*seen.shape[: self.lead], 1, seen.shape[-1])), (None,))
        view = self.evaluate(inner)
        for axis in (axis for axis in axes if not _is_batch(axis, view)):
            view = self._change(view, axis, view.seen.any(axis=self._own(axis, view)[0], keepdims=True), None)
        return view

    def _reduce(self, reach: Reach, *axes: int) -> View:
        view = self.evaluate(reach.of[0])
        places = {self._own(axis, view)[1] for axis in axes if not _is_batch(axis, view)}
        seen = view.seen.any(axis=tuple(place + self.lead for place in places))
        sizes = tuple(size for place, size in enumerate(view.sizes) if place not in places)
        return View(seen, sizes, view.alone) if sizes else View(self.np.expand_dims(seen, -2), (1,), True)

    def _past(self, reach: Reach, axis: int) -> View:
        view = self.evaluate(reach.of[0])
        return view._replace(seen=self.np.logical_or.accumulate(view.seen, axis=self._own(axis, view)[0]))

    def _flip(self, reach: Reach, axis: int) -> View:
        view = self.evaluate(reach.of[0])
        return view._replace(seen=self.np.flip(view.seen, axis=self._own(axis, view)[0]))

    def _window(self, reach: Reach, axis: int, size: int, stride: int, dilation: int, before: int, length: int) -> View:
        view = self.evaluate(reach.of[0])
        own = self._own(axis, view)[0]
        if view.seen.shape[own] == 1 and view.sizes[own - self.lead] != 1:
            return self._change(view, axis, view.seen, length)
        moved = self.np.moveaxis(view.seen, own, 0)
        result = self._nothing_seen(length, *moved.shape[1:])
        outputs = self.np.arange(length)
        for tap in _taps_inside(size, before - (length - 1) * stride, len(moved) - 1 + before, dilation):
            sources = outputs * stride - before + tap * dilation
            valid = (sources >= 0) & (sources < len(moved))
            result[valid] |= moved[sources[valid]]
        return self._change(view, axis, self.np.moveaxis(result, 0, own), length)

    def _spread(self, reach: Reach, axis: int, size: int, stride: int, dilation: int, before: int, length: int) -> View:
        view = self.evaluate(reach.of[0])
        own, place = self._own(axis, view)
        if not isinstance(length, int):
            return self._change(view, axis, view.seen.any(axis=own, keepdims=True), None)
        real = view.sizes[place] or view.seen.shape[own]
        moved = self.np.moveaxis(view.seen, own, 0)
        moved = self.np.broadcast_to(moved, (real, *moved.shape[1:]))
        result = self._nothing_seen(length, *moved.shape[1:])
        for tap in _taps_inside(size, before - (real - 1) * stride, length - 1 + before, dilation):
            targets = self.np.arange(real) * stride - before + tap * dilation
            valid = (targets >= 0) & (targets < length)
            result[targets[valid]] |= moved[valid]
        return self._change(view, axis, self.np.moveaxis(result, 0, own), length)

    def _regroup(self, reach: Reach, shape: Shape) -> View:
        view = self.evaluate(reach.of[0])
        leading = view.seen.shape[: self.lead]
        columns = view.seen.shape[-1]
        sizes = tuple(map(_number, shape))
        own = tuple(range(self.lead, view.seen.ndim - 1))
        if not shape:
            return View(view.seen.any(axis=own).reshape((*leading, 1, columns)), (1,), True)
        if all(length == 1 for length in view.seen.shape[self.lead : -1]):
            return View(view.seen.reshape((*leading, *(1,) * len(shape), columns)), sizes)
        full = [size or length for size, length in zip(view.sizes, view.seen.shape[self.lead :], strict=False)]
        _require_room(*leading, *sizes, columns)
        if prod(full) != prod(sizes):  # sizes that only the data tells
            return View(view.seen.any(axis=own).reshape((*leading, *(1,) * len(shape), columns)), sizes)
        wide = self.np.broadcast_to(view.seen, (*leading, *full, columns))
        return View(wide.reshape((*leading, *sizes, columns)), sizes)

    def _transpose(self, reach: Reach, order: tuple[int, ...]) -> View:
        view = self.evaluate(reach.of[0])
        if view.alone:
            return view
        places = [axis - 1 for axis in order[1:]]
        axes = (*range(self.lead), *(place + self.lead for place in places), view.seen.ndim - 1)
        return View(self.np.transpose(view.seen, axes), tuple(view.sizes[place] for place in places))

    def _repeat(self, reach: Reach, axis: int, times: int) -> View:
        view = self.evaluate(reach.of[0])
        own, place = self._own(axis, view)
        size = view.sizes[place]
        _require_room(*view.seen.shape, 1 if view.seen.shape[own] == 1 else times)
        seen = view.seen if view.seen.shape[own] == 1 else self.np.repeat(view.seen, times, axis=own)
        return self._change(view, axis, seen, None if size is None else size * times)

    def _insert(self, reach: Reach, axis: int, length: int) -> View:
        view = self.evaluate(reach.of[0])
        size = length if isinstance(length, int) else None  # of an axis that Keras does not know
        if view.alone:
            return View(view.seen, (size,))
        place = axis - 1 if axis > 0 else len(view.sizes) + 1 + axis
        seen = self.np.expand_dims(view.seen, place + self.lead)
        return View(seen, (*view.sizes[:place], size, *view.sizes[place:]))

    def _slice(self, reach: Reach, axis: int, start: int, length: int, step: int) -> View:
        view = self.evaluate(reach.of[0])
        own = self._own(axis, view)[0]
        if view.seen.shape[own] == 1:
            return self._change(view, axis, view.seen, length)
        taken = self.np.take(view.seen, [start + index * step for index in range(length)], axis=own)
        return self._change(view, axis, taken, length)

    def _pad(self, reach: Reach, axis: int, before: int, after: int) -> View:
        view = self.evaluate(reach.of[0])
        own, place = self._own(axis, view)
        real = view.sizes[place] or view.seen.shape[own]
        _require_room(*view.seen.shape, real + max(before, 0) + max(after, 0))
        wide = self.np.broadcast_to(view.seen, (*view.seen.shape[:own], real, *view.seen.shape[own + 1 :]))
        kept = self.np.arange(max(-before, 0), max(real + min(after, 0), 0))  # a padding below 0 takes away
        widths = [(0, 0)] * view.seen.ndim
        widths[own] = (max(before, 0), max(after, 0))
        return self._change(view, axis, self.np.pad(wide.take(kept, own), widths), real + before + after)

    def _pieces(self, reach: Reach, axis: int, length: int) -> View:
        view = self.evaluate(reach.of[0])
        own = self._own(axis, view)[0]
        if view.seen.shape[own] == 1:
            return self._change(view, axis, view.seen, length)
        moved = self.np.moveaxis(view.seen, own, 0)
        size = len(moved)
        parts = self._nothing_seen(length, *moved.shape[1:])
        for index in range(length):
            start, stop = index * size // length, -(-(index + 1) * size // length)
            parts[index] = moved[start:stop].any(axis=0)
        return self._change(view, axis, self.np.moveaxis(parts, 0, own), length)

    def _resample(self, reach: Reach, axis: int, length: int, radius: int, smooth: bool) -> View:
        view = self.evaluate(reach.of[0])
        own, place = self._own(axis, view)
        real = view.sizes[place] or view.seen.shape[own]
        if view.seen.shape[own] == 1:
            return self._change(view, axis, view.seen, length)
        moved = self.np.moveaxis(view.seen, own, 0)
        parts = self._nothing_seen(length, *moved.shape[1:])
        for output in range(length):
            parts[output] = moved[_taps(output, real, length, radius, smooth)].any(axis=0)
        return self._change(view, axis, self.np.moveaxis(parts, 0, own), length)

    def _together(self, reach: Reach) -> View:
        views = [self.evaluate(part) for part in reach.of]
        rank = max(len(view.sizes) for view in views)
        padded = [self._padded(view, rank) for view in views]
        result = padded[0].seen
        for view in padded[1:]:
            result = result | view.seen
        sizes = [max((view.sizes[place] or 0 for view in padded), default=0) or None for place in range(rank)]
        return View(result, tuple(sizes))

    def _padded(self, view: View, rank: int) -> View:
        """Broadcast from the right: axes are added in front, after those of the wrappers."""
        missing = (1,) * (rank - len(view.sizes))
        shape = view.seen.shape
        return View(view.seen.reshape((*shape[: self.lead], *missing, *shape[self.lead :])), (*missing, *view.sizes))

    def _join(self, reach: Reach, axis: int) -> View:
        views = [self.evaluate(part) for part in reach.of]
        own, place = self._own(axis, views[0])
        sizes = [view.sizes[place] for view in views]
        known = [size for size in sizes if size is not None]
        lengths = [max(view.seen.shape[own], size or 1) for view, size in zip(views, sizes, strict=True)]
        if len(known) < len(sizes):
            lengths = [view.seen.shape[own] for view in views]
        others = [(*view.seen.shape[:own], 1, *view.seen.shape[own + 1 :]) for view in views]
        wide = self.np.broadcast_shapes(*others)
        full = [
            self.np.broadcast_to(view.seen, (*wide[:own], length, *wide[own + 1 :]))
            for view, length in zip(views, lengths, strict=True)
        ]
        total = sum(known) if len(known) == len(sizes) else None
        return self._change(views[0], axis, self.np.concatenate(full, axis=own), total)

    def _attend(self, reach: Reach, axis: int, causal: bool) -> View:
        query, *memory = [self.evaluate(part) for part in reach.of]
        own, place = self._own(axis, query)
        result = query.seen.any(axis=-2, keepdims=True)
        length = query.sizes[place] or query.seen.shape[own]
        for view in memory:
            seen = view.seen.any(axis=-2, keepdims=True)
            if not self._fit(result.shape[:own], seen.shape[:own]):  # it cannot run
                seen, result = (one.any(axis=tuple(range(self.lead, own)), keepdims=True) for one in (seen, result))
            result = result | (self._causal(seen, own, length) if causal else seen.any(axis=own, keepdims=True))
        return View(result, (*query.sizes[:-1], None))

    def _fit(self, left: tuple[int, ...], right: tuple[int, ...]) -> bool:
        return len(left) == len(right) and all(
            one == other or 1 in (one, other) for one, other in zip(left, right, strict=True)
        )

    def _causal(self, seen: Sight, own: int, length: int) -> Sight:
        """Query q sees the keys up to q; queries beyond the last key see all of them."""
        past = self.np.logical_or.accumulate(seen, axis=own)
        last = past.shape[own] - 1
        return self.np.take(past, [min(index, last) for index in range(length)], axis=own)

    def _each(self, reach: Reach, axis: int) -> View:
        outer = self.evaluate(reach.of[0])
        own, place = self._own(axis, outer)
        moved = self.np.moveaxis(outer.seen, own, self.lead)
        size = outer.sizes[place]
        rest = (*outer.sizes[:place], *outer.sizes[place + 1 :])
        leading = (*self.leading, size or moved.shape[self.lead])
        inside = Sighting([View(moved, rest or (1,), not rest)], self.lead + 1, leading, self.guess).evaluate(
            reach.of[1]
        )
        sizes = (*inside.sizes[:place], size, *inside.sizes[place:])
        return View(self.np.moveaxis(inside.seen, self.lead, own), sizes)

    def _graph(self, reach: Reach, graph: Graph, done: dict[Node, Done], ref: Ref) -> View:
        """A nested model: its own graph, walked from what comes in."""
        sources = {node: self.evaluate(part).seen for node, part in zip(graph.inputs, reach.of, strict=False)}
        states = walk_states(graph, done, sources, self.lead, self.leading, self.guess)
        shape = next(flow.tensor.shape for flow in flat(done[ref.node].outputs) if flow.ref == ref)
        return view_of(states[ref.node][ref.output or 0], shape)


def _taps(output: int, inputs: int, length: int, radius: int, smooth: bool) -> list[int]:
    """The inputs that an interpolated output sees. Distances are counted in ``1 / (2·length)`` of an input."""
    place = (2 * output + 1) * inputs - length
    if not radius:
        return [(2 * output + 1) * inputs // (2 * length)]
    unit = 2 * max(inputs, length) if smooth else 2 * length
    nearest = place // (2 * length)
    reach = radius * unit // (2 * length) + 1
    taps = range(max(nearest - reach, 0), min(nearest + reach + 2, inputs))
    gaps = ((tap, abs(2 * length * tap - place)) for tap in taps)
    return [tap for tap, gap in gaps if gap < radius * unit and (gap == 0 or gap % unit)]


def _is_batch(axis: Any, view: View) -> bool:
    """Whether an axis of a reach is the batch, or the tensor has nothing else."""
    return view.alone or axis in (0, -1 - len(view.sizes))


def _sizes(shape: Shape) -> tuple[int | None, ...]:
    return tuple(dim if isinstance(dim, int) else None for dim in shape[1:]) or (1,)


def by_step(seen: Sight, shape: Shape) -> Sight:
    """One row an output step: the union over all that belongs to it; one row if the output is no sequence."""
    import numpy as np

    if len(shape) < 3:
        return seen.any(axis=tuple(range(seen.ndim - 1))).reshape(1, -1)
    rows = seen.any(axis=tuple(range(1, seen.ndim - 1)))
    steps = shape[1] if isinstance(shape[1], int) else len(rows)  # only the data tells: those that are known apart
    if len(rows) not in (1, steps):  # what Keras says is not what comes out
        rows = rows.any(axis=0, keepdims=True)
    return np.broadcast_to(rows, (steps, rows.shape[-1]))


def measure(rows: Matrix) -> tuple[int, int | None, int]:
    """Receptive field, stride and look-ahead of a matrix, in input steps."""
    import numpy as np

    seen = np.asarray(rows, dtype=bool)
    steps = np.flatnonzero(seen.any(axis=1))
    if not len(steps):
        return 0, None, 0
    first = seen.argmax(axis=1)[steps]
    last = seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)[steps]
    stride = _stride(last, seen.shape[1] - 1)
    if stride == 0:  # the last steps are the same for all: the first ones may move
        stride = _stride(first, 0)
    per_step = stride if stride is not None and stride > 0 else 1
    return int((last - first).max()) + 1, stride, max(0, int((last - steps * per_step).max()))


def _stride(places: Sight, border: int) -> int | None:
    """By how much places move from one to the next; those at the border tell only where no other does."""
    moves = places[1:] - places[:-1]
    inside = moves[places[1:] != border]
    found = {int(move) for move in (inside if len(inside) else moves)}
    return found.pop() if len(found) == 1 else None


def classify(rows: Matrix) -> str:
    """What a layer does to steps, in words, read off its own matrix."""
    import numpy as np

    seen = np.asarray(rows, dtype=bool)
    if not len(seen):
        return "no steps"
    if seen.all():
        return "one step" if seen.shape == (1, 1) else "all"
    if seen.shape[0] == seen.shape[1]:
        for label, pattern in _patterns(len(seen)):
            if np.array_equal(seen, pattern):
                return label
    gaps = _gaps(seen)
    size = int(seen.sum(axis=1).max())
    if not gaps - {1}:
        return f"window of {size}" if size > 1 else "moved steps"
    return f"window of {size}, every {gaps.pop()} steps" if len(gaps) == 1 else "regrouped steps"


def _patterns(size: int) -> Iterator[tuple[str, Sight]]:
    """The square matrices that have a name."""
    import numpy as np

    yield "each step alone", np.eye(size, dtype=bool)
    past = np.tri(size, dtype=bool)
    yield "past", past
    yield "future", past.T
    yield "future, in reversed order", past[:, ::-1]


def _gaps(seen: Sight) -> set[int]:
    """The distances from one step that a row sees to its next one."""
    rows, columns = seen.nonzero()
    distances = columns[1:] - columns[:-1]
    return {int(gap) for gap in _distinct(distances[rows[1:] == rows[:-1]])}


def _distinct(numbers: Sight) -> Sight:
    import numpy as np

    return np.flatnonzero(np.bincount(numbers)) if len(numbers) else numbers


def _labels(network: Network) -> list[LayerReach]:
    """For each layer of the network with a sequence in, how its steps see its own input's."""
    found: dict[str, LayerReach] = {}
    kept = set(network.model.order()[0]) if network.graph.class_name == "Functional" else None
    for node, done in network.model.done.items():
        if node in network.model.inputs or done.effect is None or (kept is not None and node not in kept):
            continue
        label = own_label(done)
        if label is not None:
            found[done.layer.name] = LayerReach(done.layer.name, done.layer.class_name, label)
    return list(found.values())


def own_label(done: Done) -> str | None:
    """What a layer does to the steps of its own input; ``None`` if that is no sequence, ``UNSEEN`` if nobody knows.

    Raises SeqshapeError without numbers.
    """
    flows, outputs = done.operands(), flat(done.outputs)
    if None in flows or not outputs:
        return UNSEEN
    inputs = [flow for flow in flows if flow is not None]
    if not inputs or len(inputs[0].tensor.shape) < 3:
        return None
    steps = _number(inputs[0].tensor.shape[1])
    states = [
        view_of(
            _source(flow.tensor.shape, steps if flow.tensor.shape[1:2] == (steps,) else 0, steps), flow.tensor.shape
        )
        for flow in inputs
    ]
    assert done.effect is not None
    reach = done.effect.reach if isinstance(done.effect.reach, Reach) else done.effect.reach[0]
    guess = Guess(steps, True)
    seen = by_step(Sighting(states, 0, (), guess).of(reach, outputs[0].tensor.shape), outputs[0].tensor.shape)
    return UNSEEN if guess.used else classify(seen)
