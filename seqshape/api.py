"""The library: what the commands do, as functions. Every value is checked at the door.

Each function takes a source: a spec, a path, a :class:`Source`, a loaded config, or a live Keras model. They share:
``input_shape``, the shape without the batch (``(5, 1)``, ``"5,1"``, names for sizes that are not said, or a dict of
shapes by input name); ``values``, numbers for named sizes; ``kind``, what the source is (spec, config, keras, h5);
``keras``, the version that names and counts (3, tf2, 2); ``dtype``, the policy of layers that name none. Each raises
SeqshapeError, and nothing else, for what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from seqshape import door
from seqshape.answers import (
    Amount,
    Codes,
    Ranges,
    Values,
    analyse,
    compared,
    held,
    matched,
    models,
    no_layer,
    numbered,
    report,
    sound,
    template,
    written,
)
from seqshape.collector import SELDOM_COLLECTED
from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.door import Shapes, Spec
from seqshape.network import Network
from seqshape.records import Record
from seqshape.summary import Summary, nothing

if TYPE_CHECKING:
    from seqshape.analysis.compare import Comparison
    from seqshape.analysis.explain import Explanation, Length
    from seqshape.analysis.manual import Manual
    from seqshape.analysis.ranking import Ranking
    from seqshape.analysis.solve import Solution
    from seqshape.analysis.sweep import Sweep
    from seqshape.analysis.timesteps import Reached
    from seqshape.estimate import Memory


class Explained(Record):
    """Where the counts of a network come from, layer by layer; ``length``: whether they depend on the number of steps."""

    layers: tuple[Explanation, ...]
    length: Length | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The object of ``explain --json``."""
        from seqshape.renderers.explain import to_dict

        return to_dict(self.layers, self.length, self.diagnostics)

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


class _Guarded:
    """What nobody has foreseen leaves a public function as a SeqshapeError too; cycles are seldom looked for inside."""

    def __enter__(self) -> None:
        SELDOM_COLLECTED.__enter__()

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        SELDOM_COLLECTED.__exit__()
        if problem is None or isinstance(problem, SeqshapeError) or not isinstance(problem, Exception):
            return
        message = f"seqshape itself is at fault: {type(problem).__name__}"
        found = Diagnostic("E999", "error", message, help="please report it, with what it was asked")
        raise SeqshapeError((found,)) from problem


_GUARDED = _Guarded()


# --- summaries --------------------------------------------------------------------------------------------------------


