"""Layers that the user declares: they stand beside those of the catalogue in every command."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import seqshape
from seqshape.cli import main
from seqshape.diagnostics import SeqshapeError
from seqshape.exporters.format import format_spec

CRF = "CRF(units) = (T, F) -> (T, units) params F*units + units + units*units + 2*units"
# A layer of Keras as it would be declared, and how it and the declared one are called.
TWINS = {
    "Dense": ("Own(units) = (T, F) -> (T, units) params F*units + units macs T*F*units", "Own({0})", "Dense({0})"),
    "Vector": ("Own(units) = (..., F) -> (..., units) params F*units + units macs F*units", "Own({0})", "Dense({0})"),
    "LSTM": (
        "Own(units) = (T, F) -> (T, units) params 4*units*(F + units + 1) macs 4*T*units*(F + units)",
        "Own({0})",
        "LSTM({0},seq)",
    ),
    "last step": (
        "Own(units) = (T, F) -> (units,) params 4*(units*(F + units) + units) macs 4*T*units*(F + units)",
        "Own({0})",
        "LSTM({0})",
    ),
    "Conv1D": (
        "Own(filters, k) = (T, F) -> (T - k + 1, filters) params (k*F + 1)*filters macs (T - k + 1)*k*F*filters",
        "Own({0},{1})",
        "Conv1D({0},{1})",
    ),
    "Embedding": ("Own(n, units) = (T,) -> (T, units) params n*units macs 0", "Own({1},{0})", "Embedding({1},{0})"),
    "Pooling": ("Own(k) = (T, F) -> (T//k, F) macs 0", "Own({1})", "MaxPooling1D({1})"),
}
SHAPES = {"Embedding": ("T", "17"), "Vector": ("F", "12")}
RANDOM = random.Random(7)
SIZES = [(RANDOM.randint(1, 300), RANDOM.randint(1, 5)) for _ in range(6)]


def counts(summary: seqshape.Summary) -> list[object]:
    """What must be the same: shapes and counts of each layer, and the needs of each size."""
    rows = [
        [row.output_shapes, row.params, row.trainable_params, row.macs, [call.inputs for call in row.calls]]
        for row in summary.layers
    ]
    return [rows, summary.totals, {name: one.needs for name, one in summary.symbols.items()}]


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("sizes", SIZES, ids=lambda sizes: "-".join(map(str, sizes)))
def test_a_declared_twin_of_a_layer_of_keras_has_its_numbers(twin: str, sizes: tuple[int, int]) -> None:
    declaration, own, real = TWINS[twin]
    for shape in SHAPES.get(twin, ("T,F", "T,3", "20,F", "30,7")):
        found = seqshape.summarize(f"{declaration}; {own.format(*sizes)}", shape, advice=False)
        wanted = seqshape.summarize(real.format(*sizes), shape, advice=False)
        assert counts(found) == counts(wanted)


@pytest.mark.parametrize("twin", TWINS)
def test_a_declared_twin_is_swept_like_the_layer_of_keras(twin: str) -> None:
    declaration, own, real = TWINS[twin]
    shape = {"Embedding": "30", "Vector": "7"}.get(twin, "30,7")
    found = [*seqshape.sweep(f"{declaration}\n{own.format('8..40..8', 2)}", shape)]
    wanted = [*seqshape.sweep(real.format("8..40..8", 2), shape)]
    assert [[*one.settings.values()] for one in found] == [[*one.settings.values()] for one in wanted]
    assert [one._replace(settings={}) for one in found] == [one._replace(settings={}) for one in wanted]


@pytest.mark.parametrize(
    "declaration",
    [
        *(declaration for declaration, _, _ in TWINS.values()),
        CRF,
        "CRF(9) = (T, F) -> (T, 9) params F*9 + 9 + 9*9 + 2*9",
        "P( a,b = 2 )=( T,F ),(S , F)->(T,S),(T, F ,) macs -T+(S**2**a)*(b//2%3)-(F-(a-b)) params 0",
        "Rest() = (..., 3) -> (3, ...)  # a comment",
    ],
)
def test_the_form_of_a_declaration_is_one(declaration: str) -> None:
    text = f"{declaration}\nLSTM(5,seq)"
    once = format_spec(text)
    assert format_spec(once) == once
    assert once.splitlines()[1] == "LSTM(5,seq)"


FAULTS = [
    # declaration, use, code, what the caret stands under
    ("CRF(9) = (T, F) -> (T, 9) params F*9 + G", "CRF(9)", "E132", "G"),
    ("CRF(9) = (T, F) -> (T, G)", "CRF(9)", "E132", "G"),
    ("CRF(9) = (T, F) -> (T, 9) params", "CRF(9)", "E132", ""),
    ("CRF(9) = (T, F) -> (T, 9) params 2*1.5", "CRF(9)", "E132", "1.5"),
    ("CRF(9) = (T, F) -> (T, 9) params LSTM(5)", "CRF(9)", "E132", "LSTM(5)"),
    ("CRF(9) = (T, F) -> (T, 9) params F params F", "CRF(9)", "E132", "params"),
    ("CRF(9) = (T, F+1) -> (T, 9)", "CRF(9)", "E132", "F+1"),
    ("CRF(9) = (T, F) -> T", "CRF(9)", "E132", "T"),
    ("CRF(9) = T -> (T, 9)", "CRF(9)", "E132", "T"),
    ("CRF(9) = () -> (9,)", "CRF(9)", "E132", "()"),
    ("CRF(9) = (T, F) -> ()", "CRF(9)", "E132", "()"),
    ("CRF(9) = (..., ...) -> (9,)", "CRF(9)", "E132", "..."),
    ("CRF(9) = (T, F) -> (..., 9)", "CRF(9)", "E132", "-> (..., 9)"),
    ("CRF(9,a.b) = (T, F) -> (T, 9)", "CRF(9)", "E132", "a.b"),
    ("CRF(u,u) = (T, F) -> (T, 9)", "CRF(9)", "E132", "u"),
    ("CRF(params) = (T, F) -> (T, 9)", "CRF(9)", "E132", "params"),
    ("LSTM(9) = (T, F) -> (T, 9)", "LSTM(9)", "E132", "LSTM"),
    ("dense(9) = (T, F) -> (T, 9)", "Dense(9)", "E132", "dense"),
    ("Input(9) = (T, F) -> (T, 9)", "Dense(9)", "E132", "Input"),
    ("relu(9) = (T, F) -> (T, 9)", "Dense(9)", "E132", "relu"),
    ("CRF(9) = (T, F) -> (T, 9); CRF(8) = (T, F) -> (T, 8)", "CRF(9)", "E132", "CRF"),
    ("CRF(9) = (T, F, G) -> (T, 9)", "CRF(9)", "E201", "CRF(9)"),
    ("CRF(9) = (T, F), (S, F) -> (T, 9)", "CRF(9)", "E202", "CRF(9)"),
    ("CRF(9) = (4, F) -> (4, 9)", "CRF(9)", "E203", "CRF(9)"),
    ("CRF(9) = (T, T) -> (T, 9)", "CRF(9)", "E203", "CRF(9)"),
    ("CRF(9) = (T, F) -> (T-30, 9)", "CRF(9)", "E203", "CRF(9)"),
    ("CRF(9) = (T, F) -> (T, 9) params F/2", "CRF(9)", "E203", "CRF(9)"),
    ("CRF(9) = (T, F) -> (T, 9) params F//(T-20)", "CRF(9)", "E203", "CRF(9)"),
    ("CRF(9) = (T, F) -> (T, 9) params 9**T**T", "CRF(9)", "E203", "CRF(9)"),
    ("CRF(9) = (T, F) -> (T, 9) params F-9", "CRF(9)", "E203", "CRF(9)"),
    ("CRF(9) = (T, F) -> (T, 9)", "CRF(8)", "E104", "8"),
    ("CRF(9) = (T, F) -> (T, 9)", "CRF(9,2)", "E103", "2"),
    ("CRF(9) = (T, F) -> (T, 9)", "CRF", "E105", "CRF"),
    ("CRF(units) = (T, F) -> (T, units)", "CRF(unit=9)", "E103", "unit"),
    ("CRF(units) = (T, F) -> (T, units)", 'CRF("nine")', "E104", '"nine"'),
    ("CRF(units) = (T, F) -> (T, units)", "CFR(9)", "E102", "CFR"),
]


@pytest.mark.parametrize(
    ("declaration", "use", "code", "blamed"), FAULTS, ids=[f"{one[0]}; {one[1]}" for one in FAULTS]
)
def test_what_is_wrong_is_said_where_it_stands(declaration: str, use: str, code: str, blamed: str) -> None:
    spec = f"{declaration}\nLSTM(5,seq) > {use}"
    with pytest.raises(seqshape.SeqshapeError) as raised:
        seqshape.summarize(spec, "20,3")
    found = raised.value.diagnostics[0]
    span = found.labels[0].span
    assert (found.code, spec[span.start : span.stop].strip()) == (code, blamed)
    assert found.help or not code.startswith("E132")


HOSTILE = [
    f"CRF(9) = (T, F) -> (T, 9) params {'(' * 5000}F{')' * 5000}",
    f"CRF(9) = (T, F) -> (T, 9) params {'-(' * 5000}F{')' * 5000}",
    f"CRF(9) = (T, F) -> (T, 9) params {'*'.join(['(T+F)'] * 200)}",
    f"CRF(9) = (T, F) -> (T, 9) params {'+'.join(['F'] * 20_000)}",
    f"CRF(9) = ({', '.join(f'd{i}' for i in range(5000))}) -> (9,)",
    f"CRF({', '.join(f'p{i}' for i in range(300))}) = (T, F) -> (T, 9)",
    "CRF(9) = (T, F) -> (T, 9) params 9**9**9**9",
    "CRF(9) = (T, F) -> (T, 9) params 9223372036854775807*9",
    "CRF(9) = -> ",
    "CRF() = (T -> F)",
    "CRF(9) = (T, F) -> (T, 9) -> (T, 8)",
    "CRF(9) = (T, F) -> (T, 9) params {1,2}",
    "CRF(9) = (T, F) -> (T, 9) params 1..5",
    "CRF(9) = (T, F) -> (T, 9) params ?",
    "CRF(9) = (3x3) -> (T, 9)",
    "CRF(9) = (T, F) -> (T, \x1b[31m9)",
    "__import__('os')(9) = (T, F) -> (T, 9)",
    "CRF(9) = (T, F) -> (T, 9) params __import__('os').system('true')",
]


@pytest.mark.parametrize("text", HOSTILE, ids=[f"{one[:60]!a}" for one in HOSTILE])
@pytest.mark.parametrize("shape", ["20,3", "T,F"])
def test_a_hostile_declaration_is_refused_or_read_and_nothing_else(text: str, shape: str) -> None:
    try:
        assert seqshape.summarize(f"{text}; LSTM(5,seq) > CRF(9)", shape).layers
    except seqshape.SeqshapeError as error:
        codes = {one.code for one in error.diagnostics}
    else:
        codes = set()
    assert "E999" not in codes


def test_a_text_without_a_declaration_keeps_its_own_complaint() -> None:
    with pytest.raises(seqshape.SeqshapeError) as raised:
        seqshape.summarize("x(5)=3\nLSTM(...) -> Dense(1)", "20,3")
    assert [one.code for one in raised.value.diagnostics] == ["E118", "E111"]


def test_a_declared_layer_is_wrapped_and_named_and_repeated() -> None:
    spec = "Scale() = (..., F) -> (..., F) params 2*F; own = Scale(); LSTM(4,seq) > TD(Scale) > Scale*2 > own > own"
    found = seqshape.summarize(spec, "5,3")
    assert [row.params for row in found.layers[1:]] == [8] * 5
    assert found.layers[-1].output_shapes == ((found.layers[0].output_shapes[0][0], 5, 4),)  # type: ignore[index]


def test_what_is_not_declared_is_not_known() -> None:
    found = seqshape.summarize("Own(u) = (T, F) -> (T, u) params u; Own(3)", "5,3")
    assert (found.layers[0].params, found.layers[0].macs, found.totals.at_least) == (3, None, True)


# --- declared by a project --------------------------------------------------------------------------------------------

TABLE = '[tool.seqshape.layers]\n"CRF(units)" = "(T, F) -> (T, units) params F*units + units*units"\n'
CONFIG = {
    "class_name": "Sequential",
    "config": {
        "name": "s",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 20, 5], "name": "i"}},
            {
                "class_name": "CRF",
                "module": "mine",
                "registered_name": "mine>CRF",
                "config": {"name": "crf", "units": 9},
            },
        ],
    },
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder inside a project that declares a layer."""
    (tmp_path / "pyproject.toml").write_text(TABLE)
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    return tmp_path / "inside"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words])


