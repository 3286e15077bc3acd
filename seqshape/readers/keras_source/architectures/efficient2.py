"""EfficientNet of the second version: in its first stages one full convolution for a depthwise and a pointwise one."""

from __future__ import annotations

import math

from seqshape.readers.keras_source.architectures.net import Net, Refused
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.values import Keywords
from seqshape.records import NamedTuple


class Stage(NamedTuple):
    """Blocks of equal width: how many, filters out, expansion, strides of the first, fused or squeezed."""

    number: int
    filters: int
    expansion: int
    strides: int
    fused: bool = False


class Size(NamedTuple):
    """A member of the family: filters of the stem, its stages, width and depth in multiples of the table's."""

    stem: int
    stages: tuple[Stage, ...]
    width: float = 1.0
    depth: float = 1.0


def _stages(*rows: tuple[int, int]) -> tuple[Stage, ...]:
    """The stages from their numbers and filters; what else they are is the same in the whole family."""
    shapes = ((1, 1), (4, 2), (4, 2), (4, 2), (6, 1), (6, 2), (6, 1))
    return tuple(
        Stage(number, filters, *shape, fused=place < 3)
        for place, ((number, filters), shape) in enumerate(zip(rows, shapes, strict=False))
    )


BASE = _stages((1, 16), (2, 32), (2, 48), (3, 96), (5, 112), (8, 192))
SIZES = {
    "b0": (224, Size(32, BASE)),
    "b1": (240, Size(32, BASE, 1.0, 1.1)),
    "b2": (260, Size(32, BASE, 1.1, 1.2)),
    "b3": (300, Size(32, BASE, 1.2, 1.4)),
    "s": (384, Size(24, _stages((2, 24), (4, 48), (4, 64), (6, 128), (9, 160), (15, 256)))),
    "m": (480, Size(24, _stages((3, 24), (5, 48), (5, 80), (7, 160), (14, 176), (18, 304), (5, 512)))),
    "l": (480, Size(32, _stages((4, 32), (7, 64), (7, 96), (10, 192), (19, 224), (25, 384), (7, 640)))),
}
NAMED = "efficientnetv2-"


def _rounded(filters: float) -> int:
    """The nearest multiple of 8, but 8 at least."""
    return max(8, int(filters + 4) // 8 * 8)


def efficientnet_v2(net: Net, x: SymbolicTensor, size: Size, include_preprocessing: bool) -> SymbolicTensor:
    """The stem, the stages and the last convolution. Keras looks the stages up by the name of the model."""
    named = SIZES.get(str(net.name).removeprefix(NAMED))
    if named is None or net.name is None or not net.name.startswith(NAMED):
        raise Refused(f"goes by its name, which is one of {NAMED}{', '.join(SIZES)}, not {net.name!r:.40}")
    size = named[1]._replace(width=size.width, depth=size.depth)
    if include_preprocessing:
        x = _prepared(net, x)
    before = _rounded(size.stem * size.width)
    x = net("Conv2D", x, before, 3, strides=2, padding="same", use_bias=False, name="stem_conv")
    x = _normal(net, x, "stem_bn", "stem_activation")
    done, total = 0, sum(stage.number for stage in size.stages)
    for place, stage in enumerate(size.stages, 1):
        filters = _rounded(stage.filters * size.width)
        for index in range(math.ceil(stage.number * size.depth)):
            used = stage._replace(filters=filters, strides=1 if index else stage.strides)
            x = _block(net, x, used, before, 0.2 * done / total, f"block{place}{chr(index + 97)}_")
            before, done = filters, done + 1
    x = net("Conv2D", x, _rounded(1280 * size.width), 1, padding="same", use_bias=False, name="top_conv")
    return _normal(net, x, "top_bn", "top_activation")


def _prepared(net: Net, x: SymbolicTensor) -> SymbolicTensor:
    """Those with a ``b`` in their name are normalized as EfficientNet was."""
    if not (str(net.name).removeprefix(NAMED).startswith("b") and net.coloured):
        return net("Rescaling", x, scale=1.0 / 128.0, offset=-1)
    x = net("Rescaling", x, scale=1.0 / 255.0)
    variance = tuple(deviation * deviation for deviation in (0.229, 0.224, 0.225))
    return net("Normalization", x, axis=3, mean=[0.485, 0.456, 0.406], variance=variance)


def _normal(net: Net, x: SymbolicTensor, name: str, activation: str | None) -> SymbolicTensor:
    x = net("BatchNormalization", x, axis=3, momentum=0.9, name=name)
    return net("Activation", x, "swish", name=activation) if activation is not None else x


def _block(net: Net, inputs: SymbolicTensor, stage: Stage, before: int, rate: float, name: str) -> SymbolicTensor:
    x = _fused(net, inputs, stage, before, name) if stage.fused else _squeezed(net, inputs, stage, before, name)
    if stage.strides == 1 and before == stage.filters:
        if rate > 0:
            x = net("Dropout", x, rate, noise_shape=(None, 1, 1, 1), name=f"{name}drop")
        x = net("Add", [x, inputs], name=f"{name}add")
    return x


def _fused(net: Net, x: SymbolicTensor, stage: Stage, before: int, name: str) -> SymbolicTensor:
    usual: Keywords = {"padding": "same", "use_bias": False}
    wide = stage.expansion != 1
    if wide:
        x = net(
            "Conv2D", x, before * stage.expansion, 3, strides=stage.strides, name=f"{name}expand_conv", **usual
        )  # fmt: skip
        x = _normal(net, x, f"{name}expand_bn", f"{name}expand_activation")
    kernel, strides = (1, 1) if wide else (3, stage.strides)
    x = net("Conv2D", x, stage.filters, kernel, strides=strides, name=f"{name}project_conv", **usual)
    return _normal(net, x, f"{name}project_bn", None if wide else f"{name}project_activation")


def _squeezed(net: Net, x: SymbolicTensor, stage: Stage, before: int, name: str) -> SymbolicTensor:
    usual: Keywords = {"padding": "same", "use_bias": False}
    filters = before * stage.expansion
    x = net("Conv2D", x, filters, 1, name=f"{name}expand_conv", **usual)
    x = _normal(net, x, f"{name}expand_bn", f"{name}expand_activation")
    x = net("DepthwiseConv2D", x, 3, strides=stage.strides, name=f"{name}dwconv2", **usual)
    x = _normal(net, x, f"{name}bn", f"{name}activation")
    se = net("GlobalAveragePooling2D", x, name=f"{name}se_squeeze")
    se = net("Reshape", se, (1, 1, filters), name=f"{name}se_reshape")
    se = net("Conv2D", se, max(1, int(before * 0.25)), 1, padding="same", activation="swish", name=f"{name}se_reduce")
    se = net("Conv2D", se, filters, 1, padding="same", activation="sigmoid", name=f"{name}se_expand")
    x = net("Multiply", [x, se], name=f"{name}se_excite")
    x = net("Conv2D", x, stage.filters, 1, name=f"{name}project_conv", **usual)
    return _normal(net, x, f"{name}project_bn", None)
