"""Nested structures: three functions over them agree with each other, and none of them recurses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqshape.structure import filled, leaves, mapped
from seqshape.tensor import Tensor

LEAVES = st.one_of(st.none(), st.integers(), st.text(max_size=2), st.builds(Tensor, st.just((None, 3))))
STRUCTURES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2), inner, max_size=3),
    ),
    max_leaves=12,
)
DEEP = 10_000


def nested(depth: int) -> Any:
    structure: Any = "leaf"
    for level in range(depth):
        structure = ([structure], (structure,), {"key": structure})[level % 3]
    return structure


@given(STRUCTURES)
def test_mapping_and_filling_keep_the_structure(structure: Any) -> None:
    assert mapped(lambda leaf: leaf, structure) == structure
    assert filled(structure, leaves(structure)) == structure
    assert list(leaves(mapped(repr, structure))) == list(map(repr, leaves(structure)))


@given(STRUCTURES)
def test_leaves_are_changed_in_keras_order_and_keys_keep_their_own(structure: Any) -> None:
    seen: list[Any] = []
    mapped(seen.append, {"b": structure, "a": 0})
    assert seen == [0, *leaves(structure)]
    assert list(mapped(repr, {"b": structure, "a": 0})) == ["b", "a"]


def test_records_that_are_tuples_are_leaves() -> None:
    tensor = Tensor((None, 3))
    assert list(leaves([tensor, {"z": (tensor,)}])) == [tensor, tensor]


def test_deep_structures_need_no_recursion() -> None:
    structure = nested(DEEP)
    assert list(leaves(structure)) == ["leaf"]
    assert list(leaves(mapped(str.upper, structure))) == ["LEAF"]
    assert list(leaves(filled(structure, [1]))) == [1]


def test_what_holds_itself_is_refused() -> None:
    structure: list[Any] = []
    structure.append(structure)
    with pytest.raises(RecursionError):
        list(leaves(structure))
    with pytest.raises(RecursionError):
        mapped(repr, structure)
