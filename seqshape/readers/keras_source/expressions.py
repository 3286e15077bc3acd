"""Expressions: from a piece of syntax to a value."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any, TypeAlias

from seqshape.readers.keras_source import operators, protocols
from seqshape.readers.keras_source.attributes import attribute
from seqshape.readers.keras_source.changes import any_order, may_hold_more
from seqshape.readers.keras_source.items import item, iterate
from seqshape.readers.keras_source.machine import Given, on_behalf
from seqshape.readers.keras_source.numbering import skip
from seqshape.readers.keras_source.operators import BINARY, COMPARISONS, OPERATIONS, is_peculiar, is_tensor
from seqshape.readers.keras_source.protocols import decided
from seqshape.readers.keras_source.rooms import room
from seqshape.readers.keras_source.scope import ABSENT, Frame, Scope
from seqshape.readers.keras_source.values import (
    Array,
    External,
    Instance,
    Missing,
    Rest,
    Stream,
    Value,
    Work,
    is_missing,
)
from seqshape.readers.keras_source.variants import Shuffled, in_any_order

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter, Syntax

SIGNS: dict[type[ast.unaryop], operators.Operation] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
MOST_ITEMS = 20_000  # that a comprehension makes


def constant(run: Interpreter, node: ast.Constant, frame: Frame) -> Value:
    """A literal."""
    return node.value


def name(run: Interpreter, node: ast.Name, frame: Frame) -> Value:
    """What a name means."""
    found = frame.scope.find(node.id)
    return found if found is not ABSENT else run.outside(node.id, frame, frame.span(node))


def attribute_of(run: Interpreter, node: ast.Attribute, frame: Frame) -> Work:
    """``x.name``."""
    owner = yield run.evaluate(node.value, frame)
    return (yield attribute(run, owner, node.attr, frame, node))


def subscript(run: Interpreter, node: ast.Subscript, frame: Frame) -> Work:
    """``x[i]``."""
    owner = yield run.evaluate(node.value, frame)
    index = yield run.evaluate(node.slice, frame)
    return (yield item(run, owner, index, frame, node))


def slice_of(run: Interpreter, node: ast.Slice, frame: Frame) -> Work:
    """``a:b:c``."""
    parts = []
    for part in (node.lower, node.upper, node.step):
        parts.append((yield run.evaluate(part, frame)) if part is not None else None)
    return slice(*parts)


def sequence(run: Interpreter, node: ast.Tuple | ast.List | ast.Set, frame: Frame) -> Work:
    """A tuple, a list or a set, with what stars unpack."""
    found: list[Value] = []
    is_shuffled = False
    for each in node.elts:
        if isinstance(each, ast.Starred):
            inside = yield run.evaluate(each.value, frame)
            items = yield iterate(run, inside, frame, each)
            if items is None:
                return Missing(run.written(node, frame), frame.span(node))
            found.extend(items)
            is_shuffled = is_shuffled or in_any_order(inside)
            if may_hold_more(inside):
                found.append(Rest("more items", frame.span(each)))
        else:
            found.append((yield run.evaluate(each, frame)))
    if isinstance(node, ast.Set):
        return set(found) if all(_hashable(each) for each in found) else Missing("a set", frame.span(node))
    if isinstance(node, ast.Tuple):
        return tuple(found)
    return Shuffled(found) if is_shuffled else found


def mapping(run: Interpreter, node: ast.Dict, frame: Frame) -> Work:
    """A dict."""
    found: dict[Any, Value] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        what = yield run.evaluate(value, frame)
        if key is None:
            if not isinstance(what, dict):
                return Missing(run.written(node, frame), frame.span(node))
            found.update(what)
            continue
        called = yield run.evaluate(key, frame)
        if not _hashable(called):
            return Missing(run.written(node, frame), frame.span(node))
        found[called] = what
    return found


def _hashable(value: Value) -> bool:
    if isinstance(value, tuple):
        return all(map(_hashable, value))
    return not isinstance(value, (list, dict, set)) and not is_missing(value) and not is_peculiar(value)


def binary(run: Interpreter, node: ast.BinOp, frame: Frame) -> Work:
    """An operator between two values."""
    left = yield run.evaluate(node.left, frame)
    right = yield run.evaluate(node.right, frame)
    return (yield apply_binary(run, type(node.op), left, right, frame, node))


def apply_binary(
    run: Interpreter, kind: type[ast.operator], left: Value, right: Value, frame: Frame, node: ast.AST
) -> Work:
    """An operator between two values: of Python, of numbers with names, of a class of the source, or on tensors."""
    sign, function = BINARY[kind]
    span = frame.span(node)
    if is_tensor(left) or is_tensor(right):
        if sign in OPERATIONS and not (is_missing(left) or is_missing(right)):
            return run.operation(OPERATIONS[sign], [left, right], {}, span)
        return Missing(run.written(node, frame), span)
    for one, method, other in ((left, _dunder(kind), right), (right, _dunder(kind, "r"), left)):
        if isinstance(one, Instance) and one.cls.find(method) is not None:
            return (yield run.call_method(one, method, [other], {}, frame, node))
    if (is_missing(left) or is_missing(right)) and sign == "%" and isinstance(left, str):
        return Missing(run.written(node, frame), span)
    return operators.combine(sign, function, left, right, span)


def _dunder(kind: type[ast.operator], side: str = "") -> str:
    name = {"Mult": "mul", "Div": "truediv", "MatMult": "matmul"}.get(kind.__name__, kind.__name__.lower())
    return f"__{side}{name}__"


def unary(run: Interpreter, node: ast.UnaryOp, frame: Frame) -> Work:
    """An operator before a value."""
    operand = yield run.evaluate(node.operand, frame)
    span = frame.span(node)
    if isinstance(node.op, ast.Not):
        known = yield decided(run, operand, frame, node)
        return Missing(f"not {operators.text(operand)}", span) if known is None else not known
    if is_tensor(operand):
        name = {ast.USub: "negative", ast.Invert: "logical_not"}.get(type(node.op))
        return run.operation(name, [operand], {}, span) if name is not None else operand
    if is_missing(operand):
        return Missing(f"-{operators.text(operand)}", span) if isinstance(node.op, ast.USub) else operand
    if isinstance(operand, Array):
        return operand
    if isinstance(operand, External):
        return Missing(run.written(node, frame), span)
    return on_behalf(SIGNS[type(node.op)], operand)


def boolean(run: Interpreter, node: ast.BoolOp, frame: Frame) -> Work:
    """``and`` and ``or`` stop where they are decided; what is not known before that keeps them open."""
    stops = isinstance(node.op, ast.Or)
    unknown: Value = None
    value: Value = None
    for each in node.values:
        value = yield run.evaluate(each, frame)
        known = yield decided(run, value, frame, node)
        if known is None:
            unknown = value
        elif known == stops and unknown is None:
            return value
        elif known == stops:
            return stops if not stops else Missing(run.written(node, frame), frame.span(node))
    return value if unknown is None else Missing(run.written(node, frame), frame.span(node))


def comparison(run: Interpreter, node: ast.Compare, frame: Frame) -> Work:
    """Comparisons, one behind the other."""
    left = yield run.evaluate(node.left, frame)
    unknown: Value = None
    for kind, each in zip(node.ops, node.comparators, strict=True):
        right = yield run.evaluate(each, frame)
        if isinstance(left, Instance) or isinstance(right, Instance):
            found = yield _of_objects(run, type(kind), left, right, frame, node)
        else:
            found = compared(run, type(kind), left, right, frame, node)
        if not isinstance(found, bool):
            if len(node.ops) == 1:
                return found
            unknown = found
        elif not found:
            return False
        left = right
    return True if unknown is None else unknown


def _of_objects(
    run: Interpreter, kind: type[ast.cmpop], left: Value, right: Value, frame: Frame, node: ast.Compare
) -> Work:
    """A comparison in which an object of a class of the source takes part."""
    if kind in (ast.Is, ast.IsNot) or is_tensor(left) or is_tensor(right):
        return compared(run, kind, left, right, frame, node)
    found = yield protocols.compared(run, kind, left, right, frame, node)
    return Missing(run.written(node, frame), frame.span(node)) if found is None else found


def compared(
    run: Interpreter, kind: type[ast.cmpop], left: Value, right: Value, frame: Frame, node: ast.Compare
) -> Value:
    """One comparison: a bool, an operation on tensors, or Missing."""
    span = frame.span(node)
    if kind in (ast.Is, ast.IsNot):
        found = _same(left, right)
        return Missing(run.written(node, frame), span) if found is None else found == (kind is ast.Is)
    if kind in (ast.In, ast.NotIn):
        found = _inside(left, right)
        return Missing(run.written(node, frame), span) if found is None else found == (kind is ast.In)
    sign, function = COMPARISONS[kind]
    if is_tensor(left) or is_tensor(right):
        if left is None or right is None:
            return sign == "!="
        if (
            sign == "==" and not run.trace.quiet
        ):  # Keras's tensors have no such operator: Python's own asks for the same object
            return left is right
        return run.operation(OPERATIONS[sign], [left, right], {}, span)
    told = operators.compare(sign, function, left, right, span)
    return Missing(run.written(node, frame), span) if is_missing(told) else told


def _same(left: Value, right: Value) -> bool | None:
    from seqshape.dims import UNKNOWN

    left, right = (None if one is UNKNOWN else one for one in (left, right))
    if isinstance(left, Missing) or isinstance(right, Missing):
        return True if left is right else None
    if isinstance(left, External) and isinstance(right, External):
        return left.path == right.path
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, str, float)) and isinstance(right, (int, str, float)):
        return type(left) is type(right) and left == right
    return left is right


def _inside(one: Value, many: Value) -> bool | None:
    if is_missing(one) or not isinstance(many, (list, tuple, set, frozenset, dict, str, range)):
        return None
    if isinstance(many, str):
        return one in many if isinstance(one, str) else None
    unsure = False
    for each in many:
        if is_missing(each) or (each is not one and (is_peculiar(each) or is_peculiar(one))):
            unsure = True
        elif each is one or (_plain(each) and _plain(one) and each == one):
            return True
    return None if unsure else False


def _plain(value: Value) -> bool:
    return value is None or isinstance(value, (bool, int, float, str, bytes, tuple, External))


def conditional(run: Interpreter, node: ast.IfExp, frame: Frame) -> Work:
    """``a if test else b``; what nothing decides is not known."""
    test = yield run.evaluate(node.test, frame)
    known = yield decided(run, test, frame, node)
    if known is None:
        skip(run, [node.body, node.orelse], frame, frame.span(node), "what nothing decides here")
        return Missing(run.written(node, frame), frame.span(node))
    return (yield run.evaluate(node.body if known else node.orelse, frame))


def lambda_of(run: Interpreter, node: ast.Lambda, frame: Frame) -> Work:
    """A function without a name."""
    return (yield run.function(node, frame))


def text_of(run: Interpreter, node: ast.JoinedStr, frame: Frame) -> Work:
    """An f-string."""
    parts: list[str] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
            continue
        found = yield run.evaluate(part, frame)
        if not isinstance(found, str):
            return Missing(run.written(node, frame), frame.span(node))
        parts.append(found)
    joined = "".join(parts)
    return joined if len(joined) < 100_000 else Missing("a long text", frame.span(node))


def formatted(run: Interpreter, node: ast.FormattedValue, frame: Frame) -> Work:
    """A part of an f-string."""
    value = yield run.evaluate(node.value, frame)
    form = (yield run.evaluate(node.format_spec, frame)) if node.format_spec is not None else ""
    if not isinstance(value, (bool, int, float, str, type(None), tuple, list)) or not isinstance(form, str):
        return Missing(run.written(node, frame), frame.span(node))
    if operators.holds_missing(value) or any(character.isdigit() for character in form[4:]):
        return Missing(run.written(node, frame), frame.span(node))
    if node.conversion == ord("r"):
        value = repr(value)
    return on_behalf(format, value, form) if form else str(value)


def walrus(run: Interpreter, node: ast.NamedExpr, frame: Frame) -> Work:
    """``name := value``."""
    value = yield run.evaluate(node.value, frame)
    scope = frame.scope
    while scope.is_brief and scope.outer is not None:
        scope = scope.outer
    yield run.assign(node.target, value, frame if scope is frame.scope else frame.inside(scope))
    return value


Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def comprehension(run: Interpreter, node: Comprehension, frame: Frame) -> Work:
    """All that a comprehension makes; of what is not known, something that is not known."""
    inner, source = yield _begun(run, node, frame)
    found: list[Value] = []
    with any_order(run, source, frame.span(node)):
        whole = yield _each(run, node, 0, inner, found, source)
    if not whole:
        skip(run, [node], frame, frame.span(node), "what nothing counts here")
        return Missing(run.written(node, frame), frame.span(node))
    if isinstance(node, ast.DictComp):
        pairs = [pair for pair in found if isinstance(pair, tuple)]
        if not all(_hashable(key) for key, _ in pairs):
            return Missing(run.written(node, frame), frame.span(node))
        return {pair[0]: pair[1] for pair in pairs}
    if isinstance(node, ast.SetComp):
        return set(found) if all(map(_hashable, found)) else Missing(run.written(node, frame), frame.span(node))
    if isinstance(node, ast.GeneratorExp):
        return Stream(iter(found))
    return Shuffled(found) if in_any_order(source) else found


def _begun(run: Interpreter, node: Comprehension, frame: Frame) -> Work:
    """The place inside a comprehension, which does not see the names of a class, and what it goes through, which does."""
    source = yield run.evaluate(node.generators[0].iter, frame)
    scope = frame.scope
    while scope.is_class and scope.outer is not None:
        scope = scope.outer
    return frame.inside(Scope(scope, is_brief=True)), source


def put_off(run: Interpreter, node: ast.GeneratorExp, frame: Frame) -> Work:
    """A generator expression that gets a name: each item is made when it is asked for."""
    inner, source = yield _begun(run, node, frame)
    return Stream(room("iterators").Generator(run.machine, _made_later(run, node, inner, source), "a generator"))


def _made_later(run: Interpreter, node: ast.GeneratorExp, frame: Frame, source: Value) -> Work:
    if not (yield _each(run, node, 0, frame, None, source)):
        skip(run, [node], frame, frame.span(node), "what nothing counts here")
        yield Given(Rest("more items", frame.span(node)))


def _each(
    run: Interpreter, node: Comprehension, place: int, frame: Frame, found: list[Value] | None, source: Value = None
) -> Work:
    """All turns of the loops from ``place`` on. Their values go into ``found``, or to whoever asks for the next one."""
    if place == len(node.generators):
        return (yield _made(run, node, frame, found))
    part = node.generators[place]
    if place:
        source = yield run.evaluate(part.iter, frame)
    items: Any = source.items if found is None and isinstance(source, Stream) else None
    if items is None:
        items = yield iterate(run, source, frame, part.iter, lazily=True)
    if items is None or (found is None and may_hold_more(source)):
        return False
    if found is not None and may_hold_more(source):
        found.append(Rest("more items", frame.span(part.iter)))
    for each in items:
        yield run.assign(part.target, each, frame)
        kept = yield _kept(run, part.ifs, frame)
        if kept is None or (kept and not (yield _each(run, node, place + 1, frame, found))):
            return False
    return True


def _made(run: Interpreter, node: Comprehension, frame: Frame, found: list[Value] | None) -> Work:
    """One value of a comprehension. Gives whether there may be another one."""
    if isinstance(node, ast.DictComp):
        key = yield run.evaluate(node.key, frame)
        value: Value = (key, (yield run.evaluate(node.value, frame)))
    else:
        value = yield run.evaluate(node.elt, frame)
    if found is None:
        yield Given(value)
        return True
    found.append(value)
    return len(found) <= MOST_ITEMS


def _kept(run: Interpreter, tests: list[ast.expr], frame: Frame) -> Work:
    """Whether all conditions of a turn hold; ``None`` where nothing tells."""
    for test in tests:
        kept = yield decided(run, (yield run.evaluate(test, frame)), frame, test)
        if not kept:
            return kept
    return True


def starred(run: Interpreter, node: ast.Starred, frame: Frame) -> Work:
    """What is behind a star."""
    return (yield run.evaluate(node.value, frame))


def yielded(run: Interpreter, node: ast.Yield | ast.YieldFrom, frame: Frame) -> Work:
    """What a generator function yields stands for itself; it is sent nothing."""
    if node.value is None:
        return None
    value = yield run.evaluate(node.value, frame)
    if isinstance(node, ast.YieldFrom):
        for each in (
            value.items
            if isinstance(value, Stream)
            else (yield iterate(run, value, frame, node, lazily=True)) or [value]
        ):
            yield Given(each)
    else:
        yield Given(value)
    return None


def awaited(run: Interpreter, node: ast.Await, frame: Frame) -> Work:
    """``await``: as if it were there."""
    return (yield run.evaluate(node.value, frame))


def call_of(run: Interpreter, node: ast.Call, frame: Frame) -> Work:
    """A call."""
    from seqshape.readers.keras_source.calls import written_call

    return (yield written_call(run, node, frame))


HANDLERS: dict[type[ast.AST], Syntax] = {
    ast.Constant: constant,
    ast.Name: name,
    ast.Attribute: attribute_of,
    ast.Subscript: subscript,
    ast.Slice: slice_of,
    ast.Tuple: sequence,
    ast.List: sequence,
    ast.Set: sequence,
    ast.Dict: mapping,
    ast.BinOp: binary,
    ast.UnaryOp: unary,
    ast.BoolOp: boolean,
    ast.Compare: comparison,
    ast.IfExp: conditional,
    ast.Lambda: lambda_of,
    ast.JoinedStr: text_of,
    ast.FormattedValue: formatted,
    ast.NamedExpr: walrus,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.DictComp: comprehension,
    ast.GeneratorExp: comprehension,
    ast.Starred: starred,
    ast.Yield: yielded,
    ast.YieldFrom: yielded,
    ast.Await: awaited,
    ast.Call: call_of,
}
