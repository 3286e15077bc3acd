"""Layers that only VGSL has, the language in which Tesseract and kraken describe networks that read lines of text.

All work on pictures ``(batch, rows, columns, depth)``. What VGSL shares with Keras (a convolution, a pooling) is Keras's
layer. Counts are those of Tesseract 5; where kraken builds the same element otherwise, an argument says so.
"""

from __future__ import annotations

from math import ceil, log2

from seqshape.diagnostics import Fault
from seqshape.dims import Dim, Inconclusive, Unknown, product, require, require_divides, value_of
from seqshape.dims import Size as AnySize
from seqshape.kinds import Activation, Count, Flag, Integer, Size, Sizes, Text, spread
from seqshape.layers.core import activated
from seqshape.layers.windows import Window
from seqshape.reach import Reach, join, see
from seqshape.registry import layer
from seqshape.tensor import Effect, Shape, Tensor, WeightShape, under

_AXES = {"y": 1, "x": 2}
_COUNTED = ("the batch", "height", "width", "depth")  # what VGSL calls the axes 0 to 3


def _picture(inputs: Tensor) -> tuple[Dim, Dim, Dim, Dim]:
    """Batch, rows, columns and depth. Raises RankFault if there are more or fewer axes."""
    batch, rows, columns, depth = inputs.axes("batch rows columns depth")
    return batch, rows, columns, depth


def _sized(sizes: Shape, first: int = 1) -> None:
    """Insist on sizes that are fixed, since weights depend on them. Raises Fault."""
    for axis, size in enumerate(sizes, first):
        if isinstance(size, Unknown):
            message = f"has weights for each place, so it needs a {_COUNTED[axis]} that is known"
            raise Fault(message, code="E204", help="an LSTM that sums up, Lfys or Lfxs, leaves one place of an axis")


def _along(axis: str, direction: str) -> Reach:
    """What a step along an axis sees: what is before it, behind it, or both."""
    at = _AXES[axis]
    ahead, back = see().past(at), see().flip(at).past(at).flip(at)
    return {"f": ahead, "r": back, "b": join(3, (ahead, back))}[direction].mix(3)


@layer(keras="none", instead="an LSTM along one axis is TimeDistributed(LSTM) over the other one")
def VGSLLSTM(
    inputs: Tensor,
    units: Size,
    axis: Text = "x",
    direction: Text = "f",
    summarize: Flag = False,
    biases: Integer = 1,
    ones: Flag = False,
) -> Effect:
    """``Lfx``, ``Lrx``, ``Lbx``, ``Lfy`` …: an LSTM along the columns (x) or the rows (y) of a picture, line by line.

    ``4·units·(depth + units + 1)`` weights for each of its directions: forward, reverse, or both side by side. With
    ``summarize`` only its last step is kept, and the axis has one place. kraken's has two ``biases``, those of torch,
    or none and an input of ``ones``, as CLSTM.
    """
    batch, *sizes, depth = _picture(inputs)
    _check(axis, direction, biases)
    one = _lstm(depth + 1 if ones else depth, units, 4 * units)
    if biases != 1:
        one = {**one, "bias": (biases, 4 * units)} if biases else {name: one[name] for name in list(one)[:2]}
    weights = under("forward", one) | under("backward", one) if direction == "b" else one
    widths = 2 * units if direction == "b" else units
    macs = product((*sizes, 4 * widths, depth + units + (1 if ones else 0)))
    reach = _along(axis, direction)
    if summarize:
        sizes[_AXES[axis] - 1] = 1
        reach = reach.mix(_AXES[axis])
    return Effect(Tensor((batch, *sizes, widths)), weights, macs, reach)


def _check(axis: str, direction: str, biases: int) -> None:
    for value, arg, words in ((axis, "axis", ("x", "y")), (direction, "direction", ("f", "r", "b"))):
        if value not in words:
            raise Fault(f"has to be one of {', '.join(words)}, not {value!r}", arg=arg, code="E104")
    require(0 <= biases <= 2, f"has 0, 1 or 2 biases, not {biases}", arg="biases")


def _lstm(taken: Dim, fed_back: Dim, width: Dim) -> dict[str, WeightShape]:
    """The weights of all gates, ``width`` columns in all: of the input, of what is fed back, and the bias."""
    return {"kernel": (taken, width), "recurrent_kernel": (fed_back, width), "bias": (width,)}


