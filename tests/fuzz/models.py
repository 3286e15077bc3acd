"""Random models as recipes: chains and graphs, mostly valid, now and then with one thing wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from seqshape.dims import UNKNOWN
from seqshape.registry import layers, operations
from seqshape.tensor import Tensor
from tests.fuzz.choices import Choices
from tests.fuzz.operations import Case, case, is_absurd, tensors
from tests.fuzz.prediction import Refused, outcome
from tests.fuzz.values import NAMES, RECURRENT, Unsupported, catalogue, functions, known, random_layer
from tests.oracle.operations import T
from tests.oracle.recipe import OPERATORS, Apply, Input, Layer, Make, Recipe, Var

TRIES = 8  # how many layers are drawn until one fits
WRONG = 6  # in how many of a hundred models a layer that does not fit may stay
# Classes that read whole numbers.
WHOLE = frozenset({"Embedding", "ReversibleEmbedding", "CategoryEncoding"})
# The number of axes after the batch, where the class name does not tell.
RANKS = {
    **dict.fromkeys(("RepeatVector", "MelSpectrogram", "CategoryEncoding", "SimpleRNNCell", "GRUCell", "LSTMCell"), 1),
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "EinsumDense", "STFTSpectrogram"), 2),
    **dict.fromkeys(("MultiHeadAttention", "GroupedQueryAttention", "Attention", "AdditiveAttention"), 2),
    **dict.fromkeys(("ConvLSTM1D", "TimeDistributed"), 3),
    "ConvLSTM2D": 4,
    "ConvLSTM3D": 5,
}
IMAGES = ("Random", "Center", "Resiz", "Mix", "Cut", "Aug", "Auto", "Rand", "Equal", "Solar", "Contrast", "Pipeline")
LONG = frozenset({"MelSpectrogram", "STFTSpectrogram"})
# Layers that do something about a mask, each in its own way.
UNDER_MASKS = (
    *(*RECURRENT, "RNN", "Bidirectional", "TimeDistributed", "Dropout", "Dense", "LayerNormalization", "Softmax"),
    *("GlobalAveragePooling1D", "Conv1D", "Concatenate", "Add", "Activation", "Attention", "MultiHeadAttention"),
    *("BatchNormalization", "ConvLSTM1D", "Embedding", "Flatten", "Multiply", "AdditiveAttention", "Masking"),
)


REFLECTED = frozenset({"less", "less_equal", "greater", "greater_equal", "not_equal"})


def recipe(choices: Choices) -> Recipe:
    """A random model, a chain or a graph."""
    return chain(choices) if choices.chance(45) else graph(choices)


# --- inputs -----------------------------------------------------------------------------------------------------------


def rank_for(choices: Choices, class_name: str) -> int:
    """How many axes after the batch an input of a layer should have; seldom another number than it wants."""
    if choices.chance(4):
        return choices.integer(0, 5)
    if class_name in RANKS:
        return RANKS[class_name] + (choices.chance(30) if class_name in ("TimeDistributed", "EinsumDense") else 0)
    if class_name.startswith(IMAGES):
        return 3
    for digit in "123":
        if f"{digit}D" in class_name:
            return int(digit) + 1
    return choices.pick((2, 2, 1, 3, 4))


def random_input(choices: Choices, var: str, class_name: str) -> Input:
    """An input that suits a layer."""
    top = 400 if class_name in LONG else 12 if class_name.startswith("Adaptive") else 9
    low = 200 if class_name in LONG else 1
    shape: list[int | None] = [choices.integer(low, top) for _ in range(rank_for(choices, class_name))]
    for axis in range(len(shape) - 1):
        if choices.chance(14):
            shape[axis] = None
    if shape and choices.chance(2):
        shape[-1] = None
    batch = choices.pick((1, 2, 3)) if choices.chance(12) else None
    whole = class_name in WHOLE and choices.chance(95)
    dtype = (
        "int32"
        if whole
        else choices.pick(("float32",) * 20 + ("float16", "int32", "bfloat16", "uint8", "bool", "int64"))
    )
    name = f"{choices.pick(NAMES)}{choices.integer(50, 90)}" if choices.chance(8) else None
    return Input(var, tuple(shape), batch, dtype, name)


def tensor_of(step: Input) -> Tensor:
    """What an input is, as seqshape sees it."""
    dims = (step.batch_size, *step.shape)
    return Tensor(tuple(UNKNOWN if dim is None else dim for dim in dims), step.dtype)


def shape_of(tensor: Tensor) -> tuple[int | None, ...]:
    return tuple(dim if isinstance(dim, int) else None for dim in tensor.shape)


# --- chains -----------------------------------------------------------------------------------------------------------


def names_for_chain() -> list[str]:
    """The classes that take one tensor."""
    return sorted(name for name, kind in catalogue().items() if not takes_list(name) and len(needed(name)) == 1)


def needed(class_name: str) -> list[str]:
    """The inputs that a layer's rule cannot do without."""
    kind = layers()[class_name]
    return [name for name in kind.inputs if not kind.annotations[name].endswith("| None")]


