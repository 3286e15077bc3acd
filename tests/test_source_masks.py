"""Mask operations around a Sequential in a program: rows and names are Keras's, whenever and for whatever it is built."""

from __future__ import annotations

from itertools import product

import pytest

from seqshape.answers import analyse, models
from seqshape.diagnostics import Source
from tests.oracle.compare import differences

PROGRAM = """
import keras
from keras import layers

before = keras.Input((4, 8))
masked = layers.Masking()(before)
block = keras.Sequential([{first}, layers.LSTM(2, return_sequences=True)])
{built}
model = keras.Model(before, [{calls}])
"""
FIRST = [
    f"layers.{kind}dtype='{dtype}')"
    for kind, dtype in product(("Masking(", "Dense(8, ", "LSTM(8, return_sequences=True, "), ("float32", "float16"))
]
BUILT = ("", "block.build((None, 4, 8))", "block(before)", "block.add(layers.Masking())")
CALLS = ("block(masked)", "masked, block(before)", "block(masked), block(masked)", "block(before), block(masked)")


@pytest.mark.oracle
@pytest.mark.parametrize("built", BUILT)
def test_rows_of_masks_are_those_of_keras(built: str) -> None:
    """Keras converts what a Sequential gets before it builds it: in its own dtype the first time, in its input's later."""
    from tests.oracle import keras_oracle

    for first, calls in product(FIRST, CALLS):
        program = PROGRAM.format(first=first, built=built, calls=calls)
        known: dict[str, object] = {}
        with keras_oracle.session():
            exec(program, known)
            record = keras_oracle.describe(known["model"])
        found = analyse(next(one for one in models(Source(program)) if one.name == "model"))
        assert differences(found.summary(), record) == [], program
