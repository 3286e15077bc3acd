"""The manual page seqshape(1), which the wheel installs: every command with its options and examples.

``python tools/manpage.py`` prints it; ``python tools/manpage.py | man -l -`` shows it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from seqshape import __version__
from seqshape.cli.plain import COMMANDS, command_named
from seqshape.cli.words import Choice, Command, Param, Whole

STATUS = (
    ("0", "all is well."),
    ("1", "the network, a budget or a file is wrong."),
    ("2", "the command line is wrong; of compare: the two could not be compared."),
    ("3", "seqshape itself has failed."),
    ("130", "it was interrupted."),
    ("141", "the reader of the output has gone."),
)
ENVIRONMENT = (
    ("NO_COLOR, FORCE_COLOR", "no colour, or colour also where the output is no terminal."),
    ("COLUMNS", "the width to draw in, where the output is a terminal."),
    ("SEQSHAPE_TRACEBACK", "1 shows where seqshape itself has failed, for a report."),
)


def text(words: str) -> str:
    """Words as they stand, which no sign of roff is in."""
    safe = words.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "")
    return "\n".join(f"\\&{line}" if line.startswith((".", "\\(aq")) else line for line in safe.splitlines())


def metavar(param: Param) -> str:
    """What stands for the value of an argument or an option."""
    if param.metavar:
        return param.metavar
    if isinstance(param.kind, Choice):
        return "|".join(param.kind.words)
    if isinstance(param.kind, Whole):
        return "N"
    return (param.target if not param.names else param.kind.name if param.kind else "TEXT").upper()


def option(param: Param) -> Iterator[str]:
    """An option, and its help."""
    value = "" if param.is_flag else f" \\fI{text(metavar(param))}\\fR"
    yield ".TP"
    yield ", ".join(f"\\fB{text(name)}\\fR{value}" for name in param.names)
    yield text(param.help or "")


def command(name: str) -> Iterator[str]:
    """The part of one command."""
    found: Command = command_named(name)
    usage = " ".join(text(metavar(param)) for param in found.params if not param.names)
    yield f'.SS "seqshape {name} {usage} [options]"'
    for number, paragraph in enumerate(inspect.getdoc(found.function).split("\n\n") if found.function.__doc__ else ()):
        yield from (".PP",) if number else ()
        yield text(" ".join(paragraph.split()))
    for param in found.params:
        if param.names:
            yield from option(param)
    if found.examples:
        yield from (".PP", "Examples:", ".PP", ".nf", ".RS", *map(text, found.examples), ".RE", ".fi")


def page() -> str:
    """The whole page."""
    lines = [
        f'.TH SEQSHAPE 1 "" "seqshape {__version__}" "User Commands"',
        ".SH NAME",
        "seqshape \\- shapes, parameter counts and costs of neural networks, without a framework",
        ".SH SYNOPSIS",
        ".B seqshape",
        "\\fICOMMAND\\fR [\\fIoptions\\fR] \\fISOURCE\\fR",
        ".SH DESCRIPTION",
        text(
            "A source is a spec in single quotes, such as 'LSTM(5,seq)>TD(Dense(1))'; a file that holds one; a model of "
            "Keras: its config, a .keras or .h5 file, Python code or a notebook that builds it; a VGSL spec; or - for "
            "standard input. Nothing in a file is ever executed."
        ),
        ".PP",
        ".nf",
        ".RS",
    ]
    lines += [*(f"{text(name):<14}{text(help)}" for name, help in COMMANDS.items()), ".RE", ".fi", ".SH COMMANDS"]
    for name in COMMANDS:
        lines += command(name)
    for title, rows in (("EXIT STATUS", STATUS), ("ENVIRONMENT", ENVIRONMENT)):
        lines.append(f".SH {title}")
        for term, meaning in rows:
            lines += [".TP", f"\\fB{text(term)}\\fR", text(meaning)]
    return "\n".join(line for line in lines if line) + "\n"


if __name__ == "__main__":
    print(page(), end="")
