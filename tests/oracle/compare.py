"""A seqshape Summary held against a record of what Keras says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from seqshape.dims import UNKNOWN
from seqshape.summary import Row, Summary


def differences(summary: Summary, expected: dict[str, Any], *, lenient: bool = False) -> list[str]:
    """What differs, one readable line each; empty where everything agrees.

    ``lenient``: the source cannot tell everything (a Lambda's output is in its code), so that seqshape may not know.
    """
    mine = known_only(record(summary), expected) if lenient else record(summary)
    return record_differences(mine, expected)


def record_differences(mine: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """What differs between two records; a key that only one of them has does not."""
    found = [
        _line("the model", key, mine[key], expected[key])
        for key in mine
        if key in expected and key != "layers" and mine[key] != expected[key]
    ]
    return [*_layers(mine["layers"], expected["layers"], ""), *found]


def known_only(mine: Any, expected: Any) -> Any:
    """The record with Keras's word where seqshape says that it does not know."""
    if isinstance(mine, list) and isinstance(expected, dict):  # a nested model
        return known_only(mine, expected["layers"])
    if isinstance(mine, dict) and isinstance(expected, dict):
        return {key: known_only(item, expected.get(key, item)) for key, item in mine.items()}
    if mine is None or mine == [None] or (mine == [] and isinstance(expected, list)):
        return expected
    if isinstance(mine, list) and isinstance(expected, list) and len(mine) == len(expected):
        return [known_only(item, theirs) for item, theirs in zip(mine, expected, strict=True)]
    return mine


def record(summary: Summary) -> dict[str, Any]:
    """A Summary in the form of the facts."""
    return {
        "name": summary.name,
        "class": summary.class_name,
        "inputs": [_shape(port.shape) for port in summary.inputs],
        "outputs": [_shape(port.shape) for port in summary.outputs],
        "input_dtypes": [port.dtype for port in summary.inputs],
        "output_dtypes": [port.dtype for port in summary.outputs],
        "layers": [_row(row) for row in summary.layers],
        "total_params": summary.totals.params,
        "trainable_params": summary.totals.trainable_params,
        "non_trainable_params": summary.totals.non_trainable_params,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "class": row.class_name,
        "calls": [
            {
                "inputs": [_shape(shape) for shape in call.inputs],
                "from": [list(origin) for origin in call.sources],
                "outputs": [_shape(shape) for shape in call.outputs],
            }
            for call in row.calls
        ],
        "output_shape": [_shape(shape) for shape in row.output_shapes],
        "params": row.params,
        "trainable_params": row.trainable_params,
        "non_trainable_params": row.non_trainable_params,
        "weights": [
            {"path": weight.path, "shape": _shape(weight.shape), "dtype": weight.dtype, "trainable": weight.trainable}
            for weight in row.weights
        ],
        "nested": [_row(inner) for inner in row.layers],
    }


def _shape(shape: Sequence[Any] | None) -> list[Any] | None:
    if shape is None:
        return None
    return [None if dim is UNKNOWN else dim if isinstance(dim, int) else str(dim) for dim in shape]


def _uncounted(name: str) -> str:
    """A name as it is, but for the number in that of a cloned input: how many tensors Keras made before it."""
    return re.sub(r"^keras_tensor_\d+CLONE$", "keras_tensorCLONE", name)


def _layers(mine: list[dict[str, Any]], theirs: list[dict[str, Any]], place: str) -> Iterator[str]:
    names, wanted = ([_uncounted(row["name"]) for row in rows] for rows in (mine, theirs))
    if names != wanted:
        yield _line(f"{place}the layers", "names", names, wanted)
        return
    for got, want in zip(mine, theirs, strict=True):
        yield from _layer(got, want, f"{place}{want['name']}")


def _layer(got: dict[str, Any], want: dict[str, Any], place: str) -> Iterator[str]:
    for key in ("class", "params", "trainable_params", "non_trainable_params"):
        if got[key] != want[key]:
            yield _line(place, key, got[key], want[key])
    if want["output_shape"] is not None and got["output_shape"] != want["output_shape"]:
        yield _line(place, "output_shape", got["output_shape"], want["output_shape"])
    yield from _weights(_inside(got), _inside(want), place)
    yield from _calls(got["calls"], want.get("calls", []), place)
    yield from _layers(_nested(got), _nested(want), f"{place} > ")


def _nested(layer: dict[str, Any]) -> list[dict[str, Any]]:
    """The layers of a model inside: a record of Keras has the whole model there."""
    found: Any = layer.get("nested") or []
    return list(found["layers"] if isinstance(found, dict) else found)


def _inside(layer: dict[str, Any]) -> list[dict[str, Any]]:
    """The weights with their paths inside the layer."""
    return [{**weight, "path": relative(weight["path"], layer["name"])} for weight in layer["weights"]]


def relative(path: str, name: str) -> str:
    """A weight's path without what stands before the layer: ``net/lstm/lstm_cell/kernel`` → ``lstm_cell/kernel``."""
    parts = path.split("/")
    return "/".join(parts[parts.index(name) + 1 :]) if name in parts[:-1] else path


def _weights(got: list[dict[str, Any]], want: list[dict[str, Any]], place: str) -> Iterator[str]:
    paths, wanted = ([weight["path"] for weight in weights] for weights in (got, want))
    if paths != wanted:
        yield _line(place, "weights", paths, wanted)
        return
    for mine, theirs in zip(got, want, strict=True):
        for key in ("shape", "dtype", "trainable"):
            if mine[key] != theirs[key]:
                yield _line(f"{place}/{theirs['path']}", key, mine[key], theirs[key])


def _calls(got: list[dict[str, Any]], want: list[dict[str, Any]], place: str) -> Iterator[str]:
    if len(got) != len(want):
        yield _line(place, "number of calls", len(got), len(want))
        return
    for index, (mine, theirs) in enumerate(zip(got, want, strict=True)):
        sources, wanted = ([[_uncounted(name), *rest] for name, *rest in call["from"]] for call in (mine, theirs))
        if sources != wanted:
            yield _line(f"{place}, call {index}", "from", mine["from"], theirs["from"])
        for key in ("inputs", "outputs"):
            if mine[key] != theirs[key]:
                yield _line(f"{place}, call {index}", key, mine[key], theirs[key])


def _line(place: str, what: str, got: Any, want: Any) -> str:
    return f"{place}: {what}: seqshape {got}, Keras {want}"
