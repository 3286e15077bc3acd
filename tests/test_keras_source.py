"""Keras source code: what a program builds, read from its text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

import seqshape
from seqshape.answers import analyse, models
from seqshape.cli import main
from seqshape.diagnostics import SeqshapeError, Source
from seqshape.readers.keras_source import machine
from seqshape.readers.keras_source.face import Text
from seqshape.readers.keras_source.telling import is_python
from seqshape.readers.keras_source.values import Layer, Model
from seqshape.readers.kinds import PROGRAM_SIGNS
from tests.oracle.compare import differences
from tests.oracle.facts import Case, load

BUNDLE = 100


def bundles() -> list[list[Case]]:
    """Every program of the facts with what Keras makes of it, a hundred at a time."""
    known = {case["id"]: case for name in ("fuzz", "layers", "odd", "errors", "classic") for case in load(name)}
    groups: dict[str, list[Case]] = {}
    for program in load("programs"):
        groups.setdefault(program["of"], []).append({**known.get(program["id"], {}), **program})
    return [cases[start : start + BUNDLE] for cases in groups.values() for start in range(0, len(cases), BUNDLE)]


def wrong(case: Case) -> str | None:
    """What is wrong with a program that Keras runs, or refuses; ``None`` if nothing."""
    try:
        found = models(Source(case["python"]))
        network = analyse(next((one for one in reversed(found) if one.name == "model"), found[-1]))
    except SeqshapeError as error:
        return f"not read: {error.diagnostics[0].message}" if "expected" in case else None
    refused = [found.message for found in network.diagnostics if found.severity == "error"]
    if "expected" not in case:
        return None if refused else f"not refused: {case['message'][:80]}"
    if refused:
        return f"refused: {refused[0]}"
    return "\n    ".join(differences(network.summary(), case["expected"])) or None


@pytest.mark.parametrize("cases", bundles(), ids=lambda cases: cases[0]["id"])
def test_programs(cases: list[Case]) -> None:
    found = [(case["id"], what) for case in cases if (what := wrong(case)) is not None]
    listed = "\n".join(f"  {name}: {what}" for name, what in found)
    assert not found, f"{len(found)} of {len(cases)} differ\n{listed}"


WORDS = ("import", "from", "def", "class", "if", "try", "with", "keras", "Model", "Sequential", "add", "x", "LSTM", "5")
MARKS = (" ", "\n", ".", "(", ")", ":", "=", ">", ",", "@")


def test_every_program_bears_a_sign() -> None:
    """A spec without any of the signs is never looked at as a program, so no program may be without."""
    texts = [case["python"] for cases in bundles() for case in cases]
    random = Random(1)
    texts += ["".join(random.choices(WORDS + MARKS * 2, k=12)) for _ in range(20_000)]
    texts += ["m = Sequential([x])", "Model(a, b)", "try:\n    x", "@f\ndef g(): 1", "x.fit(y)"]
    programs = [text for text in texts if is_python(text)]
    assert len(programs) > 5_000
    assert [text for text in programs if not any(sign in text for sign in PROGRAM_SIGNS)] == []


@pytest.mark.parametrize("begin", ["", "\n  "])
@pytest.mark.parametrize("sign", ["model.fit(", "keras.Model(", "\\nimport keras\\n", ")(x) keras.layers"])
def test_a_config_is_no_program_whatever_its_strings_say(begin: str, sign: str) -> None:
    """What begins as an object of JSON is a config, though Python could read it too."""
    dense = {"class_name": "Dense", "config": {"units": 2, "name": "d", "activation": "relu"}}
    first = {"class_name": "InputLayer", "config": {"batch_shape": [None, 3], "name": "i"}}
    config = {"class_name": "Sequential", "config": {"name": "SIGN", "layers": [first, dense]}}
    summary = seqshape.summarize(begin + json.dumps(config, indent=1).replace("SIGN", sign))
    assert summary.totals.params == 8


# --- the command line -------------------------------------------------------------------------------------------------

TWO = """
import keras
a = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
def build(units=4):
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(units)])
b = build()
"""


def run(*words: str, stdin: str | None = None) -> tuple[int, str]:
    found = CliRunner().invoke(main, list(words), input=stdin, env={"NO_COLOR": "1"})
    return found.exit_code, found.output


def test_several_models_are_lines_of_json(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(TWO)
    status, text = run("summarize", str(tmp_path / "m.py"), "--json", "--no-advice")
    lines = [json.loads(line) for line in text.splitlines()]
    assert status == 0
    assert [line["source"] for line in lines] == [
        {"path": str(tmp_path / "m.py"), "line": 3, "name": "a", "function": None},
        {"path": str(tmp_path / "m.py"), "line": 5, "name": "b", "function": "build"},
    ]
    assert [line["layers"][0]["name"] for line in lines] == ["dense", "dense_1"]


@pytest.mark.parametrize(("wanted", "params"), [("a", 8), ("b", 16), ("build", 16), ("build@5", 16), ("a@3", 8)])
def test_a_name_picks_a_model(tmp_path: Path, wanted: str, params: int) -> None:
    (tmp_path / "m.py").write_text(TWO)
    assert seqshape.summarize(f"{tmp_path / 'm.py'}::{wanted}").totals.params == params


def test_the_models_are_listed_where_one_is_needed(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(TWO)
    status, text = run("explain", str(tmp_path / "m.py"))
    assert status == 1
    assert "a@3, b@5" in text


def test_a_list_of_the_models_of_a_notebook_tells_their_cells(tmp_path: Path) -> None:
    lines = TWO.splitlines(keepends=True)
    cells = [{"cell_type": "code", "source": part} for part in (lines[:2], ["\n", *lines[2:3]], lines[3:])]
    (tmp_path / "m.ipynb").write_text(json.dumps({"cells": cells}))
    for source in ("m.ipynb", "m.ipynb::other"):
        status, text = run("explain", str(tmp_path / source))
        assert status == 1
        assert "a@7 (cell 2, line 2), b@11 (cell 3, line 2)" in " ".join(text.split())


@pytest.mark.parametrize("step", ["m.add(layer)", "m = keras.Sequential(layer)"])
def test_a_model_of_which_no_layer_is_known_is_said_to_be_left_out(step: str) -> None:
    """A model is shown, or it is said that it is not."""
    code = "import keras\nfrom elsewhere import layer\nm = keras.Sequential()\n" + step
    with pytest.raises(SeqshapeError) as refusal:
        seqshape.summarize(code)
    assert {found.code for found in refusal.value.diagnostics} == {"W148", "E141"}
    beside = seqshape.summarize(code + "\nk = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])")
    assert beside.totals.params == 8
    assert "W148" in {found.code for found in beside.diagnostics}


LOST_INPUTS = """import keras
from elsewhere import thing
from keras import layers

