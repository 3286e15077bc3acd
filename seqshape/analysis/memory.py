"""What a network takes in memory: an estimate for one batch, of a run and of a step of training, with the sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from seqshape.analysis.growth import LARGEST, largest
from seqshape.analysis.liveness import (
    BATCH_NAME,
    Backward,
    Flat,
    Kept,
    Moment,
    Peak,
    Step,
    held_bytes,
    is_most,
    name_of,
    total,
)
from seqshape.analysis.optimizers import size, slots, state
from seqshape.bind.layer import Bound
from seqshape.dims import UNKNOWN, Dim, Size, Unknown, evaluate, names
from seqshape.estimate import Fit, LayerMemory, Load, Memory, Sum, Term
from seqshape.summary import Weight
from seqshape.walk.model import Model

if TYPE_CHECKING:
    from seqshape.network import Network

# --- the whole --------------------------------------------------------------------------------------------------------


class Estimate:
    """The sums for any batch, as formulas over it."""

    def __init__(self, network: Network, optimizer: str) -> None:
        self.network, self.optimizer = network, optimizer
        self.laid = Flat(network.model, network.model.done)
        self.weights = network.summary().totals.bytes
        self.inputs = total(map(self.laid.bytes, self.laid.inputs))
        self.trained = list(trained_weights(network.model))
        self.gradients: Size = 0
        for weight in self.trained:
            self.gradients = self.gradients + size(weight)
        self.state = state(optimizer, self.trained, network.dtype)
        backward = Kept(self.laid)
        self.pieces = backward.pieces
        self.backward = Backward(self.laid, backward.reached).candidates or [Moment(0, "")]
        self.kept = total(piece.bytes for piece in self.pieces)
        self.peak = Peak(self.laid).candidates or [Moment(0, "")]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The layers of which nobody can tell what they hold."""
        silent = (name_of(step.layer) for step in self.laid.steps if step.memory is None)
        return tuple(dict.fromkeys((*self.laid.lost, *silent)))

    def inference(self) -> list[Dim]:
        """The bytes of a run, at each moment at which they can be most."""
        return [self.weights + self.inputs + moment.bytes for moment in self.peak]

    def training(self) -> list[Dim]:
        """The bytes of a step of training, at each moment at which they can be most."""
        fixed = self.weights + self.inputs + self.gradients + self.state + self.kept
        return [fixed + moment.bytes for moment in self.backward]

    def formulas(self, batch: int, *, training: bool) -> list[Size] | None:
        """The bytes for a batch, at each moment at which they can be most; ``None`` where they are not known."""
        found = self.training() if training else self.inference()
        if self.unknown:
            return None
        return _known([_at(one, batch) for one in found])


def peaks(network: Network, load: Load) -> list[Size] | None:
    """The bytes of a run or of a step of training, at each moment at which they can be most.

    ``None`` where they are not known.
    """
    found = Estimate(network, load.optimizer or "sgd").formulas(load.batch, training=load.optimizer is not None)
    if found is None or not all(isinstance(size, int) for size in found):
        return found
    return [max(size for size in found if isinstance(size, int))]


def _known(sizes: list[Dim]) -> list[Size] | None:
    known = [one for one in sizes if not isinstance(one, Unknown)]
    return known if len(known) == len(sizes) else None


def _at(formula: Dim, batch: int) -> Dim:
    return formula if isinstance(formula, Unknown) else evaluate(formula, {BATCH_NAME: batch})


def trained_weights(model: Model) -> Iterator[Weight]:
    """The weights that are trained, each once, by the paths inside their layers."""
    seen: set[int] = set()
    for layer in model.layers() if model.trainable else ():
        for path, weight in (model.weights.get(layer) or {}).items():
            if layer.trainable and weight.trainable is not False and id(weight) not in seen:
                seen.add(id(weight))
                yield Weight(f"{layer.name}/{path}", tuple(weight.shape), weight.dtype or "float32")


