"""What Keras 2 writes otherwise: old class names and arguments, and TensorFlow's functions as layers.

Tables, and the few functions that apply them. A class or function that is in no table is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqshape.diagnostics import Span
from seqshape.graph import Argument, Call, Node, Operand, Value
from seqshape.readers.keras_values import is_shape
from seqshape.records import NamedTuple

CONSTANT = "_CONSTANT_VALUE"  # in the place of a tensor: a number
# Classes that have the rule of another one.
RENAMED = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "LSTMV1": "LSTM",
    "LSTMV2": "LSTM",
    "GRUV1": "GRU",
    "GRUV2": "GRU",
    "DenseV1": "Dense",
}
# Layers whose further inputs are the states to begin with.
RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "CuDNNLSTM", "CuDNNGRU", "ConvLSTM2D")
FUNCTIONS = ("TFOpLambda", "SlicingOpLambda")  # a function of TensorFlow, by its name
GRAPH_NODE = "TensorFlowOpLayer"  # a node of a TensorFlow graph (TensorFlow 2.0 to 2.3)


class Function(NamedTuple):
    """A function of TensorFlow in terms of keras.ops.

    ``operands`` is what the function calls its operands; ``arguments`` says which of its others the operation takes,
    under which name.
    """

    operation: str
    operands: tuple[str, ...] = ("x", "y")
    arguments: Mapping[str, str] = {}


def _same(names: str) -> dict[str, Function]:
    """Functions of one name in TensorFlow and in keras.ops."""
    return {name: Function(name.rpartition(".")[2]) for name in names.split()}


_AXIS = {"axis": "axis", "keepdims": "keepdims"}
# The functions that people use on tensors of a model, as TFOpLambda names them.
TENSORFLOW: dict[str, Function] = {
    **_same(
        "math.add math.subtract math.multiply math.maximum math.minimum math.abs math.exp math.log math.sqrt"
        " math.square math.rsqrt math.sin math.cos math.tanh math.sigmoid math.sign math.floor math.ceil math.erf"
        " math.greater math.less math.greater_equal math.less_equal math.equal math.not_equal math.logical_and"
        " math.logical_or math.logical_not"
    ),
    **{f"__operators__.{name}": Function(name) for name in ("add", "subtract", "multiply")},
    "__operators__.truediv": Function("true_divide"),
    "__operators__.getitem": Function("get_item", ("slice_spec",), {}),
    **{
        f"nn.{name}": Function(name, ("features",))
        for name in ("relu", "relu6", "elu", "selu", "gelu", "softplus", "softsign")
    },
    "nn.silu": Function("silu", ("features",)),
    "nn.swish": Function("silu", ("features",)),
    "nn.leaky_relu": Function("leaky_relu", ("features",), {"alpha": "negative_slope"}),
    "nn.softmax": Function("softmax", ("logits",), {"axis": "axis"}),
    "nn.sigmoid": Function("sigmoid"),
    "nn.tanh": Function("tanh"),
    "math.softplus": Function("softplus", ("features",)),
    "math.divide": Function("divide"),
    "math.truediv": Function("true_divide"),
    "math.floordiv": Function("floor_divide"),
    "math.pow": Function("power"),
    "math.negative": Function("negative"),
    "math.logical_xor": Function("logical_xor"),
    "math.squared_difference": Function("subtract"),
    "math.divide_no_nan": Function("divide"),
    "broadcast_to": Function("broadcast_to", ("input",), {"shape": "shape"}),
    "clip_by_value": Function("clip", ("t",), {"clip_value_min": "x_min", "clip_value_max": "x_max"}),
    **{
        f"math.reduce_{name}": Function(name, ("input_tensor",), _AXIS)
        for name in ("sum", "mean", "max", "min", "prod", "any", "all", "std", "logsumexp")
    },
    "math.reduce_variance": Function("var", ("input_tensor",), _AXIS),
    "math.argmax": Function("argmax", ("input",), {"axis": "axis"}),
    "math.argmin": Function("argmin", ("input",), {"axis": "axis"}),
    "math.cumsum": Function("cumsum", ("x",), {"axis": "axis"}),
    "math.l2_normalize": Function("normalize", ("x",), {"axis": "axis"}),
    "linalg.matmul": Function("matmul", ("a", "b")),
    "tensordot": Function("tensordot", ("a", "b"), {"axes": "axes"}),
    "concat": Function("concatenate", ("values",), {"axis": "axis"}),
    "stack": Function("stack", ("values",), {"axis": "axis"}),
    "unstack": Function("unstack", ("value",), {"num": "num", "axis": "axis"}),
    "split": Function("split", ("value",), {"num_or_size_splits": "indices_or_sections", "axis": "axis"}),
    "reshape": Function("reshape", ("tensor",), {"shape": "newshape"}),
    "transpose": Function("transpose", ("a",), {"perm": "axes"}),
    "expand_dims": Function("expand_dims", ("input",), {"axis": "axis"}),
    "squeeze": Function("squeeze", ("input",), {"axis": "axis"}),
    "tile": Function("tile", ("input",), {"multiples": "repeats"}),
    "repeat": Function("repeat", ("input",), {"repeats": "repeats", "axis": "axis"}),
    "reverse": Function("flip", ("tensor",), {"axis": "axis"}),
    "pad": Function("pad", ("tensor",), {"paddings": "pad_width", "mode": "mode"}),
    "cast": Function("cast", ("x",), {"dtype": "dtype"}),
    "identity": Function("copy", ("input",)),
    "stop_gradient": Function("stop_gradient", ("input",)),
    "zeros_like": Function("zeros_like", ("input",)),
    "ones_like": Function("ones_like", ("input",)),
    "where": Function("where", ("condition", "x", "y")),
    "gather": Function("take", ("params", "indices"), {"axis": "axis"}),
}
TENSORFLOW |= {
    f"compat.v1.{name}": TENSORFLOW[name]
    for name in ("transpose", "gather", "concat", "where", "squeeze", "pad", "split")
}
# Nodes of TensorFlow's graphs on tensors and numbers alone.
ELEMENTWISE = {
    "Abs": "abs", "Add": "add", "AddV2": "add", "BatchMatMul": "matmul", "BatchMatMulV2": "matmul", "Exp": "exp",
    "Identity": "copy", "Log": "log", "Maximum": "maximum", "Minimum": "minimum", "Mul": "multiply", "Neg": "negative",
    "Pow": "power", "RealDiv": "true_divide", "Relu": "relu", "Relu6": "relu6", "Rsqrt": "rsqrt", "Sigmoid": "sigmoid",
    "Softmax": "softmax", "Sqrt": "sqrt", "Square": "square", "Sub": "subtract", "Tanh": "tanh",
}  # fmt: skip
# Nodes of which the last operand is a constant, with the parameter that it is in keras.ops.
WITH_CONSTANT = {
    "ConcatV2": ("concatenate", "axis"), "ExpandDims": ("expand_dims", "axis"), "Max": ("max", "axis"),
    "Mean": ("mean", "axis"), "Min": ("min", "axis"), "Prod": ("prod", "axis"), "Reshape": ("reshape", "newshape"),
    "Sum": ("sum", "axis"), "Tile": ("tile", "repeats"), "Transpose": ("transpose", "axes"),
}  # fmt: skip


def first_shape(layers: list[object], span: Span) -> list[Argument]:
    """What the first layer of a Sequential says of the model's input, as the arguments of an InputLayer."""
    for _ in range(8):  # the first layer may be a Sequential again
        data = layers[0] if layers and isinstance(layers[0], dict) else {}
        config, inside = data.get("config"), span.within(0, "config")
        if isinstance(config, list):
            layers, span = config, inside
            continue
        if not isinstance(config, dict):
            return []
        if is_shape(config.get("batch_input_shape")):
            return _input_arguments(config, inside)
        inner = config.get("layers")
        layers, span = inner if isinstance(inner, list) else [], inside.within("layers")
    return []


