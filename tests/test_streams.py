"""Commands at the edges: closed and endless streams, files that are none, folders that are gone, the last net."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import seqshape.cli
from seqshape.cli import COMMANDS, main
from seqshape.readers.json_text import LIMIT
from seqshape.renderers.text import width
from tests.terminal import environment, on_a_terminal, program

NET = ("LSTM(5,seq)>Dense(1)", "-i", "5,1")
FILE = str(Path(__file__).parent / "data" / "lstm.seq")
WORDS = {
    "summarize": ["summarize", *NET],
    "watch": ["watch", FILE, "-i", "5,1", "--times", "1"],
    "play": ["play", *NET],
    "explain": ["explain", *NET],
    "timesteps": ["timesteps", *NET],
    "check": ["check", *NET],
    "compare": ["compare", NET[0], *NET],
    "sweep": ["sweep", "Dense({2,3})", "-i", "3"],
    "solve": ["solve", "Dense(?)", "-i", "3", "--params", "100"],
    "convert": ["convert", *NET, "--to", "spec"],
    "graph": ["graph", *NET],
    "fmt": ["fmt", NET[0]],
    "layers": ["layers"],
    "schema": ["schema"],
    "completion": ["completion", "zsh"],
}


def test_every_command_has_words() -> None:
    assert list(WORDS) == list(COMMANDS)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- the last net ----------------------------------------------------------------------------------------------------


class Unwritable(Exception):
    def __str__(self) -> str:
        return str(10**5000)


PROBLEMS = [
    KeyError("a\n::error::\x1b[31m"),
    ValueError(),
    MemoryError(),
    RecursionError("deep"),
    AssertionError("x"),
    OSError(13, "no"),
    Unwritable(),
    OverflowError("y"),
    StopIteration(),
    SystemError("z"),
    RuntimeError("w" * 10_000),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: type(problem).__name__)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_nobody_has_foreseen_is_a_sentence(
    command: str, problem: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise problem

    monkeypatch.setattr(seqshape.cli.words.Command, "understood", broken)
    monkeypatch.setattr(sys, "argv", ["seqshape", *WORDS[command]])
    monkeypatch.delenv("SEQSHAPE_TRACEBACK", raising=False)
    with pytest.raises(SystemExit) as ended:
        seqshape.cli.run()
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (3, "")
    assert said.err.startswith("error[E999]: ")
    assert len(said.err.splitlines()) == 2  # the sentence, and the help
    assert said.err.replace("\n", "").isprintable()
    assert len(said.err) < 2000


def test_the_traceback_is_shown_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("\x1b]0;x\x07")

    monkeypatch.setattr(seqshape.cli.words.Command, "understood", broken)
    monkeypatch.setattr(sys, "argv", ["seqshape", "layers"])
    monkeypatch.setenv("SEQSHAPE_TRACEBACK", "1")
    with pytest.raises(SystemExit):
        seqshape.cli.run()
    said = capsys.readouterr().err
    assert said.startswith("Traceback (most recent call last)")
    assert "error[E999]: " in said
    assert "\x1b" not in said


# --- closed and endless streams --------------------------------------------------------------------------------------

CLOSED = {**WORDS, "json": ["summarize", *NET, "--json"], "several": ["summarize", NET[0], *NET, "--json"], "help": ["-h"],
          "help of a command": ["summarize", "-h"], "version": ["--version"], "page": ["explain", "E201"], "none": [],
          "torch": ["convert", *NET, "--to", "torch"], "manual": ["layers", "LSTM"]}  # fmt: skip


@pytest.mark.parametrize("words", CLOSED.values(), ids=CLOSED)
def test_a_reader_that_has_gone_hears_nothing(words: list[str], folder: Path) -> None:
    """Exit status 141, as of other programs, and not a word; 0 or 2 where all that is said goes to standard error."""
    theirs, ours = os.pipe()
    os.close(theirs)
    done = subprocess.run(program(*words), stdout=ours, stderr=subprocess.PIPE, env=environment(), check=False)
    os.close(ours)
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr
    if words:
        assert (done.returncode, done.stderr) == (141, b"")


ONE_BY_ONE = ("watch", "play", "sweep", "several", "none")  # what is said as it comes


@pytest.mark.skipif(not hasattr(socket, "SOCK_SEQPACKET"), reason="the system has no sockets that keep writes apart")
@pytest.mark.parametrize("words", [words for name, words in CLOSED.items() if name not in ONE_BY_ONE])
def test_a_short_answer_is_one_write(words: list[str], folder: Path) -> None:
    """So ``seqshape … | grep -q`` ends with 0 in a shell with ``pipefail``: who stops at a find has had it all."""
    theirs, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, ours:
        told = environment() | {"PYTHONUNBUFFERED": "1"}
        assert subprocess.run(program(*words), stdout=ours, env=told, check=False).returncode in (0, 1)
        ours.close()
        assert theirs.recv(1 << 20)
        assert theirs.recv(1 << 20) == b""


def test_the_first_line_of_many(folder: Path) -> None:
    (folder / "list").write_text("LSTM(5)\n" * 3000)
    words = program("summarize", "--lines", "list", "-i", "5,1", "--json")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert json.loads(child.stdout.readline())["totals"]["params"] == 140
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(60) == 141


def endless(path: Path, data: bytes) -> None:
    """A pipe that never ends, until its reader goes."""

    def write() -> None:
        with path.open("wb", buffering=0) as stream:
            try:
                while True:
                    stream.write(data)
            except BrokenPipeError:
                return

    threading.Thread(target=write, daemon=True).start()


ENDLESS = ("summarize", "explain", "timesteps", "check", "compare", "convert", "fmt")


@pytest.mark.parametrize("command", [*ENDLESS, "--lines"])
@pytest.mark.parametrize("data", [bytes(1 << 16), b"#" * (1 << 16)], ids=["zeros", "comment"])
def test_what_never_ends_is_bounded(command: str, data: bytes, folder: Path) -> None:
    os.mkfifo("pipe")
    endless(folder / "pipe", data)
    words = ["summarize", "--lines", "pipe"] if command == "--lines" else [command, "pipe"]
    words += ["--to", "spec"] if command == "convert" else ["Dense(2)"] if command == "compare" else []
    started = time.monotonic()
    result = run(*words)
    assert result.exit_code in (1, 2)
    assert "MiB" in result.stderr
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("command", ENDLESS)
def test_a_standard_input_that_never_ends_is_bounded(command: str, folder: Path) -> None:
    os.mkfifo("pipe")
    endless(folder / "pipe", bytes(1 << 16))
    words = [
        command,
        "-",
        *(["--to", "spec"] if command == "convert" else ["Dense(2)"] if command == "compare" else []),
    ]
    with open("pipe", "rb") as stream:
        done = subprocess.run(
            program(*words), stdin=stream, capture_output=True, text=True, env=environment(), timeout=60, check=False
        )
    assert done.returncode == 2
    assert f"standard input has more than {LIMIT >> 20} MiB of text" in done.stderr


def test_ctrl_c_ends_with_130(folder: Path) -> None:
    os.mkfifo("pipe")
    words = [sys.executable, "-c", "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
             "from seqshape.__main__ import main; sys.argv[0] = 'seqshape'; main()"]  # fmt: skip
    with (
        subprocess.Popen(
            [*words, "summarize", "--lines", "pipe"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
        ) as child,
        open("pipe", "wb") as stream,
    ):
        stream.write(b"Dense(2)\n")
        stream.flush()
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (130, b"")


# --- encodings and words that are no text ----------------------------------------------------------------------------

ENVIRONMENTS = [
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "ascii:strict"},
    {"PYTHONIOENCODING": "utf-16"},
]


@pytest.mark.parametrize("given", ENVIRONMENTS, ids=lambda given: "-".join(given.values()))
@pytest.mark.parametrize("command", ["layers", "explain", "timesteps", "compare"])
def test_any_environment(command: str, given: dict[str, str], folder: Path) -> None:
    done = subprocess.run(program(*WORDS[command]), capture_output=True, env=environment(**given), check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("command", WORDS)
def test_words_that_are_no_text(command: str, folder: Path) -> None:
    words = [*program(command, "\udcff\udcfeé")]
    words += {"compare": ["\udcff"], "convert": ["--to", "spec"]}.get(command, [])
    done = subprocess.run(
        list(map(os.fsencode, words)), capture_output=True, text=True, env=environment(LC_ALL="C.UTF-8"), check=False
    )
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert "\\udcff" in done.stderr


# --- a terminal ------------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """The text without styles."""
    return re.sub("\x1b\\[[0-9;]*m", "", text)


@pytest.mark.parametrize("title", ["x[/red]", "[bold]x", ":smile:[link=http:x]y[/link]", "\x1b]0;x\x07", "[", "\\[x]"])
@pytest.mark.parametrize("both", [True, False])
def test_the_bar_takes_no_title_for_markup(title: str, both: bool, folder: Path) -> None:
    written = on_a_terminal("summarize", "Dense(2)", title, "Dense(3)", "-i", "3", both=both)
    assert "Traceback" not in written
    assert "E999" not in written
    assert "100%" in written
    assert "\x1b]" not in written
    if title.isprintable():
        assert title in written


def test_what_is_printed_under_the_bar_goes_where_it_belongs(folder: Path) -> None:
    """The bar is on standard error; a standard output that is no terminal is not drawn there."""
    assert "dense (" not in plain(on_a_terminal("summarize", "Dense(2)", "Dense(3)", "-i", "3"))
    assert plain(on_a_terminal("summarize", "Dense(2)", "Dense(3)", "-i", "3", both=True)).count("dense (Dense)") == 2


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("command", ["summarize", "explain", "compare", "timesteps"])
def test_long_names_on_a_terminal(command: str, columns: int, folder: Path) -> None:
    layer = {"class_name": "LSTM", "config": {"name": "\x1b[31m" + "n" * 300, "units": 3, "return_sequences": True}}
    first = {"class_name": "InputLayer", "config": {"batch_shape": [None, 5, 1], "name": "x\u202e"}}
    Path("m.json").write_text(
        json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": [first, layer]}})
    )
    written = on_a_terminal(
        command, "m.json", *(["m.json"] if command == "compare" else []), columns=columns, both=True
    )
    assert "\x1b[31mn" not in written
    assert "\u202e" not in written
    if command == "summarize" or (command == "compare" and columns >= 80):
        assert max(map(width, plain(written).splitlines())) <= columns


# --- output files ----------------------------------------------------------------------------------------------------

WRITERS: dict[str, Callable[[str], list[str]]] = {
    "summarize": lambda path: ["summarize", *NET, "--json", "-o", path],
    "several": lambda path: ["summarize", NET[0], *NET, "--json", "-o", path],
    "convert": lambda path: ["convert", *NET, "--to", "keras-json", "-o", path],
    "timesteps": lambda path: ["timesteps", *NET, "-o", path],
}


def written(writer: str, path: str) -> Result:
    result = run(*WRITERS[writer](path))
    assert result.stdout == ""
    return result


@pytest.fixture(params=WRITERS)
def writer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_link_stays_and_its_target_is_written(writer: str, folder: Path) -> None:
    os.mkdir("deep")
    Path("deep/target.json").write_text("old")
    os.chmod("deep/target.json", 0o640)
    os.symlink("deep/target.json", "one")
    os.symlink("one", "two.json")
    assert written(writer, "two.json").exit_code == 0
    assert os.readlink("two.json") == "one"
    assert os.readlink("one") == "deep/target.json"
    assert "old" not in Path("deep/target.json").read_text()
    assert stat.S_IMODE(os.stat("deep/target.json").st_mode) == 0o640
    assert sorted(os.listdir("deep")) == ["target.json"]


def test_a_link_to_nothing_makes_its_target(writer: str, folder: Path) -> None:
    os.symlink("target.json", "link.json")
    assert written(writer, "link.json").exit_code == 0
    assert os.path.islink("link.json")
    assert Path("target.json").is_file()


def test_a_pipe_is_written_into(writer: str, folder: Path) -> None:
    os.mkfifo("pipe.json")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe.json").read_text()), daemon=True)
    reader.start()
    assert written(writer, "pipe.json").exit_code == 0
    reader.join(20)
    assert stat.S_ISFIFO(os.stat("pipe.json").st_mode)
    assert read[0].startswith("{")
    assert os.listdir() == ["pipe.json"]


def test_what_cannot_be_written_is_a_sentence(writer: str, folder: Path) -> None:
    os.mkdir("folder.json")
    os.symlink("loop.json", "loop.json")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.json")
        for path in ("folder.json", "loop.json", "nowhere/x.json", "socket.json", "a\x00b.json", "n" * 300 + ".json"):
            result = written(writer, path)
            assert result.exit_code == 1, path
            assert result.stderr.startswith("Error: cannot write "), path
            assert len(result.stderr.splitlines()) == 1
    assert sorted(os.listdir()) == ["folder.json", "loop.json", "socket.json"]


def test_a_long_name_is_written(writer: str, folder: Path) -> None:
    name = "n" * 250 + ".json"
    assert written(writer, name).exit_code == 0
    assert os.listdir() == [name]


def test_what_was_there_stays_if_anything_goes_wrong(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("target").write_text("old")
    os.symlink("target", "link")

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", broken)
    for path in ("target", "link"):
        result = written("convert", path)
        assert result.stderr == f"Error: cannot write {path}: No space left on device\n"
    assert Path("target").read_text() == "old"
    assert sorted(os.listdir()) == ["link", "target"]


def test_fmt_writes_through_a_link(folder: Path) -> None:
    Path("net.seq").write_text("lstm( 5 )")
    os.symlink("net.seq", "link.seq")
    assert run("fmt", "link.seq", "--write").exit_code == 0
    assert os.path.islink("link.seq")
    assert Path("net.seq").read_text() == "LSTM(5)\n"


# --- folders and projects --------------------------------------------------------------------------------------------


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    for command, words in WORDS.items():
        (tmp_path / "gone").mkdir()
        # A file, as the installed program is one: with -c Python 3.13.0 fails by itself at any attribute that is missing.
        script = tmp_path / "main.py"
        script.write_text(
            f"import os; os.rmdir({str(tmp_path / 'gone')!r}); from seqshape.__main__ import main; main()"
        )
        done = subprocess.run(
            [sys.executable, str(script), *words],
            cwd=tmp_path / "gone",
            capture_output=True,
            text=True,
            env=environment(),
            check=False,
        )
        assert done.returncode == (2 if command == "check" else 0), done.stderr
        if command == "check":
            assert "cannot be searched for a pyproject.toml" in done.stderr


PROJECTS = {
    "deep": "[tool.seqshape]\n" + ".".join("a" * 20_000) + " = 1\n",
    "deep in quotes": "seqshape = 1\nx = {" + ' . '.join(['"a"'] * 5_000) + " = 1}\n",
    "nested": "[tool.seqshape]\nx = " + "[" * 50_000,
    "long": "[tool.seqshape]\n" + "#" * (300 << 10),
    "hexadecimal": "[tool.seqshape]\nmax-params = 0x" + "f" * 20_000,
    "in a shape": "[tool.seqshape]\nexpect-output = [0x" + "f" * 20_000 + "]",
    "no table": "[tool]\nseqshape = 0x" + "f" * 20_000,
    "digits": "[tool.seqshape]\nmax-params = " + "9" * 5_000,
    "a long key": "[tool.seqshape]\n" + "k" * 100_000 + " = 1",
    "no text": "[tool.seqshape]\nmax-params = '\udcff'",
    "negative": "[tool.seqshape]\nexpect-output = [-1]",
    "a date": "[tool.seqshape]\nmax-params = 1979-05-27",
    "tables": "[[tool.seqshape]]\nmax-params = 1",
}  # fmt: skip


@pytest.mark.parametrize("text", PROJECTS.values(), ids=PROJECTS)
def test_a_pyproject_that_means_harm_is_a_sentence(text: str, folder: Path) -> None:
    (folder / "pyproject.toml").write_bytes(text.encode(errors="surrogateescape"))
    started = time.monotonic()
    result = run("check", *NET)
    assert result.exit_code == 2
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert len(result.stderr) < 2000
    assert "pyproject.toml" in result.stderr or "[tool.seqshape]" in result.stderr
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("text", ["x = [", "x = " + "[" * 50_000, ".".join("a" * 20_000) + " = 1", "\x00"])
def test_a_broken_pyproject_of_somebody_else_is_passed_over(text: str, folder: Path) -> None:
    (folder / "pyproject.toml").write_text(text)
    result = run("check", *NET)
    assert result.exit_code == 0
    assert result.stderr.startswith("note: no limits are taken from ")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [["--set", "T=" + "9" * 5000], ["-i", "9" * 5000], ["--width", "9" * 5000], ["--depth", "9" * 5000], ["--target", "9" * 5000],
     ["--set", "T=" + "9" * 19], ["--set", "T=" + "0" * 5000]],
)  # fmt: skip
def test_numbers_of_thousands_of_digits(words: list[str]) -> None:
    result = run("summarize", "LSTM(5)", *(["-i", "T,1"] if words[0] != "-i" else []), *words)
    assert result.exit_code == 2
    assert result.exception is None or isinstance(result.exception, SystemExit)


LARGE = 2**62
WIDE = f"Input({','.join([str(LARGE)] * 60)})"
LARGE_NETS = (
    f"{WIDE} > LN(axis=[{','.join(map(str, range(1, 61)))}])",
    f"{WIDE} > Dense({LARGE})",
    f"Input({LARGE},{LARGE}) > LSTM({LARGE}, seq) > Dense({LARGE})",
    f"Input({LARGE}) > RepeatVector({LARGE})",
    f"Input({LARGE},{LARGE}) > Conv1D({LARGE},{LARGE})",
    f"Input(T,{LARGE}) > LSTM({LARGE}) > Dense(T)",
)


@pytest.mark.parametrize("net", LARGE_NETS)
def test_counts_of_a_thousand_digits_are_written(net: str) -> None:
    """In every command and format, though no float holds such a number."""
    from tests.hostile import Given, command_lines

    for words in command_lines(Given(net)):
        result = run(*words)
        assert result.exception is None or isinstance(result.exception, SystemExit), (words, result.exception)
        assert result.exit_code in (0, 1, 2)
