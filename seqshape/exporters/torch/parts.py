"""What exported modules need beside torch.nn, where that has no layer that does exactly what Keras's does.

This file is read, never imported: the exporter copies the parts that a network uses. Parameters stand as in Keras.
"""

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Function = Callable[[Tensor], Tensor]

# --- windows ----------------------------------------------------------------------------------------------------------


def pad_same(
    x: Tensor, sizes: Sequence[int], strides: Sequence[int], dilations: Sequence[int], value: float = 0.0
) -> Tensor:
    """Pads the axes behind the channels so that windows give ceil(length / stride) outputs: Keras's padding="same"."""
    margins: list[int] = []
    for length, size, stride, dilation in zip(x.shape[2:], sizes, strides, dilations, strict=True):
        missing = max((math.ceil(length / stride) - 1) * stride + (size - 1) * dilation + 1 - length, 0)
        margins = [missing // 2, missing - missing // 2, *margins]
    return F.pad(x, margins, value=value)


def average_same(x: Tensor, sizes: Sequence[int], strides: Sequence[int]) -> Tensor:
    """Average pooling with padding="same": places of the padding do not count, as in Keras."""
    pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[len(sizes) - 1]
    ones = [1] * len(sizes)
    sums, counts = (pool(pad_same(each, sizes, strides, ones), sizes, strides) for each in (x, torch.ones_like(x)))
    return sums / counts


# --- normalization ----------------------------------------------------------------------------------------------------


class Frozen(nn.Module):
    """A layer that stays in its state of use: Keras's BatchNormalization with trainable=False."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer.eval()

    def train(self, mode: bool = True) -> "Frozen":
        return super().train(False)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)


class RMSScale(nn.Module):
    """Keras's LayerNormalization(rms_scaling=True): divides by the standard deviation, and does not center."""

    def __init__(self, shape: Sequence[int], axes: Sequence[int], epsilon: float) -> None:
        super().__init__()
        self.axes, self.epsilon = tuple(axes), epsilon
        self.gamma = nn.Parameter(torch.ones(shape))

    def forward(self, x: Tensor) -> Tensor:
        spread = torch.sqrt(x.var(dim=self.axes, unbiased=False, keepdim=True) + self.epsilon)
        return x / spread * self.gamma


class Normalization(nn.Module):
    """Shifts and scales by a mean and a variance that are measured, not trained: fill the buffers."""

    def __init__(self, shape: Sequence[int], room: Sequence[int], invert: bool = False) -> None:
        super().__init__()
        self.room, self.invert = tuple(room), invert
        self.register_buffer("mean", torch.zeros(shape))
        self.register_buffer("variance", torch.ones(shape))
        self.register_buffer("count", torch.zeros((), dtype=torch.int32))

    def forward(self, x: Tensor) -> Tensor:
        mean, spread = self.mean.reshape(self.room), self.variance.reshape(self.room).sqrt().clamp_min(1e-7)
        return mean + x * spread if self.invert else (x - mean) / spread


class LayerScale(nn.Module):
    """Every channel times a weight of its own."""

    def __init__(self, width: int, start: float) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((width,), start))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


# --- activations and noise --------------------------------------------------------------------------------------------


class PReLU(nn.Module):
    """A slope of its own for each place below 0, of the shape that Keras gives it."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x) - self.alpha * F.relu(-x)


class GaussianNoise(nn.Module):
    """Adds noise of mean 0 while it trains."""

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation

    def forward(self, x: Tensor) -> Tensor:
        return x + self.deviation * torch.randn_like(x) if self.training else x


class GaussianDropout(nn.Module):
    """Multiplies by noise of mean 1 while it trains."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.deviation = math.sqrt(rate / (1 - rate))

    def forward(self, x: Tensor) -> Tensor:
        return x * (1 + self.deviation * torch.randn_like(x)) if self.training else x


class SharedDropout(nn.Module):
    """Dropout that is the same along some axes: a size of 1 in ``shape``; None is the input's own size."""

    def __init__(self, rate: float, shape: Sequence[int | None]) -> None:
        super().__init__()
        self.rate, self.shape = rate, tuple(shape)

    def forward(self, x: Tensor) -> Tensor:
        sizes = [x.shape[axis] if size is None else size for axis, size in enumerate(self.shape)]
        return x * F.dropout(x.new_ones(sizes), self.rate, self.training)


class EinsumDense(nn.Module):
    """A product by an einsum equation, plus a bias."""

    def __init__(self, equation: str, kernel: Sequence[int], bias: Sequence[int] | None = None) -> None:
        super().__init__()
        self.equation = equation
        self.kernel = nn.Parameter(torch.randn(kernel) / math.sqrt(math.prod(kernel[:1])))
        self.bias = nn.Parameter(torch.zeros(bias)) if bias is not None else None

    def forward(self, x: Tensor) -> Tensor:
        out = torch.einsum(self.equation, x, self.kernel)
        return out if self.bias is None else out + self.bias


