"""Translations of layers that need no windows: products, tables, shapes, merging, noise, activations, wrappers."""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.bind.layer import Bound, with_inner
from seqshape.dims import Dim
from seqshape.exporters.torch.activations import activated
from seqshape.exporters.torch.site import Piece, Site, translation, whole
from seqshape.kinds import Dims
from seqshape.structure import listed
from seqshape.tensor import Shape
from seqshape.walk.model import Model


def sizes(site: Site, shape: Sequence[Dim]) -> str:
    """A shape as arguments: ``3, 4``."""
    return ", ".join(str(whole(dim, site, "its input's sizes")) for dim in shape)


# --- products and tables ----------------------------------------------------------------------------------------------


@translation("Dense")
def _dense(site: Site, x: Piece, *, units: object, activation: object, use_bias: bool, **rest: object) -> str:
    width = whole(x.shape[-1], site, "the features of its input")
    bias = "" if use_bias else ", bias=False"
    module = site.module(f"nn.Linear({width}, {site.literal(units)}{bias})")
    return activated(site, f"{module}({x})", activation, site.kinds[0].shape)


@translation("EinsumDense")
def _einsum_dense(site: Site, x: Piece, *, equation: str, activation: object, bias_axes: object, **rest: object) -> str:
    if _einsum_shape(equation, x.shape, site.weights[0]) != tuple(site.kinds[0].shape[1:]):
        raise site.refuse("gives another shape when it runs than Keras's summary says")
    kernel, *bias = (f"({sizes(site, shape)},)" for shape in site.weights)
    text = ", ".join([site.literal(equation.replace(" ", "")), kernel, *bias])
    module = site.module(f"{site.part('EinsumDense')}({text})")
    return activated(site, f"{module}({x})", activation, site.kinds[0].shape)


def _einsum_shape(equation: str, x: Shape, kernel: Shape) -> tuple[object, ...]:
    """What an einsum gives, without the batch."""
    left, _, right = equation.replace(" ", "").partition("->")
    first, _, second = left.partition(",")
    dots = "".join(chr(0x3B1 + axis) for axis in range(len(x) - len(first.replace("...", ""))))
    letters = dict(zip(first.replace("...", dots), x, strict=False)) | dict(zip(second, kernel, strict=False))
    return tuple(letters.get(letter) for letter in right.replace("...", dots))[1:]


@translation("Embedding", raw=True)
def _embedding(site: Site, x: Piece, *, input_dim: object, output_dim: object, **rest: object) -> str:
    module = site.module(f"nn.Embedding({site.literal(input_dim)}, {site.literal(output_dim)})")
    return f"{module}({x}.long())"


@translation("Rescaling")
def _rescaling(site: Site, x: Piece, *, scale: object, offset: object, **rest: object) -> str:
    x = site.once(x)
    text = f"{x} * {_numbers(site, x, scale)}"
    return text if isinstance(offset, (int, float)) and not offset else f"{text} + {_numbers(site, x, offset)}"


