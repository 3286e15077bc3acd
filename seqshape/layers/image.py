"""Preprocessing and augmentation of images: (batch, rows, columns, channels), or one image without the batch.

An input may also be a dict with ``images``, ``bounding_boxes``, ``labels`` and ``segmentation_masks``. The random
layers change something in training only, so that at inference every pixel sees itself.
"""

from __future__ import annotations

from collections.abc import Callable

from seqshape.declaration import Inner, Parameter
from seqshape.diagnostics import Fault, fails, is_running, remark
from seqshape.dims import UNKNOWN, Dim, Inconclusive, Poly, Unknown, value_of
from seqshape.kinds import Anything, Count, DataFormat, Flag
from seqshape.layers.core import differ
from seqshape.layers.reshaping import RADIUS
from seqshape.reach import Reach, see
from seqshape.registry import Rule, layer
from seqshape.tensor import Effect, Shape, Tensor, TensorLike, each_tensor, flatten, is_float, show

# What Keras takes in ``**kwargs``, for the base of all these layers.
_BESIDE = (Parameter("data_format", "DataFormat", None, True), Parameter("bounding_box_format", "Anything", None))


def image_layer(
    inner: Inner | None = None, *, converts: bool = True, traits: str = "", **kinds: str
) -> Callable[[Rule], Rule]:
    """Declare a layer that takes what all of them take; ``kinds`` are those of arguments that its rule does not read."""
    return layer(beside=_BESIDE, kinds=kinds, inner=inner, converts=converts, traits=traits)


def same(data: TensorLike, reach: Reach | None = None) -> Effect:
    """Every tensor in its own shape, in the dtype of the layer."""
    out = each_tensor(lambda tensor: Tensor(tensor.shape), data)
    tensors = flatten(out)
    _warn_of_rank(data["images"] if isinstance(data, dict) and "images" in data else tensors[0])
    each = [see(number) for number in range(len(tensors))]
    return Effect(out, reach=tuple(each) if len(each) > 1 else reach or each[0])


def _warn_of_rank(images: Tensor) -> None:
    if images.rank == 3:
        remark(f"takes {show(images.shape)} for one image, and its batch for the rows")
    elif images.rank != 4:
        fails(f"takes images of 3 or 4 dims, but gets {show(images.shape)}")


# --- what Keras refuses when it runs a layer at once, in training, as those of a Pipeline ----------------------------


def images_of(data: TensorLike) -> Tensor:
    """The images themselves, without what stands beside them."""
    return data if isinstance(data, Tensor) else data["images"]


def needs_channels(data: TensorLike, data_format: str | None, *numbers: int) -> None:
    """So many channels are needed. Raises Fault."""
    images = images_of(data)
    if images.rank not in (3, 4):
        return
    channels = images.shape[-3 if data_format == "channels_first" else -1]
    wanted = " or ".join(map(str, numbers))
    if isinstance(channels, Unknown):
        if is_running():
            raise Fault(f"needs {wanted} channels, but gets {show(images.shape)}; a Pipeline runs it at once")
    elif all(differ(channels, number) for number in numbers):
        fails(f"needs {wanted} channels, but gets {channels}", when="in training")
    elif is_running() and isinstance(channels, Poly) and value_of(channels) is None:
        raise Inconclusive(f"whether {channels} is {wanted} depends on it")


def known_batch(data: TensorLike) -> None:
    """Random numbers for each image: JAX draws none for an unknown number of images. Raises Fault."""
    images = images_of(data)
    if is_running() and images.rank == 4 and isinstance(images.shape[0], Unknown):
        raise Fault(
            "needs a known batch size in a Pipeline", help="give the input a batch size: Input(…, batch_size=32)"
        )


def not_empty(data: TensorLike, *axes: int, known: bool = False) -> None:
    """There have to be places along these axes of one image, with ``known`` a known number of them. Raises Fault."""
    images = images_of(data)
    if not is_running() or images.rank not in (3, 4):
        return
    for size in (images.shape[axis % 3 + images.rank - 3] for axis in axes):
        if (known and isinstance(size, Unknown)) or (not isinstance(size, Unknown) and (size == 0) is True):
            wanted = "of a known size" if known else "with pixels"
            raise Fault(f"needs images {wanted} in a Pipeline, but gets {show(images.shape)}")


