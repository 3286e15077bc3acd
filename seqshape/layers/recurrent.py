"""Recurrent layers: a cell makes one step, a recurrent layer runs its cell over the steps of axis 1.

LSTM is an RNN around an LSTMCell, here as in Keras: the layer's rule runs the rule of its cell once, so the two cannot
disagree. Multiply-adds: each gate multiplies the input and the previous output with matrices, at every step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

from seqshape.diagnostics import Fault, fails, is_asked, is_built, is_running, remark
from seqshape.dims import UNKNOWN, Dim, product, require_divides, require_equal
from seqshape.kinds import (
    Activation,
    Anything,
    Cell,
    ConvPadding,
    Count,
    DataFormat,
    Flag,
    Function,
    Layer,
    Layers,
    Number,
    Size,
    Sizes,
)
from seqshape.layers.arrays import Array, Weights, Within, activate, biased, convolve
from seqshape.layers.convolutional import require_no_excess
from seqshape.layers.core import differ
from seqshape.layers.windows import SPATIAL, grid, slide, windows
from seqshape.reach import Reach, see, together
from seqshape.records import NamedTuple
from seqshape.registry import Parameter, forward, layer
from seqshape.tensor import (
    KEEP,
    NO_MASK,
    Effect,
    Shape,
    Structure,
    Tensor,
    Tensors,
    WeightShape,
    flatten,
    inside,
    is_float,
    show,
    under,
)

ZEROS: Final[Tensors] = []  # in the place of a cell's states: the zeros that a recurrent layer starts from

# What Keras takes in ``**kwargs``, for the layer RNN inside.
_BESIDE = (Parameter("zero_output_for_mask", "Flag", False),)


# --- cells: one step -------------------------------------------------------------------------------------------------


def one_cell(
    inputs: Tensor,
    units: Size,
    gates: int,
    states: Tensors,
    held: int = 1,
    bias: Shape | None = None,
    activations: tuple[object, ...] = (),
) -> Effect:
    """One step: from ``(batch, features)`` to the output ``(batch, units)`` and ``held`` new states of that shape.

    Weights: ``(features, gates·units)``, ``(units, gates·units)`` and the bias, in Keras's order.
    """
    batch, features = inputs.axes("batch features")
    width = gates * units
    given = _checked(states, [units] * held)
    weights: dict[str, WeightShape] = {"kernel": (features, width), "recurrent_kernel": (units, width)}
    if bias is not None:
        weights["bias"] = bias
    complexes = any((one.dtype or "").startswith("complex") for one in (inputs, *given))
    dtype = "complex64" if complexes else None  # which no layer casts
    out = Tensor((batch, _halved(units, gates, activations, states is ZEROS)), dtype)
    kept = [out, *[Tensor((batch, units), dtype)] * (held - 1)]
    return Effect([out, kept], weights, width * (features + units), _seen_in_step(given))


def _halved(units: Size, gates: int, activations: tuple[object, ...], in_loop: bool) -> Size:
    """The width of a cell's output. Keras runs a cell that stands by itself, and ``glu`` halves what it is given.

    Raises Fault where halves and wholes do not fit: of several gates only 1 stretches to 2, and a loop needs states of
    one width, which Keras finds when it runs.
    """
    if "glu" not in activations:
        return units
    message = f"has the activation glu, which halves its {units} units"
    shrinks = set(activations) == {"glu"} and gates != 3
    if in_loop:
        if shrinks or differ(units, 2):
            fails(message, arg="activation")
        return units
    if gates > 1:
        require_equal(units, 2, message, arg="activation")
    require_divides(2, units, message, arg="activation")
    return units // 2 if shrinks else units


def _seen_in_step(states: Sequence[Tensor]) -> Reach:
    """A step's output sees its input and the states that came with it."""
    return together(*(see(number).mix(-1) for number in range(1 + len(states))))


