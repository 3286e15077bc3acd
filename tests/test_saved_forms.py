"""Saved forms: a config inside other JSON, as YAML, of Keras 1. Each is the same network as the config alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seqshape.answers import analyse
from seqshape.api import convert
from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.dims import UNKNOWN
from seqshape.readers import yaml_text
from seqshape.readers.keras1 import KEPT, MERGES, ONLY, RENAMED
from seqshape.readers.keras_source.face import Text
from seqshape.summary import Summary
from tests.oracle.files import load

RECORDS = {record["id"]: json.loads(record["config"]) for record in load("files") if "config" in record}
KERAS2 = [config for name, config in RECORDS.items() if name.startswith("keras2")]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def refused(source: Any) -> Diagnostic:
    with pytest.raises(SeqshapeError) as error:
        analyse(source)
    assert len(error.value.diagnostics) == 1
    return error.value.diagnostics[0]


def told(summary: Summary) -> Any:
    """What is told of the network itself, without where it stands."""
    return summary.layers, summary.totals, summary.inputs, summary.outputs, [one.code for one in summary.diagnostics]


def same(source: Any, config: Any) -> None:
    assert told(analyse(source).summary()) == told(analyse(config).summary())


# --- a config without its class ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, config in RECORDS.items() if "layers" in (config.get("config") or {})])
def test_what_get_config_gives_is_the_model_without_its_class(name: str) -> None:
    """``json.dump(model.get_config(), file)``: the class shows in what is in it."""
    config = RECORDS[name]
    if config["class_name"] in ("Sequential", "Functional", "Model"):
        same({**config["config"], "keras_version": config.get("keras_version")}, config)


def test_a_list_of_layers_is_a_sequential(tmp_path: Path) -> None:
    """What ``get_config`` of a Sequential of Keras 1 gives; a fault has its place in the list."""
    text = '[{"class_name": "Dense", "config": {"name": "a", "units": 3, "batch_input_shape": [null, 4]}}]'
    assert analyse(written(tmp_path / "list.json", text)).summary().totals.params == 15
    wrong = analyse(written(tmp_path / "wrong.json", text.replace("3", "-3"))).diagnostics
    assert [one.labels[0].span.pointer for one in wrong if one.severity == "error"] == ["/0/config/units"]


# --- a config inside other JSON ----------------------------------------------------------------------------------------

WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "model_config": lambda config: {"model_config": config},
    "model_config and version": lambda config: {"keras_version": "2.4.0", "backend": "x", "model_config": config},
    "architecture": lambda config: {
        "architecture": config,
        "image_data_format": "channels_last",
        "trainable_params": {},
    },
    "text": json.dumps,
    "topology": lambda config: {"format": "layers-model", "modelTopology": config, "weightsManifest": []},
    "topology without a manifest": lambda config: {"modelTopology": {"model_config": config}},
    "topology as a text": lambda config: {"modelTopology": json.dumps(config), "weightsManifest": []},
}


@pytest.mark.parametrize("outer", WRAPPERS)
@pytest.mark.parametrize("inner", ["none", *WRAPPERS])
def test_a_wrapped_config_is_the_config(outer: str, inner: str, tmp_path: Path) -> None:
    for number, config in enumerate(KERAS2[:12]):
        data = WRAPPERS[outer](config if inner == "none" else WRAPPERS[inner](config))
        same(written(tmp_path / f"{number}.json", json.dumps(data)), config)
        same(json.dumps(data), config)
        if isinstance(data, dict):
            same(data, config)


FAULTY = {
    "class_name": "Sequential",
    "config": {
        "name": "s",
        "layers": [{"class_name": "Dense", "config": {"units": -1, "batch_input_shape": [None, 3]}}],
    },
}


def at(data: Any, pointer: str) -> Any:
    """What a pointer leads to; a text on the way is JSON again."""
    for step in pointer.split("/")[1:]:
        while isinstance(data, str):
            data = json.loads(data)
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


@pytest.mark.parametrize("outer", WRAPPERS)
@pytest.mark.parametrize("inner", ["none", *WRAPPERS])
def test_pointers_lead_into_the_file(outer: str, inner: str) -> None:
    data = WRAPPERS[outer](FAULTY if inner == "none" else WRAPPERS[inner](FAULTY))
    (found,) = [one for one in analyse(json.dumps(data)).diagnostics if one.severity == "error"]
    assert at(data, str(found.labels[0].span.pointer)) == -1


def test_what_names_a_class_is_never_unwrapped() -> None:
    assert refused({"class_name": "Sequential", "model_config": KERAS2[0]}).message == "config is missing"


def test_wrappers_without_end() -> None:
    data: Any = KERAS2[0]
    for _ in range(50):
        data = {"model_config": data}
    assert refused(data).code == "E401"
    for _ in range(12):
        data = json.dumps(KERAS2[0] if not isinstance(data, str) else data)
    assert refused(data).code in ("E401", "E402")


# --- TensorFlow.js -----------------------------------------------------------------------------------------------------


def layers_model(layers: list[Any], weights: list[Any]) -> dict[str, Any]:
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": layers}}
    return {
        "format": "layers-model",
        "modelTopology": {"keras_version": "2.4.0", "model_config": config},
        "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": weights}],
    }


MINE = {"class_name": "Mine", "config": {"name": "mine", "batch_input_shape": [None, 3]}}


def weight(name: str, *shape: int) -> dict[str, Any]:
    return {"name": name, "shape": list(shape), "dtype": "float32"}


@pytest.mark.parametrize("prefix", ["mine/", "s/mine/", "mine/mine/inner/"])
def test_the_manifest_settles_a_custom_layer(prefix: str) -> None:
    weights = [weight(f"{prefix}kernel", 3, 4), weight(f"{prefix}bias", 4), weight("dense/kernel", 9, 9)]
    summary = analyse(layers_model([MINE, layer("Dense", name="dense", units=9)], weights)).summary()
    assert [row.params for row in summary.layers] == [16, 81]
    assert not any("belong to no layer" in one.message for one in summary.diagnostics)


def test_weights_of_the_manifest_that_no_layer_has() -> None:
    summary = analyse(layers_model([MINE], [weight("mine/kernel", 3), weight("other/kernel", 5)])).summary()
    assert summary.totals.params == 3
    assert summary.totals.unplaced
    assert any("other/kernel" in one.message for one in summary.diagnostics)


def test_an_inner_layer_names_its_outer_one() -> None:
    outer = {"class_name": "Mine", "config": {"name": "mine", "layer": layer("Dense", name="inner", units=4)}}
    summary = analyse(layers_model([outer], [weight("inner/kernel", 3, 4)]), (3,)).summary()
    assert [row.params for row in summary.layers] == [12]


@pytest.mark.parametrize("topology", [{"node": [], "library": {}}, {"node": [{"name": "x", "op": "Const"}]}])
def test_a_graph_model_is_told_apart(topology: Any) -> None:
    weights = [{"paths": [], "weights": [weight("a", 1000, 2), weight("b", 3)]}]
    for data in (
        {"format": "graph-model", "modelTopology": topology, "weightsManifest": weights},
        {"modelTopology": topology, "weightsManifest": weights},
    ):
        assert "graph-model" in refused(data).message
        assert "2 weights of 2,003 numbers" in refused(data).message
    assert "no list of its weights" in refused({"modelTopology": topology}).message


@pytest.mark.parametrize(
    ("manifest", "pointer"),
    [
        ([3], "/weightsManifest/0"),
        ([{}], "/weightsManifest/0"),
        ([{"weights": {}}], "/weightsManifest/0/weights"),
        ([{"weights": [4]}], "/weightsManifest/0/weights/0"),
        ([{"weights": [{"name": 3}]}], "/weightsManifest/0/weights/0/name"),
        ([{"weights": [{"name": "a"}]}], "/weightsManifest/0/weights/0"),
        *(
            ([{"weights": [{"name": "a", "shape": shape}]}], "/weightsManifest/0/weights/0/shape")
            for shape in (["3"], [None], [-1], [2.5], [True], [10**19], [2**40, 2**40], 3, float("nan"))
        ),
    ],
)
def test_a_manifest_that_is_none(manifest: Any, pointer: str) -> None:
    found = refused(layers_model([MINE], []) | {"weightsManifest": manifest})
    assert (found.code, found.labels[0].span.pointer) == ("E401", pointer)


# --- YAML --------------------------------------------------------------------------------------------------------------


class Tuples(yaml.SafeDumper):
    """Writes as Keras did: tuples with their tag, lists that TensorFlow has wrapped as calls of their class."""


WRAPPED = "tag:yaml.org,2002:python/object/apply:tensorflow.python.training.tracking.data_structures.ListWrapper"


class Wrapped(list[Any]):
    """A list as TensorFlow tracks it."""


Tuples.add_representer(tuple, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:python/tuple", data))
Tuples.add_representer(Wrapped, lambda dumper, data: dumper.represent_sequence(WRAPPED, [list(data)]))


def tagged(data: Any, kind: type[Any]) -> Any:
    """The data with every list of plain values as another kind of list."""
    if isinstance(data, dict):
        return {key: tagged(item, kind) for key, item in data.items()}
    if isinstance(data, list):
        plain = data and not any(isinstance(item, (dict, list)) for item in data)
        return kind(data) if plain else [tagged(item, kind) for item in data]
    return data


@pytest.mark.parametrize("kind", [list, tuple, Wrapped])
@pytest.mark.parametrize("flow", [None, True, False])
def test_a_config_in_yaml_is_the_config(kind: type[Any], flow: bool | None, tmp_path: Path) -> None:
    for number, config in enumerate(KERAS2):
        text = yaml.dump(tagged(config, kind), Dumper=Tuples, default_flow_style=flow)
        same(written(tmp_path / f"{number}.yaml", text), config)


def test_yaml_without_a_file() -> None:
    text = yaml.dump(tagged(KERAS2[0], tuple), Dumper=Tuples)
    same(text, KERAS2[0])
    same(f"---\n{text}", KERAS2[0])


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("[1, 0x10, 1.5, .inf, true, null, ~, 'a', 1_000]", [1, 16, 1.5, float("inf"), True, None, None, "a", 1000]),
        ("!!python/tuple [1, 2]", [1, 2]),
        ("!!python/object/apply:a.ListWrapper\n- - 1\n  - 2", [1, 2]),
        ("!!python/object/apply:a.ListWrapper [[]]", []),
        ("!!python/object/new:a.ListWrapper\nargs: []\nlistitems: [3, 4]\nstate: {x: 1}", [3, 4]),
        ("!!python/object/new:a.Wrapper\nargs: [[5]]\nstate: {x: 1}", [5]),
        ("!!python/object/new:a.D\ndictitems: {a: 1}", {"a": 1}),
        ("!!python/object/apply:a.Dimension [3]", 3),
        ("[!!python/unicode 'a', !!python/str b, !!python/long 3, !!python/none '']", ["a", "b", 3, None]),
        ("!!python/name:keras.activations.relu ''", "keras.activations.relu"),
        ("!!python/object/apply:os.system ['touch /tmp/x']", "touch /tmp/x"),
        ("{a: &x [1, 2], b: *x}", {"a": [1, 2], "b": [1, 2]}),
        ("{1: a, null: b}", {"1": "a", "None": "b"}),
        ("{a: 1, a: 2}", {"a": 2}),
        ("!!int x", "x"),
        ("a: 2001-12-14", {"a": "2001-12-14"}),
        ("!!binary aGk=", "aGk="),
    ],
)
def test_what_yaml_holds(text: str, data: Any) -> None:
    assert yaml_text.load_yaml(text, None) == data


def test_an_alias_is_shared_not_copied() -> None:
    data = yaml_text.load_yaml("{a: &x [1, 2], b: *x}", None)
    assert data["a"] is data["b"]


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, levels)]
    return "\n".join(lines)


HOSTILE = {
    "aliases of aliases": f"class_name: Sequential\n{bomb(9)}",
    "an alias inside what it names": "class_name: &a [*a]",
    "an alias of nothing": "class_name: *nothing",
    "deep": "class_name: " + "[" * 5000 + "]" * 5000,
    "deep, in blocks": "\n".join(f"{' ' * level}a:" for level in range(3000)),
    "not closed": "class_name: [1, 2",
    "no YAML": "class_name: a: b",
    "several documents": "class_name: a\n---\nclass_name: b",
    "a number of a million digits": f"class_name: {'9' * 10**6}",
    "a control character": "class_name: \x07",
    "a tag of nothing": "class_name: !<> x",
    "a key that is a list": "class_name: {[1]: 2}",
    "not a number": "{class_name: Sequential, config: {layers: [{class_name: Dense, config: {units: .nan}}]}}",
    "a handle that is not declared": "class_name: !a!b x",
    "a list": "--- [1, 2]",
    "a document without a value": "---",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_yaml(case: str, tmp_path: Path) -> None:
    path = written(tmp_path / "m.yaml", HOSTILE[case])
    assert len(faults(path)) == 1


def test_an_empty_yaml(tmp_path: Path) -> None:
    assert "empty" in refused(written(tmp_path / "m.yaml", "")).message


def test_yaml_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "MOST_ITEMS", 5)
    assert "more than 5 values" in refused("class_name: [1, 2, 3, 4, 5, 6]").message
    monkeypatch.setattr(yaml_text, "LIMIT", 5)
    assert "MiB of YAML" in refused("class_name: [1, 2, 3, 4, 5, 6]").message


def test_yaml_without_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    found = refused(written(tmp_path / "m.yaml", "class_name: a"))
    assert "not installed" in found.message
    assert found.help == "pip install 'seqshape[yaml]'"


# --- Keras 1 -----------------------------------------------------------------------------------------------------------


def layer(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


def early(*layers: dict[str, Any], shape: Any = (None, 8, 8, 3), version: str | None = "1.2.2") -> dict[str, Any]:
    """A Sequential as Keras 1 writes it; the first layer says the shape."""
    first = {**layers[0], "config": {"batch_input_shape": list(shape), "input_dtype": "float32", **layers[0]["config"]}}
    data = {"class_name": "Sequential", "config": [first, *layers[1:]]}
    return data if version is None else data | {"keras_version": version}


CONVOLUTION = {"border_mode": "same", "bias": False, "init": "he_normal", "W_regularizer": None, "activation": "relu"}
# A layer of Keras 1, the same of Keras 3, the shape that they get.
PAIRS: list[tuple[dict[str, Any], dict[str, Any], tuple[int | None, ...]]] = [
    (
        layer("Convolution2D", nb_filter=4, nb_row=3, nb_col=2, subsample=[2, 1], dim_ordering="tf", **CONVOLUTION),
        layer(
            "Conv2D", filters=4, kernel_size=[3, 2], strides=[2, 1], padding="same", use_bias=False, activation="relu"
        ),
        (None, 8, 8, 3),
    ),
    (
        layer("Convolution2D", nb_filter=4, nb_row=3, nb_col=2, border_mode="valid", dim_ordering="th", bias=True),
        layer("Conv2D", filters=4, kernel_size=[3, 2], data_format="channels_first"),
        (None, 3, 8, 9),
    ),
    (
        layer("AtrousConvolution2D", nb_filter=4, nb_row=3, nb_col=2, atrous_rate=[2, 2], dim_ordering="tf"),
        layer("Conv2D", filters=4, kernel_size=[3, 2], dilation_rate=[2, 2]),
        (None, 8, 8, 3),
    ),
    (
        layer("SeparableConvolution2D", nb_filter=4, nb_row=3, nb_col=2, depth_multiplier=2, depthwise_init="uniform"),
        layer("SeparableConv2D", filters=4, kernel_size=[3, 2], depth_multiplier=2),
        (None, 8, 8, 3),
    ),
    (
        layer("Convolution3D", nb_filter=4, kernel_dim1=3, kernel_dim2=2, kernel_dim3=1, dim_ordering="tf", bias=True),
        layer("Conv3D", filters=4, kernel_size=[3, 2, 1]),
        (None, 5, 6, 7, 3),
    ),
    (
        layer(
            "Convolution1D", nb_filter=4, filter_length=3, subsample_length=2, input_dim=3, input_length=9, bias=True
        ),
        layer("Conv1D", filters=4, kernel_size=3, strides=2),
        (None, 9, 3),
    ),
    (
        layer("AtrousConvolution1D", nb_filter=4, filter_length=3, atrous_rate=2, border_mode="same"),
        layer("Conv1D", filters=4, kernel_size=3, dilation_rate=2, padding="same"),
        (None, 9, 3),
    ),
    (
        layer("LocallyConnected1D", nb_filter=4, filter_length=3, subsample_length=2, border_mode="valid", bias=True),
        layer("LocallyConnected1D", filters=4, kernel_size=3, strides=2),
        (None, 9, 3),
    ),
    (
        layer("LocallyConnected2D", nb_filter=4, nb_row=3, nb_col=2, dim_ordering="tf", bias=False),
        layer("LocallyConnected2D", filters=4, kernel_size=[3, 2], use_bias=False),
        (None, 8, 8, 3),
    ),
    (
        layer(
            "ConvLSTM2D", nb_filter=4, nb_row=3, nb_col=2, border_mode="same", dim_ordering="tf", inner_init="normal"
        ),
        layer("ConvLSTM2D", filters=4, kernel_size=[3, 2], padding="same"),
        (None, 5, 8, 8, 3),
    ),
    *(
        (
            layer(f"{kind}Pooling2D", pool_size=[2, 3], strides=[1, 2], border_mode="same", dim_ordering="th"),
            layer(f"{kind}Pooling2D", pool_size=[2, 3], strides=[1, 2], padding="same", data_format="channels_first"),
            (None, 3, 8, 9),
        )
        for kind in ("Max", "Average")
    ),
    *(
        (
            layer(f"{kind}Pooling3D", pool_size=[2, 3, 1], strides=None, border_mode="valid", dim_ordering="tf"),
            layer(f"{kind}Pooling3D", pool_size=[2, 3, 1]),
            (None, 5, 8, 9, 3),
        )
        for kind in ("Max", "Average")
    ),
    *(
        (
            layer(f"{kind}Pooling1D", pool_length=3, stride=2, border_mode="same"),
            layer(f"{kind}Pooling1D", pool_size=3, strides=2, padding="same"),
            (None, 9, 3),
        )
        for kind in ("Max", "Average")
    ),
    *((layer(f"Global{kind}Pooling1D"), layer(f"Global{kind}Pooling1D"), (None, 9, 3)) for kind in ("Max", "Average")),
    *(
        (
            layer(f"Global{kind}Pooling{rank}D", dim_ordering="th"),
            layer(f"Global{kind}Pooling{rank}D", data_format="channels_first"),
            (None, 3, 5, 6, 7)[: rank + 2],
        )
        for kind in ("Max", "Average")
        for rank in (2, 3)
    ),
    (layer("UpSampling1D", length=3), layer("UpSampling1D", size=3), (None, 9, 3)),
    *(
        (
            layer(f"UpSampling{rank}D", size=[2, 3, 4][:rank], dim_ordering="th"),
            layer(f"UpSampling{rank}D", size=[2, 3, 4][:rank], data_format="channels_first"),
            (None, 3, 5, 6, 7)[: rank + 2],
        )
        for rank in (2, 3)
    ),
    (layer("ZeroPadding1D", padding=2), layer("ZeroPadding1D", padding=2), (None, 9, 3)),
    (
        layer("ZeroPadding1D", padding={"left_pad": 1, "right_pad": 2}),
        layer("ZeroPadding1D", padding=[1, 2]),
        (None, 9, 3),
    ),
    (
        layer("ZeroPadding2D", padding=[1, 2], dim_ordering="th"),
        layer("ZeroPadding2D", padding=[1, 2], data_format="channels_first"),
        (None, 3, 8, 9),
    ),
    (
        layer("ZeroPadding2D", padding=[1, 2, 3, 4], dim_ordering="tf"),
        layer("ZeroPadding2D", padding=[[1, 2], [3, 4]]),
        (None, 8, 9, 3),
    ),
    (
        layer("ZeroPadding2D", padding={"top_pad": 1, "bottom_pad": 2, "left_pad": 3}, dim_ordering="tf"),
        layer("ZeroPadding2D", padding=[[1, 2], [3, 0]]),
        (None, 8, 9, 3),
    ),
    (
        layer("ZeroPadding3D", padding=[1, 2, 3], dim_ordering="tf"),
        layer("ZeroPadding3D", padding=[1, 2, 3]),
        (None, 5, 8, 9, 3),
    ),
    (layer("Cropping1D", cropping=[1, 2]), layer("Cropping1D", cropping=[1, 2]), (None, 9, 3)),
    (
        layer("Cropping2D", cropping=[[1, 2], [0, 1]], dim_ordering="th"),
        layer("Cropping2D", cropping=[[1, 2], [0, 1]], data_format="channels_first"),
        (None, 3, 8, 9),
    ),
    (
        layer("Cropping3D", cropping=[[1, 1], [0, 1], [1, 0]], dim_ordering="tf"),
        layer("Cropping3D", cropping=[[1, 1], [0, 1], [1, 0]]),
        (None, 5, 8, 9, 3),
    ),
    (
        layer("Dense", output_dim=4, input_dim=7, bias=False, W_regularizer={"name": "WeightRegularizer", "l2": 0.1}),
        layer("Dense", units=4, use_bias=False),
        (None, 7),
    ),
    (layer("Dropout", p=0.5), layer("Dropout", rate=0.5), (None, 7)),
    *(
        (layer(f"SpatialDropout{r}D", p=0.5), layer(f"SpatialDropout{r}D", rate=0.5), (None, *[4] * (r + 1)))
        for r in (1, 2, 3)
    ),
    (layer("GaussianNoise", sigma=0.5), layer("GaussianNoise", stddev=0.5), (None, 7)),
    (layer("GaussianDropout", p=0.5), layer("GaussianDropout", rate=0.5), (None, 7)),
    (layer("ActivityRegularization", l1=0.0, l2=0.1), layer("ActivityRegularization", l1=0.0, l2=0.1), (None, 7)),
    (layer("Flatten"), layer("Flatten"), (None, 7, 2)),
    (layer("PReLU", init="zero"), layer("PReLU"), (None, 7, 2)),
    (
        layer("BatchNormalization", mode=0, axis=1, beta_init="zero"),
        layer("BatchNormalization", axis=1),
        (None, 3, 8, 9),
    ),
    *(
        (
            layer(
                kind,
                output_dim=4,
                inner_init="orthogonal",
                dropout_W=0.1,
                dropout_U=0.2,
                consume_less="cpu",
                input_dim=3,
            ),
            layer(kind, units=4, dropout=0.1, recurrent_dropout=0.2, **more),
            (None, 9, 3),
        )
        for kind, more in (("LSTM", {}), ("SimpleRNN", {}), ("GRU", {"reset_after": False}))
    ),
    (
        layer("Embedding", input_dim=50, output_dim=4, input_length=9, init="uniform", dropout=0.0, W_regularizer=None),
        layer("Embedding", input_dim=50, output_dim=4),
        (None, 9),
    ),
]
# Classes without a layer of Keras 3 that is the same stand in the tests below.
NO_PAIR = {"InputLayer", "Conv1D", "Conv2D", "Conv3D", "SeparableConv2D", "AtrousConv1D", "AtrousConv2D"}


def test_every_class_has_a_pair() -> None:
    assert {early["class_name"] for early, _, _ in PAIRS} == {*RENAMED, *KEPT} - NO_PAIR


@pytest.mark.parametrize("version", ["1.2.2", None, "2.0.1"])
@pytest.mark.parametrize(
    ("old", "new", "shape"), PAIRS, ids=lambda value: value.get("class_name") if isinstance(value, dict) else ""
)
def test_a_layer_of_keras_1_is_the_layer_of_today(old: Any, new: Any, shape: Any, version: str | None) -> None:
    read = analyse(early({**old, "config": {"name": "a", **old["config"]}}, shape=shape, version=version)).summary()
    now = analyse(
        {"class_name": "Sequential", "config": [{**new, "config": {"name": "a", **new["config"]}}]}, shape[1:]
    )
    assert [row.class_name for row in read.layers] == [old["class_name"]]
    assert [row._replace(class_name="") for row in read.layers] == [
        row._replace(class_name="") for row in now.summary().layers
    ]
    assert not [one for one in read.diagnostics if one.severity == "error"]


DENSE = {"init": "uniform", "W_regularizer": None, "b_constraint": None, "bias": True, "activation": "tanh"}
LINEAR = {name: value for name, value in DENSE.items() if name != "activation"}
MADE = {"subsample": [2, 1], "dim_ordering": "th", **DENSE}
# A layer that only Keras 1 has, its input without the batch, its output, the shapes of its weights by Keras 1.2.2.
ALONE: list[tuple[dict[str, Any], tuple[int, ...], tuple[int, ...], list[tuple[int, ...]]]] = [
    (layer("Highway", **DENSE), (5,), (5,), [(5, 5), (5, 5), (5,), (5,)]),
    (layer("Highway", **{**DENSE, "bias": False}), (5,), (5,), [(5, 5), (5, 5)]),
    (layer("MaxoutDense", output_dim=3, nb_feature=2, **LINEAR), (5,), (3,), [(2, 5, 3), (2, 3)]),
    (layer("MaxoutDense", output_dim=3, nb_feature=4, **{**LINEAR, "bias": False}), (5,), (3,), [(4, 5, 3)]),
    (layer("ParametricSoftplus", alpha_init=0.2, beta_init=5.0), (4, 5), (4, 5), [(4, 5)] * 2),
    (layer("SReLU", t_left_init="zero", a_right_init="one"), (4, 5), (4, 5), [(4, 5)] * 4),
    (
        layer("Deconvolution2D", nb_filter=6, nb_row=3, nb_col=2, output_shape=[None, 6, 9, 8], **MADE),
        *((4, 4, 7), (6, 9, 8), [(3, 2, 4, 6), (6,)]),
    ),
    (
        layer("Deconv2D", nb_filter=6, nb_row=3, nb_col=2, output_shape=[None, 9, 8, 6], **MADE | {"dim_ordering": "tf"}),
        *((4, 7, 4), (9, 8, 6), [(3, 2, 4, 6), (6,)]),
    ),
    (layer("TimeDistributedDense", output_dim=3, **DENSE), (4, 5), (4, 3), [(5, 3), (3,)]),
    (
        layer("Convolution1D", nb_filter=6, filter_length=3, border_mode="full", subsample_length=2, **DENSE),
        *((7, 4), (5, 6), [(3, 4, 6), (6,)]),
    ),
    (
        layer("Convolution2D", nb_filter=6, nb_row=3, nb_col=2, border_mode="full", **MADE | {"subsample": [1, 1]}),
        *((4, 7, 8), (6, 9, 9), [(3, 2, 4, 6), (6,)]),
    ),
    (
        layer(
            "AtrousConvolution2D", nb_filter=6, nb_row=3, nb_col=2, atrous_rate=[2, 2], border_mode="full",
            **MADE | {"subsample": [1, 1]},
        ),
        *((4, 7, 8), (6, 11, 10), [(3, 2, 4, 6), (6,)]),
    ),
    (
        layer("AtrousConvolution1D", nb_filter=6, filter_length=3, atrous_rate=2, border_mode="full", **DENSE),
        *((7, 4), (11, 6), [(3, 4, 6), (6,)]),
    ),
    (
        layer(
            "Convolution3D", nb_filter=6, kernel_dim1=3, kernel_dim2=2, kernel_dim3=1, border_mode="full",
            dim_ordering="tf", subsample=[1, 1, 1], **DENSE,
        ),
        *((7, 8, 9, 4), (9, 9, 9, 6), [(3, 2, 1, 4, 6), (6,)]),
    ),
]  # fmt: skip
NAMED = [f"{case['class_name']}-{number}" for number, (case, *_) in enumerate(ALONE)]


def test_every_class_of_keras_1_alone_has_a_case() -> None:
    assert {case["class_name"] for case, *_ in ALONE} >= {*ONLY}


@pytest.mark.parametrize(("case", "shape", "out", "weights"), ALONE, ids=NAMED)
@pytest.mark.parametrize("version", ["1.2.2", "0.3.3", None])
def test_a_layer_of_keras_1_alone(case: Any, shape: Any, out: Any, weights: Any, version: str | None) -> None:
    read = analyse(early(case, shape=(None, *shape), version=version))
    (row,) = read.summary().layers
    assert (row.class_name, row.output_shapes) == (case["class_name"], ((UNKNOWN, *out),))
    assert [weight.shape for weight in row.weights] == weights
    assert row.params == sum(map(prod, weights))
    assert {one.code for one in read.diagnostics} == {"W403", "W303"}


# In a program a deconvolution of Keras 1 is today's Conv2DTranspose: see test_source_changes.
IN_PROGRAMS = [case for case in ALONE if not case[0]["class_name"].startswith("Deconv")]


@pytest.mark.parametrize(("case", "shape", "out", "weights"), IN_PROGRAMS, ids=lambda value: str(value)[:40])
def test_a_layer_of_keras_1_alone_in_a_program(case: Any, shape: Any, out: Any, weights: Any) -> None:
    words = ", ".join(f"{name}={value!r}" for name, value in case["config"].items())
    program = f"from keras.models import Sequential\nfrom keras.layers import *\nm = Sequential()\nm.add({case['class_name']}("
    program += (
        f"{words}, input_shape={shape}, border_mode='valid'))"
        if "nothing" in words
        else f"{words}, input_shape={shape}))"
    )
    (built,) = Text(f"{program}\nm.fit(x, y, nb_epoch=3)\n", None).models()
    (row,) = analyse(built).summary().layers
    assert (row.output_shapes, [weight.shape for weight in row.weights]) == (((UNKNOWN, *out),), weights)


def test_what_a_program_of_keras_1_takes_from_its_legacy_module() -> None:
    program = "from keras.legacy.layers import Highway, MaxoutDense\nfrom keras.models import Sequential\n"
    program += "m = Sequential([Highway(input_shape=(4,)), MaxoutDense(3, 2)])\n"
    (built,) = Text(program, None).models()
    assert [row.params for row in analyse(built).summary().layers] == [2 * (16 + 4), 2 * (4 * 3 + 3)]


def test_a_merge_of_models_in_a_program_is_no_fault() -> None:
    program = "from keras.models import Sequential\nfrom keras.layers import Dense, Merge\nm = Sequential()\n"
    program += "a, b = (Sequential([Dense(3, input_dim=4)]) for _ in 'ab')\nm.add(Merge([a, b], mode='sum'))\nm.add(Dense(2))\n"
    built = next(one for one in Text(program, None).models() if one.name == "m")
    found = analyse(built).diagnostics
    assert "W148" in {one.code for one in found}
    assert not [one for one in found if one.severity == "error"]


@pytest.mark.parametrize("name", ["CuDNNLSTM", "CuDNNGRU"])
def test_a_program_has_the_weights_of_the_class_that_it_names(name: str) -> None:
    program = f"from keras.models import Sequential\nfrom keras.layers import {name}\n"
    program += f"m = Sequential([{name}(8, input_shape=(5, 4))])\n"
    (built,) = Text(program, None).models()
    assert analyse(built).summary().layers == analyse(f"{name}(8)", (5, 4)).summary().layers


@pytest.mark.parametrize(("case", "shape", "out", "weights"), ALONE, ids=NAMED)
def test_a_layer_of_keras_1_alone_as_a_spec(case: Any, shape: Any, out: Any, weights: Any) -> None:
    """Said again it is the same; Keras 3 has none, which is said with what does the same."""
    config = early({**case, "config": {"name": "a", **case["config"]}}, shape=(None, *shape))
    (row,) = analyse(convert(config, to="spec")).summary().layers
    assert (row.output_shapes, [weight.shape for weight in row.weights]) == (((UNKNOWN, *out),), weights)
    for form in ("keras-python", "keras-json"):
        with pytest.raises(SeqshapeError, match="layers has no") as refused:
            convert(config, to=form)
        assert refused.value.diagnostics[0].help


@pytest.mark.parametrize(
    ("name", "version"), [(name, version) for name in ONLY for version in ("2.2.4", "3.1.0", None)]
)
def test_a_class_of_the_same_name_is_that_of_the_user(name: str, version: str | None) -> None:
    data = early(layer(name, name="a", units=5, trainable=True), shape=(None, 4), version=version)
    assert [one.code for one in analyse(data).diagnostics] == ["W401"]


@given(
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 4)), strides=st.integers(1, 3), rate=st.integers(1, 3),
    rows=st.integers(1, 12), columns=st.integers(1, 12),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_full_padding_is_zeros_before_a_valid_convolution(
    kernel: tuple[int, int], strides: int, rate: int, rows: int, columns: int
) -> None:
    assume(strides == 1 or rate == 1)
    words = f"4,{kernel},strides={strides},dilation_rate={rate}"
    margins = tuple((size - 1) * rate for size in kernel)
    full = analyse(f"FullConvolution2D({words},full)", (rows, columns, 3)).summary()
    padded = analyse(f"ZeroPadding2D({margins})>Conv2D({words})", (rows, columns, 3)).summary()
    one, two = full.layers[-1], padded.layers[-1]
    assert (one.output_shapes, one.params, one.macs) == (two.output_shapes, two.params, two.macs)


def test_it_is_said() -> None:
    dense = layer("Dense", name="a", output_dim=2)
    (said,) = analyse(early(dense, shape=(None, 3))).summary().diagnostics
    assert (said.code, said.severity) == ("W403", "warning")
    assert "this is a Keras 1 config (keras_version 1.2.2)" in said.message
    (said,) = analyse(early(dense, shape=(None, 3), version=None)).summary().diagnostics
    assert said.message.startswith("this is a Keras 1 config:")
    assert analyse({"class_name": "Sequential", "config": [layer("Dense", units=2)]}, (3,)).summary().diagnostics == ()


def test_where_it_is_wrong_is_the_name_of_the_file() -> None:
    wrong = layer("Convolution2D", nb_filter=-4, nb_row=3, nb_col=2, dim_ordering="tf")
    (found,) = [one for one in analyse(early(wrong)).diagnostics if one.severity == "error"]
    assert found.labels[0].span.pointer == "/config/0/config/nb_filter"


def test_a_later_layer_says_nothing_of_the_input() -> None:
    """Only the first one says ``input_dtype``, which alone would tell Keras 1."""
    padded = layer("ZeroPadding1D", padding={"left_pad": 1, "right_pad": 2})
    data = early(
        layer("Convolution1D", nb_filter=4, filter_length=3), padded, layer("GRU", output_dim=2), shape=(None, 9, 3)
    )
    assert shapes(data) == [[None, 7, 4], [None, 10, 4], [None, 2]]
    assert analyse(data).summary().layers[-1].params == 3 * 2 * (4 + 2 + 1)


def test_keras_3_does_not_take_it() -> None:
    data = early(layer("Dense", output_dim=2), shape=(None, 3), version="3.15.1")
    assert [one.code for one in analyse(data).diagnostics if one.severity == "error"]


def test_wrapped_layers() -> None:
    inner = layer("LSTM", name="l", output_dim=4, return_sequences=True, inner_activation="hard_sigmoid")
    dense = layer("TimeDistributed", name="t", layer=layer("Dense", name="d", output_dim=2, bias=True))
    both = early(layer("Bidirectional", name="b", merge_mode="concat", layer=inner), dense, shape=(None, 9, 3))
    summary = analyse(both).summary()
    assert [(row.output_shapes[0][1:], row.params) for row in summary.layers if row.output_shapes[0]] == [
        ((9, 8), 2 * 4 * 4 * (4 + 3 + 1)),
        ((9, 2), 18),
    ]


MERGED = {  # of (None, 4) and (None, 4)
    "sum": (None, 4), "mul": (None, 4), "ave": (None, 4), "max": (None, 4), "concat": (None, 8), "dot": (None, 1),
    "cos": (None, 1),
}  # fmt: skip


def merge(mode: Any, **more: Any) -> dict[str, Any]:
    config = {"name": "m", "mode": mode, "mode_type": "raw", "concat_axis": -1, "dot_axes": -1, "output_shape": None}
    return layer("Merge", **config | {"arguments": {}, "output_mask": None} | more)


def shapes(data: Any) -> list[Any]:
    summary = analyse(data).summary()
    assert not [one for one in summary.diagnostics if one.severity == "error"], summary.diagnostics
    return [[dim if isinstance(dim, int) else None for dim in row.output_shapes[0] or ()] for row in summary.layers]


@pytest.mark.parametrize("mode", MERGES)
def test_merge_in_a_sequential(mode: str) -> None:
    branch = {
        "class_name": "Sequential",
        "config": [layer("Dense", name="a", output_dim=4, batch_input_shape=[None, 3])],
    }
    other = {
        "class_name": "Sequential",
        "config": [layer("Dense", name="b", output_dim=4, batch_input_shape=[None, 5])],
    }
    first = merge(mode, layers=[branch, other])
    data = {
        "class_name": "Sequential",
        "keras_version": "1.2.2",
        "config": [first, layer("Dense", name="c", output_dim=2)],
    }
    summary = analyse(data).summary()
    rows = {row.name: row for row in summary.layers}
    assert len(summary.inputs) == 2
    assert tuple(dim if isinstance(dim, int) else None for dim in rows["m"].output_shapes[0] or ()) == MERGED[mode]
    assert (rows["a"].params, rows["b"].params, rows["m"].class_name) == (16, 24, "Merge")
    assert rows["c"].params == 2 * (MERGED[mode][1] or 0) + 2


def test_merges_inside_merges() -> None:
    def branch(name: str) -> Any:
        return {
            "class_name": "Sequential",
            "config": [layer("Dense", name=name, output_dim=4, batch_input_shape=[None, 3])],
        }

    inner = {"class_name": "Sequential", "config": [merge("concat", name="n", layers=[branch("a"), branch("b")])]}
    outer = merge("concat", layers=[inner, branch("c")])
    data = {"class_name": "Sequential", "keras_version": "1.2.2", "config": [outer]}
    assert shapes(data)[-1] == [None, 12]
    assert len(analyse(data).summary().inputs) == 3


def functional(mode: Any, **more: Any) -> Any:
    def node(data: Any, *inputs: str) -> Any:
        return data | {
            "name": data["config"]["name"],
            "inbound_nodes": [[[name, 0, 0] for name in inputs]] if inputs else [],
        }

    given = layer("InputLayer", name="x", batch_input_shape=[None, 5, 4], input_dtype="float32", sparse=False)
    two = node(layer("TimeDistributedDense", name="d", output_dim=4, bias=True, input_dim=None), "x")
    config = {"name": "f", "layers": [node(given), two, node(merge(mode, **more), "x", "d")]}
    config |= {"input_layers": [["x", 0, 0]], "output_layers": [["m", 0, 0]]}
    return {"class_name": "Model", "keras_version": "1.2.2", "config": config}


def test_merge_in_a_functional() -> None:
    assert shapes(functional("concat", concat_axis=1)) == [[None, 5, 4], [None, 5, 4], [None, 10, 4]]
    assert shapes(functional("dot", dot_axes=[[1], [1]]))[-1] == [None, 4, 4]
    assert shapes(functional("dot", dot_axes=[2, 2]))[-1] == [None, 5, 5]
    assert analyse(functional("sum")).summary().totals.params == 4 * 4 + 4


def test_merge_by_a_function() -> None:
    code = ["4wEAAAABAAAA", None, None]
    assert shapes(functional(code, mode_type="lambda", output_shape=[7], output_shape_type="raw"))[-1] == [None, 7]
    summary = analyse(functional(code, mode_type="lambda", output_shape=code, output_shape_type="lambda")).summary()
    assert summary.layers[-1].output_shapes == (None,)
    assert summary.layers[-1].class_name == "Merge"


def faults(source: Any) -> list[Diagnostic]:
    """What is wrong with a source, whether it could be read or not."""
    try:
        return [one for one in analyse(source, (3,)).diagnostics if one.severity == "error"]
    except SeqshapeError as error:
        return list(error.diagnostics)


def hostile_merges() -> Iterator[Any]:
    for layers in (3, [], [3], [{}], [{"class_name": "Sequential", "config": []}]):
        yield {"class_name": "Sequential", "config": [merge("sum", layers=layers)]}
    for mode in (None, 3, [], {}, "subtract"):
        yield functional(mode)
    for axes in ("a", [[]], [[[1]]], {"a": 1}, float("nan")):
        yield functional("dot", dot_axes=axes)


@pytest.mark.parametrize("data", list(hostile_merges()))
def test_hostile_merges(data: Any) -> None:
    assert len(faults(data)) <= 1


def test_an_h5_of_keras_1(tmp_path: Path) -> None:
    """Its layers are counted by their rules, and those behind a Lambda by what the file stores."""
    h5py = pytest.importorskip("h5py")
    code = layer("Lambda", name="l", function=["4wEAAA==", None, None], function_type="lambda", output_shape=None)
    config = early(
        layer("Dense", name="a", output_dim=4), code, layer("Dense", name="b", output_dim=2), shape=(None, 3)
    )
    held = {"a": {"a_W": (3, 4), "a_b": (4,)}, "l": {}, "b": {"b_W": (7, 2), "b_b": (2,)}}
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["model_config"] = json.dumps({key: config[key] for key in ("class_name", "config")}).encode()
        file.attrs["keras_version"] = b"1.2.2"
        top = file.create_group("model_weights")
        top.attrs["layer_names"] = [name.encode() for name in held]
        for name, weights in held.items():
            group = top.create_group(name)
            group.attrs["weight_names"] = [weight.encode() for weight in weights]
            for weight, shape in weights.items():
                group.create_dataset(weight, shape)
    summary = analyse(tmp_path / "m.h5").summary()
    assert [row.params for row in summary.layers] == [16, 0, 16]
    assert "this is a Keras 1 config (keras_version 1.2.2)" in summary.diagnostics[0].message


@pytest.mark.parametrize("form", ["keras-python", "keras-json", "torch", "spec"])
def test_it_is_converted_as_what_it_is_today(form: str) -> None:
    convolution = layer("Convolution2D", name="c", nb_filter=4, nb_row=3, nb_col=2, dim_ordering="tf", init="normal")
    dense = layer("Dense", name="d", output_dim=2, W_regularizer={"name": "WeightRegularizer", "l1": 0.0, "l2": 0.1})
    written = convert(early(convolution, layer("Flatten", name="f"), dense), to=form)
    assert "Convolution2D" not in written
    if form == "keras-json":
        params = analyse(json.loads(written)).summary().totals.params
        assert params == analyse(early(convolution, layer("Flatten", name="f"), dense)).summary().totals.params