def run_on_whole_numbers(effect: Effect, data: TensorLike, dtype: str | None) -> Effect:
    """The effect with the dtype that comes out of whole numbers when Keras runs the layer."""
    if not is_running() or not isinstance(data, Tensor) or is_float(data.dtype or ""):
        return effect
    assert isinstance(effect.out, Tensor)
    return effect._replace(out=Tensor(effect.out.shape, dtype))


def channel_axis(data_format: str | None) -> int:
    """The axis of one image that is its channels."""
    return 0 if data_format == "channels_first" else 2


def places(data_format: str | None) -> tuple[int, int]:
    """The axes of one image that are its rows and columns."""
    return (1, 2) if data_format == "channels_first" else (0, 1)


def _one_image(data: TensorLike) -> Tensor:
    if isinstance(data, Tensor):
        return data
    raise Fault("takes one tensor of images here", help="Keras cannot work out the shapes of a dict")


# --- size ------------------------------------------------------------------------------------------------------------


def _axes(images: Tensor, data_format: str | None) -> tuple[int, int]:
    """The axes that Keras takes for rows and columns in any rank but 4: the first two behind the channels."""
    first = 1 if images.rank == 4 else 0
    rows = first + (data_format == "channels_first")
    return rows, rows + 1


def _resized(images: Tensor, height: Dim, width: Dim, data_format: str | None) -> Shape:
    """The shape with another height and width. Raises Fault if there are no such axes."""
    rows, columns = _axes(images, data_format)
    images.axes("rows columns ..." if data_format != "channels_first" else "channels rows columns ...")
    shape = list(images.shape)
    shape[rows], shape[columns] = height, width
    return tuple(shape)


def _target(height: Count | None, width: Count | None) -> tuple[Dim, Dim]:
    """The size that images get. Keras takes None for a number, but cannot run then."""
    if height is None or width is None:
        fails("has no size to bring images to", arg="height" if height is None else "width")
    return UNKNOWN if height is None else height, UNKNOWN if width is None else width


def _warn_of_size(images: Tensor, height: Anything, width: Anything) -> None:
    _warn_of_rank(images)
    for name, size in (("height", height), ("width", width)):
        if isinstance(size, int) and size == 0:
            remark(f"leaves nothing of an image with {name} 0", arg=name)


def _sized(
    images: Tensor, height: Anything, width: Anything, data_format: str | None, reach: Reach | None = None
) -> Effect:
    _warn_of_size(images, height, width)
    shape = _resized(images, height, width, data_format)
    return Effect(Tensor(shape), reach=reach or see().mix(*_axes(images, data_format)))


@image_layer(traits="rearranges")
def Resizing(
    data: TensorLike,
    height: Count | None,
    width: Count | None,
    interpolation: Anything = "bilinear",
    crop_to_aspect_ratio: Flag = False,
    pad_to_aspect_ratio: Flag = False,
    fill_mode: Anything = "constant",
    antialias: Flag = False,
    data_format: DataFormat | None = None,
) -> Effect:
    """Images of ``height`` × ``width``, stretched, or cropped or padded to keep their proportions."""
    images = _one_image(data)
    high, wide = _target(height, width)
    radius = _radius(interpolation)
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        fails("can crop or pad, not both", arg="pad_to_aspect_ratio")
    if fill_mode != "constant":
        fails(f"can fill with a constant only, not with {fill_mode!r}", arg="fill_mode")
    keeps = crop_to_aspect_ratio or pad_to_aspect_ratio
    not_empty(data, *places(data_format), known=keeps)
    reach = None if keeps else _interpolated(images, (high, wide), radius, antialias, data_format)
    effect = _sized(images, high, wide, data_format, reach)
    if not keeps:
        _warn_of_stretch(images, high, wide, data_format)
    return run_on_whole_numbers(effect, images, images.dtype)


def _radius(interpolation: Anything) -> int:
    """How far an interpolation looks."""
    if interpolation not in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
        fails(f"has no interpolation {interpolation!r}", arg="interpolation")
        return 0
    return RADIUS.get(interpolation, 0)


def _interpolated(images: Tensor, sizes: Shape, radius: int, smooth: bool, data_format: str | None) -> Reach:
    """Both axes of an image interpolated one after the other."""
    reach = see()
    for axis, size in zip(_axes(images, data_format), sizes, strict=True):
        reach = reach.resample(axis, size, radius, smooth)
    return reach


