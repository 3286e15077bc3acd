"""The weights that a file holds of a layer, where its class or its arguments cannot tell them."""

from __future__ import annotations

from seqshape.bind.layer import Bound, Layer, Nested, Opaque, with_inner
from seqshape.graph import Call
from seqshape.tensor import Frozen


def stored_weights(layer: Bound) -> dict[str, Frozen] | None:
    """The weights that a file holds for a layer; ``None`` if it does not say.

    No file says which are trained; of classes of Keras their config does.
    """
    found = layer.call.stored() if layer.call.stored is not None else None
    if found is None:
        return None
    weights: dict[str, Frozen] = {}
    for number, weight in enumerate(found):
        path = weight.path if weight.path not in weights else f"{weight.path}_{len(weights)}"
        weights[path] = Frozen(weight.shape, weight.dtype, _trains(layer, number - len(found)), True)
    return weights


def is_merged(call: Call) -> bool:
    """Whether a layer, or one inside it, has LoRA factors: Keras stores their product with the kernel, and not them."""
    factors = (argument.value.data for argument in call.arguments if argument.name == "lora_rank")
    inside = (*call.nested(), *(call.body.calls if call.body is not None else ()))
    return any(factor is not None for factor in factors) or any(map(is_merged, inside))


PARTLY = frozenset({"statistics", "partly_trained"})  # layers with weights that are never trained


def _trains(layer: Bound, place: int) -> bool | None:
    """Whether the weight at a place, counted from the end, is trained; ``None`` if the layer's class does not tell.

    The moving statistics of a normalization are its last two weights.
    """
    every = list(with_inner(layer))
    inside = [each for each in every if isinstance(each, Layer) and not _holds_other(each)]
    if len(inside) < len(every):
        return None
    if len(inside) == 1 and "statistics" in inside[0].type.traits:
        return bool(layer.trainable) and place < -2
    if any(each.type.traits & PARTLY or _is_changed(each) for each in inside):
        return None
    flags = {bool(each.trainable) for each in inside}
    return flags.pop() if len(flags) == 1 else None


def _holds_other(layer: Layer) -> bool:
    """Whether a model, or a layer of an unknown class, is among the arguments of a layer."""
    values = layer.arguments.values()
    return any(
        isinstance(item, (Nested, Opaque))
        for value in values
        for item in (value if isinstance(value, (tuple, list)) else (value,))
    )


def _is_changed(layer: Layer) -> bool:
    """Whether some of the weights are frozen because the layer is quantized or has LoRA factors."""
    return "_from_" in layer.dtype or layer.arguments.get("lora_rank") is not None
