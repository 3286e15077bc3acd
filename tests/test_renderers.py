"""What the formats print. ``python -m tests.test_renderers`` writes the golden files in data/renderers anew."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from math import prod
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqshape import summarize
from seqshape.diagnostics import Diagnostic, Label, Source, Span
from seqshape.dims import UNKNOWN, symbol
from seqshape.renderers import FORMATS, Options
from seqshape.renderers.check import Verdict
from seqshape.renderers.check import render as render_check
from seqshape.renderers.diagnostics import render as render_diagnostics
from seqshape.renderers.json import schema
from seqshape.renderers.text import fold, pad, printable, to_ascii, width
from seqshape.summary import (
    CallRecord,
    Convention,
    Port,
    Row,
    Summary,
    Symbol,
    Target,
    Totals,
    Weight,
    item_bits,
    memory,
)
from tests.oracle.facts import load

GOLDEN = Path(__file__).parent / "data" / "renderers"
BATCH = UNKNOWN
T, F = symbol("T"), symbol("F")
ESCAPES = re.compile("\x1b\\[[\\d;]*m")


def render(summary, name, **options):
    return FORMATS[name].render(summary, Options(**options))


# --- networks to show ------------------------------------------------------------------------------------------------


def small():
    """``LSTM(5,seq)>TD(Dense(1))`` on 5 steps of 1 feature: the network of DESIGN's JSON."""
    lstm = (
        Weight("lstm_cell/kernel", (1, 20)),
        Weight("lstm_cell/recurrent_kernel", (5, 20)),
        Weight("lstm_cell/bias", (20,)),
    )
    wide, narrow = (BATCH, 5, 5), (BATCH, 5, 1)
    return Summary(
        "sequential",
        "Sequential",
        (Port(narrow, name="input_layer"),),
        (Port(narrow),),
        (
            _row("lstm", "LSTM", wide, lstm, 600, CallRecord((narrow,), (("input_layer", 0, 0),), (wide,))),
            _row(
                "time_distributed",
                "TimeDistributed",
                narrow,
                (Weight("kernel", (5, 1)), Weight("bias", (1,))),
                25,
                CallRecord((wide,), (("lstm", 0, 0),), (narrow,)),
            ),
        ),
        Totals(146, 146, 0, 584, 625),
        {},
    )


def _row(name, class_name, output, weights=(), macs=0, *calls):
    params = sum(prod(weight.shape) for weight in weights)
    outputs = output if isinstance(output[0], tuple) else (output,)
    return Row(name, class_name, outputs, params, params, 0, True, macs, weights, calls)


def graph():
    """A Functional: a nested model, a layer called at two shapes, one with states, weights that are not trained."""
    left, right, state = (BATCH, 12, 8), (BATCH, 7, 8), (BATCH, 4)
    moving = tuple(Weight(f"moving_{name}", (8,), trainable=False) for name in ("mean", "variance"))
    called = CallRecord((left,), (("input_layer", 0, 0),), (left,))
    inner = (
        _row("input_layer_2", "InputLayer", left, (), 0, CallRecord((), (), (left,))),
        Row("batch_normalization", "BatchNormalization", (left,), 16, 0, 16, True, 0, moving),
    )
    shared = _row(
        "shared",
        "Conv1D",
        right,
        (Weight("kernel", (3, 8, 8)), Weight("bias", (8,))),
        192 * 19,
        CallRecord((left,), (("block", 0, 0),), (left,)),
        CallRecord((right,), (("input_layer_1", 0, 0),), (right,)),
    )
    cell = (
        Weight("gru_cell/kernel", (8, 12)),
        Weight("gru_cell/recurrent_kernel", (4, 12)),
        Weight("gru_cell/bias", (2, 12)),
    )
    gru = _row("gru", "GRU", (state, state), cell, 1728, CallRecord((left,), (("shared", 0, 0),), (state, state)))
    return Summary(
        "two|towers",
        "Functional",
        (Port(left, name="input_layer"), Port(right, name="input_layer_1")),
        (Port(state), Port(right)),
        (
            _row("input_layer", "InputLayer", left, (), 0, CallRecord((), (), (left,))),
            Row("block", "Functional", (left,), 16, 0, 16, False, calls=(called,), layers=inner),
            _row("input_layer_1", "InputLayer", right, (), 0, CallRecord((), (), (right,))),
            shared,
            gru,
        ),
        Totals(384, 368, 16, 1536, 5376),
        {},
    )