def _checked(states: Tensors, widths: Sequence[Size]) -> list[Tensor]:
    """The states that a cell is called with. Raises Fault if there are too few or one has not the cell's width."""
    given = flatten(states)
    if states is not ZEROS and len(given) < len(widths):
        raise Fault(f"needs {_number(len(widths), 'state')}, but gets {len(given)}", code="E202")
    for state, width in zip(given, widths, strict=False):
        require_equal(state.shape[-1], width, f"needs states of width {width}, but gets {show(state.shape)}")
    return given


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _check_rates(dropout: float, recurrent_dropout: float) -> None:
    """Keras cuts rates off at 0 and 1 without a word."""
    for name, rate in (("dropout", dropout), ("recurrent_dropout", recurrent_dropout)):
        if not 0 <= rate <= 1:
            remark(f"takes {name}={rate} as {max(0, min(1, rate))}", arg=name, help="a rate is a number from 0 to 1")


def _check_implementation(implementation: object) -> None:
    if implementation is not None:
        remark(
            "reads implementation only to choose how the products are grouped; shapes and counts stay the same",
            arg="implementation",
        )


@layer(traced=True)
def LSTMCell(
    inputs: Tensor,
    states: Tensors,
    units: Size,
    activation: Activation = "tanh",
    recurrent_activation: Function = "sigmoid",
    use_bias: Flag = True,
    *,
    dropout: Number = 0.0,
    recurrent_dropout: Number = 0.0,
    implementation: Anything = None,
) -> Effect:
    """One step of an LSTM: from an input ``(batch, features)`` and two states to the output and two new states.

    Four gates, so ``4·units·(features + units + 1)`` weights. ``RNN(LSTMCell(units))`` is the layer LSTM(units).
    """
    _check_rates(dropout, recurrent_dropout)
    _check_implementation(implementation)
    given = (activation, recurrent_activation)
    return one_cell(inputs, units, 4, states, 2, (4 * units,) if use_bias else None, given)


def _gates(np: Any, gates: Array, carry: Array, activation: Any, recurrent_activation: Any, axis: int = -1) -> Any:
    """The end of an LSTM's step: output and states from the four gates (input, forget, candidate, output)."""
    start, keep, candidate, show = np.split(gates, 4, axis=axis)
    start, keep, show = (activate(np, recurrent_activation, gate) for gate in (start, keep, show))
    carry = keep * carry + start * activate(np, activation, candidate)
    out = show * activate(np, activation, carry)
    return [out, [out, carry]]


@forward(LSTMCell)
def _step_lstm(
    np: Any,
    weights: Weights,
    inputs: Array,
    states: Any,
    *,
    activation: Any,
    recurrent_activation: Any,
    use_bias: bool,
    **rest: Any,
) -> Any:
    previous, carry = states
    gates = np.matmul(inputs, weights["kernel"]) + np.matmul(previous, weights["recurrent_kernel"])
    return _gates(np, gates + weights["bias"] if use_bias else gates, carry, activation, recurrent_activation)


@layer(keras2={"reset_after": False}, traced=True)
def GRUCell(
    inputs: Tensor,
    states: Tensors,
    units: Size,
    activation: Activation = "tanh",
    recurrent_activation: Function = "sigmoid",
    use_bias: Flag = True,
    *,
    dropout: Number = 0.0,
    recurrent_dropout: Number = 0.0,
    reset_after: Flag = True,
    implementation: Anything = None,
) -> Effect:
    """One step of a GRU: from an input ``(batch, features)`` and one state to the output and the new state.

    Three gates. With ``reset_after`` each of the two products has a bias: ``3·units·(features + units + 2)`` weights;
    without it ``3·units·(features + units + 1)``.
    """
    _check_rates(dropout, recurrent_dropout)
    _check_implementation(implementation)
    bias: Shape | None = (2, 3 * units) if reset_after else (3 * units,)
    return one_cell(inputs, units, 3, states, 1, bias if use_bias else None, (activation, recurrent_activation))


@forward(GRUCell)
def _step_gru(
    np: Any,
    weights: Weights,
    inputs: Array,
    states: Any,
    *,
    units: int,
    activation: Any,
    recurrent_activation: Any,
    use_bias: bool,
    reset_after: bool,
    **rest: Any,
) -> Any:
    (previous,), recurrent = states, weights["recurrent_kernel"]
    biases = np.atleast_2d(weights["bias"]) if use_bias else np.zeros((1, 3 * units))
    seen = np.matmul(inputs, weights["kernel"]) + biases[0]
    held = np.matmul(previous, recurrent[:, : 2 * units]) + (biases[1, : 2 * units] if len(biases) > 1 else 0)
    update, reset = (
        activate(np, recurrent_activation, gate) for gate in np.split(seen[:, : 2 * units] + held, 2, axis=-1)
    )
    if reset_after:
        inner = np.matmul(previous, recurrent[:, 2 * units :]) + (biases[1, 2 * units :] if len(biases) > 1 else 0)
        inner = reset * inner
    else:
        inner = np.matmul(reset * previous, recurrent[:, 2 * units :])
    out = update * previous + (1 - update) * activate(np, activation, seen[:, 2 * units :] + inner)
    return [out, [out]]


