"""Exported PyTorch modules, executed: parameters and shapes are the summary's, outputs those of the numpy forward pass."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

from seqshape.analysis.forward import random_inputs, random_weights, run
from seqshape.answers import analyse
from seqshape.bind.layer import with_inner
from seqshape.cli import main
from seqshape.diagnostics import SeqshapeError
from seqshape.dims import UNKNOWN
from seqshape.exporters.torch import load as load_translations
from seqshape.exporters.torch import write
from seqshape.exporters.torch.helpers import RESERVED
from seqshape.exporters.torch.site import TRANSLATIONS
from seqshape.network import Network
from seqshape.registry import layers, operations
from tests.oracle.facts import load
from tests.oracle.spec_writer import spec
from tests.oracle.torch_module import Copy, fill, flat, module_of, numbers
from tests.test_forward import CASES, analysed
from tests.test_promises import UNSAMPLED, as_recipe, samples, written

load_translations()
# What torch cannot do exactly, and a word of what is said.
REFUSED = {
    "Dense(3, lora_rank=2, lora_alpha=3) @ 4": "LoRA",
    "Conv1D(4, 3, lora_rank=2) @ 8,3": "LoRA",
    "BatchNormalization(renorm=True) @ 3": "renormalizes",
    'Activation("glu") @ 4,6': "glu",
    'Activation("sparsemax") @ 4,6': "sparsemax",
}


@pytest.fixture(autouse=True)
def in_float64() -> Iterator[None]:
    """Modules are made in float64, so that a difference is a fault and no rounding; torch's remarks stay unsaid."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        yield
    torch.set_default_dtype(before)


def told(network: Network) -> list[int]:
    """The differences from Keras's count that the source tells of."""
    lines = re.findall(r"^  ([+-][\d,]+)  ", write(network), re.MULTILINE)
    return [int(line.replace(",", "")) for line in lines]


def random_tensors(network: Network, wide: int) -> list[Any]:
    """An input for each InputLayer: small whole numbers fit tables and floats; unknown sizes are ``wide``, batches alike."""
    shapes = [network.model.inputs[node] for node in network.model.graph.inputs]
    batch = next((kind.shape[0] for kind in shapes if kind.shape[0] is not UNKNOWN), 3)
    found = []
    for kind in shapes:
        shape = [dim if dim is not UNKNOWN else wide if axis else batch for axis, dim in enumerate(kind.shape)]
        numbers = torch.randint(0, 2, shape)
        name = kind.dtype or "float32"
        found.append(numbers.to(torch.get_default_dtype() if name == "float32" else getattr(torch, name)))
    return found


def misfits(network: Network, wide: int = 12) -> list[str]:
    """Where the executed module has other parameters or output shapes than the summary. Raises SeqshapeError."""
    module, summary = module_of(network), network.summary()
    parameters, statistics = numbers(module)
    keras = summary.totals.params
    faults = [] if parameters == keras + sum(told(network)) else [f"{parameters} parameters, not {keras}"]
    more = sum(number for number in told(network) if number > 0)
    faults += [] if parameters + statistics == keras + more else [f"{statistics} statistics"]
    outputs = flat(module(*random_tensors(network, wide)))
    shapes = [port.shape or () for port in summary.outputs]
    faults += [] if len(outputs) == len(shapes) else [f"{len(outputs)} outputs, not {len(shapes)}"]
    for shape, out in zip(shapes, outputs, strict=False):
        fits = len(shape) == out.dim() and all(one in (UNKNOWN, two) for one, two in zip(shape, out.shape, strict=True))
        faults += [] if fits else [f"{tuple(out.shape)}, not {shape}"]
    return faults


def refusal(network: Network) -> str | None:
    """The sentence with which a network is refused, if it is."""
    try:
        write(network)
    except SeqshapeError as refused:
        (found,) = refused.diagnostics
        return f"{found.code}: {found.message}"
    return None


