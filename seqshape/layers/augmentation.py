"""Augmentation of images: colours and places changed at random, in training only, so that at inference every pixel sees itself.

An input may also be a dict with ``images``, ``bounding_boxes``, ``labels`` and ``segmentation_masks``.
"""

from __future__ import annotations

from seqshape.declaration import Inner
from seqshape.diagnostics import Fault, fails, is_running, remark
from seqshape.dims import require_equal
from seqshape.kinds import Anything, Change, ChangeOr, DataFormat, Integer, LaterNumber, Share, ValueRange, ask_two
from seqshape.layers.image import (
    channel_axis,
    image_layer,
    images_of,
    known_batch,
    needs_channels,
    not_empty,
    places,
    run_on_whole_numbers,
    same,
)
from seqshape.reach import see
from seqshape.tensor import Effect, Tensor, TensorLike, is_float, show

# --- colour ----------------------------------------------------------------------------------------------------------


@image_layer(value_range="ValueRange")
def AutoContrast(data: TensorLike) -> Effect:
    """Each channel stretched so that its darkest pixel is the least value and its brightest the largest."""
    not_empty(data, 0, 1)
    return same(data, see().mix(1, 2))


@image_layer()
def ContrastLimitedAdaptiveHistogramEqualization(data: TensorLike, data_format: DataFormat | None = None) -> Effect:
    """Contrast evened out tile by tile (CLAHE)."""
    not_empty(data, *places(data_format), known=True)
    not_empty(data, 0, 1, 2)
    return run_on_whole_numbers(same(data, see().mix(1, 2)), data, images_of(data).dtype)


@image_layer(value_range="ValueRange")
def Equalization(data: TensorLike, data_format: DataFormat | None = None) -> Effect:
    """Every brightness made as frequent as any other, in training only.

    In Keras its output is its input tensor itself: behind another layer, or as the last one, it makes a circle.
    """
    not_empty(data, channel_axis(data_format), known=True)
    remark(
        "gives its input tensor itself: Keras leaves it out, and refuses it behind another layer or as the last one",
        help="write Pipeline([Equalization()])",
    )
    effect = same(data)
    return effect if is_running() else effect._replace(out=data, circular=True)


@image_layer(addition_factor="Shares", threshold_factor="Shares", value_range="ValueRange")
def Solarization(data: TensorLike) -> Effect:
    """Values above a random threshold inverted, in training only."""
    return same(data)


@image_layer(factor="ChangeOr")
def RandomBrightness(data: TensorLike, value_range: ValueRange = (0, 255)) -> Effect:
    """Brighter or darker at random, in training only."""
    kept = images_of(data).dtype
    if any(isinstance(bound, float) for bound in value_range):  # the limits of the clip make floats of whole numbers
        return same(data)
    return run_on_whole_numbers(same(data), data, "int32" if kept == "bool" else kept)


@image_layer(factor="Change", value_range="ValueRange")
def RandomColorDegeneration(data: TensorLike, data_format: DataFormat | None = None) -> Effect:
    """Colour taken out at random, in training only. It needs three channels."""
    images = images_of(data)
    if images.rank not in (3, 4):
        raise Fault(f"needs images of 3 or 4 dims, but gets {show(images.shape)}", code="E201")
    channels = images.shape[-3 if data_format == "channels_first" else -1]
    if not is_running():  # then Keras only asks for the shape, and that question is stricter
        require_equal(channels, 3, f"needs 3 channels, but gets {channels}")
    needs_channels(data, data_format, 1, 3)
    return same(data)


def _jitters(arguments: dict[str, object]) -> list[str]:
    """The layers that a jitter makes: one for each factor that is given."""
    words = ("Brightness", "Contrast", "Saturation", "Hue")
    return [f"Random{word}" for word in words if arguments[f"{word.lower()}_factor"] is not None]


@image_layer(Inner(_jitters), contrast_factor="Share | None", hue_factor="Share | None")
def RandomColorJitter(
    data: TensorLike,
    value_range: Anything = (0, 255),
    brightness_factor: ChangeOr = None,
    saturation_factor: Change | None = None,
) -> Effect:
    """Brightness, contrast, saturation and hue changed at random, in training only."""
    if brightness_factor is not None or saturation_factor is not None:
        ask_two(value_range, "value_range")
    return same(data)


