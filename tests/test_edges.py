"""The engine at its edges: values of every kind, sizes of every form and of every magnitude, layers in odd places."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from seqshape.answers import analyse
from seqshape.api import summarize
from seqshape.cli import main
from seqshape.diagnostics import SeqshapeError
from seqshape.registry import operations
from tests.fuzz.edges import HUGE, SIZES, arguments_of, call, command_lines, fed, made, names, problem

EVERY = 1009  # a prime, so that all values and commands have their turn


def test_every_argument_takes_or_refuses_every_value() -> None:
    """One in so many; ``python -m tests.fuzz.edges`` tries more."""
    assert [(line, found) for line in command_lines("ci", EVERY) if (found := problem(line))] == []


@pytest.mark.parametrize("name", [name for name in names() if name.startswith("ops.")])
def test_huge_numbers_end_at_once(name: str) -> None:
    """Each argument of each operation with one huge number after the other: a few seconds at most, no memory."""
    layer, start = made("huge", name)
    lines = [
        ["summarize", f"{start}; {fed(name)} > {call(layer, name, argument, HUGE[number % len(HUGE)])}"]
        for number, argument in enumerate(arguments_of(name), len(name))
    ]
    assert [(line, found) for line in lines if (found := problem(line, 20))] == []


@pytest.mark.parametrize("form", SIZES)
@pytest.mark.parametrize(
    "layer",
    ["LSTM(4)", "Conv1D(8,3)", "Flatten > Dense(2)", "Reshape(-1,3)", "MP1D(2)", "MHA(2,3)", "GN(1)", "Masking"],
)
def test_formulas_for_sizes(form: str, layer: str) -> None:
    """No size of an Input lets a question out that has more than one answer."""
    text = f"x = Input({form}, 6); {'(x, x)' if layer.startswith('MHA') else 'x'} > {layer}"
    for command in (["summarize"], ["summarize", "--json"], ["explain"], ["timesteps"], ["check"]):
        assert problem([command[0], text, *command[1:]]) is None


def test_a_difference_of_sizes_adds_its_need() -> None:
    summary = summarize("Input(T-5,3)>LSTM(4)")
    assert (summary.totals.params, summary.symbols["T"].needs) == (128, ("T >= 6",))
    with pytest.raises(SeqshapeError, match="dims of at least"):
        summarize("Input(-T,3)>LSTM(4)")


def test_input_none_is_a_shape() -> None:
    summary = summarize("a=Input(None); b=Input(None); (a>Emb(9,4)>LSTM(3), b>Emb(9,4)>LSTM(3)) > Concat")
    assert [len(port.shape or ()) for port in summary.inputs] == [2, 2]
    assert not summary.symbols


# A layer that stands in several places, or as the function of a Lambda, and what Keras 3.15 counts.
COUNTS: list[tuple[str, Any, int, int]] = [
    ("Lambda(Dense(3))", (4,), 15, 15),
    ("Lambda(Dense(3), trainable=False)", (4,), 15, 15),
    ("Lambda(Dense(3) > Dense(2))", (4,), 23, 23),
    ("Lambda(Dense(3), output_shape=(7,))", (4,), 15, 15),
    ("Lambda(BN)", (4,), 16, 8),
    ("Lambda(Dropout(0.5))", (4,), 0, 0),
    ("TD(Lambda(Dense(3)))", (5, 4), 15, 15),
    ("Emb(9,4,mask_zero=True) > Lambda(LSTM(3))", (5,), 132, 132),
    ("d = Dense(4); x = Input(4); x > d > Lambda(d)", None, 20, 20),
    ("d = Dense(4); x = Input(5,4); x > d > TD(d)", None, 20, 20),
    ("d = Dense(4); x = Input(5,4); x > TD(d) > TD(d)", None, 20, 20),
    ("d = Dense(4); s = d > Dense(4); x = Input(5,4); x > d > s", None, 40, 40),
    ("Bi(RNN(LSTMCell(3)))", (5, 4), 192, 192),
    ("Bi(RNN([LSTMCell(3), GRUCell(2)]))", (5, 4), 276, 276),
    ("b = Bi(LSTM(2)); x = Input(3,5,4); y = Input(5,4); (y > b, x > TD(b) > GAP1D) > Concat", None, 112, 112),
]


@pytest.mark.parametrize(("text", "shape", "params", "trainable"), COUNTS)
def test_each_weight_counts_once(text: str, shape: Any, params: int, trainable: int) -> None:
    found = summarize(text, shape).totals
    assert (found.params, found.trainable_params) == (params, trainable)


@pytest.mark.oracle
def test_each_weight_counts_once_in_keras() -> None:
    """The numbers of COUNTS are Keras's."""
    from tests.oracle import keras_oracle

    keras = keras_oracle.keras
    layers = keras.layers

    def sequential(shape: tuple[int, ...], *inside: Any) -> Any:
        return keras.Sequential([keras.Input(shape), *inside])

    def twice(shape: tuple[int, ...], first: Any, second: Any) -> Any:
        start = keras.Input(shape)
        return keras.Model(start, second(first(start)))

    dense, steps, both = layers.Dense(4), layers.Dense(4), layers.Dense(4)
    chain, shared = layers.Dense(4), layers.Bidirectional(layers.LSTM(2))
    far, near = keras.Input((3, 5, 4)), keras.Input((5, 4))
    seen = [shared(near), layers.GlobalAveragePooling1D()(layers.TimeDistributed(shared)(far))]
    models = [
        sequential((4,), layers.Lambda(layers.Dense(3))),
        sequential((4,), layers.Lambda(layers.Dense(3), trainable=False)),
        sequential((4,), layers.Lambda(keras.Sequential([layers.Dense(3), layers.Dense(2)]))),
        sequential((4,), layers.Lambda(layers.Dense(3), output_shape=(7,))),
        sequential((4,), layers.Lambda(layers.BatchNormalization())),
        sequential((4,), layers.Lambda(layers.Dropout(0.5))),
        sequential((5, 4), layers.TimeDistributed(layers.Lambda(layers.Dense(3)))),
        sequential((5,), layers.Embedding(9, 4, mask_zero=True), layers.Lambda(layers.LSTM(3))),
        twice((4,), dense, layers.Lambda(dense)),
        twice((5, 4), steps, layers.TimeDistributed(steps)),
        twice((5, 4), layers.TimeDistributed(both), layers.TimeDistributed(both)),
        twice((5, 4), chain, keras.Sequential([chain, layers.Dense(4)])),
        sequential((5, 4), layers.Bidirectional(layers.RNN(layers.LSTMCell(3)))),
        sequential((5, 4), layers.Bidirectional(layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)]))),
        keras.Model([near, far], layers.Concatenate()(seen)),
    ]
    trained = [sum(weight.value.size for weight in model.trainable_weights) for model in models]
    assert [(model.count_params(), number) for model, number in zip(models, trained, strict=True)] == [
        (params, number) for _, _, params, number in COUNTS
    ]


