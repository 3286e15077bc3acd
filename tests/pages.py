"""The examples in the documentation: each ``$ seqshape …`` of a page with the output below it.

``python -m tests.pages`` runs them all and writes what they print into the pages.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from shutil import which
from typing import NamedTuple

from click.testing import CliRunner

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/index.md", "docs/tutorial.md", "docs/questions.md", "docs/files.md", "docs/costs.md")
INDENT = "    "
PROMPT = f"{INDENT}$ seqshape "
PLAIN = {"NO_COLOR": "1", "COLUMNS": "100", "TERM": "dumb"}


class Example(NamedTuple):
    """A command of a page, the output that the page shows, and the lines ``[first, last)`` that it fills."""

    page: str
    command: str
    output: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.page}:{self.first} {self.command}"


def examples(page: str, text: str) -> Iterator[Example]:
    """The examples of a page. What follows a command, set in as it is, is its output; empty lines may stand inside."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith(PROMPT):
            stop = number + 1
            while stop < len(lines) and _belongs(lines, stop):
                stop += 1
            shown = [part.removeprefix(INDENT).rstrip() for part in lines[number + 1 : stop]]
            yield Example(page, line.removeprefix(f"{INDENT}$ "), "\n".join(shown), number + 1, stop)


def _belongs(lines: list[str], number: int) -> bool:
    """Whether a line is output: set in, or empty with output after it."""
    line = lines[number]
    if line.startswith(PROMPT):
        return False
    if line.strip():
        return line.startswith(INDENT)
    after = next((later for later in lines[number:] if later.strip()), "")
    return after.startswith(INDENT) and not after.startswith(PROMPT)


def printed(command: str) -> str:
    """What a command prints, to standard output and standard error together, without colour, as in a pipe."""
    from seqshape.cli import main

    words, reader = _piped(shlex.split(command))
    with chdir(ROOT):
        found = CliRunner().invoke(main, words[1:], prog_name=words[0], env=PLAIN)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    output = found.output if reader is None else subprocess.check_output(reader, input=found.output, text=True)
    return "\n".join(line.rstrip() for line in output.rstrip("\n").split("\n"))


def _piped(words: list[str]) -> tuple[list[str], list[str] | None]:
    """The words before a pipe, and those of the program that reads it."""
    if "|" not in words:
        return words, None
    bar = words.index("|")
    return words[:bar], words[bar + 1 :]


def is_missing(command: str) -> bool:
    """Whether the program that reads the output, such as jq, is not on this machine."""
    reader = _piped(shlex.split(command))[1]
    return reader is not None and which(reader[0]) is None


def rewritten(page: str, text: str) -> str:
    """The page with the output that each of its commands prints now."""
    lines = text.splitlines()
    for example in reversed(list(examples(page, text))):
        if is_missing(example.command):
            continue
        shown = [f"{INDENT}{line}".rstrip() for line in printed(example.command).split("\n")]
        lines[example.first : example.last] = shown
    return "\n".join(lines) + "\n"


def links(text: str) -> list[str]:
    """The addresses that a page links to."""
    return re.findall(r"\]\((https?://[^)\s]+)\)", text)


def write() -> None:
    """Write all pages anew."""
    for page in PAGES:
        path = ROOT / page
        old = path.read_text("utf-8")
        new = rewritten(page, old)
        if new != old:
            temporary = path.with_suffix(".new")
            temporary.write_text(new, "utf-8")
            os.replace(temporary, path)
            print("written", page)


if __name__ == "__main__":
    write()
