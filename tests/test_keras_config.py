"""The config JSON of Keras 2 and Keras 3: what test_facts.py does not have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seqshape.answers import analyse
from seqshape.dims import UNKNOWN
from seqshape.readers.keras2 import TENSORFLOW
from seqshape.summary import Summary
from tests.oracle.files import load

KERAS2 = {record["id"]: record for record in load("files") if record["id"].startswith("keras2") and "config" in record}


def old(class_name: str, name: str, *nodes: Any, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "name": name, "config": {"name": name} | config, "inbound_nodes": list(nodes)}


def model(*layers: dict[str, Any], outputs: Any = None, version: str = "2.3.1") -> Summary:
    """A model of Keras 2 with the input ``x``."""
    x = old("InputLayer", "x", batch_input_shape=[None, 6, 8], dtype="float32")
    config = {"name": "m", "layers": [x, *layers], "input_layers": [["x", 0, 0]]}
    config["output_layers"] = outputs or [[layers[-1]["name"], 0, 0]]
    summary = analyse(
        {"class_name": "Model", "config": config, "keras_version": version, "backend": "tensorflow"}
    ).summary()
    assert not [found for found in summary.diagnostics if found.severity == "error"], summary.diagnostics
    return summary


def last(summary: Summary) -> list[Any]:
    shape = summary.layers[-1].output_shapes[-1]
    assert shape is not None
    return [None if dim is UNKNOWN else dim for dim in shape]


def function(name: str, *, first: Any = ("x", 0, 0), **keywords: Any) -> Summary:
    kind = "SlicingOpLambda" if name.endswith("getitem") else "TFOpLambda"
    return model(old(kind, "f", [*first, keywords | {"name": None}], function=name))


SLICE = {"start": None, "stop": None, "step": None}


@pytest.mark.parametrize(
    ("name", "keywords", "shape"),
    [
        ("math.add", {"y": ["x", 0, 0]}, [None, 6, 8]),
        ("math.multiply", {"y": 2.0}, [None, 6, 8]),
        ("nn.relu", {}, [None, 6, 8]),
        ("reshape", {"shape": [-1, 48]}, [None, 48]),
        ("transpose", {"perm": [0, 2, 1]}, [None, 8, 6]),
        ("expand_dims", {"axis": 1}, [None, 1, 6, 8]),
        ("math.reduce_mean", {"axis": 1}, [None, 8]),
        ("math.reduce_sum", {"axis": [1, 2], "keepdims": True}, [None, 1, 1]),
        ("linalg.matmul", {"b": ["x", 0, 0], "transpose_b": False}, None),
        ("__operators__.getitem", {"slice_spec": [SLICE, 0]}, [None, 8]),
        ("__operators__.getitem", {"slice_spec": [{"class_name": "__ellipsis__"}, None]}, [None, 6, 8, 1]),
        ("__operators__.getitem", {"slice_spec": [SLICE, {"start": 1, "stop": 5, "step": 2}]}, [None, 2, 8]),
        ("tile", {"multiples": [1, 3, 1]}, [None, 18, 8]),
        ("split", {"num_or_size_splits": 2, "axis": -1}, [None, 6, 4]),
        ("cast", {"dtype": "float16"}, [None, 6, 8]),
        ("clip_by_value", {"clip_value_min": -1.0, "clip_value_max": 1.0}, [None, 6, 8]),
        ("compat.v1.gather", {"indices": [0, 2], "axis": 1, "batch_dims": 0}, [None, 2, 8]),
        ("compat.v1.pad", {"paddings": [[0, 0], [1, 1], [0, 0]], "mode": "CONSTANT"}, [None, 8, 8]),
    ],
)
def test_functions_of_tensorflow(name: str, keywords: Any, shape: Any) -> None:
    if shape is None:  # (6, 8) by (6, 8) do not fit
        with pytest.raises(AssertionError, match="needs equal"):
            function(name, **keywords)
        return
    summary = function(name, **keywords)
    assert last(summary) == shape
    assert summary.layers[-1].class_name in ("TFOpLambda", "SlicingOpLambda")


def test_every_function_is_an_operation() -> None:
    from seqshape.registry import operations

    assert {known.operation for known in TENSORFLOW.values()} <= set(operations())


def test_number_before_a_tensor() -> None:
    assert last(function("math.subtract", first=("_CONSTANT_VALUE", -1, 3.0), y=["x", 0, 0])) == [None, 6, 8]


def test_tensors_in_a_list() -> None:
    summary = model(old("TFOpLambda", "f", [["x", 0, 0, {"axis": 1}], ["x", 0, 0, {"axis": 1}]], function="concat"))
    assert last(summary) == [None, 12, 8]


def test_unknown_function() -> None:
    """Nothing is known of what it gives, nor of what follows; that is no error."""
    summary = model(
        old("TFOpLambda", "f", ["x", 0, 0, {}], function="my.function"), old("Dense", "d", [["f", 0, 0, {}]], units=3)
    )
    assert [row.output_shapes for row in summary.layers[1:]] == [(None,), (None,)]
    assert [row.faulty for row in summary.layers] == [False] * 3
    assert summary.totals.at_least


def graph_node(op: str, constants: dict[str, Any], *inputs: str, **attributes: Any) -> Summary:
    definition = {"name": "op", "op": op, "attr": attributes}
    node = [[name, 0, 0, {}] for name in inputs or ("x",)]
    return model(old("TensorFlowOpLayer", "op", node, node_def=definition, constants=constants))


@pytest.mark.parametrize(
    ("op", "constants", "attributes", "shape"),
    [
        ("AddV2", {"1": 2.0}, {}, [None, 6, 8]),
        ("Sub", {"0": 1.0}, {}, [None, 6, 8]),
        ("Relu", {}, {}, [None, 6, 8]),
        ("Mean", {"1": [1]}, {"keep_dims": {"b": True}}, [None, 1, 8]),
        ("Mean", {"1": 1}, {}, [None, 8]),
        ("Reshape", {"1": [-1, 48]}, {}, [None, 48]),
        ("Transpose", {"1": [0, 2, 1]}, {}, [None, 8, 6]),
        (
            "StridedSlice",
            {"1": [0, -1], "2": [0, 0], "3": [1, 1]},
            {"begin_mask": {"i": "1"}, "end_mask": {"i": "1"}, "shrink_axis_mask": {"i": "2"}},
            [None, 8],
        ),
    ],
)
def test_nodes_of_graphs(op: str, constants: Any, attributes: Any, shape: Any) -> None:
    summary = graph_node(op, constants, **attributes)
    assert last(summary) == shape
    assert summary.layers[-1].class_name == "TensorFlowOpLayer"


def test_node_that_joins() -> None:
    assert last(graph_node("ConcatV2", {"2": -1}, "x", "x")) == [None, 6, 16]


@pytest.mark.parametrize(
    ("class_name", "config", "params"),
    [
        ("LSTMV1", {"units": 4}, 208),
        ("GRU", {"units": 4}, 156),
        ("GRU", {"units": 4, "reset_after": True}, 168),
        ("BatchNormalizationV1", {"axis": [2]}, 32),
        ("SyncBatchNormalization", {"axis": [-1]}, 32),
        ("CuDNNLSTM", {"units": 4}, 224),
        ("CuDNNGRU", {"units": 4}, 168),
    ],
)
def test_old_classes(class_name: str, config: Any, params: int) -> None:
    """The row keeps the name that the file gives the class."""
    row = model(old(class_name, "l", [["x", 0, 0, {}]], **config)).layers[-1]
    assert (row.class_name, row.params) == (class_name, params)


@pytest.mark.parametrize("first", [0, 1])
def test_calls_of_a_nested_model(first: int) -> None:
    """Keras 2 counts the construction of a model as its first call where it had an input; either way is read."""
    inner = old("Sequential", "inner", [["x", 0, 0, {}]], [["y", 0, 0, {}]])
    inner["config"] = {"name": "inner", "layers": [{"class_name": "Dense", "config": {"name": "d", "units": 2}}]}
    both = [["inner", first, 0, {}], ["inner", first + 1, 0, {}]]
    summary = model(
        old("Activation", "y", [["x", 0, 0, {}]], activation="tanh"), inner, old("Concatenate", "join", both)
    )
    join = next(row for row in summary.layers if row.name == "join")
    assert join.calls[0].sources == (("inner", 0, 0), ("inner", 1, 0))


def test_states_in_the_list_of_inputs() -> None:
    states = old("LSTM", "a", [["x", 0, 0, {}]], units=3, return_state=True)
    more = old("LSTM", "b", [["x", 0, 0, {}], ["a", 0, 1, {}], ["a", 0, 2, {}]], units=3)
    assert [row.params for row in model(states, more).layers] == [0, 144, 144]


def test_sequential_of_keras_1() -> None:
    """Its config is the list of layers, and the first says the shape of the input."""
    layers = [{"class_name": "Dense", "config": {"units": 4, "batch_input_shape": [None, 7]}}]
    summary = analyse({"class_name": "Sequential", "config": layers}).summary()
    assert (summary.inputs[0].shape, summary.totals.params) == ((UNKNOWN, 7), 32)


@pytest.mark.parametrize("name", KERAS2)
def test_to_json(name: str) -> None:
    """What tf-keras wrote to an archive, given as text."""
    text = KERAS2[name]["config"]
    assert analyse(json.dumps(json.loads(text))).summary().layers == analyse(json.loads(text)).summary().layers


def test_custom_activation() -> None:
    """A function of the user's is known by its name only; it is taken to keep the shape."""
    function = {"module": "mine", "class_name": "function", "config": "mine>wavy", "registered_name": "mine>wavy"}
    layers = [{"class_name": "Dense", "config": {"units": 4, "batch_input_shape": [None, 7], "activation": function}}]
    summary = analyse({"class_name": "Sequential", "config": layers}).summary()
    assert (last(summary), summary.totals.params) == ([None, 4], 32)
    assert any("wavy" in found.message for found in summary.diagnostics)