def summarize(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    target: Shapes | Sequence[Sequence[door.Size]] | None = None,
    convention: str = "keras",
    columns: str | Sequence[str] = (),
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
    ``columns``: costs that the rows get too, of ``flops``, ``bytes``, ``activations`` and ``context``.
    ``advice``, ``select``, ``ignore``: whether to give advice, only of these codes, none of these. Raises
    SeqshapeError, whose ``summary`` goes as far as is known, if the network is faulty or does not fit the labels.
    """
    with _GUARDED:
        options: dict[str, Any] = {"values": values, "kind": kind, "dtype": dtype, "keras": keras}
        chosen: dict[str, Any] = {"advice": advice, "select": select, "ignore": ignore}
        chosen["columns"] = door.columns(columns)
        try:
            found = report(source, input_shape, target=target, convention=convention, **chosen, **options)
        except SeqshapeError as error:
            raise SeqshapeError(error.diagnostics, nothing(error)) from error.__cause__
        if any(one.severity == "error" for one in found.diagnostics):
            raise SeqshapeError(found.diagnostics, found)
        return found


def summarize_all(
    sources: Spec | Sequence[Spec],
    input_shape: Shapes | None = None,
    *,
    target: Shapes | Sequence[Sequence[door.Size]] | None = None,
    convention: str = "keras",
    columns: str | Sequence[str] = (),
    advice: bool = True,
    select: Codes = (),
    ignore: Codes = (),
    values: Values | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> list[Summary]:
    """The summaries of several sources, in order; of a program in Python those of all models that it builds.

    Raises SeqshapeError at the first faulty one.
    """
    options: dict[str, Any] = {"values": values, "kind": kind, "dtype": dtype, "keras": keras}
    options |= {"target": target, "convention": convention, "columns": columns}
    options |= {"advice": advice, "select": select, "ignore": ignore}
    several = sources if isinstance(sources, (list, tuple)) else (sources,)
    with _GUARDED:
        found = [one for each in several for one in models(each, input_shape, values=values, kind=kind)]
    return [summarize(one, input_shape, **options) for one in found]


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
    with _GUARDED:
        from seqshape.analysis.explain import explain as find
        from seqshape.analysis.explain import length

        wanted = None if layer is None else door.text("layer", layer)
        network = sound(analyse(source, input_shape, values=values, kind=kind, dtype=dtype, keras=keras))
        found = find(network, wanted)
        if wanted is not None and not found:
            raise no_layer(wanted, network)
        return Explained(found, length(network) if wanted is None else None, tuple(network.diagnostics))


def memory(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    batch: SupportsIndex = 32,
    optimizer: str = "adam",
    budget: Amount | None = None,
    values: Values | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Memory:
    """An estimate of the bytes that a network takes for a batch: a run, and a step of training with an optimizer.

    ``budget``: bytes, a number or a text such as ``8GB``, for which the largest batches are found. ``dtype`` may be
    ``int8`` or ``int4`` too: quantized as Keras's ``model.quantize`` does it. Raises SeqshapeError if the network is
    faulty.
    """
    with _GUARDED:
        from seqshape.analysis.memory import estimate

        wanted, limit = door.batch(batch), door.amount("budget", budget)
        name = door.optimizer(optimizer)
        network = sound(analyse(source, input_shape, values=values, kind=kind, dtype=dtype, keras=keras))
        return estimate(network, wanted, name, limit)


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
    with _GUARDED:
        from seqshape.analysis.timesteps import require_steps
        from seqshape.analysis.timesteps import timesteps as find

        first, last = door.integer("of_input", of_input), door.integer("of_output", of_output)
        given = door.values(values)

        def made(chosen: Mapping[str, int]) -> Network:
            return analyse(source, input_shape, values={**given, **chosen}, kind=kind, dtype=dtype, keras=keras)

        network, _ = numbered(sound(made({})), made)
        require_steps(sound(network), first)
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
    with _GUARDED:
        options: dict[str, Any] = {"values": values, "kind": kind, "dtype": dtype, "keras": keras}
        networks = [sound(analyse(source, input_shape, **options)) for source in (left, right)]
        texts = [network.graph.source for network in networks]
        return compared(*networks, one_source=lambda: texts[0] == texts[1] is not None)


def compare_all(
    sources: Sequence[Spec],
    input_shape: Shapes | None = None,
    *,
    batch: SupportsIndex = 32,
    optimizer: str | None = None,
    values: Values | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Ranking:
    """Any number of networks in one table: what each costs and sees, and which is the best in it.

    ``memory`` is of a run of ``batch`` samples, with an ``optimizer`` of a step of training, an estimate.
    Raises SeqshapeError if one of them is faulty.
    """
    with _GUARDED:
        from seqshape.analysis.ranking import rank

        if not isinstance(sources, (list, tuple)):
            door.refuse("sources", sources, "a list of sources")
        options: dict[str, Any] = {"values": values, "kind": kind, "dtype": dtype, "keras": keras}
        networks = [sound(analyse(source, input_shape, **options)) for source in sources]
        return rank(
            networks,
            [
                source if isinstance(source, str) else network.model.name
                for source, network in zip(sources, networks, strict=True)
            ],
            door.load(batch, optimizer),
        )


def check(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    max_params: Amount | None = None,
    max_trainable_params: Amount | None = None,
    max_macs: Amount | None = None,
    max_bytes: Amount | None = None,
    max_memory: Amount | None = None,
    batch: SupportsIndex = 32,
    optimizer: str | None = None,
    expect_input: object = None,
    expect_output: object = None,
    values: Ranges | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Checked:
    """A network held against limits; its own faults count too, and no file of settings is read.

    Limits are numbers or texts such as ``1M``; ``max_memory`` is of a run of ``batch`` samples, with an ``optimizer`` of a
    step of training, an estimate. ``expect_input`` and ``expect_output`` are shapes without the batch, a
    list of them for several. With choices or ranges, every network has to keep to them. Raises SeqshapeError for a
    source that cannot be read.
    """
    with _GUARDED:
        from seqshape.analysis.check import Expectations

        given = {"params": max_params, "trainable_params": max_trainable_params, "macs": max_macs, "bytes": max_bytes}
        given["memory"] = max_memory
        limits = {name: door.amount(f"max_{name}", value) for name, value in given.items()}
        expected = Expectations(
            {name: limit for name, limit in limits.items() if limit is not None},
            door.several_shapes("expect_input", expect_input),
            door.several_shapes("expect_output", expect_output),
            door.load(batch, optimizer),
        )
        options: dict[str, object] = {"kind": kind, "dtype": dtype, "keras": keras}
        found, _, _ = held(source, input_shape, expected, values=values, **options)
        return Checked(not any(one.severity == "error" for one in found), tuple(found))


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
    with _GUARDED:
        from seqshape.exporters import TARGETS

        form = door.word("to", to, tuple(TARGETS))
        return written(sound(analyse(source, input_shape, values=values, kind=kind, dtype=dtype, keras=keras)), form)


@overload
def layers() -> dict[str, list[str]]: ...
@overload
def layers(name: str) -> Manual: ...
def layers(name: str | None = None) -> dict[str, list[str]] | Manual:
    """The names of all layers by family, or the manual of the one called ``name``.

    Raises SeqshapeError if there is no such layer.
    """
    with _GUARDED:
        from seqshape.analysis.manual import families, page

        return families() if name is None else page(door.text("name", name))


# --- search -----------------------------------------------------------------------------------------------------------


def sweep(
    source: Spec,
    input_shape: Shapes | None = None,
    *,
    where: str | Sequence[str] = (),
    sort: str | None = None,
    limit: SupportsIndex | None = None,
    pareto: str | None = None,
    receptive_field: bool = False,
    batch: SupportsIndex = 32,
    optimizer: str | None = None,
    values: Ranges | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
) -> Sweep:
    """All networks that a source with choices and ranges stands for, worked out as they are read.

    ``values``: numbers, ranges or texts such as ``8..512`` for names. ``where``: conditions that all must hold
    (``"params < 100k"``). ``sort``: columns, ``-`` before those that fall. ``limit``: how many rows at most.
    ``pareto``: columns (``-`` before what should be large); only rows than which no other is better. Iterate for a
    :class:`Configuration` each, or take ``columns()``. The column ``memory`` is of a run of ``batch`` samples, with an
    ``optimizer`` of a step of training. Raises SeqshapeError for what is wrong with the question.
    """
    with _GUARDED:
        from seqshape.analysis.conditions import parse_keys, parse_where
        from seqshape.analysis.sweep import Query, Sweep

        found = template(source, input_shape, values=values, kind=kind, dtype=dtype, keras=keras)
        query = Query(
            tuple(map(parse_where, door.texts("where", where))),
            () if sort is None else parse_keys(door.text("sort", sort)),
            None if limit is None else door.integer("limit", limit, 1),
            () if pareto is None else parse_keys(door.text("pareto", pareto)),
            door.flag("receptive_field", receptive_field),
            door.load(batch, optimizer),
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
    memory: Amount | None = None,
    batch: SupportsIndex = 32,
    optimizer: str | None = None,
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
    sizes; two that are not tied are enumerated. ``memory`` is of a run of ``batch`` samples, with an ``optimizer`` of a
    step of training, an estimate. Raises SeqshapeError if no size fits.
    """
    with _GUARDED:
        from seqshape.analysis.solve import Budget
        from seqshape.analysis.solve import solve as find

        given = {"params": params, "trainable_params": trainable_params, "macs": macs, "bytes": bytes, "memory": memory}
        limits = {name: amount for name, value in given.items() if (amount := door.amount(name, value)) is not None}
        if match is not None:
            limits["params"] = min(matched(match, input_shape, dtype, keras), limits.get("params", 10**18))
        found = template(source, input_shape, values=values, kind=kind, dtype=dtype, keras=keras)
        field = None if receptive_field is None else door.integer("receptive_field", receptive_field, 1)
        ratio = tuple(door.integer("tie", one, 1) for one in tie)
        return find(found, Budget(limits, field, door.load(batch, optimizer)), ratio)
