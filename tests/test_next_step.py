"""What to type next: for each kind of slip the message says it, and what it says has been tried.

Sound networks are spoiled in all the ways that are known, one to three at once: what is offered always runs, and how
often something is offered is measured.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seqshape.answers import analyse, report
from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.mending import search, torch_names, trial
from seqshape.mending.config import places
from seqshape.registry import layers
from tests.fuzz.mends import faults, unsound

# Spec, input, the mended spec (None: it is as it should be), the input that goes with it, words of the help.
SLIPS = [
    ("LSTM(32)>LSTM(32)>LSTM(32)>Dense(1)", "10,4", "LSTM(32,seq)>LSTM(32,seq)>LSTM(32)>Dense(1)", None, "LSTM(32,seq)"),
    ("LSTM(32)>LSTM(32)>TD(Dense(1))", "10,4", "LSTM(32,seq)>LSTM(32,seq)>TD(Dense(1))", None, "every step"),
    ("(LSTM(32))*3>Dense(1)", "10,4", "(LSTM(32,seq))*3>Dense(1)", None, "(LSTM(32,seq))*2>LSTM(32)"),
    ("LSTM(8)*2>Dense(1)", "10,4", "LSTM(8,seq)*2>Dense(1)", None, "LSTM(8,seq)"),
    ("GRU(8)>Dropout(0.2)>Bi(LSTM(4))>Dropout(0.2)>Conv1D(3,2)", "10,4",
     "GRU(8,seq)>Dropout(0.2)>Bi(LSTM(4,seq))>Dropout(0.2)>Conv1D(3,2)", None, "Bi(LSTM(4,seq))"),
    ("e = LSTM(8)>LSTM(4); Input(10,4) > e > Dense(1)", None,
     "e = LSTM(8,seq)>LSTM(4); Input(10,4) > e > Dense(1)", None, "LSTM(8,seq)"),
    ("e = Dense(8)>LSTM(4); Input(10,4) > LSTM(3) > e", None,
     "e = Dense(8)>LSTM(4); Input(10,4) > LSTM(3,seq) > e", None, "LSTM(3,seq)"),
    ("x=Input(8,3); [x>LSTM(5) | x>LSTM(6,seq)]>Concat>LSTM(2)", None,
     "x=Input(8,3); [x>LSTM(5,seq) | x>LSTM(6,seq)]>Concat>LSTM(2)", None, "RepeatVector(8)"),
    ("x=Input(8,3); [x>LSTM(5) | x>LSTM(6)]>Concat>LSTM(2)", None,
     "x=Input(8,3); [x>LSTM(5,seq) | x>LSTM(6,seq)]>Concat>LSTM(2)", None, "LSTM(6,seq)"),
    ("e=Input(8,300)>Bi(LSTM(32)); d=Input(8,300); (d,e)>Concat>LSTM(128)", None,
     "e=Input(8,300)>Bi(LSTM(32))>RepeatVector(8); d=Input(8,300); (d,e)>Concat>LSTM(128)", None, "or, to keep every step"),
    ("Conv2D(8,3)>MaxPooling2D>Flatten>LSTM(4)", "64,64,3", "TD(Conv2D(8,3))>TD(MaxPooling2D)>TD(Flatten)>LSTM(4)", "T,64,64,3",
     "-i T,64,64,3"),
    ("TD(Conv2D(8,3))>Flatten>LSTM(8)", "10,9,9,3", "TD(Conv2D(8,3))>TD(Flatten)>LSTM(8)", None, "TD(Flatten)"),
    ("TD(Conv2D(8,3))", "64,64,3", None, "T,64,64,3", "-i T,64,64,3; or"),
    ("TD(LSTM(5))", "5,1", "LSTM(5)", None, "-i T,5,1"),
    ("LSTM(32,seq)>Attention", "10,4", "LSTM(32,seq)>[Id | Id]>Attention", None, "[Id | Id] > Attention"),
    ("LSTM(32,seq)>Flatten>TD(Dense(1))", "10,4", "LSTM(32,seq)>TD(Dense(1))", None, "leave it out"),
    ("Embedding(50,32,mask_zero=True)>LSTM(64)", "50,1", None, "50", "write -i 50"),
    ("LSTM(5)", "None,5,1", None, "5,1", "-i is without the batch: write -i 5,1"),
    ("LSTM(5)", "(None,5,1)", None, "5,1", "-i is without the batch: write -i 5,1"),
    ("LSTM(5)", "33500,5,2", None, "5,2", "33500 is the number of samples"),
    ("LSTM(5,batch_input_shape=(3,7,2))", None, "Input(7,2,batch_size=3) > LSTM(5)", None, "Input(7,2,batch_size=3)"),
    ("LSTM(5,batch_input_shape=(None,7,2))>Dense(1)", None, "Input(7,2)>LSTM(5)>Dense(1)", None, "Input(7,2)"),
    ("Dense(3,act=softmax)", "4", "Dense(3,activation=softmax)", None, "activation="),
    ('Bi(LSTM(5),merge_mode="multiply")', "5,1", 'Bi(LSTM(5),merge_mode="mul")', None, "mul"),
    ("Dropout(20)", "4", "Dropout(0.2)", None, "20 % is 0.2"),
    ("SpatialDropout1D(rate=50)", "4,3", "SpatialDropout1D(rate=0.5)", None, "0.5"),
    ("LSTM(U,seq)", "5,1", "U = ?; LSTM(U,seq)", None, "--set U=64"),
    ("nn.LSTM(1,5)", "5,1", "LSTM(5,seq)", None, "PyTorch's name"),
    ("Linear(20,64)", "20", "Dense(64)", None, "Dense(64)"),
    ("nn.Conv2d(3,8,3)", "28,28,3", "Conv2D(8,3)", None, "Conv2D(8,3)"),
    ("Conv2d(1,16,5,1,2)", "28,28,1", "ZeroPadding2D(2) > Conv2D(16,5)", None, "ZeroPadding2D(2)"),
    ("Conv1D(8,5,padding=3)", "100,4", "ZeroPadding1D(3) > Conv1D(8,5)", None, "ZeroPadding1D(3)"),
    ("TD(Conv1D(8,5,padding=3))", "2,100,4", "TD(ZeroPadding1D(3)) > TD(Conv1D(8,5))", None, "TD(ZeroPadding1D(3))"),
    ("LSTM(5,seq)>TimeDistributedFlatten", "5,1", "LSTM(5,seq)>TD(Flatten)", None, "TD(Flatten)"),
    ("Dense(output_dim=10, input_dim=5)", None, "Dense(units=10,input_dim=5)", None, "--keras 2"),
    ('Dense(10,init="uniform")', "5", 'Dense(10,kernel_initializer="random_uniform")', None, "kernel_initializer="),
    ('Conv1D(8,3,border_mode="same")', "9,2", 'Conv1D(8,3,padding="same")', None, "padding="),
    ('Convolution2D(4,3,3,border_mode="same")', "9,9,1", 'Conv2D(filters=4,padding="same",kernel_size=(3,3))', None, "Keras 1"),
    ("GRU(output_dim=5,input_dim=3,input_length=7)", None, "GRU(units=5,reset_after=False,input_shape=(7,3))", None, "units="),
    ("Conv2D(8,3)>MP2D(2)>GAP1D", "28,28,1", "Conv2D(8,3)>MP2D(2)>GAP2D", None, "TD(Flatten)>GAP1D"),
    ("LSTM(32)>Dropout(50)>LSTM(32,sqe)>Dens(1)", "10,4", "LSTM(32,seq)>Dropout(0.5)>LSTM(32,seq)>Dense(1)", None, "0.5"),
]  # fmt: skip
# Spec, input: the shape contradicts the source; the input or the text that fits, and words of the help.
CONTRADICTIONS = [
    ("LSTM(5,input_dim=7)", "7,169", "Permute(2,1) > LSTM(5)", None, "Permute(2,1)"),
    ("LSTM(5,input_shape=(10,4))>Dense(1)", "4,10", None, "10,4", "-i 10,4"),
    ("Input(10,4)>LSTM(3)", "32,10,4", None, "10,4", "number of samples"),
    ("Input(10,4)>LSTM(3)", "None,10,4", None, "10,4", "without the batch"),
]


def errors(spec: str, shape: str | None) -> list[Diagnostic]:
    """What is wrong with a network, or with its input."""
    return faults(spec, shape)[1]


@pytest.mark.parametrize(("spec", "shape", "mended", "better", "words"), [*SLIPS, *CONTRADICTIONS])
def test_the_next_step(spec: str, shape: str | None, mended: str | None, better: str | None, words: str) -> None:
    found = errors(spec, shape)
    assert {(one.replacement, one.input) for one in found} == {(mended, better)}
    assert words in "\n".join(str(one.help) for one in found)
    assert errors(mended or spec, better or shape) == []


@pytest.mark.parametrize(
    ("spec", "parameters"),
    [
        ("Dense(output_dim=10, input_dim=5)", 60),
        ('Convolution2D(4,3,3,border_mode="same",input_shape=(9,9,1))>Flatten>Dense(output_dim=2)', 40 + 650),
        ("GRU(output_dim=5,input_dim=3,input_length=7)", 135),
        ("TD(Dense(output_dim=3),input_shape=(7,2))", 9),
        ("Embedding(20,output_dim=4,init='uniform',input_length=7)>LSTM(output_dim=2)", 80 + 56),
    ],
)
def test_words_of_keras_1_are_taken_where_that_is_asked_for(spec: str, parameters: int) -> None:
    network = analyse(spec, keras="2")
    assert [one for one in network.diagnostics if one.severity == "error"] == []
    assert network.summary().totals.params == parameters


def test_commas_that_may_be_arrows() -> None:
    (found,) = analyse("LSTM(5,seq),TD(Dense(1))", "5,1").diagnostics
    assert (found.code, found.replacement) == ("W102", "LSTM(5,seq)>TD(Dense(1))")
    (found,) = analyse("LSTM(5),LSTM(3)", "5,1").diagnostics
    assert (found.code, found.replacement, found.help) == ("W102", None, None)  # it would not run
    for plain in ("(LSTM(5),Dense(3))", "[LSTM(5) | Dense(3)]", "x=Input(5,1); (x > LSTM(5), x > Dense(3))"):
        assert "W102" not in [one.code for one in analyse(plain, None if "Input" in plain else "5,1").diagnostics]


@pytest.mark.parametrize("name", ["NOTES.md", "net.summary", "models/best.model", "weights.bin", "R.txt"])
def test_a_name_with_a_suffix_is_a_file(name: str) -> None:
    with pytest.raises(SeqshapeError, match=f"cannot read {re.escape(name)}: No such file"):
        analyse(name)


def test_one_word_may_be_a_file() -> None:
    (found,) = errors("nofile", None)
    assert "a file called nofile is not here" in str(found.help)


def test_prose_gets_one_sentence(tmp_path: Path) -> None:
    text = "We train this model on data\nand it works well\nsee the paper (or ask)\nthanks, and good luck\n" * 9
    (tmp_path / "notes.txt").write_text(text)
    (tmp_path / "notes.md").write_text(text)
    for name in ("notes.txt", "notes.md"):
        with pytest.raises(SeqshapeError) as error:
            analyse(str(tmp_path / name))
        assert len(error.value.diagnostics) == 1
    wrong = "\n".join(f"x{number} = Input(3) >> Dense(" for number in range(8))
    with pytest.raises(SeqshapeError) as error:
        analyse(wrong)
    assert len(error.value.diagnostics) > 1


# Spec, input, words of the help: which size leaves a rest, and sizes that leave none.
ODD = [
    ("x=Input(451,451,3); a=x>Conv2D(8,3,same); b=a>MP2D(2)>Conv2D(8,3,same)>UpSampling2D(2); (a,b)>Concat>Conv2D(1,1)", None,
     "MaxPooling2D makes 225 of 451", "Input(452,452,3)"),
    ("[Id | MP2D(2) > [Id | MP2D(2)>UpSampling2D(2)]>Add > UpSampling2D(2)] > Add", "451,450,3",
     "MaxPooling2D makes 225 of 451", "a multiple of 4 works, such as -i 452,452,3 or -i 448,448,3"),
    ("[Id | MP1D(2) > UpSampling1D(2)] > Add", "451,3", "225 of 451", "-i 452,3"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "shape", "why", "better"), ODD)
def test_a_network_that_goes_down_and_up_needs_sizes_without_a_rest(
    spec: str, shape: str | None, why: str, better: str
) -> None:
    (found,) = errors(spec, shape)
    assert why in str(found.help)
    assert better in str(found.help)
    assert errors(found.replacement or spec, found.input or shape) == []


# Spec, input, labels, words of the help; the mended spec gives just these labels.
LABELS = [
    ("Conv1D(8,3,s=2)>Conv1DTranspose(2,3,s=2)", "100,4", (100, 2), "output_padding=1"),
    ("Conv1D(8,3,s=2,same)>Conv1DTranspose(2,3,s=2,same)", "101,4", (101, 2), "Cropping1D((0,1))"),
    ("Conv2D(8,3,s=2,same)>Conv2DTranspose(2,3,s=2,same)", "101,101,4", (101, 101, 2), "Cropping2D(((0,1),(0,1)))"),
    ("Conv1D(8,3)>Conv1D(2,3)", "100,4", (100, 2), "same"),
]


@pytest.mark.parametrize(("spec", "shape", "labels", "words"), LABELS)
def test_windows_that_give_the_size_of_the_labels(spec: str, shape: str, labels: tuple[int, ...], words: str) -> None:
    (found,) = report(spec, shape, target=[labels], advice=False).diagnostics
    assert words in str(found.help)
    assert found.replacement is not None
    assert report(found.replacement, shape, target=[labels], advice=False).diagnostics == ()


def test_labels_that_are_given_with_the_number_of_samples() -> None:
    (found,) = report("Dense(5,relu)>Dense(2)", "12", target=[(6682, 2)], advice=False).diagnostics
    assert "--target 2" in str(found.help)
    (found,) = report("LSTM(5)>Dense(1)", "500,1", target=[(500, 1)], advice=False).diagnostics
    assert "write LSTM(5,seq)" in str(found.help)  # as many as there are steps


# --- torch -----------------------------------------------------------------------------------------------------------


def _rank(name: str) -> int:
    """How many axes a layer of PyTorch has beside batch and channels; 0 if any number."""
    return int(name[-2]) if name[-2:] in ("1d", "2d", "3d") else 2 if name == "Upsample" else 0


def _sample(name: str) -> tuple[str, tuple[int, ...]]:
    """Arguments for a layer of PyTorch, and the shape of an input, channels last."""
    arguments, shape = TORCH_SAMPLES.get(name, ("", (4, 6)))
    if not _rank(name):
        return arguments, shape
    return TORCH_SAMPLES.get(re.sub(r"\dd$", "", name), (arguments, ()))[0], (*(9, 8, 10)[: _rank(name)], 4)


@pytest.mark.parametrize("name", sorted({*torch_names.TORCH, *torch_names.ACTIVATIONS}))
def test_every_layer_of_the_table_counts_as_torch_does(name: str) -> None:
    """The layer that is offered has torch's shape (channels last) and, but for the second bias of an RNN, its counts."""
    nn = pytest.importorskip("torch.nn")
    torch = pytest.importorskip("torch")
    arguments, shape = _sample(name)
    rank = _rank(name)
    (found,) = errors(f"nn.{name}({arguments})", ",".join(map(str, shape)))
    assert found.replacement is not None, found
    network = analyse(found.replacement, shape)
    module = eval(f"nn.{name}({arguments})", {"nn": nn})
    given = (
        torch.ones(2, shape[-1], *shape[:-1])
        if rank
        else torch.ones(2, *shape, dtype=torch.long if name == "Embedding" else None)
    )
    answer = module(given, given, given) if name == "MultiheadAttention" else module(given)
    made = tuple((answer[0] if isinstance(answer, tuple) else answer).shape)
    there = (made[0], *made[2:], made[1]) if rank else made
    flow = network.model.results()[0]
    assert flow is not None
    ours = tuple(2 if str(dim) == "None" else dim for dim in flow.tensor.shape)
    assert [dim for dim in ours if dim != 1] == [dim for dim in there if dim != 1]
    number = sum(weight.numel() for weight in module.parameters())
    extra = network.summary().totals
    if name in ("LSTM", "RNN"):
        assert extra.params == number - {"LSTM": 4, "RNN": 1}[name] * 5
    else:
        assert extra.trainable_params == number


