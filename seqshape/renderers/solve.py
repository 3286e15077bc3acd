"""The sizes that fit, as sentences and as data."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.analysis.solve import Answer, Solution
from seqshape.analysis.sweep import Configuration
from seqshape.analysis.variants import FIELD, MEMORY, METRICS
from seqshape.renderers.text import printable

NOUNS = {
    "params": "parameters",
    "trainable_params": "trainable parameters",
    "macs": "multiply-adds",
    "bytes": "bytes of weights",
    FIELD: "steps seen",
    MEMORY: "bytes of memory",
}


def render(solution: Solution) -> str:
    """One paragraph an answer: the sizes, what they come to, and what the next size does."""
    lines = [line for answer in solution.answers for line in _answer(solution, answer)]
    if len(solution.answers) < solution.count:
        lines.append(f"the best {len(solution.answers):,} of {solution.count:,} answers are shown")
    if not solution.exact:
        lines.append("no formula holds for all sizes here: each up to 1,024 was tried")
    return "\n".join(lines)


def _answer(solution: Solution, answer: Answer) -> Iterator[str]:
    listed = ", ".join(f"{name} = {_number(value)}" for name, value in answer.settings.items())
    yield printable(f"{listed}: {_counts(solution, answer.found)}")
    beyond = answer.beyond
    if beyond is not None and len(solution.answers) == 1:
        others = ", ".join(f"{name} = {_number(beyond.settings[name])}" for name in _moved(answer))
        yield printable(f"  {others} has {_counts(solution, beyond)}")


def _moved(answer: Answer) -> list[str]:
    """The sizes that are others in the next network."""
    assert answer.beyond is not None
    return [name for name, value in answer.settings.items() if answer.beyond.settings.get(name) != value]


def _counts(solution: Solution, found: Configuration) -> str:
    names = [*solution.limits, *(name for name in ("params", "macs") if name not in solution.limits)]
    return ", ".join(f"{_number(getattr(found, name))} {NOUNS[name]}" for name in names)


def _number(value: object) -> str:
    return "?" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def to_dict(solution: Solution) -> dict[str, object]:
    """The same as data."""
    return {
        "schema": "seqshape.solve/1",
        "unknown": list(solution.unknown),
        "limits": dict(solution.limits),
        "exact": solution.exact,
        "count": solution.count,
        "answers": [
            {"found": _row(answer.found), "beyond": None if answer.beyond is None else _row(answer.beyond)}
            for answer in solution.answers
        ],
    }


def _row(found: Configuration) -> dict[str, object]:
    shapes = [None if shape is None else list(shape) for shape in found.output_shapes]
    memory = () if found.memory is None else (MEMORY,)
    counts = {name: getattr(found, name) for name in (*METRICS, FIELD, *memory)}
    return {"settings": dict(found.settings), **counts, "output_shape": shapes[0] if len(shapes) == 1 else shapes}
