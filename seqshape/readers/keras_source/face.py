"""What the other rooms see of a program: its models, all or the one that is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from seqshape.diagnostics import Diagnostic, Label, SeqshapeError, Source, Span
from seqshape.graph import Graph, Place
from seqshape.readers.keras_source.notebook import Cells, read_cells
from seqshape.readers.keras_source.program import Asked, Built, labels, read_program
from seqshape.readers.keras_source.values import Value


class Text:
    """The text of a program or a notebook, with its path and the name of the model that is wanted of it."""

    def __init__(self, text: str, name: str | None, path: Path | None = None, wanted: str | None = None) -> None:
        self.name = name
        self.path = path
        self.wanted = wanted
        self.cells: Cells | None = None
        if (name or "").endswith(".ipynb"):
            self.cells = read_cells(text, name)
            text = self.cells.text
        self.text = text

    def models(
        self, settings: Mapping[str, int | str] | None = None, shapes: object = None, call: str | None = None
    ) -> list[Built]:
        """All models, or those of the wanted name, in order. Raises SeqshapeError if there is none."""
        try:
            found = read_sources(
                self.text, self.name, path=self.path, wanted=self.wanted, settings=settings, shapes=shapes, call=call
            )
        except SeqshapeError as error:
            raise SeqshapeError((*self._broken(), *error.diagnostics)) from None
        found[0].graph.notes.extend(self._broken())
        cells = () if self.cells is None else tuple(zip(self.cells.starts, self.cells.numbers, strict=True))
        for built in found:
            if cells and built.graph.source is not None:
                place_in_cells(built.graph, Source(built.graph.source.text, self.name, cells))
            cell, line = (None, built.line) if self.cells is None else self.cells.place(built.line)
            built.graph.place = Place(self.name, line, built.name, built.function, cell)
        return found

    def _broken(self) -> list[Diagnostic]:
        """What is said of the cells of a notebook that are no Python."""
        found = []
        for line, said in () if self.cells is None else self.cells.broken:
            at = len("\n".join(self.text.split("\n")[: line - 1])) + (line > 1)
            message = f"this cell is no Python, so nothing of it is read: {said}"
            source = Source(self.text, self.name)
            found.append(Diagnostic("W143", "warning", message, (Label(Span(at, at + 1)),), source=source))
        return found

    def one(self, settings: Mapping[str, int | str] | None = None, shapes: object = None) -> Graph:
        """The only model. Raises SeqshapeError, which says which there are, if there are several."""
        found = self.models(settings, shapes)
        if len(found) > 1:
            raise several(found, Source(self.text, self.name))
        return found[0].graph


def place_in_cells(graph: Graph, source: Source) -> None:
    """Have all that is said of a graph tell its places as cells and lines."""
    notes = [note._replace(source=source) if note.source == graph.source else note for note in graph.notes]
    graph.source, graph.notes = source, notes


def read_sources(
    text: str,
    name: str | None = None,
    *,
    path: Path | None = None,
    wanted: str | None = None,
    settings: Mapping[str, Value] | None = None,
    shapes: object = None,
    call: str | None = None,
) -> list[Built]:
    """The models that a program builds, in order. ``wanted`` picks those of a name; ``call`` gives arguments for it.

    Raises SeqshapeError if the text is no Python, builds no model, or none of that name.
    """
    return read_program(text, Asked(name, path, settings, shapes, wanted, call)).chosen(wanted)


def several(found: Sequence[Built], source: Source) -> SeqshapeError:
    """The refusal of a source with more than one model where one is asked for."""
    listed = ", ".join(labels(found))
    name = source.name or "FILE"
    message = f"this source builds {len(found)} models: {listed}{', …' if len(found) > 12 else ''}"
    help = f"pick one, such as {name}::{found[0].choice(found)}"
    return SeqshapeError((Diagnostic("E143", "error", message, (), help, source=source),))
