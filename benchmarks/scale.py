"""How time and memory grow with the number of layers: ten times the layers should take about ten times of both."""

from __future__ import annotations

from benchmarks.children import Python
from benchmarks.table import Line, memory, number, ratio

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


def lines(python: Python, largest: int) -> list[Line]:
    """Seconds and KiB a layer of each form, with the ratio to a tenth of the layers."""
    found = []
    for name, form in FORMS.items():
        earlier = None
        layers = 1_000
        while layers <= largest:
            said = python.says(CODE.replace("FORM", form), str(layers), name, limit=LIMIT)
            what = f"{name}, {layers:,} layers"
            if said is None:
                found.append(Line(what, f"refused, or more than {LIMIT} s"))
                break
            seconds, kibibytes, _ = said
            against = "" if earlier is None else f"{ratio(seconds, earlier)} the time of a tenth"
            each = f"{kibibytes / layers:.1f} KiB a layer"
            found.append(Line(what, f"{number(seconds)} s", each, against, memory(kibibytes / 1024)))
            earlier, layers = seconds, layers * 10
    return found