@pytest.mark.oracle
@pytest.mark.parametrize("mode", ["int8", "int4", "float8", "int4/8", "lora"])
def test_quantized_models(mode: str) -> None:
    from tests.oracle.keras_oracle import keras, session

    layers = keras.layers
    rank = {"lora_rank": 2} if mode == "lora" else {}
    with session():
        made = keras.Sequential(
            [
                keras.Input((10,)),
                layers.Embedding(50, 17, **rank),
                layers.Dense(33, **rank),
                layers.EinsumDense("abc,cd->abd", (None, 24), bias_axes="d", **rank),
                layers.EinsumDense("abc,cde->abde", (None, 3, 5)),
                layers.EinsumDense("abde,def->abf", (None, 24)),
            ]
        )
        if mode == "int4/8":
            made.quantize(config=keras.quantizers.Int4QuantizationConfig(block_size=8))
        elif mode != "lora":
            made.quantize(mode)
        agree(made)


@pytest.mark.oracle
@pytest.mark.parametrize(
    "policy",
    [
        "int8_from_mixed_bfloat16",
        "int4/16_from_float32",
        "gptq/4/8_from_float32",
        "gptq/8/-1_from_float32",
        "awq/4/8_from_float32",
    ],
)
def test_quantized_policies(policy: str) -> None:
    from tests.oracle.keras_oracle import keras, session

    layers = keras.layers
    with session():
        quantized = [
            layers.Dense(33, dtype=policy),
            layers.EinsumDense("abc,cd->abd", (None, 24), bias_axes="d", dtype=policy),
            layers.EinsumDense("abc,cde->abde", (None, 3, 5), dtype=policy),
        ]
        if policy.startswith("int"):
            quantized.append(layers.Flatten())
            quantized.append(layers.ReversibleEmbedding(50, 9, tie_weights=False, dtype=policy))
        agree(keras.Sequential([keras.Input((10, 16)), *quantized]))


