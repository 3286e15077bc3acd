"""One layer call as text: as short as a spec can say it, or as Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seqshape.bind import Layer
from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.dims import UNKNOWN, Poly
from seqshape.registry import FLAGS, LayerType, Parameter
from seqshape.signatures import ALIASES

FLAG_OF = {(name, value): flag for flag, (name, value) in FLAGS.items()}
KEPT = ("trainable", "dtype")  # of what every layer takes, what changes a summary


def unsayable(what: str, help: str | None = None) -> SeqshapeError:
    """The refusal of an exporter: it names the part that the target cannot say."""
    return SeqshapeError((Diagnostic("E601", "error", what, help=help),))


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

    def write(self, layer: Any, name: str | None = None) -> str:
        """The call of a layer, with ``name=`` if it is given.

        Raises SeqshapeError where an argument cannot be written.
        """
        if not isinstance(layer, Layer):
            return self.model(layer)
        if layer.type.name == "Lambda":
            raise unsayable(f"{layer.name} is a Lambda: what it does is only in its function")
        arguments = list(self._arguments(layer))
        if name is not None:
            arguments.append(f"name={self.literal(name)}")
        return (
            f"{self._class(layer.type)}({', '.join(arguments)})"
            if arguments or not self.flags
            else self._class(layer.type)
        )

    def _class(self, kind: LayerType) -> str:
        return f"{self.prefix}{public_name(kind) if self.prefix else kind.name}"

    def _arguments(self, layer: Layer) -> Iterator[str]:
        leading = True
        for parameter in layer.type.parameters:
            if parameter.kind is None or parameter.name not in layer.arguments:
                leading = leading and parameter.default is ...
                continue
            value = layer.arguments[parameter.name]
            if parameter.default is ...:
                yield self.literal(value) if leading else f"{parameter.name}={self.literal(value)}"
            elif not self._is_default(layer.type, parameter, value):
                leading = False
                yield self._named(layer.type, parameter, value)
            else:
                leading = False
        for name in (name for name in KEPT if not _is_declared(layer.type, name)):
            value = layer.given.get(name)
            if (name == "trainable" and value is False) or (name == "dtype" and layer.dtype != "float32"):
                yield f"{name}={self.literal(layer.dtype if name == 'dtype' else False)}"

    def _is_default(self, kind: LayerType, parameter: Parameter, value: Any) -> bool:
        from seqshape.diagnostics import listening

        with listening():
            default = parameter.left_out(parameter.default)
        return same(default, value)

    def _named(self, kind: LayerType, parameter: Parameter, value: Any) -> str:
        if self.flags:
            flag = FLAG_OF.get((parameter.name, value)) if isinstance(value, bool) else None
            if flag is not None:
                return flag
            takers = [other for other in kind.parameters if isinstance(value, str) and other.takes(value)]
            if takers == [parameter] and value not in FLAGS:
                return str(value)
        return f"{parameter.name}={self.literal(value)}"

    def literal(self, value: Any) -> str:
        """A value as text. Raises SeqshapeError for one that has none (a function, an object of a file)."""
        if value is UNKNOWN:
            return "None"
        if isinstance(value, Poly):
            if not self.names:
                raise unsayable(f"the size {value} has no number", "give it one with --set")
            return str(value)
        if isinstance(value, (bool, int, float, type(None))):
            return repr(value)
        if isinstance(value, str):
            return quoted(value)
        if self.flags and (isinstance(value, slice) or value is ...):
            raise unsayable("a slice as an operand", "the spec language has no slices")
        if isinstance(value, slice):
            return f"slice({', '.join(map(self.literal, (value.start, value.stop, value.step)))})"
        if value is ...:
            return "..."
        if isinstance(value, (tuple, list)):
            inside = ", ".join(map(self.literal, value))
            if isinstance(value, list) or any(isinstance(item, Layer) for item in value):
                return f"[{inside}]"
            return f"({inside},)" if len(value) == 1 else f"({inside})"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.literal(key)}: {self.literal(item)}" for key, item in value.items()) + "}"
        if callable(value):
            return self.write(value, self.inner_name(value))
        raise unsayable(f"{type(value).__name__} cannot be written as a value")


def _is_declared(kind: LayerType, name: str) -> bool:
    """Whether the rule itself has the argument, which is then among the others."""
    parameter = kind.parameter(name)
    return parameter is not None and parameter.kind is not None


def given_name(layer: Any) -> str | None:
    """The name that the source gives a layer."""
    name: str | None = getattr(layer, "given", {}).get("name")
    return name


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def quoted(text: str) -> str:
    """A string in double quotes, on one line, whatever is in it: names of a file may hold anything."""
    inside = (_ESCAPES.get(sign) or (sign if sign.isprintable() else f"\\U{ord(sign):08x}") for sign in text)
    return f'"{"".join(inside)}"'


def keyword_argument(name: str, text: str) -> str:
    """``name=text``. Raises SeqshapeError for a name that no keyword can have."""
    import keyword

    if not name.isidentifier() or keyword.iskeyword(name):
        raise unsayable(f"{name!r} cannot be the name of an argument")
    return f"{name}={text}"


def public_name(kind: LayerType) -> str:
    """The name in keras.layers: of one class it is another than the class's own (GroupQueryAttention)."""
    own = f"Group{kind.name.removeprefix('Grouped')}"
    return own if ALIASES.get(own) == kind.name else kind.name


def same(one: Any, other: Any) -> bool:
    """Whether two checked values are the same, formulas by their text, 3 and (3,) apart."""
    return type(one) is type(other) and str(one) == str(other)
