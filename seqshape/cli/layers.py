"""``seqshape layers``: the catalogue and the manual of one layer."""

from __future__ import annotations

import sys
from typing import Any

import click

from seqshape.cli import Command
from seqshape.cli.printing import complain, say


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
    from seqshape.analysis.manual import manual
    from seqshape.diagnostics import Diagnostic, suggest
    from seqshape.registry import find_layer, spellings

    kind = find_layer(name)
    if kind is None:
        hint = suggest(name, spellings())
        complain([Diagnostic("E102", "error", f"there is no layer called {name}", help=hint)])
        sys.exit(1)
    page = manual(kind)
    if as_json:
        import json

        data = page._asdict() | {"arguments": [argument._asdict() for argument in page.arguments]}
        return json.dumps(data, indent=2)
    from seqshape.renderers.manual import render

    return render(page)


def _catalogue(as_json: bool) -> str:
    from seqshape.registry import layers, operations

    families: dict[str, list[str]] = {}
    for kind in [*layers().values(), *operations().values()]:
        family = kind.rule.__module__.rpartition(".")[2]
        families.setdefault(family, []).append(_spelling(kind))
    if as_json:
        import json

        return json.dumps(families, indent=2)
    from seqshape.renderers.manual import catalogue

    return catalogue(families)


def _spelling(kind: Any) -> str:
    from seqshape.registry import snake_case

    if kind.operation:
        return f"ops.{snake_case(kind.name)}"
    return f"{kind.name} ({', '.join(kind.aliases)})" if kind.aliases else str(kind.name)
