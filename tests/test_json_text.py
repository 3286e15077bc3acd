"""JSON that is written without ``json`` is what ``json`` writes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from seqshape import Summary, summarize
from seqshape.cli import main
from seqshape.renderers import Options
from seqshape.renderers.data import MANY, text, texts
from seqshape.renderers.json import TOGETHER, pieces, render

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
    assert list(texts(iter([value] * count))) == [json.dumps(value)] * count


def test_numbers_without_a_name_in_json() -> None:
    assert text([math.inf, -math.inf, 1e300, 0.1]) == json.dumps([math.inf, -math.inf, 1e300, 0.1])


@pytest.mark.parametrize("layers", [1, TOGETHER // 2, 5 * TOGETHER])
def test_a_summary_is_written_in_pieces_of_bounded_size(layers: int, tmp_path: Path) -> None:
    """On standard output, in a file and as one text it is the same: a key a line, a layer a line, in the order of to_dict."""
    spec = ">".join(f"Dense({number % 7 + 1})" for number in range(layers))
    summary = summarize(spec, input_shape=(5,))
    written = list(pieces(summary))
    assert max(map(len, written)) < 400 * TOGETHER + 2 * len(spec)
    whole = "".join(written)
    assert whole == render(summary, Options())
    assert list(json.loads(whole).items()) == list(summary.to_dict().items())
    others = 2 + bool(summary.diagnostics)  # an input, an output, the source
    assert sum(line.startswith("    {") for line in whole.splitlines()) == layers + len(summary.diagnostics) + others
    words = ["summarize", spec, "-i", "5"]
    assert CliRunner().invoke(main, [*words, "--json"]).output == f"{whole}\n"
    assert CliRunner().invoke(main, [*words, "-o", str(tmp_path / "it.json")]).exit_code == 0
    assert (tmp_path / "it.json").read_text() == f"{whole}\n"


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the object fails in the middle of its pieces."""

    def broken(summary: Summary) -> Iterator[str]:
        yield from pieces(summary)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("seqshape.renderers.json.pieces", broken)
    found = CliRunner().invoke(main, ["summarize", "Dense(1)", "-i", "5", "-o", str(tmp_path / "it.json")])
    assert found.exit_code == 1
    assert "No space left on device" in found.output
    assert list(tmp_path.iterdir()) == []
