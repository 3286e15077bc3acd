"""What came out: frozen data, lossless to and from JSON, the only thing that renderers and comparisons see.

The keys of the JSON and their order are fixed. A dim is a number, ``null`` (not known until run time) or a formula in a
string; so is a count. Some keys stand only where they say something: ``faulty`` and ``output_count`` of a layer,
``at_least``, ``lacking`` and ``least`` of the totals, ``targets``, ``conventions``, ``sources`` (the texts that diagnostics
point into; ``source`` of a diagnostic counts them from 0).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeVar

from seqshape.diagnostics import Diagnostic, Label, SeqshapeError, Source
from seqshape.dims import UNKNOWN, Dim, Size, Unknown, are_numbers, product, to_json
from seqshape.faces import drawn, restored
from seqshape.graph import Place
from seqshape.records import Record

if TYPE_CHECKING:
    from seqshape.estimate import Memory

Shape = tuple[Dim, ...]
Json = dict[str, Any]
Item = TypeVar("Item")
SCHEMA = "seqshape.summary/1"
COSTS = ("flops", "bytes", "activations", "context")  # what a row has only where it is asked for
TOTAL_COSTS = ("flops", "training_flops_estimate", "activations", "context")  # and their sums; bytes are there anyway
MACS_CONVENTION = "1 MAC = one multiply-add of a matrix product or convolution; FLOPs = 2 x MACs"


class Weight(Record):
    """A weight of a layer: ``path`` is relative to the layer (``lstm_cell/kernel``).

    ``trainable`` is ``None`` where nothing tells it: a file of weights does not.
    """

    path: str
    shape: Shape
    dtype: str = "float32"
    trainable: bool | None = True


@lru_cache(maxsize=64)
def item_bits(dtype: str) -> int:
    """Bits of one number as Keras counts them: 32 for ``float32``, 1 for ``bool``; 0 for what has no fixed size."""
    digits = "".join(filter(str.isdecimal, dtype.partition("_")[0]))
    return 1 if dtype == "bool" else int(digits or 0)


def bits(weights: Iterable[Weight]) -> Size:
    """The bits that weights take at their dtypes."""
    found: Size = 0
    for weight in weights:
        size = product(weight.shape)
        found = found if isinstance(size, Unknown) else found + item_bits(weight.dtype) * size
    return found


def memory(weights: Iterable[Weight]) -> Size:
    """The whole bytes that weights take at their dtypes, as Keras counts them: 8 of ``bool`` are one byte."""
    return bits(weights) // 8


def own_weights(row: Row) -> Iterator[Weight]:
    """The weights of a row: its own list, which for a nested model may be left to the rows inside."""
    waiting = [row]
    while waiting:
        current = waiting.pop()
        yield from current.weights
        if not current.weights:
            waiting += current.layers


class Port(Record):
    """An input or an output of a model; ``shape`` is ``None`` where nothing can be known."""

    shape: Shape | None
    dtype: str = "float32"
    name: str | None = None


class CallRecord(Record):
    """One call of a layer: shapes in, where they come from (layer name, call, output), shapes out."""

    inputs: tuple[Shape | None, ...]
    sources: tuple[tuple[str, int, int], ...]
    outputs: tuple[Shape | None, ...]


class Row(Record):
    """One line of a summary. ``output_shapes`` has all outputs of the last call; ``params`` and ``macs`` are ``None``
    where they cannot be known. ``macs`` counts one sample (batch 1) and all calls of the layer. ``trainable`` is
    ``None`` for an operation of keras.ops, which has nothing of the kind. ``conventions``: the parameters as other
    frameworks count them, where that was asked for; ``costs``: those of COSTS that were, in bytes and of one
    sample. ``masks``: what it does with masks (made, used, passed on, dropped here, ends here), where that was."""

    name: str
    class_name: str
    output_shapes: tuple[Shape | None, ...]
    params: Size | None = 0
    trainable_params: Size | None = 0
    non_trainable_params: Size | None = 0
    trainable: bool | None = True
    macs: Size | None = 0
    weights: tuple[Weight, ...] = ()
    calls: tuple[CallRecord, ...] = ()
    layers: tuple[Row, ...] = ()
    faulty: bool = False
    conventions: Mapping[str, Size | None] = {}
    costs: Mapping[str, Size | None] = {}
    masks: tuple[str, ...] | None = None


class Totals(Record):
    """Sums over the layers, each layer once; ``at_least`` says that a layer's count is not known and left out.
    ``bytes`` is the memory of the weights at their dtypes.
    ``unplaced``: the source holds weights that belong to no layer, so that every total is at least what it says.
    The trainable and the other parameters are UNKNOWN where the source does not say which are trained."""

    params: Size
    trainable_params: Dim
    non_trainable_params: Dim
    bytes: Size
    macs: Size
    at_least: bool = False
    unplaced: bool = False


class Symbol(Record):
    """A named size: where its name came from, and what must hold for it (``T >= 3``)."""

    source: str
    needs: tuple[str, ...] = ()


class Convention(Record):
    """The totals as one framework counts them, and the reasons why they are not Keras's."""

    params: Size
    trainable_params: Dim
    non_trainable_params: Dim
    bytes: Size
    reasons: tuple[str, ...] = ()