def faulty():
    """Named sizes, a layer that could not be called, and a name that tries to be more than a name."""
    text = "Conv1D(8,3)>Dense(1,name='[bold]x')>Reshape(5)"
    kernel = (Weight("kernel", (3, F, 8)), Weight("bias", (8,)))
    dense = (Weight("kernel", (8, 1)), Weight("bias", (1,)))
    steps = (BATCH, T - 2, 8)
    labels = (Label(Span(36, 46)), Label(Span(0, 4), "why"))
    found = Diagnostic("E200", "error", "no", labels, layer="reshape", source=Source(text))
    return Summary(
        "sequential",
        "Sequential",
        (Port((BATCH, T, F), name="input_layer"),),
        (Port(None),),
        (
            Row("conv1d", "Conv1D", (steps,), 24 * F + 8, 24 * F + 8, 0, True, (T - 2) * 24 * F, kernel),
            _row("[bold]x[/bold]", "Dense", (BATCH, T - 2, 1), dense, 8 * (T - 2)),
            Row("re\x1b[31mshape", "Reshape", (None,), None, None, None, macs=None, faulty=True),
        ),
        Totals(24 * F + 17, 24 * F + 17, 0, 96 * F + 68, (T - 2) * 24 * F + 8 * (T - 2), True),
        {"T": Symbol("-i", ("T >= 3",)), "F": Symbol("-i")},
        ("input assumed: (None, T, F)",),
        (found,),
    )


CASES = {
    "small.table": (small, {}),
    "small.table.macs": (small, {"macs": True, "share": True, "trainable": True, "sort": "params"}),
    "small.table.color": (small, {"color": True}),
    "small.table.ascii": (small, {"ascii": True}),
    "small.classic": (small, {}),
    "small.keras": (small, {}),
    "small.json": (small, {}),
    "small.markdown": (small, {"macs": True}),
    "small.csv": (small, {}),
    "small.html": (small, {}),
    "graph.table": (graph, {}),
    "graph.table.expand": (graph, {"expand": True, "width": 70}),
    "graph.classic": (graph, {"expand": True}),
    "graph.keras": (graph, {"expand": True, "trainable": True, "width": 100}),
    "graph.json": (graph, {}),
    "graph.markdown": (graph, {"expand": True}),
    "graph.csv": (graph, {"expand": True}),
    "graph.html": (graph, {"expand": True}),
    "faulty.table": (faulty, {"macs": True}),
    "faulty.table.ascii": (faulty, {"ascii": True, "width": 60, "macs": True}),
    "faulty.table.color": (faulty, {"color": True}),
    "faulty.classic": (faulty, {}),
    "faulty.json": (faulty, {}),
    "faulty.markdown": (faulty, {}),
    "faulty.csv": (faulty, {}),
    "faulty.html": (faulty, {}),
    "faulty.svg": (faulty, {}),
}


def drawn(case):
    make, options = CASES[case]
    return render(make(), case.split(".")[1], **options) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_golden(case, capsys):
    assert drawn(case) == (GOLDEN / f"{case}.txt").read_text(encoding="utf-8")
    assert capsys.readouterr() == ("", "")


def test_no_golden_file_is_left_over():
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)


# --- Keras's own print -----------------------------------------------------------------------------------------------


def as_shape(shape):
    return None if shape is None else tuple(UNKNOWN if dim is None else dim for dim in shape)


def as_shapes(shapes):
    return (None,) if shapes is None else tuple(map(as_shape, shapes))


def as_call(call):
    return CallRecord(as_shapes(call["inputs"]), tuple(map(tuple, call["from"])), as_shapes(call["outputs"]))


def as_row(layer):
    weights = (
        Weight(each["path"], as_shape(each["shape"]), each["dtype"], each["trainable"]) for each in layer["weights"]
    )
    return Row(
        layer["name"],
        layer["class"],
        as_shapes(layer["output_shape"]),
        layer["params"],
        layer["trainable_params"],
        layer["non_trainable_params"],
        weights=tuple(weights),
        calls=tuple(map(as_call, layer.get("calls", ()))),
        layers=tuple(map(as_row, layer["nested"]["layers"])) if "nested" in layer else (),
    )


