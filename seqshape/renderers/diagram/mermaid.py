"""Mermaid: a flowchart as text, which GitHub and many editors draw."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.renderers.diagram import Arrow, Box, Diagram

_SAFE = frozenset(" .,:-+*/()=_×·⌊⌋?")
# What Mermaid draws at most if nothing else is set, so on GitHub too: its settings maxEdges and maxTextSize.
MOST_ARROWS, MOST_SIGNS = 500, 50_000
_SHAPES = {"layer": ('["', '"]'), "input": ('(["', '"])'), "output": ('(["', '"])')}


def render(diagram: Diagram, direction: str = "TB") -> str:
    """The diagram as a Mermaid flowchart, without a line break at the end."""
    lines = [f"flowchart {direction}", *_model(diagram.boxes, diagram.arrows, "    ")]
    faulty = [box.key for box in _every(diagram.boxes) if box.faulty]
    if faulty:
        lines += [
            "    classDef faulty stroke:#c00,stroke-width:2px,stroke-dasharray:4",
            f"    class {','.join(faulty)} faulty",
        ]
    return "\n".join(lines)


def is_too_large(text: str) -> bool:
    """Whether Mermaid refuses to draw a flowchart for its size, if its settings are not changed."""
    return text.count(" -->|") > MOST_ARROWS or len(text) > MOST_SIGNS


def _model(boxes: tuple[Box, ...], arrows: tuple[Arrow, ...], indent: str) -> Iterator[str]:
    for box in boxes:
        if box.inside:
            yield f'{indent}subgraph {box.key}["{" · ".join(map(_text, box.lines))}"]'
            yield from _model(box.inside, box.arrows, f"{indent}    ")
            yield f"{indent}end"
        else:
            opening, closing = _SHAPES[box.kind]
            yield f"{indent}{box.key}{opening}{'<br>'.join(map(_text, box.lines))}{closing}"
    for arrow in arrows:
        yield f'{indent}{arrow.start} -->|"{_text(arrow.shape)}"| {arrow.stop}'


def _every(boxes: tuple[Box, ...]) -> Iterator[Box]:
    for box in boxes:
        yield box
        yield from _every(box.inside)


def _text(text: str) -> str:
    """Text inside quotes: whatever could be a sign of the language, or of HTML, goes by its number."""
    return "".join(one if one.isalnum() or one in _SAFE else f"#{ord(one)};" for one in text)