@layer(traced=True)
def SimpleRNNCell(
    inputs: Tensor,
    states: Tensors,
    units: Size,
    activation: Activation = "tanh",
    use_bias: Flag = True,
    *,
    dropout: Number = 0.0,
    recurrent_dropout: Number = 0.0,
) -> Effect:
    """One step of a SimpleRNN: ``units·(features + units + 1)`` weights. The output is the new state as well."""
    _check_rates(dropout, recurrent_dropout)
    _check_dropped(inputs, dropout, "dropout", states)
    _check_dropped((flatten(states) or [inputs])[0], recurrent_dropout, "recurrent_dropout", states)
    return one_cell(inputs, units, 1, states, 1, (units,) if use_bias else None, (activation,))


def _check_dropped(tensor: Tensor, rate: float, arg: str, states: Tensors) -> None:
    """A cell that stands by itself is run at once, and JAX cannot drop out whole numbers. Raises Fault."""
    if states is not ZEROS and 0 < rate < 1 and not is_float(tensor.dtype or "float32"):
        raise Fault(
            f"cannot apply {arg} to numbers of dtype {tensor.dtype}", arg=arg, help="cast them to float32 first"
        )


@forward(SimpleRNNCell)
def _step_simple(
    np: Any, weights: Weights, inputs: Array, states: Any, *, activation: Any, use_bias: bool, **rest: Any
) -> Any:
    found = np.matmul(inputs, weights["kernel"]) + np.matmul(states[0], weights["recurrent_kernel"])
    out = activate(np, activation, found + weights["bias"] if use_bias else found)
    return [out, [out]]


@layer(traced=True)
def StackedRNNCells(inputs: Tensor, states: Tensors, cells: Layers) -> Effect:
    """Several cells as one: each gets the output of the one before, all within the same step.

    A list of cells in RNN becomes this by itself. The states are those of all cells, in order.
    """
    stack = cells if isinstance(cells, tuple) else (cells,)
    _check_stack(stack, states)
    out, kept = inputs, []
    macs: Dim = 0
    weights: dict[str, WeightShape] = {}
    for number, cell in enumerate(stack):
        effect = _one_step(cell, out, states if states is ZEROS else states[number], number)
        out, own = _parts(effect)
        kept.append(own[0] if len(own) == 1 else own)
        macs = macs + effect.macs
        for path, weight in under(cell.name, effect.weights).items():
            weights.setdefault(path, weight)  # a cell that stands twice has one set of weights
    return Effect([out, kept], weights, macs, _seen_in_step(flatten(states)))


@forward(StackedRNNCells)
def _step_stack(np: Any, weights: Weights, inputs: Array, states: Any, *, cells: Any, **rest: Any) -> Any:
    out, kept = inputs, []
    for cell, given in zip(cells if isinstance(cells, tuple) else (cells,), states, strict=True):
        out, own = cell(Within(weights, cell.name), out, states=given if isinstance(given, list) else [given])
        kept.append(own[0] if len(own) == 1 else own)
    return [out, kept]


def _check_stack(cells: Sequence[Layer], states: Structure) -> None:
    if not cells:
        raise Fault("needs at least one cell", arg="cells")
    given = [states] if isinstance(states, Tensor) else states
    if states is not ZEROS and len(given) != len(cells):
        raise Fault(f"needs the states of {_number(len(cells), 'cell')}, but gets {len(given)}", code="E202")
    names = [cell.name for cell in dict.fromkeys(cells)]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        message = f"cannot tell its cells apart: two are called {doubled}"
        raise Fault(message, arg="cells", help="give each a name of its own")


