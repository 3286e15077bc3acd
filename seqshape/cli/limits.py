"""What ``check`` holds a source against: the words of the command, over what pyproject.toml says of that source."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from seqshape.analysis.check import LIMITS, Baseline, Expectations, parse_amount, parse_growth
from seqshape.cli.project import Project, project, quoted
from seqshape.cli.words import Misuse
from seqshape.diagnostics import SeqshapeError
from seqshape.estimate import Load
from seqshape.records import NamedTuple
from seqshape.shapes import parse_shape

if TYPE_CHECKING:
    from seqshape.cli.common import Given, LoadWords, Targets
    from seqshape.tensor import Shape

Answer = TypeVar("Answer")
Table: TypeAlias = Mapping[str, object]  # of pyproject.toml
Totals: TypeAlias = dict[str, int]  # what a baseline has of a source

KEYS = {
    *(f"max-{name.replace('_', '-')}" for name in LIMITS),
    *("expect-input", "expect-output", "batch", "optimizer", "input", "set", "ignore", "target", "max-growth"),
}
_GLOB = frozenset("*?[")


class Settings(NamedTuple):
    """What one source is checked with: its input, numbers for its sizes, what is expected, codes that are passed over."""

    given: Given
    values: Mapping[str, Sequence[int] | int | str]
    expected: Expectations
    ignored: tuple[str, ...]


class Said(NamedTuple):
    """The words of the command: limits by name, and what pyproject.toml may say too."""

    limits: Mapping[str, int]
    given: Given
    values: Mapping[str, Sequence[int]]
    load: LoadWords
    inputs: Sequence[Shape]
    outputs: Sequence[Shape]
    targets: Targets | None
    ignored: Sequence[str]
    baseline: str | None
    growth: float | None


class Limits:
    """The words of the command and the tables of pyproject.toml, asked for one source at a time."""

    def __init__(self, words: Said) -> None:
        self.words = words
        self.project: Project = project(KEYS | {"sources", "baseline"}, KEYS)
        path = words.baseline or self._configured_baseline()
        self.baseline = read_baseline(path) if path is not None else None

    def _configured_baseline(self) -> str | None:
        path = self.project.table.get("baseline")
        if path is None:
            return None
        if not isinstance(path, str):
            raise Misuse(f"[tool.seqshape] baseline has to be the path of a file, not {quoted(path)}")
        return os.path.join(self.project.folder or "", path)

    def listed(self) -> list[str]:
        """The sources that pyproject.toml lists: ``sources``, else the models that have a table. Raises Misuse if none."""
        listed = self.project.table.get("sources", list(self.project.models))
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise Misuse(f"[tool.seqshape] sources has to be a list of texts, not {quoted(listed)}")
        if not listed:
            raise Misuse(
                'give a source, or list some in pyproject.toml: [tool.seqshape] sources = ["net.seq", "models/*.keras"]'
            )
        found = [one for pattern in listed for one in self._matching(pattern)]
        return list(dict.fromkeys(found))

    def _matching(self, pattern: str) -> Iterator[str]:
        """The files of a pattern, as paths from here; a spec is itself. A pattern of no file is told as it stands."""
        path, colons, name = pattern.partition("::")
        whole = os.path.join(self.project.folder or "", path)
        if os.path.exists(whole):
            yield os.path.relpath(whole) + colons + name
            return
        from seqshape.readers.kinds import SUFFIXES

        if _GLOB.isdisjoint(path) or "(" in path:
            yield os.path.relpath(whole) + colons + name if path.endswith(SUFFIXES) else pattern
            return
        from glob import glob

        found = sorted(one for one in glob(whole, recursive=True) if one.endswith(SUFFIXES))
        if not found:
            raise Misuse(f"[tool.seqshape] lists {pattern[:200]}, and no file of a model is called so")
        yield from (os.path.relpath(one) + colons + name for one in found)

    def of(self, source: str, shown: str) -> Settings:
        """What a source is checked with. ``shown``: its name with that of the model in it."""
        table = dict(self.project.table)
        where = "[tool.seqshape]"
        for pattern, own in self.project.models.items():
            if self._means(pattern, source, shown):
                table |= own
                where = f'[tool.seqshape.models."{pattern}"]'
        return self._settings(table, where, shown)

    def _means(self, pattern: str, source: str, shown: str) -> bool:
        from fnmatch import fnmatchcase

        from seqshape.readers import is_file

        if pattern in (source, shown) or fnmatchcase(shown, pattern):
            return True
        path, colons, name = shown.partition("::")
        if not is_file(path):
            return False
        below = os.path.relpath(path, self.project.folder) if self.project.folder else path
        below = below.replace(os.sep, "/")
        names = {path, below, f"{below}{colons}{name}"}
        return pattern in names or any(fnmatchcase(one, pattern) for one in names)

    def _settings(self, table: Table, where: str, shown: str) -> Settings:
        words = self.words
        limits = {name: _limit(name, words.limits.get(name), table, where) for name in LIMITS}
        expected = Expectations(
            {name: limit for name, limit in limits.items() if limit is not None},
            tuple(words.inputs or _shapes(table, "expect-input", where)),
            tuple(words.outputs or _shapes(table, "expect-output", where)),
            _load(table, words.load),
            words.targets if words.targets is not None else _targets(table, where),
            self._before(table, where, shown),
        )
        given = words.given if words.given is not None else _input(table, where)
        return Settings(given, {**_values(table, where), **words.values}, expected, _ignored(words, table, where))

    def _before(self, table: Table, where: str, shown: str) -> Baseline | None:
        if self.baseline is None:
            return None
        totals = self.baseline.get(shown, self.baseline.get(os.path.normpath(shown)))
        if totals is None and len(self.baseline) == 1:
            totals = self.baseline.get("")
        growth = self.words.growth
        if growth is None:
            growth = _parsed(table, "max-growth", where, lambda text: parse_growth(text)) or 0.0
        return None if totals is None else Baseline(totals, growth)

    def is_new(self, shown: str) -> bool:
        """Whether there is a baseline, and the source is not in it."""
        return self.baseline is not None and self._before({}, "", shown) is None


def _parsed(table: Table, key: str, where: str, parse: Callable[[str], Answer]) -> Answer | None:
    """The value of a key; nothing where there is none. Raises Misuse for one that is wrong."""
    if key not in table:
        return None
    try:
        return parse(quoted(table[key]))
    except (ValueError, SeqshapeError) as problem:
        said = problem.diagnostics[0].message if isinstance(problem, SeqshapeError) else str(problem)
        raise Misuse(f"{where} {key}: {said}") from None


def _limit(name: str, given: int | None, table: Table, where: str) -> int | None:
    found: int | None = (
        given if given is not None else _parsed(table, f"max-{name.replace('_', '-')}", where, parse_amount)
    )
    return found


def _shapes(table: Table, key: str, where: str) -> tuple[Shape, ...]:
    if key not in table:
        return ()
    value = table[key]
    several = value if isinstance(value, list) and value and isinstance(value[0], (list, str)) else [value]
    return tuple(_shape(one, key, where) for one in several)


def _shape(value: object, key: str, where: str) -> Shape:
    try:
        if isinstance(value, str):
            return parse_shape(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return parse_shape(str(value))
        return parse_shape(",".join(map(str, value)))  # type: ignore[call-overload]
    except (SeqshapeError, TypeError, ValueError):  # ValueError: Python does not write numbers of 5,000 digits
        raise Misuse(f'{where} {key} has to be a shape, such as "5,1"') from None


def _input(table: Table, where: str) -> Given:
    value = table.get("input")
    if value is None:
        return None
    if isinstance(value, dict):
        return {name: _shape(one, "input", where) for name, one in value.items()}
    return _shape(value, "input", where)


def _targets(table: Table, where: str) -> Targets | None:
    value = table.get("target")
    if isinstance(value, dict):
        return {name: _shape(one, "target", where) for name, one in value.items()}
    return list(_shapes(table, "target", where)) if "target" in table else None


def _values(table: Table, where: str) -> dict[str, int | str]:
    value = table.get("set", {})
    if not isinstance(value, dict) or not all(isinstance(one, (int, str)) for one in value.values()):
        raise Misuse(f'{where} set has to be a table of numbers, such as {{ T = 100 }} or {{ units = "8..64" }}')
    return value


def _ignored(words: Said, table: Table, where: str) -> tuple[str, ...]:
    value = table.get("ignore", [])
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise Misuse(f"{where} ignore has to be a list of codes, such as W303, not {quoted(value)}")
    return (*codes(listed, f"{where} ignore"), *words.ignored)


def codes(listed: Sequence[str], where: str) -> tuple[str, ...]:
    """Codes of warnings that may be passed over, or beginnings of them. Raises Misuse for others."""
    from seqshape.codes import CODES

    found = tuple(one.strip().upper() for one in listed)
    for code in found:
        if not code or code.startswith("E") or not any(known.startswith(code) for known in CODES):
            raise Misuse(f"{where}: {code[:20] or 'an empty text'} is no code of a warning, such as W303")
    return found


def _load(table: Table, given: LoadWords) -> Load:
    """The batch and the optimizer of the memory. Raises Misuse for one that is none."""
    from seqshape import door

    words = {name: table[name] for name in ("batch", "optimizer") if name in table} | given
    try:
        return door.load(words.get("batch"), words.get("optimizer"))
    except SeqshapeError as error:
        raise Misuse(error.diagnostics[0].message) from None


# --- the baseline ----------------------------------------------------------------------------------------------------


def read_baseline(path: str) -> dict[str, Totals]:
    """The totals by source, of what ``check --format json`` or ``summarize --json`` has written; one alone goes by ``""``.

    Raises Misuse if it is neither.
    """
    from json import loads

    from seqshape.readers.json_text import LIMIT

    try:
        with open(path, "rb") as stream:
            data = stream.read(LIMIT + 1)
    except (OSError, ValueError) as problem:
        raise Misuse(f"cannot read the baseline {path}: {getattr(problem, 'strerror', None) or problem}") from None
    found: dict[str, Totals] = {}
    try:
        if len(data) > LIMIT:
            raise ValueError(f"it has more than {LIMIT >> 20} MiB")
        text = data.decode("utf-8-sig")
        try:
            whole = [loads(text)]
        except ValueError:
            whole = [loads(line) for line in text.splitlines() if line.strip()]
        for one in whole:
            found |= _totals(one)
        if not found:
            raise ValueError("it has no totals")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise Misuse(f"{path} is no baseline: {quoted(problem)}; seqshape check --format json writes one") from None
    return found


def _totals(data: Any) -> dict[str, Totals]:
    if "sources" in data and "model" not in data:
        return {one["source"]: dict(one["totals"]) for one in data["sources"] if one.get("totals")}
    return {str(data.get("argument", "")): dict(data["totals"])}
