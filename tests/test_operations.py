"""Operations of keras.ops against the real ones on symbolic tensors, their signatures, and laws that need no Keras."""

from __future__ import annotations

import inspect
import itertools
from typing import Any, NamedTuple

import pytest

from seqshape.analysis.timesteps import timesteps
from seqshape.bind import Binder
from seqshape.diagnostics import Fault, Span
from seqshape.dims import UNKNOWN, recording, symbol
from seqshape.graph import Argument, Call, Graph, Node, Ref, Value
from seqshape.infer import call_layer
from seqshape.network import Network
from seqshape.readers.spec import read_spec
from seqshape.registry import LayerType, operations, snake_case
from seqshape.tensor import Constant, Effect, Tensor, flatten

INTEGERS = ("uint8", "int8", "uint16", "int32", "uint32", "int64", "uint64")
DTYPES = ("bool", *INTEGERS, "bfloat16", "float16", "float32", "float64")
# Keras has these classes, but no model can hold one: a length that is the value of a tensor, and a base class.
IMPOSSIBLE = {"Arange", "SegmentReduction"}
# Names of classes whose function is called otherwise.
CLASS_ONLY = {"all_close", "batch_norm", "c_dist", "is_in", "layer_norm", "rms_norm", "search_sorted"}
# Rules of operations whose outputs are what a function of the user's returns.
FUNCTIONAL = {"Map", "VectorizedMap", "Scan", "AssociativeScan", "Cond", "Switch", "JVP", "WhileLoop", "ForiLoop"}


class T(NamedTuple):
    """A symbolic tensor of a test case; ``None`` is an unknown dim."""

    shape: tuple[int | None, ...]
    dtype: str = "float32"


def t(*shape: int | None, dtype: str = "float32") -> T:
    return T(shape, dtype)


def classes() -> dict[str, LayerType]:
    return {declared.name: declared for declared in operations().values()}


def plain(value: Any) -> Any:
    """A case's operand as a rule gets it."""
    if isinstance(value, T):
        return Tensor(tuple(UNKNOWN if dim is None else dim for dim in value.shape), value.dtype)
    return [plain(item) for item in value] if isinstance(value, list) else value


def written(value: Any) -> Value:
    """A constructor's argument as a reader gives it."""
    return Value(type(value)(map(written, value)) if isinstance(value, (list, tuple)) else value, Span())


def run(name: str, arguments: dict[str, Any]) -> Effect:
    """The rule of an operation, its arguments given as those of the function in keras.ops."""
    kind = operations()[name]
    constructor = {key: value for key, value in arguments.items() if key not in kind.inputs and not kind.open}
    given = tuple(Argument(key, written(value), Span()) for key, value in constructor.items())
    layer = Binder(lambda *stems: "operation", lambda call, own: None).bind(Call(f"ops.{name}", given))
    operands = {key: plain(value) for key, value in arguments.items() if key not in constructor}
    with recording():
        if kind.variadic:
            return call_layer(layer, operands[kind.inputs[0]], {})
        return call_layer(layer, [], operands)


def outputs(effect: Effect) -> list[tuple[Any, ...]]:
    dims = [tuple(None if dim is UNKNOWN else dim for dim in out.shape) for out in flatten(effect.out)]
    return [(shape, out.dtype) for shape, out in zip(dims, flatten(effect.out), strict=True)]


def mine(name: str, arguments: dict[str, Any]) -> Any:
    try:
        return outputs(run(name, arguments))
    except Fault:
        return "refused"


def keras_function(name: str) -> Any:
    import keras

    for space in (keras.ops, keras.ops.image, keras.ops.linalg, keras.ops.nn, keras.ops.numpy):
        if hasattr(space, name):
            return getattr(space, name)
    raise AssertionError(f"keras.ops has no {name}")


def keras_value(value: Any) -> Any:
    import keras

    if isinstance(value, T):
        return keras.KerasTensor(value.shape, value.dtype)
    return [keras_value(item) for item in value] if isinstance(value, list) else value


def theirs(name: str, arguments: dict[str, Any]) -> Any:
    from keras import tree

    given = {key: keras_value(value) for key, value in arguments.items()}
    kind = operations()[name]
    operands = given.pop(kind.inputs[0]) if kind.variadic else []
    if name == "einsum":
        operands = [given.pop("subscripts"), *operands]
    try:
        found = keras_function(name)(*operands, **given)
    except Exception:
        return "refused"
    return [(tuple(out.shape), out.dtype) for out in tree.flatten(found)]


def same(name: str, arguments: dict[str, Any]) -> None:
    assert mine(name, arguments) == theirs(name, arguments), (name, arguments)


def inputs_of(name: str) -> tuple[str, ...]:
    kind = operations()[name]
    return kind.inputs if not kind.parameters and not kind.variadic else ()


def named(count: int) -> list[str]:
    """The operations of so many operands and no arguments."""
    lists = {name for name, kind in operations().items() if "Tensors" in kind.rule.__annotations__.values()}
    return [
        name
        for name, kind in operations().items()
        if len(inputs_of(name)) == count and name not in lists | CLASS_ONLY and kind.name not in FUNCTIONAL
    ]


@pytest.mark.oracle
@pytest.mark.parametrize("name", named(1))
def test_one_operand_of_every_dtype(name: str) -> None:
    (operand,) = inputs_of(name)
    for dtype in (*DTYPES, "complex64"):
        for shape in ((None, 3, 2), (2, 4, 4), (None, None), (None,), (5,), ()):
            same(name, {operand: T(shape, dtype)})


@pytest.mark.oracle
@pytest.mark.parametrize("name", named(2))
def test_two_operands_of_every_pair_of_dtypes(name: str) -> None:
    first, second = inputs_of(name)
    shapes = T((None, 3)), T((None, 3))
    if name in ("solve", "get_item", "take", "matmul", "dot"):
        shapes = T((3, 3)), T((3, 3))
    for left, right in itertools.product(DTYPES, DTYPES):
        same(name, {first: shapes[0]._replace(dtype=left), second: shapes[1]._replace(dtype=right)})


NUMBERS = [
    name
    for name in named(2)
    if name not in ("get_item", "heaviside", "hypot", "polar", "solve", "cdist", "rearrange")
    and not name.startswith(("bitwise", "left", "right", "search", "digitize"))
]


@pytest.mark.oracle
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_gives_way_to_a_tensor(name: str) -> None:
    first, second = inputs_of(name)
    for dtype, number in itertools.product(DTYPES, (1, 0.5)):
        same(name, {first: T((None, 3), dtype), second: number})
        if name not in ("take", "full_like"):
            same(name, {first: number, second: T((None, 3), dtype)})


