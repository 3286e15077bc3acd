"""Files of Keras: `.keras`, unpacked or not, `.h5` and `.weights.h5`, as Keras 2 and 3 write them."""

from __future__ import annotations

import json
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("h5py")

from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.dims import UNKNOWN, Poly
from seqshape.readers import read
from seqshape.summary import Row, Summary
from tests.oracle.files import load, write

RECORDS = {record["id"]: record for record in load("files")}
WHOLE = [name for name in RECORDS if not name.endswith(".weights.h5") and "unbuilt" not in name and "sub" not in name]
WEIGHTS = [name for name in RECORDS if name.endswith(".weights.h5")]


def summary_of(name: str, directory: Path, **options: Any) -> Summary:
    return analyse(write(RECORDS[name], directory, **options)).summary()


def shapes(row: Row) -> list[Any] | None:
    known = [
        None if shape is None else [None if dim is UNKNOWN else dim for dim in shape] for shape in row.output_shapes
    ]
    return None if known == [None] else known


@pytest.mark.parametrize("name", WHOLE)
def test_rows(name: str, tmp_path: Path) -> None:
    """Names, classes and parameters of every row are Keras's, and shapes where the file tells them."""
    summary = summary_of(name, tmp_path)
    expected = RECORDS[name]["expected"]
    assert [(row.name, row.class_name, row.params) for row in summary.layers] == [
        (name, kind, params) for name, kind, _, params in expected["layers"]
    ]
    for row, (_, _, shape, _) in zip(summary.layers, expected["layers"], strict=True):
        assert shape is None or shapes(row) in (None, shape), row.name
    assert summary.totals.params == expected["total_params"]
    assert summary.totals.trainable_params == expected.get("trainable_params", summary.totals.trainable_params)
    assert not [found for found in summary.diagnostics if found.severity == "error"]


@pytest.mark.parametrize("name", [name for name in WHOLE if name.startswith("keras3") and "lambda" not in name])
def test_every_shape_of_keras_3(name: str, tmp_path: Path) -> None:
    summary = summary_of(name, tmp_path)
    assert [shapes(row) for row in summary.layers] == [shape for _, _, shape, _ in RECORDS[name]["expected"]["layers"]]
    assert all(row.params is not None for row in summary.layers)


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_alone(name: str, tmp_path: Path) -> None:
    """A row for every layer that has weights, with its count; nothing is known of shapes."""
    summary = summary_of(name, tmp_path)
    assert summary.class_name == "Weights"
    assert summary.totals.params == RECORDS[name]["expected"]["total_params"]
    assert {row.output_shapes for row in summary.layers} == {(None,)}
    if not name.startswith("keras2"):  # it does not write the names
        wanted = {(name, params) for name, _, _, params in RECORDS[name]["expected"]["layers"] if params}
        assert {(row.name, row.params) for row in summary.layers} == wanted
    assert [found.code for found in summary.diagnostics] == ["W401"]


def test_what_the_file_tells_of_a_class(tmp_path: Path) -> None:
    """Keras's classes are told by their keys; the user's are not known."""
    assert {row.class_name for row in summary_of("custom-custom.weights.h5", tmp_path).layers} == {"Dense", "?"}


def test_unbuilt(tmp_path: Path) -> None:
    """A model that was never built has no shapes: named ones are assumed, and it says so."""
    summary = summary_of("keras3-unbuilt_dense.keras", tmp_path)
    assert isinstance(summary.totals.params, Poly)
    assert "no input shape was given" in summary.assumptions[0]


def test_model_of_a_class_of_its_own(tmp_path: Path) -> None:
    summary = summary_of("custom-sub.keras", tmp_path)
    assert (summary.class_name, summary.totals.params) == (
        "Sub",
        RECORDS["custom-sub.keras"]["expected"]["total_params"],
    )
    assert "says nothing of its layers" in summary.diagnostics[0].message


