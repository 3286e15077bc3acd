"""Exported PyTorch modules, executed: weights copied into them, shapes and outputs taken from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from seqshape.exporters.torch import write
from seqshape.network import Network
from seqshape.walk.model import Model

torch.set_num_threads(1)  # tests run side by side
GRU_ORDER = [1, 0, 2]  # torch has the reset gate first


def module_of(network: Network) -> Any:
    """The module that the exported source makes, in the state of use."""
    known: dict[str, Any] = {}
    exec(write(network), known)
    return known["Model"]().eval()


class Copy:
    """Weights of Keras, one after the other, into the modules that hold them."""

    def __init__(self, weights: Iterator[Any]) -> None:
        self.weights = weights

    def next(self) -> Any:
        return torch.as_tensor(np.asarray(next(self.weights)))

    def set(self, parameter: Any, value: Any) -> None:
        assert parameter.shape == value.shape, (parameter.shape, value.shape)
        with torch.no_grad():
            parameter.copy_(value)

    def optional(self, parameter: Any) -> None:
        if parameter is not None:
            self.set(parameter, self.next())

    def fill(self, module: Any) -> None:
        """All parameters and moving statistics of a module, in Keras's order."""
        if type(module).__name__ == "ConvLSTMCell":  # its bias stands behind its convolutions
            self.children(module)
            return
        for kind, special in SPECIAL.items():
            if isinstance(module, kind):
                special(self, module)
                return
        for parameter in module._parameters.values():
            self.optional(parameter)
        for child in module.children():
            self.fill(child)

    def linear(self, module: Any) -> None:
        self.set(module.weight, self.next().reshape(module.in_features, module.out_features).T)
        if module.bias is not None:
            self.set(module.bias, self.next().reshape(-1))

    def convolution(self, module: Any) -> None:
        kernel = self.next()
        if kernel.shape[-2] != module.weight.shape[1]:  # of each channel by itself
            kernel = kernel.reshape(*kernel.shape[:-2], 1, -1)
        self.set(module.weight, kernel.movedim(-1, 0).movedim(-1, 1))
        self.optional(module.bias)

    def transposed(self, module: Any) -> None:
        self.set(module.weight, self.next().movedim(-1, 0).movedim(-1, 1))
        self.optional(module.bias)

    def normalization(self, module: Any) -> None:
        self.optional(module.weight)
        self.optional(getattr(module, "bias", None))
        for name in ("running_mean", "running_var"):
            self.optional(getattr(module, name, None))

    def recurrent(self, module: Any) -> None:
        gates = (lambda array: array) if not isinstance(module, nn.GRU) else self.reordered
        self.set(module.weight_ih_l0, gates(self.next().T))
        self.set(module.weight_hh_l0, gates(self.next().T))
        if module.bias:
            bias = self.next()
            first, second = bias if bias.dim() > 1 else (bias, torch.zeros_like(bias))
            self.set(module.bias_ih_l0, gates(first))
            self.set(module.bias_hh_l0, gates(second))

    def reordered(self, array: Any) -> Any:
        return torch.cat([array.chunk(3)[gate] for gate in GRU_ORDER])

    def children(self, module: Any) -> None:
        for child in module.children():
            self.fill(child)
        for parameter in module._parameters.values():
            self.optional(parameter)


NORMALIZATIONS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)
SPECIAL: dict[Any, Callable[[Copy, Any], None]] = {
    nn.Linear: Copy.linear,
    (nn.Conv1d, nn.Conv2d, nn.Conv3d): Copy.convolution,
    (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d): Copy.transposed,
    NORMALIZATIONS: Copy.normalization,
    nn.RNNBase: Copy.recurrent,
}


def fill(module: Any, network: Network, weights: dict[str, Any]) -> None:
    """Copy weights, given by path, into a module."""
    copy = Copy(in_walk_order(network.model, weights))
    copy.children(module)
    assert next(copy.weights, None) is None, "weights are left"


def in_walk_order(model: Model, weights: Any) -> Iterator[Any]:
    """The weights of each layer, in the order in which layers are applied first."""
    kept = model.weight_paths()
    for layer in dict.fromkeys(done.layer for done in model.done.values() if done.layer in kept):
        inside = {old: weights[new] for old, new in kept[layer].items()}
        yield from in_walk_order(layer, inside) if isinstance(layer, Model) else inside.values()


def numbers(module: Any) -> tuple[int, int]:
    """Parameters, and moving statistics."""
    buffers = [buffer for name, buffer in module.named_buffers() if not name.endswith("num_batches_tracked")]
    return sum(one.numel() for one in module.parameters()), sum(one.numel() for one in buffers)


def flat(outputs: Any) -> list[Any]:
    """The tensors of a structure, dicts by their sorted keys."""
    if isinstance(outputs, dict):
        return [tensor for name in sorted(outputs) for tensor in flat(outputs[name])]
    return [outputs] if isinstance(outputs, torch.Tensor) else [tensor for item in outputs for tensor in flat(item)]
