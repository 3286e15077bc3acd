"""Which arguments tell two networks apart in words: what runs do not see of them, they do not prove."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from seqshape.bind.layer import Layer, with_inner
from seqshape.network import Network
from seqshape.records import NamedTuple
from seqshape.walk.model import Model

_NUMBERS = ("Number", "Numeral", "LaterNumber")
_ELSEWHERE = ("dropout", "recurrent_dropout", "mask_value")  # in training alone, or looked at as masks are
MOST = 8  # arguments that are looked at


class Argument(NamedTuple):
    """A number that a layer is given and its forward function reads."""

    layer: Layer
    name: str
    value: float

    def moved(self) -> float:
        """A number close by."""
        return self.value * 1.01 if self.value else 0.01

    def __str__(self) -> str:
        return f"{self.name}={self.value:g} of {self.layer.class_name}"


def unshared(left: Network, right: Network) -> tuple[list[Argument], list[Argument]]:
    """The arguments of each of two networks that the other has not: none where both are written with the same numbers."""
    both = list(arguments(left.model)), list(arguments(right.model))
    counts = [Counter((each.name, each.value) for each in listed) for listed in both]
    found = []
    for listed, others in zip(both, counts[::-1], strict=True):
        rest = Counter(others)
        own = []
        for each in listed:
            if rest[each.name, each.value]:
                rest[each.name, each.value] -= 1
            else:
                own.append(each)
        found.append(own[:MOST])
    return found[0], found[1]


def arguments(model: Model) -> Iterator[Argument]:
    """The numbers that forward functions read, of all layers, those inside others too."""
    for layer in model.layers():
        for each in with_inner(layer):
            if isinstance(each, Model):
                yield from arguments(each)
            elif isinstance(each, Layer):
                yield from _numbers(each)


def _numbers(layer: Layer) -> Iterator[Argument]:
    read = layer.type.run_with
    kinds = {parameter.name: parameter.kind for parameter in layer.type.parameters}
    for name, value in layer.arguments.items():
        is_number = type(value) is float or (type(value) is int and kinds.get(name) in _NUMBERS)
        if is_number and name in read and name not in _ELSEWHERE:
            yield Argument(layer, name, value)
