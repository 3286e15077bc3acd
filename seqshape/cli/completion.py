"""``seqshape completion``: what a shell runs to complete the words of seqshape."""

from __future__ import annotations

from seqshape.cli.printing import say
from seqshape.cli.words import Choice, argument, declared

EXAMPLES = (
    'eval "$(seqshape completion bash)"     (in ~/.bashrc; likewise for zsh in ~/.zshrc)',
    "seqshape completion fish | source     (in ~/.config/fish/config.fish)",
)


@declared("completion", examples=EXAMPLES)
@argument("shell", type=Choice(("bash", "zsh", "fish")))
def command(shell: str) -> None:
    """Print the script that completes commands, options, layers in a spec, codes, and the models of a program.

    SHELL is bash, zsh or fish. A shell runs the script once when it starts.
    """
    from seqshape.cli.clicked import main
    from seqshape.cli.shells import script

    say(script(shell, main))
