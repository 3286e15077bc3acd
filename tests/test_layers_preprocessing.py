"""Preprocessing layers: what Keras says of text and categories, and of images and sound beside the real Keras."""

from __future__ import annotations

from typing import Any

import pytest

from seqshape.analysis.timesteps import timesteps
from seqshape.dims import UNKNOWN
from seqshape.network import Network
from seqshape.readers.spec import read_spec
from seqshape.tensor import flatten

Shape = tuple[int | None, ...]


def network(call: str, shape: Shape, dtype: str = "float32") -> Network:
    return Network(read_spec(f'Input(shape={shape}, dtype="{dtype}") > {call}'))


def outcome(call: str, shape: Shape, dtype: str = "float32") -> Any:
    """Shape, dtype and weights of one layer on one input, or "refused"."""
    found = network(call, shape, dtype)
    if any(one.severity == "error" for one in found.diagnostics):
        return "refused"
    (row,) = found.summary().layers
    (out,) = flatten([flow.tensor for flow in [found.model.outputs]])
    weights = [(weight.path, tuple(weight.shape), weight.dtype, weight.trainable) for weight in row.weights]
    return tuple(None if dim is UNKNOWN else dim for dim in out.shape), out.dtype, weights


def complaint(call: str, shape: Shape, dtype: str = "float32") -> str:
    return network(call, shape, dtype).diagnostics[0].message


def warnings(call: str, shape: Shape, dtype: str = "float32") -> list[str]:
    found = network(call, shape, dtype).diagnostics
    assert all(one.severity == "warning" for one in found), found
    return [one.message for one in found]


# What Keras 3.15.1 with TensorFlow says: these layers need it there.
TEXT: list[tuple[str, Shape, str, Shape, str]] = [
    ('StringLookup(vocabulary=["a", "b", "c"])', (2, 3), "string", (None, 2, 3), "int64"),
    ('StringLookup(vocabulary=["a", "b", "c"], output_mode="one_hot")', (1,), "string", (None, 4), "float32"),
    ('StringLookup(vocabulary=["a", "b", "c"], output_mode="one_hot")', (5,), "string", (None, 5, 4), "float32"),
    ('StringLookup(vocabulary=["a", "b", "c"], output_mode="one_hot")', (), "string", (None, 4), "float32"),
    ('StringLookup(vocabulary=["a", "b", "c"], output_mode="multi_hot")', (2, 3), "string", (None, 2, 4), "float32"),
    ('StringLookup(vocabulary=["a"], num_oov_indices=3, output_mode="count")', (5,), "string", (None, 4), "float32"),
    (
        'StringLookup(10, vocabulary=["a"], output_mode="binary", pad_to_max_tokens=True)',
        (5,),
        "string",
        (None, 10),
        "float32",
    ),
    ('StringLookup(vocabulary=["[UNK]", "a", "b"], output_mode="multi_hot")', (5,), "string", (None, 3), "float32"),
    ('StringLookup(vocabulary=["a"], output_mode="tf_idf", idf_weights=[0.5])', (3,), "string", (None, 2), "float32"),
    ('StringLookup(vocabulary=["a", "b"], invert=True)', (None,), "int64", (None, None), "int64"),
    ('StringLookup(output_mode="one_hot")', (5,), "string", (None, 5, None), "float32"),
    ("IntegerLookup(vocabulary=[1, 2, 3], mask_token=0)", (5,), "int64", (None, 5), "int64"),
    (
        'IntegerLookup(vocabulary=[1, 2], num_oov_indices=2, output_mode="multi_hot")',
        (5,),
        "int64",
        (None, 4),
        "float32",
    ),
    ('TextVectorization(vocabulary=["a", "b"])', (1,), "string", (None, None), "int64"),
    ("TextVectorization(output_sequence_length=5)", (), "string", (None, 5), "int64"),
    ('TextVectorization(vocabulary=["a", "b"], output_mode="multi_hot")', (1,), "string", (None, 1, 3), "float32"),
    ('TextVectorization(vocabulary=["a", "b"], output_mode="multi_hot")', (), "string", (None, 3), "float32"),
    ('TextVectorization(max_tokens=20, output_mode="multi_hot")', (1,), "string", (None, 1, None), "float32"),
    ('TextVectorization(20, output_mode="count", pad_to_max_tokens=True)', (1,), "string", (None, 1, 20), "float32"),
    ('TextVectorization(standardize=None, split=None, vocabulary=["a"])', (4,), "string", (None, None), "int64"),
    ("Hashing(3)", (3, 4), "int64", (None, 3, 4), "int64"),
    ('Hashing(3, dtype="int32")', (3,), "int64", (None, 3), "int32"),
    ('Hashing(5, output_mode="one_hot")', (4,), "int64", (None, 5), "float32"),
    ('Hashing(5, output_mode="one_hot")', (), "int64", (5,), "float32"),
    ('Hashing(num_bins=5, output_mode="multi_hot")', (2, 3), "string", (None, 2, 5), "float32"),
]


