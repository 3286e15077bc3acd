"""How much is done for each layer: counted in calls of Python functions, which no load disturbs. No clock."""

from __future__ import annotations

import gc
import json
import sys
from threading import Barrier, Thread

import pytest

from seqshape import SeqshapeError, convert, summarize
from seqshape.bind import template
from seqshape.collector import SELDOM, SELDOM_COLLECTED
from seqshape.inputs import Inputs
from seqshape.network import Network
from seqshape.readers.spec import read_spec

LAYERS = 100
WARM = "Dense(200)>Dropout(0.15)>LN>Conv1D(201,5,same)>relu"
KINDS = ("Dense({n})", "Dropout(0.{m})", "LN", "Conv1D({n},3,same)", "relu")


def distinct(count: int) -> str:
    """A chain in which every layer has arguments of its own."""
    return ">".join(KINDS[i % len(KINDS)].format(n=i % 97 + 1, m=i % 9 + 1) for i in range(count))


def calls(spec: str, shape: tuple[int, ...]) -> float:
    """Calls of Python functions for a layer, in binding and walking."""
    found = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal found
        found += event == "call"

    Network(read_spec(WARM), Inputs(shape))  # what is worked out once, with other arguments
    graph = read_spec(spec)
    sys.setprofile(count)
    try:
        Network(graph, Inputs(shape))
    finally:
        sys.setprofile(None)
    return found / LAYERS


# What was measured, and a little room. A ceiling is lowered with what it bounds, and never raised.
@pytest.mark.parametrize(("spec", "most"), [(distinct(LAYERS), 50), (">".join(["Dense(8)"] * LAYERS), 27)])
def test_a_layer_costs_few_calls(spec: str, most: int) -> None:
    assert calls(spec, (10, 8)) <= most


# --- the collector of reference cycles --------------------------------------------------------------------------------


def test_the_collector_is_as_it_was_after_a_walk_and_after_a_fault() -> None:
    before = gc.get_threshold()
    summarize("Dense(8)*50", input_shape=(4,))
    with pytest.raises(SeqshapeError):
        summarize("Conv1D(3,9)", input_shape=(4, 4))
    assert gc.get_threshold() == before


def test_blocks_in_threads_share_one_setting() -> None:
    """The first to come sets it and the last to go sets it back, in whatever order they leave."""
    before, inside = gc.get_threshold(), set()
    together = Barrier(8)

    def work(number: int) -> None:
        with SELDOM_COLLECTED:
            together.wait()
            inside.add(gc.get_threshold()[0])
            together.wait()
        if number % 2:
            summarize("LSTM(5,seq)>Dense(1)", input_shape=(5, 1))

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inside == {SELDOM}
    assert gc.get_threshold() == before


@pytest.mark.parametrize("own", [(0, 10, 10), (SELDOM + 1, 10, 10)])
def test_a_collector_that_runs_more_seldom_still_is_left_alone(own: tuple[int, int, int]) -> None:
    before = gc.get_threshold()
    gc.set_threshold(*own)
    try:
        with SELDOM_COLLECTED:
            assert gc.get_threshold() == own
        assert gc.get_threshold() == own
        gc.set_threshold(700, 10, 10)
        with SELDOM_COLLECTED:
            gc.set_threshold(500, 5, 5)  # somebody else's wish
        assert gc.get_threshold() == (500, 5, 5)
    finally:
        gc.set_threshold(*before)


# --- what equal layers share ------------------------------------------------------------------------------------------


def test_equal_layers_share_what_they_hold_and_count_for_themselves() -> None:
    """Each has weights of its own wherever it stands: alone, inside a wrapper, in a model inside, or in two of these."""
    for spec, kernels in (
        ("Dense(4)*3", 3),
        ("x = Input(5,4); d = Dense(4); y = x > d > TD(d); y", 1),
        ("x = Input(5,4); d = Dense(4); e = Dense(4); y = x > TD(d) > d > TD(e) > e; y", 2),
        ("x = Input(5,4); m = Dense(4) > Dense(4); y = x > m > m > Dense(4); y", 3),
        ("x = Input(5,4); d = Dense(4); m = TD(d) > TD(d); y = x > m > d; y", 1),
        ("Dense(4) > TD(Dense(4)) > Dense(4) > TD(Dense(4))", 4),
    ):
        assert summarize(spec, input_shape=None if "Input" in spec else (5, 4)).totals.params == 20 * kernels, spec


def answer(spec: str) -> str:
    try:
        return convert(spec, "keras-python", input_shape=(4,))
    except SeqshapeError as error:
        return error.diagnostics[0].message


