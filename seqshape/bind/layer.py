"""A bound layer: calling it with tensors runs the rule; complaints come out with the place in the source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from seqshape.bind.arguments import match
from seqshape.bind.form import Form
from seqshape.bind.resolve import own_name, written
from seqshape.bind.template import LITERALS, Numbers, Template
from seqshape.declaration import LayerType, snake_case
from seqshape.diagnostics import REMARKS, SITUATION, Fault, Remark, Span, listening
from seqshape.dims import Inconclusive, Poly
from seqshape.graph import Call, Graph, Value
from seqshape.kinds import KINDS
from seqshape.policies import compute_dtype
from seqshape.structure import EMPTY, Seldom, mapped
from seqshape.tensor import Effect, Frozen, Structure, Tensor, Unknowable, WeightShape, each_tensor, show

if TYPE_CHECKING:  # a Protocol takes as long to make as a module to load
    from typing import Protocol

    class Bound(Protocol):
        """What a call is bound to: a Layer, a model inside the model, or an Opaque one."""

        remarks: list[tuple[Remark, Span]] | None

        @property
        def name(self) -> str:
            """Its name in the model."""

        @property
        def class_name(self) -> str:
            """Keras's class name."""

        @property
        def call(self) -> Call:
            """Where it stands in the source."""

        @property
        def arguments(self) -> Mapping[str, Any]:
            """What the rule gets; nothing of a model."""

        @property
        def trainable(self) -> bool:
            """Whether it is trained."""

        @property
        def autocast(self) -> bool:
            """Whether its inputs are cast to its dtype."""

        @property
        def input_dtype(self) -> str | None:
            """The dtype to which Keras casts floats before it sees them."""

        def __call__(self, *inputs: Structure, **keywords: object) -> Effect:
            """What it does to its inputs."""
else:
    Bound = object

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


_HEARD = REMARKS.heard
_tensor, _effect, _frozen, _new = Tensor._make, Effect._make, Frozen._make, object.__new__