@pytest.mark.parametrize("name", sorted({*torch_names.TORCH, *torch_names.ACTIVATIONS}))
def test_a_name_of_pytorch_without_its_prefix_is_the_same_layer_or_says_so(name: str) -> None:
    """``Conv2d(3,8,3)`` is Keras's Conv2D with other sizes: what is built is what PyTorch builds, or PyTorch is named."""
    arguments, shape = _sample(name)
    given = ",".join(map(str, shape))
    if not arguments and name in NEEDY:  # nothing tells PyTorch's Dropout() from Keras's without its rate
        return
    there = report(f"nn.{name}({arguments})", given)
    here = report(f"{name}({arguments})", given)
    if any(found.code == "E202" for found in here.diagnostics):  # no layer of one input: what is offered is tried
        here = report(here.diagnostics[0].replacement or "", given)
    if any("PyTorch" in (found.help or "") for found in here.diagnostics):
        return
    assert not [found for found in here.diagnostics if found.severity == "error"], here.diagnostics
    meant = report(there.diagnostics[0].replacement or "", given)
    first, second = ([(row.params, row.output_shapes) for row in found.layers] for found in (here, meant))
    assert first == second


@pytest.mark.parametrize("spec", ["Conv2d(8,3)", "conv2d(3,8,3)", "MaxPool2d(2)", "Conv2D(3,8,3)", "Bi(LSTM(3))"])
def test_what_pytorch_could_not_mean_is_not_spoken_of(spec: str) -> None:
    shape = "9,3" if "LSTM" in spec else "28,28,3"
    assert "A118" not in {found.code for found in report(spec, shape).diagnostics}


