"""Which output steps can see which input steps: the reach that rules declare, worked out exactly for one network.

The state of a tensor is a boolean array: one axis for each of its axes after the batch, and a last one over the steps
of the input. An axis along which all positions see the same has length 1, so wide features cost nothing.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.graph import Graph, Node, Ref
from seqshape.infer import Done, flat
from seqshape.reach import Reach
from seqshape.tensor import Shape, show

if TYPE_CHECKING:
    from seqshape.network import Network

    Sight = Any  # np.ndarray of bool; numpy's own stubs cannot say that any(axis=…) is one again

LARGEST = 400_000_000  # elements of a state that is written out in full


class LayerReach(NamedTuple):
    """How the steps of one layer's output see the steps of its own input; ``label`` says it in words."""

    name: str
    class_name: str
    label: str


class Reached(NamedTuple):
    """What the network's output steps see of the input's.

    ``matrix``: one row an output step, one column an input step; an output that is no sequence has one row. ``field``
    is the largest stretch of input steps that one output step sees, ``stride`` how far it moves from one output step
    to the next (``None`` where it does not move evenly; below 0 for steps in reverse), ``ahead`` how many steps it looks
    into the future.
    """

    input_name: str
    input_shape: Shape
    output_shape: Shape
    matrix: tuple[tuple[int, ...], ...]
    layers: tuple[LayerReach, ...]
    field: int
    stride: int | None
    ahead: int
    causal: bool


def timesteps(network: Network, input_number: int = 0, output_number: int = 0) -> Reached:
    """The reach of one output over the steps (axis 1) of one input.

    Raises SeqshapeError if the network is faulty or a size on the way has no number.
    """
    import numpy as np

    model = network.model
    _check(network)
    node = model.graph.inputs[input_number]
    shape = model.inputs[node].shape
    steps = _number(shape[1] if len(shape) > 1 else 1)
    sources = {
        other: _source(model.inputs[other].shape, steps if other is node else 0, steps) for other in model.inputs
    }
    states = walk_states(model.graph, model.done, sources)
    flow = flat(model.outputs)[output_number]
    seen = states[flow.ref.node][flow.ref.output or 0]
    matrix = by_step(seen, flow.tensor.shape)
    rows = tuple(tuple(int(cell) for cell in row) for row in np.asarray(matrix))
    field, stride, ahead = measure(rows)
    layer = model.session.binder.get(node.call)
    return Reached(
        layer.name, shape, flow.tensor.shape, rows, tuple(_labels(network)), field, stride, ahead, ahead == 0
    )


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
    message = f"the steps can be counted only where every size is a number, but one is {dim}"
    raise SeqshapeError((Diagnostic("E305", "error", message, help="give it with -i or --set, such as --set T=12"),))


def _source(shape: Shape, steps: int, columns: int) -> Sight:
    """The state of an input: every step sees itself; of another input than the one asked about, nothing."""
    import numpy as np

    rank = max(len(shape) - 1, 1)
    if not steps:
        return np.zeros((1,) * rank + (columns,), dtype=bool)
    return np.eye(columns, dtype=bool).reshape((columns, *(1,) * (rank - 1), columns))


