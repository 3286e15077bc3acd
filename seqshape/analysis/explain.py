"""Where the numbers come from: every count as a formula, which is the layer's own rule run on names, and as a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seqshape.bind.form import form_of
from seqshape.bind.layer import Bound, Layer
from seqshape.declaration import Parameter
from seqshape.diagnostics import Fault
from seqshape.dims import UNKNOWN, Dim, Inconclusive, Poly, Size, names, pretty, product, recording, sized, symbol
from seqshape.records import Record
from seqshape.registry import find_layer
from seqshape.tensor import Effect, Frozen, Shape, Tensor, Unknowable, WeightShape, count, each_tensor
from seqshape.walk.call import call_layer
from seqshape.walk.flow import Done, tensors_of
from seqshape.walk.model import Model

if TYPE_CHECKING:
    from seqshape.network import Network

# Kinds of arguments that are sizes: in a formula they go by the argument's name.
SIZED = ("Size", "Count", "Sizes", "Counts")
LONGEST = 100  # signs of a formula that still helps
MIDDLE = {1: ("steps",), 2: ("height", "width"), 3: ("depth", "height", "width")}


class WeightFormula(Record):
    """One weight: its shape as a formula and as numbers, and how many numbers it holds."""

    path: str
    formula: str | None
    shape: Shape
    number: Size
    trainable: bool | None


class Explanation(Record):
    """One layer: shapes, weights, the sum as formula, with the values put in, and as a number; how it treats steps; and
    what its manual page says of it first."""

    name: str
    class_name: str
    input_shapes: tuple[Shape | None, ...]
    output_shapes: tuple[Shape | None, ...]
    weights: tuple[WeightFormula, ...]
    params: Size | None
    formula: str | None
    values: str | None
    macs: Dim | None
    macs_formula: str | None
    macs_values: str | None
    steps: str | None
    layers: tuple[Explanation, ...] = ()
    about: str | None = None


class Naming:
    """Names for sizes, each with one value: a second size that would take a name with another value gets a number."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}

    def size(self, name: str, value: object) -> Any:
        """The value under its name; what is no plain number stays as it is."""
        if not isinstance(value, int) or isinstance(value, bool):
            return value
        stem, number = name, 2
        while self.values.get(name, value) != value:
            name, number = f"{stem}_{number}", number + 1
        self.values[name] = value
        return sized(name, value)

    def probe(self, value: object) -> object:
        """The same operands with tensors that give their dims names."""
        return each_tensor(self._probe, value)

    def _probe(self, tensor: Tensor) -> Probe:
        probe = Probe(tensor.shape, tensor.dtype)
        probe.naming = self
        return probe

    def layer(self, layer: Layer) -> Layer:
        """A copy of a bound layer whose sizes go by their names."""
        copy = Layer(form_of(layer.type), layer.call, layer.name)
        copy.spans, copy.dtype, copy.trainable = layer.spans, layer.dtype, layer.trainable
        known = {parameter.name: parameter for parameter in layer.type.parameters}
        copy.arguments = {name: self._argument(name, known[name], value) for name, value in layer.arguments.items()}
        return copy

    def _argument(self, name: str, parameter: Parameter, value: object) -> object:
        if isinstance(value, Layer):
            return self.layer(value)
        if isinstance(value, tuple) and any(isinstance(item, Layer) for item in value):
            return tuple(self._argument(name, parameter, item) for item in value)
        if parameter.family not in SIZED or _is_neutral(parameter, value):
            return value
        if isinstance(value, tuple):
            several = len(value) > 1
            return tuple(self.size(f"{name}_{i}" if several else name, item) for i, item in enumerate(value, 1))
        return self.size(name, value)

    def written_out(self, text: str) -> str:
        """A formula with the values in the place of the names."""
        import re

        return re.sub(
            r"[A-Za-z_]\w*", lambda word: str(self.values.get(word.group(), word.group())), text, flags=re.ASCII
        )


