"""What a beginner's wrong spec is told: the cause, the way out, and a mended spec that works."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqshape import diagnostics, network
from seqshape.answers import analyse
from seqshape.mending import faults
from seqshape.registry import spellings
from tests.fuzz import mends
from tests.oracle.facts import load
from tests.oracle.recipe import sequential
from tests.oracle.spec_writer import is_writable, spec

# Spec, input, code, the help, the mended spec.
SPECS = [
    ("LSTM(5)>TD(Dense(1))", "5,1", "E201", "to keep every step, write LSTM(5,seq)", "LSTM(5,seq)>TD(Dense(1))"),
    ("LSTM(5)>LSTM(5)", "5,1", "E201", "to keep every step, write LSTM(5,seq)", "LSTM(5,seq)>LSTM(5)"),
    (
        "Bi(LSTM(5))>Conv1D(3,2)",
        "5,1",
        "E201",
        "to keep every step, write Bi(LSTM(5,seq))",
        "Bi(LSTM(5,seq))>Conv1D(3,2)",
    ),
    ("LSTM(5)>Dense(3)>GAP1D", "5,1", "E201", "to keep every step, write LSTM(5,seq)", "LSTM(5,seq)>Dense(3)>GAP1D"),
    (
        "Conv2D(3,3)>LSTM(4)",
        "9,9,1",
        "E201",
        "to flatten what each step holds, write TD(Flatten)>LSTM(4)",
        "Conv2D(3,3)>TD(Flatten)>LSTM(4)",
    ),
    (
        "Conv1D(16,3)>MP1D(2)>Conv2D(8,3)>GAP1D",
        "50,4",
        "E201",
        "for an input of 3 dims, write Conv1D(8,3)",
        "Conv1D(16,3)>MP1D(2)>Conv1D(8,3)>GAP1D",
    ),
    ("Conv2D(4,3)>MP1D(2)", "28,28,1", "E201", "for an input of 4 dims, write MP2D(2)", "Conv2D(4,3)>MP2D(2)"),
    ("Input(5)>LSTM(3)", None, "E201", "to give each step one number, write Input(5,1)", "Input(5,1)>LSTM(3)"),
    (
        "Conv1D(4,3)>Flatten>Dense(2)",
        "None,3",
        "E204",
        "Flatten makes one row of them all; to take any number of steps, write GAP1D",
        "Conv1D(4,3)>GAP1D>Dense(2)",
    ),
    (
        "Conv2D(4,3)>Flatten>Dense(2)",
        "None,None,3",
        "E204",
        "Flatten makes one row of them all; to take any number of steps, write GAP2D",
        "Conv2D(4,3)>GAP2D>Dense(2)",
    ),
    (
        "LSTM(5, state) > Dense(2)",
        "5,1",
        "E202",
        "for the output alone, write LSTM(5)",
        "LSTM(5) > Dense(2)",
    ),
    (
        "Bi(GRU(5,seq,return_state=True))>Conv1D(4,3)",
        "5,1",
        "E202",
        "for the output alone, write GRU(5,seq)",
        "Bi(GRU(5,seq))>Conv1D(4,3)",
    ),
    (
        "LSTM(5,seq)>MHA(2,3)",
        "5,1",
        "E202",
        "to give it the same tensor twice, write [Id | Id] > MHA(2,3)",
        "LSTM(5,seq)>[Id | Id]>MHA(2,3)",
    ),
]
WORDS = [
    ("Dense(3,activation='rleu')", "5", 'Dense(3,activation="relu")'),
    ("Dense(3,'rleu')", "5", 'Dense(3,"relu")'),
    ("Conv1D(3,2,p=smae)", "5,3", 'Conv1D(3,2,p="same")'),
    ("TD(Dense(3,activation='sofmax'))", "5,3", 'TD(Dense(3,activation="softmax"))'),
]
# Spec, input, what is said of the input, an input that works.
INPUTS = [
    ("LSTM(4)", "5", "a sequence is steps, features: 5 steps of 1 number each is -i 5,1; 1 step of 5 is -i 1,5", "5,1"),
    (
        "Dense(3)>GRU(4)",
        "T",
        "a sequence is steps, features: T steps of 1 number each is -i T,1; 1 step of T is -i 1,T",
        "1,T",
    ),
    ("Conv2D(4,3)", "28,28", "the input has no channels: write -i 28,28,1", "28,28,1"),
    (
        "LSTM(4)",
        "None,None",
        "only the data tells a None, and weights cannot wait for it;"
        " give the features (the last axis) a number: -i None,8",
        "None,8",
    ),
]


@pytest.mark.parametrize(("spec", "shape", "code", "help", "mended"), SPECS)
def test_the_mended_spec(spec: str, shape: str | None, code: str, help: str, mended: str) -> None:
    (wrong,) = analyse(spec, shape).diagnostics
    assert (wrong.code, wrong.help, wrong.replacement) == (code, help, mended)
    assert [found for found in analyse(mended, shape).diagnostics if found.severity == "error"] == []


@pytest.mark.parametrize(("spec", "shape", "mended"), WORDS)
def test_a_misspelt_value(spec: str, shape: str, mended: str) -> None:
    (wrong,) = analyse(spec, shape).diagnostics
    assert wrong.replacement == mended


@pytest.mark.parametrize(("spec", "shape", "help", "better"), INPUTS)
def test_the_input_is_what_is_wrong(spec: str, shape: str, help: str, better: str) -> None:
    (wrong,) = analyse(spec, shape).diagnostics
    assert wrong.help == help
    assert wrong.replacement is None
    assert analyse(spec, better).diagnostics == []


def test_no_help_that_does_not_help() -> None:
    """What is said of the input goes together with the mended spec."""
    (wrong,) = analyse("Dense(3)>TD(Conv2D(4,3))", "5").diagnostics
    assert wrong.replacement is not None
    assert wrong.input is not None
    assert f"-i {wrong.input}" in str(wrong.help)
    assert analyse(wrong.replacement, wrong.input).diagnostics == []


# --- many faults -----------------------------------------------------------------------------------------------------

MANY = [  # spec, input, how many of the faults have a mend
    (">".join(["Dens(8)"] * 100), "5,1", 100),
    (">".join(f"Dens{letter}(8)" for letter in "bcdfghijkl"), "5,1", 10),
    (">".join(["LSTM(5,sqe)"] * 100), "5,1", 100),
    (">".join(["Dense(2,activatio=3)"] * 100), "5,1", 0),  # the right word has a wrong value
    (">".join(["Dens(8)", "Xyzzyq(3)"] * 50), "5,1", 50),
    (f"x=Input(5,1); [{'|'.join(['x>LSTM(5)>TD(Dense(1))'] * 100)}]>Concat", None, 100),
    ("seqA*1000", "5,1", 0),
    (">".join(f"L{number}STM" for number in range(50)), "5,1", 0),  # an LSTM without units is no mend
]


@pytest.mark.parametrize(("spec", "shape", "number"), MANY)
def test_a_few_walks_mend_all_faults(
    spec: str, shape: str | None, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks: list[object] = []
    plain = network.Network.__init__
    monkeypatch.setattr(network.Network, "__init__", lambda *a, **k: (walks.append(a), plain(*a, **k))[1])
    found = analyse(spec, shape).diagnostics
    assert sum(one.replacement is not None for one in found) == number
    assert len(walks) <= 1 + faults.MOST
    for text in {one.replacement for one in found} - {None}:
        left = [one for one in analyse(text, shape).diagnostics if one.severity == "error"]
        assert len(left) == len(found) - number


def test_a_word_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []
    plain = diagnostics._alike
    monkeypatch.setattr(diagnostics, "_alike", lambda word, names: (searched.append(word), plain(word, names))[1])
    diagnostics._nearest.cache_clear()
    analyse(">".join(["Dens(8)", "LSTM(5,sqe)", "Dense(8,activatio=relu)"] * 20), "5,1")
    assert sorted(searched) == sorted(set(searched))
    analyse(f"{'Dense' * 1000}(3)", "5,1")
    assert max(map(len, searched)) <= diagnostics.LONGEST_WORD


def test_few_names_are_held_against_a_misspelt_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock would be disturbed; what takes the time is difflib, which sees 1 or 2 of the 545 names."""
    compared: list[str] = []
    plain = difflib.SequenceMatcher.set_seq1
    monkeypatch.setattr(
        difflib.SequenceMatcher, "set_seq1", lambda self, word: (compared.append(word), plain(self, word))[1]
    )
    diagnostics._nearest.cache_clear()
    names = [name for name in spellings() if len(name) > 4]
    for name in names:
        for wrong in (name[1:], name + "x", name[:2] + name[3:], name[:-2] + name[-1] + name[-2]):
            diagnostics.nearest(wrong, spellings())
    assert len(compared) < 3 * 4 * len(names)


