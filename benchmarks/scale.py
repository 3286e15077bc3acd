"""How time and memory grow with the number of layers: ten times the layers should take about ten times of both."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryDirectory

from benchmarks.children import Python, spread
from benchmarks.table import Line, memory, number, ratio

RUNS = 3  # of which the middle one counts
LIMIT = 60  # seconds of the processor for one network
# What has ``n`` layers, in code that sets ``source``.
FORMS = {
    "chain": '">".join(f"Dense({i % 9 + 1})" for i in range(n))',
    "repeat": 'f"(Dense(8)>relu)*{n // 2}"',
    "branches": '">".join(["[Dense(8)|Dense(8)]>Add"] * (n // 3))',
    "residuals": '">".join(["Residual(Dense(8))"] * (n // 2))',
    "statements": '"x0 = Input(5,8)\\n" + "".join(f"x{i + 1} = x{i} > Dense({i % 9 + 1})\\n" for i in range(n)) + f"x{n}"',
    "config": "config(n)",
}
CODE = """
import json, sys, time
import seqshape
def config(n):
    first = {"class_name": "InputLayer", "config": {"batch_shape": [None, 5, 8], "name": "i"}}
    dense = [{"class_name": "Dense", "module": "keras.layers", "config": {"name": f"d{i}", "units": i % 9 + 1}} for i in range(n)]
    return {"class_name": "Sequential", "module": "keras", "config": {"name": "s", "layers": [first, *dense]}}
def peak():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
n = int(sys.argv[1])
shape = None if sys.argv[2] in ("statements", "config") else (5, 8)
seqshape.summarize("Dense(8)>relu", input_shape=(5, 8))
source = FORM
before, start = peak(), time.process_time()
summary = seqshape.summarize(source, input_shape=shape)
print(json.dumps([time.process_time() - start, peak() - before, len(summary.layers)]))
"""


# Whole commands on 5,000 steps.
STEPS = {
    "timesteps, 5,000 steps": ("timesteps", "LSTM(5,seq)>TD(Dense(1))"),
    "timesteps --json, 5,000 steps": ("timesteps", "LSTM(5,seq)>TD(Dense(1))", "--json"),
    "timesteps -o FILE.svg, 5,000 steps": ("timesteps", "LSTM(5,seq)>TD(Dense(1))", "-o", "{folder}/reach.svg"),
    "timesteps -o FILE.png, 5,000 steps": ("timesteps", "LSTM(5,seq)>TD(Dense(1))", "-o", "{folder}/reach.png"),
    "compare, the same in other words, 5,000 steps": ("compare", "LSTM(5,seq)>TD(Dense(1))", "LSTM(5,seq)>Dense(1)"),
    "compare, run with equal weights, 5,000 steps": ("compare", "LSTM(5,seq)", "RNN(LSTMCell(5),seq)"),
}


def lines(python: Python, largest: int, rounds: int) -> Iterator[Line]:
    """Seconds and KiB a layer of each form, with the ratio to a tenth of the layers; then commands on many steps."""
    for name, form in FORMS.items():
        yield from _grown(python, name, form, largest)
    with TemporaryDirectory() as folder:
        for name, given in STEPS.items():
            words = ("-m", "seqshape", *(word.format(folder=folder) for word in given), "-i", "5000,8")
            costs = [cost for cost in (python.run(*words) for _ in range(rounds)) if cost is not None]
            if not costs:
                yield Line(name, "fails")
                continue
            seconds = spread([cost.seconds for cost in costs])
            quartiles = f"({number(seconds.low)} to {number(seconds.high)})"
            peak = memory(max(cost.mebibytes for cost in costs))
            yield Line(name, f"{number(seconds.median)} s {quartiles}", peak=peak)


def _grown(python: Python, name: str, form: str, largest: int) -> Iterator[Line]:
    earlier = None
    layers = 1_000
    while layers <= largest:
        runs = [python.says(CODE.replace("FORM", form), str(layers), name, limit=LIMIT) for _ in range(RUNS)]
        what = f"{name}, {layers:,} layers"
        if None in runs:
            yield Line(what, f"refused, or more than {LIMIT} s")
            return
        seconds, kibibytes = (spread([said[place] for said in runs]).median for place in (0, 1))
        against = "" if earlier is None else f"{ratio(seconds, earlier)} the time of a tenth"
        each = f"{kibibytes / layers:.1f} KiB a layer"
        yield Line(what, f"{number(seconds)} s", each, against, memory(kibibytes / 1024))
        earlier, layers = seconds, layers * 10
