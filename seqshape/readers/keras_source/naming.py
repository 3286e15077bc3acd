"""What is not known by what it is called."""

from __future__ import annotations

from seqshape.sizes.terms import is_size_name

LONGEST_NAME = 60


def shortened(name: str) -> str:
    """A name that a person can read and write."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def size_name(name: str) -> str:
    """The name of a size: that of the value if it can be one, else one that looks like it."""
    import re

    if is_size_name(name):
        return name
    return re.sub(r"\W+", "_", name).strip("_0123456789") or "unknown"
