"""What ``convert`` writes, read and built again: specs by seqshape, JSON and code by the real Keras."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from seqshape.answers import analyse
from seqshape.cli import main
from seqshape.diagnostics import SeqshapeError
from seqshape.exporters import keras_json, keras_python, spec
from seqshape.exporters.operations import module_of
from seqshape.network import Network
from seqshape.registry import layers, operations
from tests.fuzz import models
from tests.fuzz.check import _json_again as json_again
from tests.fuzz.check import _python_again as python_again
from tests.fuzz.check import _spec_again as spec_again
from tests.fuzz.check import exported
from tests.fuzz.choices import RandomChoices
from tests.fuzz.operations import seeds
from tests.oracle import spec_writer
from tests.oracle.facts import load
from tests.oracle.operations import T, mine
from tests.oracle.recipe import Apply, Input, Layer, Recipe, Var, build

# Keras does not load the JSON that it writes of these itself: a list comes back where its class wants a tuple.
NOT_LOADED = {"adaptive_average_pool", "adaptive_max_pool"}
PER_OPERATION = 2
LOOPS = ("fuzz-public-00170", "fuzz-public-00522")  # an output of a nested Functional that is called twice
NETWORKS = [*load("fuzz")[4::25], *(case for case in load("fuzz") if case["id"] in LOOPS)]


def convert(*words: str) -> Result:
    return CliRunner().invoke(main, ["convert", *words])


# --- operations -------------------------------------------------------------------------------------------------------


@pytest.mark.oracle
def test_modules_are_keras_s() -> None:
    import importlib

    names = {kind.name for kind in operations().values()}
    wrong = [name for name in names if not hasattr(importlib.import_module(module_of(name)), name)]
    assert wrong == []


def recipe(name: str, arguments: dict[str, Any]) -> Recipe | None:
    """A network of one operation; ``None`` if Keras refuses it, or nothing in it is a tensor with a batch."""
    if mine(name, arguments) == "refused" or not all(map(has_batch, arguments.values())):
        return None
    steps: list[Input] = []

    def placed(value: Any) -> Any:
        if not isinstance(value, T):
            return [placed(item) for item in value] if isinstance(value, list) else value
        steps.append(Input(f"i{len(steps)}", value.shape[1:], value.shape[0], value.dtype))
        return Var(steps[-1].var)

    given = {key: placed(value) for key, value in arguments.items()}
    if not steps:
        return None
    outs = tuple(f"y{index}" for index in range(len(mine(name, arguments))))
    literals = {key: value for key, value in given.items() if not is_tensor(value)}
    tensors = {key: value for key, value in given.items() if is_tensor(value)}
    operand: Any = tuple(tensors.pop(operations()[name].inputs[0])) if operations()[name].variadic else ()
    if name == "einsum":
        operand = (literals.pop("subscripts"), *operand)
    step = Apply(outs, Layer(f"ops.{name}", (), literals), operand, tensors)
    return Recipe("Functional", (*steps, step), [Var(out) for out in outs])


def has_batch(value: Any) -> bool:
    return bool(value.shape) if isinstance(value, T) else not isinstance(value, list) or all(map(has_batch, value))


def is_tensor(value: Any) -> bool:
    return isinstance(value, Var) or (isinstance(value, list) and any(map(is_tensor, value)))


@pytest.mark.oracle
@pytest.mark.parametrize("name", [name for name in seeds() if name not in NOT_LOADED])
def test_operations(name: str) -> None:
    """Each operation, written as a spec, as code and as JSON, is the same when it is built again."""
    from tests.oracle import keras_oracle

    found = [network for arguments in seeds()[name] if (network := recipe(name, arguments)) is not None]
    for network in found[:PER_OPERATION]:
        with keras_oracle.session():
            model = build(network)
            record, config = keras_oracle.describe(model), json.loads(model.to_json())
        assert exported(config, record) == []


def test_operations_are_written_as_functions() -> None:
    code = keras_python.write(analyse("a = Input(3); b = Input(3); c = (a, b) > ops.add; c > ops.mean(axis=1)"))
    assert "x1 = ops.add(a, b)" in code.replace("input_layer_1", "b").replace("input_layer", "a")
    assert "ops.mean(x1, axis=1)" in code


def test_operations_of_other_names_are_written_as_classes() -> None:
    config = json.loads(keras_json.write(analyse("a = Input(3); a > ops.tanh")))
    operation = config["config"]["layers"][1]
    operation["name"] = operation["config"]["name"] = "squashed"
    config["config"]["output_layers"] = [["squashed", 0, 0]]
    assert 'keras.src.ops.numpy.Tanh(name="squashed")(input_layer)' in keras_python.write(analyse(config)).replace(
        "'", '"'
    )


# --- whole networks ---------------------------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.parametrize("case", NETWORKS, ids=lambda case: str(case["id"]))
def test_networks(case: Any) -> None:
    """Written out and built again, a network has the rows that it had; or it is said what cannot be written."""
    network = analyse(case["config"])
    if '"Lambda"' in json.dumps(case["config"]):
        for write in (keras_json.write, keras_python.write, spec.write):
            with pytest.raises(SeqshapeError, match="is a Lambda"):
                write(network)
        return
    assert said_or_same(python_again, network, case["expected"]) == []
    assert said_or_same(spec_again, network, case["expected"]) == []
    # Keras itself makes the operations on masks once more when it reads what it wrote.
    assert [line for line in json_again(network, case["expected"]) if ": from: " not in line] == []


def said_or_same(again: Any, network: Network, record: dict[str, Any]) -> list[str]:
    try:
        found: list[str] = again(network, record)
    except SeqshapeError as refusal:
        return [one.message for one in refusal.diagnostics if one.code != "E601"]
    return found


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("LSTM(5,seq)>TD(Dense(1))", "5,1"),
        ("(Conv1D(8,3,same) > BN > relu)*2 > GAP1D > Dense(2)", "20,4"),
        ("x = Input(6, 8); a = (x, x) > MHA(2, 4); [x | a] > Add > LN", "-"),
        ("e = Input(6) > Emb(9, 4, mask_zero=True); [e > LSTM(3, seq) | e > Dense(2)] > Concat > LSTM(2)", "-"),
        ("_, h, c = Input(4, 3) > LSTM(5, state); Input(7, 2) > LSTM(5, seq, initial_state=[h, c]) > Dense(2)", "-"),
        ("m = (Dense(4) > Dense(3)); a = Input(5, 3); b = Input(6, 3); (a > m, b > m)", "-"),
        ("a = Input(5, 3); b = a > ops.multiply(2.5); (a, b) > ops.subtract", "-"),
    ],
)
def test_specs_come_back(text: str, shape: str) -> None:
    network = analyse(text, None if shape == "-" else shape)
    again = analyse(spec.write(network), kind="spec")
    assert again.summary()._replace(diagnostics=()) == network.summary()._replace(diagnostics=())


@pytest.mark.oracle
def test_several_tensors_are_arguments_one_by_one() -> None:
    """A chain hands a list to attention, and Keras wants query and value."""
    from tests.oracle import keras_oracle

    network = analyse("x = Input(6, 8); a = (x, x) > MHA(2, 4); (a, x, x) > MHA(2, 4)")
    config = json.loads(keras_json.write(network))
    (node,) = config["config"]["layers"][1]["inbound_nodes"]
    assert len(node["args"]) == 2
    assert "(input_layer, input_layer)" in keras_python.write(network)
    with keras_oracle.session():
        model = keras_oracle.keras.models.model_from_json(json.dumps(config))
        assert model.count_params() == network.summary().totals.params


@pytest.mark.parametrize("target", ["spec", "keras-json", "keras-python", "torch"])
def test_a_function_of_a_file_is_not_written(target: str, tmp_path: Path) -> None:
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [
        {"class_name": "InputLayer", "module": "keras.layers", "config": {"batch_shape": [None, 3], "name": "i"}},
        {"class_name": "Lambda", "module": "keras.layers", "config": {"name": "twice", "function": {
            "class_name": "__lambda__", "config": {"code": "", "defaults": None, "closure": None}}}},
    ]}}  # fmt: skip
    source, out = tmp_path / "model.json", tmp_path / "out"
    source.write_text(json.dumps(config))
    result = convert(str(source), "--to", target, "-o", str(out))
    assert result.exit_code == 1
    assert "twice" in result.stderr
    assert not out.exists()


@pytest.mark.parametrize("write", [keras_json.write, keras_python.write, spec.write])
def test_named_sizes(write: Any) -> None:
    network = analyse("Dense(4)", "T,8")
    if write is spec.write:
        assert write(network) == "Input(T,8) > Dense(4)"
        return
    with pytest.raises(SeqshapeError, match="the size T has no number"):
        write(network)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a = Input(None); a > Emb(5, 2)", None), ("a = Input(4); b = a > ops.get_item(key=0); b", None)],
)
def test_what_a_spec_says_of_odd_inputs(text: str, message: str | None) -> None:
    network = analyse(text.replace("Input(None)", "Input((None,))"))
    assert analyse(spec.write(network), kind="spec").summary().layers == network.summary().layers


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.parametrize("text", ["LSTM(5,seq)>TD(Dense(1))", "[LSTM(3,seq) | Conv1D(3,3,same)] > Concat > Dense(2)"])
def test_json_and_code_build_the_model(text: str) -> None:
    from tests.oracle import keras_oracle

    params = analyse(text, "5,1").summary().totals.params
    with keras_oracle.session():
        written = convert(text, "-i", "5,1", "--to", "keras-json")
        assert keras_oracle.keras.models.model_from_json(written.stdout).count_params() == params
        known: dict[str, Any] = {}
        exec(convert(text, "-i", "5,1", "--to", "keras-python").stdout, known)
        assert known["model"].count_params() == params
    assert convert(text, "-i", "5,1", "--to", "spec").exit_code == 0


def test_a_file_is_read_again(tmp_path: Path) -> None:
    target = tmp_path / "model.json"
    assert convert("LSTM(5,seq)>TD(Dense(1))", "-i", "5,1", "--to", "keras-json", "-o", str(target)).exit_code == 0
    back = convert(str(target), "--to", "spec")
    assert back.stdout == "Input(5,1) > LSTM(5,seq) > TD(Dense(1))\n"


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["Dense(4)", "-i", "3"], 2, "say which form to write"),
        (["Dense(4)", "-i", "3", "--to", "onnx"], 2, "'onnx' is not one of"),
        (["LSMT(4)", "-i", "3,1", "--to", "spec"], 1, "there is no layer called LSMT"),
        (["LSTM(4)", "-i", "3", "--to", "spec"], 1, "needs an input of 3 dims"),
        (["nowhere.json", "--to", "spec"], 1, "cannot read nowhere.json"),
    ],
)
def test_faults(words: list[str], status: int, says: str) -> None:
    result = convert(*words)
    assert result.exit_code == status
    assert says in result.stderr
    assert result.stdout == ""


# --- names of a file --------------------------------------------------------------------------------------------------

EVIL = (
    '"""\nraise SystemExit(9)\n"""',
    "'); raise SystemExit(9) #",
    '"); raise SystemExit(9) #',
    "\\",
    "a\nb",
    "x\u2028y",
)


def evil_config(name: str) -> dict[str, Any]:
    """A model in which everything is called so."""

    def history(layer: str) -> dict[str, Any]:
        return {
            "class_name": "__keras_tensor__",
            "config": {"shape": [None, 3], "dtype": "float32", "keras_history": [layer, 0, 0]},
        }

    start, dense, tanh = (f"{letter}{name}" for letter in "idt")
    layers = [
        {
            "class_name": "InputLayer",
            "config": {"batch_shape": [None, 3], "name": start},
            "name": start,
            "inbound_nodes": [],
        },
        {
            "class_name": "Dense",
            "config": {"units": 3, "name": dense},
            "name": dense,
            "inbound_nodes": [{"args": [history(start)], "kwargs": {}}],
        },
        {
            "module": "keras.src.ops.numpy",
            "class_name": "Tanh",
            "config": {"name": tanh},
            "name": tanh,
            "inbound_nodes": [{"args": [history(dense)], "kwargs": {}}],
        },
    ]
    outputs = {f"o{name}": [tanh, 0, 0]}
    return {
        "class_name": "Functional",
        "config": {"name": f"m{name}", "layers": layers, "input_layers": [[start, 0, 0]], "output_layers": outputs},
    }


@pytest.mark.parametrize("name", EVIL, ids=range(len(EVIL)))
def test_names_are_never_code(name: str) -> None:
    """A name in a file may hold quotes, line breaks, anything: what is written has it as a name, or refuses it."""
    import ast

    from seqshape.exporters.torch import write as write_torch

    network = analyse(evil_config(name))
    for write in (keras_python.write, write_torch):
        text = write(network)
        names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        assert "SystemExit" not in names
        assert not any(isinstance(node, ast.Raise) for node in ast.walk(ast.parse(text)))
        text.encode()
    assert json.loads(keras_json.write(network))["config"]["name"] == f"m{name}"


def test_keywords_are_never_code() -> None:
    config = evil_config("")
    config["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] = {"mask=exit(), x": 3}
    with pytest.raises(SeqshapeError):
        keras_python.write(analyse(config))


# --- an answer or a sentence ------------------------------------------------------------------------------------------

FORMS = ("spec", "keras-json", "keras-python", "torch")


@pytest.mark.parametrize("facts", ["layers", "fuzz", "odd", "classic", "errors", "keras_tests"])
def test_what_can_be_summarized_is_written_or_refused(facts: str) -> None:
    """On each network that ``summarize`` answers for, each form answers too, or says in a sentence what it cannot."""
    from importlib import import_module

    from seqshape.exporters import TARGETS

    writers = [import_module(f"seqshape.exporters.{TARGETS[form]}").write for form in FORMS]
    sources = [case["config"] for case in load(facts) if case.get("config") is not None]
    tried, sentences = 0, []
    for source in sources[:: max(len(sources) // 120, 1)]:
        try:
            network = analyse(source)
        except SeqshapeError:
            continue
        for write in writers:
            tried += 1
            try:
                assert write(network)
            except SeqshapeError as refusal:
                sentences.append(" / ".join(one.message for one in refusal.diagnostics))
    assert [one for one in sentences if not one or "\n" in one] == []
    assert tried > 20 or facts in ("classic", "errors")


# --- calls and the looks of code --------------------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
def test_training_is_kept(training: bool) -> None:
    """``base(x, training=False)`` is how a network is frozen: each form says it, or that it cannot."""
    from seqshape.exporters.torch import write as write_torch

    text = f"m = (Dense(4) > BN); x = Input(4); y = x > m(training={training}); y > Dropout(0.5, training={training})"
    network = analyse(text)
    assert keras_python.write(network).count(f"training={training}") == 2
    assert keras_json.write(network).count(f'"training": {str(training).lower()}') == 2
    assert spec.write(network).count(f"training={training}") == 2
    assert spec.write(analyse(spec.write(network), kind="spec")) == spec.write(network)
    assert write_torch(network).count(f"Left out: training={training}") == 2


@pytest.fixture(scope="module")
def codes() -> list[str]:
    """Code of one network of each class of layers, of operations and of random networks."""
    from seqshape.exporters.torch import write as write_torch
    from tests.test_export_arguments import AWKWARD, catalogue

    sources: list[Any] = [configs[-1] for configs in catalogue().values()]
    sources += [case["config"] for case in load("fuzz")[3::30]]
    sources += ["x = Input(4); y = x > ops.add(3.0); (x, y) > ops.multiply", "Input(4) > ops.relu", "Input(4)"]
    sources += [f"Input(4, name={json.dumps(name)}) > Dense(3) > ops.add(2)" for name in AWKWARD]
    found: list[str] = []
    for source in sources:
        for write in (keras_python.write, write_torch):
            with suppress(SeqshapeError):
                found.append(write(analyse(source)))
    return found


def test_code_imports_what_it_uses_and_passes_ruff(codes: list[str], tmp_path: Path) -> None:
    import subprocess
    import sys

    assert len(codes) > 200
    for number, code in enumerate(codes):
        (tmp_path / f"network_{number}.py").write_text(code, encoding="utf-8")
    rules = ["--isolated", "--no-cache", "--select", "E,F,I,W,B,UP,PL,C4,SIM"]
    rules += ["--ignore", "PLR,E501"]  # a formatter breaks lines
    words = [sys.executable, "-m", "ruff", "check", *rules, "--output-format", "concise", str(tmp_path)]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert result.stdout.strip() == "All checks passed!", result.stdout[:3000]


@pytest.mark.oracle
@pytest.mark.parametrize("name", layers())
def test_a_class_that_is_written_as_one_of_keras_layers_is_there(name: str) -> None:
    """Classes of earlier versions, and those of keras.applications, are refused: no code and no config could be run."""
    from seqshape.exporters.calls import public_name
    from tests.oracle.keras_oracle import keras

    kind = layers()[name]
    if kind.keras == "3":
        assert hasattr(keras.layers, public_name(kind))
        return
    assert not hasattr(keras.layers, name)
    with pytest.raises(SeqshapeError, match=f"keras.layers has no {name}"):
        public_name(kind)


def test_code_for_keras_imports_what_it_uses(tmp_path: Path) -> None:
    """Of random networks: ruff finds nothing in the code, no import that is not used among it."""
    written = 0
    for seed in range(120):
        made = models.recipe(RandomChoices(seed))
        if not spec_writer.is_writable(made):
            continue
        network = analyse(spec_writer.spec(made), kind="spec")
        with suppress(SeqshapeError):
            (tmp_path / f"model_{seed}.py").write_text(f"{keras_python.write(network).rstrip()}\n", encoding="utf-8")
            written += 1
    words = ["ruff", "check", "--isolated", "--no-cache", "--select", "E,F,I,W,UP", "--ignore", "E501", str(tmp_path)]
    found = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
    assert written > 60
