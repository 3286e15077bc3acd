"""Writes seqshape/catalogue.py: which file declares which layer, so that a network loads only the families it uses.

Run after a layer or an operation has been added or moved: ``python tools/catalogue.py``.
"""

from __future__ import annotations

from pathlib import Path

from seqshape import catalogue
from seqshape.declaration import TRAITS, LayerType
from seqshape.registry import FAMILIES, OPERATIONS, layers, operation_classes, operations

HEADER = '''"""Which file declares which layer, written by tools/catalogue.py. Do not edit.

``LAYERS`` has the family of each layer by its class name and short names in lower case, ``OPERATIONS`` the kind of each
operation by the name of its class and of its functions. A name that is missing here is still found, only later: then
all files are loaded. ``TRAITS`` has the classes with a trait, see registry.TRAITS.
"""

from __future__ import annotations
'''


def file_of(declared: LayerType) -> str:
    """The file that declares a layer, without folders."""
    return declared.rule.__module__.rpartition(".")[2]


def table(name: str, files: tuple[str, ...], places: dict[str, str]) -> str:
    """One table as Python source: a line of names for each file."""
    lines = [f"{name}: dict[str, str] = {{}}"]
    for file in files:
        names = sorted(spelling for spelling, place in places.items() if place == file)
        lines.append(f'{name}.update(dict.fromkeys("{" ".join(names)}".split(), "{file}"))')
    return "\n".join(lines)


def traits() -> str:
    """The table of traits: a line for each."""
    lines = ["TRAITS: dict[str, frozenset[str]] = {}"]
    for trait in TRAITS:
        names = sorted(declared.name for declared in layers().values() if trait in declared.traits)
        lines.append(f'TRAITS["{trait}"] = frozenset("{" ".join(names)}".split())')
    return "\n".join(lines)


def written() -> str:
    """The whole module."""
    families = {
        spelling.lower(): file_of(declared)
        for declared in layers().values()
        for spelling in (declared.name, *declared.aliases)
    }
    kinds = {
        name: file_of(declared) for found in (operations(), operation_classes()) for name, declared in found.items()
    }
    tables = table("LAYERS", FAMILIES, families), table("OPERATIONS", OPERATIONS, kinds), traits()
    return "\n".join([HEADER, "# fmt: off", *tables, "# fmt: on"])


if __name__ == "__main__":
    text = written()  # the file is read for it, so it is not to be emptied before
    Path(catalogue.__file__).write_text(f"{text}\n", encoding="utf-8")
