"""Arguments that nothing in a program tells: sizes become names, what changes nothing is left out, the rest is refused."""

from __future__ import annotations

from collections.abc import Mapping

from seqshape.bind.layer import Layer
from seqshape.declaration import Parameter
from seqshape.diagnostics import Fault, Span
from seqshape.dims import Poly, Size, evaluate
from seqshape.graph import Open
from seqshape.structure import leaves, mapped

# Kinds of arguments of which no shape and no count depends on the value.
EASY = ("Number", "Numeral", "LaterNumber", "Activation", "Function", "Slant")
SIZES = ("Size", "StrictSize", "Count", "Sizes", "Counts", "CountTuple", "Margins", "Dims", "Target", "NewShape")


def holds_open(value: object) -> bool:
    """Whether something that nothing tells is in a value."""
    if not isinstance(value, (tuple, list, dict)):
        return False  # nearly always: an Open is a tuple itself
    return any(type(leaf) is Open for leaf in leaves(value))


def settled(layer: Layer, parameter: Parameter, value: object, given: Mapping[str, Size]) -> object:
    """A value with sizes in the place of what nothing tells. Raises Fault where that cannot be a size.

    What changes no shape and no count is as if it were left out.
    """
    if parameter.kind in SIZES:
        found = _with_sizes(value, given)
        if not holds_open(found):
            return found
    elif parameter.kind in EASY:
        return 0.5 if parameter.default is ... else parameter.default
    raise left_open(layer.class_name, parameter.name, value, layer.place(parameter.name))


def left_open(class_name: str, argument: str, value: object, span: Span) -> Fault:
    """The complaint that an argument depends on what nothing tells."""
    name = next(leaf.name for leaf in leaves(value) if type(leaf) is Open)
    return Fault(
        f"{argument} of {class_name} depends on {name}, which nothing in the source tells",
        span=span,
        code="E142",
        help=f"--set '{name}=…' gives it a value",
    )


def _with_sizes(value: object, given: Mapping[str, Size]) -> object:
    def sized(leaf: object) -> object:
        if type(leaf) is not Open or leaf.size is None:
            return leaf
        return evaluate(leaf.size, given) if isinstance(leaf.size, Poly) else leaf.size

    return mapped(sized, value)
