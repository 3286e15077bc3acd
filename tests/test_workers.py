"""Sources that several processes share: what is printed is what one process alone prints, whatever becomes of the others."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqshape.cli.many import LONGEST, _Lines
from seqshape.cli.workers import usual

ROOT = Path(__file__).parent.parent
# The command line, sharing at once, that says in a file how many processes it started, and how many sources it handled
# itself; {broken} comes before.
PROGRAM = """
import os, sys
import seqshape.cli.many as many, seqshape.cli.workers as workers, seqshape.cli.summarize as summarize
many.PAYS, fork, number, own = 0, os.fork, 0, 0
found = summarize._found
def here(job, one):
    global own
    own += 1
    return found(job, one)
summarize._found = here
def counted():
    global number
    number += 1
    return fork()
os.fork = counted
{broken}
from seqshape.__main__ import main
try:
    main()
finally:
    with open(os.environ["FORKS"], "w") as file:
        file.write(f"{{number}} {{own}}")
"""


@pytest.fixture
def forks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a program says how many processes it started."""
    monkeypatch.setenv("FORKS", str(tmp_path / "forks"))
    return tmp_path / "forks"


def words(*given: str, broken: str = "") -> list[str]:
    return [sys.executable, "-c", PROGRAM.format(broken=broken), "summarize", *given]


def told(*given: str, broken: str = "", data: bytes = b"") -> tuple[int, bytes, bytes]:
    """The exit status, and what stands on the two streams."""
    done = subprocess.run(words(*given, broken=broken), input=data, capture_output=True, cwd=ROOT, check=False)
    return done.returncode, done.stdout, done.stderr


def listed(path: Path) -> str:
    """A list of sources of all kinds: fine, with advice, faulty, unread, files, comments."""
    (path / "net.seq").write_text("Dense(5)")
    lines = []
    for number in range(40):
        lines += [
            f"LSTM({number + 1},seq)>Dense(2)",
            f"LSTM(3,seq)>TD(Dense({number + 1}))",
            "# nothing",
            "",
            "LSMT(3)",
        ]
        lines += [str(path / "net.seq"), str(path / "no.keras"), "Dense(", f"Embedding({number + 9},3)", "Flatten"]
    (path / "list").write_text("\n".join(lines))
    return str(path / "list")


@pytest.mark.parametrize("form", ["json", "table", "markdown", "csv", "html", "keras"])
def test_what_is_printed_does_not_depend_on_who_does_it(form: str, tmp_path: Path, forks: Path) -> None:
    given = ["--lines", listed(tmp_path), "-i", "5,1", "--format", form]
    alone = told(*given, "--jobs", "1")
    assert forks.read_text() == "0 320"
    assert told(*given, "--jobs", "3") == alone
    assert forks.read_text() == "3 1"  # the first one, then others do the work
    assert alone[0] == 1


def test_several_files_are_shared_too(tmp_path: Path, forks: Path) -> None:
    for units in range(1, 30):
        (tmp_path / f"{units}.seq").write_text(f"Dense({units})")
    paths = [str(path) for path in sorted(tmp_path.glob("*.seq"))]
    alone = told(*paths, "-i", "3", "--json", "--jobs", "1")
    assert told(*paths, "-i", "3", "--json", "--jobs", "2") == alone
    assert forks.read_text() == "2 1"


@pytest.mark.parametrize(
    "broken",
    [
        "workers._serve = lambda *_: os._exit(1)",  # a worker that is killed at once
        "plain = workers._handled; workers._handled = lambda *_: os._exit(1) if len(_[1]) > 2 else plain(*_)",
        "plain = workers._handled; workers._handled = lambda *_: plain(*_)[:-1]",
    ],
)
def test_what_a_worker_does_not_do_is_done(broken: str, tmp_path: Path, forks: Path) -> None:
    given = ["--lines", listed(tmp_path), "-i", "5,1", "--json"]
    assert told(*given, "--jobs", "2", broken=broken) == told(*given, "--jobs", "1")


