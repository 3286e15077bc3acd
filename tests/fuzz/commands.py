"""Every command on random networks: an answer or a diagnostic, never a traceback.

``python -m tests.fuzz.commands --models 2000 --seed 1`` tries as many as asked for, a dozen a second. Chains are also
tried with names for their sizes. Exit status 1 if a command breaks.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from seqshape.cli import main as seqshape
from tests.fuzz.choices import Choices, RandomChoices
from tests.fuzz.models import recipe as random_recipe
from tests.oracle.recipe import Input, Recipe
from tests.oracle.spec_writer import is_writable, spec

COMMANDS = (
    ("summarize",),
    ("summarize", "--json", "--macs"),
    ("summarize", "--trainable", "--format", "keras"),
    ("summarize", "--convention", "all"),
    ("summarize", "--target", "5,1"),
    ("timesteps",),
    ("timesteps", "--json"),
    ("explain",),
    ("explain", "--json"),
    ("check", "--max-params", "1k"),
    ("convert", "--to", "spec"),
    ("convert", "--to", "keras-json"),
    ("convert", "--to", "keras-python"),
    ("convert", "--to", "torch"),
    ("graph",),
    ("graph", "--expand", "--format", "dot"),
    ("fmt",),
)
NAMES = ("T", "N", "M", "K", "F")


def broken(arguments: list[str]) -> str | None:
    """Where a command line breaks, and why; ``None`` if it does not."""
    done = CliRunner().invoke(seqshape, arguments)
    if "E999" in done.output:
        return done.output.strip()
    problem = done.exception
    if problem is None or isinstance(problem, SystemExit):
        return None
    place = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{type(problem).__name__} in {place.name}, line {place.lineno}: {problem}"


def command_lines(seed: str, models: int, folder: Path) -> Iterator[list[str]]:
    """Each command on each network, as a spec and as Keras's JSON in ``folder``; ``compare`` on each and the one before."""
    before: list[str] = []
    for number in range(models):
        choices = RandomChoices(f"{seed}-{number}")
        recipe = random_recipe(choices)
        if not is_writable(recipe):
            continue
        text = spec(recipe)
        for source in ([text], *_with_names(recipe, text, choices), *_as_file(text, folder / f"{seed}-{number}.json")):
            yield from ([command[0], *source, *command[1:]] for command in COMMANDS)
        if before:
            yield ["compare", *before, text]
        before = [text]


def _as_file(text: str, path: Path) -> Iterator[list[str]]:
    """The network as Keras's JSON, if it can be written."""
    written = CliRunner().invoke(seqshape, ["convert", text, "--to", "keras-json", "-o", str(path)])
    if written.exit_code == 0:
        yield [str(path)]


def _with_names(recipe: Recipe, text: str, choices: Choices) -> Iterator[list[str]]:
    """A chain without its Input, and a shape in which sizes have names."""
    first, arrow, rest = text.partition(" > ")
    start = recipe.steps[0]
    if recipe.kind != "Sequential" or not arrow or not first.startswith("Input(") or not isinstance(start, Input):
        return
    dims = [name if choices.chance(60) else str(size or "None") for name, size in zip(NAMES, start.shape, strict=False)]
    if dims and len(dims) == len(start.shape):
        yield [rest, "-i", ",".join(dims)]


def main() -> int:
    """Try them; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.commands", description=__doc__)
    parser.add_argument("--models", type=int, default=300, help="how many networks")
    parser.add_argument("--seed", default="0", help="another seed gives other networks")
    given = parser.parse_args()
    tried = 0
    seen: dict[str, int] = {}
    with TemporaryDirectory() as folder:
        for line in command_lines(given.seed, given.models, Path(folder)):
            tried += 1
            problem = broken(line)
            if problem is not None:
                seen[problem] = seen.get(problem, 0) + 1
                if seen[problem] == 1:
                    print(f"{problem}\n    seqshape {shlex.join(line)}", flush=True)
    print(f"{tried} command lines, {sum(seen.values())} broken in {len(seen)} ways")
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
