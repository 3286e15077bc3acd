"""The versions of Keras: ``3``, ``tf2`` (tf.keras 2.x) and ``2`` (standalone Keras, to 2.3). Each states its difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Keras3:
    """How Keras 3 names and numbers layers, and what it makes of a graph.

    ``wires``: masks, and layers that give their input tensor itself, are part of the graph. ``closed``: layers take no
    arguments of Keras 2 that give a shape. ``hidden``: what a Sequential makes inside, and numbers, when it is built.
    ``names_input``: a Sequential calls the input that it makes after its first layer. ``classes``: what it calls the
    classes of models; ``age``: of the classes that only it has.
    """

    wires = True
    closed = True
    hidden: str | None = "Functional"
    names_input = False
    age = "3"
    classes: Mapping[str, str] = {}
    stems: Mapping[str, str] = {}

    def stem(self, class_name: str, auto_name: str) -> str:
        """The stem of automatic names."""
        return self.stems.get(class_name) or auto_name

    def numbered(self, name: str, seen: int) -> str:
        """The name of the layer after ``seen`` others of its stem."""
        return f"{name}_{seen}" if seen else name

    def defaults(self, kind: object) -> Mapping[str, object]:
        """The defaults of a layer type that are not those of its declaration."""
        return {}


class TensorFlow2(Keras3):
    """tf.keras 2.x counts inputs from 1 on, and calls a Functional a model."""

    wires = False
    closed = False
    hidden = None
    names_input = True
    age = "2"
    stems: Mapping[str, str] = {"InputLayer": "input", "Functional": "model"}

    def numbered(self, name: str, seen: int) -> str:
        """Inputs begin with ``_1``."""
        return f"{name}_{seen + 1}" if name == "input" else super().numbered(name, seen)


class Keras2(TensorFlow2):
    """Standalone Keras counts all layers from 1 on, parts words otherwise, and had a few other defaults."""

    classes: Mapping[str, str] = {"Functional": "Model"}

    def stem(self, class_name: str, auto_name: str) -> str:
        """By the rule before tf.keras 2.9: ``conv_lst_m2d`` of ``ConvLSTM2D``."""
        if class_name in self.stems:
            return self.stems[class_name]
        import re

        parted = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", class_name)
        return re.sub("([a-z])([A-Z])", r"\1_\2", parted).lower()

    def numbered(self, name: str, seen: int) -> str:
        """All begin with ``_1``."""
        return f"{name}_{seen + 1}"

    def defaults(self, kind: Any) -> Mapping[str, object]:
        """Those that its declaration gives for standalone Keras."""
        found: Mapping[str, Any] = kind.keras2
        return found


Version = Keras3  # the type of all of them
KNOWN: dict[str, Version] = {"3": Keras3(), "tf2": TensorFlow2(), "2": Keras2()}
VERSIONS = tuple(KNOWN)
