"""Reshaping layers: the same numbers in another shape, fewer of them, or more of them. None of them has weights."""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.diagnostics import Fault, fails, is_asked, remark
from seqshape.dims import UNKNOWN, Dim, Inconclusive, Unknown, product, require, require_divides, require_equal
from seqshape.dims import Size as AnySize
from seqshape.kinds import (
    Counts,
    DataFormat,
    Dims,
    Margins,
    SignedMargins,
    Sizes,
    StrictSize,
    Target,
    Text,
    known,
    spread,
)
from seqshape.layers.windows import SPATIAL, Grid, grid
from seqshape.reach import see
from seqshape.registry import layer
from seqshape.tensor import Effect, Shape, Tensor, show


@layer(traits="flattens keeps_numbers")
def Flatten(inputs: Tensor, data_format: DataFormat | None = None) -> Effect:
    """All numbers of a sample in one row; the batch stays. A sample without axes becomes a row of one.

    If one dim is unknown, so is the result, and no Dense can follow: give the input a fixed size, or pool. With
    ``channels_first`` the channels are put last before.
    """
    batch, *sizes = inputs.axes("batch ...")
    total = product(sizes)
    reach = see()
    if data_format == "channels_first" and inputs.rank > 1:
        reach = reach.transpose((0, *range(2, inputs.rank), 1))
    return Effect(Tensor((batch, total), inputs.dtype), reach=reach.regroup((total,)))


@layer(traits="reshapes rearranges keeps_numbers")
def Reshape(inputs: Tensor, target_shape: Target) -> Effect:
    """The numbers of a sample in the same order under another shape; the batch is not part of it.

    One dim may be -1: it takes what is left. ``None`` is not that: the dim becomes unknown, even where it could be
    worked out. If the input has an unknown dim, nothing is checked before the network runs.
    """
    batch, *sizes = inputs.axes("batch ...")
    others = tuple(dim for dim in target_shape if not _is_rest(dim))
    if len(target_shape) - len(others) > 1:
        raise Fault(f"needs at most one -1 in target_shape, but gets {show(target_shape)}", arg="target_shape")
    for dim in others:
        require(dim >= 0, f"needs dims of at least 0, or -1, but gets {show(target_shape)}", arg="target_shape")
    rest = _rest(tuple(sizes), others, len(others) < len(target_shape))
    shape = tuple(rest if _is_rest(dim) else dim for dim in target_shape)
    return Effect(Tensor((batch, *shape), inputs.dtype), reach=see().regroup(shape))


def _is_rest(dim: Dim) -> bool:
    return isinstance(dim, int) and dim == -1


def _rest(sizes: tuple[Dim, ...], others: tuple[Dim, ...], wanted: bool) -> Dim:
    """What is left for -1, if it is ``wanted``; if it is not, the sizes have to match."""
    total, asked = product(sizes), product(others)
    if isinstance(total, Unknown) or isinstance(asked, Unknown):
        _remark_on_unknown(sizes, others, wanted)
        return UNKNOWN
    kept = f"has to keep the {total} numbers of {show(sizes)}"
    if not wanted:
        help = _suggest(sizes, others, total)
        require_equal(total, asked, f"{kept}, but {show(others)} has {asked}", arg="target_shape", help=help)
        return UNKNOWN
    require(asked >= 1, f"{kept}, but a dim of 0 leaves none for -1", arg="target_shape")
    require_divides(asked, total, f"{kept}, but they cannot be divided by {asked}", arg="target_shape")
    return total // asked


