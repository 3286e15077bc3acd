"""What a layer's declaration says: the rule, its parameters as Keras orders them, and what it is beside its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from seqshape.diagnostics import Fault
from seqshape.kinds import KINDS, OPERATIONS_UNREAD, UNREAD
from seqshape.records import NamedTuple
from seqshape.signatures import SIGNATURES

# Arguments of Keras that change neither shapes nor counts: accepted and kept for export, never in a rule.
INERT_SUFFIXES = ("_initializer", "_regularizer", "_constraint")
INERT = frozenset({"seed", "quantization_config", "gptq_unpacked_column_size", "autocast"})
# What Keras 2 wrote into files and Keras 3 takes too, without it meaning anything there.
LEFT_OUT = frozenset({"implementation"})
# What Keras 2 wrote into files and Keras 3 refuses, where the class has no such argument.
REFUSED = frozenset({"time_major", "groups"})
# Those whose layers can be run on arrays, in files of the same name in seqshape/layers/forward.
FORWARD = frozenset(
    (
        "activation attention cells convolutional core merging normalization pooling preprocessing recurrent"
        " regularization reshaping wrappers"
    ).split()
)
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
    default: object = ...
    optional: bool = False

    @property
    def family(self) -> str | None:
        """The kind whose sensible values are those of this one: its own, or that which it is stricter or laxer than."""
        known = KINDS.get(self.kind or "")
        return (known and known.like) or self.kind

    def check(self, value: object) -> object:
        """The value as the rule gets it. Raises Fault if it is of another kind."""
        if self.kind is None or (value is None and self.optional):
            return value
        return KINDS[self.kind].check(value)

    def left_out(self, default: object) -> object:
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

    classes: Callable[[dict[str, object]], Iterable[str]]
    at_build: bool = False
    shares_name: bool = False


# What a layer can be beside its rule, for those that ask for it in the place of its name.
TRAITS = {
    "acts_in_training": "gives its input as it is when the network is used",
    "activation": "an activation alone: what a bare word such as relu stands for in a spec",
    "regularizer_of_its_own": "makes its activity regularizer itself, out of other arguments",
    "adds": "sums its inputs: the end of a residual branch",
    "averages_all": "the mean over all steps or positions",
    "biased": "has a bias that moves every output by the same for all samples",
    "both_ways": "runs the layer inside forwards and backwards",
    "concatenates": "puts its inputs side by side along one axis",
    "convolves": "a kernel slides over the input",
    "copies_initializers": "copies its initializers for layers inside, so that they have to be objects",
    "dense": "a matrix product over the last axis",
    "crops": "cuts steps or positions off",
    "drops": "sets numbers to 0 in training",
    "each_step": "runs the layer inside at every step",
    "embeds": "reads whole numbers and nothing else",
    "flattens": "makes one axis of all but the batch",
    "forgets_regularizer": "takes an activity_regularizer of any kind and does nothing with it",
    "function": "runs code of the user, which is never run here",
    "identity": "gives its input as it is, and does nothing else",
    "input": "stands for an input: it makes its tensor when it is constructed",
    "keeps_numbers": "gives its input's numbers as they are, in another place",
    "keeps_places": "leaves every number where it is",
    "looks_up": "has a table with a row for each different input",
    "over_steps": "runs over axis 1 as over steps",
    "pads": "puts zeros around steps or positions",
    "partly_trained": "has weights of which some are never trained",
    "passes_on": "hands an answer on: what stands before it says what the answer means",
    "permutes": "puts the axes in another order",
    "pools_all": "joins all steps or positions into one",
    "rearranges": "may make anything of the axes, so that axis 1 need not be steps",
    "recurrent": "a cell runs over the steps",
    "repeats": "gives a vector to each of several steps",
    "reshapes": "gives the numbers another shape",
    "softmax": "a softmax alone",
    "stack": "several cells as one: what a list of cells becomes",
    "statistics": "its last two weights are moving statistics, never trained",
    "transparent": "what comes out means what went in",
}


class LayerType:
    """A layer of the catalogue: its class name, its rule, and what the decorator says of it.

    ``pinned``: what of its input the first call fixes, in the words of pinned.PINS. ``operation``: of keras.ops.
    ``quantizer``: the function of layers.quantization for weights under a quantized dtype policy. ``keras``: the version
    that has the class, if not Keras 3, and ``instead`` what does the same now.
    ``traced``: Keras has no shape rule of its own and has JAX trace the layer. ``casts``: its call casts floats to its
    own dtype; ``converts``: Keras makes tensors of the arguments of a call, and so a copy of them, before it casts.
    ``keras2``: defaults that standalone Keras had otherwise. ``inner``: see :class:`Inner`. ``order``: the
    arguments of an operation's function in keras.ops, operands and others, in its order. ``unnamed``: Keras gives the
    weights no names; through the whole model they are ``variable``, ``variable_1``, …
    ``annotations``: the kinds of inputs and arguments by their names, in the order of the rule, and ``run``: the rule
    called with them. Arguments that several layers share may be one parameter of the rule, whose kind is a record of
    them: each layer takes those that Keras's signature has, or ``beside``. ``defaults``: what the rule says where Keras has none.
    ``signature``: the constructor's arguments and their defaults as Keras orders them. ``beside``: arguments that no
    rule reads and that Keras takes in ``**kwargs``. ``kinds``: of arguments of the signature that no rule reads, beside
    kinds.UNREAD, which holds for all layers. ``traits``: words of TRAITS. ``rank``: the number of axes that tells it
    from others of its kind.
    """

    __slots__ = (
        "_forward",
        "_order",
        "_parameters",
        "_required",
        "_unread",
        "aliases",
        "annotations",
        "beside",
        "casts",
        "converts",
        "defaults",
        "inner",
        "inputs",
        "instead",
        "keras",
        "keras2",
        "kinds",
        "name",
        "operation",
        "pinned",
        "quantizer",
        "rank",
        "records",
        "rule",
        "run",
        "signature",
        "traced",
        "traits",
        "unnamed",
    )

    def __init__(
        self,
        rule: Callable[..., Any],
        aliases: tuple[str, ...],
        pinned: tuple[str, ...],
        operation: bool,
        keras: str,
        signature: Iterable[tuple[str, object]] | None = None,
        kinds: dict[str, str] | None = None,
        beside: tuple[Parameter, ...] = (),
    ) -> None:
        self.name = rule.__name__
        self.rule = rule
        self.aliases = aliases
        self.pinned = pinned
        self.operation = operation
        self.keras = keras
        self.quantizer = ""
        self.traced, self.casts, self.converts = False, not operation, not operation
        self.inner: Inner | None = None
        self._forward: Callable[..., object] | None = None
        self.instead = ""
        self.unnamed = False
        self.keras2: dict[str, object] = {}
        self._parameters: tuple[Parameter, ...] | None = None
        self._required: tuple[str, ...] | None = None
        known = SIGNATURES.get(self.name) if not operation else None
        own = known[1] if known else None
        self.signature: tuple[tuple[str, object], ...] | None = own if signature is None else tuple(signature)
        self.beside = beside
        self._unread: frozenset[str] | None = None
        self.kinds = kinds or {}
        self.traits: frozenset[str] = frozenset()
        self.rank: int | None = None
        self._open(rule)

    def _open(self, rule: Callable[..., Any]) -> None:
        """Read the parameters off the rule, those of its records among them."""
        code, kinds = rule.__code__, rule.__annotations__
        named = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self.records: dict[str, Any] = {
            name: rule.__globals__[kind] for name, kind in kinds.items() if _is_record(name, kind)
        }
        self.annotations: dict[str, str] = kinds
        self.defaults = defaults_of(rule)
        self.run = rule
        if self.records:
            self._open_records(rule)
        if self.kinds:
            self.annotations = {name: self.kinds.get(name, kind) for name, kind in self.annotations.items()}
        self.inputs: tuple[str, ...] = tuple(
            name
            for name, kind in self.annotations.items()
            if kind.startswith("Tensor") and (name in named or name not in kinds)
        )
        self._order: tuple[str, ...] = () if self.operation else named

    def _open_records(self, rule: Callable[..., Any]) -> None:
        """Put the fields of records in their places, and Keras's defaults in those of the records."""
        kinds: dict[str, str] = {}
        for name, kind in rule.__annotations__.items():
            record = self.records.get(name)
            kinds |= {name: kind} if record is None else self._fields(record)
            self.defaults |= {} if record is None else record._field_defaults
        known = SIGNATURES.get(self.name) if not self.operation else None
        if known:
            self.defaults |= {name: default for name, default in known[1] if default is not ...}
        self.annotations, self.run = kinds, gathering(rule, self.records)

    def _fields(self, record: Any) -> dict[str, str]:
        """The fields of a record that this class has in Keras, and their kinds."""
        known = SIGNATURES.get(self.name) if not self.operation else None
        real = {name for name, _ in ((*known[2], *known[1]) if known else self.signature or ())}
        real |= {parameter.name for parameter in self.beside}
        return {
            name: kind
            for name, kind in record.__annotations__.items()
            if self.signature is None or name in real or (not known and kind.startswith("Tensor"))
        }

    def declared(self) -> dict[str, Parameter]:
        """The parameters that the rule names, inputs left out, in the order of the rule."""
        return {
            name: Parameter(name, kind.removesuffix(" | None"), self.defaults.get(name, ...), kind.endswith(" | None"))
            for name, kind in self.annotations.items()
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
        if self._required is None:
            self._required = tuple(name for name in self.inputs if name not in self.defaults)
        return self._required

    @property
    def variadic(self) -> bool:
        """Whether a call gives any number of inputs one after the other, and the rule gets them as a list."""
        return any(self.annotations[name] == "TensorArguments" for name in self.inputs[:1])

    @property
    def lists(self) -> bool:
        """Whether all tensors that a call gives are one argument: a list, or any number of them."""
        return any(self.annotations[name].startswith(("TensorA", "Tensors")) for name in self.inputs[:1])

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
            self._unread = frozenset(p.name for p in self.parameters if p.kind) - self.annotations.keys()
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

    def _not_read(self, name: str, default: object) -> Parameter:
        """A parameter that no rule reads, whose kind is known if Keras checks it."""
        table = OPERATIONS_UNREAD if self.operation else UNREAD
        kind = self.kinds.get(name) or (None if is_inert(name) and not self.operation else table.get(name))
        if kind is None:
            return Parameter(name, None, default)
        return Parameter(name, kind.removesuffix(" | None"), default, kind.endswith(" | None"))

    @property
    def order(self) -> tuple[str, ...]:
        """The arguments of an operation's function in keras.ops, operands and others, in its order."""
        if not self._order:
            own = (name for name, _ in self.signature or ())
            self._order = tuple(dict.fromkeys((*self.inputs, *own, *self.declared())))
        return self._order

    @order.setter
    def order(self, names: tuple[str, ...]) -> None:
        self._order = names

    @property
    def forward(self) -> Callable[..., object] | None:
        """The layer on arrays, see :func:`forward`: loaded when it is asked for."""
        family = self.rule.__module__.rpartition(".")[2]
        if self._forward is None and family in FORWARD:
            import_module(f"seqshape.layers.forward.{family}")
        return self._forward

    @forward.setter
    def forward(self, function: Callable[..., object]) -> None:
        self._forward = function

    @property
    def run_with(self) -> frozenset[str]:
        """The arguments that the function of the layer on arrays names, those in records among them."""
        code = getattr(getattr(self.forward, "__wrapped__", self.forward), "__code__", None)
        named = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code is not None else ()
        inside = (self.records[name].__annotations__ for name in named if name in self.records)
        return frozenset(named).union(*inside)

    def quantized(self, weights: object, mode: object, arguments: object) -> Any:
        """What Keras stores of the weights in a kind of quantization (layers.quantization.Mode)."""
        return getattr(import_module("seqshape.layers.quantization"), self.quantizer)(weights, mode, arguments)

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
        """The manual page as plain text: the rule's docstring, set in by nothing, its marks of code taken away."""
        whole = self.rule.__doc__ or ""
        first, _, rest = (whole if self.rank is None else _pages(whole).get(self.name, whole)).partition("\n")
        lines = [line.removeprefix("    ") for line in rest.split("\n")]
        return "\n".join([first, *lines]).replace("``", "").rstrip()


def _is_record(name: str, kind: str) -> bool:
    """Whether a parameter of a rule is a record of several arguments."""
    return kind not in KINDS and name != "return" and not kind.endswith(" | None") and not kind.startswith("Tensor")


def gathering(rule: Callable[..., Any], records: dict[str, Any]) -> Callable[..., Any]:
    """A function as it is called with each argument by itself: it gets those of a record together."""

    made = [(name, record._make, record._fields, record._field_defaults) for name, record in records.items()]

    def run(*inputs: object, **arguments: object) -> object:
        for name, make, fields, own in made:
            arguments[name] = make([arguments.pop(field) if field in arguments else own[field] for field in fields])
        return rule(*inputs, **arguments)

    run.__wrapped__ = rule  # type: ignore[attr-defined]
    return run


def defaults_of(rule: Callable[..., object]) -> dict[str, object]:
    """The parameters of a rule that have a default, and what it is."""
    code = rule.__code__
    positional = code.co_varnames[: code.co_argcount]
    given = rule.__defaults__ or ()
    found = dict(zip(positional[len(positional) - len(given) :], given, strict=True))
    return found | (rule.__kwdefaults__ or {})


def _pages(documentation: str) -> dict[str, str]:
    """The docstring of each class: what stands behind its name, the first sentence in one line."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in documentation.split("\n"):
        name, colon, rest = line.strip().partition(": ")
        if colon and name.isalnum() and name[:1].isupper():
            lines = found[name] = [rest]
        else:
            lines.append(line)
    return {name: _page("\n".join(lines).rstrip()) for name, lines in found.items()}


def _page(text: str) -> str:
    summary, _, rest = text.partition("\n\n")
    summary = " ".join(summary.split())
    return f"{summary}\n\n{rest}\n    " if rest else summary


def snake_case(name: str) -> str:
    """Keras's automatic name of a class: ``ConvLSTM2D`` → ``conv_lstm2d``."""
    import re

    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
