"""How positions of an output see positions of the inputs: an expression that a rule gives, as data.

A nested model's is the op ``graph``, which holds its walk. ``see(0)`` is the first input of the layer, each position
seeing itself; methods say what happens to it, in order. Axes are numbered as in the tensor at that point, the batch
being axis 0; a negative axis counts from the end. ``analysis``
interprets the expression; nothing here computes.
"""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.dims import Dim


class Reach:
    """One step of an expression: ``op`` applied to ``of`` with ``parameters``. Immutable; shared parts stay shared."""

    __slots__ = ("of", "op", "parameters")

    def __init__(self, op: str, of: tuple[Reach, ...] = (), parameters: tuple[object, ...] = ()) -> None:
        self.op = op
        self.of = of
        self.parameters = parameters

    def __repr__(self) -> str:
        inside = ", ".join(map(repr, (*self.of, *self.parameters)))
        return f"{self.op}({inside})"

    def then(self, op: str, *parameters: object) -> Reach:
        """One more step after this one."""
        return Reach(op, (self,), parameters)

    def mix(self, *axes: int) -> Reach:
        """Every position along ``axes`` sees all positions along them; sizes along them may change (a matrix product)."""
        return self.then("mix", *axes)

    def reduce(self, *axes: int) -> Reach:
        """The axes disappear; what is left sees all that was along them (global pooling, the last step of an RNN)."""
        return self.then("reduce", *axes)

    def past(self, axis: int = 1) -> Reach:
        """Position t sees positions 0…t (an RNN)."""
        return self.then("past", axis)

    def flip(self, axis: int = 1) -> Reach:
        """The order along ``axis`` is reversed."""
        return self.then("flip", axis)

    def window(self, axis: int, size: Dim, stride: Dim, dilation: Dim, before: Dim, length: Dim) -> Reach:
        """Output o sees inputs ``o*stride - before + j*dilation`` for j < size (convolution, pooling); ``length`` outputs."""
        return self.then("window", axis, size, stride, dilation, before, length)

    def spread(self, axis: int, size: Dim, stride: Dim, dilation: Dim, before: Dim, length: Dim) -> Reach:
        """Input i is seen by outputs ``i*stride - before + j*dilation`` for j < size (transposed convolution)."""
        return self.then("spread", axis, size, stride, dilation, before, length)

    def regroup(self, shape: Sequence[Dim]) -> Reach:
        """The elements of a sample in the same order under another ``shape`` (without the batch)."""
        return self.then("regroup", tuple(shape))

    def transpose(self, order: Sequence[int]) -> Reach:
        """Output axis k is input axis ``order[k]``; ``order[0]`` is 0, the batch."""
        return self.then("transpose", tuple(order))

    def repeat(self, axis: int, times: Dim) -> Reach:
        """Each position stands ``times`` times in a row (upsampling)."""
        return self.then("repeat", axis, times)

    def insert(self, axis: int, length: Dim = 1) -> Reach:
        """A new axis of ``length`` copies (RepeatVector, expand_dims)."""
        return self.then("insert", axis, length)

    def slice(self, axis: int, start: Dim, length: Dim, step: int = 1) -> Reach:
        """``length`` positions from ``start`` on, every ``step``-th (cropping)."""
        return self.then("slice", axis, start, length, step)

    def pad(self, axis: int, before: Dim, after: Dim) -> Reach:
        """Positions that see nothing are put before and after."""
        return self.then("pad", axis, before, after)

    def pieces(self, axis: int, length: Dim) -> Reach:
        """Output o of ``length`` sees the inputs from ⌊o·n/length⌋ to ⌈(o+1)·n/length⌉ (adaptive pooling)."""
        return self.then("pieces", axis, length)

    def resample(self, axis: int, length: Dim, radius: int, smooth: bool = False) -> Reach:
        """``length`` positions interpolated from n: output o lies at ``(o + ½)·n/length - ½`` and sees the inputs nearer
        than ``radius`` (of outputs, where ``smooth`` and they are farther apart); where it falls on an input, whole
        distances away from it nothing more. A radius of 0 is the nearest input."""
        return self.then("resample", axis, length, radius, smooth)

    def each(self, axis: int, inner: Reach) -> Reach:
        """``inner`` applied to every position along ``axis`` by itself (TimeDistributed); its axes count without that one."""
        return Reach("each", (self, inner), (axis,))


_FIRST = Reach("see", (), (0,))  # which nearly all layers see


def see(index: int = 0) -> Reach:
    """The flat input ``index`` of the layer, each position seeing itself."""
    return Reach("see", (), (index,)) if index else _FIRST


NOTHING = Reach("nothing")  # an output that no input reaches
UNSEEN = Reach("unknown")  # an output of which nobody can say what reaches it; with parts: at most what they see


def together(*parts: Reach) -> Reach:
    """Position by position the union, shapes broadcast from the right as Keras's merging layers do (Add, …)."""
    return parts[0] if len(parts) == 1 else Reach("together", parts)


def join(axis: int, parts: Sequence[Reach]) -> Reach:
    """One after the other along ``axis`` (Concatenate)."""
    return Reach("join", tuple(parts), (axis,))


def attend(query: Reach, memory: Sequence[Reach], *, axis: int = 1, causal: bool = False) -> Reach:
    """Each position of ``query`` along ``axis`` sees itself and all positions of ``memory``; ``causal``: those not after it."""
    return Reach("attend", (query, *memory), (axis, causal))
