"""Keras's own tests, recorded: what they construct, call and save, and what the real Keras says of it.

Each case is a spec, a config, or a call of keras.ops, with the model that Keras builds of it or the reason why it
refuses. A config has two models: the one that was saved (``was``), and what Keras makes of it when it reads it again
(``expected``), which differ where a test has tampered with names. A few cases differ on purpose: ``differs`` says why,
and docs/differences.md says it to users.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.network import Network
from tests.oracle.compare import differences
from tests.oracle.facts import Case, grouped, load
from tests.oracle.operations import T, mine

CASES = grouped("keras_tests", lambda case: str(case["test"].partition("::")[0]))
UNSAID = (
    "Lambda",
    "JaxLayer",
    "VectorizedMap",
    "_test",
)  # what only its own code knows: functions, classes of the tests
COUNTS = ("total_params", "trainable_params", "non_trainable_params")


def value(data: Any) -> Any:
    """An argument of an operation: an object of one key says what it is."""
    if isinstance(data, list):
        return [value(item) for item in data]
    if not isinstance(data, dict):
        return data
    ((kind, inside),) = data.items()
    if kind == "T":
        return T(tuple(inside[0]), inside[1])
    if kind == "t":
        return tuple(value(item) for item in inside)
    if kind == "d":
        return {name: value(item) for name, item in inside}
    return ... if kind == "X" else slice(*map(value, inside))


def difference(case: Case) -> str | None:
    """What seqshape says otherwise than Keras in any form of a case."""
    if "op" in case:
        return of_call(case)
    forms = [(case[kind], kind) for kind in ("spec", "config") if kind in case]
    found = [what for source, kind in forms if (what := of_network(case, source, kind)) is not None]
    return "\n    ".join(found) or None


def of_call(case: Case) -> str | None:
    said = mine(case["op"], {name: value(item) for name, item in case["arguments"]})
    if "error" in case:
        return None if said == "refused" else f"accepted, Keras: {case['error']}"
    wanted = [(tuple(shape), dtype) for shape, dtype in case["outputs"]]
    return None if said == wanted else f"seqshape {said}, Keras {wanted}"


def of_network(case: Case, source: Any, kind: str) -> str | None:
    try:
        network = analyse(source, kind="spec" if kind == "spec" else None)
        refused = [found.message for found in network.diagnostics if found.severity == "error"]
    except SeqshapeError as refusal:
        refused = [str(refusal)]
    if "error" in case:
        return None if refused else f"accepted {kind}, Keras: {case['error']}"
    if refused:
        return f"{kind} refused: {refused[0]}"
    models = [case[key] for key in ("expected", "was") if key in case]
    found = [unlike(network, kind, model, json.dumps(source)) for model in models]
    return None if None in found else found[0]


def unlike(network: Network, kind: str, model: dict[str, Any], text: str) -> str | None:
    summary = network.summary()
    left = {"name"} if kind == "spec" else set()
    left.update(COUNTS if summary.totals.at_least else ())
    lenient = any(word in text for word in UNSAID)
    wanted = {key: item for key, item in model.items() if key not in left}
    return "\n    ".join(differences(summary, wanted, lenient=lenient)) or None


@pytest.mark.parametrize("name", CASES)
def test_recorded(name: str) -> None:
    """Everything is as Keras has it, but for what differs on purpose, which has to differ indeed."""
    found = [(case, difference(case)) for case in CASES[name]]
    wrong = [(case, what) for case, what in found if (what is None) is ("differs" in case)]
    listed = "\n".join(f"  {case['test']}: {json.dumps(case)[:300]}\n    {what}" for case, what in wrong)
    assert not wrong, f"{len(wrong)} of {len(found)} differ\n{listed}"


def test_enough_cases() -> None:
    """The recording is whole, and nearly all of it is as Keras has it."""
    cases = load("keras_tests")
    assert len(cases) > 7000
    assert sum("differs" in case for case in cases) < len(cases) / 100
