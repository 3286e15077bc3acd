"""Formats: each is one file with ``render(summary, options) -> str``. None prints, and none ends in a line break.

Only the chosen format is imported. A new one is a file here and a name in ``_NAMES``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from seqshape.records import NamedTuple
from seqshape.summary import Summary


class Options(NamedTuple):
    """How to draw. A format passes over what means nothing to it.

    ``width``: columns of the terminal, ``None`` for as many as it takes (a pipe). ``expand`` shows what is inside
    nested models, ``depth`` so many levels of it (0: none). ``sort``: ``"params"`` puts the largest layer first.
    ``macs``, ``share`` (of the total), ``trainable`` and ``masks`` add columns. ``connected``: the column of sources,
    ``None`` for where Keras has one. ``columns``: which ones, beside name and shape, in the place of these words; see
    cells.COLUMNS.
    """

    width: int | None = None
    color: bool = False
    ascii: bool = False
    expand: bool = False
    depth: int | None = None
    sort: str | None = None
    macs: bool = False
    share: bool = False
    trainable: bool = False
    masks: bool = False
    connected: bool | None = None
    columns: tuple[str, ...] = ()

    def shows(self, name: str) -> bool:
        """Whether a column is shown: one that was chosen, or the one of multiply-adds that ``macs`` adds."""
        return name in self.columns or (name == "macs" and self.macs)


if TYPE_CHECKING:  # a Protocol takes as long to make as a module to load
    from typing import Protocol

    class Renderer(Protocol):
        """What a module of a format holds."""

        def render(self, summary: Summary, options: Options) -> str:
            """The summary in this format, without a line break at the end."""


_NAMES = ("table", "classic", "keras", "json", "markdown", "csv", "html", "svg")
# What a file holds by the ending of its name: the first of these if nothing else is said.
ENDINGS: dict[str, tuple[str, ...]] = {
    ".json": ("json",),
    ".csv": ("csv",),
    ".md": ("markdown",),
    ".html": ("html",),
    ".htm": ("html",),
    ".svg": ("svg",),
    ".txt": ("table", "classic", "keras"),
}


class _Formats(Mapping[str, "Renderer"]):
    """The formats by name; looking one up imports it."""

    def __getitem__(self, name: str) -> Renderer:
        if name not in _NAMES:
            raise KeyError(name)
        from importlib import import_module

        return cast("Renderer", import_module(f"{__name__}.{name}"))

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)


FORMATS: Mapping[str, Renderer] = _Formats()
