"""Edits for sizes and numbers of inputs that do not suit: E202, E203, E204."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.diagnostics import Label
from seqshape.dims import UNKNOWN
from seqshape.mending.languages import New
from seqshape.mending.patch import Edit
from seqshape.mending.scene import Scene
from seqshape.registry import has, named, short


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
    """For an argument that does not suit the input's sizes."""
    yield from _averaged(scene)


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
