"""What the public functions and the commands share: sources are read, walked, held against something, written again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex

from seqshape import door
from seqshape.diagnostics import Diagnostic, Label, SeqshapeError
from seqshape.dims import Size
from seqshape.door import Shapes, Spec
from seqshape.graph import Graph
from seqshape.inputs import Inputs
from seqshape.network import Network
from seqshape.readers import as_program, read
from seqshape.summary import COSTS, Summary
from seqshape.versions import VERSIONS

if TYPE_CHECKING:
    from seqshape.analysis.check import Expectations
    from seqshape.analysis.compare import Comparison
    from seqshape.analysis.variants import Template

Values = Mapping[str, "SupportsIndex | str"]
Ranges = Mapping[str, SupportsIndex | str | Sequence[SupportsIndex]]
Codes = str | Sequence[str]
Amount = SupportsIndex | str


def analyse(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    values: Values | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Network:
    """The walked network of a source; its faults are in ``diagnostics``. Raises SeqshapeError if it cannot be read."""
    shapes = door.shapes("input_shape", input_shape)
    numbers, version = door.values(values), door.word("keras", keras, VERSIONS)
    policy, what = door.dtype(dtype), door.kind(kind)
    names = tuple(shapes) if isinstance(shapes, dict) else ()
    try:
        graph = read(door.source(source), what, inputs=names, settings=numbers, shapes=shapes)
    except SeqshapeError as error:
        from seqshape.analysis.asked import answered

        raise answered(error, source) from None
    if version == "2" and graph.language == "spec":
        from seqshape.readers.keras1 import adopt

        adopt(graph)
    sizes = {name: number for name, number in numbers.items() if isinstance(number, int)}
    network = _network(graph, Inputs(shapes, sizes), policy, version)
    if network.session.faults:
        from seqshape.mending.faults import mend

        mend(network)
        if str(source).isidentifier():
            _answer(network, str(source))
    if graph.notes and any(note.code == "W102" for note in graph.notes):
        from seqshape.mending.faults import check_notes

        check_notes(network)
    return network


def _answer(network: Network, word: str) -> None:
    """Tell of one word that is no layer what explains it, if something does."""
    from seqshape.analysis.asked import asked

    found = network.session.faults[0][0]
    help = asked(word) if found.code == "E102" else None
    if help is not None:
        network.session.replace(0, found._replace(help=help, replacement=None))


def _network(graph: Graph, inputs: Inputs, dtype: str, version: str) -> Network:
    """The network of a graph. Raises SeqshapeError if the inputs do not fit it, with what to give or to write instead."""
    try:
        return Network(graph, inputs, dtype=dtype, version=version)
    except SeqshapeError as error:
        from seqshape.mending.inputs import advised

        raise advised(error, graph, inputs, dtype, version) from None


def models(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    values: Values | None = None,
    kind: str | None = None,
    call: str | None = None,
) -> list[Spec]:
    """The models of a source, each a source again: all that a program in Python builds, else the one that it is.

    ``call``: the arguments of the function or class that ``FILE::NAME`` names. Raises SeqshapeError if a program cannot
    be read or builds none.
    """
    given, what = door.source(source), door.kind(kind)
    program = as_program(given, what)
    if program is None:
        if call is not None:
            message = "--call is for Python source code: FILE.py::FUNCTION"
            raise SeqshapeError((Diagnostic("E301", "error", message),))
        return [given]
    return list(program.models(door.values(values), door.shapes("input_shape", input_shape), call))


def sound(network: Network) -> Network:
    """A network without faults. Raises SeqshapeError, with the summary as far as it goes, for one that has some."""
    if any(found.severity == "error" for found in network.diagnostics):
        summary = network.summary()
        raise SeqshapeError(summary.diagnostics, summary)
    return network


def report(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    target: object = None,
    convention: str = "keras",
    columns: Sequence[str] = (),
    memory: tuple[int, str, int | None] | None = None,
    advice: bool = True,
    select: Codes = (),
    ignore: Codes = (),
    **options: Any,
) -> Summary:
    """The summary of a network, as ``summarize --json`` prints it, faults and advice in its diagnostics.

    ``columns``: costs that it gets beside what it has; ``memory``: the batch, the optimizer and the budget of an
    estimate. Raises SeqshapeError for a source that cannot be read, or a value that is wrong.
    """
    labels, wanted = door.targets(target), door.word("convention", convention, door.CONVENTIONS)
    chosen, passed, is_told = door.codes("select", select), door.codes("ignore", ignore), door.flag("advice", advice)
    network = analyse(source, input_shape, **options)
    advised: list[Diagnostic] = []
    if is_told:
        from seqshape.analysis.advice import advise as find

        advised = find(network, select=chosen, ignore=passed)
    summary = network.summary(last=labels is None and memory is None and not columns)
    listed = (*summary.diagnostics, *advised)
    kept = tuple([found for found in listed if _is_wanted(found, is_told, chosen, passed)])
    if listed:
        summary = summary._replace(diagnostics=kept)
    if labels is not None:
        from seqshape.analysis.target import hold

        summary = hold(summary, network, labels)
    if wanted != "keras":
        from seqshape.analysis.conventions import count_as

        summary = count_as(summary, wanted)
    return _with_costs(summary, network, columns, memory)


def _with_costs(
    summary: Summary, network: Network, columns: Sequence[str], memory: tuple[int, str, int | None] | None
) -> Summary:
    """The summary with the costs and the estimate that are asked for; of a faulty network nothing is estimated."""
    if not {*columns}.isdisjoint(COSTS):
        from seqshape.analysis.costs import count_costs

        summary = count_costs(summary, network, columns)
    if "masks" in columns:
        from seqshape.analysis.masks import show_masks

        summary = show_masks(summary, network)
    if memory is not None and not any(one.severity == "error" for one in network.diagnostics):
        from seqshape.analysis.memory import estimate

        summary = summary._replace(memory=estimate(network, *memory))
    return summary


def _is_wanted(found: Diagnostic, told: bool, select: tuple[str, ...], ignore: tuple[str, ...]) -> bool:
    """Errors and warnings always; advice if it is asked for, whoever gives it."""
    if found.severity != "advice":
        return True
    return told and (not select or found.code.startswith(select)) and not (ignore and found.code.startswith(ignore))


# --- questions -------------------------------------------------------------------------------------------------------


def no_layer(name: str, network: Network) -> SeqshapeError:
    """The complaint that a network has no layer of a name or a class."""
    names = ", ".join(row.name for row in network.summary().layers)
    return SeqshapeError((Diagnostic("E303", "error", f"there is no layer called {name}; the layers are {names}"),))


def numbered(network: Network, remake: Callable[[Mapping[str, int]], Network]) -> tuple[Network, tuple[str, ...]]:
    """The network with small numbers for sizes that have none, and a sentence for each that was taken.

    ``remake``: makes the network again, with more numbers for names.
    """
    from seqshape.analysis.again import drawable, open_sizes
    from seqshape.tensor import show

    notes: list[str] = []
    chosen = network.small_sizes() if network.origins else {}
    if chosen:
        listed = ", ".join(f"{name}={number}" for name, number in chosen.items())
        notes.append(f"sizes without a number are drawn with {listed}; --set gives others")
        network = remake(chosen)
    if any(one.severity == "error" for one in network.diagnostics) or not any(True for _ in open_sizes(network)):
        return network, tuple(notes)
    found = drawable(network)
    shapes = ", ".join(show(tensor.shape[1:]) for tensor in found.model.inputs.values())
    notes.append(f"a size that is None is drawn with a number: the input is {shapes}; -i gives others")
    return found, tuple(notes)


def compared(left: Network, right: Network, *, one_source: Callable[[], bool]) -> Comparison:
    """The comparison of two sound networks; ``one_source`` tells whether both were read from the same text.

    Raises SeqshapeError where one has no inputs.
    """
    from seqshape.analysis.equivalence import compare_networks

    for network, which in ((left, "first"), (right, "second")):
        if not network.model.graph.inputs:
            message = (
                f"the {which} source cannot be compared: it has no inputs, only weights or layers without an order"
            )
            raise SeqshapeError((Diagnostic("E306", "error", message),))
    return compare_networks(left, right, one_source=one_source)


def held(
    source: Spec, input_shape: Shapes | None, expected: Expectations, *, values: Ranges | None = None, **options: Any
) -> tuple[list[Diagnostic], Network | None, int]:
    """What is found when a source is held against expectations, its network, and how many there are.

    Of a source that stands for several networks, all are held, and there is no network. Raises SeqshapeError if it
    cannot be read.
    """
    from seqshape.analysis.check import check as find

    given = door.ranges(values)
    if all(len(numbers) == 1 for numbers in given.values()):
        try:
            single = {name: numbers[0] for name, numbers in given.items()}
            network = analyse(source, input_shape, values=single, **options)
        except SeqshapeError as error:
            if not any(one.code == "E125" for one in error.diagnostics):
                raise
        else:
            found = list(network.diagnostics)
            if not any(one.severity == "error" for one in found):
                summary = network.summary()
                checked = [*find(summary, expected, _peaks(network, expected)), *_labelled(summary, network, expected)]
                found += [_placed(network, one) for one in checked]
            return found, network, 1
    from seqshape.analysis.check_many import check_many

    many, number = check_many(template(source, input_shape, values=given, **options), expected)
    return many, None, number


def _placed(network: Network, found: Diagnostic) -> Diagnostic:
    """A finding with its source, at the layer that it names."""
    calls = {done.layer.name: done.node.call for done in network.model.done.values()} if found.layer is not None else {}
    call = calls.get(found.layer or "")
    labels = (Label(call.span),) if call is not None and not found.labels else found.labels
    return found._replace(source=network.graph.source, labels=labels)


def _labelled(summary: Summary, network: Network, expected: Expectations) -> list[Diagnostic]:
    """What is to be said of labels, where some are expected."""
    if expected.targets is None:
        return []
    from seqshape.analysis.target import hold

    return list(hold(summary, network, expected.targets).diagnostics[len(summary.diagnostics) :])


def _peaks(network: Network, expected: Expectations) -> list[Size] | None:
    """Of what the memory is the largest, where that has a limit."""
    if "memory" not in expected.limits:
        return None
    from seqshape.analysis.memory import peaks

    return peaks(network, expected.load)


# --- other forms -----------------------------------------------------------------------------------------------------


def written(network: Network, form: str) -> str:
    """A sound network in one of the forms of ``convert``."""
    from seqshape.exporters import write

    return write(network, form)


def drawn(network: Network, form: str, *, expand: bool = False, direction: str = "TB") -> str:
    """A network as a diagram, in Mermaid or DOT, as far as it is known; ``expand`` unfolds nested models."""
    from seqshape.renderers import Options
    from seqshape.renderers.diagram import diagram
    from seqshape.renderers.diagram import form as writer

    ends = []
    for flow in network.model.results():
        layer = network.model.done[flow.ref[0]].layer if flow is not None else None
        if flow is not None and layer is not None:
            ends.append((layer.name, flow.tensor.shape))
    return writer(form)(diagram(network.summary(), tuple(ends), Options(expand=expand)), direction)


def template(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    values: Ranges | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Template:
    """What stands for several networks: a source with choices and ranges. Raises SeqshapeError if it cannot be read."""
    from seqshape.analysis.variants import GraphTemplate, Options, SpecTemplate
    from seqshape.readers.spec import texts

    shapes, given = door.shapes("input_shape", input_shape), door.ranges(values)
    options = Options(door.dtype(dtype), door.word("keras", keras, VERSIONS))
    program = as_program(door.source(source), door.kind(kind))
    if program is not None:
        from seqshape.analysis.programs import ProgramTemplate

        found_in = ProgramTemplate(program, Inputs(shapes), given, options)
        if not found_in.unheard:
            return found_in
    with texts() as found:
        graph = read(door.source(source), door.kind(kind), inputs=tuple(shapes) if isinstance(shapes, dict) else ())
    inputs = Inputs(shapes)
    return SpecTemplate(found[0], inputs, given, options) if found else GraphTemplate(graph, inputs, given, options)


def matched(source: Spec, input_shape: Shapes | None, dtype: str, keras: str) -> int:
    """The parameters of a network that another one is to match. Raises SeqshapeError if they have no number."""
    try:
        summary = sound(analyse(source, input_shape, dtype=dtype, keras=keras)).summary()
    except SeqshapeError as error:
        if input_shape is None:
            raise
        try:  # it may say its input itself
            summary = sound(analyse(source, dtype=dtype, keras=keras)).summary()
        except SeqshapeError:
            raise error from None
    if not isinstance(summary.totals.params, int) or summary.lacks("params"):
        raise SeqshapeError((Diagnostic("E305", "error", "the network to match has no known number of parameters"),))
    return summary.totals.params
