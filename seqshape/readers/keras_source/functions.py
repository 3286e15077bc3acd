"""Functions on tensors under the names of TensorFlow, of older backends and of numpy, in the words of keras.ops."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from seqshape.dims import UNKNOWN, Dim
from seqshape.readers.keras2 import TENSORFLOW
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.rooms import room
from seqshape.readers.keras_source.values import (
    LEFT,
    Args,
    Array,
    External,
    Keywords,
    Missing,
    Value,
    Weight,
    is_missing,
)

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter, OfLibrary
    from seqshape.readers.keras_source.scope import Site

# Methods of tensors that are operations.
METHODS = {
    **{name: name for name in ("reshape", "transpose", "mean", "sum", "max", "min", "astype", "squeeze", "flatten")},
    "astype": "cast",
}
del METHODS["flatten"]
# Functions of keras.backend (and of others) under another name than in keras.ops, and their arguments.
RENAMED = {
    "batch_flatten": "batch_flatten",
    "permute_dimensions": "transpose",
    "pow": "power",
    "truediv": "true_divide",
    "div": "true_divide",
    "divide": "true_divide",
    "neg": "negative",
    "mul": "multiply",
    "sub": "subtract",
    "clip_by_value": "clip",
    "concat": "concatenate",
    "reduce_mean": "mean",
    "reduce_sum": "sum",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "reduce_all": "all",
    "reduce_any": "any",
    "reduce_std": "std",
    "reduce_variance": "var",
    "reduce_logsumexp": "logsumexp",
    "l2_normalize": "normalize",
    "cat": "concatenate",
    "permute": "transpose",
    "unsqueeze": "expand_dims",
    "identity": "copy",
    "to_float": "to_float",
    "variance": "var",
    "reverse": "flip",
    "dot": "dot",
    "batch_dot": "batch_dot",
    "one_hot": "one_hot",
    "gather": "take",
    "not": "logical_not",
    "resize_images": "resize_images",
}
WORDS = {
    "a": "x1",
    "b": "x2",
    "pattern": "axes",
    "perm": "axes",
    "dim": "axis",
    "tensors": "xs",
    "values": "xs",
    "multiples": "repeats",
    "input": "x",
    "input_tensor": "x",
    "tensor": "x",
    "min_value": "x_min",
    "max_value": "x_max",
    "clip_value_min": "x_min",
    "clip_value_max": "x_max",
    "shape": "newshape",
    "exponent": "x2",
    "keep_dims": "keepdims",
    "keepdim": "keepdims",
    "depth": "num_classes",
    "alpha": "negative_slope",
    "n": "repeats",
}
IGNORED = ("name", "training", "dtype_hint")


def in_words_of_keras(path: str, args: Args, kwargs: Keywords) -> tuple[str, list[Value], dict[str, Value]] | None:
    """The operation of keras.ops that a function is, with its arguments; ``None`` if none is known."""
    from seqshape.readers.keras_source.engine import layer_type

    kwargs = {name: value for name, value in kwargs.items() if name not in IGNORED}
    root, _, last = path.rpartition(".")
    if root.startswith("tensorflow"):
        inside = path.removeprefix("tensorflow.")
        for name in (inside, f"math.{inside}", f"nn.{last}", f"linalg.{last}"):
            if name in TENSORFLOW:
                known = TENSORFLOW[name]
                return known.operation, args, _renamed(known.operation, kwargs)
    name = RENAMED.get(last, last)
    if root.startswith(("keras.ops", "keras.random", "keras.activations")):
        name = last
    if layer_type(f"ops.{name}") is None:
        return None
    return name, args, kwargs if root.startswith("keras.ops") else _renamed(name, kwargs)


def _renamed(name: str, kwargs: Keywords) -> dict[str, Value]:
    """Keyword arguments under the names that the operation has for them."""
    from seqshape.readers.keras_source.engine import layer_type

    kind = layer_type(f"ops.{name}")
    known = set(kind.order) if kind is not None else set()
    found = {}
    for word, value in kwargs.items():
        other = WORDS.get(word, word)
        first = kind.order[0] if kind is not None and kind.order else word
        found[word if word in known else other if other in known else first if other in ("x", "x1", "xs") else word] = (
            value
        )
    return found


# --- those that are not one operation ---------------------------------------------------------------------------------

SPECIAL: dict[str, OfLibrary] = {}


def special(*names: str) -> Callable[[OfLibrary], OfLibrary]:
    """Declare what a function does that is not one operation; LEFT leaves it to the tables."""

    def declare(function: OfLibrary) -> OfLibrary:
        for name in names:
            SPECIAL[name] = function
        return function

    return declare


@special("shape", "int_shape")
def _shape(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    shape_of = room("tensors").shape_of
    from seqshape.readers.keras_source.values import MissingShape

    value = args[0] if args else next(iter(kwargs.values()), None)
    return MissingShape(value) if isinstance(value, Missing) else shape_of(value, site.span)


@special("ndim", "rank")
def _ndim(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    shape_of = room("tensors").shape_of

    found = shape_of(args[0], site.span) if args else None
    return len(found) if isinstance(found, tuple) else LEFT


@special("get", "deserialize")
def _activation(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``keras.activations.get``: the function of a name, or what it is given."""
    if not path.startswith("keras.activations."):
        return LEFT
    given = args[0] if args else kwargs.get("identifier")
    if given is None or isinstance(given, str):
        return External(f"keras.activations.{given or 'linear'}")
    return given


