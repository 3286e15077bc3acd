"""Completion as bash asks for it, the scripts of the shells, and the manual page."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqshape.cli import COMMANDS, main
from seqshape.cli.plain import command_named
from seqshape.cli.shells import SHELLS, joined
from seqshape.codes import CODES
from tests.terminal import environment
from tools.manpage import page

ROOT = Path(__file__).parent.parent
PROGRAM = """import keras

def build_small(units=4):
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(units)])

small = build_small()
large = keras.Sequential([keras.Input((3,)), keras.layers.Dense(40)])
"""


def installed(folder: Path) -> Path:
    """A program ``seqshape`` in a folder."""
    seqshape = folder / "seqshape"
    seqshape.write_text(f'#!/bin/sh\nexec {sys.executable} -m seqshape "$@"\n')
    seqshape.chmod(0o755)
    return seqshape


def offered(words: list[str], folder: Path, *, whole: bool = False) -> list[str]:
    """What bash offers for the last of the words, which is cut as bash cuts it, at colons, or is ``whole``: in quotes."""
    cut = words if whole else [part for word in words for part in (re.findall(r":+|[^:]+", word) or [""])]
    script = CliRunner().invoke(main, ["completion", "bash"]).stdout
    seqshape = installed(folder)
    quoted = " ".join("'" + part.replace("'", "'\\''") + "'" for part in cut)
    last = f"compopt() {{ :; }}; COMP_WORDS=({quoted}); COMP_CWORD={len(cut) - 1}; _seqshape_completion '{seqshape}'"
    lines = "\n".join((script, last, "printf '%s\\n' \"${COMPREPLY[@]}\""))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", lines], capture_output=True, text=True, check=True, cwd=folder, env=environment
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "among"),
    [
        (["seqshape", "sum"], ["summarize"]),
        (["seqshape", "layers", "LST"], ["LSTM", "LSTMCell"]),
        (["seqshape", "explain", "E20"], [code for code in CODES if code.startswith("E20")]),
        (["seqshape", "summarize", "LSTM(5,seq)>Den"], ["LSTM(5,seq)>Dense"]),
        (["seqshape", "summarize", "x", "--ignore", "A101,A10"], ["A101,A102", "A101,A105"]),
        (["seqshape", "summarize", "x", "--keras", ""], ["3", "2", "tf2"]),
        (["seqshape", "completion", ""], [*SHELLS]),
        (["seqshape", "explain", "train.py::"], ["small", "large", "build_small"]),
        (["seqshape", "explain", "train.py::s"], ["small"]),
        (["seqshape", "explain", "no.py::s"], []),
    ],
)
def test_bash_offers(words: list[str], among: list[str], tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM)
    found = offered(words, tmp_path)
    assert set(among) <= set(found), found
    assert among or not found
    if "::" in words[-1] and among:
        assert all(name.startswith(words[-1].rpartition(":")[2]) for name in found)


@pytest.mark.parametrize("word", ['"train.py::b', "'train.py::b", "train.py::b"])
def test_a_word_that_bash_has_not_cut_is_completed_as_a_whole(word: str, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM)
    assert offered(["seqshape", "explain", word], tmp_path, whole=True) == ["train.py::build_small"]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["summarize", "LSTM(5,seq)>Den"], {"LSTM(5,seq)>Dense"}),
        (
            ["summarize", "x", "--ignore", "a101,A10"],
            {f"a101,{code}" for code in CODES if code.startswith("A10")} - {"a101,A101"},
        ),
        (["explain", "E20"], {code for code in CODES if code.startswith("E20")}),
        (["explain", "train.py::bu"], {"train.py::build_small"}),
        (["timesteps", "x", "--format", ""], {"text", "json", "svg", "html"}),
    ],
)
def test_each_shell_is_told(shell: str, words: list[str], found: set[str], tmp_path: Path) -> None:
    """What the script of each shell is answered, which is put into it as it is: a line each, a kind, a comma, the word."""
    (tmp_path / "train.py").write_text(PROGRAM)
    last = words[-1]
    text = " ".join(f"'{word}'" if word else "" for word in ("seqshape", *words))
    given = {"COMP_WORDS": text, "COMP_CWORD": (f"'{last}'" if last else "") if shell == "fish" else str(len(words))}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "_SEQSHAPE_COMPLETE": f"{shell}_complete", **given}
    done = subprocess.run(
        [str(installed(tmp_path))], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    lines = done.stdout.splitlines()
    told = {line.partition(",")[2] for line in lines} if shell != "zsh" else set(lines[1::3])
    assert found <= told
    assert all(one.startswith(last) for one in told)


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish is there")
@pytest.mark.parametrize(
    ("line", "found"),
    [("summarize 'LSTM(5,seq)>Den", "LSTM(5,seq)>Dense"), ("summarize x --ignore A101,A10", "A101,A102"),
     ("explain E20", "E201"), ("explain train.py::b", "train.py::build_small"), ("expl", "explain")],
)  # fmt: skip
def test_fish_offers(line: str, found: str, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM)
    installed(tmp_path)
    script = CliRunner().invoke(main, ["completion", "fish"]).stdout
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
    }
    words = ["fish", "--private", "--no-config", "-c", f'{script}\ncomplete -C "seqshape {line}"']
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)
    assert found in [line.partition("\t")[0] for line in done.stdout.splitlines()]


ZSHRC = """PS1='ready> '; autoload -Uz compinit; compinit -u -D
setopt menu_complete
{script}
show() {{ print -r -- "<<$BUFFER>>"; exit }}
zle -N show
bindkey '^Xs' show
"""


def typed_in_zsh(line: str, folder: Path) -> str:
    """What stands on the line of an interactive zsh after the line and a tab, where the first of several is taken."""
    (folder / "train.py").write_text(PROGRAM)
    installed(folder)
    (folder / ".zshrc").write_text(ZSHRC.format(script=CliRunner().invoke(main, ["completion", "zsh"]).stdout))
    ours, theirs = pty.openpty()
    given = {"PATH": f"{folder}:{os.environ['PATH']}", "ZDOTDIR": str(folder), "HOME": str(folder)}
    said = environment(**given, TERM="dumb")
    with subprocess.Popen(["zsh", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=said,
                          start_new_session=True) as shell:  # fmt: skip
        os.close(theirs)
        try:
            _until(ours, b"ready> ")
            os.write(ours, line.encode() + b"\t\x18s")
            shown = _until(ours, b">>").decode(errors="replace")
        finally:
            shell.kill()
            os.close(ours)
    return shown.rpartition("<<")[2].partition(">>")[0]


def _until(terminal: int, sign: bytes, seconds: float = 60) -> bytes:
    """What a terminal shows up to a sign."""
    shown, end = b"", time.monotonic() + seconds
    while sign not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 4096)
    return shown


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh is there")
@pytest.mark.parametrize(
    ("line", "found"),
    [("seqshape expl", "seqshape explain "), ("seqshape explain train.py::b", "seqshape explain train.py::build_small "),
     ("seqshape summarize 'LSTM(5,seq)>Den", "seqshape summarize 'LSTM(5,seq)>Dense'"),
     ("seqshape summarize x --ignore A101,A10", "seqshape summarize x --ignore A101,A102"),
     ("seqshape explain E20", "seqshape explain E200")],
)  # fmt: skip
def test_zsh_offers(line: str, found: str, tmp_path: Path) -> None:
    assert typed_in_zsh(line, tmp_path).rstrip() == found.rstrip()


def test_words_are_put_together_at_colons() -> None:
    assert joined(["explain", "a.py", "::", "m", "-i", "5"]) == ["explain", "a.py::m", "-i", "5"]
    assert joined(["explain", "a.py", "::"]) == ["explain", "a.py::"]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script(shell: str) -> None:
    script = CliRunner().invoke(main, ["completion", shell])
    assert script.exit_code == 0
    assert f"{shell}_complete" in script.stdout
    assert "_SEQSHAPE_COMPLETE" in script.stdout


def test_an_unknown_shell_is_refused() -> None:
    assert CliRunner().invoke(main, ["completion", "tcsh"]).exit_code == 2


def test_the_manual_page_has_every_command_and_option() -> None:
    text = page().replace("\\-", "-")
    for name in COMMANDS:
        part = text.partition(f'.SS "seqshape {name} ')[2].partition(".SS ")[0]
        assert part, name
        for param in command_named(name).params:
            assert all(f"\\fB{option}\\fR" in part for option in param.names), (name, param)
    assert not [line for line in page().splitlines() if line.startswith("'") or re.search(r"(?<!\\)\\[^-&efa(]", line)]
