"""The same spec counted as torch and ONNX count it, held against the modules of torch and the pages of ONNX."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
import torch
from click.testing import CliRunner
from torch import nn

import seqshape
from seqshape.analysis.conventions import BUFFERS, count_as
from seqshape.answers import analyse
from seqshape.cli import main
from seqshape.renderers.json import schema
from seqshape.summary import Summary
from tests.oracle.facts import load


def counts(spec: str, shape: str | None, convention: str) -> Any:
    return count_as(analyse(spec, shape).summary(), convention).totals


# Spec, input, and the modules that torch has for it.
TORCH: list[tuple[str, str | None, Callable[[], list[nn.Module]]]] = [
    ("LSTM(5,seq)>TD(Dense(1))", "5,1", lambda: [nn.LSTM(1, 5), nn.Linear(5, 1)]),
    ("LSTM(7,nobias)", "5,3", lambda: [nn.LSTM(3, 7, bias=False)]),
    ("GRU(7)", "5,3", lambda: [nn.GRU(3, 7)]),
    ("GRU(7,reset_after=False)", "5,3", lambda: [nn.GRU(3, 7)]),
    ("SimpleRNN(7)", "5,3", lambda: [nn.RNN(3, 7)]),
    ("Bi(LSTM(7))", "5,3", lambda: [nn.LSTM(3, 7, bidirectional=True)]),
    ("Bi(GRU(7,seq))>Bi(GRU(7))", "5,3", lambda: [nn.GRU(3, 7, num_layers=2, bidirectional=True)]),
    ("LSTM(7,seq)*3", "5,7", lambda: [nn.LSTM(7, 7, num_layers=3)]),
    ("RNN([LSTMCell(7),GRUCell(4)])", "5,3", lambda: [nn.LSTMCell(3, 7), nn.GRUCell(7, 4)]),
    ("TD(LSTM(7))", "4,5,3", lambda: [nn.LSTM(3, 7)]),
    (
        "enc=LSTM(7,seq)>Dense(2); x=Input(5,3); x>enc>LSTM(4)",
        None,
        lambda: [nn.LSTM(3, 7), nn.Linear(7, 2), nn.LSTM(2, 4)],
    ),
    ("x=Input(5,3); l=LSTM(3,seq); x>l>l", None, lambda: [nn.LSTM(3, 3)]),
    ("Conv1D(8,3)>BN>LSTM(4)", "9,3", lambda: [nn.Conv1d(3, 8, 3), nn.BatchNorm1d(8), nn.LSTM(8, 4)]),
    (
        "Conv2D(8,3,nobias)>BN(center=False,scale=False)",
        "9,9,3",
        lambda: [nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8, affine=False)],
    ),
    ("ConvT2D(8,3,s=2)>GN(4)>LN", "9,9,3", lambda: [nn.ConvTranspose2d(3, 8, 3), nn.GroupNorm(4, 8), nn.LayerNorm(8)]),
    ("Emb(50,6)>GRU(4)", "9", lambda: [nn.Embedding(50, 6), nn.GRU(6, 4)]),
    ("x=Input(9,12); (x,x)>MHA(3,4)", None, lambda: [nn.MultiheadAttention(12, 3)]),
    ("x=Input(9,12); m=Input(7,5); (x,m)>MHA(3,4)", None, lambda: [nn.MultiheadAttention(12, 3, kdim=5, vdim=5)]),
    ("x=Input(9,12); (x,x)>MHA(3,4,nobias)", None, lambda: [nn.MultiheadAttention(12, 3, bias=False)]),
    ("SpectralNormalization(Dense(6))", "5", lambda: [nn.utils.parametrizations.spectral_norm(nn.Linear(5, 6))]),
]


@pytest.mark.parametrize(("spec", "shape", "modules"), TORCH, ids=[spec for spec, _, _ in TORCH])
def test_counts_of_torch(spec: str, shape: str | None, modules: Callable[[], list[nn.Module]]) -> None:
    found = [weight for module in modules() for weight in module.parameters()]
    number = sum(weight.numel() for weight in found)
    sums = counts(spec, shape, "torch")
    assert sums.params == sums.trainable_params == number
    assert sums.bytes == sum(weight.numel() * weight.element_size() for weight in found)


def test_torch_is_the_one_that_was_measured() -> None:
    assert torch.__version__.startswith("2.13.")


def onnx_recurrent(gates: int, features: int, hidden: int, directions: int = 1, *, bias: bool = True) -> int:
    """Elements of W, R and B as the pages of ONNX's RNN, GRU and LSTM give their shapes; B is Wb and Rb together."""
    w, r = gates * hidden * features, gates * hidden * hidden
    return directions * (w + r + (2 * gates * hidden if bias else 0))


