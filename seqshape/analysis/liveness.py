"""A network laid flat, and which of its tensors are in memory when.

A list of steps in the order of the walk: models inside models are taken apart, and a tensor that is only another view
of one before is that one. Outside of training a tensor lives from the step that makes it to the last that reads it;
training holds what the backward pass of each layer reads (layers.memory), each tensor once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from seqshape.analysis.optimizers import bytes_of, size
from seqshape.bind.layer import Bound, Layer
from seqshape.diagnostics import Fault, listening
from seqshape.dims import Dim, Inconclusive, Size, Unknown, recording
from seqshape.graph import Node
from seqshape.layers import memory as declared
from seqshape.layers.cells import ZEROS
from seqshape.layers.memory import BATCH, Held, size_of
from seqshape.records import NamedTuple
from seqshape.summary import Weight
from seqshape.tensor import Effect, Frozen, Tensor, Unknowable, flatten, is_float
from seqshape.walk.flow import Done, Flow, flat, tensors_of
from seqshape.walk.model import Model
from seqshape.walk.replay import named

Key: TypeAlias = int  # the number of a tensor, in the order in which they are made
BATCH_NAME = str(BATCH)


class Step(NamedTuple):
    """One call of a layer: the tensors in and out, what it holds (``None``: nobody can tell), whether it is trained.

    ``stored``: the bytes of its weights; ``cast``: those that they have in the dtype that it computes in, where that is
    another than it keeps them in.
    """

    layer: Bound
    reads: tuple[Key, ...]
    writes: tuple[Key, ...]
    memory: declared.Memory | None
    trained: bool
    stored: Dim
    cast: Size


class Flat:
    """One walk of a model laid flat: its steps, and the tensors by number; ``inputs`` are those that it is given."""

    def __init__(self, model: Model, walked: Mapping[Node, Done]) -> None:
        self.steps: list[Step] = []
        self.tensors: list[Tensor] = []
        self.idle: dict[Key, Key] = {}  # outputs of layers that do nothing outside of training
        self.lost: list[str] = []  # layers of whose outputs nothing is known
        given = [walked[node] for node in model.graph.inputs if node in walked]
        self.inputs = [self._new(flow.tensor) for done in given for flow in flat(done.outputs)]
        self.outputs = self._lay(model, walked, self.inputs)

    def _new(self, tensor: Tensor) -> Key:
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def bytes(self, key: Key) -> Dim:
        """The bytes of a tensor."""
        tensor = self.tensors[key]
        return size_of(tensor) * bytes_of(tensor.dtype)

    def at_rest(self, key: Key) -> Key:
        """The tensor that this one is outside of training."""
        while key in self.idle:
            key = self.idle[key]
        return key

    def _lay(self, model: Model, walked: Mapping[Node, Done], inputs: Sequence[Key]) -> list[Key]:
        """Lay out one call of a model: the keys of what it gives."""
        keys: dict[tuple[Node, int], Key] = {}
        ports = dict(zip(model.graph.inputs, inputs, strict=False))
        results = _results(model, walked)
        self.lost += [name_of(done.layer) for done in walked.values() if not flat(done.outputs)]
        for done in _needed(walked, results):
            if done.node in ports:
                keys[done.node, 0] = ports[done.node]
                continue
            reads = [_key(keys, flow) for flow in done.inputs if flow is not None]
            for index, key in enumerate(self._call(done, [key for key in reads if key is not None])):
                keys[done.node, index] = key
        found = (_key(keys, flow) for flow in results)
        return [key for key in found if key is not None]

    def _call(self, done: Done, reads: list[Key]) -> list[Key]:
        """Lay out one call of a layer: the keys of its outputs."""
        tensors = [flow.tensor for flow in flat(done.outputs)]
        if isinstance(done.layer, Model) and done.effect is not None:
            return self._lay(done.layer, walk_of(done.layer, done.effect), reads)
        memory = memory_of(done)
        if memory is not None and memory.view and len(tensors) == 1 and reads:
            return reads[:1]
        writes = [self._new(tensor) for tensor in tensors]
        if memory is not None and memory.idle and len(writes) == 1 and reads:
            self.idle[writes[0]] = reads[0]
        self.steps.append(_step(done, reads, writes, memory))
        return writes


def _step(done: Done, reads: Sequence[Key], writes: Sequence[Key], memory: declared.Memory | None) -> Step:
    given = done.effect.weights.items() if done.effect is not None else ()
    weights = {path: weight for path, weight in given if isinstance(weight, Frozen)}
    is_trained = bool(getattr(done.layer, "trainable", True)) and any(one.trainable for one in weights.values())
    stored = total(size(Weight("", tuple(one.shape), one.dtype or "float32")) for one in weights.values())
    cast = _cast(done.layer, weights.values())
    return Step(done.layer, tuple(reads), tuple(writes), memory, is_trained, stored, cast)


def _key(keys: Mapping[tuple[Node, int], Key], flow: Flow | None) -> Key | None:
    return None if flow is None else keys.get((flow.ref.node, flow.ref.output or 0))


def _results(model: Model, walked: Mapping[Node, Done]) -> list[Flow]:
    """What a model gives in one of its walks."""
    found = []
    for flow in model.results():
        done = None if flow is None else walked.get(flow.ref.node)
        outputs = flat(done.outputs) if done is not None else []
        found += [one for one in outputs if flow is not None and one.ref == flow.ref]
    return found


def _needed(walked: Mapping[Node, Done], results: Iterable[Flow]) -> list[Done]:
    """The calls that the outputs depend on, in the order of the walk."""
    found: set[Node] = set()
    waiting = [flow.ref.node for flow in results]
    while waiting:
        node = waiting.pop()
        if node not in found and node in walked:
            found.add(node)
            waiting += [flow.ref.node for flow in walked[node].inputs if flow is not None]
    return [done for node, done in walked.items() if node in found]


def walk_of(model: Model, effect: Effect) -> Mapping[Node, Done]:
    """The walk of a model inside that gave an effect: with inputs of other shapes it is not the first one."""
    reaches = effect.reach if isinstance(effect.reach, tuple) else (effect.reach,)
    for reach in reaches:
        if reach.op == "graph":
            walked: Any = reach.parameters[1]
            return walked or model.done
    return model.done


def _cast(layer: Bound, weights: Iterable[Frozen]) -> Size:
    """The bytes of the weights that a layer casts before it computes, as mixed policies have it."""
    if not isinstance(layer, Layer) or "_from_" in layer.dtype or layer.compute_dtype == layer.variable_dtype:
        return 0
    found: Size = 0
    for weight in weights:
        if is_float(weight.dtype or "") and weight.dtype != layer.compute_dtype:
            found = found + size(Weight("", tuple(weight.shape), layer.compute_dtype))
    return found


def memory_of(done: Done) -> declared.Memory | None:
    """What a call of a layer holds; ``None`` where nobody can tell."""
    if not isinstance(done.layer, Layer) or done.effect is None:
        return None
    args, keywords = [tensors_of(one) for one in done.args], {n: tensors_of(one) for n, one in done.kwargs.items()}
    operands = named(done.layer.type, args, keywords) if args or keywords else {}
    try:
        return held_by(done.layer, operands, done.effect)
    except (Fault, Inconclusive, Unknowable):
        return None


def held_by(layer: Layer, operands: Mapping[str, object], effect: Effect) -> declared.Memory:
    """What the declaration of a layer says of one call."""
    found = declared.declaration(layer.type)
    if found is None:
        return declared.INPUTS if layer.type.operation else declared.ANYTHING
    if isinstance(found, declared.Memory):
        return found
    weights: Any = effect.weights
    call = declared.Call(layer, operands, flatten(effect.out), layer.arguments, weights, inside)
    with recording(), listening():
        return found(call)


def inside(layer: Bound, *tensors: Tensor) -> declared.Memory:
    """What a layer that another one calls holds: a cell of its states too, a model what is inside of it."""
    with recording(), listening():
        if isinstance(layer, Model):
            return _of_model(layer, walk_of(layer, layer(*tensors)))
        assert isinstance(layer, Layer)  # nothing is known of any other
        keywords: dict[str, object] = {"states": ZEROS} if "states" in layer.type.inputs else {}
        effect = layer(*tensors, **keywords)
    return held_by(layer, dict(zip(layer.type.inputs, tensors, strict=False)), effect)


def _of_model(model: Model, walked: Mapping[Node, Done]) -> declared.Memory:
    """A model as one layer, in numbers of bytes: what it keeps, and what is in the air at most."""
    laid = Flat(model, walked)
    kept = tuple(Held(one.what, one.bytes, "int8") for one in Kept(laid).pieces)
    most = Peak(laid).candidates
    return declared.Memory("weights", False, kept, (Held("inside", most[0].bytes, "int8"),) if most else ())


# --- outside of training ----------------------------------------------------------------------------------------------


class Moment(NamedTuple):
    """While a layer runs: the bytes of all tensors that live then, the inputs of the network left out."""

    bytes: Dim
    at: str


class Peak:
    """The moments at which most can be held: one, if no size without a number is in the way."""

    def __init__(self, laid: Flat) -> None:
        self.candidates: list[Moment] = []
        given, last = {*laid.inputs}, _last_uses(laid)
        live: Dim = 0
        for number, step in enumerate(laid.steps):
            made = [key for key in step.writes if laid.at_rest(key) == key]
            working = total(held_bytes(held, step.layer) for held in step.memory.working) if step.memory else 0
            live = live + total(map(laid.bytes, made))
            self._take(Moment(live + working + step.cast, name_of(step.layer)))
            ends = {key for key in last.get(number, ()) if key not in given}
            live = live - total(map(laid.bytes, ends))

    def _take(self, moment: Moment) -> None:
        self.candidates = with_moment(self.candidates, moment)


def with_moment(candidates: list[Moment], moment: Moment) -> list[Moment]:
    """The moments and one more, without those of which another is known to hold as much."""
    if any(is_most(one.bytes, moment.bytes) for one in candidates):
        return candidates
    return [*(one for one in candidates if not is_most(moment.bytes, one.bytes)), moment]


def name_of(layer: Bound) -> str:
    """The name of a layer."""
    return str(getattr(layer, "name", "?"))


def is_most(one: Dim, other: Dim) -> bool:
    """Whether one size is known to be no less than another, whatever the named sizes are; UNKNOWN is above all."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return isinstance(one, Unknown)
    try:
        verdict = one >= other
    except Inconclusive:
        return False
    return verdict is True


