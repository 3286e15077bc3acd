"""The catalogue: each layer is one decorated function, and all that the rest needs to know is read off its signature.

A parameter whose annotation begins with ``Tensor`` is an input; a parameter that Keras lists in ``call`` is a call
argument; every other one is a constructor argument whose annotation names its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, TypeVar

from seqshape import catalogue
from seqshape.diagnostics import Fault
from seqshape.kinds import KINDS, UNREAD
from seqshape.records import NamedTuple
from seqshape.signatures import ALIASES, SIGNATURES

Rule = TypeVar("Rule", bound=Callable[..., Any])
# From the weights, the kind of quantization (layers.quantization.Mode) and the arguments to what Keras stores.
Quantizer = Callable[[Any, Any, Any], Any]

# Arguments of Keras that change neither shapes nor counts: accepted and kept for export, never in a rule.
INERT_SUFFIXES = ("_initializer", "_regularizer", "_constraint")
INERT = frozenset({"seed", "quantization_config", "gptq_unpacked_column_size", "autocast"})
# What Keras 2 wrote into files and Keras 3 takes too, without it meaning anything there.
LEFT_OUT = frozenset({"implementation"})
# What every Keras layer takes, whatever its own signature says.
COMMON = (
    "name",
    "trainable",
    "dtype",
    "activity_regularizer",
    "autocast",
    "input_shape",
    "input_dim",
    "batch_input_shape",
)
# The files of seqshape/layers that declare layers and operations, in the order of the catalogue.
FAMILIES = (
    *("core", "convolutional", "pooling", "recurrent", "attention", "normalization", "reshaping", "merging"),
    *(
        "regularization",
        "activation",
        "preprocessing",
        "image",
        "augmentation",
        "wrappers",
        "applications",
        "bygone",
        "source",
    ),
)
OPERATIONS = (
    *("elementwise", "reductions", "rearranging", "indexing", "creation", "products", "neural", "signals", "matrices"),
    *("images", "control"),
)
# The short keywords of the spec language.
SHORT = {
    "k": ("kernel_size", "pool_size"),
    "s": ("strides",),
    "d": ("dilation_rate",),
    "g": ("groups",),
    "p": ("padding",),
}
# Flags that mean the same wherever a layer has the parameter.
FLAGS: dict[str, tuple[str, object]] = {
    "seq": ("return_sequences", True),
    "state": ("return_state", True),
    "back": ("go_backwards", True),
    "stateful": ("stateful", True),
    "unroll": ("unroll", True),
    "nobias": ("use_bias", False),
}


_TAKES_KEYWORDS = 0x08  # the flag of a function's code that has ``**keywords``


def is_inert(argument: str) -> bool:
    """Whether an argument of a Keras layer changes no shape and no count anywhere."""
    return argument in INERT or argument.endswith(INERT_SUFFIXES)


class Parameter(NamedTuple):
    """One parameter of a layer. ``default`` is ``...`` where it is required; ``kind`` is ``None`` for an inert one.

    ``optional``: the rule also takes ``None``.
    """

    name: str
    kind: str | None
    default: Any = ...
    optional: bool = False

    @property
    def family(self) -> str | None:
        """The kind whose sensible values are those of this one: its own, or that which it is stricter or laxer than."""
        known = KINDS.get(self.kind or "")
        return (known and known.like) or self.kind

    def check(self, value: Any) -> Any:
        """The value as the rule gets it. Raises Fault if it is of another kind."""
        if self.kind is None or (value is None and self.optional):
            return value
        return KINDS[self.kind].check(value)

    def left_out(self, default: Any) -> Any:
        """What the rule gets where the argument is not given; it may be None although None cannot be given."""
        try:
            return self.check(default)
        except Fault:
            if default is None:
                return None
            raise

    def takes(self, word: str) -> bool:
        """Whether a bare word is a flag that sets this parameter."""
        return self.kind is not None and word in KINDS[self.kind].words


class Inner(NamedTuple):
    """Layers without a name of their own that a layer makes inside itself: each takes a number of its class.

    ``classes`` gives them in order from the layer's arguments. ``at_build``: at the first call, not when the layer is
    constructed. ``shares_name``: a name that is given to the layer goes to them too.
    """

    classes: Callable[[dict[str, Any]], Iterable[str]]
    at_build: bool = False
    shares_name: bool = False


class LayerType:
    """A layer of the catalogue: its class name, its rule, and what the decorator says of it.

    ``pinned``: what of its input the first call fixes, in the words of pinned.PINS. ``operation``: of keras.ops.
    ``quantized``: what a quantized dtype policy makes of the weights. ``forward``: the layer on arrays, see
    :func:`forward`. ``keras``: the version that has the class, if not Keras 3, and ``instead`` what does the same now.
    ``traced``: Keras has no shape rule of its own and has JAX trace the layer. ``casts``: its call casts floats to its
    own dtype; ``converts``: Keras makes tensors of the arguments of a call, and so a copy of them, before it casts.
    ``keras2``: defaults that standalone Keras had otherwise. ``inner``: see :class:`Inner`. ``order``: the
    arguments of an operation's function in keras.ops, operands and others, in its order. ``unnamed``: Keras gives the
    weights no names; through the whole model they are ``variable``, ``variable_1``, …
    ``signature``: the constructor's arguments and their defaults as Keras orders them. ``beside``: arguments that no
    rule reads and that Keras takes in ``**kwargs``. ``kinds``: of arguments of the signature that no rule reads, beside
    kinds.UNREAD, which holds for all layers.
    ``words``: what else a layer is in Keras's eyes. ``input``: it makes the tensor of an input. ``copies_initializers``:
    it hands copies of its initializers on to layers inside. ``regularizer_of_its_own``: it makes its activity
    regularizer itself; ``forgets_regularizer``: it takes one and forgets it. ``statistics``: its last two weights are
    never trained; ``partly_trained``: some of them are not.
    """

    __slots__ = (
        "_asks",
        "_parameters",
        "_unread",
        "aliases",
        "beside",
        "casts",
        "converts",
        "forward",
        "inner",
        "inputs",
        "instead",
        "keras",
        "keras2",
        "kinds",
        "name",
        "operation",
        "order",
        "pinned",
        "quantized",
        "rule",
        "signature",
        "traced",
        "unnamed",
        "words",
    )

    def __init__(
        self, rule: Callable[..., Any], aliases: tuple[str, ...], pinned: tuple[str, ...], operation: bool, keras: str
    ) -> None:
        self.name = rule.__name__
        self.rule = rule
        self.aliases = aliases
        self.pinned = pinned
        self.operation = operation
        self.keras = keras
        self.quantized: Quantizer | None = None
        self.traced, self.casts, self.converts = False, not operation, not operation
        self.inner: Inner | None = None
        self.forward: Callable[..., Any] | None = None
        self.instead = ""
        self.unnamed = False
        self.words: frozenset[str] = frozenset()
        self.keras2: dict[str, Any] = {}
        self._parameters: tuple[Parameter, ...] | None = None
        known = SIGNATURES.get(self.name) if not operation else None
        self.signature: tuple[tuple[str, Any], ...] | None = known[1] if known else None
        self.beside: tuple[Parameter, ...] = ()
        self._unread: frozenset[str] | None = None
        self._asks: tuple[tuple[Parameter, Callable[[Any, str], None]], ...] | None = None
        self.kinds: dict[str, str] = {}
        code = rule.__code__
        named = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        kinds = rule.__annotations__
        self.inputs: tuple[str, ...] = tuple(
            name for name in kinds if kinds[name].startswith("Tensor") and name in named
        )
        self.order: tuple[str, ...] = named

    def declared(self) -> dict[str, Parameter]:
        """The parameters that the rule names, inputs left out, in the order of the rule."""
        defaults = _defaults(self.rule)
        kinds = self.rule.__annotations__
        return {
            name: Parameter(name, kind.removesuffix(" | None"), defaults.get(name, ...), kind.endswith(" | None"))
            for name, kind in kinds.items()
            if name != "return" and not kind.startswith("Tensor")
        }

    @property
    def call_arguments(self) -> tuple[str, ...]:
        """The parameters of Keras's ``call`` in its order; those of the rule where Keras has no such class."""
        known = SIGNATURES.get(self.name) if not self.operation else None
        return tuple(name for name, _ in known[2]) if known else self.inputs

    @property
    def required(self) -> tuple[str, ...]:
        """The inputs that a call cannot do without."""
        defaults = _defaults(self.rule)
        return tuple(name for name in self.inputs if name not in defaults)

    @property
    def variadic(self) -> bool:
        """Whether a call gives any number of inputs one after the other, and the rule gets them as a list."""
        return any(self.rule.__annotations__[name] == "TensorArguments" for name in self.inputs[:1])

    @property
    def lists(self) -> bool:
        """Whether all tensors that a call gives are one argument: a list, or any number of them."""
        return any(self.rule.__annotations__[name].startswith(("TensorA", "Tensors")) for name in self.inputs[:1])

    @property
    def open(self) -> bool:
        """Whether a call takes keywords of any name (the lengths of ``ops.rearrange``)."""
        return bool(self.rule.__code__.co_flags & _TAKES_KEYWORDS)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The constructor's parameters in Keras's order, inert ones included."""
        if self._parameters is None:
            self._parameters = tuple(self._in_order())
        return self._parameters

    @property
    def unread(self) -> frozenset[str]:
        """The arguments that the rule does not get."""
        if self._unread is None:
            self._unread = frozenset(p.name for p in self.parameters if p.kind) - self.rule.__annotations__.keys()
        return self._unread

    def _in_order(self) -> Iterator[Parameter]:
        declared = self.declared()
        beside = {parameter.name: parameter for parameter in self.beside if parameter.name not in declared}
        for name, default in self.signature or ():
            found = declared if name in declared else beside
            yield found.pop(name) if name in found else self._not_read(name, default)
        calls = self.call_arguments if self.signature is not None else ()
        yield from (parameter for name, parameter in declared.items() if name not in calls)
        yield from beside.values()

    def _not_read(self, name: str, default: Any) -> Parameter:
        """A parameter that no rule reads, whose kind is known if Keras checks it."""
        kind = self.kinds.get(name) or (None if is_inert(name) else UNREAD.get(name))
        if kind is None:
            return Parameter(name, None, default)
        return Parameter(name, kind.removesuffix(" | None"), default, kind.endswith(" | None"))

    def ask(self, arguments: Mapping[str, Any]) -> None:
        """What the kinds of the arguments ask when the layer is called. Raises Fault."""
        if self._asks is None:
            known = ((parameter, KINDS[parameter.kind].asks) for parameter in self.parameters if parameter.kind)
            self._asks = tuple((parameter, asks) for parameter, asks in known if asks is not None)
        for parameter, asks in self._asks:
            value = arguments.get(parameter.name)
            if value is not None or not parameter.optional:
                asks(value, parameter.name)

    @property
    def positional(self) -> tuple[Parameter, ...]:
        """The parameters that may be given by position: Keras's own, not what a class takes in ``**kwargs`` only."""
        return self.parameters if self.signature is None else self.parameters[: len(self.signature)]

    def parameter(self, name: str) -> Parameter | None:
        """The constructor parameter of that name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    @property
    def auto_name(self) -> str:
        """The stem of Keras's automatic names: ``time_distributed``."""
        known = SIGNATURES.get(self.name) if not self.operation else None
        return known[0] if known else snake_case(self.name)

    @property
    def documentation(self) -> str:
        """The manual page: the rule's docstring."""
        return self.rule.__doc__ or ""


