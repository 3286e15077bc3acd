"""A walked network run on arrays, in float64: the forward functions that stand beside the rules, in the order of the
walk.

A layer does what it does when a network is used, not trained: dropout passes its input on, BatchNormalization takes its
moving statistics. Masks travel along as Keras's do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from seqshape.ambient import Channel, Listening
from seqshape.analysis.chance import Chance
from seqshape.bind.layer import NONSENSE, Bound, Layer, with_inner
from seqshape.diagnostics import Diagnostic, Fault, Label, SeqshapeError
from seqshape.dims import UNKNOWN
from seqshape.graph import Node
from seqshape.layers.forward.arrays import Array, Numpy, Renamed, Weights
from seqshape.network import Network
from seqshape.records import NamedTuple
from seqshape.registry import has
from seqshape.structure import EMPTY, leaves, mapped
from seqshape.tensor import Mask, show
from seqshape.walk.flow import Done
from seqshape.walk.model import Model
from seqshape.walk.replay import Replay, items, masks_given, masks_made, named

BATCH = 3  # samples in random inputs, where the network leaves the batch open
Changes = Mapping[Any, Mapping[str, object]]  # arguments by bound layer and name
MOST_WEIGHTS = 20_000_000  # numbers that are drawn for the weights of one network


class Value(NamedTuple):
    """An array on its way, with its mask if it carries one: True where a step counts."""

    array: Array
    mask: Array | None = None


class Runnable:
    """A bound layer that can be run: ``layer(weights, inputs)``. Its arguments are attributes, as in a rule.

    ``bound`` is the bound layer, ``changes`` what some layers have in the place of their own arguments. Raises
    SeqshapeError, when it is made, for a layer without a forward function.
    """

    def __init__(self, np: Numpy, bound: Bound, changes: Changes = EMPTY) -> None:
        self.np, self.bound, self.changes = np, bound, changes
        self.name, self.class_name = bound.name, bound.class_name
        if isinstance(bound, Layer) and bound.type.forward is not None:
            given = {name: value for name, value in bound.arguments.items() if name != "weights"}  # those at the start
            given |= changes.get(bound, EMPTY)
            self.arguments = {name: self._made(value) for name, value in given.items()}
        elif isinstance(bound, Model):
            self.arguments = {}
        else:
            raise refusal(bound, f"{bound.class_name} cannot be run here: it has no forward function")

    def _made(self, value: object) -> object:
        return mapped(lambda leaf: self.of(leaf) if isinstance(leaf, (Layer, Model)) else leaf, value)

    def of(self, bound: Bound) -> Runnable:
        """Another bound layer, run the same way."""
        return Runnable(self.np, bound, self.changes)

    def __getattr__(self, name: str) -> object:
        if name == "arguments" or name not in self.arguments:
            raise AttributeError(name)
        return self.arguments[name]

    def __call__(self, weights: Weights, *inputs: object, **keywords: object) -> Any:
        """Run the layer: arrays in the structure of the rule's output. Raises SeqshapeError where it cannot."""
        if isinstance(self.bound, Model):
            outputs = Pass(self.np, self.bound, weights, self.changes).run([Value(array) for array in inputs])
            return outputs[0].array if len(outputs) == 1 else [value.array for value in outputs]
        assert isinstance(self.bound, Layer)
        assert self.bound.type.forward is not None
        try:
            return self.bound.type.forward(self.np, weights, *inputs, **{**self.arguments, **keywords})
        except Fault as fault:
            raise refusal(self.bound, f"{self.class_name} {fault.message}") from None
        except NONSENSE:
            raise refusal(self.bound, f"{self.class_name} cannot be run with these arguments") from None


def refusal(layer: Bound, message: str) -> SeqshapeError:
    """The error that a layer cannot be run."""
    return SeqshapeError((Diagnostic("E306", "error", message, (Label(layer.call.span),), layer=layer.name),))


