"""Labels held against outputs: what fits is what Keras's losses pair, and a mended spec really gives the labels' shape."""

from __future__ import annotations

import itertools
import json
import warnings

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner

import seqshape
from seqshape.analysis.labels import Output, fit, stretches
from seqshape.analysis.target import hold
from seqshape.answers import analyse
from seqshape.cli import main
from seqshape.diagnostics import SeqshapeError, Span
from seqshape.mending.patch import Patch, apply, without_argument, without_layer
from seqshape.renderers.json import schema
from seqshape.shapes import parse_shape
from seqshape.summary import Summary


def held(spec: str, shape: str | None, *targets: str) -> Summary:
    network = analyse(spec, shape)
    return hold(network.summary(), network, [parse_shape(target) for target in targets])


# --- what fits -------------------------------------------------------------------------------------------------------

SHAPES = [(), (1,), (3,), (5,), (1, 1), (5, 1), (5, 3), (5, 5), (3, 5, 1)]


@pytest.mark.oracle
@pytest.mark.parametrize(("labels", "output"), list(itertools.product(SHAPES, SHAPES)))
def test_labels_fit_where_the_losses_of_keras_take_them(labels: tuple[int, ...], output: tuple[int, ...]) -> None:
    from tests.oracle.keras_oracle import keras

    taken = {}
    for name in ("MeanSquaredError", "BinaryCrossentropy", "SparseCategoricalCrossentropy"):
        loss = getattr(keras.losses, name)()
        answers = np.full((7, *output), 0.5, dtype="float32")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                taken[name] = bool(np.isfinite(loss(np.zeros((7, *labels)), answers)))
        except (ValueError, TypeError):
            taken[name] = False
    found = fit(labels, Output(output, softmax=True)).how
    assert (found in ("values", "squeezed")) == taken["BinaryCrossentropy"]
    sparse = taken["SparseCategoricalCrossentropy"] and output[-1:] != (1,) and not taken["BinaryCrossentropy"]
    assert (found == "classes") == (sparse and len(labels) <= len(output))
    assert (stretches(labels, output)) == taken["MeanSquaredError"]


def test_scores_are_no_classes_without_a_softmax_where_the_last_axis_is_1() -> None:
    assert fit((1,), Output((10,))).how == "no"
    assert fit((1,), Output((10,), softmax=True)).how == "classes"
    assert fit((), Output((10,))).how == "classes"


def test_the_last_step_of_a_recurrent_layer_is_no_row_of_steps_and_no_scores() -> None:
    assert fit((5, 1), Output((5,))).how == "squeezed"
    assert fit((5, 1), Output((5,), recurrent=True)).how == "no"
    assert fit((), Output((5,), recurrent=True)).how == "no"


@pytest.mark.parametrize(
    ("spec", "shape", "target", "note"),
    [
        ("LSTM(5,seq)>TD(Dense(1))", "5,1", "5,1", "y is (N, 5, 1) and fits the output (None, 5, 1)"),
        ("LSTM(5,seq)>Dense(1)", "T,1", "T,1", "y is (N, T, 1) and fits the output (None, T, 1)"),
        ("LSTM(5)>Dense(1)", "5,1", "", "y is (N,) and fits the output (None, 1)"),
        (
            "LSTM(5,seq)>TD(Dense(1))",
            "5,1",
            "5",
            "y is (N, 5) and fits the output (None, 5, 1): the loss takes the last axis of 1 off the output",
        ),
        (
            "LSTM(8)>Dense(5)",
            "5,1",
            "5,1",
            "y is (N, 5, 1) and fits the output (None, 5): the loss takes the last axis of 1 off y",
        ),
        (
            "Flatten>Dense(10,softmax)",
            "28,28",
            "",
            "y is (N,) and fits the output (None, 10) as class numbers 0 to 9: the loss is sparse_categorical_crossentropy",
        ),
        (
            "Emb(50,8)>LSTM(8,seq)>Dense(7,softmax)",
            "12",
            "12",
            "y is (N, 12) and fits the output (None, 12, 7) as class numbers 0 to 6: the loss is sparse_categorical_crossentropy",
        ),
        (
            "LSTM(5,seq)>Dense(1)",
            "None,1",
            "5,1",
            "y is (N, 5, 1) and fits the output (None, None, 1), if the data has that size where it says None",
        ),
    ],
)
def test_labels_that_fit_are_told_why(spec: str, shape: str, target: str, note: str) -> None:
    found = held(spec, shape, target)
    assert found.diagnostics == ()
    assert [(one.fits, one.note) for one in found.targets] == [(True, note)]


