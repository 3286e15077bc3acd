"""What architectures are written with: a layer by its class, called at once."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from seqshape.dims import UNKNOWN, Dim
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.values import Args, Keywords, Value

# A class of keras.layers and its arguments: a layer that stands in a stack.
Made: TypeAlias = tuple[str, Keywords]
# What a layer is called with.
Inputs: TypeAlias = SymbolicTensor | list[SymbolicTensor]


class Refused(Exception):
    """Keras would not build this. The text is a whole sentence of the model: what is wrong in its call."""


class Builder(Protocol):
    """What makes layers in the program that is being read."""

    def layer(self, class_name: str, args: Args, kwargs: Keywords, x: Inputs) -> SymbolicTensor:
        """What a new layer gives for ``x``."""

    def operation(self, name: str, operands: Args) -> SymbolicTensor:
        """What an operation of keras.ops gives."""

    def stack(self, name: str, layers: list[Made], x: SymbolicTensor) -> SymbolicTensor:
        """What a Sequential of new layers gives for ``x``."""


class Net:
    """A network that is being built.

    ``weights``: whether it is the one with the published weights. ``name`` is what the model is called, ``channels``
    what its call says of the last axis of the input.
    """

    def __init__(self, builder: Builder, name: str | None, channels: Value, *, weights: bool) -> None:
        self.builder = builder
        self.name = name
        self.weights = weights
        self.coloured = channels == 3

    def __call__(self, class_name: str, x: Inputs, *args: Value, **kwargs: Value) -> SymbolicTensor:
        """``layers.class_name(*args, **kwargs)(x)``."""
        return self.builder.layer(class_name, [*args], kwargs, x)

    def operation(self, name: str, *operands: Value) -> SymbolicTensor:
        """``ops.name(*operands)``."""
        return self.builder.operation(name, [*operands])

    def stack(self, name: str, x: SymbolicTensor, *layers: Made) -> SymbolicTensor:
        """``Sequential([…], name=name)(x)``."""
        return self.builder.stack(name, list(layers), x)

    def shape(self, x: SymbolicTensor) -> tuple[Dim | None, ...]:
        """The shape of a tensor, the batch in front; ``None`` is Keras's."""
        dims = x.tensor.shape if x.tensor is not None else (UNKNOWN,) * 4
        return tuple(None if dim is UNKNOWN else dim for dim in dims)

    def channels(self, x: SymbolicTensor) -> int:
        """The last axis of a tensor that a layer has made."""
        last = self.shape(x)[-1]
        return last if isinstance(last, int) else 0

    def pad(self, x: SymbolicTensor, kernel: int, name: str) -> SymbolicTensor:
        """Zeros around an image before a valid convolution with strides of 2, so that it ends where TensorFlow's would.

        Raises Refused.
        """
        rows, columns = self.shape(x)[1:3]
        if rows is not None and columns is None:
            raise Refused("needs the number of columns where it has that of rows")
        even = (1, 1) if rows is None or columns is None else (_even(rows), _even(columns))
        half = kernel // 2
        padding = tuple((half - less, half) for less in even)
        return self("ZeroPadding2D", x, padding=padding, name=name)


def _even(size: Dim) -> Dim:
    """1 for an even size, 0 for an odd one, so written that a formula of half the size comes out short."""
    return 1 + size - 2 * ((size + 1) // 2)


def divisible(value: float, divisor: int = 8) -> int:
    """The nearest multiple, not below nine tenths of the value."""
    found = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return found + divisor if found < 0.9 * value else found


def number_in(given: Keywords, word: str, default: float) -> float:
    """The number that a call gives for a word."""
    found = given.get(word, default)
    return found if isinstance(found, (int, float)) else default
