"""``x[i]`` and ``for … in x``: items of sequences, arrays, tensors, and of what is not known."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

from seqshape.diagnostics import Span
from seqshape.dims import Inconclusive, Poly
from seqshape.readers.keras_source.changes import known_items, may_hold_more
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.machine import on_behalf
from seqshape.readers.keras_source.operators import is_tensor
from seqshape.readers.keras_source.rooms import above
from seqshape.readers.keras_source.scope import Frame
from seqshape.readers.keras_source.values import (
    Array,
    Class,
    External,
    Instance,
    Missing,
    MissingShape,
    Rest,
    Result,
    Stream,
    Value,
    Work,
    is_missing,
)
from seqshape.readers.keras_source.variants import Defaulting, Part, in_any_order

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter

MOST_TURNS = 100_000  # items of a stream that are taken at once
MOST_MADE = 1_000_000  # items of a range that are held at once
MOST_ROWS = 1000  # of an array or a tensor that are gone through


def item(run: Interpreter, owner: Value, index: Value, frame: Frame, node: ast.Subscript) -> Result:
    """``owner[index]``."""
    span = frame.span(node)
    if isinstance(owner, MissingShape):
        return shape_item(owner, index, span)
    if isinstance(owner, Missing):
        return run.missing(f"{owner.name}[{_written(run, index, node, frame)}]", owner.span)
    if isinstance(owner, Array):
        return array_item(owner, index, span)
    if is_tensor(owner):
        return tensor_item(run, owner, index, span)
    if isinstance(owner, Instance):
        return _of_instance(run, owner, index, frame, node)
    if isinstance(owner, External):
        return run.missing(f"{owner.path}[{_written(run, index, node, frame)}]", span)
    if isinstance(owner, dict):
        return _of_dict(run, owner, index, frame, node)
    if is_missing(index) or isinstance(index, Poly):
        return _any_item(run, owner, frame, node)
    if isinstance(owner, Class) and isinstance(index, str) and index in owner.names:
        return owner.names[index]
    if isinstance(owner, (list, tuple, str, bytes, range)):
        return _of_sequence(run, owner, index, frame, node)
    return run.missing(run.written(node, frame), span)


def _written(run: Interpreter, index: Value, node: ast.Subscript, frame: Frame) -> str:
    """The index as it is called: what it is where that is known."""
    if isinstance(index, (int, str)):
        return repr(index)
    return run.written(node.slice, frame)


def _of_sequence(run: Interpreter, owner: Value, index: Value, frame: Frame, node: ast.Subscript) -> Value:
    if isinstance(index, slice) and _is_open(index):
        return _any_item(run, owner, frame, node)
    if isinstance(index, Array) or (isinstance(index, (int, slice)) and not _is_told(owner, index)):
        return run.unknown_here(node, frame)
    return on_behalf(operator.getitem, owner, index)


def _any_item(run: Interpreter, owner: Value, frame: Frame, node: ast.Subscript) -> Value:
    """One or some of the items of a sequence, nothing tells which."""
    found = run.unknown_here(node, frame)
    if isinstance(owner, (list, tuple)) and isinstance(found, Missing):
        return Part(found.name, found.span, tuple(owner))
    return found


def _is_told(owner: Value, index: int | slice) -> bool:
    """Whether what stands at a place does not depend on how many items there are, of which only some may be known."""
    if in_any_order(owner):
        return False
    if not isinstance(owner, (list, tuple)) or not may_hold_more(owner):
        return True
    sure = next((place for place, each in enumerate(owner) if isinstance(each, Rest)), 0)
    return isinstance(index, int) and 0 <= index < sure


def _of_dict(run: Interpreter, owner: dict[Any, Value], index: Value, frame: Frame, node: ast.Subscript) -> Result:
    if is_missing(index) or isinstance(index, (list, dict, slice)):
        return run.unknown_here(node, frame)
    if isinstance(owner, Defaulting) and owner.factory is not None and index not in owner:
        return above("containers", "filled")(run, owner, index, frame, node)
    if index not in owner and may_hold_more(owner):
        return run.unknown_here(node, frame)
    return on_behalf(operator.getitem, owner, index)


def _of_instance(run: Interpreter, owner: Instance, index: Value, frame: Frame, node: ast.Subscript) -> Result:
    if owner.cls.find("__getitem__") is not None:
        return run.call_method(owner, "__getitem__", [index], {}, frame, node)
    return run.unknown_here(node, frame)


def shape_item(shape: MissingShape, index: Value, span: Span) -> Value:
    """An item of a shape of which not even the number of axes is known."""
    lead = shape.lead
    if isinstance(index, int) and index >= 0:
        return lead[index] if index < len(lead) else shape.axis(shape.start + index - len(lead))
    if isinstance(index, int):
        return shape.array.part(f".shape[{index}]")
    if isinstance(index, slice) and index.step is None and isinstance(index.start, (int, type(None))):
        start = index.start or 0
        if start >= 0 and index.stop is None:
            kept = lead[start:]
            return MissingShape(shape.array, shape.start + max(start - len(lead), 0), kept)
        if start >= 0 and isinstance(index.stop, int) and index.stop >= start:
            return tuple(shape_item(shape, place, span) for place in range(start, index.stop))
    return shape.array.part(".shape[…]")


def array_item(array: Array, index: Value, span: Span) -> Value:
    """A part of an array: its shape."""
    dims = list(array.shape)
    found: list[Value] = []
    for key in _spelled_out(index, len(dims)):
        if key is None:
            found.append(1)
            continue
        kept = _kept(dims.pop(0), key, array, span) if dims else None
        if kept is None:
            return Missing(f"{array.name}[…]", span)
        found.extend(kept)
    shape = (*found, *dims)
    return Array(shape, array.dtype, array.name) if shape else Missing(f"{array.name}[…]", span)


def _spelled_out(index: Value, rank: int) -> list[Value]:
    """An index as a key for each axis: ``…`` stands for as many slices as are left."""
    keys: list[Value] = [*index] if isinstance(index, tuple) else [index]
    place = next((number for number, key in enumerate(keys) if key is Ellipsis), None)
    if place is not None:
        used = sum(key is not None and key is not Ellipsis for key in keys)
        keys[place : place + 1] = [slice(None)] * max(rank - used, 0)
    return keys


def _kept(dim: Value, key: Value, array: Array, span: Span) -> tuple[Value, ...] | None:
    """What a key leaves of an axis: its length, nothing, the axes of another array; ``None`` if that is not known."""
    if isinstance(key, slice):
        return (sliced(dim, key, f"{array.name}[…]", span),)
    if isinstance(key, Array):
        return key.shape
    if isinstance(key, list):
        return (len(key),)
    return () if isinstance(key, (int, Missing, Poly)) else None


def sliced(dim: Value, key: slice, name: str, span: Span) -> Value:
    """The length of a slice of an axis."""
    if key == slice(None):
        return dim
    parts = (key.start, key.stop, key.step)
    if isinstance(dim, int) and all(part is None or isinstance(part, int) for part in parts):
        return len(range(*key.indices(dim)))
    return Missing(f"len({name})", span)


def tensor_item(run: Interpreter, owner: Value, index: Value, span: Span) -> Value:
    """``x[:, 0]`` is an operation of Keras."""
    items = list(index) if isinstance(index, tuple) else [index]
    if any(is_missing(each) or (isinstance(each, slice) and _is_open(each)) for each in items):
        return run.lost(owner, "an index that is not known", span)
    return run.operation("get_item", [owner, index], {}, span)


def _is_open(key: slice) -> bool:
    return any(is_missing(part) for part in (key.start, key.stop, key.step))


def iterate(run: Interpreter, source: Value, frame: Frame, node: ast.AST, *, lazily: bool = False) -> Work:
    """The items of a value one after the other, in a list or a range; ``None`` if nothing tells how many there are.

    A range of more items than can be held is one of that kind too, but to those that take them ``lazily``.
    """
    if isinstance(source, Instance) and source.cls.find("__iter__") is not None:
        found = yield run.call_method(source, "__iter__", [], {}, frame, node)
        return None if found is source else (yield iterate(run, found, frame, node, lazily=lazily))
    if isinstance(source, range) and not lazily and source[MOST_MADE:]:
        return None
    return items_of(run, source, frame.span(node))


def items_of(run: Interpreter, source: Value, span: Span) -> Result:
    """The items of a value that is no object of the source's own classes; ``None`` if nothing tells how many there are."""
    if isinstance(source, (list, tuple, str, set, frozenset, dict)):
        return known_items(source)
    if isinstance(source, Stream):
        return source.taken(MOST_TURNS)
    if isinstance(source, Class):
        return above("containers", "members_of")(source) or None
    if isinstance(source, range):
        return source
    if isinstance(source, SymbolicTensor):
        return _rows(run, source, span)
    return _parts(source, span) if isinstance(source, Array) else None


