"""What a class of the source says of its objects by methods that Python calls: truth, equality, what an attribute is."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seqshape.readers.keras_source.items import iterate
from seqshape.readers.keras_source.machine import Raised
from seqshape.readers.keras_source.operators import COMPARISONS, compare, is_peculiar, is_record, truth
from seqshape.readers.keras_source.rooms import above
from seqshape.readers.keras_source.scope import Frame
from seqshape.readers.keras_source.values import (
    Args,
    Class,
    External,
    Function,
    Instance,
    Keywords,
    Layer,
    Method,
    Missing,
    Native,
    Result,
    Value,
    Work,
    is_missing,
)

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site

CALLED = (Function, Method, Native, Class)


# --- truth and comparisons --------------------------------------------------------------------------------------------


def decided(run: Interpreter, value: Value, frame: Frame, node: ast.AST) -> Result:
    """Whether a value counts as true; ``None`` where nothing tells."""
    known = truth(value)
    return _asked(run, value, frame, node) if known is None and isinstance(value, Instance) else known


def _asked(run: Interpreter, value: Instance, frame: Frame, node: ast.AST) -> Work:
    """What the class of an object says of its truth."""
    for method in ("__bool__", "__len__"):
        if isinstance(value.cls.find(method), Function):
            return truth((yield run.call_method(value, method, [], {}, frame, node)))
    return None


def equal(run: Interpreter, one: Value, other: Value, frame: Frame, node: ast.AST) -> Work:
    """Whether two values are the same, as their classes say it; ``None`` where nothing tells."""
    for left, right in ((one, other), (other, one)):
        if isinstance(left, Instance) and isinstance(left.cls.find("__eq__"), Function):
            return truth((yield run.call_method(left, "__eq__", [right], {}, frame, node)))
    if not isinstance(one, Instance) and not isinstance(other, Instance):
        found = compare("==", COMPARISONS[ast.Eq][1], one, other, frame.span(node))
        return found if isinstance(found, bool) else None
    if is_missing(one) or is_missing(other):
        return None
    if one is other:
        return True
    if not isinstance(one, Instance) or not isinstance(other, Instance) or one.cls is not other.cls:
        return None if is_peculiar(one) or is_peculiar(other) else False
    return (yield _same_fields(run, one, other, frame, node))


def _same_fields(run: Interpreter, one: Instance, other: Instance, frame: Frame, node: ast.AST) -> Work:
    if not is_record(one.cls):
        return None if is_peculiar(one) else False
    for name, held in one.attributes.items():
        same = yield equal(run, held, other.attributes.get(name), frame, node)
        if not same:
            return same
    return True


ORDERS = {ast.Lt: ("__lt__", "__gt__"), ast.LtE: ("__le__", "__ge__"), ast.Gt: ("__gt__", "__lt__")}
ORDERS |= {ast.GtE: ("__ge__", "__le__")}


def compared(run: Interpreter, kind: type[ast.cmpop], left: Value, right: Value, frame: Frame, node: ast.AST) -> Work:
    """A comparison with an object of a class of the source; ``None`` where nothing tells what it gives."""
    if kind in (ast.Eq, ast.NotEq):
        method = left.cls.find("__ne__") if isinstance(left, Instance) else None
        if kind is ast.NotEq and isinstance(method, Function):
            return truth((yield run.call_method(left, "__ne__", [right], {}, frame, node)))
        same = yield equal(run, left, right, frame, node)
        return same if same is None else same == (kind is ast.Eq)
    if kind in (ast.In, ast.NotIn):
        found = yield _within(run, left, right, frame, node)
        return found if found is None else found == (kind is ast.In)
    for one, other, method in zip((left, right), (right, left), ORDERS.get(kind, ()), strict=False):
        if isinstance(one, Instance) and isinstance(one.cls.find(method), Function):
            return truth((yield run.call_method(one, method, [other], {}, frame, node)))
    return None


def _within(run: Interpreter, one: Value, many: Value, frame: Frame, node: ast.AST) -> Work:
    if isinstance(many, Instance) and isinstance(many.cls.find("__contains__"), Function):
        return truth((yield run.call_method(many, "__contains__", [one], {}, frame, node)))
    items = (yield iterate(run, many, frame, node)) if not isinstance(many, str) else None
    found: bool | None = False if items is not None else None
    for each in items or ():
        same = True if each is one else (yield equal(run, one, each, frame, node))
        if same:
            return True
        found = None if same is None else found
    return found


# --- attributes -------------------------------------------------------------------------------------------------------


def of_descriptor(run: Interpreter, found: Instance, owner: Value, frame: Frame, node: ast.AST) -> Result:
    """What an object gives that stands in a class for an attribute of others; itself, if it is none of that kind."""
    if not isinstance(found.cls.find("__get__"), Function):
        return found
    instance = owner.instance if isinstance(owner, Layer) else owner
    cls = instance.cls if isinstance(instance, Instance) else None
    return run.call_method(found, "__get__", [owner, cls], {}, frame, node)


def takes_value(run: Interpreter, found: Value, owner: Value, value: Value, frame: Frame, node: ast.AST) -> Work | None:
    """What is done where an attribute is set that its class knows how to set; ``None`` if it is set as any other."""
    if isinstance(found, Function) and found.kind == "property" and isinstance(found.setter, CALLED):
        return _work(run.call(found.setter, [owner, value], {}, frame, node))
    if isinstance(found, Instance) and isinstance(found.cls.find("__set__"), Function):
        return run.call_method(found, "__set__", [owner, value], {}, frame, node)
    return None


def _work(result: Result) -> Work:
    return (yield result)


def property_part(run: Interpreter, owner: Function, name: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``@x.setter``: the property, and what is called where it is set."""
    made = twin(owner)
    if name == "setter" and args:
        made.setter = args[0]
    elif name == "getter" and args and isinstance(args[0], Function):
        made = twin(args[0], "property")
        made.setter = owner.setter
    return made


