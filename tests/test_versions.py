"""``--keras 2`` and ``--keras tf2`` count and name as standalone Keras and tf.keras did.

The figures are those of Keras 2.3.1 and tf_keras 2.21, run on the same networks.
"""

from __future__ import annotations

import pytest

from seqshape.answers import analyse
from seqshape.network import Network

Shape = tuple[int | None, ...]
Rows = list[tuple[str, int]]


def of(spec: str, shape: Shape | None, keras: str) -> Network:
    found = analyse(spec, shape, kind="spec", keras=keras)
    assert [one.message for one in found.diagnostics if one.severity == "error"] == []
    return found


def rows(spec: str, shape: Shape | None, keras: str) -> tuple[str, str, Rows]:
    """The name of the model, that of its first input, and the names and counts of its layers."""
    summary = of(spec, shape, keras).summary()
    counts = [(row.name, row.params) for row in summary.layers]
    assert all(isinstance(number, int) for _, number in counts)
    return summary.name, summary.inputs[0].name, counts  # type: ignore[return-value]


NETWORKS: list[tuple[str, Shape | None, tuple[str, str, Rows], tuple[str, str, Rows]]] = [
    (
        "LSTM(5,seq) > LSTM(3) > Dense(2)",
        (5, 1),
        ("sequential_1", "lstm_1_input", [("lstm_1", 140), ("lstm_2", 108), ("dense_1", 8)]),
        ("sequential", "lstm_input", [("lstm", 140), ("lstm_1", 108), ("dense", 8)]),
    ),
    (
        "TD(Dense(2),input_shape=(5,1)) > Bi(GRU(4)) > Dense(3)",
        None,
        (
            "sequential_1",
            "time_distributed_1_input",
            [("time_distributed_1", 4), ("bidirectional_1", 168), ("dense_2", 27)],
        ),
        ("sequential", "time_distributed_input", [("time_distributed", 4), ("bidirectional", 192), ("dense_1", 27)]),
    ),
    (
        "ConvLSTM2D(2,2) > Flatten",
        (3, 4, 4, 1),
        ("sequential_1", "conv_lst_m2d_1_input", [("conv_lst_m2d_1", 104), ("flatten_1", 0)]),
        ("sequential", "conv_lstm2d_input", [("conv_lstm2d", 104), ("flatten", 0)]),
    ),
    (
        "Embedding(20,4,mask_zero=True) > GRU(3)",
        (5,),
        ("sequential_1", "embedding_1_input", [("embedding_1", 80), ("gru_1", 72)]),
        ("sequential", "embedding_input", [("embedding", 80), ("gru", 81)]),
    ),
    (
        "RNN([GRUCell(4),LSTMCell(3)])",
        (5, 3),
        ("sequential_1", "rnn_1_input", [("rnn_1", 192)]),
        ("sequential", "rnn_input", [("rnn", 204)]),
    ),
    (
        "Conv1D(2,2) > BN > LeakyReLU > PReLU > MP1D > GAP1D > softmax",
        (5, 3),
        (
            "sequential_1",
            "conv1d_1_input",
            [
                *(("conv1d_1", 14), ("batch_normalization_1", 8), ("leaky_re_lu_1", 0), ("p_re_lu_1", 8)),
                *(("max_pooling1d_1", 0), ("global_average_pooling1d_1", 0), ("activation_1", 0)),
            ],
        ),
        (
            "sequential",
            "conv1d_input",
            [
                *(("conv1d", 14), ("batch_normalization", 8), ("leaky_re_lu", 0), ("p_re_lu", 8)),
                *(("max_pooling1d", 0), ("global_average_pooling1d", 0), ("activation", 0)),
            ],
        ),
    ),
    (
        "x = Input(5,3); y = x > GRU(4); z = x > GRU(4,reset_after=True); [y | z] > Concat",
        None,
        ("model_1", "input_1", [("input_1", 0), ("gru_1", 96), ("gru_2", 108), ("concatenate_1", 0)]),
        ("model", "input_1", [("input_1", 0), ("gru", 108), ("gru_1", 108), ("concatenate", 0)]),
    ),
    (
        "x = Input(5,3); m = LSTM(3,seq) > Dense(2); (x > m, x) > Concat",
        None,
        ("model_1", "input_1", [("input_1", 0), ("sequential_1", 92), ("concatenate_1", 0)]),
        ("model", "input_1", [("input_1", 0), ("sequential", 92), ("concatenate", 0)]),
    ),
    (
        "LocallyConnected1D(5,1) > ThresholdedReLU(0.5) > AlphaDropout(0.2) > GaussianNoise(0.1) > GaussianDropout(0.1)",
        (4, 3),
        (
            "sequential_1",
            "locally_connected1d_1_input",
            [
                *(("locally_connected1d_1", 80), ("thresholded_re_lu_1", 0), ("alpha_dropout_1", 0)),
                *(("gaussian_noise_1", 0), ("gaussian_dropout_1", 0)),
            ],
        ),
        (
            "sequential",
            "locally_connected1d_input",
            [
                *(("locally_connected1d", 80), ("thresholded_re_lu", 0), ("alpha_dropout", 0)),
                *(("gaussian_noise", 0), ("gaussian_dropout", 0)),
            ],
        ),
    ),
    (
        "LocallyConnected2D(5,2)",
        (4, 3, 2),
        ("sequential_1", "locally_connected2d_1_input", [("locally_connected2d_1", 270)]),
        ("sequential", "locally_connected2d_input", [("locally_connected2d", 270)]),
    ),
]


