"""Operations of keras.ops against the real ones on symbolic tensors, their signatures, and laws that need no Keras."""

from __future__ import annotations

import inspect
import itertools
import re
from importlib import import_module
from typing import Any

import pytest

from seqshape.analysis.timesteps import timesteps
from seqshape.bind.binder import Binder
from seqshape.declaration import snake_case
from seqshape.diagnostics import Fault, SeqshapeError, Span
from seqshape.dims import UNKNOWN, recording, symbol
from seqshape.graph import Argument, Call, Graph, Node, Ref, Value
from seqshape.kinds import KINDS
from seqshape.network import Network
from seqshape.readers.spec import read_spec
from seqshape.registry import find_layer, operations
from seqshape.tensor import Constant, Tensor, flatten
from seqshape.walk.call import call_layer
from tests.fuzz.choices import RandomChoices
from tests.fuzz.operations import case, is_absurd, seeds, tensors
from tests.laws import numbers_and_names, unread_in
from tests.oracle.dependence import overlooked
from tests.oracle.operation_cases import CASES, PAIRS, REDUCTIONS
from tests.oracle.operations import (
    CLASS_ONLY,
    DTYPES,
    FUNCTIONAL,
    IMPOSSIBLE,
    T,
    bound,
    built,
    classes,
    disagreement,
    inputs_of,
    keras_classes,
    keras_function,
    keras_value,
    mine,
    named,
    run,
    same,
    t,
    written,
)


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


@pytest.mark.oracle
@pytest.mark.parametrize("name", named(2))
def test_two_operands_of_many_shapes(name: str) -> None:
    if name in ("take", "get_item"):
        return
    first, second = inputs_of(name)
    for left, right in PAIRS:
        same(name, {first: T(left), second: T(right)})


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


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("name", "arguments"), CASES, ids=[f"{number}-{name}" for number, (name, _) in enumerate(CASES)]
)
def test_cases(name: str, arguments: dict[str, Any]) -> None:
    same(name, arguments)


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(4))
def test_random_calls(seed: int) -> None:
    """Shapes, dtypes, ranks, literals, axes and options at random: the fuzzer makes as many as asked for."""
    choices = RandomChoices(f"operations-{seed}")
    calls = [found for found in (case(choices) for _ in range(2000)) if not is_absurd(found)]
    assert [found for found in (disagreement(*call) for call in calls) if found] == []


# Classes of keras.ops that no function builds any more: ``ops.abs`` builds an Absolute.
OLD = {"Abs", "Conj"}


def test_every_operation_has_a_case() -> None:
    tried = {operations()[name].name for name, _ in CASES} | set(FUNCTIONAL)
    tried |= {operations()[name].name for name in (*named(1), *named(2), *REDUCTIONS)}
    assert set(classes()) - tried == OLD


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(OLD))
def test_an_old_class_is_read_in_files(name: str) -> None:
    rule = classes()[name].rule
    for dtype in (*DTYPES, "complex64"):
        theirs = keras_classes()[name]()(keras_value(t(None, 3, dtype=dtype)))
        assert rule(Tensor((UNKNOWN, 3), dtype)).out == Tensor((UNKNOWN, 3), theirs.dtype)
    assert find_layer(f"ops.{name}") is classes()[name]


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(seeds()))
def test_a_function_builds_the_class_of_its_rule(name: str) -> None:
    found = {type(out._keras_history.operation).__name__ for call in seeds()[name] for out in built(name, call) or ()}
    assert found <= {operations()[name].name}
    assert found


@pytest.mark.oracle
def test_all_operations_of_keras_are_there() -> None:
    assert set(keras_classes()) - set(classes()) == IMPOSSIBLE
    assert set(classes()) <= set(keras_classes())


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


