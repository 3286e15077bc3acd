"""Layers that act while a network trains and pass their input on when it runs: no weights, no change of shape."""

from __future__ import annotations

from seqshape.diagnostics import Fault, fails, is_asked, remark
from seqshape.dims import require
from seqshape.kinds import Anything, Number
from seqshape.layers.core import differ
from seqshape.registry import layer
from seqshape.tensor import KEEP, Effect, Tensor, show


def _passed(inputs: Tensor) -> Effect:
    return Effect(Tensor(inputs.shape), mask=KEEP)


def _check_noise(shape: object) -> None:
    """A noise shape is a tuple of sizes and ``None``; else a Fault."""
    if not isinstance(shape, (tuple, list)) or not all(item is None or _is_positive(item) for item in shape):
        raise Fault(f"needs noise_shape to be a tuple of sizes and None, but gets {shape!r}", arg="noise_shape")


def _is_positive(item: object) -> bool:
    return isinstance(item, int) and not isinstance(item, bool) and item > 0


def _compare_noise(shape: object, inputs: Tensor) -> None:
    """Noise stretches to the input: each of its sizes is 1 or the input's. Keras looks only while it trains."""
    if not isinstance(shape, (tuple, list)):
        return
    pairs = [(size, dim) for size, dim in zip(shape, inputs.shape, strict=False) if size is not None]
    if len(shape) != inputs.rank or any(size != 1 and differ(size, dim) for size, dim in pairs):
        remark(f"has noise of the shape {show(shape)} for an input of {show(inputs.shape)}", arg="noise_shape")


@layer("Drop", kinds={"rate": "Rate"}, traits="acts_in_training drops transparent passes_on")
def Dropout(inputs: Tensor, noise_shape: Anything = None) -> Effect:
    """Sets a random share ``rate`` of its input to 0 while the network trains, and scales the rest up to match.

    ``noise_shape`` has a 1 for the axes along which all numbers fall together, ``None`` for the input's own size.
    """
    if noise_shape is not None:
        _check_noise(noise_shape)
    _compare_noise(noise_shape, inputs)
    return _passed(inputs)


@layer(kinds={"rate": "Rate"}, traits="acts_in_training drops transparent")
def AlphaDropout(inputs: Tensor, noise_shape: Anything = None) -> Effect:
    """Dropout that keeps mean and variance, for networks of ``selu`` activations (Klambauer et al., 2017)."""
    _compare_noise(noise_shape, inputs)
    return _passed(inputs)


@layer(kinds={"rate": "Rate"}, traits="acts_in_training transparent")
def GaussianDropout(inputs: Tensor) -> Effect:
    """Multiplies by noise of mean 1 and standard deviation √(rate/(1 - rate)) while the network trains."""
    return _passed(inputs)


@layer(kinds={"stddev": "Rate"}, traits="acts_in_training transparent")
def GaussianNoise(inputs: Tensor) -> Effect:
    """Adds noise of mean 0 and standard deviation ``stddev``, at most 1, while the network trains."""
    return _passed(inputs)


def _check_rank(inputs: Tensor, axes: str) -> None:
    """Refuse an input of another number of axes. Raises RankFault."""
    if not is_asked():
        inputs.axes(axes)
    elif inputs.rank != len(axes.split()):
        fails(f"takes {len(axes.split())} dims ({', '.join(axes.split())}), but gets {show(inputs.shape)}")


@layer(kinds={"rate": "Rate"}, traits="acts_in_training drops transparent")
def SpatialDropout1D(inputs: Tensor) -> Effect:
    """Dropout of whole features: one that falls, falls at every step."""
    _check_rank(inputs, "batch steps features")
    return _passed(inputs)


@layer(kinds={"rate": "Rate"}, traits="acts_in_training drops")
def SpatialDropout2D(inputs: Tensor) -> Effect:
    """Dropout of whole channels of an image."""
    _check_rank(inputs, "batch rows columns channels")
    return _passed(inputs)


@layer(kinds={"rate": "Rate"}, traits="acts_in_training drops")
def SpatialDropout3D(inputs: Tensor) -> Effect:
    """Dropout of whole channels of a volume."""
    _check_rank(inputs, "batch planes rows columns channels")
    return _passed(inputs)


@layer(traits="acts_in_training transparent passes_on regularizer_of_its_own")
def ActivityRegularization(inputs: Tensor, l1: Number | None = 0.0, l2: Number | None = 0.0) -> Effect:
    """Passes its input on and adds ``l1``·Σ\\|x\\| + ``l2``·Σx² to the loss."""
    for name, factor in (("l1", l1), ("l2", l2)):
        require(factor is None or factor >= 0, f"needs {name} to be at least 0, but gets {factor}", arg=name)
    return _passed(inputs)
