"""Words: every layer, every argument and every flag explains; mistakes are mistakes; nothing is wider than asked."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import seqshape
from seqshape.analysis.asked import asked
from seqshape.analysis.manual import called, families, manual, spellings
from seqshape.analysis.terms import TERMS, Term
from seqshape.analysis.words import Word, arguments, find
from seqshape.answers import report
from seqshape.cli import main
from seqshape.codes import CODES
from seqshape.kinds import ACTIVATIONS
from seqshape.layers.meanings import MEANINGS, OF_TORCH, WEIGHTS
from seqshape.layers.mistakes import MISTAKES, usual
from seqshape.registry import COMMON, FLAGS, SHORT, find_layer, layers, operations
from seqshape.renderers.text import width

ROOT = Path(__file__).parent.parent
NAMES = [kind.name for kind in layers().values()]


def run(*words: str) -> Any:
    return CliRunner().invoke(main, list(words))


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_explains(name: str) -> None:
    found = run("explain", name)
    assert found.exit_code == 0
    assert found.stdout == run("layers", name).stdout
    assert found.stdout.startswith(name)
    page = manual(layers()[name])
    for argument in (*page.arguments, *page.mistakes):
        assert getattr(argument, "name", "") in found.stdout
    assert page.params is None or page.params in found.stdout  # the formula is the rule run on names
    assert "`" not in found.stdout
    assert json.loads(run("explain", name, "--json").stdout)["name"] == name


@pytest.mark.parametrize("name", [*list(operations())[::12], "matmul"])
def test_operations_explain(name: str) -> None:
    assert run("explain", f"ops.{name}").exit_code == 0


@pytest.mark.parametrize("letter", sorted({name[0] for name in arguments()}))
def test_every_argument_explains(letter: str) -> None:
    for lower, name in arguments().items():
        if lower[0] != letter or seqshape.registry.find_layer(name) is not None:
            continue
        found = run("explain", name)
        assert found.exit_code == 0, (name, found.stderr)
        assert found.stdout.startswith(f"{name}  ")
        assert len(found.stdout.splitlines()) > 2, name
        having = [kind.name for kind in layers().values() if kind.parameter(name) is not None]
        if name in COMMON:
            assert "an argument of every layer" in found.stdout, name
            continue
        listed = found.stdout.replace(",", " ").split()
        assert [one for one in having if one not in listed] == []


@pytest.mark.parametrize(
    "word", [*FLAGS, *SHORT, *sorted(ACTIVATIONS - {"softmax", "elu", "relu", "leaky_relu"}), "same", "concat"]
)
def test_every_flag_explains(word: str) -> None:
    found = run("explain", word)
    assert found.exit_code == 0, found.stderr
    assert "a word for" in found.stdout or find(word) is not None


def test_what_an_argument_does_is_derived() -> None:
    found = run("explain", "return_sequences").stdout
    assert "False  gives (None, units)" in found
    assert "True   gives (None, steps, units)" in found
    assert "'same'    gives (None, steps, filters)" in run("explain", "padding").stdout
    bias = run("explain", "use_bias").stdout
    assert "4·units·(features + units) parameters" in bias
    assert "4·units·(features + units + 1) parameters" in bias


def test_a_word_that_many_share_is_told_with_all_that_have_it() -> None:
    mask = run("explain", "mask").stdout
    assert mask.startswith("mask  an argument of the call of 18 layers, and an argument of Lambda\n")
    assert "\n  LSTM, " in mask
    bias = run("explain", "bias").stdout
    assert bias.startswith("bias  a weight of ")
    assert "\n(4·units,)\n  LSTM, LSTMCell\n" in bias
    assert run("explain", "border_mode").stdout.startswith("border_mode  a word for padding, in Keras 1\n")
    data = json.loads(run("explain", "kernel", "--json").stdout)
    assert {"layer": "Dense", "shape": "(features, units)"} in data["weights"]


def test_every_weight_that_has_a_meaning_is_one_of_keras() -> None:
    made = {row["path"].rpartition("/")[2] for spec, shape in (("LSTM(2)", "5,3"), ("BN", "3"), ("Emb(4,2)", "5"))
            for layer in seqshape.summarize(spec, shape).to_dict()["layers"] for row in layer["weights"]}  # fmt: skip
    assert made == set(WEIGHTS)


@pytest.mark.parametrize("word", OF_TORCH)
def test_words_of_torch_are_told(word: str) -> None:
    found = run("explain", word)
    assert found.exit_code == 0 or f"{word} is a word of PyTorch: {OF_TORCH[word][0]}" in found.stderr
    wrong = run("summarize", f"Concat({word}=1)", "-i", "5")
    assert found.exit_code == 0 or "PyTorch" in wrong.stderr or "did you mean" in wrong.stderr or OF_TORCH[word][1]


def test_meanings_are_of_arguments_that_there_are() -> None:
    assert set(MEANINGS) <= set(arguments().values())
    assert all(not text.endswith(".") and "`" not in text for text in MEANINGS.values())


def test_a_word_that_nothing_is_called() -> None:
    found = run("explain", "return_sequence")
    assert found.exit_code == 2
    assert "error[E304]" in found.stderr
    assert "did you mean return_sequences?" in found.stderr


def test_a_network_of_one_word_is_a_network_where_words_say_so() -> None:
    assert "flatten (Flatten)   (None, 5, 3) → (None, 15)" in run("explain", "Flatten", "-i", "5,3").stdout


def test_codes_are_listed() -> None:
    found = run("explain")
    assert found.exit_code == 0
    for page in CODES.values():
        assert (f"{page.name}  {page.title}" in found.stdout) != page.retired
    assert [one["code"] for one in json.loads(run("explain", "--json").stdout)["codes"]] == list(CODES)
    assert json.loads(run("explain", "e201", "--json").stdout)["code"] == "E201"


# --- terms, and what is no network -----------------------------------------------------------------------------------


@pytest.mark.parametrize("one", TERMS, ids=[one.word for one in TERMS])
def test_terms_explain(one: Term) -> None:
    for word in (one.word, *one.also):
        found = run("explain", word)
        if word.replace("_", "").isalpha() and not isinstance(find(word), Word):
            assert found.exit_code == 0, found.stderr
            assert found.stdout.startswith(one.word)
            assert json.loads(run("explain", word, "--json").stdout)["schema"] == "seqshape.term/1"
    assert run(*shlex.split(one.example)).exit_code in (0, 1)


def named(text: str) -> list[str]:
    """The words of the command that a help names."""
    return shlex.split(text.partition("seqshape explain ")[2])


@pytest.mark.parametrize(
    "text",
    [
        "return_sequences", "seq", "E201", "LSTM", "macs", "expected ndim=3, found ndim=2", "what is return_sequences?",
        "how many parameters does an LSTM have", "why are there 480 params",
        "ValueError: Shapes (None, 1) and (None, 3) are incompatible",
    ],
)  # fmt: skip
def test_what_is_no_network_is_answered_with_the_command_that_explains_it(text: str) -> None:
    """Typed as a command, or where a network is meant: one message has the next step, and that step works."""
    for words in ((text,), ("summarize", text), ("timesteps", text, "--json"), ("explain", text)):
        found = run(*words)
        if words[0] == "explain" and found.exit_code == 0:
            continue
        assert found.exit_code in (1, 2)
        said = f"{found.stderr}{found.stdout}"
        step = said.partition("seqshape explain ")[2].partition("\n")[0].rstrip('",}] ').partition(" tells more")[0]
        assert step, said
        assert run("explain", *shlex.split(step)).exit_code == 0, step


def test_every_word_that_explain_knows_is_told_of() -> None:
    for word in (*arguments().values(), *FLAGS, *CODES):
        assert named(asked(word) or "") == [word]


def test_messages_of_frameworks_are_told_of() -> None:
    """Whatever of the collected messages is no spec is known as a message."""
    lines = (ROOT / "tests/data/messages.txt").read_text(encoding="utf-8").splitlines()
    said = [line[5:].strip() for line in lines if re.match(r"[EWA]\d{3} ", line)]
    assert len(said) > 50
    for text in said:
        assert "explained by" in (asked(text) or ""), text


# --- mistakes --------------------------------------------------------------------------------------------------------


def told(spec: str, shape: str) -> Any:
    try:
        return report(spec, shape or None)
    except seqshape.SeqshapeError as error:
        return error


@pytest.mark.parametrize("name", NAMES)
def test_mistakes_are_mistakes_and_mended(name: str) -> None:
    for one in manual(layers()[name]).mistakes:
        wrong, right = told(one.wrong, one.input), told(one.right, one.input if one.on is None else one.on)
        codes = [found.code for found in right.diagnostics if found.severity == "error"]
        assert codes == [], (one.right, codes)
        if not {found.code for found in wrong.diagnostics} - {found.code for found in right.diagnostics}:
            assert not seqshape.compare(one.wrong, one.right, one.input or None).same, one.wrong
        assert one.why
        assert not one.why.endswith(".")


def test_the_layers_that_people_ask_about_have_three() -> None:
    for name in (
        "LSTM",
        "GRU",
        "Dense",
        "TimeDistributed",
        "Bidirectional",
        "Embedding",
        "Conv1D",
        "Conv2D",
        "Flatten",
    ):
        assert len(usual(name, layers()[name].traits)) == 3
    traits = {trait for kind in layers().values() for trait in kind.traits}
    assert set(MISTAKES) <= {*NAMES, *traits}


# --- the catalogue ---------------------------------------------------------------------------------------------------


def test_layers_without_operations_and_each_operation_once() -> None:
    listed = run("layers").stdout
    assert "ops." not in listed.replace("--ops", "").replace("keras.ops", "")
    for name in NAMES:
        assert name in listed
    found = [name for names in spellings(ops=True).values() for entry in names for name in entry.split(" = ")]
    assert sorted(found) == sorted({f"ops.{name}" for name in operations()})
    assert json.loads(run("layers", "--ops", "--json").stdout) == families(ops=True)
    assert run("layers", "LSTM", "--ops").exit_code == 2


def test_every_name_of_the_catalogue_has_a_page() -> None:
    for family, names in (families() | families(ops=True)).items():
        for name in names:
            kind = find_layer(name)
            assert kind is not None, family
            assert name == called(kind)
            assert seqshape.layers(name).text


@pytest.mark.parametrize(
    ("word", "where", "name"),
    [
        ("pool", "names", "MaxPooling1D"),
        ("pool_si", "arguments", "pool_size"),
        ("four gates", "manuals", "LSTM"),
        ("MASK", "names", "Masking"),
    ],
)
def test_a_search(word: str, where: str, name: str) -> None:
    found = run("layers", word)
    assert found.exit_code == 0
    assert name in found.stdout
    assert name in [one["name"] for one in json.loads(run("layers", word, "--json").stdout)[where]]


def test_a_search_for_nothing() -> None:
    found = run("layers", "LSMT")
    assert found.exit_code == 1
    assert "did you mean LSTM?" in found.stderr


# --- widths ----------------------------------------------------------------------------------------------------------

NET = "LSTM(5,seq)>TD(Dense(1))"
WORDS = [
    *(["explain", word] for word in ("LSTM", "MultiHeadAttention", "Conv2D", "TD", "padding", "mask", "seq", "dtype")),
    *(["explain", code] for code in ("E201", "E504", "A103", "W402")),
    ["explain"],
    ["explain", NET, "-i", "5,1", "--macs"],
    ["explain", "expected ndim=3, found ndim=2"],
    ["explain", "Error when checking target: expected d to have shape (10,) but got array with shape (1,)"],
    ["layers"],
    ["layers", "--ops"],
    ["layers", "TextVectorization"],
    ["layers", "mask"],
    ["compare", NET, "GRU(5,seq)>Dense(1)", "-i", "5,1"],
    ["compare", NET, "Bi(LSTM(64,seq))>Flatten>Dense(3)", "-i", "5,1"],
    ["compare", NET, "GRU(5,seq)>Dense(1)", "Dense(1)", "-i", "5,1"],
    ["timesteps", NET, "-i", "5,1"],
    ["timesteps", "Conv1D(8,3)*4>Bi(LSTM(8,seq))", "-i", "500,1"],
    ["timesteps", "LSTM(5)", "-i", "5000,1"],
]


@pytest.mark.parametrize("columns", [20, 27, 40, 61, 80, 120, 200])
@pytest.mark.parametrize("words", WORDS, ids=lambda words: "-".join(words)[:40])
def test_no_line_is_wider_than_asked(words: list[str], columns: int) -> None:
    """But a spec or a command that is there to be copied."""
    found = run(*words, "--width", str(columns))
    lines = found.stdout.splitlines()
    assert len(lines) > 1
    assert [
        line for line in lines if width(line) > columns and not line.strip().startswith(("wrong ", "right ", *COPIED))
    ] == []


COPIED = ("summarize", "seqshape")


ON_A_TERMINAL = [
    *(["explain", *rest] for rest in (["LSTM"], ["padding"], ["E504"], [NET, "-i", "5,1", "--macs"])),
    ["explain", "expected ndim=3, found ndim=2", "LSTM(32)>LSTM(16)", "-i", "10,4"],
    ["layers"],
    ["layers", "mask"],
    ["timesteps", NET, "-i", "5,1"],
    ["compare", NET, "GRU(5,seq)>Dense(1)", "-i", "5,1"],
    ["summarize", "LSTM(32)>LSTM(16)>Dense(1)", "-i", "10,4"],
    ["check", NET, "Dense(3)", "-i", "5,1", "--max-params", "10"],
    ["check", NET, "-i", "5,1", "--max-params", "1k"],
    ["sweep", "Dense({2,3})", "-i", "3"],
    ["solve", "Dense(?)", "-i", "3", "--params", "100"],
]


def on_a_terminal(words: list[str], columns: int, environment: dict[str, str]) -> str:
    """What a command prints on a terminal of so many columns, both streams, without colours."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    child = subprocess.Popen(
        [sys.executable, "-m", "seqshape", *words], stdin=slave, stdout=slave, stderr=slave, cwd=ROOT,
        env={**kept, "TERM": "xterm", **environment},
    )  # fmt: skip
    os.close(slave)
    pieces = []
    while True:
        try:
            pieces.append(os.read(master, 1 << 16))
        except OSError:  # nobody writes any more
            break
        if not pieces[-1]:
            break
    os.close(master)
    child.wait(60)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", b"".join(pieces).decode()).replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
@pytest.mark.parametrize("words", ON_A_TERMINAL, ids=lambda words: "-".join(words)[:40])
def test_no_line_is_wider_than_the_terminal(words: list[str], columns: int) -> None:
    size = columns if len(words) % 2 else 77
    said = on_a_terminal(words, size, {} if size == columns else {"COLUMNS": str(columns)})
    lines = [line for line in re.split(r"[\r\n]", said) if width(line) > columns]  # the bar of sweep is drawn anew
    assert said.count("\n") > 0
    assert "E999" not in said
    assert [line for line in lines if not re.search(r"wrong|right|write|seqshape |summarize ", line)] == []
