"""solve: the answer is within the budget and the next size is not; ``check`` and ``compare`` of many networks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

import seqshape
from seqshape.analysis.growth import is_growing, largest
from seqshape.cli import main
from seqshape.dims import Size, evaluate, symbol
from tests.fuzz import sweeps
from tests.fuzz.choices import RandomChoices

U = symbol("U")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def unknown(seed: str, models: int) -> Any:
    """Random networks in which one number is unknown, with its place in ``%s``."""
    for template, values in sweeps.templates(seed, models):
        texts = [listed[0] for listed in values]
        yield template % ("%s", *texts[1:]) if "%%" not in template else None


@pytest.mark.parametrize("metric", ["params", "macs", "bytes"])
def test_the_answer_holds_and_the_next_size_does_not(metric: str) -> None:
    """Over random networks: the limit is what some size comes to, or one more or less."""
    solved = 0
    for number, template in enumerate(filter(None, unknown(f"solve-{metric}", 60))):
        choices = RandomChoices(f"{metric}-{number}")
        rows = {size: sweeps.plain(template % size) for size in range(1, 13)}
        counts = [row[metric] for row in rows.values() if row is not None and row[metric]]
        if not counts or "Input(shape=(?" in template:
            continue
        limit = choices.pick(counts) + choices.pick((-1, 0, 1))
        try:
            found = seqshape.solve(template % "?", **{metric: limit})
        except seqshape.SeqshapeError as error:
            if error.diagnostics[0].code == "E506":
                assert all(row is None or row[metric] is None or row[metric] > limit for row in rows.values()), template
            continue
        (name,) = found.unknown
        size = int(found.settings[name])
        row = sweeps.plain(template % size)
        assert row is not None
        assert row[metric] <= limit, template
        larger = [sweeps.plain(template % more) for more in range(size + 1, size + 4)]
        assert all(one is None or one[metric] > limit for one in larger), template
        solved += 1
    assert solved > 3


@pytest.mark.parametrize("seed", range(40))
def test_the_largest_value_of_a_formula(seed: int) -> None:
    choices = RandomChoices(f"growth-{seed}")
    size: Size = choices.pick((0, 7, -5))
    for _ in range(choices.pick((1, 2, 3))):
        size = size + choices.pick((1, 3, 40)) * choices.pick((U, U * U, (U + 3) // 2, (3 * U) // 4 * U))
    limit = choices.pick((0, 1, 50, 1000, 10**15))
    assert is_growing(size, "U") is True
    found = largest(size, "U", limit)
    assert found is not None
    assert found == 0 or evaluate(size, {"U": found}) <= limit  # type: ignore[operator]
    assert evaluate(size, {"U": found + 1}) > limit  # type: ignore[operator]


def test_what_falls_is_not_taken_to_grow() -> None:
    assert not is_growing(10 - U, "U")
    assert not is_growing(U * U - 9 * U, "U")
    assert largest(10 - U, "U", 5) is None


# --- what can be asked ------------------------------------------------------------------------------------------------

DEEP = "U = ?; LSTM(U,seq)>LSTM(U)>Dense(10)"


def test_one_size() -> None:
    found = seqshape.solve(DEEP, (100, 40), params="1M")
    assert found.settings == {"U": 281}
    answer = found.answers[0]
    assert answer.beyond is not None
    assert (answer.found.params, answer.beyond.params) == (997_560, 1_004_494)
    done = run("solve", DEEP, "-i", "100,40", "--params", "1M")
    assert done.stdout.splitlines()[0] == "U = 281: 997,560 parameters, 99,252,010 multiply-adds"
    assert json.loads(run("solve", DEEP, "-i", "100,40", "--params", "1M", "--json").stdout)["answers"][0]["found"][
        "settings"
    ] == {"U": 281}


def test_several_limits_hold_together() -> None:
    found = seqshape.solve("LSTM(?,seq)", (100, 8), params="1M", macs="5M", bytes="300k").answers[0].found
    assert found.macs is not None
    assert found.bytes is not None
    assert found.macs <= 5_000_000
    assert found.bytes <= 300_000
    assert found.settings["units"] == min(
        seqshape.solve("LSTM(?,seq)", (100, 8), **{name: limit}).settings["units"]
        for name, limit in (("macs", "5M"), ("bytes", "300k"))
    )


def test_tied_sizes_keep_their_ratio() -> None:
    found = seqshape.solve("LSTM(?,seq)>LSTM(?)", (100, 8), params="1M", tie=(2, 1))
    assert found.settings == {"units": 374, "units_2": 187}


def test_two_sizes_are_enumerated() -> None:
    found = seqshape.solve("Dense(?)>Dense(?)", (3,), params=60)
    best = {row["units"]: 0 for row in (answer.settings for answer in found.answers)}
    for first in range(1, 40):
        for second in range(1, 40):
            if 4 * first + (first + 1) * second <= 60:
                best[first] = max(best.get(first, 0), second)
    assert {answer.settings["units"]: answer.settings["units_2"] for answer in found.answers} == best
    assert found.count == len(best)
    params = [answer.found.params for answer in found.answers]
    assert params == sorted(params, reverse=True)  # type: ignore[type-var]


def test_choices_get_an_answer_each() -> None:
    found = seqshape.solve("{LSTM,GRU}(?)", (100, 8), params="100k")
    assert [answer.settings for answer in found.answers] == [
        {"layer": "GRU", "units": 177},
        {"layer": "LSTM", "units": 153},
    ]


def test_what_has_to_divide_is_kept() -> None:
    found = seqshape.solve("Dense(?)>GroupNormalization(8)", (4,), params=1000)
    assert int(found.settings["units"]) % 8 == 0
    row = seqshape.summarize(f"Dense({found.settings['units']})>GroupNormalization(8)", (4,)).totals.params
    assert row <= 1000


def test_the_receptive_field() -> None:
    for wanted in (1, 2, 17, 40):
        found = seqshape.solve("Conv1D(8,?,causal)>Conv1D(4,3,causal)", (60, 2), receptive_field=wanted).answers[0]
        size = int(found.settings["kernel_size"])
        reached = seqshape.timesteps(f"Conv1D(8,{size},causal)>Conv1D(4,3,causal)", (60, 2)).field
        assert reached is not None
        assert reached >= wanted
        if size > 1:
            less = seqshape.timesteps(f"Conv1D(8,{size - 1},causal)>Conv1D(4,3,causal)", (60, 2)).field
            assert less is not None
            assert less < wanted
    with pytest.raises(seqshape.SeqshapeError, match="no size"):
        seqshape.solve("Conv1D(8,?)", (30, 2), receptive_field=31)


def test_another_network_is_matched() -> None:
    found = seqshape.solve("GRU(?)", (100, 8), match="LSTM(64)").answers[0]
    limit = seqshape.summarize("LSTM(64)", (100, 8)).totals.params
    assert found.found.params is not None
    assert found.beyond is not None
    assert found.beyond.params is not None
    assert found.found.params <= limit < found.beyond.params


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["LSTM(?)", "-i", "100,8", "--params", "10"], 1, "no size fits for units: with 1 there are 40 parameters"),
        (["LSTM(5)", "-i", "100,8", "--params", "10"], 2, "no size to look for"),
        (["LSTM(?)", "-i", "100,8"], 2, "there is no budget"),
        (["LSTM(?)", "--params", "1k"], 2, "without a number"),
        (["LSTM(?)", "-i", "100,8", "--params", "1k", "--tie", "1:2"], 2, "the ratio has 2 numbers"),
        (["LSTM(?)", "-i", "100,8", "--params", "1k", "--tie", "1:x"], 2, "is no ratio"),
        (["Dense(?)>Dense(?)>Dense(?)", "-i", "8", "--params", "1k"], 2, "3 sizes are unknown"),
        (["LSTM(4)>ActivityRegularization(?)", "-i", "9,8", "--params", "1k"], 2, "every size fits"),
        (["LSMT(?)", "-i", "100,8", "--params", "1k"], 1, "LSTM"),
    ],
)
def test_what_is_wrong_is_told(words: list[str], status: int, message: str) -> None:
    done = run("solve", *words)
    assert message in done.output
    assert done.exit_code == status


# --- check and compare ------------------------------------------------------------------------------------------------


def test_check_says_for_which_sizes_a_limit_holds() -> None:
    done = run("check", DEEP, "-i", "100,40", "--max-params", "1M")
    assert "U <= 281, there 997,560" in done.output
    assert done.exit_code == 1
    assert run("check", DEEP, "-i", "100,40", "--max-params", "1M", "--set", "U=281").exit_code == 0
    assert run("check", DEEP, "-i", "100,40", "--max-params", "1M", "--set", "U=282").exit_code == 1


@pytest.mark.parametrize("last", [280, 281, 282, 300])
def test_check_of_a_range_is_check_of_each(last: int) -> None:
    done = run("check", DEEP, "-i", "100,40", "--max-params", "1M", "--set", f"U=270..{last}")
    assert done.exit_code == (0 if last <= 281 else 1)
    wrong = last - 281
    assert wrong <= 0 or f"{wrong} of {last - 269} configurations have more than 1,000,000 parameters" in done.output


def test_check_of_choices() -> None:
    assert seqshape.check("{LSTM,GRU}(8..16)", (9, 3), max_params=1280, expect_output=(16,)).ok is False
    assert seqshape.check("{LSTM,GRU}(8..16)", (9, 3), max_params=1280).ok
    assert not seqshape.check("{LSTM,GRU}(8..16)", (9, 3), max_params=1279).ok
    assert seqshape.check("{LSTM,GRU}(16)", (9, 3), expect_output=(16,)).ok
    assert not seqshape.check("Conv1D(4,{3,12})", (9, 3), max_params=1280).ok


def test_any_number_is_compared() -> None:
    specs = ["LSTM(32,seq)", "GRU(36,seq)", "Conv1D(64,9,same)", "Conv1D(64,9,same)"]
    ranking = seqshape.compare_all(specs, (100, 8))
    for spec, found in zip(specs, ranking.contenders, strict=True):
        totals = seqshape.summarize(spec, (100, 8)).totals
        assert (found.params, found.macs, found.bytes) == (totals.params, totals.macs, totals.bytes)
        assert found.receptive_field == seqshape.timesteps(spec, (100, 8)).field
    best = {"params": (2, 3), "macs": (2, 3), "bytes": (2, 3), "memory": (0,), "receptive_field": (0, 1)}
    assert ranking.best == best
    done = run("compare", *specs, "-i", "100,8")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[4].split("  ")[0] == "Conv1D(64,9,same)"
    assert done.stdout.count("*") == 1 + 4 * 2 + 1
    assert json.loads(run("compare", *specs, "-i", "100,8", "--json").stdout) == ranking.to_dict()
    assert run("compare", "LSTM(3)", "-i", "4,3").exit_code == 2