def takes_list(class_name: str) -> bool:
    kind = layers()[class_name]
    return bool(kind.inputs) and kind.annotations[kind.inputs[0]].startswith("Tensors")


def chain(choices: Choices) -> Recipe:
    """A Sequential: a layer picked evenly from the catalogue, an input that suits it, and some layers after it."""
    names = names_for_chain()
    target = choices.pick(names)
    start = random_input(choices, "x", target)
    wrong = choices.chance(WRONG)
    steps: list[Any] = [start]
    tensor: Any = tensor_of(start)
    for index in range(1 + choices.pick((0, 1, 1, 2, 3))):
        found = _step(choices, target if index == 0 else choices.pick(names), tensor, wrong=wrong)
        if found is None:
            break
        steps.append(found.layer)
        if not isinstance(found.out, Tensor):
            break
        tensor = found.out
        if choices.chance(4):
            _twice(choices, steps)
            break
    if len(steps) > 1 and choices.chance(5):
        _nest(choices, steps)
    if len(steps) == 1:
        steps.append(Layer("Identity"))
    if choices.chance(2):
        steps = _spoiled(choices, steps)
    return Recipe("Sequential", tuple(steps))


class Found(NamedTuple):
    layer: Layer
    out: Any  # None: not known, or refused


def _step(choices: Choices, class_name: str, tensor: Tensor, *, wrong: bool) -> Found | None:
    """A layer for a tensor: of the class first asked for, then of any; ``None`` if none was found."""
    names = names_for_chain()
    for attempt in range(TRIES):
        name = class_name if attempt < TRIES // 2 else choices.pick(names)
        try:
            layer = random_layer(choices, name, shape_of(tensor))
            return Found(layer, outcome(layer, tensor, {}))
        except Unsupported:
            continue
        except Refused:
            if wrong:
                return Found(layer, None)
        except Exception:  # a rule that crashes: the verdict will say so
            return Found(layer, None)
    return None


def _twice(choices: Choices, steps: list[Any]) -> None:
    """The last layer once more, the same object: legal in a Sequential."""
    steps.insert(0, Make("again", steps.pop()))
    steps.extend([Var("again")] * 2)


def _nest(choices: Choices, steps: list[Any]) -> None:
    """Some of the layers become a nested Sequential, inline or with a name."""
    first = choices.integer(1, len(steps) - 1)
    inside = tuple(steps[first:])
    if any(isinstance(step, (Var, Make)) for step in steps):
        return
    inner = Recipe(
        "Sequential", inside, (), choices.pick((None, "block")) if choices.chance(30) else None, choices.chance(95)
    )
    if choices.chance(50):
        steps[first:] = [inner]
    else:
        steps[first:] = [Var("part")]
        steps.insert(0, Make("part", inner))


def _spoiled(choices: Choices, steps: list[Any]) -> list[Any]:
    """One argument of one layer made wrong, as people do."""
    places = [index for index, step in enumerate(steps) if isinstance(step, Layer)]
    if not places:
        return steps
    index = choices.pick(places)
    return [spoil(choices, step) if place == index else step for place, step in enumerate(steps)]


