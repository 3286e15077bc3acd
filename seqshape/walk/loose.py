"""Unknown sizes inside a function that a backend traces: it has one named size for all of them."""

from __future__ import annotations

from seqshape.dims import UNKNOWN, Dim, names, symbol
from seqshape.tensor import Effect, Tensor, each_tensor


def tightened(tensor: Tensor, name: str) -> Tensor:
    """The tensor with the named size for every unknown one."""
    return tensor._replace(shape=tuple(symbol(name) if dim is UNKNOWN else dim for dim in tensor.shape))


def free(dim: Dim, name: str | None) -> Dim:
    """The size, unknown if it depends on the named one."""
    return UNKNOWN if name is not None and name in names(dim) else dim


def loosened(effect: Effect, name: str) -> Effect:
    """The effect with every size unknown that depends on the named one."""

    out = each_tensor(
        lambda tensor: tensor._replace(shape=tuple([free(dim, name) for dim in tensor.shape])), effect.out
    )
    return effect._replace(out=out, macs=free(effect.macs, name))
