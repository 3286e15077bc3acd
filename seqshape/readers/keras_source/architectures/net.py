"""What architectures are written with: a layer by its class, called at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seqshape.dims import UNKNOWN

# Makes a layer of a class with its arguments, and calls it.
Make = Callable[[str, tuple[Any, ...], dict[str, Any], Any], Any]
# Calls an operation of keras.ops by its name with its operands.
Operate = Callable[[str, list[Any]], Any]


class Net:
    """A network that is being built. ``weights``: whether it is the one with the published weights."""

    def __init__(self, make: Make, operate: Operate, *, weights: bool) -> None:
        self.make = make
        self.operate = operate
        self.weights = weights

    def __call__(self, class_name: str, x: object, *args: object, **kwargs: object) -> Any:
        """``layers.class_name(*args, **kwargs)(x)``."""
        return self.make(class_name, args, kwargs, x)

    def operation(self, name: str, *operands: object) -> Any:
        """``ops.name(*operands)``."""
        return self.operate(name, list(operands))

    def shape(self, x: Any) -> tuple[int | None, ...]:
        """The shape of a tensor, the batch in front."""
        dims = x.tensor.shape if x.tensor is not None else (UNKNOWN,) * 4
        return tuple(dim if isinstance(dim, int) else None for dim in dims)

    def pad(self, x: object, kernel: int, name: str) -> Any:
        """Zeros around an image before a valid convolution with strides of 2, so that it ends where TensorFlow's would."""
        rows, columns = self.shape(x)[1:3]
        adjust = (1, 1) if rows is None or columns is None else (1 - rows % 2, 1 - columns % 2)
        half = kernel // 2
        padding = ((half - adjust[0], half), (half - adjust[1], half))
        return self("ZeroPadding2D", x, padding=padding, name=name)


def divisible(value: float, divisor: int = 8) -> int:
    """The nearest multiple, not below nine tenths of the value."""
    found = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return found + divisor if found < 0.9 * value else found
