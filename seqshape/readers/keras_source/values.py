"""What a name in a source can stand for: Python's own values where they are known, and the things here for the rest.

Numbers, strings, lists, dicts are Python's own (a list that two names share is shared here too). A value that only the
data or the user can give is :class:`Missing`: it stays lazy, and hurts only where a size or a branch needs it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Iterator
from itertools import islice
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, Union

from seqshape.diagnostics import Source, Span
from seqshape.dims import Poly, Size, Unknown, symbol
from seqshape.readers.keras_source.engine import Bound, SymbolicTensor
from seqshape.readers.keras_source.naming import shortened, size_name
from seqshape.readers.keras_source.places import Lines
from seqshape.readers.keras_source.records import Record
from seqshape.records import NamedTuple
from seqshape.tensor import Effect, Frozen, Unknowable

if TYPE_CHECKING:
    from seqshape.graph import Call, Graph

# What comes back of a piece of work is what that returns, which no type can say of a generator that yields many kinds.
Work: TypeAlias = Generator[Any, Any, Any]
# A value of the interpreted program: Python's own, or one of the classes below.
Value: TypeAlias = Union[
    "int | float | complex | str | bytes | range | slice | EllipsisType | None",
    "list[Value] | tuple[Value, ...] | dict[Any, Value] | set[Value] | frozenset[Value]",
    "Poly | Unknown | Missing | MissingShape | Mark",
    "External | Module | Function | Method | Native | Rule | Class | Instance | Super | Field",
    "KerasObject | Layer | SymbolicTensor | Weight | Array | Batches | Stream",
]
Args: TypeAlias = list[Value]
Keywords: TypeAlias = dict[str, Value]
Result: TypeAlias = Union[Value, Work]  # a value, or the work that finds it out


class Missing:
    """A value that nothing in the source tells. ``name`` is what ``--set`` calls it; ``span`` is where knowledge ended.

    ``size`` is what it is as a number of positions: a named size, or a formula in named sizes.
    """

    __slots__ = ("name", "size", "span")

    def __init__(self, name: str, span: Span, size: Size | None = None) -> None:
        self.name = name
        self.span = span
        self.size = size

    def as_size(self) -> Size:
        """The value as a size."""
        return symbol(size_name(self.name)) if self.size is None else self.size

    def part(self, text: str, span: Span | None = None) -> Missing:
        """A part of it, or what comes of it: ``x`` → ``x.shape``."""
        return Missing(shortened(f"{self.name}{text}"), span or self.span)

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Rest(Missing):
    """Among the items of a container: more items, nothing tells how many."""

    __slots__ = ()


class MissingShape:
    """The shape of an array that nothing tells, from the axis ``start`` on: also the number of axes is not known."""

    __slots__ = ("array", "lead", "start")

    def __init__(self, array: Missing, start: int = 0, lead: tuple[Value, ...] = ()) -> None:
        self.array = array
        self.start = start
        self.lead = lead  # known items before the unknown ones

    def axis(self, index: int) -> Missing:
        """The length of the array along an axis."""
        return self.array.part(f".shape[{index}]")

    def of_rank(self, rank: int) -> tuple[Value, ...]:
        """The shape, where the array has that many axes from ``start`` on."""
        return (*self.lead, *(self.axis(self.start + index) for index in range(rank)))


def is_missing(value: Value) -> TypeGuard[Missing | MissingShape]:
    """Whether nothing is known of a value."""
    return isinstance(value, (Missing, MissingShape))


class External:
    """Something of a library, by its dotted name: ``keras.layers.Dense``, ``numpy.zeros``, ``tensorflow``."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, External) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)

    def __repr__(self) -> str:
        return self.path


