"""Which file declares which layer: the table is what the tool writes, and a name that it lacks is found all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seqshape import catalogue, registry
from seqshape.registry import find_layer, layers, operation_classes, operations
from tools.catalogue import written

CHILD = """
import sys
from seqshape.registry import find_layer
assert find_layer({name!r}) is not None
print(*(name for name in sys.modules if name.startswith("seqshape.layers.")))
"""


def test_the_table_is_what_the_tool_writes() -> None:
    assert Path(catalogue.__file__).read_text(encoding="utf-8") == written() + "\n"


def test_a_name_stands_in_one_file() -> None:
    places = [(declared.rule.__module__, declared.name) for declared in layers().values()]
    assert len(places) == len(set(places)) == len({name for _, name in places})
    for kind in operation_classes().values():
        for name in (registry.snake_case(kind.name), *kind.aliases):
            assert operations()[name].rule.__module__ == kind.rule.__module__


@pytest.mark.parametrize("name", ["LSTM", "td", "MaxPool2D", "keras.layers.Dense", "ops.add", "ops.ExpandDims"])
def test_only_the_file_that_declares_a_layer_is_loaded(name: str) -> None:
    child = subprocess.run([sys.executable, "-c", CHILD.format(name=name)], capture_output=True, text=True, check=True)
    files = {file.rpartition(".")[2] for file in child.stdout.split()}
    assert "image" not in files
    assert not {"images", "signals"} & files
    declared = find_layer(name)
    assert declared is not None
    assert declared.rule.__module__.rpartition(".")[2] in files


def test_the_order_does_not_depend_on_what_was_loaded_first() -> None:
    child = "from seqshape.registry import *; find_layer({!r}); print(*layers(), *operations())"
    printed = {
        subprocess.run([sys.executable, "-c", child.format(name)], capture_output=True, text=True, check=True).stdout
        for name in ("Dense", "TD", "ops.add", "nothing")
    }
    assert printed == {" ".join([*layers(), *operations()]) + "\n"}


def test_a_layer_that_the_table_lacks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "LAYERS", {})
    monkeypatch.setattr(catalogue, "OPERATIONS", {})
    registry._FOUND.clear()
    assert find_layer("LSTM") is layers()["LSTM"]
    assert find_layer("ops.add") is operations()["add"]
    assert find_layer("ops.nothing") is None
