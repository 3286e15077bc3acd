"""The source of a module: a class for each model, its layers in ``__init__``, the walk in ``forward``.

A translation is a function for one class of layers (see :func:`translation`): it is handed the site of the layer and its
inputs, and gives the code of its outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from seqshape.bind.layer import NONSENSE, Layer
from seqshape.diagnostics import Fault, SeqshapeError
from seqshape.dims import UNKNOWN, Dim, Poly, recording
from seqshape.exporters.literals import guarded, literal, remark_text, unsayable
from seqshape.exporters.plan import fresh, require_sound, require_wired
from seqshape.exporters.torch.helpers import RESERVED, dependencies, is_atom, part_names, part_text
from seqshape.graph import Node, Value
from seqshape.records import NamedTuple
from seqshape.tensor import INPUT, PREVIOUS, Effect, Mask, Shape, Tensor, show
from seqshape.walk.call import call_layer
from seqshape.walk.flow import Done, Flow, flat
from seqshape.walk.model import Model

if TYPE_CHECKING:
    from seqshape.network import Network

Function = TypeVar("Function", bound=Callable[..., Any])
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

    write: Callable[..., Any]
    masked: bool = False
    raw: bool = False


TRANSLATIONS: dict[str, Translation] = {}


def translation(*class_names: str, masked: bool = False, raw: bool = False) -> Callable[[Function], Function]:
    """Declare the translation of some classes.

    The function is called with the :class:`Site`, the first input (a Piece, or a list of them), and by keyword with the
    other inputs and all arguments of the layer. It gives the code of the output, or a list for several.
    """

    def declare(function: Function) -> Function:
        for name in class_names:
            TRANSLATIONS[name] = Translation(function, masked, raw)
        return function

    return declare


class Source:
    """The whole source: what the classes of all models share."""

    def __init__(self, network: Network) -> None:
        require_sound(network)
        self.network = network
        self.parts: dict[str, None] = {}
        self.classes: dict[Any, Body] = {}
        self.texts: list[str] = []
        self.taken: set[str] = {"Model", "F", *part_names()}
        self.owners: dict[Any, Any] = {}
        self.counts: list[tuple[int, str]] = []
        self.notes: dict[str, None] = {}

    def text(self) -> str:
        """The source code. Raises SeqshapeError, which names the layer that it cannot write."""
        body = Body(self, self.network.model, "Model")
        texts = [*self.texts, body.text()]
        code = "\n\n\n".join([*map(part_text, dependencies(self.parts)), *texts])
        return f"{self._documentation(body)}\n\n{_imports(code)}\n\n\n{code}\n"

    def model(self, model: Model) -> str:
        """The class of a nested model, which is written before."""
        if model not in self.classes:
            name = "".join(word.capitalize() for word in fresh(model.name, set()).split("_")) or "Part"
            self.classes[model] = Body(self, model, fresh(name, self.taken))
            self.texts.append(self.classes[model].text())
        return self.classes[model].class_name

    def _documentation(self, body: Body) -> str:
        summary = self.network.summary()
        keras: Any = summary.totals.params
        here = keras + sum(number for number, _ in self.counts)
        takes = ", ".join(
            f"{name} {show(port.shape or ())}" for name, port in zip(body.inputs, summary.inputs, strict=True)
        )
        gives = ", ".join(show(port.shape or ()) for port in summary.outputs)
        lines = [
            f"The network {self.network.model.name} as a PyTorch module, written by seqshape.",
            "",
            "Tensors have the shapes that they have in Keras: batch first, channels last (None is any size).",
            f"Takes {takes}; gives {gives}.",
            "",
            f"Parameters: {here:,} here, {keras:,} in Keras{'.' if not self.counts else ':'}",
            *(f"  {number:+,}  {reason}" for number, reason in self.counts),
            "Weights start as PyTorch starts them, not as Keras does.",
            *self.notes,
        ]
        return '"""' + "\n".join(map(remark_text, lines)) + '\n"""'


def _imports(code: str) -> str:
    lines = ["import math"] if "math." in code else []
    names = [
        name for name in ("Callable", "Sequence") if f"{name}[" in code or (name == "Callable" and "Function" in code)
    ]
    lines += [f"from collections.abc import {', '.join(names)}"] if names else []
    lines += [""] if lines else []
    lines += ["import torch"] if "torch." in code else []
    lines += ["import torch.nn.functional as F"] if "F." in code else []
    alias = ["", "Function = Callable[[Tensor], Tensor]"] if "Function" in code else []
    return "\n".join([*lines, "from torch import Tensor, nn", *alias])


class Line(NamedTuple):
    """A statement of ``forward``; one of a mask is left out where nobody reads it."""

    target: str
    text: str
    optional: bool = False


class Body:
    """The class of one model.

    The code is written when the object is made. Raises SeqshapeError for a layer that cannot be.
    """

    def __init__(self, source: Source, model: Model, class_name: str) -> None:
        self.source, self.model, self.class_name = source, model, class_name
        self.made: list[str] = []
        self.lines: list[Line] = []
        self.attributes: set[str] = set(RESERVED)
        self.names: dict[Any, str] = {}
        self.modules: dict[tuple[Any, str], str] = {}
        self.variables: set[str] = {*RESERVED_VARIABLES}
        self.values: dict[tuple[Node, int], Piece] = {}
        self.is_chain = model.graph.class_name == "Sequential"
        self.inputs = [self._input(node) for node in model.graph.inputs]
        self.returned = ""
        self._walk()

    # --- the walk ---

    def _input(self, node: Node) -> str:
        tensor, layer = self.model.inputs[node], self.model.session.binder.get(node.call)
        name = fresh("x" if self.is_chain else layer.name, self.variables)
        self.values[node, 0] = Piece(name, tensor.shape, tensor.dtype or "float32")
        return name

    def _walk(self) -> None:
        for done in self.model.done.values():
            if done.outputs is None:
                Site(self, done.layer, done.layer.name, []).check()
        needed = self._needed()
        for node, done in self.model.done.items():
            if node in needed and (node, 0) not in self.values:
                self._apply(node, done)
        self.returned = self._structure(self.model.outputs)
        self.gives_masks = any(self._piece(flow).mask for flow in flat(self.model.outputs))

    def _needed(self) -> set[Node]:
        """The nodes that the outputs depend on; masks that Keras fills in by itself are written otherwise."""
        found: set[Node] = set()
        waiting = [flow.ref.node for flow in flat(self.model.outputs)]
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                done = self.model.done[node]
                waiting += [flow.ref.node for flow in flows([*done.args, self._keywords(done)])]
        return found

    def _keywords(self, done: Done) -> dict[str, Any]:
        filled = done.node in self.model.populated
        return {name: item for name, item in done.kwargs.items() if not (filled and name == "mask")}

    def _apply(self, node: Node, done: Done) -> None:
        outputs = flat(done.outputs)
        if done.effect is None or (done.effect.out is None and isinstance(done.layer, Layer)):
            raise unsayable(f"{done.layer.name}: {done.layer.class_name} does what only its own code knows")
        require_wired(done)
        said = node.kwargs.get("training")
        if isinstance(said, Value) and isinstance(said.data, bool):
            note = f"Left out: training={said.data} of {done.layer.name}; here a module trains as a whole, or not."
            self.source.notes[note] = None
        kinds = [Tensor(flow.tensor.shape, flow.tensor.dtype) for flow in outputs]
        weights = self.model.weights.get(done.layer)
        site = Site(self, done.layer, self._name(done.layer), kinds, weights=weights)
        args = [self._piece(item) for item in done.args]
        keywords = {name: self._piece(item) for name, item in self._keywords(done).items()}
        texts = site.write(args, keywords)
        masks = site.masks(done.effect, args[0] if args else None, len(texts))
        if isinstance(done.layer, Model):
            inside = self.source.classes[done.layer].gives_masks or any(
                piece.mask for piece in pieces([*args, keywords])
            )
            masks = [INSIDE if inside else None] * len(texts)
        names = self._targets(site.name, texts)
        for index, (name, text, kind, mask) in enumerate(zip(names, texts, kinds, masks, strict=True)):
            if name != text:
                self.lines.append(Line(name, text))
            self.values[node, index] = Piece(name, kind.shape, kind.dtype, mask)

    def _targets(self, stem: str, texts: list[str]) -> list[str]:
        """The variables of a layer's outputs: in a chain always the same one, else named after the layer."""
        if len(texts) == 1 and texts[0] in self.variables:
            return texts
        if len(texts) == 1 and self.is_chain:
            return ["x"]
        stems = [stem] if len(texts) == 1 else [f"{stem}_{index}" for index in range(len(texts))]
        return [
            text if text in self.variables else fresh(each, self.variables)
            for each, text in zip(stems, texts, strict=True)
        ]

    def _piece(self, operand: Any) -> Any:
        if isinstance(operand, Flow):
            return self.values[operand.ref.node, operand.ref.output or 0]
        if isinstance(operand, dict):
            return {name: self._piece(item) for name, item in operand.items()}
        return [self._piece(item) for item in operand] if isinstance(operand, list) else operand

    def _structure(self, outputs: Any) -> str:
        if isinstance(outputs, Flow):
            return str(self._piece(outputs))
        if isinstance(outputs, dict):
            return "{" + ", ".join(f"{literal(name)}: {self._structure(item)}" for name, item in outputs.items()) + "}"
        if not isinstance(outputs, list):
            raise unsayable(f"what {self.model.name} gives is not known")
        inside = ", ".join(map(self._structure, outputs))
        return f"({inside},)" if len(outputs) == 1 else f"({inside})"

    # --- names and statements ---

    def _name(self, layer: Any) -> str:
        """The attribute of a layer; every layer belongs to one class. Raises SeqshapeError if it has another one."""
        if self.source.owners.setdefault(layer, self) is not self:
            raise unsayable(f"{layer.name} stands in two models, which cannot share a module of their own")
        if layer not in self.names:
            self.names[layer] = fresh(str(layer.name).lstrip("_") or "layer", self.attributes)
        name: str = self.names[layer]
        return name

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

    def module(self, key: Any, stem: str, suffix: str, text: str) -> str:
        """``self.stem`` for a module, which is made once for each key and suffix."""
        if (key, suffix) not in self.modules:
            name = stem if not suffix else fresh(stem + suffix, self.attributes)
            self.made.append(f"self.{name} = {text}")
            self.modules[key, suffix] = f"self.{name}"
        return self.modules[key, suffix]

    # --- the text ---

    def text(self) -> str:
        """The class."""
        head = ["class Model(nn.Module):" if self.class_name == "Model" else f"class {self.class_name}(nn.Module):"]
        said = remark_text(f"Keras's {self.model.class_name} {self.model.name}.")
        head += [f'    """{said}"""', ""]
        made = [
            "    def __init__(self) -> None:",
            "        super().__init__()",
            *(f"        {line}" for line in self.made),
        ]
        inputs = ", ".join(f"{name}: Tensor" for name in self.inputs)
        walk = ["", f"    def forward(self, {inputs}){self._kind()}:"]
        return "\n".join(
            [*head, *made, *walk, *map("        {}".format, self._statements()), f"        return {self.returned}"]
        )

    def _kind(self) -> str:
        """The annotation of what ``forward`` gives; none for structures in structures."""
        outputs = self.model.outputs
        if isinstance(outputs, Flow):
            return " -> Tensor"
        items = outputs.values() if isinstance(outputs, dict) else outputs
        if not all(isinstance(item, Flow) for item in items):
            return ""
        return " -> dict[str, Tensor]" if isinstance(outputs, dict) else " -> tuple[Tensor, ...]"

    def _statements(self) -> list[str]:
        """The statements, without those that nobody reads: masks, and what comes of no module."""
        import re

        words = re.compile(r"\w+")
        kept: list[str] = []
        read = set(words.findall(self.returned))
        for line in reversed(self.lines):
            is_pure = line.optional or ("self." not in line.text and line.target.isidentifier())
            if not is_pure or line.target in read:
                kept.append(f"{line.target} = {line.text}")
                read.update(words.findall(line.text))
        return kept[::-1]