def _one_step(cell: Layer, inputs: Tensor, states: Structure = ZEROS, number: int | None = None) -> Effect:
    """What a bound cell, the ``number``-th of a list, does in one step ``(batch, features)``.

    Raises Fault if the layer is no cell.
    """
    if "states" not in getattr(getattr(cell, "type", None), "inputs", ()):
        whole = cell.class_name in ("LSTM", "GRU", "SimpleRNN")
        help = f"write {cell.class_name}Cell" if whole else None
        refuse(cell, inputs, "a cell, such as LSTMCell", "cell" if number is None else "cells", help, number)
    effect: Effect = cell(inputs, states=[states] if isinstance(states, Tensor) else states)
    return effect


def _parts(cell: Effect) -> tuple[Tensor, list[Anything]]:
    """What a step gives: its output, and the new states."""
    assert isinstance(cell.out, list)
    out, states = cell.out
    return out, states


def refuse(
    found: Layer, inputs: Tensor, wanted: str, arg: str, help: str | None = None, index: int | None = None
) -> NoReturn:
    """Raise the Fault that a layer inside is not what is wanted; Unknowable if nothing is known of its class."""
    if not hasattr(found, "type"):
        found(inputs)  # raises Unknowable for a class that only a file knows
    raise Fault(f"needs {wanted}, but gets {found.class_name}", arg=arg, help=help, index=index)


# --- the loop over the steps -----------------------------------------------------------------------------------------


class Loop(NamedTuple):
    """How a recurrent layer goes over the steps and what it gives: Keras's arguments, in Keras's order.

    ``takes_first``: of more states than it has, it takes the first; ``stacked``: its cell is a stack of cells.
    """

    return_sequences: bool
    return_state: bool
    go_backwards: bool
    stateful: bool
    unroll: bool
    initial_state: Structure | None = None
    mask: Tensor | None = None
    takes_first: bool = False
    stacked: bool = False


def _named(name: str, cell: Effect) -> Effect:
    """The cell of a layer that Keras builds itself, with the name that Keras gives it."""
    return cell._replace(weights=under(name, cell.weights))


def _step_of(sequences: Tensor) -> tuple[Dim, Dim]:
    """The batch and the features of each step. Raises RankFault if there are more or fewer axes, where Keras looks."""
    if is_asked() and sequences.rank > 3:
        fails(f"takes sequences (batch, steps, features), but gets {show(sequences.shape)}")
        return sequences.shape[0], sequences.shape[-1]
    if is_asked() and sequences.rank == 2 and (is_built() or sequences.shape[0] is not UNKNOWN):
        fails(f"takes sequences (batch, steps, features), but gets {show(sequences.shape)}")
        batch = sequences.shape[0]
        return batch, UNKNOWN if is_built() else batch  # to build the cell Keras takes the batch for the features
    batch, _, features = sequences.axes("batch steps features")
    return batch, features


def over_steps(sequences: Tensor, cell: Effect, loop: Loop) -> Effect:
    """A cell run over axis 1: the weights of one step, its multiply-adds once a step."""
    batch, steps = sequences.shape[:2]
    last, states = _parts(cell)
    _check_loop(batch, steps, loop)
    _check_initial(states, loop)
    out = Tensor((batch, steps, *last.shape[1:]) if loop.return_sequences else last.shape)
    reach = _reaches(sequences, last.rank, len(flatten(states)), loop)
    mask = KEEP if loop.return_sequences else NO_MASK
    return Effect([out, *bare(states)] if loop.return_state else out, cell.weights, steps * cell.macs, reach, mask)


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


def _check_initial(states: Structure, loop: Loop) -> None:
    """Keras looks at the initial states only when the network runs."""
    if loop.initial_state is None:
        return
    needed, given = flatten(states), flatten(loop.initial_state)
    grouped = isinstance(states, list) and any(isinstance(state, list) for state in states)
    if len(given) != len(needed):
        _miscounted(len(needed), len(given), loop)
    elif grouped and not (
        isinstance(loop.initial_state, list) and any(isinstance(s, list) for s in loop.initial_state)
    ):
        fails("starts from the states of each cell in a list of their own", arg="initial_state")
    else:
        for start, state in zip(given, needed, strict=True):
            _check_start(start, state)


