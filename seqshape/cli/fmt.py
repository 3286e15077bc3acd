"""``seqshape fmt``: a spec in its one canonical form."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from seqshape.cli.common import SpecType, source_text
from seqshape.cli.files import write_whole
from seqshape.cli.printing import leave, say
from seqshape.cli.words import Misuse, argument, declared, option
from seqshape.diagnostics import SeqshapeError
from seqshape.readers import is_file, text_of
from seqshape.readers.kinds import PROGRAM_SIGNS

if TYPE_CHECKING:
    from pathlib import Path


@declared("fmt", examples=("seqshape fmt 'lstm( 5,seq )->td(dense(1))'", "seqshape fmt net.seq --write"))
@argument("source", type=SpecType())
@option("-w", "--write", is_flag=True, help="write the file instead of printing")
@option("--check", is_flag=True, help="print nothing; exit 1 if the spec is not in its canonical form")
@option("--long", is_flag=True, help="layers as Keras writes them: LSTM(5, return_sequences=True)")
def command(source: str, write: bool, check: bool, long: bool) -> None:
    """Print a spec in its one canonical form, which means the same network.

    Layers go by their short names, flags say what they can, and defaults are left out.
    """
    path = _path(source.partition("::")[0]) if source != "-" and is_file(source) else None
    text = _read(path) if path is not None else str(getattr(source_text(source), "text", source))
    _refuse_program(source, text)
    formatted = _formatted(text, long)
    if check:
        sys.exit(0 if formatted.rstrip("\n") == text.rstrip("\n") else 1)
    if write and path is None:
        raise Misuse("--write needs a file")
    if write and path is not None:
        if formatted.rstrip("\n") != text.rstrip("\n"):
            write_whole(path, f"{formatted.rstrip()}\n".encode())
        return
    say(formatted.rstrip("\n"))


def _refuse_program(source: str, text: str) -> None:
    """A program is laid out by other tools. Raises Misuse."""
    is_named = source.partition("::")[0].endswith((".py", ".ipynb"))
    if not is_named and any(sign in text for sign in PROGRAM_SIGNS):
        from seqshape.readers.keras_source.telling import is_python

        is_named = is_python(text)
    if is_named:
        raise Misuse("fmt lays out specs, and this is a program: convert SOURCE --to spec writes its model as a spec")


def _path(source: str) -> Path:
    from pathlib import Path

    return Path(source)


def _read(path: Path) -> str:
    try:
        return text_of(path)
    except SeqshapeError as error:
        leave(error)


def _formatted(text: str, long: bool) -> str:
    from seqshape.exporters.format import format_spec

    try:
        return format_spec(text, long=long)
    except SeqshapeError as error:
        leave(error)