def difference(network: Network, scale: float = 0.5) -> float:
    """The largest difference from the numpy forward pass, relative to the largest number.

    ``scale`` keeps the weights small: a large recurrent layer of large weights is chaotic, and roundings grow.
    """
    module = module_of(network)
    weights = {path: scale * array for path, array in random_weights(network, 0).items()}
    inputs = random_inputs(network, 0)
    fill(module, network, weights)
    mine, theirs = run(network, inputs, weights), flat(module(*map(torch.as_tensor, inputs)))
    assert [array.shape for array in mine] == [tuple(out.shape) for out in theirs]
    gaps = [abs(one - two.numpy()).max() / max(1, abs(one).max()) for one, two in zip(mine, theirs, strict=True)]
    return float(max(gaps))


# --- layers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [case for case in CASES if case not in REFUSED])
def test_computes_the_same(case: str) -> None:
    network = analysed(case)
    assert misfits(network) == []
    assert difference(network) < 1e-9


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    with pytest.raises(SeqshapeError, match=REFUSED[case]) as caught:
        write(analysed(case))
    assert len(caught.value.diagnostics) == 1


def is_sampled(name: str) -> bool:
    return name in layers() and layers()[name].keras == "3" and name not in UNSAMPLED and "Cell" not in name


def layer_of(network: Network) -> Any:
    """The one layer of a network."""
    return next(layer for layer in network.model.layers() if layer.class_name != "InputLayer")


@pytest.mark.parametrize("name", [name for name in TRANSLATIONS if is_sampled(name)])
def test_every_layer(name: str) -> None:
    """Random calls of each translated layer: each is written and fits its summary, or is refused in words."""
    done = 0
    for layer, inputs in samples(name, 8):
        network = analyse(spec(as_recipe(written(layer.call), inputs)), kind="spec")
        if any(UNKNOWN in network.model.inputs[node].shape[1:] for node in network.model.graph.inputs):
            continue  # sizes that are not known need not fit each other
        said = refusal(network)
        if said is None:
            assert misfits(network) == [], layer.arguments
            done += 1
        else:
            assert said.startswith("E601: ")
            assert any(each.name in said for each in with_inner(layer_of(network)))
    assert done > 0


def test_every_translation_is_of_something() -> None:
    known = {*layers(), *(f"ops.{kind.name}" for kind in operations().values())}
    assert set(TRANSLATIONS) - known == set()


def test_other_layers_are_refused_by_name() -> None:
    for name, kind in layers().items():
        if name in TRANSLATIONS or name in UNSAMPLED or kind.keras != "3":
            continue
        for layer, inputs in samples(name, 1):
            network = analyse(spec(as_recipe(written(layer.call), inputs)), kind="spec")
            if any(found.severity == "error" for found in network.diagnostics):
                continue
            with pytest.raises(SeqshapeError, match=f"{name} cannot be written for PyTorch"):
                write(network)


OPERATIONS = {
    "ops.mean(axis=1)": np.mean, "ops.sum(axis=1)": np.sum, "ops.max(axis=1)": np.max, "ops.std(axis=1)": np.std,
    "ops.var(axis=1)": np.var, "ops.amin(axis=1)": np.min,
}  # fmt: skip


@pytest.mark.parametrize("text", OPERATIONS)
def test_reductions(text: str) -> None:
    x = torch.randn(2, 5, 3)
    found = module_of(analyse(f"a = Input(5, 3); a > {text}"))(x)
    assert np.allclose(found.numpy(), OPERATIONS[text](x.numpy(), axis=1))


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("(a, b) > ops.add", lambda a, b: a + b),
        ("(a, b) > ops.subtract", lambda a, b: a - b),
        ("(a, b) > ops.multiply", lambda a, b: a * b),
        ("(a, b) > ops.maximum", np.maximum),
        ("a > ops.tanh", lambda a, b: np.tanh(a)),
        ("a > ops.expand_dims(1)", lambda a, b: a[:, None]),
        ("a > ops.transpose((0, 2, 1))", lambda a, b: a.transpose(0, 2, 1)),
        ("a > ops.reshape((-1, 15))", lambda a, b: a.reshape(-1, 15)),
        ("[a | b] > ops.concatenate(axis=1)", lambda a, b: np.concatenate([a, b], 1)),
        ("[a | b] > ops.stack(axis=1)", lambda a, b: np.stack([a, b], 1)),
        ("a > ops.flip(axis=1)", lambda a, b: a[:, ::-1]),
        ("a > ops.leaky_relu(negative_slope=0.3)", lambda a, b: np.where(a > 0, a, 0.3 * a)),
    ],
)
def test_operations(text: str, function: Any) -> None:
    a, b = torch.randn(2, 5, 3), torch.randn(2, 5, 3)
    network = analyse(f"a = Input(5, 3); b = Input(5, 3); c = {text}; (c, b)")
    assert misfits(network) == []
    assert np.allclose(module_of(network)(a, b)[0].numpy(), function(a.numpy(), b.numpy()))


