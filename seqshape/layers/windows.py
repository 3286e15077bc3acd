"""The arithmetic of windows: what convolution, pooling and their transposes share.

A dim may be a number, a named size or Keras's ``None`` everywhere. Formulas are those of Keras 3
(``compute_conv_output_shape``, ``compute_conv_transpose_output_shape``); where padding lies is XLA's ``SAME``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from seqshape.diagnostics import fails, is_asked
from seqshape.dims import UNKNOWN, Dim, Inconclusive, Size, Unknown, maximum, product, require
from seqshape.kinds import ConvPadding, DataFormat, Sizes, spread
from seqshape.reach import Reach
from seqshape.records import NamedTuple
from seqshape.tensor import MOST_AXES, Shape, Tensor, show


class _Spatial(dict):  # type: ignore[type-arg]
    """Names of axes by their number; those of more than three are made when they are asked for."""

    def __missing__(self, rank: int) -> tuple[str, ...]:
        if not 3 < rank < MOST_AXES:
            raise KeyError(rank)
        found = self[rank] = tuple(f"positions_{axis}" for axis in range(1, rank + 1))
        return found


# The axes along which windows move, by their number; also what messages count along them.
SPATIAL: dict[int, tuple[str, ...]] = _Spatial(
    {0: (), 1: ("steps",), 2: ("rows", "columns"), 3: ("planes", "rows", "columns")}
)


class Window(NamedTuple):
    """A window along one axis: ``size`` taps, ``dilation`` apart, that moves by ``stride``.

    ``padding`` is ``valid``, ``same``, ``causal``, or Keras 1's ``full``: every window that meets the input at all.
    """

    size: Size
    stride: Size = 1
    padding: str = "valid"
    dilation: Size = 1

    @property
    def extent(self) -> Size:
        """The length that the window spans: ``(size - 1)·dilation + 1``."""
        return (self.size - 1) * self.dilation + 1

    def length(self, length: Dim) -> Dim:
        """The number of windows along ``length``: ``⌊(length - extent)/stride⌋ + 1``, padded ``⌈length/stride⌉``.

        Full padding: ``⌊(length + extent - 2)/stride⌋ + 1``.
        """
        size, stride, padding, dilation = self
        if padding == "same" or padding == "causal":
            return (length - 1) // stride + 1
        extent = (size - 1) * dilation + 1
        span = extent if padding == "valid" else 2 - extent if padding == "full" else 1
        return (length - span) // stride + 1

    def before(self, length: Dim) -> Dim:
        """How many positions of padding the first window covers; UNKNOWN where named sizes do not settle it."""
        if self.padding == "valid":
            return 0
        if self.padding in ("causal", "full"):
            return self.extent - 1
        if self.stride == 1:
            return (self.extent - 1) // 2
        return _at_least_zero((self.length(length) - 1) * self.stride + self.extent - length) // 2

    def transposed_length(self, length: Dim, output_padding: Size | None = None) -> Dim:
        """The length that a transposed convolution makes of ``length``."""
        extent, stride = self.extent, self.stride
        if output_padding is None:
            return length * stride + (maximum(extent - stride, 0) if self.padding == "valid" else 0)
        kept = extent if self.padding == "valid" else extent % 2
        return (length - 1) * stride + kept + output_padding

    def transposed_before(self, output_padding: Size | None = None) -> Dim:
        """How many positions a transposed convolution cuts off at the start."""
        if self.padding == "valid":
            return 0
        kept = self.stride if output_padding is None else self.extent % 2 + output_padding
        return _at_least_zero((self.extent - kept) // 2)


def _at_least_zero(size: Dim) -> Dim:
    try:
        return size if isinstance(size, Unknown) else maximum(size, 0)
    except Inconclusive:
        return UNKNOWN


def windows(
    rank: int, argument: str, sizes: object, strides: object, padding: str = "valid", dilation_rate: object = 1
) -> tuple[Window, ...]:
    """A window for each of ``rank`` axes; ``argument`` is the name of ``sizes``, kernel_size or pool_size.

    Raises Fault on an argument that has not ``rank`` numbers.
    """
    each, moves = spread(sizes, rank, argument), spread(strides, rank, "strides")
    apart = spread(dilation_rate, rank, "dilation_rate")
    if rank == 1:
        return (Window._make((each[0], moves[0], padding, apart[0])),)
    return tuple([Window._make((each[axis], moves[axis], padding, apart[axis])) for axis in range(rank)])


class Grid(NamedTuple):
    """An input taken apart: ``sizes`` are the dims along which windows move, ``axes`` says where they stand."""

    batch: Dim
    sizes: tuple[Dim, ...]
    channels: Dim
    axes: tuple[int, ...]
    channel_axis: int

    def shape(self, sizes: Sequence[Dim], channels: Dim) -> Shape:
        """The same layout with other dims."""
        if self.channel_axis == 1:
            return (self.batch, channels, *sizes)
        return (self.batch, *sizes, channels)


def grid(inputs: Tensor, rank: int, data_format: str | None = None) -> Grid:
    """An input with ``rank`` spatial axes and one of channels. Raises RankFault if it has another number of axes."""
    names, axes, channel = _layout(rank, data_format == "channels_first")
    shape = inputs.axes(names)
    sizes = shape[1:-1] if channel > 1 else shape[2:]
    return Grid._make((shape[0], sizes, shape[channel], axes, channel))


@cache
def _layout(rank: int, channels_first: bool) -> tuple[str, tuple[int, ...], int]:
    """The names of the axes of an input, those along which windows move, and that of the channels."""
    spatial = " ".join(SPATIAL[rank])
    features = "features" if rank == 1 else "channels"
    if channels_first:
        return f"batch {features} {spatial}", tuple(range(2, rank + 2)), 1
    return f"batch {spatial} {features}", tuple(range(1, rank + 1)), rank + 1


def any_grid(inputs: Tensor, rank: int, data_format: str | None = None) -> Grid:
    """Like :func:`grid`, but where Keras only asks for the output shape any number of spatial axes passes."""
    if not is_asked() or inputs.rank == rank + 2 or inputs.rank < 2:
        return grid(inputs, rank, data_format)
    fails(f"needs an input of {rank + 2} dims, but gets {show(inputs.shape)}")
    return grid(inputs, inputs.rank - 2, data_format)


class Moving(NamedTuple):
    """How a kernel moves over its input: arguments that convolutions share. ``data_format`` may be channels_first."""

    strides: Sizes = 1
    padding: ConvPadding = "valid"
    data_format: DataFormat | None = None
    dilation_rate: Sizes = 1

    def grid(self, inputs: Tensor, rank: int) -> Grid:
        """The input taken apart."""
        return grid(inputs, rank, self.data_format)

    def windows(self, rank: int, kernel_size: object) -> tuple[Window, ...]:
        """The windows of a kernel."""
        return windows(rank, "kernel_size", kernel_size, self.strides, self.padding, self.dilation_rate)


def slide(over: Grid, moved: Sequence[Window], argument: str) -> tuple[Dim, ...]:
    """The dims after the windows have moved. Where one does not fit in once, that is a Fault on ``argument``."""
    lengths = []
    for window, size, name in zip(moved, over.sizes, SPATIAL[len(moved)], strict=True):
        length = window.length(size)
        if window.padding == "valid" and not (type(length) is int and length >= 1):
            dilated = "" if window.dilation == 1 else f" with dilation_rate {window.dilation}"
            needs = f"needs at least {window.extent} {name} for {argument} {window.size}{dilated}, but gets {size}"
            require(length >= 1, needs, arg=argument, help='padding="same" also takes a window that is not full')
        lengths.append(length)
    return tuple(lengths)


def seen(reach: Reach, over: Grid, moved: Sequence[Window], lengths: Sequence[Dim] | None = None) -> Reach:
    """What the windows see, axis by axis. ``lengths``: how many windows there are along each, where that is known."""
    _, sizes, _, axes, _ = over
    for index, window in enumerate(moved):
        size, stride, _, dilation = window
        length = window.length(sizes[index]) if lengths is None else lengths[index]
        reach = reach.window(axes[index], size, stride, dilation, window.before(sizes[index]), length)
    return reach


def taps(kernel: Sequence[Window]) -> Size:
    """How many positions a window has."""
    return product(window.size for window in kernel)


def excess(kernel: Sequence[Window]) -> Size:
    """Zero where all strides or all dilation rates are 1, which is what most convolutions insist on."""
    rank = len(kernel)
    strides: Size = sum((window.stride for window in kernel), -rank)
    return strides * sum((window.dilation for window in kernel), -rank)


def is_one(size: Size) -> bool:
    """Whether a size is the number 1."""
    return type(size) is int and size == 1


def require_no_excess(kernel: Sequence[Window]) -> None:
    """Insist that strides and dilation are not combined. Raises Fault, blamed on dilation_rate."""
    if not [one for one in kernel if not is_one(one.stride)] or not [one for one in kernel if not is_one(one.dilation)]:
        return
    strides, rates = tuple(window.stride for window in kernel), tuple(window.dilation for window in kernel)
    given = f"strides {_listed(strides)} and dilation_rate {_listed(rates)}"
    require(excess(kernel) <= 0, f"takes strides or dilation_rate, not both, but gets {given}", arg="dilation_rate")


def _listed(sizes: Sequence[Size]) -> str:
    return str(sizes[0]) if len(set(sizes)) == 1 else f"({', '.join(map(str, sizes))})"
