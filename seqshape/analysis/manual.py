"""The manual page of a layer, derived from its declaration: the rule is run on names instead of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seqshape.bind.arguments import flag_words
from seqshape.bind.form import form_of
from seqshape.bind.layer import Layer
from seqshape.declaration import LayerType, Parameter, snake_case
from seqshape.diagnostics import Diagnostic, Fault, SeqshapeError, suggest
from seqshape.dims import UNKNOWN, Dim, Inconclusive, Unknown, pretty, product, recording, symbol
from seqshape.faces import drawn
from seqshape.graph import Call
from seqshape.kinds import KINDS
from seqshape.layers.mistakes import Mistake, usual
from seqshape.records import Record
from seqshape.registry import SHORT
from seqshape.tensor import Effect, Frozen, RankFault, Tensor, Unknowable, flatten

# What stands for a required argument where the rule is run on names; a size becomes a name.
SAMPLES: dict[str, object] = {
    "Activation": "relu",
    "Function": "relu",
    "Number": 0.5,
    "Text": "x",
    "Flag": True,
    "Axes": -1,
}


class ArgumentPage(Record):
    """One argument: what it takes, its default as Python, its flag words and short keyword."""

    name: str
    takes: str
    default: str
    words: tuple[str, ...] = ()
    short: str | None = None


class Manual(Record):
    """The manual of one layer. Formulas are text; ``None`` where the rule needs more than names."""

    name: str
    aliases: tuple[str, ...]
    text: str
    arguments: tuple[ArgumentPage, ...]
    inert: tuple[str, ...]
    flags: tuple[str, ...]
    call_arguments: tuple[str, ...]
    input_shape: str | None = None
    output_shapes: tuple[str, ...] = ()
    weights: tuple[tuple[str, str], ...] = ()
    params: str | None = None
    macs: str | None = None
    mistakes: tuple[Mistake, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The object of ``layers NAME --json``."""
        data = {"arguments": [argument._asdict() for argument in self.arguments]}
        return self._asdict() | data | {"mistakes": [one._asdict() for one in self.mistakes]}

    def __str__(self) -> str:
        return drawn("manual", self)


def page(name: str) -> Manual:
    """The manual of the layer that a name or an alias means. Raises SeqshapeError if there is none."""
    from seqshape.registry import find_layer, spellings

    kind = find_layer(name)
    if kind is None:
        found = Diagnostic("E102", "error", f"there is no layer called {name}", help=suggest(name, spellings()))
        raise SeqshapeError((found,))
    return manual(kind)


def families(*, ops: bool = False) -> dict[str, list[str]]:
    """The names of all layers by family, each as a spec has it; ``ops``: those of the operations of keras.ops."""
    return {family: [called(kind) for kind in kinds] for family, kinds in _by_family(ops).items()}


def spellings(*, ops: bool = False) -> dict[str, list[str]]:
    """As :func:`families`, with the aliases behind each name."""
    return {family: [_spelling(kind) for kind in kinds] for family, kinds in _by_family(ops).items()}


def _by_family(ops: bool) -> dict[str, list[LayerType]]:
    from seqshape.registry import layers, operations

    found: dict[str, list[LayerType]] = {}
    for kind in dict.fromkeys((operations() if ops else layers()).values()):
        found.setdefault(kind.rule.__module__.rpartition(".")[2], []).append(kind)
    return found


def _spelling(kind: LayerType) -> str:
    if kind.operation:
        return " = ".join(f"ops.{name}" for name in dict.fromkeys((snake_case(kind.name), *kind.aliases)))
    return f"{kind.name} ({', '.join(kind.aliases)})" if kind.aliases else kind.name


def called(kind: LayerType) -> str:
    """What a spec calls a layer or an operation."""
    return f"ops.{snake_case(kind.name)}" if kind.operation else kind.name


def manual(kind: LayerType) -> Manual:
    """The manual page of a layer."""
    from seqshape.signatures import ALIASES

    keras = tuple(alias for alias, name in ALIASES.items() if name == kind.name)
    page = Manual(
        kind.name,
        (*kind.aliases, *keras),
        kind.documentation,
        tuple(argument_page(parameter) for parameter in kind.parameters if parameter.kind is not None),
        tuple(parameter.name for parameter in kind.parameters if parameter.kind is None),
        tuple(flag_words(kind)),
        kind.call_arguments,
    )
    found = on_names(kind)
    page = page if found is None else _with_formulas(page, *found)
    rank = None if found is None or found[0].rank is None else found[0].rank - 1
    return page._replace(mistakes=usual(kind.name, kind.traits) or _derived(kind, rank))


