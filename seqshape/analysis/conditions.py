"""What is asked of the columns of a sweep: conditions such as ``params < 100k and units >= 2*units_2``, and keys to sort by.

Operands are formulas over columns; put in what the columns are, they are formulas over sizes, and compared exactly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from seqshape.analysis.axes import Option, refuse
from seqshape.analysis.check import parse_amount
from seqshape.analysis.compiled import Comparison
from seqshape.analysis.variants import Block, identifier
from seqshape.diagnostics import Fault, suggest
from seqshape.dims import Inconclusive, Size, evaluate, names, parse_poly, symbol
from seqshape.records import NamedTuple

if TYPE_CHECKING:
    from seqshape.analysis.compiled import Array

# What a column is in one block: a formula, the text of an option, or ``None`` where there is none.
Column: TypeAlias = "Size | str | None"
_RELATION = re.compile(r"(<=|>=|==|!=|<|>|=)")
_AMOUNT = re.compile(r"(?<![\w.])\d[\w.]*")
_WORD = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_TURNED = {"==": "="}
LONGEST = 1_000  # signs of a condition


class Key(NamedTuple):
    """A formula over columns to sort by; ``falling``: the largest first."""

    text: str
    size: Size
    falling: bool = False


class Part(NamedTuple):
    """One comparison: two operands as they are written."""

    left: str
    relation: str
    right: str


class Where(NamedTuple):
    """A condition: one of the alternatives must hold with all its parts."""

    text: str
    alternatives: tuple[tuple[Part, ...], ...]

    def columns(self, chosen: Sequence[str]) -> set[str]:
        """The words in it that have to be columns; what the columns of ``chosen`` are compared with is an option."""
        found: set[str] = set()
        for part in (part for parts in self.alternatives for part in parts):
            sides = (part.left, part.right)
            named = [side for side in sides if side in chosen] if part.relation in ("=", "!=") else []
            found |= {word for side in named or sides for word in _WORD.findall(_AMOUNT.sub("", side))}
        return found


def parse_where(text: str) -> Where:
    """A condition. Raises SeqshapeError for what is none."""
    if len(text) > LONGEST:
        refuse("E301", "the condition is too long", f"it may have {LONGEST} signs")
    alternatives = [
        tuple(part for piece in re.split(r"\band\b", either) for part in _parts(piece, text))
        for either in re.split(r"\bor\b", text)
    ]
    return Where(text, tuple(alternatives))


def _parts(piece: str, whole: str) -> Iterator[Part]:
    items = [item.strip() for item in _RELATION.split(piece)]
    if len(items) < 3 or not all(items):
        help = "write a column, a relation and a number: params < 100k, units >= 2*units_2, layer = LSTM"
        refuse("E301", f"this is no condition: {whole.strip() or 'nothing'}", help)
    for place in range(0, len(items) - 2, 2):
        yield Part(items[place], _TURNED.get(items[place + 1], items[place + 1]), items[place + 2])


def parse_keys(text: str) -> tuple[Key, ...]:
    """What to sort by: columns or formulas between commas, ``-`` before what falls. Raises SeqshapeError."""
    return tuple(map(_key, text.split(",")))


def _key(text: str) -> Key:
    stem = text.strip()
    falling = stem.startswith("-")
    stem = stem[1:].strip() if falling else stem
    return Key(stem, _formula(stem), falling)


def _formula(text: str) -> Size:
    """A formula over columns, whose numbers may have suffixes. Raises SeqshapeError."""
    try:
        plain = _AMOUNT.sub(lambda found: str(parse_amount(found[0])), text)
        return parse_poly(_WORD.sub(lambda found: identifier(found[0]), plain))
    except (ValueError, Fault) as problem:
        reason = problem.message if isinstance(problem, Fault) else str(problem)
        refuse("E301", reason, "write numbers, columns, and + - * // % between them")


def columns_of(block: Block) -> dict[str, Column]:
    """All columns of a block by their names in formulas."""
    found: dict[str, Column] = {}
    for name, value in block.fixed.items():
        found[identifier(name)] = value.text if isinstance(value, Option) else value
    found |= {identifier(axis.name): symbol(identifier(axis.name)) for axis in block.open}
    return found | dict(block.formulas)


def size_of(formula: Size, columns: Mapping[str, Column]) -> Size | None:
    """What a formula over columns is in a block; ``None`` where one of them has no number."""
    wanted: dict[str, Size] = {}
    for name in names(formula):
        value = columns.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            if not value.isdecimal():
                refuse("E301", f"{name} is no number: it is {value}", f"compare it with = or !=: {name} = {value}")
            value = int(value)
        wanted[name] = value
    try:
        return evaluate(formula, wanted)
    except (Inconclusive, ZeroDivisionError):
        refuse("E301", f"{formula} cannot be worked out: a column divides", "multiply the other side by it")


def check_words(used: Sequence[str] | set[str], known: Sequence[str]) -> None:
    """Raises SeqshapeError for a word that is no column."""
    for word in sorted(used):
        if identifier(word) not in map(identifier, known):
            refuse("E301", f"there is no column {word}", suggest(word, list(known)) or _listed(known))


def _listed(known: Sequence[str]) -> str:
    return f"the columns are {', '.join(known)}"


def compiled(
    where: Where, columns: Mapping[str, Column], places: Mapping[str, int]
) -> Callable[[Mapping[str, Array], Mapping[str, tuple[int, int]]], Array]:
    """A condition as a function that says where in a grid it holds."""
    alternatives = [[_compared(part, columns, places) for part in parts] for parts in where.alternatives]

    def holds(numbers: Mapping[str, Array], ranges: Mapping[str, tuple[int, int]]) -> Array:
        import numpy as np

        result: Array = False
        for parts in alternatives:
            verdict: Array = True
            for part in parts:
                verdict = np.logical_and(verdict, part if isinstance(part, bool) else part.on(numbers, ranges))
            result = np.logical_or(result, verdict)
        return result

    return holds


def _compared(part: Part, columns: Mapping[str, Column], places: Mapping[str, int]) -> Comparison | bool:
    texts = [_text(side, columns) for side in (part.left, part.right)]
    if any(found is not None for found in texts) and part.relation in ("=", "!="):
        left, right = (
            found if found is not None else side.strip("'\" ")
            for found, side in zip(texts, (part.left, part.right), strict=True)
        )
        return (left == right) is (part.relation == "=")
    sizes = [size_of(_formula(side), columns) for side in (part.left, part.right)]
    if sizes[0] is None or sizes[1] is None:
        return False  # what has no number fulfils nothing
    return Comparison(sizes[0], part.relation, sizes[1], places)


def _text(side: str, columns: Mapping[str, Column]) -> str | None:
    """The option that a column stands for, if it is the column of a choice."""
    value = columns.get(identifier(side.strip()))
    return value if isinstance(value, str) else None