def _miscounted(needed: int, given: int, loop: Loop) -> None:
    """Too few states to start from, or too many. Of several Keras's GRU takes the first."""
    message = f"starts from {_number(needed, 'state')}, but gets {given}"
    if loop.takes_first and given > needed:
        remark(f"{message}: it takes the first", arg="initial_state")
    elif loop.stacked and given < needed:
        remark(f"{message}; Keras builds it all the same", arg="initial_state")
    else:
        fails(message, arg="initial_state")


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
    return (every if loop.return_sequences else last, *[last] * (states if loop.return_state else 0))


@layer()
def RNN(
    sequences: Tensor,
    cell: Cell,
    return_sequences: Flag = False,
    return_state: Flag = False,
    go_backwards: Flag = False,
    stateful: Flag = False,
    unroll: Flag = False,
    *,
    initial_state: Tensors | None = None,
    mask: Tensor | None = None,
) -> Effect:
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
    step = _one_step(cell, Tensor((batch, features), sequences.dtype))
    _check_alone(cell, step, unroll)
    stacked = cell.class_name == "StackedRNNCells"
    loop = Loop(return_sequences, return_state, go_backwards, stateful, unroll, initial_state, mask, stacked=stacked)
    return over_steps(sequences, _named(cell.name, step), loop)


def _loop(
    np: Any,
    step: Callable[[Array, Any], Any],
    sequences: Array,
    start: Any,
    *,
    return_sequences: bool,
    return_state: bool,
    go_backwards: bool,
    zero_output_for_mask: bool = False,
    initial_state: Any = None,
    mask: Array = None,
    **rest: Any,
) -> Any:
    """A step run over axis 1 of an array, from the states ``start`` unless others are given.

    Where the mask is False the states stay, and the output is the previous one, or zeros if asked for.
    """
    states = start if initial_state is None else initial_state if isinstance(initial_state, list) else [initial_state]
    outputs: list[Array] = []
    steps = range(sequences.shape[1])
    for number in reversed(steps) if go_backwards else steps:
        out, new = step(sequences[:, number], states)
        if mask is not None:
            before = outputs[-1] if outputs and not zero_output_for_mask else np.zeros_like(out)
            out, new = _chosen(np, mask[:, number], [out, new], [before, states])
        outputs.append(out)
        states = new
    result = np.stack(outputs, axis=1) if return_sequences else outputs[-1]
    return [result, *states] if return_state else result


def _chosen(np: Any, keep: Array, new: Any, old: Any) -> Any:
    """Sample by sample the new arrays of a structure where ``keep`` is True, else the old ones."""
    if isinstance(new, list):
        return [_chosen(np, keep, one, other) for one, other in zip(new, old, strict=True)]
    return np.where(np.reshape(keep, (-1, *(1,) * (new.ndim - 1))), new, old)


def _zeros(np: Any, states: Any) -> Any:
    """Zeros in the shapes of a structure of tensors."""
    return np.zeros(states.shape) if isinstance(states, Tensor) else [_zeros(np, item) for item in states]


@forward(RNN)
def _run_rnn(np: Any, weights: Weights, sequences: Array, *, cell: Any, **loop: Any) -> Any:
    inner = Within(weights, cell.name)
    states = _parts(_one_step(cell.bound, Tensor((len(sequences), sequences.shape[-1]))))[1]
    return _loop(np, lambda x, states: cell(inner, x, states=states), sequences, _zeros(np, states), **loop)


def _check_alone(cell: Layer, step: Effect, unroll: bool) -> None:
    """Keras mixes up the states of a stack of one cell (seen on the JAX backend), but for one state in no loop."""
    mixed = len(flatten(_parts(step)[1])) > 1 or not unroll
    if cell.class_name == "StackedRNNCells" and len(cell.cells) == 1 and mixed:
        fails("has a list of one cell only", arg="cell", help="give the cell without the list")


