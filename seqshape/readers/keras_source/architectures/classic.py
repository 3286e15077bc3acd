"""VGG, Xception, Inception, DenseNet: networks without a width to choose."""

from __future__ import annotations

from seqshape.readers.keras_source.architectures.net import Net
from seqshape.readers.keras_source.engine import SymbolicTensor


def vgg(net: Net, x: SymbolicTensor, blocks: tuple[tuple[int, int], ...]) -> SymbolicTensor:
    """Blocks of 3x3 convolutions (number, filters) with a pooling behind each."""
    for place, (number, filters) in enumerate(blocks, 1):
        for index in range(1, number + 1):
            x = net("Conv2D", x, filters, 3, activation="relu", padding="same", name=f"block{place}_conv{index}")
        x = net("MaxPooling2D", x, 2, strides=2, name=f"block{place}_pool")
    return x


def xception(net: Net, x: SymbolicTensor) -> SymbolicTensor:
    """Xception: separable convolutions with shortcuts."""
    x = net("Conv2D", x, 32, 3, strides=2, use_bias=False, name="block1_conv1")
    x = net("BatchNormalization", x, name="block1_conv1_bn")
    x = net("Activation", x, "relu", name="block1_conv1_act")
    x = net("Conv2D", x, 64, 3, use_bias=False, name="block1_conv2")
    x = net("BatchNormalization", x, name="block1_conv2_bn")
    x = net("Activation", x, "relu", name="block1_conv2_act")
    for block, width in ((2, 128), (3, 256), (4, 728)):
        x = _reduced(net, x, block, (width, width))
    for block in range(5, 13):
        shortcut = x
        for index in (1, 2, 3):
            x = net("Activation", x, "relu", name=f"block{block}_sepconv{index}_act")
            x = _separable(net, x, 728, f"block{block}_sepconv{index}")
        x = net("Add", [x, shortcut])
    x = _reduced(net, x, 13, (728, 1024))
    for index, filters in ((1, 1536), (2, 2048)):
        x = _separable(net, x, filters, f"block14_sepconv{index}")
        x = net("Activation", x, "relu", name=f"block14_sepconv{index}_act")
    return x


def _separable(net: Net, x: SymbolicTensor, filters: int, name: str) -> SymbolicTensor:
    x = net("SeparableConv2D", x, filters, 3, padding="same", use_bias=False, name=name)
    return net("BatchNormalization", x, name=f"{name}_bn")


def _reduced(net: Net, x: SymbolicTensor, block: int, filters: tuple[int, int]) -> SymbolicTensor:
    shortcut = net("Conv2D", x, filters[1], 1, strides=2, padding="same", use_bias=False)
    shortcut = net("BatchNormalization", shortcut)
    if block > 2:
        x = net("Activation", x, "relu", name=f"block{block}_sepconv1_act")
    x = _separable(net, x, filters[0], f"block{block}_sepconv1")
    x = net("Activation", x, "relu", name=f"block{block}_sepconv2_act")
    x = _separable(net, x, filters[1], f"block{block}_sepconv2")
    x = net("MaxPooling2D", x, 3, strides=2, padding="same", name=f"block{block}_pool")
    return net("Add", [x, shortcut])


def densenet(net: Net, x: SymbolicTensor, blocks: tuple[int, ...]) -> SymbolicTensor:
    """DenseNet: each block hands on all that it has made."""
    small = {"epsilon": 1.001e-5}
    x = net("ZeroPadding2D", x, ((3, 3), (3, 3)))
    x = net("Conv2D", x, 64, 7, strides=2, use_bias=False, name="conv1_conv")
    x = net("BatchNormalization", x, name="conv1_bn", **small)
    x = net("Activation", x, "relu", name="conv1_relu")
    x = net("ZeroPadding2D", x, ((1, 1), (1, 1)))
    x = net("MaxPooling2D", x, 3, strides=2, name="pool1")
    for place, number in enumerate(blocks, 2):
        for index in range(1, number + 1):
            x = _dense_block(net, x, f"conv{place}_block{index}")
        if place < len(blocks) + 1:
            x = net("BatchNormalization", x, name=f"pool{place}_bn", **small)
            x = net("Activation", x, "relu", name=f"pool{place}_relu")
            x = net("Conv2D", x, int(net.channels(x) * 0.5), 1, use_bias=False, name=f"pool{place}_conv")
            x = net("AveragePooling2D", x, 2, strides=2, name=f"pool{place}_pool")
    x = net("BatchNormalization", x, name="bn", **small)
    return net("Activation", x, "relu", name="relu")


