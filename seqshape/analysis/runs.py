"""Two networks run with the same weights on the same inputs, and how far their outputs are apart.

Some runs are on numbers as a network usually sees them. Where these show no difference, one is on numbers of every size,
many of them near those among the arguments: what begins beyond a threshold shows there alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import isnan, prod

from seqshape.analysis import listed
from seqshape.analysis.chance import Chance
from seqshape.analysis.forward import BATCH, draw, positive, random_inputs, run, vocabularies, watching, weight_shapes
from seqshape.analysis.unseen import Argument, arguments, unshared
from seqshape.bind.layer import NONSENSE, with_inner
from seqshape.diagnostics import SeqshapeError
from seqshape.layers.forward.arrays import Array, Numpy
from seqshape.network import Network
from seqshape.records import NamedTuple
from seqshape.walk.flow import flat
from seqshape.walk.model import Model

TOLERANCE = 1e-9  # the largest difference of equal outputs, relative to the largest output
SEEDS = 3
LONG = 1_000  # steps that one run shows enough of
MUCH = 40_000_000  # multiply-adds of one run, above which one run on usual numbers has to do
ENOUGH = 2_000  # numbers at the inputs of a run on numbers of every size, if that is no great work
LITTLE = 150_000  # multiply-adds, and numbers that are made, of all runs that are done in lists rather than on numpy
FIRST = 250_000  # the same of one run of one sample: it takes less than loading numpy, and most networks differ in it
FAINT = 2.0**-8  # what is hardly there
MARKS = 32  # numbers among the arguments that are looked at
Shape = tuple[int, ...]


class Outcome(NamedTuple):
    """The largest difference of the outputs, NaN where they are no finite numbers; whether it is one that counts;
    whether every mask has masked a step in one of the runs; the arguments that no run has shown anything of."""

    difference: float
    differs: bool
    is_masked: bool
    unseen: tuple[str, ...] = ()


class Pairing:
    """Two networks whose weights stand for each other; ``order``: which of the first is each of the second."""

    def __init__(self, left: Network, right: Network, order: Sequence[int]) -> None:
        self.networks = left, right
        self.shapes = weight_shapes(left), weight_shapes(right)
        self.order = order
        first, second = (positive(list(shapes)) for shapes in self.shapes)
        self.above = [above or second[order.index(index)] for index, above in enumerate(first)]
        pairs = zip(vocabularies(left), vocabularies(right), strict=True)
        self.limits = [min(filter(None, pair), default=None) for pair in pairs]
        self.masking = [*_masked(left), *_masked(right)]
        self.is_long = max(map(_steps, self.networks)) > LONG
        self.macs = max(map(multiply_adds, self.networks))

    def outcome(self) -> Outcome:
        """What the runs show. Raises SeqshapeError where one of the networks cannot be run."""
        if self._work() + self._drawn() <= FIRST:
            found = self._in_lists(is_whole=(self._work() * BATCH + self._drawn()) * 2 * SEEDS <= LITTLE)
            if found is not None:
                return found
        import numpy

        return _Runs(numpy, self).outcome()

    def _in_lists(self, *, is_whole: bool) -> Outcome | None:
        """What runs without numpy show, or one of one sample; ``None`` where that is not enough."""
        runs = _Runs(listed, self)
        try:
            found = runs.outcome() if is_whole else runs.usual(0, 1)
        except (SeqshapeError, *NONSENSE):  # numpy can do more, and says what cannot be done
            return None
        return found if found.differs or (is_whole and not isnan(found.difference)) else None

    def seeds(self) -> int:
        """How many runs show enough: of many steps one, but each value that masks has to have its turn."""
        if self.macs > MUCH:
            return 1
        return min(max(len({*self.masking}), 1), SEEDS) if self.is_long else SEEDS

    def marks(self) -> tuple[float, ...]:
        """The numbers among the arguments of all layers: what a layer does may change there."""
        found = {abs(each.value): None for network in self.networks for each in arguments(network.model)}
        return tuple(float(number) for number in found if 1e-6 < number < 1e9)[:MARKS]

    def samples(self, most: int) -> int:
        """How many samples give enough numbers at the inputs, if that is no more work than ``most``."""
        tensors = self.networks[0].model.inputs.values()
        numbers = sum(prod(dim for dim in tensor.shape[1:] if isinstance(dim, int)) for tensor in tensors)
        affordable = (most - self._drawn()) // max(self._work(), 1)
        return max(1 if self.is_long else BATCH, min(ENOUGH // max(numbers, 1), affordable))

    def _work(self) -> int:
        """Multiply-adds, and numbers that are made, of one sample in a run of both."""
        return sum(multiply_adds(network) + 4 * sum(_sizes(network)) for network in self.networks)

    def _drawn(self) -> int:
        """The work of drawing the weights."""
        return 6 * sum(map(prod, self.shapes[0].values()))


class _Runs:
    """The runs of two networks on arrays of one kind: ``np`` is numpy, or what takes its place."""

    def __init__(self, np: Numpy, pairing: Pairing) -> None:
        self.np, self.pairing = np, pairing
        self.fired: dict[int, bool] = {}  # whether each mask has masked a step
        self.asked = unshared(*pairing.networks)
        self.seen: set[Argument] = set()

    def outcome(self) -> Outcome:
        """As much as has to be run: the first run that shows a difference is enough."""
        batch = 1 if self.pairing.is_long else BATCH
        largest = 0.0
        for seed in range(self.pairing.seeds()):
            found = self.usual(seed, batch)
            if found.differs or isnan(found.difference):
                return found
            largest = max(largest, found.difference)
        for each in (self._of_every_size, self._along_rays):
            found = each()
            if found.differs:
                return found
        unseen = tuple(str(each) for own in self.asked for each in own if each not in self.seen)
        return found._replace(difference=largest, unseen=unseen)

    def usual(self, seed: int, batch: int) -> Outcome:
        """A run on numbers as a network usually sees them."""
        pairing = self.pairing
        weights = draw(self.np, list(pairing.shapes[0].values()), pairing.above, seed)
        inputs = random_inputs(pairing.networks[0], seed, pairing.limits, batch, self.np)
        return self._run(weights, inputs, seed)

    def _of_every_size(self) -> Outcome:
        """Numbers of every size, at the inputs and in the weights that are added to what comes in or looked up."""
        marks, chance = self.pairing.marks(), Chance(self.np, SEEDS)
        weights = self._weights(SEEDS, lambda shape: chance.wide(shape, marks))
        return self._run(weights, self._inputs(SEEDS, lambda shape: chance.wide(shape, marks)), SEEDS, wide=True)

    def _along_rays(self) -> Outcome:
        """Each sample a usual one times a number of any size: what layers get takes on every size, little by little."""
        chance = Chance(self.np, SEEDS + 1)
        weights = self._weights(SEEDS + 1, lambda shape: chance.usual(shape, FAINT))

        def sample(shape: Shape) -> Array:
            return chance.usual(shape) * abs(chance.wide((shape[0], *(1,) * (len(shape) - 1)), least=FAINT))

        return self._run(weights, self._inputs(SEEDS + 1, sample), SEEDS + 1, wide=True)

    def _weights(self, seed: int, added: Callable[[Shape], Array]) -> list[Array]:
        """Usual weights, but for those that are added to what comes in or looked up."""
        pairing = self.pairing
        weights = draw(self.np, list(pairing.shapes[0].values()), pairing.above, seed)
        for place, (path, shape) in enumerate(pairing.shapes[0].items()):
            if not pairing.above[place] and (len(shape) == 1 or path.endswith("embeddings")):
                weights[place] = added(shape)
        return weights

    def _inputs(self, seed: int, drawn: Callable[[Shape], Array]) -> list[Array]:
        """Inputs that are no whole numbers and no truth values drawn in another way."""
        pairing, np = self.pairing, self.np
        batch = pairing.samples(LITTLE // 5 if np is listed else MUCH)
        usual = random_inputs(pairing.networks[0], seed, pairing.limits, batch, np)
        return [
            drawn(array.shape) if limit is None and array.dtype != bool else array
            for array, limit in zip(usual, pairing.limits, strict=True)
        ]

    def _run(self, weights: list[Array], inputs: list[Array], seed: int, wide: bool = False) -> Outcome:
        """Both networks run; ``wide``: numbers that are not finite are left out."""
        pairing = self.pairing
        first, second = pairing.shapes
        drawn = dict(zip(first, weights, strict=True))
        paired = {
            path: weights[index].reshape(shape)
            for (path, shape), index in zip(second.items(), pairing.order, strict=True)
        }
        inputs = planted(inputs, pairing.limits, pairing.masking, seed)
        both = list(zip(pairing.networks, (drawn, paired), strict=True))
        with watching() as masks:
            found = [run(network, inputs, each, self.np) for network, each in both]
        for number, mask in enumerate(masks):
            self.fired[number] = self.fired.get(number, False) or not mask.all()
        gap, size = _gap(self.np, found[0], found[1], wide)
        if gap > TOLERANCE * max(1.0, size):
            return Outcome(gap, True, True)
        for (network, each), outputs, asked in zip(both, found, self.asked, strict=True):
            for argument in asked:
                if argument not in self.seen:
                    changes = {argument.layer: {argument.name: argument.moved()}}
                    moved, size = _gap(self.np, outputs, run(network, inputs, each, self.np, changes), wide)
                    self.seen |= {argument} if moved > TOLERANCE * max(1.0, size) else set()
        return Outcome(gap, False, all(self.fired.values()))


def planted(inputs: list[Array], limits: list[int | None], values: list[float], seed: int) -> list[Array]:
    """Inputs with some steps that are masked: padding, and a step in the middle. 0 masks a word."""
    if not values and not any(limits):
        return inputs
    for array, limit in zip(inputs, limits, strict=True):
        value = 0 if limit is not None else values[seed % len(values)] if values else None
        if value is not None and array.ndim > 1 and array.dtype != bool and (limit is not None or array.ndim > 2):
            steps = array.shape[1]
            array[0, steps - steps // 3 :] = value
            array[-1, steps // 2] = value
    return inputs


def _gap(np: Numpy, left: list[Array], right: list[Array], finite_alone: bool) -> tuple[float, float]:
    """The largest difference of two lists of arrays and the largest number in them; NaN where one is not finite.

    ``finite_alone``: what is not finite is left out.
    """
    worst, largest = 0.0, 0.0
    for one, two in zip(left, right, strict=True):
        if one.shape != two.shape:
            worst = float("inf")
        elif one.size:
            finite = np.isfinite(one) & np.isfinite(two)
            if finite_alone:
                one, two = (np.where(finite, each, 0) for each in (one, two))
            gap = one != two if one.dtype == two.dtype == bool else one - two
            is_known = finite_alone or bool(finite.all())
            worst = _worse(worst, float(np.max(np.abs(gap))) if is_known else float("nan"))
            largest = max(largest, float(np.max(np.abs(one))))
    return worst, largest


def _worse(one: float, two: float) -> float:
    """The larger number; NaN if one is."""
    return float("nan") if isnan(one) or isnan(two) else max(one, two)


# --- what a network is like -------------------------------------------------------------------------------------------


def multiply_adds(network: Network) -> int:
    """Those of one sample in one run, as far as they are known."""
    effects = (done.effect for done in network.model.done.values())
    return sum(effect.macs for effect in effects if effect is not None and isinstance(effect.macs, int))


def _sizes(network: Network) -> Iterator[int]:
    """The numbers of each tensor, of one sample."""
    model = network.model
    flows = (flow.tensor for done in model.done.values() for flow in flat(done.outputs))
    for tensor in (*model.inputs.values(), *flows):
        yield prod(dim for dim in tensor.shape[1:] if isinstance(dim, int))


def largest_tensor(network: Network) -> int:
    """The numbers of the largest tensor, of one sample."""
    return max(_sizes(network), default=0)


def _steps(network: Network) -> int:
    """The longest sequence that goes through a network, in steps."""
    flows = (flow.tensor.shape for done in network.model.done.values() for flow in flat(done.outputs))
    return max((shape[1] for shape in flows if len(shape) > 2 and isinstance(shape[1], int)), default=0)


def _masked(network: Network) -> Iterator[float]:
    """The values that mask a step."""
    for layer in network.model.layers():
        for each in with_inner(layer):
            if isinstance(each, Model):
                yield from (one.arguments["mask_value"] for one in each.layers() if "mask_value" in one.arguments)
            elif "mask_value" in each.arguments:
                yield each.arguments["mask_value"]
