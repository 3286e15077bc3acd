"""The languages in which a mend is written: what a change of a call is in the text of a source.

An edit says what it wants of a layer; a language says which characters of the source that changes. Another language is
a class more, and a line in ``spoken``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from seqshape.bind.layer import Layer
from seqshape.diagnostics import Span
from seqshape.graph import Call, Graph, Node
from seqshape.mending.patch import Patch, apply, with_argument, without_argument, without_layer
from seqshape.network import Network
from seqshape.readers.spec import read_spec
from seqshape.records import NamedTuple
from seqshape.registry import FLAGS, find_layer, short

Patches = tuple[Patch, ...]


class New(NamedTuple):
    """A layer that a mend writes: its Keras class, values in position (layers too), and values by keyword."""

    name: str
    values: tuple[object, ...] = ()
    keywords: tuple[tuple[str, object], ...] = ()


class Bare(str):
    """A word that is written as it stands: the name of a size."""

    __slots__ = ()


class Language(Protocol):
    """What is asked of a language. Where a change cannot be written in it, there are no patches."""

    text: str

    def read(self, text: str) -> Graph:
        """The graph of a changed text. Raises SeqshapeError if it cannot be read."""

    def call(self, call: Call) -> str:
        """How a call stands in the source."""

    def layers(self, news: Sequence[New]) -> str:
        """How layers that a mend adds are written, one after the other."""

    def said(self, call: Call, patches: Patches) -> str:
        """How a call stands there after patches inside it."""

    def setting(self, layer: Layer, name: str, value: object) -> Patches:
        """An argument of a layer given another value, or given at all."""

    def but_last(self, layer: Layer, name: str, value: object) -> Patches:
        """An argument given another value in all copies of a repeated layer but the last."""

    def without(self, layer: Layer, name: str) -> Patches:
        """An argument of a layer left out."""

    def dropped(self, place: Span) -> Patches:
        """What stands at a place among the arguments of a call left out."""

    def before(self, node: Node, news: Sequence[New]) -> Patches:
        """Layers put before a node."""

    def behind(self, node: Node, news: Sequence[New]) -> Patches:
        """Layers put behind a node."""

    def instead(self, call: Call, news: Sequence[New]) -> Patches:
        """Layers in the place of a call."""

    def around(self, call: Call, wrapper: str) -> Patches:
        """A call wrapped in another layer."""

    def left_out(self, call: Call) -> Patches:
        """A call taken out of its chain."""

    def twice(self, node: Node) -> Patches:
        """The one tensor that a node reads given to it twice."""

    def written(self, span: Span, text: str) -> Patches:
        """Another text in the place of a stretch of the source, in the words of the language."""


class Spec:
    """The spec language: short names, flags, arrows."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.text = network.graph.source.text if network.graph.source is not None else ""

    @classmethod
    def of_text(cls, text: str) -> Spec:
        """The language for a spec that no network could be made of: it can write, and not read."""
        made = cls.__new__(cls)
        made.text = text
        return made

    def read(self, text: str) -> Graph:
        """The graph of a changed spec. Raises SeqshapeError."""
        graph = read_spec(text, inputs=tuple(self.network.inputs.named))
        if self.network.version == "2":
            from seqshape.readers.keras1 import adopt

            adopt(graph)
        return graph

    def span(self, call: Call) -> Span:
        """Where a call stands, without the brackets of a group of it alone: ``(LSTM(5))*3``."""
        start, stop = call.span.start, call.span.stop
        if call.body is not None or call.span.pointer is not None:
            return call.span
        for bracket in self.text[start : call.name_span.start]:
            if bracket in "([":
                stop = len(self.text[: stop - 1].rstrip())
        return Span(call.name_span.start, stop)

    def call(self, call: Call) -> str:
        """The text of the call."""
        span = self.span(call)
        return self.text[span.start : span.stop]

    @property
    def arrow(self) -> str:
        """The arrow as the source writes it."""
        arrow = "->" if "->" in self.text else ">"
        return arrow if arrow in self.text and f" {arrow}" not in self.text else f" {arrow} "

    def layers(self, news: Sequence[New]) -> str:
        """``TD(Flatten) > Reshape(4,5)``."""
        return self.arrow.join(map(_new, news))

    def said(self, call: Call, patches: Patches) -> str:
        """The text of the call after the patches in it."""
        span = self.span(call)
        inside = tuple(
            Patch(Span(patch.span.start - span.start, patch.span.stop - span.start), patch.text)
            for patch in patches
            if span.start <= patch.span.start and patch.span.stop <= span.stop
        )
        return apply(self.call(call), inside) or self.call(call)

    def setting(self, layer: Layer, name: str, value: object) -> Patches:
        """A flag where there is one: ``LSTM(5,seq)``."""
        span = self.span(layer.call)
        if name in layer.places:
            place = layer.places[name]
            argument = next((one for one in layer.call.arguments if one.span == place), None)
            named = argument is not None and argument.name is not None
            written = _value(value) if named else _flag(name, value, value)
            return (Patch(argument.value.span if argument is not None and named else place, written),)
        return (Patch(span, with_argument(self.call(layer.call), _flag(name, value, None))),)

    def but_last(self, layer: Layer, name: str, value: object) -> Patches:
        """``(LSTM(8,seq))*2>LSTM(8)`` for ``(LSTM(8))*3``."""
        import re

        span = layer.call.span
        times = re.match(r"\s*\*\s*(\d+)", self.text[span.stop :])
        if times is None or int(times[1]) < 3:
            return ()
        first = self.said(layer.call, self.setting(layer, name, value))
        written = f"({first})*{int(times[1]) - 1}{self.arrow}{self.call(layer.call)}"
        return (Patch(Span(span.start, span.stop + times.end()), written),)

    def without(self, layer: Layer, name: str) -> Patches:
        """The argument and its comma."""
        place = layer.places.get(name)
        return () if place is None else self.dropped(place)

    def dropped(self, place: Span) -> Patches:
        """What stands at a place among the arguments of a call, with its comma; empty brackets go too."""
        span = without_argument(self.text, place)
        return (Patch(span, ""),)

    def before(self, node: Node, news: Sequence[New]) -> Patches:
        """Where the layer is applied."""
        return (Patch(Span(node.span.start, node.span.start), self.layers(news) + self.arrow),)

    def behind(self, node: Node, news: Sequence[New]) -> Patches:
        """Where the layer is applied, unless it is repeated there."""
        stop = node.span.stop
        if self.text[stop:].lstrip().startswith("*"):
            return ()
        return (Patch(Span(stop, stop), self.arrow + self.layers(news)),)

    def instead(self, call: Call, news: Sequence[New]) -> Patches:
        """The text of the new layers."""
        return (Patch(self.span(call), self.layers(news)),)

    def around(self, call: Call, wrapper: str) -> Patches:
        """``TD(…)``."""
        start, stop = self.span(call).start, self.span(call).stop
        return (Patch(Span(start, start), f"{_short(wrapper)}("), Patch(Span(stop, stop), ")"))

    def left_out(self, call: Call) -> Patches:
        """The text of the call and an arrow."""
        return (Patch(without_layer(self.text, call.span), ""),)

    def twice(self, node: Node) -> Patches:
        """``[Id | Id] > MHA(2,3)``."""
        start, same = node.span.start, short("identity")
        return (Patch(Span(start, start), f"[{same} | {same}]{self.arrow}"),)

    def written(self, span: Span, text: str) -> Patches:
        """The text itself."""
        return (Patch(span, text),) if span.pointer is None else ()


def _new(new: New) -> str:
    if not new.values and not new.keywords:
        return _short(new.name)
    keywords = [_flag(name, value, None) for name, value in new.keywords]
    return f"{_short(new.name)}({','.join([*map(_value, new.values), *keywords])})"


def _short(name: str) -> str:
    """The alias of a class, if it has one."""
    kind = find_layer(name)
    return kind.aliases[0] if kind is not None and kind.aliases else name


def _value(value: object) -> str:
    if isinstance(value, New):
        return _new(value)
    if isinstance(value, str):
        return value if isinstance(value, Bare) else f'"{value}"'
    if isinstance(value, (tuple, list)):
        return f"({','.join(map(_value, value))}{',' if len(value) == 1 else ''})"
    return str(value)


def _flag(name: str, value: object, otherwise: object) -> str:
    """The bare word that sets an argument, else the argument by keyword, or its value alone in its place."""
    word = next((word for word, meant in FLAGS.items() if meant == (name, value)), None)
    if word is None and isinstance(value, str) and value.isidentifier():
        word = value if name in ("padding", "activation") else None
    if word is not None:
        return word
    return f"{name}={_value(value)}" if otherwise is None else _value(otherwise)
