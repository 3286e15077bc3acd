"""Models of keras.applications from their configs, row by row as real Keras has them. benchmarks/applications.py does all."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.applications import built, from_zero
from seqshape.answers import analyse
from seqshape.network import Network
from seqshape.readers.json_text import load as load_json
from seqshape.readers.keras_source.applications import KNOWN
from seqshape.readers.keras_source.face import Text
from tests.oracle.compare import differences
from tests.oracle.files import load

STORED = {record["id"]: record for record in load("applications")}


@pytest.mark.parametrize("name", STORED)
def test_stored(name: str) -> None:
    record = STORED[name]
    assert differences(analyse(record["config"]).summary(), from_zero(record["expected"])) == []


def from_source(arguments: str) -> Network:
    """What a program is read as that builds one model of keras.applications."""
    name, _, rest = arguments.partition(" ")
    (built,) = Text(f"import keras\nmodel = keras.applications.{name}(weights=None, {rest})\n", None).models()
    return analyse(built)


@pytest.mark.parametrize("name", [name for name in STORED if name in KNOWN])
def test_from_source(name: str) -> None:
    assert differences(from_source(name).summary(), from_zero(STORED[name]["expected"])) == []


# Totals of real Keras 3.15, without weights.
TOTALS = {
    "MobileNetV3Small minimalistic=True, input_shape=(64, 64, 3)": 2_056_848,
    "MobileNetV3Small alpha=0.75": 2_051_552,
    "MobileNetV3Small alpha=1.25, minimalistic=True, include_top=False, pooling='avg'": 682_328,
    "MobileNetV3Large": 5_507_432,
    "MobileNetV3Large alpha=0.75, minimalistic=True": 3_069_400,
    "MobileNetV3Large classes=10, dropout_rate=0": 4_239_242,
    "EfficientNetV2B1": 8_212_124,
    "EfficientNetV2B2": 10_178_374,
    "EfficientNetV2B3": 14_467_622,
    "EfficientNetV2S": 21_612_360,
    "EfficientNetV2M": 54_431_388,
    "EfficientNetV2L": 119_027_848,
    "EfficientNetV2B0 include_top=False, pooling='avg', include_preprocessing=False": 5_919_312,
    "EfficientNetV2B0 input_shape=(33, 33, 1), classes=3": 5_922_579,
    "EfficientNetV2S input_shape=(33, 33, 3), classes=3": 20_335_203,
}


@pytest.mark.parametrize("arguments", TOTALS)
def test_totals(arguments: str) -> None:
    assert from_source(arguments).summary().totals.params == TOTALS[arguments]


@pytest.mark.oracle
@pytest.mark.parametrize("arguments", TOTALS)
def test_keras_still_counts_so(arguments: str) -> None:
    from tests.oracle.keras_oracle import keras, session

    name, _, rest = arguments.partition(" ")
    with session():
        model = eval(f"keras.applications.{name}(weights=None, {rest})", {"keras": keras})
        assert model.count_params() == TOTALS[arguments]


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["MobileNetV2", "MobileNetV3Large", "ResNet50V2"])
def test_made(name: str) -> None:
    made: dict[str, Any] = built(name)
    assert differences(analyse(load_json(made["config"], name)).summary(), from_zero(made["expected"])) == []
