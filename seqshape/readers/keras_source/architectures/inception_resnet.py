"""Inception-ResNet of the second version: Inception's branches as what is added to a shortcut."""

from __future__ import annotations

from typing import TypeAlias

from seqshape.readers.keras_source.architectures.classic import conv, inception_stem
from seqshape.readers.keras_source.architectures.net import Net
from seqshape.readers.keras_source.engine import SymbolicTensor

# Convolutions one behind the other: filters, rows, columns of each, and where it is no 1, its strides.
Branch: TypeAlias = "tuple[tuple[int, ...], ...]"

# Name, scale, number and branches of each kind of block.
BLOCKS: tuple[tuple[str, float, int, tuple[Branch, ...]], ...] = (
    ("block35", 0.17, 10, (((32, 1, 1),), ((32, 1, 1), (32, 3, 3)), ((32, 1, 1), (48, 3, 3), (64, 3, 3)))),
    ("block17", 0.1, 20, (((192, 1, 1),), ((128, 1, 1), (160, 1, 7), (192, 7, 1)))),
    ("block8", 0.2, 10, (((192, 1, 1),), ((192, 1, 1), (224, 1, 3), (256, 3, 1)))),
)
FIRST: tuple[Branch, ...] = (((96, 1, 1),), ((48, 1, 1), (64, 5, 5)), ((64, 1, 1), (96, 3, 3), (96, 3, 3)))
# The branches of what halves the picture before the second and the third kind.
REDUCED: tuple[tuple[Branch, ...], ...] = (
    (((384, 3, 3, 2),), ((256, 1, 1), (256, 3, 3), (384, 3, 3, 2))),
    (
        ((256, 1, 1), (384, 3, 3, 2)),
        ((256, 1, 1), (288, 3, 3, 2)),
        ((256, 1, 1), (288, 3, 3), (320, 3, 3, 2)),
    ),
)


def inception_resnet_v2(net: Net, x: SymbolicTensor) -> SymbolicTensor:
    """The stem of Inception, three kinds of blocks, and what halves the picture between them."""
    x = inception_stem(net, x)
    parts = _branches(net, x, FIRST)
    parts.append(conv(net, net("AveragePooling2D", x, 3, strides=1, padding="same"), 64, 1, 1))
    x = net("Concatenate", parts, axis=3, name="mixed_5b")
    for place, (name, scale, number, branches) in enumerate(BLOCKS):
        if place:
            parts = [*_branches(net, x, REDUCED[place - 1]), net("MaxPooling2D", x, 3, strides=2, padding="valid")]
            x = net("Concatenate", parts, axis=3, name=f"mixed_{place + 5}a")
        for index in range(1, number + 1):
            is_last = name == "block8" and index == number
            x = _block(net, x, branches, 1.0 if is_last else scale, f"{name}_{index}", active=not is_last)
    x = net("Conv2D", x, 1536, 1, strides=1, padding="same", use_bias=False, name="conv_7b")
    x = net("BatchNormalization", x, axis=3, scale=False, name="conv_7b_bn")
    return net("Activation", x, "relu", name="conv_7b_ac")


def _branches(net: Net, x: SymbolicTensor, branches: tuple[Branch, ...]) -> list[SymbolicTensor]:
    found = []
    for branch in branches:
        end = x
        for filters, rows, columns, *strides in branch:
            end = conv(net, end, filters, rows, columns, "valid" if strides else "same", *strides)
        found.append(end)
    return found


def _block(
    net: Net, x: SymbolicTensor, branches: tuple[Branch, ...], scale: float, name: str, *, active: bool
) -> SymbolicTensor:
    mixed = net("Concatenate", _branches(net, x, branches), axis=3, name=f"{name}_mixed")
    up = net("Conv2D", mixed, net.channels(x), 1, strides=1, padding="same", use_bias=True, name=f"{name}_conv")
    x = net("CustomScaleLayer", [x, up], scale)
    return net("Activation", x, "relu", name=f"{name}_ac") if active else x
