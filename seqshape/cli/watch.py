"""``seqshape watch``: the summary of a file again on every save."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from seqshape.cli.common import (
    Given,
    Inputs,
    Settings,
    SpecType,
    chosen_columns,
    color_option,
    given_inputs,
    input_options,
    is_blank,
    title_of,
    values,
    width_option,
)
from seqshape.cli.printing import (
    clear,
    color_wanted,
    complain,
    end_if_gone,
    is_ascii,
    say,
    tell,
    terminal_width,
)
from seqshape.cli.words import Misuse, Whole, argument, declared, option
from seqshape.diagnostics import SeqshapeError
from seqshape.graph import read_already
from seqshape.records import NamedTuple
from seqshape.renderers import Options
from seqshape.renderers.text import shown
from seqshape.summary import Summary, nothing

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    from seqshape.door import Spec

    class Words(TypedDict):
        """The words of the command beside the source and what holds for it."""

        call: str | None
        no_advice: bool
        expand: bool
        columns: str | None
        macs: bool
        times: int | None
        width: int | None
        color: str


EXAMPLES = (
    "seqshape watch net.seq -i 5,1",
    "seqshape watch train.py --macs",
    "seqshape watch train.py::build --expand",
)
PAUSE = 0.2  # seconds between two looks at the file
PATIENCE = 10  # looks after which a file that is not there is said to be gone: an editor is quicker


class State(NamedTuple):
    """What tells one save of a file from another."""

    time: int  # of the last change, in nanoseconds
    size: int
    inode: int


@declared("watch", examples=EXAMPLES)
@argument("source", metavar="FILE", type=SpecType())
@input_options
@option(
    "--call", metavar="ARGUMENTS", help="of FILE.py::NAME: call that function or class with these, such as 'classes=10'"
)
@option("--no-advice", is_flag=True, help="no advice; errors and warnings stay")
@option("--expand", is_flag=True, help="show what is inside nested models")
@option(
    "--columns",
    metavar="NAMES",
    help="columns beside name and shape, such as params,macs,flops,bytes,activations,context",
)
@option("--macs", is_flag=True, help="a column of multiply-adds")
@option("--times", type=Whole(1), metavar="N", help="show it so many times, then end")
@width_option
@color_option
def command(source: str, inputs: Inputs, settings: Settings, kind: str | None, **options: Unpack[Words]) -> None:
    """Show the summary of a file again on every save, with what has changed marked.

    A cell that differs from the last sound network ends in *, a row that is new begins with +, one that is gone with -.
    FILE is anything that summarize takes. Ctrl-C ends it.
    """
    path = _path(source)
    chosen_columns(options["columns"])
    viewer = Viewer(source, given_inputs(inputs), values(settings), kind, options)
    shown = 0
    for save in saves(states(path, _pause)):
        if save is None:
            viewer.miss()
            continue
        viewer.show(save, lambda: state(path))
        shown += 1
        if shown == options["times"]:
            return


def _path(source: str) -> str:
    """The file of ``FILE`` or ``FILE::NAME``. Raises Misuse for what is none."""
    path = source if os.path.lexists(source) else source.partition("::")[0]
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise Misuse(f"watch takes a file, and shows it again on every save; {path}: {reason}") from None
    if not stat.S_ISREG(mode):
        raise Misuse(f"watch takes a file, and {path} is none")
    return path


# --- when to show ----------------------------------------------------------------------------------------------------


def state(path: str) -> State | None:
    """How a file stands; ``None`` while it is not there, as when an editor puts another in its place, or is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None  # to read a pipe would wait for its writer
    return State(found.st_mtime_ns, found.st_size, found.st_ino)


def states(path: str, pause: Callable[[], object]) -> Iterator[State | None]:
    """How a file stands, again and again."""
    while True:
        yield state(path)
        pause()


def saves(found: Iterable[State | None]) -> Iterator[State | None]:
    """The states to show: the first one, then each that is another and has stood still from one look to the next.

    ``None`` once it has not been there for long; then it is shown again when it is back, the same or not.
    """
    before = told = None
    missing, is_first = 0, True
    for one in found:
        missing = missing + 1 if one is None else 0
        if missing == PATIENCE:
            told = None
            yield None
        elif one is not None and one != told and (is_first or one == before):
            told, is_first = one, False
            yield one
        before = one


