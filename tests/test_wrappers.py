"""Layers around layers beside the real Keras: TimeDistributed asks without looking, SpectralNormalization adds a weight."""

from __future__ import annotations

import pytest

from seqshape import summarize
from seqshape.network import Network
from seqshape.readers.spec import read_spec
from tests.oracle.recipe import Input, Layer, Recipe

Shape = tuple[int | None, ...]

# What TimeDistributed holds, and steps of one axis less, of the right number, of one more.
HELD: list[tuple[Layer, list[Shape]]] = [
    (Layer("AveragePooling1D", (2,)), [(6,), (6, 3), (6, 5, 3)]),
    (Layer("MaxPooling2D", ((2, 3),)), [(6, 3), (6, 5, 3), (6, 7, 5, 3), (6, 7, 8, 5, 3)]),
    (Layer("MaxPooling2D", (2,), {"padding": "same"}), [(6, 3), (6, 5, 3), (None, 5, 3)]),
    (Layer("MaxPooling1D", (), {"data_format": "channels_first"}), [(6,), (3, 6), (3, 6, 8)]),
    (Layer("GlobalMaxPooling1D"), [(6,), (6, 3), (6, 5, 3)]),
    (Layer("GlobalAveragePooling2D", (), {"keepdims": True}), [(6, 3), (6, 5, 3), (6, 7, 5, 3)]),
    (Layer("GlobalMaxPooling2D", ("channels_first", True)), [(6, 3), (6, 5, 3), (6, 7, 5, 3)]),
    (Layer("SpatialDropout1D", (0.5,)), [(6,), (6, 3), (6, 5, 3)]),
    (Layer("ZeroPadding1D", ((1, 2),)), [(), (6,), (6, 3), (6, 5, 3)]),
    (Layer("ZeroPadding2D", (((1, 0), (2, 1)),)), [(6,), (6, 3), (6, 5, 3), (6, 7, 5, 3)]),
    (Layer("ZeroPadding2D", (1, "channels_first")), [(6, 3), (6, 5, 3), (6, 7, 5, 3)]),
    (Layer("Cropping1D", (1,)), [(6,), (6, 3), (6, 5, 3)]),
    (Layer("Conv2DTranspose", (4, 2)), [(3,), (6, 3), (6, 5, 3), (6, 7, 5, 3)]),
    (Layer("Conv1D", (4, 2)), [(3,), (6, 3), (6, 5, 3)]),
    (Layer("GRU", (4,)), [(3,), (6, 3), (6, 5, 3)]),
    (Layer("LSTM", (4,), {"return_sequences": True}), [(6, 3), (6, 5, 3)]),
    (Layer("Bidirectional", (Layer("SimpleRNN", (4,)),)), [(3,), (6, 3), (6, 5, 3)]),
    (Layer("TimeDistributed", (Layer("ZeroPadding1D"),)), [(6,), (6, 3), (6, 5, 3)]),
    (Layer("RepeatVector", (2,)), [(3,), (6, 3)]),
    (Layer("GRUCell", (4,)), [(3,)]),
    (Layer("StackedRNNCells", ([Layer("GRUCell", (4,))],)), [(3,)]),
    (Layer("Pipeline", ([Layer("Rescaling", (0.5,))],)), [(6, 5, 3)]),
    (Layer("MultiHeadAttention", (2, 2)), [(6, 3)]),
]


@pytest.mark.oracle
@pytest.mark.parametrize(("layer", "steps"), HELD, ids=[layer.class_name for layer, _ in HELD])
def test_time_distributed_is_as_in_keras(layer: Layer, steps: list[Shape]) -> None:
    from tests.fuzz.check import verdict

    for shape in steps:
        recipe = Recipe("Sequential", (Input("x", (4, *shape)), Layer("TimeDistributed", (layer,))))
        assert verdict(recipe).disagreements == (), shape


