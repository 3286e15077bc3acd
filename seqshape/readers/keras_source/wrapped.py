"""Layers of Keras around a layer of a class of the source: what is inside is known when the shape of the input is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.dims import UNKNOWN
from seqshape.graph import Argument, Call
from seqshape.graph import Value as Literal
from seqshape.readers.keras_source.engine import SymbolicTensor, layer_type
from seqshape.readers.keras_source.literals import argument
from seqshape.readers.keras_source.tensors import apply_call
from seqshape.readers.keras_source.values import Args, Array, Given, Keywords, Layer, Model, Value, Work

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site


def own_layer(given: Given) -> Layer | None:
    """The layer of a class of the source among the arguments of another one."""
    for _, value, _ in given:
        if isinstance(value, Layer) and value.instance is not None and not value.is_plain:
            return value if not isinstance(value, Model) or value.kind is None else None
    return None


def wrap(run: Interpreter, name: str, given: Given, inner: Layer, site: Site) -> Layer:
    """A layer around one of a class of the source. It has its number now; its arguments are bound when it is called."""
    made = Layer(Call(name, (), site.span, name_span=site.span), f"keras.layers.{name}", site.span)
    made.options = {word: value for word, value, _ in given if word is not None}
    said = made.options.get("name")
    kind = layer_type(name)
    stem = kind.auto_name if kind is not None else name.lower()
    made.call.named = said if isinstance(said, str) else run.engine.number(name, stem)
    made.waiting = (given, inner)
    run.layer_of[made.call] = made
    return made


def apply(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Work:
    """Call such a layer. What stands around a cell, or around a layer that cannot be followed, is not known."""
    from seqshape.readers.keras_source.inside import traced

    assert layer.waiting is not None
    given, inner = layer.waiting
    tensor = args[0] if args else kwargs.get("inputs")
    if layer.call.class_name != "TimeDistributed" or not isinstance(tensor, SymbolicTensor) or tensor.tensor is None:
        return _around(run, layer, inner, args, kwargs, site)
    batch, _, *rest = tensor.tensor.shape
    dims = tuple(None if dim is UNKNOWN else dim for dim in (batch, *rest))
    yield traced(run, inner, [Array(dims, tensor.tensor.dtype or "float32")], {}, site)
    if layer.bound is None:
        named = layer.call.named
        words = [argument(run, word, value, site.frame, node) for word, value, node in given if word != "name"]
        layer.call.arguments = (*words, Argument("name", Literal(named, site.span), site.span))
        with run.engine.unnumbered():
            layer.bound = run.engine.bind(layer.call)
    return apply_call(run, layer, args, kwargs, site.span)


def _around(run: Interpreter, layer: Layer, inner: Layer, args: Args, kwargs: Keywords, site: Site) -> Value:
    """A row of which nothing is known but its name."""
    run.say_lost(f"{layer.call.class_name} around {inner.call.class_name}, which is a layer of this program", site.span)
    layer.call.module = "custom"
    layer.call.arguments = (Argument("name", Literal(layer.call.named, site.span), site.span),)
    return apply_call(run, layer, args, kwargs, site.span)
