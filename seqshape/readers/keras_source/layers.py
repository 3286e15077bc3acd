"""Layers: constructed, called, asked for their attributes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from seqshape.diagnostics import Span
from seqshape.dims import UNKNOWN, Poly
from seqshape.graph import Argument, Call, Value
from seqshape.readers.keras_source import eras
from seqshape.readers.keras_source.engine import layer_type
from seqshape.readers.keras_source.literals import argument, literal
from seqshape.readers.keras_source.machine import Raised, Work
from seqshape.readers.keras_source.rooms import room
from seqshape.readers.keras_source.scope import Frame, Site
from seqshape.readers.keras_source.tensors import apply_call, first_tensor, holds_array, values_of
from seqshape.readers.keras_source.values import (
    Anything,
    Array,
    Batches,
    Class,
    KerasObject,
    Layer,
    Missing,
    MissingShape,
    Model,
    Native,
    SymbolicTensor,
    is_missing,
)
from seqshape.signatures import CLOSED

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter

# Functions of keras.layers that make a layer and call it.
MERGES = {
    "add": "Add",
    "subtract": "Subtract",
    "multiply": "Multiply",
    "average": "Average",
    "maximum": "Maximum",
    "minimum": "Minimum",
    "concatenate": "Concatenate",
    "dot": "Dot",
}
MODES = {
    "sum": "Add",
    "concat": "Concatenate",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "dot": "Dot",
}
INPUT = ("shape", "batch_size", "dtype", "sparse", "batch_shape", "name", "tensor", "optional")
SHAPES = ("shape", "input_shape", "batch_shape", "batch_input_shape", "target_shape", "dims")


def is_layer(name: str) -> bool:
    """Whether keras.layers has, or had, a thing of this name."""
    return name in ("Input", "merge", "Layer") or name in MERGES or name in eras.CLASSES or layer_type(name) is not None


def call(run: Interpreter, path: str, args: list[Any], kwargs: dict[str, Any], site: Site) -> Any:
    """A call of something in keras.layers."""
    name = path.rpartition(".")[2]
    if name == "from_config":
        return room("copies").from_config(run, path.removesuffix(".from_config"), args[0] if args else None, site)
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
        unknown_call = room("calls").unknown_call
        from seqshape.readers.keras_source.values import External

        return unknown_call(run, External(path), args, kwargs, site)
    return construct(run, name, args, kwargs, site)


def make_input(run: Interpreter, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    """``Input(…)``: a tensor."""
    given = dict(zip(INPUT, args, strict=False)) | kwargs
    places = {name: site.place(index) for index, name in enumerate(INPUT[: len(args)])}
    given["batch_shape"] = given.pop("batch_input_shape", given.get("batch_shape"))
    if given["batch_shape"] is None:
        del given["batch_shape"]
    arguments = []
    for name, value in given.items():
        if name in ("sparse", "tensor", "optional", "ragged", "type_spec"):
            continue
        value = _as_shape(run, name, value, site)
        arguments.append(argument(run, name, value, site.frame, places.get(name, site.place(name))))
    if run.floatx != "float32" and "dtype" not in given:
        arguments.append(Argument("dtype", Value(run.floatx, site.span), site.span))
    _check_input(run, given, site)
    made = Call("InputLayer", tuple(arguments), site.span, name_span=site.span)
    layer = Layer(made, "keras.layers.InputLayer", site.span)
    before = run.mark_faults()
    layer.bound = run.engine.bind(made)
    run.remember(made)
    flow = run.trace.input(made) if layer.bound is not None else None
    run.refused(before, site.span)
    if flow is None:
        return run.lost(None, "this input is wrong", site.span)
    tensor = values_of(run, flow)
    layer.calls.append((None, tensor))
    run.layer_of[made] = layer
    return tensor


def _check_input(run: Interpreter, given: dict[str, Any], site: Site) -> None:
    """What today's Keras does not take as the shape of an input, or as its dtype."""
    from seqshape.policies import is_dtype

    names = ("shape", "batch_shape", "input_shape", "batch_input_shape")
    shapes = [given[name] for name in names if given.get(name) is not None]
    wrong = [shape for shape in shapes if not _is_shape(shape) and (run.is_today or not isinstance(shape, int))]
    message = None
    if wrong:
        message = f"a shape is a tuple of sizes and None, not {wrong[0]!r:.60}"
    elif isinstance(given.get("batch_size"), int) and given["batch_size"] < 0:
        message = f"a batch has no {given['batch_size']} samples"
    elif len(shapes) > 1:
        message = "an input has either a shape or a batch_shape"
    elif not shapes and given.get("tensor") is None and given.get("input_tensor") is None:
        message = "an input needs a shape"
    elif isinstance(given.get("dtype"), str) and not is_dtype(given["dtype"]):
        message = f"there is no dtype {given['dtype']!r}"
    if message is not None:
        run.engine.complain(message, "E104", site.span)