def _parts(array: Array, span: Span) -> list[Value] | None:
    """The parts of an array along its first axis, if that is a number."""
    number = array.shape[0] if array.shape else None
    if not isinstance(number, int) or number > MOST_ROWS:
        return None
    inner = array.shape[1:]
    if inner:
        return [Array(inner, array.dtype, array.name) for _ in range(number)]
    return [Missing(f"{array.name}[{index}]", span) for index in range(number)]


def _rows(run: Interpreter, tensor: SymbolicTensor, span: Span) -> list[Value] | None:
    """A tensor gives its slices along the first axis, if that is a number."""
    if not tensor.trace.quiet:
        run.engine.complain("a tensor is iterated over, which Keras refuses", "E127", span)
        return None
    shape = tensor.tensor.shape if tensor.tensor is not None else ()
    try:
        first = shape[0] if shape else None
        if isinstance(first, int) and first <= MOST_ROWS:
            return [run.operation("get_item", [tensor, index], {}, span) for index in range(first)]
    except Inconclusive:
        pass
    return None


def unpack(run: Interpreter, value: Value, number: int, star: int | None, span: Span) -> list[Value]:
    """The values that ``number`` targets get, the one numbered ``star`` a list of what is left."""
    items = _to_unpack(run, value, number, span)
    if items is None or (len(items) != number if star is None else len(items) < number - 1):
        name = value.name if isinstance(value, Missing) else "what is unpacked"
        return [run.missing(f"{name}[{index}]", span) for index in range(number)]
    if star is None:
        return items
    after = number - 1 - star
    stop = len(items) - after
    return [*items[:star], items[star:stop], *items[stop:]]


def _to_unpack(run: Interpreter, value: Value, number: int, span: Span) -> list[Value] | None:
    """The items of what is unpacked to so many targets; ``None`` if they are not known."""
    if isinstance(value, SymbolicTensor):
        return run.outputs_of(value, number, span)
    if isinstance(value, Stream):
        return value.taken(MOST_TURNS)
    if in_any_order(value):
        return None
    if isinstance(value, (list, tuple, str, range, dict)):
        return None if isinstance(value, range) and value[MOST_MADE:] else list(value)
    if isinstance(value, MissingShape):
        return [shape_item(value, index, span) for index in range(number)]
    if isinstance(value, Array) and value.shape and value.shape[0] == number:
        return [array_item(value, index, span) for index in range(number)]
    return None
