"""Functions of numpy that join, take apart, turn and reduce arrays: the shape of what they give."""

from __future__ import annotations

from collections.abc import Iterable

from seqshape.diagnostics import Span
from seqshape.readers.keras_source.arrays import Handler, as_array, numpy
from seqshape.readers.keras_source.checks import are_arrays, are_whole
from seqshape.readers.keras_source.operators import broadcast, combine
from seqshape.readers.keras_source.values import Args, Array, Keywords, Value

ARITHMETIC = (
    "add subtract multiply divide true_divide floor_divide power mod maximum minimum fmax fmin arctan2 hypot logical_and"
    " logical_or greater less equal not_equal greater_equal less_equal"
).split()


def _axis(args: Args, kwargs: Keywords, place: int, rank: int, default: object = None) -> int | None:
    """The axis that a call names, counted from the first; ``None`` if it names none that there is."""
    axis = args[place] if len(args) > place else kwargs.get("axis", default)
    if not isinstance(axis, int) or isinstance(axis, bool) or not -rank <= axis < rank:
        return None
    return axis % rank


def _arrays(args: Args) -> list[Array] | None:
    """The arrays in a list, of numbers too."""
    items = args[0] if args and isinstance(args[0], (list, tuple)) else []
    found = [Array(()) if isinstance(each, (int, float)) else as_array(each) for each in items]
    return [*found] if found and are_arrays(found) else None


def _like(shape: Iterable[Value], array: Array) -> Array:
    return Array(tuple(shape), array.dtype, array.name)


@numpy(*ARITHMETIC)
def _elementwise(args: Args, kwargs: Keywords, span: Span) -> Value:
    if len(args) < 2 or not any(isinstance(each, Array) for each in args[:2]):
        return None
    shapes = [each.shape if isinstance(each, Array) else () for each in map(as_array, args[:2])]
    if not all(isinstance(as_array(each), (Array, int, float)) for each in args[:2]):
        return None
    shape = broadcast(*shapes)
    return Array(shape) if shape is not None else None


@numpy("stack")
def _stacked(args: Args, kwargs: Keywords, span: Span) -> Value:
    arrays = _arrays(args)
    if arrays is None or any(each.shape != arrays[0].shape for each in arrays):
        return None
    place = _axis(args, kwargs, 1, len(arrays[0].shape) + 1, 0)
    if place is None:
        return None
    dims = list(arrays[0].shape)
    dims.insert(place, len(arrays))
    return _like(dims, arrays[0])


def joined(arrays: list[Array], axis: int, span: Span) -> Array | None:
    """Arrays behind each other along an axis; ``None`` where they do not fit."""
    first = arrays[0].shape
    if any(len(each.shape) != len(first) for each in arrays) or axis >= len(first):
        return None
    dims = list(first)
    dims[axis] = 0
    for each in arrays:
        dims[axis] = combine("+", lambda one, other: one + other, dims[axis], each.shape[axis], span)
    return _like(dims, arrays[0])


def _pile(rank: int, axis: int) -> Handler:
    """``hstack`` and its like: arrays of fewer axes get more first."""

    def handler(args: Args, kwargs: Keywords, span: Span) -> Value:
        arrays = _arrays(args)
        if arrays is None:
            return None
        grown = [_grown(each, rank) for each in arrays]
        return joined(grown, axis if len(grown[0].shape) > axis else 0, span)

    return handler


def _grown(array: Array, rank: int) -> Array:
    return _like((*(1,) * max(rank - len(array.shape), 0), *array.shape), array)


numpy("vstack", "row_stack")(_pile(2, 0))
numpy("hstack")(_pile(1, 1))


@numpy("column_stack")
def _columns(args: Args, kwargs: Keywords, span: Span) -> Value:
    arrays = _arrays(args)
    if arrays is None:
        return None
    return joined([_like((*each.shape, 1), each) if len(each.shape) == 1 else each for each in arrays], 1, span)