class Layer:
    """A bound layer. Calling it with tensors runs the rule; complaints come out with the place in the source.

    ``arguments`` are what the rule gets. ``dtype`` is the name of Keras's dtype policy. ``template`` is what it has in
    common with layers of its pattern, where it may be like others: it may share with them what it holds, so nothing of
    that is changed in place. ``numbers`` are those in which such layers differ, once there are layers with equal ones.
    ``made`` are its weights: the same objects in every call, wherever the layer stands.

    What few layers have: ``operands`` are literals that a spec writes among the arguments of an operation; ``spans`` the
    places of arguments, where these cannot be found again; ``remarks`` stand there until the walk reports them. ``nests``
    says that there may be layers among the arguments. ``building`` is what the first call has to do. ``variable`` gives
    the next name of weights that have none, ``variables`` has those that are given.
    """

    __slots__ = (
        "arguments",
        "autocast",
        "call",
        "dtype",
        "form",
        "made",
        "name",
        "numbers",
        "seldom",
        "template",
        "trainable",
        "type",
    )
    building = Seldom["Callable[[], None] | None"](None)
    nests = Seldom(False)
    operands = Seldom[dict[str, Value]](EMPTY)
    remarks = Seldom["list[tuple[Remark, Span]] | None"](None)
    spans = Seldom["dict[str, Span] | None"](None)
    variable = Seldom["Callable[[], str] | None"](None)
    variables = Seldom[dict[str, str]](EMPTY)
    _given = Seldom["dict[str, object] | None"](None)
    _kept = Seldom["dict[str, Value] | None"](None)

    def __init__(self, form: Form, call: Call, name: str = "") -> None:
        self.form = form
        self.type = form.type
        self.call = call
        self.name = name
        self.arguments: dict[str, Any] = EMPTY
        self.template: Template | None = None
        self.numbers: Numbers | None = None
        self.trainable = True
        self.autocast = form.type.casts
        self.dtype = "float32"
        self.made: dict[str, Frozen] = EMPTY
        self.seldom: dict[str, Any] | None = None

    @classmethod
    def like(cls, template: Template, call: Call, name: str, numbers: Numbers) -> Layer:
        """A layer of a template, with its own numbers. Nothing that it shares is changed in place."""
        layer = _new(cls)
        layer.form = form = template.form
        layer.type = form.type
        layer.call = call
        layer.name = name
        layer.arguments, layer.numbers = template.filled(numbers) if numbers else (template.arguments, numbers)
        layer.template = template
        layer.trainable = template.trainable
        layer.autocast = template.autocast
        layer.dtype = template.dtype
        layer.made = EMPTY
        layer.seldom = None
        return layer

    @property
    def class_name(self) -> str:
        """Keras's class name."""
        shown = self.call.shown if self.call.seldom is not None else None
        return shown or self.type.name

    @property
    def given(self) -> dict[str, object]:
        """The checked arguments that the source states, for printing."""
        given = self._given
        if given is None and self.template is not None:
            name = own_name(self.call)
            numbers = {name: self.arguments[name] for name in self.template.free}
            given = self._given = self.template.given | numbers | ({"name": name} if name else {})
        return EMPTY if given is None else given

    @given.setter
    def given(self, arguments: dict[str, object]) -> None:
        self._given = arguments

    @property
    def kept(self) -> dict[str, Value]:
        """The arguments that no rule reads, as they are written: initializers, seeds."""
        if self._kept is None and self.template is not None and self.template.kept:
            places = self.template.kept.items()
            self._kept = {word: self.call.arguments[place].value for word, place in places}
        return EMPTY if self._kept is None else self._kept

    @kept.setter
    def kept(self, arguments: dict[str, Value]) -> None:
        self._kept = arguments

    @property
    def compute_dtype(self) -> str:
        """The dtype of the outputs."""
        return compute_dtype(self.dtype)

    @property
    def input_dtype(self) -> str | None:
        """The dtype to which Keras casts floats before the layer sees them; ``None`` if it takes them as they are."""
        return self.form.dtypes[self.dtype][0]

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return self.form.dtypes[self.dtype][2]

    def __repr__(self) -> str:
        return f"{self.class_name}(…)"

    def __call__(self, *inputs: Structure, **keywords: object) -> Effect:
        """What the layer does to its inputs.

        Raises Fault, with the place in the source, if the layer refuses them.
        """
        return self.run(inputs, keywords)

    def run(self, inputs: tuple[Structure, ...], keywords: dict[str, object]) -> Effect:
        """The same, with the inputs in a tuple."""
        template = self.template
        if template is not None and not keywords and len(inputs) == 1:
            ready = template.ready
            if ready is not None:
                own = ready.filled(self.arguments) if ready.places or ready.records else ready.values
                return self._told(ready.rule, (*inputs, *own), EMPTY, inputs)
            template.get_ready()
        read, unread = self.arguments, self.form.unread
        if unread:
            read = {name: value for name, value in read.items() if name not in unread}
        return self._told(self.type.run, inputs, {**read, **keywords} if keywords else read, inputs)

    def _told(
        self, rule: Callable[..., Any], values: tuple[Any, ...], named: dict[str, Any], inputs: tuple[Structure, ...]
    ) -> Effect:
        """What the rule says, its complaints blamed on their places and its remarks noted."""
        if self.seldom is not None:
            self.build()
        remarks: list[Remark] = []
        token = _HEARD.set(remarks)
        try:
            if "run" in SITUATION.get():
                self._check_runs()
            if self.form.asks:
                self._ask()
            effect = rule(*values, **named) if named else rule(*values)
        except Fault as fault:
            self.blame(fault)
            raise
        except NONSENSE:
            found = self._senseless()
            self.blame(found)
            raise found from None
        finally:
            _HEARD.reset(token)
        if remarks:
            self.note((found, self.place(found.arg)) for found in remarks)
        return self._finish(effect, inputs)

    def _ask(self) -> None:
        """What the kinds of the arguments ask when the layer is called. Raises Fault."""
        arguments = self.arguments
        for name, optional, asks in self.form.asks:
            value = arguments.get(name)
            if value is not None or not optional:
                asks(value, name)

    def build(self) -> None:
        """What the first call has to do, where there is something."""
        building = self.seldom.get("building") if self.seldom is not None else None
        if building is not None:
            self.building = None
            building()

    def note(self, remarks: Iterable[tuple[Remark, Span]]) -> None:
        """Keep remarks, each with its place, until the walk asks for them."""
        if self.remarks is None:
            self.remarks = []
        self.remarks.extend(remarks)

    def _senseless(self) -> Fault:
        """The complaint that the rule can do nothing with a value, blamed on the one that is least like a plain one."""
        name = max(self.given, key=lambda name: _strangeness(self.arguments.get(name)), default=None)
        if name is None or not (len(self.given) == 1 or _strangeness(self.arguments.get(name))):
            return senseless(self.type)
        return senseless(self.type, name, self.arguments.get(name))

    def _check_runs(self) -> None:
        """What Keras takes, but cannot run: a policy it cannot quantize to, no number where one is meant.

        Raises Fault.
        """
        if "_from_" in self.dtype and not self.type.quantizer:
            raise Fault(f"cannot run with the dtype policy {self.dtype}", arg="dtype")
        for name in self.given:
            parameter, value = self.type.parameter(name), self.arguments.get(name)
            runs = KINDS[parameter.kind].runs if parameter is not None and parameter.kind is not None else ()
            if runs and value is not None and not isinstance(value, runs):
                raise Fault(f"cannot run with {name} {value!r}", arg=name)

    def copy(self, name: str, **changes: object) -> Layer:
        """The same layer under another name and with some arguments changed, as Bidirectional makes two of one.

        What it remarks is noted with the original.
        """
        twin = Layer(self.form, self.call, name)
        twin.nests = True
        twin.arguments = {key: _copied(value) for key, value in self.arguments.items()} | changes
        self.note(())  # so that both have the same list
        twin.given, twin.kept, twin.spans, twin.remarks = self.given, self.kept, self.spans, self.remarks
        twin.trainable, twin.dtype, twin.autocast = self.trainable, self.dtype, self.autocast
        twin.variable = self.variable
        return twin

    def hold(self, name: str, value: object) -> None:
        """Take a value with tensors in it as an argument of the constructor, of which only their shapes are looked at.

        Raises Fault where Keras wants something else.
        """
        parameter = self.type.parameter(name)
        if parameter is None or parameter.kind is None or not KINDS[parameter.kind].tensors:
            raise Fault(f"needs a plain value as {name}, but gets a tensor", arg=name, code="E128")
        with listening() as remarks:
            checked = parameter.check(value)
        self.arguments, self.given, self.kept = (
            {**self.arguments, name: checked},
            {**self.given, name: checked},
            self.kept,
        )
        self.template = self.numbers = None  # it is like no other any more
        message = f"holds a tensor as {name}, to which no run gives a value: it builds, but fails when it runs"
        self.note((found, self.place(found.arg)) for found in [*remarks, Remark(message, arg=name)])

    @property
    def places(self) -> dict[str, Span]:
        """Where each argument stands that is said, by the name of its parameter."""
        if self.spans is None:
            self.spans = {name: said.span for name, said in match(self.form, self.call, written(self.call), {}).items()}
        return self.spans

    def place(self, argument: str | None) -> Span:
        """Where an argument stands; of one that is not written, where the layer stands."""
        return self.places.get(argument or "", self.call.span)

    def blame(self, fault: Fault) -> None:
        """Give a complaint of the rule its subject and its place, unless a layer further inside has done so."""
        if fault.span is not None:
            return
        fault.call = self.call
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
        out, stored, macs, reach, mask, circular = effect
        _, dtype, keeps = self.form.dtypes[self.dtype]
        if "_from_" in self.dtype:
            stored = self._quantized(stored, inputs)
        if self.seldom is not None and self.variable is not None:
            stored = {self._variable(path, self.variable): weight for path, weight in stored.items()}
        weights = self._made(stored, keeps) if stored else {}
        if type(out) is Tensor:
            shape, own = out
            out = out if own is not None else _tensor((shape, dtype))
        else:
            out = each_tensor(lambda tensor: tensor if tensor.dtype is not None else Tensor(tensor.shape, dtype), out)
        return _effect((out, weights, macs, reach, mask, circular))

    def _made(self, stored: Mapping[str, WeightShape], dtype: str) -> dict[str, Frozen]:
        """The weights with their dtypes: those of the first call again, unless this one needs others."""
        trainable = self.trainable
        weights: dict[str, Frozen] = {}
        for path, weight in stored.items():
            if type(weight) is Frozen:
                weights[path] = self._weight(weight)
            else:
                weights[path] = _frozen((tuple(weight), dtype, trainable, True))
        if not self.made:
            self.made = weights
            return weights
        return {path: self._same(path, weight) for path, weight in weights.items()}

    def own(self, weights: Mapping[str, Frozen]) -> dict[str, Frozen]:
        """Weights that equal layers may share as objects of this layer alone, the same in all places where it stands."""
        if not self.made:
            self.made = {path: Frozen(*weight) for path, weight in weights.items()}
        return {path: self._same(path, weight) for path, weight in weights.items()}

    def _variable(self, path: str, following: Callable[[], str]) -> str:
        """What a weight without a name is called: the first call makes it, and it takes a number then."""
        if path not in self.variables:
            self.variables = {**self.variables, path: following()}
        return self.variables[path]

    def _quantized(
        self, weights: Mapping[str, WeightShape], inputs: tuple[Structure, ...]
    ) -> Mapping[str, WeightShape]:
        """The weights as a quantized dtype policy stores them."""
        from seqshape.layers.quantization import mode_of

        mode = mode_of(self.dtype)
        if mode is None or not self.type.quantizer:
            return weights
        known = self.arguments | dict(zip(self.type.inputs, inputs, strict=False))
        found: Mapping[str, WeightShape] = self.type.quantized(weights, mode, known)
        return found

    def _same(self, path: str, weight: Frozen) -> Frozen:
        """The weight that an earlier call has made, unless this one needs another."""
        first = self.made.get(path)
        if first is None:
            self.made = {**self.made, path: weight}  # the dict may be that of an effect
            return weight
        return first if first[1:] == weight[1:] and show(first.shape) == show(weight.shape) else weight

    def _weight(self, weight: Frozen) -> Frozen:
        """A weight that its rule says more of than its shape."""
        if weight.inner and weight.dtype is not None:
            return weight  # of a layer inside, which may stand elsewhere too
        trainable = weight.trainable if self.trainable or weight.inner else False
        return Frozen(weight.shape, weight.dtype or self.variable_dtype, trainable, True)


