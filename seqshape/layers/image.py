"""Preprocessing and augmentation of images: (batch, rows, columns, channels), or one image without the batch.

An input may also be a dict with ``images``, ``bounding_boxes``, ``labels`` and ``segmentation_masks``. The random
layers change something in training only, so that at inference every pixel sees itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seqshape.diagnostics import Fault, fails, is_running, remark
from seqshape.dims import UNKNOWN, Dim, Unknown, require, require_equal
from seqshape.kinds import Anything, Count, DataFormat, Flag, Integer, LaterNumber, Number, Slant, Text
from seqshape.layers.core import differ
from seqshape.layers.reshaping import RADIUS
from seqshape.reach import Reach, see
from seqshape.registry import Inner, Parameter, Rule, layer
from seqshape.tensor import Effect, Shape, Tensor, TensorLike, flatten, is_float, mapped, show

_RANGE = (0, 255)
_FILLS = ("reflect", "wrap", "constant", "nearest")
_INTERPOLATIONS = ("nearest", "bilinear")

# What Keras takes in ``**kwargs``, for the base of all these layers.
_BESIDE = (Parameter("data_format", "DataFormat", None, True), Parameter("bounding_box_format", "Anything", None))


def _image_layer(**words: Any) -> Callable[[Rule], Rule]:
    """Declare a layer that takes what all of them take."""
    return layer(beside=_BESIDE, **words)


def _same(data: TensorLike, reach: Reach | None = None) -> Effect:
    """Every tensor in its own shape, in the dtype of the layer."""
    out = mapped(lambda tensor: Tensor(tensor.shape), data)
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


def _images(data: TensorLike) -> Tensor:
    return data if isinstance(data, Tensor) else data["images"]


def _channels(data: TensorLike, data_format: str | None, *numbers: int) -> None:
    """So many channels are needed. Raises Fault."""
    images = _images(data)
    if images.rank not in (3, 4):
        return
    channels = images.shape[-3 if data_format == "channels_first" else -1]
    wanted = " or ".join(map(str, numbers))
    if isinstance(channels, Unknown):
        if is_running():
            raise Fault(f"needs {wanted} channels, but gets {show(images.shape)}; a Pipeline runs it at once")
    elif all(differ(channels, number) for number in numbers):
        fails(f"needs {wanted} channels, but gets {channels}", when="in training")


def _known_batch(data: TensorLike) -> None:
    """Random numbers for each image: JAX draws none for an unknown number of images. Raises Fault."""
    images = _images(data)
    if is_running() and images.rank == 4 and isinstance(images.shape[0], Unknown):
        raise Fault(
            "needs a known batch size in a Pipeline", help="give the input a batch size: Input(…, batch_size=32)"
        )


def _something(data: TensorLike, *axes: int, known: bool = False) -> None:
    """There have to be places along these axes of one image, with ``known`` a known number of them. Raises Fault."""
    images = _images(data)
    if not is_running() or images.rank not in (3, 4):
        return
    for size in (images.shape[axis % 3 + images.rank - 3] for axis in axes):
        if (known and isinstance(size, Unknown)) or (not isinstance(size, Unknown) and (size == 0) is True):
            wanted = "of a known size" if known else "with pixels"
            raise Fault(f"needs images {wanted} in a Pipeline, but gets {show(images.shape)}")


def _run_on_whole_numbers(effect: Effect, data: TensorLike, dtype: str | None) -> Effect:
    """The effect with the dtype that comes out of whole numbers when Keras runs the layer."""
    if not is_running() or not isinstance(data, Tensor) or is_float(data.dtype or ""):
        return effect
    assert isinstance(effect.out, Tensor)
    return effect._replace(out=Tensor(effect.out.shape, dtype))


def _place_of_channels(data_format: str | None) -> int:
    return 0 if data_format == "channels_first" else 2


def _places(data_format: str | None) -> tuple[int, int]:
    """The axes of one image that are its rows and columns."""
    return (1, 2) if data_format == "channels_first" else (0, 1)


def _largest(value: Anything) -> Anything:
    """The upper bound of a factor: a number, or the larger one of two."""
    return max(value) if isinstance(value, (tuple, list)) else value


def _one_image(data: TensorLike) -> Tensor:
    if isinstance(data, Tensor):
        return data
    raise Fault("takes one tensor of images here", help="Keras cannot work out the shapes of a dict")


# --- what Keras checks of the arguments ------------------------------------------------------------------------------


def _is_number(value: Anything) -> bool:
    return isinstance(value, (int, float))


def _factor(value: Anything, low: float, high: float, arg: str = "factor") -> None:
    """A number between two bounds, or two of which one may lie beyond each. Raises Fault."""
    message = f"needs a {arg} from {low} to {high}, or two numbers, not {value!r}"
    if isinstance(value, (tuple, list)):
        fits = len(value) == 2 and all(map(_is_number, value)) and not (value[0] > high or value[1] < low)
    else:
        fits = _is_number(value) and not (value < low or value > high)  # Keras lets a nan pass
    if not fits:
        raise Fault(message, arg=arg)


def _factors(value: Anything, low: float, high: float, arg: str, *, open_below: bool = False) -> None:
    """A number between two bounds, or two such numbers. Raises Fault."""
    pair = value if isinstance(value, (tuple, list)) else (value, value)
    fits = len(pair) == 2 and all(_is_number(one) and not (one < low or one > high) for one in pair)
    if not fits or (open_below and low in pair):
        above = "above" if open_below else "from"
        raise Fault(f"needs a {arg} {above} {low} to {high}, or two of them, not {value!r}", arg=arg)


def _range(value: Anything) -> None:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise Fault(f"needs two numbers as value_range, not {value!r}", arg="value_range")


def _word(value: Anything, arg: str, words: tuple[str, ...]) -> None:
    if value not in words:
        raise Fault(f"needs one of {', '.join(words)} as {arg}, not {value!r}", arg=arg)


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


@_image_layer()
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
    _something(data, *_places(data_format), known=keeps)
    reach = None if keeps else _interpolated(images, (high, wide), radius, antialias, data_format)
    effect = _sized(images, high, wide, data_format, reach)
    if not keeps:
        _warn_of_stretch(images, high, wide, data_format)
    return _run_on_whole_numbers(effect, images, images.dtype)


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


@_image_layer()
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


@_image_layer(converts=False)
def RandomCrop(
    data: TensorLike,
    height: Count | None,
    width: Count | None,
    data_format: DataFormat | None = None,
    *,
    factor: Anything = None,
) -> Effect:
    """A part of images, ``height`` × ``width``, from a random place.

    Keras says that size, but it crops in training only.
    """
    rows = -2 if data_format == "channels_first" else -3
    images = _to_crop(data, factor, -rows)
    high, wide = _target(height, width)
    rows += images.rank
    shape = list(images.shape)
    same = all(_equal(shape[axis], size) for axis, size in ((rows, high), (rows + 1, wide)))
    _check_run_of_random_crop((shape[rows], shape[rows + 1]), (high, wide))
    shape[rows], shape[rows + 1] = high, wide
    if not same:
        remark("crops in training only: at inference images come out as they are")
    _warn_of_size(images, high, wide)
    return Effect(Tensor(tuple(shape)), reach=see().mix(rows, rows + 1))


def _to_crop(data: TensorLike, factor: Anything, least: int) -> Tensor:
    """The images, checked. Raises Fault."""
    if factor:
        _factor(factor, -1, 1)
    images = _one_image(data)
    if images.rank < least:
        raise Fault(f"needs images of at least {least} dims, but gets {show(images.shape)}", code="E201")
    return images


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


# --- colour ----------------------------------------------------------------------------------------------------------


@_image_layer()
def AutoContrast(data: TensorLike, value_range: Anything = _RANGE) -> Effect:
    """Each channel stretched so that its darkest pixel is the least value and its brightest the largest."""
    _range(value_range)
    _something(data, 0, 1)
    return _same(data, see().mix(1, 2))


@_image_layer()
def ContrastLimitedAdaptiveHistogramEqualization(data: TensorLike, data_format: DataFormat | None = None) -> Effect:
    """Contrast evened out tile by tile (CLAHE)."""
    _something(data, *_places(data_format), known=True)
    _something(data, 0, 1, 2)
    return _run_on_whole_numbers(_same(data, see().mix(1, 2)), data, _images(data).dtype)


@_image_layer()
def Equalization(data: TensorLike, value_range: Anything = _RANGE, data_format: DataFormat | None = None) -> Effect:
    """Every brightness made as frequent as any other, in training only.

    In Keras its output is its input tensor itself: behind another layer, or as the last one, it makes a circle.
    """
    _range(value_range)
    _something(data, _place_of_channels(data_format), known=True)
    remark(
        "gives its input tensor itself: Keras leaves it out, and refuses it behind another layer or as the last one",
        help="write Pipeline([Equalization()])",
    )
    effect = _same(data)
    return effect if is_running() else effect._replace(out=data, circular=True)


@_image_layer()
def Solarization(
    data: TensorLike, addition_factor: Anything = 0.0, threshold_factor: Anything = 0.0, value_range: Anything = _RANGE
) -> Effect:
    """Values above a random threshold inverted, in training only."""
    _factors(addition_factor, 0, 1, "addition_factor")
    _factors(threshold_factor, 0, 1, "threshold_factor")
    _range(value_range)
    return _same(data)


@_image_layer()
def RandomBrightness(data: TensorLike, factor: Anything, value_range: Anything = _RANGE) -> Effect:
    """Brighter or darker at random, in training only."""
    _factor(factor or 0.0, -1, 1)
    _range(value_range)
    kept = _images(data).dtype
    if any(isinstance(bound, float) for bound in value_range):  # the limits of the clip make floats of whole numbers
        return _same(data)
    return _run_on_whole_numbers(_same(data), data, "int32" if kept == "bool" else kept)


@_image_layer()
def RandomColorDegeneration(
    data: TensorLike, factor: Anything, value_range: Anything = _RANGE, data_format: DataFormat | None = None
) -> Effect:
    """Colour taken out at random, in training only. It needs three channels."""
    _factor(factor, -1, 1)
    _range(value_range)
    images = data if isinstance(data, Tensor) else data["images"]
    if images.rank not in (3, 4):
        raise Fault(f"needs images of 3 or 4 dims, but gets {show(images.shape)}", code="E201")
    channels = images.shape[-3 if data_format == "channels_first" else -1]
    if not is_running():  # then Keras only asks for the shape, and that question is stricter
        require_equal(channels, 3, f"needs 3 channels, but gets {channels}")
    _channels(data, data_format, 1, 3)
    return _same(data)


def _jitters(arguments: dict[str, Any]) -> list[str]:
    """The layers that a jitter makes: one for each factor that is given."""
    words = ("Brightness", "Contrast", "Saturation", "Hue")
    return [f"Random{word}" for word in words if arguments[f"{word.lower()}_factor"] is not None]


@_image_layer(inner=Inner(_jitters))
def RandomColorJitter(
    data: TensorLike,
    value_range: Anything = _RANGE,
    brightness_factor: Anything = None,
    contrast_factor: Anything = None,
    saturation_factor: Anything = None,
    hue_factor: Anything = None,
) -> Effect:
    """Brightness, contrast, saturation and hue changed at random, in training only."""
    bounds = {
        "brightness_factor": (brightness_factor if brightness_factor is None else brightness_factor or 0.0, -1),
        "contrast_factor": (contrast_factor, 0),
        "saturation_factor": (saturation_factor, -1),
        "hue_factor": (hue_factor, 0),
    }
    for name, (value, low) in bounds.items():
        if value is not None:
            _factor(value, low, 1, name)
            if name in ("brightness_factor", "saturation_factor"):
                _range(value_range)
    return _same(data)


@_image_layer()
def RandomContrast(data: TensorLike, factor: Anything) -> Effect:
    """More or less contrast at random, in training only."""
    _factor(factor, 0, 1)
    return _run_on_whole_numbers(_same(data), data, "float32")


@_image_layer()
def RandomGrayscale(data: TensorLike, factor: Number = 0.5, data_format: DataFormat | None = None) -> Effect:
    """Some images without colour, in training only. The dtype of the input stays."""
    require(0 <= factor <= 1, f"needs a factor from 0 to 1, not {factor}", arg="factor")
    _channels(data, data_format, 1, 3)
    effect = _same(data)
    return effect._replace(out=data)


@_image_layer()
def RandomHue(data: TensorLike, factor: Anything, data_format: DataFormat | None = None) -> Effect:
    """Other hues at random, in training only."""
    _factor(factor, 0, 1)
    _channels(data, data_format, 3)
    return _same(data)


@_image_layer()
def RandomInvert(data: TensorLike, factor: Anything = 1.0) -> Effect:
    """Some images as negatives, in training only."""
    _factor(factor, 0, 1)
    return _same(data)


@_image_layer()
def RandomPosterization(data: TensorLike, factor: Anything, value_range: Anything = _RANGE) -> Effect:
    """Fewer bits for each value, 1 to 8, in training only."""
    _factor(factor, 1, 8)
    _range(value_range)
    return _same(data)


@_image_layer()
def RandomSaturation(
    data: TensorLike, factor: Anything, value_range: Anything = _RANGE, data_format: DataFormat | None = None
) -> Effect:
    """More or less colour at random, in training only."""
    _factor(factor, -1, 1)
    _range(value_range)
    _channels(data, data_format, 3)
    if is_running() and not is_float(_images(data).dtype or ""):
        raise Fault(f"needs floats, but gets {_images(data).dtype}")
    return _same(data)


@_image_layer()
def RandomSharpness(
    data: TensorLike, factor: Anything, value_range: Anything = _RANGE, data_format: DataFormat | None = None
) -> Effect:
    """Sharper at random, in training only."""
    _factor(factor, 0, 1)
    _range(value_range)
    _something(data, _place_of_channels(data_format))
    return _same(data)


# --- place -----------------------------------------------------------------------------------------------------------


@_image_layer()
def RandomElasticTransform(
    data: TensorLike,
    factor: Anything = 1.0,
    scale: Anything = 1.0,
    interpolation: Text = "bilinear",
    fill_mode: Text = "reflect",
) -> Effect:
    """Pixels moved to random places nearby, in training only."""
    _factor(factor, 0, 1)
    _factor(scale, 0, 1, "scale")
    _word(interpolation, "interpolation", _INTERPOLATIONS)
    _word(fill_mode, "fill_mode", (*_FILLS, "mirror"))
    if is_running() and _largest(factor) and _largest(scale):
        raise Fault("cannot be traced by JAX, and a Pipeline does so")
    return _same(data)


@_image_layer()
def RandomErasing(data: TensorLike, factor: Anything = 1.0, scale: Anything = (0.02, 0.33)) -> Effect:
    """A random box of each image filled, in training only."""
    _factor(factor, 0, 1)
    _factor(scale, 0, 1, "scale")
    return _same(data)


@_image_layer(converts=False)
def RandomFlip(data: TensorLike, mode: Anything = "horizontal_and_vertical") -> Effect:
    """Images turned left to right or upside down at random, in training only."""
    if mode not in ("horizontal", "vertical", "horizontal_and_vertical"):
        remark(f"does nothing in mode {mode!r}", arg="mode", help="horizontal, vertical or horizontal_and_vertical")
    return _same(data)


@_image_layer()
def RandomGaussianBlur(
    data: TensorLike,
    factor: Anything = 1.0,
    kernel_size: Anything = 3,
    sigma: Anything = 1.0,
    data_format: DataFormat | None = None,
) -> Effect:
    """Images blurred at random, in training only."""
    _factor(factor, 0, 1)
    sizes = kernel_size if isinstance(kernel_size, (tuple, list)) else (kernel_size, kernel_size)
    if len(sizes) != 2 or any(not _is_number(size) or size % 2 == 0 for size in sizes):
        raise Fault(f"needs an odd kernel_size, or two, not {kernel_size!r}", arg="kernel_size")
    _factor(sigma, 0, 1, "sigma")
    _something(data, _place_of_channels(data_format))
    return _same(data)


@_image_layer()
def RandomPerspective(
    data: TensorLike, factor: Anything = 1.0, scale: Number = 1.0, interpolation: Text = "bilinear"
) -> Effect:
    """Images in another perspective at random, in training only."""
    _factor(factor, 0, 1)
    require(0 <= scale <= 1, f"needs a scale from 0 to 1, not {scale}", arg="scale")
    _word(interpolation, "interpolation", _INTERPOLATIONS)
    return _same(data)


@_image_layer()
def RandomRotation(
    data: TensorLike, factor: Anything, fill_mode: Text = "reflect", interpolation: Text = "bilinear"
) -> Effect:
    """Images turned by a random part of a full circle, in training only."""
    _factor(factor or 0.0, -1, 1)
    _word(fill_mode, "fill_mode", _FILLS)
    _word(interpolation, "interpolation", _INTERPOLATIONS)
    return _same(data)


@_image_layer()
def RandomShear(
    data: TensorLike,
    x_factor: Slant = 0.0,
    y_factor: Slant = 0.0,
    interpolation: Text = "bilinear",
    fill_mode: Text = "reflect",
) -> Effect:
    """Images made slanting at random, in training only."""
    for name, value in (("x_factor", x_factor), ("y_factor", y_factor)):
        _factors(value, 0, 1, name)
    _word(fill_mode, "fill_mode", _FILLS)
    _word(interpolation, "interpolation", _INTERPOLATIONS)
    return _same(data)


@_image_layer()
def RandomTranslation(
    data: TensorLike,
    height_factor: Anything,
    width_factor: Anything,
    fill_mode: Text = "reflect",
    interpolation: Text = "bilinear",
) -> Effect:
    """Images moved by random parts of their height and width, in training only."""
    _factors(height_factor, -1, 1, "height_factor")
    _factors(width_factor, -1, 1, "width_factor")
    _word(fill_mode, "fill_mode", _FILLS)
    _word(interpolation, "interpolation", _INTERPOLATIONS)
    return _same(data)


@_image_layer()
def RandomZoom(
    data: TensorLike,
    height_factor: Anything,
    width_factor: Anything = None,
    fill_mode: Text = "reflect",
    interpolation: Text = "bilinear",
) -> Effect:
    """Images enlarged or reduced at random inside their frame, in training only."""
    _factors(height_factor, -1, 1, "height_factor", open_below=True)
    if width_factor is not None:
        _factors(width_factor, -1, 1, "width_factor", open_below=True)
    _word(fill_mode, "fill_mode", _FILLS)
    _word(interpolation, "interpolation", _INTERPOLATIONS)
    return _same(data)


# --- several images or several changes -------------------------------------------------------------------------------


@_image_layer()
def CutMix(data: TensorLike, factor: Anything = 1.0) -> Effect:
    """A box of one image put into another, labels mixed likewise, in training only."""
    _factor(factor, 0, 1)
    _known_batch(data)
    return _same(data)


@_image_layer()
def MixUp(data: TensorLike, alpha: LaterNumber = 0.2) -> Effect:
    """Pairs of images blended, labels likewise, in training only."""
    if _is_number(alpha) and alpha < 0:
        remark(f"needs an alpha of at least 0, but gets {alpha}: it fails in training", arg="alpha")
    _known_batch(data)
    return _same(data)


# The changes that AugMix and RandAugment choose from.
_GEOMETRIC = ("RandomShear", "RandomTranslation", "RandomRotation")
_MIXED = (*_GEOMETRIC, "Solarization", "RandomPosterization", "AutoContrast", "Equalization")
_EXTRA = ("RandomBrightness", "RandomColorDegeneration", "RandomContrast", "RandomSharpness")


def _mixed(arguments: dict[str, Any]) -> tuple[str, ...]:
    return _MIXED + _EXTRA if arguments["all_ops"] else _MIXED


@_image_layer(inner=Inner(_mixed, shares_name=True))
def AugMix(
    data: TensorLike,
    value_range: Anything = _RANGE,
    num_chains: LaterNumber = 3,
    chain_depth: LaterNumber = 3,
    factor: Anything = 0.3,
    interpolation: Text = "bilinear",
    data_format: DataFormat | None = None,
) -> Effect:
    """Chains of random changes, blended with the image, in training only."""
    _factors(factor, 0, 1, "factor")
    _range(value_range)
    _word(interpolation, "interpolation", _INTERPOLATIONS)
    for name, number in (("num_chains", num_chains), ("chain_depth", chain_depth)):
        if _is_number(number) and number < 1:
            remark(f"changes nothing with {name} {number}", arg=name)
    channels = _images(data).shape[-3 if data_format == "channels_first" else -1 :][:1]
    if is_running() and not set(channels) & {1, 3}:
        remark("draws its changes by chance, and some need 1 or 3 channels: Keras refuses it now and then")
    return _same(data)


@_image_layer(inner=Inner(lambda arguments: _MIXED + _EXTRA, shares_name=True))
def RandAugment(
    data: TensorLike,
    value_range: Anything = _RANGE,
    num_ops: LaterNumber = 2,
    factor: Anything = 0.5,
    interpolation: Text = "bilinear",
    data_format: DataFormat | None = None,
) -> Effect:
    """``num_ops`` random changes out of eleven, one after the other, in training only."""
    _factors(factor, 0, 1, "factor")
    _range(value_range)
    _word(interpolation, "interpolation", _INTERPOLATIONS)
    if is_running() and isinstance(num_ops, float):
        raise Fault(f"needs a whole number as num_ops, not {num_ops}", arg="num_ops")
    if _is_number(num_ops) and num_ops < 1:
        remark(f"changes nothing with num_ops {num_ops}", arg="num_ops")
    elif _is_number(num_ops) and num_ops > 11:
        remark(f"has eleven changes to choose from, but num_ops is {num_ops}", arg="num_ops")
    _something(data, 0, 1)
    _channels(data, data_format, 1, 3)
    return _same(data)


@layer(beside=(Parameter("fill_value", "Integer", -1), _BESIDE[0]))
def MaxNumBoundingBoxes(data: TensorLike, max_number: Integer, *, bounding_box_format: Anything = None) -> Effect:
    """So many boxes for every image: those beyond are left out, missing ones filled in. Images stay as they are."""
    effect = _same(data)
    boxes = effect.out.get("bounding_boxes") if isinstance(effect.out, dict) else None
    if max_number < 0:
        complain = remark if boxes is None else fails
        complain(f"cannot have {max_number} boxes", arg="max_number")
    if boxes is None:
        return effect
    extra = sorted(set(boxes) - {"boxes", "labels"})
    if extra:
        raise Fault(f"takes boxes and labels of bounding boxes, not {extra[0]}")
    if bounding_box_format is None:
        remark("needs a bounding_box_format when it runs", help='write bounding_box_format="xyxy"')
    numbered = {key: Tensor((box.shape[0], max_number, *box.shape[2:])) for key, box in boxes.items()}
    return effect._replace(out={**effect.out, "bounding_boxes": numbered})  # type: ignore[dict-item]
