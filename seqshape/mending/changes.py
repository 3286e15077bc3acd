"""Small changes of a network that would give its output another shape: each names the layer, the reason, the new text.

Nothing here is a table of layers: what a layer's arguments are called (``return_sequences``, ``padding``), which of them
is the size of its output, and how the shapes before and after it differ tell what could be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from seqshape.bind.layer import Layer
from seqshape.diagnostics import Span
from seqshape.dims import Dim, product
from seqshape.graph import Call, Ref
from seqshape.mending.patch import Patch, with_argument, without_argument, without_layer
from seqshape.records import NamedTuple
from seqshape.registry import has, named, short
from seqshape.tensor import Shape, show
from seqshape.walk.flow import Done, flat
from seqshape.walk.model import Model

FURTHEST = 12  # how many layers back from the output a cause is looked for
LAST_RESORT = 12  # what it costs to rearrange numbers, rather than to keep what they mean
RANKS = (3, 4, 5)  # of tensors with steps or positions that can be averaged


class Change(NamedTuple):
    """One change: which layer it is about, what that layer does to the shape, and what to write.

    ``spec`` says it in the spec language, ``keras`` in Keras's words, ``patches`` do it. Of several ways the one that
    costs least is taken.
    """

    done: Done
    reason: str
    spec: str
    keras: str
    patches: tuple[Patch, ...] = ()
    cost: int = 1


class Case(NamedTuple):
    """An output that is to get another shape: the layers that lead to it, nearest first, and the source they stand in."""

    trail: tuple[Done, ...]
    output: Shape
    target: Shape
    text: str = ""

    def written(self, call: Call) -> str:
        """How a layer stands in the source; its class name where there is none."""
        return self.text[call.span.start : call.span.stop] if self.text else str(call.class_name)


def trail(model: Model, ref: Ref) -> Iterator[Done]:
    """The layers that lead to a tensor, from the nearest on, those inside nested models included."""
    waiting, seen = [(model, ref)], set()
    while waiting:
        model, ref = waiting.pop()
        done = model.done.get(ref.node)
        if done is None or ref.node in seen or ref.node in model.graph.inputs:
            continue
        seen.add(ref.node)
        waiting += [(model, flow.ref) for flow in reversed(done.inputs) if flow is not None]
        if isinstance(done.layer, Model):
            waiting += [(done.layer, flow.ref) for flow in flat(done.layer.outputs)[ref.output or 0 :][:1]]
        elif isinstance(done.layer, Layer):
            yield done


def changes(case: Case) -> Iterator[Change]:
    """What could be changed, the likeliest first."""
    makers: tuple[Callable[[Case], Iterator[Change]], ...]
    if len(case.output) < len(case.target):
        makers = (_keep_steps, _leave_out, _size, _append, _repeats, _in_rows, _reshape)
    elif len(case.output) > len(case.target):
        makers = (_last_step, _pool, _size, _drop_ones, _pool_last, _append, _reshape)
    else:
        makers = (_repeats, _size, _append, _pad, _leave_out, _stride, _longer, _crop, _reshape)
    for cost, maker in enumerate(makers, 1):
        for number, change in enumerate(maker(case)):
            late = LAST_RESORT if maker in (_in_rows, _reshape) else 0
            yield change._replace(cost=cost + number + late)


# --- steps -----------------------------------------------------------------------------------------------------------


def holders(layer: object) -> Iterator[Layer]:
    """A layer and those that it wraps."""
    if isinstance(layer, Layer):
        yield layer
        for value in layer.arguments.values():
            yield from holders(value)


def _keep_steps(case: Case) -> Iterator[Change]:
    for done in case.trail:
        for layer in holders(done.layer):
            if layer.arguments.get("return_sequences") is False:
                patch = written_with(case.text, layer, "return_sequences", "True", "seq")
                spec = f"write {_patched(case, layer.call, patch)}"
                keras = f"give {layer.name} return_sequences=True"
                yield Change(done, f"the {_name(done)} drops the steps", spec, keras, (patch,))
                break


def _last_step(case: Case) -> Iterator[Change]:
    for number, done in enumerate(case.trail):
        for layer in holders(done.layer):
            span = layer.places.get("return_sequences")
            if layer.arguments.get("return_sequences") is True and span is not None:
                patch = Patch(without_argument(case.text, span), "")
                spec = f"write {_patched(case, layer.call, patch)}"
                keras = f"give {layer.name} return_sequences=False"
                patches = (patch, *_unwrapped(case, number))
                yield Change(done, f"the {_name(done)} gives every step", spec, keras, patches)


def _unwrapped(case: Case, number: int) -> Iterator[Patch]:
    """The layers after the ``number``-th without their TimeDistributed: there are no steps left."""
    for done in case.trail[:number]:
        inner = _inside(done)
        if inner is not None:
            yield Patch(done.node.call.span, case.written(inner.call))


def _inside(done: Done) -> Layer | None:
    """The layer that a TimeDistributed runs at every step."""
    inner = done.layer.arguments.get("layer")
    return inner if has(done.layer, "each_step") and isinstance(inner, Layer) else None


def _pool(case: Case) -> Iterator[Change]:
    """Nothing makes one vector of the steps: a pooling before the last layer that has a size."""
    last = next((done for done in case.trail if _sizes(done)), None)
    shape = (last.shapes()[0] or ()) if last is not None else ()
    if last is None or len(shape) not in RANKS or not _is_left(case, shape[1:-1]):
        return
    pool = short("averages_all", len(shape) - 2)
    reason = f"nothing joins {_places(shape)} into one, and the {_name(last)} gives an answer for each"
    inner = _inside(last)
    written = case.written(inner.call if inner is not None else last.node.call)
    keras = f"put a {named('averages_all', len(shape) - 2)} before {last.layer.name}"
    patches = (Patch(last.node.call.span, f"{pool}{_arrow(case)}{written}"),)
    yield Change(last, reason, f"write {pool}{_arrow(case)}{written}", keras, patches)


def _is_left(case: Case, places: Shape) -> bool:
    """Whether the output still has these steps or positions, and they are several."""
    return list(map(str, places)) == list(map(str, case.output[:-1])) and any(str(place) != "1" for place in places)


def _places(shape: Shape) -> str:
    """The steps or positions of a shape with the batch."""
    return f"the {' × '.join(map(str, shape[1:-1]))} {'steps' if len(shape) == 3 else 'positions'}"


def _pool_last(case: Case) -> Iterator[Change]:
    """A pooling at the end, before a layer that is added there."""
    shape = (1, *case.output)
    if case.trail and len(shape) in RANKS and _is_left(case, case.output[:-1]):
        pool, last = short("averages_all", len(shape) - 2), case.trail[0]
        reason = f"nothing joins {_places(shape)} into one"
        keras = f"add a {named('averages_all', len(shape) - 2)} at the end"
        yield Change(last, reason, f"end with {pool}", keras, (_at_end(case, last, pool),))


def _drop_ones(case: Case) -> Iterator[Change]:
    """An output with only one place is a vector but for its axes of 1."""
    if case.trail and len(case.target) == 1 and all(str(place) == "1" for place in case.output[:-1]):
        last = case.trail[0]
        reason = f"the {_name(last)} gives {show(case.output)} instead of a vector"
        flat = named("flattens")
        yield Change(last, reason, f"end with {flat}", f"add {flat} at the end", (_at_end(case, last, flat),))


def _at_end(case: Case, last: Done, written: str) -> Patch:
    """One more layer behind the last."""
    stop = last.node.call.span.stop
    return Patch(Span(stop, stop), f"{_arrow(case)}{written}")


def _leave_out(case: Case) -> Iterator[Change]:
    """Layers without weights that change the number of axes or of steps."""
    if not _differs(case):
        return
    for done in case.trail:
        before, after = _shapes(done)
        if done.effect is None or done.effect.weights or not before[1:] or not after[1:] or before[1] == after[1]:
            continue
        span = without_layer(case.text, done.node.call.span)
        keras = f"leave {done.layer.name} out"
        yield Change(done, _lost(case, done, before, after), f"leave {_name(done)} out", keras, (Patch(span, ""),))


def _lost(case: Case, done: Done, before: Shape, after: Shape) -> str:
    """What a layer does to the steps, and how many y has if neither before nor after the layer there are as many."""
    if len(after) > len(before) or (len(after) == len(before) and product(after[1:]) == product(before[1:])):
        return f"the {_name(done)} makes {show(after[1:])} of {show(before[1:])}"
    noun = "steps" if len(before) == 3 else "rows"
    if len(after) < len(before):
        kept = "puts" if product(after[1:]) == product(before[1:]) else "joins"
        return f"the {_name(done)} {kept} the {before[1]} {noun} into one row of {after[-1]} numbers"
    said = f"the {_name(done)} makes {after[1]} {noun} of {before[1]}"
    wanted = case.target[0] if len(case.target) == len(case.output) else before[1]
    return said if str(wanted) == str(before[1]) else f"{said}, and y has {wanted}"


def _differs(case: Case) -> bool:
    """Whether output and labels differ in their number of axes, or in the first one."""
    return len(case.output) != len(case.target) or str(case.output[:1]) != str(case.target[:1])


def _pad(case: Case) -> Iterator[Change]:
    if not _differs(case):
        return
    for done in case.trail:
        before, after = _shapes(done)
        for layer in holders(done.layer):
            if layer.arguments.get("padding") == "valid" and before[1:2] != after[1:2]:
                patch = written_with(case.text, layer, "padding", '"same"', "same")
                spec = f"write {_patched(case, layer.call, patch)}"
                yield Change(
                    done, _lost(case, done, before, after), spec, f'give {layer.name} padding="same"', (patch,)
                )


def _stride(case: Case) -> Iterator[Change]:
    if not _differs(case):
        return
    for done in case.trail:
        before, after = _shapes(done)
        for layer in holders(done.layer):
            span = layer.places.get("strides")
            if span is not None and before[1:2] != after[1:2]:
                patch = Patch(without_argument(case.text, span), "")
                spec = f"write {_patched(case, layer.call, patch)}"
                yield Change(
                    done, _lost(case, done, before, after), spec, f"leave the strides of {layer.name} out", (patch,)
                )


def _longer(case: Case) -> Iterator[Change]:
    """A transposed convolution that gives a few steps too few, which output_padding adds."""
    if not _differs(case):
        return
    for done in case.trail:
        before, after = _shapes(done)
        missing = _difference(case.target[:1], case.output[:1])
        for layer in holders(done.layer):
            if (
                layer.type.parameter("output_padding") is None
                or not 0 < missing < 4
                or "output_padding" in layer.places
            ):
                continue
            span = layer.call.span
            patch = Patch(span, with_argument(case.text[span.start : span.stop], f"output_padding={missing}"))
            spec = f"write {_patched(case, layer.call, patch)}"
            keras = f"give {layer.name} output_padding={missing}"
            yield Change(done, _lost(case, done, before, after), spec, keras, (patch,))


def _crop(case: Case) -> Iterator[Change]:
    """A few steps or positions too many at the end are cut off."""
    places, rank = case.target[:-1], len(case.target) - 1
    extra = [_difference(case.output[axis : axis + 1], case.target[axis : axis + 1]) for axis in range(rank)]
    if not case.trail or not 1 <= rank <= 3 or not any(extra) or min(extra) < 0:
        return
    last = case.trail[0]
    margins = f"(0,{extra[0]})" if rank == 1 else f"({','.join(f'(0,{one})' for one in extra)})"
    crop = f"{named('crops', rank)}({margins})"
    reason = f"the {_name(last)} gives {' × '.join(map(str, case.output[:-1]))} places, and y has {' × '.join(map(str, places))}"
    yield Change(last, reason, f"end with {crop}", f"add {crop} at the end", (_at_end(case, last, crop),))


def _difference(one: Shape, other: Shape) -> int:
    """By how much a size is larger than another; 0 where that is no number."""
    first, second = (one or (0,))[0], (other or (0,))[0]
    return first - second if isinstance(first, int) and isinstance(second, int) else 0


def _repeats(case: Case) -> Iterator[Change]:
    """A layer that makes steps out of one vector (RepeatVector) makes another number of them."""
    for done in case.trail:
        before, after = _shapes(done)
        if len(before) == 2 and len(after) == 3 and len(case.target) == 2 and str(after[1]) != str(case.target[0]):
            for layer, name in _sized(done, after[1]):
                reason = f"the {_name(done)} makes {after[1]} steps, and y has {case.target[0]}"
                yield _resized(case, done, layer, name, case.target[0], reason)


# --- the last size ---------------------------------------------------------------------------------------------------


def _size(case: Case) -> Iterator[Change]:
    """The nearest layer with a size of its own gives as many numbers as the labels have."""
    if not case.target:
        return
    done = _measured(case)
    if done is None or _is_recurrent(done) or _is_wide(case, done):
        return
    for layer, name in _sizes(done):
        yield _resized(case, done, layer, name, case.target[-1], _numbers(case, done))


def _measured(case: Case) -> Done | None:
    """The nearest layer that decides the last size."""
    for done in case.trail:
        before, after = _shapes(done)
        if _sizes(done) or _is_recurrent(done) or before[-1:] != after[-1:]:
            return done
        if before[1:] != after[1:] and len(case.output) > len(case.target):
            return None  # a pooling: what stands before it finds features, and gives no answer
    return None


def _is_wide(case: Case, done: Done) -> bool:
    """Whether a layer gives as many numbers as y has, at the end: then they are not what is wrong."""
    return str((done.shapes()[0] or (0,))[-1]) == str(case.target[-1])


def _numbers(case: Case, done: Done) -> str:
    shape, wanted = done.shapes()[0] or (0,), case.target[-1]
    found, several = shape[-1], any(str(place) != "1" for place in shape[1:-1])
    each = f" for each {'step' if len(shape) == 3 else 'position'}" if several else ""
    return f"the {_name(done)} gives {_count(found)}{each}, and y has {wanted}"


def _count(number: Dim) -> str:
    return "1 number" if number == 1 else f"{number} numbers"


def _resized(case: Case, done: Done, layer: Layer, name: str, size: Dim, reason: str) -> Change:
    patch = Patch(_value_span(layer, name), str(size))
    spec = f"write {_patched(case, layer.call, patch)}"
    return Change(done, reason, spec, f"give {layer.name} {name}={size}", (patch,))


def _sizes(done: Done) -> list[tuple[Layer, str]]:
    """The arguments that are the last size of a layer's output, with the layer that has them."""
    shape = done.shapes()[0]
    return list(_sized(done, shape[-1])) if shape and len(shape) > 1 else []


