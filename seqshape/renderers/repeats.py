"""Rows that repeat, for tables that nobody would read through: a network of a hundred thousand layers is a few, repeated."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from seqshape.records import NamedTuple

MOST_TRIED = 8  # how many lengths of a block are tried at one row
FEWEST = 3  # blocks of the same rows that are folded


class Block(NamedTuple):
    """``size`` rows from ``start`` on, that stand there so many ``times`` one after the other."""

    start: int
    size: int
    times: int = 1


def blocks(keys: Sequence[Hashable]) -> list[Block]:
    """All rows in order, those that repeat as blocks; rows with equal keys are the same."""
    following = _following(keys)
    found: list[Block] = []
    at = begun = 0
    while at < len(keys):
        block = _block(keys, at, following)
        if block is None:
            at += 1
            continue
        if begun < at:
            found.append(Block(begun, at - begun))
        found.append(block)
        at = begun = at + block.size * block.times
    return [*found, Block(begun, at - begun)] if begun < at else found


def _following(keys: Sequence[Hashable]) -> list[int]:
    """For each row the next one with the same key; the number of rows where there is none."""
    seen: dict[Hashable, int] = {}
    found = [len(keys)] * len(keys)
    for at in range(len(keys) - 1, -1, -1):
        found[at] = seen.get(keys[at], len(keys))
        seen[keys[at]] = at
    return found


def _block(keys: Sequence[Hashable], start: int, following: Sequence[int]) -> Block | None:
    """The block that repeats from a row on, the shortest; ``None`` if none does."""
    stop = start
    for _ in range(MOST_TRIED):
        stop = following[stop]
        size = stop - start
        if start + FEWEST * size > len(keys):
            return None
        end = stop
        while end < len(keys) and keys[end] == keys[end - size]:
            end += 1
        count = (end - start) // size
        if count >= FEWEST:
            return Block(start, size, count)
    return None
