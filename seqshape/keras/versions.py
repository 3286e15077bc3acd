"""How the versions of Keras name and number layers: ``3``, ``tf2`` (tf.keras 2.x) and ``2`` (standalone Keras, to 2.3)."""

from __future__ import annotations

VERSIONS = ("3", "tf2", "2")


def stem(version: str, class_name: str, auto_name: str) -> str:
    """The stem of automatic names: Keras 3's, or the rule before tf.keras 2.9: ``conv_lst_m2d`` of ``ConvLSTM2D``."""
    if version != "3" and class_name in ("InputLayer", "Functional"):
        return "input" if class_name == "InputLayer" else "model"
    if version != "2":
        return auto_name
    import re

    parted = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", class_name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", parted).lower()


def numbered(version: str, name: str, seen: int) -> str:
    """The name of the layer after ``seen`` others of its stem: standalone Keras begins with ``_1``, the others without."""
    if version == "2" or (version == "tf2" and name == "input"):
        return f"{name}_{seen + 1}"
    return f"{name}_{seen}" if seen else name


def class_name(version: str, name: str) -> str:
    """What the version calls a class: a Functional was a Model."""
    return "Model" if version == "2" and name == "Functional" else name