def test_a_project_declares_layers_for_every_command(folder: Path) -> None:
    spec = ["LSTM(5,seq) > CRF(9)", "-i", "20,4"]
    shown = run("summarize", *spec)
    assert shown.exit_code == 0
    assert "(None, 20, 9)" in shown.stdout
    assert "declared: CRF(units) = (T, F) -> (T, units)" in shown.stdout
    assert run("summarize", *spec, "--json").stdout.count('"params": 126') == 1
    for words in (["explain", *spec], ["timesteps", *spec], ["check", *spec, "--max-params", "1k"], ["graph", *spec],
                  ["compare", spec[0], *spec], ["sweep", "LSTM(5,seq)>CRF(8..10)", "-i", "20,4"],
                  ["solve", "LSTM(5,seq)>CRF(?)", "-i", "20,4", "--params", "500"]):  # fmt: skip
        assert run(*words).exit_code == 0, words


def test_a_file_with_the_class_of_a_project_is_whole(folder: Path) -> None:
    (folder / "model.json").write_text(json.dumps(CONFIG))
    found = json.loads(run("summarize", "model.json", "--json").stdout)
    assert found["layers"][-1]["params"] == 126
    assert found["totals"]["params"] == 126


@pytest.mark.parametrize(
    "table", ["CRF = 3", '"CRF(n)" = "(T -> )"', '"Dense(n)" = "(T) -> (n) params T"', "layers = 1"]
)
def test_a_wrong_declaration_of_a_project_is_told(table: str, folder: Path) -> None:
    (folder.parent / "pyproject.toml").write_text(f"[tool.seqshape.layers]\n{table}\n")
    result = run("summarize", "LSTM(5)", "-i", "20,4")
    assert result.exit_code in (1, 2)
    assert "pyproject.toml" in result.stderr


def test_nothing_is_declared_beside_the_project(folder: Path) -> None:
    assert run("summarize", "CRF(9)", "-i", "20,4").exit_code == 0
    with pytest.raises(SeqshapeError, match="there is no layer called CRF"):
        seqshape.summarize("CRF(9)", (20, 4))
