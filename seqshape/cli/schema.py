"""``seqshape schema``: the JSON Schema of what ``summarize --json`` prints."""

from __future__ import annotations

import click

from seqshape.cli import Command
from seqshape.cli.printing import say


@click.command("schema", cls=Command, examples=("seqshape schema > summary.schema.json",))
def command() -> None:
    """Print the JSON Schema of summarize --json."""
    from seqshape.renderers.json import schema

    say(schema().rstrip())
