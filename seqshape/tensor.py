"""What flows between layers, and what a layer's rule gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, Union

from seqshape.diagnostics import Fault
from seqshape.dims import Dim, Poly, Size, Unknown, names, require
from seqshape.reach import Reach, see
from seqshape.records import NamedTuple
from seqshape.structure import leaves, mapped

Shape: TypeAlias = tuple[Dim, ...]
MOST_AXES = 64
LONGEST_AXIS = 2**63


class Unknowable(Exception):
    """What a layer gives cannot be known: an earlier fault, reported already, or a class that seqshape does not know."""


class RankFault(Fault):
    """An input has too few or too many dims: ``names`` are those wanted, ``expected`` their number, ``found`` the given one."""

    def __init__(self, message: str, names: list[str], found: int) -> None:
        super().__init__(message, code="E201")
        self.names = names
        self.expected = len(names) - names.count("...")
        self.found = found


class Tensor(NamedTuple):
    """A tensor without its values: the shape, batch first, and the dtype (``None``: the compute dtype of the layer)."""

    shape: Shape
    dtype: str | None = None

    @property
    def rank(self) -> int:
        """Number of axes, the batch included."""
        return len(self.shape)

    def axes(self, names: str) -> Any:
        """The dims by name, as in ``batch, steps, features = x.axes("batch steps features")``.

        ``...`` stands for any number of axes and gives a tuple of their dims flat in its place, to be unpacked with a
        star; ``...+`` for at least one.
        Raises RankFault if the rank is another one: this is the one rank check in the code base.
        """
        shape = self.shape
        least, is_open = _RANKS.get(names) or _RANKS.setdefault(names, _rank_of(names))
        if len(shape) == least or (len(shape) > least and is_open):
            return shape
        at_least, wanted = "at least " if is_open else "", names.split()
        listed = ", ".join("…" if name.startswith("...") else name for name in wanted)
        raise RankFault(
            f"needs an input of {at_least}{least} dims ({listed}), but gets {show(shape)}", wanted, len(shape)
        )

    def place(self, axis: int, arg: str = "axis") -> int:
        """An axis counted from the start, of a number that may count from the end.

        Raises Fault, blamed on the argument ``arg``, if there is no such axis.
        """
        if isinstance(axis, int) and -self.rank <= axis < self.rank:
            return axis % self.rank
        raise Fault(
            f"has no axis {axis} in its input {show(self.shape)}, which has {self.rank} dims", arg=arg, code="E201"
        )

    def like(self, *shape: Dim) -> Tensor:
        """A tensor of another shape and the layer's dtype."""
        return Tensor(shape)

    def last(self, size: Dim) -> Tensor:
        """The same shape but for the last dim, in the layer's dtype."""
        return Tensor._make(((*self.shape[:-1], size), None))


_RANKS: dict[str, tuple[int, bool]] = {}  # what the names of axes say of the rank, once they are asked for


def _rank_of(names: str) -> tuple[int, bool]:
    """The least number of axes that some names stand for, and whether there may be more."""
    wanted = names.split()
    return len(wanted) - wanted.count("..."), "..." in names


class Constant(Tensor):
    """A tensor that a model holds as an operand of its own: no input, and its values do not matter."""

    __slots__ = ()


Structure: TypeAlias = Union[Tensor, "list[Any]", "tuple[Any, ...]", "dict[str, Any]"]
# Further annotations of the inputs of a rule, told apart by their names.
TensorLike: TypeAlias = Any  # a tensor, or a number or a (nested) list of them: an operand of keras.ops
TensorArguments: TypeAlias = "list[Any]"  # operands that a call gives one after the other (einsum)
Tensors: TypeAlias = "list[Tensor]"  # a list that is one argument of the call (Add, Concatenate)


class Frozen(NamedTuple):
    """A weight that is never trained (a moving average, a counter), or one of a dtype of its own.

    ``inner``: it belongs to a layer inside, which alone says whether it is trained. In Keras a wrapper with
    ``trainable=False`` has no trainable weights, but those of the layer inside keep their flag, and the model trains
    them. ``trainable`` is ``None`` where nothing tells it, as in a file of weights.
    """

    shape: Shape
    dtype: str | None = None
    trainable: bool | None = False
    inner: bool = False


WeightShape: TypeAlias = Union[Shape, Frozen]