def _sized(done: Done, size: Dim) -> Iterator[tuple[Layer, str]]:
    for layer in holders(done.layer):
        for parameter in layer.type.parameters:
            sizes = parameter.family == "Size" and parameter.default is ...
            if sizes and parameter.name in layer.places and str(layer.arguments.get(parameter.name)) == str(size):
                yield layer, parameter.name


def _append(case: Case) -> Iterator[Change]:
    if not case.trail or not case.target or _is_wide(case, case.trail[0]):
        return
    last = case.trail[0]
    dense = f"{named('dense')}({case.target[-1]})"
    patch = _at_end(case, last, dense)
    yield Change(last, _numbers(case, last), f"end with {dense}", f"add {dense} at the end", (patch,))


def _in_rows(case: Case) -> Iterator[Change]:
    """A row as long as all the labels, cut into their shape: how one vector becomes several steps."""
    done = _measured(case)
    if done is None or _is_recurrent(done) or done is not case.trail[0] or len(case.output) != 1:
        return
    shape = _reshaped(case)
    for layer, name in _sizes(done):
        rows = " × ".join(map(str, case.target))
        reason = f"the {_name(done)} gives {_count(case.output[-1])}, and y has {rows}"
        change = _resized(case, done, layer, name, product(case.target), reason)
        spec = f"{change.spec}{_arrow(case)}{shape}"
        patches = (*change.patches, _at_end(case, done, shape))
        yield change._replace(spec=spec, keras=f"{change.keras} and add {shape}", patches=patches)


