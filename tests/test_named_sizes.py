"""Named sizes among the arguments of layers: from the spec, from ``-i``, and with numbers from ``--set``."""

from __future__ import annotations

import json
import sys

import pytest

from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.inputs import Inputs
from seqshape.network import Network
from seqshape.readers.spec import read_spec
from seqshape.registry import layers


def network(spec: str, shape: tuple[object, ...] | None = None, **values: int) -> Network:
    return Network(read_spec(spec), Inputs(shape, values))


def last(spec: str, shape: tuple[object, ...] | None = None, **values: int) -> tuple[str, str]:
    """Output shape and parameters of the last layer, as text."""
    found = network(spec, shape, **values)
    assert [one.message for one in found.diagnostics if one.severity == "error"] == []
    row = found.summary().layers[-1]
    assert row.output_shapes[0] is not None
    return ", ".join(map(str, row.output_shapes[0][1:])), str(row.params)


@pytest.mark.parametrize(
    ("spec", "shape", "values", "wanted"),
    [
        ("Reshape((-1,F))", ("T", "F"), {}, ("T, F", "0")),
        ("Reshape(F,T)", ("T", "F"), {}, ("F, T", "0")),
        ("Reshape(target_shape=(F,-1))", ("T", "F"), {}, ("F, T", "0")),
        ("Reshape(target_shape=(F,-1))", ("T", "F"), {"F": 3}, ("3, T", "0")),
        ("Input(T,F) > Reshape(F,T)", None, {}, ("F, T", "0")),
        ("Input(T,4) > Reshape(T,4,1)", None, {}, ("T, 4, 1", "0")),
        ("shape = (3,4); Input(12) > Reshape(shape)", None, {}, ("3, 4", "0")),
        ("Dense(F)", ("T", "F"), {"F": 4}, ("T, 4", "20")),
        ("Input(T,F) > Dense(F)", None, {"F": 4}, ("T, 4", "20")),
        ("Input(T,F) > Dense(2*F)", ("T", 4), {}, ("T, 8", "40")),
        ("d = ?; Input(5,3) > LSTM(d)", None, {"d": 4}, ("4", "128")),
        ("Input(5,3) > LSTM(?)", None, {"units": 4}, ("4", "128")),
        ("LSTM(?)", ("units", 3), {}, ("units_2", "4*units_2**2 + 16*units_2")),
    ],
)
def test_names_mean_sizes(
    spec: str, shape: tuple[object, ...] | None, values: dict[str, int], wanted: tuple[str, str]
) -> None:
    assert last(spec, shape, **values) == wanted


@pytest.mark.parametrize("spec", ["Reshape((-1,G))", "Reshape(G)", "Dense(G)", "Input(3) > Reshape(G,2)"])
def test_a_name_that_nothing_has_is_refused(spec: str) -> None:
    found = network(spec, ("T", "F") if not spec.startswith("Input") else None).diagnostics[0]
    assert found.code == "E103"
    assert "nothing is named G" in found.message


def test_a_word_of_the_layer_wins_over_a_name() -> None:
    assert last("Dense(2, relu)", (5, "relu")) == ("5, 2", "2*relu + 2")


def test_a_number_for_no_size() -> None:
    def said(values: dict[str, int]) -> list[str]:
        return [found.message for found in Network(read_spec("LSTM(F)"), Inputs(("T", 3), values)).diagnostics]

    assert said({"T": 5, "F": 4}) == []
    assert said({"T": 5, "F": 4, "X": 1}) == ["a number is given for X, but no size is called so"]


@pytest.mark.parametrize("word", ["input_shape", "batch_input_shape", "input_dim"])
@pytest.mark.parametrize("value", ["'3'", "2.5", "(2.5,)", "('a b',)", "-3", "((3,),)"])
def test_a_shape_in_the_first_layer_is_a_shape(word: str, value: str) -> None:
    with pytest.raises(SeqshapeError) as caught:
        analyse(f"Dense(2, {word}={value})")
    (found,) = caught.value.diagnostics
    assert found.code == "E104"
    assert word in found.message


def test_an_own_argument_of_the_first_layer_is_no_shape() -> None:
    for name, kind in layers().items():
        own = [word for word in ("input_shape", "input_dim") if kind.parameter(word) is not None]
        if not own or name == "InputLayer":
            continue
        found = analyse(f"{name}(input_dim=7, output_dim=3)")
        assert found.assumptions, name


def test_a_number_for_an_assumed_size_is_heard() -> None:
    network = analyse("LSTM(5)", values={"F": 1, "U": 3})
    assert [found.message for found in network.diagnostics] == ["a number is given for U, but no size is called so"]
    assert network.summary().totals.params == 140


# --- long chains ------------------------------------------------------------------------------------------------------

HALVED = ("MP1D(2)", "Conv1D(3,3,s=2)", "Conv1D(3,3,s=3,same)", "Conv1D(3,3,same)>MP1D(2)")
LONG = (
    *HALVED,
    *("Conv1D(3,3)", "UpSampling1D(2)", "Cropping1D(1)", "LSTM(3,seq)", "MP1D(2)>UpSampling1D(2)"),
    *("MP1D(2)>UpSampling1D(3)", "MP1D(3)>UpSampling1D(2)>ZeroPadding1D(1)", "[Id|Id]>Concatenate(axis=1)"),
)


@pytest.mark.parametrize("layer", HALVED)
def test_a_size_that_is_halved_without_end_is_refused_in_a_sentence(layer: str) -> None:
    for times, refused in ((30, False), (200, True), (10_000, True)):
        found = analyse(f"({layer})*{times}", "T,3").diagnostics
        assert [
            (one.code, "divided by more than 2**64" in one.message) for one in found if one.severity == "error"
        ] == ([("E206", True)] if refused else [])


@pytest.mark.parametrize("layer", LONG)
def test_ten_times_the_layers_are_ten_times_the_work_whatever_the_formulas(layer: str) -> None:
    def work(times: int) -> int:
        calls = 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(count)
        try:
            # What is faulty is written too: as far as it is known.
            text = json.dumps(analyse(f"({layer})*{times}", "T,3").summary().to_dict())
        finally:
            sys.setprofile(None)
        return calls + len(text) // 100

    work(3)
    assert work(500) < 12 * work(50)
