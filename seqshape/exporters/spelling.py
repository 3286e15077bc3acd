"""How the layers of a spec are spelled: one way for one network, short or as Keras does.

Short: the shortest name, flags for what they say, no default, what is required by position, everything in Keras's
order. Long: the class name and keywords. What a call says stays the same; where that is not sure, it stands as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seqshape.bind.form import SHAPES, Form, form_of
from seqshape.declaration import LayerType, Parameter, is_inert
from seqshape.diagnostics import Fault, Span, listening
from seqshape.exporters.calls import FLAG_OF, same
from seqshape.exporters.objects import is_default
from seqshape.kinds import ACTIVATIONS
from seqshape.readers.spec.syntax import (
    Arithmetic,
    Constant,
    Invocation,
    Keyword,
    Listing,
    Name,
    Number,
    Syntax,
    Text,
    Unary,
    Unknown,
)
from seqshape.records import NamedTuple
from seqshape.registry import COMMON, FLAGS, SHORT, find_layer, named

_NOWHERE = Span()
_LAYERS = frozenset({"Layer", "Layers", "Cell"})  # kinds of arguments that are layers
# What every layer takes, with what it is where it is not said.
_COMMON_DEFAULTS: dict[str, object] = {
    "trainable": True,
    "dtype": "float32",
    "activity_regularizer": None,
    "name": None,
}


class Unsure(Exception):
    """It is not sure what a call says."""


class Said(NamedTuple):
    """An argument as it is to be written: ``is_layer``, where a bare word is the name of a layer."""

    name: str | None
    value: Syntax
    is_layer: bool = False


class Spelling:
    """``assigned`` are the names of the spec, which mean what was assigned to them."""

    def __init__(self, assigned: frozenset[str] = frozenset(), *, long: bool = False) -> None:
        self.assigned = assigned
        self.long = long

    @property
    def comma(self) -> str:
        """What stands between arguments."""
        return ", " if self.long else ","

    def name(self, word: str) -> str:
        """The name of a layer's class, or the shortest that it has; every other word as it is."""
        kind = find_layer(word)
        if kind is None or kind.operation:
            return word
        if self.long:
            return kind.name
        shorter = (short for short in kind.aliases if len(short) < len(kind.name) and short not in self.assigned)
        return next(shorter, kind.name)

    def bare(self, word: str) -> str | None:
        """How a layer without arguments is written where a chain has it, if not by its name alone."""
        if word in ACTIVATIONS:
            return f'{named("activation")}("{word}")' if self.long else None
        is_known = word not in self.assigned and find_layer(word) is not None
        return f"{self.name(word)}()" if self.long and is_known else None

    def activation(self, kind_name: str, said: list[Said]) -> str | None:
        """The word that stands for a layer that is an activation alone."""
        kind = self._kind(kind_name)
        if self.long or kind is None or kind.name != named("activation") or len(said) != 1:
            return None
        value = said[0].value
        word = value.text if isinstance(value, Name) else value.value if isinstance(value, Text) else None
        return word if isinstance(word, str) and word in ACTIVATIONS and word not in self.assigned else None

    def arguments(self, name: str, written: Iterable[Keyword]) -> list[Said]:
        """The arguments of a call in their one form; as they stand where it is not sure what they say."""
        given = tuple(written)
        kind = self._kind(name)
        if kind is not None:
            try:
                return _Arguments(self, kind).ordered(given)
            except (Unsure, Fault):
                pass
        return [Said(one.name.text if one.name else None, one.value) for one in given]

    def _kind(self, name: str) -> LayerType | None:
        kind = None if name in self.assigned else find_layer(name)
        return None if kind is None or kind.operation else kind


