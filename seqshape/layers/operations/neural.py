"""Operations of keras.ops.nn that are more than elementwise: convolution, pooling, attention, normalization, losses."""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.declaration import Inner
from seqshape.diagnostics import Fault, remark
from seqshape.dims import UNKNOWN, Dim, Unknown, product, require, require_divides, require_equal
from seqshape.kinds import (
    Axes,
    ConvPadding,
    Counts,
    CountTuple,
    DataFormat,
    Flag,
    Integer,
    Number,
    Size,
    Sizes,
    Text,
    spread,
)
from seqshape.layers.operations.dtypes import result_type
from seqshape.layers.operations.elementwise import require_same_shape
from seqshape.layers.operations.operands import (
    all_of,
    axis_in,
    blur,
    dtype_of,
    gives,
    gives_all,
    replaced,
    require_identical,
    sample_size,
    sees,
    shape_of,
    union,
    without,
)
from seqshape.layers.windows import Grid, Moving, Window, grid, seen, slide, windows
from seqshape.reach import NOTHING, Reach, attend, see, together
from seqshape.records import NamedTuple
from seqshape.registry import alike, operation
from seqshape.structure import listed
from seqshape.tensor import Effect, Shape, Tensor, TensorLike, show

# --- convolution -----------------------------------------------------------------------------------------------------


class _Sliding(NamedTuple):
    """A kernel on its way over an input: the input taken apart, and a window for each of its spatial axes."""

    over: Grid
    moved: tuple[Window, ...]

    def lengths(self) -> tuple[Dim, ...]:
        """The dims after the windows have moved. Only unpadded ones depend on the size of the kernel. Raises Fault."""
        for window in self.moved:
            if isinstance(window.size, Unknown) and window.padding == "valid":
                raise Fault("needs a kernel of known size", code="E203", help='padding="same" does without')
        known = [window._replace(size=1) if isinstance(window.size, Unknown) else window for window in self.moved]
        return slide(self.over, known, "kernel")

    def sees(self, multiplier: Dim | None = None) -> Reach:
        """Every output sees the channels of its window; with a ``multiplier`` the one that it belongs to."""
        channels = self.over.channel_axis
        reach = see().mix(channels) if multiplier is None else see().repeat(channels, multiplier)
        if any(isinstance(window.size, Unknown) for window in self.moved):
            return reach.mix(*self.over.axes)
        return seen(reach, self.over, self.moved)


def _sliding(inputs: Tensor, kernel: Tensor, moving: Moving) -> _Sliding:
    """Raises Fault if the kernel has not the rank of the input, or counts other channels."""
    shape = kernel.shape
    if len(shape) != inputs.rank or inputs.rank < 2:
        wanted = f"{max(inputs.rank, 2)} dims for {show(inputs.shape)}"
        raise Fault(f"needs a kernel of {wanted}, but gets {show(shape)}", code="E201")
    over = moving.grid(inputs, inputs.rank - 2)
    _require_channels(over, shape[-2])
    return _Sliding(over, moving.windows(inputs.rank - 2, shape[:-2]))


def _require_channels(over: Grid, channels: Dim) -> None:
    require_equal(over.channels, channels, f"needs {channels} input channels for its kernel, but gets {over.channels}")


def _with_kernels(reach: Reach, inputs: Tensor, kernels: Sequence[Tensor], out: Shape) -> Reach:
    """Every output sees the kernels as a whole, where they are inputs."""
    _, *others = sees(inputs, *kernels)
    return union([reach, *(blur(other, kernel.shape, out) for other, kernel in zip(others, kernels, strict=True))])


@operation(padding="CausalPadding")
def Conv(inputs: Tensor, kernel: Tensor, moving: Moving) -> Effect:
    """A convolution with a kernel of (…, channels, filters)."""
    at = _sliding(inputs, kernel, moving)
    out = at.over.shape(at.lengths(), kernel.shape[-1])
    macs = sample_size(out) * product(kernel.shape[:-1])
    return gives(out, dtype_of(inputs), _with_kernels(at.sees(), inputs, [kernel], out), macs)


