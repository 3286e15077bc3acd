"""What the optimizers of Keras 3 keep for each weight that they train, and beside that: their variables, as bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seqshape.dims import Size, Unknown, product
from seqshape.records import NamedTuple
from seqshape.summary import Weight, item_bits

COUNTERS = 8  # the number of steps, int32, and the learning rate, float32
SCALING = 16  # what Keras wraps round it for mixed_float16: two counters, a scale, and a learning rate of its own


class Optimizer(NamedTuple):
    """``slots``: tensors like the weight. ``special``: bytes where they are others. ``scalar``: whether it has a number
    of its own, in the dtype of the first weight."""

    slots: int
    special: Callable[[Weight], Size] | None = None
    scalar: bool = False


def size(weight: Weight) -> Size:
    """The bytes of a weight, whole ones for each number."""
    numbers = product(weight.shape)
    assert not isinstance(numbers, Unknown)  # of which there are no weights
    return numbers * bytes_of(weight.dtype)


def bytes_of(dtype: str | None) -> int:
    """The bytes of one number in memory: 1 of a bool; 0 of a text, which has no fixed size."""
    bits = item_bits(dtype or "float32")
    return (bits + 7) // 8


def _adafactor(weight: Weight) -> Size:
    """The velocity, and for a matrix its rows' and its columns' means; else two counters that nobody reads."""
    whole = size(weight)
    if len(weight.shape) < 2:
        return whole + 8
    rows = weight._replace(shape=weight.shape[:-1])
    columns = weight._replace(shape=(*weight.shape[:-2], weight.shape[-1]))
    return whole + size(rows) + size(columns)


def _muon(weight: Weight) -> Size:
    """One for a matrix that is no table; of any other weight two, as Adam has them."""
    is_matrix = len(weight.shape) == 2 and "embedding" not in weight.path.lower()
    return size(weight) * (1 if is_matrix else 2)


OPTIMIZERS: dict[str, Optimizer] = {
    "adadelta": Optimizer(2),
    "adafactor": Optimizer(0, _adafactor),
    "adagrad": Optimizer(1),
    "adam": Optimizer(2),
    "adam-amsgrad": Optimizer(3),
    "adamax": Optimizer(2),
    "adamw": Optimizer(2),
    "ftrl": Optimizer(2),
    "lamb": Optimizer(2),
    "lion": Optimizer(1),
    "muon": Optimizer(0, _muon),
    "nadam": Optimizer(2, scalar=True),
    "rmsprop": Optimizer(1),
    "rmsprop-centered": Optimizer(2),
    "rmsprop-momentum": Optimizer(2),
    "schedule-free-adamw": Optimizer(2),
    "sgd": Optimizer(0),
    "sgd-momentum": Optimizer(1),
}


def state(name: str, weights: Sequence[Weight], policy: str) -> Size:
    """The bytes of all variables of an optimizer that trains ``weights``; of mixed_float16 with those of its scaling."""
    found = OPTIMIZERS[name]
    total: Size = COUNTERS + (SCALING if policy == "mixed_float16" else 0)
    if found.scalar:
        total = total + (bytes_of(weights[0].dtype) if weights else 4)
    for weight in weights:
        total = total + (found.special(weight) if found.special is not None else found.slots * size(weight))
    return total


def slots(name: str) -> str:
    """What it keeps, in words."""
    found = OPTIMIZERS[name]
    if found.special is not None:
        return "its tensors for each trained weight, and its counters"
    number = {0: "no tensor", 1: "one tensor", 2: "two tensors", 3: "three tensors"}[found.slots]
    return f"{number} for each trained weight, and its counters"
