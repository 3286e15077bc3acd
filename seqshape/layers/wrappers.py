"""Layers that hold another layer."""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.diagnostics import Fault, fails, listening, remark, situation
from seqshape.dims import UNKNOWN, Dim
from seqshape.kinds import Anything, Layer, Layers, MergeMode
from seqshape.layers.cells import refuse
from seqshape.layers.recurrent import bare
from seqshape.policies import narrowed
from seqshape.reach import Reach, join, see, together
from seqshape.records import NamedTuple
from seqshape.registry import layer
from seqshape.tensor import (
    KEEP,
    NO_MASK,
    Effect,
    RankFault,
    Structure,
    Tensor,
    Tensors,
    WeightShape,
    each_tensor,
    flatten,
    is_float,
    show,
    under,
)


@layer("TD", traits="each_step over_steps")
def TimeDistributed(inputs: Tensor, layer: Layer, *, mask: Tensor | None = None) -> Effect:
    """The same layer, with the same weights, at every step of axis 1: the multiply-adds of one step times the steps.

    Around Dense it changes nothing: Dense goes over the steps by itself. The layer inside must give one tensor.
    """
    batch, steps, *rest = inputs.axes("batch time ...+")
    inner = _in_step(layer, Tensor((batch, *rest), inputs.dtype))
    weights, macs = under(layer.name, inner.weights), steps * inner.macs
    if inner.out is None:  # only the file can tell
        return Effect(None, weights, macs, see(), KEEP)
    if not isinstance(inner.out, Tensor):
        message = f"needs a layer that gives one tensor, but {layer.class_name} gives {len(flatten(inner.out))}"
        raise Fault(message, arg="layer")
    _look_inside(rest, inner)
    first, *others = inner.out.shape
    reach = inner.reach[0] if isinstance(inner.reach, tuple) else inner.reach
    return Effect(Tensor((first, steps, *others)), weights, macs, see().each(1, reach), KEEP)


_UNASKED = frozenset({"Pipeline"})  # beside cells, which take their states too


def _in_step(layer: Layer, step: Tensor) -> Effect:
    """What the layer makes of one step.

    Keras does not check the rank of a step, it only asks the layer for its output shape; a layer without weights
    answers from the first axes and loses the others.
    """
    if layer.class_name in _UNASKED or len(getattr(getattr(layer, "type", None), "required", ())) > 1:
        raise Fault(f"cannot ask {layer.class_name} for its output shape, which Keras has no answer to", arg="layer")
    try:
        with situation("asked"):
            found: Effect = layer(step)
    except RankFault as fault:
        if fault.found <= fault.expected:
            fault.help = fault.help or f"TimeDistributed gives it one step at a time, {show(step.shape)}"
            raise
        found = layer(Tensor(step.shape[: fault.expected], step.dtype))
        if found.weights:
            raise
        fails(f"gives {layer.class_name} steps of {fault.found} dims, and it takes {fault.expected}", arg="layer")
    return found


def _look_inside(rest: Sequence[object], inner: Effect) -> None:
    """What Keras builds without a word and may not be what is meant."""
    if [dim for dim in rest if dim is UNKNOWN]:
        message = "takes steps of unknown size, but in one batch all of them have to be of the same"
        remark(message, help="give the input fixed sizes if they are known")
    if isinstance(inner.out, Tensor) and inner.out.rank > len(rest) + 1 and not inner.weights:
        grown = f"makes {show(inner.out.shape[1:])} of every step, so its output has {inner.out.rank + 1} dims"
        remark(f"{grown}, more than its input", arg="layer")


class Direction(NamedTuple):
    """One half of a Bidirectional: the effect of its layer and how its outputs see the inputs of the whole."""

    effect: Effect
    reach: tuple[Reach, ...]

    @property
    def out(self) -> Tensor:
        """What is merged: the output of the last step or of every step."""
        return flatten(self.effect.out)[0]

    @property
    def states(self) -> list[Structure]:
        """The last states, where the layer returns them."""
        return [] if isinstance(self.effect.out, Tensor) else list(self.effect.out or ())[1:]


