"""The largest size that a budget allows, by an exact search on the formulas of a network; or the smallest that sees enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from seqshape.analysis.axes import Axis, Option, every, refuse
from seqshape.analysis.check import LIMITS
from seqshape.analysis.growth import LARGEST, largest
from seqshape.analysis.sweep import Configuration
from seqshape.analysis.variants import (
    DOUBTED,
    FIELD,
    MEMORY,
    METRICS,
    Block,
    Planner,
    Template,
    Wish,
    formulas_of,
    identifier,
)
from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.dims import Inconclusive, Need, Size, evaluate, names, symbol
from seqshape.estimate import Load
from seqshape.faces import as_data, drawn
from seqshape.network import Network
from seqshape.records import NamedTuple, Record

MOST_WALKED = 1024  # sizes that are tried one by one, where no formula holds for all of them
MARGIN = 64  # what fits so near to the last size that is tried fits beyond it too
MOST_LISTED = 100_000  # values of all other sizes together
MOST_BACK = 10_000  # smaller sizes that are tried where the largest is no network, as where heads must divide it
TIED = "size__"  # the name of what all tied sizes are multiples of


class Answer(Record):
    """The size that was looked for: ``found`` is within all limits, and ``beyond``, the next size, is not.

    ``beyond`` is ``None`` where there is none, or where the next size is no network.
    """

    found: Configuration
    beyond: Configuration | None

    @property
    def settings(self) -> Mapping[str, int | str]:
        """The value of every size and choice."""
        return self.found.settings


class Solution(Record):
    """What fits: one answer for each value of everything else that is open, the one that uses most of the budget first.

    ``unknown`` are the names of the sizes that were looked for, ``limits`` what they may come to, ``count`` how many
    answers there are. ``exact``: no larger size fits; else only sizes up to 1,024 were tried.
    """

    unknown: tuple[str, ...]
    limits: Mapping[str, int]
    answers: tuple[Answer, ...]
    count: int = 1
    exact: bool = True

    @property
    def settings(self) -> Mapping[str, int | str]:
        """The values of the best answer."""
        return self.answers[0].settings

    def to_dict(self) -> dict[str, object]:
        """The object of ``solve --json``."""
        return as_data("solution", self)

    def __str__(self) -> str:
        return drawn("solution", self)


class Budget(NamedTuple):
    """Limits by the name of the column; ``field``: the receptive field that is to be reached; ``load``: of what the
    memory is."""

    limits: Mapping[str, int]
    field: int | None = None
    load: Load = Load()

    @property
    def wish(self) -> Wish:
        """What is wanted of each network beside its counts."""
        return Wish(frozenset({MEMORY}.intersection(self.limits)), self.load)


def solve(template: Template, budget: Budget, tie: Sequence[int] = (), most: int = 20) -> Solution:
    """The sizes that are unknown in a template, as large as a budget allows. Raises SeqshapeError if none fits.

    ``tie``: the ratio of several unknown sizes, in their order. ``most``: how many answers are given at most.
    """
    unknown = [axis for axis in every(template.axes) if axis.values is None and not axis.options]
    _check(unknown, budget, tie)
    if budget.field is not None:
        return _reaching(template, unknown, budget, tie)
    sizes: list[tuple[_Case, int]] = []
    exact = True
    for case in _cases(template, unknown, tie, budget):
        try:
            size = case.size(budget.limits)
        except _Openended:
            exact, size = False, case.walked(budget.limits)
        if size:
            sizes.append((case, size))
    if not sizes:
        raise SeqshapeError((_none(template, unknown, budget, tie),))
    first = next(iter(budget.limits))
    sizes.sort(key=lambda found: -found[0].count(first, found[1]))
    answers = [answer for case, size in sizes[:most] if (answer := case.answer(size, budget.limits)) is not None]
    return Solution(tuple(axis.name for axis in unknown), budget.limits, tuple(answers), len(sizes), exact)


def _check(unknown: Sequence[Axis], budget: Budget, tie: Sequence[int]) -> None:
    """Raises SeqshapeError for a question that has no answer."""
    if not unknown:
        refuse("E301", "there is no size to look for", "write ? for it: LSTM(?,seq), or U = ?; or --set units=?")
    if not budget.limits and budget.field is None:
        refuse("E301", "there is no budget", "give one: --params 1M, --macs 50M, --memory 8GB or --receptive-field 500")
    if tie and len(tie) != len(unknown):
        listed = ", ".join(axis.name for axis in unknown)
        refuse("E301", f"the ratio has {len(tie)} numbers, but these are unknown: {listed}", "write one for each: 2:1")
    if len(unknown) > 2 and not tie:
        listed = ", ".join(axis.name for axis in unknown)
        refuse(
            "E301",
            f"{len(unknown)} sizes are unknown: {listed}",
            "tie them, --tie 1:1:2, or give some numbers with --set",
        )


# --- the cases: everything else has a value -----------------------------------------------------------------------------


class _Openended(Exception):
    """No formula tells how a count grows with the size."""


class _Case:
    """One unknown size (or several that are tied to it); all else has a value."""

    def __init__(
        self,
        template: Template,
        chosen: Mapping[str, int | Option],
        multiples: Mapping[str, int],
        block: Block | None,
        wish: Wish,
    ) -> None:
        self.template, self.wish = template, wish
        self.chosen = dict(chosen)
        self.multiples = multiples
        values = {identifier(name): value for name, value in chosen.items() if isinstance(value, int)}
        size = symbol(TIED)
        values_or_size: dict[str, Size] = {**values, **{identifier(k): size * many for k, many in multiples.items()}}
        self.formulas: dict[str, Size | None] | None = None
        self.needs: list[Need] = []
        self.peaks = [evaluate(peak, values_or_size) for peak in block.peaks] if block is not None else []
        if block is not None:
            self.formulas = {
                name: None if formula is None else evaluate(formula, values_or_size)
                for name, formula in block.formulas.items()
            }
            self.needs = [
                need._replace(left=evaluate(need.left, values_or_size), right=evaluate(need.right, values_or_size))
                for need in block.needs
            ]

    def size(self, limits: Mapping[str, int]) -> int | None:
        """The largest size within all limits; ``None`` if there is none. Raises _Openended without formulas."""
        if self.formulas is None or any(need.relation == "=" for need in self.needs):
            raise _Openended
        most = LARGEST
        for name, limit in limits.items():
            for formula in self.peaks if name == MEMORY and self.peaks else [self.formulas.get(name)]:
                if formula is None:
                    refuse("E305", f"the {name} of this network are not known in full")
                most = min(most, self._largest(name, formula, limit))
        if most >= LARGEST:
            refuse("E301", f"{' and '.join(limits)} do not grow with {' and '.join(self.multiples)}: every size fits")
        found = next((size for size in range(most, max(most - MOST_BACK, 0), -1) if self._holds(size)), None)
        return found or self._one(limits)

    def _one(self, limits: Mapping[str, int]) -> int | None:
        """1, if that is a network within all limits: broadcasting treats an axis of one element as no other."""
        found = self.configuration(1)
        return 1 if found is not None and within(found, limits) else None

    def count(self, name: str, size: int) -> int:
        """What a column comes to at a size."""
        if self.formulas is None or name == MEMORY:
            found = self.configuration(size)
            value = getattr(found, name) if found is not None else None
        else:
            formula = self.formulas[name]
            value = formula if formula is None else evaluate(formula, {TIED: size})
        return value if isinstance(value, int) else 0

    def answer(self, size: int, limits: Mapping[str, int]) -> Answer | None:
        """The rows of a size and the next one, each worked out by itself."""
        found = self.configuration(size)
        if found is None or not within(found, limits):  # the network itself has the last word
            size = self.walked(limits) or 0
            found = self.configuration(size)
        return None if found is None else Answer(found, self.configuration(size + 1))

    def _largest(self, name: str, formula: Size, limit: int) -> int:
        """The largest size at which a count is within its limit; LARGEST if all are."""
        others = names(formula) - {TIED}
        if others:
            help = f"give it one with -i or --set, such as --set {min(others)}=100"
            refuse("E305", f"the {name} depend on {' and '.join(sorted(others))}, without a number", help)
        found = largest(formula, TIED, limit)
        if found is None:
            raise _Openended
        return found

    def _holds(self, size: int) -> bool:
        """Whether what must hold does; what speaks of sizes without numbers is assumed."""
        try:
            return all(need.holds({TIED: size}) for need in self.needs if need.names <= {TIED})
        except Inconclusive:
            return True

    def walked(self, limits: Mapping[str, int]) -> int | None:
        """The largest of the sizes up to MOST_WALKED that is within all limits, each tried by itself."""
        best = None
        for size in range(1, MOST_WALKED + 1):
            found = self.configuration(size)
            if found is not None and within(found, limits):
                best = size
        if best is not None and best > MOST_WALKED - MARGIN:
            refuse(
                "E301",
                f"every size up to {MOST_WALKED:,} fits: the budget does not bound {' and '.join(self.multiples)}",
            )
        return best

    def network(self, size: int) -> Network | None:
        """The network of a size; ``None`` where it is faulty."""
        chosen = {**self.chosen, **{name: many * size for name, many in self.multiples.items()}}
        try:
            network = self.template.network(chosen)
        except SeqshapeError:
            return None
        is_faulty = any(found.severity == "error" for found in network.diagnostics)
        return None if is_faulty else network

    def configuration(self, size: int, *, field: bool = False) -> Configuration | None:
        """The row of a size, worked out by itself; ``None`` where it is no network."""
        network = self.network(size)
        if network is None:
            return None
        formulas, shapes, _ = formulas_of(network, self.wish)
        settings: dict[str, int | str] = {
            name: value.text if isinstance(value, Option) else value for name, value in self.chosen.items()
        }
        settings |= {name: many * size for name, many in self.multiples.items()}
        counts: dict[str, Any] = {name: formulas[name] for name in (*METRICS, *self.wish.columns)}
        counts = {name: value if isinstance(value, int) else None for name, value in counts.items()}
        outputs = tuple(
            None if shape is None else tuple(dim if isinstance(dim, int) else None for dim in shape) for shape in shapes
        )
        reached = _field(network) if field else None
        return Configuration(settings=settings, output_shapes=outputs, receptive_field=reached, **counts)


def _field(network: Network) -> int | None:
    from seqshape.analysis.timesteps import timesteps

    return timesteps(network).field


def within(found: Configuration, limits: Mapping[str, int]) -> bool:
    """Whether a configuration keeps to limits."""
    values = ((getattr(found, name), limit) for name, limit in limits.items())
    return all(value is not None and value <= limit for value, limit in values)


def _cases(template: Template, unknown: Sequence[Axis], tie: Sequence[int], budget: Budget) -> Iterator[_Case]:
    """Every value of everything but the size that is looked for: the last unknown one, or what all are tied to."""
    multiples = dict(zip((axis.name for axis in unknown), tie, strict=False)) if tie else {unknown[-1].name: 1}
    first = None if tie or len(unknown) < 2 else unknown[0]
    left = MOST_LISTED
    for chosen, usable in _settings(template, budget.wish):
        numbers = [{}] if first is None else _numbers(template, chosen, first, multiples, usable, budget)
        left -= len(numbers)
        if left < 0:
            help = "tie the sizes with --tie, or give fewer numbers"
            refuse("E301", f"there are more than {MOST_LISTED:,} cases", help)
        for number in numbers:
            yield _Case(template, {**chosen, **number}, multiples, usable, budget.wish)


def _settings(template: Template, wish: Wish) -> Iterator[tuple[dict[str, int | Option], Block | None]]:
    """Every value of what is known to take several, with its formulas; without them where rules need all numbers."""
    for block in Planner(template, wish).blocks():
        if block.faults and not any(found.code in DOUBTED for found in block.faults):
            continue
        for values in product(*(axis.values or () for axis in block.open)):
            chosen = {**block.fixed, **dict(zip((axis.name for axis in block.open), values, strict=True))}
            yield chosen, None if block.faults else block


def _numbers(
    template: Template,
    chosen: Mapping[str, int | Option],
    first: Axis,
    multiples: Mapping[str, int],
    block: Block | None,
    budget: Budget,
) -> list[dict[str, int]]:
    """The values of another unknown size with which the smallest of the one that is looked for can fit."""
    alone = _Case(template, {**chosen, **dict.fromkeys(multiples, 1)}, {first.name: 1}, block, budget.wish)
    try:
        most = alone.size(budget.limits) or 0
    except _Openended:
        most = MOST_WALKED
    return [{first.name: number} for number in range(1, min(most, MOST_LISTED + 1) + 1)]


def _none(template: Template, unknown: Sequence[Axis], budget: Budget, tie: Sequence[int]) -> Diagnostic:
    """The complaint that no size fits, with what the smallest comes to."""
    listed = " and ".join(axis.name for axis in unknown)
    multiples = dict(zip((axis.name for axis in unknown), tie or [1] * len(unknown), strict=True))
    why = ""
    faults: tuple[Diagnostic, ...] = ()
    for block in Planner(template).blocks():
        faults = faults or block.faults
        values = {axis.name: (axis.values or (1,))[0] for axis in block.open}
        found = _Case(template, {**block.fixed, **values}, multiples, None, budget.wish).configuration(1)
        if found is not None:
            faults = ()
        over = [
            name for name in budget.limits if found is not None and (getattr(found, name) or 0) > budget.limits[name]
        ]
        if over:
            why = (
                f": with 1 there are {getattr(found, over[0]):,} {LIMITS.get(over[0], over[0])}, "
                f"and the limit is {budget.limits[over[0]]:,}"
            )
            break
    if faults:
        raise SeqshapeError(faults)
    return Diagnostic(
        "E506", "error", f"no size fits for {listed}{why}", help="raise the budget, or make the rest smaller"
    )


# --- the receptive field ------------------------------------------------------------------------------------------------


def _reaching(template: Template, unknown: Sequence[Axis], budget: Budget, tie: Sequence[int]) -> Solution:
    """The smallest size whose output sees enough steps, by halving: a larger window sees no less."""
    wanted = budget.field or 0
    if len(unknown) > 1 and not tie:
        refuse("E301", "a receptive field is reached by one size, or by several that are tied", "give --tie 1:1")
    answers = []
    best = 0
    for case in _cases(template, unknown, tie, budget._replace(limits={})):
        found, reached = _smallest(case, wanted)
        best = max(best, reached)
        if found is None:
            continue
        row = case.configuration(found, field=True)
        if row is not None and within(row, budget.limits):
            answers.append(Answer(row, case.configuration(found - 1, field=True) if found > 1 else None))
    if not answers:
        message = f"no size of {' and '.join(axis.name for axis in unknown)} sees {wanted:,} steps"
        help = f"the most that was found is {best:,}: give an input of more steps with -i" if best < wanted else None
        raise SeqshapeError((Diagnostic("E506", "error", message, help=help or "raise the budget"),))
    answers.sort(key=lambda answer: answer.found.params or 0)
    return Solution(
        tuple(axis.name for axis in unknown), {**budget.limits, FIELD: wanted}, tuple(answers), len(answers)
    )


def _smallest(case: _Case, wanted: int) -> tuple[int | None, int]:
    """The smallest size that sees so many steps, and the most steps that were seen."""
    seen: dict[int, int] = {}

    def reached(size: int) -> int:
        if size not in seen:
            network = case.network(size)
            seen[size] = -1 if network is None else (_field(network) or 0)
        return seen[size]

    low, high = 0, 1
    while 0 <= reached(high) < wanted and high < MOST_WALKED * 16:
        low, high = high, high * 2
    if reached(high) < 0:  # no network any more, as where a kernel is longer than the sequence
        last = _halved(low, high, lambda size: reached(size) < 0) - 1
        if last < 1 or reached(last) < wanted:
            return None, max(seen.values())
        high = last
    if reached(high) < wanted:
        return None, max(seen.values())
    return _halved(low, high, lambda size: reached(size) >= wanted), max(seen.values())


def _halved(low: int, high: int, is_reached: Callable[[int], bool]) -> int:
    """The first size after ``low`` for which something holds that holds for ``high``."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_reached(middle) else (middle, high)
    return high