@layer(beside=_BESIDE, words="forgets_regularizer")
def SimpleRNN(
    sequences: Tensor,
    units: Size,
    activation: Activation = "tanh",
    use_bias: Flag = True,
    *,
    dropout: Number = 0.0,
    recurrent_dropout: Number = 0.0,
    return_sequences: Flag = False,
    return_state: Flag = False,
    go_backwards: Flag = False,
    stateful: Flag = False,
    unroll: Flag = False,
    initial_state: Tensors | None = None,
    mask: Tensor | None = None,
) -> Effect:
    """Recurrent layer without gates: each output is made of the input and the previous output.

    ``units·(features + units + 1)`` weights. It gives the last step's output; ``return_sequences`` gives every step's,
    ``return_state`` also the last state.
    """
    batch, features = _step_of(sequences)
    step = Tensor((batch, features))
    cell = SimpleRNNCell(step, ZEROS, units, activation, use_bias, dropout=dropout, recurrent_dropout=recurrent_dropout)
    loop = Loop(return_sequences, return_state, go_backwards, stateful, unroll, initial_state, mask)
    return over_steps(sequences, _named("simple_rnn_cell", cell), loop)


@forward(SimpleRNN)
def _run_simple_rnn(np: Any, weights: Weights, sequences: Array, *, units: int, **asked: Any) -> Any:
    inner = Within(weights, "simple_rnn_cell")
    start = [np.zeros((len(sequences), units))]
    return _loop(np, lambda x, states: _step_simple(np, inner, x, states, **asked), sequences, start, **asked)


@layer(beside=_BESIDE)
def LSTM(
    sequences: Tensor,
    units: Size,
    activation: Activation = "tanh",
    recurrent_activation: Function = "sigmoid",
    use_bias: Flag = True,
    *,
    dropout: Number = 0.0,
    recurrent_dropout: Number = 0.0,
    return_sequences: Flag = False,
    return_state: Flag = False,
    go_backwards: Flag = False,
    stateful: Flag = False,
    unroll: Flag = False,
    use_cudnn: Anything = "auto",
    implementation: Anything = None,
    initial_state: Tensors | None = None,
    mask: Tensor | None = None,
) -> Effect:
    """Long short-term memory: four gates, each reading the input and the previous output.

    ``4·units·(features + units + 1)`` weights (Keras has one bias a gate, PyTorch two). It gives the last step's
    output; ``return_sequences`` gives every step's, which the next recurrent layer needs. ``return_state`` also gives
    the last output and the last cell state. ``unit_forget_bias`` changes only the values that training starts from.
    """
    batch, features = _step_of(sequences)
    step = Tensor((batch, features))
    _check_cudnn(use_cudnn)
    cell = LSTMCell(
        step,
        ZEROS,
        units,
        activation,
        recurrent_activation,
        use_bias,
        dropout=dropout,
        recurrent_dropout=recurrent_dropout,
        implementation=implementation,
    )
    loop = Loop(return_sequences, return_state, go_backwards, stateful, unroll, initial_state, mask)
    return over_steps(sequences, _named("lstm_cell", cell), loop)


@forward(LSTM)
def _run_lstm(np: Any, weights: Weights, sequences: Array, *, units: int, **asked: Any) -> Any:
    inner = Within(weights, "lstm_cell")
    start = [np.zeros((len(sequences), units))] * 2
    return _loop(np, lambda x, states: _step_lstm(np, inner, x, states, **asked), sequences, start, **asked)


@layer(keras2={"reset_after": False}, beside=_BESIDE)
def GRU(
    sequences: Tensor,
    units: Size,
    activation: Activation = "tanh",
    recurrent_activation: Function = "sigmoid",
    use_bias: Flag = True,
    *,
    dropout: Number = 0.0,
    recurrent_dropout: Number = 0.0,
    return_sequences: Flag = False,
    return_state: Flag = False,
    go_backwards: Flag = False,
    stateful: Flag = False,
    unroll: Flag = False,
    reset_after: Flag = True,
    use_cudnn: Anything = "auto",
    implementation: Anything = None,
    initial_state: Tensors | None = None,
    mask: Tensor | None = None,
) -> Effect:
    """Gated recurrent unit: three gates, each reading the input and the previous output.

    ``3·units·(features + units + 2)`` weights; the older form, ``reset_after=False``, has one bias instead of two and
    ``3·units·(features + units + 1)``. Both make the same multiply-adds. It gives the last step's output;
    ``return_sequences`` gives every step's, ``return_state`` also the last state.
    """
    batch, features = _step_of(sequences)
    step = Tensor((batch, features))
    _check_cudnn(use_cudnn)
    cell = GRUCell(
        step,
        ZEROS,
        units,
        activation,
        recurrent_activation,
        use_bias,
        dropout=dropout,
        recurrent_dropout=recurrent_dropout,
        reset_after=reset_after,
        implementation=implementation,
    )
    loop = Loop(return_sequences, return_state, go_backwards, stateful, unroll, initial_state, mask, takes_first=True)
    return over_steps(sequences, _named("gru_cell", cell), loop)