@layer("Bi", traits="both_ways over_steps")
def Bidirectional(
    sequences: Tensor,
    layer: Layer,
    merge_mode: MergeMode = "concat",
    weights: Anything = None,
    backward_layer: Layer | None = None,
    *,
    initial_state: Tensors | None = None,
    mask: Tensor | None = None,
) -> Effect:
    """A recurrent layer and a copy of it that reads the steps backwards: twice the weights and the multiply-adds.

    ``merge_mode`` says what becomes of the two outputs: ``concat`` (twice the units), ``sum``, ``mul``, ``ave``, or
    None for both, in a list. ``initial_state``: the first half is for the forward layer, the second for the backward
    one. ``backward_layer`` may be another layer; then Keras takes the output shape from the forward layer alone.
    """
    if weights and isinstance(weights, (int, float)):
        raise Fault(f"needs a list of arrays, not {weights!r}", arg="weights")
    forward, backward = _directions(sequences, layer, backward_layer)
    starts, ends = _halves(_enough(sequences, forward, initial_state))
    first, last = len(flatten(starts)), len(flatten(starts)) + len(flatten(ends))
    ahead, back = (
        _direction(_run(each, sequences, own, mask), [0, *numbers, last + 1])
        for each, own, numbers in (
            (forward, starts, range(1, first + 1)),
            (backward, ends, range(first + 1, last + 1)),
        )
    )
    both: dict[str, WeightShape] = under(forward.name, ahead.effect.weights)
    both |= under(backward.name, back.effect.weights)
    merged = _merged(ahead, back, merge_mode, forward.arguments["return_sequences"])
    return merged._replace(weights=both, macs=ahead.effect.macs + back.effect.macs)


def _run(half: Layer, sequences: Tensor, start: Structure | None, mask: Tensor | None) -> Effect:
    """What one direction does; most get a sequence alone."""
    given = {"initial_state": start, "mask": mask} if start is not None or mask is not None else {}
    effect: Effect = half(sequences, **given)
    return effect


def _directions(sequences: Tensor, layer: Layer, other: Layer | None) -> tuple[Layer, Layer]:
    """The two layers that Keras makes: copies, named after the given one, unless the backward one is given too."""
    for name, each in (("layer", layer), ("backward_layer", other)):
        if each is not None and "go_backwards" not in each.arguments:
            refuse(each, sequences, "a recurrent layer, such as LSTM", name)
    forward = layer.copy(f"forward_{layer.name.removeprefix('forward_')}")
    name = f"backward_{layer.name.removeprefix('backward_')}"
    backward = layer.copy(name, go_backwards=True) if other is None else other
    _agree(forward, backward, "layer" if other is None else "backward_layer")
    return forward, backward


def _agree(forward: Layer, backward: Layer, arg: str) -> None:
    if forward.arguments["go_backwards"] == backward.arguments["go_backwards"]:
        message = f"needs one layer forwards and one backwards, but both have go_backwards={forward.arguments['go_backwards']}"
        copied = "leave it out: the copy for the other direction gets it by itself"
        raise Fault(message, arg=arg, help=copied if arg == "layer" else "give one of the two go_backwards=True")
    for name in ("stateful", "return_sequences", "return_state"):
        mine, theirs = forward.arguments[name], backward.arguments[name]
        if mine != theirs:
            message = f"needs layers with the same {name}, but forwards it is {mine} and backwards {theirs}"
            raise Fault(message, arg=arg, help=f"give backward_layer {name}={mine}")
    if forward.name == backward.name:
        raise Fault(f"cannot tell its layers apart: both are called {forward.name}", arg=arg)


