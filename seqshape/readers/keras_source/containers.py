"""Containers of the standard library: named tuples, data classes, enumerations, dicts with a default, queues, counters."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from seqshape.readers.keras_source.checks import are_texts
from seqshape.readers.keras_source.items import iterate
from seqshape.readers.keras_source.machine import Raised
from seqshape.readers.keras_source.scope import Frame
from seqshape.readers.keras_source.values import (
    Args,
    Class,
    External,
    Field,
    Function,
    Instance,
    Keywords,
    Mark,
    Method,
    Missing,
    Native,
    Result,
    Value,
    Work,
    is_missing,
)
from seqshape.readers.keras_source.variants import (
    Defaulting,
    Fields,
    Queue,
    TextMember,
    WholeMember,
    bare_object,
    open_rest,
)

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Handler, Interpreter
    from seqshape.readers.keras_source.scope import Site

NAMED = "typing.NamedTuple"
PLAIN = (bool, int, float, str, bytes, tuple, type(None))


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """A call of collections, dataclasses, enum or typing."""
    last = path.rpartition(".")[2]
    handler = HANDLERS.get(last)
    found = handler(run, args, kwargs, site) if handler is not None else None
    return run.unknown(site) if found is None else found


# --- collections ------------------------------------------------------------------------------------------------------


def _namedtuple(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``namedtuple("Point", "x y")``: a class."""
    fields: Value = args[1] if len(args) > 1 else kwargs.get("field_names", ())
    if isinstance(fields, str):
        fields = [*fields.replace(",", " ").split()]
    if not args or not isinstance(args[0], str) or not isinstance(fields, (list, tuple)):
        return None
    names = [each[0] if isinstance(each, tuple) and each else each for each in fields]
    defaults = kwargs.get("defaults") or ()
    if not are_texts(names) or not isinstance(defaults, (list, tuple)):
        return None
    node = ast.ClassDef(args[0], [], [], [], [], lineno=site.line, col_offset=0, end_lineno=site.line, end_col_offset=0)
    known: dict[str, Value] = {"_fields": tuple(names)}
    known |= dict(zip(names[len(names) - len(defaults) :], defaults, strict=False))
    return Class(args[0], [External(NAMED)], known, node)


