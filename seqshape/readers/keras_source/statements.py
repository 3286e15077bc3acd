"""Statements: what a program does, one after the other."""

from __future__ import annotations

import ast
import contextlib
from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.readers.keras_source import imports
from seqshape.readers.keras_source.changes import forget_calls, is_sized, open_up, settle
from seqshape.readers.keras_source.containers import enumerate_members, is_enumeration
from seqshape.readers.keras_source.effects import Effects, effects, leaves
from seqshape.readers.keras_source.expressions import apply_binary
from seqshape.readers.keras_source.items import iterate
from seqshape.readers.keras_source.machine import Broken, Continued, Raised, Returned
from seqshape.readers.keras_source.numbering import skip
from seqshape.readers.keras_source.operators import truth
from seqshape.readers.keras_source.patterns import fits_pattern
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

MOST_TURNS = 2000  # of one loop
IDLE_TURNS = 200  # of one that makes no layer
IDLE_STEPS = 40_000  # of the machine, likewise


def expression(run: Interpreter, node: ast.Expr, frame: Frame) -> Work:
    """An expression whose value is thrown away."""
    yield run.evaluate(node.value, frame)


def assign(run: Interpreter, node: ast.Assign, frame: Frame) -> Work:
    """``name = value``."""
    value = yield run.evaluate(node.value, frame)
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


def _decorated(run: Interpreter, value: Value, decorator: Value, frame: Frame, node: ast.AST) -> Work:
    """A function behind a decorator: one of Python's kinds, one of the source's, else the function as it is."""
    if isinstance(decorator, External):
        last = decorator.path.rpartition(".")[2]
        if isinstance(value, Function) and last in KINDS:
            value.kind = "property" if last == "cached_property" else last
        elif isinstance(value, Function) and last in ("setter", "deleter"):
            value.kind = last
        return value
    if isinstance(decorator, (Function, Class)):
        return (yield run.call(decorator, [value], {}, frame, node))
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
    frame.scope.home(node.name).names[node.name] = made


def returned(run: Interpreter, node: ast.Return, frame: Frame) -> Work:
    """``return``. Raises Returned."""
    raise Returned((yield run.evaluate(node.value, frame)) if node.value is not None else None)


def branch(run: Interpreter, node: ast.If, frame: Frame) -> Work:
    """One way of a branch; where nothing tells which, neither, and what both would change is not known."""
    test = yield run.evaluate(node.test, frame)
    known = truth(test)
    if known is not None:
        yield run.block(node.body if known else node.orelse, frame)
    elif leaves(node.body):
        yield run.block(node.orelse, frame)
    elif node.orelse and leaves(node.orelse):
        yield run.block(node.body, frame)
    else:
        undecided(run, node, test, frame)


def undecided(run: Interpreter, node: ast.If, test: Value, frame: Frame) -> None:
    """A branch that nothing decides. Raises Returned where one way of it leaves the function."""
    changed = effects([*node.body, *node.orelse])
    name = test.name if isinstance(test, Missing) else run.written(node.test, frame)
    span = frame.span(node.test)
    forget(run, changed, frame, span, f"the branch on {name}")
    forget_calls(run, [*node.body, *node.orelse], frame, span)
    if changed.any():
        run.undecided(name, span, frame)
    skip(run, [*node.body, *node.orelse], frame, span, f"the branch on {name}")
    if changed.returns:
        raise Returned(Missing(f"what {frame.function or 'it'} returns", span))
    if changed.breaks:
        raise Broken


def forget(run: Interpreter, changed: Effects, frame: Frame, span: Span, why: str) -> None:
    """What has been changed in a way that is not known is not known any more."""
    for name in sorted(changed.names):
        frame.scope.home(name).names[name] = run.missing(name, span)
    for name in sorted(changed.touched - changed.names):
        run.doubt(frame.scope.find(name), why, span, frame.scope.home(name), name)
    for attribute in sorted(changed.attributes):
        if isinstance(frame.first, Instance):
            frame.first.attributes[attribute] = run.missing(f"self.{attribute}", span)


def repeat_for(run: Interpreter, node: ast.For | ast.AsyncFor, frame: Frame) -> Work:
    """``for``."""
    source = yield run.evaluate(node.iter, frame)
    items = source.items if isinstance(source, Stream) else (yield iterate(run, source, frame, node.iter, lazily=True))
    if items is None:
        yield _once(run, node, source, frame)
        return
    turns, before = 0, run.made
    start = run.machine.left
    for each in items:
        turns += 1
        if _is_enough(run, turns, start, before):
            forget(run, effects(node.body), frame, frame.span(node.iter), "a loop of very many turns")
            skip(run, node.body, frame, frame.span(node.iter), "the rest of this loop")
            run.say_loop(frame.span(node.iter), f"of this loop only the first {turns - 1:,} turns are read", frame)
            yield _turn(run, node, each, frame, frame.span(node.iter))
            return
        yield run.assign(node.target, each, frame)
        try:
            yield run.block(node.body, frame)
        except Broken:
            return
        except Continued:
            continue
    yield run.block(node.orelse, frame)


