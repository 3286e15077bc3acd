"""Edits for sizes and numbers of inputs that do not suit: E202, E203, E204."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.diagnostics import Label
from seqshape.dims import UNKNOWN, Dim
from seqshape.mending.languages import New
from seqshape.mending.patch import Edit
from seqshape.mending.scene import Scene
from seqshape.registry import has, named, short
from seqshape.tensor import Shape

SMALLEST_PICTURE = 8  # rows and columns from which on a shape looks like a picture
MULTIPLES = (2, 4, 8, 16, 32, 64, 128)  # what sizes are halved by on the way down


def looks_channels_first(shape: Shape) -> bool:
    """Whether the shape, batch first, seems to be that of a picture with its channels before its rows and columns."""
    channels, *places = shape[1:] or (0,)
    return (
        len(places) == 2
        and channels in (1, 3)
        and all(isinstance(one, int) and one >= SMALLEST_PICTURE for one in places)
        and len({*places}) == 1
    )


def unknown_sizes(scene: Scene) -> Iterator[Edit]:
    """For a weight as long as a size that only the data tells: average the steps, or say the features."""
    for done in scene.upstream():
        flow = next((flow for flow in done.inputs if flow is not None), None)
        if has(done.layer, "flattens") and flow is not None and 3 <= flow.tensor.rank <= 5:
            pool = New(named("averages_all", flow.tensor.rank - 2))
            said = scene.language.layers([pool])
            help = f"{named('flattens')} makes one row of them all; to take any number of steps, write {said}"
            yield Edit(scene.language.instead(done.node.call, [pool]), help)
    tensor = scene.input
    if tensor is not None and tensor.shape[-1] is UNKNOWN and len(tensor.shape) > 1:
        shape = (*tensor.shape[1:-1], 8)
        patches, given, written = scene.reshaped(shape)
        if written:
            why = (
                "only the data tells a None, and weights cannot wait for it; give the features (the last axis) a number"
            )
            yield Edit(patches, f"{why}: {written}", shape=given, cost=1.1)


def numbers_of_inputs(scene: Scene) -> Iterator[Edit]:
    """For a layer that is fed more tensors than it takes, or fewer."""
    yield from _without_states(scene)
    node = scene.node
    if node is None:
        return
    if len(list(node.references())) == 1:
        patches = scene.language.twice(node)
        said = f"[{short('identity')} | {short('identity')}] > {scene.language.call(node.call)}"
        yield Edit(patches, f"to give it the same tensor twice, write {said}", cost=1.1)
    else:
        new, language = New(named("concatenates")), scene.language
        said = f"{language.layers([new])}{getattr(language, 'arrow', ' > ')}{language.call(node.call)}"
        yield Edit(language.before(node, [new]), f"to join them first, write {said}", cost=1.2)


def _without_states(scene: Scene) -> Iterator[Edit]:
    """A recurrent layer that gives its states beside its output could keep them."""
    for done in scene.upstream():
        for layer in scene.holders(done.node.call):
            if layer.arguments.get("return_state") and "return_state" in layer.places:
                patches = scene.language.without(layer, "return_state")
                help = f"for the output alone, write {scene.language.said(layer.call, patches)}"
                cause = Label(done.node.call.span, f"{layer.class_name} gives its states beside its output")
                yield Edit(patches, help, cause)


def unfit_sizes(scene: Scene) -> Iterator[Edit]:
    """For an argument, or a branch, that does not suit the input's sizes."""
    yield from _channels_last(scene)
    yield from _averaged(scene)
    yield from _odd_sizes(scene)


def _channels_last(scene: Scene) -> Iterator[Edit]:
    """A picture as PyTorch has it, with its channels first."""
    tensor = scene.input
    if tensor is None or any(scene.upstream()) or not looks_channels_first(tensor.shape):
        return
    channels, *places = tensor.shape[1:]
    patches, given, written = scene.reshaped((*places, channels))
    if written:
        yield Edit(patches, f"Keras has the channels last: write {written}", shape=given, cost=0.9)


def _odd_sizes(scene: Scene) -> Iterator[Edit]:
    """Branches that are joined differ in a size that one of them has halved and doubled again: a multiple has no rest."""
    refs = scene.node.references() if scene.node is not None else ()
    shapes = [shape for ref in refs if (shape := scene.shape(ref)) is not None]
    tensor = scene.input
    if tensor is None or len(shapes) < 2 or any(len(shape) != len(tensor.shape) for shape in shapes):
        return
    axes = [axis for axis in range(1, len(tensor.shape) - 1) if len({str(shape[axis]) for shape in shapes}) > 1]
    if not axes or not all(isinstance(tensor.shape[axis], int) for axis in axes):
        return
    for step in MULTIPLES:
        yield from _multiple(scene, tensor.shape, axes, step)


def _multiple(scene: Scene, shape: Shape, axes: list[int], step: int) -> Iterator[Edit]:
    """The sizes along some axes rounded up to a multiple, and down."""
    for up, cost in ((True, 1.0), (False, 1.0005)):
        rounded = list(shape)
        for axis in axes:
            rounded[axis] = (_number(shape[axis]) + (step - 1) * up) // step * step
        patches, given, written = scene.reshaped(tuple(rounded[1:]))
        if written and 0 not in rounded and rounded != list(shape):
            said = f"{_with_rest(scene, axes[0])}; a multiple of {step} works, such as {written}" if up else written
            yield Edit(patches, said, shape=given, cost=cost + step / 1000, also="" if up else " or ")


def _number(dim: Dim) -> int:
    return dim if isinstance(dim, int) else 0


def _with_rest(scene: Scene, axis: int) -> str:
    """The layer that loses a rest of the largest size along an axis."""
    found: list[tuple[int, str]] = []
    for done in scene.upstream():
        flow, after = next((flow for flow in done.inputs if flow is not None), None), done.shapes()[0]
        before = flow.tensor.shape if flow is not None else ()
        if after is None or min(len(before), len(after)) <= axis:
            continue
        old, new = _number(before[axis]), _number(after[axis])
        if 0 < new < old and old % new:
            found.append((old, f"{done.layer.class_name} makes {new} of {old}, which leaves a rest"))
    return max(found)[1] if found else "sizes that are halved and doubled again have to come out even"


def _averaged(scene: Scene) -> Iterator[Edit]:
    """A Reshape that keeps steps and features, but has no room for the positions of a step: these can be averaged."""
    layer, node = scene.layer, scene.node
    refs = list(node.references()) if node is not None else []
    shape = scene.shape(refs[0]) if len(refs) == 1 else None
    target = layer.arguments.get("target_shape") if layer is not None else None
    if node is None or shape is None or not isinstance(target, tuple):
        return
    sizes, steps = shape[1:], len(target) - 1
    places = sizes[steps:-1]
    if 0 <= steps < 2 and 1 <= len(places) <= 3 and [*sizes[:steps], sizes[-1]] == [*target]:
        pool = New(named("averages_all", len(places)))
        new = New(named("each_step"), (pool,)) if steps else pool
        each = " of each step" if steps else ""
        help = f"to average the {' × '.join(map(str, places))} positions{each}, write {scene.language.layers([new])}"
        yield Edit(scene.language.instead(node.call, [new]), help)
