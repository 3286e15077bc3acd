"""Data that a program loads: the shapes of keras.datasets are known, those of a pipeline as far as its steps tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.readers.keras_source import objects
from seqshape.readers.keras_source.arrays import KNOWN, call_like_numpy
from seqshape.readers.keras_source.functions import SPECIAL
from seqshape.readers.keras_source.labels import labels
from seqshape.readers.keras_source.values import Args, Array, Batches, Keywords, Missing, Native, Result, Value, Work

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter, OfLibrary
    from seqshape.readers.keras_source.scope import Site

# The arrays of keras.datasets: inputs and labels for training and for testing, with their dtypes.
DATASETS: dict[str, tuple[tuple[tuple[int, ...], str], ...]] = {
    "mnist": (((60000, 28, 28), "uint8"), ((60000,), "uint8"), ((10000, 28, 28), "uint8"), ((10000,), "uint8")),
    "fashion_mnist": (((60000, 28, 28), "uint8"), ((60000,), "uint8"), ((10000, 28, 28), "uint8"), ((10000,), "uint8")),
    "cifar10": (
        ((50000, 32, 32, 3), "uint8"),
        ((50000, 1), "uint8"),
        ((10000, 32, 32, 3), "uint8"),
        ((10000, 1), "uint8"),
    ),
    "cifar100": (
        ((50000, 32, 32, 3), "uint8"),
        ((50000, 1), "int64"),
        ((10000, 32, 32, 3), "uint8"),
        ((10000, 1), "int64"),
    ),
    "imdb": (((25000,), "object"), ((25000,), "int64"), ((25000,), "object"), ((25000,), "int64")),
    "reuters": (((8982,), "object"), ((8982,), "int64"), ((2246,), "object"), ((2246,), "int64")),
    "boston_housing": (((404, 13), "float64"), ((404,), "float64"), ((102, 13), "float64"), ((102,), "float64")),
    "california_housing": (
        ((16512, 8), "float32"),
        ((16512,), "float32"),
        ((4128, 8), "float32"),
        ((4128,), "float32"),
    ),
}
SMALL_HOUSING = (((480, 8), "float32"), ((480,), "float32"), ((120, 8), "float32"), ((120,), "float32"))


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """A function that loads or prepares data."""
    last = path.rpartition(".")[2]
    if last == "clear_session":
        run.engine.forget_names()
        return None
    if last in LOADERS:
        return LOADERS[last](run, path, args, kwargs, site)
    if path.startswith("tensorflow.data."):
        return _pipeline(run, path, args, kwargs, site)
    if last in KNOWN:
        found = call_like_numpy(run, f"numpy.{last}", args, kwargs, site)
        return found if found is not None else run.unknown(site)
    if last[:1].isupper():
        return objects.call(run, path, args, kwargs, site)
    return run.unknown(site)


def _load_image(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    size = kwargs.get("target_size")
    return Array((*size, 3)) if isinstance(size, (tuple, list)) else run.unknown(site)


def _image_array(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    return args[0] if args and isinstance(args[0], Array) else run.unknown(site)


def _nothing(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    return None


def _dataset(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``keras.datasets.NAME.load_data()``."""
    name = path.split(".")[-2]
    known = DATASETS.get(name) if path.startswith("keras.datasets.") else None
    if known is None:
        return run.unknown(site)
    if name == "california_housing" and kwargs.get("version") == "small":
        known = SMALL_HOUSING
    arrays = [Array(shape, dtype, f"{name}[{index}]") for index, (shape, dtype) in enumerate(known)]
    if name in ("imdb", "reuters"):
        arrays = [
            Array((Missing(f"len({name})", site.span),), each.dtype, each.name) if kwargs.get("maxlen") else each
            for each in arrays
        ]
    if not {"test_split", "maxlen", "skip_top", "seed"} & set(kwargs) and (not args or name in ("mnist", "imdb")):
        mode = kwargs.get("label_mode", "fine")
        if mode in ("fine", "coarse"):
            is_coarse = mode == "coarse"
            arrays[1] = labels(name, arrays[1], is_coarse=is_coarse)
            arrays[3] = labels(name, arrays[3], is_coarse=is_coarse, is_test=True)
    return ((arrays[0], arrays[1]), (arrays[2], arrays[3]))


