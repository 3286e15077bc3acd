"""``seqshape sweep``: all networks that a source stands for."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from seqshape.cli.common import (
    Inputs,
    Ranges,
    SpecType,
    asked_load,
    given_inputs,
    load_options,
    range_options,
    source_text,
    values,
)
from seqshape.cli.files import form_of, whole_file, write_whole
from seqshape.cli.plain import INTERRUPTED
from seqshape.cli.printing import complain, is_ascii, leave, say, tell, terminal_width
from seqshape.cli.words import Choice, Failure, Misuse, Whole, argument, declared, option
from seqshape.diagnostics import SeqshapeError

if TYPE_CHECKING:
    from types import FrameType
    from typing import TypedDict, Unpack

    from seqshape.analysis.sweep import Sweep
    from seqshape.renderers.sweep import Table

    class Words(TypedDict):
        """The words of the command beside the source and what holds for it."""

        where: tuple[str, ...]
        sort: str | None
        limit: int | None
        pareto: str | None
        chosen: str | None
        form: str | None
        output: str | None
        batch: int | None
        optimizer: str | None
        dtype: str | None
        plot: str | None


EXAMPLES = (
    "seqshape sweep '{LSTM,GRU}(8..512,seq)>TD(Dense(1))' -i 100,8 --where 'params<100k' --sort -macs",
    "seqshape sweep 'Conv1D({16..256},{3,5,7},same)>LSTM(8..512)' -i T,8 --set T=100 --pareto params,-units",
    "seqshape sweep model.json --set lstm.units=8..512 -o sweep.csv",
)
SHOWN = 20  # rows of a table, where nothing else is asked for
MOST_DRAWN = 200_000  # points of a picture
FORMS = ("table", "csv", "jsonl", "parquet")
PICTURES = ("svg", "png", "pdf")
ENDINGS = {".csv": ("csv",), ".jsonl": ("jsonl",), ".ndjson": ("jsonl",), ".parquet": ("parquet",), ".txt": ("table",)}


@declared("sweep", examples=EXAMPLES)
@argument("source", type=SpecType())
@range_options
@option(
    "--where", multiple=True, metavar="CONDITION", help="only rows that fulfil it: 'params<100k and units>=2*units_2'"
)
@option("--sort", metavar="COLUMNS", help="put rows in the order of these columns; - before one: the largest first")
@option("--limit", type=Whole(1), metavar="N", help="at most so many rows; 20 of a table if not given")
@option(
    "--pareto", metavar="COLUMNS", help="only rows that no other beats in all of these; - before what is to be large"
)
@option("--columns", "chosen", metavar="NAMES", help="the columns of the table, such as units,params,receptive_field")
@option("--format", "form", type=Choice(FORMS), help="how rows are written; by the ending of -o if not given")
@option("-o", "--output", metavar="FILE", help="write a file: .csv, .jsonl, .parquet or .txt")
@load_options
@option("--plot", metavar="FILE", help="draw the rows too: .svg, .png or .pdf")
def command(source: str, inputs: Inputs, settings: Ranges, kind: str | None, **options: Unpack[Words]) -> None:
    """Work out every network that a source stands for: {16,32} and {LSTM,GRU} are choices, 8..512 is a range.

    Columns are the choices and ranges, named after their parameters (units, units_2); params, macs, bytes,
    trainable_params, non_trainable_params; output and its dims (out_1 is the first after the batch); receptive_field;
    flops, activations, context; memory, of a run with --batch samples, with --optimizer of a step of training.
    """
    from seqshape.api import sweep

    form = _form(options)
    limit = options["limit"] or (SHOWN if form == "table" and options["output"] is None else None)
    try:
        found = sweep(
            source_text(source),
            given_inputs(inputs),
            values=values(settings),
            kind=kind,
            where=list(options["where"]),
            sort=options["sort"],
            limit=limit,
            pareto=options["pareto"],
            **asked_load(options["batch"], options["optimizer"], options["dtype"]),
        )
        names = _names(found, options["chosen"])
        _run(found, names, form, options)
    except SeqshapeError as error:
        leave(error)


def _form(options: Words) -> str:
    """How rows are written. Raises Misuse for an ending that is not known."""
    plot = Path(options["plot"]).suffix.lower().lstrip(".") if options["plot"] else ""
    if options["plot"] and plot not in PICTURES:
        raise Misuse(f"cannot draw {options['plot']}: --plot takes .svg, .png or .pdf")
    form = form_of(options["output"], options["form"], ENDINGS)
    if form is None and options["output"]:
        raise Misuse(f"cannot tell how to write {options['output']}: give --format, or an ending such as .csv")
    return form or "table"


def _names(sweep: Sweep, chosen: str | None) -> list[str]:
    from seqshape.analysis.sweep import DEFAULT
    from seqshape.analysis.variants import OPTIONAL

    if chosen is not None:
        names = [name.strip() for name in chosen.split(",")]
        if not all(names) or len({*names}) < len(names):
            raise Misuse("--columns takes names between commas, each once")
        sweep.optional |= {*OPTIONAL}.intersection(names)
        return names
    return [*(axis.name for axis in sweep.axes), *DEFAULT, *(name for name in OPTIONAL if name in sweep.optional)]


def _run(sweep: Sweep, names: list[str], form: str, options: Words) -> None:
    """Write all rows, then what there is to say of them. Ctrl-C ends it with what there is."""
    sweep.interruptible = True
    number = 0
    drawn: list[Table] = []
    needed = [*names, *(_drawn(sweep) if options["plot"] else ())]
    with (
        _Interrupts() as interrupts,
        _writer(form, options["output"], names, sweep) as write,
        _Progress(sweep, interrupts) as progress,
    ):
        try:
            for table in sweep.tables([*dict.fromkeys(needed)]):
                progress.clear()
                write(table)
                size = len(table[names[0]])
                if options["plot"] and number < MOST_DRAWN:
                    drawn.append(table)
                number += size
        except KeyboardInterrupt:
            sweep.interrupted = True
    if options["plot"] and drawn:
        _draw(sweep, drawn, options["plot"])
    _tell(sweep, number, form, options["output"])


def _tell(sweep: Sweep, number: int, form: str, output: str | None) -> None:
    from seqshape.renderers.sweep import told

    if not number and sweep.fault and not sweep.interrupted:
        complain(sweep.fault)
    tell("; ".join(told(sweep, number)), err=form != "table" or output is not None)
    if sweep.interrupted:
        say(f"stopped after {sweep.seen:,} of {sweep.count:,} configurations", err=True)
        sys.exit(INTERRUPTED)
    if not number and sweep.fault:
        sys.exit(1)


# --- writing ----------------------------------------------------------------------------------------------------------


@contextmanager
def _writer(form: str, output: str | None, names: Sequence[str], sweep: Sweep) -> Iterator[Callable[[Table], object]]:
    """A function that writes the rows of a part: to a file, which is there whole at the end, or to standard output."""
    if form == "parquet":
        if output is None:
            raise Misuse("Parquet is written into a file: -o sweep.parquet")
        with whole_file(Path(output)) as stream, _parquet(stream, names, sweep) as write:
            yield write
        return
    if output is None or output == "-":
        yield from _lines(form, names, say, ascii=is_ascii(sys.stdout), width=terminal_width(None))
        return
    with whole_file(Path(output)) as stream:
        yield from _lines(form, names, lambda text: stream.write(f"{text}\n".encode()), ascii=False, width=None)


def _lines(
    form: str, names: Sequence[str], put: Callable[[str], object], *, ascii: bool, width: int | None
) -> Iterator[Callable[[Table], object]]:
    from seqshape.renderers import sweep as renderer

    if form == "csv":
        put(renderer.csv_text(names, None))
        yield lambda table: put(renderer.csv_text(names, table))
    elif form == "jsonl":
        yield lambda table: put(renderer.json_lines(names, table))
    else:
        listed: list[tuple[object, ...]] = []
        yield lambda table: listed.extend(renderer.rows(table, names))
        if listed:
            put(renderer.render(names, listed, width=width, ascii=ascii))


@contextmanager
def _parquet(stream: BinaryIO, names: Sequence[str], sweep: Sweep) -> Iterator[Callable[[Table], None]]:
    from seqshape.renderers.sweep import Parquet

    try:
        writer = Parquet(stream, names, sweep)
    except ImportError:
        message = "Parquet needs pyarrow: pip install 'seqshape[parquet]', or pip install pyarrow"
        raise Failure(message) from None
    try:
        yield writer.write
    except OverflowError:
        raise Failure("a number has more than 64 bits, which Parquet cannot hold: write .csv") from None
    finally:
        writer.close()


def _drawn(sweep: Sweep) -> list[str]:
    """The columns of a picture: those of the Pareto front or of the order, else parameters and multiply-adds."""
    asked = [key.text for key in (*sweep.query.pareto, *sweep.query.sort) if key.text.isidentifier()]
    return [*dict.fromkeys((*asked, "params", "macs"))][:2]


def _draw(sweep: Sweep, tables: list[Table], path: str) -> None:
    import numpy as np

    from seqshape.renderers.sweep import picture

    table = {name: np.concatenate([one[name] for one in tables])[:MOST_DRAWN] for name in tables[0]}
    axes = [axis.name for axis in sweep.axes]
    try:
        data = picture(axes, _drawn(sweep), table, Path(path).suffix.lower().lstrip("."))
    except ImportError:
        message = "drawing needs matplotlib: pip install 'seqshape[plot]', or pip install matplotlib"
        raise Failure(message) from None
    write_whole(Path(path), data)


class _Interrupts:
    """Ctrl-C is noted at once and heard between two parts, so that no row is cut in two; a second one is heard at once."""

    def __init__(self) -> None:
        self.is_noted = False
        self._before: Callable[[int, FrameType | None], object] | int | None = None

    def __enter__(self) -> _Interrupts:
        with suppress(ValueError):  # only the main thread is told of signals
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: object) -> None:
        if self.is_noted:
            raise KeyboardInterrupt
        self.is_noted = True

    def hear(self) -> None:
        """Raises KeyboardInterrupt if Ctrl-C has been noted."""
        if self.is_noted:
            raise KeyboardInterrupt


class _Progress:
    """A bar on standard error, if that is a terminal; it appears after half a second."""

    WIDTH = 24

    def __init__(self, sweep: Sweep, interrupts: _Interrupts) -> None:
        self.sweep, self.interrupts = sweep, interrupts
        self.start = self.last = time.monotonic()
        self.is_drawn = False
        self.is_wanted = sys.stderr.isatty()

    def __enter__(self) -> _Progress:
        self.sweep.progress = self.seen
        return self

    def __exit__(self, *exception: object) -> None:
        self.clear()

    def seen(self, seen: int) -> None:
        """Another part has been worked out. Raises KeyboardInterrupt if there is to be no other."""
        self.interrupts.hear()
        if self.is_wanted:
            self.show(seen)

    def show(self, seen: int) -> None:
        """Draw how far it is, five times a second."""
        now = time.monotonic()
        if now - self.last < (0.2 if self.is_drawn else 0.5):
            return
        import shutil

        self.last, self.is_drawn = now, True
        done = min(seen / self.sweep.count, 1)
        rate = seen / (now - self.start)
        text = f"{done:4.0%}  {seen:,} of {self.sweep.count:,}  {_short(rate)}/s"
        room = shutil.get_terminal_size().columns - 1  # a line that is full begins a new one
        width = min(self.WIDTH, room - len(text) - 3)
        if width > 3:
            text = f"[{'#' * round(done * width):.<{width}}] {text}"
        _show(text[:room].rstrip())

    def clear(self) -> None:
        """Take the bar away."""
        if self.is_drawn:
            _show("")
            self.is_drawn = False


def _show(text: str) -> None:
    """A text in the place of the line at hand."""
    sys.stderr.write(f"\r\x1b[K{text}")
    sys.stderr.flush()


def _short(rate: float) -> str:
    return f"{rate / 1e6:.1f} M" if rate >= 1e6 else f"{rate:,.0f}"