def test_unknown_class(tmp_path: Path) -> None:
    """Its weights are counted from the file, its output shape is what the next layer was built for, and both are said."""
    summary = summary_of("custom-custom.keras", tmp_path)
    row = next(row for row in summary.layers if row.name == "mine_a")
    assert (row.params, shapes(row), row.macs) == (76, [[None, 4]], None)
    assert [weight.shape for weight in row.weights][:2] == [(4, 3), (3,)]
    message = next(found for found in summary.diagnostics if found.layer == "mine_a").message
    assert message.startswith("Mine is a class that seqshape does not know")
    assert "(None, 4)" in message
    assert "76 parameters" in message


def test_class_of_the_name_of_one_of_keras(tmp_path: Path) -> None:
    """A registered class called Dense is not Keras's Dense."""
    rows = {
        row.name: row.params for row in summary_of("custom-custom.keras", tmp_path).layers if row.class_name == "Dense"
    }
    assert rows["dense_7"] == 21


def test_unknown_class_in_a_wrapper(tmp_path: Path) -> None:
    row = summary_of("custom-td.keras", tmp_path).layers[-1]
    assert (row.class_name, row.params) == ("TimeDistributed", 99)


def test_lambda_is_not_run(tmp_path: Path) -> None:
    summary = summary_of("keras3-with_lambda.keras", tmp_path)
    assert shapes(summary.layers[1]) == [[None, 3]]
    assert "never run" in summary.diagnostics[0].message
    assert summary.totals.params == 8


def test_packed_weights(tmp_path: Path) -> None:
    """Keras stores the weights as they are; an archive that packs them is unpacked to a temporary file."""
    summary = summary_of("custom-custom.keras", tmp_path, method=zipfile.ZIP_DEFLATED)
    assert summary.totals.params == RECORDS["custom-custom.keras"]["expected"]["total_params"]


def test_directory(tmp_path: Path) -> None:
    path = write(RECORDS["custom-custom.keras"], tmp_path)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "model")
    summary = analyse(str(tmp_path / "model")).summary()
    assert summary.totals.params == RECORDS["custom-custom.keras"]["expected"]["total_params"]


def test_no_weights_in_the_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("config.json", RECORDS["custom-custom.keras"]["config"])
    summary = analyse(tmp_path / "m.keras").summary()
    assert [row.params for row in summary.layers if row.class_name == "Mine"] == [None, None]
    assert summary.totals.at_least


def test_damaged_weights(tmp_path: Path) -> None:
    """The config still tells the rest; the damage is a warning."""
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("config.json", RECORDS["custom-custom.keras"]["config"])
        archive.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n" + b"x" * 100)
    summary = analyse(tmp_path / "m.keras").summary()
    assert summary.totals.at_least
    assert any("damaged" in found.message and found.severity == "warning" for found in summary.diagnostics)


def test_weights_are_not_opened_without_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from seqshape.readers import keras_archive

    def opened(path: Path) -> Any:
        raise AssertionError("the weights were opened")

    monkeypatch.setattr(keras_archive, "_stored_file", opened)
    assert summary_of("keras3-small_lstm.keras", tmp_path).totals.params == 2409


@pytest.mark.parametrize("name", ["keras3-small_lstm.h5", "custom-custom.weights.h5", "custom-custom.keras"])
def test_nothing_else_has_to_be_installed(name: str, tmp_path: Path) -> None:
    """HDF5 is read without h5py, and without numpy."""
    import subprocess

    path = write(RECORDS[name], tmp_path)
    code = f"import sys; from seqshape.answers import analyse; print(analyse({str(path)!r}).summary().totals.params);"
    code += "print([name for name in ('h5py', 'numpy', 'pyfive') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[:2] == [str(RECORDS[name]["expected"]["total_params"]), "[]"]


def test_version_of_the_archive(tmp_path: Path) -> None:
    """metadata.json says which Keras wrote the file: before Keras 3 a GRU that says nothing resets before the product."""
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "s",
            "layers": [{"class_name": "GRU", "config": {"units": 4, "batch_input_shape": [None, 5, 3]}}],
        },
    }
    for version, params in (("2.1.0", 96), ("3.0.0", 108)):
        with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
            archive.writestr("config.json", json.dumps(config))
            archive.writestr("metadata.json", json.dumps({"keras_version": version}))
        assert analyse(tmp_path / "m.keras").summary().totals.params == params


