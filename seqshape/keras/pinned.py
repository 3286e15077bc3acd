"""What the first call of a layer fixes for all later ones, as Keras's ``input_spec`` holds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seqshape.diagnostics import Fault
from seqshape.dims import UNKNOWN, Dim, require_equal
from seqshape.tensor import Shape, show

# What a layer can say in ``pinned``: "rank" the number of axes, and axes whose sizes stay.
PINS = frozenset({"rank", "last", "channels", "axis", "unshared"})
HELP = "give every input its own layer, or inputs of the same width"


def check(pinned: tuple[str, ...], arguments: dict[str, object], first: Shape, now: Shape) -> None:
    """Hold the shape of a later call against that of the first one.

    Raises Fault where Keras refuses it; an unknown size of the later call fits any.
    """
    both = f"was built for {show(first)}, but gets {show(now)}"
    if "rank" in pinned and len(first) != len(now):
        raise Fault(f"{both}, which has {len(now)} dims and not {len(first)}", code="E205", help=HELP)
    for word in pinned:
        for axis in _axes(word, arguments, len(first)):
            _require_size(first, now, axis, both)


def _require_size(first: Shape, now: Shape, axis: int, both: str) -> None:
    if not -len(now) <= axis < len(now):  # then the rule has more to say
        return
    wanted: Dim = first[axis]
    if wanted is not UNKNOWN and now[axis] is not UNKNOWN:
        message = f"{both}: axis {axis} has to stay {wanted}, since a layer has one set of weights"
        require_equal(wanted, now[axis], message, code="E205", help=HELP)


def _axes(word: str, arguments: Mapping[str, Any], rank: int) -> Iterator[int]:
    if word == "last":
        yield -1
    elif word == "channels":
        yield 1 if arguments.get("data_format") == "channels_first" else -1
    elif word == "axis":
        yield int(arguments["axis"])
    elif word == "unshared" and arguments["shared_axes"]:
        shared = arguments["shared_axes"]
        yield from (axis for axis in range(1, rank) if axis not in (shared if isinstance(shared, tuple) else (shared,)))