PAIRS = [
    ((None, 3, 4), (4,)),
    ((None, 1, 4), (None, 5, 1)),
    ((2, 3), (None, 3)),
    ((1, 3), (None, 3)),
    ((None, None), (None, 3)),
    ((3, 4), (3,)),
    ((), (None, 2)),
    ((None, 3), (None, 4)),
    ((5, 1), (1, 6)),
    ((None, 2, 3), (None, 3, 5)),
    ((3,), (3,)),
]


@pytest.mark.oracle
@pytest.mark.parametrize("name", named(2))
def test_two_operands_of_many_shapes(name: str) -> None:
    if name in ("take", "get_item"):
        return
    first, second = inputs_of(name)
    for left, right in PAIRS:
        same(name, {first: T(left), second: T(right)})


REDUCTIONS = [
    name
    for name, kind in operations().items()
    if kind.inputs == ("x",) and {"axis", "keepdims"} <= {parameter.name for parameter in kind.parameters}
]


@pytest.mark.oracle
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(name: str) -> None:
    for axis, keepdims in itertools.product((None, 0, 1, -1, 2, -4), (False, True)):
        same(name, {"x": t(None, 3, 4), "axis": axis, "keepdims": keepdims})
    for dtype in DTYPES:
        same(name, {"x": t(None, 3, 4, dtype=dtype), "axis": 1})
    if not name.startswith(("arg", "nanarg")):
        same(name, {"x": t(None, 3, 4), "axis": (1, 2)})
        same(name, {"x": t(None, 3, 4), "axis": (0, -1), "keepdims": True})


