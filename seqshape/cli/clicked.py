"""The command line as click sees it: help, completion, odd spellings, and what is wrong with the words.

Nothing here is loaded for words that are plain (see :mod:`seqshape.cli.words`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem

from seqshape import __version__
from seqshape.cli.helping import Context, Help
from seqshape.cli.plain import COMMANDS, COMPLETING, INTERRUPTED, attempt, carried_out, command_named, quietly
from seqshape.cli.printing import error_width, failed, say
from seqshape.cli.words import Choice, Failure, Kind, Misuse, Param, Whole
from seqshape.cli.words import Command as Declared

HELP = {"help_option_names": ["-h", "--help"]}
# What click raises where it is called without words: the help. Older versions print it themselves.
_NO_WORDS: tuple[type[click.ClickException], ...] = tuple(
    filter(None, [getattr(click.exceptions, "NoArgsIsHelpError", None)])
)


class _Choice(click.Choice):  # type: ignore[type-arg, unused-ignore]  # generic since click 8.2
    """One of some words; a word that is none has the nearest in its complaint."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:  # type: ignore[override, unused-ignore]
        """The word."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as problem:
            from seqshape.diagnostics import suggest

            typed = str(value).lower()
            words = [word for word in map(str, self.choices) if typed in word or word in typed]
            hint = f"did you mean {' or '.join(words)}?" if words and typed else suggest(str(value), list(self.choices))
            self.fail(f"{problem.message} {hint[:1].upper()}{hint[1:]}" if hint else problem.message, param, ctx)


class _Type(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # generic since click 8.4
    """A kind of word."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.name = kind.name

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """The value of a word."""
        try:
            return self.kind.read(value) if isinstance(value, str) else value
        except ValueError as problem:
            self.fail(str(problem), param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """How a word may go on."""
        found, is_file = self.kind.complete(incomplete)
        items = [CompletionItem(word) for word in found]
        return [*items, CompletionItem(incomplete, type="file")] if is_file else items


def _type(kind: Kind | None) -> object:
    if isinstance(kind, Choice):
        return _Choice(list(kind.words))
    if isinstance(kind, Whole):
        return click.IntRange(kind.least, kind.most)
    return _Type(kind) if kind is not None else None


def _param(param: Param) -> click.Parameter:
    """An argument or an option."""
    given: dict[str, Any] = {"type": _type(param.kind), "metavar": param.metavar, "required": param.required}
    if not param.names:
        return click.Argument([param.target], nargs=-1 if param.rest else 1, **given)
    if param.is_flag:
        return click.Option([*param.names, param.target], is_flag=True, help=param.help)
    default = {} if param.default in (None, ()) and not isinstance(param.default, tuple) else {"default": param.default}
    given |= {} if param.multiple else default
    return click.Option([*param.names, param.target], multiple=param.multiple, help=param.help, **given)


def _telling(names: list[str], help: str, tell: Callable[[click.Context], str]) -> click.Option:
    """An option that prints a text, and nothing else is done."""

    def told(context: click.Context, _: click.Parameter, given: bool) -> None:
        if given and not context.resilient_parsing:
            say(tell(context))
            context.exit()

    return click.Option(names, is_flag=True, is_eager=True, expose_value=False, help=help, callback=told)


def _help_option() -> click.Option:
    return _telling(["-h", "--help"], "Show this message and exit.", lambda context: context.get_help())


class Command(click.Command):
    """A command whose help shows examples first."""

    context_class = Context

    def __init__(self, found: Declared) -> None:
        super().__init__(
            found.name,
            context_settings=HELP,
            callback=_complaining(found),
            params=[*map(_param, found.params), _help_option()],
            help=found.function.__doc__,
            add_help_option=False,
        )
        self.examples = found.examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, then what click writes."""
        if self.examples and isinstance(formatter, Help):
            with formatter.section("Examples"):
                formatter.write_examples(self.examples)
            formatter.write_paragraph()
        super().format_help(ctx, formatter)


def _complaining(command: Declared) -> Callable[..., object]:
    """What a command does, whose complaints about words are click's."""

    def called(**given: object) -> object:
        try:
            return carried_out(command, **given)
        except Misuse as problem:
            raise click.UsageError(str(problem)) from None

    return called


def misused(problem: Misuse, name: str) -> NoReturn:
    """Say what is wrong with the words of a command, and how it is used, and end with 2."""
    group = click.Context(main, info_name="seqshape")
    with Command(command_named(name)).make_context(name, [], parent=group, resilient_parsing=True) as context:
        _complain(click.UsageError(str(problem), context))


def _complain(problem: click.ClickException) -> NoReturn:
    """Say what is wrong with the command line, as click does, but that what was typed stays on its line."""
    from seqshape.renderers.text import fitted, printable

    message = problem.format_message()
    if isinstance(problem, _NO_WORDS):
        say(message, err=True)
        sys.exit(problem.exit_code)
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    if context is not None:
        help = max(context.help_option_names, key=len)
        say(f"{context.get_usage()}\nTry '{context.command_path} {help}' for help.\n", err=True)
    # The only message of several lines is click's own list of choices.
    told = f"Error: {message if isinstance(problem, click.MissingParameter) else printable(message)}"
    say("\n".join(fitted(told.split("\n"), error_width())), err=True)
    sys.exit(problem.exit_code)


class Group(click.Group):
    """Loads a command when it is called."""

    context_class = Context

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        return Command(command_named(cmd_name)) if cmd_name in COMMANDS else None

    def main(
        self, args: Sequence[str] | None = None, *rest: object, standalone_mode: bool = True, **keywords: object
    ) -> Any:
        """What click does, but that plain words are read without it, and complaints are printed as everything else is."""
        plain: Callable[..., object] = super().main
        if not standalone_mode:
            return plain(args, *rest, standalone_mode=False, **keywords)
        attempt(sys.argv[1:] if args is None else list(args), misused)
        if COMPLETING in os.environ:
            from seqshape.cli.shells import register

            register()
        try:
            result = plain(args, *rest, standalone_mode=False, **keywords)
        except click.ClickException as problem:
            _complain(problem)
        except Failure as problem:
            failed(problem)
        except click.Abort:
            sys.exit(INTERRUPTED)
        sys.exit(result if isinstance(result, int) else 0)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """As click does it; quiet when the reader of the help has gone."""
        with quietly():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. Ctrl-C ends the program as the shell expects it."""
        with quietly():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the near miss, but do not run it."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message}{_hint(args[0])}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and help without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _hint(word: str) -> str:
    from seqshape.analysis.asked import asked
    from seqshape.diagnostics import suggest

    if word == "help":
        return " The help is an option: seqshape --help"
    found = suggest(word, list(COMMANDS))
    if found:
        return f" {found.capitalize()}"
    told = asked(word)
    if told is not None:
        return f" {told[:1].upper()}{told[1:]}"
    if any(sign in word for sign in "(>/.") or word[:1].isupper():
        return f" A network comes after a command: seqshape summarize '{word}'"
    return ""


_VERSION = _telling(["--version"], "Show the version and exit.", lambda _: f"seqshape {__version__}")


@click.group(cls=Group, context_settings=HELP, params=[_VERSION, _help_option()], add_help_option=False)
def main() -> None:
    """Shapes, parameter counts and costs of neural networks, without a framework.

    \b
    seqshape summarize 'LSTM(5,seq)>TD(Dense(1))' -i 5,1
    seqshape summarize model.keras --json
    seqshape layers LSTM

    Write a spec in single quotes: > and ( mean something to a shell. Exit status: 0 fine, 1 the network (or a budget,
    or a file) is wrong, 2 the command line is wrong (of compare: the two could not be compared), 3 seqshape itself is.
    """