def as_summary(expected):
    """The summary that a fact tells of: what Keras says, so that a format can be tested without the rest."""
    rows = tuple(map(as_row, expected["layers"]))
    bits = sum(prod(weight.shape) * item_bits(weight.dtype) for row in rows for weight in row.weights)
    counts = (expected[name] for name in ("total_params", "trainable_params", "non_trainable_params"))
    inputs, outputs = (tuple(map(Port, as_shapes(expected[name]))) for name in ("inputs", "outputs"))
    return Summary(expected["name"], expected["class"], inputs, outputs, rows, Totals(*counts, bits // 8, 0), {})


PRINTED = [case for name in ("classic", "fuzz") for case in load(name) if "summary_text" in case["expected"]]
SUMMARIES = [as_summary(case["expected"]) for case in PRINTED]


def test_keras_to_the_letter():
    texts = [case["expected"]["summary_text"] for case in PRINTED]
    wrong = [
        case["id"]
        for case, summary, text in zip(PRINTED, SUMMARIES, texts, strict=True)
        if render(summary, "keras", width=100) != text.removesuffix("\n\n")
    ]
    assert len(texts) > 150
    assert not wrong


@pytest.fixture(scope="module")
def live():
    """Models of the real Keras with the summaries that seqshape has of them."""
    pytest.importorskip("keras")
    from keras import Input, Model, layers, ops
    from keras import Sequential as Chain

    inner_input = Input((6, 3), name="inside")
    normed = ops.relu(layers.BatchNormalization(name="norm")(inner_input))
    block = Model(inner_input, layers.Dense(2, name="dense")(normed), name="block")
    first, second = Input((6, 3), name="a"), Input((6, 3), name="b")
    model = Model([first, second], layers.Concatenate(name="join")([block(first), block(second)]), name="graph")
    frozen = layers.Dense(4, name="frozen")
    frozen.trainable = False
    chain = Chain([Input((3,)), frozen, Chain([layers.ReLU(name="relu")], name="in_it")], name="chain")
    return [model, chain]


def read(model):
    """A live model as a summary."""
    weights = model.weights
    rows = tuple(map(_live_row, model.layers))
    sizes = [
        sum(prod(each.shape) for each in group)
        for group in (weights, model.trainable_weights, model.non_trainable_weights)
    ]
    ports = [tuple(Port(as_shape(each.shape)) for each in group) for group in (model.inputs, model.outputs)]
    return Summary(model.name, type(model).__name__, *ports, rows, Totals(*sizes, 4 * sizes[0], 0), {})


def _live_row(layer):
    node = layer._inbound_nodes
    calls = tuple(
        CallRecord(
            tuple(as_shape(each.shape) for each in call.input_tensors),
            tuple(
                (each._keras_history.operation.name, each._keras_history.node_index, each._keras_history.tensor_index)
                for each in call.input_tensors
            ),
            tuple(as_shape(each.shape) for each in call.output_tensors),
        )
        for call in node
    )
    variables = getattr(layer, "weights", ())
    weights = tuple(Weight(each.path, tuple(each.shape), each.dtype, each.trainable) for each in variables)
    inner = tuple(map(_live_row, getattr(layer, "_operations", getattr(layer, "layers", ()))))
    counts = sum(prod(weight.shape) for weight in weights), 0, 0
    trainable = getattr(layer, "trainable", None)
    return Row(layer.name, type(layer).__name__, calls[-1].outputs, *counts, trainable, 0, weights, calls, inner)


@pytest.mark.oracle
@pytest.mark.parametrize("length", [None, 40, 53, 80, 117])
@pytest.mark.parametrize("expand", [False, True])
@pytest.mark.parametrize("trainable", [False, True])
def test_keras_to_the_letter_of_a_live_model(live, length, expand, trainable, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    for model in live:
        printed = []
        model.summary(line_length=length, expand_nested=expand, show_trainable=trainable, print_fn=printed.append)
        drawing = render(read(model), "keras", width=length, expand=expand, trainable=trainable)
        assert drawing + "\n" == printed[0]


# --- tables fit ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", range(80, 201, 8))
def test_table_fits(columns):
    options = {"width": columns, "expand": True, "macs": True, "share": True, "trainable": True}
    for summary in (small(), graph(), faulty(), *SUMMARIES[::10]):
        for plain in (False, True):
            text = render(summary, "table", ascii=plain, **options)
            assert max(map(width, text.split("\n"))) <= columns


def cells(text):
    """The text of each cell of a drawn table, its lines put together without spaces."""
    found, row = [], []
    for line in text.split("\n"):
        if line[:1] in "│┃":
            parts = [part.replace(" ", "") for part in re.split("[│┃]", line)[1:-1]]
            row = [before + part for before, part in zip(row, parts, strict=True)] if row else parts
        elif row:
            found.append(row)
            row = []
    return found


@pytest.mark.parametrize("columns", [30, 47, 80, 200])
def test_table_loses_nothing(columns):
    for summary in (small(), graph(), faulty(), *SUMMARIES[::10]):
        options = {"expand": True, "macs": True, "share": True}
        assert cells(render(summary, "table", width=columns, **options)) == cells(render(summary, "table", **options))


def test_color_changes_no_character():
    for summary in (small(), graph(), faulty()):
        for name in ("table", "keras"):
            colored = render(summary, name, color=True, width=80, trainable=True)
            assert colored != ESCAPES.sub("", colored) == render(summary, name, width=80, trainable=True)


@pytest.mark.parametrize("name", FORMATS)
def test_ascii(name):
    named = small()._replace(name="模型→…", assumptions=("T − 2 ≥ 1 · “x”",))
    odd = small()._replace(layers=(small().layers[0]._replace(name="层", class_name="Ä"),))
    for summary in (named, odd, graph(), faulty()):
        assert render(summary, name, ascii=True, width=50, expand=True, macs=True).isascii()


@pytest.mark.parametrize("name", ["table", "classic", "keras", "markdown", "html", "csv"])
def test_no_control_character_of_a_name_is_printed(name):
    text = render(faulty(), name)
    assert "re\\x1b[31mshape" in text.replace("\n", "").replace("\\\\", "\\")
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("name", ["table", "keras"])
def test_no_text_is_read_as_markup(name):
    odd = "[bold red]a[/] :smile: [link=b]"
    layer = small().layers[0]._replace(name=odd, class_name="[blue]C")
    call = CallRecord(((BATCH, 5),), ((odd, 0, 0),), ((BATCH, 5),))
    summary = small()._replace(name=odd, layers=(layer._replace(calls=(call,)),), assumptions=(odd,))
    text = render(summary, name, connected=True, width=160)
    assert text.startswith(f'Model: "{odd}"')
    assert f"{odd} ([blue]C)" in text
    assert f"{odd}[0][0]" in text or name == "keras"
    assert ESCAPES.sub("", render(summary, name, connected=True, width=160, color=True)) == text


@pytest.mark.parametrize("name", ["table", "keras"])
def test_no_variable_of_the_environment_changes_a_table(name, monkeypatch):
    expected = [render(graph(), name, color=color) for color in (False, True)]
    for variable, value in {"NO_COLOR": "1", "FORCE_COLOR": "1", "COLUMNS": "20", "TERM": "dumb", "LINES": "3"}.items():
        monkeypatch.setenv(variable, value)
        assert [render(graph(), name, color=color) for color in (False, True)] == expected


def test_keras_shows_no_operation_of_a_nested_model():
    operation = Row("add", "Add", ((BATCH, 3),), trainable=None)
    block = Row("block", "Functional", ((BATCH, 3),), layers=(operation, Row("add_1", "Add", ((BATCH, 3),))))
    summary = small()._replace(layers=(operation._replace(name="above"), block))
    text = render(summary, "keras", expand=True, trainable=True)
    assert "above (Add)" in text
    assert "└ add_1 (Add)" in text
    assert "add (Add)" not in text
    assert "└ add (Add)" in render(summary, "table", expand=True)
    assert Summary.from_dict(summary.to_dict()) == summary


def test_depth_and_sort():
    deep = Row(
        "deep",
        "Sequential",
        (None,),
        7,
        layers=(Row("deeper", "Sequential", (None,), 7, layers=(Row("deepest", "ReLU", (None,)),)),),
    )
    rows = (
        Row("free", "Lambda", (None,), None),
        Row("named", "Dense", (None,), 3 * F),
        deep,
        Row("large", "Dense", (None,), 9),
    )
    summary = small()._replace(layers=rows)

    def names(**options):
        lines = render(summary, "csv", **options).split("\n")[1:]
        return [line.partition(",")[0] for line in lines]

    assert names() == ["free", "named", "deep", "large"]
    assert names(sort="params") == ["large", "deep", "named", "free"]
    assert names(expand=True)[2:5] == ["deep", "deep/deeper", "deep/deeper/deepest"]
    assert names(depth=1)[2:] == ["deep", "deep/deeper", "large"]
    assert names(depth=0, expand=True) == names()


# --- JSON ------------------------------------------------------------------------------------------------------------

NAMES = st.text(max_size=8)
SIZES = st.integers(0, 2**70) | st.sampled_from([T, F, T - 2, 20 * F + 120, (T + 1) // 2 * F])
SHAPES = st.lists(SIZES | st.just(UNKNOWN), max_size=4).map(tuple)
UNSURE = st.none() | SHAPES
COUNTS = st.none() | SIZES


def tuples(strategy, size=3):
    return st.lists(strategy, max_size=size).map(tuple)


WEIGHTS = st.builds(Weight, NAMES, SHAPES, NAMES, st.booleans())
CALLS = st.builds(CallRecord, tuples(UNSURE), tuples(st.tuples(NAMES, st.integers(0), st.integers(0))), tuples(UNSURE))


def rows(inner):
    counts = (COUNTS, COUNTS, COUNTS, st.booleans(), COUNTS)
    return st.builds(
        Row, NAMES, NAMES, tuples(UNSURE), *counts, tuples(WEIGHTS, 2), tuples(CALLS, 2), inner, st.booleans(),
        st.dictionaries(st.sampled_from(["torch", "onnx"]), COUNTS),
    )  # fmt: skip


SPANS = st.builds(Span, st.integers(0, 50), st.integers(0, 50), st.none()) | NAMES.map(lambda text: Span(pointer=text))
FOUND = st.builds(
    Diagnostic,
    NAMES,
    st.sampled_from(["error", "warning", "advice"]),
    NAMES,
    tuples(st.builds(Label, SPANS, NAMES)),
    st.none() | NAMES,
    st.none() | NAMES,
    st.none() | NAMES,
    st.none() | st.builds(Source, st.sampled_from(["LSTM(5)", "x\ny"]), st.none() | NAMES),
)
ANY = st.builds(
    Summary,
    NAMES,
    NAMES,
    tuples(st.builds(Port, UNSURE, NAMES, st.none() | NAMES)),
    tuples(st.builds(Port, UNSURE, NAMES, st.none() | NAMES)),
    tuples(rows(tuples(rows(st.just(())), 2))),
    st.builds(Totals, SIZES, SIZES, SIZES, SIZES, SIZES, st.booleans()),
    st.dictionaries(st.sampled_from(["T", "F"]), st.builds(Symbol, NAMES, tuples(NAMES))),
    tuples(NAMES),
    tuples(FOUND),
    NAMES,
    tuples(st.builds(Target, SHAPES, st.integers(0, 3), st.none() | st.booleans(), NAMES)),
    st.dictionaries(
        st.sampled_from(["torch", "onnx"]), st.builds(Convention, SIZES, SIZES, SIZES, SIZES, tuples(NAMES))
    ),
)
VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema()))


@settings(max_examples=100, deadline=None)
@given(ANY)
def test_json_loses_nothing(summary):
    data = json.loads(render(summary, "json"))
    VALIDATOR.validate(data)
    assert data == summary.to_dict()
    assert Summary.from_dict(data) == summary


@settings(max_examples=60, deadline=None)
@given(ANY, st.sampled_from(list(FORMATS)), st.integers(1, 120), st.booleans())
def test_every_format_takes_every_summary(summary, name, columns, ascii):
    summary = summary._replace(layers=tuple(row._replace(weights=()) for row in summary.layers))
    text = render(summary, name, width=columns, ascii=ascii, expand=True, macs=True, share=True, trainable=True)
    assert text
    assert not text.endswith("\n")


def test_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))


@pytest.mark.parametrize("key", list(small().to_dict()))
def test_schema_misses_what_is_missing(key):
    data = small().to_dict()
    del data[key]
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(data)
    if key != "macs_convention":
        with pytest.raises(ValueError, match=key):
            Summary.from_dict(data)


def test_json_is_the_object_of_the_design():
    data = small().to_dict()
    assert list(data) == [
        "schema", "model", "inputs", "outputs", "layers", "totals", "macs_convention", "param_convention", "symbols",
        "assumptions", "diagnostics",
    ]  # fmt: skip
    assert data["schema"] == "seqshape.summary/1"
    assert data["model"] == {"name": "sequential", "class": "Sequential"}
    assert data["inputs"] == [{"name": "input_layer", "shape": [None, 5, 1], "dtype": "float32"}]
    assert data["outputs"] == [{"shape": [None, 5, 1], "dtype": "float32"}]
    assert list(data["layers"][0].items())[:8] == [
        ("name", "lstm"), ("class", "LSTM"), ("output_shape", [None, 5, 5]), ("params", 140), ("trainable_params", 140),
        ("non_trainable_params", 0), ("trainable", True), ("macs", 600),
    ]  # fmt: skip
    assert list(data["layers"][0])[8:] == ["weights", "calls", "layers"]
    kernel = {"path": "lstm_cell/kernel", "shape": [1, 20], "dtype": "float32", "trainable": True}
    assert data["layers"][0]["weights"][0] == kernel
    assert data["layers"][0]["calls"] == [
        {"inputs": [[None, 5, 1]], "from": [["input_layer", 0, 0]], "outputs": [[None, 5, 5]]}
    ]
    assert data["totals"] == {
        "params": 146,
        "trainable_params": 146,
        "non_trainable_params": 0,
        "bytes": 584,
        "macs": 625,
    }
    assert (data["param_convention"], data["symbols"], data["assumptions"], data["diagnostics"]) == (
        "keras",
        {},
        [],
        [],
    )


def test_json_of_named_sizes_and_faults():
    data = faulty().to_dict()
    assert data["layers"][0]["output_shape"] == [None, "T - 2", 8]
    assert data["symbols"]["T"] == {"source": "-i", "needs": ["T >= 3"]}
    assert data["totals"]["params"] is None  # of a faulty network nobody is to take a part for the whole
    assert eval(data["totals"]["least"]["params"], {"F": 7}) == 24 * 7 + 17
    assert data["layers"][2]["output_shape"] is None
    assert data["diagnostics"][0]["labels"] == [
        {"start": 36, "stop": 46, "text": ""},
        {"start": 0, "stop": 4, "text": "why"},
    ]
    assert data["sources"][data["diagnostics"][0]["source"]]["text"].startswith("Conv1D")


def test_outputs_of_which_nothing_is_known_are_counted():
    for shapes in ((), (None,), (None, None), ((BATCH, BATCH),), (None, (BATCH,)), ((),), ((), ())):
        summary = small()._replace(layers=(Row("x", "Lambda", shapes),))
        assert Summary.from_dict(summary.to_dict()).layers[0].output_shapes == shapes


@pytest.mark.parametrize("data", [{}, [], None, {"schema": "other/1"}, {"schema": "seqshape.summary/1", "model": 3}])
def test_what_is_no_summary_is_refused(data):
    with pytest.raises(ValueError, match="seqshape"):
        Summary.from_dict(data)


# --- the other formats -----------------------------------------------------------------------------------------------


def test_csv_is_read_back():
    found = list(csv.DictReader(io.StringIO(render(faulty(), "csv"))))
    assert [row["name"] for row in found] == [printable(row.name) for row in faulty().layers]
    assert found[0]["output_shape"] == "(None, T - 2, 8)"
    assert found[2] == {"name": "re\\x1b[31mshape", "class": "Reshape"} | dict.fromkeys(list(found[2])[2:], "")


def test_html_is_closed_and_escaped():
    class Tags(HTMLParser):
        open: list[str] = []  # noqa: RUF012 -- one parser
        text = ""

        def handle_starttag(self, tag, attrs):
            self.open.append(tag)

        def handle_endtag(self, tag):
            while self.open.pop() != tag:
                pass

        def handle_data(self, data):
            self.text += data

    parser = Tags()
    parser.feed(small()._replace(name="<script>&")._repr_html_())
    assert parser.open == []
    assert "Model: <script>&" in parser.text


def test_memory_is_counted_as_in_keras():
    sizes = pytest.importorskip("keras.src.utils.dtype_utils").DTYPE_TO_SIZE
    assert len(sizes) > 10
    assert {dtype: item_bits(dtype) for dtype in sizes} == sizes
    assert item_bits("string") == 0
    kernel, flags = Weight("kernel", (F, 3), "bfloat16"), Weight("flags", (40,), "bool", trainable=False)
    assert memory([kernel, flags]) == 6 * F + 5
    layer = small().layers[0]._replace(weights=(kernel._replace(shape=(7, 3)), flags))
    text = render(small()._replace(layers=(layer,), totals=Totals(61, 21, 40, 47, 0)), "table")
    assert [line.rpartition("(")[2] for line in text.split("\n")[-3:]] == ["47.00 B)", "42.00 B)", "5.00 B)"]


def test_memory_of_what_is_counted():
    lstm, dense = small().layers
    unbuilt = small()._replace(layers=(lstm, dense._replace(params=None)), totals=Totals(140, 140, 0, 560, 0, True))
    assert "Non-trainable params: at least 0 (0.00 B)" in render(unbuilt, "table")
    frozen = small()._replace(totals=small().totals._replace(trainable_params=0, non_trainable_params=146))
    assert "Trainable params: 0 (0.00 B)\n Non-trainable params: 146 (584.00 B)" in render(frozen, "keras")


def test_markdown_escapes_what_would_be_read_as_markdown():
    odd = Row("_a_|`b`*<c>[d](e)", "my_layer", ((BATCH, 3),))
    text = render(small()._replace(layers=(odd,)), "markdown")
    assert "\\_a\\_\\|\\`b\\`\\*\\<c>\\[d](e) (my_layer)" in text


def test_totals_say_at_least():
    missing_macs = small()._replace(totals=small().totals._replace(at_least=True))
    layers = (missing_macs.layers[0]._replace(macs=None), missing_macs.layers[1])
    text = render(missing_macs._replace(layers=layers), "table", macs=True)
    assert " Total params: 146 (584.00 B)" in text
    assert " Total MACs: at least 625 for one sample (1,250 FLOPs)" in text
    assert " 1 MAC = 1 multiply + 1 add; FLOPs = 2 x MACs" in text
    assert "MAC" not in render(small(), "table")


# --- text in columns -------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.text("ab [\u00a0语\u0301", max_size=40), st.integers(2, 12))
def test_folded_lines_fit_and_keep_everything(text, columns):
    lines = fold(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace("\u00a0", "").replace(" ", "")


@settings(deadline=None)
@given(st.text("ab 语", max_size=40), st.integers(40, 60), st.booleans())
def test_keras_lines_fit(text, columns, ascii):
    summary = small()._replace(layers=(Row(text, text, ((BATCH, 2**300),)),))
    table = render(summary, "keras", width=columns, ascii=ascii).split("\n")[1:-3]
    assert {width(line) for line in table} == {columns}


def test_widths():
    assert [width(text) for text in ("ab", "语言", "e\u0301", "└ ")] == [2, 4, 1, 2]
    assert [pad("语", 5, align) for align in ("left", "right", "center")] == ["语   ", "   语", " 语  "]
    assert fold("conv1d_transpose[0][0], x", 10) == ["conv1d_tra", "nspose", "[0][0], x"]
    assert (printable("a\nb\x1b\u202e"), to_ascii("T − 2 → é")) == ("a\\nb\\x1b\\u202e", "T - 2 -> \\xe9")


# --- diagnostics -----------------------------------------------------------------------------------------------------

SPEC = "LSTM(5) > TD(Dense(1))"
RANK = Diagnostic(
    "E201",
    "error",
    "TimeDistributed needs an input of at least 3 dims (batch, time, …), but gets (None, 5)",
    (Label(Span(10, 22)), Label(Span(0, 7), "LSTM(5) gives only its last step")),
    "to keep every step, write LSTM(5,seq)",
    source=Source(SPEC),
)


def at(text, *spans, name=None, **more):
    """A warning at places of a text."""
    labels = tuple(Label(span, f"label {index}" if index else "") for index, span in enumerate(spans))
    return Diagnostic("W1", "warning", "odd", labels, source=Source(text, name), **more)


def lines_of(*found, **options):
    return render_diagnostics(found, Options(**options)).split("\n")


def test_diagnostic_as_the_language_page_shows_it():
    assert lines_of(RANK) == [
        "error[E201]: TimeDistributed needs an input of at least 3 dims (batch, time, …), but gets (None, 5)",
        "  LSTM(5) > TD(Dense(1))",
        "            ^^^^^^^^^^^^",
        "  LSTM(5) gives only its last step",
        "help: to keep every step, write LSTM(5,seq)",
    ]


def test_of_one_code_ten_are_shown():
    many = [Diagnostic("A109", "advice", f"number {number}", ()) for number in range(2001)]
    text = render_diagnostics([*many, Diagnostic("E201", "error", "the fault", ())])
    assert text.count("advice[A109]") == 10
    assert "the fault" in text
    assert text.endswith("… and 1,991 more A109")
    assert "more" not in render_diagnostics(many[:10])


def test_diagnostics_stand_apart_and_colors_add_nothing():
    other = RANK._replace(message="another")
    assert lines_of(RANK, other) == [*lines_of(RANK), "", *lines_of(other)]
    assert [line for line in lines_of(RANK, RANK) if line not in lines_of(RANK)] == ["  2 times in all"]
    colored = "\n".join(lines_of(RANK, color=True))
    assert "\x1b[1;31m^^^^^^^^^^^^\x1b[0m" in colored
    assert ESCAPES.sub("", colored) == "\n".join(lines_of(RANK))
    assert "\n".join(lines_of(RANK, ascii=True)).isascii()


def test_place_in_a_file():
    text = "x = Input(5,1)\r\n\tx > 语言(LSTM\r\n> Dense(1)"
    assert lines_of(at(text, Span(21, 23), Span(4, 9), name="net.seq"))[1:] == [
        " --> net.seq:2:6",
        "      x > 语言(LSTM",
        "          ^^^^",
        " --> net.seq:1:5",
        "  x = Input(5,1)",
        "      ----- label 1",
    ]
    assert lines_of(at(text, Span(0, 1)))[1] == " --> line 1, column 1"


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("LSTM(5", Span(6, 6), ["  LSTM(5", "        ^"]),
        ("LSTM(5 \n", Span(99, 120), ["  LSTM(5", "        ^"]),
        ("", Span(), ["", "  ^"]),
        ("A >\nB", Span(0, 5), [" --> line 1, column 1", "  A >", "  ^^^"]),
        ("a\x1bb", Span(2, 3), ["  a\\x1bb", "       ^"]),
    ],
)
def test_marks(text, span, expected):
    assert lines_of(at(text, span))[1:] == expected


