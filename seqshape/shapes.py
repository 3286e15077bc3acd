"""Shapes as people write them on a command line: ``5,1``, ``T,F``, ``None,80``, ``28x28x1``."""

from __future__ import annotations

from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.dims import UNKNOWN, Dim, symbol


def parse_shape(text: str) -> tuple[Dim, ...]:
    """The dims of a shape without the batch. Raises SeqshapeError if a dim is neither a number, a name nor ``None``."""
    inside = text.strip()
    if inside[:1] in ("(", "[") and inside[-1:] in (")", "]"):
        inside = inside[1:-1]
    if inside.replace("x", "").isdigit() and "x" in inside.strip("x"):
        inside = inside.replace("x", ",")
    items = [item.strip() for item in inside.rstrip(",").split(",")] if inside.strip() else []
    return tuple(parse_dim(item, text) for item in items)


def parse_dim(item: str, shape: str) -> Dim:
    """One dim: a number of at least 0, a name, or ``None``. Raises SeqshapeError for anything else."""
    if item in ("None", "none", "null"):
        return UNKNOWN
    digits = item.replace("_", "") if item[:1].isdigit() and item[-1:].isdigit() else item
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        return int(digits)
    if item.isidentifier() and item.isascii():
        return symbol(item)
    help = "a dim is a number, a name such as T, or None"
    if digits.isascii() and digits.isdigit():
        help = "a dim has at most 18 digits: this one is too large"
    if item == "?":
        help = "write None for a dim that only the data tells, or a name such as T for a fixed one"
    message = f"{item!r} is no dim of a shape (in {shape!r})" if item else f"a dim is missing in the shape {shape!r}"
    raise SeqshapeError((Diagnostic("E302", "error", message, help=help),))


def split_input(text: str) -> tuple[str | None, tuple[Dim, ...]]:
    """``-i``'s value: a shape, or a name and its shape (``src=12,71``)."""
    name, equals, shape = text.partition("=")
    return (name.strip(), parse_shape(shape)) if equals else (None, parse_shape(text))
