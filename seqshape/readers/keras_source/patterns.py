"""The patterns of ``match``: whether a value has one, and what the names in it then mean."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from seqshape.readers.keras_source.builtins import is_instance
from seqshape.readers.keras_source.operators import holds_missing
from seqshape.readers.keras_source.rooms import room
from seqshape.readers.keras_source.scope import Frame
from seqshape.readers.keras_source.values import Class, Value, Work, is_missing

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter


def fits_pattern(run: Interpreter, pattern: ast.pattern, subject: Value, frame: Frame) -> Work:
    """Whether a value has a pattern; ``None`` where nothing tells."""
    if isinstance(pattern, ast.MatchAs):
        fits = True if pattern.pattern is None else (yield fits_pattern(run, pattern.pattern, subject, frame))
        return _named(fits, pattern.name, subject, frame)
    if is_missing(subject):
        return None
    handler = HANDLERS.get(type(pattern))
    return None if handler is None else (yield handler(run, pattern, subject, frame))


def _named(fits: bool | None, name: str | None, value: Value, frame: Frame) -> bool | None:
    if fits and name:
        frame.scope.home(name).names[name] = value
    return fits


def _value(run: Interpreter, pattern: ast.MatchValue, subject: Value, frame: Frame) -> Work:
    wanted = yield run.evaluate(pattern.value, frame)
    if holds_missing([wanted, subject]):
        return None
    return wanted is subject or bool(wanted == subject)


def _singleton(run: Interpreter, pattern: ast.MatchSingleton, subject: Value, frame: Frame) -> Work:
    return pattern.value is subject
    yield  # pragma: no cover -- what makes this a generator


def _either(run: Interpreter, pattern: ast.MatchOr, subject: Value, frame: Frame) -> Work:
    unsure = False
    for part in pattern.patterns:
        fits = yield fits_pattern(run, part, subject, frame)
        if fits:
            return True
        unsure = unsure or fits is None
    return None if unsure else False


def _all(run: Interpreter, pairs: list[tuple[ast.pattern, Value]], frame: Frame) -> Work:
    """Whether all parts have their patterns."""
    unsure = False
    for part, value in pairs:
        fits = yield fits_pattern(run, part, value, frame)
        if fits is False:
            return False
        unsure = unsure or fits is None
    return None if unsure else True


def _sequence(run: Interpreter, pattern: ast.MatchSequence, subject: Value, frame: Frame) -> Work:
    if not isinstance(subject, (list, tuple)):
        return False
    wanted = pattern.patterns
    star = next((place for place, each in enumerate(wanted) if isinstance(each, ast.MatchStar)), None)
    if star is None:
        return len(wanted) == len(subject) and (yield _all(run, list(zip(wanted, subject, strict=True)), frame))
    after = len(wanted) - star - 1
    if len(subject) < len(wanted) - 1:
        return False
    stop = len(subject) - after
    pairs = [*zip(wanted[:star], subject[:star], strict=True), *zip(wanted[star + 1 :], subject[stop:], strict=True)]
    fits = yield _all(run, pairs, frame)
    return _named(fits, getattr(wanted[star], "name", None), list(subject[star:stop]), frame)


def _mapping(run: Interpreter, pattern: ast.MatchMapping, subject: Value, frame: Frame) -> Work:
    if not isinstance(subject, dict):
        return False
    keys = []
    for key in pattern.keys:
        keys.append((yield run.evaluate(key, frame)))
    if holds_missing(keys):
        return None
    if not all(key in subject for key in keys):
        return False
    fits = yield _all(run, [(part, subject[key]) for key, part in zip(keys, pattern.patterns, strict=True)], frame)
    return _named(fits, pattern.rest, {key: item for key, item in subject.items() if key not in keys}, frame)


def _class(run: Interpreter, pattern: ast.MatchClass, subject: Value, frame: Frame) -> Work:
    kind = yield run.evaluate(pattern.cls, frame)
    fits = is_instance(subject, kind)
    if not fits:
        return fits
    names = pattern.kwd_attrs
    places = pattern.patterns
    if isinstance(kind, Class):
        names = [*room("containers").fields_of(kind)[: len(places)], *names]
    elif len(places) == 1 and not names:  # ``int(n)`` names the value itself
        return (yield fits_pattern(run, places[0], subject, frame))
    parts = [*places, *pattern.kwd_patterns]
    if len(names) != len(parts):
        return None
    pairs = []
    for name, part in zip(names, parts, strict=True):
        pairs.append((part, (yield room("attributes").attribute(run, subject, name, frame, pattern.cls))))
    return (yield _all(run, pairs, frame))


HANDLERS: dict[type[ast.pattern], Callable[..., Work]] = {
    ast.MatchValue: _value,
    ast.MatchSingleton: _singleton,
    ast.MatchOr: _either,
    ast.MatchSequence: _sequence,
    ast.MatchMapping: _mapping,
    ast.MatchClass: _class,
}
