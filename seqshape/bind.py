"""From a call as written to a layer that can be run: arguments matched to the signature, checked, and blamed on their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import takewhile
from typing import Any

from seqshape.diagnostics import Fault, Label, Remark, Span, is_running, listening, nearest, remark, suggest
from seqshape.dims import Inconclusive, Poly, Size, evaluate, symbol
from seqshape.graph import Argument, Call, Node, Ref, Unsaid, Value, Word
from seqshape.kinds import ACTIVATIONS, KINDS
from seqshape.policies import compute_dtype, is_dtype, is_policy, narrowed, variable_dtype
from seqshape.registry import (
    COMMON,
    FLAGS,
    INERT_SUFFIXES,
    LEFT_OUT,
    SHORT,
    Inner,
    LayerType,
    Parameter,
    find_layer,
    is_inert,
    snake_case,
    spellings,
)
from seqshape.signatures import CLOSED, IDENTIFIERS
from seqshape.tensor import Effect, Frozen, Structure, Tensor, Unknowable, WeightShape, mapped, show

# Arguments that earlier versions had everywhere, and what to do without them.
LEFT = {"input_length": "leave it out: the length of a sequence comes with the input"}
AGES = {"0": "0 and 1", "2": "2"}  # of classes that Keras 3 has no more
SHAPES = ("Dims", "Target")  # the kinds of arguments that are shapes
# What a rule may stumble over where an argument holds a value that its kind does not foresee.
NONSENSE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    StopIteration,
    TypeError,
    ValueError,
)
# Layers that copy their initializers for those inside, so that these need a class.
COPYING = ("MultiHeadAttention", "GroupedQueryAttention")


class Layer:
    """A bound layer. Calling it with tensors runs the rule; complaints come out with the place in the source.

    ``arguments`` are what the rule gets, ``given`` the checked ones that the source states (for printing), ``places``
    the span of each. ``kept`` are the arguments that no rule reads, as they are written: initializers, seeds.
    ``dtype`` is the name of Keras's dtype policy. ``operands`` are literals that a spec writes among the arguments of
    an operation.
    """

    __slots__ = (
        "arguments",
        "autocast",
        "building",
        "call",
        "dtype",
        "given",
        "kept",
        "made",
        "name",
        "operands",
        "places",
        "remarks",
        "trainable",
        "type",
        "variable",
        "variables",
    )

    def __init__(self, type: LayerType, call: Call, name: str) -> None:
        self.type = type
        self.call = call
        self.name = name
        self.arguments: dict[str, Any] = {}
        self.given: dict[str, Any] = {}
        self.kept: dict[str, Value] = {}
        self.operands: dict[str, Value] = {}
        self.places: dict[str, Span] = {}
        self.remarks: list[tuple[Remark, Span]] = []
        self.trainable = True
        self.autocast = type.casts
        self.dtype = "float32"
        self.building: Callable[[], None] | None = None  # what the first call has to do
        self.variables: dict[str, str] = {}  # the names of weights that have none, by the rule's
        self.variable: Callable[[], str] | None = None  # gives the next of them
        self.made: dict[str, Frozen] = {}  # the weights: the same objects in every call, wherever the layer stands

    @property
    def class_name(self) -> str:
        """Keras's class name."""
        return self.call.shown or self.type.name

    @property
    def compute_dtype(self) -> str:
        """The dtype of the outputs."""
        return compute_dtype(self.dtype)

    @property
    def input_dtype(self) -> str | None:
        """The dtype to which Keras casts floats before the layer sees them; ``None`` if it takes them as they are."""
        return self.compute_dtype if self.type.converts else None

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return variable_dtype(self.dtype)

    def __repr__(self) -> str:
        return f"{self.class_name}(…)"

    def __getattr__(self, name: str) -> Any:
        """A wrapper's rule reads the arguments of the layer inside: ``layer.return_sequences``."""
        try:
            return self.arguments[name]
        except KeyError:
            raise AttributeError(name) from None

    def __call__(self, *inputs: Structure, **keywords: Any) -> Effect:
        """What the layer does to its inputs.

        Raises Fault, with the place in the source, if the layer refuses them.
        """
        if self.building is not None:
            self.building()
            self.building = None
        with listening() as remarks:
            try:
                self._check_runs()
                effect = self.type.rule(*inputs, **self.arguments, **keywords)
            except Fault as fault:
                self.blame(fault)
                raise
            except NONSENSE:
                found = self._senseless()
                self.blame(found)
                raise found from None
        self.remarks.extend((found, self.place(found.arg)) for found in remarks)
        return self._finish(effect, inputs)

    def _senseless(self) -> Fault:
        """The complaint that the rule can do nothing with a value, blamed on the one that is least like a plain one."""
        name = max(self.given, key=lambda name: _strangeness(self.arguments.get(name)), default=None)
        if name is None or not (len(self.given) == 1 or _strangeness(self.arguments.get(name))):
            return senseless(self.type)
        return senseless(self.type, name, self.arguments.get(name))

    def _check_runs(self) -> None:
        """What Keras takes, but cannot run: a policy it cannot quantize to, no number where one is meant.

        Raises Fault where the layer is run at once.
        """
        if not is_running():
            return
        if "_from_" in self.dtype and self.type.quantized is None:
            raise Fault(f"cannot run with the dtype policy {self.dtype}", arg="dtype")
        for name in self.given:
            parameter, value = self.type.parameter(name), self.arguments.get(name)
            runs = KINDS[parameter.kind].runs if parameter is not None and parameter.kind is not None else ()
            if runs and value is not None and not isinstance(value, runs):
                raise Fault(f"cannot run with {name} {value!r}", arg=name)

    def copy(self, name: str, **changes: Any) -> Layer:
        """The same layer under another name and with some arguments changed, as Bidirectional makes two of one.

        What it remarks is noted with the original.
        """
        twin = Layer(self.type, self.call, name)
        twin.arguments = {key: _copied(value) for key, value in self.arguments.items()} | changes
        twin.given, twin.kept, twin.places, twin.remarks = self.given, self.kept, self.places, self.remarks
        twin.trainable, twin.dtype, twin.autocast = self.trainable, self.dtype, self.autocast
        twin.variable = self.variable
        return twin

    def hold(self, name: str, value: Any) -> None:
        """Take a value with tensors in it as an argument of the constructor, of which only their shapes are looked at.

        Raises Fault where Keras wants something else.
        """
        parameter = self.type.parameter(name)
        if parameter is None or parameter.kind is None or not KINDS[parameter.kind].tensors:
            raise Fault(f"needs a plain value as {name}, but gets a tensor", arg=name, code="E128")
        with listening() as remarks:
            self.arguments[name] = self.given[name] = parameter.check(value)
        self.remarks.extend((found, self.place(found.arg)) for found in remarks)
        message = f"holds a tensor as {name}, to which no run gives a value: it builds, but fails when it runs"
        self.remarks.append((Remark(message), self.place(name)))

    def place(self, argument: str | None) -> Span:
        """Where an argument stands; of one that is not written, where the layer stands."""
        return self.places.get(argument or "", self.call.span)

    def blame(self, fault: Fault) -> None:
        """Give a complaint of the rule its subject and its place, unless a layer further inside has done so."""
        if fault.span is not None:
            return
        fault.message = f"{self.class_name} {fault.message}"
        fault.span = self.place(fault.arg)
        if fault.index is not None:
            fault.span = self._element(fault) or fault.span

    def _element(self, fault: Fault) -> Span | None:
        for argument in self.call.arguments:
            if argument.span == fault.span and isinstance(argument.value.data, (tuple, list)):
                item = argument.value.data[fault.index or 0]
                return item.span if isinstance(item, Value) else None
        return None

    def _finish(self, effect: Effect, inputs: tuple[Structure, ...]) -> Effect:
        stored = effect.weights if "_from_" not in self.dtype else self._quantized(effect.weights, inputs)
        if self.variable is not None:
            stored = {self._variable(path, self.variable): weight for path, weight in stored.items()}
        weights = {path: self._same(path, self._weight(weight)) for path, weight in stored.items()}
        dtype = narrowed(self.compute_dtype) if self.type.traced else self.compute_dtype
        out = mapped(lambda tensor: tensor if tensor.dtype is not None else Tensor(tensor.shape, dtype), effect.out)
        return effect._replace(out=out, weights=weights)

    def _variable(self, path: str, following: Callable[[], str]) -> str:
        """What a weight without a name is called: the first call makes it, and it takes a number then."""
        if path not in self.variables:
            self.variables[path] = following()
        return self.variables[path]

    def _quantized(
        self, weights: Mapping[str, WeightShape], inputs: tuple[Structure, ...]
    ) -> Mapping[str, WeightShape]:
        """The weights as a quantized dtype policy stores them."""
        from seqshape.layers.quantization import mode_of

        mode = mode_of(self.dtype)
        if mode is None or self.type.quantized is None:
            return weights
        known = self.arguments | dict(zip(self.type.inputs, inputs, strict=False))
        found: Mapping[str, WeightShape] = self.type.quantized(weights, mode, known)
        return found

    def _same(self, path: str, weight: Frozen) -> Frozen:
        """The weight that an earlier call has made, unless this one needs another."""
        first = self.made.setdefault(path, weight)
        return first if first[1:] == weight[1:] and show(first.shape) == show(weight.shape) else weight

    def _weight(self, weight: WeightShape) -> Frozen:
        if not isinstance(weight, Frozen):
            return Frozen(tuple(weight), self.variable_dtype, self.trainable, True)
        if weight.inner and weight.dtype is not None:
            return weight  # of a layer inside, which may stand elsewhere too
        trainable = weight.trainable if self.trainable or weight.inner else False
        return Frozen(weight.shape, weight.dtype or self.variable_dtype, trainable, True)