TORCH_SAMPLES: dict[str, tuple[str, tuple[int, ...]]] = {
    "Linear": ("6, 3", (4, 6)),
    "LazyLinear": ("3", (4, 6)),
    "Embedding": ("9, 3", (4,)),
    "MultiheadAttention": ("6, 2", (4, 6)),
    "LayerNorm": ("6", (4, 6)),
    "GroupNorm": ("2, 4", (4, 4)),
    "LSTM": ("6, 5, batch_first=True", (4, 6)),
    "GRU": ("6, 5, 1, True, True", (4, 6)),
    "RNN": ("6, 5, batch_first=True", (4, 6)),
    "Softmax": ("-1", (4, 6)),
    "Upsample": ("scale_factor=2", ()),
    "Conv": ("4, 8, 3, 2, 1", ()),
    "ConvTranspose": ("4, 8, 3, stride=2", ()),
    "MaxPool": ("2", ()),
    "AvgPool": ("3, 2", ()),
    "AdaptiveAvgPool": ("1", ()),
    "AdaptiveMaxPool": ("1", ()),
    "BatchNorm": ("4", ()),
    "Dropout": ("0.2", (4, 6)),
    "ZeroPad": ("1", ()),
}


# --- a layer by its bare name --------------------------------------------------------------------------------------

