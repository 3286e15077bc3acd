"""Completion in shells: click's scripts, and bash's words put together again where it cuts them at a colon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class

from seqshape.cli.plain import COMPLETING

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
        words = joined([*before, typed])
        if typed == "" and before and before[-1].strip(":") != "":
            words = [*joined(before), ""]
        self._typed = words[-1]
        return words[:-1], words[-1]

    def format_completion(self, item: CompletionItem) -> str:
        """What bash puts in the place of the last part of the word."""
        cut = self._typed.rpartition(":")[0]
        value = str(item.value)
        rest = value[len(cut) + 1 :] if cut and value.startswith(f"{cut}:") else value
        return f"{item.type},{rest}"


def register() -> None:
    """Let click use what is here."""
    add_completion_class(Bash, "bash")


def script(shell: str, program: Any) -> str:
    """What a shell has to run to complete the words of the program."""
    register()
    found = get_completion_class(shell)
    assert found is not None
    return found(program, {}, "seqshape", COMPLETING).source().strip("\n")
