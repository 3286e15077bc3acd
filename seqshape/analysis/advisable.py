"""What is advised against: one function for each code. Another is another function with ``@advice``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from seqshape.analysis.findings import Finding, Use, advice, refused
from seqshape.analysis.masks import fate
from seqshape.bind.layer import Layer
from seqshape.dims import Inconclusive, recording
from seqshape.graph import Node
from seqshape.registry import has, named
from seqshape.tensor import Frozen, Tensor
from seqshape.walk.flow import flat

if TYPE_CHECKING:
    from seqshape.mending.languages import Language
    from seqshape.mending.patch import Patch

DWARFED = 0.9  # the share of all parameters above which one Flatten > Dense is spoken of
LARGE = 10_000  # parameters below which nobody minds


@advice("A101", "each_step")
def _time_distributed_dense(use: Use) -> Iterator[Finding]:
    """TimeDistributed around Dense changes nothing."""
    inner = use.get("layer")
    if use.has("each_step") and has(inner, "dense"):
        yield Finding(
            "around Dense changes nothing: Dense runs over the last axis, so every step gets the same weights anyway",
            "write the Dense alone; outputs and counts stay the same",
            mend=lambda language: language.written(use.done.node.call.span, language.call(inner.call)),
            instead=inner,
        )


@advice("A102", "over_steps")
def _units_as_steps(use: Use) -> Iterator[Finding]:
    """An RNN's last step reshaped into steps: return_sequences was meant."""
    reshape = use.source()
    if reshape is None or not reshape.has("reshapes") or reshape.input is None or len(reshape.input) != 2:
        return
    from seqshape.mending.changes import holders

    before = reshape.source()
    inner = (
        next((one for one in holders(before.layer) if "return_sequences" in one.arguments), None) if before else None
    )
    if before is not None and inner is not None and inner.arguments["return_sequences"] is False:
        yield Finding(
            f"runs over the {reshape.input[1]} units of {before.name}'s last step as if they were steps",
            f"to run over the steps, give {inner.class_name} the flag seq and leave out the Reshape",
            before.done,
            lambda language: (
                *language.setting(inner, "return_sequences", True),
                *language.left_out(reshape.done.node.call),
            ),
            f"to run over the steps, give {inner.class_name} return_sequences=True and leave out the Reshape",
        )


@advice("A103", "flattens")
def _flattened_steps(use: Use) -> Iterator[Finding]:
    """Flatten after a sequence."""
    shape, source = use.input, use.source()
    if shape is None or len(shape) != 3 or source is None or _rearranges(source):
        return
    reader = use.only_reader(through=True)
    if reader is not None and reader.has("dense"):
        yield Finding(
            f"ties the {shape[1]} steps together: the Dense after it has weights of its own for each step, and no other number of"
            " steps will do",
            "for one output a step, leave Flatten out; for one vector of any length, write GlobalAveragePooling1D",
            source.done,
        )


def _rearranges(use: Use) -> bool:
    """Whether what comes out has steps at all: a Reshape may make anything."""
    return use.has("rearranges")


@advice("A104", fact="softmax")
def _softmax_of_one(use: Use) -> Iterator[Finding]:
    """Softmax over one unit."""
    softmax = use.get("activation") == "softmax" or (use.has("softmax") and use.get("axis") == -1)
    if use.has("each_step") and isinstance(use.get("layer"), Layer):
        softmax = use.get("layer").arguments.get("activation") == "softmax"
    if softmax and use.output is not None and len(use.output) > 1 and use.output[-1] == 1:
        yield Finding(
            "has a softmax over one unit, which is always 1",
            "for a probability of one class, write sigmoid",
            mend=lambda language: tuple(_activations(language, use.layer)),
        )


def _activations(language: Language, layer: Layer) -> Iterator[Patch]:
    """The softmax of a layer, or of the one that it wraps, written as a sigmoid."""
    from seqshape.mending.changes import holders

    for one in holders(layer):
        if one.arguments.get("activation") == "softmax" and "activation" in one.places:
            yield from language.setting(one, "activation", "sigmoid")
        elif language.call(one.call) == "softmax":
            yield from language.written(one.call.span, "sigmoid")


@advice("A105", "statistics")
def _wasted_bias(use: Use) -> Iterator[Finding]:
    """A bias before BatchNormalization."""
    source = use.source()
    if source is None or not source.has("biased"):
        return
    fewer = f"{source.output[-1] if source.output else 'some'} parameters fewer, the same network"
    if source.get("use_bias") and source.get("activation") in (None, "linear") and _normalizes_channels(use, source):
        yield Finding(
            f"takes away the mean, and the bias of {source.name} with it",
            f"write nobias in {source.name}: {fewer}",
            source.done,
            lambda language: language.setting(source.layer, "use_bias", False),
            f"write use_bias=False in {source.name}: {fewer}",
        )


def _normalizes_channels(use: Use, source: Use) -> bool:
    rank = len(use.input or ())
    axis = use.get("axis")
    channels = 1 if source.get("data_format") == "channels_first" else rank - 1
    return bool(rank) and isinstance(axis, int) and axis % rank == channels


