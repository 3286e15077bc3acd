"""A layer at work, what can be said of it, and the checks that say it, by their codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from seqshape.analysis.masks import makes
from seqshape.bind.layer import Layer
from seqshape.declaration import REFUSED
from seqshape.diagnostics import Diagnostic
from seqshape.graph import Node
from seqshape.records import NamedTuple
from seqshape.registry import is_small
from seqshape.tensor import Shape
from seqshape.walk.flow import Done
from seqshape.walk.model import Model

if TYPE_CHECKING:
    from seqshape.mending.languages import Language
    from seqshape.mending.patch import Patch

Check = Callable[["Use"], Iterator["Finding"]]
Mend = Callable[["Language"], tuple["Patch", ...]]  # what would do it, in the language of the source


class Advice(NamedTuple):
    """What is said, how a text is mended, and whether that is proven to change no tensor: then nobody has to try it."""

    said: Diagnostic
    mend: Mend | None
    is_proven: bool


class Finding(NamedTuple):
    """What a check says of a layer: a predicate sentence, and how to mend it.

    ``cause`` is the earlier layer that it comes from; ``mend`` makes the changes of the text that would do it;
    ``python`` is what to do in the words of Python, where ``help`` has those of a spec. ``instead`` is the layer, written
    inside this one, that the mend puts in its place: if it gives the same tensor, nothing else of the network changes.
    """

    message: str
    help: str | None = None
    cause: Done | None = None
    mend: Mend | None = None
    python: str | None = None
    instead: Layer | None = None


class Readers:
    """Who reads what each node of a model gives, gathered when it is first asked for."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._found: dict[Node, list[Done]] | None = None

    def of(self, node: Node) -> list[Done]:
        """What reads a node, in order."""
        if self._found is None:
            self._found = {}
            for done in self.model.done.values():
                read = [ref.node for ref in self.model.reads(done.node)]
                for each in read if len(read) < 2 else dict.fromkeys(read):
                    self._found.setdefault(each, []).append(done)
        return self._found.get(node, [])


class Use:
    """One layer at work: the call, the network around it, who reads it. ``layer`` is the bound one, ``name`` its class."""

    __slots__ = ("_source", "done", "layer", "model", "readers")

    def __init__(self, done: Done, model: Model, readers: Readers) -> None:
        self.done = done
        self.layer: Any = done.layer
        self.model = model
        self.readers = readers
        self._source: Any = ...  # not asked for yet

    @property
    def name(self) -> str:
        """The class of the layer."""
        return str(self.layer.class_name)

    def has(self, *traits: str) -> bool:
        """Whether it has one of some traits."""
        return type(self.layer) is Layer and not self.layer.type.traits.isdisjoint(traits)

    def get(self, argument: str) -> Any:
        """An argument of the layer; ``None`` if it has none of that name."""
        return self.layer.arguments.get(argument)

    @property
    def input(self) -> Shape | None:
        """The shape of the first input."""
        flows = [flow for flow in self.done.inputs if flow is not None]
        return flows[0].tensor.shape if flows else None

    @property
    def output(self) -> Shape | None:
        """The shape of the first output."""
        return self.done.shapes()[0] if self.done.shapes() else None

    def source(self, *through: str) -> Use | None:
        """The layer that feeds the first input; ``None`` at an input.

        It looks through dropout and the like, and through layers with one of the traits ``through``.
        """
        found = self._before()
        while found is not None and found.has("transparent", *through):
            found = found._before()
        return found

    def _before(self) -> Use | None:
        """The layer that feeds the first input, whatever it is."""
        if self._source is ...:
            flow = next((flow for flow in self.done.inputs if flow is not None), None)
            at_input = flow is None or flow.node in self.model.ports
            self._source = None if flow is None or at_input else self._of(self.model.done[flow.node])
        found: Use | None = self._source
        return found

    def _of(self, done: Done) -> Use:
        return Use(done, self.model, self.readers)

    def only_reader(self, *, through: bool = False) -> Use | None:
        """The one layer that reads this output; ``None`` if there are none or several.

        ``through``: looking through dropout and the like.
        """
        found = self.readers.of(self.done.node)
        if len(found) != 1:
            return None
        reader = self._of(found[0])
        return reader.only_reader(through=True) if through and reader.has("transparent") else reader


CHECKS: dict[str, Check] = {}
LOOKED_AT: dict[str, tuple[str, ...]] = {}  # traits of the layers that a check looks at; all, if it is not here
CONCERNED: dict[str, str] = {}  # the fact that a check of all layers is about
MANY = 1_000  # rows of an input from which on they may be the samples
_SOFTMAX = frozenset({"softmax", "each_step"})


def advice(code: str, *traits: str, fact: str | None = None) -> Callable[[Check], Check]:
    """Declare a check under a code; it looks at layers with one of the ``traits``, or those of which a ``fact`` holds."""

    def declare(check: Check) -> Check:
        CHECKS[code] = check
        if traits:
            LOOKED_AT[code] = traits
        if fact is not None:
            CONCERNED[code] = fact
        return check

    return declare


def facts(layer: Layer, done: Done) -> list[str]:
    """What is seen of a layer at once, and holds of few: ``softmax``, it may have one; ``refused``, by Keras 3; ``small``, it
    is spelled so; ``makes``, a mask where none was; ``masked``, it gets one; ``many``, rows that may be samples.
    """
    found, call, effect = [], layer.call, done.effect
    if layer.arguments.get("activation") == "softmax" or not layer.type.traits.isdisjoint(_SOFTMAX):
        found.append("softmax")
    if call.module is not None and refused(layer):
        found.append("refused")
    if is_small(call.class_name):
        found.append("small")
    if effect is not None and effect.mask and makes(done):
        found.append("makes")
    for flow in done.inputs:
        if flow is not None:
            shape = flow.tensor.shape
            if flow.mask is not None:
                found.append("masked")
            if len(shape) > 2 and isinstance(shape[1], int) and shape[1] >= MANY:
                found.append("many")
    return found


def refused(layer: Layer) -> list[str]:
    """The arguments of a layer of a file that Keras 3 does not load."""
    if layer.call.module is None:
        return []
    return [one.name for one in layer.call.arguments if one.name in REFUSED and one.name not in layer.form.names]