def _defaults(rule: Callable[..., Any]) -> dict[str, Any]:
    code = rule.__code__
    positional = code.co_varnames[: code.co_argcount]
    given = rule.__defaults__ or ()
    found = dict(zip(positional[len(positional) - len(given) :], given, strict=True))
    return found | (rule.__kwdefaults__ or {})


_LAYERS: dict[str, LayerType] = {}
_OPERATIONS: dict[str, LayerType] = {}  # by the name of the function
_OPERATION_CLASSES: dict[str, LayerType] = {}
_FOLDED: dict[str, str] = {}
_ALIASES: dict[str, str] = {}  # Keras's other names in lower case
_FOUND: dict[str, tuple[dict[str, LayerType], str]] = {}  # by the name as written


def layer(
    *aliases: str,
    pinned: tuple[str, ...] = (),
    keras: str = "3",
    keras2: dict[str, Any] | None = None,
    quantized: Quantizer | None = None,
    inner: Inner | None = None,
    instead: str = "",
    traced: bool = False,
    casts: bool = True,
    converts: bool = True,
    unnamed: bool = False,
    words: str = "",
    beside: tuple[Parameter, ...] = (),
    kinds: dict[str, str] | None = None,
    signature: dict[str, Any] | None = None,
) -> Callable[[Rule], Rule]:
    """Declare a layer: the decorated rule takes inputs and arguments and gives an Effect. ``aliases`` are short names.

    The other words are those of :class:`LayerType`.
    """

    def declare(rule: Rule) -> Rule:
        declared = LayerType(rule, aliases, pinned, False, keras)
        declared.keras2, declared.quantized, declared.inner = keras2 or {}, quantized, inner
        declared.traced, declared.casts, declared.converts = traced, casts, converts
        declared.instead, declared.unnamed, declared.beside = instead, unnamed, beside
        declared.kinds = kinds or {}
        declared.signature = tuple(signature.items()) if signature else declared.signature
        declared.words = frozenset(words.split())
        _LAYERS[declared.name] = declared
        _FOUND.clear()
        for spelling in (declared.name, *aliases):
            _FOLDED[spelling.lower()] = declared.name
        return rule

    return declare