def _warn_of_stretch(images: Tensor, height: Anything, width: Anything, data_format: str | None) -> None:
    rows, columns = (images.shape[axis] for axis in _axes(images, data_format))
    if all(isinstance(size, int) for size in (rows, columns, height, width)) and rows * columns * height * width:
        ratio = (height * columns) / (width * rows)
        if max(ratio, 1 / ratio) > 4:
            remark(f"stretches images of {rows} × {columns} out of shape", help="crop_to_aspect_ratio=True cuts them")


@image_layer()
def CenterCrop(
    data: TensorLike, height: Count | None, width: Count | None, data_format: DataFormat | None = None
) -> Effect:
    """The middle of images, ``height`` × ``width``. An image that is too small is enlarged instead."""
    images = _one_image(data)
    high, wide = _target(height, width)
    if images.rank not in (3, 4):
        raise Fault(f"needs images of 3 or 4 dims, but gets {show(images.shape)}", code="E201")
    rows, columns = _axes(images, data_format)
    sizes = (images.shape[rows], images.shape[columns])
    _check_run_of_center_crop(sizes, (high, wide))
    if not all(isinstance(size, int) for size in (*sizes, high, wide)):
        if images.rank == 4 and any(isinstance(size, Unknown) for size in sizes):
            remark("enlarges images that are too small; how large they are, is unknown")
        return _sized(images, high, wide, data_format)
    spare = [size - wanted for size, wanted in zip(sizes, (high, wide), strict=True)]
    if min(spare) < 0:
        remark(f"enlarges images of {show(sizes)}, which are smaller than {show((high, wide))}", arg="height")
        return _sized(images, high, wide, data_format)
    reach = see().slice(rows, spare[0] // 2, high).slice(columns, spare[1] // 2, wide)
    return _sized(images, high, wide, data_format, reach)


def _check_run_of_center_crop(sizes: Shape, wanted: Shape) -> None:
    """JAX takes an unknown size for at least 2, and enlarges only images of a known size. Raises Fault."""
    if not is_running():
        return
    for size, other in zip(sizes, wanted, strict=True):
        if isinstance(size, Unknown) and (other > 2) is True:
            raise Fault(f"needs images of a known size in a Pipeline, but gets {show(sizes)}", arg="height")
    spare = [
        isinstance(size, Unknown) or (size >= other) is not False for size, other in zip(sizes, wanted, strict=True)
    ]
    if all(spare):
        return
    if any(isinstance(size, Unknown) or size == 0 for size in sizes) or 0 in wanted:
        raise Fault(f"cannot enlarge images of {show(sizes)} to {show(wanted)} in a Pipeline", arg="height")


@layer(converts=False, beside=(Parameter("factor", "ChangeOr", None), *_BESIDE))
def RandomCrop(
    data: TensorLike, height: Count | None, width: Count | None, data_format: DataFormat | None = None
) -> Effect:
    """A part of images, ``height`` × ``width``, from a random place.

    Keras says that size, but it crops in training only.
    """
    rows = -2 if data_format == "channels_first" else -3
    images = _one_image(data)
    if images.rank < -rows:
        raise Fault(f"needs images of at least {-rows} dims, but gets {show(images.shape)}", code="E201")
    high, wide = _target(height, width)
    rows += images.rank
    shape = list(images.shape)
    stays = all(_equal(shape[axis], size) for axis, size in ((rows, high), (rows + 1, wide)))
    _check_run_of_random_crop((shape[rows], shape[rows + 1]), (high, wide))
    shape[rows], shape[rows + 1] = high, wide
    if not stays:
        remark("crops in training only: at inference images come out as they are")
    _warn_of_size(images, high, wide)
    return Effect(Tensor(tuple(shape)), reach=see().mix(rows, rows + 1))


def _check_run_of_random_crop(sizes: Shape, wanted: Shape) -> None:
    """JAX cannot cut at a random place, only enlarge images of a known size. Raises Fault."""
    if not is_running():
        return
    if any(isinstance(size, Unknown) or size == 0 for size in sizes) or 0 in wanted:
        raise Fault(f"cannot make images of {show(sizes)} to {show(wanted)} in a Pipeline", arg="height")
    if all((size > other) is True for size, other in zip(sizes, wanted, strict=True)):
        raise Fault(
            f"cannot cut {show(wanted)} out of images of {show(sizes)} at a random place in a Pipeline", arg="height"
        )


def _equal(left: Dim, right: Dim) -> bool:
    return not isinstance(left, Unknown) and left == right
