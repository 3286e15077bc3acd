"""The layers of attention on arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from seqshape.diagnostics import Fault
from seqshape.kinds import Axes, Size
from seqshape.layers.attention import Attending, Wanted, _places
from seqshape.layers.forward.arrays import Array, Numpy, Weights, sigmoid, softmax
from seqshape.registry import forward
from seqshape.tensor import Tensor

MOST_SCORES = 1_000_000  # numbers that are worked out at once: of many steps the scores would take gigabytes


def _blocks(queries: int, numbers: int) -> Iterator[slice]:
    """The queries, so many at once as give no more scores than :data:`MOST_SCORES`; each gives ``numbers`` of them."""
    size = max(1, MOST_SCORES // max(numbers, 1))
    return (slice(start, min(start + size, queries)) for start in range(0, max(queries, 1), size))


def _of(rows: slice, x: Array) -> Array:
    """Some rows of an array, which may have one for all."""
    return x if x.shape[-2] == 1 else x[..., rows, :]


def _seen(np: Numpy, rows: slice, keys: int, causal: bool, window: Size | None = None) -> Array | None:
    """Which key each of some queries may look at; ``None`` for all."""
    row, column = np.arange(rows.start, rows.stop)[:, None], np.arange(keys)
    allowed = column <= row if causal else None
    if window is None:
        return allowed
    near = abs(row - column) < window
    return near if allowed is None else near & allowed


def _weighted(
    np: Numpy,
    score: Callable[[Array], Array],
    inputs: Sequence[Array],
    wanted: Wanted,
    depth: int = 1,
) -> Array | list[Array]:
    """Values weighted by the scores of each query. ``depth``: how many numbers go into a score."""
    query, values = inputs[0], inputs[1]
    masks: Sequence[Array] = wanted.mask or ()  # those of the steps of query and value
    query_mask, value_mask = (*masks, None, None)[:2]
    keys = values.shape[-2]
    parts = []
    for rows in _blocks(query.shape[-2], query.size // max(query.shape[-1] * query.shape[-2], 1) * keys * depth):
        scores = score(query[..., rows, :])
        allowed = _seen(np, rows, keys, wanted.use_causal_mask)
        if value_mask is not None:
            shown = value_mask[:, None, :]
            allowed = shown if allowed is None else allowed & shown
        shares = softmax(np, scores if allowed is None else np.where(allowed, scores, scores - 1e9))
        parts.append((np.matmul(shares, values), shares if wanted.return_attention_scores else None))
    out = _joined(np, [part for part, _ in parts])
    out = out if query_mask is None else out * query_mask[..., None]
    return [out, _joined(np, [shares for _, shares in parts])] if wanted.return_attention_scores else out


def _joined(np: Numpy, parts: Sequence[Array]) -> Array:
    """The rows of all parts."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-2)


@forward("Attention")
def _run_attention(
    np: Numpy,
    weights: Weights,
    inputs: list[Array],
    *,
    wanted: Wanted,
    use_scale: bool,
    score_mode: str,
    **rest: object,
) -> Array | list[Array]:
    key = inputs[-1]
    scale = weights["scale"] if use_scale else 1
    if score_mode == "dot":
        moved = np.swapaxes(key, -2, -1)
        return _weighted(np, lambda some: np.matmul(some, moved) * scale, inputs, wanted)

    def concatenated(some: Array) -> Array:
        pairs = np.tanh(scale * (some[..., :, None, :] + key[..., None, :, :]))
        return weights["concat_score_weight"] * np.sum(pairs, axis=-1)

    return _weighted(np, concatenated, inputs, wanted, key.shape[-1])


@forward("AdditiveAttention")
def _run_additive_attention(
    np: Numpy, weights: Weights, inputs: list[Array], *, wanted: Wanted, use_scale: bool, **rest: object
) -> Array | list[Array]:
    key = inputs[-1]
    scale = weights["scale"] if use_scale else 1

    def added(some: Array) -> Array:
        return np.sum(np.tanh(some[..., :, None, :] + key[..., None, :, :]) * scale, axis=-1)

    return _weighted(np, added, inputs, wanted, key.shape[-1])


class _Projections:
    """The projections of an attention layer on arrays."""

    def __init__(self, np: Numpy, weights: Weights, how: Attending) -> None:
        self.np, self.weights, self.how = np, weights, how

    def __call__(self, name: str, x: Array, axes: int = 1) -> Array:
        """``x`` times a kernel, over its last ``axes`` axes."""
        found = self.np.tensordot(x, self.weights[f"{name}/kernel"], axes)
        return found + self.weights[f"{name}/bias"] if self.how.use_bias else found

    def read(self, query: Array, value: Array) -> tuple[Array, Array, Array]:
        """The heads of query, key and value."""
        key = value if self.how.key is None else self.how.key
        return self("query", query), self("key", key), self("value", value)

    def ended(self, query: Array, found: Array, shares: Array | None) -> Array | list[Array | None]:
        """What the heads have found, through the gate and projected back; with the shares, where they are asked for."""
        found = found * sigmoid(self.np, self("gate", query)) if self.how.use_gate else found
        out = self("attention_output", found, 2)
        return [out, shares] if self.how.return_attention_scores else out


