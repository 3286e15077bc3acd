"""Networks as diagrams: boxes with names and parameters, arrows with shapes. Each form is one file with ``render``.

A form gets a :class:`Diagram`, which says what there is to draw and nothing of how. ``svg``, ``png`` and ``pdf`` are
what Graphviz makes of ``dot``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from seqshape.records import NamedTuple
from seqshape.registry import named
from seqshape.renderers import Options
from seqshape.renderers.cells import count_text, shape_text
from seqshape.renderers.text import shown
from seqshape.summary import Row, Shape, Summary

TEXTS = ("mermaid", "dot")
PICTURES = ("svg", "png", "pdf")
# What a file is by its ending.
ENDINGS = {
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
    **{f".{form}": form for form in PICTURES},
}
Ends = tuple[tuple[str, Shape | None], ...]


class Box(NamedTuple):
    """A layer, an input or an output: its lines of text, and what is inside where a nested model is unfolded."""

    key: str
    lines: tuple[str, ...]
    kind: Literal["layer", "input", "output"]
    faulty: bool = False
    inside: tuple[Box, ...] = ()
    arrows: tuple[Arrow, ...] = ()


class Arrow(NamedTuple):
    """From one box to another, by their keys, with the shape that goes along."""

    start: str
    stop: str
    shape: str


class Diagram(NamedTuple):
    """A network to draw."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def diagram(summary: Summary, ends: Ends, options: Options = Options()) -> Diagram:
    """What there is to draw of a network; ``ends`` are its outputs: which layer gives each, and its shape.

    ``expand`` unfolds nested models. A shared layer is one box with several arrows into it.
    """
    drawing = _Drawing(options)
    boxes, arrows = drawing.model(summary.layers, "n")
    boxes, arrows = drawing.inputs(summary, boxes, arrows)
    for number, (name, shape) in enumerate(ends):
        key = drawing.keys.get(("n", name))
        if key is not None:
            label = "output" if len(ends) == 1 else f"output {number}"
            boxes.append(Box(f"out{number}", (label,), "output"))
            arrows.append(Arrow(key, f"out{number}", shape_text(shape)))
    return Diagram(shown(summary.name, ascii=False), tuple(boxes), tuple(arrows))


class _Drawing:
    """The keys of the boxes, by the model that they stand in and the name of the layer."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.keys: dict[tuple[str, str], str] = {}

    def model(self, rows: tuple[Row, ...], prefix: str) -> tuple[list[Box], list[Arrow]]:
        """The boxes and arrows of a model's rows."""
        for number, row in enumerate(rows):
            self.keys.setdefault((prefix, row.name), f"{prefix}{number}")
        boxes = [self.box(row, f"{prefix}{number}") for number, row in enumerate(rows)]
        return boxes, list(self.between(rows, prefix))

    def box(self, row: Row, key: str) -> Box:
        """One row, with what is inside of it if that is shown."""
        plain = self.options._replace(ascii=False)
        count = count_text(row.params, plain)
        lines = [shown(row.name, ascii=False), shown(row.class_name, ascii=False)]
        if row.params is None or str(row.params) != "0":
            lines.append(f"{count} params")
        inside, arrows = self.model(row.layers, f"{key}_") if self.options.expand and row.layers else ([], [])
        is_input = row.class_name == named("input")
        return Box(key, tuple(lines), "input" if is_input else "layer", row.faulty, tuple(inside), tuple(arrows))

    def between(self, rows: tuple[Row, ...], prefix: str) -> Iterator[Arrow]:
        """An arrow for each tensor that a layer gets from another one."""
        for row in rows:
            for call in row.calls:
                for source, shape in zip(call.sources, call.inputs, strict=False):
                    start = self.keys.get((prefix, source[0]))
                    if start is not None:
                        yield Arrow(start, self.keys[prefix, row.name], shape_text(shape))

    def inputs(self, summary: Summary, boxes: list[Box], arrows: list[Arrow]) -> tuple[list[Box], list[Arrow]]:
        """The same with boxes for inputs that have no row, as in a Sequential."""
        first: dict[str, Box] = {}
        more: list[Arrow] = []
        for row in summary.layers:
            for call in row.calls:
                for source, shape in zip(call.sources, call.inputs, strict=False):
                    if ("n", source[0]) not in self.keys:
                        box = Box(f"in{len(first)}", (shown(source[0], ascii=False),), "input")
                        start = first.setdefault(source[0], box).key
                        more.append(Arrow(start, self.keys["n", row.name], shape_text(shape)))
        return [*first.values(), *boxes], more + arrows


Form = Callable[[Diagram, str], str]


def form(name: str) -> Form:
    """The function that writes a diagram in a form of TEXTS, downwards (``TB``) or to the right (``LR``)."""
    from importlib import import_module

    found: Form = import_module(f"{__name__}.{name}").render
    return found
