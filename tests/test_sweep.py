"""Sweeps: a row is what ``summarize`` says of that network, however they are cut into parts, filtered and sorted."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import seqshape
from seqshape.analysis.compiled import Comparison, Formula, grids
from seqshape.cli import main
from seqshape.dims import Poly, Size, evaluate, symbol
from tests.fuzz import sweeps
from tests.fuzz.choices import RandomChoices

T, U, F = map(symbol, "TUF")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["sweep", *words])


# --- the laws ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_a_row_is_what_summarize_says(seed: int) -> None:
    tried = 0
    for template, values in sweeps.templates(f"law-{seed}", 30):
        assert sweeps.broken(template, values) is None
        tried += 1
    assert tried > 10


def test_a_wrong_row_would_be_seen() -> None:
    assert sweeps.broken("Input(5, %s) > LSTM(%s)", [("3", "4"), ("2", "3", "4")]) is None
    found = sweeps.plain("Input(5, 3) > LSTM(2)")
    assert found is not None
    assert found != sweeps.plain("Input(5, 3) > LSTM(3)")
    assert sweeps.plain("Input(5, 3) > Conv1D(2, 9)") is None


OPEN = "Conv1D({4..9},{3,5})>{LSTM,GRU}(2..20,seq)>{TD(Dense(1..3)),MP1D(2)}"


@pytest.mark.parametrize("part", [1, 7, 100, 10_000])
def test_parts_are_the_whole(part: int) -> None:
    whole, cut = seqshape.sweep(OPEN, (9, 2)), seqshape.sweep(OPEN, (9, 2))
    cut.part = part
    assert list(whole) == list(cut)
    assert (whole.seen, whole.kept, whole.faulty) == (cut.seen, cut.kept, cut.faulty)


@pytest.mark.parametrize("part", [1, 50, 10_000])
@pytest.mark.parametrize(
    ("where", "sort", "limit"),
    [("params<800", None, None), ("macs>=3*params and units<9 or layer=GRU", "-macs,units", 7), (None, "params", 5)],
)
def test_questions_are_those_of_plain_python(part: int, where: str | None, sort: str | None, limit: int | None) -> None:
    rows = list(seqshape.sweep(OPEN, (9, 2)))
    found = seqshape.sweep(OPEN, (9, 2), where=where or (), sort=sort, limit=limit)
    found.part = part
    expected = [row for row in rows if where is None or _holds(where, row)]
    keys = {None: lambda row: 0, "params": lambda row: row.params, "-macs,units": _by_macs}
    assert list(found) == sorted(expected, key=keys[sort])[:limit]
    assert found.kept == len(expected)


def _by_macs(row: seqshape.Configuration) -> tuple[int, int]:
    assert row.macs is not None
    return -row.macs, int(row.settings["units"])


def _holds(where: str, row: seqshape.Configuration) -> bool:
    assert row.params is not None
    assert row.macs is not None
    if where == "params<800":
        return row.params < 800
    return (row.macs >= 3 * row.params and int(row.settings["units"]) < 9) or row.settings["layer"] == "GRU"


@pytest.mark.parametrize("goals", ["params,-units", "params,-macs,units_2", "-units,params", "macs"])
@pytest.mark.parametrize("part", [3, 10_000])
def test_the_front_is_what_nothing_beats(goals: str, part: int) -> None:
    spec = "Dense(2..9)>Dense({3,4,8})"
    rows = list(seqshape.sweep(spec, (5,)))
    found = seqshape.sweep(spec, (5,), pareto=goals)
    found.part = part

    def key(row: seqshape.Configuration) -> list[int]:
        known: dict[str, Any] = {**row.settings, **row._asdict()}
        return [-known[goal[1:]] if goal[0] == "-" else known[goal] for goal in goals.split(",")]

    def beats(one: list[int], other: list[int]) -> bool:
        return one != other and all(mine <= theirs for mine, theirs in zip(one, other, strict=True))

    keys = list(map(key, rows))
    front = [row for row in rows if not any(beats(other, key(row)) for other in keys)]
    assert sorted(map(repr, found)) == sorted(map(repr, front))


# --- formulas on numpy ------------------------------------------------------------------------------------------------


def _random(choices: RandomChoices) -> Size:
    total: Size = choices.pick((0, 3, -7))
    for _ in range(choices.pick((1, 2, 3, 4))):
        factor: Size = choices.pick((1, -2, 5, 10**9, 10**18))
        for _ in range(choices.pick((0, 1, 2, 3))):
            atom = choices.pick((T, U, F, (T + 3) // 2, (U * F - 5) // 7, ((T // 2) * U + 1) // 3))
            factor = factor * atom
        total = total + factor
    return total


@pytest.mark.parametrize("seed", range(60))
def test_a_compiled_formula_is_the_formula(seed: int) -> None:
    choices = RandomChoices(f"formula-{seed}")
    size, other = _random(choices), _random(choices)
    values = {"T": range(1, 6), "U": (3, 10**6, 10**9, 7), "F": range(2, 40, 9)}
    places = {"T": 0, "U": 1, "F": 2}
    formula = Formula(size, places)
    relation = choices.pick(("<", "<=", ">", ">=", "=", "!="))
    compared = Comparison(size, relation, other, places)
    found, held = [], []
    for grid in grids(values, choices.pick((1, 3, 16, 1000))):
        result = formula.on(grid.numbers, grid.ranges)
        found += np.broadcast_to(np.asarray(result, dtype=object), grid.shape).reshape(-1).tolist()
        held += np.broadcast_to(compared.on(grid.numbers, grid.ranges), grid.shape).reshape(-1).tolist()
    named = [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]
    expected = [evaluate(size, one) for one in named]
    assert found == expected
    against = [evaluate(other, one) for one in named]
    assert held == [_RELATIONS[relation](one, two) for one, two in zip(expected, against, strict=True)]


_RELATIONS: dict[str, Any] = {
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
    "=": lambda one, two: one == two,
    "!=": lambda one, two: one != two,
}


def test_what_leaves_64_bits_is_exact() -> None:
    found = seqshape.sweep("Dense({1000000000,4000000000})>Dense(3000000000..3000000002)", (4_000_000_000,))
    columns = found.columns("params")["params"]
    assert columns.dtype == object
    small, large = 10**9, 4 * 10**9
    assert columns.tolist() == [
        (large + 1) * first + (first + 1) * (3 * 10**9 + more) for first in (small, large) for more in range(3)
    ]
    assert isinstance(U, Poly)


# --- what can be open -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "shape", "values", "axes", "count"),
    [
        ("LSTM({16,32,64},seq)", (5, 3), {}, ["units"], 3),
        ("LSTM(8..512..8)", (5, 3), {}, ["units"], 64),
        ("{LSTM,GRU}(64)", (5, 3), {}, ["layer"], 2),
        ("h = 8..12; LSTM(h,seq)>Dense(4*h)", (5, 3), {}, ["h"], 5),
        ("c = {LSTM,GRU}; c(4)", (5, 3), {}, ["c"], 2),
        ("a = {relu,tanh}; Dense(4,a)", (3,), {}, ["a"], 2),
        ("LSTM(8,{seq,back})", (5, 3), {}, ["return_sequences"], 2),
        ("LSTM(4,seq)>{TD(Dense(1..3)),Dense(2)>Dense(4)}", (5, 3), {}, ["layer", "units"], 4),
        ("(LSTM(8,seq))*{1,2,3}", (5, 3), {}, ["repeat"], 3),
        ("LSTM(8..9)>Dense(?)", (5, 3), {"units_2": "4..6"}, ["units", "units_2"], 6),
        ("d = 64; Dense(d)", (3,), {"d": range(3, 6)}, ["d"], 3),
        ("Dense(4)", ("F",), {"F": [2, 3]}, ["F"], 2),
        ("Conv1D(4,k={3,5})", (9, 2), {}, ["kernel_size"], 2),
        ("Dense({8,{16,32},40..42})", (3,), {}, ["units"], 6),
        ("Input(4..6,3)>Flatten>Dense(2)", None, {}, ["shape"], 3),
        ("Dense(4)", (3,), {}, [], 1),
    ],
)
def test_what_can_be_open(spec: str, shape: Any, values: Any, axes: list[str], count: int) -> None:
    found = seqshape.sweep(spec, shape, values=values)
    assert [axis.name for axis in found.axes] == axes
    assert len(list(found)) == found.count == count
    assert found.faulty == 0


def test_a_file_is_swept_by_its_arguments(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text(seqshape.convert("LSTM(5,seq)>Dense(7)", "keras-json", (9, 3)), "utf-8")
    found = seqshape.sweep(path, values={"lstm.units": "2..4", "dense.units": [1, 6]})
    rows = [(row.settings["lstm.units"], row.settings["dense.units"], row.params) for row in found]
    single = seqshape.sweep("LSTM(2..4,seq)>Dense({1,6})", (9, 3))
    assert rows == [(*row.settings.values(), row.params) for row in single]
    with pytest.raises(seqshape.SeqshapeError, match=r"2 layers have units[^|]*lstm\.units, dense\.units"):
        seqshape.sweep(path, values={"units": "2..4"})
    with pytest.raises(seqshape.SeqshapeError, match=r"nothing is called lstm\.unit"):
        seqshape.sweep(path, values={"lstm.unit": "2..4"})


def test_faulty_configurations_are_counted() -> None:
    kernels = seqshape.sweep("Conv1D(4,{3,9,20})>Flatten", ("T", 2), values={"T": "5..12"})
    rows = list(kernels)
    assert (len(rows), kernels.faulty, kernels.seen) == (8 + 4, 24 - 12, 24)
    assert kernels.fault[0].message == "T >= kernel_size must hold"


def test_the_receptive_field_is_that_of_timesteps() -> None:
    spec = "Conv1D(2..3,{3,5},d=%s,causal)>LSTM(4,seq)>Conv1D(2,{1,2})"
    for layer in ("2", "{1,3}"):
        for row in seqshape.sweep((spec % layer).replace("LSTM(4,seq)", "Dense(4)"), (40, 2), receptive_field=True):
            settings = row.settings
            dilation = settings.get("dilation_rate", 2)
            expected = dilation * (settings["kernel_size"] - 1) + settings["kernel_size_2"]  # type: ignore[operator]
            assert row.receptive_field == expected


# --- the command ------------------------------------------------------------------------------------------------------

NET = ("Conv1D({4..6},{3,5},same)>LSTM(8..12,seq)>TD(Dense(1))", "-i", "T,8", "--set", "T=20")


def test_the_table() -> None:
    done = run(*NET, "--where", "params<1000", "--sort", "-macs", "--limit", "2")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["filters", "kernel_size", "units", "output", "params", "macs", "bytes"]
    assert lines[-1] == "30 configurations; 25 have params<1000; the first 2 by -macs are shown"


def test_csv_json_lines_and_parquet_say_the_same(tmp_path: Path) -> None:
    from pyarrow import parquet

    rows = list(csv.reader(io.StringIO(run(*NET, "--format", "csv").stdout)))
    listed = [json.loads(line) for line in run(*NET, "--format", "jsonl").stdout.splitlines()]
    path = tmp_path / "sweep.parquet"
    assert run(*NET, "-o", str(path)).exit_code == 0
    table = parquet.read_table(path).to_pylist()
    assert len(rows) == 31
    assert len(listed) == len(table) == 30
    for row, line, record in zip(rows[1:], listed, table, strict=True):
        assert row == [str(value) for value in record.values()]
        assert [*record] == rows[0] == [*line]
        assert {**line, "output": ""} == {**record, "output": ""}
        assert f"({', '.join(map(str, line['output']))})" == record["output"]


def test_a_plot_is_drawn(tmp_path: Path) -> None:
    for name, spec in (("line.svg", "LSTM(8..40)"), ("cloud.png", "LSTM(8..40,seq)>LSTM(4..6)")):
        done = run(spec, "-i", "9,3", "--plot", str(tmp_path / name))
        assert done.exit_code == 0
        assert (tmp_path / name).stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["LSTM(8..9)"], 2, "given for F and T"),
        (["LSTM(8..9)", "-i", "4,3", "--where", "parms<5"], 2, "did you mean params?"),
        (["LSTM(8..9)", "-i", "4,3", "--where", "params"], 2, "this is no condition"),
        (["LSTM(8..9)", "-i", "4,3", "--where", "params<5x"], 2, "is no amount"),
        (["LSTM(8..9)", "-i", "4,3", "--sort", "-"], 2, "is no size"),
        (["LSTM(8..9)", "-i", "4,3", "--columns", "unit"], 2, "did you mean units?"),
        (["LSTM(?)", "-i", "4,3"], 2, "units has no number"),
        (["LSTM(9..8)", "-i", "4,3"], 1, "this range is empty"),
        (["LSTM(8..x)", "-i", "4,3"], 1, "whole number"),
        (["LSTM(8..9)", "-i", "4,3", "--set", "x=1..3"], 2, "nothing is called x"),
        (["LSTM(8..9)", "-i", "T,3", "--set", "T=3..1"], 2, "no range"),
        (["LSMT(8..9)", "-i", "4,3"], 1, "did you mean LSTM?"),
        (["Conv1D(8..9,5)", "-i", "4,3"], 1, "Conv1D"),
        (["LSTM(8..9)", "-i", "4,3", "--format", "parquet"], 2, "-o sweep.parquet"),
        (["LSTM(8..9)", "-i", "4,3", "-o", "x.doc"], 2, ".doc says no form"),
    ],
)
def test_what_is_wrong_is_told(words: list[str], status: int, message: str) -> None:
    done = run(*words)
    assert message in done.output
    assert done.exit_code == status


# --- sizes that have no number ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column", ["params", "bytes", "macs", "output", "out_1", "out_2", "flops", "receptive_field", "memory"]
)
@pytest.mark.parametrize("spec", ["LSTM({4,8},seq)", "Dense(4..8)", "Conv1D(4,{2,3})>Flatten", "Input()", "GRU({4,8})"])
def test_a_size_without_a_number_matters_where_a_column_depends_on_it(spec: str, column: str) -> None:
    """Each column alone: its rows where no formula of it has the size, else the size is asked for."""
    ranges = () if spec == "Input()" else ("-i", "T,3")
    found = run(spec, *ranges, "--columns", column, "--format", "csv")
    if found.exit_code == 0:
        assert "T" not in found.stdout
        assert len(found.stdout.split()) > 1
    else:
        assert found.exit_code in (1, 2), found.output
        assert re.search("error.E30[15]]", found.stderr), found.stderr
        size = re.search(r"(?:for|one is) ([TF])\b", found.stderr)
        assert size is None or f"--set {size[1]}=" in found.stderr
