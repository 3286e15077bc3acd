"""Sizes: plain integers, exact formulas over named sizes, and Keras's ``None``: what the rest of the house uses of them.

A :class:`Poly` is an integer polynomial over names, each of which stands for a fixed but unsaid number >= 1, and over
floors of such polynomials. It is kept in a normal form, so that two ways to the same size compare equal. A question
that has more than one answer raises :class:`Inconclusive`; rules ask with :func:`require`, which takes note instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.sizes.needs import merge_needs, recording, require, require_divides, require_equal
from seqshape.sizes.poly import (
    UNKNOWN,
    Condition,
    Dim,
    Need,
    Poly,
    Relation,
    Size,
    Unknown,
    ceil_div,
    evaluate,
    maximum,
    names,
    product,
    sized,
    symbol,
    to_json,
    value_of,
)
from seqshape.sizes.terms import Inconclusive, are_numbers

if TYPE_CHECKING:
    from seqshape.sizes.text import from_json, parse_poly, pretty

__all__ = [
    "UNKNOWN",
    "Condition",
    "Dim",
    "Inconclusive",
    "Need",
    "Poly",
    "Relation",
    "Size",
    "Unknown",
    "are_numbers",
    "ceil_div",
    "evaluate",
    "from_json",
    "maximum",
    "merge_needs",
    "names",
    "parse_poly",
    "pretty",
    "product",
    "recording",
    "require",
    "require_divides",
    "require_equal",
    "sized",
    "symbol",
    "to_json",
    "value_of",
]


def __getattr__(name: str) -> object:
    """What writes formulas for people and reads them is loaded when it is asked for: few commands do."""
    if name not in ("from_json", "parse_poly", "pretty"):
        raise AttributeError(f"module 'seqshape.dims' has no attribute {name!r}")
    from seqshape.sizes import text

    found = globals()[name] = getattr(text, name)
    return found
