"""DOT, the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.renderers.diagram import Arrow, Box, Diagram

_STYLES = {
    "layer": 'shape=box, style="rounded,filled", fillcolor="#eef3fb"',
    "input": 'shape=box, style="rounded,filled", fillcolor="#f4f4f4"',
    "output": 'shape=box, style="rounded,filled", fillcolor="#f4f4f4"',
}
_FAULTY = 'shape=box, style="rounded,filled,dashed", color="#cc0000", fillcolor="#fdeeee"'


def render(diagram: Diagram, direction: str = "TB") -> str:
    """The diagram as a directed graph of DOT, without a line break at the end."""
    font = 'fontname="Helvetica,Arial,sans-serif", fontsize=11'
    lines = [
        f"digraph {_quoted(diagram.title)} {{",
        f'    graph [rankdir={direction}, compound=true, nodesep=0.35, ranksep=0.35, bgcolor="white", {font}]',
        f'    node [margin="0.15,0.08", color="#7a8aa0", {font}]',
        f'    edge [color="#7a8aa0", fontcolor="#404a58", arrowsize=0.7, {font}]',
        *_model(diagram.boxes, diagram.arrows, "    "),
        "}",
    ]
    return "\n".join(lines)


def _model(boxes: tuple[Box, ...], arrows: tuple[Arrow, ...], indent: str) -> Iterator[str]:
    clusters = {box.key: box for box in boxes if box.inside}
    for box in boxes:
        if box.inside:
            yield f"{indent}subgraph {_quoted(f'cluster_{box.key}')} {{"
            yield f'{indent}    label={_label(box)}; style="rounded"; color="#7a8aa0"'
            yield from _model(box.inside, box.arrows, f"{indent}    ")
            yield f"{indent}}}"
        else:
            yield f"{indent}{box.key} [label={_label(box)}, {_FAULTY if box.faulty else _STYLES[box.kind]}]"
    for arrow in arrows:
        yield f"{indent}{_arrow(arrow, clusters)}"


def _arrow(arrow: Arrow, clusters: dict[str, Box]) -> str:
    """An arrow; one to or from an unfolded model ends at its frame."""
    words = [f"label={_quoted(f' {arrow.shape}')}"]
    start, stop = arrow.start, arrow.stop
    if start in clusters:
        words.append(f"ltail={_quoted(f'cluster_{start}')}")
        start = _last(clusters[start])
    if stop in clusters:
        words.append(f"lhead={_quoted(f'cluster_{stop}')}")
        stop = _first(clusters[stop])
    return f"{start} -> {stop} [{', '.join(words)}]"


def _first(box: Box) -> str:
    while box.inside:
        box = box.inside[0]
    return box.key


def _last(box: Box) -> str:
    while box.inside:
        box = box.inside[-1]
    return box.key


def _label(box: Box) -> str:
    return _quoted("\n".join(box.lines))


def _quoted(text: str) -> str:
    """A string of DOT, in which a backslash and a quote are no signs."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