def test_equal_layers_of_a_file_keep_what_no_rule_reads_each_for_itself() -> None:
    """Layers that differ in initializers, regularizers and constraints alone are bound once; each is written as it was."""

    def dense(number: int, **more: object) -> dict[str, object]:
        return {"class_name": "Dense", "module": "keras.layers", "config": {"name": f"d{number}", "units": 4, **more}}

    def made(name: str, **config: object) -> dict[str, object]:
        return {"module": "keras", "class_name": name, "config": config, "registered_name": None}

    said: list[dict[str, object]] = [
        {"kernel_initializer": made("Zeros")},
        {"kernel_initializer": made("RandomNormal", mean=0.5, stddev=2.0, seed=None)},
        {"kernel_initializer": made("RandomNormal", mean=0.5, stddev=3.0, seed=None)},
        {"bias_regularizer": made("L1L2", l1=0.5, l2=0.25), "bias_constraint": None},
        {"bias_regularizer": None, "bias_constraint": made("MaxNorm", max_value=2, axis=0)},
        {"bias_regularizer": None, "bias_constraint": made("MaxNorm", max_value=3, axis=0)},
    ]
    layers = [dense(number, **one) for number, one in enumerate(said)]
    first = {"class_name": "InputLayer", "config": {"batch_shape": [None, 4], "name": "i"}}
    config = {"class_name": "Sequential", "module": "keras", "config": {"name": "s", "layers": [first, *layers]}}
    forgotten()
    written = json.loads(convert(config, "keras-json"))["config"]["layers"][1:]
    for layer, one in zip(written, said, strict=True):
        for name, value in one.items():
            held = layer["config"].get(name)
            assert (held and (held["class_name"], held["config"])) == (value and (value["class_name"], value["config"]))  # type: ignore[index]
    wrong = {"class_name": "Sequential", "module": "keras", "config": {"name": "s", "layers": [first]}}
    for value in (3, "nothing", [1]):  # what no initializer can be made of is refused, whatever equal layers have
        wrong["config"]["layers"] = [first, *layers, dense(9, kernel_initializer=value)]  # type: ignore[index]
        with pytest.raises(SeqshapeError, match="kernel_initializer of Dense has to be"):
            convert(wrong, "keras-json")


def test_literals_that_are_equal_but_not_the_same_are_told_apart() -> None:
    """1 equals True and 1.0, and 0.0 equals -0.0: what is said of one is not said of the other, whichever comes first."""
    specs = [
        f"{layer}({value})" for layer in ("Dense", "Dropout") for value in ("1", "True", "1.0", "0.0", "-0.0", "0")
    ]
    forgotten()
    answers = list(map(answer, specs))
    forgotten()
    assert list(map(answer, reversed(specs))) == answers[::-1]
    assert len(set(answers)) > 6


def forgotten() -> None:
    for memo in template.MEMOS:
        memo.clear()


def test_what_is_kept_for_equal_layers_is_bounded() -> None:
    """Numbers that are filled into a pattern, and numbers that each make a pattern of their own."""
    forgotten()
    for start in range(0, 3 * template.MOST, 500):
        for layer in ("Dense({0})>Dense({0})", "Dropout(0.5,seed={0})"):
            summarize(">".join(layer.format(start + i + 1) for i in range(500)), input_shape=(4,), advice=False)
            assert [len(memo) for memo in template.MEMOS if len(memo) > template.MOST] == []
    assert all(template.MEMOS)


def test_threads_get_what_one_alone_gets() -> None:
    """Many threads bind and walk equal and unequal layers at once, and what is kept for them is forgotten now and then."""
    specs = [f"Dense({n % 7 + 1})>Dropout(0.{n % 9})>LSTM({n % 5 + 1},seq)>relu" for n in range(60)]
    alone = [summarize(spec, input_shape=(5, 3)).to_dict() for spec in specs]
    found: dict[int, list[object]] = {}

    def work(number: int) -> None:
        for spec in specs[number % 7 :]:
            summarize(spec, input_shape=(5, 3))
            if number == 0:
                forgotten()
        found[number] = [summarize(spec, input_shape=(5, 3)).to_dict() for spec in specs]

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[number] for number in range(8)] == [alone] * 8


# --- what the walk knows goes as the rows are made ---------------------------------------------------------------------

FORMS = (
    ">".join(f"Dense({i % 9 + 1})" for i in range(600)),
    ">".join(["[Dense(8)|Dense(8)]>Add"] * 200),
    "x0=Input(5,8)\n" + "".join(f"x{i + 1}=[x{i}|x{i // 2}]>Add\n" for i in range(600)) + "x600",
    "d=Dense(8)\n" + ">".join(["d", "relu"] * 300),
    "(Dense(8)>relu)*300>Embedding(2,2)>LSTM(3)>LSTM(4)",
    "m=Sequential([Dense(8),ReLU()])\nd=Dense(8)\n" + ">".join(["m", "d", "Dense(8)"] * 200),
)


@pytest.mark.parametrize("spec", FORMS)
def test_a_summary_is_the_same_whether_the_walk_is_let_go_meanwhile(spec: str) -> None:
    """A large network lets go what is known of a layer with its row, which only the last question may do."""
    whole, last = (
        Network(read_spec(spec), Inputs(None if "Input" in spec else (5, 8))).summary(last=last)
        for last in (False, True)
    )
    assert last == whole
    assert last.to_dict() == whole.to_dict()


def test_a_walk_is_let_go_and_advice_found_before() -> None:
    found = summarize(">".join(f"Dense({i % 9 + 1})" for i in range(600)), input_shape=(5, 8))
    assert len(found.layers) == 600
    assert len([one for one in found.diagnostics if one.code == "A109"]) > 500