def agree(made: Any) -> None:
    """Every weight of a model is Keras's: name, shape, dtype, and whether it is trained."""
    from tests.oracle.keras_oracle import keras

    read_back = keras.models.model_from_json(made.to_json())
    summary = analyse(json.loads(made.to_json())).summary()
    for row, layer in zip(summary.layers, read_back.layers, strict=True):
        mine = {(weight.path.split("/")[-1], weight.shape, weight.dtype, weight.trainable) for weight in row.weights}
        theirs = {
            (weight.name, tuple(weight.shape), str(weight.dtype), bool(weight.trainable)) for weight in layer.weights
        }
        assert mine == theirs, row.name
    assert summary.totals.params == made.count_params()


def new(
    class_name: str, name: str, source: str | None = None, module: str = "keras.layers", **config: Any
) -> dict[str, Any]:
    """A layer of Keras 3, called on the first output of another one."""
    tensor = {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 6], "dtype": "int32", "keras_history": [source, 0, 0]},
    }
    nodes = [{"args": [tensor], "kwargs": {}}] if source is not None else []
    entry = {"module": module, "class_name": class_name, "name": name, "config": {"name": name} | config}
    return entry | {"registered_name": None, "inbound_nodes": nodes}


def new_model(*layers: dict[str, Any]) -> Summary:
    config = {"name": "m", "layers": list(layers), "input_layers": [[layers[0]["name"], 0, 0]]}
    config["output_layers"] = [[layers[-1]["name"], 0, 0]]
    summary = analyse({"module": "keras", "class_name": "Functional", "config": config}).summary()
    assert not [found for found in summary.diagnostics if found.severity == "error"], summary.diagnostics
    return summary


def test_an_adapted_discretization_counts_the_boundaries_that_it_found() -> None:
    x = new("InputLayer", "x", batch_shape=[None, 6], dtype="float32")
    bins = new("Discretization", "bins", "x", bin_boundaries=[0.1, 0.3, 0.5], num_bins=9, output_mode="one_hot")
    assert last(new_model(x, bins)) == [None, 6, 4]


