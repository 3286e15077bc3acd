"""What binding and calling a layer need of its declaration, worked out once for each type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seqshape.declaration import INERT_SUFFIXES, LayerType, Parameter, is_inert
from seqshape.kinds import ACTIVATIONS, KINDS
from seqshape.policies import compute_dtype, narrowed, variable_dtype
from seqshape.registry import FLAGS
from seqshape.versions import Version

SHAPES = ("Dims", "Target", "NewShape")  # the kinds of arguments that are shapes
# Numbers above 0 that their kind takes as they are, by its name and their type; then other such values.
NUMBERS = frozenset(
    (kind, which)
    for which, kinds in (
        (int, "Size StrictSize Count Integer Number Sizes Counts Axes Numeral LaterNumber LaterInteger Rate Fraction"),
        (float, "Number Numeral LaterNumber Rate Fraction"),
    )
    for kind in kinds.split()
)
PLAIN = frozenset({("Flag", bool), ("Text", str), ("Anything", bool), ("Anything", str)})


WATCHED = frozenset({"name", "trainable", "dtype", "batch_input_shape", "seed"})  # what is checked of every layer


class Unset:
    """In the place of an argument that a call has to give."""


UNSET = Unset()


class Dtypes(dict[str, tuple[str | None, str, str]]):
    """By dtype policy, what a layer takes (``None``: floats as they are), gives, and keeps its weights in."""

    def __init__(self, kind: LayerType) -> None:
        super().__init__()
        self.kind = kind

    def __missing__(self, policy: str) -> tuple[str | None, str, str]:
        compute = compute_dtype(policy)
        gives = narrowed(compute) if self.kind.traced else compute
        found = self[policy] = compute if self.kind.converts else None, gives, variable_dtype(policy)
        return found


class Form:
    """A layer type as bind and walk need it.

    ``ruled`` are the parameters with a kind; ``flags`` what a bare word sets; ``around`` the traits of the layers that
    are made of lists; ``plain``: one tensor is all that a call has to have, ``merges``: one list of tensors. ``template``
    has the arguments of a layer that is given none, in their order. ``unchecked`` are arguments that only their kinds look
    at, ``asks`` those of whose values their kinds ask something when the layer is called.
    """

    __slots__ = (
        "_templates",
        "around",
        "asks",
        "auto_name",
        "dtypes",
        "flags",
        "inert",
        "merges",
        "names",
        "parameters",
        "plain",
        "positional",
        "ruled",
        "shapes",
        "type",
        "unchecked",
        "unread",
    )

    def __init__(self, kind: LayerType) -> None:
        self.type = kind
        self.auto_name = kind.auto_name
        self.parameters = {parameter.name: parameter for parameter in kind.parameters}
        self.names = frozenset(self.parameters)
        self.positional = kind.positional
        self.ruled = tuple(parameter for parameter in kind.parameters if parameter.kind is not None)
        self.shapes = frozenset(parameter.name for parameter in self.ruled if parameter.kind in SHAPES)
        self.unread = tuple(kind.unread)
        self.asks = tuple(self._asked())
        self.inert = frozenset(name for name in self.names if is_inert(name))
        self.unchecked = frozenset(name for name in self.names - WATCHED if not name.endswith(INERT_SUFFIXES))
        self.flags = self._flags()
        self.around = {name: around for name, parameter in self.parameters.items() if (around := _around(parameter))}
        self.plain = self._takes("Tensor", "TensorLike")
        self.merges = self._takes("Tensors")
        self.dtypes = Dtypes(kind)
        self._templates: dict[Version, dict[str, object]] = {}

    def _asked(self) -> Iterator[tuple[str, bool, Callable[[object, str], None]]]:
        """The parameters whose kinds ask something of their values when the layer is called, whether they may be
        ``None``, and what asks it.
        """
        for parameter in self.ruled:
            asks = KINDS[parameter.kind or ""].asks
            if asks is not None:
                yield parameter.name, parameter.optional, asks

    def _flags(self) -> dict[str, tuple[str, object]]:
        """What each bare word sets: the general ones first, then those of the parameters in their order."""
        found = {word: said for word, said in FLAGS.items() if said[0] in self.names}
        for parameter in self.ruled:
            for word in KINDS[parameter.kind or ""].words:
                found.setdefault(word, (parameter.name, word))
        return found

    def _takes(self, *words: str) -> bool:
        """Whether all that a call has to have is one argument, of a kind with one of these names."""
        kind = self.type
        names = kind.call_arguments or kind.inputs
        if not names or names[:1] != kind.inputs[:1] or len(kind.required) > 1 or kind.variadic:
            return False
        return kind.annotations[names[0]] in words

    def template(self, version: Version) -> dict[str, Any]:
        """The arguments where none is given; UNSET where one has to be."""
        found = self._templates.get(version)
        if found is None:
            found = {parameter.name: self._default(parameter, version) for parameter in self.ruled}
            self._templates[version] = found
        return found

    def _default(self, parameter: Parameter, version: Version) -> object:
        if parameter.default is ...:
            return UNSET
        return parameter.left_out(version.defaults(self.type).get(parameter.name, parameter.default))


def _around(parameter: Parameter) -> str | None:
    """The trait of the layer that Keras makes of a list of layers."""
    return KINDS[parameter.kind].around if parameter.kind is not None else None


_FORMS: dict[LayerType, Form] = {}


def form_of(kind: LayerType) -> Form:
    """The form of a layer type."""
    return _FORMS.get(kind) or _FORMS.setdefault(kind, Form(kind))


def is_taken(kind: str | None, value: Any) -> bool:
    """Whether a kind takes a value as it is, without a remark, as far as that can be seen at once."""
    which = type(value)
    if which is int or which is float:
        return value > 0 and (kind, which) in NUMBERS
    return (kind, which) in PLAIN or (which is str and kind in ("Activation", "Function") and value in ACTIVATIONS)