def _copied(value: Any) -> Any:
    """An argument of a layer that is copied: the layers in it are copied too, and have weights of their own."""
    if isinstance(value, Layer):
        return value.copy(value.name)
    return tuple(map(_copied, value)) if type(value) is tuple else value


class Opaque:
    """A layer of a file whose class seqshape does not know: it has a name, and nothing else is known of it."""

    input_dtype = None
    autocast = True

    def __init__(self, call: Call, name: str) -> None:
        self.call = call
        self.name = name
        self.class_name = call.shown or call.class_name.rpartition(".")[2]
        self.arguments: dict[str, Any] = {}
        self.remarks: list[tuple[Remark, Span]] = []
        self.trainable = all(said.value.data is not False for said in call.arguments if said.name == "trainable")

    def __repr__(self) -> str:
        return f"{self.class_name}(…)"

    def __call__(self, *inputs: Structure, **keywords: Any) -> Effect:
        """Raises Unknowable: nothing is known of what it does."""
        raise Unknowable


class Binder:
    """Binds calls, each once.

    ``name`` numbers the layers by class and stem; ``model`` binds the graph of a nested model.
    """

    def __init__(
        self,
        name: Callable[[str, str], str],
        model: Callable[[Call, str | None], Any],
        *,
        dtype: str = "float32",
        version: str = "3",
        sizes: Mapping[str, Size] | None = None,
    ) -> None:
        self._version = version
        self._given = dict(sizes or {})
        self._name = name
        self._model = model
        self.dtype = dtype
        self._bound: dict[Call, Any] = {}
        self._sizes: set[str] = set()
        self.symbols: dict[str, Span] = {}
        self.unnamed: set[Call] = set()  # inputs that are named after the layer behind them

    def bind(self, call: Call) -> Any:
        """The layer of a call. Raises Fault if there is none of that name or an argument is wrong."""
        if call not in self._bound:
            try:
                self._bound[call] = self._bind(call)
            except NONSENSE:
                raise senseless(resolve(call), span=call.span) from None
            except Inconclusive as question:
                raise undecided(question, call.span) from None
        return self._bound[call]

    def get(self, call: Call) -> Any:
        """The layer of a call that has been bound, else ``None``."""
        return self._bound.get(call)

    def _bind(self, call: Call) -> Any:
        if call.body is not None:
            return self._model(call, own_name(call))
        try:
            kind = resolve(call)
        except Fault:
            if call.module is None:
                raise
            kind = None
        if kind is None or _is_custom(call.module):
            stem = call.class_name.rpartition(".")[2]
            return Opaque(call, own_name(call) or self._name(stem, snake_case(stem)))
        _check_words(kind, call, self._given)
        values = _match(kind, call, self._given)
        layer = Layer(kind, call, "")
        layer.places = {name: argument.span for name, argument in values.items()}
        for name in [name for name in values if kind.operation and kind.parameter(name) is None]:
            if name not in COMMON or name in kind.inputs:
                written = values.pop(name)
                layer.operands[name] = self._literal(kind, name, written)
        plain = {
            name: self._plain(_gathered(kind, name, argument.value), name)
            for name, argument in values.items()
            if not is_inert(name)
        }
        layer.kept = {name: argument.value for name, argument in values.items() if is_inert(name)}
        self._name_sizes(kind, plain)
        check_common(kind, call, plain, values, self._version)
        layer.name = plain.get("name") or ("" if call in self.unnamed else self._name(kind.name, kind.auto_name))
        layer.trainable = bool(plain.get("trainable", True))
        layer.autocast &= "autocast" not in values or bool(_bare(values["autocast"].value.data))
        layer.dtype = _policy(plain.get("dtype")) or self.dtype
        for parameter in kind.parameters:
            if parameter.kind is not None:
                self._set(layer, parameter, plain)
        if kind.keras in AGES and kind.keras != self._version.removeprefix("tf"):
            message = f"is a class of Keras {AGES[kind.keras]}, which later ones have dropped: {kind.instead}"
            layer.remarks.append((Remark(message, code="W303"), call.span))
        layer.given |= {name: value for name, value in plain.items() if name in COMMON}
        if kind.inner is not None and not (kind.inner.shares_name and plain.get("name")):
            self._number_inner(layer, kind.inner)
        if kind.unnamed:
            layer.variable = partial(self._name, "Variable", "variable")
        return layer

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

    def _set(self, layer: Layer, parameter: Parameter, plain: dict[str, Any]) -> None:
        name = parameter.name
        if name in layer.call.held:
            layer.arguments[name] = None  # until the call gives it
            return
        if name not in plain and parameter.default is ...:
            raise Fault(
                f"{layer.class_name} needs {name}, {_describe(parameter)}",
                span=layer.call.span,
                code="E105",
                help=f"write {layer.class_name}({_example(layer.type)})",
            )
        if name not in plain:
            layer.arguments[name] = parameter.left_out(self._default(layer.type, parameter))
            return
        try:
            with listening() as remarks:
                layer.arguments[name] = _checked(parameter, plain[name], from_file=layer.call.module is not None)
        except Fault as fault:
            fault.message = f"{name} of {layer.class_name} {fault.message}"
            if fault.instead is not None and fault.span is None:
                fault.instead = _as_argument(layer, name, fault.instead)
            fault.span = fault.span or layer.place(name)
            fault.code = "E104" if fault.code == "E200" else fault.code
            raise
        except (*NONSENSE, Inconclusive):
            message = f"{name} of {layer.class_name} has to be {_describe(parameter)}, not {plain[name]!r}"
            raise Fault(message, span=layer.place(name), code="E104") from None
        layer.remarks.extend((found, layer.place(name)) for found in remarks)
        layer.given[name] = layer.arguments[name]

    def _name_sizes(self, kind: LayerType, plain: dict[str, Any]) -> None:
        """In a shape the names of sizes mean these, also behind ``=``, where a word is a string."""
        for parameter in kind.parameters:
            items = plain.get(parameter.name)
            if parameter.kind in SHAPES and isinstance(items, (tuple, list)) and self._given:
                plain[parameter.name] = tuple(
                    self._given.get(item, item) if isinstance(item, str) else item for item in items
                )

    def _default(self, kind: LayerType, parameter: Parameter) -> Any:
        return kind.keras2.get(parameter.name, parameter.default) if self._version == "2" else parameter.default

    def _plain(self, value: Value, parameter: str) -> Any:
        data = value.data
        if isinstance(data, Call):
            return data if _is_other_object(data) else self._nested(data)
        if isinstance(data, Word):
            if data.assigned is not None:
                return self._plain(data.assigned, parameter)
            if data.text in self._given:
                return self._given[data.text]
            named = Call(data.text, (), value.span, bare=True)
            return self._nested(named) if find_layer(data.text) is not None else data.text
        if isinstance(data, Unsaid):
            return evaluate(self._unsaid(data, parameter, value.span), self._given)
        if isinstance(data, Poly):
            return evaluate(data, self._given)
        if isinstance(data, Tensor):  # which is a tuple itself
            return data
        if isinstance(data, dict):
            return {key: self._plain(item, parameter) for key, item in data.items()}
        if isinstance(data, Ref) or (isinstance(data, list) and data and isinstance(data[0], Ref)):
            help = "feed it with >; a call argument is named: initial_state=h"
            raise Fault(f"a tensor cannot be {parameter} of a layer", span=value.span, code="E128", help=help)
        if isinstance(data, (tuple, list)):
            return type(data)(self._plain(item, parameter) for item in data)
        return data

    def _nested(self, call: Call) -> Any:
        if call.module is not None and call.body is None and not _is_layer_module(call.module):
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


