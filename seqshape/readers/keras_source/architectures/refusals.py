"""What the functions of keras.applications refuse before they build anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from seqshape.dims import UNKNOWN
from seqshape.readers.keras_source.architectures.known import ALPHA_ONLY, SHAPE_FIRST, THIRD, Architecture
from seqshape.readers.keras_source.architectures.net import Refused
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.values import Array, Value, is_missing

DIMS = 3
Shape: TypeAlias = tuple[Value, ...] | list[Value]


def check(known: Architecture, given: Mapping[str, Value]) -> None:
    """Look at the arguments of a call. What nothing is known of refuses nothing. Raises Refused."""
    message = next(_wrong(known, given), None)
    if message is not None:
        raise Refused(message)


def _wrong(known: Architecture, given: Mapping[str, Value]) -> Iterator[str]:
    unknown = [word for word in given if word not in known.words]
    if unknown:
        yield f"has no argument {unknown[0]}"
    shape = given.get("input_shape")
    top, published = bool(given.get("include_top", True)), given.get("weights", "imagenet") == "imagenet"
    if published:
        yield from _unpublished(known, given, top=top)
        yield from _unnamed(known, given)
    if not shape and known.size is None:
        shape = _own_sizes(given.get("input_tensor"))
    if isinstance(shape, (tuple, list)):
        yield from _wrong_shape(known, shape, top=top, published=published)
        yield from _other_shape(known, shape, given.get("input_tensor"))
    weights, activation = given.get("weights", "imagenet"), given.get("classifier_activation", "softmax")
    plain = activation is None or not isinstance(activation, str) or activation in ("softmax", "linear")
    if top and not plain and weights is not None and not is_missing(weights):
        yield f"has weights with softmax or none at its end, not {activation!r:.40}"
    if isinstance(given.get("input_tensor"), (Array, str, int, float)):
        yield "takes a tensor of Keras as its input_tensor"


def _unpublished(known: Architecture, given: Mapping[str, Value], *, top: bool) -> Iterator[str]:
    """What there are no published weights for."""
    classes = given.get("classes", 1000)
    if top and isinstance(classes, (int, float)) and classes != 1000:
        yield f"has published weights for 1000 classes, not {classes}: weights=None or include_top=False goes with others"
    alpha = given.get("alpha", 1.0)
    alphas = (1.0,) if given.get("minimalistic") is True else known.alphas
    if alphas and isinstance(alpha, (int, float)) and alpha not in alphas:
        yield f"has published weights for an alpha of {', '.join(map(str, alphas))}, not {alpha}"
    multiplier = given.get("depth_multiplier", 1)
    if isinstance(multiplier, (int, float)) and multiplier != 1:
        yield f"has published weights for a depth_multiplier of 1, not {multiplier}"


def _unnamed(known: Architecture, given: Mapping[str, Value]) -> Iterator[str]:
    """Names under which no weights are published, and the shapes for which NASNet has none."""
    name, shape = given.get("name", known.name), given.get("input_shape")
    if known.by_weights and known.name and name is None:
        yield "needs a name, which that of its published weights begins with"
    if known.tail is not None and isinstance(name, str) and known.name not in name:
        yield f"has published weights for a name with {known.name} in it, not {name!r:.40}"
    if known.words is SHAPE_FIRST and isinstance(shape, tuple) and None in shape:
        yield f"has published weights where all its input_shape is given, but gets {_shown(shape)}"


def _wrong_shape(known: Architecture, shape: Shape, *, top: bool, published: bool) -> Iterator[str]:
    if known.size is None:
        yield from _small(known, shape)
        return
    if not shape:
        return
    if published and top:
        usual = default_shape(known, shape, published=True)
        if shape != usual and not any(map(is_missing, shape)):
            other = "include_top=False goes with other sizes"
            yield f"has published weights with its classifier for an input_shape of {usual}, but gets {_shown(shape)}: {other}"
    elif len(shape) != DIMS:
        yield f"takes an input_shape of three numbers, but gets {_shown(shape)}"
    else:
        yield from _wrong_sizes(known, shape, top=top, published=published)


def _wrong_sizes(known: Architecture, shape: Shape, *, top: bool, published: bool) -> Iterator[str]:
    if published and isinstance(shape[2], int) and shape[2] != DIMS:
        yield f"has published weights for 3 channels, but gets {_shown(shape)}"
    if any(isinstance(size, int) and size < known.least for size in shape[:2]):
        yield f"needs {known.least} rows and columns at least, but gets {_shown(shape)}"
    if top and None in shape:
        yield f"needs all its input_shape with the classifier, but gets {_shown(shape)}"


def _small(known: Architecture, shape: Shape) -> Iterator[str]:
    """Where a MobileNetV3 takes a size at all, it looks at both."""
    rows, columns = shape[:2] if len(shape) > 1 else (None, None)
    for size, other in ((rows, columns), (columns, rows)):
        if isinstance(size, int) and 0 < size < known.least and other is not None and other != 0:
            yield f"needs {known.least} rows and columns at least, but gets {_shown(shape)}"


def default_shape(known: Architecture, shape: Shape | None, *, published: bool) -> tuple[Value, ...]:
    """The input that an architecture has with its classifier, where it is given ``shape``."""
    size = known.size
    if shape and len(shape) > 1 and shape[0] in known.published and shape[0] == shape[1]:
        size = next(each for each in known.published if each == shape[0])
    return size, size, shape[-1] if shape and len(shape) == DIMS and not published else 3


def input_shape(
    known: Architecture, shape: Shape | None, tensor: Value, *, top: bool, published: bool
) -> tuple[Value, ...]:
    """The shape that Keras takes for the input, without the batch."""
    if shape:
        return tuple(shape)
    if known.size is None or (not top and not known.always):
        return None, None, 3
    seen = tensor.tensor if isinstance(tensor, SymbolicTensor) and known.words is ALPHA_ONLY else None
    return default_shape(known, None if seen is None else seen.shape[1:3], published=published)


def _other_shape(known: Architecture, shape: Shape, tensor: Value) -> Iterator[str]:
    """Where a MobileNet of the later versions is given a shape and a tensor."""
    if known.words not in (ALPHA_ONLY, THIRD) or not isinstance(tensor, SymbolicTensor):
        return
    dims = tensor.tensor.shape if tensor.tensor is not None else ()
    if len(dims) > 2 and len(shape) > 1 and not is_missing(shape[1]):
        columns = None if dims[2] is UNKNOWN else dims[2]
        if isinstance(columns, int | None) and shape[1] != columns:
            yield f"gets a tensor with {columns} columns and an input_shape with {shape[1]!r}"


def _own_sizes(tensor: Value) -> tuple[Value, ...] | None:
    """The rows and columns of a tensor."""
    seen = tensor.tensor if isinstance(tensor, SymbolicTensor) else None
    return tuple(None if dim is UNKNOWN else dim for dim in seen.shape[1:3]) if seen is not None else None


def _shown(shape: Shape) -> str:
    dims = ", ".join(str(dim) for dim in shape)
    return f"[{dims}]" if isinstance(shape, list) else f"({dims})"