# --- what does not ---------------------------------------------------------------------------------------------------

# Spec, input, labels, the layer to blame as it stands, what the message says of it, the mended spec.
MISFITS = [
    ("LSTM(5)>Dense(1)", "5,1", "5,1", "LSTM(5)", "the LSTM drops the steps", "LSTM(5,seq)>Dense(1)"),
    (
        "LSTM(5)",
        "5,1",
        "5,1",
        "LSTM(5)",
        "the LSTM drops the steps and gives 5 numbers, and y has 1",
        "LSTM(5,seq) > Dense(1)",
    ),
    ("LSTM(5)", "5,1", "", "LSTM(5)", "the LSTM gives 5 numbers, and y has 1", "LSTM(5) > Dense(1)"),
    (
        "LSTM(8,seq)>LSTM(4)>Dense(3)",
        "10,3",
        "10,1",
        "LSTM(4)",
        "the LSTM drops the steps; the Dense gives 3 numbers, and y has 1",
        "LSTM(8,seq)>LSTM(4,seq)>Dense(1)",
    ),
    (
        "GRU(5, return_sequences=False)>Dense(units=2)",
        "5,1",
        "5,1",
        "GRU(5, return_sequences=False)",
        "the GRU drops the steps; the Dense gives 2 numbers, and y has 1",
        "GRU(5, return_sequences=True)>Dense(units=1)",
    ),
    ("LSTM(5,seq)>TD(Dense(1))", "5,1", "1", "LSTM(5,seq)", "the LSTM gives every step", "LSTM(5)>Dense(1)"),
    ("LSTM(5,seq)", "5,1", "5", "LSTM(5,seq)", "the LSTM gives every step", "LSTM(5)"),
    (
        "Bi(LSTM(8))>Dense(1)",
        "10,3",
        "10,1",
        "Bi(LSTM(8))",
        "the Bidirectional drops the steps",
        "Bi(LSTM(8,seq))>Dense(1)",
    ),
    (
        "LSTM(8,seq)>Flatten>Dense(1)",
        "10,3",
        "10,1",
        "Flatten",
        "the Flatten puts the 10 steps into one row of 80 numbers",
        "LSTM(8,seq)>Dense(1)",
    ),
    (
        "LSTM(8,seq) -> GAP1D -> Dense(1)",
        "10,3",
        "10,1",
        "GAP1D",
        "the GlobalAveragePooling1D joins the 10 steps into one row of 8 numbers",
        "LSTM(8,seq) -> Dense(1)",
    ),
    (
        "Emb(100,8)>Dense(1)",
        "20",
        "1",
        "Dense(1)",
        "nothing joins the 20 steps into one, and the Dense gives an answer for each",
        "Emb(100,8)>GAP1D>Dense(1)",
    ),
    (
        "Conv2D(8,3)>Dense(10,softmax)",
        "28,28,1",
        "",
        "Dense(10,softmax)",
        "nothing joins the 26 × 26 positions into one, and the Dense gives an answer for each",
        "Conv2D(8,3)>GAP2D>Dense(10,softmax)",
    ),
    (
        "Flatten>Dense(10)",
        "28,28",
        "12",
        "Dense(10)",
        "the Dense gives 10 numbers, and y has 12",
        "Flatten>Dense(12)",
    ),
    ("Dense(3)>BN>relu", "4", "2", "Dense(3)", "the Dense gives 3 numbers, and y has 2", "Dense(2)>BN>relu"),
    (
        "LSTM(8)>RepeatVector(3)>LSTM(8,seq)>TD(Dense(1))",
        "10,3",
        "7,1",
        "RepeatVector(3)",
        "the RepeatVector makes 3 steps, and y has 7",
        "LSTM(8)>RepeatVector(7)>LSTM(8,seq)>TD(Dense(1))",
    ),
    (
        "Conv1D(8,3)>Dense(1)",
        "10,3",
        "10,1",
        "Conv1D(8,3)",
        "the Conv1D makes 8 steps of 10",
        "Conv1D(8,3,same)>Dense(1)",
    ),
    (
        "Conv1D(8,3,same,strides=2)>Dense(1)",
        "10,3",
        "10,1",
        "Conv1D(8,3,same,strides=2)",
        "the Conv1D makes 5 steps of 10",
        "Conv1D(8,3,same)>Dense(1)",
    ),
    (
        "Conv1D(8,3,same)>MP1D(2)>Dense(1)",
        "T,3",
        "T,1",
        "MP1D(2)",
        "the MaxPooling1D makes T//2 steps of T",
        "Conv1D(8,3,same)>Dense(1)",
    ),
    (
        "LSTM(8)>Dense(1)",
        "5,1",
        "3,1",
        "Dense(1)",
        "the Dense gives 1 number, and y has 3 × 1",
        "LSTM(8)>Dense(3)>Reshape(3,1)",
    ),
    (
        "Conv1D(4,3)>Dense(2)",
        "10,2",
        "8,4",
        "Dense(2)",
        "the Dense gives 2 numbers for each step, and y has 4",
        "Conv1D(4,3)>Dense(4)",
    ),
    (
        "Conv2D(512,3,same)>MP2D(2)",
        "2,2,3",
        "10",
        "MP2D(2)",
        "the MaxPooling2D gives (1, 1, 512) instead of a vector and gives 512 numbers, and y has 10",
        "Conv2D(512,3,same)>MP2D(2)>Flatten>Dense(10)",
    ),
    (
        "Conv2D(8,3)>MP2D(2)",
        "28,28,1",
        "10",
        "MP2D(2)",
        "nothing joins the 13 × 13 positions into one; the MaxPooling2D gives 8 numbers for each position, and y has 10",
        "Conv2D(8,3)>MP2D(2)>GAP2D>Dense(10)",
    ),
    (
        "Reshape(3,4)",
        "12",
        "4,3",
        "Reshape(3,4)",
        "the Reshape arranges the numbers as (3, 4)",
        "Reshape(4,3)",
    ),
    (
        "[LSTM(8)|Conv1D(8,3,same)>GAP1D]>Concat>Dense(1)",
        "10,3",
        "10,1",
        "LSTM(8)",
        "the LSTM drops the steps; the GlobalAveragePooling1D joins the 10 steps into one row of 8 numbers",
        "[LSTM(8,seq)|Conv1D(8,3,same)]>Concat>Dense(1)",
    ),
    (
        "enc=LSTM(4)>Dense(3); x=Input(5,1); x>enc>Dense(2)",
        None,
        "5,2",
        "LSTM(4)",
        "the LSTM drops the steps",
        "enc=LSTM(4,seq)>Dense(3); x=Input(5,1); x>enc>Dense(2)",
    ),
]


