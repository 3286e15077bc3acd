"""Binds calls, each once: arguments matched, checked, and made what the rule gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from seqshape.bind.arguments import check_words, describe, example, match
from seqshape.bind.common import check_common
from seqshape.bind.form import UNSET, Form, form_of, is_taken
from seqshape.bind.layer import NONSENSE, Layer, Nested, Opaque, senseless, undecided
from seqshape.bind.opened import holds_open, settled
from seqshape.bind.resolve import (
    declared_as,
    is_custom,
    is_layer_module,
    is_other_object,
    own_name,
    resolve,
    written,
)
from seqshape.bind.template import LITERALS, Key, Numbers, Template, keep_template, pattern_of, template_of
from seqshape.declaration import Inner, LayerType, Parameter, is_inert, snake_case
from seqshape.diagnostics import Fault, Remark, Span, listening, remark
from seqshape.dims import Inconclusive, Poly, Size, evaluate, symbol
from seqshape.graph import Argument, Call, Open, Ref, Unsaid, Value, Word
from seqshape.kinds import ACTIVATIONS, KINDS
from seqshape.registry import COMMON, find_layer, named
from seqshape.structure import EMPTY, leaves
from seqshape.tensor import Tensor
from seqshape.versions import KNOWN, Version

INSIDE = (Layer, Nested, Opaque)  # what has weights of its own, or may have
AGES = {"0": "0 and 1", "2": "2"}  # of classes that Keras 3 has no more


class Binder:
    """Binds calls, each once.

    ``name`` numbers the layers by class and stem; ``model`` binds the graph of a nested model.
    """

    def __init__(
        self,
        name: Callable[[str, str], str],
        model: Callable[[Call, str | None], object],
        *,
        dtype: str = "float32",
        version: Version = KNOWN["3"],
        sizes: Mapping[str, Size] | None = None,
        declared: Mapping[str, LayerType] = EMPTY,
    ) -> None:
        self._declared = declared
        self._version = version
        self._given = dict(sizes or {})
        self._name = name
        self._model = model
        self.dtype = dtype
        self.bound: dict[Call, Any] = {}
        self._sizes: set[str] = set()
        self.symbols: dict[str, Span] = {}
        self.unnamed: set[Call] = set()  # inputs that are named after the layer behind them

    def bind(self, call: Call) -> Any:
        """The layer of a call. Raises Fault if there is none of that name or an argument is wrong."""
        found = self.bound.get(call)
        if found is not None:
            return found
        try:
            found = self.bound[call] = self._bind(call)
        except Fault as fault:
            fault.call = fault.call or call
            raise
        except NONSENSE:
            raise senseless(resolve(call, self._declared), span=call.span) from None
        except Inconclusive as question:
            raise undecided(question, call.span) from None
        return found

    def get(self, call: Call) -> Any:
        """The layer of a call that has been bound, else ``None``."""
        return self.bound.get(call)

    def _bind(self, call: Call) -> object:
        if call.seldom is not None and call.body is not None:
            return self._model(call, own_name(call) or call.named)
        own = declared_as(call, self._declared) if self._declared else None
        key: Key | None = None
        numbers: Numbers = ()
        if own is None and not self._given:
            key, numbers, name = pattern_of(call, self.dtype, self._version)
            if key is not None:
                template, differing = template_of(key, numbers)
                if template is not None:
                    return self._alike(template, call, differing, name)
        kind = own or _known(call, self._declared)
        if kind is None:
            stem = call.class_name.rpartition(".")[2]
            return Opaque(call, own_name(call) or call.named or self._name(stem, snake_case(stem)))
        layer = self._anew(kind, call, shares=key is not None)
        if key is not None and layer.template is not None:
            layer.numbers = keep_template(key, numbers, layer.template)
        return layer

    def _alike(self, template: Template, call: Call, numbers: Numbers, name: str) -> Layer:
        """The layer of a call when one of its pattern has been bound."""
        form = template.form
        given = name or call.named
        if not given:
            given = "" if call in self.unnamed else self._name(form.type.name, form.auto_name)
        layer = Layer.like(template, call, given, numbers)
        inner = form.type.inner
        if inner is not None and not (inner.shares_name and name):
            self._number_inner(layer, inner)
        return layer

    def _anew(self, kind: LayerType, call: Call, *, shares: bool) -> Layer:
        """The layer of a call. ``shares``: whether others may be like it."""
        form = form_of(kind)
        arguments = written(call) if call.bare else call.arguments
        if form.shapes:
            check_words(form, arguments, self._given)
        values = match(form, call, arguments, self._given)
        layer = Layer(form, call)
        if self._given:
            layer.spans = {name: argument.span for name, argument in values.items()}
        if kind.operation:
            self._take_operands(layer, values)
        plain = self._taken(layer, values)
        if self._given:
            self._name_sizes(form, plain)
        if not values.keys() <= form.unchecked:
            check_common(form, call, plain, values, self._version)
        self._take_common(layer, plain, values)
        self._set_arguments(layer, plain)
        self._finish(layer, plain)
        if shares and not (layer.nests or layer.operands or layer.remarks or layer.variable):
            layer.template = _shared(layer, values)
            layer.seldom = {"building": layer.building} if layer.building is not None else None
        return layer

    def _take_operands(self, layer: Layer, values: dict[str, Argument]) -> None:
        """The literals among the operands of an operation are none of its arguments."""
        form = layer.form
        names = [name for name in values if name not in form.names and (name not in COMMON or name in form.type.inputs)]
        if names:
            layer.operands = {name: self._literal(form.type, name, values.pop(name)) for name in names}

    def _taken(self, layer: Layer, values: dict[str, Argument]) -> dict[str, object]:
        """The plain values of the arguments; those that no rule reads are kept as they are written."""
        form, plain, kept = layer.form, {}, {}
        for name, argument in values.items():
            value = argument.value
            if name in form.inert or (name not in form.names and is_inert(name)):
                kept[name] = value
            elif type(value.data) in LITERALS:
                plain[name] = value.data
            else:
                plain[name] = self._plain(_gathered(form, name, value), name)
        if kept:
            layer.kept = kept
        return plain

    def _take_common(self, layer: Layer, plain: dict[str, Any], values: dict[str, Argument]) -> None:
        """What every Keras layer takes. The layer takes its number here."""
        layer.name = plain.get("name") or layer.call.named or self._automatic(layer.form, layer.call)
        layer.dtype = self.dtype
        if plain.keys().isdisjoint(COMMON) and "autocast" not in values:
            return
        layer.trainable = bool(plain.get("trainable", True))
        layer.autocast &= "autocast" not in values or bool(values["autocast"].value.plain())
        layer.dtype = _policy(plain.get("dtype")) or self.dtype

    def _finish(self, layer: Layer, plain: dict[str, object]) -> None:
        """What the declaration says beside the arguments."""
        kind = layer.type
        if kind.keras in AGES and kind.keras != self._version.age:
            message = f"is a class of Keras {AGES[kind.keras]}, which later ones have dropped: {kind.instead}"
            layer.note([(Remark(message, code="W303"), layer.call.span)])
        if not plain.keys().isdisjoint(COMMON):
            layer.given = layer.given | {name: value for name, value in plain.items() if name in COMMON}
        if kind.inner is not None and not (kind.inner.shares_name and plain.get("name")):
            self._number_inner(layer, kind.inner)
        if kind.unnamed:
            layer.variable = partial(self._name, "Variable", "variable")

    def _automatic(self, form: Form, call: Call) -> str:
        return "" if call in self.unnamed else self._name(form.type.name, form.auto_name)

    def _literal(self, kind: LayerType, name: str, written: Argument) -> Value:
        """A literal that a spec writes as an operand of an operation. Raises Fault for a layer, which is none."""
        data = self._plain(written.value, name)
        if callable(data):
            help = "only a file can hold a function; the output of a layer is fed with >"
            message = f"{name} of {kind.name} has to be a tensor or a number, not the layer {data!r}"
            raise Fault(message, span=written.span, code="E104", help=help)
        return Value(data, written.span)

    def _number_inner(self, layer: Layer, inner: Inner) -> None:
        """The layers that Keras makes inside this one take numbers, though no row shows them."""

        def number() -> None:
            literals = {name: literal.data for name, literal in layer.operands.items()}
            for name in inner.classes(layer.arguments | literals):
                self._name(name, snake_case(name))

        if inner.at_build:
            layer.building = number
        else:
            number()

    def _set_arguments(self, layer: Layer, plain: dict[str, object]) -> None:
        """The arguments as the rule gets them. Raises Fault for one that is missing or of another kind."""
        held = layer.call.held
        arguments = layer.arguments = layer.form.template(self._version).copy()
        if plain:
            layer.given = {}
        for parameter in layer.form.ruled:
            name = parameter.name
            if name in held:
                arguments[name] = None  # until the call gives it
            elif name in plain:
                if is_taken(parameter.kind, plain[name]):
                    arguments[name] = layer.given[name] = plain[name]
                else:
                    self._set(layer, parameter, plain[name])
            elif arguments[name] is UNSET:
                raise _missing(layer, parameter)

    def _set(self, layer: Layer, parameter: Parameter, value: object) -> None:
        name = parameter.name
        if holds_open(value):
            value = settled(layer, parameter, value, self._given)
        try:
            with listening() as remarks:
                layer.arguments[name] = _checked(parameter, value, from_file=layer.call.module is not None)
        except Fault as fault:
            fault.message = f"{name} of {layer.class_name} {fault.message}"
            if fault.instead is not None and fault.span is None:
                fault.instead = _as_argument(layer, name, fault.instead)
            fault.span = fault.span or layer.place(name)
            fault.code = "E104" if fault.code == "E200" else fault.code
            raise
        except (*NONSENSE, Inconclusive):
            message = f"{name} of {layer.class_name} has to be {describe(parameter)}, not {value!r}"
            raise Fault(message, span=layer.place(name), code="E104") from None
        if _holds_layers(layer.arguments[name]):
            layer.nests = True
        if remarks:
            layer.note((found, layer.place(name)) for found in remarks)
        layer.given[name] = layer.arguments[name]

    def _name_sizes(self, form: Form, plain: dict[str, object]) -> None:
        """In a shape the names of sizes mean these, also behind ``=``, where a word is a string."""
        for name in form.shapes & plain.keys():
            items = plain[name]
            if isinstance(items, (tuple, list)):
                plain[name] = tuple(self._given.get(item, item) if isinstance(item, str) else item for item in items)

    def _plain(self, value: Value, parameter: str) -> object:
        """A value as its kind checks it: layers in it are bound, names of sizes are what they mean."""
        data = value.data
        if type(data) in LITERALS or isinstance(data, Tensor):  # a tensor is a tuple itself
            return data
        if isinstance(data, Call):
            other = is_other_object(data) and declared_as(data, self._declared) is None
            return data if other else self._nested(data)
        if isinstance(data, Word):
            return self._word(data, value.span, parameter)
        if isinstance(data, (Unsaid, Poly)):
            size = data if isinstance(data, Poly) else self._unsaid(data, parameter, value.span)
            return evaluate(size, self._given)
        return self._structure(value, parameter)

    def _word(self, word: Word, span: Span, parameter: str) -> object:
        if word.assigned is not None:
            return self._plain(word.assigned, parameter)
        if word.text in self._given:
            return self._given[word.text]
        named = Call(word.text, (), span, bare=True)
        return self._nested(named) if find_layer(word.text) is not None else word.text

    def _structure(self, value: Value, parameter: str) -> object:
        data = value.data
        if isinstance(data, Open):  # which is a tuple itself
            return data
        if isinstance(data, dict):
            return {key: self._plain(item, parameter) for key, item in data.items()}
        if isinstance(data, Ref) or (isinstance(data, list) and data and isinstance(data[0], Ref)):
            help = "feed it with >; a call argument is named: initial_state=h"
            raise Fault(f"a tensor cannot be {parameter} of a layer", span=value.span, code="E128", help=help)
        if isinstance(data, (tuple, list)):
            return type(data)(self._plain(item, parameter) for item in data)
        return data

    def _nested(self, call: Call) -> object:
        if call.module is not None and call.body is None and not is_layer_module(call.module):
            return call  # an initializer, a policy, a function that a config names: no layer
        return self.bind(call)

    def _unsaid(self, unsaid: Unsaid, parameter: str, span: Span) -> Poly:
        stem = unsaid.name or parameter
        name, number = stem, 2
        while name in self._sizes or isinstance(self._given.get(name), Poly):
            name, number = f"{stem}_{number}", number + 1
        self._sizes.add(name)
        self.symbols[name] = span
        size = symbol(name)
        assert isinstance(size, Poly)
        return size


def _holds_layers(value: object) -> bool:
    """Whether there is a layer in a value."""
    if type(value) in LITERALS or (type(value) is tuple and LITERALS.issuperset(map(type, value))):  # most are
        return False
    return isinstance(value, INSIDE) or any(isinstance(leaf, INSIDE) for leaf in leaves(value))


def _shared(layer: Layer, values: dict[str, Argument]) -> Template | None:
    """What layers of a pattern can have in common with this one; ``None`` where it keeps what the call does not say."""
    said = [argument.value for argument in layer.call.arguments]
    kept = {name: next((i for i, one in enumerate(said) if one is value), -1) for name, value in layer.kept.items()}
    if -1 in kept.values():
        return None
    given = {name: value for name, value in layer.given.items() if name != "name"}
    flags = layer.trainable, layer.dtype, layer.autocast
    return Template(layer.form, layer.arguments, given, kept, flags, _free(layer, values))


def _free(layer: Layer, values: dict[str, Argument]) -> tuple[str, ...]:
    """The arguments that have the numbers above 0 of a call; none unless each could as well be another one."""
    names = {id(argument.value): name for name, argument in values.items()}
    found: list[str] = []
    for argument in layer.call.arguments:
        number: Any = argument.value.data
        if type(number) in (int, float) and number > 0:
            name = names.get(id(argument.value), "")
            parameter = layer.form.parameters.get(name)
            if parameter is None or name in found or layer.arguments.get(name) is not number:
                return ()
            if not is_taken(parameter.kind, number):
                return ()
            found.append(name)
    return tuple(found)


def _as_argument(layer: Layer, name: str, word: str) -> str:
    """How a word is written in the place of an argument, with its keyword if it has one."""
    written = next((argument for argument in layer.call.arguments if argument.span == layer.place(name)), None)
    return f'{written.name}="{word}"' if written is not None and written.name else f'"{word}"'


def _checked(parameter: Parameter, value: object, *, from_file: bool) -> object:
    """The value as the rule gets it. A file may name an activation of the user's, and has some values in another form.

    Raises Fault if it is of another kind.
    """
    restored = KINDS[parameter.kind].restored if parameter.kind else None
    if from_file and restored is not None:
        value = restored(value)
    own = from_file and parameter.kind in ("Activation", "Function") and isinstance(value, str)
    if not own or value in ACTIVATIONS:
        return parameter.check(value)
    remark(f"has the activation {value!r}, which is none of Keras's; it is taken to keep the shape", code="W401")
    return value


def _gathered(form: Form, name: str, value: Value) -> Value:
    """A list of layers where Keras makes one layer of it: the cells of an RNN."""
    around = form.around.get(name)
    if around is None or not isinstance(value.data, (tuple, list)):
        return value
    return Value(Call(named(around), (Argument(None, value, value.span),), value.span), value.span)


def _known(call: Call, declared: Mapping[str, LayerType]) -> LayerType | None:
    """The layer type of a call; ``None`` for a class of a file that seqshape does not know. Raises Fault."""
    try:
        return None if call.module is not None and is_custom(call.module) else resolve(call, declared)
    except Fault:
        if call.module is None:
            raise
        return None


def _missing(layer: Layer, parameter: Parameter) -> Fault:
    """The complaint that an argument is needed."""
    name = layer.call.class_name if layer.type.operation else layer.class_name
    return Fault(
        f"{layer.class_name} needs {parameter.name}, {describe(parameter)}",
        span=layer.call.span,
        code="E105",
        help=f"write {example(layer.type, name)}; seqshape explain {name} tells more",
    )


def _policy(dtype: object) -> str | None:
    """The name of a dtype policy: a string, or what a config says of one."""
    if isinstance(dtype, Call):
        return own_name(dtype)
    return dtype if isinstance(dtype, str) else None
