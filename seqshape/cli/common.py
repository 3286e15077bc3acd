"""What commands share: options and sources."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from seqshape.cli.printing import say
from seqshape.diagnostics import SeqshapeError, Source
from seqshape.readers.kinds import KINDS, in_place
from seqshape.readers.opened import START
from seqshape.shapes import parse_shape, split_input

MOST_DIGITS = 18  # of a size, so that it has no more than 64 bits
Item = TypeVar("Item")
Function = TypeVar("Function", bound=Callable[..., Any])


class SpecType(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # generic since click 8.4
    """A source: a spec or a file. Completes layer names inside a spec."""

    name = "source"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Layer names for the last word of a spec, and files."""
        from click.shell_completion import CompletionItem

        from seqshape.registry import spellings

        stem = incomplete.rstrip("_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.")
        word = incomplete[len(stem) :].lower()
        found = [CompletionItem(stem + name) for name in spellings() if name.lower().startswith(word)]
        return [*found, CompletionItem(incomplete, type="file")] if not stem else found


class Shapes(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # generic since click 8.4
    """A shape without the batch; ``named``: or NAME=shape."""

    name = "shape"

    def __init__(self, *, named: bool = True) -> None:
        self.read = split_input if named else parse_shape

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The dims, after the name (or None) if there may be one."""
        try:
            return self.read(value) if isinstance(value, str) else value
        except SeqshapeError as error:
            found = error.diagnostics[0]
            self.fail(f"{found.message}{f'; {found.help}' if found.help else ''} [{found.code}]", param, ctx)


class Setting(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # generic since click 8.4
    """``--set``: NAME=NUMBER."""

    name = "name=number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name and the number."""
        if not isinstance(value, str):
            return value
        name, number = _parted(value)
        if not name or not number:
            self.fail(f"{value!r} has to be a name and a number of at least 1, such as T=500", param, ctx)
        if not number.isascii() or not number.isdigit() or not number.strip("0"):
            return name, number  # for a program in Python
        if len(number) > MOST_DIGITS:
            self.fail(f"the number of {name} has more than {MOST_DIGITS} digits", param, ctx)
        return name, int(number)


class Numbers(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # generic since click 8.4
    """``--set`` where several networks can be meant: NAME=8..512."""

    name = "name=numbers"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name and its numbers."""
        if not isinstance(value, str):
            return value
        from seqshape.analysis.axes import parse_numbers

        name, _, numbers = value.partition("=")
        if not all(part.isidentifier() for part in name.split(".")):
            self.fail(f"{value!r} has to be a name and numbers, such as units=8..512", param, ctx)
        try:
            return name, parse_numbers(numbers)
        except ValueError as problem:
            self.fail(str(problem), param, ctx)


def _parted(setting: str) -> tuple[str, str]:
    """The name and the value around the first ``=`` that is none of ``==``, ``<=``, ``>=``, ``!=``."""
    import re

    found = re.match(r"^(.*?[^=<>!])=(?!=)(.*)$", setting, re.DOTALL)
    return (found.group(1).strip(), found.group(2).strip()) if found else ("", "")


def input_options(function: Function) -> Function:
    """``-i``, ``--set`` and ``--from``."""
    return _input_options(
        function, Setting(), "NAME=N", "a number for a named size; of code a value for what it leaves open"
    )


def range_options(function: Function) -> Function:
    """``-i``, ``--from``, and a ``--set`` that takes ranges."""
    help = "a number for a named size, or several: T=100, units=8..512, units=8..512..8, units={16,32}"
    return _input_options(function, Numbers(), "NAME=N..M", help)


def _input_options(function: Function, setting: Setting | Numbers, metavar: str, help: str) -> Function:
    for option in (
        click.option(
            "--from",
            "kind",
            type=click.Choice(list(KINDS)),
            help="what the source is, where its content misleads",
        ),
        click.option("--set", "settings", type=setting, multiple=True, metavar=metavar, help=help),
        click.option(
            "-i",
            "--input",
            "inputs",
            type=Shapes(),
            multiple=True,
            metavar="SHAPE",
            help="input shape without the batch: 5,1 or T,F or NAME=12,71",
        ),
    ):
        function = option(function)
    return function


def given_inputs(inputs: Sequence[tuple[str | None, object]]) -> Any:
    """What ``-i`` says: one shape, shapes by name, or nothing. Raises UsageError where both are mixed."""
    named = {name: shape for name, shape in inputs if name is not None}
    alone = [shape for name, shape in inputs if name is None]
    if len(alone) > 1 or (alone and named):
        raise click.UsageError("several inputs need names: -i src=12,71 -i tgt=9,93")
    if len(named) < len(inputs) - len(alone):
        raise click.UsageError("an input is given twice")
    return named or (alone[0] if alone else None)


def given_targets(targets: Sequence[tuple[str | None, object]]) -> Any:
    """What ``--target`` says: shapes in order, or by name. Raises UsageError where both are mixed."""
    named = {name: shape for name, shape in targets if name is not None}
    if named and len(named) < len(targets):
        raise click.UsageError("--target of several outputs: all with names, each once, or all without")
    return named or [shape for _, shape in targets]


def source_text(argument: str) -> str | Source:
    """A source as given; ``-`` is the text that standard input holds."""
    if argument != "-":
        return argument
    if sys.stdin.isatty():
        raise click.UsageError("- reads the spec from standard input, which is a terminal here")
    from seqshape.readers.json_text import LIMIT

    data = sys.stdin.buffer.read(LIMIT + 1)
    if in_place(data[:START]):
        raise click.UsageError("standard input is a file of a model: give its path instead of -")
    if len(data) > LIMIT:
        raise click.UsageError(f"standard input has more than {LIMIT >> 20} MiB of text")
    try:
        return Source(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise click.UsageError("standard input is no text in UTF-8") from None


def values(settings: Sequence[tuple[str, Item]]) -> Mapping[str, Item]:
    """What ``--set`` says. Raises UsageError if a name is given twice."""
    if len({name for name, _ in settings}) < len(settings):
        raise click.UsageError("--set gives a name twice")
    return dict(settings)


def analysed(source: str, inputs: Any, settings: Any, kind: str | None, *, sizes: bool = False) -> Any:
    """The walked network of a command's words. ``sizes``: sizes that nothing fixes get small numbers, and it says so.

    Raises SeqshapeError if the source cannot be read.
    """
    from seqshape.answers import analyse, numbered

    given, text, numbers = given_inputs(inputs), source_text(source), values(settings)

    def made(chosen: Mapping[str, int]) -> Any:
        return analyse(text, given, values={**numbers, **chosen}, kind=kind)

    network = made({})
    if not sizes:
        return network
    network, notes = numbered(network, made)
    for note in notes:
        say(f"note: {note}", err=True)
    return network