def senseless(kind: LayerType, name: str | None = None, value: Any = None, span: Span | None = None) -> Fault:
    """The complaint that a layer can do nothing with the value of an argument, or with all that it is given."""
    what = "its arguments" if name is None else f"{value!r} as {name}"
    page = f"ops.{snake_case(kind.name)}" if kind.operation else kind.name
    help = f"seqshape layers {page} says what it takes"
    subject = "" if span is None else f"{kind.name} "
    return Fault(f"{subject}cannot work with {what}", arg=name, code="E104", span=span, help=help)


def undecided(question: Inconclusive, span: Span | None = None) -> Fault:
    """The complaint that a question about named sizes has more than one answer."""
    help = "give the size a number, for example with --set"
    return Fault(f"cannot be worked out for every size: {question}", code="E206", help=help, span=span)


def _strangeness(value: Any) -> int:
    """How far a value is from a plain number or word, which most arguments are."""
    if value is None or isinstance(value, (bool, int, float)):
        return 0
    if isinstance(value, str):
        return 1
    if isinstance(value, (tuple, list)):
        return 2 + max(map(_strangeness, value), default=1)
    return 4 if isinstance(value, Poly) else 5


def _as_argument(layer: Layer, name: str, word: str) -> str:
    """How a word is written in the place of an argument, with its keyword if it has one."""
    written = next((argument for argument in layer.call.arguments if argument.span == layer.place(name)), None)
    return f'{written.name}="{word}"' if written is not None and written.name else f'"{word}"'


