"""Sets of input steps, held against the definition and against numpy: a state is an array of bool, written in bits."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqshape.analysis.measures import classify, measure
from seqshape.analysis.sight import Sight, gathered, joined, scattered
from seqshape.diagnostics import SeqshapeError
from seqshape.rows import Rows

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

COLUMNS = 5
shapes = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


@st.composite
def sights(draw: st.DrawFn) -> Sight:
    shape = draw(shapes)
    size = int(np.prod(shape))
    cells = draw(st.lists(st.integers(0, (1 << COLUMNS) - 1), min_size=size, max_size=size))
    return Sight(shape, cells, COLUMNS)


def array(sight: Sight) -> Any:
    return np.asarray(Rows(sight.cells, sight.columns)).reshape((*sight.shape, sight.columns))


UNARY: dict[str, tuple[Callable[[Sight, int], Sight], Callable[[Any, int], Any]]] = {
    "united": (lambda one, axis: one.united((axis,)), lambda one, axis: one.any(axis=axis, keepdims=True)),
    "without": (lambda one, axis: one.without((axis,)), lambda one, axis: one.any(axis=axis)),
    "flipped": (
        lambda one, axis: one.along(axis, one.shape[axis], lambda line: line[::-1]),
        lambda one, axis: np.flip(one, axis),
    ),
    "taken": (
        lambda one, axis: one.taken(axis, [0, 0, one.shape[axis] - 1]),
        lambda one, axis: np.take(one, [0, 0, one.shape[axis] - 1], axis=axis),
    ),
    "moved": (lambda one, axis: one.moved(axis, 0), lambda one, axis: np.moveaxis(one, axis, 0)),
    "inserted": (lambda one, axis: one.inserted(axis), np.expand_dims),
    "joined": (lambda one, axis: joined([one, one], axis), lambda one, axis: np.concatenate([one, one], axis)),
    "stretched": (
        lambda one, axis: one.inserted(axis).stretched((*one.shape[:axis], 3, *one.shape[axis:])),
        lambda one, axis: np.broadcast_to(
            np.expand_dims(one, axis), (*one.shape[:axis], 3, *one.shape[axis:-1], one.shape[-1])
        ),
    ),
    "together": (lambda one, axis: one | one.united((axis,)), lambda one, axis: one | one.any(axis, keepdims=True)),
}


@pytest.mark.parametrize("name", UNARY)
@given(sights(), st.data())
def test_grids_are_arrays_of_bool(name: str, sight: Sight, data: st.DataObject) -> None:
    ours, numpys = UNARY[name]
    axis = data.draw(st.integers(0, len(sight.shape) - 1))
    expected = numpys(array(sight), axis)
    assert ours(sight, axis).shape == expected.shape[:-1]
    assert np.array_equal(array(ours(sight, axis)), expected)


@given(sights(), st.randoms(use_true_random=False))
def test_axes_in_another_order(sight: Sight, random: Any) -> None:
    order = random.sample(range(len(sight.shape)), len(sight.shape))
    assert np.array_equal(array(sight.permuted(tuple(order))), array(sight).transpose((*order, len(order))))


windows = st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4), st.integers(-6, 12), st.integers(0, 12))


@given(st.integers(1, 12), windows)
def test_a_window_sees_what_its_formula_says(inputs: int, window: tuple[int, int, int, int, int]) -> None:
    size, stride, dilation, before, length = window
    line = [1 << step for step in range(inputs)]
    taps = [[o * stride - before + j * dilation for j in range(size)] for o in range(length)]
    assert gathered(line, *window) == [sum(1 << tap for tap in each if 0 <= tap < inputs) for each in taps]
    goals = [{i * stride - before + j * dilation for j in range(size)} for i in range(inputs)]
    assert scattered(line, *window) == [sum(1 << i for i in range(inputs) if o in goals[i]) for o in range(length)]


@pytest.mark.parametrize("shape", [(20_000, 1_000), (4_000, 4_000)])
def test_what_could_not_be_held_is_refused_before_it_is_made(shape: tuple[int, int]) -> None:
    narrow = Sight((1, 1), [1], 5_000)
    with pytest.raises(SeqshapeError, match="too large"):
        narrow.stretched(shape)


# --- the matrix -------------------------------------------------------------------------------------------------------

matrices = st.integers(1, 6).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 1), min_size=columns, max_size=columns).map(tuple), min_size=1, max_size=6
    )
)


@given(matrices)
def test_a_matrix_stays_what_it_is(matrix: list[tuple[int, ...]]) -> None:
    rows = Rows.of(matrix)
    assert list(rows) == matrix == [rows[index] for index in range(len(rows))] == list(map(tuple, rows.tolist()))
    assert rows == Rows.of(np.array(matrix)) == Rows.of(rows)
    assert np.array_equal(np.asarray(rows), np.array(matrix, dtype=bool))
    assert rows.shape == np.array(matrix).shape
    assert list(rows[1:]) == matrix[1:]


@given(matrices)
def test_the_measures_are_those_of_the_definition(matrix: list[tuple[int, ...]]) -> None:
    places = [[step for step, seen in enumerate(row) if seen] for row in matrix]
    spans = [(index, row[0], row[-1]) for index, row in enumerate(places) if row]
    field, stride, ahead = measure(matrix)
    assert field == max((last - first + 1 for _, first, last in spans), default=0)
    pace = stride if stride is not None and stride > 0 else 1
    assert ahead == max(0, *(last - index * pace for index, _, last in spans), 0)
    label = classify(matrix)
    assert (label in ("all", "one step")) == all(map(all, matrix))
    if label.startswith("window"):
        assert label.split(",")[0] == f"window of {max(map(sum, matrix))}"
        assert len({after - before for row in places for before, after in pairwise(row)}) == 1