# --- whole networks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", load("classic"), ids=lambda case: str(case["id"]))
def test_classic_networks(case: Any) -> None:
    network = analyse(case["spec"], case["input"])
    assert misfits(network) == []
    assert difference(network, scale=0.04) < 1e-9


@pytest.mark.parametrize("first", range(4))
def test_networks_of_the_facts(first: int) -> None:
    """Graphs of all kinds, each written so that it fits its summary, or refused with the name of a layer."""
    fitting = 0
    for case in load("fuzz")[first::50]:
        network = analyse(case["config"])
        if any(found.severity == "error" for found in network.diagnostics):
            continue
        if any(UNKNOWN in network.model.inputs[node].shape[1:] for node in network.model.graph.inputs):
            continue
        said = refusal(network)
        assert said is None or said.startswith("E601: ")
        assert said is not None or misfits(network) == [], case["id"]
        fitting += said is None
    assert fitting >= 8


@pytest.mark.parametrize("record", load("applications"), ids=lambda record: str(record["id"]))
def test_applications(record: Any) -> None:
    """Real networks, made without memory: only shapes and numbers of parameters are looked at."""
    with torch.device("meta"):
        assert misfits(analyse(record["config"]), wide=224) == []


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Dense(4, relu) > Dense(3, softmax)", (5,)),
        ("Conv1D(6, 3, same, strides=2, gelu) > MP1D(2) > Flatten > Dense(2)", (16, 3)),
        ("Embedding(9, 4, mask_zero=True) > Bi(LSTM(3, seq)) > GRU(2)", (6,)),
        ("LSTM(4, seq, back) > LN > TD(Dense(2))", (6, 3)),
        ("Conv2D(4, 3, padding=same) > BN > relu > Conv2DTranspose(2, 3, strides=2, padding=same) > GAP2D", (6, 7, 3)),
        ("SeparableConv1D(4, 3) > LayerNormalization > GRU(3, seq, reset_after=False) > SimpleRNN(2)", (9, 3)),
        *(
            (f"x = Input({size}, 8); (x, x) > MHA(2, 4, attention_axes={axes}, {more})", (size, 8))
            for size, axes, more in (
                (6, "2", ""),
                (6, "0", ""),
                (8, "-1", ""),
                (6, "(1, 2)", ""),
                (6, "()", ""),
                (6, "2", "sliding_window=2"),
                (6, "1", "dropout=0.5"),
            )
        ),
    ],
)
def test_computes_what_real_keras_computes(text: str, shape: tuple[int, ...]) -> None:
    from seqshape.exporters.keras_json import write as write_json
    from tests.oracle import keras_oracle

    torch.set_default_dtype(torch.float32)
    network = analyse(text, shape)
    random = np.random.default_rng(0)
    x = random.integers(0, 9, (3, *shape)).astype(np.float32)
    with keras_oracle.session(real=True):
        model = keras_oracle.keras.models.model_from_json(write_json(network))
        arrays = [random.uniform(0.1, 0.6, weight.shape).astype(np.float32) for weight in model.weights]
        model.set_weights(arrays)
        wanted = np.asarray(model(x, training=False))
    module = module_of(network)
    Copy(iter(arrays)).children(module)
    assert np.allclose(module(torch.as_tensor(x)).numpy(), wanted, rtol=1e-4, atol=1e-5)


# --- while it trains --------------------------------------------------------------------------------------------------


def trained(text: str, shape: str, x: Any) -> tuple[Any, Any]:
    """A module in training, and what it gives."""
    module = module_of(analyse(text, shape)).train()
    return module, module(x)


def test_statistics_move_as_keras_moves_them() -> None:
    x = torch.randn(64, 5)
    module, _ = trained("BatchNormalization(momentum=0.9)", "5", x)
    statistics = module.batch_normalization
    assert torch.allclose(statistics.running_mean, 0.1 * x.mean(0))
    assert statistics.momentum == pytest.approx(0.1)
    assert statistics.eps == 0.001