def _is_shape(shape: Anything) -> bool:
    if is_missing(shape):
        return True
    if not isinstance(shape, (tuple, list)):
        return False
    return all(
        dim is None or dim is UNKNOWN or is_missing(dim) or isinstance(dim, Poly) or (isinstance(dim, int) and dim >= 0)
        for dim in shape
    )


def _as_shape(run: Interpreter, name: str, value: Anything, site: Site) -> Anything:
    """A shape as Keras 3 takes it: lists and numbers of older code, and shapes of which the rank is not known."""
    if name not in SHAPES:
        return value
    if isinstance(value, MissingShape):
        lead = len(value.lead)
        rank = run.rank_of(value.array.name) + (1 if value.start == 0 and name == "batch_shape" and not lead else 0)
        return value.of_rank(rank)
    if isinstance(value, Missing) and name != "dims":
        rank = run.rank_of(value.name)
        return tuple(value.part(f"[{index}]") for index in range(rank))
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if is_number and not run.is_today and name in ("shape", "input_shape"):
        run.note(
            "W145", f"a shape is written as the number {value}; it is read as ({value},)", site.span, None, site.frame
        )
        return (value,)
    return value


def construct(
    run: Interpreter, name: str, args: list[Any], kwargs: dict[str, Any], site: Site, shown: str | None = None
) -> Anything:
    """A layer of Keras."""
    given = _given(args, kwargs, site)
    written = name
    if not run.is_today:
        name, given = eras.translated(name, given, run.is_old)
    given = _by_name(run, name, given, site)
    if name == "TimeDistributedDense":
        return _time_distributed_dense(run, args, kwargs, site)
    inner = room("wrapped").own_layer(given)
    if inner is not None:
        return room("wrapped").wrap(run, name, given, inner, site)
    layer = Layer(Call(name, (), site.span, name_span=_name_span(site)), f"keras.layers.{name}", site.span)
    layer.call.shown = shown
    kept: list[Argument] = []
    for word, value, node in given:
        if not run.is_today and word in ("batch_input_shape", "batch_shape") and name != "InputLayer":
            layer.options["batch_input_shape"] = _as_shape(run, "batch_input_shape", value, site)
            continue
        if (word == "weights" and not _holds_numbers(value)) or (not run.is_today and word in eras.LEFT):
            _say_left(run, name, word, site)
            continue
        if word == "input_length" and (is_missing(value) or not (run.is_today or _takes(name, word))):
            layer.options[word] = value  # of the input, which has a length without it too
            continue
        if isinstance(value, (list, tuple)) and _is_cell(name, word):
            value = construct(run, "StackedRNNCells", [value], {}, site)
        if word in SHAPES:
            value = _as_shape(run, word, value, site)
        layer.options[word if word is not None else str(len(kept))] = value
        kept.append(argument(run, word, value, site.frame, node))
    layer.call.arguments = (*kept, *_defaults(run, name, written, kept, site))
    if name == "InputLayer":
        _check_input(run, layer.options, site)
    before = run.mark_faults()
    layer.bound = run.engine.bind(layer.call)
    run.remember(layer.call)
    run.layer_of[layer.call] = layer
    run.refused(before, site.span)
    return layer


def _takes(name: str, word: str | None) -> bool:
    """Whether today's class declares an argument."""
    kind = layer_type(name)
    return kind is not None and word is not None and kind.parameter(word) is not None


def _say_left(run: Interpreter, name: str, word: str | None, site: Site) -> None:
    """Say of an argument that today's class does not take that it is left out."""
    if not _takes(name, word):
        message = f"today's {name} does not take {word}, which is left out"
        run.note("W145", message, site.span, None, site.frame)