def _input_arguments(config: Mapping[str, object], span: Span) -> list[Argument]:
    found = [Argument("batch_shape", _value(config["batch_input_shape"], span.within("batch_input_shape")), span)]
    key = "dtype" if "dtype" in config else "input_dtype"  # so does Keras 1
    if isinstance(config.get(key), str):
        found.append(Argument("dtype", Value(config[key], span.within(key)), span.within(key)))
    return found


def _value(data: object, span: Span) -> Value:
    """Numbers and lists of them as a value; all of it is blamed on one place."""
    return Value([_value(item, span) for item in data] if isinstance(data, list) else data, span)


def modernized(call: Call, version: str | None) -> Call:
    """The call as Keras 3 would write it. ``version`` is that of the Keras that wrote the file."""
    call.early = is_before_3(version) or call.early
    if call.early:
        call.arguments = tuple(map(_whole, call.arguments))
    if call.class_name in RENAMED:
        call.shown, call.class_name = call.class_name, RENAMED[call.class_name]
    changes = _CHANGES.get(call.class_name)
    if changes is not None:
        call.arguments = changes(call, version)
    return call


def is_before_3(version: str | None) -> bool:
    """Whether a file says that a Keras before 3 wrote it (TensorFlow.js writes as Keras 2 does)."""
    return version is not None and version.startswith(("0.", "1.", "2.", "tfjs"))


