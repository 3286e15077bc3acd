"""The commands that CI uses, by their words: exit statuses, what stands on which stream, and what comes from pyproject.toml."""

from __future__ import annotations

import json
import os
import random
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from seqshape.analysis.check import parse_amount
from seqshape.cli import COMMANDS, command_named, main
from seqshape.cli.words import Choice, Param
from tests.oracle.facts import load

ECHO = ("LSTM(5,seq)>Dense(1)", "-i", "5,1")  # 146 parameters, 625 multiply-adds, 584 bytes
ROOT = Path(__file__).parent.parent


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def check(*words: str) -> Result:
    return run("check", *ECHO, *words)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, without a pyproject.toml, to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- check ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("146", 146), ("50k", 50_000), ("1M", 1_000_000), ("2.5m", 2_500_000), ("1G", 10**9), ("1B", 10**9),
        ("64Ki", 65_536), ("1KiB", 1024), ("1MB", 1_000_000), ("2_500_000", 2_500_000), ("1,000", 1000), ("3T", 3 * 10**12),
    ],
)  # fmt: skip
def test_amounts(text: str, amount: int) -> None:
    assert parse_amount(text) == amount


@pytest.mark.parametrize("text", ["", "M", "1X", "-5", "1e5", "nan", ".", "1..2", "٣", "1 2", "9" * 40])
def test_no_amounts(text: str, project: Path) -> None:
    with pytest.raises(ValueError, match="is no amount: write 1000000, 1M or 64Ki"):
        parse_amount(text)
    assert check("--max-params", text).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["--max-params", "146"],
        ["--max-params", "1k", "--max-macs", "625", "--max-bytes", "584", "--max-trainable-params", "146"],
        ["--expect-output", "5,1"],
        ["--expect-input", "5,1", "--expect-output", "(5, 1)"],
        [],
    ],
)
def test_limits_that_hold(words: list[str], project: Path) -> None:
    result = check(*words)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("ok: ")
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--max-params", "145"], "146 parameters, and the limit is 145"),
        (["--max-trainable-params", "100"], "146 trainable parameters, and the limit is 100"),
        (["--max-macs", "0.5k"], "625 multiply-adds, and the limit is 500"),
        (["--max-bytes", "0.5Ki"], "584 bytes of weights, and the limit is 512"),
        (["--expect-output", "5,2"], "the output is (5, 1), and (5, 2) is expected"),
        (["--expect-input", "5"], "the input is (5, 1), and (5,) is expected"),
        (["--expect-output", "5,1", "--expect-output", "5"], "the model has 1 outputs, and 2 are expected"),
    ],
)
def test_limits_that_are_broken(words: list[str], says: str, project: Path) -> None:
    result = check(*words)
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stdout == ""


def test_one_sentence_for_each_limit(project: Path) -> None:
    result = check("--max-params", "1", "--max-bytes", "1", "--expect-output", "7")
    assert result.stderr.count("error[E50") == 3


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["check", "LSMT(5)", "-i", "5,1", "--max-params", "1M"], 1),
        (["check", "LSTM(5)>LSTM(5)", "-i", "5,1"], 1),
        (["check", "nowhere.keras"], 1),
        (["check", "Dense(4)", "-i", "3", "--max-params", "many"], 2),
        (["check", "Dense(4)", "-i", "3", "--expect-output", "x y"], 2),
        (["check", "Dense(4)", "-i", "3", "-i", "4"], 2),
        (["check"], 2),
    ],
)
def test_statuses_of_check(words: list[str], status: int, project: Path) -> None:
    assert run(*words).exit_code == status


def test_limits_on_sizes_without_a_number(project: Path) -> None:
    result = run("check", "LSTM(5)", "-i", "T,F", "--max-params", "1000")
    assert result.exit_code == 1
    assert "20*F + 120 parameters: at most 1,000 for F <= 44, there 1,000" in result.stderr
    assert run("check", "LSTM(5)", "-i", "T,F", "--set", "F=3", "--max-params", "1000").exit_code == 0


