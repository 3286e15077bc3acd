"""Each piece of advice fires where it should, and stays silent on the nearest harmless spec."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from seqshape.analysis.advice import CHECKS, advise
from seqshape.analysis.equivalence import equivalence
from seqshape.answers import analyse
from seqshape.cli import main
from seqshape.codes import CODES
from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.mending import trial
from seqshape.mending.trial import walked

# Code, a spec that fires, the nearest harmless one, the input of both.
CASES = [
    ("A101", "TD(Dense(4))", "TD(Conv1D(4,2))", "5,6,3"),
    ("A101", "GRU(16,seq)>TD(Dense(8,relu))", "GRU(16,seq)>Dense(8,relu)", "5,3"),
    ("A102", "LSTM(5)>Reshape(5,1)>LSTM(2)", "LSTM(5,seq)>LSTM(2)", "8,2"),
    ("A102", "Bi(GRU(5))>Reshape(5,2)>Conv1D(2,3)", "Bi(GRU(5))>Dense(10)>Reshape(5,2)>Conv1D(2,3)", "8,2"),
    ("A102", "LSTM(5)>Reshape(5,1)>TD(Dense(1))", "LSTM(5)>RepeatVector(5)>TD(Dense(1))", "8,2"),
    ("A103", "LSTM(5,seq)>Flatten>Dense(3)", "LSTM(5,seq)>GAP1D>Dense(3)", "8,2"),
    ("A103", "Conv1D(5,3)>MP1D(2)>Flatten>Dropout(0.5)>Dense(3)", "Conv2D(5,3)>MP2D(2)>Flatten>Dense(3)", None),
    ("A103", "Emb(9,4)>Flatten>Dense(3)", "Emb(9,4)>Flatten", "8"),
    ("A103", "TD(Dense(2))>Flatten>Dense(3)", "Flatten>Dense(3)", "8,2"),
    ("A104", "Dense(1,softmax)", "Dense(1,sigmoid)", "8"),
    ("A104", "Dense(1)>softmax", "Dense(2)>softmax", "8"),
    ("A104", "TD(Dense(1,softmax))", "Dense(1)>Softmax(axis=1)", "8,2"),
    ("A104", "Conv1D(1,1,softmax)", "Conv1D(2,1,softmax)", "8,2"),
    ("A105", "Dense(4)>BN", "Dense(4,nobias)>BN", "8"),
    ("A105", "Conv2D(4,3)>BN", "Conv2D(4,3,relu)>BN", "8,8,1"),
    ("A105", "Conv1D(4,3)>Dropout(0.1)>BN", "Conv1D(4,3)>BN(axis=1)", "8,2"),
    ("A105", "Dense(4)>BN(center=False)", "Dense(4)>LN", "8"),
    ("A107", "Dense(4)>Dropout(0.5)", "Dropout(0.5)>Dense(4)", "8"),
    ("A107", "LSTM(4,seq)>SpatialDropout1D(0.5)", "LSTM(4,seq)>Dropout(0)", "8,2"),
    (
        "A108",
        "x=Input(7); x>Emb(9,4,mask_zero=True)>Conv1D(4,2)>LSTM(3)",
        "x=Input(7); x>Emb(9,4,mask_zero=True)>LSTM(3)",
        None,
    ),
    ("A108", "Masking>Flatten>Reshape(8,2)>LSTM(3)", "Masking>Conv1D(4,2)>Flatten>Dense(2)", "8,2"),
    ("A109", "Dense(4)>Dense(4)", "Dense(4,relu)>Dense(4)", "8"),
    ("A109", "TD(Dense(9))>Dense(4)", "TD(Dense(9))>relu>Dense(4)", "8,2"),
    ("A109", "Dense(9)>Dropout(0.5)>Dense(9)", "Dense(2)>Dense(9)", "8"),
    ("A110", "Conv1D(4,9,same)", "Conv1D(4,5,same)", "5,2"),
    ("A110", "Conv1D(4,3,causal,d=3)", "Conv1D(4,3,causal,d=2)", "5,2"),
    ("A111", "Dense(4)>Emb(5,4)", "Emb(5,4)>Dense(4)", "5"),
    ("A111", "LSTM(4)>Emb(5,4)", "Reshape(4)>Emb(5,4)", "2,2"),
    ("A112", "Conv1D(8,3,same)>LSTM(4,seq)>Flatten>Dense(500)", "Conv1D(8,3,same)>LSTM(4,seq)>GAP1D>Dense(500)", "64,2"),
    ("A112", "Conv2D(8,3)>BN>Flatten>Dense(128)>Dense(10)", "Conv2D(8,3)>BN>MP2D(13)>Flatten>Dense(128)>Dense(10)", "28,28,1"),
    ("A113", "Permute(2,1)>LSTM(3)", "LSTM(3)", "8,2"),
    ("A113", "Permute(2,1)>Bi(LSTM(3))", "Permute(2,1)>Conv1D(3,2)>Permute(2,1)>GAP1D", "8,2"),
    ("A113", "Conv1D(4,3,channels_first)>LSTM(3)", "Conv1D(4,3,channels_first)>Permute(2,1)>LSTM(3)", "8,12"),
    (
        "A113",
        "Conv1D(4,3,channels_first)>BN(axis=1)>relu>GRU(3)",
        "Conv1D(4,3,channels_first)>BN(axis=1)>Permute(2,1)>GRU(3)",
        "8,12",
    ),
    ("A117", "Dense(5,relu)>Dense(2)", "LSTM(5)>Dense(2)", "33500,2"),
    ("A118", "Conv2d(3,8,3)", "Conv2D(3,8,3)", "28,28,3"),
    ("A118", "Conv1d(3,8,2)", "Conv1d(8,2)>MaxPool1d(2,2)", "19,3"),
    ("A119", "Conv2D(8,3)>Flatten>Dense(2)", "Conv2D(8,3,channels_first)>Flatten>Dense(2)", "3,16,16"),
    ("A117", "BN>Dense(5,relu)>Dropout(0.1)>Dense(2)", "Dense(5,relu)>GAP1D>Dense(2)", "4000,2"),
    ("A115", "Masking()>Conv1D(4,3)>Flatten", "Masking()>GAP1D", "8,2"),
    ("A115", "Emb(9,4,mask_zero=True)>Dense(3)>Flatten", "Emb(9,4,mask_zero=True)>Dense(3)>LSTM(2)", "8"),
]  # fmt: skip
SHAPES = {"Conv2D(5,3)>MP2D(2)>Flatten>Dense(3)": "8,8,2", "Conv1D(5,3)>MP1D(2)>Flatten>Dropout(0.5)>Dense(3)": "8,2"}


def found(spec: str, shape: str | None) -> list[Diagnostic]:
    network = analyse(spec, shape, kind="spec")
    assert [one.message for one in network.diagnostics if one.severity == "error"] == []
    return advise(network)


@pytest.mark.parametrize(("code", "odd", "harmless", "shape"), CASES)
def test_advice_fires_and_stays_silent(code: str, odd: str, harmless: str, shape: str | None) -> None:
    fired = [one for one in found(odd, SHAPES.get(odd, shape)) if one.code == code]
    assert len(fired) == 1
    assert fired[0].severity == "advice"
    assert code not in {one.code for one in found(harmless, SHAPES.get(harmless, shape))}


def test_every_piece_of_advice_is_tested_and_has_a_page() -> None:
    assert set(CHECKS) == {code for code, *_ in CASES} | {"A116"}  # of files: see test_a_file_that_keras_3_refuses
    assert set(CHECKS) <= set(CODES)


def test_advice_is_no_error() -> None:
    for _, odd, _, shape in CASES:
        shape = SHAPES.get(odd, shape)
        words = [odd, *(["-i", shape] if shape else [])]
        assert CliRunner().invoke(main, ["summarize", *words]).exit_code == 0


# Spec, input, code, the mended spec, and whether that is the same network in every number it gives.
MENDED = [
    ("GRU(16,seq)>TD(Dense(8))", "5,3", "A101", "GRU(16,seq)>Dense(8)", True),
    ("LSTM(5)>Reshape(5,1)>LSTM(2)", "8,2", "A102", "LSTM(5,seq)>LSTM(2)", False),
    ("Bi(LSTM(5))>Reshape(5,2)>LSTM(2)", "8,2", "A102", "Bi(LSTM(5,seq))>LSTM(2)", False),
    ("Dense(1,softmax)", "8", "A104", "Dense(1,sigmoid)", False),
    ("Dense(1) -> softmax", "8", "A104", "Dense(1) -> sigmoid", False),
    ('TD(Dense(1, activation="softmax"))', "8,2", "A104", 'TD(Dense(1, activation="sigmoid"))', False),
    ("Dense(4, use_bias=True)>BN", "8", "A105", "Dense(4, use_bias=False)>BN", False),
    ("Conv1D(4,3)>BN", "8,2", "A105", "Conv1D(4,3,nobias)>BN", False),
    ("Permute(2,1) > LSTM(3)", "8,2", "A113", "LSTM(3)", False),
    ("Conv1D(4,3,channels_first)>LSTM(3)", "8,12", "A113", "Conv1D(4,3,channels_first)>Permute(2,1)>LSTM(3)", False),
]


@pytest.mark.parametrize(("spec", "shape", "code", "mended", "same"), MENDED)
def test_advice_with_the_mended_spec(spec: str, shape: str, code: str, mended: str, same: bool) -> None:
    fired = next(one for one in found(spec, shape) if one.code == code)
    assert fired.replacement == mended
    assert code not in {one.code for one in found(mended, shape)}
    if same:
        assert equivalence(analyse(spec, shape), analyse(mended, shape)).equivalent is True


def test_a_mend_that_does_not_work_is_not_offered() -> None:
    fired = next(one for one in found("LSTM(5)>Reshape(5,1)>LSTM(2,seq)>Reshape(10)", "8,2") if one.code == "A102")
    assert fired.replacement is None


# Where a TimeDistributed(Dense) can stand, and how it can be written.
SITES = [
    "{td}", "{td}>{td}", "LSTM(4,seq)>{td}", "({td})*3", "({td}>relu)*2>{td}", "[{td}|Dense(3)]>Concat", "Residual({td})",
    "h={td}; x=Input(6,3); x>h>h", "d={inner}; x=Input(6,3); x>d>TD(d)", "Masking>{td}>LSTM(2)", "TD({td})",
    "Bi(GRU(2,seq))>{td}",
    'Dense(3,name="dense_1")>{td}', 'x=Input(6,3); y=x>{td}; z=x>{td}; [y|z]>Add', "x=Input(6,3); {inner}; x>{td}",
    "Emb(9,4,mask_zero=True)>{td}", "Conv2D(3,1)>{td}", "m={td}>relu; x=Input(6,3); x>m>m", "Sequential([{td}, relu])",
    'TD({inner},name="a")>Dense(2,name="a_1")', "{td} > # why\n {td}", "cast>{td}", "Dropout(0.1)>{td}>BN",
    "{td}>Flatten>Dense(1)",
]  # fmt: skip
INNER = ["Dense(3)", "Dense(3,relu)", "(Dense(3))", "Dense( units=3, nobias )", 'Dense(3,dtype="float16")', "Dense(N)"]
INNER += ['Dense(3,name="dense")', "Dense(1,softmax)", "Dense(3,lora_rank=2)", 'Dense(3,activation="softmax")']


def test_what_is_proven_is_what_a_second_walk_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mend that is offered without reading and walking the mended text is the same as with it, wherever it stands."""
    proven = 0
    for site in SITES:
        for inner in INNER:
            spec = site.format(td=f"TD({inner})", inner=inner)
            for shape in (None,) if "Input" in spec else ("6,3", "T,F", "None,3", "6,4,3", "6"):
                try:
                    network = analyse(spec, shape, kind="spec")
                except SeqshapeError:
                    continue
                said = advise(network)
                walks = []
                with monkeypatch.context() as patch:
                    patch.setattr("seqshape.mending.trial.walked", lambda *given: walks.append(given))  # noqa: B023
                    is_proven = advise(network) == said and any(one.code == "A101" for one in said) and not walks
                    patch.undo()
                    patch.setattr("seqshape.analysis.advice._is_proven", lambda use, instead: False)
                    assert advise(network) == said, (spec, shape)
                proven += is_proven
    assert proven > 100