# Sizes that Keras 2 took as floats too, if they were whole: pool_size=7.0 of a length that was halved.
_SIZES = (
    *("units", "filters", "kernel_size", "pool_size", "strides", "dilation_rate", "size", "padding", "cropping", "n"),
    *("target_shape", "output_dim", "input_dim", "depth_multiplier"),
)


def _whole(argument: Argument) -> Argument:
    return argument._replace(value=_integers(argument.value)) if argument.name in _SIZES else argument


def _integers(value: Value) -> Value:
    data = value.data
    if isinstance(data, (list, tuple)):
        return value._replace(data=type(data)(_integers(item) if isinstance(item, Value) else item for item in data))
    return value._replace(data=int(data)) if isinstance(data, float) and data.is_integer() else value


def _input_layer(call: Call, version: str | None) -> tuple[Argument, ...]:
    return tuple(
        argument._replace(name="batch_shape") if argument.name == "batch_input_shape" else argument
        for argument in call.arguments
    )


def _gru(call: Call, version: str | None) -> tuple[Argument, ...]:
    """Before Keras 2.1.3 the reset gate stood before the product, and nothing was written of it."""
    said = any(argument.name == "reset_after" for argument in call.arguments)
    if said or not is_before_3(version):
        return call.arguments
    return (*call.arguments, Argument("reset_after", Value(False, call.span), call.span))


def _normalization(call: Call, version: str | None) -> tuple[Argument, ...]:
    """Keras 2 writes the one axis as a list."""
    return tuple(map(_single, call.arguments))


def _single(argument: Argument) -> Argument:
    items = argument.value.data
    if argument.name != "axis" or not isinstance(items, list) or len(items) != 1:
        return argument
    return argument._replace(value=items[0])


_CHANGES = {
    "InputLayer": _input_layer,
    "GRU": _gru,
    "GRUCell": _gru,
    "BatchNormalization": _normalization,
}


def called(node: Node) -> Node:
    """A node of a file of Keras 2 with its operands and keywords as Keras 3 has them."""
    call = node.call
    if call.class_name in RECURRENT and len(node.args) == 1 and isinstance(node.args[0], list):
        first, *states = node.args[0]
        return _with(node, (first,), {**node.kwargs, "initial_state": states} if states else node.kwargs)
    if (call.shown or call.class_name) in FUNCTIONS:
        function = TENSORFLOW.get(str(_said(call, "function")))
        return node if function is None or not node.args else _function(node, function)
    if (call.shown or call.class_name) == GRAPH_NODE:
        return _graph_node(node)
    return node


def _with(node: Node, args: tuple[Operand, ...], kwargs: dict[str, Operand]) -> Node:
    changed = Node(node.call, args, kwargs, node.span)
    changed.recorded = node.recorded
    return changed


def _said(call: Call, name: str) -> Any:
    """What an argument of a call says, without the places of its parts; ``None`` if it is not there."""
    return next((_data(argument.value) for argument in call.arguments if argument.name == name), None)


def _data(value: object) -> object:
    data = value.data if isinstance(value, Value) else value
    if isinstance(data, dict):
        return {key: _data(item) for key, item in data.items()}
    return [_data(item) for item in data] if isinstance(data, (list, tuple)) else data


