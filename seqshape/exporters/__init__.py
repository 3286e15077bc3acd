"""Out again: a network as a spec, as Keras's JSON, as Keras code or as a PyTorch module. Each exporter is one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqshape.network import Network

# The forms that ``convert --to`` knows, with the modules that write them: ``write(network)`` gives the text.
TARGETS = {"spec": "spec", "keras-json": "keras_json", "keras-python": "keras_python", "torch": "torch"}


def write(network: Network, target: str) -> str:
    """A sound network in one of the forms. Raises SeqshapeError where the form cannot say it."""
    from importlib import import_module

    return str(import_module(f"seqshape.exporters.{TARGETS[target]}").write(network)).rstrip("\n")
