"""Translations of layers with windows: convolution, pooling, padding, cropping, enlarging.

torch has the channels behind the batch: data with the channels last are moved there and back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqshape.exporters.torch.activations import activated
from seqshape.exporters.torch.site import Piece, Site, translation, whole
from seqshape.kinds import Size, Sizes, spread
from seqshape.layers.convolutional import Ending
from seqshape.layers.windows import Moving, Window, windows


def rank_of(site: Site, x: Piece) -> int:
    """The axes along which windows move. Raises SeqshapeError if the input has not as many as the class says."""
    rank = next(int(sign) for sign in site.layer.class_name if sign.isdigit())
    if x.rank != rank + 2:
        raise site.refuse(f"gets an input of {x.rank} dims, which it cannot run on")
    return rank


def first(x: Piece, data_format: object) -> str:
    """The tensor with its channels behind the batch."""
    return x.text if data_format == "channels_first" else f"{x}.movedim(-1, 1)"


def last(text: str, data_format: object) -> str:
    """The way back."""
    return text if data_format == "channels_first" else f"{text}.movedim(1, -1)"


def channels(site: Site, x: Piece, data_format: object) -> int:
    """The channels of an input, which the module's parameters need."""
    return whole(x.shape[1 if data_format == "channels_first" else -1], site, "the channels of its input")


def numbers(site: Site, values: Sequence[object]) -> str:
    """A number for each axis, as torch takes it: one for all where they are equal."""
    texts = list(map(site.literal, values))
    return texts[0] if len(set(texts)) == 1 else f"({', '.join(texts)})"


def tuples(site: Site, *each: Sequence[object]) -> str:
    """Tuples as arguments."""
    return ", ".join(f"({', '.join(map(site.literal, values))},)" if len(values) == 1 else
                     f"({', '.join(map(site.literal, values))})" for values in each)  # fmt: skip


def _split(moved: Sequence[Window]) -> tuple[list[Size], list[Size], list[Size]]:
    return [one.size for one in moved], [one.stride for one in moved], [one.dilation for one in moved]


def padded(site: Site, text: str, moved: Sequence[Window]) -> tuple[str, str]:
    """The input of a convolution with its padding, and what the module itself says of it."""
    sizes, strides, dilations = _split(moved)
    if moved[0].padding == "causal":
        return f"F.pad({text}, ({site.literal((sizes[0] - 1) * dilations[0])}, 0))", ""
    if moved[0].padding == "valid":
        return text, ""
    if all(stride == 1 for stride in strides):
        return text, ', padding="same"'
    return f"{site.part('pad_same')}({text}, {tuples(site, sizes, strides, dilations)})", ""


def _options(site: Site, moved: Sequence[Window], padding: str, groups: object, use_bias: bool) -> str:
    sizes, strides, dilations = _split(moved)
    text = f"{numbers(site, sizes)}"
    text += f", stride={numbers(site, strides)}" if any(stride != 1 for stride in strides) else ""
    text += padding
    text += f", dilation={numbers(site, dilations)}" if any(dilation != 1 for dilation in dilations) else ""
    text += f", groups={site.literal(groups)}" if groups != 1 else ""
    return text if use_bias else f"{text}, bias=False"


# --- convolution ------------------------------------------------------------------------------------------------------


def _ended(site: Site, text: str, moving: Moving, end: Ending) -> str:
    """With the channels where they were, and the activation."""
    return activated(site, last(text, moving.data_format), end.activation, site.kinds[0].shape)


@translation("Conv1D", "Conv2D", "Conv3D")
def _convolution(
    site: Site,
    x: Piece,
    *,
    filters: object,
    kernel_size: Sizes,
    moving: Moving,
    end: Ending,
    groups: object,
    **rest: object,
) -> str:
    rank, width = rank_of(site, x), channels(site, x, moving.data_format)
    moved = moving.windows(rank, kernel_size)
    start, option = padded(site, first(x, moving.data_format), moved)
    options = _options(site, moved, option, groups, end.use_bias)
    module = site.module(f"nn.Conv{rank}d({width}, {site.literal(filters)}, {options})")
    return _ended(site, f"{module}({start})", moving, end)


