"""Memory as a limit, a column and a target: check, compare, sweep and solve say what the estimate says."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner, Result

import seqshape
from seqshape.cli import main

NET = "LSTM(64,seq)>Dense(3)"
BRANCH = "x = Input(20,6); a = x > Conv1D({U},3,relu,same); b = a > LSTM(5,seq) > Dense({V}); (a,b) > Concat > Dense(2)"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def said(source: Any, shape: Any = None, *, optimizer: str | None, batch: int = 32, **words: Any) -> Any:
    """What the estimate of one network comes to: of a step of training with an optimizer, else of a run."""
    found = seqshape.memory(source, shape, batch=batch, optimizer=optimizer or "sgd", **words)
    return (found.inference if optimizer is None else found.training).bytes


@pytest.mark.parametrize("optimizer", [None, "adam", "adafactor", "muon"])
def test_a_row_of_a_sweep_is_the_estimate_of_its_network(optimizer: str | None) -> None:
    """Which moment needs most differs from one configuration to the next."""
    sweep = seqshape.sweep(BRANCH.format(U="4..40..3", V="3..60..6"), where="memory > 0", optimizer=optimizer, batch=3)
    rows = list(sweep)
    assert len(rows) == 13 * 10
    for row in rows[::7]:
        plain = BRANCH.format(U=row.settings["filters"], V=row.settings["units"])
        assert row.memory == said(plain, optimizer=optimizer, batch=3)
    held = seqshape.sweep(BRANCH.format(U="4..40..3", V="3..60..6"), where="memory > 0", optimizer=optimizer, batch=3)
    held.part = 17
    assert [row.memory for row in held] == [row.memory for row in rows]


@pytest.mark.parametrize("optimizer", [None, "adam"])
def test_conditions_and_orders_over_memory(optimizer: str | None) -> None:
    text = BRANCH.format(U="4..40", V="3..60")
    words: dict[str, Any] = {"optimizer": optimizer, "batch": 2}
    every = [row.memory or 0 for row in seqshape.sweep(text, where="memory > 0", **words)]
    limit = sorted(every)[len(every) // 3]
    found = list(seqshape.sweep(text, where=f"2*memory <= {2 * limit}", sort="-memory", **words))
    assert [row.memory for row in found] == sorted((size for size in every if size <= limit), reverse=True)
    columns = seqshape.sweep(text, sort="memory", limit=5, **words).columns("memory")
    assert columns["memory"].tolist() == sorted(every)[:5]


def test_the_other_costs_are_columns() -> None:
    sweep = seqshape.sweep("LSTM(2..9,seq)>Dense(3)", (10, 4), where="activations > 0 and context > 0 and flops > 0")
    for row in sweep:
        found = seqshape.summarize(
            f"LSTM({row.settings['units']},seq)>Dense(3)", (10, 4), columns="flops,activations,context"
        )
        assert (row.flops, row.activations, row.context) == tuple(
            found.costs[n] for n in ("flops", "activations", "context")
        )
    shown = run("sweep", "LSTM(2..3)", "-i", "10,4", "--columns", "units,memory,flops", "--batch", "4")
    assert shown.stdout.splitlines()[0].split() == ["units", "memory", "flops"]


@pytest.mark.parametrize("optimizer", [None, "adam", "sgd-momentum"])
@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("LSTM(?,seq)>TD(Dense(1))", "100MB"),
        ("Dense(?)>Dense(300)>Dense(7)", "3MB"),
        ("Conv1D(?,3,relu)>MP1D(2)>LSTM(16,seq)>Dense(40)", "2MB"),
        ("Embedding(500,?)>GRU(20)", "1MB"),
    ],
)
def test_solve_s_answer_holds_and_the_next_does_not(text: str, budget: str, optimizer: str | None) -> None:
    shape = (50,) if text.startswith("Emb") else (50, 8)
    found = seqshape.solve(text, shape, memory=budget, batch=16, optimizer=optimizer)
    assert found.exact
    (answer,) = found.answers
    (size,) = (value for value in answer.settings.values() if isinstance(value, int))
    limit = found.limits["memory"]
    there, beyond = (
        said(text.replace("?", str(number)), shape, optimizer=optimizer, batch=16) for number in (size, size + 1)
    )
    assert answer.found.memory == there <= limit < beyond
    assert answer.beyond is not None
    assert answer.beyond.memory == beyond


def test_solve_on_the_command_line() -> None:
    words = [
        "solve",
        "LSTM(?,seq)>TD(Dense(1))",
        "-i",
        "100,8",
        "--memory",
        "1GB",
        "--batch",
        "32",
        "--optimizer",
        "adam",
    ]
    assert "bytes of memory" in run(*words).stdout
    data = json.loads(run(*words, "--json").stdout)
    assert data["answers"][0]["found"]["memory"] <= 10**9 < data["answers"][0]["beyond"]["memory"]


@pytest.mark.parametrize("optimizer", [None, "adam"])
def test_check_holds_memory_against_a_limit(optimizer: str | None) -> None:
    size = said(NET, (100, 8), optimizer=optimizer)
    words: dict[str, Any] = {} if optimizer is None else {"optimizer": optimizer}
    assert seqshape.check(NET, (100, 8), max_memory=size, **words).ok
    broken = seqshape.check(NET, (100, 8), max_memory=size - 1, **words)
    assert [found.code for found in broken.diagnostics if found.severity == "error"] == ["E501"]
    options = [] if optimizer is None else ["--optimizer", optimizer]
    fine = run("check", NET, "-i", "100,8", "--max-memory", str(size), *options)
    assert fine.stdout == f"ok: {size:,} bytes of memory of at most {size:,}\n"
    assert run("check", NET, "-i", "100,8", "--max-memory", str(size - 1), *options).exit_code == 1


def test_check_says_for_which_sizes_the_limit_holds() -> None:
    found = run("check", NET, "-i", "T,8", "--max-memory", "1MB")
    match = re.search(r"at most 1,000,000 for T <= (\d+), there ([\d,]+)", found.stderr)
    assert match is not None
    steps = int(match[1])
    assert said(NET, (steps, 8), optimizer=None) == int(match[2].replace(",", "")) <= 10**6
    assert said(NET, (steps + 1, 8), optimizer=None) > 10**6


def test_check_of_many_networks() -> None:
    found = run("check", "LSTM(8..64,seq)>Dense(3)", "-i", "100,8", "--max-memory", "1MB")
    fitting = sum(said(f"LSTM({units},seq)>Dense(3)", (100, 8), optimizer=None) <= 10**6 for units in range(8, 65))
    assert f"{57 - fitting} of 57 configurations have more than 1,000,000 bytes of memory" in found.stderr


def test_limits_of_memory_in_the_file_of_settings(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.seqshape]\nmax-memory = "8GB"\nbatch = 64\noptimizer = "adam"\n')
    monkeypatch.chdir(tmp_path)
    size = said(NET, (100, 8), optimizer="adam", batch=64)
    assert run("check", NET, "-i", "100,8").stdout == f"ok: {size:,} bytes of memory of at most 8,000,000,000\n"
    (tmp_path / "pyproject.toml").write_text('[tool.seqshape]\nmax-memory = "8GB"\noptimizer = "adan"\n')
    assert run("check", NET, "-i", "100,8").exit_code == 2


def test_compare_shows_memory_with_the_best_marked() -> None:
    sources = ["LSTM(32,seq)", "GRU(36,seq)", "Conv1D(64,9,same)"]
    for words, optimizer, batch in (([], None, 32), (["--batch", "4", "--optimizer", "lion"], "lion", 4)):
        data = json.loads(run("compare", *sources, "-i", "100,8", "--json", *words).stdout)
        sizes = [said(source, (100, 8), optimizer=optimizer, batch=batch) for source in sources]
        assert [one["memory"] for one in data["networks"]] == sizes
        assert data["best"]["memory"] == [sizes.index(min(sizes))]
    assert "memory (bytes)" in run("compare", *sources, "-i", "100,8").stdout


@pytest.mark.parametrize("command", ["check", "solve", "sweep"])
def test_an_optimizer_that_there_is_not(command: str) -> None:
    found = run(command, "LSTM(?)" if command == "solve" else "LSTM(4)", "-i", "5,3", "--optimizer", "adan")
    assert found.exit_code != 0
    assert "adan" in found.stderr
