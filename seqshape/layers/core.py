"""Core layers: inputs, dense maps, tables of vectors, masks, and functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seqshape.declaration import Parameter
from seqshape.diagnostics import Fault, fails, remark
from seqshape.dims import UNKNOWN, Dim, product, require, require_equal, value_of
from seqshape.dims import Size as AnySize
from seqshape.graph import Call
from seqshape.kinds import ACTIVATIONS, Activation, Anything, Count, Dims, Flag, Layer, LoraRank, Size, StrictSize, Text
from seqshape.policies import is_dtype
from seqshape.reach import NOTHING, UNSEEN, Reach, see, together
from seqshape.records import NamedTuple
from seqshape.registry import layer
from seqshape.tensor import (
    DROP,
    INPUT,
    KEEP,
    NO_MASK,
    Effect,
    Frozen,
    Mask,
    Shape,
    Tensor,
    Tensors,
    WeightShape,
    each_tensor,
    flatten,
    show,
)

# Activations that make every element depend on all of the last axis.
MIXING = frozenset({"softmax", "log_softmax", "sparsemax", "glu"})


def activated(reach: Reach, activation: object, size: Dim = UNKNOWN) -> Reach:
    """What an element sees behind an activation: ``softmax`` and its like look at all of the last axis.

    ``size`` is the length of that axis where it is known: the share of a single number is 1, whatever it is.
    """
    if activation == "glu":
        remark("says that glu keeps the shape, as Keras does; when it runs, the last axis is halved", arg="activation")
    if not isinstance(activation, str) or activation not in MIXING:
        return reach
    return NOTHING if is_single([size]) and activation != "glu" else reach.mix(-1)


def is_single(sizes: Iterable[Dim]) -> bool:
    """Whether axes certainly hold one number only: then its share is 1, and its distance from the mean 0."""
    return all(value_of(size) == 1 for size in sizes)


def low_rank(weights: dict[str, WeightShape], name: str, rank: AnySize | None) -> dict[str, WeightShape]:
    """The weights with LoRA: the one called ``name`` is frozen and gets two thin float32 factors of ``rank`` beside it.

    Their shapes are ``(…, rank)`` and ``(rank, last)`` for a weight ``(…, last)`` (Hu et al., 2021).
    """
    if rank is None:
        return weights
    if rank == 0:
        remark("has lora_rank=0, which switches LoRA off", arg="lora_rank")
        return weights
    shape: Shape = tuple(weights[name])  # type: ignore[arg-type]
    first, second = (*shape[:-1], rank), (rank, shape[-1])
    factors = {f"lora_{name}_a": Frozen(first, "float32", True), f"lora_{name}_b": Frozen(second, "float32", True)}
    return {**weights, name: Frozen(shape), **factors}


def differ(left: Dim, right: Dim) -> bool:
    """Whether two dims are certainly unequal: only numbers can tell. For remarks; a refusal asks ``require_equal``."""
    first, second = value_of(left), value_of(right)
    return isinstance(first, int) and isinstance(second, int) and first != second


def require_same(left: Dim, right: Dim, message: str, *, arg: str | None = None) -> None:
    """Insist that two dims are equal as Keras compares them: its ``None`` equals nothing but ``None``."""
    require((left is UNKNOWN) == (right is UNKNOWN), message, arg=arg)
    require_equal(left, right, message, arg=arg)


def everything(inputs: Tensors, shape: Shape) -> Reach:
    """The reach of an output of which nothing is known but its ``shape``: each position may see all of every input."""
    reach = together(*(see(index).reduce(*range(2, tensor.rank)).mix(1) for index, tensor in enumerate(inputs)))
    for axis, size in enumerate(shape[1:-1], start=1):  # the mixed axis is the last one
        reach = reach.insert(axis, size)
    return reach


def unknown(inputs: Tensors, shape: Shape) -> Reach:
    """The reach of an output of a function that nobody can read: what it sees is not known, at most everything."""
    return Reach(UNSEEN.op, (everything(inputs, shape),))


@layer("Input", traits="input")
def InputLayer(
    shape: Dims | None = None,
    batch_size: Count | None = None,
    dtype: Text | None = None,
    *,
    ragged: Anything = None,
    batch_shape: Dims | None = None,
    input_tensor: Anything = None,
    input_shape: Dims | None = None,
    batch_input_shape: Dims | None = None,
) -> Effect:
    """An input of the model: ``shape`` is that of one sample, without the batch; ``batch_shape`` has the batch too.

    A dim is a number, a name, or ``None`` where it is known only at run time. It has no weights. ``input_shape`` and
    ``batch_input_shape`` are what Keras 2 calls them.
    """
    whole = batch_shape if batch_shape is not None else batch_input_shape
    sample = shape if shape is not None else input_shape
    if whole is not None and (sample is not None or batch_size is not None):
        raise Fault("takes shape or batch_shape, but gets both", arg="batch_shape", help="leave one of them out")
    _check_input(ragged, dtype, input_shape)
    if input_tensor is not None:
        return _wrapped(input_tensor, sample, batch_size, whole, dtype)
    if whole is None and sample is not None:
        whole = (UNKNOWN if batch_size is None else batch_size, *sample)
    if whole is None:
        return Effect(None)
    _check_dims(whole)
    return Effect(Tensor(whole, "int32" if dtype == "int" else dtype or "float32"), mask=NO_MASK)


def _check_input(ragged: object, dtype: str | None, input_shape: object) -> None:
    """What kind of tensor an input can be, and in which words. Raises Fault."""
    if input_shape is not None:
        remark("reads input_shape as shape", arg="input_shape", help="write shape")
    if ragged:
        raise Fault("cannot be ragged: Keras has ragged tensors with TensorFlow only", arg="ragged")
    if dtype is not None and not is_dtype(dtype):
        raise Fault(f"has no dtype {dtype!r}", arg="dtype", help="such as float32 or int32")


def _wrapped(tensor: object, sample: Any, batch_size: Any, whole: Any, dtype: str | None) -> Effect:
    """An input that stands for a tensor that there is already: whatever else is said has to agree. Raises Fault."""
    if not isinstance(tensor, Tensor):
        raise Fault(f"needs a symbolic tensor as input_tensor, not {tensor!r}", arg="input_tensor")
    said = (
        ("shape", sample, tensor.shape[1:]),
        ("batch_size", batch_size, *tensor.shape[:1]),
        ("batch_shape", whole, tensor.shape),
        ("dtype", dtype, tensor.dtype or "float32"),
    )
    for name, given, *own in said:
        if given is not None and repr(given) != repr(*own):
            raise Fault(f"stands for a tensor {show(tensor.shape)}, which has another {name} than {given!r}", arg=name)
    return Effect(Tensor(tensor.shape, tensor.dtype or "float32"), mask=NO_MASK)


def _check_dims(shape: Shape) -> None:
    for dim in shape:
        require(dim >= 0, f"needs dims of at least 0, but gets {show(shape)}", arg="shape")
        if dim == 0:
            remark(f"has the shape {show(shape)}, which holds no number at all", arg="shape")


@layer(pinned=("last",), quantizer="of_dense", traits="dense biased")
def Dense(
    inputs: Tensor,
    units: Size,
    activation: Activation = None,
    use_bias: Flag = True,
    *,
    lora_rank: LoraRank | None = None,
) -> Effect:
    """Fully-connected layer: ``activation(inputs @ kernel + bias)`` along the last axis; the other axes stay.

    The same kernel serves every step of a sequence, so TimeDistributed(Dense) is the same network. With ``lora_rank``
    the kernel is frozen and two thin matrices are trained in its place.
    """
    _, *middle, features = inputs.axes("batch ... features")
    weights: dict[str, WeightShape] = {"kernel": (features, units)}
    if use_bias:
        weights["bias"] = (units,)
    macs = product((*middle, features, units))
    reach = activated(see().mix(-1), activation, units)
    return Effect(inputs.last(units), low_rank(weights, "kernel", lora_rank), macs, reach, KEEP)


@layer("Emb", quantizer="of_embedding", casts=False, traits="embeds looks_up")
def Embedding(
    inputs: Tensor,
    input_dim: StrictSize,
    output_dim: StrictSize,
    *,
    mask_zero: Flag = False,
    weights: Anything = None,
    lora_rank: LoraRank | None = None,
    input_length: Anything = None,
) -> Effect:
    """A table of ``input_dim`` vectors of ``output_dim`` numbers: each whole number of the input becomes its vector.

    ``input_dim`` is the number of different inputs, the largest plus 1, not the length of a sequence. ``mask_zero``
    makes 0 the padding, and later layers get a mask. ``input_length`` is a leftover of Keras 2 and does nothing.
    """
    if inputs.dtype in ("string", "bool"):
        remark(f"looks up whole numbers, but gets an input of dtype {inputs.dtype}")
    if input_length is not None:
        is_said = inputs.rank > 1 and isinstance(inputs.shape[1], int)
        help = "leave it out" if is_said else f"leave it out, and say the length with the input: -i {input_length}"
        remark("ignores input_length; the length comes with the input", arg="input_length", help=help)
    _check_arrays(weights)
    table = low_rank({"embeddings": (input_dim, output_dim)}, "embeddings", lora_rank)
    mask = Mask("not_equal", (INPUT, 0)) if mask_zero else DROP
    reach = see().insert(inputs.rank, output_dim) if inputs.rank > 1 else see()
    return Effect(Tensor((*inputs.shape, output_dim)), table, 0, reach, mask)


def _check_arrays(weights: object) -> None:
    """Initial weights are arrays; a plain number is none, nor a list of plain numbers."""
    items = weights if isinstance(weights, (tuple, list)) else (weights,)
    if any(isinstance(item, (int, float, str, tuple, list)) for item in items):
        raise Fault(f"needs arrays as weights, but gets {weights!r}", arg="weights")


_BESIDE = (
    Parameter("lora_alpha", "LaterNumber", None, True),
    Parameter("quantization_config", "Anything", None),
)


@layer(quantizer="of_embedding", casts=False, beside=_BESIDE, traits="looks_up")
def ReversibleEmbedding(
    inputs: Tensor,
    input_dim: StrictSize,
    output_dim: StrictSize,
    tie_weights: Flag = True,
    *,
    mask_zero: Flag = False,
    reverse: Flag = False,
    lora_rank: LoraRank | None = None,
    weights: Anything = None,
    input_length: Anything = None,
) -> Effect:
    """An Embedding that also works the other way: with ``reverse=True`` it maps vectors to a score for each entry.

    Both ways share one table; with ``tie_weights=False`` there are two, and twice the weights.
    """
    if weights is not None:
        raise Fault("takes no weights at construction", arg="weights")
    if lora_rank and not tie_weights:
        raise Fault("can have a lora_rank only where both ways share one table", arg="lora_rank")
    forward = Embedding(inputs, input_dim, output_dim, lora_rank=lora_rank, input_length=input_length)
    both = forward.weights if tie_weights else {**forward.weights, "reverse_embeddings": (output_dim, input_dim)}
    mask = NO_MASK if mask_zero else DROP
    if not reverse:
        return forward._replace(weights=both, mask=mask)
    _, *middle, features = inputs.axes("batch ... features")
    if differ(features, output_dim):
        fails(f"has vectors of {output_dim} numbers, but is to reverse {features}")
    return Effect(inputs.last(input_dim), both, product((*middle, features, input_dim)), see().mix(-1), mask)


class Equation(NamedTuple):
    """An einsum equation, a letter an axis; ``elided`` is where ``...`` stands: ``left``, ``right`` or nowhere."""

    input: str
    kernel: str
    output: str
    elided: str = ""


def _parse(equation: str) -> Equation:
    """The parts of ``ab,bc->ac``, ``...a,ab->...b`` or ``ab...,bc->ac...``. Raises Fault for any other form."""
    operands, _, output = equation.partition("->")
    source, _, kernel = operands.partition(",")
    elided = ""
    if source.startswith("...") and output.startswith("..."):
        source, output, elided = source[3:], output[3:], "left"
    elif source.endswith("...") and output.endswith("...") and len(source) > 4:
        source, output, elided = source[:-3], output[:-3], "right"
    if all(part.isascii() and part.isalpha() for part in (source, kernel, output)):
        return Equation(source, kernel, output, elided)
    raise Fault(
        f"cannot read the equation {equation!r}",
        arg="equation",
        help='its form is "ab,bc->ac", "...a,ab->...b" or "ab...,bc->ac...": input, kernel -> output, a letter an axis',
    )


def as_shape(output_shape: object) -> Shape:
    """An ``output_shape`` that may be one integer, as dims. Raises Fault."""
    items = output_shape if isinstance(output_shape, (tuple, list)) else (output_shape,)
    items = [int(item) if isinstance(item, bool) else item for item in items]
    if output_shape is None or not all(item is None or _is_size(item) for item in items):
        raise Fault(f"needs output_shape to be an integer or a tuple, not {output_shape!r}", arg="output_shape")
    for item in items:
        require(item is None or item >= 0, f"needs sizes in output_shape, but gets {item}", arg="output_shape")
        if item == 0:
            remark(f"has a size of 0 in its output_shape {output_shape!r}, so it gives no number", arg="output_shape")
    return tuple(UNKNOWN if item is None else item for item in items)


def _is_size(value: object) -> bool:
    return isinstance(value, AnySize) and not isinstance(value, bool)


class Contraction:
    """What an EinsumDense makes of its input: the size of each letter, worked out the way Keras does.

    Keras puts the axes that ``...`` stands for behind the batch one by one, so that two or more come out in reverse,
    and appends those of the other end, or those that the equation leaves out, at the end.
    """

    def __init__(self, equation: Equation, inputs: Tensor, output_shape: Shape) -> None:
        self.equation = equation
        self.shape = inputs.shape
        self.elided = inputs.rank - len(equation.input)
        self.output = self._full(output_shape)
        skipped = self.elided if equation.elided == "left" else 0
        self.inputs = dict(zip(equation.input, self.shape[skipped:], strict=False))
        self.outputs = dict(zip(equation.output, self.output[skipped:], strict=False))
        self._check_letters()
        self._check_sizes()

    def _full(self, given: Shape) -> Shape:
        batch, elided = self.shape[0], self.elided
        if self.equation.elided == "left":
            return (batch, *self.shape[elided - 1 : 0 : -1], *given) if elided > 0 else (batch, *given)
        return (batch, *given, *self.shape[len(self.shape) - elided :])

    def _check_letters(self) -> None:
        """Every letter comes from somewhere and has a size."""
        source, kernel, output = self.equation[:3]
        for letter in output:
            if letter not in source + kernel:
                raise Fault(f"has an output axis {letter} that neither its input nor its kernel has", arg="equation")
            if letter not in self.outputs:
                needs = f"needs {len(output)} output axes ({output}), but the shape {show(self.output)} has too few"
                raise Fault(needs, arg="output_shape")
        for letter in kernel:
            if letter not in source + output:
                raise Fault(f"has a kernel axis {letter} that neither its input nor its output has", arg="equation")

    def _check_sizes(self) -> None:
        """Shared letters have one size."""
        for letter, size in self.inputs.items():
            wanted = self.outputs.get(letter, UNKNOWN)
            if wanted is not UNKNOWN:
                message = f"keeps the axis {letter}, but it has {size} in the input and {wanted} in the output"
                require_same(size, wanted, message, arg="output_shape")
        if len(self.output) != self._expected():
            dims = f"its equation has {self._expected()} dims, and so many come out when it runs"
            remark(f"gives {show(self.output)}, but {dims}", arg="output_shape")

    def _expected(self) -> int:
        """The number of output axes when it runs."""
        return len(self.equation.output) + (self.elided if self.equation.elided else 0)

    def kernel(self) -> Shape:
        """The kernel's shape: a letter of the output has the output's size."""
        return tuple(self.outputs.get(letter, self.inputs.get(letter, UNKNOWN)) for letter in self.equation.kernel)

    def bias(self, axes: str) -> Shape:
        """The bias's shape: from the first of its axes on, with 1 for the axes that it does not have."""
        output = self.equation.output
        if not axes or not all(letter in output for letter in axes):
            raise Fault(f"needs bias_axes out of its output axes {output}, but gets {axes!r}", arg="bias_axes")
        start = min(output.index(letter) for letter in axes)
        shape = [self.outputs[letter] if letter in axes else 1 for letter in output[start:]]
        return (*shape, *(1,) * (self.elided if self.equation.elided != "left" else 0))

    def macs(self) -> Dim:
        """One multiply-add for each combination of all axes, the batch left out."""
        elided = self.shape[: self.elided] if self.equation.elided == "left" else self.shape[len(self.equation.input) :]
        sizes = {**self.outputs, **self.inputs}
        letters = dict.fromkeys(self.equation.input + self.equation.kernel)
        return product([*elided, *(sizes[letter] for letter in letters)][1:])

    def reach(self) -> Reach:
        """Axes that the output lacks are summed over, those that it shares stay, new ones see all of it."""
        source, _, output, end = self.equation
        first = self.elided if end == "left" else 0
        if len(self.output) != self._expected() or self.output[1:first] != self.shape[1:first]:
            return unknown([Tensor(self.shape)], self.output)  # Keras says a shape that does not come out
        kept = [letter for letter in source if letter in output]
        if self.elided + len(kept) < 2 or (not first and source[0] != output[0]):
            return everything([Tensor(self.shape)], self.output)
        reach = see().reduce(*(first + index for index, letter in enumerate(source) if letter not in output))
        order = [first + kept.index(letter) for letter in output if letter in kept]
        last = range(first + len(order), first + len(order) + (self.elided - first))
        reach = reach.transpose((*range(first), *order, *last))
        for index, letter in enumerate(output):
            if letter not in kept:
                reach = reach.insert(first + index, self.outputs[letter])
        return reach