IMAGE, VOLUME, SERIES = t(None, 8, 9, 3), t(None, 8, 9, 7, 2), t(None, 20, 4)
# What is neither elementwise nor a plain reduction, written as a call of the function in keras.ops with keywords.
CASES: list[tuple[str, dict[str, Any]]] = [
    ("adaptive_average_pool", {"inputs": t(None, 3, 8, 8), "output_size": (2, 2), "data_format": "channels_first"}),
    ("adaptive_max_pool", {"inputs": IMAGE, "output_size": (2, 2)}),
    ("adaptive_max_pool", {"inputs": SERIES, "output_size": (2,)}),
    ("affine_transform", {"images": IMAGE, "transform": t(None, 8)}),
    ("affine_transform", {"images": IMAGE, "transform": t(1, 1, 8)}),
    ("allclose", {"x1": t(None, 3), "x2": t(None, 3)}),
    ("append", {"x1": t(2, 3), "x2": t(2, 4), "axis": 1}),
    ("append", {"x1": t(2, 3), "x2": t(2, 4)}),
    ("append", {"x1": t(None, 3), "x2": t(2, 4)}),
    ("append", {"x1": t(2, 3), "x2": t(3, 4), "axis": 1}),
    ("argpartition", {"x": t(None, 5), "kth": 2}),
    ("argpartition", {"x": t(None, 5), "kth": 2, "axis": None}),
    *[("argsort", {"x": t(None, 5), "axis": axis}) for axis in (-1, 0, None, 2)],
    ("array", {"x": t(2), "dtype": "int8"}),
    ("array_split", {"x": t(None, 7), "indices_or_sections": 3, "axis": 1}),
    ("array_split", {"x": t(None, 7), "indices_or_sections": 3}),
    ("average", {"x": t(None, 3, 4, dtype="int32"), "axis": 1}),
    ("average", {"x": t(None, 3, 4), "axis": 1, "weights": t(3)}),
    ("average", {"x": t(None, 3, 4), "axis": 1, "weights": t(4)}),
    ("average", {"x": t(2, 3), "weights": t(2, 3)}),
    ("average", {"x": t(2, 3)}),
    ("average_pool", {"inputs": SERIES, "pool_size": 2}),
    ("average_pool", {"inputs": IMAGE, "pool_size": (3, 2), "strides": 1, "padding": "SAME"}),
    (
        "batch_normalization",
        {"x": t(None, 4), "mean": t(4), "variance": t(4), "axis": -1, "offset": t(4), "scale": t(4)},
    ),
    ("batch_normalization", {"x": t(None, 4), "mean": t(3), "variance": t(4), "axis": -1}),
    ("binary_crossentropy", {"target": t(None, 3), "output": t(None, 3)}),
    ("binary_crossentropy", {"target": t(2, 3), "output": t(None, 3)}),
    ("bincount", {"x": t(None, 3, dtype="int32")}),
    ("broadcast_to", {"x": t(1, 3), "shape": (2, 3)}),
    ("broadcast_to", {"x": t(2, 3), "shape": (2, 4)}),
    *[("cast", {"x": t(None, 3), "dtype": dtype}) for dtype in ("int32", "bool", "float16")],
    ("categorical_crossentropy", {"target": t(None, 5, 3), "output": t(None, 5, 3)}),
    ("celu", {"x": t(None, 3), "alpha": 2.0}),
    ("cholesky", {"x": t(None, 3, 3)}),
    ("cholesky", {"x": t(None, 3, 4), "upper": True}),
    ("cholesky_inverse", {"x": t(3, 3)}),
    *[("clip", {"x": T((None, 3), dtype), "x_min": 0, "x_max": 1}) for dtype in DTYPES],
    ("concatenate", {"xs": [t(None, 3), t(None, 4, dtype="int32")], "axis": -1}),
    ("concatenate", {"xs": [t(None, None, 3), t(None, 4, 3)], "axis": 2}),
    ("concatenate", {"xs": [t(None, None, 3), t(None, 4, 3)], "axis": 1}),
    ("concatenate", {"xs": [t(2, 3), t(5, 3)]}),
    ("concatenate", {"xs": [t(None, 3), t(None, 4, 1)], "axis": -1}),
    ("concatenate", {"xs": [t(None, 3), t(None, 4)], "axis": 0}),
    ("conv", {"inputs": IMAGE, "kernel": t(3, 3, 3, 16)}),
    ("conv", {"inputs": IMAGE, "kernel": t(3, 3, 1, 16)}),
    ("conv", {"inputs": IMAGE, "kernel": t(3, 2, 3, 16), "strides": 2, "padding": "same"}),
    ("conv", {"inputs": SERIES, "kernel": t(3, 4, 5), "padding": "causal", "dilation_rate": 2}),
    ("conv", {"inputs": t(None, 3, 8, 9), "kernel": t(3, 3, 3, 16), "data_format": "channels_first"}),
    ("conv", {"inputs": IMAGE, "kernel": t(9, 3, 3, 16)}),
    ("conv", {"inputs": t(None, None, 4), "kernel": t(3, 4, 5)}),
    ("conv_transpose", {"inputs": IMAGE, "kernel": t(3, 3, 16, 3), "strides": 2}),
    (
        "conv_transpose",
        {"inputs": IMAGE, "kernel": t(3, 3, 16, 3), "strides": 2, "padding": "same", "output_padding": 1},
    ),
    ("conv_transpose", {"inputs": SERIES, "kernel": t(4, 7, 4), "strides": 3, "dilation_rate": 1}),
    ("convert_to_tensor", {"x": t(2), "dtype": "float16"}),
    *[("correlate", {"x1": t(7), "x2": t(3, dtype="int32"), "mode": mode}) for mode in ("valid", "same", "full", "x")],
    ("correlate", {"x1": t(7, 1), "x2": t(3)}),
    ("count_nonzero", {"x": t(None, 3, 4), "axis": 1}),
    ("count_nonzero", {"x": t(None, 3, 4), "axis": (0, 1)}),
    ("crop_images", {"images": IMAGE, "top_cropping": 1, "bottom_cropping": 2, "left_cropping": 0, "target_width": 5}),
    ("crop_images", {"images": IMAGE, "top_cropping": 5, "target_height": 5, "left_cropping": 0, "target_width": 5}),
    ("crop_images", {"images": IMAGE, "top_cropping": 5}),
    *[("cross", {"x1": t(None, one), "x2": t(None, two)}) for one, two in ((3, 3), (2, 3), (2, 2), (4, 3))],
    ("cross", {"x1": t(None, 3, 5), "x2": t(None, 3, 5), "axis": 1}),
    ("ctc_decode", {"inputs": t(None, 10, 5), "sequence_lengths": t(None, dtype="int32")}),
    ("ctc_decode", {"inputs": t(2, 10, 5), "sequence_lengths": t(2), "strategy": "beam_search", "top_paths": 3}),
    ("ctc_loss", {"target": t(2, 4), "output": t(2, 10, 5), "target_length": t(2), "output_length": t(2)}),
    *[(name, {"x": T((None, 3), dtype), "axis": 1}) for name in ("cumsum", "cumprod") for dtype in DTYPES],
    ("cumsum", {"x": t(None, 3)}),
    ("cumsum", {"x": t(2, 3), "dtype": "bool"}),
    ("cumprod", {"x": t(2, 3), "axis": 5}),
    ("nancumsum", {"x": t(2, 3), "axis": 1}),
    ("nancumprod", {"x": t(2, 3)}),
    ("depth_to_space", {"x": t(None, 4, 5, 12), "block_size": 2}),
    ("depth_to_space", {"x": t(None, 4, 5, 6), "block_size": 2}),
    ("depth_to_space", {"x": t(None, 12, 4, 5), "block_size": 2, "data_format": "channels_first"}),
    ("depthwise_conv", {"inputs": IMAGE, "kernel": t(3, 3, 3, 2), "strides": 2}),
    *[("diag", {"x": x, "k": k}) for x in (t(3), t(None), t(3, 5), t(None, 3), t(2, 3, 4)) for k in (0, 1, -2, 4)],
    *[("diagflat", {"x": x, "k": 1}) for x in (t(), t(3), t(2, 3), t(None, 3))],
    *[("diagonal", {"x": t(4, 3, 5), "offset": k, "axis1": 0, "axis2": -1}) for k in (0, 1, -1, 6)],
    ("diagonal", {"x": t(None, 3, 3), "axis1": 1, "axis2": 2}),
    ("diagonal", {"x": t(None, 3, 3), "axis1": 1, "axis2": 1}),
    ("diff", {"a": t(None, 5), "n": 2}),
    ("diff", {"a": t(None, 5), "n": 9}),
    ("diff", {"a": t(None, 5), "axis": 0}),
    ("digitize", {"x": t(None, 5), "bins": t(4)}),
    ("digitize", {"x": t(None, 5), "bins": t(4, 1)}),
    ("dot_product_attention", {"query": t(None, 5, 2, 4), "key": t(None, 7, 2, 4), "value": t(None, 7, 2, 4)}),
    (
        "dot_product_attention",
        {"query": t(None, 5, 2, 4), "key": t(None, 7, 2, 4), "value": t(None, 7, 2, 4), "is_causal": True},
    ),
    *[("dsplit", {"x": t(None, 3, 6), "indices_or_sections": at}) for at in (2, (1, 2), 4)],
    ("dsplit", {"x": t(None, 3), "indices_or_sections": 2}),
    ("dstack", {"xs": [t(2, 3), t(2, 3)]}),
    ("dstack", {"xs": [t(3), t(3)]}),
    ("dstack", {"xs": [t(2, 3, 4), t(2, 3, 5)]}),
    ("dstack", {"xs": [t(), t()]}),
    ("eig", {"x": t(None, 3, 3)}),
    ("eigh", {"x": t(2, 3)}),
    ("einsum", {"operands": [t(None, 3, 4), t(4, 5)], "subscripts": "bij,jk->bik"}),
    ("einsum", {"operands": [t(None, 3, 4), t(None, 4, 5)], "subscripts": "...ij,...jk->...ik"}),
    ("einsum", {"operands": [t(None, 3, 4), t(None, 4, 5, dtype="int32")], "subscripts": "bij,bjk"}),
    ("einsum", {"operands": [t(2, 3, dtype="int8"), t(3, 4, dtype="int8")], "subscripts": "ij,jk"}),
    ("einsum", {"operands": [t(None, 3, 4)], "subscripts": "bij->bji"}),
    ("einsum", {"operands": [t(None, 3, 4)], "subscripts": "bij->b"}),
    ("einsum", {"operands": [t(None, 3, 4), t(4)], "subscripts": "bij->b"}),
    ("einsum", {"operands": [t(None, 3)], "subscripts": "bij->b"}),
    ("einsum", {"operands": [t(None, 3, 4), t(5, 6)], "subscripts": "bij,jk->bik"}),
    ("einsum", {"operands": [t(None, 3), t(None, 4)], "subscripts": "bi,bi->b"}),
    ("einsum", {"operands": [t(None, 3), t(2, 4)], "subscripts": "bi,bi->bi"}),
    ("elastic_transform", {"images": IMAGE}),
    ("elu", {"x": t(None, 3, dtype="int32")}),
    *[
        (name, {"x": t(None, 3), "dtype": dtype})
        for name in ("empty_like", "ones_like", "zeros_like")
        for dtype in (None, "bool")
    ],
    *[("expand_dims", {"x": t(None, 3), "axis": axis}) for axis in (0, 1, -1, 2, (1, 3), (0, -1), 3, -4)],
    ("extract_patches", {"images": IMAGE, "size": 2}),
    ("extract_patches", {"images": t(8, 9, 3), "size": (2, 3), "strides": 1, "padding": "same"}),
    ("extract_patches", {"images": VOLUME, "size": (2, 2, 2)}),
    ("extract_sequences", {"x": t(None, 10), "sequence_length": 3, "sequence_stride": 2}),
    ("extract_sequences", {"x": t(None, None), "sequence_length": 3, "sequence_stride": 2}),
    ("fft", {"x": [t(None, 8), t(None, 8)]}),
    ("fft", {"x": [t(None, None), t(None, None)]}),
    ("fft2", {"x": [t(None, 8, 4), t(None, 8, 4)]}),
    ("fft2", {"x": [t(None, 8, 4), t(None, 8, 5)]}),
    ("ifft2", {"x": [t(None, 8, 4), t(None, 8, 4)]}),
    *[("flip", {"x": t(None, 3), "axis": axis}) for axis in (None, 1, (0, 1), 2)],
    ("fold", {"x": t(None, 12, 16), "output_size": 8, "kernel_size": 2}),
    ("fold", {"x": t(None, 13, 16), "output_size": 8, "kernel_size": 2}),
    ("full", {"shape": (2, 3), "fill_value": t()}),
    ("full_like", {"x": t(None, 3), "fill_value": 2}),
    ("full_like", {"x": t(None, 3), "fill_value": 2, "dtype": "int32"}),
    ("gaussian_blur", {"images": IMAGE}),
    ("gaussian_blur", {"images": t(8, 9)}),
    ("gelu", {"x": t(None, 3), "approximate": False}),
    *[
        (name, {"start": t(None, 3), "stop": t(3), "num": 5, "axis": -1})
        for name in ("linspace", "logspace", "geomspace")
    ],
    ("linspace", {"start": t(2, dtype="int32"), "stop": 5.0}),
    ("linspace", {"start": 1, "stop": t(2), "dtype": "float16"}),
    *[
        ("get_item", {"x": t(None, 5, 4), "key": key})
        for key in (
            0,
            -1,
            (slice(None), -1),
            (slice(None), slice(1, -1)),
            (slice(None), slice(None, None, -1)),
            (..., 0),
            (0, ...),
            (slice(None), None),
            (None, ..., None),
            (slice(2, 3), slice(4, 1, -2)),
            (slice(None), 5),
            (slice(None), -6),
            (0, 0, 0, 0),
            (..., ...),
            slice(0, 2),
            (slice(None), slice(9, 12)),
            (slice(None), slice(None, 3), slice(1, None, 2)),
        )
    ],
    ("glu", {"x": t(None, 6)}),
    ("glu", {"x": t(None, 5)}),
    ("glu", {"x": t(None, 6, 3), "axis": 1}),
    ("hard_shrink", {"x": t(None, 3)}),
    ("histogram", {"x": t(5, dtype="int32"), "bins": 4}),
    ("hsplit", {"x": t(None, 6), "indices_or_sections": (2, 4)}),
    ("hsplit", {"x": t(6), "indices_or_sections": 3}),
    ("hstack", {"xs": [t(None, 3), t(None, 4)]}),
    ("hstack", {"xs": [t(3), t(4)]}),
    ("hsv_to_rgb", {"images": IMAGE}),
    ("in_top_k", {"targets": t(None, dtype="int32"), "predictions": t(None, 5), "k": 2}),
    ("inv", {"x": t(None, 3, 3)}),
    ("irfft", {"x": [t(None, 5), t(None, 5)]}),
    ("irfft", {"x": [t(None, 5), t(None, 5)], "fft_length": 7}),
    ("isclose", {"x1": t(None, 3), "x2": 1.0, "equal_nan": True}),
    ("isin", {"x1": t(None, 3), "x2": t(7)}),
    ("istft", {"x": [t(None, 6, 9), t(None, 6, 9)], "sequence_length": 16, "sequence_stride": 8, "fft_length": 16}),
    (
        "istft",
        {"x": [t(6, 9), t(6, 9)], "sequence_length": 16, "sequence_stride": 8, "fft_length": 16, "center": False},
    ),
    ("istft", {"x": [t(6, 9), t(6, 9)], "sequence_length": 16, "sequence_stride": 8, "fft_length": 16, "length": 50}),
    ("layer_normalization", {"x": t(None, 3, 4)}),
    ("layer_normalization", {"x": t(None, 3, 4), "gamma": t(4), "beta": t(4), "axis": -1}),
    ("leaky_relu", {"x": t(None, 3)}),
    *[("log_softmax", {"x": t(None, 3), "axis": axis}) for axis in (-1, 0, None, 2, (0, 1))],
    ("lstsq", {"a": t(5, 3), "b": t(5, 2)}),
    ("lstsq", {"a": t(5, 3), "b": t(4)}),
    ("lu_factor", {"x": t(2, 3, 4)}),
    ("map_coordinates", {"inputs": t(4, 5), "coordinates": t(2, 7, 8), "order": 1}),
    ("map_coordinates", {"inputs": t(4, 5), "coordinates": t(3, 7), "order": 1}),
    ("matrix_rank", {"x": t(None, 3, 4)}),
    ("max", {"x": t(None, 3), "axis": 1, "initial": 0.0}),
    ("min", {"x": t(None, 3), "axis": 1, "initial": 0.0}),
    ("max_pool", {"inputs": IMAGE, "pool_size": (2, 2)}),
    ("max_pool", {"inputs": IMAGE, "pool_size": 9}),
    ("max_pool", {"inputs": t(None, None, 4), "pool_size": 3, "strides": 2, "padding": "same"}),
    *[("meshgrid", {"x": [t(2), t(3, 2), t(4, dtype="int32")], "indexing": way}) for way in ("xy", "ij", "x")],
    ("moments", {"x": t(None, 3, 4), "axes": (0, 1), "keepdims": True}),
    ("moments", {"x": t(None, 3, 4), "axes": [2]}),
    ("moveaxis", {"x": t(2, 3, 4, 5), "source": 1, "destination": -1}),
    ("moveaxis", {"x": t(2, 3, 4, 5), "source": (0, 1), "destination": (2, 0)}),
    ("moveaxis", {"x": t(2, 3, 4, 5), "source": (0, 1), "destination": 2}),
    ("multi_hot", {"inputs": t(None, 3, dtype="int32"), "num_classes": 5}),
    ("multi_hot", {"inputs": t(3, dtype="int32"), "num_classes": 5}),
    ("nan_to_num", {"x": t(None, 3)}),
    *[
        (name, {"x": T((None, 3), dtype), "q": 0.5, "axis": 1})
        for name in ("quantile", "percentile", "nanquantile", "nanpercentile")
        for dtype in DTYPES
    ],
    *[
        (name, {"x": t(None, 3), "q": q, "axis": 1, "keepdims": True})
        for name in ("quantile", "percentile", "nanquantile", "nanpercentile")
        for q in ([0.5], [0.2, 0.5], t(4), t())
    ],
    *[
        ("norm", {"x": t(None, 3, 4), "ord": order, "axis": axis})
        for order, axis in ((None, 1), (2, (1, 2)), ("fro", (1, 2)), ("fro", 1), (3, (1, 2)), (None, None), ("x", 1))
    ],
    *[("normalize", {"x": T((None, 3), dtype), "axis": 1}) for dtype in DTYPES],
    *[("one_hot", {"x": t(None, 3, dtype="int32"), "num_classes": 5, "axis": axis}) for axis in (-1, 0, 1, 2, -2)],
    ("one_hot", {"x": t(None, dtype="int32"), "num_classes": 5, "dtype": "bool"}),
    *[
        ("pad", {"x": t(None, 3), "pad_width": width})
        for width in (1, (1, 2), ((0, 0), (1, 2)), ((1, 1), (1, 1), (1, 1)), ((3, 4),))
    ],
    ("pad", {"x": t(None, 3), "pad_width": ((0, 0), (1, 2)), "mode": "reflect"}),
    ("pad_images", {"images": IMAGE, "top_padding": 1, "bottom_padding": 2, "left_padding": 0, "target_width": 12}),
    (
        "pad_images",
        {"images": t(None, None, None, 3), "top_padding": 1, "target_height": 9, "left_padding": 0, "target_width": 12},
    ),
    ("pad_images", {"images": IMAGE, "top_padding": 1, "target_height": 5, "left_padding": 0, "target_width": 12}),
    ("pad_images", {"images": IMAGE}),
    ("perspective_transform", {"images": IMAGE, "start_points": t(None, 4, 2), "end_points": t(None, 4, 2)}),
    ("perspective_transform", {"images": IMAGE, "start_points": t(None, 3, 2), "end_points": t(None, 3, 2)}),
    ("pinv", {"x": t(None, 3, 4)}),
    *[("prod", {"x": T((None, 3), dtype), "axis": 1}) for dtype in DTYPES],
    ("prod", {"x": t(None, 3), "axis": 1, "dtype": "int8"}),
    ("psnr", {"x1": t(None, 3), "x2": t(None, 3), "max_val": 1.0}),
    ("psnr", {"x1": t(None, 3), "x2": t(None, 3, 3), "max_val": 1.0}),
    *[("qr", {"x": t(2, 3, 4), "mode": mode}) for mode in ("reduced", "complete", "x")],
    ("qr", {"x": t(None, None, 4)}),
    ("rearrange", {"tensor": t(2, 3, 4), "pattern": "b h w -> b (h w)"}),
    ("rearrange", {"tensor": t(2, 12), "pattern": "b (h w) -> w b h", "h": 3}),
    ("rearrange", {"tensor": t(None, 12), "pattern": "b (h w) -> w b h", "h": 3}),
    ("repeat", {"x": t(None, 3), "repeats": 2, "axis": 1}),
    ("repeat", {"x": t(None, 3), "repeats": [1, 2, 3], "axis": 1}),
    ("repeat", {"x": t(None, 3), "repeats": [1, 2], "axis": 1}),
    ("repeat", {"x": t(None, 3), "repeats": 2, "axis": 0}),
    ("repeat", {"x": t(2, 3), "repeats": 2}),
    *[
        ("reshape", {"x": t(None, 3, 4), "newshape": shape})
        for shape in ((-1, 12), (-1, 4), (None, 12), (2, 7), (-1, -1), -1)
    ],
    *[
        ("reshape", {"x": t(2, 3, 4), "newshape": shape})
        for shape in ((-1, 12), (2, 12), (2, 11), (-1, 5), (-1,), (0, -1))
    ],
    ("resize", {"images": IMAGE, "size": (4, 5)}),
    ("resize", {"images": t(3, 8, 9, dtype="uint8"), "size": (4, 5), "data_format": "channels_first"}),
    ("resize", {"images": t(8, 9), "size": (4, 5)}),
    ("resize", {"images": IMAGE, "size": (4, 5), "crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}),
    ("rfft", {"x": t(None, 8)}),
    ("rfft", {"x": t(None, 8), "fft_length": 5}),
    *[("rgb_to_grayscale", {"images": images}) for images in (IMAGE, t(8, 9, 1), t(None, 8, 9, 2), t(3, 3))],
    ("rgb_to_grayscale", {"images": t(None, 3, 8, 9), "data_format": "channels_first"}),
    *[("rgb_to_hsv", {"images": images}) for images in (IMAGE, t(8, 9, 1), t(8, 9, 3, dtype="uint8"))],
    ("rms_normalization", {"x": t(None, 4), "scale": t(4)}),
    ("roll", {"x": t(None, 4), "shift": 1, "axis": 1}),
    ("roll", {"x": t(None, 4), "shift": 1}),
    ("roll", {"x": t(None, 4), "shift": 1, "axis": 2}),
    ("rot90", {"array": t(2, 3, 4)}),
    ("rot90", {"array": t(2, 3, 4), "k": 2, "axes": (1, 2)}),
    ("rot90", {"array": t(2)}),
    ("rot90", {"array": t(2, 3), "axes": (1, 1)}),
    ("round", {"x": t(None, 3), "decimals": 1}),
    ("saturate_cast", {"x": t(None, 3), "dtype": "uint8"}),
    (
        "scale_and_translate",
        {
            "images": IMAGE,
            "output_shape": (2, 4, 5, 3),
            "scale": t(2),
            "translation": t(2),
            "spatial_dims": (1, 2),
            "method": "linear",
        },
    ),
    ("scatter", {"indices": t(4, 1, dtype="int32"), "values": t(4, 3), "shape": (9, 3)}),
    ("scatter_update", {"inputs": t(None, 3), "indices": t(1, 2), "updates": t(1), "reduction": "add"}),
    ("searchsorted", {"sorted_sequence": t(4), "values": t(None, 3)}),
    ("searchsorted", {"sorted_sequence": t(None), "values": t(None, 3)}),
    ("searchsorted", {"sorted_sequence": t(4, 1), "values": t(None, 3)}),
    *[
        (name, {"data": t(6, 3), "segment_ids": t(6, dtype="int32"), "num_segments": 4})
        for name in ("segment_sum", "segment_max", "segment_min", "segment_prod")
    ],
    ("segment_sum", {"data": t(None, 3), "segment_ids": t(6, dtype="int32")}),
    ("segment_sum", {"data": t(5, 3), "segment_ids": t(6, dtype="int32")}),
    ("segment_sum", {"data": t(6, 3), "segment_ids": t(6, 1, dtype="int32")}),
    ("select", {"condlist": [t(None, 3, dtype="bool")], "choicelist": [t(None, 3)], "default": 0}),
    ("separable_conv", {"inputs": IMAGE, "depthwise_kernel": t(3, 3, 3, 2), "pointwise_kernel": t(1, 1, 6, 5)}),
    ("slice", {"inputs": t(4, 5), "start_indices": (1, 2), "shape": (2, -1)}),
    ("slice", {"inputs": t(4, 5), "start_indices": t(2, dtype="int32"), "shape": (2, -1)}),
    ("slice", {"inputs": t(4, 5), "start_indices": (1, 2), "shape": (2,)}),
    ("slice_update", {"inputs": t(4, 5), "start_indices": (1, 2), "updates": t(2, 2)}),
    ("sobel_edges", {"images": IMAGE}),
    ("sobel_edges", {"images": t(8, 9, 3)}),
    ("soft_shrink", {"x": t(None, 3)}),
    *[("softmax", {"x": t(None, 3), "axis": axis}) for axis in (-1, 0, None, 2, (0, 1))],
    ("solve_triangular", {"a": t(None, 3, 3), "b": t(None, 3)}),
    ("solve_triangular", {"a": t(None, 3, 3), "b": t(None, 4, 2), "lower": True}),
    *[("sort", {"x": t(None, 5), "axis": axis}) for axis in (-1, 0, None, 2)],
    ("space_to_depth", {"x": t(None, 4, 6, 3), "block_size": 2}),
    ("space_to_depth", {"x": t(None, 4, 5, 3), "block_size": 2}),
    ("space_to_depth", {"x": t(None, 4, 6, 3), "block_size": 1}),
    ("sparse_categorical_crossentropy", {"target": t(None, 5), "output": t(None, 5, 3)}),
    ("sparse_categorical_crossentropy", {"target": t(None, 5, 1), "output": t(None, 5, 3)}),
    ("sparse_categorical_crossentropy", {"target": t(None, 4), "output": t(None, 5, 3)}),
    ("sparsemax", {"x": t(None, 3)}),
    *[
        ("split", {"x": t(None, 6), "indices_or_sections": at, "axis": axis})
        for at, axis in ((3, 1), (4, 1), ((1, 2), -1), (2, 0), ((1,), 0))
    ],
    ("squareplus", {"x": t(None, 3)}),
    *[("squeeze", {"x": t(None, 1, 3, 1), "axis": axis}) for axis in (None, 1, (1, -1), 2, 0, 4)],
    ("ssim", {"image1": IMAGE, "image2": IMAGE}),
    ("ssim", {"image1": t(8, 9, 3), "image2": t(8, 9, 3)}),
    ("stack", {"x": [t(None, 3), t(None, 3, dtype="int32")], "axis": 1}),
    ("stack", {"x": [t(None, 3), t(None, 3)], "axis": -1}),
    ("stack", {"x": [t(None, 3), t(None, 4)]}),
    ("stft", {"x": t(None, 64), "sequence_length": 16, "sequence_stride": 8, "fft_length": 16}),
    ("stft", {"x": t(None, 64), "sequence_length": 12, "sequence_stride": 8, "fft_length": 16, "center": False}),
    ("stft", {"x": t(None, None), "sequence_length": 12, "sequence_stride": 8, "fft_length": 16}),
    ("svd", {"x": t(2, 3, 4)}),
    ("svd", {"x": t(2, 3, 4), "full_matrices": False}),
    ("svd", {"x": t(2, 3, 4), "compute_uv": False}),
    ("swapaxes", {"x": t(2, 3, 4), "axis1": 1, "axis2": -1}),
    ("swapaxes", {"x": t(2, 3, 4), "axis1": 1, "axis2": 3}),
    *[
        ("take", {"x": t(None, 5, 4), "indices": at, "axis": axis})
        for at in (0, [0, 2], [[0, 1], [1, 2]], t(7, dtype="int32"), t(None, 2, dtype="int32"))
        for axis in (1, -1, None)
    ],
    ("take_along_axis", {"x": t(None, 5), "indices": t(None, 2, dtype="int32"), "axis": 1}),
    ("take_along_axis", {"x": t(2, 5), "indices": t(7, dtype="int32")}),
    ("take_along_axis", {"x": t(2, 5), "indices": t(7, dtype="int32"), "axis": 1}),
    *[
        ("tensordot", {"x1": t(None, 3, 4), "x2": t(3, 4, 5), "axes": axes})
        for axes in (2, 0, ((1, 2), (0, 1)), ((1,), (1,)))
    ],
    ("threshold", {"x": t(None, 3), "threshold": 0.1, "default_value": 0}),
    *[("tile", {"x": t(None, 3), "repeats": repeats}) for repeats in (2, (1, 2), (2, 1, 3), [4])],
    ("top_k", {"x": t(None, 5), "k": 2}),
    *[("trace", {"x": T((None, 3, 3), dtype), "axis1": 1, "axis2": 2}) for dtype in DTYPES],
    ("trace", {"x": t(None, 3, 3), "axis1": 1, "axis2": 1}),
    *[
        ("transpose", {"x": t(2, 3, 4), "axes": axes})
        for axes in (None, (0, 2, 1), (2, 0, 1), (0, 1), (0, 1, 1), (0, 1, 3))
    ],
    ("trapezoid", {"y": t(None, 5, dtype="int32")}),
    ("trapezoid", {"y": t(None, 5, 2), "dx": 0.5, "axis": 1}),
    ("tril", {"x": t(None, 3, 3), "k": 1}),
    ("triu", {"x": t(None, 3, 3), "k": 1}),
    ("unfold", {"x": t(None, 3, 8, 9), "kernel_size": (2, 3), "stride": 2, "padding": 1}),
    *[
        ("unique", {"x": t(2, 3), **flags})
        for flags in (
            {},
            {"return_index": True},
            {"return_inverse": True, "return_counts": True},
            {"axis": 1, "size": 2, "return_inverse": True},
        )
    ],
    ("unravel_index", {"indices": t(None, 3, dtype="int32"), "shape": (4, 5)}),
    *[
        ("unstack", {"x": t(None, 3, 4), "axis": axis, "num": num})
        for axis, num in ((1, None), (0, None), (0, 2), (-1, None))
    ],
    ("vander", {"x": t(4), "N": 3}),
    ("vander", {"x": t(4)}),
    *[("view", {"x": t(None, 3), "dtype": dtype}) for dtype in ("int8", "int32", "float16", "float64", None)],
    *[("vsplit", {"x": t(4, 3), "indices_or_sections": at}) for at in (2, 3, (1,))],
    ("vsplit", {"x": t(4), "indices_or_sections": 2}),
    ("vstack", {"xs": [t(2, 3), t(5, 3)]}),
    ("vstack", {"xs": [t(None, 3), t(5, 3)]}),
    ("where", {"condition": t(None, 3, dtype="bool"), "x1": t(None, 3), "x2": 0}),
    ("where", {"condition": t(None, 3, dtype="bool"), "x1": t(None, 3, dtype="int32"), "x2": t(3)}),
    ("where", {"condition": t(None, 3, dtype="bool")}),
]


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("name", "arguments"), CASES, ids=[f"{number}-{name}" for number, (name, _) in enumerate(CASES)]
)
def test_cases(name: str, arguments: dict[str, Any]) -> None:
    same(name, arguments)


def test_every_operation_has_a_case() -> None:
    tried = {operations()[name].name for name, _ in CASES} | set(FUNCTIONAL)
    tried |= {operations()[name].name for name in (*named(1), *named(2), *REDUCTIONS)}
    assert set(classes()) - tried == set()


@pytest.mark.oracle
def test_all_operations_of_keras_are_there() -> None:
    assert set(keras_classes()) - set(classes()) == IMPOSSIBLE
    assert set(classes()) <= set(keras_classes())


def keras_classes() -> dict[str, Any]:
    from keras.src.ops import core, einops, image, linalg, math, nn, numpy
    from keras.src.ops.operation import Operation

    return {
        name: item
        for module in (core, einops, image, linalg, math, nn, numpy)
        for name, item in vars(module).items()
        if inspect.isclass(item) and issubclass(item, Operation) and item.__module__ == module.__name__
    }


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(classes()))
def test_the_declaration_is_the_class_of_keras(name: str) -> None:
    real, kind = keras_classes()[name], classes()[name]
    left_out = ("self", "name", "kwargs", "args")
    own = [p for p in inspect.signature(real.__init__).parameters.values() if p.name not in left_out]
    extra = {"MultiHot": ["num_tokens"]}.get(name, [])
    assert [parameter.name for parameter in kind.parameters] == [p.name for p in own] + extra
    for parameter, theirs in zip(kind.parameters, own, strict=False):
        wanted = ... if theirs.default is inspect.Parameter.empty else theirs.default
        assert parameter.default == wanted, parameter
    call = [p for p in inspect.signature(real.call).parameters.values() if p.kind is not p.VAR_KEYWORD][1:]
    if name != "Switch":
        assert list(kind.inputs[: len(call)]) == [p.name for p in call]