def walk_states(
    graph: Graph, done: dict[Node, Done], sources: dict[Node, Sight], lead: int = 0, leading: tuple[int, ...] = ()
) -> dict[Node, list[Sight]]:
    """The state of every node's outputs. ``lead``: how many axes stand before each tensor's own (TimeDistributed)."""
    states: dict[Node, list[Sight]] = {node: [source] for node, source in sources.items()}
    for node, found in done.items():
        if node in states or found.effect is None:
            continue
        inputs = [
            view_of(states[flow.ref.node][flow.ref.output or 0], flow.tensor.shape) for flow in found.operands() if flow
        ]
        outputs = flat(found.outputs)
        each = found.effect.reach if isinstance(found.effect.reach, tuple) else (found.effect.reach,) * len(outputs)
        states[node] = [
            Sighting(inputs, lead, leading).of(reach, flow.tensor.shape)
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

    def __init__(self, inputs: list[View], lead: int, leading: tuple[int, ...]) -> None:
        import numpy

        self.np = numpy
        self.inputs = inputs
        self.lead = lead
        self.leading = leading
        self.memo: dict[int, View] = {}

    def of(self, reach: Reach, shape: Shape) -> Sight:
        """The state of an output of that shape."""
        seen = self.evaluate(reach).seen
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
            found = self._along_batch(reach) if reach.op in ALONG else None
            self.memo[id(reach)] = found or getattr(self, f"_{reach.op}")(reach, *reach.parameters)
        return self.memo[id(reach)]

    def _along_batch(self, reach: Reach) -> View | None:
        """A step along the batch changes nothing in a sample; what is joined there is seen alike."""
        view = self.evaluate(reach.of[0])
        if not _is_batch(reach.parameters[0], view):
            return None
        return view if reach.op != "join" else self._together(reach)

    def _own(self, axis: int, view: View) -> tuple[int, int]:
        """A reach's axis as an axis of the array and as a place in the sizes: the batch has none, the columns come last."""
        place = axis - 1 if axis > 0 else len(view.sizes) + axis
        return place + self.lead, place

    def _change(self, view: View, axis: int, seen: Sight, size: int | None) -> View:
        place = self._own(axis, view)[1]
        return View(seen, (*view.sizes[:place], size, *view.sizes[place + 1 :]))

    def _see(self, reach: Reach, index: int) -> View:
        return self.inputs[index]

    def _nothing(self, reach: Reach) -> View:
        columns = self.inputs[0].seen.shape[-1]
        return View(self.np.zeros((1,) * (self.lead + 1) + (columns,), dtype=bool), (1,), True)

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
        result = self.np.zeros((length, *moved.shape[1:]), dtype=bool)
        outputs = self.np.arange(length)
        for tap in range(size):
            sources = outputs * stride - before + tap * dilation
            valid = (sources >= 0) & (sources < len(moved))
            result[valid] |= moved[sources[valid]]
        return self._change(view, axis, self.np.moveaxis(result, 0, own), length)

    def _spread(self, reach: Reach, axis: int, size: int, stride: int, dilation: int, before: int, length: int) -> View:
        view = self.evaluate(reach.of[0])
        own, place = self._own(axis, view)
        real = view.sizes[place] or view.seen.shape[own]
        moved = self.np.moveaxis(view.seen, own, 0)
        moved = self.np.broadcast_to(moved, (real, *moved.shape[1:]))
        result = self.np.zeros((length, *moved.shape[1:]), dtype=bool)
        for source in range(real):
            for tap in range(size):
                target = source * stride - before + tap * dilation
                if 0 <= target < length:
                    result[target] |= moved[source]
        return self._change(view, axis, self.np.moveaxis(result, 0, own), length)

    def _regroup(self, reach: Reach, shape: Shape) -> View:
        view = self.evaluate(reach.of[0])
        leading = view.seen.shape[: self.lead]
        columns = view.seen.shape[-1]
        sizes = tuple(map(_number, shape))
        if not shape:
            own = tuple(range(self.lead, view.seen.ndim - 1))
            return View(view.seen.any(axis=own).reshape((*leading, 1, columns)), (1,), True)
        if all(length == 1 for length in view.seen.shape[self.lead : -1]):
            return View(view.seen.reshape((*leading, *(1,) * len(shape), columns)), sizes)
        full = [size or length for size, length in zip(view.sizes, view.seen.shape[self.lead :], strict=False)]
        if self.np.prod([*leading, *sizes, columns], dtype=float) > LARGEST:
            message = f"{show(shape)} is too large to say for every element which steps it sees"
            raise SeqshapeError((Diagnostic("E207", "error", message),))
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
        seen = view.seen if view.seen.shape[own] == 1 else self.np.repeat(view.seen, times, axis=own)
        return self._change(view, axis, seen, None if size is None else size * times)

    def _insert(self, reach: Reach, axis: int, length: int) -> View:
        view = self.evaluate(reach.of[0])
        if view.alone:
            return View(view.seen, (length,))
        place = axis - 1 if axis > 0 else len(view.sizes) + 1 + axis
        seen = self.np.expand_dims(view.seen, place + self.lead)
        return View(seen, (*view.sizes[:place], length, *view.sizes[place:]))

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
        wide = self.np.broadcast_to(view.seen, (*view.seen.shape[:own], real, *view.seen.shape[own + 1 :]))
        widths = [(0, 0)] * view.seen.ndim
        widths[own] = (before, after)
        return self._change(view, axis, self.np.pad(wide, widths), real + before + after)

    def _pieces(self, reach: Reach, axis: int, length: int) -> View:
        view = self.evaluate(reach.of[0])
        own = self._own(axis, view)[0]
        if view.seen.shape[own] == 1:
            return self._change(view, axis, view.seen, length)
        moved = self.np.moveaxis(view.seen, own, 0)
        size = len(moved)
        cuts = [(index * size // length, -(-(index + 1) * size // length)) for index in range(length)]
        parts = self.np.stack([moved[start:stop].any(axis=0) for start, stop in cuts])
        return self._change(view, axis, self.np.moveaxis(parts, 0, own), length)

    def _resample(self, reach: Reach, axis: int, length: int, radius: int, smooth: bool) -> View:
        view = self.evaluate(reach.of[0])
        own, place = self._own(axis, view)
        real = view.sizes[place] or view.seen.shape[own]
        if view.seen.shape[own] == 1:
            return self._change(view, axis, view.seen, length)
        moved = self.np.moveaxis(view.seen, own, 0)
        parts = [moved[_taps(output, real, length, radius, smooth)].any(axis=0) for output in range(length)]
        return self._change(view, axis, self.np.moveaxis(self.np.stack(parts), 0, own), length)

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
            result = result | (self._causal(seen, own, length) if causal else seen.any(axis=own, keepdims=True))
        return View(result, (*query.sizes[:-1], None))

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
        inside = Sighting([View(moved, rest or (1,), not rest)], self.lead + 1, leading).evaluate(reach.of[1])
        sizes = (*inside.sizes[:place], size, *inside.sizes[place:])
        return View(self.np.moveaxis(inside.seen, self.lead, own), sizes)

    def _graph(self, reach: Reach, graph: Graph, done: dict[Node, Done], ref: Ref) -> View:
        """A nested model: its own graph, walked from what comes in."""
        sources = {node: self.evaluate(part).seen for node, part in zip(graph.inputs, reach.of, strict=False)}
        states = walk_states(graph, done, sources, self.lead, self.leading)
        shape = next(flow.tensor.shape for flow in flat(done[ref.node].outputs) if flow.ref == ref)
        return view_of(states[ref.node][ref.output or 0], shape)


def _taps(output: int, inputs: int, length: int, radius: int, smooth: bool) -> list[int]:
    """The inputs that an interpolated output sees. Distances are counted in ``1 / (2·length)`` of an input."""
    place = (2 * output + 1) * inputs - length
    if not radius:
        return [(2 * output + 1) * inputs // (2 * length)]
    unit = 2 * max(inputs, length) if smooth else 2 * length
    gaps = ((tap, abs(2 * length * tap - place)) for tap in range(inputs))
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
    return np.broadcast_to(rows, (steps, rows.shape[-1]))


def measure(rows: tuple[tuple[int, ...], ...]) -> tuple[int, int | None, int]:
    """Receptive field, stride and look-ahead of a matrix, in input steps."""
    spans = {step: (row.index(1), len(row) - 1 - row[::-1].index(1)) for step, row in enumerate(rows) if 1 in row}
    if not spans:
        return 0, None, 0
    field = max(last - first + 1 for first, last in spans.values())
    stride = _stride([last for _, last in spans.values()], len(rows[0]) - 1)
    if stride == 0:  # the last steps are the same for all: the first ones may move
        stride = _stride([first for first, _ in spans.values()], 0)
    per_step = stride if stride is not None and stride > 0 else 1
    return field, stride, max(0, *(last - step * per_step for step, (_, last) in spans.items()))


def _stride(places: list[int], border: int) -> int | None:
    """By how much places move from one to the next; those at the border tell only where no other does."""
    moves = {later - earlier for earlier, later in pairwise(places) if later != border}
    moves = moves or {later - earlier for earlier, later in pairwise(places)}
    return moves.pop() if len(moves) == 1 else None


def classify(rows: tuple[tuple[int, ...], ...]) -> str:
    """What a layer does to steps, in words, read off its own matrix."""
    height, width = len(rows), len(rows[0])
    if all(all(row) for row in rows):
        return "one step" if height == width == 1 else "all"
    if height == width:
        if all(row[i] and sum(row) == 1 for i, row in enumerate(rows)):
            return "each step alone"
        if all(row == (1,) * (i + 1) + (0,) * (width - i - 1) for i, row in enumerate(rows)):
            return "past"
        if all(row == (0,) * i + (1,) * (width - i) for i, row in enumerate(rows)):
            return "future"
        if all(row == (0,) * (width - i - 1) + (1,) * (i + 1) for i, row in enumerate(rows)):
            return "future, in reversed order"
    sizes = {sum(row) for row in rows if any(row)}
    contiguous = all("01" not in "".join(map(str, row)).strip("0") for row in rows)
    if contiguous:
        size = max(sizes, default=0)
        return f"window of {size}" if size > 1 else "moved steps"
    gaps = {_gap(row) for row in rows} - {None}
    if len(gaps) == 1:
        return f"window of {max(sizes)}, every {gaps.pop()} steps"
    return "regrouped steps"


def _gap(row: tuple[int, ...]) -> int | None:
    """The even distance of the steps that a row sees; ``None`` for fewer than two steps, 0 where it is uneven."""
    places = [index for index, seen in enumerate(row) if seen]
    gaps = {later - earlier for earlier, later in pairwise(places)}
    return None if not gaps else gaps.pop() if len(gaps) == 1 else 0


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
    """What a layer does to the steps of its own input; ``None`` if that is no sequence.

    Raises SeqshapeError without numbers.
    """
    inputs = [flow for flow in done.operands() if flow is not None]
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
    output = flat(done.outputs)[0]
    reach = done.effect.reach if isinstance(done.effect.reach, Reach) else done.effect.reach[0]
    seen = by_step(Sighting(states, 0, ()).of(reach, output.tensor.shape), output.tensor.shape)
    return classify(tuple(tuple(int(cell) for cell in row) for row in seen))
