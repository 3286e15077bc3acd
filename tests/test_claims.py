"""A warning is a claim: what is said to fail when it runs fails in the real Keras, and what runs is not said to."""

from __future__ import annotations

import json

import pytest

from seqshape.answers import analyse
from seqshape.exporters.keras_json import write
from seqshape.network import Network
from tests.oracle.facts import Case, load

HEDGED = (" if ", " or gives ")
ELSEWHERE = ("TextVectorization", "Hashing", "HashedCrossing", "IntegerLookup", "StringLookup")  # they need TensorFlow


def claims(network: Network) -> list[str]:
    """What is said to fail."""
    said = [found.message for found in network.diagnostics if found.severity == "warning"]
    return [one for one in said if "fails when it runs" in one and not any(hedge in one for hedge in HEDGED)]


def claimed() -> list[Case]:
    """The facts of which something is said to fail when it runs."""
    cases = [case for name in ("odd", "layers", "fuzz") for case in load(name) if case.get("config")]
    ours = [case for case in cases if case.get("class") not in ELSEWHERE]
    return [case for case in ours if claims(analyse(json.loads(json.dumps(case["config"]))))]


@pytest.mark.oracle
def test_what_is_said_of_the_facts() -> None:
    from tests.oracle.runs import failure

    cases = claimed()
    runs = {}
    for case in cases:
        try:
            problem = failure(json.dumps(case["config"]))
        except (ValueError, TypeError):
            continue  # a config that Keras does not read back
        if problem is None:
            runs[case["id"]] = claims(analyse(case["config"]))
    assert runs == {}
    assert len(cases) > 30


# Networks, and whether they run.
NETWORKS = [
    ("x=Input(5,2); h=Input(4); c=Input(4); x > LSTM(4,initial_state=[h,c])", True),
    ("x=Input(5,2); h=Input(4,4); x > LSTM(4,initial_state=[h,h])", False),
    ("x=Input(5,2); h=Input(7,4); x > GRU(4,initial_state=h)", False),
    ("x=Input(5,2); h=Input(3); x > SimpleRNN(4,initial_state=h)", False),
    ("x=Input(5,2); h=Input(4); x > LSTM(4,initial_state=[h])", False),
    ("x=Input(5,2); h=Input(4); x > GRU(4,initial_state=[h,h])", True),
    ("x=Input(5,2); h=Input(4); x > SimpleRNN(4,initial_state=[h,h])", False),
    ("x=Input(5,2); h=Input(4); x > Bi(LSTM(4),initial_state=[h,h])", False),
    ("x=Input(5,2); h=Input(4); x > Bi(LSTM(4),initial_state=[h,h,h,h])", True),
    ("x=Input(5,2); h=Input(4); x > Bi(GRU(4),initial_state=[h,h])", True),
    ("x=Input(5,2); h=Input(4); x > RNN(LSTMCell(4),initial_state=[h,h,h])", False),
    ("x=Input(5,8,8,2); h=Input(6,6,4); x > ConvLSTM2D(4,3,same,initial_state=[h,h])", False),
    ("x=Input(5,8,8,2); h=Input(8,8,4); x > ConvLSTM2D(4,3,same,initial_state=[h,h])", True),
    ("x=Input(8); (x,x)>MHA(2,4,attention_axes=0)", True),
    ("x=Input(8); (x,x)>MHA(2,4)", False),
    ("x=Input(6,8); y=Input(5,8); (x,y)>MHA(2,4,attention_axes=2)", True),
    ("x=Input(6,8); y=Input(5,8); (x,y)>MHA(2,4,attention_axes=2,dropout=0.5)", False),
    ("x=Input(6,5,8); y=Input(6,7,8); (x,y)>MHA(2,4,attention_axes=2)", True),
    ("x=Input(6,5,8); y=Input(6,7,8); (x,y)>MHA(2,4,attention_axes=1)", False),
    ("x=Input(6,5,8); (x,x)>MHA(2,4,attention_axes=(1,1))", False),
    ("x=Input(20,32); y=Input(32); (x,y)>ops.matmul", False),
    ("x=Input(20,32); y=Input(32,4); (x,y)>ops.matmul", True),
    ("x=Input(20,32); y=Input(32); (x,y)>ops.inner", True),
    ("x=Input(20,32); y=Input(32); (x,y)>ops.add", False),
    ("x=Input(20,32); y=Input(32); (x,y)>ops.maximum", False),
    ("x=Input(20,32); y=Input(32); (x,y)>Add", True),
    ("x=Input(None,3); x>LSTM(4,unroll=True)", True),
    ("x=Input(5,3); x>RNN([GRUCell(4)])", False),
    ("x=Input(5,3); x>RNN([GRUCell(4)],unroll=True)", True),
    ("x=Input(5,3); x>RNN([LSTMCell(4)],unroll=True)", False),
    ("x=Input(5,32); y=Input(7,1); (x,y)>Attention", False),
    ("x=Input(5,32); y=Input(7,1); (x,y)>AdditiveAttention", True),
    ("x=Input(5,32); y=Input(7,31); (x,y)>AdditiveAttention", False),
    ("x=Input(5,8); (x,x)>MHA(2,4,3)", False),
    ("x=Input(6,5,8); (x,x)>MHA(2,4,3)", True),
]


@pytest.mark.oracle
@pytest.mark.parametrize(("text", "runs"), NETWORKS)
def test_what_is_said_of_networks(text: str, runs: bool) -> None:
    from tests.oracle.runs import failure

    network = analyse(text)
    assert [found for found in network.diagnostics if found.severity == "error"] == []
    assert (claims(network) == []) == runs
    assert (failure(write(network)) is None) == runs
