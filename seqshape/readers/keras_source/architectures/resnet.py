"""ResNet of both versions."""

from __future__ import annotations

from seqshape.readers.keras_source.architectures.net import Net
from seqshape.readers.keras_source.engine import SymbolicTensor

SMALL = {"epsilon": 1.001e-5}


def resnet(net: Net, x: SymbolicTensor, blocks: tuple[int, ...], *, second: bool) -> SymbolicTensor:
    """A stem and four stacks of bottleneck blocks; ``second``: normalization before each convolution."""
    x = net("ZeroPadding2D", x, padding=((3, 3), (3, 3)), name="conv1_pad")
    x = net("Conv2D", x, 64, 7, strides=2, use_bias=True, name="conv1_conv")
    if not second:
        x = net("BatchNormalization", x, name="conv1_bn", **SMALL)
        x = net("Activation", x, "relu", name="conv1_relu")
    x = net("ZeroPadding2D", x, padding=((1, 1), (1, 1)), name="pool1_pad")
    x = net("MaxPooling2D", x, 3, strides=2, name="pool1_pool")
    for place, number in enumerate(blocks):
        stack = _second_stack if second else _first_stack
        x = stack(net, x, 64 << place, number, f"conv{place + 2}", place)
    if second:
        x = net("BatchNormalization", x, name="post_bn", **SMALL)
        x = net("Activation", x, "relu", name="post_relu")
    return x


def _first_stack(net: Net, x: SymbolicTensor, filters: int, number: int, name: str, place: int) -> SymbolicTensor:
    for index in range(1, number + 1):
        strides = 2 if index == 1 and place else 1
        x = _first_block(net, x, filters, strides, f"{name}_block{index}", widen=index == 1)
    return x


def _first_block(net: Net, x: SymbolicTensor, filters: int, strides: int, name: str, *, widen: bool) -> SymbolicTensor:
    shortcut = x
    if widen:
        shortcut = net("Conv2D", x, 4 * filters, 1, strides=strides, name=f"{name}_0_conv")
        shortcut = net("BatchNormalization", shortcut, name=f"{name}_0_bn", **SMALL)
    x = net("Conv2D", x, filters, 1, strides=strides, name=f"{name}_1_conv")
    x = net("BatchNormalization", x, name=f"{name}_1_bn", **SMALL)
    x = net("Activation", x, "relu", name=f"{name}_1_relu")
    x = net("Conv2D", x, filters, 3, padding="same", name=f"{name}_2_conv")
    x = net("BatchNormalization", x, name=f"{name}_2_bn", **SMALL)
    x = net("Activation", x, "relu", name=f"{name}_2_relu")
    x = net("Conv2D", x, 4 * filters, 1, name=f"{name}_3_conv")
    x = net("BatchNormalization", x, name=f"{name}_3_bn", **SMALL)
    x = net("Add", [shortcut, x], name=f"{name}_add")
    return net("Activation", x, "relu", name=f"{name}_out")


def _second_stack(net: Net, x: SymbolicTensor, filters: int, number: int, name: str, place: int) -> SymbolicTensor:
    for index in range(1, number + 1):
        strides = 2 if index == number and place < 3 else 1
        x = _second_block(net, x, filters, strides, f"{name}_block{index}", widen=index == 1)
    return x


def _second_block(net: Net, x: SymbolicTensor, filters: int, strides: int, name: str, *, widen: bool) -> SymbolicTensor:
    before = net("BatchNormalization", x, name=f"{name}_preact_bn", **SMALL)
    before = net("Activation", before, "relu", name=f"{name}_preact_relu")
    if widen:
        shortcut = net("Conv2D", before, 4 * filters, 1, strides=strides, name=f"{name}_0_conv")
    else:
        shortcut = net("MaxPooling2D", x, 1, strides=strides) if strides > 1 else x
    x = net("Conv2D", before, filters, 1, strides=1, use_bias=False, name=f"{name}_1_conv")
    x = net("BatchNormalization", x, name=f"{name}_1_bn", **SMALL)
    x = net("Activation", x, "relu", name=f"{name}_1_relu")
    x = net("ZeroPadding2D", x, padding=((1, 1), (1, 1)), name=f"{name}_2_pad")
    x = net("Conv2D", x, filters, 3, strides=strides, use_bias=False, name=f"{name}_2_conv")
    x = net("BatchNormalization", x, name=f"{name}_2_bn", **SMALL)
    x = net("Activation", x, "relu", name=f"{name}_2_relu")
    x = net("Conv2D", x, 4 * filters, 1, name=f"{name}_3_conv")
    return net("Add", [shortcut, x], name=f"{name}_out")
