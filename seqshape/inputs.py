"""The shapes given beside a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seqshape.dims import UNKNOWN, Dim, Size, names, symbol


class Inputs:
    """The shapes given beside a source: one for the only input, or by name. Shapes are without the batch.

    ``values`` fills in named sizes (``T=500``).
    """

    def __init__(
        self,
        shapes: Sequence[Dim] | Mapping[str, Sequence[Dim]] | None = None,
        values: Mapping[str, Size] | None = None,
        *,
        origin: str = "-i",
    ) -> None:
        self.named: dict[str, tuple[Dim, ...]] = {}
        self.only: tuple[Dim, ...] | None = None
        if isinstance(shapes, Mapping):
            self.named = {name: _dims(shape) for name, shape in shapes.items()}
        elif shapes is not None:
            self.only = _dims(shapes)
        self.values: dict[str, Size] = dict(values or {})
        self.origin = origin

    def named_sizes(self) -> set[str]:
        """The names of sizes in the shapes."""
        dims = [dim for shape in (self.only or (), *self.named.values()) for dim in shape]
        return {name for dim in dims if type(dim) is not int for name in names(dim)}

    def has_shapes(self) -> bool:
        """Whether any shape is given."""
        return self.only is not None or bool(self.named)

    def sizes(self) -> dict[str, Size]:
        """What a name in the source can mean: the named sizes of the shapes, and the numbers given for names."""
        return {name: symbol(name) for name in sorted(self.named_sizes())} | self.values

    def copy(self) -> Inputs:
        """The same inputs, for another walk."""
        other = Inputs(None, self.values, origin=self.origin)
        other.named, other.only = dict(self.named), self.only
        return other


def _dims(shape: Sequence[Any]) -> tuple[Dim, ...]:
    return tuple(UNKNOWN if dim is None else symbol(dim) if isinstance(dim, str) else dim for dim in shape)