def _checked(parameter: Parameter, value: Any, *, from_file: bool) -> Any:
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


def _gathered(kind: LayerType, name: str, value: Value) -> Value:
    """A list of layers where Keras makes one layer of it: the cells of an RNN."""
    parameter = kind.parameter(name)
    around = KINDS[parameter.kind].around if parameter is not None and parameter.kind is not None else None
    if around is None or not isinstance(value.data, (tuple, list)):
        return value
    return Value(Call(around, (Argument(None, value, value.span),), value.span), value.span)


def with_inner(layer: Any) -> Iterator[Any]:
    """A layer and the bound layers among its arguments, however deep."""
    yield layer
    for value in layer.arguments.values():
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Layer):
                yield from with_inner(item)


def _is_custom(module: str | None) -> bool:
    """Whether a file says that a class is not one of Keras's, whatever its name."""
    return module is not None and module.partition(".")[0] not in ("keras", "tf_keras", "keras_core", "tensorflow")


def _has_policy(kind: LayerType) -> bool:
    """Whether ``dtype`` is a policy; of an operation and an InputLayer it is that of the output, int8 too."""
    return not kind.operation and kind.name != "InputLayer"


def check_common(kind: LayerType, call: Call, plain: dict[str, Any], values: dict[str, Argument], version: str) -> None:
    """What every Keras layer takes: name, trainable, dtype, identifiers.

    Raises Fault for a value that Keras refuses.
    """

    def refuse(name: str, wanted: str) -> Fault:
        given = plain.get(name, _bare(values[name].value.data))
        return Fault(f"{name} of {kind.name} has to be {wanted}, not {given!r}", span=values[name].span, code="E104")

    name = plain.get("name")
    if name is not None and (not isinstance(name, str) or "/" in name):
        raise refuse("name", "a string without /")
    if not isinstance(plain.get("trainable", True), bool):
        raise refuse("trainable", "True or False")
    dtype = plain.get("dtype")
    if not (dtype is None or isinstance(dtype, Call) or (is_policy if _has_policy(kind) else is_dtype)(dtype)):
        raise refuse("dtype", "the name of a dtype or a policy, such as float32 or mixed_float16")
    if "batch_input_shape" in values and version == "3" and call.module is None:
        fault = refuse("batch_input_shape", "left out: Keras 3 has no such argument")
        fault.message, fault.help = (
            f"{kind.name} has no argument batch_input_shape in Keras 3",
            "write Input(5,1,batch_size=2) first",
        )
        raise fault
    if (
        "seed" in values
        and isinstance(values["seed"].value.data, (str, float, tuple, list, dict))
        and _draws(kind, plain)
    ):
        raise refuse("seed", "an integer")
    own = {parameter.name for parameter in kind.parameters}
    for argument, written in values.items():
        if kind.name in CLOSED and argument not in own and call.module is None:
            raise Fault(f"{kind.name} has no argument {argument}", span=written.span, code="E103")
        if argument in ("kernel_constraint", "embeddings_constraint") and plain.get("lora_rank"):
            _refuse_constraint(kind, written)
        word = written.value.data
        known = IDENTIFIERS.get(argument.rpartition("_")[2], frozenset())
        if kind.name == "ActivityRegularization" and argument == "activity_regularizer":
            raise Fault(f"{kind.name} has no argument {argument}: l1 and l2 make it", span=written.span, code="E103")
        if argument.endswith("_initializer") and written.value.data is None and kind.name in COPYING:
            raise refuse(argument, "an initializer")
        if kind.name == "SimpleRNN" and argument == "activity_regularizer":
            continue  # which Keras takes and forgets
        if argument.endswith(INERT_SUFFIXES) and not _identifies(word, known):
            near = nearest(word, sorted(known)) if isinstance(word, str) else None
            raise refuse(argument, f"the name of one ({near or min(filter(str.islower, known))}) or an object")


