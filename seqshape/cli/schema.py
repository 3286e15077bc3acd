"""``seqshape schema``: the JSON Schema of what ``summarize --json`` prints."""

from __future__ import annotations

from seqshape.cli.printing import say
from seqshape.cli.words import declared


@declared("schema", examples=("seqshape schema > summary.schema.json",))
def command() -> None:
    """Print the JSON Schema of summarize --json."""
    from seqshape.renderers.json import schema

    say(schema().rstrip())