def _dense_block(net: Net, x: SymbolicTensor, name: str) -> SymbolicTensor:
    y = net("BatchNormalization", x, epsilon=1.001e-5, name=f"{name}_0_bn")
    y = net("Activation", y, "relu", name=f"{name}_0_relu")
    y = net("Conv2D", y, 128, 1, use_bias=False, name=f"{name}_1_conv")
    y = net("BatchNormalization", y, epsilon=1.001e-5, name=f"{name}_1_bn")
    y = net("Activation", y, "relu", name=f"{name}_1_relu")
    y = net("Conv2D", y, 32, 3, padding="same", use_bias=False, name=f"{name}_2_conv")
    return net("Concatenate", [x, y], axis=3, name=f"{name}_concat")


def conv(
    net: Net, x: SymbolicTensor, filters: int, rows: int, columns: int, padding: str = "same", strides: int = 1
) -> SymbolicTensor:
    """Inception's convolution with a normalization that has no scale."""
    x = net("Conv2D", x, filters, (rows, columns), strides=strides, padding=padding, use_bias=False)
    x = net("BatchNormalization", x, axis=3, scale=False)
    return net("Activation", x, "relu")


def _chain(net: Net, x: SymbolicTensor, steps: tuple[tuple[int, int, int], ...]) -> SymbolicTensor:
    for filters, rows, columns in steps:
        x = conv(net, x, filters, rows, columns)
    return x


def _pooled(net: Net, x: SymbolicTensor, filters: int) -> SymbolicTensor:
    return conv(net, net("AveragePooling2D", x, 3, strides=1, padding="same"), filters, 1, 1)


def inception_stem(net: Net, x: SymbolicTensor) -> SymbolicTensor:
    """What every Inception begins with."""
    x = conv(net, x, 32, 3, 3, "valid", 2)
    x = conv(net, x, 32, 3, 3, "valid")
    x = conv(net, x, 64, 3, 3)
    x = net("MaxPooling2D", x, 3, strides=2)
    x = conv(net, x, 80, 1, 1, "valid")
    x = conv(net, x, 192, 3, 3, "valid")
    return net("MaxPooling2D", x, 3, strides=2)


def inception_v3(net: Net, x: SymbolicTensor) -> SymbolicTensor:
    """Inception of 2015."""
    x = inception_stem(net, x)
    for index, filters in enumerate((32, 64, 64)):
        parts = [
            conv(net, x, 64, 1, 1),
            _chain(net, x, ((48, 1, 1), (64, 5, 5))),
            _chain(net, x, ((64, 1, 1), (96, 3, 3), (96, 3, 3))),
            _pooled(net, x, filters),
        ]
        x = net("Concatenate", parts, axis=3, name=f"mixed{index}")
    parts = [conv(net, x, 384, 3, 3, "valid", 2)]
    parts.append(conv(net, _chain(net, x, ((64, 1, 1), (96, 3, 3))), 96, 3, 3, "valid", 2))
    parts.append(net("MaxPooling2D", x, 3, strides=2))
    x = net("Concatenate", parts, axis=3, name="mixed3")
    for index, n in ((4, 128), (5, 160), (6, 160), (7, 192)):
        parts = [
            conv(net, x, 192, 1, 1),
            _chain(net, x, ((n, 1, 1), (n, 1, 7), (192, 7, 1))),
            _chain(net, x, ((n, 1, 1), (n, 7, 1), (n, 1, 7), (n, 7, 1), (192, 1, 7))),
            _pooled(net, x, 192),
        ]
        x = net("Concatenate", parts, axis=3, name=f"mixed{index}")
    parts = [conv(net, conv(net, x, 192, 1, 1), 320, 3, 3, "valid", 2)]
    parts.append(conv(net, _chain(net, x, ((192, 1, 1), (192, 1, 7), (192, 7, 1))), 192, 3, 3, "valid", 2))
    parts.append(net("MaxPooling2D", x, 3, strides=2))
    x = net("Concatenate", parts, axis=3, name="mixed8")
    for index in range(2):
        x = _last_inception(net, x, index)
    return x


def _last_inception(net: Net, x: SymbolicTensor, index: int) -> SymbolicTensor:
    first = conv(net, x, 320, 1, 1)
    second = conv(net, x, 384, 1, 1)
    parts = [conv(net, second, 384, 1, 3), conv(net, second, 384, 3, 1)]
    second = net("Concatenate", parts, axis=3, name=f"mixed9_{index}")
    third = _chain(net, x, ((448, 1, 1), (384, 3, 3)))
    third = net("Concatenate", [conv(net, third, 384, 1, 3), conv(net, third, 384, 3, 1)], axis=3)
    return net("Concatenate", [first, second, third, _pooled(net, x, 192)], axis=3, name=f"mixed{9 + index}")
