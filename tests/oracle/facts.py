"""The facts that the tests carry: measured on the real Keras, packed by tools/facts.py."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "data"
Case = dict[str, Any]


@cache
def load(name: str) -> tuple[Case, ...]:
    """The cases of a file, in order."""
    with lzma.open(DATA / f"{name}.jsonl.xz", "rt", encoding="utf-8") as file:
        return tuple(map(json.loads, file))


def grouped(name: str, key: Callable[[Case], str]) -> dict[str, list[Case]]:
    """The cases of a file by a key of theirs, in order."""
    groups: dict[str, list[Case]] = {}
    for case in load(name):
        groups.setdefault(key(case), []).append(case)
    return groups


def class_of(case: Case) -> str:
    """The layer that a case is about."""
    return str(case.get("class") or case["calls"][0]["class"])