@image_layer(factor="Share")
def RandomContrast(data: TensorLike) -> Effect:
    """More or less contrast at random, in training only."""
    return run_on_whole_numbers(same(data), data, "float32")


@image_layer(factor="Fraction")
def RandomGrayscale(data: TensorLike, data_format: DataFormat | None = None) -> Effect:
    """Some images without colour, in training only. The dtype of the input stays."""
    needs_channels(data, data_format, 1, 3)
    return same(data)._replace(out=data)


@image_layer(factor="Share")
def RandomHue(data: TensorLike, data_format: DataFormat | None = None) -> Effect:
    """Other hues at random, in training only."""
    needs_channels(data, data_format, 3)
    return same(data)


@image_layer(factor="Share")
def RandomInvert(data: TensorLike) -> Effect:
    """Some images as negatives, in training only."""
    return same(data)


@image_layer(factor="Bits", value_range="ValueRange")
def RandomPosterization(data: TensorLike) -> Effect:
    """Fewer bits for each value, 1 to 8, in training only."""
    return same(data)


@image_layer(factor="Change", value_range="ValueRange")
def RandomSaturation(data: TensorLike, data_format: DataFormat | None = None) -> Effect:
    """More or less colour at random, in training only."""
    needs_channels(data, data_format, 3)
    if is_running() and not is_float(images_of(data).dtype or ""):
        raise Fault(f"needs floats, but gets {images_of(data).dtype}")
    return same(data)


@image_layer(factor="Share", value_range="ValueRange")
def RandomSharpness(data: TensorLike, data_format: DataFormat | None = None) -> Effect:
    """Sharper at random, in training only."""
    not_empty(data, channel_axis(data_format))
    return same(data)


# --- place -----------------------------------------------------------------------------------------------------------


@image_layer(interpolation="Interpolation", fill_mode="ElasticFill")
def RandomElasticTransform(data: TensorLike, factor: Share = 1.0, scale: Share = 1.0) -> Effect:
    """Pixels moved to random places nearby, in training only."""
    if is_running() and _largest(factor) and _largest(scale):
        raise Fault("cannot be traced by JAX, and a Pipeline does so")
    return same(data)


def _largest(value: Anything) -> Anything:
    """The upper bound of a factor: a number, or the larger one of two."""
    return max(value) if isinstance(value, (tuple, list)) else value


@image_layer(factor="Share", scale="Share")
def RandomErasing(data: TensorLike) -> Effect:
    """A random box of each image filled, in training only."""
    return same(data)


@image_layer(converts=False)
def RandomFlip(data: TensorLike, mode: Anything = "horizontal_and_vertical") -> Effect:
    """Images turned left to right or upside down at random, in training only."""
    if mode not in ("horizontal", "vertical", "horizontal_and_vertical"):
        remark(f"does nothing in mode {mode!r}", arg="mode", help="horizontal, vertical or horizontal_and_vertical")
    return same(data)


@image_layer(factor="Share", sigma="Share")
def RandomGaussianBlur(data: TensorLike, kernel_size: Anything = 3, data_format: DataFormat | None = None) -> Effect:
    """Images blurred at random, in training only."""
    sizes = kernel_size if isinstance(kernel_size, (tuple, list)) else (kernel_size, kernel_size)
    if len(sizes) != 2 or any(not isinstance(size, (int, float)) or size % 2 == 0 for size in sizes):
        raise Fault(f"needs an odd kernel_size, or two, not {kernel_size!r}", arg="kernel_size")
    not_empty(data, channel_axis(data_format))
    return same(data)


@image_layer(factor="Share", scale="Fraction", interpolation="Interpolation")
def RandomPerspective(data: TensorLike) -> Effect:
    """Images in another perspective at random, in training only."""
    return same(data)


@image_layer(factor="ChangeOr", fill_mode="FillMode", interpolation="Interpolation")
def RandomRotation(data: TensorLike) -> Effect:
    """Images turned by a random part of a full circle, in training only."""
    return same(data)


