"""Arguments that nothing in a program tells: sizes become names, what changes nothing is left out, the rest is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seqshape.bind.layer import Layer
from seqshape.declaration import Parameter
from seqshape.diagnostics import Fault
from seqshape.dims import Poly, Size, evaluate
from seqshape.graph import Open

# Kinds of arguments of which no shape and no count depends on the value.
EASY = ("Number", "Numeral", "LaterNumber", "Activation", "Function", "Slant")
SIZES = ("Size", "StrictSize", "Count", "Sizes", "Counts", "CountTuple", "Margins", "Dims", "Target", "NewShape")


def holds_open(value: Any) -> bool:
    """Whether something that nothing tells is in a value."""
    if isinstance(value, (tuple, list)) and not isinstance(value, Open):
        return any(map(holds_open, value))
    return isinstance(value, Open)


def settled(layer: Layer, parameter: Parameter, value: Any, given: Mapping[str, Size]) -> Any:
    """A value with sizes in the place of what nothing tells. Raises Fault where that cannot be a size.

    What changes no shape and no count is as if it were left out.
    """
    if parameter.kind in SIZES:
        found = _with_sizes(value, given)
        if not holds_open(found):
            return found
    elif parameter.kind in EASY:
        return 0.5 if parameter.default is ... else parameter.default
    name = next(_names(value))
    raise Fault(
        f"{parameter.name} of {layer.class_name} depends on {name}, which nothing in the source tells",
        span=layer.place(parameter.name),
        code="E142",
        help=f"--set '{name}=…' gives it a value",
    )


def _with_sizes(value: Any, given: Mapping[str, Size]) -> Any:
    if isinstance(value, Open):
        size = value.size
        return value if size is None else evaluate(size, given) if isinstance(size, Poly) else size
    return type(value)(_with_sizes(item, given) for item in value) if isinstance(value, (tuple, list)) else value


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Open):
        yield value.name
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _names(item)
