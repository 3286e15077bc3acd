"""A row of a sweep is what ``summarize`` says of that network: random networks in which numbers have become ranges.

``python -m tests.fuzz.sweeps --models 2000 --seed 1`` tries as many as asked for. Exit status 1 if a row differs.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from itertools import product
from typing import Any

import seqshape
from seqshape.dims import UNKNOWN
from tests.fuzz.choices import Choices, RandomChoices
from tests.fuzz.models import recipe as random_recipe
from tests.oracle.spec_writer import is_writable, spec

NUMBER = re.compile(r"(?<![\w.\"'-])\d+(?![\w.\"'])")
MOST = 3  # numbers that become ranges
COUNTS = ("params", "trainable_params", "non_trainable_params", "bytes", "macs")


def opened(choices: Choices, text: str) -> tuple[str, list[tuple[str, ...]]] | None:
    """A spec in which some whole numbers are choices or ranges, in ``%s`` the places; and what each place can be."""
    found = [one for one in NUMBER.finditer(text) if 0 < int(one[0]) < 1000]
    if not found:
        return None
    picked = sorted({choices.pick(range(len(found))) for _ in range(choices.pick(range(1, MOST + 1)))})
    parts, values, end = [], [], 0
    for index in picked:
        one = found[index]
        number = int(one[0])
        others = {number, choices.pick((1, 2, 3, number + 1, number + 2, 2 * number))}
        listed = choices.pick((sorted(others), list(range(number, number + 3))))
        parts += [text[end : one.start()].replace("%", "%%"), "%s"]
        values.append(tuple(map(str, listed)))
        end = one.end()
    return "".join([*parts, text[end:].replace("%", "%%")]), values


def as_sweep(template: str, values: list[tuple[str, ...]]) -> str:
    """The spec with its choices: a range where the numbers follow each other."""
    written = []
    for listed in values:
        first, last = int(listed[0]), int(listed[-1])
        is_range = len(listed) > 2 and last - first == len(listed) - 1
        written.append(f"({first}..{last})" if is_range else f"{{{','.join(listed)}}}")
    return template % tuple(written)


def plain(text: str) -> dict[str, Any] | None:
    """What ``summarize`` says of a network, in the form of a row; ``None`` for one that is faulty."""
    try:
        summary = seqshape.summarize(text, advice=False)
    except seqshape.SeqshapeError:
        return None
    totals = summary.totals
    row = {name: getattr(totals, name) for name in COUNTS}
    row = {name: None if value is UNKNOWN or summary.lacks(name) else value for name, value in row.items()}
    row["outputs"] = tuple(
        None if port.shape is None else tuple(None if dim is UNKNOWN else dim for dim in port.shape)
        for port in summary.outputs
    )
    return row


def swept(found: seqshape.Configuration) -> dict[str, Any]:
    """A row of a sweep in the same form."""
    return {name: getattr(found, name) for name in COUNTS} | {"outputs": found.output_shapes}


def broken(template: str, values: list[tuple[str, ...]]) -> str | None:
    """How the sweep and the single networks differ; ``None`` if they do not."""
    text = as_sweep(template, values)
    expected = [row for chosen in product(*values) if (row := plain(template % chosen)) is not None]
    try:
        sweep = seqshape.sweep(text)
        rows = [swept(one) for one in sweep]
    except seqshape.SeqshapeError as error:
        return f"{text}\n  {error}"
    if sorted(map(repr, rows)) != sorted(map(repr, expected)):
        missing = [row for row in expected if row not in rows][:2]
        return f"{text}\n  of {len(expected)}: {missing}\n  not {[row for row in rows if row not in expected][:2]}"
    if sweep.seen != sweep.count or sweep.count - sweep.faulty != len(rows):
        return f"{text}\n  {sweep.seen} seen, {sweep.faulty} faulty, {len(rows)} rows of {sweep.count}"
    return None


def templates(seed: str, models: int) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Random networks with open numbers."""
    for number in range(models):
        choices = RandomChoices(f"{seed}-{number}")
        recipe = random_recipe(choices)
        found = opened(choices, spec(recipe)) if is_writable(recipe) else None
        if found is not None:
            yield found


def main() -> int:
    """Try random networks and print those that differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=500)
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    number = differences = 0
    for template, values in templates(options.seed, options.models):
        number += 1
        found = broken(template, values)
        if found is not None:
            differences += 1
            print(found, flush=True)
    print(f"{number} sweeps, {differences} differ")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