@layer(pinned=("rank",), quantizer="of_einsum")
def EinsumDense(
    inputs: Tensor,
    equation: Text,
    output_shape: Anything,
    activation: Activation = None,
    bias_axes: Text | None = None,
    *,
    lora_rank: LoraRank | None = None,
) -> Effect:
    """A dense map between axes of choice: ``equation`` is ``input,kernel->output``, a letter an axis, the batch first.

    ``output_shape`` has the sizes of the output's axes without the batch, ``None`` for one that the input has. ``...``
    stands for any number of axes; ``bias_axes`` are the output axes that the bias has. Where ``...`` stands for two or
    more axes, Keras's summary has them in reverse, and so has this.
    """
    parsed = _parse(equation)
    inputs.axes(" ".join(parsed.input) + " ...")
    parts = Contraction(parsed, inputs, as_shape(output_shape))
    weights: dict[str, WeightShape] = {"kernel": parts.kernel()}
    if bias_axes is not None:
        weights["bias"] = parts.bias(bias_axes)
    reach = activated(parts.reach(), activation, parts.output[-1])
    return Effect(Tensor(parts.output), low_rank(weights, "kernel", lora_rank), parts.macs(), reach, DROP)


@layer()
def Masking(inputs: Tensor, mask_value: Anything = 0.0) -> Effect:
    """Marks the steps whose features are all ``mask_value`` as padding and sets them to 0; later layers skip them."""
    if isinstance(mask_value, str):
        fails(f"compares its input with {mask_value!r}, which is no number", arg="mask_value")
    if inputs.rank == 0:
        raise Fault("compares its input along the last axis, and gets a number without any")
    if inputs.rank < 3:
        remark(f"masks the steps of sequences, but its input {show(inputs.shape)} has none: it masks whole samples")
    mask = Mask("any", (Mask("not_equal", (INPUT, mask_value)),), {"axis": -1})
    return Effect(Tensor(inputs.shape), mask=mask)