def operation(*names: str, order: str = "", inner: Inner | None = None) -> Callable[[Rule], Rule]:
    """Declare an operation of keras.ops; the rule is called as its class (``ExpandDims``), specs say
    ``ops.expand_dims``.

    ``names`` are functions of keras.ops that build it and are called otherwise (``swish`` builds ``Silu``). ``order``
    has the arguments of the function as it takes them, where its class, and so the rule, has operands first. ``inner``:
    see :class:`Inner`; it is asked with the literal operands too.
    """

    def declare(rule: Rule) -> Rule:
        declared = LayerType(rule, names, (), True, "3")
        declared.order, declared.inner = tuple(order.split()) or declared.order, inner
        _OPERATION_CLASSES[declared.name] = declared
        _FOUND.clear()
        for name in (snake_case(declared.name), *names):
            _OPERATIONS[name] = declared
        return rule

    return declare


def forward(*rules: Callable[..., Any]) -> Callable[[Rule], Rule]:
    """Put a numpy forward pass beside a rule, or one for several rules.

    The function is handed ``np``, the weights (a mapping of arrays by the paths of the rule's Effect), the first input
    of the rule, and by keyword its other inputs and all arguments of the layer; it gives arrays in the structure of the
    rule's output. A layer among the arguments can be run: ``layer(weights, inputs)``; see analysis.forward.Runnable.
    """

    def place(function: Rule) -> Rule:
        for rule in rules:
            declared = _LAYERS.get(rule.__name__)
            if declared is None or declared.rule is not rule:
                declared = _OPERATION_CLASSES[rule.__name__]
            declared.forward = function
        return function

    return place


