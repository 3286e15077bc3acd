"""A key press in ``seqshape play``: what it takes of the processor to analyse and draw what is typed so far."""

from __future__ import annotations

from benchmarks.children import Python, spread
from benchmarks.table import Line

LAYERS = 50
EACH = 10  # times, because the clock of the processor may tick in 4 ms
# The keys of the last layers of a spec of that many: the network is largest then. 80 columns, 24 lines.
KEYS = f"""
import json, time
from prompt_toolkit.formatted_text import ANSI, to_formatted_text
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from seqshape.cli.glimpse import seen
from seqshape.cli.prompt import application
from seqshape.registry import spellings
from seqshape.renderers import Options
kinds = "Dense({{n}})", "Dropout(0.{{m}})", "LN", "Conv1D({{n}},3,same)", "relu"
spec = ">".join(kinds[i % 5].format(n=i % 97 + 1, m=i % 9 + 1) for i in range({LAYERS}))
spellings()
last = spec.rindex("Conv1D")
seen(spec, "10,8", Options(80, True), 20)
taken = []
for end in range(last, len(spec) + 1):
    start = time.process_time()
    for _ in range({EACH}):
        to_formatted_text(ANSI(chr(10).join(seen(spec[:end], "10,8", Options(80, True), 20))))
    taken.append((time.process_time() - start) * 1000 / {EACH})
def through_the_loop():
    with create_pipe_input() as pipe:
        app = application(spec[:last], "10,8", input=pipe, output=DummyOutput())
        rest, started = list(spec[last:]), []
        def drawn(_):
            if not started:
                started.append(time.process_time())
            if rest:
                pipe.send_text(rest.pop(0))
            elif not app.future.done():
                app.exit()
        app.after_render += drawn
        app.run()
        return (time.process_time() - started[0]) * 1000 / len(spec[last:])
through_the_loop()
print(json.dumps([taken, [through_the_loop() for _ in range({EACH})]]))
"""


def lines(python: Python) -> list[Line]:
    """The middle, the quartiles and the most of a key."""
    said = python.says(KEYS)
    if said is None:
        return []
    found = []
    for name, taken in zip(("analysed and drawn", "the whole loop, with prompt_toolkit"), said, strict=True):
        one = spread(taken)
        time = f"{one.median:.1f} ms ({one.low:.1f} to {one.high:.1f}), at most {max(taken):.1f} ms"
        found.append(Line(f"a key in `play`, {LAYERS} layers: {name}", time))
    return found