def test_the_mask_of_a_call_is_not_the_mask_of_a_lambda() -> None:
    x = new("InputLayer", "x", batch_shape=[None, 6], dtype="int32")
    embedding = new("Embedding", "e", "x", input_dim=9, output_dim=4, mask_zero=True)
    function = {"class_name": "__lambda__", "config": {"code": "", "defaults": None, "closure": None}}
    doubled = new("Lambda", "f", "e", function=function, output_shape=[6, 4], mask=None)
    mask = {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 6], "dtype": "bool", "keras_history": ["n", 0, 0]},
    }
    doubled["inbound_nodes"][0]["kwargs"] = {"mask": mask}
    not_equal = new("NotEqual", "n", "x", "keras.src.ops.numpy")
    not_equal["inbound_nodes"][0]["args"].append(0)
    assert last(new_model(x, embedding, not_equal, doubled)) == [None, 6, 4]


# --- trainable, as Keras 3.15 loads it --------------------------------------------------------------------------------


def frozen(kind: str, flag: object, inside: dict[str, Any] | None = None, name: str = "o") -> dict[str, Any]:
    """A Functional or a Sequential of a Dense(3) on 3 features, then a model inside; ``flag`` is its own trainable."""

    def node(source: str) -> list[Any]:
        history = {"shape": [None, 3], "dtype": "float32", "keras_history": [source, 0, 0]}
        return [{"args": [{"class_name": "__keras_tensor__", "config": history}], "kwargs": {}}]

    start = {
        "class_name": "InputLayer",
        "config": {"batch_shape": [None, 3], "name": f"{name}_x"},
        "module": "keras.layers",
    }
    dense = {"class_name": "Dense", "config": {"units": 3, "name": f"{name}_d"}, "module": "keras.layers"}
    layers = [start, dense, *([inside] if inside is not None else [])]
    config: dict[str, Any] = {"name": name, "trainable": flag, "layers": layers}
    if kind == "Functional":
        named = [f"{name}_x", f"{name}_d", *([inside["config"]["name"]] if inside is not None else [])]
        inbound = [[], *(node(source) for source in named)]
        is_model = inside is not None and inside["class_name"] == "Functional"  # its construction is its first call
        config["layers"] = [
            one | {"name": own, "inbound_nodes": nodes} for one, own, nodes in zip(layers, named, inbound, strict=False)
        ]
        config |= {"input_layers": [named[0], 0, 0], "output_layers": [named[-1], int(is_model), 0]}
    return {"class_name": kind, "config": config, "module": "keras"}


@pytest.mark.parametrize("inside", [None, "Functional", "Sequential"])
@pytest.mark.parametrize("inner", [True, False])
@pytest.mark.parametrize("flag", [True, False, None])
@pytest.mark.parametrize("kind", ["Functional", "Sequential"])
def test_models_that_say_they_are_not_trainable(kind: str, flag: object, inner: bool, inside: str | None) -> None:
    """A Functional that is the whole model trains nothing then; Keras forgets the flag of a Sequential, and counts what a
    model inside has as trained, whose row alone says that it is not."""
    held = None if inside is None else frozen(inside, inner, name="i")
    summary = analyse(frozen(kind, flag, held)).summary()
    total = 12 if inside is None else 24
    trained = 0 if kind == "Functional" and flag is False else total
    assert (summary.totals.params, summary.totals.trainable_params) == (total, trained)
    if inside is not None:
        assert summary.layers[-1].trainable is (inner or inside == "Sequential")


@pytest.mark.parametrize("version", ["1.2.2", "2.3.1", "2.15.0", "tfjs-layers 3.9.0"])
def test_a_name_with_a_slash(version: str) -> None:
    """Keras 2 took it; Keras 3 refuses it."""
    summary = model(old("Dense", "a/b", [["x", 0, 0, {}]], units=3), version=version)
    assert [(row.name, row.params) for row in summary.layers if row.params] == [("a/b", 27)]
    with pytest.raises(AssertionError, match="string without /"):
        model(old("Dense", "a/b", [["x", 0, 0, {}]], units=3), version="3.1.0")


@pytest.mark.parametrize("version", ["2.3.1", "2.15.0"])
def test_whole_floats_are_sizes_in_files_of_keras_2(version: str) -> None:
    pooled = model(old("AveragePooling1D", "p", [["x", 0, 0, {}]], pool_size=[3.0], strides=[3.0]), version=version)
    assert last(pooled) == [None, 2, 8]
    for wrong in (2.5, float("nan"), float("inf")):
        with pytest.raises(AssertionError, match="pool_size"):
            model(old("AveragePooling1D", "p", [["x", 0, 0, {}]], pool_size=[wrong]), version=version)
