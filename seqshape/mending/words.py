"""Edits for names of layers and of arguments, and for values that are of another kind: E102, E103, E104, and rates."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.bind.arguments import flag_words
from seqshape.diagnostics import Span
from seqshape.graph import Argument, Call, Value, Word
from seqshape.kinds import KINDS
from seqshape.mending.languages import Bare, New
from seqshape.mending.patch import Edit, with_argument
from seqshape.mending.scene import Scene
from seqshape.registry import find_layer, named
from seqshape.structure import listed

# Words that others have for what a Keras argument takes.
SYNONYMS = {
    "multiply": "mul", "product": "mul", "add": "sum", "average": "ave", "mean": "ave", "concatenate": "concat",
    "zero": "same", "zeros": "same", "half": "same", "full": "same", "none": "valid", "NHWC": "channels_last",
    "NCHW": "channels_first", "tf": "channels_last", "th": "channels_first",
}  # fmt: skip


def unknown_layer(scene: Scene) -> Iterator[Edit]:
    """For a name that no layer has: Keras 1's, a wrapper and what it wraps in one word."""
    yield from _of_keras1(scene)
    call = scene.call
    if call is None:
        return
    for wrapper in (named("each_step"), named("both_ways")):
        inner = call.class_name.removeprefix(wrapper)
        kind = find_layer(inner) if inner != call.class_name and inner else None
        if kind is not None:
            written = scene.language.call(call)
            rest = written[call.name_span.stop - call.name_span.start :]
            new = New(wrapper, (Bare(f"{kind.name}{rest}"),))
            patches = scene.language.instead(call, [new])
            yield Edit(
                patches, f"{wrapper} takes the layer in brackets: write {scene.language.layers([new])}", cost=0.9
            )


def unknown_argument(scene: Scene) -> Iterator[Edit]:
    """For an argument that the layer does not have: Keras 1's, part of a longer word, a size without a number."""
    yield from _of_keras1(scene)
    argument, call = _blamed(scene), scene.call
    kind = find_layer(call.class_name) if call is not None else None
    if argument is None or call is None or kind is None:
        return
    if argument.name is not None:
        longer = [one.name for one in kind.parameters if one.kind is not None and one.name.startswith(argument.name)]
        for name in longer:
            place = Span(argument.span.start, argument.span.start + len(argument.name))
            yield Edit(scene.language.written(place, name), f"write {name}=", cost=1.0)
        yield from _of_inner(scene, call, argument)
    elif isinstance(argument.value.data, Word):
        yield from _of_inner(scene, call, argument)
        word = argument.value.data.text
        text = f"{word} = ?; "
        help = f"if {word} is a size, give it a number with --set {word}=64, or leave it open: write {text}…"
        yield Edit(scene.language.written(Span(0, 0), text), help, cost=1.5)


def _of_inner(scene: Scene, call: Call, argument: Argument) -> Iterator[Edit]:
    """A word or an argument that the layer inside takes: it stands in the brackets of the outer one."""
    inner = next(call.nested(), None)
    kind = find_layer(inner.class_name) if inner is not None else None
    data = argument.value.data
    written = scene.language.text[argument.span.start : argument.span.stop]
    if inner is None or kind is None:
        return
    if argument.name is None and not (isinstance(data, Word) and data.text in flag_words(kind)):
        return
    if argument.name is not None and kind.parameter(argument.name) is None:
        return
    more = scene.language.written(inner.span, with_argument(scene.language.call(inner), written))
    patches = (*scene.language.dropped(argument.span), *more)
    said = scene.language.said(call, patches)
    yield Edit(patches, f"{written} belongs to the layer inside: write {said}", cost=0.9)


def wrong_value(scene: Scene) -> Iterator[Edit]:
    """For a value of another kind than the argument takes."""
    yield from _of_keras1(scene)
    argument, call = _blamed(scene), scene.call
    if argument is None or call is None:
        return
    yield from _batch_shape(scene, call, argument)
    yield from _margins(scene, call, argument)
    yield from _other_word(scene, call, argument)
    data = argument.value.data
    if isinstance(data, str) and data.strip().isdigit():
        yield Edit(
            scene.language.written(argument.value.span, data.strip()), f"a number has no quotes: write {data.strip()}"
        )
    if isinstance(data, float) and abs(data) < 1e15 and data == int(data):
        yield Edit(scene.language.written(argument.value.span, str(int(data))), f"write a whole number: {int(data)}")


def percent(scene: Scene) -> Iterator[Edit]:
    """A rate above 1: percent were meant."""
    layer, name = scene.layer, scene.fault.arg
    value = layer.arguments.get(name or "") if layer is not None else None
    if layer is None or name is None or not isinstance(value, (int, float)) or not 1 < value <= 100:
        return
    patches = scene.language.setting(layer, name, value / 100)
    said = scene.language.said(layer.call, patches)
    yield Edit(patches, f"{name} is a share, and {value} % is {value / 100}: write {said}")


# --- arguments -------------------------------------------------------------------------------------------------------


def _blamed(scene: Scene) -> Argument | None:
    """The argument that a complaint is about."""
    span = scene.fault.span
    if scene.call is None or span is None or span.pointer is not None:
        return None
    found = (one for one in scene.call.arguments if one.span.start <= span.start and span.stop <= one.span.stop)
    return next(found, None)


def _parameter(call: Call, argument: Argument, fault_arg: str | None) -> str | None:
    """The name of the parameter that an argument sets."""
    kind = find_layer(call.class_name)
    if argument.name is not None or kind is None:
        short = {"p": "padding"}
        return short.get(argument.name or "", argument.name)
    if fault_arg is not None:
        return fault_arg
    place = [one for one in call.arguments if one.name is None and not isinstance(one.value.data, Word)]
    number = place.index(argument) if argument in place else len(kind.positional)
    return kind.positional[number].name if number < len(kind.positional) else None


