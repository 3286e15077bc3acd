"""``seqshape check``: limits on a network, for CI."""

from __future__ import annotations

import sys
from typing import Any

from seqshape.analysis.check import LIMITS, MEMORY, Expectations, parse_amount
from seqshape.cli.common import (
    Shapes,
    SpecType,
    asked_load,
    given_inputs,
    load_options,
    range_options,
    source_text,
    values,
)
from seqshape.cli.printing import complain, say, status
from seqshape.cli.project import quoted, section
from seqshape.cli.words import Choice, Kind, Misuse, argument, declared, option
from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.estimate import Load
from seqshape.shapes import parse_shape

EXAMPLES = (
    "seqshape check model.json --max-params 1M --max-macs 50M",
    "seqshape check 'LSTM(5,seq)>TD(Dense(1))' -i 5,1 --expect-output 5,1",
    "seqshape check net.seq --format github     (limits in pyproject.toml, [tool.seqshape])",
)


class Amount(Kind):
    """A number with a suffix."""

    name = "amount"

    def read(self, word: str) -> object:
        """The number."""
        return parse_amount(word)


@declared("check", examples=EXAMPLES)
@argument("source", type=SpecType())
@range_options
@option("--max-params", type=Amount(), metavar="N", help="most parameters: 1000000, 1M, 64Ki")
@option("--max-trainable-params", type=Amount(), metavar="N", help="most trainable parameters")
@option("--max-macs", type=Amount(), metavar="N", help="most multiply-adds for one sample")
@option("--max-bytes", type=Amount(), metavar="N", help="most bytes of weights")
@option("--max-memory", type=Amount(), metavar="N", help="most bytes of memory, estimated: 8GB, 512MiB")
@load_options
@option(
    "--expect-output",
    type=Shapes(named=False),
    multiple=True,
    metavar="SHAPE",
    help="shape of the output, without the batch; once for each",
)
@option(
    "--expect-input",
    type=Shapes(named=False),
    multiple=True,
    metavar="SHAPE",
    help="shape of the input, without the batch; once for each",
)
@option("--format", "form", type=Choice(["text", "github", "json"]), default="text", help="how findings are written")
def command(source: str, inputs: Any, settings: Any, kind: str | None, form: str, **options: object) -> None:
    """Hold a network against limits. Exit status 1 and one sentence for each limit that is broken.

    Limits that are not given come from [tool.seqshape] in the nearest pyproject.toml: max-params, max-macs,
    expect-output, …. Of a source with choices or ranges, or with a range for --set, every network has to keep to them.
    """
    from seqshape.answers import held

    load = asked_load(options)
    expected = _expectations(options, load)
    try:
        given, words = values(settings), {"kind": kind, "dtype": load.get("dtype", "float32")}
        found, network, number = held(source_text(source), given_inputs(inputs), expected, values=given, **words)
    except SeqshapeError as error:
        _print(list(error.diagnostics), form)
        sys.exit(status(error.diagnostics))
    _print(found, form)
    if not status(found) and form == "text":
        say(_fine(network, expected) if network is not None else _fine_all(number, expected))
    sys.exit(status(found))


def _fine_all(number: int, expected: Expectations) -> str:
    """What is said of many networks."""
    parts = [f"at most {limit:,} {LIMITS[name]}" for name, limit in expected.limits.items()]
    return f"ok: {number:,} configurations, " + (f"each of {'; '.join(parts)}" if parts else "no fault")


def _fine(network: Any, expected: Expectations) -> str:
    totals = network.summary().totals
    parts = [
        f"{_shown(_memory(network, expected) if name == MEMORY else getattr(totals, name))} {LIMITS[name]} of at most {limit:,}"
        for name, limit in expected.limits.items()
    ]
    return "ok: " + ("; ".join(parts) if parts else "no fault")


def _memory(network: Any, expected: Expectations) -> object:
    from seqshape.analysis.memory import peaks

    found = peaks(network, expected.load)
    return None if found is None else found[0]


def _shown(amount: object) -> str:
    return f"{amount:,}" if isinstance(amount, int) else "an unknown number of"


def _print(found: list[Diagnostic], form: str) -> None:
    if form == "json":
        from seqshape.renderers.check import to_dict
        from seqshape.renderers.data import text

        say(text(to_dict(found)))
    elif form == "github":
        from seqshape.renderers.diagnostics import render_github

        if found:
            say(render_github(found), commands=True)
    else:
        complain(found)


def _expectations(options: dict[str, Any], load: dict[str, Any]) -> Expectations:
    """The limits of the command line, over those of pyproject.toml."""
    words = {"expect-input", "expect-output", "batch", "optimizer"}
    config = section({f"max-{name.replace('_', '-')}" for name in LIMITS} | words)
    limits: dict[str, int] = {}
    for name in LIMITS:
        key = f"max-{name.replace('_', '-')}"
        value = options[f"max_{name}"]
        if value is None and key in config:
            value = _amount(key, config[key])
        if value is not None:
            limits[name] = value
    shapes = {
        what: options[f"expect_{what}"] or _configured_shapes(config, f"expect-{what}") for what in ("input", "output")
    }
    return Expectations(limits, tuple(shapes["input"]), tuple(shapes["output"]), _load(config, load))


def _load(config: dict[str, Any], given: dict[str, Any]) -> Load:
    """The batch and the optimizer of the memory. Raises Misuse for one that is none."""
    from seqshape import door

    words = {name: config[name] for name in ("batch", "optimizer") if name in config} | given
    try:
        return door.load(words.get("batch"), words.get("optimizer"))
    except SeqshapeError as error:
        raise Misuse(error.diagnostics[0].message) from None


def _amount(key: str, value: object) -> int:
    try:
        return parse_amount(quoted(value))
    except ValueError as problem:
        raise Misuse(f"[tool.seqshape] {key}: {problem}") from None


def _configured_shapes(config: dict[str, Any], key: str) -> tuple[Any, ...]:
    if key not in config:
        return ()
    value = config[key]
    several = value if isinstance(value, list) and value and isinstance(value[0], (list, str)) else [value]
    try:
        return tuple(parse_shape(one if isinstance(one, str) else ",".join(map(str, one))) for one in several)
    except (SeqshapeError, TypeError, ValueError):  # ValueError: Python does not write numbers of 5,000 digits
        raise Misuse(f'[tool.seqshape] {key} has to be a shape, such as "5,1"') from None
