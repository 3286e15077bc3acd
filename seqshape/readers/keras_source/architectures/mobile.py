"""MobileNet of the first two versions, and EfficientNet: depthwise convolutions in a width that can be chosen."""

from __future__ import annotations

import math

from seqshape.readers.keras_source.architectures.net import Net, divisible
from seqshape.readers.keras_source.engine import SymbolicTensor


def mobilenet(net: Net, x: SymbolicTensor, alpha: float, depth_multiplier: int) -> SymbolicTensor:
    """Depthwise and pointwise convolutions in turn."""
    x = net("Conv2D", x, int(32 * alpha), 3, padding="same", use_bias=False, strides=2, name="conv1")
    x = net("BatchNormalization", x, name="conv1_bn")
    x = net("ReLU", x, 6.0, name="conv1_relu")
    steps = (64, -128, 128, -256, 256, -512, 512, 512, 512, 512, 512, -1024, 1024)
    for block, filters in enumerate(steps, 1):
        strides = 2 if filters < 0 else 1
        if strides == 2:
            x = net("ZeroPadding2D", x, ((0, 1), (0, 1)), name=f"conv_pad_{block}")
        padding = "valid" if strides == 2 else "same"
        x = net(
            "DepthwiseConv2D", x, 3, padding=padding, depth_multiplier=depth_multiplier, strides=strides,
            use_bias=False, name=f"conv_dw_{block}",
        )  # fmt: skip
        x = net("BatchNormalization", x, name=f"conv_dw_{block}_bn")
        x = net("ReLU", x, 6.0, name=f"conv_dw_{block}_relu")
        width = int(abs(filters) * alpha)
        x = net("Conv2D", x, width, 1, padding="same", use_bias=False, strides=1, name=f"conv_pw_{block}")
        x = net("BatchNormalization", x, name=f"conv_pw_{block}_bn")
        x = net("ReLU", x, 6.0, name=f"conv_pw_{block}_relu")
    return x


STAGES = ((16, 1, 1), (24, 2, 2), (32, 2, 3), (64, 2, 4), (96, 1, 3), (160, 2, 3), (320, 1, 1))