def _suggest(sizes: Shape, others: Shape, total: Dim) -> str | None:
    """A shape with -1 that fits, if it leaves the steps apart."""
    if not others or not _surely_divides(product(others[1:]), total):
        return None
    is_apart = len(sizes) < 2 or str(total // product(others[1:])) == str(sizes[0])
    return f"-1 takes what is left: {show((-1, *others[1:]))}" if is_apart else None


def _remark_on_unknown(sizes: tuple[Dim, ...], others: tuple[Dim, ...], wanted: bool) -> None:
    """Keras does not check a target shape against an unknown dim."""
    if all(map(known, sizes)):
        remark("gives an unknown dim for None, although -1 would be worked out", arg="target_shape")
    elif not wanted or not _surely_divides(product(others), product(filter(known, sizes))):
        remark(f"is not checked on {show(sizes)}: if the numbers do not fit, it fails when it runs", arg="target_shape")


def _surely_divides(divisor: Dim, size: Dim) -> bool:
    try:
        return not isinstance(divisor, Unknown) and bool(divisor) and size % divisor == 0
    except Inconclusive:
        return False


@layer(traits="permutes rearranges keeps_numbers")
def Permute(inputs: Tensor, dims: Dims) -> Effect:
    """The axes of a sample in another order: ``(2, 1)`` swaps the first two. They count from 1; the batch stays."""
    numbers = range(1, len(dims) + 1)
    if {*dims} != {*numbers}:
        message = f"needs dims that are the numbers from 1 on in some order, but gets {show(dims)}"
        raise Fault(message, arg="dims", help="the axes of a sample count from 1; the batch is axis 0 and stays")
    inputs.axes(" ".join(("batch", *(f"axis_{number}" for number in numbers))))
    order = (0, *(dim for dim in dims if isinstance(dim, int)))
    return Effect(Tensor(tuple(inputs.shape[axis] for axis in order), inputs.dtype), reach=see().transpose(order))


@layer(traits="repeats")
def RepeatVector(inputs: Tensor, n: StrictSize) -> Effect:
    """A vector repeated ``n`` times: a sequence whose steps are all equal, the way from an encoder to a decoder."""
    batch, features = inputs.axes("batch features")
    return Effect(Tensor((batch, n, features)), reach=see().insert(1, n))


def _pairs(margins: object, rank: int, name: str) -> tuple[tuple[AnySize, AnySize], ...]:
    """What is before and after along each of ``rank`` axes; one number stands for both sides."""
    return tuple((before, after) for before, after in (spread(one, 2, name) for one in spread(margins, rank, name)))


def _crop(over: Grid, pairs: Sequence[tuple[AnySize, AnySize]]) -> Effect:
    """The grid without its margins; something has to be left of every axis."""
    sizes, reach = [], see()
    for (before, after), axis, size, name in zip(pairs, over.axes, over.sizes, SPATIAL[len(pairs)], strict=True):
        left = size - before - after
        message = f"needs more than the {before + after} {name} that it cuts off, but gets {size}"
        require(left >= 1, message, arg="cropping")
        sizes.append(left)
        reach = reach.slice(axis, before, left)
    return Effect(Tensor(over.shape(sizes, over.channels)), reach=reach)


@layer(traits="keeps_numbers crops", rank=1)
def Cropping1D(inputs: Tensor, cropping: Counts = (1, 1)) -> Effect:
    """Cuts off steps: a number at both ends, or ``(first, last)``."""
    return _crop(grid(inputs, 1), [spread(cropping, 2, "cropping")])


@layer(traits="crops", rank=2)
def Cropping2D(inputs: Tensor, cropping: Margins = ((0, 0), (0, 0)), data_format: DataFormat | None = None) -> Effect:
    """Cuts off rows and columns: a number on all sides, ``(rows, columns)``, or ``((top, bottom), (left, right))``.

    Written without arguments it does nothing, unlike Cropping1D and Cropping3D, which cut off 1 on each side.
    """
    return _crop(grid(inputs, 2, data_format), _pairs(cropping, 2, "cropping"))


@layer(traits="crops", rank=3)
def Cropping3D(
    inputs: Tensor, cropping: Margins = ((1, 1), (1, 1), (1, 1)), data_format: DataFormat | None = None
) -> Effect:
    """Cuts off positions along three axes: a number on all sides, three numbers, or three pairs."""
    return _crop(grid(inputs, 3, data_format), _pairs(cropping, 3, "cropping"))


def _pad(inputs: Tensor, data_format: str | None, pairs: Sequence[tuple[AnySize, AnySize]]) -> Effect:
    """The input with zeros around it."""
    if is_asked() and inputs.rank != len(pairs) + 2:
        return _pad_first(inputs, 2 if data_format == "channels_first" else 1, pairs)
    over = grid(inputs, len(pairs), data_format)
    sizes, reach = [], see()
    for (before, after), axis, size, name in zip(pairs, over.axes, over.sizes, SPATIAL[len(pairs)], strict=True):
        padded = size + before + after
        require(padded >= 0, f"would leave {padded} {name} of {size}", arg="padding")
        sizes.append(padded)
        reach = reach.pad(axis, before, after)
    return Effect(Tensor(over.shape(sizes, over.channels)), reach=reach)


def _pad_first(inputs: Tensor, first: int, pairs: Sequence[tuple[AnySize, AnySize]]) -> Effect:
    """What Keras says where it is only asked for a shape: the axes from ``first`` on get longer, whatever they are."""
    shape, reach = list(inputs.shape), see()
    if inputs.rank < first + len(pairs):
        grid(inputs, len(pairs))  # raises
    fails(f"needs an input of {2 + len(pairs)} dims, but gets {show(inputs.shape)}", arg="padding")
    for axis, (before, after) in enumerate(pairs, start=first):
        shape[axis] = shape[axis] + before + after
        reach = reach.pad(axis, before, after)
    return Effect(Tensor(tuple(shape)), reach=reach)


def _remark_on_negative(padding: Dim | tuple[object, ...]) -> None:
    if not isinstance(padding, tuple) and (padding < 0) is True:
        fails(f"makes the shape smaller by a padding of {padding}", arg="padding")


@layer(traits="keeps_numbers pads", rank=1)
def ZeroPadding1D(inputs: Tensor, padding: Counts = 1, data_format: DataFormat | None = None) -> Effect:
    """Puts steps of zeros at the ends: a number at both, or ``(first, last)``."""
    return _pad(inputs, data_format, [spread(padding, 2, "padding")])


@layer(traits="pads", rank=2)
def ZeroPadding2D(inputs: Tensor, padding: SignedMargins = (1, 1), data_format: DataFormat | None = None) -> Effect:
    """Puts zeros around the image: a number for all sides, ``(rows, columns)``, or ``((top, bottom), (left, right))``.

    A negative number is taken, and makes the shape smaller, but the network does not run.
    """
    _remark_on_negative(padding)
    return _pad(inputs, data_format, _pairs(padding, 2, "padding"))


@layer(traits="pads", rank=3)
def ZeroPadding3D(
    inputs: Tensor, padding: SignedMargins = ((1, 1), (1, 1), (1, 1)), data_format: DataFormat | None = None
) -> Effect:
    """Puts zeros around three axes: a number on all sides, three numbers, or three pairs."""
    _remark_on_negative(padding)
    return _pad(inputs, data_format, _pairs(padding, 3, "padding"))


def _upsample(over: Grid, size: object, radius: int = 0) -> Effect:
    """Every axis times its size; interpolation also looks at inputs less than ``radius`` away."""
    times = spread(size, len(over.sizes), "size")
    sizes, reach = [], see()
    for factor, axis, given in zip(times, over.axes, over.sizes, strict=True):
        sizes.append(given * factor)
        reach = reach.resample(axis, given * factor, radius) if radius else reach.repeat(axis, factor)
    return Effect(Tensor(over.shape(sizes, over.channels)), reach=reach)


# How far an interpolation looks, in input positions (jax.image.resize, the same in TensorFlow).
RADIUS = {"nearest": 0, "bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}


@layer()
def UpSampling1D(inputs: Tensor, size: StrictSize = 2) -> Effect:
    """Every step ``size`` times in a row."""
    return _upsample(grid(inputs, 1), size)


@layer()
def UpSampling2D(
    inputs: Tensor, size: Sizes = (2, 2), data_format: DataFormat | None = None, interpolation: Text = "nearest"
) -> Effect:
    """Every pixel ``size`` times along rows and columns; other kinds of ``interpolation`` are smoother.

    It has no weights: Conv2DTranspose is the layer that learns to enlarge.
    """
    radius = RADIUS.get(interpolation.lower())
    if radius is None:
        help = f"there are {', '.join(RADIUS)}"
        fails(f"has no interpolation {interpolation!r}", arg="interpolation", help=help)
    return _upsample(grid(inputs, 2, data_format), size, radius or 0)


@layer()
def UpSampling3D(inputs: Tensor, size: Sizes = (2, 2, 2), data_format: DataFormat | None = None) -> Effect:
    """Every position ``size`` times along three axes."""
    return _upsample(grid(inputs, 3, data_format), size)
