"""JSON that is written without ``json`` is what ``json`` writes."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from seqshape.renderers.data import MANY, text, texts

PLAIN = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["", "a b", '"', "\\", "é"])
)
DATA = st.recursive(
    PLAIN, lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner), max_leaves=30
)


@given(DATA)
def test_data_are_written_as_json_writes_them(value: object) -> None:
    assert text(value) == json.dumps(value)


@given(st.dictionaries(st.text(), DATA), st.sampled_from([0, 1, MANY, MANY + 1]))
def test_so_is_a_list_of_objects(value: dict[str, object], count: int) -> None:
    assert list(texts([value] * count)) == [json.dumps(value)] * count


def test_numbers_without_a_name_in_json() -> None:
    assert text([math.inf, -math.inf, 1e300, 0.1]) == json.dumps([math.inf, -math.inf, 1e300, 0.1])