# --- promises --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_what_is_offered_helps_and_what_is_said_differs(seed: int) -> None:
    assert list(mends.problems(seed, 40)) == []


def test_the_mends_of_what_keras_refuses() -> None:
    """Of the networks in the facts that Keras refuses."""
    wrong, offered = [], 0
    for case in load("errors"):
        if case.get("calls") and case.get("input_shape") is not None:
            recipe = sequential(case["calls"], case["input_shape"], case.get("batch_size"), case.get("input_dtype"))
            text = spec(recipe) if is_writable(recipe) else ""
            wrong += mends.unsound(text)
            offered += sum(found.replacement is not None for found in mends.faults(text)[1])
    assert wrong == []
    assert offered > 40


@pytest.mark.parametrize(
    ("spec", "shape", "help"),
    [
        (
            "TD(Conv2D(8,3,same))>Reshape(9,8)",
            "9,7,7,3",
            "to average the 7 × 7 positions of each step, write TD(GAP2D)",
        ),
        ("Conv2D(8,3,same)>Reshape(8)", "7,7,3", "to average the 7 × 7 positions, write GAP2D"),
        ("Conv1D(8,3,same)>Reshape(3,8)", "7,3", "-1 takes what is left: (-1, 8)"),
        ("Conv1D(8,3,same)>Reshape(3,4)", "7,3", None),  # -1 would cut the steps in two
        ("Dense(12)>Reshape(5,3)", "4", "-1 takes what is left: (-1, 3)"),
        ("LSTM(8,seq)>RepeatVector(3)", "5,1", "for the last step alone, write LSTM(8)"),
    ],
)
def test_steps_and_positions_stay_apart(spec: str, shape: str, help: str | None) -> None:
    (wrong,) = analyse(spec, shape).diagnostics
    assert wrong.help == help


@given(st.text("aeinorstdl2_", min_size=1, max_size=12), st.sets(st.text("aeinorstdl2_", max_size=12), max_size=30))
def test_the_nearest_word_is_that_of_difflib(word: str, choices: set[str]) -> None:
    found = difflib.get_close_matches(word, sorted(choices), 1, 0.6)
    assert diagnostics.nearest(word, sorted(choices)) == (found[0] if found else None)