def mobilenet_v2(net: Net, x: SymbolicTensor, alpha: float) -> SymbolicTensor:
    """Inverted residuals: (filters, strides of the first, number) for each stage."""
    usual = {"epsilon": 1e-3, "momentum": 0.999}
    x = net("Conv2D", x, divisible(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="Conv1")
    x = net("BatchNormalization", x, name="bn_Conv1", **usual)
    x = net("ReLU", x, 6.0, name="Conv1_relu")
    block = 0
    for filters, strides, number in STAGES:
        for index in range(number):
            x = _inverted(net, x, divisible(int(filters * alpha)), strides if index == 0 else 1, block)
            block += 1
    last = divisible(1280 * alpha) if alpha > 1.0 else 1280
    x = net("Conv2D", x, last, 1, use_bias=False, name="Conv_1")
    x = net("BatchNormalization", x, name="Conv_1_bn", **usual)
    return net("ReLU", x, 6.0, name="out_relu")


def _inverted(net: Net, x: SymbolicTensor, filters: int, strides: int, block: int) -> SymbolicTensor:
    usual = {"epsilon": 1e-3, "momentum": 0.999}
    shortcut, channels = x, net.channels(x)
    prefix = f"block_{block}_" if block else "expanded_conv_"
    if block:
        x = net("Conv2D", x, 6 * channels, 1, padding="same", use_bias=False, name=f"{prefix}expand")
        x = net("BatchNormalization", x, name=f"{prefix}expand_BN", **usual)
        x = net("ReLU", x, 6.0, name=f"{prefix}expand_relu")
    if strides == 2:
        x = net.pad(x, 3, f"{prefix}pad")
    padding = "valid" if strides == 2 else "same"
    x = net("DepthwiseConv2D", x, 3, strides=strides, use_bias=False, padding=padding, name=f"{prefix}depthwise")
    x = net("BatchNormalization", x, name=f"{prefix}depthwise_BN", **usual)
    x = net("ReLU", x, 6.0, name=f"{prefix}depthwise_relu")
    x = net("Conv2D", x, filters, 1, padding="same", use_bias=False, name=f"{prefix}project")
    x = net("BatchNormalization", x, name=f"{prefix}project_BN", **usual)
    return net("Add", [shortcut, x], name=f"{prefix}add") if channels == filters and strides == 1 else x


# (kernel, number, filters in, filters out, expansion, strides) of each stage of EfficientNet-B0.
EFFICIENT = (
    (3, 1, 32, 16, 1, 1),
    (3, 2, 16, 24, 6, 2),
    (5, 2, 24, 40, 6, 2),
    (3, 3, 40, 80, 6, 2),
    (5, 3, 80, 112, 6, 1),
    (5, 4, 112, 192, 6, 2),
    (3, 1, 192, 320, 6, 1),
)


def efficientnet(net: Net, x: SymbolicTensor, width: float, depth: float) -> SymbolicTensor:
    """EfficientNet: the stages of B0, made wider and deeper."""
    x = net("Rescaling", x, 1.0 / 255.0)
    x = net("Normalization", x, axis=3)
    if net.weights:
        x = net("Rescaling", x, [1.0 / math.sqrt(deviation) for deviation in (0.229, 0.224, 0.225)])
    x = net.pad(x, 3, "stem_conv_pad")
    x = net("Conv2D", x, divisible(32 * width), 3, strides=2, padding="valid", use_bias=False, name="stem_conv")
    x = net("BatchNormalization", x, name="stem_bn")
    x = net("Activation", x, "swish", name="stem_activation")
    done, total = 0, float(sum(math.ceil(depth * stage[1]) for stage in EFFICIENT))
    for place, (kernel, number, before, after, expansion, strides) in enumerate(EFFICIENT, 1):
        filters_in, filters_out = divisible(before * width), divisible(after * width)
        for index in range(math.ceil(depth * number)):
            name = f"block{place}{chr(index + 97)}_"
            rate = 0.2 * done / total
            first = index == 0
            x = _squeezed(
                net, x, kernel, filters_in if first else filters_out, filters_out, expansion,
                strides if first else 1, rate, name,
            )  # fmt: skip
            done += 1
    x = net("Conv2D", x, divisible(1280 * width), 1, padding="same", use_bias=False, name="top_conv")
    x = net("BatchNormalization", x, name="top_bn")
    return net("Activation", x, "swish", name="top_activation")


def _squeezed(
    net: Net,
    inputs: SymbolicTensor,
    kernel: int,
    before: int,
    after: int,
    expansion: int,
    strides: int,
    rate: float,
    name: str,
) -> SymbolicTensor:
    filters, x = before * expansion, inputs
    if expansion != 1:
        x = net("Conv2D", x, filters, 1, padding="same", use_bias=False, name=f"{name}expand_conv")
        x = net("BatchNormalization", x, name=f"{name}expand_bn")
        x = net("Activation", x, "swish", name=f"{name}expand_activation")
    if strides == 2:
        x = net.pad(x, kernel, f"{name}dwconv_pad")
    padding = "valid" if strides == 2 else "same"
    x = net("DepthwiseConv2D", x, kernel, strides=strides, padding=padding, use_bias=False, name=f"{name}dwconv")
    x = net("BatchNormalization", x, name=f"{name}bn")
    x = net("Activation", x, "swish", name=f"{name}activation")
    se = net("GlobalAveragePooling2D", x, name=f"{name}se_squeeze")
    se = net("Reshape", se, (1, 1, filters), name=f"{name}se_reshape")
    se = net("Conv2D", se, max(1, int(before * 0.25)), 1, padding="same", activation="swish", name=f"{name}se_reduce")
    se = net("Conv2D", se, filters, 1, padding="same", activation="sigmoid", name=f"{name}se_expand")
    x = net("Multiply", [x, se], name=f"{name}se_excite")
    x = net("Conv2D", x, after, 1, padding="same", use_bias=False, name=f"{name}project_conv")
    x = net("BatchNormalization", x, name=f"{name}project_bn")
    if strides == 1 and before == after:
        if rate > 0:
            x = net("Dropout", x, rate, noise_shape=(None, 1, 1, 1), name=f"{name}drop")
        x = net("Add", [x, inputs], name=f"{name}add")
    return x