@pytest.mark.oracle
def test_functions_of_keras_that_build_an_operation_of_another_name() -> None:
    from keras.src.utils.naming import to_snake_case

    for function, kind in operations().items():
        assert function in CLASS_ONLY or keras_function(function)
        assert snake_case(kind.name) == to_snake_case(kind.name)


def test_every_operation_says_what_it_does() -> None:
    for kind in classes().values():
        assert kind.documentation.strip().endswith("."), kind.name


def test_operations_have_neither_weights_nor_masks() -> None:
    for name, arguments in CASES:
        try:
            effect = run(name, arguments)
        except Fault:
            continue
        assert effect.weights == {}
        assert effect.mask.op == "none"  # type: ignore[union-attr]
        reaches = effect.reach if isinstance(effect.reach, tuple) else (effect.reach,)
        assert len(reaches) in (1, len(flatten(effect.out)))


@pytest.mark.parametrize(
    ("name", "arguments", "macs"),
    [
        ("matmul", {"x1": t(None, 5, 8), "x2": t(None, 8, 7)}, 5 * 8 * 7),
        ("matmul", {"x1": t(None, 8), "x2": t(8, 7)}, 8 * 7),
        ("dot", {"x1": t(None, 5, 8), "x2": t(8, 7)}, 5 * 8 * 7),
        ("inner", {"x1": t(None, 8), "x2": t(7, 8)}, 8 * 7),
        ("tensordot", {"x1": t(None, 3, 4), "x2": t(3, 4, 5), "axes": 2}, 3 * 4 * 5),
        ("einsum", {"operands": [t(None, 3, 4), t(4, 5)], "subscripts": "bij,jk->bik"}, 3 * 4 * 5),
        ("einsum", {"operands": [t(None, 3, 4)], "subscripts": "bij->bji"}, 0),
        ("conv", {"inputs": t(None, 8, 8, 3), "kernel": t(3, 3, 3, 16)}, 6 * 6 * 16 * 27),
        ("depthwise_conv", {"inputs": t(None, 8, 8, 3), "kernel": t(3, 3, 3, 2)}, 6 * 6 * 6 * 9),
        (
            "separable_conv",
            {"inputs": t(None, 8, 8, 3), "depthwise_kernel": t(3, 3, 3, 2), "pointwise_kernel": t(1, 1, 6, 5)},
            6 * 6 * (6 * 9 + 6 * 5),
        ),
        ("conv_transpose", {"inputs": t(None, 4, 4, 3), "kernel": t(2, 2, 5, 3), "strides": 2}, 16 * 3 * 5 * 4),
        (
            "dot_product_attention",
            {"query": t(None, 5, 2, 4), "key": t(None, 7, 2, 4), "value": t(None, 7, 2, 4)},
            2 * 5 * 7 * 8,
        ),
        ("add", {"x1": t(None, 5), "x2": t(None, 5)}, 0),
    ],
)
def test_multiply_adds(name: str, arguments: dict[str, Any], macs: int) -> None:
    assert run(name, arguments).macs == macs


