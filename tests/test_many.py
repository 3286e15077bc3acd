"""Several sources in one call of ``summarize``, and lists of sources."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from seqshape.cli import main
from seqshape.renderers.json import schema
from tests.terminal import on_a_terminal

ROOT = Path(__file__).parent.parent
GOOD = ("LSTM(5,seq)>Dense(1)", "Dense(4)", "GRU(3)")


def summarize(*words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["summarize", *words], input=given)


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_json_is_a_line_each() -> None:
    result = summarize(*GOOD, "-i", "5,1", "--json")
    assert result.exit_code == 0
    found = objects(result)
    assert [one["argument"] for one in found] == list(GOOD)
    assert [one["totals"]["params"] for one in found] == [146, 8, 54]
    for one in found:
        jsonschema.validate(one, json.loads(schema()))


def test_a_line_is_the_object_of_one_source() -> None:
    alone = json.loads(summarize(GOOD[0], "-i", "5,1", "--json").stdout)
    first = objects(summarize(*GOOD, "-i", "5,1", "--json"))[0]
    assert first.pop("argument") == GOOD[0]
    assert first == alone


def test_a_bad_one_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    missing = str(tmp_path / "no.keras")
    result = summarize(GOOD[0], "LSMT(5)", missing, GOOD[1], "-i", "5,1", "--json")
    assert result.exit_code == 1
    found = objects(result)
    assert [one["argument"] for one in found] == [GOOD[0], "LSMT(5)", missing, GOOD[1]]
    assert [bool(one["diagnostics"]) for one in found] == [False, True, True, False]
    assert [found[place]["diagnostics"][0]["code"] for place in (1, 2)] == ["E102", "E402"]
    assert result.stderr == ""  # in JSON the findings stand beside what they are of
    told = summarize(GOOD[0], "LSMT(5)", missing, GOOD[1], "-i", "5,1").stderr
    assert "LSMT(5)\nerror[E102]: there is no layer called LSMT" in told
    assert f"{missing}\nerror[E402]: cannot read {missing}" in told


def test_tables_follow_each_other_under_their_sources() -> None:
    result = summarize(*GOOD, "-i", "5,1")
    lines = result.stdout.splitlines()
    assert [line for line in lines if line in GOOD] == list(GOOD)
    assert lines[1] == 'Model: "sequential"'
    assert result.stderr == ""


def test_what_cannot_be_read_has_no_table() -> None:
    result = summarize("Dense(", "Dense(4)", "-i", "3")
    assert result.stdout.startswith("Dense(4)\n")
    assert result.stderr.startswith("Dense(\nerror[E")
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("form", "heading"), [("markdown", "## Dense(4)\n"), ("csv", "# Dense(4)\n"), ("html", "<h2>Dense(4)</h2>\n"),
                          ("classic", "Dense(4)\n"), ("keras", "Dense(4)\n")],
)  # fmt: skip
def test_headings_are_in_the_words_of_the_format(form: str, heading: str) -> None:
    assert heading in summarize("Dense(2)", "Dense(4)", "-i", "3", "--format", form).stdout


def test_files(tmp_path: Path) -> None:
    for units in (3, 4):
        (tmp_path / f"{units}.seq").write_text(f"Dense({units})")
    paths = [str(tmp_path / f"{units}.seq") for units in (3, 4)]
    found = objects(summarize(*paths, "-i", "2", "--json"))
    assert [(one["argument"], one["totals"]["params"]) for one in found] == [(paths[0], 9), (paths[1], 12)]


LIST = "# three networks\n\nDense(3)\n  LSMT(3)\nDense(4)   # the last\n"


def test_lines_of_standard_input() -> None:
    result = summarize("--lines", "-", "-i", "2", "--json", given=LIST)
    assert [one["line"] for one in objects(result)] == [3, 4, 5]
    assert [one["totals"]["params"] for one in objects(result)] == [9, None, 12]
    assert [one["code"] for one in objects(result)[1]["diagnostics"]] == ["E102"]
    assert result.stderr == ""
    assert result.exit_code == 1


def test_lines_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "net.seq").write_text("Dense(5)")
    (tmp_path / "list").write_text(f"Dense(3)\n{tmp_path / 'net.seq'}\n")
    result = summarize("--lines", str(tmp_path / "list"), "-i", "2")
    assert f"{tmp_path / 'list'}, line 1: Dense(3)\n" in result.stdout
    assert f"{tmp_path / 'list'}, line 2: {tmp_path / 'net.seq'}\n" in result.stdout
    assert result.exit_code == 0


def test_without_lines_standard_input_is_one_spec() -> None:
    assert "12 (48.00 B)" in summarize("-", "-i", "2", given="Dense(4)\n").stdout
    assert summarize("--lines", "-", "-i", "2", given="").stdout == ""


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"Dense(3)\n\xff\xfe\n", "line 2 is no text in UTF-8"), (b"x" * (1 << 20), "line 1 has more than 1 MiB")],
)
def test_no_list(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "list").write_bytes(data)
    result = summarize("--lines", str(tmp_path / "list"))
    assert result.exit_code == 2
    assert says in result.stderr


def test_no_file_of_lines() -> None:
    result = summarize("--lines", "Dense(3)", "-i", "2")
    assert result.exit_code == 2
    assert "cannot be read: No such file" in result.stderr


def test_labels_that_do_not_fit_end_nothing() -> None:
    result = summarize("Dense(3)", "LSTM(3)", "-i", "5,1", "--target", "a=5,3", "--json")
    assert len(objects(result)) == 2
    assert result.exit_code == 2


def test_a_file_is_there_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    assert summarize(*GOOD, "-i", "5,1", "--json", "-o", str(target)).exit_code == 0
    assert [json.loads(line)["argument"] for line in target.read_text().splitlines()] == list(GOOD)
    target.write_text("as it was")
    (tmp_path / "list").write_bytes(b"Dense(3)\n\xff\n")
    assert summarize("--lines", str(tmp_path / "list"), "-i", "2", "-o", str(target)).exit_code == 2
    assert target.read_text() == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list", "out.jsonl"]


def test_models_are_let_go() -> None:
    """What a call holds does not grow with the number of its sources."""

    def held(number: int) -> int:
        result = summarize("--lines", "-", "-i", "5", "--json", given="Dense(3) > Dense(4)\n" * number)
        assert result.exit_code == 0
        gc.collect()
        return len(gc.get_objects())

    held(5)
    few, many = held(5), held(200)
    assert many - few < 1000


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "seqshape", "summarize", *words]


def test_a_reader_that_has_gone_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("Dense(3)\n" * 2000)
    with subprocess.Popen(
        command("--lines", str(tmp_path / "list"), "-i", "2", "--json"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline().startswith(b'{"schema"')
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(60) != 0


def test_progress_is_shown_on_a_terminal_only() -> None:
    assert "100%" in on_a_terminal("summarize", *GOOD, "-i", "5,1", "--json")
    assert on_a_terminal("summarize", GOOD[0], "-i", "5,1", "--json") == ""
    assert summarize(*GOOD, "-i", "5,1", "--json").stderr == ""
