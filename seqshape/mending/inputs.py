"""What to give or to write where the inputs that are given do not fit the source at all: E301."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.diagnostics import SeqshapeError, Span
from seqshape.dims import Dim
from seqshape.graph import Call, Graph
from seqshape.inputs import Inputs
from seqshape.mending.languages import New, Spec
from seqshape.mending.patch import Patch, apply
from seqshape.network import Network
from seqshape.readers.spec import read_spec
from seqshape.registry import named
from seqshape.tensor import show

LEGACY = ("input_dim", "input_length", "input_shape", "batch_input_shape")


def advised(error: SeqshapeError, graph: Graph, inputs: Inputs, dtype: str, version: str) -> SeqshapeError:
    """The error with what to do instead, if something is found that a network can be made of."""
    found = error.diagnostics[0]
    given = inputs.only
    if len(error.diagnostics) > 1 or found.code != "E301" or given is None or found.help is not None:
        return error
    for shape, text, help in _ways(graph, given):
        other = Inputs(None, inputs.values)
        other.only = shape
        if _is_sound(graph if text is None else text, other, dtype, version):
            better = found._replace(help=help, replacement=text, input=None if shape == given else _written(shape))
            return SeqshapeError((better,), error.summary)
    return error


def _ways(graph: Graph, given: tuple[Dim, ...]) -> Iterator[tuple[tuple[Dim, ...], str | None, str]]:
    """Other shapes and other texts, each with what is said of it."""
    first = given[0] if given else None
    if len(given) > 1:
        rest = given[1:]
        what = (
            "-i is without the batch"
            if str(first) == "None"
            else f"-i is without the number of samples, if {first} is that"
        )
        yield rest, None, f"{what}: write -i {_written(rest)}"
    if len(given) == 2:
        turned = given[::-1]
        yield turned, None, f"the other way round it fits: -i {_written(turned)}"
        text = _permuted(graph)
        if text is not None:
            turn = f"turn the data with {named('permutes')}(2,1), and leave {_first_words(graph)} out"
            yield given, text, f"steps come first, features last: {turn}"
        plain = _without_shape(graph)
        if plain is not None:
            yield turned, plain, f"leave {_first_words(graph)} out, and write -i {_written(turned)}"


def _permuted(graph: Graph) -> str | None:
    """The spec with a Permute first, and without what its first layer says of the input."""
    call = _first(graph)
    text = graph.source.text if graph.source is not None else ""
    if call is None or not text:
        return None
    language = _language(graph)
    start = call.span.start
    put = Patch(Span(start, start), f"{language.layers([New(named('permutes'), (2, 1))])}{language.arrow}")
    return apply(text, (put, *_left_out(graph, call)))


def _without_shape(graph: Graph) -> str | None:
    call = _first(graph)
    text = graph.source.text if graph.source is not None else ""
    return apply(text, tuple(_left_out(graph, call))) if call is not None and text else None


def _left_out(graph: Graph, call: Call) -> Iterator[Patch]:
    for argument in call.arguments:
        if argument.name in LEGACY:
            yield from _language(graph).dropped(argument.span)


def _language(graph: Graph) -> Spec:
    return Spec.of_text(graph.source.text if graph.source is not None else "")


def _first(graph: Graph) -> Call | None:
    """The first layer of a spec that says the shape of its input itself."""
    if graph.language != "spec":
        return None
    return next((call for call in graph.calls if any(one.name in LEGACY for one in call.arguments)), None)


def _first_words(graph: Graph) -> str:
    call = _first(graph)
    return " and ".join(str(one.name) for one in call.arguments if one.name in LEGACY) if call is not None else ""


def _written(shape: tuple[Dim, ...]) -> str:
    return show(shape)[1:-1].replace(" ", "").rstrip(",")


def _is_sound(source: Graph | str, inputs: Inputs, dtype: str, version: str) -> bool:
    try:
        graph = read_spec(source) if isinstance(source, str) else source
        return not Network(graph, inputs, dtype=dtype, version=version).session.faults
    except SeqshapeError:
        return False