@numpy("squeeze")
def _squeezed(args: Args, kwargs: Keywords, span: Span) -> Value:
    array = args[0] if args else None
    if not isinstance(array, Array):
        return None
    if len(args) < 2 and kwargs.get("axis") is None:
        known = all(isinstance(dim, int) for dim in array.shape)
        return _like([dim for dim in array.shape if dim != 1], array) if known else None
    place = _axis(args, kwargs, 1, len(array.shape))
    return None if place is None else _like(array.shape[:place] + array.shape[place + 1 :], array)


@numpy("swapaxes")
def _exchanged(args: Args, kwargs: Keywords, span: Span) -> Value:
    array, axes = args[0] if len(args) == 3 else None, args[1:]
    if not isinstance(array, Array) or not are_whole(axes):
        return None
    dims = list(array.shape)
    one, other = axes
    dims[one], dims[other] = dims[other], dims[one]
    return _like(dims, array)


@numpy("moveaxis")
def _moved(args: Args, kwargs: Keywords, span: Span) -> Value:
    array, axes = args[0] if len(args) == 3 else None, args[1:]
    if not isinstance(array, Array) or not are_whole(axes):
        return None
    dims = list(array.shape)
    dims.insert(axes[1] % len(array.shape), dims.pop(axes[0]))
    return _like(dims, array)


@numpy("repeat")
def _repeated(args: Args, kwargs: Keywords, span: Span) -> Value:
    array = args[0] if args else None
    number = args[1] if len(args) > 1 else kwargs.get("repeats")
    place = _axis(args, kwargs, 2, len(array.shape)) if isinstance(array, Array) else None
    if place is None or not isinstance(array, Array) or not isinstance(number, int):
        return None
    dims = list(array.shape)
    dims[place] = combine("*", lambda one, other: one * other, dims[place], number, span)
    return _like(dims, array)


@numpy("tile")
def _tiled(args: Args, kwargs: Keywords, span: Span) -> Value:
    array, times = (args[0], args[1]) if len(args) == 2 else (None, None)
    times = (times,) if isinstance(times, int) else times
    if not isinstance(array, Array) or not isinstance(times, (tuple, list)):
        return None
    rank = max(len(array.shape), len(times))
    dims = (*(1,) * (rank - len(array.shape)), *array.shape)
    numbers = (*(1,) * (rank - len(times)), *times)
    pairs = zip(dims, numbers, strict=True)
    return _like([combine("*", lambda one, other: one * other, dim, number, span) for dim, number in pairs], array)


@numpy("mean", "std", "var", "argmax", "argmin", "sum", "max", "amax", "min", "amin", "median", "prod", "any", "all")
def _reduced(args: Args, kwargs: Keywords, span: Span) -> Value:
    array = args[0] if args else None
    place = _axis(args, kwargs, 1, len(array.shape)) if isinstance(array, Array) else None
    if place is None or not isinstance(array, Array):
        return None
    kept = (1,) if kwargs.get("keepdims") is True else ()
    dims = (*array.shape[:place], *kept, *array.shape[place + 1 :])
    return _like(dims, array) if dims else None


@numpy("ravel", "flatten")
def _flat(args: Args, kwargs: Keywords, span: Span) -> Value:
    from seqshape.readers.keras_source.arrays import reshaped

    return reshaped(args[0], (-1,)) if args and isinstance(args[0], Array) else None


@numpy("dot", "matmul")
def _product(args: Args, kwargs: Keywords, span: Span) -> Value:
    factors = args[:2]
    if len(args) < 2 or not are_arrays(factors) or not all(len(each.shape) == 2 for each in factors):
        return None
    return _like((factors[0].shape[0], factors[1].shape[1]), factors[0])


@numpy("shape")
def _shape(args: Args, kwargs: Keywords, span: Span) -> Value:
    return args[0].shape if args and isinstance(args[0], Array) else None


@numpy("ndim")
def _rank(args: Args, kwargs: Keywords, span: Span) -> Value:
    return len(args[0].shape) if args and isinstance(args[0], Array) else None
