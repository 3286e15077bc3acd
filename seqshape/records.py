"""Records whose classes are made quickly: named tuples, and frozen objects that are no tuples, for what users get.

:class:`NamedTuple` is what ``typing.NamedTuple`` gives, at a fraction of its cost at start-up. A :class:`Record` has the
same fields, ``_replace``, ``_asdict``, copies and pickles, but neither a length nor an order, and equals no tuple.

``typing.NamedTuple`` compiles a constructor from text for every class. Here the constructor is a template of the same
number of fields whose code is given the names of the fields; nothing is compiled while a command starts. To a type
checker it is ``typing.NamedTuple`` itself. ``_make``, of all fields in a tuple, takes two thirds of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["NamedTuple", "Record"]

if TYPE_CHECKING:
    from typing import ClassVar, NamedTuple, Self, dataclass_transform

    @dataclass_transform(frozen_default=True)
    class Record:
        """The base of a frozen record: the annotated names of its body are the fields."""

        _fields: ClassVar[tuple[str, ...]]

        def _replace(self, **changes: object) -> Self:
            """The same record with other values in the named fields."""

        def _asdict(self) -> dict[str, object]:
            """The values by the names of the fields."""
else:
    from _collections import _tuplegetter
    from collections.abc import Iterable
    from functools import partial
    from operator import attrgetter
    from types import FunctionType

    _new = tuple.__new__
    # A constructor for each number of fields.
    _TEMPLATES = (
        lambda _cls: _new(_cls, ()),
        lambda _cls, a: _new(_cls, (a,)),
        lambda _cls, a, b: _new(_cls, (a, b)),
        lambda _cls, a, b, c: _new(_cls, (a, b, c)),
        lambda _cls, a, b, c, d: _new(_cls, (a, b, c, d)),
        lambda _cls, a, b, c, d, e: _new(_cls, (a, b, c, d, e)),
        lambda _cls, a, b, c, d, e, f: _new(_cls, (a, b, c, d, e, f)),
        lambda _cls, a, b, c, d, e, f, g: _new(_cls, (a, b, c, d, e, f, g)),
        lambda _cls, a, b, c, d, e, f, g, h: _new(_cls, (a, b, c, d, e, f, g, h)),
        lambda _cls, a, b, c, d, e, f, g, h, i: _new(_cls, (a, b, c, d, e, f, g, h, i)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j: _new(_cls, (a, b, c, d, e, f, g, h, i, j)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, m)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, m, n)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p: _new(
            _cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p)
        ),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q: _new(
            _cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q)
        ),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r: _new(
            _cls, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r)
        ),
    )

    def _replace(self: tuple, /, **changes: object) -> tuple:
        """The same record with other values in the named fields."""
        values = [changes.pop(name, value) for name, value in zip(self._fields, self, strict=True)]
        if changes:
            raise ValueError(f"got unexpected field names: {list(changes)!r}")
        return _new(self.__class__, values)

    def _asdict(self: tuple) -> dict[str, object]:
        """The values by the names of the fields."""
        return dict(zip(self._fields, self, strict=True))

    def _shown(self: tuple) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
        return f"{self.__class__.__name__}({values})"

    def _arguments(self: tuple) -> tuple:
        return tuple(self)  # what copies and pickles are made from

    _SHARED = {
        "_replace": _replace,
        "_asdict": _asdict,
        "__repr__": _shown,
        "__getnewargs__": _arguments,
        "__slots__": (),
    }

    # Constructors of frozen objects, for the numbers of fields of which most are made: each class has a function of its
    # own that puts values into its slots.
    _object = object.__new__
    _put0 = _put1 = _put2 = _put3 = _put4 = _put5 = _put6 = _put7 = object.__new__
    _put8 = _put9 = _put10 = _put11 = _put12 = _put13 = _put14 = object.__new__
    _UNROLLED = (
        lambda _cls, a: (_made := _object(_cls), _put0(_made, a))[0],
        lambda _cls, a, b: (_made := _object(_cls), _put0(_made, a), _put1(_made, b))[0],
        lambda _cls, a, b, c: (_made := _object(_cls), _put0(_made, a), _put1(_made, b), _put2(_made, c))[0],
        lambda _cls, a, b, c, d: (
            _made := _object(_cls),
            _put0(_made, a),
            _put1(_made, b),
            _put2(_made, c),
            _put3(_made, d),
        )[0],
        lambda _cls, a, b, c, d, e, f, g: (
            _made := _object(_cls),
            _put0(_made, a),
            _put1(_made, b),
            _put2(_made, c),
            _put3(_made, d),
            _put4(_made, e),
            _put5(_made, f),
            _put6(_made, g),
        )[0],
        lambda _cls, a, b, c, d, e, f, g, h, i: (
            _made := _object(_cls),
            _put0(_made, a),
            _put1(_made, b),
            _put2(_made, c),
            _put3(_made, d),
            _put4(_made, e),
            _put5(_made, f),
            _put6(_made, g),
            _put7(_made, h),
            _put8(_made, i),
        )[0],
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p: (
            _made := _object(_cls),
            _put0(_made, a),
            _put1(_made, b),
            _put2(_made, c),
            _put3(_made, d),
            _put4(_made, e),
            _put5(_made, f),
            _put6(_made, g),
            _put7(_made, h),
            _put8(_made, i),
            _put9(_made, j),
            _put10(_made, k),
            _put11(_made, m),
            _put12(_made, n),
            _put13(_made, o),
            _put14(_made, p),
        )[0],
    )
    _UNROLLED = {len(one.__code__.co_varnames) - 2: one for one in _UNROLLED}

    def _fields_of(name: str, body: dict[str, object]) -> tuple[tuple[str, ...], dict[str, object]]:
        """The fields of a class body in order, and the defaults of the last ones, which leave the body."""
        fields = tuple(body["__annotations__"])
        defaults = {field: body.pop(field) for field in fields if field in body}
        if fields[len(fields) - len(defaults) :] != tuple(defaults):
            raise TypeError(f"a field of {name} without a default follows one with a default")
        return fields, defaults

    def _constructor(
        fields: tuple[str, ...],
        defaults: dict[str, object],
        names: dict[str, object],
        template: FunctionType | None = None,
    ) -> FunctionType:
        """A ``__new__`` with these arguments; ``names["_new"]`` makes the object out of the class and the values."""
        code = (template or _TEMPLATES[len(fields)]).__code__
        own = code.co_varnames[len(fields) + 1 :]
        code = code.replace(co_varnames=("_cls", *fields, *own), co_name="__new__")
        return FunctionType(code, names, "__new__", tuple(defaults.values()))

    class _Records(type):
        """Makes a class of tuples: the annotated names of its body are the fields, in order."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields, defaults = _fields_of(name, body)
            made = {
                "__new__": _constructor(fields, defaults, globals()),
                "_fields": fields,
                "_field_defaults": defaults,
                "__match_args__": fields,
            }
            getters = {field: _tuplegetter(index, None) for index, field in enumerate(fields)}
            record = type(name, (tuple,), _SHARED | made | getters | body)
            record._make = partial(_new, record)
            return record

    class NamedTuple(metaclass=_Records):
        """The base of a record that is a tuple."""

    class _Frozen:
        """What every record that is no tuple can do."""

        __slots__ = ()

        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(f"{self.__class__.__name__} is frozen: its {name} cannot be set")

        def __delattr__(self, name: str) -> None:
            raise AttributeError(f"{self.__class__.__name__} is frozen: its {name} cannot be deleted")

        def __eq__(self, other: object) -> bool:
            return _values(self) == _values(other) if self.__class__ is other.__class__ else NotImplemented

        def __hash__(self) -> int:
            return hash(_values(self))

        def __repr__(self) -> str:
            values = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
            return f"{self.__class__.__name__}({values})"

        def __reduce__(self) -> tuple:
            return self.__class__, _values(self)

        def _asdict(self) -> dict[str, object]:
            """The values by the names of the fields."""
            return dict(zip(self._fields, _values(self), strict=True))

        def _replace(self, /, **changes: object) -> object:
            """The same record with other values in the named fields."""
            values, fields = [*_values(self)], self._fields
            for name, value in changes.items():
                if name not in fields:
                    raise ValueError(f"got unexpected field names: {[one for one in changes if one not in fields]!r}")
                values[fields.index(name)] = value
            return self.__class__(*values)

    def _values(record: object) -> tuple:
        return record._get(record)

    def _filled(cls: type, values: Iterable[object]) -> object:
        made = object.__new__(cls)
        for put, value in zip(cls._put, values, strict=True):
            put(made, value)
        return made

    class _FrozenRecords(type):
        """Makes a class of frozen objects: the annotated names of its body are the fields, in order."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields, defaults = _fields_of(name, body)
            names = {"_new": _filled, "_object": object.__new__}
            made = {
                "__new__": _constructor(fields, defaults, names, _UNROLLED.get(len(fields))),
                "_fields": fields,
                "__match_args__": fields,
                "__slots__": fields,
            }
            record = type(name, (_Frozen,), made | body)
            record._put = tuple(getattr(record, field).__set__ for field in fields)
            names |= {f"_put{index}": put for index, put in enumerate(record._put)}
            record._get = (
                attrgetter(*fields) if len(fields) > 1 else staticmethod(lambda one: (getattr(one, fields[0]),))
            )
            return record

    class Record(metaclass=_FrozenRecords):
        """The base of a frozen record."""