@advice("A107", "drops")
def _last_dropout(use: Use) -> Iterator[Finding]:
    """Dropout as the last layer."""
    outputs = {flow.node for flow in flat(use.model.outputs)}
    if use.done.node in outputs and use.model.call is None and use.get("rate") != 0:
        yield Finding(
            "is the last layer: in training it sets parts of the answer itself to 0",
            "put it before the last layer that has weights",
        )


@advice("A108", fact="masked")
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
        for reader in use.readers.of(stack.pop()):
            if reader.node not in seen:
                seen.add(reader.node)
                stack.append(reader.node)
                if isinstance(reader.layer, Layer) and "mask" in reader.layer.type.call_arguments:
                    return True
    return False


@advice("A109", "dense", "each_step")
def _two_dense(use: Use) -> Iterator[Finding]:
    """Dense after Dense without an activation between, at every step or not."""
    source = use.source() if _dense(use) is not None else None
    first = _dense(source)
    if first is None or source is None or source.layer is use.layer:
        return
    reader = source.only_reader() if first.arguments.get("activation") in (None, "linear") else None
    if reader is not None and not _narrows(source, reader):
        yield Finding(
            "after a Dense without an activation is one Dense in two parts",
            "give the first one an activation, such as relu, or leave one of them out",
            source.done,
        )


def _dense(use: Use | None) -> Layer | None:
    """The Dense that a layer is, or that it runs at every step."""
    layer = use.layer if use is not None else None
    if use is not None and use.has("each_step"):
        layer = use.get("layer")
    return layer if isinstance(layer, Layer) and has(layer, "dense") else None


def _narrows(source: Use, reader: Use) -> bool:
    """A narrow first Dense makes the product of both cheaper, which can be meant (a factorized matrix)."""
    sizes = (source.input, source.output, reader.output)
    dims = [shape[-1] for shape in sizes if shape]
    return len(dims) == 3 and all(isinstance(dim, int) for dim in dims) and bool(dims[1] < min(dims[0], dims[2]))


@advice("A110", "convolves")
def _wide_kernel(use: Use) -> Iterator[Finding]:
    """A kernel wider than the sequence."""
    if use.layer.type.rank != 1 or use.get("padding") == "valid" or use.input is None:
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


@advice("A111", "embeds")
def _embedded_floats(use: Use) -> Iterator[Finding]:
    """An Embedding fed floats."""
    source = use.source()
    if source is not None and source.done.effect is not None and use.done.inputs[0] is not None:
        dtype = use.done.inputs[0].tensor.dtype or "float32"
        if dtype.startswith(("float", "bfloat")) and not source.has("keeps_numbers"):
            yield Finding(
                f"gets the floats of {source.name}, and reads each as a whole number, cut off at the point",
                "an Embedding comes first: it takes the indices of words",
                source.done,
            )


@advice("A112", "dense")
def _dwarfed(use: Use) -> Iterator[Finding]:
    """All parameters in one Flatten > Dense."""
    source = use.source()
    if source is None or not source.has("flattens"):
        return
    own = _count(use.model.weights.get(use.layer, {}))
    total = sum(_count(weights) for weights in use.model.weights.values())
    if own > LARGE and own > DWARFED * total and len(use.model.weights) > 2:
        yield Finding(
            f"after Flatten holds {own:,} of the network's {total:,} parameters",
            "pool first (GlobalAveragePooling), or make the flattened shape smaller",
            source.done,
        )


def _count(weights: Mapping[str, Frozen]) -> int:
    total = 0
    for weight in weights.values():
        number = 1
        for dim in weight.shape:
            if not isinstance(dim, int):
                return 0
            number *= dim
        total += number
    return total


@advice("A113", "recurrent", "both_ways")
def _over_features(use: Use) -> Iterator[Finding]:
    """A recurrent layer that runs over features."""
    source = use.source("keeps_places")
    inner = use.get("layer")
    recurrent = use.has("recurrent") or (use.has("both_ways") and isinstance(inner, Layer))
    if not recurrent or source is None:
        return
    from seqshape.mending.languages import New

    turn = named("permutes")
    if (
        source.has("permutes")
        and tuple(source.get("dims") or ()) == (2, 1)
        and not _features_first(source.source("keeps_places"))
    ):
        yield Finding(
            f"runs over the features as if they were steps: {source.name} has put them there",
            f"leave out {source.name}",
            source.done,
            lambda language: language.left_out(source.done.node.call),
        )
    elif _features_first(source):
        yield Finding(
            f"runs over the features as if they were steps: {source.name} has put them there",
            f"a recurrent layer wants steps first and features last; write {turn}(2,1) before it",
            source.done,
            lambda language: language.before(use.done.node, [New(turn, (2, 1))]),
            f"a recurrent layer wants steps first and features last; put a {turn}((2, 1)) before it",
        )


def _features_first(source: Use | None) -> bool:
    return source is not None and source.get("data_format") == "channels_first"