@pytest.mark.parametrize(("spec", "shape", "keras_2", "tf_keras"), NETWORKS, ids=[spec for spec, *_ in NETWORKS])
def test_names_and_counts_are_those_of_the_version(
    spec: str, shape: Shape | None, keras_2: tuple[str, str, Rows], tf_keras: tuple[str, str, Rows]
) -> None:
    assert rows(spec, shape, "2") == keras_2
    assert rows(spec, shape, "tf2") == tf_keras


def test_a_model_of_keras_2_is_called_model() -> None:
    spec = "x = Input(5,3); (x, x) > Concat"
    assert [of(spec, None, keras).summary().class_name for keras in ("2", "tf2", "3")] == [
        "Model",
        "Functional",
        "Functional",
    ]


def test_a_written_input_has_a_number() -> None:
    assert [of("Input(5,1) > LSTM(2)", None, keras).summary().inputs[0].name for keras in ("2", "tf2", "3")] == [
        "input_1",
        "input_1",
        "input_layer",
    ]


OLD = [
    ("TimeDistributedDense(3)", (4, 2), 9, "0 and 1", "Dense goes over the steps"),
    ("LocallyConnected1D(5,1)", (4, 3), 80, "2", "a kernel of its own"),
    ("LocallyConnected2D(5,2)", (4, 3, 2), 270, "2", "a kernel of its own"),
    ("CuDNNLSTM(4)", (5, 3), 4 * 4 * (3 + 4 + 2), "2", "LSTM does the same"),
    ("CuDNNGRU(4)", (5, 3), 3 * 4 * (3 + 4 + 2), "2", "GRU does the same"),
    ("ThresholdedReLU(0.5)", (5, 3), 0, "2", "ReLU(threshold=…)"),
]


@pytest.mark.parametrize(("call", "shape", "params", "version", "instead"), OLD, ids=[call for call, *_ in OLD])
def test_old_classes_are_there_in_every_mode_with_a_note(
    call: str, shape: Shape, params: int, version: str, instead: str
) -> None:
    for keras in ("3", "tf2", "2"):
        found = of(call, shape, keras)
        assert found.summary().totals.params == params
        notes = [one.message for one in found.diagnostics if one.code == "W303"]
        if version == "2" and keras != "3":  # its own time
            assert notes == []
        else:
            assert len(notes) == 1
            assert f"a class of Keras {version}, which later ones have dropped" in notes[0]
            assert instead in notes[0]


def test_kernels_of_their_own_count_at_each_place() -> None:
    """Steps · (window · channels + 1) · filters."""
    assert of("LocallyConnected1D(5,2)", (4, 3), "2").summary().totals.params == 3 * (2 * 3 + 1) * 5
    assert of("LocallyConnected1D(5,1,use_bias=False)", (4, 3), "2").summary().totals.params == 60


def test_gru_resets_before_the_product_in_keras_2_only() -> None:
    totals = {keras: of("GRU(4)", (5, 3), keras).summary().totals.params for keras in ("3", "tf2", "2")}
    assert totals == {"3": 108, "tf2": 108, "2": 96}
    assert of("GRU(4,reset_after=True)", (5, 3), "2").summary().totals.params == 108
    assert of("GRU(4,reset_after=False)", (5, 3), "3").summary().totals.params == 96
