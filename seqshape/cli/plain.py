"""Commands by name, and the way from plain words to what a command does."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import NoReturn

from seqshape.cli.words import Command, Failure, Misuse

# Command → its file and a line of help, so that listing the commands imports none of them.
COMMANDS = {
    "summarize": "shapes, parameters and costs of a network, layer by layer",
    "watch": "the summary of a file again on every save, with what has changed marked",
    "play": "the shapes of a spec at every key press",
    "explain": "where each count comes from, as a formula and with numbers; what a code, a word or a message means",
    "timesteps": "which output steps can see which input steps",
    "check": "limits on parameters, costs and shapes, for CI",
    "compare": "two networks side by side, and whether they are the same; more than two in a table",
    "sweep": "all networks that a spec with choices and ranges stands for, as a table",
    "solve": "the largest size that a budget allows",
    "convert": "a network as a spec, Keras JSON, Keras code or a PyTorch module",
    "graph": "a network as a diagram: Mermaid, DOT, SVG",
    "fmt": "a spec in its one canonical form",
    "layers": "the layers there are, the manual of one, and a search",
    "schema": "the JSON Schema of summarize --json",
    "completion": "the script that completes words in bash, zsh or fish",
}
INTERRUPTED = 130
COMPLETING = "_SEQSHAPE_COMPLETE"  # set by a shell that asks how a word goes on
_PATTERNS = frozenset("*?[~$%")  # what the shells of Windows leave to the program


def command_named(name: str) -> Command:
    """The command of a name that is in :data:`COMMANDS`."""
    command: Command = import_module(f"seqshape.cli.{name}").command
    return command


def carried_out(command: Command, **given: object) -> object:
    """Do what the words say; a command that reads a source knows the layers that the project declares."""
    if not any(param.kind is not None and param.kind.is_source for param in command.params):
        return command.function(**given)
    from seqshape.cli.declaring import declared_by_project

    with declared_by_project():
        return command.function(**given)


def attempt(words: Sequence[str], misused: Callable[[Misuse, str], NoReturn]) -> None:
    """If the words are plain, do what they say and end with its status; else nothing is done.

    ``misused`` is told what the command itself finds wrong with its words, and the name of the command.
    """
    if not words or words[0] not in COMMANDS or COMPLETING in os.environ:
        return
    if os.name == "nt" and any(_PATTERNS & {*word} for word in words):
        return
    with quietly():
        command = command_named(words[0])
        given = command.understood(words[1:])
        if given is None:
            return
        try:
            result = carried_out(command, **given)
        except Failure as problem:
            from seqshape.cli.printing import failed

            failed(problem)
        except Misuse as problem:
            misused(problem, command.name)
    sys.exit(result if isinstance(result, int) else 0)


@contextmanager
def quietly() -> Iterator[None]:
    """Ctrl-C, and a reader of a pipe that has gone, end the program without a word."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        from seqshape.cli.printing import GONE, silence

        silence()
        sys.exit(GONE)
