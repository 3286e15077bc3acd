"""The JSON that other tools read, as text: the object of :meth:`Summary.to_dict`."""

from __future__ import annotations

from collections.abc import Mapping

from seqshape.renderers import Options
from seqshape.renderers.data import text, texts
from seqshape.summary import Summary


def render(summary: Summary, options: Options) -> str:
    """The object as ASCII text, the same on every machine, laid out as :func:`layout` does it."""
    return layout(summary.to_dict())


def line(summary: Summary, argument: str, number: int | None = None) -> str:
    """The object on one line, with the source that it is of and the ``number`` of its line in a list.

    Such lines are many, so that it pays to load ``json``.
    """
    from json import dumps

    data = summary.to_dict()
    start = {"schema": data.pop("schema"), "argument": argument} | ({} if number is None else {"line": number})
    return dumps({**start, **data})


def layout(data: Mapping[str, object]) -> str:
    """An object as JSON text with a key a line, and each item of a list of objects on its own line."""
    keys = (f"  {text(key)}: {_value(value)}" for key, value in data.items())
    return "{\n" + ",\n".join(keys) + "\n}"


def _value(value: object) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(f"    {item}" for item in texts(value)) + "\n  ]"
    return text(value)


def schema() -> str:
    """The JSON Schema of the object, as text; it ships in the package."""
    from pkgutil import get_data

    return (get_data("seqshape", "schema/summary.json") or b"").decode()
