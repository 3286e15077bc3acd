"""Operations of keras.ops.image. Images are (batch, rows, columns, channels), or one image without the batch."""

from __future__ import annotations

from seqshape.diagnostics import Fault, fails
from seqshape.dims import Dim, Unknown, product, require, require_equal, value_of
from seqshape.kinds import KINDS, Anything, Count, DataFormat, Flag, PoolPadding, Sizes
from seqshape.layers.operations.dtypes import is_float
from seqshape.layers.operations.operands import (
    all_of,
    blur,
    dtype_of,
    gives,
    replaced,
    require_identical,
    sees,
    shape_of,
    union,
)
from seqshape.layers.windows import grid, seen, slide, windows
from seqshape.reach import Reach, see
from seqshape.registry import alike, operation
from seqshape.tensor import Effect, Shape, Tensor, TensorLike, show


def _require_image(images: Tensor) -> None:
    if images.rank not in (3, 4):
        raise Fault(f"needs images of 3 or 4 dims, but gets {show(images.shape)}", code="E201")


def _sides(images: Tensor, data_format: str | None) -> tuple[int, int]:
    """The axes of the rows and of the columns."""
    _require_image(images)
    rows = images.rank - (2 if data_format == "channels_first" else 3)
    return rows, rows + 1


def _channels(images: Tensor, data_format: str | None) -> int:
    _require_image(images)
    return images.rank - (3 if data_format == "channels_first" else 1)


def _sized(images: Tensor, height: Dim, width: Dim, data_format: str | None) -> Shape:
    rows, columns = _sides(images, data_format)
    return replaced(replaced(images.shape, rows, height), columns, width)


def _everywhere(images: Tensor, data_format: str | None) -> Reach:
    """Every pixel sees all pixels."""
    return see().mix(*_sides(images, data_format))


@operation()
def Resize(
    images: Tensor,
    size: Sizes,
    crop_to_aspect_ratio: Flag = False,
    pad_to_aspect_ratio: Flag = False,
    data_format: DataFormat | None = None,
) -> Effect:
    """Images of another height and width."""
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise Fault("can crop or pad to the aspect ratio, not both", arg="pad_to_aspect_ratio")
    if not isinstance(size, (tuple, list)) or len(size) != 2:
        raise Fault(f"needs height and width, but gets {size}", arg="size")
    return gives(_sized(images, size[0], size[1], data_format), dtype_of(images), _everywhere(images, data_format))


def _colours(images: Tensor, data_format: str | None, allowed: tuple[int, ...]) -> int:
    """The axis of the channels. Raises Fault if there is another number of them."""
    at = _channels(images, data_format)
    channels = images.shape[at]
    number = value_of(channels)
    if not isinstance(number, int):
        require_equal(channels, allowed[-1], f"needs {allowed[-1]} channels, but gets {channels}")
    elif number not in allowed:
        raise Fault(f"needs {' or '.join(map(str, allowed))} channels, but gets {channels}", code="E203")
    return at


@operation()
def RGBToGrayscale(images: Tensor, data_format: DataFormat | None = None) -> Effect:
    """One channel of brightness from three of colour."""
    at = _colours(images, data_format, (1, 3))
    return gives(replaced(images.shape, at, 1), dtype_of(images), see().mix(at))


@alike(
    {
        "RGBToHSV": "Hue, saturation and value from red, green and blue.",
        "HSVToRGB": "Red, green and blue from hue, saturation and value.",
    }
)
def _recoloured(images: Tensor, data_format: DataFormat | None = None) -> Effect:
    at = _colours(images, data_format, (3,))
    if not is_float(dtype_of(images)):
        raise Fault(f"needs floats, but gets {images.dtype}", help="cast them with ops.cast")
    return gives(images.shape, dtype_of(images), see().mix(at))


@operation()
def AffineTransform(images: Tensor, transform: Tensor, data_format: DataFormat | None = None) -> Effect:
    """Images turned, moved, stretched or sheared by eight numbers each."""
    if transform.rank not in (1, 2):
        raise Fault(f"needs a transform of 1 or 2 dims, but gets {show(transform.shape)}", code="E201")
    return _moved(images, [transform], data_format)