@pytest.mark.parametrize(
    ("spec", "shape", "number"),
    [
        ("LSTM(7)", "5,3", onnx_recurrent(4, 3, 7)),
        ("LSTM(7,nobias)", "5,3", onnx_recurrent(4, 3, 7, bias=False)),
        ("GRU(7)", "5,3", onnx_recurrent(3, 3, 7)),
        ("GRU(7,reset_after=False)", "5,3", onnx_recurrent(3, 3, 7)),
        ("SimpleRNN(7)", "5,3", onnx_recurrent(1, 3, 7)),
        ("Bi(LSTM(7))", "5,3", onnx_recurrent(4, 3, 7, 2)),
        ("BN", "5,3", 4 * 3),  # scale, B, input_mean, input_var
        ("Emb(50,6)>LSTM(5,seq)>Dense(1)", "9", 300 + onnx_recurrent(4, 6, 5) + 6),
    ],
)
def test_counts_of_onnx(spec: str, shape: str, number: int) -> None:
    assert counts(spec, shape, "onnx").params == number


def test_the_founders_network() -> None:
    found = [counts("LSTM(5,seq)>TD(Dense(1))", "5,1", name).params for name in ("keras", "torch", "onnx")]
    assert found == [146, 166, 166]


def test_what_no_other_framework_has_counts_as_in_keras() -> None:
    for spec, shape in (("ConvLSTM1D(4,3)", "5,9,3"), ("CuDNNLSTM(4)", "5,3"), ("Dense(4)", "3"), ("PReLU", "5,3")):
        network = analyse(spec, shape).summary()
        assert count_as(network, "torch").totals == network.totals
        assert count_as(network, "onnx").totals == network.totals


def test_keras_leaves_all_as_it_is() -> None:
    summary = analyse("Bi(LSTM(5,seq))>BN>Dense(1)", "5,1").summary()
    assert count_as(summary, "keras") == summary


def test_frozen_layers_stay_parameters() -> None:
    sums = counts("LSTM(5,trainable=False)>BN(trainable=False)", "5,1", "torch")
    assert (sums.params, sums.trainable_params, sums.non_trainable_params) == (170, 0, 170)
    mixed = counts("LSTM(5,trainable=False)>Dense(1)", "5,1", "torch")
    assert (mixed.trainable_params, mixed.non_trainable_params) == (6, 160)


def test_named_sizes() -> None:
    found = count_as(analyse("LSTM(5)", "T,F").summary(), "all")
    assert {name: str(one.params) for name, one in found.conventions.items()} == {
        "keras": "20*F + 120",
        "torch": "20*F + 140",
        "onnx": "20*F + 140",
    }
    assert found.conventions["torch"].reasons == (
        "lstm has a bias for each of the two matrices, where Keras has one for both (20 more)",
    )


def test_a_head_size_that_torch_cannot_have() -> None:
    found = count_as(analyse("x=Input(9,12); (x,x)>MHA(2,64)").summary(), "torch")
    assert found.totals == analyse("x=Input(9,12); (x,x)>MHA(2,64)").summary().totals
    assert found.conventions["torch"].reasons == (
        "multi_head_attention counts as in Keras: torch splits its 12 features among the heads, not 2 heads of 64",
    )


