"""Written arguments matched to the parameters of a layer: by name, by position, by flag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seqshape.bind.form import SHAPES, Form
from seqshape.declaration import LEFT_OUT, LayerType, Parameter
from seqshape.diagnostics import Fault, Label, Span, nearest, suggest
from seqshape.dims import Size
from seqshape.graph import Argument, Call, Value, Word
from seqshape.kinds import KINDS
from seqshape.registry import COMMON, FLAGS, SHORT, find_layer

MOST_LISTED = 3  # arguments without an effect that a complaint lists
# Arguments that earlier versions had everywhere, and what to do without them.
LEFT = {"input_length": "leave it out: the length of a sequence comes with the input"}


def match(form: Form, call: Call, written: tuple[Argument, ...], sizes: Mapping[str, Size]) -> dict[str, Argument]:
    """Which parameter each written argument sets, in the order of the text, in which Keras constructs layers inside.

    Raises Fault for an unknown, doubled or superfluous one.
    """
    found: dict[str, Argument] = {}
    positional: list[Argument] = []
    mixed = False  # whether one comes before another that stands before it in the text
    for argument in written:
        name: str | None = argument.name
        if name is None and isinstance(argument.value.data, Word):
            name, argument = _flag(form, argument, sizes)
            mixed = True
        if name is None:
            positional.append(argument)
            continue
        if argument.name is not None and (name not in form.names or name in LEFT_OUT):
            name = _keyword(form, argument, lenient=call.module is not None)
        if name is not None:
            _put(found, name, argument, form.type)
    mixed = mixed or bool(found)
    if positional:
        for name, argument in _in_position(form, positional, found, call.fed):
            _put(found, name, argument, form.type)
    return _in_order(found, written) if mixed and len(found) > 1 else found


def _in_order(found: dict[str, Argument], written: tuple[Argument, ...]) -> dict[str, Argument]:
    place = {id(argument.value): index for index, argument in enumerate(written)}
    return dict(sorted(found.items(), key=lambda item: place.get(id(item[1].value), 0)))


def check_words(form: Form, written: tuple[Argument, ...], sizes: Mapping[str, Size]) -> None:
    """In a shape a word is a named size. Raises Fault if nothing has that name."""
    for parameter, argument in zip(form.positional, written, strict=False):
        items = argument.value.data
        if (argument.name or parameter.name) not in form.shapes or not isinstance(items, (tuple, list)):
            continue
        for item in items if not isinstance(items, Word) else ():
            word = item.data if isinstance(item, Value) else None
            if isinstance(word, Word) and word.assigned is None and word.text not in sizes:
                help = f"a size is a number or a name: {word.text} = 64, or Input({word.text},…)"
                raise Fault(f"nothing is named {word.text}", span=item.span, code="E103", help=help)


def _put(found: dict[str, Argument], name: str, argument: Argument, kind: LayerType) -> None:
    if name in found:
        fault = Fault(f"{name} of {kind.name} is set twice", span=argument.span, code="E106")
        fault.labels = (Label(found[name].span, "here first"),)
        raise fault
    found[name] = argument


def _flag(form: Form, argument: Argument, sizes: Mapping[str, Size]) -> tuple[str | None, Argument]:
    """The parameter that a bare word sets, with the value it gives it; ``None`` for a value in position."""
    word = argument.value.data
    assert isinstance(word, Word)
    if word.text in form.flags:  # no word suits two parameters of a layer: a promise holds that
        name, value = form.flags[word.text]
        return name, Argument(None, Value(value, argument.span), argument.span)
    if word.assigned is None and word.text not in sizes and find_layer(word.text) is None:
        raise _no_flag(form.type, word.text, argument.span)
    return None, argument


def _no_flag(kind: LayerType, word: str, span: Span) -> Fault:
    flags = flag_words(kind)
    best = nearest(word, flags)
    help = f"did you mean {best}?" if best else None
    if help is None and flags:
        help = f"its flags are {', '.join(flags[:8])}{', …' if len(flags) > 8 else ''}"
    message = f"{kind.name} has no flag {word}, and nothing is named {word}"
    return Fault(message, span=span, code="E103", help=help, instead=best)


def flag_words(kind: LayerType) -> list[str]:
    """The bare words that a layer takes, the general ones first."""
    names = {parameter.name for parameter in kind.parameters}
    general = [flag for flag, (name, _) in FLAGS.items() if name in names]
    return general + sorted(word for parameter in kind.parameters if parameter.kind for word in _words(parameter))


def _words(parameter: Parameter) -> Iterable[str]:
    return KINDS[parameter.kind].words if parameter.kind else ()


def _keyword(form: Form, argument: Argument, *, lenient: bool) -> str | None:
    """The parameter that a keyword names.

    ``lenient``: a file may hold arguments of another version; they are left out.
    """
    name, kind = argument.name or "", form.type
    if lenient and name in LEFT_OUT:
        return None
    operands = kind.operation and not lenient
    if name in form.names or name in COMMON or (operands and (name in kind.inputs or kind.open)):
        return name
    long = next((long for long in SHORT.get(name, ()) if long in form.names), None)
    if long is None and not lenient:
        raise _no_keyword(form, name, argument.span)
    return long


def _no_keyword(form: Form, name: str, place: Span) -> Fault:
    names = list(form.parameters)
    help = LEFT.get(name) or suggest(name, [*names, *COMMON])
    best = None if name in LEFT else nearest(name, [*names, *COMMON])
    if help is None:
        help, best = _of_torch(form, name) or (_listed(form) if names else None, best)
    if place.pointer is None:  # the name alone, not its value
        place = Span(place.start, place.start + len(name))
    return Fault(f"{form.type.name} has no argument {name}", span=place, code="E103", help=help, instead=best)


def _of_torch(form: Form, name: str) -> tuple[str, str | None] | None:
    """What Keras has for an argument of PyTorch, and its name here if the layer has it."""
    from seqshape.layers.meanings import OF_TORCH

    told, same = OF_TORCH.get(name, (None, None))
    if told is None or (same is not None and same not in form.parameters):
        return None
    return f"{name} is a word of PyTorch: {told}", same


def _listed(form: Form) -> str:
    """The arguments of a layer; those that change no shape and no count are only counted where there are many."""
    read = [name for name, parameter in form.parameters.items() if parameter.kind is not None]
    rest = len(form.parameters) - len(read)
    if not read or rest <= MOST_LISTED:
        return f"its arguments are {', '.join(form.parameters)}"
    return f"its arguments are {', '.join(read)}, and {rest} more: seqshape layers {form.type.name}"


def _in_position(
    form: Form, positional: list[Argument], named: dict[str, Argument], fed: int
) -> Iterable[tuple[str, Argument]]:
    kind = form.type
    parameters = _left_over(form, named, fed) if kind.operation else form.positional
    if parameters and parameters[0].kind in SHAPES and _are_dims(positional, parameters[0]):
        items = tuple(argument.value for argument in positional)
        span = positional[0].span.to(positional[-1].span)
        return [(parameters[0].name, Argument(None, Value(items, span), span))]
    if len(positional) > len(parameters):
        extra = positional[len(parameters)]
        number = "one argument" if len(parameters) == 1 else f"{len(parameters)} arguments"
        takes = f"takes at most {number}" if parameters else "takes no arguments"
        named_only = [f"{parameter.name}=" for parameter in kind.parameters[len(form.positional) :]]
        help = f"these are named: {', '.join(named_only)}" if named_only else None
        raise Fault(f"{kind.name} {takes}, but gets {len(positional)}", span=extra.span, code="E103", help=help)
    return [(parameter.name, argument) for parameter, argument in zip(parameters, positional, strict=False)]


def _left_over(form: Form, named: dict[str, Argument], fed: int) -> tuple[Parameter, ...]:
    """What values in position are to an operation: the arguments of its function but for ``fed`` tensors."""
    kind = form.type
    taken = kind.inputs[:1] if kind.lists else [name for name in kind.inputs if name not in named][:fed]
    names = [name for name in kind.order if name not in taken]
    return tuple(form.parameters.get(name) or Parameter(name, None) for name in names)


def _are_dims(positional: list[Argument], parameter: Parameter) -> bool:
    """Whether a shape has been written without its parentheses; ``Input(None)`` has one unknown dim."""
    first = positional[0].value.data
    if len(positional) == 1 and isinstance(first, (bool, float, str, dict)):
        return False
    if isinstance(first, Word):
        first = first.assigned.data if first.assigned is not None else first.text
    return not isinstance(first, (tuple, list, Call)) and not (
        first is None and len(positional) == 1 and parameter.kind != "Dims"
    )


def describe(parameter: Parameter) -> str:
    """What a parameter takes, in words."""
    return KINDS[parameter.kind].describe if parameter.kind else "a value"


def example(kind: LayerType, name: str) -> str:
    """How a layer is written with the arguments that it cannot do without, and with usual values where there are some."""
    required = [parameter for parameter in kind.parameters if parameter.default is ...]
    values = [KINDS[parameter.kind].sample if parameter.kind else "" for parameter in required]
    written = f"{name}({', '.join(parameter.name for parameter in required)})"
    return f"{written}, such as {name}({','.join(values)})" if all(values) else written
