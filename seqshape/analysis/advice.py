"""Advice: what Keras builds without a word and a person would want to know.

Never an error; each has a code and a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from seqshape.bind.layer import Layer
from seqshape.diagnostics import Diagnostic, Label, Span
from seqshape.graph import Node
from seqshape.records import NamedTuple
from seqshape.tensor import Shape, show
from seqshape.walk.flow import Done, flat
from seqshape.walk.model import Model

if TYPE_CHECKING:
    from seqshape.network import Network

RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "CuDNNLSTM", "CuDNNGRU"})
# Layers through which a tensor goes unchanged in what it means: advice looks through them.
TRANSPARENT = frozenset(
    {
        "Dropout",
        "SpatialDropout1D",
        "GaussianNoise",
        "GaussianDropout",
        "AlphaDropout",
        "Identity",
        "ActivityRegularization",
    }
)
BIASED = frozenset(
    {
        "Dense",
        "Conv1D",
        "Conv2D",
        "Conv3D",
        "Conv1DTranspose",
        "Conv2DTranspose",
        "Conv3DTranspose",
        "DepthwiseConv1D",
        "DepthwiseConv2D",
        "SeparableConv1D",
        "SeparableConv2D",
    }
)
DWARFED = 0.9  # the share of all parameters above which one Flatten > Dense is spoken of
MOST_MENDED = 200  # nodes of a network for which mended specs are tried
MOST_WALKED = 2_000  # nodes that are walked for advice of one code
LARGE = 10_000  # parameters below which nobody minds

Check = Callable[["Use"], Iterator["Finding"]]
Edit = tuple[Span, str]  # another text in the place of a stretch of the source
Advice = tuple[Diagnostic, Callable[[str], tuple[Edit, ...]] | None]  # what is said, and how a text is mended


class Finding(NamedTuple):
    """What a check says of a layer: a predicate sentence, and how to mend it.

    ``cause`` is the earlier layer that it comes from; ``mend`` makes the changes of a spec's text that would do it.
    """

    message: str
    help: str | None = None
    cause: Done | None = None
    mend: Callable[[str], tuple[Edit, ...]] | None = None


class Use(NamedTuple):
    """One layer at work: the call, the network around it, who feeds it and who reads it."""

    done: Done
    model: Model
    readers: dict[Node, list[Done]]
    name: str

    @property
    def layer(self) -> Any:
        """The bound layer."""
        return self.done.layer

    def is_a(self, *names: str) -> bool:
        """Whether it is of one of these classes."""
        return self.name in names

    def get(self, argument: str) -> Any:
        """An argument of the layer; ``None`` if it has none of that name."""
        return self.layer.arguments.get(argument)

    @property
    def input(self) -> Shape | None:
        """The shape of the first input."""
        flows = [flow for flow in self.done.inputs if flow is not None]
        return flows[0].tensor.shape if flows else None

    @property
    def output(self) -> Shape | None:
        """The shape of the first output."""
        return self.done.shapes()[0] if self.done.shapes() else None

    def source(self, through: frozenset[str] = frozenset()) -> Use | None:
        """The layer that feeds the first input; ``None`` at an input.

        It looks through dropout and the like, and through layers of the classes ``through``.
        """
        for flow in self.done.inputs:
            if flow is not None:
                break
        else:
            return None
        if flow.ref.node in self.model.ports:
            return None
        done = self.model.done[flow.ref.node]
        found = Use(done, self.model, self.readers, str(done.layer.class_name))
        return found.source(through) if found.name in TRANSPARENT or found.name in through else found

    def only_reader(self, *, through: bool = False) -> Use | None:
        """The one layer that reads this output; ``None`` if there are none or several.

        ``through``: looking through dropout and the like.
        """
        found = self.readers.get(self.done.node, [])
        if len(found) != 1:
            return None
        reader = self._replace(done=found[0], name=str(found[0].layer.class_name))
        return reader.only_reader(through=True) if through and reader.name in TRANSPARENT else reader


# Layers that leave every number where it is.
KEEPING = frozenset({"Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "BatchNormalization", "LayerNormalization"})
CHECKS: dict[str, Check] = {}


CLASSES: dict[str, frozenset[str]] = {}  # of the layers that a check looks at; all, if it is not here


def advice(code: str, *classes: str) -> Callable[[Check], Check]:
    """Declare a check under a code; ``classes`` are those of the layers that it looks at."""

    def declare(check: Check) -> Check:
        CHECKS[code] = check
        if classes:
            CLASSES[code] = frozenset(classes)
        return check

    return declare


def advise(network: Network, *, select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> list[Diagnostic]:
    """The advice for a network, in the order of its layers.

    ``select`` and ``ignore`` are codes or beginnings of codes. Nothing is said of layers of which nothing is known.
    """
    if network.session.faults:
        return []  # first things first
    codes = [code for code in CHECKS if not select or code.startswith(select)]
    codes = [code for code in codes if not ignore or not code.startswith(ignore)]
    once: dict[object, Advice] = {}
    for one, mend in _found(network, codes):
        once.setdefault((one.code, one.message, one.labels), (one, mend))  # a repeated group says it once
    texts = _mended(network, list(once.values()))
    return [
        one._replace(source=network.graph.source, replacement=texts.get(number))
        for number, (one, _) in enumerate(once.values())
    ]


def _found(network: Network, codes: list[str]) -> Iterator[Advice]:
    """What some of the checks say, and how the text could be mended."""
    looked_at: dict[str, list[str]] = {}
    for use in uses(network.model):
        if use.name not in looked_at:
            looked_at[use.name] = [code for code in codes if code not in CLASSES or use.name in CLASSES[code]]
        for code in looked_at[use.name]:
            for found in CHECKS[code](use):
                yield _said(use, code, found)


def _mended(network: Network, advice: list[Advice]) -> dict[int, str]:
    """For each piece of advice, by number, the whole mended spec, if there is one: that of all of its code together.

    Where these do not go together each is tried alone, until enough is walked.
    """
    source, size = network.graph.source, len(network.graph.nodes)
    if source is None or size > MOST_MENDED or all(mend is None for _, mend in advice):
        return {}
    from seqshape.mending.trial import is_mendable

    if not is_mendable(network):
        return {}
    patches = {
        number: mend(source.text)
        for number, (one, mend) in enumerate(advice)
        if mend is not None and one.labels[0].span.pointer is None
    }
    by_code: dict[str, list[int]] = {}
    for number in patches:
        by_code.setdefault(advice[number][0].code, []).append(number)

    def tried(numbers: list[int]) -> dict[int, str]:
        text = _sound(network, [advice[number][0] for number in numbers], [patches[number] for number in numbers])
        return {} if text is None else dict.fromkeys(numbers, text)

    texts: dict[int, str] = {}
    for numbers in by_code.values():
        together = tried(numbers)
        alone = [] if together or len(numbers) == 1 else numbers[: MOST_WALKED // size]
        texts |= together
        for number in alone:
            texts |= tried([number])
    return texts


def _sound(network: Network, advice: list[Diagnostic], patches: list[tuple[Edit, ...]]) -> str | None:
    """The text after the patches for advice of one code, if then it is gone, no other of the code came, and none is faulty."""
    assert network.graph.source is not None
    from collections import Counter

    from seqshape.mending.patch import Patch, apply
    from seqshape.mending.trial import finding, walked

    text = apply(network.graph.source.text, tuple(Patch(*edit) for each in patches for edit in each))
    trial = walked(network, text) if text is not None else None
    if trial is None or trial.session.faults:
        return None
    before, after = (Counter(finding(one) for one, _ in _found(each, [advice[0].code])) for each in (network, trial))
    return text if after <= before - Counter(map(finding, advice)) else None


def uses(model: Model) -> Iterator[Use]:
    """Every layer at work in a model and in the models inside it."""
    readers: dict[Node, list[Done]] = {}
    for done in model.done.values():
        for node in {ref.node: None for ref in model.reads(done.node)}:
            readers.setdefault(node, []).append(done)
    for done in model.done.values():
        if done.effect is None or done.node in model.ports:
            continue
        if isinstance(done.layer, Model):
            yield from uses(done.layer)
        elif isinstance(done.layer, Layer) and not done.layer.type.operation:
            yield Use(done, model, readers, str(done.layer.class_name))


def _said(use: Use, code: str, found: Finding) -> Advice:
    """What a check says, as data, and how the text could be mended."""
    labels = [Label(use.done.node.call.span)]
    if found.cause is not None:
        cause = found.cause
        labels.append(Label(cause.node.call.span, f"{cause.layer.class_name} gives {show(cause.shapes()[0])}"))
    said = Diagnostic(code, "advice", f"{use.name} {found.message}", tuple(labels), found.help, layer=use.layer.name)
    return said, found.mend


@advice("A101", "TimeDistributed")
def _time_distributed_dense(use: Use) -> Iterator[Finding]:
    """TimeDistributed around Dense changes nothing."""
    inner = use.get("layer")
    if use.is_a("TimeDistributed") and isinstance(inner, Layer) and inner.class_name == "Dense":
        yield Finding(
            "around Dense changes nothing: Dense runs over the last axis, so every step gets the same weights anyway",
            "write the Dense alone; outputs and counts stay the same",
            mend=lambda text: ((use.done.node.call.span, text[inner.call.span.start : inner.call.span.stop]),),
        )


@advice("A102", *RECURRENT, "Bidirectional", "TimeDistributed", "Conv1D")
def _units_as_steps(use: Use) -> Iterator[Finding]:
    """An RNN's last step reshaped into steps: return_sequences was meant."""
    if use.name not in RECURRENT and not use.is_a("Bidirectional", "TimeDistributed", "Conv1D"):
        return
    reshape = use.source()
    if reshape is None or not reshape.is_a("Reshape") or reshape.input is None or len(reshape.input) != 2:
        return
    from seqshape.mending.changes import holders, written_with
    from seqshape.mending.patch import without_layer

    before = reshape.source()
    inner = (
        next((one for one in holders(before.layer) if "return_sequences" in one.arguments), None) if before else None
    )
    if before is not None and inner is not None and inner.arguments["return_sequences"] is False:
        yield Finding(
            f"runs over the {reshape.input[1]} units of {before.name}'s last step as if they were steps",
            f"to run over the steps, give {inner.class_name} the flag seq and leave out the Reshape",
            before.done,
            lambda text: (
                written_with(text, inner, "return_sequences", "True", "seq"),
                (without_layer(text, reshape.done.node.call.span), ""),
            ),
        )


