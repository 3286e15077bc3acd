"""Translations of recurrent layers: torch's own where it does exactly the same, else a loop over a cell of Keras's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqshape.bind.layer import Layer
from seqshape.exporters.torch.activations import function
from seqshape.exporters.torch.site import Piece, Site, translation, whole
from seqshape.exporters.torch.windows import channels, first, tuples
from seqshape.layers.windows import windows
from seqshape.records import NamedTuple

GATES = {"LSTM": 4, "GRU": 3, "ConvLSTM": 4}  # of cells that can drop other numbers for each gate


class Run(NamedTuple):
    """What a recurrent layer gives: the outputs of all steps, and its last states."""

    outputs: str
    states: list[str]


def _finish(site: Site, run: Run, return_sequences: bool, return_state: bool) -> list[str]:
    out = run.outputs if return_sequences else f"{run.outputs}[:, -1]"
    return [out, *run.states] if return_state else [out]


def _check(site: Site, stateful: bool = False, **rest: object) -> None:
    if stateful:
        raise site.refuse("is stateful: it keeps its states from batch to batch, which a module here does not")


def _rates(site: Site, asked: Mapping[str, Any]) -> tuple[float, float]:
    """The shares that are dropped of the input and of the previous output. Raises SeqshapeError for all of them."""
    rates = (asked.get("dropout") or 0.0, asked.get("recurrent_dropout") or 0.0)
    if any(rate >= 1 for rate in rates):
        raise site.refuse("drops everything, of which Keras's cells make different things")
    return max(rates[0], 0.0), max(rates[1], 0.0)


def _by_gates(name: str, asked: Mapping[str, object]) -> bool:
    """Whether other numbers are dropped for each gate."""
    if name == "SimpleRNNCell":
        return False
    return name == "ConvLSTMCell" or bool(asked.get("recurrent_dropout")) or asked.get("implementation") == 1


def _dropped(site: Site, x: Piece, dropout: float) -> Piece:
    """Keras drops the same inputs at every step."""
    if not dropout:
        return x
    x = site.once(x)
    return x._replace(
        text=site.let(f"{x} * F.dropout(torch.ones_like({x}[:, :1]), {site.literal(dropout)}, self.training)")
    )


def _states(initial_state: Any) -> list[Piece] | None:
    if initial_state is None:
        return None
    return list(initial_state) if isinstance(initial_state, list) else [initial_state]


# --- torch's own layers -----------------------------------------------------------------------------------------------


def _own(site: Site, x: Piece, kind: str, units: object, asked: Mapping[str, Any]) -> Run:
    """nn.LSTM, nn.GRU or nn.RNN."""
    width, size = whole(x.shape[-1], site, "the features of its input"), int(site.literal(units))
    options = "" if asked["use_bias"] else ", bias=False"
    options += ', nonlinearity="relu"' if kind == "RNN" and asked["activation"] == "relu" else ""
    module = site.module(f"nn.{kind}({width}, {size}{options}, batch_first=True)")
    if asked["use_bias"] and kind != "GRU":
        gates = "each gate" if kind == "LSTM" else "its product"
        site.count((4 if kind == "LSTM" else 1) * size, f"nn.{kind} has two biases for {gates}, Keras one")
    text = f"{x}.flip(1)" if asked["go_backwards"] else x.text
    starts = _states(asked.get("initial_state"))
    if starts:
        listed = [f"{state}.unsqueeze(0)" for state in starts]
        text += f", ({', '.join(listed)})" if kind == "LSTM" else f", {listed[0]}"
    return _unpacked(site, f"{module}({text})", kind == "LSTM", asked["return_state"])


def _unpacked(site: Site, text: str, carries: bool, wanted: bool) -> Run:
    out = site.body.variable("steps")
    if not wanted:
        site.body.do(f"{out}, _", text)
        return Run(out, [])
    names = [site.body.variable(stem) for stem in ("hidden", "carry")[: 1 + carries]]
    site.body.do(f"{out}, " + (f"({', '.join(names)})" if carries else names[0]), text)
    return Run(out, [f"{name}.squeeze(0)" for name in names])


def _is_torch(kind: str, x: Piece, asked: Mapping[str, Any], rates: tuple[float, float]) -> bool:
    """Whether torch's own layer does exactly the same, with the input dropped before it."""
    if rates[1] or (rates[0] and _by_gates(f"{kind}Cell", asked)):
        return False
    if x.mask is not None or asked.get("mask") is not None:
        return False
    if asked["activation"] != "tanh" and not (kind == "SimpleRNN" and asked["activation"] == "relu"):
        return False
    return kind == "SimpleRNN" or (asked["recurrent_activation"] == "sigmoid" and asked.get("reset_after", True))