class Target(Record):
    """Labels held against the output of that number: their ``shape``, the batch first, and whether the output ``fits``.

    ``fits`` is ``None`` where that depends on a size without a number; ``note`` says why in a sentence.
    """

    shape: Shape
    output: int
    fits: bool | None
    note: str


class Summary(Record):
    """A network as Keras would summarize it, with what seqshape adds. See DESIGN for the JSON that it makes.

    ``costs``: the totals of the columns of COSTS that were asked for; ``memory``: an estimate, where that was.
    """

    name: str
    class_name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    layers: tuple[Row, ...]
    totals: Totals
    symbols: dict[str, Symbol]
    assumptions: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    param_convention: str = "keras"
    targets: tuple[Target, ...] = ()
    conventions: Mapping[str, Convention] = {}
    source: Place | None = None
    costs: Mapping[str, Size | None] = {}
    memory: Memory | None = None

    def lacks(self, total: str) -> bool:
        """Whether a layer's count is not known and left out of a total: ``macs``, or any of parameters and bytes."""
        if not self.totals.at_least:
            return False
        return self.totals.unplaced or bool(self.missing(total)) or not (self.missing("params") or self.missing("macs"))

    def missing(self, total: str) -> list[Row]:
        """The layers whose count is not known, of multiply-adds (``macs``) or of parameters."""
        return [row for row in self.layers if (row.macs if total == "macs" else row.params) is None]

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that DESIGN shows, as plain dicts, lists, strings and numbers; nothing is lost in it."""
        return to_dict(self)

    @staticmethod
    def from_dict(data: Mapping[str, object]) -> Summary:
        """The summary that :meth:`to_dict` gave ``data`` for. Raises SeqshapeError, which is a ValueError
        too, if ``data`` is no such object."""
        found = restored("summary", data)
        assert isinstance(found, Summary)
        return found

    def __str__(self) -> str:
        """The table that ``summarize`` prints, as wide as it takes."""
        return drawn("summary", self)

    def __repr__(self) -> str:
        return f"<Summary of {self.name!r}: {len(self.layers)} layers, {self.totals.params} parameters>"

    def _repr_html_(self) -> str:
        """An HTML table, for notebooks."""
        return drawn("summary in HTML", self)


# --- to JSON -----------------------------------------------------------------------------------------------------------


def nothing(error: SeqshapeError) -> Summary:
    """The summary of nothing, with the diagnostics: what is printed of a source that cannot be read."""
    return Summary("", "", (), (), (), Totals(0, 0, 0, 0, 0, at_least=True), {}, (), error.diagnostics)


def to_dict(found: Summary | SeqshapeError) -> Json:
    """A summary, or that of an error as far as it goes, as plain dicts, lists, strings and numbers."""
    if isinstance(found, SeqshapeError):
        found = found.summary if isinstance(found.summary, Summary) else nothing(found)
    return _to_dict(found)


def _to_dict(summary: Summary) -> Json:
    data = parts(summary)
    data["layers"], data["diagnostics"] = list(data["layers"]), list(data["diagnostics"])
    return data


def parts(summary: Summary) -> Json:
    """The object as :func:`to_dict` gives it, but for its layers and diagnostics, which are made one after the other."""
    listed = [found.source for found in summary.diagnostics if found.source is not None]
    sources = listed if len(listed) < 2 else list(dict.fromkeys(listed))
    data: Json = {
        "schema": SCHEMA,
        "model": {"name": summary.name, "class": summary.class_name},
        "inputs": [{"name": port.name, **_port(port)} for port in summary.inputs],
        "outputs": [
            _port(port) if port.name is None else {"name": port.name, **_port(port)} for port in summary.outputs
        ],
        "layers": map(_row, summary.layers),
        "totals": _totals(summary),
        "macs_convention": MACS_CONVENTION,
        "param_convention": summary.param_convention,
        "symbols": {name: _symbol(symbol) for name, symbol in summary.symbols.items()},
        "assumptions": list(summary.assumptions),
        "diagnostics": map(_diagnostic, summary.diagnostics, repeat(sources)),
    }
    data.update(_seldom(summary, sources))
    return data


def _seldom(summary: Summary, sources: Sequence[Source]) -> Json:
    """The keys that stand only where they say something."""
    data: Json = {}
    if summary.targets:
        data["targets"] = [_target(target) for target in summary.targets]
    if summary.memory is not None:
        data["memory"] = summary.memory.to_dict()
    if summary.conventions:
        data["conventions"] = {name: _convention(one, summary) for name, one in summary.conventions.items()}
    if summary.source is not None:
        data["source"] = _place(summary.source)
    if sources:
        data["sources"] = [{"name": source.name, "text": source.text} for source in sources]
    return data


def _shape(shape: Shape | None) -> list[object] | None:
    if shape is None:
        return None
    return [dim if type(dim) is int else None if dim is UNKNOWN else to_json(dim) for dim in shape]


def _shapes(shapes: Sequence[Shape | None]) -> list[object]:
    return [_shape(shapes[0])] if len(shapes) == 1 else list(map(_shape, shapes))


def _count(count: Dim | None) -> int | str | None:
    return count if type(count) is int or count is None else to_json(count)


def _port(port: Port) -> Json:
    return {"shape": _shape(port.shape), "dtype": port.dtype}


def _symbol(symbol: Symbol) -> Json:
    return {"source": symbol.source, "needs": list(symbol.needs)}


def _row(row: Row) -> Json:
    shapes = row.output_shapes
    counts: Any = row.params, row.trainable_params, row.non_trainable_params, row.macs
    if not are_numbers(counts):
        counts = map(_count, counts)
    params, trained, fixed, macs = counts
    data: Json = {
        "name": row.name,
        "class": row.class_name,
        "output_shape": _shape(shapes[0]) if len(shapes) == 1 else _shapes(shapes),
        "params": params,
        "trainable_params": trained,
        "non_trainable_params": fixed,
        "trainable": row.trainable,
        "macs": macs,
        "weights": [_weight(weight) for weight in row.weights],
        "calls": [_call(call) for call in row.calls],
        "layers": [_row(each) for each in row.layers],
    }
    if len(shapes) != 1 and not any(shape is not None for shape in shapes):
        data["output_count"] = len(shapes)  # [null, null] would be one shape of two unknown dims
    if row.faulty:
        data["faulty"] = True
    if row.conventions:
        data["conventions"] = {name: _count(count) for name, count in row.conventions.items()}
    if row.masks is not None:
        data["masks"] = list(row.masks)
    return data | _counts(row.costs) if row.costs else data


def _counts(counts: Mapping[str, Size | None]) -> Json:
    return {name: _count(count) for name, count in counts.items()}


def _weight(weight: Weight) -> Json:
    shape = [dim if type(dim) is int else to_json(dim) for dim in weight.shape]
    return {"path": weight.path, "shape": shape, "dtype": weight.dtype, "trainable": weight.trainable}


def _call(call: CallRecord) -> Json:
    return {
        "inputs": _shapes(call.inputs),
        "from": [[*source] for source in call.sources],
        "outputs": _shapes(call.outputs),
    }


FLAGS = ("at_least", "unplaced")  # of the totals, which are no counts


def _totals(summary: Summary) -> Json:
    """The sums; one that is not known in full is ``null``, so that nobody takes it for the whole, and ``least`` has it."""
    totals = summary.totals
    data: Json = {
        "params": _count(totals.params),
        "trainable_params": _count(totals.trainable_params),
        "non_trainable_params": _count(totals.non_trainable_params),
        "bytes": _count(totals.bytes),
        "macs": _count(totals.macs),
    }
    if totals.at_least:
        data |= {"at_least": True, **_least(summary, data)}
    if summary.costs:
        data |= _counts(summary.costs)
    if totals.unplaced:
        data["unplaced"] = True
    return data


def _least(summary: Summary, counts: Json) -> Json:
    """Some totals with ``null`` for what lacks a layer, what there is of it as ``least``, and their names."""
    lacking = [name for name in counts if summary.lacks(name)]
    return {**dict.fromkeys(lacking), "lacking": lacking, "least": {name: counts[name] for name in lacking}}


def _place(place: Place) -> Json:
    found: Json = {"path": place.path, "line": place.line, "name": place.name, "function": place.function}
    return found if place.cell is None else {**found, "cell": place.cell}


def _diagnostic(found: Diagnostic, sources: Sequence[Source]) -> Json:
    data = {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "labels": list(map(_label, found.labels)),
        "help": found.help,
        "replacement": found.replacement,
        "layer": found.layer,
        "source": None if found.source is None else sources.index(found.source),
    }
    return data if found.input is None else {**data, "input": found.input}


def _convention(one: Convention, summary: Summary) -> Json:
    counts: Json = {name: to_json(getattr(one, name)) for name in Convention._fields if name != "reasons"}
    counts |= _least(summary, counts) if summary.totals.at_least else {}
    return counts | {"reasons": list(one.reasons)}


def _target(target: Target) -> Json:
    return {"shape": _shape(target.shape), "output": target.output, "fits": target.fits, "note": target.note}


def _label(label: Label) -> Json:
    span = label.span
    if span.pointer is None:
        return {"start": span.start, "stop": span.stop, "text": label.text}
    return {"pointer": span.pointer, "text": label.text}
