"""The libraries that people build models with, under all the names that they have had: one path for each thing."""

from __future__ import annotations

from functools import cache

# Longest first: the beginning of a dotted name, and what it is.
PREFIXES = (
    ("tensorflow.compat.v1.keras", "keras"),
    ("tensorflow.compat.v2.keras", "keras"),
    ("tensorflow.contrib.keras", "keras"),
    ("tensorflow.python.keras", "keras"),
    ("tensorflow.compat.v1", "tensorflow"),
    ("tensorflow.compat.v2", "tensorflow"),
    ("tensorflow.keras", "keras"),
    ("tensorflow._api.v2", "tensorflow"),
    ("keras.api._v2.keras", "keras"),
    ("keras.api", "keras"),
    ("keras.src", "keras"),
    ("keras.engine.topology", "keras.layers"),
    ("keras.engine.base_layer", "keras.layers"),
    ("keras.engine.input_layer", "keras.layers"),
    ("keras.engine.training", "keras.models"),
    ("keras.engine.network", "keras.models"),
    ("keras.engine.sequential", "keras.models"),
    ("keras.engine", "keras.layers"),
    ("keras.legacy.layers", "keras.layers"),
    ("keras_core", "keras"),
    ("tf_keras", "keras"),
    ("keras.layers.experimental.preprocessing", "keras.layers"),
    ("keras.utils.np_utils", "keras.utils"),
    ("keras.numpy", "keras.ops"),
)
# Libraries of which something is known here; a name out of any other one means something that is not known.
LIBRARIES = frozenset(
    "keras tensorflow numpy math os sys itertools functools collections random argparse copy operator pathlib sklearn"
    " torch jax typing dataclasses string time datetime json matplotlib builtins enum contextlib types ast".split()
)
TOP_LAYERS = {"Input": "keras.layers.Input", "Layer": "keras.layers.Layer", "Lambda": "keras.layers.Lambda"}
MODELS = frozenset({"Model", "Sequential", "Functional"})


@cache
def canonical(path: str) -> str:
    """The one path of a thing, whatever alias or version of the library names it."""
    for before, after in PREFIXES:
        if path == before or path.startswith(f"{before}."):
            return canonical(after + path[len(before) :])
    parts = path.split(".")
    if parts[0] != "keras":
        return path
    last = parts[-1]
    if len(parts) > 2 and parts[1] == "layers":
        return ".".join(["keras.layers", *parts[2:][-1 - (last == "from_config") :]])
    if last in MODELS and (len(parts) == 2 or parts[1] == "models"):
        return f"keras.{last}"
    if len(parts) == 2 and last in TOP_LAYERS:
        return TOP_LAYERS[last]
    if len(parts) == 3 and last == "Input":
        return "keras.layers.Input"
    return path


def is_keras(path: str) -> bool:
    """Whether a path is inside Keras."""
    return path == "keras" or path.startswith("keras.")
