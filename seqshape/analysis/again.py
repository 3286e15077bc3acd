"""The same network walked again, from inputs with numbers for sizes that have none."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.dims import UNKNOWN, Dim, names
from seqshape.network import Network, again
from seqshape.tensor import Tensor

SCALES = (1, 2, 3, 4, 8, 16, 32, 64, 128)  # sizes that are tried for those without a number


def open_sizes(network: Network) -> Iterator[Dim]:
    """The sizes of the inputs that are names or ``None``."""
    for tensor in network.model.inputs.values():
        yield from (dim for dim in tensor.shape[1:] if dim is UNKNOWN or names(dim))


def sized(network: Network, scale: int, steps: int = 7) -> Network:
    """The same network on inputs without names and ``None``: ``steps``, 4 of everything else, times ``scale``."""

    def number(axis: int, dim: Dim) -> Dim:
        open_size = (steps if axis == 1 else 4) * scale
        return open_size if dim is UNKNOWN or names(dim) else dim

    override = {
        node: Tensor(
            (tensor.shape[0], *(number(axis, dim) for axis, dim in enumerate(tensor.shape[1:], 1))), tensor.dtype
        )
        for node, tensor in network.model.inputs.items()
    }
    return again(network, override)


def drawable(network: Network) -> Network:
    """A network whose ``None`` sizes are small numbers, as large as its layers need; as it is where none suit."""
    for scale in SCALES:
        trial = sized(network, scale, steps=8)
        if not any(found.severity == "error" for found in trial.diagnostics):
            return trial
    return network
