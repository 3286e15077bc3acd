"""The reach that rules declare, worked out over the states and shapes of one network: pure interpretation, no numbers run.

The state of a tensor is a :class:`Sight`: for each of its positions after the batch the set of input steps that it sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import accumulate
from math import prod
from operator import or_
from typing import Any, NoReturn, cast

from seqshape.analysis.sight import LARGEST, Axes, Sight, common_shape, gathered, joined, require_room, scattered, union
from seqshape.diagnostics import Diagnostic, Label, SeqshapeError
from seqshape.dims import Inconclusive, Poly, Unknown, names
from seqshape.graph import Graph, Node, Ref
from seqshape.reach import Reach
from seqshape.records import NamedTuple
from seqshape.rows import Rows
from seqshape.tensor import Shape
from seqshape.walk.flow import Done, flat

# What grids answer where a layer that builds, but cannot run, says a shape that nothing has.
UNFIT = (IndexError, ValueError)
WITHOUT_NUMBERS = (
    "the steps can be counted only where every size is a number",
    "give it with -i or --set, such as --set T=12",
)


def refuse(code: str, message: str, help: str | None = None) -> NoReturn:
    """Raises SeqshapeError with one finding."""
    raise SeqshapeError((Diagnostic(code, "error", message, help=help),))


def number(dim: object) -> int:
    """A dim that is a number. Raises SeqshapeError for another one."""
    if isinstance(dim, int):
        return dim
    message, help = WITHOUT_NUMBERS
    size = min(names(dim) if isinstance(dim, Poly) else (), default="T")
    refuse("E305", f"{message}, but one is {dim}", help.replace("T=", f"{size}="))


class Guess:
    """What is taken for what unknown layers see: everything (``full``) or nothing; ``used`` if there is such a layer."""

    def __init__(self, columns: int, full: bool) -> None:
        self.columns = columns
        self.full = full
        self.used = False


class View(NamedTuple):
    """A state with the real sizes of its own axes; ``None`` where a product has changed one.

    ``alone``: the tensor has a batch and nothing else; the one axis here, of length 1, stands for none.
    """

    seen: Sight
    sizes: tuple[int | None, ...]
    alone: bool = False


def view_of(seen: Sight, shape: Shape) -> View:
    """A state of a tensor of that shape."""
    sizes = tuple(dim if isinstance(dim, int) else None for dim in shape[1:])
    return View(seen, sizes or (1,), len(shape) < 2)


def source(shape: Shape, steps: int, columns: int) -> Sight:
    """The state of an input: every step sees itself; of another input than the one asked about, nothing."""
    rank = max(len(shape) - 1, 1)
    if not steps:
        return Sight.filled((1,) * rank, 0, columns)
    require_room((columns,), columns)
    return Sight((columns, *(1,) * (rank - 1)), [1 << step for step in range(columns)], columns)


def by_step(seen: Sight, shape: Shape) -> Rows:
    """One row an output step: the union over all that belongs to it; one row if the output is no sequence."""
    if len(shape) < 3:
        return Rows([union(seen.cells)], seen.columns)
    rows = seen.without(range(1, len(seen.shape))).cells
    steps = shape[1] if isinstance(shape[1], int) else len(rows)  # only the data tells: those that are known apart
    if len(rows) not in (1, steps):  # what Keras says is not what comes out
        rows = [union(rows)]
    return Rows(rows if len(rows) == steps else rows * steps, seen.columns)


def walk_states(
    graph: Graph,
    done: dict[Node, Done],
    sources: dict[Node, Sight],
    guess: Guess,
    lead: int = 0,
    leading: Axes = (),
) -> dict[Node, list[Sight]]:
    """The state of every node's outputs. ``lead``: how many axes stand before each tensor's own (TimeDistributed).

    Raises SeqshapeError where one would be too large: before any work, if its steps alone are.
    """
    _require_steps((shape for found in done.values() for shape in found.shapes()), guess.columns)
    states: dict[Node, list[Sight]] = {node: [seen] for node, seen in sources.items()}
    for node, found in done.items():
        if node in states or found.effect is None or found.effect.circular:  # Keras leaves such a one out
            continue
        inputs = [
            view_of(states[flow.ref.node][flow.ref.output or 0], flow.tensor.shape) for flow in found.operands() if flow
        ]
        outputs = flat(found.outputs)
        each = found.effect.reach if isinstance(found.effect.reach, tuple) else (found.effect.reach,) * len(outputs)
        states[node] = [
            Sighting(inputs, guess, found.layer, lead, leading).of(reach, flow.tensor.shape)
            for reach, flow in zip(each, outputs, strict=True)
        ]
    return states


def _require_steps(shapes: Iterable[Shape | None], columns: int) -> None:
    for shape in shapes:
        steps = shape[1] if shape is not None and len(shape) > 2 else 0
        if isinstance(steps, int) and steps * columns > LARGEST:
            refuse("E207", f"{steps:,} steps that each see some of {columns:,} are too many to be held")


# Steps along one axis, their first parameter.
ALONG = frozenset({"past", "flip", "window", "spread", "repeat", "slice", "pad", "pieces", "resample", "join"})


class Sighting:
    """Evaluates the reach of one layer over the states and shapes of its inputs.

    ``lead`` axes stand before each tensor's own: the steps of a TimeDistributed around it, ``leading`` their sizes.
    """

    def __init__(self, inputs: list[View], guess: Guess, layer: Any, lead: int = 0, leading: Axes = ()) -> None:
        self.inputs = inputs
        self.layer = layer
        self.lead = lead
        self.leading = leading
        self.guess = guess
        self.memo: dict[int, View] = {}

    def of(self, reach: Reach, shape: Shape) -> Sight:
        """The state of an output of that shape. Raises SeqshapeError where it would be too large."""
        _require_steps([shape], self.guess.columns)
        try:
            seen = self.evaluate(reach).seen
        except (Inconclusive, TypeError):
            refuse("E305", *WITHOUT_NUMBERS)
        except (MemoryError, OverflowError):
            refuse("E207", "the sizes inside are too large to say which steps each element sees")
        except UNFIT:
            what = f"{self.layer.class_name} builds, but what it is given does not have the sizes that it takes"
            label = (Label(self.layer.call.span),)
            help = "seqshape summarize warns of layers that fail when they run"
            message = f"{what}: it fails when it runs, and no step sees anything"
            raise SeqshapeError((Diagnostic("E203", "error", message, label, help, layer=self.layer.name),)) from None
        missing = len(shape) - 1 + self.lead - len(seen.shape)
        seen = seen.reshaped((*seen.shape, *(1,) * max(missing, 0)))
        for axis, dim in enumerate(shape[1:], self.lead):
            length = seen.shape[axis]
            if isinstance(dim, int) and length not in (1, dim) and dim % length == 0:
                seen = _each_repeated(seen, axis, dim // length)  # equal parts that a product has widened
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
            number(unknown)
        return None if unknown is None else self._change(view, cast(int, axis), view.seen, None)

    def _own(self, axis: int, view: View) -> tuple[int, int]:
        """A reach's axis as an axis of the grid and as a place in the sizes: the batch has none."""
        place = axis - 1 if axis > 0 else len(view.sizes) + axis
        return place + self.lead, place

    def _change(self, view: View, axis: int, seen: Sight, size: int | None) -> View:
        place = self._own(axis, view)[1]
        return View(seen, (*view.sizes[:place], size, *view.sizes[place + 1 :]))

    def _see(self, reach: Reach, index: int) -> View:
        return self.inputs[index]

    def _nothing(self, reach: Reach) -> View:
        return View(Sight.filled((1,) * (self.lead + 1), 0, self.guess.columns), (1,), True)

    def _unknown(self, reach: Reach) -> View:
        """What an unknown layer sees: all that its inputs have seen, or all there is if these are unknown too."""
        self.guess.used = True
        columns = self.guess.columns
        if reach.of:
            view = self.evaluate(reach.of[0])
            return view if self.guess.full else view._replace(seen=Sight.filled(view.seen.shape, 0, columns))
        seen = (1 << columns) - 1 if self.guess.full else 0
        return View(Sight.filled((1,) * (self.lead + 1), seen, columns), (None,), True)

    def _mix(self, reach: Reach, *axes: int) -> View:
        inner = reach.of[0]
        if inner.op == "regroup" and len(inner.parameters[0]) == 1:  # type: ignore[arg-type]
            seen = self.evaluate(inner.of[0]).seen  # Flatten > Dense: no need to write every element out
            return View(seen.without(range(self.lead, len(seen.shape))).inserted(self.lead), (None,))
        view = self.evaluate(inner)
        for axis in (axis for axis in axes if not _is_batch(axis, view)):
            view = self._change(view, axis, view.seen.united((self._own(axis, view)[0],)), None)
        return view

    def _reduce(self, reach: Reach, *axes: int) -> View:
        view = self.evaluate(reach.of[0])
        places = {self._own(axis, view)[1] for axis in axes if not _is_batch(axis, view)}
        seen = view.seen.without(place + self.lead for place in places)
        sizes = tuple(size for place, size in enumerate(view.sizes) if place not in places)
        return View(seen, sizes, view.alone) if sizes else View(seen.inserted(len(seen.shape)), (1,), True)

    def _past(self, reach: Reach, axis: int) -> View:
        view = self.evaluate(reach.of[0])
        own = self._own(axis, view)[0]
        return view._replace(seen=_past_along(view.seen, own))

    def _flip(self, reach: Reach, axis: int) -> View:
        view = self.evaluate(reach.of[0])
        own = self._own(axis, view)[0]
        return view._replace(seen=view.seen.along(own, view.seen.shape[own], lambda line: line[::-1]))

    def _window(self, reach: Reach, axis: int, size: int, stride: int, dilation: int, before: int, length: int) -> View:
        view = self.evaluate(reach.of[0])
        own = self._own(axis, view)[0]
        if view.seen.shape[own] == 1 and view.sizes[own - self.lead] != 1:
            return self._change(view, axis, view.seen, length)
        change = partial(gathered, size=size, stride=stride, dilation=dilation, before=before, length=length)
        return self._change(view, axis, view.seen.along(own, length, change), length)

    def _spread(self, reach: Reach, axis: int, size: int, stride: int, dilation: int, before: int, length: int) -> View:
        view = self.evaluate(reach.of[0])
        own, place = self._own(axis, view)
        if not isinstance(length, int):
            return self._change(view, axis, view.seen.united((own,)), None)
        wide = _widened(view.seen, own, view.sizes[place])
        change = partial(scattered, size=size, stride=stride, dilation=dilation, before=before, length=length)
        return self._change(view, axis, wide.along(own, length, change), length)

    def _regroup(self, reach: Reach, shape: Shape) -> View:
        view = self.evaluate(reach.of[0])
        seen = view.seen
        leading, own = seen.shape[: self.lead], range(self.lead, len(seen.shape))
        sizes = tuple(map(number, shape))
        if not shape:
            return View(seen.without(own).inserted(self.lead), (1,), True)
        if all(length == 1 for length in seen.shape[self.lead :]):
            return View(seen.reshaped((*leading, *(1,) * len(shape))), sizes)
        full = [size or length for size, length in zip(view.sizes, seen.shape[self.lead :], strict=False)]
        require_room((*leading, *sizes), seen.columns)
        if prod(full) != prod(sizes):  # sizes that only the data tells
            return View(seen.without(own).reshaped((*leading, *(1,) * len(shape))), sizes)
        return View(seen.stretched((*leading, *full)).reshaped((*leading, *sizes)), sizes)

    def _transpose(self, reach: Reach, order: tuple[int, ...]) -> View:
        view = self.evaluate(reach.of[0])
        if view.alone:
            return view
        places = [axis - 1 for axis in order[1:]]
        axes = (*range(self.lead), *(place + self.lead for place in places))
        return View(view.seen.permuted(axes), tuple(view.sizes[place] for place in places))

    def _repeat(self, reach: Reach, axis: int, times: int) -> View:
        view = self.evaluate(reach.of[0])
        own, place = self._own(axis, view)
        size = view.sizes[place]
        seen = view.seen if view.seen.shape[own] == 1 else _each_repeated(view.seen, own, times)
        return self._change(view, axis, seen, None if size is None else size * times)

    def _insert(self, reach: Reach, axis: int, length: int) -> View:
        view = self.evaluate(reach.of[0])
        size = length if isinstance(length, int) else None  # of an axis that Keras does not know
        if view.alone:
            return View(view.seen, (size,))
        place = axis - 1 if axis > 0 else len(view.sizes) + 1 + axis
        return View(view.seen.inserted(place + self.lead), (*view.sizes[:place], size, *view.sizes[place:]))

    def _slice(self, reach: Reach, axis: int, start: int, length: int, step: int) -> View:
        view = self.evaluate(reach.of[0])
        own = self._own(axis, view)[0]
        if view.seen.shape[own] == 1:
            return self._change(view, axis, view.seen, length)
        require_room((length,), view.seen.columns)
        taken = view.seen.taken(own, [start + index * step for index in range(length)])
        return self._change(view, axis, taken, length)

    def _pad(self, reach: Reach, axis: int, before: int, after: int) -> View:
        view = self.evaluate(reach.of[0])
        own, place = self._own(axis, view)
        real = view.sizes[place] or view.seen.shape[own]
        wide = _widened(view.seen, own, real)
        kept = range(max(-before, 0), max(real + min(after, 0), 0))  # a padding below 0 takes away
        sides = max(before, 0), max(after, 0)

        def padded(line: list[int]) -> list[int]:
            return [*[0] * sides[0], *line[kept.start : kept.stop], *[0] * sides[1]]

        return self._change(view, axis, wide.along(own, sum(sides) + len(kept), padded), real + before + after)

    def _pieces(self, reach: Reach, axis: int, length: int) -> View:
        view = self.evaluate(reach.of[0])
        own = self._own(axis, view)[0]
        size = view.seen.shape[own]
        if size == 1:
            return self._change(view, axis, view.seen, length)

        def parts(line: list[int]) -> list[int]:
            return [union(line[index * size // length : -(-(index + 1) * size // length)]) for index in range(length)]

        return self._change(view, axis, view.seen.along(own, length, parts), length)

    def _resample(self, reach: Reach, axis: int, length: int, radius: int, smooth: bool) -> View:
        view = self.evaluate(reach.of[0])
        own, place = self._own(axis, view)
        real = view.sizes[place] or view.seen.shape[own]
        if view.seen.shape[own] == 1:
            return self._change(view, axis, view.seen, length)
        require_room((length,), view.seen.columns)
        taps = [_taps(output, real, length, radius, smooth) for output in range(length)]

        def parts(line: list[int]) -> list[int]:
            return [union(line[tap] for tap in each) for each in taps]

        return self._change(view, axis, view.seen.along(own, length, parts), length)

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
        return View(view.seen.reshaped((*shape[: self.lead], *missing, *shape[self.lead :])), (*missing, *view.sizes))

    def _join(self, reach: Reach, axis: int) -> View:
        views = [self.evaluate(part) for part in reach.of]
        own, place = self._own(axis, views[0])
        sizes = [view.sizes[place] for view in views]
        known = [size for size in sizes if size is not None]
        lengths = [max(view.seen.shape[own], size or 1) for view, size in zip(views, sizes, strict=True)]
        if len(known) < len(sizes):
            lengths = [view.seen.shape[own] for view in views]
        wide = common_shape(*((*view.seen.shape[:own], 1, *view.seen.shape[own + 1 :]) for view in views))
        full = [
            view.seen.stretched((*wide[:own], length, *wide[own + 1 :]))
            for view, length in zip(views, lengths, strict=True)
        ]
        total = sum(known) if len(known) == len(sizes) else None
        return self._change(views[0], axis, joined(full, own), total)

    def _attend(self, reach: Reach, axis: int, causal: bool) -> View:
        query, *memory = [self.evaluate(part) for part in reach.of]
        own, place = self._own(axis, query)
        result = _without_features(query.seen)
        length = query.sizes[place] or query.seen.shape[own]
        for view in memory:
            seen = _without_features(view.seen)
            if not _fit(result.shape[:own], seen.shape[:own]):  # it cannot run
                seen, result = (one.united(range(self.lead, own)) for one in (seen, result))
            result = result | (_causal(seen, own, length) if causal else seen.united((own,)))
        return View(result, (*query.sizes[:-1], None))

    def _each(self, reach: Reach, axis: int) -> View:
        outer = self.evaluate(reach.of[0])
        own, place = self._own(axis, outer)
        moved = outer.seen.moved(own, self.lead)
        size = outer.sizes[place]
        rest = (*outer.sizes[:place], *outer.sizes[place + 1 :])
        leading = (*self.leading, size or moved.shape[self.lead])
        if not rest:
            moved = moved.inserted(len(moved.shape))
        inside = Sighting(
            [View(moved, rest or (1,), not rest)], self.guess, self.layer, self.lead + 1, leading
        ).evaluate(reach.of[1])
        sizes = (*inside.sizes[:place], size, *inside.sizes[place:])
        return View(inside.seen.moved(self.lead, own), sizes)

    def _graph(self, reach: Reach, graph: Graph, done: dict[Node, Done], ref: Ref) -> View:
        """A nested model: its own graph, walked from what comes in."""
        sources = {node: self.evaluate(part).seen for node, part in zip(graph.inputs, reach.of, strict=False)}
        states = walk_states(graph, done, sources, self.guess, self.lead, self.leading)
        shape = next(flow.tensor.shape for flow in flat(done[ref.node].outputs) if flow.ref == ref)
        return view_of(states[ref.node][ref.output or 0], shape)


def _is_batch(axis: object, view: View) -> bool:
    """Whether an axis of a reach is the batch, or the tensor has nothing else."""
    return view.alone or axis in (0, -1 - len(view.sizes))


def _widened(seen: Sight, axis: int, length: int | None) -> Sight:
    """An axis at its real length."""
    if not length:
        return seen
    return seen.stretched((*seen.shape[:axis], length, *seen.shape[axis + 1 :]))


def _each_repeated(seen: Sight, axis: int, times: int) -> Sight:
    """Each position as often as that in a row."""
    return seen.along(axis, seen.shape[axis] * times, lambda line: [one for one in line for _ in range(times)])


def _past_along(seen: Sight, axis: int) -> Sight:
    return seen.along(axis, seen.shape[axis], lambda line: accumulate(line, or_))


def _without_features(seen: Sight) -> Sight:
    return seen.united((len(seen.shape) - 1,))


def _causal(seen: Sight, axis: int, length: int) -> Sight:
    """Query q sees the keys up to q; queries beyond the last key see all of them."""
    past = _past_along(seen, axis)
    last = past.shape[axis] - 1
    require_room((length,), seen.columns)
    return past.taken(axis, [min(index, last) for index in range(length)])


def _fit(left: Axes, right: Axes) -> bool:
    return len(left) == len(right) and all(
        one == other or 1 in (one, other) for one, other in zip(left, right, strict=True)
    )


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
