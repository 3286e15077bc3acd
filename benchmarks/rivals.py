"""Beside the real Keras, and torchinfo, where they are installed: in one process, for the first time and after it."""

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
        if config and len(configs) <= wanted:
            configs.append(json.dumps(config))
def timed(call, config, rounds):
    start = time.perf_counter()
    for _ in range(rounds):
        found = call(config)
    return (time.perf_counter() - start) / rounds, found
def by_keras(config):
    model = keras.models.model_from_json(config)
    model.summary(print_fn=lambda line: None)
    return model.count_params()
first, pairs = [], []
for name in sum(seqshape.layers().values(), []):
    seqshape.layers(name)  # loads its file, as Keras has loaded all of its own
by_keras(configs[-1]), seqshape.summarize(configs.pop())  # the backend is set up, the reader is loaded
for config in configs:
    try:
        once = timed(seqshape.summarize, config, 1)[0], timed(by_keras, config, 1)[0]
        rival, count = timed(by_keras, config, 1)
        ours, summary = timed(lambda config: seqshape.summarize(config), config, 20)
        str(summary)
    except Exception:
        continue
    if summary.totals.params == count and ours > 0:
        first.append(once)
        pairs.append([ours, rival])
print(json.dumps([first, pairs]))
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
    start = time.perf_counter()
    for _ in range(rounds):
        call()
    return (time.perf_counter() - start) / rounds
rival = timed(lambda: torchinfo.summary(Net(), (1, 5, 1), verbose=0), 20)
ours = timed(lambda: seqshape.summarize("LSTM(5,seq)>TD(Dense(1))", input_shape=(5, 1)), 100)
print(json.dumps([[[ours, rival]]]))
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
        whens = ("",) if len(measured) == 1 else (", each for the first time", ", each once more")
        found += [_line(name, pairs, when) for pairs, when in zip(measured, whens, strict=True)]
    return found


def _line(name: str, pairs: list[list[float]], when: str) -> Line:
    times = spread([rival / ours for ours, rival in pairs])
    ours, theirs = (spread([pair[place] * 1000 for pair in pairs]).median for place in (0, 1))
    several = f"{len(pairs)} networks, built and summarized by {name}"
    what = (several if len(pairs) > 1 else f"the founding example by {name}") + when
    quartiles = f"({number(times.low)} to {number(times.high)})"
    return Line(what, f"{number(theirs)} ms, here {ours:.3f} ms", "", f"{number(times.median)} × as fast {quartiles}")
