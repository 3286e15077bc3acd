"""Many networks in one source: which there are, and the formulas that hold for as many of them at once as possible.

The rules run once for each combination of what is no plain size (options, and sizes on which a rule is not conclusive);
for all other sizes they run on names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NoReturn, Protocol, TypeAlias

from seqshape.analysis.axes import Axis, Option, count, every, find_axes, refuse, settled, words
from seqshape.bind.layer import Bound, with_inner
from seqshape.diagnostics import Diagnostic, Fault, SeqshapeError, Source, Span, suggest
from seqshape.dims import Dim, Need, Poly, Size, Unknown, merge_needs, names, symbol
from seqshape.estimate import Load
from seqshape.graph import Argument, Call, Graph, Node, Value
from seqshape.inputs import Inputs
from seqshape.network import ASSUMED, Network
from seqshape.readers.spec.lower import lower
from seqshape.readers.spec.parser import parse
from seqshape.records import NamedTuple
from seqshape.structure import leaves
from seqshape.summary import Summary
from seqshape.tensor import Shape

Chosen: TypeAlias = "Mapping[str, int | Option]"
Given: TypeAlias = "Mapping[str, Sequence[int]]"
# Faults that may come of a size being a name: only the numbers tell.
DOUBTED = frozenset({"E104", "E121", "E123", "E200", "E206", "E305"})
PROVEN = "E203"  # what is required, and holds for no size
METRICS = ("params", "trainable_params", "non_trainable_params", "bytes", "macs")
FIELD, MEMORY = "receptive_field", "memory"
OUTPUT = "output"  # the column of the shapes of all outputs
COSTS = ("flops", "activations", "context")
OPTIONAL = (FIELD, *COSTS, MEMORY)  # what takes time to work out: only where it is asked for
ALL_ASSUMED = frozenset(chain.from_iterable(ASSUMED.values()))


class Template(Protocol):
    """A source whose networks differ in the values of ``axes``."""

    axes: tuple[Axis, ...]

    def network(self, chosen: Chosen) -> Network:
        """The network with these values; what has none is an unknown size. Raises SeqshapeError."""


class Options(NamedTuple):
    """How networks are made: dtype policy and version of Keras."""

    dtype: str = "float32"
    version: str = "3"


class SpecTemplate:
    """A spec with choices, ranges and unknowns. ``given``: the numbers that names take."""

    def __init__(self, source: Source, inputs: Inputs, given: Given, options: Options) -> None:
        self.script = parse(source.text, source.name)
        self.name, self.options, self.inputs = source.name, options, inputs.copy()
        shaped = inputs.named_sizes()
        self._written = find_axes(self.script, given, sorted(shaped))
        known = {axis.name for axis in every(self._written)}
        free = {name: numbers for name, numbers in given.items() if name not in known}
        sizes = {*words(self.script), *shaped, *(ALL_ASSUMED if not inputs.has_shapes() else ())}
        for name in free.keys() - sizes:
            listed = sorted(known | shaped)
            refuse("E301", f"nothing is called {name}", suggest(name, listed) or f"the names are {', '.join(listed)}")
        self.inputs.values |= {name: numbers[0] for name, numbers in free.items() if len(numbers) == 1}
        several = [name for name in free if len(free[name]) != 1]
        self.inputs.values |= {name: symbol(name) for name in several if name not in shaped}  # of no shape: of the spec
        self.axes = (*(Axis(name, free[name] or None) for name in several), *self._written)

    def network(self, chosen: Chosen) -> Network:
        """The network with these values."""
        try:
            script = settled(self.script, self._written, chosen)
        except Fault as fault:
            source = Source(self.script.text, self.name)
            raise SeqshapeError((fault.diagnostic(fault.span or Span())._replace(source=source),)) from None
        graph = lower(
            iter(script.statements), Source(script.text, self.name), tuple(self.inputs.named), script.declared
        )
        return made(graph, self.inputs, self.options, chosen)


def made(graph: Graph, inputs: Inputs, options: Options, chosen: Chosen) -> Network:
    """A graph with the values that are chosen."""
    own = inputs.copy()
    own.values |= {name: value for name, value in chosen.items() if isinstance(value, int)}
    return Network(graph, own, dtype=options.dtype, version=options.version)


class GraphTemplate:
    """A file whose layers have arguments that take several numbers: ``units``, or ``lstm_1.units`` where several do."""

    def __init__(self, graph: Graph, inputs: Inputs, given: Given, options: Options) -> None:
        self.graph, self.inputs, self.options = graph, inputs.copy(), options
        sizes = inputs.named_sizes()
        self._places = {name: _argument(graph, name) for name in given if name not in sizes}
        self.inputs.values |= {name: given[name][0] for name in sizes & given.keys() if len(given[name]) == 1}
        self.axes = tuple(Axis(name, given[name] or None) for name in given if name not in self.inputs.values)

    def network(self, chosen: Chosen) -> Network:
        """The network with these values, which are put into the graph."""
        for name, (call, index) in self._places.items():
            old, value = call.arguments[index], chosen.get(name, symbol(identifier(name)))
            new = old._replace(value=Value(value, old.value.span))
            call.arguments = (*call.arguments[:index], new, *call.arguments[index + 1 :])
        return made(self.graph, self.inputs, self.options, chosen)


def identifier(name: str) -> str:
    """A name for a size: ``lstm_1.units`` is no word of a formula."""
    return name.replace(".", "__")


_Place: TypeAlias = tuple[str, Call, int]  # the name of a layer, its call, the number of an argument


def _argument(graph: Graph, name: str) -> tuple[Call, int]:
    """Which argument of which call has that name and holds a number. Raises SeqshapeError if none, or several do."""
    layer, _, wanted = name.rpartition(".")
    numbers: list[_Place] = [
        (known, call, index)
        for known, call in _named_calls(graph)
        for index, argument in enumerate(call.arguments)
        if _is_int(argument)
    ]
    found = [one for one in numbers if one[1].arguments[one[2]].name == wanted and layer in ("", one[0])]
    if len(found) != 1:
        _refuse_argument(name, wanted, found, numbers)
    return found[0][1:]


def _refuse_argument(name: str, wanted: str, found: Sequence[_Place], numbers: Sequence[_Place]) -> NoReturn:
    if found:
        listed = ", ".join(f"{known}.{wanted}" for known, _, _ in found)
        refuse("E301", f"{len(found)} layers have {wanted}", f"say which: {listed}")
    have = sorted({call.arguments[index].name or "" for _, call, index in numbers})
    refuse("E301", f"nothing is called {name}", suggest(wanted, have) or f"the numbers are {', '.join(have)}")


def _is_int(argument: Argument) -> bool:
    return isinstance(argument.value.data, int) and not isinstance(argument.value.data, bool)


def _named_calls(graph: Graph) -> Iterator[tuple[str, Call]]:
    from seqshape.bind.resolve import own_name

    for call in graph.calls:
        for one in (call, *call.nested()):
            yield own_name(one) or one.class_name, one
        if call.body is not None:
            yield from _named_calls(call.body)


# --- formulas ---------------------------------------------------------------------------------------------------------


class Wish(NamedTuple):
    """Which columns are wanted beside METRICS and the dims of outputs, and of what the memory."""

    columns: frozenset[str] = frozenset()
    load: Load = Load()


class Block(NamedTuple):
    """Configurations for which the same formulas hold: ``fixed`` values, and all those of the ``open`` axes.

    ``formulas`` are the columns: sizes, or ``None`` where nothing can be known. ``needs`` must hold, else a
    configuration is faulty. ``faults``: all are faulty, and why. ``peaks``: formulas of which the largest is the memory.
    """

    fixed: Mapping[str, int | Option]
    open: tuple[Axis, ...]
    formulas: Mapping[str, Size | None]
    outputs: tuple[Shape | None, ...] = ()
    needs: tuple[Need, ...] = ()
    faults: tuple[Diagnostic, ...] = ()
    peaks: tuple[Size, ...] = ()

    @property
    def size(self) -> int:
        """How many configurations it has."""
        return count(self.open)


class _Doubt(Exception):
    """What a walk on names says may not hold for numbers. ``faults``: what it says."""

    def __init__(self, faults: tuple[Diagnostic, ...]) -> None:
        super().__init__()
        self.faults = faults


class Planner:
    """Divides all configurations of a template into blocks. ``wish``: what is wanted of each."""

    def __init__(self, template: Template, wish: Wish = Wish()) -> None:
        self.template, self.wish = template, wish
        self.walks = 0
        self._suspects: dict[frozenset[str], str] = {}

    def blocks(self) -> Iterator[Block]:
        """All blocks, in the order of the options."""
        return self._chosen(self.template.axes, {})

    def _chosen(self, axes: Sequence[Axis], chosen: dict[str, int | Option]) -> Iterator[Block]:
        """First everything that is no size gets a value."""
        optional = next((axis for axis in axes if axis.options or (axis.values is not None and not axis.is_size)), None)
        if optional is None:
            yield from self._planned(tuple(axis for axis in axes if axis.values is not None), chosen)
            return
        others = [axis for axis in axes if axis is not optional]
        for option in optional.options or optional.values or ():
            inner = option.axes if isinstance(option, Option) else ()
            yield from self._chosen([*inner, *others], {**chosen, optional.name: option})

    def _planned(self, sizes: tuple[Axis, ...], chosen: dict[str, int | Option]) -> Iterator[Block]:
        """The blocks of sizes, each with its ones apart: broadcasting treats an axis of one element as no other."""
        one = next((axis for axis in sizes if 1 in (axis.values or ())), None)
        if one is None:
            yield from self._walked(sizes, chosen)
            return
        yield from self._planned(tuple(axis for axis in sizes if axis is not one), {**chosen, one.name: 1})
        rest = one._replace(values=_without_one(one.values or ()))
        if rest.values:
            yield from self._planned(tuple(rest if axis is one else axis for axis in sizes), chosen)

    def _walked(self, sizes: tuple[Axis, ...], chosen: dict[str, int | Option]) -> Iterator[Block]:
        """One block if the rules can be run on names, else one size after the other gets its numbers."""
        try:
            yield self.block(sizes, chosen)
            return
        except _Doubt as doubt:
            if not sizes:
                yield Block(chosen, (), {}, faults=doubt.faults)
                return
        suspect = self._suspect(sizes, chosen)
        others = tuple(axis for axis in sizes if axis is not suspect)
        for value in suspect.values or ():
            yield from self._planned(others, {**chosen, suspect.name: value})

    def _suspect(self, sizes: tuple[Axis, ...], chosen: dict[str, int | Option]) -> Axis:
        """The size that has to be a number: one that alone makes the rules conclusive, else the one of the fewest."""
        key = frozenset(axis.name for axis in sizes)
        ordered = sorted(sizes, key=lambda axis: len(axis.values or ()))
        known = self._suspects.get(key)
        if known is None:
            known = next((axis.name for axis in ordered if self._is_enough(axis, sizes, chosen)), ordered[0].name)
            self._suspects[key] = known
        return next(axis for axis in sizes if axis.name == known)

    def _is_enough(self, axis: Axis, sizes: tuple[Axis, ...], chosen: dict[str, int | Option]) -> bool:
        values = axis.values or ()
        others = tuple(other for other in sizes if other is not axis)
        for value in dict.fromkeys((values[len(values) // 2], values[0], values[-1])):
            try:
                if not self.block(others, {**chosen, axis.name: value}).faults:
                    return True
            except _Doubt:
                continue
        return False

    def block(self, sizes: tuple[Axis, ...], chosen: Mapping[str, int | Option]) -> Block:
        """The formulas for all numbers of ``sizes``. Raises _Doubt where the rules need numbers to tell."""
        self.walks += 1
        try:
            network = self.template.network(chosen)
        except SeqshapeError as error:
            return self._faulty(sizes, chosen, error.diagnostics)
        wrong = tuple(found for found in network.diagnostics if found.severity == "error")
        if wrong:
            is_doubted = any(_depends(network, fault.code, node) for _, fault, node in network.session.faults)
            return self._faulty(sizes, chosen, wrong, is_doubted=is_doubted)
        needs = tuple(merge_needs(network.session.needs))
        open_names = {identifier(axis.name) for axis in sizes}
        if any(need.relation == "=" and need.names & open_names for need in needs):
            raise _Doubt(())  # broadcasting: 1 may do as well
        formulas, shapes, peaks = formulas_of(network, self.wish)
        if FIELD in self.wish.columns:
            formulas[FIELD] = self._field(network, sizes)
        return Block(dict(chosen), sizes, formulas, shapes, needs, peaks=peaks)

    def _faulty(
        self,
        sizes: tuple[Axis, ...],
        chosen: Mapping[str, int | Option],
        faults: tuple[Diagnostic, ...],
        *,
        is_doubted: bool = False,
    ) -> Block:
        wrong = tuple(found for found in faults if found.severity == "error")
        if not sizes or not (is_doubted or any(found.code in DOUBTED for found in wrong)):
            return Block(dict(chosen), sizes, {}, faults=wrong)
        raise _Doubt(wrong)

    def _field(self, network: Network, sizes: tuple[Axis, ...]) -> int | None:
        """The receptive field. Raises _Doubt where it depends on a size that has no number yet."""
        from seqshape.analysis.timesteps import timesteps

        try:
            return timesteps(network).field
        except SeqshapeError as error:
            if sizes:
                raise _Doubt(error.diagnostics) from None
            raise


def _without_one(values: Sequence[int]) -> Sequence[int]:
    if isinstance(values, range):
        return values[1:]
    return tuple(value for value in values if value != 1)


def _depends(network: Network, code: str, node: Node | None) -> bool:
    """Whether a fault may come of an argument that is a name where the rule looks for a number."""
    if code == PROVEN or node is None:
        return False
    layer = network.session.binder.get(node.call)
    return any(
        names_in_value(value) for inner in (with_inner(layer) if layer is not None else ()) for value in _given(inner)
    )


def _given(layer: Bound) -> Iterator[object]:
    return iter(layer.arguments.values())


def names_in_value(value: object) -> bool:
    """Whether a named size stands in the value of an argument."""
    return any(isinstance(leaf, Poly) for leaf in leaves(value))


def formulas_of(
    network: Network, wish: Wish = Wish()
) -> tuple[dict[str, Size | None], tuple[Shape | None, ...], tuple[Size, ...]]:
    """The columns of a network that has no faults, the shapes of its outputs, and of what the memory is the largest."""
    summary = network.summary()
    totals = summary.totals
    columns: dict[str, Size | None] = {}
    for name in METRICS:
        value: Dim = getattr(totals, name)
        columns[name] = None if isinstance(value, Unknown) or summary.lacks(name) else value
    shapes = tuple(port.shape for port in summary.outputs)
    for number, shape in enumerate(shapes):
        for place, dim in enumerate(shape or ()):
            if place:
                columns[dim_name(number, place)] = None if isinstance(dim, Unknown) else dim
    peaks = _optional(columns, summary, network, wish)
    return columns, shapes, peaks


def _optional(columns: dict[str, Size | None], summary: Summary, network: Network, wish: Wish) -> tuple[Size, ...]:
    """Add the columns of COSTS and the memory that are wanted."""
    wanted = [name for name in COSTS if name in wish.columns]
    if wanted:
        from seqshape.analysis.costs import count_costs

        costs = count_costs(summary, network, wanted).costs
        columns |= {name: costs[name] for name in wanted}
    if MEMORY not in wish.columns:
        return ()
    from seqshape.analysis.memory import peaks

    found = peaks(network, wish.load)
    columns[MEMORY] = None if found is None else found[0]
    return tuple(found or ())


def dim_name(output: int, place: int) -> str:
    """What an axis of an output is called: ``out_1``, of the second output ``out2_1``."""
    return f"out{output + 1 if output else ''}_{place}"


def unsaid(block: Block, columns: Sequence[str]) -> list[str]:
    """The named sizes without numbers on which columns depend."""
    known = {identifier(axis.name) for axis in block.open}
    sizes = [*(block.formulas.get(name) for name in columns), *(block.peaks if MEMORY in columns else ())]
    dims = (dim for shape in block.outputs for dim in shape or () if OUTPUT in columns)
    found = chain.from_iterable(names(size) for size in (*sizes, *dims) if size is not None)
    return sorted(set(found) - known)
