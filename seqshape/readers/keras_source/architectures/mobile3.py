"""MobileNet of the third version: inverted residuals that look at the whole picture, with cheap activations."""

from __future__ import annotations

from seqshape.readers.keras_source.architectures.net import Net, divisible, number_in
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.values import Keywords
from seqshape.records import NamedTuple

USUAL = {"epsilon": 1e-3, "momentum": 0.999}


class Block(NamedTuple):
    """An inverted residual; ``squeezed``: weighted by the whole picture; ``hard``: with hard_silu for ReLU."""

    expansion: float
    filters: int
    kernel: int
    strides: int = 1
    squeezed: bool = False
    hard: bool = False


SMALL = (
    Block(1, 16, 3, 2, True),
    Block(72 / 16, 24, 3, 2),
    Block(88 / 24, 24, 3),
    Block(4, 40, 5, 2, True, True),
    *(Block(6, 40, 5, 1, True, True),) * 2,
    *(Block(3, 48, 5, 1, True, True),) * 2,
    Block(6, 96, 5, 2, True, True),
    *(Block(6, 96, 5, 1, True, True),) * 2,
)
LARGE = (
    Block(1, 16, 3),
    Block(4, 24, 3, 2),
    Block(3, 24, 3),
    Block(3, 40, 5, 2, True),
    *(Block(3, 40, 5, 1, True),) * 2,
    Block(6, 80, 3, 2, False, True),
    Block(2.5, 80, 3, 1, False, True),
    *(Block(2.3, 80, 3, 1, False, True),) * 2,
    *(Block(6, 112, 3, 1, True, True),) * 2,
    Block(6, 160, 5, 2, True, True),
    *(Block(6, 160, 5, 1, True, True),) * 2,
)


def mobilenet_v3(
    net: Net,
    x: SymbolicTensor,
    blocks: tuple[Block, ...],
    alpha: float,
    minimalistic: bool,
    include_preprocessing: bool,
) -> SymbolicTensor:
    """Both sizes; ``minimalistic``: kernels of 3, ReLU everywhere, nothing squeezed."""
    if include_preprocessing:
        x = net("Rescaling", x, scale=1.0 / 127.5, offset=-1.0)
    x = net("Conv2D", x, 16, 3, strides=2, padding="same", use_bias=False, name="conv")
    x = net("BatchNormalization", x, name="conv_bn", **USUAL)
    x = _active(net, x, hard=not minimalistic)
    for place, block in enumerate(blocks):
        used = block._replace(kernel=3, squeezed=False, hard=False) if minimalistic else block
        x = _inverted(net, x, used._replace(filters=divisible(block.filters * alpha)), place)
    x = net("Conv2D", x, divisible(net.channels(x) * 6), 1, padding="same", use_bias=False, name="conv_1")
    x = net("BatchNormalization", x, name="conv_1_bn", **USUAL)
    return _active(net, x, hard=not minimalistic)


def head(net: Net, x: SymbolicTensor, given: Keywords, width: int) -> SymbolicTensor:
    """The classifier of MobileNetV3: convolutions of one pixel."""
    alpha, rate = number_in(given, "alpha", 1.0), number_in(given, "dropout_rate", 0.2)
    x = net("GlobalAveragePooling2D", x, keepdims=True)
    x = net("Conv2D", x, divisible(width * alpha) if alpha > 1.0 else width, 1, padding="same", name="conv_2")
    x = _active(net, x, hard=not given.get("minimalistic", False))
    if rate > 0:
        x = net("Dropout", x, rate)
    x = net("Conv2D", x, given.get("classes", 1000), 1, padding="same", name="logits")
    x = net("Flatten", x)
    return net("Activation", x, activation=given.get("classifier_activation", "softmax"), name="predictions")


def _active(net: Net, x: SymbolicTensor, *, hard: bool) -> SymbolicTensor:
    return net("Activation", x, "hard_silu") if hard else net("ReLU", x)


def _inverted(net: Net, x: SymbolicTensor, block: Block, place: int) -> SymbolicTensor:
    shortcut, channels = x, net.channels(x)
    prefix = f"expanded_conv_{place}_" if place else "expanded_conv_"
    expanded = divisible(channels * block.expansion)
    if place:
        x = net("Conv2D", x, expanded, 1, padding="same", use_bias=False, name=f"{prefix}expand")
        x = net("BatchNormalization", x, name=f"{prefix}expand_bn", **USUAL)
        x = _active(net, x, hard=block.hard)
    if block.strides == 2:
        x = net.pad(x, block.kernel, f"{prefix}depthwise_pad")
    padding = "valid" if block.strides == 2 else "same"
    x = net(
        "DepthwiseConv2D", x, block.kernel, strides=block.strides, padding=padding, use_bias=False,
        name=f"{prefix}depthwise",
    )  # fmt: skip
    x = net("BatchNormalization", x, name=f"{prefix}depthwise_bn", **USUAL)
    x = _active(net, x, hard=block.hard)
    if block.squeezed:
        x = _squeezed(net, x, expanded, f"{prefix}squeeze_excite_")
    x = net("Conv2D", x, block.filters, 1, padding="same", use_bias=False, name=f"{prefix}project")
    x = net("BatchNormalization", x, name=f"{prefix}project_bn", **USUAL)
    same = block.strides == 1 and channels == block.filters
    return net("Add", [shortcut, x], name=f"{prefix}add") if same else x


def _squeezed(net: Net, inputs: SymbolicTensor, filters: int, prefix: str) -> SymbolicTensor:
    x = net("GlobalAveragePooling2D", inputs, keepdims=True, name=f"{prefix}avg_pool")
    x = net("Conv2D", x, divisible(filters * 0.25), 1, padding="same", name=f"{prefix}conv")
    x = net("ReLU", x, name=f"{prefix}relu")
    x = net("Conv2D", x, filters, 1, padding="same", name=f"{prefix}conv_1")
    x = net("ReLU", net.operation("add", x, 3.0), 6.0)
    return net("Multiply", [inputs, net.operation("multiply", x, 1.0 / 6.0)], name=f"{prefix}mul")