def _heads(np: Numpy, x: Array, axes: Sequence[int]) -> Array:
    """``(batch, …, heads, size)`` → ``(batch, other axes, heads, places, size)``, the ``axes`` attended over made one."""
    others = [axis for axis in range(1, x.ndim - 2) if axis not in axes]
    moved = np.transpose(x, (0, *others, x.ndim - 2, *axes, x.ndim - 1))
    return moved.reshape((*moved.shape[: 2 + len(others)], -1, x.shape[-1]))


def _spread_heads(np: Numpy, x: Array, shape: Sequence[int], axes: Sequence[int]) -> Array:
    """The way back: places at the ``axes`` of an array of ``shape`` (batch first), heads and sizes at the end."""
    others = [axis for axis in range(1, len(shape)) if axis not in axes]
    opened = x.reshape((*x.shape[: 2 + len(others)], *(shape[axis] for axis in axes), x.shape[-1]))
    now = [0, *others, len(shape), *axes, len(shape) + 1]
    return np.transpose(opened, [now.index(axis) for axis in range(len(now))])


def _attended(
    np: Numpy, heads: Sequence[Array], axes: Sequence[int], allowed: Callable[[slice], Array | None], scored: bool
) -> tuple[Array, Array | None]:
    """What each head of the query gets of the values, and the shares, where they are asked for."""
    query, key, value = (_heads(np, each, axes) for each in heads)
    moved = np.swapaxes(key, -2, -1)
    parts = []
    for rows in _blocks(query.shape[-2], query.size // max(query.shape[-1] * query.shape[-2], 1) * key.shape[-2]):
        scores = np.matmul(query[..., rows, :], moved) / query.shape[-1] ** 0.5
        seen = allowed(rows)
        shares = softmax(np, scores if seen is None else np.where(seen, scores, -1e30))
        parts.append((np.matmul(shares, value), shares if scored else None))
    found = _spread_heads(np, _joined(np, [part for part, _ in parts]), heads[0].shape[:-2], axes)
    return found, _joined(np, [shares for _, shares in parts]) if scored else None


def _masked(np: Numpy, keys: int, how: Attending, window: Size | None) -> Callable[[slice], Array | None]:
    """Which key each of some queries of each head may look at."""
    given: list[Array] = [how.query_mask, how.attention_mask, how.value_mask, how.key_mask]
    query, attention_mask, *memory = given
    shown = [each[:, None, None, :] for each in memory if each is not None]
    shown += [query[:, None, :, None]] if query is not None else []
    shown += [attention_mask[:, None].astype(bool)] if attention_mask is not None else []

    def of(rows: slice) -> Array | None:
        allowed = _seen(np, rows, keys, how.use_causal_mask, window)
        for each in shown:
            allowed = _of(rows, each) if allowed is None else allowed & _of(rows, each)
        return allowed

    return of


@forward("MultiHeadAttention")
def _run_multi_head(
    np: Numpy, weights: Weights, query: Array, value: Array, *, how: Attending, attention_axes: Axes, **rest: object
) -> Array | list[Array | None]:
    fused = query.ndim == 3 and not how.dropout and not how.return_attention_scores
    axes = _places(attention_axes, Tensor(value.shape), fused=fused)
    masks = (how.query_mask, how.value_mask, how.key_mask, how.attention_mask)
    restricted = how.use_causal_mask or how.sliding_window or any(mask is not None for mask in masks)
    if restricted and query.ndim > 3:
        raise Fault("restricts what positions of several axes see, which cannot be run here", code="E202")
    project = _Projections(np, weights, how)
    allowed = _masked(np, value.shape[1], how, how.sliding_window if restricted else None)
    found = _attended(np, project.read(query, value), axes, allowed, how.return_attention_scores)
    return project.ended(query, *found)


@forward("GroupedQueryAttention")
def _run_grouped_query(
    np: Numpy,
    weights: Weights,
    query: Array,
    value: Array,
    *,
    how: Attending,
    num_query_heads: int,
    num_key_value_heads: int,
    **rest: object,
) -> Array | list[Array | None]:
    project, times = _Projections(np, weights, how), num_query_heads // num_key_value_heads
    first, *memory = project.read(query, value)
    heads = first, *(np.repeat(each, times, axis=2) for each in memory)
    allowed = _masked(np, value.shape[1], how, how.sliding_window)
    found = _attended(np, heads, (1,), allowed, how.return_attention_scores)
    return project.ended(query, *found)
