"""Python's own functions, on values known and not."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seqshape.dims import Poly
from seqshape.readers.keras_source.changes import is_sized, may_hold_more
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.items import iterate
from seqshape.readers.keras_source.machine import Raised, on_behalf
from seqshape.readers.keras_source.operators import combine, holds_missing, is_tensor
from seqshape.readers.keras_source.rooms import above, room
from seqshape.readers.keras_source.values import (
    Args,
    Array,
    Batches,
    Class,
    External,
    Function,
    Instance,
    Keywords,
    Layer,
    Method,
    Missing,
    MissingShape,
    Model,
    Native,
    Result,
    Stream,
    Value,
    Work,
    is_missing,
)
from seqshape.readers.keras_source.variants import Shuffled, in_any_order

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Handler, Interpreter
    from seqshape.readers.keras_source.scope import Site

HANDLERS: dict[str, Handler] = {}


def builtin(*names: str) -> Callable[[Handler], Handler]:
    """Declare what one of Python's functions does."""

    def declare(handler: Handler) -> Handler:
        for name in names:
            HANDLERS[name] = handler
        return handler

    return declare


@builtin("len")
def _len(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Result:
    (value,) = args
    if may_hold_more(value):
        return run.unknown(site)
    if isinstance(value, (list, tuple, str, dict, set, frozenset, range, bytes)):
        return len(value)
    if isinstance(value, Array) and value.shape:
        return value.shape[0]
    if isinstance(value, Missing):
        return run.missing(f"len({value.name})", value.span)
    if isinstance(value, SymbolicTensor) and value.tensor is not None and value.tensor.shape:
        return value.tensor.shape[0]
    if isinstance(value, Instance) and value.cls.find("__len__") is not None:
        return run.call_method(value, "__len__", [], {}, site.frame, site.node)
    return run.unknown(site)


@builtin("range")
def _range(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    if all(isinstance(each, int) for each in args):
        return on_behalf(range, *args)
    return run.unknown(site)


@builtin("bool")
def _bool(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    known = (yield above("protocols", "decided")(run, args[0], site.frame, site.node)) if args else False
    return run.unknown(site) if known is None else known


@builtin("int")
def _int(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Result:
    return args[0] if args and isinstance(args[0], (Missing, Poly)) else _number(run, args, kwargs, site)


@builtin("abs")
def _abs(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Result:
    if args and isinstance(args[0], SymbolicTensor):
        return run.operation("absolute", args, {}, site.span)
    return _number(run, args, kwargs, site)


@builtin("pow")
def _pow(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Result:
    is_large = len(args) > 1 and isinstance(args[1], int) and abs(args[1]) > 1000
    return run.unknown(site) if is_large else _number(run, args, kwargs, site)


@builtin("str", "repr")
def _text(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    if args and isinstance(args[0], Class):
        return args[0].name
    return _of_plain(run, args, kwargs, site, (*NUMBERS, list, tuple, dict))


NUMBERS = (bool, int, float, complex, str, bytes, type(None))


@builtin("float", "round", "ord", "chr", "bin", "hex", "divmod")
def _number(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    return _of_plain(run, args, kwargs, site, NUMBERS)


def _of_plain(run: Interpreter, args: Args, kwargs: Keywords, site: Site, kinds: tuple[type, ...]) -> Value:
    """What Python itself gives for values of some kinds that are all known."""
    import builtins

    if holds_missing(args) or not all(isinstance(each, kinds) for each in args):
        return run.unknown(site)
    return on_behalf(getattr(builtins, site.name), *args, **kwargs)


@builtin("min", "max")
def _fold(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    import builtins

    items = (yield iterate(run, args[0], site.frame, site.node)) if len(args) == 1 else args
    if items is not None and not items and "default" in kwargs:
        return kwargs["default"]
    if not items:
        return run.unknown(site)
    items = keys = list(items)
    if kwargs.get("key") is not None:
        keys = []
        for each in items:
            keys.append((yield run.call(kwargs["key"], [each], {}, site.frame, site.node)))
    if not all(isinstance(each, (int, float, str)) for each in keys):
        return run.unknown(site)
    best = on_behalf(getattr(builtins, site.name), keys)
    return items[keys.index(best)]


@builtin("sum")
def _sum(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    items = (yield iterate(run, args[0], site.frame, site.node)) if args else None
    if items is None or kwargs or holds_missing(list(items)):
        return run.unknown(site)
    total = args[1] if len(args) > 1 else 0
    for each in items:
        if is_tensor(each) or is_tensor(total):
            total = run.operation("add", [total, each], {}, site.span)
        else:
            total = combine("+", operator.add, total, each, site.span)
    return total


@builtin("list", "tuple", "set", "frozenset", "iter")
def _collect(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    import builtins

    name = "list" if site.name == "iter" else site.name
    if site.name == "iter" and isinstance(args[0], (Stream, Batches)):
        return args[0]
    if not args:
        return getattr(builtins, name)()
    if isinstance(args[0], MissingShape):
        return args[0]
    items = yield iterate(run, args[0], site.frame, site.node)
    if items is None:
        return run.unknown(site)
    if name in ("set", "frozenset") and holds_missing(list(items)):
        return run.unknown(site)
    if name in ("list", "tuple") and in_any_order(args[0]):
        return run.unknown(site) if site.name in ("iter", "tuple") else Shuffled(items)
    return Stream(iter(list(items))) if site.name == "iter" else on_behalf(getattr(builtins, name), items)


@builtin("dict", "OrderedDict")
def _dict(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    found: dict[Any, Value] = {}
    if args and isinstance(args[0], dict):
        found.update(args[0])
    elif args and isinstance(args[0], (list, tuple, Stream)):
        items = yield iterate(run, args[0], site.frame, site.node)
        for pair in items:
            if not isinstance(pair, (list, tuple)) or len(pair) != 2 or holds_missing(pair[0]):
                return run.unknown(site)
            found[pair[0]] = pair[1]
    elif args and is_missing(args[0]):
        return run.unknown(site)
    found.update(kwargs)
    return found


@builtin("enumerate")
def _enumerate(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    items = yield iterate(run, args[0], site.frame, site.node)
    start = kwargs.get("start", args[1] if len(args) > 1 else 0)
    if items is None or not isinstance(start, int):
        return run.unknown(site)
    found = list(enumerate(items, start))
    return Shuffled(found) if in_any_order(args[0]) else Stream(iter(found))


@builtin("zip")
def _zip(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    lists = []
    for each in args:
        lists.append(
            each.items if isinstance(each, Stream) else (yield iterate(run, each, site.frame, site.node, lazily=True))
        )
    if any(each is None for each in lists):
        return run.unknown(site)
    return Stream(zip(*lists, strict=False))


@builtin("reversed")
def _reversed(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    items = yield iterate(run, args[0], site.frame, site.node)
    return run.unknown(site) if items is None else Stream(iter(list(reversed(items))))


@builtin("sorted")
def _sorted(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    found = yield sorted_items(run, args[0], kwargs, site)
    return run.unknown(site) if found is None else found


def sorted_items(run: Interpreter, source: Value, kwargs: Keywords, site: Site) -> Work:
    """The items in order; ``None`` if nothing tells it."""
    items = yield iterate(run, source, site.frame, site.node)
    if items is None:
        return None
    keys = list(items)
    if kwargs.get("key") is not None:
        keys = []
        for each in items:
            keys.append((yield run.call(kwargs["key"], [each], {}, site.frame, site.node)))
    if holds_missing(keys):
        return None
    order = sorted(range(len(keys)), key=keys.__getitem__, reverse=bool(kwargs.get("reverse")))
    return [items[index] for index in order]


@builtin("map")
def _map(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    lists = []
    for each in args[1:]:
        lists.append((yield iterate(run, each, site.frame, site.node)))
    if any(each is None for each in lists):
        return run.unknown(site)
    found = []
    for items in zip(*lists, strict=False):
        found.append((yield run.call(args[0], list(items), {}, site.frame, site.node)))
    return Stream(iter(found))


@builtin("filter")
def _filter(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    items = yield iterate(run, args[1], site.frame, site.node)
    if items is None:
        return run.unknown(site)
    found = []
    for each in items:
        told = (yield run.call(args[0], [each], {}, site.frame, site.node)) if args[0] is not None else each
        kept = yield above("protocols", "decided")(run, told, site.frame, site.node)
        if kept is None:
            return run.unknown(site)
        if kept:
            found.append(each)
    return Stream(iter(found))


@builtin("any", "all")
def _quantified(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    items = yield iterate(run, args[0], site.frame, site.node)
    if items is None:
        return run.unknown(site)
    known = []
    for each in items:
        known.append((yield above("protocols", "decided")(run, each, site.frame, site.node)))
    stops = site.name == "any"
    if stops in known:
        return stops
    return run.unknown(site) if None in known else not stops


@builtin("next")
def _next(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    if isinstance(args[0], Batches):
        return args[0].element
    if isinstance(args[0], Instance) and args[0].cls.find("__next__") is not None:
        return (yield run.call_method(args[0], "__next__", [], {}, site.frame, site.node))
    if not isinstance(args[0], Stream):
        return run.unknown(site)
    return above("iterators", "next_of")(run, args[0], args[1:], site)


@builtin("print", "input_", "setattr_", "help", "display")
def _nothing(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> None:
    return None


@builtin("exit", "quit")
def _exit(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> None:
    raise Raised(None, "SystemExit", "", site.span)


@builtin("isinstance")
def _isinstance(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    value, kinds = args
    found: list[bool | None] = [is_instance(value, kind) for kind in (kinds if isinstance(kinds, tuple) else (kinds,))]
    return True if True in found else run.unknown(site) if None in found else False


BASIC = {"int": int, "float": float, "str": str, "bool": bool, "list": list, "tuple": tuple, "dict": dict, "set": set}


def is_instance(value: Value, kind: Value) -> bool | None:
    """Whether a value is of a class; ``None`` where nothing tells."""
    if is_missing(value) or is_missing(kind):
        return None
    if isinstance(kind, External):
        last = kind.path.rpartition(".")[2]
        if kind.path.startswith("builtins."):
            known = BASIC.get(last)
            if isinstance(value, Poly):
                return last == "int"
            return isinstance(value, known) if known is not None else None
        return _is_of_library(value, last)
    if isinstance(kind, Class):
        cls = value.cls if isinstance(value, Instance) else None
        if isinstance(value, Layer) and value.instance is not None:
            cls = value.instance.cls
        return cls is not None and kind in cls.lineage()
    return None


def _is_of_library(value: Value, name: str) -> bool | None:
    if isinstance(value, Layer):
        if name in ("Layer", "Operation"):
            return True
        if name in ("Model", "Sequential", "Functional"):
            return isinstance(value, Model) and (name == "Model" or value.call.class_name == name)
        return value.call.class_name == name
    if value is None or isinstance(value, (bool, int, float, str, list, tuple, dict)):
        return False if name in ("Layer", "Model", "Sequential", "ndarray", "Tensor", "KerasTensor") else None
    if isinstance(value, SymbolicTensor):
        return True if name in ("KerasTensor", "Tensor") else None
    return None


@builtin("type")
def _type(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    value = args[0]
    if isinstance(value, Instance):
        return value.cls
    if isinstance(value, Layer) and value.instance is not None:
        return value.instance.cls
    if isinstance(value, Layer):
        return External(value.path)
    for name, kind in BASIC.items():
        if type(value) is kind:
            return External(f"builtins.{name}")
    return run.unknown(site)


@builtin("getattr")
def _getattr(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    attribute = room("attributes").attribute

    owner, name, *default = args
    if not isinstance(name, str):
        return run.unknown(site)
    if default and isinstance(owner, Instance) and name not in owner.attributes and owner.cls.find(name) is None:
        return default[0]
    return (yield attribute(run, owner, name, site.frame, site.node))


@builtin("setattr")
def _setattr(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Work:
    set_attribute = room("attributes").set_attribute

    if isinstance(args[1], str):
        yield set_attribute(run, args[0], args[1], args[2], site.frame, site.node)


@builtin("hasattr")
def _hasattr(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    owner, name = args
    if isinstance(owner, Instance) and isinstance(name, str):
        return name in owner.attributes or owner.cls.find(name) is not None
    made = owner.instance if isinstance(owner, Layer) else None
    if made is not None and isinstance(name, str) and (name in made.attributes or made.cls.find(name) is not None):
        return True
    if isinstance(owner, (bool, int, float, str, list, tuple, dict)) and isinstance(name, str):
        return hasattr(owner, name)
    return run.unknown(site)


@builtin("callable")
def _callable(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    if isinstance(args[0], (Function, Method, Native, Class, Layer)):
        return True
    if args[0] is None or isinstance(args[0], (bool, int, float, str, list, tuple, dict)):
        return False
    return run.unknown(site)


@builtin("partial")
def _partial(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    return Native("partial", _run_partial, args[0], args[1:], kwargs)


def _run_partial(
    run: Interpreter,
    function: Value,
    first: list[Value],
    known: dict[str, Value],
    args: Args,
    kwargs: Keywords,
    site: Site,
) -> Result:
    return above("calls", "call")(run, function, [*first, *args], {**known, **kwargs}, site)


@builtin("property")
def _property(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Result:
    return above("protocols", "as_property")(run, args, kwargs, site)


@builtin("slice")
def _slice(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    return slice(*args)


@builtin(
    "id",
    "hash",
    "open",
    "input",
    "dir",
    "compile",
    "__import__",
    "bytes",
    "object",
)
def _never(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    return run.unknown(site)


@builtin("eval")
def _eval(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Result:
    return above("system", "evaluated")(run, args, site)


@builtin("vars", "locals", "globals")
def _names(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    """The names of an object, of this place, or of the module, as they stand: what is put there is theirs."""
    if args:
        return args[0].attributes if isinstance(args[0], Instance) else run.unknown(site)
    return (site.frame.module.scope if site.name == "globals" else site.frame.scope).names


@builtin("exec")
def _exec(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> None:
    """Code that is not read here may give any name another value."""
    names = site.frame.scope.names
    names.update({name: run.missing(name, site.span) for name, held in names.items() if is_sized(held)})


NAMES = (
    *HANDLERS,
    "Exception",
    "ValueError",
    "TypeError",
    "super",
    "object",
    "staticmethod",
    "classmethod",
)
BUILTINS: dict[str, Value] = {name: External(f"builtins.{name}") for name in NAMES}
BUILTINS |= {
    "xrange": External("builtins.range"),
    "unicode": External("builtins.str"),
    "long": External("builtins.int"),
    "Ellipsis": Ellipsis,
}
for _removed in ("OrderedDict", "partial", "input_", "setattr_"):
    del BUILTINS[_removed]
__all__ = ["BUILTINS", "HANDLERS", "builtin", "sorted_items"]
