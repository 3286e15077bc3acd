"""The layers of wrappers on arrays."""

from __future__ import annotations

from seqshape.kinds import Layer
from seqshape.layers.forward.arrays import Array, Numpy, Weights, Within
from seqshape.layers.wrappers import _directions
from seqshape.registry import forward
from seqshape.tensor import Tensor


@forward("TimeDistributed")
def _run_time_distributed(np: Numpy, weights: Weights, inputs: Array, *, layer: Layer, **rest: object) -> Array:
    inner = Within(weights, layer.name)
    return np.stack([layer(inner, inputs[:, step]) for step in range(inputs.shape[1])], axis=1)


@forward("Bidirectional")
def _run_bidirectional(
    np: Numpy,
    weights: Weights,
    sequences: Array,
    *,
    layer: Layer,
    merge_mode: str | None,
    backward_layer: Layer = None,
    initial_state: Array = None,
    mask: Array = None,
    **rest: object,
) -> object:
    directions = _directions(Tensor(sequences.shape), layer.bound, backward_layer and backward_layer.bound)
    starts = [None, None]
    if initial_state is not None:
        half = len(initial_state) // 2
        starts = [initial_state[:half], initial_state[half:]]
    ahead, back = (
        layer.of(each)(Within(weights, each.name), sequences, initial_state=start, mask=mask)
        for each, start in zip(directions, starts, strict=True)
    )
    states = [*ahead[1:], *back[1:]] if layer.return_state else []
    ahead, back = (found[0] if layer.return_state else found for found in (ahead, back))
    merged = _merge(np, ahead, np.flip(back, axis=1) if layer.return_sequences else back, merge_mode)
    if merge_mode is None:
        return [*merged, *states]
    return [merged, *states] if states else merged


def _merge(np: Numpy, ahead: Array, back: Array, merge_mode: str | None) -> Array | list[Array]:
    """The outputs of both directions made one, or both in a list."""
    if merge_mode is None:
        return [ahead, back]
    if merge_mode == "concat":
        return np.concatenate([ahead, back], axis=-1)
    return ahead * back if merge_mode == "mul" else (ahead + back) / (2 if merge_mode == "ave" else 1)
