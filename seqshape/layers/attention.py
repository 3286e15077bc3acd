"""Attention: every position looks up, in all positions of another sequence, what matters to it."""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.declaration import Inner, Parameter
from seqshape.diagnostics import Fault, fails, is_built, remark
from seqshape.dims import UNKNOWN, Dim, product, require_divides
from seqshape.dims import Size as AnySize
from seqshape.kinds import Anything, Axes, Count, Flag, Number, Rate, Size, Text
from seqshape.layers.core import as_shape, differ, everything, require_same
from seqshape.reach import Reach, attend, see, together
from seqshape.records import NamedTuple
from seqshape.registry import layer
from seqshape.tensor import KEEP, PREVIOUS, Effect, Mask, Shape, Tensor, Tensors, WeightShape, inside, show


class Scope(NamedTuple):
    """Where attention may look: along which axes, only at the past or at all, within a window or anywhere."""

    axes: Sequence[int]
    causal: bool = False
    window: AnySize | None = None

    def reach(self, query: Reach, memory: Sequence[Reach], steps: Dim) -> Reach:
        """Each of the ``steps`` of the query sees itself and what it may look at of each memory."""
        if len(self.axes) != 1:
            return together(query, *(part.mix(*self.axes) for part in memory))
        if self.window is None:
            return attend(query, memory, axis=self.axes[0], causal=self.causal)
        size = self.window if self.causal else 2 * self.window - 1
        return together(query, *(part.window(self.axes[0], size, 1, 1, self.window - 1, steps) for part in memory))


# --- Attention and AdditiveAttention, which have no projections ------------------------------------------------------


class Wanted(NamedTuple):
    """What the call of an attention layer without projections says beside its inputs: arguments of both."""

    mask: Tensors | None = None
    return_attention_scores: Flag = False
    use_causal_mask: Flag = False


class Attending(NamedTuple):
    """How heads attend, and what a call of them says beside query and value: arguments of both layers with heads."""

    dropout: Rate = 0.0
    use_bias: Flag = True
    sliding_window: Size | None = None
    flash_attention: Anything = None
    use_gate: Flag = False
    key: Tensor | None = None
    query_mask: Tensor | None = None
    value_mask: Tensor | None = None
    key_mask: Tensor | None = None
    attention_mask: Tensor | None = None
    return_attention_scores: Flag = False
    use_causal_mask: Flag = False

    def check(self, value: Tensor) -> Tensor:
        """The keys, where the value stands too. Raises Fault."""
        keys, scored = value if self.key is None else self.key, self.return_attention_scores
        _check_memory(value, keys)
        if self.flash_attention and self.dropout > 0:
            raise Fault(f"cannot drop {self.dropout} with flash_attention", arg="dropout", help="leave one of them out")
        if self.flash_attention and scored:
            fails("cannot give scores with flash_attention", arg="flash_attention")
        return keys


# What Keras makes of the scores of heads.
_SCORING = Inner(lambda arguments: ("Softmax", "Dropout"), at_build=True)


_KEPT = Mask("convert_to_tensor", (PREVIOUS,))  # the mask of the query, converted


def _inputs(inputs: Tensors) -> tuple[Tensor, Tensor, Tensor]:
    """Query, value and key (the value where no key is given); else a Fault."""
    help = "give it [query | value] or [query | value | key]"
    if isinstance(inputs, Tensor):
        raise Fault(f"needs a list of 2 or 3 tensors, but gets one, {show(inputs.shape)}", code="E202", help=help)
    if not 2 <= len(inputs) <= 3:
        raise Fault(f"needs a list of 2 or 3 tensors, but gets one of {len(inputs)}", code="E202", help=help)
    inputs[1].axes("batch ...")
    return inputs[0], inputs[1], inputs[-1]