class _Arguments:
    """The arguments of one layer type."""

    def __init__(self, spelling: Spelling, kind: LayerType) -> None:
        self.spelling = spelling
        self.kind = kind
        self.form: Form = form_of(kind)

    def ordered(self, written: tuple[Keyword, ...]) -> list[Said]:
        """All in Keras's order, defaults left out. Raises Unsure."""
        found = self._matched(written)
        required = self._required()
        names = [*(parameter.name for parameter in self.kind.parameters), *COMMON]
        said: list[Said] = []
        leading = True
        for name in dict.fromkeys(sorted(found, key=names.index)):
            parameter = self.form.parameters.get(name)
            value = self._shorter(parameter, found[name])
            if self._is_default(name, parameter, value):
                leading = leading and name in required
                continue
            leading = leading and name in required
            said += self._said(name, parameter, value, leading=leading)
        return said

    def _matched(self, written: tuple[Keyword, ...]) -> dict[str, Syntax]:
        """Which parameter each argument sets. Raises Unsure of what is unknown, doubled or too much."""
        found: dict[str, Syntax] = {}
        positional: list[Syntax] = []
        for one in written:
            value = one.value
            if one.name is not None:
                self._put(found, self._named(one.name.text), value)
            elif isinstance(value, Name) and value.text in self.form.flags:
                name, flag = self.form.flags[value.text]
                self._put(
                    found, name, Constant(flag, _NOWHERE) if isinstance(flag, bool) else Text(str(flag), _NOWHERE)
                )
            else:
                positional.append(value)
        for name, value in self._in_position(positional):
            self._put(found, name, value)
        return found

    def _put(self, found: dict[str, Syntax], name: str, value: Syntax) -> None:
        if name in found:
            raise Unsure
        found[name] = value

    def _named(self, word: str) -> str:
        if word in self.form.names or word in COMMON:
            return word
        for name in SHORT.get(word, ()):
            if name in self.form.names:
                return name
        raise Unsure

    def _in_position(self, values: list[Syntax]) -> Iterator[tuple[str, Syntax]]:
        parameters = self.form.positional
        if values and parameters and parameters[0].kind in SHAPES and not self._is_whole(values, parameters[0]):
            yield parameters[0].name, Listing("(", ",", tuple(values), _NOWHERE)
            return
        words = [value for value in values[len(self._required()) :] if isinstance(value, Name)]
        if len(values) > len(parameters) or any(word.text not in self.spelling.assigned for word in words):
            raise Unsure
        yield from ((parameter.name, value) for parameter, value in zip(parameters, values, strict=False))

    def _required(self) -> list[str]:
        return [parameter.name for parameter in self.kind.parameters if parameter.default is ...]

    def _is_whole(self, values: list[Syntax], parameter: Parameter) -> bool:
        """Whether what stands in the place of a shape is a shape, and not its first dim."""
        first = values[0]
        if isinstance(first, (Listing, Text, Invocation)):
            return True
        if isinstance(first, Name) and first.text in self.spelling.assigned:
            return True
        return (
            len(values) == 1 and isinstance(first, Constant) and not (first.value is None and parameter.kind == "Dims")
        )

    def _shorter(self, parameter: Parameter | None, value: Syntax) -> Syntax:
        """One number for several equal ones, where the layer takes one for all its axes."""
        if parameter is None or parameter.kind != "Sizes" or not isinstance(value, Listing) or value.separator != ",":
            return value
        numbers = [one.value if isinstance(one, Number) else None for one in value.items]
        alike = len(set(numbers)) == 1 and numbers[0] is not None
        return value.items[0] if alike and len(numbers) == self._rank else value

    @property
    def _rank(self) -> int:
        return self.kind.rank or 0

    def _is_spread(self, parameter: Parameter, value: object) -> bool:
        """Whether a value is one number for all axes of the layer."""
        return parameter.kind == "Sizes" and isinstance(value, int) and self._rank > 0

    def _is_default(self, name: str, parameter: Parameter | None, value: Syntax) -> bool:
        try:
            plain = self._plain(parameter, value)
        except Unsure:
            return False
        if parameter is None:
            return name in _COMMON_DEFAULTS and same(_COMMON_DEFAULTS[name], plain)
        if parameter.default is ...:
            return False
        if parameter.kind is None or is_inert(name):
            return is_default(parameter.default, name, plain)
        with listening():
            default, checked = parameter.left_out(parameter.default), parameter.check(plain)
        return same(default, checked) or (self._is_spread(parameter, checked) and default == (checked,) * self._rank)

    def _plain(self, parameter: Parameter | None, value: Syntax) -> object:
        """A literal as Python has it. Raises Unsure of what is none."""
        if isinstance(value, (Number, Text, Constant)):
            return value.value
        if isinstance(value, Unary) and isinstance(value.operand, Number):
            return -value.operand.value if value.operator == "-" else value.operand.value
        if isinstance(value, Name) and self._is_word(parameter, value.text):
            return value.text
        if isinstance(value, Listing) and value.separator != "|":
            items = [self._plain(None, item) for item in value.items]
            return tuple(items) if value.bracket == "(" else items
        raise Unsure

    def _said(self, name: str, parameter: Parameter | None, value: Syntax, *, leading: bool) -> Iterator[Said]:
        """An argument by position, as a flag, or by its name."""
        is_layer = parameter is not None and parameter.kind in _LAYERS
        shape = parameter is not None and parameter.kind in SHAPES and parameter is self.form.positional[0]
        if shape and isinstance(value, Listing) and _are_dims(value, self.spelling.assigned) and not self.spelling.long:
            yield from (Said(None, item) for item in value.items)
        elif leading or (shape and not self.spelling.long):
            yield Said(None, self._word(parameter, value), is_layer)
        else:
            flag = None if self.spelling.long else self._flag(parameter, value)
            yield Said(None, Name(flag, _NOWHERE)) if flag else Said(name, self._word(parameter, value), is_layer)

    def _word(self, parameter: Parameter | None, value: Syntax) -> Syntax:
        """A word of a parameter in quotes: it is text."""
        if isinstance(value, Name) and self._is_word(parameter, value.text):
            return Text(value.text, value.span)
        return value

    def _is_word(self, parameter: Parameter | None, text: str) -> bool:
        return parameter is not None and parameter.takes(text) and text not in self.spelling.assigned

    def _flag(self, parameter: Parameter | None, value: Syntax) -> str | None:
        """The bare word that says an argument."""
        if parameter is None:
            return None
        if isinstance(value, Constant) and isinstance(value.value, bool):
            return FLAG_OF.get((parameter.name, value.value))
        word = value.text if isinstance(value, Name) else value.value if isinstance(value, Text) else ""
        if word in FLAGS or self.form.flags.get(word) != (parameter.name, word):
            return None
        return word if [other for other in self.kind.parameters if other.takes(word)] == [parameter] else None


def _are_dims(value: Listing, assigned: frozenset[str]) -> bool:
    """Whether a shape means the same without its parentheses."""
    if value.bracket != "(" or value.separator != "," or not value.items:
        return False
    first = value.items[0]
    plain = (Number, Name, Constant, Unary, Arithmetic, Unknown)
    if not all(isinstance(item, plain) for item in value.items) or (isinstance(first, Name) and first.text in assigned):
        return False
    return len(value.items) > 1 or isinstance(first, (Number, Name))
