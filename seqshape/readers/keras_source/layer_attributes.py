"""What a program asks of a layer, and what it sets."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from seqshape.bind.layer import Layer as BoundLayer
from seqshape.dims import UNKNOWN
from seqshape.graph import Call
from seqshape.graph import Value as Literal
from seqshape.readers.keras_source.layer_calls import apply_layer, eager
from seqshape.readers.keras_source.literals import literal, set_argument
from seqshape.readers.keras_source.rooms import above, room
from seqshape.readers.keras_source.scope import ABSENT, Frame, Site
from seqshape.readers.keras_source.tensors import shape_of
from seqshape.readers.keras_source.values import (
    Args,
    Array,
    External,
    Keywords,
    Layer,
    Model,
    Native,
    Result,
    Value,
    is_missing,
)
from seqshape.signatures import CLOSED

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Bound, Interpreter

# Attributes that list weights, and which: those that are trained, those that are not, all.
TRAINED: dict[str, bool | None] = {
    **dict.fromkeys(("weights", "variables"), None),
    **dict.fromkeys(("trainable_weights", "trainable_variables"), True),
    **dict.fromkeys(("non_trainable_weights", "non_trainable_variables"), False),
}


def layer_attribute(run: Interpreter, layer: Layer, name: str, frame: Frame, node: ast.AST) -> Result:
    """An attribute of a layer of Keras."""
    if isinstance(layer, Model):
        of_model: Result = room("model_attributes").model_attribute(run, layer, name, frame, node)
        if of_model is not ABSENT:
            return of_model
    if name in ATTRIBUTES:
        found = ATTRIBUTES[name](run, layer, name, Site(frame, node))
        if found is not ABSENT:
            return found
    method = METHODS.get(name)
    return Native(name, method, layer) if method is not None else _argument(run, layer, name, Site(frame, node))


def _argument(run: Interpreter, layer: Layer, name: str, site: Site) -> Value:
    """What a layer was made with, as it was given or as Keras fills it in; or a weight."""
    if name in layer.options:
        return layer.options[name]
    filled_in: Keywords = layer.bound.arguments if isinstance(layer.bound, BoundLayer) else {}
    if name in filled_in and not callable(filled_in[name]):
        return filled_in[name]
    if name in layer.shapes:
        return Array(tuple(layer.shapes[name].shape), "float32", f"{layer.name}.{name}")
    return run.unknown(site)


def _tensors(run: Interpreter, layer: Layer, name: str, site: Site) -> Value:
    """What went into the first call of a layer, or came out of it."""
    return layer.calls[0][name.startswith("output")] if layer.calls else ABSENT


def _shapes(run: Interpreter, layer: Layer, name: str, site: Site) -> Value:
    found = _tensors(run, layer, name, site)
    if found is ABSENT:
        return ABSENT
    return [shape_of(each, site.span) for each in found] if isinstance(found, list) else shape_of(found, site.span)


def _class(run: Interpreter, layer: Layer, name: str, site: Site) -> Value:
    return layer.instance.cls if layer.instance is not None else External(layer.path)


def _weights(run: Interpreter, layer: Layer, name: str, site: Site) -> Result:
    return above("copies", "weights_attribute")(run, layer, name, site)


def _untold(run: Interpreter, layer: Layer, name: str, site: Site) -> Value:
    return run.missing(f"{layer.name}.{name}", site.span)


ATTRIBUTES: dict[str, Callable[[Interpreter, Layer, str, Site], Result]] = {
    **dict.fromkeys(("input", "output"), _tensors),
    **dict.fromkeys(("input_shape", "output_shape"), _shapes),
    "name": lambda run, layer, name, site: layer.name,
    "trainable": lambda run, layer, name, site: layer.attributes.get("trainable", True),
    "built": lambda run, layer, name, site: bool(layer.calls) or layer.is_built,
    "__class__": _class,
    **dict.fromkeys(TRAINED, _weights),
    **dict.fromkeys(("losses", "metrics"), _untold),
}


def set_layer_attribute(run: Interpreter, layer: Layer, name: str, value: Value, frame: Frame, node: ast.AST) -> None:
    """``layer.trainable = False`` and the like."""
    layer.attributes[name] = value
    if _matters(layer, name, value):
        run.doubted[layer.call] = (f"{name} is set after it is made", frame.span(node))
    if name == "trainable":
        freeze(run, layer, value, frame, node)
    elif name == "name" and isinstance(value, str):
        layer.call.named = value
        set_argument(layer.call, "name", Literal(value, frame.span(node)))


# Arguments that change neither a shape nor a weight when they are set later.
HARMLESS = frozenset(
    (
        "name trainable supports_masking activation recurrent_activation momentum epsilon rate seed dropout"
        " recurrent_dropout stateful unroll dtype axis_name synchronized negative_slope"
    ).split()
)
HARMLESS_ENDS = ("_regularizer", "_initializer", "_constraint")


def _matters(layer: Layer, name: str, value: Value) -> bool:
    """Whether an attribute is an argument of the layer that its weights or its shapes depend on, and gets another value."""
    filled_in: Keywords = layer.bound.arguments if isinstance(layer.bound, BoundLayer) else {}
    if name in HARMLESS or name.endswith(HARMLESS_ENDS) or name not in {**filled_in, **layer.options}:
        return False
    return layer.instance is None and layer.options.get(name, filled_in.get(name)) != value


def _changed(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``enable_lora``, ``quantize``: its weights are others afterwards."""
    run.doubt(layer, "its weights are changed after it is made", site.span, site.frame.scope, "")
    return None


