"""Pooling layers: the largest or the mean of each window, channel by channel. None of them has weights."""

from __future__ import annotations

from typing import Any

from seqshape.diagnostics import Fault, fails, is_running, remark
from seqshape.dims import UNKNOWN, Dim
from seqshape.kinds import Counts, DataFormat, DataFormatOr, Flag, PoolPadding, Sizes, spread
from seqshape.layers.arrays import Array, Weights, from_last, gather, to_last
from seqshape.layers.windows import SPATIAL, Grid, Window, any_grid, grid, seen, slide, windows
from seqshape.reach import see
from seqshape.registry import forward, layer
from seqshape.tensor import DROP, NO_MASK, Effect, Mask, Tensor


def _matched(over: Grid, pool: tuple[Window, ...]) -> tuple[Grid, tuple[Window, ...]]:
    """As many windows as axes: Keras stretches one of either to the number of the other. Raises Fault else."""
    axes, moved = len(over.sizes), len(pool)
    if axes == moved or moved == 1:
        return over, pool * axes if moved == 1 else pool
    if axes != 1:
        raise Fault(f"moves {moved} windows, but gets an input with {axes} axes to move along", code="E201")
    rest = tuple(
        -1 if size is UNKNOWN else size for size in over.sizes
    )  # what Keras reckons with for all but the first
    return over._replace(sizes=over.sizes + rest * (moved - 1), axes=over.axes * moved), pool


def _pool(
    inputs: Tensor, rank: int, pool_size: object, strides: object, padding: str, data_format: str | None
) -> Effect:
    """A window that moves by its own size unless ``strides`` says otherwise."""
    over = any_grid(inputs, rank, data_format)
    pool = windows(rank, "pool_size", pool_size, pool_size if strides is None else strides, padding)
    over, pool = _matched(over, pool)
    sizes = slide(over, pool, "pool_size")
    return Effect(Tensor(over.shape(sizes, over.channels)), reach=seen(see(), over, pool))


@layer("MP1D")
def MaxPooling1D(
    inputs: Tensor,
    pool_size: Sizes = 2,
    strides: Sizes | None = None,
    padding: PoolPadding = "valid",
    data_format: DataFormat | None = None,
) -> Effect:
    """The largest of each ``pool_size`` steps, feature by feature.

    ``strides`` is ``pool_size`` unless given. ``valid`` padding leaves out what no longer fills a window:
    ⌊(steps - pool_size)/strides⌋ + 1 steps; ``same`` gives ⌈steps/strides⌉.
    """
    return _pool(inputs, 1, pool_size, strides, padding, data_format)


@layer("MP2D")
def MaxPooling2D(
    inputs: Tensor,
    pool_size: Sizes = (2, 2),
    strides: Sizes | None = None,
    padding: PoolPadding = "valid",
    data_format: DataFormat | None = None,
) -> Effect:
    """The largest of each window of rows and columns, channel by channel, with the lengths of MaxPooling1D."""
    return _pool(inputs, 2, pool_size, strides, padding, data_format)


@layer("MP3D")
def MaxPooling3D(
    inputs: Tensor,
    pool_size: Sizes = (2, 2, 2),
    strides: Sizes | None = None,
    padding: PoolPadding = "valid",
    data_format: DataFormat | None = None,
) -> Effect:
    """The largest of each window over three axes, channel by channel, with the lengths of MaxPooling1D."""
    return _pool(inputs, 3, pool_size, strides, padding, data_format)


@layer("AP1D")
def AveragePooling1D(
    inputs: Tensor,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: PoolPadding = "valid",
    data_format: DataFormat | None = None,
) -> Effect:
    """The mean of each ``pool_size`` steps, feature by feature, with the lengths of MaxPooling1D.

    With ``same`` padding a window at the edge divides by the steps that it has, not by ``pool_size``.
    """
    return _pool(inputs, 1, pool_size, strides, padding, data_format)


@layer("AP2D")
def AveragePooling2D(
    inputs: Tensor,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: PoolPadding = "valid",
    data_format: DataFormat | None = None,
) -> Effect:
    """The mean of each window of rows and columns, channel by channel, with the lengths of MaxPooling1D."""
    return _pool(inputs, 2, pool_size, strides, padding, data_format)


@layer("AP3D")
def AveragePooling3D(
    inputs: Tensor,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: PoolPadding = "valid",
    data_format: DataFormat | None = None,
) -> Effect:
    """The mean of each window over three axes, channel by channel, with the lengths of MaxPooling1D."""
    return _pool(inputs, 3, pool_size, strides, padding, data_format)