NORMALIZED: list[tuple[Layer, Shape]] = [
    (Layer("Dense", (3,)), (7, 3)),
    (Layer("Dense", (3,), {"lora_rank": 1}), (7, 3)),
    (Layer("Dense", (3,), {"trainable": False}), (7, 3)),
    (Layer("Dense", (3,), {"dtype": "float16"}), (7, 3)),
    (Layer("Dense", (3,), {"dtype": "int8_from_float32"}), (7, 3)),
    (Layer("Embedding", (4, 4), {"lora_rank": 2}), (3,)),
    (Layer("DepthwiseConv1D", (2,)), (7, 3)),
    (Layer("SpectralNormalization", (Layer("Dense", (3,)),)), (7, 3)),
    (Layer("SpectralNormalization", (Layer("Dense", (3,), {"lora_rank": 1}),)), (7, 3)),
    (Layer("LSTM", (3,)), (7, 3)),
    (Layer("SimpleRNNCell", (3,)), (3,)),
    (Layer("SeparableConv1D", (3, 2)), (7, 3)),
]


@pytest.mark.oracle
@pytest.mark.parametrize(("layer", "shape"), NORMALIZED)
def test_spectral_normalization_is_as_in_keras(layer: Layer, shape: Shape) -> None:
    from tests.fuzz.check import verdict

    for options in ({}, {"dtype": "bfloat16"}):
        recipe = Recipe("Sequential", (Input("x", shape), Layer("SpectralNormalization", (layer,), options)))
        assert verdict(recipe).disagreements == (), options


@pytest.mark.parametrize(
    ("call", "shape", "message"),
    [
        ("TD(GRUCell(2))", (4, 3), "cannot ask GRUCell for its output shape"),
        ("TD(MHA(2,2))", (4, 5, 3), "cannot ask MultiHeadAttention for its output shape"),
        ("TD(MaxPooling2D((2,3)))", (4, 6, 7, 5, 3), "moves 2 windows, but gets an input with 3 axes"),
        ("SpectralNormalization(GRUCell(2))", (3,), "needs a layer of one input, but GRUCell is a cell"),
        (
            "Dense(2,lora_rank=1,kernel_constraint='non_neg')",
            (3,),
            "cannot have both a lora_rank and a kernel_constraint",
        ),
        ("ReversibleEmbedding(4,3,tie_weights=False,lora_rank=1)", (3,), "only where both ways share one table"),
        ("LeakyReLU(1, 1.0)", (3,), "takes at most one argument, but gets 2"),
        ("LeakyReLU(alpha=None)", (3,), "has to be a number"),
    ],
)
def test_refusals(call: str, shape: Shape, message: str) -> None:
    wrong = [found.message for found in Network(read_spec(f"Input(shape={shape}) > {call}")).diagnostics]
    assert any(message in found for found in wrong), wrong


@pytest.mark.parametrize(("cell", "params"), [("LSTMCell(4)", 256), ("[LSTMCell(4),GRUCell(3)]", 418)])
def test_both_directions_have_cells_of_their_own(cell: str, params: int) -> None:
    """Keras copies the layer for each direction, and the cells in it with it."""
    network = Network(read_spec(f"Input(6, 3) > Bi(RNN({cell}, seq))"))
    assert network.summary().totals.params == params


@pytest.mark.parametrize(
    ("shape", "again"),
    [
        ("5,3", "TD(d)"),
        ("2,5,3", "TD(TD(d))"),
        ("5,3", "TD(d > relu)"),
        ("5,3", "TD(Dense(3)) > TD(d)"),
    ],
)
def test_a_layer_that_stands_inside_another_one_too_counts_once(shape: str, again: str) -> None:
    once = summarize(f"Input({shape}) > {again.replace('(d', '(Dense(3)')}").totals
    found = summarize(f"d = Dense(3)\nInput({shape}) > d > {again}").totals
    assert (found.params, found.bytes) == (once.params, once.bytes)
