"""The source of a module: a class for each model, its layers in ``__init__``, the walk in ``forward``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqshape.bind.layer import Bound, Layer
from seqshape.exporters.literals import literal, remark_text, unsayable
from seqshape.exporters.plan import fresh, require_sound, require_wired
from seqshape.exporters.torch.helpers import dependencies, part_names, part_text
from seqshape.exporters.torch.site import INSIDE, Body, Line, Piece, Shared, Site
from seqshape.graph import Node, Value
from seqshape.tensor import Tensor, show
from seqshape.walk.flow import Done, Flow, flat
from seqshape.walk.model import Model
from seqshape.walk.replay import Replay, items, masks_made

if TYPE_CHECKING:
    from seqshape.network import Network


class Source:
    """The whole source: what the classes of all models share."""

    def __init__(self, network: Network) -> None:
        require_sound(network)
        self.network = network
        self.shared = Shared(self.model)
        self.classes: dict[Any, Class] = {}
        self.texts: list[str] = []
        self.taken: set[str] = {"Model", "F", *part_names()}
        self.owners: dict[object, object] = {}

    def text(self) -> str:
        """The source code. Raises SeqshapeError, which names the layer that it cannot write."""
        body = Class(self, self.network.model, "Model")
        texts = [*self.texts, body.text()]
        code = "\n\n\n".join([*map(part_text, dependencies(self.shared.parts)), *texts])
        return f"{self._documentation(body)}\n\n{_imports(code)}\n\n\n{code}\n"

    def model(self, model: Model) -> str:
        """The class of a nested model, which is written before."""
        if model not in self.classes:
            name = "".join(word.capitalize() for word in fresh(model.name, set()).split("_")) or "Part"
            self.classes[model] = Class(self, model, fresh(name, self.taken))
            self.texts.append(self.classes[model].text())
        return self.classes[model].class_name

    def _documentation(self, body: Class) -> str:
        summary = self.network.summary()
        keras: Any = summary.totals.params
        here = keras + sum(number for number, _ in self.shared.counts)
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
            f"Parameters: {here:,} here, {keras:,} in Keras{'.' if not self.shared.counts else ':'}",
            *(f"  {number:+,}  {reason}" for number, reason in self.shared.counts),
            "Weights start as PyTorch starts them, not as Keras does.",
            *self.shared.notes,
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


class Class:
    """The class of one model.

    The code is written when the object is made. Raises SeqshapeError for a layer that cannot be.
    """

    def __init__(self, source: Source, model: Model, class_name: str) -> None:
        self.source, self.model, self.class_name = source, model, class_name
        self.body = Body(source.shared)
        self.names: dict[Any, str] = {}
        self.is_chain = model.graph.class_name == "Sequential"
        self.inputs = [self._input(node) for node in model.graph.inputs]
        self.replay = Replay(model, self.inputs)
        self._walk()

    # --- the walk ---

    def _input(self, node: Node) -> Piece:
        tensor, layer = self.model.inputs[node], self.model.session.binder.get(node.call)
        name = fresh("x" if self.is_chain else layer.name, self.body.variables)
        return Piece(name, tensor.shape, tensor.dtype or "float32")

    def _walk(self) -> None:
        for done in self.model.done.values():
            if done.outputs is None:
                Site(self.body, done.layer, done.layer.name, []).check()
        self.replay.run(self._apply)
        self.returned = self._structure(self.model.outputs)
        self.gives_masks = any(piece.mask for piece in self.replay.results())

    def _apply(self, done: Done, args: list[Any], keywords: dict[str, object]) -> list[Piece]:
        if done.effect is None or (done.effect.out is None and isinstance(done.layer, Layer)):
            raise unsayable(f"{done.layer.name}: {done.layer.class_name} does what only its own code knows")
        require_wired(done)
        self._note_training(done)
        kinds = [Tensor(flow.tensor.shape, flow.tensor.dtype) for flow in flat(done.outputs)]
        weights = self.model.weights.get(done.layer)
        site = Site(self.body, done.layer, self._name(done.layer), kinds, weights=weights)
        texts = site.write(args, keywords)
        masks = masks_made(done.effect, args[0] if args else None, len(texts), site)
        if isinstance(done.layer, Model):
            given = any(piece.mask for piece in items([*args, keywords], Piece))
            masks = [INSIDE if given or self.source.classes[done.layer].gives_masks else None] * len(texts)
        names = self._targets(site.name, texts)
        self.body.lines += [Line(name, text) for name, text in zip(names, texts, strict=True) if name != text]
        return [Piece(name, kind.shape, kind.dtype, mask) for name, kind, mask in zip(names, kinds, masks, strict=True)]

    def _note_training(self, done: Done) -> None:
        said = done.node.kwargs.get("training")
        if isinstance(said, Value) and isinstance(said.data, bool):
            note = f"Left out: training={said.data} of {done.layer.name}; here a module trains as a whole, or not."
            self.source.shared.notes[note] = None

    def _targets(self, stem: str, texts: list[str]) -> list[str]:
        """The variables of a layer's outputs: in a chain always the same one, else named after the layer."""
        if len(texts) == 1 and texts[0] in self.body.variables:
            return texts
        if len(texts) == 1 and self.is_chain:
            return ["x"]
        stems = [stem] if len(texts) == 1 else [f"{stem}_{index}" for index in range(len(texts))]
        return [
            text if text in self.body.variables else fresh(each, self.body.variables)
            for each, text in zip(stems, texts, strict=True)
        ]

    def _structure(self, outputs: object) -> str:
        if isinstance(outputs, Flow):
            return str(self.replay.value(outputs.ref))
        if isinstance(outputs, dict):
            return "{" + ", ".join(f"{literal(name)}: {self._structure(item)}" for name, item in outputs.items()) + "}"
        if not isinstance(outputs, list):
            raise unsayable(f"what {self.model.name} gives is not known")
        inside = ", ".join(map(self._structure, outputs))
        return f"({inside},)" if len(outputs) == 1 else f"({inside})"

    # --- names ---

    def _name(self, layer: Bound) -> str:
        """The attribute of a layer; every layer belongs to one class. Raises SeqshapeError if it has another one."""
        if self.source.owners.setdefault(layer, self) is not self:
            raise unsayable(f"{layer.name} stands in two models, which cannot share a module of their own")
        if layer not in self.names:
            self.names[layer] = fresh(str(layer.name).lstrip("_") or "layer", self.body.attributes)
        name: str = self.names[layer]
        return name

    # --- the text ---

    def text(self) -> str:
        """The class."""
        head = ["class Model(nn.Module):" if self.class_name == "Model" else f"class {self.class_name}(nn.Module):"]
        said = remark_text(f"Keras's {self.model.class_name} {self.model.name}.")
        head += [f'    """{said}"""', ""]
        made = [
            "    def __init__(self) -> None:",
            "        super().__init__()",
            *(f"        {line}" for line in self.body.made),
        ]
        inputs = ", ".join(f"{piece}: Tensor" for piece in self.inputs)
        walk = ["", f"    def forward(self, {inputs}){self._kind()}:"]
        return "\n".join(
            [
                *head,
                *made,
                *walk,
                *map("        {}".format, self.body.statements(self.returned)),
                f"        return {self.returned}",
            ]
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
