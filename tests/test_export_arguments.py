"""What a layer is given, ``convert`` keeps: the law of config → export → real Keras → ``get_config``, and hostile values.

The layers are those of the catalogue as the facts have them, and random networks; what changes no shape and no count
(initializers, regularizers, constraints, seeds, policies, names) is set in all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import pytest

from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.exporters import keras_json, keras_python, spec
from tests.oracle.facts import load

Data = dict[str, Any]


def made(module: str, class_name: str, **config: Any) -> Data:
    """An object as Keras serializes it."""
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


RANDOM = {"seed": 3, "input_axes": None, "output_axes": None}
INITIALIZERS: tuple[Any, ...] = (
    made("keras.initializers", "HeNormal", **RANDOM),
    made("keras.initializers", "VarianceScaling", scale=2.5, mode="fan_avg", distribution="uniform", **RANDOM),
    made("keras.initializers", "Constant", value=0.5),
    made("keras.initializers", "Orthogonal", gain=0.5, seed=None),
    made("keras.initializers", "RandomUniform", minval=-0.25, maxval=0.5, seed=11),
    made("keras.initializers", "TruncatedNormal", mean=0.5, stddev=0.125, seed=None),
    made("keras.initializers", "GlorotUniform", seed=None, input_axes=None, output_axes=None),
    "lecun_normal",
    None,
    "ones",
)
REGULARIZERS: tuple[Any, ...] = (
    made("keras.regularizers", "L1L2", l1=0.25, l2=0.5),
    made("keras.regularizers", "L2", l2=0.125),
    made("keras.regularizers", "L1", l1=0.5),
    made("keras.regularizers", "OrthogonalRegularizer", factor=0.5, mode="columns"),
    "l2",
)
CONSTRAINTS: tuple[Any, ...] = (
    made("keras.constraints", "MaxNorm", max_value=3, axis=0),
    made("keras.constraints", "MinMaxNorm", min_value=0.25, max_value=2.0, rate=0.5, axis=0),
    made("keras.constraints", "NonNeg"),
    "unit_norm",
)
QUANTIZED = made(
    "keras.quantizers", "AbsMaxQuantizer", axis=[0], value_range=[-127, 127], epsilon=0.125, output_dtype="int8"
)
QUANTIZATIONS: tuple[Any, ...] = (
    made("keras.quantizers", "Int8QuantizationConfig", weight_quantizer=QUANTIZED, activation_quantizer=None),
    made("keras.quantizers", "Int4QuantizationConfig", weight_quantizer=None, activation_quantizer=None, block_size=64),
)
POLICIES: tuple[Any, ...] = (
    made("keras", "DTypePolicy", name="mixed_float16"),
    made("keras", "DTypePolicy", name="float64"),
)
VALUES = {
    "initializer": INITIALIZERS,
    "regularizer": REGULARIZERS,
    "constraint": CONSTRAINTS,
    "seed": (7, 0),
    "quantization_config": QUANTIZATIONS,
}
COPIED = ("MultiHeadAttention", "GroupedQueryAttention")  # their initializers have to be objects
NOT_READ = {"Lambda"}  # Keras itself does not load what it writes of these
ACTIVATION = made("keras.layers", "LeakyReLU", negative_slope=0.25)


def layers_in(data: Any) -> Iterator[Data]:
    """Every serialized layer in a config, those inside others too."""
    if isinstance(data, dict):
        if data.get("module") == "keras.layers" and isinstance(data.get("config"), dict):
            yield data
        for item in data.values():
            yield from layers_in(item)
    elif isinstance(data, list):
        for item in data:
            yield from layers_in(item)


def filled(config: Data, turn: int) -> Data:
    """A config in which each argument that changes no shape says something; ``turn`` says which value of each."""
    data: Data = json.loads(json.dumps(config))
    for number, layer in enumerate(layers_in(data)):
        own = layer["config"]
        for place, name in enumerate(own):
            values = VALUES.get(name.rpartition("_")[2], VALUES.get(name, ()))
            if not values or (layer["class_name"] == "SimpleRNN" and name == "activity_regularizer"):
                continue
            value = values[(turn + number + place) % len(values)]
            own[name] = (
                values[0]
                if not isinstance(value, dict) and name.endswith("_initializer") and layer["class_name"] in COPIED
                else value
            )
        if layer["class_name"] != "InputLayer" and turn % 4 == 1:
            own["trainable"] = False
        if layer["class_name"] != "InputLayer" and turn % 4 == 2 and "dtype" in own:
            own["dtype"] = POLICIES[turn % len(POLICIES)]
        if "activation" in own and turn % 4 == 3 and layer["class_name"] != "Activation":
            own["activation"] = ACTIVATION if layer["class_name"] == "Dense" else None
    return data


def plain(data: Any) -> Any:
    """A config without what a model learns when it is built, and without call arguments that are None."""
    if isinstance(data, dict):
        left_out = ("build_config", "build_input_shape", "compile_config")
        kept = {name: plain(item) for name, item in data.items() if name not in left_out}
        if set(kept) == {"args", "kwargs"}:
            kept["kwargs"] = {name: item for name, item in kept["kwargs"].items() if item is not None}
        return kept
    return [plain(item) for item in data] if isinstance(data, (list, tuple)) else data


def loaded(text: str) -> Any:
    """What the real Keras has as the config of a model of JSON."""
    from tests.oracle import keras_oracle

    with keras_oracle.session():
        model = keras_oracle.keras.models.model_from_json(text)
        return plain(json.loads(json.dumps(keras_oracle.keras.saving.serialize_keras_object(model))))


def executed(code: str) -> Any:
    """What the real Keras has as the config of a model that code leaves in ``model``."""
    from tests.oracle import keras_oracle

    with keras_oracle.session():
        known: Data = {}
        exec(code, known)
        return plain(json.loads(json.dumps(keras_oracle.keras.saving.serialize_keras_object(known["model"]))))


def differing(here: Any, there: Any, path: str = "") -> Iterator[str]:
    """Where two configs differ."""
    if isinstance(here, dict) and isinstance(there, dict):
        for name in sorted({*here, *there}):
            if name not in here or name not in there:
                yield f"{path}/{name}: {'lost' if name in there else 'more'}"
            else:
                yield from differing(here[name], there[name], f"{path}/{name}")
    elif isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        for index, (one, other) in enumerate(zip(here, there, strict=True)):
            yield from differing(one, other, f"{path}/{index}")
    elif here != there:
        yield f"{path}: {str(here)[:100]} instead of {str(there)[:100]}"


def by_name(data: Data) -> Data:
    """The class and the arguments of each layer by its name: what a spec says of a network.

    A chain inside another has no input of its own in a spec.
    """
    own = [layer["config"]["name"] for layer in data["config"]["layers"] if layer["class_name"] == "InputLayer"]
    return {
        str(layer["config"].get("name")): {"class": layer["class_name"], **without_inputs(layer["config"])}
        for layer in layers_in(data)
        if layer["class_name"] != "InputLayer" or layer["config"]["name"] in own
    }


def without_inputs(data: Any) -> Any:
    """A config without the InputLayers of the models in it."""
    if isinstance(data, dict):
        return {name: without_inputs(item) for name, item in data.items()}
    if not isinstance(data, list):
        return data
    return [
        without_inputs(item) for item in data if not (isinstance(item, dict) and item.get("class_name") == "InputLayer")
    ]


def lost(config: Data) -> dict[str, list[str]] | None:
    """What each form loses of a network; a form that refuses it loses nothing. ``None`` if Keras does not read it."""
    try:
        true = loaded(json.dumps(config))
    except Exception:
        return None
    network = analyse(config)
    found: dict[str, list[str]] = {}
    try:
        found["json"] = list(differing(loaded(keras_json.write(network)), true))
        found["python"] = list(differing(executed(keras_python.write(network)), true))
        again = analyse(spec.write(network), kind="spec")
        found["spec"] = list(differing(by_name(loaded(keras_json.write(again))), by_name(true)))
    except SeqshapeError as refusal:
        found["refusal"] = [one.message for one in refusal.diagnostics if one.code != "E601"]
    return {form: lines for form, lines in found.items() if lines}


@cache
def catalogue() -> dict[str, list[Data]]:
    """The configs of the facts by the class that each is about."""
    found: dict[str, list[Data]] = {}
    for case in load("layers"):
        if case.get("config") is not None and not case.get("requires"):
            found.setdefault(str(case.get("class") or case["calls"][0]["class"]), []).append(case["config"])
    return found


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(catalogue()))
def test_each_layer_keeps_its_arguments(name: str) -> None:
    configs = catalogue()[name]
    turns = [(configs[0], turn) for turn in range(2)] + [(configs[-1], 2), (configs[len(configs) // 2], 3)]
    found = [lost(filled(config, turn)) for config, turn in turns]
    assert [one for one in found if one] == []
    assert any(one is not None for one in found) or name in NOT_READ


@pytest.mark.oracle
@pytest.mark.parametrize("case", load("fuzz")[7::75], ids=lambda case: str(case["id"]))
def test_each_network_keeps_its_arguments(case: Any) -> None:
    assert not lost(filled(case["config"], len(str(case["config"]))))


@pytest.mark.oracle
@pytest.mark.parametrize("case", [case for case in load("keras_tests") if "config" in case][5::160])
def test_each_network_of_keras_s_tests_keeps_its_arguments(case: Any) -> None:
    assert not lost(case["config"])


# Names that mean something where code is written.
AWKWARD = (
    *(
        "keras",
        "layers",
        "ops",
        "model",
        "model_1",
        "x1",
        "x",
        "torch",
        "nn",
        "F",
        "f",
        "self",
        "len",
        "float",
        "slice",
    ),
    *("Dense", "dense", "seq", "state", "part_1", "None", "class", "_", "__init__", "forward", "training", "weight"),
    *("relu", "Input", "Tensor", "Model", "math", "1", "a b", "ü", "ops.add", "lambda", "Concatenate", "T", "sub"),
)


def awkward(config: Data, turn: int) -> Data:
    """A config with other names for its layers, the models in it included."""
    names: dict[str, str] = {}
    for named in (*layers_in(config), *models_in(config)):
        at = turn + 7 * len(names)
        names.setdefault(named["config"]["name"], AWKWARD[at % len(AWKWARD)] + "_" * (len(names) // len(AWKWARD)))

    def changed(data: Any) -> Any:
        if isinstance(data, dict):
            return {key: changed(item) for key, item in data.items()}
        if isinstance(data, list):
            return [changed(item) for item in data]
        return names.get(data, data) if isinstance(data, str) else data

    found: Data = changed(config)
    return found


def models_in(data: Any) -> Iterator[Data]:
    """Every model in a config, itself included."""
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from models_in(item)
    if isinstance(data, dict) and data.get("class_name") in ("Sequential", "Functional"):
        yield data


@pytest.mark.oracle
@pytest.mark.parametrize("case", load("fuzz")[13::90], ids=lambda case: str(case["id"]))
def test_names_that_mean_something_are_names(case: Any) -> None:
    from seqshape.exporters.torch import write as write_torch

    config = awkward(case["config"], len(str(case["config"])))
    assert not lost(config)
    with suppress(SeqshapeError):
        compile(write_torch(analyse(config)), "module", "exec")


@pytest.mark.parametrize("class_name", ["__numpy__", "__tensor__"])
@pytest.mark.parametrize("write", [keras_json.write, keras_python.write, spec.write])
def test_an_array_as_an_initializer_is_refused(write: Any, class_name: str) -> None:
    array = {"class_name": class_name, "config": {"value": [[1.0, 2.0]], "dtype": "float32"}}
    dense = {"name": "d", "units": 2, "kernel_initializer": made("keras.initializers", "Constant", value=array)}
    start = made("keras.layers", "InputLayer", batch_shape=[None, 1], name="i")
    config = made("keras", "Sequential", name="s", layers=[start, made("keras.layers", "Dense", **dense)])
    with pytest.raises(SeqshapeError, match="an array of the file"):
        write(analyse(config))


@pytest.mark.parametrize("module", ["my_package", None])
@pytest.mark.parametrize("write", [keras_json.write, keras_python.write, spec.write])
def test_an_initializer_of_one_s_own_is_named(write: Any, module: str | None) -> None:
    own = {"module": module, "class_name": "Mine", "config": {}, "registered_name": "my_package>Mine"}
    dense = made("keras.layers", "Dense", name="d", units=2, kernel_initializer=own)
    start = made("keras.layers", "InputLayer", batch_shape=[None, 1], name="i")
    with pytest.raises(SeqshapeError, match="kernel_initializer is of the class Mine, which only its own code knows"):
        write(analyse(made("keras", "Sequential", name="s", layers=[start, dense])))


@pytest.mark.oracle
@pytest.mark.parametrize("flag", ["sparse", "optional"])
def test_what_an_input_says_of_itself_is_kept(flag: str) -> None:
    start = made("keras.layers", "InputLayer", batch_shape=[None, 4], name="i", **{flag: True})
    assert (
        lost(made("keras", "Sequential", name="s", layers=[start, made("keras.layers", "Dense", name="d", units=2)]))
        == {}
    )