def _moved(images: Tensor, by: list[TensorLike], data_format: str | None) -> Effect:
    """Pixels that come from elsewhere, as other operands say."""
    _, *others = sees(images, *by)
    shapes = map(shape_of, by)
    parts = [blur(other, shape, images.shape) for other, shape in zip(others, shapes, strict=True)]
    return gives(images.shape, dtype_of(images), union([_everywhere(images, data_format), *parts]))


@operation()
def PerspectiveTransform(
    images: Tensor, start_points: Tensor, end_points: Tensor, data_format: DataFormat | None = None
) -> Effect:
    """Images in another perspective: four points each go to four others."""
    for points in (start_points, end_points):
        shape = points.shape
        complaint = f"needs four points of two numbers each, but gets {show(shape)}"
        if len(shape) not in (2, 3):
            raise Fault(complaint, code="E203")
        require_identical(shape[-2], 4, complaint)
        require_identical(shape[-1], 2, complaint)
    complaint = (
        f"needs as many start_points as end_points, but gets {show(start_points.shape)}, {show(end_points.shape)}"
    )
    if start_points.rank != end_points.rank:
        raise Fault(complaint, code="E203")
    require_identical(start_points.shape[0], end_points.shape[0], complaint)
    return _moved(images, [start_points, end_points], data_format)


