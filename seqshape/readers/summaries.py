"""Summaries read back from their JSON: what ``--json`` printed, or ``to_dict()`` gave. Every value is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from seqshape.diagnostics import LONGEST, SEVERITIES, Diagnostic, Fault, Label, SeqshapeError, Severity, Source, Span
from seqshape.dims import Dim, Size, Unknown, from_json
from seqshape.estimate import from_dict as to_memory
from seqshape.graph import Place
from seqshape.summary import (
    COSTS,
    FLAGS,
    SCHEMA,
    TOTAL_COSTS,
    CallRecord,
    Convention,
    Json,
    Port,
    Row,
    Shape,
    Summary,
    Symbol,
    Target,
    Totals,
    Weight,
)

Item = TypeVar("Item")


def from_dict(data: Mapping[str, object]) -> Summary:
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
        _to_place(data.get("source")),
        _to_costs(data["totals"], TOTAL_COSTS),
        None if data.get("memory") is None else to_memory(data["memory"]),
    )


def _to_costs(data: Json, known: Sequence[str]) -> Mapping[str, Size | None]:
    return {name: _to_count(data[name]) for name in known if name in data}


def _all(make: Callable[[Any], Item], items: Iterable[Any]) -> tuple[Item, ...]:
    return tuple(make(item) for item in items)


def _to_shape(shape: Iterable[object] | None) -> Shape | None:
    return None if shape is None else _all(from_json, shape)


def _to_count(count: int | str | None) -> Size | None:
    return None if count is None else _known(count)


def _known(count: Any) -> Size:
    found = from_json(count)
    if isinstance(found, Unknown):
        raise TypeError(f"{count!r} is no count")
    return found


def _sum(name: str, count: Any) -> Dim:
    """A total; only which parameters are trained may be unknown."""
    return from_json(count) if "trainable" in name else _known(count)


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
        _to_costs(data, COSTS),
        None if data.get("masks") is None else _all(_text, data["masks"]),
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
    least = data.get("least", {})  # what there is of a total that is not known in full
    counts = {name: _sum(name, least.get(name, data[name])) for name in Totals._fields if name not in FLAGS}
    return Totals(**cast(dict[str, Any], counts), **{name: data.get(name, False) for name in FLAGS})


def _to_convention(data: Json) -> Convention:
    least = data.get("least", {})
    counts = {name: _sum(name, least.get(name, data[name])) for name in Convention._fields if name != "reasons"}
    return Convention(**cast(dict[str, Any], counts), reasons=_all(_text, data["reasons"]))


def _to_target(data: Json) -> Target:
    return Target(
        _to_shape(data["shape"]) or (), _whole(data["output"]), _flag_or_none(data["fits"]), _text(data["note"])
    )


def _to_place(data: Mapping[str, object] | None) -> Place | None:
    if data is None:
        return None
    cell = None if data.get("cell") is None else _whole(data["cell"])
    names = (_text_or_none(data["name"]), _text_or_none(data["function"]))
    return Place(_text_or_none(data["path"]), _whole(data["line"]), *names, cell)


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
        _text_or_none(data.get("input")),
    )


def _to_label(data: Json) -> Label:
    return Label(
        Span(_whole(data.get("start", 0)), _whole(data.get("stop", 0)), _text_or_none(data.get("pointer"))),
        _text(data["text"]),
    )