@advice("A103", "Flatten")
def _flattened_steps(use: Use) -> Iterator[Finding]:
    """Flatten after a sequence."""
    shape, source = use.input, use.source()
    if not use.is_a("Flatten") or shape is None or len(shape) != 3 or source is None or _rearranges(source):
        return
    reader = use.only_reader(through=True)
    if reader is not None and reader.is_a("Dense"):
        yield Finding(
            f"ties the {shape[1]} steps together: the Dense after it has weights of its own for each step, and no other number of"
            " steps will do",
            "for one output a step, leave Flatten out; for one vector of any length, write GlobalAveragePooling1D",
            source.done,
        )


def _rearranges(use: Use) -> bool:
    """Whether what comes out has steps at all: a Reshape may make anything."""
    return use.is_a("Reshape", "Permute", "Lambda", "CategoryEncoding", "Resizing")


@advice("A104")
def _softmax_of_one(use: Use) -> Iterator[Finding]:
    """Softmax over one unit."""
    softmax = use.get("activation") == "softmax" or (use.is_a("Softmax") and use.get("axis") == -1)
    if use.is_a("TimeDistributed") and isinstance(use.get("layer"), Layer):
        softmax = use.get("layer").arguments.get("activation") == "softmax"
    if softmax and use.output is not None and len(use.output) > 1 and use.output[-1] == 1:
        yield Finding(
            "has a softmax over one unit, which is always 1",
            "for a probability of one class, write sigmoid",
            mend=lambda text: tuple(_activations(text, use.layer)),
        )


