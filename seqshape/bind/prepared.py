"""A rule made ready for the layers of one template: its parameters by position, with all that is the same for each.

It is loaded when a second layer of a template is run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, TypeAlias

from seqshape.declaration import LayerType, defaults_of

Arguments: TypeAlias = "dict[str, Any]"
Places: TypeAlias = "tuple[tuple[int, str], ...]"
_STARS = 0x04 | 0x08  # the flags of a function's code that has ``*arguments`` or ``**keywords``


class Prepared:
    """A rule that takes one tensor and then ``values`` in the order of its parameters.

    ``places`` say which of the values are a layer's own arguments; ``records`` which are records with such ones in them:
    how one is made, its values, and which of those they are.
    """

    __slots__ = ("places", "records", "rule", "values")

    def __init__(self, kind: LayerType, arguments: Arguments, free: tuple[str, ...]) -> None:
        rule, names = _by_position(kind.rule)
        known: Arguments = {**defaults_of(kind.rule), **arguments}
        places: list[tuple[int, str]] = []
        records: list[tuple[int, Callable[[list[Any]], Any], list[Any], Places]] = []
        values: list[Any] = []
        for index, name in enumerate(names[1:]):
            if name in kind.records:
                record = kind.records[name]
                own = _parts(record, arguments, kind.annotations)
                within = tuple((at, field) for at, field in enumerate(record._fields) if field in free)
                if within:
                    records.append((index, record._make, own, within))
                values.append(record._make(own))
                continue
            if name in free:
                places.append((index, name))
            values.append(known[name])
        self.rule = rule
        self.values = tuple(values)
        self.places = tuple(places)
        self.records = tuple(records)

    def filled(self, arguments: Arguments) -> list[Any]:
        """The values with a layer's own arguments in their places."""
        values = [*self.values]
        for place, name in self.places:
            values[place] = arguments[name]
        for place, make, own, within in self.records:
            parts = own.copy()
            for at, field in within:
                parts[at] = arguments[field]
            values[place] = make(parts)
        return values


def prepared(kind: LayerType, arguments: Arguments, free: tuple[str, ...]) -> Prepared | None:
    """A rule made ready; ``None`` where it takes keywords of any name, or its input is not what it takes first."""
    code = kind.rule.__code__
    if code.co_flags & _STARS or code.co_varnames[:1] != kind.inputs[:1]:
        return None
    return Prepared(kind, arguments, free)


def _by_position(rule: Any) -> tuple[Callable[..., Any], tuple[str, ...]]:
    """A rule whose parameters all stand in position, which calls it in half the time, and their names."""
    code = rule.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    if code.co_kwonlyargcount:
        same = code.replace(co_argcount=count, co_kwonlyargcount=0)
        return FunctionType(same, rule.__globals__, rule.__name__, None, rule.__closure__), code.co_varnames[:count]
    return rule, code.co_varnames[:count]


def _parts(record: Any, arguments: Arguments, kinds: Mapping[str, str]) -> list[Any]:
    """The values of a record: the arguments that the layer has, else the record's own."""
    own = record._field_defaults
    return [arguments[field] if field in arguments and field in kinds else own[field] for field in record._fields]
