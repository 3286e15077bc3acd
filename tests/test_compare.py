"""Two networks side by side, and whether they are the same function."""

from __future__ import annotations

import json
import random
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import seqshape
import seqshape.analysis.equivalence as verdicts
from seqshape.analysis.compare import Comparison
from seqshape.analysis.equivalence import compare_networks, matched
from seqshape.analysis.forward import random_inputs, random_weights, run, weight_shapes
from seqshape.analysis.rewriting import are_one
from seqshape.analysis.runs import TOLERANCE
from seqshape.answers import analyse
from seqshape.cli import main
from seqshape.layers.forward import attention as attentions
from seqshape.layers.forward.arrays import _FUNCTIONS, activate
from seqshape.network import Network
from tests.memory import busy, peak


def compared(left: str, right: str, shape: str | None = None) -> Comparison:
    return compare_networks(analyse(left, shape), analyse(right, shape))


SAME = [
    ("GRU(16,seq)>TD(Dense(8))", "GRU(16,seq)>Dense(8)", "64,15"),
    ("LSTM(5,seq)>TD(Dense(1))", "LSTM(5,seq)>Dense(1)", "T,F"),
    ("LSTM(5)", "RNN(LSTMCell(5))", "6,3"),
    ("Conv1D(8,1)", "Dense(8)", "6,3"),
    ("Conv1D(8,1)", "Dense(8)", None),
    ("Dense(4)>Dropout(0.5)", "GaussianNoise(0.1)>Dense(4)", "3"),
    ("Emb(20,4,mask_zero=True)>LSTM(3)", "Emb(20,4,mask_zero=True)>RNN(LSTMCell(3))", "7"),
    ("Dense(4,relu)", "Dense(4)>relu", "None,3"),
    ("(Dense(4)>Dense(3))>Dense(2)", "Dense(4)>Dense(3)>Dense(2)", "5"),
    ("Residual(Dense(3))", "[Id|Dense(3)]>Add", "3"),
    ("Flatten>Dense(3)", "Conv1D(3,4)>Flatten", "4,1"),
    ("SepConv1D(8,3)", "DWConv1D(3,nobias)>Conv1D(8,1)", "9,4"),
    ("GRU(4,reset_after=False)", "RNN(GRUCell(4,reset_after=False))", "6,3"),
    ("Permute(2,1)>Dense(5)>Permute(2,1)", "Conv1D(5,1,channels_first)", "4,7"),
    ("Conv1D(3,3,causal)", "ZeroPadding1D((2,0))>Conv1D(3,3)", "9,2"),
    ("MP1D(2)", "GMP1D>RepeatVector(1)", "2,3"),
    ("x=Input(5,4); (x,x)>MHA(2,2)", "x=Input(5,4); (x,x,x)>MHA(2,2)", None),
    ("Masking>LSTM(3)", "Masking>RNN(LSTMCell(3))", "6,2"),
    ("Masking>Dense(3)", "Dense(3)", "6,2"),
    ("Rescaling(2.0)>Rescaling(0.5,offset=1)>Dense(3)", "Rescaling(1.0,offset=1)>Dense(3)", "4"),
]
DIFFERENT = [
    ("Masking>LSTM(3)", "LSTM(3)", "6,2", "outputs that differ"),
    ("Masking(mask_value=5)>Dense(3)", "Dense(3)", "6,2", "outputs that differ"),
    ("enc=Masking>LSTM(3); x=Input(6,2); x>enc", "x=Input(6,2); x>LSTM(3)", None, "outputs that differ"),
    ("Dense(4)>BN", "BN>Dense(4)", "4", "outputs that differ"),
    ("LSTM(5,seq)>TD(Dense(1))", "LSTM(5)>Dense(1)", "5,1", "the first gives (None, 5, 1), the second (None, 1)"),
    ("LSTM(4)", "GRU(4)", "5,1", "the first has 96 parameters, the second 84"),
    ("LSTM(5,seq)", "LSTM(5,seq,relu)", "6,3", "outputs that differ"),
    ("LSTM(5,seq)", "LSTM(5,seq,back)", "6,3", "all earlier steps"),
    ("Emb(20,4,mask_zero=True)>LSTM(3)", "Emb(20,4)>LSTM(3)", "7", "outputs that differ"),
    ("LSTM(5)", "LSTM(5,seq)", "6,3", "the first gives (None, 5), the second (None, 6, 5)"),
    ("[Dense(4)|Dense(4)]>Add", "[Dense(4)|Dense(4)]>Sub", "3", "outputs that differ"),
    ("GRU(4)", "GRU(4,reset_after=False)", "6,3", "108 parameters, the second 96"),
]


