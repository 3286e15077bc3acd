"""numpy and what is like it: arrays are their shapes; the numbers in them do not matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.dims import UNKNOWN, Poly
from seqshape.readers.keras_source.checks import are_arrays, are_numbers, are_whole
from seqshape.readers.keras_source.items import array_item
from seqshape.readers.keras_source.labels import Labels, classes_of, is_labels
from seqshape.readers.keras_source.machine import on_behalf
from seqshape.readers.keras_source.operators import broadcast, combine
from seqshape.readers.keras_source.rooms import above, room
from seqshape.readers.keras_source.values import (
    Args,
    Array,
    External,
    Keywords,
    Missing,
    MissingShape,
    Native,
    Result,
    Value,
    is_missing,
)

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Bound, Interpreter
    from seqshape.readers.keras_source.scope import Site

SCALARS = frozenset(
    "sqrt ceil floor log log2 log10 exp abs prod power int32 int64 float32 float64 int_ round rint".split()
)
MOST_LEVELS = 20


def of_shape(shape: Value, dtype: Value = None) -> Array | None:
    """An array of a shape; ``None`` if the shape is not known."""
    if isinstance(shape, MissingShape):
        return None
    if not isinstance(shape, (tuple, list)):
        shape = (shape,)
    if any(isinstance(dim, (tuple, list, float, str, bool, MissingShape)) for dim in shape):
        return None
    return Array(tuple(shape), dtype_name(dtype))


def dtype_name(dtype: Value) -> str:
    """A dtype as Keras writes it."""
    text = dtype.path.rpartition(".")[2] if isinstance(dtype, External) else dtype
    return {"float": "float32", "int": "int32"}.get(text, text) if isinstance(text, str) else "float32"


def as_array(value: Value, dtype: Value = None) -> Value:
    """What ``numpy.array`` makes of a value: of nested lists an array, of a number that number."""
    if isinstance(value, Array):
        return value if dtype is None else bare(value)
    if isinstance(value, (list, tuple)):
        shape = list_shape(value)
        if shape is None:
            return None
        if dtype is not None and not (are_whole(value) and dtype_name(dtype) in WIDE):  # which may change the numbers
            return Array(shape, dtype_name(dtype))
        return Plain(shape, dtype_name(dtype), _copied(value))
    if isinstance(value, float) and dtype is not None and not dtype_name(dtype).startswith("float"):
        return None
    return value if isinstance(value, (int, float, bool, str, Poly)) or is_missing(value) else None


WIDE = ("int32", "int64", "float32", "float64")  # dtypes that hold whole numbers as they are


class Plain(Array):
    """An array of which the numbers are known too, since they stand in the source; ``None`` once it is written into."""

    __slots__ = ("items",)

    def __init__(self, shape: tuple[Value, ...], dtype: str, items: Value) -> None:
        super().__init__(shape, dtype)
        self.items = items

    def forget(self, name: str | None = None) -> Array:
        """The array under a name: the program may write into it, and its numbers are not kept."""
        self.items = None
        return super().forget(name)


def bare(array: Array) -> Array:
    """An array of the same shape, of whose numbers nothing is known."""
    return Array(array.shape, array.dtype, array.name) if isinstance(array, (Plain, Labels)) else array


def _copied(items: Value) -> Value:
    """Nested lists of their own: the program may change those that it has."""
    return [_copied(each) for each in items] if isinstance(items, (list, tuple)) else items


def list_shape(value: Value, level: int = 0) -> tuple[Value, ...] | None:
    """The shape of nested lists; ``None`` if they are uneven or nothing tells it."""
    if isinstance(value, Array):
        return value.shape
    if not isinstance(value, (list, tuple)):
        return None if is_missing(value) or level > MOST_LEVELS else ()
    if not value:
        return (0,)
    inner = list_shape(value[0], level + 1)
    if inner is None or any(list_shape(each, level + 1) != inner for each in value[1:64]):
        return None
    return (len(value), *inner)


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """A function of numpy (or of scikit-learn, of which only what splits data is known)."""
    if path.startswith("sklearn."):
        return _sklearn(run, path, args, kwargs, site)
    last = path.rpartition(".")[2]
    if room("tensors").first_tensor([args, kwargs]) is not None:
        return above("tensors", "call")(run, f"keras.backend.{last}", args, kwargs, site)
    return call_like_numpy(run, path, args, kwargs, site)


def call_like_numpy(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """A function on numbers and arrays."""
    last = path.rpartition(".")[2]
    room("array_functions")
    if isinstance(kwargs.get("out"), Array) or last not in KNOWN:
        _forget(args, kwargs)
    known = [found for handler in KNOWN.get(last, ()) if (found := handler(args, kwargs, site.span)) is not None]
    if known:
        return known[0]
    if last in SCALARS and args and are_numbers(args):
        return _scalar(last, args)
    if args and isinstance(args[0], Array) and last in ELEMENTWISE:
        return bare(args[0])
    return run.unknown(site)


def _forget(args: Args, kwargs: Keywords) -> None:
    """A function may write into the arrays that it gets."""
    for each in (*args, *kwargs.values()):
        if isinstance(each, Array):
            each.forget()


ELEMENTWISE = frozenset(
    "sqrt exp log abs square sin cos tanh clip round floor ceil nan_to_num random_shuffle copy float32 asarray_chkfinite"
    " preprocess_input normalize cast sigmoid relu softmax convert_to_tensor".split()
)


def _scalar(name: str, args: Sequence[int | float]) -> Value:
    import math

    if name in ("int32", "int64", "int_"):
        return int(args[0])
    if name in ("float32", "float64"):
        return float(args[0])
    if name in ("abs", "round"):
        return abs(args[0]) if name == "abs" else on_behalf(round, *args)
    if name == "rint":
        return float(round(args[0]))
    if name == "power":
        power: int | float = args[0] ** args[1] if abs(args[1]) < 64 else 0
        return power if abs(args[1]) < 64 else None
    found: int | float = getattr(math, name)(*args) if name != "prod" else args[0]
    return float(found) if name in ("ceil", "floor") else found


Handler = Callable[[list[Value], dict[str, Value], Span], Value]
KNOWN: dict[str, tuple[Handler, ...]] = {}  # what may know it, in turn


def numpy(*names: str) -> Callable[[Handler], Handler]:
    """Declare what a function of numpy gives; ``None`` where that is not known."""

    def declare(handler: Handler) -> Handler:
        for name in names:
            KNOWN[name] = (*KNOWN.get(name, ()), handler)
        return handler

    return declare


def _first(args: Args, kwargs: Keywords, name: str, default: Value = None) -> Value:
    return args[0] if args else kwargs.get(name, default)


@numpy("zeros", "ones", "empty", "full")
def _made(args: Args, kwargs: Keywords, span: Span) -> Value:
    dtype = kwargs.get("dtype", args[1] if len(args) > 1 and isinstance(args[1], (str, External)) else None)
    return of_shape(_first(args, kwargs, "shape"), dtype)


@numpy("random", "normal", "uniform", "randint", "random_sample", "standard_normal", "choice_", "binomial", "beta_")
def _drawn(args: Args, kwargs: Keywords, span: Span) -> Value:
    size = kwargs.get("size", kwargs.get("shape"))
    if size is None:
        size = next((each for each in args if isinstance(each, (tuple, list))), None)
    if size is None and len(args) == 3:
        size = args[2]
    if size is None and len(args) == 1 and isinstance(args[0], int):
        size = args[0]
    return None if size is None else of_shape(size)


@numpy("rand", "randn")
def _drawn_dims(args: Args, kwargs: Keywords, span: Span) -> Value:
    return of_shape(tuple(args)) if args else None


@numpy("array", "asarray", "asanyarray", "constant", "stack_", "convert_to_tensor", "as_tensor", "float16", "mat")
def _array(args: Args, kwargs: Keywords, span: Span) -> Value:
    return as_array(args[0] if args else None, kwargs.get("dtype", args[1] if len(args) > 1 else None))


@numpy(
    "zeros_like",
    "ones_like",
    "empty_like",
    "full_like",
    "copy",
    "ascontiguousarray",
    "array_copy",
    "sort",
    "fliplr",
    "flipud",
)
def _like(args: Args, kwargs: Keywords, span: Span) -> Value:
    return bare(args[0]) if args and isinstance(args[0], Array) else None


@numpy("arange")
def _arange(args: Args, kwargs: Keywords, span: Span) -> Value:
    if args and are_whole(args):
        found = range(*args)
        return Array((len(found),), "int32") if len(found) > 1000 else Plain((len(found),), "int32", list(found))
    if args and are_numbers(args):
        import math

        start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
        return Array((max(math.ceil((stop - start) / step), 0),))
    return None


@numpy("linspace", "logspace", "geomspace")
def _linspace(args: Args, kwargs: Keywords, span: Span) -> Value:
    number = args[2] if len(args) > 2 else kwargs.get("num", 50)
    return of_shape((number,)) if isinstance(number, int) else None


@numpy("eye", "identity")
def _eye(args: Args, kwargs: Keywords, span: Span) -> Value:
    return of_shape((args[0], args[1] if len(args) > 1 else args[0])) if args else None


@numpy("expand_dims")
def _expanded(args: Args, kwargs: Keywords, span: Span) -> Value:
    array, axis = _first(args, kwargs, "a"), args[1] if len(args) > 1 else kwargs.get("axis")
    if not isinstance(array, Array) or not isinstance(axis, int):
        return None
    dims = list(array.shape)
    dims.insert(axis if axis >= 0 else len(dims) + 1 + axis, 1)
    return Array(tuple(dims), array.dtype, array.name)


@numpy("reshape")
def _reshaped(args: Args, kwargs: Keywords, span: Span) -> Value:
    array, shape = _first(args, kwargs, "a"), args[1] if len(args) > 1 else kwargs.get("newshape", kwargs.get("shape"))
    return reshaped(array, shape) if isinstance(array, Array) else None


def reshaped(array: Array, shape: Value) -> Array | None:
    """An array in another shape, of which one dim may be -1."""
    dims = list(shape) if isinstance(shape, (tuple, list)) else [shape]
    if -1 in [dim for dim in dims if isinstance(dim, int)]:
        total, rest = _number(array.shape), _number([dim for dim in dims if not (isinstance(dim, int) and dim == -1)])
        place = next(index for index, dim in enumerate(dims) if isinstance(dim, int) and dim == -1)
        if total is not None and rest is not None and rest and total % rest == 0:
            dims[place] = total // rest
        else:
            dims[place] = Missing(f"len({array.name})", Span())
    return Array(tuple(dims), array.dtype, array.name)


def _number(dims: Iterable[Value]) -> int | None:
    total = 1
    for dim in dims:
        if not isinstance(dim, int):
            return None
        total *= dim
    return total


@numpy("concatenate", "concat")
def _joined(args: Args, kwargs: Keywords, span: Span) -> Value:
    arrays = args[0] if args and isinstance(args[0], (list, tuple)) else args[:2]
    axis = kwargs.get("axis", args[1] if len(args) > 1 and isinstance(args[1], int) else 0)
    if not arrays or not are_arrays(arrays) or not isinstance(axis, int):
        return None
    shapes = [each.shape for each in arrays]
    if len({len(shape) for shape in shapes}) != 1 or not -len(shapes[0]) <= axis < len(shapes[0]):
        return None
    dims = list(shapes[0])
    dims[axis] = _total([shape[axis] for shape in shapes], span)
    return Array(tuple(dims), arrays[0].dtype)


def _total(dims: list[Value], span: Span) -> Value:
    """The sum of dims; ``None`` if one is not known."""
    total: Value = 0
    for dim in dims:
        if dim is None:
            return None
        total = combine("+", lambda one, other: one + other, total, dim, span)
    return total


@numpy("transpose")
def _transposed(args: Args, kwargs: Keywords, span: Span) -> Value:
    array, axes = args[0] if args else None, args[1] if len(args) > 1 else kwargs.get("axes", kwargs.get("perm"))
    if not isinstance(array, Array):
        return None
    order = axes if isinstance(axes, (tuple, list)) else tuple(range(len(array.shape))[::-1])
    return Array(tuple(array.shape[index] for index in order), array.dtype, array.name) if are_whole(order) else None


@numpy("prod")
def _prod(args: Args, kwargs: Keywords, span: Span) -> Value:
    items = args[0].items if args and isinstance(args[0], Plain) else args[0] if args else None
    if isinstance(items, (tuple, list)) and not any(isinstance(each, (list, tuple)) for each in items):
        total: Value = 1
        for each in items:
            total = combine("*", lambda one, other: one * other, total, each, span)
        return total
    return None


@numpy("unique")
def _unique(args: Args, kwargs: Keywords, span: Span) -> Value:
    classes = classes_of(args[0]) if args else None
    return Array((classes,)) if classes is not None and not kwargs and len(args) == 1 else None


@numpy("max", "amax")
def _extreme(args: Args, kwargs: Keywords, span: Span) -> Value:
    classes = classes_of(args[0]) if len(args) == 1 and not kwargs else None
    if classes is not None:
        return classes - 1
    items = args[0].items if args and isinstance(args[0], Plain) else args[0] if args else None
    if items and are_numbers(items):
        return None if kwargs else max(items)
    return None


@numpy("to_categorical", "one_hot")
def _categorical(args: Args, kwargs: Keywords, span: Span) -> Value:
    array = args[0] if args else kwargs.get("y")
    number = args[1] if len(args) > 1 else kwargs.get("num_classes", kwargs.get("nb_classes"))
    if number is None:
        number = classes_of(array)
    if isinstance(array, Array):
        dims = array.shape[:-1] if len(array.shape) > 1 and array.shape[-1] == 1 else array.shape
        return Array((*dims, number if number is not None else Missing(f"the classes of {array.name}", span)))
    return None


@numpy("pad_sequences")
def _padded(args: Args, kwargs: Keywords, span: Span) -> Value:
    data = args[0] if args else kwargs.get("sequences")
    length = args[1] if len(args) > 1 else kwargs.get("maxlen")
    if length is None or data is None:
        return None
    number = (
        data.shape[0]
        if isinstance(data, Array)
        else len(data)
        if isinstance(data, list)
        else Missing("len(sequences)", span)
    )
    return Array((number, length), "int32", "sequences")


@numpy("normalize", "shuffle", "seed", "set_printoptions")
def _nothing(args: Args, kwargs: Keywords, span: Span) -> Value:
    _forget(args, kwargs)
    return bare(args[0]) if args and isinstance(args[0], Array) else None


def _sklearn(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``train_test_split`` keeps all but the number of samples."""
    if path.rpartition(".")[2] != "train_test_split" or not are_arrays(args):
        return run.unknown(site)
    found: list[Value] = []
    for each in args:
        found += [Array((Missing("len(train)", site.span), *each.shape[1:]), each.dtype, each.name)]
        found += [Array((Missing("len(test)", site.span), *each.shape[1:]), each.dtype, each.name)]
    return found


