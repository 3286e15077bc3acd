"""Whether two networks are the same by what is known of their layers, without a run.

Each network becomes terms: a call of a layer is what the layer is, which weights it has, and the terms of its inputs.
What changes nothing falls away (dropout, which acts in training only; a TimeDistributed around a layer that looks at the
last axis alone), and what is written in two ways becomes one (an activation among the arguments, and one that follows).
Where the outputs are the same terms, equal weights give equal outputs. Where they are not, nothing is known.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from seqshape.bind.layer import Layer
from seqshape.dims import Poly
from seqshape.layers.forward.arrays import Renamed
from seqshape.network import Network
from seqshape.records import NamedTuple
from seqshape.walk.flow import Done, Flow, flat
from seqshape.walk.model import Model
from seqshape.walk.replay import Replay, items

_NO_ACTIVATION = (None, "linear")
_SIMPLE = (str, int, float, bool, type(None))


class _Term(NamedTuple):
    """What stands for a tensor: the number of its term."""

    number: int
    mask: None = None


class _Unclear(Exception):
    """Something of which no term tells what it does."""


def are_one(left: Network, right: Network, order: Sequence[int]) -> bool:
    """Whether two networks are proven to be the same; ``order``: which weight of the first stands for each of the second."""
    terms = _Terms()
    numbers = dict(zip(left.model.all_weights(), range(len(order)), strict=True))
    paired = dict(zip(right.model.all_weights(), order, strict=True))
    try:
        return terms.of_network(left, numbers) == terms.of_network(right, paired)
    except _Unclear:
        return False


class _Terms:
    """The terms of several networks: equal ones have one number."""

    def __init__(self) -> None:
        self.numbers: dict[Hashable, int] = {}

    def term(self, *parts: Hashable) -> _Term:
        """The term made of some parts."""
        return _Term(self.numbers.setdefault(parts, len(self.numbers)))

    def of_network(self, network: Network, weights: Mapping[str, int]) -> list[_Term]:
        """The terms of the outputs; ``weights`` are numbers. Raises _Unclear."""
        return self._of_model(network.model, self._inputs(network), weights)

    def _inputs(self, network: Network) -> list[_Term]:
        return [self.term("input", number) for number in range(len(network.model.graph.inputs))]

    def _of_model(self, model: Model, inputs: list[_Term], weights: Mapping[str, int]) -> list[_Term]:
        replay, paths = Replay(model, inputs), model.weight_paths()

        def apply(done: Done, args: list[object], keywords: dict[str, object]) -> list[_Term]:
            own = Renamed(weights, paths.get(done.layer, {}))
            if isinstance(done.layer, Model):
                return self._of_model(done.layer, list(items([*args, *keywords.values()], _Term)), own)
            return self._of_layer(done, args, keywords, own)

        replay.run(apply)
        return replay.results()

    def _of_layer(
        self, done: Done, args: list[object], keywords: dict[str, object], weights: Mapping[str, int]
    ) -> list[_Term]:
        """The terms of the outputs of one call."""
        layer, outputs = done.layer, flat(done.outputs)
        if not isinstance(layer, Layer) or any(_is_masked(flow) for flow in (*outputs, *done.inputs)):
            raise _Unclear
        if len(outputs) > 1 or keywords or len(args) > 1 or not isinstance(args[0], _Term):
            called = self.term(*_what(layer), tuple(weights.values()), _fixed(args), _fixed(keywords))
            return [self.term("output", called.number, number) for number in range(len(outputs))]
        return [self._of_plain(layer, args[0], tuple(weights.values()))]

    def _of_plain(self, layer: Layer, given: _Term, weights: tuple[int, ...]) -> _Term:
        """The term of a layer with one tensor in and one out."""
        while _is(layer, "each_step") and _looks_at_last_axis(layer.arguments["layer"]):
            layer = layer.arguments["layer"]
        activation = layer.arguments.get("activation") if _is(layer, "activation", "dense", "convolves") else None
        is_named = activation is None or isinstance(activation, str)  # else it is a layer, and stays an argument
        if _is(layer, "identity", "acts_in_training") or (_is(layer, "activation") and is_named):
            found = given
        else:
            found = self.term(*_what(layer, without=activation if is_named else None), weights, given.number)
        if not is_named or activation in _NO_ACTIVATION:
            return found
        return self.term("activation", layer.dtype, activation, found.number)


def _is_masked(flow: Flow | None) -> bool:
    return flow is None or flow.mask is not None


def _is(layer: Layer, *traits: str) -> bool:
    return not layer.type.traits.isdisjoint(traits)


def _looks_at_last_axis(layer: object) -> bool:
    """Whether a layer does the same to each step as to all of them."""
    return isinstance(layer, Layer) and _is(layer, "dense", "activation", "identity", "acts_in_training")


def _what(layer: Layer, without: object = None) -> Iterator[Hashable]:
    """What a layer does to its inputs, its weights apart; ``without``: an activation that is told of elsewhere.

    Raises _Unclear for one that could not be run either.
    """
    if layer.type.forward is None or layer.operands:
        raise _Unclear
    yield layer.type
    yield layer.dtype
    for name, value in sorted(layer.arguments.items()):
        if name != "activation" or (value not in _NO_ACTIVATION and value != without):
            yield name, _fixed(value)


def _fixed(value: object) -> Hashable:
    """A value, or a structure of values, as part of a term."""
    if isinstance(value, _Term):
        return ("term", value.number)
    if isinstance(value, Layer):
        return tuple(_what(value))
    if isinstance(value, dict):
        return tuple((name, _fixed(item)) for name, item in sorted(value.items()))
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, *map(_fixed, value))
    if isinstance(value, Poly):
        return ("size", str(value))
    if isinstance(value, _SIMPLE):
        return (type(value).__name__, value)
    raise _Unclear
