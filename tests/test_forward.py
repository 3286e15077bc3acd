"""The forward functions: held against real Keras in float64, and against what the rules beside them say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqshape.analysis.forward import Pass, Value, random_inputs, random_weights, run, vocabularies
from seqshape.analysis.timesteps import timesteps
from seqshape.answers import analyse
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


PRODUCTS: dict[Any, Callable[..., int]] = {}  # the functions of numpy that multiply and add, and how often each does


def product(*functions: Any) -> Any:
    """Say how many multiply-adds a function of numpy makes, of its result and its operands."""

    def place(count: Callable[..., int]) -> Callable[..., int]:
        PRODUCTS.update(dict.fromkeys(functions, count))
        return count

    return place


@product(np.matmul)
def of_matmul(found: Any, one: Any, two: Any) -> int:
    return int(np.size(found) * one.shape[-1])


@product(np.dot)
def of_dot(found: Any, one: Any, two: Any) -> int:
    return int(np.size(found) * (one.shape[-1] if one.ndim and two.ndim else 1))


@product(np.tensordot)
def of_tensordot(found: Any, one: Any, two: Any, axes: Any = 2) -> int:
    places = range(axes) if isinstance(axes, int) else axes[1]
    return int(np.size(found) * np.prod([two.shape[place] for place in places]))


@product(np.einsum)
def of_einsum(found: Any, equation: str, one: Any, two: Any) -> int:
    sizes: dict[str, int] = {}
    for letters, array in zip(equation.partition("->")[0].split(","), (one, two), strict=True):
        sizes |= dict(zip(letters, array.shape, strict=True))
    return int(np.prod(list(sizes.values())))


# What else multiplies and adds; a forward function that begins to use it has to be told how often it does.
UNCOUNTED = {np.inner, np.outer, np.vdot, np.kron, np.convolve, np.correlate, np.linalg.multi_dot}
UNCOUNTED |= {
    getattr(np, name) for name in ("vecdot", "matvec", "vecmat") if hasattr(np, name)
}  # newer than numpy 1.26


class Counted(np.ndarray[Any, Any]):
    """An array that counts: one multiply-add for each pair of numbers that a product multiplies, however it is written.

    ``tally`` is the list to which the products of a run are added. What comes of weights alone (``is_weight``), such as
    the product of the factors of LoRA, is made once for all samples and is none of the layer's multiply-adds.
    """

    tally: list[int]
    is_weight = False

    def __array_finalize__(self, made: Any) -> None:
        self.tally = getattr(made, "tally", [])

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self._made(function, function, args, kwargs)

    def __array_ufunc__(self, function: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        return self._made(function, getattr(function, method), args, kwargs)

    def dot(self, other: Any, out: Any = None) -> Any:
        return np.dot(self, other)

    def _made(self, function: Any, run: Any, args: Any, kwargs: Any) -> Any:
        if function in UNCOUNTED:
            raise RuntimeError(f"nobody has said how often {function.__name__} multiplies and adds")
        plain = [plainly(value) for value in args]
        found = run(*plain, **{name: plainly(value) for name, value in kwargs.items()})
        weights = all(one.is_weight for one in arrays(args))
        if function in PRODUCTS and not weights:
            self.tally.append(PRODUCTS[function](found, *plain, **kwargs))
        return counting(found, self.tally, is_weight=weights)


def arrays(values: Any) -> Iterator[Counted]:
    """The arrays that count among the operands of a function; a plain one is data."""
    for value in values:
        if isinstance(value, np.ndarray):
            yield value if isinstance(value, Counted) else value.view(Counted)
        elif isinstance(value, (list, tuple)):
            yield from arrays(value)


def plainly(value: Any) -> Any:
    """The same operand without what counts."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(plainly, value))
    return value.view(np.ndarray) if isinstance(value, Counted) else value


def counting(value: Any, tally: list[int], *, is_weight: bool = False) -> Any:
    """The same result as arrays that count."""
    if isinstance(value, (list, tuple)):
        return type(value)(counting(item, tally, is_weight=is_weight) for item in value)
    if not isinstance(value, (np.ndarray, np.generic)):
        return value
    counted = np.asarray(value).view(Counted)
    counted.tally, counted.is_weight = tally, is_weight
    return counted


def passed(network: Network, seed: int = 0) -> tuple[list[Any], list[int], Recorder]:
    """The outputs of a run, with the multiply-adds that it made and the weights that it read."""
    made: list[int] = []
    drawn = random_weights(network, seed)
    weights = Recorder({path: counting(array, made, is_weight=True) for path, array in drawn.items()})
    inputs = [Value(counting(array, made)) for array in random_inputs(network, seed)]
    values = Pass(np, network.model, weights).run(inputs)
    return [value.array for value in values], made, weights


def disagreements(network: Network) -> list[str]:
    """How a run differs from what the rules say of output shapes, weights read and multiply-adds made."""
    outputs, products, weights = passed(network)
    batch = len(outputs[0])
    shapes = [(batch, *port.shape[1:]) for port in network.summary().outputs if port.shape is not None]
    faults = [] if [array.shape for array in outputs] == shapes else [f"{[a.shape for a in outputs]}, not {shapes}"]
    statistics = {path for path in weights if "renorm" in path or "moving_stddev" in path}  # for training only
    unread = set(weights) - weights.read - statistics
    faults += [f"does not read {path}" for path in sorted(unread)]
    macs = sum(done.effect.macs for done in network.model.done.values() if done.effect)
    made = sum(products) / batch
    return faults if made == macs else [*faults, f"makes {made} multiply-adds, not {macs}"]


@pytest.mark.parametrize("case", CASES)
def test_does_what_the_rule_says(case: str) -> None:
    found = disagreements(analysed(case))
    if "glu" in case:  # of which Keras's summary says another shape than a run gives
        found = [fault for fault in found if "multiply-adds" in fault or "read" in fault]
    assert found == []


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


def multiplies_in_other_words(np: Any, weights: Any, inputs: Any, **rest: Any) -> Any:
    assert np.allclose(inputs @ weights["kernel"], inputs.dot(weights["kernel"]))
    return np.dot(inputs, weights["kernel"]) + weights["bias"]


def multiplies_unseen(np: Any, weights: Any, inputs: Any, **rest: Any) -> Any:
    return np.inner(inputs, weights["kernel"].T) + weights["bias"]


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
    monkeypatch.setattr(dense, "forward", multiplies_in_other_words)
    assert disagreements(network) == ["makes 180.0 multiply-adds, not 60"]
    monkeypatch.setattr(dense, "forward", multiplies_unseen)
    with pytest.raises(RuntimeError, match="nobody has said how often inner"):
        disagreements(network)
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