def _defaultdict(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    from seqshape.readers.keras_source.builtins import HANDLERS as PYTHON

    found = yield PYTHON["dict"](run, args[1:], kwargs, site.called("dict"))
    return Defaulting(found, args[0] if args else None) if isinstance(found, dict) else found


def _queue(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    items = yield iterate(run, args[0] if args else [], site.frame, site.node)
    if items is None or len(args) > 1 or kwargs.get("maxlen") is not None:
        return run.unknown(site)
    return Queue(items)


def _counter(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    items = yield iterate(run, args[0] if args else [], site.frame, site.node)
    if items is None or not all(isinstance(each, PLAIN) for each in items):
        return run.unknown(site)
    found: dict[Any, int] = {}
    for each in items:
        found[each] = found.get(each, 0) + 1
    return Defaulting({**found, **kwargs}, External("builtins.int"))


def filled(run: Interpreter, owner: Defaulting, key: Value, frame: Frame, node: ast.AST) -> Work:
    """An item that a dict makes when it is asked for."""
    owner[key] = yield run.call(owner.factory, [], {}, frame, node)
    return owner[key]


# --- fields -----------------------------------------------------------------------------------------------------------


def fields_of(cls: Class) -> list[str]:
    """The fields of a data class or a named tuple, those of the classes before it first."""
    return list(_annotations(cls))


def _annotations(cls: Class) -> dict[str, str]:
    """What is said of the kind of each field."""
    found: dict[str, str] = {}
    for each in reversed(cls.lineage()):
        if isinstance(each, Class):
            named = each.names.get("_fields", ())
            found.update(dict.fromkeys(named, "") if are_texts(named) else {})
            for node in each.node.body:
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and _is_field(node):
                    found[node.target.id] = ast.unparse(node.annotation)
    return found


def _is_field(node: ast.AnnAssign) -> bool:
    return "ClassVar" not in ast.unparse(node.annotation)


def field_values(run: Interpreter, cls: Class, args: Args, kwargs: Keywords, site: Site) -> Work:
    """The values of all fields: as they are given, else their defaults. Raises Raised where one is missing."""
    names = fields_of(cls)
    by_place = [name for name in names if _is_given(cls.find(name))]
    given = {**dict(zip(by_place, args, strict=False)), **kwargs}
    for name in names:
        default = cls.find(name)
        if name in given:
            continue
        if isinstance(default, Field):
            given[name] = default.default
            if default.factory is not None:
                given[name] = yield run.call(default.factory, [], {}, site.frame, site.node)
        elif default is not None or any(isinstance(each, Class) and name in each.names for each in cls.lineage()):
            given[name] = default
        if given.get(name, UNSET) is UNSET and _is_given(default):
            raise Raised(None, "TypeError", f"{cls.name} needs {name}", site.span)
    return given


def _is_given(default: Value) -> bool:
    """Whether an argument gives a field."""
    return not isinstance(default, Field) or default.is_given


def fill_fields(run: Interpreter, made: Instance, args: Args, kwargs: Keywords, site: Site) -> Work:
    """What a data class does with its arguments."""
    kinds = _annotations(made.cls)
    if not kinds:
        made.attributes.update(kwargs)
        return
    given = yield field_values(run, made.cls, args, kwargs, site)
    passed = [given.pop(name) for name, kind in kinds.items() if "InitVar" in kind]
    made.attributes.update({name: value for name, value in given.items() if value is not UNSET})
    after = made.cls.find("__post_init__")
    if isinstance(after, Function):
        yield run.call(Method(after, made), passed, {}, site.frame, site.node)


def named_tuple(run: Interpreter, cls: Class, args: Args, kwargs: Keywords, site: Site) -> Work:
    """An object of a class of named tuples."""
    values = yield field_values(run, cls, args, kwargs, site)
    names = fields_of(cls)
    return Fields([values[name] for name in names], names, cls)


def fields_attribute(owner: Fields, name: str) -> Value:
    """A field of a named tuple, or what its class has besides; ``None`` if neither."""
    if name in owner.names:
        return owner[owner.names.index(name)]
    if name == "_fields":
        return tuple(owner.names)
    if name == "_asdict":
        return Native(name, lambda run, args, kwargs, site: dict(zip(owner.names, owner, strict=True)))
    if name == "_replace":
        return Native(name, lambda run, args, kwargs, site: _replaced(owner, kwargs))
    return owner.cls.find(name) if owner.cls is not None else None


def _replaced(owner: Fields, changes: dict[str, Value]) -> Fields:
    values = [changes.get(name, value) for name, value in zip(owner.names, owner, strict=True)]
    return Fields(values, owner.names, owner.cls)


def _field(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    return Field(kwargs.get("default", UNSET), kwargs.get("default_factory"), kwargs.get("init") is not False)


def _as_dict(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    return plain_fields(args[0]) if args and isinstance(args[0], Instance) else None


def plain_fields(value: Value) -> Value:
    """``dataclasses.asdict``."""
    if isinstance(value, Instance):
        names = fields_of(value.cls) or list(value.attributes)
        return {name: plain_fields(value.attributes[name]) for name in names if name in value.attributes}
    if isinstance(value, dict):
        return {key: plain_fields(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and not isinstance(value, Fields):
        return type(value)(map(plain_fields, value))
    return value


def _copy_with(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Result:
    """``dataclasses.replace(object, field=…)``: made anew, of the fields that an argument gives."""
    if not args or not isinstance(args[0], Instance):
        return None
    cls, held = args[0].cls, args[0].attributes
    names = [name for name in fields_of(cls) if name in held and _is_given(cls.find(name))]
    return run.call(cls, [], {**{name: held[name] for name in names}, **kwargs}, site.frame, site.node)


UNSET = Mark("unset")  # the default of a field that has none


# --- enumerations -----------------------------------------------------------------------------------------------------

AUTO = Mark("auto")


def is_enumeration(cls: Class) -> bool:
    """Whether a class is an enumeration."""
    return any(isinstance(each, External) and each.path.startswith("enum.") for each in cls.lineage())


def enumerate_members(cls: Class) -> None:
    """Make the names of an enumeration its members; those that are numbers or texts stay such."""
    paths = [each.path for each in cls.lineage() if isinstance(each, External)]
    members: list[Value] = []
    last = 0
    for name, value in cls.names.items():
        if name.startswith("_") or isinstance(value, (Function, Class)):
            continue
        if value is AUTO:
            value = last + 1
        last = value if isinstance(value, int) else last
        if isinstance(value, int) and any(path in ("enum.IntEnum", "enum.IntFlag", "builtins.int") for path in paths):
            made: Value = WholeMember(value, name)
        elif isinstance(value, str) and any(path in ("enum.StrEnum", "builtins.str") for path in paths):
            made = TextMember(value, name)
        else:
            made = Instance(cls)
            made.attributes.update({"value": value, "name": name})
        cls.names[name] = made
        members.append(made)
    cls.names["__members__"] = members


def members_of(cls: Class) -> list[Value]:
    """The members of an enumeration in order."""
    members = cls.names.get("__members__")
    return list(members) if isinstance(members, list) else []


def member_value(member: Value) -> Value:
    """What stands behind a member's name."""
    return member.attributes["value"] if isinstance(member, Instance) else member


def member(run: Interpreter, cls: Class, args: Args, site: Site) -> Value:
    """``Kind("relu")``. Raises Raised where there is none."""
    wanted = args[0] if args else None
    if is_missing(wanted):
        return run.unknown(site)
    for each in members_of(cls):
        if each is wanted or (isinstance(wanted, PLAIN) and member_value(each) == wanted):
            return each
    raise Raised(None, "ValueError", f"{wanted!r:.40} is no {cls.name}", site.span)


def _auto(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    return AUTO


def _namespace(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``SimpleNamespace(units=3)``: an object with these attributes."""
    if args or open_rest(kwargs) is not None:
        return None
    found = bare_object(site.name)
    found.attributes.update(kwargs)
    return found


HANDLERS: dict[str, Handler] = {
    "SimpleNamespace": _namespace,
    "Namespace": _namespace,
    "namedtuple": _namedtuple,
    "NamedTuple": _namedtuple,
    "defaultdict": _defaultdict,
    "deque": _queue,
    "Counter": _counter,
    "field": _field,
    "asdict": _as_dict,
    "replace": _copy_with,
    "auto": _auto,
}
__all__ = ["Missing", "call", "fill_fields", "filled", "member", "members_of", "named_tuple"]
