"""How much is done for each layer: counted in calls of Python functions, which no load disturbs. No clock."""

from __future__ import annotations

import gc
import sys
from threading import Barrier, Thread

import pytest

from seqshape import SeqshapeError, summarize
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
@pytest.mark.parametrize(("spec", "most"), [(distinct(LAYERS), 95), (">".join(["Dense(8)"] * LAYERS), 82)])
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