def _covered(
    np: Any, inputs: Array, fill: float, *, pool_size: Any, strides: Any, padding: str, data_format: Any, **rest: Any
) -> tuple[Array, tuple[int, ...]]:
    """What each window covers, the channels last, and the axes of the taps."""
    rank = inputs.ndim - 2
    moved = windows(rank, "pool_size", pool_size, pool_size if strides is None else strides, padding)
    return gather(np, to_last(np, inputs, data_format), moved, fill), tuple(range(rank + 1, 2 * rank + 1))


@forward(MaxPooling1D, MaxPooling2D, MaxPooling3D)
def _run_max_pooling(np: Any, weights: Weights, inputs: Array, **asked: Any) -> Array:
    covered, taps = _covered(np, inputs, -np.inf, **asked)
    return from_last(np, np.max(covered, axis=taps), asked["data_format"])


@forward(AveragePooling1D, AveragePooling2D, AveragePooling3D)
def _run_average_pooling(np: Any, weights: Weights, inputs: Array, **asked: Any) -> Array:
    covered, taps = _covered(np, inputs, np.nan, **asked)
    return from_last(np, np.nanmean(covered, axis=taps), asked["data_format"])


def _global(inputs: Tensor, rank: int, data_format: str | None, keepdims: bool, mask: Mask = DROP) -> Effect:
    """One value a channel; with ``keepdims`` the pooled axes stay, with one position each."""
    over = any_grid(inputs, rank, data_format)
    sizes = (1,) * len(over.sizes) if keepdims else ()
    reach = see().mix(*over.axes) if keepdims else see().reduce(*over.axes)
    return Effect(Tensor(over.shape(sizes, over.channels)), reach=reach, mask=mask)


@layer("GMP1D")
def GlobalMaxPooling1D(inputs: Tensor, data_format: DataFormat | None = None, keepdims: Flag = False) -> Effect:
    """The largest of all steps, feature by feature: a sequence becomes one vector. ``keepdims`` leaves one step."""
    return _global(inputs, 1, data_format, keepdims)


@layer("GMP2D")
def GlobalMaxPooling2D(inputs: Tensor, data_format: DataFormat | None = None, keepdims: Flag = False) -> Effect:
    """The largest of all pixels, channel by channel: an image becomes one vector. ``keepdims`` leaves one pixel."""
    return _global(inputs, 2, data_format, keepdims)


@layer("GMP3D")
def GlobalMaxPooling3D(inputs: Tensor, data_format: DataFormat | None = None, keepdims: Flag = False) -> Effect:
    """The largest over three axes, channel by channel: what is left is one vector. ``keepdims`` leaves one position."""
    return _global(inputs, 3, data_format, keepdims)


@layer("GAP1D")
def GlobalAveragePooling1D(
    inputs: Tensor, data_format: DataFormat | None = None, keepdims: Flag = False, mask: Tensor | None = None
) -> Effect:
    """The mean of all steps, feature by feature: a sequence becomes one vector. ``keepdims`` leaves one step.

    It is the one pooling layer that takes a mask: padded steps do not count. The mask ends here.
    """
    return _global(inputs, 1, data_format, keepdims, NO_MASK)


@layer("GAP2D")
def GlobalAveragePooling2D(inputs: Tensor, data_format: DataFormat | None = None, keepdims: Flag = False) -> Effect:
    """The mean of all pixels, channel by channel: an image becomes one vector. ``keepdims`` leaves one pixel."""
    return _global(inputs, 2, data_format, keepdims)


@layer("GAP3D")
def GlobalAveragePooling3D(inputs: Tensor, data_format: DataFormat | None = None, keepdims: Flag = False) -> Effect:
    """The mean over three axes, channel by channel: what is left is one vector. ``keepdims`` leaves one position."""
    return _global(inputs, 3, data_format, keepdims)


def _pooled(inputs: Array, data_format: Any) -> tuple[int, ...]:
    """The axes that global pooling takes together."""
    return tuple(range(2, inputs.ndim)) if data_format == "channels_first" else tuple(range(1, inputs.ndim - 1))


@forward(GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D)
def _run_global_max(
    np: Any, weights: Weights, inputs: Array, *, data_format: Any, keepdims: bool, **rest: Any
) -> Array:
    return np.max(inputs, axis=_pooled(inputs, data_format), keepdims=keepdims)