def estimate(network: Network, batch: int, optimizer: str, budget: int | None = None) -> Memory:
    """The memory of a network without faults for a batch. ``budget``: bytes, for which the largest batch is found."""
    found = Estimate(network, optimizer)
    at = _reader(found, batch)
    return Memory(
        batch,
        network.dtype,
        optimizer,
        _inference(found, batch, at),
        _training(found, batch, at),
        None if budget is None else _fit(found, budget),
        found.unknown,
        tuple(_layers(found, at)),
    )


_Reader: TypeAlias = Callable[[Dim], Size | None]


def _reader(found: Estimate, batch: int) -> _Reader:
    def at(formula: Dim) -> Size | None:
        value = _at(formula, batch)
        return None if isinstance(value, Unknown) else value

    return at


def _most(moments: Sequence[Moment], batch: int) -> Moment | None:
    """The moment at which most is held; ``None`` where that depends on sizes without a number."""
    found = [Moment(_at(moment.bytes, batch), moment.at) for moment in moments]
    return next((one for one in found if all(is_most(one.bytes, other.bytes) for other in found)), None)


def _moment(name: str, found: Estimate, moment: Moment | None, during: str, at: _Reader) -> Term:
    """The term of what is held at a moment only."""
    if moment is None or found.unknown:
        return Term(name, None, "which moment needs most is open" if moment is None else "not known")
    return Term(name, at(moment.bytes), f"most of it while {moment.at} {during}" if moment.at else "")


def _inference(found: Estimate, batch: int, at: _Reader) -> Sum:
    """The sum at the moment when most is held; not known where that depends on sizes without a number."""
    best = _most(found.peak, batch)
    terms = (
        Term("weights", at(found.weights), "of the whole network"),
        Term("inputs", at(found.inputs), f"a batch of {batch:,}"),
        _moment("activations", found, best, "runs", at),
    )
    return _summed(terms, None if best is None or found.unknown else best.at or None)


def _training(found: Estimate, batch: int, at: _Reader) -> Sum:
    number, best = len(found.trained), _most(found.backward, batch)
    kept = None if found.unknown else at(found.kept)
    terms = (
        Term("weights", at(found.weights), "of the whole network"),
        Term("inputs", at(found.inputs), f"a batch of {batch:,}"),
        Term("gradients", at(found.gradients), f"of {number:,} trained weight{'s' if number != 1 else ''}"),
        Term("optimizer", at(found.state), f"{found.optimizer}: {slots(found.optimizer)}"),
        Term("activations", kept, "kept for the backward pass"),
        _moment("activation gradients", found, best, "is undone", at),
    )
    return _summed(terms, None if best is None or found.unknown else best.at or None)


def _summed(terms: tuple[Term, ...], at: str | None = None) -> Sum:
    found = total(UNKNOWN if term.bytes is None else term.bytes for term in terms)
    return Sum(None if isinstance(found, Unknown) else found, terms, at)


def _fit(found: Estimate, budget: int) -> Fit:
    """The largest batches within a budget, exactly."""
    if found.unknown:
        return Fit(budget, None, None)
    return Fit(budget, _batch(found.inference(), budget), _batch(found.training(), budget))


def _batch(formulas: Sequence[Dim], budget: int) -> int | None:
    """The largest batch at which every formula is within the budget."""
    most = LARGEST
    for formula in formulas:
        if isinstance(formula, Unknown) or names(formula) - {BATCH_NAME}:
            return None
        found = largest(formula, BATCH_NAME, budget)
        if found is None:
            return None
        most = min(most, found)
    return most if most < LARGEST else None


def _layers(found: Estimate, at: _Reader) -> Iterator[LayerMemory]:
    """Each layer with its calls together."""
    steps: dict[Bound, list[Step]] = {}
    for step in found.laid.steps:
        steps.setdefault(step.layer, []).append(step)
    for layer, calls in steps.items():
        working = [total(held_bytes(held, layer) for held in one.memory.working) for one in calls if one.memory]
        kept = [Term(piece.what, at(piece.bytes)) for piece in found.pieces if piece.layer is layer]
        yield LayerMemory(
            str(layer.name),
            str(layer.class_name),
            at(calls[0].stored),
            at(total(found.laid.bytes(key) for step in calls for key in step.writes)),
            at(total(working[:1])) if all(step.memory for step in calls) else None,
            tuple(kept),
        )
