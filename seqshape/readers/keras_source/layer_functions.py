"""Functions of keras.layers: what makes a layer, or makes one and calls it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.graph import Call
from seqshape.readers.keras_source import eras
from seqshape.readers.keras_source.engine import layer_type
from seqshape.readers.keras_source.inputs import make_input
from seqshape.readers.keras_source.layer_calls import apply_layer
from seqshape.readers.keras_source.layers import MERGES, construct
from seqshape.readers.keras_source.rooms import above, room
from seqshape.readers.keras_source.scope import Site
from seqshape.readers.keras_source.values import Args, External, KerasObject, Keywords, Result, Rule, Value

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter


MODES = {
    "sum": "Add",
    "concat": "Concatenate",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "dot": "Dot",
}


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """A call of something in keras.layers."""
    name = path.rpartition(".")[2]
    if name == "from_config":
        return above("copies", "from_config")(run, path.removesuffix(".from_config"), args[0] if args else None, site)
    if name == "Input" or path == "keras.Input":
        return make_input(run, args, kwargs, site)
    if name == "KerasTensor":
        return make_input(run, [], {"batch_shape": args[0] if args else kwargs.get("shape")}, site)
    if name == "InputSpec":
        return KerasObject(path, Call(path, (), site.span))
    if name in MERGES:
        return _merged(run, MERGES[name], args, kwargs, site)
    if name in ("merge", "Merge"):
        return _old_merge(run, name, args, kwargs, site)
    if name == "Layer":
        return construct(run, "Identity", [], {}, site)
    if name == "Lambda":
        return _lambda(run, args, kwargs, site)
    if layer_type(name) is None and name not in eras.CLASSES and not name[:1].isupper():
        return above("calls", "unknown_call")(run, External(path), args, kwargs, site)
    return construct(run, name, args, kwargs, site)


def _merged(run: Interpreter, name: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """``concatenate([a, b])``: a layer that is called at once."""
    inputs = args[0] if args else kwargs.get("inputs")
    options = {key: value for key, value in kwargs.items() if key != "inputs"}
    if len(args) > 1:
        options["axis" if name == "Concatenate" else "axes"] = args[1]
    if name == "Dot" and len(args) > 2:
        options["normalize"] = args[2]
    layer = construct(run, name, [], options, site)
    return apply_layer(run, layer, [inputs], {}, site)


def _old_merge(run: Interpreter, name: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """Keras 1's ``merge([a, b], mode="concat")`` and ``Merge([model, model], mode=…)``."""
    inputs = args[0] if args else kwargs.get("inputs", kwargs.get("layers"))
    mode = args[1] if len(args) > 1 else kwargs.get("mode", "sum")
    options: dict[str, Value] = {key: kwargs[key] for key in ("name",) if key in kwargs}
    if not isinstance(mode, str) or mode not in (*MODES, "cos"):
        return above("calls", "unknown_call")(run, External(name), args, kwargs, site)
    if mode == "concat":
        options["axis"] = kwargs.get("concat_axis", -1)
    if mode in ("dot", "cos"):
        axes = kwargs.get("dot_axes", -1)
        options |= {"axes": axes, "normalize": mode == "cos"}
    layer = construct(run, MODES.get(mode, "Dot"), [], options, site)
    if name == "Merge":
        layer.options["merged"] = inputs
        return layer
    return apply_layer(run, layer, [inputs], {}, site)


def _lambda(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    """A Lambda: its function is read when it is called."""
    names = ("function", "output_shape", "mask", "arguments")
    given = dict(zip(names, args, strict=False)) | kwargs
    function = given.pop("function", None)
    shape = given.get("output_shape")
    if not (isinstance(shape, (tuple, list)) or shape is None):
        given.pop("output_shape")
    given.pop("mask", None)
    options = {key: value for key, value in given.items() if key not in ("arguments",)}
    is_plain = function is None or isinstance(function, (int, float, str))
    return construct(
        run,
        "Lambda",
        [],
        {"function": function if is_plain else _followed(run, function, given, site), **options},
        site,
    )


def _followed(run: Interpreter, function: Value, given: dict[str, Value], site: Site) -> Value:
    """The function of a Lambda as its rule takes it."""
    followed: Rule = room("lambdas").Follower(run, function, given.get("arguments") or {}, site)
    return followed
