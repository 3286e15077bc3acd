"""The catalogue of layers, one file a family, as in Keras. Importing this declares them all but those of keras.ops."""

from __future__ import annotations

from importlib import import_module

FAMILIES = (
    "core",
    "convolutional",
    "pooling",
    "recurrent",
    "attention",
    "normalization",
    "reshaping",
    "merging",
    "regularization",
    "activation",
    "preprocessing",
    "image",
    "wrappers",
    "applications",
)

for _family in FAMILIES:
    import_module(f"seqshape.layers.{_family}")