# --- a loop over a cell -----------------------------------------------------------------------------------------------


def _loop(site: Site, x: Piece, cell: str, number: int, asked: dict[str, object]) -> Run:
    """Keras's own loop over a cell with ``number`` states."""
    mask = asked.get("mask") or x.mask
    options = ", backwards=True" if asked["go_backwards"] else ""
    options += ", zeros_where_masked=True" if mask is not None and asked.get("zero_output_for_mask") else ""
    module = site.module(f"{site.part('Recurrent')}({cell}{options})")
    starts = _states(asked.get("initial_state"))
    text = x.text
    text += f", [{', '.join(piece.text for piece in starts)}]" if starts else ""
    text += f", mask={mask}" if mask is not None else ""
    out, states = (site.body.variable(stem) for stem in ("steps", "states"))
    site.body.do(f"{out}, {states}", f"{module}({text})")
    return Run(out, [f"{states}[{index}]" for index in range(number)])


def _cell(site: Site, name: str, width: int, units: object, asked: dict[str, object]) -> str:
    """The constructor of a cell."""
    text = f"{site.part(name)}({width}, {site.literal(units)}"
    text += "" if asked["use_bias"] else ", bias=False"
    text += "" if asked["activation"] == "tanh" else f", activation={function(site, asked['activation'])}"
    gate = asked.get("recurrent_activation", "sigmoid")
    text += "" if gate == "sigmoid" else f", recurrent_activation={function(site, gate)}"
    text += "" if asked.get("reset_after", True) else ", reset_after=False"
    rates = _rates(site, asked)
    text += f", dropout={site.literal(rates)}" if any(rates) else ""
    text += f", gates={GATES[name.removesuffix('Cell')]}" if any(rates) and _by_gates(name, asked) else ""
    return text + ")"


@translation("LSTM", "GRU", "SimpleRNN", masked=True)
def _recurrent(site: Site, x: Piece, *, units: Any, **asked: Any) -> list[str]:
    _check(site, **asked)
    kind, rates = site.layer.class_name, _rates(site, asked)
    if _is_torch(kind, x, asked, rates):
        run = _own(site, _dropped(site, x, rates[0]), {"SimpleRNN": "RNN"}.get(kind, kind), units, asked)
    else:
        width = whole(x.shape[-1], site, "the features of its input")
        run = _loop(site, x, _cell(site, f"{kind}Cell", width, units, asked), 1 + (kind == "LSTM"), asked)
    return _finish(site, run, asked["return_sequences"], asked["return_state"])


@translation("RNN", masked=True)
def _rnn(site: Site, x: Piece, *, cell: object, **asked: Any) -> list[str]:
    _check(site, **asked)
    text, number = _constructed(site, cell, whole(x.shape[-1], site, "the features of its input"))
    return _finish(site, _loop(site, x, text, number, asked), asked["return_sequences"], asked["return_state"])


def _constructed(site: Site, cell: Any, width: int) -> tuple[str, int]:
    """The constructor of a bound cell, and the number of its states."""
    if not isinstance(cell, Layer):
        raise site.refuse(f"holds {cell.name}, which is no cell of Keras's")
    if cell.class_name == "StackedRNNCells":
        return _stacked(site, cell, width)
    if cell.class_name not in ("LSTMCell", "GRUCell", "SimpleRNNCell"):
        raise site.refuse(f"holds a {cell.class_name}, which cannot be written for PyTorch")
    text = _cell(site, cell.class_name, width, cell.arguments["units"], cell.arguments)
    return text, 1 + (cell.class_name == "LSTMCell")