_MASKS: Channel[Array] = Channel("masks")


def watching() -> Listening[Array]:
    """Collects the masks that layers make in the runs inside: ``with watching() as masks: …``."""
    return _MASKS.listening()


class Pass:
    """One run of a model on values; a model inside runs as a pass of its own."""

    def __init__(self, np: Numpy, model: Model, weights: Weights, changes: Changes = EMPTY) -> None:
        self.np, self.model, self.weights, self.changes = np, model, weights, changes
        self.paths = model.weight_paths()
        self.masking = _Masking(np)

    def run(self, inputs: Sequence[Value]) -> list[Value]:
        """The values of all outputs, in Keras's order. Raises SeqshapeError for a layer that cannot be run."""
        replay = Replay(self.model, inputs)
        replay.run(self._apply)
        return replay.results()

    def _apply(self, done: Done, args: list[object], keywords: dict[str, object]) -> list[Value]:
        layer = done.layer
        weights = Renamed(self.weights, self.paths.get(layer, {}))
        if isinstance(layer, Model):
            return Pass(self.np, layer, weights, self.changes).run(list(items([*args, *keywords.values()], Value)))
        runnable = Runnable(self.np, layer, self.changes)
        assert isinstance(layer, Layer)  # or there were no Runnable of it
        operands = named(layer.type, args, keywords)
        first, *others = (_arrays(item) for item in operands.values())
        given = masks_given(layer.type, operands, Value) | dict(zip(list(operands)[1:], others, strict=True))
        found = list(leaves(runnable(weights, first, **given)))
        masks = masks_made(done.effect, next(iter(operands.values())), len(found), self.masking)
        return [Value(array, mask) for array, mask in zip(found, masks, strict=True)]


def _arrays(operand: object) -> object:
    """The arrays in the place of values."""
    return mapped(lambda leaf: leaf.array if isinstance(leaf, Value) else leaf, operand)


class _Masking:
    """Masks as arrays."""

    def __init__(self, np: Numpy) -> None:
        self.np = np

    def of_input(self, first: object) -> object:
        return _arrays(first)

    def either(self, masks: list[Array]) -> Array:
        return self.np.logical_or.reduce(masks)

    def joined(self, parts: list[Value], axis: int) -> Array:
        wide = [
            self.np.ones(array.shape, bool)
            if mask is None
            else self.np.broadcast_to(mask.reshape((*mask.shape, *(1,) * (array.ndim - mask.ndim))), array.shape)
            for array, mask in parts
        ]
        return self.np.any(self.np.concatenate(wide, axis=axis), axis=-1)

    def computed(self, mask: Mask, operands: list[object]) -> Array:
        if mask.op == "convert_to_tensor":
            return operands[0]
        made = getattr(self.np, mask.op)(*operands, **mask.keywords)
        _MASKS.say(made)
        return made


def run(
    network: Network, inputs: Sequence[Array], weights: Weights, np: Numpy = None, changes: Changes = EMPTY
) -> list[Array]:
    """The outputs of a network in Keras's order: ``inputs`` with the batch, ``weights`` by path (``dense/kernel``).

    ``np``: what the arrays are of, if not of numpy; ``changes``: as in :class:`Runnable`. Raises SeqshapeError if the
    network is faulty, or a layer cannot be run: it has no forward function.
    """
    np = np or _numpy()
    wrong = tuple(found for found in network.diagnostics if found.severity == "error")
    if wrong:
        raise SeqshapeError(wrong)
    arrays = [np.asarray(array) for array in inputs]
    values = [Value(array if array.dtype == bool else np.asarray(array, dtype=np.float64)) for array in arrays]
    with np.errstate(all="ignore"):
        return [value.array for value in Pass(np, network.model, weights, changes).run(values)]


def _numpy() -> Numpy:
    import numpy

    return numpy


