"""Multiply-adds as seqshape and its peers count them, side by side: one model a line, for one sample.

Each peer is run in its own way where it is installed. ``truth`` is what the matrix products and convolutions need,
worked out by hand; what counts FLOPs should say twice as much. Keras itself counts neither. Gradients are on, so that
PyTorch takes no fused path that peers cannot see into.
"""

from __future__ import annotations

from benchmarks.children import Python

PEERS = ("torchinfo", "fvcore", "ptflops", "torchprofile", "thop", "FlopCounterMode")
ENCODER = "a = (x,x) > MHA(12,64); y = (x,a) > Add > LN; f = y > Dense(3072,relu) > Dense(768); x = (y,f) > Add > LN"
# The name, what it takes by hand, the spec and its input.
MODELS: tuple[tuple[str, int, str, str | None], ...] = (
    ("linear 10→20", 10 * 20, "Dense(20)", "10"),
    ("linear on 7 steps", 7 * 10 * 20, "Dense(20)", "7,10"),
    ("conv 3→8, 3×3", 16 * 16 * 8 * 3 * 9, "Conv2D(8,3,same)", "16,16,3"),
    ("depthwise 8, 3×3", 16 * 16 * 8 * 9, "DWConv2D(3,same)", "16,16,8"),
    ("transposed conv 4→8, 2×2 s2", 8 * 8 * 4 * 8 * 4, "Conv2DTranspose(8,2,s=2)", "8,8,4"),
    ("RNN 8→16, 10 steps", 10 * 16 * 24, "SimpleRNN(16,seq)", "10,8"),
    ("LSTM 8→16, 10 steps", 10 * 4 * 16 * 24, "LSTM(16,seq)", "10,8"),
    ("GRU 8→16, 10 steps", 10 * 3 * 16 * 24, "GRU(16,seq)", "10,8"),
    ("2 × bidirectional LSTM", 10 * 8 * 16 * (24 + 48), "Bi(LSTM(16,seq))>Bi(LSTM(16,seq))", "10,8"),
    ("attention, 4 heads", 4 * 10 * 64 * 64 + 2 * 10 * 10 * 64, "x = Input(10,64); (x,x) > MHA(4,16)", None),
    ("BatchNorm", 0, "BN", "16,16,8"),
    ("LayerNorm", 0, "LN", "10,64"),
    ("one layer used twice", 2 * 8 * 8, "d = Dense(8); x = Input(8); x > d > d", None),
    ("LSTM(5) > Dense(1)", 5 * (4 * 5 * 6 + 5), "LSTM(5,seq)>TD(Dense(1))", "5,1"),
    (
        "12 encoder layers",
        12 * (4 * 128 * 768**2 + 2 * 128**2 * 768 + 2 * 128 * 768 * 3072),
        "; ".join(["x = Input(128,768)", *[ENCODER] * 12, "x"]),
        None,
    ),
    ("ResNet-50, 224×224", 4_089_184_256, "", "224,224,3"),
)
CHILD = """
import importlib, io, json, sys, warnings, contextlib, logging
import torch
from torch import nn
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
class First(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner
    def forward(self, x):
        return self.inner(x)[0]
class Attends(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.MultiheadAttention(64, 4, batch_first=True)
    def forward(self, x):
        return self.inner(x, x, x)[0]
class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(8, 8)
    def forward(self, x):
        return self.inner(self.inner(x))
class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.dense = nn.LSTM(1, 5, batch_first=True), nn.Linear(5, 1)
    def forward(self, x):
        return self.dense(self.lstm(x)[0])
class Bottleneck(nn.Module):
    def __init__(self, wide, narrow, stride):
        super().__init__()
        def conv(i, o, k, s):
            return nn.Sequential(nn.Conv2d(i, o, k, s, k // 2, bias=False), nn.BatchNorm2d(o))
        self.one, self.two, self.three = conv(wide, narrow, 1, 1), conv(narrow, narrow, 3, stride), conv(narrow, 4 * narrow, 1, 1)
        self.beside = conv(wide, 4 * narrow, 1, stride) if stride > 1 or wide != 4 * narrow else nn.Identity()
    def forward(self, x):
        return torch.relu(self.three(torch.relu(self.two(torch.relu(self.one(x))))) + self.beside(x))
def resnet():
    layers, wide = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], 64
    for number, (narrow, times) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
        for place in range(times):
            layers.append(Bottleneck(wide, narrow, 2 if number and not place else 1))
            wide = 4 * narrow
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(wide, 1000))
rnn = lambda kind, **words: First(kind(8, 16, batch_first=True, **words))
MODELS = [
    (lambda: nn.Linear(10, 20), (10,)), (lambda: nn.Linear(10, 20), (7, 10)),
    (lambda: nn.Conv2d(3, 8, 3, padding=1), (3, 16, 16)), (lambda: nn.Conv2d(8, 8, 3, padding=1, groups=8), (8, 16, 16)),
    (lambda: nn.ConvTranspose2d(4, 8, 2, 2), (4, 8, 8)), (lambda: rnn(nn.RNN), (10, 8)), (lambda: rnn(nn.LSTM), (10, 8)),
    (lambda: rnn(nn.GRU), (10, 8)), (lambda: rnn(nn.LSTM, num_layers=2, bidirectional=True), (10, 8)),
    (Attends, (10, 64)), (lambda: nn.BatchNorm2d(8), (8, 16, 16)), (lambda: nn.LayerNorm(64), (10, 64)), (Twice, (8,)),
    (Small, (5, 1)),
    (lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(768, 12, 3072, batch_first=True), 12), (128, 768)),
    (resnet, (3, 224, 224)),
]
def torchinfo(model, x):
    from torchinfo import summary
    return summary(model, input_data=x, verbose=0).total_mult_adds
def fvcore(model, x):
    from fvcore.nn import FlopCountAnalysis
    return FlopCountAnalysis(model, x).total()
def ptflops(model, x):
    from ptflops import get_model_complexity_info
    return get_model_complexity_info(model, tuple(x.shape[1:]), as_strings=False, print_per_layer_stat=False)[0]
def torchprofile(model, x):
    from torchprofile import profile_macs
    return profile_macs(model, x)
def thop(model, x):
    from thop import profile
    return profile(model, inputs=(x,), verbose=False)[0]
def FlopCounterMode(model, x):
    from torch.utils.flop_counter import FlopCounterMode
    counter = FlopCounterMode(display=False)
    with counter:
        model(x)
    return counter.get_total_flops()
found = {}
for peer in json.loads(sys.argv[1]):
    module = "torch" if peer == "FlopCounterMode" else peer
    if importlib.util.find_spec(module) is None:
        found[peer] = None
        continue
    found[peer] = []
    for make, shape in MODELS:
        torch.manual_seed(0)
        model, x = make().eval(), torch.randn(1, *shape)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                count = globals()[peer](model, x)
        except Exception as problem:
            count = None
        found[peer].append(None if count is None else int(count))
print(json.dumps(found))
"""