def as_property(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``name = property(get, set)``."""
    getter = args[0] if args else kwargs.get("fget")
    if not isinstance(getter, Function):
        return run.unknown(site)
    made = twin(getter, "property")
    made.setter = args[1] if len(args) > 1 else kwargs.get("fset")
    return made


def twin(function: Function, kind: str | None = None) -> Function:
    """A function once more, of another kind."""
    made = Function(function.node, function.scope, function.defaults, function.module)
    made.owner, made.is_generator, made.setter = function.owner, function.is_generator, function.setter
    made.kind = function.kind if kind is None else kind
    return made


def base_of_object(owner: Value, name: str) -> Native | None:
    """A method that every object has, as ``super()`` finds it; ``None`` if nothing tells what there is."""
    known = {
        "__setattr__": lambda run, args, kwargs, site: _set(owner, *args),
        "__getattribute__": lambda run, args, kwargs, site: _get(run, owner, args, site),
        "__delattr__": lambda run, args, kwargs, site: _delete(owner, *args),
        "__new__": lambda run, args, kwargs, site: new(run, args, site),
    }
    if name in known and not isinstance(owner, Layer):
        return Native(name, known[name])
    if name in ("__init__", "__init_subclass__", "__post_init__", "__set_name__", "__del__"):
        return Native(name, lambda run, args, kwargs, site: None)
    return None


def _set(owner: Value, name: Value, value: Value) -> None:
    if isinstance(owner, Instance) and isinstance(name, str):
        owner.attributes[name] = value


def _delete(owner: Value, name: Value) -> None:
    if isinstance(owner, Instance) and isinstance(name, str):
        owner.attributes.pop(name, None)


def _get(run: Interpreter, owner: Value, args: Args, site: Site) -> Result:
    name = args[0] if args else None
    if not isinstance(owner, Instance) or not isinstance(name, str):
        return run.unknown(site)
    return above("attributes", "plain_attribute")(run, owner, name, site.frame, site.node)


def new(run: Interpreter, args: Args, site: Site) -> Value:
    """``object.__new__(cls)``."""
    return Instance(args[0]) if args and isinstance(args[0], Class) else run.unknown(site)


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """``object.__setattr__(self, …)`` and its like."""
    if path.startswith("contextlib."):
        return suppress(run, path, args, kwargs, site)
    name = path.rpartition(".")[2]
    if name == "__new__":
        return new(run, args, site)
    native = base_of_object(args[0], name) if args else None
    return native.run(run, args[1:], kwargs, site) if native is not None else run.unknown(site)


# --- classes and decorators -------------------------------------------------------------------------------------------


def decorated(run: Interpreter, value: Value, decorator: Value, frame: Frame, node: ast.AST) -> Result:
    """What a decorator makes of a function or a class: one that is not known leaves it as it is."""
    is_called = isinstance(decorator, CALLED)
    if isinstance(decorator, Instance):
        is_called = isinstance(decorator.cls.find("__call__"), Function)
    return run.call(decorator, [value], {}, frame, node) if is_called else value


def remembering(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``functools.lru_cache``, with or without a size: a function that is run once for the same arguments."""
    if not args or not isinstance(args[0], Function):
        return External("functools.cache")
    made = twin(args[0])
    made.memo = {}
    return made


def recalled(run: Interpreter, function: Function, args: Args, kwargs: Keywords, site: Site) -> Work:
    """What a function gives that keeps what it has given."""
    from seqshape.readers.keras_source.calls import run_function

    key = (*args, *sorted(kwargs.items())) if not any(map(_is_open, (*args, *kwargs.values()))) else None
    assert function.memo is not None
    if key is None:
        return run.unknown(site)
    if key not in function.memo:
        function.memo[key] = yield run_function(run, function, args, kwargs, site)
    return function.memo[key]


def _is_open(value: Value) -> bool:
    """Whether nothing tells if a value is the same as another one, as a dict would."""
    if isinstance(value, tuple):
        return any(map(_is_open, value))
    return is_missing(value) or is_peculiar(value) or isinstance(value, (list, dict, set))


def begin_class(run: Interpreter, made: Class, keywords: Keywords, frame: Frame, node: ast.AST) -> Work:
    """What Python calls when a class is there: of its attributes, of the class before it. Gives what its name means."""
    for name, held in list(made.names.items()):
        if isinstance(held, Instance) and isinstance(held.cls.find("__set_name__"), Function):
            yield run.call_method(held, "__set_name__", [made, name], {}, frame, node)
    hook = made.find("__init_subclass__", made)
    if isinstance(hook, Function):
        given = {name: value for name, value in keywords.items() if name != "metaclass"}
        yield run.call(Method(hook, made), [], given, frame, node)
    meta = keywords.get("metaclass")
    if isinstance(meta, Class) and any(meta.find(name) for name in ("__call__", "__new__", "__init__", "__prepare__")):
        return Missing(made.name, frame.span(node))  # what it makes of the class is not followed
    return made


def allocate(run: Interpreter, cls: Class, args: Args, kwargs: Keywords, site: Site) -> Work:
    """A new object, of ``__new__`` where the class has its own; something else is what that gives instead."""
    maker = cls.find("__new__")
    if not isinstance(maker, Function):
        return Instance(cls)
    return (yield run.call(maker, [cls, *args], kwargs, site.frame, site.node))


# --- with -------------------------------------------------------------------------------------------------------------


def suppresses(context: Value, raised: Raised) -> bool:
    """Whether ``contextlib.suppress`` takes an exception."""
    return isinstance(context, Suppressed) and context.takes(raised.kind)


class Suppressed(Native):
    """``contextlib.suppress(…)``."""

    def __init__(self, kinds: list[str]) -> None:
        super().__init__("suppress", lambda *_: None)
        self.kinds = kinds

    def takes(self, kind: str) -> bool:
        """Whether it holds an exception of this class back."""
        return not kind or kind in self.kinds or bool({"Exception", "BaseException"} & {*self.kinds})


def suppress(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``contextlib.suppress(KeyError)``; what else makes a context leaves all as it is."""
    if path != "contextlib.suppress":
        return run.unknown(site)
    named = [each.path.rpartition(".")[2] if isinstance(each, External) else getattr(each, "name", "") for each in args]
    return Suppressed([str(each) for each in named])