class Inner(layers.Layer):
    def __init__(self):
        super().__init__()
        self.seq = keras.Sequential([{first}, {first}])

    def call(self, x):
        return self.seq(x)

class Outer(layers.Layer):
    def __init__(self):
        super().__init__()
        self.seq = keras.Sequential([Inner(), layers.ReLU(), Inner()])

    def call(self, x):
        return self.seq(x)

inputs = layers.Input((8, 8, 3))
model = keras.Model(inputs, Outer()(thing(inputs)))
"""


@pytest.mark.parametrize("first", ["layers.Dense(4)", "layers.Conv1D(4, 3)", "layers.Conv2D(4, 3)"])
def test_a_layer_of_the_program_whose_input_is_not_known_is_not_said_to_be_wrong(first: str) -> None:
    for built in models(Source(LOST_INPUTS.format(first=first))):
        found = analyse(built).diagnostics
        assert [one.message for one in found if one.severity == "error"] == []


@pytest.mark.parametrize(("rank", "shape"), [(1, "(8, 3)"), (2, "(8, 8, 3)"), (3, "(8, 8, 8, 3)")])
def test_what_older_versions_filled_in_is_filled_in_and_said(rank: int, shape: str) -> None:
    kind = f"AveragePooling{rank}D"
    older = f"from keras.models import Sequential\nfrom keras.layers import {kind}\n"
    older += f"m = Sequential()\nm.add({kind}(input_shape={shape}))"
    summary = seqshape.summarize(older)
    assert str(summary.layers[-1].output_shapes[0]) == str((seqshape_none(), *(4,) * rank, 3))
    assert [found.code for found in summary.diagnostics] == ["W145"]
    today = f"import keras\nm = keras.Sequential([keras.Input({shape}), keras.layers.{kind}()])"
    with pytest.raises(SeqshapeError):
        seqshape.summarize(today)


def test_a_function_is_called(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(TWO)
    status, text = run("summarize", f"{tmp_path / 'm.py'}::build", "--call", "units=7", "--json")
    assert (status, json.loads(text)["totals"]["params"]) == (0, 28)


def test_code_is_read_from_everywhere(tmp_path: Path) -> None:
    code = "import keras\nm = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])\n"
    (tmp_path / "m.py").write_text(code)
    cell = {"cell_type": "code", "source": code.splitlines(keepends=True)}
    magic = {"cell_type": "code", "source": "%matplotlib inline\n!ls\nimport os"}
    (tmp_path / "m.ipynb").write_text(json.dumps({"cells": [magic, {"cell_type": "markdown", "source": "#"}, cell]}))
    found = [run("summarize", word, "--json", stdin=code) for word in (str(tmp_path / "m.py"), "-", code)]
    found.append(run("summarize", str(tmp_path / "m.ipynb"), "--json"))
    assert {json.loads(text)["totals"]["params"] for _, text in found} == {8}
    assert json.loads(found[-1][1])["source"] == {
        "path": str(tmp_path / "m.ipynb"),
        "line": 2,
        "name": "m",
        "function": None,
        "cell": 3,
    }


UNCALLED = """import keras
from keras import layers
class Both(keras.Model):
    def __init__(self, first, second):
        super().__init__()
        self.first = first
        self.second = second
        self.third = layers.Dense(4)
    def call(self, x):
        return self.third(x)
a = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
i = keras.Input((7,))
model = Both(a, keras.Model(i, layers.Dense(5)(i)))
"""


def test_what_a_model_has_and_does_not_call_is_not_said_to_have_no_weights() -> None:
    """Keras counts the weights of what is built elsewhere: 8 and 40 here."""
    (_, text) = run("summarize", UNCALLED + "model(keras.ops.zeros((2, 3)))", "--json")
    rows = json.loads(text.splitlines()[-1])["layers"]
    assert [row["params"] for row in rows] == [None, None, 16]


def test_layers_of_the_program_in_a_sequential_that_is_never_called() -> None:
    code = "import keras\nclass A(keras.layers.Layer):\n    def __init__(self):\n        super().__init__()\n"
    code += "        self.d = keras.layers.Dense(4)\n    def call(self, x):\n        return self.d(x)\n"
    code += "m = keras.Sequential([A(), keras.layers.Dense(2)])\n"
    assert [str(layer.params) for layer in seqshape.summarize(code).layers] == ["4*F + 4", "10"]
    assert [layer.params for layer in seqshape.summarize(code, (6,)).layers] == [28, 10]


def test_names_that_nothing_tells_stay_open() -> None:
    code = "import keras, sys\nm = keras.Sequential([keras.Input((3,), dtype=sys.argv[2])])\n"
    code += (
        "for u in (4, 5):\n    m.add(keras.layers.Dense(u, name='d' + sys.argv[1], kernel_initializer=sys.argv[3]))\n"
    )
    summary = seqshape.summarize(code)
    assert [layer.params for layer in summary.layers] == [16, 25]
    assert len({layer.name for layer in summary.layers}) == 2
    assert {found.code for found in summary.diagnostics} >= {"W149", "W147"}
    assert not any("Open(" in found.message for found in summary.diagnostics)


def test_words_of_keras_1_leave_other_calls_as_they_are() -> None:
    """One size for all axes is Keras 2's way, and what keras.applications builds has nothing to do with the program's age."""
    code = "from keras.models import Sequential\nfrom keras.layers import *\nfrom keras.applications import MobileNet\n"
    code += "m = Sequential()\nm.add(Conv2D(4, 3, input_shape=(9, 9, 3), border_mode='same'))\n"
    code += "m.add(Convolution2D(4, 2, 3))\nm.add(Conv2D(4, 3, nb_col=2))\nm.add(Conv2D(4, (2, 2)))\nm.add(MaxPooling2D(2))\n"
    code += "n = MobileNet(weights='imagenet', include_top=True)\n"
    _, text = run("summarize", code, "--json")
    models = [json.loads(line) for line in text.splitlines()]
    assert [row["params"] for row in models[0]["layers"]] == [112, 100, 100, 68, 0]
    assert models[1]["totals"]["params"] == 4_253_864


# Cells of a notebook, each with the layers of its model ``m``; ``None`` for cells that leave it as it was.
CELLS: list[tuple[str, int | None]] = [
    ("!wget x \\\n   -O y (\nimport keras\nfiles = !ls\n?keras\nkeras.layers?", None),
    ("\n%%time\nm = keras.Sequential([keras.Input((3,)),\n  keras.layers.Dense(10\n  % 4)])", 2),
    ("m = = 3", None),
    ("raise ValueError\nq = keras.layers.Dense(2)", None),
    ("for i in range(2):\n    %time a = 3\n%time m = keras.Sequential([keras.Input((3,)), keras.layers.Dense(7)])", 7),
    ("try:\n    !ls\nexcept OSError:\n    pass\nm = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8)])", 8),
    ("  print 'x', 3\n  m = keras.Sequential([keras.Input((3,)), keras.layers.Dense(9)])", 9),
    ("%%writefile x.py\nm = 3 3", None),
    ('print("""\n%d\n!""" % 3)\nm = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])', 4),
]


def test_cells_are_read_as_they_are_run(tmp_path: Path) -> None:
    """A cell that is no Python, or raises, stops no other one; each model stands where its cell has it."""
    cells = [{"cell_type": "code", "source": text} for text, _ in CELLS]
    (tmp_path / "m.ipynb").write_text(json.dumps({"cells": cells}))
    status, text = run("summarize", str(tmp_path / "m.ipynb"), "--json")
    found = [json.loads(line) for line in text.splitlines()]
    places = [(each["source"]["cell"], each["source"]["line"]) for each in found]
    assert status == 0
    assert [(cell, each["layers"][-1]["output_shape"][1]) for (cell, _), each in zip(places, found, strict=True)] == [
        (number, units) for number, (_, units) in enumerate(CELLS, 1) if units is not None
    ]
    assert all("Sequential" in CELLS[cell - 1][0].split("\n")[line - 1] for cell, line in places)
    said = [each["message"].partition(":")[0] for each in found[0]["diagnostics"] if each["code"] == "W143"]
    assert sorted(said) == ["the cell ends here with ValueError", "this cell is no Python, so nothing of it is read"]


@pytest.mark.parametrize(
    "code",
    [
        "model.add(LSTM(5, input_shape=(5, 1), return_sequences=True))\nmodel.add(TimeDistributed(Dense(1)))",
        "x = inp = layers.Input((5, 1))\nx = layers.LSTM(5, return_sequences=True)(x)\ny = layers.Dense(1)(x)",
        "i = Input(shape=(5, 1))\nm = Model(i, Dense(1)(LSTM(5, return_sequences=True)(i)))",
        "Sequential([Input((5, 1)), LSTM(5, return_sequences=True), Dense(1)])",
    ],
)
def test_pasted_code(code: str) -> None:
    assert seqshape.summarize(code).totals.params == 146


def test_sizes_that_only_the_data_gives() -> None:
    code = "import numpy as np, keras\nx = np.load('x.npy')\n"
    code += "m = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.LSTM(5)])\n"
    assert str(seqshape.summarize(code).totals.params) == "20*x.shape[2] + 120"
    assert seqshape.summarize(code, values={"x.shape[2]": 1}).totals.params == 140
    assert seqshape.summarize(code, values={"x": "array(100, 7, 2)"}).layers[0].calls[0].inputs == (
        (seqshape_none(), 7, 2),
    )


CHANGES = (
    "np.abs(X)",
    "np.arange(5)",
    "np.array(X)",
    "np.array(X, dtype='int32')",
    "np.array(X, dtype=bool)",
    "np.asarray(np.array(X), dtype='float32')",
    "np.ceil(X)",
    "np.clip(X, 2, 4)",
    "np.copy(X)",
    "np.cumsum(X)",
    "np.exp(X)",
    "np.flip(X)",
    "np.floor(X)",
    "np.full_like(X, 7)",
    "np.log(X)",
    "np.negative(X)",
    "np.ones_like(X)",
    "np.round(X)",
    "np.sort(X)",
    "np.sqrt(X)",
    "np.square(X)",
    "np.tanh(X)",
    "np.transpose(X)",
    "np.unique(X)",
    "np.zeros_like(X)",
    "np.array(X).astype('int32')",
    "np.array(X).clip(2, 4)",
    "np.array(X).copy()",
    "np.array(X).flatten()",
    "np.array(X).ravel()",
    "np.array(X).reshape((-1,))",
    "np.array(X).round()",
)
SIZES = (
    "int(np.prod({})) + 1",
    "int(np.max({}))",
    "int(np.amax({}))",
    "int(({}).max())",
    "int(np.asarray({}).tolist()[0])",
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_size_made_of_an_array_is_what_numpy_makes_of_it_or_stays_a_name(change: str) -> None:
    """Never a wrong number: an array that is changed does not hold the numbers that it was made of."""
    import numpy

    for numbers in ("[3, 5, 2]", "[2.5, 7.7, 3.2]"):
        for size in SIZES:
            written = size.format(change).replace("X", numbers)
            expected = int(eval(written, {"np": numpy}))
            code = f"import keras, numpy as np\nn = {written}\n"
            code += "m = keras.Sequential([keras.Input((3,)), keras.layers.Embedding(n, 1)])"
            try:
                found = str(seqshape.summarize(code).totals.params)
            except SeqshapeError:
                assert expected < 1, written
                continue
            assert not found.lstrip("-").isdigit() or int(found) == expected, written


WRITES = (
    "a[2] = 3",
    "a.sort()",
    "a *= 2",
    "a.fill(3)",
    "np.random.shuffle(a)",
    "np.clip(a, 0, 3, out=a)",
    "np.put(a, 0, 5)",
)
PLACES = (
    "change({a})",  # what the function itself sees
    "(lambda held: (change(held['k']), size(held['k']))[1])({{'k': {a}}})",
    "(lambda held: (change(held[0]), size(held[0]))[1])([{a}])",
    "(lambda held: ([change(each) for each in held], size(held[0]))[1])([{a}])",
)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("place", PLACES)
def test_an_array_that_is_written_into_is_not_taken_as_it_was(write: str, place: str) -> None:
    code = f"""import keras, numpy as np