class Mark:
    """What stands for no value at all, known by what it is."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what

    def __repr__(self) -> str:
        return f"<{self.what}>"


ABSENT = Mark("absent")  # what a name means that means nothing
LEFT = Mark("left")  # what a handler gives that leaves a call to others


class Scope:
    """The names of one place and, behind it, those of the places around. A comprehension is ``brief``."""

    __slots__ = ("globals", "is_brief", "is_class", "names", "nonlocals", "outer")

    def __init__(self, outer: Scope | None, *, is_class: bool = False, is_brief: bool = False) -> None:
        self.outer = outer
        self.is_class = is_class
        self.is_brief = is_brief
        self.names: dict[str, Value] = {}
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()

    def find(self, name: str) -> Value:
        """What a name means here; ABSENT if it means nothing."""
        here: Scope | None = self
        while here is not None:
            if name in here.names:
                return here.names[name]
            here = here.outer
        return ABSENT

    def home(self, name: str) -> Scope:
        """The scope in which an assignment here puts a name."""
        if name in self.globals:
            return self.top()
        here = self.outer if name in self.nonlocals else None
        while here is not None:
            if name in here.names:
                return here
            here = here.outer
        return self

    def top(self) -> Scope:
        """The scope of the module."""
        here = self
        while here.outer is not None:
            here = here.outer
        return here


class Module(Lines):
    """A file of the source: its text, its names, and where it lies. ``bounds`` is the folder that imports stay in."""

    def __init__(self, source: Source, path: Path | None, bounds: Path | None, name: str) -> None:
        super().__init__(source)
        self.path = path
        self.bounds = bounds
        self.name = name
        self.scope = Scope(None)
        self.stars: list[str] = []  # libraries whose names are all imported


Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Function:
    """A function of the source, with the scope that it was made in. ``owner`` is the class whose method it is."""

    __slots__ = ("defaults", "is_generator", "kind", "memo", "module", "node", "owner", "scope", "setter")

    def __init__(self, node: Definition, scope: Scope, defaults: dict[str, Value], module: Module) -> None:
        self.node = node
        self.scope = scope
        self.defaults = defaults
        self.module = module
        self.owner: Class | None = None
        self.kind = ""  # staticmethod, classmethod, property
        self.is_generator = False
        self.setter: Value = None  # of a property: what is called where it is given a value
        self.memo: dict[Value, Value] | None = None  # what it has given, where it is asked only once for each argument

    @property
    def name(self) -> str:
        """The function's name."""
        return getattr(self.node, "name", "<lambda>")

    @property
    def qualified(self) -> str:
        """The name with that of the class in front."""
        return f"{self.owner.name}.{self.name}" if self.owner is not None else self.name


class Method:
    """A function of a class bound to one of its instances."""

    __slots__ = ("function", "instance")

    def __init__(self, function: Function, instance: Value) -> None:
        self.function = function
        self.instance = instance


class Native:
    """A function that the reader itself knows, bound to the values in ``bound``."""

    __slots__ = ("bound", "name", "run")

    def __init__(self, name: str, run: Callable[..., Result], *bound: object) -> None:
        self.name = name
        self.run = run
        self.bound = bound


class Rule:
    """A function of the source as the engine calls it: with tensors, for their Effect."""

    __slots__ = ()

    def __call__(self, *inputs: object) -> Effect:
        """The effect. Raises Unknowable where the function cannot be followed."""
        raise Unknowable


class Class:
    """A class of the source: its names, and the classes before it (classes of the source, or External)."""

    __slots__ = ("bases", "module", "name", "names", "node")

    def __init__(self, name: str, bases: list[Value], names: dict[str, Value], node: ast.ClassDef) -> None:
        self.name = name
        self.bases = bases
        self.names = names
        self.node = node

    def lineage(self) -> list[Value]:
        """The class and all before it, nearest first."""
        found: list[Value] = []
        waiting: list[Value] = [self]
        while waiting:
            here = waiting.pop(0)
            if here in found:
                found.remove(here)
            found.append(here)
            if isinstance(here, Class) and len(found) < 100:
                waiting.extend(here.bases)
        return found

    def find(self, name: str, after: Value = None) -> Value:
        """What a name means in the class; ``None`` if nothing. ``after``: only in what comes behind that class."""
        line = self.lineage()
        start = line.index(after) + 1 if after in line else 0
        for each in line[start:]:
            if isinstance(each, Class) and name in each.names:
                return each.names[name]
        return None

    def library(self) -> str | None:
        """The path of the library class that it comes of."""
        return next((each.path for each in self.lineage() if isinstance(each, External)), None)


class Instance:
    """An object of a class of the source."""

    __slots__ = ("attributes", "cls")

    def __init__(self, cls: Class) -> None:
        self.cls = cls
        self.attributes: dict[str, Value] = {}


class Super:
    """``super()``: what comes behind ``cls`` in the lineage of ``instance``."""

    __slots__ = ("cls", "instance")

    def __init__(self, cls: Class, instance: Value) -> None:
        self.cls = cls
        self.instance = instance


class KerasObject:
    """An object of Keras that is no layer: an optimizer, a regularizer, an initializer. Only its class is kept."""

    __slots__ = ("call", "path")

    def __init__(self, path: str, call: Call) -> None:
        self.path = path
        self.call = call


# The arguments of a layer as they are written: name, value, the syntax of it.
Given: TypeAlias = "list[tuple[str | None, Value, ast.AST]]"


class Traced(NamedTuple):
    """What a layer of a class of the source does when it is first called.

    ``key`` tells such calls apart; ``body`` is the graph inside, ``captured`` the tensors that it takes from around it,
    ``found`` what comes out, in the terms of that graph.
    """

    key: Value
    body: Graph
    captured: list[SymbolicTensor]
    found: Value