@forward(GRU)
def _run_gru(np: Any, weights: Weights, sequences: Array, *, units: int, **asked: Any) -> Any:
    inner = Within(weights, "gru_cell")
    start = [np.zeros((len(sequences), units))]
    return _loop(np, lambda x, states: _step_gru(np, inner, x, states, units=units, **asked), sequences, start, **asked)


def _check_cudnn(use_cudnn: object) -> None:
    if use_cudnn not in ("auto", True, False):
        raise Fault(f'needs "auto", True or False for use_cudnn, but gets {use_cudnn!r}', arg="use_cudnn")


# --- convolutional recurrent layers ----------------------------------------------------------------------------------


class Convolution(NamedTuple):
    """The convolution inside a ConvLSTM's step: Keras's arguments, in Keras's order."""

    filters: Size
    kernel_size: Sizes
    strides: Sizes
    padding: str
    data_format: str | None
    dilation_rate: Sizes
    use_bias: bool

    @property
    def width(self) -> Size:
        """The channels of the four gates together."""
        return 4 * self.filters


def _conv_lstm(sequences: Tensor, rank: int, asked: Convolution, rates: tuple[float, float], loop: Loop) -> Effect:
    """A ConvLSTM with ``rank`` spatial axes."""
    axes = ("channels", *SPATIAL[rank]) if asked.data_format == "channels_first" else (*SPATIAL[rank], "channels")
    batch, _, *features = sequences.axes(" ".join(("batch", "time", *axes)))
    _check_rates(*rates)
    if asked.filters == 0:
        fails("has 0 filters", arg="filters")
    cell = _conv_cell(Tensor((batch, *features)), rank, asked)
    return over_steps(sequences, _named("conv_lstm_cell", cell._replace(weights=inside(cell.weights))), loop)


def _conv_cell(step: Tensor, rank: int, asked: Convolution) -> Effect:
    """One step: a convolution of the input as asked for, and one of the previous output with stride 1 and padding."""
    over = grid(step, rank, asked.data_format)
    if any(size is UNKNOWN for size in over.sizes) and not is_built():
        listed = ", ".join(SPATIAL[rank])
        raise Fault(f"needs fixed sizes ({listed}), but each of its steps is {show(step.shape[1:])}", code="E204")
    kernel = windows(rank, "kernel_size", asked.kernel_size, asked.strides, asked.padding, asked.dilation_rate)
    require_no_excess(kernel)
    sizes = slide(over, kernel, "kernel_size")
    taps = tuple(window.size for window in kernel)
    width = asked.width
    weights: dict[str, WeightShape] = {
        "kernel": (*taps, over.channels, width),
        "recurrent_kernel": (*taps, asked.filters, width),
    }
    if asked.use_bias:
        weights["bias"] = (width,)
    out = Tensor(over.shape(sizes, asked.filters))
    return Effect([out, [out, out]], weights, product((*sizes, *taps, width)) * (over.channels + asked.filters))


@layer(beside=_BESIDE)
def ConvLSTM1D(
    sequences: Tensor,
    filters: Count,
    kernel_size: Sizes,
    strides: Sizes = 1,
    padding: ConvPadding = "valid",
    data_format: DataFormat | None = None,
    dilation_rate: Sizes = 1,
    use_bias: Flag = True,
    *,
    dropout: Number = 0.0,
    recurrent_dropout: Number = 0.0,
    return_sequences: Flag = False,
    return_state: Flag = False,
    go_backwards: Flag = False,
    stateful: Flag = False,
    unroll: Flag = False,
    initial_state: Tensors | None = None,
    mask: Tensor | None = None,
) -> Effect:
    """An LSTM whose products are convolutions along one axis: input ``(batch, time, steps, channels)``.

    ``4·filters·(kernel_size·(channels + filters) + 1)`` weights. The convolution of the input follows ``strides``,
    ``padding`` and ``dilation_rate``; the one of the previous output keeps its length. All dims but time must be known.
    """
    asked = Convolution(filters, kernel_size, strides, padding, data_format, dilation_rate, use_bias)
    loop = Loop(return_sequences, return_state, go_backwards, stateful, unroll, initial_state, mask)
    return _conv_lstm(sequences, 1, asked, (dropout, recurrent_dropout), loop)