def random_weights(network: Network, seed: int) -> dict[str, Array]:
    """Weights drawn for all layers of a network, in Keras's order; see :func:`draw`.

    Raises SeqshapeError where a shape has a size without a number, or there are too many numbers.
    """
    shapes = weight_shapes(network)
    require_few(shapes)
    return dict(zip(shapes, draw(_numpy(), list(shapes.values()), positive(list(shapes)), seed), strict=True))


def weight_shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """The shapes of all weights by path, in Keras's order. Raises SeqshapeError where a size has no number."""
    shapes: dict[str, tuple[int, ...]] = {}
    for path, weight in network.model.all_weights().items():
        shapes[path] = tuple(dim for dim in weight.shape if isinstance(dim, int))
        if len(shapes[path]) < len(weight.shape):
            message = f"the weight {path} has the shape {show(weight.shape)}, and only numbers can be run"
            raise SeqshapeError((Diagnostic("E305", "error", message),))
    return shapes


def require_few(shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raises SeqshapeError where weights are too many to be drawn."""
    total = sum(map(prod, shapes.values()))
    if total > MOST_WEIGHTS:
        message = f"the network has {total:,} weights, too many to be run here"
        raise SeqshapeError((Diagnostic("E306", "error", message),))


def positive(paths: Sequence[str]) -> list[bool]:
    """Which weights a root is taken of: they have to be above 0."""
    return ["variance" in path for path in paths]


def draw(np: Numpy, shapes: Sequence[tuple[int, ...]], above: Sequence[bool], seed: int) -> list[Array]:
    """Random weights of the given shapes; those ``above`` are between ½ and 1½, the others round 0 and small."""
    chance = Chance(np, seed)
    return [
        chance.even(shape, 0.5, 1.5) if high else chance.usual(shape, 0.7)
        for shape, high in zip(shapes, above, strict=True)
    ]


def vocabularies(network: Network) -> list[int | None]:
    """For each input the number of different whole numbers it may hold: what the first Embedding behind it says."""
    return [_vocabulary(network.model, node) for node in network.model.graph.inputs]


def _vocabulary(model: Model, start: Node) -> int | None:
    """The smallest table behind an input, with only layers without weights between."""
    reached, found = {start}, []
    for node, done in model.done.items():
        sources = [index for index, flow in enumerate(done.inputs) if flow is not None and flow.ref.node in reached]
        if not sources:
            continue
        if isinstance(done.layer, Model):
            ports = done.layer.graph.inputs
            found += [_vocabulary(done.layer, ports[index]) for index in sources if index < len(ports)]
        else:
            found += [each.arguments.get("input_dim") for each in with_inner(done.layer) if has(each, "looks_up")]
        if done.effect is not None and not done.effect.weights:
            reached.add(node)
    return min((size for size in found if isinstance(size, int)), default=None)


def random_inputs(
    network: Network, seed: int, limits: Sequence[int | None] | None = None, batch: int = BATCH, np: Numpy = None
) -> list[Array]:
    """Random arrays for all inputs; whole numbers below the ``limits``, where there is one or the dtype wants them.

    Raises SeqshapeError where a size has no number.
    """
    chance = Chance(np or _numpy(), seed)
    found: list[Array] = []
    for node, limit in zip(network.model.graph.inputs, limits or vocabularies(network), strict=True):
        tensor = network.model.inputs[node]
        shape: Any = tuple(batch if axis == 0 and dim is UNKNOWN else dim for axis, dim in enumerate(tensor.shape))
        if not all(isinstance(dim, int) for dim in shape):
            message = f"an input has the shape {show(tensor.shape)}, and only numbers can be run"
            raise SeqshapeError((Diagnostic("E305", "error", message, help="give it with -i or --set"),))
        if limit is not None or (tensor.dtype or "").startswith(("int", "uint")):
            found.append(chance.whole(shape, limit or 10))
        else:
            drawn = chance.usual(shape)
            found.append(drawn > 0 if tensor.dtype == "bool" else drawn)
    return found