# --- arrays as objects ------------------------------------------------------------------------------------------------


def array_attribute(run: Interpreter, array: Array, name: str, span: Span) -> Value:
    """An attribute or method of an array."""
    if name == "shape":
        return tuple(None if dim is UNKNOWN else dim for dim in array.shape)
    if name == "ndim":
        return len(array.shape)
    if name == "dtype":
        return array.dtype
    if name == "size":
        total = _number(array.shape)
        return total if total is not None else Missing(f"{array.name}.size", span)
    if name == "T":
        return Array(tuple(reversed(array.shape)), array.dtype, array.name)
    method = METHODS.get(name)
    if method is None:
        array.forget()
    return Native(name, method, array) if method is not None else run.missing(f"{array.name}.{name}", span)


def _kept(run: Interpreter, array: Array, args: Args, kwargs: Keywords, site: Site) -> Value:
    return bare(array)


def _cast(run: Interpreter, array: Array, args: Args, kwargs: Keywords, site: Site) -> Value:
    found = Array(array.shape, dtype_name(args[0]) if args else array.dtype, array.name)
    return array.like(found) if is_labels(array) and found.dtype in WIDE else found


def _reshape(run: Interpreter, array: Array, args: Args, kwargs: Keywords, site: Site) -> Value:
    shape = args[0] if len(args) == 1 else tuple(args)
    found = _in_shape(array, shape)
    return found if found is not None else run.unknown(site)