# What a function of keras.ops takes beside what its class does, and the other way round.
LEFT_OUT = {
    "einsum": {"kwargs"},
    "layer_normalization": {"kwargs"},
    "multi_hot": {"kwargs"},
    "rearrange": {"axes_lengths"},
    "switch": {"index", "branches"},
}
BESIDE = {"layer_normalization": {"rms_scaling"}, "multi_hot": {"num_tokens"}}


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(set(operations()) - CLASS_ONLY))
def test_the_declaration_is_the_function_of_keras(name: str) -> None:
    """Operands and other arguments stand in the order of the function, and have its defaults."""
    kind = operations()[name]
    real = inspect.signature(keras_function(name)).parameters.values()
    wanted = [
        (item.name, ... if item.default is item.empty else item.default)
        for item in real
        if item.name not in LEFT_OUT.get(name, ())
    ]
    have = [found for found in kind.order if found not in BESIDE.get(name, ())]
    assert have == [name for name, _ in wanted]
    defaults = {item.name: item.default for item in inspect.signature(kind.rule).parameters.values()}
    defaults |= {parameter.name: parameter.default for parameter in kind.parameters}
    for argument, default in wanted:
        mine = ... if defaults[argument] is inspect.Parameter.empty else defaults[argument]
        assert (type(mine), mine) == (type(default), default), argument


@pytest.mark.parametrize("name", sorted(classes()))
def test_rules_read_what_they_declare(name: str) -> None:
    """An argument that no rule reads stands in Keras's signature alone; operands are declared, read or not."""
    assert unread_in(classes()[name].rule) == set()


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
        ("einsum", {"operands": [t(None, 3), t(None, 3)], "subscripts": "bi,bi->bi"}, 0),
        (
            "einsum",
            {"operands": [t(None, 3, 4), t(4, 5), t(5, 6)], "subscripts": "bij,jk,kl->bil"},
            3 * 4 * 5 + 3 * 5 * 6,
        ),
        ("correlate", {"x1": t(7), "x2": t(3)}, 5 * 3),
        ("vdot", {"x1": t(1, 7), "x2": t(1, 7)}, 7),
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


PRODUCTS = {
    *("matmul", "dot", "inner", "tensordot", "vdot", "einsum", "correlate", "conv", "depthwise_conv"),
    *("separable_conv", "conv_transpose", "dot_product_attention"),
}


def test_only_products_multiply_and_add() -> None:
    counted = {name for name, calls in seeds().items() if any(_macs(name, call) for call in calls)}
    assert counted == PRODUCTS


def _macs(name: str, call: dict[str, Any]) -> Any:
    return mine(name, call) != "refused" and run(name, call).macs is not UNKNOWN and run(name, call).macs


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
        ("ops.mean((1, 2)) > ops.expand_dims((1, 2))", ["1111"]),
        ("ops.median > ops.expand_dims((0, 1, 2))", ["1111"]),
        ("ops.pad(((0, 0), (1, 1), (0, 0)), 'reflect')", ["0100", "1000", "0100", "0010", "0001", "0010"]),
        ("ops.take([3, 1], 1)", ["0001", "0100"]),
        ("ops.extract_sequences(2, 1)", ["1000", "0100", "0010", "0001"]),
    ],
)
def test_which_steps_an_operation_sees(call: str, rows: list[str]) -> None:
    reached = timesteps(Network(read_spec(f"Input(4, 2) > {call}")))
    assert ["".join(map(str, row)) for row in reached.matrix] == rows


