"""keras.applications: models that are known by name. Each is built here layer by layer, as Keras builds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.dims import Inconclusive
from seqshape.graph import Call, keras_order
from seqshape.readers.keras_source.architectures import refusals
from seqshape.readers.keras_source.architectures.known import ALPHA, KNOWN, OWN, Architecture
from seqshape.readers.keras_source.architectures.net import Inputs, Made, Net, Refused, number_in
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.functional import fill_functional
from seqshape.readers.keras_source.inputs import make_input
from seqshape.readers.keras_source.layer_calls import apply_layer
from seqshape.readers.keras_source.layers import construct
from seqshape.readers.keras_source.sequential import fill_sequential
from seqshape.readers.keras_source.values import Args, Array, Keywords, Missing, Model, Result, Value, is_missing

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site

LEFT = ("backend", "layers", "models", "utils")  # modules that the functions of keras_applications were handed


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """A call of something in keras.applications."""
    last = path.rpartition(".")[2]
    if last == "preprocess_input":
        return _preprocessed(run, path.split(".")[-2], args, kwargs, site)
    known = KNOWN.get(last)
    if known is None or run.data_format != "channels_last":
        if last[:1].isupper():
            run.note("W147", f"the layers of keras.applications.{last} are not known here", site.span, None, site.frame)
        return run.unknown(site)
    given = dict(zip(known.words, args, strict=False)) | {
        word: value for word, value in kwargs.items() if word not in LEFT
    }
    before = run.mark_faults()
    try:
        if len(args) > len(known.words):
            raise Refused(f"takes {len(known.words)} arguments, but gets {len(args)}")
        refusals.check(known, given)
        if not _is_settled(known, given):
            return run.unknown(site)
        return _built(run, known, given, site)
    except Refused as wrong:
        run.engine.complain(f"{last} {wrong}", "E104", site.span)
        run.refused(before, site.span)
    except Inconclusive:
        run.note("W147", f"the layers of {last} depend on sizes that are not known", site.span, None, site.frame)
    return run.unknown(site)


def _is_settled(known: Architecture, given: Keywords) -> bool:
    """Whether all is known that says which layers there are."""
    numbers = [given.get(word, 0) for word in ("alpha", "depth_multiplier", "dropout_rate")]
    words = ["include_top", "pooling", "name", *(word for word in OWN if word in known.words)]
    words += ["weights"] * known.by_weights
    tensor, shape = given.get("input_tensor"), given.get("input_shape")
    return (
        not any(is_missing(given.get(word)) for word in words)
        and all(isinstance(number, (int, float)) for number in numbers)
        and (tensor is None or isinstance(tensor, SymbolicTensor))
        and (shape is None or _is_shape(shape))
    )


def _built(run: Interpreter, known: Architecture, given: Keywords, site: Site) -> Value:
    """The model of a call. Raises Refused, and Inconclusive where sizes that are not known say which layers there are."""
    top, published = bool(given.get("include_top", True)), given.get("weights", "imagenet") == "imagenet"
    tensor, said, name = given.get("input_tensor"), given.get("input_shape"), given.get("name", known.name or None)
    wanted = said if isinstance(said, (tuple, list)) else None
    shape = refusals.input_shape(known, wanted, tensor, top=top, published=published)
    start = tensor if isinstance(tensor, SymbolicTensor) else make_input(run, [shape], {}, site)
    net = Net(_Builder(run, site), name if isinstance(name, str) else None, shape[2], weights=published)
    own = {word: given.get(word, default) for word, default in OWN.items() if word in known.words}
    end = _ended(net, known.body(net, start, **own), known, given, top)
    model = Model(Call("Functional", (), site.span), site.name or "keras.applications", site.span)
    if name is None and known.published:
        name = _mobile_name(known, number_in(given, "alpha", 1.0), shape[0], shape[1], published=published)
    inputs = _sources(run, start)[: 1 if known.tail is not None else None]  # ConvNeXt takes the first alone
    fill_functional(run, model, [inputs, end], {"name": name}, site)
    if model.record is not None:
        model.record.is_library = True
    return model


def _sources(run: Interpreter, start: SymbolicTensor) -> list[Value]:
    """The inputs of the program that a tensor is made of."""
    nodes, _ = keras_order(start.ref, [])
    made = [run.layer_of.get(node.call) for node in nodes if node in start.trace.model.ports]
    found = [layer.calls[0][1] for layer in made if layer is not None and layer.calls]
    return found if len(found) == len(made) and found else [start]


def _is_shape(shape: Value) -> bool:
    return isinstance(shape, (tuple, list)) and (not shape or (len(shape) == 3 and isinstance(shape[2], int)))


def _mobile_name(known: Architecture, alpha: float, rows: object, columns: object, *, published: bool) -> str:
    """MobileNets are named after their width and their rows."""
    if published and (rows != columns or rows not in known.published):
        rows = 224
    rows = rows.name if isinstance(rows, Missing) else rows
    stem = "mobilenet" if known.words is ALPHA else "mobilenetv2"
    return f"{stem}_{alpha:0.2f}_{rows}"


class _Builder:
    """Makes the layers of a model where the program calls it."""

    def __init__(self, run: Interpreter, site: Site) -> None:
        self.run = run
        self.site = site

    def layer(self, class_name: str, args: Args, kwargs: Keywords, x: Inputs) -> SymbolicTensor:
        """What a new layer gives for ``x``."""
        made = construct(self.run, class_name, args, kwargs, self.site)
        return self._tensor(apply_layer(self.run, made, [x if isinstance(x, SymbolicTensor) else [*x]], {}, self.site))

    def operation(self, name: str, operands: Args) -> SymbolicTensor:
        """What an operation of keras.ops gives."""
        return self._tensor(self.run.operation(name, operands, {}, self.site.span))

    def _tensor(self, found: Result) -> SymbolicTensor:
        return found if isinstance(found, SymbolicTensor) else self.run.lost(None, "a layer of it", self.site.span)

    def stack(self, name: str, layers: list[Made], x: SymbolicTensor) -> SymbolicTensor:
        """What a Sequential of new layers gives for ``x``."""
        inner: Args = [construct(self.run, kind, [], words, self.site) for kind, words in layers]
        model = Model(Call("Sequential", (), self.site.span), "keras.Sequential", self.site.span)
        fill_sequential(self.run, model, [inner], {"name": name}, self.site)
        if model.record is not None:
            model.record.is_library = True
        return self._tensor(apply_layer(self.run, model, [x], {}, self.site))


def _ended(net: Net, x: SymbolicTensor, known: Architecture, given: Keywords, top: bool) -> SymbolicTensor:
    """The classifier, or the pooling in its place."""
    pooling = str(given.get("pooling"))
    if not top:
        name = {"avg": "avg_pool", "max": "max_pool"}.get(pooling) if known.pools else None
        kind = {"avg": "GlobalAveragePooling2D", "max": "GlobalMaxPooling2D"}.get(pooling)
        x = net(kind, x, **({"name": name} if name else {})) if kind is not None else x
        return known.tail(net, x) if known.tail is not None else x
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


def _preprocessed(run: Interpreter, module: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``preprocess_input``: of a tensor the operations that Keras writes, of data data of the same shape."""
    x = args[0] if args else kwargs.get("x")
    if not isinstance(x, SymbolicTensor):
        return x if isinstance(x, (Array, Missing)) else run.unknown(site)
    if module in NOTHING:
        return x

    def op(name: str, *operands: Value, **words: Value) -> Value:
        return run.operation(name, [*operands], words, site.span)

    mode = "caffe" if module in CAFFE else "torch" if module in TORCH else "tf"
    rank = x.tensor.rank if x.tensor is not None else 4
    mean = Array((*(1,) * (rank - 1), 3), "float32")
    if mode == "tf":
        return op("subtract", op("true_divide", x, 127.5), 1.0)
    if mode == "torch":
        return op("true_divide", op("add", op("true_divide", x, 255.0), mean), Array((3,), "float32"))
    parts = [op("get_item", x, (Ellipsis, index)) for index in (2, 1, 0)]
    return op("add", op("stack", parts, axis=-1), mean)


__all__ = ["KNOWN", "call"]
