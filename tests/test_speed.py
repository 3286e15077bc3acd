"""How much is done for each layer: counted in calls of Python functions, which no load disturbs. No clock."""

from __future__ import annotations

import sys

import pytest

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