@layer(beside=_BESIDE)
def ConvLSTM2D(
    sequences: Tensor,
    filters: Count,
    kernel_size: Sizes,
    strides: Sizes = 1,
    padding: ConvPadding = "valid",
    data_format: DataFormat | None = None,
    dilation_rate: Sizes = 1,
    use_bias: Flag = True,
    *,
    dropout: Number = 0.0,
    recurrent_dropout: Number = 0.0,
    return_sequences: Flag = False,
    return_state: Flag = False,
    go_backwards: Flag = False,
    stateful: Flag = False,
    unroll: Flag = False,
    initial_state: Tensors | None = None,
    mask: Tensor | None = None,
) -> Effect:
    """An LSTM whose products are convolutions of images: input ``(batch, time, rows, columns, channels)``.

    ``4·filters·(kernel area·(channels + filters) + 1)`` weights. The convolution of the input follows ``strides``,
    ``padding`` and ``dilation_rate``; the one of the previous output keeps its size. All dims but time must be known.
    """
    asked = Convolution(filters, kernel_size, strides, padding, data_format, dilation_rate, use_bias)
    loop = Loop(return_sequences, return_state, go_backwards, stateful, unroll, initial_state, mask)
    return _conv_lstm(sequences, 2, asked, (dropout, recurrent_dropout), loop)


@layer(beside=_BESIDE)
def ConvLSTM3D(
    sequences: Tensor,
    filters: Count,
    kernel_size: Sizes,
    strides: Sizes = 1,
    padding: ConvPadding = "valid",
    data_format: DataFormat | None = None,
    dilation_rate: Sizes = 1,
    use_bias: Flag = True,
    *,
    dropout: Number = 0.0,
    recurrent_dropout: Number = 0.0,
    return_sequences: Flag = False,
    return_state: Flag = False,
    go_backwards: Flag = False,
    stateful: Flag = False,
    unroll: Flag = False,
    initial_state: Tensors | None = None,
    mask: Tensor | None = None,
) -> Effect:
    """An LSTM whose products are convolutions of volumes: input ``(batch, time, planes, rows, columns, channels)``.

    ``4·filters·(kernel volume·(channels + filters) + 1)`` weights. The convolution of the input follows ``strides``,
    ``padding`` and ``dilation_rate``; the one of the previous output keeps its size. All dims but time must be known.
    """
    asked = Convolution(filters, kernel_size, strides, padding, data_format, dilation_rate, use_bias)
    loop = Loop(return_sequences, return_state, go_backwards, stateful, unroll, initial_state, mask)
    return _conv_lstm(sequences, 3, asked, (dropout, recurrent_dropout), loop)


@forward(ConvLSTM1D, ConvLSTM2D, ConvLSTM3D)
def _run_conv_lstm(
    np: Any,
    weights: Weights,
    sequences: Array,
    *,
    filters: int,
    kernel_size: Any,
    strides: Any,
    padding: str,
    data_format: Any,
    dilation_rate: Any,
    activation: Any,
    recurrent_activation: Any,
    use_bias: bool,
    **loop: Any,
) -> Any:
    rank, inner = sequences.ndim - 3, Within(weights, "conv_lstm_cell")
    asked = Convolution(filters, kernel_size, strides, padding, data_format, dilation_rate, use_bias)
    first = windows(rank, "kernel_size", kernel_size, strides, padding, dilation_rate)
    second = windows(rank, "kernel_size", kernel_size, 1, "same")
    bias = inner["bias"] if use_bias else None

    def step(x: Array, states: Any) -> Any:
        gates = biased(np, convolve(np, x, inner["kernel"], first, data_format), bias, data_format)
        gates = gates + convolve(np, states[0], inner["recurrent_kernel"], second, data_format)
        return _gates(
            np, gates, states[1], activation, recurrent_activation, 1 if data_format == "channels_first" else -1
        )

    states = _parts(_conv_cell(Tensor((len(sequences), *sequences.shape[2:])), rank, asked))[1]
    return _loop(np, step, sequences, _zeros(np, states), **loop)