def test_limits_stand_in_pyproject(project: Path) -> None:
    inner = project / "deep" / "er"
    inner.mkdir(parents=True)
    (project / "pyproject.toml").write_text('[tool.seqshape]\nmax-params = "0.1k"\nexpect-output = [5, 1]\n')
    assert "146 parameters, and the limit is 100" in check().stderr
    os.chdir(inner)  # of the nearest one above
    assert check().exit_code == 1
    assert check("--max-params", "1k").exit_code == 0  # the command line is stronger
    (inner / "pyproject.toml").write_text("[project]\n")
    assert check().exit_code == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tool.seqshape]\nmax-parms = 3\n", "has no key max-parms; did you mean max-params?"),
        ('[tool.seqshape]\nmax-params = "lots"\n', "[tool.seqshape] max-params: 'lots' is no amount"),
        ("[tool.seqshape]\nexpect-output = true\n", "expect-output has to be a shape"),
        ("[tool.seqshape\n", "cannot read"),
    ],
)
def test_wrong_pyproject(text: str, says: str, project: Path) -> None:
    (project / "pyproject.toml").write_text(text)
    result = check()
    assert result.exit_code == 2
    assert says in result.stderr


def test_several_outputs_in_pyproject(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.seqshape]\nexpect-output = ["4", "3"]\n')
    (project / "net.seq").write_text("a = Input(2); x = a > Dense(4); y = a > Dense(3); (x, y)")
    assert run("check", "net.seq").exit_code == 0
    assert run("check", "net.seq", "--expect-output", "3", "--expect-output", "4").exit_code == 1


def test_annotations_for_github(project: Path) -> None:
    (project / "net.seq").write_text("LSTM(5,seq)\n> LSMT(3)\n")
    result = run("check", "net.seq", "-i", "5,1", "--format", "github")
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "::error file=net.seq,line=2,col=3,title=seqshape E102::there is no layer called LSMT"
    )
    broken = check("--max-params", "100", "--format", "github")
    assert broken.stdout == "::error title=seqshape E501::146 parameters, and the limit is 100: lstm 140, 96 %25\n"
    assert check("--format", "github").stdout == ""


def test_check_as_json(project: Path) -> None:
    broken = check("--max-params", "100", "--format", "json")
    found = json.loads(broken.stdout)
    assert (found["schema"], found["ok"], broken.exit_code) == ("seqshape.check/1", False, 1)
    assert [one["code"] for one in found["diagnostics"]] == ["E501"]
    whole = json.loads(check("--format", "json").stdout)
    assert (whole["schema"], whole["ok"], whole["diagnostics"]) == ("seqshape.check/1", True, [])
    assert [one["ok"] for one in whole["sources"]] == [True]


# --- compare ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["GRU(16,seq)>TD(Dense(8))", "GRU(16,seq)>Dense(8)", "-i", "64,15"], 0),
        (["Dense(4)", "Dense(5)", "-i", "3"], 1),
        (["Dense(4)", "DENSE", "-i", "3"], 2),
        (["Dense(4)", "nowhere.keras", "-i", "3"], 2),
        (["Dense(4)", "LSTM(4)", "-i", "3"], 2),
        (["Resizing(4,4)", "Resizing(4,4)>Id", "-i", "8,8,3"], 2),
        (["Dense(4)", "-i", "3"], 2),
    ],
)
def test_statuses_of_compare(words: list[str], status: int) -> None:
    assert run("compare", *words).exit_code == status