@operation()
def GaussianBlur(images: Tensor, kernel_size: Anything = (3, 3), data_format: DataFormat | None = None) -> Effect:
    """Images blurred by a Gaussian of ``kernel_size``; in Keras it runs over the channels too."""
    reach = see().mix(_channels(images, data_format))
    sizes = kernel_size if isinstance(kernel_size, (tuple, list)) else ()
    if len(sizes) != 2:
        fails(f"needs two numbers as kernel_size, but gets {kernel_size!r}", arg="kernel_size")
        return gives(images.shape, dtype_of(images), _everywhere(images, data_format))
    for axis, size in zip(_sides(images, data_format), sizes, strict=True):
        reach = reach.window(axis, size, 1, 1, size // 2, images.shape[axis])
    return gives(images.shape, dtype_of(images), reach)


@operation(sigma="Number")
def ElasticTransform(images: Tensor, data_format: DataFormat | None = None) -> Effect:
    """Images in which every pixel comes from a random place nearby."""
    return gives(images.shape, dtype_of(images), _everywhere(images, data_format))


@operation()
def SobelEdges(images: Tensor, data_format: DataFormat | None = None) -> Effect:
    """The vertical and the horizontal slope at each pixel, along a new last axis."""
    images.axes("batch rows columns channels")
    reach = see()
    for axis in _sides(images, data_format):
        reach = reach.window(axis, 3, 1, 1, 1, images.shape[axis])
    return gives((*images.shape, 2), dtype_of(images), reach.insert(images.rank, 2))


@operation()
def SSIM(image1: Tensor, image2: Tensor) -> Effect:
    """The structural similarity of two images, one number for each pair."""
    _require_image(image1)
    _require_image(image2)
    shape = image1.shape[: image1.rank - 3]
    return gives(shape, dtype_of(image1), all_of((image1, image2), shape))


@operation()
def ExtractPatches(
    images: Tensor,
    size: Sizes,
    strides: Sizes | None = None,
    dilation_rate: Sizes = 1,
    padding: PoolPadding = "valid",
    data_format: DataFormat | None = None,
) -> Effect:
    """The windows of images, each laid out along the channels. Three numbers in ``size`` are for volumes."""
    sides = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(sides) not in (2, 3):
        raise Fault(f"needs two numbers in size, or three for volumes, but gets {size}", arg="size")
    alone = images.rank == len(sides) + 1
    batched = Tensor((1, *images.shape), images.dtype) if alone else images
    over = grid(batched, len(sides), data_format)
    if isinstance(over.channels, Unknown):
        raise Fault(f"needs a known number of channels, but gets {show(images.shape)}", code="E203")
    moved = windows(len(sides), "size", sides, sides if strides is None else strides, padding, dilation_rate)
    out = over.shape(slide(over, moved, "size"), product(sides) * over.channels)
    if alone:
        return gives(out[1:], dtype_of(images), blur(see(), images.shape, out[1:]))
    return gives(out, dtype_of(images), seen(see().mix(over.channel_axis), over, moved))


@operation()
def MapCoordinates(inputs: Tensor, coordinates: Tensor) -> Effect:
    """The values at given places, which have one coordinate for each axis of the input, the batch included."""
    places = coordinates.shape
    if len(places) < 2:
        raise Fault(f"needs coordinates of at least 2 dims, but gets {show(places)}", code="E201")
    require_identical(places[0], inputs.rank, f"needs {inputs.rank} coordinates of each place, but gets {places[0]}")
    return gives(places[1:], dtype_of(inputs), all_of((inputs, coordinates), places[1:]))


@operation()
def ScaleAndTranslate(images: Tensor, output_shape: TensorLike, scale: TensorLike, translation: TensorLike) -> Effect:
    """Images scaled and moved into ``output_shape``, which names every dim."""
    if isinstance(output_shape, Tensor):
        raise Fault("needs output_shape as numbers")
    shape = KINDS["Dims"].check(output_shape)
    return gives(shape, dtype_of(images), all_of((images, scale, translation), shape))


# --- borders ---------------------------------------------------------------------------------------------------------


def _two_of_three(before: Anything, after: Anything, target: Anything, names: tuple[str, str, str]) -> None:
    if [before, after, target].count(None) != 1:
        raise Fault(f"needs just two of {', '.join(names)}")


def _padded(
    dim: Dim, before: Anything, after: Anything, target: Anything, names: tuple[str, str, str]
) -> tuple[Dim, Dim, Dim]:
    """The length with its borders, and what is added before and after."""
    _two_of_three(before, after, target, names)
    if target is None:
        return dim + before + after, before, after
    first = target - dim - after if before is None else before
    last = target - dim - first if after is None else after
    for border in (first, last):
        require(border >= 0, f"needs a target of at least {dim} and its padding, but gets {target}", arg=names[2])
    return target, first, last


@operation()
def PadImages(
    images: Tensor,
    top_padding: Count | None = None,
    left_padding: Count | None = None,
    bottom_padding: Count | None = None,
    right_padding: Count | None = None,
    target_height: Count | None = None,
    target_width: Count | None = None,
    data_format: DataFormat | None = None,
) -> Effect:
    """Images with zeros around them: two of top, bottom and height, two of left, right and width."""
    rows, columns = _sides(images, data_format)
    vertical = ("top_padding", "bottom_padding", "target_height")
    horizontal = ("left_padding", "right_padding", "target_width")
    height, top, bottom = _padded(images.shape[rows], top_padding, bottom_padding, target_height, vertical)
    width, left, right = _padded(images.shape[columns], left_padding, right_padding, target_width, horizontal)
    reach = see().pad(rows, top, bottom).pad(columns, left, right)
    return gives(_sized(images, height, width, data_format), dtype_of(images), reach)


def _cropped(
    dim: Dim, before: Anything, after: Anything, target: Anything, names: tuple[str, str, str]
) -> tuple[Dim, Dim]:
    """The length without its borders, and where it starts."""
    _two_of_three(before, after, target, names)
    if target is None and isinstance(dim, Unknown):
        raise Fault(f"needs {names[2]} where the size of the images is unknown", arg=names[2])
    length = dim - before - after if target is None else target
    start = dim - length - after if before is None else before
    for size in (length, start, dim - start - length):
        require(size >= 0, f"cannot crop {dim} that far", arg=names[0])
    return length, start


@operation()
def CropImages(
    images: Tensor,
    top_cropping: Count | None = None,
    left_cropping: Count | None = None,
    bottom_cropping: Count | None = None,
    right_cropping: Count | None = None,
    target_height: Count | None = None,
    target_width: Count | None = None,
    data_format: DataFormat | None = None,
) -> Effect:
    """Images without their borders: two of top, bottom and height, two of left, right and width."""
    rows, columns = _sides(images, data_format)
    vertical = ("top_cropping", "bottom_cropping", "target_height")
    horizontal = ("left_cropping", "right_cropping", "target_width")
    height, top = _cropped(images.shape[rows], top_cropping, bottom_cropping, target_height, vertical)
    width, left = _cropped(images.shape[columns], left_cropping, right_cropping, target_width, horizontal)
    reach = see().slice(rows, top, height).slice(columns, left, width)
    return gives(_sized(images, height, width, data_format), dtype_of(images), reach)