@pytest.mark.parametrize(("left", "right", "shape"), SAME)
def test_same_networks(left: str, right: str, shape: str | None) -> None:
    found = compared(left, right, shape)
    assert found.equivalent is True, found.reason
    assert found.difference is not None
    assert found.difference <= 10 * TOLERANCE
    assert found.reason is not None
    assert found.reason.startswith("the same network")


@pytest.mark.parametrize(("left", "right", "shape", "reason"), DIFFERENT)
def test_different_networks(left: str, right: str, shape: str, reason: str) -> None:
    found = compared(left, right, shape)
    assert found.equivalent is False
    assert found.reason is not None
    assert reason in found.reason


def test_flatten_before_dense_is_another_network() -> None:
    found = compared("Flatten>Dense(20)>Reshape(4,5)", "TD(Dense(5))", "4,3")
    assert found.equivalent is False
    assert found.reason == (
        "different networks: the first has 260 parameters, the second 20;"
        " in the first every step sees every step, in the second each step sees only itself"
    )


def test_what_cannot_be_run_is_not_decided() -> None:
    found = compared("Resizing(4,4)", "Resizing(4,4)>Id", "8,8,3")
    assert found.equivalent is None
    assert found.reason == "not proven: Resizing cannot be run here: it has no forward function [E306]"
    alike = compared("Resizing(4,4)", "Resizing(4, width=4)", "8,8,3")
    assert alike.equivalent is True
    assert alike.reason == "the same network: layer by layer both are written alike"
    assert alike.difference is None


def test_a_mask_that_never_masks_proves_nothing() -> None:
    found = compared("Dense(4)>Masking(mask_value=7)>LSTM(3)", "Dense(4)>LSTM(3)", "6,2")
    assert found.equivalent is None
    assert found.reason == "not proven: no step was masked in the runs, and masked steps may come out otherwise"
    assert compared(*["Dense(4)>Masking(mask_value=7)>LSTM(3)"] * 2, "6,2").equivalent is True


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ("Dense(3)>Dropout(0.5)", "Dense(3)", "; in training they differ: Dropout"),
        ("LSTM(3,seq,dropout=0.3)", "LSTM(3,seq)", "; in training they differ: dropout=0.3 of LSTM"),
        ("Dropout(0.5)>Dense(3)", "Dropout(0.5)>Dense(3)", "equal outputs, up to rounding"),
        ('Dense(3,dtype="float16")', "Dense(3)", "; run in float64: in float16 they round otherwise than in float32"),
    ],
)
def test_what_differs_all_the_same(left: str, right: str, said: str) -> None:
    found = compared(left, right, "6,3")
    assert found.equivalent is True
    assert found.reason is not None
    assert found.reason.endswith(said)


