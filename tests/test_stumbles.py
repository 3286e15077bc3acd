"""Mistakes that people make: each answer names the fault and the way out, in the reader's own words."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqshape.cli import main

FILES = {
    "win.seq": b"LSTM(5,seq)>\r\nTD(Dense(1))\r\n",
    "utf16.seq": "LSTM(5)".encode("utf-16"),
    "lfs.keras": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 12345\n",
    "torchnet.py": b"import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        pass\nmodel = Net()\n",
    "sub.py": b"import keras\nclass Net(keras.Model):\n    def __init__(self, n):\n        super().__init__()\n",
    "load.py": b"import keras\nmodel = keras.models.load_model('x.keras')\n",
    "func.py": b"import keras\ndef build(units):\n    return keras.Sequential([keras.layers.Dense(units)])\n",
    "empty.py": b"",
    "cn.py": b"import keras\nm = keras.Sequential([keras.Input((3,))])\n"
    b"for _ in range(5): m.add(keras.layers.Activation('linear'))\n",
}
# The words of a command, and what has to be in its answer.
STUMBLES = [
    ("summarize 'x = Input(5,1); GRU(7)(x)'", "write x > GRU(7)"),
    ("summarize 'x = Input(5,1); Dense(2, \"relu\")(LSTM(4)(x))'", 'write x > LSTM(4) > Dense(2, "relu")'),
    ("summarize 'x = Input(5,1); Add()([x, x])'", "write (x, x) > Add()"),
    ("summarize 'Flatten()()' -i 5", "leave out the second brackets: Flatten()"),
    ("summarize '[LSTM(5), Dense(1)]' -i 5,1", "warning[W102]"),
    ("sweep 'Dense({4|8})' -i 5", "choices have commas between them"),
    ("summarize 'Dense({4,8})' -i 5", "seqshape sweep takes all of them"),
    ("summarize 'Bi(LSTM(4),seq)' -i 5,1", "seq belongs to the layer inside: write Bi(LSTM(4,seq))"),
    ("summarize 'TD(Dense(4),relu)' -i 5,1", "write TD(Dense(4,relu))"),
    ("summarize 'LSTM(5,batch_first=True)' -i 5,1", "batch_first is a word of PyTorch"),
    ("summarize 'Dense(out_features=8)' -i 5", "write  Dense(units=8)"),
    ("summarize 'LSTM(8,foo=1)' -i 5,1", "11 more: seqshape layers LSTM"),
    ("summarize 'Conv2D(8,3)>Flatten' -i 1,28,28", "Keras has the channels last: write -i 28,28,1"),
    ("summarize 'Conv2D(8,3)' -i 3,224,224", "-i 224,224,3"),
    ("summarize 'LSTM(5)' -i 32,10,4", "if 32 is the number of samples, leave it out: -i 10,4"),
    ("summarize 'LSTM(units=5, True)' -i 5,1", "       ------- here first"),
    ("summarize 'x = Input(3,2); TD(x > Dense(2))'", "leave x out"),
    ("summarize 'Dense(3)' -i 5 --set T=3", "a size is named in -i or an Input: -i T,3"),
    ("summarize win.seq -i 5,1", "help: write\n  LSTM(5,seq)>\n  Dense(1)\n"),
    ("summarize utf16.seq -i 5,1", "it is a text in UTF-16\nhelp: save it as UTF-8"),
    ("summarize lfs.keras", "it is a pointer of Git LFS"),
    ("summarize torchnet.py", "Net is a module of PyTorch"),
    ("summarize sub.py", "sub.py::Net --call 'n=…'"),
    ("summarize load.py", "give seqshape that file, x.keras"),
    ("summarize func.py", "func.py::build --call 'units=…'"),
    ("summarize empty.py", "give the file that builds it"),
    ("summarize fun.py", "did you mean func.py?"),
    ("summarize win.sq", "did you mean win.seq?"),
    ("summarize no/where.keras", "there is no folder no here"),
    ("summarize cn.py", "passes its input on as it is\n --> cn.py:3:50\n"),
    ("summarize cn.py", "  5 times in all"),
    ("summarize 'Dense(3)' -i 5 -o out.png", ".png says no form; the endings are .json"),
    ("sweep 'Dense(3..4)' -i 5 -o out.xlsx", ".xlsx says no form"),
    ("sweep 'Dense(3..5)' -i 5 --where 'params<20'", "1 has params<20"),
    ("sweep 'Dense(u)' -i 4 --set u=1..3", "\n3 configurations"),
    ("check 'LSTM({8,16},seq)' -i T,3 --max-params 2k", "ok: 2 configurations, each of at most 2,000 parameters"),
    ("check 'LSTM({8,16},seq)' -i T,3 --max-params 1k", "the most, 1,280, with units = 16"),
    (
        "check 'LSTM({8,16},seq)' -i T,3 --max-macs 1k",
        "error[E503]: whether there are at most 1,000 multiply-adds depends",
    ),
    (
        "check 'LSTM({8,16},seq)' -i 5,3 --target 5,8",
        "error[E503]: the fit to labels of several networks is not checked",
    ),
    ("check 'LSTM({8,16},seq)' -i T,3 --expect-output T,8", "error[E503]: whether the output is (T, 8) depends on T"),
    ("solve 'LSTM(?)' -i 100,8 --params 10", "with 1 there are 40 parameters"),
    ("explain E000", "lists all codes"),
    ("explain E1", "a code is a letter and three digits"),
    ("explain nn.Linear", "is a layer of PyTorch"),
    ("explain hidden_size", "in Keras it is units"),
    ("explain compile", "Nothing is trained here"),
]


@pytest.mark.parametrize(("line", "answer"), STUMBLES)
def test_the_answer_says_what_to_do(line: str, answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, data in FILES.items():
        Path(name).write_bytes(data)
    found = CliRunner().invoke(main, shlex.split(line))
    assert answer in found.output, found.output
    assert found.exit_code in (0, 1, 2)


def test_the_bytes_of_two_layers_of_one_name_are_those_of_both() -> None:
    found = CliRunner().invoke(main, ["summarize", 'Dense(2,name="a")>Dense(3,name="a")', "-i", "5"])
    assert " Trainable params: 21 (84.00 B)\n Non-trainable params: 0 (0.00 B)\n" in found.output