def _becomes(call: Call, operation: str, constants: Mapping[str, Value]) -> None:
    """Make a call that of an operation of keras.ops; its row keeps the class that the file says."""
    if call.shown is None:
        call.shown, call.class_name, call.module = call.class_name, f"ops.{operation}", "keras.src.ops"
        added = (Argument(name, value, value.span) for name, value in constants.items())
        kept = (argument for argument in call.arguments if argument.name not in ("dtype", "trainable"))
        call.arguments = (*kept, *added)


def _function(node: Node, function: Function) -> Node:
    """Operands in the order of the operation; literals that are arguments of the operation go to the call."""
    given = {name: _as_slices(value) if name == "slice_spec" else value for name, value in node.kwargs.items()}
    operands = [given[name] for name in function.operands if name in given]
    constants = {
        ours: value for theirs, ours in function.arguments.items() if isinstance(value := given.get(theirs), Value)
    }
    _becomes(node.call, function.operation, constants)
    return _with(node, (*node.args, *operands), {})


def _as_slices(key: Operand) -> Operand:
    """The key of ``x[key]``: slices are written as objects."""
    if not isinstance(key, Value) or not isinstance(key.data, list):
        return key
    return key._replace(data=[item._replace(data=_slice(item.data)) for item in key.data])


def _slice(item: object) -> object:
    if not isinstance(item, dict):
        return item
    parts = (_data(item.get(part)) for part in ("start", "stop", "step"))
    return slice(*(part if type(part) is int else None for part in parts))


def _graph_node(node: Node) -> Node:
    """A node of a TensorFlow graph: its operands are the tensors, with constants put in between by number."""
    definition, constants = _said(node.call, "node_def"), _said(node.call, "constants")
    name = definition.get("op") if isinstance(definition, dict) else None
    constants = dict(sorted(constants.items())) if isinstance(constants, dict) else {}
    refs = _operands(node.args)
    if name in ELEMENTWISE and set(constants) <= {"0", "1"}:
        for place, constant in constants.items():
            refs.insert(int(place), Value(constant, node.span))
        _becomes(node.call, ELEMENTWISE[name], {})
        return _with(node, tuple(refs), {})
    if name in WITH_CONSTANT and len(constants) == 1:
        operation, parameter = WITH_CONSTANT[name]
        (constant,) = constants.values()
        added = {parameter: constant} | ({"keepdims": True} if _attribute(definition, "keep_dims", "b") else {})
        _becomes(node.call, operation, {key: _value(item, node.span) for key, item in added.items()})
        return _with(node, (refs,) if name == "ConcatV2" else tuple(refs), {})
    if name == "StridedSlice" and len(constants) == 3:
        _becomes(node.call, "get_item", {})
        return _with(node, (refs[0], Value(_strided(definition, list(constants.values())), node.span)), {})
    return node


def _operands(args: tuple[Operand, ...]) -> list[Operand]:
    single = args[0] if len(args) == 1 else None
    return list(single) if isinstance(single, list) else list(args)


def _attribute(definition: Mapping[str, object], name: str, kind: str) -> Any:
    attributes = definition.get("attr")
    attribute = attributes.get(name) if isinstance(attributes, dict) else None
    return attribute.get(kind) if isinstance(attribute, dict) else None


def _strided(definition: Mapping[str, object], constants: list[object]) -> list[Any]:
    """The key of ``x[key]`` of a StridedSlice: begin, end and step of each axis, and what bit masks say of them."""
    masks = {name: _bits(_attribute(definition, f"{name}_mask", "i")) for name in _MASKS}
    begins, ends, steps = (item if isinstance(item, list) else [item] for item in constants)
    key: list[object] = []
    for axis, (begin, end, step) in enumerate(zip(begins, ends, steps, strict=False)):
        bit = 1 << axis
        if masks["ellipsis"] & bit:
            key.append(...)
        elif masks["new_axis"] & bit:
            key.append(None)
        elif masks["shrink_axis"] & bit:
            key.append(begin)
        else:
            key.append(slice(None if masks["begin"] & bit else begin, None if masks["end"] & bit else end, step))
    return key


_MASKS = ("begin", "end", "ellipsis", "new_axis", "shrink_axis")


def _bits(number: object) -> int:
    """TensorFlow writes whole numbers of 64 bits as strings."""
    return int(number) if isinstance(number, (int, str)) and str(number).isascii() and str(number).isdigit() else 0
