"""The forward functions: held against real Keras in float64, and against what the rules beside them say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqshape.analysis.forward import Pass, Value, random_inputs, random_weights, run, vocabularies
from seqshape.analysis.timesteps import timesteps
from seqshape.api import analyse
from seqshape.bind.layer import with_inner
from seqshape.diagnostics import SeqshapeError
from seqshape.network import Network
from seqshape.registry import layers
from seqshape.walk.model import Model

CASES = [
    line
    for line in (Path(__file__).parent / "data" / "forward.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
TOLERANCE = 1e-6


def analysed(case: str) -> Network:
    """The network of a case, ``spec @ input``; ``-`` where the spec says its inputs itself."""
    spec, _, shape = case.rpartition(" @ ")
    network = analyse(spec, None if shape == "-" else shape)
    wrong = [found.message for found in network.diagnostics if found.severity == "error"]
    assert wrong == [], case
    return network


# --- against real Keras -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, Any]]:
    """The differences from real Keras in float64, measured in one child process."""
    child = subprocess.run(
        [sys.executable, "-m", "tests.oracle.float64"],
        input="\n".join(CASES),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    return {found["case"]: found for found in map(json.loads, child.stdout.splitlines())}


@pytest.mark.oracle
@pytest.mark.parametrize("case", CASES)
def test_agrees_with_keras(case: str, measured: dict[str, dict[str, Any]]) -> None:
    assert "error" not in measured[case], measured[case]
    assert measured[case]["difference"] < TOLERANCE


def classes(network: Network) -> set[str]:
    """The classes of all layers of a network, those inside others too."""
    found: set[str] = set()
    for layer in network.model.layers():
        inner = [layer] if not isinstance(layer, Model) else layer.layers()
        found |= {each.class_name for one in inner for each in with_inner(one)}
    return found


def test_every_forward_function_has_a_case() -> None:
    cells = {"LSTM": "LSTMCell", "GRU": "GRUCell", "SimpleRNN": "SimpleRNNCell"}
    covered = set().union(*(classes(analysed(case)) for case in CASES))
    covered |= {cells[name] for name in covered & set(cells)}
    runnable = {name for name, kind in layers().items() if kind.forward is not None and kind.keras == "3"}
    assert runnable - covered == {"StackedRNNCells"} - covered


def test_thresholded_relu_is_the_relu_of_keras_3() -> None:
    inputs = [np.linspace(-2, 2, 12).reshape(3, 4)]
    old, new = (run(analyse(spec, "4"), inputs, {})[0] for spec in ("ThresholdedReLU(0.5)", "ReLU(threshold=0.5)"))
    assert np.array_equal(old, new)
    assert old.any()


# --- against the rules ------------------------------------------------------------------------------------------------


class Recorder(dict[str, Any]):
    """Weights that note which of them are read."""

    def __init__(self, weights: dict[str, Any]) -> None:
        super().__init__(weights)
        self.read: set[str] = set()

    def __getitem__(self, path: str) -> Any:
        self.read.add(path)
        return super().__getitem__(path)


class Counting:
    """numpy, but for matrix products, which are counted: one multiply-add for each pair of numbers multiplied."""

    def __init__(self) -> None:
        self.macs = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def matmul(self, one: Any, two: Any) -> Any:
        found = np.matmul(one, two)
        self.macs += found.size * one.shape[-1]
        return found

    def tensordot(self, one: Any, two: Any, axes: Any) -> Any:
        found = np.tensordot(one, two, axes)
        number = axes if isinstance(axes, int) else len(axes[1])
        places = range(number) if isinstance(axes, int) else axes[1]
        self.macs += found.size * int(np.prod([two.shape[place] for place in places]))
        return found

    def einsum(self, equation: str, one: Any, two: Any) -> Any:
        found = np.einsum(equation, one, two)
        sizes: dict[str, int] = {}
        for letters, array in zip(equation.partition("->")[0].split(","), (one, two), strict=True):
            sizes |= dict(zip(letters, array.shape, strict=True))
        self.macs += int(np.prod(list(sizes.values())))
        return found


def passed(network: Network, seed: int = 0) -> tuple[list[Any], Counting, Recorder]:
    """The outputs of a run, with what it counted and read."""
    counting, weights = Counting(), Recorder(random_weights(network, seed))
    inputs = [Value(array) for array in random_inputs(network, seed)]
    values = Pass(counting, network.model, weights).run(inputs)
    return [value.array for value in values], counting, weights


def disagreements(network: Network) -> list[str]:
    """How a run differs from what the rules say of output shapes, weights read and multiply-adds made."""
    outputs, counting, weights = passed(network)
    batch = len(outputs[0])
    shapes = [(batch, *port.shape[1:]) for port in network.summary().outputs if port.shape is not None]
    faults = [] if [array.shape for array in outputs] == shapes else [f"{[a.shape for a in outputs]}, not {shapes}"]
    statistics = {path for path in weights if "renorm" in path or "moving_stddev" in path}  # for training only
    unread = set(weights) - weights.read - statistics
    faults += [f"does not read {path}" for path in sorted(unread)]
    macs = sum(done.effect.macs for done in network.model.done.values() if done.effect)
    made = counting.macs / batch
    return faults if made == macs else [*faults, f"makes {made} multiply-adds, not {macs}"]


# LoRA multiplies its factors at every run; of glu Keras's summary says another shape than a run gives.
@pytest.mark.parametrize("case", [case for case in CASES if "lora" not in case and "glu" not in case])
def test_does_what_the_rule_says(case: str) -> None:
    assert disagreements(analysed(case)) == []


def moved(network: Network, seed: int) -> Any:
    """Which output steps move when an input step is changed, as a matrix like that of timesteps."""
    weights, inputs = random_weights(network, seed), random_inputs(network, seed)
    (limit,) = vocabularies(network)
    steps = inputs[0].shape[1]
    before = run(network, inputs, weights)[0]
    columns = []
    for step in range(steps):
        changed = inputs[0].copy()
        uneven = np.random.default_rng(step).normal(
            0, 3, changed[:, step].shape
        )  # normalization takes off an even shift
        changed[:, step] = (changed[:, step] + 1) % limit if limit else changed[:, step] + uneven
        gap = abs(run(network, [changed], weights)[0] - before) > 1e-12 * abs(before).max()
        columns.append(gap.any(axis=(0, *range(2, gap.ndim))) if gap.ndim > 2 else [gap.any()])
    return np.array(columns).T


def reach_disagrees(network: Network) -> bool:
    """Whether the steps that move, over a few weights and inputs, are other ones than the rules say."""
    wanted = np.array(timesteps(network).matrix, dtype=bool)
    found = np.zeros_like(wanted)
    for seed in range(8):
        found |= moved(network, seed)
        if np.array_equal(found, wanted):
            return False
    return True


# Cases with one input; where a mask hides a step depends on the values, not on the rule.
ONE_INPUT = [case for case in CASES if not case.endswith("@ -") and "mask_zero" not in case and "Masking" not in case]


@pytest.mark.parametrize("case", ONE_INPUT)
def test_steps_that_move_are_the_rule_s_reach(case: str) -> None:
    assert not reach_disagrees(analysed(case))


# --- wrong ones are caught --------------------------------------------------------------------------------------------


def forgets_bias(np: Any, weights: Any, inputs: Any, **rest: Any) -> Any:
    return np.tensordot(inputs, weights["kernel"], 1)


def multiplies_twice(np: Any, weights: Any, inputs: Any, **rest: Any) -> Any:
    np.tensordot(inputs, weights["kernel"], 1)
    return np.tensordot(inputs, weights["kernel"], 1) + weights["bias"]


def sees_all(np: Any, weights: Any, inputs: Any, **rest: Any) -> Any:
    return np.tensordot(inputs + inputs.sum(axis=1, keepdims=True), weights["kernel"], 1) + weights["bias"]


def test_wrong_functions_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    network, dense = analysed("Dense(4) @ 5,3"), layers()["Dense"]
    assert disagreements(network) == []
    assert not reach_disagrees(network)
    monkeypatch.setattr(dense, "forward", forgets_bias)
    assert disagreements(network) == ["does not read dense/bias"]
    monkeypatch.setattr(dense, "forward", multiplies_twice)
    assert disagreements(network) == ["makes 120.0 multiply-adds, not 60"]
    monkeypatch.setattr(dense, "forward", sees_all)
    assert disagreements(network) == []
    assert reach_disagrees(network)


@pytest.mark.parametrize(
    ("spec", "shape", "message"),
    [
        ("Resizing(4, 4)", "8,8,3", "Resizing cannot be run here"),
        ("TD(RandomFlip)", "2,8,8,3", "RandomFlip cannot be run here"),
        ("Activation('threshold')", "3", "'threshold', which cannot be run here"),
        ("UpSampling2D(2, interpolation='bilinear')", "4,4,2", "interpolates with bilinear"),
    ],
)
def test_refusals_name_the_layer(spec: str, shape: str, message: str) -> None:
    network = analyse(spec, shape)
    with pytest.raises(SeqshapeError) as caught:
        run(network, random_inputs(network, 0), random_weights(network, 0))
    assert message in caught.value.diagnostics[0].message
    assert caught.value.diagnostics[0].code == "E306"


def test_faulty_networks_are_refused() -> None:
    network = analyse("LSTM(5) > LSTM(5)", "5,1")
    with pytest.raises(SeqshapeError):
        run(network, [np.zeros((2, 5, 1))], {})


@pytest.mark.parametrize("spec", ["Dense(4)", "LSTM(4, seq)"])
def test_named_sizes_are_refused(spec: str) -> None:
    network = analyse(spec, "T,F")
    with pytest.raises(SeqshapeError) as caught:
        random_weights(network, 0)
    assert caught.value.diagnostics[0].code == "E305"
    with pytest.raises(SeqshapeError):
        random_inputs(network, 0)


def test_masks_end_where_keras_ends_them() -> None:
    network = analysed("Embedding(9, 4, mask_zero=True) @ 3")
    weights = random_weights(network, 0)
    (value,) = Pass(np, network.model, weights).run([Value(np.array([[1.0, 0, 2]]))])
    assert value.mask is not None
    assert value.mask.tolist() == [[True, False, True]]
    ended = analysed("Embedding(9, 4, mask_zero=True) > LSTM(2) @ 3")
    (value,) = Pass(np, ended.model, random_weights(ended, 0)).run([Value(np.array([[1.0, 0, 2]]))])
    assert value.mask is None