def _pause() -> None:
    time.sleep(PAUSE)
    end_if_gone()


# --- what to show ----------------------------------------------------------------------------------------------------


class Viewer:
    """Shows a source, each time against the last sound one of each of its models."""

    def __init__(
        self, source: str, given: Given, settings: Mapping[str, int | str], kind: str | None, options: Words
    ) -> None:
        self.source, self.given, self.settings, self.kind, self.options = source, given, settings, kind, options
        self.sound: dict[tuple[str | None, int], Summary] = {}
        self.number = 0

    def show(self, save: State, now: Callable[[], State | None]) -> None:
        """Show a save; nothing if the file has become another (``now``) and could not be read for that."""
        summaries: list[Summary] = []
        found: list[Spec] = []
        try:
            found = self._models()
        except SeqshapeError as error:
            summaries = [nothing(error)]
        summaries += map(self._summary, found)
        if now() == save or all(summary.layers for summary in summaries):
            self._draw(save, found or [self.source], summaries)

    def miss(self) -> None:
        """Say that the file is gone."""
        tell(shown(f"{self.source} is gone; it is shown again when it is back", is_ascii(sys.stderr)), err=True)

    def _models(self) -> list[Spec]:
        from seqshape.answers import models

        return models(self.source, self.given, values=self.settings, kind=self.kind, call=self.options["call"])

    def _summary(self, source: Spec) -> Summary:
        from seqshape.answers import report

        columns, advice = chosen_columns(self.options["columns"]), not self.options["no_advice"]
        try:
            return report(source, self.given, values=self.settings, kind=self.kind, columns=columns, advice=advice)
        except SeqshapeError as error:
            return nothing(error)

    def _draw(self, save: State, found: list[Spec], summaries: list[Summary]) -> None:
        pages, seen = [], dict[str | None, int]()
        for one, summary in zip(found, summaries, strict=True):
            graph = read_already(one) if len(found) > 1 else None
            place = graph.place if graph is not None else None
            name = (place.name or place.function) if place is not None else None
            seen[name] = seen.get(name, 0) + 1
            pages.append((title_of(self.source, one) if place is not None else "", summary, (name, seen[name])))
        told = [self._page(summary, key) for _, summary, key in pages]
        self._begin(save, told[0][1] if len(pages) == 1 else "")
        for (title, summary, _), (text, change) in zip(pages, told, strict=True):
            if title:
                tell(shown(f"{title}{f': {change}' if change else ''}", is_ascii(sys.stdout)))
            if text:
                say(text, styled=self._options().color)
            complain(summary.diagnostics, self.options["color"])

    def _page(self, summary: Summary, key: tuple[str | None, int]) -> tuple[str, str]:
        """The table, and what has changed in it; of a faulty network as far as it is known, and nothing of changes."""
        from seqshape.renderers import changes, table

        options, before = self._options(), self.sound.get(key)
        if any(one.severity == "error" for one in summary.diagnostics):
            return "" if is_blank(summary) else table.render(summary, options), ""
        self.sound[key] = summary
        return (table.render(summary, options), "") if before is None else changes.render(summary, options, before)

    def _begin(self, save: State, change: str) -> None:
        """A clear screen, or in a pipe an empty line, and a heading: the file, when it was saved, what has changed."""
        if not clear() and self.number:
            say("")
        self.number += 1
        saved = time.strftime("%H:%M:%S", time.localtime(save.time // 10**9))
        tell(shown(f"{self.source}, saved {saved}{f': {change}' if change else ''}", is_ascii(sys.stdout)))

    def _options(self) -> Options:
        return Options(
            width=terminal_width(self.options["width"]),
            color=color_wanted(self.options["color"], sys.stdout),
            ascii=is_ascii(sys.stdout),
            expand=self.options["expand"],
            macs=self.options["macs"],
            columns=chosen_columns(self.options["columns"]),
        )