def _identifies(value: Any, known: frozenset[str]) -> bool:
    """Whether Keras can make an initializer, a regularizer or a constraint of a value."""
    if isinstance(value, dict):
        return "class_name" in value
    return value in known if isinstance(value, str) else not isinstance(value, (int, float, tuple, list))


def _refuse_constraint(kind: LayerType, written: Argument) -> None:
    """The matrix with LoRA is a sum, which no constraint can hold. Raises Fault."""
    if written.value.data is not None:
        message = f"{kind.name} cannot have both a lora_rank and a {written.name or 'constraint'}"
        raise Fault(message, span=written.span, code="E104", help="leave one of them out")


def _bare(data: Any) -> Any:
    """A value without the places of what is in it."""
    if isinstance(data, (tuple, list)):
        return type(data)(_bare(item.data) if isinstance(item, Value) else item for item in data)
    return data


def _draws(kind: LayerType, plain: dict[str, Any]) -> bool:
    """Whether a layer makes random numbers, and so looks at its seed: one with a rate of 0 does not."""
    rates = [name for name in ("rate", "stddev", "dropout") if kind.parameter(name) is not None]
    if kind.operation:
        return False
    return not rates or kind.parameter("recurrent_dropout") is not None or any(plain.get(name) for name in rates)


def _is_other_object(call: Call) -> bool:
    """Whether a dotted name means something else than a layer: ``keras.initializers.Zeros()``."""
    last = call.class_name.rpartition(".")[2]
    return "." in call.class_name and find_layer(call.class_name) is None and last != "Sequential"