def test_frozen_statistics_stay() -> None:
    x = torch.randn(8, 5)
    module, out = trained("BatchNormalization(trainable=False) > Dense(2, trainable=False)", "5", x)
    assert torch.equal(module.batch_normalization.layer.running_mean, torch.zeros(5))
    assert not any(parameter.requires_grad for parameter in module.parameters())
    assert out.shape == (8, 2)


def test_statistics_inside_time_distributed_move_step_by_step() -> None:
    x = torch.randn(4, 3, 5)
    module, _ = trained("TD(BatchNormalization(momentum=0.5))", "3,5", x)
    mean = torch.zeros(5)
    for step in x.unbind(1):
        mean = 0.5 * mean + 0.5 * step.mean(0)
    assert torch.allclose(module.time_distributed.running_mean, mean)


def test_input_dropout_falls_alike_at_every_step() -> None:
    text = write(analyse("LSTM(3, dropout=0.5, seq)", "7,4"))
    assert "F.dropout(torch.ones_like(x[:, :1]), 0.5, self.training)" in text
    torch.manual_seed(0)
    module, out = trained("SpatialDropout1D(0.5)", "7,4", torch.ones(6, 7, 4))
    assert torch.equal(out, out[:, :1].expand(-1, 7, -1))
    assert set(out.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(module.eval()(torch.ones(6, 7, 4)), torch.ones(6, 7, 4))


def test_shared_noise() -> None:
    torch.manual_seed(0)
    _, out = trained("Dropout(0.5, noise_shape=(None, 1, 4))", "7,4", torch.ones(6, 7, 4))
    assert torch.equal(out, out[:, :1].expand(-1, 7, -1))
    assert set(out.unique().tolist()) == {0.0, 2.0}


@pytest.mark.parametrize(("text", "deviation"), [("GaussianNoise(0.3)", 0.3), ("GaussianDropout(0.2)", 0.5)])
def test_noise(text: str, deviation: float) -> None:
    torch.manual_seed(0)
    _, out = trained(text, "100", torch.ones(200, 100))
    assert out.mean() == pytest.approx(1, abs=0.02)
    assert out.std() == pytest.approx(deviation, rel=0.05)


@pytest.mark.parametrize(("text", "gates"), [("LSTM(3, recurrent_dropout=0.5)", 4), ("GRU(3, recurrent_dropout=0.5)", 3),
                                             ("SimpleRNN(3, dropout=0.5, recurrent_dropout=0.5)", 1)])  # fmt: skip
def test_recurrent_dropout_is_the_same_at_every_step(text: str, gates: int) -> None:
    """Keras draws once a sequence, for each gate apart; with implementation 1 for the input too."""
    torch.manual_seed(0)
    x = torch.randn(4, 6, 2)
    module, out = trained(text, "6,2", x)
    (recurrent,) = module.children()
    kept = recurrent.cell.kept[1]
    assert len(kept) == gates
    assert {value for mask in kept for value in mask.unique().tolist()} == {0.0, 2.0}
    assert not torch.allclose(out, module.eval()(x))
    assert recurrent.cell.kept == [[], []]


def test_dropout_of_cells_and_convolutions() -> None:
    for text, shape in (
        ("RNN([LSTMCell(3, dropout=0.5), GRUCell(2)])", "6,2"),
        ("ConvLSTM1D(3, 2, dropout=0.5)", "3,6,2"),
    ):
        torch.manual_seed(0)
        x = torch.randn(4, *map(int, shape.split(",")))
        module, out = trained(text, shape, x)
        again = module(x)
        assert not torch.allclose(out, again)
        module.eval()
        assert torch.equal(module(x), module(x))


@pytest.mark.parametrize("text", ["LSTM(3, dropout=1.0)", "GRU(3, recurrent_dropout=1.0)"])
def test_dropping_everything_is_refused(text: str) -> None:
    with pytest.raises(SeqshapeError, match="drops everything"):
        write(analyse(text, "5,2"))


# --- the text ---------------------------------------------------------------------------------------------------------


def test_the_count_tells_of_two_biases() -> None:
    text = write(analyse("LSTM(5,seq)>TD(Dense(1))", "5,1"))
    assert "Parameters: 166 here, 146 in Keras:" in text
    assert "+20  lstm: nn.LSTM has two biases for each gate, Keras one" in text


def test_the_count_tells_of_moving_statistics() -> None:
    text = write(analyse("Dense(4) > BN", "3"))
    assert "Parameters: 24 here, 32 in Keras:" in text
    assert "-8  batch_normalization: the moving mean and variance are buffers here" in text


def test_equal_counts_say_nothing_more() -> None:
    assert "Parameters: 45 here, 45 in Keras.\n" in write(analyse("GRU(2) > Dense(1)", "5,3"))


def test_terms_of_the_loss_are_told_of() -> None:
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [
        {"class_name": "InputLayer", "module": "keras.layers", "config": {"batch_shape": [None, 3], "name": "i"}},
        {"class_name": "Dense", "module": "keras.layers", "config": {"units": 2, "name": "d", "kernel_regularizer": {
            "module": "keras.regularizers", "class_name": "L2", "config": {"l2": 0.1}, "registered_name": None}}},
    ]}}  # fmt: skip
    assert "Left out: kernel_regularizer of d." in write(analyse(config))


