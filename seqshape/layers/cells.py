"""Cells: one step of a recurrent layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NoReturn

from seqshape.declaration import Parameter
from seqshape.diagnostics import Fault, fails, remark
from seqshape.dims import Dim, require_divides, require_equal
from seqshape.kinds import Activation, Anything, Flag, Function, Layer, Layers, Number, Size
from seqshape.layers.core import differ
from seqshape.reach import Reach, see, together
from seqshape.records import NamedTuple
from seqshape.registry import layer
from seqshape.tensor import Effect, Shape, Structure, Tensor, Tensors, WeightShape, flatten, is_float, show, under

# What Keras takes in ``**kwargs``, as Keras 2 had it.
IMPLEMENTATION = Parameter("implementation", "Anything", None)


class Gates(NamedTuple):
    """How a cell makes its step: arguments that cells share, and the layers around them."""

    activation: Activation = "tanh"
    recurrent_activation: Function = "sigmoid"
    use_bias: Flag = True
    dropout: Number = 0.0
    recurrent_dropout: Number = 0.0
    implementation: Anything = None

    def check(self) -> None:
        """Keras cuts rates off at 0 and 1 without a word."""
        check_rates(self.dropout, self.recurrent_dropout)
        if self.implementation is not None:
            remark(
                "reads implementation only to choose how the products are grouped; shapes and counts stay the same",
                arg="implementation",
            )


ZEROS: Final[Tensors] = []  # in the place of a cell's states: the zeros that a recurrent layer starts from


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
    complexes = [one for one in (inputs, *given) if one.dtype is not None and one.dtype.startswith("complex")]
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
    return together(_INPUT, *[see(number).mix(-1) for number in range(1, 1 + len(states))])


_INPUT = see().mix(-1)


def _checked(states: Tensors, widths: Sequence[Size]) -> list[Tensor]:
    """The states that a cell is called with. Raises Fault if there are too few or one has not the cell's width."""
    if states is ZEROS:
        return states
    given = flatten(states)
    if len(given) < len(widths):
        raise Fault(f"needs {counted(len(widths), 'state')}, but gets {len(given)}", code="E202")
    for state, width in zip(given, widths, strict=False):
        require_equal(state.shape[-1], width, f"needs states of width {width}, but gets {show(state.shape)}")
    return given


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``2 states``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def check_rates(dropout: float, recurrent_dropout: float) -> None:
    """Keras cuts rates off at 0 and 1 without a word."""
    for name, rate in (("dropout", dropout), ("recurrent_dropout", recurrent_dropout)):
        if not 0 <= rate <= 1:
            remark(f"takes {name}={rate} as {max(0, min(1, rate))}", arg=name, help="a rate is a number from 0 to 1")


@layer(traced=True, beside=(IMPLEMENTATION,))
def LSTMCell(inputs: Tensor, states: Tensors, units: Size, gates: Gates) -> Effect:
    """One step of an LSTM: from an input ``(batch, features)`` and two states to the output and two new states.

    Four gates, so ``4·units·(features + units + 1)`` weights. ``RNN(LSTMCell(units))`` is the layer LSTM(units).
    """
    gates.check()
    given = (gates.activation, gates.recurrent_activation)
    return one_cell(inputs, units, 4, states, 2, (4 * units,) if gates.use_bias else None, given)


@layer(keras2={"reset_after": False}, traced=True, beside=(IMPLEMENTATION,))
def GRUCell(inputs: Tensor, states: Tensors, units: Size, gates: Gates, reset_after: Flag = True) -> Effect:
    """One step of a GRU: from an input ``(batch, features)`` and one state to the output and the new state.

    Three gates. With ``reset_after`` each of the two products has a bias: ``3·units·(features + units + 2)`` weights;
    without it ``3·units·(features + units + 1)``.
    """
    gates.check()
    bias: Shape | None = (2, 3 * units) if reset_after else (3 * units,)
    given = (gates.activation, gates.recurrent_activation)
    return one_cell(inputs, units, 3, states, 1, bias if gates.use_bias else None, given)


@layer(traced=True)
def SimpleRNNCell(inputs: Tensor, states: Tensors, units: Size, gates: Gates) -> Effect:
    """One step of a SimpleRNN: ``units·(features + units + 1)`` weights. The output is the new state as well."""
    gates.check()
    if states is not ZEROS:
        _check_dropped(inputs, gates.dropout, "dropout")
        _check_dropped((flatten(states) or [inputs])[0], gates.recurrent_dropout, "recurrent_dropout")
    return one_cell(inputs, units, 1, states, 1, (units,) if gates.use_bias else None, (gates.activation,))


def _check_dropped(tensor: Tensor, rate: float, arg: str) -> None:
    """A cell that stands by itself is run at once, and JAX cannot drop out whole numbers. Raises Fault."""
    if 0 < rate < 1 and not is_float(tensor.dtype or "float32"):
        raise Fault(
            f"cannot apply {arg} to numbers of dtype {tensor.dtype}", arg=arg, help="cast them to float32 first"
        )


@layer(traced=True, traits="stack")
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
        effect = one_step(cell, out, states if states is ZEROS else states[number], number)
        out, own = parts_of(effect)
        kept.append(own[0] if len(own) == 1 else own)
        macs = macs + effect.macs
        for path, weight in under(cell.name, effect.weights).items():
            weights.setdefault(path, weight)  # a cell that stands twice has one set of weights
    return Effect([out, kept], weights, macs, _seen_in_step(flatten(states)))


def _check_stack(cells: Sequence[Layer], states: Structure) -> None:
    if not cells:
        raise Fault("needs at least one cell", arg="cells")
    given = [states] if isinstance(states, Tensor) else states
    if states is not ZEROS and len(given) != len(cells):
        raise Fault(f"needs the states of {counted(len(cells), 'cell')}, but gets {len(given)}", code="E202")
    names = [cell.name for cell in dict.fromkeys(cells)]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        message = f"cannot tell its cells apart: two are called {doubled}"
        raise Fault(message, arg="cells", help="give each a name of its own")


def one_step(cell: Layer, inputs: Tensor, states: Structure = ZEROS, number: int | None = None) -> Effect:
    """What a bound cell, the ``number``-th of a list, does in one step ``(batch, features)``.

    Raises Fault if the layer is no cell.
    """
    if "states" not in getattr(getattr(cell, "type", None), "inputs", ()):
        whole = cell.class_name in ("LSTM", "GRU", "SimpleRNN")
        help = f"write {cell.class_name}Cell" if whole else None
        refuse(cell, inputs, "a cell, such as LSTMCell", "cell" if number is None else "cells", help, number)
    effect: Effect = cell(inputs, states=[states] if isinstance(states, Tensor) else states)
    return effect


def parts_of(cell: Effect) -> tuple[Tensor, list[Anything]]:
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
