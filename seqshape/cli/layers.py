"""``seqshape layers``: the catalogue and the manual of one layer."""

from __future__ import annotations

from seqshape.cli.printing import leave, say
from seqshape.cli.words import Kind, argument, declared, option


class LayerName(Kind):
    """A layer name, completed from the catalogue."""

    name = "name"

    def complete(self, incomplete: str) -> tuple[list[str], bool]:
        """Names that begin so, without regard to case."""
        from seqshape.registry import spellings

        return [name for name in spellings() if name.lower().startswith(incomplete.lower())], False


@declared("layers", examples=("seqshape layers", "seqshape layers LSTM", "seqshape layers ops.matmul"))
@argument("name", required=False, type=LayerName())
@option("--json", "as_json", is_flag=True, help="as data")
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