# --- quantized attention ----------------------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.parametrize("mode", ["int8", "int4", "float8"])
def test_attention_that_is_stored_quantized(mode: str, tmp_path: Path) -> None:
    """``quantize`` reaches the layers inside attention, and the config says nothing of it; the weights do."""
    from tests.oracle import keras_oracle

    keras, path = keras_oracle.keras, tmp_path / "model.keras"
    with keras_oracle.session():
        start = keras.Input((6, 8))
        attended = keras.layers.MultiHeadAttention(2, 4)(start, start)
        grouped = keras.layers.GroupQueryAttention(4, 2, 1)(attended, start)
        model = keras.Model(start, keras.layers.Dense(5)(grouped))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.quantize(mode)
        model.save(path)
        record = keras_oracle.describe(model)
    summary = analyse(path).summary()
    counted = [(row["name"], row["params"], row["trainable_params"]) for row in record["layers"]]
    assert [(row.name, row.params, row.trainable_params) for row in summary.layers] == counted
    held = [sorted((weight["shape"], weight["dtype"]) for weight in row["weights"]) for row in record["layers"]]
    assert [sorted((list(one.shape), one.dtype) for one in row.weights) for row in summary.layers] == held
    assert ["is stored quantized" in found.message for found in summary.diagnostics] == [True, True]


@pytest.mark.oracle
def test_plain_attention_stays_plain(tmp_path: Path) -> None:
    from tests.oracle import keras_oracle

    keras, path = keras_oracle.keras, tmp_path / "model.keras"
    with keras_oracle.session():
        start = keras.Input((6, 8))
        model = keras.Model(start, keras.layers.MultiHeadAttention(2, 4)(start, start))
        model.save(path)
        params = model.count_params()
    summary = analyse(path).summary()
    assert summary.totals.params == params
    assert summary.diagnostics == ()


# --- weights in several files, and what is not read -------------------------------------------------------------------


@pytest.mark.oracle
def test_sharded_weights(tmp_path: Path) -> None:
    """Weights in several files: a row for each layer, in the order of the model; a group may be spread over two files."""
    from tests.oracle import keras_oracle

    keras, path = keras_oracle.keras, tmp_path / "model.weights.json"
    with keras_oracle.session():
        layers = [keras.layers.Dense(300), keras.layers.BatchNormalization(), keras.layers.Dense(200)]
        model = keras.Sequential([keras.Input((300,)), *layers])
        model.save_weights(path, max_shard_size=0.0004)
        counts = [(layer.name, layer.count_params()) for layer in model.layers]
    assert len(list(tmp_path.glob("*.h5"))) > 1
    summary = analyse(path).summary()
    assert [(row.name, row.params) for row in summary.layers] == counts
    (found,) = summary.diagnostics
    assert found.code == "W401"


@pytest.mark.parametrize(
    ("weight_map", "says"),
    [
        ({"a": ["../x.h5"]}, "not '../x.h5'"),
        ({"a": "/etc/x.h5"}, "not '/etc/x.h5'"),
        ({"a": "x.txt"}, "not 'x.txt'"),
        ({"a": [["x.h5"]]}, "has to be a name"),
        ({"a": 3}, "not 3"),
        ({"a": "x.h5"}, "it lists x.h5, which is not beside it"),
        ({}, "it lists 0 files"),
        ({str(number): f"{number}.h5" for number in range(10_001)}, "it lists 10,001 files"),
    ],
)
def test_hostile_lists_of_weights(weight_map: Any, says: str, tmp_path: Path) -> None:
    path = tmp_path / "m.weights.json"
    path.write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    with pytest.raises(SeqshapeError) as caught:
        read(path)
    assert says in caught.value.diagnostics[0].message


def test_damaged_shard(tmp_path: Path) -> None:
    path = tmp_path / "m.weights.json"
    path.write_text(json.dumps({"metadata": {}, "weight_map": {"/layers/dense/vars": ["m_00000.weights.h5"]}}))
    (tmp_path / "m_00000.weights.h5").write_bytes(b"no hdf5")
    with pytest.raises(SeqshapeError, match="damaged"):
        read(path)