# --- a network that is walked twice -----------------------------------------------------------------------------------

TWICE = (
    "Masking > LSTM(3)",
    "Emb(9,4,mask_zero=True) > LSTM(3,seq) > LSTM(2)",
    "x = Input(5,3); x > ops.multiply(0.5) > LSTM(3)",
    "x = Input(5,3); x > Equalization > LSTM(3)",
)


@pytest.mark.parametrize("text", TWICE)
def test_a_walk_leaves_the_graph_as_it_was(text: str) -> None:
    """Another walk of the same graph finds the same rows, and the first one still says what it said."""
    from seqshape.network import Network

    first = analyse(text)
    before = first.summary()
    second = Network(first.graph, first.inputs.copy(), override=first.model.inputs).summary()
    assert second.layers == before.layers == first.summary().layers
    assert before.totals.params == second.totals.params


# --- bounds -----------------------------------------------------------------------------------------------------------

BOUNDED = (
    ("ops.unstack(99999999999)", "T,8,8,3", "more than 1,000"),
    ("ops.vsplit(2**62)", "None,3", "more than 1,000"),
    ("ops.array_split(99999999999)", "5,3", "more than 1,000"),
    ("(Dense(2))*2**40", "5,1", "250,000 layers"),
    ("2*A(1)*99999999999", "5,1", "250,000 layers"),
    ("((Dense(1)*1000)*1000)*1000", "T,8", "250,000 layers"),
    ("Dense(2**2**40)", "3", "too large"),
    ("ops.tile(2**62)", "5,3", "64 bits"),
    (f"{'TD(' * 2000}Dense(1){')' * 2000}", "5,1", ""),
    (f"d = ?; Dense({'(' * 60}d{'//3+1)' * 60})", "5", ""),
    (" > ".join(["Dense(2)"] * 1000), "5", ""),
    ("(MP1D(2))*100 > Dense(2)", "T,3", ""),
    ("(Conv1D(3,3,s=2,same) > UpSampling1D(3))*40", "T,3", "too long"),
    ("(MP2D(3,s=2,same) > ZeroPadding2D(5) > UpSampling2D(3))*40 > Flatten > Dense(2)", "T,U,3", "too long"),
)