SMALL, STEPS = t(None, 5, 4, 3), t(None, 8, 2)
SEEN: list[tuple[str, dict[str, Any]]] = [
    ("conv", {"inputs": SMALL, "kernel": t(2, 3, 3, 2), "strides": 2, "padding": "same"}),
    ("conv", {"inputs": t(None, 3, 5, 4), "kernel": t(2, 2, 3, 2), "data_format": "channels_first"}),
    ("conv_transpose", {"inputs": STEPS, "kernel": t(3, 2, 2), "strides": 2, "padding": "same"}),
    ("conv_transpose", {"inputs": STEPS, "kernel": t(2, 2, 2), "strides": 3}),
    ("depthwise_conv", {"inputs": SMALL, "kernel": t(2, 2, 3, 2), "strides": 2}),
    ("average_pool", {"inputs": STEPS, "pool_size": 3, "strides": 2, "padding": "same"}),
    ("adaptive_average_pool", {"inputs": t(None, 2, 5, 5), "output_size": (2, 3), "data_format": "channels_first"}),
    ("dot_product_attention", {"query": t(None, 3, 2, 2), "key": t(None, 4, 2, 2), "value": t(None, 4, 2, 2)}),
    ("depth_to_space", {"x": t(None, 2, 3, 4), "block_size": 2}),
    ("space_to_depth", {"x": t(None, 4, 6, 1), "block_size": 2}),
    ("unfold", {"x": t(None, 2, 4, 5), "kernel_size": (2, 3)}),
    ("fold", {"x": t(None, 8, 9), "output_size": 4, "kernel_size": 2}),
    ("gaussian_blur", {"images": SMALL}),
    ("sobel_edges", {"images": t(None, 4, 4, 2)}),
    ("extract_patches", {"images": SMALL, "size": (2, 3), "strides": 1, "padding": "same"}),
    ("stft", {"x": t(None, 20), "sequence_length": 4, "sequence_stride": 2, "fft_length": 4}),
    ("istft", {"x": [t(None, 4, 3)] * 2, "sequence_length": 4, "sequence_stride": 2, "fft_length": 4}),
    *[
        ("pad", {"x": STEPS, "pad_width": ((0, 0), (2, 1), (0, 0)), "mode": way})
        for way in ("reflect", "symmetric", "wrap", "edge")
    ],
    *[("rot90", {"array": t(None, 3, 4, 2), "k": k, "axes": (1, 2)}) for k in (1, 2, 3, -1)],
    ("einsum", {"operands": [t(None), t(None, 3, 4)], "subscripts": "b,bij->bij"}),
    ("einsum", {"operands": [t(None, 3, 4), t(None, 3, 5)], "subscripts": "bij,bik->bjk"}),
    ("matmul", {"x1": t(None, 3, 4), "x2": t(4)}),
    ("matmul", {"x1": t(5, 1), "x2": t(1, 6)}),
    ("tensordot", {"x1": t(None, 3, 4), "x2": t(4, 2), "axes": 1}),
    ("inner", {"x1": t(None, 3, 4), "x2": t(2, 4)}),
    ("cross", {"x1": t(None, 4, 3), "x2": t(None, 4, 3)}),
    ("cdist", {"x": t(None, 3, 2), "y": t(None, 4, 2)}),
    ("take", {"x": STEPS, "indices": [[0, 1], [2, 3]], "axis": 1}),
    ("take", {"x": STEPS, "indices": t(3, dtype="int32"), "axis": 1}),
    ("stack", {"x": [t(None), t(None)], "axis": 1}),
    ("dstack", {"xs": [t(3), t(3)]}),
    ("expand_dims", {"x": t(None), "axis": (1, 2)}),
    ("one_hot", {"x": t(None, dtype="int32"), "num_classes": 3}),
    ("transpose", {"x": t(None)}),
    ("flip", {"x": t(None, 3), "axis": None}),
    ("reshape", {"x": t(None, 1), "newshape": (-1,)}),
    ("quantile", {"x": t(None, 3), "q": t(), "axis": 1}),
    ("linspace", {"start": t(None, 3), "stop": t(3), "num": 5, "axis": -1}),
    ("diagonal", {"x": t(None, 3, 3, 2), "axis1": 1, "axis2": 2}),
    ("segment_sum", {"data": t(6, 3), "segment_ids": t(6, dtype="int32"), "num_segments": 4}),
]


@pytest.mark.oracle
@pytest.mark.parametrize(("name", "arguments"), SEEN, ids=[f"{number}-{name}" for number, (name, _) in enumerate(SEEN)])
def test_what_an_output_depends_on_is_seen(name: str, arguments: dict[str, Any]) -> None:
    assert overlooked(name, arguments) == []


@pytest.mark.parametrize("name", sorted(seeds()))
def test_the_rule_on_names_is_the_rule_on_numbers(name: str) -> None:
    """Without values a name may ask for more than its number gives, or not answer; what it says has to be right."""
    for call in seeds()[name]:
        if mine(name, call) == "refused":
            continue
        layer, operands = bound(name, call)
        assert numbers_and_names(layer, operands, carried=True) == []
        if any(1 in tensor.shape for value in call.values() for tensor in tensors(value)):
            continue  # a name that stands for 1 is taken for one that does not
        found = numbers_and_names(layer, operands, carried=False)
        assert not found or "must hold" in found[0], (call, found)


