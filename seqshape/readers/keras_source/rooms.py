"""The rooms of the interpreter that stand above the one that needs them, known by name alone.

A program calls itself through all of them: an attribute may be a layer, whose call runs a method, which asks for an
attribute. The files import each other upward only through here.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


@cache
def room(name: str) -> Any:
    """A module of the interpreter."""
    return import_module(f"seqshape.readers.keras_source.{name}")
