"""The oracle itself: it says what was measured without its shortcuts, and the comparison sees what differs."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from seqshape.answers import analyse
from tests.oracle.compare import differences, record, relative
from tests.oracle.facts import Case, load
from tests.oracle.recipe import Apply, Input, Layer, Make, Recipe, Var, build, python, sequential
from tests.oracle.spec_writer import is_writable, spec

EVERY = 20  # one case in so many is built again
SHARED = Recipe(
    "Functional",
    (
        Input("a", (7, 3)),
        Input("b", (None, 3), 2, "float32", "second"),
        Make("shared", Layer("LSTM", (4,), {"return_state": True})),
        Apply(("x", "h", "c"), Var("shared"), Var("a")),
        Apply(("y", "k", "d"), Var("shared"), Var("b"), {"initial_state": [Var("h"), Var("c")]}),
        Apply(("z",), Layer("ops.add"), (Var("x"), Var("y"))),
        Apply(("w",), Layer("Concatenate", (), {"axis": -1}), [Var("z"), Var("k")]),
    ),
    [Var("w"), Var("d")],
)


def cases(name: str) -> list[Case]:
    found = [case for case in load(name) if isinstance(case.get("input_shape"), list) and "requires" not in case]
    return [case for case in found if "lambda" not in str(case["calls"]) and "'expr': 'd'" not in str(case["calls"])]


def rebuilt(case: Case, *, source: bool = False) -> dict[str, Any]:
    from tests.oracle import keras_oracle

    recipe = sequential(case["calls"], case["input_shape"], case.get("batch_size"), case.get("input_dtype"))
    with keras_oracle.session():
        if not source:
            return measured(keras_oracle.describe(build(recipe)))
        known: dict[str, Any] = {}
        exec(python(recipe), known)
        return measured(keras_oracle.describe(known["model"]))


def measured(found: Any) -> Any:
    """A record as far as the facts go: they have no dtypes of inputs and outputs, and no calls where there are none."""
    if isinstance(found, list):
        return [measured(item) for item in found]
    if not isinstance(found, dict):
        return found
    left_out = {"input_dtypes", "output_dtypes", "summary_text"} | ({"calls"} if not found.get("calls") else set())
    return {key: measured(item) for key, item in found.items() if key not in left_out}


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["layers", "fuzz", "odd"])
@pytest.mark.parametrize("source", [False, True], ids=["built", "python"])
def test_the_oracle_says_what_was_measured(name: str, source: bool) -> None:
    """The facts were measured with Keras's own initializers, the oracle fills variables with zeros.

    A model's own name is not in the calls: those that have one are left out.
    """
    chosen = [case for case in cases(name)[::EVERY] if case["expected"]["name"] in ("sequential", "sequential_1")]
    wrong = [case["id"] for case in chosen if rebuilt(case, source=source) != measured(case["expected"])]
    assert chosen
    assert wrong == []


@pytest.mark.oracle
def test_a_graph_in_all_forms() -> None:
    from tests.oracle import keras_oracle

    with keras_oracle.session():
        built = keras_oracle.describe(build(SHARED))
    with keras_oracle.session():
        known: dict[str, Any] = {}
        exec(python(SHARED), known)
        assert keras_oracle.describe(known["model"]) == built
    assert is_writable(SHARED)
    network = analyse(spec(SHARED), kind="spec")
    assert differences(network.summary(), built) == []


@pytest.mark.oracle
def test_automatic_names_begin_anew() -> None:
    from tests.oracle import keras_oracle

    recipe = Recipe("Sequential", (Input("x", (3,)), Layer("Dense", (2,))))
    for _ in range(2):
        with keras_oracle.session():
            found = keras_oracle.describe(build(recipe))
        assert [found["name"], found["layers"][0]["name"]] == ["sequential", "dense"]


def changed(expected: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    found = copy.deepcopy(expected)
    here: Any = found
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return found


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("name",), "functional_1"),
        (("outputs", 0, 1), 7),
        (("output_dtypes", 0), "float16"),
        (("total_params",), 1),
        (("layers", 1, "name"), "lstm_1"),
        (("layers", 1, "class"), "GRU"),
        (("layers", 1, "params"), 127),
        (("layers", 1, "trainable_params"), 0),
        (("layers", 1, "output_shape", 0), [None, 5]),
        (("layers", 1, "weights", 0, "path"), "lstm/kernel"),
        (("layers", 1, "weights", 0, "shape"), [3, 15]),
        (("layers", 1, "weights", 0, "dtype"), "float16"),
        (("layers", 1, "weights", 0, "trainable"), False),
        (("layers", 1, "calls", 1, "from", 0), ["a", 0, 0]),
        (("layers", 1, "calls", 0, "inputs", 0), [None, 7, 4]),
    ],
)
def test_the_comparison_sees_what_differs(path: tuple[Any, ...], value: Any) -> None:
    summary = analyse(spec(SHARED), kind="spec").summary()
    own = record(summary)
    assert differences(summary, own) == []
    assert [layer["name"] for layer in own["layers"]][1] == "lstm"
    assert len(differences(summary, changed(own, path, value))) == 1


def test_paths_inside_a_layer() -> None:
    assert relative("sequential/lstm/lstm_cell/kernel", "lstm") == "lstm_cell/kernel"
    assert relative("dense/kernel", "dense") == "kernel"
    assert relative("lstm/lstm_cell/kernel", "tower") == "lstm/lstm_cell/kernel"


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("layer", "shape", "macs"),
    [
        (Layer("Dense", (5,)), (4, 3), 4 * 3 * 5),
        (Layer("Conv1D", (6, 3), {"padding": "same"}), (10, 4), 10 * 3 * 4 * 6),
        (Layer("Conv2D", (4, 2), {"groups": 2}), (5, 5, 4), 16 * 4 * 2 * 4),
        (Layer("DepthwiseConv2D", (3,), {"padding": "same"}), (16, 16, 8), 18_432),
        (Layer("Conv2DTranspose", (8, 2), {"strides": 2}), (8, 8, 4), 8_192),
        (Layer("LSTM", (16,)), (10, 8), 15_360),
        (Layer("GRU", (16,)), (10, 8), 11_520),
        (Layer("SimpleRNN", (16,)), (10, 8), 3_840),
        (Layer("Bidirectional", (Layer("LSTM", (5,)),)), (4, 2), 2 * 4 * 4 * 5 * 7),
        (Layer("BatchNormalization"), (16, 16, 8), 0),
    ],
)
def test_costs_that_are_known_by_hand(layer: Layer, shape: tuple[int, ...], macs: int) -> None:
    """The multiply-adds that the project's convention gives, counted in the program that JAX makes."""
    from tests.oracle import keras_oracle
    from tests.oracle.macs import of_model

    with keras_oracle.session():
        model = build(Recipe("Sequential", (Input("x", shape), layer)))
        assert list(of_model(model).values())[-1] == macs