def flows(operands: Any) -> Iterator[Flow]:
    """The flows in a structure of operands."""
    if isinstance(operands, Flow):
        yield operands
    elif isinstance(operands, dict):
        for name in sorted(operands):
            yield from flows(operands[name])
    elif isinstance(operands, list):
        for item in operands:
            yield from flows(item)


class Site:
    """Where a layer is applied: its class's body, its attribute ``name``, the ``kinds`` of its outputs, and the shapes
    of its ``weights``.

    ``key`` tells modules apart: the layer, unless a wrapper makes several of one.
    """

    def __init__(
        self, body: Body, layer: Any, name: str, kinds: Sequence[Tensor], *, weights: Any = None, key: Any = None
    ) -> None:
        self.body, self.layer, self.name, self.kinds = body, layer, name, list(kinds)
        self.key = layer if key is None else key
        self.weights: list[Shape] = [tuple(getattr(weight, "shape", weight)) for weight in (weights or {}).values()]

    def refuse(self, what: str) -> SeqshapeError:
        """The error that torch cannot do this exactly; to be raised."""
        return unsayable(f"{self.layer.name} ({self.layer.class_name}) {what}")

    def write(self, args: list[Any], keywords: dict[str, Any]) -> list[str]:
        """The code of the outputs, in Keras's order. Raises SeqshapeError for a layer that torch cannot do exactly."""
        if isinstance(self.layer, Model):
            return self._nested(args, keywords)
        kind = self.check()
        self._note()
        made = len(self.body.made)
        operands = self._operands(args, keywords)
        first, *others = operands.items()
        given = {**self._masks_given(kind, operands), **guarded(dict(others))}
        start = guarded(first[1]) if kind.raw else self.cast(guarded(first[1]))
        try:
            found = kind.write(self, start, **{**guarded(self.layer.arguments), **self.cast(given)})
        except Fault as fault:
            raise self.refuse(fault.message) from None
        except NONSENSE:
            raise self.refuse("cannot be written with these arguments") from None
        self._freeze(made)
        return list(found) if isinstance(found, list) else [found]

    def check(self) -> Translation:
        """The translation of the layer. Raises SeqshapeError if there is none."""
        layer = self.layer
        name = (
            f"ops.{layer.type.name}" if getattr(getattr(layer, "type", None), "operation", False) else layer.class_name
        )
        kind = TRANSLATIONS.get(name) if isinstance(layer, Layer) else None
        if kind is None:
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
                self.body.source.notes[f"Left out: {name} of {self.layer.name}."] = None

    def _freeze(self, before: int) -> None:
        """A layer that is not trained has parameters without a gradient. ``before``: the modules that are not its own."""
        if not self.layer.trainable:
            made = [line.partition(" = ")[0] for line in self.body.made[before:] if " = " in line]
            self.body.made.extend(f"{name}.requires_grad_(False)" for name in made)

    def _nested(self, args: list[Any], keywords: dict[str, Any]) -> list[str]:
        """The call of a model inside."""
        model: Model = self.layer
        given = list(pieces([*args, *keywords.values()]))
        if any(piece.mask for piece in given) and any(map(_uses_masks, model.layers())):
            raise self.refuse("gets a mask, which a module cannot hand on")
        made = len(self.body.made)
        name = self.module(f"{self.body.source.model(model)}()")
        self._freeze(made)
        call = f"{name}({', '.join(piece.text for piece in given)})"
        if isinstance(model.outputs, Flow):
            return [call]
        if isinstance(model.outputs, dict) or any(not isinstance(item, Flow) for item in model.outputs):
            outcome = self.body.let(self.name, call)
            return [f"{outcome}{place}" for place in _places(model.outputs)]
        return self.unpack(call, len(model.outputs))

    def _operands(self, args: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
        """The operands of a call by the names of the rule's parameters."""
        kind = self.layer.type
        names = kind.call_arguments or kind.inputs
        named = dict(zip(names, [args] if kind.variadic else args, strict=False)) | keywords
        taken = {name: item for name, item in named.items() if name in kind.rule.__annotations__ and item is not None}
        return {kind.inputs[0]: named[names[0]]} | {name: item for name, item in taken.items() if name != names[0]}

    def _masks_given(self, kind: Translation, operands: dict[str, Any]) -> dict[str, Any]:
        """The masks that Keras hands to a layer beside its inputs, by the names of its parameters."""
        takes, found = self.layer.type.inputs, {}
        several = sum(isinstance(item, Piece) for item in operands.values()) > 1
        for name, item in operands.items():
            mask = f"{name}_mask" if f"{name}_mask" in takes or several else "mask"
            if mask in takes and mask not in operands and (text := mask_of(item)) is not None:
                found[mask] = text
        if (found or operands.get("mask") is not None) and not kind.masked:
            raise self.refuse("gets a mask, which torch has no such layer for")
        if any(INSIDE in (text if isinstance(text, list) else [text]) for text in found.values()):
            raise self.refuse("gets the mask of a model inside, which a module does not hand out")
        return found

    def cast(self, operand: Any) -> Any:
        """Keras casts floats to the layer's dtype, and computes with integers and bools as with floats."""
        if isinstance(operand, dict):
            return {name: self.cast(item) for name, item in operand.items()}
        if isinstance(operand, list):
            return [self.cast(item) for item in operand]
        if not isinstance(operand, Piece) or self.layer.type.operation or operand.dtype in ("float32", None):
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
        self.body.source.parts[name] = None
        return name

    def count(self, number: Any, reason: str) -> None:
        """Say that the module has ``number`` parameters more than the layer of Keras, once."""
        line = (number, f"{self.layer.name}: {reason}")
        if number and line not in self.body.source.counts:
            self.body.source.counts.append(line)

    def literal(self, value: Any) -> str:
        """A value as Python. Raises SeqshapeError for a size without a number, and for what is no plain value."""
        return literal(value, self._unplain)

    def _unplain(self, value: Any) -> str:
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

    def inner(self, layer: Any, x: Piece, *, suffix: str = "", key: Any = None, **operands: Any) -> list[Piece]:
        """What a layer inside this one makes of a tensor; its modules are named after this one."""
        start = Tensor(x.shape, x.dtype)
        given = {name: tensor_of(item) for name, item in operands.items()}
        with recording():  # what named sizes need was said before
            effect: Effect = call_layer(layer, [start], given)
        kinds = [Tensor(kind.shape, kind.dtype) for kind in _listed(effect.out)]
        site = Site(self.body, layer, self.name + suffix, kinds, weights=effect.weights, key=key)
        texts = site.write([x], operands)
        return [Piece(site.atom(text), kind.shape, kind.dtype) for text, kind in zip(texts, kinds, strict=True)]

    # --- masks ---

    def masks(self, effect: Effect | None, first: Any, number: int) -> list[str | None]:
        """The masks of the outputs, as the rule declares them."""
        declared = effect.mask if effect is not None else ()
        each = declared if not isinstance(declared, Mask) else (declared,) * (1 if declared.op == "keep" else number)
        if isinstance(self.layer, Model):
            each = ()
        found = [self._mask(mask, first) for mask in each]
        return (found + [None] * number)[:number]

    def _mask(self, mask: Mask, first: Any) -> str | None:
        if mask == INPUT:
            return str(first)
        given = mask_of(first)
        if mask.op in ("drop", "none"):
            return None
        if mask.op == "keep" or mask == PREVIOUS:
            kept: str | None = given[0] if isinstance(given, list) else given
            return kept
        text = self._mask_text(mask, first, given)
        if text is not None and INSIDE in text:
            return INSIDE
        return None if text is None else self.body.let("mask", text, optional=True)

    def _mask_text(self, mask: Mask, first: Any, given: Any) -> str | None:
        if mask.op == "or":
            whole = given is not None and None not in given
            return " | ".join(given) if whole else None
        if mask.op == "concatenate":
            return None if given is None else self._joined(first, mask.keywords["axis"])
        parts = [self._mask(part, first) if isinstance(part, Mask) else self.literal(part) for part in mask.operands]
        if None in parts:
            return None
        if mask.op == "convert_to_tensor":
            return parts[0]
        written = {"not_equal": "{} != {}", "any": "({}).any({axis})"}[mask.op]
        return written.format(*parts, **mask.keywords)

    def _joined(self, inputs: list[Piece], axis: int) -> str:
        """The mask of a Concatenate: each stretched to its tensor, ones where there is none; a place counts if any does."""
        wide = []
        for piece in inputs:
            if piece.mask is None:
                wide.append(f"torch.ones_like({piece}, dtype=torch.bool)")
            else:
                axes = "".join([", None"] * (piece.rank - 2))
                wide.append(f"{piece.mask}[:, :{axes}].expand({piece}.shape)")
        return f"torch.cat([{', '.join(wide)}], {axis}).any(-1)"


def pieces(operands: Any) -> Iterator[Piece]:
    """The pieces in a structure of operands, in Keras's order."""
    if isinstance(operands, Piece):
        yield operands
    elif isinstance(operands, dict):
        for name in sorted(operands):
            yield from pieces(operands[name])
    elif isinstance(operands, list):
        for item in operands:
            yield from pieces(item)


def mask_of(operand: Any) -> Any:
    """The mask of a tensor, or those of a list if one has any."""
    if isinstance(operand, Piece):
        return operand.mask
    if not isinstance(operand, list):
        return None
    masks = [mask_of(item) for item in operand]
    return masks if any(mask is not None for mask in masks) else None


def tensor_of(operand: Any) -> Any:
    """The tensors in the place of pieces."""
    if isinstance(operand, Piece):
        return Tensor(operand.shape, operand.dtype)
    return [tensor_of(item) for item in operand] if isinstance(operand, list) else operand


def _listed(out: Any) -> list[Tensor]:
    if isinstance(out, Tensor):
        return [out]
    if isinstance(out, dict):
        return [tensor for name in sorted(out) for tensor in _listed(out[name])]
    return [tensor for item in out or () for tensor in _listed(item)]


def _places(outputs: Any) -> Iterator[str]:
    """The subscripts of the tensors in what a model returns, in Keras's order."""
    if isinstance(outputs, Flow):
        yield ""
        return
    keys = sorted(outputs) if isinstance(outputs, dict) else range(len(outputs))
    for key in keys:
        yield from (f"[{literal(key)}]{rest}" for rest in _places(outputs[key]))


def _uses_masks(layer: Any) -> bool:
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
