"""What a network takes in memory, as data: an estimate, with the sum that it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqshape.dims import Size, to_json
from seqshape.faces import drawn
from seqshape.records import NamedTuple, Record

Json = dict[str, Any]


class Load(NamedTuple):
    """What memory is asked of: a run of so many samples at once, or, with an ``optimizer``, a step of training."""

    batch: int = 32
    optimizer: str | None = None


class Term(Record):
    """A part of a sum: what it is, how many bytes, and why so many; ``None`` where that is not known."""

    name: str
    bytes: Size | None
    why: str = ""


class Sum(Record):
    """The bytes of inference or of training and what they are the sum of; ``at``: the layer at which most is held."""

    bytes: Size | None
    terms: tuple[Term, ...]
    at: str | None = None


class LayerMemory(Record):
    """One layer of a model or of a model in it, over all its calls: bytes of its weights, of what it gives and of what
    is in the air while it runs, and what it keeps for the backward pass, part by part."""

    name: str
    class_name: str
    weights: Size | None
    outputs: Size | None
    working: Size | None
    kept: tuple[Term, ...]


class Fit(Record):
    """The largest batches within a budget of bytes: 0 where not one sample fits, ``None`` where that is not known or
    the batch does not matter."""

    bytes: int
    inference: int | None
    training: int | None


class Memory(Record):
    """An estimate of the memory of a network for a batch: of a run, and of a step of training with an optimizer.

    ``unknown`` are the layers of which nobody can tell what they hold, where there are some. ``layers``: the sums of
    each layer. Named sizes without a number make formulas of the counts.
    """

    batch: int
    dtype: str
    optimizer: str
    inference: Sum
    training: Sum
    fit: Fit | None = None
    unknown: tuple[str, ...] = ()
    layers: tuple[LayerMemory, ...] = ()

    def to_dict(self) -> Json:
        """The object ``memory`` of ``summarize --memory --json``."""
        return {
            "estimate": True,
            "batch": self.batch,
            "dtype": self.dtype,
            "optimizer": self.optimizer,
            "inference": _of_sum(self.inference),
            "training": _of_sum(self.training),
            "fit": None if self.fit is None else self.fit._asdict(),
            "unknown": list(self.unknown),
            "layers": [_of_layer(layer) for layer in self.layers],
        }

    def __str__(self) -> str:
        return drawn("memory", self)


def _count(size: Size | None) -> object:
    return None if size is None else to_json(size)


def _of_term(term: Term) -> Json:
    return {"name": term.name, "bytes": _count(term.bytes), "why": term.why}


def _of_sum(total: Sum) -> Json:
    return {"bytes": _count(total.bytes), "at": total.at, "terms": [_of_term(term) for term in total.terms]}


def _of_layer(layer: LayerMemory) -> Json:
    return {
        "name": layer.name,
        "class": layer.class_name,
        "weights": _count(layer.weights),
        "outputs": _count(layer.outputs),
        "working": _count(layer.working),
        "kept": [_of_term(term) for term in layer.kept],
    }


# --- and back ---------------------------------------------------------------------------------------------------------


def from_dict(data: Mapping[str, Any]) -> Memory:
    """The estimate that an object was made from. Raises KeyError, TypeError or ValueError if it is none."""
    fit = data["fit"]
    return Memory(
        _whole(data["batch"]),
        str(data["dtype"]),
        str(data["optimizer"]),
        _to_sum(data["inference"]),
        _to_sum(data["training"]),
        None if fit is None else Fit(_whole(fit["bytes"]), _or_none(fit["inference"]), _or_none(fit["training"])),
        tuple(map(str, data["unknown"])),
        tuple(map(_to_layer, data["layers"])),
    )


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r:.80} is no number")
    return value


def _or_none(value: object) -> int | None:
    return None if value is None else _whole(value)


def _size(value: Any) -> Size | None:
    from seqshape.dims import UNKNOWN, Unknown, from_json

    found = UNKNOWN if value is None else from_json(value)
    return None if isinstance(found, Unknown) else found


def _to_term(data: Json) -> Term:
    return Term(str(data["name"]), _size(data["bytes"]), str(data["why"]))


def _to_sum(data: Json) -> Sum:
    at = data["at"]
    return Sum(_size(data["bytes"]), tuple(map(_to_term, data["terms"])), None if at is None else str(at))


def _to_layer(data: Json) -> LayerMemory:
    weights, outputs, working = (_size(data[name]) for name in ("weights", "outputs", "working"))
    kept = tuple(map(_to_term, data["kept"]))
    return LayerMemory(str(data["name"]), str(data["class"]), weights, outputs, working, kept)