def test_weights_are_matched_in_order_else_by_shape() -> None:
    assert matched([(2, 3), (3,)], [(2, 3), (3,)]) == [0, 1]
    assert matched([(2, 3), (3,), (3, 3)], [(3,), (1, 2, 3), (3, 3)]) == [1, 0, 2]
    assert matched([(2, 3)], [(3, 2)]) is None


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["GRU(16,seq)>TD(Dense(8))", "GRU(16,seq)>Dense(8)", "-i", "64,15"], 0),
        (["Flatten>Dense(20)>Reshape(4,5)", "TD(Dense(5))", "-i", "4,3"], 1),
        (["LSTM(5)>LSTM(5)", "LSTM(5)", "-i", "4,3"], 2),
        (["Resizing(4,4)", "Resizing(4,4)>Id", "-i", "8,8,3"], 2),
        (["Resizing(4,4)", "Resizing(4,4)", "-i", "8,8,3"], 0),
        (["LSTM(5)", "LSTM(5,seq)", "-i", "4,3"], 1),
    ],
)
def test_exit_status(words: list[str], status: int) -> None:
    assert CliRunner().invoke(main, ["compare", *words]).exit_code == status


def test_json() -> None:
    words = ["GRU(16,seq)>TD(Dense(8))", "GRU(16,seq)>Dense(8)", "-i", "64,15", "--json"]
    found = json.loads(CliRunner().invoke(main, ["compare", *words]).stdout)
    assert found["equivalent"] is True
    assert found["largest_difference"] <= TOLERANCE
    assert found["same"] is False


@pytest.mark.parametrize(
    ("words", "equivalent"),
    [
        (["GRU(16,seq)>TD(Dense(8))", "GRU(16,seq)>Dense(8)", "-i", "64,15"], True),
        (["Flatten>Dense(20)>Reshape(4,5)", "TD(Dense(5))", "-i", "4,3"], False),
        (["Resizing(4,4)", "Resizing(4,4)>Id", "-i", "8,8,3"], None),
    ],
)
def test_json_says_true_false_or_null(words: list[str], equivalent: bool | None) -> None:
    found = json.loads(CliRunner().invoke(main, ["compare", *words, "--json"]).stdout)
    assert found["equivalent"] is equivalent


# --- what cannot be run -----------------------------------------------------------------------------------------------


def with_layer(path: Path, layer: str, **config: object) -> str:
    """A file of a Keras model whose first layer is of that class."""
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 5, 2]}},
        {"class_name": layer, "config": {"name": "odd", **config}},
        {"class_name": "Dense", "config": {"name": "dense", "units": 3}},
    ]
    path.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": layers}}), "utf-8")
    return str(path)


def secret(code: str) -> dict[str, object]:
    return {"function": {"class_name": "__lambda__", "config": {"code": code}}, "output_shape": [5, 2]}


def test_a_changed_lambda_is_not_the_same_network(tmp_path: Path) -> None:
    one = with_layer(tmp_path / "one.json", "Lambda", **secret("YWJj"))
    two = with_layer(tmp_path / "two.json", "Lambda", **secret("YWJk"))
    found = CliRunner().invoke(main, ["compare", one, two, "--json"])
    assert found.exit_code == 2
    data = json.loads(found.stdout)
    assert (data["equivalent"], data["same"]) == (None, True)


@pytest.mark.parametrize("layer", ["Lambda", "Own"])
def test_one_text_is_one_network(layer: str, tmp_path: Path) -> None:
    one = with_layer(tmp_path / "one.json", layer, **secret("YWJj"))
    two = tmp_path / "two.json"
    two.write_text(json.dumps(json.loads(Path(one).read_text("utf-8")), indent=2), "utf-8")
    found = CliRunner().invoke(main, ["compare", one, str(two), "--json"])
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["equivalent"] is True
    assert "both sources are the same" in found.stdout


def test_unlike_custom_layers_cannot_be_compared(tmp_path: Path) -> None:
    one = with_layer(tmp_path / "one.json", "Own", rate=1)
    two = with_layer(tmp_path / "two.json", "Own", rate=2)
    found = CliRunner().invoke(main, ["compare", one, two])
    assert found.exit_code == 2
    assert "not compared further" in found.stdout