def _stacked(site: Site, stack: Layer, width: int) -> tuple[str, int]:
    cells = stack.arguments["cells"]
    texts, total = [], 0
    for cell in cells if isinstance(cells, tuple) else (cells,):
        text, number = _constructed(site, cell, width)
        texts.append(text)
        total += number
        width = int(site.literal(cell.arguments["units"])) if "units" in cell.arguments else width
    if len({id(cell) for cell in cells}) < len(texts):
        raise site.refuse("has one cell twice in its stack")
    return f"{site.part('StackedCells')}({', '.join(texts)})", total


@translation("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", masked=True)
def _conv_lstm(
    site: Site,
    x: Piece,
    *,
    filters: object,
    kernel_size: object,
    strides: object,
    padding: str,
    data_format: object,
    dilation_rate: object,
    **asked: Any,
) -> list[str]:
    _check(site, **asked)
    if x.mask is not None or asked.get("mask") is not None:
        raise site.refuse("gets a mask, which torch has no such layer for")
    moved = windows(x.rank - 3, "kernel_size", kernel_size, strides, padding, dilation_rate)
    each = (
        [window.size for window in moved],
        [window.stride for window in moved],
        [window.dilation for window in moved],
    )
    step = x._replace(shape=(x.shape[0], *x.shape[2:]))
    cell = _cell(site, "ConvLSTMCell", channels(site, step, data_format), filters, asked)
    head, _, options = cell.partition(f", {site.literal(filters)}")
    same = ", same=True" if padding == "same" else ""
    cell = f"{head}, {site.literal(filters)}, {tuples(site, *each)}{same}{options}"
    if data_format != "channels_first":
        x = x._replace(text=f"{x}.movedim(-1, 2)")
        asked["initial_state"] = [
            one._replace(text=first(one, None)) for one in _states(asked.get("initial_state")) or ()
        ]
    run = _loop(site, x, cell, 2, asked)
    if data_format != "channels_first":
        outputs = site.let(f"{run.outputs}.movedim(2, -1)", "steps")
        run = Run(outputs, [f"{state}.movedim(1, -1)" for state in run.states])
    return _finish(site, run, asked["return_sequences"], asked["return_state"])


# --- both directions --------------------------------------------------------------------------------------------------


@translation("Bidirectional", masked=True)
def _bidirectional(
    site: Site,
    x: Piece,
    *,
    layer: Layer,
    merge_mode: object,
    backward_layer: Layer | None = None,
    initial_state: object = None,
    mask: object = None,
    **rest: object,
) -> list[str]:
    x = site.once(x) if mask is None else site.once(x)._replace(mask=str(mask))
    back = layer.copy(f"backward_{layer.name}", go_backwards=True) if backward_layer is None else backward_layer
    starts = _states(initial_state)
    half = len(starts) // 2 if starts else 0
    ahead, behind = (
        site.inner(each, x, suffix=f"_{role}", key=(site.key, role), **({"initial_state": own} if own else {}))
        for each, role, own in (
            (layer, "forward", starts[:half] if starts else None),
            (back, "backward", starts[half:] if starts else None),
        )
    )
    if ahead[0].shape != behind[0].shape:
        raise site.refuse("has directions of different widths, and Keras's summary knows one of them only")
    one, other = ahead[0].text, behind[0].text
    other = f"{other}.flip(1)" if layer.arguments["return_sequences"] else other
    states = [piece.text for piece in (*ahead[1:], *behind[1:])]
    return [*_merged(one, other, merge_mode), *states]


def _merged(one: str, other: str, merge_mode: object) -> list[str]:
    if merge_mode is None:
        return [one, other]
    if merge_mode == "concat":
        return [f"torch.cat([{one}, {other}], -1)"]
    if merge_mode == "mul":
        return [f"{one} * {other}"]
    return [f"({one} + {other}) / 2" if merge_mode == "ave" else f"{one} + {other}"]
