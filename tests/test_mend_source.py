"""Mends of Keras source code: offered as Python, and right: they are read again, and the real Keras builds them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqshape.answers import analyse
from seqshape.cli import main
from seqshape.network import Network

# An input, layers of which one does not fit the one before, and what a mend puts into the text.
FAULTY = {
    "steps lost": ("(10, 3)", ["LSTM(8)", "LSTM(4)", "Dense(1)"], "LSTM(8, return_sequences=True)"),
    "steps lost in a wrapper": (
        "(10, 3)",
        ["Bidirectional({p}GRU(8, activation='tanh'))", "Conv1D(4, 3)"],
        "GRU(8, activation='tanh', return_sequences=True)",
    ),
    "said to be lost": ("(10, 3)", ["LSTM(8, return_sequences=False)", "LSTM(4)"], "LSTM(8, return_sequences=True)"),
    "pictures as steps": ("(28, 28, 1)", ["Conv2D(8, 3)", "LSTM(4)"], "TimeDistributed({p}Flatten())"),
    "another rank": ("(28, 28, 1)", ["Conv2D(8, 3)", "MaxPooling1D(2)"], "MaxPooling2D(2)"),
    "nothing to join": ("(None, 3)", ["Conv1D(4, 3)", "Flatten()", "Dense(2)"], "GlobalAveragePooling1D()"),
    "no such layer": ("(10, 3)", ["LSMT(8)", "Dense(1)"], "LSTM(8)"),
    "no such argument": ("(10, 3)", ["LSTM(8, return_sequence=True)", "Dense(1)"], "return_sequences=True"),
    "a number in quotes": ("(10, 3)", ["LSTM('8')", "Dense(1)"], "LSTM(8)"),
}
SOUND = ("(10, 3)", ["LSTM(8, return_sequences=True)", "Dense(1)"], "")


def in_a_list(shape: str, layers: list[str], p: str) -> str:
    """A Sequential of a list, a layer a line."""
    return "\n".join(
        ["model = keras.Sequential([", f"    keras.Input({shape}),", *(f"    {p}{one}," for one in layers), "])"]
    )


def on_a_line(shape: str, layers: list[str], p: str) -> str:
    """A Sequential on one line."""
    return f"model = keras.Sequential([keras.Input({shape}), {', '.join(p + one for one in layers)}])"


def added(shape: str, layers: list[str], p: str) -> str:
    """``model.add`` after ``model.add``, in a function."""
    lines = [
        "model = keras.Sequential()",
        f"model.add(keras.Input({shape}))",
        *(f"model.add({p}{one})" for one in layers),
    ]
    return "\n".join(["def build():", *(f"    {line}" for line in lines), "    return model", "model = build()"])


def called(shape: str, layers: list[str], p: str) -> str:
    """A functional graph."""
    lines = [f"x = inputs = keras.Input({shape})", *(f"x = {p}{one}(x)" for one in layers)]
    return "\n".join([*lines, "model = keras.Model(inputs, x)"])


STYLES = (in_a_list, on_a_line, added, called)
IMPORTS = {
    "layers.": "import keras\nfrom keras import layers\n\n",
    "keras.layers.": "import keras\n\n",
    "": "import keras\nfrom keras.layers import NAMES\n\n",
}


def written(style: object, case: tuple[str, list[str], str], p: str) -> str:
    """A case in a style, with layers under one of the names that people give them."""
    shape, layers, _ = case
    layers = [one.replace("{p}", p) for one in layers]
    names = dict.fromkeys(
        word.partition("(")[0] for one in layers for word in one.replace("Bidirectional(", "Bidirectional( ").split()
    )
    used = [name for name in names if name.isidentifier() and name[0].isupper() and name not in ("True", "False")]
    return IMPORTS[p].replace("NAMES", ", ".join(used or ["Dense"])) + style(shape, layers, p) + "\n"  # type: ignore[operator]


def mended(network: Network) -> str:
    """The mended text of the first fault."""
    found = next(found for found in network.diagnostics if found.severity == "error")
    assert found.replacement is not None, found.message
    return found.replacement


@pytest.mark.parametrize("p", IMPORTS)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", FAULTY)
def test_a_mend_is_python_that_is_sound(name: str, style: object, p: str) -> None:
    case = FAULTY[name]
    code = written(style, case, p)
    text = mended(analyse(code))
    assert case[2].replace("{p}", p) in text
    again = analyse(text)
    assert [found.message for found in again.diagnostics if found.severity == "error"] == []


@pytest.mark.oracle
def test_keras_builds_what_is_mended() -> None:
    from tests.oracle.programs import models_of

    for case in FAULTY.values():
        for style in STYLES:
            for p in IMPORTS:
                text = mended(analyse(written(style, case, p)))
                assert models_of(text)["model"]["total_params"] == analyse(text).summary().totals.params


ADVISED = {
    "A101": ["LSTM(8, return_sequences=True)", "TimeDistributed({p}Dense(1))"],
    "A104": ["LSTM(8)", "Dense(1, activation='softmax')"],
    "A105": ["Conv1D(8, 3)", "BatchNormalization()"],
    "A113": ["Permute((2, 1))", "LSTM(8)"],
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("code", ADVISED)
def test_advice_is_python(code: str, style: object) -> None:
    from seqshape.analysis.advice import advise

    network = analyse(written(style, ("(10, 3)", ADVISED[code], ""), "layers."))
    found = next(one for one in advise(network) if one.code == code)
    assert found.replacement is not None
    assert code not in {one.code for one in advise(analyse(found.replacement))}


# --- every command, on every form of a program --------------------------------------------------------------------------

COMMANDS = [
    ("summarize",),
    ("explain",),
    ("timesteps",),
    ("check", "--max-params", "10000"),
    *(("convert", "--to", target) for target in ("spec", "keras-python", "keras-json", "torch")),
]


def run(*words: str, stdin: str | None = None) -> tuple[int, str]:
    found = CliRunner().invoke(main, list(words), input=stdin, env={"NO_COLOR": "1", "COLUMNS": "200"})
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.output


def forms(code: str, folder: Path) -> list[tuple[str, str | None]]:
    """A program as a file, a notebook, on standard input, and pasted."""
    (folder / "m.py").write_text(code)
    cells = [{"cell_type": "code", "source": "%matplotlib inline\nimport os"}, {"cell_type": "markdown", "source": "#"}]
    (folder / "m.ipynb").write_text(json.dumps({"cells": [*cells, {"cell_type": "code", "source": code}]}))
    return [(str(folder / "m.py"), None), (str(folder / "m.ipynb"), None), ("-", code), (code, None)]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_commands_take_every_form(command: tuple[str, ...], tmp_path: Path) -> None:
    first, *rest = command
    right = [
        run(first, form, *rest, stdin=stdin) for form, stdin in forms(written(in_a_list, SOUND, "layers."), tmp_path)
    ]
    assert {status for status, _ in right} == {0}
    wrong = [
        run(first, form, *rest, stdin=stdin)
        for form, stdin in forms(written(in_a_list, FAULTY["steps lost"], "layers."), tmp_path)
    ]
    assert {status for status, _ in wrong} == {1}
    for _, text in wrong:
        assert "layers.LSTM(8, return_sequences=True)" in text
    assert ":6:" in wrong[0][1] or "m.py:7:5" in wrong[0][1]
    assert "cell 3, line 7, column 5" in wrong[1][1]


def test_compare_takes_programs(tmp_path: Path) -> None:
    code = written(in_a_list, SOUND, "layers.")
    for form, stdin in forms(code, tmp_path):
        status, text = run("compare", form, "Input(10,3) > LSTM(8,seq) > Dense(1)", stdin=stdin)
        assert status == 0, text
    status, text = run("compare", str(tmp_path / "m.py"), str(tmp_path / "m.ipynb"))
    assert status == 0, text


def test_what_is_inside_a_layer_of_the_program_is_shown(tmp_path: Path) -> None:
    code = """
import keras
from keras import layers
class Block(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.dense, self.norm = layers.Dense(units), layers.LayerNormalization()
    def call(self, x):
        return self.norm(self.dense(x))
x = keras.Input((5, 4))
model = keras.Model(x, Block(3)(x))
"""
    for form, stdin in forms(code, tmp_path):
        status, text = run("summarize", form, "--expand", stdin=stdin)
        assert status == 0
        assert "dense (Dense)" in text
        assert "layer_normalization" in text
        assert "dynamic" not in text