def _is_neutral(parameter: Parameter, value: object) -> bool:
    """Strides, groups and the like that are 1 unless said otherwise: a formula is clearer without them."""
    return _first(parameter.default) == 1 and all(
        item == 1 for item in (value if isinstance(value, tuple) else (value,))
    )


def _first(value: object) -> object:
    return value[0] if isinstance(value, tuple) and value else value


class Probe(Tensor):
    """A tensor whose dims take the names that the rule itself gives them, and keep their values."""

    naming: Naming

    @property
    def shape(self) -> Shape:
        """The dims under plain names, for a rule that does not name them itself."""
        batch, *rest = self[0] or (UNKNOWN,)
        names = _filler(len(rest), last=True)
        return (batch, *(self.naming.size(name, dim) for name, dim in zip(names, rest, strict=True)))

    def axes(self, names: str) -> Any:
        """The dims by the rule's names: ``features`` with the value of this network."""
        super().axes(names)
        wanted = names.split()
        middle = self.rank - sum(not word.startswith("...") for word in wanted)
        filler = _filler(middle, last=wanted[-1].startswith("..."))
        flat = [name for word in wanted for name in (filler if word.startswith("...") else (word,))]
        return tuple(
            dim if name == "batch" else self.naming.size(name, dim) for name, dim in zip(flat, self[0], strict=True)
        )


def _filler(number: int, *, last: bool) -> tuple[str, ...]:
    """Names for the axes that a rule does not name; the last of all are features."""
    if last and number:
        return (*_filler(number - 1, last=False), "features")
    return MIDDLE.get(number, tuple(f"size_{index + 1}" for index in range(number)))


def explain(network: Network, layer: str | None = None) -> tuple[Explanation, ...]:
    """The explanation of every layer, or of those called ``layer`` (the name, the class or an alias, in any case)."""
    found = tuple(_explanations(network.model, network))
    if layer is None:
        return found
    known = find_layer(layer)
    named = {layer.lower(), known.name.lower()} if known is not None else {layer.lower()}
    return tuple(one for one in _all(found) if named & {one.name.lower(), one.class_name.lower()})


def _all(explanations: tuple[Explanation, ...]) -> Iterator[Explanation]:
    for one in explanations:
        yield one
        yield from _all(one.layers)


def _explanations(model: Model, network: Network) -> Iterator[Explanation]:
    by_call: dict[object, list[Done]] = {}
    for found in model.done.values():
        by_call.setdefault(found.node.call, []).append(found)
    for call in dict.fromkeys(model.calls()):
        first = next(iter(by_call.get(call, [])), None)
        layer = model.session.binder.get(call)
        if layer is not None and first is not None and first.node not in model.graph.inputs:
            yield _explanation(model, layer, first, network)


def _explanation(model: Model, layer: Bound, done: Done, network: Network) -> Explanation:
    weights = model.weights.get(layer, {})
    known = layer in model.weights
    naming = Naming()
    named = _on_names(naming, layer, done)
    rows = tuple(_weight(path, weight, named) for path, weight in weights.items())
    total: Size = 0
    for row in rows:
        total = total + row.number
    formula, values = _formula(naming, _total(named)) if named is not None and rows else (None, None)
    macs = done.effect.macs if done.effect is not None else None
    macs_formula, macs_values = _formula(naming, named.macs) if named is not None else (None, None)
    inner = tuple(_explanations(layer, network)) if isinstance(layer, Model) else ()
    return Explanation(
        layer.name,
        layer.class_name,
        tuple(flow.tensor.shape if flow is not None else None for flow in done.inputs),
        done.shapes(),
        rows,
        total if known else None,
        formula,
        values,
        macs,
        macs_formula,
        macs_values,
        _steps(done),
        inner,
        _about(layer),
    )


def _about(layer: object) -> str | None:
    """The first sentence of the layer's manual page."""
    return layer.type.documentation.partition("\n")[0] if isinstance(layer, Layer) else None


