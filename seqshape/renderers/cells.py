"""What stands in the cells and under the table, shared by the formats that people read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from seqshape.dims import UNKNOWN, Dim, Unknown, pretty
from seqshape.records import NamedTuple
from seqshape.registry import named
from seqshape.renderers import Options
from seqshape.renderers.text import memory_text, shown
from seqshape.summary import COSTS, Row, Shape, Summary, memory, own_weights

MACS_SENTENCE = "1 MAC = 1 multiply + 1 add; FLOPs = 2 x MACs"


class Line(NamedTuple):
    """A row of a summary as it is shown: ``parents`` are the names of the nested models round it."""

    row: Row
    parents: tuple[str, ...] = ()


class Field(NamedTuple):
    """A column: its header, its alignment, the kind of its text (for colours), and what a cell of it says."""

    header: str
    align: Literal["left", "right", "center"]
    kind: Literal["name", "number", "text", "flag"]
    cell: Callable[[Line], str]


# --- which rows and columns ------------------------------------------------------------------------------------------


def lines(summary: Summary, options: Options) -> Iterator[Line]:
    """The rows to show, in order, those of nested models after the model as far as ``expand`` and ``depth`` say."""
    depth = levels(options)
    waiting = [Line(row) for row in reversed(_sorted(summary.layers, options))]
    while waiting:
        line = waiting.pop()
        yield line
        if depth is None or len(line.parents) < depth:
            parents = (*line.parents, line.row.name)
            waiting += (Line(row, parents) for row in reversed(_sorted(line.row.layers, options)))


def levels(options: Options) -> int | None:
    """How many levels of nested models are shown; ``None`` for all."""
    return options.depth if options.depth is not None else None if options.expand else 0


def _sorted(rows: tuple[Row, ...], options: Options) -> list[Row]:
    return sorted(rows, key=_by_params) if options.sort == "params" else list(rows)


def _by_params(row: Row) -> tuple[int, int]:
    """Numbers from the largest down, then formulas, which have no order, then what is not known."""
    if isinstance(row.params, int):
        return 0, -row.params
    return (2, 0) if row.params is None else (1, 0)


def fields(summary: Summary, options: Options) -> list[Field]:
    """The columns that the options ask for. A name does not show its depth: formats differ in how they do."""
    chosen = [
        Field("Layer (type)", "left", "name", lambda line: name_text(line.row, options)),
        Field("Output Shape", "left", "number", lambda line: calls_text(line.row, options)),
    ]
    for name in options.columns or ("params",):
        chosen += _column(name, summary, options)
    if not options.columns:
        for name in ("share", "macs", "macs_share", "trainable", "masks"):
            if name == "trainable" and connected(summary, options):
                chosen.append(Field("Connected to", "left", "text", lambda line: sources_text(line.row, options)))
            if getattr(options, name, options.macs and options.share):
                chosen += _column(name, summary, options)
    elif connected(summary, options):
        chosen.append(Field("Connected to", "left", "text", lambda line: sources_text(line.row, options)))
    return chosen


# The headers of the columns that hold a count of the row.
COUNTS = {
    "params": "Param #",
    "trainable_params": "Trainable #",
    "non_trainable_params": "Non-trainable #",
    "macs": "MACs",
    "flops": "FLOPs",
    "bytes": "Weights (bytes)",
    "activations": "Activations (bytes)",
    "context": "Context (bytes)",
}
COLUMNS = (*COUNTS, "share", "macs_share", "trainable", "masks")  # what --columns can choose, beside name and shape


def _column(name: str, summary: Summary, options: Options) -> list[Field]:
    """A column; of parameters with those that other frameworks count beside it."""
    if name == "trainable":
        return [Field("Trainable", "center", "flag", lambda line: trainable_text(line.row))]
    if name == "masks":
        return [Field("Mask", "left", "text", lambda line: ", ".join(line.row.masks or ()))]
    if name in ("share", "macs_share"):
        what = "params" if name == "share" else "macs"
        total = getattr(summary.totals, what)
        header = "Params %" if name == "share" else "MACs %"
        return [Field(header, "right", "number", lambda line: share_text(getattr(line.row, what), total))]
    found = [Field(COUNTS[name], "right", "number", lambda line: count_text(count(line.row, name), options))]
    others = compared(summary) if name == "params" else ()
    return [*found, *(Field(f"{other} #", "right", "number", _count_by(other, options)) for other in others)]


def count(row: Row, name: str) -> Dim | None:
    """A count of a row by the name of its column."""
    return row.costs.get(name) if name in COSTS else getattr(row, name)


def compared(summary: Summary) -> list[str]:
    """The conventions that stand beside the summary's own."""
    return [name for name in summary.conventions if name != summary.param_convention]


