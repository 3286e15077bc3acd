"""NASNet-A: cells that were found by search, each of the outputs of the two before it."""

from __future__ import annotations

from seqshape.readers.keras_source.architectures.net import Net
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.records import NamedTuple

STABLE = {"axis": -1, "momentum": 0.9997, "epsilon": 1e-3}


class Numbers(NamedTuple):
    """A member of the family: normal cells in each of the three rows, filters of a cell of the first, of the stem.

    ``skip``: the cell before one that halves the picture is what comes before the next, and not that one's input.
    """

    blocks: int
    filters: int
    stem: int
    skip: bool


def nasnet(net: Net, x: SymbolicTensor, numbers: Numbers) -> SymbolicTensor:
    """A stem, and three rows of normal cells, with a cell that halves the picture before each."""
    blocks, filters = numbers.blocks, numbers.filters
    x = net("Conv2D", x, numbers.stem, 3, strides=2, padding="valid", use_bias=False, name="stem_conv1")
    x = net("BatchNormalization", x, name="stem_bn1", **STABLE)
    x, before = _reduction(net, x, None, filters // 4, "stem_1"), x
    x, before = _reduction(net, x, before, filters // 2, "stem_2"), x
    for row in range(3):
        width, first = filters << row, row * (blocks + 1) - row // 2
        if row:
            smaller, last = _reduction(net, x, before, width, f"reduce_{row * blocks}"), x
            x, before = smaller, before if numbers.skip else last
        for index in range(blocks):
            x, before = _normal(net, x, before, width, str(first + index)), x
    return net("Activation", x, "relu")


def _convolved(net: Net, x: SymbolicTensor, filters: int, kernel: int, name: str, strides: int = 1) -> SymbolicTensor:
    """Two separable convolutions, each behind a relu; the first may halve the picture."""
    for number in (1, 2):
        x, padding = net("Activation", x, "relu"), "same"
        if strides == 2:
            x, padding = net.pad(x, kernel, f"separable_conv_1_pad_{name}"), "valid"
        x = net(
            "SeparableConv2D", x, filters, kernel, strides=strides, padding=padding, use_bias=False,
            name=f"separable_conv_{number}_{name}",
        )  # fmt: skip
        x = net("BatchNormalization", x, name=f"separable_conv_{number}_bn_{name}", **STABLE)
        strides = 1
    return x


def _adjusted(net: Net, before: SymbolicTensor | None, x: SymbolicTensor, filters: int, name: str) -> SymbolicTensor:
    """The cell before the last one in the size of the last one."""
    if before is None:
        return x
    if net.shape(before)[-2] != net.shape(x)[-2]:
        before = net("Activation", before, "relu", name=f"adjust_relu_1_{name}")
        shifted = net("ZeroPadding2D", before, padding=((0, 1), (0, 1)))
        shifted = net("Cropping2D", shifted, cropping=((1, 0), (1, 0)))
        parts = [_halved(net, part, filters, f"{number}_{name}") for number, part in ((1, before), (2, shifted))]
        joined = net("Concatenate", parts, axis=-1)
        return net("BatchNormalization", joined, name=f"adjust_bn_{name}", **STABLE)
    if net.channels(before) != filters:
        before = net("Activation", before, "relu")
        before = _pointwise(net, before, filters, f"adjust_conv_projection_{name}")
        return net("BatchNormalization", before, name=f"adjust_bn_{name}", **STABLE)
    return before


def _halved(net: Net, x: SymbolicTensor, filters: int, name: str) -> SymbolicTensor:
    x = net("AveragePooling2D", x, 1, strides=2, padding="valid", name=f"adjust_avg_pool_{name}")
    return _pointwise(net, x, filters // 2, f"adjust_conv_{name}")


def _pointwise(net: Net, x: SymbolicTensor, filters: int, name: str) -> SymbolicTensor:
    return net("Conv2D", x, filters, 1, strides=1, padding="same", use_bias=False, name=name)


def _begun(net: Net, x: SymbolicTensor, filters: int, kind: str, name: str) -> SymbolicTensor:
    """What each cell begins with."""
    x = _pointwise(net, net("Activation", x, "relu"), filters, f"{kind}_conv_1_{name}")
    return net("BatchNormalization", x, name=f"{kind}_bn_1_{name}", **STABLE)


def _pooled(net: Net, x: SymbolicTensor, name: str) -> SymbolicTensor:
    return net("AveragePooling2D", x, 3, strides=1, padding="same", name=name)


def _normal(net: Net, x: SymbolicTensor, before: SymbolicTensor, filters: int, name: str) -> SymbolicTensor:
    """A cell that keeps the size."""
    before = _adjusted(net, before, x, filters, name)
    here = _begun(net, x, filters, "normal", name)

    def convolved(start: SymbolicTensor, kernel: int, side: str) -> SymbolicTensor:
        return _convolved(net, start, filters, kernel, f"normal_{side}_{name}")

    def added(number: int, *parts: SymbolicTensor) -> SymbolicTensor:
        return net("Add", list(parts), name=f"normal_add_{number}_{name}")

    ends = [
        added(1, convolved(here, 5, "left1"), convolved(before, 3, "right1")),
        added(2, convolved(before, 5, "left2"), convolved(before, 3, "right2")),
        added(3, _pooled(net, here, f"normal_left3_{name}"), before),
        added(4, *(_pooled(net, before, f"normal_{side}4_{name}") for side in ("left", "right"))),
        added(5, convolved(here, 3, "left5"), here),
    ]
    return net("Concatenate", [before, *ends], axis=-1, name=f"normal_concat_{name}")


def _reduction(net: Net, x: SymbolicTensor, before: SymbolicTensor | None, filters: int, name: str) -> SymbolicTensor:
    """A cell that halves the picture."""
    before = _adjusted(net, before, x, filters, name)
    here = _begun(net, x, filters, "reduction", name)
    padded = net.pad(here, 3, f"reduction_pad_1_{name}")

    def convolved(start: SymbolicTensor, kernel: int, side: str, strides: int = 2) -> SymbolicTensor:
        return _convolved(net, start, filters, kernel, f"reduction_{side}_{name}", strides)

    def pooled(kind: str, side: str) -> SymbolicTensor:
        return net(f"{kind}Pooling2D", padded, 3, strides=2, padding="valid", name=f"reduction_{side}_{name}")

    def added(number: str, *parts: SymbolicTensor) -> SymbolicTensor:
        return net("Add", list(parts), name=f"reduction_add{number}_{name}")

    first = added("_1", convolved(here, 5, "left1"), convolved(before, 7, "right1"))
    second = added("_2", pooled("Max", "left2"), convolved(before, 7, "right2"))
    third = added("3", pooled("Average", "left3"), convolved(before, 5, "right3"))
    fourth = net("Add", [second, _pooled(net, first, f"reduction_left4_{name}")])
    fifth = added("4", convolved(first, 3, "left4", 1), pooled("Max", "right5"))
    return net("Concatenate", [second, third, fourth, fifth], axis=-1, name=f"reduction_concat_{name}")
