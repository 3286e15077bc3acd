"""A network as a PyTorch module: source code that needs nothing but torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqshape.network import Network


def load() -> None:
    """Import the translations of all layers."""
    from seqshape.exporters.torch import attention, basic, normalization, operations, recurrent, windows  # noqa: F401


def write(network: Network) -> str:
    """The source code; it leaves the module in the class ``Model``, which takes no arguments.

    Tensors have Keras's shapes, batch first and channels last. Raises SeqshapeError, which names the layer, where torch
    cannot do exactly what it does.
    """
    from seqshape.exporters.torch.writer import Source

    load()
    return Source(network).text()