@advice("A115", fact="makes")
def _unused_mask(use: Use) -> Iterator[Finding]:
    """A mask that no layer and no loss looks at."""
    dropped = fate(use.done, use.model, use.readers.of)
    if dropped is None:
        return
    call, is_flag = use.done.node.call, "mask_zero" in use.layer.places
    what = "the mask_zero" if is_flag else use.name
    yield Finding(
        f"makes a mask that nobody uses: {dropped.layer.class_name} drops it, and the masked steps count like all others",
        f"put a layer that takes masks (a recurrent one, attention, an average over the steps) first, or leave {what} out",
        mend=lambda language: language.without(use.layer, "mask_zero") if is_flag else language.left_out(call),
    )


@advice("A116", fact="refused")
def _not_loaded(use: Use) -> Iterator[Finding]:
    """A file of Keras 2 that Keras 3 refuses: said once, of the first such layer."""
    concerned = [done for done in use.model.done.values() if isinstance(done.layer, Layer) and refused(done.layer)]
    if concerned[0] is not use.done or use.model.session.version.age != "3":
        return
    more = f", as in {len(concerned) - 1} more layers" if len(concerned) > 1 else ""
    yield Finding(
        f"has {', '.join(refused(use.layer))} in this file{more}: Keras 3 refuses to load it",
        "seqshape convert --to keras-json FILE writes the config as Keras 3 takes it",
    )


@advice("A119", "convolves")
def _channels_first(use: Use) -> Iterator[Finding]:
    """A picture whose channels stand first, as PyTorch has them, in a network that takes them last."""
    from seqshape.mending.sizes import looks_channels_first

    flow = next((flow for flow in use.done.inputs if flow is not None), None)
    if flow is None or list(use.model.inputs) != [flow.node] or use.get("data_format") == "channels_first":
        return
    shape = flow.tensor.shape
    if looks_channels_first(shape):
        yield Finding(
            f"runs over {shape[1]} rows and {shape[2]} columns with {shape[3]} channels each: the channels seem to stand first",
            f"Keras has the channels last: -i {shape[2]},{shape[3]},{shape[1]}; or give the layers channels_first",
        )


@advice("A117", fact="many")
def _samples(use: Use) -> Iterator[Finding]:
    """A first number of the input that no layer needs: that of the samples, as in X.shape."""
    flow = next((flow for flow in use.done.inputs if flow is not None), None)
    if flow is None or use.model.call is not None or list(use.model.inputs) != [flow.node]:
        return
    shape = flow.tensor.shape
    rest = (shape[0], *shape[2:])
    if _is_sound_on(use, {flow.node: flow.tensor._replace(shape=rest)}):
        yield Finding(
            f"gets {shape[1]} rows, and no layer looks at more than one of them at a time",
            f"if {shape[1]} is the number of samples, leave it out: -i {','.join(map(str, rest[1:]))}",
        )


def _is_sound_on(use: Use, inputs: dict[Node, Tensor]) -> bool:
    """Whether the network takes other inputs, with weights of the same shapes."""
    from seqshape.network import Network

    session = use.model.session
    other = Network(use.model.graph, dtype=session.binder.dtype, version=session.version.age, override=inputs)
    if other.session.faults:
        return False
    return [_count(weights) for weights in other.model.weights.values()] == [
        _count(weights) for weights in use.model.weights.values()
    ]


@advice("A118", fact="small")
def _spelled_as_pytorch(use: Use) -> Iterator[Finding]:
    """A layer as PyTorch spells it, whose arguments make another layer there."""
    source, call = use.model.graph.source, use.layer.call
    if use.model.graph.language != "spec" or source is None or call.span.pointer is not None:
        return
    from seqshape.mending.languages import Spec
    from seqshape.mending.torch_names import TORCH, of_call

    language = Spec.of_text(source.text)
    news = of_call(language, call) if call.class_name in TORCH else None
    if news and not _is_same(use, language.layers(news)):
        read = ", ".join(f"{name}={value!r}" for name, value in use.layer.arguments.items() if name in use.layer.places)
        yield Finding(
            f"is written {call.class_name}, as in PyTorch, and read as Keras's: {read}",
            f"PyTorch's {language.call(call)} is {language.layers(news)} in Keras",
            mend=lambda language: language.instead(call, news),
        )


def _is_same(use: Use, text: str) -> bool:
    """Whether a spec of one layer gives what a layer gives, with the same weights."""
    from seqshape.network import Network
    from seqshape.readers.spec import read_spec

    flow, effect = use.done.inputs[0], use.done.effect
    if flow is None or effect is None or len(use.done.inputs) > 1:
        return False
    graph = read_spec(text)
    other = Network(graph, override={graph.inputs[0]: flow.tensor})
    made = next(reversed(other.model.done.values())).effect
    if other.session.faults or made is None:
        return False
    try:
        with recording():
            return bool(made.out == effect.out) and made.weights == effect.weights
    except Inconclusive:
        return False
