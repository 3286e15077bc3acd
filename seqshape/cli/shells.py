"""Completion in shells: click's scripts, but for words with commas in fish, and with colons in bash, which cuts them there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from seqshape.cli.plain import COMPLETING

if TYPE_CHECKING:
    import click

SHELLS = ("bash", "zsh", "fish")


def joined(words: Sequence[str]) -> list[str]:
    """The words as they were typed: ``train.py``, ``::``, ``mo`` are one. Bash cuts a word at a colon."""
    found: list[str] = []
    for word in words:
        if found and (word.strip(":") == "" or found[-1].endswith("::")) and word:
            found[-1] += word
        else:
            found.append(word)
    return found


class Bash(BashComplete):
    """Bash, which offers what comes behind the last colon of a word."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before, and the one that is typed."""
        before, typed = super().get_completion_args()
        self._is_cut = (
            typed[:1] == ":" or ":" not in typed
        )  # it is not in quotes, and where COMP_WORDBREAKS has no colon
        words = joined([*before, typed])
        if typed == "" and before and before[-1].strip(":") != "":
            words = [*joined(before), ""]
        self._typed = words[-1]
        return words[:-1], words[-1]

    def format_completion(self, item: CompletionItem) -> str:
        """What bash puts in the place of the last part of the word."""
        cut = self._typed.rpartition(":")[0] if self._is_cut else ""
        value = str(item.value)
        rest = value[len(cut) + 1 :] if cut and value.startswith(f"{cut}:") else value
        return f"{item.type},{rest}"


FISH = """function %(complete_func)s
    for line in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) %(prog_name)s)
        set -l parts (string split -m 1 , -- $line)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end
complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class Fish(FishComplete):
    """Fish; a word may hold commas, as a spec and a list of codes do."""

    source_template = FISH

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before, and the one that is typed, without its quotes: click 8.1 leaves them on."""
        words, typed = (split_arg_string(os.environ[name]) for name in ("COMP_WORDS", "COMP_CWORD"))
        last = typed[0] if typed else ""
        return words[1:-1] if last and words[-1] == last else words[1:], last


def register() -> None:
    """Let click use what is here."""
    add_completion_class(Bash, "bash")
    add_completion_class(Fish, "fish")


def script(shell: str, program: click.Command) -> str:
    """What a shell has to run to complete the words of the program."""
    register()
    found = get_completion_class(shell)
    assert found is not None
    return found(program, {}, "seqshape", COMPLETING).source().strip("\n")
