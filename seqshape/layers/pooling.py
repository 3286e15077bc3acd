"""Pooling layers: the largest or the mean of each window, channel by channel. None of them has weights."""

from __future__ import annotations

from seqshape.diagnostics import Fault, fails, is_running, remark
from seqshape.dims import UNKNOWN, Dim
from seqshape.kinds import Counts, DataFormat, DataFormatOr, Flag, PoolPadding, Sizes, spread
from seqshape.layers.windows import SPATIAL, Grid, Window, any_grid, grid, seen, slide, windows
from seqshape.reach import see
from seqshape.registry import by_rank, layer
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


@by_rank(
    "MaxPooling1D MP1D",
    "MaxPooling2D MP2D",
    "MaxPooling3D MP3D",
    "AveragePooling1D AP1D",
    "AveragePooling2D AP2D",
    "AveragePooling3D AP3D",
)
def _pooled(
    inputs: Tensor,
    pool_size: Sizes = 2,
    strides: Sizes | None = None,
    padding: PoolPadding = "valid",
    data_format: DataFormat | None = None,
    *,
    rank: int,
) -> Effect:
    """MaxPooling1D: The largest of each ``pool_size`` steps, feature by feature.

    ``strides`` is ``pool_size`` unless given. ``valid`` padding leaves out what no longer fills a window:
    ⌊(steps - pool_size)/strides⌋ + 1 steps; ``same`` gives ⌈steps/strides⌉.

    MaxPooling2D: The largest of each window of rows and columns, channel by channel, with the lengths of
    MaxPooling1D.

    MaxPooling3D: The largest of each window over three axes, channel by channel, with the lengths of MaxPooling1D.

    AveragePooling1D: The mean of each ``pool_size`` steps, feature by feature, with the lengths of MaxPooling1D.

    With ``same`` padding a window at the edge divides by the steps that it has, not by ``pool_size``.

    AveragePooling2D: The mean of each window of rows and columns, channel by channel, with the lengths of
    MaxPooling1D.

    AveragePooling3D: The mean of each window over three axes, channel by channel, with the lengths of MaxPooling1D.
    """
    over = any_grid(inputs, rank, data_format)
    pool = windows(rank, "pool_size", pool_size, pool_size if strides is None else strides, padding)
    over, pool = _matched(over, pool)
    sizes = slide(over, pool, "pool_size")
    return Effect(Tensor(over.shape(sizes, over.channels)), reach=seen(see(), over, pool))


def _global(inputs: Tensor, rank: int, data_format: str | None, keepdims: bool, mask: Mask = DROP) -> Effect:
    """One value a channel; with ``keepdims`` the pooled axes stay, with one position each."""
    over = any_grid(inputs, rank, data_format)
    sizes = (1,) * len(over.sizes) if keepdims else ()
    reach = see().mix(*over.axes) if keepdims else see().reduce(*over.axes)
    return Effect(Tensor(over.shape(sizes, over.channels)), reach=reach, mask=mask)


@by_rank(
    "GlobalMaxPooling1D GMP1D",
    "GlobalMaxPooling2D GMP2D",
    "GlobalMaxPooling3D GMP3D",
    traits="pools_all",
)
def _largest_of_all(
    inputs: Tensor, data_format: DataFormat | None = None, keepdims: Flag = False, *, rank: int
) -> Effect:
    """GlobalMaxPooling1D: The largest of all steps, feature by feature: a sequence becomes one vector. ``keepdims``
    leaves one step.

    GlobalMaxPooling2D: The largest of all pixels, channel by channel: an image becomes one vector. ``keepdims``
    leaves one pixel.

    GlobalMaxPooling3D: The largest over three axes, channel by channel: what is left is one vector. ``keepdims``
    leaves one position.
    """
    return _global(inputs, rank, data_format, keepdims)


@layer("GAP1D", rank=1, traits="averages_all pools_all")
def GlobalAveragePooling1D(
    inputs: Tensor, data_format: DataFormat | None = None, keepdims: Flag = False, mask: Tensor | None = None
) -> Effect:
    """The mean of all steps, feature by feature: a sequence becomes one vector. ``keepdims`` leaves one step.

    It is the one pooling layer that takes a mask: padded steps do not count. The mask ends here.
    """
    return _global(inputs, 1, data_format, keepdims, NO_MASK)


@by_rank("GlobalAveragePooling2D GAP2D", "GlobalAveragePooling3D GAP3D", traits="averages_all pools_all")
def _mean_of_all(inputs: Tensor, data_format: DataFormat | None = None, keepdims: Flag = False, *, rank: int) -> Effect:
    """GlobalAveragePooling2D: The mean of all pixels, channel by channel: an image becomes one vector. ``keepdims``
    leaves one pixel.

    GlobalAveragePooling3D: The mean over three axes, channel by channel: what is left is one vector. ``keepdims``
    leaves one position.
    """
    return _global(inputs, rank, data_format, keepdims)


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


@by_rank(
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
)
def _pooled_to_size(
    inputs: Tensor, output_size: Counts, data_format: DataFormatOr | None = None, *, rank: int
) -> Effect:
    """AdaptiveMaxPooling1D: The largest of each of ``output_size`` windows that share out the steps evenly, whatever
    their number.

    Window o runs from ⌊o·steps/output_size⌋ to ⌈(o + 1)·steps/output_size⌉, so neighbours may overlap by a step.

    AdaptiveMaxPooling2D: The largest of each window, with ``output_size`` windows along rows and columns, as in
    AdaptiveMaxPooling1D.

    AdaptiveMaxPooling3D: The largest of each window, with ``output_size`` windows along three axes, as in
    AdaptiveMaxPooling1D.

    AdaptiveAveragePooling1D: The mean of each of ``output_size`` windows that share out the steps evenly, as in
    AdaptiveMaxPooling1D.

    AdaptiveAveragePooling2D: The mean of each window, with ``output_size`` windows along rows and columns, as in
    AdaptiveMaxPooling1D.

    AdaptiveAveragePooling3D: The mean of each window, with ``output_size`` windows along three axes, as in
    AdaptiveMaxPooling1D.
    """
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
