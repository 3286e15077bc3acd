"""A layer that is called again: what its first call has fixed is held, nothing else, as in Keras."""

from __future__ import annotations

from typing import Any

import pytest

from seqshape.keras import pinned
from seqshape.network import Network
from seqshape.readers.spec import read_spec
from seqshape.registry import layers

Shape = tuple[int | None, ...]

# A layer, the shape of its first input, and those of second ones.
TWICE: list[tuple[str, Shape, list[Shape]]] = [
    ("Dense(2)", (5, 3), [(5, 4), (3,), (5, None), (9, 5, 3)]),
    ("BatchNormalization()", (5, 3), [(9, 3), (5, 4), (3,), (2, 5, 3), (5, None)]),
    ("BatchNormalization(1,center=False,scale=False)", (5, 3), [(5, 4), (6, 3)]),
    ("GroupNormalization(1)", (5, 4), [(9, 4), (5, 3), (4,), (5, None)]),
    ("GroupNormalization(2,center=False,scale=False)", (5, 4), [(5, 6), (9, 4)]),
    ("LayerNormalization()", (5, 3), [(5, 4), (3,), (5, None)]),
    ("EinsumDense('...x,xy->...y',2)", (5, 3), [(3,), (9, 3), (2, 5, 3)]),
    ("PReLU()", (5, 3), [(5, 4), (5, 3, 2), (None, 3)]),
    ("PReLU(shared_axes=1)", (5, 3), [(9, 3), (5, 4), (None, 3)]),
    ("SpectralNormalization(Embedding(4,3))", (5,), [(5, 2), (6,), (None,)]),
    ("SpectralNormalization(Dense(4,use_bias=False))", (5, 3), [(5, 2), (9, 3), (3,)]),
    ("Conv1D(2,1)", (5, 3), [(5, 4), (9, 3), (5, None)]),
    ("Conv1D(2,1,channels_first)", (5, 3), [(5, 4), (4, 3), (None, 3)]),
    ("DepthwiseConv1D(1)", (5, 3), [(9, 3), (5, 4), (5, None)]),
    ("SeparableConv1D(2,1)", (5, 3), [(9, 3), (5, 4), (5, None)]),
    ("Conv2DTranspose(2,1)", (5, 3, 2), [(5, 3, 4), (9, 3, 2), (5, 3, None)]),
    ("LSTM(2)", (5, 3), [(5, 4), (9, 3), (5, None), (3,)]),
    ("RNN(GRUCell(2))", (5, 3), [(5, 4), (2,), (5, None), ()]),
    ("ConvLSTM1D(2,1)", (5, 4, 3), [(5, 9, 3), (5, None, 3), (None, 4, 3), (5, 4, 2)]),
    ("Normalization()", (5, 3), [(5, 4), (5, None), (3,)]),
    ("TimeDistributed(Dense(2))", (5, 3), [(5, 4), (9, 3), (5, None)]),
    ("Bidirectional(GRU(2))", (5, 3), [(5, 4), (9, 3), (3,)]),
    ("Embedding(4,2)", (5,), [(6,), (5, 2), (None,)]),
]
CASES = [(call, first, second) for call, first, others in TWICE for second in others]


def twice(call: str, first: Shape, second: Shape) -> Network:
    return Network(read_spec(f"x = Input(shape={first}); z = Input(shape={second}); l = {call}; (x > l, z > l)"))


def keras_twice(call: str, first: Shape, second: Shape) -> Any:
    """The output shapes of both calls, or ``None`` if Keras refuses the second."""
    import keras

    from tests.oracle import keras_oracle

    names = {name: getattr(keras.layers, name) for name in dir(keras.layers)}
    with keras_oracle.session():
        layer = eval(call.replace("channels_first", "data_format='channels_first'"), names)
        outputs = [layer(keras.Input(first)).shape]
        try:
            return [*outputs, layer(keras.Input(second)).shape]
        except (ValueError, TypeError, IndexError):
            return None


@pytest.mark.oracle
@pytest.mark.parametrize(("call", "first", "second"), CASES)
def test_a_second_call_is_as_in_keras(call: str, first: Shape, second: Shape) -> None:
    network, wanted = twice(call, first, second), keras_twice(call, first, second)
    wrong = [found.message for found in network.diagnostics if found.severity == "error"]
    assert bool(wrong) == (wanted is None), wrong
    if wanted is not None:
        shapes = [
            tuple(dim if isinstance(dim, int) else None for dim in port.shape) for port in network.summary().outputs
        ]
        assert shapes == [tuple(shape) for shape in wanted]


def test_the_message_says_what_is_fixed() -> None:
    (wide,) = twice("Dense(2)", (5, 3), (5, 4)).diagnostics
    assert wide.code == "E205"
    assert "axis -1 has to stay 3" in wide.message
    (deep,) = twice("BatchNormalization()", (5, 3), (2, 5, 3)).diagnostics
    assert deep.code == "E205"
    assert "which has 4 dims and not 3" in deep.message


def test_the_words_are_known() -> None:
    words = [(name, word) for name, kind in layers().items() for word in kind.pinned]
    assert words
    assert [pair for pair in words if pair[1] not in pinned.PINS] == []


def test_named_sizes_are_held_to_the_first() -> None:
    network = Network(read_spec("x = Input(T,F); z = Input(T,3); l = Dense(2); (x > l, z > l)"))
    assert [found.severity for found in network.diagnostics if found.severity == "error"] == []
    assert [(str(need.left), need.relation, need.right) for need in network.session.needs] == [("F", "=", 3)]
