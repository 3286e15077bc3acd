"""How data looks to people and to other tools.

Data is made below what draws it, so it knows its face by name alone; the module is loaded when somebody looks.
"""

from __future__ import annotations

from typing import Any

# Each face with the module that draws it: ``render`` gives text, ``to_dict`` plain data.
FACES = {
    "diagnostics": "renderers.diagnostics",
    "error": "summary",
    "summary": "renderers.table",
    "summary in HTML": "renderers.notebook",
    "comparison": "renderers.compare",
    "ranking": "renderers.ranking",
    "solution": "renderers.solve",
    "timesteps": "renderers.timesteps",
    "memory": "renderers.memory",
    "manual": "renderers.manual",
}

# And what takes data back from its plain form: ``from_dict``.
READ_BACK = {"summary": "readers.summaries"}


def drawn(face: str, data: object) -> str:
    """Data as text."""
    return str(_module(FACES[face]).render(data))


def as_data(face: str, data: object) -> dict[str, object]:
    """Data as plain dicts, lists, strings and numbers."""
    found: dict[str, Any] = _module(FACES[face]).to_dict(data)
    return found


def restored(face: str, data: object) -> object:
    """What ``as_data`` gave the data of."""
    found: object = _module(READ_BACK[face]).from_dict(data)
    return found


def _module(name: str) -> Any:
    from importlib import import_module

    return import_module(f"seqshape.{name}")