# --- recurrence -------------------------------------------------------------------------------------------------------


class Recurrent(nn.Module):
    """Runs a cell over the steps of axis 1 as Keras does; gives the outputs of all steps and the list of last states."""

    def __init__(self, cell: nn.Module, backwards: bool = False, zeros_where_masked: bool = False) -> None:
        super().__init__()
        self.cell, self.backwards, self.zeros_where_masked = cell, backwards, zeros_where_masked

    def forward(
        self, x: Tensor, states: Sequence[Tensor] | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        last: list[Tensor] = self.cell.start(x[:, 0]) if states is None else list(states)
        self.cell.begin(x[:, 0], last)
        outputs: list[Tensor] = []
        steps = range(x.shape[1])
        for step in reversed(steps) if self.backwards else steps:
            out, new = self.cell(x[:, step], last)
            if mask is not None:  # where a step is masked, the states stay, and the output is the one before
                before = outputs[-1] if outputs and not self.zeros_where_masked else torch.zeros_like(out)
                out, *new = (
                    torch.where(mask[:, step].reshape(-1, *[1] * (now.dim() - 1)), now, old)
                    for now, old in zip([out, *new], [before, *last], strict=True)
                )
            outputs.append(out)
            last = new
        return torch.stack(outputs, 1), last


class Cell(nn.Module):
    """What Keras's cells share: dropout of the input and of the previous output.

    It is the same at every step, and another one for each of ``gates``.
    """

    def __init__(self, states: int, dropout: Sequence[float] = (0.0, 0.0), gates: int = 1) -> None:
        super().__init__()
        self.states, self.dropout, self.gates = states, tuple(dropout), gates
        self.kept: list[list[Tensor]] = [[], []]

    def begin(self, x: Tensor, states: list[Tensor]) -> None:
        self.kept = [self.drawn(like, rate) for like, rate in zip((x, states[0]), self.dropout, strict=True)]

    def drawn(self, like: Tensor, rate: float) -> list[Tensor]:
        if not self.training or not rate:
            return []
        return [F.dropout(torch.ones_like(like), rate) for _ in range(self.gates)]

    def product(self, function: Function, x: Tensor, kept: list[Tensor]) -> Tensor:
        if len(kept) < 2:
            return function(x * kept[0] if kept else x)
        return torch.cat([function(x * mask).chunk(len(kept), 1)[gate] for gate, mask in enumerate(kept)], 1)


def matrix(rows: int, columns: int, recurrent: bool = False) -> nn.Parameter:
    """A kernel that starts as Keras's do."""
    start = nn.init.orthogonal_ if recurrent else nn.init.xavier_uniform_
    return nn.Parameter(start(torch.empty(rows, columns)))


class LSTMCell(Cell):
    """Keras's LSTM cell. The gates: input, forget, candidate, output; one bias each."""

    def __init__(
        self,
        features: int,
        units: int,
        bias: bool = True,
        activation: Function = torch.tanh,
        recurrent_activation: Function = torch.sigmoid,
        dropout: Sequence[float] = (0.0, 0.0),
        gates: int = 1,
    ) -> None:
        super().__init__(2, dropout, gates)
        self.units = units
        self.activation, self.recurrent_activation = activation, recurrent_activation
        self.kernel = matrix(features, 4 * units)
        self.recurrent_kernel = matrix(units, 4 * units, recurrent=True)
        self.bias = nn.Parameter(torch.zeros(4 * units)) if bias else None

    def start(self, x: Tensor) -> list[Tensor]:
        return [x.new_zeros(len(x), self.units)] * 2

    def forward(self, x: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        gates = self.product(lambda x: x @ self.kernel, x, self.kept[0])
        gates = gates + self.product(lambda h: h @ self.recurrent_kernel, states[0], self.kept[1])
        gates = gates if self.bias is None else gates + self.bias
        start, keep, candidate, show = gates.chunk(4, -1)
        carry = self.recurrent_activation(keep) * states[1]
        carry = carry + self.recurrent_activation(start) * self.activation(candidate)
        out = self.recurrent_activation(show) * self.activation(carry)
        return out, [out, carry]


class GRUCell(Cell):
    """Keras's GRU cell. The gates: update, reset, candidate; with reset_after each has two biases."""

    def __init__(
        self,
        features: int,
        units: int,
        bias: bool = True,
        activation: Function = torch.tanh,
        recurrent_activation: Function = torch.sigmoid,
        reset_after: bool = True,
        dropout: Sequence[float] = (0.0, 0.0),
        gates: int = 1,
    ) -> None:
        super().__init__(1, dropout, gates)
        self.units, self.reset_after = units, reset_after
        self.activation, self.recurrent_activation = activation, recurrent_activation
        self.kernel = matrix(features, 3 * units)
        self.recurrent_kernel = matrix(units, 3 * units, recurrent=True)
        shape = (2, 3 * units) if reset_after else (3 * units,)
        self.bias = nn.Parameter(torch.zeros(shape)) if bias else None

    def start(self, x: Tensor) -> list[Tensor]:
        return [x.new_zeros(len(x), self.units)]

    def forward(self, x: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        (before,) = states
        first, second = x.new_zeros(2, 3 * self.units)
        if self.bias is not None:
            first, second = self.bias if self.reset_after else (self.bias, second)
        seen = (self.product(lambda x: x @ self.kernel, x, self.kept[0]) + first).chunk(3, -1)
        held = (self.product(lambda h: h @ self.recurrent_kernel, before, self.kept[1]) + second).chunk(3, -1)
        update, reset = (self.recurrent_activation(seen[gate] + held[gate]) for gate in (0, 1))
        if self.reset_after:
            inner = reset * held[2]
        else:
            dropped = before * self.kept[1][-1] if self.kept[1] else before
            inner = (reset * dropped) @ self.recurrent_kernel.chunk(3, -1)[2]
        out = update * before + (1 - update) * self.activation(seen[2] + inner)
        return out, [out]


class SimpleRNNCell(Cell):
    """Keras's SimpleRNN cell: one product of the input, one of the previous output."""

    def __init__(
        self,
        features: int,
        units: int,
        bias: bool = True,
        activation: Function = torch.tanh,
        dropout: Sequence[float] = (0.0, 0.0),
    ) -> None:
        super().__init__(1, dropout)
        self.units, self.activation = units, activation
        self.kernel = matrix(features, units)
        self.recurrent_kernel = matrix(units, units, recurrent=True)
        self.bias = nn.Parameter(torch.zeros(units)) if bias else None

    def start(self, x: Tensor) -> list[Tensor]:
        return [x.new_zeros(len(x), self.units)]

    def forward(self, x: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        out = self.product(lambda x: x @ self.kernel, x, self.kept[0])
        out = out + self.product(lambda h: h @ self.recurrent_kernel, states[0], self.kept[1])
        out = self.activation(out if self.bias is None else out + self.bias)
        return out, [out]


class StackedCells(nn.Module):
    """Several cells as one: each gets the output of the one before, all within one step."""

    def __init__(self, *cells: nn.Module) -> None:
        super().__init__()
        self.cells = nn.ModuleList(cells)
        self.states = sum(cell.states for cell in cells)

    def start(self, x: Tensor) -> list[Tensor]:
        return [state for cell in self.cells for state in cell.start(x)]

    def begin(self, x: Tensor, states: list[Tensor]) -> None:
        first = 0
        for cell in self.cells:
            own = states[first : first + cell.states]
            cell.begin(x, own)
            x, first = own[0], first + cell.states

    def forward(self, x: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        kept: list[Tensor] = []
        for cell in self.cells:
            x, own = cell(x, states[len(kept) : len(kept) + cell.states])
            kept += own
        return x, kept


class ConvLSTMCell(Cell):
    """Keras's ConvLSTM cell, channels first. The gates: input, forget, candidate, output."""

    def __init__(
        self,
        channels: int,
        filters: int,
        sizes: Sequence[int],
        strides: Sequence[int],
        dilations: Sequence[int],
        same: bool = False,
        bias: bool = True,
        activation: Function = torch.tanh,
        recurrent_activation: Function = torch.sigmoid,
        dropout: Sequence[float] = (0.0, 0.0),
        gates: int = 1,
    ) -> None:
        super().__init__(2, dropout, gates)
        kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[len(sizes) - 1]
        self.filters, self.windows, self.same = filters, (sizes, strides, dilations), same
        self.activation, self.recurrent_activation = activation, recurrent_activation
        self.kernel = kind(channels, 4 * filters, sizes, strides, dilation=dilations, bias=False)
        self.recurrent_kernel = kind(filters, 4 * filters, sizes, padding="same", bias=False)
        self.bias = nn.Parameter(torch.zeros(4 * filters)) if bias else None

    def convolved(self, x: Tensor) -> Tensor:
        return self.kernel(pad_same(x, *self.windows) if self.same else x)

    def start(self, x: Tensor) -> list[Tensor]:
        places = self.convolved(x).shape[2:]
        return [x.new_zeros(len(x), self.filters, *places)] * 2

    def forward(self, x: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        gates = self.product(self.convolved, x, self.kept[0])
        gates = gates + self.product(self.recurrent_kernel, states[0], self.kept[1])
        if self.bias is not None:
            gates = gates + self.bias.reshape(-1, *[1] * (x.dim() - 2))
        start, keep, candidate, show = gates.chunk(4, 1)
        carry = self.recurrent_activation(keep) * states[1]
        carry = carry + self.recurrent_activation(start) * self.activation(candidate)
        out = self.recurrent_activation(show) * self.activation(carry)
        return out, [out, carry]


# --- attention --------------------------------------------------------------------------------------------------------


def visible(scores: Tensor, causal: bool, window: int | None, *masks: Tensor | None) -> Tensor | None:
    """Which key each query may look at, of all masks together; None for all."""
    row = torch.arange(scores.shape[-2], device=scores.device)[:, None]
    column = torch.arange(scores.shape[-1], device=scores.device)
    found = [mask.bool() for mask in masks if mask is not None]
    found += [column <= row] if causal else []
    found += [(row - column).abs() < window] if window is not None else []
    if not found:
        return None
    allowed = found[0]
    for mask in found[1:]:
        allowed = allowed & mask
    return allowed


class Attention(nn.Module):
    """Keras's Attention (scores are products, or with ``concat`` sums of tanh) and AdditiveAttention (``additive``)."""

    def __init__(
        self, scale: Sequence[int] | None = None, concat: bool = False, additive: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.additive, self.dropout = additive, dropout
        self.scale = nn.Parameter(torch.ones(scale)) if scale is not None else None
        self.concat_score_weight = nn.Parameter(torch.ones(())) if concat else None

    def scores(self, query: Tensor, key: Tensor) -> Tensor:
        scale = 1.0 if self.scale is None else self.scale
        if self.additive:
            return (scale * torch.tanh(query.unsqueeze(-2) + key.unsqueeze(-3))).sum(-1)
        if self.concat_score_weight is not None:
            pairs = torch.tanh(scale * (query.unsqueeze(-2) + key.unsqueeze(-3)))
            return self.concat_score_weight * pairs.sum(-1)
        return query @ key.transpose(-2, -1) * scale

    def forward(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        causal: bool = False,
    ) -> tuple[Tensor, Tensor]:
        scores = self.scores(query, value if key is None else key)
        allowed = visible(scores, causal, None, None if value_mask is None else value_mask.unsqueeze(-2))
        shares = torch.softmax(scores if allowed is None else torch.where(allowed, scores, scores - 1e9), -1)
        out = F.dropout(shares, self.dropout, self.training) @ value
        return out if query_mask is None else out * query_mask.unsqueeze(-1), shares


class MultiHeadAttention(nn.Module):
    """Keras's MultiHeadAttention and GroupQueryAttention along the axis before the last.

    ``widths`` are the features of query, key, value and output, ``sizes`` those of a head of keys and of values.
    """

    def __init__(
        self,
        heads: int,
        widths: Sequence[int],
        sizes: Sequence[int],
        memory_heads: int | None = None,
        bias: bool = True,
        gate: bool = False,
        dropout: float = 0.0,
        window: int | None = None,
    ) -> None:
        super().__init__()
        query, key, value, out = widths
        size, value_size = sizes
        shared = memory_heads or heads
        self.heads, self.shared, self.dropout, self.window = heads, shared, dropout, window
        self.query = nn.Linear(query, heads * size, bias)
        self.key = nn.Linear(key, shared * size, bias)
        self.gate = nn.Linear(query, heads * value_size, bias) if gate else None
        self.value = nn.Linear(value, shared * value_size, bias)
        self.output = nn.Linear(heads * value_size, out, bias)

    def split(self, x: Tensor, heads: int) -> Tensor:
        """(…, steps, heads·size) → (…, all heads, steps, size)."""
        return x.unflatten(-1, (heads, -1)).transpose(-3, -2).repeat_interleave(self.heads // heads, dim=-3)

    def forward(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        causal: bool = False,
        zeros_where_masked: bool = False,
    ) -> tuple[Tensor, Tensor]:
        queries = self.split(self.query(query), self.heads)
        keys = self.split(self.key(value if key is None else key), self.shared)
        values = self.split(self.value(value), self.shared)
        scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
        masks = [None if mask is None else mask[:, None, None, :] for mask in (value_mask, key_mask)]
        masks += [None if query_mask is None else query_mask[:, None, :, None]]
        masks += [None if attention_mask is None else attention_mask.unsqueeze(1)]
        allowed = visible(scores, causal, self.window, *masks)
        scores = scores if allowed is None else scores.masked_fill(~allowed, -1e9)
        shares = torch.softmax(scores, -1)
        if allowed is not None and zeros_where_masked:
            shares = shares.masked_fill(~allowed, 0.0)
        out = (F.dropout(shares, self.dropout, self.training) @ values).transpose(-3, -2).flatten(-2)
        return self.output(out if self.gate is None else out * torch.sigmoid(self.gate(query))), shares
