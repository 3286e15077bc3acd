"""Estimates of memory: what layers declare to hold, liveness, optimizers, dtypes, the largest batch, and the real thing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import seqshape
from benchmarks import memory as measured
from seqshape.analysis.liveness import held_by
from seqshape.analysis.memory import Estimate
from seqshape.analysis.optimizers import OPTIMIZERS, state
from seqshape.answers import analyse
from seqshape.cli import main
from seqshape.diagnostics import Fault
from seqshape.dims import Dim, Size, evaluate
from seqshape.layers.memory import Held, Memory, declaration
from seqshape.registry import layers
from seqshape.summary import Summary, Weight
from tests.fuzz.choices import RandomChoices
from tests.fuzz.models import recipe
from tests.laws import Named, run
from tests.oracle.spec_writer import is_writable, spec
from tests.test_promises import LAYERS, samples

ROOT = Path(__file__).parent.parent


def term(found: seqshape.Sum, name: str) -> Size | None:
    return next(one.bytes for one in found.terms if one.name == name)


# --- declarations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", layers())
def test_every_layer_declares_what_it_holds(name: str) -> None:
    assert declaration(layers()[name]) is not None


def numbers(memory: Memory, values: dict[str, int]) -> list[Any]:
    """All that a declaration says, with numbers for names."""
    held = [[_plain(one, values) for one in part] for part in (memory.kept, memory.working, memory.context)]
    return [memory.inputs, memory.outputs, memory.view, memory.idle, *held]


def _plain(held: Held, values: dict[str, int]) -> tuple[str, Dim, str | None]:
    return held.what, evaluate(held.size, values), held.dtype


@pytest.mark.parametrize("name", LAYERS)
def test_declarations_on_names_and_on_numbers_agree(name: str) -> None:
    """A declaration is a rule: run on names and evaluated it is what it is on numbers; and it takes what the rule takes."""
    for layer, inputs in samples(name, 8):
        try:
            plain = held_by(layer, inputs, run(layer, inputs))
        except Fault:  # Keras builds what it cannot run: then nobody can tell what it would hold
            continue
        named = Named(carried=True)
        copy, tensors = named.layer(layer), {key: named.tensor(value) for key, value in inputs.items()}
        on_names = held_by(copy, tensors, run(copy, tensors))
        assert numbers(on_names, named.values) == numbers(plain, {}), (layer.arguments, inputs)


# --- sums -------------------------------------------------------------------------------------------------------------


def test_a_recurrent_layer_keeps_its_gates_and_states() -> None:
    """Of 4 samples, 5 steps and 3 units: 4 gates, the tanh of the cell state, two states; what is given is a copy."""
    for flags, outputs in (("3", 0), ("3,seq", 0), ("3,seq)>Dense(1", 4 * 4 * 5 * 3)):
        found = seqshape.memory(f"LSTM({flags})", (5, 2), batch=4, optimizer="sgd")
        assert term(found.training, "activations") == 4 * 4 * 5 * 3 * (4 + 1 + 2) + outputs


def test_attention_keeps_its_scores() -> None:
    found = seqshape.memory("x = Input(10,8); (x,x) > MHA(2,4)", batch=3)
    kept = {one.name: one.bytes for one in found.layers[0].kept}
    assert kept["scores"] == 4 * 3 * 2 * 10 * 10
    assert kept["queries"] == 4 * 3 * 10 * 8
    assert kept["keys and values"] == 2 * 4 * 3 * 10 * 8


def test_a_tensor_lives_to_its_last_use() -> None:
    """Of a chain two tensors at a time; of a residual branch the one that is added too."""
    chain = seqshape.memory("Dense(10)>Dense(20)>Dense(30)>Dense(5)", (8,), batch=1)
    assert term(chain.inference, "activations") == 4 * (20 + 30)
    assert chain.inference.at == "dense_2"
    branch = seqshape.memory("x = Input(8); a = x > Dense(10); b = a > Dense(20) > Dense(10); (a,b) > Add", batch=1)
    assert term(branch.inference, "activations") == 4 * (10 + 20 + 10)


def test_each_layer_has_its_weights() -> None:
    for text in (
        "LSTM(5,seq) > Dense(4) > BN > Dense(1)",
        "Sequential([Dense(4), Sequential([Dense(3), BN])]) > TD(Dense(2))",
    ):
        found = seqshape.memory(text, (7, 3))
        assert sum(one.weights for one in found.layers if isinstance(one.weights, int)) == term(
            found.inference, "weights"
        )


def test_a_view_takes_nothing() -> None:
    plain, viewed = (
        seqshape.memory(text, (4, 6), batch=2, optimizer="sgd")
        for text in ("LSTM(6,seq)>Dense(3)", "LSTM(6,seq)>Reshape(4,6)>Activation('linear')>Identity>Dense(3)")
    )
    assert (viewed.inference.bytes, viewed.training.bytes) == (plain.inference.bytes, plain.training.bytes)


def test_dropout_is_nothing_but_in_training() -> None:
    plain, dropped = (
        seqshape.memory(text, (6,), batch=2) for text in ("Dense(8)>Dense(3)", "Dense(8)>Drop(.5)>Dense(3)")
    )
    assert dropped.inference.bytes == plain.inference.bytes
    assert term(dropped.training, "activations") == 2 * 8 * (4 + 1)


def test_what_is_not_trained_is_not_kept() -> None:
    """In front of the first trained layer nothing is kept; nor the input of one that is only passed through."""
    frozen = "Dense(8,relu,trainable=False)"
    assert term(seqshape.memory(f"{frozen}>Dense(3)", (6,), batch=1).training, "activations") == 4 * 8
    assert term(seqshape.memory(frozen, (6,), batch=1).training, "activations") == 0
    behind = seqshape.memory(f"Dense(5)>{frozen}", (6,), batch=1)
    assert term(behind.training, "activations") == 4 * 8
    assert term(behind.training, "gradients") == 4 * (6 * 5 + 5)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_model_inside_is_laid_flat(optimizer: str) -> None:
    inner = "Conv1D(8,3,relu)>MP1D(2)>LSTM(5,seq)"
    nested, plain = (
        seqshape.memory(text, (20, 3), batch=7, optimizer=optimizer)
        for text in (f"Sequential([{inner.replace('>', ',')}])>Dense(2)", f"{inner}>Dense(2)")
    )
    assert (nested.inference.bytes, nested.training.bytes) == (plain.inference.bytes, plain.training.bytes)


def test_a_layer_that_nobody_knows_leaves_the_sums_open() -> None:
    config = json.loads(seqshape.convert("Dense(4)>Dense(2)", "keras-json", (3,)))
    config["config"]["layers"][1] |= {"class_name": "Strange", "module": "my", "registered_name": "my>Strange"}
    found = seqshape.memory(config, batch=2)
    assert "dense" in found.unknown
    assert (found.inference.bytes, found.training.bytes) == (None, None)
    assert "nobody can tell what dense" in str(found)


def test_named_sizes_make_formulas() -> None:
    found = seqshape.memory("LSTM(16,seq)", ("T", "F"), batch=2)
    assert str(term(found.inference, "weights")) == "256*F + 4352"
    named, plain = (seqshape.memory("LSTM(16,seq)", shape, batch=2).training for shape in (("T", "F"), (9, 4)))
    for one, other in zip(named.terms, plain.terms, strict=True):
        if one.bytes is not None:
            assert evaluate(one.bytes, {"T": 9, "F": 4}) == other.bytes


# --- the largest batch --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_the_largest_batch_fits_and_the_next_does_not(seed: int) -> None:
    drawn = recipe(RandomChoices(f"memory-{seed}"))
    if not is_writable(drawn):
        return
    text, budget = spec(drawn), 10 ** (3 + seed % 7)
    try:
        found = seqshape.memory(text, budget=budget)
    except seqshape.SeqshapeError:
        return
    assert found.fit is not None
    for name, most in (("inference", found.fit.inference), ("training", found.fit.training)):
        for batch, fits in () if most is None else ((most, True), (most + 1, False)):
            if batch:
                sum_of = getattr(seqshape.memory(text, batch=batch), name)
                assert (sum_of.bytes <= budget) is fits, (name, text)
    json.dumps(found.to_dict())


def test_a_batch_that_is_fixed_has_no_largest() -> None:
    found = seqshape.memory("x = Input(4,3,batch_size=8); x > LSTM(5,stateful=True)", budget="1MB")
    assert found.fit is not None
    assert (found.fit.inference, found.fit.training) == (None, None)
    assert seqshape.memory("Dense(1000)", (1000,), budget="1MB").fit == seqshape.Fit(10**6, 0, 0)


# --- the words --------------------------------------------------------------------------------------------------------


def test_the_estimate_is_lossless_in_json() -> None:
    words = ["summarize", "LSTM(5,seq)>Dense(1)", "-i", "T,F", "--memory", "--budget", "8GB", "--json"]
    ran = CliRunner().invoke(main, words)
    data = json.loads(ran.stdout)
    assert Summary.from_dict(data).to_dict() == data
    assert data["memory"]["estimate"] is True


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"optimizer": "adan"}, "adam"),
        ({"batch": 0}, "batch"),
        ({"budget": "many"}, "budget"),
        ({"dtype": "float17"}, "dtype"),
    ],
)
def test_what_is_wrong_is_told(words: dict[str, Any], message: str) -> None:
    with pytest.raises(seqshape.SeqshapeError) as caught:
        seqshape.memory("Dense(4)", (3,), **words)
    assert message in str(caught.value)


# --- the real thing -----------------------------------------------------------------------------------------------------

CLASSES = {
    "adam-amsgrad": ("Adam", {"amsgrad": True}),
    "rmsprop-centered": ("RMSprop", {"centered": True}),
    "rmsprop-momentum": ("RMSprop", {"momentum": 0.9}),
    "sgd-momentum": ("SGD", {"momentum": 0.9}),
}
SHAPES = {"kernel": (4, 6), "bias": (6,), "conv": (3, 4, 5), "scalar": (), "embeddings": (7, 2), "deep": (2, 3, 4, 5)}


@pytest.mark.oracle
def test_every_optimizer_of_keras_is_known() -> None:
    from tests.oracle.keras_oracle import keras

    found = vars(keras.optimizers).values()
    real = {one.__name__ for one in found if isinstance(one, type) and issubclass(one, keras.optimizers.Optimizer)}
    mine = {CLASSES[name][0] if name in CLASSES else name.replace("-", "") for name in OPTIMIZERS}
    assert {name.lower() for name in real} - {name.lower() for name in mine} == {
        "optimizer",
        "lossscaleoptimizer",
        "multioptimizer",
    }


def variables_in(optimizer: Any, kind: type, weights: list[Any]) -> list[Any]:
    """All variables that an optimizer holds, those of the one inside too: its own list leaves some of these out."""
    found: dict[int, Any] = {}
    waiting, seen = [optimizer], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen or any(one is weight for weight in weights):
            continue
        seen.add(id(one))
        if isinstance(one, kind):
            found[id(one)] = one
        elif isinstance(one, (list, tuple)):
            waiting += one
        elif type(one).__module__.startswith("keras.src.optimizers"):
            waiting += vars(one).values()
    return list(found.values())


@pytest.mark.oracle
@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_optimizers_keep_what_those_of_keras_create(name: str, dtype: str) -> None:
    """Every variable is counted, with the number of steps and the learning rate."""
    from tests.oracle.keras_oracle import keras

    classes = {one.lower(): one for one in vars(keras.optimizers)}
    class_name, words = CLASSES.get(name) or (classes[name.replace("-", "")], {})
    optimizer = getattr(keras.optimizers, class_name)(**words)
    variables = [keras.Variable(keras.ops.ones(shape), dtype=dtype, name=path) for path, shape in SHAPES.items()]
    optimizer.build(variables)
    made = sum(one.value.nbytes for one in optimizer.variables)
    assert made == sum(one.value.nbytes for one in variables_in(optimizer, keras.Variable, variables))
    assert state(name, [Weight(path, shape, dtype) for path, shape in SHAPES.items()], dtype) == made
    scaled = keras.optimizers.LossScaleOptimizer(getattr(keras.optimizers, class_name)(**words))
    scaled.build(variables)
    made = sum(one.value.nbytes for one in variables_in(scaled, keras.Variable, variables))
    assert state(name, [Weight(path, shape, dtype) for path, shape in SHAPES.items()], "mixed_float16") == made


# JAX has no orthogonal matrices of 16 bits.
DTYPED = (
    "x = Input(12); e = x > Embedding(50,16); y = (e,e) > MHA(2,8); z = (e,y) > Add > BN;"
    " z > LSTM(8, recurrent_initializer='zeros') > Dense(10,relu)"
)


@pytest.mark.oracle
@pytest.mark.parametrize(
    "dtype", ["float32", "float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16", "int8", "int4"]
)
def test_weights_take_the_bytes_that_keras_says(dtype: str) -> None:
    """By the policy of all layers; int8 and int4 as ``model.quantize`` makes them. The gradients are of what is trained."""
    from tests.oracle.keras_oracle import keras

    policy = "float32" if dtype in ("int8", "int4") else dtype
    before = keras.config.dtype_policy().name
    try:
        keras.config.set_dtype_policy(policy)
        text = seqshape.convert(DTYPED, "keras-python", dtype=policy)
        space: dict[str, Any] = {}
        exec(text, space)  # what convert writes
        model = next(one for one in space.values() if isinstance(one, keras.Model))
        if dtype != policy:
            model.quantize(dtype)
    finally:
        keras.config.set_dtype_policy(before)
    narrowed = 2 if dtype == "float64" else 1  # JAX keeps 32 bits
    found = seqshape.memory(DTYPED, dtype=dtype)
    assert term(found.inference, "weights") == sum(one.value.nbytes for one in model.weights) * narrowed
    assert term(found.training, "gradients") == sum(one.value.nbytes for one in model.trainable_weights) * narrowed


@pytest.mark.oracle
def test_what_torch_saves_is_near_what_is_said_to_be_kept() -> None:
    """Each of five networks; of convolutions PyTorch saves copies in its own order of axes too."""
    words = [json.dumps(measured.MODELS), str(measured.BATCH)]
    child = subprocess.run(
        [sys.executable, "-c", measured.TORCH, "torch", *words], capture_output=True, text=True, check=True, cwd=ROOT
    )
    saved = json.loads(child.stdout.splitlines()[-1])
    for name, (_, _, kept) in measured.estimates().items():
        assert 0.4 < kept / saved[name] < 1.3, name


# Networks with the least and the most that an estimate may be of what PyTorch saves for the backward pass. In a loop over
# steps it saves sums and products too; of attention it has a kernel that keeps no scores.
SAVED: dict[tuple[str, str | None], tuple[float, float]] = {
    ("Dense(16,relu)", "32"): (0.98, 1.02),
    ("Dense(16,gelu)>Dense(3)", "32"): (0.98, 1.02),
    ("Dense(8)>LN>Dense(3)", "10,32"): (0.98, 1.02),
    ("Dense(8)>GN(4)>Dense(2)", "20,8"): (0.9, 1.1),
    ("Dense(8)>ReLU>Dense(8)>Softmax>Dense(2)", "20,8"): (0.98, 1.02),
    ("LSTM(16,seq)>Dense(2)", "50,8"): (0.9, 1.1),
    ("LSTM(16)>Dense(2)", "50,8"): (0.9, 1.1),
    ("Bi(LSTM(16,seq))>Dense(2)", "50,8"): (0.85, 1.15),
    ("SimpleRNN(16,seq)>Dense(2)", "50,8"): (0.9, 1.1),
    ("GRU(16,seq)>Dense(2)", "50,8"): (0.5, 1.1),
    ("x=Input(32,16); q = x > Dense(16); (q,q) > Attention > Dense(2)", None): (0.98, 1.02),
    ("x=Input(32,16); q = x > Dense(16); (q,q) > AdditiveAttention > Dense(2)", None): (0.98, 1.02),
    ("x=Input(32,16); q = x > Dense(16); (q,q) > MHA(4,4) > Dense(2)", None): (1, 2.1),
    ("x=Input(16); a = x > Dense(8); b = x > Dense(8); (a,b) > Multiply > Dense(2)", None): (0.98, 1.02),
    ("x=Input(16); a = x > Dense(8); b = x > Dense(8); (a,b) > Add > Dense(2)", None): (0.98, 1.02),
    ("x=Input(16); a = x > Dense(8); b = x > Dense(8); (a,b) > Concat > Dense(2)", None): (0.98, 1.02),
}


@pytest.mark.oracle
def test_what_layers_declare_to_keep_is_what_torch_saves() -> None:
    words = [json.dumps({str(place): net for place, net in enumerate(SAVED)}), "64"]
    child = subprocess.run(
        [sys.executable, "-c", measured.TORCH, "torch", *words], capture_output=True, text=True, check=True, cwd=ROOT
    )
    saved = json.loads(child.stdout.splitlines()[-1])
    for place, ((text, shape), (least, most)) in enumerate(SAVED.items()):
        kept = term(seqshape.memory(text, shape, batch=64).training, "activations")
        assert isinstance(kept, int)
        assert least <= kept / saved[str(place)] <= most, text


def test_formulas_of_a_network_hold_for_every_batch() -> None:
    found = Estimate(analyse("Conv1D(8,3,relu)>LSTM(5)>Dense(2)", (20, 3)), "adam")
    for batch in (1, 7, 32):
        said = seqshape.memory("Conv1D(8,3,relu)>LSTM(5)>Dense(2)", (20, 3), batch=batch)
        for training, part in ((False, said.inference), (True, said.training)):
            sizes = found.formulas(batch, training=training)
            assert sizes is not None
            assert max(size for size in sizes if isinstance(size, int)) == part.bytes