def _given(args: list[object], kwargs: dict[str, object], site: Site) -> list[tuple[str | None, Anything, ast.AST]]:
    positional: list[tuple[str | None, Anything, ast.AST]] = [
        (None, value, site.place(index)) for index, value in enumerate(args)
    ]
    return positional + [(name, value, site.place(name)) for name, value in kwargs.items()]


def _by_name(
    run: Interpreter, name: str, given: list[tuple[str | None, Anything, Any]], site: Site
) -> list[tuple[str | None, Anything, Any]]:
    """Positional arguments under their names: a spec's short forms of a shape are none of Python's."""
    kind = layer_type(name)
    words = [parameter.name for parameter in kind.positional] if kind is not None else []
    number = sum(word is None for word, _, _ in given)
    if kind is None:
        return given
    if number > len(words):
        run.engine.complain(f"{name} takes at most {len(words)} arguments, but gets {number}", "E103", site.span)
        given = [each for place, each in enumerate(given) if each[0] is not None or place < len(words)]
    return [(words[place] if word is None else word, value, node) for place, (word, value, node) in enumerate(given)]


def _holds_numbers(value: Anything) -> bool:
    """Whether weights are given as bare numbers, which Keras does not take."""
    items = value if isinstance(value, (list, tuple)) else (value,)
    return any(isinstance(each, (int, float)) for each in items)


def _is_cell(name: str, word: str | None) -> bool:
    """Whether an argument is a cell, where a list of them becomes a stack."""
    kind = layer_type(name)
    parameter = kind.parameter(word) if kind is not None and word is not None else None
    return parameter is not None and parameter.kind == "Cell"


def _name_span(site: Site) -> Span:
    function = getattr(site.node, "func", None)
    if isinstance(function, ast.Attribute):
        whole = site.frame.span(function)
        return Span(whole.stop - len(function.attr), whole.stop)
    return site.frame.span(function) if function is not None else site.span


def _defaults(run: Interpreter, name: str, written: str, given: list[Argument], site: Site) -> list[Argument]:
    """What the settings of the program change in a layer that does not say it itself."""
    known = {each.name for each in given}
    kind = layer_type(name)
    found: list[Argument] = []

    def add(argument_name: str, value: object) -> None:
        found.append(Argument(argument_name, Value(value, site.span), site.span))

    if kind is None:
        return found
    dtype = run.floatx if kind.name == "InputLayer" else run.engine.dtype
    if dtype != "float32" and "dtype" not in known:
        add("dtype", dtype)
    if kind.name == "InputLayer":
        return found
    parameters = {parameter.name for parameter in kind.parameters}
    if run.data_format != "channels_last" and "data_format" in parameters and "data_format" not in known:
        add("data_format", run.data_format)
    if name == "GRU" and "reset_after" not in known and (run.is_old or written == "CuDNNGRU"):
        add("reset_after", written == "CuDNNGRU")
        _say_old_gru(run, site)
    return found


def _say_old_gru(run: Interpreter, site: Site) -> None:
    if run.is_old:
        run.note("W146", "a GRU of Keras 1 has one bias for each gate: reset_after=False", site.span, None, site.frame)