@pytest.mark.parametrize(("text", "shape", "says"), BOUNDED)
def test_the_bound_comes_before_the_work(text: str, shape: str, says: str) -> None:
    for command in ("summarize", "explain", "timesteps"):
        assert problem([command, text, "-i", shape], 60) is None
    assert says in CliRunner().invoke(main, ["summarize", text, "-i", shape]).output


@pytest.mark.parametrize(
    "value", ["?", "d - 5", "(d, 2)", "Dense(2)", "net", "keras.initializers.Zeros()", "[Dense(2)]"]
)
@pytest.mark.parametrize(
    "layer", ["LSTM({})", "Dense(3, {})", "Conv1D(2, 3, padding={})", "ops.sum(axis={})", "BN({})"]
)
def test_messages_show_no_objects(layer: str, value: str) -> None:
    """A value is shown as it is written, never as an object of Python with its address."""
    text = f"d = ?; net = Dense(2) > Dense(3); x = Input(5,3); x > {layer.format(value)}"
    output = CliRunner().invoke(main, ["summarize", text]).output
    assert "object at 0x" not in output
    assert "Poly(" not in output


# --- configs ----------------------------------------------------------------------------------------------------------

ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        -1,
        2.5,
        1e300,
        2**62,
        2**70,
        "",
        "3",
        "same",
        "\u202e",
        [],
        [1, 2],
        [[1], [2]],
        [None],
        {},
        {"a": 1},
    ),
    {"class_name": "Dense", "config": {"units": 2}, "module": "keras.layers", "registered_name": None},
    {"class_name": "__keras_tensor__", "config": {"shape": [None, 2], "keras_history": ["input_layer", 0, 7]}},
    {"class_name": "__lambda__", "config": {"code": "", "defaults": None, "closure": None}},
)


def test_configs_with_values_of_every_kind(tmp_path: Path) -> None:
    """Each argument of each layer in a config with one odd value after the other, with one command after the other."""
    commands = (
        ["summarize"],
        ["explain"],
        ["timesteps"],
        ["convert", "--to", "keras-python"],
        ["convert", "--to", "torch"],
    )
    failed = []
    pairs = [(name, argument) for name in names() if name[:4] != "ops." for argument in arguments_of(name)]
    for number, (name, argument) in enumerate(pairs):
        layer, _ = made("config", name)
        given = {"name": "odd", **layer.kwargs, argument: ODD[number % len(ODD)]}
        path = tmp_path / "model.json"
        path.write_text(json.dumps(_config(name, given), default=str), "utf-8")
        command = commands[number % len(commands)]
        if found := problem([command[0], str(path), *command[1:]]):
            failed.append((name, argument, given[argument], command, found))
    assert failed == []


def _config(name: str, given: dict[str, Any]) -> dict[str, Any]:
    start = {"batch_shape": [None, 4, 8, 3], "dtype": "float32", "name": "input_layer"}
    layers = [
        {"module": "keras.layers", "class_name": "InputLayer", "config": start, "registered_name": None},
        {"module": "keras.layers", "class_name": name, "config": given, "registered_name": None},
    ]
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "odd_model", "layers": layers}}


def test_an_output_that_a_layer_does_not_give(tmp_path: Path) -> None:
    """A file that reads output 7 of a Dense."""
    written = CliRunner().invoke(
        main, ["convert", "x=Input(3); y = x > Dense(2); [y | y > Dense(2)] > Add", "--to", "keras-json"]
    )
    text = written.output.replace('"keras_history": ["dense", 0, 0]', '"keras_history": ["dense", 0, 7]')
    assert text != written.output
    path = tmp_path / "model.json"
    path.write_text(text, "utf-8")
    found = CliRunner().invoke(main, ["summarize", str(path)])
    assert (found.exit_code, "reads output 7 of dense, which gives 1" in found.output) == (1, True)


def test_operands_are_no_layers() -> None:
    for name, kind in operations().items():
        if kind.inputs == ("x1", "x2"):
            with pytest.raises(SeqshapeError, match="a tensor or a number"):
                summarize(f"x = Input(4); x > ops.{name}(ops.relu() > Dense(2))")
