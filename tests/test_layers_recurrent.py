"""Laws of recurrent layers and wrappers: two ways to say the same thing have to agree."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqshape.analysis.timesteps import timesteps
from seqshape.answers import analyse
from seqshape.dims import UNKNOWN, evaluate
from seqshape.network import Network
from seqshape.summary import Row

Shape = Sequence[int | str | None]
SIZES = st.integers(1, 60)
CALM = settings(deadline=None, max_examples=40)  # the first example loads the catalogue
CELLS = {"LSTM": "LSTMCell", "GRU": "GRUCell", "SimpleRNN": "SimpleRNNCell"}


def network(spec: str, shape: Shape | None = None) -> Network:
    return analyse(spec, None if shape is None else tuple(shape), kind="spec")


def rows(spec: str, shape: Shape | None = None) -> list[Row]:
    walked = network(spec, shape)
    assert [found.message for found in walked.diagnostics if found.severity == "error"] == []
    return list(walked.summary().layers)


def last(spec: str, shape: Shape | None = None) -> Row:
    return rows(spec, shape)[-1]


def shapes(row: Row) -> list[tuple[object, ...]]:
    return [tuple(shape or ()) for shape in row.output_shapes]


def remarks(spec: str, shape: Shape | None = None) -> list[str]:
    return [found.message for found in network(spec, shape).diagnostics if found.severity == "warning"]


def refusal(spec: str, shape: Shape | None = None) -> tuple[str, str]:
    """The complaint about a spec, and the characters that it points at."""
    found = next(found for found in network(spec, shape).diagnostics if found.severity == "error")
    span = found.labels[0].span
    return found.message, spec[span.start : span.stop]


def sees(spec: str, shape: Shape | None = None, number: int = 0) -> list[str]:
    """One string of 0 and 1 an output step, over the steps of an input."""
    return ["".join(map(str, row)) for row in timesteps(network(spec, shape), number).matrix]


# --- counts ----------------------------------------------------------------------------------------------------------


@CALM
@given(units=SIZES, features=SIZES, steps=SIZES)
def test_formulas(units: int, features: int, steps: int) -> None:
    """Gates of ``units`` rows, each over the input, the previous output and its biases; products once a step."""
    u, f = units, features
    expected = {
        f"LSTM({u})": (4 * u * (f + u + 1), 4),
        f"LSTM({u},nobias)": (4 * u * (f + u), 4),
        f"GRU({u})": (3 * u * (f + u + 2), 3),
        f"GRU({u},reset_after=False)": (3 * u * (f + u + 1), 3),
        f"GRU({u},nobias)": (3 * u * (f + u), 3),
        f"SimpleRNN({u})": (u * (f + u + 1), 1),
        f"CuDNNLSTM({u})": (4 * u * (f + u + 2), 4),
        f"CuDNNGRU({u})": (3 * u * (f + u + 2), 3),
    }
    for spec, (params, gates) in expected.items():
        row = last(spec, (steps, features))
        assert (spec, row.params, row.macs) == (spec, params, gates * u * (f + u) * steps)


@pytest.mark.parametrize(("spec", "macs"), [("LSTM(16)", 15_360), ("GRU(16)", 11_520), ("SimpleRNN(16)", 3_840)])
def test_multiply_adds_of_eight_features_in_ten_steps(spec: str, macs: int) -> None:
    assert last(spec, (10, 8)).macs == macs
    assert last(spec, (None, 8)).macs is None


@CALM
@given(filters=SIZES, channels=SIZES, kernel=st.integers(1, 5), steps=st.integers(1, 4))
def test_a_conv_lstm_is_two_convolutions_a_gate(filters: int, channels: int, kernel: int, steps: int) -> None:
    row = last(f"ConvLSTM2D({filters},{kernel},same,seq)", (steps, 7, 6, channels))
    weights = 4 * filters * kernel**2 * (channels + filters)
    assert row.params == weights + 4 * filters
    assert row.macs == steps * 7 * 6 * weights
    assert shapes(row) == [(UNKNOWN, steps, 7, 6, filters)]


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_conv_lstm_changes_its_picture_as_a_convolution_does(rank: int) -> None:
    image = (9, 8, 7)[:rank]
    for arguments in ("4,3", "4,2,s=2", "4,3,same", "4,2,d=2"):
        still = shapes(last(f"Conv{rank}D({arguments})", (*image, 2)))[0]
        moving = shapes(last(f"ConvLSTM{rank}D({arguments},seq)", (5, *image, 2)))[0]
        assert moving == (UNKNOWN, 5, *still[1:])


# --- two ways to say the same ----------------------------------------------------------------------------------------


@CALM
@given(
    name=st.sampled_from(sorted(CELLS)), units=SIZES, features=SIZES, flags=st.sampled_from(["", ",seq", ",seq,state"])
)
def test_a_layer_is_its_cell_in_an_rnn(name: str, units: int, features: int, flags: str) -> None:
    layer = last(f"{name}({units}{flags})", (7, features))
    around = last(f"RNN({CELLS[name]}({units}){flags})", (7, features))
    assert shapes(layer) == shapes(around)
    assert (layer.weights, layer.macs) == (around.weights, around.macs)


@CALM
@given(name=st.sampled_from(sorted(CELLS)), units=SIZES, features=SIZES, mode=st.sampled_from(["sum", "mul", "ave"]))
def test_bidirectional_is_twice_its_layer(name: str, units: int, features: int, mode: str) -> None:
    one = last(f"{name}({units},seq)", (7, features))
    for merge, width in ((mode, units), ("concat", 2 * units)):
        both = last(f"Bi({name}({units},seq),{merge})", (7, features))
        assert (both.params, both.macs) == (2 * one.params, 2 * one.macs)
        assert shapes(both) == [(UNKNOWN, 7, width)]
    assert shapes(last(f"Bi({name}({units},seq),None)", (7, features))) == [(UNKNOWN, 7, units)] * 2


@CALM
@given(units=SIZES, shape=st.lists(SIZES, min_size=2, max_size=4))
def test_time_distributed_dense_is_dense(units: int, shape: list[int]) -> None:
    alone, wrapped = last(f"Dense({units})", shape), last(f"TD(Dense({units}))", shape)
    assert shapes(alone) == shapes(wrapped)
    assert (alone.params, alone.macs) == (wrapped.params, wrapped.macs)


def test_time_distributed_is_its_layer_at_every_step() -> None:
    for spec, step in (("LSTM(3)", (6, 2)), ("Conv2D(4,3)", (8, 9, 3)), ("(Conv1D(2,2) > Flatten)", (4, 2))):
        inside, around = rows(spec, step), last(f"TD({spec})" if spec[0] != "(" else f"m = {spec}; TD(m)", (5, *step))
        assert shapes(around) == [(UNKNOWN, 5, *shapes(inside[-1])[0][1:])]
        assert around.params == sum(row.params for row in inside)
        assert around.macs == 5 * sum(row.macs for row in inside)


def test_a_list_of_cells_is_a_stack() -> None:
    listed = last("RNN([LSTMCell(4), GRUCell(3)],seq,state)", (7, 5))
    stacked = last("RNN(StackedRNNCells([LSTMCell(4), GRUCell(3)]),seq,state)", (7, 5))
    assert (listed.weights, shapes(listed), listed.macs) == (stacked.weights, shapes(stacked), stacked.macs)
    assert shapes(listed) == [(UNKNOWN, 7, 3), (UNKNOWN, 4), (UNKNOWN, 4), (UNKNOWN, 3)]
    again = last("RNN([GRUCell(2)],seq) > RNN([GRUCell(2)])", (7, 5))
    assert again.weights[0].path == "stacked_rnn_cells_1/gru_cell_1/kernel"


NAMED = (
    "LSTM(u,seq,state)",
    "GRU(u,reset_after=False)",
    "SimpleRNN(u,seq)",
    "RNN([LSTMCell(u), GRUCell(2*u)],state)",
    "Bi(GRU(u,seq),concat)",
    "TD(Dense(u))",
    "CuDNNLSTM(u)",
)


@CALM
@given(spec=st.sampled_from(NAMED), units=SIZES, steps=SIZES, features=SIZES)
def test_names_agree_with_numbers(spec: str, units: int, steps: int, features: int) -> None:
    named = last(f"u = ?; {spec}", ("T", "F"))
    numbers = last(f"u = {units}; {spec}", (steps, features))
    values = {"u": units, "T": steps, "F": features}
    assert [evaluate(shape, values) for shape in shapes(named)] == shapes(numbers)
    assert (evaluate(named.params, values), evaluate(named.macs, values)) == (numbers.params, numbers.macs)
    assert [evaluate(weight.shape, values) for weight in named.weights] == [weight.shape for weight in numbers.weights]


# --- the copies of Bidirectional -------------------------------------------------------------------------------------


def test_the_copies_are_named_after_their_layer() -> None:
    paths = [weight.path.split("/")[0] for weight in last("Bi(LSTM(3))", (7, 2)).weights]
    assert paths == ["forward_lstm"] * 3 + ["backward_lstm"] * 3
    given_names = "Bi(LSTM(3,name='forward_x'),backward_layer=GRU(3,back,name='backward_y'))"
    paths = [weight.path.split("/")[0] for weight in last(given_names, (7, 2)).weights]
    assert paths == ["forward_x"] * 3 + ["backward_y"] * 3


def test_layers_inside_are_numbered_in_the_order_of_the_text() -> None:
    """``LSTM`` comes first although its place in the signature comes after a keyword has been read."""
    paths = [weight.path.split("/")[0] for weight in last("Bi(LSTM(3),backward_layer=LSTM(3,back))", (7, 2)).weights]
    assert paths == ["forward_lstm"] * 3 + ["lstm_1"] * 3


def test_a_wrapper_that_is_not_trained_leaves_the_layer_inside_its_flag() -> None:
    """Keras: none in the row, but the model trains them, and its total says so."""
    summary = network("Bi(GRU(3),trainable=False)", (7, 2)).summary()
    (row,) = summary.layers
    assert (row.trainable_params, row.non_trainable_params) == (0, row.params)
    assert all(weight.trainable for weight in row.weights)
    assert summary.totals.trainable_params == row.params
    frozen = network("TD(Dense(3,trainable=False))", (7, 2)).summary()
    assert frozen.totals.trainable_params == 0


def test_states_come_after_the_output() -> None:
    assert shapes(last("Bi(LSTM(3,state))", (7, 2))) == [(UNKNOWN, 6)] + [(UNKNOWN, 3)] * 4
    assert shapes(last("Bi(GRU(3,seq,state),None)", (7, 2))) == [(UNKNOWN, 7, 3)] * 2 + [(UNKNOWN, 3)] * 2


# --- which steps see which -------------------------------------------------------------------------------------------


def test_steps() -> None:
    past, future = ["1000", "1100", "1110", "1111"], ["1111", "0111", "0011", "0001"]
    assert sees("LSTM(3,seq)", (4, 2)) == past
    assert sees("LSTM(3,seq,back)", (4, 2)) == future[::-1]
    assert sees("LSTM(3)", (4, 2)) == ["1111"]
    assert sees("Bi(GRU(3,seq),sum)", (4, 2)) == ["1111"] * 4
    assert sees("Bi(GRU(3,seq)) > Dense(1)", (4, 2)) == ["1111"] * 4
    assert sees("TD(Dense(3))", (4, 2)) == ["1000", "0100", "0010", "0001"]
    assert sees("TD(LSTM(3,seq))", (4, 5, 2)) == ["1000", "0100", "0010", "0001"]
    assert sees("ConvLSTM1D(2,3,same,seq)", (4, 5, 2)) == past


def test_each_half_of_a_concatenated_bidirectional_sees_its_own_side() -> None:
    """The first features have read the past, the last ones the future: seen after the features have become steps."""
    assert sees("Bi(SimpleRNN(1,seq)) > Reshape(8,1)", (4, 2)) == [
        row for past, future in zip(["1000", "1100", "1110", "1111"], ["1111", "0111", "0011", "0001"], strict=True)
        for row in (past, future)
    ]  # fmt: skip


def test_an_initial_state_is_seen_by_every_step() -> None:
    started = "x = Input(4,2); h = Input(3); x > GRU(3,seq,initial_state=h)"
    assert sees(started) == ["1000", "1100", "1110", "1111"]
    assert sees(started, number=1) == ["111"] * 4
    both = "x = Input(4,2); h = Input(3); g = Input(3); x > Bi(GRU(3,seq),initial_state=[h, g]) > Reshape(8,3)"
    assert sees(both, number=1) == ["111", "000"] * 4
    assert sees(both, number=2) == ["000", "111"] * 4


def test_masks_come_along() -> None:
    """A mask is an input of the layer as well; a shared model makes its masks anew at each call."""
    assert sees("Embedding(9,3,mask_zero=True) > LSTM(4,seq) > TD(Dense(1))", (3,)) == ["100", "110", "111"]
    shared = "e = Embedding(9,3,mask_zero=True) > LSTM(4); a = Input(5); b = Input(5); (a > e, b > e) > Concat"
    assert shapes(last(shared)) == [(UNKNOWN, 8)]


# --- what is refused, and where --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "shape", "message", "place"),
    [
        ("LSTM(5) > TD(Dense(1))", (5, 1), "TimeDistributed needs an input of at least 3 dims", "TD(Dense(1))"),
        ("LSTM(4,stateful)", (7, 3), "LSTM is stateful and needs a fixed batch size", "stateful"),
        ("TD(LSTM(3))", (7, 3), "LSTM needs an input of 3 dims", "LSTM(3)"),
        ("TD(LSTM(3,state))", (4, 5, 2), "TimeDistributed needs a layer that gives one tensor", "LSTM(3,state)"),
        ("RNN(LSTM(4))", (7, 3), "RNN needs a cell, such as LSTMCell, but gets LSTM", "LSTM(4)"),
        ("RNN([GRUCell(4), Dense(4)])", (7, 3), "StackedRNNCells needs a cell", "Dense(4)"),
        ("RNN([])", (7, 3), "StackedRNNCells needs at least one cell", "[]"),
        ("Bi(Dense(4))", (7, 3), "Bidirectional needs a recurrent layer, such as LSTM, but gets Dense", "Dense(4)"),
        ("Bi(LSTM(4,back))", (7, 3), "Bidirectional needs one layer forwards and one backwards", "LSTM(4,back)"),
        ("GRUCell(4)", (7, 3), "GRUCell needs 2 inputs (inputs, states)", "GRUCell(4)"),
        ("ConvLSTM1D(2,3,s=2,d=2)", (4, 8, 3), "ConvLSTM1D takes strides or dilation_rate", "d=2"),
        ("ConvLSTM2D(2,9)", (4, 7, 8, 3), "ConvLSTM2D needs at least 9 rows", "9"),
        ("ConvLSTM2D(2,2)", (4, None, 8, 3), "ConvLSTM2D needs fixed sizes (rows, columns)", "ConvLSTM2D(2,2)"),
        ("LSTM(4,use_cudnn='no')", (7, 3), 'LSTM needs "auto", True or False for use_cudnn', "use_cudnn='no'"),
        ("LSTM(4,time_major=True)", (7, 3), "LSTM has no argument time_major", "time_major"),
    ],
)
def test_refusals(spec: str, shape: Shape, message: str, place: str) -> None:
    found, where = refusal(spec, shape)
    assert found.startswith(message)
    assert where == place


def test_a_list_of_tensors_is_no_initial_state() -> None:
    assert refusal("x = Input(7,3); [x | x] > LSTM(4)")[0] == "LSTM takes one input, but gets 2"


@pytest.mark.parametrize(
    ("spec", "shape", "remark"),
    [
        ("LSTM(4,dropout=1.5)", (7, 3), "LSTM takes dropout=1.5 as 1"),
        ("TD(GRU(4,recurrent_dropout=-1))", (5, 7, 3), "GRU takes recurrent_dropout=-1 as 0"),
        ("LSTM(4,unroll)", (None, 3), "LSTM is unrolled over an unknown number of steps"),
        (
            "RNN(LSTMCell(4))",
            (2, 3, 4),
            "RNN has steps of 2 dims, and a cell takes one; it builds, but fails when it runs",
        ),
        ("RNN([LSTMCell(4)])", (7, 3), "RNN has a list of one cell only; it builds, but fails when it runs"),
        ("LSTM(4,implementation=2)", (7, 3), "LSTM reads implementation only to choose"),
        ("ConvLSTM1D(0,2)", (4, 8, 3), "ConvLSTM1D has 0 filters; it builds, but fails when it runs"),
        (
            "Bi(LSTM(4),backward_layer=LSTM(3,back))",
            (7, 3),
            "Bidirectional gives 7 features when it runs, but Keras says 8",
        ),
        ("Bi(LSTM(4),sum,backward_layer=LSTM(3,back))", (7, 3), "Bidirectional has directions of different widths"),
        ("Bi(LSTM(4),None)", (7, 3), "Bidirectional gives 2 tensors, so no layer of this Sequential can follow"),
        ("TD(RepeatVector(2))", (4, 5, 6), "TimeDistributed gives RepeatVector steps of 3 dims, and it takes 2"),
        ("CuDNNLSTM(4)", (7, 3), "CuDNNLSTM is a class of Keras 2"),
    ],
)
def test_what_keras_builds_all_the_same(spec: str, shape: Shape, remark: str) -> None:
    assert rows(spec, shape)
    assert any(found.startswith(remark) for found in remarks(spec, shape))


def test_initial_states_that_do_not_fit() -> None:
    start = "x = Input(7,3); h = Input(5); x > "
    assert "starts from states (None, 4), but gets (None, 5)" in remarks(f"{start} GRU(4,initial_state=h)")[0]
    assert "starts from 2 states, but gets 1" in remarks(f"{start} LSTM(5,initial_state=h)")[0]
    assert remarks(f"{start} GRU(5,initial_state=h)") == []


def test_a_cell_alone_is_one_step() -> None:
    row = last("x = Input(6); h = Input(4); c = Input(4); (x, [h, c]) > LSTMCell(4)")
    assert shapes(row) == [(UNKNOWN, 4)] * 3
    assert row.macs == 4 * 4 * (6 + 4)
    stack = "x = Input(6); h = Input(4); g = Input(3); (x, [h, g]) > StackedRNNCells([GRUCell(4), SimpleRNNCell(3)])"
    assert shapes(last(stack)) == [(UNKNOWN, 3), (UNKNOWN, 4), (UNKNOWN, 3)]


# What each starts from, and what is said of it; `fails` was seen in real runs of Keras.
STARTS = [
    ("LSTM(4)", ["4", "4"], None),
    ("LSTM(4)", ["7,4", "7,4"], "LSTM starts from states (None, 4), but gets (None, 7, 4); it builds, but fails"),
    ("LSTM(4)", ["4"], "LSTM starts from 2 states, but gets 1; it builds, but fails"),
    ("LSTM(4)", ["4", "4", "4"], "LSTM starts from 2 states, but gets 3; it builds, but fails"),
    ("GRU(4)", ["4", "4"], "GRU starts from 1 state, but gets 2: it takes the first"),
    ("SimpleRNN(4)", ["4", "4"], "SimpleRNN starts from 1 state, but gets 2; it builds, but fails"),
    ("SimpleRNN(4)", ["1,4"], "SimpleRNN starts from states (None, 4), but gets (None, 1, 4); it builds, but fails"),
    ("RNN(LSTMCell(4))", ["4"], "RNN starts from 2 states, but gets 1; it builds, but fails"),
    ("RNN([GRUCell(4),GRUCell(4)])", ["4", "4"], None),
    ("RNN([GRUCell(4),GRUCell(4)])", ["4", "4", "4"], "RNN starts from 2 states, but gets 3; it builds, but fails"),
    ("RNN([LSTMCell(4),LSTMCell(4)])", ["4"] * 4, "RNN starts from the states of each cell in a list of their own"),
    ("Bi(LSTM(4))", ["4"] * 4, None),
    ("Bi(LSTM(4))", ["4"] * 2, "Bidirectional starts from 4 states, 2 for each direction, but gets 2; it builds, but"),
    ("Bi(GRU(4))", ["4"], "Bidirectional starts from 2 states, one for each direction, but gets 1; it builds, but"),
]


@pytest.mark.parametrize(("layer", "starts", "remark"), STARTS)
def test_what_a_layer_starts_from(layer: str, starts: list[str], remark: str | None) -> None:
    inputs = "; ".join(f"s{number}=Input({shape})" for number, shape in enumerate(starts))
    names = ",".join(f"s{number}" for number in range(len(starts)))
    found = remarks(f"x=Input(5,2); {inputs}; x > {layer[:-1]},initial_state=[{names}])")
    assert [one for one in found if remark is None or not one.startswith(remark)] == []
    assert bool(found) == (remark is not None)


def test_a_shape_inside_a_wrapper_is_ignored() -> None:
    (found,) = remarks("Bi(LSTM(64,input_shape=(10,5)))", (7, 3))
    assert found == "LSTM has input_shape inside Bidirectional, where Keras ignores it"
