"""Edits for an input with too few axes or too many: E201."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.bind.layer import Layer
from seqshape.diagnostics import Label, Span
from seqshape.dims import UNKNOWN, Dim, Size, symbol
from seqshape.graph import Ref
from seqshape.mending.languages import Language, New, Patches
from seqshape.mending.patch import Edit
from seqshape.mending.scene import Scene, each_step, is_recurrent, shape_text, written_dim
from seqshape.registry import has, named, short
from seqshape.tensor import RankFault, Shape
from seqshape.walk.flow import Done

SAMPLES = 256  # a first number from which on it may be that of the samples
OR = "; or, "


def ranked(scene: Scene) -> Iterator[Edit]:
    """For an input with too few axes, too many, or several of different numbers."""
    fault = scene.fault
    if not isinstance(fault, RankFault):
        yield from _unequal(scene)
    elif fault.found < fault.expected:
        yield from _too_few(scene, fault)
    else:
        yield from _too_many(scene, fault)


def _too_few(scene: Scene, fault: RankFault) -> Iterator[Edit]:
    within = list(_within_steps(scene))
    if within:
        yield from within
        return
    yield from _pictures(scene)
    yield from keep_steps(scene, scene.upstream())
    yield from _longer_input(scene, fault)
    yield from _unflattened(scene)
    yield from other_rank(scene, fault.found - 2)
    yield from _more_axes(scene, fault)


def _too_many(scene: Scene, fault: RankFault) -> Iterator[Edit]:
    yield from _shorter_input(scene)
    yield from other_rank(scene, fault.found - 2)
    yield from _flattened_steps(scene, fault)
    yield from _at_every_step(scene, fault)
    yield from last_step(scene, scene.upstream())
    yield from _one_vector(scene, fault)


# --- steps -----------------------------------------------------------------------------------------------------------


def keep_steps(scene: Scene, way: Iterator[Done], cost: float = 1.0, *, also: str = "") -> Iterator[Edit]:
    """Earlier layers that give only their last step could keep every one."""
    for number, done in enumerate(way):
        for layer in scene.holders(done.node.call):
            if layer.arguments.get("return_sequences") is False:
                call, language = done.node.call, scene.language
                patches = language.setting(layer, "return_sequences", True)
                help = f"to keep every step, write {language.said(call, patches)}"
                cause = Label(call.span, f"{language.call(call)} gives only its last step")
                yield Edit(patches, help, cause, cost=cost + number / 100, also=also)
                yield from _but_last(language, layer, cost + number / 100)


def _but_last(language: Language, layer: Layer, cost: float) -> Iterator[Edit]:
    """Of a repeated layer the last copy alone gives its last step."""
    for patch in language.but_last(layer, "return_sequences", True):
        help = f"if the last of them is to give its last step alone, {patch.text}"
        yield Edit((patch,), help, cost=cost + 0.005, also=OR)


def last_step(scene: Scene, way: Iterator[Done], cost: float = 1.15) -> Iterator[Edit]:
    """An earlier layer that gives every step could give the last one only."""
    for number, done in enumerate(way):
        for layer in scene.holders(done.node.call):
            if layer.arguments.get("return_sequences") and "return_sequences" in layer.places:
                patches = scene.language.without(layer, "return_sequences")
                help = f"for the last step alone, write {scene.language.said(layer.call, patches)}"
                cause = Label(done.node.call.span, f"{layer.class_name} gives every step")
                yield Edit(patches, help, cause, cost=cost + number / 100)


def _within_steps(scene: Scene) -> Iterator[Edit]:
    """What a TimeDistributed runs gets one step at a time: the input may lack the steps, or the wrapper be too much."""
    node, language = scene.node, scene.language
    outer = scene.network.session.binder.get(node.call) if node is not None else None
    inner = each_step(outer)
    if node is None or inner is None or scene.call is node.call:
        return
    first, second = (1.1, 1.0) if is_recurrent(inner) else (1.0, 1.1)
    tensor = scene.input
    if tensor is not None:
        yield from _input(
            scene, (_fresh(tensor.shape), *tensor.shape[1:]), "for several steps of that, write {}", first, also=OR
        )
    alone = language.call(inner.call)
    help = f"without the steps of a {named('each_step')}, write {alone}"
    yield Edit(language.written(node.call.span, alone), help, cost=second, also=OR)


def _pictures(scene: Scene) -> Iterator[Edit]:
    """Layers for one picture before a layer that reads steps: a sequence of pictures, each of them on its own."""
    way, tensor = list(scene.upstream()), scene.input
    if tensor is None or len(tensor.shape) < 4 or any(each_step(done.layer) for done in way):
        return
    wrapped = [done for done in way if _is_for_one(done)]
    if not any(map(_lowers, wrapped)):
        return
    shape = (_fresh(tensor.shape), *tensor.shape[1:])
    more, given, written = scene.reshaped(shape)
    if written or scene.is_open:
        patches = tuple(
            patch for done in wrapped for patch in scene.language.around(done.node.call, named("each_step"))
        )
        said = f" and give the input the steps: {written or f'-i {shape_text(shape)}'}"
        help = f"for a sequence of pictures, write {named('each_step')} around each layer before it{said}"
        yield Edit((*patches, *more), help, shape=given, cost=0.9)


def _is_for_one(done: Done) -> bool:
    """Whether a layer reads one picture: in a sequence of them it has to be run at every step."""
    flow = next((flow for flow in done.inputs if flow is not None), None)
    if flow is None or len(flow.tensor.shape) < 4:
        return False
    kind = done.layer.type if isinstance(done.layer, Layer) else None
    return kind is not None and (kind.rank is not None or "flattens" in kind.traits or bool(kind.parameter("padding")))


def _fresh(shape: Shape) -> Size:
    """A name for a size that no other size of the shape has."""
    taken = {str(dim) for dim in shape}
    return symbol(
        next(name for name in (*"TNSPQ", "steps", *(f"steps_{number}" for number in range(64))) if name not in taken)
    )


def _flattened_steps(scene: Scene, fault: RankFault) -> Iterator[Edit]:
    """Axes that are too many can be flattened, in every step."""
    if fault.expected != 3 or scene.node is None:
        return
    new, language = New(named("each_step"), (New(named("flattens")),)), scene.language
    said = f"{language.layers([new])}{_arrow(scene)}{language.call(scene.node.call)}"
    also = OR if _lowers_rank(scene) else ""
    yield Edit(
        language.before(scene.node, [new]),
        f"to flatten what each step holds, write {said}",
        cost=1.05,
        also=also,
    )


def _lowers_rank(scene: Scene) -> bool:
    """Whether the layer that complains joins all places into one."""
    layer = scene.layer
    return has(layer, "pools_all")


def _at_every_step(scene: Scene, fault: RankFault) -> Iterator[Edit]:
    """A layer for one picture, or for one sequence, run at every step."""
    if scene.node is None or fault.found != fault.expected + 1 or scene.call is not scene.node.call:
        return
    patches = scene.language.around(scene.node.call, named("each_step"))
    yield Edit(
        patches,
        f"to run it at every step, write {scene.language.said(scene.node.call, patches)}",
        cost=1.3 if fault.expected == 2 else 1.1,
    )


def _one_vector(scene: Scene, fault: RankFault) -> Iterator[Edit]:
    """All in one long vector."""
    if scene.node is None:
        return
    flat, language = New(named("flattens")), scene.language
    written = language.call(scene.node.call)
    help = f"to make one long vector, write {language.layers([flat])}{_arrow(scene)}{written}"
    yield Edit(language.before(scene.node, [flat]), help, cost=1.2)
    if fault.expected == 2 and 3 <= fault.found <= 5:
        pool = New(named("averages_all", fault.found - 2))
        help = f"to average the steps, write {language.layers([pool])}{_arrow(scene)}{written}"
        yield Edit(language.before(scene.node, [pool]), help, cost=1.25)


def _arrow(scene: Scene) -> str:
    """What stands between two layers of a chain."""
    return str(getattr(scene.language, "arrow", " > "))


# --- layers that lower the number of axes ----------------------------------------------------------------------------


def _unflattened(scene: Scene) -> Iterator[Edit]:
    """An earlier layer without weights that has made one row of all steps."""
    for number, done in enumerate(scene.upstream()):
        flow = next((flow for flow in done.inputs if flow is not None), None)
        if flow is None or not _lowers(done) or (isinstance(done.layer, Layer) and is_recurrent(done.layer)):
            continue
        language, call, cost = scene.language, done.node.call, number / 100
        if has(done.layer, "flattens") and len(flow.tensor.shape) > 3:
            new = New(named("each_step"), (New(done.layer.class_name),))
            help = f"to keep {_steps(flow.tensor.shape[1])} apart, write {language.layers([new])}"
            yield Edit(language.instead(call, [new]), help, cost=1.0 + cost)
        said = f"{done.layer.class_name} makes one row of {_steps(flow.tensor.shape[1])}"
        yield Edit(language.left_out(call), f"{said}: leave it out", cost=1.1 + cost)


def _steps(number: Dim) -> str:
    return "the steps" if number is UNKNOWN else f"the {number} steps"


def _lowers(done: Done) -> bool:
    """Whether a layer has no weights and gives fewer axes than it gets."""
    flow, shape = next((flow for flow in done.inputs if flow is not None), None), done.shapes()[0]
    if flow is None or shape is None or done.effect is None or done.effect.weights:
        return False
    return len(shape) < len(flow.tensor.shape)


# --- another kind of layer -------------------------------------------------------------------------------------------


def other_rank(scene: Scene, rank: int) -> Iterator[Edit]:
    """The layer of the same kind for inputs of another rank: Conv2D, Conv1D."""
    call = scene.call
    if call is None or rank not in (1, 2, 3):
        return
    span, written = call.name_span, scene.language.call(call)
    name = written[span.start - call.span.start : span.stop - call.span.start] if span.pointer is None else ""
    for digit in "123":
        if f"{digit}D" in name.upper() and digit != str(rank):
            place = span.start + name.upper().index(f"{digit}D")
            patches = scene.language.written(Span(place, place + 1), str(rank))
            said = scene.language.said(call, patches)
            yield Edit(patches, f"for an input of {rank + 2} dims, write {said}")


def _more_axes(scene: Scene, fault: RankFault) -> Iterator[Edit]:
    """As a last resort: a vector repeated at each step, or numbers given an axis of 1."""
    node, language = scene.node, scene.language
    refs = list(node.references()) if node is not None else []
    shape = scene.shape(refs[0]) if len(refs) == 1 else None
    if node is None or shape is None or fault.found + 1 != fault.expected:
        return
    written = language.call(node.call)
    steps = scene.input.shape[1] if scene.input is not None and len(scene.input.shape) == 3 else None
    if fault.found == 2 and steps is not None and steps is not UNKNOWN:
        new = New(named("repeats"), (written_dim(steps),))
        help = f"to repeat the vector at each step, write {language.layers([new])}{_arrow(scene)}{written}"
        yield Edit(language.before(node, [new]), help, cost=2.5)
    if UNKNOWN not in shape[1:] and all(isinstance(dim, int) for dim in shape[1:]):
        new = New(named("reshapes"), (*shape[1:], 1))
        help = f"to give it one axis more, write {language.layers([new])}{_arrow(scene)}{written}"
        yield Edit(language.before(node, [new]), help, cost=3.0)


# --- the input -------------------------------------------------------------------------------------------------------


def _input(scene: Scene, shape: Shape, help: str, cost: float, *, also: str = "") -> Iterator[Edit]:
    """Another shape of the input, batch first."""
    patches, given, written = scene.reshaped(shape[1:] if len(shape) and shape[0] is UNKNOWN else shape)
    if written:
        yield Edit(patches, help.format(written), shape=given, cost=cost, also=also)


def _longer_input(scene: Scene, fault: RankFault) -> Iterator[Edit]:
    """An input that lacks its last axis, or the steps before it."""
    tensor = scene.input
    if tensor is None:
        return
    given = tensor.shape[1:]
    if scene.network.inputs.only is None:
        yield from _input(scene, (*tensor.shape, 1), "to give each step one number, write {}", 1.02)
    elif given and fault.expected == 3:
        one = "1 step" if str(given[0]) == "1" else f"{given[0]} steps"
        help = f"a sequence is steps, features: {one} of 1 number each is {{}}"
        yield from _input(scene, (*tensor.shape, 1), help, 1.02)
        yield from _input(scene, (tensor.shape[0], 1, *given), f"1 step of {given[0]} is {{}}", 1.03, also="; ")
    else:
        yield from _input(
            scene,
            (*tensor.shape, 1),
            f"the input has no {fault.names[-1]}: write {{}}",
            1.02 if any(scene.upstream()) else 0.98,
        )


def _shorter_input(scene: Scene) -> Iterator[Edit]:
    """An input with the batch, with the number of samples, or with an axis of features for word numbers."""
    tensor = scene.input
    if tensor is None or len(tensor.shape) < 3:
        return
    first, rest = tensor.shape[1], tensor.shape[2:]
    if first is UNKNOWN:
        what = "-i" if scene.network.inputs.only is not None else f"an {short('input')}"
        yield from _input(scene, (UNKNOWN, *rest), f"{what} is without the batch: write {{}}", 0.1)
    if any(has(done.layer, "embeds") for done in scene.upstream()):
        help = f"an {named('embeds')} takes a word number at each place, without an axis for features: write {{}}"
        yield from _input(scene, tensor.shape[:-1], help, 0.6)
    if isinstance(first, int):
        cost = 0.9 if first >= SAMPLES else 1.4
        said = f"if {first} is the number of samples, leave it out: {{}}"
        yield from _input(scene, (UNKNOWN, *rest), said, cost, also="; " if cost > 1 else "")
    if tensor.shape[-1] == 1:
        yield from _input(scene, tensor.shape[:-1], "the input has an axis of 1 too many: write {}", 1.3)


# --- several inputs of one layer -------------------------------------------------------------------------------------


def _unequal(scene: Scene) -> Iterator[Edit]:
    """A vector beside a sequence: keep the steps of the one, repeat it, or join those of the other."""
    refs = scene.node.references() if scene.node is not None else ()
    known = [(ref, shape) for ref in refs if (shape := scene.shape(ref)) is not None]
    if len(known) < 2:
        return
    longest, shortest = max(known, key=_rank), min(known, key=_rank)
    for each in known:
        if _rank(each) < _rank(longest):
            yield from _grown(scene, each, longest)
    for each in known:
        if _rank(each) > _rank(shortest):
            yield from _lowered(scene, *each, _rank(shortest))


def _rank(each: tuple[Ref, Shape]) -> int:
    return len(each[1])


def _lowered(scene: Scene, ref: Ref, shape: Shape, rank: int) -> Iterator[Edit]:
    """The steps of a sequence joined."""
    yield from last_step(scene, scene.behind(ref), 1.3)
    if len(shape) <= 5 and rank == 2:
        yield from _added(scene, ref, New(named("averages_all", len(shape) - 2)), "to average the steps", 1.4)
        yield from _added(scene, ref, New(named("flattens")), "to make one long vector", 1.5)


def _grown(scene: Scene, short: tuple[Ref, Shape], long: tuple[Ref, Shape]) -> Iterator[Edit]:
    """The steps of a vector kept, or the vector repeated: that first where the two come from different inputs."""
    ref, shape = short
    together = bool(scene.origins(ref) & scene.origins(long[0]))
    kept = list(keep_steps(scene, scene.behind(ref), 1.0 if together else 1.2, also=OR))[:1]
    steps: Dim = long[1][1]
    repeated: list[Edit] = []
    if len(shape) == 2 and len(long[1]) == 3 and steps is not UNKNOWN:
        new, cost = New(named("repeats"), (written_dim(steps),)), 1.1
        repeated = list(_added(scene, ref, new, f"to repeat the vector for each of the {steps} steps", cost, also=OR))
    first, second = (kept, repeated) if together else (repeated, kept)
    yield from first
    yield from second


def _added(scene: Scene, ref: Ref, new: New, why: str, cost: float, *, also: str = "") -> Iterator[Edit]:
    """A layer put behind the one that gives a tensor."""
    if ref.node in scene.network.graph.inputs and not ref.node.call.arguments:
        return
    language = scene.language
    patches: Patches = language.behind(ref.node, [new])
    help = f"{why}, write {language.call(ref.node.call)}{_arrow(scene)}{language.layers([new])}"
    yield Edit(patches, help, cost=cost, also=also)