@layer(keras="none", instead="Keras has no LSTM over two axes at once")
def VGSLLSTM2D(inputs: Tensor, units: Size) -> Effect:
    """``L2xy``: four LSTMs over rows and columns at once, one from each corner, side by side.

    Each has a second state, of the row before, and a gate to forget it: ``5·units·(depth + 2·units + 1)`` weights.
    """
    batch, rows, columns, depth = _picture(inputs)
    width = 5 * units
    weights: dict[str, WeightShape] = {}
    for corner in range(4):
        weights |= under(f"corner_{corner}", _lstm(depth, 2 * units, width))
    macs = product((4, rows, columns, width, depth + 2 * units))
    return Effect(Tensor((batch, rows, columns, 4 * units)), weights, macs, see().mix(1, 2, 3))


@layer(keras="none", instead="Keras has no LSTM that is fed what its softmax gave")
def VGSLSoftmaxLSTM(inputs: Tensor, units: Size, classes: Size, encoded: Flag = False) -> Effect:
    """``LS`` and ``LE``: an LSTM along the columns with a softmax, whose result the next step gets beside its input.

    ``4·units·(depth + units + classes + 1) + classes·(units + 1)`` weights. ``LE`` gives it back as a binary number:
    then it is ⌈log₂ classes⌉ in the first of these sums. The spec does not say how many classes there are, a training
    does.
    """
    batch, rows, columns, depth = _picture(inputs)
    width, taken = 4 * units, depth + (_digits(classes) if encoded else classes)
    weights = _lstm(taken, units, width) | {"softmax/kernel": (units, classes), "softmax/bias": (classes,)}
    macs = product((rows, columns, width, taken + units)) + product((rows, columns, units, classes))
    return Effect(Tensor((batch, rows, columns, classes)), weights, macs, _along("x", "f"))


def _digits(classes: AnySize) -> int:
    """The length of the number of a class in binary. Raises Inconclusive of a name."""
    number = value_of(classes)
    if not isinstance(number, int):
        raise Inconclusive(f"how many digits {classes} has in binary")
    return ceil(log2(number))


@layer(keras="none", instead="Flatten and Dense are the same map")
def VGSLFullyConnected(inputs: Tensor, units: Size, activation: Activation = None) -> Effect:
    """``F`` and ``O0``: every place of the picture joined to every unit; one place is left.

    ``(rows·columns·depth + 1)·units`` weights, so rows and columns have to be known.
    """
    batch, *sizes = _picture(inputs)
    _sized((sizes[0], sizes[1]))
    taken = product(sizes)
    weights: dict[str, WeightShape] = {"kernel": (taken, units), "bias": (units,)}
    reach = activated(see().mix(1, 2, 3), activation, units)
    return Effect(Tensor((batch, 1, 1, units)), weights, taken * units, reach)


@layer(keras="none", instead="Permute, Reshape and Dense are the same map")
def VGSLOutput(inputs: Tensor, units: Size, activation: Activation = None) -> Effect:
    """``O1``: for each column a vector of ``units``; rows that are left are laid into the depth first.

    ``(rows·depth + 1)·units`` weights, so the rows have to be known.
    """
    batch, rows, columns, depth = _picture(inputs)
    _sized((rows,))
    weights: dict[str, WeightShape] = {"kernel": (rows * depth, units), "bias": (units,)}
    reach = activated(see().mix(1, 3), activation, units)
    return Effect(Tensor((batch, 1, columns, units)), weights, product((rows, depth, columns, units)), reach)