@pytest.mark.parametrize(
    ("spec", "shape"),
    [
        ("Input(5,3) > ops.multiply(0.5)", (UNKNOWN, 5, 3)),
        ("Input(5,3) > ops.subtract(x1=1.0)", (UNKNOWN, 5, 3)),
        ("Input(5,3) > ops.take(0, axis=1)", (UNKNOWN, 3)),
        ("Input(5,3) > ops.take([0, 2], 1)", (UNKNOWN, 2, 3)),
        ("Input(5,3) > ops.quantile([0.1, 0.5], 1)", (2, UNKNOWN, 3)),
        ("Input() > ops.full((2, 3))", (2, 3)),
        ("a = Input(5,3); b = Input(5,3); (a, b) > ops.where(0.0)", (UNKNOWN, 5, 3)),
        ("a = Input(5,3); b = Input(5,1); a > ops.where(x2=0.0, x1=b)", (UNKNOWN, 5, 3)),
        ("a = Input(5,3); b = Input(3); (a, b) > ops.einsum('bij,bj->bi')", (UNKNOWN, 5)),
        ("Input(shape=(12,), batch_size=2) > ops.rearrange('b (h w) -> w b h', h=3)", (4, 2, 3)),
    ],
)
def test_literal_operands_in_a_spec(spec: str, shape: tuple[Any, ...]) -> None:
    summary = Network(read_spec(spec)).summary()
    assert summary.class_name == "Functional"
    assert summary.layers[-1].output_shapes == (shape,)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("Input(5) > ops.multiply(0.5, 3)", "Multiply takes at most one argument, but gets 2"),
        ("Input(5) > ops.multiply(x1=0.5, x2=1)", "Multiply gets x1 twice, by position and by name"),
        ("Input(5) > ops.multiply(x3=1)", "Multiply has no argument x3"),
        ("Input(5) > ops.multiply([1, 2, 3, 4, 5])", r"Multiply takes tensors and numbers, not \[1, 2, 3, 4, 5\]"),
        ("Input(5,3) > TD(ops.relu())", "has to be a layer; Relu is an operation"),
        ("(Input(5), Input(5), Input(5)) > ops.map", "needs a function as f|takes at most 2 inputs"),
    ],
)
def test_wrong_operands_in_a_spec(spec: str, message: str) -> None:
    wrong = [found.message for found in Network(read_spec(spec)).diagnostics if found.severity == "error"]
    assert re.search(message, wrong[0])


def test_operations_inside_others_take_numbers() -> None:
    """Keras asks a DepthwiseConv what a SeparableConv gives, which takes its name."""
    text = "a = Input(5,5,3); k = Input(shape=(2,3,2), batch_size=3); p = Input(shape=(1,3,2), batch_size=3)"
    names = [
        row.name
        for row in Network(
            read_spec(f"{text}; x = (a, k, p) > ops.separable_conv; y = (a, k) > ops.depthwise_conv; (x, y)")
        )
        .summary()
        .layers
    ]
    assert names[-1] == "depthwise_conv_1"


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


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("ops.reshape(newshape=w)", (UNKNOWN,) * 4),
        ("ops.reshape(newshape=x)", (UNKNOWN,)),
        ("ops.reshape(newshape=(3,w))", (3, UNKNOWN)),
        ("ops.stft(4, 1, 4, window=w)", (UNKNOWN, 3, 4, 3)),
    ],
)
def test_a_tensor_that_keras_gives_to_the_constructor(call: str, shape: tuple[Any, ...]) -> None:
    """Keras builds it and does not wire the tensor: it cannot run, and nothing can save it."""
    network = Network(read_spec(f"x = Input(3,3); w = Input(batch_size=4, shape=()); x > {call}"))
    row = network.summary().layers[-1]
    assert row.output_shapes[0] == shape
    assert row.calls[0].sources == (("input_layer", 0, 0),)
    assert any("fails when it runs" in found.message for found in network.diagnostics)
    for target in ("spec", "keras_json", "keras_python", "torch"):
        with pytest.raises(SeqshapeError, match="gets a tensor as"):
            import_module(f"seqshape.exporters.{target}").write(network)


def test_a_tensor_for_another_argument_is_refused() -> None:
    """Whatever else an operation is constructed with, no tensor stands for it."""
    for name, kind in operations().items():
        for parameter in kind.parameters:
            if name in CLASS_ONLY or KINDS[parameter.kind or ""].tensors:
                continue
            network = Network(read_spec(f"x = Input(3,3); x > ops.{name}({parameter.name}=x)"))
            assert any(found.severity == "error" for found in network.diagnostics), (name, parameter.name)


@pytest.mark.parametrize("order", ["'a'", "0", "2.5"])
def test_an_order_that_keras_looks_at_when_it_runs(order: str) -> None:
    network = Network(read_spec(f"Input(3,3) > ops.normalize(order={order})"))
    assert [found.code for found in network.diagnostics] == ["W301"]
