"""A source that has been opened, and what tells files apart: first bytes and names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

START = 16  # bytes of a file that are read before it is known what it is
ZIP, HDF5 = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"), b"\x89HDF\r\n\x1a\n"
CONFIG, SAVED_MODEL, MODEL = "config.json", "saved_model.pb", "model.json"  # what is in a directory of a model


class Opened:
    """A file that is read in place, by its ``path`` and its first bytes, or a ``text``, whole, with its file's ``name``.

    ``inputs`` are the names that shapes are given for.
    """

    __slots__ = ("_path", "inputs", "name", "start", "text")

    def __init__(
        self,
        *,
        text: str = "",
        start: bytes = b"",
        name: str | None = None,
        path: Path | None = None,
        inputs: Sequence[str] = (),
    ) -> None:
        self.text, self.start, self.name, self.inputs = text, start, name, inputs
        self._path = path

    @property
    def path(self) -> Path:
        """The path of a file that is read in place."""
        assert self._path is not None
        return self._path

    def named(self, *suffixes: str) -> bool:
        """Whether the file's name ends like one of these."""
        return (self.name or "").endswith(suffixes)