def _is_layer_module(module: str) -> bool:
    parts = module.split(".")
    return "layers" in parts or "keras" not in parts


def resolve(call: Call) -> LayerType:
    """The layer type that a call means. Raises Fault with a suggestion if there is none."""
    name = call.class_name
    if call.bare and _is_activation(name):
        return _activation_layer(call)
    found = find_layer(name)
    if found is not None:
        return found
    best = _alike(name)
    raise Fault(
        f"there is no layer called {name}",
        span=call.name_span,
        code="E102",
        help=f"did you mean {best}?" if best else "seqshape layers lists the layers",
        instead=best,
    )


@lru_cache(maxsize=1024)
def _alike(name: str) -> str | None:
    """The name of a layer that looks most like another, found once."""
    return nearest(name, spellings())


def _is_activation(name: str) -> bool:
    from seqshape.kinds import ACTIVATIONS

    return name in ACTIVATIONS


def _activation_layer(call: Call) -> LayerType:
    """A bare activation name in a chain is a layer, Activation: the name becomes its argument."""
    value = Value(call.class_name, call.span)
    call.arguments = (Argument("activation", value, call.span),)
    call.class_name, call.bare = "Activation", False
    found = find_layer("Activation")
    assert found is not None
    return found


def own_name(call: Call) -> str | None:
    """The name that a call gives its layer, if it gives one."""
    for argument in call.arguments:
        if argument.name == "name" and isinstance(argument.value.data, str):
            return argument.value.data
    return None


