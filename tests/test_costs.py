"""The columns of costs: chosen in every format, with their totals, on numbers and on names."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import seqshape
from benchmarks import counts, memory
from seqshape.cli import main
from seqshape.dims import evaluate
from seqshape.renderers import FORMATS, Options
from seqshape.renderers.cells import COLUMNS
from seqshape.summary import COSTS, MACS_CONVENTION, Row, Summary
from tests.fuzz.choices import RandomChoices
from tests.fuzz.models import recipe
from tests.oracle.spec_writer import is_writable, spec

NET = ("Conv1D(8,3,relu) > Flatten > Dense(4)", "-i", "20,3")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["summarize", *words, "--no-advice"])


def test_the_default_is_the_table_of_keras() -> None:
    plain, chosen = run(*NET), run(*NET, "--columns", "params")
    assert plain.stdout == chosen.stdout
    assert "FLOPs" not in plain.stdout


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_in_every_format(form: str, column: str) -> None:
    found = run(*NET, "--columns", column, "--format", form)
    assert (found.exit_code, found.stderr) == (0, "")
    if form in ("keras", "classic"):  # which are Keras's to the letter
        assert found.stdout == run(*NET, "--format", form).stdout
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(found.stdout)))
        assert list(rows[0]) == ["name", "class", "output_shape", column]
    if form == "json" and column in COSTS:
        assert all(column in row for row in json.loads(found.stdout)["layers"])


def test_the_costs_of_one_sample() -> None:
    """Weights, what is made and what is carried, in bytes; a view makes nothing."""
    found = run(*NET, "--columns", "flops,bytes,activations,context", "--json")
    data = json.loads(found.stdout)
    costs = [[row[name] for name in COSTS] for row in data["layers"]]
    assert costs == [[2 * 18 * 72, 4 * 80, 4 * 144, 0], [0, 0, 0, 0], [2 * 576, 4 * 580, 4 * 4, 0]]
    totals = data["totals"]
    assert (totals["flops"], totals["training_flops_estimate"]) == (3744, 11232)
    assert (totals["activations"], totals["context"], totals["bytes"]) == (592, 0, 2640)
    assert data["macs_convention"] == MACS_CONVENTION


def test_the_convention_stands_under_the_total() -> None:
    text = run(*NET, "--columns", "flops").stdout
    assert "Total FLOPs: 3,744 for one sample (a step of training: about 11,232, estimated as 3 x)" in text
    assert "1 MAC = 1 multiply + 1 add; FLOPs = 2 x MACs" in text


@pytest.mark.parametrize(
    ("text", "shape", "context"),
    [
        ("LSTM(5,seq)", "T,3", 4 * 2 * 5),
        ("GRU(5)", "7,3", 4 * 5),
        ("Bi(LSTM(5))", "7,3", 2 * 4 * 2 * 5),
        ("RNN([LSTMCell(4),GRUCell(3)])", "7,3", 4 * (4 + 4 + 3)),
        ("ConvLSTM1D(4,3,same)", "7,6,2", 4 * 2 * 6 * 4),
        ("x = Input(9,8); (x,x) > MHA(2,3)", None, 4 * 9 * 2 * (3 + 3)),
        ("x = Input(9,8); (x,x) > GQA(4,6,2)", None, 4 * 9 * 2 * (4 + 4)),
        ("Sequential([LSTM(5,seq), GRU(4)]) > Identity", "7,3", 4 * (5 + 5 + 4)),
        ("Dense(5)", "3", 0),
    ],
)
def test_the_context_is_states_and_keys_and_values(text: str, shape: Any, context: int) -> None:
    found = seqshape.summarize(text, shape, columns="context")
    assert found.costs["context"] == sum(row.costs["context"] for row in found.layers) == context  # type: ignore[misc]


def test_each_dtype_has_its_bytes() -> None:
    for dtype, size in (("float16", 2), ("float32", 4), ("float64", 8)):
        row = seqshape.summarize("LSTM(5)", (7, 3), dtype=dtype, columns=COSTS).layers[0]
        assert (row.costs["bytes"], row.costs["activations"], row.costs["context"]) == (180 * size, 5 * size, 10 * size)


def test_names_and_numbers_agree() -> None:
    text = "Conv1D(8,3,same) > LSTM(5,seq) > Dense(2)"
    named, plain = (seqshape.summarize(text, shape, columns=COSTS) for shape in (("T", "F"), (20, 3)))
    for one, other in zip(named.layers, plain.layers, strict=True):
        for name in COSTS:
            size = one.costs[name]
            assert size is not None
            assert evaluate(size, {"T": 20, "F": 3}) == other.costs[name]


@pytest.mark.parametrize("seed", range(40))
def test_totals_are_the_sums_of_random_networks(seed: int) -> None:
    """Every format shows them, and the JSON gives them back."""
    drawn = recipe(RandomChoices(f"costs-{seed}"))
    if not is_writable(drawn):
        return
    try:
        found = seqshape.summarize(spec(drawn), columns=COSTS)
    except seqshape.SeqshapeError:
        return
    assert Summary.from_dict(found.to_dict()) == found
    once = {row.name: row for row in found.layers}
    for name in ("flops", "activations", "context"):
        assert found.costs[name] == total(list(once.values()), name)
    for form in FORMATS.values():
        assert form.render(found, Options(columns=COSTS, expand=True))


def total(rows: list[Row], name: str) -> Any:
    counts: list[Any] = [row.costs[name] for row in rows]
    return None if None in counts else sum(counts)


PAGE = (Path(__file__).parent.parent / "docs" / "costs.md").read_text(encoding="utf-8")


def test_what_the_peers_are_measured_by_is_right() -> None:
    """The table in docs/costs.md has what the products need by hand, which is what seqshape counts."""
    for (name, truth, _, _), count in zip(counts.MODELS, counts.ours(), strict=True):
        assert count == truth, name
        assert f"| {name} | {truth:,} | {count:,} |" in PAGE


def test_the_estimates_of_the_page_are_those_of_today() -> None:
    for name, sizes in memory.estimates().items():
        (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| {name} |"))
        cells = [cell.strip() for cell in row.split("|")]
        assert [cells[place] for place in (2, 5, 8)] == [f"{size / 1e6:.2f} MB" for size in sizes]


def test_a_column_that_there_is_not() -> None:
    found = run(*NET, "--columns", "params,flop")
    assert found.exit_code == 2
    assert "no column 'flop'" in found.stderr
    with pytest.raises(seqshape.SeqshapeError):
        seqshape.summarize("Dense(2)", (3,), columns="flop")
