"""Output files: a regular one is there whole or as it was; a pipe or a device is written into."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from seqshape.cli.printing import is_ascii, say, say_pieces
from seqshape.cli.words import Failure, Misuse

if TYPE_CHECKING:
    from pathlib import Path

    from seqshape.renderers.sheet import Part

_SYSTEM = ("/dev", "/proc")  # names there stand for what is open already


def form_of(
    output: str | None, given: str | None, endings: Mapping[str, Sequence[str]], words: str = "--format"
) -> str | None:
    """The form that is wanted: what the option says, else what the ending of the file does; ``None`` if neither.

    Raises Misuse where they contradict each other, and for an ending that is a word and says nothing, such as ``.png``.
    """
    ending = os.path.splitext(output)[1].lower() if output and output != "-" else ""
    meant = endings.get(ending, ())
    if given is None:
        if ending[1:].isalpha() and not meant:
            *most, last = (one for one in endings if one != ".htm")
            raise Misuse(
                f"-o {output}: {ending} says no form; the endings are {', '.join(most)} and {last}, else {words}"
            )
        return meant[0] if meant else None
    if meant and given not in meant:
        other = next((one for one, forms in endings.items() if given in forms), None)
        hint = f", or call the file {os.path.splitext(output or '')[0]}{other}" if other else ""
        raise Misuse(f"-o {output} is a file of {' or '.join(meant)}, and {words} says {given}: leave it out{hint}")
    return given


DRAWN = ("svg", "html")  # what a sheet is drawn as
SHEETS = {".svg": ("svg",), ".html": ("html",), ".htm": ("html",), ".json": ("json",), ".txt": ("text",)}
ACROSS = 100  # columns of a sheet if nothing else is said


def wanted_form(
    given: str | None, as_json: bool, output: str | None, endings: Mapping[str, Sequence[str]] = SHEETS
) -> str:
    """The form of what is a text, data or a sheet. Raises Misuse for words that contradict, or an unknown ending."""
    if as_json and given not in (None, "json"):
        raise Misuse(f"--json and --format {given}: one of them")
    ending = os.path.splitext(output)[1].lower() if output else ""
    if ending and ending not in endings:
        *most, last = (one for one in endings if one != ".htm")
        raise Misuse(f"cannot write {output}: -o takes {', '.join(most)} or {last}")
    words = "--json" if as_json else "--format"
    return form_of(output, "json" if as_json else given, endings, words) or "text"


def write_sheet(parts: Sequence[Part], title: str, form: str, output: str | None) -> None:
    """Print a picture or a page, or write it as a file. Raises Failure if it cannot be written."""
    from seqshape.renderers.sheet import FORMS

    ascii = output in (None, "-") and is_ascii(sys.stdout)
    write_out(FORMS[form](parts, title, ascii=ascii), output)


def write_out(text: str, output: str | None, *, styled: bool = False) -> None:
    """Print, or write a file whole or not at all. Raises Failure if it cannot be written."""
    if output is None or output == "-":
        say(text, styled=styled)
        return
    from pathlib import Path

    write_whole(Path(output), f"{text}\n".encode())


def write_pieces(pieces: Iterable[str], output: str | None) -> None:
    """Print a line, or write it as a file, piece by piece. Raises Failure if it cannot be written."""
    if output is None or output == "-":
        say_pieces(pieces)
        return
    from pathlib import Path

    with whole_file(Path(output)) as stream:
        stream.writelines(piece.encode() for piece in chain(pieces, "\n"))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or as it was. Raises Failure if it cannot be written."""
    with whole_file(path) as stream:
        stream.write(data)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A stream of bytes that becomes a file at the end, or leaves what was there if anything goes wrong.

    A symbolic link stays, and its target is written; a pipe or a device is written into as the bytes come. Raises
    ClickException if it cannot be written.
    """
    try:
        with path.open("wb") if _is_special(path) else _replacing(os.path.realpath(path)) as stream:
            yield stream
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise Failure(f"cannot write {path}: {reason}") from None


def _is_special(path: Path) -> bool:
    """Whether a path is there and no regular file. Raises OSError if that cannot be found out."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(mode) or os.path.realpath(path.parent).startswith(_SYSTEM)


@contextmanager
def _replacing(path: str) -> Iterator[BinaryIO]:
    """A stream of bytes that takes the place of a regular file at the end, with its permissions."""
    import tempfile

    folder, name = os.path.split(path)
    handle, temporary = tempfile.mkstemp(prefix=f".{name[:100]}.", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