class Mask(NamedTuple):
    """What becomes of the mask of the first input.

    ``op`` is ``keep`` (passed on to the first output), ``drop`` (the layer does not support masks: they end here, and
    Keras warns), ``none`` (ends here by design), or the name of an operation of keras.ops that makes a new mask, whose
    ``operands`` are again Masks, ``INPUT`` (the layer's input) or literals.
    """

    op: str
    operands: tuple[object, ...] = ()
    keywords: dict[str, Any] = {}  # noqa: RUF012 -- never changed


KEEP = Mask("keep")
DROP = Mask("drop")
NO_MASK = Mask("none")
# In the operands of a mask operation:
INPUT = Mask("input")  # the layer's first input
PREVIOUS = Mask("previous")  # its mask; without one there is none behind the layer either


class Effect(NamedTuple):
    """What a layer does to its input.

    ``out``: a tensor or a structure of them; ``None`` where only a file can tell (a Lambda). ``weights``: shapes by
    path relative to the layer, in Keras's order; a :class:`Frozen` is not trainable. ``macs``: multiply-adds of matrix
    products and convolutions for one sample (batch
    1), as in FIELD's convention: no bias, no elementwise work. ``reach``: for each flat output how its positions see
    the
    inputs. ``mask``: see :class:`Mask`. ``circular``: in Keras the output is the input tensor itself, which cuts the
    graph.
    """

    out: Structure | None
    weights: Mapping[str, WeightShape] = {}
    macs: Dim = 0
    reach: Reach | tuple[Reach, ...] = see()
    mask: Mask | tuple[Mask, ...] = DROP
    circular: bool = False


def is_float(dtype: str) -> bool:
    """Whether a dtype is one of floating-point numbers."""
    return dtype.startswith(("float", "bfloat"))


def flatten(structure: object) -> list[Tensor]:
    """The tensors of a structure in Keras's order: dicts by sorted key. Raises Fault if something else is in it."""
    if isinstance(structure, Tensor):
        return [structure]
    found = [leaf for leaf in leaves(structure) if leaf is not None]
    for leaf in found:
        if not isinstance(leaf, Tensor):
            raise Fault(f"needs a tensor, but gets {leaf!r}", code="E202")
    return found


def each_tensor(change: Callable[[Tensor], object], structure: object) -> Any:
    """The structure with every tensor changed, in Keras's order: dicts by sorted key. Whatever is no tensor stays."""
    return mapped(lambda leaf: change(leaf) if isinstance(leaf, Tensor) else leaf, structure)


DYNAMIC = "dynamic_dimension"  # what the backend calls the size of every unknown axis while it traces


def show(shape: Sequence[Dim] | None) -> str:
    """A shape as Keras prints it: ``(None, 5, 1)``, with a comma for one dim; ``?`` where nothing is known."""
    if shape is None:
        return "?"
    inside = ", ".join(
        [str(dim) if not isinstance(dim, Poly) or DYNAMIC not in names(dim) else "None" for dim in shape]
    )
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def count(shape: Sequence[Dim]) -> Size:
    """Number of elements of a weight.

    Raises Fault if a dim is unknown: Keras cannot create such a variable.
    """
    total: Size = 1
    for dim in shape:
        if isinstance(dim, Unknown):
            raise Fault(
                f"needs fully-known sizes for its weights, but one would have the shape {show(shape)}", code="E204"
            )
        total = total * dim
    return total


def check_named(shape: Shape) -> None:
    """A size with a name is at least 1, and so is a formula of such: else a need. Raises Fault if it never is."""
    for dim in shape:
        if isinstance(dim, Poly):
            require(dim >= 1, f"needs dims of at least 1 where they have names, but gets {show(shape)}", arg="shape")


def check_bounds(tensor: Tensor) -> None:
    """No array has more axes, or longer ones, than any framework can hold; numbers beyond would only grow. Raises Fault."""
    shape = tensor.shape
    if len(shape) > MOST_AXES:
        raise Fault(f"would give {tensor.rank} dims, more than {MOST_AXES}", code="E208")
    for dim in shape:
        if type(dim) is int and dim >= LONGEST_AXIS:
            raise Fault("would give more positions along an axis than 64 bits can count", code="E208")


def inside(weights: Mapping[str, WeightShape]) -> dict[str, WeightShape]:
    """The weights of a layer that Keras makes inside another without handing ``trainable`` on to it."""
    return {
        path: weight if isinstance(weight, Frozen) else Frozen(weight, None, True, True)
        for path, weight in weights.items()
    }


def under(prefix: str, weights: Mapping[str, WeightShape]) -> dict[str, WeightShape]:
    """The weights of a layer inside another: ``kernel`` → ``dense/kernel``."""
    return {f"{prefix}/{path}": weight for path, weight in weights.items()}
