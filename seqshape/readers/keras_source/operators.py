"""Operators on values, known and not: numbers, sizes with names, arrays. Those on tensors are operations of Keras."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TypeAlias, TypeGuard

from seqshape.diagnostics import Span
from seqshape.dims import UNKNOWN, Inconclusive, Poly
from seqshape.readers.keras_source.checks import plain_dim
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.machine import on_behalf
from seqshape.readers.keras_source.naming import shortened
from seqshape.readers.keras_source.values import (
    Array,
    Batches,
    Class,
    External,
    Instance,
    Missing,
    MissingShape,
    Rest,
    Value,
    Weight,
)

# What Python does with two values; which it takes, it says itself.
Operation: TypeAlias = Callable[..., Value]
BINARY: dict[type[ast.operator], tuple[str, Operation]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow),
    ast.MatMult: ("@", operator.matmul),
    ast.LShift: ("<<", operator.lshift),
    ast.RShift: (">>", operator.rshift),
    ast.BitAnd: ("&", operator.and_),
    ast.BitOr: ("|", operator.or_),
    ast.BitXor: ("^", operator.xor),
}
COMPARISONS: dict[type[ast.cmpop], tuple[str, Operation]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
# The operation of keras.ops that an operator between tensors is.
OPERATIONS = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "true_divide",
    "//": "floor_divide",
    "%": "mod",
    "**": "power",
    "@": "matmul",
    "&": "logical_and",
    "|": "logical_or",
    "^": "logical_xor",
    "==": "equal",
    "!=": "not_equal",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
}
LONGEST_NUMBER = 4096  # bits
LONGEST_SEQUENCE = 1_000_000
LONGEST_FORM = 10_000  # a text that is filled in
MOST_TERMS = 12  # of a formula that arithmetic with what is not known may grow to


def text(value: Value) -> str:
    """A value as the name of an unknown one shows it."""
    if isinstance(value, Missing):
        return f"({value.name})" if any(sign in value.name for sign in "+-*/% ") else value.name
    return getattr(value, "name", None) or repr(value)


def is_tensor(value: Value) -> TypeGuard[SymbolicTensor | Weight]:
    """Whether an operator with this value makes a node of a graph."""
    return isinstance(value, (SymbolicTensor, Weight))


def combine(sign: str, run: Operation, left: Value, right: Value, span: Span) -> Value:
    """What an operator between two values gives that are no tensors. Raises what Python raises for values it does not take."""
    if isinstance(left, Array) or isinstance(right, Array):
        return _arrays(left, right, span)
    if isinstance(left, MissingShape) or isinstance(right, MissingShape):
        return _shapes(sign, left, right, span)
    if isinstance(left, Missing) or isinstance(right, Missing):
        return _unknown(sign, run, left, right, span)
    if isinstance(left, Poly) or isinstance(right, Poly):
        return _sizes(sign, run, left, right, span)
    strange = (External, Instance, Batches)
    if isinstance(left, strange) or isinstance(right, strange):
        return Missing(f"{text(left)} {sign} {text(right)}", span)
    return _of_texts(sign, run, left, right, span) if isinstance(left, str) else _plain(sign, run, left, right)


def _of_texts(sign: str, run: Operation, left: str, right: Value, span: Span) -> Value:
    """Texts that are joined, repeated, filled in; ``/`` joins paths, which are texts here."""
    if sign == "%" and holds_missing(right):
        return Missing(f"{text(left)} % {text(right)}", span)
    if sign == "/" and isinstance(right, str):
        return f"{left}/{right}"
    return _plain(sign, run, left, right)


def _plain(sign: str, run: Operation, left: Value, right: Value) -> Value:
    on_behalf(_check, sign, left, right)
    return on_behalf(run, left, right)


def _check(sign: str, left: Value, right: Value) -> None:
    """No program makes a number or a text that fills the memory. Raises ArithmeticError."""
    growing = GROWING.get(sign)
    what = growing(left, right) if growing is not None else None
    if what is not None:
        raise ArithmeticError(what)


def _powers(left: Value, right: Value) -> str | None:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > LONGEST_NUMBER:
        return MANY_DIGITS
    return None


def _shifts(left: Value, right: Value) -> str | None:
    return MANY_DIGITS if isinstance(right, int) and right > LONGEST_NUMBER else None


def _products(left: Value, right: Value) -> str | None:
    for one, other in ((left, right), (right, left)):
        if not isinstance(other, int):
            continue
        if isinstance(one, (str, bytes, list, tuple)) and len(one) * other > LONGEST_SEQUENCE:
            return MANY_ITEMS
        if isinstance(one, int) and one.bit_length() > LONGEST_NUMBER:
            return MANY_DIGITS
    return None


def _sums(left: Value, right: Value) -> str | None:
    return MANY_ITEMS if isinstance(left, (str, list, tuple)) and len(left) > LONGEST_SEQUENCE else None


def _texts(left: Value, right: Value) -> str | None:
    return "a text of so many characters" if isinstance(left, str) and len(left) > LONGEST_FORM else None


MANY_DIGITS, MANY_ITEMS = "a number with so many digits", "a sequence of so many items"
# What tells of an operator that it would make too much.
GROWING: dict[str, Callable[[Value, Value], str | None]] = {
    "**": _powers,
    "<<": _shifts,
    "*": _products,
    "+": _sums,
    "%": _texts,
}


def _unknown(sign: str, run: Operation, left: Value, right: Value, span: Span) -> Value:
    name = f"{text(left)} {sign} {text(right)}"
    first, second = plain_dim(left), plain_dim(right)
    size: Value = None
    if sign in ("+", "-", "*", "//") and first is not None and second is not None:
        try:
            size = run(first, second)
        except (Inconclusive, ArithmeticError):
            size = None
    if isinstance(size, int) and not isinstance(size, bool):
        return size
    return Missing(shortened(name), span, size if isinstance(size, Poly) and len(size.terms) <= MOST_TERMS else None)


def _sizes(sign: str, run: Operation, left: Value, right: Value, span: Span) -> Value:
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    first, second = plain_dim(left), plain_dim(right)
    if first is not None and second is not None and sign in ("+", "-", "*", "//", "%"):
        try:
            known: Value = run(first, second)
            return known
        except Inconclusive:
            pass
    return Missing(f"{text(left)} {sign} {text(right)}", span)


def _shapes(sign: str, left: Value, right: Value, span: Span) -> Value:
    """A shape that is partly known: ``(32,) + x.shape[1:]``."""
    if sign == "+" and isinstance(left, tuple) and isinstance(right, MissingShape):
        return MissingShape(right.array, right.start, (*left, *right.lead))
    return Missing(f"a shape {sign} a shape", span)


def _arrays(left: Value, right: Value, span: Span) -> Value:
    first, second = (one.shape if isinstance(one, Array) else () for one in (left, right))
    if isinstance(left, (Missing, MissingShape)) or isinstance(right, (Missing, MissingShape)):
        return Missing(f"{text(left if isinstance(left, Array) else right)} with a value that is not known", span)
    shape = broadcast(first, second)
    return Array(shape) if shape is not None else Missing("an array", span)


def broadcast(first: tuple[Value, ...], second: tuple[Value, ...]) -> tuple[Value, ...] | None:
    """The shape of an elementwise result; ``None`` if it is not known."""
    if len(first) < len(second):
        first, second = second, first
    second = (1,) * (len(first) - len(second)) + second
    found: list[Value] = []
    for one, other in zip(first, second, strict=True):
        if isinstance(other, int) and other == 1:
            found.append(one)
        elif isinstance(one, int) and one == 1:
            found.append(other)
        elif isinstance(one, int) and isinstance(other, int) and one != other:
            return None
        else:
            found.append(one if isinstance(one, int) else other)
    return tuple(found)


def compare(sign: str, run: Operation, left: Value, right: Value, span: Span) -> Value:
    """What a comparison gives: a bool, or Missing."""
    known = (Missing, MissingShape, Array, External)
    if isinstance(left, known) or isinstance(right, known):
        same = left is right or (isinstance(left, External) and isinstance(right, External) and left.path == right.path)
        if same and sign in ("==", "!="):
            return sign == "=="
        return Missing(f"{text(left)} {sign} {text(right)}", span)
    if left is UNKNOWN or right is UNKNOWN:
        left, right = (None if one is UNKNOWN else one for one in (left, right))
    if _is_open(left, right):
        return Missing(f"a comparison {sign}", span)
    try:
        return bool(on_behalf(run, left, right))
    except Inconclusive:
        return Missing(f"{text(left)} {sign} {text(right)}", span)


def _is_open(left: Value, right: Value) -> bool:
    """Whether a comparison depends on what is not known, or on what a class says of its objects."""
    if isinstance(left, (list, tuple, dict)) and holds_missing((left, right)):
        return True
    return holds_peculiar((left, right))


def holds_missing(value: Value, depth: int = 0) -> bool:
    """Whether something that nothing tells is in a structure."""
    if isinstance(value, (Missing, MissingShape)):
        return True
    if depth > 20:
        return True
    if isinstance(value, dict):
        return any(holds_missing(item, depth + 1) for item in value.values())
    return isinstance(value, (list, tuple, set)) and any(holds_missing(item, depth + 1) for item in value)


def is_record(cls: Class) -> bool:
    """Whether a class is a data class: its objects are the same where their fields are."""
    lines = [each for each in cls.lineage() if isinstance(each, Class)]
    return any("dataclass" in ast.unparse(one) for each in lines for one in each.node.decorator_list)


def is_container(cls: Class) -> bool:
    """Whether how many things its objects hold tells their truth: they have a length, or are a dict or a list."""
    if cls.find("__len__") is not None:
        return True
    paths = [each.path for each in cls.lineage() if isinstance(each, External)]
    return any(path.startswith(("builtins.", "collections.")) and path != "builtins.object" for path in paths)


def is_peculiar(value: Value) -> bool:
    """Whether an object may be the same as another one, as its class says it."""
    if not isinstance(value, Instance):
        return False
    cls = value.cls
    return cls.find("__eq__") is not None or is_record(cls) or (is_container(cls) and cls.find("__len__") is None)


def holds_peculiar(value: Value, depth: int = 0) -> bool:
    """Whether an object of that kind is in a structure."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)) and depth <= 20:
        return any(holds_peculiar(item, depth + 1) for item in value)
    return is_peculiar(value)


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; ``None`` where nothing tells."""
    if isinstance(value, (Missing, MissingShape, Array, SymbolicTensor, Poly)):
        return True if isinstance(value, Poly) else None
    if value is UNKNOWN:
        return False
    if isinstance(value, Instance) and (is_container(value.cls) or value.cls.find("__bool__") is not None):
        return None
    if isinstance(value, (list, dict, set)) and len(value) == 1 and isinstance(next(iter(value)), Rest):
        return None
    if isinstance(value, (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, range)):
        return bool(value)
    return value is not None