def _in_shape(array: Array, shape: Value) -> Array | None:
    found = reshaped(array, shape)
    return array.like(found) if found is not None and is_labels(array) else found


def _flat(run: Interpreter, array: Array, args: Args, kwargs: Keywords, site: Site) -> Value:
    return _in_shape(array, (-1,))


def _reduce(run: Interpreter, array: Array, args: Args, kwargs: Keywords, site: Site) -> Value:
    axis = kwargs.get("axis", args[0] if args else None)
    if isinstance(axis, int) and len(array.shape) > 1:
        dims = list(array.shape)
        del dims[axis]
        return Array(tuple(dims), array.dtype, array.name)
    return run.unknown(site)


def _largest(run: Interpreter, array: Array, args: Args, kwargs: Keywords, site: Site) -> Value:
    classes = classes_of(array) if not args and not kwargs else None
    return _reduce(run, array, args, kwargs, site) if classes is None else classes - 1


def _transpose(run: Interpreter, array: Array, args: Args, kwargs: Keywords, site: Site) -> Value:
    order = args[0] if len(args) == 1 and isinstance(args[0], (list, tuple)) else args
    return _transposed([array, *([order] if order else [])], {}, site.span)


def _listed(run: Interpreter, array: Array, args: Args, kwargs: Keywords, site: Site) -> Value:
    items = array.items if isinstance(array, Plain) else None
    return _copied(items) if items is not None else run.unknown(site)


METHODS: dict[str, Bound] = {
    **dict.fromkeys(("copy", "numpy", "cpu", "to", "float", "numpy_", "detach", "clip", "round", "fillna"), _kept),
    **dict.fromkeys(("mean", "std", "min", "sum", "argmax", "argmin", "var"), _reduce),
    "max": _largest,
    "astype": _cast,
    "reshape": _reshape,
    "view": _reshape,
    "flatten": _flat,
    "ravel": _flat,
    "transpose": _transpose,
    "tolist": _listed,
}
__all__ = ["KNOWN", "Plain", "array_attribute", "array_item", "as_array", "broadcast", "call", "of_shape"]
