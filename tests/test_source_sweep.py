"""Names of a program in a sweep: each row says what the program says of these values alone."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqshape.answers import analyse
from seqshape.cli import main

HEAD = "import keras\nfrom keras import layers\n"
# Programs, each with the names that take values: sizes, numbers of layers, choices, what only the data gives.
PROGRAMS = {
    "size": (
        "units = 32\nm = keras.Sequential([keras.Input((5, 4)), layers.LSTM(units), layers.Dense(3)])",
        {"units": "8..12"},
    ),
    "data": ("n = get()\nm = keras.Sequential([keras.Input((5,)), layers.Dense(n)])", {"n": "1..3"}),
    "depth": (
        "depth, width = 2, 4\nm = keras.Sequential([keras.Input((5,))])\nfor _ in range(depth):\n    m.add(layers.Dense(width))",
        {"depth": "1..3", "width": "2..4"},
    ),
    "branch": (
        "k = 1\nm = keras.Sequential([keras.Input((5,)), layers.Dense(7)])\nif k > 2:\n    m.add(layers.Dense(k))",
        {"k": "1..4"},
    ),
    "arithmetic": ("n = 8\nm = keras.Sequential([keras.Input((12,)), layers.Dense(n // 2 + n * n)])", {"n": "2..9"}),
    "function": (
        "n = 8\ndef build(w):\n    x = keras.Input((6,))\n    return keras.Model(x, layers.Dense(w)(layers.Dense(n)(x)))\n"
        "m = build(n + 1)",
        {"n": "2..5"},
    ),
    "shape": (
        "steps = 5\nm = keras.Sequential([keras.Input((steps, 3)), layers.Flatten(), layers.Dense(2)])",
        {"steps": "1..6"},
    ),
    "convolution": (
        "k = 3\nm = keras.Sequential([keras.Input((9, 2)), layers.Conv1D(4, k), layers.Flatten(), layers.Dense(2)])",
        {"k": "1..9"},
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_row_of_a_sweep_is_the_program_with_these_values(name: str, tmp_path: Path) -> None:
    code, ranges = PROGRAMS[name]
    path = tmp_path / "train.py"
    path.write_text(f"{HEAD}{code}\n", encoding="utf-8")
    given = [word for key, values in ranges.items() for word in ("--set", f"{key}={values}")]
    found = CliRunner().invoke(main, ["sweep", f"{path}::m", *given, "--format", "jsonl"])
    assert found.exit_code == 0, found.output
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    spans = [range(int(each.partition("..")[0]), int(each.partition("..")[2]) + 1) for each in ranges.values()]
    wanted = {}
    for values in itertools.product(*spans):
        chosen = dict(zip(ranges, values, strict=True))
        wanted[values] = analyse(f"{path}::m", values=chosen).summary().totals.params
    assert {tuple(row[key] for key in ranges): row["params"] for row in rows} == wanted
