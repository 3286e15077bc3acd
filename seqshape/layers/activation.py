"""Activations as layers of their own."""

from __future__ import annotations

from seqshape.diagnostics import Fault, fails, remark
from seqshape.dims import Dim, require
from seqshape.kinds import Anything, Axes, LaterNumber, Number
from seqshape.layers.core import activated, is_single
from seqshape.reach import NOTHING, see
from seqshape.registry import layer
from seqshape.structure import listed
from seqshape.tensor import KEEP, Effect, Tensor, show

# What surprises in an activation that is called by its name.
SURPRISES = {
    "linear": "is linear: it passes its input on as it is",
    "relu6": "cuts its output off at 6",
    "leaky_relu": "takes leaky_relu with a slope of 0.2, where the layer LeakyReLU has 0.3",
}


def _elementwise(inputs: Tensor) -> Effect:
    return Effect(Tensor(inputs.shape), mask=KEEP)


@layer("Act", traits="activation passes_on keeps_places")
def Activation(inputs: Tensor, activation: Activation) -> Effect:  # type: ignore[valid-type] # the kind of that name
    """An activation as a layer, number by number; ``softmax`` and ``log_softmax`` work along the last axis."""
    if isinstance(activation, str) and activation in SURPRISES:
        remark(SURPRISES[activation], arg="activation")
    reach = activated(see(), activation, inputs.shape[-1]) if inputs.rank else see()
    return Effect(Tensor(inputs.shape), reach=reach, mask=KEEP)


@layer(traits="passes_on keeps_places")
def ReLU(
    inputs: Tensor, max_value: Number | None = None, negative_slope: Number = 0.0, threshold: Number = 0.0
) -> Effect:
    """``x`` from ``threshold`` up to ``max_value``, and ``negative_slope·(x - threshold)`` below it."""
    for name, value in (("max_value", max_value), ("negative_slope", negative_slope), ("threshold", threshold)):
        require(value is None or value >= 0, f"needs {name} to be at least 0, but gets {value}", arg=name)
    if isinstance(max_value, int):
        remark(f"takes {max_value} as max_value: its output stops there; it has no number of units", arg="max_value")
    return _elementwise(inputs)


@layer(traits="passes_on keeps_places")
def LeakyReLU(
    inputs: Tensor,
    negative_slope: LaterNumber = 0.3,
    *,
    alpha: Number = None,  # type: ignore[assignment]  # None, which is not given, cannot be given
) -> Effect:
    """``x`` above 0 and ``negative_slope·x`` below; ``alpha`` is what Keras 2 calls the slope."""
    slope, name = (negative_slope, "negative_slope") if alpha is None else (alpha, "alpha")
    if not isinstance(slope, (int, float)):
        raise Fault(f"needs {name} to be a number, not {slope!r}", arg=name)
    require(slope >= 0, f"needs {name} to be at least 0, but gets {slope}", arg=name)
    if alpha is not None:
        remark("reads alpha as negative_slope", arg="alpha", help="write negative_slope")
    return _elementwise(inputs)


@layer(keras="2", instead="ReLU(threshold=…) does the same")
def ThresholdedReLU(inputs: Tensor, theta: Number = 1.0) -> Effect:
    """``x`` above ``theta`` and 0 elsewhere. Keras 3 has it as ``ReLU(threshold=…)``."""
    require(theta >= 0, f"needs theta to be at least 0, but gets {theta}", arg="theta")
    return _elementwise(inputs)


@layer(traits="keeps_places")
def ELU(inputs: Tensor, alpha: Anything = 1.0) -> Effect:
    """``x`` above 0 and ``alpha·(exp(x) - 1)`` below."""
    if not isinstance(alpha, (int, float)):
        fails(f"has {alpha!r} for alpha, which is no number", arg="alpha")
    elif alpha < 0:
        remark(f"has alpha {alpha}: negative inputs come out positive", arg="alpha")
    return _elementwise(inputs)


@layer(pinned=("rank", "unshared"), traits="keeps_places")
def PReLU(inputs: Tensor, *, shared_axes: Axes | None = None) -> Effect:
    """``x`` above 0 and ``alpha·x`` below, with an ``alpha`` of its own, learnt, for every place of a sample.

    Along ``shared_axes`` (the first after the batch is 1) there is one alpha for all places, so their size may be
    unknown: behind a Conv2D ``shared_axes=(1, 2)`` gives one for each channel.
    """
    alpha = list(inputs.shape[1:])
    shared = shared_axes if isinstance(shared_axes, tuple) else () if shared_axes is None else (shared_axes,)
    for axis in shared:
        _share(alpha, axis)
    if not alpha:
        remark("has one alpha, since a sample is a single number")
    return Effect(Tensor(inputs.shape), {"alpha": tuple(alpha)}, mask=KEEP)


def _share(alpha: list[Dim], axis: int) -> None:
    """One alpha along an axis. Keras indexes with ``axis - 1``, so that 0 is the last axis."""
    if not -len(alpha) < axis <= len(alpha):
        axes = f"its axes are 1 to {len(alpha)}" if len(alpha) > 1 else f"it has {len(alpha) or 'none'}"
        raise Fault(f"has no axis {axis} to share; {axes}", arg="shared_axes", code="E201")
    if axis < 1:
        remark(f"counts shared_axes from 1, so {axis} means axis {len(alpha) + axis}", arg="shared_axes")
    alpha[axis - 1] = 1


@layer(traits="softmax")
def Softmax(inputs: Tensor, axis: Anything = -1, *, mask: Tensor | None = None) -> Effect:
    """``exp(x)`` divided by its sum along ``axis``: shares that add up to 1. Where ``mask`` is False they are 0."""
    axes = listed(axis)
    if not axes or not all(isinstance(one, int) and -inputs.rank <= one < inputs.rank for one in axes):
        fails(f"has no axis {axis!r} in its input {show(inputs.shape)}", arg="axis")
        return _elementwise(inputs)
    places = [one % inputs.rank for one in axes]
    single = is_single(inputs.shape[place] for place in places)
    return Effect(Tensor(inputs.shape), reach=NOTHING if single else see().mix(*filter(None, places)), mask=KEEP)