class Layer:
    """A layer: its unbound call, the bound layer (``None`` if it is wrong) and the calls that were made of it.

    ``instance`` has the attributes of a layer of a class of the source. ``options`` are the arguments as Python gave
    them.
    """

    __slots__ = (
        "attributes",
        "base",
        "bound",
        "built_for",
        "call",
        "calls",
        "inside",
        "instance",
        "is_built",
        "is_plain",
        "is_ready",
        "options",
        "path",
        "shapes",
        "span",
        "traced",
        "waiting",
        "weights",
    )

    def __init__(self, call: Call, path: str, span: Span) -> None:
        self.call = call
        self.path = path
        self.span = span
        self.bound: Bound | None = None
        self.instance: Instance | None = None
        self.options: dict[str, Value] = {}
        self.calls: list[tuple[Value, Value]] = []  # what went in and came out
        self.weights: list[Weight] = []
        self.shapes: dict[str, Frozen] = {}  # of the weights of a layer of Keras, once it has been called
        self.attributes: dict[str, Value] = {}  # that the program has set
        self.built_for: tuple[Value, ...] | None = None  # the shape for which the program has it built
        self.is_ready = False  # whether ``super().__init__`` has run
        self.is_built = False  # whether ``build`` of a class of the source has
        self.is_plain = False  # whether a class of the source changes nothing of the layer of Keras that it comes of
        self.base: Layer | None = None  # that layer, where it does
        self.inside: list[Layer] = []  # of a class of the source: the layers among its attributes
        self.traced: Traced | None = None
        self.waiting: tuple[Given, Layer] | None = (
            None  # what is said around a layer of a class of the source, and that
        )

    @property
    def name(self) -> str:
        """The layer's name."""
        return self.call.named or self.call.class_name


class Model(Layer):
    """A model, which is a layer too. ``layers`` of a Sequential are in order; ``graph`` is of a Functional.

    ``doubts`` are places where it may have been changed in a way that is not known; ``handed`` those where something gets
    it that is not known and most likely only uses it.
    """

    __slots__ = (
        "doubts",
        "flow",
        "graph",
        "handed",
        "input_layer",
        "inputs",
        "is_untrained",
        "kind",
        "layers",
        "number_in_body",
        "operation_names",
        "operations",
        "outputs",
        "record",
        "shown",
        "walked",
    )

    def __init__(self, call: Call, path: str, span: Span) -> None:
        super().__init__(call, path, span)
        self.layers: list[Layer] = []
        self.inputs: Value = None
        self.outputs: Value = None
        self.graph: Graph | None = None
        self.input_layer: Layer | None = None
        self.doubts: list[tuple[str, Span]] = []
        self.handed: list[tuple[str, Span]] = []
        self.shown: str | None = None
        self.record: Record | None = None
        self.kind: str | None = None  # Sequential, Functional; of a class of the source with a call of its own None
        self.is_untrained = False  # by ``trainable=False`` in the call that makes it
        self.walked = 0  # layers of a Sequential that the engine has walked
        self.flow: Value = None  # what comes out of the last of them
        self.operations: list[tuple[str, str]] = []  # class and stem of those that Keras numbers whenever it builds it
        self.operation_names: list[str] = []  # theirs, of the last time
        self.number_in_body: int | None = None  # layers in the body of its call, as it was made last

    @property
    def is_sequential(self) -> bool:
        """Whether it is a Sequential, or comes of it."""
        return self.kind == "Sequential"

    @property
    def is_own(self) -> bool:
        """Whether its ``call`` is one of a class of the source."""
        return self.instance is not None and self.kind is None


class Weight:
    """A weight that ``add_weight`` or ``Variable`` makes: its shape, and the node that gives it in a graph."""

    __slots__ = ("call", "dtype", "name", "shape", "trainable")

    def __init__(self, call: Call, name: str, shape: Value, dtype: str, trainable: bool) -> None:
        self.call = call
        self.name = name
        self.shape = shape
        self.dtype = dtype
        self.trainable = trainable


class Array:
    """An array of numbers whose values do not matter: its shape (a dim may be a Poly or Missing) and dtype."""

    __slots__ = ("dtype", "name", "shape")

    def __init__(self, shape: tuple[Value, ...], dtype: str = "float32", name: str = "an array") -> None:
        self.shape = shape
        self.dtype = dtype
        self.name = name

    def forget(self, name: str | None = None) -> Array:
        """The array under a name: the program may write into it, and nothing is known of its numbers from now on."""
        return Array(self.shape, self.dtype, name or self.name)


class Batches:
    """A dataset that gives batches: what one element is, as a structure of arrays, the batch in front."""

    __slots__ = ("element",)

    def __init__(self, element: Value) -> None:
        self.element = element


class Stream:
    """An iterator: each item is given once. ``items`` is Python's own iterator over values."""

    __slots__ = ("items",)

    def __init__(self, items: Iterator[Value]) -> None:
        self.items = items

    def taken(self, most: int) -> list[Value] | None:
        """All that is left; ``None`` if it is more than ``most``."""
        found = list(islice(self.items, most + 1))
        return found if len(found) <= most else None


class Field:
    """``dataclasses.field(…)``: what a field is where it is not given. Not ``is_given``: no argument gives it."""

    __slots__ = ("default", "factory", "is_given")

    def __init__(self, default: Value, factory: Value, is_given: bool = True) -> None:
        self.default, self.factory, self.is_given = default, factory, is_given
