"""Files that are damaged or mean harm: one clear diagnostic each, never another exception, and no more work than there is."""

from __future__ import annotations

import copy
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqshape.answers import analyse
from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.readers import json_text, keras_archive
from seqshape.renderers import FORMATS, Options

TENSOR = {"class_name": "__keras_tensor__"}


def tensor(name: str, *, node: int = 0, shape: Any = (None, 10, 8)) -> dict[str, Any]:
    return TENSOR | {"config": {"shape": list(shape), "dtype": "float32", "keras_history": [name, node, 0]}}


def layer(class_name: str, name: str, *args: Any, **config: Any) -> dict[str, Any]:
    nodes = [{"args": list(args), "kwargs": {}}] if args else []
    return {
        "module": "keras.layers",
        "class_name": class_name,
        "config": {"name": name, "trainable": True, "dtype": "float32"} | config,
        "registered_name": None,
        "name": name,
        "inbound_nodes": nodes,
    }


def functional(*layers: dict[str, Any], inputs: Any = ("x", 0, 0), outputs: Any = None) -> dict[str, Any]:
    config = {"name": "m", "layers": list(layers), "input_layers": list(inputs)}
    config["output_layers"] = outputs or [layers[-1]["name"], 0, 0]
    return {"module": "keras", "class_name": "Functional", "config": config, "registered_name": "Functional"}


def sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": "s", "layers": list(layers)}}


def old(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


def branch(name: str) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": [old("Dropout", name=name, p=0.5, batch_input_shape=[None, 10, 8])]}


X = layer("InputLayer", "x", batch_shape=[None, 10, 8])
VALID = [
    functional(
        X,
        layer("LSTM", "lstm", tensor("x"), units=4, return_sequences=True),
        layer("Concatenate", "join", [tensor("x"), tensor("lstm")], axis=-1),
        layer("TimeDistributed", "td", tensor("join"), layer=layer("Dense", "inner", units=3)),
        layer(
            "Conv1D", "conv", tensor("td"), filters=5, kernel_size=[3], strides=[1], padding="same", activation="relu"
        ),
    ),
    sequential(X, layer("Bidirectional", "bi", layer=layer("GRU", "gru", units=3)), layer("Dense", "d", units=2)),
    {
        "class_name": "Model",
        "keras_version": "2.2.4",
        "config": {
            "name": "old",
            "layers": [
                {
                    "class_name": "InputLayer",
                    "name": "x",
                    "config": {"batch_input_shape": [None, 10, 8]},
                    "inbound_nodes": [],
                },
                {"class_name": "GRU", "name": "g", "config": {"units": 4}, "inbound_nodes": [[["x", 0, 0, {}]]]},
                {
                    "class_name": "TFOpLambda",
                    "name": "f",
                    "config": {"name": "f", "function": "math.add"},
                    "inbound_nodes": [["g", 0, 0, {"y": ["g", 0, 0], "name": None}]],
                },
            ],
            "input_layers": [["x", 0, 0]],
            "output_layers": [["f", 0, 0]],
        },
    },
    {
        "class_name": "Sequential",
        "keras_version": "1.2.2",
        "config": [
            old("Merge", name="m", mode="concat", concat_axis=-1, layers=[branch("a"), branch("b")]),
            old("Convolution1D", name="c", nb_filter=4, filter_length=3, border_mode="same", bias=True),
            old("ZeroPadding1D", name="z", padding={"left_pad": 1, "right_pad": 2}),
            old("GRU", name="g", output_dim=3, inner_activation="hard_sigmoid", forget_bias_init="one"),
            old("Dense", name="d", output_dim=2, W_regularizer={"name": "WeightRegularizer", "l1": 0.0, "l2": 0.1}),
        ],
    },
    {
        "class_name": "Model",
        "config": {
            "name": "early",
            "layers": [
                old("InputLayer", batch_input_shape=[None, 10, 8], input_dtype="float32")
                | {"name": "x", "inbound_nodes": []},
                old("TimeDistributedDense", output_dim=8, bias=True) | {"name": "t", "inbound_nodes": [[["x", 0, 0]]]},
                old("Merge", mode="dot", dot_axes=[[2], [2]])
                | {"name": "m", "inbound_nodes": [[["x", 0, 0], ["t", 0, 0]]]},
            ],
            "input_layers": [["x", 0, 0]],
            "output_layers": [["m", 0, 0]],
        },
    },
    {
        "format": "layers-model",
        "modelTopology": {
            "keras_version": "2.4.0",
            "model_config": sequential(X, layer("Mine", "mine", layer=layer("Dense", "inner", units=4))),
        },
        "weightsManifest": [
            {
                "paths": ["group1-shard1of1.bin"],
                "weights": [
                    {"name": "mine/kernel", "shape": [8, 4], "dtype": "float32"},
                    {"name": "inner/bias", "shape": [4], "dtype": "float32"},
                ],
            }
        ],
    },
]

EVIL = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 3, 10**400, -(10**30), 2**62, 2**63, float("nan"), float("inf"), -0.5, 1e308]),
    st.sampled_from(["", "x", "same", "a/b~c", "\ud800", "LSTM", "\x1b[31m", "__lambda__", "float32"]),
    st.sampled_from(
        [
            [],
            {},
            [None],
            [1, 2, 3],
            [[[]]],
            [2**62] * 5,
            ["x", 0, 0],
            [["x", 0, 0]],
            {"a": {"b": 1}},
            tensor("x"),
            tensor("td"),
        ]
    ),
    st.sampled_from(
        [{"class_name": "Foo", "config": {}}, {"class_name": "Dense", "config": {}}, layer("LSTM", "n", units=2)]
    ),
)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a JSON document."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


