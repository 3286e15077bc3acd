"""Whole commands, from nothing to the last line, beside what they cannot do without: importing click, or click and rich."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import NamedTemporaryFile

from benchmarks.children import Cost, Python, spread
from benchmarks.table import Line, memory, number, ratio

SPEC = "LSTM(5,seq)>TD(Dense(1))"
NET = (SPEC, "-i", "5,1")
OTHER = "LSTM(5,seq)>Dense(1)"
CLICK, RICH, NUMPY = "import click", "import click, rich.console, rich.table", "import numpy"
REFERENCES = {name: ("-c", name) for name in (CLICK, RICH, NUMPY)}
FILE = "{file}"  # stands for a file that holds the spec
# Command → its words, and what it is held against.
COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "--version": (("--version",), CLICK),
    "--help": (("--help",), CLICK),
    "summarize --json": (("summarize", *NET, "--json"), CLICK),
    "summarize (table)": (("summarize", *NET), RICH),
    "summarize --format markdown": (("summarize", *NET, "--format", "markdown"), CLICK),
    "summarize, a fault, --json": (("summarize", "LSTM(5)>LSTM(5)", *NET[1:], "--json"), CLICK),
    "watch --times 1": (("watch", FILE, *NET[1:], "--times", "1"), RICH),
    "play, in a pipe": (("play", *NET), CLICK),
    "explain": (("explain", *NET), CLICK),
    "explain A101": (("explain", "A101"), CLICK),
    "timesteps": (("timesteps", *NET), CLICK),
    "check": (("check", *NET), CLICK),
    "compare, other parameters": (("compare", SPEC, "LSTM(5,seq)>Dense(2)", *NET[1:]), CLICK),
    "compare, the same in other words": (("compare", SPEC, OTHER, *NET[1:]), CLICK),
    "compare, run with equal weights": (("compare", SPEC, "LSTM(5,seq,back)>Dense(1)", *NET[1:]), CLICK),
    "compare, run, the same": (("compare", "LSTM(5)", "RNN(LSTMCell(5))", *NET[1:]), CLICK),
    "compare, run, 64 steps": (("compare", "GRU(16,seq)", "GRU(16,seq,back)", "-i", "64,15"), CLICK),
    "compare, three in a table": (("compare", "LSTM(5)", "GRU(5)", "LSTM(6)", *NET[1:]), CLICK),
    "sweep": (("sweep", "LSTM(4..8,seq)>TD(Dense(1))", *NET[1:]), NUMPY),
    "solve": (("solve", "LSTM(?)", *NET[1:], "--params", "1M"), CLICK),
    "convert --to keras-python": (("convert", *NET, "--to", "keras-python"), CLICK),
    "convert --to torch": (("convert", *NET, "--to", "torch"), CLICK),
    "graph": (("graph", *NET), CLICK),
    "fmt": (("fmt", SPEC), CLICK),
    "layers LSTM": (("layers", "LSTM"), CLICK),
    "schema": (("schema",), CLICK),
    "completion bash": (("completion", "bash"), CLICK),
}


def lines(python: Python, rounds: int) -> list[Line]:
    """Each command: milliseconds of the processor, instructions, and both as ratios to its reference."""
    with NamedTemporaryFile("w", suffix=".seq") as file:
        file.write(SPEC)
        file.flush()
        commands = {
            name: ("-m", "seqshape", *(file.name if word == FILE else word for word in given))
            for name, (given, _) in COMMANDS.items()
        }
        return [*_measured(python, rounds, REFERENCES | commands)]


def _measured(python: Python, rounds: int, words: dict[str, tuple[str, ...]]) -> Iterator[Line]:
    """Commands in turn, each as often."""
    for given in words.values():
        python.run(*given)  # byte code is written once
    costs: dict[str, list[Cost]] = {name: [] for name in words}
    for _ in range(rounds):
        for name, given in words.items():
            cost = python.run(*given, sound=(0, 1))  # 1: what is compared differs, what is read is faulty
            if cost is not None:
                costs[name].append(cost)
    counted = {name: python.instructions(*given) for name, given in words.items()}
    for name, measured in costs.items():
        if not measured:
            yield Line(name, "fails")
            continue
        reference = COMMANDS[name][1] if name in COMMANDS else name
        seconds = spread([one.seconds for one in measured])
        base = spread([one.seconds for one in costs[reference]]).median
        both = [ratio(seconds.median, base), ratio(counted[name], counted[reference])]
        instructions = counted[name]
        yield Line(
            name,
            f"{seconds.median * 1000:.0f} ms ({seconds.low * 1000:.0f} to {seconds.high * 1000:.0f})",
            "" if instructions is None else f"{number(instructions)} M",
            "" if name == reference else f"{both[0]} in time, {both[1]} in instructions, of `{reference}`",
            memory(max(one.mebibytes for one in measured)),
        )
