"""Statements: what a program does, one after the other."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seqshape.readers.keras_source import imports, loops, protocols
from seqshape.readers.keras_source.branches import forget, undecided
from seqshape.readers.keras_source.changes import open_up
from seqshape.readers.keras_source.containers import enumerate_members, is_enumeration
from seqshape.readers.keras_source.effects import Effects, leaves
from seqshape.readers.keras_source.expressions import apply_binary, put_off
from seqshape.readers.keras_source.machine import Broken, Continued, Raised, Returned, Signal
from seqshape.readers.keras_source.patterns import fits_pattern
from seqshape.readers.keras_source.protocols import decided
from seqshape.readers.keras_source.scope import Frame, Scope
from seqshape.readers.keras_source.values import (
    Array,
    Class,
    External,
    Function,
    Instance,
    Missing,
    Stream,
    Value,
    Work,
    is_missing,
)

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter, Syntax


def expression(run: Interpreter, node: ast.Expr, frame: Frame) -> Work:
    """An expression whose value is thrown away."""
    yield run.evaluate(node.value, frame)


def assign(run: Interpreter, node: ast.Assign, frame: Frame) -> Work:
    """``name = value``."""
    later = type(node.value) is ast.GeneratorExp
    value = yield put_off(run, node.value, frame) if later else run.evaluate(node.value, frame)  # type: ignore[arg-type]
    for target in node.targets:
        yield run.assign(target, value, frame)


def annotated(run: Interpreter, node: ast.AnnAssign, frame: Frame) -> Work:
    """``name: kind = value``."""
    if node.value is not None:
        yield run.assign(node.target, (yield run.evaluate(node.value, frame)), frame)


def augmented(run: Interpreter, node: ast.AugAssign, frame: Frame) -> Work:
    """``name += value``; a list grows in place."""
    before = yield run.evaluate(_loaded(node.target), frame)
    more = yield run.evaluate(node.value, frame)
    if isinstance(node.op, ast.Add) and isinstance(before, list) and isinstance(more, (list, tuple)):
        before.extend(more)  # in place, as Python does it
        run.note_change(before)
        return
    if isinstance(node.op, ast.Add) and isinstance(before, list) and isinstance(more, Missing):
        open_up(before, frame.span(node))
        return
    if isinstance(before, Array):
        before.forget()
    value = yield apply_binary(run, type(node.op), before, more, frame, node)
    yield run.assign(node.target, value, frame)


def _loaded(target: ast.expr) -> ast.expr:
    """The same place, read and not written."""
    import copy

    found = copy.copy(target)
    found.ctx = ast.Load()  # type: ignore[attr-defined]
    return found


def define(run: Interpreter, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> Work:
    """A function."""
    made = yield run.function(node, frame)
    value: Value = made
    for decorator in reversed(node.decorator_list):
        found = yield run.evaluate(decorator, frame)
        value = yield _decorated(run, value, found, frame, node)
    frame.scope.home(node.name).names[node.name] = value


KINDS = {"staticmethod", "classmethod", "property", "abstractmethod", "cached_property"}
REMEMBERING = {"cached_property", "cache", "lru_cache"}


def _decorated(run: Interpreter, value: Value, decorator: Value, frame: Frame, node: ast.AST) -> Work:
    """A function behind a decorator: one of Python's kinds, one of the source's, else the function as it is."""
    if not isinstance(decorator, External):
        return (yield protocols.decorated(run, value, decorator, frame, node))
    last = decorator.path.rpartition(".")[2]
    if isinstance(value, Function) and last in KINDS:
        value.kind = "property" if last == "cached_property" else last
    if isinstance(value, Function) and last in REMEMBERING:
        value.memo = {}
    return value


def define_class(run: Interpreter, node: ast.ClassDef, frame: Frame) -> Work:
    """A class."""
    bases = []
    for base in node.bases:
        bases.append((yield run.evaluate(base, frame)))
    inner = frame.inside(Scope(frame.scope, is_class=True))
    made = Class(node.name, bases, inner.scope.names, node)
    yield run.block(node.body, inner)
    for value in made.names.values():
        if isinstance(value, Function) and value.owner is None:
            value.owner = made
    if is_enumeration(made):
        enumerate_members(made)
    keywords = {}
    for each in node.keywords:
        keywords[each.arg or ""] = yield run.evaluate(each.value, frame)
    value = yield protocols.begin_class(run, made, keywords, frame, node)
    for decorator in reversed(node.decorator_list):
        value = yield protocols.decorated(run, value, (yield run.evaluate(decorator, frame)), frame, node)
    frame.scope.home(node.name).names[node.name] = value


def returned(run: Interpreter, node: ast.Return, frame: Frame) -> Work:
    """``return``. Raises Returned."""
    raise Returned((yield run.evaluate(node.value, frame)) if node.value is not None else None)


def branch(run: Interpreter, node: ast.If, frame: Frame) -> Work:
    """One way of a branch; where nothing tells which, neither, and what both would change is not known."""
    test = yield run.evaluate(node.test, frame)
    known = yield decided(run, test, frame, node.test)
    if known is not None:
        yield run.block(node.body if known else node.orelse, frame)
    elif leaves(node.body):
        yield run.block(node.orelse, frame)
    elif node.orelse and leaves(node.orelse):
        yield run.block(node.body, frame)
    else:
        name = test.name if isinstance(test, Missing) else run.written(node.test, frame)
        yield undecided(run, [*node.body, *node.orelse], name, frame, node.test)


def with_block(run: Interpreter, node: ast.With | ast.AsyncWith, frame: Frame) -> Work:
    """``with``."""
    entered: list[Value] = []
    for entry in node.items:
        context = yield run.evaluate(entry.context_expr, frame)
        inner = context
        if isinstance(context, Instance) and context.cls.find("__enter__") is not None:
            inner = yield run.call_method(context, "__enter__", [], {}, frame, entry.context_expr)
        elif isinstance(context, Stream):  # of a function that is a contextmanager
            inner = next(context.items, None)
        entered.append(context)
        if entry.optional_vars is not None:
            yield run.assign(entry.optional_vars, inner, frame)
    try:
        yield _entered(run, node, entered, frame)
    except Signal as signal:
        if not (yield _left(run, entered, signal, frame, node)):
            raise
    else:
        yield _left(run, entered, None, frame, node)


def _entered(run: Interpreter, node: ast.With | ast.AsyncWith, entered: list[Value], frame: Frame) -> Work:
    """What stands in a ``with``, where an exception may be held back by what is entered."""
    may_hold = any(isinstance(each, (Instance, protocols.Suppressed)) for each in entered)
    yield _risked(run, node.body, frame) if may_hold else run.block(node.body, frame)


def _left(run: Interpreter, entered: list[Value], signal: Signal | None, frame: Frame, node: ast.AST) -> Work:
    """Leave what was entered, the last first. Gives whether an exception is held back."""
    problem = signal if isinstance(signal, Raised) else None
    is_held = False
    for context in reversed(entered):
        if isinstance(context, Stream):
            next(context.items, None)
        elif isinstance(context, Instance) and context.cls.find("__exit__") is not None:
            said = Missing("an exception", frame.span(node)) if problem is not None else None
            found = yield run.call_method(context, "__exit__", [said, said, said], {}, frame, node)
            if problem is not None and (yield decided(run, found, frame, node)):
                is_held, problem = True, None
        elif problem is not None and protocols.suppresses(context, problem):
            is_held, problem = True, None
    return is_held


def attempt(run: Interpreter, node: ast.Try, frame: Frame) -> Work:
    """``try``; what stands under ``finally`` is done whatever way the rest is left."""
    try:
        yield _attempted(run, node, frame)
    except Signal:
        yield run.block(node.finalbody, frame)
        raise
    yield run.block(node.finalbody, frame)


def _attempted(run: Interpreter, node: ast.Try, frame: Frame) -> Work:
    """What Keras refuses inside is an exception that the program may catch."""
    noted = run.mark_faults()
    try:
        yield _risked(run, node.body, frame)
    except Raised as raised:
        handler = _handler(node, raised, frame)
        if handler is None:
            raise
        run.forget_faults(noted)
        if handler.name:
            frame.scope.home(handler.name).names[handler.name] = Missing(handler.name, raised.span)
        yield run.block(handler.body, frame)
    else:
        yield run.block(node.orelse, frame)


def _risked(run: Interpreter, body: list[ast.stmt], frame: Frame) -> Work:
    run.attempts += 1
    try:
        yield run.block(body, frame)
    finally:
        run.attempts -= 1


BROAD = {"Exception", "BaseException", "StandardError"}


def _handler(node: ast.Try, raised: Raised, frame: Frame) -> ast.ExceptHandler | None:
    """The first handler that takes an exception, told by the names of classes."""
    classes = _classes_of(raised.kind, frame)
    for handler in node.handlers:
        if handler.type is None:
            return handler
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        names = {ast.unparse(kind).rpartition(".")[2] for kind in kinds}
        if names & BROAD or names & classes or not raised.kind:
            return handler
    return None


def _classes_of(kind: str, frame: Frame) -> set[str]:
    """The names of the class of an exception and of those before it."""
    import builtins

    known = frame.scope.find(kind)
    if isinstance(known, Class):
        named = [each for each in known.lineage() if isinstance(each, (Class, External, Missing))]
        return {getattr(each, "path", getattr(each, "name", "")).rpartition(".")[2] for each in named}
    of_python = getattr(builtins, kind, None)
    return {kind, *(each.__name__ for each in of_python.__mro__)} if isinstance(of_python, type) else {kind}


def raised(run: Interpreter, node: ast.Raise, frame: Frame) -> Work:
    """``raise``. Raises Raised."""
    span = frame.span(node)
    if node.exc is None:
        raise Raised(None, "", "", span)
    what = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    kind = ast.unparse(what).rpartition(".")[2]
    message = ""
    if isinstance(node.exc, ast.Call) and node.exc.args:
        said = yield run.evaluate(node.exc.args[0], frame)
        message = said if isinstance(said, str) else ""
    raise Raised(None, kind, message, span)


def deleted(run: Interpreter, node: ast.Delete, frame: Frame) -> Work:
    """``del name``, ``del x[i]``, ``del x.name``; of what is not known nothing is known afterwards."""
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.scope.home(target.id).names.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            owner = yield run.evaluate(target.value, frame)
            index = yield run.evaluate(target.slice, frame)
            if isinstance(owner, (list, dict)) and not is_missing(index):
                del owner[index]
            elif isinstance(target.value, ast.Name):
                changed = Effects()
                changed.touched.add(target.value.id)
                forget(run, changed, frame, frame.span(target), "an item of it is deleted")
        elif isinstance(target, ast.Attribute):
            owner = yield run.evaluate(target.value, frame)
            instance = owner if isinstance(owner, Instance) else getattr(owner, "instance", None)
            if instance is not None:
                instance.attributes.pop(target.attr, None)


def global_names(run: Interpreter, node: ast.Global, frame: Frame) -> None:
    """``global``."""
    frame.scope.globals.update(node.names)


def nonlocal_names(run: Interpreter, node: ast.Nonlocal, frame: Frame) -> None:
    """``nonlocal``."""
    frame.scope.nonlocals.update(node.names)


def broken(run: Interpreter, node: ast.Break, frame: Frame) -> None:
    """``break``. Raises Broken."""
    raise Broken


def continued(run: Interpreter, node: ast.Continue, frame: Frame) -> None:
    """``continue``. Raises Continued."""
    raise Continued


def nothing(run: Interpreter, node: ast.stmt, frame: Frame) -> None:
    """``pass``."""


def claimed(run: Interpreter, node: ast.Assert, frame: Frame) -> Work:
    """``assert``, which a program that goes on has passed where nothing tells. Raises Raised where it has not."""
    test = yield run.evaluate(node.test, frame)
    if (yield decided(run, test, frame, node.test)) is False:
        raise Raised(None, "AssertionError", "", frame.span(node))


def match(run: Interpreter, node: ast.Match, frame: Frame) -> Work:
    """``match``; of what is not known it is not known which case it is."""
    subject = yield run.evaluate(node.subject, frame)
    for case in node.cases:
        fits = yield fits_pattern(run, case.pattern, subject, frame)
        if fits and case.guard is not None:
            fits = yield decided(run, (yield run.evaluate(case.guard, frame)), frame, case.guard)
        if fits is None:
            bodies = [part for each in node.cases for part in each.body]
            yield undecided(run, bodies, run.written(node.subject, frame), frame, node.subject)
            return
        if fits:
            yield run.block(case.body, frame)
            return


HANDLERS: dict[type[ast.stmt], Syntax] = {
    ast.Expr: expression,
    ast.Assign: assign,
    ast.AnnAssign: annotated,
    ast.AugAssign: augmented,
    ast.FunctionDef: define,
    ast.AsyncFunctionDef: define,
    ast.ClassDef: define_class,
    ast.Return: returned,
    ast.If: branch,
    ast.For: loops.repeat_for,
    ast.AsyncFor: loops.repeat_for,
    ast.While: loops.repeat_while,
    ast.With: with_block,
    ast.AsyncWith: with_block,
    ast.Try: attempt,
    ast.Raise: raised,
    ast.Delete: deleted,
    ast.Global: global_names,
    ast.Nonlocal: nonlocal_names,
    ast.Break: broken,
    ast.Continue: continued,
    ast.Pass: nothing,
    ast.Assert: claimed,
    ast.Import: imports.plain,
    ast.ImportFrom: imports.from_module,
    ast.Match: match,
}
