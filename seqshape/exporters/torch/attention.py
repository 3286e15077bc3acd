"""Translations of attention layers, by the parts Attention and MultiHeadAttention."""

from __future__ import annotations

from typing import Any

from seqshape.exporters.torch.site import Piece, Site, translation, whole


def _called(site: Site, module: str, operands: list[str], scored: bool) -> list[str]:
    """The output, and with ``scored`` the scores too."""
    text = f"{module}({', '.join(operands)})"
    return site.unpack(text, 2) if scored else [f"{text}[0]"]


@translation("Attention", "AdditiveAttention", masked=True)
def _attention(
    site: Site,
    inputs: list[Piece],
    *,
    use_scale: bool,
    dropout: Any,
    score_mode: str = "dot",
    mask: Any = None,
    return_attention_scores: bool = False,
    use_causal_mask: bool = False,
    **rest: object,
) -> list[str]:
    additive = site.layer.class_name == "AdditiveAttention"
    width = f"({whole(inputs[0].shape[-1], site, 'the features of its query')},)" if additive and use_scale else "()"
    options = [f"scale={width}"] if use_scale else []
    options += ["concat=True"] if score_mode == "concat" and not additive else []
    options += ["additive=True"] if additive else []
    options += [f"dropout={site.literal(dropout)}"] if dropout else []
    module = site.module(f"{site.part('Attention')}({', '.join(options)})")
    operands = list(map(str, inputs))
    masks = zip(("query_mask", "value_mask"), mask if isinstance(mask, list) else (), strict=False)
    operands += [f"{name}={one}" for name, one in masks if one is not None]
    operands += ["causal=True"] if use_causal_mask else []
    return _called(site, module, operands, return_attention_scores)


@translation("MultiHeadAttention", masked=True)
def _multi_head(
    site: Site,
    query: Piece,
    *,
    value: Piece,
    num_heads: object,
    key_dim: object,
    value_dim: object,
    output_shape: object,
    attention_axes: object,
    key: Piece | None = None,
    **asked: object,
) -> list[str]:
    out = output_shape if output_shape else query.shape[-1]
    if isinstance(out, (tuple, list)):
        if len(out) > 1:
            raise site.refuse(f"has the output_shape {tuple(out)}, more than one axis")
        (out,) = out
    sizes = (key_dim, value_dim or key_dim)
    return _heads(site, query, value, key, num_heads, None, sizes, out, attention_axes, asked)


@translation("GroupedQueryAttention", masked=True)
def _grouped_query(
    site: Site,
    query: Piece,
    *,
    value: Piece,
    head_dim: object,
    num_query_heads: object,
    num_key_value_heads: object,
    key: Piece | None = None,
    **asked: object,
) -> list[str]:
    if query.rank != 3:
        raise site.refuse(f"has a query of {query.rank} dims, and Keras runs it on 3 only")
    sizes = (head_dim, head_dim)
    return _heads(site, query, value, key, num_query_heads, num_key_value_heads, sizes, query.shape[-1], None, asked)


MASKS = ("query_mask", "value_mask", "key_mask", "attention_mask")


def _heads(
    site: Site,
    query: Piece,
    value: Piece,
    key: Piece | None,
    heads: object,
    shared: object,
    sizes: tuple[object, object],
    out: Any,
    attention_axes: object,
    asked: dict[str, object],
) -> list[str]:
    widths = [
        whole(each, site, "features") for each in (query.shape[-1], (key or value).shape[-1], value.shape[-1], out)
    ]
    text = f"{site.literal(heads)}, ({', '.join(map(str, widths))}), {site.literal(sizes)}"
    text += f", memory_heads={site.literal(shared)}" if shared is not None else ""
    module = site.module(f"{site.part('MultiHeadAttention')}({text}{_options(site, asked)})")
    scored = bool(asked.get("return_attention_scores"))
    if scored and tuple(site.kinds[1].shape[-2:]) != (query.shape[-2], value.shape[-2]):
        raise site.refuse("gives scores of another shape when it runs than Keras's summary says")
    operands = [f"{name}={asked[name]}" for name in MASKS if asked.get(name) is not None]
    operands += ["causal=True"] if asked.get("use_causal_mask") else []
    restricted = operands or asked.get("sliding_window")
    operands += ["zeros_where_masked=True"] if restricted and (scored or asked["dropout"]) else []
    inputs = [query, value, *([] if key is None else [key])]
    fused = not asked["dropout"] and not scored
    return _along(site, module, inputs, operands, _axes(query, attention_axes, fused=fused), scored)


def _options(site: Site, asked: dict[str, object]) -> str:
    """The arguments of the module that are not those that it has by itself."""
    text = "" if asked["use_bias"] else ", bias=False"
    text += ", gate=True" if asked.get("use_gate") else ""
    text += f", dropout={site.literal(asked['dropout'])}" if asked["dropout"] else ""
    return text + (f", window={site.literal(asked['sliding_window'])}" if asked.get("sliding_window") else "")


def _axes(query: Piece, given: object, *, fused: bool) -> tuple[int, ...]:
    """The axes along which queries attend. ``fused``: over sequences Keras attends over the steps, whatever is given."""
    if given is None or (fused and query.rank == 3):
        return tuple(range(1, query.rank - 1))
    return tuple(sorted(one % query.rank for one in (given if isinstance(given, tuple) else (given,))))


def _along(
    site: Site, module: str, inputs: list[Piece], operands: list[str], axes: tuple[int, ...], scored: bool
) -> list[str]:
    """Attention along the axis before the last, or along all axes between batch and features made one."""
    query = inputs[0]
    middle = tuple(range(1, query.rank - 1))
    if query.rank < 3 or any(piece.rank != query.rank for piece in inputs):
        raise site.refuse("has inputs without steps, or of different ranks, which Keras does not run")
    if axes == middle[-1:] and (query.rank == 3 or not operands):
        return _called(site, module, [*map(str, inputs), *operands], scored)
    if axes != middle or operands or scored:
        raise site.refuse(f"attends over the axes {axes} of {query.rank}, with masks or scores, or over some of them")
    (found,) = _called(site, module, [f"{piece}.flatten(1, -2)" for piece in inputs], False)
    return [f"{found}.unflatten(1, {query}.shape[1:-1])"]