def _depthwise(at: _Sliding, kernel: Tensor) -> tuple[Shape, Dim]:
    """The output of a convolution of each channel by itself, and its multiply-adds."""
    channels, multiplier = kernel.shape[-2:]
    if isinstance(channels, Unknown) or isinstance(multiplier, Unknown):
        raise Fault(f"needs a kernel of known channels, but gets {show(kernel.shape)}", code="E203")
    out = at.over.shape(at.lengths(), channels * multiplier)
    return out, sample_size(out) * product(kernel.shape[:-2])


@operation(padding="CausalPadding")
def DepthwiseConv(inputs: Tensor, kernel: Tensor, moving: Moving) -> Effect:
    """A convolution of each channel by itself, with a kernel of (…, channels, multiplier)."""
    at = _sliding(inputs, kernel, moving)
    out, macs = _depthwise(at, kernel)
    reach = at.sees(kernel.shape[-1])
    return gives(out, dtype_of(inputs), _with_kernels(reach, inputs, [kernel], out), macs)


@operation(inner=Inner(lambda arguments: ("DepthwiseConv",)), padding="CausalPadding")
def SeparableConv(inputs: Tensor, depthwise_kernel: Tensor, pointwise_kernel: Tensor, moving: Moving) -> Effect:
    """A depthwise convolution, then a mix of its channels. Keras does not compare them with the second kernel."""
    at = _sliding(inputs, depthwise_kernel, moving)
    between, macs = _depthwise(at, depthwise_kernel)
    *_, filters = pointwise_kernel.axes("... filters")
    out = at.over.shape(at.lengths(), filters)
    reach = _with_kernels(at.sees(), inputs, [depthwise_kernel, pointwise_kernel], out)
    return gives(out, dtype_of(inputs), reach, macs + sample_size(between) * filters)


@operation()
def ConvTranspose(inputs: Tensor, kernel: Tensor, moving: Moving, output_padding: Counts | None = None) -> Effect:
    """A transposed convolution with a kernel of (…, filters, channels): inputs spread over the outputs."""
    over, filters = moving.grid(inputs, max(inputs.rank - 2, 0)), kernel.axes("... filters channels")[-2]
    _require_channels(over, kernel.shape[-1])
    moved = moving.windows(len(over.axes), _spatial(kernel, over))
    extra = spread(output_padding, len(moved), "output_padding")
    pairs = list(zip(moved, over.sizes, extra, strict=True))
    lengths = [_transposed(window, size, more) for window, size, more in pairs]
    out = over.shape(lengths, filters)
    reach = see().mix(over.channel_axis)
    for axis, length, (window, _, more) in zip(over.axes, lengths, pairs, strict=True):
        before = window.transposed_before(more) if not isinstance(window.size, Unknown) else UNKNOWN
        reach = reach.spread(axis, window.size, window.stride, window.dilation, before, length)
    reach = _with_kernels(reach, inputs, [kernel], out)
    return gives(out, dtype_of(inputs), reach, sample_size(inputs.shape) * product(kernel.shape[:-1]))


def _spatial(kernel: Tensor, over: Grid) -> Shape:
    """The sizes of a kernel. Raises Fault if it has fewer than the input; Keras overlooks more."""
    found = kernel.shape[:-2]
    if len(found) < len(over.axes):
        raise Fault(f"needs a kernel of {len(over.axes) + 2} dims, but gets {show(kernel.shape)}", code="E201")
    if len(found) > len(over.axes):
        remark(f"has a kernel {show(kernel.shape)} of more dims than its input: it fails when it runs")
    return found[: len(over.axes)]


def _transposed(window: Window, size: Dim, more: Size | None) -> Dim:
    """The length that one axis gets; only of a length that is known does it depend on the kernel."""
    if isinstance(size, Unknown):
        return UNKNOWN
    if isinstance(window.size, Unknown):
        raise Fault("needs a kernel of known size", code="E203")
    return window.transposed_length(size, more)