def _activations(text: str, layer: Layer) -> Iterator[Edit]:
    """The softmax of a layer, or of the one that it wraps, written as a sigmoid."""
    from seqshape.mending.changes import holders, written_with

    for one in holders(layer):
        if one.arguments.get("activation") == "softmax" and "activation" in one.places:
            yield written_with(text, one, "activation", '"sigmoid"', "sigmoid")
        elif text[one.call.span.start : one.call.span.stop] == "softmax":
            yield one.call.span, "sigmoid"


@advice("A105", "BatchNormalization")
def _wasted_bias(use: Use) -> Iterator[Finding]:
    """A bias before BatchNormalization."""
    source = use.source()
    if not use.is_a("BatchNormalization") or source is None or source.name not in BIASED:
        return
    from seqshape.mending.changes import written_with

    if source.get("use_bias") and source.get("activation") in (None, "linear") and _normalizes_channels(use, source):
        yield Finding(
            f"takes away the mean, and the bias of {source.name} with it",
            f"write nobias in {source.name}: {source.output[-1] if source.output else 'some'} parameters fewer, the same network",
            source.done,
            lambda text: (written_with(text, source.layer, "use_bias", "False", "nobias"),),
        )


def _normalizes_channels(use: Use, source: Use) -> bool:
    rank = len(use.input or ())
    axis = use.get("axis")
    channels = 1 if source.get("data_format") == "channels_first" else rank - 1
    return bool(rank) and isinstance(axis, int) and axis % rank == channels


