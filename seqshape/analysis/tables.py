"""Tables of many rows, column by column: joined, cut, in order, and those of their rows that are the best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from seqshape.analysis.conditions import Key

if TYPE_CHECKING:
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[Any]
    Table: TypeAlias = dict[str, Array]

PART = 1 << 16  # rows that are worked on at once: their columns stay in the cache of the processor
KEY = " key "  # before the number of a sort key in a table: no column is called so


def limited(tables: Iterator[Table], limit: int | None) -> Iterator[Table]:
    """No more rows than that."""
    left = limit
    for table in tables:
        size = _size(table)
        if left is None or size <= left:
            yield table
        else:
            yield {name: array[:left] for name, array in table.items()}
        left = None if left is None else max(left - size, 0)
        if left == 0:
            return


def _size(table: Table) -> int:
    return len(next(iter(table.values()), ()))


def joined(tables: Sequence[Table], names: Sequence[str]) -> Table:
    """All rows of several tables; ``names``: the columns of none."""
    import numpy as np

    if not tables:
        return {name: np.zeros(0, dtype=np.int64) for name in names}
    return {name: _concatenated([table[name] for table in tables]) for name in tables[0]}


def _concatenated(arrays: Sequence[Array]) -> Array:
    import numpy as np

    if any(array.dtype == object for array in arrays):
        arrays = [array.astype(object) for array in arrays]
    return np.concatenate(arrays) if len(arrays) > 1 else arrays[0]


# --- the best ---------------------------------------------------------------------------------------------------------


class Best:
    """The first rows in an order, out of all that are taken."""

    def __init__(self, keys: Sequence[Key], limit: int) -> None:
        self.names = [f"{KEY}{number}" for number in range(len(keys))]
        self.limit = limit
        self.kept: list[Table] = []
        self.size = 0
        self._worst: int | None = None

    def worst(self) -> int | None:
        """No row whose first key is above it can be among the first ones."""
        return self._worst

    def take(self, table: Table) -> None:
        """Look at more rows."""
        self.kept.append(table)
        self.size += _size(table)
        if self.size > max(2 * self.limit, PART):
            self._cut()

    def _cut(self) -> None:
        import numpy as np

        rows = joined(self.kept, [])
        first = rows[self.names[0]]
        if len(first) > self.limit and first.dtype != object:
            bound = np.partition(first, self.limit - 1)[self.limit - 1]
            chosen = first <= bound
            rows = {name: array[chosen] for name, array in rows.items()}
        rows = _ordered(rows, self.names, self.limit)
        self.kept, self.size = [rows], _size(rows)
        last = rows[self.names[0]][-1] if self.size >= self.limit else None
        self._worst = None if last is None else int(last)

    def parts(self, sort: Sequence[Key], limit: int | None) -> Iterator[Table]:
        """The rows in order."""
        if self.kept:
            self._cut()
            yield self.kept[0]


def _ordered(table: Table, names: Sequence[str], limit: int | None) -> Table:
    """Rows sorted by columns, those that are equal in the order in which they came; ``None`` stands last."""
    import numpy as np

    order = np.lexsort([_ranks(table[name]) for name in reversed(names)])[:limit]
    return {name: array[order] for name, array in table.items()}


def _ranks(array: Array) -> Array:
    """Numbers that sort as the values do, for values that numpy cannot sort by."""
    import numpy as np

    if array.dtype != object:
        return array
    values = sorted({value for value in array.tolist() if value is not None})
    rank = {value: place for place, value in enumerate(values)} | {None: len(values)}
    return np.array([rank[value] for value in array.tolist()], dtype=np.int64)


class Front:
    """The rows than which no other is better in one key and as good in all others."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.names = [f"{KEY}{number}" for number in range(len(keys))]
        self.kept: Table = {}
        self.waiting: list[Table] = []
        self.size = self._number = 0

    def worst(self) -> int | None:
        """Any first key can still belong to the front."""
        return None

    def take(self, table: Table) -> None:
        """Look at more rows: they wait until they are as many as the front, so that all are sorted but a few times."""
        self.waiting.append(table)
        self._number += _size(table)
        if self._number > max(self.size, PART):
            self._settle()

    def _settle(self) -> None:
        if self.waiting:
            rows = joined([*([self.kept] if self.kept else ()), *self.waiting], [])
            self.kept = _undominated(rows, self.names)
            self.size, self._number, self.waiting = _size(self.kept), 0, []

    def parts(self, sort: Sequence[Key], limit: int | None) -> Iterator[Table]:
        """The rows, sorted by the first key unless something else is asked for."""
        self._settle()
        if self.kept:
            yield _ordered(self.kept, self.names, limit)


def _undominated(table: Table, names: Sequence[str]) -> Table:
    """The rows that no other row dominates: all of those that are equal stay."""
    import numpy as np

    keys = np.stack([_ranks(table[name]) for name in names])
    order = np.lexsort(keys[::-1])  # a row is dominated by one before it, if at all
    chosen = _best_of_two(keys[:, order]) if len(keys) <= 2 else _best_of_many(keys[:, order])
    kept = np.sort(order[chosen])
    return {name: array[kept] for name, array in table.items()}


def _best_of_two(keys: Array) -> Array:
    """Of rows in order, those whose last key is less than in every row before, or that equal one of these."""
    import numpy as np

    first, last = keys[0], keys[-1]
    lowest = np.minimum.accumulate(last)
    is_new = np.ones(len(last), dtype=bool)
    is_new[1:] = last[1:] < lowest[:-1]
    leader = np.maximum.accumulate(np.where(is_new, np.arange(len(last)), 0))
    equal: Array = (first == first[leader]) & (last == last[leader])
    return equal


def _best_of_many(keys: Array) -> Array:
    """Of rows in order, the places of those that no row before dominates."""
    import numpy as np

    left = np.arange(keys.shape[1])
    chosen = []
    while len(left):
        theirs, mine = keys[:, left], keys[:, left[:1]]
        chosen.append(left[(theirs == mine).all(axis=0)])
        left = left[(theirs < mine).any(axis=0)]
    return np.concatenate(chosen) if chosen else left
