"""Classes of the source: plain objects, and layers and models of the user's own, with their weights."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.dims import UNKNOWN
from seqshape.graph import Argument, Call, Open
from seqshape.graph import Value as Literal
from seqshape.readers.keras_source.arrays import dtype_name
from seqshape.readers.keras_source.containers import NAMED, fill_fields, is_enumeration, member, named_tuple
from seqshape.readers.keras_source.functional import fill_functional
from seqshape.readers.keras_source.model_calls import apply_model
from seqshape.readers.keras_source.models import register, take_name
from seqshape.readers.keras_source.protocols import allocate, base_of_object
from seqshape.readers.keras_source.scope import Frame
from seqshape.readers.keras_source.sequential import fill_sequential
from seqshape.readers.keras_source.tensors import first_tensor
from seqshape.readers.keras_source.values import (
    Args,
    Array,
    Class,
    Function,
    Instance,
    Keywords,
    Layer,
    Method,
    Missing,
    MissingShape,
    Model,
    Native,
    Result,
    Value,
    Weight,
    Work,
    is_missing,
)
from seqshape.readers.keras_source.variants import open_rest

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site

MODELS = ("keras.Model", "keras.Sequential", "keras.Functional")
BARE = ("keras.layers.Layer", "keras.layers.AbstractRNNCell", "keras.Layer")


def instantiate(run: Interpreter, cls: Class, args: Args, kwargs: Keywords, site: Site) -> Work:
    """An object of a class of the source."""
    run.called.add(cls)
    library = cls.library()
    if library == NAMED:
        return (yield named_tuple(run, cls, args, kwargs, site))
    if is_enumeration(cls):
        return member(run, cls, args, site)
    if library in MODELS or (library is not None and library.startswith("keras.layers.")):
        return (yield _make_layer(run, cls, library, args, kwargs, site))
    made = yield allocate(run, cls, args, kwargs, site)
    if not isinstance(made, Instance) or cls not in made.cls.lineage():
        return made
    init = made.cls.find("__init__")
    if isinstance(init, Function):
        yield run.call(Method(init, made), args, kwargs, site.frame, site.node)
    elif not isinstance(cls.find("__new__"), Function):
        yield fill_fields(run, made, args, kwargs, site)
    return made


def _make_layer(run: Interpreter, cls: Class, library: str, args: Args, kwargs: Keywords, site: Site) -> Work:
    made: Layer = (Model if library in MODELS else Layer)(Call(cls.name, (), site.span), library, site.span)
    made.instance = Instance(cls)
    if isinstance(made, Model):
        made.shown = cls.name
    init = cls.find("__init__")
    if isinstance(init, Function):
        yield run.call(Method(init, made), args, kwargs, site.frame, site.node)
    if not made.is_ready:
        yield base_init(run, made, args if init is None else [], kwargs if init is None else {}, site)
    track(made)
    if isinstance(made, Model) and made.record is None:
        register(run, made, site)
    run.remember(made.call)
    run.layer_of[made.call] = made
    return made


def base_init(run: Interpreter, made: Layer, args: Args, kwargs: Keywords, site: Site) -> Result:
    """``super().__init__(…)`` of a layer or a model."""
    made.is_ready = True
    rest = open_rest(kwargs)
    if rest is not None:
        run.doubted[made.call] = (f"nothing tells which arguments it gets of {rest.name}", site.span)
    cls = made.instance.cls if made.instance is not None else None
    name = cls.name if cls is not None else made.call.class_name
    if isinstance(made, Model):
        if made.path == "keras.Sequential":
            fill_sequential(run, made, args, kwargs, site)
        elif first_tensor([args, kwargs]) is not None:
            fill_functional(run, made, args, kwargs, site)
        else:
            take_name(run, made, name, kwargs.get("name"))
            register(run, made, site)
        return None
    if made.path not in BARE:
        _derived(run, made, args, kwargs, site)
        return None
    take_name(run, made, name, kwargs.get("name"))
    if kwargs.get("trainable") is False:
        made.attributes["trainable"] = False
    if isinstance(kwargs.get("input_shape"), (tuple, list)):
        made.options["input_shape"] = kwargs["input_shape"]
    return None


def _derived(run: Interpreter, made: Layer, args: Args, kwargs: Keywords, site: Site) -> None:
    """A class that comes of one of Keras's layers: that layer is inside, or, where nothing is changed, it is the layer."""
    from seqshape.readers.keras_source.layers import construct

    assert made.instance is not None
    cls = made.instance.cls
    last = made.path.rpartition(".")[2]
    take_name(run, made, cls.name, kwargs.get("name"))
    named = made.call.named
    kwargs = {name: value for name, value in kwargs.items() if name != "name"}
    changed = any(cls.find(each) is not None for each in ("call", "build", "compute_output_shape"))
    with run.engine.unnumbered():
        base = construct(run, last, args, kwargs, site, cls.name)
    base.call.named = named
    if base.bound is not None and named is not None:
        base.bound.name = named
    if changed:
        made.base = base
        return
    made.call, made.bound, made.options = base.call, base.bound, base.options
    made.is_plain = True
    run.layer_of[made.call] = made