def _numbers(site: Site, x: Piece, value: object) -> str:
    """A number, or one for each channel. Raises SeqshapeError for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return site.literal(value) if value >= 0 else f"({site.literal(value)})"
    if isinstance(value, (tuple, list)) and all(isinstance(one, (int, float)) for one in value):
        return f"{x}.new_tensor({site.literal(list(value))})"
    raise site.refuse("has numbers of more than one axis")


@translation("LayerScale")
def _layer_scale(site: Site, x: Piece, *, init_values: object, projection_dim: object, **rest: object) -> str:
    return site.apply(f"{site.part('LayerScale')}({site.literal(projection_dim)}, {site.literal(init_values)})", x)


@translation("CustomScaleLayer")
def _custom_scale(site: Site, inputs: list[Piece], *, scale: object, **rest: object) -> str:
    return f"{inputs[0]} + {inputs[1]} * {site.literal(scale)}"


@translation("Identity", "ActivityRegularization")
def _identity(site: Site, x: Piece, **rest: object) -> str:
    if rest.get("l1") or rest.get("l2"):
        site.body.shared.notes[f"Left out: the term that {site.layer.name} adds to the loss."] = None
    return x.text


@translation("Masking")
def _masking(site: Site, x: Piece, *, mask_value: object, **rest: object) -> str:
    x = site.once(x)
    return f"{x} * ({x} != {site.literal(mask_value)}).any(-1, keepdim=True)"


# --- shapes -----------------------------------------------------------------------------------------------------------


@translation("Flatten")
def _flatten(site: Site, x: Piece, *, data_format: object, **rest: object) -> str:
    if x.rank < 2:
        return f"{x}.reshape(-1, 1)"
    first = data_format == "channels_first" and x.rank > 2
    return f"{x}.movedim(1, -1).flatten(1)" if first else f"{x}.flatten(1)"


@translation("Reshape")
def _reshape(site: Site, x: Piece, *, target_shape: Dims, **rest: object) -> str:
    x, dims = site.once(x), ", ".join(map(site.literal, target_shape))
    if "None" in dims:
        raise site.refuse(f"has the target shape ({dims}), which torch cannot be given")
    return f"{x}.reshape(len({x}), {dims})" if dims else f"{x}.reshape(len({x}))"


@translation("Permute")
def _permute(site: Site, x: Piece, *, dims: Dims, **rest: object) -> str:
    return f"{x}.permute(0, {', '.join(map(site.literal, dims))})"


@translation("RepeatVector")
def _repeat_vector(site: Site, x: Piece, *, n: object, **rest: object) -> str:
    return f"{x}.unsqueeze(1).repeat(1, {site.literal(n)}, 1)"


# --- merging ----------------------------------------------------------------------------------------------------------


def _level(site: Site, inputs: list[Piece]) -> list[str]:
    """The inputs with one rank: Keras puts axes in behind the batch."""
    rank = max(piece.rank for piece in inputs)
    return [piece.text + ".unsqueeze(1)" * (rank - piece.rank) for piece in inputs]


@translation("Add")
def _add(site: Site, inputs: list[Piece], **rest: object) -> str:
    return " + ".join(_level(site, inputs))


@translation("Subtract")
def _subtract(site: Site, inputs: list[Piece], **rest: object) -> str:
    return " - ".join(_level(site, inputs))


@translation("Multiply")
def _multiply(site: Site, inputs: list[Piece], **rest: object) -> str:
    return " * ".join(_level(site, inputs))


@translation("Average")
def _average(site: Site, inputs: list[Piece], **rest: object) -> str:
    return f"({' + '.join(_level(site, inputs))}) / {len(inputs)}"


@translation("Maximum", "Minimum")
def _extreme(site: Site, inputs: list[Piece], **rest: object) -> str:
    found, *others = _level(site, inputs)
    for text in others:
        found = f"torch.{site.layer.class_name.lower()}({found}, {text})"
    return found


@translation("Concatenate")
def _concatenate(site: Site, inputs: list[Piece], *, axis: int, **rest: object) -> str:
    return f"torch.cat([{', '.join(map(str, inputs))}], {site.literal(axis)})"


@translation("Dot")
def _dot(site: Site, inputs: list[Piece], *, axes: object, normalize: bool, **rest: object) -> str:
    places = [
        axis % piece.rank for axis, piece in zip(axes if isinstance(axes, tuple) else (axes, axes), inputs, strict=True)
    ]
    if normalize:
        inputs = [
            piece._replace(text=f"F.normalize({piece}, dim={place}, eps=1e-6)")
            for piece, place in zip(inputs, places, strict=True)
        ]
    letters = iter("bcdefghijklmno")
    sides = [["z" if axis == place else "a" if axis == 0 else next(letters) for axis in range(piece.rank)]
             for piece, place in zip(inputs, places, strict=True)]  # fmt: skip
    out = ["a", *(letter for side in sides for letter in side if letter not in "az")]
    text = f'torch.einsum("{"".join(sides[0])},{"".join(sides[1])}->{"".join(out)}", {inputs[0]}, {inputs[1]})'
    return text if len(out) > 1 else f"{text}.unsqueeze(1)"


# --- activations ------------------------------------------------------------------------------------------------------


@translation("Activation")
def _activation(site: Site, x: Piece, *, activation: object, **rest: object) -> str:
    return activated(site, x.text, activation, x.shape)


@translation("ReLU")
def _relu(
    site: Site, x: Piece, *, max_value: float | None, negative_slope: object, threshold: object, **rest: object
) -> str:
    x, slope, edge = site.once(x), negative_slope or 0.0, threshold or 0.0
    found = f"{x} * ({x} > {site.literal(edge)})" if edge else f"F.relu({x})"
    if max_value is not None:
        found = f"{site.atom(found)}.clamp(0.0, {site.literal(float(max_value))})"
    if not slope:
        return found
    return f"{found} - {site.literal(slope)} * " + (f"F.relu({site.literal(edge)} - {x})" if edge else f"F.relu(-{x})")


@translation("LeakyReLU")
def _leaky_relu(site: Site, x: Piece, *, negative_slope: object, **rest: object) -> str:
    return f"F.leaky_relu({x}, {site.literal(negative_slope)})"


@translation("ELU")
def _elu(site: Site, x: Piece, *, alpha: object, **rest: object) -> str:
    return f"F.elu({x}, {site.literal(alpha)})"


@translation("PReLU")
def _prelu(site: Site, x: Piece, **rest: object) -> str:
    (shape,) = site.weights
    return site.apply(f"{site.part('PReLU')}({sizes(site, shape)})", x)


@translation("Softmax", masked=True)
def _softmax(site: Site, x: Piece, *, axis: object, mask: object = None, **rest: object) -> str:
    if mask is not None:
        raise site.refuse("gets a mask, which torch's softmax does not take")
    axes = listed(axis)
    if not all(isinstance(one, int) for one in axes):
        raise site.refuse("goes along what is no axis")
    if len(axes) == 1:
        return f"F.softmax({x}, {site.literal(axes[0])})"
    x = site.once(x)
    return f"torch.exp({x} - torch.logsumexp({x}, {site.literal(axes)}, keepdim=True))"


# --- noise ------------------------------------------------------------------------------------------------------------


@translation("Dropout")
def _dropout(site: Site, x: Piece, *, rate: object, noise_shape: Sequence[object] | None, **rest: object) -> str:
    if noise_shape is None:
        return site.apply(f"nn.Dropout({site.literal(rate)})", x)
    shape = ", ".join(map(site.literal, noise_shape))
    return site.apply(f"{site.part('SharedDropout')}({site.literal(rate)}, ({shape},))", x)


@translation("AlphaDropout")
def _alpha_dropout(site: Site, x: Piece, *, rate: object, noise_shape: Sequence[object] | None, **rest: object) -> str:
    if noise_shape is not None or rate == 1:
        raise site.refuse("has a noise_shape, or drops everything: nn.AlphaDropout cannot")
    return site.apply(f"nn.AlphaDropout({site.literal(rate)})", x)


@translation("GaussianDropout")
def _gaussian_dropout(site: Site, x: Piece, *, rate: object, **rest: object) -> str:
    if rate == 1:
        raise site.refuse("has the rate 1, which makes noise without end")
    return site.apply(f"{site.part('GaussianDropout')}({site.literal(rate)})", x)


@translation("GaussianNoise")
def _gaussian_noise(site: Site, x: Piece, *, stddev: object, **rest: object) -> str:
    return site.apply(f"{site.part('GaussianNoise')}({site.literal(stddev)})", x)


@translation("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
def _spatial_dropout(site: Site, x: Piece, *, rate: object, data_format: object = None, **rest: object) -> str:
    module = site.module(f"nn.Dropout{x.rank - 2}d({site.literal(rate)})")
    if data_format == "channels_first":
        return f"{module}({x})"
    return f"{module}({x}.movedim(-1, 1)).movedim(1, -1)"


@translation("StochasticDepth")
def _stochastic_depth(site: Site, x: Piece, *, drop_path_rate: object, **rest: object) -> str:
    shape = ", ".join(["None", *["1"] * (x.rank - 1)])
    return site.apply(f"{site.part('SharedDropout')}({site.literal(drop_path_rate)}, ({shape}))", x)


# --- wrappers ---------------------------------------------------------------------------------------------------------


@translation("TimeDistributed", masked=True)
def _time_distributed(site: Site, x: Piece, *, layer: Bound, mask: object = None, **rest: object) -> str:
    if (x.mask is not None or mask is not None) and _takes_mask(layer):
        raise site.refuse("hands a mask on to its layer")
    if getattr(layer, "class_name", "") == "Dense":  # works on the last axis whatever stands before it
        return site.inner(layer, x._replace(mask=None))[0].text
    x = site.once(x)
    step = x._replace(shape=(x.shape[0], *x.shape[2:]), mask=None)
    if _keeps_statistics(layer):  # they are updated step by step
        step = step._replace(text="step")
        lines = len(site.body.lines)
        (found,) = _one(site, site.inner(layer, step))
        if len(site.body.lines) > lines:
            raise site.refuse("holds a layer that takes several statements for each step")
        return f"torch.stack([{found} for step in {x}.unbind(1)], 1)"
    (found,) = _one(site, site.inner(layer, step._replace(text=f"{x}.flatten(0, 1)")))
    return f"{found}.unflatten(0, {x}.shape[:2])"


def _one(site: Site, found: list[Piece]) -> list[Piece]:
    if len(found) != 1:
        raise site.refuse(f"holds a layer that gives {len(found)} tensors")
    return found


def _takes_mask(layer: Bound) -> bool:
    inner = layer.layers() if isinstance(layer, Model) else with_inner(layer)
    return any("mask" in name for each in inner for name in getattr(getattr(each, "type", None), "inputs", ()))


def _keeps_statistics(layer: Bound) -> bool:
    """Whether a layer, or one inside it, updates moving statistics while it trains."""
    if isinstance(layer, Model):
        return any(map(_keeps_statistics, layer.layers()))
    return any(each.class_name == "BatchNormalization" for each in with_inner(layer))