def _time_distributed_dense(run: Interpreter, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    outer: dict[str, object] = {
        name: kwargs.pop(name) for name in ("input_shape", "batch_input_shape", "name") if name in kwargs
    }
    kwargs.pop("input_dim", None)
    inner = construct(run, "Dense", args, kwargs, site)
    return construct(run, "TimeDistributed", [inner], outer, site)


def _merged(run: Interpreter, name: str, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    """``concatenate([a, b])``: a layer that is called at once."""
    inputs = args[0] if args else kwargs.get("inputs")
    options = {key: value for key, value in kwargs.items() if key != "inputs"}
    if len(args) > 1:
        options["axis" if name == "Concatenate" else "axes"] = args[1]
    if name == "Dot" and len(args) > 2:
        options["normalize"] = args[2]
    layer = construct(run, name, [], options, site)
    return apply_layer(run, layer, [inputs], {}, site)


def _old_merge(run: Interpreter, name: str, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    """Keras 1's ``merge([a, b], mode="concat")`` and ``Merge([model, model], mode=…)``."""
    inputs = args[0] if args else kwargs.get("inputs", kwargs.get("layers"))
    mode = args[1] if len(args) > 1 else kwargs.get("mode", "sum")
    options: dict[str, object] = {key: kwargs[key] for key in ("name",) if key in kwargs}
    if not isinstance(mode, str) or mode not in (*MODES, "cos"):
        unknown_call = room("calls").unknown_call
        from seqshape.readers.keras_source.values import External

        return unknown_call(run, External(name), args, kwargs, site)
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


def _lambda(run: Interpreter, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
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


def _followed(run: Interpreter, function: Anything, given: dict[str, object], site: Site) -> Anything:
    """The function of a Lambda as its rule takes it."""
    return room("lambdas").Follower(run, function, given.get("arguments") or {}, site)


def callable_value(value: Anything) -> bool:
    """Whether a value is a function of the source."""
    from seqshape.readers.keras_source.values import Function, Method

    return isinstance(value, (Function, Method, Native))


# --- calls ------------------------------------------------------------------------------------------------------------


def apply_layer(run: Interpreter, layer: Layer, args: list[object], kwargs: dict[str, object], site: Site) -> Any:
    """Call a layer with tensors, or with data."""
    if layer.instance is not None and not layer.state.get("plain"):
        apply_custom = room("inside").apply_custom

        return apply_custom(run, layer, args, kwargs, site)
    if isinstance(layer, Model):
        apply_model = room("models").apply_model

        return apply_model(run, layer, args, kwargs, site)
    return plain_call(run, layer, args, kwargs, site)


def plain_call(run: Interpreter, layer: Layer, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    """Call a layer whose rule the engine knows."""
    if "waiting" in layer.state:
        return room("wrapped").apply(run, layer, args, kwargs, site)
    tensor = first_tensor([args, kwargs])
    if tensor is None and not (run.trace.quiet and holds_array([args, kwargs])):
        return eager(run, layer, args, kwargs, site)
    if any(map(is_missing, args)):
        return run.lost(tensor, "one of its inputs is not known", site.span)
    args, kwargs = _one_by_one(run, layer, args, kwargs, site)
    return apply_call(run, layer, args, kwargs, site.span)


def _one_by_one(
    run: Interpreter, layer: Layer, args: list[object], kwargs: dict[str, object], site: Site
) -> tuple[list[object], dict[str, object]]:
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


def eager(run: Interpreter, layer: Layer, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    """Call a layer with data: what comes out is data of the shape that the rule gives."""
    if not holds_array([args, kwargs]) or layer.bound is None:
        return run.missing(run.written(site.node, site.frame), site.span)
    from seqshape.readers.keras_source.tensors import on_data

    return on_data(run, layer, args, kwargs, site.span)


# --- attributes -------------------------------------------------------------------------------------------------------


def layer_attribute(run: Interpreter, layer: Layer, name: str, frame: Frame, node: ast.AST) -> object:
    """An attribute of a layer of Keras."""
    if isinstance(layer, Model):
        found = room("models").model_attribute(run, layer, name, frame, node)
        if found is not room("models").ABSENT:
            return found
    span = frame.span(node)
    if name in ("output", "input") and layer.calls:
        return layer.calls[0][1 if name == "output" else 0]
    if name in ("output_shape", "input_shape") and layer.calls:
        from seqshape.readers.keras_source.tensors import shape_of

        found = layer.calls[0][1 if name == "output_shape" else 0]
        return [shape_of(each, span) for each in found] if isinstance(found, list) else shape_of(found, span)
    if name == "name":
        return layer.name
    if name == "trainable":
        return layer.state.get("trainable", True)
    if name == "__class__":
        from seqshape.readers.keras_source.values import External

        return layer.instance.cls if layer.instance is not None else External(layer.path)
    if name == "built":
        return bool(layer.calls)
    if name in room("copies").KINDS:
        return room("copies").weights_attribute(run, layer, name, Site(frame, node))
    if name in ("losses", "metrics"):
        return run.missing(f"{layer.name}.{name}", span)
    method = METHODS.get(name)
    if method is not None:
        return Native(name, method, layer)
    if name in layer.options:
        return layer.options[name]
    bound = getattr(layer.bound, "arguments", {})
    if isinstance(bound, dict) and name in bound and not callable(bound[name]):
        return bound[name]
    if name in layer.shapes:
        return Array(tuple(getattr(layer.shapes[name], "shape", layer.shapes[name])), "float32", f"{layer.name}.{name}")
    return run.missing(run.written(node, frame), span)


def set_layer_attribute(
    run: Interpreter, layer: Layer, name: str, value: Anything, frame: Frame, node: ast.AST
) -> None:
    """``layer.trainable = False`` and the like."""
    layer.state[name] = value
    if name == "trainable":
        freeze(run, layer, value, frame, node)
    elif name == "name" and isinstance(value, str):
        layer.call.named = value
        set_argument(layer.call, "name", Value(value, frame.span(node)))


def freeze(run: Interpreter, layer: Layer, value: Anything, frame: Frame, node: ast.AST) -> None:
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
        here.state["trainable"] = value
        if here.state.pop("untrained", False) and isinstance(here, Model) and here.graph is not None:
            here.graph.trainable = True
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


def set_argument(call: Call, name: str, value: Value) -> None:
    """Give a call an argument, in the place of one of that name."""
    kept = tuple(each for each in call.arguments if each.name != name)
    call.arguments = (*kept, Argument(name, value, value.span))


def _ignored(run: Interpreter, layer: Layer, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    return None


def _unknown(run: Interpreter, layer: Layer, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    return run.missing(run.written(site.node, site.frame), site.span)


def _called(run: Interpreter, layer: Layer, args: list[object], kwargs: dict[str, object], site: Site) -> Any:
    return apply_layer(run, layer, args, kwargs, site)


def _adapt(run: Interpreter, layer: Layer, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    """``adapt``: a Normalization learns nothing that a summary shows; a vocabulary gets a length that the data tells."""
    layer.state["adapted"] = True
    return None


def _vocabulary_size(
    run: Interpreter, layer: Layer, args: list[object], kwargs: dict[str, object], site: Site
) -> Anything:
    vocabulary = layer.options.get("vocabulary")
    if isinstance(vocabulary, (list, tuple)):
        extra = 1 if layer.call.class_name == "StringLookup" else 2
        return len(vocabulary) + extra
    return _unknown(run, layer, args, kwargs, site)


def _build(run: Interpreter, layer: Layer, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    """``layer.build(input_shape)``: the weights are made for that shape, without a call."""
    shape = args[0] if args else kwargs.get("input_shape")
    if isinstance(shape, (tuple, list)):
        layer.state["built_for"] = tuple(shape)
    return None


def _output_shape(
    run: Interpreter, layer: Layer, args: list[object], kwargs: dict[str, object], site: Site
) -> Anything:
    """``compute_output_shape``: what the rule says of a shape."""
    shape = args[0] if args else kwargs.get("input_shape")
    if not isinstance(shape, (tuple, list)) or any(map(is_missing, shape)) or layer.bound is None:
        return _unknown(run, layer, args, kwargs, site)
    found = eager(run, layer, [Array(tuple(shape))], {}, site)
    return tuple(None if dim is UNKNOWN else dim for dim in found.shape) if isinstance(found, Array) else found


def _weight(run: Interpreter, layer: Layer, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    make_weight = room("classes").make_weight

    return make_weight(run, layer, args, kwargs, site)


def _copies(name: str) -> object:
    """A method of a layer that another file knows."""
    return lambda run, layer, args, kwargs, site: getattr(room("copies"), name)(run, layer, args, kwargs, site)


METHODS: dict[str, object] = {
    **dict.fromkeys(
        ("set_weights", "load_weights", "compile", "reset_states", "reset_state", "save_own_variables", "add_loss"),
        _ignored,
    ),
    **dict.fromkeys(("get_vocabulary", "compute_mask"), _unknown),
    **{name: _copies(name) for name in ("get_weights", "get_config", "count_params")},
    "call": _called,
    "__call__": _called,
    "adapt": _adapt,
    "build": _build,
    "vocabulary_size": _vocabulary_size,
    "add_weight": _weight,
    "add_variable": _weight,
    "compute_output_shape": _output_shape,
}

__all__ = ["Batches", "Class", "Raised", "SymbolicTensor", "Work", "apply_layer", "call", "construct", "make_input"]
