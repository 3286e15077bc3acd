"""What ``[tool.seqshape]`` of the nearest pyproject.toml says. The file may be anybody's: it is bounded, and data."""

from __future__ import annotations

import os
from pathlib import Path

from seqshape.cli.printing import say
from seqshape.cli.words import Misuse
from seqshape.records import NamedTuple
from seqshape.renderers.text import printable

MOST_BYTES = 256 << 10  # the time and the memory of tomllib grow with the square of some texts
DEEPEST = 32  # names in one dotted key: 20,000 of them took 1.6 GB
LONGEST = 200  # characters of a value that a message quotes


class Project(NamedTuple):
    """The table ``[tool.seqshape]``, those of single models by the pattern of their names, and the folder of the file."""

    folder: str | None = None
    table: dict[str, object] = {}  # noqa: RUF012 -- nobody writes into it
    models: dict[str, dict[str, object]] = {}  # noqa: RUF012


def project(known: set[str], known_of_models: set[str]) -> Project:
    """What the file says, empty if there is none.

    ``known``: the keys of the table, ``known_of_models``: those of one model. Raises Misuse if the file cannot be read
    or has a key that is not known.
    """
    path = _nearest()
    if path is None:
        return Project()
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as problem:
        raise Misuse(f"cannot read {path}: {problem.strerror or problem}") from None
    try:
        tool = _parsed(data).get("tool", {})
    except (ValueError, RecursionError) as problem:
        _unread(path, data, "it is nested too deeply" if isinstance(problem, RecursionError) else str(problem))
        return Project()
    found = tool.get("seqshape", {}) if isinstance(tool, dict) else {}
    if not isinstance(found, dict):
        raise Misuse(f"tool.seqshape of {path} has to be a table of limits, not {quoted(found)}")
    models = found.pop("models", {})
    found.pop("layers", None)  # which every command knows, see seqshape.cli.declaring
    _check_names(path, data, "[tool.seqshape]", found, known)
    return Project(str(path.parent), found, _checked_models(path, data, models, known_of_models))


def declarations(path: str) -> dict[str, str]:
    """What ``[tool.seqshape.layers]`` of a file says, as it stands. Raises Misuse if it is no table of texts."""
    try:
        with open(path, "rb") as stream:
            tool = _parsed(stream.read(MOST_BYTES + 1)).get("tool", {})
    except (OSError, ValueError, RecursionError) as problem:
        raise Misuse(f"cannot read {path}: {problem}") from None
    found = tool.get("seqshape", {}) if isinstance(tool, dict) else {}
    layers = found.get("layers", {}) if isinstance(found, dict) else {}
    if not isinstance(layers, dict) or not all(isinstance(says, str) for says in layers.values()):
        form = '"CRF(units)" = "(T, F) -> (T, units) params F*units"'
        raise Misuse(f"[tool.seqshape.layers] of {path} has to be a table of texts: {form}")
    return layers


def _checked_models(path: Path, data: bytes, models: object, known: set[str]) -> dict[str, dict[str, object]]:
    if not isinstance(models, dict):
        raise Misuse(f"[tool.seqshape] models of {path} has to be tables by the names of models, not {quoted(models)}")
    for name, table in models.items():
        where = f'[tool.seqshape.models."{name[:LONGEST]}"]'
        if not isinstance(table, dict):
            raise Misuse(f"{where} of {path} has to be a table of limits, not {quoted(table)}")
        _check_names(path, data, where, table, known)
    return models


def quoted(value: object) -> str:
    """A value of the file as a message may quote it."""
    try:
        return str(value)[:LONGEST]
    except ValueError:  # Python does not write numbers of more than some thousand digits
        return "a number of thousands of digits"


def _nearest() -> Path | None:
    """The pyproject.toml of this folder, or of the first above it that has one."""
    try:
        here = Path.cwd()
        os.stat(here / ".")
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise Misuse(f"the folder at hand cannot be searched for a pyproject.toml with limits: {why}") from None
    return next((path for folder in (here, *here.parents) if _is_file(path := folder / "pyproject.toml")), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder above that is closed to us
        return False


def _parsed(data: bytes) -> dict[str, object]:
    """The data of a TOML text. Raises ValueError if it is none, or too much."""
    import tomllib

    if len(data) > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES >> 10} KiB")
    text = data.decode("utf-8")
    if any(_is_deep(line) for line in text.splitlines()):
        raise ValueError(f"a key has more than {DEEPEST} names with dots between them")
    return tomllib.loads(text)


def _is_deep(line: str) -> bool:
    """Whether a line may hold a dotted key of very many names."""
    if line.count(".") < DEEPEST or line.lstrip().startswith("#"):
        return False
    for sign in "=[]{},":
        line = line.replace(sign, "\n")
    parts = line.replace(" ", "").replace("\t", "").split("\n")
    return any(part.count(".") >= DEEPEST and ".." not in part for part in parts)


def _unread(path: Path, data: bytes, why: str) -> None:
    """A file that is no TOML: if it may be about seqshape, Misuse; somebody else's is passed over, with a note."""
    if len(data) > MOST_BYTES or b"seqshape" in data:
        raise Misuse(f"cannot read {path}: {why}")
    say(
        printable(f"note: no limits are taken from {path}, which names no seqshape and cannot be read: {why}"), err=True
    )


def _check_names(path: Path, data: bytes, where: str, found: dict[str, object], known: set[str]) -> None:
    unknown = sorted(set(found) - known)
    if unknown:
        from seqshape.diagnostics import suggest

        hint = suggest(unknown[0], sorted(known)) if len(unknown[0]) <= LONGEST else None
        named = unknown[0][:LONGEST]
        line = _line_of(data, unknown[0])
        raise Misuse(f"{where} of {path}{line} has no key {named}" + (f"; {hint}" if hint else ""))


def _line_of(data: bytes, key: str) -> str:
    """Where a key stands: the first line that begins with it."""
    for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
        written = line.lstrip().partition("=")[0].strip().strip("\"'")
        if written == key or (line.strip().startswith("[") and written.strip("[]").endswith(key)):
            return f", line {number},"
    return ""
