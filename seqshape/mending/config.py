"""Mends in a Keras config: JSON, whose values stand at pointers. What cannot be said in place, such as a layer put into a
Functional, is not offered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from seqshape.bind.layer import Layer
from seqshape.diagnostics import Span
from seqshape.graph import Call, Graph, Node
from seqshape.mending.languages import New, Patches
from seqshape.mending.patch import Patch
from seqshape.network import Network
from seqshape.readers.kinds import KINDS
from seqshape.readers.opened import Opened
from seqshape.registry import find_layer

_TOKEN = re.compile(r'\s*([{}\[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}\[\],:"]+)')


class Config:
    """The text of a config; its patches leave all else as it is written."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.text = network.graph.written
        self._places: dict[str, Span] = {}

    def place(self, pointer: str | None) -> Span | None:
        """Where a value stands in the text."""
        if not self._places:
            self._places = dict(places(self.text))
        return self._places.get(pointer or "")

    def read(self, text: str) -> Graph:
        """The graph of a changed config. Raises SeqshapeError."""
        source = self.network.graph.source
        return KINDS["config"].read(Opened(text=text, name=source.name if source is not None else None))

    def call(self, call: Call) -> str:
        """The class of the layer."""
        return call.class_name

    def layers(self, news: Sequence[New]) -> str:
        """The objects of the layers, with commas between."""
        return ", ".join(json.dumps(self._object(new)) for new in news)

    def said(self, call: Call, patches: Patches) -> str:
        """What is written, and where: at the value that it stands for, or in the layer."""
        self.place("")
        where = {span: pointer for pointer, span in self._places.items()}
        parts = [(patch.text.strip(" ,"), where.get(patch.span, call.span.pointer)) for patch in patches]
        return "; ".join(f"{text} at {pointer}" if text else f"nothing at {pointer}" for text, pointer in parts)

    def setting(self, layer: Layer, name: str, value: object) -> Patches:
        """The value at its pointer, or one more in the config of the layer."""
        found = layer.places.get(name)
        place = self.place(found.pointer) if found is not None else None
        written = json.dumps(value)
        if place is not None:
            return (Patch(place, written),)
        config = self.place(f"{layer.call.span.pointer}/config")
        if config is None:
            return ()
        rest = ", " if self.text[config.start + 1 : config.stop - 1].strip() else ""
        return (Patch(Span(config.start + 1, config.start + 1), f"{json.dumps(name)}: {written}{rest}"),)

    def but_last(self, layer: Layer, name: str, value: object) -> Patches:
        """A config repeats nothing."""
        return ()

    def without(self, layer: Layer, name: str) -> Patches:
        """A value that is no more given is the default: here it stands as false."""
        return self.setting(layer, name, False) if layer.arguments.get(name) is True else ()

    def dropped(self, place: Span) -> Patches:
        """An argument of a config has a name, by which it is left out."""
        return ()

    def before(self, node: Node, news: Sequence[New]) -> Patches:
        """In the list of a Sequential."""
        place = self._of_list(node.call)
        return () if place is None else (Patch(Span(place.start, place.start), f"{self.layers(news)}, "),)

    def behind(self, node: Node, news: Sequence[New]) -> Patches:
        """In the list of a Sequential."""
        place = self._of_list(node.call)
        return () if place is None else (Patch(Span(place.stop, place.stop), f", {self.layers(news)}"),)

    def instead(self, call: Call, news: Sequence[New]) -> Patches:
        """In the list of a Sequential."""
        place = self._of_list(call)
        return () if place is None else (Patch(place, self.layers(news)),)

    def around(self, call: Call, wrapper: str) -> Patches:
        """The object of the layer in that of the wrapper, which has its name."""
        place = self._of_list(call)
        if place is None:
            return ()
        inner = self.text[place.start : place.stop]
        name = call.literal("name")
        outer = json.dumps(self._object(New(wrapper), f"timed_{name}" if isinstance(name, str) else None))
        return (Patch(place, f'{outer[:-2]}{"" if outer.endswith("{}}") else ", "}"layer": {inner}}}}}'),)

    def left_out(self, call: Call) -> Patches:
        """With the comma that belongs to it."""
        place = self._of_list(call)
        if place is None:
            return ()
        before = self.text[: place.start].rstrip()
        after = self.text[place.stop :]
        if before.endswith(","):
            return (Patch(Span(len(before) - 1, place.stop), ""),)
        comma = len(after) - len(after.lstrip()) + 1 if after.lstrip().startswith(",") else 0
        return (Patch(Span(place.start, place.stop + comma), ""),)

    def twice(self, node: Node) -> Patches:
        """That needs a Functional."""
        return ()

    def written(self, span: Span, text: str) -> Patches:
        """A value that is a word."""
        place = self.place(span.pointer) if span.pointer is not None else None
        return () if place is None else (Patch(place, json.dumps(text)),)

    def _of_list(self, call: Call) -> Span | None:
        """Where the object of a layer stands, if nothing says by name what feeds it."""
        pointer = call.span.pointer
        is_wired = any(self.place(f"{pointer}/{name}") is not None for name in ("inbound_nodes", "input_layers"))
        return None if pointer is None or is_wired else self.place(pointer)

    def _object(self, new: New, name: str | None = None) -> dict[str, object]:
        """The object of a layer as the config writes its others: with modules, if they have them."""
        kind = find_layer(new.name)
        names = [one.name for one in kind.positional] if kind is not None else []
        values = [
            list(one) if isinstance(one, tuple) else self._object(one) if isinstance(one, New) else one
            for one in new.values
        ]
        shape = names[:1] == ["target_shape"] and len(values) > 1
        given: dict[str, object] = {names[0]: values} if shape else dict(zip(names, values, strict=False))
        config: dict[str, object] = {"name": name} if name is not None else {}
        config |= given | dict(new.keywords)
        modern = {"module": "keras.layers", "registered_name": None} if '"registered_name"' in self.text else {}
        return {"class_name": new.name, **modern, "config": config}


def places(text: str) -> Iterator[tuple[str, Span]]:
    """Every value of a JSON text by its pointer. The text is one that has been read."""
    open_ones: list[tuple[str, int]] = []  # the pointer of a list or an object, and where it begins
    keys: list[str | int] = []
    waiting_key = False
    for match in _TOKEN.finditer(text):
        token, start, stop = match[1], match.start(1), match.end(1)
        here = "/".join(["", *map(_step, keys)]) if keys else ""
        if token in "{[":
            open_ones.append((here, start))
            keys.append("" if token == "{" else 0)
            waiting_key = token == "{"
        elif token in "}]":
            keys.pop()
            pointer, begin = open_ones.pop()
            yield pointer, Span(begin, stop)
            waiting_key = False
        elif token == ",":
            last = keys[-1]
            keys[-1] = last + 1 if isinstance(last, int) else ""
            waiting_key = not isinstance(last, int)
        elif token == ":":
            waiting_key = False
        elif waiting_key:
            keys[-1] = str(json.loads(token))
        else:
            yield here, Span(start, stop)


def _step(key: str | int) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