def _from_directory(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    batch = kwargs.get("batch_size", 32)
    batch = None if isinstance(batch, int) else batch
    labels = Array((None,), "int32", "labels")
    if path.rpartition(".")[2].startswith("text"):
        element = (Array((None,), "string", "text"), labels)
    else:
        size = kwargs.get("image_size", (256, 256))
        channels = {"grayscale": 1, "rgba": 4}.get(str(kwargs.get("color_mode")), 3)
        if not isinstance(size, (tuple, list)) or len(size) != 2:
            return Missing("images", site.span)
        element = (Array((None, *size, channels), "float32", "images"), labels)
    is_bare = kwargs.get("label_mode", "int") is None or kwargs.get("labels", "inferred") is None
    found = Batches(element[0] if is_bare else element)
    return (found, found) if kwargs.get("subset") == "both" else found


# --- pipelines --------------------------------------------------------------------------------------------------------


def _pipeline(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    last = path.rpartition(".")[2]
    if last == "from_tensor_slices" and args:
        element = _sliced(args[0])
        return Batches(element) if element is not None else run.unknown(site)
    return run.unknown(site)


def _sliced(value: Value) -> Value:
    """One element of arrays that are sliced along the first axis; ``None`` if one is no array."""
    if isinstance(value, Array):
        return Array(value.shape[1:], value.dtype, value.name)
    if isinstance(value, (tuple, list)):
        found = [_sliced(each) for each in value]
        return tuple(found) if None not in found else None
    if isinstance(value, dict):
        mapped = {key: _sliced(each) for key, each in value.items()}
        return mapped if None not in mapped.values() else None
    return None


def batches_attribute(run: Interpreter, data: Batches, name: str, span: Span) -> Value:
    """A method of a dataset."""
    if name in ("shuffle", "prefetch", "cache", "repeat", "take", "skip", "with_options", "shard", "ignore_errors"):
        return Native(name, lambda run, args, kwargs, site: data)
    if name in ("batch", "padded_batch"):
        return Native(name, lambda run, args, kwargs, site: Batches(_batched(data.element, kwargs, args)))
    if name == "unbatch":
        return Native(name, lambda run, args, kwargs, site: Batches(_sliced(data.element)))
    if name == "map":
        return Native(name, _mapped, data)
    if name == "class_names":
        return Missing("class_names", span)
    return Missing(f"a dataset.{name}", span)


def _batched(element: Value, kwargs: Keywords, args: Args) -> Value:
    if isinstance(element, Array):
        return Array((None, *element.shape), element.dtype, element.name)
    if isinstance(element, (tuple, list)):
        return tuple(_batched(each, kwargs, args) for each in element)
    return (
        {key: _batched(each, kwargs, args) for key, each in element.items()} if isinstance(element, dict) else element
    )


def _mapped(run: Interpreter, data: Batches, args: Args, kwargs: Keywords, site: Site) -> Work:
    """``ds.map(f)``: what the function makes of one element."""
    parts: Args = [*data.element] if isinstance(data.element, tuple) else [data.element]
    found = yield run.call(args[0] if args else kwargs.get("map_func"), parts, {}, site.frame, site.node)
    return Batches(found)


LOADERS: dict[str, OfLibrary] = {
    "load_data": _dataset,
    **dict.fromkeys(("image_dataset_from_directory", "text_dataset_from_directory"), _from_directory),
    "load_img": _load_image,
    "img_to_array": _image_array,
    **dict.fromkeys(("register_keras_serializable", "serialize_keras_object"), SPECIAL["register_keras_serializable"]),
    **dict.fromkeys(("plot_model", "set_random_seed", "model_to_dot"), _nothing),
}
