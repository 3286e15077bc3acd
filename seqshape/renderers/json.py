"""The JSON that other tools read, as text: the object of :meth:`Summary.to_dict`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from seqshape.renderers import Options
from seqshape.renderers.data import text, texts
from seqshape.summary import Summary, parts

TOGETHER = 200  # keys, values and rows of one piece


def render(summary: Summary, options: Options) -> str:
    """The object as ASCII text, the same on every machine, as :func:`pieces` lays it out."""
    return "".join(pieces(summary))


def pieces(summary: Summary) -> Iterator[str]:
    """The text piece by piece, so that the object of a large network is never there as a whole.

    A key has a line, and so has each item of a list of objects.
    """
    gathered: list[str] = []
    for part in _parts(summary):
        gathered.append(part)
        if len(gathered) == TOGETHER:
            yield "".join(gathered)
            gathered.clear()
    yield "".join(gathered)


def _parts(summary: Summary) -> Iterator[str]:
    before = "{\n"
    for key, value in parts(summary).items():
        yield f"{before}  {text(key)}: "
        yield from _value(value)
        before = ",\n"
    yield "\n}"


def _value(value: object) -> Iterator[str]:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = iter(value)
    if not isinstance(value, Iterator):
        yield text(value)
        return
    before = "[\n    "
    for item in texts(value):
        yield before + item
        before = ",\n    "
    yield "[]" if before.startswith("[") else "\n  ]"


def line(summary: Summary, argument: str, number: int | None = None) -> str:
    """The object on one line, with the source that it is of and the ``number`` of its line in a list.

    Such lines are many, so that it pays to load ``json``.
    """
    data = summary.to_dict()
    schema = data.pop("schema")
    start = {"schema": schema, "argument": argument}
    if number is not None:
        start["line"] = number
    return _encode()(start | data)


@cache
def _encode() -> Callable[[object], str]:
    """What makes JSON of data that do not hold themselves."""
    from json import JSONEncoder

    return JSONEncoder(check_circular=False).encode


def schema() -> str:
    """The JSON Schema of the object, as text; it ships in the package."""
    from pkgutil import get_data

    return (get_data("seqshape", "schema/summary.json") or b"").decode()
