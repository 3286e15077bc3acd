"""Where the numbers come from: formulas are the rules themselves, run on names."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from seqshape.analysis.explain import explain, length
from seqshape.answers import analyse
from seqshape.cli import main


def invoke(*words: str) -> str:
    found = CliRunner().invoke(main, ["explain", *words])
    assert found.exit_code == 0, found.output
    return found.stdout


LSTM = """\
lstm (LSTM)   (None, 5, 1) → (None, 5, 5)
  kernel            features × 4·units  (1, 20)   20
  recurrent_kernel  units × 4·units     (5, 20)  100
  bias              4·units             (20,)     20
  4·units·(features + units + 1) = 4·5·(1 + 5 + 1) = 140
  the same weights serve every step; each step sees itself and all earlier steps
"""


def test_an_lstm() -> None:
    whole = invoke("LSTM(5,seq)>TD(Dense(1))", "-i", "5,1")
    assert whole.startswith(LSTM + "\n")
    assert whole.endswith("\nany length: no count depends on the number of steps\n")


@pytest.mark.parametrize("name", ["lstm", "LSTM", "Lstm"])
def test_one_layer_and_its_manual(name: str) -> None:
    manual = "  Long short-term memory: four gates, each reading the input and the previous output."
    assert (
        invoke("LSTM(5,seq)>TD(Dense(1))", name, "-i", "5,1") == f"{LSTM}{manual}\n  more of it: seqshape layers LSTM\n"
    )


def test_a_layer_goes_by_its_alias_too() -> None:
    assert invoke("LSTM(5,seq)>TD(Dense(1))", "TD", "-i", "5,1").startswith("time_distributed (TimeDistributed)")
    assert invoke("LSTM(5,seq)>TD(Dense(1),name=out)", "out", "-i", "5,1").startswith("out (TimeDistributed)")
    missing = CliRunner().invoke(main, ["explain", "LSTM(5)", "gru", "-i", "5,1"])
    assert missing.exit_code == 2
    assert "E303" in missing.stderr


@pytest.mark.parametrize(
    ("spec", "shape", "name", "formula", "values", "params"),
    [
        ("GRU(5)", "7,4", "gru", "3·units·(features + units + 2)", "3·5·(4 + 5 + 2)", 165),
        ("GRU(5,reset_after=False)", "7,4", "gru", "3·units·(features + units + 1)", "3·5·(4 + 5 + 1)", 150),
        ("Dense(3)", "4", "dense", "units·(features + 1)", "3·(4 + 1)", 15),
        ("Bi(LSTM(8))", "12,4", "bidirectional", "8·units·(features + units + 1)", "8·8·(4 + 8 + 1)", 832),
        ("Emb(1000,16)", "20", "embedding", "input_dim·output_dim", "1000·16", 16000),
        ("Conv1D(8,3)", "20,4", "conv1d", "filters·(features·kernel_size + 1)", "8·(4·3 + 1)", 104),
    ],
)
def test_formulas(spec: str, shape: str, name: str, formula: str, values: str, params: int) -> None:
    (one,) = explain(analyse(spec, shape), name)
    assert (one.formula, one.values, one.params) == (formula, values, params)
    assert eval(values.replace("·", "*")) == params
    for weight in one.weights:
        assert weight.formula is not None


def test_sums_have_separators() -> None:
    text = invoke("LSTM(64)", "-i", "700,8")
    assert "(64, 256)  16,384" in text
    assert "= 18,688" in text


@pytest.mark.parametrize(
    ("spec", "shape", "sentence"),
    [
        ("LSTM(5,seq)>Dense(1)", "5,1", "any length: no count depends on the number of steps"),
        ("LSTM(5,seq)>Flatten>Dense(1)", "5,1", "fixed to 5 steps: the Flatten ties dense's weights to it"),
        ("Permute(2,1)>Dense(4)", "6,3", "fixed to 6 steps: the Permute ties dense's weights to it"),
    ],
)
def test_whether_counts_depend_on_the_number_of_steps(spec: str, shape: str, sentence: str) -> None:
    found = length(analyse(spec, shape))
    assert found is not None
    assert found.sentence == sentence


def test_json() -> None:
    data = json.loads(invoke("LSTM(5,seq)>TD(Dense(1))", "-i", "5,1", "--json"))
    lstm = data["layers"][0]
    assert lstm["formula"] == "4·units·(features + units + 1)"
    assert lstm["weights"][0] == {
        "path": "lstm_cell/kernel", "formula": "features × 4·units", "shape": [1, 20], "count": 20, "trainable": True,
    }  # fmt: skip
    assert lstm["about"].startswith("Long short-term memory: four gates")
    assert data["length"]["fixed"] is False


def test_a_code() -> None:
    assert invoke("E201").startswith("E201  an input of the wrong rank\n")
    assert "sparse_categorical_crossentropy" in invoke("e504")
