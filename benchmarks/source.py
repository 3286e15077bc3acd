"""How much of real source code is read right: python -m benchmarks.source FACTS FILES

FACTS is a file like source.jsonl: what real Keras makes of models in public files. FILES is a folder that holds those
files as OWNER+NAME/COMMIT/PATH, the commit cut to 12 digits. Prints right, honest (it says what is not known) and wrong.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from seqshape.diagnostics import SeqshapeError
from seqshape.inputs import Inputs
from seqshape.network import Network
from seqshape.readers.keras_source.notebook import read_cells
from seqshape.readers.keras_source.program import Asked, read_program

READ: dict[Any, Any] = {}  # the file that was read last


def judged(record: dict[str, Any], folder: Path) -> tuple[str, str]:
    """``right``, ``honest`` or ``wrong`` for one model, and why."""
    path = folder / record["repo"].replace("/", "+") / record["commit"][:12] / record["path"]
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = read_cells(text, str(path)).text
    shape = tuple(record["input"][0]) if record.get("input") else None
    try:
        key = (str(path), json.dumps(record["bindings"]), shape, json.dumps(_choice(record)))
        if key not in READ:
            READ.clear()
            name, call = _choice(record)
            READ[key] = read_program(text, Asked(str(path), path, record["bindings"], shape, name, call)).chosen(name)
        found = READ[key]
    except SeqshapeError as error:
        found = [each.message for each in error.diagnostics if each.code not in ("W140", "W141", "E141")]
        return "honest", f"nothing read: {found or error.diagnostics[-1].message}"
    wanted = [each for each in found if each.line == record["line"]]
    if not wanted:
        lines = ", ".join(each.label for each in found)
        return "honest", f"no model at line {record['line']}: {lines[:100]}"
    named = [each for each in wanted if each.graph.name == record["expected"]["name"]] or wanted
    verdicts = [_compared(each, record, shape) for each in named]
    if any(why.startswith(("names", "called")) for _, why in verdicts) and _is_open(found, wanted[0]):
        return "honest", f"an earlier model has a size that nothing tells, and Keras did not make it: {verdicts[0][1]}"
    order = {"right": 0, "wrong": 1, "honest": 2}
    return min(verdicts, key=lambda verdict: order[verdict[0]])


def _is_open(found: Any, built: Any) -> bool:
    """Whether an earlier model could not be made by Keras, since a size of it was not told: its layers took no numbers."""
    earlier = [each for each in found[: found.index(built)] if not isinstance(_params(each), int)]
    return bool(earlier)


def _params(built: Any) -> Any:
    try:
        return Network(built.graph, Inputs(None)).summary().totals.params
    except SeqshapeError:
        return 0


def _choice(record: dict[str, Any]) -> tuple[str | None, str | None]:
    """The function that is called to make the model, and the arguments; nothing where the program calls it."""
    if not record.get("call"):
        return None, None
    name, _, arguments = record["call"].partition("(")
    return name, arguments[:-1]


def _compared(built: Any, record: dict[str, Any], shape: Any) -> tuple[str, str]:
    expected = record["expected"]
    inputs = shape if shape is not None and len(built.graph.inputs) == 1 else None
    try:
        network = Network(built.graph, Inputs(inputs))
    except SeqshapeError as error:
        return "honest", f"refused: {error.diagnostics[0].message}"
    summary = network.summary()
    loud = [found for found in network.diagnostics if found.severity == "error"]
    if loud:
        return "honest", f"error: {loud[0].message}"
    unsure = [found for found in network.diagnostics if found.code == "W148"]
    differs = _difference(summary, expected)
    if differs is None:
        return ("honest", unsure[0].message) if unsure else ("right", "")
    if unsure or differs.startswith("unknown"):
        return "honest", unsure[0].message if unsure else differs
    said = {found.code for found in network.diagnostics}
    if "W149" in said and differs.startswith(("names", "called")):
        return "honest", f"says that numbers in names are not sure: {differs}"
    if "W145" in said and _stopped(summary, expected):
        return "honest", "says that Keras 3 does not take it; Keras stopped there"
    return "wrong", differs


def _stopped(summary: Any, expected: dict[str, Any]) -> bool:
    """Whether Keras made the first rows only, and then raised: code that it takes no more."""
    mine = [(row.name, row.params) for row in summary.layers]
    made = [(layer["name"], layer["params"]) for layer in expected["layers"]]
    return len(made) < len(mine) and mine[: len(made)] == made


def _difference(summary: Any, expected: dict[str, Any]) -> str | None:
    unknown = None
    rows = list(summary.layers)
    if [row.class_name for row in rows] != [layer["class"] for layer in expected["layers"]]:
        mine = " ".join(row.class_name for row in rows)
        return f"rows: {mine[:150]} for {' '.join(layer['class'] for layer in expected['layers'])[:150]}"
    if [row.name for row in rows] != [layer["name"] for layer in expected["layers"]]:
        pairs = zip(rows, expected["layers"], strict=True)
        return (
            "names: "
            + ", ".join(f"{row.name} for {layer['name']}" for row, layer in pairs if row.name != layer["name"])[:150]
        )
    for row, layer in zip(rows, expected["layers"], strict=True):
        found = _row_difference(row, layer)
        if found is not None and found.startswith("unknown"):
            unknown = unknown or found
        elif found is not None:
            return found
    if unknown is None and summary.totals.params != expected["total_params"]:
        return f"total {summary.totals.params} for {expected['total_params']}"
    if unknown is None and summary.totals.non_trainable_params != expected["non_trainable_params"]:
        return f"not trainable {summary.totals.non_trainable_params} for {expected['non_trainable_params']}"
    if unknown is None and (summary.name, summary.class_name) != (expected["name"], expected["class"]):
        return f"called {summary.name} ({summary.class_name}) for {expected['name']} ({expected['class']})"
    return unknown


def _row_difference(row: Any, layer: dict[str, Any]) -> str | None:
    if row.params is None or not isinstance(row.params, int):
        return f"unknown params of {row.name}"
    if row.params != layer["params"]:
        return f"{row.name}: {row.params} params for {layer['params']}"
    if row.non_trainable_params is not None and row.non_trainable_params != layer["non_trainable_params"]:
        return f"{row.name}: {row.non_trainable_params} not trainable for {layer['non_trainable_params']}"
    if layer["output_shape"] is None:
        return None
    mine = [
        [dim if isinstance(dim, int) else None if str(dim) in ("None", "UNKNOWN") else str(dim) for dim in shape]
        if shape is not None
        else None
        for shape in row.output_shapes
    ]
    if None in mine:
        return f"unknown shape of {row.name}"
    if mine != layer["output_shape"]:
        named = any(isinstance(dim, str) for shape in mine if shape for dim in shape)
        return f"{'unknown ' if named else ''}{row.name}: {mine} for {layer['output_shape']}"
    return None


def main(facts: str, files: str, only: str = "") -> int:
    """Judge every record; print the counts and the reasons."""
    counts: Counter[str] = Counter()
    reasons: list[tuple[str, str, str]] = []
    start = time.perf_counter()
    for line in Path(facts).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if only and only not in record["id"]:
            continue
        verdict, why = judged(record, Path(files))
        counts[verdict] += 1
        if why:
            reasons.append((verdict, record["id"], why))
    for verdict, name, why in sorted(reasons):
        print(f"{verdict}: {name}: {why}")
    listed = ", ".join(f"{name} {counts[name]}" for name in ("right", "honest", "wrong"))
    print(f"{listed} of {sum(counts.values())} in {time.perf_counter() - start:.1f} s")
    return counts["wrong"]


if __name__ == "__main__":
    sys.exit(bool(main(*sys.argv[1:])))
