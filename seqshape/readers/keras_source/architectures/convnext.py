"""ConvNeXt: convolutions of their own size for each channel, and dense layers, with shortcuts."""

from __future__ import annotations

from seqshape.readers.keras_source.architectures.net import Net, Refused
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.values import Keywords

# The blocks and the filters of each stage.
SIZES = {
    "Tiny": ((3, 3, 9, 3), (96, 192, 384, 768)),
    "Small": ((3, 3, 27, 3), (96, 192, 384, 768)),
    "Base": ((3, 3, 27, 3), (128, 256, 512, 1024)),
    "Large": ((3, 3, 27, 3), (192, 384, 768, 1536)),
    "XLarge": ((3, 3, 27, 3), (256, 512, 1024, 2048)),
}
FINE = {"epsilon": 1e-6}
MEANS, DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def convnext(
    net: Net, x: SymbolicTensor, depths: tuple[int, ...], widths: tuple[int, ...], *, include_preprocessing: bool
) -> SymbolicTensor:
    """Four stages, each behind a Sequential that makes the picture smaller. All names begin with the model's.

    Raises Refused.
    """
    name = net.name
    if name is None:
        raise Refused("needs a name, which those of its layers begin with")
    if include_preprocessing and net.coloured:
        mean, variance = tuple(255 * one for one in MEANS), tuple((255 * one) ** 2 for one in DEVIATIONS)
        x = net("Normalization", x, mean=mean, variance=variance, name=f"{name}_prestem_normalization")
    for stage, (depth, width) in enumerate(zip(depths, widths, strict=True)):
        x = _smaller(net, x, stage, width)
        for block in range(depth):
            x = _block(net, x, width, f"{name}_stage_{stage}_block_{block}")
    return x


def _smaller(net: Net, x: SymbolicTensor, stage: int, width: int) -> SymbolicTensor:
    """The stem before the first stage: a convolution, then normalized; before the others the other way round."""
    prefix, suffix, edge = ("stem", "", 4) if not stage else ("downsampling", f"_{stage - 1}", 2)
    words = {"filters": width, "kernel_size": edge, "strides": edge, "name": f"{net.name}_{prefix}_conv{suffix}"}
    layers = [("Conv2D", words), ("LayerNormalization", {**FINE, "name": f"{net.name}_{prefix}_layernorm{suffix}"})]
    name = f"{net.name}_stem" if not stage else f"{net.name}_downsampling_block{suffix}"
    return net.stack(name, x, *(reversed(layers) if stage else layers))


def _block(net: Net, x: SymbolicTensor, width: int, name: str) -> SymbolicTensor:
    y = net("Conv2D", x, width, 7, padding="same", groups=width, name=f"{name}_depthwise_conv")
    y = net("LayerNormalization", y, name=f"{name}_layernorm", **FINE)
    y = net("Dense", y, 4 * width, name=f"{name}_pointwise_conv_1")
    y = net("Activation", y, "gelu", name=f"{name}_gelu")
    y = net("Dense", y, width, name=f"{name}_pointwise_conv_2")
    y = net("LayerScale", y, 1e-6, width, name=f"{name}_layer_scale")
    y = net("Activation", y, "linear", name=f"{name}_identity")
    return net.operation("add", x, y)


def head(net: Net, x: SymbolicTensor, given: Keywords) -> SymbolicTensor:
    """The classifier, its layers named after the model."""
    x = net("GlobalAveragePooling2D", x, name=f"{net.name}_head_gap")
    x = net("LayerNormalization", x, name=f"{net.name}_head_layernorm", **FINE)
    activation = given.get("classifier_activation", "softmax")
    return net("Dense", x, given.get("classes", 1000), activation=activation, name=f"{net.name}_head_dense")


def tail(net: Net, x: SymbolicTensor) -> SymbolicTensor:
    """What ends the model without its classifier."""
    return net("LayerNormalization", x, **FINE)