def test_spec_and_file_are_compared(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    assert run("convert", *ECHO, "--to", "keras-json", "-o", str(path)).exit_code == 0
    assert run("compare", ECHO[0], str(path), "-i", "5,1").exit_code == 0
    other = run("compare", "LSTM(6,seq)>Dense(1)", str(path), "-i", "5,1")
    assert other.exit_code == 1
    assert "146" in other.stdout


def test_compare_as_json() -> None:
    found = json.loads(run("compare", "Dense(4)", "Dense(5)", "-i", "3", "--json").stdout)
    assert found["same"] is False


# --- advice, and Keras's own print ------------------------------------------------------------------------------------


def test_advice_is_chosen_by_words() -> None:
    words = ("summarize", "Dense(4)>Dense(1,softmax)", "-i", "8")
    assert "advice[A104]" in run(*words).stderr
    assert run(*words, "--no-advice").stderr == ""
    assert run(*words, "--select", "a109").stderr.count("advice[") == 1
    assert "A104" not in run(*words, "--ignore", "A104").stderr
    assert run(*words).exit_code == 0


PRINTED = [
    case for case in load("fuzz") if "summary_text" in case["expected"] and '"Lambda"' not in json.dumps(case["config"])
]


@pytest.mark.parametrize("first", range(10))
def test_keras_print_by_the_command(first: int, tmp_path: Path) -> None:
    """``--format keras --width 100`` of a config is what ``model.summary(line_length=100)`` prints, byte for byte."""
    path = tmp_path / "model.json"
    for case in PRINTED[first::30]:
        path.write_text(json.dumps(case["config"]))
        result = run("summarize", str(path), "--format", "keras", "--width", "100", "--no-advice")
        assert result.stdout_bytes == case["expected"]["summary_text"].removesuffix("\n").encode(), case["id"]


def test_keras_print_in_a_file(tmp_path: Path) -> None:
    case: Any = PRINTED[0]
    source, target = tmp_path / "model.json", tmp_path / "summary.txt"
    source.write_text(json.dumps(case["config"]))
    words = ["summarize", str(source), "--format", "keras", "--width", "100", "--no-advice", "-o", str(target)]
    assert (
        subprocess.run([sys.executable, "-m", "seqshape", *words], check=True, cwd=ROOT, capture_output=True).stdout
        == b""
    )
    assert target.read_bytes() == case["expected"]["summary_text"].removesuffix("\n").encode()


# --- streams, and what stands around a command -------------------------------------------------------------------------


def run_shell(words: str) -> subprocess.CompletedProcess[str]:
    """A command as a shell starts it, ``seqshape`` standing for the program."""
    program = f"{shlex.quote(sys.executable)} -m seqshape"
    return subprocess.run(
        words.replace("seqshape", program, 1), shell=True, text=True, capture_output=True, check=False, cwd=ROOT
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("seqshape summarize 'LSTM(5)' -i 5,1 >&-", "cannot write: standard output is closed"),
        ("seqshape summarize 'LSTM(5)' -i 5,1 >/dev/full", "cannot write: No space left on device"),
        ("seqshape summarize - <&-", "spec"),
    ],
)
def test_closed_and_full_streams(words: str, message: str) -> None:
    found = run_shell(words)
    assert found.returncode == 1
    assert message in found.stderr
    assert "Traceback" not in found.stderr


def test_interrupted() -> None:
    program = [sys.executable, "-c", "import os, signal, seqshape.cli as c; from seqshape.cli.words import Command; "
               "signal.signal(signal.SIGINT, signal.default_int_handler); "  # a job in the background ignores it
               "Command.understood = lambda *_: os.kill(os.getpid(), signal.SIGINT); c.run()", "layers"]  # fmt: skip
    found = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (130, "")


def test_limits_that_are_no_table(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool]\nseqshape = 3\n", "utf-8")
    found = check()
    assert found.exit_code == 2
    assert "has to be a table of limits, not 3" in found.stderr


def test_a_dim_that_is_too_large() -> None:
    found = run("summarize", "LSTM(5)", "-i", f"{10**28},1")
    assert found.exit_code == 2
    assert "too large" in found.stderr


def test_a_limit_on_an_unknown_class_does_not_ask_for_sizes(project: Path) -> None:
    layer = {"class_name": "Own", "module": "mine", "registered_name": "Own", "config": {"name": "own"}}
    first = {"class_name": "InputLayer", "config": {"batch_shape": [None, 4]}}
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [first, layer]}}
    (project / "model.json").write_text(json.dumps(config), "utf-8")
    found = run("check", "model.json", "--max-params", "1M")
    assert found.exit_code == 1
    assert "not known in full: what own has nobody can tell" in found.stderr
    assert "--set" not in found.stderr


def test_codes_of_advice_that_there_are_not() -> None:
    found = run("summarize", "LSTM(5)", "-i", "5,1", "--ignore", "A999")
    assert found.exit_code == 2
    assert "A999" in found.stderr
    assert run("summarize", "LSTM(5)", "-i", "5,1", "--ignore", "A1,a109").exit_code == 0


def test_explain_in_ascii() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "seqshape", "explain", "LSTM(5)", "-i", "5,1"],
        capture_output=True, check=True, cwd=ROOT, env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
    )  # fmt: skip
    assert found.stdout.isascii()
    assert b"lstm (LSTM)   (None, 5, 1) -> (None, 5)" in found.stdout
    assert b"4*units*(features + units + 1) = 4*5*(1 + 5 + 1) = 140" in found.stdout


# --- the commands that messages and pages name -----------------------------------------------------------------------

PROSE = frozenset(
    "accepts adds and counts does gives has import imports is itself keeps lists of reads runs says shows takes that".split()
)
ROOT = Path(__file__).parent.parent
PAGES = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md", *(ROOT / "seqshape").rglob("*.py")]