def test_what_is_a_buffer_is_what_keras_never_trains() -> None:
    """Each weight that a fact shows as not trained in a layer that is."""
    found = set()
    for fact in load("layers"):
        for row in fact.get("expected", {}).get("layers", []):
            trained = {weight["path"] for weight in row["weights"] if weight["trainable"]}
            if row["class"] in ("BatchNormalization", "Normalization", "SpectralNormalization") and (
                trained or row["class"] == "Normalization"
            ):
                found |= {weight["path"].rpartition("/")[2] for weight in row["weights"] if not weight["trainable"]}
    assert found >= {"moving_mean", "moving_variance", "mean", "variance", "count", "vector_u"}
    assert found <= BUFFERS


# --- what is printed -------------------------------------------------------------------------------------------------

WORDS = ["LSTM(5,seq)>BN>TD(Dense(1))", "-i", "5,1", "--no-advice"]


def test_side_by_side() -> None:
    shown = CliRunner().invoke(main, ["summarize", *WORDS, "--convention", "all"]).stdout
    lstm = next(line for line in shown.splitlines() if line.startswith("│ lstm"))
    assert [cell.strip() for cell in lstm.split("│")][3:6] == ["140", "160", "160"]
    assert " Total params: 166 (664.00 B)\n" in shown
    assert " Total params (torch): 176 (704.00 B)\n Total params (onnx): 186 (744.00 B)\n" in shown
    assert "torch, onnx: lstm has a bias for each of the two matrices, where Keras has one for both (20 more)" in shown
    assert "torch: batch_normalization keeps its statistics as buffers, which are no parameters (10 fewer)" in shown


def test_one_convention() -> None:
    shown = CliRunner().invoke(main, ["summarize", *WORDS, "--convention", "torch"]).stdout
    assert " Total params: 176 (704.00 B)\n" in shown
    assert " Non-trainable params: 0 (0.00 B)\n" in shown
    assert "torch: lstm has a bias for each of the two matrices" in shown
    assert shown.count("Param #") == 1


def test_json() -> None:
    data = json.loads(CliRunner().invoke(main, ["summarize", *WORDS, "--convention", "all", "--json"]).stdout)
    assert data["param_convention"] == "keras"
    assert data["layers"][0]["conventions"] == {"keras": 140, "torch": 160, "onnx": 160}
    assert {name: one["params"] for name, one in data["conventions"].items()} == {
        "keras": 166,
        "torch": 176,
        "onnx": 186,
    }
    jsonschema.validate(data, json.loads(schema()))
    assert Summary.from_dict(data).to_dict() == data
    alone = json.loads(CliRunner().invoke(main, ["summarize", *WORDS, "--convention", "torch", "--json"]).stdout)
    assert alone["param_convention"] == "torch"
    assert alone["layers"][0]["params"] == 160
    assert alone["layers"][0]["weights"][2] == {
        "path": "lstm_cell/bias", "shape": [2, 20], "dtype": "float32", "trainable": True,
    }  # fmt: skip
    plain = json.loads(CliRunner().invoke(main, ["summarize", *WORDS, "--json"]).stdout)
    assert "conventions" not in plain
    assert plain["layers"][0]["params"] == 140


def test_from_python() -> None:
    assert seqshape.summarize("LSTM(5)", "5,1", convention="torch").totals.params == 160
    assert seqshape.summarize("LSTM(5)", "5,1", convention="all").conventions["onnx"].params == 160


def test_networks_that_all_count_alike() -> None:
    shown = CliRunner().invoke(main, ["summarize", "Dense(4)", "-i", "3", "--convention", "all"]).stdout
    assert "all of them count this network alike" in shown