def _copied(value: object) -> object:
    """An argument of a layer that is copied: the layers in it are copied too, and have weights of their own."""
    plain = type(value) in LITERALS
    return value if plain else mapped(lambda leaf: leaf.copy(leaf.name) if isinstance(leaf, Layer) else leaf, value)


class Nested:
    """What the graph of a model inside a model is bound to: it acts as a layer; see walk.model.Model."""

    graph: Graph
    weights: dict[object, dict[str, Frozen]]
    layers: Callable[[], list[Bound]]
    all_weights: Callable[[], dict[str, Frozen]]


class Opaque:
    """A layer of a file whose class seqshape does not know: it has a name, and nothing else is known of it."""

    input_dtype = None
    autocast = True

    def __init__(self, call: Call, name: str) -> None:
        self.call = call
        self.name = name
        self.class_name = call.shown or call.class_name.rpartition(".")[2]
        self.arguments: dict[str, Any] = EMPTY
        self.remarks: list[tuple[Remark, Span]] | None = None  # until the walk reports them
        self.trainable = all(said.value.data is not False for said in call.arguments if said.name == "trainable")

    def __repr__(self) -> str:
        return f"{self.class_name}(…)"

    def __call__(self, *inputs: Structure, **keywords: object) -> Effect:
        """Raises Unknowable: nothing is known of what it does."""
        raise Unknowable