SIZE = symbol("T")


@pytest.mark.parametrize(
    ("name", "arguments", "shape"),
    [
        ("get_item", {"key": (slice(None), slice(1, -1))}, (UNKNOWN, SIZE - 2, 6)),
        ("get_item", {"key": (slice(None), -1)}, (UNKNOWN, 6)),
        ("get_item", {"key": (slice(None), slice(None, None, 2))}, (UNKNOWN, (SIZE + 1) // 2, 6)),
        ("get_item", {"key": (slice(None), slice(None, None, -1))}, (UNKNOWN, SIZE, 6)),
        ("repeat", {"repeats": 3, "axis": 1}, (UNKNOWN, SIZE * 3, 6)),
        ("pad", {"pad_width": ((0, 0), (1, 2), (0, 0))}, (UNKNOWN, SIZE + 3, 6)),
        ("mean", {"axis": 1}, (UNKNOWN, 6)),
        ("reshape", {"newshape": (-1, 6)}, (UNKNOWN, 6)),
        ("tile", {"repeats": (1, 2, 1)}, (UNKNOWN, SIZE * 2, 6)),
        ("transpose", {"axes": (0, 2, 1)}, (UNKNOWN, 6, SIZE)),
        ("expand_dims", {"axis": 1}, (UNKNOWN, 1, SIZE, 6)),
        ("softmax", {"axis": 1}, (UNKNOWN, SIZE, 6)),
        ("top_k", {"k": 2}, (UNKNOWN, SIZE, 2)),
    ],
)
def test_named_sizes(name: str, arguments: dict[str, Any], shape: tuple[Any, ...]) -> None:
    kind = operations()[name]
    constructor = {key: value for key, value in arguments.items() if key not in kind.inputs and not kind.open}
    given = tuple(Argument(key, written(value), Span()) for key, value in constructor.items())
    layer = Binder(lambda *stems: "operation", lambda call, own: None).bind(Call(f"ops.{name}", given))
    with recording():
        operands = {key: value for key, value in arguments.items() if key in kind.inputs}
        effect = call_layer(layer, [Tensor((UNKNOWN, SIZE, 6), "float32")], operands)
    assert flatten(effect.out)[0].shape == shape


def test_named_sizes_that_have_to_fit_become_needs() -> None:
    kind = operations()["add"]
    with recording() as needs:
        out = kind.rule(Tensor((UNKNOWN, SIZE), "float32"), Tensor((UNKNOWN, 5), "float32")).out
    assert out.shape == (UNKNOWN, 5)
    assert [need.text for need in needs] == ["T = 5"]


def test_an_operation_in_a_model_is_a_row_without_weights() -> None:
    graph = Graph("Functional")
    start = Call("InputLayer", (Argument("shape", written((5, 3)), Span()),))
    first = Node(start)
    less = Node(Call("ops.Subtract", module="keras.src.ops.numpy"), (Value(1.0, Span()), Ref(first)))
    last = Node(Call("ops.GetItem"), (Ref(less), Value([slice(None), -1], Span())))
    graph.calls, graph.nodes = [start, less.call, last.call], [first, less, last]
    graph.inputs, graph.outputs = [first], Ref(last)
    summary = Network(graph).summary()
    assert [(row.name, row.class_name, row.output_shapes, row.params) for row in summary.layers] == [
        ("input_layer", "InputLayer", ((UNKNOWN, 5, 3),), 0),
        ("subtract", "Subtract", ((UNKNOWN, 5, 3),), 0),
        ("get_item", "GetItem", ((UNKNOWN, 3),), 0),
    ]


def test_a_missing_operand_is_a_fault() -> None:
    with pytest.raises(Fault, match=r"needs 2 inputs \(x1, x2\)"):
        run("add", {"x1": t(None, 3)})


@pytest.mark.parametrize(
    ("call", "rows"),
    [
        ("ops.square", ["1000", "0100", "0010", "0001"]),
        ("ops.flip(axis=1)", ["0001", "0010", "0100", "1000"]),
        ("ops.roll(1, axis=1)", ["0001", "1000", "0100", "0010"]),
        ("ops.cumsum(axis=1)", ["1000", "1100", "1110", "1111"]),
        ("ops.softmax(axis=1)", ["1111"] * 4),
        ("ops.softmax(axis=2)", ["1000", "0100", "0010", "0001"]),
        ("ops.mean(axis=1)", ["1111"]),
        ("ops.mean(axis=2)", ["1111"]),
        ("ops.mean(axis=2, keepdims=True)", ["1000", "0100", "0010", "0001"]),
        ("ops.max_pool(2, 2)", ["1100", "0011"]),
        ("ops.repeat(2, axis=1)", ["1000", "1000", "0100", "0100", "0010", "0010", "0001", "0001"]),
        ("ops.tile((1, 2, 1))", ["1000", "0100", "0010", "0001"] * 2),
        ("ops.pad(((0, 0), (1, 0), (0, 0)))", ["0000", "1000", "0100", "0010", "0001"]),
        ("ops.transpose((0, 2, 1))", ["1111"] * 2),
        ("ops.expand_dims(1)", ["1111"]),
        ("ops.diff(axis=1)", ["1100", "0110", "0011"]),
        ("ops.reshape((-1, 2, 4))", ["1100", "0011"]),
        ("ops.zeros_like", ["0000"] * 4),
        ("ops.sort(axis=1)", ["1111"] * 4),
        ("ops.extract_sequences(2, 1)", ["1000", "0100", "0010", "0001"]),
    ],
)
def test_which_steps_an_operation_sees(call: str, rows: list[str]) -> None:
    reached = timesteps(Network(read_spec(f"Input(4, 2) > {call}")))
    assert ["".join(map(str, row)) for row in reached.matrix] == rows


def test_a_constant_is_an_operand_but_no_input() -> None:
    graph = Graph("Functional")
    start = Node(Call("InputLayer", (Argument("shape", written((5, 3)), Span()),)))
    less = Node(Call("ops.subtract"), (Value(Constant((5, 1), "float64"), Span()), Ref(start)))
    graph.calls, graph.nodes = [start.call, less.call], [start, less]
    graph.inputs, graph.outputs = [start], Ref(less)
    (_, row) = Network(graph).summary().layers
    assert row.calls[0].inputs == ((UNKNOWN, 5, 3),)
    assert row.output_shapes == ((UNKNOWN, 5, 3),)
    rows = timesteps(Network(graph)).matrix
    assert rows == tuple(tuple(int(step == other) for other in range(5)) for step in range(5))
