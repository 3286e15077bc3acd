"""Notebooks: the code cells as one text, magics turned into ``pass``; places are told as cell and line.

A cell is read by itself, as it is run: what is no Python there, or ends in an exception, leaves the other cells alone.
"""

from __future__ import annotations

import ast
import json
import re
from bisect import bisect_right
from collections.abc import Iterator

from seqshape import syntax_tree
from seqshape.diagnostics import Diagnostic, SeqshapeError, Source
from seqshape.readers.keras_source.syntax import without_prints
from seqshape.records import NamedTuple

HEAD = "# %%"


class Cells(NamedTuple):
    """A notebook's code as one text, and the line on which each code cell begins with its number in the notebook."""

    text: str
    starts: tuple[int, ...]
    numbers: tuple[int, ...]
    broken: tuple[tuple[int, str], ...] = ()  # lines at which a cell is no Python, and what Python's parser says there

    def place(self, line: int) -> tuple[int, int]:
        """The cell (from 1) and the line in it of a line of the text."""
        index = bisect_right(self.starts, line) - 1
        return (self.numbers[index], line - self.starts[index] + 1) if index >= 0 else (0, line)


def read_cells(text: str, name: str | None) -> Cells:
    """The code of a notebook. Raises SeqshapeError if the text is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    cells = _cells(data)
    if cells is None:
        raise SeqshapeError(
            (Diagnostic("E140", "error", "this is no notebook: it is not its JSON", (), source=Source("", name)),)
        )
    lines: list[str] = []
    starts: list[int] = []
    numbers: list[int] = []
    broken: list[tuple[int, str]] = []
    for number, cell in enumerate(cells, 1):
        code = _code(cell)
        if code is None:
            continue
        if lines:
            lines.append("")
        lines.append(HEAD)
        starts.append(len(lines) + 1)
        numbers.append(number)
        python, fault = _python(code.splitlines())
        if fault is not None:
            broken.append((len(lines) + (fault.lineno or 1), fault.msg))
        lines.extend(python)
    return Cells("\n".join(lines) + "\n", tuple(starts), tuple(numbers), tuple(broken))


def _cells(data: object) -> list[object] | None:
    if not isinstance(data, dict):
        return None
    cells = data.get("cells")
    if isinstance(cells, list):
        return cells
    sheets = data.get("worksheets")  # notebooks before version 4
    if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict):
        inner = sheets[0].get("cells")
        return inner if isinstance(inner, list) else None
    return None


def _code(cell: object) -> str | None:
    """The text of a code cell."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else None


MAGIC = re.compile(r"(\s*)(?:[%!?]|[\w.]+\?\??\s*$)")
TIMED = re.compile(r"(\s*)%(?:time|timeit|prun)\s+(?![-\s])(.+)")
TAKEN = re.compile(r"(\s*[\w., ]+=\s*)[!%](.*)")
WHOLE = ("%%time", "%%timeit", "%%capture", "%%prun")  # magics of a cell whose rest is Python


def _python(lines: list[str]) -> tuple[list[str], SyntaxError | None]:
    """The lines of a cell without what only a notebook understands; of a cell that is no Python then, none, and why."""
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return lines, None
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    lines = [line.removeprefix(indent) for line in lines]  # a whole cell may be indented
    if lines[first].startswith("%%"):
        if lines[first].split()[0] not in WHOLE:
            return ["pass"] * len(lines), None
        lines[first] = "pass"
    fault = _fault(lines)
    if fault is None:
        return lines, None
    readable = next((each for each in _without_magics(lines) if _fault(each) is None), None)
    return (readable, None) if readable is not None else ([f"# {line}" for line in lines], fault)


def _without_magics(lines: list[str]) -> Iterator[list[str]]:
    """The lines without those magics that begin a statement; without all that look like one; and in Python 2's words."""
    without, bare = lines, lines
    for index, line in enumerate(lines):
        if MAGIC.match(line) or TAKEN.match(line):
            bare = _replaced(bare, index)
            if _fault([*without[:index], _replaced(without, index)[index]]) is None:
                without = _replaced(without, index)
    yield from (without, bare, without_prints("\n".join(bare)).split("\n"))


def _fault(lines: list[str]) -> SyntaxError | None:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            syntax_tree.parse("\n".join(lines) + "\n")
    except SyntaxError as fault:
        return fault
    except (ValueError, RecursionError, MemoryError):
        return None  # the whole is refused with it
    return None


def _replaced(lines: list[str], index: int) -> list[str]:
    """The lines with a magic and what a backslash adds to it turned into Python."""
    end = index + 1
    while lines[end - 1].rstrip().endswith("\\") and end < len(lines):
        end += 1
    return [*lines[:index], _without_magic(lines[index]), *[""] * (end - index - 1), *lines[end:]]


def _without_magic(line: str) -> str:
    """A magic as Python: a statement that is only timed stays, what a command gives is not known, all else is ``pass``."""
    timed, taken = TIMED.fullmatch(line), TAKEN.fullmatch(line)
    if timed is not None:
        return timed[1] + timed[2]
    if taken is not None:
        return f"{taken[1]}get_ipython().getoutput({taken[2]!r})"
    return f"{line[: len(line) - len(line.lstrip())]}pass"


def by_cell(body: list[ast.stmt], text: str) -> Iterator[list[ast.stmt]]:
    """The statements of a notebook's text, a list for each cell that has some."""
    heads = [number for number, line in enumerate(text.split("\n"), 1) if line == HEAD]
    cells: dict[int, list[ast.stmt]] = {}
    for statement in body:
        cells.setdefault(bisect_right(heads, statement.lineno), []).append(statement)
    yield from cells.values()