def _count_by(name: str, options: Options) -> Callable[[Line], str]:
    return lambda line: count_text(line.row.conventions.get(name), options)


def connected(summary: Summary, options: Options) -> bool:
    """Whether the column of sources is shown: as asked, else where Keras shows it."""
    return is_branched(summary) if options.connected is None else options.connected


def is_branched(summary: Summary) -> bool:
    """Whether a Functional is more than one chain of layers, each called once: then Keras shows what feeds what."""
    if summary.class_name not in ("Functional", "Model"):
        return False
    calls = [row.calls for row in summary.layers]
    if any(len(each) > 1 for each in calls) or sum(row.class_name == named("input") for row in summary.layers) > 1:
        return True
    sources = [call.sources for each in calls for call in each]
    read = [source[0] for each in sources for source in each]
    return any(len(each) > 1 for each in sources) or len(set(read)) < len(read)


# --- cells -----------------------------------------------------------------------------------------------------------


def name_text(row: Row, options: Options) -> str:
    """``lstm (LSTM)``."""
    return shown(f"{row.name} ({row.class_name})", options.ascii)


def shape_text(shape: Shape | None) -> str:
    """A shape as Keras's summary shows it: ``(None, T - 2, 5)``, ``(None)``; ``?`` where nothing is known."""
    return "?" if shape is None else f"({', '.join(map(str, shape))})"


def outputs_text(shapes: tuple[Shape | None, ...]) -> str:
    """The shapes of all outputs of one call: of several a list in brackets, as in Keras."""
    texts = [shape_text(shape) for shape in shapes]
    if len(texts) == 1 or all(shape is None for shape in shapes):
        return texts[0] if texts else "?"
    return f"[{', '.join(texts)}]"


def calls_text(row: Row, options: Options) -> str:
    """The output shapes of a layer; of one called at several shapes, each of them on a line."""
    outputs = [call.outputs for call in row.calls] or [row.output_shapes]
    return shown_lines(dict.fromkeys(map(outputs_text, outputs)), options)


def shown_lines(texts: Iterable[str], options: Options) -> str:
    """Texts on a line each, safe to show."""
    return "\n".join(shown(text, options.ascii) for text in texts)


def count_text(count: Dim | None, options: Options) -> str:
    """A count with separators between thousands, a formula, or ``?``."""
    if count is None or count is UNKNOWN:
        return "?"
    return f"{count:,}" if isinstance(count, int) else pretty(count, ascii=options.ascii)  # type: ignore[arg-type]


def share_text(part: Dim | None, total: Dim) -> str:
    """A count as percent of a total: ``95.9 %``; ``-`` where that is no number."""
    if not isinstance(part, int) or not isinstance(total, int) or total == 0:
        return "-"
    return f"{100 * part / total:.1f} %"


def sources(row: Row, options: Options) -> list[str]:
    """What feeds a layer, over all its calls: ``lstm[0][0]`` is the output 0 of the call 0 of ``lstm``."""
    return [
        shown(f"{name}[{call}][{output}]", options.ascii)
        for record in row.calls
        for name, call, output in record.sources
    ]


def sources_text(row: Row, options: Options) -> str:
    """The sources in one line, as Keras 3 shows them; ``-`` for none."""
    return ", ".join(sources(row, options)) or "-"


def trainable_text(row: Row) -> str:
    """``Y`` or ``N``; ``-`` where there is nothing to train."""
    if row.trainable is None or (not row.weights and isinstance(row.params, int) and row.params == 0):
        return "-"
    return "Y" if row.trainable else "N"


# --- below the table -------------------------------------------------------------------------------------------------


