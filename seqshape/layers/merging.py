"""Layers that make one tensor out of a list of tensors."""

from __future__ import annotations

from functools import reduce

from seqshape.diagnostics import Fault, fails, remark
from seqshape.dims import UNKNOWN, Dim, product, require_equal
from seqshape.kinds import Axes, Integer
from seqshape.layers.core import everything, require_same
from seqshape.reach import Reach, join, see, together
from seqshape.registry import layer
from seqshape.tensor import NO_MASK, Effect, Mask, Shape, Tensor, Tensors, show


def _listed(inputs: Tensors, number: int | None = None) -> Tensors:
    """The inputs, if they are a list (of ``number`` tensors); else a Fault."""
    wanted = "at least one tensor" if number is None else f"{number} tensors"
    help = "give it its inputs as a list, such as [a | b]"
    if isinstance(inputs, Tensor):
        raise Fault(f"needs a list of {wanted}, but gets one tensor {show(inputs.shape)}", code="E202", help=help)
    if not inputs or number not in (None, len(inputs)):
        raise Fault(f"needs a list of {wanted}, but gets one of {len(inputs)}", code="E202", help=help)
    return inputs


def _wider(first: Dim, second: Dim, message: str) -> Dim:
    """The size that two dims stretch to: a 1 to any other; a known one beside ``None`` is ``None``, as in Keras."""
    if first is UNKNOWN or second is UNKNOWN:
        return UNKNOWN
    if first == 1:
        return second
    if second == 1:
        return first
    require_equal(first, second, message, help="the branches have to come out alike, but for dims of 1")
    return second if isinstance(second, int) else first


def broadcast(first: Shape, second: Shape) -> Shape:
    """The shape of an elementwise operation; shapes, here without the batch, are lined up from the right.

    Raises Fault where two sizes differ and none is 1; of different named sizes it records that they have to be equal.
    """
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    rest = len(longer) - len(shorter)
    message = f"needs inputs of fitting shapes, but gets {show(first)} and {show(second)} (without the batch)"
    return (*longer[:rest], *(_wider(one, other, message) for one, other in zip(longer[rest:], shorter, strict=True)))


def _batch(tensors: Tensors) -> Dim:
    """The batch size of all inputs, ``None`` where no input knows it."""
    sizes = [tensor.shape[0] for tensor in tensors if tensor.shape[0] is not UNKNOWN]
    for size in sizes[1:]:
        require_equal(sizes[0], size, f"needs inputs of one batch size, but gets {sizes[0]} and {size}")
    return sizes[0] if sizes else UNKNOWN


def _merge(inputs: Tensors, number: int | None = None) -> Effect:
    """One number from each input, place by place."""
    tensors = _listed(inputs, number)
    for tensor in tensors:
        tensor.axes("batch ...")
    samples = [tensor.shape[1:] for tensor in tensors]
    if len(set(map(len, samples))) > 1:
        remark(f"lines up inputs of different ranks from the right: {' and '.join(map(show, samples))}")
    if len(tensors) == 1:
        remark("gets a list of one tensor, and passes it on")
    shape = (_batch(tensors), *reduce(broadcast, samples))
    return Effect(Tensor(shape), reach=together(*map(see, range(len(tensors)))), mask=Mask("or"))


@layer(traits="adds")
def Add(inputs: Tensors) -> Effect:
    """The sum of its inputs, number by number: what closes a residual connection.

    All inputs have one shape, or dims of 1 that stretch. A dim that one input does not know is not known of the sum.
    """
    return _merge(inputs)


@layer("Sub")
def Subtract(inputs: Tensors) -> Effect:
    """The first of two inputs minus the second, number by number."""
    return _merge(inputs, 2)


@layer("Mul")
def Multiply(inputs: Tensors) -> Effect:
    """The product of its inputs, number by number: what a gate does."""
    return _merge(inputs)


@layer("Avg")
def Average(inputs: Tensors) -> Effect:
    """The mean of its inputs, number by number."""
    return _merge(inputs)


@layer()
def Maximum(inputs: Tensors) -> Effect:
    """The largest of its inputs, number by number."""
    return _merge(inputs)


@layer()
def Minimum(inputs: Tensors) -> Effect:
    """The smallest of its inputs, number by number."""
    return _merge(inputs)