@pytest.mark.parametrize(("spec", "shape", "target", "layer", "reason", "mended"), MISFITS)
def test_the_layer_to_blame_and_the_mended_spec(
    spec: str, shape: str | None, target: str, layer: str, reason: str, mended: str
) -> None:
    found = held(spec, shape, target)
    (misfit,) = found.diagnostics
    span = misfit.labels[0].span
    assert (misfit.code, misfit.severity) == ("E504", "error")
    assert misfit.message.endswith(f": {reason}")
    assert spec[span.start : span.stop] == layer
    assert misfit.replacement == mended
    assert [one.fits for one in found.targets] == [False]
    again = held(mended, shape, target)
    assert again.diagnostics == ()
    assert again.targets[0].fits


def test_the_message_says_both_shapes() -> None:
    (misfit,) = held("LSTM(5)>Dense(1)", "5,1", "5,1").diagnostics
    assert misfit.message == "y is (N, 5, 1); the model gives (None, 1): the LSTM drops the steps"
    assert misfit.help == "write LSTM(5,seq)"
    assert "mean_squared_error repeats the smaller of the two" in misfit.labels[1].text


def test_no_mend_is_offered_that_does_not_help() -> None:
    (misfit,) = held("LSTM(4)", "5,1", "9,9,9").diagnostics
    assert misfit.code == "E504"
    assert misfit.replacement is None
    assert misfit.help is None


