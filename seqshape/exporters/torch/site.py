"""Where a layer is applied: what a translation is handed, and the statements of the class that it writes into.

A translation is a function for one class of layers (see :func:`translation`): it is handed the site of the layer and its
inputs, and gives the code of its outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from seqshape.bind.layer import NONSENSE, Bound, Layer
from seqshape.declaration import LayerType, gathering
from seqshape.diagnostics import Fault, SeqshapeError
from seqshape.dims import UNKNOWN, Dim, Poly, recording
from seqshape.exporters.literals import guarded, literal, unsayable
from seqshape.exporters.plan import fresh
from seqshape.exporters.torch.helpers import RESERVED, is_atom
from seqshape.records import NamedTuple
from seqshape.structure import mapped
from seqshape.tensor import Frozen, Mask, Shape, Tensor, WeightShape, flatten
from seqshape.walk.call import call_layer
from seqshape.walk.flow import Flow
from seqshape.walk.model import Model
from seqshape.walk.replay import items, masks_given, named

Function = TypeVar("Function", bound=Callable[..., object])
Same = TypeVar("Same")
Weights: TypeAlias = Mapping[str, WeightShape]
INSIDE = "(a mask inside a model)"  # in the place of a mask that a nested model makes or passes on: nobody can read it
RESERVED_VARIABLES = ("self", "torch", "nn", "math", "F", "Tensor", "len", "float", "pad_same", "average_same")


class Piece(NamedTuple):
    """A tensor in the code: the text that stands for it, which needs no parentheses, and its mask's, if it has one."""

    text: str
    shape: Shape
    dtype: str | None = None
    mask: str | None = None

    def __str__(self) -> str:
        return self.text

    @property
    def rank(self) -> int:
        """Number of axes, the batch included."""
        return len(self.shape)


class Translation(NamedTuple):
    """How a class of layers is written. ``masked``: it makes use of masks; ``raw``: it takes inputs of any dtype."""

    write: Callable[..., object]
    masked: bool = False
    raw: bool = False


TRANSLATIONS: dict[str, Translation] = {}


def translation(*class_names: str, masked: bool = False, raw: bool = False) -> Callable[[Function], Function]:
    """Declare the translation of some classes.

    The function is called with the :class:`Site`, the first input (a Piece, or a list of them), and by keyword with the
    other inputs and all arguments of the layer, in records of the rule where it names them. It gives the code of the
    output, or a list for several.
    """

    def declare(function: Function) -> Function:
        for name in class_names:
            TRANSLATIONS[name] = Translation(function, masked, raw)
        return function

    return declare


class Shared:
    """What the classes of all models share; ``model`` gives the class of a nested one."""

    def __init__(self, model: Callable[[Model], str]) -> None:
        self.model = model
        self.parts: dict[str, None] = {}
        self.counts: list[tuple[int, str]] = []
        self.notes: dict[str, None] = {}


class Line(NamedTuple):
    """A statement of ``forward``; one of a mask is left out where nobody reads it."""

    target: str
    text: str
    optional: bool = False


