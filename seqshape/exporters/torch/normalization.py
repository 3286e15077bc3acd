"""Translations of normalization layers."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

from seqshape.exporters.torch.basic import sizes
from seqshape.exporters.torch.site import Piece, Site, translation, whole
from seqshape.structure import listed

Numbers: TypeAlias = "float | Sequence[float]"  # one for all, or one for each place


def _with_last(x: Piece, axes: tuple[int, ...]) -> tuple[str, str]:
    """The input with some axes last, in their order, and the way back for what comes of it (``{}``)."""
    order = [axis for axis in range(x.rank) if axis not in axes] + list(axes)
    if order == list(range(x.rank)):
        return x.text, "{}"
    back = sorted(range(x.rank), key=order.__getitem__)
    return f"{x}.permute({', '.join(map(str, order))})", f"{{}}.permute({', '.join(map(str, back))})"


@translation("BatchNormalization")
def _batch(
    site: Site, x: Piece, *, axis: float, momentum: float, epsilon: object, center: bool, scale: bool, **rest: object
) -> str:
    if rest.get("renorm") or rest.get("synchronized"):
        raise site.refuse("renormalizes or synchronizes batches, which nn.BatchNorm does not")
    place = int(axis) % x.rank
    if not 2 <= x.rank <= 5 or place == 0:
        raise site.refuse(f"has an input of {x.rank} dims and axis {axis}, which nn.BatchNorm does not take")
    width = whole(x.shape[place], site, "its channels")
    kind = f"nn.BatchNorm{max(x.rank - 2, 1)}d"
    affine = "" if center or scale else ", affine=False"
    text = f"{kind}({width}, eps={site.literal(epsilon)}, momentum={site.literal(round(1 - momentum, 12))}{affine})"
    module = site.module(text if site.layer.trainable else f"{site.part('Frozen')}({text})")
    _drop(site, module, center, scale)
    site.count(-2 * width, "the moving mean and variance are buffers here, non-trainable parameters in Keras")
    note = "nn.BatchNorm divides the moving variance by n - 1 and counts its batches in one more buffer; Keras does neither."
    site.body.shared.notes[note] = None
    return f"{module}({x})" if place == 1 else f"{module}({x}.movedim({place}, 1)).movedim(1, {place})"


def _drop(site: Site, module: str, center: bool, scale: bool) -> None:
    """Keras learns the factor or the offset alone, nn.BatchNorm both or none: one of them is taken off."""
    inner = module if site.layer.trainable else f"{module}.layer"
    if center != scale:
        line = f'{inner}.register_parameter("{"bias" if scale else "weight"}", None)'
        if line not in site.body.made:
            site.body.made.append(line)


@translation("LayerNormalization")
def _layer(site: Site, x: Piece, *, axis: object, epsilon: object, center: bool, scale: bool, **rest: object) -> str:
    axes = tuple(sorted(one % x.rank for one in listed(axis)))
    shape = sizes(site, [x.shape[one] for one in axes])
    start, back = _with_last(x, axes)
    if rest.get("rms_scaling"):
        last = tuple(range(-len(axes), 0))
        module = site.module(f"{site.part('RMSScale')}(({shape},), {site.literal(last)}, {site.literal(epsilon)})")
        return back.format(f"{module}({start})")
    options = "" if scale or center else ", elementwise_affine=False"
    options += ", bias=False" if scale and not center else ""
    module = site.module(f"nn.LayerNorm(({shape},), eps={site.literal(epsilon)}{options})")
    if center and not scale:
        _drop_weight(site, module)
    return back.format(f"{module}({start})")


def _drop_weight(site: Site, module: str) -> None:
    line = f'{module}.register_parameter("weight", None)'
    if line not in site.body.made:
        site.body.made.append(line)


@translation("Normalization")
def _measured(
    site: Site,
    x: Piece,
    *,
    axis: object,
    mean: Numbers,
    variance: Numbers,
    invert: bool = False,
    **rest: object,
) -> str:
    kept = sorted(one % x.rank for one in (() if axis is None else listed(axis)))
    if mean is not None:
        return _given(site, x, kept, mean, variance, invert)
    shape = [whole(x.shape[one], site, "the sizes that it normalizes") for one in kept]
    room = [x.shape[one] if one in kept else 1 for one in range(x.rank)]
    sides = ", ".join(map(site.literal, (tuple(shape), tuple(room))))
    text = f"{site.part('Normalization')}({sides}{', invert=True' if invert else ''})"
    site.count(-2 * prod(shape) - 1, "the measured mean, variance and count are buffers here, parameters in Keras")
    return site.apply(text, x)


def _given(
    site: Site,
    x: Piece,
    kept: list[int],
    mean: Numbers,
    variance: Numbers,
    invert: bool,
) -> str:
    """With a mean and a variance that are arguments: a number each, or one for each place of the last axis."""
    means, variances = ([each] if isinstance(each, (int, float)) else each for each in (mean, variance))
    flat = all(isinstance(one, (int, float)) for one in (*means, *variances))
    if not flat or (len(means) > 1 and kept != [x.rank - 1]) or len(means) != len(variances):
        raise site.refuse("has a mean of several axes, or not of the last one")
    x = site.once(x)
    centre, spread = (
        f"{x}.new_tensor({site.literal(list(each))})" for each in (means, [max(one**0.5, 1e-7) for one in variances])
    )
    return f"{centre} + {x} * {spread}" if invert else f"({x} - {centre}) / {spread}"


@translation("RMSNormalization")
def _rms(site: Site, x: Piece, *, axis: object, epsilon: object, **rest: object) -> str:
    axes = tuple(sorted(one % x.rank for one in listed(axis)))
    if axes != tuple(range(x.rank - len(axes), x.rank)):
        raise site.refuse("normalizes along axes that are not the last")
    shape = sizes(site, [x.shape[one] for one in axes])
    return site.apply(f"nn.RMSNorm(({shape},), eps={site.literal(epsilon)})", x)


@translation("UnitNormalization")
def _unit(site: Site, x: Piece, *, axis: object, **rest: object) -> str:
    axes = listed(axis)
    return f"F.normalize({x}, dim={site.literal(axes[0] if len(axes) == 1 else axes)})"


@translation("GroupNormalization")
def _group(
    site: Site, x: Piece, *, groups: int, axis: int, epsilon: object, center: bool, scale: bool, **rest: object
) -> str:
    place = axis % x.rank
    width = whole(x.shape[place], site, "its channels")
    affine = "" if center or scale else ", affine=False"
    module = site.module(
        f"nn.GroupNorm({width if groups == -1 else site.literal(groups)}, {width}, eps={site.literal(epsilon)}{affine})"
    )
    if center != scale:
        line = f'{module}.register_parameter("{"bias" if scale else "weight"}", None)'
        if line not in site.body.made:
            site.body.made.append(line)
    return f"{module}({x})" if place == 1 else f"{module}({x}.movedim({place}, 1)).movedim(1, {place})"
