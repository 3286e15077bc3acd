"""``seqshape layers``: the catalogue and the manual of one layer."""

from __future__ import annotations

from typing import Any

import click

from seqshape.cli import Command
from seqshape.cli.printing import leave, say


class LayerName(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # generic since click 8.4
    """A layer name, completed from the catalogue."""

    name = "name"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Names that begin so, without regard to case."""
        from click.shell_completion import CompletionItem

        from seqshape.registry import spellings

        return [CompletionItem(name) for name in spellings() if name.lower().startswith(incomplete.lower())]


@click.command(
    "layers", cls=Command, examples=("seqshape layers", "seqshape layers LSTM", "seqshape layers ops.matmul")
)
@click.argument("name", required=False, type=LayerName())
@click.option("--json", "as_json", is_flag=True, help="as data")
def command(name: str | None, as_json: bool) -> None:
    """List the layers, or print the manual of one."""
    say(_page(name, as_json) if name else _catalogue(as_json))


def _page(name: str, as_json: bool) -> str:
    from seqshape.analysis.manual import page
    from seqshape.diagnostics import SeqshapeError

    try:
        found = page(name)
    except SeqshapeError as error:
        leave(error)
    if as_json:
        import json

        return json.dumps(found.to_dict(), indent=2)
    return str(found)


def _catalogue(as_json: bool) -> str:
    from seqshape.analysis.manual import families

    if as_json:
        import json

        return json.dumps(families(), indent=2)
    from seqshape.renderers.manual import catalogue

    return catalogue(families())