def test_no_advice_on_a_faulty_network() -> None:
    assert advise(analyse("TD(Dense(4))>LSTM(3)>LSTM(3)", "5,2")) == []


def test_an_rnn_over_unknown_features_is_refused_in_words() -> None:
    """Keras refuses it, so it is an error; over an unknown number of steps it is fine."""
    for spec, shape, instead in (("LSTM(5)", "9,None", "-i 9,8"), ("Bi(GRU(5,seq))", "None,None", "-i None,8")):
        (wrong,) = analyse(spec, shape).diagnostics
        assert wrong.code == "E204"
        assert wrong.help is not None
        assert wrong.help.endswith(f"give the features (the last axis) a number: {instead}")
    assert analyse("LSTM(5)", "None,8").diagnostics == []


def test_advice_can_be_chosen() -> None:
    network = analyse("Dense(4)>Dense(1,softmax)", "8")
    assert {one.code for one in advise(network, select=("A104",))} == {"A104"}
    assert "A104" not in {one.code for one in advise(network, ignore=("A104",))}


def test_advice_on_the_command_line() -> None:
    words = ["Dense(4)>Dense(1,softmax)", "-i", "8", "--json"]

    def codes(*more: str) -> list[str]:
        return [
            one["code"]
            for one in json.loads(CliRunner().invoke(main, ["summarize", *words, *more]).stdout)["diagnostics"]
        ]

    assert codes() == ["A104", "A109"]
    assert codes("--no-advice") == []
    assert codes("--select", "A104") == ["A104"]
    assert codes("--ignore", "a104") == ["A109"]