def _last_uses(laid: Flat) -> dict[int, set[Key]]:
    """For each step the tensors that nobody reads after it; what the network gives lives to the end."""
    last: dict[Key, int] = {}
    for number, step in enumerate(laid.steps):
        for key in (*step.writes, *step.reads):
            last[laid.at_rest(key)] = number
    for key in laid.outputs:
        last.pop(laid.at_rest(key), None)
    found: dict[int, set[Key]] = {}
    for key, number in last.items():
        found.setdefault(number, set()).add(key)
    return found


def held_bytes(held: Held, layer: Bound) -> Dim:
    """The bytes of something that a layer holds."""
    return held.size * bytes_of(held.dtype or getattr(layer, "compute_dtype", None))


def total(sizes: Iterable[Dim]) -> Dim:
    """Their sum; UNKNOWN if one of them is."""
    found: Dim = 0
    for one in sizes:
        found = found + one
    return found


# --- in training ------------------------------------------------------------------------------------------------------


class Piece(NamedTuple):
    """Something that is kept for the backward pass: by which layer, what it is, how many bytes."""

    layer: Bound
    what: str
    bytes: Dim


class Kept:
    """What is kept for the backward pass, each tensor once: by the first step that asks for it."""

    def __init__(self, laid: Flat) -> None:
        self.laid = laid
        self.reached: set[Key] = set()  # tensors with something that is trained before them
        self.pieces: list[Piece] = []
        self._known: set[tuple[Key, str | None]] = set()
        cast: set[Bound] = set()
        for step in laid.steps:
            if not step.trained and not self.reached.intersection(step.reads):
                continue
            self.reached.update(step.writes)
            if step.cast != 0 and step.layer not in cast:
                cast.add(step.layer)
                self.pieces.append(Piece(step.layer, "weights in the dtype it computes in", step.cast))
            if step.memory is not None:
                self._keep(step, step.memory)

    def _keep(self, step: Step, memory: declared.Memory) -> None:
        if memory.inputs == "always" or (memory.inputs == "weights" and step.trained):
            for key in step.reads:
                self._tensor(step.layer, key, "input", getattr(step.layer, "input_dtype", None))
        if memory.outputs:
            for key in step.writes:
                self._tensor(step.layer, key, "output", None)
        self.pieces += [Piece(step.layer, held.what, held_bytes(held, step.layer)) for held in memory.kept]

    def _tensor(self, layer: Bound, key: Key, what: str, wanted: str | None) -> None:
        """A tensor of the network, or its copy in another dtype. The inputs of the network are there anyway."""
        tensor = self.laid.tensors[key]
        is_cast = wanted is not None and is_float(tensor.dtype or "") and wanted != tensor.dtype
        mark = (key, wanted if is_cast else None)
        if mark in self._known or (key in self.laid.inputs and not is_cast):
            return
        self._known.add(mark)
        told = f"{what} as {wanted}" if is_cast else what
        self.pieces.append(Piece(layer, told, size_of(tensor) * bytes_of(wanted if is_cast else tensor.dtype)))


class Backward:
    """The moments of the backward pass at which the gradients of tensors can be most.

    Each lives from the last step that reads its tensor, which the pass meets first, to the step that makes it; the
    gradients of what is inside of a layer live while its step is undone. ``reached``: the tensors that have one.
    """

    def __init__(self, laid: Flat, reached: set[Key]) -> None:
        self.candidates: list[Moment] = []
        live: Dim = total(laid.bytes(key) for key in {*laid.outputs} & reached)
        known = {*laid.outputs} & reached
        for step in reversed(laid.steps):
            if not reached.intersection(step.writes):
                continue
            given = {key for key in step.reads if key in reached} - known
            known |= given
            live = live + total(map(laid.bytes, given))
            inner = total(held_bytes(held, step.layer) for held in step.memory.working) if step.memory else 0
            self.candidates = with_moment(self.candidates, Moment(live + inner, name_of(step.layer)))
            live = live - total(laid.bytes(key) for key in step.writes if key in known)