NEEDY = sorted(
    kind.name for kind in layers().values() if any(parameter.default is ... for parameter in kind.parameters)
)


@pytest.mark.parametrize("name", NEEDY)
def test_a_layer_without_what_it_needs_is_shown_as_it_is_written(name: str) -> None:
    """The help has the names of what is needed and the command that tells more; a call that it shows can be made."""
    help = next(found.help for found in errors(name, None) if found.code == "E105")
    assert help is not None
    assert help.endswith(f"; seqshape explain {name} tells more")
    shown = re.search(r", such as (.+?);", help)
    if shown is not None:
        assert not {"E103", "E104", "E105"} & {found.code for found in errors(shown[1], None)}


# --- promises --------------------------------------------------------------------------------------------------------

LAYERS = (
    "LSTM({},seq)", "GRU({},seq)", "Bi(LSTM({},seq))", "Conv1D({},3,same)", "Dropout(0.5)", "BN", "Dense({})", "TD(Dense({}))",
    "LN", "relu", "SimpleRNN({},seq)",
)  # fmt: skip
ENDS = ("LSTM({})>Dense({})", "GAP1D>Dense({})", "TD(Dense({}))", "Flatten>Dense({})", "GRU({})", "Conv1D({},2)")
Spoil = Callable[[str, str, random.Random], tuple[str, str]]


