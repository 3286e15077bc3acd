"""What architectures are written with: a layer by its class, called at once."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

from seqshape.dims import UNKNOWN, Dim

# A class of keras.layers and its arguments: a layer that stands in a stack.
Made: TypeAlias = "tuple[str, dict[str, object]]"


class Refused(Exception):
    """Keras would not build this. The text is a whole sentence of the model: what is wrong in its call."""


class Builder(Protocol):
    """What makes layers in the program that is being read."""

    def layer(self, class_name: str, args: tuple[object, ...], kwargs: dict[str, object], x: object) -> Any:
        """What a new layer gives for ``x``."""

    def operation(self, name: str, operands: list[Any]) -> Any:
        """What an operation of keras.ops gives."""

    def stack(self, name: str, layers: list[Made], x: object) -> Any:
        """What a Sequential of new layers gives for ``x``."""


class Net:
    """A network that is being built.

    ``weights``: whether it is the one with the published weights. ``name`` is what the model is called, ``channels``
    what its call says of the last axis of the input.
    """

    def __init__(self, builder: Builder, name: str | None, channels: object, *, weights: bool) -> None:
        self.builder = builder
        self.name = name
        self.weights = weights
        self.coloured = channels == 3

    def __call__(self, class_name: str, x: object, *args: object, **kwargs: object) -> Any:
        """``layers.class_name(*args, **kwargs)(x)``."""
        return self.builder.layer(class_name, args, kwargs, x)

    def operation(self, name: str, *operands: object) -> Any:
        """``ops.name(*operands)``."""
        return self.builder.operation(name, list(operands))

    def stack(self, name: str, x: object, *layers: Made) -> Any:
        """``Sequential([…], name=name)(x)``."""
        return self.builder.stack(name, list(layers), x)

    def shape(self, x: Any) -> tuple[Dim | None, ...]:
        """The shape of a tensor, the batch in front; ``None`` is Keras's."""
        dims = x.tensor.shape if x.tensor is not None else (UNKNOWN,) * 4
        return tuple(None if dim is UNKNOWN else dim for dim in dims)

    def channels(self, x: object) -> int:
        """The last axis of a tensor that a layer has made."""
        last = self.shape(x)[-1]
        return last if isinstance(last, int) else 0

    def pad(self, x: object, kernel: int, name: str) -> Any:
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
