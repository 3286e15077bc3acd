"""Notebooks: the code cells as one text, magics turned into ``pass``; places are told as cell and line."""

from __future__ import annotations

import json
from bisect import bisect_right

from seqshape.diagnostics import Diagnostic, SeqshapeError, Source
from seqshape.records import NamedTuple

HEAD = "# %%"


class Cells(NamedTuple):
    """A notebook's code as one text, and the line on which each code cell begins with its number in the notebook."""

    text: str
    starts: tuple[int, ...]
    numbers: tuple[int, ...]

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
    for number, cell in enumerate(cells, 1):
        code = _code(cell)
        if code is None:
            continue
        if lines:
            lines.append("")
        lines.append(HEAD)
        starts.append(len(lines) + 1)
        numbers.append(number)
        lines.extend(map(_without_magic, code.splitlines())) if not code.lstrip().startswith("%%") else lines.extend(
            _whole_magic(code)
        )
    return Cells("\n".join(lines) + "\n", tuple(starts), tuple(numbers))


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


def _without_magic(line: str) -> str:
    stripped = line.lstrip()
    if stripped.startswith(("%", "!", "?")) or (
        stripped.endswith("?") and stripped[:-1].replace(".", "").isidentifier()
    ):
        return f"{line[: len(line) - len(stripped)]}pass"
    return line


def _whole_magic(code: str) -> list[str]:
    """A cell with a magic of its own in the first line: of Python code the rest is read, else none."""
    first, *rest = code.splitlines()
    if first.split()[0] in ("%%time", "%%timeit", "%%capture", "%%prun"):
        return ["pass", *map(_without_magic, rest)]
    return ["pass"] * (len(rest) + 1)