def _check_mask(mask: object) -> None:
    """The mask of a call is that of the query and the value, and of the key where there is one. Raises Fault."""
    if mask is None:
        return
    help = "write mask=[query_mask, value_mask]"
    if isinstance(mask, Tensor) or not isinstance(mask, (list, tuple)):
        raise Fault("needs a list of 2 or 3 masks, but gets one tensor", code="E202", help=help)
    if not 2 <= len(mask) <= 3:
        raise Fault(f"needs a list of 2 or 3 masks, but gets one of {len(mask)}", code="E202", help=help)


def _remark_on(query: Tensor, value: Tensor, key: Tensor, dropout: float, product_scores: bool) -> None:
    """What Keras builds without a look: sizes that do not fit fail only when it runs. Scores of sums stretch a 1."""
    features, wanted = key.shape[-1], query.shape[-1]
    stretches = not product_scores and not (differ(features, 1) and differ(wanted, 1))
    if differ(features, wanted) and not stretches:
        fails(f"compares queries of {wanted} features with keys of {features}")
    elif UNKNOWN in (features, wanted):
        remark("compares queries and keys of unknown width, which have to be equal when it runs")
    if differ(value.shape[-2], key.shape[-2]):
        fails(f"has {key.shape[-2]} keys for {value.shape[-2]} values")
    if query.rank != value.rank:
        remark(f"gets inputs of different ranks, {show(query.shape)} and {show(value.shape)}")
    elif query.rank < 3:
        remark(f"has no steps in {show(query.shape)}: the samples of a batch attend to each other")
    if not 0 <= dropout < 1:
        remark(f"has dropout {dropout}, which leaves nothing while it trains", arg="dropout")


def _attention(
    inputs: Tensors, weights: dict[str, WeightShape], dropout: float, wanted: Wanted, product_scores: bool
) -> Effect:
    """Values weighted by scores. ``product_scores``: the scores are a matrix product too, which counts."""
    query, value, key = _inputs(inputs)
    scored = wanted.return_attention_scores
    if min(query.rank, value.rank, key.rank) < 2:
        return _without_steps(query, value, key, weights, scored)
    _remark_on(query, value, key, dropout, product_scores)
    memory = [see(1), see(2).mix(-1)] if len(inputs) == 3 else [see(1).mix(-1)]
    scope = Scope([query.rank - 2] if query.rank > 2 else (), wanted.use_causal_mask)
    steps = query.shape[-2]
    reach = scope.reach(see(0).mix(-1), memory, steps)
    pairs = product((*query.shape[1:-1], key.shape[-2] if key.rank > 2 else 1))  # of one sample: the batch counts as 1
    macs = pairs * value.shape[-1] + (pairs * query.shape[-1] if product_scores else 0)
    out = Tensor((*query.shape[:-1], value.shape[-1]))
    if not scored:
        return Effect(out, weights, macs, reach, _KEPT)
    scores = Tensor((*query.shape[:-1], key.shape[-2]))
    seen = scope.reach(see(0).mix(-1), memory[-1:], steps)
    return Effect([out, scores], weights, macs, (reach, seen), _KEPT)


def _without_steps(query: Tensor, value: Tensor, key: Tensor, weights: dict[str, WeightShape], scored: bool) -> Effect:
    """What Keras says of inputs of which one has no axis beside the batch."""
    if scored:
        key.axes("batch ... features")
    fails(f"has no features to compare in {show(query.shape)}, {show(value.shape)} and {show(key.shape)}")
    out, scores = Tensor((*query.shape[:-1], value.shape[-1])), (*query.shape[:-1], *key.shape[-2:-1])
    return Effect(
        [out, Tensor(scores)] if scored else out, weights, reach=(see(0), see(0)) if scored else see(0), mask=_KEPT
    )


