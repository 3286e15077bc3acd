"""What a file stores is counted, or it is said that it is not: whatever its weights are called, however faulty its network."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest

from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.summary import Summary
from tests.oracle.files import load, write

RECORDS = {record["id"]: record for record in load("files")}
Tree = dict[str, Any]


def size(shape: tuple[int, ...]) -> int:
    number = 1
    for dim in shape:
        number *= dim
    return number


def is_honest(summary: Summary, total: int) -> bool:
    """All that is stored is counted, or the total says that it is not whole."""
    return summary.totals.params == total or summary.lacks("params")


# --- mutated names ----------------------------------------------------------------------------------------------------

OPAQUE = {"class_name": "Block", "config": {"name": "block"}, "name": "block", "module": "mine"}
INPUT = {"class_name": "InputLayer", "config": {"batch_shape": [None, 4], "name": "x"}, "module": "keras.layers"}
CONFIG = {"class_name": "Sequential", "config": {"name": "s", "layers": [INPUT, OPAQUE]}}
HELD = {"dense": (4, 3), "dense_1": (3, 5), "own": (7,)}
TOTAL = 12 + 15 + 7


def legacy(path: Path, names: dict[str, str], listed: dict[str, str], layer: str, *, with_config: bool) -> Path:
    """A legacy file: the datasets of ``block`` at ``names``, and what ``weight_names`` says of each."""
    with h5py.File(path, "w") as file:
        top = file
        if with_config:
            old = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4], "name": "x"}}
            file.attrs["model_config"] = json.dumps(
                {"class_name": "Sequential", "config": {"name": "s", "layers": [old, OPAQUE]}}
            )
            top = file.create_group("model_weights")
        top.attrs["layer_names"] = [b"x", layer.encode()]
        top.create_group("x").attrs["weight_names"] = []
        group = top.require_group(layer)
        group.attrs["weight_names"] = [listed[key].encode() for key in HELD]
        for key, shape in HELD.items():
            group.create_dataset(names[key], shape=shape, dtype="float32")
    return path


def tree(path: Path, places: dict[str, str]) -> Path:
    with h5py.File(path, "w") as file:
        for key, shape in HELD.items():
            file.create_dataset(places[key], shape=shape, dtype="float32")
    return path


def archive(path: Path, places: dict[str, str]) -> Path:
    tree(path.with_suffix(".h5"), places)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", json.dumps(CONFIG))
        file.write(path.with_suffix(".h5"), "model.weights.h5")
    return path


def mutated(text: str, chance: random.Random) -> str:
    """A path with a step left out, added, emptied, doubled or renamed."""
    steps = text.split("/")
    place = chance.randrange(len(steps))
    change = chance.choice(["drop", "add", "empty", "dot", "rename", "double", "swap"])
    if change == "drop" and len(steps) > 1:
        del steps[place]
    elif change in ("add", "empty", "dot"):
        steps.insert(max(place, 1), {"add": "more", "empty": "", "dot": "."}[change])
    elif change == "double":
        steps.insert(place, steps[place])
    elif change == "swap":
        other = chance.randrange(len(steps))
        steps[place], steps[other] = steps[other], steps[place]
    else:
        steps[place] += chance.choice(["_1", "x", " ", "é", "_9"])
    return "/".join(steps)


@pytest.mark.parametrize("seed", range(120))
@pytest.mark.parametrize("with_config", [True, False])
def test_mutated_names_in_a_legacy_file(seed: int, with_config: bool, tmp_path: Path) -> None:
    """The names of datasets, of the lists, and of the layer, one of them or each: nothing is lost without a word."""
    chance = random.Random(seed)
    names = {key: f"block/{key}/kernel:0" for key in HELD}
    listed, layer = dict(names), "block"
    for _ in range(chance.choice([1, 1, 2])):
        key = chance.choice(list(HELD))
        which = chance.randrange(4)
        if which in (0, 2):
            names[key] = mutated(names[key], chance)
        if which in (1, 2):
            listed[key] = mutated(listed[key], chance)
        if which == 3:
            layer = mutated(layer, chance).strip("/.") or "block"
    try:
        path = legacy(tmp_path / "m.h5", names, listed, layer, with_config=with_config)
    except (ValueError, OSError):
        pytest.skip("no such file can be written")
    assert is_honest(analyse(path).summary(), TOTAL)


@pytest.mark.parametrize("make", [tree, archive])
@pytest.mark.parametrize("seed", range(120))
def test_mutated_names_in_a_tree(seed: int, make: Callable[[Path, dict[str, str]], Path], tmp_path: Path) -> None:
    chance = random.Random(seed)
    places = {
        "dense": "layers/block/dense/vars/0",
        "dense_1": "layers/block/dense_1/vars/0",
        "own": "layers/block/vars/0",
    }
    for _ in range(chance.choice([1, 1, 2])):
        key = chance.choice(list(HELD))
        places[key] = mutated(places[key], chance)
    try:
        path = make(tmp_path / ("m.weights.h5" if make is tree else "m.keras"), places)
    except (ValueError, OSError):
        pytest.skip("no such file can be written")
    try:
        summary = analyse(path).summary()
    except SeqshapeError as error:
        assert "holds neither a Keras model nor weights" in error.diagnostics[0].message  # noqa: PT017
        return
    assert is_honest(summary, TOTAL)


@pytest.mark.parametrize("seed", range(40))
def test_mutated_names_in_several_files(seed: int, tmp_path: Path) -> None:
    """What the index lists and no file has is said; what a file has and the index does not list counts."""
    chance = random.Random(seed)
    keys = {key: f"layers/{key}/vars" for key in HELD}
    places = {key: f"layers/{key}/vars/0" for key in HELD}
    key = chance.choice(list(HELD))
    if chance.random() < 0.5:
        keys[key] = mutated(keys[key], chance)
    else:
        places[key] = mutated(places[key], chance)
    try:
        tree(tmp_path / "m_00000.weights.h5", places)
    except (ValueError, OSError):
        pytest.skip("no such file can be written")
    index = {"weight_map": {f"/{place}": "m_00000.weights.h5" for place in keys.values()}}
    (tmp_path / "m.weights.json").write_text(json.dumps(index))
    assert is_honest(analyse(tmp_path / "m.weights.json").summary(), TOTAL)


def test_what_is_lost_is_said(tmp_path: Path) -> None:
    places = {"dense": "layers/block/vars/0", "dense_1": "layers/other/vars/0", "own": "layers/block/free"}
    summary = analyse(archive(tmp_path / "m.keras", places)).summary()
    message = next(found.message for found in summary.diagnostics if "belong to no layer" in found.message)
    assert "layers/block/free, layers/other" in message
    assert summary.to_dict()["totals"]["unplaced"] is True
    assert Summary.from_dict(summary.to_dict()).lacks("params")


@pytest.mark.parametrize("with_config", [True, False])
def test_empty_steps_lead_nowhere_else(with_config: bool, tmp_path: Path) -> None:
    names = {key: f"block/{key}/kernel:0" for key in HELD}
    listed = {key: f"block//{key}/./kernel:0" for key in HELD}
    summary = analyse(legacy(tmp_path / "m.h5", names, listed, "block", with_config=with_config)).summary()
    assert (summary.totals.params, summary.lacks("params")) == (TOTAL, False)


# --- state that is no parameter ---------------------------------------------------------------------------------------

STATE = {
    "optimizer/vars/0": ((), "int32"),
    "optimizer/vars/1": ((), "float32"),
    "optimizer/vars/2": ((4, 3), "float32"),
    "d_optimizer/vars/0": ((), "int64"),
    "d_optimizer/vars/1": ((), "float32"),
    "d_optimizer/vars/2": ((4, 3), "float32"),
    "metrics/mean/vars/0": ((), "float32"),
    "metrics/mean/vars/1": ((), "float32"),
    "_metrics/auc/vars/0": ((200,), "float32"),
    "loss_tracker/vars/0": ((), "float32"),
    "kl_loss_tracker/vars/0": ((), "float32"),
    "kl_loss_tracker/vars/1": ((), "float32"),
    "layers/dropout/seed_generator/vars/0": ((2,), "uint32"),
    "layers/dropout_1/seed_generator/vars/0": ((2,), "int64"),
    "rng/vars/0": ((2,), "uint32"),
    "layers/functional/optimizer/vars/0": ((9,), "float32"),
}


@pytest.mark.parametrize("place", STATE)
def test_state_is_no_parameter(place: str, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        file.create_dataset("layers/dense/vars/0", (4, 3), "float32")
        for other in (path for path in STATE if path.startswith(place.rpartition("/")[0])):
            file.create_dataset(other, *STATE[other])
    summary = analyse(tmp_path / "m.weights.h5").summary()
    assert (summary.totals.params, summary.lacks("params")) == (12, False)


@pytest.mark.parametrize(
    "place", ["_dense", "metrics_head", "optimizer_net", "layers/metrics", "layers/optimizer", "_a/b", ""]
)
def test_layers_of_any_name_count(place: str, tmp_path: Path) -> None:
    """An attribute of the user's may begin as one of Keras's, and a class be called like it."""
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        file.create_dataset(f"{place}/vars/0".strip("/"), (4, 3), "float32")
        file.create_dataset("layers/dense/vars/0", (5,), "float32")
    assert analyse(tmp_path / "m.weights.h5").summary().totals.params == 17


# --- faulty networks --------------------------------------------------------------------------------------------------

WHOLE = [
    name for name in RECORDS if name.startswith(("keras2", "keras3", "custom")) and not name.endswith(".weights.h5")
]
WHOLE = [name for name in WHOLE if "unbuilt" not in name and "sub" not in name]


def broken(record: Tree, place: int, how: str) -> Tree:
    """A record whose layer at a place has an argument that there is none of, or gets another value."""
    config = json.loads(record["config"] if "config" in record else record["tree"][0][3]["model_config"])
    inside = config["config"]
    layers = inside if isinstance(inside, list) else inside["layers"]
    data = layers[place % len(layers)]
    own = data["config"]
    if isinstance(own, dict):
        own |= {"no_such_argument": 3} if how == "argument" else {"units": -1, "filters": -1, "axes": [99], "rate": 7}
    text = json.dumps(config)
    if "config" in record:
        return record | {"config": text}
    first = record["tree"][0]
    return record | {"tree": [[*first[:3], first[3] | {"model_config": text}], *record["tree"][1:]]}


@pytest.mark.parametrize("how", ["argument", "value"])
@pytest.mark.parametrize("place", range(1, 6))
@pytest.mark.parametrize("name", WHOLE)
def test_faulty_networks_have_true_counts(name: str, place: int, how: str, tmp_path: Path) -> None:
    """Whatever is wrong with the network, the weights that the file stores are the parameters."""
    record = RECORDS[name]
    try:
        summary = analyse(write(broken(record, place, how), tmp_path)).summary()
    except SeqshapeError:
        return  # no network can be read of it
    assert summary.totals.params == record["expected"]["total_params"] or summary.lacks("params")
    if not any("belong to no layer" in found.message for found in summary.diagnostics):
        assert not summary.lacks("params")


def test_factors_that_a_file_has_merged_are_not_counted_from_it(tmp_path: Path) -> None:
    """Keras stores a Dense with lora_rank without the factors: of a faulty one nothing is said to be whole."""
    layers = [INPUT, {"class_name": "Dense", "config": {"name": "d", "units": -1, "lora_rank": 2}}]
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset("layers/dense/vars/0", (4, 5), "float32")
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr(
            "config.json", json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": layers}})
        )
        archive.write(tmp_path / "w.h5", "model.weights.h5")
    summary = analyse(tmp_path / "m.keras").summary()
    assert summary.lacks("params")