# --- pooling ---------------------------------------------------------------------------------------------------------


@alike(
    {
        "MaxPool": "The largest element of each window; windows move by ``strides``, by default their own size.",
        "AveragePool": "The mean of each window; windows move by ``strides``, by default their own size.",
    }
)
def _pooled(
    inputs: Tensor,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: ConvPadding = "valid",
    data_format: DataFormat | None = None,
) -> Effect:
    rank = max(inputs.rank - 2, 0)
    if rank == 0:
        remark("needs 3 dims to pool over: Keras builds it, but it fails when it runs")
    over = grid(inputs, rank, data_format)
    moved = windows(rank, "pool_size", pool_size, pool_size if strides is None else strides, padding)
    out = over.shape(slide(over, moved, "pool_size"), over.channels)
    return gives(out, dtype_of(inputs), seen(see(), over, moved))


@alike(
    {
        "AdaptiveMaxPool": "The largest elements of so many stretches of equal length.",
        "AdaptiveAveragePool": "The means of so many stretches of equal length.",
    }
)
def _adapted(inputs: Tensor, output_size: CountTuple, data_format: DataFormat | None = None) -> Effect:
    """Windows of such a size that ``output_size`` comes out. Of channels_last Keras says one axis too many."""
    batch, *_ = inputs.axes("batch ..." if data_format != "channels_first" else "batch channels ...")
    if data_format == "channels_first":
        out = (batch, inputs.shape[1], *output_size)
    else:
        out = (*inputs.shape[: -len(output_size)], *output_size, inputs.shape[-1])
    if len(out) != inputs.rank:
        remark("says one axis more than comes out when it runs", arg="output_size")
        return gives(out, dtype_of(inputs), blur(see(), inputs.shape, out))
    reach = see()
    for axis, length in enumerate(output_size, inputs.rank - len(output_size)):
        reach = reach.pieces(axis, length)
    return gives(out, dtype_of(inputs), reach)


# --- attention and normalization -------------------------------------------------------------------------------------


@operation()
def DotProductAttention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: TensorLike | None = None,
    mask: TensorLike | None = None,
    scale: TensorLike | None = None,
    is_causal: Flag = False,
    attn_logits_soft_cap: Number | None = None,
) -> Effect:
    """Attention of (batch, steps, heads, size): every step of the query sees the steps of key and value.

    Keras gives the shape of the query and compares nothing.
    """
    if attn_logits_soft_cap is not None:
        remark("takes it with JAX on a TPU only; elsewhere Keras refuses it", arg="attn_logits_soft_cap")
    first, second, third = sees(query, key, value)
    memory = [part for part in (second, third) if part is not NOTHING]
    dtype = result_type(*map(dtype_of, (query, key, value)))
    macs = 2 * sample_size(query.shape) * (shape_of(key)[1:2] or (1,))[0]
    return gives(query.shape, dtype, attend(first.mix(-1), memory, causal=is_causal) if memory else first, macs)


@operation("batch_normalization", order="x mean variance axis offset scale epsilon", epsilon="Number")
def BatchNorm(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    offset: Tensor | None = None,
    scale: Tensor | None = None,
    *,
    axis: Integer,
) -> Effect:
    """Normalized with given means and variances along ``axis``."""
    size = x.shape[axis_in(axis, x.rank)]
    given = {"mean": mean, "variance": variance, "offset": offset, "scale": scale}
    for name, operand in given.items():
        if operand is not None:
            _require_size(name, shape_of(operand), size)
    _, *others = sees(x, *(operand for operand in given.values() if operand is not None))
    return gives(x.shape, dtype_of(x), union([see(), *(blur(other, (1,), x.shape) for other in others)]))


def _require_size(name: str, shape: Shape, size: Dim) -> None:
    complaint = f"needs {name} of the shape {show((size,))}, but gets {show(shape)}"
    if len(shape) != 1:
        raise Fault(complaint, code="E203")
    require_identical(shape[0], size, complaint)


