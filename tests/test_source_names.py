"""Automatic names in programs: numbered as Keras does, and not called sure where layers may have been made unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqshape.answers import analyse, models
from seqshape.diagnostics import Source
from seqshape.registry import layers
from seqshape.remarks import IGNORED

HEAD = "import keras, sys\nfrom keras import layers\nfrom keras.layers import Dense, LSTM\n"
TAIL = "\nm = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(1, name='own')])\n"
# Pieces of a program that make a Dense on some day and none on another, each with whether they may make one.
PIECES = {
    "if sys.argv[1]:\n    Dense(3)": True,
    "if sys.argv[1]:\n    pass\nelse:\n    layers.Dense(3)": True,
    "for _ in sys.argv:\n    keras.layers.Dense(3)": True,
    "while len(sys.argv) > 2:\n    keras.layers.Dense(3)": True,
    "def f():\n    return Dense(3)\nif sys.argv[1]:\n    f()": True,
    "class C:\n    def f(self):\n        return Dense(3)\nc = C()\nif sys.argv[1]:\n    c.f()": True,
    "class L(layers.Layer):\n    pass\nif sys.argv[1]:\n    L()": True,
    "a = [Dense(3) for _ in sys.argv]": True,
    "a = Dense(3) if sys.argv[1] else None": True,
    "match sys.argv[1]:\n    case [x]:\n        Dense(3)": True,
    "if sys.argv[1]:\n    a = keras.applications.VGG16()": True,
    "import mine\nx = mine.layer(keras.Input((3,)))": True,
    "if sys.argv[1]:\n    LSTM(3)": False,
    "if sys.argv[1]:\n    print('x')": False,
    "for a in sys.argv:\n    b = a.strip()": False,
    "def f():\n    return Dense(3)\nif sys.argv[1]:\n    print(f)": False,
    "a = [len(b) for b in sys.argv]": False,
    "if False:\n    Dense(3)": False,
    "if True:\n    Dense(3)": False,
}


def last(code: str) -> tuple[list[str], list[str]]:
    """The names of the rows of the last model of a program, and the codes of what is said of it."""
    found = models(Source(code))
    network = analyse(found[-1])
    return [row.name for row in network.summary().layers], [each.code for each in network.diagnostics]


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.replace("\n", ";"))
def test_a_number_is_not_sure_where_a_layer_may_have_been_made(piece: str) -> None:
    _, codes = last(f"{HEAD}{piece}{TAIL}")
    assert ("W149" in codes) == PIECES[piece]


@pytest.mark.parametrize(
    "piece", [piece for piece in PIECES if PIECES[piece]], ids=lambda piece: piece.replace("\n", ";")
)
def test_what_is_made_before_is_sure(piece: str) -> None:
    code = f"{HEAD}{TAIL}k = m\n{piece}\nk.add(layers.Dense(1, name='last'))\n"
    assert "W149" not in last(code)[1]


def test_names_that_are_given_are_sure() -> None:
    piece = "if sys.argv[1]:\n    Dense(3)\n"
    tail = "m = keras.Sequential([keras.Input((3,)), layers.Dense(2, name='a')], name='b')\n"
    assert "W149" not in last(f"{HEAD}{piece}{tail}")[1]


def test_python_raises_before_the_arguments_of_a_name_without_a_meaning(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(f"{HEAD}nobody.add(Dense(3)){TAIL}", encoding="utf-8")
    network = analyse(models(str(path))[-1])
    assert [row.name for row in network.summary().layers] == ["dense", "own"]


def test_what_a_layer_declares_is_never_said_to_do_nothing() -> None:
    """Embedding's input_dim is the number of its rows, and says nothing of the input."""
    kinds = [kind for kind in layers().values() if kind.name != "InputLayer"]
    own = [(kind, name) for kind in kinds for name in IGNORED if kind.parameter(name) is not None]
    assert own
    for kind, name in own:
        code = (
            f"import keras\nm = keras.Sequential([keras.Input((3,)), keras.layers.{kind.name}({name}=9, output_dim=4)])"
        )
        assert not {"W301", "W307"} & set(last(code)[1])
