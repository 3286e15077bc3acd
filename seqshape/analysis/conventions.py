"""The same network counted as another framework counts it: its weights, renamed nothing, but kept as that one keeps them.

A framework differs from Keras in what it stores beside the same matrices, so a count falls out of the weights that a
layer declares: no formula is written twice. torch: ``torch.nn`` modules, whose ``parameters()`` are counted. onnx: the
inputs that an operator's page lists (LSTM: W, R and B; the peepholes P are optional and left out). A layer that another
framework does not have counts as in Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from seqshape.dims import Size, product
from seqshape.records import NamedTuple
from seqshape.summary import Convention, Row, Summary, Totals, Weight, memory

CONVENTIONS = ("keras", "torch", "onnx")
# What Keras keeps as weights that are never trained and torch as buffers: statistics, counters, state.
BUFFERS = frozenset(
    {
        *("moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev"),
        *("mean", "variance", "count", "vector_u"),
    }
)
MOST_NAMED = 3  # layers that a reason lists

Siblings = Mapping[str, Weight]  # the weights beside one, by the last part of the path


class Difference(NamedTuple):
    """One way in which frameworks keep a weight otherwise: whose, which weights, what becomes of one, and why."""

    frameworks: tuple[str, ...]
    holds: Callable[[Weight, str, Siblings], bool]
    change: Callable[[Weight], Weight | None]
    why: str


def _is_only_bias(weight: Weight, name: str, beside: Siblings) -> bool:
    """Whether one bias serves both matrices of a recurrent step; convolutional ones have no partner elsewhere."""
    recurrent = beside.get("recurrent_kernel")
    if name != "bias" or recurrent is None or len(recurrent.shape) != 2:
        return False
    return list(map(str, weight.shape)) == [str(recurrent.shape[1])]


def _is_buffer(weight: Weight, name: str, beside: Siblings) -> bool:
    return name in BUFFERS and not weight.trainable


DIFFERENCES = (
    Difference(
        ("torch", "onnx"),
        _is_only_bias,
        lambda weight: weight._replace(shape=(2, *weight.shape)),
        "{layers} has a bias for each of the two matrices, where Keras has one for both",
    ),
    Difference(
        ("torch",),
        _is_buffer,
        lambda weight: None,
        "{layers} keeps its statistics as buffers, which are no parameters",
    ),
)


def count_as(summary: Summary, convention: str) -> Summary:
    """The summary with the counts of one convention, or with those of all beside Keras's (``all``)."""
    if convention == "all":
        return _side_by_side(summary)
    counted = Counted(summary, convention)
    return summary._replace(
        layers=tuple(map(counted.row, summary.layers)),
        totals=counted.totals(),
        param_convention=convention,
        conventions={convention: counted.convention()} if convention != "keras" else {},
    )


def _side_by_side(summary: Summary) -> Summary:
    every = {name: Counted(summary, name) for name in CONVENTIONS}

    def beside(row: Row) -> Row:
        counts = {name: counted.row(row).params for name, counted in every.items()}
        return row._replace(conventions=counts, layers=tuple(map(beside, row.layers)))

    return summary._replace(
        layers=tuple(map(beside, summary.layers)),
        conventions={name: counted.convention() for name, counted in every.items()},
    )