@layer()
def Attention(
    inputs: Tensors, wanted: Wanted, use_scale: Flag = False, score_mode: Text = "dot", dropout: Number = 0.0
) -> Effect:
    """Dot-product attention (Luong): each query step gets the mean of all values, weighted by how its key fits.

    Takes ``[query, value]`` or ``[query, value, key]``; gives the query's steps with the value's features. It has no
    projections: at most two scalars are learnt. Queries and keys need equal features, which Keras checks only when it
    runs. With ``score_mode="concat"`` the score is the sum of tanh(query + key).
    """
    if score_mode not in ("dot", "concat"):
        raise Fault(f'needs score_mode to be "dot" or "concat", not {score_mode!r}', arg="score_mode")
    _check_mask(wanted.mask)
    concat = score_mode == "concat"
    weights: dict[str, WeightShape] = {"scale": ()} if use_scale else {}
    if concat:
        weights["concat_score_weight"] = ()
    return _attention(inputs, weights, dropout, wanted, not concat)


@layer(beside=(Parameter("seed", "Anything", None),))
def AdditiveAttention(inputs: Tensors, wanted: Wanted, use_scale: Flag = True, dropout: Number = 0.0) -> Effect:
    """Additive attention (Bahdanau): the score of a pair is the sum of scale·tanh(query + key) over the features.

    Takes ``[query, value]`` or ``[query, value, key]``. ``scale`` has one weight for each feature of the query. There
    are no projections before it, as the paper has them: put a Dense in front of query and key. Scores are elementwise
    work, so that only the weighting of the values counts as multiply-adds.
    """
    query, *_ = _inputs(inputs)
    _check_mask(wanted.mask)
    query.axes("batch ...")
    weights: dict[str, WeightShape] = {"scale": (query.shape[-1],)} if use_scale else {}
    return _attention(inputs, weights, dropout, wanted, False)


# --- MultiHeadAttention and GroupedQueryAttention, which project first -----------------------------------------------


class Heads(NamedTuple):
    """The projections of an attention layer: the kernels (features, heads, size) of its parts and that of the output.

    ``gate`` is ``None`` where there is none; ``output`` is (heads, size, *features). ``tails`` are what the biases of
    query (and gate), key and value have more.
    """

    query: Shape
    key: Shape
    gate: Shape | None
    value: Shape
    output: Shape
    tails: tuple[Shape, Shape, Shape] = ((), (), ())

    def weights(self, use_bias: bool) -> dict[str, WeightShape]:
        """Kernels and biases in Keras's order."""
        found: dict[str, WeightShape] = {}
        for name, kernel, tail in (
            ("query", self.query, self.tails[0]),
            ("key", self.key, self.tails[1]),
            ("gate", self.gate, self.tails[0]),
            ("value", self.value, self.tails[2]),
        ):
            if kernel is not None:
                found |= {f"{name}/kernel": kernel, f"{name}/bias": (*kernel[1:], *tail)}
        found |= {"attention_output/kernel": self.output, "attention_output/bias": self.output[2:]}
        return found if use_bias else {path: shape for path, shape in found.items() if path.endswith("kernel")}

    def macs(self, steps: Dim, memory: Dim, pairs: Dim) -> Dim:
        """Projections for each step of the query or place of the memory; score and weighting for each pair of them."""
        once = product(self.query) + product(self.output) + (product(self.gate) if self.gate is not None else 0)
        read = product(self.key) + product(self.value)
        return steps * once + memory * read + pairs * self.query[1] * (self.key[2] + self.value[2])


def _attend(query: Tensor, value: Tensor, how: Attending, heads: Heads, scope: Scope, scores: Shape) -> Effect:
    """Project, attend, project back. ``scores`` is the shape of the scores, if the call asks for them."""
    steps, memory = product(query.shape[1:-1]), product(value.shape[1:-1])
    macs = heads.macs(steps, memory, steps * product(value.shape[axis] for axis in scope.axes))
    inputs = [query, value] if how.key is None else [query, value, how.key]
    parts = [see(index).mix(-1) for index in range(1, len(inputs))]
    reach = seen = scope.reach(see(0).mix(-1), parts, query.shape[1])
    features = heads.output[2:]
    for axis, size in enumerate(features[:-1], start=query.rank - 1):
        reach = reach.insert(axis, size)
    weights, out = inside(heads.weights(how.use_bias)), Tensor((*query.shape[:-1], *features))
    if not how.return_attention_scores:
        return Effect(out, weights, macs, reach, KEEP)
    rows = seen.reduce(2).insert(1, scores[1]).insert(3, scores[3]) if query.rank == 3 else everything(inputs, scores)
    return Effect([out, Tensor(scores)], weights, macs, (reach, rows), KEEP)