@advice("A107", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout")
def _last_dropout(use: Use) -> Iterator[Finding]:
    """Dropout as the last layer."""
    outputs = {flow.ref.node for flow in flat(use.model.outputs)}
    if (
        use.is_a("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout")
        and use.done.node in outputs
        and use.model.call is None
        and use.get("rate") != 0
    ):
        yield Finding(
            "is the last layer: in training it sets parts of the answer itself to 0",
            "put it before the last layer that has weights",
        )


@advice("A108")
def _dropped_mask(use: Use) -> Iterator[Finding]:
    """A mask that ends here although a later layer would use it."""
    masked = [flow for flow in use.done.inputs if flow is not None and flow.mask is not None]
    if not masked or any(flow.mask is not None for flow in flat(use.done.outputs)) or use.done.effect is None:
        return
    mask = use.done.effect.mask
    if getattr(mask, "op", None) == "drop" and _mask_wanted(use):
        yield Finding(
            "drops the mask of the padded steps, so later layers read the padding as data",
            "put it before the layer that makes the mask, or do without masking",
        )


def _mask_wanted(use: Use) -> bool:
    stack, seen = [use.done.node], set()
    while stack:
        for reader in use.readers.get(stack.pop(), []):
            if reader.node not in seen:
                seen.add(reader.node)
                stack.append(reader.node)
                if isinstance(reader.layer, Layer) and "mask" in reader.layer.type.call_arguments:
                    return True
    return False


@advice("A109", "Dense", "TimeDistributed")
def _two_dense(use: Use) -> Iterator[Finding]:
    """Dense after Dense without an activation between, at every step or not."""
    source = use.source()
    own, first = _dense(use), _dense(source)
    if own is None or first is None or source is None or source.layer is use.layer:
        return
    linear = first.arguments.get("activation") in (None, "linear")
    if linear and source.only_reader() is not None and not _narrows(source):
        yield Finding(
            "after a Dense without an activation is one Dense in two parts",
            "give the first one an activation, such as relu, or leave one of them out",
            source.done,
        )


def _dense(use: Use | None) -> Layer | None:
    """The Dense that a layer is, or that it runs at every step."""
    layer = use.layer if use is not None else None
    if use is not None and use.is_a("TimeDistributed"):
        layer = use.get("layer")
    return layer if isinstance(layer, Layer) and layer.class_name == "Dense" else None


def _narrows(source: Use) -> bool:
    """A narrow first Dense makes the product of both cheaper, which can be meant (a factorized matrix)."""
    reader = source.only_reader()
    sizes = (source.input, source.output, reader.output if reader else None)
    dims = [shape[-1] for shape in sizes if shape]
    return len(dims) == 3 and all(isinstance(dim, int) for dim in dims) and bool(dims[1] < min(dims[0], dims[2]))


@advice("A110", "Conv1D", "SeparableConv1D", "DepthwiseConv1D")
def _wide_kernel(use: Use) -> Iterator[Finding]:
    """A kernel wider than the sequence."""
    if (
        not use.is_a("Conv1D", "SeparableConv1D", "DepthwiseConv1D")
        or use.get("padding") == "valid"
        or use.input is None
    ):
        return
    steps = use.input[2 if use.get("data_format") == "channels_first" else 1]
    size, dilation = _first(use.get("kernel_size")), _first(use.get("dilation_rate"))
    if all(isinstance(dim, int) for dim in (steps, size, dilation)) and (size - 1) * dilation + 1 > steps:
        yield Finding(
            f"has a kernel that spans {(size - 1) * dilation + 1} steps, and the sequence has {steps}: some of it always reads"
            " padding",
            "a kernel no wider than the sequence needs fewer weights",
        )


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) else value