def trainable_bytes(summary: Summary) -> Dim:
    """The part of the memory that the trainable weights take, in bytes: of each layer once, of what is counted.

    UNKNOWN if the source does not say which are trained.
    """
    trained = summary.totals.trainable_params
    if trained is UNKNOWN:
        return UNKNOWN
    if isinstance(trained, int) and trained == 0:  # so it is in a model that is not trainable, whatever its weights are
        return 0
    return memory(weight for row in _once(summary) for weight in own_weights(row) if weight.trainable)


def _once(summary: Summary) -> list[Row]:
    """The rows that count, a layer that stands in several once: two of one name are a fault, and then each counts."""
    rows = [row for row in summary.layers if row.params is not None]
    if any(found.code == "E109" for found in summary.diagnostics):
        return rows
    return list({row.name: row for row in rows}.values())


def counted(summary: Summary, what: Literal["params", "macs"]) -> str:
    """``"at least "`` where a layer's count is missing in a total, else nothing."""
    return "at least " if summary.lacks(what) else ""


def totals(summary: Summary, options: Options) -> Iterator[tuple[str, str]]:
    """Labels and texts of the totals, as Keras words them, with the multiply-adds where they are asked for."""
    sums, trainable = summary.totals, trainable_bytes(summary)
    least = counted(summary, "params")
    for label, count, size in (
        ("Total params", sums.params, sums.bytes),
        ("Trainable params", sums.trainable_params, trainable),
        ("Non-trainable params", sums.non_trainable_params, sums.bytes - trainable),
    ):
        if isinstance(count, Unknown) or isinstance(size, Unknown):
            yield label, "not known"
        else:
            yield label, f"{least}{count_text(count, options)} ({memory_text(size, ascii=options.ascii)})"
    for name in compared(summary):
        other = summary.conventions[name]
        held = memory_text(other.bytes, ascii=options.ascii)
        yield f"Total params ({name})", f"{least}{count_text(other.params, options)} ({held})"
    if options.shows("macs"):
        flops = f" ({2 * sums.macs:,} FLOPs)" if isinstance(sums.macs, int) else ""
        yield "Total MACs", f"{counted(summary, 'macs')}{count_text(sums.macs, options)} for one sample{flops}"
    for name, label in (("flops", "FLOPs"), ("activations", "activations"), ("context", "context")):
        if options.shows(name):
            yield f"Total {label}", _cost_text(name, summary, options)


def _cost_text(name: str, summary: Summary, options: Options) -> str:
    """The total of a column of costs."""
    total = summary.costs.get(name)
    if total is None:
        return "not known"
    if name != "flops":
        return f"{count_text(total, options)} bytes for one sample"
    training = count_text(summary.costs.get("training_flops_estimate"), options)
    return f"{count_text(total, options)} for one sample (a step of training: about {training}, estimated as 3 x)"


def remarks(summary: Summary, options: Options) -> Iterator[str]:
    """What a reader has to know of the numbers: conventions, what named sizes need, what was assumed, which labels fit."""
    yield from (shown(reason, options.ascii) for reason in _reasons(summary))
    if options.shows("macs") or options.shows("flops"):
        yield MACS_SENTENCE
    for symbol in summary.symbols.values():
        for need in symbol.needs:
            yield shown(f"needs {need}", options.ascii)
    for assumption in summary.assumptions:
        yield shown(assumption, options.ascii)
    if summary.memory is not None:
        from seqshape.renderers.memory import lines as sums

        yield from (shown(line, options.ascii) for line in sums(summary.memory))
    for target in summary.targets:
        if target.fits:
            yield shown(target.note, options.ascii)


def _reasons(summary: Summary) -> Iterator[str]:
    """Why the counts of other frameworks are not Keras's, frameworks with one reason together."""
    frameworks: dict[str, list[str]] = {}
    for name, convention in summary.conventions.items():
        for reason in convention.reasons:
            frameworks.setdefault(reason, []).append(name)
    if summary.conventions and not frameworks and summary.param_convention != "keras":
        yield f"{summary.param_convention} counts as Keras does"
    elif len(summary.conventions) > 1 and not frameworks:
        yield "all of them count this network alike"
    yield from (f"{', '.join(names)}: {reason}" for reason, names in frameworks.items())
