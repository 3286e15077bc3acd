"""The networks of the tutorial learn what it says: the scripts that convert writes are trained with real Keras."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqshape.cli import main
from tests.pages import ROOT

PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
TRAINING = PAGE.partition("```python\n")[2].partition("```")[0]
ROW = re.compile(
    r"\| [a-z ]+ \| `(?P<spec>[^`]+)`, `-i (?P<input>[^`]+)`"
    r" \| `(?P<x>[^`]+)` \| `(?P<y>[^`]+)` \| (?P<size>\d+) \|"
)
FRAMINGS = [found.groupdict() for found in ROW.finditer(PAGE)]


def test_there_are_three_framings() -> None:
    assert [framing["spec"] for framing in FRAMINGS] == [
        "LSTM(8)>Dense(1)",
        "LSTM(8)>Dense(5)",
        "LSTM(8,seq)>TD(Dense(1))",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("framing", FRAMINGS, ids=lambda framing: framing["spec"])
def test_a_framing_learns_the_echo(framing: dict[str, str], tmp_path: Path) -> None:
    written = CliRunner().invoke(main, ["convert", framing["spec"], "-i", framing["input"], "--to", "keras-python"])
    assert written.exit_code == 0
    training = TRAINING.replace("x, y = echo.reshape(1, 5, 1), echo.reshape(1, 5, 1)",
                                f"x, y = echo.reshape{framing['x']}, echo.reshape{framing['y']}")  # fmt: skip
    script = tmp_path / "train.py"
    script.write_text(f"{written.stdout}\n{training.replace('batch_size=1', 'batch_size=' + framing['size'])}")
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment, check=True)
    assert [float(number) for number in re.findall(r"-?\d\.\d*", done.stdout)] == [0.0, 0.2, 0.4, 0.6, 0.8], done.stdout