@settings(deadline=None)
@given(st.integers(0, 5000), st.integers(0, 300), st.sampled_from([None, 40, 80]), st.booleans())
def test_long_lines_are_cut_round_the_mark(start, size, columns, ascii):
    text = "".join(chr(ord("a") + index % 26) for index in range(5000))
    _, shown, mark = lines_of(at(text, Span(start, start + size)), width=columns, ascii=ascii)
    assert max(len(shown), len(mark)) <= (columns or 102)
    left = mark.index("^")
    marked = text[start : start + max(size, 1)]
    assert marked.startswith(shown[left : left + len(mark.strip())].strip(".… "))
    assert len(mark.strip()) == max(len(marked), 1) or len(mark.strip()) > (columns or 100) - 10


def test_place_in_a_document():
    span, cause = Span(pointer="/config/layers/3/config/units"), Span(pointer="/config/layers/1")
    assert lines_of(at("{}", span, cause, name="model.json"))[1:] == [
        " --> model.json",
        "  at /config/layers/3/config/units",
        "  label 1 (at /config/layers/1)",
    ]


def test_no_place():
    assert lines_of(at("", name="net.h5", layer="dense"))[1:] == [" --> net.h5", "  in layer dense"]
    assert lines_of(at("")._replace(source=None, labels=(Label(Span(), "why"),)))[1:] == ["  why"]


