"""``seqshape check``: limits on networks, for CI."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from seqshape.analysis.check import GROWING, LIMITS, MEMORY, Expectations, parse_amount, parse_growth
from seqshape.cli.common import (
    Inputs,
    Ranges,
    Shapes,
    SpecType,
    asked_load,
    given_inputs,
    given_targets,
    load_options,
    range_options,
    source_text,
    values,
)
from seqshape.cli.limits import Limits, Said, codes
from seqshape.cli.printing import complain, say, status, tell
from seqshape.cli.words import Choice, Kind, Misuse, argument, declared, option
from seqshape.diagnostics import SeqshapeError
from seqshape.graph import read_already
from seqshape.records import NamedTuple
from seqshape.renderers.check import Verdict

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    from seqshape.door import Spec
    from seqshape.network import Network
    from seqshape.tensor import Shape

    class Words(TypedDict):
        """The words of the command beside the sources and what holds for all of them."""

        max_params: int | None
        max_trainable_params: int | None
        max_macs: int | None
        max_bytes: int | None
        max_memory: int | None
        targets: Inputs
        expect_input: tuple[Shape, ...]
        expect_output: tuple[Shape, ...]
        ignore: str | None
        baseline: str | None
        growth: float | None


EXAMPLES = (
    "seqshape check model.json --max-params 1M --max-macs 50M",
    "seqshape check 'LSTM(5,seq)>TD(Dense(1))' -i 5,1 --expect-output 5,1",
    "seqshape check --format github     (what pyproject.toml lists, with its limits: [tool.seqshape])",
    "seqshape check models/*.keras --format json > baseline.json",
    "seqshape check models/*.keras --baseline baseline.json --max-growth 5%",
)
FORMS = ("text", "github", "json", "junit", "sarif")


class Amount(Kind):
    """A number with a suffix."""

    name = "amount"

    def read(self, word: str) -> object:
        """The number."""
        return parse_amount(word)


class Growth(Kind):
    """Hundredths of what was."""

    name = "share"

    def read(self, word: str) -> object:
        """The number."""
        return parse_growth(word)


def _limit_options(function: Callable[..., object]) -> Callable[..., object]:
    """``--max-NAME`` for each of LIMITS."""
    for name, noun in reversed(LIMITS.items()):
        told = "; an estimate: 8GB, 512MiB" if name == MEMORY else ": 1000000, 1M, 64Ki" if name == "params" else ""
        words = f"--max-{name.replace('_', '-')}"
        function = option(words, type=Amount(), metavar="N", help=f"at most so many {noun}{told}")(function)
    return function


def _shape_options(function: Callable[..., object]) -> Callable[..., object]:
    """``--expect-output``, ``--expect-input`` and ``--target``."""
    help = "shape of the labels y without the batch, such as 5,1: does the output fit? Of several outputs once for each"
    function = option("--target", "targets", type=Shapes(), multiple=True, metavar="SHAPE", help=help)(function)
    for what in ("input", "output"):
        help = f"shape of the {what} without the batch, such as 5,1; of several once for each"
        words = {"type": Shapes(named=False), "multiple": True, "metavar": "SHAPE", "help": help}
        function = option(f"--expect-{what}", **words)(function)  # type: ignore[arg-type]
    return function


@declared("check", examples=EXAMPLES)
@argument("sources", metavar="[SOURCE]...", required=False, rest=True, type=SpecType())
@range_options
@option("--lines", is_flag=True, help="SOURCE is a list, a file or -: a spec or a path on each line")
@_limit_options
@load_options
@_shape_options
@option("--ignore", metavar="CODES", help="no warnings of these codes, such as W303")
@option(
    "--baseline",
    metavar="FILE",
    help="fail if anything has grown since check --format json (or summarize --json) wrote this file",
)
@option(
    "--max-growth",
    "growth",
    type=Growth(),
    metavar="N%",
    help="how much it may grow beyond the baseline; 0 if not given",
)
@option("--format", "form", type=Choice(FORMS), default="text", help="how findings are written")
def command(
    sources: tuple[str, ...],
    inputs: Inputs,
    settings: Ranges,
    kind: str | None,
    lines: bool,
    form: str,
    batch: int | None,
    optimizer: str | None,
    dtype: str | None,
    **options: Unpack[Words],
) -> None:
    """Hold networks against limits. Exit status 1 and one sentence for each limit that is broken.

    What is not given comes from the nearest pyproject.toml: [tool.seqshape] for all sources, [tool.seqshape.models."net.seq"]
    for those whose name fits that pattern. Keys: max-params, max-macs, ..., expect-input, expect-output, input, set, target,
    ignore, baseline, max-growth; sources lists what is checked where no source is given. Of several sources each has a line.
    Of a source with choices or ranges, or with a range for --set, every network has to keep to the limits.
    """
    load = asked_load(batch, optimizer, dtype)
    limits = Limits(
        Said(
            _said_limits(options),
            given_inputs(inputs),
            values(settings),
            load,
            options["expect_input"],
            options["expect_output"],
            given_targets(options["targets"]) if options["targets"] else None,
            codes(options["ignore"].split(","), "--ignore") if options["ignore"] else (),
            options["baseline"],
            options["growth"],
        )
    )
    words = _Words(kind, load.get("dtype", "float32"), form)
    alone = len(sources) == 1 and not lines
    worst, verdicts = 0, []
    for one in _asked(limits, sources, lines):
        for verdict in _verdicts(limits, one, words):
            worst = max(worst, status(verdict.found))
            verdicts.append(verdict)
            if form == "text" and not alone:
                _print_line(verdict)
    if alone and len(verdicts) > 1 and form == "text":
        for verdict in verdicts:
            _print_line(verdict)
    elif form != "text":
        _print(verdicts, form)
    elif alone:
        _print_alone(verdicts)
    sys.exit(worst)


def _said_limits(options: Mapping[str, object]) -> dict[str, int]:
    given = {name: options[f"max_{name}"] for name in LIMITS}
    return {name: limit for name, limit in given.items() if isinstance(limit, int)}


class _Words(NamedTuple):
    kind: str | None
    dtype: str
    form: str


class _Asked(NamedTuple):
    """A source, and the file and line of the list that names it."""

    source: str
    file: str | None = None
    line: int | None = None


def _asked(limits: Limits, sources: tuple[str, ...], lines: bool) -> Iterator[_Asked]:
    """The sources one after the other: those given, those of lists, or those that pyproject.toml lists."""
    if not sources:
        if lines:
            raise Misuse("--lines reads a list of sources: give its file, or - for standard input")
        yield from map(_Asked, limits.listed())
    elif not lines:
        yield from map(_Asked, sources)
    else:
        from seqshape.cli.many import Sources

        for given in sources:
            file = None if given == "-" else given
            yield from (_Asked(job.source, file, job.line) for job in Sources([given], True))


def _verdicts(limits: Limits, asked: _Asked, words: _Words) -> Iterator[Verdict]:
    """What is found of a source; of a program, of each model that it builds."""
    from seqshape.readers import is_file

    file = asked.source.partition("::")[0] if asked.source != "-" and is_file(asked.source) else None
    place = (file, None) if file is not None else (asked.file, asked.line)
    for shown, source in _models(limits, asked, words):
        yield _verdict(limits, shown, source, place, words)


def _models(limits: Limits, asked: _Asked, words: _Words) -> list[tuple[str, Spec]]:
    """The models of a source with their names. What cannot be read is told when it is held against the limits."""
    name = "standard input" if asked.source == "-" else asked.source
    path, colons, _ = asked.source.partition("::")
    if colons or not path.endswith((".py", ".ipynb")):
        return [(name, source_text(asked.source))]
    from seqshape.answers import models

    chosen = limits.of(asked.source, name)
    single = {key: value for key, value in chosen.values.items() if isinstance(value, (int, str))}
    single |= {key: value[0] for key, value in chosen.values.items() if isinstance(value, tuple) and len(value) == 1}
    try:
        found = models(asked.source, chosen.given, values=single, kind=words.kind)
    except SeqshapeError:
        return [(name, asked.source)]
    if len(found) < 2:
        return [(name, one) for one in found]
    return [(f"{name}::{_called(one) or number}", one) for number, one in enumerate(found, 1)]


def _called(one: Spec) -> str | None:
    """The name of a model of a program, or of the function that makes it."""
    graph = read_already(one)
    place = graph.place if graph is not None else None
    return (place.name or place.function) if place is not None else None


def _verdict(limits: Limits, shown: str, source: Spec, place: tuple[str | None, int | None], words: _Words) -> Verdict:
    from seqshape.answers import held

    chosen = limits.of(source if isinstance(source, str) else shown, shown)
    options = {"kind": words.kind, "dtype": words.dtype}
    try:
        found, network, number = held(source, chosen.given, chosen.expected, values=chosen.values, **options)
    except SeqshapeError as error:
        return Verdict(shown, *place, tuple(error.diagnostics))
    kept = tuple(one for one in found if not chosen.ignored or not one.code.startswith(chosen.ignored))
    fine = _fine(network, chosen.expected) if network is not None else _fine_all(number, chosen.expected)
    if limits.is_new(shown):
        fine += "; not in the baseline"
    return Verdict(shown, *place, kept, _totals(network), fine)


def _totals(network: Network | None) -> dict[str, object]:
    """The totals of a network, as a baseline has them."""
    if network is None:
        return {}
    totals = network.summary().to_dict()["totals"]
    return {name: totals[name] for name in GROWING}


def _fine_all(number: int, expected: Expectations) -> str:
    """What is said of many networks."""
    parts = [f"at most {limit:,} {LIMITS[name]}" for name, limit in expected.limits.items()]
    return f"{number:,} configurations, " + (f"each of {'; '.join(parts)}" if parts else "no fault")


def _fine(network: Network, expected: Expectations) -> str:
    totals = network.summary().totals
    parts = [
        f"{_shown(_memory(network, expected) if name == MEMORY else getattr(totals, name))} {LIMITS[name]} of at most {limit:,}"
        for name, limit in expected.limits.items()
    ]
    return "; ".join(parts) if parts else "no fault"


def _memory(network: Network, expected: Expectations) -> object:
    from seqshape.analysis.memory import peaks

    found = peaks(network, expected.load)
    return None if found is None else found[0]


def _shown(amount: object) -> str:
    return f"{amount:,}" if isinstance(amount, int) else "an unknown number of"


def _print_alone(verdicts: list[Verdict]) -> None:
    """Of the only source what is wrong, or that nothing is."""
    for one in verdicts:
        complain(one.found)
        if not status(one.found):
            tell(f"ok: {one.fine}")


def _print_line(one: Verdict) -> None:
    """A line for one source of several; what is wrong follows on standard error."""
    from seqshape.renderers.text import printable

    wrong = dict.fromkeys(found.code for found in one.found if found.severity == "error")
    tell(printable(f"{one.source}: {f'failed: {chr(32).join(wrong)}' if wrong else f'ok: {one.fine}'}"))
    if one.found:
        tell(printable(one.source), err=True)
        complain(one.found)


def _print(verdicts: list[Verdict], form: str) -> None:
    from seqshape.renderers import check as renderer

    text = renderer.render(verdicts, form)
    if text:
        say(text, commands=form == "github")