@layer("Concat", traits="concatenates")
def Concatenate(inputs: Tensors, axis: Integer = -1) -> Effect:
    """Its inputs one after the other along ``axis``, the features unless said otherwise; all other dims have to agree.

    Where a dim is known of a later input only, the result does not know it: Keras takes it from the first.
    """
    tensors = _listed(inputs)
    along = tensors[0].place(axis)
    first, *others = [tensor.shape for tensor in tensors]
    _require_joinable([first, *others], along)
    if along == 0:
        remark("joins along the batch: the samples of one input come after those of the other", arg="axis")
    total = reduce(lambda length, shape: length + shape[along], others, first[along])
    shape = (*first[:along], total, *first[along + 1 :])
    parts = [see(index) for index in range(len(tensors))]
    reach = join(along, parts) if along else together(*parts)
    return Effect(Tensor(shape), reach=reach, mask=Mask("concatenate", (), {"axis": axis}))


def _require_joinable(shapes: list[Shape], along: int) -> None:
    """Insist on one rank, and on one size of every axis but ``along``, wherever it is known."""
    listed = " and ".join(map(show, shapes))
    if len(set(map(len, shapes))) > 1:
        raise Fault(f"needs inputs of one rank, but gets {listed}", code="E201")
    for place, sizes in enumerate(zip(*shapes, strict=True)):
        known = [size for size in sizes if size is not UNKNOWN]
        for size in known[1:] if place != along else ():
            message = f"joins axis {along}, so axis {place} has to have one size, but gets {listed}"
            require_equal(known[0], size, message, arg="axis")


def _contracted(axes: object, first: Tensor, second: Tensor) -> tuple[int, int]:
    """The axis of each input that Dot sums over, counted from the start; else a Fault."""
    if isinstance(axes, int):
        axes = (axes, axes) if axes >= 0 else (axes % first.rank, axes % second.rank)
    if not isinstance(axes, tuple) or len(axes) != 2:
        raise Fault(f"needs one axis of each input, but gets axes={axes!r}", arg="axes")
    return first.place(axes[0], "axes"), second.place(axes[1], "axes")


def _paired(left: int, right: int, kept: Shape, rest: Shape) -> Reach:
    """Every place ``kept`` of the first input with every one in the ``rest`` of the other, the axes summed away."""
    first = see(0).reduce(left) if kept else see(0).mix(1)  # the one axis of a vector becomes the last of the rest
    for place, size in enumerate(rest if kept else rest[:-1], start=1 + len(kept)):
        first = first.insert(place, size)
    second = see(1).reduce(right) if rest else see(1).mix(1)
    for place, size in enumerate(kept if rest else kept[:-1], start=1):
        second = second.insert(place, size)
    return together(first, second)


@layer()
def Dot(inputs: Tensors, axes: Axes) -> Effect:
    """Products of two inputs summed over one axis of each, sample by sample: ``axes`` is one number or a pair.

    What is left of the first shape is followed by what is left of the second: with ``axes=2`` on (batch, 3, 4) and
    (batch, 5, 4) it is (batch, 3, 5). ``normalize`` divides by the lengths first, which gives the cosine.
    """
    first, second = _listed(inputs, 2)
    first.axes("batch ..."), second.axes("batch ... features")
    left, right = _contracted(axes, first, second)
    size, other = first.shape[left], second.shape[right]
    where = f"axis {left} of {show(first.shape)} and axis {right} of {show(second.shape)}"
    require_same(size, other, f"needs axes of one size, but {where} have {size} and {other}", arg="axes")
    if 0 in (left, right):
        fails("sums over the batch, which Keras's summary then lacks", arg="axes")
    rest = (*second.shape[:right], *second.shape[right + 1 :])[1:]
    if first.rank < 2:  # then nothing of it is left
        return Effect(Tensor((*rest, 1) if len(rest) == 1 else rest), reach=see(0), mask=NO_MASK)
    batch, *kept = (*first.shape[:left], *first.shape[left + 1 :])
    if len(kept) + len(rest) > 3:
        remark(f"pairs all places left of one input with all of the other: {show((batch, *kept, *rest))}", arg="axes")
    out = (batch, *kept, *rest) if kept or rest else (batch, 1)
    reach = _paired(left, right, tuple(kept), rest) if left and right else everything([first, second], out)
    return Effect(Tensor(out), macs=product((*kept, *rest, size)), reach=reach, mask=NO_MASK)