@operation("layer_normalization")
def LayerNorm(x: Tensor, gamma: TensorLike | None = None, beta: TensorLike | None = None, axis: Axes = -1) -> Effect:
    """Normalized over ``axis``, then scaled and shifted. Keras does not compare the shapes."""
    return _normalized(x, axis, [gamma, beta])


@operation("rms_normalization")
def RMSNorm(x: Tensor, scale: TensorLike | None = None, axis: Axes = -1) -> Effect:
    """Divided by the root of the mean square over ``axis``, then scaled."""
    return _normalized(x, axis, [scale])


def _normalized(x: Tensor, axis: Axes, factors: Sequence[TensorLike | None]) -> Effect:
    given = [factor for factor in factors if factor is not None]
    wanted = listed(axis)
    _, *others = sees(x, *given)
    shapes = map(shape_of, given)
    seen = [blur(other, shape, x.shape) for other, shape in zip(others, shapes, strict=True)]
    axes = [one for one in wanted if -x.rank <= one < x.rank]
    if len(axes) < len(wanted):
        remark(f"has no axis {axis} in {show(x.shape)}: Keras builds it, but it fails when it runs", arg="axis")
    return gives(x.shape, dtype_of(x), union([see().mix(*axes), *seen]))


@operation()
def Glu(x: Tensor, axis: Integer = -1) -> Effect:
    """Half of the elements along an axis, each times the sigmoid of its partner in the other half."""
    at = axis_in(axis, x.rank)
    require_divides(2, x.shape[at], f"needs an even number along axis {axis}, but gets {x.shape[at]}", arg="axis")
    half = x.shape[at] // 2
    halves = [see().slice(at, 0, half), see().slice(at, half, half)]
    return gives(replaced(x.shape, at, half), dtype_of(x), together(*halves))


# --- blocks ----------------------------------------------------------------------------------------------------------


