"""A sweep: all networks that a source stands for, as a table whose memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqshape.analysis.axes import Axis, count, every, refuse
from seqshape.analysis.compiled import Comparison, Formula, Grid, as_array, grids
from seqshape.analysis.conditions import Key, Where, check_words, columns_of, compiled, size_of
from seqshape.analysis.peaks import Chosen, Peaks
from seqshape.analysis.tables import KEY, PART, Best, Front, joined, limited
from seqshape.analysis.variants import (
    FIELD,
    MEMORY,
    METRICS,
    OPTIONAL,
    OUTPUT,
    Block,
    Planner,
    Template,
    Wish,
    identifier,
    unsaid,
)
from seqshape.diagnostics import Diagnostic
from seqshape.dims import Dim, Poly, Size, names
from seqshape.estimate import Load
from seqshape.records import NamedTuple, Record

if TYPE_CHECKING:
    from seqshape.analysis.tables import Array, Table

MOST_SORTED = 20_000_000  # rows that are kept to be sorted where no limit is given
DEFAULT = (OUTPUT, "params", "macs", "bytes")


class Configuration(Record):
    """One network of a sweep. ``settings``: the value of each axis that it has, a number or the text of an option.

    Counts are ``None`` where they cannot be known; those after ``output_shapes`` are ``None`` too unless they were asked
    for: ``memory`` is an estimate, see :class:`Query`.
    ``output_shapes`` have the batch first.
    """

    settings: Mapping[str, int | str]
    params: int | None
    trainable_params: int | None
    non_trainable_params: int | None
    bytes: int | None
    macs: int | None
    output_shapes: tuple[tuple[int | None, ...] | None, ...]
    receptive_field: int | None = None
    flops: int | None = None
    activations: int | None = None
    context: int | None = None
    memory: int | None = None


class Query(NamedTuple):
    """What is wanted of a sweep: which configurations, in which order, how many; ``pareto``: only the best trade-offs.

    ``load``: of what the memory is.
    """

    where: tuple[Where, ...] = ()
    sort: tuple[Key, ...] = ()
    limit: int | None = None
    pareto: tuple[Key, ...] = ()
    field: bool = False
    load: Load = Load()

    def columns(self, chosen: Sequence[str]) -> set[str]:
        """The columns that it reads."""
        found = {word for where in self.where for word in where.columns(chosen)}
        return found | {name for key in (*self.sort, *self.pareto) for name in names(key.size)}


class Sweep:
    """All configurations of a template that a query asks for, worked out as they are read.

    ``count``: how many there are; after a run ``seen`` have been worked out, ``faulty`` of them are no networks, and
    ``kept`` fulfil the conditions. ``fault`` says what is wrong with the first faulty ones.
    """

    def __init__(self, template: Template, query: Query = Query(), *, part: int = PART) -> None:
        self.template, self.query, self.part = template, query, part
        self.axes = tuple(every(template.axes))
        self.count = count(template.axes)
        self._chosen = [axis.name for axis in self.axes if axis.options]
        used = query.columns(self._chosen)
        self.optional = {name for name in OPTIONAL if name in used or (name == FIELD and query.field)}
        self._used = used
        self.progress: Callable[[int], object] = lambda seen: None
        self.interruptible = self.interrupted = False
        self._reset()
        for axis in self.axes:
            if axis.values is None and not axis.options:
                help = (
                    f"give it numbers, such as --set {axis.name}=8..512, or look for the one that fits: seqshape solve"
                )
                refuse("E305", f"{axis.name} has no number", help, axis.span if axis.span.stop else None)

    def _reset(self) -> None:
        self.seen = self.faulty = self.kept = 0
        self.fault: tuple[Diagnostic, ...] = ()
        self.interrupted = False

    @property
    def metrics(self) -> tuple[str, ...]:
        """The columns that a configuration has beside those of the axes and the dims of its outputs."""
        return (*METRICS, *(name for name in OPTIONAL if name in self.optional))

    def blocks(self, columns: Sequence[str]) -> Iterator[Block]:
        """The blocks, each checked to have numbers for ``columns``. Raises SeqshapeError where one has none."""
        planner = Planner(self.template, Wish(frozenset(self.optional), self.query.load))
        is_checked = False
        for block in planner.blocks():
            if not block.faults and not is_checked:
                known = [*map(str, self.axes), *self.metrics, *(name for name in block.formulas if name[:3] == "out")]
                check_words({*self._used, *columns} - {OUTPUT}, known)
                is_checked = True
            if not block.faults and (lacking := unsaid(block, [*columns, *self._used])):
                help = f"give it one with -i or --set, such as --set {lacking[0]}=100; or choose --columns without it"
                refuse("E305", f"no number is given for {' and '.join(lacking)}, and columns depend on it", help)
            yield block

    # --- tables -------------------------------------------------------------------------------------------------------

    def tables(self, columns: Sequence[str] | None = None) -> Iterator[Table]:
        """The rows in parts: for each column an array. All columns if none are named.

        Raises SeqshapeError for a column that there is not, or a size that has no number.
        """
        self._reset()
        wanted = [*map(str, self.axes), *self.metrics, OUTPUT] if columns is None else list(columns)
        query = self.query
        ordered = query.pareto or query.sort
        if not ordered:
            yield from limited(self._parts(wanted, ()), query.limit)
            return
        best: Front | Best = Front(query.pareto) if query.pareto else Best(query.sort, query.limit or MOST_SORTED + 1)
        try:
            for table in self._parts(wanted, ordered, best.worst):
                best.take(table)
                if query.limit is None and best.size > MOST_SORTED:
                    refuse("E301", f"more than {MOST_SORTED:,} rows cannot be sorted", "give a --limit")
        except KeyboardInterrupt:
            if not self.interruptible:
                raise
            self.interrupted = True
        for table in best.parts(query.sort, query.limit):
            yield {name: array for name, array in table.items() if not name.startswith(KEY)}

    def _parts(
        self, wanted: Sequence[str], keys: tuple[Key, ...], worst: Callable[[], int | None] = lambda: None
    ) -> Iterator[Table]:
        for block in self.blocks([name for name in wanted if name not in map(str, self.axes)]):
            if block.faults:
                self.faulty += block.size
                self.fault = self.fault or block.faults
                self.seen += block.size
                self.progress(self.seen)
                continue
            plan = _Plan(block, self.axes, wanted, self.query.where, keys)
            for grid in plan.grids(self.part):
                table, faulty, kept = plan.table(grid, worst())
                self.faulty += faulty
                if faulty and not self.fault:
                    self.fault = (Diagnostic("E203", "error", f"{' and '.join(plan.needed)} must hold"),)
                self.kept += kept
                self.seen += grid.size
                self.progress(self.seen)
                if table is not None:
                    yield table

    def columns(self, *names: str) -> dict[str, Array]:
        """The columns as arrays of numpy: int64 where all numbers fit, else objects (``None``: not known).

        Raises SeqshapeError for a column that there is not.
        """
        wanted = names or (*map(str, self.axes), *self.metrics)
        return joined(list(self.tables(wanted)), wanted)

    def __iter__(self) -> Iterator[Configuration]:
        shown = [*map(str, self.axes), *self.metrics, OUTPUT]
        for table in self.tables(shown):
            for values in zip(*(table[name].tolist() for name in shown), strict=True):
                yield self._configuration(dict(zip(shown, values, strict=True)))

    def _configuration(self, row: dict[str, Any]) -> Configuration:
        settings = {axis.name: row[axis.name] for axis in self.axes if row[axis.name] is not None}
        counts = {name: row[name] for name in self.metrics}
        return Configuration(settings=settings, output_shapes=row[OUTPUT], **counts)


# --- one block --------------------------------------------------------------------------------------------------------


class _Plan:
    """What has to be evaluated of a block."""

    def __init__(
        self, block: Block, axes: Sequence[Axis], wanted: Sequence[str], where: Sequence[Where], keys: Sequence[Key]
    ) -> None:
        self.block, self.wanted = block, wanted
        self.places = {identifier(axis.name): place for place, axis in enumerate(block.open)}
        columns = columns_of(block)
        known = set(self.places)
        self.needs = [
            Comparison(need.left, need.relation, need.right, self.places)
            for need in block.needs
            if need.names <= known  # those of other names are assumed
        ]
        self.needed = [need.text for need in block.needs if need.names <= known]
        self.peaks = Peaks(block.peaks, self.places)
        self.ways = [columns | {MEMORY: peak} for peak in block.peaks] if len(block.peaks) > 1 else [columns]
        self.where = [self._condition(one) for one in where]
        self.formulas: dict[str, Formula | Chosen | None] = {}
        self.values: dict[str, Any] = {}
        for name in wanted:
            self._column(name, columns)
        for number, key in enumerate(keys):
            self._key(f"{KEY}{number}", key)
        outputs = block.outputs if OUTPUT in wanted else ()
        self.outputs = [None if shape is None else [_dim(dim, self.places) for dim in shape] for shape in outputs]

    def _key(self, name: str, key: Key) -> None:
        """The column that rows are put in order by."""
        sizes = [size_of(key.size, way) for way in self._ways(names(key.size))]
        known = [-size if key.falling else size for size in sizes if size is not None]
        if len(known) < len(sizes):
            self.values[name] = None
        else:
            self.formulas[name] = self._formula(known)

    def _ways(self, used: Collection[str]) -> list[dict[str, Size | str | None]]:
        """The columns, once for each formula that the memory can be, where it is used."""
        return self.ways if MEMORY in used else self.ways[:1]

    def _condition(self, where: Where) -> Callable[[Any, Any], Any]:
        ways = [compiled(where, way, self.places) for way in self._ways(where.columns(()))]
        return ways[0] if len(ways) == 1 else Chosen(self.peaks, ways)

    def _formula(self, sizes: Sequence[Size]) -> Formula | Chosen:
        ways = [Formula(size, self.places) for size in sizes]
        return ways[0] if len(ways) == 1 else Chosen(self.peaks, [way.on for way in ways])

    def _column(self, name: str, columns: Mapping[str, Size | str | None]) -> None:
        value = columns.get(identifier(name))
        if name == MEMORY and len(self.ways) > 1:
            self.formulas[name] = self._formula(self.block.peaks)
        elif isinstance(value, Poly):
            self.formulas[name] = Formula(value, self.places)
        elif name != OUTPUT:
            self.values[name] = value

    def grids(self, part: int) -> Iterator[Grid]:
        """All numbers of the open axes, in parts."""
        return grids({identifier(axis.name): axis.values or () for axis in self.block.open}, part)

    def table(self, grid: Grid, worst: int | None) -> tuple[Table | None, int, int]:
        """The rows of a part that are wanted; how many are faulty; how many fulfil the conditions.

        ``worst``: rows whose first key is above it are not wanted.
        """
        import numpy as np

        holds = _mask(True, [need.on(grid.numbers, grid.ranges) for need in self.needs], grid)
        faulty = 0 if holds is True else grid.size - int(np.count_nonzero(holds))
        kept = _mask(holds, [where(grid.numbers, grid.ranges) for where in self.where], grid)
        number = grid.size if kept is True else int(np.count_nonzero(kept))
        if not number:
            return None, faulty, 0
        first = f"{KEY}0"
        if worst is not None and self.formulas.get(first) is not None:
            kept = _mask(kept, [self._evaluated(first, grid) <= worst], grid)
            if kept is not True and not np.any(kept):
                return None, faulty, number
        if kept is not True:
            return self._picked(grid, kept), faulty, number
        return self._whole(grid), faulty, number

    def _evaluated(self, name: str, grid: Grid) -> Array | int:
        formula = self.formulas[name]
        assert formula is not None
        return formula.on(grid.numbers, grid.ranges)

    def _names(self) -> list[str]:
        keys = [name for name in (*self.formulas, *self.values) if name.startswith(KEY)]
        return [*self.wanted, *sorted(keys)]

    def _whole(self, grid: Grid) -> Table:
        """All rows of a part."""
        import numpy as np

        def flat(value: object) -> Array:
            return np.broadcast_to(_array(value), grid.shape).reshape(-1)

        return self._filled(grid.size, lambda name: flat(self._evaluated(name, grid)), lambda dim: flat(_on(dim, grid)))

    def _picked(self, grid: Grid, kept: Array) -> Table:
        """The rows of a part that a mask lets through: formulas are evaluated at these alone if they are few."""
        import numpy as np

        places = np.nonzero(np.broadcast_to(kept, grid.shape))
        numbers = {
            name: array.reshape(-1)[places[place]]
            for (name, array), place in zip(grid.numbers.items(), range(len(places)), strict=True)
        }
        few = Grid(numbers, grid.ranges, (len(places[0]) if places else 1,))

        def flat(value: object) -> Array:
            return np.broadcast_to(_array(value), few.shape)

        return self._filled(few.size, lambda name: flat(self._evaluated(name, few)), lambda dim: flat(_on(dim, few)))

    def _filled(
        self, size: int, column: Callable[[str], Array], dims: Callable[[Formula | int | None], Array]
    ) -> Table:
        found: Table = {}
        for name in self._names():
            if name == OUTPUT:
                found[name] = self._shapes(size, dims)
            elif name in self.formulas:
                found[name] = column(name)
            else:
                found[name] = _constant(self.values[name], size)
        return found

    def _shapes(self, size: int, dims: Callable[[Formula | int | None], Array]) -> Array:
        """The shapes of all outputs, for each row a tuple of tuples."""
        import numpy as np

        listed: list[Sequence[object]] = []
        for shape in self.outputs:
            if shape is None:
                listed.append([None] * size)
            else:
                columns = [[None] * size if dim is None else dims(dim).tolist() for dim in shape]
                listed.append(list(zip(*columns, strict=True)) if columns else [()] * size)
        found = np.empty(size, dtype=object)
        found[:] = list(zip(*listed, strict=True)) if listed else [()] * size
        return found


def _dim(dim: Dim, places: Mapping[str, int]) -> Formula | int | None:
    if isinstance(dim, Poly):
        return Formula(dim, places)
    return dim if isinstance(dim, int) else None


def _on(dim: Formula | int | None, grid: Grid) -> object:
    return dim.on(grid.numbers, grid.ranges) if isinstance(dim, Formula) else dim


def _mask(start: object, conditions: Sequence[object], grid: Grid) -> Any:
    """Where all conditions hold: an array of the grid's shape, or True."""
    import numpy as np

    mask = start
    for condition in conditions:
        if isinstance(condition, (bool, np.bool_)):
            if not condition:
                return np.zeros(grid.shape, dtype=bool)
            continue
        array = np.asarray(condition, dtype=bool)
        mask = np.broadcast_to(array, grid.shape) if mask is True else mask & array
    return mask


def _array(value: object) -> Array:
    import numpy as np

    return as_array((value,))[0] if isinstance(value, int) else np.asarray(value)


def _constant(value: object, size: int) -> Array:
    import numpy as np

    if isinstance(value, int):
        return np.repeat(as_array((value,)), size)
    found = np.empty(size, dtype=object)
    found[:] = value
    return found