def at(document: Any, pointer: str) -> Any:
    """What a JSON pointer points at. Raises LookupError if that is nothing."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


@st.composite
def mutated(draw: Any) -> Any:
    """A valid config in which some values, of any place, are replaced or taken out."""
    config = copy.deepcopy(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 3))):
        if not config:
            break
        *path, key = draw(st.sampled_from(places(config)[1:]))
        holder = config
        for step in path:
            holder = holder[step]
        if isinstance(holder, dict) and draw(st.integers(0, 9)) == 0:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(draw(EVIL))
    return config


def findings(source: Any) -> tuple[Diagnostic, ...]:
    """What is said of a source; everything that can be shown of it is."""
    try:
        summary = analyse(source).summary()
    except SeqshapeError as error:
        return error.diagnostics
    for form in ("table", "json", "keras"):
        assert FORMATS[form].render(summary, Options(expand=True))
    return summary.diagnostics


@settings(deadline=None, max_examples=400)
@given(mutated())
def test_any_value_in_any_place(config: Any) -> None:
    for found in findings(config):
        assert len(found.message) < 2000
        for label in found.labels:
            if label.span.pointer is not None:
                at(config, label.span.pointer)


@pytest.mark.parametrize("config", VALID)
def test_the_configs_are_valid(config: Any) -> None:
    assert not [found for found in findings(config) if found.severity == "error"]


def refused(source: Any) -> Diagnostic:
    """The one error of a source."""
    wrong = [found for found in findings(source) if found.severity == "error"]
    assert len(wrong) == 1, wrong
    return wrong[0]


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        (("layers", 1, "config", "units"), -3, "/config/layers/1/config/units"),
        (("layers", 1, "config", "units"), 10**400, "/config/layers/1/config/units"),
        (("layers", 4, "config", "kernel_size"), "three", "/config/layers/4/config/kernel_size"),
        (("layers", 4, "config", "filters"), [5], "/config/layers/4/config/filters"),
        (("layers", 3, "config", "layer", "config", "units"), 0.5, "/config/layers/3/config/layer/config/units"),
        (("layers", 2, "inbound_nodes", 0, "args"), 7, "/config/layers/2/inbound_nodes/0/args"),
        (("layers", 1, "class_name"), None, "/config/layers/1/class_name"),
        (("layers", 0, "name"), 3, "/config/layers/0/name"),
        (("layers",), {}, "/config/layers"),
        (("output_layers",), ["nobody", 0, 0], "/config/output_layers"),
        (("output_layers",), ["conv", 9, 0], "/config/output_layers"),
    ],
)
def test_pointers_are_exact(path: tuple[Any, ...], value: Any, pointer: str) -> None:
    config = copy.deepcopy(VALID[0])
    holder = config["config"]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    assert refused(config).labels[0].span.pointer == pointer


def test_circle() -> None:
    config = functional(X, layer("Dense", "a", tensor("b"), units=8), layer("Dense", "b", tensor("a"), units=8))
    assert "circle" in refused(config).message


def test_two_layers_of_one_name() -> None:
    config = functional(X, layer("Dense", "a", tensor("x"), units=8), layer("Dense", "a", tensor("x"), units=8))
    assert "two layers called a" in refused(config).message


def test_deep_models() -> None:
    config = sequential(layer("Dense", "d", units=2))
    for _ in range(200):
        config = sequential(config)
    assert "nested" in refused(config).message


def test_deep_wrappers() -> None:
    inner = layer("Dense", "d", units=2)
    for number in range(200):
        inner = layer("TimeDistributed", f"t{number}", layer=inner)
    assert "nested" in refused(sequential(X, inner)).message


def test_models_as_deep_as_is_allowed() -> None:
    """However deep the reader lets models go, Python's own stack suffices."""
    depth = 0
    config: dict[str, Any] = sequential(layer("Dense", "d", units=8))
    while True:
        outer = sequential(X, config | {"config": config["config"] | {"name": f"s{depth}"}})
        wrong = [found for found in findings(outer) if found.severity == "error"]
        if wrong:
            assert "nested" in wrong[0].message
            break
        config, depth = sequential(config | {"config": config["config"] | {"name": f"s{depth}"}}), depth + 1
    assert depth >= 8