def test_exact_counts_are_not_called_lower_bounds(tmp_path: Path) -> None:
    """A Lambda has no parameters; only its multiply-adds are not known."""
    one = with_layer(tmp_path / "one.json", "Lambda", **secret("YWJj"))
    assert "at least" not in CliRunner().invoke(main, ["compare", one, one]).stdout
    own = with_layer(tmp_path / "own.json", "Own")
    assert "at least 0" in CliRunner().invoke(main, ["compare", own, own]).stdout


@pytest.mark.parametrize("width", [80, 60, 200])
def test_a_table_keeps_to_the_terminal(width: int) -> None:
    from seqshape.renderers.compare import render

    long = "Input(10,8)>LSTM(16,seq)>TD(Dense(4,relu))>GlobalAveragePooling1D()"
    lines = render(compared(long, "Input(10,8)>GRU(16,seq)>Flatten()"), width).splitlines()
    assert max(map(len, lines)) <= max(width, 66)  # the numbers are never cut
    assert any("1,248" in line for line in lines)


def test_attention_over_sequences_is_over_the_steps_whatever_axes_are_given() -> None:
    """Keras hands it to an operation of its own, unless it drops out or gives its scores."""
    plain, given = (f"x=Input(6,8); (x,x)>MHA(2,4{axes})" for axes in ("", ",attention_axes=2"))
    assert compared(plain, given, None).equivalent is True


# --- what begins beyond a threshold -----------------------------------------------------------------------------------

BEFORE = "", "Dense(2)>", "LN>", "Rescaling(0.01)>", "Emb(9,3)>", "Conv1D(2,2)>"
FAR = np.concatenate([sign * np.geomspace(1e-3, 900, 4000) for sign in (1, -1)]).reshape(-1, 4)
ACTIVATIONS = sorted(_FUNCTIONS)


def behind(before: str, one: str, other: str) -> Comparison:
    shape = "5" if before.startswith("Emb") else "5,4"
    return compared(f"{before}{one}", f"{before}{other}", shape)


@pytest.mark.parametrize("before", [before for before in BEFORE if before != "LN>"])
@pytest.mark.parametrize(("one", "other"), list(combinations(ACTIVATIONS, 2)))
def test_activations_are_told_apart(one: str, other: str, before: str) -> None:
    """Those that are one function by another name are the same, and no others: however far away they differ."""
    if "glu" in (one, other):  # gives half of the features
        return
    with np.errstate(all="ignore"):
        first, second = (activate(np, name, FAR) for name in (one, other))
    finite = np.isfinite(first) & np.isfinite(second)
    are_same = np.allclose(first[finite], second[finite], rtol=1e-12, atol=1e-12)
    assert behind(before, f"Act({one})", f"Act({other})").equivalent is are_same


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("value", [0.02, 0.5, 1.5])
@pytest.mark.parametrize(
    "layer",
    [
        "ReLU(max_value={})", "ReLU(threshold={})", "ReLU(threshold={},max_value=1000)", "ThresholdedReLU({})",
        "Act(ReLU(max_value={}))", "TD(ReLU(max_value={}))",
    ],
)  # fmt: skip
def test_thresholds_are_told_apart(layer: str, value: float, before: str) -> None:
    found = behind(before, layer.format(value), layer.format(value * 1.1))
    assert found.equivalent is not True, found.reason
    if value > 0.1 and not before.startswith("LN"):
        assert found.equivalent is False, found.reason


@pytest.mark.parametrize("value", [7.0, 60.0, 3000.0, 200_000.0])
@pytest.mark.parametrize("layer", ["ReLU(max_value={})", "ReLU(threshold={})", "ThresholdedReLU({})"])
def test_thresholds_far_away_are_told_apart(layer: str, value: float) -> None:
    assert behind("", layer.format(value), layer.format(value * 1.1)).equivalent is False
    assert behind("", layer.format(value), "relu").equivalent is False