def _check_memory(value: Tensor, key: Tensor) -> None:
    """Keys and values stand at the same places."""
    message = f"needs a key for each value, but gets keys {show(key.shape)} and values {show(value.shape)}"
    if key.rank != value.rank:
        raise Fault(message, code="E201")
    for one, other in zip(value.shape[1:-1], key.shape[1:-1], strict=True):
        require_same(one, other, message)


def _places(attention_axes: Axes | None, value: Tensor, *, fused: bool = False) -> tuple[int, ...]:
    """The axes along which positions attend, from the start: all between batch and features if none are given.

    ``fused``: Keras hands sequences on to an operation of their own, which attends over the steps whatever is given.
    """
    inner = range(1, value.rank - 1)
    if attention_axes is None:
        if len(inner) > 1:
            remark(f"attends over its {len(inner)} middle axes at once", help="attention_axes says over which")
        return tuple(inner)
    given = attention_axes if isinstance(attention_axes, tuple) else (attention_axes,)
    axes = [axis if axis >= 0 else axis + value.rank for axis in given]
    for axis in axes:
        if not -value.rank <= axis <= value.rank:
            raise Fault(f"has no axis {axis} in its value {show(value.shape)}", arg="attention_axes", code="E201")
    if fused:
        if axes != [1]:
            remark(f"attends over axis 1, the steps, although attention_axes is {given}", arg="attention_axes")
        return (1,)
    if len(set(axes)) < len(axes):
        fails(f"has an axis twice in attention_axes {given}", arg="attention_axes")
    elif not set(axes) <= set(inner):
        places = f"axes {' and '.join(map(str, inner))}" if len(inner) > 1 else f"axis {inner[0]}" if inner else "none"
        between = f"{show(value.shape)} has {places} between batch and features"
        remark(f"attends over {given}, but {between}", arg="attention_axes")
    return tuple(sorted(set(axes) & set(inner)))


def _remark_on_places(query: Tensor, value: Tensor, axes: Sequence[int], attention_axes: Axes | None) -> None:
    """Axes along which nothing attends have to agree; Keras looks only when it runs."""
    both = f"{show(query.shape)} and {show(value.shape)}"
    if query.rank != value.rank:
        fails(f"gets inputs of different ranks, {both}")
        return
    if not axes and (attention_axes is None or attention_axes == ()):
        fails(f"has no axis of {show(query.shape)} to attend over")
    unlike = {axis for axis in range(1, query.rank - 1) if differ(query.shape[axis], value.shape[axis])}
    if unlike - set(axes):
        fails(f"attends only over {tuple(axes)}, so {both} need the other axes alike")
    elif unlike and len(axes) > 1:
        remark(f"attends over {len(axes)} axes at once: every place of {both} sees every place of the other")


def _features_out(output_shape: object, query: Tensor) -> Shape:
    """The features of the output: the query's unless given; Keras takes 0 for not given."""
    if output_shape == 0:
        remark("has output_shape=0, which means the features of the query", arg="output_shape")
    return as_shape(output_shape) if output_shape else query.shape[-1:]


