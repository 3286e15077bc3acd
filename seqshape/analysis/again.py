"""The same network walked again: from inputs with numbers for sizes that have none, or with its spec changed."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.diagnostics import SeqshapeError
from seqshape.dims import UNKNOWN, Dim, names
from seqshape.graph import Node
from seqshape.network import Network
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


def again(network: Network, inputs: dict[Node, Tensor]) -> Network:
    """The same network walked from other inputs."""
    settings = {"dtype": network.dtype, "version": network.version}
    return Network(network.graph, network.inputs.copy(), mending=False, override=inputs, **settings)


def walked(network: Network, text: str) -> Network | None:
    """The network of a changed spec, from the same inputs; ``None`` if it is faulty."""
    from seqshape.readers.spec import read_spec

    try:
        graph = read_spec(text, inputs=tuple(network.inputs.named))
        trial = Network(graph, network.inputs.copy(), dtype=network.dtype, version=network.version, mending=False)
    except SeqshapeError:
        return None
    return None if any(found.severity == "error" for found in trial.diagnostics) else trial


def drawable(network: Network) -> Network:
    """A network whose ``None`` sizes are small numbers, as large as its layers need; as it is where none suit."""
    for scale in SCALES:
        trial = sized(network, scale, steps=8)
        if not any(found.severity == "error" for found in trial.diagnostics):
            return trial
    return network