def is_operation(layer: object) -> TypeGuard[Layer]:
    """Whether a bound layer is an operation of keras.ops."""
    return isinstance(layer, Layer) and layer.type.operation


def is_single(layer: object) -> TypeGuard[Layer]:
    """Whether a bound layer certainly has no other one inside."""
    return type(layer) is Layer and (layer.seldom is None or not layer.nests)


def with_inner(layer: Bound) -> Iterator[Bound]:
    """A layer and the bound layers among its arguments, however deep."""
    yield layer
    if is_single(layer):
        return
    for value in layer.arguments.values():
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Layer):
                yield from with_inner(item)


def senseless(kind: LayerType, name: str | None = None, value: object = None, span: Span | None = None) -> Fault:
    """The complaint that a layer can do nothing with the value of an argument, or with all that it is given."""
    what = "its arguments" if name is None else f"{value!r} as {name}"
    page = f"ops.{snake_case(kind.name)}" if kind.operation else kind.name
    help = f"seqshape layers {page} says what it takes"
    subject = "" if span is None else f"{kind.name} "
    return Fault(f"{subject}cannot work with {what}", arg=name, code="E104", span=span, help=help)


def _strangeness(value: object) -> int:
    """How far a value is from a plain number or word, which most arguments are."""
    if value is None or isinstance(value, (bool, int, float)):
        return 0
    if isinstance(value, str):
        return 1
    if isinstance(value, (tuple, list)):
        return 2 + max(map(_strangeness, value), default=1)
    return 4 if isinstance(value, Poly) else 5


def undecided(question: Inconclusive, span: Span | None = None) -> Fault:
    """The complaint that a question about named sizes has more than one answer."""
    help = "give the size a number, for example with --set"
    return Fault(f"cannot be worked out for every size: {question}", code="E206", help=help, span=span)
