"""One layer call as text: as short as a spec can say it, or as Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seqshape.bind.layer import Layer
from seqshape.declaration import LayerType, Parameter, is_inert
from seqshape.dims import UNKNOWN, Poly
from seqshape.exporters.literals import keyword_argument, literal, unsayable
from seqshape.exporters.objects import is_default, kept, object_of
from seqshape.graph import Call
from seqshape.registry import FLAGS, has
from seqshape.signatures import ALIASES
from seqshape.tensor import Constant

FLAG_OF = {(name, value): flag for flag, (name, value) in FLAGS.items()}


class CallWriter:
    """Writes bound layers.

    ``model`` writes a nested model; ``prefix`` stands before class names; ``flags``: spec sugar; ``inner_name`` says what
    name a layer inside another is given, if any: the one that the source gives it.
    """

    def __init__(
        self,
        model: Callable[[Any], str],
        *,
        prefix: str = "",
        flags: bool = False,
        names: bool = False,
        inner_name: Callable[[Any], str | None] | None = None,
    ) -> None:
        self.model = model
        self.prefix = prefix
        self.flags = flags
        self.names = names
        self.inner_name = inner_name or given_name
        self.written = 0  # how many calls of classes with the prefix

    def write(self, layer: object, name: str | None = None) -> str:
        """The call of a layer, with ``name=`` if it is given.

        Raises SeqshapeError where an argument cannot be written.
        """
        if not isinstance(layer, Layer):
            return self.model(layer)
        if has(layer, "function"):
            raise unsayable(f"{layer.name} is a Lambda: what it does is only in its function")
        arguments = list(self._arguments(layer))
        if name is not None:
            arguments.append(keyword_argument("name", self.literal(name)))
        return (
            f"{self._class(layer.type)}({', '.join(arguments)})"
            if arguments or not self.flags
            else self._class(layer.type)
        )

    def _class(self, kind: LayerType) -> str:
        self.written += 1
        return f"{self.prefix}{public_name(kind) if self.prefix else kind.name}"

    def _arguments(self, layer: Layer) -> Iterator[str]:
        leading = True
        for name, value, parameter in arguments_of(layer):
            if parameter is not None and parameter.default is ...:
                yield self.literal(value) if leading else keyword_argument(name, self.literal(value))
                continue
            leading = False
            if parameter is not None and parameter.kind is not None and not is_inert(name):
                yield self._named(layer.type, parameter, value)
            else:
                yield keyword_argument(name, self.kept(name, value))

    def kept(self, name: str, value: object) -> str:
        """The value of an argument that no rule reads. Raises SeqshapeError for one that cannot be written."""
        return literal(value, lambda item: self._object(name, item) if isinstance(item, Call) else self._other(item))

    def _object(self, name: str, call: Call) -> str:
        found = object_of(name, call)
        given = [keyword_argument(key, self.kept(key, item)) for key, item in found.arguments.items()]
        return f"keras.{found.module}.{found.class_name}({', '.join(given)})"

    def _named(self, kind: LayerType, parameter: Parameter, value: object) -> str:
        if self.flags:
            flag = FLAG_OF.get((parameter.name, value)) if isinstance(value, bool) else None
            if flag is not None:
                return flag
            takers = [other for other in kind.parameters if isinstance(value, str) and other.takes(value)]
            if takers == [parameter] and value not in FLAGS:
                return str(value)
        return keyword_argument(parameter.name, self.literal(value))

    def literal(self, value: object) -> str:
        """A value as text. Raises SeqshapeError for one that has none (a function, an object of a file)."""
        return literal(value, self._other)

    def _other(self, value: object) -> str:
        """What is no literal: a size, a slice, a layer."""
        if value is UNKNOWN:
            return "None"
        if isinstance(value, Poly):
            if not self.names:
                raise unsayable(f"the size {value} has no number", "give it one with --set")
            return str(value)
        if isinstance(value, slice) or value is ...:
            if self.flags:
                raise unsayable("a slice as an operand", "the spec language has no slices")
            ends = [] if value is ... else [value.start, value.stop, value.step]
            return f"slice({', '.join(map(self.literal, ends))})" if ends else "..."
        if isinstance(value, Constant):
            raise unsayable("an array of the file among the arguments: only its shape is read")
        if isinstance(value, Call):
            raise unsayable(f"an object of the class {value.class_name}, which only its own code knows")
        if callable(value):
            return self.write(value, self.inner_name(value))
        raise unsayable(f"{type(value).__name__} cannot be written as a value")


def arguments_of(layer: Layer, *, whole: bool = False) -> Iterator[tuple[str, object, Parameter | None]]:
    """The arguments that a layer needs to be the same one, in Keras's order, each with its parameter if it is declared.

    Those that no rule reads are among them. Defaults are left out; ``whole``: only those that are None are.
    """
    keras_s = {parameter.name for parameter in layer.type.positional}
    for parameter in layer.type.parameters:
        name = parameter.name
        if parameter.kind is None or is_inert(name):
            if name in layer.kept and not is_default(parameter.default, name, kept(layer.kept[name])):
                yield name, kept(layer.kept[name]), parameter
        elif name in layer.arguments:
            value = layer.arguments[name]
            stated = whole and (name in layer.given or (parameter.default is not None and name in keras_s))
            if stated or parameter.default is ... or not _is_default(parameter, value):
                yield name, value, parameter
    yield from _common(layer)


def _common(layer: Layer) -> Iterator[tuple[str, object, Parameter | None]]:
    """What every layer takes, where the layer does not declare it itself."""
    if layer.type.operation:
        return
    policy = layer.given.get("dtype")
    found = {
        "trainable": None if layer.trainable else False,
        "dtype": policy if isinstance(policy, Call) else None if layer.dtype == "float32" else layer.dtype,
        "activity_regularizer": kept(layer.kept["activity_regularizer"])
        if "activity_regularizer" in layer.kept
        else None,
        "autocast": False if layer.type.casts and not layer.autocast else None,
    }
    for name, value in found.items():
        declared = layer.type.parameter(name)
        if value is not None and (declared is None or (declared.kind is None and not is_inert(name))):
            yield name, value, None


def _is_default(parameter: Parameter, value: object) -> bool:
    from seqshape.diagnostics import listening

    with listening():
        default = parameter.left_out(parameter.default)
    return same(default, value)


def given_name(layer: object) -> str | None:
    """The name that the source gives a layer."""
    name: str | None = getattr(layer, "given", {}).get("name")
    return name


def public_name(kind: LayerType) -> str:
    """The name in keras.layers: of one class it is another than the class's own (GroupQueryAttention).

    Raises SeqshapeError for a class that is not there.
    """
    if kind.keras != "3" and not kind.operation:
        raise unsayable(f"keras.layers has no {kind.name}", kind.instead or None)
    own = f"Group{kind.name.removeprefix('Grouped')}"
    return own if ALIASES.get(own) == kind.name else kind.name


def same(one: object, other: object) -> bool:
    """Whether two checked values are the same, formulas by their text, 3 and (3,) apart."""
    return type(one) is type(other) and str(one) == str(other)