def _reshape(case: Case) -> Iterator[Change]:
    """As many numbers in another arrangement, which leaves the steps apart, if there are any."""
    source = _measured(case)
    if source is None or _is_recurrent(source) or str(product(case.output)) != str(product(case.target)):
        return
    last, shape = case.trail[0], _reshaped(case)
    again = has(last.layer, "reshapes")
    steps = _shapes(last)[0][1:] if again else case.output
    if len(steps) > 1 and (len(case.target) < 2 or str(steps[0]) != str(case.target[0])):
        return
    reason = f"the {_name(last)} arranges the numbers as {show(case.output)}"
    patch = Patch(last.node.call.span, shape) if again else _at_end(case, last, shape)
    yield Change(last, reason, f"end with {shape}", f"add {shape} at the end", (patch,))


def _reshaped(case: Case) -> str:
    """The layer that gives the shape that is wanted."""
    return f"{named('reshapes')}({','.join(map(str, case.target))})"


# --- texts -----------------------------------------------------------------------------------------------------------


def _name(done: Done) -> str:
    return str(done.layer.class_name)


def _is_recurrent(done: Done) -> bool:
    return any("return_sequences" in layer.arguments for layer in holders(done.layer))


def _shapes(done: Done) -> tuple[Shape, Shape]:
    flow = next((flow for flow in done.inputs if flow is not None), None)
    return (flow.tensor.shape if flow is not None else ()), done.shapes()[0] or ()


def _arrow(case: Case) -> str:
    return ">" if ">" in case.text and " >" not in case.text else " > "


def _value_span(layer: Layer, name: str) -> Span:
    place = layer.places[name]
    return next((one.value.span for one in layer.call.arguments if one.span == place), place)


def written_with(text: str, layer: Layer, name: str, value: str, flag: str) -> Patch:
    """An argument set to another value, where it stands or as a flag more."""
    if name in layer.places:
        span = _value_span(layer, name)
        is_flag = span == layer.places[name]
        return Patch(span, flag if is_flag else value)
    span = layer.call.span
    return Patch(span, with_argument(text[span.start : span.stop], flag))


def _patched(case: Case, call: Call, patch: Patch) -> str:
    """The text of a call after a patch inside it."""
    span = call.span
    return case.text[span.start : patch.span.start] + patch.text + case.text[patch.span.stop : span.stop]
