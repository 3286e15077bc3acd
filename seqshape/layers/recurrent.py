"""Recurrent layers: a cell makes one step, a recurrent layer runs its cell over the steps of axis 1.

LSTM is an RNN around an LSTMCell, here as in Keras: the layer's rule runs the rule of its cell once, so the two cannot
disagree. Multiply-adds: each gate multiplies the input and the previous output with matrices, at every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from seqshape.declaration import Parameter
from seqshape.diagnostics import Fault, fails, is_asked, is_built, is_running, remark
from seqshape.dims import UNKNOWN, Dim, product, require_equal
from seqshape.kinds import (
    Anything,
    Cell,
    Count,
    Flag,
    Layer,
    Number,
    Size,
    Sizes,
)
from seqshape.layers.cells import (
    IMPLEMENTATION,
    ZEROS,
    Gates,
    GRUCell,
    LSTMCell,
    SimpleRNNCell,
    check_rates,
    counted,
    one_step,
    parts_of,
)
from seqshape.layers.windows import SPATIAL, Moving, require_no_excess, slide
from seqshape.reach import Reach, see, together
from seqshape.records import NamedTuple
from seqshape.registry import by_rank, layer
from seqshape.tensor import KEEP, NO_MASK, Effect, Structure, Tensor, Tensors, WeightShape, flatten, inside, show, under

# What Keras takes in ``**kwargs``, for the layer RNN inside.
_BESIDE = (Parameter("zero_output_for_mask", "Flag", False),)


# --- the loop over the steps -----------------------------------------------------------------------------------------


class Loop(NamedTuple):
    """How a recurrent layer goes over the steps and what it gives: arguments that all of them share."""

    return_sequences: Flag = False
    return_state: Flag = False
    go_backwards: Flag = False
    stateful: Flag = False
    unroll: Flag = False
    initial_state: Tensors | None = None
    mask: Tensor | None = None


def _step_of(sequences: Tensor) -> Tensor:
    """One step: the batch and the features. Raises RankFault if there are more or fewer axes, where Keras looks."""
    if len(sequences.shape) == 3:
        batch, _, features = sequences.shape
        return Tensor((batch, features))
    if is_asked() and sequences.rank > 3:
        fails(f"takes sequences (batch, steps, features), but gets {show(sequences.shape)}")
        return Tensor((sequences.shape[0], sequences.shape[-1]))
    if is_asked() and sequences.rank == 2 and (is_built() or sequences.shape[0] is not UNKNOWN):
        fails(f"takes sequences (batch, steps, features), but gets {show(sequences.shape)}")
        batch = sequences.shape[0]  # to build the cell Keras takes it for the features
        return Tensor((batch, UNKNOWN if is_built() else batch))
    batch, _, features = sequences.axes("batch steps features")  # which raises
    return Tensor((batch, features))


def over_steps(
    sequences: Tensor,
    cell: Effect,
    loop: Loop,
    name: str | None = None,
    *,
    spare: str = "fails",
    lacking: str = "fails",
) -> Effect:
    """A cell run over axis 1: the weights of one step, its multiply-adds once a step.

    ``name`` is that of the cell, where it is a layer of its own. ``spare`` and ``lacking``: what more states to start
    from than it has, and fewer, are to Keras.
    """
    batch, steps = sequences.shape[:2]
    last, states = parts_of(cell)
    _check_loop(batch, steps, loop)
    _check_initial(states, loop, spare, lacking)
    out = Tensor((batch, steps, *last.shape[1:]) if loop.return_sequences else last.shape)
    number = len(flatten(states)) if loop.return_state else 0
    if loop.initial_state is None and loop.mask is None:
        reach = _alone(sequences.rank, last.rank, number, *loop[:3])
    else:
        reach = _reaches(sequences, last.rank, number, loop)
    mask = KEEP if loop.return_sequences else NO_MASK
    weights = under(name, cell.weights) if name is not None else cell.weights
    return Effect([out, *bare(states)] if loop.return_state else out, weights, steps * cell.macs, reach, mask)


def bare(states: Sequence[Anything]) -> list[Anything]:
    """The same tensors, in the dtype of the layer around."""
    return [Tensor(item.shape) if isinstance(item, Tensor) else bare(item) for item in states]


def _check_loop(batch: Dim, steps: Dim, loop: Loop) -> None:
    if loop.stateful and batch is UNKNOWN:
        message = "is stateful and needs a fixed batch size, but the batch of its input is unknown"
        raise Fault(message, arg="stateful", help="give the input a batch size: Input(…, batch_size=32)")
    if loop.unroll and steps is UNKNOWN:
        help = "leave out unroll, or give the input a fixed number of steps"
        complain = fails if is_running() else remark
        complain("is unrolled over an unknown number of steps, which not every backend can do", arg="unroll", help=help)


def _check_initial(states: Structure, loop: Loop, spare: str, lacking: str) -> None:
    """Keras looks at the initial states only when the network runs."""
    if loop.initial_state is None:
        return
    needed, given = flatten(states), flatten(loop.initial_state)
    grouped = isinstance(states, list) and any(isinstance(state, list) for state in states)
    if len(given) != len(needed):
        _miscounted(len(needed), len(given), spare if len(given) > len(needed) else lacking)
    elif grouped and not (
        isinstance(loop.initial_state, list) and any(isinstance(s, list) for s in loop.initial_state)
    ):
        fails("starts from the states of each cell in a list of their own", arg="initial_state")
    else:
        for start, state in zip(given, needed, strict=True):
            _check_start(start, state)


def _miscounted(needed: int, given: int, then: str) -> None:
    """Too few states to start from, or too many: it fails, or what Keras does then."""
    message = f"starts from {counted(needed, 'state')}, but gets {given}"
    if then == "fails":
        fails(message, arg="initial_state")
    else:
        remark(message + then, arg="initial_state")


def _check_start(start: Tensor, state: Tensor) -> None:
    """A state to start from has the shape of the states that it starts, the batch apart."""
    message = f"starts from states {show(state.shape)}, but gets {show(start.shape)}"
    try:
        if start.rank != state.rank:
            raise Fault(message)
        for own, wanted in zip(start.shape[1:], state.shape[1:], strict=True):
            require_equal(own, wanted, message)
    except Fault:
        fails(message, arg="initial_state")


@lru_cache(maxsize=64)
def _alone(axes: int, rank: int, states: int, sequences: Flag, state: Flag, backwards: Flag) -> tuple[Reach, ...]:
    """The same where nothing but the sequence comes in, of which then only the number of axes counts."""
    return _reaches(Tensor((1,) * axes), rank, states, Loop(sequences, state, backwards))


def _reaches(sequences: Tensor, rank: int, states: int, loop: Loop) -> tuple[Reach, ...]:
    """How the output and each state see the sequence (input 0), the initial states and the mask (the inputs after it).

    ``rank`` is that of the cell's output. An initial state is seen by every step.
    """
    inner = range(2, rank + 1)
    seen = see().reduce(*range(2, sequences.rank + 1 - rank)) if sequences.rank > rank + 1 else see()
    seen = seen.mix(*inner)
    starts = [see(1 + number).mix(*range(1, rank)) for number in range(len(flatten(loop.initial_state)))]
    if loop.mask is not None:
        mask = see(1 + len(starts)).reduce(*range(2, loop.mask.rank))
        for axis in inner:
            mask = mask.insert(axis)
        seen = together(seen, mask)
    seen = seen.flip() if loop.go_backwards else seen
    last = together(seen.reduce(1), *starts)
    every = together(seen.past(), *(start.insert(1, sequences.shape[1]) for start in starts))
    return (every if loop.return_sequences else last, *[last] * states)


@layer(traits="recurrent over_steps")
def RNN(sequences: Tensor, cell: Cell, loop: Loop) -> Effect:
    """Runs a cell over the steps of axis 1: the last step's output, or with ``return_sequences`` every step's.

    ``cell`` is a cell or a list of them; a list becomes StackedRNNCells. ``return_state`` gives the last states too,
    those of a stack grouped cell by cell. ``go_backwards`` reads the steps from the last to the first, and gives them
    in that order.
    """
    # Keras then reads the first two axes only, and to build the cell takes the batch for the features.
    flat = sequences.rank == 2 and (is_built() or sequences.shape[0] is not UNKNOWN)
    width = sequences.shape[0] if flat and not is_built() else UNKNOWN
    batch, _, *middle, features = (*sequences.shape, width) if flat else sequences.axes("batch steps ... features")
    if flat:
        fails(f"gets {show(sequences.shape)}, which has no steps")
    if middle:
        help = "TimeDistributed(Flatten()) makes one dim of what a step holds"
        fails(f"has steps of {1 + len(middle)} dims, and a cell takes one", help=help)
    step = one_step(cell, Tensor((batch, features), sequences.dtype))
    _check_alone(cell, step, loop.unroll)
    lacking = "; Keras builds it all the same" if cell.class_name == "StackedRNNCells" else "fails"
    return over_steps(sequences, step, loop, cell.name, lacking=lacking)


def _check_alone(cell: Layer, step: Effect, unroll: bool) -> None:
    """Keras mixes up the states of a stack of one cell (seen on the JAX backend), but for one state in no loop."""
    mixed = len(flatten(parts_of(step)[1])) > 1 or not unroll
    if cell.class_name == "StackedRNNCells" and len(cell.arguments["cells"]) == 1 and mixed:
        fails("has a list of one cell only", arg="cell", help="give the cell without the list")


@layer(beside=_BESIDE, traits="recurrent over_steps forgets_regularizer")
def SimpleRNN(sequences: Tensor, units: Size, gates: Gates, loop: Loop) -> Effect:
    """Recurrent layer without gates: each output is made of the input and the previous output.

    ``units·(features + units + 1)`` weights. It gives the last step's output; ``return_sequences`` gives every step's,
    ``return_state`` also the last state.
    """
    cell = SimpleRNNCell(_step_of(sequences), ZEROS, units, gates)
    return over_steps(sequences, cell, loop, "simple_rnn_cell")


@layer(beside=(IMPLEMENTATION, *_BESIDE), traits="recurrent over_steps")
def LSTM(sequences: Tensor, units: Size, gates: Gates, loop: Loop, use_cudnn: Anything = "auto") -> Effect:
    """Long short-term memory: four gates, each reading the input and the previous output.

    ``4·units·(features + units + 1)`` weights (Keras has one bias a gate, PyTorch two). It gives the last step's
    output; ``return_sequences`` gives every step's, which the next recurrent layer needs. ``return_state`` also gives
    the last output and the last cell state. ``unit_forget_bias`` changes only the values that training starts from.
    """
    step = _step_of(sequences)
    _check_cudnn(use_cudnn)
    return over_steps(sequences, LSTMCell(step, ZEROS, units, gates), loop, "lstm_cell")


@layer(keras2={"reset_after": False}, beside=(IMPLEMENTATION, *_BESIDE), traits="recurrent over_steps")
def GRU(
    sequences: Tensor, units: Size, gates: Gates, loop: Loop, reset_after: Flag = True, use_cudnn: Anything = "auto"
) -> Effect:
    """Gated recurrent unit: three gates, each reading the input and the previous output.

    ``3·units·(features + units + 2)`` weights; the older form, ``reset_after=False``, has one bias instead of two and
    ``3·units·(features + units + 1)``. Both make the same multiply-adds. It gives the last step's output;
    ``return_sequences`` gives every step's, ``return_state`` also the last state.
    """
    step = _step_of(sequences)
    _check_cudnn(use_cudnn)
    cell = GRUCell(step, ZEROS, units, gates, reset_after)
    return over_steps(sequences, cell, loop, "gru_cell", spare=": it takes the first")


def _check_cudnn(use_cudnn: object) -> None:
    if use_cudnn not in ("auto", True, False):
        raise Fault(f'needs "auto", True or False for use_cudnn, but gets {use_cudnn!r}', arg="use_cudnn")


# --- convolutional recurrent layers ----------------------------------------------------------------------------------


def conv_cell(step: Tensor, rank: int, filters: Size, kernel_size: Sizes, moving: Moving, use_bias: bool) -> Effect:
    """One step: a convolution of the input as asked for, and one of the previous output with stride 1 and padding."""
    over, width = moving.grid(step, rank), 4 * filters
    if any(size is UNKNOWN for size in over.sizes) and not is_built():
        listed = ", ".join(SPATIAL[rank])
        raise Fault(f"needs fixed sizes ({listed}), but each of its steps is {show(step.shape[1:])}", code="E204")
    kernel = moving.windows(rank, kernel_size)
    require_no_excess(kernel)
    sizes, taps = slide(over, kernel, "kernel_size"), tuple(window.size for window in kernel)
    weights: dict[str, WeightShape] = {
        "kernel": (*taps, over.channels, width),
        "recurrent_kernel": (*taps, filters, width),
    }
    if use_bias:
        weights["bias"] = (width,)
    out = Tensor(over.shape(sizes, filters))
    return Effect([out, [out, out]], weights, product((*sizes, *taps, width)) * (over.channels + filters))


@by_rank("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", beside=(Parameter("unroll", "Flag", False), *_BESIDE))
def _conv_lstm(
    sequences: Tensor,
    filters: Count,
    kernel_size: Sizes,
    moving: Moving,
    loop: Loop,
    use_bias: Flag = True,
    dropout: Number = 0.0,
    recurrent_dropout: Number = 0.0,
    *,
    rank: int,
) -> Effect:
    """ConvLSTM1D: An LSTM whose products are convolutions along one axis: input ``(batch, time, steps, channels)``.

    ``4·filters·(kernel_size·(channels + filters) + 1)`` weights. The convolution of the input follows ``strides``,
    ``padding`` and ``dilation_rate``; the one of the previous output keeps its length. All dims but time must be known.

    ConvLSTM2D: An LSTM whose products are convolutions of images: input ``(batch, time, rows, columns, channels)``.

    ``4·filters·(kernel area·(channels + filters) + 1)`` weights. The convolution of the input follows ``strides``,
    ``padding`` and ``dilation_rate``; the one of the previous output keeps its size. All dims but time must be known.

    ConvLSTM3D: An LSTM whose products are convolutions of volumes: input ``(batch, time, planes, rows, columns,
    channels)``.

    ``4·filters·(kernel volume·(channels + filters) + 1)`` weights. The convolution of the input follows ``strides``,
    ``padding`` and ``dilation_rate``; the one of the previous output keeps its size. All dims but time must be known.
    """
    axes = ("channels", *SPATIAL[rank]) if moving.data_format == "channels_first" else (*SPATIAL[rank], "channels")
    batch, _, *features = sequences.axes(" ".join(("batch", "time", *axes)))
    check_rates(dropout, recurrent_dropout)
    if filters == 0:
        fails("has 0 filters", arg="filters")
    cell = conv_cell(Tensor((batch, *features)), rank, filters, kernel_size, moving, use_bias)
    return over_steps(sequences, cell._replace(weights=inside(cell.weights)), loop, "conv_lstm_cell")