@operation()
def Unfold(x: Tensor, kernel_size: Sizes, dilation: Sizes = 1, padding: Counts = 0, stride: Sizes = 1) -> Effect:
    """The windows of an image (batch, channels, rows, columns) as columns: (batch, channels·window, windows)."""
    batch, channels, *sizes = x.axes("batch channels rows columns")
    if any(isinstance(dim, Unknown) for dim in (channels, *sizes)):
        raise Fault(f"needs images of known size, but gets {show(x.shape)}", code="E203")
    size, rate = spread(kernel_size, 2, "kernel_size"), spread(dilation, 2, "dilation")
    pad, step = spread(padding, 2, "padding"), spread(stride, 2, "stride")
    lengths = [(sizes[axis] + 2 * pad[axis] - rate[axis] * (size[axis] - 1) - 1) // step[axis] + 1 for axis in range(2)]
    out = (batch, channels * size[0] * size[1], lengths[0] * lengths[1])
    return gives(out, dtype_of(x), blur(see(), x.shape, out))


@operation()
def Fold(x: Tensor, output_size: Sizes, kernel_size: Sizes) -> Effect:
    """The image that columns of windows add up to; the inverse of unfold."""
    batch, columns, _ = x.axes("batch channels windows")
    window = product(spread(kernel_size, 2, "kernel_size"))
    require_divides(window, columns, f"needs channels that {window} divides, but gets {columns}", arg="kernel_size")
    out = (batch, columns // window, *spread(output_size, 2, "output_size"))
    return gives(out, dtype_of(x), blur(see(), x.shape, out))


def _blocks(x: Tensor, block_size: Size, data_format: str) -> Grid:
    require(block_size >= 2, f"needs a block_size of at least 2, but gets {block_size}", arg="block_size")
    return grid(x, 2, data_format)


@operation()
def DepthToSpace(x: Tensor, block_size: Size, data_format: DataFormat = "channels_last") -> Effect:
    """Channels laid out as blocks of pixels."""
    over = _blocks(x, block_size, data_format)
    area = block_size * block_size
    require_divides(
        area, over.channels, f"needs channels that {area} divides, but gets {over.channels}", arg="block_size"
    )
    out = over.shape([size * block_size for size in over.sizes], over.channels // area)
    seen = see().mix(over.channel_axis)
    for axis in over.axes:
        seen = seen.repeat(axis, block_size)
    return gives(out, dtype_of(x), seen)


@operation()
def SpaceToDepth(x: Tensor, block_size: Size, data_format: DataFormat = "channels_last") -> Effect:
    """Blocks of pixels laid out as channels."""
    over = _blocks(x, block_size, data_format)
    for size in over.sizes:
        require_divides(block_size, size, f"needs sides that {block_size} divides, but gets {size}", arg="block_size")
    out = over.shape([size // block_size for size in over.sizes], over.channels * block_size * block_size)
    seen = see().mix(over.channel_axis)
    for axis, size in zip(over.axes, over.sizes, strict=True):
        seen = seen.window(axis, block_size, block_size, 1, 0, size // block_size)
    return gives(out, dtype_of(x), seen)


# --- losses ----------------------------------------------------------------------------------------------------------


@operation()
def CategoricalCrossentropy(target: Tensor, output: Tensor) -> Effect:
    """The cross-entropy of distributions. Whatever ``axis`` is, Keras takes the last one out of the shape."""
    require_same_shape(target, output)
    shape = shape_of(output)
    if not shape:
        raise Fault("needs at least one axis", code="E201")
    seen = union([reach.reduce(len(shape) - 1) for reach in sees(target, output)])
    return gives(shape[:-1], dtype_of(output), seen)


@operation()
def SparseCategoricalCrossentropy(target: Tensor, output: Tensor, axis: Integer = -1) -> Effect:
    """The cross-entropy of distributions with class numbers."""
    shape, labels = shape_of(output), shape_of(target)
    at = axis_in(axis, len(shape))
    out = without(shape, (at,))
    if len(labels) == len(shape):
        complaint = f"needs class numbers of the shape {show(out)}, but gets {show(labels)}"
        require_identical(labels[-1], 1, complaint)
    given = Tensor(labels[:-1] if len(labels) == len(shape) else labels)
    require_same_shape(given, Tensor(out))
    first, second = sees(target, output)
    if len(labels) > len(given.shape):
        first = first.reduce(len(labels) - 1)
    return gives(out, dtype_of(output), union([first, second.reduce(at)]))


@operation()
def CTCLoss(target: Tensor, output: Tensor, target_length: Tensor, output_length: Tensor) -> Effect:
    """The connectionist temporal classification loss of each sample."""
    operands = (target, output, target_length, output_length)
    batch, *_ = target.axes("batch ...")
    for operand in operands[1:]:
        other, *_ = operand.axes("batch ...")
        require_identical(batch, other, f"needs inputs of one batch, but gets {batch} and {other}")
    return gives((batch,), result_type(dtype_of(output), "float32"), all_of(operands, (batch,)))


@operation()
def CTCDecode(inputs: Tensor, sequence_lengths: TensorLike, strategy: Text = "greedy", top_paths: Size = 1) -> Effect:
    """The best label sequences and their log-probabilities; ``greedy`` finds one."""
    batch, steps, *_ = inputs.axes("batch steps ...")
    paths = 1 if strategy == "greedy" else top_paths
    outputs = [Tensor((paths, batch, steps), "int32"), Tensor((batch, paths), result_type(dtype_of(inputs), "float32"))]
    return gives_all(outputs, [all_of((inputs, sequence_lengths), out.shape) for out in outputs])


@operation()
def PSNR(x1: Tensor, x2: Tensor) -> Effect:
    """The peak signal-to-noise ratio, one number for all."""
    if len(shape_of(x1)) != len(shape_of(x2)):
        raise Fault(f"needs inputs of one rank, but gets {show(shape_of(x1))} and {show(shape_of(x2))}", code="E201")
    return gives((), "float32", all_of((x1, x2), ()))