@pytest.mark.parametrize("problem", ["KeyError(3)", "MemoryError()", "RecursionError()", "words.Misuse('so')"])
def test_what_nobody_has_foreseen_is_said_in_its_place(problem: str, tmp_path: Path, forks: Path) -> None:
    broken = f"""
import seqshape.cli.words as words
plain = summarize._titled
def titled(job, one):
    if one.line == 111:
        raise {problem}
    return plain(job, one)
summarize._titled = titled
"""
    given = ["--lines", listed(tmp_path), "-i", "5,1", "--json"]
    alone = told(*given, "--jobs", "1", broken=broken)
    assert alone[0] in (2, 3)
    assert len(alone[1].splitlines()) == 88  # a fifth of the lines are comments and blanks
    assert told(*given, "--jobs", "3", broken=broken) == alone


def test_a_list_that_breaks_off(tmp_path: Path, forks: Path) -> None:
    (tmp_path / "list").write_bytes(b"Dense(3)\n" * 500 + b"\xff\n" + b"Dense(4)\n" * 500)
    given = ["--lines", str(tmp_path / "list"), "-i", "2", "--json"]
    alone = told(*given, "--jobs", "1")
    assert (alone[0], len(alone[1].splitlines())) == (2, 500)
    assert told(*given, "--jobs", "2") == alone


def test_output_comes_as_input_comes(forks: Path) -> None:
    with subprocess.Popen(
        words("--lines", "-", "-i", "2", "--json", "--jobs", "2"),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for number in (1, 1, 1, 5, 1, 40, 1):
            child.stdin.write(b"Dense(3)\n" * number + b"Dense(")
            child.stdin.flush()
            for _ in range(number):
                assert child.stdout.readline().startswith(b'{"schema"')
            child.stdin.write(b"4)\n")
            child.stdin.flush()
            assert json.loads(child.stdout.readline())["argument"] == "Dense(4)"
        child.stdin.close()
        assert child.wait(60) == 0
    assert forks.read_text() == "2 1"


@pytest.mark.parametrize("how", ["interrupted", "unread"])
def test_nobody_is_left_behind(how: str, forks: Path) -> None:
    """The streams end when all processes have ended that hold them."""
    with subprocess.Popen(["yes", "Dense(3)"], stdout=subprocess.PIPE) as endless:
        child = subprocess.Popen(
            words("--lines", "-", "-i", "2", "--json", "--jobs", "2",
                  broken="import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"),
            cwd=ROOT, stdin=endless.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert child.stdout is not None
        assert child.stderr is not None
        for _ in range(300):
            assert child.stdout.readline().startswith(b'{"schema"')
        if how == "interrupted":
            os.killpg(child.pid, signal.SIGINT)
            child.stdout.read()
        else:
            child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(60) == (130 if how == "interrupted" else 141)
        child.stderr.close()
        child.stdout.close()
        endless.kill()
    assert forks.read_text() == "2 1"


def test_processors_are_counted() -> None:
    assert usual() == min(len(os.sched_getaffinity(0)), 16)


class Chunks(io.RawIOBase):
    """A stream that gives no more at once than it is told."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self.data, self.sizes = data, sizes

    def read1(self, most: int) -> bytes:
        size = min(self.sizes.pop() if self.sizes else most, most)
        found, self.data = self.data[:size], self.data[size:]
        return found


@given(st.binary(max_size=60) | st.text("\na\r", max_size=60).map(str.encode), st.lists(st.integers(1, 9), max_size=40))
def test_lines_are_those_of_the_stream(data: bytes, sizes: list[int]) -> None:
    assert list(_Lines(Chunks(data, sizes))) == list(io.BytesIO(data))


def test_a_line_has_an_end() -> None:
    data = b"x" * (3 * LONGEST) + b"\n" + b"y" * LONGEST + b"\n"
    found = list(_Lines(io.BytesIO(data)))
    assert max(map(len, found)) == LONGEST
    assert not found[0].endswith(b"\n")