def test_attributes_do_not_hide_those_of_a_module() -> None:
    assert {name for name in dir(nn.Module()) if not name.startswith("_")} - RESERVED == set()
    module = module_of(analyse('Dense(2, name="train") > Dense(3, name="forward") > Dense(1, name="class")', "4"))
    assert module(torch.zeros(2, 4)).shape == (2, 1)
    assert [type(child).__name__ for child in module.children()] == ["Linear"] * 3


def test_shared_and_nested_models() -> None:
    text = "m = (Dense(4, relu) > Dense(3)); a = Input(5, 3); b = Input(6, 3); x = a > m; y = b > m; (x, y)"
    network = analyse(text)
    module = module_of(network)
    assert numbers(module) == (31, 0)
    assert [tuple(out.shape) for out in module(torch.zeros(2, 5, 3), torch.zeros(2, 6, 3))] == [(2, 5, 3), (2, 6, 3)]
    assert write(network).count("class ") == 2


@pytest.mark.parametrize(
    ("text", "shape", "message"),
    [
        ("Dense(4) > Resizing(3, 3)", "8,8,3", "resizing: Resizing cannot be written for PyTorch"),
        ("LSTM(4, stateful)", "(5, 3)", "is stateful"),
        ("Dense(4, dtype=mixed_float16)", "3", r"dense \(Dense\) has the dtype policy mixed_float16"),
        ("UpSampling2D(2, interpolation=bicubic)", "4,4,2", 'interpolates with "bicubic"'),
        ("Dense(4)", "F", "the size F has no number"),
        ("TD(Lambda(len))", "3,4", "."),
        ("Bi(LSTM(4), backward_layer=LSTM(3, back))", "5,2", "directions of different widths"),
        ("LSTM(4) > LSTM(3)", "5,2", "needs an input of 3 dims"),
    ],
)
def test_refusals(text: str, shape: str, message: str) -> None:
    given: Any = None if shape.startswith("(") else shape
    source = f"Input({shape}, batch_size=2) > {text}" if given is None else text
    with pytest.raises(SeqshapeError, match=message):
        write(analyse(source, given))


def test_the_command_writes_nothing_that_it_cannot_say(tmp_path: Path) -> None:
    target = tmp_path / "model.py"
    words = ["convert", "Dense(4) > Resizing(3, 3)", "-i", "8,8,3", "--to", "torch", "-o", str(target)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "Resizing cannot be written for PyTorch" in result.stderr
    assert not target.exists()


def test_the_command_writes_a_module(tmp_path: Path) -> None:
    target = tmp_path / "model.py"
    result = CliRunner().invoke(
        main, ["convert", "LSTM(5,seq)>TD(Dense(1))", "-i", "5,1", "--to", "torch", "-o", str(target)]
    )
    assert result.exit_code == 0
    known: dict[str, Any] = {}
    exec(target.read_text(), known)
    assert known["Model"]()(torch.zeros(2, 5, 1)).shape == (2, 5, 1)
