"""What the models of one network share: the numbering of layers, the bound layers, what was found and what must hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from seqshape.bind.binder import Binder
from seqshape.bind.layer import Layer, Nested
from seqshape.declaration import LayerType
from seqshape.diagnostics import Diagnostic, Fault, Label, SeqshapeError
from seqshape.dims import Need, Size
from seqshape.graph import Call, Node
from seqshape.structure import EMPTY
from seqshape.versions import KNOWN

MOST_STEPS = 1_000_000  # calls of layers in one network; the largest of keras.applications has 4,000


class Session:
    """What the models of one network share: the numbering of layers, the bound layers, what was found and what must hold.

    ``nested`` binds the graph of a nested model.
    ``taken`` are the names of a file's layers: they were numbered together with those that no file writes down.
    ``declared``: the layers by name that the user declares.
    """

    def __init__(
        self,
        nested: Callable[[Call, Session, str | None], Nested],
        *,
        dtype: str = "float32",
        version: str = "3",
        sizes: Mapping[str, Size] | None = None,
        taken: Collection[str] = (),
        declared: Mapping[str, LayerType] = EMPTY,
    ) -> None:
        self._nested = nested
        self.version = KNOWN[version]
        self.taken = taken
        self.counts: dict[str, int] = {}
        self.diagnostics: list[Diagnostic] = []
        self._known: set[Diagnostic] = set()
        self.said = 0  # findings, those that were known too
        self._refused: set[Call] = set()
        self.steps = 0  # nodes that have been walked
        self.tensors = 0  # that layers have given: Keras numbers them all, and a copy of one is called after it
        self.numbers: dict[Call, int] = {}  # that of the first tensor of an input, and of any layer if ``numbers_all``
        self.numbers_all = False
        self.faults: list[tuple[Diagnostic, Fault, Node | None]] = []
        self._places: list[int] = []  # of the faults among the diagnostics
        self.needs: list[Need] = []
        settings: dict[str, Any] = {"dtype": dtype, "version": self.version, "sizes": sizes, "declared": declared}
        self.binder = Binder(self.number, self._model, **settings)

    def number(self, class_name: str, auto_name: str) -> str:
        """The next automatic name: ``lstm``, ``lstm_1``, … as the version of Keras counts."""
        name = self.version.stem(class_name, auto_name)
        seen = self.counts.get(name, 0)
        found = self.version.numbered(name, seen)
        while found in self.taken:
            seen += 1
            found = self.version.numbered(name, seen)
        self.counts[name] = seen + 1
        return found

    def _model(self, call: Call, name: str | None) -> Nested:
        """Bind the graph of a nested model."""
        return self._nested(call, self, name)

    def bind(self, call: Call) -> Any:
        """The layer of a call; ``None`` if it is wrong, which is reported once."""
        known = self.binder.bound.get(call)
        if known is not None or call in self._refused:
            return known
        try:
            layer = self.binder.bind(call)
        except Fault as fault:
            self._refused.add(call)
            self.complain(fault.diagnostic(call.span), fault)
            return None
        if type(layer) is Layer and "input" in layer.type.traits:
            self.numbers.setdefault(call, self.tensors)
            self.tensors += 1  # an InputLayer makes its tensor when it is constructed
        return layer

    def complain(self, found: Diagnostic, fault: Fault, node: Node | None = None) -> None:
        """Note a fault, once, with where it came from."""
        if self.report(found):
            self._places.append(len(self.diagnostics) - 1)
            self.faults.append((found, fault, node))

    def replace(self, place: int, better: Diagnostic) -> None:
        """Put a better diagnostic in the place of the fault number ``place``."""
        _, fault, node = self.faults[place]
        self.diagnostics[self._places[place]] = better
        self._known.add(better)
        self.faults[place] = (better, fault, node)

    def report(self, found: Diagnostic) -> bool:
        """Note a finding, once. Gives whether it is new."""
        self.said += 1
        if found in self._known:
            return False
        self._known.add(found)
        self.diagnostics.append(found)
        return True

    def made(self, call: Call, number: int) -> None:
        """Count the tensors that a layer gives."""
        if self.numbers_all:
            self.numbers.setdefault(call, self.tensors)
        self.tensors += number

    def clone_name(self, node: Node) -> str:
        """What Keras calls the copy of an input, or of any tensor if all are numbered."""
        number = self.numbers.get(node.call, 0)
        return f"keras_tensor{f'_{number}' if number else ''}CLONE"

    def step(self, node: Node) -> None:
        """Count a node that is walked.

        Raises SeqshapeError beyond MOST_STEPS: models in models can multiply without end.
        """
        self.steps += 1
        if self.steps > MOST_STEPS:
            message = f"the network makes more than {MOST_STEPS:,} calls of layers"
            raise SeqshapeError((Diagnostic("E403", "error", message, (Label(node.span),)),))