def _is_enough(run: Interpreter, turns: int, start: int, made: int) -> bool:
    """Whether a loop has turned so often, or taken so many steps without a layer, that it is not read further."""
    idle = run.made == made and (turns > IDLE_TURNS or start - run.machine.left > IDLE_STEPS)
    return turns > MOST_TURNS or idle


def _once(run: Interpreter, node: ast.For | ast.AsyncFor | ast.While, source: Value, frame: Frame) -> Work:
    """A loop of which nothing tells how often it turns: its body once. What that changes is not sure any more."""
    where = node.test if isinstance(node, ast.While) else node.iter
    span = frame.span(where)
    changed = effects(node.body)
    item = None if isinstance(node, ast.While) else element(run, source, run.written(where, frame), span)
    name = source.name if isinstance(source, Missing) else run.written(where, frame)
    skip(run, node.body, frame, span, f"the loop over {name}")
    yield _turn(run, node, item, frame, span)
    for each in sorted(changed.names):
        scope = frame.scope.home(each)
        if is_sized(scope.names.get(each)):
            scope.names[each] = run.missing(each, span)
    run.say_loop(span, f"nothing tells how often this loop turns ({name}), so its body is read once", frame)


def _turn(run: Interpreter, node: ast.For | ast.AsyncFor | ast.While, item: Value, frame: Frame, span: Span) -> Work:
    """One turn that stands for any number of them: what it changes is not known afterwards."""
    start = len(run.changed)
    if not isinstance(node, ast.While):
        yield run.assign(node.target, item, frame)
    with run.open_loop(span), contextlib.suppress(Broken, Continued):
        yield run.block(node.body, frame)
    settle(run, start, span)


def element(run: Interpreter, source: Value, text: str, span: Span) -> Value:
    """One item of something of which nothing tells how many there are."""
    from seqshape.readers.keras_source.values import Batches

    if isinstance(source, Batches):
        return source.element
    if isinstance(source, Array) and source.shape:
        return Array(source.shape[1:], source.dtype, source.name) if len(source.shape) > 1 else Missing(text, span)
    return run.missing(f"{text}[i]", span)


def repeat_while(run: Interpreter, node: ast.While, frame: Frame) -> Work:
    """``while``."""
    turns, before = 0, run.made
    start = run.machine.left
    while True:
        test = yield run.evaluate(node.test, frame)
        known = truth(test)
        if known is None or _is_enough(run, turns, start, before):
            yield _once(run, node, test, frame)
            return
        if not known:
            yield run.block(node.orelse, frame)
            return
        turns += 1
        try:
            yield run.block(node.body, frame)
        except Broken:
            return
        except Continued:
            continue


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
        yield run.block(node.body, frame)
    finally:
        for context in reversed(entered):
            if isinstance(context, Stream):
                next(context.items, None)
    for context in reversed(entered):
        if isinstance(context, Instance) and context.cls.find("__exit__") is not None:
            yield run.call_method(context, "__exit__", [None, None, None], {}, frame, node)


def attempt(run: Interpreter, node: ast.Try, frame: Frame) -> Work:
    """``try``: what Keras refuses inside is an exception that the program may catch."""
    run.attempts += 1
    noted = run.mark_faults()
    try:
        yield run.block(node.body, frame)
    except Raised as raised:
        run.attempts -= 1
        handler = _handler(node, raised)
        if handler is None:
            yield run.block(node.finalbody, frame)
            raise
        run.forget_faults(noted)
        if handler.name:
            frame.scope.home(handler.name).names[handler.name] = Missing(handler.name, raised.span)
        yield run.block(handler.body, frame)
    else:
        run.attempts -= 1
        yield run.block(node.orelse, frame)
    yield run.block(node.finalbody, frame)


BROAD = {"Exception", "BaseException", "StandardError"}


def _handler(node: ast.Try, raised: Raised) -> ast.ExceptHandler | None:
    """The first handler that takes an exception, told by the names of classes."""
    for handler in node.handlers:
        if handler.type is None:
            return handler
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        names = {ast.unparse(kind).rpartition(".")[2] for kind in kinds}
        if names & BROAD or raised.kind in names or not raised.kind:
            return handler
    return None


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
    """``pass``, and ``assert``, which a program that goes on has passed."""


def match(run: Interpreter, node: ast.Match, frame: Frame) -> Work:
    """``match``; of what is not known it is not known which case it is."""
    subject = yield run.evaluate(node.subject, frame)
    for case in node.cases:
        fits = yield fits_pattern(run, case.pattern, subject, frame)
        if fits and case.guard is not None:
            fits = truth((yield run.evaluate(case.guard, frame)))
        if fits is None:
            bodies = [part for each in node.cases for part in each.body]
            forget(run, effects(bodies), frame, frame.span(node), "a match")
            skip(run, bodies, frame, frame.span(node), "this match")
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
    ast.For: repeat_for,
    ast.AsyncFor: repeat_for,
    ast.While: repeat_while,
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
    ast.Assert: nothing,
    ast.Import: imports.plain,
    ast.ImportFrom: imports.from_module,
    ast.Match: match,
}
