"""Where pieces of syntax stand in a text."""

from __future__ import annotations

from typing import Any

from seqshape.diagnostics import Source, Span


class Lines:
    """A text and the beginnings of its lines."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.starts = _line_starts(source.text)

    def offset(self, line: int, column: int) -> int:
        """The character at a line (from 1) and a column of it in UTF-8 bytes, as ``ast`` counts."""
        start = self.starts[line - 1] if line <= len(self.starts) else len(self.source.text)
        stop = self.starts[line] if line < len(self.starts) else len(self.source.text)
        text = self.source.text[start:stop]
        if text.isascii():
            return start + column
        return start + len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace"))

    def span(self, node: Any) -> Span:
        """The place of a piece of syntax."""
        start = self.offset(node.lineno, node.col_offset)
        return Span(start, self.offset(node.end_lineno, node.end_col_offset))

    def line(self, span: Span) -> int:
        """The line (from 1) of a place."""
        from bisect import bisect_right

        return bisect_right(self.starts, span.start)


def _line_starts(text: str) -> list[int]:
    """Where each line begins, as ``ast`` counts lines: at a line feed, a carriage return, or both."""
    starts = [0]
    for index, character in enumerate(text):
        if character == "\n" or (character == "\r" and text[index + 1 : index + 2] != "\n"):
            starts.append(index + 1)
    return starts
