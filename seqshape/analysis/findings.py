"""A layer at work, what can be said of it, and the checks that say it, by their codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from seqshape.bind.layer import Layer
from seqshape.diagnostics import Diagnostic, Span
from seqshape.graph import Node
from seqshape.records import NamedTuple
from seqshape.tensor import Shape
from seqshape.walk.flow import Done
from seqshape.walk.model import Model

if TYPE_CHECKING:
    pass

Check = Callable[["Use"], Iterator["Finding"]]
Edit = tuple[Span, str]  # another text in the place of a stretch of the source
Advice = tuple[Diagnostic, Callable[[str], tuple[Edit, ...]] | None]  # what is said, and how a text is mended


class Finding(NamedTuple):
    """What a check says of a layer: a predicate sentence, and how to mend it.

    ``cause`` is the earlier layer that it comes from; ``mend`` makes the changes of a spec's text that would do it.
    """

    message: str
    help: str | None = None
    cause: Done | None = None
    mend: Callable[[str], tuple[Edit, ...]] | None = None


class Use(NamedTuple):
    """One layer at work: the call, the network around it, who feeds it and who reads it."""

    done: Done
    model: Model
    readers: dict[Node, list[Done]]
    name: str

    @property
    def layer(self) -> Any:
        """The bound layer."""
        return self.done.layer

    def has(self, *traits: str) -> bool:
        """Whether it has one of some traits."""
        return not self.layer.type.traits.isdisjoint(traits) if isinstance(self.layer, Layer) else False

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
        for flow in self.done.inputs:
            if flow is not None:
                break
        else:
            return None
        if flow.ref.node in self.model.ports:
            return None
        done = self.model.done[flow.ref.node]
        found = Use(done, self.model, self.readers, str(done.layer.class_name))
        return found.source(*through) if found.has("transparent", *through) else found

    def only_reader(self, *, through: bool = False) -> Use | None:
        """The one layer that reads this output; ``None`` if there are none or several.

        ``through``: looking through dropout and the like.
        """
        found = self.readers.get(self.done.node, [])
        if len(found) != 1:
            return None
        reader = self._replace(done=found[0], name=str(found[0].layer.class_name))
        return reader.only_reader(through=True) if through and reader.has("transparent") else reader


CHECKS: dict[str, Check] = {}


LOOKED_AT: dict[str, tuple[str, ...]] = {}  # traits of the layers that a check looks at; all, if it is not here


def advice(code: str, *traits: str) -> Callable[[Check], Check]:
    """Declare a check under a code; it looks at layers with one of the ``traits``."""

    def declare(check: Check) -> Check:
        CHECKS[code] = check
        if traits:
            LOOKED_AT[code] = traits
        return check

    return declare