def test_a_mend_may_depend_on_a_size_that_is_not_said() -> None:
    (misfit,) = held("LSTM(5)>Dense(1)", None, "5,1").diagnostics
    assert misfit.message == "y is (N, 5, 1); the model gives (None, 1): the LSTM drops the steps"
    assert misfit.help == "write LSTM(5,seq); it fits where T = 5"
    assert misfit.replacement == "LSTM(5,seq)>Dense(1)"


def test_a_size_without_a_number_leaves_it_open() -> None:
    found = held("LSTM(5,seq)>Dense(1)", "T,1", "5,1")
    (open_question,) = found.diagnostics
    assert open_question.code == "E505"
    assert open_question.message.endswith("they fit only where T = 5")
    assert open_question.help == "write --set T=5"
    assert found.targets[0].fits is None
    network = analyse("LSTM(5,seq)>Dense(1)", "T,1", values={"T": 5})
    assert hold(network.summary(), network, [(5, 1)]).diagnostics == ()
    assert held("Conv1D(5,3)>Dense(1)", "T,1", "T,1").diagnostics[0].replacement == "Conv1D(5,3,same)>Dense(1)"


# --- several outputs -------------------------------------------------------------------------------------------------

TWO = "x=Input(5,1); h=x>LSTM(4); a=h>Dense(3,name=a); b=h>Dense(2,name=b); (a,b)"


def test_each_output_has_its_labels() -> None:
    assert held(TWO, None, "3", "2").diagnostics == ()
    (misfit,) = held(TWO, None, "3", "4").diagnostics
    assert misfit.message.startswith("y of output 2 is (N, 4); the model gives (None, 2)")
    assert misfit.replacement == TWO.replace("Dense(2", "Dense(4")


def test_outputs_go_by_the_names_of_their_layers() -> None:
    network = analyse(TWO)
    assert hold(network.summary(), network, {"b": (2,), "a": (3,)}).diagnostics == ()
    with pytest.raises(SeqshapeError, match="there is no output called c; the outputs are: a, b"):
        hold(network.summary(), network, {"c": (2,)})


def test_as_many_labels_as_outputs() -> None:
    (missing,) = held(TWO, None, "3").diagnostics
    assert missing.message == "the model gives 2 outputs ((None, 3), (None, 2)), and 1 shape of labels is given"
    (states,) = (found for found in held("LSTM(5,state)", "5,1", "5").diagnostics if found.code == "E504")
    assert states.message.endswith("the LSTM gives its states too")
    assert states.replacement == "LSTM(5)"


# --- other sources, other forms --------------------------------------------------------------------------------------


def config() -> dict:
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 5, 1], "name": "x"}},
        {"class_name": "LSTM", "config": {"units": 5, "name": "reader"}},
        {"class_name": "Dense", "config": {"units": 1, "name": "answer"}},
    ]
    for layer in layers:
        layer["module"] = "keras.layers"
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "net", "layers": layers}}


def test_a_config_is_mended_in_the_words_of_keras() -> None:
    network = analyse(config())
    (misfit,) = hold(network.summary(), network, [(5, 1)]).diagnostics
    assert misfit.message.endswith("the LSTM drops the steps")
    assert misfit.help == "give reader return_sequences=True"
    assert misfit.replacement is None
    assert misfit.labels[0].span.pointer == "/config/layers/1"


def test_an_output_that_is_not_known() -> None:
    data = config()
    data["config"]["layers"][2] = {"class_name": "Own", "module": "mine", "config": {"name": "own"}}
    network = analyse(data)
    found = hold(network.summary(), network, [(5, 1)])
    assert [one.fits for one in found.targets] == [None]
    assert found.diagnostics[-1].code == "E505"
    assert found.diagnostics[-1].message == "y is (N, 5, 1); the shape of the output is not known"


def test_a_faulty_network_is_not_held_against_labels() -> None:
    network = analyse("LSTM(5)>TD(Dense(1))", "5,1")
    summary = network.summary()
    assert hold(summary, network, [(5, 1)]) == summary


