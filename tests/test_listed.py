"""Arrays in plain lists do what those of numpy do, and what a network gives on the one it gives on the other."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from seqshape.analysis import listed
from seqshape.analysis.chance import LEAST, MOST, Chance
from seqshape.analysis.forward import draw, positive, random_inputs, run, weight_shapes
from seqshape.bind.layer import NONSENSE
from seqshape.diagnostics import SeqshapeError
from tests.test_forward import CASES, analysed


def in_numpy(x: Any) -> Any:
    return np.array(x.flat).reshape(x.shape) if isinstance(x, listed.Array) else x


def pair(*shape: int, seed: int = 0) -> tuple[Any, Any]:
    """The same numbers in both."""
    one = Chance(listed, seed).usual(shape)
    return one, in_numpy(one)


def alike(one: Any, two: Any) -> None:
    assert one.shape == two.shape
    np.testing.assert_allclose(in_numpy(one), two, rtol=1e-13, atol=1e-13)


SHAPES = [(4,), (2, 3), (1, 3), (2, 3, 4), (2, 1, 4), (3, 2, 4, 6)]
OF_ONE: dict[str, Callable[[Any, Any], Any]] = {
    "transpose": lambda np, x: np.transpose(x, [*range(1, x.ndim), 0]),
    "method": lambda np, x: x.transpose([*range(x.ndim)][::-1]),
    "moveaxis": lambda np, x: np.moveaxis(x, 0, -1),
    "moved back": lambda np, x: np.moveaxis(x, -1, 0),
    "reshape": lambda np, x: np.reshape(x, (-1, x.shape[-1])),
    "expand_dims": lambda np, x: np.expand_dims(x, 1),
    "atleast_2d": lambda np, x: np.atleast_2d(x),
    "flip": lambda np, x: np.flip(x, axis=-1),
    "repeat": lambda np, x: np.repeat(x, 3, axis=-1),
    "pad": lambda np, x: np.pad(x, [(1, 2)] * x.ndim, constant_values=7.0),
    "stack": lambda np, x: np.stack([x, x + 1], axis=1),
    "concatenate": lambda np, x: np.concatenate([x, x + 1, x], axis=-1),
    "take": lambda np, x: np.take(x, np.arange(2)[:, None] * 1 + np.arange(2), axis=-1),
    "clip": lambda np, x: np.clip(x, -0.5, 0.5),
    "where": lambda np, x: np.where(x > 0, x, 0.1 * x),
    "sort": lambda np, x: np.sort(x, axis=-1),
    "cumsum": lambda np, x: np.cumsum(x, axis=-1),
    "tanh": lambda np, x: np.tanh(x) + np.exp(x) + np.expm1(x) + np.log(x * x) + np.sqrt(abs(x)) + np.sign(x),
    "logaddexp": lambda np, x: np.logaddexp(x, 0),
    "operators": lambda np, x: (2 - x) * (x + 1) / (3 + x * x) - x**2 + np.abs(-x) * np.maximum(x, 0.1) - np.minimum(x, 0),
    "truths": lambda np, x: ((x > 0) & (x <= 1)) * 1.0 + (x != 0.5) + (x == 0.5) + (x < -1) + (x >= 0),
    "any": lambda np, x: np.any(x > 0.5, axis=-1, keepdims=True) * 1.0,
    "all": lambda np, x: np.all(x > -0.5, axis=0) * 1.0,
    "zeros": lambda np, x: np.zeros_like(x) + np.ones(x.shape) + np.zeros(x.shape[-1]),
    "index": lambda np, x: x[..., None] + x[..., -1:, None],
    "steps": lambda np, x: x[..., ::-2],
    "first": lambda np, x: x[0] if x.ndim > 1 else x[1:3],
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("keepdims", [True, False])
@pytest.mark.parametrize("axes", [0, -1, None, "ends"])
@pytest.mark.parametrize("name", ["sum", "max", "mean", "var", "nanmean"])
def test_of_numbers_taken_together(name: str, axes: Any, keepdims: bool, shape: tuple[int, ...]) -> None:
    one, two = pair(*shape)
    over = tuple({0, len(shape) - 1}) if axes == "ends" else axes
    alike(*(getattr(library, name)(x, axis=over, keepdims=keepdims) for library, x in ((listed, one), (np, two))))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", OF_ONE)
def test_of_one_array(name: str, shape: tuple[int, ...]) -> None:
    one, two = pair(*shape)
    alike(OF_ONE[name](listed, one), OF_ONE[name](np, two))


def test_of_arrays_that_stretch_to_each_other() -> None:
    dice = random.Random(0)
    for seed in range(300):
        whole = [dice.randint(1, 4) for _ in range(dice.randint(1, 4))]
        shapes = [[dice.choice([1, size]) for size in whole][dice.randint(0, len(whole) - 1) :] for _ in range(3)]
        (a, one), (b, two), (c, three) = (pair(*shape, seed=seed + place) for place, shape in enumerate(shapes))
        alike(a * b - c, one * two - three)
        alike(listed.where(a > b, b, c), np.where(one > two, two, three))


def test_of_products() -> None:
    dice = random.Random(1)
    for seed in range(200):
        outer, (n, k, m) = [dice.randint(1, 3) for _ in range(dice.randint(0, 2))], dice.choices(range(1, 5), k=3)
        ours = [[dice.choice([1, size]) for size in outer] if dice.random() < 0.5 else outer for _ in range(2)]
        (a, one), (b, two) = pair(*ours[0], n, k, seed=seed), pair(*ours[1], k, m, seed=-seed)
        alike(listed.matmul(a, b), np.matmul(one, two))
        (a, one), (b, two) = pair(n, k, m, 2, seed=seed), pair(m, 2, k, 3, seed=-seed)
        alike(listed.tensordot(a, b, ([1, 2], [2, 0])), np.tensordot(one, two, ([1, 2], [2, 0])))
        alike(listed.tensordot(a, b, 2), np.tensordot(one, two, 2))


EQUATIONS = "abc,cd->abd", "abc,bcd->bda", "abc,abc->ab", "abc,c->cab", "abc,dc->abd", "abc,adc->bad"


@pytest.mark.parametrize("equation", EQUATIONS)
def test_of_equations(equation: str) -> None:
    sizes = {"a": 2, "b": 3, "c": 4, "d": 5}
    first, second = equation.partition("->")[0].split(",")
    (a, one), (b, two) = (pair(*map(sizes.__getitem__, letters)) for letters in (first, second))
    alike(listed.einsum(equation, a, b), np.einsum(equation, one, two))


def test_writing_into_one() -> None:
    one, two = pair(3, 4, 5)
    two = two.copy()
    for array, part in ((one, pair(2, 5)[0]), (two, pair(2, 5)[1])):
        array[0, 1:3] = part
        array[:, -1, ::2] = 7.0
        array[2] += array[1]
    alike(one, two)


def both(case: str, wide: bool) -> list[list[Any]]:
    """What a network gives on numpy and on lists."""
    network = analysed(case)
    found = []
    for library in (np, listed):
        shapes, chance = weight_shapes(network), Chance(library, 5)
        weights = dict(zip(shapes, draw(library, list(shapes.values()), positive(list(shapes)), 3), strict=True))
        inputs = random_inputs(network, 4, np=library)
        if wide:
            inputs = [chance.wide(x.shape) if x.dtype == float else x for x in inputs]
        found.append([in_numpy(x) for x in run(network, inputs, weights, library)])
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_network_gives_the_same_on_lists(case: str) -> None:
    for one, two in zip(*both(case, wide=False), strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_what_lists_cannot_do_they_refuse(case: str) -> None:
    """Numbers of every size: what is worked out is what numpy works out, else there is an exception."""
    try:
        found = both(case, wide=True)
    except (SeqshapeError, *NONSENSE):
        return
    for one, two in zip(*found, strict=True):
        if np.isfinite(two).all():
            np.testing.assert_allclose(two, one, rtol=1e-7, atol=1e-7 * max(1, abs(one).max()))


def test_numbers_are_spread_as_they_are_said_to_be() -> None:
    chance = Chance(np, 1)
    even, usual, wide = chance.even((40_000,), 2, 4), chance.usual((40_000,), 0.7), chance.wide((40_000,), (300.0,))
    assert 2 < even.min() < 2.01
    assert 3.99 < even.max() < 4
    assert abs(usual.mean()) < 0.02
    assert abs(usual.std() - 0.7) < 0.01
    assert LEAST <= abs(wide).min() < LEAST * 1.01
    assert MOST / 1.01 < abs(wide).max() <= MOST
    assert abs(np.mean((abs(wide) > 225) & (abs(wide) < 375)) - 0.53) < 0.02
    neighbours = [abs(np.corrcoef(even[:-lag], even[lag:])[0, 1]) for lag in range(1, 300)]
    assert max(neighbours) < 0.025
    assert np.linalg.matrix_rank(usual.reshape(200, 200)) == 200
