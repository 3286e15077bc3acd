"""Each piece of advice fires where it should, and stays silent on the nearest harmless spec."""

from __future__ import annotations

import pytest

from seqshape.analysis.advice import CHECKS, advise
from seqshape.api import analyse
from seqshape.codes import CODES

CASES = {
    "A101": ("TD(Dense(4))", "TD(Conv1D(4,2))", "5,6,3"),
    "A102": ("LSTM(5)>Reshape(5,1)>LSTM(2)", "LSTM(5,seq)>LSTM(2)", "8,2"),
    "A103": ("LSTM(5,seq)>Flatten>Dense(3)", "LSTM(5,seq)>GAP1D>Dense(3)", "8,2"),
    "A104": ("Dense(1,softmax)", "Dense(1,sigmoid)", "8"),
    "A105": ("Dense(4)>BN", "Dense(4,nobias)>BN", "8"),
    "A107": ("Dense(4)>Dropout(0.5)", "Dropout(0.5)>Dense(4)", "8"),
    "A108": (
        "x=Input(7); x>Emb(9,4,mask_zero=True)>Conv1D(4,2)>LSTM(3)",
        "x=Input(7); x>Emb(9,4,mask_zero=True)>LSTM(3)",
        None,
    ),
    "A109": ("Dense(4)>Dense(4)", "Dense(4,relu)>Dense(4)", "8"),
    "A110": ("Conv1D(4,9,same)", "Conv1D(4,5,same)", "5,2"),
    "A111": ("Dense(4)>Emb(5,4)", "Emb(5,4)>Dense(4)", "5"),
    "A112": ("Conv1D(8,3,same)>LSTM(4,seq)>Flatten>Dense(500)", "Conv1D(8,3,same)>LSTM(4,seq)>GAP1D>Dense(500)", "64,2"),
    "A113": ("Permute(2,1)>LSTM(3)", "LSTM(3)", "8,2"),
}


def codes(spec: str, shape: str | None) -> set[str]:
    return {found.code for found in advise(analyse(spec, shape, kind="spec"))}


@pytest.mark.parametrize("code", CASES)
def test_advice_fires_and_stays_silent(code: str) -> None:
    odd, harmless, shape = CASES[code]
    assert code in codes(odd, shape)
    assert code not in codes(harmless, shape)


def test_every_piece_of_advice_is_tested_and_has_a_page() -> None:
    assert set(CHECKS) == set(CASES)
    assert set(CHECKS) <= set(CODES)


def test_advice_can_be_chosen() -> None:
    network = analyse("Dense(4)>Dense(1,softmax)", "8")
    assert {found.code for found in advise(network, select=("A104",))} == {"A104"}
    assert "A104" not in {found.code for found in advise(network, ignore=("A104",))}
