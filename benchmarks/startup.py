"""Whole commands, from nothing to the last line, beside what they cannot do without: importing click, or click and rich."""

from __future__ import annotations

from benchmarks.children import Python, spread
from benchmarks.table import Line, memory, number, ratio

NET = ("LSTM(5,seq)>TD(Dense(1))", "-i", "5,1")
OTHER = "LSTM(5,seq)>Dense(1)"
CLICK, RICH = "import click", "import click, rich.console, rich.table"
REFERENCES = {CLICK: ("-c", CLICK), RICH: ("-c", RICH)}
# Command → its words, and what it is held against.
COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "--version": (("--version",), CLICK),
    "summarize --json": (("summarize", *NET, "--json"), CLICK),
    "summarize (table)": (("summarize", *NET), RICH),
    "summarize --format markdown": (("summarize", *NET, "--format", "markdown"), CLICK),
    "explain": (("explain", *NET), CLICK),
    "timesteps": (("timesteps", *NET), CLICK),
    "compare, other parameters": (("compare", NET[0], "LSTM(5,seq)>Dense(2)", *NET[1:]), CLICK),
    "compare, the same in other words": (("compare", NET[0], OTHER, *NET[1:]), CLICK),
    "compare, run with equal weights": (("compare", NET[0], "LSTM(5,seq,back)>Dense(1)", *NET[1:]), CLICK),
    "check": (("check", *NET), CLICK),
    "fmt": (("fmt", NET[0]), CLICK),
    "layers LSTM": (("layers", "LSTM"), CLICK),
    "convert --to keras-python": (("convert", *NET, "--to", "keras-python"), CLICK),
}


def lines(python: Python, rounds: int) -> list[Line]:
    """Each command: milliseconds of the processor, instructions, and both as ratios to its reference."""
    words = {**REFERENCES, **{name: ("-m", "seqshape", *given) for name, (given, _) in COMMANDS.items()}}
    for given in words.values():
        python.run(*given)  # byte code is written once
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in words}
    for _ in range(rounds):
        for name, given in words.items():
            # A comparison of what differs ends with 1: it is told from a failure by having no reason to fail.
            cost = python.run(*given) or python.run("-c", _RUN, *given[2:])
            if cost is not None:
                costs[name].append(cost)
    counted = {name: python.instructions(*given) for name, given in words.items()}
    found = []
    for name, measured in costs.items():
        if not measured:
            found.append(Line(name, "fails"))
            continue
        reference = COMMANDS[name][1] if name in COMMANDS else name
        seconds = spread([one for one, _ in measured])
        base = spread([one for one, _ in costs[reference]]).median
        both = [ratio(seconds.median, base), ratio(counted[name], counted[reference])]
        instructions = counted[name]
        found.append(
            Line(
                name,
                f"{seconds.median * 1000:.0f} ms ({seconds.low * 1000:.0f} to {seconds.high * 1000:.0f})",
                "" if instructions is None else f"{number(instructions)} M",
                "" if name == reference else f"{both[0]} in time, {both[1]} in instructions, of `{reference}`",
                memory(max(one for _, one in measured)),
            )
        )
    return found


_RUN = """
import sys
from seqshape.__main__ import main
sys.argv = ["seqshape", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
"""