def test_only_commands_that_exist_are_named() -> None:
    named = {
        (page.name, word)
        for page in PAGES
        for word in re.findall(r"\bseqshape ([a-z]+)\b", page.read_text(encoding="utf-8"))
    }
    assert {(page, word) for page, word in named if word not in {*COMMANDS, *PROSE}} == set()


# --- the words --------------------------------------------------------------------------------------------------------


def parsed(name: str, words: list[str]) -> object:
    """What click makes of words: what it calls the command with, or nothing where it complains."""
    command = main.get_command(click.Context(main), name)
    assert command is not None
    try:
        return command.make_context(name, list(words)).params
    except (click.UsageError, click.exceptions.Exit):
        return None


WELL = [
    "LSTM(5)",
    "5,1",
    "x=5,1",
    "T=8",
    "a.b=2..9",
    "json",
    "table",
    "spec",
    "20",
    "0",
    "7",
    "1M",
    "2:1",
    "auto",
    "-",
    "",
]
ODD = [
    "--",
    "-x",
    "--xx",
    "-i5,1",
    "-i=5",
    "--input=",
    "--input=5,x",
    "-ho",
    "---",
    "-5",
    "--js",
    "--json=1",
    "1_0",
    "\u0663",
]


def likely(params: tuple[Param, ...], rng: random.Random) -> list[str]:
    """Words as they might be given: each option with a word, the arguments in between, and now and then an odd one."""
    words: list[str] = []
    needed = [param for param in params if param.required and rng.random() < 0.8]
    names = [name for param in params for name in param.names][:4]  # a word behind an option is its own, whatever it is
    for param in [*needed, *rng.choices(params, k=rng.randint(0, 4) if params else 0)]:
        if param.names:
            fitting = param.kind.words if isinstance(param.kind, Choice) else WELL
            name, value = rng.choice(param.names), rng.choice([*WELL, *fitting, *fitting, *names, *ODD[:1]])
            joined = [f"{name}={value}"] if name.startswith("--") and rng.random() < 0.3 else [name, value]
            words += [name] if param.is_flag else joined
    choices = [
        word for param in params if not param.names and isinstance(param.kind, Choice) for word in param.kind.words
    ]
    for word in rng.choices(choices or WELL[:2], k=rng.choice((0, 1, 1, 1, 2))):
        words.insert(rng.choice((0, len(words))), word)
    return words + rng.choices(ODD, k=rng.choice((0, 0, 0, 0, 1)))


@pytest.mark.parametrize("name", COMMANDS)
def test_words_mean_what_click_takes_them_for(name: str) -> None:
    """Whatever is read without click is what click reads; what click refuses is not read."""
    command, rng = command_named(name), random.Random(name)
    read = 0
    for _ in range(3000):
        words = likely(command.params, rng)
        found = command.understood(words)
        read += found is not None
        assert found is None or found == parsed(name, words), words
    assert read > 30


def shown(name: str) -> list[list[str]]:
    """The words of the examples in the help of a command."""
    examples = [re.split(r"     \(| \| | > ", example)[0] for example in command_named(name).examples]
    return [shlex.split(example)[2:] for example in examples if example.startswith("seqshape")]


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_are_read_without_click(name: str) -> None:
    command = command_named(name)
    assert [words for words in shown(name) if command.understood(words) is None] == []
    assert [command.understood(words) for words in shown(name)] == [parsed(name, words) for words in shown(name)]


# --- one option, one meaning ------------------------------------------------------------------------------------------

# What an option says otherwise in some commands, because it is something else there.
OTHERWISE = set(
    "--output --format --columns --memory --batch --optimizer --set --ignore --macs --json --target --sort".split()
)


def test_an_option_says_the_same_in_every_command() -> None:
    """The same words and the same placeholder, but where the command has another use for it."""
    said: dict[str, set[tuple[str | None, str | None]]] = {}
    for name in COMMANDS:
        for param in command_named(name).params:
            for option in param.names:
                if option.startswith("--"):
                    said.setdefault(option, set()).add((param.metavar, param.help))
    assert {option for option, found in said.items() if len(found) > 1} <= OTHERWISE
    assert {option for option, found in said.items() if len({metavar for metavar, _ in found}) > 1} <= {
        "--set",
        "--sort",
        "--macs",
        "--memory",
    }


def test_every_option_says_what_it_takes() -> None:
    for name in COMMANDS:
        for param in command_named(name).params:
            assert not param.names or (param.help and not param.help.endswith(".")), (name, param.names)
            assert "RANGE" not in CliRunner().invoke(main, [name, "--help"]).output
