"""Random models over the whole catalogue, built in the real Keras and read by seqshape.

``python -m tests.fuzz`` runs more.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.arguments import cases
from tests.fuzz.check import verdict
from tests.fuzz.choices import RandomChoices
from tests.fuzz.commands import broken, command_lines
from tests.fuzz.models import names_for_chain, rank_for
from tests.fuzz.strategies import chains, graphs
from tests.fuzz.values import Unsupported, catalogue, random_layer
from tests.oracle.recipe import Recipe, python
from tests.oracle.spec_writer import is_writable, spec

MODELS = 80
bounded = settings(
    max_examples=MODELS,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)


def agree(recipe: Recipe) -> None:
    found = verdict(recipe)
    written = spec(recipe) if is_writable(recipe) else "(no spec can say it)"
    told = "\n".join(found.disagreements)
    assert not found.disagreements, f"{told}\n\n{python(recipe)}\n{written}"


@pytest.mark.oracle
@bounded
@given(chains())
def test_chains(recipe: Recipe) -> None:
    agree(recipe)


@pytest.mark.oracle
@bounded
@given(graphs())
def test_graphs(recipe: Recipe) -> None:
    agree(recipe)


@pytest.mark.oracle
def test_values_of_another_kind() -> None:
    """One in nineteen; ``python -m tests.fuzz.arguments`` tries all."""
    for case in cases("0", every=19):
        agree(case.recipe)


def test_commands(tmp_path: Path) -> None:
    """Some networks, all commands; ``python -m tests.fuzz.commands`` tries more."""
    assert [(line, problem) for line in command_lines("ci", 40, tmp_path) if (problem := broken(line))] == []


@pytest.mark.parametrize("command", ["explain", "timesteps", "summarize"])
@pytest.mark.parametrize("name", names_for_chain())
def test_commands_on_every_layer(name: str, command: str) -> None:
    """Each layer of one input, alone behind an input that it takes."""
    tried = [case.recipe for case in cases("alone", [name], every=9)]
    texts = {spec(recipe) for recipe in tried if is_writable(recipe)}
    assert texts
    assert [(text, problem) for text in sorted(texts) if (problem := broken([command, text]))] == []


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_layer_can_be_made(name: str) -> None:
    """A layer that is added to the registry is fuzzed by being there; an argument without a kind needs a generator."""
    made = set()
    for seed in range(20):
        choices = RandomChoices(f"{name}-{seed}")
        rank = rank_for(choices, name)
        shape = (None, *(choices.integer(1, 9) for _ in range(rank)))
        try:
            made.add(random_layer(choices, name, shape).class_name)
        except Unsupported as missing:
            pytest.fail(f"tests/fuzz/values.py has no generator for {missing}")
    assert made == {name}
    assert names_for_chain()