@layer(keras="none", instead="Reshape and Permute move the same numbers")
def VGSLRescale(inputs: Tensor, rows: Size, columns: Size) -> Effect:
    """``S``: blocks of ``rows`` × ``columns`` places become one place with all their depths; what is over is dropped."""
    batch, height, width, depth = _picture(inputs)
    sizes = (height // rows, width // columns)
    for size, scale, arg in zip(sizes, (rows, columns), ("rows", "columns"), strict=True):
        require(size >= 1, f"needs at least {scale} {arg}", arg=arg)
    windows = zip((1, 2), (rows, columns), (height, width), strict=True)
    reach = see()
    for axis, scale, size in windows:
        reach = reach.window(axis, scale, scale, 1, 0, size // scale)
    return Effect(Tensor((batch, *sizes, product((depth, rows, columns)))), reach=reach.mix(3))


@layer(keras="none", instead="Reshape moves the same numbers")
def VGSLReshape(inputs: Tensor, axis: Integer, first: Count, second: Count, high: Integer, low: Integer) -> Effect:
    """``S1(1x12)1,3`` of kraken: an axis is split in two; one part stays, the other is laid into another axis.

    Axes are 1 rows, 2 columns, 3 depth; a part of 0 is what is left. ``high`` is where the first part goes, ``low`` the
    second: one of the two is the ``axis`` itself.
    """
    sizes: list[Dim] = list(_picture(inputs))
    for at, arg in ((axis, "axis"), (high, "high"), (low, "low")):
        require(1 <= at <= 3, f"counts axes from 1, rows, to 3, depth, but gets {at}", arg=arg)
    if axis not in (high, low):
        raise Fault(
            "leaves one part of the axis where it is: the axis has to be one of the two last numbers", arg="low"
        )
    parts = _parts(_COUNTED[axis], sizes[axis], first, second)
    if high != low:
        target = low if high == axis else high
        stays, goes = parts if high == axis else parts[::-1]
        sizes[axis], sizes[target] = stays, sizes[target] * goes
    return Effect(Tensor(tuple(sizes)), reach=see().mix(axis, high, low))


def _parts(name: str, whole: Dim, first: AnySize, second: AnySize) -> tuple[Dim, Dim]:
    """The two parts of an axis, of which 0 is what is left. Raises Fault if they are not the whole."""
    known = first or second
    if not known:
        raise Fault("splits an axis in two, and one part at least has to be said", arg="first")
    message, arg = f"splits {name} {whole} into {first or '?'} and {second or '?'}", "first" if first else "second"
    require_divides(known, whole, message, arg=arg)
    if first and second:
        require(whole <= first * second, message, arg="second")
    return first or whole // known, second or whole // known


@layer(keras="none", instead="slices that are added are the same")
def VGSLAddition(inputs: Tensor, axis: Integer, size: Size) -> Effect:
    """``A`` of kraken: an axis is cut into pieces of ``size``, which are added."""
    sizes: list[Dim] = list(_picture(inputs))
    require(1 <= axis <= 3, f"counts axes from 1, rows, to 3, depth, but gets {axis}", arg="axis")
    require_divides(size, sizes[axis], f"cuts {_COUNTED[axis]} {sizes[axis]} into pieces of {size}", arg="size")
    sizes[axis] = size
    return Effect(Tensor(tuple(sizes)), reach=see().mix(axis))


@layer(keras="none", instead="ZeroPadding2D and Conv2D are the same map")
def VGSLConv2D(
    inputs: Tensor,
    filters: Size,
    kernel_size: Sizes,
    strides: Sizes = 1,
    dilation_rate: Sizes = 1,
    activation: Activation = None,
    transposed: Flag = False,
) -> Effect:
    """``C`` and ``CT`` of kraken, with its padding: ``⌊dilation·(kernel - 1)/2⌋`` on every side.

    ``(size + 2·padding - extent) // stride + 1`` places of an axis; an even kernel loses one. Transposed:
    ``(size - 1)·stride - 2·padding + extent``.
    """
    batch, rows, columns, depth = _picture(inputs)
    given = (kernel_size, "kernel_size"), (strides, "strides"), (dilation_rate, "dilation_rate")
    each = zip(*(spread(value, 2, name) for value, name in given), strict=True)
    windows = [Window(size, stride, "valid", rate) for size, stride, rate in each]
    lengths = [_length(window, size, transposed) for window, size in zip(windows, (rows, columns), strict=True)]
    kernel = tuple(window.size for window in windows)
    weights: dict[str, WeightShape] = {"kernel": (*kernel, depth, filters), "bias": (filters,)}
    macs = product((*((rows, columns) if transposed else lengths), *kernel, depth, filters))
    reach = activated(_seen(windows, lengths, transposed).mix(3), activation, filters)
    return Effect(Tensor((batch, *lengths, filters)), weights, macs, reach)


def _length(window: Window, size: Dim, transposed: bool) -> Dim:
    """The places along one axis after kraken's convolution. Raises Fault if none is left."""
    padding = (window.extent - 1) // 2
    length = (size + 2 * padding - window.extent) // window.stride + 1
    if transposed:
        length = (size - 1) * window.stride - 2 * padding + window.extent
    require(length >= 1, f"needs more than {size} places for kernel_size {window.size}", arg="kernel_size")
    return length


def _seen(windows: list[Window], lengths: list[Dim], transposed: bool) -> Reach:
    reach = see()
    for axis, (window, length) in enumerate(zip(windows, lengths, strict=True), 1):
        step = reach.spread if transposed else reach.window
        reach = step(axis, window.size, window.stride, window.dilation, (window.extent - 1) // 2, length)
    return reach
