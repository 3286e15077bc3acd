"""Models of keras.applications from their configs, row by row as real Keras has them. benchmarks/applications.py does all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.applications import built, from_zero
from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.dims import evaluate
from seqshape.network import Network
from seqshape.readers.json_text import load as load_json
from seqshape.readers.keras_source.architectures.known import KNOWN
from seqshape.readers.keras_source.face import Text
from tests.fuzz import applications as fuzz
from tests.fuzz.choices import RandomChoices
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
    "InceptionResNetV2": 55_873_736,
    "NASNetMobile": 5_326_716,
    "NASNetLarge": 88_949_818,
    "ConvNeXtTiny": 28_589_128,
    "ConvNeXtSmall": 50_223_688,
    "ConvNeXtBase": 88_591_464,
    "ConvNeXtLarge": 197_767_336,
    "ConvNeXtXLarge": 350_196_968,
    "ConvNeXtTiny input_shape=(64, 64, 1), classes=5": 27_820_901,
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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("VGG16(weights=None, input_shape=(31, 64, 3), include_top=False)", "needs 32 rows and columns at least"),
        ("InceptionResNetV2(weights=None, input_shape=(74, 90, 3))", "needs 75 rows and columns at least"),
        ("MobileNetV3Small(weights=None, input_tensor=keras.Input((20, 64, 3)))", "needs 32 rows and columns at least"),
        ("ResNet50(input_shape=(64, 64, 3))", "include_top=False goes with other sizes"),
        ("ResNet50(input_shape=(64, 64, 1), include_top=False)", "has published weights for 3 channels"),
        ("ResNet50(classes=10)", "has published weights for 1000 classes, not 10"),
        ("MobileNet(alpha=0.4)", "has published weights for an alpha of"),
        ("NASNetMobile(weights=None, input_shape=(None, None, 3))", "needs all its input_shape with the classifier"),
        ("NASNetMobile(weights=None, input_shape=(64, None, 3), include_top=False)", "needs the number of columns"),
        ("ConvNeXtTiny(weights=None, alpha=2)", "has no argument alpha"),
        ("VGG16(weights=None, input_shape=(64, 64))", "takes an input_shape of three numbers"),
    ],
)
def test_refused(arguments: str, said: str) -> None:
    text = f"import keras\nmodel = keras.applications.{arguments}\n"
    with pytest.raises(SeqshapeError) as refused:
        Text(text, "train.py", Path("train.py")).models()
    assert said in refused.value.diagnostics[0].message


@pytest.mark.parametrize(
    "arguments",
    ["EfficientNetB0(weights=w)", "ConvNeXtTiny(name=w)", "VGG16(input_tensor=w)", "NASNetMobile(pooling=w)"],
)
def test_what_decides_the_layers_has_to_be_known(arguments: str) -> None:
    text = f"import sys\nimport keras\nw = sys.argv[1]\nmodel = keras.applications.{arguments}\n"
    with pytest.raises(SeqshapeError) as refused:
        Text(text, "train.py", Path("train.py")).models()
    assert "builds no model that can be read" in refused.value.diagnostics[-1].message


@pytest.mark.parametrize("name", ["MobileNetV2", "NASNetMobile", "EfficientNetB0", "InceptionResNetV2", "ConvNeXtTiny"])
@pytest.mark.parametrize("size", [80, 97, 111])
def test_a_size_that_is_not_known_is_any_size(name: str, size: int) -> None:
    """What a program says of a size that only the user knows is true of each: the padding goes by its parity."""
    call = f"keras.applications.{name}(weights=None, include_top=False, input_shape=(n, n, 3))"
    text = f"import sys\nimport keras\nn = int(sys.argv[1])\nmodel = {call}\n"
    (named,) = Text(text, None).models()
    (known,) = Text(text.replace("int(sys.argv[1])", str(size)), None).models()
    found, expected = analyse(named).summary(), analyse(known).summary()
    for mine, theirs in zip(found.layers, expected.layers, strict=True):
        (shape,), (wanted,) = mine.output_shapes, theirs.output_shapes
        assert shape is not None
        sizes = evaluate(shape, {"sys.argv[1]": size})
        assert (mine.name, sizes, mine.params) == (theirs.name, wanted, theirs.params)


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_words_are_those_of_keras(name: str) -> None:
    assert KNOWN[name].words == fuzz.words(name)


@pytest.mark.oracle
def test_every_model_is_known() -> None:
    from benchmarks.applications import names as of_keras

    assert sorted(KNOWN) == of_keras()


SMALL = ["ConvNeXtTiny", "EfficientNetV2B0", "MobileNetV2", "MobileNetV3Small", "NASNetMobile", "VGG16"]


@pytest.mark.oracle
@pytest.mark.parametrize("number", range(12))
def test_random_calls(number: int) -> None:
    """As real Keras builds or refuses them; ``python -m tests.fuzz.applications`` tries more."""
    source = fuzz.call(RandomChoices(f"test-{number}"), SMALL[number % len(SMALL)])
    assert fuzz.disagreement(source) is None, source


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["MobileNetV2", "MobileNetV3Large", "ResNet50V2"])
def test_made(name: str) -> None:
    made: dict[str, Any] = built(name)
    assert differences(analyse(load_json(made["config"], name)).summary(), from_zero(made["expected"])) == []