def _policy(dtype: Any) -> str | None:
    """The name of a dtype policy: a string, or what a config says of one."""
    if isinstance(dtype, Call):
        return next((a.value.data for a in dtype.arguments if a.name == "name" and isinstance(a.value.data, str)), None)
    return dtype if isinstance(dtype, str) else None


def _match(kind: LayerType, call: Call, sizes: Mapping[str, Size]) -> dict[str, Argument]:
    """Which parameter each written argument sets, in the order of the text, in which Keras constructs layers inside.

    Raises Fault for an unknown, doubled or superfluous one.
    """
    found: dict[str, Argument] = {}
    positional: list[Argument] = []
    for argument in call.arguments:
        if argument.name is None:
            flag = _flag(kind, argument, sizes)
            if flag is None:
                positional.append(argument)
            else:
                _put(found, flag[0], flag[1], kind)
        else:
            name = _keyword(kind, argument, lenient=call.module is not None)
            if name is not None:
                _put(found, name, argument, kind)
    for name, argument in _in_position(kind, positional, found, call.fed):
        _put(found, name, argument, kind)
    place = {id(argument.value): index for index, argument in enumerate(call.arguments)}
    return dict(sorted(found.items(), key=lambda item: place.get(id(item[1].value), 0)))


def _check_words(kind: LayerType, call: Call, sizes: Mapping[str, Size]) -> None:
    """In a shape a word is a named size. Raises Fault if nothing has that name."""
    for parameter, argument in zip(kind.positional, call.arguments, strict=False):
        wanted = kind.parameter(argument.name) if argument.name else parameter
        items = argument.value.data
        if wanted is None or wanted.kind not in SHAPES or not isinstance(items, (tuple, list)):
            continue
        for item in items if not isinstance(items, Word) else ():
            word = item.data if isinstance(item, Value) else None
            if isinstance(word, Word) and word.assigned is None and word.text not in sizes:
                help = f"a size is a number or a name: {word.text} = 64, or Input({word.text},…)"
                raise Fault(f"nothing is named {word.text}", span=item.span, code="E103", help=help)


def _put(found: dict[str, Argument], name: str, argument: Argument, kind: LayerType) -> None:
    if name in found:
        fault = Fault(f"{name} of {kind.name} is set twice", span=argument.span, code="E106")
        fault.labels = (Label(found[name].span, "here first"),)
        raise fault
    found[name] = argument


def _flag(kind: LayerType, argument: Argument, sizes: Mapping[str, Size]) -> tuple[str, Argument] | None:
    """The parameter that a bare word sets, with the value it gives it; ``None`` for a value in position."""
    word = argument.value.data
    if not isinstance(word, Word):
        return None
    names = {parameter.name for parameter in kind.parameters}
    if word.text in FLAGS and FLAGS[word.text][0] in names:
        name, value = FLAGS[word.text]
        return name, argument._replace(name=name, value=Value(value, argument.span))
    taker = next((parameter.name for parameter in kind.parameters if parameter.takes(word.text)), None)
    if taker is not None:  # no word suits two parameters of a layer: a promise holds that
        return taker, argument._replace(name=taker, value=Value(word.text, argument.span))
    if word.assigned is None and word.text not in sizes and find_layer(word.text) is None:
        raise _no_flag(kind, word.text, argument.span)
    return None


def _no_flag(kind: LayerType, word: str, span: Span) -> Fault:
    flags = flag_words(kind)
    best = nearest(word, flags)
    help = f"did you mean {best}?" if best else None
    if help is None and flags:
        help = f"its flags are {', '.join(flags[:8])}{', …' if len(flags) > 8 else ''}"
    message = f"{kind.name} has no flag {word}, and nothing is named {word}"
    return Fault(message, span=span, code="E103", help=help, instead=best)


def flag_words(kind: LayerType) -> list[str]:
    """The bare words that a layer takes, the general ones first."""
    names = {parameter.name for parameter in kind.parameters}
    general = [flag for flag, (name, _) in FLAGS.items() if name in names]
    return general + sorted(word for parameter in kind.parameters if parameter.kind for word in _words(parameter))


def _words(parameter: Parameter) -> Iterable[str]:
    return KINDS[parameter.kind].words if parameter.kind else ()