class Counted:
    """A summary under one convention."""

    def __init__(self, summary: Summary, framework: str) -> None:
        self.summary = summary
        self.framework = framework
        self.differences = [one for one in DIFFERENCES if framework in one.frameworks]

    def row(self, row: Row) -> Row:
        """A row with the weights as the framework keeps them, and the counts that come of it."""
        inner = tuple(map(self.row, row.layers))
        if row.params is None:
            return row._replace(layers=inner)
        weights = tuple(self.weights(row.weights))
        params = row.params + _gained(_all_weights(row), self.weights(_all_weights(row)))
        trained = (
            _gained(_trained(_all_weights(row)), _trained(self.weights(_all_weights(row)))) if row.trainable else 0
        )
        trainable = None if row.trainable_params is None else row.trainable_params + trained
        return row._replace(
            weights=weights,
            params=params,
            trainable_params=trainable,
            non_trainable_params=None if trainable is None else params - trainable,
            layers=inner,
        )

    def weights(self, weights: Iterable[Weight]) -> Iterator[Weight]:
        """The weights as the framework keeps them."""
        listed = tuple(weights)
        beside: dict[str, dict[str, Weight]] = {}
        for weight in listed:
            home, _, name = weight.path.rpartition("/")
            beside.setdefault(home, {})[name] = weight
        for weight in listed:
            home, _, name = weight.path.rpartition("/")
            kept = self._kept(weight, name, beside[home])
            if kept is not None:
                yield kept

    def _kept(self, weight: Weight, name: str, beside: Siblings) -> Weight | None:
        found: Weight | None = weight
        for one in self.differences:
            if found is not None and one.holds(found, name, beside):
                found = one.change(found)
        return found

    def totals(self) -> Totals:
        """The totals under the convention; of a model that is not trained nothing is."""
        sums, rows = self.summary.totals, _once(self.summary)
        before = tuple(weight for row in rows for weight in _all_weights(row))
        after = tuple(weight for row in rows for weight in self.weights(_all_weights(row)))
        params = sums.params + _gained(before, after)
        trained = _gained(_trained(before), _trained(after)) if str(sums.trainable_params) != "0" else 0
        trainable = sums.trainable_params + trained
        return sums._replace(
            params=params,
            trainable_params=trainable,
            non_trainable_params=params - trainable,
            bytes=memory(after),
        )

    def convention(self) -> Convention:
        """The totals, and why they are not Keras's."""
        sums = self.totals()
        counts = (sums.params, sums.trainable_params, sums.non_trainable_params, sums.bytes)
        return Convention(*counts, (*self._reasons(), *self._notes()))

    def _reasons(self) -> Iterator[str]:
        for one in self.differences:
            alone = Counted(self.summary, self.framework)
            alone.differences = [one]
            gained = {
                row.name: _gained(_all_weights(row), alone.weights(_all_weights(row))) for row in _once(self.summary)
            }
            names = [name for name, number in gained.items() if str(number) != "0"]
            if names:
                said = one.why.format(layers=_listed(names))
                said = (
                    said
                    if len(names) == 1
                    else said.replace(" has ", " have ", 1).replace(" keeps its ", " keep their ")
                )
                yield f"{said} ({_signed(_sum(gained.values()))})"

    def _notes(self) -> Iterator[str]:
        """What the framework cannot have as it is, although the count is given."""
        if self.framework != "torch":
            return
        for row in _rows(self.summary.layers):
            query = next((weight.shape for weight in row.weights if weight.path == "query/kernel"), ())
            if len(query) == 3 and str(product(query[1:])) != str(query[0]):
                heads = f"{query[1]} heads of {query[2]}"
                yield f"{row.name} counts as in Keras: torch splits its {query[0]} features among the heads, not {heads}"


def _rows(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from _rows(row.layers)


def _once(summary: Summary) -> list[Row]:
    """Each layer once, of those whose count is known."""
    return [row for row in {row.name: row for row in summary.layers}.values() if row.params is not None]


def _all_weights(row: Row) -> tuple[Weight, ...]:
    """The weights of a row: its own list, which for a nested model may be left to the rows inside."""
    return row.weights or tuple(weight for inner in row.layers for weight in _all_weights(inner))


def _trained(weights: Iterable[Weight]) -> Iterator[Weight]:
    return (weight for weight in weights if weight.trainable)


def _gained(before: Iterable[Weight], after: Iterable[Weight]) -> Size:
    return _sum(product(weight.shape) for weight in after) - _sum(product(weight.shape) for weight in before)


def _sum(sizes: Iterable[Any]) -> Size:
    total: Size = 0
    for size in sizes:
        total = total + size
    return total


def _listed(names: list[str]) -> str:
    if len(names) > MOST_NAMED:
        return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _signed(gained: Size) -> str:
    if not isinstance(gained, int):
        return f"+ {gained}"
    return f"{gained:,} more" if gained > 0 else f"{-gained:,} fewer"