def test_replacement():
    mended = SPEC.replace("(5)", "(5,seq)")
    assert lines_of(RANK._replace(replacement=mended))[-1] == f"help: write  {mended}"
    assert lines_of(RANK._replace(replacement="LSTM(5,seq)"))[-1] == lines_of(RANK)[-1]
    assert lines_of(at("A\nB", replacement="A\nC\n"))[-3:] == ["help: write", "  A", "  C"]
    many = ["x"] * 20
    assert (
        lines_of(at("\n".join(many), replacement="\n".join([*many[:4], "y", *many[5:]])))[-1] == "help: write line 5  y"
    )
    assert lines_of(at("A" * 900, replacement="A" * 450 + "B" * 450))[-1].endswith("A" * 450 + "B" * 450)
    assert len(lines_of(at("A" * 9000, replacement="A" * 4500 + "B" * 4500))[-1]) < 120


@pytest.mark.parametrize("columns", [20, 40, 80])
@pytest.mark.parametrize(
    "mended",
    [
        ">".join(["LSTM(32,seq)", 'Conv1D(8,3,padding="same")'] * 6),
        " -> ".join(["LSTM(32,seq)"] * 12),
        "x = Input(8,3); [x>LSTM(5,seq) | x>LSTM(6,seq)]>Concat>LSTM(128)  # a > b, a comment that is not broken",
        "LSTM(5,seq)>Dense(3,name='a>b,c|d>e_and_a_long_name_without_a_blank')>Dense(1)",
    ],
)
def test_a_mended_spec_is_whole_at_any_width(mended: str, columns: int) -> None:
    """What is broken into lines is, read again, the same network."""
    lines = lines_of(RANK._replace(replacement=mended), width=columns)
    start = next(place for place, line in enumerate(lines) if line.startswith("help: write"))
    shown = "\n".join([lines[start].removeprefix("help: write"), *lines[start + 1 :]])
    again = summarize(shown, None if "Input" in mended else (10, 4), advice=False)
    plain = summarize(mended, None if "Input" in mended else (10, 4), advice=False)
    assert again.layers == plain.layers