def _once(pattern: str, other: str) -> Spoil:
    """A spoil that changes one match of a pattern in the spec."""

    def spoil(text: str, shape: str, source: random.Random) -> tuple[str, str]:
        found = list(re.finditer(pattern, text))
        if not found:
            return text, shape
        match = source.choice(found)
        return text[: match.start()] + match.expand(other) + text[match.end() :], shape

    return spoil


SPOILS: dict[str, Spoil] = {
    "seq": _once(r",seq\b", ""),
    "batch": lambda text, shape, source: (text, shape if shape.startswith("None") else f"None,{shape}"),
    "percent": _once(r"Dropout\(0\.(\d)\)", r"Dropout(\g<1>0)"),
    "flag": _once(r"\bseq\b", "sqe"),
    "class": _once(r"\bDense\b", "Dens"),
    "units": _once(r"\bDense\((\d+)\)", r"Dense(output_dim=\1)"),
    "linear": _once(r"\bDense\((\d+)\)", r"Linear(4,\1)"),
    "border": _once(r"(Conv1D\(\d+,3),same\)", r'\1,border_mode="same")'),
    "padding": _once(r"(Conv1D\(\d+,3),same\)", r"\1,padding=1)"),
    "flatten": _once(r"(?<=>)(?=TD\()", "Flatten>"),
}


