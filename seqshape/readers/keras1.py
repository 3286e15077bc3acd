"""What Keras 1 writes otherwise: classes, arguments and their values, in the terms of Keras 3.

Tables, from the ``get_config`` of Keras 1.2, and the few functions that apply them. Rows keep the file's names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from seqshape.diagnostics import Diagnostic, Label, Span
from seqshape.graph import Argument, Call, Graph, Node, Operand, Ref, Value, Word
from seqshape.readers.keras_values import Place

if TYPE_CHECKING:
    from seqshape.readers.keras_parts import Reader

# Classes under another name, and those that keep theirs but have arguments that were called otherwise.
RENAMED = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "AtrousConv1D": "Conv1D",
    "AtrousConv2D": "Conv2D",
    "SeparableConvolution2D": "SeparableConv2D",
}
KEPT = (
    *(
        "ActivityRegularization",
        "BatchNormalization",
        "Conv1D",
        "Conv2D",
        "Conv3D",
        "ConvLSTM2D",
        "Cropping1D",
        "Dense",
    ),
    *("Cropping2D", "Cropping3D", "Dropout", "Embedding", "GRU", "GaussianDropout", "GaussianNoise", "InputLayer"),
    *("LSTM", "LocallyConnected1D", "LocallyConnected2D", "PReLU", "SeparableConv2D", "SimpleRNN", "SpatialDropout1D"),
    *("SpatialDropout2D", "SpatialDropout3D", "UpSampling1D", "UpSampling2D", "UpSampling3D", "ZeroPadding1D"),
    *("ZeroPadding2D", "ZeroPadding3D", "Flatten"),
    *(f"{kind}Pooling{rank}D" for kind in ("Max", "Average", "GlobalMax", "GlobalAverage") for rank in (1, 2, 3)),
)
# Classes that only Keras 1 has, by all their names, with the arguments that tell a class of Keras's from one of a
# user's, who may call a layer of a later version so. The rules name the arguments as Keras 1 does.
ONLY = {
    "Deconvolution2D": "nb_filter output_shape",
    "Deconv2D": "nb_filter output_shape",
    "Highway": "W_regularizer",
    "MaxoutDense": "nb_feature",
    "ParametricSoftplus": "alpha_init beta_init",
    "SReLU": "t_left_init a_right_init",
    "TimeDistributedDense": "output_dim",
}
_OTHERWISE = {"Deconv2D": "Deconvolution2D"}
MERGES = {
    "sum": "Add",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "concat": "Concatenate",
    "dot": "Dot",
    "cos": "Dot",
}
ARGUMENTS = {
    "output_dim": "units",
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "atrous_rate": "dilation_rate",
    "stride": "strides",
    "pool_length": "pool_size",
    "length": "size",
    "dim_ordering": "data_format",
    "bias": "use_bias",
    "p": "rate",
    "sigma": "stddev",
    "inner_activation": "recurrent_activation",
    "input_dtype": "dtype",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "forget_bias_init": "unit_forget_bias",
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    **{f"{name}_init": f"{name}_initializer" for name in ("beta", "gamma", "depthwise", "pointwise")},
    **{
        f"{letter}_{what}": f"{name}_{what}"
        for letter, name in (("W", "kernel"), ("U", "recurrent"), ("b", "bias"))
        for what in ("regularizer", "constraint")
    },
}
# What a class calls otherwise than the others.
OWN = {
    "Embedding": {
        "output_dim": "output_dim",
        "init": "embeddings_initializer",
        "input_length": "input_length",
        "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint",
    },
    "PReLU": {"init": "alpha_initializer"},
}
# What says nothing of shapes or weights here, and has no successor.
LEFT = ("input_dim", "input_length", "consume_less", "transform_bias")
LEFT_BY = {"BatchNormalization": ("mode",), "Embedding": ("dropout", "input_dtype", "dtype", "consume_less")}
# Arguments that are several in the file and one today.
JOINED = {("nb_row", "nb_col"): "kernel_size", ("kernel_dim1", "kernel_dim2", "kernel_dim3"): "kernel_size"}
_PARTS = tuple(part for parts in JOINED for part in parts)
_INITIALIZERS = {"zero": "zeros", "one": "ones", "uniform": "random_uniform", "normal": "random_normal"}
_FORMATS = {"th": "channels_first", "tf": "channels_last"}
_PENALTIES = ("l1", "l2")


def is_early(version: str | None) -> bool:
    """Whether a file says that Keras 0 or 1 wrote it."""
    return version is not None and version.startswith(("0.", "1."))


def modernized(call: Call, version: str | None) -> bool:
    """Rewrite a call of Keras 1 as Keras 3 would write it; gives whether it is one."""
    name = call.class_name
    if call.module == "custom":
        return False
    if name in ONLY:
        _of_early_class(call, version)
        return call.module != "custom"
    if version is not None and version.startswith("3."):
        return False
    if name == "Merge":
        _merge(call)
    elif name in RENAMED or (name in KEPT and (is_early(version) or _has_early_arguments(call))):
        call.class_name = RENAMED.get(name, name)
        call.arguments = tuple(_arguments(call))
        if name in RENAMED:
            call.shown = name
        _reach_over(call)
    else:
        return False
    return True


def _of_early_class(call: Call, version: str | None) -> None:
    """Settle whether a class that only Keras 1 has is that one, or another of the same name."""
    given = {argument.name for argument in call.arguments}
    if not is_early(version) and (version is not None or not given.issuperset(ONLY[call.class_name].split())):
        call.module = "custom"
        return
    if call.class_name in _OTHERWISE:
        call.class_name, call.shown = _OTHERWISE[call.class_name], call.class_name
    call.arguments = tuple(argument for argument in call.arguments if argument.name not in LEFT)


def _reach_over(call: Call) -> None:
    """``border_mode="full"``, which later convolutions do not have."""
    full = any(argument.name == "padding" and argument.value.data == "full" for argument in call.arguments)
    if full and call.class_name in ("Conv1D", "Conv2D", "Conv3D"):
        call.shown = call.shown or call.class_name
        call.class_name = f"FullConvolution{call.class_name[-2:]}"


def adopted(call: Call) -> Call | None:
    """A call of a spec in the words of Keras 1, as a call of today; ``None`` if it is none.

    ``input_dim`` stays: it tells the shape of the input.
    """
    arguments = tuple(_placed(call))
    known = call.class_name in RENAMED or call.class_name in KEPT or call.class_name in ONLY
    if not known or (arguments == call.arguments and not _has_early_arguments(call)):
        return None
    now = Call(call.class_name, arguments, call.span, name_span=call.name_span, bare=call.bare)
    if not modernized(now, None):
        return None
    if call.class_name != "Embedding":
        now.arguments += tuple(_shape_of_input(now.class_name, arguments))
    return now


def _shape_of_input(class_name: str, arguments: tuple[Argument, ...]) -> Iterator[Argument]:
    """``input_dim`` and ``input_length`` as the shape that Keras 1 took them for."""
    given = {argument.name: argument for argument in arguments}
    size = given.get("input_dim")
    if size is None:
        return
    length = given.get("input_length")
    if length is None and class_name not in ("LSTM", "GRU", "SimpleRNN"):
        yield size
        return
    steps = length.value if length is not None else Value(None, size.span)
    yield Argument("input_shape", Value((steps, size.value), size.span), size.span)


def _placed(call: Call) -> Iterator[Argument]:
    """The arguments with their names, where Keras 1 had its own order: of a class that has another name today."""
    names: tuple[str, ...] = ()
    if call.class_name in RENAMED:
        from seqshape.readers.keras_source.eras import POSITIONS

        names = POSITIONS.get(call.class_name, ())
    for place, argument in enumerate(call.arguments):
        flag = isinstance(argument.value.data, Word)
        if argument.name is None and not flag and place < len(names):
            yield argument._replace(name=names[place])
        else:
            yield argument


def adopt(graph: Graph) -> None:
    """Rewrite the calls of a spec that are in the words of Keras 1, where it is read as one of an early version."""
    for call in graph.calls:
        _adopt(call)


def _adopt(call: Call) -> None:
    now = adopted(call) if call.body is None else None
    if now is not None:
        call.class_name, call.arguments, call.shown = now.class_name, now.arguments, now.shown
    for inner in call.nested():
        _adopt(inner)
    if call.body is not None:
        adopt(call.body)


def _has_early_arguments(call: Call) -> bool:
    own = OWN.get(call.class_name, {})
    kept = {name for name, now in own.items() if name == now}
    return any(
        (argument.name in ARGUMENTS or argument.name in _PARTS or argument.name == "consume_less")
        and argument.name not in kept
        for argument in call.arguments
    )


def _arguments(call: Call) -> Iterator[Argument]:
    """The arguments by today's names, with today's values."""
    names = ARGUMENTS | OWN.get(call.class_name, {})
    left = {*LEFT, *LEFT_BY.get(call.class_name, ())} - {*OWN.get(call.class_name, {})}
    if call.class_name == "Embedding":
        left -= {"input_dim"}
    for argument in call.arguments:
        if argument.name in left or argument.name in _PARTS:
            continue
        name = names.get(argument.name or "", argument.name)
        yield argument._replace(name=name, value=_value(call.class_name, str(name), argument.value))
    yield from _joined(call)
    if call.class_name == "GRU" and all(argument.name != "reset_after" for argument in call.arguments):
        yield Argument("reset_after", Value(False, call.span), call.span)


def _joined(call: Call) -> Iterator[Argument]:
    given = {argument.name: argument for argument in call.arguments}
    for parts, name in JOINED.items():
        found = [given[part] for part in parts if part in given]
        if found:
            yield Argument(name, Value([argument.value for argument in found], found[0].span), found[0].span)


def _value(class_name: str, name: str, value: Value) -> Value:
    """What an argument of today's name holds, in today's words."""
    change = _VALUES.get(name) or (_initializer if name.endswith("_initializer") else None)
    if change is None and name.endswith("_regularizer"):
        change = _regularizer
    if change is None and name == "padding" and class_name.startswith("ZeroPadding"):
        change = _margins
    return value if change is None else value._replace(data=change(value))


def _format(value: Value) -> object:
    return _FORMATS.get(value.data, value.data) if isinstance(value.data, str) else value.data


def _initializer(value: Value) -> object:
    return _INITIALIZERS.get(value.data, value.data) if isinstance(value.data, str) else value.data


def _forget_bias(value: Value) -> object:
    return value.data in ("one", "ones")


def _regularizer(value: Value) -> object:
    """``{"name": "WeightRegularizer", "l1": 0.0, "l2": 0.01}`` as the object that it was."""
    if not isinstance(value.data, dict) or not {*value.data} <= {"name", *_PENALTIES}:
        return value.data
    held = [(name, value.data[name]) for name in _PENALTIES if name in value.data]
    return Call("L1L2", tuple(Argument(name, item, item.span) for name, item in held), value.span, module="keras")


def _margins(value: Value) -> object:
    """Four margins in a row, or by name, as pairs; what is written otherwise is left as it is."""
    data = value.data
    if isinstance(data, dict):
        named = [data.get(f"{side}_pad", Value(0, value.span)) for side in _sides(data)]
        return [Value(pair, value.span) for pair in _pairs(named)] if len(named) == 4 else named
    if isinstance(data, list) and len(data) == 4:
        return [Value(pair, value.span) for pair in _pairs(data)]
    return data


def _sides(margins: dict[str, object]) -> tuple[str, ...]:
    return ("top", "bottom", "left", "right") if {*margins} & {"top_pad", "bottom_pad"} else ("left", "right")


def _pairs(items: list[object]) -> list[list[Any]]:
    return [items[:2], items[2:]]


_VALUES: dict[str, Callable[[Value], object]] = {"data_format": _format, "unit_forget_bias": _forget_bias}


# --- Merge -----------------------------------------------------------------------------------------------------------


def _merge(call: Call) -> None:
    """Merge by its mode: one of today's merging layers, or a function that is not run."""
    given = {argument.name: argument for argument in call.arguments}
    mode = given.get("mode")
    known = MERGES.get(str(mode.value.data)) if mode is not None else "Add"
    if known is None and mode is not None:
        function = mode._replace(name="function")
        shape = [argument for argument in call.arguments if argument.name == "output_shape"]
        call.class_name, kept = "Lambda", [function, *shape]
    else:
        call.class_name, kept = known or "Add", list(_axes(known, given, call.span))
    call.shown = "Merge"
    call.arguments = (*(given[name] for name in ("name", "trainable") if name in given), *kept)