def size(a):
    return int(np.prod(a)) + 10 * int(a.tolist()[0])
def change(a):
    {write}
    return size(a)
n = {place.format(a="np.array([7, 2, 9])")}
m = keras.Sequential([keras.Input((3,)), keras.layers.Embedding(n, 1)])
"""
    found = str(seqshape.summarize(code).totals.params)
    assert not found.isdigit()


def seqshape_none() -> object:
    from seqshape.dims import UNKNOWN

    return UNKNOWN


def test_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MOST_STEPS", 200)
    code = (
        "import keras\nm = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])\nn = [i for i in range(1000)]\n"
    )
    summary = seqshape.summarize(code)
    assert (summary.totals.params, [found.code for found in summary.diagnostics]) == (8, ["W142"])


def test_a_budget_that_ends_in_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it ends, what was built before is shown, and no cell after it is read."""
    cells = [CELLS[0][0], CELLS[1][0], "for i in range(100):\n    n = [j for j in range(i)]\nm = 3", "raise ValueError"]
    (tmp_path / "m.ipynb").write_text(json.dumps({"cells": [{"cell_type": "code", "source": text} for text in cells]}))
    for steps in range(250, 1000, 50):
        monkeypatch.setattr(machine, "MOST_STEPS", steps)
        status, text = run("summarize", str(tmp_path / "m.ipynb"), "--json")
        found = json.loads(text)
        assert (status, found["totals"]["params"]) == (0, 8)
        assert "W142" in {each["code"] for each in found["diagnostics"]}