@special("linear")
def _linear(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``keras.activations.linear``: what it is given."""
    return args[0] if path == "keras.activations.linear" and args else LEFT


@special("convert_to_tensor", "constant", "Variable", "variable", "as_tensor", "from_numpy", "placeholder_with_default")
def _as_is(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    as_array = room("arrays").as_array

    if "numpy" in path or not args:
        return LEFT
    value = args[0]
    if isinstance(value, (SymbolicTensor, Weight)):
        return value
    found = as_array(value)
    return found if found is not None else run.unknown(site)


@special("cast", "to_float")
def _cast(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    value = args[0] if args else kwargs.get("x")
    if isinstance(value, (int, float)) or value is UNKNOWN:
        return value
    return LEFT


@special("get_static_value")
def _static(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    return args[0]


@special(
    "name_scope",
    "device",
    "GradientTape",
    "variable_scope",
    "no_grad",
    "Session",
    "seed",
    "set_seed",
    "set_random_seed",
)
def _nothing(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    return None


@special("function", "jit", "custom_gradient", "autograph", "register_keras_serializable")
def _decorator(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    from seqshape.readers.keras_source.values import Native

    if args and callable_value(args[0]):
        return args[0]
    return Native("decorator", lambda run, args, kwargs, site: args[0] if args else None)


def callable_value(value: Value) -> bool:
    """Whether a value is a function or class of the source."""
    from seqshape.readers.keras_source.values import Class, Function, Method

    return isinstance(value, (Function, Method, Class))


@special("batch_flatten")
def _batch_flatten(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    tensor = args[0]
    if not isinstance(tensor, SymbolicTensor) or tensor.tensor is None:
        return LEFT
    return run.operation("reshape", [tensor, (-1, _product(tensor.tensor.shape[1:]))], {}, site.span)


def _product(dims: Iterable[Dim]) -> Dim:
    total: Dim = 1
    for dim in dims:
        total = total * dim
    return total


@special(
    "normal",
    "uniform",
    "random_normal",
    "random_uniform",
    "randn",
    "truncated_normal",
    "zeros",
    "ones",
    "rand",
    "random_normal_variable",
    "empty",
    "standard_normal",
)
def _made(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """Numbers of a shape: constants of the graph if the shape is known."""
    if path.startswith("numpy"):
        return LEFT
    shape = args[0] if args else kwargs.get("shape", kwargs.get("size"))
    found: Array | None = room("arrays").of_shape(shape, kwargs.get("dtype"))
    return found if found is not None else run.unknown(site)


@special(
    "random_normal_like",
    "dropout",
    "in_train_phase",
    "in_test_phase",
    "ensure_shape",
    "debug",
    "Print",
    "print_tensor",
    "checkpoint",
)
def _same(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    return LEFT if path.startswith("keras.ops") or not args else args[0]


@special("arange", "range")
def _arange(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """A range: an array of a length that is known, or of a size with a name."""
    if path.startswith("numpy"):
        return LEFT
    bounds = [kwargs.get(name, default) for name, default in (("start", 0), ("stop", None), ("step", 1))]
    bounds[1] = kwargs.get("limit", bounds[1])
    bounds[2] = kwargs.get("delta", bounds[2])
    if len(args) == 1 and bounds[1] is None:
        bounds[1] = args[0]
    else:
        bounds[: len(args)] = args
    start, stop, step = bounds
    if start == 0 and step == 1 and stop is not None and not is_missing(stop):
        return Array((stop,), "int32")
    if isinstance(start, int) and isinstance(stop, int) and isinstance(step, int):
        return Array((len(range(start, stop, step)),), "int32")
    return run.unknown(site)
