"""``seqshape schema``: the JSON Schema of what ``summarize --json`` prints."""

from __future__ import annotations

from importlib import resources

import click

from seqshape.cli import Command


@click.command("schema", cls=Command, examples=("seqshape schema > summary.schema.json",))
def command() -> None:
    """Print the JSON Schema of summarize --json."""
    click.echo((resources.files("seqshape") / "schema" / "summary.json").read_text("utf-8").rstrip())
