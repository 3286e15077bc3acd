"""Every fact that was measured on the real Keras: as a spec where there are calls, and as a config.

One test a class (or a bundle of networks); each goes through all its cases and names those that differ.
"""

from __future__ import annotations

import json

import pytest

from seqshape.analysis.timesteps import timesteps
from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.network import Network
from tests.oracle.compare import differences
from tests.oracle.facts import Case, class_of, grouped, load
from tests.oracle.recipe import Recipe, sequential
from tests.oracle.spec_writer import is_writable, spec

BUNDLE = 50
# Refused by Keras, but sugar of the spec language: a shape without its parentheses.
SUGAR = frozenset(
    {
        "error-Reshape-006",
        "error-Reshape-011",
        "error-Permute-007",
        "error-InputLayer-002",
        "error-InputLayer-003",
        "error-InputLayer-012",
    }
)
# What is wrong is not in the calls of these: an InputLayer given shape and batch_shape; a layer that stands twice in a
# Sequential, which Keras writes only once, so that its config is another model's.
LOST = frozenset({"error-InputLayer-007", "odd-Sequential-130", "odd-InputLayer-129"})


def bundle(case: Case) -> str:
    return str(int(case["id"].rpartition("-")[2]) // BUNDLE)


LAYERS = grouped("layers", class_of)
FUZZ = grouped("fuzz", bundle)
ODD = grouped("odd", class_of)
ERRORS = grouped("errors", class_of)


def recipe(case: Case) -> Recipe | None:
    """What a case would be written as in a spec, if it can be."""
    if "input_shape" not in case or not all(isinstance(call, dict) and "class" in call for call in case["calls"]):
        return None
    found = sequential(case["calls"], case["input_shape"], case.get("batch_size"), case.get("input_dtype"))
    start, *others = found.steps
    found = found._replace(steps=(start._replace(name=input_name(case)), *others))
    return found if is_writable(found) else None


def input_name(case: Case) -> str | None:
    """The name that the source gives the input; ``None`` for an automatic one."""
    layers = case.get("config", {}).get("config", {}).get("layers") or [{}]
    name = layers[0].get("config", {}).get("name")
    is_own = layers[0].get("class_name") == "InputLayer" and not str(name).startswith("input_layer")
    return str(name) if is_own else None


def complaints(network: Network) -> list[str]:
    return [found.message for found in network.diagnostics if found.severity == "error"]


def wrong(network: Network, case: Case, *, named: bool) -> str | None:
    """What is wrong with a network that Keras builds. ``named``: the source says what the model is called."""
    refused = complaints(network)
    if refused:
        return f"refused: {refused[0]}"
    expected = case["expected"]
    if not named and not expected["name"].startswith("sequential"):
        expected = {key: value for key, value in expected.items() if key != "name"}
    lenient = named and '"Lambda"' in json.dumps(case["config"])
    return "\n    ".join(differences(network.summary(), expected, lenient=lenient)) or None


def report(cases: list[Case], check: object) -> None:
    found = [(case["id"], what) for case in cases if (what := check(case)) is not None]  # type: ignore[operator]
    listed = "\n".join(f"  {name}: {what}" for name, what in found)
    assert not found, f"{len(found)} of {len(cases)} differ\n{listed}"


def as_spec(case: Case) -> str | None:
    written = recipe(case)
    if written is None:
        return None
    try:
        return wrong(analyse(spec(written), kind="spec"), case, named=False)
    except SeqshapeError as refusal:
        return f"refused: {refusal}"


def as_config(case: Case) -> str | None:
    try:
        return wrong(analyse(case["config"]), case, named=True)
    except SeqshapeError as refusal:
        return f"refused: {refusal}"


@pytest.mark.parametrize("case", load("classic"), ids=lambda case: str(case["id"]))
def test_classic(case: Case) -> None:
    network = analyse(case["spec"], case["input"], kind="spec")
    assert wrong(network, case, named=False) is None


@pytest.mark.parametrize("name", LAYERS)
def test_layer_as_spec(name: str) -> None:
    report(LAYERS[name], as_spec)


@pytest.mark.parametrize("name", LAYERS)
def test_layer_as_config(name: str) -> None:
    report(LAYERS[name], as_config)


@pytest.mark.parametrize("name", FUZZ)
def test_fuzz_as_spec(name: str) -> None:
    report(FUZZ[name], as_spec)


@pytest.mark.parametrize("name", FUZZ)
def test_fuzz_as_config(name: str) -> None:
    report(FUZZ[name], as_config)


def accepted(case: Case) -> str | None:
    """What Keras refuses has to be refused; the message is seqshape's own."""
    written = recipe(case)
    if written is None or case["id"] in SUGAR | LOST:
        return None
    try:
        network = analyse(spec(written), kind="spec")
    except SeqshapeError:
        return None
    return None if complaints(network) else f"accepted {spec(written)}\n    Keras: {case['message'][:200]}"


@pytest.mark.parametrize("name", ERRORS)
def test_refused(name: str) -> None:
    report(ERRORS[name], accepted)


def unremarked(case: Case) -> str | None:
    """What Keras builds although it is likely a mistake: the same network, and a warning."""
    written = recipe(case)
    if case["id"] in LOST:
        return None
    try:
        network = analyse(
            case["config"] if written is None else spec(written), kind=None if written is None else "spec"
        )
    except SeqshapeError as refusal:
        return f"refused: {refusal}"
    found = wrong(network, case, named=written is None)
    if found is None and not any(found.severity == "warning" for found in network.diagnostics):
        return "no warning"
    return found


@pytest.mark.parametrize("name", ODD)
def test_odd(name: str) -> None:
    report(ODD[name], unremarked)


def unseen(case: Case) -> str | None:
    """Which output steps moved in the real Keras when one input step was changed."""
    written = sequential(case["calls"], case["input_shape"], None, None)
    found = timesteps(analyse(spec(written), kind="spec"))
    rows = ["".join(map(str, row)) for row in found.matrix]
    return None if rows == case["sees"] else f"{spec(written)}\n    seqshape {rows}\n    Keras    {case['sees']}"


def test_reach() -> None:
    report(list(load("reach")), unseen)


def test_enough_cases() -> None:
    """The copies are whole, and nearly every sequential case can be written as a spec."""
    counts = {name: len(load(name)) for name in ("classic", "layers", "fuzz", "errors", "odd", "reach")}
    assert counts == {"classic": 15, "layers": 2582, "fuzz": 1500, "errors": 1049, "odd": 271, "reach": 120}
    for name, share in {
        "layers": 0.99,
        "fuzz": 0.9,
        "errors": 0.99,
        "odd": 0.97,
    }.items():  # a fuzz case may hold a nested model
        sequentials = [case for case in load(name) if "calls" in case]
        written = [case for case in sequentials if recipe(case) is not None]
        assert len(written) >= share * len(sequentials), name