@pytest.mark.parametrize("before", ["softmax>", "sigmoid>", "Dense(3,sigmoid)>", "x=Input(5,4); x>softmax>"])
def test_what_no_run_shows_is_not_proven(before: str) -> None:
    """The shares of softmax are never above 1, and those of sigmoid neither."""
    found = behind(before, "ReLU(max_value=1.5)", "ReLU(max_value=1.6)")
    assert found.equivalent is None
    assert found.reason == "not proven: no run has shown what difference max_value=1.5 of ReLU makes"
    assert behind(before, "ReLU(max_value=0.9)", "ReLU(max_value=0.8)").equivalent is False
    assert behind(before, "relu", "relu6").equivalent is True


# --- many steps -------------------------------------------------------------------------------------------------------

ATTENTIONS = (
    "[Id|Id]>MHA(2,4)",
    "[Id|Id]>MHA(2,4,use_causal_mask=True)",
    "[Id|Id]>MHA(2,4,sliding_window=9)",
    "[Id|Id]>GroupedQueryAttention(4,4,2)",
    "[Id|Id]>Attention",
    "[Id|Id]>Attention(use_causal_mask=True)",
    "[Id|Id]>AdditiveAttention",
)


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("masked", [False, True])
def test_attention_does_not_depend_on_how_many_queries_are_worked_out_at_once(
    attention: str, masked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = analyse(f"Masking>{attention}" if masked else attention, "11,6")
    weights, inputs = random_weights(network, 3), random_inputs(network, 4)
    inputs[0][0, 7:] = 0
    whole = run(network, inputs, weights)
    for most in (1, 50, 100, 300):
        monkeypatch.setattr(attentions, "MOST_SCORES", most)
        for one, two in zip(whole, run(network, inputs, weights), strict=True):
            np.testing.assert_allclose(one, two, rtol=0, atol=1e-12)


@pytest.mark.parametrize("attention", ["[Id|Id]>MHA(2,4)", "[Id|Id]>Attention"])
def test_attention_over_many_steps_takes_little_memory(attention: str) -> None:
    other = f"{attention}>Reshape(-1,8)>tanh>Dense(4)"  # as many parameters
    assert peak("compare", f"{attention}>Dense(4)", other, "-i", "3000,8") < 150


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("LSTM(5,seq)", "LSTM(5,seq,back)"), ("LSTM(5,seq)", "RNN(LSTMCell(5),seq)"), ("GRU(8,seq)", "RNN(GRUCell(8),seq)"),
        ("Conv1D(8,3,same)", "Conv1D(8,3,same,relu)"), ("Conv1D(8,9,same)>relu", "Conv1D(8,9,same)>relu6"),
        ("Bi(LSTM(4,seq))", "Bi(LSTM(4,seq),merge_mode=ave)>[Id|Id]>Concatenate"),
        ("[Id|Id]>MHA(2,4)", "TD(Id)>[Id|Id]>MHA(2,4)"),
    ],
)  # fmt: skip
def test_many_steps_are_compared_in_few_calls_each(left: str, right: str) -> None:
    """5,000 steps take half a second of an idle processor, as the benchmark has it; calls depend on no load."""
    calls = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        seqshape.compare(left, right, input_shape=(2000, 8))
    finally:
        sys.setprofile(None)
    assert calls < 2000 * 700
    assert busy("compare", left, right, "-i", "5000,8", enough=1) < 10


# --- proofs without a run ---------------------------------------------------------------------------------------------

PARTS = (
    "Dense(4)", "TD(Dense(4))", "Dense(4,relu)", "relu", "tanh", "Act(linear)", "Id", "Dropout(0.5)", "TD(Dropout(0.2))",
    "GaussianNoise(1.0)", "TD(TD(Dense(4)))", "TD(relu)", "TD(softmax)", "softmax", "LSTM(4,seq)", "LSTM(4,seq,relu)",
    "GRU(4,seq)", "GRU(4,seq,back)", "Bi(LSTM(2,seq))", "TD(Dense(4,relu))", "Dense(4)>relu", "Conv1D(4,3,same)",
    "Conv1D(4,3,same,relu)", "Conv1D(4,3,causal)", "Conv1D(4,3,same)>relu", "BN", "TD(BN)", "LN", "Residual(Dense(4))",
    "[Id|Dense(4)]>Add", "[Dense(4)|Id]>Add", "[Id|Dense(4)]>Sub", "(Dense(4)>tanh)", "MP1D(1)", "Permute(2,1)>Permute(2,1)",
    "Flatten>Reshape(6,4)", "Reshape(24)>Reshape(6,4)", "PReLU", "LeakyReLU", "Dense(4,nobias)", "x=Input(6,4); x>Dense(4)",
)  # fmt: skip