def test_saved_model(tmp_path: Path) -> None:
    """TensorFlow's own format is told by its name, as a directory and as the file in it."""
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01")
    for source in (tmp_path, tmp_path / "saved_model.pb"):
        with pytest.raises(SeqshapeError, match="is a TensorFlow SavedModel"):
            read(source)


def test_names_of_weights_that_meet(tmp_path: Path) -> None:
    """Two models inside another one may each have a layer of one name: both count."""

    def dense(units: int) -> dict[str, Any]:
        def history(layer: str) -> dict[str, Any]:
            return {"class_name": "__keras_tensor__",
                    "config": {"shape": [None, 3], "dtype": "float32", "keras_history": [layer, 0, 0]}}  # fmt: skip

        layers = [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 3], "name": "i"}, "name": "i", "inbound_nodes": []},
            {"class_name": "Dense", "config": {"units": units, "name": "d"}, "name": "d",
             "inbound_nodes": [{"args": [history("i")], "kwargs": {}}]},
        ]  # fmt: skip
        return {"name": "m", "layers": layers, "input_layers": [["i", 0, 0]], "output_layers": [["d", 0, 0]]}

    def nested(name: str, units: int) -> dict[str, Any]:
        return {"class_name": "Functional", "config": dense(units) | {"name": name}, "name": name}

    inner = {"name": "both", "layers": [nested("a", 3), nested("b", 3)]}
    outer = {"name": "all", "layers": [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 3], "name": "x"}},
        {"class_name": "Sequential", "config": inner},
    ]}  # fmt: skip
    summary = analyse({"class_name": "Sequential", "config": outer}).summary()
    assert summary.totals.params == 24


def stored_in(path: Path, shapes: dict[str, list[tuple[int, ...]]]) -> Path:
    """A file of weights with groups as Keras writes them."""
    import h5py

    with h5py.File(path, "w") as file:
        for place, listed in shapes.items():
            group = file.create_group(f"{place}/vars")
            for number, shape in enumerate(listed):
                group.create_dataset(str(number), shape=shape, dtype="float32")
    return path


SPECTRAL = {
    "layers/spectral_normalization/layer": [(4, 3), (3,)],
    "layers/spectral_normalization": [(4, 3), (1, 3)],
    "layers/batch_normalization": [(3,)] * 4,
}


def test_shared_kernel_is_counted_once(tmp_path: Path) -> None:
    """Keras stores the kernel of SpectralNormalization twice; its own count of this model is 30."""
    assert analyse(stored_in(tmp_path / "m.weights.h5", SPECTRAL)).summary().totals.params == 30


def test_two_weights_that_are_no_shared_kernel(tmp_path: Path) -> None:
    path = stored_in(tmp_path / "m.weights.h5", {"layers/mine": [(4, 3), (3,)], "layers/mine/layer": [(4, 3), (3,)]})
    assert analyse(path).summary().totals.params == 30


def test_what_is_trained_is_not_known(tmp_path: Path) -> None:
    """No file of weights says it: no number stands for it, and a limit on it cannot be decided."""
    from seqshape.analysis.check import Expectations, check
    from seqshape.renderers import FORMATS, Options

    summary = analyse(stored_in(tmp_path / "m.weights.h5", SPECTRAL)).summary()
    assert (summary.totals.trainable_params, summary.totals.non_trainable_params) == (UNKNOWN, UNKNOWN)
    assert summary.to_dict()["totals"]["trainable_params"] is None
    assert Summary.from_dict(summary.to_dict()).totals == summary.totals
    for form in ("table", "keras", "classic"):
        assert "Trainable params: not known" in FORMATS[form].render(summary, Options())
    assert [found.code for found in check(summary, Expectations({"trainable_params": 29}))] == ["E503"]
    assert check(summary, Expectations({"trainable_params": 30})) == []


def test_what_is_trained_of_a_custom_class(tmp_path: Path) -> None:
    """The weights of a known class count as its config says; those of one that is not known leave it open."""
    summary = summary_of("custom-custom.keras", tmp_path)
    assert summary.totals.trainable_params is UNKNOWN
    trained = {row.name: row.trainable_params for row in summary.layers}
    assert trained["mine_a"] is None