def _sound(seed: str, number: int) -> Iterator[tuple[str, str]]:
    """Random sound networks on sequences, with the shape of their input."""
    source = random.Random(seed)
    while number:
        names = [*source.choices(LAYERS, k=source.randint(1, 5)), source.choice(ENDS)]
        text = ">".join(re.sub(r"\{\}", lambda _: str(source.randint(2, 40)), name) for name in names)
        if not errors(text, "10,4"):
            number -= 1
            yield text, "10,4"


@pytest.mark.parametrize("kinds", [1, 2, 3])
def test_spoiled_networks_are_mended(kinds: int) -> None:
    """What is offered always runs; of one to three slips at least 95 of 100 networks are mended whole."""
    source, wrong, mended, number = random.Random(kinds), [], Counter[str](), 0
    for text, shape in _sound(f"spoiled-{kinds}", 60):
        chosen = source.sample(sorted(SPOILS), kinds)
        spoiled, given = text, shape
        for kind in chosen:
            spoiled, given = SPOILS[kind](spoiled, given, source)
        found = errors(spoiled, given)
        if not found:
            continue
        number += 1
        wrong += list(unsound(spoiled, given))
        offered = {(one.replacement, one.input) for one in found}
        (text_after, shape_after), whole = offered.pop(), len(offered) == 0
        whole = whole and (text_after, shape_after) != (None, None)
        if whole and not errors(text_after or spoiled, shape_after or given):
            mended["whole"] += 1
        else:
            mended[f"{spoiled} {given}"] += 1
    assert wrong == []
    assert number > 25
    assert mended["whole"] >= 0.95 * number, mended


