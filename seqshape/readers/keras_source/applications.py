"""keras.applications: models that are known by name. Each is built here layer by layer, as Keras builds it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from seqshape.dims import Poly
from seqshape.graph import Call
from seqshape.readers.keras_source.architectures import classic, efficient2, mobile, mobile3, resnet
from seqshape.readers.keras_source.architectures.net import Net
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.functional import fill_functional
from seqshape.readers.keras_source.inputs import make_input
from seqshape.readers.keras_source.layer_calls import apply_layer
from seqshape.readers.keras_source.layers import construct
from seqshape.readers.keras_source.values import Anything, Array, Missing, Model, is_missing
from seqshape.records import NamedTuple

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site

WORDS = ("include_top", "weights", "input_tensor", "input_shape", "pooling", "classes", "classifier_activation", "name")
ALPHA = ("input_shape", "alpha", "depth_multiplier", "dropout", *WORDS[:3], *WORDS[4:])
ALPHA_ONLY = ("input_shape", "alpha", *WORDS[:3], *WORDS[4:])
PREPARED = (*WORDS[:-1], "include_preprocessing", "name")
THIRD = (
    *("input_shape", "alpha", "minimalistic", *WORDS[:3], "classes", "pooling", "dropout_rate"),
    *("classifier_activation", "include_preprocessing", "name"),
)
# The words that a body takes, and their defaults.
OWN = {"alpha": 1, "depth_multiplier": 1, "minimalistic": False, "include_preprocessing": True}


class Architecture(NamedTuple):
    """A model of keras.applications: what its body is, its default size, and how it ends.

    ``size`` is ``None`` if it takes any. ``head``: with the classifier, beside the pooling and the dense layer:
    ``flatten``, ``dropout``, ``conv``, or what makes all of it.
    ``pool`` is the name of the pooling before the classifier, ``pools`` that of one without it.
    """

    name: str
    size: int | None
    body: Callable[..., Any]
    head: str | Callable[..., Any] = ""
    pool: str | None = "avg_pool"
    pools: bool = True
    words: tuple[str, ...] = WORDS
    rate: float = 0.0


VGG16 = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
VGG19 = ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512))
KNOWN: dict[str, Architecture] = {
    "VGG16": Architecture("vgg16", 224, partial(classic.vgg, blocks=VGG16), "flatten", pools=False),
    "VGG19": Architecture("vgg19", 224, partial(classic.vgg, blocks=VGG19), "flatten", pools=False),
    "Xception": Architecture("xception", 299, classic.xception, pools=False),
    "InceptionV3": Architecture("inception_v3", 299, classic.inception_v3, pools=False),
    "MobileNet": Architecture("", 224, mobile.mobilenet, "conv", None, False, ALPHA),
    "MobileNetV2": Architecture("", 224, mobile.mobilenet_v2, "", None, False, ALPHA_ONLY),
}
for _depth, _blocks in ((121, (6, 12, 24, 16)), (169, (6, 12, 32, 32)), (201, (6, 12, 48, 32))):
    KNOWN[f"DenseNet{_depth}"] = Architecture(f"densenet{_depth}", 224, partial(classic.densenet, blocks=_blocks))
for _depth, _blocks in ((50, (3, 4, 6, 3)), (101, (3, 4, 23, 3)), (152, (3, 8, 36, 3))):
    for _version in (False, True):
        KNOWN[f"ResNet{_depth}{'V2' * _version}"] = Architecture(
            f"resnet{_depth}{'v2' * _version}", 224, partial(resnet.resnet, blocks=_blocks, second=_version)
        )
EFFICIENT = (
    (1.0, 1.0, 224, 0.2),
    (1.0, 1.1, 240, 0.2),
    (1.1, 1.2, 260, 0.3),
    (1.2, 1.4, 300, 0.3),
    (1.4, 1.8, 380, 0.4),
    (1.6, 2.2, 456, 0.4),
    (1.8, 2.6, 528, 0.5),
    (2.0, 3.1, 600, 0.5),
)
for _number, (_width, _depths, _size, _rate) in enumerate(EFFICIENT):
    KNOWN[f"EfficientNetB{_number}"] = Architecture(
        f"efficientnetb{_number}",
        _size,
        partial(mobile.efficientnet, width=_width, depth=_depths),
        "dropout",
        rate=_rate,
    )
for _letter, (_size, _member) in efficient2.SIZES.items():
    KNOWN[f"EfficientNetV2{_letter.upper()}"] = Architecture(
        f"efficientnetv2-{_letter}",
        _size,
        partial(efficient2.efficientnet_v2, size=_member),
        "dropout",
        words=PREPARED,
        rate=0.2,
    )
for _kind, _body, _last in (("Small", mobile3.SMALL, 1024), ("Large", mobile3.LARGE, 1280)):
    KNOWN[f"MobileNetV3{_kind}"] = Architecture(
        f"MobileNetV3{_kind}",
        None,
        partial(mobile3.mobilenet_v3, blocks=_body),
        partial(mobile3.head, width=_last),
        words=THIRD,
    )


def call(run: Interpreter, path: str, args: list[Any], kwargs: dict[str, Any], site: Site) -> Anything:
    """A call of something in keras.applications."""
    last = path.rpartition(".")[2]
    if last == "preprocess_input":
        return _preprocessed(run, path.split(".")[-2], args, kwargs, site)
    known = KNOWN.get(last)
    given = dict(zip(known.words if known is not None else WORDS, args, strict=False)) | kwargs
    if known is None or run.data_format != "channels_last" or not last[:1].isupper():
        if last[:1].isupper():
            run.note("W147", f"the layers of keras.applications.{last} are not known here", site.span, None, site.frame)
        return run.missing(run.written(site.node, site.frame), site.span)
    return _built(run, known, given, site)


def _built(run: Interpreter, known: Architecture, given: dict[str, Any], site: Site) -> Anything:
    top, weights = given.get("include_top", True), given.get("weights", "imagenet")
    shape = given.get("input_shape")
    own = {name: given.get(name, default) for name, default in OWN.items() if name in known.words}
    numbers = (own.get("alpha", 1), own.get("depth_multiplier", 1), given.get("dropout_rate", 0))
    decisive = (top, given.get("pooling"), *own.values())
    if (
        any(map(is_missing, decisive))
        or not all(isinstance(number, (int, float)) for number in numbers)
        or (shape is not None and not _is_shape(shape))
    ):
        return run.missing(run.written(site.node, site.frame), site.span)
    published = weights == "imagenet"
    alpha = given.get("alpha", 1.0)
    if shape is None or (published and top and known.size is not None):
        size = known.size
        shape = (size, size, 3) if top else (None, None, 3)
    tensor = given.get("input_tensor")
    start = tensor if isinstance(tensor, SymbolicTensor) else make_input(run, [tuple(shape)], {}, site)
    net = Net(partial(_make, run, site), partial(_operate, run, site), weights=published)
    end = known.body(net, start, **own)
    end = _ended(net, end, known, given, bool(top))
    model = Model(Call("Functional", (), site.span), site.name or "keras.applications", site.span)
    name = given.get("name") or known.name or _mobile_name(known, alpha, net.shape(start), published)
    fill_functional(run, model, [start, end], {"name": name}, site)
    if model.record is not None:
        model.record.is_library = True
    return model


def _is_shape(shape: Anything) -> bool:
    return isinstance(shape, (tuple, list)) and len(shape) == 3 and isinstance(shape[2], int)


def _mobile_name(known: Architecture, alpha: float, shape: tuple[object, ...], published: bool) -> str:
    """MobileNets are named after their width and their rows."""
    rows = shape[1]
    sizes = (128, 160, 192, 224) if known.words is ALPHA else (96, 128, 160, 192, 224)
    if published and (rows != shape[2] or rows not in sizes):
        rows = 224
    stem = "mobilenet" if known.words is ALPHA else "mobilenetv2"
    return f"{stem}_{alpha:0.2f}_{rows}"


def _make(
    run: Interpreter, site: Site, class_name: str, args: tuple[object, ...], kwargs: dict[str, object], x: object
) -> Anything:
    layer = construct(run, class_name, list(args), kwargs, site)
    return apply_layer(run, layer, [x], {}, site)


def _operate(run: Interpreter, site: Site, name: str, operands: list[Any]) -> Anything:
    return run.operation(name, operands, {}, site.span)


def _ended(net: Net, x: object, known: Architecture, given: dict[str, object], top: bool) -> object:
    """The classifier, or the pooling in its place."""
    pooling = str(given.get("pooling"))
    if not top:
        name = {"avg": "avg_pool", "max": "max_pool"}.get(pooling) if known.pools else None
        kind = {"avg": "GlobalAveragePooling2D", "max": "GlobalMaxPooling2D"}.get(pooling)
        return net(kind, x, **({"name": name} if name else {})) if kind is not None else x
    if not isinstance(known.head, str):
        return known.head(net, x, given)
    classes, activation = given.get("classes", 1000), given.get("classifier_activation", "softmax")
    if known.head == "conv":
        x = net("GlobalAveragePooling2D", x, keepdims=True)
        x = net("Dropout", x, given.get("dropout", 1e-3), name="dropout")
        x = net("Conv2D", x, classes, 1, padding="same", name="conv_preds")
        x = net("Reshape", x, (classes,), name="reshape_2")
        return net("Activation", x, activation=activation, name="predictions")
    if known.head == "flatten":
        x = net("Flatten", x, name="flatten")
        x = net("Dense", x, 4096, activation="relu", name="fc1")
        x = net("Dense", x, 4096, activation="relu", name="fc2")
    else:
        x = net("GlobalAveragePooling2D", x, **({"name": known.pool} if known.pool else {}))
    if known.head == "dropout":
        x = net("Dropout", x, known.rate, name="top_dropout")
    return net("Dense", x, classes, activation=activation, name="predictions")


# --- what comes before --------------------------------------------------------------------------------------------------

CAFFE = ("vgg16", "vgg19", "resnet", "resnet50")
TORCH = ("densenet",)
NOTHING = ("efficientnet", "efficientnet_v2", "convnext", "mobilenet_v3")


def _preprocessed(run: Interpreter, module: str, args: list[object], kwargs: dict[str, object], site: Site) -> Anything:
    """``preprocess_input``: of a tensor the operations that Keras writes, of data data of the same shape."""
    x = args[0] if args else kwargs.get("x")
    if not isinstance(x, SymbolicTensor):
        return x if isinstance(x, (Array, Missing)) else run.missing(run.written(site.node, site.frame), site.span)
    if module in NOTHING:
        return x

    def op(name: str, *operands: object, **words: object) -> Any:
        return run.operation(name, list(operands), words, site.span)

    mode = "caffe" if module in CAFFE else "torch" if module in TORCH else "tf"
    rank = x.tensor.rank if x.tensor is not None else 4
    mean = Array((*(1,) * (rank - 1), 3), "float32")
    if mode == "tf":
        return op("subtract", op("true_divide", x, 127.5), 1.0)
    if mode == "torch":
        return op("true_divide", op("add", op("true_divide", x, 255.0), mean), Array((3,), "float32"))
    parts = [op("get_item", x, (Ellipsis, index)) for index in (2, 1, 0)]
    return op("add", op("stack", parts, axis=-1), mean)


__all__ = ["KNOWN", "Poly", "call"]