@forward(GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D)
def _run_global_average(
    np: Any, weights: Weights, inputs: Array, *, data_format: Any, keepdims: bool, mask: Array = None, **rest: Any
) -> Array:
    axes = _pooled(inputs, data_format)
    if mask is None:
        return np.mean(inputs, axis=axes, keepdims=keepdims)
    kept = np.expand_dims(mask, 1 if data_format == "channels_first" else 2)
    return np.sum(inputs * kept, axis=axes, keepdims=keepdims) / np.sum(kept, axis=axes, keepdims=keepdims)


def _adaptive(inputs: Tensor, rank: int, output_size: object, data_format: str | None) -> Effect:
    """As many windows as asked for, whatever the input. Keras builds it without a look at the input's rank."""
    sizes = spread(output_size, rank, "output_size")
    if any((size == 0) is True for size in sizes):
        fails("makes no output at all for an output_size of 0", arg="output_size")
    if inputs.rank != rank + 2:
        return _misfit(inputs, rank, sizes, data_format)
    over = grid(inputs, rank, data_format)
    reach = see()
    for axis, size, given, name in zip(over.axes, sizes, over.sizes, SPATIAL[rank], strict=True):
        if (size > given) is True:
            remark(f"makes {size} {name} of {given}, so its windows repeat themselves", arg="output_size")
        reach = reach.pieces(axis, size)
    return Effect(Tensor(over.shape(sizes, over.channels)), reach=reach)


def _misfit(inputs: Tensor, rank: int, sizes: tuple[Dim, ...], data_format: str | None) -> Effect:
    """What Keras says of an input with another number of axes: batch and channels with the asked sizes between."""
    message = f"needs an input of {rank + 2} dims, but gets {inputs.rank}"
    if inputs.rank < 3 or is_running():
        fails(message)
    else:
        remark(f"{message}: it fails when it runs, or gives another shape")
    reach = see().reduce(*range(1, inputs.rank))
    if data_format == "channels_first":
        batch, channels, *_ = inputs.axes("batch channels ...")
        shape = (batch, channels, *sizes)
    else:
        batch, *_ = inputs.axes("batch ...")
        shape = (batch, *sizes, inputs.shape[-1])
    for axis, size in enumerate(shape[1:], 1):
        reach = reach.insert(axis, size)
    return Effect(Tensor(shape), reach=reach)


@layer()
def AdaptiveMaxPooling1D(inputs: Tensor, output_size: Counts, data_format: DataFormatOr | None = None) -> Effect:
    """The largest of each of ``output_size`` windows that share out the steps evenly, whatever their number.

    Window o runs from ⌊o·steps/output_size⌋ to ⌈(o + 1)·steps/output_size⌉, so neighbours may overlap by a step.
    """
    return _adaptive(inputs, 1, output_size, data_format)


@layer()
def AdaptiveMaxPooling2D(inputs: Tensor, output_size: Counts, data_format: DataFormatOr | None = None) -> Effect:
    """The largest of each window, with ``output_size`` windows along rows and columns, as in AdaptiveMaxPooling1D."""
    return _adaptive(inputs, 2, output_size, data_format)


@layer()
def AdaptiveMaxPooling3D(inputs: Tensor, output_size: Counts, data_format: DataFormatOr | None = None) -> Effect:
    """The largest of each window, with ``output_size`` windows along three axes, as in AdaptiveMaxPooling1D."""
    return _adaptive(inputs, 3, output_size, data_format)


@layer()
def AdaptiveAveragePooling1D(inputs: Tensor, output_size: Counts, data_format: DataFormatOr | None = None) -> Effect:
    """The mean of each of ``output_size`` windows that share out the steps evenly, as in AdaptiveMaxPooling1D."""
    return _adaptive(inputs, 1, output_size, data_format)


@layer()
def AdaptiveAveragePooling2D(inputs: Tensor, output_size: Counts, data_format: DataFormatOr | None = None) -> Effect:
    """The mean of each window, with ``output_size`` windows along rows and columns, as in AdaptiveMaxPooling1D."""
    return _adaptive(inputs, 2, output_size, data_format)


@layer()
def AdaptiveAveragePooling3D(inputs: Tensor, output_size: Counts, data_format: DataFormatOr | None = None) -> Effect:
    """The mean of each window, with ``output_size`` windows along three axes, as in AdaptiveMaxPooling1D."""
    return _adaptive(inputs, 3, output_size, data_format)