def resnet() -> str:
    """ResNet-50 as torchvision has it: the stride stands at the 3×3 convolution of a block."""
    steps, wide = ["x = Input(224,224,3) > Conv2D(64,7,s=2,same,nobias) > BN > relu > MP2D(3,s=2,same)"], 64
    for number, (narrow, times) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
        for place in range(times):
            stride = 2 if number and not place else 1
            main = f"Conv2D({narrow},1,nobias) > BN > relu > Conv2D({narrow},3,s={stride},same,nobias) > BN > relu"
            steps.append(f"y = x > {main} > Conv2D({4 * narrow},1,nobias) > BN")
            if stride > 1 or wide != 4 * narrow:
                steps.append(f"x = x > Conv2D({4 * narrow},1,s={stride},nobias) > BN")
            steps.append("x = (x,y) > Add > relu")
            wide = 4 * narrow
    return "; ".join([*steps, "x > GAP2D > Dense(1000)"])


def ours() -> list[int]:
    """What seqshape counts."""
    import seqshape

    found = []
    for _, _, spec, shape in MODELS:
        summary = seqshape.summarize(spec, shape, advice=False) if spec else seqshape.summarize(resnet(), advice=False)
        found.append(summary.totals.macs)
    return [count for count in found if isinstance(count, int)]


def table(python: Python) -> str:
    """The table in Markdown; what is wrong by a factor, or not counted at all, is in bold."""
    import json

    said = python.says(CHILD, json.dumps(PEERS)) or dict.fromkeys(PEERS)
    rows = [["model", "truth", "seqshape", *PEERS], [":--", *["--:"] * (len(PEERS) + 2)]]
    for place, ((name, truth, _, _), count) in enumerate(zip(MODELS, ours(), strict=True)):
        cells = [name, f"{truth:,}", _cell(count, truth)]
        for peer in PEERS:
            counts = said[peer]
            wanted = 2 * truth if peer == "FlopCounterMode" else truth
            cells.append("not installed" if counts is None else _cell(counts[place], wanted))
        rows.append(cells)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(count: int | None, truth: int) -> str:
    """A count; in bold where it is more than a tenth off."""
    if count is None:
        return "**fails**"
    is_near = abs(count - truth) * 10 <= truth
    return f"{count:,}" if is_near else f"**{count:,}**"