@translation("DepthwiseConv1D", "DepthwiseConv2D")
def _depthwise(
    site: Site, x: Piece, *, kernel_size: Sizes, moving: Moving, end: Ending, depth_multiplier: object, **rest: object
) -> str:
    rank, width = rank_of(site, x), channels(site, x, moving.data_format)
    moved = moving.windows(rank, kernel_size)
    start, option = padded(site, first(x, moving.data_format), moved)
    options = _options(site, moved, option, width, end.use_bias)
    module = site.module(f"nn.Conv{rank}d({width}, {width * int(site.literal(depth_multiplier))}, {options})")
    return _ended(site, f"{module}({start})", moving, end)


@translation("SeparableConv1D", "SeparableConv2D")
def _separable(
    site: Site,
    x: Piece,
    *,
    filters: object,
    kernel_size: Sizes,
    moving: Moving,
    end: Ending,
    depth_multiplier: object,
    **rest: object,
) -> str:
    rank, width = rank_of(site, x), channels(site, x, moving.data_format)
    moved = moving.windows(rank, kernel_size)
    start, option = padded(site, first(x, moving.data_format), moved)
    between = width * int(site.literal(depth_multiplier))
    each = f"nn.Conv{rank}d({width}, {between}, {_options(site, moved, option, width, False)})"
    bias = "" if end.use_bias else ", bias=False"
    module = site.module(f"nn.Sequential({each}, nn.Conv{rank}d({between}, {site.literal(filters)}, 1{bias}))")
    return _ended(site, f"{module}({start})", moving, end)


@translation("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def _transposed(
    site: Site,
    x: Piece,
    *,
    filters: object,
    kernel_size: Sizes,
    moving: Moving,
    end: Ending,
    output_padding: object,
    **rest: object,
) -> str:
    rank = rank_of(site, x)
    moved = moving.windows(rank, kernel_size)
    given = spread(output_padding, rank, "output_padding")
    margins = [_margins(window, extra) for window, extra in zip(moved, given, strict=True)]
    more = [max(-after, 0) for _, after in margins]
    extra = f", output_padding={numbers(site, more)}" if any(more) else ""
    options = _options(site, moved, extra, rest.get("groups", 1), end.use_bias)
    width = channels(site, x, moving.data_format)
    module = site.module(f"nn.ConvTranspose{rank}d({width}, {site.literal(filters)}, {options})")
    cut = ", ".join(_cut(before, max(after, 0)) for before, after in margins)
    text = f"{module}({first(x, moving.data_format)})" + (f"[:, :, {cut}]" if set(cut) - set(":, ") else "")
    return _ended(site, text, moving, end)


def _margins(window: Window, extra: Size | None) -> tuple[int, int]:
    """What Keras cuts off of the whole of a transposed convolution, in front and behind; a negative number is added."""
    before: Any = window.transposed_before(extra)
    whole_length: Any = window.extent  # of one place; each further one adds a stride to both
    return before, whole_length - before - window.transposed_length(1, extra)


def _cut(before: int, after: int) -> str:
    """A slice without some places in front and behind."""
    return f"{before or ''}:{-after if after else ''}"


# --- pooling ----------------------------------------------------------------------------------------------------------


def _pool_windows(site: Site, x: Piece, pool_size: object, strides: object, padding: str) -> tuple[Window, ...]:
    return windows(rank_of(site, x), "pool_size", pool_size, pool_size if strides is None else strides, padding)


@translation("MaxPooling1D", "MaxPooling2D", "MaxPooling3D")
def _max_pooling(
    site: Site, x: Piece, *, pool_size: object, strides: object, padding: str, data_format: object, **rest: object
) -> str:
    sizes, steps, dilations = _split(_pool_windows(site, x, pool_size, strides, padding))
    start = first(x, data_format)
    if padding == "same":
        start = f'{site.part("pad_same")}({start}, {tuples(site, sizes, steps, dilations)}, float("-inf"))'
    text = f"F.max_pool{x.rank - 2}d({start}, {numbers(site, sizes)}, {numbers(site, steps)})"
    return last(text, data_format)