def _halves(initial_state: Structure | None) -> tuple[Structure | None, Structure | None]:
    """The states that each direction starts from."""
    if initial_state is None:
        return None, None
    states = [initial_state] if isinstance(initial_state, Tensor) else list(initial_state)
    return states[: len(states) // 2], states[len(states) // 2 :]


def _enough(sequences: Tensor, layer: Layer, initial_state: Structure | None) -> Structure | None:
    """The states to start from; none where there are too few for both directions, which Keras sees only when it runs."""
    if initial_state is None:
        return None
    with listening():
        each = len(flatten(layer.copy(layer.name, return_state=True)(sequences).out)) - 1
    given = len(flatten(initial_state))
    if given >= 2 * each:
        return initial_state
    states = f"{2 * each} states, {each} for each direction" if each > 1 else "2 states, one for each direction"
    fails(f"starts from {states}, but gets {given}", arg="initial_state")
    return None


def _direction(effect: Effect, numbers: Sequence[int]) -> Direction:
    """One direction; its layer's input k is input ``numbers[k]`` of the whole."""
    reaches = effect.reach if isinstance(effect.reach, tuple) else (effect.reach,)
    if all(own == number for own, number in enumerate(numbers)):
        return Direction(effect, reaches)
    return Direction(effect, tuple(_renumbered(reach, numbers) for reach in reaches))


def _renumbered(reach: Reach, numbers: Sequence[int]) -> Reach:
    if reach.op == "see":
        (number,) = reach.parameters
        assert isinstance(number, int)
        return see(numbers[number])
    return Reach(reach.op, tuple(_renumbered(part, numbers) for part in reach.of), reach.parameters)


def _merged(ahead: Direction, back: Direction, merge_mode: str | None, sequences: bool) -> Effect:
    """The two outputs made one, and then the states of both.

    The steps of the backward output are put in order first. Keras takes all shapes from the forward layer.
    """
    _check_widths(ahead.out, back.out, merge_mode)
    out, mask = Tensor(ahead.out.shape), KEEP if sequences else NO_MASK
    states = bare(ahead.states) * 2
    held = len(flatten(ahead.states))
    seen = ahead.reach[0], back.reach[0].flip() if sequences else back.reach[0]
    seen_by_states = (*ahead.reach[1:], *[back.reach[-1]] * held)
    if merge_mode is None:
        return Effect([out, out, *states], reach=(*seen, *seen_by_states), mask=(mask, mask))
    if merge_mode == "concat":
        merged, reach = out.last(2 * out.shape[-1]), join(-1, seen)
    else:
        merged, reach = out, together(*seen)
    return Effect([merged, *states] if states else merged, reach=(reach, *seen_by_states), mask=mask)


def _check_widths(forward: Tensor, backward: Tensor, merge_mode: str | None) -> None:
    mine, theirs = forward.shape[-1], backward.shape[-1]
    if mine == theirs:
        return
    widths = f"the forward layer has {mine} units, the backward one {theirs}"
    if merge_mode == "concat":
        message = f"gives {mine + theirs} features when it runs, but Keras says {2 * mine}: {widths}"
    elif merge_mode is None:
        message = f"gives another shape when it runs than Keras says: {widths}"
    else:
        fails(f"has directions of different widths ({widths}), and {merge_mode} needs equal ones", arg="backward_layer")
        return
    remark(message, arg="backward_layer")


@layer(converts=False)
def Pipeline(inputs: Tensor, layers: Layers, *, mask: Tensor | None = None) -> Effect:
    """Layers one after the other as one layer.

    Keras runs them to learn the output shape, as in training: what fails when it runs is refused at once.
    """
    if not isinstance(layers, (tuple, list)) or not layers:
        raise Fault("needs a list of at least one layer", arg="layers")
    out: Anything = inputs
    weights: dict[str, WeightShape] = {}
    macs: Dim = 0
    reach: tuple[Reach, ...] = (see(),)
    for one in layers:
        with situation("run"):
            effect = one(_cast(out, one))
        out, macs = each_tensor(_in_32_bits, effect.out), macs + effect.macs
        weights |= under(one.name, effect.weights)
        own = effect.reach if isinstance(effect.reach, tuple) else (effect.reach,)
        reach = tuple(_after(each, reach) for each in own)
    return Effect(out, weights, macs, reach if len(reach) > 1 else reach[0])


def _in_32_bits(tensor: Tensor) -> Tensor:
    return Tensor(tensor.shape, narrowed(tensor.dtype) if tensor.dtype else None)


def _cast(inputs: Anything, layer: Anything) -> Anything:
    """Floats in the dtype that the layer computes in, as Keras hands them to it."""
    wanted = getattr(layer, "compute_dtype", None)  # a model inside has none of its own
    if wanted is None or not isinstance(inputs, Tensor) or not is_float(inputs.dtype or ""):
        return inputs
    return Tensor(inputs.shape, wanted)


def _after(reach: Reach, earlier: tuple[Reach, ...]) -> Reach:
    """What a layer sees, where its inputs are what the layers before it give."""
    if reach.op == "see":
        index: Anything = reach.parameters[0]
        return earlier[index]
    outer = reach.of[:1] if reach.op == "each" else reach.of
    parts = tuple(_after(part, earlier) for part in outer)
    return Reach(reach.op, parts + reach.of[len(outer) :], reach.parameters)
