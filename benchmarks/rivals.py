"""Beside the real Keras, and torchinfo, where they are installed: in one process, for the first time and after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.children import Python, spread
from benchmarks.table import Line, memory, number

MODELS = 25
WHENS = (", each for the first time", " for the first time, here once more", ", each once more")
KERAS = """
import json, lzma, os, statistics, sys, time
os.environ.setdefault("KERAS_BACKEND", "jax")
import keras, seqshape
folder, wanted = sys.argv[1], int(sys.argv[2])
configs = []
for name in ("classic", "fuzz"):
    for line in lzma.open(f"{folder}/{name}.jsonl.xz", "rt"):
        config = json.loads(line).get("config")
        if config and len(configs) <= wanted:
            configs.append(json.dumps(config))
def timed(call, config, rounds):
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        found = call(config)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), found
def by_keras(config):
    model = keras.models.model_from_json(config)
    model.summary(print_fn=lambda line: None)
    return model.count_params()
first, mixed, pairs = [], [], []
for name in sum(getattr(seqshape, "layers", dict)().values(), []):  # older checkouts have none
    seqshape.layers(name)  # loads its file, as Keras has loaded all of its own
by_keras(configs[-1]), seqshape.summarize(configs.pop())  # the backend is set up, the reader is loaded
for config in configs:
    try:
        once = timed(seqshape.summarize, config, 1)[0], timed(by_keras, config, 1)[0]
        rival, count = timed(by_keras, config, 5)
        ours, summary = timed(seqshape.summarize, config, 21)
    except Exception:
        continue
    if summary.totals.params == count and ours > 0:
        first.append(once)
        mixed.append([ours, once[1]])
        pairs.append([ours, rival])
print(json.dumps([first, mixed, pairs]))
"""
TORCHINFO = """
import json, statistics, time, torch, torchinfo, seqshape
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.dense = torch.nn.LSTM(1, 5, batch_first=True), torch.nn.Linear(5, 1)
    def forward(self, x):
        return self.dense(self.lstm(x)[0])
def timed(call, rounds):
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
rival = timed(lambda: torchinfo.summary(Net(), (1, 5, 1), verbose=0), 101)
ours = timed(lambda: seqshape.summarize("LSTM(5,seq)>TD(Dense(1))", input_shape=(5, 1)), 101)
print(json.dumps([[[ours, rival]]]))
"""


PROCESS = """
import os
os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
layers = [keras.Input((5, 1)), keras.layers.LSTM(5, return_sequences=True)]
keras.Sequential([*layers, keras.layers.TimeDistributed(keras.layers.Dense(1))]).summary()
"""


def lines(python: Python) -> list[Line]:
    """Pairs of times for the same network, as ratios."""
    found = []
    data = str(Path(__file__).parents[1] / "tests" / "data")
    for name, code, module in (("Keras", KERAS, "keras"), ("torchinfo", TORCHINFO, "torchinfo")):
        if python.run("-c", f"import importlib.util as u; raise SystemExit(u.find_spec('{module}') is None)") is None:
            found.append(Line(name, "not installed"))
            continue
        measured = python.says(code, data, str(MODELS))
        if not measured or not measured[-1]:
            found.append(Line(name, "fails"))
            continue
        if name == "Keras":
            found += _processes(python)
        whens = WHENS if len(measured) > 1 else ("",)
        found += [_line(name, pairs, when) for pairs, when in zip(measured, whens, strict=True)]
    return found


def _processes(python: Python) -> Iterator[Line]:
    """One whole command beside one whole script of Keras that says the same of the founding example."""
    costs = []
    for _ in range(5):
        ours = python.run("-m", "seqshape", "summarize", "LSTM(5,seq)>TD(Dense(1))", "-i", "5,1")
        theirs = python.run("-c", PROCESS)
        if ours is not None and theirs is not None:
            costs.append((ours, theirs))
    if costs:
        ratios = spread([theirs.seconds / ours.seconds for ours, theirs in costs])
        taken = [spread([pair[place].seconds * 1000 for pair in costs]).median for place in (0, 1)]
        peaks = [max(pair[place].mebibytes for pair in costs) for place in (0, 1)]
        yield Line(
            "a table of the founding example: a script of Keras, beside a command",
            f"{number(taken[1])} ms, here {number(taken[0])} ms",
            "",
            f"{number(ratios.median)} × as fast ({number(ratios.low)} to {number(ratios.high)})",
            f"{memory(peaks[1])}, here {memory(peaks[0])}",
        )


def _line(name: str, pairs: list[list[float]], when: str) -> Line:
    times = spread([rival / ours for ours, rival in pairs])
    ours, theirs = (spread([pair[place] * 1000 for pair in pairs]).median for place in (0, 1))
    several = f"{len(pairs)} networks, built and summarized by {name}"
    what = (several if len(pairs) > 1 else f"the founding example by {name}") + when
    quartiles = f"({number(times.low)} to {number(times.high)})"
    return Line(what, f"{number(theirs)} ms, here {ours:.3f} ms", "", f"{number(times.median)} × as fast {quartiles}")