def _weight(path: str, weight: Frozen, named: Effect | None) -> WeightFormula:
    formula = None
    if named is not None and path in named.weights:
        shape = _shape_of(named.weights[path])
        formula = " × ".join(map(pretty, shape)) if shape else "1"  # type: ignore[arg-type]
    return WeightFormula(path, formula, tuple(weight.shape), count(weight.shape), weight.trainable)


def _shape_of(weight: WeightShape) -> Shape:
    return weight.shape if isinstance(weight, Frozen) else weight


def _total(named: Effect) -> Dim:
    total: Dim = 0
    for weight in named.weights.values():
        total = total + product(_shape_of(weight))
    return total


def _formula(naming: Naming, size: Dim) -> tuple[str | None, str | None]:
    """The formula and the same with the values put in; nothing where it is just a number."""
    if not isinstance(size, Poly):
        return None, None
    text = pretty(size)
    return (text, naming.written_out(text)) if len(text) <= LONGEST else (None, None)


def _on_names(naming: Naming, layer: object, done: Done) -> Effect | None:
    """The layer's rule run on names that carry this network's values; ``None`` where it cannot be."""
    if not isinstance(layer, Layer) or done.effect is None:
        return None
    operands = [naming.probe(tensors_of(operand)) for operand in done.args]
    keywords = {name: naming.probe(tensors_of(operand)) for name, operand in done.kwargs.items()}
    try:
        with recording():
            return call_layer(naming.layer(layer), operands, keywords)
    except (Fault, Inconclusive, Unknowable):
        return None


def _steps(done: Done) -> str | None:
    """How the layer treats steps, in a sentence, read off its own matrix."""
    from seqshape.analysis.timesteps import own_label
    from seqshape.diagnostics import SeqshapeError

    if done.effect is None:
        return None
    try:
        label = own_label(done)
    except SeqshapeError:
        return None
    return (
        None
        if label is None
        else SENTENCES.get(label, f"each output step sees a {label}" if "window" in label else label)
    )


SENTENCES = {
    "not known": "what each step sees is not known",
    "each step alone": "the same weights serve every step; each step sees itself alone",
    "past": "the same weights serve every step; each step sees itself and all earlier steps",
    "future": "the same weights serve every step; each step sees itself and all later steps",
    "future, in reversed order": "steps are read from last to first and stay in that order",
    "all": "every output sees every step",
}


class Length(Record):
    """Whether the counts depend on the number of steps: ``fixed`` to ``steps`` by ``layers``, or for any length."""

    fixed: bool
    steps: int | None
    layers: tuple[str, ...]
    sentence: str


def length(network: Network) -> Length | None:
    """Whether the network works for any number of steps, read off the polynomials of its counts."""
    from seqshape.inputs import Inputs
    from seqshape.network import Network

    node = network.graph.inputs[0] if network.graph.inputs else None
    tensor = network.model.inputs.get(node) if node is not None else None
    if node is None or tensor is None or tensor.rank < 3 or not isinstance(tensor.shape[1], int):
        return None
    trial = Network(
        network.graph,
        Inputs(None, network.inputs.values),
        override={node: tensor._replace(shape=(tensor.shape[0], symbol("steps_"), *tensor.shape[2:]))},
    )
    tied = [row for row in trial.summary().layers if row.params is None or "steps_" in names(row.params)]
    steps = tensor.shape[1]
    if not tied:
        return Length(False, None, (), "any length: no count depends on the number of steps")
    culprit = _culprit(trial)
    by = f"the {culprit} ties {tied[0].name}'s weights to it" if culprit else f"{tied[0].name}'s weights depend on it"
    return Length(True, steps, tuple(row.name for row in tied), f"fixed to {steps} steps: {by}")


def _culprit(trial: Network) -> str | None:
    """The layer that moves the steps into the features."""
    for done in trial.model.done.values():
        shapes = [flow.tensor.shape for flow in done.inputs if flow is not None]
        out = done.shapes()[0]
        if shapes and out and "steps_" in names(out[-1]) and "steps_" not in names(shapes[0][-1]):
            return str(done.layer.class_name)
    return None