def find_layer(name: str) -> LayerType | None:
    """The layer that a class name, a Keras alias or a short name means, without regard to case; ``ops.add`` an operation."""
    known = _FOUND.get(name)
    if known is None:
        known = _FOUND[name] = _operation_called(name) if name.startswith("ops.") else _layer_called(name)
    table, key = known
    return table.get(key)


def _layer_called(name: str) -> tuple[dict[str, LayerType], str]:
    """Where a layer stands in the catalogue, after the file that declares it has been imported."""
    prefix, _, last = name.rpartition(".")
    folded = (last if prefix.partition(".")[0] in ("keras", "layers", "tf") else name).lower()
    if not _ALIASES:
        _ALIASES.update((alias.lower(), real) for alias, real in ALIASES.items())
    real = _ALIASES.get(folded, "").lower()
    family = catalogue.LAYERS.get(folded) or catalogue.LAYERS.get(real)
    if family is None:
        load()
    else:
        import_module(f"seqshape.layers.{family}")
    return _LAYERS, _FOLDED.get(folded) or _FOLDED.get(real, "")


def _operation_called(name: str) -> tuple[dict[str, LayerType], str]:
    last = name.rpartition(".")[2]  # ops.image.resize is ops.resize
    snake = snake_case(last)
    kind = catalogue.OPERATIONS.get(last) or catalogue.OPERATIONS.get(snake)
    if kind is None:
        load_operations()
    else:
        import_module(f"seqshape.layers.operations.{kind}")
    return (_OPERATION_CLASSES, last) if last in _OPERATION_CLASSES else (_OPERATIONS, snake)


def layers() -> dict[str, LayerType]:
    """Every layer by class name, family by family."""
    load()
    return _in_order(_LAYERS, FAMILIES)


def operations() -> dict[str, LayerType]:
    """Every operation by its name in keras.ops, kind by kind."""
    load_operations()
    return _in_order(_OPERATIONS, OPERATIONS)


def operation_classes() -> dict[str, LayerType]:
    """Every operation by the name of its class; two have no function of their own."""
    load_operations()
    return _in_order(_OPERATION_CLASSES, OPERATIONS)


def _in_order(declared: dict[str, LayerType], files: tuple[str, ...]) -> dict[str, LayerType]:
    """In the order of the files, whichever a network has loaded first; then what no file of these declares."""
    place = {file: number for number, file in enumerate(files)}

    def where(item: tuple[str, LayerType]) -> int:
        return place.get(item[1].rule.__module__.rpartition(".")[2], len(files))

    return dict(sorted(declared.items(), key=where))


def spellings() -> list[str]:
    """Every name that a spec can call a layer by, for suggestions and completion."""
    known = layers()
    short = [alias for declared in known.values() for alias in declared.aliases]
    return [*known, *short, *ALIASES, *(f"ops.{name}" for name in operations())]


def load() -> None:
    """Import the families of layers, each once. Another thread that is at it is waited for."""
    for family in FAMILIES:
        import_module(f"seqshape.layers.{family}")


def load_operations() -> None:
    """Import the operations of keras.ops, each file once; most networks have none, so they need not wait for them."""
    for kind in OPERATIONS:
        import_module(f"seqshape.layers.operations.{kind}")


def snake_case(name: str) -> str:
    """Keras's automatic name of a class: ``ConvLSTM2D`` → ``conv_lstm2d``."""
    import re

    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