@layer("Id", traits="identity transparent passes_on")
def Identity(inputs: Tensor) -> Effect:
    """Passes its input on as it is."""
    return Effect(inputs, mask=KEEP)


@layer(traits="function rearranges keeps_numbers")
def Lambda(inputs: Tensors, function: Anything, output_shape: Anything = None, mask: Anything = None) -> Effect:
    """Any function of Python. It is never run, so what it gives is known only where ``output_shape`` says it.

    ``output_shape`` is without the batch and is believed, as Keras believes it. Activations of Keras keep the shape,
    a function whose source could be read as operations on tensors gives what they give, and a layer or a model in the
    place of the function has its own weights, which ``trainable=False`` of the Lambda does not freeze.
    """
    if function is None or isinstance(function, (int, float)):
        raise Fault(f"needs a function, but gets {function!r}", arg="function")
    tensors = flatten(inputs)
    passed = DROP if mask is None else NO_MASK
    if _is_network(function):
        return _as_function(function, inputs, output_shape)._replace(mask=passed)
    if output_shape is None and len(tensors) == 1 and _activation_name(function):
        shape = tensors[0].shape
        reach = activated(see(), _activation_name(function), shape[-1]) if shape else see()
        return Effect(Tensor(shape), reach=reach, mask=passed)
    if not _is_shape(output_shape):
        return Effect(None, mask=passed)
    shape = (tensors[0].shape[0], *as_shape(output_shape))
    return Effect(Tensor(shape), reach=unknown(tensors, shape), mask=passed)


def _is_network(function: object) -> bool:
    """Whether the function is a layer, a model, or a network of operations that a reader has made of its source."""
    return callable(function) and hasattr(function, "class_name")


def _as_function(function: Layer, inputs: Tensors, output_shape: Anything) -> Effect:
    """A layer or a model called as a Lambda's function: its weights are inside the Lambda's, the dtype is the Lambda's own."""
    found: Effect = function(inputs)
    found = found._replace(out=each_tensor(lambda tensor: tensor._replace(dtype=None), found.out))
    weights = {f"{function.name}/{path}": weight for path, weight in found.weights.items()}
    if not _is_shape(output_shape):
        return found._replace(weights=weights)
    tensors = flatten(inputs)
    shape = (tensors[0].shape[0], *as_shape(output_shape))
    return found._replace(weights=weights, out=Tensor(shape), reach=unknown(tensors, shape))


def _activation_name(function: object) -> str | None:
    """The name of a function of keras.activations, as a config or a source gives it."""
    name = function.class_name.rpartition(".")[2] if isinstance(function, Call) else function
    return name if isinstance(name, str) and name in ACTIVATIONS else None


def _is_shape(value: object) -> bool:
    return isinstance(value, (tuple, list)) and all(item is None or _is_size(item) for item in value)
