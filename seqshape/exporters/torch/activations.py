"""Activations of Keras in the words of torch."""

from __future__ import annotations

from typing import Any

from seqshape.bind.layer import Layer
from seqshape.exporters.torch.site import Piece, Site

# The code with x in the place of the input, which stands once.
ACTIVATIONS: dict[str, str] = {
    "celu": "F.celu({x})",
    "elu": "F.elu({x})",
    "exponential": "torch.exp({x})",
    "gelu": "F.gelu({x})",
    "hard_shrink": "F.hardshrink({x})",
    "hard_sigmoid": "F.hardsigmoid({x})",
    "hard_silu": "F.hardswish({x})",
    "hard_swish": "F.hardswish({x})",
    "hard_tanh": "F.hardtanh({x})",
    "leaky_relu": "F.leaky_relu({x}, 0.2)",
    "linear": "{x}",
    "log_sigmoid": "F.logsigmoid({x})",
    "log_softmax": "F.log_softmax({x}, -1)",
    "mish": "F.mish({x})",
    "relu": "F.relu({x})",
    "relu6": "F.relu6({x})",
    "selu": "F.selu({x})",
    "sigmoid": "torch.sigmoid({x})",
    "silu": "F.silu({x})",
    "soft_shrink": "F.softshrink({x})",
    "softmax": "F.softmax({x}, -1)",
    "softplus": "F.softplus({x})",
    "softsign": "F.softsign({x})",
    "sparse_sigmoid": "({x} / 2 + 0.5).clamp(0, 1)",
    "swish": "F.silu({x})",
    "tanh": "torch.tanh({x})",
    "tanh_shrink": "F.tanhshrink({x})",
}
# Those that read their input more than once.
TWICE: dict[str, str] = {
    "sparse_plus": "torch.where({x} <= -1, 0.0, torch.where({x} >= 1, {x}, ({x} + 1) ** 2 / 4))",
    "squareplus": "({x} + torch.sqrt({x} * {x} + 4)) / 2",
}


def activated(site: Site, text: str, activation: object, shape: Any = ()) -> str:
    """The code of an activation on what ``text`` gives.

    Raises SeqshapeError, which names the layer, for a function that torch does not have.
    """
    if isinstance(activation, Layer):
        (found,) = site.inner(activation, Piece(site.atom(text), shape, "float32"), suffix=f"_{activation.name}")
        return found.text
    if isinstance(activation, str) and activation in TWICE:
        return TWICE[activation].format(x=text if text.isidentifier() else site.let(text))
    return _template(site, activation).format(x=site.atom(text))


def function(site: Site, activation: object) -> str:
    """An activation as a function of one tensor. Raises SeqshapeError for one that torch does not have."""
    if isinstance(activation, Layer):
        raise site.refuse(f"has the layer {activation.class_name} as an activation of its steps")
    if isinstance(activation, str) and activation in TWICE:
        return "lambda x: " + TWICE[activation].format(x="x")
    template = _template(site, activation)
    return template.removesuffix("({x})") if template.endswith("({x})") else "lambda x: " + template.format(x="x")


def _template(site: Site, activation: object) -> str:
    activation = "linear" if activation is None else activation
    if activation == "glu":
        raise site.refuse("has the activation glu, which halves the features; Keras's summary does not say so")
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise site.refuse(f"has the activation {activation}, which torch has no function for")
    return ACTIVATIONS[activation]
