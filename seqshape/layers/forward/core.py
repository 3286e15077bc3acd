"""The layers of core on arrays."""

from __future__ import annotations

from seqshape.layers.forward.arrays import Array, Numpy, Weights, activate, merged_kernel
from seqshape.registry import forward


@forward("Dense")
def _run_dense(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    activation: object,
    use_bias: bool,
    lora_rank: int | None = None,
    **rest: object,
) -> Array:
    kernel = merged_kernel(np, weights, "kernel", lora_rank)
    found = np.tensordot(inputs, kernel, 1)
    return activate(np, activation, found + weights["bias"] if use_bias else found)


@forward("Embedding")
def _run_embedding(
    np: Numpy, weights: Weights, inputs: Array, *, lora_rank: int | None = None, **rest: object
) -> Array:
    table = merged_kernel(np, weights, "embeddings", lora_rank)
    return np.take(table, np.asarray(inputs).astype(int), axis=0)


@forward("EinsumDense")
def _run_einsum_dense(
    np: Numpy,
    weights: Weights,
    inputs: Array,
    *,
    equation: str,
    activation: object,
    bias_axes: object,
    lora_rank: int | None = None,
    lora_alpha: float | None = None,
    **rest: object,
) -> Array:
    kernel = merged_kernel(np, weights, "kernel", lora_rank, lora_alpha)
    found = np.einsum(equation, inputs, kernel)
    return activate(np, activation, found if bias_axes is None else found + weights["bias"])


@forward("Masking")
def _run_masking(np: Numpy, weights: Weights, inputs: Array, *, mask_value: object, **rest: object) -> Array:
    return inputs * np.any(inputs != mask_value, axis=-1, keepdims=True)


@forward("Identity")
def _run_identity(np: Numpy, weights: Weights, inputs: Array, **rest: object) -> Array:
    return inputs