def _axes(known: str | None, given: dict[str | None, Argument], span: Span) -> Iterator[Argument]:
    old, new = {"Concatenate": ("concat_axis", "axis"), "Dot": ("dot_axes", "axes")}.get(known or "", ("", ""))
    if old in given:
        axes = given[old]
        yield axes._replace(name=new, value=_flat(axes.value))
    if known == "Dot" and given["mode"].value.data == "cos":
        yield Argument("normalize", Value(True, span), span)


def _flat(axes: Value) -> Value:
    """The first versions put each axis in a list of its own: ``[[1], [2]]``."""
    items = axes.data
    if not isinstance(items, list):
        return axes
    singles = [item.data[0] if isinstance(item.data, list) and len(item.data) == 1 else item for item in items]
    return axes._replace(data=singles)


def begins_with_merge(layers: list[object]) -> bool:
    """Whether a Sequential begins with a Merge of other models, which Keras 1 could do."""
    first = layers[0] if layers and isinstance(layers[0], dict) else {}
    config = first.get("config")
    return first.get("class_name") == "Merge" and isinstance(config, dict) and isinstance(config.get("layers"), list)


def merged(reader: Reader, layers: list[Any], name: str | None, span: Span, depth: int, place: Place | None) -> Graph:
    """A Sequential that begins with a Merge, as the Functional that it is: Keras 1 lists the layers of all branches.

    ``span`` is that of the list of layers.
    """
    graph = Graph("Functional", name, span=span, masked=False)
    config, inside = layers[0]["config"], span.within(0, "config", "layers")
    branches = [
        reader.model(branch, inside.within(index), depth + 1, place) for index, branch in enumerate(config["layers"])
    ]
    for branch in branches:
        graph.calls += branch.calls
        graph.nodes += branch.nodes
        graph.inputs += branch.inputs
    at = Place(place, layers, 0)
    joint = {**layers[0], "config": {key: item for key, item in config.items() if key != "layers"}}
    node = _add(
        graph, reader.layer(joint, span.within(0), depth + 1, at), [_only(branch.outputs) for branch in branches]
    )
    for index, data in enumerate(layers[1:], 1):
        call = reader.layer(data, span.within(index), depth + 1, at._replace(number=index))
        node = _add(graph, call, Ref(node))
    for call in graph.calls:
        call.stored = None  # a file lists the branches' layers beside the others, not where the config has them
    graph.structure, graph.outputs = [Ref(node, 0) for node in graph.inputs], Ref(node)
    return graph


def _only(outputs: Operand) -> Operand:
    return outputs[0] if isinstance(outputs, list) and len(outputs) == 1 else outputs


def _add(graph: Graph, call: Call, operand: Operand) -> Node:
    node = Node(call, (operand,))
    graph.calls.append(call)
    graph.nodes.append(node)
    return node


def remark(version: str | None, span: Span) -> Diagnostic:
    """What is said of a config of Keras 1."""
    wrote = f" (keras_version {version})" if is_early(version) else ""
    message = f"this is a Keras 1 config{wrote}: its classes and arguments are read as Keras 1 meant them"
    return Diagnostic("W403", "warning", message, (Label(span),))