def test_the_search_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large network that nothing mends is walked a few times; a small one 200 times at most."""
    walks: list[int] = []
    plain = trial.reread
    monkeypatch.setattr(
        trial, "reread", lambda network, *rest: (walks.append(len(network.graph.nodes)), plain(network, *rest))[1]
    )
    assert errors(">".join(["LSTM(8,seq)"] * 3000 + ["Flatten", "LSTM(3)", "Conv2D(3,3)", "Reshape(7,7)"]), "10,4")
    assert sum(walks) <= (trial.LEAST_TRIALS + 2) * 3100
    walks.clear()
    assert errors(">".join(["Dense(8)>Flatten>LSTM(3)>Reshape(7,7)"] * 9), "10,4")
    assert len(walks) <= search.MOST_TRIALS


def test_the_search_finds_the_same_every_time() -> None:
    spec = "LSTM(32)>Dropout(50)>LSTM(32)>Conv1D(8,3,padding=1)>Flatten>TD(Dense(1))"
    first = errors(spec, "10,4")
    assert first == errors(spec, "10,4")
    assert first[0].replacement is not None


def test_fifty_layers_are_mended_quickly() -> None:
    """Six missing seq among fifty layers: each is looked for once, and few walks are spent on anything else."""
    layers = [
        "LSTM(8)" if place in (3, 11, 19, 27, 35, 43) else "LSTM(8,seq)" if place % 3 == 0 else "Dropout(0.1)"
        for place in range(50)
    ]
    spec = ">".join(layers)
    network = analyse(spec, "10,4")
    (found,) = [one for one in network.diagnostics if one.severity == "error"]
    assert found.replacement == spec.replace("LSTM(8)>", "LSTM(8,seq)>")


# --- configs ---------------------------------------------------------------------------------------------------------


def _layer(name: str, **config: object) -> dict[str, object]:
    return {"class_name": name, "config": config}


TIMED = {"class_name": "TimeDistributed", "config": {"layer": _layer("Dense", units=1)}}
CONFIGS = [
    ([10, 4], [_layer("LSTM", units=8, return_sequences=False), _layer("LSTM", units=8), _layer("LSTM", units=8)]),
    ([10, 4], [_layer("LSTM", units=8), _layer("Dropout", rate=20), _layer("LSTM", units=8)]),
    ([10, 4], [_layer("LSTM", units=8, return_sequences=True), _layer("Flatten"), TIMED]),
    ([9, 9, 1], [_layer("Conv2D", filters=3, kernel_size=[3, 3]), _layer("LSTM", units=8)]),
]


@pytest.mark.parametrize(("shape", "layers"), CONFIGS)
def test_a_config_is_mended_in_its_own_words(shape: list[int], layers: list[object]) -> None:
    first = _layer("InputLayer", batch_shape=[None, *shape])
    text = json.dumps({"class_name": "Sequential", "config": {"layers": [first, *layers]}}, indent=1)
    found = errors(text, None)
    (mended,) = {one.replacement for one in found}
    assert mended is not None
    assert "/config/layers/" in str(found[0].help) or "leave it out" in str(found[0].help)
    assert errors(mended, None) == []


def test_every_value_of_a_config_has_its_place() -> None:
    data = {"a": [1, {"b/c": None, "~": "x, ]"}], "d": {}, "e": [], "f": [[2.5, True]]}
    text = json.dumps(data, indent=2)
    found = dict(places(text))
    assert {pointer: json.loads(text[span.start : span.stop]) for pointer, span in found.items()} == {
        "": data, "/a": data["a"], "/a/0": 1, "/a/1": {"b/c": None, "~": "x, ]"}, "/a/1/b~1c": None, "/a/1/~0": "x, ]",
        "/d": {}, "/e": [], "/f": [[2.5, True]], "/f/0": [2.5, True], "/f/0/0": 2.5, "/f/0/1": True,
    }  # fmt: skip
