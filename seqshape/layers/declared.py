"""Layers that the catalogue does not know and a user declares: shapes and counts as formulas over names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from seqshape.declaration import LayerType
from seqshape.diagnostics import Fault
from seqshape.dims import UNKNOWN, Dim, require, require_equal
from seqshape.layers.core import unknown
from seqshape.reach import UNSEEN
from seqshape.records import NamedTuple
from seqshape.tensor import NO_MASK, Effect, Shape, Structure, Tensor, flatten, show

REST = "..."  # any number of dims
Sizes: TypeAlias = "dict[str, Dim]"


class Formula(NamedTuple):
    """Arithmetic over names: its text, and what gives its value for sizes. The latter raises Fault where there is none."""

    text: str
    value: Callable[[Mapping[str, Dim]], Dim]

    @property
    def plain(self) -> bool:
        """Whether it is a name or a number alone."""
        return self.text.isidentifier() or self.text.isdecimal()


class Parameter(NamedTuple):
    """A parameter of a declared layer: a name, which may have a ``default``, or a ``number`` that a call has to give."""

    name: str
    number: int | None = None
    default: int | None = None


class Declaration(NamedTuple):
    """What a user says of a layer. ``text`` is all of it in its canonical form.

    ``inputs`` has the dims of each input without the batch: names, numbers, REST. ``outputs`` has formulas and REST.
    Without ``params`` the layer has no weights; without ``macs`` nothing is known of its work. ``reckoned`` are the
    names that a formula or a dim has.
    """

    name: str
    parameters: tuple[Parameter, ...]
    inputs: tuple[tuple[str | int, ...], ...]
    outputs: tuple[tuple[Formula | str, ...], ...]
    params: Formula | None
    macs: Formula | None
    reckoned: frozenset[str]
    text: str


class DeclaredLayer(LayerType):
    """A layer as its declaration has it; its rule works the declaration out."""

    __slots__ = ("declaration",)

    def __init__(self, declaration: Declaration) -> None:
        super().__init__(_rule(declaration), (), (), False, "3")
        self.declaration = declaration

    @property
    def open(self) -> bool:
        """A call takes no keywords but its own."""
        return False

    @property
    def call_arguments(self) -> tuple[str, ...]:
        """The inputs, and what Keras hands to any layer."""
        return ("inputs", "mask", "training")


def _rule(declared: Declaration) -> Callable[..., Effect]:
    """The rule of a declared layer, with the annotations that a layer of the catalogue has."""

    def apply(inputs: Structure, **arguments: object) -> Effect:
        return _worked_out(declared, flatten(inputs), arguments)

    kinds = {one.name: "Count" if one.name in declared.reckoned else "Anything" for one in declared.parameters}
    apply.__name__ = apply.__qualname__ = declared.name
    apply.__annotations__ = {"inputs": "TensorArguments", **kinds}
    apply.__kwdefaults__ = {one.name: one.default for one in declared.parameters if one.default is not None}
    apply.__doc__ = f"Declared by the user: {declared.text}"
    return apply


def _worked_out(declared: Declaration, tensors: list[Tensor], arguments: Mapping[str, object]) -> Effect:
    if len(tensors) != len(declared.inputs):
        wanted = "one input" if len(declared.inputs) == 1 else f"{len(declared.inputs)} inputs"
        raise Fault(f"is declared for {wanted}, but gets {len(tensors)}", code="E202", help=_as_declared(declared))
    sizes, rest = _bound(declared, tensors, arguments)
    shapes = [(tensors[0].shape[0], *_shape(declared, dims, sizes, rest)) for dims in declared.outputs]
    params = _number(declared, declared.params, "params", sizes) if declared.params is not None else 0
    macs = _number(declared, declared.macs, "macs", sizes) if declared.macs is not None else UNKNOWN
    known = min(len(shape) for shape in (*shapes, *(tensor.shape for tensor in tensors))) > 1
    reach = tuple(unknown(tensors, shape) if known else UNSEEN for shape in shapes)
    out = [Tensor(shape) for shape in shapes]
    weights: dict[str, Shape] = {} if type(params) is int and params == 0 else {"weights": (params,)}
    one = len(out) == 1
    return Effect(out[0] if one else out, weights, macs, reach[0] if one else reach, NO_MASK)


def _bound(declared: Declaration, tensors: list[Tensor], arguments: Mapping[str, object]) -> tuple[Sizes, Shape | None]:
    """What the names stand for, and the dims for which REST stands. Raises Fault where something is not as declared."""
    sizes: Sizes = {}
    for one in declared.parameters:
        value = arguments.get(one.name)
        if one.number is not None and value != one.number:
            message = f"is declared for {one.number} as its argument, not {value!r}"
            raise Fault(message, arg=one.name, code="E104", help=_as_declared(declared))
        if one.name in declared.reckoned:
            sizes[one.name] = value  # type: ignore[assignment]
    rest: Shape | None = None
    for tensor, dims in zip(tensors, declared.inputs, strict=True):
        found = _rest(tensor, dims)
        if found is not None and rest is not None:
            _same_rest(declared, rest, found)
        rest = found if rest is None else rest
        for name, dim in _named(tensor, dims):
            _put(declared, tensor, name, dim, sizes)
    return sizes, rest


def _named(tensor: Tensor, dims: tuple[str | int, ...]) -> Iterator[tuple[str | int, Dim]]:
    """Each dim that has a name or a number, with its size. Raises RankFault."""
    names = " ".join(("batch", *(dim if isinstance(dim, str) else f"size_{at}" for at, dim in enumerate(dims, 1))))
    axes = tensor.axes(names)[1:]
    at = dims.index(REST) if REST in dims else len(dims)
    yield from zip(dims[:at], axes[:at], strict=True)
    last = dims[at + 1 :]
    yield from zip(last, axes[len(axes) - len(last) :], strict=True)


def _rest(tensor: Tensor, dims: tuple[str | int, ...]) -> Shape | None:
    """The dims for which REST stands."""
    if REST not in dims:
        return None
    at = dims.index(REST) + 1
    return tensor.shape[at : tensor.rank - (len(dims) - at)]


def _same_rest(declared: Declaration, one: Shape, other: Shape) -> None:
    message = f"is declared with the same dims for ... of its inputs, but gets {show(one)} and {show(other)}"
    require(len(one) == len(other), message, help=_as_declared(declared))
    for left, right in zip(one, other, strict=True):
        require_equal(left, right, message, help=_as_declared(declared))


def _put(declared: Declaration, tensor: Tensor, name: str | int, dim: Dim, sizes: Sizes) -> None:
    """Let a name stand for a dim. Raises Fault if it stands for another one already, or a number is another one."""
    wanted = sizes.get(name, dim) if isinstance(name, str) else name
    told = f"{name} = {wanted}" if isinstance(name, str) else str(name)
    message = f"is declared for {told} where its input {show(tensor.shape)} has {dim}"
    require_equal(dim, wanted, message, help=_as_declared(declared))
    if isinstance(name, str):
        sizes[name] = dim if wanted is UNKNOWN else wanted


def _shape(declared: Declaration, dims: tuple[Formula | str, ...], sizes: Sizes, rest: Shape | None) -> Iterator[Dim]:
    for dim in dims:
        if isinstance(dim, str):
            yield from rest or ()
        else:
            yield _number(declared, dim, "a dim", sizes, 0 if dim.plain else 1)


def _number(declared: Declaration, formula: Formula, what: str, sizes: Sizes, least: int = 0) -> Dim:
    """The value of a formula, at least ``least``. Raises Fault where it has none."""
    try:
        value = formula.value(sizes)
    except Fault as fault:
        if fault.span is None:
            raise
        message = f"is declared with {what} {formula.text}, which has no value here: {fault.message}"
        raise Fault(message, code="E203", help=fault.help) from None
    shown = f"is declared with {what} {formula.text}, which comes to {value}"
    require(value >= least, f"{shown}, less than {least}", help=_as_declared(declared))
    return value


def _as_declared(declared: Declaration) -> str:
    return f"it is declared as {declared.text}"
