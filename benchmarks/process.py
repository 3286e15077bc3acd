"""Inside one process: layers a second, calls of Python functions a layer, the founding example, lists of specs."""

from __future__ import annotations

import tempfile

from benchmarks.children import Python, spread
from benchmarks.table import Line, memory, number

LAYERS = 5_000
LAYER = "LSTM({},seq)", "Dense({})", "GRU({},seq)", "Conv1D({},3,same)", "SimpleRNN({},seq)"
SPECS = 8_000
# Every layer of the second list has arguments that no other one has.
LISTS = {
    "specs of two layers, each with advice": [f"LSTM({i % 64 + 1},seq)>TD(Dense({i % 7 + 1}))" for i in range(SPECS)],
    "distinct specs of two layers": [
        f"{LAYER[i % 3].format(2 * i + 1)}>{LAYER[i % 5].format(2 * i + 2)}" for i in range(SPECS)
    ],
}
# Every layer has arguments of its own, so that nothing can be known from an earlier one.
DISTINCT = """
def distinct(count):
    kinds = "Dense({n})", "Dropout(0.{m})", "LN", "Conv1D({n},3,same)", "relu"
    return ">".join(kinds[i % 5].format(n=i + 1, m=i + 1) for i in range(count))
"""
ENGINE = f"""
import json, sys, time
from seqshape.readers.spec import read_spec
from seqshape.network import Network
try:
    from seqshape.inputs import Inputs
except ImportError:
    from seqshape.network import Inputs
try:
    from seqshape.bind import template
    memos = getattr(template, "MEMOS", None) or [template._TEMPLATES, template._EFFECTS]
except ImportError:
    memos = []
{DISTINCT}
count = {LAYERS}
Network(read_spec(distinct(count)), Inputs((10, 8)))
taken = []
for _ in range(7):
    graph = read_spec(distinct(count))
    for memo in memos:  # what an earlier round has left
        memo.clear()
    start = time.process_time()
    Network(graph, Inputs((10, 8)))
    taken.append(time.process_time() - start)
calls = 0
def count_calls(frame, event, argument):
    global calls
    calls += event == "call"
graph = read_spec(distinct(count))
for memo in memos:
    memo.clear()
sys.setprofile(count_calls)
Network(graph, Inputs((10, 8)))
sys.setprofile(None)
print(json.dumps([[count / one for one in taken], calls / count]))
"""
REPEATED = ENGINE.replace("(distinct(count))", '(">".join(["Dense(8)"] * count))')
FOUNDING = """
import json, time, seqshape
once = lambda: seqshape.summarize("LSTM(5,seq)>TD(Dense(1))", input_shape=(5, 1))
once()
taken = []
for _ in range(9):
    start = time.process_time()
    for _ in range(40):
        once()
    taken.append((time.process_time() - start) / 40)
print(json.dumps(taken))
"""


def lines(python: Python, rounds: int) -> list[Line]:
    """Speed in process, and of many specs at once."""
    found = []
    for name, code in (("distinct layers, bind + walk", ENGINE), ("equal layers, bind + walk", REPEATED)):
        said = python.says(code)
        if said is not None:
            speed, calls = spread(said[0]), f"{said[1]:.0f} calls of Python functions a layer"
            found.append(Line(name, f"{number(speed.median)} a second {_quartiles(speed.low, speed.high)}", calls))
    said = python.says(FOUNDING)
    if said is not None:
        time = spread([one * 1000 for one in said])
        found.append(
            Line("`LSTM(5,seq)>TD(Dense(1))`, summarized", f"{time.median:.3f} ms {_quartiles(time.low, time.high)}")
        )
    return [*found, *(_listed(python, max(rounds // 3, 1), name, lines) for name, lines in LISTS.items())]


def _quartiles(low: float, high: float) -> str:
    return f"({number(low)} to {number(high)})"


def _listed(python: Python, rounds: int, name: str, lines: list[str]) -> Line:
    """A list of specs, read and written by one command: by one process, and shared by two.

    For each second of the processor, and of the clock, which shows what a user sees where nobody else is at work.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(lines))
        file.flush()
        words = ("-m", "seqshape", "summarize", "--lines", file.name, "-i", "5,1", "--json", "--jobs")
        both = [(python.run(*words, "1"), python.run(*words, "2")) for _ in range(rounds)]
    name = f"`summarize --lines --json`, {len(lines):,} {name}"
    alone, shared = ([cost for cost in costs if cost is not None] for costs in zip(*both, strict=True))
    if not alone or not shared:
        return Line(name, "fails")
    one, two = (spread([len(lines) / cost.seconds for cost in costs]) for costs in (alone, shared))
    clock = spread([len(lines) / cost.elapsed for cost in shared])
    peak = memory(max(cost.mebibytes for cost in alone))
    said = f"{number(one.median)} specs a second {_quartiles(one.low, one.high)}"
    by_two = (
        f"shared by two processes {number(clock.median)} a second by the clock, {number(two.median)} of each processor"
    )
    return Line(name, said, "", by_two, peak)