def _keyword(kind: LayerType, argument: Argument, *, lenient: bool) -> str | None:
    """The parameter that a keyword names.

    ``lenient``: a file may hold arguments of another version; they are left out.
    """
    name = argument.name or ""
    names = [parameter.name for parameter in kind.parameters]
    if lenient and name in LEFT_OUT:
        return None
    operands = kind.operation and not lenient
    if name in names or name in COMMON or (operands and (name in kind.inputs or kind.open)):
        return name
    long = next((long for long in SHORT.get(name, ()) if long in names), None)
    if long is not None:
        return long
    if lenient:
        return None
    help = LEFT.get(name) or suggest(name, [*names, *COMMON])
    if help is None and names:
        help = f"its arguments are {', '.join(names)}"
    place = argument.span
    if place.pointer is None:  # the name alone, not its value
        place = Span(place.start, place.start + len(name))
    best = None if name in LEFT else nearest(name, [*names, *COMMON])
    raise Fault(f"{kind.name} has no argument {name}", span=place, code="E103", help=help, instead=best)


def _in_position(
    kind: LayerType, positional: list[Argument], named: dict[str, Argument], fed: int
) -> Iterable[tuple[str, Argument]]:
    parameters = _left_over(kind, named, fed) if kind.operation else kind.positional
    if positional and parameters and parameters[0].kind in SHAPES and _are_dims(positional, parameters[0]):
        items = tuple(argument.value for argument in positional)
        span = positional[0].span.to(positional[-1].span)
        return [(parameters[0].name, Argument(None, Value(items, span), span))]
    if len(positional) > len(parameters):
        extra = positional[len(parameters)]
        number = "one argument" if len(parameters) == 1 else f"{len(parameters)} arguments"
        takes = f"takes at most {number}" if parameters else "takes no arguments"
        named_only = [f"{parameter.name}=" for parameter in kind.parameters[len(kind.positional) :]]
        help = f"these are named: {', '.join(named_only)}" if named_only else None
        raise Fault(f"{kind.name} {takes}, but gets {len(positional)}", span=extra.span, code="E103", help=help)
    return [(parameter.name, argument) for parameter, argument in zip(parameters, positional, strict=False)]


def _left_over(kind: LayerType, named: dict[str, Argument], fed: int) -> tuple[Parameter, ...]:
    """What values in position are to an operation: the arguments of its function but for ``fed`` tensors."""
    taken = kind.inputs[:1] if kind.lists else [name for name in kind.inputs if name not in named][:fed]
    names = [name for name in kind.order if name not in taken]
    return tuple(kind.parameter(name) or Parameter(name, None) for name in names)


def settle(node: Node, layer: Layer) -> None:
    """Put the literals of an operation in their places among the operands of a call: ``x > ops.multiply(0.5)``.

    The tensors that are fed take the other places in order, as positional arguments of Python would.
    """
    here = [*node.args, *node.kwargs.values()]
    if any(literal is operand for literal in layer.operands.values() for operand in here):
        return  # an earlier walk has done it
    fed = node.args[0] if len(node.args) == 1 and isinstance(node.args[0], list) and not layer.type.lists else node.args
    given: dict[str, Any] = {**layer.operands, **node.kwargs}
    free = iter(name for name in layer.type.inputs if name not in given)
    values = dict(zip(free, fed, strict=False)) | given
    if len(values) < len(given) + len(fed):
        node.args, node.kwargs = tuple(fed), given  # one too many: the call says which
        return
    first = list(takewhile(values.__contains__, layer.type.inputs))
    node.args = tuple(values.pop(name) for name in first)
    node.kwargs = values


def _are_dims(positional: list[Argument], parameter: Parameter) -> bool:
    """Whether a shape has been written without its parentheses; ``Input(None)`` has one unknown dim."""
    first = positional[0].value.data
    if len(positional) == 1 and isinstance(first, (bool, float, str, dict)):
        return False
    if isinstance(first, Word):
        first = first.assigned.data if first.assigned is not None else first.text
    return not isinstance(first, (tuple, list, Call)) and not (
        first is None and len(positional) == 1 and parameter.kind != "Dims"
    )


def _describe(parameter: Parameter) -> str:
    return KINDS[parameter.kind].describe if parameter.kind else "a value"


def _example(kind: LayerType) -> str:
    required = [parameter.name for parameter in kind.parameters if parameter.default is ...]
    return ", ".join(required)
