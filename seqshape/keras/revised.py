"""What a file's weights say against its config, or where its network is faulty.

Projections of attention are quantized without a word of it: ``model.quantize()`` quantizes the layers inside
MultiHeadAttention too, but leaves the dtype policy of the layer around them as it was, and so does the config that it
saves (Keras 3.15; it cannot load such a file itself).
"""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.bind.layer import Layer, with_inner
from seqshape.diagnostics import Diagnostic, Fault, Label
from seqshape.dims import Inconclusive, Size, recording
from seqshape.keras.stored import is_merged, stored_weights
from seqshape.tensor import Frozen, count
from seqshape.walk.call import call_layer, cast
from seqshape.walk.flow import tensors_of
from seqshape.walk.model import Model


def settle(model: Model) -> None:
    """Give attention layers the policy that their stored weights tell, where other layers of the network have it.

    Files are asked only for such layers, and only if the network is quantized.
    """
    dtypes = {layer.dtype for layer in _layers(model)}  # few
    policies = {dtype.partition("_from_")[0] for dtype in dtypes if "_from_" in dtype}
    if policies:
        _settle(model, policies)


def count_unwalked(model: Model) -> None:
    """After a fault: the weights of layers that the walk has not reached, as the file holds them."""
    for layer in model.layers():
        is_open = layer not in model.weights and not is_merged(layer.call)
        held = stored_weights(layer) if is_open else None
        if held is not None:
            model.weights[layer] = held


def _layers(model: Model) -> Iterator[Layer]:
    for layer in model.layers():
        if type(layer) is Layer and layer.seldom is None:
            yield layer  # nearly always
        elif isinstance(layer, Model):
            yield from _layers(layer)
        else:
            yield from [each for each in with_inner(layer) if isinstance(each, Layer)]


def _settle(model: Model, policies: set[str]) -> None:
    for layer in model.layers():
        if isinstance(layer, Model):
            _settle(layer, policies)
            if layer in model.weights:
                model.weights[layer] = layer.all_weights()
        elif isinstance(layer, Layer) and _may_be_quantized(model, layer):
            _compare(model, layer, policies)


def _may_be_quantized(model: Model, layer: Layer) -> bool:
    """Whether a layer of a file is made of layers that can be quantized, and has a plain policy itself."""
    if not layer.type.quantizer or layer.call.stored is None:
        return False
    return "_from_" not in layer.dtype and any("/" in path for path in model.weights.get(layer, {}))


def _compare(model: Model, layer: Layer, policies: set[str]) -> None:
    held = stored_weights(layer)
    own = model.weights[layer]
    if held is None or _total(held) == _total(own):
        return
    plain = layer.dtype
    for policy in sorted(policies):
        layer.dtype = f"{policy}_from_{plain}"
        found = _again(model, layer)
        if found is not None and _total(found) == _total(held):
            _take(model, layer, found)
            return
    layer.dtype = plain


def _again(model: Model, layer: Layer) -> dict[str, Frozen] | None:
    """The weights under another policy; ``None`` if the layer cannot have it."""
    done = next(done for done in model.done.values() if done.layer is layer)
    try:
        with recording():
            effect = call_layer(layer, cast(layer, tensors_of(list(done.args))), cast(layer, tensors_of(done.kwargs)))
    except (Fault, Inconclusive):
        return None
    return {path: weight for path, weight in effect.weights.items() if isinstance(weight, Frozen)}


def _take(model: Model, layer: Layer, weights: dict[str, Frozen]) -> None:
    model.weights[layer] = weights
    message = (
        f"{layer.class_name} is stored quantized ({layer.dtype}), though its config does not say so: it is counted as it"
        " is stored"
    )
    model.session.report(Diagnostic("W401", "warning", message, (Label(layer.call.span),), layer=layer.name))


def _total(weights: dict[str, Frozen]) -> Size:
    return sum(count(weight.shape) for weight in weights.values())