def _other_word(scene: Scene, call: Call, argument: Argument) -> Iterator[Edit]:
    """A word that means one of those that the argument takes."""
    name, kind, data = _parameter(call, argument, scene.fault.arg), find_layer(call.class_name), argument.value.data
    parameter = kind.parameter(name) if kind is not None and name is not None else None
    if parameter is None or parameter.kind is None or not isinstance(data, str):
        return
    words = KINDS[parameter.kind].words
    known = [SYNONYMS[data]] if SYNONYMS.get(data) in words else []
    for word in [*known, *sorted(one for one in words if one.startswith(data[:3]) and data[:3])]:
        written = f'"{word}"'
        said = f"{argument.name}={written}" if argument.name else written
        yield Edit(scene.language.written(argument.value.span, written), f"write {said}", cost=1.05)


def _batch_shape(scene: Scene, call: Call, argument: Argument) -> Iterator[Edit]:
    """``batch_input_shape=(3,7,2)`` is an Input of its own in Keras 3."""
    shape = argument.value.plain()
    if argument.name != "batch_input_shape" or not isinstance(shape, (tuple, list)) or not shape:
        return
    dims = [Bare(dim) if isinstance(dim, str) else dim for dim in shape]
    batch = (("batch_size", dims[0]),) if dims[0] is not None else ()
    new = New("Input", tuple(dims[1:]) if len(dims) != 2 or dims[1] is not None else ((None,),), batch)
    yield from _put_before(scene, call, argument, new, "Keras 3 has it in an Input: write {}")


def _margins(scene: Scene, call: Call, argument: Argument) -> Iterator[Edit]:
    """A number as padding, as torch takes it, is a layer of its own before the convolution."""
    if _parameter(call, argument, scene.fault.arg) != "padding":
        return
    kind, value = find_layer(call.class_name), argument.value.plain()
    rank = kind.rank if kind is not None else None
    sizes = listed(value)
    if rank is None or not sizes or not all(type(one) is int and one >= 0 for one in sizes):
        return
    new = New(named("pads", rank), (value if len(sizes) > 1 else sizes[0],))
    yield from _put_before(scene, call, argument, new, "padding in numbers is a layer of its own: write {}")


def _put_before(scene: Scene, call: Call, argument: Argument, new: New, help: str) -> Iterator[Edit]:
    """An argument left out, and a layer before the call in its place: within a layer that runs it one of its own."""
    language, graph = scene.language, scene.network.graph
    node = next((one for one in graph.nodes if call is one.call or call in one.call.nested()), None)
    if node is None:
        return
    if node.call is not call and new.name != "Input":
        new = New(find_layer(node.call.class_name).name, (new,)) if find_layer(node.call.class_name) else new  # type: ignore[union-attr]
    less = language.dropped(argument.span)
    patches = (*language.before(node, [new]), *less)
    said = f"{language.layers([new])}{getattr(language, 'arrow', ' > ')}{language.said(node.call, less)}"
    yield Edit(patches, help.format(said), cost=0.9)


# --- other frameworks, other times -----------------------------------------------------------------------------------


_OF_ARGUMENTS = ("E103", "E104", "E106")  # codes of what is wrong with the arguments of a call


def of_torch(scene: Scene) -> Iterator[Edit]:
    """A layer of PyTorch, its sizes in Keras's places: by its name, or by arguments that are none of Keras's layer of
    the same name."""
    from seqshape.mending.torch_names import ACTIVATIONS, TORCH, is_torch, of_call

    call, code = scene.call, scene.fault.code
    if call is None or call.span.pointer is not None:
        return
    written = scene.language.text[call.name_span.start : call.name_span.stop]
    is_its_name = is_torch(written) or (code == "E102" and (written in TORCH or written in ACTIVATIONS))
    if not is_its_name and (written not in TORCH or code not in _OF_ARGUMENTS):
        return
    news = of_call(scene.language, call)
    if news:
        said = scene.language.layers(news)
        help = f"{written} is PyTorch's name; Keras has {said}"
        if not is_its_name:
            help = f"these are arguments of PyTorch's {written}; in Keras it is {said}"
        yield Edit(scene.language.instead(call, news), help, cost=0.8 if is_its_name else 1.3)


def _of_keras1(scene: Scene) -> Iterator[Edit]:
    """A layer in the words of Keras 1."""
    from seqshape.readers.keras1 import adopted

    call = scene.call
    now = adopted(call) if call is not None and call.span.pointer is None else None
    if call is None or now is None:
        return
    before = {id(one.value): one for one in call.arguments}
    positional, named_ones = [], []
    for one in now.arguments:
        old = before.get(id(one.value))
        value = Bare(scene.language.text[one.value.span.start : one.value.span.stop]) if old else _plain(one.value)
        if one.name is None:
            positional.append(value)
        else:
            named_ones.append((one.name, value))
    renamed = [
        one.name
        for one in now.arguments
        if one.name is not None and one.name not in {old.name for old in call.arguments}
    ]
    new = New(now.class_name, tuple(positional), tuple(named_ones))
    words = ", ".join(f"{name}=" for name in renamed) or now.class_name
    written = scene.language.layers([new])
    help = f"these are words of Keras 1, and today's are {words}: write {written}; --keras 2 takes them as they are"
    yield Edit(scene.language.instead(call, [new]), help, cost=0.85)


def _plain(value: Value) -> object:
    """A value that is written otherwise today."""
    data = value.data
    if isinstance(data, (list, tuple)):
        return tuple(_plain(one) if isinstance(one, Value) else one for one in data)
    return data