@pytest.mark.parametrize(
    ("spec", "shape", "code", "number"), [("TD(Dense(8))", "5,1", "A101", 100), ("Dense(8)>BN", "5", "A105", 90)]
)
def test_a_hundred_pieces_of_advice_are_mended_in_one_walk(
    spec: str, shape: str, code: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = analyse(">".join([spec] * number), shape)
    walks: list[object] = []
    monkeypatch.setattr(trial, "walked", lambda *given: (walks.append(given), walked(*given))[1])
    texts = [one.replacement for one in advise(network) if one.code == code]
    assert len(texts) == number
    assert len(walks) <= 4
    (text,) = set(texts)
    assert text is not None
    assert [one for one in advise(analyse(text, shape)) if one.code == code] == []


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("layer", "shape", "argument"),
    [
        ({"class_name": "LSTM", "config": {"name": "l", "units": 5, "time_major": False}}, [None, 10, 4], "time_major"),
        ({"class_name": "GRU", "config": {"name": "l", "units": 5, "time_major": False}}, [None, 10, 4], "time_major"),
        (
            {"class_name": "DepthwiseConv2D", "config": {"name": "l", "kernel_size": [3, 3], "groups": 1}},
            [None, 9, 9, 2],
            "groups",
        ),
    ],
)
def test_a_file_that_keras_3_refuses(layer: dict[str, Any], shape: list[int | None], argument: str) -> None:
    """It is said once, and what ``convert`` writes is loaded by the real Keras."""
    from seqshape.exporters.keras_json import write
    from tests.oracle.keras_oracle import keras

    first = {"class_name": "InputLayer", "config": {"batch_input_shape": shape, "name": "i"}}
    layers = [first, layer, {"class_name": "Flatten", "config": {"name": "f"}}]
    config = {"class_name": "Sequential", "keras_version": "2.9.0", "config": {"name": "s", "layers": layers}}
    network = analyse(config)
    (said,) = [one for one in advise(network) if one.code == "A116"]
    assert argument in said.message
    assert "convert --to keras-json" in str(said.help)
    again = keras.models.model_from_json(write(network))
    assert again.count_params() == network.summary().totals.params
    assert [one for one in advise(analyse(write(network))) if one.code == "A116"] == []
