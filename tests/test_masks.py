"""Masks: what each layer does with one, held against what real Keras says when it builds the network."""

from __future__ import annotations

import random
import re
import warnings
from typing import Any

import pytest

from seqshape import SeqshapeError, summarize
from seqshape.analysis.masks import show_masks
from seqshape.answers import analyse
from seqshape.summary import Summary

MAKERS = ("Masking(1.0)", "Emb(9,4,mask_zero=True)")
BEHIND = (
    "Dense(4)", "Dropout(0.2)", "LSTM(4,seq)", "Bi(GRU(2,seq))", "Conv1D(4,2,same)", "MP1D(2,1,same)", "BN", "LN", "relu",
    "TD(Dense(4))", "SpatialDropout1D(0.1)", "Permute(2,1)", "Reshape(-1,4)", "Residual(Dense(4))", "Identity", "UpSampling1D(2)",
    "[Id|Dense(4)]>Concat", "(Dense(4)>LSTM(4,seq))", "[Id|Id]>MHA(1,2)", "ActivityRegularization(0.1)",
)  # fmt: skip
ENDS = ("LSTM(3)", "GAP1D", "GMP1D", "Flatten", "Dense(2)", "Conv1D(2,1)")


def chains(seed: str, number: int) -> list[tuple[str, tuple[int, ...]]]:
    """Random chains behind a layer that makes a mask."""
    source, found = random.Random(seed), []
    while len(found) < number:
        maker = source.choice(MAKERS)
        text = ">".join([maker, *source.choices(BEHIND, k=source.randint(0, 4)), source.choice(ENDS)])
        shape = (6, 4) if maker == MAKERS[0] else (6,)
        if not any(one.severity == "error" for one in analyse(text, shape).diagnostics):
            found.append((text, shape))
    return found


def masked(text: str, shape: Any) -> Summary:
    network = analyse(text, shape)
    return show_masks(network.summary(), network)


@pytest.mark.oracle
def test_masks_are_those_of_keras() -> None:
    """Who drops a mask: of each such layer Keras warns. Whether the output has one: its tensor says."""
    from seqshape.exporters.keras_python import write
    from tests.oracle.keras_oracle import keras

    built = 0
    for text, shape in chains("masks", 40):
        summary = masked(text, shape)
        code = {"keras": keras}
        network = analyse(text, shape)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                exec(write(network), code)
            except ValueError:  # of the nodes that masks add, two may have one name
                continue
            built += 1
            model = next(value for value in code.values() if isinstance(value, keras.Model))
            output = model.outputs[0]
        told = {
            match[1]
            for one in said
            if (match := re.match(r"Layer '(\w+)' .*does not support masking", str(one.message)))
        }
        dropped = {row.name for row in summary.layers if "dropped here" in (row.masks or ())}
        assert dropped == told, text
        last = summary.layers[-1].masks or ()
        assert (getattr(output, "_keras_mask", None) is not None) == bool({"made", "passed on"} & {*last}), text
    assert built > 30


@pytest.mark.parametrize(
    ("spec", "shape", "words"),
    [
        ("Masking(20.0)>Conv1D(84,8,gelu)>MP1D(4)>Flatten", "12,17", ["made", "dropped here", "", ""]),
        ("Emb(9,4,mask_zero=True)>Dense(3)>LSTM(3,seq)>LSTM(2)", "5", ["made", "passed on", "used, passed on", "used"]),
        ("Emb(9,4,mask_zero=True)>TD(LSTM(3))", "5,7", ["made", "used, passed on"]),
        ("Emb(9,4)>LSTM(3)", "5", ["", ""]),
    ],
)
def test_what_each_layer_does(spec: str, shape: str, words: list[str]) -> None:
    assert [", ".join(row.masks or ()) for row in masked(spec, shape).layers] == words


def test_inside_a_nested_model() -> None:
    summary = masked("enc = Dense(3)>LSTM(2); Input(5) > Emb(9,4,mask_zero=True) > enc", None)
    assert [row.masks for row in summary.layers[-1].layers][-2:] == [("passed on",), ("used",)]


@pytest.mark.parametrize(
    ("spec", "shape", "mended"),
    [
        ("Masking(20.0)>Conv1D(84,8,gelu)>MP1D(4)>Flatten", "12,17", "Conv1D(84,8,gelu)>MP1D(4)>Flatten"),
        ("Emb(9,4,mask_zero=True)>Dense(3)>Flatten>Dense(1)", "5", "Emb(9,4)>Dense(3)>Flatten>Dense(1)"),
        ("Emb(9,4,mask_zero=True)>Dropout(0.1)>GMP1D", "5", "Emb(9,4)>Dropout(0.1)>GMP1D"),
        ("Emb(9,4,mask_zero=True)>Dense(3)>GAP1D", "5", None),  # it is used
        ("Emb(9,4,mask_zero=True)>Dense(3)", "5", None),  # the loss uses it
        ("x=Input(5)>Emb(9,4,mask_zero=True); (x>Flatten>Dense(2), x>LSTM(2))>Add", None, None),
    ],
)
def test_a_mask_that_nobody_uses(spec: str, shape: str | None, mended: str | None) -> None:
    found = [one for one in summarize(spec, shape).diagnostics if one.code == "A115"]
    assert [one.replacement for one in found] == ([mended] if mended else [])


def test_the_summary_has_masks_where_it_is_asked_for_them() -> None:
    plain = summarize("Emb(9,4,mask_zero=True)>LSTM(3)", (5,))
    assert "masks" not in plain.to_dict()["layers"][0]
    told = summarize("Emb(9,4,mask_zero=True)>LSTM(3)", (5,), columns="masks")
    assert [row["masks"] for row in told.to_dict()["layers"]] == [["made"], ["used"]]
    assert Summary.from_dict(told.to_dict()) == told


@pytest.mark.parametrize("way", ["spec", "program"])
def test_a_number_without_axes_cannot_be_masked(way: str) -> None:
    """Keras refuses it too: a mask compares along the last axis."""
    program = (
        "import keras\na, b = keras.Input(()), keras.Input(())\n"
        "model = keras.Model([a, b], keras.layers.Masking()(keras.ops.allclose(a, b)))\n"
    )
    text = {"spec": "a = Input(())\nb = Input(())\n(a, b) > ops.allclose() > Masking", "program": program}[way]
    with pytest.raises(SeqshapeError, match="along the last axis"):
        summarize(text)
