"""Loops: turn by turn where it is known how often they turn, else once, for any number of turns."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from seqshape.diagnostics import Span
from seqshape.readers.keras_source.branches import forget, pass_over
from seqshape.readers.keras_source.changes import any_order, is_sized, may_hold_more, settle
from seqshape.readers.keras_source.effects import effects
from seqshape.readers.keras_source.items import iterate
from seqshape.readers.keras_source.machine import Broken, Continued, Returned, Unsure
from seqshape.readers.keras_source.numbering import skip
from seqshape.readers.keras_source.protocols import decided
from seqshape.readers.keras_source.scope import Frame
from seqshape.readers.keras_source.values import Array, Batches, Layer, Missing, Rest, Stream, Value, Work
from seqshape.readers.keras_source.variants import Part

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter

MOST_TURNS = 2000  # of one loop
IDLE_TURNS = 200  # of one that makes no layer
IDLE_STEPS = 40_000  # of the machine, likewise
Loop: TypeAlias = ast.For | ast.AsyncFor | ast.While


def repeat_for(run: Interpreter, node: ast.For | ast.AsyncFor, frame: Frame) -> Work:
    """``for``."""
    source = yield run.evaluate(node.iter, frame)
    items = source.items if isinstance(source, Stream) else (yield iterate(run, source, frame, node.iter, lazily=True))
    if items is None:
        yield _once(run, node, source, frame)
        return
    if may_hold_more(source):
        yield _any_turns(run, node, source, frame, frame.span(node.iter), "the rest of this loop", items)
        return
    try:
        with any_order(run, source, frame.span(node.iter)):
            yield _turns(run, node, items, frame)
    except Broken:
        return
    except Unsure as unsure:
        yield _from_here(run, node, source, frame, unsure.span)
    else:
        yield run.block(node.orelse, frame)


def _turns(run: Interpreter, node: ast.For | ast.AsyncFor, items: Iterable[Value], frame: Frame) -> Work:
    """The turns of a loop over known items. Raises Broken or Unsure where it is left."""
    before, start = run.made, run.machine.left
    for turns, each in enumerate(items, 1):
        if isinstance(each, Rest):
            raise Unsure(each.span)
        if _is_enough(run, turns, start, before):
            span = frame.span(node.iter)
            forget(run, effects(node.body), frame, span, "a loop of very many turns")
            skip(run, node.body, frame, span, "the rest of this loop")
            run.say_loop(span, f"of this loop only the first {turns - 1:,} turns are read", frame)
            yield _turns_of_any(run, node, [each], frame, span)
            raise Broken
        yield run.assign(node.target, each, frame)
        with contextlib.suppress(Continued):
            yield _body(run, node, frame)


def _body(run: Interpreter, node: Loop, frame: Frame) -> Work:
    """A turn. Where nothing tells whether the function is left in it, the turns to come may be made too."""
    try:
        yield run.block(node.body, frame)
    except Returned as returned:
        if not returned.is_sure:
            pass_over(run, [node], frame, returned.span, "what may not be reached")
        raise


def _is_enough(run: Interpreter, turns: int, start: int, made: int) -> bool:
    """Whether a loop has turned so often, or taken so many steps without a layer, that it is not read further."""
    idle = run.made == made and (turns > IDLE_TURNS or start - run.machine.left > IDLE_STEPS)
    return turns > MOST_TURNS or idle


def _once(run: Interpreter, node: Loop, source: Value, frame: Frame) -> Work:
    """A loop of which nothing tells how often it turns: its body once. What that changes is not sure any more."""
    where = node.test if isinstance(node, ast.While) else node.iter
    name = source.name if isinstance(source, Missing) else run.written(where, frame)
    yield _any_turns(run, node, source, frame, frame.span(where), f"the loop over {name}")
    run.say_loop(
        frame.span(where), f"nothing tells how often this loop turns ({name}), so its body is read once", frame
    )


def _from_here(run: Interpreter, node: Loop, source: Value, frame: Frame, span: Span) -> Work:
    """The rest of a loop that may have ended: one turn stands for those that may come."""
    yield _any_turns(run, node, source, frame, span, "the rest of this loop")


def _any_turns(
    run: Interpreter,
    node: Loop,
    source: Value,
    frame: Frame,
    span: Span,
    what: str,
    items: Iterable[Value] | None = None,
) -> Work:
    """One turn for any number of them, or one for each item that is known, and what follows on the last."""
    where = node.test if isinstance(node, ast.While) else node.iter
    if items is None:
        items = [element(run, source, run.written(where, frame), frame.span(where))]
    skip(run, node.body, frame, span, what)
    yield _turns_of_any(run, node, items, frame, span)
    changed = effects([node])
    for each in sorted(changed.names):
        scope = frame.scope.home(each)
        if is_sized(scope.names.get(each)):
            scope.names[each] = run.missing(each, span)
    if isinstance(source, Part) and isinstance(node, (ast.For, ast.AsyncFor)) and isinstance(node.target, ast.Name):
        _doubt_parts(run, source, node.target.id in changed.touched, frame, span)
    if effects(node.body).breaks:
        pass_over(run, node.orelse, frame, span, what)
    else:
        yield run.block(node.orelse, frame)


def _doubt_parts(run: Interpreter, source: Part, is_changed: bool, frame: Frame, span: Span) -> None:
    """A loop over some layers of a list, nothing tells which, that changes them."""
    for each in source.of if is_changed else ():
        if isinstance(each, Layer):
            run.doubt(each, "nothing tells which layers this loop changes", span, frame.scope, "")


def _turns_of_any(run: Interpreter, node: Loop, items: Iterable[Value], frame: Frame, span: Span) -> Work:
    """Turns that stand for any number of them: what they change is not known afterwards."""
    start = len(run.changed)
    frame.open_turns += 1
    try:
        with run.open_loop(span), contextlib.suppress(Broken):
            for each in items:
                if not isinstance(node, ast.While):
                    yield run.assign(node.target, each, frame)
                with contextlib.suppress(Continued):
                    yield run.block(node.body, frame)
    except Returned as returned:  # it may not come to that turn
        value = Missing(f"what {frame.function or 'it'} returns", span)
        raise Returned(value, returned.span, is_sure=False) from None
    finally:
        frame.open_turns -= 1
        settle(run, start, span)


def element(run: Interpreter, source: Value, text: str, span: Span) -> Value:
    """One item of something of which nothing tells how many there are."""
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
        known = yield decided(run, test, frame, node.test)
        if known is None or _is_enough(run, turns, start, before):
            yield _once(run, node, test, frame)
            return
        if not known:
            yield run.block(node.orelse, frame)
            return
        turns += 1
        try:
            yield _body(run, node, frame)
        except Broken:
            return
        except Continued:
            continue
        except Unsure as unsure:
            yield _from_here(run, node, test, frame, unsure.span)
            return
