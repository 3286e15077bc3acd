"""The library: what the commands do, as functions. Every value is checked at the door.

Each function takes a source: a spec, a path, a :class:`Source`, a loaded config, or a live Keras model. They share:
``input_shape``, the shape without the batch (``(5, 1)``, ``"5,1"``, names for sizes that are not said, or a dict of
shapes by input name); ``values``, numbers for named sizes; ``kind``, what the source is (spec, config, keras, h5);
``keras``, the version that names and counts (3, tf2, 2); ``dtype``, the policy of layers that name none. Each raises
SeqshapeError, and nothing else, for what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from seqshape import door
from seqshape.collector import SELDOM_COLLECTED
from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.door import Shapes, Spec
from seqshape.inputs import Inputs
from seqshape.network import Network
from seqshape.readers import as_program, read
from seqshape.records import Record
from seqshape.summary import Summary, nothing
from seqshape.versions import VERSIONS

if TYPE_CHECKING:
    from seqshape.analysis.check import Expectations
    from seqshape.analysis.compare import Comparison
    from seqshape.analysis.explain import Explanation, Length
    from seqshape.analysis.manual import Manual
    from seqshape.analysis.ranking import Ranking
    from seqshape.analysis.solve import Solution
    from seqshape.analysis.sweep import Sweep
    from seqshape.analysis.timesteps import Reached
    from seqshape.analysis.variants import Template

Values = Mapping[str, "SupportsIndex | str"]
Ranges = Mapping[str, SupportsIndex | str | Sequence[SupportsIndex]]
Codes = str | Sequence[str]
Amount = SupportsIndex | str


class Explained(Record):
    """Where the counts of a network come from, layer by layer; ``length``: whether they depend on the number of steps."""

    layers: tuple[Explanation, ...]
    length: Length | None = None

    def to_dict(self) -> dict[str, Any]:
        """The object of ``explain --json``."""
        from seqshape.renderers.explain import to_dict

        return to_dict(self.layers, self.length)

    def __str__(self) -> str:
        from seqshape.renderers.explain import render

        return render(self.layers, self.length, macs=True)


class Checked(Record):
    """A network held against limits: ``diagnostics`` has what is broken, ``ok`` says that nothing is."""

    ok: bool
    diagnostics: tuple[Diagnostic, ...]

    def to_dict(self) -> dict[str, Any]:
        """The object of ``check --format json``."""
        from seqshape.renderers.check import to_dict

        return to_dict(self.diagnostics)

    def __str__(self) -> str:
        from seqshape.renderers.diagnostics import render

        return render(self.diagnostics) if self.diagnostics else "ok"


@contextmanager
def _guarded() -> Iterator[None]:
    """What nobody has foreseen leaves a public function as a SeqshapeError too; cycles are seldom looked for inside."""
    try:
        with SELDOM_COLLECTED:
            yield
    except SeqshapeError:
        raise
    except Exception as problem:
        message = f"seqshape itself is at fault: {type(problem).__name__}"
        found = Diagnostic("E999", "error", message, help="please report it, with what it was asked")
        raise SeqshapeError((found,)) from problem


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
    graph = read(door.source(source), what, inputs=names, settings=numbers, shapes=shapes)
    sizes = {name: number for name, number in numbers.items() if isinstance(number, int)}
    network = Network(graph, Inputs(shapes, sizes), dtype=policy, version=version)
    if network.session.faults:
        from seqshape.mending.faults import mend

        mend(network)
    return network


def models(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    values: Values | None = None,
    kind: str | None = None,
    call: str | None = None,
) -> list[Any]:
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


def _sound(network: Network) -> Network:
    """A network without faults. Raises SeqshapeError, with the summary as far as it goes, for one that has some."""
    if any(found.severity == "error" for found in network.diagnostics):
        summary = network.summary()
        raise SeqshapeError(summary.diagnostics, summary)
    return network


# --- summaries --------------------------------------------------------------------------------------------------------


def report(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    target: Any = None,
    convention: str = "keras",
    advice: bool = True,
    select: Codes = (),
    ignore: Codes = (),
    **options: Any,
) -> Summary:
    """The summary of a network, as ``summarize --json`` prints it, faults and advice in its diagnostics.

    Raises SeqshapeError for a source that cannot be read, or a value that is wrong.
    """
    labels, wanted = door.targets(target), door.word("convention", convention, door.CONVENTIONS)
    chosen, passed, is_told = door.codes("select", select), door.codes("ignore", ignore), door.flag("advice", advice)
    network = analyse(source, input_shape, **options)
    summary = network.summary()
    if is_told:
        from seqshape.analysis.advice import advise as find

        summary = summary._replace(diagnostics=(*summary.diagnostics, *find(network, select=chosen, ignore=passed)))
    kept = tuple(found for found in summary.diagnostics if _is_wanted(found, is_told, chosen, passed))
    summary = summary._replace(diagnostics=kept)
    if labels is not None:
        from seqshape.analysis.target import hold

        summary = hold(summary, network, labels)
    if wanted != "keras":
        from seqshape.analysis.conventions import count_as

        summary = count_as(summary, wanted)
    return summary


def _is_wanted(found: Diagnostic, told: bool, select: tuple[str, ...], ignore: tuple[str, ...]) -> bool:
    """Errors and warnings always; advice if it is asked for, whoever gives it."""
    if found.severity != "advice":
        return True
    return told and (not select or found.code.startswith(select)) and not (ignore and found.code.startswith(ignore))


def summarize(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    target: Shapes | Sequence[Sequence[door.Size]] | None = None,
    convention: str = "keras",
    advice: bool = True,
    select: Codes = (),
    ignore: Codes = (),
    values: Values | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Summary:
    """The summary of a network; its ``to_dict()`` is the object of ``summarize --json``.

    ``target``: the shape of the labels without the batch, of several outputs a list, or a dict by the names of their
    layers. ``convention``: count parameters as ``keras``, ``torch`` or ``onnx`` does, or as ``all`` side by side.
    ``advice``, ``select``, ``ignore``: whether to give advice, only of these codes, none of these. Raises
    SeqshapeError, whose ``summary`` goes as far as is known, if the network is faulty or does not fit the labels.
    """
    with _guarded():
        options: dict[str, Any] = {"values": values, "kind": kind, "dtype": dtype, "keras": keras}
        chosen: dict[str, Any] = {"advice": advice, "select": select, "ignore": ignore}
        try:
            found = report(source, input_shape, target=target, convention=convention, **chosen, **options)
        except SeqshapeError as error:
            raise SeqshapeError(error.diagnostics, nothing(error)) from error.__cause__
        if any(one.severity == "error" for one in found.diagnostics):
            raise SeqshapeError(found.diagnostics, found)
        return found


def summarize_all(
    sources: Sequence[Spec],
    input_shape: Shapes | None = None,
    *,
    target: Shapes | Sequence[Sequence[door.Size]] | None = None,
    convention: str = "keras",
    advice: bool = True,
    select: Codes = (),
    ignore: Codes = (),
    values: Values | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> list[Summary]:
    """The summaries of several sources, in order. Raises SeqshapeError at the first faulty one."""
    if not isinstance(sources, (list, tuple)):
        door.refuse("sources", sources, "a list of sources")
    options: dict[str, Any] = {"values": values, "kind": kind, "dtype": dtype, "keras": keras}
    options |= {"target": target, "convention": convention, "advice": advice, "select": select, "ignore": ignore}
    return [summarize(source, input_shape, **options) for source in sources]


def advise(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    select: Codes = (),
    ignore: Codes = (),
    values: Values | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> tuple[Diagnostic, ...]:
    """The advice for a network: what Keras builds without a word and a person would want to know.

    ``select`` and ``ignore`` are codes, or beginnings of codes. Raises SeqshapeError if the network is faulty.
    """
    options: dict[str, Any] = {"values": values, "kind": kind, "dtype": dtype, "keras": keras}
    found = summarize(source, input_shape, select=select, ignore=ignore, **options)
    return tuple(one for one in found.diagnostics if one.severity == "advice")


# --- questions --------------------------------------------------------------------------------------------------------


def explain(
    source: Spec,
    layer: str | None = None,
    input_shape: Shapes | None = None,
    *,
    values: Values | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Explained:
    """Where every count comes from: the rule as a formula, and the same with numbers.

    ``layer``: the name or the class of one layer. Raises SeqshapeError if there is none, or the network is faulty.
    """
    with _guarded():
        from seqshape.analysis.explain import explain as find
        from seqshape.analysis.explain import length

        wanted = None if layer is None else door.text("layer", layer)
        network = _sound(analyse(source, input_shape, values=values, kind=kind, dtype=dtype, keras=keras))
        found = find(network, wanted)
        if wanted is not None and not found:
            raise no_layer(wanted, network)
        return Explained(found, length(network) if wanted is None else None)


def no_layer(name: str, network: Network) -> SeqshapeError:
    """The complaint that a network has no layer of a name or a class."""
    names = ", ".join(row.name for row in network.summary().layers)
    return SeqshapeError((Diagnostic("E303", "error", f"there is no layer called {name}; the layers are {names}"),))


def numbered(network: Network, remake: Any) -> tuple[Network, tuple[str, ...]]:
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


def timesteps(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    of_input: SupportsIndex = 0,
    of_output: SupportsIndex = 0,
    values: Values | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Reached:
    """Which output steps can see which input steps; sizes without a number get small ones.

    ``of_input`` and ``of_output`` count from 0. Raises SeqshapeError if the network is faulty or has no steps.
    """
    with _guarded():
        from seqshape.analysis.timesteps import require_steps
        from seqshape.analysis.timesteps import timesteps as find

        first, last = door.integer("of_input", of_input), door.integer("of_output", of_output)
        given = door.values(values)

        def made(chosen: Mapping[str, int]) -> Network:
            return analyse(source, input_shape, values={**given, **chosen}, kind=kind, dtype=dtype, keras=keras)

        network, _ = numbered(_sound(made({})), made)
        require_steps(_sound(network), first)
        return find(network, first, last)


def compare(
    left: Spec,
    right: Spec,
    input_shape: Shapes | None = None,
    *,
    values: Values | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Comparison:
    """Two networks side by side: ``same`` rows and counts, and ``equivalent``, whether they are the same function.

    ``equivalent`` is ``None`` where that could not be found out. Raises SeqshapeError if one of them is faulty.
    """
    with _guarded():
        options: dict[str, Any] = {"values": values, "kind": kind, "dtype": dtype, "keras": keras}
        networks = [_sound(analyse(source, input_shape, **options)) for source in (left, right)]
        texts = [network.graph.source for network in networks]
        return compared(*networks, one_source=lambda: texts[0] == texts[1] is not None)


def compare_all(
    sources: Sequence[Spec],
    input_shape: Shapes | None = None,
    *,
    values: Values | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Ranking:
    """Any number of networks in one table: what each costs and sees, and which is the best in it.

    Raises SeqshapeError if one of them is faulty.
    """
    with _guarded():
        from seqshape.analysis.ranking import rank

        if not isinstance(sources, (list, tuple)):
            door.refuse("sources", sources, "a list of sources")
        options: dict[str, Any] = {"values": values, "kind": kind, "dtype": dtype, "keras": keras}
        networks = [_sound(analyse(source, input_shape, **options)) for source in sources]
        return rank(
            networks,
            [
                source if isinstance(source, str) else network.model.name
                for source, network in zip(sources, networks, strict=True)
            ],
        )


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


def check(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    max_params: Amount | None = None,
    max_trainable_params: Amount | None = None,
    max_macs: Amount | None = None,
    max_bytes: Amount | None = None,
    expect_input: Any = None,
    expect_output: Any = None,
    values: Ranges | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Checked:
    """A network held against limits; its own faults count too, and no file of settings is read.

    Limits are numbers or texts such as ``1M``; ``expect_input`` and ``expect_output`` are shapes without the batch, a
    list of them for several. With choices or ranges, every network has to keep to them. Raises SeqshapeError for a
    source that cannot be read.
    """
    with _guarded():
        from seqshape.analysis.check import Expectations

        given = {"params": max_params, "trainable_params": max_trainable_params, "macs": max_macs, "bytes": max_bytes}
        limits = {name: door.amount(f"max_{name}", value) for name, value in given.items()}
        expected = Expectations(
            {name: limit for name, limit in limits.items() if limit is not None},
            door.several_shapes("expect_input", expect_input),
            door.several_shapes("expect_output", expect_output),
        )
        options: dict[str, Any] = {"kind": kind, "dtype": dtype, "keras": keras}
        found, _, _ = held(source, input_shape, expected, values=values, **options)
        return Checked(not any(one.severity == "error" for one in found), tuple(found))


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
                found += [one._replace(source=network.graph.source) for one in find(network.summary(), expected)]
            return found, network, 1
    from seqshape.analysis.check_many import check_many

    many, number = check_many(template(source, input_shape, values=given, **options), expected)
    return many, None, number


def convert(
    source: Spec,
    to: str,
    input_shape: Shapes | None = None,
    *,
    values: Values | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> str:
    """A network as a ``spec``, as ``keras-json``, as ``keras-python`` or as a ``torch`` module.

    Raises SeqshapeError where the form cannot say the network.
    """
    with _guarded():
        from seqshape.exporters import TARGETS

        form = door.word("to", to, tuple(TARGETS))
        return written(_sound(analyse(source, input_shape, values=values, kind=kind, dtype=dtype, keras=keras)), form)


def written(network: Network, form: str) -> str:
    """A sound network in one of the forms of ``convert``."""
    from seqshape.exporters import write

    return write(network, form)


@overload
def layers() -> dict[str, list[str]]: ...
@overload
def layers(name: str) -> Manual: ...
def layers(name: str | None = None) -> dict[str, list[str]] | Manual:
    """The names of all layers by family, or the manual of the one called ``name``.

    Raises SeqshapeError if there is no such layer.
    """
    with _guarded():
        from seqshape.analysis.manual import families, page

        return families() if name is None else page(door.text("name", name))


# --- search -----------------------------------------------------------------------------------------------------------


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
    with texts() as found:
        graph = read(door.source(source), door.kind(kind), inputs=tuple(shapes) if isinstance(shapes, dict) else ())
    inputs = Inputs(shapes)
    return SpecTemplate(found[0], inputs, given, options) if found else GraphTemplate(graph, inputs, given, options)


def sweep(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    where: str | Sequence[str] = (),
    sort: str | None = None,
    limit: SupportsIndex | None = None,
    pareto: str | None = None,
    receptive_field: bool = False,
    values: Ranges | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Sweep:
    """All networks that a source with choices and ranges stands for, worked out as they are read.

    ``values``: numbers, ranges or texts such as ``8..512`` for names. ``where``: conditions that all must hold
    (``"params < 100k"``). ``sort``: columns, ``-`` before those that fall. ``limit``: how many rows at most.
    ``pareto``: columns (``-`` before what should be large); only rows than which no other is better. Iterate for a
    :class:`Configuration` each, or take ``columns()``. Raises SeqshapeError for what is wrong with the question.
    """
    with _guarded():
        from seqshape.analysis.conditions import parse_keys, parse_where
        from seqshape.analysis.sweep import Query, Sweep

        found = template(source, input_shape, values=values, kind=kind, dtype=dtype, keras=keras)
        query = Query(
            tuple(map(parse_where, door.texts("where", where))),
            () if sort is None else parse_keys(door.text("sort", sort)),
            None if limit is None else door.integer("limit", limit, 1),
            () if pareto is None else parse_keys(door.text("pareto", pareto)),
            door.flag("receptive_field", receptive_field),
        )
        return Sweep(found, query)


def solve(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    params: Amount | None = None,
    trainable_params: Amount | None = None,
    macs: Amount | None = None,
    bytes: Amount | None = None,
    receptive_field: SupportsIndex | None = None,
    match: Spec | None = None,
    tie: Sequence[SupportsIndex] = (),
    values: Ranges | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Solution:
    """The largest value of the sizes written ``?`` with which a network is within a budget.

    Limits are numbers or texts such as ``1M``; ``match``: no more parameters than that network has. With
    ``receptive_field`` it is the smallest value whose output sees so many steps. ``tie``: the ratio of several unknown
    sizes; two that are not tied are enumerated. Raises SeqshapeError if no size fits.
    """
    with _guarded():
        from seqshape.analysis.solve import Budget
        from seqshape.analysis.solve import solve as find

        given = {"params": params, "trainable_params": trainable_params, "macs": macs, "bytes": bytes}
        limits = {name: amount for name, value in given.items() if (amount := door.amount(name, value)) is not None}
        if match is not None:
            limits["params"] = min(matched(match, input_shape, dtype, keras), limits.get("params", 10**18))
        found = template(source, input_shape, values=values, kind=kind, dtype=dtype, keras=keras)
        field = None if receptive_field is None else door.integer("receptive_field", receptive_field, 1)
        ratio = tuple(door.integer("tie", one, 1) for one in tie)
        return find(found, Budget(limits, field), ratio)


def matched(source: Spec, input_shape: Shapes | None, dtype: str, keras: str) -> int:
    """The parameters of a network that another one is to match. Raises SeqshapeError if they have no number."""
    try:
        summary = _sound(analyse(source, input_shape, dtype=dtype, keras=keras)).summary()
    except SeqshapeError as error:
        if input_shape is None:
            raise
        try:  # it may say its input itself
            summary = _sound(analyse(source, dtype=dtype, keras=keras)).summary()
        except SeqshapeError:
            raise error from None
    if not isinstance(summary.totals.params, int) or summary.lacks("params"):
        raise SeqshapeError((Diagnostic("E305", "error", "the network to match has no known number of parameters"),))
    return summary.totals.params