def _derived(kind: LayerType, rank: int | None) -> tuple[Mistake, ...]:
    """Where none is written down: an input with an axis too few, if the layer refuses it."""
    if rank is None or rank < 2 or kind.operation:
        return ()
    needed = [_number(parameter) for parameter in kind.parameters if parameter.default is ...]
    if None in needed:
        return ()
    spec = f"{kind.name}({','.join(map(str, needed))})"
    short, whole = (",".join(["8"] * number) for number in (rank - 1, rank))
    wrong, right = _refusal(spec, short), _refusal(spec, whole)
    return (Mistake(spec, short, wrong, spec, whole),) if wrong is not None and right is None else ()


def _number(parameter: Parameter) -> int | float | None:
    """A plain value for a required argument."""
    values = {"Size": 8, "Sizes": 2, "Count": 1, "Counts": 1, "Number": 0.5}
    return values.get(parameter.family or "")


def _refusal(spec: str, shape: str) -> str | None:
    """What is wrong with a spec on an input of that shape; ``None`` if nothing is."""
    from seqshape.inputs import Inputs
    from seqshape.network import Network
    from seqshape.readers import read
    from seqshape.shapes import parse_shape

    found = Network(read(spec, "spec"), Inputs(parse_shape(shape), {})).diagnostics
    return next((one.message for one in found if one.severity == "error"), None)


def argument_page(parameter: Parameter) -> ArgumentPage:
    """What a parameter takes, and its default."""
    assert parameter.kind is not None
    known = KINDS[parameter.kind]
    short = next((key for key, names in SHORT.items() if parameter.name in names), None)
    default = "required" if parameter.default is ... else repr(parameter.default)
    return ArgumentPage(parameter.name, known.describe, default, tuple(sorted(known.words)), short)


def on_names(kind: LayerType, values: Mapping[str, object] = {}) -> tuple[Tensor, Effect] | None:
    """The rule run with a name for every size: the input it was given and its effect; ``None`` if it needs more.

    ``values``: of arguments that are not to have their defaults.
    """
    layer = Layer(form_of(kind), Call(kind.name), kind.auto_name)
    layer.arguments = {}
    for parameter in kind.parameters:
        if parameter.kind is not None:
            value = values[parameter.name] if parameter.name in values else _sample(parameter)
            if value is ...:
                return None
            layer.arguments[parameter.name] = value
    for names in ("steps features", "features", "height width channels", "time height width channels"):
        tensor = Tensor((UNKNOWN, *map(symbol, names.split())), "float32")
        try:
            return tensor, _run(layer, tensor)
        except RankFault as fault:
            found = _retry(layer, fault)
            if found is not None:
                return found
        except (Fault, Inconclusive, Unknowable):
            continue
    return None


def _retry(layer: Layer, fault: RankFault) -> tuple[Tensor, Effect] | None:
    """The rule has said which axes it wants: give it those by name."""
    names = [name for name in fault.names if not name.startswith("...")][1:]
    if not names:
        return None
    tensor = Tensor((UNKNOWN, *map(symbol, names)), "float32")
    try:
        return tensor, _run(layer, tensor)
    except (Fault, Inconclusive, Unknowable):
        return None


def _run(layer: Layer, tensor: Tensor) -> Effect:
    kinds = layer.type.annotations
    inputs = [[tensor, tensor] if kinds[name].startswith("Tensors") else tensor for name in _needed(layer)]
    with recording():
        return layer(*inputs)


def _needed(layer: Layer) -> list[str]:
    kinds = layer.type.annotations
    return [name for name in layer.type.inputs if not kinds[name].endswith("| None")]


def _sample(parameter: Parameter) -> object:
    if parameter.default is not ...:
        return parameter.left_out(parameter.default)
    if parameter.family in ("Size", "Count", "Sizes"):
        return symbol(parameter.name)
    return SAMPLES.get(parameter.family or "", ...)


def _with_formulas(page: Manual, tensor: Tensor, effect: Effect) -> Manual:
    shapes = {path: weight.shape if isinstance(weight, Frozen) else weight for path, weight in effect.weights.items()}
    weights = tuple((path, shape_text(shape)) for path, shape in shapes.items())
    counts = [product(shape) for shape in shapes.values()]
    total: Dim = 0
    for size in counts:
        total = total + size
    return page._replace(
        input_shape=shape_text(tensor.shape),
        output_shapes=tuple(shape_text(out.shape) for out in flatten(effect.out)),
        weights=weights,
        params=_text(total),
        macs=_text(effect.macs),
    )


def _text(size: Dim) -> str:
    return "?" if isinstance(size, Unknown) else pretty(size)


def shape_text(shape: Sequence[Dim]) -> str:
    """A shape of formulas."""
    inside = ", ".join("None" if isinstance(dim, Unknown) else pretty(dim) for dim in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"