@pytest.mark.parametrize(("call", "shape", "dtype", "out", "out_dtype"), TEXT)
def test_text_layers(call: str, shape: Shape, dtype: str, out: Shape, out_dtype: str) -> None:
    assert outcome(call, shape, dtype) == (out, out_dtype, [])


REFUSED_TEXT = [
    ('StringLookup(vocabulary=["a", "a"])', "has 'a' more than once"),
    ("StringLookup(vocabulary=[])", "at least one term"),
    ('StringLookup(vocabulary=["a"], output_mode="x")', "needs one of"),
    ("StringLookup(max_tokens=1)", "greater than 1"),
    ('StringLookup(max_tokens="a")', "whole number"),
    ('StringLookup(max_tokens=2, vocabulary=["a", "b"])', "more than max_tokens 2"),
    ('StringLookup(vocabulary=["a"], num_oov_indices=-1)', "at least 0"),
    ('StringLookup(vocabulary=["a"], invert=True, output_mode="one_hot")', "to turn numbers into words"),
    ('StringLookup(vocabulary=["a"], output_mode="tf_idf")', "needs idf_weights"),
    ('StringLookup(vocabulary=["a"], idf_weights=[1.0])', "tf_idf"),
    ('StringLookup(vocabulary=["a"], output_mode="tf_idf", idf_weights=[1.0, 2.0])', "one for each term"),
    ('StringLookup(output_mode="count", pad_to_max_tokens=True)', "needs max_tokens"),
    ('StringLookup(vocabulary=["a"], sparse=True)', "TensorFlow backend"),
    ('StringLookup(vocabulary=["a"], mask_token="a")', "mask token"),
    ('StringLookup(vocabulary=["a"], mask_token=0)', "has to be a string"),
    ("IntegerLookup(vocabulary=[1], salt=3)", "farmhash"),
    ("IntegerLookup(vocabulary=[1], oov_method='md5')", "needs one of"),
    ("StringLookup(oov_method='md5')", "needs one of"),
    ("StringLookup(salt=2.5)", "as salt"),
    ("Hashing(3, dtype='float32')", "int32 or int64"),
    ('TextVectorization(split="word")', "needs one of"),
    ('TextVectorization(standardize="upper")', "needs one of"),
    ('TextVectorization(ngrams="a")', "ngrams"),
    ('TextVectorization(output_mode="count", output_sequence_length=4)', '"int" only'),
    ("TextVectorization(output_sequence_length=-2)", "at least 0"),
    ("TextVectorization(ragged=True)", "ragged"),
    ("Hashing(0)", "at least one bin"),
    ('Hashing(3, salt="a")', "salt"),
    ("Hashing(3, sparse=True)", "sparse"),
    ("HashedCrossing(3)", "crosses two features, but gets 1"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED_TEXT)
def test_text_layers_refuse(call: str, message: str) -> None:
    assert message in complaint(call, (5,), "string")


def test_crossing_takes_two_features() -> None:
    inputs = 'a = Input(1, dtype="int64"); b = Input({}, dtype="int64"); '
    crossed = inputs + '(a, b) > HashedCrossing(10, output_mode="one_hot")'
    assert Network(read_spec(crossed.format(1))).summary().outputs[0].shape == (UNKNOWN, 10)
    assert "features of one shape" in Network(read_spec(crossed.format(3))).diagnostics[0].message


ODD = [
    ('StringLookup(output_mode="one_hot")', (5,), "string"),
    ('StringLookup(vocabulary=["a"], num_oov_indices=2, invert=True)', (5,), "int64"),
    ("TextVectorization", (1,), "string"),
    ('TextVectorization(vocabulary=["a"])', (4,), "string"),
    ('TextVectorization(vocabulary=["a"])', (1,), "float32"),
    ("Hashing(2.5)", (5,), "int64"),
    ("Hashing(3)", (5,), "float32"),
    ("Discretization(num_bins=0)", (5,), "float32"),
    ("Discretization([2.0, 1.0])", (5,), "float32"),
    ("Discretization([])", (5,), "float32"),
    ("CategoryEncoding(4)", (3, 4), "int32"),
    ("Rescaling([1.0, 2.0])", (3,), "float32"),
    ("MelSpectrogram", (5,), "float32"),
    ("MelSpectrogram", (3, 4000), "float32"),
    ("STFTSpectrogram(fft_length=300)", (4000, 1), "float32"),
    ("CenterCrop(20, 3)", (9, 9, 3), "float32"),
    ("CenterCrop(4, 4)", (7, 3), "float32"),
    ("Resizing(0, 4)", (9, 9, 3), "float32"),
    ('Resizing(4, 4, interpolation="x")', (9, 9, 3), "float32"),
    ("RandomCrop(4, 4)", (9, 9, 3), "float32"),
    ('RandomFlip("diagonal")', (9, 9, 3), "float32"),
    ("RandomFlip", (7, 3), "float32"),
    ("RandomFlip", (5,), "float32"),
    ("MixUp(-1)", (9, 9, 3), "float32"),
    ("RandAugment(num_ops=20)", (9, 9, 3), "float32"),
    ("MaxNumBoundingBoxes(-1)", (9, 9, 3), "float32"),
]


@pytest.mark.parametrize(("call", "shape", "dtype"), ODD)
def test_what_keras_builds_but_surprises_gets_a_warning(call: str, shape: Shape, dtype: str) -> None:
    assert len(warnings(call, shape, dtype)) == 1


ORDINARY = ["Resizing(4, 5)", "CenterCrop(4, 5)", "RandomCrop(9, 9)", "RandomFlip", "Rescaling(0.1)", "AutoContrast"]


@pytest.mark.parametrize("call", ORDINARY)
def test_ordinary_use_is_silent(call: str) -> None:
    assert warnings(call, (9, 9, 3)) == []


def test_equalization_needs_a_place_of_its_own() -> None:
    """Keras's symbolic output is the input tensor itself, which ends in a circle where the layer is the last."""
    assert outcome("Equalization", (9, 9, 3)) == "refused"
    assert outcome("Pipeline([Equalization()])", (9, 9, 3))[0] == (None, 9, 9, 3)


def test_a_pipeline_has_the_weights_of_its_layers() -> None:
    shape, _, weights = outcome("Pipeline([Dense(4), Dense(2)])", (5,))
    assert shape == (None, 2)
    paths = ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"]
    assert [path for path, *_ in weights] == paths
    assert network("Pipeline([Dense(4), Dense(2)])", (7, 5)).summary().totals.macs == 7 * (5 * 4 + 4 * 2)


def test_a_pipeline_sees_what_its_layers_see() -> None:
    """Steps of one layer after the other, here a window of 3 after one of 2."""
    alone = timesteps(network("Conv1D(1, 2) > Conv1D(1, 3)", (6, 1)))
    assert timesteps(network("Pipeline([Conv1D(1, 2), Conv1D(1, 3)])", (6, 1))).matrix == alone.matrix


def test_boxes_come_out_in_their_number() -> None:
    """A dict of tensors goes through as a dict."""
    from seqshape.layers.augmentation import MaxNumBoundingBoxes
    from seqshape.tensor import Tensor

    boxes = {"boxes": Tensor((UNKNOWN, UNKNOWN, 4)), "labels": Tensor((UNKNOWN, UNKNOWN))}
    out = MaxNumBoundingBoxes({"images": Tensor((UNKNOWN, 8, 8, 3)), "bounding_boxes": boxes}, 5).out
    assert [tensor.shape for tensor in flatten(out)] == [(UNKNOWN, 5, 4), (UNKNOWN, 5), (UNKNOWN, 8, 8, 3)]


# Calls on shapes, to be held against the real layer: shape, dtype, weights, or that it is refused.
BESIDE_KERAS: list[tuple[str, list[Shape], list[str]]] = [
    ("Rescaling(2, offset=-1)", [(4, 3), (None, 3), ()], ["float32", "int32", "float16"]),
    ("Discretization(bin_boundaries=[0.0, 1.0])", [(5,), (3, 4)], ["float32"]),
    ('Discretization(num_bins=4, output_mode="one_hot")', [(5,), (1,), (), (3, 4), (None,)], ["float32"]),
    ('Discretization(bin_boundaries=[0.0], output_mode="multi_hot")', [(5,), (3, 4), (2, 3, 4)], ["float32"]),
    ("Discretization", [(5,)], ["float32"]),
    ("Discretization(num_bins=-1)", [(5,)], ["float32"]),
    ('Discretization([0.0], output_mode="tf_idf")', [(5,)], ["float32"]),
    ("CategoryEncoding(num_tokens=4)", [(5,), (3, 4), (1,), (), (None,)], ["int32"]),
    ('CategoryEncoding(4, output_mode="one_hot")', [(5,), (1,), (3, 4), (3, 1), ()], ["int32", "int64"]),
    ("CategoryEncoding(0)", [(5,)], ["int32"]),
    ('CategoryEncoding(4, output_mode="int")', [(5,)], ["int32"]),
    ("MelSpectrogram", [(16000,), (None,), (3, 4000), ()], ["float32", "int32"]),
    ("MelSpectrogram(256, 64, 128, num_mel_bins=13)", [(1000,)], ["float32"]),
    ("MelSpectrogram(sequence_length=4000)", [(16000,)], ["float32"]),
    ("MelSpectrogram(sequence_stride=0)", [(16000,)], ["float32"]),
    ("STFTSpectrogram", [(4000, 1), (4000, 2), (None, 1), (4000,), (100, 1), (4000, None)], ["float32", "float16"]),
    ('STFTSpectrogram(mode="stft", frame_length=100, frame_step=25)', [(1000, 2)], ["float32"]),
    ('STFTSpectrogram(mode="real", frame_length=64)', [(1000, 1)], ["float32"]),
    ('STFTSpectrogram(mode="imag", frame_length=64, padding="same", window=None)', [(1000, 1)], ["float32"]),
    ("STFTSpectrogram(frame_length=64, expand_dims=True)", [(1000, 2)], ["float32"]),
    ('STFTSpectrogram(frame_length=64, expand_dims=True, data_format="channels_first")', [(2, 1000)], ["float32"]),
    ('STFTSpectrogram(frame_length=64, data_format="channels_first")', [(2, 1000)], ["float32"]),
    ("STFTSpectrogram(frame_step=300)", [(4000, 1)], ["float32"]),
    ("STFTSpectrogram(fft_length=100)", [(4000, 1)], ["float32"]),
    ('STFTSpectrogram(window="x")', [(4000, 1)], ["float32"]),
    ('STFTSpectrogram(scaling="x")', [(4000, 1)], ["float32"]),
    ("Resizing(4, 5)", [(8, 9, 3), (None, None, 3), (7, 3), (4, 6, 7, 3)], ["float32", "uint8"]),
    ('Resizing(4, 5, data_format="channels_first")', [(3, 8, 9), (8, 9)], ["float32"]),
    ("Resizing(-1, 4)", [(8, 9, 3)], ["float32"]),
    ("CenterCrop(4, 5)", [(8, 9, 3), (None, None, 3), (7, 3), (4, 6, 7, 3), (5,)], ["float32", "uint8"]),
    ('CenterCrop(4, 5, data_format="channels_first")', [(3, 8, 9)], ["float32"]),
    ("RandomCrop(4, 5)", [(8, 9, 3), (None, None, 3), (7, 3), (4, 6, 7, 3), (5,)], ["float32"]),
    ('RandomCrop(4, 5, data_format="channels_first")', [(3, 8, 9)], ["float32"]),
    *[
        (call, [(8, 9, 3), (None, 9, 1), (7, 3)], ["float32", "uint8"])
        for call in (
            "AutoContrast",
            "AutoContrast(value_range=3)",
            "ContrastLimitedAdaptiveHistogramEqualization",
            "CutMix",
            "MixUp",
            "AugMix",
            "RandAugment",
            "RandomBrightness(0.2)",
            "RandomBrightness(2)",
            "RandomColorDegeneration(0.5)",
            "RandomColorJitter(brightness_factor=0.1, hue_factor=0.2)",
            "RandomContrast(3)",
            "RandomContrast((0.2, 0.4))",
            "RandomElasticTransform",
            "RandomErasing(scale=(0.1, 0.2))",
            "RandomFlip",
            "RandomGaussianBlur(kernel_size=4)",
            "RandomGaussianBlur(kernel_size=(3, 5))",
            "RandomGrayscale",
            "RandomGrayscale(2)",
            "RandomHue(0.2)",
            "RandomInvert",
            "RandomPerspective(scale=2)",
            "RandomPerspective",
            "RandomPosterization(0)",
            "RandomPosterization(4)",
            "RandomRotation(0.2)",
            'RandomRotation(0.2, fill_mode="x")',
            "RandomSaturation(-0.5)",
            "RandomSharpness(-1)",
            "RandomSharpness(0.5)",
            "RandomShear(0.2)",
            "RandomShear(2)",
            "RandomShear((0.1, 0.3))",
            "RandomTranslation(0.1, 0.2)",
            "RandomTranslation(2, 2)",
            "RandomZoom(0.2)",
            "RandomZoom(-2)",
            "RandomZoom(-1)",
            "Solarization(0.2)",
            "Solarization(2)",
            "MaxNumBoundingBoxes(3)",
        )
    ],
    ("Pipeline([Rescaling(0.1), CenterCrop(4, 4)])", [(8, 9, 3), (None, None, 3)], ["float32"]),
    ("Pipeline([Resizing(6, 6), RandomFlip()])", [(8, 9, 3), (None, None, 3)], ["float32"]),
    ("Pipeline([Dense(4), Dense(2)])", [(5,)], ["float32"]),
    ("Pipeline([])", [(5,)], ["float32"]),
    *[
        (
            f"Pipeline([{call}])",
            [(6, 5, 3), (6, 5), (None, None, 3), (6,), (2, 6, 5, 3), (0, 5, 3)],
            ["float32", "uint8"],
        )
        for call in (
            "AutoContrast()",
            "CenterCrop(4, 3)",
            "CenterCrop(2, 2)",
            "CenterCrop(9, 2)",
            "CenterCrop(4, 3, 'channels_first')",
            "ContrastLimitedAdaptiveHistogramEqualization()",
            "CutMix()",
            "Equalization()",
            "MixUp()",
            "RandAugment()",
            "RandomBrightness(0.2)",
            "RandomColorDegeneration(0.2)",
            "RandomContrast(0.2)",
            "RandomCrop(2, 2)",
            "RandomCrop(6, 2)",
            "RandomCrop(9, 9)",
            "RandomElasticTransform()",
            "RandomElasticTransform(0.0)",
            "RandomFlip()",
            "RandomGaussianBlur()",
            "RandomGrayscale()",
            "RandomHue(0.2)",
            "RandomSaturation(0.2)",
            "RandomSharpness(0.2)",
            "RandomZoom(0.2)",
            "Resizing(4, 3)",
            "Resizing(4, 3, crop_to_aspect_ratio=True)",
            "Resizing(4, 3, fill_mode='wrap')",
        )
    ],
    ("Pipeline([AdaptiveMaxPooling1D(2)])", [(5,), (5, 3), (6, 5, 3)], ["float32"]),
    ("Pipeline([MelSpectrogram()])", [(4000,), (3, 4000)], ["float32"]),
    ("Pipeline([CategoryEncoding(4)])", [(3,), (3, 2)], ["int32"]),
    ("Pipeline([RandomFlip(dtype='mixed_float16'), Permute((3, 1, 2))])", [(6, 5, 3)], ["float32"]),
    ("Pipeline([Permute((3, 1, 2), dtype='mixed_float16')])", [(6, 5, 3)], ["float32"]),
    *(  # one, two, three and four channels, alone and inside a Pipeline, which runs it
        (around.format(call), [(8, 8, channels) for channels in (1, 2, 3, 4)], ["float32"])
        for call in (
            "RandomHue(0.5, (0, 255))",
            "RandomGrayscale(0.5)",
            "RandomSaturation(0.5, (0, 255))",
            "RandomColorDegeneration(0.5)",
        )
        for around in ("{}", "Pipeline([{}])")
    ),
]


def keras_outcome(call: str, shape: Shape, dtype: str) -> Any:
    """What the real layer says."""
    import keras

    from tests.oracle.keras_oracle import fresh

    fresh()
    names = {name: getattr(keras.layers, name) for name in dir(keras.layers)}
    try:
        layer = eval(call if call.endswith(")") else f"{call}()", names)
        out = layer(keras.Input(shape=shape, dtype=dtype))
        keras.Sequential([keras.Input(shape=shape, dtype=dtype), layer])
    except Exception:
        return "refused"
    prefix = f"{layer.name}/"
    weights = [(w.path.removeprefix(prefix), tuple(w.shape), w.dtype, w.trainable) for w in layer.weights]
    return tuple(out.shape), out.dtype, weights


@pytest.mark.oracle
@pytest.mark.parametrize(("call", "shapes", "dtypes"), BESIDE_KERAS, ids=[call for call, *_ in BESIDE_KERAS])
def test_beside_keras(call: str, shapes: list[Shape], dtypes: list[str]) -> None:
    for shape in shapes:
        for dtype in dtypes:
            assert outcome(call, shape, dtype) == keras_outcome(call, shape, dtype), (shape, dtype)