def test_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "project", tmp_path / "other"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.py").write_text("units = 3\n")
    (inside / "parts.py").write_text("units = 2\n")
    (inside / "linked.py").symlink_to(outside / "secret.py")
    body = "import keras\nm = keras.Sequential([keras.Input((3,)), keras.layers.Dense(units)])\n"
    counts = []
    for start in (
        "from parts import units",
        "from .parts import units",
        "from linked import units",
        "from ..other.secret import units",
    ):
        (inside / "m.py").write_text(f"{start}\n{body}")
        counts.append(str(seqshape.summarize(str(inside / "m.py")).totals.params))
    assert counts == ["8", "8", "4*units", "4*units"]


CAPSULE = """
import keras, mine
class Own(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.first, self.second = keras.layers.Dense(2), keras.layers.Dense(3)
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 5), name="kernel")
    def call(self, x):
        BODY
x = keras.Input((4,))
m = keras.Model(x, Own()(x))
"""


@pytest.mark.parametrize(
    ("body", "params"),
    [
        ("return self.second(self.first(x) @ keras.ops.ones((2, 2)))", 20 + 10 + 9),
        ("return mine.f(self.second(self.first(x)))", 20 + 10 + 9),
        ("return self.second(mine.f(self.first(x)))", None),
        ("return mine.f(x)", None),
    ],
)
def test_a_layer_that_cannot_be_followed_counts_all_or_says_that_it_does_not_know(
    body: str, params: int | None
) -> None:
    summary = analyse(CAPSULE.replace("BODY", body)).summary()
    assert (summary.layers[-1].name, summary.layers[-1].params) == ("own", params)


