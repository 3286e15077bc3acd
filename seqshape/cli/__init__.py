"""The command line: one file a command, imported when it is called.

Each turns words into one library call and prints.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from seqshape import __version__

# Command → its file and a line of help, so that listing the commands imports none of them.
COMMANDS = {
    "summarize": "shapes, parameters and costs of a network, layer by layer",
    "explain": "where each count comes from, as a formula and with numbers; what a code means",
    "timesteps": "which output steps can see which input steps",
    "check": "limits on parameters, costs and shapes, for CI",
    "compare": "two networks side by side, and whether they are the same; more than two in a table",
    "sweep": "all networks that a spec with choices and ranges stands for, as a table",
    "solve": "the largest size that a budget allows",
    "convert": "a network as a spec, Keras JSON, Keras code or a PyTorch module",
    "fmt": "a spec in its one canonical form",
    "layers": "the layers there are, and the manual of one",
    "schema": "the JSON Schema of summarize --json",
}
INTERRUPTED = 130
HELP = {"help_option_names": ["-h", "--help"]}


def help_option() -> click.Option:
    """``--help``. Click's own asks for the language of the user, and no translation is there: it costs as much as a reader."""
    return _telling(["-h", "--help"], "Show this message and exit.", lambda context: context.get_help())


def _telling(names: list[str], help: str, tell: Callable[[click.Context], str]) -> click.Option:
    """An option that prints a text, and nothing else is done."""

    def told(context: click.Context, _: click.Parameter, given: bool) -> None:
        if given and not context.resilient_parsing:
            click.echo(tell(context), color=context.color)
            context.exit()

    return click.Option(names, is_flag=True, is_eager=True, expose_value=False, help=help, callback=told)


def spelled_out(params: Sequence[click.Parameter], words: Sequence[str], *, stop: bool = False) -> list[str]:
    """The words with the long names of options; ``stop``: the first that is no option begins a command.

    Of a short one click looks first for a long one that may be meant, which takes as long as reading the network.
    """
    options = {name: param for param in params if isinstance(param, click.Option) for name in param.opts}
    spelled: list[str] = []
    while words:
        is_long = words[0].startswith("--")
        name, equals, _ = words[0].partition("=") if is_long else (words[0], "", "")
        option = options.get(name)
        if option is None:
            if stop or (name.startswith("-") and name != "-"):
                break  # nobody knows what belongs to it
            taken, written = 1, words[0]
        else:
            taken = 1 if option.is_flag or equals else 2
            written = words[0] if is_long else max(option.opts, key=len)
        if taken > len(words):
            break
        spelled += [written, *words[1:taken]]
        words = words[taken:]
    return [*spelled, *words]


class Group(click.Group):
    """Loads a command when it is called."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, add_help_option=False, **keywords)
        self.params.append(help_option())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does it."""
        return super().parse_args(ctx, spelled_out(self.params, args, stop=True))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"seqshape.cli.{cmd_name}").command
        return command

    def main(self, *args: object, standalone_mode: bool = True, **keywords: object) -> Any:
        """What click does, but that what is wrong with the command line is printed as everything else is."""
        plain: Any = super().main
        if not standalone_mode:
            return plain(*args, standalone_mode=False, **keywords)
        try:
            result = plain(*args, standalone_mode=False, **keywords)
        except click.ClickException as problem:
            from seqshape.cli.printing import misused

            misused(problem)
            sys.exit(problem.exit_code)
        except click.Abort:
            sys.exit(INTERRUPTED)
        sys.exit(result if isinstance(result, int) else 0)

    def make_context(self, *args: Any, **keywords: Any) -> click.Context:
        """As click does it; quiet when the reader of the help has gone."""
        with _quietly():
            return super().make_context(*args, **keywords)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Ctrl-C ends the program as the shell expects it."""
        with _quietly():
            return super().invoke(ctx)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Suggest the near miss, but do not run it."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message}{_hint(args[0])}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and help without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@contextmanager
def _quietly() -> Iterator[None]:
    """Ctrl-C, and a reader of a pipe that has gone, end the program without a word."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        from seqshape.cli.printing import GONE, silence

        silence()
        sys.exit(GONE)


def _hint(word: str) -> str:
    from seqshape.diagnostics import suggest

    if any(sign in word for sign in "(>/.") or word[:1].isupper():
        return f" A network comes after a command: seqshape summarize '{word}'"
    found = suggest(word, list(COMMANDS))
    return f" {found.capitalize()}" if found else ""


class Command(click.Command):
    """A command whose help shows examples first."""

    def __init__(self, *args: Any, examples: tuple[str, ...] = (), **keywords: Any) -> None:
        super().__init__(*args, **keywords | {"context_settings": HELP, "add_help_option": False})
        self.params.append(help_option())
        self.examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does it."""
        return super().parse_args(ctx, spelled_out(self.params, args))

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, then what click writes."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"  {example}\n")
            formatter.write_paragraph()
        super().format_help(ctx, formatter)


_VERSION = _telling(["--version"], "Show the version and exit.", lambda _: f"seqshape {__version__}")


@click.group(cls=Group, context_settings=HELP, params=[_VERSION])
def main() -> None:
    """Shapes, parameter counts and costs of neural networks, without a framework.

    \b
    seqshape summarize 'LSTM(5,seq)>TD(Dense(1))' -i 5,1
    seqshape summarize model.keras --json
    seqshape layers LSTM

    Write a spec in single quotes: > and ( mean something to a shell. Exit status: 0 fine, 1 the network (or a budget,
    or a file) is wrong, 2 the command line is wrong, 3 seqshape itself is.
    """


def run() -> None:
    """The entry point: no traceback, whatever happens, and quiet when the reader of a pipe has gone."""
    from seqshape.cli.printing import open_streams

    open_streams()
    _allow_numbers()
    try:
        main.main(prog_name="seqshape", standalone_mode=True)
    except Exception as problem:
        from seqshape.cli.unforeseen import report

        report(problem)


def _allow_numbers() -> None:
    """Let Python write numbers of a few thousand digits, whatever the environment says: counts may have 1,200."""
    usual = sys.int_info.default_max_str_digits
    if 0 < sys.get_int_max_str_digits() < usual:
        sys.set_int_max_str_digits(usual)
