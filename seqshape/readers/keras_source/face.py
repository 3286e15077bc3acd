"""What the other rooms see of a program: its models, all or the one that is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from seqshape.diagnostics import Diagnostic, Label, SeqshapeError, Source, Span
from seqshape.graph import Graph, Place
from seqshape.readers.keras_source.notebook import Cells, read_cells
from seqshape.readers.keras_source.program import MOST_LISTED, Asked, Built, listing, read_program


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
        cells = () if self.cells is None else tuple(zip(self.cells.starts, self.cells.numbers, strict=True))
        self.source = Source(text, name, cells)

    def models(
        self, settings: Mapping[str, int | str] | None = None, shapes: object = None, call: str | None = None
    ) -> list[Built]:
        """All models, or those of the wanted name, in order; ``call`` gives arguments for it.

        Raises SeqshapeError if the text is no Python, builds no model, or none of that name.
        """
        try:
            asked = Asked(self.name, self.path, settings, shapes, self.wanted, call, self.source.cells)
            found = read_program(self.text, asked).chosen(self.wanted)
        except SeqshapeError as error:
            raise SeqshapeError((*self._broken(), *error.diagnostics)) from None
        found[0].graph.notes.extend(self._broken())
        for built in found:
            cell, line = (None, built.line) if self.cells is None else self.cells.place(built.line)
            built.graph.place = Place(self.name, line, built.name, built.function, cell)
        return found

    def _broken(self) -> list[Diagnostic]:
        """What is said of the cells of a notebook that are no Python."""
        found = []
        for line, said in () if self.cells is None else self.cells.broken:
            at = len("\n".join(self.text.split("\n")[: line - 1])) + (line > 1)
            message = f"this cell is no Python, so nothing of it is read: {said}"
            found.append(Diagnostic("W143", "warning", message, (Label(Span(at, at + 1)),), source=self.source))
        return found

    def one(self, settings: Mapping[str, int | str] | None = None, shapes: object = None) -> Graph:
        """The only model. Raises SeqshapeError, which says which there are, if there are several."""
        found = self.models(settings, shapes)
        if len(found) > 1:
            raise several(found, self.source)
        return found[0].graph


def several(found: Sequence[Built], source: Source) -> SeqshapeError:
    """The refusal of a source with more than one model where one is asked for."""
    name = source.name or "FILE"
    more = ", …" if len(found) > MOST_LISTED else ""
    message = f"this source builds {len(found)} models: {listing(found, source)}{more}"
    help = f"pick one, such as {name}::{found[0].choice(found)}"
    return SeqshapeError((Diagnostic("E143", "error", message, (), help, source=source),))
