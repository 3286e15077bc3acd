"""Models of keras.applications from their configs, row by row as real Keras has them. benchmarks/applications.py does all."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.applications import built, from_zero
from seqshape.answers import analyse
from seqshape.readers.json_text import load as load_json
from tests.oracle.compare import differences
from tests.oracle.files import load

STORED = {record["id"]: record for record in load("applications")}


@pytest.mark.parametrize("name", STORED)
def test_stored(name: str) -> None:
    record = STORED[name]
    assert differences(analyse(record["config"]).summary(), from_zero(record["expected"])) == []


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["MobileNetV2", "MobileNetV3Large", "ResNet50V2"])
def test_made(name: str) -> None:
    made: dict[str, Any] = built(name)
    assert differences(analyse(load_json(made["config"], name)).summary(), from_zero(made["expected"])) == []