@image_layer(x_factor="Slant", y_factor="Slant", fill_mode="FillMode", interpolation="Interpolation")
def RandomShear(data: TensorLike) -> Effect:
    """Images made slanting at random, in training only."""
    return same(data)


@image_layer(height_factor="Changes", width_factor="Changes", fill_mode="FillMode", interpolation="Interpolation")
def RandomTranslation(data: TensorLike) -> Effect:
    """Images moved by random parts of their height and width, in training only."""
    return same(data)


@image_layer(height_factor="Zoom", width_factor="Zoom | None", fill_mode="FillMode", interpolation="Interpolation")
def RandomZoom(data: TensorLike) -> Effect:
    """Images enlarged or reduced at random inside their frame, in training only."""
    return same(data)


# --- several images or several changes -------------------------------------------------------------------------------


@image_layer(factor="Share")
def CutMix(data: TensorLike) -> Effect:
    """A box of one image put into another, labels mixed likewise, in training only."""
    known_batch(data)
    return same(data)


@image_layer()
def MixUp(data: TensorLike, alpha: LaterNumber = 0.2) -> Effect:
    """Pairs of images blended, labels likewise, in training only."""
    if isinstance(alpha, (int, float)) and alpha < 0:
        remark(f"needs an alpha of at least 0, but gets {alpha}: it fails in training", arg="alpha")
    known_batch(data)
    return same(data)


# The changes that AugMix and RandAugment choose from.
_GEOMETRIC = ("RandomShear", "RandomTranslation", "RandomRotation")
_MIXED = (*_GEOMETRIC, "Solarization", "RandomPosterization", "AutoContrast", "Equalization")
_EXTRA = ("RandomBrightness", "RandomColorDegeneration", "RandomContrast", "RandomSharpness")


def _mixed(arguments: dict[str, object]) -> tuple[str, ...]:
    return _MIXED + _EXTRA if arguments["all_ops"] else _MIXED


def _remark_if_none(number: object, name: str) -> None:
    if isinstance(number, (int, float)) and number < 1:
        remark(f"changes nothing with {name} {number}", arg=name)


@image_layer(Inner(_mixed, shares_name=True), factor="Shares", value_range="ValueRange", interpolation="Interpolation")
def AugMix(
    data: TensorLike,
    num_chains: LaterNumber = 3,
    chain_depth: LaterNumber = 3,
    data_format: DataFormat | None = None,
) -> Effect:
    """Chains of random changes, blended with the image, in training only."""
    _remark_if_none(num_chains, "num_chains")
    _remark_if_none(chain_depth, "chain_depth")
    channels = images_of(data).shape[-3 if data_format == "channels_first" else -1 :][:1]
    if is_running() and not set(channels) & {1, 3}:
        remark("draws its changes by chance, and some need 1 or 3 channels: Keras refuses it now and then")
    return same(data)


@image_layer(
    Inner(lambda arguments: _MIXED + _EXTRA, shares_name=True),
    factor="Shares",
    value_range="ValueRange",
    interpolation="Interpolation",
)
def RandAugment(data: TensorLike, num_ops: LaterNumber = 2, data_format: DataFormat | None = None) -> Effect:
    """``num_ops`` random changes out of eleven, one after the other, in training only."""
    if is_running() and isinstance(num_ops, float):
        raise Fault(f"needs a whole number as num_ops, not {num_ops}", arg="num_ops")
    _remark_if_none(num_ops, "num_ops")
    if isinstance(num_ops, (int, float)) and num_ops > 11:
        remark(f"has eleven changes to choose from, but num_ops is {num_ops}", arg="num_ops")
    not_empty(data, 0, 1)
    needs_channels(data, data_format, 1, 3)
    return same(data)


@image_layer(fill_value="Integer")
def MaxNumBoundingBoxes(data: TensorLike, max_number: Integer, *, bounding_box_format: Anything = None) -> Effect:
    """So many boxes for every image: those beyond are left out, missing ones filled in. Images stay as they are."""
    effect = same(data)
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
