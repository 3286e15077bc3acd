"""The rooms of the interpreter that stand above the one that needs them, known by name alone.

A program calls itself through all of them: an attribute may be a layer, whose call runs a method, which asks for an
attribute. The files import each other upward only through here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import ModuleType

from seqshape.readers.keras_source.values import Result


@cache
def room(name: str) -> ModuleType:
    """A module of the interpreter."""
    return import_module(f"seqshape.readers.keras_source.{name}")


def above(name: str, function: str) -> Callable[..., Result]:
    """A function of a room that stands above: it gives a value, or the work that finds it out."""
    found: Callable[..., Result] = getattr(room(name), function)
    return found