def base_method(run: Interpreter, owner: Value, name: str, frame: Frame, node: ast.AST) -> Result:
    """``super().name`` where the class before is one of a library."""
    if not isinstance(owner, Layer):
        return base_of_object(owner, name) or run.unknown_here(node, frame)
    if name == "__init__":
        return Native(name, lambda run, args, kwargs, site: base_init(run, owner, args, kwargs, site))
    if name == "__setattr__":
        from seqshape.readers.keras_source.attributes import set_attribute

        return Native(
            name, lambda run, args, kwargs, site: set_attribute(run, owner, args[0], args[1], site.frame, site.node)
        )
    if name == "get_config":
        return Native(name, lambda run, args, kwargs, site: {"name": owner.name})
    base = owner.base
    if name in ("call", "__call__") and base is not None:
        from seqshape.readers.keras_source.layer_calls import plain_call

        return Native(name, lambda run, args, kwargs, site: plain_call(run, base, args, kwargs, site))
    if name in ("call", "__call__") and isinstance(owner, Model) and owner.kind is not None:
        return Native(name, lambda run, args, kwargs, site: apply_model(run, owner, args, kwargs, site))
    if name == "build":
        return Native(name, lambda run, args, kwargs, site: None)
    from seqshape.readers.keras_source.layer_attributes import layer_attribute

    return layer_attribute(run, owner, name, frame, node)


# --- weights and layers inside ----------------------------------------------------------------------------------------


def make_weight(run: Interpreter, layer: Layer, args: Args, kwargs: Keywords, site: Site) -> Weight:
    """``self.add_weight(…)`` in the order of Keras 3 or of Keras 2, where the name came first."""
    order = (
        ("name", "shape", "dtype", "initializer")
        if args and isinstance(args[0], str)
        else ("shape", "initializer", "dtype", "trainable")
    )
    given = dict(zip(order, args, strict=False)) | kwargs
    weight = new_weight(run, given.get("shape"), given, site)
    layer.weights.append(weight)
    if layer.attributes.get("trainable") is False:
        _untrain(weight, site.span)
    return weight


def _untrain(weight: Weight, span: Span) -> None:
    weight.trainable = False
    kept = tuple(each for each in weight.call.arguments if each.name != "trainable")
    weight.call.arguments = (*kept, Argument("trainable", Literal(False, span), span))


def new_weight(run: Interpreter, shape: Value, given: dict[str, Value], site: Site) -> Weight:
    """A weight of a shape."""
    span = site.span
    shape = () if shape is None else shape
    if isinstance(shape, MissingShape) or is_missing(shape):
        dims: object = Open("the shape of a weight", None)
    else:
        items = shape if isinstance(shape, (tuple, list)) else (shape,)
        shape = tuple(items)
        dims = tuple(Literal(_weight_dim(dim), span) for dim in items)
    name = given.get("name")
    if not isinstance(name, str):
        name = run.engine.number("Variable", "variable")
    trainable = given.get("trainable", True)
    dtype = dtype_name(given.get("dtype")) if given.get("dtype") is not None else run.engine.dtype
    arguments = [Argument("shape", Literal(dims, span), span)]
    if trainable is False:
        arguments.append(Argument("trainable", Literal(False, span), span))
    if dtype != "float32":
        arguments.append(Argument("dtype", Literal(dtype, span), span))
    made = Call("Weight", tuple(arguments), span)
    made.named = name
    run.engine.bind(made)
    return Weight(made, name, shape, dtype, trainable is not False)


def _weight_dim(dim: Value) -> object:
    if isinstance(dim, Missing):
        return Open(dim.name, dim.as_size())
    return None if dim is UNKNOWN else dim


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``keras.Variable(…)``."""
    given = dict(zip(("initializer", "shape", "dtype", "trainable"), args, strict=False)) | kwargs
    shape, initial = given.get("shape"), given.get("initializer")
    if shape is None and isinstance(initial, Array):
        shape = initial.shape
    if shape is None and isinstance(initial, (int, float)):
        shape = ()
    if shape is None:
        return run.unknown(site)
    return new_weight(run, shape, given, site)


def track(layer: Layer) -> None:
    """Note the layers and weights among the attributes of a layer, in the order in which they came."""
    if layer.instance is None:
        return
    for value in layer.instance.attributes.values():
        for found in _layers_in(value):
            if isinstance(found, Weight):
                if all(found is not each for each in layer.weights):
                    layer.weights.append(found)
            elif all(found is not each for each in layer.inside) and found is not layer:
                layer.inside.append(found)


def _layers_in(value: Value, depth: int = 0) -> list[Layer | Weight]:
    if isinstance(value, (Layer, Weight)):
        return [value]
    if depth > 6:
        return []
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [found for each in value for found in _layers_in(each, depth + 1)]
    return []


def tracked(layer: Layer) -> list[Layer]:
    """The layers inside a layer of a class of the source, as Keras lists them."""
    track(layer)
    return [*([layer.base] if layer.base is not None else []), *layer.inside]
