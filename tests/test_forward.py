"""The forward functions: held against real Keras in float64, and against what the rules beside them say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqshape.analysis.forward import Pass, Value, random_inputs, random_weights, run, vocabularies
from seqshape.analysis.timesteps import timesteps
from seqshape.api import analyse
from seqshape.bind import with_inner
from seqshape.diagnostics import SeqshapeError
from seqshape.infer import Model
from seqshape.network import Network
from seqshape.registry import layers

CASES = [
    line
    for line in (Path(__file__).parent / "data" / "forward.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
TOLERANCE = 1e-6


def analysed(case: str) -> Network:
    """The network of a case, ``spec @ input``; ``-`` where the spec says its inputs itself."""
    spec, _, shape = case.rpartition(" @ ")
    network = analyse(spec, None if shape == "-" else shape)
    wrong = [found.message for found in network.diagnostics if found.severity == "error"]
    assert wrong == [], case
    return network
