"""Which output steps see which input steps: what is drawn, in a terminal and as a picture, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from seqshape.analysis.measures import classify, measure
from seqshape.analysis.sight import Sight
from seqshape.analysis.sighting import by_step
from seqshape.analysis.timesteps import timesteps
from seqshape.answers import analyse
from seqshape.cli import main
from seqshape.dims import UNKNOWN
from seqshape.renderers.timesteps import TALLEST, draw, facts, json_pieces
from tests.memory import peak


def matrix(spec: str, shape: str) -> list[str]:
    return ["".join(map(str, row)) for row in timesteps(analyse(spec, shape)).matrix]


def invoke(*words: str) -> str:
    found = CliRunner().invoke(main, ["timesteps", *words])
    assert found.exit_code == 0, found.output
    return found.stdout


# --- what is drawn ---------------------------------------------------------------------------------------------------


def test_five_steps() -> None:
    assert invoke("LSTM(5,seq)>TD(Dense(1))", "-i", "5,1").splitlines() == [
        "(None, 5, 1) → (None, 5, 1)",
        "",
        "          input step 0 to 4   (█ the output step sees it, · it does not)",
        "output 0 │██········",
        "       1 │████······",
        "       2 │██████····",
        "       3 │████████··",
        "       4 │██████████",
        "",
        "receptive field: 5 of 5 steps",
        "stride: 1",
        "causal: no output step sees a later input step",
        "",
        "lstm (LSTM)                         past",
        "time_distributed (TimeDistributed)  each step alone",
    ]


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("steps", [31, 41, 100, 700])
def test_many_steps_fit_and_keep_their_form(steps: int, width: int) -> None:
    found = timesteps(analyse("LSTM(3,seq)", (steps, 1)))
    lines = draw(found.matrix, width)
    body = [line for line in lines if "│" in line]
    assert len(body) <= TALLEST
    assert max(map(len, body)) <= width
    if "│" in body[0][12:]:  # drawn smaller: a triangle stays one, no longer than twice as wide as it is high
        cells = [line.split("│")[1] for line in body]
        filled = [len(line.rstrip()) for line in cells]
        assert filled == sorted(filled)
        assert filled[-1] == len(cells[-1]) <= max(2 * len(cells), width // 3)
        assert all(" " not in line.rstrip() for line in cells)


def test_a_dot_stands_for_all_steps_in_it() -> None:
    rows = tuple(tuple(int(column == row == 77) for column in range(100)) for row in range(100))
    shown = [line for line in draw(rows, 40) if "│" in line]
    assert sum(sign not in " │" for line in shown for sign in line[10:]) == 1
    assert "a dot: up to" in draw(rows, 40)[-1]


def test_one_row_of_many_steps_is_a_full_line() -> None:
    line = next(line for line in invoke("LSTM(4)", "-i", "700,1", "--width", "80").splitlines() if "│" in line)
    assert line == f"output 0 │{'█' * 68}│"


@pytest.mark.parametrize("steps", [5, 700])
def test_ascii(steps: int) -> None:
    found = timesteps(analyse("Conv1D(2,3)", (steps, 1)))
    assert all(line.isascii() for line in draw(found.matrix, 80, ascii=True))


@pytest.mark.parametrize(
    ("spec", "shape", "said"),
    [
        ("LSTM(4,seq)", "6,1", ["receptive field: 6 of 6 steps", "stride: 1", "causal"]),
        (
            "LSTM(4,seq,back)",
            "6,1",
            ["stride: -1, the steps come out in reverse", "not causal: looks up to 5 steps ahead"],
        ),
        ("Bi(LSTM(4,seq))", "6,1", ["stride: none, every output step sees the same steps", "looks up to 5 steps"]),
        ("LSTM(4)", "6,1", ["receptive field: 6 of 6 steps", "one output step for the whole sequence"]),
        ("Conv1D(4,3,same)", "6,1", ["receptive field: 3 of 6 steps", "stride: 1", "looks up to 1 step ahead"]),
        ("Conv1D(4,5,s=3)", "40,1", ["receptive field: 5 of 40 steps", "stride: 3", "looks up to 4 steps ahead"]),
        ("Conv1D(4,3,causal,d=4)", "20,1", ["receptive field: 9 of 20 steps", "stride: 1", "causal"]),
        ("ZeroPadding1D((3,0))>Conv1D(4,4)", "6,1", ["receptive field: 4 of 6 steps", "stride: 1", "causal"]),
        ("UpSampling1D(2)", "4,1", ["receptive field: 1 of 4 steps", "stride: not even"]),
    ],
)
def test_what_is_said_of_a_matrix(spec: str, shape: str, said: list[str]) -> None:
    text = "\n".join(facts(timesteps(analyse(spec, shape))))
    assert all(part in text for part in said), text
    if "causal" in said:
        assert "not causal" not in text


def test_steps_that_see_nothing_do_not_count_in_the_look_ahead() -> None:
    assert measure(((0, 0), (0, 0), (1, 0), (0, 1))) == (1, 1, 0)
    assert measure(((0, 0), (0, 0))) == (0, None, 0)


@pytest.mark.parametrize(
    ("spec", "label"),
    [
        ("Dense(3)", "each step alone"),
        ("LSTM(3,seq)", "past"),
        ("LSTM(3,seq,back)>Flip", "future"),
        ("LSTM(3,seq,back)", "future, in reversed order"),
        ("Conv1D(3,3,same)", "window of 3"),
        ("Conv1D(3,3,causal,d=2)", "window of 3, 2 steps apart"),
        ("Flatten", "all"),
        ("Cropping1D(1)", "moved steps"),
    ],
)
def test_labels(spec: str, label: str) -> None:
    spec = spec.replace("Flip", "ops.flip(axis=1)")
    found = timesteps(analyse(spec, "7,2"))
    assert classify(found.matrix) == label
    if ">" not in spec:
        assert [layer.label for layer in found.layers] == [label]


# --- sizes without a number ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "shape", "rows", "note"),
    [
        ("Conv1D(4,3)>LSTM(3,seq)", "None,2", 6, "the input is (8, 2)"),
        ("Conv1D(4,20)>LSTM(3)", "None,2", 1, "the input is (24, 2)"),
        ("Conv1D(4,3)>LSTM(3,seq)", "T,2", 6, "drawn with T=8"),
        ("Emb(10,4)>LSTM(4,seq)", "None", 8, "the input is (8,)"),
    ],
)
def test_sizes_without_a_number_get_small_ones(spec: str, shape: str, rows: int, note: str) -> None:
    found = CliRunner().invoke(main, ["timesteps", spec, "-i", shape, "--json"])
    assert found.exit_code == 0
    assert len(json.loads(found.stdout)["matrix"]) == rows
    assert found.stderr == ""
    assert any(note in one for one in json.loads(found.stdout)["notes"])
    assert note in CliRunner().invoke(main, ["timesteps", spec, "-i", shape]).stderr


def test_an_output_whose_steps_only_the_data_tells_has_the_rows_that_are_known() -> None:
    seen = Sight((3, 1), [0b001, 0b010, 0b100], 3)
    assert by_step(seen, (UNKNOWN, UNKNOWN, 4)).tolist() == np.eye(3).tolist()


# --- interpolation, measured in the real Keras -----------------------------------------------------------------------


def keras_sees(layer: object, steps: int) -> list[str]:
    """The matrix of a layer on images (steps, 2, 1), measured by changing one row at a time."""
    image = np.random.default_rng(0).random((1, steps, 2, 1)).astype("float32")
    before = np.asarray(layer(image))
    seen = np.zeros((before.shape[1], steps), dtype=int)
    for step in range(steps):
        changed = image.copy()
        changed[0, step] += 1000
        seen[:, step] = np.abs(np.asarray(layer(changed)) - before).max(axis=(0, 2, 3)) > 1e-2
    return ["".join(map(str, row)) for row in seen]


@pytest.mark.oracle
@pytest.mark.parametrize("kind", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])
@pytest.mark.parametrize(("steps", "times"), [(5, 2), (5, 3), (4, 4), (3, 5)])
def test_upsampling_sees_what_keras_sees(kind: str, steps: int, times: int) -> None:
    from tests.oracle.keras_oracle import keras

    layer = keras.layers.UpSampling2D((times, 1), interpolation=kind)
    assert matrix(f'UpSampling2D(({times},1), interpolation="{kind}")', f"{steps},2,1") == keras_sees(layer, steps)


@pytest.mark.oracle
@pytest.mark.parametrize("kind", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])
@pytest.mark.parametrize(
    ("steps", "size", "smooth"), [(9, 4, False), (9, 4, True), (5, 8, True), (8, 3, False), (6, 2, True)]
)
def test_resizing_sees_what_keras_sees(kind: str, steps: int, size: int, smooth: bool) -> None:
    from tests.oracle.keras_oracle import keras

    layer = keras.layers.Resizing(size, 2, interpolation=kind, antialias=smooth)
    spec = f'Resizing({size}, 2, interpolation="{kind}", antialias={smooth})'
    assert matrix(spec, f"{steps},2,1") == keras_sees(layer, steps)


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "shape"), [("LSTM(5,seq)", "5,1"), ("LSTM(5)", "700,1"), ("Conv1D(2,9,s=2)", "300,1")]
)
@pytest.mark.parametrize("form", ["svg", "png"])
def test_pictures(spec: str, shape: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / f"reach.{form}"
    invoke(spec, "-i", shape, "-o", str(path))
    data = path.read_bytes()
    start = {"svg": b"<svg ", "png": b"\x89PNG"}[form]
    assert data.startswith(start)
    invoke(spec, "-i", shape, "-o", str(path))
    assert path.read_bytes() == data  # no date, no random names


def test_a_picture_shows_the_matrix() -> None:
    from matplotlib.image import imread

    from seqshape.renderers.timesteps import picture

    found = timesteps(analyse("LSTM(5,seq)", "4,1"))
    import io

    image = imread(io.BytesIO(picture(found, "png")), format="png")
    blue = (image[..., 2] - image[..., 0] > 0.3).mean()
    assert 0.3 < blue < 0.65  # 10 of 16 cells, with a margin round them


def test_text_and_json_files(tmp_path: Path) -> None:
    path = tmp_path / "reach.json"
    invoke("LSTM(5,seq)", "-i", "3,1", "-o", str(path))
    data = json.loads(path.read_text("utf-8"))
    assert data["matrix"] == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert (data["receptive_field"], data["stride"], data["look_ahead"], data["causal"]) == (3, 1, 0, True)
    text = tmp_path / "reach.txt"
    invoke("LSTM(5,seq)", "-i", "3,1", "-o", str(text))
    assert "output 0 │██····" in text.read_text("utf-8")


@pytest.mark.parametrize("ending", ["jpg", "csv"])
def test_other_endings_are_refused(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"reach.{ending}"
    found = CliRunner().invoke(main, ["timesteps", "LSTM(5,seq)", "-i", "3,1", "-o", str(path)])
    assert found.exit_code == 2
    assert "-o takes .svg, .html, .json, .txt, .png or .pdf" in found.stderr
    assert not path.exists()


def test_a_pdf_has_no_date(tmp_path: Path) -> None:
    path = tmp_path / "reach.pdf"
    invoke("LSTM(5,seq)", "-i", "3,1", "-o", str(path))
    assert path.read_bytes().startswith(b"%PDF")
    assert b"CreationDate" not in path.read_bytes()


@pytest.mark.parametrize("spec", ["Bi(GRU(8,seq))", "LSTM(5,seq)"])
def test_a_title_fits_its_picture(spec: str) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from seqshape.renderers.timesteps import _title

    figure = Figure(figsize=(5.3, 3))
    title = figure.text(0.5, 0.5, _title(timesteps(analyse(spec, "12,4")), 5.3), fontsize=9)
    box = title.get_window_extent(FigureCanvasAgg(figure).get_renderer())
    assert box.width < figure.bbox.width


# --- what is not known, and what is refused --------------------------------------------------------------------------


def sequential(*layers: dict[str, object]) -> str:
    config = {"name": "s", "layers": [{"class_name": "InputLayer", "config": {"batch_shape": [None, 5, 2]}}, *layers]}
    return json.dumps({"class_name": "Sequential", "config": config})


FUNCTION = {"class_name": "__lambda__", "config": {"code": "YWJj"}}
LAMBDA: dict[str, object] = {
    "class_name": "Lambda",
    "module": "keras.layers",
    "config": {"name": "secret", "function": FUNCTION, "output_shape": [5, 2]},
}
OWN: dict[str, object] = {"class_name": "Own", "module": "mine", "registered_name": "Own", "config": {"name": "secret"}}
LSTM: dict[str, object] = {
    "class_name": "LSTM",
    "module": "keras.layers",
    "config": {"name": "lstm", "units": 3, "return_sequences": True},
}


@pytest.mark.parametrize("layer", [LAMBDA, OWN])
def test_nothing_is_claimed_behind_an_unknown_layer(layer: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(sequential(layer, LSTM), "utf-8")
    found = CliRunner().invoke(main, ["timesteps", str(path)])
    assert found.exit_code == 0
    assert "which steps the output sees is not known: nobody can tell what secret" in found.stdout
    assert "causal" not in found.stdout
    assert "receptive field" not in found.stdout
    assert f"secret ({layer['class_name']})  not known" in found.stdout
    assert "never run" in found.stderr or "does not know" in found.stderr or layer is LAMBDA
    data = json.loads(invoke(str(path), "--json"))
    keys = ("matrix", "receptive_field", "stride", "look_ahead", "causal")
    assert [data[key] for key in keys] == [None] * 5
    drawn = CliRunner().invoke(main, ["timesteps", str(path), "-o", str(tmp_path / "reach.png")])
    assert drawn.exit_code == 1
    assert not (tmp_path / "reach.png").exists()


def test_an_unknown_layer_that_changes_nothing_does_not_matter(tmp_path: Path) -> None:
    flat = {"class_name": "GlobalAveragePooling1D", "module": "keras.layers", "config": {"name": "mean"}}
    path = tmp_path / "model.json"
    dense = {**LAMBDA, "config": {"name": "secret", "function": FUNCTION, "output_shape": [7]}}
    path.write_text(sequential(flat, dense), "utf-8")
    assert json.loads(invoke(str(path), "--json"))["matrix"] is None
    path.write_text(sequential(flat), "utf-8")
    assert json.loads(invoke(str(path), "--json"))["matrix"] == [[1] * 5]


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        (["LSTM(5,seq)", "-i", "5,1", "--of-input", "5"], "there is no input 5: the network has only one input", 2),
        (["LSTM(5,seq)", "-i", "5,1", "--of-output", "2"], "there is no output 2: the network has only one output", 2),
        (["LSTM(5,seq)", "-i", "99999999999,1"], "99,999,999,999 steps through 2 layers are too many: at most", 1),
        (["Dense(4)", "-i", "5"], "an input of the shape (None, 5) has no steps", 1),
        (["UpSampling1D(100000)", "-i", "5000,1"], "steps that each see some of 5,000 are too many", 1),
    ],
)
def test_what_cannot_be_drawn_is_refused(words: list[str], message: str, code: int) -> None:
    found = CliRunner().invoke(main, ["timesteps", *words])
    assert found.exit_code == code
    assert message in found.stderr


def test_thousands_of_steps() -> None:
    found = timesteps(analyse("LSTM(2,seq)>Conv1D(2,3)", (3000, 1)))
    assert found.rows.shape == (2998, 3000)
    assert (found.field, found.stride, found.ahead) == (3000, 1, 2)
    assert [layer.label for layer in found.layers] == ["past", "window of 3"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells no peak")
@pytest.mark.parametrize("form", ["", "txt", "json", "svg", "html", "png", "pdf"])
def test_five_thousand_steps_take_little_memory(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"reach.{form}"
    output = ("-o", str(path)) if form else ("--json",)
    assert peak("timesteps", "Conv1D(4,9,same)>LSTM(5,seq)>TD(Dense(1))", "-i", "5000,1", *output) < 150
    assert not form or path.stat().st_size > 1000


def test_the_data_of_many_steps_are_written_row_by_row() -> None:
    found = timesteps(analyse('Input(7, 2, name="\\"matrix\\": []") > LSTM(2,seq,back)', kind="spec"))
    assert "".join(json_pieces(found)) == json.dumps(found.to_dict())
    assert json.loads("".join(json_pieces(found._replace(rows=None))))["matrix"] is None


@pytest.mark.parametrize("image", ["Resizing(4,4)", "Resizing(3,7)", "CenterCrop(2,3)", "RandomCrop(3,3)"])
@pytest.mark.parametrize("inner", ["LSTM(3)", "GRU(3,seq)", "Bi(GRU(2))", "Bi(GRU(2,seq))"])
def test_what_fails_when_it_runs_sees_nothing(image: str, inner: str) -> None:
    """Keras builds all of these, and none of them runs: such a layer takes a batch of sequences for one image."""
    found = CliRunner().invoke(main, ["timesteps", f"{image}>TD({inner})", "-i", "5,3"])
    assert found.exit_code == 1
    assert found.stderr.startswith("error[E203]: TimeDistributed builds, but what it is given does not have the sizes")
