"""What changes where nothing tells whether or how often: containers that may hold more, values that may be others.

A container that may hold more items than are known has a :class:`Rest` among them, which goes with the items wherever
they are copied.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.readers.keras_source.effects import effects, marks
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.scope import ABSENT, Frame, Scope
from seqshape.readers.keras_source.values import Array, Function, Instance, Layer, Missing, Rest, Value
from seqshape.readers.keras_source.variants import in_any_order

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter

# Methods of Python's containers that change what they hold.
CHANGING = frozenset(
    (
        "append appendleft extend extendleft insert pop popleft popitem remove clear add discard update setdefault"
        " difference_update intersection_update symmetric_difference_update rotate"
    ).split()
)
DEEPEST = 12  # functions that call each other, looked through for changes


def may_hold_more(value: Value) -> bool:
    """Whether a container may hold more items than are known."""
    return isinstance(value, (list, tuple, dict, set, frozenset)) and any(isinstance(each, Rest) for each in value)


def known_items(items: Iterable[Value]) -> list[Value] | None:
    """The items to go through: all, or of layers and tensors those that are known; ``None`` if there may be others."""
    found = list(items)
    if not any(isinstance(each, Rest) for each in found):
        return found
    held = [each for each in found if not isinstance(each, Rest)]
    return held if any(isinstance(each, (Layer, SymbolicTensor)) for each in held) else None


@contextmanager
def any_order(run: Interpreter, source: Value, span: Span) -> Iterator[None]:
    """What is made inside is made in an order that nothing tells, where the source is a set."""
    if not in_any_order(source):
        yield
        return
    run.unordered.add(span)
    with run.open_loop(span):
        yield


def open_up(value: Value, span: Span) -> None:
    """From now on a container may hold more than is known, and an array other numbers."""
    if isinstance(value, Array):
        value.forget()
    if may_hold_more(value):
        return
    rest = Rest("more items", span)
    if isinstance(value, list):
        value.append(rest)
    elif isinstance(value, dict):
        value[rest] = rest
    elif isinstance(value, set):
        value.add(rest)


def is_sized(value: Value) -> bool:
    """Whether a value is one that another turn of a loop may have changed."""
    return value is None or isinstance(value, (bool, int, float, str, tuple, list, dict, set))


def settle(run: Interpreter, start: int, span: Span) -> None:
    """What has been changed since, in a loop of which nothing tells how often it turns, is not known any more."""
    for owner, key in run.changed[start:]:
        names = _names_of(owner)
        if names is None:
            _unsettle(owner, key, span)
        elif isinstance(key, str) and is_sized(names.get(key)):
            if isinstance(names[key], (list, dict, set)):
                open_up(names[key], span)
            else:
                names[key] = run.missing(f"self.{key}" if isinstance(owner, Instance) else key, span)


def _names_of(owner: Value | Scope) -> dict[str, Value] | None:
    if isinstance(owner, Instance):
        return owner.attributes
    return owner.names if isinstance(owner, Scope) else None


def _unsettle(owner: Value | Scope, key: Value, span: Span) -> None:
    """A container: an item of a size that was put there, or how many there are."""
    if isinstance(owner, Scope):
        return
    if key is None:
        open_up(owner, span)
        return
    if isinstance(owner, list) and isinstance(key, int) and -len(owner) <= key < len(owner):
        owner[key] = _unsure(owner[key], span)
    elif isinstance(owner, dict):
        owner[key] = _unsure(owner.get(key), span)
        open_up(owner, span)


def _unsure(held: Value, span: Span) -> Value:
    """What may be another one after more turns; a container is opened where it is changed itself."""
    return Missing("an item", span) if is_sized(held) and not isinstance(held, (list, dict, set)) else held


def forget_calls(run: Interpreter, nodes: Iterable[ast.AST], frame: Frame, span: Span) -> None:
    """What functions and methods of the source may change that are called in a part that was not followed."""
    _Forgetting(run, span).walk(nodes, frame.scope, 0)


def _meant(node: ast.expr, scope: Scope) -> tuple[Instance | None, Value]:
    """The object before the dot of a call and what is called."""
    if isinstance(node, ast.Name):
        return None, scope.find(node.id)
    owner = _object(node.value, scope) if isinstance(node, ast.Attribute) else None
    if isinstance(owner, Instance) and isinstance(node, ast.Attribute):
        return owner, owner.cls.find(node.attr)
    return None, None


def _object(node: ast.expr, scope: Scope) -> Value:
    """What a name, or a name behind dots, stands for now; ``None`` if that is not known."""
    if isinstance(node, ast.Name):
        return scope.find(node.id)
    owner = _object(node.value, scope) if isinstance(node, ast.Attribute) else None
    if isinstance(owner, Layer):
        owner = owner.instance
    return owner.attributes.get(node.attr) if isinstance(owner, Instance) and isinstance(node, ast.Attribute) else None


def _global_names(body: Iterable[ast.stmt]) -> set[str]:
    """The names that a function declares to be those of the module."""
    return {name for one in marks(body) if isinstance(one, ast.Global) for name in one.names}


class _Forgetting:
    """One part of a program that was not followed, and the functions that it calls."""

    def __init__(self, run: Interpreter, span: Span) -> None:
        self.run = run
        self.span = span
        self.seen: set[Function] = set()

    def walk(self, nodes: Iterable[ast.AST], scope: Scope, depth: int) -> None:
        """Look through syntax for calls."""
        found = marks(nodes)
        self.run.machine.spend(len(found))
        for each in found:
            if isinstance(each, ast.Call):
                self._called(each.func, scope, depth)
            elif isinstance(each, (ast.Attribute, ast.Subscript)):
                self._put(each, scope)

    def _put(self, node: ast.Attribute | ast.Subscript, scope: Scope) -> None:
        owner = _object(node.value, scope)
        if isinstance(node, ast.Attribute) and isinstance(owner, Instance):
            self._attribute(owner, node.attr)
        elif isinstance(node, ast.Subscript):
            key = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if isinstance(owner, dict) and key in owner:
                owner[key] = Missing("an item", self.span)
            open_up(owner, self.span)

    def _called(self, node: ast.expr, scope: Scope, depth: int) -> None:
        if isinstance(node, ast.Attribute) and node.attr in CHANGING:
            open_up(_object(node.value, scope), self.span)
        owner, function = _meant(node, scope)
        if not isinstance(function, Function) or function in self.seen or depth > DEEPEST:
            return
        self.seen.add(function)
        body = function.node.body if isinstance(function.node.body, list) else [ast.Expr(function.node.body)]
        changed = effects(body)
        for name in changed.touched:
            open_up(function.scope.find(name), self.span)
        for name in changed.attributes if owner is not None else ():
            self._attribute(owner, name)
        for name in _global_names(body) & changed.names:
            if function.scope.find(name) is not ABSENT:
                function.scope.top().names[name] = self.run.missing(name, self.span)
        self.walk(body, function.scope, depth + 1)

    def _attribute(self, owner: Instance | None, name: str) -> None:
        assert owner is not None
        value = owner.attributes.get(name)
        if isinstance(value, (list, dict, set)):
            open_up(value, self.span)
        elif is_sized(value):
            owner.attributes[name] = self.run.missing(f"self.{name}", self.span)