def test_from_python() -> None:
    assert seqshape.summarize("LSTM(5,seq)>Dense(1)", "5,1", target="5,1").targets[0].fits is True
    assert seqshape.summarize("LSTM(5)>Dense(1)", "5,1", target=()).targets[0].fits is True
    with pytest.raises(SeqshapeError, match="the LSTM drops the steps") as wrong:
        seqshape.summarize("LSTM(5)>Dense(1)", "5,1", target=(5, 1))
    assert wrong.value.summary.targets[0].fits is False


def test_on_the_command_line() -> None:
    words = ["LSTM(5)>Dense(1)", "-i", "5,1", "--target", "5,1"]
    found = CliRunner().invoke(main, ["summarize", *words])
    assert found.exit_code == 1
    assert "error[E504]: y is (N, 5, 1); the model gives (None, 1): the LSTM drops the steps" in found.stderr
    assert "help: write LSTM(5,seq)" in found.stderr
    fine = CliRunner().invoke(main, ["summarize", "LSTM(5,seq)>Dense(1)", "-i", "5,1", "--target", "5,1"])
    assert fine.exit_code == 0
    assert "y is (N, 5, 1) and fits the output (None, 5, 1)" in fine.stdout
    one = CliRunner().invoke(main, ["summarize", "LSTM(5)>Dense(1)", "-i", "5,1", "--target", ""])
    assert one.exit_code == 0
    mixed = CliRunner().invoke(main, ["summarize", *words, "--target", "a=5,1"])
    assert mixed.exit_code == 2


def test_json() -> None:
    words = ["LSTM(5)>Dense(1)", "-i", "5,1", "--target", "5,1", "--json"]
    found = CliRunner().invoke(main, ["summarize", *words])
    data = json.loads(found.stdout)
    assert found.exit_code == 1
    assert data["targets"] == [
        {
            "shape": [None, 5, 1],
            "output": 0,
            "fits": False,
            "note": "y is (N, 5, 1); the model gives (None, 1)",
        }
    ]
    assert data["diagnostics"][-1]["code"] == "E504"
    assert data["diagnostics"][-1]["replacement"] == "LSTM(5,seq)>Dense(1)"
    jsonschema.validate(data, json.loads(schema()))
    assert Summary.from_dict(data).to_dict() == data


# --- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "argument", "left"),
    [
        ("LSTM(5,seq)", "seq", "LSTM(5)"),
        ("LSTM(seq, units=5)", "seq", "LSTM(units=5)"),
        ("LSTM(5, seq, relu)", "seq", "LSTM(5, relu)"),
        ("LSTM(seq)", "seq", "LSTM()"),
    ],
)
def test_an_argument_goes_with_its_comma(text: str, argument: str, left: str) -> None:
    start = text.index(argument)
    assert apply(text, (Patch(without_argument(text, Span(start, start + len(argument))), ""),)) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [("Flatten>Dense(1)", "Dense(1)"), ("A -> Flatten -> B", "A -> B"), ("A > Flatten", "A"), ("Flatten", "")],
)
def test_a_layer_goes_with_its_arrow(text: str, left: str) -> None:
    start = text.index("Flatten")
    assert apply(text, (Patch(without_layer(text, Span(start, start + 7)), ""),)) == left


def test_patches_that_overlap_are_refused() -> None:
    assert apply("abcd", (Patch(Span(0, 2), "x"), Patch(Span(1, 3), "y"))) is None
    assert apply("abcd", (Patch(Span(2, 3), "y"), Patch(Span(0, 2), "x"))) == "xyd"


def test_the_reason_is_what_differs() -> None:
    (misfit,) = held("Conv1D(4,3)>Dense(2)", "10,2", "9,2").diagnostics
    assert misfit.message.endswith("the model gives (None, 8, 2): the Conv1D makes 8 steps of 10, and y has 9")
    assert misfit.replacement is None


def test_a_mend_fits_for_some_size() -> None:
    (misfit,) = held("UpSampling1D(2)>LSTM(3)", "T,3", "9,3").diagnostics
    assert misfit.help == "write LSTM(3,seq) and leave UpSampling1D out; it fits where T = 9"  # 2·T never is
    (misfit,) = held("UpSampling1D(2)>LSTM(3)", "T,3", "8,3").diagnostics
    assert misfit.help == "write LSTM(3,seq); it fits where 2*T = 8"