class Body:
    """The statements of one class: ``made`` in ``__init__``, ``lines`` in ``forward``, and the names that they use."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.made: list[str] = []
        self.lines: list[Line] = []
        self.attributes: set[str] = set(RESERVED)
        self.variables: set[str] = {*RESERVED_VARIABLES}
        self.modules: dict[tuple[object, str], str] = {}

    def let(self, stem: str, text: str, *, optional: bool = False) -> str:
        """A new variable for an expression."""
        name = fresh(stem, self.variables)
        self.lines.append(Line(name, text, optional))
        return name

    def do(self, targets: str, text: str) -> None:
        """A statement that assigns to variables which are there already (see :meth:`variable`)."""
        self.lines.append(Line(targets, text))

    def variable(self, stem: str) -> str:
        """A name that no variable has yet."""
        return fresh(stem, self.variables)

    def module(self, key: object, stem: str, suffix: str, text: str) -> str:
        """``self.stem`` for a module, which is made once for each key and suffix."""
        if (key, suffix) not in self.modules:
            name = stem if not suffix else fresh(stem + suffix, self.attributes)
            self.made.append(f"self.{name} = {text}")
            self.modules[key, suffix] = f"self.{name}"
        return self.modules[key, suffix]

    def statements(self, returned: str) -> list[str]:
        """The statements, without those that nobody reads: masks, and what comes of no module."""
        import re

        words = re.compile(r"\w+")
        kept: list[str] = []
        read = set(words.findall(returned))
        for line in reversed(self.lines):
            is_pure = line.optional or ("self." not in line.text and line.target.isidentifier())
            if not is_pure or line.target in read:
                kept.append(f"{line.target} = {line.text}")
                read.update(words.findall(line.text))
        return kept[::-1]


class Site:
    """Where a layer is applied: its class's body, its attribute ``name``, the ``kinds`` of its outputs, and the shapes
    of its ``weights``.

    ``key`` tells modules apart: the layer, unless a wrapper makes several of one.
    """

    def __init__(
        self,
        body: Body,
        layer: Bound,
        name: str,
        kinds: Sequence[Tensor],
        *,
        weights: Weights | None = None,
        key: object = None,
    ) -> None:
        self.body, self.layer, self.name, self.kinds = body, layer, name, list(kinds)
        self.key = layer if key is None else key
        self.weights: list[Shape] = [
            weight.shape if isinstance(weight, Frozen) else weight for weight in (weights or {}).values()
        ]

    @property
    def type(self) -> LayerType:
        """The declaration of the layer, which is no model."""
        assert isinstance(self.layer, Layer)
        return self.layer.type

    def refuse(self, what: str) -> SeqshapeError:
        """The error that torch cannot do this exactly; to be raised."""
        return unsayable(f"{self.layer.name} ({self.layer.class_name}) {what}")

    def write(self, args: list[object], keywords: dict[str, object]) -> list[str]:
        """The code of the outputs, in Keras's order. Raises SeqshapeError for a layer that torch cannot do exactly."""
        if isinstance(self.layer, Model):
            return self._nested(self.layer, args, keywords)
        kind = self.check()
        self._note()
        made = len(self.body.made)
        operands = named(self.type, args, keywords)
        first, *others = operands.items()
        given = {**self._masks_given(kind, operands), **guarded(dict(others))}
        start = guarded(first[1]) if kind.raw else self.cast(guarded(first[1]))
        try:
            found = self._handed(kind)(self, start, **{**guarded(self.layer.arguments), **self.cast(given)})
        except Fault as fault:
            raise self.refuse(fault.message) from None
        except NONSENSE:
            raise self.refuse("cannot be written with these arguments") from None
        self._freeze(made)
        return list(found) if isinstance(found, list) else [str(found)]

    def _handed(self, kind: Translation) -> Callable[..., object]:
        """The translation, handed the records of the layer's rule that it names instead of what is in them."""
        code = getattr(kind.write, "__code__", None)
        records = {name: record for name, record in self.type.records.items() if code and name in code.co_varnames}
        return gathering(kind.write, records) if records else kind.write

    def check(self) -> Translation:
        """The translation of the layer. Raises SeqshapeError if there is none."""
        layer = self.layer
        rule = layer.type.name if isinstance(layer, Layer) else layer.class_name  # a file may call it otherwise
        name = f"ops.{rule}" if isinstance(layer, Layer) and layer.type.operation else rule
        kind = TRANSLATIONS.get(name)
        if kind is None or not isinstance(layer, Layer):
            raise unsayable(f"{layer.name}: {name} cannot be written for PyTorch")
        if layer.dtype != "float32" and not layer.type.operation:
            raise self.refuse(f"has the dtype policy {layer.dtype}; only float32 can be written")
        if layer.arguments.get("lora_rank"):
            raise self.refuse("has LoRA weights, which torch.nn has no layer for")
        return kind

    def _note(self) -> None:
        """Terms of the loss are no part of a module; where the layer has one, the text says so."""
        for argument in self.layer.call.arguments:
            name = argument.name or ""
            if argument.value.data is not None and name.endswith(("_regularizer", "_constraint")):
                self.body.shared.notes[f"Left out: {name} of {self.layer.name}."] = None

    def _freeze(self, before: int) -> None:
        """A layer that is not trained has parameters without a gradient. ``before``: the modules that are not its own."""
        if not self.layer.trainable:
            made = [line.partition(" = ")[0] for line in self.body.made[before:] if " = " in line]
            self.body.made.extend(f"{name}.requires_grad_(False)" for name in made)

    def _nested(self, model: Model, args: list[object], keywords: dict[str, object]) -> list[str]:
        """The call of a model inside."""
        given = list(items([*args, *keywords.values()], Piece))
        if any(piece.mask for piece in given) and any(map(_uses_masks, model.layers())):
            raise self.refuse("gets a mask, which a module cannot hand on")
        made = len(self.body.made)
        name = self.module(f"{self.body.shared.model(model)}()")
        self._freeze(made)
        call = f"{name}({', '.join(piece.text for piece in given)})"
        if isinstance(model.outputs, Flow):
            return [call]
        if isinstance(model.outputs, dict) or any(not isinstance(item, Flow) for item in model.outputs):
            outcome = self.body.let(self.name, call)
            return [f"{outcome}{place}" for place in _places(model.outputs)]
        return self.unpack(call, len(model.outputs))

    def _masks_given(self, kind: Translation, operands: dict[str, object]) -> dict[str, object]:
        """The masks that Keras hands to a layer beside its inputs, by the names of its parameters."""
        found = masks_given(self.type, operands, Piece)
        if (found or operands.get("mask") is not None) and not kind.masked:
            raise self.refuse("gets a mask, which torch has no such layer for")
        if any(INSIDE in (text if isinstance(text, list) else [text]) for text in found.values()):
            raise self.refuse("gets the mask of a model inside, which a module does not hand out")
        return found

    def cast(self, operand: Same) -> Same:
        """Keras casts floats to the layer's dtype, and computes with integers and bools as with floats."""
        found: Same = mapped(self._cast, operand)
        return found

    def _cast(self, operand: object) -> object:
        if not isinstance(operand, Piece) or self.type.operation or operand.dtype in ("float32", None):
            return operand
        if operand.dtype == "bool" or not self.kinds or self.kinds[0].dtype != "float32":
            return operand
        return operand._replace(text=f"{operand}.to(torch.get_default_dtype())", dtype="float32")

    # --- what translations use ---

    def module(self, text: str, suffix: str = "") -> str:
        """``self.name`` for a module of this layer, made once."""
        return self.body.module(self.key, self.name, suffix, text)

    def apply(self, text: str, x: Piece) -> str:
        """The call of a module of this layer."""
        return f"{self.module(text)}({x})"

    def part(self, name: str) -> str:
        """The name of a part (see parts.py), which the source then holds."""
        self.body.shared.parts[name] = None
        return name

    def count(self, number: int, reason: str) -> None:
        """Say that the module has ``number`` parameters more than the layer of Keras, once."""
        line = (number, f"{self.layer.name}: {reason}")
        if number and line not in self.body.shared.counts:
            self.body.shared.counts.append(line)

    def literal(self, value: object) -> str:
        """A value as Python. Raises SeqshapeError for a size without a number, and for what is no plain value."""
        return literal(value, self._unplain)

    def _unplain(self, value: object) -> str:
        if value is UNKNOWN:
            return "None"
        if isinstance(value, Poly):
            raise unsayable(f"the size {value} has no number", "give it one with --set")
        raise self.refuse(f"has {type(value).__name__} where a plain value is meant")

    def let(self, text: str, stem: str = "y") -> str:
        """A new variable for an expression."""
        return self.body.let(stem, text)

    def once(self, piece: Piece) -> Piece:
        """The same tensor as a variable, so that it can be read more than once."""
        if piece.text.isidentifier():
            return piece
        return piece._replace(text=self.let(piece.text))

    def unpack(self, text: str, number: int, stem: str | None = None) -> list[str]:
        """Variables for what a call gives."""
        names = [self.body.variable(f"{stem or self.name}_{index}") for index in range(number)]
        self.body.do(", ".join(names) + ("," if number == 1 else ""), text)
        return names

    def atom(self, text: str) -> str:
        """The text in parentheses if something that follows would bind tighter."""
        return text if is_atom(text) else f"({text})"

    def inner(self, layer: Bound, x: Piece, *, suffix: str = "", key: object = None, **operands: object) -> list[Piece]:
        """What a layer inside this one makes of a tensor; its modules are named after this one."""
        start = Tensor(x.shape, x.dtype)
        given = {name: tensor_of(item) for name, item in operands.items()}
        with recording():  # what named sizes need was said before
            effect = call_layer(layer, [start], given)
        kinds = [Tensor(kind.shape, kind.dtype) for kind in flatten(effect.out)]
        site = Site(self.body, layer, self.name + suffix, kinds, weights=effect.weights, key=key)
        texts = site.write([x], operands)
        return [Piece(site.atom(text), kind.shape, kind.dtype) for text, kind in zip(texts, kinds, strict=True)]

    # --- masks ---

    def of_input(self, first: object) -> str:
        """The layer's input."""
        return str(first)

    def either(self, masks: list[str]) -> str:
        """Masks or-ed."""
        return self._mask(" | ".join(masks), masks)

    def computed(self, mask: Mask, operands: list[object]) -> str:
        """What an operation of keras.ops gives."""
        read = [
            part if isinstance(said, Mask) else self.literal(part)
            for said, part in zip(mask.operands, operands, strict=True)
        ]
        written = {"not_equal": "{} != {}", "any": "({}).any({axis})", "convert_to_tensor": "{}"}[mask.op]
        return self._mask(written.format(*read, **mask.keywords), read)

    def joined(self, parts: list[Piece], axis: int) -> str:
        """The mask of a concatenation."""
        wide = []
        for piece in parts:
            if piece.mask is None:
                wide.append(f"torch.ones_like({piece}, dtype=torch.bool)")
            else:
                axes = "".join([", None"] * (piece.rank - 2))
                wide.append(f"{piece.mask}[:, :{axes}].expand({piece}.shape)")
        return self._mask(f"torch.cat([{', '.join(wide)}], {axis}).any(-1)", [piece.mask for piece in parts])

    def _mask(self, text: str, read: Sequence[object]) -> str:
        """A variable for a mask; INSIDE if one that it is made of is."""
        return INSIDE if INSIDE in read else self.body.let("mask", text, optional=True)


def tensor_of(operand: object) -> object:
    """The tensors in the place of pieces."""
    return mapped(lambda leaf: Tensor(leaf.shape, leaf.dtype) if isinstance(leaf, Piece) else leaf, operand)


def _places(outputs: Any) -> Iterator[str]:
    """The subscripts of the tensors in what a model returns, in Keras's order."""
    if isinstance(outputs, Flow):
        yield ""
        return
    inside = sorted(outputs.items()) if isinstance(outputs, dict) else enumerate(outputs)
    for key, item in inside:
        yield from (f"[{literal(key)}]{rest}" for rest in _places(item))


def _uses_masks(layer: object) -> bool:
    if isinstance(layer, Model):
        return any(map(_uses_masks, layer.layers()))
    return isinstance(layer, Layer) and any("mask" in name for name in layer.type.inputs)


def whole(dim: Dim, site: Site, what: str) -> int:
    """A size that the module needs as a number. Raises SeqshapeError if it has none."""
    if isinstance(dim, int):
        return dim
    if dim is UNKNOWN:
        raise site.refuse(f"needs {what} as a number, but it is unknown")
    return int(site.literal(dim))  # raises: a named size