@advice("A111", "Embedding")
def _embedded_floats(use: Use) -> Iterator[Finding]:
    """An Embedding fed floats."""
    source = use.source()
    if (
        use.is_a("Embedding")
        and source is not None
        and (source.done.effect is not None and use.done.inputs[0] is not None)
    ):
        dtype = use.done.inputs[0].tensor.dtype or "float32"
        if dtype.startswith(("float", "bfloat")) and not source.is_a(
            "Reshape", "Flatten", "Permute", "Cropping1D", "ZeroPadding1D", "Lambda"
        ):
            yield Finding(
                f"gets the floats of {source.name}, and reads each as a whole number, cut off at the point",
                "an Embedding comes first: it takes the indices of words",
                source.done,
            )


@advice("A112", "Dense")
def _dwarfed(use: Use) -> Iterator[Finding]:
    """All parameters in one Flatten > Dense."""
    source = use.source()
    if not use.is_a("Dense") or source is None or not source.is_a("Flatten"):
        return
    own = _count(use.model.weights.get(use.layer, {}))
    total = sum(_count(weights) for weights in use.model.weights.values())
    if own > LARGE and own > DWARFED * total and len(use.model.weights) > 2:
        yield Finding(
            f"after Flatten holds {own:,} of the network's {total:,} parameters",
            "pool first (GlobalAveragePooling), or make the flattened shape smaller",
            source.done,
        )


def _count(weights: Any) -> int:
    total = 0
    for weight in weights.values():
        number = 1
        for dim in weight.shape:
            if not isinstance(dim, int):
                return 0
            number *= dim
        total += number
    return total


@advice("A113", *RECURRENT, "Bidirectional")
def _over_features(use: Use) -> Iterator[Finding]:
    """A recurrent layer that runs over features."""
    source = use.source(KEEPING)
    inner = use.get("layer")
    recurrent = use.name in RECURRENT or (use.is_a("Bidirectional") and isinstance(inner, Layer))
    if not recurrent or source is None:
        return
    from seqshape.mending.patch import without_layer

    if (
        source.is_a("Permute")
        and tuple(source.get("dims") or ()) == (2, 1)
        and not _features_first(source.source(KEEPING))
    ):
        yield Finding(
            "runs over the features as if they were steps: Permute has put them there",
            "leave out the Permute",
            source.done,
            lambda text: ((without_layer(text, source.done.node.call.span), ""),),
        )
    elif _features_first(source):
        start = use.done.node.call.span
        yield Finding(
            f"runs over the features as if they were steps: {source.name} has put them there",
            "a recurrent layer wants steps first and features last; write Permute(2,1) before it",
            source.done,
            lambda text: ((Span(start.start, start.start), "Permute(2,1) > "),),
        )


def _features_first(source: Use | None) -> bool:
    return source is not None and source.get("data_format") == "channels_first"