CELL = """
import keras
class Cell(keras.layers.Layer):
    state_size = 4
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 4))
    def call(self, x, states):
        return x @ self.kernel, states
x = keras.Input((6, 3))
m = keras.Model(x, keras.layers.Dense(1)(keras.layers.RNN(Cell())(x)))
"""


def test_what_stands_around_a_cell_of_the_program_is_not_known() -> None:
    summary = analyse(CELL).summary()
    assert [(row.name, row.class_name, row.params) for row in summary.layers[1:]] == [
        ("rnn", "RNN", None),
        ("dense", "Dense", None),
    ]
    assert {found.code for found in summary.diagnostics} >= {"W147"}


def test_models_of_a_program_are_sources() -> None:
    found = models(TWO)
    assert [seqshape.summarize(one).totals.params for one in found] == [8, 16]


# --- the work of a long program, counted ------------------------------------------------------------------------------


def in_functions(lines: int) -> str:
    """Functions that each build a small model."""
    parts = [
        f"def build_{i}(units={i % 7 + 1}):\n    model = keras.Sequential([keras.Input((8,))])\n"
        f"    for n in range(3):\n        model.add(keras.layers.Dense(units + n))\n    return model\nm{i} = build_{i}()\n"
        for i in range(lines // 6)
    ]
    return "import keras\n" + "".join(parts)


def in_one_graph(lines: int) -> str:
    """A functional graph of one long chain."""
    steps = [f"x = keras.layers.Dense({i % 9 + 1})(x)\n" for i in range(lines)]
    return "import keras\nx = start = keras.Input((8,))\n" + "".join(steps) + "model = keras.Model(start, x)\n"


def in_one_list(lines: int) -> str:
    """A Sequential of one long list."""
    steps = [f"    keras.layers.Dense({i % 9 + 1}),\n" for i in range(lines)]
    return "import keras\nmodel = keras.Sequential([\n    keras.Input((8,)),\n" + "".join(steps) + "])\n"


def by_add(lines: int) -> str:
    """A Sequential that grows line by line."""
    steps = [f"model.add(keras.layers.Dense({i % 9 + 1}))\n" for i in range(lines)]
    return "import keras\nmodel = keras.Sequential()\nmodel.add(keras.Input((8,)))\n" + "".join(steps)


def without_layers(lines: int) -> str:
    """Python that has little to do with Keras."""
    steps = [
        f"a{i} = {i} * 2 + len('abc')\ndef f{i}(x, y=1):\n    return [x + k for k in range(y)]\n"
        for i in range(lines // 3)
    ]
    return "import keras\n" + "".join(steps) + "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])\n"


def work(code: str) -> int:
    """Calls of Python functions while a program is read."""
    import sys

    found = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal found
        found += event == "call"

    sys.setprofile(count)
    try:
        Text(code, None).models()
    finally:
        sys.setprofile(None)
    return found


# Calls a line as they were measured, and a little room: 10,000 lines take under two seconds.
@pytest.mark.parametrize(
    ("style", "most"),
    [(in_functions, 285), (in_one_graph, 335), (in_one_list, 255), (by_add, 350), (without_layers, 140)],
)
def test_a_long_program_costs_a_bounded_number_of_calls_a_line(style: Callable[[int], str], most: int) -> None:
    work(style(60))  # what is worked out once
    short, long = (work(style(lines)) / lines for lines in (300, 1200))
    assert long <= most
    assert long <= 1.1 * short


# What the reader keeps of a model stands apart from what the program puts on it.
KEPT = sorted({*Model.__slots__, *Layer.__slots__} - {"call", "weights", "inputs", "outputs", "layers"})


@pytest.mark.parametrize("name", KEPT)
def test_a_program_may_put_anything_on_a_model(name: str) -> None:
    """A name of the reader's own, too: it is there when the program asks for it, and changes nothing else."""
    program = f"""
import keras
model = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(4)])
model.{name} = "of the program"
model.layers[0].{name} = "of the program"
model.add(keras.layers.Dense(len(model.{name}) + len(model.layers[0].{name})))
x = keras.Input((8,))
whole = keras.Model(x, model(x))
"""
    first, whole = (analyse(built).summary() for built in Text(program, None).models())
    assert [row.params for row in first.layers] == [36, 140]
    assert [row.params for row in whole.layers] == [0, 176]
    assert first.diagnostics == whole.diagnostics == ()


def test_a_sequential_that_something_unknown_gets_is_unsure() -> None:
    code = "import keras\n{}\nm = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])\n{}\n"
    for head, gets in (
        ("from .mine import f", "f(m)"),
        ("from mine import f", "k = f(1, model=m)"),
        ("", "f = g(2)\nf(m)"),
    ):
        (found,) = models(Source(code.format(head, gets)))
        assert "W148" in [each.code for each in analyse(found).diagnostics], gets
    for gets in ("print(m)", "m.compile('sgd', 'mse')", "keras.utils.plot_model(m)", "m.fit(f(1), f(2))"):
        (found,) = models(Source(code.format("from .mine import f", gets)))
        assert "W148" not in [each.code for each in analyse(found).diagnostics], gets


TWICE = """
from keras import Input, Sequential, layers

def build(shape, classes=2):
    net = Sequential([Input(shape), layers.LSTM(3), layers.Dense(classes)])
    return net

first = build((None, 4))
second = build((None, 5))
"""


def test_what_is_listed_picks_one_model(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(TWICE)
    run = CliRunner()
    said = run.invoke(main, ["explain", str(path)]).output
    assert "builds 2 models: first@8, second@9" in said
    for picked in ("first@8", "second@9"):
        assert run.invoke(main, ["explain", f"{path}::{picked}"]).exit_code == 0
    assert "the models are first@8, second@9" in run.invoke(main, ["explain", f"{path}::none"]).output


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("size=(3, 4)", "build has no argument size; it takes shape, classes"),
        ("classes=3", "build needs shape too"),
        ("", "build needs shape too"),
        ("shape=(3, 4)", None),
        ("(3, 4), 5", None),
        ("*[(3, 4)]", None),
    ],
)
def test_what_is_wrong_with_a_call_is_said(call: str, says: str | None, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(TWICE)
    done = CliRunner().invoke(main, ["summarize", f"{path}::build", "--call", call])
    assert (done.exit_code, says is None or says in done.output) == (0 if says is None else 2, True)


def test_a_program_is_not_laid_out(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(TWICE)
    for source in (str(path), f"{path}::first", TWICE):
        assert "this is a program" in CliRunner().invoke(main, ["fmt", source]).output


def test_a_size_with_the_name_of_an_expression_is_no_part_of_a_spec() -> None:
    code = "m = Sequential([Input((None, 4)), LSTM(len(words))])"
    done = CliRunner().invoke(main, ["convert", code, "--to", "spec"])
    assert (done.exit_code, "the size len(words) has no number" in done.output) == (1, True)