def annotations(found):
    return render_check([Verdict("the source", None, None, tuple(found))], "github")


def test_github():
    found = at("A\nB,C", Span(4, 5), name="a,b:c.seq", help="50 % of\nit")
    assert (
        annotations([found])
        == "::warning file=a%2Cb%3Ac.seq,line=2,col=3,title=seqshape W1::odd%0Ahelp: 50 %25 of%0Ait"
    )
    assert annotations([RANK, found]).count("\n") == 1
    assert annotations([RANK]).startswith("::error title=seqshape E201::TimeDistributed")
    assert annotations([at("{}", Span(pointer="/a"), name="m.json")._replace(severity="advice")]) == (
        "::notice file=m.json,title=seqshape W1::odd"
    )


# --- start-up --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_only_the_chosen_format_is_imported(name):
    program = f"import sys; from seqshape.renderers import FORMATS; FORMATS[{name!r}]; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(ran.stdout.split())
    assert {other for other in FORMATS if f"seqshape.renderers.{other}" in modules} == {name}
    assert not modules & {"rich", "numpy", "click", "dataclasses", "difflib", "ast"}
    assert ("json" in modules, "html" in modules) == (False, name in ("html", "svg"))


@pytest.mark.parametrize("name", FORMATS)
def test_only_tables_are_drawn_with_rich(name):
    program = f"""import sys
from seqshape.renderers import FORMATS, Options
from seqshape.summary import Summary, Totals
FORMATS[{name!r}].render(Summary("", "", (), (), (), Totals(0, 0, 0, 0, 0), {{}}), Options())
print(*sys.modules)"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ("rich" in ran.stdout.split()) == (name in ("table", "keras", "svg"))


def test_formats_are_a_mapping():
    assert len(FORMATS) == len(list(FORMATS)) > 5
    assert "table" in FORMATS
    with pytest.raises(KeyError):
        FORMATS["text"]


if __name__ == "__main__":
    for each in CASES:
        (GOLDEN / f"{each}.txt").write_text(drawn(each), encoding="utf-8")