def test_models_that_multiply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each model calls the one inside it twice, with inputs of other shapes: the calls double with every level."""
    from seqshape.keras import session

    monkeypatch.setattr(session, "MOST_STEPS", 1000)
    pad = {"padding": [1, 0]}
    wide = layer("InputLayer", "x", batch_shape=[None, None, 8])
    config = functional(wide, layer("ZeroPadding1D", "p", tensor("x"), padding=[0, 0]))
    for level in range(14):
        config["config"]["name"] = f"m{level}"
        inner = config | {"name": f"m{level}", "inbound_nodes": []}
        inner["inbound_nodes"] = [{"args": [tensor("x")], "kwargs": {}}, {"args": [tensor(f"p{level}")], "kwargs": {}}]
        padded = layer(
            "ZeroPadding1D", f"p{level}", tensor(f"m{level}"), **{"padding": [2**level, 0]} if level else pad
        )
        top = layer("InputLayer", "x", batch_shape=[None, 4 if level == 13 else None, 8])
        config = functional(top, padded, inner, outputs=[f"m{level}", 2, 0])
    assert "more than 1,000 calls" in refused(config).message


def test_a_name_that_cannot_be_written() -> None:
    text = json.dumps(sequential(X, layer("Dense", "\ud800 \\ud800", units=2)))
    assert r"\ud800" in text
    summary = analyse(text).summary()
    assert summary.layers[0].name == "\ufffd \\ud800"


@pytest.mark.parametrize("text", [r'"\ud83d\ude00"', r'"\\ud800"', r'"\u0041"', r'"\\\\"'])
def test_other_escapes_stay(text: str) -> None:
    assert json_text.load(text, None) == json.loads(text)


# --- texts -----------------------------------------------------------------------------------------------------------


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"{", "no JSON (line 1"),
        (b'{"a": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "thousands of digits"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b'{"a": [' + b"[]," * 3_100_000 + b"0]}", "lists and objects"),
        (b'{"a": "' + b"x" * json_text.LIMIT + b'"}', "32 MiB"),
        (b'{"class_name": "Sequential"}', "config is missing"),
        (b"{}", "class_name is missing"),
    ],
)
def test_damaged_json(tmp_path: Path, data: bytes, says: str) -> None:
    assert says in refused(written(tmp_path / "model.json", data)).message


def test_no_file(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "none.json").message


def test_directory(tmp_path: Path) -> None:
    assert "directory without config.json" in refused(tmp_path).message


# --- archives --------------------------------------------------------------------------------------------------------

CONFIG = json.dumps(VALID[0]).encode()


def archive(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def test_config_alone(tmp_path: Path) -> None:
    """Told by its content, not by its name."""
    assert findings(archive(tmp_path / "model.bin", {"config.json": CONFIG})) == ()


@pytest.mark.parametrize("name", ["../config.json", "/config.json", "a/config.json", "config.json/..", "CONFIG.JSON"])
def test_other_names_are_not_the_config(tmp_path: Path, name: str) -> None:
    assert "without config.json" in refused(archive(tmp_path / "m.keras", {name: CONFIG})).message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.keras"]


def test_bomb(tmp_path: Path) -> None:
    path = archive(tmp_path / "m.keras", {"config.json": b" " * (json_text.LIMIT + 1)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 100_000
    assert "more than 32 MiB" in refused(path).message


def test_bomb_that_lies_of_its_size(tmp_path: Path) -> None:
    path = archive(tmp_path / "m.keras", {"config.json": b" " * (json_text.LIMIT * 2)}, zipfile.ZIP_DEFLATED)
    size = (json_text.LIMIT * 2).to_bytes(4, "little")
    data = path.read_bytes()
    assert data.count(size) == 2
    assert refused(written(path, data.replace(size, (100).to_bytes(4, "little"))))


def test_long_list_of_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras_archive, "MOST_DIRECTORY", 100)
    path = archive(tmp_path / "m.keras", {"config.json": CONFIG, "x" * 100: b""})
    assert "lists more than" in refused(path).message


@pytest.mark.parametrize("cut", [5, 30, 60, 200, 1000, -1, -10, -22, -40])
def test_truncated(tmp_path: Path, cut: int) -> None:
    whole = archive(tmp_path / "m.keras", {"config.json": CONFIG}).read_bytes()
    assert refused(written(tmp_path / "m.keras", whole[:cut]))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8))
def test_flipped_bytes(changes: list[tuple[int, int]]) -> None:
    import tempfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", CONFIG)
    data = bytearray(buffer.getvalue())
    for place, byte in changes:
        data[place % len(data)] = byte
    with tempfile.TemporaryDirectory() as directory:
        findings(written(Path(directory) / "m.keras", bytes(data)))


def test_encrypted(tmp_path: Path) -> None:
    data = bytearray(archive(tmp_path / "m.keras", {"config.json": CONFIG}).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refused(written(tmp_path / "m.keras", bytes(data))).message


def test_file_of_torch(tmp_path: Path) -> None:
    found = refused(archive(tmp_path / "m.pt", {"archive/data.pkl": b""}))
    assert "it is a file of PyTorch" in found.message
    assert "safetensors" in (found.help or "")


@pytest.mark.parametrize(("kind", "says"), [("keras", "no zip archive"), ("h5", "no HDF5 file")])
def test_kind_that_the_content_denies(tmp_path: Path, kind: str, says: str) -> None:
    with pytest.raises(SeqshapeError, match=says):
        analyse(written(tmp_path / "m.txt", b"Dense(3)"), kind=kind)


# --- HDF5 ------------------------------------------------------------------------------------------------------------


def test_truncated_hdf5(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["model_config"] = CONFIG
    whole = (tmp_path / "m.h5").read_bytes()
    assert findings(tmp_path / "m.h5") == ()
    for cut in (8, 100, 500, len(whole) // 2):
        assert refused(written(tmp_path / "cut.h5", whole[:cut]))


def test_links_are_not_followed(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["layers/dense/vars/0"] = [1.0] * 7
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = [1.0] * 3
        file["layers/dense_1"] = h5py.ExternalLink("other.h5", "/layers/dense")
        file["layers/dense_2"] = h5py.SoftLink("/layers/dense")
        file["layers/dense/vars/1"] = h5py.ExternalLink("other.h5", "/layers/dense/vars/0")
        file["layers/dense/again"] = file["layers"]  # a circle of hard links
    summary = analyse(tmp_path / "m.weights.h5").summary()
    assert [(row.name, row.params) for row in summary.layers] == [("dense", 3)]


def test_many_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    h5py = pytest.importorskip("h5py")
    from seqshape.readers import hdf5

    monkeypatch.setattr(hdf5, "MOST_OBJECTS", 50)
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        for number in range(60):
            file.create_group(f"layers/dense_{number}/vars")
    assert "more than 50 objects" in refused(tmp_path / "m.weights.h5").message


def test_huge_weights_are_not_read(tmp_path: Path) -> None:
    """A dataset may say that it has 10**15 numbers and hold none: only its shape counts."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        file.create_dataset("layers/dense/vars/0", (10**9, 10**6), chunks=(10**3, 10**3), dtype="f4")
    assert analyse(tmp_path / "m.weights.h5").summary().totals.params == 10**15


# --- the command -----------------------------------------------------------------------------------------------------


DAMAGED = [b"{", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b'{"class_name": "\\ud800", "config": {"layers": 3}}']


@pytest.mark.parametrize("data", DAMAGED)
def test_the_command_ends_with_1(tmp_path: Path, data: bytes) -> None:
    path = written(tmp_path / "m.json", data)
    ran = subprocess.run([sys.executable, "-m", "seqshape", "summarize", str(path)], capture_output=True, text=True)
    assert ran.returncode == 1
    assert "error" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("shape", "says"),
    [([None, *[2**62] * 2000], "2001 dims"), ([None, *[2**62] * 40], "64 bits"), ([None, 2**62, 2**62], "64 bits")],
)
def test_numbers_without_end(shape: list[Any], says: str) -> None:
    config = sequential(
        layer("InputLayer", "x", batch_shape=shape), layer("Flatten", "f"), layer("Dense", "d", units=2**62)
    )
    assert says in refused(config).message
