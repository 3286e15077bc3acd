"""Layers that are called, with tensors or with data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.readers.keras_source.engine import SymbolicTensor, layer_type
from seqshape.readers.keras_source.rooms import above
from seqshape.readers.keras_source.scope import Site
from seqshape.readers.keras_source.tensors import apply_call, first_tensor, holds_array
from seqshape.readers.keras_source.values import Args, Keywords, Layer, Model, Result, Value, is_missing
from seqshape.structure import leaves

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter

# Call arguments that change no shape and no weight.
HELPS = ("mask", "attention_mask", "query_mask", "value_mask", "key_mask", "initial_state", "training")


def apply_layer(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Result:
    """Call a layer with tensors, or with data."""
    if layer.instance is not None and not layer.is_plain:
        return above("inside", "apply_custom")(run, layer, args, kwargs, site)
    if isinstance(layer, Model):
        return above("model_calls", "apply_model")(run, layer, args, kwargs, site)
    return plain_call(run, layer, args, kwargs, site)


def plain_call(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Result:
    """Call a layer whose rule the engine knows."""
    if layer.waiting is not None:
        return above("wrapped", "apply")(run, layer, args, kwargs, site)
    tensor = first_tensor([args, kwargs])
    if tensor is None and not (run.trace.quiet and holds_array([args, kwargs])):
        return eager(run, layer, args, kwargs, site)
    if kwargs:
        kwargs = _without_open_helps(run, layer, kwargs, site)
    if (kwargs or not (len(args) == 1 and type(args[0]) is SymbolicTensor)) and any(
        map(is_missing, leaves([args, kwargs]))
    ):
        return run.lost(tensor, "one of its inputs is not known", site.span)
    args, kwargs = _one_by_one(run, layer, args, kwargs, site)
    return apply_call(run, layer, args, kwargs, site.span)


def _without_open_helps(run: Interpreter, layer: Layer, kwargs: Keywords, site: Site) -> Keywords:
    """Call arguments without those that nothing tells and no shape depends on: masks, and states to begin with."""
    lost = [name for name, value in kwargs.items() if name in HELPS and any(map(is_missing, leaves(value)))]
    for name in lost:
        run.note("W147", f"the {name} that {layer.call.class_name} gets here is not known", site.span, None, site.frame)
    return {name: value for name, value in kwargs.items() if name not in lost}


def _one_by_one(
    run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site
) -> tuple[list[Value], dict[str, Value]]:
    """The inputs of a call: a list is one input, and Keras takes it only where a layer wants a list.

    Recurrent layers of Keras 2 took their states in the list.
    """
    kwargs = {name: value for name, value in kwargs.items() if name != "training"}
    kind = layer_type(layer.call.class_name)
    if kind is None or kind.lists or len(args) != 1 or not isinstance(args[0], (list, tuple)) or not kind.inputs:
        return args, kwargs
    items = list(args[0])
    if "initial_state" in kind.call_arguments and not run.is_today and "initial_state" not in kwargs and len(items) > 1:
        return items[:1], {**kwargs, "initial_state": items[1:]}
    if len(items) == 1 and not run.is_today:
        return items, kwargs
    message = f"{layer.call.class_name} takes its inputs one by one, not in a list"
    run.engine.complain(message, "E202", site.span)
    return args, kwargs


def eager(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Value:
    """Call a layer with data: what comes out is data of the shape that the rule gives."""
    if not holds_array([args, kwargs]) or layer.bound is None:
        return run.unknown(site)
    from seqshape.readers.keras_source.tensors import on_data

    return on_data(run, layer, args, kwargs, site.span)
