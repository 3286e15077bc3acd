"""Layers that ``[tool.seqshape.layers]`` of the nearest pyproject.toml declares: every command that reads a source knows them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from seqshape.graph import DECLARED

_FILE = "pyproject.toml"


@contextmanager
def declared_by_project() -> Iterator[None]:
    """The declared layers are known inside. A file that declares none is not looked at any closer."""
    path = _nearest()
    if path is None or not _may_declare(path):
        yield
        return
    from seqshape.cli.printing import leave
    from seqshape.cli.project import declarations
    from seqshape.diagnostics import SeqshapeError
    from seqshape.readers.declared import declared_layers

    try:
        token = DECLARED.set(declared_layers(declarations(path), path))
    except SeqshapeError as error:
        leave(error)
    try:
        yield
    finally:
        DECLARED.reset(token)


def _nearest() -> str | None:
    """The file of this folder, or of the first above it that has one."""
    try:
        folder = os.getcwd()
    except OSError:
        return None
    while True:
        path = os.path.join(folder, _FILE)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def _may_declare(path: str) -> bool:
    try:
        with open(path, "rb") as stream:
            return b"seqshape.layers" in stream.read(1 << 18).replace(b" ", b"").replace(b'"', b"")
    except OSError:
        return False