@layer("MHA", inner=_SCORING, quantizer="of_heads", traits="copies_initializers")
def MultiHeadAttention(
    query: Tensor,
    value: Tensor,
    num_heads: Size,
    key_dim: Size,
    how: Attending,
    value_dim: Size | None = None,
    output_shape: Anything = None,
    attention_axes: Axes | None = None,
) -> Effect:
    """Attention by ``num_heads`` heads at once, each in projections of its own (Vaswani et al., 2017).

    Query and key are projected to ``key_dim`` numbers a head, values to ``value_dim`` (``key_dim`` unless given), and
    all heads together back to the query's features, or to ``output_shape``. With key_dim = features/num_heads the
    number of heads does not change the count: 4·features·(features + 1). A causal mask saves no multiply-adds here.
    It is called with the query, the value, and the key where that is not the value.
    """
    query.axes("batch ... features"), value.axes("batch ... features")
    keys, size = how.check(value), key_dim if value_dim is None else value_dim
    fused = query.rank == 3 and not how.dropout and not how.return_attention_scores
    scope = Scope(_places(attention_axes, value, fused=fused), how.use_causal_mask, how.sliding_window)
    _remark_on_places(query, value, scope.axes, attention_axes)
    if differ(size, key_dim) and fused:
        fails(f"has value_dim {size} beside key_dim {key_dim}, which JAX cannot run")
    features, out = query.shape[-1], _features_out(output_shape, query)
    read = (features, num_heads, key_dim), (keys.shape[-1], num_heads, key_dim)
    gate = (features, num_heads, size) if how.use_gate else None
    heads = Heads(*read, gate, (value.shape[-1], num_heads, size), (num_heads, size, *out))
    scores = _summary_scores(query, value, num_heads) if how.return_attention_scores else ()
    return _attend(query, value, how, heads, scope, scores)


def _summary_scores(query: Tensor, value: Tensor, heads: AnySize) -> Shape:
    """The shape that Keras's summary gives the scores: the query's steps twice, whatever the value's are."""
    steps = query.shape[1]
    if query.rank > 3 or differ(steps, value.shape[1]):
        remark("gives scores of another shape when it runs: Keras's summary has the query's first axis twice")
    return (query.shape[0], heads, steps, steps)


@layer("GQA", inner=_SCORING, quantizer="of_heads", traits="copies_initializers")
def GroupedQueryAttention(
    query: Tensor, value: Tensor, head_dim: Size, num_query_heads: Count, num_key_value_heads: Size, how: Attending
) -> Effect:
    """Attention whose ``num_query_heads`` heads share fewer heads of keys and values (Ainslie et al., 2023).

    ``num_key_value_heads`` has to divide the query heads; all have ``head_dim`` numbers. Query and value need equal
    features, which are also those of the output. Keras's public name is GroupQueryAttention.
    """
    if is_built() and query.rank == value.rank == 2:
        fails(f"has no steps in {show(query.shape)} to attend over")
        return Effect(Tensor(query.shape))
    query.axes("batch steps ... features"), value.axes("batch steps ... features")
    dividing = "needs num_query_heads that num_key_value_heads divides"
    dividing = f"{dividing}, but gets {num_query_heads} and {num_key_value_heads}"
    require_divides(num_key_value_heads, num_query_heads, dividing, arg="num_key_value_heads")
    features, given = query.shape[-1], value.shape[-1]
    require_same(features, given, f"needs query and value of one width, but gets {features} and {given}")
    keys = how.check(value)
    _remark_on_query_heads(query, num_query_heads)
    # Whatever the rank, Keras reads the third axis as features; each further one gives the biases a 1.
    widths = [tensor.shape[2] for tensor in (query, keys, value)]
    tails = (1,) * (query.rank - 3), (1,) * (keys.rank - 3), (1,) * (value.rank - 3)
    asked, shared = (num_query_heads, head_dim), (num_key_value_heads, head_dim)
    gate = (widths[0], *asked) if how.use_gate else None
    heads = Heads((widths[0], *asked), (widths[1], *shared), gate, (widths[2], *shared), (*asked, features), tails)
    scores = (query.shape[0], num_query_heads, query.shape[1], keys.shape[1])
    return _attend(query, value, how, heads, Scope((1,), how.use_causal_mask, how.sliding_window), scores)


def _remark_on_query_heads(query: Tensor, heads: AnySize) -> None:
    if heads == 0:
        fails("has no query heads", arg="num_query_heads")
    if query.rank > 3:
        fails(f"takes sequences (batch, steps, features), but gets {show(query.shape)}")