@translation("AveragePooling1D", "AveragePooling2D", "AveragePooling3D")
def _average_pooling(
    site: Site, x: Piece, *, pool_size: object, strides: object, padding: str, data_format: object, **rest: object
) -> str:
    sizes, steps, _ = _split(_pool_windows(site, x, pool_size, strides, padding))
    start = first(x, data_format)
    if padding == "same":
        return last(f"{site.part('average_same')}({start}, {tuples(site, sizes, steps)})", data_format)
    return last(f"F.avg_pool{x.rank - 2}d({start}, {numbers(site, sizes)}, {numbers(site, steps)})", data_format)


def _places(site: Site, x: Piece, data_format: object) -> tuple[int, ...]:
    rank_of(site, x)
    return tuple(range(2, x.rank)) if data_format == "channels_first" else tuple(range(1, x.rank - 1))


@translation("GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D")
def _global_max(site: Site, x: Piece, *, data_format: object, keepdims: bool, **rest: object) -> str:
    return f"{x}.amax({_places(site, x, data_format)}{', keepdim=True' if keepdims else ''})"


@translation("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D", masked=True)
def _global_average(
    site: Site, x: Piece, *, data_format: object, keepdims: bool, mask: object = None, **rest: object
) -> str:
    keep = f", keepdim={keepdims}" if keepdims else ""
    if mask is None:
        return f"{x}.mean({_places(site, x, data_format)}{keep})"
    (axis,) = _places(site, x, data_format)
    kept = site.let(f"{mask}.unsqueeze({3 - axis}).to({x}.dtype)", "kept")
    return f"({x} * {kept}).sum({axis}{keep}) / {kept}.sum({axis}{keep})"


@translation("AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D")
@translation("AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D")
def _adaptive(site: Site, x: Piece, *, output_size: object, data_format: object, **rest: object) -> str:
    kind = "avg" if "Average" in site.layer.class_name else "max"
    size = numbers(site, spread(output_size, rank_of(site, x), "output_size"))
    return last(f"F.adaptive_{kind}_pool{x.rank - 2}d({first(x, data_format)}, {size})", data_format)


# --- padding, cropping, enlarging -------------------------------------------------------------------------------------


def _pairs(margins: Any, rank: int) -> list[tuple[int, int]]:
    """What is put on, or cut off, in front and behind of each axis."""
    if rank == 1:
        return [margins if isinstance(margins, tuple) else (margins, margins)]
    if not isinstance(margins, tuple):
        return [(margins, margins)] * rank
    return [one if isinstance(one, tuple) else (one, one) for one in margins]


@translation("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def _zero_padding(site: Site, x: Piece, *, padding: object, data_format: object = None, **rest: object) -> str:
    inner = [] if data_format == "channels_first" else [(0, 0)]
    pairs = [*_pairs(padding, rank_of(site, x)), *inner]
    return f"F.pad({x}, ({', '.join(site.literal(side) for pair in reversed(pairs) for side in pair)}))"


@translation("Cropping1D", "Cropping2D", "Cropping3D")
def _cropping(site: Site, x: Piece, *, cropping: object, data_format: object = None, **rest: object) -> str:
    if any(side < 0 for pair in _pairs(cropping, rank_of(site, x)) for side in pair):
        raise site.refuse("crops a negative number")
    cuts = [_cut(before, after) for before, after in _pairs(cropping, rank_of(site, x))]
    outer = [":", ":"] if data_format == "channels_first" else [":"]
    return f"{x}[{', '.join([*outer, *cuts])}]"


@translation("UpSampling1D", "UpSampling2D", "UpSampling3D")
def _up_sampling(
    site: Site, x: Piece, *, size: object, data_format: object = None, interpolation: str = "nearest", **rest: object
) -> str:
    times = spread(size, rank_of(site, x), "size")
    if interpolation == "bilinear":
        scale = f'scale_factor=({", ".join(site.literal(float(one)) for one in times)}), mode="bilinear"'
        return last(f"F.interpolate({first(x, data_format)}, {scale})", data_format)
    if interpolation != "nearest":
        raise site.refuse(f"interpolates with {interpolation}, as torch does not")
    start = 2 if data_format == "channels_first" else 1
    repeats = (f".repeat_interleave({site.literal(one)}, {axis})" for axis, one in enumerate(times, start) if one != 1)
    return f"{x}{''.join(repeats)}"
