"""``seqshape layers``: the catalogue, a search in it, and the manual of one layer."""

from __future__ import annotations

from seqshape.cli.common import width_option
from seqshape.cli.printing import leave, say, terminal_width
from seqshape.cli.words import Kind, Misuse, argument, declared, option


class LayerName(Kind):
    """A layer name, completed from the catalogue."""

    name = "name"

    def complete(self, incomplete: str) -> tuple[list[str], bool]:
        """Names that begin so, without regard to case."""
        from seqshape.registry import spellings

        return [name for name in spellings() if name.lower().startswith(incomplete.lower())], False


EXAMPLES = (
    "seqshape layers",
    "seqshape layers LSTM",
    "seqshape layers ops.matmul",
    "seqshape layers mask     (where a word stands: names, arguments, manuals)",
    "seqshape layers --ops",
)


@declared("layers", examples=EXAMPLES)
@argument("name", required=False, metavar="[NAME|WORD]", type=LayerName())
@option("--ops", is_flag=True, help="the operations of keras.ops instead of layers")
@option("--json", "as_json", is_flag=True, help="print JSON")
@width_option
def command(name: str | None, ops: bool, as_json: bool, width: int | None) -> None:
    """List the layers, print the manual of one, or search names, arguments and manuals for a word."""
    if name and ops:
        raise Misuse("--ops lists all operations; one of them is ops.NAME, such as ops.matmul")
    say(_page(name, as_json, width) if name else _catalogue(ops, as_json, width))


def _page(name: str, as_json: bool, width: int | None) -> str:
    from seqshape.analysis.manual import page
    from seqshape.diagnostics import SeqshapeError
    from seqshape.renderers.manual import found as drawn
    from seqshape.renderers.manual import render

    try:
        manual = page(name)
    except SeqshapeError as error:
        from seqshape.analysis.words import search

        places = search(name) if len(name) > 1 else {}
        if not places:
            leave(error)
        return _json(_hits(places)) if as_json else drawn(places, terminal_width(width))
    return _json(manual.to_dict()) if as_json else render(manual, terminal_width(width))


def _hits(places: dict[str, list[tuple[str, str]]]) -> dict[str, list[dict[str, str]]]:
    return {where: [{"name": name, "text": text} for name, text in hits] for where, hits in places.items()}


def _catalogue(ops: bool, as_json: bool, width: int | None) -> str:
    from seqshape.analysis.manual import families, spellings

    if as_json:
        return _json(families(ops=ops))
    from seqshape.renderers.manual import catalogue

    return catalogue(spellings(ops=ops), terminal_width(width), ops=ops)


def _json(data: object) -> str:
    import json

    return json.dumps(data, indent=2)