def spoil(choices: Choices, layer: Layer) -> Layer:
    """A layer with something wrong: a value of another kind, an argument too many, a name that is none."""
    what = choices.integer(0, 4)
    if what == 0:
        return layer._replace(kwargs={**layer.kwargs, "unit": 3})
    if what == 1 and layer.args:
        return layer._replace(args=(choices.pick((0, -1, 2.5, "3", None, ())), *layer.args[1:]))
    named = sorted(layer.kwargs.keys() - {"return_state"})  # a list of tensors is refused where Keras copies its shapes
    if what == 2 and named:
        name = choices.pick(named)
        return layer._replace(kwargs={**layer.kwargs, name: choices.pick((0, -1, 2.5, "sane", None, (1, 2, 3, 4, 5)))})
    if what == 3:
        return layer._replace(args=layer.args[:-1])
    return layer._replace(class_name=f"{layer.class_name}x" if choices.chance(10) else layer.class_name)


# --- graphs -----------------------------------------------------------------------------------------------------------


def graph(choices: Choices) -> Recipe:
    """A Functional: layers applied to tensors at hand, shared, merged, nested, with states and masks."""
    return _Graph(choices).grow()


class _Graph:
    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.steps: list[Any] = []
        self.tensors: dict[str, Tensor] = {}  # what each name is, as seqshape believes
        self.used: set[str] = set()
        self.made: dict[str, tuple[Layer, Tensor]] = {}
        self.wrong = choices.chance(WRONG)
        self.broken = False

    def grow(self) -> Recipe:
        choices = self.choices
        self.input(choices.pick(names_for_chain()))
        for _ in range(choices.pick((1, 2, 3, 3, 4, 5, 6, 8))):
            if self.broken:
                break
            self.grow_once()
        name = "model_x" if choices.chance(2) else None
        return Recipe("Functional", tuple(self.steps), self.outputs(), name)

    def grow_once(self) -> None:
        choices = self.choices
        often = (self.one, self.one, self.one, self.merge, self.merge)
        seldom = (self.residual, self.share, self.states, self.attend, self.nested, self.masked, self.operation)
        ways = (*often, *seldom, self.another, self.branches, self.cell)
        choices.pick(ways)()

    # --- names and outputs

    def fresh(self, stem: str) -> str:
        return f"{stem}{len(self.steps)}"

    def tensor(self) -> str:
        """A tensor at hand, rather a recent one."""
        names = list(self.tensors)
        return names[-1] if self.choices.chance(45) else self.choices.pick(names)

    def outputs(self) -> Any:
        """The tensors that nothing has read, or the last one; several in a list."""
        inputs = {step.var for step in self.steps if isinstance(step, Input)}
        leaves = [name for name in self.tensors if name not in self.used and name not in inputs]
        if not leaves:
            leaves = [list(self.tensors)[-1]]
        if self.choices.chance(15) and not self.broken:  # what Keras refuses has to reach an output
            leaves = leaves[-1:]
        if self.choices.chance(5) and len(self.tensors) > 1:
            leaves.append(self.choices.pick([name for name in self.tensors if name not in leaves] or leaves))
        chosen = [Var(name) for name in leaves]
        return chosen if len(chosen) > 1 or self.choices.chance(5) else chosen[0]

    # --- steps

    def input(self, class_name: str) -> str:
        var = self.fresh("in")
        step = random_input(self.choices, var, class_name)
        self.steps.append(step)
        self.tensors[var] = tensor_of(step)
        return var

    def like(self, name: str) -> str:
        """Another input of the shape of a tensor; a number without a batch stands for itself."""
        tensor = self.tensors[name]
        if not tensor.shape:
            return name
        var = self.fresh("in")
        shape = shape_of(tensor)
        step = Input(var, shape[1:], shape[0], tensor.dtype or "float32")
        self.steps.append(step)
        self.tensors[var] = tensor_of(step)
        return var

    def apply(self, layer: Layer | Var, operand: Any, keywords: Mapping[str, Any] | None = None) -> list[str] | None:
        """Apply a layer if seqshape believes that it fits; the names of its outputs."""
        keywords = keywords or {}
        known_layer = self.made[layer.name][0] if isinstance(layer, Var) else layer
        try:
            out = outcome(known_layer, self.look(operand), {name: self.look(item) for name, item in keywords.items()})
        except Refused:
            if not self.wrong:
                return None
            out, self.broken = None, True
        except Exception:  # a rule that crashes: the verdict will say so
            out, self.broken = None, True
        return self.record(layer, operand, keywords, out)

    def record(self, layer: Any, operand: Any, keywords: Mapping[str, Any], out: Any) -> list[str]:
        parts = out if isinstance(out, list) and len(out) > 1 else [out]
        if isinstance(out, list) and len(out) == 1:
            parts = out
        names = [f"{self.fresh('x')}{f'_{index}' if len(parts) > 1 else ''}" for index in range(len(parts))]
        if len(parts) > 10:
            parts, names = [None], [self.fresh("x")]
        self.steps.append(Apply(tuple(names), layer, operand, keywords))
        self.used |= set(_vars([operand, keywords]))
        kept = {name: part for name, part in zip(names, parts, strict=True) if isinstance(part, Tensor)}
        if isinstance(out, list) and len(out) == 1:  # a list of one tensor is no tensor
            kept = {}
        self.tensors |= kept if not self.broken else {name: Tensor((UNKNOWN,)) for name in names}
        return list(kept)

    def look(self, operand: Any) -> Any:
        if isinstance(operand, Var):
            return self.tensors[operand.name]
        if isinstance(operand, (tuple, list)):
            return type(operand)(self.look(item) for item in operand)
        return operand

    def keywords(self, class_name: str) -> dict[str, Any]:
        """Call arguments that are no tensors."""
        kind = layers()[class_name]
        found: dict[str, Any] = {}
        if "training" in kind.call_arguments and self.choices.chance(3):
            found["training"] = self.choices.chance(50)
        for name in ("use_causal_mask", "return_attention_scores"):
            if name in kind.call_arguments and self.choices.chance(25):
                found[name] = self.choices.chance(70)
        return found

    def any(self, class_names: Sequence[str], name: str) -> Layer | None:
        try:
            return random_layer(self.choices, self.choices.pick(class_names), shape_of(self.tensors[name]))
        except Unsupported:
            return None

    # --- ways to grow

    def one(self) -> None:
        """Any layer of one tensor."""
        name = self.tensor()
        for _ in range(TRIES):
            layer = self.any(names_for_chain(), name)
            if layer is not None and self.apply(layer, Var(name), self.keywords(layer.class_name)) is not None:
                return

    def merge(self) -> None:
        """A layer that takes a list: several tensors of one shape, or of any."""
        lists = sorted(name for name in catalogue() if takes_list(name))
        if not lists:
            return
        name = self.tensor()
        shape = self.tensors[name].shape
        same = [other for other in self.tensors if self.tensors[other].shape == shape] or [name]
        pool = same if self.choices.chance(75) else list(self.tensors)
        count = self.choices.pick((2, 2, 2, 3, 1))
        operands = [Var(name), *(Var(self.choices.pick(pool)) for _ in range(count - 1))]
        layer = self.any(lists, name)
        if layer is not None:
            self.apply(layer, operands, self.keywords(layer.class_name))

    def branches(self) -> None:
        """Two layers side by side on one tensor, then joined."""
        name = self.tensor()
        ends: list[str] = []
        for _ in range(2):
            layer = self.any(names_for_chain(), name)
            ends += (self.apply(layer, Var(name)) or []) if layer is not None else []
        merging = known(("Concatenate", "Add", "Multiply", "Maximum", "Average", "Dot", "Subtract", "Minimum"))
        if len(ends) > 1 and merging and not self.broken:
            layer = self.any(merging, ends[0])
            if layer is not None:
                self.apply(layer, [Var(ends[0]), Var(ends[-1])])

    def residual(self) -> None:
        """A layer that keeps the shape, and the sum with what went in."""
        name = self.tensor()
        features = (shape_of(self.tensors[name]) or (None,))[-1]
        if not features or not known(("Dense", "Add")):
            return
        made = self.apply(Layer("Dense", (features,)), Var(name))
        if made and "Add" in layers() and not self.broken:
            pair = [Var(name), Var(made[0])] if self.choices.chance(50) else [Var(made[0]), Var(name)]
            self.apply(Layer("Add"), pair)

    def share(self) -> None:
        """One layer on two tensors: of one shape, of another batch or time, or of another width."""
        name = self.tensor()
        layer = self.any(names_for_chain(), name)
        if layer is None:
            return
        other = self.like(name) if self.choices.chance(50) else self.tensor()
        if self.made and self.choices.chance(30):
            var = self.choices.pick(sorted(self.made))
        else:
            var = self.fresh("shared")
            self.steps.append(Make(var, layer))
            self.made[var] = (layer, self.tensors[name])
        applied = [
            self.apply(Var(var), Var(operand))
            for operand in (name, other)
            if self.fits(var, operand) and not self.broken
        ]
        if not any(applied) and self.steps[-1] == Make(var, layer):
            self.steps.pop()
            del self.made[var]

    def fits(self, var: str, operand: str) -> bool:
        """A layer has the weights of its first call: seldom another width."""
        first, here = self.made[var][1].shape, self.tensors[operand].shape
        return (len(first) == len(here) and first[1:] == here[1:]) or (self.wrong or self.choices.chance(12))

    def states(self) -> None:
        """A recurrent layer whose states start another one."""
        names = known(RECURRENT)
        sources = [name for name, tensor in self.tensors.items() if len(tensor.shape) == 3]
        if not names or not sources:
            return
        class_name, units = self.choices.pick(names), self.choices.integer(1, 5)
        encoder = Layer(class_name, (units,), {"return_state": True, "return_sequences": self.choices.chance(40)})
        if self.choices.chance(20) and "Bidirectional" in layers():
            encoder = Layer("Bidirectional", (encoder,))
        made = self.apply(encoder, Var(self.choices.pick(sources)))
        if not made or self.broken:
            return
        decoder = Layer(class_name, (units,), {"return_sequences": self.choices.chance(60)})
        if encoder.class_name == "Bidirectional":
            decoder = Layer("Bidirectional", (decoder,))
        start: Any = [Var(name) for name in made[1:]]
        if len(start) == 1 and self.choices.chance(50):
            start = start[0]
        target = self.choices.pick(sources)
        if self.choices.chance(10):
            self.apply(decoder, (Var(target), start))
        else:
            self.apply(decoder, Var(target), {"initial_state": start})

    def attend(self) -> None:
        """Attention between two sequences."""
        lists = known(("Attention", "AdditiveAttention"))
        heads = known(("MultiHeadAttention", "GroupedQueryAttention"))
        sources = [name for name, tensor in self.tensors.items() if len(tensor.shape) in (3, 4)]
        if not sources or not lists + heads:
            return
        query = self.choices.pick(sources)
        same = [name for name in sources if self.tensors[name].shape[2:] == self.tensors[query].shape[2:]]
        memory = self.choices.pick(same)
        layer = self.any(lists + heads, query)
        if layer is None:
            return
        operand: Any = (Var(query), Var(memory)) if layer.class_name in heads else [Var(query), Var(memory)]
        if self.choices.chance(25):
            operand = type(operand)((*operand, Var(memory)))
        keywords = self.keywords(layer.class_name)
        if layer.class_name in heads and len(operand) == 3 and self.choices.chance(50):
            operand, keywords = operand[:2], {**keywords, "key": operand[2]}
        self.apply(layer, operand, keywords)

    def nested(self) -> None:
        """A model inside: a Sequential of some layers, or a Functional, called once or twice."""
        name = self.tensor()
        tensor: Any = self.tensors[name]
        inside: list[Layer] = []
        for _ in range(self.choices.integer(1, 3)):
            found = _step(self.choices, self.choices.pick(names_for_chain()), tensor, wrong=False)
            if found is None or not isinstance(found.out, Tensor):
                break
            inside.append(found.layer)
            tensor = found.out
        if not inside:
            return
        var = self.fresh("model")
        self.steps.append(Make(var, self.inner(name, inside)))
        self.record(Var(var), Var(name), {}, tensor)
        if self.choices.chance(30):
            self.record(Var(var), Var(self.like(name)), {}, tensor)

    def inner(self, name: str, inside: list[Layer]) -> Recipe:
        choices = self.choices
        called = choices.pick(("tower", "block")) if choices.chance(20) else None
        shape, dtype = shape_of(self.tensors[name]), self.tensors[name].dtype or "float32"
        start = Input(self.fresh("s"), shape[1:], None, dtype)
        trainable = choices.chance(94)
        if choices.chance(60) or not shape:
            given = (start,) if shape and choices.chance(30) else ()
            return Recipe("Sequential", (*given, *inside), (), called, trainable)
        steps: list[Any] = [start]
        last = start.var
        for index, layer in enumerate(inside):
            steps.append(Apply((f"{start.var}_{index}",), layer, Var(last)))
            last = f"{start.var}_{index}"
        return Recipe("Functional", tuple(steps), Var(last), called, trainable)

    def masked(self) -> None:
        """A mask that later layers use."""
        choices = self.choices
        if choices.chance(50) and "Embedding" in layers():
            step = Input(
                self.fresh("in"), (choices.pick((5, 7, None)),), None, choices.pick(("int32", "int32", "float32"))
            )
            self.steps.append(step)
            self.tensors[step.var] = tensor_of(step)
            made = self.apply(Layer("Embedding", (20, choices.integer(2, 5)), {"mask_zero": True}), Var(step.var))
        elif "Masking" in layers():
            sources = [name for name, tensor in self.tensors.items() if len(tensor.shape) >= 2]
            made = self.apply(Layer("Masking", (), {}), Var(choices.pick(sources))) if sources else None
        else:
            return
        for _ in range(choices.integer(1, 3)):
            if not made or self.broken:
                return
            name = made[0]
            layer = self.any(known(UNDER_MASKS), name)
            if layer is None:
                return
            operand: Any = Var(name)
            if takes_list(layer.class_name):
                operand = [Var(name), Var(name)]
            elif len(needed(layer.class_name)) > 1:
                operand = (Var(name), Var(name))
            made = self.apply(layer, operand)

    def operation(self) -> None:
        """An operation of keras.ops: a call that works as it is, changed a little, or any on tensors at hand."""
        if self.choices.chance(50):
            self.operation_at_hand()
            return
        for _ in range(TRIES):
            found = case(self.choices)
            places = _tensors(found)
            can_be_inputs = places and all(tensor.shape and tensor.shape[0] != 0 for tensor in places)
            if can_be_inputs and not is_absurd(found) and self.call(found):
                return

    def call(self, found: Case) -> bool:
        """Call a function of keras.ops; whether seqshape believes that it can be. Refusals are fuzzed call by call."""
        before = self.steps[:], dict(self.tensors), self.wrong
        self.wrong = False
        named = {name: self.placed(item) for name, item in found.arguments.items()}
        kind, literals = operations()[found.name], {name: item for name, item in named.items() if not _vars(item)}
        first = next(iter(kind.inputs))
        operand: Any = named.pop(first) if kind.lists and first in named else ()
        for name in () if kind.lists else kind.inputs:
            if name in named and name not in literals:
                operand = (*operand, named.pop(name))
            elif name not in literals:
                break
        if kind.variadic and isinstance(operand, list):
            operand = tuple(operand)
        elif isinstance(operand, tuple) and len(operand) == 1:
            operand = operand[0]
        tensors = {name: item for name, item in named.items() if name not in literals}
        layer = Layer(self.spelled(found.name, literals, tensors), (), literals)
        made = self.apply(layer, operand, tensors) if operand != () else None
        self.wrong = before[2]
        if made is None:
            self.steps, self.tensors = before[:2]
        return made is not None

    def spelled(self, name: str, literals: Mapping[str, Any], tensors: Mapping[str, Any]) -> str:
        """The function by its name, or Python's operator for it."""
        operators = [operator for operator, function in OPERATORS.items() if function == name]
        inputs = operations()[name].inputs
        plain = not tensors and set(literals) <= set(inputs)
        if inputs[0] in literals and name in REFLECTED:  # Python turns 1 < x into x > 1
            plain = False
        return f"operator.{operators[0]}" if operators and plain and self.choices.chance(50) else f"ops.{name}"

    def placed(self, value: Any) -> Any:
        """The argument with a tensor at hand, or a new input, in the place of each tensor."""
        if isinstance(value, T):
            like = [name for name, tensor in self.tensors.items() if (shape_of(tensor), tensor.dtype) == tuple(value)]
            return Var(self.choices.pick(like) if like and self.choices.chance(60) else self.input_of(value))
        return [self.placed(item) for item in value] if isinstance(value, list) else value

    def input_of(self, tensor: T) -> str:
        """One more input, of that shape and dtype."""
        step = Input(self.fresh("in"), tensor.shape[1:], tensor.shape[0], tensor.dtype)
        self.steps.append(step)
        self.tensors[step.var] = tensor_of(step)
        return step.var

    def operation_at_hand(self) -> None:
        """An operation of keras.ops on one or two tensors."""
        found = functions()
        for _ in range(TRIES):
            name = self.tensor()
            key = self.choices.pick(sorted(found))
            kind = found[key]
            needed = [given for given in kind.inputs if not kind.annotations[given].endswith("| None")]
            try:
                layer = random_layer(self.choices, f"ops.{key}", shape_of(self.tensors[name]))
            except Unsupported:
                continue
            shape = self.tensors[name].shape
            same = [other for other in self.tensors if self.tensors[other].shape == shape]
            many = [Var(name), *(Var(self.choices.pick(same)) for _ in range(max(len(needed) - 1, 1)))]
            listed = bool(kind.inputs) and kind.annotations[kind.inputs[0]].startswith("Tensors")
            operand: Any = many if listed else tuple(many[: len(needed)])
            if len(needed) == 1 and not listed:
                operand = Var(name)
            if needed and self.apply(layer, operand) is not None:
                return

    def cell(self) -> None:
        """A recurrent cell by itself: one step, with its states as tensors."""
        sources = [name for name, tensor in self.tensors.items() if len(tensor.shape) == 2]
        names = known(("SimpleRNNCell", "GRUCell", "LSTMCell"))
        if not sources or not names or self.choices.chance(60):
            return
        source = self.choices.pick(sources)
        class_name, units = self.choices.pick(names), self.choices.integer(1, 4)
        count = 2 if class_name == "LSTMCell" else 1
        batch = shape_of(self.tensors[source])[0]
        states = []
        for _ in range(count):
            step = Input(self.fresh("in"), (units,), batch)
            self.steps.append(step)
            self.tensors[step.var] = tensor_of(step)
            states.append(Var(step.var))
        self.apply(Layer(class_name, (units,)), (Var(source), states))

    def another(self) -> None:
        """One more input."""
        if sum(isinstance(step, Input) for step in self.steps) < 3:
            self.input(self.choices.pick(names_for_chain()))


def _tensors(found: Case) -> list[T]:
    return [tensor for item in found.arguments.values() for tensor in tensors(item)]


def _vars(data: Any) -> list[str]:
    if isinstance(data, Var):
        return [data.name]
    if isinstance(data, Mapping):
        return [name for item in data.values() for name in _vars(item)]
    if isinstance(data, (tuple, list)) and not isinstance(data, Layer):
        return [name for item in data for name in _vars(item)]
    return []
