"""Tables of very many rows: what repeats is shown once, and nothing is lost."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

import seqshape
from seqshape.readers.spec import read_spec
from seqshape.renderers import Options
from seqshape.renderers.repeats import FEWEST, blocks
from seqshape.renderers.table import MOST_ROWS, render

KEYS = st.lists(st.sampled_from("abc"), max_size=30) | st.builds(
    lambda before, block, count, after: [*before, *block * count, *after],
    st.lists(st.sampled_from("abc"), max_size=4),
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=5),
    st.integers(0, 9),
    st.lists(st.sampled_from("abc"), max_size=4),
)


@given(KEYS)
def test_blocks_are_the_rows_written_shorter(keys: list[str]) -> None:
    found = blocks(keys)
    written = [keys[block.start : block.start + block.size] * block.times for block in found]
    assert [key for part in written for key in part] == keys
    assert all(block.times == 1 or block.times >= FEWEST for block in found)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=3), st.integers(FEWEST, 50))
def test_what_repeats_is_found(block: list[str], count: int) -> None:
    assert sum(found.size for found in blocks(block * count)) <= 2 * len(block)


def test_rows_without_repeats_take_no_longer_than_there_are() -> None:
    for keys in ([*range(100_000)], [*range(50_000)] * 2, [at * at % 1009 for at in range(100_000)]):
        start = time.process_time()
        blocks(keys)
        assert time.process_time() - start < 5


def test_layers_are_counted_as_the_limit_says_them() -> None:
    """Twice 100,000 layers are fewer than 250,000: what they have for arguments, and their group, is no reason."""
    assert len(read_spec("(Dense(8)>relu)*100000").nodes) == 200_001


def test_a_table_of_very_many_rows_shows_repeats_once() -> None:
    spec = f"LSTM(8,seq)>(Dense(8)>relu)*{MOST_ROWS // 2}>LSTM(3)"
    summary = seqshape.summarize(spec, (5, 8), advice=False)
    text = render(summary, Options())
    assert len(text.splitlines()) < 30
    assert f"… {MOST_ROWS // 2 - 1:,} × these 2 rows" in text
    assert "rows that repeat are shown once; --json" in text
    assert all(f"{row.name} (" in text for row in (*summary.layers[:3], summary.layers[-1]))
    assert render(summary, Options(ascii=True)).isascii()
    few = summary._replace(layers=summary.layers[:20])
    assert "repeat" not in render(few, Options())
    assert all(row.name in render(few, Options()) for row in few.layers)