def proven(left: Network, right: Network) -> bool:
    """Whether the two are proven to be one, the weights of the same shapes in order paired."""
    shapes = [list(weight_shapes(network).values()) for network in (left, right)]
    return shapes[0] == shapes[1] and are_one(left, right, range(len(shapes[0])))


def test_what_is_proven_comes_out_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every pair of many networks: where the terms are the same, runs with equal weights are."""
    parts = [part for part in PARTS if ";" not in part]
    specs = [
        *PARTS,
        *(">".join(random.Random(seed).choices(parts, k=random.Random(-seed).randint(2, 3))) for seed in range(300)),
    ]
    networks = [found for spec in specs if not (found := analyse(spec, "6,4")).session.faults]
    pairs = [pair for pair in combinations(networks, 2) if proven(*pair)]
    assert len(pairs) > 200
    monkeypatch.setattr(verdicts, "are_one", lambda *_: False)
    wrong = [pair for pair in random.Random(0).sample(pairs, 200) if verdicts.equivalence(*pair).equivalent is not True]
    assert [[network.graph.source for network in pair] for pair in wrong] == []


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("TD(Dense(4))", "Dense(4)"),
        ("Dense(4,relu)", "Dropout(0.1)>Dense(4)>relu"),
        ("Residual(Conv1D(4,3,same))", "[Id|Conv1D(4,3,same)]>Add"),
        ("(LSTM(4,seq)>Dense(4))*2", "LSTM(4,seq)>TD(Dense(4))>(LSTM(4,seq)>Dense(4))"),
        ("a=Dense(4); x=Input(6,4); x>a>a", "b=Dense(4); x=Input(6,4); x>b>b"),
    ],
)
def test_what_is_proven(left: str, right: str) -> None:
    assert proven(analyse(left, "6,4"), analyse(right, "6,4"))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("a=Dense(4); x=Input(6,4); x>a>a", "a=Dense(4); x=Input(6,4); x>a"),
        ("[Id|Dense(4)]>Sub", "[Dense(4)|Id]>Sub"),
        ("Dense(4)>Dense(4,relu)", "Dense(4,relu)>Dense(4)"),
        ("LSTM(4,seq)", "LSTM(4,seq,activation=relu)"),
        ("TD(Flatten)", "Flatten>Reshape(6,4)"),
    ],
)
def test_what_is_not_proven(left: str, right: str) -> None:
    assert not proven(analyse(left, "6,4"), analyse(right, "6,4"))


def test_what_is_proven_is_not_run() -> None:
    """However large it is."""
    found = compared("Dense(60000)>TD(Dense(60000,relu))", "Dense(60000)>Dropout(0.1)>Dense(60000)>relu", "5,9")
    assert found.equivalent is True
    assert found.difference == 0
    assert (
        found.reason
        == "the same network: equal weights give equal outputs, up to rounding; in training they differ: Dropout"
    )
    assert peak("compare", "[Id|Id]>MHA(2,4)>Dense(4)", "[Id|Id]>MHA(2,4)>TD(Dense(4))", "-i", "5000,8") < 40


def pairs(left: str, right: str, shape: str = "7,2") -> list[tuple[str, str]]:
    """The names of the rows that stand for one another."""
    found = seqshape.compare(left, right, shape).pairs
    return [(pair.left.name if pair.left else "", pair.right.name if pair.right else "") for pair in found]


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [
        (
            "LSTM(4,seq)>LSTM(3)>Dense(1)",
            "Bi(LSTM(4,seq))>LSTM(3)>Dense(1)",
            [("lstm", "bidirectional"), ("lstm_1", "lstm_1"), ("dense", "dense")],
        ),
        ("LSTM(4)>Dense(1)", "GRU(4)>Dense(1)", [("lstm", "gru"), ("dense", "dense")]),
        (
            "Dense(4)>Dense(1)",
            "Dense(4)>Drop(0.1)>Dense(1)",
            [("dense", "dense"), ("", "dropout"), ("dense_1", "dense_1")],
        ),
        (
            "Dense(4)>BN>relu>Dense(1)",
            "Dense(4)>Dense(1)",
            [("dense", "dense"), ("batch_normalization", ""), ("activation", ""), ("dense_1", "dense_1")],
        ),
        ("TD(Dense(4))>LSTM(2)", "Dense(4)>LSTM(3)", [("time_distributed", "dense"), ("lstm", "lstm")]),
        (
            "Conv1D(4,3)>MP1D>LSTM(2)",
            "Conv1D(4,3)>AP1D(2)>LSTM(2)",
            [("conv1d", "conv1d"), ("max_pooling1d", "average_pooling1d"), ("lstm", "lstm")],
        ),
        (
            "Dense(3)>Dense(4)>Dense(5)",
            "Dense(4)>Dense(5)",
            [("dense", ""), ("dense_1", "dense"), ("dense_2", "dense_1")],
        ),
    ],
)
def test_rows_are_paired_as_people_read(left: str, right: str, wanted: list[tuple[str, str]]) -> None:
    assert pairs(left, right) == wanted
    assert pairs(right, left) == [(two, one) for one, two in wanted]


def test_every_row_has_its_place() -> None:
    """Of random networks each row stands once, in its order, and equal networks are paired row by row."""
    rng = random.Random(3)
    parts = ("Dense({})", "LSTM({},seq)", "Drop(0.{})", "LN", "TD(Dense({}))", "Conv1D({},3,same)", "Bi(GRU({},seq))")
    for _ in range(60):
        left, right = (
            ">".join(rng.choice(parts).format(rng.randint(1, 4)) for _ in range(rng.randint(1, 9))) for _ in range(2)
        )
        found = seqshape.compare(left, right, "7,2")
        for side, whole in (("left", found.left), ("right", found.right)):
            rows = [getattr(pair, side) for pair in found.pairs if getattr(pair, side)]
            assert rows == list(whole.layers), (left, right)
        assert all(pair.changed == () for pair in seqshape.compare(left, left, "7,2").pairs), left


def test_long_networks_are_paired_in_blocks() -> None:
    chain = ["Dense(4)", "LN"] * 300
    changed = [*chain[:200], "Drop(0.1)", *chain[200:]]
    found = seqshape.compare(">".join(chain), ">".join(changed), "7,2")
    assert [pair.right.class_name for pair in found.pairs if pair.changed and pair.right] == ["Dropout"]


def test_a_narrow_comparison_is_folded() -> None:
    words = ["compare", "LSTM(4,seq)>Dense(1)", "Bi(LSTM(4,seq))>Dense(1)", "-i", "7,2", "--width"]
    assert CliRunner().invoke(main, [*words, "50"]).stdout.splitlines()[:7] == [
        "~ lstm (LSTM)                    (None, 7, 4)  112",
        "→ bidirectional (Bidirectional)  (None, 7, 8)  224",
        "~ dense (Dense)                  (None, 7, 1)    5",
        "→ dense (Dense)                  (None, 7, 1)    9",
        "--------------------------------------------------",
        "~ total                          (None, 7, 1)  117",
        "→ total                          (None, 7, 1)  233",
    ]
    narrow = CliRunner().invoke(main, [*words, "40"]).stdout
    assert max(map(len, narrow.splitlines())) <= 40
    assert "→ bidirectional (Bidirectional)\n    (None, 7, 8)  224" in narrow