def freeze(run: Interpreter, layer: Layer, value: Value, frame: Frame, node: ast.AST) -> None:
    """Set whether a layer, and all that is in it, is trained."""
    inner_layers = room("models").inner_layers

    said = literal(run, value, frame, node)
    waiting = [layer]
    seen: set[int] = set()
    while waiting:
        here = waiting.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        here.attributes["trainable"] = value
        if isinstance(here, Model) and here.is_untrained:
            here.is_untrained = False
            if here.graph is not None:
                here.graph.trainable = True
        if here.instance is not None and here.call.body is not None and value is True:
            here.call.body.trainable = True
        if here.instance is None or here.call.body is None:
            for call in (here.call, *here.call.nested()):
                if _takes_trainable(call):
                    set_argument(call, "trainable", said)
        for weight in here.weights:
            if weight.trainable:
                set_argument(weight.call, "trainable", said)
        waiting.extend(inner_layers(run, here))


def _takes_trainable(call: Call) -> bool:
    """Whether a layer can be told in its call; those that cannot have no weights."""
    return call.class_name not in CLOSED


def _ignored(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Value:
    return None


def _unknown(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Value:
    return run.unknown(site)


def _called(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Result:
    return apply_layer(run, layer, args, kwargs, site)


def _adapt(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``adapt``: a Normalization learns nothing that a summary shows; a vocabulary gets a length that the data tells."""
    return None


def _vocabulary_size(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Value:
    vocabulary = layer.options.get("vocabulary")
    if isinstance(vocabulary, (list, tuple)):
        extra = 1 if layer.call.class_name == "StringLookup" else 2
        return len(vocabulary) + extra
    return _unknown(run, layer, args, kwargs, site)


def _build(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``layer.build(input_shape)``: the weights are made for that shape, without a call."""
    shape = args[0] if args else kwargs.get("input_shape")
    if isinstance(shape, (tuple, list)):
        layer.built_for = tuple(shape)
    return None


def _output_shape(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``compute_output_shape``: what the rule says of a shape."""
    shape = args[0] if args else kwargs.get("input_shape")
    if not isinstance(shape, (tuple, list)) or any(map(is_missing, shape)) or layer.bound is None:
        return _unknown(run, layer, args, kwargs, site)
    found = eager(run, layer, [Array(tuple(shape))], {}, site)
    return tuple(None if dim is UNKNOWN else dim for dim in found.shape) if isinstance(found, Array) else found


def _weight(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Result:
    return above("classes", "make_weight")(run, layer, args, kwargs, site)


def _copies(name: str) -> Bound:
    """A method of a layer that another file knows."""
    return lambda run, layer, args, kwargs, site: above("copies", name)(run, layer, args, kwargs, site)


METHODS: dict[str, Bound] = {
    **dict.fromkeys(
        ("set_weights", "load_weights", "compile", "reset_states", "reset_state", "save_own_variables", "add_loss"),
        _ignored,
    ),
    **dict.fromkeys(("get_vocabulary", "compute_mask"), _unknown),
    **{name: _copies(name) for name in ("get_weights", "get_config", "count_params")},
    **dict.fromkeys(("enable_lora", "quantize"), _changed),
    "call": _called,
    "__call__": _called,
    "adapt": _adapt,
    "build": _build,
    "vocabulary_size": _vocabulary_size,
    "add_weight": _weight,
    "add_variable": _weight,
    "compute_output_shape": _output_shape,
}
