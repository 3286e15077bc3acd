"""The JSON that other tools read: DESIGN fixes its keys and their order. Nothing is lost on the way there and back.

A dim is a number, ``null`` (not known until run time) or a formula in a string; so is a count. Some keys stand only
where they say something: ``faulty`` and ``output_count`` of a layer, ``at_least`` of the totals, ``targets``,
``conventions``, ``sources`` (the texts that diagnostics point into; ``source`` of a diagnostic counts them from 0).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from seqshape.diagnostics import LONGEST, SEVERITIES, Diagnostic, Fault, Label, SeqshapeError, Severity, Source, Span
from seqshape.dims import Dim, Size, Unknown, to_json
from seqshape.renderers import Options
from seqshape.renderers.data import text, texts
from seqshape.summary import (
    MACS_CONVENTION,
    CallRecord,
    Convention,
    Port,
    Row,
    Shape,
    Summary,
    Symbol,
    Target,
    Totals,
    Weight,
)

SCHEMA = "seqshape.summary/1"
Json = dict[str, Any]
Item = TypeVar("Item")


def render(summary: Summary, options: Options) -> str:
    """The object as ASCII text, the same on every machine, laid out as :func:`layout` does it."""
    return layout(to_dict(summary))


def line(summary: Summary, argument: str, number: int | None = None) -> str:
    """The object on one line, with the source that it is of and the ``number`` of its line in a list."""
    data = to_dict(summary)
    start = {"schema": data.pop("schema"), "argument": argument} | ({} if number is None else {"line": number})
    return text({**start, **data})


def layout(data: Mapping[str, Any]) -> str:
    """An object as JSON text with a key a line, and each item of a list of objects on its own line."""
    keys = (f"  {text(key)}: {_value(value)}" for key, value in data.items())
    return "{\n" + ",\n".join(keys) + "\n}"


def _value(value: object) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(f"    {item}" for item in texts(value)) + "\n  ]"
    return text(value)


def schema() -> str:
    """The JSON Schema of the object, as text; it ships in the package."""
    from pkgutil import get_data

    return (get_data("seqshape", "schema/summary.json") or b"").decode()


# --- there -----------------------------------------------------------------------------------------------------------


def to_dict(summary: Summary) -> Json:
    """The summary as plain dicts, lists, strings and numbers."""
    sources = list(dict.fromkeys(found.source for found in summary.diagnostics if found.source is not None))
    data: Json = {
        "schema": SCHEMA,
        "model": {"name": summary.name, "class": summary.class_name},
        "inputs": [{"name": port.name} | _port(port) for port in summary.inputs],
        "outputs": [({"name": port.name} if port.name is not None else {}) | _port(port) for port in summary.outputs],
        "layers": [_row(row) for row in summary.layers],
        "totals": _totals(summary),
        "macs_convention": MACS_CONVENTION,
        "param_convention": summary.param_convention,
        "symbols": {
            name: {"source": symbol.source, "needs": list(symbol.needs)} for name, symbol in summary.symbols.items()
        },
        "assumptions": list(summary.assumptions),
        "diagnostics": [_diagnostic(found, sources) for found in summary.diagnostics],
    }
    if summary.targets:
        data["targets"] = [_target(target) for target in summary.targets]
    if summary.conventions:
        data["conventions"] = {name: _convention(one) for name, one in summary.conventions.items()}
    if sources:
        data["sources"] = [{"name": source.name, "text": source.text} for source in sources]
    return data


def _shape(shape: Shape | None) -> list[Any] | None:
    return None if shape is None else [to_json(dim) for dim in shape]


def _shapes(shapes: Iterable[Shape | None]) -> list[Any]:
    return [_shape(shape) for shape in shapes]


def _count(count: Dim | None) -> int | str | None:
    return None if count is None else to_json(count)


def _port(port: Port) -> Json:
    return {"shape": _shape(port.shape), "dtype": port.dtype}


def _row(row: Row) -> Json:
    data: Json = {
        "name": row.name,
        "class": row.class_name,
        "output_shape": _shape(row.output_shapes[0]) if len(row.output_shapes) == 1 else _shapes(row.output_shapes),
        "params": _count(row.params),
        "trainable_params": _count(row.trainable_params),
        "non_trainable_params": _count(row.non_trainable_params),
        "trainable": row.trainable,
        "macs": _count(row.macs),
        "weights": [_weight(weight) for weight in row.weights],
        "calls": [_call(call) for call in row.calls],
        "layers": [_row(inner) for inner in row.layers],
    }
    if len(row.output_shapes) != 1 and not any(shape is not None for shape in row.output_shapes):
        data["output_count"] = len(row.output_shapes)  # [null, null] would be one shape of two unknown dims
    if row.faulty:
        data["faulty"] = True
    if row.conventions:
        data["conventions"] = {name: _count(count) for name, count in row.conventions.items()}
    return data


def _weight(weight: Weight) -> Json:
    return {"path": weight.path, "shape": _shape(weight.shape), "dtype": weight.dtype, "trainable": weight.trainable}


def _call(call: CallRecord) -> Json:
    return {
        "inputs": _shapes(call.inputs),
        "from": [list(source) for source in call.sources],
        "outputs": _shapes(call.outputs),
    }


FLAGS = ("at_least", "unplaced")  # of the totals, which are no counts


def _totals(summary: Summary) -> Json:
    totals = summary.totals
    data: Json = {name: to_json(getattr(totals, name)) for name in Totals._fields if name not in FLAGS}
    if totals.at_least:
        data |= {"at_least": True, "lacking": [name for name in data if summary.lacks(name)]}
    return data | ({"unplaced": True} if totals.unplaced else {})


def _diagnostic(found: Diagnostic, sources: Sequence[Source]) -> Json:
    return {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "labels": [_span(label.span) | {"text": label.text} for label in found.labels],
        "help": found.help,
        "replacement": found.replacement,
        "layer": found.layer,
        "source": None if found.source is None else sources.index(found.source),
    }


def _convention(one: Convention) -> Json:
    counts: Json = {name: to_json(getattr(one, name)) for name in Convention._fields if name != "reasons"}
    return counts | {"reasons": list(one.reasons)}


def _target(target: Target) -> Json:
    return {"shape": _shape(target.shape), "output": target.output, "fits": target.fits, "note": target.note}


def _span(span: Span) -> Json:
    return {"start": span.start, "stop": span.stop} if span.pointer is None else {"pointer": span.pointer}


# --- and back --------------------------------------------------------------------------------------------------------


def from_dict(data: Mapping[str, Any]) -> Summary:
    """The summary that an object was made from; unknown keys are passed over. Raises NoSummary if it is none."""
    found = data.get("schema") if isinstance(data, Mapping) else None
    if found != SCHEMA:
        raise _none(f"not a summary of seqshape: its schema is {str(found)[:80]!r}, not {SCHEMA!r}")
    try:
        return _to_summary(data)
    except KeyError as error:
        raise _none(f"not a whole {SCHEMA}: there is no {error.args[0]!r}") from error
    except Fault as error:
        raise _none(f"not a {SCHEMA}: {error.message}") from error
    except (TypeError, AttributeError, IndexError, ValueError) as error:
        raise _none(f"not a {SCHEMA}: {error}") from error


class NoSummary(SeqshapeError, ValueError):
    """The data are no summary."""


def _none(message: str) -> NoSummary:
    return NoSummary((Diagnostic("E307", "error", message[:LONGEST], help="give what to_dict() or --json gave"),))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.80} is no text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"{value!r:.80} is no number of at least 0")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r:.80} is neither true nor false")
    return value


def _flag_or_none(value: object) -> bool | None:
    return None if value is None else _flag(value)


def _severity(value: object) -> Severity:
    for known in SEVERITIES:
        if value == known:
            return known
    raise TypeError(f"{value!r:.80} is no severity")


def _to_summary(data: Mapping[str, Any]) -> Summary:
    sources = [Source(_text(source["text"]), _text_or_none(source["name"])) for source in data.get("sources", ())]
    return Summary(
        _text(data["model"]["name"]),
        _text(data["model"]["class"]),
        _all(_to_port, data["inputs"]),
        _all(_to_port, data["outputs"]),
        _all(_to_row, data["layers"]),
        _to_totals(data["totals"]),
        {
            name: Symbol(_text(symbol["source"]), _all(_text, symbol["needs"]))
            for name, symbol in data["symbols"].items()
        },
        _all(_text, data["assumptions"]),
        _all(lambda found: _to_diagnostic(found, sources), data["diagnostics"]),
        _text(data["param_convention"]),
        _all(_to_target, data.get("targets", ())),
        {name: _to_convention(one) for name, one in data.get("conventions", {}).items()},
    )


def _all(make: Callable[[Any], Item], items: Iterable[Any]) -> tuple[Item, ...]:
    return tuple(make(item) for item in items)


def _size(value: Any) -> Dim:
    from seqshape.dims import from_json  # what reads formulas is not needed to write them

    return from_json(value)


def _to_shape(shape: Iterable[Any] | None) -> Shape | None:
    return None if shape is None else _all(_size, shape)


def _to_count(count: int | str | None) -> Size | None:
    return None if count is None else _known(count)


def _known(count: Any) -> Size:
    found = _size(count)
    if isinstance(found, Unknown):
        raise TypeError(f"{count!r} is no count")
    return found


def _sum(name: str, count: Any) -> Dim:
    """A total; only which parameters are trained may be unknown."""
    return _size(count) if "trainable" in name else _known(count)


def _to_port(data: Json) -> Port:
    return Port(_to_shape(data["shape"]), _text(data["dtype"]), _text_or_none(data.get("name")))


def _to_row(data: Json) -> Row:
    return Row(
        _text(data["name"]),
        _text(data["class"]),
        _to_outputs(data),
        _to_count(data["params"]),
        _to_count(data["trainable_params"]),
        _to_count(data["non_trainable_params"]),
        _flag_or_none(data["trainable"]),
        _to_count(data["macs"]),
        _all(_to_weight, data["weights"]),
        _all(_to_call, data["calls"]),
        _all(_to_row, data["layers"]),
        _flag(data.get("faulty", False)),
        {name: _to_count(count) for name, count in data.get("conventions", {}).items()},
    )


def _to_outputs(data: Json) -> tuple[Shape | None, ...]:
    shape = data["output_shape"]
    several = "output_count" in data or (shape is not None and any(isinstance(item, list) for item in shape))
    return _all(_to_shape, shape) if several else (_to_shape(shape),)


def _to_weight(data: Json) -> Weight:
    return Weight(
        _text(data["path"]), _to_shape(data["shape"]) or (), _text(data["dtype"]), _flag_or_none(data["trainable"])
    )


def _to_call(data: Json) -> CallRecord:
    sources = tuple((_text(name), _whole(call), _whole(output)) for name, call, output in data["from"])
    return CallRecord(_all(_to_shape, data["inputs"]), sources, _all(_to_shape, data["outputs"]))


def _to_totals(data: Json) -> Totals:
    counts = {name: _size(data[name]) for name in Totals._fields if name not in FLAGS}
    return Totals(**cast(dict[str, Any], counts), **{name: data.get(name, False) for name in FLAGS})


def _to_convention(data: Json) -> Convention:
    counts = {name: _sum(name, data[name]) for name in Convention._fields if name != "reasons"}
    return Convention(**cast(dict[str, Any], counts), reasons=_all(_text, data["reasons"]))


def _to_target(data: Json) -> Target:
    return Target(
        _to_shape(data["shape"]) or (), _whole(data["output"]), _flag_or_none(data["fits"]), _text(data["note"])
    )


def _to_diagnostic(data: Json, sources: Sequence[Source]) -> Diagnostic:
    return Diagnostic(
        _text(data["code"]),
        _severity(data["severity"]),
        _text(data["message"]),
        _all(_to_label, data["labels"]),
        _text_or_none(data["help"]),
        _text_or_none(data["replacement"]),
        _text_or_none(data["layer"]),
        None if data["source"] is None else sources[_whole(data["source"])],
    )


def _to_label(data: Json) -> Label:
    return Label(
        Span(_whole(data.get("start", 0)), _whole(data.get("stop", 0)), _text_or_none(data.get("pointer"))),
        _text(data["text"]),
    )
