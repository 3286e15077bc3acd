"""Beside the real Keras, and torchinfo, where they are installed: in one process, each after a first run."""

from __future__ import annotations

from pathlib import Path

from benchmarks.children import Python, spread
from benchmarks.table import Line, number

MODELS = 25
KERAS = """
import json, lzma, os, sys, time
os.environ.setdefault("KERAS_BACKEND", "jax")
import keras, seqshape
folder, wanted = sys.argv[1], int(sys.argv[2])
configs = []
for name in ("classic", "fuzz"):
    for line in lzma.open(f"{folder}/{name}.jsonl.xz", "rt"):
        config = json.loads(line).get("config")
        if config and len(configs) < wanted:
            configs.append(json.dumps(config))
def timed(call, config, rounds):
    start = time.process_time()
    for _ in range(rounds):
        found = call(config)
    return (time.process_time() - start) / rounds, found
def by_keras(config):
    model = keras.models.model_from_json(config)
    model.summary(print_fn=lambda line: None)
    return model.count_params()
pairs = []
for config in configs:
    try:
        by_keras(config)
        rival, count = timed(by_keras, config, 1)
        ours, summary = timed(lambda config: seqshape.summarize(config), config, 20)
        str(summary)
    except Exception:
        continue
    if summary.totals.params == count and ours > 0:
        pairs.append([ours, rival])
print(json.dumps(pairs))
"""
TORCHINFO = """
import json, time, torch, torchinfo, seqshape
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.dense = torch.nn.LSTM(1, 5, batch_first=True), torch.nn.Linear(5, 1)
    def forward(self, x):
        return self.dense(self.lstm(x)[0])
def timed(call, rounds):
    call()
    start = time.process_time()
    for _ in range(rounds):
        call()
    return (time.process_time() - start) / rounds
rival = timed(lambda: torchinfo.summary(Net(), (1, 5, 1), verbose=0), 20)
ours = timed(lambda: seqshape.summarize("LSTM(5,seq)>TD(Dense(1))", input_shape=(5, 1)), 100)
print(json.dumps([[ours, rival]]))
"""


def lines(python: Python) -> list[Line]:
    """Pairs of times for the same network, as ratios."""
    found = []
    data = str(Path(__file__).parents[1] / "tests" / "data")
    for name, code, module in (("Keras", KERAS, "keras"), ("torchinfo", TORCHINFO, "torchinfo")):
        if python.run("-c", f"import importlib.util as u; raise SystemExit(u.find_spec('{module}') is None)") is None:
            found.append(Line(name, "not installed"))
            continue
        pairs = python.says(code, data, str(MODELS))
        if not pairs:
            found.append(Line(name, "fails"))
            continue
        times = spread([rival / ours for ours, rival in pairs])
        ours, theirs = (spread([pair[place] * 1000 for pair in pairs]).median for place in (0, 1))
        what = (
            f"{len(pairs)} networks, built and summarized by {name}"
            if len(pairs) > 1
            else f"the founding example by {name}"
        )
        quartiles = f"({number(times.low)} to {number(times.high)})"
        found.append(
            Line(what, f"{number(theirs)} ms, here {ours:.3f} ms", "", f"{number(times.median)} × as fast {quartiles}")
        )
    return found
